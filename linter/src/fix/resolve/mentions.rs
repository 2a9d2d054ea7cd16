//! The text of a credential that moves, once more in a comment or a docstring: it is struck out there.

use aho_corasick::{AhoCorasick, MatchKind};
use credscope_grammars::{
    CellFacts, CellKind, Span,
    dialect::around::Around,
    facts::{ExprKind, StmtKind},
};

use super::{Applicability, CellEdit, Resolver, repeats::is_excused};
use crate::{
    finding::{Finding, Place, ValueKey},
    fix::places::overlap,
};

/// Shorter values, and those of letters only, are words that mean something else.
const SHORTEST: usize = 8;
/// What stands there afterwards.
const STRUCK: &str = "***";

impl Resolver<'_> {
    /// Adds to the first fix of each credential the comments that repeat it and that no rule reports by themselves.
    pub(super) fn mentions(&self, findings: &mut [Finding]) {
        let (mut texts, mut owners) = (Vec::new(), Vec::new());
        for (i, finding) in findings.iter().enumerate() {
            let moves = finding.fixes.first().is_some_and(|f| f.applicability > Applicability::Display);
            if let Some(text) = self.written_at(finding).filter(|t| moves && !texts.contains(t)) {
                texts.push(text);
                owners.push(i);
            }
        }
        if texts.is_empty() {
            return;
        }
        let Ok(search) = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&texts) else { return };
        let mut found: Vec<(usize, Place)> = Vec::new();
        for (i, (cell, facts)) in (0..).zip(self.document.cells.iter().zip(self.facts)) {
            if cell.kind != CellKind::Code {
                continue;
            }
            for prose in prose(facts, &cell.text) {
                for m in search.find_iter(prose.of(&cell.text)) {
                    let start = prose.start as usize + m.start();
                    let span = Span::new(start, start + m.len());
                    if stands_alone(&cell.text, span) && !is_excused(&cell.text, span) {
                        found.push((owners[m.pattern().as_usize()], Place { cell: i, span }));
                    }
                }
            }
        }
        for (owner, place) in found {
            let meets = |p: Place| p.cell == place.cell && p.span.overlaps(place.span);
            if findings.iter().any(|f| meets(f.place) || f.fixes.iter().flat_map(|f| &f.edits).any(|e| meets(e.place)))
            {
                continue;
            }
            let Some(fix) = findings[owner].fixes.first_mut() else { continue };
            let mut edits = fix.edits.clone();
            edits.push(CellEdit { place, text: STRUCK.to_owned() });
            edits.sort_by_key(|e| e.place);
            if !overlap(&edits) {
                fix.edits = edits;
                fix.also.push(place);
            }
        }
    }

    /// The value of a finding as it stands in the source, when it is written there plainly and is no word.
    fn written_at(&self, finding: &Finding) -> Option<&str> {
        let cell = self.document.cells.get(finding.place.cell as usize)?;
        let source = cell.text.get(finding.place.span.range())?;
        let open = source.find(['"', '\'']).filter(|&i| source[..i].bytes().all(|b| b.is_ascii_alphabetic()));
        let text = source[open.unwrap_or(0)..].trim_matches(['"', '\'']);
        let is_value = finding.value == Some(ValueKey::new(self.settings.hash_key, &text.into()));
        let is_word = text.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '_' | '.' | ' '));
        (is_value && text.len() >= SHORTEST && !is_word && !text.contains('\n')).then_some(text)
    }
}

/// Comments and docstrings of a cell.
fn prose(facts: &CellFacts, text: &str) -> Vec<Span> {
    let is_docstring = |span: Span| {
        let source = span.of(text);
        if !source.ends_with("\"\"\"") && !source.ends_with("'''") {
            return false;
        }
        let around = Around::of(facts, span);
        let level = around.levels.last();
        around.exprs.is_empty() && level.is_some_and(|l| matches!(l.stmt.kind, StmtKind::Expr(_)))
    };
    let strings = facts.exprs.iter().filter(|e| matches!(e.kind, ExprKind::Str(_)) && is_docstring(e.span));
    facts.comments.iter().map(|c| c.span).chain(strings.map(|e| e.span)).collect()
}

/// Whether no letter or digit touches the text: it is no part of a longer one.
fn stands_alone(text: &str, span: Span) -> bool {
    let before = text.get(..span.start as usize).and_then(|t| t.chars().next_back());
    let after = text.get(span.end as usize..).and_then(|t| t.chars().next());
    ![before, after].into_iter().flatten().any(char::is_alphanumeric)
}
