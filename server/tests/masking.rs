//! No output holds a secret: unique values are planted in every kind of file and looked for in every report, diff, plan and
//! log.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a failure fails the test, as it should")]

use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// What all planted values begin with.
const CANARY: &str = "Zq4xK9wTr2";
/// Of a value of up to 12 characters nothing is shown: not even so much of it.
const OF_SHORT: &str = "Zq4";
/// Of a longer one no more than its first three characters are.
const OF_LONG: &str = "Zq4x";

fn credscope() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_credscope"));
    command.env_clear();
    command
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

/// Every file below a folder, hidden ones too.
fn all_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut stack = vec![folder.to_path_buf()];
    while let Some(path) = stack.pop() {
        if path.is_dir() {
            stack.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Everything that a command writes.
fn said(arguments: &[&str], path: &Path) -> String {
    let output = credscope().args(arguments).arg(path).env("RUST_LOG", "trace").output().unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

fn holds_no_secret(text: &str, part: &str, what: &str) {
    let shown = text.lines().find(|line| line.contains(part)).unwrap_or("");
    assert!(shown.is_empty(), "{what} shows a secret: {}", shown.replace(CANARY, "…"));
}

/// A Databricks archive with one Python notebook of one command.
fn write_archive(path: &Path, command: &str) {
    use std::io::Write;
    let notebook = serde_json::json!({
        "version": "NotebookV1", "name": "n", "language": "python", "guid": "g",
        "commands": [{"version": "CommandV1", "guid": "c", "position": 1.0, "command": command, "subtype": "command"}],
    });
    let mut archive = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    archive.start_file("n.python", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(notebook.to_string().as_bytes()).unwrap();
    archive.finish().unwrap();
}

/// Files of which a report of a folder says something. `rest` ends each value.
fn files(rest: &str) -> Vec<(&'static str, String)> {
    vec![
        (
            "a.py",
            format!(
                "password = \"{CANARY}a{rest}\"\nurl = \"jdbc:mysql://h.example.com/d?user=u&password={CANARY}b{rest}\"\n"
            ),
        ),
        ("b.scala", format!("val c = DriverManager.getConnection(url, \"u\", \"{CANARY}c{rest}\")\n")),
        ("c.sql", format!("CREATE CONNECTION c TYPE mysql OPTIONS (password '{CANARY}d{rest}')\n")),
        (
            "d.py",
            format!(
                "# Databricks notebook source\n# MAGIC %sql\n# MAGIC CREATE CONNECTION c TYPE mysql OPTIONS (password '{CANARY}e{rest}')\n"
            ),
        ),
        (
            "e.ipynb",
            format!(
                "{{\"cells\":[{{\"cell_type\":\"code\",\"source\":[\"password = '{CANARY}f{rest}'\\n\",\"print(password)\"],\"outputs\":[{{\"output_type\":\"stream\",\"name\":\"stdout\",\"text\":[\"{CANARY}f{rest}\\n\"]}}],\"metadata\":{{}},\"execution_count\":1}}],\"metadata\":{{}},\"nbformat\":4,\"nbformat_minor\":5}}"
            ),
        ),
        ("f.r", format!("password <- \"{CANARY}g{rest}\"\ncon <- dbConnect(drv, password = \"{CANARY}h{rest}\")\n")),
        ("g.conf", format!("spark.hadoop.fs.s3a.secret.key {CANARY}i{rest}\n")),
        ("h.yml", format!("spark_conf:\n  fs.s3a.secret.key: {CANARY}j{rest}\n")),
        ("i.json", format!("{{\"spark_env_vars\": {{\"DB_PASSWORD\": \"{CANARY}k{rest}\"}}}}\n")),
        ("j.properties", format!("db.password={CANARY}l{rest}\n")),
        ("k.tf", format!("provider \"databricks\" {{\n  token = \"{CANARY}m{rest}\"\n}}\n")),
        (".env", format!("API_TOKEN={CANARY}n{rest}\n")),
        ("l.sh", format!("curl -u etl:{CANARY}o{rest} https://h.example.com/\nexport DB_PASSWORD={CANARY}p{rest}\n")),
        ("m.ini", format!("[db]\npassword = {CANARY}q{rest}\n")),
        ("n.toml", format!("[db]\npassword = \"{CANARY}r{rest}\"\n")),
        (
            "core-site.xml",
            format!(
                "<configuration><property><name>fs.s3a.secret.key</name><value>{CANARY}s{rest}</value></property></configuration>\n"
            ),
        ),
        ("Dockerfile", format!("FROM x\nENV DB_PASSWORD={CANARY}t{rest}\n")),
        ("README.md", format!("password: `{CANARY}u{rest}`\n")),
        (
            "fabric.py",
            format!("# Fabric notebook source\n\n# CELL ********************\n\npassword = \"{CANARY}v{rest}\"\n"),
        ),
        (
            "leaks.py",
            format!(
                "import logging\npw = \"{CANARY}w{rest}\"\nlogging.info(f\"pw {{pw}}\")\nraise ValueError(\"bad \" + pw)\n"
            ),
        ),
    ]
}

/// Files that are checked one by one, too.
fn more_files(rest: &str) -> Vec<(&'static str, String)> {
    vec![
        (
            "f.sh",
            format!(
                "databricks secrets put-secret s k --string-value {CANARY}g{rest}\ncurl -u etl:{CANARY}h{rest} https://h.example.com\n"
            ),
        ),
        ("Dockerfile", format!("ENV API_TOKEN={CANARY}i{rest}\nRUN docker login -u etl -p {CANARY}j{rest}\n")),
        ("Makefile", format!("x:\n\tmysql -h db.example.com -p{CANARY}k{rest}\n")),
        (
            ".github/workflows/ci.yml",
            format!("jobs:\n  a:\n    steps:\n      - run: >-\n          docker login\n          -p {CANARY}l{rest}\n"),
        ),
        (
            ".gitlab-ci.yml",
            format!("a:\n  script:\n    - git clone https://etl:{CANARY}m{rest}@git.example.com/x.git\n"),
        ),
        (".netrc", format!("machine h.example.com login etl password {CANARY}n{rest}\n")),
        (".pgpass", format!("h.example.com:5432:d:etl:{CANARY}o{rest}\n")),
        (".npmrc", format!("//npm.example.com/:_authToken={CANARY}p{rest}\n")),
        (".pypirc", format!("[x]\npassword = {CANARY}q{rest}\n")),
        (".gitmodules", format!("[submodule \"x\"]\n\turl = https://etl:{CANARY}r{rest}@git.example.com/x.git\n")),
        ("requirements.txt", format!("--index-url https://etl:{CANARY}s{rest}@pypi.example.com/simple\n")),
        ("pip.conf", format!("[global]\nindex-url = https://etl:{CANARY}t{rest}@pypi.example.com/simple\n")),
        ("notes", format!("see https://etl:{CANARY}u{rest}@h.example.com/\n")),
        ("g.unknown", format!("see https://etl:{CANARY}v{rest}@h.example.com/\n")),
        (
            "h.py",
            format!(
                "# Databricks notebook source\n# MAGIC %pip install -i https://etl:{CANARY}w{rest}@pypi.example.com/simple x\n"
            ),
        ),
        ("i.ps1", format!("docker login -u etl -p {CANARY}x{rest}\n")),
        (
            "src/Load.java",
            format!("class Load {{ void f() {{ reader.option(\"password\", \"{CANARY}y{rest}\"); }} }}\n"),
        ),
        ("x.sc", format!("val password = \"{CANARY}z{rest}\"\n")),
        ("client.ts", format!("const password = \"{CANARY}A{rest}\";\n")),
        ("Jenkinsfile", format!("pipeline {{\n  environment {{\n    DB_PASSWORD = \"{CANARY}B{rest}\"\n  }}\n}}\n")),
        (".docker/config.json", format!("{{\"auths\": {{\"h.example.com\": {{\"auth\": \"{CANARY}C{rest}\"}}}}}}\n")),
        ("escaped.py", format!("password = \"Zq4\\x78K9wTr2D{rest}\"; y = \"{CANARY}D{rest}\"\n")),
    ]
}

fn check_all(rest: &str, part: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (files, more) = (files(rest), more_files(rest));
    write_archive(&folder.path().join("o.dbc"), &format!("password = '{CANARY}y{rest}'"));
    for (name, text) in &more {
        let file = write(folder.path(), name, text);
        let report = said(&["check", "--format", "json"], &file);
        assert!(report.contains("\"code\""), "nothing in {name}");
    }
    for (name, text) in &files {
        write(folder.path(), name, text);
    }
    for format in ["text", "concise", "json", "sarif", "github", "gitlab", "junit"] {
        let all = said(&["check", "--format", format], folder.path());
        // Every kind of file is named, so that silence of one cannot pass for safety.
        for name in files.iter().map(|(name, _)| *name).chain(["o.dbc"]) {
            assert!(all.contains(name), "{format} says nothing of {name}");
        }
        holds_no_secret(&all, part, format);
    }
    for arguments in [
        &["check", "--diff", "--unsafe-fixes"][..],
        &["provision", "--format", "json"],
        &["check", "--fix", "--unsafe-fixes"],
    ] {
        // What stays in a line that a diff shows may be a part of a longer text that is no credential by itself.
        holds_no_secret(&said(arguments, folder.path()), part, &format!("{arguments:?}"));
    }
}

#[test]
fn nothing_is_shown_of_short_secrets() {
    check_all("", OF_SHORT);
}

#[test]
fn three_characters_are_shown_of_long_secrets() {
    check_all("Lm8vBn5Tq", OF_LONG);
}

/// Each fixture with its credentials replaced: nothing of them comes out in any report, diff or plan.
#[test]
fn no_output_holds_a_secret_of_a_fixture() {
    let source = fixtures();
    let folder = tempfile::tempdir().unwrap();
    for (number, file) in all_files(&source).iter().enumerate() {
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        let mut canary = text.clone();
        for (at, _) in text.match_indices("demo") {
            let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '}' | ',' | '@' | ';' | '&');
            let value = text[at..].split(ends).next().unwrap();
            canary = canary.replace(value, &format!("{CANARY}{number}b"));
        }
        let is_config = file.starts_with(source.join("config"));
        assert!(canary != text || !is_config, "{} has no credential", file.display());
        write(folder.path(), &file.strip_prefix(&source).unwrap().to_string_lossy(), &canary);
    }
    let runs: &[&[&str]] = &[
        &["check", "--format", "text"],
        &["check", "--format", "json"],
        &["check", "--format", "sarif"],
        &["check", "--format", "github"],
        &["check", "--format", "gitlab"],
        &["check", "--format", "junit"],
        &["check", "--diff", "--unsafe-fixes"],
        &["provision"],
        &["provision", "--format", "json"],
        &["provision", "--format", "terraform"],
        &["check", "--fix", "--unsafe-fixes"],
    ];
    for arguments in runs {
        let all = said(arguments, folder.path());
        assert!(!all.is_empty(), "{arguments:?} says nothing");
        holds_no_secret(&all, OF_LONG, &format!("{arguments:?}"));
    }
}
