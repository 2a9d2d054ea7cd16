//! Statements. In R all is expression; what stands alone is read as a statement.

use tree_sitter::Node;

use super::{Lowering, field, k, kids};
use crate::facts::{Const, ConstKind, ExprId, ExprKind, Function, Param, ParamKind, Stmt, StmtKind, Target};

impl Lowering<'_> {
    pub(super) fn block(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        for kid in kids(node) {
            self.statement(kid, out);
        }
    }

    /// One statement, after what was taken out of it because of its length.
    pub(super) fn statement(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        let start = out.len();
        self.deeper(node, |this| this.statement_here(node, out));
        if !self.pending.is_empty() {
            let pending = std::mem::take(&mut self.pending);
            out.splice(start..start, pending);
        }
    }

    fn statement_here(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        let span = self.span(node);
        let kind = match node.kind() {
            _ if node.is_error() => return self.error(node, out),
            k::BINARY if self.is_assignment(node) => {
                let kind = self.assignment(node);
                if matches!(self.operator(node), "<<-" | "->>")
                    && let StmtKind::Bind { targets, .. } = &kind
                {
                    let names = targets.iter().filter_map(|target| match target {
                        Target::Name { name, .. } => Some(name.clone()),
                        _ => None,
                    });
                    out.push(Stmt { span, kind: StmtKind::Global(names.collect()) });
                }
                kind
            }
            k::IF => {
                let test = self.field_expr(node, k::F_CONDITION);
                let then = self.field_body(node, k::F_CONSEQUENCE);
                let other = self.field_body(node, k::F_ALTERNATIVE);
                StmtKind::If { test, then, other }
            }
            k::FOR => {
                let iter = self.field_expr(node, k::F_SEQUENCE);
                let target = field(node, k::F_VARIABLE).map_or(Target::Skip, |n| self.target(n));
                StmtKind::For { target, iter, body: self.field_body(node, k::F_BODY) }
            }
            k::WHILE => {
                let test = self.field_expr(node, k::F_CONDITION);
                StmtKind::While { test, body: self.field_body(node, k::F_BODY) }
            }
            k::REPEAT => {
                let test = Const { kind: ConstKind::Bool, text: "TRUE".into() };
                let test = self.push(span, ExprKind::Const(test));
                StmtKind::While { test, body: self.field_body(node, k::F_BODY) }
            }
            k::BRACED => StmtKind::Block(self.body(node)),
            k::NEXT | k::BREAK => return,
            k::ARGUMENT => match field(node, k::F_VALUE) {
                Some(value) => StmtKind::Expr(self.expr(value)),
                None => return,
            },
            k::CALL => match self.call_statement(node) {
                Some(kind) => kind,
                None => StmtKind::Expr(self.expr(node)),
            },
            _ => StmtKind::Expr(self.expr(node)),
        };
        out.push(Stmt { span, kind });
    }

    /// The statements of `{ … }`, or the one statement that stands in its place.
    pub(super) fn body(&mut self, node: Node<'_>) -> Vec<Stmt> {
        let mut out = Vec::new();
        match node.kind() {
            k::BRACED => drop(self.deeper(node, |this| this.block(node, &mut out))),
            _ => self.statement(node, &mut out),
        }
        out
    }

    fn field_body(&mut self, node: Node<'_>, name: &str) -> Vec<Stmt> {
        field(node, name).map(|n| self.body(n)).unwrap_or_default()
    }

    pub(super) fn field_expr(&mut self, node: Node<'_>, name: &str) -> ExprId {
        match field(node, name) {
            Some(child) => self.expr(child),
            None => {
                let span = self.span(node);
                self.push(span, ExprKind::Other(Vec::new()))
            }
        }
    }

    /// `function(a, b = "x") …`, `\(a) …`.
    pub(super) fn function(&mut self, node: Node<'_>, name: Option<(Box<str>, crate::Span)>) -> Function {
        let params = field(node, k::F_PARAMETERS).map_or_else(Vec::new, |n| self.params(n));
        let mut body = self.field_body(node, k::F_BODY);
        return_last(&mut body);
        Function { span: self.span(node), name, params, decorators: Vec::new(), body }
    }

    fn params(&mut self, node: Node<'_>) -> Vec<Param> {
        let mut params = Vec::new();
        for param in kids(node) {
            if param.kind() != k::PARAMETER {
                continue;
            }
            let Some(name) = field(param, k::F_NAME) else { continue };
            let kind = if name.kind() == k::DOTS { ParamKind::Rest } else { ParamKind::Positional };
            let default = field(param, k::F_DEFAULT).map(|n| self.expr(n));
            let (name, span) = self.word(name);
            params.push(Param { name, span, default, annotation: None, kind });
        }
        params
    }
}

/// The value of a function is its last expression, in each branch.
fn return_last(body: &mut [Stmt]) {
    let Some(last) = body.last_mut() else { return };
    match &mut last.kind {
        StmtKind::Expr(id) => last.kind = StmtKind::Return(Some(*id)),
        StmtKind::If { then, other, .. } => {
            return_last(then);
            return_last(other);
        }
        StmtKind::Block(inner) => return_last(inner),
        StmtKind::Try { body, handlers, .. } => {
            return_last(body);
            handlers.iter_mut().for_each(|h| return_last(&mut h.body));
        }
        _ => {}
    }
}
