//! Files that are not open: their diagnostics and the secrets they name, read in the background.

use std::{
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
};

use credscope_linter::{
    Settings, engine, rules::governance::same_credential_many_places::Standing, uses, workspace::Scopes,
};
use serde_json::{Value, json};

use super::{
    analysed::{Analysed, path_of, result_id, uri_of},
    capabilities::Client,
    equal::{self, Seen},
    files::{self, Cache, Project},
    outbox::Outbox,
    owner::Owner,
    transport::Event,
};
use crate::{configs::Configs, library::scopes_of, walk};

/// A secret as some file names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    pub scope: String,
    pub key: Option<String>,
    /// 0-based.
    pub line: u32,
}

/// What is known of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct FileReport {
    pub diagnostics: Vec<Value>,
    /// The same with what other documents say; `None`: they say nothing.
    pub told: Option<Vec<Value>>,
    /// Of what is shown.
    pub id: String,
    /// Its credentials, by number of the diagnostic.
    pub standing: Vec<Standing<Seen>>,
    /// What tells of equal ones in other documents, if it is this one that tells.
    pub firsts: Vec<(usize, Value)>,
    pub names: Vec<Named>,
    /// What it declares.
    pub scopes: Scopes,
}

impl FileReport {
    /// What is shown.
    pub(super) fn items(&self) -> &[Value] {
        self.told.as_deref().unwrap_or(&self.diagnostics)
    }
}

/// Files of the workspace by URI; those without diagnostics and names are left out.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub files: BTreeMap<String, FileReport>,
    /// Every folder was read once.
    pub complete: bool,
    /// Grows with every change.
    pub revision: u64,
    /// What the files declare together.
    pub scopes: Arc<Scopes>,
    /// What open documents declare: as they are in the editor, saved or not.
    open: BTreeMap<String, Scopes>,
}

/// Files to read, and what is needed for it.
pub(super) struct Job {
    pub client: Client,
    pub base: Settings,
    /// Folders to walk, with the paths of reports relative to each.
    pub roots: Vec<PathBuf>,
    /// Read these only.
    pub only: Option<Vec<PathBuf>>,
    pub outbox: Outbox,
    pub post: mpsc::Sender<Event>,
    /// The job is stale when this is no longer `number`.
    pub current: Arc<AtomicU64>,
    pub number: u64,
    pub cache: Cache,
    /// What the workspace is known to declare; a job that reads all of it finds that out first.
    pub scopes: Arc<Scopes>,
}

/// Files per message to the owner.
const BATCH: usize = 64;
/// A folder with more files is no project (a home directory).
const MAX_FILES: usize = 100_000;

impl Job {
    fn is_stale(&self) -> bool {
        self.current.load(Ordering::Relaxed) != self.number
    }

    /// Reads all files; to be run off the owner loop.
    pub(super) fn run(mut self) {
        let whole = self.only.is_none();
        let token = format!("credscope-scan-{}", self.number);
        let shown = whole && self.client.progress && self.outbox.create_progress(&token);
        let progress = |value: Value| {
            if shown {
                self.outbox.progress(&json!(token), value);
            }
        };
        progress(
            json!({"kind": "begin", "title": "credscope: reading the workspace", "cancellable": false, "percentage": 0}),
        );
        let files = self.files();
        if whole {
            self.scopes = self.declared(&files).into();
        }
        let configs = Configs::default();
        let mut seen = HashSet::new();
        let mut batch = Vec::new();
        for (number, file) in files.iter().enumerate() {
            if self.is_stale() {
                break;
            }
            let Some(uri) = uri_of(file).filter(|uri| seen.insert(uri.clone())) else { continue };
            let report = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.read(file, &uri, &configs)));
            if report.is_err() {
                tracing::error!("the analysis of a file failed; please report it");
            }
            batch.push((uri, report.unwrap_or_default()));
            if batch.len() == BATCH {
                progress(
                    json!({"kind": "report", "percentage": number * 100 / files.len().max(1), "message": format!("{number} of {} files", files.len())}),
                );
                self.send(std::mem::take(&mut batch), None);
            }
        }
        progress(json!({"kind": "end"}));
        let stale = self.is_stale();
        self.send(batch, (whole && !stale).then_some(seen));
    }

    /// What the files declare, before those that name secrets are read.
    fn declared(&self, files: &[PathBuf]) -> Scopes {
        let mut found = Scopes::default();
        for file in files.iter().filter(|f| f.to_str().is_some_and(Scopes::is_candidate)) {
            if self.is_stale() {
                break;
            }
            let small = std::fs::metadata(file).is_ok_and(|m| m.len() <= files::LARGEST);
            let bytes = small.then(|| std::fs::read(file).ok()).flatten();
            if let Some(more) = bytes.and_then(|b| scopes_of(&file.to_string_lossy(), &b)) {
                found.extend(&more);
            }
        }
        found
    }

    fn files(&self) -> Vec<PathBuf> {
        if let Some(only) = &self.only {
            return only.clone();
        }
        let mut files = Vec::new();
        for root in self.roots.iter().filter(|root| is_project(root)) {
            let found = walk::files(&[root]);
            if found.len() > MAX_FILES {
                tracing::warn!(files = found.len(), "too many files for a workspace: not read");
            } else {
                files.extend(found);
            }
        }
        files
    }

    /// `all`: every file of the workspace, so that others are gone.
    fn send(&self, batch: Vec<(String, Option<FileReport>)>, all: Option<HashSet<String>>) {
        let event = Event::Internal(Box::new(move |owner: &mut Owner| owner.indexed(batch, all)));
        // The loop ends only with the process.
        let _ = self.post.send(event);
    }

    /// `None`: nothing to know, or no longer there.
    fn read(&self, file: &Path, uri: &str, configs: &Configs) -> Option<FileReport> {
        let bytes = std::fs::read(file).ok()?;
        let config = configs.of_folder(file.parent()?);
        let relative = config.relative(file);
        if config.resolved.is_excluded(&relative) {
            return None;
        }
        let settings = Arc::new(config.settings(&self.base, file));
        if !crate::glance::is_anchored(&relative, &bytes, &settings) {
            return None;
        }
        let least = config.resolved.config().min_severity;
        let mut report = FileReport::default();
        let files = Project { root: &config.folder, open: &|_| None, cache: &self.cache, scopes: self.scopes.clone() };
        for document in credscope_grammars::open(&relative, &bytes).documents {
            let (facts, workspace) = engine::read(&document, &relative, &settings, &files);
            let mut findings = engine::analyze_facts(&document, &facts, &relative, &settings, &workspace).findings;
            findings.retain(|f| least.is_none_or(|least| f.severity >= least));
            let names = names_of(&document, &facts);
            report.names.extend(names);
            let root = config.folder.clone();
            let analysed = Analysed {
                document,
                facts: Some(facts),
                uses: OnceLock::new(),
                findings,
                settings: settings.clone(),
                own: None,
                uri: uri.to_owned(),
                shown: relative.clone(),
                root,
                version: None,
                revision: 0,
                cells: Vec::new(),
                fixed: OnceLock::new(),
            };
            // One archive holds several documents.
            let before = report.diagnostics.len();
            let rows = analysed.diagnostics(uri, &self.client);
            if rows.len() == analysed.findings.len() {
                let standing = equal::standing(&analysed, &self.client);
                let firsts = equal::firsts(&analysed, &standing, &self.client);
                report.firsts.extend(firsts.into_iter().map(|(row, first)| (row + before, first)));
                let moved = |s: Standing<Seen>| Standing { row: s.row + before, ..s };
                report.standing.extend(standing.into_iter().map(moved));
            }
            report.diagnostics.extend(rows);
        }
        if Scopes::is_candidate(&relative) {
            report.scopes = scopes_of(&relative, &bytes).unwrap_or_default();
        }
        if report.diagnostics.is_empty() && report.names.is_empty() && report.scopes.is_empty() {
            return None;
        }
        report.id = result_id(&report.diagnostics);
        Some(report)
    }
}

/// The secrets that a document names.
pub(super) fn names_of(
    document: &credscope_grammars::Document,
    facts: &[Arc<credscope_grammars::CellFacts>],
) -> Vec<Named> {
    uses::secret_uses(document, facts)
        .into_iter()
        .filter_map(|u| {
            let span = document.physical(u.place.cell as usize, u.place.span);
            let line = document.lines.line_of(span.start as usize) as u32;
            Some(Named { scope: u.scope?, key: u.key, line })
        })
        .collect()
}

/// A home directory or the root of the file system is opened by accident.
fn is_project(root: &Path) -> bool {
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
    root.parent().is_some() && home.is_none_or(|home| home != root)
}

impl Index {
    /// Takes reports in; URIs whose diagnostics changed.
    pub(super) fn take(
        &mut self,
        batch: Vec<(String, Option<FileReport>)>,
        all: Option<&HashSet<String>>,
    ) -> Vec<String> {
        let mut changed = Vec::new();
        for (uri, report) in batch {
            let old = self.files.get(&uri).map_or("", |r| &r.id).to_owned();
            let had = self.files.get(&uri).is_some_and(|r| !r.diagnostics.is_empty());
            match report {
                Some(report) => {
                    if report.id != old && (had || !report.diagnostics.is_empty()) {
                        changed.push(uri.clone());
                    }
                    self.files.insert(uri, report);
                }
                None => {
                    if self.files.remove(&uri).is_some() && had {
                        changed.push(uri);
                    }
                }
            }
        }
        if let Some(all) = all {
            let gone: Vec<String> = self.files.keys().filter(|uri| !all.contains(*uri)).cloned().collect();
            for uri in gone {
                self.files.remove(&uri);
                changed.push(uri);
            }
            self.complete = true;
        }
        self.revision += 1;
        self.join();
        changed
    }

    /// Takes in what a document declares in the editor; `None`: it is closed. Whether the workspace declares something else.
    pub(super) fn edited(&mut self, uri: &str, declares: Option<Scopes>) -> bool {
        let same = declares.as_ref() == self.open.get(uri);
        match declares {
            Some(scopes) => self.open.insert(uri.to_owned(), scopes),
            None => self.open.remove(uri),
        };
        !same && self.join()
    }

    fn join(&mut self) -> bool {
        let mut scopes = Scopes::default();
        let on_disk = self.files.iter().filter(|(uri, _)| !self.open.contains_key(*uri)).map(|(_, r)| &r.scopes);
        on_disk.chain(self.open.values()).for_each(|declared| scopes.extend(declared));
        let changed = scopes != *self.scopes;
        if changed {
            self.scopes = scopes.into();
        }
        changed
    }
}

impl Owner {
    /// Scopes that an open document declares count as they are in the editor.
    pub(super) fn note_declared(&mut self, owner: &str, analysed: &Analysed) {
        if !Scopes::is_candidate(&path_of(owner).to_string_lossy()) {
            return;
        }
        if let Some(facts) = &analysed.facts {
            self.declares(owner, Some(Scopes::of_facts(&analysed.document, facts)));
        }
    }

    /// Takes in what a document declares; `None`: it is closed, its file counts.
    pub(super) fn declares(&mut self, owner: &str, scopes: Option<Scopes>) {
        if self.index.edited(owner, scopes) {
            // After what is being answered, which may be about one of the documents.
            let event = Event::Internal(Box::new(Owner::scopes_changed));
            // The loop ends only with the process.
            let _ = self.post.send(event);
        }
    }
}
