//! Lists of keys and values: `OPTIONS (k 'v', k = 'v', k => secret('s','k'))`.

use super::{Lowering, MAX_DEPTH, statements::LISTS, tokens::Kind};
use crate::facts::{ExprKind, Property, PropertyPlace, PropertyValue};

impl Lowering<'_> {
    /// Reads the list whose parenthesis is at `open`. Returns where to go on.
    pub(super) fn option_list(&mut self, open: usize, end: usize, list: &str, number: u32, depth: usize) -> usize {
        let close = self.close(open, end);
        self.group += 1;
        let group = self.group;
        let inside: Vec<Box<str>> = vec![list.to_lowercase().into()];
        for (from, to) in self.split_pairs(open + 1, close) {
            // `CREDENTIAL (…)`, `CREDENTIAL = (…)` and `CREDENTIAL name ENCRYPTION (…)` inside `WITH (…)`.
            if depth < MAX_DEPTH && self.inner_lists(from, to, number, depth) {
                continue;
            }
            self.pair(from, to, group, number, &inside);
        }
        (close + 1).min(end)
    }

    /// Lists inside an item; false when the item is a pair.
    fn inner_lists(&mut self, from: usize, to: usize, number: u32, depth: usize) -> bool {
        let mut found = false;
        let mut i = from;
        while i < to {
            if let Kind::Word(word) = &self.tokens[i].kind
                && let Some(open) = self.open_after(i, to)
                && (i == from || LISTS.contains(&word.as_str()))
                && self.is_list(open, to)
            {
                let word = word.clone();
                i = self.option_list(open, to, &word, number, depth + 1).max(i + 1);
                found = true;
            } else {
                i += 1;
            }
        }
        found
    }

    /// Items of the list; a comma may be missing between `KEY = 'v' KEY = 'v'`.
    fn split_pairs(&self, from: usize, to: usize) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for (first, b) in self.items(from, to) {
            let mut a = first;
            for i in first + 1..b {
                let next_is_pair = i + 1 < b
                    && self.tokens[i - 1].kind == Kind::Text
                    && matches!(self.tokens[i].kind, Kind::Word(_))
                    && self.tokens[i + 1].symbol("=");
                if next_is_pair {
                    pairs.push((a, i));
                    a = i;
                }
            }
            pairs.push((a, b));
        }
        pairs
    }

    fn pair(&mut self, from: usize, to: usize, group: u32, number: u32, inside: &[Box<str>]) {
        // The key: a quoted text, or words joined by dots and dashes.
        let mut i = from;
        if self.tokens[from].kind == Kind::Text {
            i += 1;
        } else {
            while i < to {
                let joins = matches!(&self.tokens[i].kind, Kind::Symbol(s) if s == "." || s == "-" || s == ":");
                let word = matches!(self.tokens[i].kind, Kind::Word(_) | Kind::Parameter | Kind::Number);
                let touching = i > from && self.tokens[i].span.start == self.tokens[i - 1].span.end;
                if !(joins || (word && (i == from || touching))) {
                    break;
                }
                i += 1;
            }
        }
        if i == from || i >= to {
            return;
        }
        let key_span = self.tokens[from].span.cover(self.tokens[i - 1].span);
        let key = key_span.of(self.text).trim_matches(['`', '\'', '"', '[', ']']);
        if self.tokens[i].symbol("=") || self.tokens[i].symbol("=>") {
            i += 1;
        }
        if i >= to {
            return;
        }
        let path = vec![key.into()];
        let expr = self.operand(i, to, number, inside, false, 1);
        let value_span = self.facts.expr(expr).span;
        let value = match &self.facts.expr(expr).kind {
            ExprKind::Str(lit) => PropertyValue::Str(lit.clone()),
            ExprKind::Const(constant) => PropertyValue::Const(constant.clone()),
            _ => PropertyValue::Expr(expr),
        };
        let place = PropertyPlace::Query(number);
        self.facts.properties.push(Property { path, key_span, value, value_span, place, group });
    }
}
