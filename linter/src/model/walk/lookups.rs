//! Lookups by name: what counts when they find nothing, and reads of the environment.

use std::sync::Arc;

use credscope_grammars::facts::{Arg, ExprId, ExprKind};

use super::{At, Role, Value, Walker, call::arg_name};
use crate::{finding::Place, model::Argument};

/// Calls `f(name, default)` whose second argument is what counts when the first names nothing.
const WITH_DEFAULT: &[&str] = &[
    "get", "getenv", "getOrElse", "envOrElse", "pop", "setdefault", "getOrDefault", "getProperty", "propOrElse",
    "config", "env",
];

impl Walker<'_> {
    /// Positions of the constant name that a lookup asks for, and of what counts when it finds nothing: the second argument
    /// of `get(name, default)`, the third of `getattr(object, name, default)`, `fallback` of a parser's `get`.
    pub(super) fn with_default(
        &self,
        path: &str,
        method: &str,
        args: &[Arg],
        values: &[Value],
    ) -> Option<(usize, usize)> {
        let (name, default) = match args {
            [_, _, _] if method == "getattr" => (1, 2),
            [_, _, fallback] if arg_name(fallback) == "fallback" && self.names.is_parser_method(path) => (1, 2),
            [_, _] if self.has_default(path, method) => {
                // `getenv(key="X", default="…")`
                const NAMES: &[&str] = &["key", "name", "prop"];
                const DEFAULTS: &[&str] = &["default", "alt", "defaultValue"];
                let at = |position: usize, names: &[&str]| {
                    let named = args.iter().position(|arg| names.contains(&arg_name(arg)));
                    named.or_else(|| args.get(position).filter(|arg| arg.name.is_none()).map(|_| position))
                };
                (at(0, NAMES)?, at(1, DEFAULTS)?)
            }
            _ => return None,
        };
        values.get(name).filter(|name| name.is_text()).map(|_| (name, default))
    }

    /// Whether the last argument is what counts when a constant before it names nothing.
    fn has_default(&self, path: &str, method: &str) -> bool {
        (WITH_DEFAULT.contains(&method) || crate::catalog::env::is_reader(path))
            // `config("X", default)` of decouple; that of a session's builder sets.
            && (method != "config" || path == method)
            && !path.contains("secrets")
            && !path.contains("widgets")
            && !path.contains("taskValues")
            && !self.names.is_parser_method(path)
    }

    /// Whether an expression is a read of the environment.
    pub(super) fn reads_environment(&self, at: At<'_>, id: ExprId) -> bool {
        let path = match &at.facts.expr(id).kind {
            ExprKind::Call { callee, .. } => self.names.path(at.facts, *callee),
            ExprKind::Index { .. } => self.names.path(at.facts, id),
            _ => None,
        };
        path.is_some_and(|path| crate::catalog::env::is_reader(&path))
    }

    /// `os.environ["X"]` asks like `os.getenv("X")`.
    pub(super) fn environment_read(&mut self, at: At<'_>, id: ExprId, index: ExprId, key: &Value) {
        if self.quiet > 0 || !key.is_text() {
            return;
        }
        let Some(path) = self.names.path(at.facts, id) else { return };
        let path = path.strip_suffix("()").unwrap_or(&path).to_owned();
        if !crate::catalog::env::is_reader(&path) {
            return;
        }
        let argument = Argument {
            callee: path.into(),
            method: "[]".into(),
            index: Some(0),
            keyword: None,
            siblings: Arc::new([(None, key.known())]),
            call: Place { cell: at.frame.cell, span: at.frame.span(at.facts.expr(id).span) },
            chain: Arc::new([]),
        };
        self.emit(at, key, Role::Argument(Box::new(argument)), at.facts.expr(index).span);
    }
}
