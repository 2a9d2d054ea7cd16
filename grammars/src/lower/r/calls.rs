//! Calls, and the ones that are control flow or containers.

use tree_sitter::Node;

use super::{Lowering, field, k, kids};
use crate::{
    Span,
    facts::{Arg, BindKind, Entry, ExprId, ExprKind, Function, Handler, Import, SeqKind, Stmt, StmtKind, Target},
};

/// Functions that make a list or vector of their arguments.
const CONTAINERS: &[&str] = &["list", "c", "alist", "list2", "rlang.list2", "env", "new.env"];
/// Functions that answer their argument.
const SAME: &[&str] = &["invisible", "suppressWarnings", "suppressMessages", "force", "isolate"];
/// Functions that end with an error.
const RAISES: &[&str] = &["stop", "abort", "rlang.abort"];

impl Lowering<'_> {
    /// A call with the callee already read (links of a chain).
    pub(super) fn call(&mut self, node: Node<'_>, callee: ExprId) -> ExprId {
        let span = self.span(node);
        let args = field(node, k::F_ARGUMENTS).map_or_else(Vec::new, |n| self.args(n));
        let path = self.facts.path(callee).unwrap_or_default();
        if CONTAINERS.contains(&path.as_str()) {
            return self.container(span, &path, args);
        }
        let kind = match args.as_slice() {
            [only] if only.name.is_none() && SAME.contains(&path.as_str()) => ExprKind::Same(only.value),
            [test, yes, no] if matches!(path.as_str(), "ifelse" | "if_else" | "fifelse" | "dplyr.if_else") => {
                ExprKind::Cond { test: test.value, then: yes.value, other: Some(no.value) }
            }
            [first, rest @ ..] if matches!(path.as_str(), "tryCatch" | "try" | "withCallingHandlers") => {
                let kind = self.try_statement(first.value, rest);
                ExprKind::Block(vec![Stmt { span, kind }])
            }
            // `Sys.getenv(name, unset = "x")`
            [name, unset] if path == "Sys.getenv" && unset.name.as_ref().is_none_or(|(n, _)| &**n == "unset") => {
                let (name, second) = (name.clone(), unset.value);
                let first = self.push(span, ExprKind::Call { callee, args: vec![name], is_new: false });
                ExprKind::Fallback { first, second }
            }
            [name, value, ..] if path == "assign" && self.facts.str_lit(name.value).is_some() => {
                match self.assigned(name.value) {
                    Some(target) => ExprKind::Assign { target: Box::new(target), value: value.value },
                    None => ExprKind::Call { callee, args, is_new: false },
                }
            }
            _ => ExprKind::Call { callee, args, is_new: false },
        };
        self.push(span, kind)
    }

    /// What a call is as a statement, if not just a call.
    pub(super) fn call_statement(&mut self, node: Node<'_>) -> Option<StmtKind> {
        let function = field(node, k::F_FUNCTION)?;
        let name = self.slice(function);
        let args = field(node, k::F_ARGUMENTS)?;
        match name {
            "library" | "require" | "requireNamespace" | "loadNamespace" => {
                let package = field(*kids(args).first()?, k::F_VALUE)?;
                if !matches!(package.kind(), k::IDENTIFIER | k::STRING) {
                    return None;
                }
                let (path, span) = self.word(package);
                Some(StmtKind::Import(vec![Import { path, alias: "*".into(), module: None, span }]))
            }
            "return" => {
                let value = kids(args).first().and_then(|a| field(*a, k::F_VALUE));
                Some(StmtKind::Return(value.map(|n| self.expr(n))))
            }
            _ if RAISES.contains(&name.replace("::", ".").as_str()) => {
                Some(StmtKind::Raise { value: Some(self.expr(node)), cause: None })
            }
            "assign" | "try" | "tryCatch" | "withCallingHandlers" => {
                let id = self.expr(node);
                let slot = self.facts.exprs.get_mut(id.0 as usize)?;
                match &mut slot.kind {
                    ExprKind::Assign { target, value } => {
                        let (target, value) = ((**target).clone(), *value);
                        slot.kind = ExprKind::Other(Vec::new());
                        Some(StmtKind::Bind { targets: vec![target], value, kind: BindKind::Assign, annotation: None })
                    }
                    ExprKind::Block(body) if body.len() == 1 => body.pop().map(|s| s.kind),
                    _ => Some(StmtKind::Expr(id)),
                }
            }
            _ => None,
        }
    }

    fn assigned(&self, name: ExprId) -> Option<Target> {
        let lit = self.facts.str_lit(name)?;
        let text = lit.plain()?;
        Some(Target::Name { name: text.expose().into(), span: lit.style.inner })
    }

    pub(super) fn args(&mut self, node: Node<'_>) -> Vec<Arg> {
        let mut args = Vec::new();
        for kid in kids(node) {
            let span = self.span(kid);
            if kid.kind() != k::ARGUMENT {
                args.push(Arg { span, name: None, value: self.expr(kid) });
                continue;
            }
            let name = field(kid, k::F_NAME).map(|n| self.word(n));
            let value = match field(kid, k::F_VALUE) {
                Some(value) => self.expr(value),
                // `f(a = )`
                None => self.push(span, ExprKind::Other(Vec::new())),
            };
            args.push(Arg { span, name, value });
        }
        args
    }

    /// `list(a = 1)` is a dictionary, `c("a", "b")` a list.
    fn container(&mut self, span: Span, path: &str, args: Vec<Arg>) -> ExprId {
        let kind = if args.iter().any(|a| a.name.is_some()) || args.is_empty() && path != "c" {
            let entries = args.into_iter().map(|a| self.entry(a)).collect();
            ExprKind::Dict(entries)
        } else {
            ExprKind::Seq { kind: SeqKind::List, items: args.into_iter().map(|a| a.value).collect() }
        };
        self.push(span, kind)
    }

    fn entry(&mut self, arg: Arg) -> Entry {
        let Some((name, span)) = arg.name else {
            return Entry { key: None, value: arg.value };
        };
        let key = self.name_key(&name, span);
        Entry { key: Some(key), value: arg.value }
    }

    /// `tryCatch(body, error = function(e) …, finally = …)`.
    fn try_statement(&mut self, body: ExprId, rest: &[Arg]) -> StmtKind {
        let body = self.statements_of(body);
        let (mut handlers, mut finally) = (Vec::new(), Vec::new());
        for arg in rest {
            match arg.name.as_ref().map(|(n, _)| &**n) {
                Some("finally") => finally.extend(self.statements_of(arg.value)),
                Some("error" | "warning" | "message" | "condition" | "interrupt") => {
                    let handler = match self.kind(arg.value) {
                        ExprKind::Lambda(f) => handler(f),
                        _ => Handler { binding: None, body: self.statements_of(arg.value) },
                    };
                    handlers.push(handler);
                }
                _ => {}
            }
        }
        StmtKind::Try { body, handlers, otherwise: Vec::new(), finally }
    }

    fn statements_of(&mut self, id: ExprId) -> Vec<Stmt> {
        let span = self.facts.expr(id).span;
        match self.facts.exprs.get_mut(id.0 as usize).map(|e| &mut e.kind) {
            Some(ExprKind::Block(body)) => std::mem::take(body),
            _ => vec![Stmt { span, kind: StmtKind::Expr(id) }],
        }
    }
}

fn handler(function: &Function) -> Handler {
    let mut body = function.body.clone();
    // `return` leaves the handler, and what it returns is what the whole is.
    if let Some(last) = body.last_mut()
        && let StmtKind::Return(Some(value)) = last.kind
    {
        last.kind = StmtKind::Expr(value);
    }
    Handler { binding: function.params.first().map(|p| (p.name.clone(), p.span)), body }
}
