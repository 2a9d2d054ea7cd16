//! Days and months without a clock.

/// Year and month (1-based) of seconds since 1970, UTC.
pub fn month(seconds: u64) -> (i64, u32) {
    let (year, month, _) = civil((seconds / 86_400).min(4_000_000) as i64);
    (year, month)
}

/// `2031-04`.
pub fn label(seconds: u64) -> String {
    let (year, month) = month(seconds);
    format!("{year}-{month:02}")
}

/// Seconds since 1970 of the beginning of an ISO 8601 time: `2031-04-05`, `2031-04-05T06:07:08Z`. Hours, minutes and
/// zone are ignored: a day more or less says nothing about a credential.
pub fn iso(text: &str) -> Option<u64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let dashes = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    if !dashes || !(1970..10_000).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    u64::try_from(days(year, month, day)).ok().map(|d| d * 86_400)
}

/// Days since 1970 → year, month, day of the Gregorian calendar.
fn civil(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day = days.rem_euclid(146_097);
    let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u32, (day_of_year - (153 * shifted + 2) / 5 + 1) as u32)
}

fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_there_and_back() {
        assert_eq!(label(0), "1970-01");
        assert_eq!(label(1_682_000_000), "2023-04");
        assert_eq!(label(u64::MAX), "12921-08");
        assert_eq!(iso("1970-01-02T00:00:00Z"), Some(86_400));
        assert_eq!(iso("2024-02-29"), Some(1_709_164_800));
        for text in ["", "2024", "2024/02/29", "2024-13-01", "0000-01-01", "é024-01-01"] {
            assert_eq!(iso(text), None, "{text}");
        }
        for day in (0..40_000).step_by(37) {
            let (y, m, d) = civil(day);
            assert_eq!(days(y, i64::from(m), i64::from(d)), day);
        }
    }
}
