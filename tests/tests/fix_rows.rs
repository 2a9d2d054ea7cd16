//! What each row of the catalog names as the fix of a leak (§B.2), of a credential in SQL (§C.5) and of a read of the
//! environment: the exact text, or the advice where a person decides. One row, one program.

#![allow(clippy::unwrap_used, reason = "a failure fails the test, as it should")]

use credscope_linter::{
    Finding, Settings, Workspace, config, engine,
    fix::{self, Applicability, Fix, Names},
};

/// What the first fix of a finding is.
enum Is {
    /// It makes this of the text, and is not safe: the program shows less, or the secret has to be stored.
    Text(&'static str),
    /// It says what to do; its title begins with this.
    Advice(&'static str),
}
use Is::{Advice, Text};

const PW: &str = "pw = dbutils.secrets.get(\"kv\", \"password\")\n";
const VAL: &str = "val pw = dbutils.secrets.get(scope = \"kv\", key = \"password\")\n";

fn findings(path: &str, text: &str, settings: &Settings) -> Vec<Finding> {
    let opened = credscope_grammars::open(path, text.as_bytes());
    let document = &opened.documents[0];
    let facts = engine::document_facts(document);
    let mut findings = credscope_linter::analyze(document, path, settings, &Workspace::default()).findings;
    fix::resolve(document, &facts, settings, &mut Names::default(), &mut findings);
    findings
}

/// The text after one fix.
fn after(path: &str, text: &str, mut finding: Finding, fix: Fix) -> String {
    let opened = credscope_grammars::open(path, text.as_bytes());
    finding.fixes = vec![fix];
    fix::apply(&opened.documents[0], &[finding], Applicability::Unsafe).map_or_else(String::new, |a| a.text)
}

/// Runs the rows of one language: `(code, program, what its first fix is)`; `head` stands before both texts.
fn hold(path: &str, head: &str, rows: &[(&str, &str, Is)]) {
    let mut wrong = String::new();
    for (code, program, expected) in rows {
        let text = format!("{head}{program}");
        let found = findings(path, &text, &Settings::default());
        let finding = found.into_iter().find(|f| f.rule.code == *code);
        let Some(finding) = finding else {
            wrong.push_str(&format!("{code} is not found in:\n{program}\n"));
            continue;
        };
        let Some(fix) = finding.fixes.first().cloned() else {
            wrong.push_str(&format!("{code} has no fix in:\n{program}\n"));
            continue;
        };
        let (title, how) = (fix.title.clone(), fix.applicability);
        match expected {
            Advice(start) => {
                if how != Applicability::Display || !title.starts_with(start) {
                    wrong.push_str(&format!("{code}: {} `{title}` in:\n{program}\n", how.name()));
                }
            }
            Text(fixed) => {
                let seen = after(path, &text, finding, fix);
                if how != Applicability::Unsafe || seen != format!("{head}{fixed}") {
                    wrong.push_str(&format!("{code}: {} `{title}`\n{seen}\n", how.name()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn leaks_in_python() {
    let head = format!("# Databricks notebook source\n{PW}");
    hold(
        "n.py",
        &head,
        &[
            ("CS201", "print(pw)\nx = 1\n", Text("x = 1\n")),
            ("CS201", "if a:\n    print(f\"{pw}\")\n", Text("if a:\n    pass\n")),
            ("CS201", "import sys\nsys.stdout.write(pw)\nx = 1\n", Text("import sys\nx = 1\n")),
            ("CS201", "print('a', run(), pw)\n", Text("print('a', run())\n")),
            ("CS202", "display(pw)\nx = 1\n", Text("x = 1\n")),
            ("CS202", "displayHTML(f\"<b>{pw}</b>\")\nx = 1\n", Text("x = 1\n")),
            ("CS203", "creds = {'p': pw[:2]}\ncreds\n", Text("creds = {'p': pw[:2]}\n")),
            ("CS203", "connect(pw).get_token(pw).token\n", Text("_ = connect(pw).get_token(pw).token\n")),
            ("CS205", "print(f\"{pw=}\")\n", Text("print(f\"{bool(pw)=}\")\n")),
            ("CS206", "log.info('%s', pw)\n", Text("log.info('%s', \"[REDACTED]\")\n")),
            ("CS206", "log.info(f\"{pw}\")\nx = 1\n", Text("x = 1\n")),
            ("CS207", "raise ValueError(f\"login {pw} failed\")\n", Text("raise ValueError(f\"login *** failed\")\n")),
            ("CS207", "raise ValueError(f\"{a} {pw}\")\n", Text("raise ValueError(f\"{a} ***\")\n")),
            ("CS208", "print(''.join(c + ' ' for c in pw))\nx = 1\n", Text("x = 1\n")),
            (
                "CS209",
                "h = {'Authorization': 'Bearer ' + pw}\nprint(h)\n",
                Text("h = {'Authorization': 'Bearer ' + pw}\nprint(h.keys())\n"),
            ),
            (
                "CS210",
                "url = f\"jdbc:mysql://h/d?user=a&password={pw}\"\n",
                Advice("Give user and password to the call"),
            ),
            (
                "CS211",
                "import requests\nrequests.get(f\"https://h.example.com/x?token={pw}\")\n",
                Advice("Send it in a header"),
            ),
            (
                "CS212",
                "spark.sql(f\"CREATE CONNECTION c TYPE postgresql OPTIONS (user 'u', password '{pw}')\")\n",
                Text(
                    "spark.sql(f\"CREATE CONNECTION c TYPE postgresql OPTIONS (user 'u', password secret('kv','password'))\")\n",
                ),
            ),
            ("CS212", "spark.sql(f\"SELECT * FROM t WHERE p = '{pw}'\")\n", Advice("Let SQL read the secret")),
            ("CS214", "dbutils.notebook.exit(pw)\n", Advice("Exit with the names of scope and key")),
            ("CS215", "dbutils.notebook.run('a', 60, {'password': pw})\n", Advice("Pass the names of scope and key")),
            ("CS216", "dbutils.jobs.taskValues.set('a', pw)\n", Advice("Set the names of scope and key")),
            (
                "CS217",
                "dbutils.widgets.text('password', pw)\nx = dbutils.widgets.get('password')\n",
                Text("x = dbutils.secrets.get(scope=\"kv\", key=\"password\")\n"),
            ),
            ("CS218", "dbutils.fs.put('/FileStore/k', pw)\n", Advice("Give the secret to the client directly")),
            (
                "CS219",
                "df.withColumn('p', lit(pw)).write.saveAsTable('t')\n",
                Advice("Leave the secret out of the table"),
            ),
            ("CS220", "import mlflow\nmlflow.log_param('p', pw)\nx = 1\n", Text("import mlflow\nx = 1\n")),
            (
                "CS220",
                "import mlflow\nmlflow.log_params({'p': pw, 'n': 1})\n",
                Text("import mlflow\nmlflow.log_params({'n': 1})\n"),
            ),
            ("CS221", "import os\nos.environ['PGPASSWORD'] = pw\n", Advice("Pass it to the client that needs it")),
            (
                "CS222",
                "import subprocess\nsubprocess.run(['curl', '-u', f'u:{pw}'])\n",
                Advice("Pass it on standard input"),
            ),
            (
                "CS223",
                "sc._jsc.hadoopConfiguration().set('fs.s3a.secret.key', pw)\n",
                Text("spark.conf.set('fs.s3a.secret.key', pw)\n"),
            ),
            (
                "CS223",
                "spark.conf.set('spark.hadoop.fs.s3a.secret.key', pw)\n",
                Advice("Set it with spark.conf.set for this session"),
            ),
            ("CS224", "print(spark.sparkContext.getConf().getAll())\nx = 1\n", Text("x = 1\n")),
            (
                "CS225",
                "import requests\nurl = f'https://h.example.com/x?token={pw}'\ntry:\n    requests.get(url)\nexcept Exception as e:\n    print(e)\n",
                Advice("Take the secret out of the URL"),
            ),
            (
                "CS227",
                "import requests\nrequests.post('http://h.example.com/x', json={'pw': pw})\n",
                Text("import requests\nrequests.post('https://h.example.com/x', json={'pw': pw})\n"),
            ),
            (
                "CS228",
                "from databricks.sdk import WorkspaceClient\nw = WorkspaceClient(debug_headers=True)\n",
                Text("from databricks.sdk import WorkspaceClient\nw = WorkspaceClient()\n"),
            ),
            ("CS229", "df.select(udf(lambda x: x + pw)('a'))\n", Advice("Return something that holds no secret")),
        ],
    );
}

#[test]
fn leaks_in_scala() {
    let head = format!("// Databricks notebook source\n{VAL}");
    hold(
        "n.scala",
        &head,
        &[
            ("CS201", "println(pw)\nval x = 1\n", Text("val x = 1\n")),
            ("CS201", "def f() = {\n  println(s\"a $pw\")\n  1\n}\n", Text("def f() = {\n  1\n}\n")),
            // The last statement of a function is its result.
            (
                "CS202",
                "def f() = {\n  val m = g()\n  displayHTML(pw)\n}\n",
                Text("def f() = {\n  val m = g()\n  ()\n}\n"),
            ),
            (
                "CS204",
                "val auth = java.util.Base64.getEncoder.encodeToString(pw.getBytes)\n",
                Text("lazy val auth = java.util.Base64.getEncoder.encodeToString(pw.getBytes)\n"),
            ),
            ("CS206", "log.info(s\"a $pw\")\nval x = 1\n", Text("log.info(s\"a [REDACTED]\")\nval x = 1\n")),
            (
                "CS207",
                "throw new Exception(s\"login $pw failed\")\n",
                Text("throw new Exception(s\"login *** failed\")\n"),
            ),
            ("CS207", "throw new Exception(s\"$a $pw\")\n", Text("throw new Exception(s\"$a ***\")\n")),
            ("CS208", "println(pw.reverse)\nval x = 1\n", Text("val x = 1\n")),
            ("CS214", "dbutils.notebook.exit(pw)\n", Advice("Exit with the names")),
            ("CS221", "System.setProperty(\"db.password\", pw)\n", Advice("Pass it to the client")),
            (
                "CS223",
                "spark.sparkContext.hadoopConfiguration.set(\"fs.s3a.secret.key\", pw)\n",
                Text("spark.conf.set(\"fs.s3a.secret.key\", pw)\n"),
            ),
        ],
    );
}

#[test]
fn leaks_in_r_and_sql() {
    let head = "# Databricks notebook source\npw <- dbutils.secrets.get(scope = \"kv\", key = \"password\")\n";
    hold(
        "n.r",
        head,
        &[
            ("CS201", "print(pw)\nx <- 1\n", Text("x <- 1\n")),
            ("CS201", "cat('a', pw)\nx <- 1\n", Text("x <- 1\n")),
            ("CS201", "message(pw)\nx <- 1\n", Text("x <- 1\n")),
        ],
    );
    hold(
        "n.sql",
        "-- Databricks notebook source\n",
        &[
            ("CS213", "SELECT secret('kv', 'db');\nSELECT 1;\n", Text("SELECT 1;\n")),
            (
                "CS213",
                "CREATE VIEW v AS SELECT secret('kv', 'db') AS p;\n",
                Advice("Use secret() inside of the function"),
            ),
        ],
    );
}

/// Names of hosts, users and databases are shown on purpose: printing them is information, and no fix takes it away.
#[test]
fn what_is_information_stays() {
    let text =
        "# Databricks notebook source\nhost = dbutils.secrets.get(\"kv\", \"db-host\")\nprint(f\"host: {host}\")\n";
    let found = findings("n.py", text, &Settings::default());
    let printed = found.iter().find(|f| f.rule.code == "CS201").unwrap();
    assert_eq!(printed.severity.name(), "info");
    assert!(printed.fixes.iter().all(|f| f.applicability == Applicability::Display));
}

/// Beside the deletion: whether it is set may still be shown.
#[test]
fn a_print_can_say_whether_it_is_set() {
    let text = format!("# Databricks notebook source\n{PW}print(f\"pw: {{pw}}\")\n");
    let finding = findings("n.py", &text, &Settings::default()).into_iter().find(|f| f.rule.code == "CS201").unwrap();
    let fix = finding.fixes.iter().find(|f| f.title == "Show only whether it is set").cloned().unwrap();
    assert_eq!(after("n.py", &text, finding, fix), text.replace("{pw}", "{bool(pw)}"));
}

/// Catalog §F.2: `secret()` where SQL accepts it, advice where it takes constants only.
#[test]
fn credentials_in_sql() {
    hold(
        "n.sql",
        "-- Databricks notebook source\n",
        &[
            (
                "CS121",
                "CREATE CONNECTION c TYPE mysql OPTIONS (host 'h', user 'u', password 'q7#Lm2vX9');\n",
                Text(
                    "CREATE CONNECTION c TYPE mysql OPTIONS (host 'h', user 'u', password secret('mysql','password'));\n",
                ),
            ),
            (
                "CS126",
                "SELECT http_request(conn => 'c', method => 'GET', path => '/', headers => map('Authorization', 'Bearer q7Lm2vX9kW4rPqZt8w'));\n",
                Text(
                    "SELECT http_request(conn => 'c', method => 'GET', path => '/', headers => map('Authorization', concat('Bearer ', secret('app','authorization'))));\n",
                ),
            ),
            (
                "CS126",
                "SELECT * FROM remote_query('c', host => 'h', user => 'u', password => 'q7#Lm2vX9');\n",
                Text(
                    "SELECT * FROM remote_query('c', host => 'h', user => 'u', password => secret('app','password'));\n",
                ),
            ),
            (
                "CS105",
                "SELECT aes_encrypt(x, 'q7Lm2vX9kW4rPqZt') FROM t;\n",
                Text("SELECT aes_encrypt(x, secret('app','secret-key')) FROM t;\n"),
            ),
            (
                "CS122",
                "CREATE TABLE t USING jdbc OPTIONS (url 'jdbc:mysql://h/d', password 'q7#Lm2vX9');\n",
                Advice("Set the Spark conf property `spark.app_password` to {{secrets/app/password}}"),
            ),
            ("CS125", "SET fs.s3a.secret.key=q7Lm2vX9kW4rPqZt8w;\n", Advice("Set the Spark conf property")),
            (
                "CS123",
                "COPY INTO t FROM 's3://b/x' WITH (CREDENTIAL (AWS_ACCESS_KEY='abc', AWS_SECRET_KEY='q7Lm2vX9kW4rPqZt8w')) FILEFORMAT = CSV;\n",
                Advice("Store the value as"),
            ),
            ("CS127", "CREATE USER x IDENTIFIED BY 'q7#Lm2vX9';\n", Advice("Store the value as")),
        ],
    );
}

#[test]
fn reads_and_writes_of_the_environment() {
    hold(
        "n.py",
        "# Databricks notebook source\nimport os\n",
        &[
            (
                "CS130",
                "p = os.environ[\"DB_PASSWORD\"]\n",
                Text("p = dbutils.secrets.get(scope=\"app\", key=\"db-password\")\n"),
            ),
            (
                "CS130",
                "p = os.getenv(\"DB_PASSWORD\", \"\")\n",
                Text("p = dbutils.secrets.get(scope=\"app\", key=\"db-password\")\n"),
            ),
            (
                "CS131",
                "os.environ[\"DB_PASSWORD\"] = \"q7#Lm2vX9\"\n",
                Text("os.environ[\"DB_PASSWORD\"] = dbutils.secrets.get(scope=\"app\", key=\"db-password\")\n"),
            ),
            (
                "CS131",
                "%env DB_PASSWORD=q7#Lm2vX9\n",
                Text("%env DB_PASSWORD={dbutils.secrets.get(scope=\"app\", key=\"db-password\")}\n"),
            ),
            (
                "CS131",
                "%set_env DB_PASSWORD q7#Lm2vX9\n",
                Text("%set_env DB_PASSWORD {dbutils.secrets.get(scope=\"app\", key=\"db-password\")}\n"),
            ),
            (
                "CS131",
                "# COMMAND ----------\n# MAGIC %env DB_PASSWORD=q7#Lm2vX9\n",
                Text(
                    "# COMMAND ----------\n# MAGIC %env DB_PASSWORD={dbutils.secrets.get(scope=\"app\", key=\"db-password\")}\n",
                ),
            ),
        ],
    );
}

/// Comments that are no code are deleted, with the lines that a command goes on in.
#[test]
fn credentials_in_comments() {
    let head = "# Databricks notebook source\nx = 1\n";
    hold(
        "n.py",
        head,
        &[
            (
                "CS106",
                "# password = 'q7#Lm2vX9'\ny = 2\n",
                Text("# password = dbutils.secrets.get(scope='app', key='password')\ny = 2\n"),
            ),
            ("CS106", "# pw: q7Lm2vX9kW4r!\ny = 2\n", Text("y = 2\n")),
        ],
    );
}

/// A token in two pieces becomes one read.
#[test]
fn tokens_in_pieces() {
    let token = credscope_tests::fakes::Fakes::new(1).make("databricks-pat");
    let text = format!("# Databricks notebook source\nvalue = '{}' + '{}'\n", &token[..4], &token[4..]);
    let found = findings("n.py", &text, &Settings::default());
    let finding = found.into_iter().find(|f| f.rule.code == "CS701").unwrap();
    let fix = finding.fixes.first().cloned().unwrap();
    let fixed = after("n.py", &text, finding, fix);
    assert!(fixed.contains("dbutils.secrets.get(scope='databricks', key="), "{fixed}");
    assert!(!fixed.contains(&token[4..]) && !fixed.contains(&format!("'{}'", &token[..4])), "{fixed}");
    // In a comment it goes with its line (CS226).
    let text = format!("# Databricks notebook source\n# old: {token}\nx = 1\n");
    let finding = findings("n.py", &text, &Settings::default()).remove(0);
    let fix = finding.fixes[0].clone();
    assert_eq!((finding.rule.code, fix.applicability), ("CS226", Applicability::Unsafe));
    assert_eq!(after("n.py", &text, finding, fix), "# Databricks notebook source\nx = 1\n");
}

/// Unity Catalog: safe when scope and key are declared, like any other.
#[test]
fn unity_catalog_style_is_safe_when_declared() {
    let config = "[secrets]\nscope = \"ops\"\nstyle = \"unity-catalog\"\ncatalog = \"main\"\nschema = \"sales\"\n";
    for (declared, expected) in
        [("", Applicability::Unsafe), ("declared = { ops = [\"password\"] }\n", Applicability::Safe)]
    {
        let config = config::parse("credscope.toml", &format!("{config}{declared}")).unwrap().unwrap();
        let settings = config::Resolved::new(config).settings(&Settings::default(), "n.py");
        let text = "# Databricks notebook source\npassword = \"q7#Lm2vX9\"\n";
        let finding = findings("n.py", text, &settings).remove(0);
        let fix = finding.fixes[0].clone();
        assert_eq!(fix.applicability, expected, "{declared}");
        assert!(
            after("n.py", text, finding, fix)
                .contains("password = dbutils.secrets.get(catalog=\"main\", schema=\"sales\", key=\"password\")")
        );
    }
}

/// A JDBC URL has two ways: options of the call, or the reference inside of the URL.
#[test]
fn a_url_offers_both_ways() {
    let text = "# Databricks notebook source\ndf = spark.read.format(\"jdbc\").option(\"url\", \"jdbc:mysql://h/d?user=etl&password=q7Lm2vX9\").load()\n";
    let finding = findings("n.py", text, &Settings::default()).remove(0);
    let fixes = finding.fixes.clone();
    let made: Vec<String> = fixes.into_iter().map(|fix| after("n.py", text, finding.clone(), fix)).collect();
    let get = |key: &str, q: &str| format!("dbutils.secrets.get(scope={q}jdbc{q}, key={q}{key}{q})");
    let options = format!(
        "\"jdbc:mysql://h/d\").option(\"user\", {}).option(\"password\", {}).load()",
        get("username", "\""),
        get("password", "\"")
    );
    let inside =
        format!("f\"jdbc:mysql://h/d?user={{{}}}&password={{{}}}\")", get("username", "'"), get("password", "'"));
    assert!(made.iter().any(|t| t.contains(&options)), "{made:#?}");
    assert!(made.iter().any(|t| t.contains(&inside)), "{made:#?}");
}
