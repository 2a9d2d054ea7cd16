//! Expressions: what secrets their value carries.

use std::collections::BTreeMap;

use credscope_grammars::facts::{ExprId, ExprKind, StmtKind, StrPart};

use super::{At, Callable, DEPTH, STEPS, Walker, tables, value::Value};

impl<'a> Walker<'a> {
    pub(super) fn eval(&mut self, at: At<'a>, id: ExprId) -> Value {
        self.steps += 1;
        if self.steps > STEPS || self.depth > DEPTH {
            return Value::clean();
        }
        self.depth += 1;
        let value = self.eval_inner(at, id);
        self.depth -= 1;
        value
    }

    /// Constant text of a literal.
    pub(super) fn text(&self, at: At<'_>, id: ExprId) -> Option<String> {
        at.facts.str_lit(id)?.plain().map(|t| t.expose().to_owned())
    }

    fn eval_inner(&mut self, at: At<'a>, id: ExprId) -> Value {
        let expr = at.facts.expr(id);
        match &expr.kind {
            ExprKind::Str(lit) => {
                let mut value = Value::clean();
                let mut before = String::new();
                for part in &lit.parts {
                    match part {
                        StrPart::Text { value, .. } => before = value.expose().to_owned(),
                        StrPart::Hole { expr, span, debug, format } => {
                            let mut hole = self.eval(at, *expr).flat();
                            self.in_url(at, &before, &hole, *span);
                            if format.as_deref().is_some_and(|f| f.starts_with("!r")) && !hole.is_clean() {
                                hole = hole.changed();
                            }
                            hole.debug |= *debug && !hole.labels.is_empty();
                            value = value.join(&hole);
                        }
                    }
                }
                if value.is_clean() { value } else { value.hop("put into this text", at.place(expr.span)) }
            }
            ExprKind::Const(_) => Value::clean(),
            ExprKind::Name(name) => self.lookup(name),
            ExprKind::Attr { base, name, .. } => self.attribute(at, id, *base, name),
            ExprKind::Index { base, index } => {
                let path = self.names.path(at.facts, id).unwrap_or_default();
                if let Some(read) =
                    tables::source(&path, &|_, i| if i == 0 { self.text(at, *index) } else { None }, &[])
                {
                    return self.read(at, id, read);
                }
                let value = self.eval(at, *base);
                let key = self.text(at, *index).or_else(|| constant_number(at, *index));
                self.eval(at, *index);
                // The answer of a token service.
                if value.is_clean() && key.as_deref().is_some_and(tables::is_token_key) {
                    return self.read(at, id, tables::Read::Secret(super::value::Kind::Other, "access token".into()));
                }
                self.member(&value, key.as_deref())
            }
            ExprKind::Slice { base, .. } => self.eval(at, *base).changed(),
            ExprKind::Call { callee, args, is_new } => self.call(at, id, *callee, args, *is_new),
            ExprKind::Concat(parts) => {
                let mut value = Value::clean();
                let mut before = String::new();
                for part in parts {
                    let next = self.eval(at, *part);
                    self.in_url(at, &before, &next.flat(), at.facts.expr(*part).span);
                    before = self.text(at, *part).unwrap_or_default();
                    // Text added to a secret keeps it readable; zero-width and the like are the same to redaction.
                    value = value.join(&next);
                    if before.contains(['\u{200b}', '\u{200c}', '\u{feff}']) {
                        value = value.changed();
                    }
                }
                value
            }
            ExprKind::Format { template, args } => {
                let mut value = self.eval(at, *template);
                for arg in args {
                    let next = self.eval(at, arg.value);
                    value = value.join(&next.flat());
                }
                value
            }
            ExprKind::Operator { op, operands } => {
                let mut value = Value::clean();
                for operand in operands {
                    let next = self.eval(at, *operand);
                    value = value.join(&next);
                }
                if matches!(&**op, "*" | "|" | "+" | "%") { value } else { Value::clean() }
            }
            ExprKind::Compare { operands, .. } => {
                for operand in operands {
                    self.eval(at, *operand);
                }
                Value::clean()
            }
            ExprKind::Logic(operands) => {
                let mut value = Value::clean();
                for operand in operands {
                    let next = self.eval(at, *operand);
                    value = value.join(&next);
                }
                if operands.len() == 1 { Value::clean() } else { value }
            }
            ExprKind::Fallback { first, second } => {
                let first = self.eval(at, *first);
                let second = self.eval(at, *second);
                first.join(&second)
            }
            ExprKind::Cond { test, then, other } => {
                self.eval(at, *test);
                let value = self.eval(at, *then);
                match other {
                    Some(other) => {
                        let other = self.eval(at, *other);
                        value.join(&other)
                    }
                    None => value,
                }
            }
            ExprKind::Dict(entries) => {
                let mut parts = BTreeMap::new();
                for (i, entry) in entries.iter().enumerate() {
                    let key = entry.key.map(|k| self.text(at, k).unwrap_or_else(|| format!("*{i}")));
                    if let Some(key) = entry.key {
                        self.eval(at, key);
                    }
                    let value = self.eval(at, entry.value);
                    match key {
                        Some(key) => {
                            parts.insert(key.into(), value);
                        }
                        None => {
                            parts.extend(value.parts.iter().flat_map(|p| p.iter().map(|(k, v)| (k.clone(), v.clone()))))
                        }
                    }
                }
                Value::parts(parts)
            }
            ExprKind::Seq { items, .. } => {
                let parts = items
                    .iter()
                    .enumerate()
                    .map(|(i, item)| (Box::from(i.to_string()), self.eval(at, *item)))
                    .collect();
                Value::parts(parts)
            }
            ExprKind::Pair { key, value } => {
                let parts = [(Box::from("0"), self.eval(at, *key)), (Box::from("1"), self.eval(at, *value))];
                Value::parts(parts.into_iter().collect())
            }
            ExprKind::Lambda(function) => {
                let id = self.functions.len();
                self.functions.push(Callable::Function(function, at));
                Value { callable: Some(id), ..Value::clean() }
            }
            ExprKind::Comprehension { elements, clauses } => {
                self.scopes.push(Default::default());
                for clause in clauses {
                    let items = self.eval(at, clause.iter);
                    let item = self.element(&items);
                    self.assign(at, &clause.target, item);
                    for condition in &clause.conditions {
                        self.eval(at, *condition);
                    }
                }
                let mut value = Value::clean();
                for element in elements {
                    let next = self.eval(at, *element);
                    value = value.join(&next.flat());
                }
                self.scopes.pop();
                let mut parts = BTreeMap::new();
                parts.insert("*".into(), value);
                Value::parts(parts)
            }
            ExprKind::Block(body) => match body.as_slice() {
                [] => Value::clean(),
                body => {
                    let value = self.block(at, body);
                    if matches!(body.last().map(|s| &s.kind), Some(StmtKind::Bind { .. })) {
                        Value::clean()
                    } else {
                        value
                    }
                }
            },
            ExprKind::Spread(inner) | ExprKind::Same(inner) => self.eval(at, *inner),
            ExprKind::Assign { target, value } => {
                let value = self.eval(at, *value);
                self.assign(at, target, value.clone());
                value
            }
            ExprKind::Yield(inner) => match inner {
                Some(inner) => {
                    let value = self.eval(at, *inner);
                    self.returned = std::mem::take(&mut self.returned).join(&value);
                    Value::clean()
                }
                None => Value::clean(),
            },
            ExprKind::Other(children) => {
                for child in children {
                    self.eval(at, *child);
                }
                Value::clean()
            }
        }
    }

    fn attribute(&mut self, at: At<'a>, id: ExprId, base: ExprId, name: &str) -> Value {
        let path = self.names.path(at.facts, id).unwrap_or_default();
        if path.ends_with("dbutils.notebook.getContext.apiToken")
            || path.ends_with("get_context().apiToken")
            || path == "w.config.token"
        {
            return self.read(
                at,
                id,
                tables::Read::Secret(super::value::Kind::Other, "API token of the notebook's user".into()),
            );
        }
        let value = self.eval(at, base);
        if let Some(part) = value.part(name) {
            return part.clone();
        }
        if value.holder {
            return if tables::is_secret_field(name) {
                Value { holder: matches!(name, "payload"), ..value.flat() }
            } else {
                Value::clean()
            };
        }
        if name == "__dict__" {
            return value;
        }
        if value.frame {
            return Value { frame: true, ..value };
        }
        if value.labels.is_empty() {
            return Value::clean();
        }
        // Methods without parentheses (Scala), fields of what is secret as a whole.
        if tables::is_sanitizer("", name, &[]) {
            Value::clean()
        } else if tables::changes(name) {
            value.changed()
        } else if tables::keeps(name) || value.parts.is_none() {
            value.flat()
        } else {
            Value::clean()
        }
    }

    /// `value[key]`.
    pub(super) fn member(&self, value: &Value, key: Option<&str>) -> Value {
        if value.holder {
            return if key.is_some_and(tables::is_secret_field) { value.flat() } else { Value::clean() };
        }
        if let Some(parts) = &value.parts {
            if let Some(found) = key.and_then(|k| parts.get(k)) {
                return found.clone();
            }
            if key.is_none() || (parts.len() == 1 && parts.contains_key("*")) {
                return parts.values().fold(Value::clean(), |all, v| all.join(v));
            }
            if value.labels.is_empty() {
                return Value::clean();
            }
        }
        match key {
            Some(key) if tables::is_clean_key(key) => Value::clean(),
            Some(key) if key.bytes().all(|b| b.is_ascii_digit() || b == b'-') => value.changed(),
            Some(_) => value.clone(),
            None => Value { parts: None, ..value.changed() },
        }
    }

    pub(super) fn read(&mut self, at: At<'a>, id: ExprId, read: tables::Read) -> Value {
        let place = at.place(at.facts.expr(id).span);
        match read {
            tables::Read::Secret(kind, name) => {
                let source = self.source(kind, name, place);
                Value::of(source)
            }
            tables::Read::Holder(kind, name) => {
                let source = self.source(kind, name, place);
                Value { holder: true, ..Value::of(source) }
            }
        }
    }

    /// A secret in the credential part of a URL (CS210).
    fn in_url(&mut self, at: At<'a>, before: &str, hole: &Value, span: credscope_grammars::Span) {
        if hole.labels.is_empty() || before.is_empty() {
            return;
        }
        let lower = before.to_ascii_lowercase();
        let key = lower.rsplit(['?', '&', ';', ' ']).next().unwrap_or("");
        let slot = ["password=", "pwd=", "token=", "sig=", "accesstoken=", "api_key=", "apikey="].contains(&key);
        let userinfo = lower
            .rfind("://")
            .is_some_and(|i| !lower[i + 3..].contains(['/', '@', '?']) && lower[i + 3..].ends_with(':'));
        if (slot && (lower.contains("jdbc:") || lower.contains("://") || lower.starts_with([';', '&', '?'])))
            || userinfo
        {
            self.leak("CS210", super::tables::Class::Text, hole, at.place(span), "put into a URL");
        }
    }
}

fn constant_number(at: At<'_>, id: ExprId) -> Option<String> {
    match &at.facts.expr(id).kind {
        ExprKind::Const(c) => Some(c.text.expose().to_owned()),
        ExprKind::Same(inner) => constant_number(at, *inner),
        _ => None,
    }
}
