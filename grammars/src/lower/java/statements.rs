//! Statements: bindings and control flow.

use tree_sitter::Node;

use super::{Lowering, field, k, kids};
use crate::facts::{Arm, BindKind, ExprId, ExprKind, Handler, SeqKind, Stmt, StmtKind, Target};

impl Lowering<'_> {
    pub(super) fn block(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        for child in kids(node) {
            self.stmt(child, out);
        }
    }

    pub(super) fn stmt(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        let start = out.len();
        self.deeper(node, |this| this.stmt_inner(node, out));
        // What was taken out of the statement because of its length comes before it.
        if !self.pending.is_empty() {
            let pending = std::mem::take(&mut self.pending);
            out.splice(start..start, pending);
        }
    }

    fn stmt_inner(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        let span = self.span(node);
        let kind = match node.kind() {
            k::LOCAL_VARIABLE | k::FIELD | k::CONSTANT => return self.declaration(node, out),
            k::METHOD | k::CONSTRUCTOR | k::COMPACT_CONSTRUCTOR => StmtKind::Function(Box::new(self.function(node))),
            k::CLASS | k::INTERFACE | k::ENUM | k::RECORD | k::ANNOTATION_TYPE => {
                StmtKind::Class(Box::new(self.class(node)))
            }
            k::IMPORT => match self.import(node) {
                Some(import) => StmtKind::Import(vec![import]),
                None => return,
            },
            k::EXPRESSION_STATEMENT => match kids(node).first() {
                Some(inner) if inner.kind() == k::ASSIGNMENT => self.assignment(*inner),
                Some(inner) if inner.kind() == k::SWITCH => self.switch(*inner),
                Some(inner) => StmtKind::Expr(self.expr(*inner)),
                None => return,
            },
            k::ASSIGNMENT => self.assignment(node),
            k::IF => {
                let test = self.field_expr(node, k::F_CONDITION);
                let then = self.field_body(node, k::F_CONSEQUENCE);
                let other = self.field_body(node, k::F_ALTERNATIVE);
                StmtKind::If { test, then, other }
            }
            k::WHILE | k::DO => {
                let test = self.field_expr(node, k::F_CONDITION);
                StmtKind::While { test, body: self.field_body(node, k::F_BODY) }
            }
            k::FOR => {
                if let Some(init) = field(node, k::F_INIT) {
                    self.stmt(init, out);
                }
                let test = self.field_expr(node, k::F_CONDITION);
                StmtKind::While { test, body: self.field_body(node, k::F_BODY) }
            }
            k::ENHANCED_FOR => {
                let iter = self.field_expr(node, k::F_VALUE);
                StmtKind::For { target: self.named(node), iter, body: self.field_body(node, k::F_BODY) }
            }
            k::TRY | k::TRY_WITH_RESOURCES => return self.try_statement(node, out),
            k::SWITCH => self.switch(node),
            k::RETURN => StmtKind::Return(kids(node).first().map(|&n| self.expr(n))),
            k::THROW => StmtKind::Raise { value: kids(node).first().map(|&n| self.expr(n)), cause: None },
            k::ASSERT => match kids(node).as_slice() {
                [test, rest @ ..] => {
                    let test = self.expr(*test);
                    StmtKind::Assert { test, message: rest.first().map(|&n| self.expr(n)) }
                }
                [] => return,
            },
            k::BLOCK | k::CONSTRUCTOR_BODY | k::SYNCHRONIZED | k::STATIC_INITIALIZER => {
                let mut body = Vec::new();
                self.block(node, &mut body);
                StmtKind::Block(body)
            }
            k::EXPLICIT_CONSTRUCTOR => {
                let name = field(node, k::F_CONSTRUCTOR).map_or("super", |n| self.slice(n));
                let callee = self.push(span, ExprKind::Name(name.into()));
                StmtKind::Expr(self.called(node, callee, false))
            }
            k::ENUM_CONSTANT => {
                let callee = self.field_expr(node, k::F_NAME);
                StmtKind::Expr(self.called(node, callee, false))
            }
            _ if node.is_error() => return self.error(node, out),
            k::LABELED | k::ENUM_BODY_DECLARATIONS => return self.block(node, out),
            k::PACKAGE | k::MODIFIERS | k::TYPE_PARAMETERS | k::BREAK | k::CONTINUE | k::MODULE => return,
            _ => StmtKind::Expr(self.expr(node)),
        };
        out.push(Stmt { span, kind });
    }

    pub(super) fn body(&mut self, node: Node<'_>) -> Vec<Stmt> {
        let mut body = Vec::new();
        match node.kind() {
            k::BLOCK
            | k::CONSTRUCTOR_BODY
            | k::CLASS_BODY
            | k::INTERFACE_BODY
            | k::ENUM_BODY
            | k::ANNOTATION_TYPE_BODY => self.block(node, &mut body),
            _ => self.stmt(node, &mut body),
        }
        body
    }

    pub(super) fn field_body(&mut self, node: Node<'_>, name: &str) -> Vec<Stmt> {
        field(node, name).map(|n| self.body(n)).unwrap_or_default()
    }

    /// The name that a declaration binds.
    fn named(&self, node: Node<'_>) -> Target {
        match field(node, k::F_NAME) {
            Some(name) if name.kind() == k::IDENTIFIER => {
                Target::Name { name: self.slice(name).into(), span: self.span(name) }
            }
            _ => Target::Skip,
        }
    }

    /// `final String a = "x", b = "y";`
    fn declaration(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        let span = self.span(node);
        for id in self.annotations(node) {
            out.push(Stmt { span, kind: StmtKind::Expr(id) });
        }
        let modifiers = kids(node).into_iter().find(|n| n.kind() == k::MODIFIERS);
        let constant = node.kind() == k::CONSTANT
            || modifiers.is_some_and(|m| self.slice(m).split_whitespace().any(|word| word == "final"));
        let kind = if constant { BindKind::Val } else { BindKind::Var };
        let annotation: Option<Box<str>> = field(node, k::F_TYPE).map(|t| self.slice(t).into());
        let mut cursor = node.walk();
        for declarator in node.children_by_field_name(k::F_DECLARATOR, &mut cursor) {
            let Some(value) = field(declarator, k::F_VALUE) else { continue };
            let value = self.expr(value);
            let targets = vec![self.named(declarator)];
            let kind = StmtKind::Bind { targets, value, kind, annotation: annotation.clone() };
            out.push(Stmt { span, kind });
        }
    }

    fn assignment(&mut self, node: Node<'_>) -> StmtKind {
        let mut targets = Vec::new();
        let mut at = node;
        // `a = b = "x"`
        while at.kind() == k::ASSIGNMENT
            && let (Some(left), Some(right)) = (field(at, k::F_LEFT), field(at, k::F_RIGHT))
        {
            targets.push(self.target(left));
            at = right;
        }
        let value = self.expr(at);
        let operator = field(node, k::F_OPERATOR).map_or("", |n| self.slice(n));
        let kind = if operator == "+=" { BindKind::Augmented } else { BindKind::Assign };
        StmtKind::Bind { targets, value, kind, annotation: None }
    }

    pub(super) fn target(&mut self, node: Node<'_>) -> Target {
        match node.kind() {
            k::IDENTIFIER => Target::Name { name: self.slice(node).into(), span: self.span(node) },
            _ => Target::Place(self.expr(node)),
        }
    }

    fn try_statement(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        let span = self.span(node);
        let mut items = Vec::new();
        if let Some(resources) = field(node, k::F_RESOURCES) {
            for resource in kids(resources) {
                let value = field(resource, k::F_VALUE).or_else(|| kids(resource).first().copied());
                if let Some(value) = value {
                    let target = Some(self.named(resource)).filter(|t| !matches!(t, Target::Skip));
                    items.push((self.expr(value), target));
                }
            }
        }
        let mut body = self.field_body(node, k::F_BODY);
        if !items.is_empty() {
            body = vec![Stmt { span, kind: StmtKind::With { items, body } }];
        }
        let (mut handlers, mut finally) = (Vec::new(), Vec::new());
        for child in kids(node) {
            match child.kind() {
                k::CATCH => {
                    let parameter = kids(child).into_iter().find(|n| n.kind() == k::CATCH_PARAMETER);
                    let name = parameter.and_then(|p| field(p, k::F_NAME));
                    let binding = name.map(|n| (self.slice(n).into(), self.span(n)));
                    handlers.push(Handler { binding, body: self.field_body(child, k::F_BODY) });
                }
                k::FINALLY => kids(child).into_iter().for_each(|block| finally.extend(self.body(block))),
                _ => {}
            }
        }
        out.push(Stmt { span, kind: StmtKind::Try { body, handlers, otherwise: Vec::new(), finally } });
    }

    /// `switch` in both of its forms.
    pub(super) fn switch(&mut self, node: Node<'_>) -> StmtKind {
        let subject = self.field_expr(node, k::F_CONDITION);
        let mut arms = Vec::new();
        for group in field(node, k::F_BODY).map(kids).unwrap_or_default() {
            let (mut patterns, mut body) = (Vec::new(), Vec::new());
            for part in kids(group) {
                if part.kind() == k::SWITCH_LABEL {
                    patterns.extend(kids(part).into_iter().map(|n| match n.kind() {
                        k::STRING => Target::Literal(self.expr(n)),
                        _ => Target::Skip,
                    }));
                } else {
                    self.stmt(part, &mut body);
                }
            }
            arms.push(Arm { pattern: Target::any(patterns), guard: None, body });
        }
        StmtKind::Match { subject, arms }
    }

    pub(super) fn list(&mut self, node: Node<'_>) -> ExprId {
        let items = kids(node).into_iter().map(|n| self.expr(n)).collect();
        self.push(self.span(node), ExprKind::Seq { kind: SeqKind::List, items })
    }
}
