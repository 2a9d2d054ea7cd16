//! Broken code: a syntax error costs the statement that it is in, not the cell.

use tree_sitter::Node;

use super::{Lowering, field, k, kids, magics::State};
use crate::{
    Span,
    facts::{Arg, BindKind, Entry, ExprId, ExprKind, Property, Stmt, StmtKind, Target},
    lower::{mend, text},
    tree::{Grammar, parse},
};

impl Lowering<'_> {
    /// The statements of a whole text with errors: what is sound as it is, the rest piece by piece.
    pub(super) fn broken(&mut self, root: Node<'_>, out: &mut Vec<Stmt>) {
        let mut regions: Vec<Span> = Vec::new();
        if root.kind() == k::ERROR {
            regions.push(Span::new(0, self.text.len()));
        } else {
            let mut joined = false;
            for kid in kids(root) {
                let span = self.span(kid);
                if !kid.has_error() && !kid.is_error() && !kid.is_missing() {
                    self.statement(kid, out);
                    joined = false;
                    continue;
                }
                match regions.last_mut() {
                    Some(last) if joined => last.end = last.end.max(span.end),
                    _ => regions.push(span),
                }
                joined = true;
            }
        }
        self.comments(root, &regions);
        for region in regions {
            for piece in pieces(self.text, region) {
                self.piece(piece, out);
            }
        }
        out.sort_by_key(|s| s.span.start);
    }

    /// A few lines of a broken region, parsed on their own.
    fn piece(&mut self, piece: Span, out: &mut Vec<Stmt>) {
        let source = piece.of(self.text);
        let Some(mut tree) = parse(Grammar::Python, source) else { return };
        if tree.root_node().has_error()
            && let Some((mended, inserted)) = mend::parsed(Grammar::Python, source, &mend::PYTHON)
        {
            (tree, self.inserted) = (mended, inserted);
        }
        let root = tree.root_node();
        let first_expr = self.facts.exprs.len();
        (self.base, self.limit) = (piece.start as usize, piece.end as usize);
        if root.kind() == k::ERROR {
            self.error(root, out);
        } else {
            self.block(root, out);
        }
        self.comments(root, &[]);
        let mut errors = Vec::new();
        if root.has_error() {
            self.error_lines(root, &mut errors);
        }
        (self.base, self.limit) = (0, self.text.len());
        self.inserted.clear();
        self.scan_errors(&errors, first_expr);
    }

    /// The lines with an error, each once.
    fn error_lines(&self, root: Node<'_>, lines: &mut Vec<Span>) {
        let mut cursor = root.walk();
        loop {
            let node = cursor.node();
            let descend = node.has_error() && !node.is_error();
            if node.is_error() || node.is_missing() {
                let span = self.span(node);
                let start = self.text.get(..span.start as usize).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1);
                let start = start.max(lines.last().map_or(0, |l| l.end as usize));
                let end = span.end as usize;
                let end = self.text.get(end..).and_then(|t| t.find('\n')).map_or(self.text.len(), |i| end + i);
                if start < end {
                    lines.push(Span::new(start, end));
                }
            }
            if descend && cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }

    /// A line scan of broken lines, without what was read from them as expressions.
    pub(super) fn scan_errors(&mut self, lines: &[Span], first_expr: usize) {
        let mut found: Vec<Property> = Vec::new();
        for line in lines {
            text::scan(self.text, *line, &mut found);
        }
        if found.is_empty() {
            return;
        }
        let mut known: Vec<Span> = self
            .facts
            .exprs
            .iter()
            .skip(first_expr)
            .filter(|e| matches!(e.kind, ExprKind::Str(_)))
            .map(|e| e.span)
            .collect();
        known.sort_unstable();
        let group = self.facts.properties.last().map_or(0, |p| p.group + 1);
        found.retain(|p| {
            let after = known.partition_point(|s| s.end <= p.value_span.start);
            known.get(after).is_none_or(|s| !s.overlaps(p.value_span))
        });
        for property in &mut found {
            property.group += group;
        }
        self.facts.properties.extend(found);
    }

    /// What can be read inside an ERROR node: its sound children, and `name = value`, `key: value` and unclosed calls.
    pub(super) fn error(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        self.deeper(node, |this| {
            let mut cursor = node.walk();
            let all: Vec<Node<'_>> = node.children(&mut cursor).filter(|n| n.kind() != k::COMMENT).collect();
            let mut at = 0;
            while at < all.len() {
                at = this.error_part(&all, at, out);
            }
        });
    }

    /// Reads the child at `at`, with the ones that belong to it; answers where the next one is.
    fn error_part(&mut self, all: &[Node<'_>], at: usize, out: &mut Vec<Stmt>) -> usize {
        let node = all[at];
        if !node.is_named() {
            return at + 1;
        }
        let next = all.get(at + 1).map_or("", |n| n.kind());
        let value = all.get(at + 2).filter(|n| n.is_named() && !n.is_error());
        let is_place = matches!(node.kind(), k::IDENTIFIER | k::ATTRIBUTE | k::SUBSCRIPT);
        match (node.kind(), next, value) {
            (k::KEYWORD_ARGUMENT, ..) => {
                if let (Some(name), Some(value)) = (field(node, k::F_NAME), field(node, k::F_VALUE)) {
                    self.bind(name, value, out);
                }
                at + 1
            }
            (k::PAIR, ..) => {
                if let (Some(key), Some(value)) = (field(node, k::F_KEY), field(node, k::F_VALUE)) {
                    self.entry_statement(key, value, out);
                }
                at + 1
            }
            (_, "=", Some(value)) if is_place => {
                self.bind(node, *value, out);
                at + 3
            }
            (k::STRING, ":", Some(value)) => {
                self.entry_statement(node, *value, out);
                at + 3
            }
            (_, "(", _) if is_place => self.open_call(all, at, out),
            _ => {
                self.statement(node, out);
                at + 1
            }
        }
    }

    fn bind(&mut self, target: Node<'_>, value: Node<'_>, out: &mut Vec<Stmt>) {
        let span = self.span(target).cover(self.span(value));
        let targets: Vec<Target> = vec![self.target(target)];
        let value = self.expr(value);
        out.push(Stmt { span, kind: StmtKind::Bind { targets, value, kind: BindKind::Assign, annotation: None } });
    }

    fn entry_statement(&mut self, key: Node<'_>, value: Node<'_>, out: &mut Vec<Stmt>) {
        let span = self.span(key).cover(self.span(value));
        let entry = Entry { key: Some(self.expr(key)), value: self.expr(value) };
        let id = self.push(span, ExprKind::Dict(vec![entry]));
        out.push(Stmt { span, kind: StmtKind::Expr(id) });
    }

    /// `f(a, b` without its end.
    fn open_call(&mut self, all: &[Node<'_>], at: usize, out: &mut Vec<Stmt>) -> usize {
        let callee = self.expr(all[at]);
        let mut args: Vec<Arg> = Vec::new();
        let mut next = at + 2;
        let mut span = self.span(all[at]).cover(self.span(all[at + 1]));
        while let Some(node) = all.get(next) {
            span = span.cover(self.span(*node));
            if node.kind() == ")" {
                next += 1;
                break;
            }
            let keyword = node.kind() == k::IDENTIFIER && all.get(next + 1).is_some_and(|n| n.kind() == "=");
            if keyword && let Some(value) = all.get(next + 2) {
                let name = Some((self.slice(*node).into(), self.span(*node)));
                span = span.cover(self.span(*value));
                args.push(Arg { span: self.span(*node).cover(self.span(*value)), name, value: self.expr(*value) });
                next += 3;
                continue;
            }
            if node.is_error() {
                let ids: Vec<ExprId> = kids(*node).into_iter().map(|n| self.expr(n)).collect();
                args.extend(ids.into_iter().map(|value| Arg { span: self.span(*node), name: None, value }));
            } else if node.is_named() {
                let arg = self.arg(*node);
                args.push(arg);
            }
            next += 1;
        }
        let id = self.push(span, ExprKind::Call { callee, args, is_new: false });
        out.push(Stmt { span, kind: StmtKind::Expr(id) });
        next
    }
}

/// Cuts a region before every line that starts a statement at its left edge.
fn pieces(text: &str, region: Span) -> Vec<Span> {
    let start = text.get(..region.start as usize).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1);
    // What precedes the region on its line belongs to another statement, unless it is blank.
    let blank = text.get(start..region.start as usize).is_some_and(|t| t.trim().is_empty());
    let start = if blank { start } else { region.start as usize };
    let region = Span::new(start, region.end as usize);
    let mut cuts = vec![start];
    let mut state = State::default();
    let mut at = start;
    let mut decorated = false;
    for line in region.of(text).split_inclusive('\n') {
        let first = line.bytes().next().unwrap_or(b' ');
        let edge = !first.is_ascii_whitespace() && !matches!(first, b'#' | b')' | b']' | b'}');
        let continues = ["else", "elif", "except", "finally"].iter().any(|w| line.starts_with(w));
        if edge && !continues && !decorated && state.at_statement(line.as_bytes()) && at > start {
            cuts.push(at);
        }
        decorated = first == b'@' || decorated && !edge;
        state.line(line.as_bytes());
        at += line.len();
    }
    cuts.push(region.end as usize);
    cuts.windows(2).map(|w| Span::new(w[0], w[1])).filter(|s| !s.of(text).trim().is_empty()).collect()
}
