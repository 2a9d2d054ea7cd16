//! Statements in run order.

use credscope_grammars::{
    CellFacts, Language, Span,
    facts::{BindKind, EmbeddedOrigin, ExprId, ExprKind, Stmt, StmtKind, Target, Verb},
};

use super::{
    At, Callable, DEPTH, STEPS, Walker,
    tables::Class,
    value::{Kind, Source, Value},
};
use crate::{
    catalog,
    finding::Place,
    value::{
        names::{NameVerdict, verdict},
        placeholder,
        plausible::implausible,
    },
};

impl<'a> Walker<'a> {
    pub(super) fn cell(&mut self, cell: u32, facts: &'a CellFacts, language: Language) {
        let at = At { facts, cell, map: None };
        let repl = self.notebook && language == Language::Scala;
        for (i, stmt) in facts.body.iter().enumerate() {
            let last = i + 1 == facts.body.len();
            if let StmtKind::Expr(id) = stmt.kind
                && self.notebook
                && (last || repl)
                && !matches!(language, Language::Sql)
            {
                let value = self.eval(at, id);
                // The result of a call that is itself a sink is nothing; what is left is shown by the notebook.
                if !value.frame && !value.is_clean() && is_result(at, id) {
                    let code = if repl { "CS204" } else { "CS203" };
                    let shown =
                        if repl && !last && !value.labels.iter().any(|l| l.changed) { Value::clean() } else { value };
                    self.leak(code, Class::Output, &shown, at.place(facts.expr(id).span), "the result of the cell");
                }
                continue;
            }
            self.stmt(at, stmt);
            if repl {
                self.echo(at, stmt);
            }
        }
        self.queries(at, language == Language::Sql);
        for embedded in &facts.embedded {
            if embedded.origin != EmbeddedOrigin::Comment && embedded.language == Language::Sql {
                let inner = At { facts: &embedded.facts, cell, map: Some(&embedded.map) };
                self.queries(inner, false);
            }
        }
    }

    /// Scala's shell prints `x: T = value` of each definition at cell level.
    fn echo(&mut self, at: At<'a>, stmt: &'a Stmt) {
        let StmtKind::Bind { targets, value, kind: BindKind::Val | BindKind::Var, .. } = &stmt.kind else { return };
        let [Target::Name { name, .. }] = targets.as_slice() else { return };
        let known = self.lookup(name).flat();
        if known.labels.iter().any(|l| l.changed) {
            self.leak("CS204", Class::Output, &known, at.place(at.facts.expr(*value).span), "echoed by the shell");
        }
    }

    /// SQL that shows or stores a secret.
    fn queries(&mut self, at: At<'a>, cell: bool) {
        for query in &at.facts.queries {
            for call in &query.calls {
                let ExprKind::Call { callee, .. } = &at.facts.expr(call.expr).kind else { continue };
                let name = at.facts.path(*callee).unwrap_or_default();
                let hidden = call.inside.iter().any(|f| {
                    f.starts_with("aes_")
                        || f.starts_with("hmac")
                        || f.starts_with("sha")
                        || matches!(
                            &**f,
                            "md5"
                                | "hash"
                                | "http_request"
                                | "read_files"
                                | "options"
                                | "length"
                                | "ai_query"
                                | "remote_query"
                                | "is_null"
                                | "isnull"
                        )
                });
                if !matches!(name.as_str(), "secret" | "try_secret") || hidden || !call.projected {
                    continue;
                }
                let changed =
                    !call.inside.is_empty() && !call.inside.iter().all(|f| matches!(&**f, "coalesce" | "nvl" | "cast"));
                let mut value = self.eval(at, call.expr);
                if changed {
                    value = value.changed();
                }
                let class = match query.verb {
                    Verb::CreateView | Verb::Insert | Verb::CreateTable => Class::Stored,
                    _ => Class::Output,
                };
                // A query inside a program is shown only when its result is: that is the program's flow.
                if cell || class == Class::Stored {
                    self.leak("CS213", class, &value, at.place(at.facts.expr(call.expr).span), "selected");
                }
            }
        }
    }

    pub(super) fn block(&mut self, at: At<'a>, body: &'a [Stmt]) -> Value {
        let mut last = Value::clean();
        if self.depth > DEPTH {
            return last;
        }
        self.depth += 1;
        for stmt in body {
            last = self.stmt(at, stmt);
        }
        self.depth -= 1;
        last
    }

    pub(super) fn stmt(&mut self, at: At<'a>, stmt: &'a Stmt) -> Value {
        self.steps += 1;
        if self.steps > STEPS {
            return Value::clean();
        }
        match &stmt.kind {
            StmtKind::Expr(id) => return self.eval(at, *id),
            StmtKind::Bind { targets, value, kind, .. } => self.bind(at, targets, *value, *kind),
            StmtKind::Return(value) => {
                if let Some(id) = value {
                    let value = self.eval(at, *id);
                    self.returned = std::mem::take(&mut self.returned).join(&value);
                    return value;
                }
            }
            StmtKind::Raise { value, cause } => {
                for id in value.iter().chain(cause) {
                    let carried = self.exception(at, *id);
                    self.leak(
                        "CS207",
                        Class::Stored,
                        &carried,
                        at.place(at.facts.expr(*id).span),
                        "put into an exception",
                    );
                }
            }
            StmtKind::Assert { test, message } => {
                self.eval(at, *test);
                if let Some(id) = message {
                    let value = self.eval(at, *id);
                    self.leak(
                        "CS207",
                        Class::Stored,
                        &value,
                        at.place(at.facts.expr(*id).span),
                        "put into an assertion message",
                    );
                }
            }
            StmtKind::If { test, then, other } => {
                self.eval(at, *test);
                let before = self.scopes.clone();
                let a = self.block(at, then);
                let after = std::mem::replace(&mut self.scopes, before);
                let b = self.block(at, other);
                self.merge(after);
                return a.join(&b);
            }
            StmtKind::For { target, iter, body } => {
                let items = self.eval(at, *iter);
                let item = self.element(&items);
                self.assign(at, target, item);
                // Twice: what one round binds, the next one reads.
                self.block(at, body);
                self.block(at, body);
            }
            StmtKind::While { test, body } => {
                self.eval(at, *test);
                self.block(at, body);
                self.block(at, body);
            }
            StmtKind::Try { body, handlers, otherwise, finally } => {
                let mut value = self.block(at, body);
                for handler in handlers {
                    if let Some((name, _)) = &handler.binding {
                        self.set(name, Value::clean());
                    }
                    let caught = self.block(at, &handler.body);
                    value = value.join(&caught);
                }
                self.block(at, otherwise);
                self.block(at, finally);
                return value;
            }
            StmtKind::With { items, body } => {
                for (id, target) in items {
                    let value = self.eval(at, *id);
                    if let Some(target) = target {
                        self.assign(at, target, value);
                    }
                }
                self.block(at, body);
            }
            StmtKind::Function(function) => {
                let id = self.functions.len();
                self.functions.push(Callable::Function(function, at));
                if let Some((name, _)) = &function.name {
                    let value = Value { callable: Some(id), ..Value::clean() };
                    self.set(name, value);
                }
                self.run_alone(id);
            }
            StmtKind::Class(class) => {
                let id = self.functions.len();
                self.functions.push(Callable::Class(class, at));
                self.scopes.push(Default::default());
                for stmt in &class.body {
                    self.stmt(at, stmt);
                }
                let fields = self.scopes.pop().unwrap_or_default();
                let parts = fields.into_iter().collect();
                let value = Value { callable: Some(id), ..Value::parts(parts) };
                self.set(&class.name, value);
            }
            StmtKind::Match { subject, arms } => {
                let subject = self.eval(at, *subject);
                let mut value = Value::clean();
                for arm in arms {
                    self.assign(at, &arm.pattern, subject.clone());
                    let result = self.block(at, &arm.body);
                    value = value.join(&result);
                }
                return value;
            }
            StmtKind::Block(body) => return self.block(at, body),
            StmtKind::Delete(targets) => {
                for target in targets {
                    self.assign(at, target, Value::clean());
                }
            }
            StmtKind::Import(_) | StmtKind::Global(_) | StmtKind::Include { .. } => {}
        }
        Value::clean()
    }

    /// Runs a function's body with clean arguments once, for what it leaks by itself.
    fn run_alone(&mut self, id: usize) {
        if let Callable::Function(function, _) = self.functions[id] {
            let args = vec![Value::clean(); function.params.len()];
            self.run(id, args);
        }
    }

    fn exception(&mut self, at: At<'a>, id: ExprId) -> Value {
        match &at.facts.expr(id).kind {
            ExprKind::Call { args, .. } => {
                let mut value = Value::clean();
                for arg in args {
                    let part = self.eval(at, arg.value);
                    value = value.join(&part.flat());
                }
                value
            }
            _ => self.eval(at, id),
        }
    }

    fn merge(&mut self, other: Vec<std::collections::HashMap<Box<str>, Value>>) {
        for (mine, theirs) in self.scopes.iter_mut().zip(other) {
            for (name, value) in theirs {
                match mine.get_mut(&name) {
                    Some(known) => *known = std::mem::take(known).join(&value),
                    None => {
                        mine.insert(name, value);
                    }
                }
            }
        }
    }

    fn bind(&mut self, at: At<'a>, targets: &'a [Target], id: ExprId, kind: BindKind) {
        let mut value = self.eval(at, id);
        let span = at.facts.expr(id).span;
        if let [Target::Name { name, span: target }] = targets {
            if value.is_clean() {
                value = self.plain(at, name, id, value);
            } else {
                value = value.hop(&format!("put into `{name}`"), at.place(*target));
            }
        }
        for target in targets {
            if kind == BindKind::Augmented {
                let old = self.current(at, target);
                // Characters collected in a loop are a changed value.
                value = old.join(&value);
            }
            self.stored_place(at, target, &value, span);
            self.assign(at, target, value.clone());
        }
    }

    /// A literal credential under a secret name is a secret, too.
    fn plain(&mut self, at: At<'a>, name: &str, id: ExprId, value: Value) -> Value {
        let Some(text) = at.facts.str_lit(id).and_then(|l| l.plain()) else { return value };
        let real = verdict(name) == NameVerdict::Secret
            && implausible(text.expose()).is_none()
            && placeholder(text.expose(), &self.settings.extend).is_none()
            && text.expose().chars().any(|c| c.is_ascii_digit() || c.is_ascii_punctuation());
        if !real {
            return value;
        }
        let place = at.place(at.facts.expr(id).span);
        let source = self.source(Kind::Plain, format!("the credential in `{name}`"), place);
        Value::of(source)
    }

    pub(super) fn source(&mut self, kind: Kind, name: String, place: Place) -> usize {
        if let Some(known) = self.source_at.get(&(place, name.clone())) {
            return *known;
        }
        let key = name.trim_end_matches('`').rsplit(['/', '`']).next().unwrap_or("").to_owned();
        let identifier = kind != Kind::Plain && super::tables::is_identifier(&key);
        self.sources.push(Source { kind, name: name.clone(), place, path: None, identifier });
        self.source_at.insert((place, name), self.sources.len() - 1);
        self.sources.len() - 1
    }

    /// `os.environ["X"] = pw`: the environment is a sink.
    fn stored_place(&mut self, at: At<'a>, target: &'a Target, value: &Value, span: Span) {
        let Target::Place(place) = target else { return };
        let path = self.names.path(at.facts, *place).unwrap_or_default();
        if path == "os.environ[]" || path == "environ[]" || path.starts_with("sys.props") {
            let key = match &at.facts.expr(*place).kind {
                ExprKind::Index { index, .. } => self.text(at, *index).unwrap_or_default(),
                _ => String::new(),
            };
            // Libraries that read nothing else.
            let expected = catalog::env::is_library_variable(&key);
            if !expected {
                self.leak(
                    "CS221",
                    Class::Text,
                    value,
                    at.place(span),
                    &format!("put into the environment variable `{key}`"),
                );
            }
        }
    }

    fn current(&mut self, at: At<'a>, target: &'a Target) -> Value {
        match target {
            Target::Name { name, .. } => self.lookup(name),
            Target::Place(id) => self.eval(at, *id),
            _ => Value::clean(),
        }
    }

    pub(super) fn assign(&mut self, at: At<'a>, target: &'a Target, value: Value) {
        match target {
            Target::Name { name, .. } => self.set(name, value),
            Target::Rest(inner) => self.assign(at, inner, value),
            Target::Tuple(parts) => {
                for (i, part) in parts.iter().enumerate() {
                    let item = match value.part(&i.to_string()) {
                        Some(item) => item.clone(),
                        // Extractors and unpacked unknowns: each part may be it.
                        None if value.parts.is_none() => value.clone(),
                        None => Value::clean(),
                    };
                    self.assign(at, part, item);
                }
            }
            Target::Place(id) => self.assign_place(at, *id, value),
            Target::Skip => {}
        }
    }

    fn assign_place(&mut self, at: At<'a>, id: ExprId, value: Value) {
        let (base, key) = match &at.facts.expr(id).kind {
            ExprKind::Attr { base, name, .. } => (*base, Some(name.to_string())),
            ExprKind::Index { base, index } => (*base, self.text(at, *index)),
            ExprKind::Call { callee, args, .. } => match args.as_slice() {
                [only] => (*callee, self.text(at, only.value)),
                _ => return,
            },
            _ => return,
        };
        let Some(root) = at.facts.path(base).filter(|p| !p.contains(['(', '['])) else { return };
        let mut object = self.lookup(&root);
        let mut parts = object.parts.as_deref().cloned().unwrap_or_default();
        match key {
            Some(key) => {
                parts.insert(key.into(), value);
            }
            None => {
                parts.insert("*".into(), value);
            }
        }
        object.parts = Some(std::rc::Rc::new(parts));
        self.set_existing(&root, object);
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.into(), value);
        }
    }

    /// Changes the object where it was bound, in whatever scope that is.
    pub(super) fn set_existing(&mut self, name: &str, value: Value) {
        for scope in self.scopes.iter_mut().rev() {
            if let Some(known) = scope.get_mut(name) {
                *known = value;
                return;
            }
        }
        self.set(name, value);
    }

    pub(super) fn lookup(&self, name: &str) -> Value {
        self.scopes.iter().rev().find_map(|s| s.get(name)).cloned().unwrap_or_default()
    }

    /// What one round of a loop over the value sees.
    pub(super) fn element(&self, items: &Value) -> Value {
        let mut item = items
            .labels
            .is_empty()
            .then(Value::clean)
            .unwrap_or_else(|| Value { labels: items.changed().labels, ..Value::clean() });
        if let Some(parts) = &items.parts {
            for part in parts.values() {
                item = item.join(part);
            }
        }
        item
    }
}

/// Whether an expression at the end of a cell has a value that is shown: no assignment, no call of something unknown.
fn is_result(at: At<'_>, id: ExprId) -> bool {
    !matches!(at.facts.expr(id).kind, ExprKind::Assign { .. })
}
