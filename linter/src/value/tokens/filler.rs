//! Tokens that an author made up: filled with one character, a sequence, a repetition, or a word that says so.

use super::row::Row;
use crate::{settings::Extensions, value};

/// Words inside a token that no random one holds.
const WORDS: &[&str] =
    &["example", "dummy", "sample", "placeholder", "redacted", "censored", "notreal", "foobar", "insert", "replace"];
/// Words that a made-up token begins with, behind its prefix.
const HEADS: &[&str] = &["fake", "test", "your", "mock", "xxxx", "this", "secret", "token", "key", "abcd", "1234"];

/// Whether the value of a format was made up by its author. A valid checksum says more than this.
pub fn made_up(row: &Row, value: &str, extend: &Extensions) -> bool {
    let body = row.anchors.iter().find_map(|a| value.strip_prefix(a)).unwrap_or(value);
    let lower = body.trim_start_matches(['-', '_', '.']).to_ascii_lowercase();
    // Base64 of zeros is a run of `A`, and four `x` of either case are chance in a long key.
    let mut shortened = value.replace("AAAA", "A");
    if !value.contains("xxxxx") && !value.contains("XXXXX") {
        shortened.retain(|c| !matches!(c, 'x' | 'X'));
    }
    value::placeholder(&shortened, extend).is_some()
        || uniform(body.as_bytes())
        || counted(lower.as_bytes())
        || repeated(lower.as_bytes())
        || WORDS.iter().any(|w| lower.contains(w))
        || (lower.len() >= 16 && HEADS.iter().any(|h| lower.starts_with(h) && !looks_random(&lower[h.len()..])))
}

/// Half of it is one character.
fn uniform(body: &[u8]) -> bool {
    let mut counts = [0usize; 256];
    body.iter().for_each(|b| counts[usize::from(*b)] += 1);
    body.len() >= 8 && counts.iter().any(|c| c * 2 >= body.len())
}

/// Half of it are runs of five or more neighbours: `abcdefgh`, `98765`.
fn counted(body: &[u8]) -> bool {
    let (mut covered, mut run, mut step) = (0, 1, 0i16);
    for pair in body.windows(2) {
        let now = i16::from(pair[1]) - i16::from(pair[0]);
        // Digits go round: `7890123`.
        let now = if pair == b"90" {
            1
        } else if pair == b"09" {
            -1
        } else {
            now
        };
        if now == step && now.abs() == 1 {
            run += 1;
        } else {
            covered += if run >= 5 { run } else { 0 };
            run = if now.abs() == 1 { 2 } else { 1 };
            step = now;
        }
    }
    covered += if run >= 5 { run } else { 0 };
    covered * 2 >= body.len().max(1)
}

/// A piece of at most twelve characters, again and again.
fn repeated(body: &[u8]) -> bool {
    (1..=12).any(|p| body.len() >= 3 * p && body.iter().zip(&body[p..]).all(|(a, b)| a == b))
}

/// Digits between letters: not the rest of a sentence.
fn looks_random(rest: &str) -> bool {
    let changes = rest.as_bytes().windows(2).filter(|w| w[0].is_ascii_digit() != w[1].is_ascii_digit()).count();
    changes * 6 >= rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_and_repetitions() {
        assert!(counted(b"abcdefghijklmnopqrstuvwxyz0123456789"));
        assert!(counted(b"1234567890abcdef1234567890abcdef"));
        assert!(!counted(b"q7lm2vx9trbz04kfpw8"));
        assert!(repeated(b"deadbeefdeadbeefdeadbeef") && repeated(b"abc123abc123abc123"));
        assert!(!repeated(b"deadbeef0eadbeefdeadbeef"));
        assert!(uniform(b"aaaaaaaabbbb") && !uniform(b"abcdabcd"));
    }
}
