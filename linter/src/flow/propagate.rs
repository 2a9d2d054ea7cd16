//! What somebody else's function does to a value: containers, text, wrappers. A function that is not known gives back
//! nothing of its arguments.

use credscope_grammars::facts::ExprKind;

use super::{At, Walker, grows::is_container, pairs::under_keys, reach::Call, reads, tables, value::Value};

impl<'a> Walker<'a> {
    pub(super) fn propagate(&mut self, at: At<'a>, call: &Call<'_, 'a>) -> Value {
        let (method, values) = (call.method, call.values);
        // A client that was given a secret (`session.headers["Authorization"] = …`) answers with something else.
        let client = call.receiver.origin.as_ref().is_some_and(|o| !is_container(o)) && !call.receiver.frame;
        let answering = Value { parts: None, ..call.receiver.clone() };
        let receiver = if client && call.receiver.labels.is_empty() { &answering } else { call.receiver };
        let key = || call.args.first().and_then(|a| super::expressions::literal(at, a.value));
        if call.path.starts_with("super().")
            && let Some(callee) = self.superclass(method)
        {
            return self.apply(at, call, &callee);
        }
        // `map(key)` of Scala.
        if let ExprKind::Name(name) = &at.facts.expr(call.callee).kind
            && values.len() == 1
            && let Some(container) = self.env.lookup(name).filter(|v| v.parts.is_some())
        {
            let key = key().or_else(|| super::expressions::constant(at, call.args[0].value));
            return self.member(&container, key.as_deref());
        }
        if matches!(
            method,
            "get"
                | "pop"
                | "remove"
                | "getAs"
                | "getString"
                | "apply"
                | "getOrDefault"
                | "getProperty"
                | "getItem"
                | "getOrElse"
                | "__getitem__"
        ) && (receiver.parts.is_some()
            || receiver.holder
            || receiver.object.is_some()
            || !receiver.is_clean()
                && !receiver.wrapped
                && (key().is_some() || method.starts_with("get") && method.len() > 5))
            && !values.is_empty()
        {
            let key = key().or_else(|| super::expressions::constant(at, call.args[0].value));
            let key = key.or_else(|| self.constant_text(&values[0]));
            let one_of = if key.is_none() { under_keys(receiver, &values[0]) } else { None };
            let member = one_of.unwrap_or_else(|| self.member(receiver, key.as_deref()));
            if method == "pop" || method == "remove" {
                self.taken(at, call, key.as_deref());
            }
            // `Map.get` gives an Option.
            let wrapped = member.wrapped || method == "get" && receiver.mapping && self.is_scala(at);
            return Value { wrapped, ..member };
        }
        // `response.json().get("access_token")`.
        if method == "get"
            && receiver.is_clean()
            && values.len() <= 2
            && let Some(read) =
                key().and_then(|k| reads::answer(&format!("{}[]", call.path.trim_end_matches(".get")), &k))
        {
            return self.read(at, call.id, read);
        }
        if let Some(value) = self.of_attributes(at, call).or_else(|| self.of_record(at, call)) {
            return value;
        }
        if let Some(value) = self.implicit(at, call) {
            return value;
        }
        if receiver.holder
            && !receiver.document
            && method != "decode"
            && (tables::leads_on(method) || tables::is_secret_field(method))
        {
            return self.member_named(receiver, method);
        }
        if self.grows(at, call) {
            // The value that is there now.
            if !matches!(method, "setdefault" | "getOrElseUpdate") {
                return Value::clean();
            }
            let old = key().and_then(|k| receiver.part(&k).cloned()).unwrap_or_default();
            return values.last().map_or(old.clone(), |v| old.join(v));
        }
        if receiver.is_clean()
            && receiver.parts.is_none()
            && values.iter().all(|v| v.is_clean() && v.parts.is_none() && v.object.is_none())
        {
            return Value::clean();
        }
        if values.is_empty()
            && method != "keys"
            && let Some(member) = self.of_container(receiver, method)
        {
            return member;
        }
        match method {
            "items" | "iteritems" if !receiver.is_clean() => return self.pairs(receiver),
            "values" if !receiver.is_clean() => return self.values_of(receiver),
            "keys" | "keySet" if receiver.labels.is_empty() || receiver.document => return self.keys_of(receiver),
            "popitem" if !receiver.is_clean() => {
                let pairs = self.pairs(receiver);
                return self.element(&pairs);
            }
            "pop" if values.is_empty() && receiver.parts.is_some() => return self.element(receiver),
            "toMap" if receiver.of_pairs().is_some() => return receiver.of_pairs().unwrap_or_default(),
            "copy" | "toMap" | "toSeq" | "toList" | "toArray" | "asScala" | "asJava" | "toSet" | "result" | "clone"
                if receiver.parts.is_some() =>
            {
                return receiver.clone();
            }
            "concat" if self.is_scala(at) && !call.receiver.frame && values.iter().all(|v| !v.frame) => {
                return self.all_of(values).join(receiver).flat();
            }
            // The keys.
            "join"
                if values.iter().all(|v| v.mapping || v.document || v.is_clean())
                    && receiver.is_clean()
                    && !self.is_scala(at) =>
            {
                return Value::clean();
            }
            "join" | "mkString" => return self.joined(receiver, values),
            "zip" if call.path != "zip" && !(receiver.is_clean() && joined_values(values).is_clean()) => {
                let items = std::iter::once(receiver).chain(values).map(|v| self.element(v)).collect();
                return Value::list_of(tuple(items));
            }
            _ => {}
        }
        if method == "encode" || method == "decode" {
            // The bytes of the text, shown as it is. A codec other than UTF-8 changes it.
            if !receiver.is_clean() {
                return receiver.flat();
            }
        }
        let taken = self.cut(at, call).or_else(|| self.searched(at, call)).or_else(|| self.found_group(at, call));
        if let Some(taken) = taken {
            return taken;
        }
        if let Some(replaced) = self.masked(at, call).or_else(|| self.replaced(at, call)) {
            return replaced;
        }
        if !receiver.is_clean() && receiver.parts.is_none() && tables::changes(method) {
            return Value { frame: receiver.frame, ..receiver.changed() };
        }
        if !receiver.is_clean() && receiver.parts.is_some() && matches!(method, "head" | "last" | "next" | "first") {
            return self.element(receiver);
        }
        if tables::encodes(call.path, method) {
            let all = self.all_of(values);
            return if all.is_clean() {
                Value::clean()
            } else {
                all.changed().hop("encoded", at.spot(at.facts.expr(call.id).span))
            };
        }
        match call.path {
            "list" | "tuple" | "sorted" | "set" | "reversed" | "iter" | "frozenset" => {
                let all = joined_values(values);
                // Names, or the objects of a list: only members of these are secret.
                if all.document {
                    return Value { holder: true, ..all };
                }
                let keys = all.mapping;
                return if all.labels.is_empty() && !keys { all } else { Value::list_of(self.round(at, &all)) };
            }
            "zip" if values.len() == 2 && self.zipped(at, call).is_some() => {
                return self.zipped(at, call).unwrap_or_default();
            }
            "enumerate" | "zip" => {
                let mut items: Vec<Value> = values.iter().map(|v| self.round(at, v)).collect();
                if call.path == "enumerate" {
                    items.truncate(1);
                    items.insert(0, Value::clean());
                }
                return Value::list_of(tuple(items));
            }
            "itertools.chain" | "chain" => {
                let rounds: Vec<Value> = values.iter().map(|v| self.round(at, v)).collect();
                return Value::list_of(joined_values(&rounds));
            }
            "next" | "max" | "min" | "random.choice" => return self.round(at, &joined_values(values)),
            "vars" => {
                let Some(of) = values.first() else { return Value::clean() };
                return self.member_named(of, "__dict__");
            }
            _ => {}
        }
        if matches!(
            method,
            "dict" | "namedtuple" | "Row" | "OrderedDict" | "defaultdict" | "SimpleNamespace" | "asdict"
        ) && call.path.rsplit('.').next() == Some(method)
        {
            return self.made_dict(at, call);
        }
        if !receiver.is_clean() && tables::keeps(method) && !(receiver.parts.is_some() && receiver.labels.is_empty()) {
            return Value { wrapped: false, ..receiver.clone() };
        }
        // A template that has a name.
        if matches!(method, "format" | "format_map") && receiver.is_clean() && !call.args.is_empty() {
            let text = self.constant_text(receiver);
            let span = at.facts.expr(call.id).span;
            return self.filled(at, (Value::clean(), text), (call.args, values), span);
        }
        if call.path.ends_with("Await.result") {
            return values.first().map(|v| Value { wrapped: false, ..v.clone() }).unwrap_or_default();
        }
        // An address that shows itself with asterisks unless it is told not to.
        if call.path.ends_with("URL.create") && (call.path.contains("sqlalchemy") || call.path == "URL.create") {
            let all = self.all_of(values).flat();
            return Value { holder: !all.is_clean(), ..all };
        }
        if method == "render_as_string" {
            let whole = call.named("hide_password").and_then(|i| super::expressions::constant(at, call.args[i].value));
            return if whole.is_some_and(|w| w == "False") { receiver.flat() } else { Value::clean() };
        }
        // A text that shows itself as asterisks; `get_secret_value()` gives it back.
        if matches!(method, "SecretStr" | "SecretBytes") {
            let all = self.all_of(values).flat();
            return Value { holder: !all.is_clean(), ..all };
        }
        if matches!(call.path, "paste0" | "paste" | "str_c" | "stringr::str_c") && !call.args.is_empty() {
            return self.pasted(at, call);
        }
        if matches!(call.path, "sprintf") && call.args.len() > 1 {
            let text = super::expressions::literal(at, call.args[0].value);
            let span = at.facts.expr(call.id).span;
            return self.filled(at, (Value::clean(), text), (&call.args[1..], &values[1..]), span);
        }
        if let Some(wraps) = tables::passes(call.path) {
            if let ([only], true) = (values, wraps) {
                return Value { wrapped: true, ..only.clone() };
            }
            let all = self.all_of(values);
            return Value { wrapped: wraps, ..all };
        }
        // An exception's text is what it was made with.
        if (method.ends_with("Exception") || method.ends_with("Error"))
            && method.starts_with(|c: char| c.is_uppercase())
        {
            return self.all_of(values).flat();
        }
        if call.path == "asyncio.gather" {
            return tuple(values.to_vec());
        }
        if matches!(call.path, "json.loads" | "yaml.safe_load" | "yaml.load" | "ast.literal_eval" | "toml.loads") {
            let all = joined_values(values);
            // A part of the text: what redaction looks for is the whole.
            return if all.holder || all.labels.is_empty() { all } else { Value { document: true, ..all.changed() } };
        }
        if matches!(call.path, "json.dumps" | "yaml.dump" | "yaml.safe_dump" | "str" | "format" | "pprint.pformat") {
            return self.all_of(values).flat();
        }
        Value::clean()
    }

    /// All arguments as one value, objects that show their fields as these.
    fn all_of(&mut self, values: &[Value]) -> Value {
        let mut all = Value::clean();
        for value in values {
            let value = self.revealed(value);
            if !value.holder {
                all = all.join(&value);
            }
        }
        all
    }

    fn joined(&mut self, receiver: &Value, values: &[Value]) -> Value {
        let direct = values.iter().any(|v| !v.labels.is_empty()) || !receiver.labels.is_empty();
        let all = joined_values(values).join(receiver).flat();
        if direct { all.changed() } else { all }
    }

    fn made_dict(&mut self, at: At<'a>, call: &Call<'_, 'a>) -> Value {
        let mapping = matches!(call.method, "dict" | "OrderedDict" | "defaultdict" | "asdict");
        let mut made = Value { mapping, ..Value::parts(Default::default()) };
        for (arg, value) in call.args.iter().zip(call.values) {
            let value = match value.object {
                Some(object) if call.method == "asdict" => self.fields_of(object),
                _ => value.clone(),
            };
            match &arg.name {
                Some((name, _)) => {
                    let value = if value.is_clean() { self.plain(at, name, arg.value, value) } else { value };
                    made.put(name, value, false);
                }
                None if mapping && value.of_pairs().is_some() => {
                    for (key, item) in value.of_pairs().iter().flat_map(|d| d.parts.iter()).flat_map(|p| p.iter()) {
                        let known = !key.starts_with('*');
                        made.put(if known { key } else { "*" }, item.clone(), !known);
                    }
                }
                None => {
                    for (key, item) in value.parts.iter().flat_map(|p| p.iter()) {
                        // A list of pairs.
                        match (item.part("1"), value.mapping || !mapping) {
                            (Some(second), false) => made.put("*", second.clone(), true),
                            _ => made.put(key, item.clone(), false),
                        }
                    }
                    if !value.labels.is_empty() {
                        made.put("*", value.flat(), true);
                    }
                }
            }
        }
        made
    }

    /// `getattr(x, "name")`, `setattr(x, "name", v)`, `x.__getattribute__("name")`.
    fn of_attributes(&mut self, at: At<'a>, call: &Call<'_, 'a>) -> Option<Value> {
        let name = self.text(at, call.args.get(1)?.value)?;
        let target = call.values.first()?;
        match call.path {
            "getattr" => Some(self.member_named(target, &name)),
            "setattr" => {
                let value = call.values.get(2)?.clone();
                match target.object {
                    Some(object) => self.env.write(object, &name, value),
                    None => {
                        let mut object = target.clone();
                        object.put(&name, value, false);
                        self.assign_place(at, call.args.first()?.value, object, 0);
                    }
                }
                Some(Value::clean())
            }
            _ => None,
        }
    }
}

fn tuple(items: Vec<Value>) -> Value {
    Value::parts(items.into_iter().enumerate().map(|(i, v)| (i.to_string().into(), v)).collect())
}

pub(super) fn joined_values(values: &[Value]) -> Value {
    values.iter().fold(Value::clean(), |all, v| all.join(v))
}
