//! What is known of names at the point of the walk: scopes, branches that are joined, and parts of containers.

use std::collections::HashMap;

use super::eval::Value;

/// Values by dotted path (`conf.password`), innermost scope last. All operations are constant time on average.
#[derive(Debug)]
pub(super) struct Scopes {
    scopes: Vec<Scope>,
    /// What was there before, while a branch is being walked: scope, name, old value.
    log: Vec<(usize, Box<str>, Value)>,
    branches: usize,
}

#[derive(Debug, Default)]
struct Scope {
    values: HashMap<Box<str>, Value>,
    /// Paths bound below a name, to be forgotten when the name itself is bound anew.
    parts: HashMap<Box<str>, Vec<Box<str>>>,
}

/// What a branch binds.
pub(super) type Branch = HashMap<(usize, Box<str>), Value>;

impl Default for Scopes {
    fn default() -> Self {
        Self { scopes: vec![Scope::default()], log: Vec::new(), branches: 0 }
    }
}

impl Scopes {
    pub(super) fn push(&mut self) {
        self.scopes.push(Scope::default());
    }

    /// Ends the innermost scope; what it bound.
    pub(super) fn pop(&mut self) -> HashMap<Box<str>, Value> {
        self.scopes.pop().unwrap_or_default().values
    }

    pub(super) fn set(&mut self, path: Box<str>, value: Value) {
        let depth = self.scopes.len().saturating_sub(1);
        let Some(scope) = self.scopes.last_mut() else { return };
        let stale = if let Some(dot) = path.find('.') {
            scope.parts.entry(path[..dot].into()).or_default().push(path.clone());
            Vec::new()
        } else {
            scope.parts.remove(&path).unwrap_or_default()
        };
        for part in stale {
            self.put(depth, part, Value::Unknown);
        }
        self.put(depth, path, value);
    }

    fn put(&mut self, depth: usize, path: Box<str>, value: Value) {
        let Some(scope) = self.scopes.get_mut(depth) else { return };
        if self.branches == 0 {
            scope.values.insert(path, value);
        } else {
            let old = scope.values.insert(path.clone(), value).unwrap_or_default();
            self.log.push((depth, path, old));
        }
    }

    pub(super) fn get(&self, path: &str) -> Value {
        self.scopes.iter().rev().find_map(|scope| scope.values.get(path)).cloned().unwrap_or_default()
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
                let before = self.scopes.get(*depth).and_then(|s| s.values.get(path)).cloned().unwrap_or_default();
                let ways = branches.iter().map(|b| b.get(key).unwrap_or(&before).clone());
                let value = Value::either(ways);
                self.put(*depth, path.clone(), value);
            }
        }
    }
}
