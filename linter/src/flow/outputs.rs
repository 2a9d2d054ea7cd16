//! Stored outputs of notebooks: what earlier runs have shown.

use credscope_grammars::{CellKind, Document, Secret};

use crate::{
    finding::Place,
    settings::Settings,
    value::{
        self,
        names::{NameVerdict, verdict},
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
        for (range, joined) in spelled_out(&cell.text) {
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
                && !text.contains("[REDACTED]");
            if named && real && !taken.iter().any(|t| t.start < slot.range.end && slot.range.start < t.end) {
                taken.push(slot.range.clone());
                report(slot.range, format!("`{}`", slot.key));
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
