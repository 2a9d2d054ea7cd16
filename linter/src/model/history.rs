//! What each cell of a document binds for the cells after it, kept so that a cell can be walked again without those
//! before it.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use credscope_grammars::Language;

use super::{eval::Value, scopes::is_setting};
use crate::value::names::{NameVerdict, verdict};

/// Values by cell of one process: each language of a notebook runs in one of its own.
#[derive(Clone, Debug, Default)]
pub(super) struct Process {
    /// Values of a dotted path, by the cell that binds it, in cell order.
    values: HashMap<Box<str>, Vec<(u32, Value)>>,
    /// Paths bound below a name, by cell, in cell order.
    parts: HashMap<Box<str>, Vec<(u32, Box<str>)>>,
}

impl Process {
    /// What a path is when the cell begins.
    pub(super) fn get(&self, path: &str, cell: u32) -> Option<&Value> {
        let bound = self.values.get(path)?;
        bound[..bound.partition_point(|(c, _)| *c < cell)].last().map(|(_, value)| value)
    }

    /// Paths below a name that were ever bound before the cell.
    pub(super) fn parts(&self, root: &str, cell: u32) -> impl Iterator<Item = &Box<str>> {
        self.parts.get(root).into_iter().flatten().take_while(move |(c, _)| *c < cell).map(|(_, path)| path)
    }
}

/// Parameter names of a function; empty for names of secrets, `name=password` where the function passes it on as that.
pub(crate) type Parameters = Arc<[Box<str>]>;

/// All that cells give to later cells.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    processes: HashMap<Language, Process>,
    parameters: HashMap<Box<str>, Vec<(u32, Parameters)>>,
    /// Functions of other files, as they are called here.
    imported: Signatures,
}

/// Functions by the path that they are called by.
pub(crate) type Signatures = HashMap<Box<str>, Parameters>;

/// What one cell binds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Given {
    pub values: HashMap<Box<str>, Value>,
    pub parts: HashMap<Box<str>, Vec<Box<str>>>,
    pub parameters: HashMap<Box<str>, Parameters>,
}

impl Given {
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.parts.is_empty() && self.parameters.is_empty()
    }
}

impl History {
    pub(super) fn process(&self, language: Language) -> &Process {
        static NONE: LazyLock<Process> = LazyLock::new(Process::default);
        self.processes.get(&language).unwrap_or(&NONE)
    }

    /// What the session is set to: all languages share it.
    pub(super) fn settings(&self) -> &Process {
        self.process(SETTINGS)
    }

    pub(super) fn parameters(&self, name: &str, cell: u32) -> Option<&Parameters> {
        let own = self.parameters.get(name);
        let own = own.and_then(|known| known[..known.partition_point(|(c, _)| *c < cell)].last());
        own.map(|(_, names)| names).or_else(|| self.imported.get(name))
    }

    /// Of a function of another file that is called by its module.
    pub(super) fn of_module(&self, path: impl FnOnce() -> Option<String>) -> Option<&Parameters> {
        if self.imported.is_empty() { None } else { self.imported.get(path()?.as_str()) }
    }

    pub(super) fn with(imported: Signatures) -> Self {
        Self { imported, ..Self::default() }
    }

    pub(super) fn into_imported(self) -> Signatures {
        self.imported
    }

    /// Functions that are given credentials: one of their parameters is called so, or passed on as one.
    pub(super) fn signatures(&self) -> Signatures {
        let takes = |names: &Parameters| names.iter().any(|n| n.contains('=') || verdict(n) == NameVerdict::Secret);
        let last = self.parameters.iter().filter_map(|(name, known)| Some((name, &known.last()?.1)));
        last.filter(|(_, names)| takes(names)).map(|(name, names)| (name.clone(), names.clone())).collect()
    }

    /// Puts in what a cell binds; nothing of it may be there.
    pub(super) fn add(&mut self, cell: u32, language: Language, given: &Given) {
        for (path, value) in &given.values {
            let process = self.processes.entry(process_of(path, language)).or_default();
            insert(process.values.entry(path.clone()).or_default(), cell, value.clone());
        }
        for (root, paths) in &given.parts {
            let process = self.processes.entry(process_of(root, language)).or_default();
            let known = process.parts.entry(root.clone()).or_default();
            for path in paths {
                insert(known, cell, path.clone());
            }
        }
        for (name, names) in &given.parameters {
            insert(self.parameters.entry(name.clone()).or_default(), cell, names.clone());
        }
    }

    /// Takes out what a cell bound.
    pub(super) fn remove(&mut self, cell: u32, language: Language, given: &Given) {
        for path in given.values.keys() {
            if let Some(process) = self.processes.get_mut(&process_of(path, language)) {
                drop_from(&mut process.values, path, cell);
            }
        }
        for root in given.parts.keys() {
            if let Some(process) = self.processes.get_mut(&process_of(root, language)) {
                drop_from(&mut process.parts, root, cell);
            }
        }
        for name in given.parameters.keys() {
            drop_from(&mut self.parameters, name, cell);
        }
    }
}

/// Stands for the session among the languages of a notebook; no cell is in it.
pub(super) const SETTINGS: Language = Language::Properties;

/// Whose values a path of a cell is among.
pub(super) fn process_of(path: &str, language: Language) -> Language {
    if is_setting(path) { SETTINGS } else { language }
}

fn insert<T>(rows: &mut Vec<(u32, T)>, cell: u32, value: T) {
    let at = rows.partition_point(|(c, _)| *c <= cell);
    rows.insert(at, (cell, value));
}

fn drop_from<T>(map: &mut HashMap<Box<str>, Vec<(u32, T)>>, key: &str, cell: u32) {
    if let Some(rows) = map.get_mut(key) {
        rows.retain(|(c, _)| *c != cell);
        if rows.is_empty() {
            map.remove(key);
        }
    }
}
