//! Fixes of a file whose names others read: what they decide by more than the file itself.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a failure fails the test, as it should")]

mod support;

use std::path::Path;

use assert_cmd::Command;
use serde_json::json;
use support::{Client, folder, pulling, uri};

const NOTEBOOK: &str = "# Databricks notebook source\n";
const RUNS: &str = "# MAGIC %run ./config\n\n# COMMAND ----------\n\n";

fn credscope() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_credscope"));
    command.env_clear();
    command
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// Fixes the given paths of a folder, all of it when there are none; what is reported.
fn fix(folder: &Path, paths: &[&str]) -> String {
    let paths = if paths.is_empty() { &["."][..] } else { paths };
    let mut command = credscope();
    let output = command.current_dir(folder).args(["check", "--fix", "--unsafe-fixes"]).args(paths).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The text of a file after fixes of all files.
fn fixed(files: &[(&str, &str)], wanted: &str) -> String {
    let folder = folder(files);
    fix(folder.path(), &[]);
    read(&folder.path().join(wanted))
}

#[test]
fn a_url_that_another_file_reads_keeps_its_credentials() {
    let url = "jdbc:sqlserver://h;user=uu;password=z2aZq9Lm2v";
    let read_it = |name: &str| format!("spark.read.format(\"jdbc\").option(\"url\", {name}).load()\n");
    let config = format!("{NOTEBOOK}url = \"{url}\"\n{}", read_it("url"));
    let main = format!("{NOTEBOOK}{RUNS}{}", read_it("url"));
    let kept = "url = f\"jdbc:sqlserver://h;user={dbutils";
    assert!(fixed(&[("config.py", &config), ("main.py", &main)], "config.py").contains(kept));
    // A notebook between them, and one that reads other names only.
    let between = format!("{NOTEBOOK}{RUNS}x = 1\n");
    let far = main.replace("./config", "./between");
    let chain = [("config.py", &*config), ("between.py", &*between), ("nb/far.py", &*far.replace("./", "../"))];
    assert!(fixed(&chain, "config.py").contains(kept));
    let stripped = "url = \"jdbc:sqlserver://h\"\n";
    assert!(fixed(&chain[..2], "config.py").contains(stripped));
    // Only the one file is given: who brings it in is looked for on disk.
    let both = folder(&[("config.py", &config), ("main.py", &main)]);
    fix(both.path(), &["config.py"]);
    assert!(read(&both.path().join("config.py")).contains(kept));
    // A name of a function is its own.
    let local = format!("{NOTEBOOK}def load():\n    url = \"{url}\"\n    return {}", read_it("url"));
    assert!(fixed(&[("config.py", &local), ("main.py", &main)], "config.py").contains(stripped));
    let scala = |text: String| text.replace("# ", "// ").replace("\nurl = ", "\nval url = ");
    let (config, main) = (scala(config), scala(main));
    let kept = fixed(&[("config.scala", &config), ("main.scala", &main)], "config.scala");
    assert!(kept.contains("val url = \"jdbc:sqlserver://h;user=\" + dbutils"), "{kept}");
}

#[test]
fn names_of_a_module_and_dicts_are_read_elsewhere_too() {
    let conf = "API = \"https://svc:aaeZq9Lm2v@h/api\"\nOWN = \"https://svc:aafZq9Lm2v@h/api\"\n\ndef ping():\n    return requests.get(API), requests.get(OWN)\n";
    for job in [
        "from conf import API as A\nrequests.get(A)\n", "import conf\nrequests.get(conf.API)\n",
        "from conf import *\nf(API)\n",
    ] {
        let text = fixed(&[("conf.py", conf), ("job.py", job)], "conf.py");
        assert!(text.contains("API = f\"https://{dbutils") && text.contains("OWN = \"https://h/api\""), "{text}");
    }
    let opts = format!(
        "{NOTEBOOK}opts = {{\"url\": \"jdbc:postgresql://h/d?user=uu&password=z2aZq9Lm2v\", \"dbtable\": \"t\"}}\nspark.read.format(\"jdbc\").options(**opts).load()\n"
    );
    let main = format!("{NOTEBOOK}{RUNS}spark.read.jdbc(opts[\"url\"], \"t2\")\n");
    let text = fixed(&[("config.py", &opts), ("main.py", &main)], "config.py");
    assert!(text.contains("\"url\": f\"jdbc:postgresql://h/d?user={dbutils"), "{text}");
}

#[test]
fn widgets_that_others_read_or_fill_stay() {
    let asks = "pw = dbutils.widgets.get(\"password\")\nspark.read.format(\"jdbc\").option(\"password\", pw).load()\n";
    let makes = format!("{NOTEBOOK}dbutils.widgets.text(\"password\", \"aacZq9#Lm2v\")\n");
    let (child, main) = (format!("{makes}{asks}"), format!("{NOTEBOOK}{RUNS}{asks}"));
    let with = |other: (&str, &str), child: &str, advice: &str| {
        let folder = folder(&[("config.py", child), other]);
        let report = fix(folder.path(), &[]);
        assert_eq!(read(&folder.path().join("config.py")), child, "{}", other.1);
        assert!(report.contains(advice), "{report}");
    };
    with(("main.py", &main), &makes, "Read the secret in the files that ask this widget, too");
    let callers = "callers of this notebook give `password` a value";
    let parent = format!("{NOTEBOOK}dbutils.notebook.run(\"./config\", 600, {{\"password\": pw}})\n");
    with(("parent.py", &parent), &child, callers);
    let job = "resources:\n  jobs:\n    a:\n      tasks:\n        - task_key: x\n          notebook_task:\n            notebook_path: ./config.py\n            base_parameters: {password: \"{{job.parameters.p}}\"}\n";
    with(("jobs.yml", job), &child, callers);
    // A caller that gives something else.
    let other = parent.replace("\"password\": pw", "\"day\": d");
    let text = fixed(&[("config.py", &child), ("parent.py", &other)], "config.py");
    assert!(text.contains("pw = dbutils.secrets.get("), "{text}");
}

#[test]
fn one_variable_of_the_environment_has_one_secret_in_all_files() {
    let child = format!("{NOTEBOOK}import os\nos.environ[\"DB_PASSWORD\"] = \"aadZq9#Lm2v\"\n");
    let main = format!(
        "{NOTEBOOK}{RUNS}import os\nspark.read.format(\"jdbc\").option(\"password\", os.environ[\"DB_PASSWORD\"]).load()\n"
    );
    for main_name in ["a.py", "main.py"] {
        let folder = folder(&[("config.py", &child), (main_name, &main)]);
        fix(folder.path(), &[]);
        let key = "dbutils.secrets.get(scope=\"app\", key=\"db-password\")";
        for name in ["config.py", main_name] {
            let text = read(&folder.path().join(name));
            assert!(text.contains(key), "{text}");
        }
    }
}

#[test]
fn what_others_give_and_ask_decides_how_a_default_moves() {
    let db = "def connect(user, password=\"z3aZq9#Lm2v\"):\n    return spark.read.format(\"jdbc\").option(\"user\", user).option(\"password\", password)\n";
    let hoisted = "def connect(user, password=None):";
    for (job, moves) in [
        ("from db import connect\nconnect(\"b\", None)\n", false),
        ("from db import connect as c\nc(\"b\", password=None)\n", false),
        ("import db\ndb.connect(\"b\", password=os.getenv(\"X\"))\n", false),
        ("import db\ndb.connect(\"b\", password=pw)\n", true),
        ("def connect(a, b): ...\nconnect(\"b\", None)\n", true),
    ] {
        assert_eq!(fixed(&[("db.py", db), ("job.py", job)], "db.py").contains(hoisted), moves, "{job}");
    }
    let conf = "from dataclasses import dataclass\n\n@dataclass\nclass Conf:\n    host: str = \"h\"\n    password: str = \"dcaZq9#Lm2v\"\n";
    for (job, asks) in [
        ("from conf import Conf\nf(Conf.password)\n", true),
        ("import conf\nf(conf.Conf.password)\n", true),
        ("from conf import Conf as C\nf(C.password)\n", true),
        ("from conf import Conf\nf(Conf().password)\n", false),
    ] {
        assert_eq!(fixed(&[("conf.py", conf), ("job.py", job)], "conf.py").contains("default_factory"), !asks, "{job}");
    }
}

#[test]
fn functions_that_other_files_send_to_executors_read_no_secret_there() {
    let call = "    return requests.get(\"https://h\", headers={\"Authorization\": \"Bearer u3cZq9Lm2v77\"}).text\n";
    let module = format!("import requests\n\ndef call(v):\n{call}");
    for (job, runs) in [
        ("from pyspark.sql.functions import udf\nimport helpers\nu = udf(lambda x: helpers.call(x))\n", true),
        ("from helpers import call as c\nu = udf(c)\n", true),
        ("import helpers\nhelpers.call(1)\n", false),
    ] {
        let text = fixed(&[("helpers.py", &module), ("job.py", job)], "helpers.py");
        assert_eq!(text == module, runs, "{job}{text}");
    }
    let config = format!(
        "{NOTEBOOK}def enrich(v):\n{call}\nclass Enc:\n    def __call__(self, x):\n    {}",
        call.replace("u3c", "u4c")
    );
    let main = format!("{NOTEBOOK}{RUNS}u = udf(enrich)\ndf.rdd.map(Enc())\n");
    let text = fixed(&[("config.py", &config), ("main.py", &main)], "config.py");
    let (before, after) = text.split_once("def enrich").unwrap();
    assert!(before.contains("dbutils.secrets.get"), "{text}");
    assert!(after.split_once("class Enc").unwrap().0.contains("dbutils.secrets.get"), "the class's, before it: {text}");
    assert!(!text.contains("{dbutils"), "{text}");
}

#[test]
fn files_that_executors_import_read_no_secret() {
    let config = "API_TOKEN = \"m3cZq9Lm2v77\"\n";
    let helpers = "from config import API_TOKEN\ndef call(u):\n    return requests.get(u, auth=API_TOKEN)\n";
    let uses = |code: &str| format!("{NOTEBOOK}{code}");
    for (job, stays) in [
        ("from helpers import call\nf = udf(call)\n", true),
        ("import helpers\nf = udf(lambda u: helpers.call(u))\n", true),
        // A module goes there by its name, a value goes along.
        ("import config\n@udf(\"string\")\ndef f(x):\n    return g(x, config.API_TOKEN)\n", true),
        ("from config import API_TOKEN\n@udf(\"string\")\ndef f(x):\n    return g(x, API_TOKEN)\n", false),
        ("from helpers import call\ncall(1)\n", false),
    ] {
        let job = uses(job);
        let files = [("config.py", config), ("helpers.py", helpers), ("job.py", &*job)];
        let text = fixed(&files, "config.py");
        assert_eq!(text == config, stays, "{job}{text}");
    }
    // A notebook that is imported by nobody defines its functions itself.
    let own = uses("from config import API_TOKEN\ndef call(u):\n    return g(u, API_TOKEN)\nf = udf(call)\n");
    assert!(fixed(&[("config.py", config), ("job.py", &own)], "config.py").contains("dbutils.secrets.get"));
}

#[test]
fn files_of_scala_are_one_program() {
    let value = "package a\nobject Config { val password = \"s3aZq9#Lm2v\" }\n";
    let function = "package a\nobject Config { def password(env: String): String = \"s3aZq9#Lm2v\" }\n";
    let main = |body: &str| {
        format!("package a\nobject Main {{\n  def main(args: Array[String]): Unit = {{\n    {body}\n  }}\n}}\n")
    };
    for (config, body, stays) in [
        (value, "df.rdd.map { r => http(r.getString(0), Config.password) }", true),
        (value, "df.foreachPartition { (it: Iterator[Row]) => it.foreach(r => send(r, Config.table)) }", true),
        (value, "val p = Config.password\n    df.rdd.map { r => http(r.getString(0), p) }", false),
        (function, "val f = udf((x: String) => http(x, Config.password(\"a\")))", true),
        (function, "connect(Config.password(\"a\"))", false),
    ] {
        let text = fixed(&[("Config.scala", config), ("Main.scala", &main(body))], "Config.scala");
        assert_eq!(text == config, stays, "{body}\n{text}");
    }
}

#[test]
fn a_leak_in_a_function_of_another_file_changes_no_call() {
    let secret = format!("{NOTEBOOK}from lib import call\ntoken = dbutils.secrets.get(\"s\", \"token\")\n");
    let calls = "r = call(\"u\", token)\n";
    for shows in [
        "log.info(\"calling %s with %s\", url, token)", "print(\"calling\", url, token)", "print(f\"t={token[:4]}\")",
        "raise ValueError(f\"no url for {token}\")", "display(token)",
    ] {
        let lib = format!("import logging\nlog = logging.getLogger(__name__)\ndef call(url, token):\n    {shows}\n");
        let main = format!("{secret}{calls}");
        let folder = folder(&[("lib.py", &lib), ("main.py", &main)]);
        let report = fix(folder.path(), &[]);
        assert_eq!(read(&folder.path().join("main.py")), main, "{shows}");
        assert!(report.contains("Leave the secret out where `lib.py` uses it so"), "{report}");
    }
}

#[test]
fn the_import_of_a_fix_moves_nothing_else() {
    let main = "import os\nimport psycopg2\npsycopg2.connect(password=os.environ[\"DB_PASSWORD\"])\nSMTP_PASSWORD = \"e3aZq9Lm2v\"\n";
    let text = fixed(&[("main.py", main)], "main.py");
    assert!(text.contains("SMTP_PASSWORD = dbutils.secrets.get"), "{text}");
    assert!(text.contains("password=os.environ[\"DB_PASSWORD\"]"), "{text}");
    // One secret of an app, which its variable goes on to read.
    let yaml = "env:\n  - name: DB_PASSWORD\n    value: \"e4aZq9Lm2v\"\n";
    let folder = folder(&[("app.yaml", yaml), ("app.py", main)]);
    fix(folder.path(), &[]);
    assert!(read(&folder.path().join("app.yaml")).contains("valueFrom: \"db-password\""));
    assert!(read(&folder.path().join("app.py")).contains("os.environ[\"DB_PASSWORD\"]"));
}

#[test]
fn a_user_is_stored_beside_its_password() {
    let url = "from sqlalchemy import create_engine\nengine = create_engine(\"mysql+pymysql://etlroot:n3aZq9Lm2v@h1:3306/d\")\n";
    let read_it = "spark.read.format(\"jdbc\").option(\"url\", \"jdbc:mysql://h2/d\").option(\"user\", \"etlroot\").option(\"password\", \"n4aZq9Lm2v\").load()\n";
    let text = fixed(&[("a.py", url), ("b.py", read_it)], "b.py");
    assert!(
        text.contains("scope=\"jdbc\", key=\"username\"") && text.contains("scope=\"jdbc\", key=\"password\""),
        "{text}"
    );
}

#[test]
fn files_that_are_fixed_one_after_the_other_share_no_name() {
    let texts = ["twaZq9#Lm2v", "twbZq9#Lm2v"].map(|pw| format!("{NOTEBOOK}password = \"{pw}\"\n"));
    let key = |folder: &Path, name: &str| {
        let text = read(&folder.join(name));
        text.rsplit("key=\"").next().unwrap().split('"').next().unwrap().to_owned()
    };
    // By what the other file reads.
    let beside = folder(&[("a.py", &texts[0]), ("b.py", &texts[1])]);
    fix(beside.path(), &["a.py"]);
    fix(beside.path(), &["b.py"]);
    assert_eq!(["a.py", "b.py"].map(|n| key(beside.path(), n)), ["password", "password-2"]);
    // By the plan; what is fixed once more keeps its name.
    let apart = folder(&[("a/a.py", &texts[0]), ("b/b.py", &texts[1])]);
    let with_plan = |file: &str| {
        let mut command = credscope();
        command
            .current_dir(apart.path())
            .args(["check", "--fix", "--unsafe-fixes", "--plan", "p.json", file])
            .assert()
            .code(0);
    };
    with_plan("a/a.py");
    with_plan("b/b.py");
    assert_eq!(["a/a.py", "b/b.py"].map(|n| key(apart.path(), n)), ["password", "password-2"]);
    std::fs::write(apart.path().join("a/a.py"), &texts[0]).unwrap();
    with_plan("a/a.py");
    assert_eq!(key(apart.path(), "a/a.py"), "password");
}

#[test]
fn the_server_looks_at_the_folder() {
    let url = "url = \"jdbc:sqlserver://h;user=uu;password=z2aZq9Lm2v\"\nspark.read.format(\"jdbc\").option(\"url\", url).load()\n";
    let config = format!("{NOTEBOOK}{url}");
    for (main, moves) in [("f(url)\n", false), ("x = 1\n", true)] {
        let main = format!("{NOTEBOOK}{RUNS}{main}");
        let folder = folder(&[("config.py", &config), ("main.py", &main), ("credscope.toml", "")]);
        let mut client = Client::start(pulling());
        let uri = uri(&folder.path().join("config.py"));
        client.open(&uri, "python", &config);
        client.pull(&uri);
        let at = json!({"start": {"line": 1, "character": 46}, "end": {"line": 1, "character": 46}});
        let actions = client.actions(&uri, &at, None);
        let offers =
            actions.iter().any(|a| a["title"].as_str().unwrap().starts_with("Move user and password out of the URL"));
        assert!(offers == moves && !actions.is_empty(), "{actions:#?}");
        client.finish();
    }
}
