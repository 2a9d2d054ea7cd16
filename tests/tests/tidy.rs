//! What the tree has to look like.

#![allow(clippy::unwrap_used, reason = "a file that cannot be read fails the test, as it should")]

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use credscope_grammars::{CellFacts, Document};
use credscope_linter::{Finding, prefilter, registry, rule::Anchors};

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
    // Of a literal in another cell nothing else is at hand.
    let excused = ["shared/plans.rs"];
    for (path, text) in sources("linter/src/rules") {
        let asks = text.matches("Language::").count();
        let allowed = usize::from(excused.iter().any(|file| path.ends_with(file)));
        assert!(asks <= allowed, "{} asks for the language", path.display());
    }
    let names: Vec<String> = registry::all().map(|rule| format!("\"{}\"", rule.name)).collect();
    for (path, text) in sources("grammars/src") {
        let code = registry::all().find(|rule| text.contains(&format!("\"{}\"", rule.code)));
        assert!(code.is_none(), "{} names a rule", path.display());
        assert!(!names.iter().any(|name| text.contains(name)), "{} names a rule", path.display());
    }
}

/// Documents, facts and findings are values that threads share.
#[test]
fn documents_facts_and_findings_are_shared_between_threads() {
    fn is_shared<T: Send + Sync>() -> &'static str {
        std::any::type_name::<T>()
    }
    let shared = [is_shared::<Arc<Document>>(), is_shared::<Arc<CellFacts>>(), is_shared::<Arc<Finding>>()];
    assert!(shared.iter().all(|name| name.contains("Arc")), "{shared:?}");
    // Nothing in them changes behind a shared reference.
    for (path, text) in sources("grammars/src").into_iter().filter(|(path, _)| path.ends_with("src/facts.rs")) {
        for cell in ["RefCell", "Mutex", "Atomic", "Cell<"] {
            assert!(!text.contains(cell), "{} holds a {cell}", path.display());
        }
    }
}

/// A text that holds the words which a rule says it needs is looked at.
#[test]
fn words_that_rules_need_are_anchors() {
    for rule in registry::all() {
        if let Anchors::Words(words) = rule.anchors {
            for word in words {
                assert!(prefilter::may_match(word.as_bytes()), "{}: `{word}` is no anchor of the prefilter", rule.name);
            }
        }
    }
}

#[test]
fn every_rule_is_documented_under_its_name() {
    for rule in registry::all() {
        let title = format!("# {} ({})", rule.name, rule.code);
        assert!(rule.docs.starts_with(&title), "the page of {} begins with `{title}`", rule.code);
        assert!(rule.docs.contains("\n## Cases"), "{} has no cases", rule.name);
        assert!(!rule.summary.is_empty() && !rule.summary.ends_with('.'), "{}", rule.summary);
    }
}

#[test]
fn codes_and_names_are_unique() {
    let mut names: Vec<&str> = registry::all().flat_map(|r| [r.name, r.code]).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}
