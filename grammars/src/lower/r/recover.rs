//! Broken code: a syntax error costs the statement that it is in, not the cell.

use tree_sitter::Node;

use super::{Lowering, field, k};
use crate::{
    Span,
    facts::{Arg, BindKind, ExprKind, FactProblem, Property, Stmt, StmtKind},
    lower::{mend, text},
    tree::{Grammar, parse},
};

impl Lowering<'_> {
    /// The statements of a whole text with errors, piece by piece.
    pub(super) fn broken(&mut self, out: &mut Vec<Stmt>) {
        for piece in pieces(self.text) {
            self.piece(piece, out);
        }
    }

    fn piece(&mut self, piece: Span, out: &mut Vec<Stmt>) {
        let source = piece.of(self.text);
        let Some(mut tree) = parse(Grammar::R, source) else { return };
        let mut broken = tree.root_node().has_error();
        if broken && let Some((mended, inserted)) = mend::parsed(Grammar::R, source, &mend::R) {
            (tree, self.inserted) = (mended, inserted);
        }
        let root = tree.root_node();
        broken &= root.has_error();
        let first_expr = self.facts.exprs.len();
        (self.base, self.limit) = (piece.start as usize, piece.end as usize);
        if root.is_error() {
            self.error(root, out);
        } else {
            self.block(root, out);
        }
        self.comments(root);
        (self.base, self.limit) = (0, self.text.len());
        self.inserted.clear();
        if broken {
            self.facts.problems.push(FactProblem { span: piece, message: "not all of this could be read".to_owned() });
            self.scan(piece, first_expr);
        }
    }

    /// A line scan of a broken piece, without what was read from it as literals.
    pub(super) fn scan(&mut self, piece: Span, first_expr: usize) {
        let mut found: Vec<Property> = Vec::new();
        text::scan(self.text, piece, &mut found);
        let strings = self.facts.exprs.iter().skip(first_expr).filter(|e| matches!(e.kind, ExprKind::Str(_)));
        let mut known: Vec<Span> = strings.map(|e| e.span).collect();
        let comments = self.facts.comments.iter().map(|c| c.span).filter(|c| piece.contains(*c));
        known.extend(comments);
        known.sort_unstable();
        let group = self.facts.properties.last().map_or(0, |p| p.group + 1);
        for mut property in found {
            let after = known.partition_point(|s| s.end <= property.value_span.start);
            if known.get(after).is_none_or(|s| !s.overlaps(property.value_span)) {
                property.group += group;
                self.facts.properties.push(property);
            }
        }
    }

    /// What can be read inside an ERROR node: its sound children, `name <- value`, `name = value` and unclosed calls.
    pub(super) fn error(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        let mut cursor = node.walk();
        let all: Vec<Node<'_>> = node.children(&mut cursor).filter(|n| !matches!(n.kind(), k::COMMENT)).collect();
        let mut at = 0;
        while let Some(&node) = all.get(at) {
            let next = all.get(at + 1).map_or("", |n| n.kind());
            let is_place =
                matches!(node.kind(), k::IDENTIFIER | k::EXTRACT | k::SUBSET | k::SUBSET2 | k::NAMESPACE | k::CALL);
            let value = all.get(at + 2).filter(|n| n.is_named() && !n.is_error());
            match (next, value) {
                ("<-" | "<<-" | "=", Some(value)) if is_place || node.kind() == k::STRING => {
                    let span = self.span(node).cover(self.span(*value));
                    let value = self.expr(*value);
                    let targets = vec![self.target(node)];
                    let kind = StmtKind::Bind { targets, value, kind: BindKind::Assign, annotation: None };
                    out.push(Stmt { span, kind });
                    at += 3;
                }
                ("(", _) if is_place => at = self.open_call(&all, at, out),
                _ => {
                    if node.kind() == k::ARGUMENT
                        && let (Some(name), Some(value)) = (field(node, k::F_NAME), field(node, k::F_VALUE))
                    {
                        let (span, value) = (self.span(node), self.expr(value));
                        let targets = vec![self.target(name)];
                        let kind = StmtKind::Bind { targets, value, kind: BindKind::Assign, annotation: None };
                        out.push(Stmt { span, kind });
                    } else if node.is_named() {
                        self.statement(node, out);
                    }
                    at += 1;
                }
            }
        }
    }

    /// `f(a, b` without its end.
    fn open_call(&mut self, all: &[Node<'_>], at: usize, out: &mut Vec<Stmt>) -> usize {
        let callee = self.expr(all[at]);
        let mut span = self.span(all[at]);
        let mut args: Vec<Arg> = Vec::new();
        let mut next = at + 2;
        while let Some(node) = all.get(next) {
            span = span.cover(self.span(*node));
            next += 1;
            if node.kind() == ")" {
                break;
            }
            if !node.is_named() || node.kind() == k::COMMA {
                continue;
            }
            let name = field(*node, k::F_NAME).filter(|_| node.kind() == k::ARGUMENT).map(|n| self.word(n));
            let value = match field(*node, k::F_VALUE).filter(|_| node.kind() == k::ARGUMENT) {
                Some(value) => self.expr(value),
                None => self.expr(*node),
            };
            args.push(Arg { span: self.span(*node), name, value });
        }
        let id = self.push(span, ExprKind::Call { callee, args, is_new: false });
        out.push(Stmt { span, kind: StmtKind::Expr(id) });
        next
    }
}

/// Cuts a text before every line that starts a statement at its left edge, outside brackets and strings.
fn pieces(text: &str) -> Vec<Span> {
    let mut out = Vec::new();
    let mut scan = Scan::default();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        let first = line.bytes().next().unwrap_or(b' ');
        let edge = !first.is_ascii_whitespace() && !matches!(first, b')' | b']' | b'}' | b'%' | b'|' | b'+' | b',');
        // An assignment at the left edge inside brackets or a string: they were never closed.
        let fresh = scan.is_closed() && !scan.continued || starts_assignment(line);
        if edge && fresh && !line.starts_with("else") && at > start {
            out.push(Span::new(start, at));
            scan = Scan::default();
            start = at;
        }
        scan.line(line.as_bytes());
        at += line.len();
    }
    out.push(Span::new(start, text.len()));
    out.retain(|span| !span.of(text).trim().is_empty());
    out
}

/// `name <- …`: an argument has `=`.
fn starts_assignment(line: &str) -> bool {
    let name = line.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '$'))).unwrap_or(0);
    name > 0 && line.get(name..).is_some_and(|rest| rest.trim_start().starts_with("<-")) || line.starts_with("library(")
}

#[derive(Default)]
struct Scan {
    string: Option<u8>,
    closers: Vec<u8>,
    /// The line before ends with an operator.
    continued: bool,
}

impl Scan {
    fn is_closed(&self) -> bool {
        self.string.is_none() && self.closers.is_empty()
    }

    fn line(&mut self, line: &[u8]) {
        let mut at = 0;
        let mut last = b' ';
        let mut before = b' ';
        while let Some(&byte) = line.get(at) {
            at += 1;
            match (self.string, byte) {
                (Some(_), b'\\') => at += 1,
                (Some(quote), _) if byte == quote => self.string = None,
                (Some(_), _) => continue,
                (None, b'#') => break,
                (None, b'"' | b'\'' | b'`') => self.string = Some(byte),
                (None, b'(') => self.closers.push(b')'),
                (None, b'[' | b'{') => self.closers.push(byte + 2),
                (None, b')' | b']' | b'}') => drop(self.closers.pop()),
                _ => {}
            }
            if !byte.is_ascii_whitespace() {
                (before, last) = (last, byte);
            }
        }
        let arrow = last == b'-' && before == b'<' || last == b'>' && matches!(before, b'|' | b'-');
        self.continued = arrow || matches!(last, b'%' | b'|' | b'&' | b'+' | b'=' | b',');
    }
}
