//! Calls and constructor calls.

use tree_sitter::Node;

use super::{Lowering, field, k, kids};
use crate::{
    Span,
    facts::{Arg, Entry, ExprId, ExprKind, SeqKind, Stmt, StmtKind},
};

/// Getters that Scala and the documentation of Spark write without parentheses.
const GETTERS: &[&str] = &[
    "read", "write", "readStream", "writeStream", "conf", "sparkContext", "sc", "hadoopConfiguration", "dbutils",
    "secrets", "notebook", "widgets", "fs",
];

impl Lowering<'_> {
    /// A call of a chain, its callee already read.
    pub(super) fn call(&mut self, node: Node<'_>, callee: ExprId) -> ExprId {
        let span = self.span(node);
        let args = self.arguments(node);
        if let ExprKind::Attr { base, name, .. } = self.kind(callee) {
            let (base, name) = (*base, name.clone());
            let class = match self.kind(base) {
                ExprKind::Name(class) => class.clone(),
                _ => "".into(),
            };
            match (&*class, &*name, args.as_slice()) {
                (_, getter, []) if GETTERS.contains(&getter) => return callee,
                ("Map" | "ImmutableMap", "of", _) => return self.map(span, &args),
                ("Map", "ofEntries", _) => {
                    let entries = args.iter().map(|arg| self.entry(arg.value)).collect();
                    return self.push(span, ExprKind::Dict(entries));
                }
                ("Map", "entry", [key, value]) => {
                    let (key, value) = (key.value, value.value);
                    return self.push(span, ExprKind::Pair { key, value });
                }
                ("List" | "Set" | "Stream" | "ImmutableList" | "ImmutableSet", "of", _) | ("Arrays", "asList", _) => {
                    let items = args.iter().map(|a| a.value).collect();
                    return self.push(span, ExprKind::Seq { kind: SeqKind::List, items });
                }
                (_, "orElse", [only]) => {
                    return self.push(span, ExprKind::Fallback { first: base, second: only.value });
                }
                (_, "getOrDefault", [key, default]) => {
                    let first = self.push(span, ExprKind::Index { base, index: key.value });
                    return self.push(span, ExprKind::Fallback { first, second: default.value });
                }
                (_, "formatted", [_, ..]) => return self.push(span, ExprKind::Format { template: base, args }),
                _ => {}
            }
        }
        self.push(span, ExprKind::Call { callee, args, is_new: false })
    }

    /// A call with the arguments of `node`.
    pub(super) fn called(&mut self, node: Node<'_>, callee: ExprId, is_new: bool) -> ExprId {
        let args = self.arguments(node);
        self.push(self.span(node), ExprKind::Call { callee, args, is_new })
    }

    fn arguments(&mut self, node: Node<'_>) -> Vec<Arg> {
        let Some(list) = field(node, k::F_ARGUMENTS) else { return Vec::new() };
        let mut args = Vec::new();
        for arg in kids(list) {
            let span = self.span(arg);
            // `name = "x"` of an annotation.
            let pair = Some(arg).filter(|arg| arg.kind() == k::ELEMENT_PAIR);
            let key = pair.and_then(|pair| field(pair, k::F_KEY));
            let name = key.map(|key| (self.slice(key).into(), self.span(key)));
            let value = self.expr(pair.and_then(|pair| field(pair, k::F_VALUE)).unwrap_or(arg));
            args.push(Arg { span, name, value });
        }
        args
    }

    /// `Map.of("k", v, …)`: keys and values in turn.
    fn map(&mut self, span: Span, args: &[Arg]) -> ExprId {
        let entries = args.chunks_exact(2).map(|pair| Entry { key: Some(pair[0].value), value: pair[1].value });
        let entries = entries.collect();
        self.push(span, ExprKind::Dict(entries))
    }

    fn entry(&self, id: ExprId) -> Entry {
        match self.kind(id) {
            ExprKind::Pair { key, value } => Entry { key: Some(*key), value: *value },
            _ => Entry { key: None, value: id },
        }
    }

    /// `new C(x) { body }`.
    pub(super) fn instance(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let callee = match field(node, k::F_TYPE) {
            Some(class) => self.type_name(class),
            None => self.push(span, ExprKind::Name("".into())),
        };
        let call = self.called(node, callee, true);
        let Some(body) = kids(node).into_iter().find(|n| n.kind() == k::CLASS_BODY) else { return call };
        let mut body = self.body(body);
        body.push(Stmt { span, kind: StmtKind::Expr(call) });
        self.push(span, ExprKind::Block(body))
    }
}
