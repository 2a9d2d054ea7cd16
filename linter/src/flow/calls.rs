//! Calls: sources, sinks, functions of the documents, then what somebody else's function does to a value.

use credscope_grammars::facts::{Arg, ExprId, ExprKind};

use super::{
    At, Walker,
    expressions::{constant as spelled, literal},
    reach::Call,
    reads,
    references::KNOWN,
    tables,
    value::{Kind, Value},
};

impl<'a> Walker<'a> {
    pub(super) fn call(&mut self, at: At<'a>, id: ExprId, callee: ExprId, args: &'a [Arg]) -> Value {
        let mut path = self.path(at, callee);
        if let Some(owner) = &self.inside
            && matches!(path.as_str(), "write" | "print" | "println" | "append")
        {
            path = format!("{owner}.{path}");
        }
        let is_chained = matches!(at.facts.expr(callee).kind, ExprKind::Call { .. }) && self.is_scala(at);
        if is_chained && let Some(folded) = self.fold(at, callee, args) {
            return folded;
        }
        let curried = if is_chained { self.curried(at, callee) } else { None };
        let (receiver, method) = match &at.facts.expr(callee).kind {
            ExprKind::Attr { base, name, .. } => (self.eval(at, *base), &**name),
            // What it is called where it comes from.
            ExprKind::Name(name) => (Value::clean(), last_name(&path).unwrap_or(name)),
            _ if curried.is_some() => (Value { callable: curried, ..Value::clean() }, ""),
            _ => (self.eval(at, callee), ""),
        };
        let receiver = match receiver.is_clean().then(|| self.dumped_receiver(at, callee, args)).flatten() {
            Some(pairs) => pairs,
            None => receiver,
        };
        let is_new = matches!(at.facts.expr(id).kind, ExprKind::Call { is_new: true, .. });
        let values: Vec<Value> = args.iter().map(|a| self.eval(at, a.value)).collect();
        // Functions and classes of the documents come first: their name may be that of a source.
        if let Some(target) = self.target(at, (callee, is_new), &receiver, method, &values) {
            if self.is_user_sanitizer(&path, method) {
                return Value::clean();
            }
            let call = Call { id, callee, path: &path, method, receiver: &receiver, args, values: &values };
            if let Some(read) = reads::configured(&path, &self.settings.extend.sources) {
                return self.read(at, id, read);
            }
            self.reach_if_configured(at, &call);
            return self.apply(at, &call, &target);
        }
        if receiver.parts.is_none()
            && receiver.object.is_none()
            && let Some(read) = self.source_of(at, &path, callee, (args, &values))
        {
            if values.iter().any(|v| v.constant.is_some() || v.pairing.is_some()) {
                self.naming.extend(self.active.iter().map(|(id, _)| *id));
            }
            return self.read(at, id, read);
        }
        let call = Call { id, callee, path: &path, method, receiver: &receiver, args, values: &values };
        self.note_setting(at, &call);
        self.reach(at, &call);
        self.fills_buffer(at, &call);
        self.reach_early(at, &call);
        if let Some(digest) = self.digest(at, &call) {
            return digest;
        }
        if tables::is_sanitizer(&path, method, &self.settings.extend.sanitizers) {
            return Value::clean();
        }
        if let Some(frame) = self.frames(at, &call) {
            return frame;
        }
        if let Some(known) = self.library(at, &call) {
            return known;
        }
        if let Some(known) = self.namespace(at, &call).or_else(|| self.record_type(at, &call)) {
            return known;
        }
        if let Some(answer) = self.answered(at, &call) {
            return answer;
        }
        if let Some(pairs) = self.dumped_pairs(at, id, &format!("{path}()")) {
            return pairs;
        }
        if method.is_empty() && matches!(at.facts.expr(callee).kind, ExprKind::Call { .. }) {
            // `options("t")("url")`.
            return match (args, receiver.parts.is_some()) {
                ([only], true) => {
                    let key = literal(at, only.value).or_else(|| spelled(at, only.value));
                    let key = key.or_else(|| self.constant_text(&values[0]));
                    self.member(&receiver, key.as_deref())
                }
                _ => receiver,
            };
        }
        let result = self.propagate(at, &call);
        if result.is_blank() && !result.holder && !path.is_empty() { self.made(at, &path, args) } else { result }
    }

    /// What a call of somebody else's reads, with the constants that its arguments are known to be.
    fn source_of(
        &self,
        at: At<'a>,
        path: &str,
        callee: ExprId,
        (args, values): (&[Arg], &[Value]),
    ) -> Option<reads::Read> {
        let early = self.early_arguments(at, callee);
        let constant = |name: &str, index: usize| {
            let early = early.iter().map(|b| (b.name.as_ref(), None, &b.value));
            let all = args.iter().zip(values).map(|(a, v)| (a.name.as_ref().map(|(n, _)| n), Some(a.value), v));
            let all: Vec<_> = early.chain(all).collect();
            let named = all.iter().find(|(n, ..)| n.is_some_and(|n| &**n == name));
            let (_, id, value) = named.or_else(|| all.iter().filter(|(n, ..)| n.is_none()).nth(index))?;
            let text = id.and_then(|id| literal(at, id).or_else(|| spelled(at, id)));
            let text = text.or_else(|| self.constant_text(value)).or_else(|| value.only_text());
            Some(text.unwrap_or_else(|| reads::UNKNOWN.to_owned()))
        };
        if let Some(read) = reads::source(path, &constant, &self.settings.extend.sources) {
            // A function of SQL: elsewhere a name of that kind is somebody's own.
            if matches!(path, "secret" | "try_secret") && at.map.is_none() && !self.is_sql(at) {
                return None;
            }
            let named = read.kind == Kind::Named && self.is_key_name(&read.name);
            return (!named).then_some(read);
        }
        // `spark.conf.get(key)`, `os.getenv(name)` of what the cluster sets from a secret.
        let asks = reads::asks_setting(path);
        let key = if asks { constant("", 0) } else { None }?;
        let (scope, key) = self.setting(&key)?;
        Some(reads::Read::scope(&scope, &key))
    }

    /// Scope and key of the secret that a configuration key or an environment variable is set from, here or in the
    /// project's files (catalog SRC12).
    pub(super) fn setting(&self, name: &str) -> Option<(String, String)> {
        self.references.get(name).cloned().or_else(|| self.workspace.scopes.setting(name))
    }

    /// `conf.set("spark.x", "{{secrets/scope/key}}")`.
    fn note_setting(&mut self, at: At<'a>, call: &Call<'_, 'a>) {
        let sets = matches!(call.method, "set" | "config" | "setIfMissing" | "setExecutorEnv")
            && (call.path.contains("onf") || call.path.contains("builder"));
        if let [name, value] = call.args
            && sets
            && let (Some(name), Some(value)) = (literal(at, name.value), literal(at, value.value))
            && let Some((scope, key)) = crate::workspace::reference_of(&value)
        {
            self.references.insert(name, (scope.to_owned(), key.to_owned()));
        }
    }

    fn is_user_sanitizer(&self, path: &str, method: &str) -> bool {
        self.settings.extend.sanitizers.iter().any(|e| e == path || e == method)
    }

    /// A function of the document that the configuration names as a sink.
    fn reach_if_configured(&mut self, at: At<'a>, call: &Call<'_, 'a>) {
        if tables::is_configured_sink(call.path, &self.settings.extend.sinks) {
            self.reach(at, call);
        }
    }

    /// The function or class of the documents that a callee means.
    fn target(
        &mut self,
        at: At<'a>,
        (callee, is_new): (ExprId, bool),
        receiver: &Value,
        method: &str,
        values: &[Value],
    ) -> Option<super::value::Callee> {
        let found = match &at.facts.expr(callee).kind {
            ExprKind::Name(name) if is_new => {
                let class = self.env.lookup(&super::objects::constructor(name));
                class.or_else(|| self.env.lookup(name))?
            }
            ExprKind::Name(name) => self.env.lookup(name)?,
            ExprKind::Attr { .. } => {
                if receiver.object.is_none()
                    && let Some(found) = self.extension(receiver, method)
                {
                    return found.callable;
                }
                if receiver.is_blank() || receiver.origin.is_some() && receiver.parts.is_none() {
                    return None;
                }
                self.member_named(receiver, method)
            }
            // `partial(f, x)(y)`, `(lambda …)(y)`.
            _ => receiver.clone(),
        };
        let found = match &found.lazy {
            Some(lazy)
                if self.makes_loggers(lazy)
                    || values.iter().any(|v| !v.is_clean() || v.callable.is_some() || v.object.is_some()) =>
            {
                self.loaded_name(lazy.0, &lazy.1)
            }
            _ => found,
        };
        match (found.callable, found.object) {
            (None, Some(object)) => self.method(object, "__call__"),
            (callable, _) => callable.filter(|c| c.target != KNOWN),
        }
    }

    /// Calls of well-known helpers over functions: `partial`, `submit`, `Thread`, `udf`.
    fn library(&mut self, at: At<'a>, call: &Call<'_, 'a>) -> Option<Value> {
        if let Some(partial) = self.partial_of_known(call) {
            return Some(partial);
        }
        self.handed_to_known(at, call);
        let first = call.values.iter().position(|v| v.callable.is_some())?;
        let callee = call.values[first].callable.clone().filter(|c| c.target != KNOWN)?;
        if matches!(call.method, "partial" | "partialmethod") && first == 0 {
            let bound = call.args.iter().zip(call.values).skip(1);
            let bound = bound
                .map(|(a, v)| super::value::Bound { name: a.name.as_ref().map(|(n, _)| n.clone()), value: v.clone() });
            let all = callee.bound.iter().flat_map(|b| b.iter().cloned()).chain(bound).collect::<Vec<_>>();
            let callee = super::value::Callee { bound: Some(all.into()), ..callee };
            return Some(Value { callable: Some(callee), ..Value::clean() });
        }
        if tables::makes_columns(call.path, call.method) {
            let result = self.run_as_column(&callee);
            // Of a function over rows or parts of a table the results are one.
            let rows = match call.method {
                "udf" | "pandas_udf" | "register" => return Some(Value { callable: Some(callee), ..Value::clean() }),
                "map" => Value::list_of(result),
                "mapInPandas" | "applyInPandas" | "mapInArrow" => {
                    Value { frame: !result.is_clean(), ..result.changed_within() }
                }
                _ => result,
            };
            return Some(if rows.is_clean() { self.made(at, call.path, call.args) } else { rows });
        }
        if matches!(call.method, "submit" | "apply_async" | "run_in_executor" | "to_thread" | "map_async") {
            let args: Vec<Value> = call.values.iter().skip(first + 1).cloned().collect();
            let result = self.run_positional(&callee, args);
            return Some(Value { wrapped: true, ..result });
        }
        if matches!(call.method, "Thread" | "Timer" | "Process") {
            let args = call.named("args").map(|i| call.values[i].clone()).unwrap_or_default();
            let args = (0..).map_while(|i| args.part(&i.to_string()).cloned()).collect();
            self.run_positional(&callee, args);
            return Some(Value::clean());
        }
        if tables::is_over_elements(call.method) {
            return Some(self.over_elements(at, call, &callee, first));
        }
        None
    }

    /// `xs.map(f)`, `map(f, xs)`: the function sees each element.
    fn over_elements(&mut self, at: At<'a>, call: &Call<'_, 'a>, callee: &super::value::Callee, first: usize) -> Value {
        // What failed is not what would have been read.
        if let ("fold", [_, right]) = (call.method, call.values)
            && let (true, Some(right)) = (call.receiver.wrapped, &right.callable)
        {
            let failed = self.run_positional(callee, vec![Value::clean()]);
            let item = Value { wrapped: false, ..call.receiver.clone() };
            return self.run_positional(right, vec![item]).join(&failed);
        }
        if call.method == "map" && call.receiver.is_clean() && call.receiver.object.is_none() && call.args.len() <= 2 {
            let items = match &at.facts.expr(call.callee).kind {
                ExprKind::Attr { base, .. } if call.args.len() == 1 => Some(*base),
                _ => call.args.get(1 - first.min(1)).map(|a| a.value).filter(|_| call.args.len() == 2),
            };
            if let Some(each) = items.and_then(|items| self.over_texts(at, items, callee)) {
                return each;
            }
        }
        let others = call.values.iter().enumerate().filter(|(i, _)| *i != first).map(|(_, v)| v);
        let items = others.fold(call.receiver.clone(), |all, v| all.join(v));
        if matches!(call.method, "filter" | "withFilter" | "filterNot" | "filterKeys")
            && let Some(left) = self.filtered(&items, callee, call.method != "filterNot")
        {
            return left;
        }
        let item = if tables::is_given_whole(call.method) { items.clone() } else { self.round(at, &items) };
        let fold = matches!(call.method, "reduce" | "fold" | "foldLeft" | "foldRight");
        let args = if fold { vec![item.clone(), item] } else { vec![item] };
        let result = self.run_positional(callee, args);
        match call.method {
            "foreach" | "forEach" | "onComplete" | "onSuccess" => Value::clean(),
            "andThen" => items,
            "filter" | "withFilter" | "filterNot" | "filterKeys" | "takeWhile" | "dropWhile" | "tap" | "sortBy"
            | "find" => items.some_of(),
            "exists" | "forall" | "count" => Value::clean(),
            "flatMap" if items.wrapped => result,
            _ if items.wrapped => Value { wrapped: true, ..result },
            _ if fold || matches!(call.method, "apply" | "getOrElse" | "pipe" | "let") => result,
            _ => Value::list_of(result),
        }
    }
}

/// The last name of a path that ends with one.
fn last_name(path: &str) -> Option<&str> {
    let last = path.rsplit('.').next()?;
    (!last.is_empty() && !last.ends_with([')', ']'])).then_some(last)
}
