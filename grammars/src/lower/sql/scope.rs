//! Which parts of a statement are what it shows or stores.

use super::{Lowering, tokens::Kind};
use crate::{Span, facts::Verb};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Before the select list; a query in parentheses here is a table expression (`WITH x AS (SELECT …)`).
    Start,
    /// In the select list, or in `VALUES`.
    List,
    /// `FROM`, `WHERE` and what follows.
    Rest,
}

impl Lowering<'_> {
    /// For each token of the statement whether it is projected: in the select list of the outermost query.
    pub(super) fn projected(&self, start: usize, end: usize, verb: Verb) -> Vec<bool> {
        let shows = matches!(
            verb,
            Verb::Select | Verb::Values | Verb::Insert | Verb::CreateView | Verb::CreateTable | Verb::CopyInto
        );
        if !shows {
            return Vec::new();
        }
        let mut stack: Vec<(Part, bool)> = Vec::new();
        // Whether a `SELECT` here is one of the outermost query.
        let (mut part, mut open) = (Part::Start, true);
        let mut projected = Vec::with_capacity(end - start);
        for token in &self.tokens[start..end] {
            match &token.kind {
                Kind::Open => {
                    stack.push((part, open));
                    open = part != Part::Rest;
                }
                Kind::Close => (part, open) = stack.pop().unwrap_or((part, open)),
                Kind::Word(word) => match word.as_str() {
                    "SELECT" | "VALUES" if open => part = Part::List,
                    // Of `extract(year FROM x)` too, which only ends the list early.
                    "FROM" | "WHERE" | "GROUP" | "HAVING" | "ORDER" | "QUALIFY" | "LIMIT" if part == Part::List => {
                        part = Part::Rest;
                    }
                    _ => {}
                },
                _ => {}
            }
            projected.push(part == Part::List);
        }
        projected
    }

    /// The items of the select list of a plain `SELECT`.
    pub(super) fn selected(&self, start: usize, end: usize, verb: Verb) -> Vec<Span> {
        if verb != Verb::Select || !self.tokens[start].is("SELECT") {
            return Vec::new();
        }
        let (mut depth, mut until) = (0, end);
        for i in start..end {
            let token = &self.tokens[i];
            match &token.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth -= 1,
                Kind::Word(word) if depth == 0 => match word.as_str() {
                    "UNION" | "INTERSECT" | "MINUS" => return Vec::new(),
                    // `* EXCEPT (a, b)` leaves columns out.
                    "EXCEPT" if !matches!(self.tokens.get(i + 1), Some(t) if t.kind == Kind::Open) => {
                        return Vec::new();
                    }
                    "FROM" | "WHERE" | "GROUP" | "HAVING" | "ORDER" | "SORT" | "CLUSTER" | "DISTRIBUTE" | "WINDOW"
                    | "QUALIFY" | "LIMIT" | "OFFSET" | "LATERAL" | "INTO" => until = until.min(i),
                    _ => {}
                },
                _ => {}
            }
        }
        let quantified = self.tokens.get(start + 1).is_some_and(|t| t.is("DISTINCT") || t.is("ALL"));
        let first = start + 1 + usize::from(quantified);
        let items = self.items(first, until).into_iter();
        items.map(|(a, b)| self.tokens[a].span.cover(self.tokens[b - 1].span)).collect()
    }

    /// `TYPE postgresql`.
    pub(super) fn connects_to(&self, start: usize, end: usize, verb: Verb) -> Option<Box<str>> {
        let kind = (start..end).find(|&i| verb == Verb::CreateConnection && self.tokens[i].is("TYPE"))?;
        Some(self.tokens[kind + 1..end].first()?.word()?.to_lowercase().into())
    }
}
