//! Targets of assignments: names, unpacking, places inside containers and objects.

use credscope_grammars::facts::{BindKind, ExprId, ExprKind, Target};

use super::{
    At, Literal, Walker,
    grows::is_container,
    reach::Call,
    tables,
    tables::Class,
    value::{Kind, Value},
};
use crate::{
    catalog,
    value::names::{NameVerdict, is_password, verdict},
};

/// Places inside places that are followed (`a.b["c"].d = …`).
const PLACES: usize = 8;

impl<'a> Walker<'a> {
    pub(super) fn bind(&mut self, at: At<'a>, targets: &'a [Target], id: ExprId, kind: BindKind) {
        let mut value = self.eval(at, id);
        let expr_spot = at.spot(at.facts.expr(id).span);
        if let [Target::Name { name, span }] = targets {
            if value.is_clean() {
                value = self.plain(at, name, id, value);
            } else {
                value = value.hop_all(&format!("put into `{name}`"), at.spot(*span));
            }
        } else if let [Target::Place(place)] = targets {
            let name = self.place_name(at, *place);
            if value.is_clean() {
                value = self.plain(at, &name, id, value);
            } else if !name.is_empty() {
                value = value.hop_all(&format!("put into `{name}`"), at.spot(at.facts.expr(*place).span));
            }
        }
        for target in targets {
            if kind == BindKind::Augmented {
                let old = match target {
                    Target::Name { name, .. } => self.env.lookup(name).unwrap_or_default(),
                    Target::Place(id) => self.eval(at, *id),
                    _ => Value::clean(),
                };
                let list = old.parts.is_some() && !old.mapping && self.is_scala(at);
                value = match list || old.origin.as_ref().is_some_and(|o| is_container(o)) {
                    // `buffer += pw`: one more element.
                    true if value.parts.is_none() && !value.is_clean() => {
                        let mut grown = old;
                        grown.put("*", value, true);
                        grown
                    }
                    _ => old.join(&value),
                };
            }
            self.written_place(at, target, id, &value, expr_spot);
            let defines = matches!(kind, BindKind::Val | BindKind::Var | BindKind::Lazy);
            self.assign_as(At { updates: at.updates && !defines, ..at }, target, value.clone());
        }
    }

    /// The last name of a place: `self.password`, `conf["password"]`.
    fn place_name(&self, at: At<'a>, place: ExprId) -> String {
        match &at.facts.expr(place).kind {
            ExprKind::Attr { name, .. } => name.to_string(),
            ExprKind::Index { index, .. } => self.text(at, *index).unwrap_or_default(),
            ExprKind::Call { args, .. } if args.len() == 1 => self.text(at, args[0].value).unwrap_or_default(),
            _ => String::new(),
        }
    }

    /// A literal credential under a secret name is a secret, too.
    pub(super) fn plain(&mut self, at: At<'a>, name: &str, id: ExprId, value: Value) -> Value {
        let Some(text) = at.facts.str_lit(id).and_then(|l| l.plain()) else {
            return self.argument(at, name, id, value);
        };
        let settings = self.settings;
        let kind = text.unrecorded(|t| super::literal(t, settings));
        let real = match kind {
            Literal::Other => false,
            Literal::Short => verdict(name) == NameVerdict::Secret && is_password(name),
            Literal::Credential => verdict(name) == NameVerdict::Secret,
            Literal::Holder => true,
        };
        if !real {
            return value;
        }
        let is_holder = matches!(kind, Literal::Holder);
        let spot = at.spot(at.facts.expr(id).span);
        let source = self.source(Kind::Plain, format!("the credential in `{name}`"), spot);
        let value = Value::of(source);
        // The text around the credential of a connection string tells what a program cuts out of it.
        if !is_holder {
            return value;
        }
        match crate::value::slots(text.expose()).as_slice() {
            [slot] => {
                let (before, after) = (text.expose().get(..slot.range.start), text.expose().get(slot.range.end..));
                value.within(before.unwrap_or(""), after.unwrap_or(""))
            }
            _ => value,
        }
    }

    /// `os.environ["X"] = pw` (CS221) and debug switches (CS228).
    fn written_place(&mut self, at: At<'a>, target: &'a Target, id: ExprId, value: &Value, spot: super::value::Spot) {
        let Target::Place(place) = target else { return };
        let path = self.path(at, *place);
        let key = self.place_name(at, *place);
        if path == "os.environ[]" || path == "environ[]" || path.starts_with("sys.props") {
            self.export(&key, value, spot);
            if key == "DATABRICKS_DEBUG_HEADERS"
                && self.text(at, id).is_some_and(|t| !matches!(&*t, "false" | "0" | ""))
            {
                self.switch(spot, "`DATABRICKS_DEBUG_HEADERS` writes access tokens to the debug log");
            }
        }
        if path.ends_with("HTTPConnection.debuglevel") && !is_zero(at, id) {
            self.switch(spot, "`debuglevel` prints request headers, those with credentials among them");
        }
    }

    /// A secret becomes a variable of the environment. Libraries that read nothing else leave no choice: information.
    pub(super) fn export(&mut self, key: &str, value: &Value, spot: super::value::Spot) {
        let class = if catalog::env::is_library_variable(key) { Class::Expected } else { Class::Text };
        let verb = match key {
            "" => "put into an environment variable".to_owned(),
            _ => format!("put into the environment variable `{key}`"),
        };
        self.leak("CS221", class, value, spot, &verb);
    }

    /// Variables that a call sets: `os.putenv("X", pw)`, `os.environ.update({"X": pw}, Y=pw)`.
    pub(super) fn export_arguments(&mut self, at: At<'a>, call: &Call<'_, 'a>, index: usize, value: &Value) {
        let id = call.args[index].value;
        let spot = at.spot(at.facts.expr(id).span);
        if let Some(name) = call.keyword(index).filter(|n| !matches!(*n, "key" | "name" | "value" | "default")) {
            return self.export(name, value, spot);
        }
        if let (ExprKind::Dict(entries), Some(parts)) = (&at.facts.expr(id).kind, &value.parts) {
            let keys: Vec<_> = entries.iter().map(|e| e.key.and_then(|k| self.text(at, k))).collect();
            if keys.iter().all(Option::is_some) {
                for (entry, key) in entries.iter().zip(keys.into_iter().flatten()) {
                    if let Some((_, part)) = parts.iter().find(|(name, _)| *name == key) {
                        self.export(&key, part, at.spot(at.facts.expr(entry.value).span));
                    }
                }
                return;
            }
        }
        let key = call.args.first().and_then(|a| self.text(at, a.value)).unwrap_or_default();
        self.export(&key, value, spot);
    }

    pub(super) fn assign(&mut self, at: At<'a>, target: &'a Target, value: Value) {
        self.assign_as(At { updates: false, ..at }, target, value);
    }

    fn assign_as(&mut self, at: At<'a>, target: &'a Target, value: Value) {
        match target {
            Target::Name { name, .. } => self.set_name(at, name, value),
            Target::Rest(inner) => self.assign_as(at, inner, Value::list_of(value)),
            Target::Tuple(parts) => self.unpack(at, parts, value),
            Target::Place(id) => self.assign_place(at, *id, value, 0),
            Target::Other(inner) => self.assign_as(at, inner, Value::clean()),
            Target::Of { class, inner } => {
                let value = if self.is_of_another(&value, class) { Value::clean() } else { value };
                self.assign_as(at, inner, value);
            }
            Target::Keyed(pairs) => {
                for (key, target) in pairs {
                    let key = self.text(at, *key);
                    let item = self.member(&value, key.as_deref());
                    self.assign_as(at, target, item);
                }
            }
            Target::Literal(_) | Target::Any(_) | Target::Skip => {}
        }
    }

    fn set_name(&mut self, at: At<'a>, name: &str, value: Value) {
        if self.is_top(at) {
            self.remember_killed(name, &value);
        }
        if at.updates { self.env.update(name, value) } else { self.env.set(name, value) }
    }

    /// A secret name that a cell makes harmless: cells that ran before it still saw the secret.
    fn remember_killed(&mut self, name: &str, value: &Value) {
        let Some(Some(count)) = self.counts.get(self.cell as usize).copied() else { return };
        if !value.is_clean() {
            self.killed.remove(&(self.env.current, name.into()));
        } else if let Some((_, old, _)) = self.env.find(self.env.current, name)
            && !old.is_clean()
        {
            let old = old.clone();
            self.killed.insert((self.env.current, name.into()), (old, count));
        }
    }

    fn unpack(&mut self, at: At<'a>, targets: &'a [Target], value: Value) {
        // `Some(x)`.
        if let ([only], true) = (targets, value.wrapped) {
            return self.assign_as(at, only, Value { wrapped: false, ..value });
        }
        if let Some(rest) = targets.iter().position(|t| matches!(t, Target::Rest(_)))
            && let Some(parts) = value.parts.clone().filter(|p| p.get("0").is_some() && p.get("*").is_none())
            && let Some(more) = (parts.len() + 1).checked_sub(targets.len())
        {
            let item = |i: usize| parts.get(&i.to_string()).cloned().unwrap_or_default();
            for (i, target) in targets.iter().enumerate() {
                match target {
                    Target::Rest(inner) => {
                        let items = (0..more).map(|n| (n.to_string().into(), item(i + n)));
                        self.assign_as(at, inner, Value::parts(items.collect()));
                    }
                    _ => self.assign_as(at, target, item(if i < rest { i } else { i + more - 1 })),
                }
            }
            return;
        }
        let fields = value.object.map(|o| self.env.frames[o as usize].fields.clone()).unwrap_or_default();
        for (i, target) in targets.iter().enumerate() {
            let item = match (value.part(&i.to_string()), value.object, fields.get(i)) {
                (Some(item), ..) => item.clone(),
                (None, Some(object), Some(field)) => self.env.field(object, field).unwrap_or_default(),
                // Extractors (`Some(x)`) and unpacked unknowns: each part may be it.
                (None, ..) => match &value.parts {
                    None => Value { wrapped: false, ..value.clone() },
                    Some(parts) => parts.get("*").cloned().unwrap_or_default(),
                },
            };
            self.assign_as(at, target, item);
        }
    }

    /// `base.name = value`, `base[key] = value`: the object changes where it is bound.
    pub(super) fn assign_place(&mut self, at: At<'a>, id: ExprId, value: Value, depth: usize) {
        if depth > PLACES {
            return;
        }
        let (base, key) = match &at.facts.expr(id).kind {
            ExprKind::Name(name) => {
                if let Some((frame, ..)) = self.env.find(self.env.current, name) {
                    if frame == self.env.current {
                        self.env.frames[frame as usize].mutated.push(name.clone());
                    }
                    self.env.write(frame, name, value);
                } else {
                    self.env.set(name, value);
                }
                return;
            }
            ExprKind::Same(inner) => return self.assign_place(at, *inner, value, depth + 1),
            ExprKind::Attr { base, name, .. } => (*base, Some(name.to_string())),
            ExprKind::Index { base, index } => {
                (*base, self.text(at, *index).or_else(|| super::expressions::constant(at, *index)))
            }
            ExprKind::Call { callee, args, .. } => match args.as_slice() {
                [only] => (*callee, self.text(at, only.value)),
                _ => return,
            },
            _ => return,
        };
        if let (None, ExprKind::Index { index, .. }) = (&key, &at.facts.expr(id).kind) {
            let by = self.asked(at, *index);
            if self.put_under(at, base, &by, &value).is_some() {
                return;
            }
        }
        let mut object = self.asked(at, base);
        if let (Some(frame), Some(key)) = (object.object, &key) {
            self.env.write(frame, key, value);
            return;
        }
        if value.is_clean() && object.parts.is_none() && object.labels.is_empty() && value.callable.is_none() {
            return;
        }
        if let ExprKind::Name(name) = &at.facts.expr(base).kind {
            self.env.detach(name);
        }
        // What gets a named member is a dictionary.
        if let (ExprKind::Index { .. }, Some(key)) = (&at.facts.expr(id).kind, &key)
            && object.parts.is_none()
            && object.labels.is_empty()
            && !object.frame
            && key.parse::<i64>().is_err()
        {
            object.mapping = true;
        }
        let key = key.unwrap_or_else(|| "*".into());
        object.put(&key, value, key == "*");
        self.assign_place(at, base, object, depth + 1);
    }

    /// The value of an expression, asked for only: nothing is noted.
    pub(super) fn asked(&mut self, at: At<'a>, id: ExprId) -> Value {
        self.quiet += 1;
        let value = self.eval(at, id);
        self.quiet -= 1;
        value
    }

    /// Whether a name says nothing of what is under it.
    pub(super) fn is_identifier(name: &str) -> bool {
        tables::is_identifier(name)
    }
}

fn is_zero(at: At<'_>, id: ExprId) -> bool {
    super::expressions::constant(at, id).is_some_and(|c| matches!(&*c, "0" | "False" | "false"))
}
