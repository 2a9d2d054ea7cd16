//! Abstract values: which secrets a value carries, and through which parts.

use std::{collections::BTreeMap, rc::Rc};

use crate::finding::Place;

/// Where a secret comes from; decides severity and the words of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A secret scope: Databricks redacts the unchanged value in cell output.
    Scope,
    /// Anything that nothing redacts: vault clients, tokens, prompts.
    Other,
    /// Environment, widgets, parameters: a name says that it is secret.
    Named,
    /// A literal credential in the source.
    Plain,
}

/// One read of a secret.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub kind: Kind,
    /// For messages: ``secret `jdbc/password` ``.
    pub name: String,
    pub place: Place,
    /// Document of `place` when it is another one.
    pub path: Option<String>,
    /// The key names an identifier (user, host): information at most.
    pub identifier: bool,
}

/// A secret in a value: index of the source, whether the text was changed on the way, and the places it went through.
#[derive(Clone, Debug)]
pub(super) struct Label {
    pub source: usize,
    pub changed: bool,
    pub hops: Rc<Vec<(String, Place)>>,
}

const MAX_LABELS: usize = 8;
const MAX_HOPS: usize = 5;

#[derive(Clone, Debug, Default)]
pub(super) struct Value {
    pub labels: Vec<Label>,
    /// Parts by constant key, index or field name.
    pub parts: Option<Rc<BTreeMap<Box<str>, Value>>>,
    /// A DataFrame, column or view that holds the labels in a column.
    pub frame: bool,
    /// A name of a function or class of the document.
    pub callable: Option<usize>,
    /// A reader whose parts are secret though it is not: the object that `get_secret` returns.
    pub holder: bool,
    /// The f-string `{x=}` form.
    pub debug: bool,
}

impl Value {
    pub(super) fn clean() -> Self {
        Self::default()
    }

    pub(super) fn of(source: usize) -> Self {
        Self { labels: vec![Label { source, changed: false, hops: Rc::default() }], ..Self::default() }
    }

    pub(super) fn parts(parts: BTreeMap<Box<str>, Value>) -> Self {
        Self { parts: Some(Rc::new(parts)), ..Self::default() }
    }

    pub(super) fn is_clean(&self) -> bool {
        self.labels.is_empty() && self.parts.as_ref().is_none_or(|p| p.values().all(Value::is_clean))
    }

    /// All labels, those of the parts too.
    pub(super) fn all(&self) -> Vec<Label> {
        let mut all = self.labels.clone();
        if let Some(parts) = &self.parts {
            for part in parts.values() {
                for label in part.all() {
                    add(&mut all, label);
                }
            }
        }
        all
    }

    pub(super) fn join(mut self, other: &Value) -> Self {
        for label in &other.labels {
            add(&mut self.labels, label.clone());
        }
        self.frame |= other.frame;
        self.holder |= other.holder;
        self.debug |= other.debug;
        self.callable = self.callable.or(other.callable);
        self.parts = match (self.parts.take(), &other.parts) {
            (Some(mine), Some(theirs)) => {
                let mut joined = (*mine).clone();
                for (key, value) in theirs.iter() {
                    let old = joined.remove(key).unwrap_or_default();
                    joined.insert(key.clone(), old.join(value));
                }
                Some(Rc::new(joined))
            }
            (mine, theirs) => mine.or_else(|| theirs.clone()),
        };
        self
    }

    /// One text made of all that the value carries.
    pub(super) fn flat(&self) -> Self {
        Self { labels: self.all(), debug: self.debug, ..Self::default() }
    }

    /// The text is not what was read any more: nothing redacts it.
    pub(super) fn changed(&self) -> Self {
        let mut value = self.flat();
        for label in &mut value.labels {
            label.changed = true;
        }
        value
    }

    pub(super) fn hop(mut self, message: &str, place: Place) -> Self {
        for label in &mut self.labels {
            if label.hops.len() < MAX_HOPS && label.hops.last().is_none_or(|(_, p)| *p != place) {
                Rc::make_mut(&mut label.hops).push((message.to_owned(), place));
            }
        }
        self
    }

    pub(super) fn part(&self, key: &str) -> Option<&Value> {
        self.parts.as_ref()?.get(key)
    }
}

fn add(labels: &mut Vec<Label>, label: Label) {
    if let Some(known) = labels.iter_mut().find(|l| l.source == label.source) {
        known.changed |= label.changed;
    } else if labels.len() < MAX_LABELS {
        labels.push(label);
    }
}
