//! Credentials in stored outputs of an editor's notebook. Editors send no outputs: on save they are read from the file.

use std::path::Path;

use credscope_grammars::CellKind;
use credscope_linter::{Settings, Workspace, engine};
use serde_json::{Value, json};

use super::capabilities::Client;

/// Findings in the outputs of a saved notebook: number of the code cell that printed each, and a diagnostic for the
/// cell's first line, whose end the caller fills in.
pub(super) fn outputs(file: &Path, shown: &str, settings: &Settings, client: &Client) -> Vec<(u32, Value)> {
    let Ok(bytes) = std::fs::read(file) else { return Vec::new() };
    let mut rows = Vec::new();
    for document in credscope_grammars::open(shown, &bytes).documents {
        let facts = engine::document_facts_for(&document, settings);
        let findings = engine::analyze_facts(&document, &facts, shown, settings, &Workspace::default()).findings;
        for finding in findings {
            let Some(cell) = document.cells.get(finding.place.cell as usize) else { continue };
            if !matches!(cell.kind, CellKind::Output { .. }) {
                continue;
            }
            let severity = match finding.severity {
                credscope_linter::Severity::Error => 1,
                credscope_linter::Severity::Warning => 2,
                credscope_linter::Severity::Info => 3,
                credscope_linter::Severity::Hint => 4,
            };
            let mut row = json!({
                "severity": severity, "source": "credscope", "code": finding.rule.code,
                "message": format!("{} (in this cell's stored output)", finding.message),
                "data": {"rule": finding.rule.name, "fingerprint": finding.fingerprint},
            });
            if client.code_description {
                row["codeDescription"] = json!({"href": finding.rule.url()});
            }
            rows.push((cell.number, row));
        }
    }
    rows
}
