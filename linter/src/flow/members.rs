//! Parts of values: attributes, members of containers, elements of loops.

use credscope_grammars::facts::ExprId;

use super::{
    At, Walker, reads, tables,
    value::{Kind, Value},
};

impl<'a> Walker<'a> {
    pub(super) fn attribute(&mut self, at: At<'a>, id: ExprId, base: ExprId, name: &str) -> Value {
        let path = self.path(at, id);
        if let Some(read) = reads::attribute(&path, name) {
            return self.read(at, id, read);
        }
        let value = self.eval(at, base);
        if matches!(name, "!" | "!!") {
            // A text that is run as a command.
            let spot = at.spot(at.facts.expr(id).span);
            self.leak("CS222", tables::Class::Text, &value.flat(), spot, "put into a process's arguments");
            return Value::clean();
        }
        self.member_named(&value, name)
    }

    /// `value.name`.
    pub(super) fn member_named(&mut self, value: &Value, name: &str) -> Value {
        if let Some(module) = value.module {
            return self.exported(module, name);
        }
        if let Some(object) = value.object {
            if name == "__dict__" {
                return self.fields_of(object);
            }
            if let Some(found) = self.env.field(object, name) {
                return found;
            }
            if let Some(found) = self.inherited(object, name) {
                return found;
            }
        }
        if let Some(part) = value.part(name) {
            return part.clone();
        }
        if value.holder {
            return held(value, name);
        }
        if name == "__dict__" {
            return value.clone();
        }
        if value.frame {
            return Value { frame: true, ..value.clone() };
        }
        if value.is_clean() {
            // `value.get` of an Option without parentheses, `df.rdd`.
            return Value {
                origin: value.origin.as_ref().map(|o| super::paths::extend(o, name, false)),
                ..Value::clean()
            };
        }
        // Methods without parentheses (Scala), fields of what is secret as a whole.
        let keys = matches!(name, "keys" | "keySet") && value.labels.is_empty();
        if keys || tables::is_clean_key(name) || tables::is_sanitizer("", name, &[]) {
            Value::clean()
        } else if matches!(name, "values" | "items" | "toSeq" | "toList" | "toArray" | "toMap")
            && value.labels.is_empty()
        {
            value.clone()
        } else if tables::changes(name) {
            value.changed()
        } else if tables::keeps(name) {
            Value { wrapped: false, ..value.clone() }
        } else if value.parts.is_none() && value.labels.iter().all(|l| self.sources[l.source].kind != Kind::Plain) {
            Value { wrapped: false, ..value.flat() }
        } else {
            Value::clean()
        }
    }

    /// All fields of an object as a container.
    pub(super) fn fields_of(&mut self, object: u32) -> Value {
        let fields = self.env.fields(object);
        Value::parts(fields.into_iter().filter(|(_, v)| v.callable.is_none()).collect())
    }

    /// An object that shows its fields when it is printed, as what is shown; anything else as it is.
    pub(super) fn revealed(&mut self, value: &Value) -> Value {
        match value.object {
            Some(object) if self.env.frames.get(object as usize).is_some_and(|f| f.shown) => self.fields_of(object),
            _ => value.clone(),
        }
    }

    /// `value[key]`; `None`: the key is not known.
    pub(super) fn member(&mut self, value: &Value, key: Option<&str>) -> Value {
        if value.holder {
            return key.map_or_else(Value::clean, |k| held(value, k));
        }
        if value.frame {
            return Value { frame: true, ..value.clone() };
        }
        if let Some(object) = value.object {
            return key.and_then(|k| self.env.field(object, k)).unwrap_or_default();
        }
        if let Some(parts) = &value.parts {
            if let Some(found) = key.and_then(|k| parts.get(k)) {
                return found.clone();
            }
            let from_end = key.and_then(|k| k.strip_prefix('-')).and_then(|n| n.parse::<usize>().ok());
            if let Some(found) =
                from_end.and_then(|n| parts.len().checked_sub(n)).and_then(|i| parts.get(&i.to_string()))
            {
                return found.clone();
            }
            if key.is_none() {
                return parts.values().fold(Value::clean(), |all, v| all.join(v));
            }
            if let Some(rest) = parts.get("*") {
                return rest.clone();
            }
            // Keys that are no constants may be this one.
            let unknown = parts.iter().filter(|(k, _)| k.starts_with('*')).map(|(_, v)| v);
            let unknown = unknown.fold(Value::clean(), |all, v| all.join(v));
            if value.labels.is_empty() {
                return unknown;
            }
        }
        match key {
            Some(key) if tables::is_clean_key(key) => Value::clean(),
            Some(key) if key.bytes().all(|b| b.is_ascii_digit() || b == b'-') => value.changed(),
            Some(_) => Value { wrapped: false, ..value.clone() },
            None if value.is_clean() => Value::clean(),
            None => Value { parts: None, ..value.changed() },
        }
    }

    /// What one round of a loop over the value sees.
    pub(super) fn element(&self, items: &Value) -> Value {
        if items.wrapped {
            return Value { wrapped: false, ..items.clone() };
        }
        if items.frame || items.holder {
            return Value { frame: items.frame, ..items.clone() };
        }
        let mut item = if items.labels.is_empty() {
            Value::clean()
        } else {
            Value { labels: items.changed().labels, caught: items.caught, ..Value::clean() }
        };
        for part in items.parts.iter().flat_map(|p| p.values()) {
            item = item.join(part);
        }
        item
    }

    /// What one round of a loop over the pairs of a dictionary sees.
    pub(super) fn pairs(&self, items: &Value) -> Value {
        let values = self.element(&Value { labels: Vec::new(), ..items.clone() });
        let pair = Value::parts([("0".into(), Value::clean()), ("1".into(), values)].into());
        Value::list_of(if items.labels.is_empty() { pair } else { items.changed() })
    }
}

/// A field of an object whose secret fields are known.
fn held(value: &Value, name: &str) -> Value {
    if tables::leads_on(name) {
        value.clone()
    } else if tables::is_secret_field(name) {
        let changed = value.labels.iter().any(|l| l.changed);
        let flat = value.flat();
        if changed { flat.changed() } else { flat }
    } else {
        Value::clean()
    }
}
