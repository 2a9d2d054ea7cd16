//! The joined view of a document, kept between its versions: only cells that changed, and cells that read what changed,
//! are walked again.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use credscope_grammars::{CellFacts, CellKind, Document, Language};

use super::{
    Model, Names, Piece, Site,
    history::{Given, History, SETTINGS, Signatures, process_of},
    names::Collector,
    scopes::Asked,
    walk,
};

/// See the module.
#[derive(Debug, Default)]
pub struct Kept {
    names: Names,
    cells: Vec<Cell>,
    history: History,
    /// There is no next version: what cells read of each other need not be known.
    is_last: bool,
}

#[derive(Debug, Default)]
struct Cell {
    language: Option<Language>,
    found: Collector,
    sites: Arc<[Site]>,
    given: Given,
    asked: Asked,
    asked_parameters: HashSet<Box<str>>,
    /// Other cells that its sites' values stand in.
    origins: Vec<u32>,
}

/// What differs from the version before, for the cells behind.
#[derive(Default)]
struct Changes {
    paths: HashMap<Language, HashSet<Box<str>>>,
    parameters: HashSet<Box<str>>,
}

/// What an update has done.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// Aliases and imports are others than before.
    pub names: bool,
    /// Cells whose sites were made anew, or whose values stand in a cell that changed.
    pub cells: Vec<bool>,
}

impl Kept {
    /// For one version.
    pub(super) fn once(imported: Signatures) -> Self {
        Self { is_last: true, ..Self::beside(imported) }
    }

    /// Of a document that calls these functions of other files.
    pub(crate) fn beside(imported: Signatures) -> Self {
        Self { history: History::with(imported), ..Self::default() }
    }

    /// Functions of a document that are given credentials.
    pub(super) fn signatures(&self) -> Signatures {
        self.history.signatures()
    }

    /// Takes in the next version. `facts` is parallel to `document.cells`; `fresh` says which cells differ from the last
    /// version's at the same position. A version with another number of cells is taken in as a new document.
    pub fn update(&mut self, document: &Document, facts: &[Arc<CellFacts>], fresh: &[bool]) -> Update {
        let count = facts.len();
        let whole = self.cells.len() != count;
        if whole {
            let imported = std::mem::take(&mut self.history).into_imported();
            *self = Self { is_last: self.is_last, history: History::with(imported), ..Self::default() };
            self.cells.resize_with(count, Cell::default);
        }
        let names = self.update_names(facts, |i| whole || fresh[i]);
        let mut changes = Changes::default();
        let mut cells = vec![false; count];
        for (index, (cell, facts)) in document.cells.iter().zip(facts).enumerate() {
            let is_fresh = whole || names || fresh[index];
            if is_fresh || self.cells[index].reads(&changes) {
                cells[index] = true;
                let output = matches!(cell.kind, CellKind::Output { .. });
                let facts = Some(facts).filter(|facts| !output && !facts.is_empty());
                self.walk(index, cell.language, facts, &mut changes);
            }
            cells[index] =
                cells[index] || self.cells[index].origins.iter().any(|&o| fresh.get(o as usize).is_some_and(|f| *f));
        }
        Update { names, cells }
    }

    /// Whether the names are others now.
    fn update_names(&mut self, facts: &[Arc<CellFacts>], is_fresh: impl Fn(usize) -> bool) -> bool {
        let mut changed = false;
        for (index, facts) in facts.iter().enumerate().filter(|(i, _)| is_fresh(*i)) {
            let found = Collector::of(facts);
            if found != self.cells[index].found {
                self.cells[index].found = found;
                changed = true;
            }
        }
        if !changed {
            return false;
        }
        let mut found = Collector::default();
        for cell in &self.cells {
            found.add(&cell.found);
        }
        let names = Names::from_found(found);
        let differs = names != self.names;
        self.names = names;
        differs
    }

    fn walk(&mut self, index: usize, language: Language, facts: Option<&Arc<CellFacts>>, changes: &mut Changes) {
        let number = index as u32;
        let old_language = self.cells[index].language.unwrap_or(language);
        let old = std::mem::take(&mut self.cells[index].given);
        self.history.remove(number, old_language, &old);
        let cell = &mut self.cells[index];
        cell.language = Some(language);
        match facts {
            Some(facts) => {
                let walked = walk::cell((number, language), facts, &self.names, &self.history, !self.is_last);
                cell.origins = origins(&walked.sites, number);
                cell.sites = walked.sites.into();
                cell.given = walked.given;
                cell.asked = walked.asked;
                cell.asked_parameters = walked.asked_parameters;
            }
            None => {
                cell.sites = Arc::default();
                cell.origins.clear();
                cell.asked.paths.clear();
                cell.asked.parts.clear();
                cell.asked_parameters.clear();
            }
        }
        if old.is_empty() && cell.given.is_empty() {
            return;
        }
        changes.note(old_language, &old, language, &cell.given);
        self.history.add(number, language, &cell.given);
    }

    /// The view that rules and flow see.
    pub fn model(&self) -> Model {
        Model { sites: self.cells.iter().map(|c| c.sites.clone()).collect(), names: self.names.clone() }
    }

    pub(super) fn into_model(self) -> Model {
        Model { sites: self.cells.into_iter().map(|c| c.sites).collect(), names: self.names }
    }
}

impl Cell {
    fn reads(&self, changes: &Changes) -> bool {
        if self.asked.is_empty() && self.asked_parameters.is_empty() {
            return false;
        }
        let languages = [self.language, Some(SETTINGS)];
        let mut changed = languages.into_iter().flatten().filter_map(|l| changes.paths.get(&l)).flatten();
        let reads = |path: &str| {
            let root = path.split_once('.').map(|(root, _)| root);
            self.asked.paths.contains(path) || root.is_some_and(|root| self.asked.parts.contains(root))
        };
        changed.any(|p| reads(p)) || changes.parameters.iter().any(|p| self.asked_parameters.contains(p))
    }
}

impl Changes {
    fn add(&mut self, language: Language, paths: impl Iterator<Item = Box<str>>) {
        for path in paths {
            self.paths.entry(process_of(&path, language)).or_default().insert(path);
        }
    }

    fn note(&mut self, old_language: Language, old: &Given, language: Language, new: &Given) {
        if old_language != language {
            for (language, given) in [(old_language, old), (language, new)] {
                self.add(language, given.values.keys().cloned());
            }
        } else {
            let mut paths = HashSet::new();
            differing(&old.values, &new.values, &mut paths);
            let mut roots = HashSet::new();
            differing(&old.parts, &new.parts, &mut roots);
            for root in roots {
                let parts = old.parts.get(&root).into_iter().chain(new.parts.get(&root)).flatten();
                paths.extend(parts.cloned());
            }
            self.add(language, paths.into_iter());
        }
        differing(&old.parameters, &new.parameters, &mut self.parameters);
    }
}

/// Keys whose values differ.
fn differing<V: PartialEq>(old: &HashMap<Box<str>, V>, new: &HashMap<Box<str>, V>, out: &mut HashSet<Box<str>>) {
    out.extend(old.iter().filter(|(key, value)| new.get(*key) != Some(*value)).map(|(key, _)| key.clone()));
    out.extend(new.keys().filter(|key| !old.contains_key(*key)).cloned());
}

fn origins(sites: &[Site], own: u32) -> Vec<u32> {
    let mut origins: Vec<u32> = sites
        .iter()
        .flat_map(|site| site.value.iter())
        .filter_map(|piece| match piece {
            Piece::Text { cell, .. } if *cell != own => Some(*cell),
            _ => None,
        })
        .collect();
    origins.sort_unstable();
    origins.dedup();
    origins
}
