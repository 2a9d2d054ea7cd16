//! `--fix`, `--diff`, `--plan` and `provision` of the built binary.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a failure fails the test, as it should")]

use std::path::{Path, PathBuf};

use assert_cmd::Command;

fn credscope() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_credscope"));
    command.env_clear();
    command
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn stdout(command: &mut Command) -> String {
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

#[test]
fn the_founding_example_comes_out_to_the_letter() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "credscope.toml", "[secrets]\nscope = \"jdbc\"\n");
    let before = "// Databricks notebook source\nimport java.util.Properties\nval connectionProperties = new Properties()\n\n// COMMAND ----------\n\nconnectionProperties.put(\"user\", \"etl_reader\")\nconnectionProperties.put(\"password\", \"q7#Lm2vX9\")\nconnectionProperties.put(\"driver\", \"org.postgresql.Driver\")\n";
    let file = write(folder.path(), "load.scala", before);
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&file).assert().code(0);
    let expected = before
        .replace("\"etl_reader\"", "dbutils.secrets.get(scope = \"jdbc\", key = \"username\")")
        .replace("\"q7#Lm2vX9\"", "dbutils.secrets.get(scope = \"jdbc\", key = \"password\")");
    assert_eq!(read(&file), expected);
}

#[test]
fn exit_status_is_0_when_all_is_fixed_and_1_when_something_remains() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "a.py", "password = 'q7#Lm2vX9'\n");
    credscope().args(["check", "--fix"]).arg(&file).assert().code(1);
    assert_eq!(read(&file), "password = 'q7#Lm2vX9'\n", "an unsafe fix needs its flag");
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&file).assert().code(0);
    assert!(read(&file).contains("dbutils.secrets.get("));
    let sql = write(folder.path(), "b.sql", "SET fs.s3a.secret.key=q7Lm2vX9kW4rPqZt8w;\n");
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&sql).assert().code(1);
    assert_eq!(read(&sql), "SET fs.s3a.secret.key=q7Lm2vX9kW4rPqZt8w;\n", "advice is not applied");
}

/// One template with more credentials than there are rounds: each round can add one slot's argument.
#[test]
fn fixes_stop_after_ten_rounds_and_what_remains_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let pairs: String = (0..12).map(|i| format!(";AccountKey=q7Lm2vX9kW{i:02}rPqZt8wYc3nVb==")).collect();
    let file = write(folder.path(), "a.py", &format!("text = \"EndpointSuffix={{}}{pairs}\".format(suffix)\n"));
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&file).assert().code(1);
    let fixed = read(&file);
    assert_eq!(fixed.matches("dbutils.secrets.get(").count(), 10, "{fixed}");
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&file).assert().code(0);
    assert_eq!(read(&file).matches("dbutils.secrets.get(").count(), 12);
}

#[test]
fn a_diff_writes_nothing_and_shows_no_credential() {
    let folder = tempfile::tempdir().unwrap();
    let text = "import psycopg2\nc = psycopg2.connect(user='etl', password='q7#Lm2vX9')\n";
    let file = write(folder.path(), "a.py", text);
    let shown = stdout(credscope().args(["check", "--diff", "--unsafe-fixes"]).arg(&file));
    assert!(shown.contains("+c = psycopg2.connect("), "{shown}");
    assert!(!shown.contains("q7#Lm2vX9"), "{shown}");
    assert_eq!(read(&file), text);
}

/// Like ruff: what a diff shows is not done yet.
#[test]
fn a_diff_ends_with_1_while_there_is_something_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "a.py", "password = 'q7#Lm2vX9'\n");
    let diff = |options: &[&str]| {
        let run = credscope().args(["check", "--diff"]).args(options).arg(&file).output().unwrap();
        (run.status.code(), String::from_utf8(run.stdout).unwrap())
    };
    let (status, shown) = diff(&["--unsafe-fixes"]);
    assert_eq!(status, Some(1), "a change that is only shown");
    assert!(shown.starts_with("--- a/"), "{shown}");
    assert_eq!(diff(&[]), (Some(1), String::new()), "a finding without a safe fix");
    assert_eq!(diff(&["--unsafe-fixes", "--exit-zero"]).0, Some(0));
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&file).assert().code(0);
    assert_eq!(diff(&["--unsafe-fixes"]), (Some(0), String::new()));
}

/// Credentials are masked in a diff, so only one without any can be applied; then it applies as it is.
#[test]
fn a_diff_without_credentials_applies() {
    let folder = tempfile::tempdir().unwrap();
    let head = "import os\npw = dbutils.secrets.get('jdbc', 'password')\n";
    for (number, text) in [
        format!("{head}x = 1\nprint(pw)\ny = 2\n"),
        format!("{head}x = 1\nprint(pw)"),
        format!("{head}print(pw)\nx = 1").replace('\n', "\r\n"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("jobs/a{number}.py");
        let file = write(folder.path(), &name, &text);
        let shown = stdout(credscope().current_dir(&folder).args(["check", "--diff", "--unsafe-fixes", &name]));
        credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&file).assert().code(0);
        let fixed = read(&file);
        assert_ne!(fixed, text);
        for (program, arguments) in [("patch", &["-p1", "--binary"][..]), ("git", &["apply"])] {
            std::fs::write(&file, &text).unwrap();
            let mut command = std::process::Command::new(program);
            command.args(arguments).current_dir(&folder).stdin(std::process::Stdio::piped());
            let Ok(mut child) = command.spawn() else { continue };
            std::io::Write::write_all(child.stdin.as_mut().unwrap(), shown.as_bytes()).unwrap();
            drop(child.stdin.take());
            assert!(child.wait().unwrap().success(), "{program}\n{shown}");
            assert_eq!(read(&file), fixed, "{program}\n{shown}");
        }
    }
}

/// What `--min-severity` leaves out stays in every round.
#[test]
fn rounds_fix_no_more_than_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let text = "pw = dbutils.secrets.get('jdbc', 'password')\nprint(pw)\nurl = 'jdbc:mysql://h/d?user=etl&password=q7Lm2vX9'\n";
    let file = write(folder.path(), "a.py", text);
    credscope().args(["check", "--fix", "--unsafe-fixes", "--min-severity", "error"]).arg(&file).assert().code(0);
    let fixed = read(&file);
    assert!(!fixed.contains("q7Lm2vX9") && fixed.contains("\nprint(pw)\n"), "{fixed}");
}

/// An error holds the message in three places, a result in several formats: the output goes as a whole.
#[test]
fn an_output_with_a_credential_goes_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let error = r#"{"output_type": "error", "ename": "E", "evalue": "password=q7Lm2vX9kkZZ1", "traceback": ["a\n", "E: password=q7Lm2vX9kkZZ1"]}"#;
    let result = r#"{"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": ["password=q7Lm2vX9kkZZ1"], "text/html": "<b>password=q7Lm2vX9kkZZ1</b>"}}"#;
    let stream = r#"{"output_type": "stream", "name": "stdout", "text": ["fine\n"]}"#;
    for (outputs, left) in [
        (vec![error], ""),
        (vec![stream, error], stream),
        (vec![error, stream], stream),
        (vec![error, result], ""),
        (vec![result, stream, error], stream),
    ] {
        let notebook = |outputs: &str| {
            format!(
                r##"{{"cells": [{{"cell_type": "code", "execution_count": 1, "id": "a", "metadata": {{}}, "source": ["x = 1"], "outputs": [{outputs}]}}], "metadata": {{"language_info": {{"name": "python"}}}}, "nbformat": 4, "nbformat_minor": 5}}"##
            )
        };
        let file = write(folder.path(), "a.ipynb", &notebook(&format!("\n  {}\n ", outputs.join(",\n  "))));
        credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&file).assert().code(0);
        let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(json(&read(&file)), json(&notebook(left)), "{}", read(&file));
    }
}

#[test]
fn archives_are_shown_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("etl.dbc");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/notebooks/etl.dbc"), &archive).unwrap();
    let before = std::fs::read(&archive).unwrap();
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&archive).assert().code(1);
    assert_eq!(std::fs::read(&archive).unwrap(), before);
    let report = stdout(credscope().args(["check", "--format", "json"]).arg(&archive));
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let fixes: Vec<_> = report["findings"].as_array().unwrap().iter().filter(|f| !f["fix"].is_null()).collect();
    assert!(!fixes.is_empty() && fixes.iter().all(|f| f["fix"]["applicability"] == "display"));
}

#[test]
fn a_plan_records_names_and_places_and_no_value() {
    let folder = tempfile::tempdir().unwrap();
    let text = "import os\n\npassword = 'q7#Lm2vX9'\napi_key = 'Zt8kW4rPqYc3nVb1'\n";
    let file = write(folder.path(), "a.py", text);
    let plan = folder.path().join("plan.json");
    credscope().args(["check", "--fix", "--unsafe-fixes", "--plan"]).arg(&plan).arg(&file).assert().code(0);
    let text = read(&plan);
    assert!(!text.contains("q7#Lm2vX9") && !text.contains("Zt8kW4rPqYc3nVb1"), "{text}");
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let rows = document["secrets"].as_array().unwrap();
    let lines: Vec<_> = rows.iter().map(|r| (r["key"].as_str().unwrap(), r["line"].as_u64().unwrap())).collect();
    assert_eq!(lines, [("password", 3), ("api-key", 4)]);
    assert!(rows.iter().all(|r| r["finding"].as_str().unwrap().len() == 16 && r["scope"] == "app"));
    assert!(rows.iter().all(|r| r["fingerprint"].as_str().unwrap().len() == 32), "{text}");
    let shell = stdout(credscope().args(["provision", "--from-fix"]).arg(&plan));
    for line in [
        "databricks secrets create-scope app\n", "databricks secrets put-secret app password\n",
        "databricks secrets put-acl app GROUP READ", "a.py:3; rotate it: it stays in the history\n",
    ] {
        assert!(shell.contains(line), "{line} in\n{shell}");
    }
}

/// Every container and configuration files: scope, key, place and a keyed fingerprint, equal for equal values of a run,
/// another one in the next run.
#[test]
fn a_plan_knows_every_container() {
    let value = "q7Lm2vX9kW4rPq";
    let cell = format!(
        "{{\"cell_type\": \"code\", \"execution_count\": null, \"id\": \"a\", \"metadata\": {{}}, \"outputs\": [], \"source\": [\"x = 1\\n\", \"password = '{value}'\\n\"]}}"
    );
    let files = [
        ("a.py", format!("x = 1\npassword = '{value}'\nconnect('h', '{value}')\n"), vec![2, 3]),
        (
            "b.py",
            format!("# Databricks notebook source\n# MAGIC %scala\n# MAGIC val password = \"{value}\"\n"),
            vec![3],
        ),
        (
            "c.ipynb",
            format!(
                "{{\"cells\": [\n{cell}],\n\"metadata\": {{\"language_info\": {{\"name\": \"python\"}}}}, \"nbformat\": 4, \"nbformat_minor\": 5}}"
            ),
            vec![2],
        ),
        ("d.scala", format!("val password = \"{value}\"\n"), vec![1]),
        ("e.r", format!("password <- \"{value}\"\n"), vec![1]),
        (
            "f.sql",
            format!("CREATE CONNECTION c TYPE mysql OPTIONS (host 'h', user 'u', password '{value}');\n"),
            vec![1],
        ),
        (
            "cluster.json",
            format!(
                "{{\"spark_version\": \"x\",\n\"spark_conf\": {{\"spark.hadoop.fs.s3a.secret.key\": \"{value}\"}}}}"
            ),
            vec![2],
        ),
    ];
    let plan = || {
        let folder = tempfile::tempdir().unwrap();
        files.iter().for_each(|(name, text, _)| drop(write(folder.path(), name, text)));
        write(
            folder.path(),
            ".github/workflows/ci.yml",
            &format!("on: push\njobs:\n  a:\n    runs-on: x\n    env:\n      DATABRICKS_TOKEN: {value}\n"),
        );
        let plan = folder.path().join("plan.json");
        credscope()
            .args(["check", "--no-ignore", "--fix", "--unsafe-fixes", "--plan"])
            .arg(&plan)
            .arg(folder.path())
            .assert()
            .code(0);
        let text = read(&plan);
        assert!(!text.contains(value), "{text}");
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    let (first, second) = (plan(), plan());
    let rows = first["secrets"].as_array().unwrap();
    for (name, _, lines) in &files {
        let of_file = rows.iter().filter(|r| r["path"] == *name && r["key"] != "username");
        let found: Vec<u64> = of_file.map(|r| r["line"].as_u64().unwrap()).collect();
        assert_eq!(found, *lines, "{name}: {first}");
    }
    let of_value = |plan: &serde_json::Value| -> std::collections::BTreeSet<String> {
        let secrets = plan["secrets"].as_array().unwrap().iter().filter(|r| r["key"] != "username");
        let rows = secrets.chain(plan["variables"].as_array().unwrap());
        rows.map(|r| r["fingerprint"].as_str().unwrap().to_owned()).collect()
    };
    let names: std::collections::BTreeSet<_> =
        rows.iter().filter(|r| r["key"] != "username").map(|r| format!("{}/{}", r["scope"], r["key"])).collect();
    assert_eq!((names.len(), of_value(&first).len()), (1, 1), "one value, one name, one fingerprint: {first}");
    assert_ne!(of_value(&first), of_value(&second), "the key is drawn anew");
    assert_eq!(rows[0]["finding"], second["secrets"][0]["finding"], "the finding is known again");
    assert_eq!(first["variables"][0]["store"], "github", "{first}");
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "plan.json", &first.to_string());
    for format in ["shell", "terraform", "bundle"] {
        let shown = stdout(credscope().args(["provision", "--format", format, "--from-fix"]).arg(&file));
        assert!(shown.contains("DATABRICKS_TOKEN") && shown.contains("ci.yml:6; rotate it"), "{format}\n{shown}");
    }
    credscope().arg("check").arg(folder.path()).assert().code(0);
}

#[test]
fn provision_knows_the_reads_of_fixed_code() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "a.py", "password = 'q7#Lm2vX9'\n");
    let before = stdout(credscope().arg("provision").arg(&file));
    assert!(before.contains("databricks secrets put-secret app password") && before.contains("was in"), "{before}");
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&file).assert().code(0);
    let after = stdout(credscope().arg("provision").arg(&file));
    assert!(after.contains("databricks secrets put-secret app password"), "{after}");
    assert!(after.contains("a.py:2; rotate it"), "{after}");
    let terraform = stdout(credscope().args(["provision", "--format", "terraform"]).arg(&file));
    assert!(terraform.contains("resource \"databricks_secret\" \"app_password\""), "{terraform}");
    assert!(terraform.contains("permission = \"READ\""), "{terraform}");
    let bundle = stdout(credscope().args(["provision", "--format", "bundle"]).arg(&file));
    assert!(bundle.contains("secret_scopes:\n    app:\n      name: app\n"), "{bundle}");
    let json = stdout(credscope().args(["provision", "--format", "json"]).arg(&file));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()["secrets"][0]["key"], "password");
    let empty = write(folder.path(), "b.py", "x = 1\n");
    assert!(stdout(credscope().arg("provision").arg(&empty)).starts_with("# Nothing to store"));
}

#[test]
fn unity_catalog_secrets_are_provisioned_their_way() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "credscope.toml",
        "[secrets]\nstyle = \"unity-catalog\"\ncatalog = \"main\"\nschema = \"ops\"\n",
    );
    let file = write(folder.path(), "a.py", "password = 'q7#Lm2vX9'\n");
    let shell = stdout(credscope().arg("provision").arg(&file));
    assert!(shell.contains("databricks secrets-uc create-secret --json @password.json"), "{shell}");
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&file).assert().code(0);
    assert!(read(&file).contains("dbutils.secrets.get(catalog='main', schema='ops', key='password')"));
    let shell = stdout(credscope().arg("provision").arg(&file));
    assert!(shell.contains("main.ops.password"), "{shell}");
}

#[test]
fn two_values_never_share_a_key_and_one_value_has_one_in_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let one = write(folder.path(), "a.py", "password = 'q7#Lm2vX9'\n");
    let two = write(folder.path(), "b.py", "password = 'Zt8!kW4rPq'\n");
    let three = write(folder.path(), "c.py", "pwd = 'q7#Lm2vX9'\n");
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(folder.path()).assert().code(0);
    let key = |path: &Path| read(path).split("key='").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    assert_eq!(key(&one), key(&three));
    assert_ne!(key(&one), key(&two));
}

/// The README shows it, and it is what the program does.
#[test]
fn the_example_of_the_readme_is_true() {
    let readme = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md"));
    let blocks: Vec<&str> =
        readme.split("```scala\n").skip(1).map(|rest| rest.split("```").next().unwrap_or("")).collect();
    assert!(blocks[0].contains("connectionProperties.put(\"user\", "), "{}", blocks[0]);
    assert!(blocks[1].contains("put(\"password\", dbutils.secrets.get(scope = \"jdbc\", key = \"password\"))"));
    let head = "// Databricks notebook source\n";
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "credscope.toml", "[secrets]\nscope = \"jdbc\"\n");
    let file = write(folder.path(), "load.scala", &format!("{head}{}", blocks[0]));
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&file).assert().code(0);
    assert_eq!(read(&file), format!("{head}{}", blocks[1]));
}

/// Declared names make a fix safe: `--fix` alone applies it, and nothing else.
#[test]
fn fix_alone_applies_what_is_safe() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "credscope.toml", "[secrets]\nscope = \"jdbc\"\ndeclared = { jdbc = [\"password\"] }\n");
    let text = "# Databricks notebook source\npassword = 'q7#Lm2vX9'\napi_key = 'Zt8kW4rPqYc3nVb1'\n";
    let file = write(folder.path(), "a.py", text);
    credscope().args(["check", "--fix"]).arg(&file).assert().code(1);
    assert_eq!(read(&file), text.replace("'q7#Lm2vX9'", "dbutils.secrets.get(scope='jdbc', key='password')"));
}

/// Scope by path and by bundle target.
#[test]
fn scopes_of_paths_and_targets() {
    let folder = tempfile::tempdir().unwrap();
    let config = "[secrets]\nscope = \"all\"\npaths = { \"etl/**\" = \"etl\" }\ntargets = { prod = \"sales-prod\" }\n";
    write(folder.path(), "credscope.toml", config);
    let one = write(folder.path(), "etl/a.py", "password = 'q7#Lm2vX9'\n");
    let two = write(folder.path(), "b.py", "password = 'Zt8!kW4rPq'\n");
    let conf = "resources: {jobs: {j: {job_clusters: [{job_cluster_key: c, new_cluster: {spark_conf: {fs.s3a.secret.key: w3tR5yU7iO90Lm}}}]}}}";
    let bundle =
        write(folder.path(), "databricks.yml", &format!("bundle: {{name: x}}\ntargets:\n  prod:\n    {conf}\n"));
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(folder.path()).assert().code(0);
    assert!(read(&one).contains("scope='etl'") && read(&two).contains("scope='all'"));
    assert!(read(&bundle).contains("{{secrets/sales-prod/s3a-secret-key}}"), "{}", read(&bundle));
}

/// A credential that stands in several files is one name, and both findings of a place go with one fix.
#[test]
fn a_credential_of_several_files_is_fixed_in_all() {
    let folder = tempfile::tempdir().unwrap();
    let one = write(folder.path(), "a.py", "# Databricks notebook source\ndb_password = 'q7#Lm2vX9kW'\n");
    let two =
        write(folder.path(), "b.scala", "// Databricks notebook source\nprops.put(\"password\", \"q7#Lm2vX9kW\")\n");
    let report = stdout(credscope().args(["check", "--format", "json"]).arg(folder.path()));
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let shared: Vec<_> = report["findings"].as_array().unwrap().iter().filter(|f| f["code"] == "CS540").collect();
    assert_eq!(shared.len(), 1);
    assert_eq!(shared[0]["fix"]["applicability"], "unsafe");
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(folder.path()).assert().code(0);
    assert!(read(&one).contains("dbutils.secrets.get(scope='app', key='db-password')"), "{}", read(&one));
    assert!(read(&two).contains("dbutils.secrets.get(scope = \"app\", key = \"db-password\")"), "{}", read(&two));
}

/// A file that changes while it is checked is left alone, and said so: here it is given twice, under two names.
#[cfg(unix)]
#[test]
fn a_file_that_changed_is_left_alone_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "a.py", "password = 'q7#Lm2vX9'\n");
    let link = folder.path().join("b.py");
    std::os::unix::fs::symlink("a.py", &link).unwrap();
    let output = credscope().args(["check", "--fix", "--unsafe-fixes"]).args([&file, &link]).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("was changed while it was checked; left alone"), "{said}");
    assert_eq!(read(&file).matches("dbutils.secrets.get(").count(), 1);
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
}

/// Permissions stay, links stay links, nothing is left beside the file.
#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = write(elsewhere.path(), "a.py", "password = 'q7#Lm2vX9'\n");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    let link = folder.path().join("link.py");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&link).assert().code(0);
    assert!(read(&file).contains("dbutils.secrets.get("));
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 1);
}

/// A file that nobody may write is left alone, and said so; the others are fixed.
#[cfg(unix)]
#[test]
fn a_read_only_file_is_left_alone_and_reported() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "a.py", "password = 'q7#Lm2vX9'\n");
    let other = write(folder.path(), "b.py", "password = 'q7#Lm2vX9'\n");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
    let output = credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(folder.path()).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("is read-only; left alone"), "{said}");
    assert_eq!(read(&file), "password = 'q7#Lm2vX9'\n");
    assert!(read(&other).contains("dbutils.secrets.get("));
}

/// Whoever reads the file while it is fixed sees the text before or the text after, never a part.
#[test]
fn a_reader_never_sees_half_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let before = format!("password = 'q7#Lm2vX9'\n{}", "x = 1  # filler\n".repeat(8_000));
    let file = write(folder.path(), "a.py", &before);
    let done = std::sync::atomic::AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = std::collections::BTreeSet::new();
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                seen.insert(read(&file).len());
            }
            seen
        });
        credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&file).assert().code(0);
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        reader.join().unwrap()
    });
    let whole = [before.len(), read(&file).len()];
    assert!(seen.iter().all(|len| whole.contains(len)), "{seen:?}");
}

/// Every format, from the files and from a plan: place, rotation and names, never a value.
#[test]
fn every_format_says_where_the_value_was() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "credscope.toml", "[secrets]\nscope = \"jdbc\"\n");
    let text =
        "// Databricks notebook source\nprops.put(\"user\", \"etl_reader\")\nprops.put(\"password\", \"q7#Lm2vX9\")\n";
    let file = write(folder.path(), "load.scala", text);
    let provision = |arguments: &[&str]| stdout(credscope().arg("provision").args(arguments));
    let path = file.to_str().unwrap();
    let live: Vec<String> = ["shell", "terraform", "bundle", "json"].map(|f| provision(&["--format", f, path])).into();
    let plan = folder.path().join("plan.json");
    credscope().args(["check", "--fix", "--unsafe-fixes", "--plan"]).arg(&plan).arg(&file).assert().code(0);
    let plan = plan.to_str().unwrap();
    let later: Vec<String> =
        ["shell", "terraform", "bundle", "json"].map(|f| provision(&["--format", f, "--from-fix", plan])).into();
    for texts in [&live, &later] {
        let [shell, terraform, bundle, json] = &texts[..] else { unreachable!() };
        for text in texts {
            assert!(!text.contains("q7#Lm2vX9") && !text.contains("etl_reader"), "{text}");
        }
        for text in [shell, terraform, bundle] {
            assert!(text.contains("load.scala:3; rotate it: it stays in the history"), "{text}");
        }
        for line in [
            "databricks secrets create-scope jdbc\n", "databricks secrets put-secret jdbc password\n",
            "databricks secrets put-secret jdbc username\n", "databricks secrets put-acl jdbc GROUP READ",
        ] {
            assert!(shell.contains(line), "{line} in\n{shell}");
        }
        assert!(!shell.contains("--string-value"), "the command asks for the value");
        for block in [
            "resource \"databricks_secret_scope\" \"jdbc\" {\n  name = \"jdbc\"\n}",
            "  permission = \"READ\"\n",
            "variable \"jdbc_password\" {\n  type      = string\n  sensitive = true\n}",
            "  key          = \"password\"\n  string_value = var.jdbc_password\n",
        ] {
            assert!(terraform.contains(block), "{block} in\n{terraform}");
        }
        assert!(bundle.contains("  secret_scopes:\n    jdbc:\n      name: jdbc\n"), "{bundle}");
        assert!(bundle.contains("          level: READ\n") && bundle.contains("put-secret jdbc password"), "{bundle}");
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        let rows = json["secrets"].as_array().unwrap();
        let password = rows.iter().find(|r| r["key"] == "password").unwrap();
        assert_eq!(
            (&password["scope"], &password["line"], &password["rotate"]),
            (&"jdbc".into(), &3.into(), &true.into())
        );
        assert_eq!(password["finding"].as_str().unwrap().len(), 16);
        assert_eq!(password["fingerprint"].as_str().unwrap().len(), 32);
        assert!(password["path"].as_str().unwrap().ends_with("load.scala"));
    }
}

/// Several scopes at once, of paths and bundle targets.
/// A secret of an app is reached through a resource of the app, which has to be made, too.
#[test]
fn provision_names_the_resources_of_an_app() {
    let folder = tempfile::tempdir().unwrap();
    let app = "command: [python, app.py]\nenv:\n  - name: DB_PASSWORD\n    value: q7Lm2vX9ab1\n";
    write(folder.path(), "app.yaml", app);
    for format in ["shell", "bundle"] {
        let text = stdout(credscope().args(["provision", "--format", format]).arg(folder.path()));
        let line = "give the app a resource `db-password` of type secret (scope app, key db-password, permission READ)";
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn every_format_has_every_scope() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "credscope.toml",
        "[secrets]\npaths = { \"streaming/**\" = \"kafka\" }\ntargets = { prod = \"sales-prod\" }\n",
    );
    write(folder.path(), "a.py", "df = spark.read.format('jdbc').option('password', 'q7#Lm2vX1').load()\n");
    write(folder.path(), "streaming/b.py", "api_key = 'q7Lm2vX9kW4rPq2'\n");
    write(
        folder.path(),
        "databricks.yml",
        "bundle:\n  name: x\ntargets:\n  prod:\n    resources:\n      jobs:\n        j:\n          job_clusters:\n            - job_cluster_key: c\n              new_cluster:\n                spark_conf:\n                  fs.s3a.secret.key: q7Lm2vX9kW4rPq3\n",
    );
    let plan = folder.path().join("plan.json");
    let provision = |format: &str, from_plan: bool| {
        let mut command = credscope();
        command.args(["provision", "--format", format]);
        match from_plan {
            true => command.arg("--from-fix").arg(&plan),
            false => command.arg(folder.path()),
        };
        stdout(&mut command)
    };
    const FORMATS: [&str; 4] = ["shell", "terraform", "bundle", "json"];
    let live = FORMATS.map(|f| provision(f, false));
    credscope().args(["check", "--fix", "--unsafe-fixes", "--plan"]).arg(&plan).arg(folder.path()).assert().code(0);
    for texts in [live, FORMATS.map(|f| provision(f, true))] {
        let [shell, terraform, bundle, json] = &texts;
        for (scope, key, place) in [
            ("jdbc", "password", "a.py:1"),
            ("kafka", "api-key", "streaming/b.py:1"),
            ("sales-prod", "s3a-secret-key", "databricks.yml:12"),
        ] {
            let id = scope.replace('-', "_");
            for line in [
                format!("databricks secrets create-scope {scope}\n"),
                format!("{place}; rotate it: it stays in the history\ndatabricks secrets put-secret {scope} {key}\n"),
                format!("databricks secrets put-acl {scope} GROUP READ"),
            ] {
                assert!(shell.contains(&line), "{line} in\n{shell}");
            }
            for block in [
                format!("resource \"databricks_secret_scope\" \"{id}\" {{\n  name = \"{scope}\"\n}}"),
                format!("scope        = databricks_secret_scope.{id}.name\n  key          = \"{key}\""),
            ] {
                assert!(terraform.contains(&block) && terraform.contains(place), "{block} in\n{terraform}");
            }
            assert!(bundle.contains(&format!("    {id}:\n      name: {scope}\n")), "{bundle}");
            assert!(bundle.contains(&format!("put-secret {scope} {key}")) && bundle.contains(place), "{bundle}");
            let json: serde_json::Value = serde_json::from_str(json).unwrap();
            let rows = json["secrets"].as_array().unwrap();
            let row = rows.iter().find(|r| r["scope"] == scope && r["key"] == key && r["rotate"] == true).unwrap();
            assert_eq!(place, format!("{}:{}", row["path"].as_str().unwrap(), row["line"]));
        }
    }
}

#[test]
fn a_credential_that_is_not_reported_is_shown_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let line = "url = \"jdbc:postgresql://h/db?user=etl&password=q7Lm2vX9\"; secret = \"zz8Lm2vX9\"";
    for (name, mark) in [("a.py", ""), ("b.py", "  # credscope: ignore[CS106] demo")] {
        let file = write(folder.path(), name, &format!("{line}{mark}\n"));
        for mode in [&["--format", "text"][..], &["--diff", "--unsafe-fixes"]] {
            let shown = stdout(credscope().args(["check", "--select", "CS104"]).args(mode).arg(&file));
            assert!(shown.contains("secret = ") && !shown.contains("zz8Lm2vX9"), "{mode:?} {mark}: {shown}");
        }
    }
}

#[test]
fn with_a_configuration_that_cannot_be_read_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "credscope.toml", "exclude = [\"vendor\"]\nignor = [\"CS106\"]\n");
    let text = "password = 'q7#Lm2vX9'\n";
    let files = [write(folder.path(), "a.py", text), write(folder.path(), "vendor/b.py", text)];
    let run = credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(folder.path()).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    let said = [run.stdout, run.stderr].concat();
    assert!(String::from_utf8_lossy(&said).contains("did you mean `ignore`"), "{}", String::from_utf8_lossy(&said));
    for file in files {
        assert_eq!(read(&file), text);
    }
}

/// What the run's files read already holds values that nobody knows, a second run knows no more of the first one's.
#[test]
fn a_key_that_is_read_somewhere_is_no_other_values_key() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "credscope.toml", "[secrets]\nscope = \"jdbc\"\ndeclared = { jdbc = [\"password\"] }\n");
    let a = write(folder.path(), "a.py", "password = 'q7#Lm2vX1'\npassword = 'e7#Lm2vX1'\n");
    for _ in 0..2 {
        credscope().args(["check", "--fix"]).arg(folder.path()).assert().code(1);
        assert!(read(&a).contains("key='password')\npassword = 'e7#Lm2vX1'"), "{}", read(&a));
    }
    let b = write(folder.path(), "b.py", "password = 'r7#Lm2vX2'\n");
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(folder.path()).assert().code(0);
    assert!(!read(&b).contains("'password'"), "{}", read(&b));
}
