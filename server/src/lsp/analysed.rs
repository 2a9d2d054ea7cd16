//! A document with its findings: what requests are answered from. Immutable, shared by `Arc`.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use credscope_grammars::{CellFacts, Document, LineColumn, LineIndex, Span};
use credscope_linter::{
    Finding, Place, Settings, Severity, engine, fix,
    uses::{SecretUse, secret_uses},
};
use serde_json::{Value, json};
use tower_lsp::ls_types::Uri;

use super::{
    capabilities::Client,
    position::{self, object},
};

/// A cell of an editor's notebook.
#[derive(Clone, Debug)]
pub(super) struct CellText {
    pub uri: String,
    pub text: Arc<str>,
    pub lines: LineIndex,
    pub version: Option<i64>,
}

#[derive(Debug)]
pub(super) struct Analysed {
    pub document: Document,
    /// Parallel to `document.cells`; `None` where they are let go, see [`Analysed::facts`].
    pub facts: Option<Vec<Arc<CellFacts>>>,
    /// Where it names secrets, found when first asked for.
    pub uses: OnceLock<Vec<SecretUse>>,
    /// Sorted by place, without fixes; see [`Analysed::fixed`].
    pub findings: Vec<Finding>,
    /// What was found in the document itself, while other documents say something of it (see `equal.rs`).
    pub own: Option<Vec<Finding>>,
    pub settings: Arc<Settings>,
    pub uri: String,
    /// Path that it is reported under.
    pub shown: String,
    /// Folder that workspace paths are relative to.
    pub root: PathBuf,
    pub version: Option<i64>,
    /// Grows with every change of any document: answers about an older one are stale.
    pub revision: u64,
    /// By cell number; empty for texts.
    pub cells: Vec<CellText>,
    /// Made when first asked for: empty at first.
    pub fixed: OnceLock<Vec<Finding>>,
}

/// A text of the document: the document's own, or a cell's.
#[derive(Clone, Copy)]
pub(super) struct TextOf<'a> {
    pub uri: &'a str,
    pub text: &'a str,
    pub lines: &'a LineIndex,
    pub version: Option<i64>,
}

impl Analysed {
    /// Facts of the cells: those at hand, or read again for a document that has long not been looked at.
    pub(super) fn facts(&self) -> Cow<'_, [Arc<CellFacts>]> {
        match &self.facts {
            Some(facts) => Cow::Borrowed(facts),
            None => {
                let read = |cell| Arc::new(engine::cell_facts(&self.document, cell));
                Cow::Owned(self.document.cells.iter().map(read).collect())
            }
        }
    }

    /// Where it names secrets.
    pub(super) fn uses(&self) -> &[SecretUse] {
        self.uses.get_or_init(|| secret_uses(&self.document, &self.facts()))
    }

    /// The same without what can be made again: what is kept of a document that nobody edits.
    pub(super) fn slim(&self) -> Self {
        let uses = OnceLock::from(self.uses().to_vec());
        Self { facts: None, uses, ..self.again() }
    }

    /// The same once more, to be changed.
    pub(super) fn again(&self) -> Self {
        Self {
            document: self.document.clone(),
            facts: self.facts.clone(),
            uses: self.uses.clone(),
            findings: self.findings.clone(),
            own: self.own.clone(),
            shown: self.shown.clone(),
            settings: self.settings.clone(),
            uri: self.uri.clone(),
            root: self.root.clone(),
            version: self.version,
            revision: self.revision,
            cells: self.cells.clone(),
            fixed: OnceLock::new(),
        }
    }

    /// The findings with their fixes, which are written when first asked for.
    pub(super) fn fixed(&self) -> &[Finding] {
        self.fixed.get_or_init(|| self.resolve(&mut fix::Names::default()))
    }

    /// The findings with fixes that take their names from `names`.
    pub(super) fn resolve(&self, names: &mut fix::Names) -> Vec<Finding> {
        let mut findings = self.findings.clone();
        let among = (names, &self.neighbours());
        fix::resolve_among(&self.document, &self.facts(), &self.settings, among, &mut findings);
        findings
    }

    /// URIs of the texts.
    pub(super) fn uris(&self) -> Vec<&str> {
        if self.cells.is_empty() { vec![&self.uri] } else { self.cells.iter().map(|c| c.uri.as_str()).collect() }
    }

    pub(super) fn is_notebook(&self) -> bool {
        !self.cells.is_empty()
    }

    /// The text with that URI.
    pub(super) fn text(&self, uri: &str) -> TextOf<'_> {
        match self.cells.iter().find(|c| c.uri == uri) {
            Some(cell) => TextOf { uri: &cell.uri, text: &cell.text, lines: &cell.lines, version: cell.version },
            None => self.whole(),
        }
    }

    fn whole(&self) -> TextOf<'_> {
        TextOf { uri: &self.uri, text: &self.document.text, lines: &self.document.lines, version: self.version }
    }

    /// The text that a place stands in, and its byte range there.
    pub(super) fn locate(&self, place: Place) -> Option<(TextOf<'_>, Span)> {
        let cell = self.document.cells.get(place.cell as usize)?;
        let span = cell.map.to_source(place.span);
        if self.cells.is_empty() {
            return Some((self.whole(), span));
        }
        let cell = self.cells.get(cell.number as usize)?;
        Some((TextOf { uri: &cell.uri, text: &cell.text, lines: &cell.lines, version: cell.version }, span))
    }

    /// URI and protocol range of a place.
    pub(super) fn range(&self, place: Place, client: &Client) -> Option<(&str, position::Range)> {
        let (text, span) = self.locate(place)?;
        let (start, end) = (span.start as usize, span.end as usize);
        Some((text.uri, position::Range::of(text.text, text.lines, start, end, client.unit)))
    }

    /// Diagnostics of one text of the document.
    pub(super) fn diagnostics(&self, uri: &str, client: &Client) -> Vec<Value> {
        self.findings.iter().filter_map(|f| self.diagnostic(f, uri, client)).collect()
    }

    /// `None`: the finding is in another text.
    pub(super) fn diagnostic(&self, finding: &Finding, uri: &str, client: &Client) -> Option<Value> {
        let (text, span) = self.locate(finding.place)?;
        if text.uri != uri {
            return None;
        }
        let severity = severity_of(finding.severity);
        let data = object([("rule", finding.rule.name.into()), ("fingerprint", finding.fingerprint.as_str().into())]);
        let mut row = object([
            ("range", range_of(text, span, client)),
            ("severity", severity.into()),
            ("source", "credscope".into()),
            ("code", finding.rule.code.into()),
            ("message", finding.message.as_str().into()),
            ("data", data),
        ]);
        if client.code_description {
            row["codeDescription"] = object([("href", finding.rule.url().into())]);
        }
        if client.related {
            let related: Vec<Value> = finding
                .related
                .iter()
                .filter_map(|r| {
                    Some(object([("location", self.location(r, client)?), ("message", r.message.as_str().into())]))
                })
                .collect();
            if !related.is_empty() {
                row["relatedInformation"] = Value::Array(related);
            }
        }
        // A suppression that silences nothing can go.
        if client.tags && finding.rule.code == "CS001" {
            row["tags"] = json!([1]);
        }
        Some(row)
    }

    fn location(&self, related: &credscope_linter::Related, client: &Client) -> Option<Value> {
        let Some(path) = &related.path else {
            let (uri, range) = self.range(related.place, client)?;
            return Some(object([("uri", uri.into()), ("range", range.to_value())]));
        };
        // What other documents say is in the client's own terms.
        let by_uri = path.split_once(':').is_some_and(|(scheme, _)| scheme.len() > 1 && !scheme.contains('/'));
        // Lines are exact; columns of another file count characters, since its text is not at hand.
        let ((line, column), (end_line, end_column)) = related.resolved?;
        let at = |line: u32, column: u32| LineColumn { line: line.saturating_sub(1), column: column.saturating_sub(1) };
        let uri = if by_uri { path.clone() } else { uri_of(&self.root.join(path))? };
        let range = position::Range { start: at(line, column), end: at(end_line, end_column) };
        Some(object([("uri", uri.into()), ("range", range.to_value())]))
    }

    /// Numbers of the findings whose place touches a byte range of one text.
    pub(super) fn touching(&self, uri: &str, range: std::ops::Range<usize>) -> Vec<usize> {
        let touches = |f: &Finding| {
            self.locate(f.place).is_some_and(|(text, span)| {
                text.uri == uri && span.start as usize <= range.end && range.start <= span.end as usize
            })
        };
        (0..self.findings.len()).filter(|&i| touches(&self.findings[i])).collect()
    }
}

/// Protocol range of a byte range.
pub(super) fn range_of(text: TextOf<'_>, span: Span, client: &Client) -> Value {
    position::range(text.text, text.lines, span.start as usize, span.end as usize, client.unit)
}

/// Changes exactly when the diagnostics do.
pub(super) fn result_id(items: &[Value]) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    for item in items {
        item.hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// File path of a URI; untitled documents and other schemes keep their path part.
pub(super) fn path_of(uri: &str) -> PathBuf {
    let parsed = uri.parse::<Uri>().ok();
    match parsed.as_ref().and_then(|u| u.to_file_path()) {
        Some(path) => path.into_owned(),
        None => Path::new(uri.rsplit(':').next().unwrap_or(uri)).to_path_buf(),
    }
}

/// `file:` URI of an absolute path.
pub(super) fn uri_of(path: &Path) -> Option<String> {
    Uri::from_file_path(path).map(|uri| uri.to_string())
}

/// A severity as the protocol counts it: 1 is the worst.
pub(super) fn severity_of(severity: Severity) -> u64 {
    match severity {
        Severity::Error => 1,
        Severity::Warning => 2,
        Severity::Info => 3,
        Severity::Hint => 4,
    }
}
