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
    for ending in [".py", "_fabric.py", ".scala", ".sc", ".sql", ".ipynb", ".dbc!/sales/etl.python"] {
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

/// Each fixture with its credentials replaced: nothing of them comes out in any report, diff or plan.
#[test]
fn no_output_holds_a_secret_of_a_configuration_file() {
    let source = fixtures().join("config");
    let folder = tempfile::tempdir().unwrap();
    for (number, file) in all_files(&source).iter().enumerate() {
        let text = std::fs::read_to_string(file).unwrap();
        let mut canary = text.clone();
        for (at, _) in text.match_indices("demo") {
            let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '}' | ',');
            let value = text[at..].split(ends).next().unwrap();
            canary = canary.replace(value, &format!("Zq4xK9wTr2{number}b"));
        }
        assert_ne!(canary, text, "{} has no credential", file.display());
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
        let output = credscope().args(*arguments).arg(folder.path()).env("RUST_LOG", "trace").output().unwrap();
        let all = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(!all.is_empty(), "{arguments:?} says nothing");
        assert!(!all.contains("Zq4xK9wTr2"), "{arguments:?} shows a secret");
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

#[test]
fn no_output_holds_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let canary = "Zq4xK9wTr2";
    let files = [
        (
            "a.py",
            format!("password = \"{canary}a\"\nurl = \"jdbc:mysql://h.example.com/d?user=u&password={canary}b\"\n"),
        ),
        ("b.scala", format!("val c = DriverManager.getConnection(url, \"u\", \"{canary}c\")\n")),
        ("c.sql", format!("CREATE CONNECTION c TYPE mysql OPTIONS (password '{canary}d')\n")),
        (
            "d.py",
            format!(
                "# Databricks notebook source\n# MAGIC %sql\n# MAGIC CREATE CONNECTION c TYPE mysql OPTIONS (password '{canary}e')\n"
            ),
        ),
        (
            "e.ipynb",
            format!(
                "{{\"cells\":[{{\"cell_type\":\"code\",\"source\":[\"password = '{canary}f'\\n\",\"print(password)\"],\"outputs\":[{{\"output_type\":\"stream\",\"name\":\"stdout\",\"text\":[\"{canary}f\\n\"]}}],\"metadata\":{{}},\"execution_count\":1}}],\"metadata\":{{}},\"nbformat\":4,\"nbformat_minor\":5}}"
            ),
        ),
        ("f.r", format!("password <- \"{canary}g\"\ncon <- dbConnect(drv, password = \"{canary}h\")\n")),
        ("g.conf", format!("spark.hadoop.fs.s3a.secret.key {canary}i\n")),
        ("h.yml", format!("spark_conf:\n  fs.s3a.secret.key: {canary}j\n")),
        ("i.json", format!("{{\"spark_env_vars\": {{\"DB_PASSWORD\": \"{canary}k\"}}}}\n")),
        ("j.properties", format!("db.password={canary}l\n")),
        ("k.tf", format!("provider \"databricks\" {{\n  token = \"{canary}m\"\n}}\n")),
        (".env", format!("API_TOKEN={canary}n\n")),
        ("l.sh", format!("curl -u etl:{canary}o https://h.example.com/\nexport DB_PASSWORD={canary}p\n")),
        ("m.ini", format!("[db]\npassword = {canary}q\n")),
        ("n.toml", format!("[db]\npassword = \"{canary}r\"\n")),
        (
            "core-site.xml",
            format!(
                "<configuration><property><name>fs.s3a.secret.key</name><value>{canary}s</value></property></configuration>\n"
            ),
        ),
        ("Dockerfile", format!("FROM x\nENV DB_PASSWORD={canary}t\n")),
        ("README.md", format!("password: `{canary}u`\n")),
        ("fabric.py", format!("# Fabric notebook source\n\n# CELL ********************\n\npassword = \"{canary}v\"\n")),
        (
            "leaks.py",
            format!(
                "import logging\npw = \"{canary}w\"\nlogging.info(f\"pw {{pw}}\")\nraise ValueError(\"bad \" + pw)\n"
            ),
        ),
    ];
    let around = [
        (
            "f.sh",
            format!(
                "databricks secrets put-secret s k --string-value {canary}g\ncurl -u etl:{canary}h https://h.example.com\n"
            ),
        ),
        ("Dockerfile", format!("ENV API_TOKEN={canary}i\nRUN docker login -u etl -p {canary}j\n")),
        ("Makefile", format!("x:\n\tmysql -h db.example.com -p{canary}k\n")),
        (
            ".github/workflows/ci.yml",
            format!("jobs:\n  a:\n    steps:\n      - run: >-\n          docker login\n          -p {canary}l\n"),
        ),
        (".gitlab-ci.yml", format!("a:\n  script:\n    - git clone https://etl:{canary}m@git.example.com/x.git\n")),
        (".netrc", format!("machine h.example.com login etl password {canary}n\n")),
        (".pgpass", format!("h.example.com:5432:d:etl:{canary}o\n")),
        (".npmrc", format!("//npm.example.com/:_authToken={canary}p\n")),
        (".pypirc", format!("[x]\npassword = {canary}q\n")),
        (".gitmodules", format!("[submodule \"x\"]\n\turl = https://etl:{canary}r@git.example.com/x.git\n")),
        ("requirements.txt", format!("--index-url https://etl:{canary}s@pypi.example.com/simple\n")),
        ("pip.conf", format!("[global]\nindex-url = https://etl:{canary}t@pypi.example.com/simple\n")),
        ("notes", format!("see https://etl:{canary}u@h.example.com/\n")),
        ("g.unknown", format!("see https://etl:{canary}v@h.example.com/\n")),
        (
            "h.py",
            format!(
                "# Databricks notebook source\n# MAGIC %pip install -i https://etl:{canary}w@pypi.example.com/simple x\n"
            ),
        ),
        ("i.ps1", format!("docker login -u etl -p {canary}x\n")),
    ];
    write_archive(&folder.path().join("o.dbc"), &format!("password = '{canary}y'"));
    let known: Vec<&str> = files.iter().map(|(name, _)| *name).chain(["o.dbc"]).collect();
    for (name, text) in &around {
        write(folder.path(), name, text);
        let report = json(credscope().args(["check", "--format", "json"]).arg(folder.path().join(name)));
        assert!(!report["findings"].as_array().unwrap().is_empty(), "nothing in {name}");
    }
    for (name, text) in &files {
        write(folder.path(), name, text);
    }
    for format in ["text", "concise", "json", "sarif", "github", "gitlab", "junit"] {
        let output = credscope()
            .args(["check", "--format", format])
            .arg(folder.path())
            .env("RUST_LOG", "trace")
            .output()
            .unwrap();
        let all = [output.stdout, output.stderr].concat();
        let all = String::from_utf8_lossy(&all);
        // Every kind of file is named, so that silence of one cannot pass for safety.
        for name in &known {
            assert!(all.contains(name), "{format} says nothing of {name}");
        }
        let shown = all.lines().find(|l| l.contains(canary)).unwrap_or("");
        assert!(shown.is_empty(), "{format} shows a secret: {}", shown.replace(canary, "…"));
    }
    for arguments in
        [["check", "--diff", "--unsafe-fixes"], ["provision", "--format", "json"], ["check", "--fix", "--unsafe-fixes"]]
    {
        let output = credscope().args(arguments).arg(folder.path()).output().unwrap();
        let all = [output.stdout, output.stderr].concat();
        let all = String::from_utf8_lossy(&all);
        let shown = all.lines().find(|l| l.contains(canary)).unwrap_or("");
        assert!(shown.is_empty(), "{arguments:?} shows a secret: {}", shown.replace(canary, "…"));
    }
}

/// A Databricks archive with one Python notebook of one command.
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
