//! The flow table: source × shape of propagation × sink, for Python and Scala from one list of shapes. Each leaking program
//! has a silent twin. Expected severities are those of the catalog's matrix, expected paths are marked in the programs.

mod listed;
mod program;
mod shapes;

use credscope_linter::{Settings, Workspace, engine};
use program::{Language, Program, SINKS, SOURCES};
use shapes::SHAPES;

#[test]
fn every_program_leaks_as_expected() {
    let only = std::env::var("SHAPE").ok();
    let (mut failures, mut leaking, mut silent) = (Vec::new(), 0, 0);
    for shape in SHAPES.iter().filter(|s| only.as_deref().is_none_or(|o| o == s.name)) {
        for language in [Language::Python, Language::Scala] {
            for source in SOURCES.iter().filter(|s| s.text(language).is_some()) {
                for sink in SINKS {
                    for (template, leaks) in shape.templates(language) {
                        let program = Program::new(template, language, source, sink, shape.effect, leaks);
                        if leaks {
                            leaking += 1
                        } else {
                            silent += 1
                        }
                        let title = format!("{} · {} · {} · {}", shape.name, language.name(), source.name, sink.name);
                        if let Err(why) = check(&program, language) {
                            failures.push(format!(
                                "{title} · {}\n{why}\n{}",
                                if leaks { "leaks" } else { "silent" },
                                program.code
                            ));
                        }
                    }
                }
            }
        }
    }
    let shown: Vec<&str> = failures.iter().step_by(3).take(30).map(String::as_str).collect();
    assert!(
        failures.is_empty(),
        "{} of {} programs failed:\n\n{}",
        failures.len(),
        leaking + silent,
        shown.join("\n\n")
    );
    assert!(only.is_some() || leaking >= 150 && silent >= 150, "{leaking} leaking and {silent} silent programs");
}

fn check(program: &Program, language: Language) -> Result<(), String> {
    let text = format!("{} Databricks notebook source\n{}", language.comment(), program.code);
    let path = format!("case.{}", language.extension());
    let opened = credscope_grammars::open(&path, text.as_bytes());
    let document = opened.documents.first().ok_or("nothing opened")?;
    let report = engine::analyze(document, &path, &Settings::default(), &Workspace::default());
    let found: Vec<_> = report
        .findings
        .iter()
        .filter(|f| f.rule.code.starts_with("CS2"))
        // Only what the program is about: a URL or a shell's echo on the way is another matter.
        .filter(|f| f.rule.code == program.code_of_rule || !matches!(f.rule.code, "CS204" | "CS210"))
        .collect();
    let shown = |place: credscope_linter::Place| place.span.of(&document.cells[place.cell as usize].text).to_owned();
    let Some(expected) = &program.expected else {
        return match found.first() {
            Some(extra) => {
                Err(format!("unexpected {} on `{}`: {}", extra.rule.code, shown(extra.place), extra.message))
            }
            None => Ok(()),
        };
    };
    let [finding] = found.as_slice() else {
        let all: Vec<_> = found.iter().map(|f| format!("{} on `{}`", f.rule.code, shown(f.place))).collect();
        return Err(format!("{} findings: {all:?}", found.len()));
    };
    if finding.rule.code != program.code_of_rule {
        return Err(format!("{} instead of {}", finding.rule.code, program.code_of_rule));
    }
    if finding.severity.name() != expected.severity {
        return Err(format!("{} is {} instead of {}", finding.rule.code, finding.severity.name(), expected.severity));
    }
    if shown(finding.place) != expected.argument {
        return Err(format!("on `{}` instead of `{}`", shown(finding.place), expected.argument));
    }
    let path: Vec<String> = finding.related.iter().map(|r| shown(r.place)).collect();
    if path != expected.path {
        return Err(format!("path {path:?} instead of {:?}", expected.path));
    }
    Ok(())
}
