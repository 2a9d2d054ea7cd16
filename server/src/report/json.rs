//! The JSON of the contract, version 1.

use credscope_linter::{Finding, Place};
use serde_json::{Value, json};

use crate::{analysis::Checked, outcome::Outcome};

pub fn render(outcome: &Outcome) -> anyhow::Result<String> {
    let findings: Vec<Value> = outcome.findings().map(|(checked, finding)| row(checked, finding)).collect();
    let problems: Vec<Value> =
        outcome.problems().map(|(path, message)| json!({"path": path, "message": message})).collect();
    let bytes: u64 = outcome.files.iter().map(|f| f.bytes).sum();
    let summary = json!({
        "files": outcome.files.len(), "bytes": bytes, "findings": findings.len(), "incomplete": !problems.is_empty(),
    });
    let document = json!({"version": 1, "findings": findings, "problems": problems, "summary": summary});
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}

fn row(checked: &Checked, finding: &Finding) -> Value {
    let related: Vec<Value> = finding
        .related
        .iter()
        .map(|r| {
            let range = r.resolved.map_or_else(|| range_of(checked.range(r.place)), range_of);
            json!({"message": r.message, "path": r.path.as_deref().unwrap_or(&checked.path), "range": range})
        })
        .collect();
    let fix = finding.fixes.first().map(|fix| {
        let edits: Vec<Value> = fix
            .edits
            .iter()
            .filter_map(|e| {
                let (span, text) = checked.document.edit(e.place.cell as usize, e.place.span, &e.text)?;
                Some(json!({"range": range_of(checked.physical(span)), "text": text}))
            })
            .collect();
        json!({"title": fix.title, "applicability": fix.applicability.name(), "edits": edits})
    });
    json!({
        "code": finding.rule.code,
        "rule": finding.rule.name,
        "severity": finding.severity.name(),
        "confidence": finding.confidence.name(),
        "message": finding.message,
        "help": finding.help,
        "path": checked.path,
        "language": checked.language(finding.place),
        "cell": checked.cell(finding.place).map(|(index, line)| json!({"index": index, "line": line})),
        "range": range(checked, finding.place),
        "preview": finding.preview,
        "fingerprint": finding.fingerprint,
        "fix": fix,
        "related": related,
    })
}

fn range(checked: &Checked, place: Place) -> Value {
    range_of(checked.range(place))
}

fn range_of((start, end): ((u32, u32), (u32, u32))) -> Value {
    json!({"start": {"line": start.0, "column": start.1}, "end": {"line": end.0, "column": end.1}})
}
