//! User and password in the text of a URL, and what goes when they do (catalog §C.2).

use std::ops::Range;

/// Drivers that take user and password as connection properties.
const DRIVERS: &[&str] = &[
    "sqlserver", "postgresql", "mysql", "mariadb", "oracle", "redshift", "snowflake", "sap", "vertica", "clickhouse",
    "trino", "presto",
];

/// What takes the credentials beside the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Api {
    /// Options and properties `user` and `password`.
    Jdbc,
    /// `auth=(user, password)`.
    Requests,
}

/// Ranges are bytes of the URL's text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub api: Api,
    pub user: Option<Range<usize>>,
    pub password: Range<usize>,
    /// What goes with them: keys, delimiters, `@`. In order, not overlapping.
    pub gone: Vec<Range<usize>>,
}

impl Pair {
    /// The pair that the password at `password` belongs to. `None`: a form or driver that has no options for them.
    pub(super) fn of(text: &str, password: Range<usize>) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let (api, driver) = match lower.strip_prefix("jdbc:") {
            Some(rest) => (Api::Jdbc, rest.split([':', '/']).next()?),
            None if lower.starts_with("https://") || lower.starts_with("http://") => (Api::Requests, ""),
            None => return None,
        };
        if api == Api::Jdbc && !DRIVERS.contains(&driver) {
            return None;
        }
        let before = text.get(..password.start)?;
        let (user, gone) = if before.ends_with(':') {
            let user = before.rfind("://")? + 3..password.start - 1;
            if user.is_empty() || text[user.clone()].contains(['/', '@', '?']) || !text[password.end..].starts_with('@')
            {
                return None;
            }
            let gone = user.start..password.end + 1;
            (Some(user), std::iter::once(gone).collect())
        } else if before.ends_with('/') && driver == "oracle" {
            // `thin:scott/tiger@host`: the `@` stays.
            let user = before.rfind(':')? + 1..password.start - 1;
            if user.is_empty() || text[user.clone()].contains('/') || !text[password.end..].starts_with('@') {
                return None;
            }
            (Some(user.clone()), std::iter::once(user.start..password.end).collect())
        } else if api == Api::Jdbc {
            parameters(text, &lower, &password)?
        } else {
            return None;
        };
        Some(Self { api, user, password, gone })
    }
}

/// User name, and what goes.
type Found = (Option<Range<usize>>, Vec<Range<usize>>);

/// `…?user=a&password=b`, `…;user=a;password={b};…`.
fn parameters(text: &str, lower: &str, password: &Range<usize>) -> Option<Found> {
    let bytes = text.as_bytes();
    let mut gone = vec![false; bytes.len()];
    let (key, whole) = parameter(text, password)?;
    if !matches!(&lower[key], "password" | "pwd") {
        return None;
    }
    gone[whole].fill(true);
    let user = pairs(lower).find(|(key, _)| matches!(&lower[key.clone()], "user" | "username" | "uid" | "userid"));
    let user = user.map(|(_, value)| value).filter(|value| !value.is_empty());
    if let Some(user) = &user {
        gone[parameter(text, user)?.1].fill(true);
    }
    // What is left of a query begins with `?` and no `&`; nothing is left of an empty one.
    let mut at = 0;
    while let Some(question) = text[at..].find('?').map(|i| at + i) {
        let next = (question + 1..bytes.len()).find(|&i| !gone[i]);
        match next {
            None if gone.get(question + 1) == Some(&true) => gone[question] = true,
            Some(next) if bytes[next] == b'&' => gone[next] = true,
            _ => {}
        }
        at = question + 1;
    }
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (i, _) in gone.iter().enumerate().filter(|(_, gone)| **gone) {
        match ranges.last_mut() {
            Some(last) if last.end == i => last.end = i + 1,
            _ => ranges.push(i..i + 1),
        }
    }
    Some((user, ranges))
}

/// The key of a value, and the whole parameter with the delimiter before it (but not a `?`).
fn parameter(text: &str, value: &Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let bytes = text.as_bytes();
    let mut value = value.clone();
    if value.start > 0 && bytes[value.start - 1] == b'{' && bytes.get(value.end) == Some(&b'}') {
        value = value.start - 1..value.end + 1;
    }
    let equals = value.start.checked_sub(1).filter(|&i| bytes[i] == b'=')?;
    let delimiter = text[..equals].rfind([';', '?', '&'])?;
    if !matches!(bytes.get(value.end), None | Some(b';' | b'&')) {
        return None;
    }
    let start = if bytes[delimiter] == b'?' { delimiter + 1 } else { delimiter };
    Some((delimiter + 1..equals, start..value.end))
}

/// Keys and values of all parameters.
fn pairs(text: &str) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + '_ {
    text.match_indices([';', '?', '&']).filter_map(|(i, _)| {
        let end = text[i + 1..].find([';', '&']).map_or(text.len(), |e| i + 1 + e);
        let equals = i + 1 + text[i + 1..end].find('=')?;
        Some((i + 1..equals, equals + 1..end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `⟦…⟧` marks the password; what is left, and the user.
    #[test]
    fn what_is_left_of_a_url_is_a_url() {
        let table = [
            ("jdbc:postgresql://h/d?user=a&password=⟦pw⟧", "jdbc:postgresql://h/d", Some("a")),
            ("jdbc:mysql://h/d?user=a&password=⟦pw⟧&useSSL=true", "jdbc:mysql://h/d?useSSL=true", Some("a")),
            ("jdbc:mysql://h/d?useSSL=true&password=⟦pw⟧&user=a", "jdbc:mysql://h/d?useSSL=true", Some("a")),
            ("jdbc:mysql://a:⟦pw⟧@h/d", "jdbc:mysql://h/d", Some("a")),
            ("jdbc:sqlserver://h;user=a;password={⟦p;w⟧};x=y", "jdbc:sqlserver://h;x=y", Some("a")),
            ("jdbc:sqlserver://h;Password=⟦pw⟧;x=y", "jdbc:sqlserver://h;x=y", None),
            ("jdbc:oracle:thin:scott/⟦pw⟧@//h:1521/svc", "jdbc:oracle:thin:@//h:1521/svc", Some("scott")),
            ("https://a:⟦pw⟧@h/x", "https://h/x", Some("a")),
        ];
        for (marked, left, user) in table {
            let start = marked.find('⟦').unwrap();
            let end = marked.find('⟧').unwrap() - '⟦'.len_utf8();
            let text = marked.replace(['⟦', '⟧'], "");
            let pair = Pair::of(&text, start..end).unwrap_or_else(|| panic!("{marked}"));
            let mut rest = text.clone();
            for range in pair.gone.iter().rev() {
                rest.replace_range(range.clone(), "");
            }
            assert_eq!(rest, left);
            assert_eq!(pair.user.map(|r| &text[r]), user, "{marked}");
        }
        for marked in ["jdbc:db2://h/d:user=u;password=⟦p⟧;", "jdbc:mysql://h?token=⟦p⟧", "mongodb://a:⟦p⟧@h", "⟦p⟧"]
        {
            let start = marked.find('⟦').unwrap();
            let end = marked.find('⟧').unwrap() - '⟦'.len_utf8();
            assert_eq!(Pair::of(&marked.replace(['⟦', '⟧'], ""), start..end), None, "{marked}");
        }
    }
}
