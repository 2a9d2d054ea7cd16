//! Bytes of a file → findings with physical places: what reporters need, and nothing secret.

use std::{path::PathBuf, sync::Arc};

use credscope_grammars::{CellFacts, ColumnUnit, Document, Language, Span};
use credscope_linter::{
    Finding, Place, Settings, Severity, engine,
    workspace::{Files, Mention},
};
use rayon::prelude::*;

use crate::{
    importers,
    library::{Archive, Library},
};

/// A file to check.
#[derive(Debug)]
pub struct Source {
    /// As reported: forward slashes.
    pub path: String,
    /// `None`: `text` is given (standard input).
    pub file: Option<PathBuf>,
    pub text: Option<Vec<u8>>,
    pub settings: Arc<Settings>,
    /// Findings below are not reported.
    pub least: Option<Severity>,
}

/// 1-based line and column (Unicode characters).
pub type Position = (u32, u32);

/// What one file gave.
#[derive(Debug, Default)]
pub struct FileResult {
    /// As reported: forward slashes.
    pub path: String,
    pub bytes: u64,
    pub documents: Vec<Checked>,
    pub problems: Vec<String>,
    /// No anchor word: the text was not looked at.
    pub skipped: bool,
    /// Other files that a skipped one may bring in.
    pub mentions: Vec<Mention>,
}

/// A document (file or archive entry) with its findings.
#[derive(Debug)]
pub struct Checked {
    /// `a/b.py`, `a/b.dbc!/entry`.
    pub path: String,
    pub document: Document,
    /// Parallel to `document.cells`.
    pub facts: Vec<Arc<CellFacts>>,
    pub findings: Vec<Finding>,
    pub settings: Arc<Settings>,
}

impl Checked {
    /// Physical start and end of a place. In an archive entry: line in the cell, the cell being named beside it.
    pub fn range(&self, place: Place) -> (Position, Position) {
        self.physical(self.document.physical(place.cell as usize, place.span))
    }

    /// Start and end of a range of the physical text.
    pub fn physical(&self, span: Span) -> (Position, Position) {
        let at = |offset: u32| {
            let p = self.document.lines.position(&self.document.text, offset as usize, ColumnUnit::Utf32);
            (p.line + 1, p.column + 1)
        };
        (at(span.start), at(span.end))
    }

    /// Number of the cell (0-based, as a user counts) and 1-based line in it; `None` for plain files.
    pub fn cell(&self, place: Place) -> Option<(u32, u32)> {
        if !self.document.is_notebook() {
            return None;
        }
        let cell = self.document.cells.get(place.cell as usize)?;
        let before = cell.text.get(..place.span.start as usize)?;
        let line = before.matches('\n').count() as u32 + 1 + cell.line_offset;
        Some((cell.number, line))
    }

    pub fn language(&self, place: Place) -> &'static str {
        self.document.cells.get(place.cell as usize).map_or(self.document.language, |c| c.language).name()
    }
}

/// All files in parallel on the current pool, in order. Nothing that one of them meets stops the run.
pub fn check_all(sources: &[Source]) -> Vec<FileResult> {
    let library = Library::new(sources);
    let results = sources.par_iter().map(|source| check(source, &library, false)).collect();
    importers::check(sources, &library, results)
}

/// Analyses a file. `is_wanted`: also when it has no anchor word, because another file exports secrets to it.
pub fn check(source: &Source, library: &Library<'_>, is_wanted: bool) -> FileResult {
    let read = match (&source.file, &source.text) {
        (_, Some(text)) => Ok(text.clone()),
        (Some(file), None) => std::fs::read(file),
        (None, None) => Ok(Vec::new()),
    };
    match read {
        Ok(bytes) => check_bytes(&bytes, source, library, is_wanted),
        Err(error) => {
            let problems = vec![format!("cannot be read: {error}")];
            FileResult { path: source.path.clone(), problems, ..FileResult::default() }
        }
    }
}

/// Analyses the bytes of a file.
pub fn check_bytes(bytes: &[u8], source: &Source, library: &Library<'_>, is_wanted: bool) -> FileResult {
    let mut result = FileResult { path: source.path.clone(), bytes: bytes.len() as u64, ..FileResult::default() };
    if is_binary(bytes, &source.path) {
        result.skipped = true;
        return result;
    }
    if !is_wanted && !is_anchored(bytes, source) {
        result.skipped = true;
        result.mentions = importers::mentions(&source.path, bytes);
        // A notebook that is cut off is said to be, whatever it holds.
        if std::str::from_utf8(bytes).is_ok() && !source.path.ends_with(".ipynb") {
            return result;
        }
    }
    // A bug in one file's analysis must not lose the others' findings, nor look like a clean file.
    let opened = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        open_and_analyse(bytes, source, library, !result.skipped)
    }));
    match opened {
        Ok((documents, problems)) => {
            result.documents = documents;
            result.problems = problems;
        }
        Err(_) => result.problems.push("internal error: the analysis of this file failed; please report it".into()),
    }
    result
}

/// Bytes that are no text under a name that promises none: passed over before anything is searched.
fn is_binary(bytes: &[u8], path: &str) -> bool {
    const HEAD: usize = 8192;
    let head = &bytes[..bytes.len().min(HEAD)];
    let marked = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    head.contains(&0)
        && !marked
        && Language::of_path(path).is_none()
        && ![".dbc", ".ipynb"].iter().any(|e| path.to_ascii_lowercase().ends_with(e))
}

fn is_anchored(bytes: &[u8], source: &Source) -> bool {
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    // Accounts in a file that has no words.
    let accounts = Language::of_path(&source.path) == Some(Language::Pgpass);
    accounts || bytes.starts_with(b"PK") || utf16 || engine::may_match(bytes, &source.settings)
}

fn open_and_analyse(
    bytes: &[u8],
    source: &Source,
    library: &Library<'_>,
    analyse: bool,
) -> (Vec<Checked>, Vec<String>) {
    let opened = credscope_grammars::open(&source.path, bytes);
    let problems = opened
        .problems
        .into_iter()
        .map(|p| p.entry.map_or_else(|| p.message.clone(), |entry| format!("{entry}: {}", p.message)))
        .collect();
    let mut documents = Vec::new();
    if !analyse {
        return (documents, problems);
    }
    let archive = Archive::new(&source.path, &opened.documents);
    let view = library.of(source);
    for document in &opened.documents {
        let (path, files): (String, &dyn Files) = match &document.entry {
            Some(entry) => (format!("{}!/{entry}", source.path), &archive),
            None => (source.path.clone(), &view),
        };
        let (facts, workspace) = engine::read(document, &path, &source.settings, files);
        let mut findings = engine::analyze_facts(document, &facts, &path, &source.settings, &workspace).findings;
        findings.retain(|f| source.least.is_none_or(|least| f.severity >= least));
        if !findings.is_empty() {
            let (document, settings) = (document.clone(), source.settings.clone());
            documents.push(Checked { path, document, facts, findings, settings });
        }
    }
    (documents, problems)
}
