//! Calls, constructor calls and operators.

use tree_sitter::Node;

use super::{Lowering, field, kids};
use crate::{
    Span,
    facts::{Arg, Entry, ExprId, ExprKind, SeqKind, Stmt, StmtKind},
};

/// Constructors of collections whose arguments are their items.
const SEQUENCES: &[&str] =
    &["Seq", "List", "Array", "Vector", "Set", "IndexedSeq", "ListBuffer", "ArrayBuffer", "Stream", "Iterator"];
const MAPS: &[&str] = &[
    "Map", "HashMap", "ListMap", "TreeMap", "LinkedHashMap", "mutable.Map", "collection.mutable.Map",
    "scala.collection.mutable.Map", "immutable.Map", "mutable.HashMap", "scala.collection.immutable.Map",
];

impl Lowering<'_> {
    pub(super) fn call(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let Some(function) = field(node, "function") else { return self.other(node) };
        let args = field(node, "arguments").map(|a| self.arguments(a)).unwrap_or_default();
        let callee = self.expr(function);
        let path = self.facts.path(callee).unwrap_or_default();
        if MAPS.contains(&path.as_str()) {
            return self.map(span, &args);
        }
        if SEQUENCES.contains(&path.as_str()) {
            let items = args.iter().map(|a| a.value).collect();
            return self.push(span, ExprKind::Seq { kind: SeqKind::List, items });
        }
        if let ExprKind::Attr { base, name, .. } = self.kind(callee) {
            let (base, name) = (*base, name.clone());
            match (&*name, args.as_slice()) {
                ("getOrElse" | "orElse", [only]) => {
                    return self.push(span, ExprKind::Fallback { first: base, second: only.value });
                }
                ("getOrElse" | "getOrDefault", [key, default]) => {
                    let index = key.value;
                    let first = self.push(span, ExprKind::Index { base, index });
                    return self.push(span, ExprKind::Fallback { first, second: default.value });
                }
                ("format", _) if !args.is_empty() && self.is_text(base) => {
                    return self.push(span, ExprKind::Format { template: base, args });
                }
                _ => {}
            }
        }
        self.push(span, ExprKind::Call { callee, args, is_new: false })
    }

    fn is_text(&self, id: ExprId) -> bool {
        match self.kind(id) {
            ExprKind::Str(_) => true,
            ExprKind::Same(inner) => self.is_text(*inner),
            ExprKind::Concat(parts) => parts.iter().any(|&p| matches!(self.kind(p), ExprKind::Str(_))),
            ExprKind::Attr { base, name, .. } => &**name == "stripMargin" && self.is_text(*base),
            _ => false,
        }
    }

    /// `Map(k -> v, ("k", v))`.
    fn map(&mut self, span: Span, args: &[Arg]) -> ExprId {
        let entries = args.iter().map(|arg| self.entry(arg.value)).collect();
        self.push(span, ExprKind::Dict(entries))
    }

    fn entry(&self, id: ExprId) -> Entry {
        match self.kind(id) {
            ExprKind::Pair { key, value } => Entry { key: Some(*key), value: *value },
            ExprKind::Seq { kind: SeqKind::Tuple, items } if items.len() == 2 => {
                Entry { key: Some(items[0]), value: items[1] }
            }
            ExprKind::Same(inner) => self.entry(*inner),
            ExprKind::Spread(inner) => Entry { key: None, value: *inner },
            _ => Entry { key: None, value: id },
        }
    }

    pub(super) fn arguments(&mut self, node: Node<'_>) -> Vec<Arg> {
        if matches!(node.kind(), "block" | "case_block" | "colon_argument") {
            let value = self.expr(node);
            return vec![Arg { span: self.span(node), name: None, value }];
        }
        kids(node)
            .into_iter()
            .map(|child| {
                let span = self.span(child);
                // `key = "k"` is a named argument.
                if child.kind() == "assignment_expression"
                    && let (Some(left), Some(right)) = (field(child, "left"), field(child, "right"))
                    && left.kind() == "identifier"
                {
                    let name = Some((self.slice(left).into(), self.span(left)));
                    return Arg { span, name, value: self.expr(right) };
                }
                Arg { span, name: None, value: self.expr(child) }
            })
            .collect()
    }

    /// `new C(x) { body }`.
    pub(super) fn instance(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let mut callee: Option<ExprId> = None;
        let mut args = field(node, "arguments").map(|a| self.arguments(a)).unwrap_or_default();
        let mut body: Vec<Stmt> = Vec::new();
        for child in kids(node) {
            match child.kind() {
                "arguments" => {}
                "template_body" | "block" => body.extend(self.body(child)),
                "applied_constructor_type" | "annotated_type" | "compound_type" => {
                    for part in kids(child) {
                        match part.kind() {
                            "arguments" => args = self.arguments(part),
                            "template_body" => body.extend(self.body(part)),
                            _ if callee.is_none() => callee = Some(self.type_name(part)),
                            _ => {}
                        }
                    }
                }
                _ if callee.is_none() => callee = Some(self.type_name(child)),
                _ => {}
            }
        }
        let callee = callee.unwrap_or_else(|| self.push(span, ExprKind::Name("".into())));
        let call = self.push(span, ExprKind::Call { callee, args, is_new: true });
        if body.is_empty() {
            return call;
        }
        body.push(Stmt { span, kind: StmtKind::Expr(call) });
        self.push(span, ExprKind::Block(body))
    }

    fn type_name(&mut self, node: Node<'_>) -> ExprId {
        match node.kind() {
            "generic_type" => match field(node, "type") {
                Some(inner) => self.type_name(inner),
                None => self.other(node),
            },
            "projected_type" | "compound_type" => match kids(node).first() {
                Some(&inner) => self.type_name(inner),
                None => self.other(node),
            },
            _ => self.stable(node),
        }
    }

    /// Operators and alphanumeric infix calls. Left-nested chains are read without recursion.
    pub(super) fn infix(&mut self, node: Node<'_>) -> ExprId {
        let mut steps = Vec::new();
        let mut at = node;
        while at.kind() == "infix_expression" {
            let (Some(left), Some(right)) = (field(at, "left"), field(at, "right")) else { return self.other(node) };
            let operator = field(at, "operator");
            steps.push((self.span(at), operator, right));
            at = left;
        }
        let mut left = self.expr(at);
        for (span, operator, right) in steps.into_iter().rev() {
            let op: Box<str> = operator.map_or("", |n| self.slice(n)).into();
            let op_span = operator.map_or(span, |n| self.span(n));
            left = self.combine(span, left, &op, op_span, right);
        }
        left
    }

    fn combine(&mut self, span: Span, left: ExprId, op: &str, op_span: Span, right_node: Node<'_>) -> ExprId {
        // `a op (x, y)` has two arguments.
        let alphanumeric = op.starts_with(|c: char| c.is_alphabetic());
        if alphanumeric || matches!(op, "+=" | "++=" | "::" | ":+" | "+:" | "!" | "!!") {
            let args = match right_node.kind() {
                "tuple_expression" | "arguments" if alphanumeric => kids(right_node)
                    .into_iter()
                    .map(|n| Arg { span: self.span(n), name: None, value: self.expr(n) })
                    .collect(),
                _ => vec![Arg { span: self.span(right_node), name: None, value: self.expr(right_node) }],
            };
            if matches!(op, "getOrElse" | "orElse")
                && let [only] = args.as_slice()
            {
                return self.push(span, ExprKind::Fallback { first: left, second: only.value });
            }
            if op == "format" && self.is_text(left) {
                return self.push(span, ExprKind::Format { template: left, args });
            }
            let callee = self.push(op_span, ExprKind::Attr { base: left, name: op.into(), name_span: op_span });
            return self.push(span, ExprKind::Call { callee, args, is_new: false });
        }
        let right = self.expr(right_node);
        let kind = match op {
            "->" => ExprKind::Pair { key: left, value: right },
            "+" | "++" => return self.concat(span, left, right),
            "==" | "!=" | "<" | ">" | "<=" | ">=" | "eq" | "ne" => {
                ExprKind::Compare { op: op.into(), operands: vec![left, right] }
            }
            "&&" | "||" => ExprKind::Logic(vec![left, right]),
            "=" => return self.bind_place(span, left, right),
            _ => ExprKind::Operator { op: op.into(), operands: vec![left, right] },
        };
        self.push(span, kind)
    }

    /// Chains are flat: `a + b + c` is one concatenation. A map plus a pair is a bigger map.
    fn concat(&mut self, span: Span, left: ExprId, right: ExprId) -> ExprId {
        let pair = |this: &Self, id: ExprId| {
            matches!(this.kind(id), ExprKind::Pair { .. })
                || matches!(this.kind(id), ExprKind::Same(inner) if matches!(this.kind(*inner), ExprKind::Pair { .. }))
        };
        let dict = |this: &Self, id: ExprId| matches!(this.kind(id), ExprKind::Dict(_));
        if dict(self, left) || dict(self, right) || pair(self, right) {
            let first = if dict(self, left) { Entry { key: None, value: left } } else { self.entry(left) };
            let second = self.entry(right);
            return self.push(span, ExprKind::Dict(vec![first, second]));
        }
        let mut parts = match self.facts.exprs.get_mut(left.0 as usize).map(|e| &mut e.kind) {
            Some(ExprKind::Concat(parts)) => std::mem::take(parts),
            _ => vec![left],
        };
        parts.push(right);
        self.push(span, ExprKind::Concat(parts))
    }
}
