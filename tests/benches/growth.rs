//! Growth of the secret flow on a generated notebook: prints the time for ×1, ×2, ×4, ×8 and the factor of each step.
//! `cargo bench -p credscope-tests --bench growth`. Compare factors, not times.

#![expect(clippy::print_stdout, reason = "a table for people")]

use std::{fmt::Write, hint::black_box, time::Instant};

use credscope_linter::{Settings, Workspace, engine, model::Model, workspace::WorkspaceDocument};

/// Lines of the whole notebook; with ten of them for each function and class.
const LINES: usize = 20_000;

fn main() {
    let (mut last, mut first) = (0.0, 0.0);
    println!("{:>8} {:>9} {:>8} {:>8} {:>7} {:>7}", "lines", "bindings", "lower", "flow", "factor", "total");
    for times in [1, 2, 4, 8] {
        let lines = LINES * times / 8;
        let text = notebook(lines);
        let start = Instant::now();
        let document = credscope_grammars::open("bench.py", text.as_bytes()).documents.remove(0);
        let facts: Vec<_> =
            document.cells.iter().map(|c| std::sync::Arc::new(engine::cell_facts(&document, c))).collect();
        let lower = start.elapsed().as_secs_f64();
        let settings = Settings::default();
        let workspace = workspace();
        let model = Model::build(&document, &facts, &settings);
        let mut best = f64::MAX;
        let mut found = 0;
        for _ in 0..3 {
            let start = Instant::now();
            let leaks = credscope_linter::flow::analyze(&document, &facts, &model, &settings, &workspace, "bench.py");
            best = best.min(start.elapsed().as_secs_f64());
            found = black_box(leaks).len();
        }
        if first == 0.0 {
            first = best;
        }
        let factor = if last > 0.0 { best / last } else { 1.0 };
        println!(
            "{:>8} {:>9} {:>7.1}ms {:>7.1}ms {factor:>7.2} {:>7.2}  {found} leaks",
            text.lines().count(),
            text.matches(" = ").count(),
            lower * 1e3,
            best * 1e3,
            best / first
        );
        last = best;
    }
}

/// Bindings, chains of calls, recursion, branches, loops, containers and objects; a secret every hundred lines.
fn notebook(lines: usize) -> String {
    let mut text = String::from("# Databricks notebook source\n# MAGIC %run ./a\n\n# COMMAND ----------\n\n");
    let (mut n, mut written) = (0_usize, 0);
    while written < lines {
        let before = text.len();
        let _ = write!(
            text,
            "v{n} = spark.table(\"t{n}\").select(\"c\")\n\
             def f{n}(x, depth=0):\n    y = f\"{{x}}-{n}\"\n    if depth > 9:\n        return y\n    if depth > 3:\n        return f{prev}(y)\n    z = f{n}(y, depth + 1)\n    return z or y\n\
             class C{n}:\n    def __init__(self, p):\n        self.p = p\n    def get(self):\n        return self.p\n\
             conf[\"k{n}\"] = v{n}\n\
             for row in rows:\n    if row:\n        total = total + 1\n    else:\n        total = v{n}\n",
            prev = n.saturating_sub(1)
        );
        if n % 5 == 0 {
            let _ = write!(
                text,
                "s{n} = dbutils.secrets.get(\"jdbc\", \"k{n}\")\nobj{n} = C{n}(s{n})\nconf[\"s{n}\"] = obj{n}.get()\n\
                 print(f{n}(s{n}))\n# COMMAND ----------\n"
            );
        }
        written += text[before..].matches('\n').count();
        n += 1;
    }
    text
}

/// Notebooks that run each other in a circle.
fn workspace() -> Workspace {
    let mut workspace = Workspace::default();
    for (name, next) in [("a", "b"), ("b", "c"), ("c", "a")] {
        let text = format!(
            "# Databricks notebook source\n# MAGIC %run ./{next}\n\n# COMMAND ----------\n\nconf = {{}}\ntotal = 0\n"
        );
        let path = format!("{name}.py");
        let document = credscope_grammars::open(&path, text.as_bytes()).documents.remove(0);
        workspace.documents.insert(path, WorkspaceDocument::new(document.into()).into());
    }
    workspace
}
