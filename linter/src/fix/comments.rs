//! Credentials in text for people: a comment that is no code goes, in a docstring the value does.

use std::sync::Arc;

use credscope_grammars::{
    CellFacts, CellKind, Document, Language, Span,
    dialect::around::Around,
    facts::{ExprKind, StmtKind},
};

use super::{Applicability, CellEdit, Fix, Slot};
use crate::finding::Place;

/// What deletes the comment that holds a credential, with the lines that it goes on in.
pub(super) fn deleted(document: &Document, facts: &[Arc<CellFacts>], slot: Slot) -> Option<Fix> {
    let cell = document.cells.get(slot.cell as usize).filter(|c| c.kind == CellKind::Code)?;
    let facts = facts.get(slot.cell as usize)?;
    let index = facts.comments.iter().position(|c| c.span.contains(slot.credential))?;
    let mut line = whole_line(&cell.text, facts.comments[index].span)?;
    for next in &facts.comments[index + 1..] {
        let goes_on = line.of(&cell.text).trim_end().ends_with('\\');
        match whole_line(&cell.text, next.span).filter(|next| goes_on && next.start == line.end) {
            Some(next) => line.end = next.end,
            None => break,
        }
    }
    let place = Place { cell: slot.cell, span: line };
    let edits = vec![CellEdit { place, text: String::new() }];
    Some(Fix::rewriting(document, "Delete this comment; rotate the credential", Applicability::Unsafe, edits))
}

/// What hides a credential in a string that is a statement of its own (a docstring, code that is switched off): it does
/// nothing, so a secret is read for nothing there.
pub(super) fn starred(document: &Document, facts: &[Arc<CellFacts>], slot: Slot) -> Option<Fix> {
    let cell = document.cells.get(slot.cell as usize).filter(|c| c.language == Language::Python)?;
    let facts = facts.get(slot.cell as usize)?;
    let around = Around::of(facts, slot.credential);
    let StmtKind::Expr(id) = around.levels.last()?.stmt.kind else { return None };
    let is_text = matches!(facts.expr(id).kind, ExprKind::Str(_)) && facts.expr(id).span.contains(slot.credential);
    let whole = slot.credential.of(&cell.text).starts_with(['"', '\'']);
    (is_text && !whole).then(|| {
        let place = Place { cell: slot.cell, span: slot.credential };
        let edits = vec![CellEdit { place, text: "***".to_owned() }];
        Fix::rewriting(document, "Replace it by `***`; rotate the credential", Applicability::Unsafe, edits)
    })
}

/// The line of a comment that has one for itself, with its line break.
pub(crate) fn whole_line(text: &str, comment: Span) -> Option<Span> {
    let source = comment.of(text);
    let marked = source.starts_with('#') || source.starts_with("//") || source.starts_with("--");
    if !marked || source.contains('\n') {
        return None;
    }
    let start = text.get(..comment.start as usize)?.rfind('\n').map_or(0, |i| i + 1);
    if !text.get(start..comment.start as usize)?.trim().is_empty() {
        return None;
    }
    let rest = text.get(comment.end as usize..)?;
    let end = rest.find('\n').map_or(text.len(), |i| comment.end as usize + i + 1);
    rest.split('\n').next().unwrap_or("").trim().is_empty().then(|| Span::new(start, end))
}
