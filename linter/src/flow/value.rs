//! Abstract values: which secrets a value carries, and through which parts.

mod parts;
mod pieces;
mod samples;

use std::{
    collections::BTreeMap,
    hash::{Hash, Hasher},
    rc::Rc,
};

use credscope_grammars::facts::ExprId;

use super::pairs::Pairing;
use crate::finding::Place;
pub(super) use parts::Parts;
pub(super) use pieces::{Around, Cut, SAMPLE};
pub(super) use samples::tells;

/// Where a secret comes from; decides severity and the words of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// All of a configuration or environment: some of it may be secret.
    Dump,
    /// A secret scope: Databricks redacts the unchanged value in cell output.
    Scope,
    /// Environment, widgets, parameters: a name says that it is secret.
    Named,
    /// A literal credential in the source.
    Plain,
    /// Anything that nothing redacts: vault clients, tokens, prompts.
    Other,
}

/// A place in one of the documents of the analysis; 0 is the one that is analysed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Spot {
    pub doc: u16,
    pub place: Place,
}

/// One read of a secret.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub kind: Kind,
    /// For messages: ``secret `jdbc/password` ``.
    pub name: String,
    pub spot: Spot,
    /// The key names an identifier (user, host): information at most.
    pub identifier: bool,
}

/// A secret in a value: index of the source, whether the text was changed on the way, and the places it went through.
#[derive(Clone, Debug)]
pub(super) struct Label {
    pub source: usize,
    pub changed: bool,
    /// Part of a URL's credentials (CS210).
    pub in_url: bool,
    /// A digest of it that is quickly guessed: short, without salt.
    pub digest: bool,
    /// Constant text that stands before and after it, where it was put into one.
    pub around: Option<Rc<Around>>,
    /// Made-up texts of the form that it has, where it was taken out of a connection string.
    pub samples: Option<Rc<[Box<str>]>>,
    pub hops: Rc<Vec<(Rc<str>, Spot)>>,
}

/// Step of a secret into a longer text.
pub(super) const IN_TEXT: &str = "put into this text";

const MAX_LABELS: usize = 8;
const MAX_HOPS: usize = 5;

/// A function or class of the documents, in the frame where it was defined, with arguments already given.
#[derive(Clone, Debug)]
pub(super) struct Callee {
    pub target: u32,
    pub env: u32,
    pub bound: Option<Rc<Vec<Bound>>>,
}

/// An argument that was given early: `functools.partial`, the object of a method.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    pub name: Option<Box<str>>,
    pub value: Value,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Value {
    pub labels: Vec<Label>,
    /// Parts by constant key, index or field name; `*` stands for the rest.
    pub parts: Option<Rc<Parts>>,
    /// An instance of a class of the documents: the frame of its fields.
    pub object: Option<u32>,
    pub callable: Option<Callee>,
    /// A module of the workspace: its document.
    pub module: Option<u16>,
    /// A function or class of a module that was not run yet: nothing secret comes out of it by itself.
    pub lazy: Option<Rc<(u16, Box<str>)>>,
    /// Resolved path of the call that made a value of somebody else's: `boto3.client()`.
    pub origin: Option<Rc<str>>,
    /// A DataFrame, column or view that holds the labels in a column.
    pub frame: bool,
    /// A reader whose parts are secret though it is not: the object that `get_secret` returns.
    pub holder: bool,
    /// `Option`, `Try`: its one element is the value itself, unchanged.
    pub wrapped: bool,
    /// The f-string `{x=}` form.
    pub debug: bool,
    /// An exception that may carry the labels in its text.
    pub caught: bool,
    /// A dictionary: a loop goes over its keys, which are no secrets.
    pub mapping: bool,
    /// Decoded from a secret text (`json.loads`): its fields are secret by their names, its keys are not.
    pub document: bool,
    /// A DataFrame of the driver (pandas), which shows its rows when it is printed.
    pub pandas: bool,
    /// A key of a dictionary, or what stands under it, in one round of a loop over its pairs.
    pub pairing: Option<Rc<Pairing>>,
    /// A constant text, where it is written: names in messages. Not the text itself, so that nothing is looked at in vain.
    pub constant: Option<(u16, u32, ExprId)>,
    /// What a constant gives in a test.
    pub truth: Option<bool>,
}

impl Value {
    pub(super) fn clean() -> Self {
        Self::default()
    }

    pub(super) fn of(source: usize) -> Self {
        let label = Label {
            source,
            changed: false,
            in_url: false,
            digest: false,
            around: None,
            samples: None,
            hops: Rc::default(),
        };
        Self { labels: vec![label], ..Self::default() }
    }

    /// A container. One that is too large or too deep loses its keys.
    pub(super) fn parts(map: BTreeMap<Box<str>, Value>) -> Self {
        let parts = Parts::new(map);
        if parts.is_too_large() {
            let rest = Self { labels: parts.all().to_vec(), ..Self::default() };
            return Self { parts: Some(Rc::new(Parts::new([("*".into(), rest)].into()))), ..Self::default() };
        }
        Self { parts: Some(Rc::new(parts)), ..Self::default() }
    }

    /// [`Value::parts`] of a dictionary.
    pub(super) fn dictionary(map: BTreeMap<Box<str>, Value>) -> Self {
        Self { mapping: true, ..Self::parts(map) }
    }

    /// A container of which nothing but its elements is known.
    pub(super) fn list_of(element: Value) -> Self {
        Self::parts([("*".into(), element)].into())
    }

    /// Puts a part in; `keep`: the old one stays possible.
    pub(super) fn put(&mut self, key: &str, value: Value, keep: bool) {
        let Some(parts) = &mut self.parts else {
            self.parts = Self::parts([(key.into(), value)].into()).parts;
            return;
        };
        let parts = Rc::make_mut(parts);
        parts.insert(key, value, keep);
        if parts.is_too_large() {
            self.parts = Self::parts(parts.take()).parts;
        }
    }

    pub(super) fn each(&self, mut f: impl FnMut(&Label)) {
        self.labels.iter().for_each(&mut f);
        if let Some(parts) = &self.parts {
            parts.all().iter().for_each(f);
        }
    }

    /// What a condition leaves of the elements: of a text other characters, of anything else the elements as they are.
    pub(super) fn some_of(self) -> Value {
        if self.labels.is_empty() || self.wrapped { self } else { self.changed() }
    }

    /// Whether a secret was put into a longer text, and is not the text itself.
    pub(super) fn is_in_text(&self) -> bool {
        self.labels.iter().any(|l| l.hops.iter().any(|(step, _)| &**step == IN_TEXT))
    }

    pub(super) fn is_clean(&self) -> bool {
        self.labels.is_empty() && self.parts.as_ref().is_none_or(|p| p.all().is_empty())
    }

    /// Nothing is left of a secret but digests of it.
    pub(super) fn is_digest(&self) -> bool {
        !self.labels.is_empty() && self.labels.iter().all(|l| l.digest)
    }

    /// Nothing at all is known of it.
    pub(super) fn is_blank(&self) -> bool {
        self.is_clean()
            && self.parts.is_none()
            && self.object.is_none()
            && self.callable.is_none()
            && self.module.is_none()
            && self.lazy.is_none()
            && self.origin.is_none()
    }

    /// All labels, those of the parts too.
    pub(super) fn all(&self) -> Vec<Label> {
        let mut all = Vec::new();
        self.each(|l| add(&mut all, l));
        all
    }

    pub(super) fn join(mut self, other: &Value) -> Self {
        // What is put beside an error's text is not part of it.
        let caught = |v: &Value| v.caught || v.is_clean();
        let caught = caught(&self) && caught(other) && (self.caught || other.caught);
        for label in &other.labels {
            add(&mut self.labels, label);
        }
        self.frame |= other.frame;
        self.holder |= other.holder;
        self.wrapped |= other.wrapped;
        self.debug |= other.debug;
        self.caught = caught;
        self.mapping |= other.mapping;
        self.document |= other.document;
        self.pandas |= other.pandas;
        if self.constant != other.constant {
            self.constant = None;
        }
        self.truth = self.truth.filter(|_| self.truth == other.truth);
        self.pairing = Pairing::joined(self.pairing.take(), other.pairing.as_ref());
        self.callable = self.callable.or_else(|| other.callable.clone());
        self.object = self.object.or(other.object);
        self.module = self.module.or(other.module);
        self.origin = self.origin.or_else(|| other.origin.clone());
        self.lazy = self.lazy.or_else(|| other.lazy.clone());
        self.parts = match (self.parts.take(), &other.parts) {
            (Some(mine), Some(theirs)) if Rc::ptr_eq(&mine, theirs) => Some(mine),
            (Some(mine), Some(theirs)) => {
                let mut joined = mine.map().clone();
                for (key, value) in theirs.map() {
                    let old = joined.remove(key).unwrap_or_default();
                    joined.insert(key.clone(), old.join(value));
                }
                Self::parts(joined).parts
            }
            (mine, theirs) => mine.or_else(|| theirs.clone()),
        };
        self
    }

    /// Two dictionaries of which the second one wins (`a | b`); anything else joined.
    pub(super) fn overlaid(mut self, other: &Value) -> Self {
        match &other.parts {
            Some(parts) if self.mapping && other.mapping => {
                for (key, value) in parts.iter() {
                    self.put(key, value.clone(), key.starts_with('*'));
                }
                self
            }
            _ => self.join(other),
        }
    }

    /// One text made of all that the value carries.
    pub(super) fn flat(&self) -> Self {
        Self { labels: self.all(), debug: self.debug, caught: self.caught, ..Self::default() }
    }

    /// The text is not what was read any more: nothing redacts it.
    pub(super) fn changed(&self) -> Self {
        let mut value = self.flat();
        for label in &mut value.labels {
            label.changed = true;
            (label.around, label.samples) = (None, None);
        }
        value
    }

    /// [`Value::changed`] that keeps the shape.
    pub(super) fn changed_within(mut self) -> Self {
        self.labels.iter_mut().for_each(|l| (l.changed, l.samples) = (true, None));
        if let Some(parts) = self.parts.take() {
            let map = parts.map().iter().map(|(k, v)| (k.clone(), v.clone().changed_within())).collect();
            self.parts = Self::parts(map).parts;
        }
        self
    }

    pub(super) fn hop(mut self, message: &str, spot: Spot) -> Self {
        let mut text: Option<Rc<str>> = None;
        for label in &mut self.labels {
            if label.hops.len() < MAX_HOPS && label.hops.last().is_none_or(|(_, s)| *s != spot) {
                let text = text.get_or_insert_with(|| message.into()).clone();
                Rc::make_mut(&mut label.hops).push((text, spot));
            }
        }
        self
    }

    /// [`Value::hop`] for the labels of the parts, too.
    pub(super) fn hop_all(mut self, message: &str, spot: Spot) -> Self {
        if let Some(parts) = self.parts.take() {
            if parts.all().is_empty() {
                self.parts = Some(parts);
            } else {
                let map = parts.map().iter().map(|(k, v)| (k.clone(), v.clone().hop_all(message, spot))).collect();
                self.parts = Self::parts(map).parts;
            }
        }
        self.hop(message, spot)
    }

    pub(super) fn part(&self, key: &str) -> Option<&Value> {
        self.parts.as_ref()?.get(key)
    }
}

impl Hash for Value {
    /// What decides how a function behaves with it; paths of labels do not.
    fn hash<H: Hasher>(&self, state: &mut H) {
        for label in &self.labels {
            (label.source, label.changed, label.in_url, label.digest, &label.around, &label.samples).hash(state);
        }
        (self.object, self.module, &self.origin, &self.lazy).hash(state);
        (self.frame, self.holder, self.wrapped, self.debug, self.caught).hash(state);
        (self.mapping, self.document, self.pandas, self.truth).hash(state);
        if let Some(pairing) = &self.pairing {
            pairing.hash(state);
        }
        if let Some(callee) = &self.callable {
            (callee.target, callee.env).hash(state);
            for bound in callee.bound.iter().flat_map(|b| b.iter()) {
                bound.name.hash(state);
                bound.value.hash(state);
            }
        }
        if let Some(parts) = &self.parts {
            for (key, value) in parts.map() {
                key.hash(state);
                value.hash(state);
            }
        }
    }
}

fn add(labels: &mut Vec<Label>, label: &Label) {
    if let Some(known) = labels.iter_mut().find(|l| l.source == label.source) {
        known.changed |= label.changed;
        known.in_url |= label.in_url;
        known.digest &= label.digest;
        if known.around != label.around {
            known.around = None;
        }
        if known.samples != label.samples {
            known.samples = None;
        }
    } else if labels.len() < MAX_LABELS {
        labels.push(label.clone());
    }
}
