//! The reports for GitLab and JUnit, read as their consumers read them: GitLab's fields and their values as its page on
//! code quality reports lists them, JUnit's elements as Jenkins' schema has them.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a failure fails the test, as it should")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use assert_cmd::Command;
use quick_xml::{Reader, XmlVersion, events::Event};
use serde_json::Value;

/// Output of `check --format FORMAT` in a copy of the fixtures with a file that cannot be read.
fn report(format: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let text = "password = \"q7#Lm2<v>&'X9\"\ndef f(x): return \"<&\"\n";
    std::fs::write(folder.path().join("odd <&\".py"), text).unwrap();
    std::fs::write(folder.path().join("broken.ipynb"), "{\"cells\": [").unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/notebooks/etl.py");
    std::fs::copy(fixtures, folder.path().join("etl.py")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_credscope"))
        .args(["check", "--format", format, "."])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn gitlab_takes_the_code_quality_report() {
    let rows: Vec<Value> = serde_json::from_str(&report("gitlab")).unwrap();
    assert!(rows.len() > 3, "{} rows", rows.len());
    let mut fingerprints = BTreeSet::new();
    for row in &rows {
        for field in ["description", "check_name", "fingerprint"] {
            assert!(row[field].as_str().is_some_and(|t| !t.is_empty()), "{field} of {row}");
        }
        let severity = row["severity"].as_str().unwrap();
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity), "{severity}");
        let path = row["location"]["path"].as_str().unwrap();
        assert!(!path.starts_with("./") && !path.starts_with('/'), "{path}");
        assert!(row["location"]["lines"]["begin"].as_u64().is_some_and(|n| n >= 1), "{row}");
        assert!(fingerprints.insert(row["fingerprint"].as_str().unwrap()), "twice: {row}");
    }
    assert!(rows.iter().any(|r| r["location"]["path"] == "odd <&\".py"));
}

#[test]
fn junit_takes_the_xml_report() {
    let text = report("junit");
    let mut reader = Reader::from_str(&text);
    let (mut open, mut suites, mut cases) = (Vec::new(), Vec::new(), Vec::new());
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    loop {
        let (element, stays_open) = match reader.read_event().unwrap() {
            Event::Start(element) => (element.into_owned(), true),
            Event::Empty(element) => (element.into_owned(), false),
            Event::End(_) => {
                open.pop();
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        let name = element.name().as_ref().to_owned();
        let attributes: BTreeMap<String, String> = element
            .attributes()
            .map(|a| a.unwrap())
            .map(|a| (a.key.as_ref().to_owned(), a.normalized_value(XmlVersion::default()).unwrap().into_owned()))
            .collect();
        let parent = open.last().map(String::as_str);
        match (name.as_str(), parent) {
            ("testsuites", None) | ("failure" | "error" | "system-out", Some("testcase")) => {}
            ("testsuite", Some("testsuites")) => suites.push(attributes.clone()),
            ("testcase", Some("testsuite")) => cases.push(attributes.clone()),
            other => panic!("{other:?}"),
        }
        if matches!(name.as_str(), "failure" | "error") {
            assert!(attributes.get("message").is_some_and(|m| !m.is_empty()), "{attributes:?}");
        }
        *counts.entry(name.clone()).or_default() += 1;
        if stays_open {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    assert_eq!(suites.len(), 1);
    let said = |name: &str| suites[0][name].parse::<usize>().unwrap();
    assert_eq!(
        (said("tests"), said("failures"), said("errors")),
        (counts["testcase"], counts["failure"], counts["error"])
    );
    assert_eq!(counts["error"], 1);
    assert!(cases.iter().all(|c| c.contains_key("name") && c.contains_key("classname")));
    assert!(cases.iter().any(|c| c.get("file").is_some_and(|f| f == "odd <&\".py")), "{cases:?}");
}

/// A finding that is wider than the credential in it, a second place of a value, a literal that no rule knows.
#[test]
fn the_line_of_a_finding_shows_no_credential() {
    let rows = [
        "pw = os.getenv(\"DB_PASSWORD\", \"q7#Lm2vX9w\")",
        "pw = os.environ.get(\"DB_PASSWORD\", default='q7#Lm2vX9w')",
        "dbutils.notebook.run(\"./x\", 60, {\"password\": \"q7#Lm2vX9w\"})",
        "dbutils.widgets.text(name=\"token\", defaultValue=\"q7#Lm2vX9w\")",
        "dbutils.widgets.dropdown(\"token\", \"q7#Lm2vX9w\", [\"q7#Lm2vX9w\", \"b\"])",
        "print(dbutils.secrets.get(\"a\", \"b\"), \"q7#Lm2vX9w\")",
        "password = \"q7#Lm2vX9w\"; print(password)  # q7#Lm2vX9w",
    ];
    for row in rows {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.py"), format!("# Databricks notebook source\n{row}\n")).unwrap();
        let output =
            Command::new(env!("CARGO_BIN_EXE_credscope")).args(["check", "a.py"]).current_dir(folder.path()).output();
        let shown = String::from_utf8(output.unwrap().stdout).unwrap();
        assert!(shown.contains(" 2 | ") && shown.contains("***") && !shown.contains("Lm2vX9w"), "{shown}");
    }
}

/// A token in the place of a secret's name is told, and masked wherever the secret is named.
#[test]
fn values_in_the_place_of_names_stay_out_of_reports() {
    let folder = tempfile::tempdir().unwrap();
    let mut fakes = credscope_tests::fakes::Fakes::new(31);
    let token = fakes.make("databricks-pat");
    let text = format!("pw = dbutils.secrets.get(\"jdbc\", \"{token}\")\nprint(pw)\n");
    std::fs::write(folder.path().join("a.py"), text).unwrap();
    let run = |args: &[&str]| {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_credscope"));
        let output = command.env_clear().args(args).arg(folder.path()).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    for format in ["text", "concise", "json", "sarif", "github", "gitlab", "junit"] {
        let report = run(&["check", "--format", format]);
        let told = |code: &str, rule: &str| report.contains(code) || report.contains(rule);
        assert!(told("CS201", "secret-printed") && told("CS605", "secretish-name"), "{report}");
        assert!(!report.contains(&token[4..]), "{report}");
    }
    for format in ["shell", "terraform", "bundle", "json"] {
        let listed = run(&["provision", "--format", format]);
        assert!(!listed.contains(&token[4..]), "{listed}");
    }
}
