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
        for hit in value::detect(&cell.text, "") {
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
