//! Expressions that choose: `CASE`, and the tests `x IS NULL`, `x IS NOT NULL`.

use super::{Lowering, MAX_DEPTH, tokens::Kind};
use crate::{
    Span,
    facts::{ExprId, ExprKind},
};

impl Lowering<'_> {
    /// `x IS NULL`, `x IS NOT NULL` in the tokens `from..to`.
    pub(super) fn null_test(
        &mut self,
        from: usize,
        to: usize,
        number: u32,
        inside: &[Box<str>],
        depth: usize,
    ) -> Option<ExprId> {
        let word = |back: usize| self.tokens.get(to.checked_sub(back)?).filter(|_| to >= from + back)?.word();
        if word(1)? != "NULL" {
            return None;
        }
        let (op, words) = match (word(2)?, word(3)) {
            ("IS", _) => ("is", 2),
            ("NOT", Some("IS")) => ("is not", 3),
            _ => return None,
        };
        if to - words <= from || depth >= MAX_DEPTH {
            return None;
        }
        let null = self.constant(to - 1)?;
        let left = self.operand(from, to - words, number, inside, false, depth + 1);
        let span = self.tokens[from].span.cover(self.tokens[to - 1].span);
        Some(self.facts.push(span, ExprKind::Compare { op: op.into(), operands: vec![left, null] }))
    }

    /// `CASE … END` at `i`. Returns the choice and where to go on.
    pub(super) fn case(
        &mut self,
        i: usize,
        end: usize,
        number: u32,
        inside: &[Box<str>],
        projected: bool,
        depth: usize,
    ) -> (ExprId, usize) {
        let (marks, close) = self.marks(i, end);
        let part = |n: usize| (marks[n] + 1, marks.get(n + 1).copied().unwrap_or(close));
        let span = |from: usize, to: usize, all: &Self| match (all.tokens.get(from), to.checked_sub(1)) {
            (Some(first), Some(last)) if last >= from => first.span.cover(all.tokens[last].span),
            _ => Span::default(),
        };
        let subject = (marks.first().copied().unwrap_or(close) > i + 1).then(|| {
            let to = marks.first().copied().unwrap_or(close);
            self.operand(i + 1, to, number, inside, false, depth + 1)
        });
        let mut other = None;
        let mut ways = Vec::new();
        for (n, &mark) in marks.iter().enumerate() {
            let (from, to) = part(n);
            match self.tokens[mark].word() {
                Some("WHEN") => {
                    let mut test = self.operand(from, to, number, inside, false, depth + 1);
                    if let Some(subject) = subject {
                        let operands = vec![subject, test];
                        test = self.facts.push(span(from, to, self), ExprKind::Compare { op: "==".into(), operands });
                    }
                    ways.push((mark, test, None));
                }
                Some("THEN") => {
                    let value = self.operand(from, to, number, inside, projected, depth + 1);
                    if let Some(way) = ways.last_mut() {
                        way.2 = Some(value);
                    }
                }
                _ => other = Some(self.operand(from, to, number, inside, projected, depth + 1)),
            }
        }
        for (from, test, then) in ways.into_iter().rev() {
            let Some(then) = then else { continue };
            other = Some(self.facts.push(span(from, close, self), ExprKind::Cond { test, then, other }));
        }
        let whole = span(i, (close + 1).min(end), self);
        let chosen = other.unwrap_or_else(|| self.facts.push(whole, ExprKind::Other(Vec::new())));
        (chosen, (close + 1).min(end).max(i + 1))
    }

    /// Whether the `CASE` at `i` reads a secret.
    pub(super) fn asks_secret(&self, i: usize, end: usize) -> bool {
        let (_, close) = self.marks(i, end);
        (i + 1..close).any(|at| {
            let secret = self.tokens[at].word().is_some_and(|w| matches!(w, "SECRET" | "TRY_SECRET"));
            secret && self.tokens.get(at + 1).is_some_and(|t| t.kind == Kind::Open)
        })
    }

    /// The words `WHEN`, `THEN` and `ELSE` of the `CASE` at `i`, and its `END`.
    fn marks(&self, i: usize, end: usize) -> (Vec<usize>, usize) {
        let (mut marks, mut nested) = (Vec::new(), 0_usize);
        let mut at = i + 1;
        while at < end {
            match &self.tokens[at].kind {
                Kind::Open => at = self.close(at, end),
                Kind::Word(word) => match word.as_str() {
                    "CASE" => nested += 1,
                    "END" if nested == 0 => return (marks, at),
                    "END" => nested -= 1,
                    "WHEN" | "THEN" | "ELSE" if nested == 0 => marks.push(at),
                    _ => {}
                },
                _ => {}
            }
            at += 1;
        }
        (marks, end)
    }
}
