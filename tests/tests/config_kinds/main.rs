//! Every row of configuration (CS3xx) in every kind of document that the row names, and the forms of references, which
//! are silent in every kind. `¤` stands for a credential.

use credscope_linter::{Settings, Severity, Workspace};
use credscope_tests::positions::assert_none;

mod credential_files;
mod environments;
mod infrastructure;
mod references;
mod scripts;
mod workloads;

/// Looks random, has no character that a format escapes, is no token format.
pub const VALUE: &str = "q7Lm2vX9pLkT4wZs";

/// Codes of the findings of a file that cover `at`, and of all of at least a warning.
pub fn codes(path: &str, text: &str) -> Vec<(&'static str, Severity, std::ops::Range<usize>)> {
    let opened = credscope_grammars::open(path, text.as_bytes());
    let document = &opened.documents[0];
    let findings = credscope_linter::analyze(document, path, &Settings::default(), &Workspace::default()).findings;
    let place = |f: &credscope_linter::Finding| document.physical(f.place.cell as usize, f.place.span).range();
    findings.iter().map(|f| (f.rule.code, f.severity, place(f))).collect()
}

/// What is wrong with a file: each `¤` needs one finding of `code`, and nothing else is found.
pub fn wrong(code: &str, path: &str, row: &str) -> Option<String> {
    let text = row.replace('¤', VALUE);
    let mut found = codes(path, &text);
    found.retain(|(_, severity, _)| *severity >= Severity::Warning);
    let places: Vec<usize> = text.match_indices(VALUE).map(|(at, _)| at).collect();
    let each = places.iter().all(|at| {
        found.iter().filter(|(c, _, r)| *c == code && r.start <= *at && at + VALUE.len() <= r.end).count() == 1
    });
    // A file of accounts is read by its name.
    let prefilter =
        places.is_empty() || path.ends_with(".pgpass") || credscope_linter::prefilter::may_match(text.as_bytes());
    let right = each && found.len() == places.len() && prefilter;
    (!right).then(|| {
        let seen: Vec<String> = found.iter().map(|(c, _, r)| format!("{c} at {}", r.start)).collect();
        format!("{code} {path}: {row:?}: {}", seen.join(", "))
    })
}

pub fn assert_rows(code: &str, rows: &[(&str, &str)]) {
    assert_none(rows.iter().filter_map(|(path, row)| wrong(code, path, row)).collect());
}
