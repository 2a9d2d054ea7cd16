//! The secret flow of the version before, taken over where an edit cannot have changed it: its places are moved along.

use std::sync::Arc;

use credscope_grammars::{
    Cell, CellFacts, CellKind, Language, Span,
    secret::{LookedAt, TextId},
    shape::Shape,
};

use super::{Known, Memo};
use crate::{
    finding::Place,
    flow::{self, Leak},
    settings::Settings,
};

/// What the flow found, and the texts that it looked at.
#[derive(Debug)]
pub(super) struct Flow {
    pub leaks: Vec<Leak>,
    pub looked_at: LookedAt,
}

impl Memo {
    /// How places of a cell move when the flow cannot tell the new facts from the old; `None`: it may.
    pub(super) fn moved(&self, old: &Known, cell: &Cell, facts: &CellFacts) -> Option<Option<Move>> {
        let flow = self.flow.as_ref()?;
        let settings = self.settings.as_ref()?;
        let same = old.language == cell.language
            && old.kind == cell.kind
            && old.magic == cell.magic
            && old.execution_count == cell.execution_count;
        if !same || !old.is_read {
            return None;
        }
        if cell.kind != CellKind::Code {
            return Some(None);
        }
        // Texts of queries are looked at in the cell itself.
        let programs = matches!(cell.language, Language::Python | Language::Scala | Language::R);
        if !programs || has_queries(facts) || has_queries(&old.facts) {
            return None;
        }
        let (before, after) = (Shape::of(&old.facts), Shape::of(facts));
        if before.hash != after.hash || before.literals.len() != after.literals.len() {
            return None;
        }
        let mut renamed = Vec::new();
        for (old, new) in before.literals.iter().zip(&after.literals) {
            let seen = flow.looked_at.contains(old.0);
            if old.1 != new.1 && seen {
                return None;
            }
            if seen {
                renamed.push((old.0, new.0));
            }
        }
        let changed = before.literals.iter().zip(&after.literals).any(|(old, new)| old.1 != new.1);
        if changed
            && (flow.leaks.iter().any(|l| l.value.is_some())
                || real_literals(&old.facts, settings) != real_literals(facts, settings))
        {
            return None;
        }
        // Cells with one text can share their facts.
        let alone = self.cells.iter().filter(|c| Arc::ptr_eq(&c.facts, &old.facts)).count() == 1;
        let map = Move { alone, ..Move::new(cell.index, &old.text, &cell.text, renamed) };
        let fits = old.facts.exprs.iter().zip(&facts.exprs).all(|(old, new)| map.span(old.span) == Some(new.span));
        let moves = |place: &Place| place.cell != cell.index || map.span(place.span).is_some();
        let all = flow.leaks.iter().all(|leak| leak.places().all(|place| moves(&place)));
        (fits && all).then_some(Some(map))
    }
}

impl Flow {
    pub(super) fn moved(mut self, moves: Vec<Move>) -> Self {
        for map in moves {
            let to = |place: Place| {
                if place.cell == map.cell {
                    Place { span: map.span(place.span).unwrap_or(place.span), ..place }
                } else {
                    place
                }
            };
            self.leaks = self.leaks.into_iter().map(|leak| leak.moved(&to)).collect();
            if map.alone {
                map.looked_at.iter().for_each(|(old, _)| self.looked_at.remove(*old));
            }
            self.looked_at.extend(map.looked_at.iter().map(|(_, new)| *new));
        }
        self
    }
}

/// Where places of a cell are after an edit: text in the middle was replaced.
#[derive(Debug)]
pub(super) struct Move {
    cell: u32,
    /// Bytes that are the same at the start of both texts, and where the same end begins.
    head: u32,
    tail: u32,
    delta: i64,
    /// Literals that the flow has looked at, in the old and in the new text.
    looked_at: Vec<(TextId, TextId)>,
    /// No other cell has the literals of the old text.
    alone: bool,
}

impl Move {
    fn new(cell: u32, old: &str, new: &str, looked_at: Vec<(TextId, TextId)>) -> Self {
        let (a, b) = (old.as_bytes(), new.as_bytes());
        let head = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        let rest = a.len().min(b.len()) - head;
        let end = a.iter().rev().zip(b.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
        let delta = b.len() as i64 - a.len() as i64;
        Self { cell, head: head as u32, tail: (a.len() - end) as u32, delta, looked_at, alone: false }
    }

    /// `None`: the place begins or ends inside of what was replaced.
    fn span(&self, span: Span) -> Option<Span> {
        let at = |offset: u32| {
            if offset >= self.tail {
                u32::try_from(i64::from(offset) + self.delta).ok()
            } else {
                (offset <= self.head).then_some(offset)
            }
        };
        // Before an insertion, not behind it, begins what began there.
        let start = if span.start <= self.head && span.start < self.tail { Some(span.start) } else { at(span.start) };
        let (start, end) = (start?, at(span.end)?);
        (start <= end).then_some(Span { start, end })
    }
}

fn has_queries(facts: &CellFacts) -> bool {
    !facts.queries.is_empty() || facts.embedded.iter().any(|e| has_queries(&e.facts))
}

/// What the literals of the facts are to the flow, in order.
fn real_literals(facts: &CellFacts, settings: &Settings) -> Vec<flow::Literal> {
    let texts = facts.exprs.iter().filter_map(|e| match &e.kind {
        credscope_grammars::facts::ExprKind::Str(literal) => literal.plain(),
        _ => None,
    });
    texts.map(|text| flow::literal(text.expose(), settings)).collect()
}
