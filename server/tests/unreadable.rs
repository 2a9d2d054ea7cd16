//! Files that cannot be read, or not whole: each is named, the exit status is 2, and the rest is still checked.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a failure fails the test, as it should")]

use std::path::Path;

use assert_cmd::Command;

/// Findings (path, line), problems (path, message), exit status.
type Outcome = (Vec<(String, u64)>, Vec<(String, String)>, i32);

/// Checks the folder.
fn check(folder: &Path) -> Outcome {
    let output = Command::new(env!("CARGO_BIN_EXE_credscope"))
        .env_clear()
        .args(["check", "--format", "json"])
        .arg(folder)
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |v: &serde_json::Value| v.as_str().unwrap().to_owned();
    let rows = |name: &str| report[name].as_array().unwrap().clone();
    let findings =
        rows("findings").iter().map(|f| (text(&f["path"]), f["range"]["start"]["line"].as_u64().unwrap())).collect();
    let problems = rows("problems").iter().map(|p| (text(&p["path"]), text(&p["message"]))).collect();
    (findings, problems, output.status.code().unwrap())
}

/// A folder with one file of these bytes and one with a finding on line 1.
fn beside_a_finding(name: &str, bytes: &[u8]) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), bytes).unwrap();
    std::fs::write(folder.path().join("z_other.py"), "password = 'q7#Lm2vX9'\n").unwrap();
    check(folder.path())
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_checked() {
    let deep = format!("password: {}", "[".repeat(5000));
    let rows: &[(&str, &[u8], &str)] = &[
        ("a.py", b"password = 'q7#Lm2vX8'\nx = '\xff\xfe\x80'\n", "not valid UTF-8"),
        ("a.py", b"password = 'q7\0Lm2vX8'\n", "NUL byte"),
        ("a.ipynb", b"{\"cells\": [{\"cell_type\": \"code\", \"source\": [\"password = 'q7#Lm2vX8'\"", ""),
        ("a.ipynb", b"password = 'q7#Lm2vX8'", ""),
        ("a.dbc", b"password = 'q7#Lm2vX8'", ""),
        ("a.dbc", b"PK\x03\x04password", ""),
        ("a.dbc", b"hello", ""),
    ];
    for (name, bytes, message) in rows {
        let (findings, problems, status) = beside_a_finding(name, bytes);
        assert_eq!(status, 2, "{name}: {problems:?}");
        assert!(problems.iter().any(|(p, m)| p == name && m.contains(message)), "{name}: {problems:?}");
        assert!(findings.contains(&("z_other.py".to_owned(), 1)), "{name}: {findings:?}");
    }
    let (findings, problems, status) = beside_a_finding("a.yaml", deep.as_bytes());
    assert!(status == 1 && problems.is_empty() && findings.len() == 1, "{findings:?} {problems:?}");
}

#[test]
fn what_can_be_read_in_a_broken_file_is_checked() {
    let (findings, ..) = beside_a_finding("a.py", b"password = 'q7#Lm2vX8'\nx = '\xff'\n");
    assert!(findings.contains(&("a.py".to_owned(), 1)), "{findings:?}");
}

#[test]
fn utf_16_with_a_byte_order_mark_is_checked() {
    for big in [false, true] {
        let unit = |u: u16| if big { u.to_be_bytes() } else { u.to_le_bytes() };
        let text = "# Databricks notebook source\r\npassword = 'q7#Lm2vX8'\r\n";
        let bytes: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect();
        let (findings, problems, status) = beside_a_finding("a.py", &bytes);
        assert!(findings.contains(&("a.py".to_owned(), 2)) && problems.is_empty() && status == 1, "{findings:?}");
    }
}

#[test]
fn utf_32_with_a_byte_order_mark_is_checked() {
    for big in [false, true] {
        let unit = |u: u32| if big { u.to_be_bytes() } else { u.to_le_bytes() };
        let text = "password = 'q7#Lm2vX8'\n";
        let bytes: Vec<u8> = std::iter::once(0xfeff).chain(text.chars().map(u32::from)).flat_map(unit).collect();
        let (findings, problems, status) = beside_a_finding("a.py", &bytes);
        assert!(findings.contains(&("a.py".to_owned(), 1)) && problems.is_empty() && status == 1, "{findings:?}");
    }
}

/// Notebooks whose writer escapes what the search for anchor words looks for.
#[test]
fn escaped_notebooks_are_read() {
    let escaped: String = "df.option(\"password\", \"q7#Lm2vX8\")".bytes().map(|b| format!("\\u{b:04x}")).collect();
    for source in [&*escaped, r"v = \u0022postgresql:\/\/u:Tq7mLz2vX9p@h.example\/d\u0022"] {
        let text = format!(
            "{{\"cells\": [{{\"cell_type\": \"code\", \"metadata\": {{}}, \"outputs\": [], \"source\": \"{source}\"}}], \
             \"metadata\": {{}}, \"nbformat\": 4, \"nbformat_minor\": 5}}"
        );
        let (findings, problems, _) = beside_a_finding("a.ipynb", text.as_bytes());
        assert!(findings.len() == 2 && problems.is_empty(), "{source}: {findings:?} {problems:?}");
    }
}

#[test]
fn binary_files_beside_the_code_are_no_problem() {
    let (findings, problems, status) = beside_a_finding("part-0.parquet", b"PAR1\0\0password=q7Lm2vX8\0");
    assert!(findings.len() == 1 && problems.is_empty() && status == 1, "{findings:?} {problems:?}");
}

#[test]
fn long_lines_and_large_files_end_soon() {
    let line = format!("data = \"{}\"\npassword = 'q7#Lm2vX8'\n", "a1b2/".repeat(200 << 10));
    let (findings, problems, status) = beside_a_finding("a.py", line.as_bytes());
    assert!(findings.contains(&("a.py".to_owned(), 2)) && problems.is_empty() && status == 1, "{problems:?}");

    // More code than is parsed: said, and searched line by line.
    let mut large = "df_1 = spark.table('sales.orders').where('amount > 1')\n".repeat((5 << 20) / 55);
    large.push_str("password = 'q7#Lm2vX8'\n");
    let last = large.lines().count() as u64;
    let (findings, problems, status) = beside_a_finding("a.py", large.as_bytes());
    assert!(problems.iter().any(|(p, m)| p == "a.py" && m.contains("not parsed")), "{problems:?}");
    assert!(findings.contains(&("a.py".to_owned(), last)) && status == 2, "{findings:?}");

    let (findings, problems, status) = beside_a_finding("a.py", &vec![b'x'; 65 << 20]);
    assert!(problems.iter().any(|(p, m)| p == "a.py" && m.contains("64 MB")) && status == 2, "{problems:?}");
    assert!(findings.contains(&("z_other.py".to_owned(), 1)));
}
