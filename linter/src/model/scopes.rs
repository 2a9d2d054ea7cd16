//! What is known of names at the point of the walk: scopes, branches that are joined, and parts of containers. The
//! outermost scope lies over what earlier cells have bound.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
};

use super::{
    eval::Value,
    history::{Given, Process},
};

/// Values by dotted path (`conf.password`), innermost scope last. All operations are constant time on average.
#[derive(Debug)]
pub(super) struct Scopes<'p> {
    scopes: Vec<Scope>,
    earlier: &'p Process,
    /// What earlier cells of all languages have set for the session.
    settings: &'p Process,
    cell: u32,
    /// Whether it is wanted what was looked up among what earlier cells have bound.
    records: bool,
    /// Paths that were looked up among what earlier cells have bound.
    asked: RefCell<HashSet<Box<str>>>,
    /// Names whose parts were.
    asked_parts: HashSet<Box<str>>,
    /// What was there before, while a branch is being walked: scope, name, old value.
    log: Vec<(usize, Box<str>, Value)>,
    branches: usize,
}

#[derive(Debug, Default)]
struct Scope {
    values: HashMap<Box<str>, Value>,
    /// Paths bound below a name, to be forgotten when the name itself is bound anew.
    parts: HashMap<Box<str>, Vec<Box<str>>>,
    /// Names that an assignment here binds further out.
    outer: Vec<Box<str>>,
    /// The outermost scope of a text.
    is_module: bool,
}

/// The path that a setting of the session is kept under; `hivevar:x` and `hiveconf:x` are settings, too.
pub(super) fn setting(name: &str) -> Box<str> {
    let name = name.trim().trim_matches('`');
    let name = ["hivevar:", "hiveconf:", "spark:"].iter().find_map(|space| name.strip_prefix(space)).unwrap_or(name);
    format!("${{{name}}}").into()
}

/// Whether a path is one of [`setting`].
pub(super) fn is_setting(path: &str) -> bool {
    path.starts_with("${")
}

/// What a branch binds.
pub(super) type Branch = HashMap<(usize, Box<str>), Value>;

/// What a cell has looked up among what earlier cells have bound.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub paths: HashSet<Box<str>>,
    pub parts: HashSet<Box<str>>,
}

impl Asked {
    pub(super) fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.parts.is_empty()
    }
}

impl<'p> Scopes<'p> {
    pub(super) fn new(earlier: &'p Process, settings: &'p Process, cell: u32, records: bool) -> Self {
        Self {
            scopes: vec![Scope { is_module: true, ..Scope::default() }],
            earlier,
            settings,
            cell,
            records,
            asked: RefCell::default(),
            asked_parts: HashSet::new(),
            log: Vec::new(),
            branches: 0,
        }
    }

    /// What the cell has bound, and what it has looked up.
    pub(super) fn finish(mut self) -> (Given, Asked) {
        let Scope { values, parts, .. } =
            if self.scopes.is_empty() { Scope::default() } else { self.scopes.swap_remove(0) };
        let given = Given { values, parts, parameters: HashMap::new() };
        (given, Asked { paths: self.asked.into_inner(), parts: self.asked_parts })
    }

    pub(super) fn push(&mut self) {
        self.scopes.push(Scope::default());
    }

    /// The outermost scope of a text inside the text.
    pub(super) fn push_module(&mut self) {
        self.scopes.push(Scope { is_module: true, ..Scope::default() });
    }

    /// Says that assignments of the innermost scope bind the name further out.
    pub(super) fn bind_outside(&mut self, name: &str) {
        if let Some(scope) = self.scopes.last_mut().filter(|scope| !scope.is_module)
            && !scope.outer.iter().any(|outer| **outer == *name)
        {
            scope.outer.push(name.into());
        }
    }

    /// Whether a name is bound in a scope around the innermost one, and not in that.
    pub(super) fn is_only_outside(&self, name: &str) -> bool {
        let mut scopes = self.scopes.iter().rev();
        scopes.next().is_some_and(|own| !own.values.contains_key(name))
            && scopes.any(|scope| scope.values.contains_key(name))
    }

    /// Ends the innermost scope; what it bound. `runs` says whether it has run, or may run once.
    pub(super) fn pop(&mut self, runs: bool) -> HashMap<Box<str>, Value> {
        let Scope { values, outer, .. } = self.scopes.pop().unwrap_or_default();
        for name in outer {
            let Some(value) = values.get(&name).cloned() else { continue };
            let value = if runs { value } else { Value::either([self.get(&name), value].into_iter()) };
            let holds = |scope: &Scope| scope.is_module || scope.values.contains_key(&name);
            self.set_at(self.scopes.iter().rposition(holds).unwrap_or(0), name, value);
        }
        values
    }

    pub(super) fn set(&mut self, path: Box<str>, value: Value) {
        self.set_at(self.scopes.len().saturating_sub(1), path, value);
    }

    /// Changes what a name is in the innermost scope; what is known of its parts stays.
    pub(super) fn replace(&mut self, name: Box<str>, value: Value) {
        self.put(self.scopes.len().saturating_sub(1), name, value);
    }

    fn set_at(&mut self, depth: usize, path: Box<str>, value: Value) {
        let Some(scope) = self.scopes.get_mut(depth) else { return };
        let stale = if let Some(dot) = path.find('.') {
            scope.parts.entry(path[..dot].into()).or_default().push(path.clone());
            Vec::new()
        } else {
            let mut stale = scope.parts.remove(&path).unwrap_or_default();
            if depth == 0 {
                stale.extend(self.earlier.parts(&path, self.cell).cloned());
                if self.records {
                    self.asked_parts.insert(path.clone());
                }
            }
            stale
        };
        for part in stale {
            self.put(depth, part, Value::Unknown);
        }
        self.put(depth, path, value);
    }

    fn put(&mut self, depth: usize, path: Box<str>, value: Value) {
        let before = if self.branches == 0 { None } else { Some(self.at(depth, &path)) };
        let Some(scope) = self.scopes.get_mut(depth) else { return };
        match before {
            None => {
                scope.values.insert(path, value);
            }
            Some(before) => {
                scope.values.insert(path.clone(), value);
                self.log.push((depth, path, before));
            }
        }
    }

    /// Value of a path in one scope.
    fn at(&self, depth: usize, path: &str) -> Value {
        match self.scopes.get(depth).and_then(|s| s.values.get(path)) {
            Some(value) => value.clone(),
            None if depth == 0 => self.of_earlier_cells(path),
            None => Value::Unknown,
        }
    }

    fn of_earlier_cells(&self, path: &str) -> Value {
        if self.records {
            let mut asked = self.asked.borrow_mut();
            if !asked.contains(path) {
                asked.insert(path.into());
            }
        }
        let process = if is_setting(path) { self.settings } else { self.earlier };
        process.get(path, self.cell).cloned().unwrap_or_default()
    }

    pub(super) fn get(&self, path: &str) -> Value {
        match self.scopes.iter().rev().find_map(|scope| scope.values.get(path)) {
            Some(value) => value.clone(),
            None => self.of_earlier_cells(path),
        }
    }

    /// Starts a branch: one of several ways that the run may take.
    pub(super) fn begin(&mut self) -> usize {
        self.branches += 1;
        self.log.len()
    }

    /// Ends the branch begun at `mark`: undoes what it bound and says what that was.
    pub(super) fn end(&mut self, mark: usize) -> Branch {
        let mut branch = Branch::new();
        for (depth, path, old) in self.log.split_off(mark.min(self.log.len())).into_iter().rev() {
            if let Some(scope) = self.scopes.get_mut(depth) {
                let new = scope.values.insert(path.clone(), old).unwrap_or_default();
                branch.entry((depth, path)).or_insert(new);
            }
        }
        self.branches -= 1;
        branch
    }

    /// Binds each name to what it may be after one of the branches; the last one's value is the preferred one.
    pub(super) fn join(&mut self, branches: &[Branch]) {
        for (i, branch) in branches.iter().enumerate() {
            for key in branch.keys() {
                if branches[..i].iter().any(|b| b.contains_key(key)) {
                    continue;
                }
                let (depth, path) = key;
                let before = self.at(*depth, path);
                let ways = branches.iter().map(|b| b.get(key).unwrap_or(&before).clone());
                let value = Value::either(ways);
                self.put(*depth, path.clone(), value);
            }
        }
    }
}
