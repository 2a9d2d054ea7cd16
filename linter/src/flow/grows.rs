//! Containers and buffers that grow: what is put into them is in them from now on.

use credscope_grammars::facts::{ExprId, ExprKind};

use super::{At, Walker, reach::Call, value::Value};

impl<'a> Walker<'a> {
    /// `json.dump(value, buffer)`, `print(value, file=buffer)`: the buffer carries it from now on.
    pub(super) fn fills_buffer(&mut self, at: At<'a>, call: &Call<'_, 'a>) {
        let Some(index) = buffer(call) else { return };
        let filled = call.values.iter().take(index).fold(call.values[index].clone(), |all, v| all.join(&v.flat()));
        self.assign_place(at, call.args[index].value, filled, 0);
    }

    /// `d.pop("k")`: it is not in there any more.
    pub(super) fn taken(&mut self, at: At<'a>, call: &Call<'_, 'a>, key: Option<&str>) {
        let ExprKind::Attr { base, .. } = &at.facts.expr(call.callee).kind else { return };
        let key = match key {
            Some(key) => key,
            None => {
                let (base, by) = (*base, call.values[0].clone());
                return self.put_under(at, base, &by, &Value::clean()).unwrap_or_default();
            }
        };
        let Some(parts) = &call.receiver.parts else { return };
        if parts.get(key).is_some_and(|v| !v.is_clean()) {
            let rest = Value { parts: Some(parts.without(key).into()), ..call.receiver.clone() };
            self.assign_place(at, *base, rest, 0);
        }
    }

    /// `conf[key] = "***"` where the key is one of several that a loop goes over: each of them is written.
    pub(super) fn put_under(&mut self, at: At<'a>, base: ExprId, key: &Value, value: &Value) -> Option<()> {
        let keys = key.pairing.as_ref()?.keys()?;
        let ExprKind::Name(name) = &at.facts.expr(base).kind else { return None };
        let (frame, old, _) = self.env.find(self.env.current, name)?;
        let mut container = old.clone();
        container.parts.as_ref().filter(|_| container.labels.is_empty())?;
        for key in &keys {
            container.put(key, value.clone(), false);
        }
        self.env.write(frame, name, container);
        if value.is_clean() && self.loops > 0 {
            self.overwritten.push((frame, name.clone(), keys));
        }
        Some(())
    }

    /// Members that a loop has overwritten, in whatever branch their keys lead to.
    pub(super) fn settle_overwritten(&mut self, from: usize) {
        for (frame, name, keys) in self.overwritten.split_off(from) {
            let Some(mut container) = self.env.field(frame, &name) else { continue };
            for key in keys.iter().filter(|k| container.part(k).is_some_and(|v| !v.is_clean())).collect::<Vec<_>>() {
                container.put(key, Value::clean(), false);
            }
            self.env.write(frame, &name, container);
        }
    }

    /// Containers that grow: the receiver carries it from now on.
    pub(super) fn grows(&mut self, at: At<'a>, call: &Call<'_, 'a>) -> bool {
        let method = call.method;
        if !matches!(
            method,
            "append"
                | "add"
                | "put"
                | "setdefault"
                | "getOrElseUpdate"
                | "update"
                | "+="
                | "++="
                | "extend"
                | "insert"
                | "setProperty"
                | "putAll"
                | "addOne"
                | "addAll"
                | "appendleft"
                | "push"
                | "write"
                | "set"
                | "append_row"
        ) {
            return false;
        }
        let ExprKind::Attr { base, .. } = &at.facts.expr(call.callee).kind else { return false };
        let (base, chained) = chain_start(at, base);
        let receiver = if chained { self.eval(at, *base) } else { call.receiver.clone() };
        // A buffer that is written to; a file is a sink of its own.
        if method == "write" && !is_buffer(call.path) {
            return false;
        }
        if method == "set" && !(call.path.contains("ConfigParser") || call.receiver.parts.is_some()) {
            return false;
        }
        if call.values.iter().all(|v| v.is_blank()) && receiver.parts.is_none() {
            return false;
        }
        // A builder of somebody else's takes it in and gives nothing back.
        let ours = receiver.origin.as_ref().is_none_or(|o| is_container(o));
        if !ours {
            return false;
        }
        let mut object = receiver;
        match (method, call.values.len()) {
            ("write", _) => object = call.values.iter().fold(object, |all, v| all.join(&v.flat())),
            ("update" | "++=" | "putAll" | "addAll" | "extend", _) => {
                for (arg, value) in call.args.iter().zip(call.values) {
                    match &arg.name {
                        Some((name, _)) => object.put(name, value.clone(), false),
                        None => {
                            // Only what is known by key comes in: an unknown key says nothing of the others.
                            for (key, value) in value.parts.iter().flat_map(|p| p.iter()) {
                                let extends = matches!(method, "extend" | "addAll" | "++=")
                                    && key.bytes().all(|b| b.is_ascii_digit());
                                if extends {
                                    object.put("*", value.clone(), true);
                                } else if key != "*" || method == "extend" {
                                    object.put(key, value.clone(), key == "*");
                                }
                            }
                            // A text: the builder's next piece, or each of its characters.
                            if !value.labels.is_empty() && !value.document && !value.holder && method != "update" {
                                let piece = if method == "extend" { value.changed() } else { value.flat() };
                                object.put("*", piece, true);
                            }
                        }
                    }
                }
            }
            (_, 2..) if !matches!(method, "insert") => {
                let key = self.text(at, call.args[call.args.len() - 2].value);
                let value = call.values[call.values.len() - 1].clone();
                let value = match (&key, value.is_clean()) {
                    (Some(key), true) => self.plain(at, key, call.args[call.args.len() - 1].value, value),
                    _ => value,
                };
                let keep = key.is_none() || matches!(method, "setdefault" | "getOrElseUpdate");
                object.put(key.as_deref().unwrap_or("*"), value, keep);
            }
            (_, 1..) => {
                let value = &call.values[call.values.len() - 1];
                // `m += ("k" -> v)`.
                let pair = (value.part("0"), value.part("1"));
                let key = pair_key(at, call.args[call.args.len() - 1].value).and_then(|id| self.text(at, id));
                match (key, pair) {
                    (Some(key), (_, Some(value))) if matches!(method, "+=" | "addOne") => {
                        object.put(&key, value.clone(), false)
                    }
                    _ => object.put("*", value.clone(), true),
                }
            }
            _ => return false,
        }
        if object.origin.is_some() {
            object.wrapped = false;
        }
        self.assign_place(at, *base, object, 0);
        true
    }
}

/// Which argument of a call that writes is a buffer in memory: the second one, or `file`.
pub(super) fn buffer(call: &Call<'_, '_>) -> Option<usize> {
    if !matches!(call.method, "dump" | "safe_dump" | "print" | "pprint") {
        return None;
    }
    let index = call.named("file").or_else(|| call.named("fp")).or_else(|| call.named("stream")).unwrap_or(1);
    let origin = call.values.get(index)?.origin.as_ref()?;
    is_buffer(origin).then_some(index)
}

/// Texts in memory that are written to as files are.
pub(super) fn is_buffer(path: &str) -> bool {
    ["StringIO", "BytesIO", "StringWriter"].iter().any(|b| path.contains(b))
}

/// What `sb.append(a).append(b)` begins with, and whether there is such a chain.
fn chain_start<'a>(at: At<'a>, base: &'a ExprId) -> (&'a ExprId, bool) {
    let (mut start, mut chained) = (base, false);
    while let ExprKind::Call { callee, .. } = &at.facts.expr(*start).kind
        && let ExprKind::Attr { base, name, .. } = &at.facts.expr(*callee).kind
        && matches!(&**name, "append" | "add" | "addOne")
    {
        (start, chained) = (base, true);
    }
    (start, chained)
}

/// Constructors of containers and buffers.
pub(super) fn is_container(origin: &str) -> bool {
    // `ListBuffer[String]()`.
    let name = origin.trim_end_matches(['(', ')', '[', ']']).rsplit('.').next().unwrap_or(origin);
    [
        "Properties", "HashMap", "ListBuffer", "ArrayBuffer", "ArrayList", "StringBuilder", "StringIO", "BytesIO",
        "dict", "list", "set", "deque", "defaultdict", "OrderedDict", "Map", "empty", "ConfigParser", "StringBuffer",
        "load", "loads", "safe_load", "LinkedHashMap", "headers",
    ]
    .contains(&name)
}

/// The key of `"k" -> v`.
fn pair_key(at: At<'_>, id: ExprId) -> Option<ExprId> {
    match &at.facts.expr(id).kind {
        ExprKind::Pair { key, .. } => Some(*key),
        ExprKind::Same(inner) => pair_key(at, *inner),
        _ => None,
    }
}
