//! Expressions.

use tree_sitter::Node;

use super::{Lowering, definitions::return_last, field, k, kids, statements::has_yield};
use crate::facts::{
    BindKind, Const, ConstKind, ExprId, ExprKind, Function, Param, ParamKind, SeqKind, Stmt, StmtKind, Target,
};

impl Lowering<'_> {
    pub(super) fn field_expr(&mut self, node: Node<'_>, name: &str) -> ExprId {
        match field(node, name) {
            Some(child) => self.expr(child),
            None => {
                let span = self.span(node);
                self.push(span, ExprKind::Other(Vec::new()))
            }
        }
    }

    pub(super) fn expr(&mut self, node: Node<'_>) -> ExprId {
        let depth = self.depth;
        let read = self.deeper(node, |this| this.expr_inner(node));
        self.depth = depth;
        read.unwrap_or_else(|| {
            let span = self.span(node);
            self.push(span, ExprKind::Other(Vec::new()))
        })
    }

    /// Something without a word of its own: its children are looked at.
    pub(super) fn other(&mut self, node: Node<'_>) -> ExprId {
        let children: Vec<ExprId> = kids(node).into_iter().map(|n| self.expr(n)).collect();
        let span = self.span(node);
        self.push(span, ExprKind::Other(children))
    }

    fn expr_inner(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let kind = match node.kind() {
            k::STRING => return self.string(node),
            k::INTERPOLATED_STRING_EXPRESSION => return self.interpolated(node),
            k::CHARACTER_LITERAL => return self.character(node),
            k::INTEGER_LITERAL | k::FLOATING_POINT_LITERAL => {
                ExprKind::Const(Const { kind: ConstKind::Number, text: self.slice(node).into() })
            }
            k::BOOLEAN_LITERAL => ExprKind::Const(Const { kind: ConstKind::Bool, text: self.slice(node).into() }),
            k::NULL_LITERAL | k::UNIT => {
                ExprKind::Const(Const { kind: ConstKind::Null, text: self.slice(node).into() })
            }
            k::IDENTIFIER | k::OPERATOR_IDENTIFIER | k::TYPE_IDENTIFIER | k::WILDCARD => {
                ExprKind::Name(self.word(node).into())
            }
            k::STABLE_IDENTIFIER | k::STABLE_TYPE_IDENTIFIER => return self.stable(node),
            k::FIELD_EXPRESSION | k::CALL_EXPRESSION | k::GENERIC_FUNCTION => return self.chain(node),
            k::INSTANCE_EXPRESSION => return self.instance(node),
            k::INFIX_EXPRESSION => return self.infix(node),
            k::PREFIX_EXPRESSION => {
                let op: Box<str> = self.slice(node).chars().take(1).collect::<String>().into();
                let operands: Vec<ExprId> = kids(node).into_iter().map(|n| self.expr(n)).collect();
                if &*op == "!" { ExprKind::Logic(operands) } else { ExprKind::Operator { op, operands } }
            }
            k::PARENTHESIZED_EXPRESSION | k::ASCRIPTION_EXPRESSION => match kids(node).first() {
                Some(&inner) => ExprKind::Same(self.expr(inner)),
                None => ExprKind::Other(Vec::new()),
            },
            // `f _`: the method as a function.
            k::METHOD_VALUE => match kids(node).first() {
                Some(&method) => ExprKind::Same(self.expr(method)),
                None => ExprKind::Other(Vec::new()),
            },
            k::POSTFIX_EXPRESSION => match kids(node).as_slice() {
                [first, name, ..] => {
                    let base = self.expr(*first);
                    ExprKind::Attr { base, name: self.word(*name).into(), name_span: self.span(*name) }
                }
                _ => return self.other(node),
            },
            k::TUPLE_EXPRESSION => {
                let items = kids(node).into_iter().map(|n| self.expr(n)).collect();
                ExprKind::Seq { kind: SeqKind::Tuple, items }
            }
            k::IF_EXPRESSION => {
                let test = self.field_expr(node, k::F_CONDITION);
                let then = self.field_expr(node, k::F_CONSEQUENCE);
                let other = field(node, k::F_ALTERNATIVE).map(|n| self.expr(n));
                ExprKind::Cond { test, then, other }
            }
            k::FOR_EXPRESSION if has_yield(node) => {
                let clauses = self.clauses(node);
                let element = self.field_expr(node, k::F_BODY);
                ExprKind::Comprehension { elements: vec![element], clauses }
            }
            k::BLOCK | k::INDENTED_BLOCK => {
                let body = self.body(node);
                match body.as_slice() {
                    // `{ x }` is `x`.
                    [Stmt { kind: StmtKind::Expr(only), .. }] => return *only,
                    _ => ExprKind::Block(body),
                }
            }
            k::CASE_BLOCK | k::INDENTED_CASES => self.case_lambda(node),
            k::LAMBDA_EXPRESSION => ExprKind::Lambda(Box::new(self.lambda(node))),
            k::VARARG => match kids(node).first() {
                Some(&inner) => ExprKind::Spread(self.expr(inner)),
                None => ExprKind::Other(Vec::new()),
            },
            k::ASSIGNMENT_EXPRESSION
            | k::MATCH_EXPRESSION
            | k::TRY_EXPRESSION
            | k::THROW_EXPRESSION
            | k::RETURN_EXPRESSION
            | k::WHILE_EXPRESSION
            | k::FOR_EXPRESSION
            | k::VAL_DEFINITION
            | k::VAR_DEFINITION
            | k::FUNCTION_DEFINITION
            | k::CLASS_DEFINITION
            | k::OBJECT_DEFINITION
            | k::IMPORT_DECLARATION => {
                let mut body = Vec::new();
                self.stmt(node, &mut body);
                ExprKind::Block(body)
            }
            _ => return self.other(node),
        };
        self.push(span, kind)
    }

    /// A chain of members, calls and type arguments, from its left end, without recursion.
    fn chain(&mut self, node: Node<'_>) -> ExprId {
        let mut links = Vec::new();
        let mut at = node;
        while let Some(next) = match at.kind() {
            k::FIELD_EXPRESSION => field(at, k::F_VALUE),
            k::CALL_EXPRESSION | k::GENERIC_FUNCTION => field(at, k::F_FUNCTION),
            _ => None,
        } {
            links.push(at);
            at = next;
        }
        if links.is_empty() {
            return self.other(node);
        }
        let mut id = self.expr(at);
        for (i, link) in links.into_iter().rev().enumerate() {
            id = self.shorten(id, i);
            id = match link.kind() {
                k::FIELD_EXPRESSION => self.member(link, id),
                k::CALL_EXPRESSION => self.call(link, id),
                _ => self.typed(link, id),
            };
        }
        id
    }

    fn member(&mut self, node: Node<'_>, base: ExprId) -> ExprId {
        let span = self.span(node);
        let Some(name) = field(node, k::F_FIELD) else { return base };
        self.push(span, ExprKind::Attr { base, name: self.word(name).into(), name_span: self.span(name) })
    }

    /// `f[T]` is `f`; `x.asInstanceOf[T]` is `x`.
    fn typed(&mut self, node: Node<'_>, function: ExprId) -> ExprId {
        match self.kind(function) {
            ExprKind::Attr { base, name, .. } if &**name == "asInstanceOf" => {
                let (base, span) = (*base, self.span(node));
                self.push(span, ExprKind::Same(base))
            }
            _ => function,
        }
    }

    /// `a.b.C` in a type position or an import.
    pub(super) fn stable(&mut self, node: Node<'_>) -> ExprId {
        let mut id: Option<ExprId> = None;
        let text = self.slice(node).to_owned();
        let (start, mut at) = (self.span(node).start as usize, 0);
        for part in text.split('.') {
            let span = crate::Span::new(start + at, start + at + part.len());
            let whole = crate::Span::new(start, start + at + part.len());
            let name: Box<str> = part.trim().trim_matches('`').into();
            id = Some(match id {
                None => self.push(span, ExprKind::Name(name)),
                Some(base) => self.push(whole, ExprKind::Attr { base, name, name_span: span }),
            });
            at += part.len() + 1;
        }
        id.unwrap_or_else(|| self.other(node))
    }

    fn lambda(&mut self, node: Node<'_>) -> Function {
        let mut params = Vec::new();
        if let Some(list) = field(node, k::F_PARAMETERS) {
            let names = if list.kind() == k::BINDINGS { kids(list) } else { vec![list] };
            for binding in names {
                let name = field(binding, k::F_NAME).unwrap_or(binding);
                let kind = ParamKind::Positional;
                let annotation = field(binding, k::F_TYPE).map(|t| self.slice(t).into());
                params.push(Param {
                    name: self.word(name).into(),
                    span: self.span(name),
                    default: None,
                    annotation,
                    kind,
                });
            }
        }
        let parameters = field(node, k::F_PARAMETERS).map(|n| n.id());
        let mut body = Vec::new();
        for child in kids(node) {
            if Some(child.id()) != parameters && child.kind() != k::TYPE_PARAMETERS {
                match child.kind() {
                    k::BLOCK | k::INDENTED_BLOCK => self.block(child, &mut body),
                    _ => self.stmt(child, &mut body),
                }
            }
        }
        return_last(&mut body);
        Function { span: self.span(node), name: None, params, decorators: Vec::new(), body }
    }

    /// `{ case (k, v) => … }`: a function of one argument that is matched.
    fn case_lambda(&mut self, node: Node<'_>) -> ExprKind {
        let span = self.span(node);
        let subject = self.push(span, ExprKind::Name("_".into()));
        let mut arms = self.arms(node);
        for arm in &mut arms {
            return_last(&mut arm.body);
        }
        let body = vec![Stmt { span, kind: StmtKind::Match { subject, arms } }];
        let param = Param { name: "_".into(), span, default: None, annotation: None, kind: ParamKind::Positional };
        ExprKind::Lambda(Box::new(Function { span, name: None, params: vec![param], decorators: Vec::new(), body }))
    }

    /// `m(key) = value` and the like inside an expression.
    pub(super) fn bind_place(&mut self, span: crate::Span, place: ExprId, value: ExprId) -> ExprId {
        let kind =
            StmtKind::Bind { targets: vec![Target::Place(place)], value, kind: BindKind::Assign, annotation: None };
        self.push(span, ExprKind::Block(vec![Stmt { span, kind }]))
    }
}
