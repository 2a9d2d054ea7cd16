//! GitLab code quality report (a JSON list).

use credscope_linter::Severity;
use serde_json::json;

use crate::outcome::Outcome;

pub fn render(outcome: &Outcome) -> anyhow::Result<String> {
    let rows: Vec<serde_json::Value> = outcome
        .findings()
        .map(|(checked, finding)| {
            let ((line, _), (end, _)) = checked.range(finding.place);
            let severity = match finding.severity {
                Severity::Error => "critical",
                Severity::Warning => "major",
                Severity::Info => "minor",
                Severity::Hint => "info",
            };
            json!({
                "description": finding.message,
                "check_name": finding.rule.name,
                "fingerprint": finding.fingerprint,
                "severity": severity,
                "location": {"path": checked.path, "lines": {"begin": line, "end": end}},
            })
        })
        .collect();
    Ok(format!("{}\n", serde_json::to_string_pretty(&rows)?))
}
