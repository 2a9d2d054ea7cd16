//! One table of command lines over all places that run them: the same command has the same findings wherever it stands.

use credscope_linter::{Settings, Workspace};
use credscope_tests::positions::assert_none;
use serde_json::Value;

const VALUE: &str = "q7Lm2vX9pLkT4wZs";

/// A command with `¤` for its credential, and the code of the finding; `CI` where a pipeline has another one.
const COMMANDS: &[(&str, &str)] = &[
    ("databricks secrets put-secret jdbc pw --string-value ¤", "CS401"),
    ("databricks secrets put-secret jdbc pw --bytes-value ¤", "CS401"),
    ("databricks secrets-uc create-secret pw main sales ¤", "CS401"),
    ("databricks secrets put --scope s --key k --string-value ¤", "CS401"),
    ("curl -u etl:¤ https://h.example.com/x", "CS402"),
    ("curl -H 'Authorization: Bearer ¤' https://h.example.com/x", "CS402"),
    ("curl https://etl:¤@h.example.com/x", "CS402"),
    ("pip install --index-url https://etl:¤@pypi.example.com/simple etl", "CS403"),
    ("git clone https://etl:¤@git.example.com/x.git", "CS404"),
    ("git remote set-url origin https://etl:¤@git.example.com/x.git", "CS404"),
    ("docker login -u etl -p ¤ r.example.com", "CS405"),
    ("az login --service-principal -u x -p ¤ --tenant t", "CS405"),
    ("aws configure set --profile x aws_secret_access_key ¤", "CS405"),
    ("PGPASSWORD=¤ psql -h db.example.com", "CS405"),
    ("mysql -h db.example.com -p¤", "CS405"),
    ("sshpass -p ¤ ssh h.example.com", "CS405"),
    ("bcp t in f -S s.example.com -U u -P ¤", "CS405"),
    ("sqlcmd -S s.example.com -U u -P ¤", "CS405"),
    ("openssl rsa -in k.pem -passin pass:¤", "CS405"),
    ("wget --user=etl --password=¤ https://h.example.com/x", "CS405"),
    ("export DB_PASSWORD=¤ && make -s", "CS405"),
    ("databricks secrets put --scope s --key k", "CS406"),
    ("databricks secrets list --scope s", "CS406"),
    ("databricks secrets create-scope --scope s", "CS406"),
    ("databricks secrets put-secret --scope s --key k", "CS407"),
    ("databricks secrets list-secrets --scope s", "CS407"),
    ("printenv && ls -l", "CS408"),
    ("cat /proc/self/environ && ls -l", "CS408"),
    ("echo ¤ | docker login -u etl --password-stdin r.example.com", "CS409"),
];

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Every place with a command in it.
fn places(c: &str) -> Vec<(&'static str, String)> {
    let notebook = |head: &str, source: &str| {
        format!(
            r#"{{"cells":[{{"cell_type":"code","source":[{head}{}],"outputs":[],"metadata":{{}},"execution_count":null}}],"metadata":{{"language_info":{{"name":"python"}}}},"nbformat":4,"nbformat_minor":5}}"#,
            quoted(source)
        )
    };
    let q = quoted(c);
    vec![
        ("a.sh", format!("#!/bin/bash\n{c}\n")),
        ("a.py", format!("# Databricks notebook source\n# MAGIC %sh\n# MAGIC {c}\n")),
        ("a.py", format!("# Databricks notebook source\nx = 1\n\n# COMMAND ----------\n\n# MAGIC %sh {c}\n")),
        ("a.py", format!("# Databricks notebook source\n# MAGIC !{c}\n")),
        ("a.scala", format!("// Databricks notebook source\n// MAGIC %sh\n// MAGIC {c}\n")),
        ("a.sql", format!("-- Databricks notebook source\n-- MAGIC %sh\n-- MAGIC {c}\n")),
        ("a.r", format!("# Databricks notebook source\n# MAGIC %sh\n# MAGIC {c}\n")),
        ("a.ipynb", notebook("", &format!("!{c}"))),
        ("a.ipynb", notebook("\"%%bash\\n\",", c)),
        ("a.ipynb", notebook("\"%%sh\\n\",", c)),
        ("x.py", format!("import os\nos.system({q})\n")),
        ("x.py", format!("import subprocess\nsubprocess.run({q}, shell=True)\n")),
        ("x.py", format!("dbutils.fs.put(\"dbfs:/init.sh\", \"\"\"#!/bin/bash\n{c}\n\"\"\", True)\n")),
        ("x.scala", format!("import sys.process._\n{q}.!\n")),
        ("x.r", format!("system({q})\n")),
        ("Dockerfile", format!("FROM x\nRUN {c}\n")),
        ("Makefile", format!("x:\n\t{c}\n")),
        (
            ".github/workflows/a.yml",
            format!("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n          {c}\n"),
        ),
        (".github/workflows/a.yml", format!("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: {q}\n")),
        (".gitlab-ci.yml", format!("stages: [a]\na:\n  stage: a\n  script:\n    - {q}\n")),
        ("azure-pipelines.yml", format!("trigger: [main]\nsteps:\n  - script: {q}\n")),
        ("azure-pipelines.yml", format!("trigger: [main]\nsteps:\n  - bash: |\n      {c}\n")),
        (
            "azure-pipelines.yml",
            format!("trigger: [main]\nsteps:\n  - task: AzureCLI@2\n    inputs:\n      inlineScript: {q}\n"),
        ),
        (
            ".circleci/config.yml",
            format!("version: 2.1\njobs:\n  a:\n    steps:\n      - run:\n          command: {q}\n"),
        ),
        ("bitbucket-pipelines.yml", format!("pipelines:\n  default:\n    - step:\n        script:\n          - {q}\n")),
        ("databricks.yml", format!("bundle: {{name: x}}\nscripts:\n  s:\n    content: |\n      {c}\n")),
        ("databricks.yml", format!("bundle: {{name: x}}\nartifacts:\n  w:\n    type: whl\n    build: {q}\n")),
        ("compose.yaml", format!("services:\n  a:\n    image: x\n    command: {q}\n")),
        (
            "pod.yaml",
            format!(
                "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: c\n      command: [\"sh\", \"-c\", {q}]\n"
            ),
        ),
        ("main.tf", format!("resource \"aws_instance\" \"a\" {{\n  user_data = <<EOT\n#!/bin/bash\n{c}\nEOT\n}}\n")),
        (
            "main.tf",
            format!(
                "resource \"null_resource\" \"a\" {{\n  provisioner \"local-exec\" {{\n    command = {q}\n  }}\n}}\n"
            ),
        ),
        ("package.json", format!("{{\"name\": \"x\", \"scripts\": {{\"deploy\": {q}}}}}")),
        (".devcontainer/devcontainer.json", format!("{{\"postCreateCommand\": {q}}}")),
        ("b.sh", format!("bash -c {q}\n")),
        ("b.sh", format!("ssh h.example.com {q}\n")),
        ("README.md", format!("# x\n\n```sh\n{c}\n```\n")),
        ("README.md", format!("# x\n\n```console\n$ {c}\n```\n")),
    ]
}

/// Codes of the findings of a file, with what they stand at: the credential, or nothing.
fn found(path: &str, text: &str) -> Vec<(&'static str, bool)> {
    let opened = credscope_grammars::open(path, text.as_bytes());
    let document = &opened.documents[0];
    let settings = Settings { pedantic: true, ..Settings::default() };
    let findings = credscope_linter::analyze(document, path, &settings, &Workspace::default()).findings;
    let mut seen: Vec<(&str, bool)> = findings
        .iter()
        .map(|f| {
            let range = document.physical(f.place.cell as usize, f.place.span).range();
            (f.rule.code, text.get(range).is_some_and(|t| t.contains(VALUE)))
        })
        .collect();
    seen.sort_unstable();
    seen
}

#[test]
fn a_command_has_the_same_findings_in_every_place() {
    let mut failed = Vec::new();
    for (command, code) in COMMANDS {
        let command = command.replace('¤', VALUE);
        let script = found("a.sh", &format!("#!/bin/bash\n{command}\n"));
        if !script.contains(&(code, command.contains(VALUE))) {
            failed.push(format!("{code} is not found in a script: {command}: {script:?}"));
        }
        for (path, text) in places(&command) {
            let seen = found(path, &text);
            if seen != script {
                failed.push(format!("{path}: {text:?}: {seen:?}, in a script {script:?}"));
            }
        }
    }
    assert_none(failed);
}
