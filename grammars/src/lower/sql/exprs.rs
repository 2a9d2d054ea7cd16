//! Expressions: strings, calls, concatenations.

use super::{
    Lowering, MAX_DEPTH,
    tokens::{Kind, Token},
};
use crate::{
    Span,
    facts::{Arg, ExprId, ExprKind, QueryCall, Quote, StrLit, StrStyle},
    lower::strings::{Decoded, Escapes},
};

impl Lowering<'_> {
    /// The literal at a token, adjacent literals joined. Returns where to go on.
    pub(super) fn string(&mut self, i: usize, end: usize) -> (ExprId, usize) {
        let mut parts = vec![self.one_string(i)];
        let mut at = i + 1;
        while at < end && self.tokens[at].kind == Kind::Text {
            parts.push(self.one_string(at));
            at += 1;
        }
        if let [only] = parts.as_slice() {
            return (*only, at);
        }
        let span = self.tokens[i].span.cover(self.tokens[at - 1].span);
        (self.facts.push(span, ExprKind::Concat(parts)), at)
    }

    fn one_string(&mut self, i: usize) -> ExprId {
        let span = self.tokens[i].span;
        let source = span.of(self.text);
        let open = source.find(['\'', '"', '$']).unwrap_or(0);
        let prefix = &source[..open];
        let quotes = &source[open..];
        let (mut width, quote) = match quotes.chars().next() {
            Some('\'') => (1, Quote::Single),
            Some('$') => (quotes[1..].find('$').map_or(1, |n| n + 2), Quote::Block),
            _ => (1, Quote::Double),
        };
        if quotes.is_empty() {
            width = 0;
        }
        // A quote that is not closed ends with its line.
        let closed = quotes.len() >= 2 * width && quotes.ends_with(&quotes[..width.min(1)]);
        let inner = Span::new(span.start as usize + open + width, span.end as usize - if closed { width } else { 0 });
        let raw = prefix.eq_ignore_ascii_case("r") || quote == Quote::Block;
        let mut text = Decoded::default();
        self.decode(&mut text, inner, quote, raw);
        let parts = text.take().into_iter().collect();
        let style = StrStyle {
            quote,
            triple: quote == Quote::Block,
            raw,
            bytes: false,
            interpolated: false,
            prefix: prefix.into(),
            inner,
        };
        self.facts.push(span, ExprKind::Str(StrLit { parts, style }))
    }

    /// `''` is a quote; backslashes escape (Spark).
    fn decode(&self, text: &mut Decoded, inner: Span, quote: Quote, raw: bool) {
        let doubled = match quote {
            Quote::Single => "''",
            Quote::Double => "\"\"",
            _ => "\0",
        };
        let escapes = if raw { Escapes::Raw } else { Escapes::Java };
        let source = inner.of(self.text);
        let (base, mut from) = (inner.start as usize, 0);
        while let Some(at) = source[from..].find(doubled).map(|i| from + i) {
            text.read(self.text, Span::new(base + from, base + at), escapes, false);
            text.escape(base + at, 2, &doubled[..1]);
            from = at + 2;
        }
        text.read(self.text, Span::new(base + from, inner.end as usize), escapes, false);
    }

    /// `name(args)` whose name is at `i`. Returns the call and where to go on.
    pub(super) fn call(
        &mut self,
        i: usize,
        end: usize,
        number: u32,
        inside: &[Box<str>],
        projected: bool,
        depth: usize,
    ) -> (ExprId, usize) {
        let name_span = self.tokens[i].span;
        let name: Box<str> = name_span.of(self.text).trim_matches('`').to_lowercase().into();
        let close = self.close(i + 1, end);
        let span = name_span.cover(self.tokens[close.min(end - 1)].span);
        let neighbours = [i.checked_sub(1), Some(close + 1).filter(|after| *after < end)];
        let projected = projected && !neighbours.into_iter().flatten().any(|n| compares(&self.tokens[n]));
        let mut within = inside.to_vec();
        within.push(name.clone());
        let callee = self.facts.push(name_span, ExprKind::Name(name));
        // Outermost calls first.
        let slot = self.facts.queries[number as usize].calls.len();
        self.facts.queries[number as usize].calls.push(QueryCall { expr: callee, inside: inside.to_vec(), projected });
        let mut args = Vec::new();
        for (from, to) in self.items(i + 2, close) {
            let (name, from) = self.argument_name(from, to);
            let value = self.operand(from, to, number, &within, projected, depth + 1);
            let span = self.facts.expr(value).span;
            args.push(Arg { span, name, value });
        }
        let expr = self.facts.push(span, ExprKind::Call { callee, args, is_new: false });
        self.facts.queries[number as usize].calls[slot].expr = expr;
        (expr, (close + 1).min(end))
    }

    /// `name => value`.
    fn argument_name(&self, from: usize, to: usize) -> (Option<(Box<str>, Span)>, usize) {
        if to > from + 2 && self.tokens[from + 1].symbol("=>") && matches!(self.tokens[from].kind, Kind::Word(_)) {
            let span = self.tokens[from].span;
            return (Some((span.of(self.text).to_lowercase().into(), span)), from + 2);
        }
        (None, from)
    }

    /// An expression of the tokens `from..to`.
    pub(super) fn operand(
        &mut self,
        from: usize,
        to: usize,
        number: u32,
        inside: &[Box<str>],
        projected: bool,
        depth: usize,
    ) -> ExprId {
        if let Some(test) = self.null_test(from, to, number, inside, depth) {
            return test;
        }
        let mut parts: Vec<ExprId> = Vec::new();
        let mut concatenated = false;
        let mut i = from;
        while i < to && depth < MAX_DEPTH {
            let token = self.tokens[i].clone();
            if let Some(constant) = self.constant(i) {
                parts.push(constant);
                i += 1;
                continue;
            }
            match &token.kind {
                Kind::Text => {
                    let (expr, after) = self.string(i, to);
                    parts.push(expr);
                    i = after;
                    continue;
                }
                Kind::Word(_) if self.tokens.get(i + 1).is_some_and(|t| i + 1 < to && t.kind == Kind::Open) => {
                    let (expr, after) = self.call(i, to, number, inside, projected, depth);
                    parts.push(expr);
                    i = after;
                    continue;
                }
                Kind::Word(word) if word == "CASE" => {
                    let (expr, after) = self.case(i, to, number, inside, projected, depth);
                    parts.push(expr);
                    i = after;
                    continue;
                }
                Kind::Word(_) | Kind::Parameter => {
                    let name = token.span.of(self.text).to_lowercase().into();
                    parts.push(self.facts.push(token.span, ExprKind::Name(name)));
                }
                Kind::Open => {
                    let close = self.close(i, to);
                    for (a, b) in self.items(i + 1, close) {
                        parts.push(self.operand(a, b, number, inside, projected, depth + 1));
                    }
                    i = close;
                }
                Kind::Symbol(s) => concatenated |= s == "||",
                _ => {}
            }
            i += 1;
        }
        let span = match (self.tokens.get(from), self.tokens.get(to.saturating_sub(1))) {
            (Some(first), Some(last)) if to > from => first.span.cover(last.span),
            _ => Span::default(),
        };
        match (parts.as_slice(), concatenated) {
            ([only], _) => *only,
            (_, true) => self.facts.push(span, ExprKind::Concat(parts)),
            _ => self.facts.push(span, ExprKind::Other(parts)),
        }
    }

    /// Position of the parenthesis that closes the one at `open`; `end` when none does.
    pub(super) fn close(&self, open: usize, end: usize) -> usize {
        self.closes.get(open).map_or(end, |&close| (close as usize).min(end))
    }

    /// Ranges between the commas of `from..to`.
    pub(super) fn items(&self, from: usize, to: usize) -> Vec<(usize, usize)> {
        let (mut items, mut start, mut depth) = (Vec::new(), from, 0);
        for i in from..to.min(self.tokens.len()) {
            match self.tokens[i].kind {
                Kind::Open => depth += 1,
                Kind::Close => depth -= 1,
                Kind::Comma if depth == 0 => {
                    items.push((start, i));
                    start = i + 1;
                }
                _ => {}
            }
        }
        if start < to {
            items.push((start, to));
        }
        items.retain(|(a, b)| b > a);
        items
    }
}

/// Whether a token beside an operand makes it one of a comparison.
fn compares(token: &Token) -> bool {
    match &token.kind {
        Kind::Symbol(symbol) => matches!(symbol.as_str(), "=" | "==" | "<=>" | "<>" | "!=" | "<" | ">" | "<=" | ">="),
        Kind::Word(word) => matches!(word.as_str(), "IS" | "IN" | "LIKE" | "ILIKE" | "RLIKE" | "BETWEEN"),
        _ => false,
    }
}
