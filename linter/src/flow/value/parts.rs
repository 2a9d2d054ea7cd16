//! Members of containers by key, with what is asked most often of all of them together.

use std::collections::BTreeMap;

use super::{Label, Value, add};

/// Members of a container that are told apart, all levels together, and levels.
const MAX_SIZE: u32 = 512;
const MAX_DEPTH: u8 = 6;

#[derive(Clone, Debug)]
pub(in crate::flow) struct Parts {
    map: BTreeMap<Box<str>, Value>,
    all: Vec<Label>,
    size: u32,
    depth: u8,
}

impl Parts {
    /// Constants are not kept: what a function does with a container is remembered without them.
    pub(super) fn new(mut map: BTreeMap<Box<str>, Value>) -> Self {
        map.values_mut().for_each(|v| (v.constant, v.truth) = (None, None));
        let (mut all, mut size, mut depth) = (Vec::new(), 1, 1);
        for value in map.values() {
            size += 1 + value.parts.as_ref().map_or(0, |p| p.size);
            depth = depth.max(1 + value.parts.as_ref().map_or(0, |p| p.depth));
            value.each(|l| add(&mut all, l));
        }
        Self { map, all, size, depth }
    }

    /// Cheap where nothing secret is replaced.
    pub(super) fn insert(&mut self, key: &str, value: Value, keep: bool) {
        let size = |v: &Value| 1 + v.parts.as_ref().map_or(0, |p| p.size);
        let old = self.map.remove(key);
        let was_secret = old.as_ref().is_some_and(|o| !o.is_clean());
        self.size -= old.as_ref().map_or(0, size).min(self.size - 1);
        let value = Value { constant: None, truth: None, ..value };
        let value = match old {
            Some(old) if keep => old.join(&value),
            _ => value,
        };
        if was_secret {
            self.map.insert(key.into(), value);
            *self = Self::new(std::mem::take(&mut self.map));
            return;
        }
        self.size += size(&value);
        self.depth = self.depth.max(1 + value.parts.as_ref().map_or(0, |p| p.depth));
        value.each(|l| add(&mut self.all, l));
        self.map.insert(key.into(), value);
    }

    pub(super) fn is_too_large(&self) -> bool {
        self.size > MAX_SIZE || self.depth > MAX_DEPTH
    }

    /// The container without a part.
    pub(in crate::flow) fn without(&self, key: &str) -> Self {
        let mut map = self.map.clone();
        map.remove(key);
        Self::new(map)
    }

    pub(in crate::flow) fn get(&self, key: &str) -> Option<&Value> {
        self.map.get(key)
    }

    pub(in crate::flow) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.map.iter().map(|(k, v)| (&**k, v))
    }

    pub(in crate::flow) fn values(&self) -> impl Iterator<Item = &Value> {
        self.map.values()
    }

    pub(in crate::flow) fn len(&self) -> usize {
        self.map.len()
    }

    pub(super) fn map(&self) -> &BTreeMap<Box<str>, Value> {
        &self.map
    }

    pub(super) fn take(&mut self) -> BTreeMap<Box<str>, Value> {
        std::mem::take(&mut self.map)
    }

    /// Labels of all members.
    pub(super) fn all(&self) -> &[Label] {
        &self.all
    }
}
