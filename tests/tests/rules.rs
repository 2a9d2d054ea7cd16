//! Runs the cases of every rule's page, in every container that a case is for. `RULE=CS102` runs one page.

use credscope_grammars::{CellKind, Container, Document};
use credscope_linter::{Finding, Settings, Workspace, fix::Applicability, rule::RuleMeta, workspace::Scopes};
use credscope_tests::{
    cases::{self, Case},
    fixing,
    render::{self, Rendered},
};

/// Longest message, in characters: what the lists of problems in editors show of one. Reason and advice are
/// [`Finding::help`].
const MESSAGE: usize = 100;

#[test]
fn cases_of_every_page_hold() {
    let only = std::env::var("RULE").ok();
    let mut failures = Vec::new();
    let mut ran = 0;
    for rule in credscope_linter::registry::all() {
        if only.as_deref().is_some_and(|o| o != rule.code && o != rule.name) {
            continue;
        }
        let cases = cases::parse(rule.docs);
        if cases.is_empty() {
            failures.push(format!("{} has no cases", rule.name));
        }
        for case in &cases {
            for rendered in render::render(case) {
                ran += 1;
                if let Err(why) = run(rule, case, &rendered) {
                    failures.push(format!("{} · {} · {}\n{why}", rule.name, case.title, rendered.container));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} of {ran} runs failed:\n\n{}", failures.len(), failures.join("\n\n"));
    assert!(ran > 0, "no case ran");
}

/// Editors, SARIF and the text report link to it.
#[test]
fn every_rules_link_leads_to_its_page() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../linter/src/rules");
    for rule in credscope_linter::registry::all() {
        let page = std::fs::read_to_string(root.join(rule.page()).with_extension("md"));
        assert_eq!(page.ok().as_deref(), Some(rule.docs), "{}: {}", rule.code, rule.url());
    }
}

fn run(rule: &RuleMeta, case: &Case, rendered: &Rendered) -> Result<(), String> {
    // 2026-06-01.
    let settings = Settings { pedantic: true, now: Some(1_780_272_000), ..settings(case) };
    let workspace = workspace(case);
    let opened = rendered.open(&rendered.text);
    if let Some(problem) = opened.problems.first() {
        return Err(format!("  problem: {}", problem.message));
    }
    let document = opened.documents.first().ok_or("  nothing opened")?;
    let report = credscope_linter::analyze(document, &rendered.path, &settings, &workspace);
    let mut seen: Vec<Seen> = report.findings.iter().map(|f| seen_at(document, rendered, f)).collect();
    let mut wrong = Vec::new();
    let long = seen.iter().filter(|s| s.message.chars().count() > MESSAGE);
    wrong.extend(long.map(|s| format!("  message of {} characters: {}", s.message.chars().count(), s.message)));
    for expected in &case.expected {
        let code = expected.code.as_deref().unwrap_or(rule.code);
        match seen.iter().position(|s| s.code == code && s.range == Some(expected.range.clone())) {
            Some(i) => {
                let found = seen.remove(i);
                if expected.severity.as_deref().is_some_and(|s| s != found.severity) {
                    wrong.push(format!(
                        "  {code} on line {} is {}",
                        line(&case.code, expected.range.start),
                        found.severity
                    ));
                }
            }
            None => wrong.push(format!(
                "  missing {code} on line {}: `{}`",
                line(&case.code, expected.range.start),
                &case.code[expected.range.clone()]
            )),
        }
    }
    for extra in seen.iter().filter(|s| s.code == rule.code) {
        wrong.push(format!("  unexpected {} on {}: {}", extra.code, extra.shown(case), extra.message));
    }
    // Nothing else is found even of low confidence, and what is expected is found without asking for it.
    if !case.words.iter().any(|word| word == "pedantic") {
        let usual = Settings { pedantic: false, ..settings.clone() };
        let usual = credscope_linter::analyze(document, &rendered.path, &usual, &workspace).findings;
        let lost =
            report.findings.iter().filter(|f| !usual.iter().any(|u| u.rule.code == f.rule.code && u.place == f.place));
        let lost = lost.map(|f| seen_at(document, rendered, f));
        wrong.extend(
            lost.map(|s| format!("  {} on {} only with --pedantic: mark the case `pedantic`", s.code, s.shown(case))),
        );
    }
    check_fixed(case, rendered, &settings, &workspace, &mut wrong);
    if wrong.is_empty() {
        return Ok(());
    }
    wrong.extend(
        seen.iter().filter(|s| s.code != rule.code).map(|s| format!("  (also {} on {})", s.code, s.shown(case))),
    );
    Err(wrong.join("\n"))
}

/// After all fixes nothing that was fixed is found again, no cell reads worse than before, and a second run changes
/// nothing; the cells read as the `fixed` block says when the case has one.
fn check_fixed(case: &Case, rendered: &Rendered, settings: &Settings, workspace: &Workspace, wrong: &mut Vec<String>) {
    let open = |text: &str| rendered.open(text);
    let (path, text) = (&rendered.path, &rendered.text);
    let done = fixing::fix_opened(path, text, &open, settings, workspace, Applicability::Unsafe);
    wrong.extend(done.wrong.iter().map(|w| format!("  fixing: {w}")));
    let Some(fixed) = &case.fixed else { return };
    let opened = rendered.open(&done.text);
    let cells = opened.documents[0].cells.iter().filter(|c| c.kind == CellKind::Code);
    let plain = opened.documents[0].container == Container::Plain;
    let seen: Vec<&str> = if plain { vec![done.text.trim_end()] } else { cells.map(|c| c.text.trim_end()).collect() };
    let whole = render::split(fixed);
    let expected: Vec<&str> = whole
        .iter()
        .map(|(_, t)| t.trim_end())
        .map(|t| t.split_once('\n').filter(|(m, _)| m.starts_with('%')).map_or(t, |(_, rest)| rest))
        .collect();
    if seen != expected {
        wrong.push(format!(
            "  fixed text of {}:\n{}\n  expected:\n{}",
            case.title,
            seen.join("\n--\n"),
            expected.join("\n--\n")
        ));
    }
}

struct Seen {
    code: &'static str,
    severity: &'static str,
    message: String,
    /// Bytes of the case's code.
    range: Option<std::ops::Range<usize>>,
}

impl Seen {
    fn shown(&self, case: &Case) -> String {
        let Some(range) = self.range.clone() else { return "?".into() };
        format!("line {}: `{}`", line(&case.code, range.start), case.code.get(range).unwrap_or("?"))
    }
}

/// A finding in coordinates of the case's code.
fn seen_at(document: &Document, rendered: &Rendered, finding: &Finding) -> Seen {
    let cell = &document.cells[finding.place.cell as usize];
    let range = match cell.kind {
        CellKind::Output { .. } | CellKind::Meta => None,
        // Its text is the case's code, whichever blocks it is read in.
        _ if document.container == Container::Plain => {
            Some(document.physical(finding.place.cell as usize, finding.place.span).range())
        }
        _ => rendered.cells.get(cell.number as usize).and_then(|(start, text)| {
            // A magic word is outside the cell's text, which is otherwise the case's cell.
            let inside = text.find(cell.text.trim_end())? + start;
            Some(inside + finding.place.span.start as usize..inside + finding.place.span.end as usize)
        }),
    };
    Seen { code: finding.rule.code, severity: finding.severity.name(), message: finding.message.clone(), range }
}

fn settings(case: &Case) -> Settings {
    let Some(text) = &case.config else { return Settings::default() };
    let config = match credscope_linter::config::parse("credscope.toml", text) {
        Ok(config) => config.unwrap_or_default(),
        Err(error) => panic!("case `{}`: {error}", case.title),
    };
    let path = case.path.clone().unwrap_or_default();
    credscope_linter::config::Resolved::new(config).settings(&Settings::default(), &path)
}

fn workspace(case: &Case) -> Workspace {
    let mut workspace = Workspace::default();
    let mut scopes = Scopes::default();
    for (path, text) in &case.extra {
        let opened = credscope_grammars::open(path, text.as_bytes());
        for document in opened.documents {
            scopes.extend(&Scopes::of(&document));
            let entry = credscope_linter::workspace::WorkspaceDocument::new(document.into());
            workspace.documents.insert(path.trim_start_matches("./").to_owned(), entry.into());
        }
    }
    workspace.scopes = scopes.into();
    workspace
}

fn line(code: &str, offset: usize) -> usize {
    code[..offset.min(code.len())].matches('\n').count() + 1
}
