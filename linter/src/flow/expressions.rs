//! Expressions: what secrets their value carries.

use std::collections::BTreeMap;

use credscope_grammars::facts::{Clause, Entry, ExprId, ExprKind, Stmt, StmtKind, StrLit};

use super::{
    At, Walker,
    columns::column,
    pairs::under_keys,
    reads,
    tables::Read,
    value::{IN_TEXT, Kind, Value},
};

impl<'a> Walker<'a> {
    pub(super) fn eval(&mut self, at: At<'a>, id: ExprId) -> Value {
        if !self.step() {
            return Value::clean();
        }
        self.depth += 1;
        let value = self.eval_inner(at, id);
        self.depth -= 1;
        value
    }

    /// Constant text of a literal.
    pub(super) fn text(&self, at: At<'_>, id: ExprId) -> Option<String> {
        literal(at, id)
    }

    /// Each kind in a function of its own: expressions nest, and a frame holds what any arm needs.
    fn eval_inner(&mut self, at: At<'a>, id: ExprId) -> Value {
        let expr = at.facts.expr(id);
        match &expr.kind {
            ExprKind::Str(lit) => self.literal(at, id, lit),
            ExprKind::Const(c) => Value { truth: truth(c.text.expose()), ..Value::clean() },
            ExprKind::Name(name) => self.known(at, id, None, name),
            ExprKind::Attr { base, name, .. } => self.known(at, id, Some(*base), name),
            ExprKind::Index { base, index } => self.index(at, id, *base, *index),
            ExprKind::Slice { base, .. } => self.slice(at, *base),
            ExprKind::Call { callee, args, .. } => self.call(at, id, *callee, args),
            ExprKind::Concat(parts) => self.concatenated(at, id, parts),
            ExprKind::Format { template, args } => self.formatted(at, *template, args, expr.span),
            ExprKind::Operator { op, operands } => self.operator(at, op, operands),
            ExprKind::Compare { operands: parts, .. } | ExprKind::Other(parts) => self.all_clean(at, parts),
            ExprKind::Logic(operands) => self.logic(at, operands),
            ExprKind::Fallback { first, second } => self.fallback(at, *first, *second),
            ExprKind::Cond { test, then, other } => self.conditional(at, *test, *then, *other),
            ExprKind::Dict(entries) => self.dict(at, entries),
            ExprKind::Seq { items, .. } => self.sequence(at, items),
            ExprKind::Pair { key, value } => self.couple(at, *key, *value),
            ExprKind::Lambda(function) => {
                let target = self.define(function, at);
                Value { callable: Some(target), ..Value::clean() }
            }
            ExprKind::Comprehension { elements, clauses } => self.comprehension(at, elements, clauses),
            ExprKind::Block(body) => self.valued_block(at, id, body),
            ExprKind::Spread(inner) | ExprKind::Same(inner) => self.eval(at, *inner),
            ExprKind::Assign { target, value } => {
                let value = self.eval(at, *value);
                self.assign(at, target, value.clone());
                value
            }
            ExprKind::Yield(inner) => self.yielded(at, id, *inner),
        }
    }

    fn literal(&mut self, at: At<'a>, id: ExprId, lit: &'a StrLit) -> Value {
        let value = self.template(at, lit, at.facts.expr(id).span);
        let constant = (value.is_clean() && at.map.is_none() && lit.plain().is_some()).then_some((at.doc, at.cell, id));
        Value { constant, ..value }
    }

    /// A name or attribute: what it holds, or a well-known function that it means.
    fn known(&mut self, at: At<'a>, id: ExprId, base: Option<ExprId>, name: &str) -> Value {
        let value = match base {
            Some(base) => self.attribute(at, id, base, name),
            None => self.name(at, name),
        };
        let value = if value.is_blank() { self.reference(at, id, name, value) } else { value };
        self.without_parentheses(at, value)
    }

    fn slice(&mut self, at: At<'a>, base: ExprId) -> Value {
        let value = self.eval(at, base);
        if value.labels.is_empty() && value.parts.is_some() { value } else { value.changed() }
    }

    fn concatenated(&mut self, at: At<'a>, id: ExprId, parts: &'a [ExprId]) -> Value {
        let value = self.concat(at, parts);
        let text = value.parts.is_none() && !value.is_clean();
        if text { value.hop(IN_TEXT, at.spot(at.facts.expr(id).span)) } else { value }
    }

    fn operator(&mut self, at: At<'a>, op: &str, operands: &'a [ExprId]) -> Value {
        let mut value = Value::clean();
        for operand in operands {
            let next = self.eval(at, *operand);
            value = if op == "|" { value.overlaid(&next) } else { value.join(&next) };
        }
        if matches!(op, "*" | "|" | "+" | "%" | "/") { value } else { Value::clean() }
    }

    fn all_clean(&mut self, at: At<'a>, parts: &'a [ExprId]) -> Value {
        parts.iter().for_each(|part| drop(self.eval(at, *part)));
        Value::clean()
    }

    /// `a and b`: the last one, or something empty.
    fn logic(&mut self, at: At<'a>, operands: &'a [ExprId]) -> Value {
        let mut value = Value::clean();
        for operand in operands {
            value = self.eval(at, *operand);
        }
        if operands.len() == 1 { Value::clean() } else { value }
    }

    fn fallback(&mut self, at: At<'a>, first: ExprId, second: ExprId) -> Value {
        let first = self.eval(at, first);
        let second = self.eval(at, second);
        Value { wrapped: false, ..first.join(&second) }
    }

    fn conditional(&mut self, at: At<'a>, test: ExprId, then: ExprId, other: Option<ExprId>) -> Value {
        self.eval(at, test);
        let mark = self.env.begin();
        self.narrow(at, test, true);
        let value = self.eval(at, then);
        let first = self.env.undo(mark);
        let mark = self.env.begin();
        self.narrow(at, test, false);
        let second = other.map(|other| self.eval(at, other)).unwrap_or_default();
        let second_writes = self.env.undo(mark);
        self.env.join(vec![first, second_writes]);
        match self.known_outcome(at, test) {
            Some(true) => value,
            Some(false) => second,
            None => value.join(&second),
        }
    }

    fn sequence(&mut self, at: At<'a>, items: &'a [ExprId]) -> Value {
        let mut parts = BTreeMap::new();
        for (i, item) in items.iter().enumerate() {
            let value = self.eval(at, *item);
            if matches!(at.facts.expr(*item).kind, ExprKind::Spread(_)) {
                let element = self.round(at, &value);
                let old: Value = parts.remove("*").unwrap_or_default();
                parts.insert("*".into(), old.join(&element));
            } else {
                parts.insert(i.to_string().into(), value);
            }
        }
        Value::parts(parts)
    }

    fn couple(&mut self, at: At<'a>, key: ExprId, value: ExprId) -> Value {
        let parts = [(Box::from("0"), self.eval(at, key)), (Box::from("1"), self.eval(at, value))];
        Value::parts(parts.into_iter().collect())
    }

    fn valued_block(&mut self, at: At<'a>, id: ExprId, body: &'a [Stmt]) -> Value {
        let outer = self.anonymous(at, body, at.facts.expr(id).span);
        let value = self.block(at, body);
        self.inside = outer;
        if matches!(body.last().map(|s| &s.kind), Some(StmtKind::Bind { .. })) { Value::clean() } else { value }
    }

    fn yielded(&mut self, at: At<'a>, id: ExprId, inner: Option<ExprId>) -> Value {
        if let Some(inner) = inner {
            let value = self.eval(at, inner);
            self.returned_as(&value, at.spot(at.facts.expr(id).span));
            let all = matches!(at.facts.expr(inner).kind, ExprKind::Spread(_));
            let value = if all { value } else { Value::list_of(value) };
            self.returned = std::mem::take(&mut self.returned).join(&value);
        }
        Value::clean()
    }

    fn name(&mut self, at: At<'a>, name: &str) -> Value {
        let value = self.env.lookup(name).unwrap_or_default();
        // The binding that made it harmless stands above, but ran later.
        if !self.killed.is_empty()
            && self.is_top(at)
            && value.is_clean()
            && let Some((old, count)) = self.killed.get(&(self.env.current, name.into()))
            && self.counts.get(at.cell as usize).copied().flatten().is_some_and(|own| own < *count)
        {
            return old.clone();
        }
        value
    }

    fn dict(&mut self, at: At<'a>, entries: &'a [Entry]) -> Value {
        let mut parts = BTreeMap::new();
        for (i, entry) in entries.iter().enumerate() {
            let Some(key_id) = entry.key else {
                let value = self.eval(at, entry.value);
                for (key, value) in value.parts.iter().flat_map(|p| p.iter()) {
                    parts.insert(key.into(), value.clone());
                }
                continue;
            };
            let key = self.text(at, key_id);
            self.eval(at, key_id);
            let mut value = self.eval(at, entry.value);
            if let Some(key) = &key
                && value.is_clean()
            {
                value = self.plain(at, key, entry.value, value);
            }
            parts.insert(key.unwrap_or_else(|| format!("*{i}")).into(), value);
        }
        Value::dictionary(parts)
    }

    /// Constant text that a value is known to be.
    pub(super) fn constant_text(&self, value: &Value) -> Option<String> {
        let (doc, cell, expr) = value.constant?;
        let facts = self.docs.get(doc as usize)?.facts.get(cell as usize)?;
        facts.str_lit(expr)?.plain().map(|t| t.expose().to_owned())
    }

    fn index(&mut self, at: At<'a>, id: ExprId, base: ExprId, index: ExprId) -> Value {
        let path = self.path(at, id);
        let key = self.text(at, index).or_else(|| constant(at, index));
        let text = self.text(at, index);
        if let Some(read) = reads::source(&path, &|_, i| if i == 0 { text.clone() } else { None }, &[]) {
            return self.read(at, id, read);
        }
        if reads::asks_setting(&path)
            && let Some((scope, key)) = text.as_ref().and_then(|k| self.setting(k))
        {
            return self.read(at, id, Read::scope(&scope, &key));
        }
        let value = self.eval(at, base);
        let by = self.eval(at, index);
        if value.frame
            && let Some(names) = self.listed_names(at, index)
        {
            return names.iter().fold(Value::clean(), |all, n| all.join(&column(&value, n)));
        }
        let key = key.or_else(|| self.constant_text(&by));
        if key.is_none()
            && let Some(item) = under_keys(&value, &by)
        {
            return item;
        }
        if value.parts.is_none()
            && value.is_clean()
            && let Some(read) = key.as_deref().and_then(|k| reads::answer(&path, k))
        {
            return self.read(at, id, read);
        }
        match key.as_deref().and_then(|key| value.counted_back(key)) {
            Some(item) => item.clone(),
            None => self.member(&value, key.as_deref()),
        }
    }

    fn comprehension(&mut self, at: At<'a>, elements: &'a [ExprId], clauses: &'a [Clause]) -> Value {
        let only = clauses.len() == 1;
        let outer = self.env.current;
        self.env.current = self.env.push(Some(outer));
        let mut wrapped = false;
        for clause in clauses {
            let items = self.eval(at, clause.iter);
            wrapped |= items.wrapped;
            let item = self.round(at, &items);
            if only
                && item.is_blank()
                && let Some(value) = self.each_text(at, elements, clause)
            {
                self.env.current = outer;
                return value;
            }
            let item = self.one_of_texts(at, clause.iter, item);
            self.assign(at, &clause.target, item);
            for condition in &clause.conditions {
                self.eval(at, *condition);
                self.narrow(at, *condition, true);
            }
        }
        let value = match elements {
            // A dictionary's keys are no values.
            [key, value] => {
                self.eval(at, *key);
                self.eval(at, *value)
            }
            all => all.iter().fold(Value::clean(), |value, e| {
                let next = self.eval(at, *e);
                value.join(&next)
            }),
        };
        self.env.current = outer;
        if wrapped {
            Value { wrapped: true, ..value }
        } else if value.holder && value.document && elements.len() == 1 {
            // Keys, or objects of a list, as `list(…)` has them.
            value
        } else {
            Value { mapping: elements.len() == 2, ..Value::list_of(value) }
        }
    }

    pub(super) fn read(&mut self, at: At<'a>, id: ExprId, read: Read) -> Value {
        let spot = at.spot(at.facts.expr(id).span);
        let source = self.source(read.kind, read.name, spot);
        let value = Value { holder: read.holder, wrapped: read.wrapped, document: read.document, ..Value::of(source) };
        let value = if read.changed { Value { holder: read.holder, ..value.changed() } } else { value };
        if read.shown.is_empty() { value } else { self.holding(value, read.shown) }
    }

    pub(super) fn source(&mut self, kind: Kind, name: String, spot: super::value::Spot) -> usize {
        if let Some(known) = self.source_at.get(&(spot, name.clone())) {
            return *known;
        }
        let key = name.trim_end_matches('`').rsplit(['/', '`']).next().unwrap_or("").to_owned();
        let identifier = !matches!(kind, Kind::Plain | Kind::Dump) && Self::is_identifier(&key);
        self.sources.push(super::value::Source { kind, name: name.clone(), spot, identifier });
        self.source_at.insert((spot, name), self.sources.len() - 1);
        self.sources.len() - 1
    }
}

/// What a constant gives in a test, of the spellings that are asked for in tests.
fn truth(text: &str) -> Option<bool> {
    match text {
        "False" | "false" | "FALSE" | "None" | "null" | "NULL" | "0" => Some(false),
        "True" | "true" | "TRUE" => Some(true),
        _ => None,
    }
}

/// Constant text of a literal.
pub(super) fn literal(at: At<'_>, id: ExprId) -> Option<String> {
    at.facts.str_lit(id)?.plain().map(|t| t.expose().to_owned())
}

/// Spelling of a constant that is no text.
pub(super) fn constant(at: At<'_>, id: ExprId) -> Option<String> {
    match &at.facts.expr(id).kind {
        ExprKind::Const(c) => Some(c.text.expose().to_owned()),
        ExprKind::Same(inner) => constant(at, *inner),
        ExprKind::Operator { op, operands } if &**op == "-" && operands.len() == 1 => {
            constant(at, operands[0]).map(|number| format!("-{number}"))
        }
        _ => None,
    }
}
