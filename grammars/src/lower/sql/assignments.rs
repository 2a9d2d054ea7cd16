//! Variables and settings: `SET key = value`, `SET VAR x = …`, `DECLARE x … DEFAULT …`, `UPDATE … SET column = …`.

use super::{Lowering, tokens::Kind};
use crate::{
    Span,
    facts::{
        BindKind, Const, ConstKind, ExprId, ExprKind, Property, PropertyPlace, PropertyValue, Quote, Stmt, StmtKind,
        Target,
    },
    lower::text::literal,
};

impl Lowering<'_> {
    /// Where a `SET key = value` ends: at the line's end, when a `;` is missing.
    pub(super) fn set_end(&self, start: usize, end: usize) -> usize {
        let equals = (start..end).find(|&i| self.tokens[i].symbol("="));
        // `SET VAR x = …` and `SET x = (SELECT …)` may go on.
        let Some(equals) = equals.filter(|&e| e + 1 < end && !self.is_variable(start, end)) else { return end };
        let at = self.tokens[equals + 1].span;
        if self.tokens[equals + 1].kind == Kind::Open {
            return end;
        }
        let rest = &self.text[at.start as usize..];
        let line = at.start as usize + rest.find('\n').unwrap_or(rest.len());
        (equals + 2..end).find(|&i| self.tokens[i].span.start as usize >= line).unwrap_or(end)
    }

    fn is_variable(&self, start: usize, end: usize) -> bool {
        start + 1 < end && ["VAR", "VARIABLE", "SESSION"].iter().any(|w| self.tokens[start + 1].is(w))
    }

    /// `SET key = value`, `SET VAR x = …`; false when it is something else (`SET PASSWORD FOR …`).
    pub(super) fn set(&mut self, start: usize, end: usize, number: u32) -> bool {
        if self.is_variable(start, end) {
            self.assign(start + 2, end, number);
            return true;
        }
        let Some(first) = self.tokens.get(start + 1).filter(|_| start + 1 < end) else { return true };
        let from = first.span.start as usize;
        let Some(equals) = (start + 1..end).find(|&i| self.tokens[i].symbol("=")) else { return false };
        let equals_at = self.tokens[equals].span.start as usize;
        let key = self.text[from..equals_at].trim();
        // `SET PASSWORD = PASSWORD('…')` of MySQL is a statement about an account.
        let account = equals + 2 < end && self.tokens[equals + 1].is("PASSWORD");
        if key.is_empty() || key.contains(char::is_whitespace) || account {
            return false;
        }
        if self.declared.contains(&key.to_lowercase()) {
            self.assign(start + 1, end, number);
            return true;
        }
        let key_span = Span::new(from, from + key.len());
        let path = vec![key.trim_matches('`').into()];
        let (value, value_span) = self.setting(equals, end);
        self.group += 1;
        let (place, group) = (PropertyPlace::SqlSet, self.group);
        self.facts.properties.push(Property { path, key_span, value, value_span, place, group });
        true
    }

    /// The value of a setting, behind the `=`: a quoted text, or what the line holds.
    fn setting(&mut self, equals: usize, end: usize) -> (PropertyValue, Span) {
        if equals + 2 == end && self.tokens[equals + 1].kind == Kind::Text {
            let (expr, _) = self.string(equals + 1, end);
            if let ExprKind::Str(lit) = &self.facts.expr(expr).kind {
                return (PropertyValue::Str(lit.clone()), self.facts.expr(expr).span);
            }
        }
        let from = self.tokens[equals].span.end as usize;
        let to = self.tokens[end - 1].span.end as usize;
        let value = self.text[from..to].split('\n').next().unwrap_or("");
        let lead = value.len() - value.trim_start().len();
        let value = value.trim();
        let span = Span::new(from + lead, from + lead + value.len());
        (PropertyValue::Str(literal(self.text, span, Quote::None)), span)
    }

    /// `DECLARE x STRING DEFAULT …`; false when nothing is given.
    pub(super) fn declare(&mut self, start: usize, end: usize, number: u32) -> bool {
        const OTHER: &[&str] = &["OR", "REPLACE", "VARIABLE", "TEMPORARY", "TEMP"];
        let named = (start + 1..end).find(|&i| !OTHER.iter().any(|w| self.tokens[i].is(w)));
        let Some(at) = named.filter(|&i| self.tokens[i].word().is_some()) else { return false };
        let gives = |i: &usize| self.tokens[*i].is("DEFAULT") || self.tokens[*i].symbol("=");
        let Some(value) = (at + 1..end).find(gives).filter(|v| v + 1 < end) else { return false };
        for i in at..value {
            // Several names may share a type.
            let listed = i == at || self.tokens[i - 1].kind == Kind::Comma;
            if let Some(name) = self.tokens[i].word().filter(|_| listed) {
                let name = name.to_lowercase();
                self.declared.insert(name);
            }
        }
        let expr = self.operand(value + 1, end, number, &[], false, 1);
        self.bind(at, expr);
        true
    }

    /// `a = 'x', b = f(y)` up to a clause that follows. Where it ends.
    pub(super) fn assign(&mut self, from: usize, end: usize, number: u32) -> usize {
        let mut depth = 0_usize;
        let mut to = from;
        while to < end {
            match &self.tokens[to].kind {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                Kind::Word(word) if depth == 0 && matches!(word.as_str(), "WHERE" | "FROM" | "WHEN" | "OUTPUT") => {
                    break;
                }
                _ => {}
            }
            to += 1;
        }
        for (a, b) in self.items(from, to) {
            let Some(equals) = (a..b.min(a + 8)).find(|&i| self.tokens[i].symbol("=")) else { continue };
            if equals > a && equals + 1 < b && self.tokens[equals - 1].word().is_some() {
                let expr = self.operand(equals + 1, b, number, &[], false, 1);
                self.bind(equals - 1, expr);
            }
        }
        to
    }

    /// The word at `name` has the value.
    fn bind(&mut self, name: usize, value: ExprId) {
        let span = self.tokens[name].span;
        let word = self.tokens[name].word().unwrap_or("").to_lowercase();
        let targets = vec![Target::Name { name: word.into(), span }];
        let kind = StmtKind::Bind { targets, value, kind: BindKind::Assign, annotation: None };
        self.facts.body.push(Stmt { span: span.cover(self.facts.expr(value).span), kind });
    }

    /// A number, boolean or null at `i`.
    pub(super) fn constant(&mut self, i: usize) -> Option<ExprId> {
        let token = &self.tokens[i];
        let kind = match &token.kind {
            Kind::Number => ConstKind::Number,
            Kind::Word(word) if matches!(word.as_str(), "TRUE" | "FALSE") => ConstKind::Bool,
            Kind::Word(word) if word == "NULL" => ConstKind::Null,
            _ => return None,
        };
        let span = token.span;
        Some(self.facts.push(span, ExprKind::Const(Const { kind, text: span.of(self.text).into() })))
    }
}
