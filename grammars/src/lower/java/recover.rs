//! Broken code: a syntax error costs the statement that it is in, not the file.

use tree_sitter::Node;

use super::{Lowering, is_comment, k};
use crate::{
    Span,
    facts::{BindKind, ExprKind, FactProblem, Property, Stmt, StmtKind},
    lower::text,
};

impl Lowering<'_> {
    /// What can be read inside an ERROR node: `name = value` and its sound children.
    pub(super) fn error(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        let mut cursor = node.walk();
        let all: Vec<Node<'_>> = node.children(&mut cursor).filter(|n| !is_comment(*n)).collect();
        let mut at = 0;
        while let Some(&node) = all.get(at) {
            let value = all.get(at + 2).filter(|n| n.is_named() && !n.is_error());
            let is_place = matches!(node.kind(), k::IDENTIFIER | k::FIELD_ACCESS);
            if is_place
                && all.get(at + 1).is_some_and(|n| n.kind() == "=")
                && let Some(value) = value
            {
                let span = self.span(node).cover(self.span(*value));
                let (target, value) = (self.target(node), self.expr(*value));
                let kind = StmtKind::Bind { targets: vec![target], value, kind: BindKind::Assign, annotation: None };
                out.push(Stmt { span, kind });
                at += 3;
                continue;
            }
            if node.is_named() && !matches!(node.kind(), k::IDENTIFIER | k::TYPE_IDENTIFIER) {
                self.stmt(node, out);
            }
            at += 1;
        }
    }

    /// A line scan of the lines with errors, without what was read from them as literals.
    pub(super) fn scan_broken(&mut self, root: Node<'_>) {
        let mut broken: Vec<Span> = Vec::new();
        self.errors(root, &mut broken);
        let strings = self.facts.exprs.iter().filter(|e| matches!(e.kind, ExprKind::Str(_))).map(|e| e.span);
        let mut known: Vec<Span> = strings.chain(self.facts.comments.iter().map(|c| c.span)).collect();
        known.sort_unstable();
        for span in broken {
            let message = "not all of this could be read".to_owned();
            self.facts.problems.push(FactProblem { span, message });
            self.scan(span, &known);
        }
    }

    /// A line scan, without values in what is known; ascending.
    pub(super) fn scan(&mut self, span: Span, known: &[Span]) {
        let mut found: Vec<Property> = Vec::new();
        text::scan(self.text, span, &mut found);
        let group = self.facts.properties.last().map_or(0, |p| p.group + 1);
        for mut property in found {
            let after = known.partition_point(|s| s.end <= property.value_span.start);
            if known.get(after).is_none_or(|s| !s.overlaps(property.value_span)) {
                without_type(self.text, &mut property);
                property.group += group;
                self.facts.properties.push(property);
            }
        }
    }

    /// Whole lines around what could not be read, in order.
    fn errors(&self, root: Node<'_>, out: &mut Vec<Span>) {
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            if node.is_error() || node.is_missing() {
                let (start, end) = (node.start_byte(), node.end_byte());
                let start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
                let end = self.text[end..].find('\n').map_or(self.text.len(), |at| end + at);
                match out.last_mut() {
                    Some(last) if last.end as usize >= start => last.end = last.end.max(end as u32),
                    _ => out.push(Span::new(start, end)),
                }
            } else if node.has_error() {
                let mut cursor = node.walk();
                let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
                open.extend(children.into_iter().rev());
            }
        }
    }
}

/// `String password` of a line scan is `password`.
fn without_type(text: &str, property: &mut Property) {
    let key = property.key_span.of(text);
    let Some(name) = key.rsplit(' ').next().filter(|name| name.len() < key.len()) else { return };
    property.key_span = Span::new(property.key_span.end as usize - name.len(), property.key_span.end as usize);
    property.path = vec![name.into()];
}
