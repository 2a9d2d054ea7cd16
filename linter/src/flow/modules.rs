//! Names of other files: `%run` brings all of them in, an import some. A module is run when a name of it may carry a secret
//! or gets one; what it leaks by itself its own analysis reports.

use std::{collections::BTreeSet, rc::Rc, sync::Arc};

use credscope_grammars::{CellFacts, Document, Span, facts::Import};

use super::{At, Doc, Walker, value::Value};
use crate::{
    model::{Model, Names},
    workspace::{Reference, Workspace, WorkspaceDocument, references},
};

/// Aliases of the document; those of notebooks that it runs are its own.
pub(super) fn names(
    model: &Model,
    workspace: &Workspace,
    path: &str,
    document: &Document,
    facts: &[Arc<CellFacts>],
) -> Rc<Names> {
    if workspace.documents.is_empty() {
        return Rc::new(model.names.clone());
    }
    let mut all: Vec<&[Arc<CellFacts>]> = Vec::new();
    let mut seen: BTreeSet<String> = [path.to_owned()].into();
    let own = references(document, facts);
    let mut open: Vec<(&str, &[Reference])> = vec![(path, &own)];
    while let Some((from, wanted)) = open.pop() {
        for reference in wanted.iter().filter(|r| matches!(r, Reference::Run(_))) {
            let Some((found, document)) = workspace.find(from, reference) else { continue };
            if seen.insert(found.to_owned()) {
                all.push(&document.facts);
                open.push((found, document.references()));
            }
        }
    }
    if all.is_empty() {
        return Rc::new(model.names.clone());
    }
    let cells = all.into_iter().flatten().chain(facts).map(|f| &**f);
    Rc::new(Names::of(cells))
}

impl<'a> Walker<'a> {
    /// `%run`: the other notebook's cells run here, in this document's top level.
    pub(super) fn include(&mut self, at: At<'a>, path: &str, span: Span) {
        let from = self.docs[at.doc as usize].path.clone();
        let Some((found, document)) = self.workspace.find(&from, &Reference::Run(path.into())) else { return };
        let (names, root) = (self.docs[at.doc as usize].names.clone(), self.docs[at.doc as usize].root);
        let own = at.doc == 0;
        // Once: a notebook that runs itself, or one that two others run, is the same again.
        if found == self.docs[0].path || self.loaded.contains_key(&format!("run {found}")) {
            return;
        }
        let doc = self.docs.len() as u16;
        if doc == u16::MAX {
            return;
        }
        self.loaded.insert(format!("run {found}"), doc);
        self.docs.push(Doc {
            path: found.to_owned(),
            facts: &document.facts,
            cells: &document.document.cells,
            names,
            root,
            collections: Default::default(),
        });
        self.limit += super::STEPS_EACH * document.facts.iter().map(|f| f.exprs.len()).sum::<usize>();
        let outer = std::mem::replace(&mut self.env.current, root);
        let before = self.foreign.len();
        let cell = self.cell;
        self.run_cells(doc);
        self.cell = cell;
        self.env.current = outer;
        if own {
            let spot = at.spot(span);
            for foreign in self.foreign.split_off(before) {
                if self.is_ours(&foreign.value) {
                    self.leak_elsewhere(&foreign, spot);
                }
            }
        }
    }

    pub(super) fn import(&mut self, at: At<'a>, imports: &'a [Import]) {
        for import in imports {
            let from = self.docs[at.doc as usize].path.clone();
            let found = self.workspace.import(&from, import);
            let last = import.path.rsplit('.').next().unwrap_or(&import.path);
            let spot = at.spot(import.span);
            let Some(found) = found else {
                if self.is_scala(at) && self.import_members(import) {
                    continue;
                }
                // A name that someone else's module gives is no longer what it was.
                if &*import.alias != "*" && self.env.find(self.env.current, &import.alias).is_some() {
                    self.env.set(&import.alias, Value::clean());
                }
                continue;
            };
            let Some(module) = self.module(found.path, found.document) else { continue };
            match (found.is_member, &*import.alias) {
                (_, "*") => {
                    for name in self.carriers.exported(found.path) {
                        let value = self.exported(module, &name).hop_all(&format!("`{name}` is imported"), spot);
                        self.env.set(&name, value);
                    }
                    let functions: Vec<String> = found
                        .document
                        .summary()
                        .names()
                        .filter(|(_, entry)| entry.callable)
                        .map(|(name, _)| name.to_owned())
                        .collect();
                    for name in functions {
                        if self.env.find(self.env.current, &name).is_none() {
                            let value = self.exported(module, &name);
                            self.env.set(&name, value);
                        }
                    }
                }
                (true, alias) => {
                    let value = self.exported(module, last).hop_all(&format!("`{last}` is imported"), spot);
                    self.env.set(alias, value);
                }
                // `import a.b` binds `a`, whose part `b` is the module.
                (false, alias) => match import.module.as_ref().and_then(|m| m.split_once('.')) {
                    Some((_, rest)) => {
                        let mut value = self.env.lookup(alias).unwrap_or_default();
                        let mut inner = Value { module: Some(module), ..Value::clean() };
                        for segment in rest.split('.').rev() {
                            let mut outer = Value::clean();
                            outer.put(segment, inner, false);
                            inner = outer;
                        }
                        value = value.join(&inner);
                        self.env.set(alias, value);
                    }
                    None => self.env.set(alias, Value { module: Some(module), ..Value::clean() }),
                },
            }
        }
    }

    /// `import Secrets._`, `import Secrets.password` of an object of the documents.
    fn import_members(&mut self, import: &Import) -> bool {
        let owner =
            if &*import.alias == "*" { Some(&*import.path) } else { import.path.rsplit_once('.').map(|(o, _)| o) };
        let name = owner.map(|o| o.rsplit('.').next().unwrap_or(o));
        let object = name.and_then(|n| self.env.lookup(n)).and_then(|v| v.object);
        let Some(object) = object else { return false };
        let last = import.path.rsplit('.').next().unwrap_or(&import.path);
        for (name, value) in self.env.fields(object) {
            if &*import.alias == "*" {
                self.env.set(&name, value);
            } else if *name == *last {
                self.env.set(&import.alias, value);
            }
        }
        true
    }

    /// Number of a module's document; it is not run yet.
    fn module(&mut self, path: &'a str, document: &'a WorkspaceDocument) -> Option<u16> {
        if let Some(&known) = self.loaded.get(path) {
            return Some(known);
        }
        let doc = u16::try_from(self.docs.len()).ok()?;
        self.loaded.insert(path.to_owned(), doc);
        let names = Rc::new(Names::default());
        self.docs.push(Doc {
            path: path.to_owned(),
            facts: &document.facts,
            cells: &document.document.cells,
            names,
            root: u32::MAX,
            collections: Default::default(),
        });
        Some(doc)
    }

    /// A name of a module's top level.
    pub(super) fn exported(&mut self, module: u16, name: &str) -> Value {
        let Some(path) = self.docs.get(module as usize).map(|d| d.path.clone()) else { return Value::clean() };
        let Some(document) = self.workspace.documents.get(&path) else { return Value::clean() };
        let entry = document.summary().get(name);
        let callable = entry.is_some_and(|e| e.callable);
        let imported = document.summary().imports.iter().any(|i| *i.alias == *name || &*i.alias == "*");
        // What carries nothing needs no run; a function may get a secret, and is run then.
        if !self.carriers.carries(&path, name) {
            if callable || imported {
                return Value { lazy: Some(Rc::new((module, name.into()))), ..Value::clean() };
            }
            return Value::clean();
        }
        self.loaded_name(module, name)
    }

    /// Whether a function of a module that is not run yet mentions how loggers are made.
    pub(super) fn makes_loggers(&self, (module, name): &(u16, Box<str>)) -> bool {
        let document = self.docs.get(*module as usize).and_then(|d| self.workspace.documents.get(&d.path));
        let Some(entry) = document.and_then(|d| d.summary().get(name)) else { return false };
        let makes = |w: &str| matches!(w, "getLogger" | "get_logger" | "LoggerFactory" | "LogManager" | "structlog");
        entry.callable && entry.calls.iter().chain(&entry.uses).any(|w| makes(w))
    }

    /// A name of a module that is run for it.
    pub(super) fn loaded_name(&mut self, module: u16, name: &str) -> Value {
        self.load(module);
        let root = self.docs[module as usize].root;
        self.env.find(root, name).map(|(_, v, _)| v.clone()).unwrap_or_default()
    }

    /// Runs a module's top level, once.
    fn load(&mut self, module: u16) {
        if self.docs[module as usize].root != u32::MAX {
            return;
        }
        let facts = self.docs[module as usize].facts;
        let root = self.env.push(None);
        self.docs[module as usize].names = Rc::new(Names::of(facts.iter().map(|f| &**f)));
        self.docs[module as usize].root = root;
        self.limit += super::STEPS_EACH * facts.iter().map(|f| f.exprs.len()).sum::<usize>();
        let outer = std::mem::replace(&mut self.env.current, root);
        let returned = std::mem::take(&mut self.returned);
        let returning = self.returning.take();
        self.quiet += 1;
        self.run_cells(module);
        self.quiet -= 1;
        (self.returned, self.returning) = (returned, returning);
        self.env.current = outer;
    }
}
