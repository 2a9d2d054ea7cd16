//! For people: the message, the source line with the credential masked, and what belongs to it.

use std::{collections::BTreeMap, fmt::Write};

use credscope_linter::{Finding, Place, Severity};

use crate::{analysis::Checked, outcome::Outcome};

/// Longest part of a source line that is shown, in characters.
const WIDTH: usize = 100;

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

/// First line of the finding in its cell with every credential of that line masked, and the columns to underline.
fn excerpt(checked: &Checked, finding: &Finding) -> Option<(String, usize, usize)> {
    let cell = checked.document.cells.get(finding.place.cell as usize)?;
    let span = finding.place.span;
    let start = cell.text.get(..span.start as usize)?.rfind('\n').map_or(0, |i| i + 1);
    let end = cell.text[span.start as usize..].find('\n').map_or(cell.text.len(), |i| span.start as usize + i);
    // A credential that nobody reports here is hidden, too.
    let preview = |place: &Place| {
        checked.findings.iter().find(|f| f.place == *place && f.value.is_some()).map_or("***", |f| f.preview.as_str())
    };
    let mut places: Vec<(Place, &str)> = checked
        .credentials()
        .iter()
        .filter(|p| p.cell == finding.place.cell)
        .filter(|p| (p.span.start as usize) < end && (p.span.end as usize) > start)
        .map(|p| (*p, preview(p)))
        .collect();
    if !places.iter().any(|(p, _)| *p == finding.place) {
        places.push((finding.place, ""));
    }
    places.sort();
    let (mut text, mut from, mut to) = (String::new(), 0, 0);
    let mut at = start;
    for (place, preview) in places {
        let (a, b) = ((place.span.start as usize).max(start), (place.span.end as usize).min(end));
        if a < at {
            continue;
        }
        text.push_str(cell.text.get(at..a)?);
        if place == finding.place {
            from = text.chars().count();
        }
        let shown = cell.text.get(a..b)?;
        if preview.is_empty() {
            text.push_str(shown);
        } else {
            let quote: String = shown.chars().take_while(|c| matches!(c, '"' | '\'')).take(1).collect();
            let _ = write!(text, "{quote}{preview}{quote}");
        }
        if place == finding.place {
            to = text.chars().count();
        }
        at = b;
    }
    text.push_str(cell.text.get(at..end)?);
    Some(clip(&text.replace('\t', " ").replace('\r', ""), from, to))
}

/// Keeps the underlined part in view.
fn clip(text: &str, from: usize, to: usize) -> (String, usize, usize) {
    let length = text.chars().count();
    if length <= WIDTH {
        return (text.to_owned(), from, to.min(length.max(from + 1)));
    }
    let skip = from.saturating_sub(WIDTH / 2);
    let mut shown: String = text.chars().skip(skip).take(WIDTH).collect();
    let (mut from, mut to) = (from - skip, (to - skip).min(WIDTH));
    if skip > 0 {
        shown.insert(0, '…');
        (from, to) = (from + 1, to + 1);
    }
    if skip + WIDTH < length {
        shown.push('…');
    }
    (shown, from, to)
}

fn summary(outcome: &Outcome) -> String {
    let (mut by, mut total) = (BTreeMap::new(), 0);
    for (_, finding) in outcome.findings() {
        *by.entry(std::cmp::Reverse(finding.severity)).or_insert(0) += 1;
        total += 1;
    }
    let files = outcome.files.len();
    let parts: Vec<String> = by.iter().map(|(s, n)| format!("{n} {}", s.0.name())).collect();
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
