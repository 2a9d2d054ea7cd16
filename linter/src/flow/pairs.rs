//! Loops over the pairs of a dictionary: what a test of the key says of the value beside it. `k == "password"` leaves
//! the secret under that key to one branch, and what stands under the others to the other one.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{Hash, Hasher},
    rc::Rc,
    sync::Arc,
};

use credscope_grammars::{
    CellFacts,
    facts::{ExprId, ExprKind, Stmt, StmtKind, Target},
};

use super::{At, Walker, expressions::literal, value::Value};
use crate::value::names::{NameVerdict, verdict};

/// Nesting of a test that is looked into, and names of collections that are looked up for it.
pub(super) const DEPTH: usize = 8;
/// Texts of a collection whose items are told apart.
const MOST_TEXTS: usize = 64;

/// The pairs that a key and a value in one round of a loop may be.
#[derive(Clone, Debug)]
pub(super) struct Pairing {
    /// Which loop: keys and values of one have the same.
    pub(super) id: u64,
    known: BTreeMap<Box<str>, Value>,
    /// What stands under keys that are not known.
    rest: Value,
    /// There may be such keys.
    others: bool,
}

impl Pairing {
    /// Of either of two states of one loop.
    pub(super) fn joined(one: Option<Rc<Self>>, other: Option<&Rc<Self>>) -> Option<Rc<Self>> {
        let (one, other) = (one?, other?);
        if Rc::ptr_eq(&one, other) {
            return Some(one);
        }
        if one.id != other.id {
            return None;
        }
        let mut all = (*one).clone();
        for (key, value) in &other.known {
            all.known.entry(key.clone()).or_insert_with(|| value.clone());
        }
        all.rest = all.rest.join(&other.rest);
        all.others |= other.others;
        Some(Rc::new(all))
    }

    pub(super) fn value(self: &Rc<Self>) -> Value {
        let value = self.known.values().fold(self.rest.clone(), |all, v| all.join(v));
        Value { pairing: Some(self.clone()), ..value }
    }

    /// One key, with nothing secret beside it.
    pub(super) fn single(id: u64, key: Box<str>) -> Self {
        Self { id, known: [(key, Value::clean())].into(), rest: Value::clean(), others: false }
    }

    /// All keys, where no others are possible.
    pub(super) fn keys(&self) -> Option<Vec<Box<str>>> {
        (!self.others).then(|| self.known.keys().cloned().collect())
    }

    /// Whether a key may be that of one of these pairs.
    fn has(&self, key: &str) -> bool {
        self.known.contains_key(key) || self.others
    }

    pub(super) fn filtered(&self, keeps: impl Fn(Option<&str>) -> bool) -> Self {
        let known = self.known.iter().filter(|(k, _)| keeps(Some(k))).map(|(k, v)| (k.clone(), v.clone())).collect();
        let others = self.others && keeps(None);
        let rest = if others { self.rest.clone() } else { Value::clean() };
        Self { id: self.id, known, rest, others }
    }

    /// The same keys with what `left` leaves of the values beside them.
    pub(super) fn mapped(&self, left: impl Fn(&Value) -> Value) -> Self {
        let known = self.known.iter().map(|(k, v)| (k.clone(), left(v))).collect();
        Self { id: self.id, known, rest: left(&self.rest), others: self.others }
    }
}

impl Hash for Pairing {
    /// By its keys, and where they lead to secrets: the value beside it has the rest in its own.
    fn hash<H: Hasher>(&self, state: &mut H) {
        for (key, value) in &self.known {
            (key, value.is_clean()).hash(state);
        }
        (self.rest.is_clean(), self.others).hash(state);
    }
}

impl<'a> Walker<'a> {
    /// Key and value of one round over the pairs of a dictionary.
    pub(super) fn pair(&mut self, items: &Value) -> Value {
        let free = |v: &Value| Value { pairing: None, ..v.clone() };
        let (mut known, mut rest) = (BTreeMap::new(), Value::clean());
        for (key, value) in items.parts.iter().flat_map(|p| p.iter()) {
            if key.starts_with('*') {
                rest = rest.join(&free(value));
            } else {
                known.insert(key.into(), free(value));
            }
        }
        if items.document {
            rest = rest.join(&Value { holder: false, parts: None, ..free(items) });
        } else if !items.labels.is_empty() {
            rest = rest.join(&items.changed());
        }
        self.loop_id += 1;
        let others =
            !rest.is_clean() || items.parts.as_ref().is_some_and(|p| p.iter().any(|(k, _)| k.starts_with('*')));
        paired(&Rc::new(Pairing { id: self.loop_id, known, rest, others }))
    }

    /// An item of a collection of constant texts (`for k in ("host", "port")`): a key that is one of these.
    pub(super) fn one_of_texts(&mut self, at: At<'a>, iter: ExprId, item: Value) -> Value {
        if !item.is_blank() || item.pairing.is_some() {
            return item;
        }
        let Some(texts) = self.texts(at, iter, 0).filter(|t| !t.is_empty() && t.len() <= MOST_TEXTS) else {
            return item;
        };
        let known = texts.into_iter().map(|t| (t.into(), Value::clean())).collect();
        self.loop_id += 1;
        let pairing = Pairing { id: self.loop_id, known, rest: Value::clean(), others: false };
        Value { pairing: Some(Rc::new(pairing)), ..item }
    }

    /// What is left of a dictionary where a function of its keys says yes (`filter { case (k, _) => … }`).
    pub(super) fn filtered(&mut self, items: &Value, callee: &super::value::Callee, kept: bool) -> Option<Value> {
        let Some(super::Callable::Function(function, at)) = self.functions.get(callee.target as usize).copied() else {
            return None;
        };
        let parts = items.parts.as_ref().filter(|_| items.mapping && items.labels.is_empty())?;
        let (name, test) = match function.body.as_slice() {
            [Stmt { kind: StmtKind::Return(Some(test)), .. }] => (function.params.first()?.name.clone(), *test),
            [Stmt { kind: StmtKind::Match { arms, .. }, .. }] => match (arms.first(), arms.len()) {
                (Some(arm), 1) => {
                    let Target::Tuple(pair) = &arm.pattern else { return None };
                    let Some(Target::Name { name, .. }) = pair.first() else { return None };
                    let StmtKind::Return(Some(test)) = arm.body.last()?.kind else { return None };
                    (name.clone(), test)
                }
                _ => return None,
            },
            _ => return None,
        };
        let mut left = BTreeMap::new();
        for (key, value) in parts.iter() {
            let known = (!key.starts_with('*')).then_some(key);
            if self.holds(at, test, &name, known, 0).is_none_or(|held| held == kept) {
                left.insert(key.into(), value.clone());
            }
        }
        Some(Value { parts: Value::parts(left).parts, ..items.clone() })
    }

    /// Names in a test.
    pub(super) fn tested(&self, at: At<'a>, test: ExprId) -> Vec<Box<str>> {
        let (mut names, mut open) = (Vec::new(), vec![(test, 0)]);
        while let Some((id, depth)) = open.pop() {
            if let ExprKind::Name(name) = &at.facts.expr(id).kind
                && !names.contains(name)
            {
                names.push(name.clone());
            }
            if depth < DEPTH {
                open.extend(inside(at, id).into_iter().map(|i| (i, depth + 1)));
            }
        }
        names
    }

    /// Whether a test is true for a key; `key: None` is one that is not known and may be secret. `None`: the test says
    /// nothing of keys. Calls and collections that are not known are taken to ask for what is secret.
    pub(super) fn holds(&self, at: At<'a>, test: ExprId, name: &str, key: Option<&str>, depth: usize) -> Option<bool> {
        if depth > DEPTH || !self.tested(at, test).iter().any(|n| **n == *name) {
            return None;
        }
        let is = |text: &str| match key {
            Some(key) => key.eq_ignore_ascii_case(text),
            None => verdict(text) == NameVerdict::Secret,
        };
        let has = |text: &str| match key {
            Some(key) => key.to_ascii_lowercase().contains(&text.to_ascii_lowercase()),
            None => verdict(text) == NameVerdict::Secret,
        };
        match &at.facts.expr(test).kind {
            ExprKind::Logic(parts) => match parts.as_slice() {
                [only] => self.holds(at, *only, name, key, depth + 1).map(|held| !held),
                all => {
                    let held: Vec<_> = all.iter().map(|p| self.holds(at, *p, name, key, depth + 1)).collect();
                    if held.contains(&Some(false)) { Some(false) } else { held.into_iter().reduce(|a, b| a.and(b))? }
                }
            },
            ExprKind::Fallback { first, second } => {
                let held = [*first, *second].map(|p| self.holds(at, p, name, key, depth + 1));
                if held.contains(&Some(true)) { Some(true) } else { held[0].and(held[1]) }
            }
            ExprKind::Same(inner) => self.holds(at, *inner, name, key, depth + 1),
            ExprKind::Compare { op, operands } => {
                let [left, right] = operands.as_slice() else { return None };
                let negative = op.starts_with("not") || op.starts_with('!') || &**op == "is not";
                let equal = matches!(&**op, "==" | "!=" | "is" | "is not");
                let held = match (literal(at, *left), literal(at, *right)) {
                    (None, Some(text)) | (Some(text), None) if equal => is(&text),
                    (Some(text), None) if op.ends_with("in") => has(&text),
                    _ if op.ends_with("in") => self.texts(at, *right, 0).is_none_or(|all| all.iter().any(|t| is(t))),
                    _ => return None,
                };
                Some(held != negative)
            }
            ExprKind::Call { callee, args, .. } => Some(match &at.facts.expr(*callee).kind {
                ExprKind::Attr { base, name: method, .. } if args.len() == 1 => {
                    let text = literal(at, args[0].value);
                    match (&**method, text) {
                        ("contains" | "apply", None) => {
                            self.texts(at, *base, 0).is_none_or(|all| all.iter().any(|t| is(t)))
                        }
                        ("equals" | "equalsIgnoreCase", Some(text)) => is(&text),
                        ("contains" | "startswith" | "endswith" | "startsWith" | "endsWith", Some(text)) => has(&text),
                        _ => true,
                    }
                }
                _ => true,
            }),
            _ => None,
        }
    }

    /// The texts that a collection is made of, also one with a name of its own.
    pub(super) fn texts(&self, at: At<'a>, id: ExprId, depth: usize) -> Option<Vec<String>> {
        match &at.facts.expr(id).kind {
            ExprKind::Seq { items, .. } => items.iter().map(|i| literal(at, *i)).collect(),
            ExprKind::Dict(entries) => entries.iter().map(|e| literal(at, e.key?)).collect(),
            ExprKind::Same(inner) => self.texts(at, *inner, depth),
            ExprKind::Call { args, .. } => match args.as_slice() {
                [only] => self.texts(at, only.value, depth),
                _ => args.iter().map(|a| literal(at, a.value)).collect(),
            },
            ExprKind::Name(name) if depth < DEPTH => {
                let (cell, value) = self.docs.get(at.doc as usize)?.constants().get(&**name).copied().flatten()?;
                let facts = self.docs.get(at.doc as usize)?.facts.get(cell)?;
                self.texts(At { facts, ..at }, value, depth + 1)
            }
            _ => None,
        }
    }
}

/// Key and value of one round.
pub(super) fn paired(pairing: &Rc<Pairing>) -> Value {
    let key = Value { pairing: Some(pairing.clone()), ..Value::clean() };
    Value::parts([("0".into(), key), ("1".into(), pairing.value())].into())
}

/// What stands in a container under a key that is one of several. `None`: nothing is known of the key.
pub(super) fn under_keys(container: &Value, key: &Value) -> Option<Value> {
    let (pairing, parts) = (key.pairing.as_ref()?, container.parts.as_ref()?);
    let may_be = |k: &str| k.starts_with('*') || pairing.has(k);
    Some(parts.iter().filter(|(k, _)| may_be(k)).fold(Value::clean(), |all, (_, v)| all.join(v)))
}

/// What statements of the top level bind: cell and expression by name; `None` for a name that is bound again.
pub(super) type Bound = HashMap<Box<str>, Option<(usize, ExprId)>>;

pub(super) fn bound_collections(facts: &[Arc<CellFacts>]) -> Bound {
    let mut bound = Bound::new();
    for (cell, facts) in facts.iter().enumerate() {
        for stmt in &facts.body {
            if let StmtKind::Bind { targets, value, .. } = &stmt.kind
                && let [Target::Name { name, .. }] = targets.as_slice()
            {
                let again = bound.contains_key(name);
                bound.insert(name.clone(), (!again).then_some((cell, *value)));
            }
        }
    }
    bound
}

/// Expressions right inside a test.
fn inside(at: At<'_>, id: ExprId) -> Vec<ExprId> {
    match &at.facts.expr(id).kind {
        ExprKind::Logic(parts) | ExprKind::Concat(parts) | ExprKind::Other(parts) => parts.clone(),
        ExprKind::Compare { operands, .. } | ExprKind::Operator { operands, .. } => operands.clone(),
        ExprKind::Seq { items, .. } => items.clone(),
        ExprKind::Fallback { first, second } => vec![*first, *second],
        ExprKind::Same(inner) | ExprKind::Spread(inner) => vec![*inner],
        ExprKind::Attr { base, .. } | ExprKind::Slice { base, .. } => vec![*base],
        ExprKind::Index { base, index } => vec![*base, *index],
        ExprKind::Call { callee, args, .. } => std::iter::once(*callee).chain(args.iter().map(|a| a.value)).collect(),
        ExprKind::Comprehension { elements, clauses } => {
            elements.iter().copied().chain(clauses.iter().map(|c| c.iter)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a block ends by leaving the round, loop or function around it.
pub(super) fn leaves(at: At<'_>, body: &[Stmt]) -> bool {
    body.last().is_some_and(|last| match &last.kind {
        StmtKind::Return(_) | StmtKind::Raise { .. } => true,
        StmtKind::Expr(id) => matches!(&at.facts.expr(*id).kind, ExprKind::Other(parts) if parts.is_empty()),
        _ => false,
    })
}
