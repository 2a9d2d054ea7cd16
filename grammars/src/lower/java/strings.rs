//! String literals and text blocks.

use tree_sitter::Node;

use super::Lowering;
use crate::{
    Span,
    facts::{ExprId, ExprKind, Quote, StrLit, StrStyle},
    lower::strings::{Decoded, Escapes},
};

impl Lowering<'_> {
    /// `"…"`, `"""…"""`.
    pub(super) fn string(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let source = span.of(self.text);
        let triple = source.len() >= 6 && source.starts_with("\"\"\"") && source.ends_with("\"\"\"");
        let width = if triple { 3 } else { 1 };
        let closed = source.len() >= 2 * width && source.ends_with('"');
        let end = span.end as usize - if closed { width } else { 0 };
        let inner = Span::new((span.start as usize + width).min(end), end);
        let mut text = Decoded::default();
        if triple {
            self.text_block(inner, &mut text);
        } else {
            text.read(self.text, inner, Escapes::Java, false);
        }
        self.literal(span, inner, Quote::Double, triple, text)
    }

    /// `'c'`.
    pub(super) fn character(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let end = (span.end as usize).saturating_sub(1).max(span.start as usize + 1).min(span.end as usize);
        let inner = Span::new((span.start as usize + 1).min(end), end);
        let mut text = Decoded::default();
        text.read(self.text, inner, Escapes::Java, false);
        self.literal(span, inner, Quote::Single, false, text)
    }

    fn literal(&mut self, span: Span, inner: Span, quote: Quote, triple: bool, mut text: Decoded) -> ExprId {
        let parts = text.take().into_iter().collect();
        let prefix = "".into();
        let style = StrStyle { quote, triple, raw: false, bytes: false, interpolated: false, prefix, inner };
        self.push(span, ExprKind::Str(StrLit { parts, style }))
    }

    /// A text block begins on the line below its quotation marks, and has none of the blanks that all of its lines begin with.
    fn text_block(&self, inner: Span, text: &mut Decoded) {
        let source = inner.of(self.text);
        let Some(first) = source.find('\n').map(|at| at + 1) else { return };
        let lines = source[first..].split_inclusive('\n');
        let blanks = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
        let last = source[first..].rfind('\n').map_or(0, |at| at + 1);
        let indent = lines
            .clone()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(_, line)| blanks(line))
            // The line of the closing marks counts, too.
            .chain(source[first + last..].trim().is_empty().then(|| source.len() - first - last))
            .min()
            .unwrap_or(0);
        let mut at = inner.start as usize + first;
        for line in lines {
            let skip = indent.min(blanks(line));
            text.read(self.text, Span::new(at + skip, at + line.len()), Escapes::Java, false);
            at += line.len();
        }
    }
}
