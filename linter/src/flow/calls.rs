//! Calls: sources, sinks, propagators, sanitizers, functions of the document.

use std::collections::BTreeMap;

use crate::value::names::{NameVerdict, verdict};

use credscope_grammars::facts::{Arg, ExprId, ExprKind, StmtKind};

use super::{
    At, CALL_DEPTH, Callable, Walker,
    tables::{self, Class},
    value::Value,
};

impl<'a> Walker<'a> {
    pub(super) fn call(&mut self, at: At<'a>, id: ExprId, callee: ExprId, args: &'a [Arg], is_new: bool) -> Value {
        let path = self.names.path(at.facts, callee).unwrap_or_default();
        let settings = self.settings;
        let (receiver, method) = match &at.facts.expr(callee).kind {
            ExprKind::Attr { base, name, .. } => (self.eval(at, *base), name.to_string()),
            ExprKind::Name(name) => (Value::clean(), name.to_string()),
            _ => (self.eval(at, callee), String::new()),
        };
        let values: Vec<Value> = args.iter().map(|a| self.eval(at, a.value)).collect();
        let constant = |name: &str, index: usize| {
            let arg = args.iter().find(|a| a.name.as_ref().is_some_and(|(n, _)| &**n == name));
            let arg = arg.or_else(|| args.iter().filter(|a| a.name.is_none()).nth(index));
            arg.and_then(|a| self.text(at, a.value))
        };
        if let Some(read) = tables::source(&path, &constant, &settings.extend.sources) {
            return self.read(at, id, read);
        }
        self.sinks(at, id, &path, &method, &receiver, args, &values);
        if tables::is_sanitizer(&path, &method, &settings.extend.sanitizers) {
            return Value::clean();
        }
        // Functions and classes of the document.
        let target = match receiver.part(&method).and_then(|v| v.callable) {
            Some(found) => Some(found),
            None => self.lookup(at.facts.path(callee).as_deref().unwrap_or("")).callable,
        };
        if let Some(target) = target {
            return self.apply(at, target, args, values, receiver);
        }
        if let Some(frame) = self.frames(&path, &method, &receiver, &values, args, at) {
            return frame;
        }
        let _ = is_new;
        if matches!(method.as_str(), "get" | "pop" | "apply") && (receiver.parts.is_some() || receiver.holder) {
            let key = args.first().and_then(|a| self.text(at, a.value));
            return self.member(&receiver, key.as_deref());
        }
        // `response.json().get("access_token")`.
        if method == "get"
            && receiver.is_clean()
            && args.first().and_then(|a| self.text(at, a.value)).is_some_and(|k| tables::is_token_key(&k))
            && values.len() <= 2
        {
            return self.read(at, id, tables::Read::Secret(super::value::Kind::Other, "access token".into()));
        }
        if method == "items" || method == "values" {
            return receiver;
        }
        if method == "keys" {
            return Value::clean();
        }
        if receiver.parts.is_none() && receiver.labels.is_empty() && values.iter().all(Value::is_clean) {
            return Value::clean();
        }
        // Functions over a callable: what it gives back, per item.
        if let Some(function) = values.iter().find_map(|v| v.callable)
            && matches!(
                method.as_str(),
                "map" | "flatMap" | "foreach" | "filter" | "fold" | "foldLeft" | "getOrElse" | "apply" | "withColumn"
            )
        {
            let items = receiver.clone().join(&join(&values));
            let item = self.element(&items);
            let result = self.run(function, vec![item]);
            return Value::parts([("*".into(), result)].into_iter().collect());
        }
        if method == "join" || method == "mkString" {
            return self.joined(&receiver, &values);
        }
        if !receiver.is_clean() && tables::changes(&method) {
            return receiver.changed();
        }
        if tables::encodes(&path, &method) {
            return join(&values).changed();
        }
        if method == "dict" || method == "Map" || method == "namedtuple" || method == "Row" {
            let parts: BTreeMap<Box<str>, Value> = args
                .iter()
                .zip(&values)
                .filter_map(|(a, v)| Some((a.name.as_ref()?.0.clone(), v.clone())))
                .chain(values.iter().filter_map(|v| v.parts.as_deref()).flatten().map(|(k, v)| (k.clone(), v.clone())))
                .collect();
            return Value::parts(parts);
        }
        if !receiver.is_clean()
            && tables::keeps(&method)
            && !(receiver.parts.is_some() && receiver.labels.is_empty() && method == "get")
        {
            return receiver;
        }
        if tables::passes(&path, &method) {
            return join(&values);
        }
        if matches!(method.as_str(), "append" | "add" | "put" | "setdefault" | "update" | "+=" | "extend") {
            // Containers that grow: the receiver carries it from now on.
            if let ExprKind::Attr { base, .. } = &at.facts.expr(callee).kind
                && let Some(root) = at.facts.path(*base).filter(|p| !p.contains(['(', '[']))
            {
                let mut object = self.lookup(&root);
                let mut parts = object.parts.as_deref().cloned().unwrap_or_default();
                if method == "update" {
                    // Only what is known by key comes in: an unknown key says nothing of the others.
                    for (key, value) in values.iter().filter_map(|v| v.parts.as_deref()).flatten() {
                        if &**key != "*" {
                            parts.insert(key.clone(), value.clone());
                        }
                    }
                    object.parts = Some(std::rc::Rc::new(parts));
                    self.set_existing(&root, object);
                    return Value::clean();
                }
                let key =
                    (args.len() == 2).then(|| self.text(at, args[0].value)).flatten().unwrap_or_else(|| "*".into());
                let old = parts.remove(key.as_str()).unwrap_or_default();
                let new = old.join(&values.last().cloned().unwrap_or_default().flat());
                parts.insert(key.into(), new);
                object.parts = Some(std::rc::Rc::new(parts));
                self.set_existing(&root, object);
            }
            return Value::clean();
        }
        // Somebody else's function: neither sink nor propagator.
        Value::clean()
    }

    fn joined(&self, receiver: &Value, values: &[Value]) -> Value {
        let direct = values.iter().any(|v| !v.labels.is_empty()) || !receiver.labels.is_empty();
        let all = join(values).join(receiver).flat();
        if direct { all.changed() } else { all }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one call, looked at once")]
    fn sinks(
        &mut self,
        at: At<'a>,
        id: ExprId,
        path: &str,
        method: &str,
        receiver: &Value,
        args: &'a [Arg],
        values: &[Value],
    ) {
        self.dumps(at, id, path, method, args);
        self.widget(at, path, method, args);
        if receiver.frame || values.iter().any(|v| v.frame) {
            let place = at.place(at.facts.expr(id).span);
            let frame = Value { frame: false, ..join(values).join(receiver).flat() };
            if tables::shows(method) || method == "display" {
                return self.leak("CS202", Class::Output, &frame.changed(), place, "shown in a table");
            }
            if tables::writes(method)
                && (path.contains("write") || method.contains("View") || method.starts_with("to_"))
            {
                return self.leak("CS219", Class::Stored, &frame, place, "written to a table or file");
            }
        }
        let Some((mut code, mut class)) = tables::sink(path, method, &self.settings.extend.sinks) else {
            return self.requests(at, path, method, args, values);
        };
        let to_file = args.iter().any(|a| a.name.as_ref().is_some_and(|(n, _)| &**n == "file"));
        if code == "CS201" && to_file {
            let file = args.iter().find(|a| a.name.as_ref().is_some_and(|(n, _)| &**n == "file"));
            let name = file.and_then(|f| at.facts.path(f.value)).unwrap_or_default();
            if !name.contains("stderr") && !name.contains("stdout") {
                (code, class) = ("CS218", Class::Stored);
            }
        }
        for (i, (arg, value)) in args.iter().zip(values).enumerate() {
            let keyword = arg.name.as_ref().map(|(n, _)| &**n);
            let skip = match code {
                "CS217" => i == 0,
                "CS215" => i == 0,
                "CS212" => keyword == Some("params") || (i > 0 && keyword.is_none()) || value.frame,
                "CS223" => i == 0,
                "CS221" => i == 0 && keyword.is_none(),
                "CS222" => matches!(keyword, Some("env" | "input" | "cwd")),
                "CS207" => i == 0,
                "CS220" => i == 0 && args.len() > 1,
                _ => matches!(keyword, Some("file" | "sep" | "end" | "flush" | "exc_info")),
            };
            if skip || (value.holder && !value.frame) {
                continue;
            }
            let verb = verb(code);
            let basic = code == "CS201"
                && value.labels.is_empty()
                && value.parts.as_ref().is_some_and(|p| p.keys().any(|k| k.eq_ignore_ascii_case("authorization")));
            let (code, value) = if basic { ("CS209", value.changed()) } else { (code, value.clone()) };
            self.leak(code, class, &value, at.place(at.facts.expr(arg.value).span), verb);
        }
    }

    /// A widget that asks for a secret: what is typed there is part of the notebook (CS217).
    fn widget(&mut self, at: At<'a>, path: &str, method: &str, args: &'a [Arg]) {
        if !path.ends_with(&format!("widgets.{method}"))
            || !matches!(method, "text" | "dropdown" | "combobox" | "multiselect")
        {
            return;
        }
        let name = args.iter().find(|a| a.name.as_ref().is_none_or(|(n, _)| &**n == "name"));
        let Some((arg, text)) = name.and_then(|a| Some((a, self.text(at, a.value)?))) else { return };
        let place = at.place(at.facts.expr(arg.value).span);
        if verdict(&text) == NameVerdict::Secret && self.quiet == 0 && self.seen.insert((place, "CS217")) {
            let message = format!(
                "the widget `{text}` asks for a secret: what is typed there is kept with the notebook and its runs; pass scope and key and read the secret"
            );
            self.leaks.push(super::Leak {
                code: "CS217",
                severity: crate::Severity::Warning,
                place,
                message,
                path: Vec::new(),
                subject: text,
                value: None,
            });
        }
    }

    /// Query strings (CS211) and plain HTTP (CS227).
    fn requests(&mut self, at: At<'a>, path: &str, method: &str, args: &'a [Arg], values: &[Value]) {
        let http = (path.starts_with("requests") || path.starts_with("httpx") || path.contains("session"))
            && matches!(method, "get" | "post" | "put" | "patch" | "delete" | "request" | "head")
            || method == "urlopen";
        if !http {
            return;
        }
        for (i, (arg, value)) in args.iter().zip(values).enumerate() {
            let keyword = arg.name.as_ref().map(|(n, _)| &**n);
            if keyword == Some("params") || (i == 0 && keyword.is_none()) {
                self.leak(
                    "CS211",
                    Class::Text,
                    value,
                    at.place(at.facts.expr(arg.value).span),
                    "put into the URL of a request",
                );
            }
        }
        let plain = args
            .first()
            .and_then(|a| self.text(at, a.value))
            .is_some_and(|u| u.starts_with("http://") && !u.contains("localhost") && !u.contains("127.0.0.1"));
        if plain {
            for (arg, value) in args.iter().zip(values).skip(1) {
                self.leak("CS227", Class::Text, value, at.place(at.facts.expr(arg.value).span), "sent over plain http");
            }
        }
    }

    /// Whole configurations and environments that are shown (CS224), and debug switches (CS228).
    fn dumps(&mut self, at: At<'a>, id: ExprId, path: &str, method: &str, args: &'a [Arg]) {
        let shown = matches!(method, "print" | "println" | "display" | "pprint" | "info" | "debug");
        if shown && self.quiet == 0 {
            for arg in args {
                let inner = match &at.facts.expr(arg.value).kind {
                    ExprKind::Call { callee, args, .. }
                        if matches!(at.facts.path(*callee).as_deref(), Some("dict" | "list" | "str"))
                            && args.len() == 1 =>
                    {
                        args[0].value
                    }
                    _ => arg.value,
                };
                let what = self.names.path(at.facts, inner).unwrap_or_default();
                let dump = matches!(what.as_str(), "os.environ" | "os.environ.items()" | "sys.env" | "System.getenv()")
                    || what.ends_with("getConf().getAll()")
                    || what.ends_with("getConf.getAll")
                    || what.ends_with("conf.getAll");
                let place = at.place(at.facts.expr(arg.value).span);
                if dump && self.seen.insert((place, "CS224")) {
                    let message = format!("all of `{what}` is shown, secrets among it; show the keys that are needed");
                    self.leaks.push(super::Leak {
                        code: "CS224",
                        severity: crate::Severity::Warning,
                        place,
                        message,
                        path: Vec::new(),
                        subject: what,
                        value: None,
                    });
                }
            }
        }
        let debug = args.iter().find(|a| {
            a.name.as_ref().is_some_and(|(n, _)| &**n == "debug_headers") && matches!(&at.facts.expr(a.value).kind, ExprKind::Const(c) if c.text.expose() == "True" || c.text.expose() == "true")
        });
        if let Some(arg) = debug
            && (path.ends_with("WorkspaceClient") || path.ends_with("AccountClient") || path.ends_with("Config"))
        {
            let place = at.place(arg.span);
            if self.seen.insert((place, "CS228")) {
                let message = "`debug_headers` writes access tokens to the debug log; remove it".to_owned();
                self.leaks.push(super::Leak {
                    code: "CS228",
                    severity: crate::Severity::Warning,
                    place,
                    message,
                    path: Vec::new(),
                    subject: "debug_headers".into(),
                    value: None,
                });
            }
        }
        let _ = id;
    }

    /// DataFrames that hold a secret in a column.
    fn frames(
        &mut self,
        path: &str,
        method: &str,
        receiver: &Value,
        values: &[Value],
        args: &'a [Arg],
        at: At<'a>,
    ) -> Option<Value> {
        let all = join(values).flat();
        if matches!(method, "createDataFrame" | "DataFrame" | "parallelize" | "toDF") && !all.labels.is_empty() {
            return Some(Value { frame: true, ..all });
        }
        if matches!(method, "withColumn" | "select" | "selectExpr" | "withColumns" | "assign")
            && (!all.labels.is_empty() || receiver.frame)
        {
            return Some(Value { frame: true, ..all.join(&receiver.flat()) });
        }
        if matches!(method, "sql" | "selectExpr") && (path.contains("spark") || path == "sql" || method == "selectExpr")
        {
            let secret = args.first().and_then(|a| self.embedded_secret(at, a.value))?;
            return Some(Value { frame: true, ..secret });
        }
        if receiver.frame && !matches!(method, "count" | "printSchema" | "columns" | "option" | "load") {
            return Some(Value { frame: true, ..receiver.clone() });
        }
        None
    }

    /// `secret()` in the select list of a query literal.
    fn embedded_secret(&mut self, at: At<'a>, literal: ExprId) -> Option<Value> {
        let span = at.facts.expr(literal).span;
        let embedded = at
            .facts
            .embedded
            .iter()
            .find(|e| span.contains(e.map.to_source(credscope_grammars::Span::new(0, e.text.len()))))?;
        let query = embedded.facts.queries.first()?;
        let call = query.calls.iter().find(|c| {
            c.projected
                && c.inside.iter().all(|f| !f.starts_with("aes_") && !f.starts_with("sha"))
                && matches!(&embedded.facts.expr(c.expr).kind, ExprKind::Call { callee, .. } if matches!(embedded.facts.path(*callee).as_deref(), Some("secret" | "try_secret")))
        })?;
        let inner = At { facts: &embedded.facts, cell: at.cell, map: Some(&embedded.map) };
        let value = self.eval(inner, call.expr);
        Some(value)
    }

    /// Calls a function or class of the document.
    fn apply(&mut self, at: At<'a>, target: usize, args: &'a [Arg], values: Vec<Value>, receiver: Value) -> Value {
        match self.functions[target] {
            Callable::Function(function, _) => {
                let mut bound = vec![Value::clean(); function.params.len()];
                // A method's own object comes first.
                let offset = usize::from(function.params.first().is_some_and(|p| matches!(&*p.name, "self" | "cls")));
                if offset == 1
                    && let Some(first) = bound.first_mut()
                {
                    *first = receiver;
                }
                let mut position = offset;
                for (arg, value) in args.iter().zip(values) {
                    let index = match &arg.name {
                        Some((name, _)) => function.params.iter().position(|p| p.name == *name),
                        None => {
                            position += 1;
                            Some(position - 1)
                        }
                    };
                    let index = index.unwrap_or(function.params.len().saturating_sub(1));
                    if let Some(slot) = bound.get_mut(index.min(function.params.len().saturating_sub(1))) {
                        *slot = std::mem::take(slot).join(&value);
                    }
                }
                self.run(target, bound)
            }
            Callable::Class(class, inner) => {
                let mut parts: BTreeMap<Box<str>, Value> = BTreeMap::new();
                let mut names: Vec<Box<str>> = class.params.iter().map(|p| p.name.clone()).collect();
                for stmt in &class.body {
                    match &stmt.kind {
                        StmtKind::Bind { targets, annotation: Some(_), .. } => {
                            if let [credscope_grammars::facts::Target::Name { name, .. }] = targets.as_slice() {
                                names.push(name.clone());
                            }
                        }
                        StmtKind::Function(function) => {
                            let id = self.functions.len();
                            self.functions.push(Callable::Function(function, inner));
                            if let Some((name, _)) = &function.name {
                                parts.insert(name.clone(), Value { callable: Some(id), ..Value::clean() });
                            }
                        }
                        _ => {}
                    }
                }
                let init = parts.get("__init__").and_then(|v| v.callable);
                let mut position = 0;
                for (arg, value) in args.iter().zip(&values) {
                    let name = match &arg.name {
                        Some((name, _)) => Some(name.clone()),
                        None => {
                            position += 1;
                            names.get(position - 1).cloned()
                        }
                    };
                    if let Some(name) = name
                        && init.is_none()
                    {
                        parts.insert(name, value.clone());
                    }
                }
                let object = Value::parts(parts);
                let Some(init) = init else { return object };
                self.construct(at, init, object, args, values)
            }
        }
    }

    /// `__init__` with the new object as `self`; the object as it is afterwards.
    fn construct(&mut self, at: At<'a>, init: usize, object: Value, args: &'a [Arg], values: Vec<Value>) -> Value {
        let Callable::Function(function, inner) = self.functions[init] else { return object };
        if self.active.contains(&init) || self.active.len() >= CALL_DEPTH {
            return object;
        }
        let _ = at;
        self.active.push(init);
        self.scopes.push(Default::default());
        let own = function.params.first().map_or("self", |p| &*p.name);
        self.set(own, object);
        let mut position = 1;
        for (arg, value) in args.iter().zip(values) {
            let name = match &arg.name {
                Some((name, _)) => Some(&**name),
                None => {
                    position += 1;
                    function.params.get(position - 1).map(|p| &*p.name)
                }
            };
            if let Some(name) = name {
                self.set(name, value);
            }
        }
        self.block(inner, &function.body);
        let object = self.lookup(own);
        self.scopes.pop();
        self.active.pop();
        object
    }

    /// Runs a function with these arguments; a summary by their labels is kept.
    pub(super) fn run(&mut self, id: usize, args: Vec<Value>) -> Value {
        let Callable::Function(function, at) = self.functions[id] else { return Value::clean() };
        if self.active.contains(&id) || self.active.len() >= CALL_DEPTH {
            return Value::clean();
        }
        let signature: Vec<(usize, bool)> = args
            .iter()
            .enumerate()
            .flat_map(|(i, v)| v.all().into_iter().map(move |l| (i * 100_000 + l.source, l.changed)))
            .collect();
        if let Some(known) = self.memo.get(&(id, signature.clone())) {
            return known.clone();
        }
        self.active.push(id);
        self.scopes.push(Default::default());
        for (param, value) in function.params.iter().zip(args) {
            let default = match (value.is_clean() && value.callable.is_none(), param.default) {
                (true, Some(default)) => self.eval(at, default),
                _ => value,
            };
            let default = if default.labels.is_empty() {
                default
            } else {
                default.hop(&format!("passed as `{}`", param.name), at.place(param.span))
            };
            self.set(&param.name, default);
        }
        let outer = std::mem::take(&mut self.returned);
        self.block(at, &function.body);
        let result = std::mem::replace(&mut self.returned, outer);
        self.scopes.pop();
        self.active.pop();
        self.memo.insert((id, signature), result.clone());
        result
    }
}

fn join(values: &[Value]) -> Value {
    values.iter().fold(Value::clean(), |all, v| all.join(v))
}

/// What a sink does, for the message.
fn verb(code: &str) -> &'static str {
    match code {
        "CS202" => "displayed",
        "CS206" => "logged",
        "CS207" => "put into an exception",
        "CS212" => "put into SQL text",
        "CS214" => "returned as the notebook's result",
        "CS215" => "passed to another notebook as a parameter",
        "CS216" => "stored as a task value",
        "CS217" => "stored as a widget's default",
        "CS218" => "written to a file",
        "CS220" => "logged to MLflow",
        "CS221" => "put into the environment",
        "CS222" => "put into a process's arguments",
        "CS223" => "set for every notebook on the cluster",
        _ => "printed",
    }
}
