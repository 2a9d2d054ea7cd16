//! Functions, classes, lambdas and imports.

use tree_sitter::Node;

use super::{Lowering, field, fields, k, kids};
use crate::{
    Span,
    facts::{Class, ExprId, ExprKind, Function, Import, Param, ParamKind, Stmt, StmtKind},
};

impl Lowering<'_> {
    pub(super) fn decorated(&mut self, node: Node<'_>, out: &mut Vec<Stmt>) {
        let mut decorators = Vec::new();
        for kid in kids(node) {
            if kid.kind() == k::DECORATOR {
                let ids = self.exprs(kids(kid));
                decorators.extend(ids);
            }
        }
        let kind = match field(node, k::F_DEFINITION) {
            Some(n) if n.kind() == k::CLASS => self.class(n, decorators),
            Some(n) => self.function(n, decorators),
            None => return,
        };
        out.push(Stmt { span: self.span(node), kind });
    }

    pub(super) fn function(&mut self, node: Node<'_>, decorators: Vec<ExprId>) -> StmtKind {
        let name = field(node, k::F_NAME).map(|n| (self.slice(n).into(), self.span(n)));
        let params = field(node, k::F_PARAMETERS).map_or_else(Vec::new, |n| self.params(n));
        let body = self.suite(field(node, k::F_BODY));
        StmtKind::Function(Box::new(Function { span: self.span(node), name, params, decorators, body }))
    }

    pub(super) fn class(&mut self, node: Node<'_>, decorators: Vec<ExprId>) -> StmtKind {
        let (name, name_span) = field(node, k::F_NAME).map_or(("", Span::default()), |n| (self.slice(n), self.span(n)));
        let bases = field(node, k::F_SUPERCLASSES)
            .map_or_else(Vec::new, |n| self.args(n))
            .into_iter()
            .filter(|a| a.name.is_none())
            .map(|a| a.value)
            .collect();
        let body = self.suite(field(node, k::F_BODY));
        StmtKind::Class(Box::new(Class {
            name: name.into(),
            name_span,
            bases,
            params: Vec::new(),
            decorators,
            body,
            is_object: false,
        }))
    }

    pub(super) fn lambda(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let params = field(node, k::F_PARAMETERS).map_or_else(Vec::new, |n| self.params(n));
        let value = field(node, k::F_BODY).map(|n| (self.span(n), self.expr(n)));
        let body = value.map(|(span, id)| Stmt { span, kind: StmtKind::Return(Some(id)) }).into_iter().collect();
        self.push(span, ExprKind::Lambda(Box::new(Function { span, name: None, params, decorators: Vec::new(), body })))
    }

    fn params(&mut self, node: Node<'_>) -> Vec<Param> {
        let mut params = Vec::new();
        let mut kind = ParamKind::Positional;
        for kid in kids(node) {
            if kid.kind() == k::KEYWORD_SEPARATOR {
                kind = ParamKind::KeywordOnly;
                continue;
            }
            if let Some(param) = self.param(kid, kind) {
                if param.kind == ParamKind::Rest {
                    kind = ParamKind::KeywordOnly;
                }
                params.push(param);
            }
        }
        params
    }

    fn param(&mut self, node: Node<'_>, kind: ParamKind) -> Option<Param> {
        let default = field(node, k::F_VALUE).map(|n| self.expr(n));
        let annotation = field(node, k::F_TYPE).map(|n| self.slice(n).into());
        let named = match node.kind() {
            k::IDENTIFIER | k::LIST_SPLAT_PATTERN | k::DICT_SPLAT_PATTERN => node,
            k::DEFAULT_PARAMETER | k::TYPED_DEFAULT_PARAMETER => field(node, k::F_NAME)?,
            k::TYPED_PARAMETER => kids(node).into_iter().next()?,
            // Python 2 tuple parameters, separators, broken code.
            _ => return None,
        };
        let (named, kind) = match named.kind() {
            k::LIST_SPLAT_PATTERN => (kids(named).into_iter().next()?, ParamKind::Rest),
            k::DICT_SPLAT_PATTERN => (kids(named).into_iter().next()?, ParamKind::KeywordRest),
            _ => (named, kind),
        };
        Some(Param { name: self.slice(named).into(), span: self.span(named), default, annotation, kind })
    }

    pub(super) fn imports(&mut self, node: Node<'_>) -> StmtKind {
        let from = match node.kind() {
            k::FUTURE_IMPORT => Some("__future__".to_owned()),
            k::IMPORT_FROM => field(node, k::F_MODULE_NAME).map(|n| self.compact(n)),
            _ => None,
        };
        let mut imports = Vec::new();
        for name in fields(node, k::F_NAME) {
            let (path, alias) = match name.kind() {
                k::ALIASED_IMPORT => (field(name, k::F_NAME), field(name, k::F_ALIAS)),
                _ => (Some(name), None),
            };
            let Some(path) = path.map(|n| self.compact(n)) else { continue };
            let alias = alias.map(|n| self.slice(n).to_owned());
            imports.push(import(from.as_deref(), path, alias, self.span(name)));
        }
        if let (Some(from), Some(star)) = (from, kids(node).into_iter().find(|n| n.kind() == k::WILDCARD_IMPORT)) {
            imports.push(Import { path: from.into(), alias: "*".into(), module: None, span: self.span(star) });
        }
        StmtKind::Import(imports)
    }

    /// A dotted name without blanks.
    fn compact(&self, node: Node<'_>) -> String {
        self.slice(node).split_whitespace().collect()
    }
}

fn import(from: Option<&str>, path: String, alias: Option<String>, span: Span) -> Import {
    match (from, alias) {
        (Some(from), alias) => {
            let alias = alias.unwrap_or_else(|| path.clone());
            let dot = if from.ends_with('.') { "" } else { "." };
            Import { path: format!("{from}{dot}{path}").into(), alias: alias.into(), module: None, span }
        }
        (None, Some(alias)) => Import { path: path.into(), alias: alias.into(), module: None, span },
        (None, None) => match path.split_once('.') {
            Some((first, _)) => {
                Import { path: first.into(), alias: first.into(), module: Some(path.as_str().into()), span }
            }
            None => Import { path: path.as_str().into(), alias: path.as_str().into(), module: None, span },
        },
    }
}
