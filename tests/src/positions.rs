//! Rows of code in which `¤` stands for a credential: whether each is found, and nothing in rows without one.

use credscope_linter::{Settings, Severity, Workspace};

/// Looks random, has no character that ends a slot, is no token format.
const VALUE: &str = "q7Lm2vX9pLkT4wZs";

/// Rows in which a `¤` is not found, or something is found in a row without one.
pub fn wrong(path: &str, rows: impl IntoIterator<Item = String>) -> Vec<String> {
    rows.into_iter().filter(|row| !holds(path, row)).collect()
}

fn holds(path: &str, row: &str) -> bool {
    let text = row.replace('¤', VALUE);
    let opened = credscope_grammars::open(path, text.as_bytes());
    let document = &opened.documents[0];
    let report = credscope_linter::analyze(document, path, &Settings::default(), &Workspace::default());
    let literal = report.findings.iter().filter(|f| !f.rule.code.starts_with("CS2") && f.severity >= Severity::Warning);
    let spans: Vec<_> = literal.map(|f| document.physical(f.place.cell as usize, f.place.span).range()).collect();
    let mut places = text.match_indices(VALUE).map(|(at, _)| at..at + VALUE.len()).peekable();
    if places.peek().is_none() {
        return spans.is_empty();
    }
    // The file as a whole has to pass the prefilter, too.
    if !credscope_linter::prefilter::may_match(text.as_bytes()) {
        return false;
    }
    places.all(|p| spans.iter().any(|s| s.start <= p.start && p.end <= s.end))
}

pub fn each(rows: &[&str]) -> Vec<String> {
    rows.iter().map(|r| (*r).to_owned()).collect()
}

/// # Panics
/// When a row is left.
pub fn assert_none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}
