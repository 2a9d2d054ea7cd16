//! Statements: branches that are joined, second choices, functions and classes.

use std::{collections::HashMap, sync::Arc};

use credscope_grammars::facts::{
    ConstKind, ExprId, ExprKind, Function, Handler, Param, ParamKind, Stmt, StmtKind, Target,
};

use super::{At, DEPTH, Role, Value, Walker, columns::is_column, visit::member};
use crate::value::names::{NameVerdict, verdict};

/// Stand for what a body returns, and for its own value, among the names that it binds.
const RETURNED: &str = "return";
const VALUE: &str = "=";

/// Turns of a loop that are walked one by one, and statements that its body may have for that.
const TURNS: usize = 8;
const TURNED: usize = 12;

impl Walker<'_> {
    /// Walks the statements; the value of the last one, as of a Scala block.
    pub(super) fn block(&mut self, at: At<'_>, body: &[Stmt]) -> Value {
        if self.depth > DEPTH {
            return Value::Unknown;
        }
        self.depth += 1;
        let mut last = Value::Unknown;
        for stmt in body {
            last = self.stmt(at, stmt);
        }
        self.depth -= 1;
        last
    }

    fn stmt(&mut self, at: At<'_>, stmt: &Stmt) -> Value {
        match &stmt.kind {
            StmtKind::Expr(id) => return self.bare(at, *id),
            StmtKind::Bind { targets, value, kind, .. } => self.bind(at, targets, *value, *kind),
            StmtKind::Return(Some(id)) => {
                let role = match self.functions.last() {
                    Some((Some(name), _)) => Role::Return { name: name.clone() },
                    _ => Role::Bare,
                };
                let value = self.place(at, *id, role);
                if let Some((_, returned)) = self.functions.last_mut() {
                    returned.push(value.clone());
                }
                return value;
            }
            StmtKind::Raise { value, cause } => {
                for id in value.iter().chain(cause) {
                    self.bare(at, *id);
                }
            }
            StmtKind::Assert { test, message } => {
                for id in std::iter::once(test).chain(message) {
                    self.bare(at, *id);
                }
            }
            StmtKind::If { test, then, other } => {
                self.bare(at, *test);
                return self.choice(at, *test, then, other);
            }
            StmtKind::For { target, iter, body } => {
                let value = self.bare(at, *iter);
                self.turns(at, target, &value, body);
            }
            StmtKind::While { test, body } => {
                self.bare(at, *test);
                self.block(at, body);
            }
            StmtKind::Try { body, handlers, otherwise, finally } => {
                let value = self.attempt(at, body, handlers);
                self.block(at, otherwise);
                self.block(at, finally);
                return value;
            }
            StmtKind::With { items, body } => {
                for (id, target) in items {
                    let value = self.bare(at, *id);
                    if let Some(target) = target {
                        self.assign(at, target, value);
                    }
                }
                self.block(at, body);
            }
            StmtKind::Function(function) => self.function(at, function),
            StmtKind::Class(class) => self.class(at, class),
            StmtKind::Match { subject, arms } => {
                self.bare(at, *subject);
                let name = if is_column(at, *subject) { "".into() } else { self.label(at, *subject) };
                let (mut ways, mut values) = (Vec::new(), Vec::new());
                for arm in arms {
                    self.asked_for(at, Some(*subject), &name, &arm.pattern);
                    let mark = self.scopes.begin();
                    if let Some(guard) = arm.guard {
                        self.bare(at, guard);
                    }
                    values.push(self.block(at, &arm.body));
                    ways.push(self.scopes.end(mark));
                }
                self.scopes.join(&ways);
                return Value::either(values.into_iter());
            }
            StmtKind::Block(body) => return self.block(at, body),
            StmtKind::Delete(targets) => {
                for target in targets {
                    self.assign(at, target, Value::Unknown);
                }
            }
            StmtKind::Global(names) => names.iter().for_each(|name| self.scopes.bind_outside(name)),
            StmtKind::Return(None) | StmtKind::Import(_) | StmtKind::Include { .. } => {}
        }
        Value::Unknown
    }

    /// The turns of a loop: over a constant list of tuples or dicts one for each of its first items, else one for any.
    fn turns(&mut self, at: At<'_>, target: &Target, value: &Value, body: &[Stmt]) {
        let outer = self.turn;
        match value {
            Value::Seq(items)
                if outer == 0
                    && items.len() > 1
                    && body.len() <= TURNED
                    && items.iter().all(|item| matches!(item, Value::Seq(_) | Value::Dict(_))) =>
            {
                for (turn, item) in items.iter().take(TURNS).enumerate() {
                    self.turn = turn;
                    self.assign(at, target, item.clone());
                    self.block(at, body);
                }
            }
            _ => {
                self.assign(at, target, member(target, value));
                self.block(at, body);
            }
        }
        self.turn = outer;
    }

    /// `if`: what either branch binds may be bound afterwards. `if not pw: pw = "…"` is a second choice for `pw`.
    fn choice(&mut self, at: At<'_>, test: ExprId, then: &[Stmt], other: &[Stmt]) -> Value {
        let (asked, absent) = asked(at, test);
        let mut ways = Vec::new();
        let mut values = Vec::new();
        // The way that is not there comes first: what is bound in the other counts more.
        let branches = if other.is_empty() { [(other, false), (then, true)] } else { [(then, true), (other, false)] };
        for (body, holds) in branches {
            let before = self.out.len();
            let mark = self.scopes.begin();
            let secret = asked.as_ref().and_then(|name| self.secrets.get(name).cloned());
            values.push(self.block(at, body));
            ways.push(self.scopes.end(mark));
            if let Some(name) = &asked
                && absent == holds
            {
                self.mark_fallbacks(before, std::slice::from_ref(name), secret.as_deref());
                if let Some(key) = secret {
                    self.secrets.insert(name.clone(), key);
                }
            }
        }
        self.scopes.join(&ways);
        Value::either(values.into_iter())
    }

    /// `try`: what a handler binds is a second choice for what the body was to bind.
    fn attempt(&mut self, at: At<'_>, body: &[Stmt], handlers: &[Handler]) -> Value {
        let bound = self.bound.clone();
        let mark = self.scopes.begin();
        let mut values = vec![self.block(at, body)];
        let mut ways = vec![self.scopes.end(mark)];
        let mut names: Vec<Box<str>> = ways[0].keys().map(|(_, path)| last_segment(path).into()).collect();
        names.sort();
        let read = self.secrets_read(at, body);
        for handler in handlers {
            let before = self.out.len();
            let mark = self.scopes.begin();
            let value = self.block(at, &handler.body);
            ways.push(self.scopes.end(mark));
            self.mark_fallbacks(before, &names, None);
            self.call_by_secret(before, &read);
            if let (Some(name), Some(Stmt { kind: StmtKind::Expr(id), .. })) = (&bound, handler.body.last()) {
                let role = match read.get(VALUE) {
                    Some(key) => Role::Fallback { name: key.clone(), of_secret: true },
                    None => Role::Fallback { name: name.clone(), of_secret: false },
                };
                self.emit(at, &value, role, at.facts.expr(*id).span);
            }
            values.push(value);
        }
        // A value that the body has is preferred to the handlers'.
        values.reverse();
        ways.reverse();
        self.scopes.join(&ways);
        Value::either(values.into_iter())
    }

    /// Bind sites since `before` of one of `names` (sorted) become fallbacks for it; `secret`: the key of the secret that it held.
    fn mark_fallbacks(&mut self, before: usize, names: &[Box<str>], secret: Option<&str>) {
        for site in self.out.iter_mut().skip(before) {
            if let Role::Bind { name, .. } = &site.role
                && names.binary_search(name).is_ok()
            {
                site.role = match secret {
                    Some(key) => Role::Fallback { name: key.into(), of_secret: true },
                    None => Role::Fallback { name: name.clone(), of_secret: false },
                };
            }
        }
    }

    /// Keys of the secrets that statements bind to names, return ([`RETURNED`]) or end with ([`VALUE`]).
    fn secrets_read(&mut self, at: At<'_>, body: &[Stmt]) -> HashMap<Box<str>, Box<str>> {
        let mut found = HashMap::new();
        for (i, stmt) in body.iter().enumerate() {
            let (name, value): (&str, ExprId) = match &stmt.kind {
                StmtKind::Bind { targets, value, .. } => match targets.as_slice() {
                    [Target::Name { name, .. }] => (name, *value),
                    _ => continue,
                },
                StmtKind::Return(Some(value)) => (RETURNED, *value),
                StmtKind::Expr(value) if i + 1 == body.len() => (VALUE, *value),
                _ => continue,
            };
            if let Some(key) = self.secret_key(at, value) {
                found.insert(name.into(), key);
            }
        }
        found
    }

    /// What takes a secret's place in a handler is a second choice for the secret, whatever the variable is called.
    fn call_by_secret(&mut self, before: usize, read: &HashMap<Box<str>, Box<str>>) {
        for site in self.out.iter_mut().skip(before).filter(|_| !read.is_empty()) {
            let key = match &site.role {
                Role::Fallback { name, of_secret: false } => read.get(name),
                Role::Return { .. } => read.get(RETURNED),
                _ => None,
            };
            if let Some(key) = key {
                site.role = Role::Fallback { name: key.clone(), of_secret: true };
            }
        }
    }

    pub(super) fn function(&mut self, at: At<'_>, function: &Function) {
        for id in &function.decorators {
            self.bare(at, *id);
        }
        let name = function.name.as_ref().map(|(name, _)| name.clone());
        let outer = (std::mem::take(&mut self.names_of_secrets), std::mem::take(&mut self.passed_on));
        self.scopes.push();
        self.params(at, &function.params);
        self.functions.push((name.clone(), Vec::new()));
        let bound = self.bound.take();
        self.block(at, &function.body);
        self.bound = bound;
        let (_, returned) = self.functions.pop().unwrap_or_default();
        if let Some(name) = &name {
            self.know_parameters(name, &function.params);
        }
        (self.names_of_secrets, self.passed_on) = outer;
        let fields = self.scopes.pop(false);
        if self.class.is_some() {
            for (path, value) in fields {
                if path.starts_with("self.") || path.starts_with("this.") {
                    self.scopes.set(path, value);
                }
            }
        }
        if let Some(name) = name {
            self.scopes.set(format!("{name}()").into(), Value::either(returned.into_iter()));
        }
    }

    pub(super) fn params(&mut self, at: At<'_>, params: &[Param]) {
        for param in params {
            let value = match param.default {
                Some(default) => self.place(at, default, Role::Default { name: param.name.clone() }),
                None => Value::Unknown,
            };
            self.scopes.set(param.name.clone(), value);
        }
    }

    pub(super) fn know_parameters(&mut self, name: &str, params: &[Param]) {
        let names: Arc<[Box<str>]> = params
            .iter()
            .filter(|p| !matches!(&*p.name, "self" | "cls"))
            .take_while(|p| p.kind == ParamKind::Positional)
            .map(|p| match self.passed_on.get(&p.name) {
                _ if self.names_of_secrets.contains(&p.name) => "".into(),
                Some(key) if verdict(&p.name) != NameVerdict::Secret => format!("{}={key}", p.name).into(),
                _ => p.name.clone(),
            })
            .collect();
        // A constructor is called by the name of its class.
        match (&self.class, name) {
            (Some(class), "__init__" | "this") => self.parameters.insert(class.clone(), names),
            _ => self.parameters.insert(name.into(), names),
        };
    }
}

fn last_segment(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// What a test asks to be there, and whether the test holds when it is absent: `pw` and true for `not pw`,
/// `pw is None`, `pw == ""`, `pw.isEmpty`; `pw` and false for `pw`, `pw is not None`.
fn asked(at: At<'_>, test: ExprId) -> (Option<Box<str>>, bool) {
    let facts = at.facts;
    let name = |id: ExprId| facts.path(id).map(|p| last_segment(p.trim_end_matches("()")).into());
    let mut id = test;
    let mut absent = false;
    for _ in 0..8 {
        match &facts.expr(id).kind {
            ExprKind::Same(inner) => id = *inner,
            ExprKind::Logic(operands) if operands.len() == 1 => {
                absent = !absent;
                id = operands[0];
            }
            ExprKind::Operator { op, operands } if op.as_ref() == "!" && operands.len() == 1 => {
                absent = !absent;
                id = operands[0];
            }
            ExprKind::Fallback { first, .. } => id = *first,
            ExprKind::Compare { op, operands } => {
                let [first, second] = operands.as_slice() else { return (None, absent) };
                let nothing = match &facts.expr(*second).kind {
                    ExprKind::Const(c) => c.kind == ConstKind::Null,
                    ExprKind::Str(lit) => lit.parts.is_empty(),
                    ExprKind::Name(name) => matches!(&**name, "None" | "null"),
                    _ => false,
                };
                let equal = matches!(&**op, "is" | "==" | "eq");
                return (if nothing { name(*first) } else { None }, absent != equal);
            }
            ExprKind::Call { callee, args, .. } => {
                return match &facts.expr(*callee).kind {
                    ExprKind::Attr { base, name: n, .. } if emptiness(n) => (name(*base), !absent),
                    ExprKind::Name(n) if emptiness(n) && args.len() == 1 => (name(args[0].value), !absent),
                    // R: what `try` answered.
                    ExprKind::Name(n) if &**n == "inherits" && args.len() == 2 => (name(args[0].value), !absent),
                    _ => (None, absent),
                };
            }
            ExprKind::Attr { base, name: n, .. } if emptiness(n) => return (name(*base), !absent),
            ExprKind::Name(_) | ExprKind::Attr { .. } => return (name(id), absent),
            _ => return (None, absent),
        }
    }
    (None, absent)
}

fn emptiness(name: &str) -> bool {
    matches!(name, "isEmpty" | "isBlank" | "is.null" | "is.na" | "isNullOrEmpty" | "isnull")
}
