//! Which names of other files may carry a secret, followed through their imports and `%run`s.

use std::{collections::HashMap, sync::Arc};

use credscope_grammars::{CellFacts, Document};

use super::{
    Reference, Workspace, WorkspaceDocument,
    reference::{imports, references},
};

/// Answers for one workspace, remembered. Cycles are answered rightly: a name is clean when nothing that it can reach
/// reads a secret.
pub struct Carriers<'w> {
    workspace: &'w Workspace,
    /// Sources of the configuration, last segments.
    extra: Vec<&'w str>,
    known: HashMap<(&'w str, Box<str>), bool>,
}

/// Names looked at for one question.
const LIMIT: usize = 20_000;

impl<'w> Carriers<'w> {
    /// `extra`: callee paths that the configuration names as sources.
    pub fn new(workspace: &'w Workspace, extra: &'w [String]) -> Self {
        let extra = extra.iter().map(|e| e.rsplit('.').next().unwrap_or(e)).collect();
        Self { workspace, extra, known: HashMap::new() }
    }

    /// Whether the name of that document's top level may carry a secret.
    pub fn carries(&mut self, path: &str, name: &str) -> bool {
        let Some((path, _)) = self.workspace.documents.get_key_value(path) else { return false };
        let mut visited: HashMap<(&'w str, Box<str>), ()> = HashMap::new();
        let mut open: Vec<(&'w str, Box<str>)> = vec![(path, name.into())];
        let mut found = false;
        while let Some(node) = open.pop() {
            if let Some(known) = self.known.get(&node) {
                if *known {
                    found = true;
                    break;
                }
                continue;
            }
            if visited.len() > LIMIT {
                found = true;
                break;
            }
            if visited.insert(node.clone(), ()).is_some() {
                continue;
            }
            if self.step(&node, &mut open) {
                self.known.insert(node, true);
                found = true;
                break;
            }
        }
        if found {
            self.known.insert((path, name.into()), true);
        } else {
            self.known.extend(visited.into_keys().map(|node| (node, false)));
        }
        found
    }

    /// Whether any name of the document's top level does.
    pub fn any(&mut self, path: &str) -> bool {
        let Some(document) = self.workspace.documents.get(path) else { return false };
        let names: Vec<&str> = document.summary().names().map(|(n, _)| n).collect();
        names.into_iter().any(|n| self.carries(path, n)) || !self.included(path).is_empty()
    }

    /// Names that a document's imports and `%run`s bring in and that may carry a secret.
    fn included(&mut self, path: &str) -> Vec<String> {
        let Some(document) = self.workspace.documents.get(path) else { return Vec::new() };
        let summary = document.summary();
        let aliases: Vec<String> = summary.imports.iter().map(|i| i.alias.to_string()).collect();
        aliases.into_iter().filter(|a| self.carries(path, a)).collect()
    }

    /// Whether the node itself reads; what it depends on is added to `open`.
    fn step(&self, (path, name): &(&'w str, Box<str>), open: &mut Vec<(&'w str, Box<str>)>) -> bool {
        let Some(document) = self.workspace.documents.get(*path) else { return false };
        let summary = document.summary();
        if let Some(entry) = summary.get(name) {
            if entry.reads || self.extra.iter().any(|e| entry.calls.contains(*e) || entry.uses.contains(*e)) {
                return true;
            }
            open.extend(entry.uses.iter().map(|u| (*path, u.clone())));
        }
        for import in summary.imports.iter().filter(|i| i.alias == *name || &*i.alias == "*") {
            let Some(found) = self.workspace.import(path, import) else { continue };
            let last = import.path.rsplit('.').next().unwrap_or(&import.path);
            match (found.is_member, &*import.alias) {
                (true, "*") => {}
                (true, _) => open.push((found.path, last.into())),
                (false, "*") => open.push((found.path, name.clone())),
                (false, _) => open.extend(all(found.path, found.document)),
            }
        }
        for include in &summary.includes {
            if let Some((path, _)) = self.workspace.find(path, include) {
                open.push((path, name.clone()));
            }
        }
        false
    }
}

fn all<'w>(path: &'w str, document: &'w WorkspaceDocument) -> impl Iterator<Item = (&'w str, Box<str>)> {
    document.summary().names().map(move |(name, _)| (path, name.into()))
}

impl Workspace {
    /// Names that come into the document at `from` and may carry a secret, or are functions that take one: they are anchors for its
    /// other cells.
    /// `facts` are those of its cells that import or run something; `extra`: callees that the configuration names as
    /// sources.
    pub fn incoming(&self, from: &str, document: &Document, facts: &[Arc<CellFacts>], extra: &[String]) -> Vec<String> {
        if self.documents.is_empty() {
            return Vec::new();
        }
        let mut carriers = Carriers::new(self, extra);
        let mut names = Vec::new();
        for import in &imports(facts) {
            let Some(found) = self.import(from, import) else { continue };
            match (found.is_member, &*import.alias) {
                (_, "*") => names.extend(carriers.exported(found.path)),
                (true, alias) => {
                    let last = import.path.rsplit('.').next().unwrap_or(&import.path);
                    if carriers.carries(found.path, last) {
                        names.push(alias.to_owned());
                    }
                }
                (false, alias) => {
                    if carriers.any(found.path) {
                        names.push(alias.to_owned());
                    }
                }
            }
        }
        for include in references(document, facts).iter().filter(|r| matches!(r, Reference::Run(_))) {
            let Some((path, _)) = self.find(from, include) else { continue };
            names.extend(carriers.exported(path));
        }
        // Functions that are given one: `connect`, `db` of `db.connect`.
        let called = self.signatures(from, document, facts);
        names.extend(called.keys().filter_map(|path| Some(path.split('.').next()?.to_owned())));
        names.sort();
        names.dedup();
        names
    }
}

impl Carriers<'_> {
    /// Names that a document gives to who runs it, those of its own `%run`s and star imports among them.
    pub fn exported(&mut self, path: &str) -> Vec<String> {
        let mut names = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        let mut open = vec![path.to_owned()];
        while let Some(path) = open.pop() {
            if seen.contains(&path) {
                continue;
            }
            seen.push(path.clone());
            let Some(document) = self.workspace.documents.get(&path) else { continue };
            let summary = document.summary();
            let own: Vec<&str> = summary.names().map(|(n, _)| n).collect();
            names.extend(own.into_iter().filter(|n| self.carries(&path, n)).map(str::to_owned));
            names.extend(self.included(&path));
            let stars = summary.imports.iter().filter(|i| &*i.alias == "*");
            open.extend(stars.filter_map(|i| self.workspace.import(&path, i)).map(|f| f.path.to_owned()));
            open.extend(summary.includes.iter().filter_map(|i| self.workspace.find(&path, i)).map(|f| f.0.to_owned()));
        }
        names
    }
}
