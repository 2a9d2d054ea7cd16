//! Token formats T01–T54 (catalog §D).

use std::ops::Range;

use crate::rule::Confidence;

/// A token format found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHit {
    /// Catalog row (`T01`).
    pub id: &'static str,
    /// Rule name of the format's family and a label for messages (`Databricks personal access token`).
    pub label: &'static str,
    pub range: Range<usize>,
    pub confidence: Confidence,
    /// Facts decoded offline: `valid checksum; Manage right`, `expired 2023-04`. Never part of the value.
    pub note: Option<String>,
    /// Expired, test-mode or failed checksum: one step less severe.
    pub lowered: bool,
}

/// All token formats in a text. `context` is lower-case text near it (names, keys, the line) for rows that need one.
pub fn detect(_text: &str, _context: &str) -> Vec<TokenHit> {
    Vec::new()
}

/// Label of the token format that the whole text has, for the messages of position rules.
pub fn describe(text: &str) -> Option<String> {
    let hit = detect(text, "").into_iter().find(|h| h.range.len() * 10 >= text.len() * 9)?;
    Some(match hit.note {
        Some(note) => format!("{}, {note}", hit.label),
        None => hit.label.to_owned(),
    })
}
