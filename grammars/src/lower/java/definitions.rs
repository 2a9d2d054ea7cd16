//! Methods, classes, imports.

use tree_sitter::Node;

use super::{Lowering, field, k, kids};
use crate::{
    Span,
    facts::{Class, ExprId, ExprKind, Function, Import, Param, ParamKind},
};

impl Lowering<'_> {
    /// `@Name(arguments)` of a declaration.
    pub(super) fn annotations(&mut self, node: Node<'_>) -> Vec<ExprId> {
        let mut out = Vec::new();
        let lists = kids(node).into_iter().filter(|n| n.kind() == k::MODIFIERS).flat_map(kids);
        for annotation in lists.collect::<Vec<_>>() {
            if !matches!(annotation.kind(), k::ANNOTATION | k::MARKER_ANNOTATION) {
                continue;
            }
            let Some(name) = field(annotation, k::F_NAME) else { continue };
            let callee = self.dotted(name);
            out.push(self.called(annotation, callee, false));
        }
        out
    }

    pub(super) fn function(&mut self, node: Node<'_>) -> Function {
        // A constructor is called by the name of its class.
        let name = field(node, k::F_NAME).map(|n| {
            let name = if node.kind() == k::METHOD { self.slice(n) } else { "this" };
            (name.into(), self.span(n))
        });
        let params = field(node, k::F_PARAMETERS).map(|list| self.params(list)).unwrap_or_default();
        let body = self.field_body(node, k::F_BODY);
        let decorators = self.annotations(node);
        Function { span: self.span(node), name, params, decorators, body }
    }

    pub(super) fn params(&mut self, list: Node<'_>) -> Vec<Param> {
        let mut params = Vec::new();
        for param in kids(list) {
            let (named, kind) = match param.kind() {
                k::SPREAD_PARAMETER => (kids(param).into_iter().find(|n| n.kind() == k::DECLARATOR), ParamKind::Rest),
                k::IDENTIFIER => (Some(param), ParamKind::Positional),
                _ => (Some(param), ParamKind::Positional),
            };
            let Some(name) = named.and_then(|n| if n.kind() == k::IDENTIFIER { Some(n) } else { field(n, k::F_NAME) })
            else {
                continue;
            };
            let annotation = field(param, k::F_TYPE).map(|t| self.slice(t).into());
            params.push(Param {
                name: self.slice(name).into(),
                span: self.span(name),
                default: None,
                annotation,
                kind,
            });
        }
        params
    }

    pub(super) fn class(&mut self, node: Node<'_>) -> Class {
        let (name, name_span) = field(node, k::F_NAME).map_or(("", self.span(node)), |n| (self.slice(n), self.span(n)));
        let params = field(node, k::F_PARAMETERS).map(|list| self.params(list)).unwrap_or_default();
        let parent = field(node, k::F_SUPERCLASS).and_then(|n| kids(n).first().copied());
        let bases = parent.map(|n| self.type_name(n)).into_iter().collect();
        let decorators = self.annotations(node);
        let body = self.field_body(node, k::F_BODY);
        Class { name: name.into(), name_span, bases, params, decorators, body, is_object: false }
    }

    pub(super) fn import(&mut self, node: Node<'_>) -> Option<Import> {
        let kids = kids(node);
        let path: String = self.slice(*kids.first()?).split_whitespace().collect();
        let all = kids.iter().any(|n| n.kind() == k::ASTERISK);
        let alias = if all { "*" } else { path.rsplit('.').next().unwrap_or(&path) };
        Some(Import { alias: alias.into(), path: path.as_str().into(), module: None, span: self.span(node) })
    }

    /// `a.b.C` in a type's position or an annotation.
    pub(super) fn dotted(&mut self, node: Node<'_>) -> ExprId {
        let (text, start) = (self.slice(node), self.span(node).start as usize);
        let mut id: Option<ExprId> = None;
        let mut at = 0;
        for part in text.split('.') {
            let (span, whole) =
                (Span::new(start + at, start + at + part.len()), Span::new(start, start + at + part.len()));
            let name: Box<str> = part.trim().into();
            id = Some(match id {
                None => self.push(span, ExprKind::Name(name)),
                Some(base) => self.push(whole, ExprKind::Attr { base, name, name_span: span }),
            });
            at += part.len() + 1;
        }
        id.unwrap_or_else(|| self.other(node))
    }

    /// A type without what it is of: `HashMap<String, String>` is `HashMap`.
    pub(super) fn type_name(&mut self, node: Node<'_>) -> ExprId {
        let mut at = node;
        for _ in 0..8 {
            match at.kind() {
                k::GENERIC_TYPE | k::ANNOTATED_TYPE | k::ARRAY_TYPE => {
                    let inner =
                        kids(at).into_iter().find(|n| !matches!(n.kind(), k::ANNOTATION | k::MARKER_ANNOTATION));
                    let Some(inner) = inner else { break };
                    at = inner;
                }
                _ => break,
            }
        }
        self.dotted(at)
    }
}
