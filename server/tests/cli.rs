//! The built binary, from outside.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a failure fails the test, as it should")]

use std::path::{Path, PathBuf};

use assert_cmd::Command;

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

fn json(command: &mut Command) -> serde_json::Value {
    let output = command.output().unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn fixtures_have_findings_in_every_container_and_language() {
    let report = json(credscope().args(["check", "--format", "json"]).arg(fixtures()));
    assert_eq!(report["version"], 1);
    let findings = report["findings"].as_array().unwrap();
    for ending in [".py", "_fabric.py", ".scala", ".sc", ".sql", ".r", ".ipynb", ".dbc!/sales/etl.python"] {
        assert!(findings.iter().any(|f| f["path"].as_str().unwrap().ends_with(ending)), "nothing in {ending}");
    }
    for file in [
        ".netrc", ".pgpass", ".npmrc", ".pypirc", ".gitmodules", "requirements.txt", "pip.conf", "Makefile",
        "Dockerfile", ".github/workflows/ci.yml", "store.sh", "repo/notes",
    ] {
        assert!(findings.iter().any(|f| f["path"].as_str().unwrap().ends_with(file)), "nothing in {file}");
    }
    for language in ["python", "scala", "sql", "r", "java"] {
        assert!(findings.iter().any(|f| f["language"] == language), "nothing in {language}");
    }
    assert_eq!(report["summary"]["findings"], findings.len());
    assert_eq!(report["summary"]["incomplete"], false);
}

/// The notebook of each host language has the same findings as a source notebook, as a Jupyter notebook and in an archive.
#[test]
fn notebooks_of_all_languages_are_alike_in_every_container() {
    let report = json(credscope().args(["check", "--format", "json"]).arg(fixtures().join("notebooks")));
    let codes = |path: &str| {
        let all = report["findings"].as_array().unwrap().iter();
        // One credential in several files is told at the first of them.
        let of_file = all.filter(|f| f["path"] == path && f["code"] != "CS540");
        let mut codes: Vec<&str> = of_file.map(|f| f["code"].as_str().unwrap()).collect();
        codes.sort_unstable();
        codes
    };
    for [source, jupyter, entry] in [
        ["etl.py", "etl.ipynb", "etl.dbc!/sales/etl.python"],
        ["etl.scala", "etl_scala.ipynb", "etl.dbc!/sales/etl_scala.scala"],
        ["etl.sql", "etl_sql.ipynb", "etl.dbc!/sales/etl_sql.sql"],
        ["etl.r", "etl_r.ipynb", "etl.dbc!/sales/etl_r.r"],
    ] {
        assert!(!codes(source).is_empty(), "nothing in {source}");
        assert_eq!(codes(source), codes(jupyter), "{jupyter}");
        assert_eq!(codes(source), codes(entry), "{entry}");
    }
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

#[test]
fn every_kind_of_configuration_file_has_findings() {
    let folder = fixtures().join("config");
    let report = json(credscope().args(["check", "--format", "json"]).arg(&folder));
    assert_eq!(report["summary"]["incomplete"], false);
    let findings = report["findings"].as_array().unwrap();
    let files = all_files(&folder);
    assert!(files.len() > 20, "{}", files.len());
    for file in files {
        let name = file.strip_prefix(&folder).unwrap().to_string_lossy().replace('\\', "/");
        assert!(findings.iter().any(|f| f["path"] == name.as_str()), "nothing in {name}");
    }
}

#[test]
fn a_credential_of_targets_and_of_other_files_is_told_once_and_moves_to_one_name() {
    let folder = tempfile::tempdir().unwrap();
    let target = |name: &str| {
        format!(
            "  {name}:\n    resources: {{jobs: {{j: {{new_cluster: {{spark_env_vars: {{DB_PASSWORD: q7Lm2vX9k3}}}}}}}}}}\n"
        )
    };
    let bundle = format!("bundle: {{name: x}}\ntargets:\n{}{}", target("dev"), target("prod"));
    write(folder.path(), "databricks.yml", &bundle);
    write(folder.path(), "jobs/load.py", "password = 'q7Lm2vX9k3'\n");
    let report = json(credscope().args(["check", "--format", "json"]).arg(folder.path()));
    let findings = report["findings"].as_array().unwrap();
    let same: Vec<_> = findings.iter().filter(|f| f["code"] == "CS540").collect();
    assert_eq!(same.len(), 1, "{same:?}");
    assert_eq!(
        same[0]["message"],
        "the targets `dev` and `prod` have the same credential, and 1 other file has it too"
    );
    let related: Vec<_> = same[0]["related"].as_array().unwrap().iter().map(|r| r["path"].as_str().unwrap()).collect();
    assert_eq!(related, ["databricks.yml", "jobs/load.py"]);
    assert_eq!(same[0]["fix"]["edits"].as_array().unwrap().len(), 2, "all places of the file");
    let plan = folder.path().join("plan.json");
    credscope().args(["check", "--fix", "--unsafe-fixes", "--plan"]).arg(&plan).arg(folder.path()).output().unwrap();
    let text = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(text("databricks.yml").matches("{{secrets/app/db-password}}").count(), 2);
    assert!(text("jobs/load.py").contains("db-password") && !text("jobs/load.py").contains("q7Lm2vX9k3"));
    let plan: serde_json::Value = serde_json::from_str(&text("plan.json")).unwrap();
    let names: std::collections::BTreeSet<String> = plan["secrets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| format!("{}/{}", r["scope"].as_str().unwrap(), r["key"].as_str().unwrap()))
        .collect();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["app/db-password"], "one name");
}

#[test]
fn equal_credentials_in_several_files_name_each_other() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.py", "password = 'q7#Lm2vX9'\n");
    write(folder.path(), "b/databricks.yml", "variables:\n  db_password:\n    default: q7#Lm2vX9\nbundle: {name: x}\n");
    write(folder.path(), "c.py", "password = 'k8sJ2mQ9vX71'\n");
    let report = json(credscope().args(["check", "--format", "json"]).arg(folder.path()));
    let findings = report["findings"].as_array().unwrap();
    let same: Vec<_> = findings.iter().filter(|f| f["code"] == "CS540").collect();
    assert_eq!(same.len(), 1, "once for the value");
    assert_eq!(
        (same[0]["path"].as_str(), same[0]["related"][0]["path"].as_str()),
        (Some("a.py"), Some("b/databricks.yml"))
    );
    for (path, other) in [("a.py", "b/databricks.yml"), ("b/databricks.yml", "a.py")] {
        let own = findings.iter().find(|f| f["path"] == path && f["code"] != "CS540").unwrap();
        let related = own["related"].as_array().unwrap();
        assert!(related.iter().any(|r| r["path"] == other), "{path} does not name {other}");
    }
    assert!(findings.iter().filter(|f| f["path"] == "c.py").all(|f| f["related"].as_array().unwrap().is_empty()));
    // Places of one file are named, too, without a finding of their own.
    write(folder.path(), "c.py", "password = 'k8sJ2mQ9vX71'\ndf.option('password', 'k8sJ2mQ9vX71')\npin = 'x'\n");
    let report = json(credscope().args(["check", "--format", "json"]).arg(folder.path().join("c.py")));
    let lines = |f: &serde_json::Value| {
        let related = f["related"].as_array().unwrap().iter();
        related.map(|r| (r["message"].to_string(), r["range"]["start"]["line"].as_u64())).collect::<Vec<_>>()
    };
    let said: Vec<_> = report["findings"].as_array().unwrap().iter().map(lines).collect();
    let equal = "\"the same value\"".to_owned();
    assert_eq!(said, [[(equal.clone(), Some(2))], [(equal, Some(1))]]);
    // What was copied together is one finding; a default that only local hosts have is none.
    let pair = "a_password = 'q7#Lm2vX9'\nb_password = 'w3tR5yU7iO90'\n";
    write(folder.path(), "d/a.py", pair);
    write(folder.path(), "d/b.py", pair);
    for name in ["d/docker-compose.yml", "d/e/docker-compose.yml"] {
        write(
            folder.path(),
            name,
            "services:\n  db:\n    image: postgres\n    environment: {POSTGRES_PASSWORD: postgres}\n",
        );
    }
    let only = |folder: &Path| {
        json(credscope().args(["check", "--format", "json", "--select", "CS106,CS302,CS540"]).arg(folder))
    };
    let report = only(&folder.path().join("d"));
    let same: Vec<_> = report["findings"].as_array().unwrap().iter().filter(|f| f["code"] == "CS540").collect();
    assert_eq!(same.len(), 1, "{same:?}");
    assert_eq!(same[0]["message"], "the same 2 credentials stand in 2 files");
    assert_eq!(same[0]["related"].as_array().unwrap().len(), 2);
    std::fs::remove_dir_all(folder.path().join("d")).unwrap();
    write(folder.path(), "a.py", "password = 'q7#Lm2vX9'  # credscope: ignore[CS540] two systems\n");
    let report = json(credscope().args(["check", "--format", "json"]).arg(folder.path()));
    let codes: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap().to_owned()).collect();
    assert!(!codes.iter().any(|c| c == "CS540" || c == "CS001"), "{codes:?}");
    credscope().args(["check", "--ignore", "CS540"]).arg(folder.path()).assert().code(1);
}

#[test]
fn scopes_that_other_files_declare_are_known() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "jobs/etl.py", "pw = dbutils.secrets.get('kv-sale', 'db-password')\n");
    let seen = || {
        let report = json(credscope().args(["check", "--format", "json"]).arg(folder.path()));
        let all = report["findings"].as_array().unwrap().clone();
        all.into_iter().filter(|f| f["code"] == "CS604").map(|f| f["path"].clone()).collect::<Vec<_>>()
    };
    assert!(seen().is_empty());
    write(
        folder.path(),
        "databricks.yml",
        "bundle: {name: x}\nresources:\n  secret_scopes:\n    a: {name: kv-sales}\n",
    );
    assert_eq!(seen(), ["jobs/etl.py"]);
    write(folder.path(), "main.tf", "resource \"databricks_secret_scope\" \"s\" {\n  name = \"kv-sale\"\n}\n");
    assert!(seen().is_empty());
}

#[test]
fn a_terraform_module_declares_a_variable_once() {
    let folder = tempfile::tempdir().unwrap();
    let provider = "provider \"databricks\" {\n  token = \"q7Lm2vX9abc\"\n}\n";
    let a = write(folder.path(), "m/a.tf", provider);
    let b = write(folder.path(), "m/b.tf", provider);
    let other = write(folder.path(), "n/a.tf", provider);
    write(folder.path(), "n/variables.tf", "variable \"databricks_token\" {\n  sensitive = true\n}\n");
    let plan = json(credscope().args(["provision", "--format", "json"]).arg(folder.path()));
    assert_eq!(plan["variables"][0]["name"], "databricks_token");
    assert_eq!(plan["variables"][0]["store"], "terraform");
    let shell = credscope().arg("provision").arg(folder.path()).output().unwrap();
    assert!(String::from_utf8_lossy(&shell.stdout).contains("TF_VAR_databricks_token"));
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(folder.path()).assert().code(0);
    let texts = [&a, &b, &other].map(|f| std::fs::read_to_string(f).unwrap());
    assert!(texts.iter().all(|t| t.contains("token = var.databricks_token")), "{texts:?}");
    let declared = texts.iter().map(|t| t.matches("variable \"databricks_token\"").count()).collect::<Vec<_>>();
    assert_eq!(declared, [1, 0, 0]);
}

#[test]
fn exit_status_tells_clean_findings_and_unread() {
    let folder = tempfile::tempdir().unwrap();
    let clean = write(folder.path(), "clean.py", "x = 1\n");
    let dirty = write(folder.path(), "dirty.py", "password = 'q7#Lm2vX9'\n");
    credscope().arg("check").arg(&clean).assert().code(0);
    credscope().arg("check").arg(&dirty).assert().code(1);
    credscope().args(["check", "--exit-zero"]).arg(&dirty).assert().code(0);
    credscope().arg("check").arg(folder.path().join("missing.py")).assert().code(2);
    credscope().args(["check", "--select", "no-such-rule"]).arg(&clean).assert().code(2);
    let broken = write(folder.path(), "broken.ipynb", "{\"cells\": [");
    let report = json(credscope().args(["check", "--format", "json"]).arg(&broken).arg(&dirty));
    assert_eq!(report["summary"]["incomplete"], true);
    assert_eq!(report["findings"].as_array().unwrap().len(), 1, "the rest is still checked");
}

/// Notebooks of an archive run each other: what one reads the other shows.
#[test]
fn notebooks_of_an_archive_are_run() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let mut archive = zip::ZipWriter::new(std::fs::File::create(folder.path().join("a.dbc")).unwrap());
    for (name, commands) in [
        ("p/config", &["pw = dbutils.secrets.get('jdbc', 'password')\nhost = 'h'"][..]),
        ("p/main", &["%run ./config", "print(pw)", "print(host)"]),
        ("p/sub/deep", &["%run ../config", "print(pw)"]),
        ("p/other", &["print(pw)"]),
    ] {
        let commands: Vec<_> = (1..)
            .zip(commands)
            .map(|(n, text)| serde_json::json!({"version": "CommandV1", "guid": n, "position": n, "command": text}))
            .collect();
        let notebook =
            serde_json::json!({"version": "NotebookV1", "name": name, "language": "python", "commands": commands});
        archive.start_file(format!("{name}.python"), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(notebook.to_string().as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    let output = credscope().args(["check", "--format", "json"]).arg(folder.path()).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let found: Vec<_> = report["findings"].as_array().unwrap().iter().collect();
    let of = |entry: &str| found.iter().filter(|f| f["path"].as_str().is_some_and(|p| p.contains(entry))).count();
    assert_eq!((of("p/main"), of("p/sub/deep"), of("p/other"), of("p/config")), (1, 1, 0, 0), "{found:?}");
}

#[test]
fn fixes_are_written_and_find_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "credscope.toml", "[secrets]\nscope = \"jdbc\"\n");
    let file =
        write(folder.path(), "a.py", "# Databricks notebook source\nspark.read.option('password', 'q7#Lm2vX9')\n");
    credscope().args(["check", "--fix"]).arg(&file).assert().code(1);
    assert!(std::fs::read_to_string(&file).unwrap().contains("q7#Lm2vX9"), "an unsafe fix needs --unsafe-fixes");
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&file).assert().code(0);
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(
        text,
        "# Databricks notebook source\nspark.read.option('password', dbutils.secrets.get(scope='jdbc', key='password'))\n"
    );
}

#[test]
fn declared_secrets_make_fixes_safe() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "credscope.toml", "[secrets]\nscope = \"jdbc\"\ndeclared = { jdbc = [\"password\"] }\n");
    let file =
        write(folder.path(), "a.scala", "// Databricks notebook source\nprops.put(\"password\", \"q7#Lm2vX9\")\n");
    credscope().args(["check", "--fix"]).arg(&file).assert().code(0);
    assert!(
        std::fs::read_to_string(&file).unwrap().contains("dbutils.secrets.get(scope = \"jdbc\", key = \"password\")")
    );
}

#[test]
fn a_baseline_hides_what_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "a.py", "password = 'q7#Lm2vX9'\n");
    let baseline = folder.path().join("baseline.json");
    credscope().arg("baseline").arg(&file).arg("--output").arg(&baseline).assert().code(0);
    credscope().arg("check").arg(&file).arg("--baseline").arg(&baseline).assert().code(0);
    std::fs::write(&file, "\n\npassword = 'q7#Lm2vX9'\napi_token = 'k8sJ2mQ9vX71'\n").unwrap();
    credscope().arg("check").arg(&file).arg("--baseline").arg(&baseline).assert().code(1);
}

#[test]
fn standard_input_has_a_name() {
    let mut command = credscope();
    command
        .args(["check", "-", "--stdin-filename", "x/a.scala", "--format", "json"])
        .write_stdin("val password = \"q7#Lm2vX9\"\n");
    let report = json(&mut command);
    assert_eq!(report["findings"][0]["path"], "x/a.scala");
    assert_eq!(report["findings"][0]["language"], "scala");
}

#[test]
fn a_suppression_silences_and_an_unused_one_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        "password = 'q7#Lm2vX9'  # credscope: ignore[named-variable] demo\nx = 1  # credscope: ignore[CS102] old\n";
    let file = write(folder.path(), "a.py", text);
    let report = json(credscope().args(["check", "--format", "json"]).arg(&file));
    let codes: Vec<&str> = report["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["CS001"]);
}
