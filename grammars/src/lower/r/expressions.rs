//! Expressions.

use tree_sitter::Node;

use super::{Lowering, field, k, kids};
use crate::{
    Span,
    facts::{Const, ConstKind, ExprId, ExprKind, SeqKind},
};

impl Lowering<'_> {
    pub(super) fn expr(&mut self, node: Node<'_>) -> ExprId {
        self.deeper(node, |this| this.expr_here(node)).unwrap_or_else(|| {
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

    fn expr_here(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let constant = |kind: ConstKind, text: &str| ExprKind::Const(Const { kind, text: text.into() });
        let kind = match node.kind() {
            k::STRING => return self.string(node),
            k::IDENTIFIER | k::DOTS | k::DOT_DOT_I => ExprKind::Name(self.word(node).0),
            k::INTEGER | k::FLOAT | k::COMPLEX | k::INF | k::NAN => constant(ConstKind::Number, self.slice(node)),
            k::TRUE | k::FALSE => constant(ConstKind::Bool, self.slice(node)),
            k::NULL | k::NA => constant(ConstKind::Null, self.slice(node)),
            k::CALL | k::SUBSET | k::SUBSET2 | k::EXTRACT => return self.chain(node),
            k::NAMESPACE => return self.namespace(node),
            k::BINARY if self.is_assignment(node) => return self.assignment_value(node),
            k::BINARY => return self.binary(node),
            k::UNARY => return self.unary(node),
            k::FUNCTION => {
                let function = self.function(node, None);
                ExprKind::Lambda(Box::new(function))
            }
            k::PARENTHESIZED => match kids(node).as_slice() {
                [only] => ExprKind::Same(self.expr(*only)),
                _ => return self.other(node),
            },
            k::BRACED => ExprKind::Block(self.body(node)),
            k::IF => {
                let test = self.field_expr(node, k::F_CONDITION);
                let then = self.field_expr(node, k::F_CONSEQUENCE);
                let other = field(node, k::F_ALTERNATIVE).map(|n| self.expr(n));
                ExprKind::Cond { test, then, other }
            }
            k::FOR | k::WHILE | k::REPEAT | k::ARGUMENT => {
                let mut body = Vec::new();
                self.statement(node, &mut body);
                ExprKind::Block(body)
            }
            _ => return self.other(node),
        };
        self.push(span, kind)
    }

    /// Calls, subsets and members from their left end, without recursion.
    fn chain(&mut self, node: Node<'_>) -> ExprId {
        let mut links = Vec::new();
        let mut at = node;
        while let Some(next) = match at.kind() {
            k::CALL | k::SUBSET | k::SUBSET2 => field(at, k::F_FUNCTION),
            k::EXTRACT => field(at, k::F_LHS),
            _ => None,
        } {
            links.push(at);
            at = next;
        }
        if links.is_empty() {
            return self.other(node);
        }
        let mut id = match at.kind() {
            // `"f"(x)`
            k::STRING if links.last().is_some_and(|l| l.kind() == k::CALL) => {
                let (name, span) = self.word(at);
                self.push(span, ExprKind::Name(name))
            }
            k::IDENTIFIER => self.dotted(at),
            _ => self.expr(at),
        };
        let mut links = links.into_iter().rev().enumerate().peekable();
        while let Some((i, link)) = links.next() {
            id = self.shorten(id, i);
            let called = links.peek().is_some_and(|(_, next)| next.kind() == k::CALL);
            id = match link.kind() {
                k::CALL => self.call(link, id),
                k::EXTRACT => self.member(link, id, called),
                _ => self.subscript(link, id),
            };
        }
        id
    }

    /// `dbutils.secrets.get` and `Sys.getenv` are one name to R, but members everywhere else.
    fn dotted(&mut self, node: Node<'_>) -> ExprId {
        let source = self.slice(node);
        if !["dbutils.", "Sys."].iter().any(|root| source.starts_with(root)) {
            return self.expr(node);
        }
        let start = self.span(node).start as usize;
        let mut id: Option<ExprId> = None;
        let mut at = start;
        for part in source.split('.') {
            let name_span = Span::new(at, at + part.len());
            let kind = match id {
                None => ExprKind::Name(part.into()),
                Some(base) => ExprKind::Attr { base, name: part.into(), name_span },
            };
            id = Some(self.push(Span::new(start, at + part.len()), kind));
            at += part.len() + 1;
        }
        id.unwrap_or_else(|| self.expr(node))
    }

    /// `base$name` is a subscript, `base$name(…)` a method, `base@name` an attribute.
    fn member(&mut self, node: Node<'_>, base: ExprId, called: bool) -> ExprId {
        let span = self.span(node);
        let Some(name) = field(node, k::F_RHS) else { return base };
        let kind = if called || self.operator(node) == "@" {
            let (name, name_span) = self.word(name);
            ExprKind::Attr { base, name, name_span }
        } else {
            ExprKind::Index { base, index: self.key(name) }
        };
        self.push(span, kind)
    }

    fn subscript(&mut self, node: Node<'_>, base: ExprId) -> ExprId {
        let span = self.span(node);
        let args = field(node, k::F_ARGUMENTS).map_or_else(Vec::new, |n| self.args(n));
        let mut items: Vec<ExprId> = args
            .into_iter()
            .filter(|a| a.name.as_ref().is_none_or(|(n, _)| !matches!(&**n, "drop" | "exact")))
            .map(|a| a.value)
            .collect();
        let index = match (items.pop(), items.is_empty()) {
            (Some(only), true) => only,
            (last, _) => {
                items.extend(last);
                self.push(span, ExprKind::Seq { kind: SeqKind::Tuple, items })
            }
        };
        self.push(span, ExprKind::Index { base, index })
    }

    /// `package::name`.
    fn namespace(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let (Some(package), Some(name)) = (field(node, k::F_LHS), field(node, k::F_RHS)) else {
            return self.other(node);
        };
        let package_span = self.span(package);
        let package = self.word(package).0;
        let base = self.push(package_span, ExprKind::Name(package));
        let (name, name_span) = self.word(name);
        self.push(span, ExprKind::Attr { base, name, name_span })
    }

    /// The name of a named argument as a string.
    pub(super) fn name_key(&mut self, name: &str, span: Span) -> ExprId {
        let lit = self.named_literal(name, span);
        self.push(span, ExprKind::Str(lit))
    }
}
