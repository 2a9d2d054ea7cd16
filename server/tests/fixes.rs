//! `--fix` and `--diff` of the built binary; `plans.rs` has `--plan` and `provision`.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a failure fails the test, as it should")]

mod files;

use std::path::Path;

use files::{credscope, read, stdout, write};

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

/// A default moves into the body with all that stands in it.
#[test]
fn no_report_writes_a_neighbour_of_what_a_fix_moves() {
    let folder = tempfile::tempdir().unwrap();
    let text = "# Databricks notebook source\ndef f(x, password='ncaZq9#Lm2v' if P else 'ncbZq9#Lm2v'):\n    return spark.read.option('password', password).load()\nspark.read.option('password', {'a': 'uawZq9#Lm2v'}.get('a', 'uaxZq9#Lm2v')).load()\n";
    let file = write(folder.path(), "a.py", text);
    for arguments in [["check", "--format", "json"], ["check", "--diff", "--unsafe-fixes"]] {
        let shown = stdout(credscope().args(arguments).arg(&file));
        assert!(shown.contains("dbutils.secrets.get") && !shown.contains("Zq9"), "{shown}");
    }
}

/// What one notebook gives to another is read there, too.
#[test]
fn what_other_files_use_keeps_its_shape() {
    let folder = tempfile::tempdir().unwrap();
    let head = "# Databricks notebook source\n";
    let config = write(
        folder.path(),
        "config.py",
        &format!(
            "{head}url = \"jdbc:sqlserver://h;user=etl;password=z2aZq9Lm2v\"\nspark.read.format(\"jdbc\").option(\"url\", url).load()\n"
        ),
    );
    let alone = stdout(credscope().args(["check", "--diff", "--unsafe-fixes"]).arg(&config));
    assert!(alone.contains(".option(\"password\", "), "{alone}");
    let run = "# MAGIC %run ./config\n\n# COMMAND ----------\n\n";
    write(folder.path(), "main.py", &format!("{head}{run}spark.read.format(\"jdbc\").option(\"url\", url).load()\n"));
    let child =
        format!("{head}dbutils.widgets.text(\"password\", \"v1bZq9#Lm2v\")\npw = dbutils.widgets.get(\"password\")\n");
    let child_file = write(folder.path(), "child.py", &child);
    write(
        folder.path(),
        "parent.py",
        &format!("{head}dbutils.notebook.run(\"./child\", 600, {{\"password\": \"v1aZq9#Lm2v\"}})\n"),
    );
    let env = "import os\nos.environ[\"DB_PASSWORD\"] = ";
    let set = write(folder.path(), "set.py", &format!("{head}{env}\"aadZq9#Lm2v\"\n"));
    let reads = format!(
        "{head}# MAGIC %run ./set\n\n# COMMAND ----------\n\nimport os\npassword = os.environ[\"DB_PASSWORD\"]\n"
    );
    let reader = write(folder.path(), "uses.py", &reads);
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(folder.path()).assert().code(1);
    let config = read(&config);
    assert!(config.contains("password={dbutils.secrets.get(") && !config.contains("option(\"password"), "{config}");
    assert_eq!(read(&child_file), child, "callers give it the value");
    let key = "dbutils.secrets.get(scope=\"app\", key=\"db-password\")";
    assert!(read(&set).contains(key) && read(&reader).contains(key), "{}{}", read(&set), read(&reader));
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

/// Where no fix writes, the user is told, since no later run can know that the text is a credential.
#[test]
fn a_value_that_still_stands_somewhere_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let rest = "def f(x):\n    match x:\n        case {'p': 'q7#Lm2vX9'}:\n            return 'the value q7#Lm2vX9'\n";
    let file = write(folder.path(), "a.py", &format!("password = 'q7#Lm2vX9'\n{rest}# q7#Lm2vX9x\n"));
    let output =
        credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&file).assert().code(1).get_output().clone();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(read(&file).contains("password = dbutils.secrets.get("));
    let line = |text: &str| read(&file).lines().position(|l| l.contains(text)).unwrap() + 1;
    for text in ["case {'p'", "return 'the value"] {
        assert!(said.contains(&format!("a.py:{}: a value that moved still stands", line(text))), "{said}");
    }
    assert_eq!(said.matches("still stands").count(), 2, "{said}");
    assert!(!said.contains("q7#Lm2vX9"), "{said}");
    // Words stand in other texts, too.
    let file = write(folder.path(), "b.py", "password = 'letmein-please'\nmessage = 'say letmein-please'\n");
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&file).assert().code(0);
}

/// One template with more credentials than there are rounds: each round can add one slot's argument.
#[test]
fn fixes_stop_after_ten_rounds_and_what_remains_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let pairs: String = (0..12).map(|i| format!(";AccountKey=q7Lm2vX9kW{i:02}rPqZt8wYc3nVb==")).collect();
    let file = write(folder.path(), "a.py", &format!("text = \"EndpointSuffix={{}}{pairs}\".format(suffix)\n"));
    let run = credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&file).assert().code(1);
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(said.contains("a.py: more can be fixed; run again"), "{said}");
    let fixed = read(&file);
    assert_eq!(fixed.matches("dbutils.secrets.get(").count(), 10, "{fixed}");
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&file).assert().code(0);
    assert_eq!(read(&file).matches("dbutils.secrets.get(").count(), 12);
}

#[test]
fn what_a_baseline_knows_is_not_fixed() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "a.py", "password = 'q7#Lm2vX9'\n");
    let baseline = folder.path().join("baseline.json");
    credscope().arg("baseline").arg(&file).arg("--output").arg(&baseline).assert().code(0);
    // The new one comes first of two that are known: numbers of fingerprints move when it goes.
    let known = "password = 'k8sJ2mQ9vX71'\npassword = 'q7#Lm2vX9'\n";
    write(folder.path(), "a.py", known);
    credscope().arg("baseline").arg(&file).arg("--output").arg(&baseline).assert().code(0);
    let fix = || {
        let mut command = credscope();
        command.args(["check", "--fix", "--unsafe-fixes", "--baseline"]).arg(&baseline).arg(&file);
        command
    };
    fix().assert().code(0);
    assert_eq!(read(&file), known);
    write(folder.path(), "a.py", &format!("{known}api_token = 'z3Rw8LmQ1vX70'\n"));
    fix().assert().code(0);
    let fixed = read(&file);
    assert!(fixed.contains("api_token = dbutils.secrets.get("), "{fixed}");
    assert!(fixed.contains(known), "{fixed}");
    let shown = "password = 'w5Tn8LmQ1vX70'\n";
    write(folder.path(), "a.py", &format!("{known}{shown}"));
    let diff = stdout(credscope().args(["check", "--diff", "--unsafe-fixes", "--baseline"]).arg(&baseline).arg(&file));
    assert!(diff.contains("+password = dbutils.secrets.get("), "{diff}");
    assert_eq!(diff.matches("\n-").count(), 1, "{diff}");
    assert!(!diff.contains("q7#Lm2vX9") && !diff.contains("k8sJ2mQ9vX71"), "{diff}");
    fix().assert().code(0);
    let fixed = read(&file);
    assert!(fixed.contains(known) && !fixed.contains(shown), "{fixed}");
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
    // The same value without its escape.
    let file = write(folder.path(), "b.py", "password = 'Lm2vX9\\x43rTq'; y = 'Lm2vX9CrTq'\n");
    let shown = stdout(credscope().args(["check", "--diff", "--unsafe-fixes"]).arg(&file));
    assert!(shown.contains("-password = ") && !shown.contains("Lm2vX9CrTq"), "{shown}");
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

/// The configured scope wins over others that are declared; without one the declared secret that fits is taken, by plain
/// `--fix`, too. A second value never gets it.
#[test]
fn a_declared_secret_holds_one_value() {
    let text = "# Databricks notebook source\npassword = 'q7#Lm2vX9'\nconnect(password='Zt8!kW4rPq')\n";
    let (one, two) = ("dbutils.secrets.get(scope='jdbc', key='password')", "'Zt8!kW4rPq'");
    let rows = [
        ("scope = \"app\"\ndeclared = { jdbc = [\"password\"] }", "'q7#Lm2vX9'", two),
        ("declared = { jdbc = [\"password\"] }", one, two),
        ("scope = \"jdbc\"\ndeclared = { app = [\"password\"], jdbc = [\"password\"] }", one, two),
        (
            "declared = { app = [\"password\"], jdbc = [\"password\"] }",
            "dbutils.secrets.get(scope='app', key='password')", two,
        ),
    ];
    for (config, first, second) in rows {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "credscope.toml", &format!("[secrets]\n{config}\n"));
        let file = write(folder.path(), "a.py", text);
        credscope().args(["check", "--fix"]).arg(&file).assert().code(1);
        assert_eq!(read(&file), text.replace("'q7#Lm2vX9'", first).replace(two, second), "{config}");
        write(folder.path(), "a.py", text);
        credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&file).assert().code(0);
        let fixed = read(&file);
        assert!(first != one || fixed.contains(one), "{config}: {fixed}");
        assert!(fixed.matches("key='password')").count() == 1, "{config}: {fixed}");
    }
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

/// Several names of one file are one document.
#[cfg(unix)]
#[test]
fn a_file_is_fixed_once_whatever_it_is_called() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "t.py", "password = 'q7#Lm2vX9'\n");
    let link = folder.path().join("l.py");
    std::os::unix::fs::symlink("t.py", &link).unwrap();
    let names = ["t.py", "l.py", "./t.py"];
    credscope().args(["check", "--fix", "--unsafe-fixes"]).args(names).current_dir(folder.path()).assert().code(0);
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
