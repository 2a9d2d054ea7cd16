//! Names of moved credentials: scope and key of each variable, option, property and connector, valid by the catalog (§F.1); two
//! values never share a key, and one value never has two.

#![allow(clippy::unwrap_used, reason = "a failure fails the test, as it should")]

use std::collections::{BTreeMap, BTreeSet};

use credscope_linter::{
    HashKey, Settings, Workspace, config, engine,
    fix::{self, Names, SecretName},
};

/// `@` stands for the credential, `~` for the user name beside it. Path, code, scope, key.
const ROWS: &[(&str, &str, &str, &str)] = &[
    // Variables.
    ("a.py", "password = \"@\"", "app", "password"),
    ("a.py", "pwd = \"@\"", "app", "password"),
    ("a.py", "passwd = \"@\"", "app", "password"),
    ("a.py", "db_password = \"@\"", "app", "db-password"),
    ("a.py", "DB_PASSWORD = \"@\"", "app", "db-password"),
    ("a.py", "dbPassword = \"@\"", "app", "db-password"),
    ("a.py", "SFTPPassword = \"@\"", "sftp", "sftp-password"),
    ("a.py", "__password = \"@\"", "app", "password"),
    ("a.py", "api_key = \"@\"", "app", "api-key"),
    ("a.py", "client_secret: str = \"@\"", "app", "client-secret"),
    ("a.py", "self.password = \"@\"", "app", "password"),
    ("a.py", "conf = {\"password\": \"@\"}", "app", "password"),
    ("a.py", "conf[\"db.password\"] = \"@\"", "app", "db-password"),
    ("a.py", "def f(password=\"@\"):\n    return g(password)", "app", "password"),
    ("a.scala", "val password = \"@\"", "app", "password"),
    ("a.scala", "val dbPassword = \"@\"", "app", "db-password"),
    ("a.scala", "def f(apiKey: String = \"@\") = g(apiKey)", "app", "api-key"),
    ("a.r", "db.password <- \"@\"", "app", "db-password"),
    // The environment.
    ("a.py", "import os\nos.environ[\"PGPASSWORD\"] = \"@\"", "app", "pgpassword"),
    ("a.py", "import os\nx = os.getenv(\"API_TOKEN\", \"@\")", "app", "api-token"),
    ("a.scala", "val x = sys.env.getOrElse(\"DB_PASSWORD\", \"@\")", "app", "db-password"),
    // Properties and options of connectors.
    ("a.scala", "p.put(\"password\", \"@\")", "app", "password"),
    ("a.scala", "p.setProperty(\"trustStorePassword\", \"@\")", "app", "trust-store-password"),
    ("a.py", "spark.read.format(\"jdbc\").option(\"password\", \"@\").load()", "jdbc", "password"),
    (
        "a.py",
        "spark.read.format(\"jdbc\").option(\"url\", \"jdbc:mysql://h/d\").option(\"password\", \"@\").load()",
        "jdbc",
        "password",
    ),
    (
        "a.py",
        "spark.read.format(\"snowflake\").options(sfUrl=\"h\", sfPassword=\"@\").load()",
        "snowflake",
        "sf-password",
    ),
    (
        "a.py",
        "spark.read.format(\"snowflake\").option(\"pem_private_key\", \"@\").load()",
        "snowflake",
        "pem-private-key",
    ),
    (
        "a.py",
        "spark.read.format(\"redshift\").option(\"temporary_aws_secret_access_key\", \"@\").load()",
        "redshift",
        "temporary-aws-secret-access-key",
    ),
    (
        "a.py",
        "spark.read.format(\"cosmos.oltp\").option(\"spark.cosmos.accountKey\", \"@\").load()",
        "cosmos",
        "spark-cosmos-account-key",
    ),
    (
        "a.py",
        "spark.read.format(\"kafka\").option(\"kafka.ssl.keystore.password\", \"@\").load()",
        "kafka",
        "ssl-keystore-password",
    ),
    (
        "a.py",
        "spark.read.format(\"org.elasticsearch.spark.sql\").option(\"es.net.http.auth.pass\", \"@\").load()",
        "elasticsearch",
        "http-auth-pass",
    ),
    (
        "a.py",
        "spark.read.format(\"neo4j\").option(\"authentication.basic.password\", \"@\").load()",
        "neo4j",
        "authentication-basic-password",
    ),
    (
        "a.py",
        "spark.read.format(\"mongodb\").option(\"connection.uri\", \"mongodb://etl:@@h.example.com/d\").load()",
        "mongodb",
        "password",
    ),
    ("a.py", "spark.read.format(\"redis\").option(\"auth\", \"@\").load()", "redis", "secret-auth"),
    ("a.py", "spark.read.format(\"sftp\").option(\"pemPassphrase\", \"@\").load()", "sftp", "pem-passphrase"),
    ("a.scala", "spark.read.format(\"jdbc\").options(Map(\"password\" -> \"@\")).load()", "jdbc", "password"),
    // Spark and Hadoop confs.
    (
        "a.py",
        "spark.conf.set(\"fs.azure.account.key.sales.dfs.core.windows.net\", \"@\")",
        "storage",
        "sales-account-key",
    ),
    (
        "a.py",
        "spark.conf.set(\"spark.hadoop.fs.azure.account.key.sales.blob.core.windows.net\", \"@\")",
        "storage",
        "sales-account-key",
    ),
    (
        "a.py",
        "spark.conf.set(\"fs.azure.account.oauth2.client.secret.sales.dfs.core.windows.net\", \"@\")",
        "storage",
        "sales-client-secret",
    ),
    ("a.py", "spark.conf.set(\"fs.azure.account.oauth2.client.secret\", \"@\")", "storage", "client-secret"),
    (
        "a.py",
        "spark.conf.set(\"fs.azure.account.key.\" + account + \".dfs.core.windows.net\", \"@\")",
        "storage",
        "account-key",
    ),
    ("a.py", "spark.conf.set(\"fs.s3a.secret.key\", \"@\")", "aws", "s3a-secret-key"),
    ("a.scala", "sc.hadoopConfiguration.set(\"fs.s3a.access.key\", \"@\")", "aws", "s3a-access-key"),
    // URLs, connection strings, headers.
    ("a.py", "u = \"jdbc:postgresql://h/d?user=etl&password=@\"", "jdbc", "password"),
    ("a.py", "u = \"jdbc:sqlserver://h;user=etl;password=@\"", "jdbc", "password"),
    ("a.py", "u = \"postgresql://etl:@@h.example.com/d\"", "postgres", "password"),
    ("a.py", "u = \"DRIVER={x};SERVER=h;UID=etl;PWD=@\"", "app", "password"),
    (
        "a.py",
        "u = \"DefaultEndpointsProtocol=https;AccountName=sales;AccountKey=@;EndpointSuffix=core.windows.net\"",
        "storage",
        "account-key",
    ),
    (
        "a.py",
        "u = \"Endpoint=sb://h.servicebus.windows.net/;SharedAccessKeyName=r;SharedAccessKey=@\"",
        "servicebus",
        "shared-access-key",
    ),
    ("a.py", "h = {\"Authorization\": \"Bearer @\"}", "app", "authorization"),
    ("a.py", "h = {\"x-api-key\": \"@\"}", "app", "x-api-key"),
    // Clients.
    ("a.py", "import psycopg2\nc = psycopg2.connect(host=\"h\", password=\"@\")", "postgres", "password"),
    ("a.py", "from databricks import sql\nc = sql.connect(\"h\", \"p\", \"@\")", "databricks", "access-token"),
    (
        "a.py",
        "from azure.identity import ClientSecretCredential\nc = ClientSecretCredential(t, i, \"@\")",
        "azure",
        "client-secret",
    ),
    ("a.py", "import boto3\nc = boto3.client(\"s3\", aws_secret_access_key=\"@\")", "aws", "aws-secret-access-key"),
    ("a.py", "from openai import OpenAI\nc = OpenAI(api_key=\"@\")", "openai", "api-key"),
    ("a.scala", "val c = DriverManager.getConnection(url, user, \"@\")", "jdbc", "password"),
    // Positional arguments have their parameter's name.
    ("a.py", "import pymysql\nc = pymysql.connect(\"h\", \"u\", \"@\")", "mysql", "password"),
    ("a.py", "import boto3\ns = boto3.Session(a, b, \"@\")", "aws", "aws-session-token"),
    ("a.py", "import tweepy\na = tweepy.OAuth1UserHandler(k, s, t, \"@\")", "twitter", "access-token-secret"),
    ("a.py", "import tweepy\na.set_access_token(k, \"@\")", "app", "access-token-secret"),
    ("a.py", "import ftplib\nc = ftplib.FTP(\"h\", \"u\", \"@\")", "ftp", "password"),
    ("a.scala", "val c = new BasicAWSCredentials(id, \"@\")", "aws", "secret-key"),
    ("a.scala", "val c = new StorageSharedKeyCredential(\"sales\", \"@\")", "storage", "account-key"),
    ("a.scala", "val c = MongoCredential.createScramSha1Credential(u, db, \"@\".toCharArray)", "mongodb", "password"),
    ("a.scala", "val c = new UsernamePasswordCredentials(\"u\", \"@\")", "app", "password"),
    ("a.r", "con <- dbConnect(drv, \"d\", \"u\", \"@\")", "app", "password"),
    // SQL, shell-like texts and configuration.
    ("a.sql", "CREATE CONNECTION c TYPE mysql OPTIONS (host 'h', user 'u', password '@');", "mysql", "password"),
    (
        "a.sql",
        "CREATE CONNECTION c TYPE snowflake OPTIONS (host 'h', pem_private_key '@');",
        "snowflake",
        "pem-private-key",
    ),
    (
        "cluster.json",
        "{\"spark_version\": \"x\", \"spark_conf\": {\"spark.hadoop.fs.s3a.secret.key\": \"@\"}}",
        "aws",
        "s3a-secret-key",
    ),
    ("cluster.json", "{\"spark_version\": \"x\", \"spark_env_vars\": {\"DB_PASSWORD\": \"@\"}}", "app", "db-password"),
];

fn value(number: usize) -> String {
    format!("q7Lm2vX9kW4r{number:02}Zt")
}

/// The secrets that fixes of a text need.
fn secrets(path: &str, text: &str, settings: &Settings, names: &mut Names) -> Vec<SecretName> {
    let opened = credscope_grammars::open(path, text.as_bytes());
    let document = &opened.documents[0];
    let facts = engine::document_facts(document);
    let mut findings = credscope_linter::analyze(document, path, settings, &Workspace::default()).findings;
    fix::resolve(document, &facts, settings, names, &mut findings);
    let first = findings.iter().filter_map(|f| f.fixes.iter().find(|f| !f.secrets.is_empty()));
    first.flat_map(|f| f.secrets.clone()).filter(|s| s.key != "username").collect()
}

#[test]
fn names_say_what_the_credential_is_for() {
    let mut wrong = String::new();
    for (number, (path, code, scope, key)) in ROWS.iter().enumerate() {
        let text = code.replacen('@', &value(number), 1);
        let found: BTreeSet<_> =
            secrets(path, &text, &Settings::default(), &mut Names::default()).into_iter().collect();
        let expected = BTreeSet::from([SecretName { scope: (*scope).into(), key: (*key).into() }]);
        if found != expected {
            wrong.push_str(&format!("{code}\n  expected {scope}/{key}, found {found:?}\n"));
        }
        for name in &found {
            assert!(fix::is_valid_name(&name.scope) && fix::is_valid_name(&name.key), "{name:?}");
        }
    }
    assert!(ROWS.len() >= 60 && wrong.is_empty(), "{} rows\n{wrong}", ROWS.len());
}

/// All rows in one run, whatever their names would be alone.
#[test]
fn two_values_never_share_a_name() {
    let mut names = Names::default();
    let mut given: BTreeMap<String, usize> = BTreeMap::new();
    for (number, (path, code, _, _)) in ROWS.iter().enumerate() {
        let found = secrets(path, &code.replacen('@', &value(number), 1), &Settings::default(), &mut names);
        assert!(!found.is_empty(), "{code}");
        for name in found {
            assert!(fix::is_valid_name(&name.scope) && fix::is_valid_name(&name.key), "{name:?}");
            // Scopes and keys are case-insensitive.
            let folded = format!("{}/{}", name.scope, name.key).to_ascii_lowercase();
            assert_eq!(*given.entry(folded.clone()).or_insert(number), number, "{folded} is two values: {code}");
        }
    }
}

#[test]
fn one_value_never_has_two_names() {
    let settings = Settings { hash_key: HashKey(7, 9), ..Settings::default() };
    let mut names = Names::default();
    let mut given = BTreeSet::new();
    for (path, code, _, _) in ROWS {
        given.extend(secrets(path, &code.replacen('@', &value(0), 1), &settings, &mut names));
    }
    assert_eq!(given.len(), 1, "{given:?}");
}

/// Long and strange names stay valid, and a key that is no name at all gets one.
#[test]
fn names_are_valid_whatever_the_source_calls_them() {
    let long = format!("{}_password", "very_".repeat(60));
    for name in [long.as_str(), "mot_de_passe_password", "пароль_password", "password_ü", "_password_", "x__password"]
    {
        let text = format!("{name} = \"{}\"", value(1));
        for name in secrets("a.py", &text, &Settings::default(), &mut Names::default()) {
            assert!(fix::is_valid_name(&name.scope) && fix::is_valid_name(&name.key), "{name:?}");
        }
    }
}

fn configured(text: &str, path: &str) -> Settings {
    let config = config::parse("credscope.toml", text).unwrap().unwrap();
    config::Resolved::new(config).settings(&Settings::default(), path)
}

/// Scope: the path's, else the configured one, else the notebook's own, else what it is for.
#[test]
fn scopes_come_from_the_configuration_first() {
    let config = "[secrets]\nscope = \"all\"\npaths = { \"etl/**\" = \"etl\" }\n";
    let text = format!(
        "x = dbutils.secrets.get(\"own\", \"other\")\nspark.read.format(\"jdbc\").option(\"password\", \"{}\").load()\n",
        value(1)
    );
    let scope =
        |path: &str, settings: &Settings| secrets(path, &text, settings, &mut Names::default())[0].scope.clone();
    assert_eq!(scope("etl/a.py", &configured(config, "etl/a.py")), "etl");
    assert_eq!(scope("b.py", &configured(config, "b.py")), "all");
    assert_eq!(scope("b.py", &Settings::default()), "own");
    let alone = text.split_once('\n').unwrap().1;
    assert_eq!(secrets("b.py", alone, &Settings::default(), &mut Names::default())[0].scope, "jdbc");
}

/// Bundle targets have scopes of their own.
#[test]
fn scopes_of_bundle_targets() {
    let config = "[secrets]\nscope = \"all\"\ntargets = { dev = \"sales-dev\", prod = \"sales-prod\" }\n";
    let job = |target: &str, value: &str| {
        format!(
            "  {target}:\n    resources:\n      jobs:\n        j:\n          job_clusters:\n            - job_cluster_key: c\n              new_cluster:\n                spark_conf:\n                  fs.s3a.secret.key: {value}\n"
        )
    };
    let text = format!(
        "bundle:\n  name: x\ntargets:\n{}{}{}",
        job("dev", &value(1)),
        job("prod", &value(2)),
        job("test", &value(3))
    );
    let found = secrets("databricks.yml", &text, &configured(config, "databricks.yml"), &mut Names::default());
    let scopes: Vec<&str> = found.iter().map(|s| &*s.scope).collect();
    assert_eq!(scopes, ["sales-dev", "sales-prod", "all"]);
}

/// `key-case = "snake"`, and keys that are declared under another spelling.
#[test]
fn keys_follow_the_configuration() {
    let text = format!("dbPassword = \"{}\"", value(1));
    let key = |config: &str| secrets("a.py", &text, &configured(config, "a.py"), &mut Names::default())[0].key.clone();
    assert_eq!(key("[secrets]\nkey-case = \"snake\"\n"), "db_password");
    assert_eq!(key("[secrets]\nscope = \"s\"\ndeclared = { s = [\"DB_PASSWORD\"] }\n"), "DB_PASSWORD");
}

/// A secret of Unity Catalog has no scope: two values of one schema have two keys, also where documents read one already.
#[test]
fn keys_of_unity_catalog_are_told_apart() {
    let config = "[secrets]\nstyle = \"unity-catalog\"\ncatalog = \"c\"\nschema = \"s\"\n";
    let code = [
        "c = pymysql.connect(password=\"@\")",
        "c = psycopg2.connect(password=\"@\")",
        "d = spark.read.format(\"jdbc\").option(\"password\", \"@\").load()",
        "password = \"@\"",
        "pwd = \"@\"",
    ];
    let read = "x = dbutils.secrets.get(catalog=\"C\", schema=\"s\", key=\"password\")\n";
    for (head, taken) in [("", 0), (read, 1)] {
        let lines = code.iter().enumerate().map(|(i, line)| line.replacen('@', &value(i), 1));
        let text = format!("{head}{}\n", lines.collect::<Vec<_>>().join("\n"));
        let found = secrets("a.py", &text, &configured(config, "a.py"), &mut Names::default());
        let keys: Vec<&str> = found.iter().map(|s| &*s.key).collect();
        let expected = ["password", "postgres-password", "jdbc-password", "password-2", "password-3"];
        assert_eq!(keys.len(), 5, "{keys:?}");
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), 5, "{keys:?}");
        match taken {
            0 => assert_eq!(keys, expected),
            _ => assert!(!keys.contains(&"password"), "{keys:?}"),
        }
    }
}

/// Places of the same literal that no rule reports move with it; what is a part, a key or excused stays.
#[test]
fn a_literal_moves_wherever_it_stands() {
    let text = format!(
        "# Databricks notebook source\npassword = \"{0}\"\nrun(job, '{0}')\n# COMMAND ----------\nrows = [x, \"{0}\"]\nok = given == \"{0}\"\nkeep = \"{0}\"  # credscope: ignore\nnames = {{\"{0}\": 1}}\ntext = \"{0}.csv\"\nuser_name = \"{0}\"\nraw = \"{0}\".encode()\nshort = \"{0}\".split(\"x\")\n",
        value(1)
    );
    let fixed = credscope_tests::fixing::fix_all(
        "n.py",
        &text,
        &Settings::default(),
        &Workspace::default(),
        fix::Applicability::Unsafe,
    );
    assert!(fixed.wrong.is_empty(), "{:?}", fixed.wrong);
    assert_eq!((fixed.rounds, fixed.text.matches("dbutils.secrets.get(").count()), (1, 6), "{}", fixed.text);
    for kept in
        [format!("keep = \"{}\"", value(1)), format!("{{\"{}\": 1}}", value(1)), format!("\"{}.csv\"", value(1))]
    {
        assert!(fixed.text.contains(&kept), "{}", fixed.text);
    }
    assert_eq!(fixed.secrets.iter().collect::<BTreeSet<_>>().len(), 1);
    // Who switches a rule off wants its places left alone.
    for (select, ignore, count) in [("CS106", "", 1), ("", "CS105", 1), ("", "CS130", 6)] {
        let words = |word: &str| (!word.is_empty()).then(|| word.to_owned()).into_iter().collect();
        let settings = Settings { select: words(select), ignore: words(ignore), ..Settings::default() };
        let least = fix::Applicability::Unsafe;
        let fixed = credscope_tests::fixing::fix_all("n.py", &text, &settings, &Workspace::default(), least);
        assert_eq!(fixed.text.matches("dbutils.secrets.get(").count(), count, "{}", fixed.text);
    }
}

/// The same literal in many places: one name, and one fix that moves all of them; a constant is moved where it is bound.
#[test]
fn one_fix_moves_all_places_of_a_value() {
    let text = format!(
        "# Databricks notebook source\na = f(password=\"{0}\")\nb = g(password=\"{0}\")\n# COMMAND ----------\nspark.read.option(\"password\", '{0}')\n",
        value(1)
    );
    let opened = credscope_grammars::open("n.py", text.as_bytes());
    let document = &opened.documents[0];
    let facts = engine::document_facts(document);
    let mut findings =
        credscope_linter::analyze(document, "n.py", &Settings::default(), &Workspace::default()).findings;
    fix::resolve(document, &facts, &Settings::default(), &mut Names::default(), &mut findings);
    assert_eq!(findings.len(), 3);
    for finding in &findings {
        let all = finding.fixes.iter().find(|f| f.title.ends_with("(all 3 places)")).unwrap();
        assert_eq!((all.edits.len(), all.secrets.len()), (3, 1));
        let mut only = finding.clone();
        only.fixes = vec![all.clone()];
        let fixed = fix::apply(document, &[only], fix::Applicability::Unsafe).unwrap().text;
        assert_eq!(fixed.matches("dbutils.secrets.get(").count(), 3);
        assert!(!fixed.contains(&value(1)));
    }
    let constant = format!(
        "# Databricks notebook source\nPASSWORD = \"{}\"\na = f(password=PASSWORD)\nb = g(password=PASSWORD)\n",
        value(1)
    );
    let fixed = credscope_tests::fixing::fix_all(
        "n.py",
        &constant,
        &Settings::default(),
        &Workspace::default(),
        fix::Applicability::Unsafe,
    );
    assert_eq!(fixed.text.matches("dbutils").count(), 1);
    assert!(fixed.text.ends_with("a = f(password=PASSWORD)\nb = g(password=PASSWORD)\n"), "{}", fixed.text);
}

/// A default that is read in the body takes the place of a `None` that a call gives: not where some call gives one.
#[test]
fn a_none_that_a_call_gives_stays() {
    let default = format!("def h(x, password=\"{}\"):\n    return g(password)\n", value(1));
    let method = format!(
        "class C:\n    def __init__(self, password=\"{0}\"):\n        self.p = password\n    def get(self, password=\"{0}\"):\n        return g(password)\n",
        value(2)
    );
    let rows = [
        (&default, "h(1)\nh(1, \"a\")\nh(None)\nh(None, p)\nk(1, None)\nh(1, other=None)\n", true),
        (&default, "h(1, None)\n", false),
        (&default, "# COMMAND ----------\nh(1, password=None)\n", false),
        (&default, "h(1, p if p else None)\n", false),
        (&default, "def k(password=None):\n    return h(1, password=password)\n", false),
        (&default, "h(1, entries.get(\"x\"))\n", false),
        (&default, "h(1, entries.get(\"x\", \"y\"))\n", true),
        (&default, "list(map(h, [None, 1]))\n", false),
        (&default, "list(map(h, [2, 1]))\n", true),
        (&method, "C().get()\nC()\n", true),
        (&method, "C(None).get(None)\n", false),
        (&method, "C(password=None).get(password=None)\n", false),
    ];
    for (code, calls, moves) in rows {
        let text = format!("# Databricks notebook source\n{code}{calls}");
        let (settings, least) = (Settings::default(), fix::Applicability::Unsafe);
        let fixed = credscope_tests::fixing::fix_all("n.py", &text, &settings, &Workspace::default(), least);
        assert!(fixed.wrong.is_empty(), "{:?}", fixed.wrong);
        match moves {
            true => assert!(fixed.text.contains("if password is None:"), "{}", fixed.text),
            false => assert_eq!(fixed.text, text),
        }
    }
}
