//! The cost of the analysis, counted in steps.

use std::fmt::Write;

use super::*;

fn steps(text: &str) -> usize {
    let opened = credscope_grammars::open("a.py", text.as_bytes());
    let document = opened.documents.first().expect("a document");
    let facts: Vec<_> = document.cells.iter().map(|c| Arc::new(crate::engine::cell_facts(document, c))).collect();
    let (settings, workspace) = (Settings::default(), Workspace::default());
    let model = Model::build(document, &facts, &settings);
    let walker = walked(document, &facts, &model, &settings, &workspace, "a.py");
    assert!(walker.steps < walker.limit, "the last bound was reached");
    walker.steps
}

/// Bindings, branches, loops, functions that call the one before and themselves, objects.
fn program(size: usize) -> String {
    let mut text = String::from("s = dbutils.secrets.get('jdbc', 'password')\n");
    for n in 0..size {
        let _ = write!(
            text,
            "v{n} = [s, {n}]\ndef f{n}(x):\n    for a in x:\n        if a:\n            return f{before}(a)\n    return f{n}(x)\n\
             class C{n}:\n    def get(self):\n        return f{n}(s)\nd['k{n}'] = f{n}(v{n})\nC{n}().get()\n",
            before = n.saturating_sub(1)
        );
    }
    text
}

#[test]
fn steps_grow_with_the_program() {
    let base = steps(&program(50));
    for times in [2, 4, 8] {
        let grown = steps(&program(50 * times));
        assert!(grown <= base * times * 5 / 4, "x{times}: {grown} steps, {base} for x1");
    }
}

#[test]
fn a_function_is_evaluated_a_bounded_number_of_times() {
    let body: String = (0..100).map(|n| format!("    y{n} = f'{{x}} {n}'\n")).collect();
    let calls =
        |count: usize| -> String { (0..count).map(|n| format!("f(dbutils.secrets.get('jdbc', 'k{n}'))\n")).collect() };
    let few = steps(&format!("def f(x):\n{body}{}", calls(20)));
    let many = steps(&format!("def f(x):\n{body}{}", calls(500)));
    // Calls cost themselves, the body does not run again.
    assert!(many - few < 480 * 20, "{few} steps for 20 calls, {many} for 500");
}
