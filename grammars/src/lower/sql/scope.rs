//! Which parts of a statement are what it shows or stores.

use super::{Lowering, tokens::Kind};
use crate::facts::Verb;

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
}
