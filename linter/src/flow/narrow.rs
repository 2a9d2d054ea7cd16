//! What a test that came out one way leaves of the values that it asks about: keys of dictionaries with the values beside
//! them, members that are there, kinds of values (`isinstance`), answers of requests, arms of a match.

use std::rc::Rc;

use credscope_grammars::facts::{Arm, ExprId, ExprKind, Target};

use super::{
    At, Walker,
    expressions::{constant, literal},
    pairs::{DEPTH, Pairing, paired},
    value::Value,
};
use crate::value::names::{NameVerdict, verdict};

/// Pairs that a match asks for by their key: the frame of the key's name, and the texts that earlier arms took.
pub(super) struct KeyMatch {
    frame: u32,
    pairing: Rc<Pairing>,
    taken: Vec<String>,
}

impl<'a> Walker<'a> {
    /// A branch in which a test came out as `outcome`.
    pub(super) fn narrow(&mut self, at: At<'a>, test: ExprId, outcome: bool) {
        self.narrow_kinds(at, test, outcome, 0);
        if self.loop_id == 0 {
            return;
        }
        for name in self.tested(at, test) {
            let Some((frame, ..)) = self.env.find(self.env.current, &name) else { continue };
            let Some(key) = self.env.lookup(&name).filter(Value::is_clean) else { continue };
            let Some(pairing) = key.pairing else { continue };
            let keeps = |key: Option<&str>| self.holds(at, test, &name, key, 0).is_none_or(|held| held == outcome);
            let narrowed = Rc::new(pairing.filtered(keeps));
            self.write_pairs(frame, narrowed);
        }
    }

    /// The names of one loop over pairs get what is left of them.
    fn write_pairs(&mut self, frame: u32, narrowed: Rc<Pairing>) {
        for (other, value) in self.env.paired(frame, narrowed.id) {
            let value = match value.is_clean() && value.parts.is_none() {
                true => Value { pairing: Some(narrowed.clone()), ..value },
                false => narrowed.value(),
            };
            self.env.write(frame, &other, value);
        }
    }

    fn narrow_kinds(&mut self, at: At<'a>, test: ExprId, outcome: bool, depth: usize) {
        if depth > DEPTH {
            return;
        }
        match &at.facts.expr(test).kind {
            ExprKind::Logic(parts) => match parts.as_slice() {
                [only] => self.narrow_kinds(at, *only, !outcome, depth + 1),
                all if outcome => all.iter().for_each(|p| self.narrow_kinds(at, *p, true, depth + 1)),
                // `r is not None and r.status_code == 200` came out false: it is taken to have failed.
                all => all.iter().for_each(|p| self.narrow_answer(at, *p, false)),
            },
            ExprKind::Fallback { first, second } if !outcome => {
                self.narrow_kinds(at, *first, false, depth + 1);
                self.narrow_kinds(at, *second, false, depth + 1);
            }
            ExprKind::Same(inner) => self.narrow_kinds(at, *inner, outcome, depth + 1),
            ExprKind::Compare { op, operands } => {
                let [left, right] = operands.as_slice() else { return };
                if matches!(&**op, "in" | "not in") && (&**op == "in") != outcome {
                    self.without_member(at, *left, *right);
                }
                self.narrow_answer(at, test, outcome);
            }
            ExprKind::Attr { .. } => self.narrow_answer(at, test, outcome),
            ExprKind::Call { callee, args, .. } => {
                let [value, kinds] = args.as_slice() else { return };
                if let ExprKind::Name(name) = &at.facts.expr(value.value).kind
                    && at.facts.path(*callee).as_deref() == Some("isinstance")
                {
                    self.keep_kinds(at, name, kinds.value, outcome);
                }
            }
            _ => {}
        }
    }

    /// `response.ok`, `response.status_code == 200`.
    fn narrow_answer(&mut self, at: At<'a>, test: ExprId, outcome: bool) {
        match &at.facts.expr(test).kind {
            ExprKind::Attr { base, name, .. } if &**name == "ok" && !outcome => self.no_answer(at, *base),
            ExprKind::Compare { op, operands } => {
                if let [left, right] = operands.as_slice() {
                    self.failed_request(at, op, (*left, *right), outcome);
                }
            }
            _ => {}
        }
    }

    /// `"password" in conf` was not true.
    fn without_member(&mut self, at: At<'a>, key: ExprId, container: ExprId) {
        let ExprKind::Name(name) = &at.facts.expr(container).kind else { return };
        let keys = match literal(at, key) {
            Some(key) => vec![key.into()],
            None => self.asked(at, key).pairing.and_then(|p| p.keys()).unwrap_or_default(),
        };
        let Some((frame, ..)) = self.env.find(self.env.current, name) else { return };
        let Some(value) = self.env.lookup(name) else { return };
        if value.is_clean() {
            return;
        }
        // `"access_token" not in answer`: a service that gives no token says why.
        if value.document && value.parts.is_none() && keys.iter().any(|key| verdict(key) == NameVerdict::Secret) {
            self.env.write(frame, name, Value::clean());
            return;
        }
        let mut left = value.parts.clone();
        for key in keys {
            left = left.map(|p| if p.get(&key).is_some_and(|v| !v.is_clean()) { p.without(&key).into() } else { p });
        }
        self.env.write(frame, name, Value { parts: left, ..value });
    }

    /// `response.status_code != 200`: the text of an error is no token.
    fn failed_request(&mut self, at: At<'a>, op: &str, (left, right): (ExprId, ExprId), outcome: bool) {
        let ExprKind::Attr { base, name, .. } = &at.facts.expr(left).kind else { return };
        let status = matches!(&**name, "status_code" | "status").then(|| constant(at, right));
        let Some(Ok(number)) = status.flatten().map(|n| n.parse::<u32>()) else { return };
        let fails = match op {
            "==" => (number < 300) != outcome,
            "!=" => (number < 300) == outcome,
            ">" | ">=" => outcome && number >= 299,
            "<" | "<=" => !outcome && number <= 400,
            _ => false,
        };
        if fails {
            self.no_answer(at, *base);
        }
    }

    fn no_answer(&mut self, at: At<'a>, base: ExprId) {
        let ExprKind::Name(name) = &at.facts.expr(base).kind else { return };
        let Some((frame, ..)) = self.env.find(self.env.current, name) else { return };
        if self.env.lookup(name).is_some_and(|v| v.origin.is_some() && v.is_clean()) {
            self.env.write(frame, name, Value::clean());
        }
    }

    /// `isinstance(x, dict)`.
    fn keep_kinds(&mut self, at: At<'a>, name: &str, kinds: ExprId, outcome: bool) {
        let Some(value) = self.env.lookup(name).filter(|v| !v.is_clean() && !v.document && !v.holder) else { return };
        let Some((frame, ..)) = self.env.find(self.env.current, name) else { return };
        let named: Vec<String> = match &at.facts.expr(kinds).kind {
            ExprKind::Seq { items, .. } => items.iter().filter_map(|i| at.facts.path(*i)).collect(),
            _ => at.facts.path(kinds).into_iter().collect(),
        };
        let has = |words: &[&str]| named.iter().any(|n| words.contains(&n.rsplit('.').next().unwrap_or(n)));
        let mappings = has(&["dict", "Mapping", "MutableMapping", "OrderedDict"]);
        let lists = has(&["list", "tuple", "set", "Sequence", "Iterable"]);
        let texts = has(&["str", "bytes"]);
        if !mappings && !lists && !texts {
            return;
        }
        let left = |v: &Value| {
            let of_kind = v.mapping && mappings || !v.mapping && lists;
            let mut left = v.clone();
            if of_kind != outcome {
                (left.parts, left.mapping) = (None, false);
            }
            if texts != outcome {
                left.labels.clear();
            }
            left
        };
        match &value.pairing {
            Some(pairing) => self.write_pairs(frame, Rc::new(pairing.mapped(left))),
            None => self.env.write(frame, name, left(&value)),
        }
    }

    /// What an arm of a match sees of a pair whose key it names.
    pub(super) fn in_arm(&self, at: At<'a>, subject: &Value, arm: &Arm) -> Value {
        let (Some(first), Some(pairing)) = (first_of(&arm.pattern), key_of(subject)) else { return subject.clone() };
        let Some(texts) = texts(at, first) else { return subject.clone() };
        paired(&Rc::new(pairing.filtered(|key| texts.iter().any(|text| is(key, text)))))
    }

    /// What an arm that takes some of the keys leaves for those that follow.
    pub(super) fn past_arm(&self, at: At<'a>, subject: Value, arm: &Arm) -> Value {
        let (Some(first), Some(pairing)) = (first_of(&arm.pattern), key_of(&subject)) else { return subject };
        let left = match (first, arm.guard) {
            (Target::Literal(_) | Target::Any(_), None) => match texts(at, first) {
                Some(texts) => pairing.filtered(|key| !texts.iter().any(|text| is(key, text))),
                None => return subject,
            },
            (Target::Name { name, .. }, Some(guard)) => {
                pairing.filtered(|key| self.holds(at, guard, name, key, 0).is_none_or(|held| !held))
            }
            _ => return subject,
        };
        paired(&Rc::new(left))
    }

    /// `key match { case "password" => … }`.
    pub(super) fn key_match(&self, at: At<'a>, subject: ExprId) -> Option<KeyMatch> {
        let ExprKind::Name(name) = &at.facts.expr(subject).kind else { return None };
        let (frame, value, _) = self.env.find(self.env.current, name)?;
        let pairing = value.pairing.clone().filter(|_| value.is_clean())?;
        Some(KeyMatch { frame, pairing, taken: Vec::new() })
    }

    pub(super) fn narrow_to_arm(&mut self, at: At<'a>, asked: &mut KeyMatch, arm: &Arm) {
        let texts = texts(at, &arm.pattern);
        let left = match &texts {
            Some(texts) => asked.pairing.filtered(|key| texts.iter().any(|text| is(key, text))),
            None => asked.pairing.filtered(|key| !asked.taken.iter().any(|t| is(key, t))),
        };
        if arm.guard.is_none() {
            asked.taken.extend(texts.into_iter().flatten());
        }
        self.write_pairs(asked.frame, Rc::new(left));
    }
}

/// The texts that a pattern asks for, when it asks for nothing else.
fn texts(at: At<'_>, pattern: &Target) -> Option<Vec<String>> {
    match pattern {
        Target::Literal(id) => Some(vec![literal(at, *id)?]),
        Target::Any(parts) => parts.iter().map(|part| texts(at, part)).collect::<Option<Vec<_>>>().map(|t| t.concat()),
        _ => None,
    }
}

/// Whether a key is that text; one that is not known is taken to be when the text names something secret.
fn is(key: Option<&str>, text: &str) -> bool {
    key.map_or_else(|| verdict(text) == NameVerdict::Secret, |key| key.eq_ignore_ascii_case(text))
}

/// The pattern of the key in a pattern of pairs.
fn first_of(pattern: &Target) -> Option<&Target> {
    match pattern.shape() {
        Target::Tuple(parts) if parts.len() == 2 => parts.first(),
        _ => None,
    }
}

fn key_of(subject: &Value) -> Option<&Rc<Pairing>> {
    subject.part("0")?.pairing.as_ref()
}
