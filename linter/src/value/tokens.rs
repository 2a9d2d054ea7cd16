//! Token formats (catalog §D): shape, context where the shape alone is not enough, offline verification where a format
//! has a checksum. No network.

use std::{
    ops::Range,
    sync::{LazyLock, OnceLock},
};

use aho_corasick::AhoCorasick;
use regex::Regex;

use crate::{rule::Confidence, settings::Extensions};

mod checks;
mod rows;

pub use rows::{GROUPS, ROWS, Row};

/// A token format found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHit {
    /// Catalog row (`T01`).
    pub id: &'static str,
    /// For messages (`Databricks personal access token`).
    pub label: &'static str,
    /// Position in [`GROUPS`]: the rule that reports it.
    pub group: usize,
    pub range: Range<usize>,
    pub confidence: Confidence,
    /// Facts decoded offline: `valid checksum`, `AWS account 1234…`. Never part of the value.
    pub note: Option<String>,
    /// Test-mode or failed checksum: one step less severe.
    pub lowered: bool,
}

struct Compiled {
    anchors: AhoCorasick,
    /// Row of each anchor.
    rows: Vec<usize>,
    /// Of each row; compiled when a text has its anchor.
    patterns: Vec<OnceLock<Option<Regex>>>,
}

static COMPILED: LazyLock<Option<Compiled>> = LazyLock::new(|| {
    let (mut words, mut rows) = (Vec::new(), Vec::new());
    for (i, row) in ROWS.iter().enumerate() {
        for anchor in row.anchors {
            words.push(*anchor);
            rows.push(i);
        }
    }
    let anchors = AhoCorasick::new(&words).ok()?;
    let patterns = ROWS.iter().map(|_| OnceLock::new()).collect();
    Some(Compiled { anchors, rows, patterns })
});

/// All token formats in a text, sorted, not overlapping; the earlier row wins. `context` is lower-case text near it
/// (names, keys) for rows that need one; the text itself counts, too.
pub fn detect(text: &str, context: &str) -> Vec<TokenHit> {
    let Some(compiled) = COMPILED.as_ref() else { return Vec::new() };
    let mut wanted: Vec<usize> =
        compiled.anchors.find_overlapping_iter(text).map(|m| compiled.rows[m.pattern().as_usize()]).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut hits: Vec<TokenHit> = Vec::new();
    for row_number in wanted {
        let row = &ROWS[row_number];
        let pattern = compiled.patterns[row_number].get_or_init(|| Regex::new(row.pattern).ok());
        let Some(pattern) = pattern else { continue };
        if !row.context.is_empty() {
            let near = format!("{context} {}", text.to_ascii_lowercase());
            if !row.context.iter().any(|w| near.contains(w)) {
                continue;
            }
        }
        for found in pattern.captures_iter(text) {
            let Some(group) = found.get(1) else { continue };
            let range = group.range();
            if hits.iter().any(|h| h.range.start < range.end && range.start < h.range.end) {
                continue;
            }
            if let Some(hit) = judge(row, group.as_str(), range) {
                hits.push(hit);
            }
        }
    }
    hits.sort_by_key(|h| h.range.start);
    hits
}

fn judge(row: &'static Row, value: &str, range: Range<usize>) -> Option<TokenHit> {
    if entropy(value) < row.entropy || crate::value::placeholder(value, &Extensions::default()).is_some() {
        return None;
    }
    let verdict = (row.check)(value);
    let confidence = match (verdict.valid, row.distinctive) {
        (Some(true), _) | (None, true) => Confidence::High,
        _ => Confidence::Medium,
    };
    let lowered = verdict.valid == Some(false) || verdict.harmless;
    let note = match verdict.valid {
        Some(false) => Some("its checksum fails: edited or made up".to_owned()),
        _ => verdict.note,
    };
    Some(TokenHit { id: row.id, label: row.label, group: row.group, range, confidence, note, lowered })
}

/// Shannon entropy, bits a character.
fn entropy(value: &str) -> f64 {
    let mut counts = [0u32; 256];
    for b in value.bytes() {
        counts[b as usize] += 1;
    }
    let total = value.len().max(1) as f64;
    counts.iter().filter(|c| **c > 0).map(|c| f64::from(*c) / total).map(|p| -p * p.log2()).sum()
}

/// Label of the token format that the whole text has, for the messages of position rules.
pub fn describe(text: &str) -> Option<String> {
    if text.len() < 16 {
        return None;
    }
    let hit = detect(text, "").into_iter().find(|h| h.range.len() * 10 >= text.len() * 9)?;
    Some(match hit.note {
        Some(note) => format!("{}, {note}", hit.label),
        None => hit.label.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(seed: &mut u64, alphabet: &[u8], len: usize) -> String {
        (0..len)
            .map(|_| {
                *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                alphabet[(*seed >> 33) as usize % alphabet.len()] as char
            })
            .collect()
    }

    const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const HEX: &[u8] = b"0123456789abcdef";
    const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// Row, what stands before the random part, its alphabet and length, what stands behind.
    const SHAPES: &[(&str, &str, &[u8], usize, &str)] = &[
        ("T01", "dapi", HEX, 32, ""),
        ("T02", "dose", HEX, 32, ""),
        ("T06", "AKIA", BASE32, 16, ""),
        ("T20", "AIza", ALNUM, 35, ""),
        ("T21", "GOCSPX-", ALNUM, 28, ""),
        ("T23", "github_pat_", ALNUM, 22, ""),
        ("T31", "sk-ant-api03-", ALNUM, 93, "AA"),
        ("T32", "hf_", ALNUM, 34, ""),
        ("T33", "gsk_", ALNUM, 52, ""),
        ("T35", "cflt", ALNUM, 60, ""),
        ("T39", "sk_live_", ALNUM, 24, ""),
        ("T47", "KGAT_", HEX, 32, ""),
        ("T26", "glpat-", ALNUM, 20, ""),
    ];

    #[test]
    fn generated_tokens_are_found_and_near_misses_are_not() {
        let mut seed = 11;
        for (id, before, alphabet, len, after) in SHAPES {
            for _ in 0..200 {
                let mut token = format!("{before}{}{after}", random(&mut seed, alphabet, *len));
                if *id == "T23" {
                    token = format!("{token}_{}", random(&mut seed, ALNUM, 59));
                }
                let text = format!("x = '{token}'");
                let hits = detect(&text, "");
                assert!(
                    hits.iter().any(|h| h.id == *id && text[h.range.clone()] == token),
                    "{id} is missed: {:?} {:?}",
                    hits.iter().map(|h| h.id).collect::<Vec<_>>(),
                    crate::value::placeholder(&token, &Extensions::default())
                );
                // One character short.
                let short = format!("x = '{before}{}'", random(&mut seed, alphabet, len / 2 - 4));
                assert!(!detect(&short, "").iter().any(|h| h.id == *id), "{id} is found in a piece");
            }
        }
    }

    #[test]
    fn every_pattern_compiles_and_every_row_has_an_anchor() {
        for row in ROWS {
            assert!(Regex::new(row.pattern).is_ok(), "{}", row.id);
            assert!(!row.anchors.is_empty() && row.group < GROUPS.len(), "{}", row.id);
        }
    }

    #[test]
    fn checksums_are_verified() {
        let mut seed = 5;
        for prefix in ["ghp_", "npm_"] {
            for _ in 0..200 {
                let body = random(&mut seed, ALNUM, 30);
                let good = format!("{prefix}{body}{}", checks::base62(crc32fast::hash(body.as_bytes()), 6));
                assert_eq!(detect(&good, "")[0].confidence, Confidence::High, "{prefix}");
                let bad = format!("{prefix}{body}zzzzzz");
                assert!(detect(&bad, "")[0].lowered, "{prefix}: a wrong checksum lowers");
            }
        }
    }

    #[test]
    fn hashes_and_words_are_no_tokens() {
        let sha = "a".repeat(20) + &"0123456789".repeat(2);
        for text in
            ["dapibus ac facilisis in egestas", &sha, "sk-learn", "xoxb", "token eyJ", "https://hooks.slack.com/"]
        {
            assert!(detect(text, "").is_empty(), "{text}");
        }
    }
}
