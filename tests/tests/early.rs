//! What is told of a notebook or a file in blocks before all of it is read is told in the end, too: for every rule's cases
//! alone, and for those in which cells of several cases stand beside each other.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use credscope_linter::{
    Finding, Settings, engine,
    incremental::Memo,
    registry,
    workspace::{Files, Reference, WorkspaceDocument},
};
use credscope_tests::{cases, render};

/// A notebook that stands alone.
struct NoFiles;

impl Files for NoFiles {
    fn find(&self, _: &str, _: &Reference) -> Option<String> {
        None
    }

    fn read(&self, _: &str) -> Option<Arc<WorkspaceDocument>> {
        None
    }
}

/// Cells around the case's own, so that the notebook is a large one.
const AROUND: usize = 130;

fn rows(findings: &[Finding]) -> Vec<String> {
    let row = |f: &Finding| format!("{} {:?} {:?} {}", f.rule.code, f.place, f.severity, f.message);
    findings.iter().map(row).collect()
}

/// How many findings are told early, and how many in the end.
fn compare(language: &str, cells: &[String], title: &str) -> (usize, usize) {
    let (early, whole) = compare_in(language, cells, title, true);
    // Files in blocks are written in Python.
    let blocks = if language == "python" { compare_in(language, cells, title, false).0 } else { 0 };
    BLOCKS.fetch_add(blocks, Ordering::Relaxed);
    (early, whole)
}

/// Findings that were told early of files in blocks.
static BLOCKS: AtomicUsize = AtomicUsize::new(0);

fn compare_in(language: &str, cells: &[String], title: &str, notebook: bool) -> (usize, usize) {
    let (mark, ending) = match language {
        "scala" => ("//", "scala"),
        "r" => ("#", "r"),
        _ => ("#", "py"),
    };
    let separator = if notebook { format!("\n{mark} COMMAND ----------\n\n") } else { "\n\n".to_owned() };
    // A file is read in blocks from 32 KB on.
    let wide = if notebook { 1 } else { 260 };
    let mut all: Vec<String> = (0..AROUND).map(|n| format!("filler_{n} = {n:wide$}\n")).collect();
    for (n, cell) in cells.iter().enumerate() {
        all.insert((n * 37 + 3) % all.len(), cell.clone());
    }
    let header = if notebook { "Databricks notebook source" } else { "a module" };
    let text = format!("{mark} {header}\n{}", all.join(&separator));
    let path = format!("case.{ending}");
    let settings = Arc::new(Settings::default());
    let document = credscope_grammars::open(&path, text.as_bytes()).documents.remove(0);
    let mut memo = Memo::default();
    let early = memo.early(&document, &path, &settings).unwrap_or_default();
    let Some(whole) = memo.analyze(&document, &path, &settings, &NoFiles, &|| false) else { panic!("not cancelled") };
    let fresh = engine::analyze(&document, &path, &settings, &credscope_linter::Workspace::default());
    assert_eq!(
        rows(&whole.findings),
        rows(&fresh.findings),
        "{title}: facts of the first look are those of the second"
    );
    let whole = rows(&whole.findings);
    for row in rows(&early) {
        assert!(
            whole.contains(&row),
            "{title}: told early and gone in the end: {row}\nin the end:\n{}\n{text}",
            whole.join("\n")
        );
    }
    (early.len(), whole.len())
}

/// Cells of the cases of a language that are programs.
fn case_cells(language: &str) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    for rule in registry::all() {
        for case in cases::parse(rule.docs).into_iter().filter(|c| c.language == language && !c.code.is_empty()) {
            let cells: Vec<String> = render::split(&case.code).into_iter().map(|(_, text)| text).collect();
            if cells.iter().all(|c| !c.trim_start().starts_with('%')) {
                all.push((format!("{} · {}", rule.name, case.title), cells));
            }
        }
    }
    all
}

#[test]
fn early_findings_of_every_case_stay() {
    let (mut early, mut whole) = (0, 0);
    for language in ["python", "scala", "r"] {
        for (title, cells) in case_cells(language) {
            let (e, w) = compare(language, &cells, &title);
            early += e;
            whole += w;
        }
    }
    let blocks = BLOCKS.load(Ordering::Relaxed);
    assert!(blocks * 2 > early, "{blocks} findings are told early of files in blocks, {early} of notebooks");
    // A first look that tells nothing would pass, too. Most cases are about secrets that flow, which need the whole.
    assert!(early * 20 > whole, "{early} of {whole} findings are told early");
}

#[test]
fn early_findings_stay_whatever_stands_in_other_cells() {
    for language in ["python", "scala"] {
        let all = case_cells(language);
        let mut early = 0;
        // Neighbours in the list use the same names; distant ones are of another kind.
        for stride in [1, 7, 31] {
            for start in (0..all.len()).step_by(9) {
                let picked: Vec<&(String, Vec<String>)> =
                    (0..6).map(|k| &all[(start + k * stride) % all.len()]).collect();
                let cells: Vec<String> = picked.iter().flat_map(|(_, cells)| cells.iter().cloned()).collect();
                let titles: Vec<&str> = picked.iter().map(|(title, _)| title.as_str()).collect();
                early += compare(language, &cells, &titles.join(" + ")).0;
            }
        }
        assert!(early > 10, "{language}: {early} findings are told early");
    }
}

#[test]
fn what_another_cell_can_change_is_not_told_early() {
    let password = "password = 'q7#Lm2vX9'\n".to_owned();
    let one = compare("python", std::slice::from_ref(&password), "alone");
    assert_eq!(one, (1, 1));
    // A cell that is not read for the first look uses it: the finding is another one.
    let used = "x = spark.read.format('jdbc').option('user', 'etl').option('password', password).load()\n".to_owned();
    let two = compare("python", &[password, used], "used elsewhere");
    assert_eq!(two.0, 0);
    assert!(two.1 > 0);
}
