//! Expressions.

use tree_sitter::Node;

use super::{Lowering, field, k, kids};
use crate::{
    Secret,
    facts::{Const, ConstKind, ExprId, ExprKind, Function, Param, ParamKind, Stmt, StmtKind},
};

impl Lowering<'_> {
    pub(super) fn expr(&mut self, node: Node<'_>) -> ExprId {
        let read = self.deeper(node, |this| this.expr_inner(node));
        read.unwrap_or_else(|| self.push(self.span(node), ExprKind::Other(Vec::new())))
    }

    pub(super) fn field_expr(&mut self, node: Node<'_>, name: &str) -> ExprId {
        match field(node, name) {
            Some(n) => self.expr(n),
            None => self.push(self.span(node), ExprKind::Other(Vec::new())),
        }
    }

    /// Something without a word of its own: its parts.
    pub(super) fn other(&mut self, node: Node<'_>) -> ExprId {
        let parts = kids(node).into_iter().map(|n| self.expr(n)).collect();
        self.push(self.span(node), ExprKind::Other(parts))
    }

    fn expr_inner(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let constant = |kind| ExprKind::Const(Const { kind, text: Secret::from(span.of(self.text)) });
        let kind = match node.kind() {
            k::STRING => return self.string(node),
            k::CHARACTER => return self.character(node),
            k::IDENTIFIER | k::THIS | k::SUPER | k::TYPE_IDENTIFIER => ExprKind::Name(self.slice(node).into()),
            k::SCOPED_IDENTIFIER | k::SCOPED_TYPE_IDENTIFIER => return self.dotted(node),
            k::TRUE | k::FALSE => constant(ConstKind::Bool),
            k::NULL => constant(ConstKind::Null),
            k::DECIMAL_INTEGER | k::HEX_INTEGER | k::DECIMAL_FLOAT => constant(ConstKind::Number),
            k::FIELD_ACCESS | k::METHOD_INVOCATION => return self.chain(node),
            k::OBJECT_CREATION => return self.instance(node),
            k::ARRAY_ACCESS => {
                let base = self.field_expr(node, k::F_ARRAY);
                ExprKind::Index { base, index: self.field_expr(node, k::F_INDEX) }
            }
            k::ARRAY_CREATION => match field(node, k::F_VALUE) {
                Some(items) => return self.list(items),
                None => ExprKind::Other(Vec::new()),
            },
            k::ARRAY_INITIALIZER | k::ELEMENT_ARRAY => return self.list(node),
            k::CAST => ExprKind::Same(self.field_expr(node, k::F_VALUE)),
            k::PARENTHESIZED => match kids(node).first() {
                Some(&inner) => ExprKind::Same(self.expr(inner)),
                None => ExprKind::Other(Vec::new()),
            },
            k::TERNARY => {
                let test = self.field_expr(node, k::F_CONDITION);
                let then = self.field_expr(node, k::F_CONSEQUENCE);
                ExprKind::Cond { test, then, other: Some(self.field_expr(node, k::F_ALTERNATIVE)) }
            }
            k::ASSIGNMENT => {
                let target = field(node, k::F_LEFT).map(|n| self.target(n));
                let value = self.field_expr(node, k::F_RIGHT);
                match target {
                    Some(target) => ExprKind::Assign { target: Box::new(target), value },
                    None => ExprKind::Same(value),
                }
            }
            k::BINARY => return self.binary(node),
            k::UNARY => {
                let operator = field(node, k::F_OPERATOR).map_or("", |n| self.slice(n));
                let operands = vec![self.field_expr(node, k::F_OPERAND)];
                if operator == "!" {
                    ExprKind::Logic(operands)
                } else {
                    ExprKind::Operator { op: operator.into(), operands }
                }
            }
            k::LAMBDA => ExprKind::Lambda(Box::new(self.lambda(node))),
            k::SWITCH => {
                let kind = self.switch(node);
                ExprKind::Block(vec![Stmt { span, kind }])
            }
            k::BLOCK | k::LOCAL_VARIABLE | k::EXPRESSION_STATEMENT | k::RETURN | k::IF | k::CLASS | k::METHOD => {
                let mut body = Vec::new();
                self.stmt(node, &mut body);
                ExprKind::Block(body)
            }
            _ => return self.other(node),
        };
        self.push(span, kind)
    }

    /// A chain of members and calls, from its left end, without recursion.
    fn chain(&mut self, node: Node<'_>) -> ExprId {
        let mut links = Vec::new();
        let mut at = node;
        while matches!(at.kind(), k::FIELD_ACCESS | k::METHOD_INVOCATION) {
            links.push(at);
            let Some(object) = field(at, k::F_OBJECT) else { break };
            at = object;
        }
        // The last link has no object of its own when it is a call of a method of this class.
        let has_object = links.last().is_some_and(|link| field(*link, k::F_OBJECT).is_some());
        let mut id = if has_object { Some(self.expr(at)) } else { None };
        for (i, link) in links.into_iter().rev().enumerate() {
            id = id.map(|id| self.shorten(id, i));
            let name = field(link, if link.kind() == k::FIELD_ACCESS { k::F_FIELD } else { k::F_NAME });
            let Some(name) = name else { return self.other(link) };
            let (text, name_span): (Box<str>, _) = (self.slice(name).into(), self.span(name));
            let callee = match id {
                Some(base) => {
                    let span = self.facts.expr(base).span.cover(name_span);
                    self.push(span, ExprKind::Attr { base, name: text, name_span })
                }
                None => self.push(name_span, ExprKind::Name(text)),
            };
            id = Some(if link.kind() == k::FIELD_ACCESS { callee } else { self.call(link, callee) });
        }
        id.unwrap_or_else(|| self.other(node))
    }

    /// Operators. Left-nested chains are read without recursion.
    fn binary(&mut self, node: Node<'_>) -> ExprId {
        let mut steps = Vec::new();
        let mut at = node;
        while at.kind() == k::BINARY
            && let (Some(left), Some(right)) = (field(at, k::F_LEFT), field(at, k::F_RIGHT))
        {
            steps.push((self.span(at), field(at, k::F_OPERATOR).map_or("", |n| self.slice(n)), right));
            at = left;
        }
        if steps.is_empty() {
            return self.other(node);
        }
        let mut left = self.expr(at);
        // The operator of the chain that `left` is, while this walk is building it.
        let mut open = "";
        for (link, (span, op, right)) in steps.into_iter().rev().enumerate() {
            let right = self.expr(right);
            if op == open
                && let Some(expr) = self.facts.exprs.get_mut(left.0 as usize)
                && let ExprKind::Concat(operands) | ExprKind::Logic(operands) = &mut expr.kind
            {
                expr.span = span;
                operands.push(right);
                continue;
            }
            left = self.shorten(left, link);
            let operands = vec![left, right];
            let kind = match op {
                "+" => ExprKind::Concat(operands),
                "&&" | "||" => ExprKind::Logic(operands),
                "==" | "!=" | "<" | ">" | "<=" | ">=" => ExprKind::Compare { op: op.into(), operands },
                _ => ExprKind::Operator { op: op.into(), operands },
            };
            left = self.push(span, kind);
            open = if matches!(op, "+" | "&&" | "||") { op } else { "" };
        }
        left
    }

    fn lambda(&mut self, node: Node<'_>) -> Function {
        let params = match field(node, k::F_PARAMETERS) {
            Some(list) if list.kind() == k::IDENTIFIER => {
                let (name, span) = (self.slice(list).into(), self.span(list));
                vec![Param { name, span, default: None, annotation: None, kind: ParamKind::Positional }]
            }
            Some(list) => self.params(list),
            None => Vec::new(),
        };
        let body = match field(node, k::F_BODY) {
            Some(block) if block.kind() == k::BLOCK => self.body(block),
            Some(value) => {
                let (span, id) = (self.span(value), self.expr(value));
                vec![Stmt { span, kind: StmtKind::Return(Some(id)) }]
            }
            None => Vec::new(),
        };
        Function { span: self.span(node), name: None, params, decorators: Vec::new(), body }
    }
}
