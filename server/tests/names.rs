//! A value that was written in the place of a name, or into a name, is nowhere repeated.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a failure fails the test, as it should")]

use std::path::Path;

use assert_cmd::Command;

fn token() -> String {
    format!("{}{}", "dapi", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")
}

fn files(folder: &Path) {
    let rows = [
        ("scope.py", "x = dbutils.secrets.get(\"TOKEN\", \"k\")\npassword = \"ZxQ9mW4pLk7T\"\n"),
        ("key.py", "y = dbutils.secrets.get(\"s\", \"TOKEN\")\napi_key = \"ZxQ9mW4pLk8R\"\n"),
        (
            "scope.scala",
            "val x = dbutils.secrets.get(\"TOKEN\", \"k\")\nval db_password = \"ZxQ9mW4pLk7Q\"\nprintln(x)\n",
        ),
        ("scope.sql", "SELECT secret('TOKEN', 'k');\n"),
        ("scope.r", "x <- dbutils.secrets.get(\"TOKEN\", \"k\")\npassword <- \"ZxQ9mW4pLk7S\"\nprint(x)\n"),
        (
            "scope.sh",
            "databricks secrets create-scope TOKEN\ndatabricks secrets put-secret TOKEN pw --string-value ZxQ9mW4pLk5T\n",
        ),
        ("vault.py", "x = client.get_secret(\"TOKEN\").value\nprint(x)\n"),
        (
            "aws.py",
            "import boto3\ns = boto3.client(\"secretsmanager\").get_secret_value(SecretId=\"TOKEN\")[\"SecretString\"]\nprint(s)\n",
        ),
        (
            "names.py",
            "token_TOKEN = dbutils.secrets.get(\"s\", \"k\")\nprint(token_TOKEN)\npassword_TOKEN = \"ZxQ9mW4pLk8X\"\n",
        ),
        ("ignore.py", "# credscope: ignore[TOKEN]\nz = 1\n"),
        (
            "databricks.yml",
            "bundle: {name: x}\nresources:\n  secret_scopes:\n    a: {name: TOKEN}\n  jobs:\n    j:\n      job_clusters:\n      - new_cluster:\n          spark_conf: {spark.a.password: ZxQ9mW4pLk9Z}\n",
        ),
    ];
    for (name, text) in rows {
        std::fs::write(folder.join(name), text.replace("TOKEN", &token())).unwrap();
    }
}

#[test]
fn a_token_in_a_name_is_shown_by_nothing() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path());
    let mut runs: Vec<Vec<&str>> = vec![vec!["check", "--diff", "--unsafe-fixes"]];
    for format in ["text", "concise", "json", "sarif", "github", "gitlab", "junit"] {
        runs.push(vec!["check", "--format", format]);
    }
    for format in ["shell", "terraform", "bundle", "json"] {
        runs.push(vec!["provision", "--format", format]);
    }
    for arguments in runs {
        let mut command = Command::new(env!("CARGO_BIN_EXE_credscope"));
        let output = command.env_clear().args(&arguments).arg(folder.path()).output().unwrap();
        let all = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(all.len() > 100, "{arguments:?} says nothing: {all}");
        assert!(!all.contains(&token()), "{arguments:?} shows the token");
    }
}

/// A value in the place of a scope is no scope: `--fix` does not write it into other lines and files.
#[test]
fn a_token_in_the_place_of_a_scope_is_not_written_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path());
    let count = || -> Vec<(String, usize)> {
        let mut rows: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let text = std::fs::read_to_string(&path).unwrap();
                (path.file_name().unwrap().to_string_lossy().into_owned(), text.matches(&token()).count())
            })
            .collect();
        rows.sort();
        rows
    };
    let before = count();
    let mut command = Command::new(env!("CARGO_BIN_EXE_credscope"));
    command.env_clear().args(["check", "--fix", "--unsafe-fixes"]).arg(folder.path()).output().unwrap();
    for ((name, was), (_, is)) in before.iter().zip(count()) {
        assert!(is <= *was, "{name}: {was} before, {is} now");
    }
    let fixed = std::fs::read_to_string(folder.path().join("scope.py")).unwrap();
    assert!(fixed.contains("dbutils.secrets.get(scope=\"app\", key=\"password\")"), "{fixed}");
}
