//! Statements: definitions, bindings, control flow.

use tree_sitter::Node;

use super::{Lowering, field, k, kids};
use crate::facts::{Arm, BindKind, Clause, ExprKind, Handler, Stmt, StmtKind, Target};

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
            k::VAL_DEFINITION | k::VAR_DEFINITION => self.definition(node),
            k::FUNCTION_DEFINITION => StmtKind::Function(Box::new(self.function(node))),
            k::CLASS_DEFINITION
            | k::TRAIT_DEFINITION
            | k::OBJECT_DEFINITION
            | k::ENUM_DEFINITION
            | k::PACKAGE_OBJECT => StmtKind::Class(Box::new(self.class(node))),
            k::GIVEN_DEFINITION => match field(node, k::F_BODY) {
                Some(body) => self.given(node, body),
                None => return,
            },
            k::IMPORT_DECLARATION => StmtKind::Import(self.imports(node)),
            k::PACKAGE_CLAUSE => {
                if let Some(body) = field(node, k::F_BODY) {
                    self.block(body, out);
                }
                return;
            }
            k::IF_EXPRESSION => {
                let test = self.field_expr(node, k::F_CONDITION);
                let then = self.field_body(node, k::F_CONSEQUENCE);
                let other = self.field_body(node, k::F_ALTERNATIVE);
                StmtKind::If { test, then, other }
            }
            k::WHILE_EXPRESSION | k::DO_WHILE_EXPRESSION => {
                let test = self.field_expr(node, k::F_CONDITION);
                StmtKind::While { test, body: self.field_body(node, k::F_BODY) }
            }
            k::FOR_EXPRESSION if !has_yield(node) => return self.for_loop(node, out),
            k::TRY_EXPRESSION => self.try_statement(node),
            k::MATCH_EXPRESSION => self.match_statement(node),
            k::THROW_EXPRESSION => {
                let value = kids(node).first().map(|&n| self.expr(n));
                StmtKind::Raise { value, cause: None }
            }
            k::RETURN_EXPRESSION => StmtKind::Return(kids(node).first().map(|&n| self.expr(n))),
            k::ASSIGNMENT_EXPRESSION => self.assignment(node),
            k::BLOCK | k::INDENTED_BLOCK => StmtKind::Block(self.body(node)),
            _ if node.is_error() => return self.error(node, out),
            k::TEMPLATE_BODY | k::COMPILATION_UNIT | k::EXTENSION_DEFINITION => {
                self.block(node, out);
                return;
            }
            k::TYPE_DEFINITION
            | k::VAL_DECLARATION
            | k::VAR_DECLARATION
            | k::FUNCTION_DECLARATION
            | k::MODIFIERS
            | k::ANNOTATION
            | k::ACCESS_MODIFIER
            | k::END_MARKER
            | k::SELF_TYPE
            | k::PACKAGE_IDENTIFIER
            | k::TYPE_PARAMETERS
            | k::TYPE_ARGUMENTS => return,
            k::INFIX_EXPRESSION if self.is_augmented(node) => self.augmented(node),
            _ => StmtKind::Expr(self.expr(node)),
        };
        out.push(Stmt { span, kind });
    }

    pub(super) fn body(&mut self, node: Node<'_>) -> Vec<Stmt> {
        let mut body = Vec::new();
        match node.kind() {
            k::BLOCK | k::INDENTED_BLOCK | k::TEMPLATE_BODY | k::WITH_TEMPLATE_BODY | k::ENUM_BODY => {
                self.block(node, &mut body)
            }
            _ => self.stmt(node, &mut body),
        }
        body
    }

    fn field_body(&mut self, node: Node<'_>, name: &str) -> Vec<Stmt> {
        field(node, name).map(|n| self.body(n)).unwrap_or_default()
    }

    fn definition(&mut self, node: Node<'_>) -> StmtKind {
        let value = self.field_expr(node, k::F_VALUE);
        let target = field(node, k::F_PATTERN).map_or(Target::Skip, |p| self.binding(p));
        let lazy = kids(node).iter().any(|n| n.kind() == k::MODIFIERS && self.slice(*n).contains("lazy"));
        let kind = match node.kind() {
            k::VAR_DEFINITION => BindKind::Var,
            _ if lazy => BindKind::Lazy,
            _ => BindKind::Val,
        };
        let annotation = field(node, k::F_TYPE).map(|t| self.slice(t).into());
        // `val a, b = "x"`: each has the value.
        let several = field(node, k::F_PATTERN).is_some_and(|p| p.kind() == k::IDENTIFIERS);
        let targets = match target {
            Target::Tuple(each) if several => each,
            target => vec![target],
        };
        StmtKind::Bind { targets, value, kind, annotation }
    }

    /// `given name: T = value`.
    fn given(&mut self, node: Node<'_>, body: Node<'_>) -> StmtKind {
        let value = self.expr(body);
        let target = field(node, k::F_NAME)
            .map_or(Target::Skip, |n| Target::Name { name: self.word(n).into(), span: self.span(n) });
        let annotation = field(node, k::F_RETURN_TYPE).map(|t| self.slice(t).into());
        StmtKind::Bind { targets: vec![target], value, kind: BindKind::Lazy, annotation }
    }

    fn assignment(&mut self, node: Node<'_>) -> StmtKind {
        let value = self.field_expr(node, k::F_RIGHT);
        let target = match field(node, k::F_LEFT) {
            Some(left) if left.kind() == k::IDENTIFIER => {
                Target::Name { name: self.slice(left).into(), span: self.span(left) }
            }
            Some(left) => Target::Place(self.expr(left)),
            None => Target::Skip,
        };
        StmtKind::Bind { targets: vec![target], value, kind: BindKind::Assign, annotation: None }
    }

    /// `x += "…"` on a plain name or field; on a collection (`m += (k -> v)`) it stays a call.
    fn is_augmented(&self, node: Node<'_>) -> bool {
        let operator = field(node, k::F_OPERATOR).map_or("", |n| self.slice(n));
        let right = field(node, k::F_RIGHT).map_or("", |n| n.kind());
        operator == "+="
            && matches!(right, "string" | k::INTERPOLATED_STRING_EXPRESSION | k::IDENTIFIER | k::CALL_EXPRESSION)
    }

    fn augmented(&mut self, node: Node<'_>) -> StmtKind {
        match self.assignment(node) {
            StmtKind::Bind { targets, value, .. } => {
                StmtKind::Bind { targets, value, kind: BindKind::Augmented, annotation: None }
            }
            other => other,
        }
    }

    fn for_loop(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        let mut body = self.field_body(node, k::F_BODY);
        let clauses = self.clauses(node);
        let span = self.span(node);
        for clause in clauses.into_iter().rev() {
            for test in clause.conditions.into_iter().rev() {
                let then = std::mem::take(&mut body);
                body = vec![Stmt { span, kind: StmtKind::If { test, then, other: Vec::new() } }];
            }
            let inner = std::mem::take(&mut body);
            body = vec![Stmt { span, kind: StmtKind::For { target: clause.target, iter: clause.iter, body: inner } }];
        }
        out.append(&mut body);
    }

    /// `x <- xs`, `y = f(x)`, `if c` of a for.
    pub(super) fn clauses(&mut self, node: Node<'_>) -> Vec<Clause> {
        let mut clauses: Vec<Clause> = Vec::new();
        let Some(list) = kids(node).into_iter().find(|n| n.kind() == k::ENUMERATORS) else { return clauses };
        for item in kids(list) {
            let parts = kids(item);
            if let [only] = parts.as_slice()
                && only.kind() == k::GUARD
            {
                if let (Some(condition), Some(last)) =
                    (field(*only, k::F_CONDITION).map(|c| self.expr(c)), clauses.last_mut())
                {
                    last.conditions.push(condition);
                }
                continue;
            }
            if let [pattern, value, rest @ ..] = parts.as_slice() {
                let mut iter = self.expr(*value);
                let target = self.pattern(*pattern);
                // `y = f(x)` binds once: a sequence of one.
                if !self.slice(item).contains("<-") {
                    let span = self.span(*value);
                    iter = self.push(span, ExprKind::Seq { kind: crate::facts::SeqKind::List, items: vec![iter] });
                }
                let guards = rest.iter().filter_map(|g| field(*g, k::F_CONDITION));
                let conditions = guards.map(|c| self.expr(c)).collect();
                clauses.push(Clause { target, iter, conditions });
            }
        }
        clauses
    }

    fn try_statement(&mut self, node: Node<'_>) -> StmtKind {
        let body = self.field_body(node, k::F_BODY);
        let (mut handlers, mut finally) = (Vec::new(), Vec::new());
        for child in kids(node) {
            match child.kind() {
                k::CATCH_CLAUSE => {
                    for block in kids(child) {
                        for arm in self.arms(block) {
                            let binding = first_name(&arm.pattern);
                            handlers.push(Handler { binding, body: arm.body });
                        }
                    }
                }
                k::FINALLY_CLAUSE => {
                    for block in kids(child) {
                        finally.extend(self.body(block));
                    }
                }
                _ => {}
            }
        }
        StmtKind::Try { body, handlers, otherwise: Vec::new(), finally }
    }

    fn match_statement(&mut self, node: Node<'_>) -> StmtKind {
        let subject = self.field_expr(node, k::F_VALUE);
        let arms = field(node, k::F_BODY).map(|b| self.arms(b)).unwrap_or_default();
        StmtKind::Match { subject, arms }
    }

    /// `case p if g => body` clauses of a block.
    pub(super) fn arms(&mut self, node: Node<'_>) -> Vec<Arm> {
        let mut arms = Vec::new();
        for case in kids(node) {
            if case.kind() != k::CASE_CLAUSE {
                continue;
            }
            let pattern = field(case, k::F_PATTERN).map_or(Target::Skip, |p| self.pattern(p));
            let guard = kids(case)
                .into_iter()
                .find(|n| n.kind() == k::GUARD)
                .and_then(|g| field(g, k::F_CONDITION))
                .map(|c| self.expr(c));
            let mut body = Vec::new();
            let mut cursor = case.walk();
            for part in case.children_by_field_name(k::F_BODY, &mut cursor) {
                match part.kind() {
                    k::BLOCK | k::INDENTED_BLOCK => self.block(part, &mut body),
                    _ if part.is_named() => self.stmt(part, &mut body),
                    _ => {}
                }
            }
            arms.push(Arm { pattern, guard, body });
        }
        arms
    }
}

pub(super) fn has_yield(node: Node<'_>) -> bool {
    let mut cursor = node.walk();
    node.children(&mut cursor).any(|n| n.kind() == "yield")
}

fn first_name(target: &Target) -> Option<(Box<str>, crate::Span)> {
    match target {
        Target::Name { name, span } => Some((name.clone(), *span)),
        Target::Tuple(parts) | Target::Any(parts) => parts.iter().find_map(first_name),
        Target::Rest(inner) | Target::Other(inner) | Target::Of { inner, .. } => first_name(inner),
        Target::Place(_) | Target::Keyed(_) | Target::Literal(_) | Target::Skip => None,
    }
}
