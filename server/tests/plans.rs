//! `check --fix --plan` over several runs, and what `provision` says of what it could not read.

#![allow(clippy::unwrap_used, reason = "a failure fails the test, as it should")]

use std::path::Path;

use assert_cmd::Command;

fn credscope() -> Command {
    Command::cargo_bin("credscope").unwrap()
}

fn fix(plan: &Path, folder: &Path) -> assert_cmd::assert::Assert {
    credscope().args(["check", "--fix", "--unsafe-fixes", "--plan"]).arg(plan).arg(folder).assert()
}

fn keys(plan: &Path) -> Vec<String> {
    let document: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(plan).unwrap()).unwrap();
    document["secrets"].as_array().unwrap().iter().map(|r| r["key"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_later_run_adds_to_the_plan() {
    let folder = tempfile::tempdir().unwrap();
    let code = folder.path().join("code");
    std::fs::create_dir(&code).unwrap();
    let plan = folder.path().join("plan.json");
    std::fs::write(code.join("a.py"), "import os\npassword = 'q7#Lm2vX9'\n").unwrap();
    fix(&plan, &code).code(0);
    let first = std::fs::read_to_string(&plan).unwrap();
    assert_eq!(keys(&plan), ["password"]);
    fix(&plan, &code).code(0);
    assert_eq!(std::fs::read_to_string(&plan).unwrap(), first, "nothing to fix: the plan stays");
    std::fs::write(code.join("b.py"), "api_key = 'Zt8kW4rPqYc3nVb1'\n").unwrap();
    fix(&plan, &code).code(0);
    assert_eq!(keys(&plan), ["password", "api-key"]);
    // The same place again: one row.
    std::fs::write(code.join("a.py"), "import os\npassword = 'q7#Lm2vX9'\n").unwrap();
    fix(&plan, &code).code(0);
    assert_eq!(keys(&plan), ["api-key", "password"]);
}

#[test]
fn nothing_is_fixed_when_the_plan_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let code = folder.path().join("code");
    std::fs::create_dir(&code).unwrap();
    let text = "password = 'q7#Lm2vX9'\n";
    std::fs::write(code.join("a.py"), text).unwrap();
    let other = folder.path().join("notes.json");
    std::fs::write(&other, "[1]").unwrap();
    for plan in [folder.path().join("missing/plan.json"), folder.path().to_path_buf(), other.clone()] {
        fix(&plan, &code).code(2);
        assert_eq!(std::fs::read_to_string(code.join("a.py")).unwrap(), text, "{}", plan.display());
    }
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "[1]", "a file that is no plan is left alone");
}

#[test]
fn a_plan_without_fixes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("plan.json");
    let output =
        credscope().args(["check", "--plan"]).arg(&plan).arg(folder.path()).assert().code(2).get_output().clone();
    assert!(String::from_utf8_lossy(&output.stderr).contains("use it with --fix"));
    assert!(!plan.exists());
}

#[test]
fn provision_says_what_it_could_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let output = credscope().arg("provision").arg(&missing).assert().code(2).get_output().clone();
    assert!(String::from_utf8_lossy(&output.stderr).contains("missing: does not exist"), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
}
