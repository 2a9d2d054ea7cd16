//! Bytes of a file → findings with physical places: what reporters need, and nothing secret.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use credscope_grammars::{
    CellFacts, ColumnUnit, Document, Language, Secret, Span, container::MAX_FILE_BYTES, facts::ExprKind,
    lower::MAX_PARSED,
};
use credscope_linter::rules::governance::same_credential_many_places::{self, Shared};
use credscope_linter::{
    Finding, Place, Settings, Severity, engine,
    fix::{self, SecretName},
    workspace::{Files, Mention},
};
use rayon::prelude::*;

use crate::{
    glance::{self, Ahead, Glance},
    importers,
    library::{Archive, Library},
    report::excerpt::Hidden,
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
    /// Its configuration could not be read: it is checked with defaults, and nothing is written.
    pub is_unsettled: bool,
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
    /// Other files that it may bring in.
    pub mentions: Vec<Mention>,
    /// Secrets that documents without findings read.
    pub reads: Vec<SecretName>,
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
    /// See [`Checked::credentials`].
    credentials: OnceLock<Vec<Place>>,
    /// See [`Checked::hidden`].
    hidden: OnceLock<Hidden>,
}

impl Checked {
    /// Where credentials stand, reported or not: to be masked wherever the text is shown. Found when first asked for.
    pub fn credentials(&self) -> &[Place] {
        self.credentials.get_or_init(|| {
            let mut all: Vec<Place> = self.findings.iter().filter(|f| f.value.is_some()).map(|f| f.place).collect();
            let others = engine::credentials(&self.document, &self.facts, &self.path, &self.settings);
            // Rules that did not have their way see more or less of the same literal.
            let meets = |a: &Place, b: &Place| a.cell == b.cell && a.span.overlaps(b.span);
            let others: Vec<Place> = others.into_iter().filter(|o| !all.iter().any(|known| meets(known, o))).collect();
            all.extend(others);
            all.sort();
            all.dedup();
            all
        })
    }

    /// What a literal at a place with escapes stands for: it may stand elsewhere without them.
    pub fn unescaped(&self, place: Place) -> Option<Secret> {
        let cell = self.document.cells.get(place.cell as usize)?;
        cell.text.get(place.span.range()).filter(|text| text.contains('\\'))?;
        self.facts.get(place.cell as usize)?.exprs.iter().find_map(|expr| match &expr.kind {
            ExprKind::Str(literal) if expr.span.overlaps(place.span) => literal.plain(),
            _ => None,
        })
    }

    /// What else is not shown of a line. Found when first asked for.
    pub fn hidden(&self) -> &Hidden {
        self.hidden.get_or_init(|| Hidden::of(self))
    }

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

/// Files that a thread takes at once: few, because one with findings costs as much as a hundred without anchors.
pub const AT_ONCE: usize = 8;

/// All files in parallel on the current pool, in order. `ahead` is parallel to `sources`: what was seen of them already.
/// Nothing that one of them meets stops the run.
pub fn check_all(sources: &[Source], ahead: Vec<Ahead>) -> Vec<FileResult> {
    let library = Library::new(sources);
    let both = sources.par_iter().zip(ahead).with_max_len(AT_ONCE);
    let results = both.map(|(source, ahead)| match ahead {
        Ahead::Nothing => check(source, &library, false),
        Ahead::Skipped(bytes, mentions) => skipped(source, bytes, mentions),
        Ahead::Open(bytes, glance) => check_glance(&bytes, glance, source, &library),
    });
    importers::check(sources, &library, results.collect())
}

/// Lets findings of one credential in several files name each other (CS540).
pub fn relate(files: &mut [FileResult]) {
    let mut shared: Vec<Shared<'_>> = files
        .iter_mut()
        .flat_map(|f| &mut f.documents)
        .map(|Checked { path, document, settings, findings, .. }| Shared { path, document, settings, findings })
        .collect();
    same_credential_many_places::relate(&mut shared);
}

/// Analyses a file. `is_wanted`: also when it has no anchor word, because another file exports secrets to it.
pub fn check(source: &Source, library: &Library<'_>, is_wanted: bool) -> FileResult {
    let Some(file) = source.file.as_ref().filter(|_| source.text.is_none()) else {
        return check_bytes(source.text.as_deref().unwrap_or_default(), source, library, is_wanted);
    };
    let checked = glance::read(file, |bytes| match bytes.len() <= MAX_FILE_BYTES {
        true => check_bytes(bytes, source, library, is_wanted),
        false if glance::is_data(&source.path, bytes) => skipped(source, 0, Vec::new()),
        false => failed(
            source,
            format!(
                "the file has more than {} MB and was not checked; split it, remove stored outputs or exclude it",
                MAX_FILE_BYTES >> 20
            ),
        ),
    });
    checked.unwrap_or_else(|error| failed(source, format!("cannot be read: {error}")))
}

fn failed(source: &Source, problem: String) -> FileResult {
    FileResult { path: source.path.clone(), problems: vec![problem], ..FileResult::default() }
}

fn skipped(source: &Source, bytes: u64, mentions: Vec<Mention>) -> FileResult {
    FileResult { path: source.path.clone(), bytes, mentions, skipped: true, ..FileResult::default() }
}

/// Analyses the bytes of a file.
pub fn check_bytes(bytes: &[u8], source: &Source, library: &Library<'_>, is_wanted: bool) -> FileResult {
    check_glance(bytes, glance::glance(bytes, source, is_wanted), source, library)
}

fn check_glance(bytes: &[u8], glance: Glance, source: &Source, library: &Library<'_>) -> FileResult {
    let size = bytes.len() as u64;
    let (mentions, analyse) = match glance {
        Glance::Skipped(mentions) => return skipped(source, size, mentions),
        Glance::Problem(problem) => return FileResult { bytes: size, ..failed(source, problem) },
        Glance::Open { mentions, analyse } => (mentions, analyse),
    };
    let mut result = FileResult { skipped: !analyse, ..skipped(source, size, mentions) };
    // A bug in one file's analysis must not lose the others' findings, nor look like a clean file.
    let opened =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| open_and_analyse(bytes, source, library, analyse)));
    match opened {
        Ok((documents, problems, reads)) => {
            result.documents = documents;
            result.problems = problems;
            result.reads = reads;
        }
        Err(_) => result.problems.push("internal error: the analysis of this file failed; please report it".into()),
    }
    result
}

fn open_and_analyse(
    bytes: &[u8],
    source: &Source,
    library: &Library<'_>,
    analyse: bool,
) -> (Vec<Checked>, Vec<String>, Vec<SecretName>) {
    let mut reads = Vec::new();
    let opened = credscope_grammars::open(&source.path, bytes);
    let mut problems: Vec<String> = opened
        .problems
        .into_iter()
        .map(|p| p.entry.map_or_else(|| p.message.clone(), |entry| format!("{entry}: {}", p.message)))
        .collect();
    if !analyse {
        return (Vec::new(), problems, reads);
    }
    let too_large = opened.documents.iter().filter_map(|d| {
        let cell = d
            .cells
            .iter()
            .find(|c| c.text.len() > MAX_PARSED && !matches!(c.language, Language::Source | Language::Text))?;
        let entry = d.entry.as_ref().map_or_else(String::new, |e| format!("{e}: "));
        Some(format!(
            "{entry}{} MB of {} in one piece are not parsed (limit {} MB): only single lines and token formats were \
             searched; split it, or exclude it if it is generated",
            cell.text.len().div_ceil(1 << 20),
            cell.language.name(),
            MAX_PARSED >> 20
        ))
    });
    problems.extend(too_large);
    let archive = Archive::new(&source.path, &opened.documents);
    let view = library.of(source);
    let analysed = opened.documents.iter().map(|document| {
        let (path, files): (String, &dyn Files) = match &document.entry {
            Some(entry) => (format!("{}!/{entry}", source.path), &archive),
            None => (source.path.clone(), &view),
        };
        let (facts, workspace) = engine::read(document, &path, &source.settings, files);
        problems.extend(unread(document, &facts));
        let mut findings = engine::analyze_facts(document, &facts, &path, &source.settings, &workspace).findings;
        findings.retain(|f| source.least.is_none_or(|least| f.severity >= least));
        if findings.is_empty() {
            reads.extend(fix::secrets_read(document, &facts));
        }
        (!findings.is_empty()).then_some((path, facts, findings))
    });
    let analysed: Vec<_> = analysed.collect();
    let documents = opened.documents.into_iter().zip(analysed).filter_map(|(document, analysed)| {
        let (path, facts, findings) = analysed?;
        let settings = source.settings.clone();
        Some(Checked {
            path,
            document,
            facts,
            findings,
            settings,
            credentials: OnceLock::new(),
            hidden: OnceLock::new(),
        })
    });
    (documents.collect(), problems, reads)
}

/// What of a document was not looked at, once.
fn unread(document: &Document, facts: &[Arc<CellFacts>]) -> Option<String> {
    let cells = facts.iter().enumerate();
    let (cell, problem) =
        cells.flat_map(|(i, f)| f.problems.iter().map(move |p| (i, p))).find(|(_, p)| p.is_unread())?;
    let at = document.physical(cell, problem.span).start as usize;
    let line = document.lines.position(&document.text, at, ColumnUnit::Utf32).line + 1;
    let entry = document.entry.as_ref().map_or_else(String::new, |e| format!("{e}: "));
    Some(format!("{entry}line {line}: {}, only single lines were searched below it", problem.message))
}
