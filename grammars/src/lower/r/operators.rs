//! Operators and pipes. Left-nested chains are read without recursion.

use tree_sitter::Node;

use super::{Lowering, field, k};
use crate::{
    Span,
    facts::{Arg, ExprId, ExprKind},
};

impl Lowering<'_> {
    pub(super) fn binary(&mut self, node: Node<'_>) -> ExprId {
        let mut steps = Vec::new();
        let mut at = node;
        while at.kind() == k::BINARY && !self.is_assignment(at) {
            let (Some(lhs), Some(rhs)) = (field(at, k::F_LHS), field(at, k::F_RHS)) else { break };
            steps.push((self.span(at), field(at, k::F_OPERATOR), rhs));
            at = lhs;
        }
        if steps.is_empty() {
            return self.other(node);
        }
        let mut left = self.expr(at);
        // The operator of the chain that `left` is, while this walk is building it.
        let mut open: &str = "";
        for (link, (span, operator, rhs)) in steps.into_iter().rev().enumerate() {
            let op = operator.map_or("", |n| self.slice(n));
            if op == open && self.extend(left, span, rhs) {
                continue;
            }
            left = self.shorten(left, link);
            left = self.combine(span, left, op, operator.map_or(span, |n| self.span(n)), rhs);
            open = if matches!(op, "+" | "-" | "*" | "/" | "&" | "&&" | "|" | "||" | ":" | "~") { op } else { "" };
        }
        left
    }

    /// Adds an operand to the chain `left` of the same operator.
    fn extend(&mut self, left: ExprId, span: Span, rhs: Node<'_>) -> bool {
        if !matches!(self.kind(left), ExprKind::Operator { .. } | ExprKind::Logic(_)) {
            return false;
        }
        let right = self.expr(rhs);
        let Some(expr) = self.facts.exprs.get_mut(left.0 as usize) else { return false };
        expr.span = span;
        if let ExprKind::Operator { operands, .. } | ExprKind::Logic(operands) = &mut expr.kind {
            operands.push(right);
        }
        true
    }

    fn combine(&mut self, span: Span, left: ExprId, op: &str, op_span: Span, rhs: Node<'_>) -> ExprId {
        if matches!(op, "|>" | "%>%" | "%T>%" | "%<>%" | "%!>%") {
            return self.pipe(span, left, rhs);
        }
        let right = self.expr(rhs);
        let kind = match op {
            "%||%" => ExprKind::Fallback { first: left, second: right },
            "%+%" => ExprKind::Concat(vec![left, right]),
            "==" | "!=" | "<" | ">" | "<=" | ">=" | "%in%" => {
                ExprKind::Compare { op: op.into(), operands: vec![left, right] }
            }
            "&" | "&&" | "|" | "||" => ExprKind::Logic(vec![left, right]),
            "%%" | "%/%" | "%*%" | "%o%" => ExprKind::Operator { op: op.into(), operands: vec![left, right] },
            _ if op.starts_with('%') => {
                let callee = self.push(op_span, ExprKind::Name(op.into()));
                let args = [left, right].map(|value| Arg { span: self.facts.expr(value).span, name: None, value });
                ExprKind::Call { callee, args: args.into(), is_new: false }
            }
            _ => ExprKind::Operator { op: op.into(), operands: vec![left, right] },
        };
        self.push(span, kind)
    }

    /// `x |> f(y)` is `f(x, y)`; `.` and `_` say where `x` goes instead.
    fn pipe(&mut self, span: Span, left: ExprId, rhs: Node<'_>) -> ExprId {
        let first = Arg { span: self.facts.expr(left).span, name: None, value: left };
        let right = self.expr(rhs);
        // `x |> assign("y", value = _)` and calls with a word of their own stay what they are.
        let Some(ExprKind::Call { callee, args, .. }) = self.facts.exprs.get_mut(right.0 as usize).map(|e| &mut e.kind)
        else {
            return match self.kind(right) {
                ExprKind::Name(_) | ExprKind::Attr { .. } | ExprKind::Lambda(_) => {
                    self.push(span, ExprKind::Call { callee: right, args: vec![first], is_new: false })
                }
                _ => self.push(span, ExprKind::Other(vec![left, right])),
            };
        };
        let (callee, mut args) = (*callee, std::mem::take(args));
        let place =
            args.iter().position(|a| matches!(self.kind(a.value), ExprKind::Name(n) if matches!(&**n, "." | "_")));
        match place.and_then(|i| args.get_mut(i)) {
            Some(arg) => arg.value = left,
            None => args.insert(0, first),
        }
        // The inner call must not be seen twice.
        if let Some(inner) = self.facts.exprs.get_mut(right.0 as usize) {
            inner.span = span;
            inner.kind = ExprKind::Call { callee, args, is_new: false };
        }
        right
    }

    pub(super) fn unary(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let op = self.operator(node);
        let operand = self.field_expr(node, k::F_RHS);
        match op {
            "!" => self.push(span, ExprKind::Logic(vec![operand])),
            _ => self.push(span, ExprKind::Operator { op: op.into(), operands: vec![operand] }),
        }
    }
}
