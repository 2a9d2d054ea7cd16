//! `explain`, `rules` and `config`: what credscope knows and what is in force.

use std::{fmt::Write, path::Path, process::ExitCode};

use credscope_linter::registry;
use serde_json::json;

use crate::{cli::ListFormat, configs::Configs, report};

/// A rule's page without its test cases.
pub fn explain(word: &str) -> anyhow::Result<ExitCode> {
    let Some(rule) = registry::find(word) else {
        let Err(message) = credscope_linter::config::known_rule(word) else {
            anyhow::bail!("`{word}` names several rules: give one code")
        };
        anyhow::bail!("{message}");
    };
    report::write_stdout(&format!("{}\n\n{}\n", without_cases(rule.docs), rule.url()))?;
    Ok(ExitCode::SUCCESS)
}

pub fn without_cases(docs: &str) -> &str {
    docs.split("\n## Cases").next().unwrap_or(docs).trim_end()
}

pub fn rules(format: ListFormat) -> anyhow::Result<ExitCode> {
    let mut out = String::new();
    match format {
        ListFormat::Text => {
            for rule in registry::all() {
                let _ = writeln!(out, "{} {:28} {:8} {}", rule.code, rule.name, rule.severity.name(), rule.summary);
            }
        }
        ListFormat::Json => {
            let rows: Vec<_> = registry::all()
                .map(|r| json!({"code": r.code, "name": r.name, "severity": r.severity.name(), "summary": r.summary, "url": r.url()}))
                .collect();
            out = serde_json::to_string_pretty(&rows)? + "\n";
        }
    }
    report::write_stdout(&out)?;
    Ok(ExitCode::SUCCESS)
}

/// The configuration in force for a path, or the schema of the file.
pub fn config(path: &Path, schema: bool, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    if schema {
        report::write_stdout(&format!("{}\n", serde_json::to_string_pretty(&credscope_linter::config::schema())?))?;
        return Ok(ExitCode::SUCCESS);
    }
    let configs = Configs::new(file)?;
    let absolute = std::path::absolute(path)?;
    let found = configs.of(&absolute);
    let from = found.file.as_ref().map_or_else(
        || "no configuration file was found: these are the defaults".to_owned(),
        |file| format!("from {}", file.display()),
    );
    let settings = found.resolved.in_force(&found.relative(&absolute))?;
    let out = format!("# In force for {}, {from}\n{settings}", path.display());
    report::write_stdout(&out)?;
    let problems = configs.problems();
    for (_, problem) in &problems {
        report::complain(problem);
    }
    Ok(ExitCode::from(if problems.is_empty() { 0 } else { 2 }))
}
