//! Broken code: a syntax error costs the statement that it is in, not the cell.

use tree_sitter::Node;

use super::{Lowering, chunks, field, k, kids};
use crate::{
    Span,
    facts::{Arg, BindKind, ExprKind, FactProblem, Property, Stmt, StmtKind, Target},
    lower::{mend, text},
    tree::{Grammar, parse},
};

impl Lowering<'_> {
    /// The statements of a whole text with errors, piece by piece.
    pub(super) fn broken(&mut self, out: &mut Vec<Stmt>) {
        for piece in chunks::split(self.text) {
            self.piece(piece, out);
        }
    }

    fn piece(&mut self, piece: Span, out: &mut Vec<Stmt>) {
        let source = piece.of(self.text);
        let Some(mut tree) = parse(Grammar::Scala, source) else { return };
        if tree.root_node().has_error()
            && let Some((mended, inserted)) = mend::parsed(Grammar::Scala, source, &mend::SCALA)
        {
            (tree, self.inserted) = (mended, inserted);
        }
        let root = tree.root_node();
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
        if root.has_error() {
            let message = "not all of this could be read".to_owned();
            self.facts.problems.push(FactProblem { span: piece, message });
            self.scan(piece, first_expr);
        }
    }

    /// A line scan of a broken piece, without what was read from it as literals.
    pub(super) fn scan(&mut self, piece: Span, first_expr: usize) {
        let mut found: Vec<Property> = Vec::new();
        text::scan(self.text, piece, &mut found);
        let strings = self.facts.exprs.iter().skip(first_expr).filter(|e| matches!(e.kind, ExprKind::Str(_)));
        let loose = std::mem::take(&mut self.loose);
        let mut known: Vec<Span> = strings.map(|e| e.span).filter(|span| loose.binary_search(span).is_err()).collect();
        known.extend(self.facts.comments.iter().rev().map(|c| c.span).take_while(|c| c.start >= piece.start));
        known.sort_unstable();
        let group = self.facts.properties.last().map_or(0, |p| p.group + 1);
        for mut property in found {
            let after = known.partition_point(|s| s.end <= property.value_span.start);
            if known.get(after).is_none_or(|s| !s.overlaps(property.value_span)) {
                without_keyword(self.text, &mut property);
                property.group += group;
                self.facts.properties.push(property);
            }
        }
    }

    /// What can be read inside an ERROR node: its sound children, `name = value` and unclosed calls.
    pub(super) fn error(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        let mut cursor = node.walk();
        let all: Vec<Node<'_>> =
            node.children(&mut cursor).filter(|n| !matches!(n.kind(), k::COMMENT | k::BLOCK_COMMENT)).collect();
        let mut at = 0;
        while let Some(&node) = all.get(at) {
            let next = all.get(at + 1).map_or("", |n| n.kind());
            let is_name = node.kind() == k::IDENTIFIER;
            let is_place = is_name || matches!(node.kind(), k::FIELD_EXPRESSION | k::CALL_EXPRESSION);
            let value = all.get(at + 2).filter(|n| n.is_named() && !n.is_error());
            match (next, value) {
                ("=", Some(value)) if is_place => {
                    self.bound_value(node, *value, at.checked_sub(1).and_then(|i| all.get(i)), out);
                    at += 3;
                }
                ("(", _) if is_place => at = self.open_call(&all, at, out),
                _ => {
                    // What a text of its own belongs to is not known: the line may say it.
                    if node.kind() == k::STRING {
                        self.loose.push(self.span(node));
                    }
                    if node.is_named() && !matches!(node.kind(), k::IDENTIFIER | k::TYPE_IDENTIFIER) {
                        self.stmt(node, out);
                    }
                    at += 1;
                }
            }
        }
    }

    fn bound_value(&mut self, place: Node<'_>, value: Node<'_>, before: Option<&Node<'_>>, out: &mut Vec<Stmt>) {
        let span = self.span(place).cover(self.span(value));
        let kind = match before.map(|n| n.kind()) {
            Some("val") => BindKind::Val,
            Some("var") => BindKind::Var,
            _ => BindKind::Assign,
        };
        let target = match place.kind() {
            k::IDENTIFIER => Target::Name { name: self.word(place).into(), span: self.span(place) },
            _ => Target::Place(self.expr(place)),
        };
        let value = self.expr(value);
        out.push(Stmt { span, kind: StmtKind::Bind { targets: vec![target], value, kind, annotation: None } });
    }

    /// `f(a, b` without its end.
    fn open_call(&mut self, all: &[Node<'_>], at: usize, out: &mut Vec<Stmt>) -> usize {
        let callee = self.expr(all[at]);
        let mut span = self.span(all[at]);
        let mut args: Vec<Arg> = Vec::new();
        let mut next = at + 2;
        while let Some(node) = all.get(next) {
            let arg_span = self.span(*node);
            span = span.cover(arg_span);
            next += 1;
            if node.kind() == ")" {
                break;
            }
            let named = node.kind() == k::IDENTIFIER && all.get(next).is_some_and(|n| n.kind() == "=");
            if named && let Some(value) = all.get(next + 1) {
                let name = Some((self.word(*node).into(), arg_span));
                let arg_span = arg_span.cover(self.span(*value));
                span = span.cover(arg_span);
                args.push(Arg { span: arg_span, name, value: self.expr(*value) });
                next += 2;
            } else if node.is_error() {
                for kid in kids(*node) {
                    args.push(Arg { span: self.span(kid), name: None, value: self.expr(kid) });
                }
            } else if node.is_named() {
                args.push(self.argument(*node));
            }
        }
        let id = self.push(span, ExprKind::Call { callee, args, is_new: false });
        out.push(Stmt { span, kind: StmtKind::Expr(id) });
        next
    }

    /// One argument; `key = "k"` is a named one.
    pub(super) fn argument(&mut self, node: Node<'_>) -> Arg {
        let span = self.span(node);
        if node.kind() == k::ASSIGNMENT_EXPRESSION
            && let (Some(left), Some(right)) = (field(node, k::F_LEFT), field(node, k::F_RIGHT))
            && left.kind() == k::IDENTIFIER
        {
            let name = Some((self.word(left).into(), self.span(left)));
            return Arg { span, name, value: self.expr(right) };
        }
        Arg { span, name: None, value: self.expr(node) }
    }
}

/// `val password` of a line scan is `password`.
fn without_keyword(text: &str, property: &mut Property) {
    let key = property.key_span.of(text);
    let Some(name) = key.rsplit(' ').next().filter(|name| name.len() < key.len()) else { return };
    if ["val ", "var ", "lazy ", "private ", "implicit ", "final "].iter().any(|k| key.starts_with(k)) {
        property.key_span = Span::new(property.key_span.end as usize - name.len(), property.key_span.end as usize);
        property.path = vec![name.into()];
    }
}
