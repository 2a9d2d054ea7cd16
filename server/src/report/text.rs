//! For people: the message, the source line with the credential masked, and what belongs to it.

use std::{collections::BTreeMap, fmt::Write};

use credscope_linter::{Finding, Severity};

use super::excerpt::excerpt;
use crate::{analysis::Checked, outcome::Outcome};

pub fn render(outcome: &Outcome, quiet: bool) -> String {
    let mut out = String::new();
    for (checked, finding) in outcome.findings() {
        one(&mut out, checked, finding);
    }
    for (path, problem) in outcome.problems() {
        let _ = writeln!(out, "problem: {path}: {problem}\n");
    }
    if !quiet {
        out.push_str(&summary(outcome));
    }
    out
}

fn one(out: &mut String, checked: &Checked, finding: &Finding) {
    let ((line, column), _) = checked.range(finding.place);
    let _ =
        writeln!(out, "{}[{} {}]: {}", finding.severity.name(), finding.rule.code, finding.rule.name, finding.message);
    let cell = checked.cell(finding.place).map_or(String::new(), |(n, l)| format!(" (cell {}, line {l})", n + 1));
    let gutter = line.to_string().len().max(2);
    let _ = writeln!(out, "{:gutter$}--> {}:{line}:{column}{cell}", "", checked.path);
    if let Some((text, from, to)) = excerpt(checked, finding) {
        let _ = writeln!(out, "{:gutter$} |", "");
        let _ = writeln!(out, "{line:gutter$} | {text}");
        let _ = writeln!(out, "{:gutter$} | {}{}", "", " ".repeat(from), "^".repeat((to - from).max(1)));
    }
    for related in &finding.related {
        let path = related.path.as_deref().unwrap_or(&checked.path);
        let ((line, column), _) = related.resolved.unwrap_or_else(|| checked.range(related.place));
        let _ = writeln!(out, "{:gutter$} = {path}:{line}:{column}: {}", "", related.message);
    }
    if !finding.help.is_empty() {
        let _ = writeln!(out, "{:gutter$} = help: {}", "", finding.help);
    }
    if let Some(fix) = finding.fixes.first() {
        let _ = writeln!(out, "{:gutter$} = fix ({}): {}", "", fix.applicability.name(), fix.title);
    }
    out.push('\n');
}

fn summary(outcome: &Outcome) -> String {
    let (mut by, mut total) = (BTreeMap::new(), 0);
    for (_, finding) in outcome.findings() {
        *by.entry(std::cmp::Reverse(finding.severity)).or_insert(0) += 1;
        total += 1;
    }
    let files = outcome.read();
    let plural = |severity: Severity, n: i32| if n == 1 || severity == Severity::Info { "" } else { "s" };
    let parts: Vec<String> = by.iter().map(|(s, n)| format!("{n} {}{}", s.0.name(), plural(s.0, *n))).collect();
    let found = if total == 0 { "no findings".to_owned() } else { parts.join(", ") };
    let unread = outcome.problems().count();
    let incomplete = if unread > 0 { format!("; INCOMPLETE: {unread} not read, see above") } else { String::new() };
    let gate = if total > 0 && outcome.findings().any(|(_, f)| f.severity >= Severity::Warning) {
        "Rotate every credential found: it stays in the file's history. `credscope explain CODE` tells more.\n"
    } else {
        ""
    };
    format!("{found} in {files} file{}{incomplete}\n{gate}", if files == 1 { "" } else { "s" })
}

/// Counts by rule, most first.
pub fn statistics(outcome: &Outcome) -> String {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (_, finding) in outcome.findings() {
        *counts.entry((finding.rule.code, finding.rule.name)).or_default() += 1;
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(rule, n)| (std::cmp::Reverse(*n), *rule));
    rows.into_iter().map(|((code, name), n)| format!("{n:6}  {code} {name}\n")).collect()
}
