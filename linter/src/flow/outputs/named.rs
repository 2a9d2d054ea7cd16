//! `password=value`, `("password", "value")` in what a program has shown: the names and the values behind them.

use std::ops::Range;

use crate::value::{
    names::{NameVerdict, is_machine_made, verdict},
    plausible::is_wordy,
};

/// Longest name and value that are looked at, in bytes.
const LONGEST: usize = 200;

/// Values behind secret names, with the names.
pub(super) fn named_values(text: &str) -> Vec<(Range<usize>, String)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find(['=', ':', ',']).map(|i| from + i) {
        from = at + 1;
        let Some(name) = name_before(text, at) else { continue };
        // A pair in parentheses: both are quoted.
        let pair = bytes[at] == b',';
        if pair && !(bytes[at - 1] == b'\'' || bytes[at - 1] == b'"') {
            continue;
        }
        if verdict(name) != NameVerdict::Secret {
            continue;
        }
        // A row of data that colons part, not a name and its value.
        if bytes[at] == b':' && fields(text, at) >= ROW {
            continue;
        }
        let start = at + 1 + text[at + 1..].bytes().take_while(|b| *b == b' ').count();
        let Some(range) = value_at(text, start, pair) else { continue };
        from = range.end;
        if looks_secret(name, &text[range.clone()]) {
            found.push((range, name.to_owned()));
        }
    }
    found
}

/// Fields of a line that colons part, from which on it is a row of a table.
const ROW: usize = 5;

/// Fields of the line around a position that colons alone part: no blank, quote or slash after any of them.
fn fields(text: &str, at: usize) -> usize {
    let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
    let line = text[start..].split('\n').next().unwrap_or("");
    if line.len() > 10 * LONGEST {
        return 0;
    }
    let ends = line.match_indices(':').map(|(i, _)| line[i + 1..].starts_with([' ', '"', '\'', '/']));
    if ends.clone().any(|apart| apart) { 0 } else { ends.count() + 1 }
}

/// The word that ends before a position, perhaps in quotes.
fn name_before(text: &str, at: usize) -> Option<&str> {
    let head = text[..at].trim_end_matches([' ', '"', '\'']);
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let start = head.rfind(|c: char| !part(c)).map_or(0, |i| i + head[i..].chars().next().map_or(1, char::len_utf8));
    let name = &head[start..];
    (!name.is_empty() && name.len() <= LONGEST).then_some(name)
}

fn value_at(text: &str, start: usize, quoted: bool) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let first = rest.chars().next()?;
    if matches!(first, '"' | '\'') {
        let end = rest[1..].find(first)?;
        return (end > 0 && end <= LONGEST).then(|| start + 1..start + 1 + end);
    }
    if quoted {
        return None;
    }
    let end =
        rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '&' | '"' | '\'' | '<' | '>' | ')' | '}'));
    let end = end.unwrap_or(rest.len());
    (end > 0 && end <= LONGEST).then(|| start..start + end)
}

/// Fewest characters of a token or key in an output that only its name speaks for.
const MADE: usize = 12;

/// Whether a value can be the secret itself: no name of a scope and key; behind words that models use, too, no plain word.
pub(super) fn looks_secret(name: &str, value: &str) -> bool {
    let word = |w: &str| !w.is_empty() && w.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '-' | '_' | '.'));
    let is_path = value.split_once('/').is_some_and(|(scope, key)| {
        word(scope.trim_end_matches(|c: char| c.is_ascii_digit()))
            && word(key.trim_end_matches(|c: char| c.is_ascii_digit()))
    });
    let mixed = value.bytes().any(|b| b.is_ascii_digit()) && value.bytes().any(|b| b.is_ascii_alphabetic());
    let length = value.chars().count();
    if is_path || length < 6 {
        return false;
    }
    // `token_str`, `token` of a model's answer: what a machine made is long, and no word.
    if is_machine_made(name) {
        return length >= MADE && mixed && !is_wordy(value);
    }
    let vague = matches!(name.to_ascii_lowercase().as_str(), "secret" | "auth" | "credential");
    mixed || !vague && value.bytes().any(|b| b.is_ascii_punctuation())
}
