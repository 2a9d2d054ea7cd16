//! Passwords that development setups ship with: words that everybody knows, and names of what they are for.

use super::names::words;
use crate::catalog::defaults::{ACCOUNTS, PASSWORDS};

/// Whether a value is one of the passwords that images and tutorials come with.
pub fn is_default(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    // `adminpassword`, `rootpass`: for whom it is, and what it is.
    let of = |end: &str| lower.strip_suffix(end).is_some_and(|who| ACCOUNTS.contains(&who));
    PASSWORDS.contains(&lower.as_str()) || of("password") || of("pass")
}

/// Whether a value repeats a name around it: the user, the service, the product (`CASSANDRA_PASSWORD: cassandra`). Names as short
/// as an abbreviation are equal by chance.
pub fn repeats<'a>(value: &str, mut around: impl Iterator<Item = &'a str>) -> bool {
    let plain = value.len() >= 4 && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    plain && around.any(|name| name.eq_ignore_ascii_case(value) || words(name).iter().any(|word| word == value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_what_a_password_is_for() {
        let table = [
            ("cassandra", &["CASSANDRA_PASSWORD"][..], true),
            ("superset", &["DB_PASSWORD", "superset"], true),
            ("mage", &["services", "mage", "environment"], true),
            ("q7Lm2vX9", &["DB_PASSWORD"], false),
            ("db", &["DB_PASSWORD"], false),
            ("cassandr", &["CASSANDRA_PASSWORD"], false),
        ];
        for (value, around, expected) in table {
            assert_eq!(repeats(value, around.iter().copied()), expected, "{value}");
        }
    }

    #[test]
    fn defaults_of_images() {
        for (value, expected) in [("Postgres", true), ("adminpassword", true), ("rootpass", true), ("xpassword", false)]
        {
            assert_eq!(is_default(value), expected, "{value}");
        }
    }
}
