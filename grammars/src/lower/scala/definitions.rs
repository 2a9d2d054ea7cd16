//! Functions, classes, imports, patterns.

use tree_sitter::Node;

use super::{Lowering, field, k, kids};
use crate::facts::{Class, ExprId, ExprKind, Function, Import, Param, ParamKind, Stmt, StmtKind};

impl Lowering<'_> {
    /// `@name(arguments)` before a definition.
    fn annotations(&mut self, node: Node<'_>) -> Vec<ExprId> {
        let mut out = Vec::new();
        for annotation in kids(node).into_iter().filter(|n| n.kind() == k::ANNOTATION) {
            let Some(name) = field(annotation, k::F_NAME) else { continue };
            let (span, callee) = (self.span(annotation), self.stable(name));
            let args = field(annotation, k::F_ARGUMENTS).map(|a| self.arguments(a)).unwrap_or_default();
            out.push(self.push(span, ExprKind::Call { callee, args, is_new: false }));
        }
        out
    }

    pub(super) fn function(&mut self, node: Node<'_>) -> Function {
        let name = field(node, k::F_NAME).map(|n| (self.word(n).into(), self.span(n)));
        let mut params = Vec::new();
        let mut cursor = node.walk();
        for list in node.children_by_field_name(k::F_PARAMETERS, &mut cursor) {
            self.params(list, &mut params);
        }
        let mut body = field(node, k::F_BODY).map(|b| self.body(b)).unwrap_or_default();
        return_last(&mut body);
        let decorators = self.annotations(node);
        Function { span: self.span(node), name, params, decorators, body }
    }

    fn params(&mut self, list: Node<'_>, out: &mut Vec<Param>) {
        for param in kids(list) {
            let Some(name) = field(param, k::F_NAME) else { continue };
            let default = field(param, k::F_DEFAULT_VALUE).map(|d| self.expr(d));
            let annotation: Option<Box<str>> = field(param, k::F_TYPE).map(|t| self.slice(t).into());
            let rest = annotation.as_deref().is_some_and(|t| t.ends_with('*'));
            let kind = if rest { ParamKind::Rest } else { ParamKind::Positional };
            out.push(Param { name: self.word(name).into(), span: self.span(name), default, annotation, kind });
        }
    }

    pub(super) fn class(&mut self, node: Node<'_>) -> Class {
        let (name, name_span) =
            field(node, k::F_NAME).map_or(("".into(), self.span(node)), |n| (self.slice(n).into(), self.span(n)));
        let mut params = Vec::new();
        let mut cursor = node.walk();
        for list in node.children_by_field_name(k::F_CLASS_PARAMETERS, &mut cursor) {
            self.params(list, &mut params);
        }
        let bases = field(node, k::F_EXTEND).map(|e| self.bases(e)).unwrap_or_default();
        let body = field(node, k::F_BODY).map(|b| self.body(b)).unwrap_or_default();
        let is_object = matches!(node.kind(), k::OBJECT_DEFINITION | k::PACKAGE_OBJECT);
        let mut decorators = self.annotations(node);
        if kids(node)
            .iter()
            .any(|n| n.kind() == "modifiers" && self.slice(*n).split_whitespace().any(|w| w == "implicit"))
        {
            decorators.push(self.push(name_span, ExprKind::Name("implicit".into())));
        }
        let mut cursor = node.walk();
        if node.children(&mut cursor).any(|n| n.kind() == "case") {
            decorators.push(self.push(name_span, ExprKind::Name("case".into())));
        }
        Class { name, name_span, bases, params, decorators, body, is_object }
    }

    /// `extends C(x)`: the arguments are looked at as a call of the class.
    fn bases(&mut self, node: Node<'_>) -> Vec<ExprId> {
        let mut out = Vec::new();
        for child in kids(node) {
            if child.kind() == k::ARGUMENTS {
                let args = self.arguments(child);
                let callee = out.pop().unwrap_or_else(|| self.push(self.span(node), ExprKind::Name("super".into())));
                let span = self.span(node);
                out.push(self.push(span, ExprKind::Call { callee, args, is_new: true }));
            } else {
                let span = self.span(child);
                let name = self.slice(child).split(['[', '(']).next().unwrap_or("").into();
                out.push(self.push(span, ExprKind::Name(name)));
            }
        }
        out
    }

    pub(super) fn imports(&mut self, node: Node<'_>) -> Vec<Import> {
        let span = self.span(node);
        let mut out = Vec::new();
        for clause in span
            .of(self.text)
            .trim_start()
            .trim_start_matches("import")
            .split_inclusive([','])
            .fold(Vec::<String>::new(), join_braces)
        {
            let clause = clause.trim().trim_end_matches(',').trim();
            let (base, selectors) = match clause.split_once('{') {
                Some((base, rest)) => (base.trim().trim_end_matches('.'), rest.trim_end_matches('}')),
                None => clause.rsplit_once('.').unwrap_or(("", clause)),
            };
            for selector in selectors.split(',').map(str::trim).filter(|s| !s.is_empty()) {
                let (name, alias) = match selector.split_once("=>").or_else(|| selector.split_once(" as ")) {
                    Some((name, alias)) => (name.trim(), alias.trim()),
                    None => (selector, selector),
                };
                // `{C => _}` leaves `C` out.
                if alias == "_" && name != "_" {
                    continue;
                }
                let alias = if matches!(alias, "_" | "*" | "given") { "*" } else { alias };
                let path = match (alias, base) {
                    ("*", _) => base.to_owned(),
                    (_, "") => name.to_owned(),
                    _ => format!("{base}.{name}"),
                };
                out.push(Import { path: path.into(), alias: alias.into(), module: None, span });
            }
        }
        out
    }
}

/// The value of a method is its last expression, in each branch.
pub(super) fn return_last(body: &mut [Stmt]) {
    let Some(last) = body.last_mut() else { return };
    match &mut last.kind {
        StmtKind::Expr(id) => last.kind = StmtKind::Return(Some(*id)),
        StmtKind::If { then, other, .. } => {
            return_last(then);
            return_last(other);
        }
        StmtKind::Match { arms, .. } => arms.iter_mut().for_each(|a| return_last(&mut a.body)),
        StmtKind::Try { body, handlers, .. } => {
            return_last(body);
            handlers.iter_mut().for_each(|h| return_last(&mut h.body));
        }
        StmtKind::Block(inner) => return_last(inner),
        _ => {}
    }
}

/// Commas inside braces belong to the clause.
fn join_braces(mut clauses: Vec<String>, part: &str) -> Vec<String> {
    match clauses.last_mut() {
        Some(last) if last.contains('{') && !last.contains('}') => last.push_str(part),
        _ => clauses.push(part.to_owned()),
    }
    clauses
}
