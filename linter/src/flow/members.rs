//! Parts of values: attributes, members of containers, elements of loops.

use credscope_grammars::{
    Language,
    facts::{Expr, ExprId, ExprKind},
};

use super::{
    At, Callable, Walker,
    columns::column,
    reads, tables,
    value::{Kind, Value},
};

impl<'a> Walker<'a> {
    pub(super) fn attribute(&mut self, at: At<'a>, id: ExprId, base: ExprId, name: &str) -> Value {
        let path = self.path(at, id);
        if let Some(read) = reads::attribute(&path, name) {
            return self.read(at, id, read);
        }
        let value = self.eval(at, base);
        if matches!(name, "name" | "_name_") && self.is_enumerated(at, base) {
            return Value::clean();
        }
        // The parts of an address that say where it leads.
        let parsed = || ["urlparse()", "urlsplit()", "make_url()"].iter().any(|f| path.contains(f));
        if matches!(name, "hostname" | "port" | "scheme" | "host" | "database" | "drivername") && parsed() {
            return Value::clean();
        }
        if matches!(name, "!" | "!!") {
            // A text that is run as a command.
            let spot = at.spot(at.facts.expr(id).span);
            self.leak("CS222", tables::Class::Text, &value.flat(), spot, "put into a process's arguments");
            return Value::clean();
        }
        if value.object.is_none()
            && let Some(found) = self.extension(&value, name)
        {
            return found;
        }
        self.member_named(&value, name)
    }

    /// Whether an expression is a member of an enumeration: `Secret.PASSWORD`, `Secret["PASSWORD"]`, `Secret(x)`.
    fn is_enumerated(&mut self, at: At<'a>, id: ExprId) -> bool {
        let of = match &at.facts.expr(id).kind {
            ExprKind::Attr { base, .. } | ExprKind::Index { base, .. } => *base,
            ExprKind::Call { callee, .. } => *callee,
            _ => return false,
        };
        let class = self.eval(at, of).callable.and_then(|c| self.functions.get(c.target as usize).copied());
        let Some(Callable::Class(class, at)) = class else { return false };
        class.bases.iter().any(|base| {
            let last = at.facts.last_name(*base);
            matches!(last, Some("Enum" | "StrEnum" | "IntEnum" | "Flag" | "IntFlag"))
        })
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
                return if value.callable.is_some() { self.of_class(object, found) } else { found };
            }
            if let Some(found) = self.inherited(object, name) {
                return found;
            }
        }
        if value.frame {
            return match value.part(name) {
                Some(_) => column(value, name),
                None if is_about_the_table(name) => Value::clean(),
                // Another column, where all that hold a secret are known.
                None if value.labels.is_empty() && value.parts.is_some() && !gives_the_table(name) => Value::clean(),
                None => value.clone(),
            };
        }
        if let Some(part) = value.part(name) {
            return part.clone();
        }
        if let Some(member) = self.of_container(value, name) {
            return member;
        }
        if value.holder && !value.document {
            return held(value, name);
        }
        if name == "__dict__" {
            return Value { origin: None, mapping: value.mapping || value.parts.is_some(), ..value.clone() };
        }
        if value.is_clean() {
            // `value.get` of an Option without parentheses, `df.rdd`.
            return Value {
                origin: value.origin.as_ref().map(|o| super::paths::extend(o, name, false)),
                ..Value::clean()
            };
        }
        // Methods without parentheses (Scala), fields of what is secret as a whole.
        let keys = matches!(name, "keys" | "keySet") && (value.labels.is_empty() || value.document);
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

    /// `value[key]`; `None`: the key is not known.
    pub(super) fn member(&mut self, value: &Value, key: Option<&str>) -> Value {
        let member = self.member_under(value, key);
        if key.is_some() && !member.labels.is_empty() { self.without_dumps(member) } else { member }
    }

    fn member_under(&mut self, value: &Value, key: Option<&str>) -> Value {
        if value.document {
            return self.document_field(value, key);
        }
        if value.holder {
            return key.map_or_else(Value::clean, |k| held(value, k));
        }
        if value.frame {
            return match key {
                Some(key) => column(value, key),
                None => value.clone(),
            };
        }
        if let Some(object) = value.object {
            if let Some(found) = key.and_then(|k| self.env.field(object, k)) {
                return found;
            }
            // A named tuple's field by its position.
            let position = key.and_then(|k| k.parse::<usize>().ok());
            let name = position.and_then(|i| self.env.frames[object as usize].fields.get(i).cloned());
            if let Some(found) = name.and_then(|n| self.env.field(object, &n)) {
                return found;
            }
            let own = self.method(object, "__getitem__");
            return own.map(|m| self.run_positional(&m, vec![Value::clean()])).unwrap_or_default();
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
            // A field of a row or a named tuple by its position.
            let position = key.is_some_and(is_position);
            let named = !value.mapping && !parts.iter().any(|(k, _)| k.starts_with('*') || is_position(k));
            if key.is_none() || position && named {
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
            Some(key) if is_position(key) => value.changed(),
            Some(_) => Value { wrapped: false, ..value.clone() },
            None if value.is_clean() => Value::clean(),
            None => Value { parts: None, ..value.changed() },
        }
    }

    /// A field of a secret document. What it is called says whether it is secret.
    fn document_field(&mut self, value: &Value, key: Option<&str>) -> Value {
        let field = Value { holder: false, ..value.clone() };
        let Some(key) = key.filter(|k| !is_position(k)) else { return field };
        if tables::is_clean_key(key) {
            return Value::clean();
        }
        if !tables::is_identifier(key) {
            return field;
        }
        let mut labels = Vec::new();
        for label in &field.labels {
            let source = self.sources[label.source].clone();
            let name = format!("field `{key}` of {}", source.name);
            let source = match source.identifier {
                true => label.source,
                false => self.source(source.kind, name, source.spot),
            };
            self.sources[source].identifier = true;
            labels.push(super::value::Label { source, ..label.clone() });
        }
        Value { labels, ..field }
    }

    /// What one round of a loop over the value sees: the keys of a dictionary (Python), its pairs (Scala).
    pub(super) fn round(&mut self, at: At<'a>, items: &Value) -> Value {
        if items.document && !items.holder {
            // Keys, or the objects of a list: only members of these are secret.
            return Value { holder: true, ..items.clone() };
        }
        if !items.mapping {
            return self.element(items);
        }
        if items.is_clean() && !self.is_scala(at) {
            return Value::clean();
        }
        let pair = self.pair(&Value { labels: Vec::new(), ..items.clone() });
        match self.is_scala(at) {
            true => pair,
            false => pair.part("0").cloned().unwrap_or_default(),
        }
    }

    /// Whether a parameter holds the name of a key: `secret_key` beside `secret_scope`.
    pub(super) fn is_key_name(&self, name: &str) -> bool {
        let name = name.trim_end_matches('`').to_ascii_lowercase();
        let keyed = ["secret_key", "secretkey", "secret-key", "secret_name", "secretname", "secret-name"];
        if !keyed.iter().any(|k| name.ends_with(k)) {
            return false;
        }
        let scope = |name: &str| {
            let name = name.to_ascii_lowercase();
            name.contains("secret") && name.contains("scope")
        };
        self.docs.first().is_some_and(|doc| {
            doc.facts.iter().any(|facts| {
                let named = |e: &Expr| match &e.kind {
                    ExprKind::Name(name) => scope(name),
                    ExprKind::Str(lit) => lit.plain().is_some_and(|t| t.len() <= 60 && scope(t.expose())),
                    _ => false,
                };
                facts.exprs.iter().any(named)
                    || facts.queries.iter().flat_map(|q| &q.parameters).any(|(name, _)| scope(name))
            })
        })
    }

    pub(super) fn is_scala(&self, at: At<'_>) -> bool {
        self.language(at) == Some(Language::Scala)
    }

    pub(super) fn is_sql(&self, at: At<'_>) -> bool {
        self.language(at) == Some(Language::Sql)
    }

    pub(super) fn language(&self, at: At<'_>) -> Option<Language> {
        let cell = self.docs.get(at.doc as usize).and_then(|d| d.cells.get(at.cell as usize));
        cell.map(|c| c.language)
    }

    /// What one round of a loop over the value sees.
    pub(super) fn element(&self, items: &Value) -> Value {
        if items.wrapped {
            return Value { wrapped: false, ..items.clone() };
        }
        if items.frame || items.holder {
            return Value { frame: items.frame, ..items.clone() };
        }
        let mut parts = items.parts.iter().flat_map(|p| p.values());
        let mut item = if items.labels.is_empty() {
            parts.next().cloned().unwrap_or_default()
        } else {
            Value { labels: items.changed().labels, caught: items.caught, ..Value::clean() }
        };
        for part in parts {
            item = item.join(part);
        }
        item
    }

    /// What one round of a loop over the pairs of a dictionary sees.
    pub(super) fn pairs(&mut self, items: &Value) -> Value {
        if items.labels.is_empty() || items.document {
            let pair = self.pair(items);
            return Value::list_of(pair);
        }
        Value::list_of(items.changed())
    }
}

/// Members of a table that say nothing of its rows.
fn is_about_the_table(name: &str) -> bool {
    matches!(
        name,
        "columns"
            | "dtypes"
            | "shape"
            | "schema"
            | "index"
            | "size"
            | "empty"
            | "ndim"
            | "isStreaming"
            | "storageLevel"
    )
}

fn is_position(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_digit() || b == b'-')
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

/// Members of a table that give back its rows.
fn gives_the_table(name: &str) -> bool {
    matches!(
        name,
        "write"
            | "writeStream"
            | "rdd"
            | "na"
            | "stat"
            | "cache"
            | "persist"
            | "unpersist"
            | "distinct"
            | "toDF"
            | "values"
            | "T"
            | "loc"
            | "iloc"
            | "at"
            | "style"
            | "plot"
            | "checkpoint"
            | "toPandas"
            | "describe"
            | "summary"
            | "dropDuplicates"
            | "collect"
            | "first"
            | "head"
            | "toJSON"
            | "collectAsList"
            | "javaRDD"
            | "toJavaRDD"
            | "as"
            | "show"
            | "display"
    )
}
