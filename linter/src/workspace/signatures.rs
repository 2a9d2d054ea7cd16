//! Functions of other files that are given credentials: a literal that is given to one is found where it stands.

use std::{collections::BTreeSet, sync::Arc};

use credscope_grammars::{CellFacts, Document};

use super::{Reference, Workspace, WorkspaceDocument, reference::imports, references};
use crate::model::{self, Signatures};

impl WorkspaceDocument {
    /// Whether it has functions that are given credentials.
    pub fn takes_credentials(&self) -> bool {
        !self.signatures().is_empty()
    }

    /// Its functions that are given credentials; found when first asked for.
    fn signatures(&self) -> &Signatures {
        self.signatures.get_or_init(|| model::signatures(&self.document, &self.facts))
    }
}

impl Workspace {
    /// Functions that the document at `path` can call, by the path that it calls them by.
    pub(crate) fn signatures(&self, path: &str, document: &Document, facts: &[Arc<CellFacts>]) -> Signatures {
        let mut found = Signatures::new();
        if self.documents.is_empty() {
            return found;
        }
        let mut seen = BTreeSet::new();
        let mut open: Vec<(&str, Reference)> = references(document, facts).into_iter().map(|r| (path, r)).collect();
        while let Some((at, reference)) = open.pop() {
            if let (Reference::Run(_), Some((target, document))) = (&reference, self.find(at, &reference))
                && seen.insert(target)
            {
                found.extend(document.signatures().iter().map(|(name, own)| (name.clone(), own.clone())));
                open.extend(document.references().iter().map(|r| (target, r.clone())));
            }
        }
        for import in imports(facts) {
            let Some(imported) = self.import(path, &import) else { continue };
            let summary = imported.document.summary();
            let known = imported.document.signatures().iter();
            let mut known = known.filter(|(name, _)| summary.get(name).is_some_and(|entry| entry.callable));
            let last = import.path.rsplit('.').next().unwrap_or(&import.path);
            match (imported.is_member, &*import.alias) {
                (_, "*") => found.extend(known.map(|(name, own)| (name.clone(), own.clone()))),
                (true, alias) => {
                    found.extend(known.find(|(name, _)| ***name == *last).map(|(_, own)| (alias.into(), own.clone())))
                }
                (false, alias) => {
                    // `import a.b` binds `a`, whose part `b` is the module.
                    let module = import.module.as_deref().filter(|m| m.split('.').next() == Some(alias));
                    let module = module.unwrap_or(alias);
                    found.extend(known.map(|(name, own)| (format!("{module}.{name}").into(), own.clone())));
                }
            }
        }
        found
    }
}
