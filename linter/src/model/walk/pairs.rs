//! Keys and values that come together in a call: `dict(zip(keys, values))`, `setNames(values, keys)`, and dicts that a
//! call takes its arguments from (`connect(**conf)`, `Producer(conf)`).

use std::{collections::HashMap, sync::Arc};

use credscope_grammars::{
    Secret, Span,
    facts::{Arg, ExprId, ExprKind},
};

use super::{
    super::{eval::MAX_ENTRIES, eval_key},
    At, Role, Siblings, Value, Walker,
    entries::SIBLINGS,
};
use crate::{
    catalog::clients,
    finding::Place,
    model::{Argument, Piece},
};

impl Walker<'_> {
    /// What pairs keys with values, by the name of the call; `None`: it does not.
    pub(super) fn paired(&mut self, at: At<'_>, method: &str, receiver: &Value, given: &[Value]) -> Option<Value> {
        let (keys, values) = match (method, receiver, given) {
            ("zip", Value::Seq(keys), [Value::Seq(values)]) => (keys, values),
            ("zip", _, [Value::Seq(keys), Value::Seq(values)]) => (keys, values),
            // R: the values come first.
            ("setNames", _, [Value::Seq(values), Value::Seq(keys)]) => (keys, values),
            _ => return None,
        };
        let pairs: Vec<(Value, Value)> = keys.iter().cloned().zip(values.iter().cloned()).take(MAX_ENTRIES).collect();
        let siblings: Siblings = pairs
            .iter()
            .take(SIBLINGS)
            .filter_map(|(key, value)| Some((Box::from(key.known()?.expose()), value.known())))
            .collect();
        for (key, value) in &pairs {
            let Some(key) = key.known().filter(|key| eval_key(key.expose())) else { continue };
            let role = Role::Entry { key: key.expose().into(), siblings: siblings.clone() };
            if let Some(place) = own_place(at, value) {
                self.emit(at, value, role, place);
            }
        }
        if method == "setNames" {
            return Some(of_pairs(&pairs));
        }
        Some(Value::Seq(pairs.into_iter().map(|(key, value)| Value::Seq(Arc::new([key, value]))).collect()))
    }

    /// `dict(pairs)`, `pairs.toMap`: the pairs of a sequence as a dict.
    pub(super) fn dict_of_pairs(&self, items: &[Value]) -> Value {
        let pairs: Vec<(Value, Value)> = items
            .iter()
            .filter_map(|item| match item {
                Value::Seq(pair) => match &**pair {
                    [key, value] => Some((key.clone(), value.clone())),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        of_pairs(&pairs)
    }

    /// Entries of the dicts that a client takes its arguments from.
    pub(super) fn given_in_dicts(
        &mut self,
        at: At<'_>,
        id: ExprId,
        (path, method): (&str, &str),
        args: &[Arg],
        values: &[Value],
    ) {
        let call = Place { cell: at.frame.cell, span: at.frame.span(at.facts.expr(id).span) };
        for (arg, value) in args.iter().zip(values).filter(|(arg, _)| arg.name.is_none()) {
            let Value::Dict(entries) = value else { continue };
            let is_spread = matches!(at.facts.expr(arg.value).kind, ExprKind::Spread(_));
            let takes = |key: &str| {
                // A dict of its own is a list of settings, whose names have dots.
                (is_spread || key.contains('.')) && clients::of(path).any(|client| client.keywords.contains(&key))
            };
            let mut taken: Vec<(&Box<str>, &Value)> = entries.iter().filter(|(key, _)| takes(key)).collect();
            taken.sort_by_key(|(key, _)| *key);
            if taken.is_empty() {
                continue;
            }
            let mut siblings: Vec<(Option<Box<str>>, Option<Secret>)> =
                entries.iter().map(|(key, value)| (Some(key.clone()), value.known())).collect();
            siblings.sort_by(|a, b| a.0.cmp(&b.0));
            siblings.truncate(SIBLINGS);
            let argument = Argument {
                callee: path.into(),
                method: method.into(),
                index: None,
                keyword: None,
                siblings: siblings.into(),
                call,
                chain: Arc::new([]),
            };
            self.give(at, arg, &argument, taken.into_iter().map(|(key, value)| (&**key, value)));
        }
    }
}

fn of_pairs(pairs: &[(Value, Value)]) -> Value {
    let known: HashMap<Box<str>, Value> = pairs
        .iter()
        .take(MAX_ENTRIES)
        .filter_map(|(key, value)| Some((Box::from(key.known()?.expose()), value.clone())))
        .collect();
    if known.is_empty() { Value::Unknown } else { Value::Dict(Arc::new(known)) }
}

/// Where the literal of a value stands in the facts at hand.
fn own_place(at: At<'_>, value: &Value) -> Option<Span> {
    let pieces = value.pieces()?;
    let literals = pieces.iter().filter_map(|piece| match piece {
        Piece::Text { literal, cell, .. } if *cell == at.frame.cell => Some(*literal),
        _ => None,
    });
    let span = literals.reduce(Span::cover)?;
    match &at.frame.map {
        None => Some(span),
        Some(map) => map.to_text(span),
    }
}
