//! SARIF 2.1.0, with rules, fingerprints, related locations and what could not be read.

use std::fmt::Write;

use credscope_linter::{Finding, Severity, registry};
use serde_json::{Value, json};

use crate::{analysis::Checked, outcome::Outcome, pages::without_cases};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub fn render(outcome: &Outcome) -> anyhow::Result<String> {
    let rules: Vec<Value> = registry::all()
        .map(|rule| {
            let tags: Vec<String> = std::iter::once("security".to_owned())
                .chain(rule.cwe.iter().map(|c| format!("external/cwe/cwe-{c:03}")))
                .collect();
            json!({
                "id": rule.code,
                "name": rule.name,
                "shortDescription": {"text": rule.summary},
                "fullDescription": {"text": rule.summary},
                "help": {"text": without_cases(rule.docs), "markdown": without_cases(rule.docs)},
                "helpUri": rule.url(),
                "defaultConfiguration": {"level": level(rule.severity)},
                "properties": {"tags": tags, "precision": "high", "security-severity": security(rule.severity)},
            })
        })
        .collect();
    let index = |code: &str| registry::all().position(|r| r.code == code).unwrap_or(0);
    let results: Vec<Value> = outcome.findings().map(|(c, f)| result(c, f, index(f.rule.code))).collect();
    let notifications: Vec<Value> = outcome
        .problems()
        .map(|(path, message)| {
            json!({"level": "error", "message": {"text": message}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(path)}}}]})
        })
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "credscope", "version": env!("CARGO_PKG_VERSION"), "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"), "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{"executionSuccessful": notifications.is_empty(), "toolExecutionNotifications": notifications}],
            "results": results,
        }],
    });
    Ok(format!("{}\n", serde_json::to_string_pretty(&log)?))
}

fn result(checked: &Checked, finding: &Finding, index: usize) -> Value {
    let related: Vec<Value> = finding
        .related
        .iter()
        .enumerate()
        .map(|(i, r)| {
            let range = r.resolved.unwrap_or_else(|| checked.range(r.place));
            let mut location = location(r.path.as_deref().unwrap_or(&checked.path), range);
            location["id"] = json!(i + 1);
            location["message"] = json!({"text": r.message});
            location
        })
        .collect();
    let mut row = json!({
        "ruleId": finding.rule.code,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": {"text": sentences(finding)},
        "locations": [location(&checked.path, checked.range(finding.place))],
        "partialFingerprints": {"credscope/v1": finding.fingerprint},
        "properties": {"confidence": finding.confidence.name()},
    });
    if !related.is_empty() {
        row["relatedLocations"] = json!(related);
    }
    row
}

/// The first sentence says it all, as the standard asks for; the second one why and what to do.
fn sentences(finding: &Finding) -> String {
    let mut text = finding.message.clone();
    if !finding.help.is_empty() {
        let _ = write!(text, ". {}.", finding.help);
    }
    text
}

fn location(path: &str, ((line, column), (end_line, end_column)): ((u32, u32), (u32, u32))) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(path)},
        "region": {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column},
    }})
}

/// Relative URI reference: what may not stand in one is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for b in path.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&b) {
            out.push(b as char);
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Hint => "note",
    }
}

/// Score that code scanning services sort by.
fn security(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "8.0",
        Severity::Warning => "5.0",
        Severity::Info => "3.0",
        Severity::Hint => "1.0",
    }
}
