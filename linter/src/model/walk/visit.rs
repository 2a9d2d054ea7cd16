//! Expressions: what is known of their value, and the sites of their parts.

use std::{collections::HashMap, sync::Arc};

use credscope_grammars::{
    Secret, Span,
    facts::{ConstKind, Expr, ExprId, ExprKind, SeqKind, StmtKind, StrPart, Target},
};

use credscope_grammars::dialect::around::is_step;

use super::{
    super::{
        Piece,
        eval::{MAX_ENTRIES, MAX_PIECES},
        eval_key,
    },
    At, DEPTH, Role, Siblings, Value, Walker,
    call::{keeps_text, second_of_pair},
    columns::is_column,
    template,
};
use crate::{
    catalog::clients,
    value::names::{self, NameVerdict},
};

impl Walker<'_> {
    /// The value of an expression; notes the sites of its parts, not of itself.
    pub(super) fn visit(&mut self, at: At<'_>, id: ExprId) -> Value {
        if self.depth > DEPTH {
            return Value::Unknown;
        }
        if self.quiet > 0
            && self.turn == 0
            && let Some(Some(value)) = self.cache.get(id.0 as usize)
        {
            return value.clone();
        }
        self.depth += 1;
        let value = self.visit_inner(at, id);
        self.depth -= 1;
        if let Some(slot) = self.cache.get_mut(id.0 as usize) {
            *slot = Some(value.clone());
        }
        value
    }

    fn visit_inner(&mut self, at: At<'_>, id: ExprId) -> Value {
        let Expr { span, kind } = at.facts.expr(id);
        match kind {
            ExprKind::Str(lit) => {
                let value = self.string(at, &lit.parts, *span);
                self.substituted(at, value, *span)
            }
            ExprKind::Const(c) if c.kind == ConstKind::Number => self.number(at, &c.text, *span),
            ExprKind::Const(_) => Value::Unknown,
            ExprKind::Name(name) => self.scopes.get(name),
            ExprKind::Attr { base, name, .. } => {
                let base = self.visit(at, *base);
                let set = self.path(at, id).map(|path| self.scopes.get(&path)).unwrap_or_default();
                match set {
                    Value::Unknown if base.is_text() && keeps_text(name) => base,
                    Value::Unknown if &**name == "mkString" => base.joined(None),
                    Value::Unknown => match (&base, name.strip_prefix('_').and_then(|n| n.parse::<usize>().ok())) {
                        // `pair._2` of Scala counts from one.
                        (Value::Seq(items), Some(n)) => {
                            n.checked_sub(1).and_then(|i| items.get(i).cloned()).unwrap_or_default()
                        }
                        _ => match base.entry(name) {
                            // A property, or a method without parentheses.
                            Value::Unknown if matches!(base, Value::Dict(_)) => base.entry(&format!("{name}()")),
                            field => field,
                        },
                    },
                    set => set,
                }
            }
            ExprKind::Index { base, index } => {
                let base = self.visit(at, *base);
                let key = self.visit(at, *index);
                self.environment_read(at, id, *index, &key);
                let set = self.path(at, id).map(|path| self.scopes.get(&path)).unwrap_or_default();
                match (set, key.known()) {
                    (Value::Unknown, Some(key)) => base.entry(key.expose()),
                    (Value::Unknown, None) => base.any_entry(),
                    (set, _) => set,
                }
            }
            ExprKind::Slice { base, bounds } => {
                for part in std::iter::once(base).chain(bounds) {
                    self.visit(at, *part);
                }
                Value::Unknown
            }
            ExprKind::Call { callee, args, .. } => self.call(at, id, *callee, args),
            ExprKind::Concat(parts) => {
                let values: Vec<(Value, Option<Box<str>>)> =
                    parts.iter().map(|&p| (self.visit(at, p), self.hole(at, p))).collect();
                if values.iter().any(|(v, _)| matches!(v, Value::Dict(_) | Value::Seq(_))) {
                    return together(values.into_iter().map(|(v, _)| v));
                }
                Value::concat(&values)
            }
            ExprKind::Format { template, args } => self.format(at, *template, args),
            ExprKind::Operator { operands, .. } | ExprKind::Logic(operands) => {
                let values: Vec<Value> = operands.iter().map(|&o| self.bare(at, o)).collect();
                // `template % values`, for a template that a name stands for.
                if let (ExprKind::Operator { op, .. }, [template, given]) = (&at.facts.expr(id).kind, values.as_slice())
                    && &**op == "%"
                    && template.is_text()
                {
                    let given: Vec<_> = match given {
                        Value::Seq(items) => items.iter().map(|item| (None, item.clone())).collect(),
                        one => vec![(None, one.clone())],
                    };
                    return Value::either(template.ways().iter().map(|way| template::fill(way, &given)));
                }
                // `{**a} | {**b}`, `map + ("k" -> v)`.
                together(values.into_iter())
            }
            ExprKind::Compare { operands, .. } => {
                for (i, &operand) in operands.iter().enumerate() {
                    let other = operands.get(if i == 0 { 1 } else { i - 1 });
                    let name = other.filter(|&&o| !is_column(at, o)).map(|&o| self.label(at, o)).unwrap_or_default();
                    if name.is_empty() {
                        self.bare(at, operand);
                    } else if let ExprKind::Seq { items, .. } = &at.facts.expr(operand).kind {
                        // `password in ("…", "…")`
                        for &item in items {
                            self.place(at, item, Role::Compare { name: name.clone(), in_pattern: false });
                        }
                    } else {
                        self.place(at, operand, Role::Compare { name, in_pattern: false });
                    }
                }
                Value::Unknown
            }
            ExprKind::Fallback { first, second } => {
                let value = self.bare(at, *first);
                let role = self.second_choice(at, *first);
                let second = self.place(at, *second, role);
                Value::either([second, value].into_iter())
            }
            ExprKind::Cond { test, then, other } => {
                self.bare(at, *test);
                let ways = [Some(*then), *other].map(|way| way.map(|w| self.visit(at, w)).unwrap_or_default());
                if let Some((key, absent)) = self.secret_asked(at, *test)
                    && let Some(second) = if absent { Some(*then) } else { *other }
                {
                    let value = &ways[usize::from(!absent)];
                    let role = Role::Fallback { name: key, of_secret: true };
                    self.emit(at, value, role, at.facts.expr(second).span);
                }
                // `os.environ["X"] if "X" in os.environ else "…"`
                if let (Some(other), [_, value]) = (other, &ways)
                    && value.is_text()
                    && self.reads_environment(at, *then)
                {
                    let name = self.label(at, *then);
                    self.emit(at, value, Role::Fallback { name, of_secret: false }, at.facts.expr(*other).span);
                }
                Value::either(ways.into_iter())
            }
            ExprKind::Dict(entries) => {
                let items: Vec<(Option<ExprId>, ExprId)> = entries.iter().map(|e| (e.key, e.value)).collect();
                self.dict(at, &items)
            }
            ExprKind::Seq { kind, items } => self.seq(at, *kind, items),
            ExprKind::Pair { key, value } => self.dict(at, &[(Some(*key), *value)]),
            ExprKind::Lambda(function) => {
                self.function(at, function);
                Value::Unknown
            }
            ExprKind::Comprehension { elements, clauses } => {
                self.scopes.push();
                for clause in clauses {
                    let value = self.bare(at, clause.iter);
                    self.assign(at, &clause.target, member(&clause.target, &value));
                    for condition in &clause.conditions {
                        self.bare(at, *condition);
                    }
                }
                for element in elements {
                    self.bare(at, *element);
                }
                self.scopes.pop(true);
                Value::Unknown
            }
            ExprKind::Block(body) => match body.as_slice() {
                [only] if matches!(only.kind, StmtKind::Expr(_)) => self.block(at, body),
                body => {
                    self.scopes.push();
                    let value = self.block(at, body);
                    self.scopes.pop(true);
                    value
                }
            },
            ExprKind::Spread(inner) | ExprKind::Same(inner) => self.visit(at, *inner),
            ExprKind::Assign { target, value } => {
                let known = self.visit(at, *value);
                self.bind_target(at, target, &known, *value, at.facts.expr(*value).span, 0);
                known
            }
            ExprKind::Yield(inner) => {
                if let Some(inner) = inner {
                    self.bare(at, *inner);
                }
                Value::Unknown
            }
            ExprKind::Other(children) => {
                for child in children {
                    self.bare(at, *child);
                }
                Value::Unknown
            }
        }
    }

    fn string(&mut self, at: At<'_>, parts: &[StrPart], span: Span) -> Value {
        if parts.is_empty() {
            return Value::Text(Arc::new([]));
        }
        let mut ways: Vec<(Value, Option<Box<str>>)> = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                StrPart::Text { value, map } => {
                    let mut pieces = Vec::new();
                    at.frame.text(value, map, span, at.fill, &mut pieces);
                    ways.push((Value::text(pieces), None));
                }
                StrPart::Hole { expr, .. } => {
                    let value = self.visit(at, *expr);
                    ways.push((value, self.hole(at, *expr)));
                }
            }
        }
        match ways.as_slice() {
            [(only, _)] if only.is_text() => only.clone(),
            ways => Value::concat(ways),
        }
    }

    /// What an unknown part is called.
    pub(super) fn hole(&self, at: At<'_>, id: ExprId) -> Option<Box<str>> {
        let named = matches!(
            at.facts.expr(id).kind,
            ExprKind::Name(_) | ExprKind::Attr { .. } | ExprKind::Index { .. } | ExprKind::Call { .. }
        );
        if named { self.names.path(at.facts, id).map(Into::into) } else { None }
    }

    fn seq(&mut self, at: At<'_>, kind: SeqKind, items: &[ExprId]) -> Value {
        let mut values = Vec::with_capacity(items.len().min(MAX_ENTRIES));
        for &item in items {
            let value = self.bare(at, item);
            if values.len() < MAX_ENTRIES {
                values.push(value);
            }
        }
        // `("password", "…")`: a pair is an entry.
        if let ([_, value], SeqKind::Tuple) = (items, kind)
            && let Some(key) = values[0].known()
            && eval_key(key.expose())
        {
            let siblings: Siblings = Arc::new([(Box::from(key.expose()), values[1].known())]);
            let role = Role::Entry { key: key.expose().into(), siblings };
            self.emit(at, &values[1], role, at.facts.expr(*value).span);
        }
        let spans = items.iter().map(|&item| at.facts.expr(item).span);
        self.members(at, values.iter().zip(spans).map(|(value, span)| ("", value, span)));
        Value::Seq(values.into())
    }

    fn dict(&mut self, at: At<'_>, entries: &[(Option<ExprId>, ExprId)]) -> Value {
        let mut known: HashMap<Box<str>, Value> = HashMap::new();
        let mut rows: Vec<(Option<Secret>, Value, Span)> = Vec::with_capacity(entries.len());
        for (key, id) in entries {
            let key = key.map(|key| self.bare(at, key)).and_then(|key| key.known().or_else(|| key.setting()));
            let value = self.visit(at, *id);
            match (&key, &value) {
                (Some(key), value) if known.len() < MAX_ENTRIES => {
                    known.insert(key.expose().into(), value.clone());
                }
                (None, Value::Dict(more)) if known.len() + more.len() <= MAX_ENTRIES => {
                    known.extend(more.iter().map(|(k, v)| (k.clone(), v.clone())));
                }
                _ => {}
            }
            rows.push((key, value, at.facts.expr(*id).span));
        }
        let siblings: Siblings = rows
            .iter()
            .take(64)
            .filter_map(|(key, value, _)| Some((Box::from(key.as_ref()?.expose()), value.known())))
            .collect();
        let neutral = rows.iter().filter_map(|(key, value, span)| Some((key.as_ref()?.expose(), value, *span)));
        self.members(at, neutral.filter(|(key, ..)| names::verdict(key) == NameVerdict::Neutral));
        for (key, value, span) in rows {
            if let Some(second) = key.as_ref().and_then(|key| second_of_pair(key.expose(), &value)) {
                let role = Role::Entry { key: clients::SECOND.into(), siblings: siblings.clone() };
                self.emit(at, &second, role, span);
            }
            let role = match key {
                Some(key) => Role::Entry { key: key.expose().into(), siblings: siblings.clone() },
                None => Role::Bare,
            };
            self.emit(at, &value, role, span);
        }
        Value::Dict(Arc::new(known))
    }

    /// What something is called where it is written: the constant key of a call or subscript (`X` of `os.getenv("X")`),
    /// else the last segment. Empty when it has no name.
    /// What stands in for an expression: by the key of the secret that it reads, or by its name.
    fn second_choice(&mut self, at: At<'_>, first: ExprId) -> Role {
        if let Some(name) = self.secret_key(at, first) {
            return Role::Fallback { name, of_secret: true };
        }
        let name = self.label(at, first);
        match self.secrets.get(&name) {
            Some(key) => Role::Fallback { name: key.clone(), of_secret: true },
            None => Role::Fallback { name, of_secret: false },
        }
    }

    pub(super) fn label(&mut self, at: At<'_>, id: ExprId) -> Box<str> {
        match &at.facts.expr(id).kind {
            ExprKind::Same(inner) => return self.label(at, *inner),
            ExprKind::Call { callee, args, .. } => {
                if let ExprKind::Attr { base, name, .. } = &at.facts.expr(*callee).kind
                    && is_step(name)
                {
                    return self.label(at, *base);
                }
                if let Some(arg) = args.last()
                    && let Some(key) = self.constant(at, arg.value).known()
                    && eval_key(key.expose())
                {
                    return key.expose().into();
                }
                // `Option(password)`: the wrapped name says what it is.
                if let [only] = args.as_slice()
                    && matches!(
                        at.facts.expr(only.value).kind,
                        ExprKind::Name(_) | ExprKind::Attr { .. } | ExprKind::Call { .. } | ExprKind::Index { .. }
                    )
                {
                    return self.label(at, only.value);
                }
            }
            ExprKind::Index { index, .. } => {
                if let Some(key) = self.constant(at, *index).known() {
                    return key.expose().into();
                }
            }
            ExprKind::Name(_) | ExprKind::Attr { .. } => {}
            _ => return "".into(),
        }
        let path = at.facts.path(id).unwrap_or_default();
        path.trim_end_matches(['(', ')', '[', ']']).rsplit('.').next().unwrap_or("").into()
    }
}

/// What a loop binds first.
pub(super) fn member(target: &Target, value: &Value) -> Value {
    match (target.shape(), value) {
        (Target::Tuple(_), Value::Dict(_)) => value.any_pair(),
        // Each of a list of texts; the first is the one that names are taken from.
        (Target::Name { .. }, Value::Seq(items)) if items.iter().all(Value::is_text) => {
            Value::either(items.iter().rev().cloned())
        }
        _ => value.entry("0"),
    }
}

/// Containers joined into one; anything else is unknown.
fn together(values: impl Iterator<Item = Value>) -> Value {
    let mut joined: HashMap<Box<str>, Value> = HashMap::new();
    for value in values {
        match value {
            Value::Dict(more) if joined.len() + more.len() <= MAX_ENTRIES => {
                joined.extend(more.iter().map(|(k, v)| (k.clone(), v.clone())));
            }
            _ => {}
        }
    }
    if joined.is_empty() { Value::Unknown } else { Value::Dict(Arc::new(joined)) }
}

/// Whether a value may still grow by `more` pieces.
pub(super) fn has_room(pieces: &[Piece]) -> bool {
    pieces.len() <= MAX_PIECES
}
