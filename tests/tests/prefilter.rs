//! The prefilter hides nothing: wherever a case or fixture has a finding, its bytes pass the filter.

use std::sync::Arc;

use credscope_grammars::Language;
use credscope_linter::{Settings, Workspace, engine, prefilter, registry};
use credscope_tests::{cases, render};

#[test]
fn everything_with_a_finding_passes() {
    let mut looked_at = 0;
    for rule in registry::all() {
        for case in cases::parse(rule.docs) {
            for rendered in render::render(&case) {
                let bytes = rendered.text.as_bytes();
                // A file of accounts has no words: it is known by its name, and always read.
                let accounts = Language::of_path(&rendered.path) == Some(Language::Pgpass);
                if accounts || prefilter::may_match(bytes) {
                    continue;
                }
                looked_at += 1;
                for document in credscope_grammars::open(&rendered.path, bytes).documents {
                    let report = credscope_linter::analyze(
                        &document,
                        &rendered.path,
                        &Settings::default(),
                        &Workspace::default(),
                    );
                    assert!(report.findings.is_empty(), "{} · {} is skipped by the prefilter", rule.name, case.title);
                }
            }
        }
    }
    assert!(looked_at > 0, "every case passes the filter: the test says nothing");
}

/// Cells that are not read hide nothing: findings are those of a run that reads every cell.
#[test]
fn findings_are_the_same_when_every_cell_is_read() {
    let mut skipped = 0;
    for rule in registry::all() {
        for case in cases::parse(rule.docs) {
            for rendered in render::render(&case) {
                // Cells without an anchor around the case's own.
                let text = rendered
                    .text
                    .replace("# COMMAND ----------", "# COMMAND ----------\nother = 1\n# COMMAND ----------");
                for document in credscope_grammars::open(&rendered.path, text.as_bytes()).documents {
                    let (settings, workspace) = (Settings::default(), Workspace::default());
                    let demanded = engine::document_facts(&document);
                    let all: Vec<_> =
                        document.cells.iter().map(|c| Arc::new(engine::cell_facts(&document, c))).collect();
                    skipped +=
                        demanded.iter().zip(&all).filter(|(d, a)| d.body.is_empty() && !a.body.is_empty()).count();
                    let places = |facts: &[Arc<_>]| {
                        let report = engine::analyze_facts(&document, facts, &rendered.path, &settings, &workspace);
                        report.findings.iter().map(|f| (f.rule.code, f.place, f.severity)).collect::<Vec<_>>()
                    };
                    assert_eq!(
                        places(&demanded),
                        places(&all),
                        "{} · {} · {}",
                        rule.name,
                        case.title,
                        rendered.container
                    );
                }
            }
        }
    }
    assert!(skipped > 0, "every cell was read: the test says nothing");
}
