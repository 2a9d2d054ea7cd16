//! Baselines: known findings by fingerprint, one line each and sorted, so that merges do not conflict and a diff shows
//! what came and went. They hold no value, no line number and no time.

use std::{collections::BTreeSet, path::Path};

use anyhow::Context;

use crate::outcome::Outcome;

pub fn read(file: &Path) -> anyhow::Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{}: cannot be read", file.display()))?;
    let document: serde_json::Value = serde_json::from_str(&text)
        .with_context(|| format!("{}: is not a baseline; write one with `credscope baseline`", file.display()))?;
    let rows = document
        .get("findings")
        .and_then(|f| f.as_array())
        .with_context(|| format!("{}: has no `findings`", file.display()))?;
    Ok(rows.iter().filter_map(|r| r.get("fingerprint")?.as_str().map(str::to_owned)).collect())
}

pub fn render(outcome: &Outcome) -> String {
    let rows: BTreeSet<String> = outcome
        .findings()
        .map(|(checked, finding)| {
            serde_json::json!({"path": checked.path, "rule": finding.rule.name, "fingerprint": finding.fingerprint})
                .to_string()
        })
        .collect();
    let rows: Vec<String> = rows.into_iter().map(|r| format!("    {r}")).collect();
    let list = if rows.is_empty() { "[]".to_owned() } else { format!("[\n{}\n  ]", rows.join(",\n")) };
    format!("{{\n  \"version\": 1,\n  \"findings\": {list}\n}}\n")
}
