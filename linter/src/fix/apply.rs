//! Fixes → the new text of a document.

use std::collections::HashMap;

use credscope_grammars::{Document, Span};

use super::{Applicability, CellEdit, Fix, SecretName};
use crate::finding::{Finding, Place};

mod lines;

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
    let mut round = Round::default();
    let mut applied = Applied::default();
    let chosen = |finding: &Finding| finding.fixes.iter().position(|f| f.applicability >= least && !f.edits.is_empty());
    let mut of_source: Vec<Place> =
        findings.iter().filter(|f| f.value.is_some() && !is_leak(f.rule.code)).map(|f| f.place).collect();
    of_source.sort();
    let (late, early): (Vec<usize>, Vec<usize>) = (0..findings.len()).partition(|&i| {
        let finding = &findings[i];
        is_leak(finding.rule.code) && chosen(finding).is_some_and(|fix| waits(&finding.fixes[fix], &of_source))
    });
    for wave in [early, late] {
        // What a program shows goes when it still shows a credential after those of the source have moved.
        if !applied.secrets.is_empty() {
            break;
        }
        for i in wave {
            let Some(fix) = chosen(&findings[i]).map(|fix| &findings[i].fixes[fix]) else { continue };
            if round.add(document, &fix.edits).is_some() {
                applied.fixed.push(i);
                applied.secrets.extend(fix.secrets.iter().cloned());
            }
        }
    }
    if round.edits.is_empty() {
        return None;
    }
    let mut edits = round.edits.iter().map(|e| physical(document, e)).collect::<Option<Vec<_>>>()?;
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

/// Whether a fix of a leak takes something away that may show nothing when the credentials of the source have moved. One that
/// stands in what is taken away goes with it.
fn waits(fix: &Fix, of_source: &[Place]) -> bool {
    let takes = |edit: &CellEdit| {
        let first = of_source.partition_point(|p| (p.cell, p.span.start) < (edit.place.cell, edit.place.span.start));
        let inside = |p: &&Place| p.cell == edit.place.cell && p.span.start < edit.place.span.end;
        of_source[first..].iter().take_while(inside).any(|p| edit.place.span.contains(p.span))
    };
    fix.secrets.is_empty() && !fix.edits.iter().any(takes)
}

/// A rule of what a program does with a credential.
pub fn is_leak(code: &str) -> bool {
    code.starts_with("CS2")
}

fn physical(document: &Document, edit: &CellEdit) -> Option<(Span, String)> {
    document.edit(edit.place.cell as usize, edit.place.span, &edit.text)
}

/// The edits of one round.
#[derive(Default)]
struct Round {
    edits: Vec<CellEdit>,
    /// Where each of them is written.
    spans: Vec<Span>,
    /// By place: the edit there.
    at: HashMap<Place, usize>,
    /// What is known of the lines at places where several fixes insert some.
    lines: HashMap<usize, lines::Lines>,
    /// Names that inserted lines bind, with the place of those lines.
    bound: HashMap<String, Place>,
}

impl Round {
    /// Adds the edits of a fix. `None`: they meet others, and nothing was added.
    fn add(&mut self, document: &Document, edits: &[CellEdit]) -> Option<()> {
        // What goes behind the text of an edit that is there.
        let mut joined: Vec<(usize, String)> = Vec::new();
        let mut new: Vec<(&CellEdit, Span)> = Vec::new();
        for edit in edits {
            let other = |name: &str| self.bound.get(name).is_some_and(|place| *place != edit.place);
            if bound(edit).any(other) {
                return None;
            }
            match self.at.get(&edit.place).map(|&i| (i, &self.edits[i])) {
                Some((_, old)) if old.text == edit.text => {}
                Some((i, _)) if edit.place.span.is_empty() => {
                    let text = &self.edits[i].text;
                    let lines = self.lines.entry(i).or_insert_with(|| lines::Lines::of(text));
                    joined.push((i, lines.join(&edit.text)?));
                }
                Some(_) => return None,
                None => {
                    let (span, _) = physical(document, edit)?;
                    if self.spans.iter().any(|old| clash(*old, span)) {
                        return None;
                    }
                    new.push((edit, span));
                }
            }
        }
        for edit in edits {
            self.bound.extend(bound(edit).map(|name| (name.to_owned(), edit.place)));
        }
        for (i, more) in joined {
            if let Some(lines) = self.lines.get_mut(&i) {
                lines.add(&more);
            }
            self.edits[i].text.push_str(&more);
        }
        for (edit, span) in new {
            self.at.insert(edit.place, self.edits.len());
            self.edits.push(edit.clone());
            self.spans.push(span);
        }
        Some(())
    }
}

/// Names that an inserted line binds for good (`val name = …`).
fn bound(edit: &CellEdit) -> impl Iterator<Item = &str> {
    let lines = if edit.place.span.is_empty() { edit.text.as_str() } else { "" }.lines();
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
