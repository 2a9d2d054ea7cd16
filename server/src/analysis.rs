//! Bytes of a file → findings with physical places: what reporters need, and nothing secret.

use std::path::Path;

use credscope_grammars::{ColumnUnit, Document};
use credscope_linter::{Finding, Settings, Workspace};

/// 1-based line and column (Unicode characters).
pub type Position = (u32, u32);

/// What one file gave.
#[derive(Debug, Default)]
pub struct FileResult {
    /// Relative, forward slashes.
    pub path: String,
    pub bytes: u64,
    pub documents: Vec<Checked>,
    pub problems: Vec<String>,
}

/// A document (file or archive entry) with its findings.
#[derive(Debug)]
pub struct Checked {
    /// `a/b.py`, `a/b.dbc!/entry`.
    pub path: String,
    pub document: Document,
    pub findings: Vec<Finding>,
}

impl Checked {
    /// Physical start and end of a place. In an archive entry: line in the cell, the cell being named beside it.
    pub fn range(&self, place: credscope_linter::Place) -> (Position, Position) {
        let span = self.document.physical(place.cell as usize, place.span);
        let at = |offset: u32| {
            let p = self.document.lines.position(&self.document.text, offset as usize, ColumnUnit::Utf32);
            (p.line + 1, p.column + 1)
        };
        (at(span.start), at(span.end))
    }

    /// Number of the cell (0-based, as a user counts) and 1-based line in it; `None` for plain files.
    pub fn cell(&self, place: credscope_linter::Place) -> Option<(u32, u32)> {
        if !self.document.is_notebook() {
            return None;
        }
        let cell = self.document.cells.get(place.cell as usize)?;
        let before = cell.text.get(..place.span.start as usize)?;
        let line = before.matches('\n').count() as u32 + 1;
        Some((cell.number, line))
    }

    pub fn language(&self, place: credscope_linter::Place) -> &'static str {
        self.document.cells.get(place.cell as usize).map_or(self.document.language, |c| c.language).name()
    }
}

/// Reads and analyses one file. Nothing it meets stops the run.
pub fn check_file(file: &Path, path: &str, settings: &Settings, workspace: &Workspace) -> FileResult {
    match std::fs::read(file) {
        Ok(bytes) => check_bytes(&bytes, path, settings, workspace),
        Err(error) => {
            let problems = vec![format!("cannot be read: {error}")];
            FileResult { path: path.to_owned(), problems, ..FileResult::default() }
        }
    }
}

pub fn check_bytes(bytes: &[u8], path: &str, settings: &Settings, workspace: &Workspace) -> FileResult {
    let mut result = FileResult { path: path.to_owned(), bytes: bytes.len() as u64, ..FileResult::default() };
    let packed = bytes.starts_with(b"PK") || bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    if !packed && !credscope_linter::prefilter::may_match(bytes) && std::str::from_utf8(bytes).is_ok() {
        return result;
    }
    let opened = credscope_grammars::open(path, bytes);
    for problem in opened.problems {
        result.problems.push(match problem.entry {
            Some(entry) => format!("{entry}: {}", problem.message),
            None => problem.message,
        });
    }
    for document in opened.documents {
        let path = match &document.entry {
            Some(entry) => format!("{path}!/{entry}"),
            None => path.to_owned(),
        };
        let report = credscope_linter::analyze(&document, &path, settings, workspace);
        if !report.findings.is_empty() {
            result.documents.push(Checked { path, document, findings: report.findings });
        }
    }
    result
}
