//! Files that other files bring in, for a batch run: found among the files of the run, read when something names them.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use credscope_grammars::Document;
use credscope_linter::workspace::{Files, Links, Mention, Reference, Scopes, WorkspaceDocument, folder};

use crate::{
    analysis::{FileResult, Source},
    surroundings::Mentions,
};

/// Text that is kept for others to use again, in bytes; what is beyond is read anew each time.
const KEPT: usize = 48 << 20;
/// Runs of at most this many files may import modules that are not among them.
pub(crate) const FEW: usize = 16;
/// Largest file that is brought into another, in bytes.
const LARGEST: usize = 4 << 20;

type Entry = Arc<OnceLock<Option<Arc<WorkspaceDocument>>>>;

/// All files of a run. Shared by its threads.
#[derive(Debug)]
pub struct Library<'s> {
    all: &'s [Source],
    by_path: OnceLock<HashMap<&'s str, &'s Source>>,
    /// First segments of what the run's files could be imported as: a name that is none of them is someone else's.
    roots: OnceLock<HashSet<String>>,
    found: Mutex<HashMap<(String, Reference), Option<String>>>,
    /// What the references of files mean, for views that see the disk and for others.
    links: [Mutex<HashMap<String, Arc<Links>>>; 2],
    entries: Mutex<HashMap<String, Entry>>,
    kept: AtomicUsize,
    scopes: OnceLock<Arc<Scopes>>,
    /// What files of the run mention, as far as they were checked.
    pub(crate) mentioned: HashMap<String, Vec<Mention>>,
    /// See `surroundings.rs`.
    pub(crate) around: OnceLock<Mentions>,
}

impl<'s> Library<'s> {
    pub fn new(sources: &'s [Source]) -> Self {
        Self {
            all: sources,
            by_path: OnceLock::new(),
            roots: OnceLock::new(),
            found: Mutex::default(),
            links: Default::default(),
            entries: Mutex::default(),
            kept: AtomicUsize::new(0),
            scopes: OnceLock::new(),
            mentioned: HashMap::new(),
            around: OnceLock::new(),
        }
    }

    /// With what the run has seen already: files that were checked are not read again for what they mention.
    pub fn after(sources: &'s [Source], files: &[FileResult]) -> Self {
        let mentioned = files.iter().map(|f| (f.path.clone(), f.mentions.clone())).collect();
        Self { mentioned, ..Self::new(sources) }
    }

    /// The run's files by path.
    pub(crate) fn sources(&self) -> &HashMap<&'s str, &'s Source> {
        self.by_path.get_or_init(|| self.all.iter().map(|s| (s.path.as_str(), s)).collect())
    }

    /// The library as the files of `source` see it.
    pub fn of<'l>(&'l self, source: &Source) -> View<'l, 's> {
        // A path that leads to its file is relative to the working folder: files beside it can be found on disk.
        let on_disk = source.file.as_ref().is_some_and(|f| f.to_string_lossy().replace('\\', "/") == source.path);
        View { library: self, on_disk }
    }

    fn file(&self, path: &str) -> Option<PathBuf> {
        self.sources().get(path).and_then(|s| s.file.clone())
    }

    /// Whether a module may be one of the run's files.
    fn may_be_ours(&self, module: &str) -> bool {
        let first = module.split('.').find(|s| !s.is_empty()).unwrap_or("");
        let roots = self.roots.get_or_init(|| {
            let mut roots = HashSet::new();
            for path in self.sources().keys().filter(|p| p.ends_with(".py")) {
                for segment in path.split('/') {
                    roots.insert(segment.strip_suffix(".py").unwrap_or(segment).to_owned());
                }
            }
            roots
        });
        first.is_empty() || roots.contains(first)
    }

    /// What the run's files declare; read when a file that names a secret first asks.
    fn scopes(&self) -> Arc<Scopes> {
        let find = || {
            let mut found = Scopes::default();
            let mut candidates: Vec<_> = self.sources().values().filter(|s| Scopes::is_candidate(&s.path)).collect();
            candidates.sort_by_key(|s| &s.path);
            for source in candidates {
                if let Some(more) = self.bytes(&source.path).and_then(|bytes| scopes_of(&source.path, &bytes)) {
                    found.extend(&more);
                }
            }
            Arc::new(found)
        };
        self.scopes.get_or_init(find).clone()
    }

    pub(crate) fn read(&self, path: &str) -> Option<Arc<WorkspaceDocument>> {
        let entry =
            self.entries.lock().unwrap_or_else(PoisonError::into_inner).entry(path.to_owned()).or_default().clone();
        let mut is_new = false;
        let read = entry.get_or_init(|| {
            is_new = true;
            self.open(path)
        });
        let size = read.as_ref().map_or(0, |d| d.document.text.len());
        if is_new && self.kept.fetch_add(size, Ordering::Relaxed) + size > KEPT {
            self.kept.fetch_sub(size, Ordering::Relaxed);
            self.entries.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
        }
        read.clone()
    }

    pub(crate) fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        match self.sources().get(path).map(|s| (&s.text, &s.file)) {
            Some((Some(text), _)) => Some(text.clone()),
            Some((None, Some(file))) => read_small(file),
            Some((None, None)) => None,
            None => read_small(&PathBuf::from(path)),
        }
    }

    fn open(&self, path: &str) -> Option<Arc<WorkspaceDocument>> {
        let bytes = self.bytes(path)?;
        let document = credscope_grammars::open(path, &bytes).documents.into_iter().next()?;
        Some(Arc::new(WorkspaceDocument::new(Arc::new(document))))
    }
}

/// What a file declares. A bug met in one file must not end the run.
pub fn scopes_of(path: &str, bytes: &[u8]) -> Option<Scopes> {
    if !Scopes::may_declare(bytes) {
        return None;
    }
    let read = std::panic::AssertUnwindSafe(|| {
        let document = credscope_grammars::open(path, bytes).documents.into_iter().next()?;
        Some(Scopes::of(&document))
    });
    std::panic::catch_unwind(read).ok().flatten().filter(|found| !found.is_empty())
}

fn read_small(file: &std::path::Path) -> Option<Vec<u8>> {
    (std::fs::metadata(file).ok()?.len() <= LARGEST as u64).then(|| std::fs::read(file).ok()).flatten()
}

/// See [`Library::of`].
#[derive(Debug)]
pub struct View<'l, 's> {
    library: &'l Library<'s>,
    on_disk: bool,
}

impl<'l, 's> View<'l, 's> {
    pub(crate) fn library(&self) -> &'l Library<'s> {
        self.library
    }

    /// Whether files beside those of the run can be found on disk.
    pub(crate) fn is_on_disk(&self) -> bool {
        self.on_disk
    }
}

impl Files for View<'_, '_> {
    fn find(&self, folder: &str, reference: &Reference) -> Option<String> {
        if let Reference::Module(module) = reference
            && !(self.on_disk && self.library.all.len() <= FEW)
            && !self.library.may_be_ours(module)
        {
            return None;
        }
        let key = (folder.to_owned(), reference.clone());
        if let Some(known) = self.library.found.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.clone();
        }
        let candidates = reference.candidates(folder);
        let ours = candidates.iter().find(|c| self.library.file(c).is_some()).cloned();
        let near = |c: &&String| self.on_disk && std::path::Path::new(c.as_str()).is_file();
        let found = ours.or_else(|| candidates.iter().find(near).cloned());
        self.library.found.lock().unwrap_or_else(PoisonError::into_inner).insert(key, found.clone());
        found
    }

    fn read(&self, path: &str) -> Option<Arc<WorkspaceDocument>> {
        self.library.read(path)
    }

    fn links(&self, path: &str, document: &WorkspaceDocument) -> Arc<Links> {
        let known = &self.library.links[usize::from(self.on_disk)];
        if let Some(links) = known.lock().unwrap_or_else(PoisonError::into_inner).get(path) {
            return links.clone();
        }
        let links = Arc::new(Links::of(folder(path), document.references(), self));
        known.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), links.clone());
        links
    }

    fn scopes(&self) -> Arc<Scopes> {
        self.library.scopes()
    }
}

/// Entries of one archive, as they see each other.
#[derive(Debug)]
pub struct Archive<'d> {
    entries: HashMap<String, &'d Document>,
    read: Mutex<HashMap<String, Arc<WorkspaceDocument>>>,
}

impl<'d> Archive<'d> {
    /// `path`: of the archive.
    pub fn new(path: &str, documents: &'d [Document]) -> Self {
        let entries = documents.iter().filter_map(|d| Some((format!("{path}!/{}", d.entry.as_ref()?), d))).collect();
        Self { entries, read: Mutex::default() }
    }
}

impl Files for Archive<'_> {
    fn find(&self, folder: &str, reference: &Reference) -> Option<String> {
        reference.candidates(folder).into_iter().find(|c| self.entries.contains_key(c))
    }

    fn read(&self, path: &str) -> Option<Arc<WorkspaceDocument>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(path) {
            return Some(known.clone());
        }
        let document = (*self.entries.get(path)?).clone();
        let new = Arc::new(WorkspaceDocument::new(Arc::new(document)));
        read.insert(path.to_owned(), new.clone());
        Some(new)
    }
}
