//! Texts that are cut at a separator: `url.split("?")[0]` is what stands before a secret that comes after the question mark.

use std::{collections::BTreeMap, fmt, rc::Rc};

use regex::Regex;

use super::{Label, Value};

/// Constant text that is remembered on each side of a secret, in bytes.
const MOST: usize = 512;
/// Stands for a secret whose text is not known: letters, digits and a sign that separates nothing.
pub(in crate::flow) const SAMPLE: &str = "q7Lm~2vX9wK4";
/// Pieces that are told apart.
const MOST_PIECES: usize = 16;

/// Constant text around a secret.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::flow) struct Around {
    before: Box<str>,
    after: Box<str>,
}

impl fmt::Debug for Around {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes, secret, {} bytes", self.before.len(), self.after.len())
    }
}

/// How a text is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::flow) enum Cut {
    /// At each separator.
    Each,
    /// At the first one, into two.
    First,
    /// At the last one, into two.
    Last,
    /// The first separator is a piece of its own (`partition`).
    FirstOfThree,
    /// The last one is.
    LastOfThree,
}

impl Around {
    /// The whole text, with a sample for the secret.
    pub(super) fn text(&self) -> Box<str> {
        format!("{}{SAMPLE}{}", self.before, self.after).into()
    }
}

impl Value {
    /// The value inside of a text.
    pub(in crate::flow) fn within(mut self, before: &str, after: &str) -> Self {
        for label in &mut self.labels {
            label.samples = None;
            let old = label.around.take();
            let (inner, outer) = old.as_ref().map_or(("", ""), |a| (&*a.before, &*a.after));
            if before.len() + inner.len() <= MOST && after.len() + outer.len() <= MOST {
                let (before, after) = (format!("{before}{inner}"), format!("{outer}{after}"));
                label.around = Some(Rc::new(Around { before: before.into(), after: after.into() }));
            }
        }
        self
    }

    /// Pieces of a text whose parts are known, each with what of the secrets stands in it. `None`: the separator does not
    /// stand beside each of them.
    pub(in crate::flow) fn pieces(&self, separator: &str, cut: Cut) -> Option<Value> {
        if separator.is_empty() || self.labels.is_empty() || self.parts.is_some() {
            return None;
        }
        let mut pieces: BTreeMap<Box<str>, Value> = BTreeMap::new();
        let mut count = 1;
        for label in &self.changed().labels {
            let around = self.labels.iter().find(|l| l.source == label.source)?.around.as_ref()?;
            let before = around.before.matches(separator).count();
            let after = around.after.matches(separator).count();
            if before + after == 0 {
                return None;
            }
            let (at, of) = match cut {
                Cut::Each => (before, before + after + 1),
                Cut::First => (before.min(1), 2),
                Cut::Last => (usize::from(after == 0), 2),
                Cut::FirstOfThree => (2 * before.min(1), 3),
                Cut::LastOfThree => (2 * usize::from(after == 0), 3),
            };
            let piece = pieces.entry(at.to_string().into()).or_default();
            piece.labels.push(label.clone());
            count = count.max(of);
        }
        if count > MOST_PIECES {
            return None;
        }
        for at in 0..count {
            pieces.entry(at.to_string().into()).or_default();
        }
        Some(Value::parts(pieces))
    }

    /// What is left when something harmless is put in place of what a pattern finds. `None`: it finds none of the secrets.
    pub(in crate::flow) fn without(&self, pattern: &str) -> Option<Value> {
        let pattern = Regex::new(pattern).ok().filter(|_| self.parts.is_none())?;
        let hides = |label: &Label| {
            label.around.as_ref().is_some_and(|around| {
                let (start, text) = (around.before.len(), format!("{}{SAMPLE}{}", around.before, around.after));
                pattern.find_iter(&text).any(|m| m.start() <= start && m.end() >= start + SAMPLE.len())
            })
        };
        let mut left = self.clone();
        left.labels.retain(|l| !hides(l));
        (left.labels.len() < self.labels.len()).then_some(left)
    }

    /// A part by a position from the end (`-1`), of a list whose items are known.
    pub(in crate::flow) fn counted_back(&self, key: &str) -> Option<&Value> {
        let back = key.strip_prefix('-')?.parse::<usize>().ok()?;
        let parts = self.parts.as_ref().filter(|p| !self.mapping && p.iter().all(|(k, _)| is_position(k)))?;
        parts.get(&parts.len().checked_sub(back)?.to_string())
    }

    /// A list of pairs as a dictionary: by their keys, where these are known.
    pub(in crate::flow) fn of_pairs(&self) -> Option<Value> {
        let parts = self.parts.as_ref().filter(|_| !self.mapping && self.labels.is_empty())?;
        if !parts.values().all(|pair| pair.part("1").is_some()) {
            return None;
        }
        let mut map = BTreeMap::new();
        for (position, pair) in parts.iter() {
            let key = pair.part("0").and_then(Value::only_text);
            // One pair that stands for all of them has no known key.
            let key = key.filter(|_| is_position(position)).unwrap_or_else(|| format!("*{position}"));
            map.insert(key.into(), pair.part("1").cloned().unwrap_or_default());
        }
        Some(Value::dictionary(map))
    }
}

fn is_position(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_digit())
}
