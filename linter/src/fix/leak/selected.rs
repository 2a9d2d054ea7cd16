//! Queries that select a secret: what is left of them.

use credscope_grammars::{
    Span,
    facts::{ExprId, ExprKind, Query},
};

use super::{Edits, Spot};
use crate::fix::deletion::whole_lines;

impl Spot<'_> {
    /// A statement that only selects a secret goes; one that selects more loses what holds the secret.
    pub(super) fn select(&self) -> Option<(&'static str, Edits)> {
        let query = self.facts.queries.iter().find(|q| q.span.contains(self.place.span))?;
        let i = query.items.iter().position(|item| item.contains(self.place.span))?;
        let item = query.items[i];
        if !self.is_only_secret(query, item) {
            return None;
        }
        let neighbours = (i.checked_sub(1).and_then(|i| query.items.get(i)), query.items.get(i + 1));
        let span = match neighbours {
            (None, None) => None,
            (Some(before), _) => Some(Span { start: before.end, end: item.end }),
            (None, Some(next)) => Some(Span { start: item.start, end: next.start }),
        };
        if let Some(span) = span {
            let last = query.items.last().map_or(item.end, |last| last.end);
            let rest = self.text.get(last as usize..query.span.end as usize)?;
            return (!self.is_asked_for(item, rest))
                .then(|| ("Leave the secret out of what is selected", vec![(span, String::new())]));
        }
        let rest = self.text.get(query.span.end as usize..).unwrap_or("");
        let semicolon = if rest.trim_start().starts_with(';') { rest.find(';').map_or(0, |i| i as u32 + 1) } else { 0 };
        let span = Span { start: query.span.start, end: query.span.end + semicolon };
        Some(("Delete this statement", vec![whole_lines(self.text, span)?]))
    }

    /// Whether an item of a select list is made of the secret and constants alone: no column goes with it.
    fn is_only_secret(&self, query: &Query, item: Span) -> bool {
        let callees: Vec<ExprId> = (0..self.facts.exprs.len() as u32)
            .filter_map(|id| match self.expr_kind(ExprId(id)) {
                ExprKind::Call { callee, .. } => Some(*callee),
                _ => None,
            })
            .collect();
        // The last word is what the item is called.
        let called = |span: Span| span.end == item.end && span.start >= self.place.span.end;
        let column = |id: ExprId| {
            matches!(self.expr_kind(id), ExprKind::Name(_) | ExprKind::Attr { .. })
                && !callees.contains(&id)
                && !called(self.facts.expr(id).span)
        };
        let mut names = query.names.iter().filter(|(name, span)| item.contains(*span) && &**name != "as");
        let named = names.any(|(_, span)| !called(*span));
        !named && !self.facts.within(item).into_iter().any(column)
    }

    /// Whether the rest of a query asks for an item of its select list: by its name or its number.
    fn is_asked_for(&self, item: Span, rest: &str) -> bool {
        let words = |text: &str| -> Vec<String> {
            let word = |c: char| c.is_alphanumeric() || c == '_';
            text.split(|c| !word(c)).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
        };
        let rest = words(rest);
        let name = Span { start: self.place.span.end, end: item.end }.of(self.text);
        let numbered = rest.iter().any(|w| w == "by") && rest.iter().any(|w| w.bytes().all(|b| b.is_ascii_digit()));
        numbered || words(name).last().is_some_and(|name| rest.contains(name))
    }
}
