//! String literals: prefixes, quotes, escapes, f-string holes.

use tree_sitter::Node;

use super::{Lowering, field, k, kid_of_kind, kids};
use crate::{
    Span,
    facts::{ExprId, ExprKind, Quote, StrLit, StrPart, StrStyle},
    lower::strings::{Decoded, Escapes},
};

impl Lowering<'_> {
    pub(super) fn string(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        // First and last, unless a quotation mark is missing.
        let first = node.child(0).filter(|n| n.kind() == k::STRING_START);
        let Some(opening) = first.or_else(|| kid_of_kind(node, k::STRING_START)).map(|n| self.span(n)) else {
            return self.other(node);
        };
        let last = node.child(node.child_count().saturating_sub(1) as u32).filter(|n| n.kind() == k::STRING_END);
        let last = last.or_else(|| kid_of_kind(node, k::STRING_END));
        let end = last.map_or(span.end, |n| self.span(n).start);
        let inner = Span::new(opening.end as usize, end as usize);
        let start = opening.of(self.text);
        let prefix = start.trim_end_matches(['"', '\'', '`']);
        let quotes = &start[prefix.len()..];
        let has = |c: char| prefix.chars().any(|p| p.eq_ignore_ascii_case(&c));
        let style = StrStyle {
            quote: match quotes.chars().next() {
                Some('\'') => Quote::Single,
                Some('`') => Quote::Backtick,
                _ => Quote::Double,
            },
            triple: quotes.len() >= 3,
            raw: has('r'),
            bytes: has('b'),
            interpolated: has('f') || has('t'),
            prefix: prefix.into(),
            inner,
        };
        let parts = self.parts(node, &style);
        self.push(span, ExprKind::Str(StrLit { parts, style }))
    }

    fn parts(&mut self, node: Node<'_>, style: &StrStyle) -> Vec<StrPart> {
        let escapes = match (style.raw, style.bytes) {
            (true, _) => Escapes::Raw,
            (_, true) => Escapes::PythonBytes,
            _ => Escapes::Python,
        };
        let mut parts = Vec::new();
        let mut text = Decoded::default();
        let mut at = style.inner.start as usize;
        if style.interpolated {
            for hole in kids(node) {
                if hole.kind() != k::INTERPOLATION {
                    continue;
                }
                let span = self.span(hole);
                text.read(self.text, Span::new(at, (span.start as usize).max(at)), escapes, true);
                parts.extend(text.take());
                parts.push(self.hole(hole, span));
                at = span.end as usize;
            }
        }
        text.read(self.text, Span::new(at, (style.inner.end as usize).max(at)), escapes, style.interpolated);
        parts.extend(text.take());
        parts
    }

    fn hole(&mut self, node: Node<'_>, span: Span) -> StrPart {
        let expr = match field(node, k::F_EXPRESSION) {
            Some(expression) => self.expr(expression),
            None => self.other(node),
        };
        let debug = kid_of_kind(node, "=").is_some();
        let mut format = String::new();
        for kind in [k::TYPE_CONVERSION, k::FORMAT_SPECIFIER] {
            format.push_str(kid_of_kind(node, kind).map_or("", |n| self.slice(n)));
        }
        StrPart::Hole { expr, span, debug, format: (!format.is_empty()).then(|| format.into()) }
    }

    /// `"a" "b"`.
    pub(super) fn implicit_concatenation(&mut self, node: Node<'_>) -> ExprId {
        let parts: Vec<ExprId> = kids(node).into_iter().map(|n| self.expr(n)).collect();
        let span = self.span(node);
        self.push(span, ExprKind::Concat(parts))
    }

    /// Whether an expression is a text that `%` and `.format` fill in.
    pub(super) fn is_template(&self, id: ExprId) -> bool {
        let mut at = id;
        for _ in 0..16 {
            at = match self.kind(at) {
                Some(ExprKind::Str(_)) => return true,
                Some(ExprKind::Concat(parts)) => {
                    return parts
                        .iter()
                        .any(|&p| matches!(self.kind(p), Some(ExprKind::Str(_) | ExprKind::Format { .. })));
                }
                Some(ExprKind::Format { template, .. }) => *template,
                Some(ExprKind::Same(inner)) => *inner,
                Some(ExprKind::Call { callee, .. }) => *callee,
                Some(ExprKind::Attr { base, .. }) => *base,
                _ => return false,
            };
        }
        false
    }
}
