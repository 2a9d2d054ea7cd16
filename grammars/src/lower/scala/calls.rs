//! Calls, constructor calls and operators.

use tree_sitter::Node;

use super::{Lowering, field, k, kids};
use crate::{
    Span,
    facts::{Arg, Entry, ExprId, ExprKind, SeqKind, Stmt, StmtKind},
};

/// Constructors of collections whose arguments are their items.
const SEQUENCES: &[&str] =
    &["Seq", "List", "Array", "Vector", "Set", "IndexedSeq", "ListBuffer", "ArrayBuffer", "Stream", "Iterator"];
const MAPS: &[&str] = &["Map", "HashMap", "ListMap", "TreeMap", "LinkedHashMap", "SortedMap", "TrieMap"];

impl Lowering<'_> {
    /// A call with the callee already read (links of a chain).
    pub(super) fn call(&mut self, node: Node<'_>, callee: ExprId) -> ExprId {
        let span = self.span(node);
        let args = field(node, k::F_ARGUMENTS).map(|a| self.arguments(a)).unwrap_or_default();
        let path = self.facts.path(callee).unwrap_or_default();
        let class = collection(&path);
        if MAPS.contains(&class) {
            return self.map(span, &args);
        }
        if SEQUENCES.contains(&class) {
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
        let mut at = id;
        for _ in 0..16 {
            at = match self.kind(at) {
                ExprKind::Str(_) => return true,
                ExprKind::Concat(parts) => return parts.iter().any(|&p| matches!(self.kind(p), ExprKind::Str(_))),
                ExprKind::Same(inner) => *inner,
                ExprKind::Attr { base, name, .. } if matches!(&**name, "stripMargin" | "trim") => *base,
                _ => return false,
            };
        }
        false
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
        if matches!(node.kind(), k::BLOCK | k::CASE_BLOCK | k::COLON_ARGUMENT) {
            let value = self.expr(node);
            return vec![Arg { span: self.span(node), name: None, value }];
        }
        kids(node).into_iter().map(|child| self.argument(child)).collect()
    }

    /// `new C(x) { body }`.
    pub(super) fn instance(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let mut callee: Option<ExprId> = None;
        let mut args = field(node, k::F_ARGUMENTS).map(|a| self.arguments(a)).unwrap_or_default();
        let mut body: Vec<Stmt> = Vec::new();
        for child in kids(node) {
            match child.kind() {
                k::ARGUMENTS => {}
                k::TEMPLATE_BODY | k::BLOCK => body.extend(self.body(child)),
                k::APPLIED_CONSTRUCTOR_TYPE | k::ANNOTATED_TYPE | k::COMPOUND_TYPE => {
                    for part in kids(child) {
                        match part.kind() {
                            k::ARGUMENTS => args = self.arguments(part),
                            k::TEMPLATE_BODY => body.extend(self.body(part)),
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
            k::GENERIC_TYPE | k::PROJECTED_TYPE | k::COMPOUND_TYPE | k::ANNOTATED_TYPE => {
                let inner = field(node, k::F_TYPE).or_else(|| kids(node).first().copied());
                inner
                    .and_then(|inner| self.deeper(node, |this| this.type_name(inner)))
                    .unwrap_or_else(|| self.stable(node))
            }
            _ => self.stable(node),
        }
    }

    /// Operators and alphanumeric infix calls. Left-nested chains are read without recursion.
    pub(super) fn infix(&mut self, node: Node<'_>) -> ExprId {
        let mut steps = Vec::new();
        let mut at = node;
        while at.kind() == k::INFIX_EXPRESSION {
            let (Some(left), Some(right)) = (field(at, k::F_LEFT), field(at, k::F_RIGHT)) else {
                return self.other(node);
            };
            let operator = field(at, k::F_OPERATOR);
            steps.push((self.span(at), operator, right));
            at = left;
        }
        let mut left = self.expr(at);
        // The operator of the chain that `left` is, while this walk is building it.
        let mut open = "";
        for (link, (span, operator, right)) in steps.into_iter().rev().enumerate() {
            let op = operator.map_or("", |n| self.slice(n));
            if op == open && self.extend(left, span, right) {
                continue;
            }
            let op_span = operator.map_or(span, |n| self.span(n));
            left = self.shorten(left, link);
            left = self.combine(span, left, op, op_span, right);
            open = if matches!(op, "+" | "++" | "-" | "*" | "/" | "|" | "&" | "&&" | "||") { op } else { "" };
        }
        left
    }

    /// Adds an operand to the chain `left` of the same operator: `a + b + c` is one concatenation.
    fn extend(&mut self, left: ExprId, span: Span, right: Node<'_>) -> bool {
        if !matches!(self.kind(left), ExprKind::Operator { .. } | ExprKind::Logic(_) | ExprKind::Concat(_)) {
            return false;
        }
        let right = self.expr(right);
        let right_is_entry = self.is_entry(right);
        let Some(expr) = self.facts.exprs.get_mut(left.0 as usize) else { return false };
        expr.span = span;
        match &mut expr.kind {
            // `base ++ more + ("k" -> "v")`: a map after all.
            ExprKind::Concat(operands) if right_is_entry => {
                let operands = std::mem::take(operands);
                let mut entries: Vec<Entry> = operands.into_iter().map(|value| Entry { key: None, value }).collect();
                entries.push(self.entry(right));
                if let Some(expr) = self.facts.exprs.get_mut(left.0 as usize) {
                    expr.kind = ExprKind::Dict(entries);
                }
            }
            ExprKind::Operator { operands, .. } | ExprKind::Logic(operands) | ExprKind::Concat(operands) => {
                operands.push(right);
            }
            _ => {}
        }
        true
    }

    /// A dictionary or `k -> v`, perhaps in parentheses.
    fn is_entry(&self, id: ExprId) -> bool {
        match self.kind(id) {
            ExprKind::Pair { .. } | ExprKind::Dict(_) => true,
            ExprKind::Same(inner) => matches!(self.kind(*inner), ExprKind::Pair { .. } | ExprKind::Dict(_)),
            _ => false,
        }
    }

    fn combine(&mut self, span: Span, left: ExprId, op: &str, op_span: Span, right_node: Node<'_>) -> ExprId {
        // `a op (x, y)` has two arguments.
        let alphanumeric = op.starts_with(|c: char| c.is_alphabetic());
        if alphanumeric || matches!(op, "+=" | "++=" | "::" | ":+" | "+:" | "!" | "!!") {
            let args = match right_node.kind() {
                k::TUPLE_EXPRESSION | k::ARGUMENTS if alphanumeric || all_pairs(self, right_node) => kids(right_node)
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
            "->" | "→" => ExprKind::Pair { key: left, value: right },
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

    /// A map plus a pair or another map is a bigger map.
    fn concat(&mut self, span: Span, left: ExprId, right: ExprId) -> ExprId {
        let left_dict = matches!(self.kind(left), ExprKind::Dict(_));
        if left_dict || self.is_entry(right) {
            let second = self.entry(right);
            return self.push(span, ExprKind::Dict(vec![Entry { key: None, value: left }, second]));
        }
        self.push(span, ExprKind::Concat(vec![left, right]))
    }
}

/// The class of a collection without the packages of the standard library; other paths as they are.
fn collection(path: &str) -> &str {
    match path.rsplit_once('.') {
        Some((package, class))
            if package
                .split('.')
                .all(|p| matches!(p, "scala" | "collection" | "mutable" | "immutable" | "concurrent" | "Predef")) =>
        {
            class
        }
        _ => path,
    }
}

/// `(a -> b, c -> d)`.
fn all_pairs(lowering: &Lowering<'_>, node: Node<'_>) -> bool {
    kids(node)
        .iter()
        .all(|n| n.kind() == k::INFIX_EXPRESSION && field(*n, k::F_OPERATOR).is_some_and(|o| lowering.slice(o) == "->"))
}
