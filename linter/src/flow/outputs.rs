//! Stored outputs of notebooks: what earlier runs have shown.

mod grid;
mod named;

use credscope_grammars::{CellKind, Document, Secret};

use crate::{
    finding::Place,
    settings::Settings,
    value::{
        self,
        names::{NameVerdict, is_machine_made, verdict},
        plausible::implausible,
    },
};

/// A credential in a stored output.
#[derive(Clone, Debug)]
pub struct StoredOutput {
    pub place: Place,
    pub what: String,
    pub value: Secret,
    /// Position of the code cell that printed it.
    pub printed_by: Option<u32>,
}

/// Credentials in the stored outputs of a document: values that are equal to a flagged literal, token formats, and
/// `password=`-like text. `flagged` are the literals that other rules report.
pub fn stored_outputs(document: &Document, flagged: &[Secret], settings: &Settings) -> Vec<StoredOutput> {
    let mut found = Vec::new();
    for (index, cell) in document.cells.iter().enumerate() {
        let CellKind::Output { of, .. } = &cell.kind else { continue };
        let printed_by =
            document.cells.iter().position(|c| c.kind == CellKind::Code && c.number == *of).map(|i| i as u32);
        let mut report = |range: std::ops::Range<usize>, what: String| {
            let span = credscope_grammars::Span::new(range.start, range.end);
            let value = Secret::from(span.of(&cell.text));
            found.push(StoredOutput { place: Place { cell: index as u32, span }, what, value, printed_by });
        };
        let mut taken: Vec<std::ops::Range<usize>> = Vec::new();
        for secret in flagged.iter().filter(|s| s.len() >= 6) {
            for (at, text) in cell.text.match_indices(secret.expose()) {
                let range = at..at + text.len();
                if !taken.iter().any(|t| t.start < range.end && range.start < t.end) {
                    taken.push(range.clone());
                    report(range, "a credential of this notebook".into());
                }
            }
        }
        // Written character by character, to get around redaction.
        for (range, joined) in spelled_out(&cell.text).into_iter().chain(quoted_characters(&cell.text)) {
            let secret = flagged.iter().any(|s| s.len() >= 6 && joined.contains(s.expose()));
            let what = if secret {
                Some("a credential of this notebook, character by character,".to_owned())
            } else {
                value::find(&joined, settings).first().map(|hit| format!("{}, character by character,", hit.label))
            };
            if let Some(what) = what
                && !taken.iter().any(|t| t.start < range.end && range.start < t.end)
            {
                taken.push(range.clone());
                report(range, what);
            }
        }
        for (range, turned) in turned(&cell.text) {
            if let Some(hit) = value::find(&turned, settings).first()
                && value::find(&cell.text[range.clone()], settings).is_empty()
            {
                taken.push(range.clone());
                report(range, format!("{}, backwards,", hit.label));
            }
        }
        for hit in value::find(&cell.text, settings) {
            if !taken.iter().any(|t| t.start < hit.range.end && hit.range.start < t.end) {
                taken.push(hit.range.clone());
                report(hit.range, hit.label.to_owned());
            }
        }
        for slot in value::slots(&cell.text) {
            let text = &cell.text[slot.range.clone()];
            let named = verdict(&slot.key) == NameVerdict::Secret
                || slot.key == "userinfo"
                || slot.kind == value::SlotKind::KeyMaterial;
            let real = value::placeholder(text, &settings.extend).is_none()
                && implausible(text).is_none()
                && !text.contains("[REDACTED]")
                && (slot.kind == value::SlotKind::KeyMaterial
                    || slot.key == "userinfo"
                    || verdict(&slot.key) != NameVerdict::Secret
                    || named::looks_secret(&slot.key, text)
                    || !is_machine_made(&slot.key)
                        && !matches!(slot.key.to_ascii_lowercase().as_str(), "secret" | "password"));
            if named && real && !taken.iter().any(|t| t.start < slot.range.end && slot.range.start < t.end) {
                taken.push(slot.range.clone());
                report(slot.range, format!("`{}`", slot.key));
            }
        }
        for (range, name) in named::named_values(&cell.text).into_iter().chain(grid::values(&cell.text)) {
            let text = &cell.text[range.clone()];
            let real = value::placeholder(text, &settings.extend).is_none()
                && implausible(text).is_none()
                && !text.contains("[REDACTED]");
            if real && !taken.iter().any(|t| t.start < range.end && range.start < t.end) {
                taken.push(range.clone());
                report(range, format!("`{name}`"));
            }
        }
    }
    found
}

/// Fewest characters of a value that is written character by character.
const SPELLED: usize = 6;

/// Runs of single characters with one and the same separator between them (`q 7 #`, one on each line), joined.
fn spelled_out(text: &str) -> Vec<(std::ops::Range<usize>, String)> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let at = |i: usize| chars.get(i).map(|(_, c)| *c);
    let separates = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || matches!(c, ',' | '|' | '-' | '.'));
    let (mut found, mut i) = (Vec::new(), 0);
    while i + 2 < chars.len() {
        let separator = at(i + 1);
        let begins = !separates(at(i)) && separates(separator) && (i == 0 || separates(at(i - 1)));
        if !begins {
            i += 1;
            continue;
        }
        let mut last = i;
        let mut joined: String = at(i).into_iter().collect();
        while at(last + 1) == separator
            && at(last + 2).is_some_and(|c| !c.is_whitespace())
            && (at(last + 3) == separator || separates(at(last + 3)))
        {
            last += 2;
            joined.extend(at(last));
        }
        if joined.chars().count() >= SPELLED {
            let (start, end) = (chars[i].0, chars[last].0 + chars[last].1.len_utf8());
            found.push((start..end, joined));
        }
        i = last + 1;
    }
    found
}

/// `['q', '7', '#']`, joined.
fn quoted_characters(text: &str) -> Vec<(std::ops::Range<usize>, String)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find(['\'', '"']).map(|i| from + i) {
        let quote = text[start..].chars().next().unwrap_or('"');
        let (mut joined, mut end, mut at) = (String::new(), start, start);
        loop {
            let mut chars = text[at..].chars();
            let (Some(open), Some(c), Some(close)) = (chars.next(), chars.next(), chars.next()) else { break };
            if open != quote || close != quote || c == quote {
                break;
            }
            joined.push(c);
            end = at + 2 + c.len_utf8();
            let rest = &text[end..];
            let Some(next) = rest.strip_prefix(", ").or_else(|| rest.strip_prefix(',')) else { break };
            at = text.len() - next.len();
        }
        from = end.max(start) + 1;
        from = (from..=text.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(text.len());
        if joined.chars().count() >= SPELLED {
            found.push((start..end, joined));
        }
    }
    found
}

/// Fewest and most characters of a token that is shown backwards.
const TURNED: std::ops::Range<usize> = 20..400;

/// Words that may be tokens, backwards.
fn turned(text: &str) -> Vec<(std::ops::Range<usize>, String)> {
    let mut found = Vec::new();
    let mut start = 0;
    for word in text.split_inclusive(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')) {
        let bare = word.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\''));
        let mixed = bare.bytes().any(|b| b.is_ascii_digit()) && bare.bytes().any(|b| b.is_ascii_alphabetic());
        if TURNED.contains(&bare.len()) && bare.is_ascii() && mixed {
            found.push((start..start + bare.len(), bare.chars().rev().collect()));
        }
        start += word.len();
    }
    found
}
