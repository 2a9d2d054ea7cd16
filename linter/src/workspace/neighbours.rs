//! Files around a document: others that bring it in and read its names, those that run it as a program of its own, and what
//! it brings in itself. Fixes ask them, because what a name holds is read by more than its own file.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use credscope_grammars::{
    CellFacts, Document,
    facts::{ExprId, ExprKind, PropertyValue, StmtKind},
};

use super::{Files, Links, MAX_DOCUMENTS, Mention, Reference, WorkspaceDocument, folder, references, stem};

/// What a fix asks of the other files of a project.
#[derive(Clone, Debug, Default)]
pub struct Neighbours {
    /// Notebooks that `%run` it, directly or through others: its names are theirs.
    pub includers: Vec<Arc<WorkspaceDocument>>,
    /// Files that import it, directly or through others.
    pub importers: Vec<Arc<WorkspaceDocument>>,
    /// Those of the importers that other files import.
    pub modules: Vec<Arc<WorkspaceDocument>>,
    /// What it brings in.
    pub brought: Vec<Arc<WorkspaceDocument>>,
    /// Files that name it as a notebook: they run it in a session of its own, with parameters.
    pub callers: Vec<Arc<WorkspaceDocument>>,
    /// Some files that may bring it in were not looked at.
    pub is_partial: bool,
}

/// The caller's side: which files of a project are worth reading.
pub trait Project {
    fn files(&self) -> &dyn Files;
    /// Files that may bring in one with that [`stem`].
    fn mentioning(&self, stem: Mention) -> Vec<String>;
    /// Files in which a word stands.
    fn holding(&self, word: &str) -> Vec<String>;
    /// Whether all files of the project are known.
    fn is_complete(&self) -> bool;
}

impl Neighbours {
    /// The files around the document at `path`. `facts` is parallel to its cells.
    pub fn of(path: &str, document: &Document, facts: &[Arc<CellFacts>], project: &dyn Project) -> Self {
        let files = project.files();
        let mut found = Self { is_partial: !project.is_complete(), ..Self::default() };
        found.users(path, project);
        found.scala(path, document, facts, project);
        let links = Links::of(folder(path), &references(document, facts), files);
        found.brought(path, Arc::new(links), files);
        if makes_widgets(document) {
            let name = name_of(path);
            let callers = project.holding(name).into_iter().filter(|p| p != path).filter_map(|p| files.read(&p));
            found.callers =
                callers.filter(|read| names_notebook(&read.document.text, name)).take(MAX_DOCUMENTS).collect();
        }
        found
    }

    fn users(&mut self, path: &str, project: &dyn Project) {
        let files = project.files();
        let mut seen: BTreeSet<String> = [path.to_owned()].into();
        let mut open: VecDeque<(String, Option<Arc<WorkspaceDocument>>, bool)> =
            [(path.to_owned(), None, false)].into();
        while let Some((target, document, imported)) = open.pop_front() {
            // An importer that may be a module itself.
            let mut importer = document.filter(|_| imported);
            for candidate in project.mentioning(stem(&target)) {
                if candidate == target || importer.is_none() && seen.contains(&candidate) {
                    continue;
                }
                let Some(read) = files.read(&candidate) else { continue };
                let links = files.links(&candidate, &read);
                let is_module = |r: &&Reference| matches!(r, Reference::Module(_));
                let ways: Vec<&Reference> = links.leading_to(&target).collect();
                if ways.is_empty() {
                    continue;
                }
                if ways.iter().any(is_module) {
                    self.modules.extend(importer.take());
                }
                if seen.contains(&candidate) {
                    continue;
                }
                // A module's names stay its own, whoever runs the notebook that imports it.
                let imported = imported || ways.iter().all(is_module);
                if seen.len() > MAX_DOCUMENTS {
                    self.is_partial = true;
                    return;
                }
                seen.insert(candidate.clone());
                if imported {
                    self.importers.push(read.clone())
                } else {
                    self.includers.push(read.clone())
                }
                open.push_back((candidate, Some(read), imported));
            }
        }
    }

    /// Files of Scala need no import to use each other's objects: those that ask one of the file's for something.
    fn scala(&mut self, path: &str, document: &Document, facts: &[Arc<CellFacts>], project: &dyn Project) {
        if document.is_notebook() || !path.ends_with(".scala") {
            return;
        }
        let objects = facts.iter().flat_map(|facts| &facts.body).filter_map(|stmt| match &stmt.kind {
            StmtKind::Class(class) if class.is_object => Some(format!("{}.", class.name)),
            _ => None,
        });
        let users: BTreeSet<String> = objects.flat_map(|object| project.holding(&object)).collect();
        let users = users.into_iter().filter(|p| p != path && p.ends_with(".scala"));
        self.importers.extend(users.filter_map(|p| project.files().read(&p)).take(MAX_DOCUMENTS));
    }

    fn brought(&mut self, path: &str, links: Arc<Links>, files: &dyn Files) {
        let mut seen: BTreeSet<String> = [path.to_owned()].into();
        let mut open: VecDeque<Arc<Links>> = [links].into();
        while let Some(links) = open.pop_front() {
            for (_, found) in &links.0 {
                if seen.len() <= MAX_DOCUMENTS
                    && seen.insert(found.clone())
                    && let Some(read) = files.read(found)
                {
                    open.push_back(files.links(found, &read));
                    self.brought.push(read);
                }
            }
        }
    }

    /// The files that share a session with it.
    pub(crate) fn in_session(&self) -> impl Iterator<Item = &WorkspaceDocument> {
        self.includers.iter().chain(&self.importers).chain(&self.brought).map(|d| &**d)
    }

    /// Whether who runs it may give a parameter of that name.
    pub(crate) fn gives(&self, parameter: &str) -> bool {
        self.callers.iter().flat_map(|d| &d.facts).any(|facts| names_parameter(facts, parameter))
    }
}

/// The file's name without its ending, as others run it.
fn name_of(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.rsplit_once('.').map_or(file, |(name, _)| name)
}

fn makes_widgets(document: &Document) -> bool {
    document
        .cells
        .iter()
        .any(|cell| memchr::memmem::find(&cell.text.as_bytes().to_ascii_lowercase(), b"widget").is_some())
}

/// Whether a text names a notebook: `"./child"`, `path: ../nb/child.py`.
fn names_notebook(text: &str, name: &str) -> bool {
    let starts = |before: &str| before.is_empty() || before.ends_with(['/', '"', '\'', ' ', '`']);
    let ends = |rest: &str| {
        rest.chars().next().is_none_or(|c| matches!(c, '"' | '\'' | '`' | '\n' | '\r' | ',' | '\\'))
            || [".py", ".ipynb", ".scala", ".sql", ".r", ".R"].iter().any(|e| rest.starts_with(e))
    };
    text.match_indices(name).any(|(at, _)| starts(&text[..at]) && ends(&text[at + name.len()..]))
}

/// Whether a name stands where parameters have theirs: a key of a dict or document, a keyword, an index.
fn names_parameter(facts: &CellFacts, name: &str) -> bool {
    let is = |id: ExprId| facts.str_lit(id).and_then(|l| l.plain()).is_some_and(|text| text.expose() == name);
    let of_code = facts.exprs.iter().any(|e| match &e.kind {
        ExprKind::Dict(entries) => entries.iter().any(|e| e.key.is_some_and(is)),
        ExprKind::Index { index, .. } => is(*index),
        ExprKind::Call { args, .. } => args.iter().any(|a| a.name.as_ref().is_some_and(|(n, _)| &**n == name)),
        _ => false,
    });
    of_code
        || facts.properties.iter().any(|p| {
            p.path.last().is_some_and(|k| &**k == name)
                || matches!(&p.value, PropertyValue::Str(lit) if lit.plain().is_some_and(|t| t.expose() == name))
        })
        || facts.embedded.iter().any(|e| names_parameter(&e.facts, name))
}
