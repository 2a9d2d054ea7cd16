//! Whole programs with the findings of each line: rows of the catalog that read a secret, tables, realistic notebooks.

use std::collections::BTreeSet;

use credscope_linter::{Settings, Workspace, engine};

struct Listed {
    ending: String,
    title: String,
    /// The text that is checked.
    text: String,
    expected: Vec<Expected>,
}

#[derive(Clone)]
struct Expected {
    /// From 1.
    line: usize,
    rule: String,
    /// Empty: any.
    severity: String,
    /// Lines of the path in order; `None`: any. The program's first line is 1, whatever heads the file.
    path: Option<Vec<usize>>,
}

fn listed(text: &str) -> Vec<Listed> {
    let mut programs: Vec<Listed> = Vec::new();
    for line in text.lines() {
        if let Some((ending, title)) = line.strip_prefix("=== ").and_then(|l| l.split_once(' ')) {
            let comment = match ending {
                "py" | "R" => "#",
                "scala" => "//",
                _ => "--",
            };
            let header = match title.starts_with("file") {
                true => "\n".to_owned(),
                false => format!("{comment} Databricks notebook source\n"),
            };
            programs.push(Listed {
                ending: ending.to_lowercase(),
                title: title.to_owned(),
                text: header,
                expected: Vec::new(),
            });
            continue;
        }
        let Some(program) = programs.last_mut() else { continue };
        let (code, findings) = line.split_once(" ⟸ ").unwrap_or((line, ""));
        let number = program.text.lines().count() + 1;
        for finding in findings.split_whitespace() {
            let (finding, path) = finding.split_once('@').map_or((finding, None), |(f, path)| (f, Some(path)));
            let (rule, severity) = finding.split_once(':').unwrap_or((finding, ""));
            let path = path.map(|p| p.split(',').map(|line| line.parse().expect("a line of the path")).collect());
            program.expected.push(Expected { line: number, rule: rule.into(), severity: severity.into(), path });
        }
        program.text.push_str(code);
        program.text.push('\n');
    }
    programs
}

/// What differs from the expected findings of a program.
fn differences(program: &Listed) -> Vec<String> {
    let path = format!("case.{}", program.ending);
    let opened = credscope_grammars::open(&path, program.text.as_bytes());
    let document = opened.documents.first().expect("a document");
    let report = engine::analyze(document, &path, &Settings::default(), &Workspace::default());
    let mut wrong = Vec::new();
    let mut expected = program.expected.clone();
    for finding in report.findings.iter().filter(|f| f.rule.code.starts_with("CS2")) {
        let line_of = |place: credscope_linter::Place| {
            let start = place.span.start as usize;
            let map = &document.cells[place.cell as usize].map;
            let physical = map.to_source(credscope_grammars::Span::new(start, start)).start as usize;
            let before = &program.text[..physical];
            before.lines().count().max(1) + usize::from(before.ends_with('\n'))
        };
        let (line, severity) = (line_of(finding.place), finding.severity.name());
        let fits = |e: &Expected| {
            e.line == line && e.rule == finding.rule.code && (e.severity.is_empty() || e.severity == severity)
        };
        let Some(i) = expected.iter().position(fits) else {
            wrong.push(format!("{line}: unexpected {} {severity}: {}", finding.rule.code, finding.message));
            continue;
        };
        if let Some(path) = expected.remove(i).path {
            let found: Vec<usize> = finding.related.iter().map(|r| line_of(r.place) - 1).collect();
            if found != path {
                wrong.push(format!("{line}: the path of {} is {found:?}, not {path:?}", finding.rule.code));
            }
        }
    }
    wrong.extend(expected.iter().map(|e| format!("{}: no {} {}", e.line, e.rule, e.severity)));
    wrong
}

fn hold(text: &str) -> Vec<Listed> {
    let programs = listed(text);
    let mut failures = Vec::new();
    for program in &programs {
        let wrong = differences(program);
        if !wrong.is_empty() {
            failures.push(format!("{} {}\n  {}", program.ending, program.title, wrong.join("\n  ")));
        }
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), programs.len(), failures.join("\n"));
    programs
}

#[test]
fn every_source_of_the_catalog_is_read() {
    let programs = hold(include_str!("programs/sources.txt"));
    let rows: BTreeSet<(&str, &str)> =
        programs.iter().map(|p| (p.ending.as_str(), p.title.split(' ').next().unwrap_or(""))).collect();
    let has = |ending: &str, row: u32| rows.iter().any(|(e, r)| *e == ending && r.starts_with(&format!("SRC{row:02}")));
    for row in (1..=26).filter(|r| !matches!(r, 2 | 6)) {
        assert!(has("py", row), "SRC{row:02} in Python");
    }
    for row in [2, 3, 4, 5, 11, 12, 13, 14, 15, 16, 20, 22, 25] {
        assert!(has("scala", row), "SRC{row:02} in Scala");
    }
    for row in [1, 4] {
        assert!(has("r", row), "SRC{row:02} in R");
    }
    for row in [5, 11, 25] {
        assert!(has("sql", row), "SRC{row:02} in SQL");
    }
    assert!(programs.iter().any(|p| p.title.starts_with("file SRC06")), "SRC06 in a Python file");
}

#[test]
fn values_are_followed_by_their_parts() {
    hold(include_str!("programs/values.txt"));
}

#[test]
fn what_is_masked_is_silent() {
    hold(include_str!("programs/masking.txt"));
}

#[test]
fn containers_keep_their_elements() {
    hold(include_str!("programs/containers.txt"));
}

#[test]
fn objects_show_what_their_classes_say() {
    hold(include_str!("programs/objects.txt"));
}

#[test]
fn records_and_references_carry_what_they_were_given() {
    hold(include_str!("programs/records.txt"));
}

#[test]
fn answers_and_results_are_what_their_makers_say() {
    hold(include_str!("programs/answers.txt"));
}

#[test]
fn texts_show_the_slots_that_they_have() {
    hold(include_str!("programs/texts.txt"));
}

#[test]
fn every_row_of_sinks_is_found() {
    let programs = hold(include_str!("programs/rows.txt"));
    let has = |ending: &str, row: u32| {
        let found = |p: &&Listed| p.ending == ending && p.title.contains(&format!("CS{row}"));
        let all: Vec<&Listed> = programs.iter().filter(found).collect();
        // A finding of the row, and a line of the same language that is silent.
        let reported = all.iter().any(|p| p.expected.iter().any(|e| e.rule == format!("CS{row}")));
        reported && all.iter().any(|p| p.text.lines().count() > p.expected.len() + 1)
    };
    for row in (201..=229).filter(|r| !matches!(r, 204 | 213 | 226)) {
        assert!(has("py", row), "CS{row} in Python");
    }
    for row in (201..=229).filter(|r| !matches!(r, 203 | 205 | 213 | 220 | 226..=228)) {
        assert!(has("scala", row), "CS{row} in Scala");
    }
    for row in [212, 213, 224] {
        assert!(programs.iter().any(|p| p.ending == "sql" && p.title.contains(&format!("CS{row}"))), "CS{row} in SQL");
    }
}

#[test]
fn what_secrets_are_for_is_silent() {
    hold(include_str!("programs/silent.txt"));
}

/// Findings, their severities and the lines of their paths.
#[test]
fn notebooks_are_judged_line_by_line_with_their_paths() {
    let files = [
        include_str!("programs/languages.txt"),
        include_str!("programs/notebooks.txt"),
        include_str!("programs/everyday.txt"),
        include_str!("programs/masked.txt"),
        include_str!("programs/mixed.txt"),
        include_str!("programs/clients.txt"),
        include_str!("programs/scala.txt"),
        include_str!("programs/pieces.txt"),
        include_str!("programs/sides.txt"),
        include_str!("programs/looks.txt"),
        include_str!("programs/wrappers.txt"),
        include_str!("programs/helpers.txt"),
    ];
    let programs: Vec<Listed> = files.iter().flat_map(|text| hold(text)).collect();
    let expected = || programs.iter().flat_map(|p| &p.expected);
    let lines: usize = programs.iter().map(|p| p.text.lines().count()).sum();
    let paths = expected().filter(|e| e.path.is_some()).count();
    assert!(programs.len() >= 150 && paths >= 300, "{} programs, {paths} paths", programs.len());
    assert!(expected().count() * 2 < lines, "most lines are silent");
}

#[test]
fn realistic_programs_are_judged_line_by_line() {
    let programs = hold(include_str!("programs/realistic.txt"));
    let silent = programs.iter().filter(|p| p.expected.is_empty()).count();
    assert!(silent * 3 >= programs.len(), "{silent} of {} are silent", programs.len());
}
