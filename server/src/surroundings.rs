//! Files of a project that may bring others in: what fixes ask of more than the file that they change. Looked for among the
//! files of a run and on disk, when a fix first asks.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    sync::OnceLock,
};

use credscope_grammars::{CellFacts, Document};
use credscope_linter::{
    fix::{self, SecretName},
    workspace::{Files, Mention, Neighbours, Project, folder, mentions},
};
use rayon::prelude::*;

use crate::{
    importers::is_program,
    library::{FEW, Library, View},
    walk,
};

/// Largest number of files on disk that a project has.
const MOST: usize = 20_000;
/// Files beside those of a run that are looked at, for each folder.
const MOST_BESIDE: usize = 200;
/// What stands at the top of a project.
const MARKS: &[&str] = &[".git", "databricks.yml", "databricks.yaml", "credscope.toml", "pyproject.toml"];

/// What the files of a project mention.
#[derive(Debug, Default)]
pub struct Mentions {
    /// Files that may run or import others, and those that may define jobs.
    files: Vec<String>,
    by_stem: OnceLock<HashMap<Mention, Vec<usize>>>,
    is_partial: bool,
}

impl Mentions {
    /// `own`: the files of the run, `near`: folders on disk.
    fn of(own: impl Iterator<Item = String>, near: &BTreeSet<String>) -> Self {
        let mut files: BTreeSet<String> = own.filter(|path| may_name_others(path)).collect();
        let (mut is_partial, known) = (false, files.len());
        let roots = near.iter().map(|folder| Path::new(if folder.is_empty() { "." } else { folder.as_str() }));
        let found = walk::files(&roots.collect::<Vec<_>>());
        if found.len() > MOST {
            is_partial = known < found.len() / 2;
        } else {
            let paths = found.iter().map(|f| f.to_string_lossy().replace('\\', "/"));
            files.extend(
                paths.map(|p| p.strip_prefix("./").map_or(p.clone(), str::to_owned)).filter(|p| may_name_others(p)),
            );
        }
        Self { files: files.into_iter().collect(), by_stem: OnceLock::new(), is_partial }
    }
}

fn may_name_others(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, e)| e);
    is_program(path) || ["yml", "yaml", "json"].iter().any(|e| ending.eq_ignore_ascii_case(e))
}

/// The folder at the top of the project that a file of `start` belongs to.
fn top(start: &str) -> String {
    let mut at = start;
    loop {
        if MARKS.iter().any(|mark| Path::new(at).join(mark).exists()) {
            return at.to_owned();
        }
        if at.is_empty() || at == "/" {
            return start.to_owned();
        }
        at = folder(at);
    }
}

impl Library<'_> {
    /// Secrets that files in the folders of a run of few files read, and that are not among them: editors and hooks give one
    /// after the other.
    pub fn read_beside(&self) -> Vec<SecretName> {
        let known = self.sources();
        if known.len() > FEW {
            return Vec::new();
        }
        let on_disk = known.values().filter(|s| self.of(s).is_on_disk());
        let folders: BTreeSet<&str> = on_disk.map(|s| folder(&s.path)).collect();
        let mut found = Vec::new();
        for folder in folders {
            let Ok(entries) = std::fs::read_dir(if folder.is_empty() { "." } else { folder }) else { continue };
            let paths = entries.flatten().filter_map(|e| e.file_name().into_string().ok()).filter(|n| is_program(n));
            let paths = paths.map(|name| if folder.is_empty() { name } else { format!("{folder}/{name}") });
            for path in paths.filter(|p| !known.contains_key(p.as_str())).take(MOST_BESIDE) {
                let reads = self.bytes(&path).is_some_and(|b| memchr::memmem::find(&b, b"secrets").is_some());
                if let Some(read) = reads.then(|| self.read(&path)).flatten() {
                    found.extend(fix::secrets_read(&read.document, &read.facts));
                }
            }
        }
        found
    }

    fn mentions(&self) -> &Mentions {
        self.around.get_or_init(|| {
            let on_disk = self.sources().values().filter(|s| self.of(s).is_on_disk());
            let folders: BTreeSet<&str> = on_disk.map(|s| folder(&s.path)).collect();
            Mentions::of(self.sources().keys().map(|p| (*p).to_owned()), &folders.into_iter().map(top).collect())
        })
    }

    fn by_stem(&self) -> &HashMap<Mention, Vec<usize>> {
        let known = self.mentions();
        known.by_stem.get_or_init(|| {
            let read = |path: &String| match self.mentioned.get(path) {
                Some(known) => known.clone(),
                None if is_program(path) => self.bytes(path).map_or_else(Vec::new, |bytes| mentions(&bytes)),
                None => Vec::new(),
            };
            let all: Vec<Vec<Mention>> = known.files.par_iter().map(read).collect();
            let mut by_stem: HashMap<Mention, Vec<usize>> = HashMap::new();
            for (file, mentions) in all.into_iter().enumerate() {
                mentions.into_iter().for_each(|m| by_stem.entry(m).or_default().push(file));
            }
            by_stem
        })
    }
}

impl View<'_, '_> {
    /// The files around the document at `path`; `facts` is parallel to its cells.
    pub fn neighbours(&self, path: &str, document: &Document, facts: &[std::sync::Arc<CellFacts>]) -> Neighbours {
        // Entries of an archive are not written.
        if document.entry.is_some() || !is_program(path) {
            return Neighbours::default();
        }
        Neighbours::of(path, document, facts, self)
    }
}

impl Project for View<'_, '_> {
    fn files(&self) -> &dyn Files {
        self
    }

    fn mentioning(&self, stem: Mention) -> Vec<String> {
        let known = self.library().mentions();
        let found = self.library().by_stem().get(&stem).into_iter().flatten();
        found.filter_map(|&i| known.files.get(i).cloned()).collect()
    }

    fn holding(&self, word: &str) -> Vec<String> {
        let finder = memchr::memmem::Finder::new(word.as_bytes());
        let holds = |path: &&String| self.library().bytes(path).is_some_and(|bytes| finder.find(&bytes).is_some());
        self.library().mentions().files.par_iter().filter(holds).cloned().collect()
    }

    fn is_complete(&self) -> bool {
        !self.library().mentions().is_partial
    }
}
