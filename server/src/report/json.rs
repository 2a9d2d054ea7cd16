//! The JSON of the contract, version 1.

use credscope_linter::{Finding, Place, fix::Fix};
use serde_json::{Value, json};

use crate::{analysis::Checked, outcome::Outcome};

pub fn render(outcome: &Outcome) -> anyhow::Result<String> {
    let findings: Vec<Value> = outcome.findings().map(|(checked, finding)| row(checked, finding)).collect();
    let problems: Vec<Value> =
        outcome.problems().map(|(path, message)| json!({"path": path, "message": message})).collect();
    let bytes: u64 = outcome.files.iter().map(|f| f.bytes).sum();
    let summary = json!({
        "files": outcome.read(), "bytes": bytes, "findings": findings.len(), "incomplete": !problems.is_empty(),
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
        // No value leaves the process: what moves with another credential in it is not written out.
        let edits = if copies(checked, finding, fix) { &[] } else { fix.edits.as_slice() };
        let edits: Vec<Value> = edits
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

/// Whether the edits of a fix write another credential: code that moves to another place takes along all that
/// stands in it.
fn copies(checked: &Checked, finding: &Finding, fix: &Fix) -> bool {
    let wide: Vec<Place> =
        fix.edits.iter().map(|e| e.place).filter(|p| p.span.len() > finding.place.span.len()).collect();
    if wide.is_empty() {
        return false;
    }
    let moved = |other: &&Place| {
        let inside = wide.iter().any(|w| w.cell == other.cell && w.span.contains(other.span));
        inside && !finding.place.span.contains(other.span)
    };
    checked.credentials().iter().filter(moved).any(|other| {
        let cell = checked.document.cells.get(other.cell as usize);
        let value = cell.and_then(|cell| cell.text.get(other.span.range())).unwrap_or_default();
        let value = value.trim_matches(['"', '\'']);
        !value.is_empty() && fix.edits.iter().any(|e| e.text.contains(value))
    })
}

fn range(checked: &Checked, place: Place) -> Value {
    range_of(checked.range(place))
}

fn range_of((start, end): ((u32, u32), (u32, u32))) -> Value {
    json!({"start": {"line": start.0, "column": start.1}, "end": {"line": end.0, "column": end.1}})
}
