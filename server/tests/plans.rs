//! `check --fix --plan` and `provision` of the built binary.

#![allow(clippy::unwrap_used, reason = "a failure fails the test, as it should")]

mod files;

use std::path::Path;

use files::{credscope, read, stdout, write};

fn fix(plan: &Path, folder: &Path) -> assert_cmd::assert::Assert {
    credscope().args(["check", "--fix", "--unsafe-fixes", "--plan"]).arg(plan).arg(folder).assert()
}

fn keys(plan: &Path) -> Vec<String> {
    let document: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(plan).unwrap()).unwrap();
    document["secrets"].as_array().unwrap().iter().map(|r| r["key"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_later_run_adds_to_the_plan() {
    let folder = tempfile::tempdir().unwrap();
    let code = folder.path().join("code");
    std::fs::create_dir(&code).unwrap();
    let plan = folder.path().join("plan.json");
    std::fs::write(code.join("a.py"), "import os\npassword = 'q7#Lm2vX9'\n").unwrap();
    fix(&plan, &code).code(0);
    let first = std::fs::read_to_string(&plan).unwrap();
    assert_eq!(keys(&plan), ["password"]);
    fix(&plan, &code).code(0);
    assert_eq!(std::fs::read_to_string(&plan).unwrap(), first, "nothing to fix: the plan stays");
    std::fs::write(code.join("b.py"), "api_key = 'Zt8kW4rPqYc3nVb1'\n").unwrap();
    fix(&plan, &code).code(0);
    assert_eq!(keys(&plan), ["password", "api-key"]);
    // The same place again: one row.
    std::fs::write(code.join("a.py"), "import os\npassword = 'q7#Lm2vX9'\n").unwrap();
    fix(&plan, &code).code(0);
    assert_eq!(keys(&plan), ["api-key", "password"]);
}

/// Hooks and editors fix file by file: what the plan holds of other files has other values.
#[test]
fn values_of_files_that_are_fixed_one_by_one_have_names_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("plan.json");
    for (name, value) in [("a.py", "q7#Lm2vX9"), ("b.py", "Zt8kW4rPqYc3nVb1")] {
        let file = write(folder.path(), name, &format!("password = '{value}'\n"));
        fix(&plan, &file).code(0);
    }
    assert_eq!(keys(&plan), ["password", "password-2"]);
}

#[test]
fn variables_of_scripts_are_listed_before_and_after_a_fix() {
    let folder = tempfile::tempdir().unwrap();
    let text = "# Databricks notebook source\n# MAGIC %sh\n# MAGIC export PGPASSWORD=sqnZq9Lm2v\n# MAGIC mysql -u root -p'sqoZq9Lm2v' -e 'select 1'\n# MAGIC read -s LOCAL_TOKEN\n# MAGIC use \"$LOCAL_TOKEN\"\n";
    let file = write(folder.path(), "a.py", text);
    let before = stdout(credscope().arg("provision").arg(&file));
    for line in [
        "databricks secrets put-secret app pgpassword\n",
        "# cluster: spark_env_vars PGPASSWORD with the value {{secrets/app/pgpassword}}\n",
    ] {
        assert!(before.contains(line), "{before}");
    }
    let plan = folder.path().join("plan.json");
    fix(&plan, &file).code(0);
    assert_eq!(stdout(credscope().args(["provision", "--from-fix"]).arg(&plan)), before);
    let after = stdout(credscope().arg("provision").arg(&file));
    for name in ["PGPASSWORD", "MYSQL_PASSWORD"] {
        let line = format!("# cluster: spark_env_vars {name} with the value {{{{secrets/SCOPE/KEY}}}}\n");
        assert!(after.contains(&line), "{after}");
    }
    assert!(!after.contains("LOCAL_TOKEN") && after.contains("is read in"), "{after}");
}

#[test]
fn provision_says_how_values_with_percent_signs_are_stored() {
    let folder = tempfile::tempdir().unwrap();
    let text = "# Databricks notebook source\npw = 'p%40ss%2Fw0rd'\nspark.read.option('uri', f'mongodb://u:{pw}@h').load()\ncreate_engine('postgresql://etl:q%40Lm2vX9w@h/db')\n";
    let file = write(folder.path(), "a.py", text);
    let plan = folder.path().join("plan.json");
    let before = stdout(credscope().arg("provision").arg(&file));
    fix(&plan, &file);
    let after = stdout(credscope().args(["provision", "--from-fix"]).arg(&plan));
    for text in [before, after] {
        assert!(text.contains("a.py:2; rotate it: it stays in the history; store it as it is written"), "{text}");
        assert!(text.contains("a.py:4; rotate it: it stays in the history; store it decoded"), "{text}");
    }
}

#[test]
fn a_plan_says_where_a_user_stood_and_leaves_out_what_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let code = folder.path().join("code");
    std::fs::create_dir(&code).unwrap();
    let plan = folder.path().join("plan.json");
    let notebook = "# Databricks notebook source\npassword = \"pwaZq9#Lm2v\"\n\n# COMMAND ----------\n# MAGIC %sql\n# MAGIC CREATE CONNECTION c TYPE mysql OPTIONS (host 'h',\n# MAGIC   user 'etl',\n# MAGIC   password 'pwaZq9#Lm2v')\n";
    write(&code, "a.py", notebook);
    let job = "import os\nfrom pyspark.sql import SparkSession\ndef main():\n    smtp_password = \"pwbZq9#Lm2v\"\n    print(os.environ[\"API_TOKEN\"][:2])\nspark = SparkSession.builder.getOrCreate()\n";
    write(&code, "b.py", job);
    fix(&plan, &code).code(0);
    assert!(!keys(&plan).contains(&"api-token".to_owned()), "its read went with the statement that showed it");
    let document: serde_json::Value = serde_json::from_str(&read(&plan)).unwrap();
    let lines = document["secrets"].as_array().unwrap().iter().filter(|r| r["key"] == "username");
    assert_eq!(lines.map(|r| r["line"].as_u64().unwrap()).collect::<Vec<_>>(), [7]);
}

#[test]
fn nothing_is_fixed_when_the_plan_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let code = folder.path().join("code");
    std::fs::create_dir(&code).unwrap();
    let text = "password = 'q7#Lm2vX9'\n";
    std::fs::write(code.join("a.py"), text).unwrap();
    let other = folder.path().join("notes.json");
    std::fs::write(&other, "[1]").unwrap();
    for plan in [folder.path().join("missing/plan.json"), folder.path().to_path_buf(), other.clone()] {
        fix(&plan, &code).code(2);
        assert_eq!(std::fs::read_to_string(code.join("a.py")).unwrap(), text, "{}", plan.display());
    }
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "[1]", "a file that is no plan is left alone");
}

#[test]
fn a_plan_without_fixes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("plan.json");
    let output =
        credscope().args(["check", "--plan"]).arg(&plan).arg(folder.path()).assert().code(2).get_output().clone();
    assert!(String::from_utf8_lossy(&output.stderr).contains("use it with --fix"));
    assert!(!plan.exists());
    // A diff writes nothing: there is nothing to record.
    let file = write(folder.path(), "a.py", "password = 'q7#Lm2vX9'\n");
    for fix in [&["--diff"][..], &["--fix", "--diff"]] {
        let mut command = credscope();
        command.arg("check").args(fix).args(["--unsafe-fixes", "--plan"]).arg(&plan).arg(&file).assert().code(2);
        assert!(!plan.exists());
        assert_eq!(read(&file), "password = 'q7#Lm2vX9'\n");
    }
}

#[test]
fn provision_says_what_it_could_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let output = credscope().arg("provision").arg(&missing).assert().code(2).get_output().clone();
    assert!(String::from_utf8_lossy(&output.stderr).contains("missing: does not exist"), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
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
fn unity_catalog_secrets_go_where_the_notebook_reads_others() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "credscope.toml", "[secrets]\nstyle = \"unity-catalog\"\n");
    let text = "# Databricks notebook source\nx = dbutils.secrets.get(catalog='prod', schema='creds', key='x')\npassword = 'q7#Lm2vX9'\n";
    let file = write(folder.path(), "a.py", text);
    let shell = stdout(credscope().arg("provision").arg(&file));
    assert!(shell.contains("prod.creds.password"), "{shell}");
    credscope().args(["check", "--fix", "--unsafe-fixes"]).arg(&file).assert().code(0);
    assert!(read(&file).contains("dbutils.secrets.get(catalog='prod', schema='creds', key='password')"));
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

/// Names that differ in what identifiers cannot hold, or in case only.
#[test]
fn identifiers_of_provisioned_secrets_are_given_once() {
    let folder = tempfile::tempdir().unwrap();
    let reads = [
        ("a-b", "db-password"),
        ("a-b", "db_password"),
        ("a_b", "x"),
        ("A-B", "DB-Password"),
        ("a", "b_readers"),
        ("123", "true"),
    ];
    let code: String =
        reads.iter().map(|(scope, key)| format!("dbutils.secrets.get(\"{scope}\", \"{key}\")\n")).collect();
    let unity = "dbutils.secrets.get(catalog=\"main\", schema=\"a\", key=\"password\")\ndbutils.secrets.get(catalog=\"main\", schema=\"b\", key=\"password\")\n";
    let file = write(folder.path(), "a.py", &format!("# Databricks notebook source\n{code}{unity}"));
    let provision = |format: &str| stdout(credscope().args(["provision", "--format", format]).arg(&file));
    let once = |text: &str, heads: &dyn Fn(&str) -> bool| {
        let mut all: Vec<&str> = text.lines().filter(|l| heads(l)).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert!(count > 2 && all.len() == count, "{text}");
    };
    let terraform = provision("terraform");
    once(&terraform, &|l| l.starts_with("resource ") || l.starts_with("variable "));
    let bundle = provision("bundle");
    once(&bundle, &|l| l.starts_with("    ") && !l.starts_with("     ") && !l.trim().starts_with(['#', 'd']));
    assert!(bundle.contains("name: \"123\"") && bundle.contains("  main_b_password: "), "{bundle}");
    let shell = provision("shell");
    assert_eq!(shell.matches("create-scope a-b\n").count() + shell.matches("create-scope A-B\n").count(), 1, "{shell}");
}
