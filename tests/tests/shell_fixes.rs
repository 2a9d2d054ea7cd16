//! Fixes of command lines that reach beyond their cell: exact texts of files before and after.

use credscope_linter::{
    Settings, Workspace,
    fix::{self, Applicability, Names},
};

fn fixed(path: &str, text: &str) -> Option<String> {
    let mut text = text.to_owned();
    let mut names = Names::default();
    let mut changed = false;
    for _ in 0..10 {
        let opened = credscope_grammars::open(path, text.as_bytes());
        let document = opened.documents.first()?;
        let facts = credscope_linter::engine::document_facts(document);
        let settings = Settings::default();
        let mut findings = credscope_linter::analyze(document, path, &settings, &Workspace::default()).findings;
        fix::resolve(document, &facts, &settings, &mut names, &mut findings);
        let Some(applied) = fix::apply(document, &findings, Applicability::Unsafe) else { break };
        text = applied.text;
        changed = true;
    }
    changed.then_some(text)
}

const HEAD: &str = "# Databricks notebook source\n";
const CUT: &str = "\n# COMMAND ----------\n\n";

#[test]
fn pip_lines_read_their_credential_in_a_cell_before() {
    // The first cell, with a title.
    let before = format!(
        "{HEAD}# DBTITLE 1,Packages\n# MAGIC %pip install -i https://etl:q7Lm2vX9@pypi.example.com/simple etl\n{CUT}x = 1\n"
    );
    let after = format!(
        "{HEAD}pip_token = dbutils.secrets.get(scope=\"pypi\", key=\"token\")\n{CUT}# DBTITLE 1,Packages\n# MAGIC %pip install -i https://etl:$pip_token@pypi.example.com/simple etl\n{CUT}x = 1\n"
    );
    assert_eq!(fixed("a.py", &before), Some(after));
    // Windows line ends stay what they are.
    let crlf = before.replace('\n', "\r\n");
    let fixed_crlf = fixed("a.py", &crlf).unwrap_or_default();
    assert!(!fixed_crlf.replace("\r\n", "").contains('\n'), "{fixed_crlf:?}");
    assert!(fixed_crlf.contains("$pip_token@"));
}

#[test]
fn two_credentials_of_a_line_have_two_variables() {
    let before = format!(
        "{HEAD}# MAGIC %pip install -i https://etl:q7Lm2vX9@a.example.com/simple --extra-index-url https://etl:q7Lm2vX8@b.example.com/simple x\n"
    );
    let after = fixed("a.py", &before).unwrap_or_default();
    assert!(after.contains("etl:$pip_token@a.") && after.contains("etl:$pip_token_2@b."), "{after}");
    assert_eq!(after.matches("dbutils.secrets.get").count(), 2, "{after}");
    assert!(!after.contains("q7Lm2"), "{after}");
}

#[test]
fn nothing_is_written_where_nothing_fills_a_variable_in() {
    let scala = "// Databricks notebook source\n// MAGIC %pip install -i https://etl:q7Lm2vX9@a.example.com/simple x\n";
    assert_eq!(fixed("a.scala", scala), None);
    let ps = "docker login -u etl -p q7Lm2vX9 a.example.com\n";
    assert_eq!(fixed("a.ps1", ps), None);
}

#[test]
fn a_jupyter_notebook_reads_it_in_the_cell_above() {
    let cell = |source: &str| {
        format!(r#"{{"cell_type":"code","source":["{source}"],"outputs":[],"metadata":{{}},"execution_count":null}}"#)
    };
    let notebook = |cells: &[String]| {
        format!(
            r#"{{"cells":[{}],"metadata":{{"language_info":{{"name":"python"}}}},"nbformat":4,"nbformat_minor":5}}"#,
            cells.join(",")
        )
    };
    let before = notebook(&[cell("x = 1"), cell("%pip install -i https://etl:q7Lm2vX9@a.example.com/simple x")]);
    let after = notebook(&[
        cell(r#"x = 1\n","pip_token = dbutils.secrets.get(scope=\"app\", key=\"token\")"#),
        cell("%pip install -i https://etl:$pip_token@a.example.com/simple x"),
    ]);
    assert_eq!(fixed("a.ipynb", &before), Some(after));
    // The first cell reads it itself.
    let before = notebook(&[cell("%pip install -i https://etl:q7Lm2vX9@a.example.com/simple x")]);
    let after = notebook(&[cell(concat!(
        r#"pip_token = dbutils.secrets.get(scope=\"app\", key=\"token\")\n","#,
        r#""%pip install -i https://etl:$pip_token@a.example.com/simple x"#
    ))]);
    assert_eq!(fixed("a.ipynb", &before), Some(after));
}

#[test]
fn a_script_in_a_cell_reads_its_environment() {
    let sh = format!("{HEAD}# MAGIC %sh\n# MAGIC curl -u 'etl:q7Lm2vX9' https://a.example.com\n");
    let after = format!("{HEAD}# MAGIC %sh\n# MAGIC curl -u 'etl:'\"$CURL_PASSWORD\" https://a.example.com\n");
    assert_eq!(fixed("a.py", &sh), Some(after));
}
