//! Files in the folder of a document: what fixes in the editor ask of others that may bring it in. Read when a fix is first
//! asked for, as they are on disk.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use credscope_linter::workspace::{
    Files, Mention, Neighbours, Project, Reference, WorkspaceDocument, folder, mentions,
};

use super::{analysed::Analysed, files::LARGEST};
use crate::importers::is_program;

/// Files of a folder that are looked at.
const MOST: usize = 500;

struct Beside {
    root: PathBuf,
    /// Paths relative to the root, with their bytes.
    files: Vec<(String, Vec<u8>)>,
    is_complete: bool,
    read: Mutex<HashMap<String, Option<Arc<WorkspaceDocument>>>>,
}

impl Analysed {
    /// The files around it. A text that is no file has none.
    pub(super) fn neighbours(&self) -> Neighbours {
        if !self.root.is_absolute() || !is_program(&self.shown) || self.findings.iter().all(|f| f.plans.is_empty()) {
            return Neighbours::default();
        }
        let beside = Beside::of(&self.root, folder(&self.shown));
        Neighbours::of(&self.shown, &self.document, &self.facts(), &beside)
    }
}

impl Beside {
    fn of(root: &std::path::Path, folder: &str) -> Self {
        let mut files = Vec::new();
        let entries = std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
        let names = entries.filter_map(|e| e.file_name().into_string().ok());
        let mut names: Vec<String> =
            names.filter(|n| is_program(n) || n.ends_with(".yml") || n.ends_with(".yaml")).collect();
        names.sort();
        let is_complete = names.len() <= MOST;
        for name in names.into_iter().take(MOST) {
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let file = root.join(&path);
            if std::fs::metadata(&file).is_ok_and(|m| m.is_file() && m.len() <= LARGEST)
                && let Ok(bytes) = std::fs::read(&file)
            {
                files.push((path, bytes));
            }
        }
        Self { root: root.to_path_buf(), files, is_complete, read: Mutex::default() }
    }

    fn open(&self, path: &str) -> Option<Arc<WorkspaceDocument>> {
        let known = self.files.iter().find(|(p, _)| p == path);
        let bytes = match known {
            Some((_, bytes)) => bytes.clone(),
            None => {
                let file = self.root.join(path);
                let small = std::fs::metadata(&file).is_ok_and(|m| m.is_file() && m.len() <= LARGEST);
                small.then(|| std::fs::read(&file).ok()).flatten()?
            }
        };
        let document = credscope_grammars::open(path, &bytes).documents.into_iter().next()?;
        Some(Arc::new(WorkspaceDocument::new(Arc::new(document))))
    }
}

impl Files for Beside {
    fn find(&self, folder: &str, reference: &Reference) -> Option<String> {
        let candidates = reference.candidates(folder);
        candidates.into_iter().find(|p| self.files.iter().any(|(f, _)| f == p) || self.root.join(p).is_file())
    }

    fn read(&self, path: &str) -> Option<Arc<WorkspaceDocument>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.entry(path.to_owned()).or_insert_with(|| self.open(path)).clone()
    }
}

impl Project for Beside {
    fn files(&self) -> &dyn Files {
        self
    }

    fn mentioning(&self, stem: Mention) -> Vec<String> {
        let mention = |(path, bytes): &&(String, Vec<u8>)| is_program(path) && mentions(bytes).contains(&stem);
        self.files.iter().filter(mention).map(|(path, _)| path.clone()).collect()
    }

    fn holding(&self, word: &str) -> Vec<String> {
        let finder = memchr::memmem::Finder::new(word.as_bytes());
        let holds = |(_, bytes): &&(String, Vec<u8>)| finder.find(bytes).is_some();
        self.files.iter().filter(holds).map(|(path, _)| path.clone()).collect()
    }

    fn is_complete(&self) -> bool {
        self.is_complete
    }
}
