//! String literals: plain, triple-quoted, interpolated.

use tree_sitter::Node;

use super::{Lowering, field, k, kids};
use crate::{
    Span,
    facts::{ExprId, ExprKind, Quote, StrLit, StrPart, StrStyle},
    lower::strings::{Decoded, Escapes},
};

impl Lowering<'_> {
    /// `"…"`, `"""…"""`.
    pub(super) fn string(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let (inner, triple) = quotes(span.of(self.text), span.start as usize);
        let mut text = Decoded::default();
        text.read(self.text, inner, if triple { Escapes::Raw } else { Escapes::Java }, false);
        let parts = text.take().into_iter().collect();
        let style = StrStyle {
            quote: Quote::Double,
            triple,
            raw: triple,
            bytes: false,
            interpolated: false,
            prefix: "".into(),
            inner,
        };
        self.push(span, ExprKind::Str(StrLit { parts, style }))
    }

    /// `'c'`.
    pub(super) fn character(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let end = (span.end as usize).saturating_sub(1).max(span.start as usize + 1).min(span.end as usize);
        let inner = Span::new((span.start as usize + 1).min(end), end);
        let mut text = Decoded::default();
        text.read(self.text, inner, Escapes::Java, false);
        let style = StrStyle {
            quote: Quote::Single,
            triple: false,
            raw: false,
            bytes: false,
            interpolated: false,
            prefix: "".into(),
            inner,
        };
        self.push(span, ExprKind::Str(StrLit { parts: text.take().into_iter().collect(), style }))
    }

    /// `s"…$x…"`, `f"…"`, `raw"…"`, and interpolators of libraries.
    pub(super) fn interpolated(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let Some(body) = kids(node).into_iter().find(|n| n.kind() == k::INTERPOLATED_STRING) else {
            return self.other(node);
        };
        let prefix: Box<str> = field(node, k::F_INTERPOLATOR).map_or("", |n| self.slice(n)).into();
        let whole = self.span(body);
        let (inner, triple) = quotes(whole.of(self.text), whole.start as usize);
        let raw = &*prefix == "raw";
        let escapes = if raw { Escapes::Raw } else { Escapes::Java };
        let mut parts = Vec::new();
        let mut text = Decoded::default();
        let mut at = inner.start as usize;
        for hole in kids(body) {
            if hole.kind() != k::INTERPOLATION {
                continue;
            }
            let hole_span = self.span(hole);
            self.read_dollars(&mut text, Span::new(at, (hole_span.start as usize).max(at)), escapes);
            parts.extend(text.take());
            let expr = match kids(hole).first() {
                Some(&inner) => self.expr(inner),
                None => self.other(hole),
            };
            parts.push(StrPart::Hole { expr, span: hole_span, debug: false, format: None });
            at = hole_span.end as usize;
        }
        self.read_dollars(&mut text, Span::new(at, (inner.end as usize).max(at)), escapes);
        parts.extend(text.take());
        let style = StrStyle { quote: Quote::Double, triple, raw, bytes: false, interpolated: true, prefix, inner };
        self.push(span, ExprKind::Str(StrLit { parts, style }))
    }

    /// `$$` stands for one dollar.
    fn read_dollars(&self, text: &mut Decoded, span: Span, escapes: Escapes) {
        let source = span.of(self.text);
        let (mut from, base) = (0, span.start as usize);
        while let Some(at) = source[from..].find("$$").map(|i| from + i) {
            text.read(self.text, Span::new(base + from, base + at), escapes, false);
            text.escape(base + at, 2, "$");
            from = at + 2;
        }
        text.read(self.text, Span::new(base + from, base + source.len()), escapes, false);
    }
}

/// The text between the quotes, and whether there are three.
fn quotes(source: &str, base: usize) -> (Span, bool) {
    let triple = source.len() >= 6 && source.starts_with("\"\"\"");
    let width = if triple { 3 } else { 1 };
    let end = source.len() - if source.len() >= 2 * width && source.ends_with('"') { width } else { 0 };
    (Span::new(base + width.min(end), base + end.max(width.min(end))), triple)
}
