//! Calls: the positions of their arguments, and calls whose result is known.

use std::{collections::HashMap, sync::Arc};

use credscope_grammars::{
    Secret, TextMap,
    facts::{Arg, ExprId, ExprKind},
};

use super::{At, Role, Value, Walker, template};
use crate::{
    catalog::{clients, options},
    finding::Place,
    model::{Argument, Arguments, Piece},
};

/// Calls whose result has the text of their receiver or first argument.
const SAME_TEXT: &[&str] = &[
    "strip", "lstrip", "rstrip", "trim", "encode", "decode", "toCharArray", "getBytes", "toString", "stripMargin",
    "format_map", "SecretStr", "str", "bytes", "bytearray", "valueOf", "String", "quote", "quote_plus", "unquote",
    "lit", "cleandoc", "dedent", "intern", "Secret", "apply", "Some", "Option", "stripLineEnd", "mkString", "asString",
    "trimws", "as.character", "noquote", "get_secret_value", "fromhex", "urlencode", "expandvars", "orNull",
    "charToRaw", "b64decode", "standard_b64decode", "urlsafe_b64decode", "decodestring", "unhexlify", "a2b_base64",
];

/// Those of them whose arguments only say how.
const OF_RECEIVER: &[&str] = &[
    "encode", "decode", "getBytes", "strip", "lstrip", "rstrip", "trim", "toString", "stripMargin", "mkString",
    "toCharArray", "stripLineEnd", "asString", "orNull", "get_secret_value",
];

/// Whether a call or property of that name has the text of what it is asked of.
pub(super) fn keeps_text(method: &str) -> bool {
    SAME_TEXT.contains(&method)
}

/// Arguments of a call that are noted as siblings.
const SIBLINGS: usize = 64;

/// The password of `auth=("user", "…")`.
pub(super) fn second_of_pair(name: &str, value: &Value) -> Option<Value> {
    let Value::Seq(items) = value else { return None };
    let [_, second] = &**items else { return None };
    (clients::takes_pair(name) && second.is_text()).then(|| second.clone())
}

/// Whether a pattern has no character that regular expressions read in another way.
fn is_literal(pattern: &Value) -> bool {
    pattern
        .known()
        .is_some_and(|p| !p.expose().contains(['\\', '.', '[', ']', '(', ')', '*', '+', '?', '^', '$', '|', '{', '}']))
}

pub(super) fn arg_name(arg: &Arg) -> &str {
    arg.name.as_ref().map_or("", |(name, _)| name)
}

/// What a constant of a library stands for, of which only the name is known: `put(SslConfigs.SSL_KEY_PASSWORD_CONFIG, "…")` sets
/// `ssl.key.password`.
fn setting_of_constant(at: At<'_>, method: &str, args: &[Arg]) -> Option<Secret> {
    let [key, _] = args else { return None };
    let ExprKind::Attr { name, .. } = &at.facts.expr(key.value).kind else { return None };
    let is_constant = name.len() > 2 && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if !is_constant || !matches!(method, "put" | "set" | "setProperty" | "option" | "config") {
        return None;
    }
    let whole = name.to_ascii_lowercase().replace('_', ".");
    let setting = whole.strip_suffix(".config").filter(|_| !options::is_secret(&whole)).unwrap_or(&whole);
    // One word is any name: `Kind.TOKEN`.
    setting.contains('.').then(|| Secret::from(setting))
}

/// The blank that a call puts between its arguments; it stands nowhere in the text.
fn blank(at: At<'_>, callee: ExprId) -> Piece {
    let span = at.facts.expr(callee).span;
    let mut map = TextMap::default();
    map.push(span.start as usize, 1, 0, true);
    let (map, literal) = (at.frame.map(&map), at.frame.span(span));
    Piece::Text { value: Secret::from(" "), map, cell: at.frame.cell, literal }
}

/// Values of the arguments that have names.
fn keywords(args: &[Arg], values: &[Value]) -> HashMap<Box<str>, Value> {
    let named = args.iter().zip(values).filter_map(|(arg, value)| Some((arg.name.as_ref()?.0.clone(), value.clone())));
    named.collect()
}

/// An object with some of its fields set anew: `conf.copy(password = "…")`.
fn changed(object: &Value, args: &[Arg], values: &[Value]) -> Value {
    let Value::Dict(fields) = object else { return Value::Unknown };
    let new = keywords(args, values);
    if new.is_empty() {
        return object.clone();
    }
    let mut fields = HashMap::clone(fields);
    fields.extend(new);
    Value::Dict(Arc::new(fields))
}

impl Walker<'_> {
    pub(super) fn call(&mut self, at: At<'_>, id: ExprId, callee: ExprId, args: &[Arg]) -> Value {
        let (receiver, method): (_, Box<str>) = match &at.facts.expr(callee).kind {
            ExprKind::Attr { base, name, .. } => (self.visit(at, *base), name.clone()),
            ExprKind::Name(name) => (Value::Unknown, name.clone()),
            _ => (self.visit(at, callee), "".into()),
        };
        let path = self.names.path(at.facts, callee).unwrap_or_default();
        let values: Vec<Value> = args.iter().map(|arg| self.visit(at, arg.value)).collect();
        self.note_names_of_secrets(at, callee, &path, args);
        let result = self.result(at, callee, &path, &method, receiver, args, &values);
        for (arg, value) in args.iter().zip(&values) {
            if let (Some((name, _)), Some(second)) = (&arg.name, second_of_pair(arg_name(arg), value)) {
                let argument = Argument {
                    callee: path.as_str().into(),
                    method: method.clone(),
                    index: None,
                    keyword: Some(clients::SECOND.into()),
                    siblings: Arc::new([(Some(name.clone()), None)]),
                    call: Place { cell: at.frame.cell, span: at.frame.span(at.facts.expr(id).span) },
                    chain: Arc::new([]),
                };
                self.emit(at, &second, Role::Argument(Box::new(argument)), at.facts.expr(arg.value).span);
            }
        }
        if self.quiet == 0 && &*method == "set" {
            self.set_setting(&path, &values);
        }
        if self.quiet == 0 && matches!(&*method, "equals" | "equalsIgnoreCase" | "contentEquals" | "compare_digest") {
            self.compared(at, callee, args, &values);
        }
        if self.quiet == 0 && &*method == "+=" {
            self.added_pairs(at, id, &path, args, &values);
        }
        if self.quiet == 0 && values.iter().any(|value| matches!(value, Value::Dict(_))) {
            self.given_in_dicts(at, id, (&path, &method), args, &values);
            let given: Vec<(&Arg, &Value)> = args.iter().zip(&values).collect();
            self.entries(at, id, callee, &path, &given);
        }
        if self.quiet == 0 && values.iter().any(Value::is_text) {
            self.arguments(at, id, callee, path, method, args, &values);
        } else if let [Value::Seq(names)] = values.as_slice()
            && crate::catalog::env::is_reader(&path)
        {
            // `Sys.getenv(c("A", "B"))` asks for each.
            for name in names.iter() {
                self.environment_read(at, id, args[0].value, name);
            }
        }
        result
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one call, used together once")]
    fn arguments(
        &mut self,
        at: At<'_>,
        id: ExprId,
        callee: ExprId,
        path: String,
        method: Box<str>,
        args: &[Arg],
        values: &[Value],
    ) {
        let key = setting_of_constant(at, &method, args);
        let text = |i: usize, value: &Value| value.known().or_else(|| key.clone().filter(|_| i == 0));
        let siblings: Arguments = args
            .iter()
            .zip(values)
            .enumerate()
            .take(SIBLINGS)
            .map(|(i, (a, v))| (a.name.as_ref().map(|(n, _)| n.clone()), text(i, v)))
            .collect();
        let chain = self.chain(at, callee);
        let call = Place { cell: at.frame.cell, span: at.frame.span(at.facts.expr(id).span) };
        // What is set in the environment is no second choice.
        let sets = crate::catalog::env::is_writer(&path);
        let lookup = if sets { None } else { self.with_default(&path, &method, args, values) };
        let asked = lookup.and_then(|(name, default)| Some((args[default].value, values[name].known()?)));
        // SQL `coalesce(try_secret(…), 'x')`.
        let chosen = self.chosen(at, &path, args);
        let parameters = self.parameters_of(at, callee);
        let path = self.names.of_object(&path).unwrap_or(path);
        let mut position = 0;
        for (arg, value) in args.iter().zip(values) {
            let index = arg.name.is_none().then_some(position);
            position += u32::from(arg.name.is_none());
            let span = at.facts.expr(arg.value).span;
            if let Some((default, name)) = &asked
                && *default == arg.value
            {
                self.emit(at, value, Role::Fallback { name: name.expose().into(), of_secret: false }, span);
                continue;
            }
            if let Some((key, second)) = &chosen
                && arg.name.is_none()
                && second.contains(&position)
            {
                self.emit(at, value, Role::Fallback { name: key.clone(), of_secret: true }, span);
                continue;
            }
            let written = arg.name.as_ref().map(|(name, _)| name.clone());
            // `password: str = field(default="…")`, `Field("…")`: the field's value.
            let is_default = match &*method {
                "field" | "ib" | "attrib" => written.as_deref() == Some("default"),
                "Field" => written.as_deref() == Some("default") || index == Some(0),
                _ => false,
            };
            if is_default && let Some(name) = self.bound.clone() {
                self.emit(at, value, Role::Bind { path: name.clone(), name }, span);
                continue;
            }
            let keyword = match written {
                Some(name) => {
                    let known = parameters.iter().flat_map(|list| list.iter()).filter_map(|p| p.split_once('='));
                    let told = known.filter(|(own, _)| *own == &*name).map(|(_, key)| key.into()).next();
                    Some(told.unwrap_or(name))
                }
                None => {
                    let given = || parameters.as_ref()?.get(index? as usize).filter(|name| !name.is_empty());
                    given().map(|name| name.rsplit('=').next().unwrap_or(name).into())
                }
            };
            let argument = Argument {
                callee: path.as_str().into(),
                method: method.clone(),
                index,
                keyword,
                siblings: siblings.clone(),
                call,
                chain: chain.clone(),
            };
            self.emit(at, value, Role::Argument(Box::new(argument)), span);
        }
    }

    /// Parameter names of a function, method or class of this document.
    pub(super) fn parameters_of(&self, at: At<'_>, callee: ExprId) -> Option<Arc<[Box<str>]>> {
        let name = match &at.facts.expr(callee).kind {
            ExprKind::Name(name) => name,
            ExprKind::Attr { base, name, .. } => match &at.facts.expr(*base).kind {
                ExprKind::Name(owner) if matches!(&**owner, "self" | "this" | "cls") => name,
                // Scala `Conf.apply(…)` and methods of the document's own objects.
                ExprKind::Name(owner) if matches!(self.scopes.get(owner), Value::Dict(_)) => name,
                _ => return self.history.of_module(|| at.facts.path(callee)).cloned(),
            },
            _ => return None,
        };
        if let Some(own) = self.parameters.get(name) {
            return Some(own.clone());
        }
        self.asked_parameters.borrow_mut().insert(name.clone());
        self.history.parameters(name, self.cell).cloned()
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one call, used together once")]
    fn result(
        &mut self,
        at: At<'_>,
        callee: ExprId,
        path: &str,
        method: &str,
        receiver: Value,
        args: &[Arg],
        values: &[Value],
    ) -> Value {
        match (method, values) {
            ("join", [items @ Value::Seq(_)]) if receiver.is_text() => return items.joined(Some(&receiver)),
            ("mkString", []) if matches!(receiver, Value::Seq(_)) => return receiver.joined(None),
            ("mkString", [between]) if matches!(receiver, Value::Seq(_)) => return receiver.joined(Some(between)),
            ("paste0", _) => {
                let parts: Vec<_> = args.iter().zip(values).map(|(a, v)| (v.clone(), self.hole(at, a.value))).collect();
                return Value::concat(&parts);
            }
            // R: a blank in between, or what `sep` says.
            ("paste", _) => {
                let between = args.iter().position(|a| arg_name(a) == "sep").map(|at| values[at].clone());
                let parts = args.iter().zip(values).filter(|(a, _)| a.name.is_none()).map(|(_, value)| value.clone());
                let between = between.unwrap_or_else(|| Value::text(vec![blank(at, callee)]));
                return Value::Seq(parts.collect()).joined(Some(&between));
            }
            ("concat", [second]) if receiver.is_text() => {
                return Value::concat(&[(receiver, None), (second.clone(), None)]);
            }
            // A template that a name stands for.
            ("format", [_, ..]) if receiver.is_text() => {
                let named = |(arg, value): (&Arg, &Value)| (arg.name.as_ref().map(|(n, _)| n.clone()), value.clone());
                let given: Vec<_> = args.iter().zip(values).map(named).collect();
                return Value::either(receiver.ways().iter().map(|way| template::fill(way, &given)));
            }
            ("format" | "sprintf", [template, rest @ ..])
                if !receiver.is_text() && (method == "sprintf" || path.ends_with("String.format")) =>
            {
                let rest: Vec<_> = rest.iter().map(|v| (None, v.clone())).collect();
                return Value::either(template.ways().iter().map(|way| template::fill(way, &rest)));
            }
            ("replace" | "replaceAll" | "replaceAllLiterally" | "replaceFirst", [old, new, ..])
                if receiver.is_text() && !method.ends_with("All") | is_literal(old) =>
            {
                if let Some(old) = old.known().filter(|old| !old.is_empty()) {
                    let ways = receiver.ways().iter().map(|way| template::replaced(way, old.expose(), new));
                    return Value::either(ways);
                }
            }
            // R
            ("gsub" | "sub", [old, new, text, ..]) if text.is_text() && is_literal(old) => {
                if let Some(old) = old.known().filter(|old| !old.is_empty()) {
                    let ways = text.ways().iter().map(|way| template::replaced(way, old.expose(), new));
                    return Value::either(ways);
                }
            }
            _ => {}
        }
        // A function of this document, or a lookup in a known container: `conf.get("password")`, `conf("password")`.
        let own = self.scopes.get(&[path.strip_suffix(".apply").unwrap_or(path), "()"].concat());
        match own {
            Value::Class(class) => return class.object(at, args, values),
            Value::Unknown => {}
            own if own.is_text() => {
                return match self.parameters_of(at, callee) {
                    Some(parameters) => template::answered(&own, &parameters, args, values),
                    None => own,
                };
            }
            own => return own,
        }
        if let ExprKind::Name(_) = &at.facts.expr(callee).kind
            && let Value::Class(class) = self.scopes.get(path)
        {
            return class.object(at, args, values);
        }
        // A method of an object of this document.
        if let Value::Dict(fields) = &receiver
            && let Some(returned) = fields.get([method, "()"].concat().as_str())
        {
            return returned.clone();
        }
        if let Some(made) = Self::made_class(path, args, values) {
            return made;
        }
        if let Some(key) = values.first().and_then(Value::known) {
            let container = match method {
                "get" | "apply" | "getOrElse" | "pop" => receiver.clone(),
                _ => self.constant(at, callee),
            };
            let set = self.scopes.get(&[path, ".", key.expose()].concat());
            let found = if args.len() == 1 && set.is_text() { set } else { container.entry(key.expose()) };
            if !matches!(found, Value::Unknown) {
                return found;
            }
        }
        // One password for each environment: `passwords[env]`, `passwords.get(env)`, `passwords(env)`.
        if let [key] = values
            && key.known().is_none()
        {
            let container = match method {
                // Without a method: Scala `Map(…)(env)`.
                "get" | "apply" | "getOrElse" | "" => receiver.clone(),
                _ if matches!(at.facts.expr(callee).kind, ExprKind::Name(_)) => self.constant(at, callee),
                _ => Value::Unknown,
            };
            let any = container.any_entry();
            if any.is_text() {
                return any;
            }
        }
        if let Some((_, default)) = self.with_default(path, method, args, values) {
            return values[default].clone();
        }
        if keeps_text(method) {
            if receiver.is_text() {
                return receiver;
            }
            // `password.encode("latin1")`: the argument is no text of the value.
            if OF_RECEIVER.contains(&method) && !path.starts_with("codecs.") && !clients::is_decoder(path) {
                return Value::Unknown;
            }
            return values.first().filter(|v| v.is_text()).cloned().unwrap_or_default();
        }
        if let Some(paired) = self.paired(at, method, &receiver, values) {
            return paired;
        }
        match (method, &receiver) {
            ("dict" | "Map" | "as.list", _) if matches!(values, [Value::Seq(_)]) => match &values[0] {
                Value::Seq(items) => self.dict_of_pairs(items),
                _ => Value::Unknown,
            },
            // Of `dataclasses`.
            ("asdict" | "vars" | "replace", _) if matches!(values, [Value::Dict(_), ..]) => {
                changed(&values[0], args, values)
            }
            ("copy" | "_replace" | "_asdict" | "model_copy" | "model_dump", Value::Dict(_)) => {
                changed(&receiver, args, values)
            }
            ("dict" | "options" | "Properties" | "list" | "SimpleNamespace" | "Namespace" | "Row", _)
                if !args.is_empty() =>
            {
                let known = keywords(args, values);
                if known.is_empty() { Value::Unknown } else { Value::Dict(Arc::new(known)) }
            }
            ("toMap", Value::Seq(items)) => self.dict_of_pairs(items),
            ("items" | "iteritems", Value::Dict(_)) => Value::Seq(Arc::new([receiver.any_pair()])),
            ("values", Value::Dict(_)) => Value::Seq(Arc::new([receiver.any_entry()])),
            ("copy" | "toMap" | "asJava" | "asScala" | "toSeq", Value::Dict(_) | Value::Seq(_)) => receiver,
            _ => Value::Unknown,
        }
    }

    /// Constant arguments of `format`, `source`, `option` and `config` calls before this one in a chain, nearest last.
    pub(super) fn chain(&mut self, at: At<'_>, callee: ExprId) -> Arc<[(Box<str>, Secret)]> {
        const LINKS: usize = 160;
        const KEPT: usize = 32;
        let mut chain: Vec<(Box<str>, Secret)> = Vec::new();
        let mut id = callee;
        for _ in 0..LINKS {
            match &at.facts.expr(id).kind {
                ExprKind::Attr { base, .. } => id = *base,
                ExprKind::Same(inner) => id = *inner,
                ExprKind::Call { callee, args, .. } => {
                    if let ExprKind::Attr { name, .. } = &at.facts.expr(*callee).kind
                        && (matches!(&**name, "format" | "source")
                            || matches!(&**name, "option" | "config") && chain.len() < KEPT)
                    {
                        // From the last call back: the second argument comes before the first.
                        for arg in args.iter().take(2).rev() {
                            if let Some(text) = self.constant(at, arg.value).known().filter(|t| t.len() < 200) {
                                chain.push((name.clone(), text));
                            }
                        }
                    }
                    id = *callee;
                }
                _ => break,
            }
        }
        chain.reverse();
        chain.into()
    }
}
