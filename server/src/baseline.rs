//! Baselines: known findings by fingerprint, one line each and sorted, so that merges do not conflict and a diff shows
//! what came and went. They hold no value, no line number and no time.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
};

use anyhow::Context;
use credscope_linter::{Finding, ValueKey};

use crate::outcome::Outcome;

/// The form that is written and read.
const VERSION: u64 = 1;

pub fn read(file: &Path) -> anyhow::Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{}: cannot be read", file.display()))?;
    let document: serde_json::Value = serde_json::from_str(&text)
        .with_context(|| format!("{}: is not a baseline; write one with `credscope baseline`", file.display()))?;
    if let Some(version) = document.get("version").filter(|version| version.as_u64() != Some(VERSION)) {
        anyhow::bail!(
            "{}: has version {version}, and version {VERSION} is read; write it anew with `credscope baseline`",
            file.display()
        );
    }
    let rows = document
        .get("findings")
        .and_then(|f| f.as_array())
        .with_context(|| format!("{}: has no `findings`", file.display()))?;
    Ok(rows.iter().filter_map(|r| r.get("fingerprint")?.as_str().map(str::to_owned)).collect())
}

/// What `--fix` leaves alone in a file because a baseline knows it. A fingerprint counts the findings of one name before
/// it: when one of those is fixed it changes, and the finding is known by what it says.
pub struct Left<'k> {
    known: Option<&'k BTreeSet<String>>,
    seen: HashMap<Said, usize>,
    is_first: bool,
}

/// Rule, name that the credential stands under, message, value.
type Said = (&'static str, String, String, Option<ValueKey>);

impl<'k> Left<'k> {
    pub fn new(known: Option<&'k BTreeSet<String>>) -> Self {
        Self { known, seen: HashMap::new(), is_first: true }
    }

    /// Takes the fixes of what is known. The first call sees the file as the baseline counted it.
    pub fn without_fixes(&mut self, findings: &mut [Finding]) {
        let is_first = std::mem::take(&mut self.is_first);
        for finding in findings {
            let is_known = match is_first {
                true => self.known.is_some_and(|known| known.contains(&finding.fingerprint)),
                false => self.seen.contains_key(&said(finding)),
            };
            if is_known {
                finding.fixes.clear();
                if is_first {
                    *self.seen.entry(said(finding)).or_default() += 1;
                }
            }
        }
    }

    /// Drops what is known from what remains after fixes.
    pub fn remove(&mut self, findings: &mut Vec<Finding>) {
        findings.retain(|finding| match self.seen.get_mut(&said(finding)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
    }
}

fn said(finding: &Finding) -> Said {
    (finding.rule.code, finding.subject.clone(), finding.message.clone(), finding.value)
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
    format!("{{\n  \"version\": {VERSION},\n  \"findings\": {list}\n}}\n")
}
