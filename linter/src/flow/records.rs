//! Records: named tuples, data classes and models. What their type says of the fields, their fields as a dictionary, and
//! copies of them.

use credscope_grammars::facts::{Arg, ExprId, ExprKind};

use super::{
    At, Callable, Walker,
    expressions::{constant, literal},
    functions::arguments,
    reach::Call,
    value::Value,
};

impl<'a> Walker<'a> {
    /// `namedtuple("C", "user pw")`, `make_dataclass("C", [("user", str)])`: a class with these fields.
    pub(super) fn record_type(&mut self, at: At<'a>, call: &Call<'_, 'a>) -> Option<Value> {
        if !matches!(call.method, "namedtuple" | "NamedTuple" | "make_dataclass" | "make_class") {
            return None;
        }
        let key = std::ptr::from_ref(at.facts.expr(call.id)) as usize;
        fields(at, call.args.get(1)?.value)?;
        Some(Value { callable: Some(self.register(key, Callable::Record(at, call.id))), ..Value::clean() })
    }

    /// A new record of a type that [`Walker::record_type`] made.
    pub(super) fn new_record(&mut self, at: At<'a>, made: (At<'a>, ExprId), call: &Call<'_, 'a>) -> Value {
        let names = match &made.0.facts.expr(made.1).kind {
            ExprKind::Call { args, .. } => args.get(1).and_then(|a| fields(made.0, a.value)).unwrap_or_default(),
            _ => Vec::new(),
        };
        let frame = self.env.push(None);
        let mut places = names.iter();
        for (name, value) in arguments(at, call) {
            if let Some(name) = name.as_ref().or_else(|| places.next()) {
                self.env.write(frame, name, value);
            }
        }
        (self.env.frames[frame as usize].fields, self.env.frames[frame as usize].shown) = (names, true);
        Value { object: Some(frame), ..Value::clean() }
    }

    /// An object of somebody else's whose text shows its fields: `value` stands at the end of the dotted `path`.
    pub(super) fn holding(&mut self, value: Value, path: &str) -> Value {
        path.rsplit('.').fold(value, |inner, field| {
            let frame = self.env.push(None);
            self.env.write(frame, field, inner);
            self.env.frames[frame as usize].shown = true;
            Value { object: Some(frame), ..Value::clean() }
        })
    }

    /// What every record can do: `_asdict()`, `model_dump()`, `dataclasses.replace(record, …)`.
    pub(super) fn of_record(&mut self, at: At<'a>, call: &Call<'_, 'a>) -> Option<Value> {
        let of_module = ["dataclasses.", "attr.", "attrs.", "copy."].iter().any(|m| call.path.starts_with(m));
        let record = if of_module || call.path == call.method { call.values.first()? } else { call.receiver };
        let object = record.object.filter(|_| record.callable.is_none())?;
        if !self.env.frames.get(object as usize)?.shown {
            return None;
        }
        match call.method {
            "asdict" | "_asdict" | "model_dump" | "dict" | "as_dict" | "to_dict" => Some(self.dumped(at, object, call)),
            "model_dump_json" | "json" | "to_json" => Some(self.dumped(at, object, call).flat()),
            "astuple" => {
                let names = self.env.frames[object as usize].fields.clone();
                let fields = names.iter().map(|n| self.env.field(object, n).unwrap_or_default());
                let fields = fields.enumerate().map(|(i, v)| (i.to_string().into(), v)).collect();
                Some(Value::parts(fields))
            }
            "_replace" | "model_copy" | "copy" | "replace" | "evolve" => {
                let skipped = usize::from(of_module || call.path == call.method);
                let update = call.named("update").map(|i| call.values[i].clone()).unwrap_or_default();
                let mut changes: Vec<(Box<str>, Value)> =
                    update.parts.iter().flat_map(|p| p.iter()).map(|(k, v)| (k.into(), v.clone())).collect();
                let names = self.env.frames[object as usize].fields.clone();
                let mut places = names.into_iter();
                for (name, value) in arguments(at, call).into_iter().skip(skipped) {
                    changes.extend(name.or_else(|| places.next()).map(|name| (name, value)));
                }
                Some(self.copied(object, changes))
            }
            _ => None,
        }
    }

    /// The fields as a dictionary, without those that are left out or hide their value.
    fn dumped(&mut self, at: At<'a>, object: u32, call: &Call<'_, 'a>) -> Value {
        let texts = |i: usize| self.texts(at, call.args[i].value, 0).unwrap_or_default();
        let (left_out, only) = (call.named("exclude").map(texts), call.named("include").map(texts));
        let fields = self.env.fields(object).into_iter().filter(|(name, value)| {
            value.callable.is_none()
                && !value.holder
                && !left_out.iter().flatten().any(|n| **n == **name)
                && only.as_ref().is_none_or(|only| only.iter().any(|n| **n == **name))
        });
        Value::dictionary(fields.collect())
    }

    fn copied(&mut self, object: u32, changes: Vec<(Box<str>, Value)>) -> Value {
        let fields = self.env.fields(object);
        let old = &self.env.frames[object as usize];
        let (parent, names, shown, hidden, class) =
            (old.parent, old.fields.clone(), old.shown, old.hidden.clone(), old.class);
        let copy = self.env.push(parent);
        for (name, value) in fields.into_iter().chain(changes) {
            self.env.write(copy, &name, value);
        }
        let new = &mut self.env.frames[copy as usize];
        (new.fields, new.shown, new.hidden, new.class) = (names, shown, hidden, class);
        Value { object: Some(copy), ..Value::clean() }
    }

    /// Whether a value is an object of another class than a pattern asks for.
    pub(super) fn is_of_another(&mut self, value: &Value, class: &str) -> bool {
        let Some(object) = value.object.filter(|_| !value.wrapped && value.callable.is_none()) else { return false };
        let name = class.rsplit('.').next().unwrap_or(class);
        let found = self.env.lookup(&super::objects::constructor(name)).or_else(|| self.env.lookup(name));
        let Some(wanted) = found.and_then(|v| v.callable).map(|c| c.target) else { return false };
        let mut at = Some(object);
        let mut known = false;
        while let Some(frame) = at.and_then(|f| self.env.frames.get(f as usize)) {
            match frame.class {
                Some(class) if class == wanted => return false,
                Some(_) => known = true,
                None => break,
            }
            at = frame.parent;
        }
        known
    }
}

/// Names in `"user pw"`, `["user", "pw"]`, `[("user", str)]`.
fn fields(at: At<'_>, id: ExprId) -> Option<Vec<Box<str>>> {
    if let Some(text) = literal(at, id) {
        return Some(text.split([' ', ',', '\n']).filter(|w| !w.is_empty()).map(Into::into).collect());
    }
    let name = |id: &ExprId| match &at.facts.expr(*id).kind {
        ExprKind::Seq { items, .. } => literal(at, *items.first()?).map(Into::into),
        _ => literal(at, *id).map(Into::into),
    };
    match &at.facts.expr(id).kind {
        ExprKind::Seq { items, .. } => items.iter().map(name).collect(),
        ExprKind::Dict(entries) => entries.iter().map(|e| name(&e.key?)).collect(),
        _ => None,
    }
}

/// Whether a field's type shows asterisks instead of its value.
pub(super) fn hides(annotation: &str) -> bool {
    annotation.contains("SecretStr") || annotation.contains("SecretBytes")
}

/// `field(repr=False)`, `@dataclass(repr=False)`.
pub(super) fn without_repr(at: At<'_>, id: ExprId) -> bool {
    let ExprKind::Call { args, .. } = &at.facts.expr(id).kind else { return false };
    let off = |a: &Arg| {
        a.name.as_ref().is_some_and(|(n, _)| &**n == "repr") && constant(at, a.value).is_some_and(|c| c == "False")
    };
    args.iter().any(off)
}

/// Whether a class is a record by its decorators.
pub(super) fn is_record(paths: impl Iterator<Item = String>) -> bool {
    paths.into_iter().any(|path| {
        let path = path.trim_end_matches("()");
        ["dataclass", "attr.s", "attr.attrs", "attr.dataclass", "define", "frozen", "mutable", "attrs"]
            .iter()
            .any(|w| path == *w || path.ends_with(&format!(".{w}")) || path.ends_with(w) && w.starts_with("attr."))
    })
}
