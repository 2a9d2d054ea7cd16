//! Variables of a script over its branches: what a name may hold where the ways have met again.

use std::collections::{HashMap, HashSet};

use credscope_grammars::facts::TurnKind;

/// Names with what is known of them. What one way writes is taken back for the next; where they meet, all of it counts.
#[derive(Debug)]
pub struct Branches<V> {
    values: HashMap<Box<str>, V>,
    forks: Vec<Fork<V>>,
}

#[derive(Debug)]
struct Fork<V> {
    /// What names held before the ways parted, of those that one of them wrote.
    before: HashMap<Box<str>, Option<V>>,
    /// What they held at the ends of the ways that wrote them.
    after: Vec<(Box<str>, Option<V>)>,
    /// Names that the way at hand wrote.
    written: HashSet<Box<str>>,
    /// Ways that lead on.
    ways: usize,
}

impl<V> Default for Branches<V> {
    fn default() -> Self {
        Self { values: HashMap::new(), forks: Vec::new() }
    }
}

impl<V: Clone> Branches<V> {
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub fn get(&self, name: &str) -> Option<&V> {
        self.values.get(name)
    }

    /// `None`: nothing is known any more.
    pub fn set(&mut self, name: &str, value: Option<V>) {
        if let Some(fork) = self.forks.last_mut()
            && fork.written.insert(name.into())
            && !fork.before.contains_key(name)
        {
            fork.before.insert(name.into(), self.values.get(name).cloned());
        }
        self.put(name.into(), value);
    }

    fn put(&mut self, name: Box<str>, value: Option<V>) {
        match value {
            Some(value) => self.values.insert(name, value),
            None => self.values.remove(&name),
        };
    }

    /// `ends`: the way at hand does not lead on (`exit`). `join` makes one value of what the ways left; `changed` is
    /// told names that hold something else from here on.
    pub fn turn(
        &mut self,
        kind: TurnKind,
        ends: bool,
        join: impl Fn(&str, Vec<Option<V>>) -> Option<V>,
        mut changed: impl FnMut(&str, Option<&V>),
    ) {
        if kind == TurnKind::Open {
            return self.open();
        }
        self.end_way(ends, &mut changed);
        let TurnKind::Close { all } = kind else { return };
        let Some(fork) = self.forks.pop() else { return };
        let mut left: Vec<(Box<str>, Vec<Option<V>>)> = Vec::new();
        let mut known: HashMap<Box<str>, usize> = HashMap::new();
        for (name, value) in fork.after {
            let at = *known.entry(name.clone()).or_insert_with(|| {
                left.push((name, Vec::new()));
                left.len() - 1
            });
            left[at].1.push(value);
        }
        for (name, mut values) in left {
            if values.len() < fork.ways || !all {
                values.insert(0, fork.before.get(&name).cloned().flatten());
            }
            let value = join(&name, values);
            changed(&name, value.as_ref());
            self.set(&name, value);
        }
    }

    /// What is written from here on is taken back by [`Branches::undo`].
    pub fn open(&mut self) {
        self.forks.push(Fork { before: HashMap::new(), after: Vec::new(), written: HashSet::new(), ways: 0 });
    }

    pub fn undo(&mut self) {
        self.end_way(true, &mut |_, _| ());
        self.forks.pop();
    }

    fn end_way(&mut self, ends: bool, changed: &mut impl FnMut(&str, Option<&V>)) {
        let Some(fork) = self.forks.last_mut() else { return };
        fork.ways += usize::from(!ends);
        let mut written: Vec<Box<str>> = fork.written.drain().collect();
        written.sort_unstable();
        let mut back = Vec::new();
        for name in written {
            let before = fork.before.get(&name).cloned().flatten();
            if !ends {
                fork.after.push((name.clone(), self.values.get(&name).cloned()));
            }
            back.push((name, before));
        }
        for (name, before) in back {
            changed(&name, before.as_ref());
            self.put(name, before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Set = Vec<&'static str>;

    fn join(_: &str, values: Vec<Option<Set>>) -> Option<Set> {
        let all: Set = values.into_iter().map(|v| v.unwrap_or_else(|| vec!["-"])).collect::<Vec<_>>().concat();
        Some(all)
    }

    fn turn(branches: &mut Branches<Set>, kind: TurnKind, ends: bool) {
        branches.turn(kind, ends, join, |_, _| ());
    }

    #[test]
    fn ways_meet() {
        let mut b: Branches<Set> = Branches::default();
        b.set("x", Some(vec!["0"]));
        turn(&mut b, TurnKind::Open, false);
        b.set("x", Some(vec!["1"]));
        b.set("y", Some(vec!["y"]));
        assert_eq!(b.get("x"), Some(&vec!["1"]));
        turn(&mut b, TurnKind::Other, false);
        assert_eq!((b.get("x"), b.get("y")), (Some(&vec!["0"]), None));
        b.set("x", Some(vec!["2"]));
        turn(&mut b, TurnKind::Close { all: true }, false);
        assert_eq!((b.get("x"), b.get("y")), (Some(&vec!["1", "2"]), Some(&vec!["-", "y"])));
        turn(&mut b, TurnKind::Open, false);
        b.set("x", Some(vec!["3"]));
        turn(&mut b, TurnKind::Close { all: false }, false);
        assert_eq!(b.get("x"), Some(&vec!["1", "2", "3"]));
    }

    #[test]
    fn ways_that_end_leave_nothing() {
        let mut b: Branches<Set> = Branches::default();
        turn(&mut b, TurnKind::Open, false);
        b.set("x", Some(vec!["1"]));
        turn(&mut b, TurnKind::Other, true);
        b.set("x", Some(vec!["2"]));
        turn(&mut b, TurnKind::Close { all: true }, false);
        assert_eq!(b.get("x"), Some(&vec!["2"]));
        b.open();
        b.set("x", Some(vec!["3"]));
        b.undo();
        assert_eq!(b.get("x"), Some(&vec!["2"]));
        turn(&mut b, TurnKind::Close { all: true }, false);
    }
}
