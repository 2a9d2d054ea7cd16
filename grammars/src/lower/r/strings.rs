//! String literals, and names that stand for strings.

use tree_sitter::Node;

use super::{Lowering, field, k};
use crate::{
    Secret, Span, TextMap,
    facts::{ExprId, ExprKind, Quote, StrLit, StrPart, StrStyle},
    lower::strings::{Decoded, Escapes},
};

impl Lowering<'_> {
    /// `"…"`, `'…'`, `r"(…)"`.
    pub(super) fn string(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let lit = self.literal(node);
        self.push(span, ExprKind::Str(lit))
    }

    pub(super) fn literal(&self, node: Node<'_>) -> StrLit {
        let span = self.span(node);
        let open = field(node, k::F_OPEN).map_or(Span { end: span.start, ..span }, |n| self.span(n));
        let close = field(node, k::F_CLOSE).map_or(span.end, |n| self.span(n).start);
        let inner = Span::new(open.end as usize, (close as usize).max(open.end as usize));
        let opening = open.of(self.text);
        let raw = opening.starts_with(['r', 'R']);
        let mut text = Decoded::default();
        text.read(self.text, inner, if raw { Escapes::Raw } else { Escapes::R }, false);
        let style = StrStyle {
            quote: if opening.contains('\'') { Quote::Single } else { Quote::Double },
            triple: raw,
            raw,
            bytes: false,
            interpolated: false,
            prefix: if raw { opening[..1].into() } else { "".into() },
            inner,
        };
        StrLit { parts: text.take().into_iter().collect(), style }
    }

    /// A name of an argument, member or variable: identifiers, quoted identifiers, strings; with the span of the name.
    pub(super) fn word(&self, node: Node<'_>) -> (Box<str>, Span) {
        if node.kind() == k::STRING {
            let lit = self.literal(node);
            return (lit.plain().map_or_else(|| "".into(), |s| s.expose().into()), lit.style.inner);
        }
        let span = self.unquoted(node);
        (span.of(self.text).into(), span)
    }

    /// Without backticks.
    fn unquoted(&self, node: Node<'_>) -> Span {
        let span = self.span(node);
        let source = span.of(self.text);
        if source.len() >= 2 && source.starts_with('`') && source.ends_with('`') {
            return Span::new(span.start as usize + 1, span.end as usize - 1);
        }
        span
    }

    /// A name as the string that it stands for: `k` of `list(k = v)` and `base$k`.
    pub(super) fn key(&mut self, node: Node<'_>) -> ExprId {
        if node.kind() == k::STRING {
            return self.string(node);
        }
        let (span, inner) = (self.span(node), self.unquoted(node));
        let lit = self.named_literal(inner.of(self.text), inner);
        self.push(span, ExprKind::Str(lit))
    }

    /// `name`, written at `inner`, as a literal without quotes. A name with escapes maps as a whole.
    pub(super) fn named_literal(&self, name: &str, inner: Span) -> StrLit {
        let mut map = TextMap::default();
        map.push(inner.start as usize, name.len(), inner.len(), inner.of(self.text) != name);
        let parts = if name.is_empty() { Vec::new() } else { vec![StrPart::Text { value: Secret::from(name), map }] };
        let quote = match self.text.get(..inner.start as usize).and_then(|t| t.chars().next_back()) {
            Some('`') => Quote::Backtick,
            Some('"') => Quote::Double,
            Some('\'') => Quote::Single,
            _ => Quote::None,
        };
        let style =
            StrStyle { quote, triple: false, raw: true, bytes: false, interpolated: false, prefix: "".into(), inner };
        StrLit { parts, style }
    }
}
