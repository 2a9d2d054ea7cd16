//! Files that a document brings in with `%run` and imports: open ones as they are in the editor, others from disk.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use credscope_linter::workspace::{Files, Reference, Scopes, WorkspaceDocument};

/// Largest file that is brought into another, in bytes.
pub(super) const LARGEST: u64 = 4 << 20;
/// Files that are kept; more are read anew.
const KEPT: usize = 256;

/// Files that were read, by path.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<HashMap<PathBuf, (Version, Arc<WorkspaceDocument>)>>);

#[derive(Clone, Debug)]
enum Version {
    Open(Arc<str>),
    Disk(Option<SystemTime>, u64),
}

impl Version {
    fn same(&self, other: &Version) -> bool {
        match (self, other) {
            (Self::Open(a), Self::Open(b)) => Arc::ptr_eq(a, b),
            (Self::Disk(a, n), Self::Disk(b, m)) => (a, n) == (b, m),
            _ => false,
        }
    }
}

/// Name to read it by, and text, of an open file.
pub(super) type OpenFile<'p> = dyn Fn(&Path) -> Option<(String, Arc<str>)> + 'p;

/// A project as one document sees it; paths are relative to `root`.
pub(super) struct Project<'p> {
    pub root: &'p Path,
    pub open: &'p OpenFile<'p>,
    pub cache: &'p Cache,
    /// What the files of the workspace declare.
    pub scopes: Arc<Scopes>,
}

impl Project<'_> {
    fn version(&self, path: &Path) -> Option<(String, Version)> {
        if let Some((name, text)) = (self.open)(path) {
            return Some((name, Version::Open(text)));
        }
        let metadata = std::fs::metadata(path).ok().filter(|m| m.is_file() && m.len() <= LARGEST)?;
        Some((path.to_string_lossy().into_owned(), Version::Disk(metadata.modified().ok(), metadata.len())))
    }
}

impl Files for Project<'_> {
    fn scopes(&self) -> Arc<Scopes> {
        self.scopes.clone()
    }

    fn find(&self, folder: &str, reference: &Reference) -> Option<String> {
        // A text without a folder has no project.
        if !self.root.is_absolute() {
            return None;
        }
        reference.candidates(folder).into_iter().find(|path| self.version(&self.root.join(path)).is_some())
    }

    fn read(&self, path: &str) -> Option<Arc<WorkspaceDocument>> {
        let path = self.root.join(path);
        let (name, version) = self.version(&path)?;
        let kept = self.cache.0.lock().unwrap_or_else(PoisonError::into_inner).get(&path).cloned();
        if let Some((_, document)) = kept.filter(|(known, _)| known.same(&version)) {
            return Some(document);
        }
        let opened = match &version {
            Version::Open(text) => credscope_grammars::open(&name, text.as_bytes()),
            Version::Disk(..) => credscope_grammars::open(&name, &std::fs::read(&path).ok()?),
        };
        let document = Arc::new(WorkspaceDocument::new(Arc::new(opened.documents.into_iter().next()?)));
        let mut cache = self.cache.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= KEPT {
            cache.clear();
        }
        cache.insert(path, (version, document.clone()));
        Some(document)
    }
}
