//! Token formats (catalog §D): shape, context where the shape alone is not enough, offline verification where a format
//! has a checksum or can be decoded. No network, no clock.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use crate::{
    rule::{Confidence, Severity},
    settings::{Extensions, Settings},
};

pub mod checks;
pub mod custom;
mod filler;
mod row;
mod rows;
mod scan;

use checks::Found;
pub use custom::{Custom, Detectors};
pub use row::Row;
pub use rows::{GROUPS, rows};

/// A token format found in a text.
#[derive(Clone, Debug)]
pub struct TokenHit {
    /// Catalog row (`T01`); empty for a format of the configuration.
    pub id: &'static str,
    /// For messages (`Databricks personal access token`).
    pub label: &'static str,
    /// Position in [`GROUPS`]: the rule that reports it. Not for formats of the configuration.
    pub group: usize,
    pub range: Range<usize>,
    pub confidence: Confidence,
    /// Facts decoded offline (`valid checksum; Manage right`), or why it is doubted. Never part of the value.
    pub note: Option<String>,
    /// Its checksum or structure fails: one step less severe.
    pub lowered: bool,
    /// The most severe that it can be on its own, and in a credential position.
    pub alone: Severity,
    pub placed: Severity,
    /// The format of the configuration that it has.
    pub custom: Option<Arc<Custom>>,
}

impl TokenHit {
    /// What it is, in the user's words when the format is the user's.
    pub fn name(&self) -> &str {
        self.custom.as_ref().map_or(self.label, |c| c.label())
    }

    /// Whether the format is its own, and not what stands around it: a URL, a header.
    pub(super) fn has_form(&self) -> bool {
        self.custom.is_some() || self.group < rows::group::URL
    }

    /// What it is, with the facts: `GitHub token, valid checksum`.
    pub fn described(&self) -> String {
        match &self.note {
            Some(note) => format!("{}; {note}", self.name()),
            None => self.name().to_owned(),
        }
    }
}

/// Texts shorter than this hold no token.
pub(super) const SHORTEST: usize = 16;

/// All token formats in a text, sorted, not overlapping; the earlier row wins, formats of the configuration come first.
pub fn find(text: &str, settings: &Settings) -> Vec<TokenHit> {
    let (extend, now) = (&settings.extend, settings.now);
    if text.len() < SHORTEST {
        return Vec::new();
    }
    let mut kept: BTreeMap<usize, TokenHit> = BTreeMap::new();
    for hit in extend.detectors.find(text, extend, now) {
        keep(&mut kept, hit);
    }
    // Its checksum is proof: no other row says more of the same characters.
    for range in scan::base32_runs(text.as_bytes()) {
        let proved = text.get(range.clone()).and_then(checks::crc::devops) == Some(true);
        if proved
            && free(&kept, &range)
            && let Some(row) = rows().find(|r| r.id == "T14")
            && let Some(hit) = judge(row, Found { text, range, now }, extend)
        {
            keep(&mut kept, hit);
        }
    }
    let mut matches = scan::matches(text);
    matches.sort_by_key(|m| (m.order, m.range.start));
    for found in matches {
        if free(&kept, &found.range)
            && let Some(hit) = judge(found.row, Found { text, range: found.range, now }, extend)
        {
            keep(&mut kept, hit);
        }
    }
    kept.into_values().collect()
}

/// Whether a token without an anchor word may be in these bytes: Azure DevOps (52 base32 characters with a checksum),
/// Salesforce (`00…!`).
pub fn without_anchor(bytes: &[u8]) -> bool {
    let salesforce = |at: usize| {
        at >= 15 && bytes[at - 15..].starts_with(b"00") && bytes[at - 13..at].iter().all(u8::is_ascii_alphanumeric)
    };
    memchr::memchr_iter(b'!', bytes).any(salesforce)
        || scan::base32_runs(bytes)
            .any(|run| std::str::from_utf8(&bytes[run]).is_ok_and(|value| checks::crc::devops(value) == Some(true)))
}

/// Whether an Airtable token may begin at `at`, where `pat` stands in any case.
pub fn is_airtable(bytes: &[u8], at: usize) -> bool {
    let is_token = |token: &[u8]| token.starts_with(b"pat") && token.iter().all(u8::is_ascii_alphanumeric);
    bytes.get(at + 17) == Some(&b'.') && bytes.get(at..at + 17).is_some_and(is_token)
}

/// Whether no token kept so far covers a part of the range.
fn free(kept: &BTreeMap<usize, TokenHit>, range: &Range<usize>) -> bool {
    kept.range(..range.end).next_back().is_none_or(|(_, hit)| hit.range.end <= range.start)
}

fn keep(kept: &mut BTreeMap<usize, TokenHit>, hit: TokenHit) {
    if !hit.range.is_empty() && free(kept, &hit.range) {
        kept.insert(hit.range.start, hit);
    }
}

fn judge(row: &'static Row, mut found: Found<'_>, extend: &Extensions) -> Option<TokenHit> {
    if entropy(found.value()) < row.entropy || !has_context(row, &found) {
        return None;
    }
    found.range.end = tail(row, &found);
    let verdict = (row.check)(&found);
    if let Some(length) = verdict.length {
        found.range.end = found.range.start + length;
    }
    let proved = verdict.valid == Some(true);
    if verdict.none || (!proved && filler::made_up(row, found.value(), extend)) || is_famous(&found, extend) {
        return None;
    }
    if verdict.valid.is_none() && in_blob(&found) {
        return None;
    }
    let confidence = match (verdict.valid, row.distinctive) {
        (Some(true), _) | (None, true) => Confidence::High,
        _ => Confidence::Medium,
    };
    let note = verdict.note();
    let (id, label) = verdict.better.unwrap_or((row.id, row.label));
    Some(TokenHit {
        id,
        label,
        group: row.group,
        range: found.range,
        confidence,
        note,
        lowered: verdict.valid == Some(false),
        alone: verdict.alone.unwrap_or(Severity::Error),
        placed: verdict.placed.unwrap_or(Severity::Error),
        custom: None,
    })
}

/// Where the token ends: a pattern may stop at its greatest length, and what is left over would stand in reports.
fn tail(row: &Row, found: &Found<'_>) -> usize {
    let value = found.value();
    if matches!(row.place, row::Place::Block { .. }) || value.ends_with('=') {
        return found.range.end;
    }
    let is_url = value.contains("://");
    let own: Vec<u8> = value.bytes().filter(|b| matches!(b, b'+' | b'/' | b'-' | b'_' | b'@')).collect();
    let goes_on = |b: &u8| match b {
        b'_' | b'-' | b'~' | b'%' if is_url => true,
        sign => sign.is_ascii_alphanumeric() || own.contains(sign),
    };
    found.range.end + found.text.as_bytes()[found.range.end..].iter().take_while(|b| goes_on(b)).count()
}

fn has_context(row: &Row, found: &Found<'_>) -> bool {
    if row.context.is_empty() {
        return true;
    }
    let near = found.near().to_ascii_lowercase();
    row.context.iter().any(|w| near.contains(w))
}

/// Published values, and values that the user calls placeholders.
fn is_famous(found: &Found<'_>, extend: &Extensions) -> bool {
    use crate::value::placeholder::{Placeholder, is_famous};
    let value = found.value();
    is_famous(value)
        || (!extend.placeholders.is_empty()
            && crate::value::placeholder(value, extend) == Some(Placeholder::Dummy)
            && extend.placeholders.iter().any(|p| p.eq_ignore_ascii_case(value)))
}

/// Inside a long run of base64 (an image, an archive) a short format is chance.
fn in_blob(found: &Found<'_>) -> bool {
    const BLOB: usize = 200;
    let member = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    let bytes = found.text.as_bytes();
    let before = bytes[..found.range.start].iter().rev().take(BLOB).take_while(|b| member(b)).count();
    let behind = bytes[found.range.end..].iter().take(BLOB).take_while(|b| member(b)).count();
    before + behind >= BLOB
}

/// Shannon entropy, bits a character.
pub fn entropy(value: &str) -> f64 {
    let mut counts = [0u32; 256];
    for b in value.bytes() {
        counts[usize::from(b)] += 1;
    }
    let total = value.len().max(1) as f64;
    counts.iter().filter(|c| **c > 0).map(|c| f64::from(*c) / total).map(|p| -p * p.log2()).sum()
}

/// The format of a credential that stands in a longer text: the surroundings (the URL of a signature, the fields of a
/// document) count, too.
pub fn format_of(text: &str, range: Range<usize>, settings: &Settings) -> Option<TokenHit> {
    const REACH: usize = 2_048;
    if range.len() < SHORTEST || range.end > text.len() {
        return None;
    }
    let start = checks::floor(text, range.start.saturating_sub(REACH));
    let end = checks::ceil(text, range.end.saturating_add(REACH));
    let inner = range.start - start..range.end - start;
    let mut hit = find(text.get(start..end)?, settings).into_iter().find(|h| {
        // That a URL's password is the password of a URL says nothing.
        let tells = h.has_form() || h.group == rows::group::HEADER && h.note.is_some();
        let both = h.range.end.min(inner.end).saturating_sub(h.range.start.max(inner.start));
        let signs = h.id == "T12" && crate::value::slots::is_signature(text.get(range.clone()).unwrap_or(""));
        tells && (both * 10 >= inner.len() * 9 || signs && both > 0)
    })?;
    hit.range = hit.range.start + start..hit.range.end + start;
    Some(hit)
}

/// Label and facts of the token format that the whole text has.
pub fn describe(text: &str, settings: &Settings) -> Option<String> {
    format_of(text, 0..text.len(), settings).map(|hit| hit.described())
}
