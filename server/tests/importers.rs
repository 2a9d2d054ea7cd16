//! Secrets of other files, through the built binary.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a failure fails the test, as it should")]

use std::path::Path;

use assert_cmd::Command;

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
}

/// Code, path and line of each leak, and the paths that its story names.
fn leaks(folder: &Path, paths: &[&str]) -> Vec<(String, String, u64, Vec<String>)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_credscope"));
    command.env_clear().current_dir(folder).args(["check", "--format", "json"]).args(paths);
    let output = command.output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |v: &serde_json::Value| v.as_str().unwrap_or("").to_owned();
    report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| text(&f["code"]).starts_with("CS2"))
        .map(|f| {
            let related = f["related"].as_array().unwrap().iter().map(|r| text(&r["path"])).collect();
            (text(&f["code"]), text(&f["path"]), f["range"]["start"]["line"].as_u64().unwrap(), related)
        })
        .collect()
}

const CONFIG: &str =
    "from databricks.sdk.runtime import dbutils\n\nkafka = dbutils.secrets.get(\"jdbc\", \"kafka\")\nhost = \"h\"\n";

/// No word of the importing files is an anchor: they are read because the other file exports a secret.
#[test]
fn a_file_without_an_anchor_that_prints_an_imported_secret_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let f = folder.path();
    write(f, "jobs/config.py", CONFIG);
    write(f, "jobs/etl.py", "import config as c\n\nprint(c.kafka)\nprint(c.host)\n");
    write(f, "jobs/again.py", "from config import kafka\n\nother = kafka\n");
    write(f, "jobs/third.py", "from again import other\n\nprint(other)\n");
    write(f, "jobs/clean.py", "import config\n\nprint(config.host)\n");
    write(
        f,
        "nb/run.py",
        "# Databricks notebook source\n# MAGIC %run ../jobs/config\n\n# COMMAND ----------\n\nprint(kafka)\n",
    );
    for text in ["etl", "again", "third", "clean"] {
        let bytes = std::fs::read(f.join(format!("jobs/{text}.py"))).unwrap();
        assert!(!credscope_linter::prefilter::may_match(&bytes), "{text} has an anchor: the test says nothing");
    }
    let found = leaks(f, &["."]);
    let places: Vec<_> = found.iter().map(|(code, path, line, _)| (code.as_str(), path.as_str(), *line)).collect();
    assert_eq!(
        places,
        [("CS201", "jobs/etl.py", 3), ("CS201", "jobs/third.py", 3), ("CS201", "nb/run.py", 6)],
        "{found:?}"
    );
    for (_, path, _, related) in &found {
        assert_eq!(related[0], "jobs/config.py", "the story of {path} begins where the secret is read");
    }
}

/// A file that is named alone still sees what it runs and imports beside it.
#[test]
fn a_file_that_is_checked_alone_sees_its_neighbours() {
    let folder = tempfile::tempdir().unwrap();
    let f = folder.path();
    write(f, "config.py", CONFIG);
    write(f, "token.py", "# token\nfrom config import kafka\n\nprint(kafka)\n");
    let found = leaks(f, &["token.py"]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].1.as_str(), found[0].2), ("token.py", 4));
}

/// Circles of imports and runs come to an end; a value that is handed to another file's function is reported where it
/// leaves this one.
#[test]
fn circles_end_and_functions_of_other_files_are_followed() {
    let folder = tempfile::tempdir().unwrap();
    let f = folder.path();
    write(f, "a.py", "import b\n\npw = dbutils.secrets.get(\"jdbc\", \"password\")\nb.show(pw)\nb.count(pw)\n");
    write(f, "b.py", "import a\n\ndef show(x):\n    print(x)\n\ndef count(x):\n    print(len(x))\n");
    let found = leaks(f, &["."]);
    let places: Vec<_> = found.iter().map(|(code, path, line, _)| (code.as_str(), path.as_str(), *line)).collect();
    assert_eq!(places, [("CS201", "a.py", 4)], "{found:?}");
    assert!(found[0].3.contains(&"b.py".to_owned()), "the story ends in the other file: {found:?}");
}
