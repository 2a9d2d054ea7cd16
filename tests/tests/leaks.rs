//! What the flow says beside its table: the order of cells, rows of the configuration, stored outputs.

use credscope_linter::{
    Finding, Related, Settings, Workspace, config, rules::governance::same_credential_many_places::EQUAL,
    workspace::Scopes,
};

fn findings(path: &str, text: &str, settings: &Settings) -> Vec<Finding> {
    let opened = credscope_grammars::open(path, text.as_bytes());
    let document = opened.documents.first().expect("a document");
    credscope_linter::analyze(document, path, settings, &Workspace::default()).findings
}

/// Related places of a finding but for those with the same value.
fn others(finding: &Finding) -> Vec<&Related> {
    finding.related.iter().filter(|r| r.message != EQUAL).collect()
}

/// A Jupyter notebook of cells with their execution counts and one text output each.
fn notebook(cells: &[(u32, &str, &str)]) -> String {
    let cells: Vec<serde_json::Value> = cells
        .iter()
        .map(|(count, source, output)| {
            let outputs = if output.is_empty() {
                serde_json::json!([])
            } else {
                serde_json::json!([{"output_type": "stream", "name": "stdout", "text": [output]}])
            };
            serde_json::json!({
                "cell_type": "code", "execution_count": count, "metadata": {}, "outputs": outputs,
                "source": [source],
            })
        })
        .collect();
    let notebook = serde_json::json!({
        "cells": cells, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5,
    });
    notebook.to_string()
}

const READ: &str = "x = dbutils.secrets.get('jdbc', 'password')";

#[test]
fn execution_counts_that_contradict_the_order_are_told() {
    let in_order = findings("n.ipynb", &notebook(&[(1, READ, ""), (2, "print(x)", "")]), &Settings::default());
    assert!(!in_order[0].help.contains("another order"), "{}", in_order[0].help);
    let turned = findings("n.ipynb", &notebook(&[(5, READ, ""), (2, "print(x)", "")]), &Settings::default());
    assert!(
        turned[0].help.contains("another order (this one as [2], the one that reads it as [5])"),
        "{}",
        turned[0].help
    );
}

#[test]
fn a_redefinition_kills_unless_it_ran_later() {
    let killed = notebook(&[(1, READ, ""), (2, "x = 1", ""), (3, "print(x)", "")]);
    assert!(findings("n.ipynb", &killed, &Settings::default()).is_empty());
    let later = notebook(&[(1, READ, ""), (7, "x = 1", ""), (3, "print(x)", "")]);
    assert_eq!(findings("n.ipynb", &later, &Settings::default()).len(), 1);
}

fn configured(text: &str) -> Settings {
    let config = config::parse("credscope.toml", text).expect("a configuration").expect("some");
    config::Resolved::new(config).settings(&Settings::default(), "a.py")
}

#[test]
fn sources_sinks_and_sanitizers_of_the_configuration_use_the_same_tables() {
    let settings =
        configured("[extend]\nsources = [\"vault.fetch\"]\nsinks = [\"audit.write\"]\nsanitizers = [\"hide\"]\n");
    let text = "import vault, audit\nx = vault.fetch('a')\nprint(x)\naudit.write(x)\nprint(hide(x))\ny = f'a {x}'\naudit.write(y)\naudit.write(len(x))\n";
    let found = findings("a.py", text, &settings);
    let at: Vec<_> = found.iter().map(|f| (f.rule.code, f.place.span.of(text))).collect();
    assert_eq!(at, [("CS201", "x"), ("CS206", "x"), ("CS206", "y")]);
    assert!(findings("a.py", text, &Settings::default()).is_empty());
}

#[test]
fn functions_of_the_document_can_be_rows_of_the_configuration() {
    let settings = configured("[extend]\nsources = [\"fetch\"]\nsinks = [\"report\"]\nsanitizers = [\"hide\"]\n");
    let text = "def fetch(k):\n    return client.call(k)\n\ndef report(x):\n    client.send(x)\n\ndef hide(x):\n    return x\n\np = fetch('a')\nreport(p)\nreport(hide(p))\n";
    let found = findings("a.py", text, &settings);
    let at: Vec<_> = found.iter().map(|f| (f.rule.code, f.place.span.of(text))).collect();
    assert_eq!(at, [("CS206", "p")]);
}

#[test]
fn stored_outputs_are_searched_for_values_of_the_notebook() {
    let code = "password = 'q7#Lm2vX9'";
    for output in ["the value is q7#Lm2vX9\n", "q 7 # L m 2 v X 9\n", "q\n7\n#\nL\nm\n2\nv\nX\n9\n"] {
        let found = findings("n.ipynb", &notebook(&[(1, code, ""), (2, "print(1)", output)]), &Settings::default());
        let stored: Vec<_> = found.iter().filter(|f| f.rule.code == "CS290").collect();
        assert_eq!(stored.len(), 1, "{output:?}");
        assert_eq!(others(stored[0]).len(), 1, "the cell that printed it is named");
    }
    let found = findings("n.ipynb", &notebook(&[(1, code, "done\n")]), &Settings::default());
    assert!(found.iter().all(|f| f.rule.code != "CS290"));
}

/// `password=`-like text in streams, tracebacks, tables and HTML; names of secrets and words of models are none.
#[test]
fn stored_outputs_are_searched_for_what_stands_under_secret_names() {
    let html = "<table><tr><th>user</th><th>password</th></tr><tr><td>etl</td><td>q7zLm2kPwv</td></tr></table>";
    let table = "+----+----------+\n|user|password  |\n+----+----------+\n|etl |q7zLm2kPwv|\n+----+----------+\n";
    let telling = [
        "password=q7zLm2kPwv\n", "DB_PASSWORD=q7zLm2kPwv\n", "export PGPASSWORD=q7zLm2kPwv\n",
        "OperationalError: login password=q7zLm2kPwv failed\n", "password: q7zLm2kPwv\n",
        "{'password': 'q7zLm2kPwv'}\n", "('password', 'q7zLm2kPwv')\n", "<div>password=q7zLm2kPwv</div>", html, table,
        "<tr><td>password</td><td>q7zLm2kPwv</td></tr>", "{'access_token': 'q7zLm2kPwvX9w4Rt'}\n",
        "token=q7zLm2kPwvX9w4Rt\n", "{'db_password': 'letmeinnow!'}\n",
    ];
    let stored = |output: &str| {
        let text = notebook(&[(1, READ, ""), (2, "show(x)", output)]);
        let found = findings("n.ipynb", &text, &Settings::default());
        found.into_iter().filter(|f| f.rule.code == "CS290").count()
    };
    for output in telling {
        assert_eq!(stored(output), 1, "{output}");
    }
    let silent = [
        "token: hello\n",
        "token=world\n",
        "[Row(key='a', token='hello', count=3)]\n",
        "secret=kv/db-password\n",
        "password: kv-dev/sql-password\n",
        "password=[REDACTED]\n",
        "password=***\n",
        "tokens: 1024\n",
        "|user|password|\n|etl |***     |\n",
        "password is set: True\n",
        "[{'score': 0.19, 'token': 30412, 'token_str': ' mathematical', 'sequence': 'a b'}]\n",
        "[{'token': 'COVID-19', 'token_str': ' computational2'}]\n",
    ];
    for output in silent {
        assert_eq!(stored(output), 0, "{output}");
    }
}

/// Characters as a list, and tokens backwards.
#[test]
fn stored_outputs_are_searched_for_values_in_other_forms() {
    let code = "password = 'q7#Lm2vX9'";
    let output = "['q', '7', '#', 'L', 'm', '2', 'v', 'X', '9']\n";
    let found = findings("n.ipynb", &notebook(&[(1, code, ""), (2, "print(1)", output)]), &Settings::default());
    assert_eq!(found.iter().filter(|f| f.rule.code == "CS290").count(), 1);
    let token = format!("{}{}", "ghp_", "0123456789abcdefghijABCDEFGHIJ012345");
    let turned: String = token.chars().rev().collect();
    let stored = |output: &str| {
        let text = notebook(&[(1, READ, ""), (2, "show(x)", output)]);
        let found = findings("n.ipynb", &text, &Settings::default());
        found.into_iter().filter(|f| f.rule.code == "CS290").count()
    };
    assert_eq!(stored(&format!("{turned}\n")), stored(&format!("{token}\n")));
    assert_eq!(stored("['a', 'b', 'c', 'd', 'e', 'f', 'g']\n"), 0);
}

#[test]
fn a_stored_output_is_cleared_and_the_notebook_stays_one() {
    use credscope_linter::fix::{self, Applicability, Names};
    let text = notebook(&[(1, "password = 'q7#Lm2vX9'", "a\nq7#Lm2vX9\nb\n")]);
    let opened = credscope_grammars::open("n.ipynb", text.as_bytes());
    let document = &opened.documents[0];
    let settings = Settings::default();
    let mut found = findings("n.ipynb", &text, &settings);
    found.retain(|f| f.rule.code == "CS290");
    let facts = credscope_linter::engine::document_facts(document);
    fix::resolve(document, &facts, &settings, &mut Names::default(), &mut found);
    let fixed = fix::apply(document, &found, Applicability::Unsafe).expect("a fix").text;
    let json: serde_json::Value = serde_json::from_str(&fixed).expect("a notebook");
    assert_eq!(json["cells"][0]["outputs"], serde_json::json!([]));
    assert!(findings("n.ipynb", &fixed, &settings).iter().all(|f| f.rule.code != "CS290"));
}

#[test]
fn outputs_of_archives_are_searched() {
    let command = |position: f64, command: &str, data: &str| {
        serde_json::json!({
            "version": "CommandV1", "guid": "g", "position": position, "command": command,
            "results": {"type": "ansi", "data": data},
        })
    };
    let text = serde_json::json!({
        "version": "NotebookV1", "name": "n", "language": "python",
        "commands": [
            command(1.0, "password = 'q7#Lm2vX9'", ""),
            command(2.0, "show()", "connected with q7#Lm2vX9"),
        ],
    })
    .to_string();
    let found = findings("n.python", &text, &Settings::default());
    let stored: Vec<_> = found.iter().filter(|f| f.rule.code == "CS290").collect();
    assert_eq!(stored.len(), 1);
    assert_eq!(others(stored[0]).len(), 1, "the cell that printed it is named");
}

/// What Databricks' Jupyter exports keep in the metadata of an output, and what an error is called and says.
#[test]
fn stored_outputs_are_searched_in_every_form_of_databricks_and_errors() {
    const OUTPUT: &str = "application/vnd.databricks.v1+output";
    let value = "q7zLm2kPwv";
    let error = |name: &str, text: &str, trace: &[&str]| serde_json::json!({"output_type": "error", "ename": name, "evalue": text, "traceback": trace});
    let kept = |data: serde_json::Value| serde_json::json!({"output_type": "display_data", "data": {}, "metadata": {OUTPUT: data}});
    let table = |name: &str| {
        let schema = serde_json::json!([{"name": "user", "type": "\"string\""}, {"name": name, "type": "\"string\""}]);
        kept(serde_json::json!({"type": "table", "data": [["etl", value], ["app", null]], "schema": schema}))
    };
    let results = [
        error("LoginError", &format!("login with password={value} failed"), &[]),
        error(&format!("password={value}"), "", &[]),
        error("LoginError", "", &[&format!("  password={value}")]),
        kept(serde_json::json!({"type": "html", "data": format!("<div>password={value}</div>")})),
        kept(serde_json::json!({"type": "ansi", "data": format!("password={value}\n")})),
        kept(serde_json::json!({"type": "ipynbError", "data": "", "errorSummary": format!("Error: password={value}")})),
        kept(
            serde_json::json!({"type": "listResults", "data": [{"type": "ansi", "data": format!("password={value}")}]}),
        ),
        table("password"),
    ];
    let stored = |output: &serde_json::Value| -> Vec<Finding> {
        let cell = serde_json::json!({"cell_type": "code", "source": "show(x)", "metadata": {}, "outputs": [output]});
        let notebook = serde_json::json!({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 0});
        let text = notebook.to_string();
        let mut found = findings("n.ipynb", &text, &Settings::default());
        found.retain(|f| f.rule.code == "CS290");
        for finding in &found {
            let opened = credscope_grammars::open("n.ipynb", text.as_bytes());
            let cell = &opened.documents[0].cells[finding.place.cell as usize];
            assert_eq!(cell.map.to_source(finding.place.span).of(&text), value, "the place in the file");
        }
        found
    };
    for output in &results {
        let found = stored(output);
        assert_eq!(found.len(), 1, "{output}");
        assert_eq!(others(&found[0]).len(), 1, "the cell that printed it is named: {output}");
    }
    let silent = [
        table("address"),
        kept(serde_json::json!({"type": "image", "data": format!("password={value}")})),
        error("LoginError", "login with password=*** failed", &[]),
    ];
    for output in &silent {
        assert!(stored(output).is_empty(), "{output}");
    }
    // An error as text and traceback is one finding with two places.
    let twice = error("LoginError", &format!("password={value}"), &[&format!("LoginError: password={value}")]);
    let found = stored(&twice);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].related.len(), 2);
}

/// Deep nesting and long chains end on a small stack.
#[test]
fn deep_programs_end() {
    let mut deep = format!("{READ}\nprint({}x{})\n", "str(".repeat(2000), ")".repeat(2000));
    for n in 0..60 {
        let mut body = String::new();
        for level in 1..30 {
            body.push_str(&format!("{}if x:\n", "    ".repeat(level)));
        }
        deep.push_str(&format!("def f{n}(x):\n{body}{}f{}(str(str(str(x))))\n", "    ".repeat(30), n + 1));
    }
    deep.push_str("f0(x)\n");
    let classes: String = (0..300).map(|n| format!("class C{n}(C{}):\n    p = C{n}\n", n + 1)).collect();
    let lambdas = format!("{READ}\nf = {}x\nprint(f)\n", "lambda a: ".repeat(1000));
    for text in [deep, classes, lambdas] {
        findings("a.py", &text, &Settings::default());
    }
}

/// Catalog SRC12: what a cluster or job sets from a secret is read under the name of the setting.
#[test]
fn settings_of_the_project_s_files_are_sources() {
    let bundle = "resources:\n  jobs:\n    j:\n      job_clusters:\n        - new_cluster:\n            spark_conf:\n              \
                  spark.app.feed: \"{{secrets/kv/feed}}\"\n            spark_env_vars:\n              FEED: \"{{secrets/kv/feed}}\"\n              STAGE: dev\n";
    let cluster = r#"{"spark_conf": {"spark.app.feed": "{{secrets/kv/feed}}"}, "spark_env_vars": {"FEED": "{{secrets/kv/feed}}"}}"#;
    for (file, text) in [("databricks.yml", bundle), ("cluster.json", cluster)] {
        let declared = Scopes::of(&credscope_grammars::open(file, text.as_bytes()).documents[0]);
        assert!(Scopes::is_candidate(file) && Scopes::may_declare(text.as_bytes()), "{file}");
        let workspace = Workspace { scopes: declared.into(), ..Workspace::default() };
        let programs = [
            (
                "a.py",
                "import os\nx = spark.conf.get('spark.app.feed')\nprint(x)\ny = os.environ['FEED']\nprint(y)\nprint(os.getenv('FEED'))\nprint(os.environ['STAGE'], spark.conf.get('spark.app.name'))\n",
            ),
            (
                "a.scala",
                "val x = spark.conf.get(\"spark.app.feed\")\nprintln(x)\nval y = sys.env(\"FEED\")\nprintln(y)\nprintln(System.getenv(\"FEED\"))\nprintln(sys.env(\"STAGE\"))\n",
            ),
        ];
        for (path, program) in programs {
            let opened = credscope_grammars::open(path, program.as_bytes());
            let settings = Settings::default();
            let found = credscope_linter::analyze(&opened.documents[0], path, &settings, &workspace).findings;
            let printed: Vec<_> = found.iter().filter(|f| f.rule.code == "CS201").collect();
            assert_eq!(printed.len(), 3, "{file} {path}");
            assert!(printed.iter().all(|f| f.message.contains("secret `kv/feed`")), "{file} {path}");
            let alone = credscope_linter::analyze(&opened.documents[0], path, &settings, &Workspace::default());
            assert!(alone.findings.iter().all(|f| f.rule.code != "CS201"), "{path}: nothing is set");
        }
    }
}

/// Helpers that read by name: the message names scope and key, whether they come from the call, a default or a constant.
#[test]
fn constants_name_what_helpers_read() {
    let program = "SCOPE = 'kv'\ndef get(key, scope=SCOPE):\n    return dbutils.secrets.get(scope, key)\n\
                   def both(scope='a', key='b'):\n    return dbutils.secrets.get(scope=scope, key=key)\n\
                   print(get('one'))\nprint(get('two', 'other'))\nprint(both())\nprint(get(name))\n";
    let found = findings("a.py", program, &Settings::default());
    let named: Vec<_> = found.iter().filter(|f| f.rule.code == "CS201").map(|f| f.message.split('`').nth(1)).collect();
    assert_eq!(named, [Some("kv/one"), Some("other/two"), Some("a/b"), Some("kv/…")]);
}

#[test]
fn rows_of_the_configuration_hold_in_scala() {
    let settings =
        configured("[extend]\nsources = [\"Vault.fetch\"]\nsinks = [\"Audit.write\"]\nsanitizers = [\"hide\"]\n");
    let text = "val x = Vault.fetch(\"a\")\nprintln(x)\nAudit.write(x)\nprintln(hide(x))\nval y = s\"a $x\"\nAudit.write(y)\nAudit.write(x.length)\n";
    let found = findings("a.scala", text, &settings);
    let at: Vec<_> = found.iter().map(|f| (f.rule.code, f.place.span.of(text))).collect();
    assert_eq!(at, [("CS201", "x"), ("CS206", "x"), ("CS206", "y")]);
    assert!(findings("a.scala", text, &Settings::default()).is_empty());
}

/// Formats of the configuration are known wherever a value is judged: stored outputs, job parameters, command lines.
#[test]
fn formats_of_the_configuration_are_known_to_all_rules() {
    let settings = configured(
        "[[detectors]]\nname = \"acme\"\nlabel = \"Acme key\"\npattern = '(acme[.][0-9a-f]{20})'\nanchors = [\"acme.\"]\n",
    );
    let token = format!("acme.{}", "0f1e2d3c4b5a69788796");
    let output = notebook(&[(1, "show()", &format!("sent {token}"))]);
    let job = format!(
        "{{\"tasks\": [{{\"task_key\": \"a\", \"notebook_task\": {{\"notebook_path\": \"/a\", \"base_parameters\": {{\"feed\": \"{token}\"}}}}}}]}}"
    );
    let script = format!("cat <<EOF | docker run app\n{token}\nEOF\n");
    for (path, text, code) in [("n.ipynb", &output, "CS290"), ("job.json", &job, "CS320"), ("a.sh", &script, "CS409")] {
        let codes =
            |settings: &Settings| -> Vec<&str> { findings(path, text, settings).iter().map(|f| f.rule.code).collect() };
        assert!(codes(&settings).contains(&code), "{path}: {:?}", codes(&settings));
        assert!(!codes(&Settings::default()).contains(&code), "{path}");
    }
}
