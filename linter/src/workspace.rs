//! What other files contribute: notebooks that `%run` brings in, project modules that `import` names. Pure: the caller
//! gives files through [`Files`] and keeps what it likes; a [`Workspace`] holds what one document can reach.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::{Arc, LazyLock, OnceLock},
};

use credscope_grammars::{CellFacts, CellKind, ColumnUnit, Document, facts::Import};

use memchr::memmem::Finder;

use crate::{engine, model::Signatures};

mod bundles;
mod carriers;
mod mentions;
mod neighbours;
mod reference;
mod scopes;
mod signatures;
mod summary;

pub use bundles::{Bundle, Target};
pub use carriers::Carriers;
pub use mentions::{Mention, mentions, stem};
pub use neighbours::{Neighbours, Project};
pub(crate) use reference::{Brought, run_path};
pub use reference::{Reference, folder, references};
pub use scopes::Scopes;
pub(crate) use scopes::reference_of;
pub use summary::Summary;

/// Documents that one document brings in, directly or through others, by workspace path (relative, forward slashes).
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    pub documents: BTreeMap<String, Arc<WorkspaceDocument>>,
    /// What their references mean, and those of the document itself.
    pub links: HashMap<String, Arc<Links>>,
    /// What the project's files declare, for documents that name a secret.
    pub scopes: Arc<Scopes>,
}

/// A file that others bring in, read whole. Immutable; may be shared between analyses.
#[derive(Debug)]
pub struct WorkspaceDocument {
    pub document: Arc<Document>,
    /// Parallel to `document.cells`.
    pub facts: Vec<Arc<CellFacts>>,
    summary: OnceLock<Summary>,
    references: OnceLock<Vec<Reference>>,
    signatures: OnceLock<Signatures>,
}

/// Which files the references of a document mean, as far as there are any.
#[derive(Debug, Default)]
pub struct Links(Vec<(Reference, String)>);

impl Links {
    /// `references` in order, of a file in `folder`.
    pub fn of(folder: &str, references: &[Reference], files: &(impl Files + ?Sized)) -> Self {
        Self(references.iter().filter_map(|r| Some((r.clone(), files.find(folder, r)?))).collect())
    }

    fn get(&self, reference: &Reference) -> Option<&str> {
        let at = self.0.binary_search_by(|(known, _)| known.cmp(reference)).ok()?;
        Some(&self.0[at].1)
    }

    /// The references that mean the file at a path.
    fn leading_to(&self, path: &str) -> impl Iterator<Item = &Reference> {
        self.0.iter().filter(move |(_, found)| found == path).map(|(reference, _)| reference)
    }
}

/// The caller's side of a workspace: the file system, open editors, an archive.
pub trait Files {
    /// Path of the file that a reference in a file of `folder` means: the first of [`Reference::candidates`] that
    /// exists. Worth remembering: all files of a folder ask the same.
    fn find(&self, folder: &str, reference: &Reference) -> Option<String>;
    /// The file at such a path. `None` when it cannot be read or is too large.
    fn read(&self, path: &str) -> Option<Arc<WorkspaceDocument>>;
    /// What the references of the file at `path` mean. Worth remembering: every file that brings it in asks.
    fn links(&self, path: &str, document: &WorkspaceDocument) -> Arc<Links> {
        Arc::new(Links::of(folder(path), document.references(), self))
    }
    /// Secret scopes that the project's files declare. Asked for documents that may name one.
    fn scopes(&self) -> Arc<Scopes> {
        Arc::default()
    }
}

/// Files that one document may bring in, and how far references of references are followed.
const MAX_DOCUMENTS: usize = 128;
const MAX_DISTANCE: usize = 8;

/// Whether a document may name a secret: what the project declares matters to it.
pub fn may_name_secrets(document: &Document) -> bool {
    document.cells.iter().any(|cell| names_secrets(&cell.text))
}

/// [`may_name_secrets`] for the text of one cell.
pub(crate) fn names_secrets(text: &str) -> bool {
    // Settings of a cluster may be set from one.
    // Targets and variables of a bundle may name a scope.
    static WORDS: LazyLock<[Finder<'_>; 8]> = LazyLock::new(|| {
        ["ecret", "onf.get", "environ", "getenv", "sys.env", "targets:", "\"targets\"", "variables:"].map(Finder::new)
    });
    WORDS.iter().any(|word| word.find(text.as_bytes()).is_some())
}

impl WorkspaceDocument {
    /// Reads all code cells.
    pub fn new(document: Arc<Document>) -> Self {
        let facts = document
            .cells
            .iter()
            .map(|cell| match cell.kind {
                CellKind::Code => Arc::new(engine::cell_facts(&document, cell)),
                _ => Arc::default(),
            })
            .collect();
        Self::with_facts(document, facts)
    }

    /// `facts` parallel to `document.cells`.
    pub fn with_facts(document: Arc<Document>, facts: Vec<Arc<CellFacts>>) -> Self {
        Self { document, facts, summary: OnceLock::new(), references: OnceLock::new(), signatures: OnceLock::new() }
    }

    /// What its top level binds; made when first asked for.
    pub fn summary(&self) -> &Summary {
        self.summary.get_or_init(|| Summary::of(&self.facts))
    }

    /// What it brings in, in order; found when first asked for.
    pub fn references(&self) -> &[Reference] {
        self.references.get_or_init(|| references(&self.document, &self.facts))
    }
}

/// What an import names.
#[derive(Clone, Copy, Debug)]
pub struct Imported<'w> {
    /// Path in [`Workspace::documents`].
    pub path: &'w str,
    pub document: &'w Arc<WorkspaceDocument>,
    /// `false`: the whole module; `true`: the last segment of the import's path is a name of its top level.
    pub is_member: bool,
}

impl Workspace {
    /// All that the document at `path` can reach.
    pub fn gather(path: &str, document: &Document, facts: &[Arc<CellFacts>], files: &dyn Files) -> Self {
        let scopes = if may_name_secrets(document) { files.scopes() } else { Arc::default() };
        let mut workspace = Self { scopes, ..Self::default() };
        let mut seen: BTreeSet<String> = [path.to_owned()].into();
        let links = Arc::new(Links::of(folder(path), &references(document, facts), files));
        let mut open: VecDeque<(Arc<Links>, usize)> = [(links.clone(), 0)].into();
        workspace.links.insert(path.to_owned(), links);
        while let Some((links, distance)) = open.pop_front() {
            for (_, found) in &links.0 {
                if workspace.documents.len() >= MAX_DOCUMENTS || !seen.insert(found.clone()) {
                    continue;
                }
                let Some(read) = files.read(found) else { continue };
                let links = files.links(found, &read);
                if distance < MAX_DISTANCE {
                    open.push_back((links.clone(), distance + 1));
                }
                workspace.links.insert(found.clone(), links);
                workspace.documents.insert(found.clone(), read);
            }
        }
        workspace
    }

    /// The document that a reference in the file at `from` means.
    pub fn find(&self, from: &str, reference: &Reference) -> Option<(&str, &Arc<WorkspaceDocument>)> {
        if self.documents.is_empty() {
            return None;
        }
        let found = match self.links.get(from) {
            Some(links) => self.documents.get_key_value(links.get(reference)?),
            None => reference.candidates(folder(from)).iter().find_map(|c| self.documents.get_key_value(c)),
        };
        found.map(|(path, document)| (path.as_str(), document))
    }

    /// Physical start and end of a place in another document: 1-based line and column in Unicode characters.
    pub fn position(&self, path: &str, place: crate::finding::Place) -> Option<((u32, u32), (u32, u32))> {
        let document = &self.documents.get(path)?.document;
        document.cells.get(place.cell as usize)?;
        let span = document.physical(place.cell as usize, place.span);
        let at = |offset: u32| {
            let position = document.lines.position(&document.text, offset as usize, ColumnUnit::Utf32);
            (position.line + 1, position.column + 1)
        };
        Some((at(span.start), at(span.end)))
    }

    /// The module or name of a module that an import in the file at `from` means.
    pub fn import(&self, from: &str, import: &Import) -> Option<Imported<'_>> {
        if self.documents.is_empty() {
            return None;
        }
        let whole = import.module.as_ref().unwrap_or(&import.path);
        if let Some((path, document)) = self.find(from, &Reference::Module(whole.clone())) {
            return Some(Imported { path, document, is_member: false });
        }
        let (parent, _) = reference::parent(whole)?;
        let (path, document) = self.find(from, &Reference::Module(parent.into()))?;
        Some(Imported { path, document, is_member: true })
    }
}
