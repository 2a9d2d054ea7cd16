//! What the tree has to look like.

#![allow(clippy::unwrap_used, reason = "a file that cannot be read fails the test, as it should")]

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut stack = vec![root().join(folder)];
    let mut found = Vec::new();
    while let Some(path) = stack.pop() {
        if path.is_dir() {
            stack.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

#[test]
fn only_grammars_names_tree_sitter() {
    for folder in ["linter", "server"] {
        let manifest = std::fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        assert!(!manifest.contains("tree-sitter"), "{folder}/Cargo.toml");
    }
}

#[test]
fn grammars_and_linter_do_no_io() {
    for folder in ["grammars/src", "linter/src"] {
        for (path, text) in sources(folder) {
            let text = if path.ends_with("tests.rs") { "" } else { text.split("#[cfg(test)]").next().unwrap_or("") };
            for word in [
                "std::fs", "std::net", "std::env", "std::process", "SystemTime", "Instant::now", "println!",
                "eprintln!",
            ] {
                assert!(!text.contains(word), "{} uses {word}", path.display());
            }
        }
    }
}

#[test]
fn rules_do_not_ask_for_the_language() {
    for (path, text) in sources("linter/src/rules") {
        assert!(!text.contains("Language::Python") && !text.contains("Language::Scala"), "{}", path.display());
    }
    for (path, text) in sources("grammars/src") {
        let code = text.contains("\"CS1") || text.contains("\"CS2");
        assert!(!code, "{} names a rule", path.display());
    }
}

#[test]
fn every_rule_is_documented_under_its_name() {
    for rule in credscope_linter::registry::all() {
        let title = format!("# {} ({})", rule.name, rule.code);
        assert!(rule.docs.starts_with(&title), "the page of {} begins with `{title}`", rule.code);
        assert!(rule.docs.contains("\n## Cases"), "{} has no cases", rule.name);
        assert!(!rule.summary.is_empty() && !rule.summary.ends_with('.'), "{}", rule.summary);
    }
}

#[test]
fn codes_and_names_are_unique() {
    let mut names: Vec<&str> = credscope_linter::registry::all().flat_map(|r| [r.name, r.code]).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}
