//! `credscope provision`: what must exist for fixed code to run. Names and places, never a value.

use std::{collections::BTreeMap, fmt::Write, path::Path, process::ExitCode};

use anyhow::Context;
use credscope_linter::{
    Finding,
    fix::{Names, SecretName},
};
use serde_json::json;

use crate::{
    check,
    cli::{CheckOptions, ProvisionFormat},
    report,
};

/// A secret that a fix names, and where its value was.
#[derive(Clone, Debug)]
pub struct Record {
    pub secret: SecretName,
    pub path: String,
    pub line: u32,
    pub fingerprint: String,
}

impl Record {
    /// The secrets of a finding's preferred fix.
    pub fn of(path: &str, line: u32, finding: &Finding) -> Vec<Record> {
        let Some(fix) = finding.fixes.first() else { return Vec::new() };
        let fingerprint = &finding.fingerprint;
        fix.secrets
            .iter()
            .map(|secret| Record {
                secret: secret.clone(),
                path: path.to_owned(),
                line,
                fingerprint: fingerprint.clone(),
            })
            .collect()
    }
}

/// The mapping that `--plan` records.
pub fn plan(records: &[Record]) -> anyhow::Result<String> {
    let rows: Vec<serde_json::Value> = records
        .iter()
        .map(|r| json!({"scope": r.secret.scope, "key": r.secret.key, "path": r.path, "line": r.line, "fingerprint": r.fingerprint}))
        .collect();
    Ok(serde_json::to_string_pretty(&json!({"version": 1, "secrets": rows}))? + "\n")
}

/// Shell commands that store the secrets of `records`.
pub fn commands(records: &[Record]) -> String {
    let mut by: Secrets = BTreeMap::new();
    for record in records {
        by.entry(record.secret.clone()).or_default().push(record.clone());
    }
    shell(&by)
}

pub fn run(options: &CheckOptions, format: ProvisionFormat, from: Option<&Path>) -> anyhow::Result<ExitCode> {
    let records = match from {
        Some(file) => read(file)?,
        None => {
            let outcome = check::analyse(options)?;
            let mut names = Names::default();
            let outcome = check::with_fixes(outcome, &mut names);
            outcome
                .findings()
                .flat_map(|(checked, finding)| {
                    let ((line, _), _) = checked.range(finding.place);
                    Record::of(&checked.path, line, finding)
                })
                .collect()
        }
    };
    let mut by: BTreeMap<SecretName, Vec<Record>> = BTreeMap::new();
    for record in records {
        by.entry(record.secret.clone()).or_default().push(record);
    }
    let text = match format {
        ProvisionFormat::Shell => shell(&by),
        ProvisionFormat::Terraform => terraform(&by),
        ProvisionFormat::Bundle => bundle(&by),
        ProvisionFormat::Json => plan(&by.into_values().flatten().collect::<Vec<_>>())?,
    };
    report::write_stdout(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> anyhow::Result<Vec<Record>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{}: cannot be read", file.display()))?;
    let document: serde_json::Value = serde_json::from_str(&text)
        .with_context(|| format!("{}: is not a plan of `check --fix --plan`", file.display()))?;
    let rows = document
        .get("secrets")
        .and_then(|s| s.as_array())
        .with_context(|| format!("{}: has no `secrets`", file.display()))?;
    let text = |row: &serde_json::Value, key: &str| row.get(key).and_then(|v| v.as_str()).unwrap_or("").to_owned();
    Ok(rows
        .iter()
        .map(|row| Record {
            secret: SecretName { scope: text(row, "scope"), key: text(row, "key") },
            path: text(row, "path"),
            line: row.get("line").and_then(serde_json::Value::as_u64).unwrap_or(0) as u32,
            fingerprint: text(row, "fingerprint"),
        })
        .collect())
}

type Secrets = BTreeMap<SecretName, Vec<Record>>;

fn scopes(by: &Secrets) -> Vec<&str> {
    let mut scopes: Vec<&str> = by.keys().map(|s| s.scope.as_str()).collect();
    scopes.dedup();
    scopes
}

fn places(records: &[Record]) -> String {
    let place = |r: &Record| if r.line == 0 { r.path.clone() } else { format!("{}:{}", r.path, r.line) };
    let mut places: Vec<String> = records.iter().map(place).collect();
    places.sort();
    places.dedup();
    places.join(", ")
}

fn shell(by: &Secrets) -> String {
    let mut out = String::from(
        "# Stores the secrets that the fixed code reads. Each put-secret asks for the value.\n# Enter new values: the old ones stay in the history of the files.\n",
    );
    for scope in scopes(by) {
        let _ = writeln!(out, "\ndatabricks secrets create-scope {scope}");
        for (secret, records) in by.iter().filter(|(s, _)| s.scope == scope) {
            let _ = writeln!(out, "# was in {}; rotate it", places(records));
            let _ = writeln!(out, "databricks secrets put-secret {scope} {}", secret.key);
        }
        let _ = writeln!(out, "databricks secrets put-acl {scope} GROUP READ  # the group that runs the code");
    }
    out
}

fn identifier(text: &str) -> String {
    let name: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("s_{name}") } else { name }
}

fn terraform(by: &Secrets) -> String {
    let mut out = String::new();
    for scope in scopes(by) {
        let id = identifier(scope);
        let _ = writeln!(out, "resource \"databricks_secret_scope\" \"{id}\" {{\n  name = \"{scope}\"\n}}\n");
        let _ = writeln!(
            out,
            "resource \"databricks_secret_acl\" \"{id}_read\" {{\n  scope      = databricks_secret_scope.{id}.name\n  principal  = var.{id}_readers\n  permission = \"READ\"\n}}\n\nvariable \"{id}_readers\" {{\n  type = string\n}}\n"
        );
        for (secret, records) in by.iter().filter(|(s, _)| s.scope == scope) {
            let name = identifier(&format!("{scope}_{}", secret.key));
            let _ = writeln!(out, "# was in {}; rotate it", places(records));
            let _ = writeln!(
                out,
                "variable \"{name}\" {{\n  type      = string\n  sensitive = true\n}}\n\nresource \"databricks_secret\" \"{name}\" {{\n  scope        = databricks_secret_scope.{id}.name\n  key          = \"{}\"\n  string_value = var.{name}\n}}\n",
                secret.key
            );
        }
    }
    out
}

fn bundle(by: &Secrets) -> String {
    let mut out = String::from(
        "# Scopes for a bundle. A bundle holds no values: run the put-secret commands below.\nresources:\n  secret_scopes:\n",
    );
    for scope in scopes(by) {
        let _ = writeln!(
            out,
            "    {}:\n      name: {scope}\n      permissions:\n        - group_name: GROUP # the group that runs the code\n          level: READ",
            identifier(scope)
        );
    }
    for (secret, records) in by {
        let _ = writeln!(
            out,
            "# databricks secrets put-secret {} {}  # was in {}; rotate it",
            secret.scope,
            secret.key,
            places(records)
        );
    }
    out
}
