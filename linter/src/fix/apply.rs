//! Fixes → the new text of a document.

use credscope_grammars::{Document, Span};

use super::{Applicability, SecretName};
use crate::finding::Finding;

/// A document's text after fixes.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    pub text: String,
    /// Findings whose fix went in: positions in the list given.
    pub fixed: Vec<usize>,
    pub secrets: Vec<SecretName>,
}

/// Applies the first fix of each finding that is at least `least` sure. A fix goes in whole or not at all; one that
/// overlaps an earlier one waits for the next round. `None`: nothing to apply.
pub fn apply(document: &Document, findings: &[Finding], least: Applicability) -> Option<Applied> {
    if !document.writable {
        return None;
    }
    let mut edits: Vec<(Span, String)> = Vec::new();
    let mut applied = Applied::default();
    for (i, finding) in findings.iter().enumerate() {
        let Some(fix) = finding.fixes.iter().find(|f| f.applicability >= least && !f.edits.is_empty()) else {
            continue;
        };
        let physical: Option<Vec<(Span, String)>> =
            fix.edits.iter().map(|e| document.edit(e.place.cell as usize, e.place.span, &e.text)).collect();
        let Some(physical) = physical else { continue };
        if physical.iter().any(|new| edits.iter().any(|old| old != new && clash(old.0, new.0))) {
            continue;
        }
        // A name that an earlier fix of this round binds elsewhere: the next round sees it and takes another.
        if physical
            .iter()
            .any(|new| edits.iter().any(|old| old != new && bound(old).any(|n| bound(new).any(|m| n == m))))
        {
            continue;
        }
        for edit in physical {
            if !edits.contains(&edit) {
                edits.push(edit);
            }
        }
        applied.fixed.push(i);
        applied.secrets.extend(fix.secrets.iter().cloned());
    }
    if edits.is_empty() {
        return None;
    }
    edits.sort_by_key(|(span, _)| *span);
    let mut at = 0;
    for (span, new) in &edits {
        applied.text.push_str(document.text.get(at..span.start as usize)?);
        applied.text.push_str(new);
        at = span.end as usize;
    }
    applied.text.push_str(document.text.get(at..)?);
    Some(applied)
}

/// Names that an inserted line binds for good (`val name = …`).
fn bound((span, text): &(Span, String)) -> impl Iterator<Item = &str> {
    let lines = if span.is_empty() { text.as_str() } else { "" }.lines();
    lines.filter_map(|line| {
        let (before, rest) = line.split_once("val ")?;
        (!before.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
            .then(|| rest.split_once(" = ").map(|(name, _)| name))?
    })
}

/// Overlapping, or two insertions at one place.
fn clash(a: Span, b: Span) -> bool {
    a.overlaps(b)
        || (a.is_empty() && b.is_empty() && a.start == b.start)
        || (a.is_empty() && b.start < a.start && a.start < b.end)
        || (b.is_empty() && a.start < b.start && b.start < a.end)
}
