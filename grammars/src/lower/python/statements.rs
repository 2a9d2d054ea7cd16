//! Statements.

use tree_sitter::Node;

use super::{Lowering, field, fields, k, kid_of_kind, kids};
use crate::{
    Span,
    facts::{Arg, Arm, BindKind, Comment, ExprId, ExprKind, Handler, SeqKind, Stmt, StmtKind, Target},
};

/// `elif` branches that nest; further ones follow each other instead.
const MAX_ELIF: usize = 60;

impl Lowering<'_> {
    /// The statements that are children of `node`, in order.
    pub(super) fn block(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        self.deeper(node, |this| {
            for kid in kids(node) {
                this.statement(kid, out);
            }
        });
    }

    /// One statement, after what was taken out of it because of its length.
    pub(super) fn statement(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        let start = out.len();
        self.statement_here(node, out);
        if !self.pending.is_empty() {
            let pending = std::mem::take(&mut self.pending);
            out.splice(start..start, pending);
        }
    }

    pub(super) fn suite(&mut self, node: Option<Node<'_>>) -> Vec<Stmt> {
        let mut body = Vec::new();
        if let Some(node) = node {
            self.block(node, &mut body);
        }
        body
    }

    fn statement_here(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        let kind = match node.kind() {
            k::EXPRESSION_STATEMENT => return self.expression_statement(node, out),
            k::ASSIGNMENT | k::AUGMENTED => return self.assignment(node, out),
            k::IF => self.if_statement(node),
            k::FOR | k::WHILE => return self.loop_statement(node, out),
            k::TRY => self.try_statement(node),
            k::WITH => self.with_statement(node),
            k::MATCH => self.match_statement(node),
            k::FUNCTION => self.function(node, Vec::new()),
            k::CLASS => self.class(node, Vec::new()),
            k::DECORATED => return self.decorated(node, out),
            k::IMPORT | k::IMPORT_FROM | k::FUTURE_IMPORT => self.imports(node),
            k::RETURN => StmtKind::Return(self.first_expr(node)),
            k::RAISE => self.raise(node),
            k::ASSERT => match self.exprs(kids(node)).as_slice() {
                [test, rest @ ..] => StmtKind::Assert { test: *test, message: rest.first().copied() },
                [] => return,
            },
            k::DELETE => StmtKind::Delete(self.deleted(node)),
            k::GLOBAL | k::NONLOCAL => StmtKind::Global(kids(node).into_iter().map(|n| self.slice(n).into()).collect()),
            k::PRINT | k::EXEC => StmtKind::Expr(self.old_call(node)),
            k::TYPE_ALIAS => return self.type_alias(node, out),
            k::BLOCK | k::MODULE => return self.block(node, out),
            k::ERROR => return self.error(node, out),
            "pass_statement" => return,
            // What comes after it in the block does not run.
            "break_statement" | "continue_statement" => {
                let span = self.span(node);
                StmtKind::Expr(self.push(span, ExprKind::Other(Vec::new())))
            }
            _ => StmtKind::Expr(self.expr(node)),
        };
        out.push(Stmt { span: self.span(node), kind });
    }

    fn first_expr(&mut self, node: Node<'_>) -> Option<ExprId> {
        kids(node).first().map(|n| self.expr(*n))
    }

    fn expression_statement(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        let span = self.span(node);
        let nodes = kids(node);
        match nodes.as_slice() {
            [] => {}
            [only] if matches!(only.kind(), k::ASSIGNMENT | k::AUGMENTED) => self.assignment(*only, out),
            [only] if kid_of_kind(node, ",").is_none() => {
                let id = self.expr(*only);
                self.doc_comment(id);
                out.push(Stmt { span, kind: StmtKind::Expr(id) });
            }
            _ => {
                let items = self.exprs(nodes);
                let id = self.push(span, ExprKind::Seq { kind: SeqKind::Tuple, items });
                out.push(Stmt { span, kind: StmtKind::Expr(id) });
            }
        }
    }

    /// A string that is a statement of its own documents something, or hides code.
    fn doc_comment(&mut self, id: ExprId) {
        let expr = self.facts.expr(id);
        if let ExprKind::Str(lit) = &expr.kind
            && !lit.is_interpolated()
        {
            let inner = lit.style.inner.of(self.text);
            let start = lit.style.inner.start as usize + inner.len() - inner.trim_start().len();
            let text = Span::new(start, start + inner.trim().len());
            self.facts.comments.push(Comment { span: expr.span, text, is_doc: true });
        }
    }

    fn assignment(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        let mut targets = Vec::new();
        let mut annotation = None;
        let mut kind = BindKind::Assign;
        let mut at = node;
        let value = loop {
            if let Some(left) = field(at, k::F_LEFT) {
                targets.push(self.target(left));
            }
            annotation = field(at, k::F_TYPE).map(|n| self.slice(n).into()).or(annotation);
            if at.kind() == k::AUGMENTED {
                kind = BindKind::Augmented;
            }
            match field(at, k::F_RIGHT) {
                Some(right) if matches!(right.kind(), k::ASSIGNMENT | k::AUGMENTED) => at = right,
                Some(right) => break Some(self.expr(right)),
                None => break None,
            }
        };
        match (value, targets.as_slice()) {
            (Some(value), _) => {
                out.push(Stmt { span: self.span(node), kind: StmtKind::Bind { targets, value, kind, annotation } });
            }
            // `name: type` alone binds nothing; in a class it is a field.
            (None, [Target::Name { name, span }]) => {
                let mut parts = vec![self.push(*span, ExprKind::Name(name.clone()))];
                // A type that hides its values is told from others.
                if let Some(hiding) = annotation.as_deref().filter(|a: &&str| a.contains("Secret")) {
                    parts.push(self.push(*span, ExprKind::Name(hiding.into())));
                }
                let id = self.push(self.span(node), ExprKind::Other(parts));
                out.push(Stmt { span: self.span(node), kind: StmtKind::Expr(id) });
                let is_top = node.parent().and_then(|n| n.parent()).is_some_and(|n| n.parent().is_none());
                if is_top && annotation.as_deref().is_some_and(is_no_type) {
                    self.scan_errors(&[self.span(node)], self.facts.exprs.len());
                }
            }
            _ => {}
        }
        // What stands between by mistake.
        if node.has_error() {
            for kid in kids(node) {
                if kid.kind() == k::ERROR {
                    self.error(kid, out);
                }
            }
        }
    }

    fn type_alias(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        let (Some(left), Some(right)) = (field(node, k::F_LEFT), field(node, k::F_RIGHT)) else { return };
        let (span, right) = (self.span(node), self.span(right));
        let target = Target::Name { name: self.slice(left).into(), span: self.span(left) };
        let value = self.push(right, ExprKind::Other(Vec::new()));
        let kind = StmtKind::Bind { targets: vec![target], value, kind: BindKind::Assign, annotation: None };
        out.push(Stmt { span, kind });
    }

    fn if_statement(&mut self, node: Node<'_>) -> StmtKind {
        let mut branches = vec![node];
        let mut last = Vec::new();
        for alternative in fields(node, k::F_ALTERNATIVE) {
            if alternative.kind() == k::ELIF {
                branches.push(alternative);
            } else {
                last = self.suite(field(alternative, k::F_BODY));
            }
        }
        let mut lowered = Vec::new();
        for branch in &branches {
            let test = self.expr_of(*branch, k::F_CONDITION);
            let then = self.suite(field(*branch, k::F_CONSEQUENCE));
            lowered.push((self.span(*branch), test, then));
        }
        let end = self.span(node).end;
        let mut other = last;
        while lowered.len() > 1 {
            let Some((span, test, then)) = lowered.pop() else { break };
            let span = Span { start: span.start, end: end.max(span.end) };
            if lowered.len() > MAX_ELIF {
                other.insert(0, Stmt { span, kind: StmtKind::If { test, then, other: Vec::new() } });
            } else {
                other = vec![Stmt { span, kind: StmtKind::If { test, then, other } }];
            }
        }
        match lowered.pop() {
            Some((_, test, then)) => StmtKind::If { test, then, other },
            None => StmtKind::Block(other),
        }
    }

    /// The expression in a field that only broken code lacks.
    fn expr_of(&mut self, node: Node<'_>, name: &str) -> ExprId {
        if let Some(found) = field(node, name) {
            return self.expr(found);
        }
        let start = self.span(node).start;
        self.push(Span { start, end: start }, ExprKind::Other(Vec::new()))
    }

    fn loop_statement(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        let kind = if node.kind() == k::FOR {
            let target = field(node, k::F_LEFT).map_or(Target::Skip, |n| self.target(n));
            let iter = self.expr_of(node, k::F_RIGHT);
            StmtKind::For { target, iter, body: self.suite(field(node, k::F_BODY)) }
        } else {
            let test = self.expr_of(node, k::F_CONDITION);
            StmtKind::While { test, body: self.suite(field(node, k::F_BODY)) }
        };
        out.push(Stmt { span: self.span(node), kind });
        if let Some(otherwise) = field(node, k::F_ALTERNATIVE) {
            let kind = StmtKind::Block(self.suite(field(otherwise, k::F_BODY)));
            out.push(Stmt { span: self.span(otherwise), kind });
        }
    }

    fn try_statement(&mut self, node: Node<'_>) -> StmtKind {
        let body = self.suite(field(node, k::F_BODY));
        let (mut handlers, mut otherwise, mut finally) = (Vec::new(), Vec::new(), Vec::new());
        for kid in kids(node) {
            match kid.kind() {
                k::EXCEPT => {
                    let binding = self.exception_name(kid);
                    let body = self.suite(kid_of_kind(kid, k::BLOCK));
                    handlers.push(Handler { binding, body });
                }
                k::ELSE => otherwise = self.suite(field(kid, k::F_BODY)),
                k::FINALLY => finally = self.suite(kid_of_kind(kid, k::BLOCK)),
                _ => {}
            }
        }
        StmtKind::Try { body, handlers, otherwise, finally }
    }

    /// `except E as name`, Python 2 `except E, name`.
    fn exception_name(&self, node: Node<'_>) -> Option<(Box<str>, Span)> {
        let values = fields(node, k::F_VALUE);
        let named = field(node, k::F_ALIAS)
            .or_else(|| {
                let value = values.first().filter(|v| v.kind() == k::AS_PATTERN)?;
                kids(field(*value, k::F_ALIAS)?).into_iter().next()
            })
            .or_else(|| values.iter().filter(|v| v.is_named()).nth(1).copied())
            .filter(|n| n.kind() == k::IDENTIFIER)?;
        Some((self.slice(named).into(), self.span(named)))
    }

    fn with_statement(&mut self, node: Node<'_>) -> StmtKind {
        let mut items = Vec::new();
        for clause in kids(node).into_iter().filter(|n| n.kind() == k::WITH_CLAUSE) {
            for item in kids(clause).into_iter().filter(|n| n.kind() == k::WITH_ITEM) {
                let Some(value) = field(item, k::F_VALUE) else { continue };
                // `with (a as b, c as d):` may be read as a tuple.
                let parenthesized = matches!(value.kind(), k::TUPLE | k::PARENTHESIZED)
                    && kids(value).iter().any(|n| n.kind() == k::AS_PATTERN);
                let values = if parenthesized { kids(value) } else { vec![value] };
                for value in values {
                    items.push(self.as_item(value));
                }
            }
        }
        StmtKind::With { items, body: self.suite(field(node, k::F_BODY)) }
    }

    fn match_statement(&mut self, node: Node<'_>) -> StmtKind {
        let subjects = fields(node, k::F_SUBJECT).into_iter().filter(|n| n.is_named()).collect();
        let ids = self.exprs(subjects);
        let subject = match ids.as_slice() {
            [only] => *only,
            _ => {
                let span = self.span(node);
                self.push(span, ExprKind::Seq { kind: SeqKind::Tuple, items: ids })
            }
        };
        let mut arms = Vec::new();
        for case in field(node, k::F_BODY).map_or_else(Vec::new, kids) {
            if case.kind() != k::CASE_CLAUSE {
                continue;
            }
            let mut patterns = Vec::new();
            for kid in kids(case).into_iter().filter(|n| n.kind() == k::CASE_PATTERN) {
                patterns.push(self.case_pattern(kid));
            }
            let pattern = if patterns.len() == 1 { patterns.remove(0) } else { Target::Tuple(patterns) };
            let guard = field(case, k::F_GUARD).and_then(|n| self.first_expr(n));
            arms.push(Arm { pattern, guard, body: self.suite(field(case, k::F_CONSEQUENCE)) });
        }
        StmtKind::Match { subject, arms }
    }

    fn raise(&mut self, node: Node<'_>) -> StmtKind {
        let cause_node = field(node, k::F_CAUSE);
        let value = kids(node).into_iter().find(|n| Some(n.id()) != cause_node.map(|c| c.id())).map(|n| self.expr(n));
        StmtKind::Raise { value, cause: cause_node.map(|n| self.expr(n)) }
    }

    fn deleted(&mut self, node: Node<'_>) -> Vec<Target> {
        let nodes = kids(node);
        let nodes = match nodes.as_slice() {
            [list] if matches!(list.kind(), k::EXPRESSION_LIST | k::TUPLE) => kids(*list),
            _ => nodes,
        };
        nodes.into_iter().map(|n| self.target(n)).collect()
    }

    /// Python 2 `print x, y` and `exec code in scope` as the calls they became.
    fn old_call(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let (name, nodes) = if node.kind() == k::PRINT { ("print", kids(node)) } else { ("exec", kids(node)) };
        let name_span = Span::new(span.start as usize, span.start as usize + name.len());
        let callee = self.push(name_span, ExprKind::Name(name.into()));
        let mut args = Vec::new();
        for kid in nodes {
            // `print >>stream, x`
            let keyword = (kid.kind() == k::CHEVRON).then(|| ("file".into(), self.span(kid)));
            let Some(value) = (if keyword.is_some() { self.first_expr(kid) } else { Some(self.expr(kid)) }) else {
                continue;
            };
            args.push(Arg { span: self.span(kid), name: keyword, value });
        }
        self.push(span, ExprKind::Call { callee, args, is_new: false })
    }
}

/// `password : q7Lm2vX9` of a dump that was pasted into a cell: a word with two numbers in it, as no type is called.
fn is_no_type(annotation: &str) -> bool {
    let digits = |b: &u8| b.is_ascii_digit();
    let numbers = annotation.as_bytes().chunk_by(|a, b| digits(a) == digits(b)).filter(|run| digits(&run[0])).count();
    annotation.len() >= 6 && numbers >= 2 && annotation.bytes().all(|b| b.is_ascii_alphanumeric())
}
