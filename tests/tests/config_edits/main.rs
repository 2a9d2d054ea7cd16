//! Fixes of YAML, JSON, HCL, TOML and property lines change the value that they are for and nothing else: documents are parsed
//! before and after by parsers that have nothing to do with this project's own reading.

#![allow(clippy::unwrap_used, reason = "a document that does not parse fails the test, as it should")]

use credscope_linter::{
    Settings, Workspace, analyze,
    engine::document_facts,
    fix::{self, Applicability, Names},
};
use credscope_tests::fakes::Fakes;
use serde_json::{Map, Value};

mod hcl;
mod lines;

const KEY: &str = "spark.hadoop.fs.s3a.secret.key";
const REFERENCE: &str = "{{secrets/aws/s3a-secret-key}}";

/// A value that no rule of the tree's other keys is about.
fn other(fakes: &mut Fakes, depth: usize) -> Value {
    const TEXTS: &[&str] = &[
        "a: b", "# no comment", "it's", "say \"x\"", "tab\there", "ü \u{1F600}", "- item", "{x}", "[y]", "", " lead",
        "null", "12", "true", "@at", "two\nlines", "trailing ", "C:\\path\\x",
    ];
    match fakes.below(if depth == 0 { 4 } else { 6 }) {
        0 => Value::String(TEXTS[fakes.below(TEXTS.len())].to_owned()),
        1 => Value::from(fakes.below(1000)),
        2 => Value::Bool(fakes.below(2) == 0),
        3 => Value::Null,
        4 => Value::Array((0..fakes.below(4)).map(|_| other(fakes, depth - 1)).collect()),
        _ => Value::Object(object(fakes, depth - 1)),
    }
}

fn object(fakes: &mut Fakes, depth: usize) -> Map<String, Value> {
    let mut map = Map::new();
    for _ in 0..fakes.below(4) {
        let key = format!("{}{}", ["plain", "with blank ", "x.y.", "it's"][fakes.below(4)], fakes.below(100));
        map.insert(key, other(fakes, depth));
    }
    map
}

/// A cluster with one credential among other things.
fn cluster(fakes: &mut Fakes) -> Value {
    const ODD: &[&str] = &["", "'", "\"", ": ", " #", "\\", "é", "&", "*", "!"];
    let secret = format!("{}{}{}", fakes.make("password"), ODD[fakes.below(ODD.len())], fakes.of("abcXYZ019", 6));
    let mut conf = object(fakes, 1);
    conf.insert(KEY.into(), Value::String(secret));
    conf.extend(object(fakes, 1));
    let mut root = object(fakes, 2);
    root.insert("spark_version".into(), Value::String("16.4.x-scala2.12".into()));
    root.insert("spark_conf".into(), Value::Object(conf));
    root.extend(object(fakes, 2));
    Value::Object(root)
}

/// The text after all fixes.
fn fixed(path: &str, text: &str) -> String {
    let opened = credscope_grammars::open(path, text.as_bytes());
    let document = &opened.documents[0];
    let settings = Settings::default();
    let mut findings = analyze(document, path, &settings, &Workspace::default()).findings;
    let facts = document_facts(document);
    fix::resolve(document, &facts, &settings, &mut Names::default(), &mut findings);
    fix::apply(document, &findings, Applicability::Unsafe).map_or_else(|| text.to_owned(), |a| a.text)
}

fn expected(mut before: Value) -> Value {
    before["spark_conf"][KEY] = Value::String(REFERENCE.into());
    before
}

#[test]
fn json_changes_at_the_credential_only() {
    let mut fakes = Fakes::new(11);
    for round in 0..300 {
        let before = cluster(&mut fakes);
        let text = if round % 2 == 0 { before.to_string() } else { serde_json::to_string_pretty(&before).unwrap() };
        let after: Value = serde_json::from_str(&fixed("cluster.json", &text)).unwrap();
        assert_eq!(after, expected(before), "round {round}");
    }
}

#[test]
fn yaml_changes_at_the_credential_only() {
    let mut fakes = Fakes::new(12);
    for round in 0..300 {
        let before = cluster(&mut fakes);
        let mut text = String::from("# comment\n");
        yaml(&before, 0, &mut fakes, &mut text);
        let parsed: Value = serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("round {round}: {e}"));
        assert_eq!(parsed, before, "round {round}: the test writes YAML wrongly");
        let after: Value =
            serde_saphyr::from_str(&fixed("cluster.yml", &text)).unwrap_or_else(|e| panic!("round {round}: {e}"));
        assert_eq!(after, expected(before), "round {round}");
    }
}

/// A kind of fix: the file, the path to a mapping, the key of the credential there, and the key and the two ends of the
/// value that stand there after the fix.
struct Kind {
    path: &'static str,
    way: &'static [&'static str],
    key: &'static str,
    new_key: &'static str,
    starts: &'static str,
    ends: &'static str,
    /// Other entries of the mapping.
    beside: &'static [(&'static str, &'static str)],
}

const fn kind(path: &'static str, way: &'static [&'static str], key: &'static str, new: [&'static str; 3]) -> Kind {
    Kind { path, way, key, new_key: new[0], starts: new[1], ends: new[2], beside: &[] }
}

const KINDS: &[Kind] = &[
    kind("job.json", &["new_cluster", "spark_env_vars"], "DB_PASSWORD", ["DB_PASSWORD", "{{secrets/", "}}"]),
    kind("job.yml", &["new_cluster", "spark_env_vars"], "DB_PASSWORD", ["DB_PASSWORD", "{{secrets/", "}}"]),
    kind("job.json", &["docker_image", "basic_auth"], "password", ["password", "{{secrets/", "/password}}"]),
    kind("job.yml", &["docker_image", "basic_auth"], "password", ["password", "{{secrets/", "/password}}"]),
    kind(
        "serving.json",
        &["served_entities", "0", "external_model", "openai_config"],
        "openai_api_key_plaintext",
        ["openai_api_key", "{{secrets/", "}}"],
    ),
    kind(
        "serving.yml",
        &["served_entities", "0", "external_model", "amazon_bedrock_config"],
        "aws_secret_access_key_plaintext",
        ["aws_secret_access_key", "{{secrets/", "}}"],
    ),
    kind(
        "serving.yml",
        &["served_entities", "0", "external_model", "anthropic_config"],
        "anthropic_api_key",
        ["anthropic_api_key", "{{secrets/", "}}"],
    ),
    Kind {
        beside: &[("name", "API_TOKEN")],
        ..kind("app.yaml", &["env", "0"], "value", ["valueFrom", "api-token", ""])
    },
    kind(
        "compose.yaml",
        &["services", "db", "environment"],
        "MAIL_PASSWORD",
        ["MAIL_PASSWORD", "${MAIL_PASSWORD}", ""],
    ),
    kind(".github/workflows/a.yml", &["env"], "DB_PASSWORD", ["DB_PASSWORD", "${{ secrets.DB_PASSWORD }}", ""]),
    kind("main.tf.json", &["provider", "databricks"], "token", ["token", "${var.databricks_token}", ""]),
    kind("azure-pipelines.yml", &["steps", "0", "env"], "DB_PASSWORD", ["DB_PASSWORD", "$(DB_PASSWORD)", ""]),
    Kind {
        beside: &[("type", "databricks")],
        ..kind("profiles.yml", &["sales", "outputs", "dev"], "token", ["token", "{{ env_var('DBT_ENV_SECRET_", "') }}"])
    },
];

/// The mapping that a way leads to, made where it is not there.
fn at<'v>(root: &'v mut Value, way: &[&str]) -> &'v mut Map<String, Value> {
    let mut value = root;
    for (i, step) in way.iter().enumerate() {
        let list = way.get(i + 1) == Some(&"0");
        let empty = || if list { Value::Array(vec![Value::Object(Map::new())]) } else { Value::Object(Map::new()) };
        value = match step.parse::<usize>() {
            Ok(number) => &mut value[number],
            Err(_) => value.as_object_mut().unwrap().entry(*step).or_insert_with(empty),
        };
    }
    value.as_object_mut().unwrap()
}

#[test]
fn every_kind_of_fix_changes_its_entry_only() {
    let mut fakes = Fakes::new(13);
    for round in 0..KINDS.len() * 60 {
        let kind = &KINDS[round % KINDS.len()];
        let mut before = Value::Object(object(&mut fakes, 2));
        let map = at(&mut before, kind.way);
        map.extend(object(&mut fakes, 1));
        map.extend(kind.beside.iter().map(|(k, v)| ((*k).to_owned(), Value::from(*v))));
        map.insert(kind.key.into(), Value::String(format!("{}xY3", fakes.make("password"))));
        let mut text = String::new();
        if kind.path.ends_with("json") {
            text = if round % 2 == 0 { before.to_string() } else { serde_json::to_string_pretty(&before).unwrap() };
        } else {
            yaml(&before, 0, &mut fakes, &mut text);
        }
        let after = fixed(kind.path, &text);
        let parsed: Value = match kind.path.ends_with("json") {
            true => serde_json::from_str(&after).unwrap(),
            false => serde_saphyr::from_str(&after).unwrap_or_else(|e| panic!("{}: {e}", kind.path)),
        };
        let mut rest = parsed;
        let new = at(&mut rest, kind.way).remove(kind.new_key);
        let new = new.as_ref().and_then(Value::as_str).unwrap_or_default();
        assert!(
            new.starts_with(kind.starts) && new.ends_with(kind.ends),
            "round {round}, {} {}: {new}",
            kind.path,
            kind.key
        );
        at(&mut before, kind.way).remove(kind.key);
        // Terraform declares what it reads.
        if kind.path.ends_with(".tf.json") {
            at(&mut before, &["variable", "databricks_token"]).insert("sensitive".into(), true.into());
        }
        assert_eq!(rest, before, "round {round}, {} {}", kind.path, kind.key);
    }
}

/// Command lines in documents, and references that are misspelled: nothing but the line changes.
#[test]
fn lines_and_references_change_alone() {
    let mut fakes = Fakes::new(14);
    let rows = [
        ("job.yml", "databricks secrets put --scope s --key k", "databricks secrets put-secret s k"),
        ("job.json", "databricks secrets list --scope s", "databricks secrets list-secrets s"),
        ("job.yml", "databricks secrets put-secret --scope s --key k", "databricks secrets put-secret s k"),
        ("job.json", "{{ secrets/sales/pw }}", "{{secrets/sales/pw}}"),
        ("job.yml", "{{secret/sales/pw}}", "{{secrets/sales/pw}}"),
    ];
    for round in 0..rows.len() * 60 {
        let (path, old, new) = rows[round % rows.len()];
        let build = |value: &str, noise: &Map<String, Value>| {
            let mut root = Value::Object(noise.clone());
            let (way, key): (&[&str], &str) =
                if value.starts_with('{') { (&["spark_conf"], "spark.db.password") } else { (&["steps", "0"], "run") };
            at(&mut root, way).insert(key.into(), Value::from(value));
            root
        };
        let noise = object(&mut fakes, 2);
        let before = build(old, &noise);
        let mut text = String::new();
        if path.ends_with("json") {
            text = before.to_string();
        } else {
            yaml(&before, 0, &mut fakes, &mut text);
        }
        let after = fixed(path, &text);
        let parsed: Value = if path.ends_with("json") {
            serde_json::from_str(&after).unwrap()
        } else {
            serde_saphyr::from_str(&after).unwrap_or_else(|e| panic!("{path}: {e}"))
        };
        assert_eq!(parsed, build(new, &noise), "round {round}: {path} {old}");
    }
}

/// Block or flow style, plain, single or double quotes.
fn yaml(value: &Value, indent: usize, fakes: &mut Fakes, out: &mut String) {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                out.push_str(&format!("{pad}{}:", scalar(&Value::String(key.clone()), fakes)));
                nested(value, indent, fakes, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                out.push_str(&format!("{pad}-"));
                nested(item, indent, fakes, out);
            }
        }
        other => out.push_str(&format!("{pad}{}\n", scalar(other, fakes))),
    }
}

fn nested(value: &Value, indent: usize, fakes: &mut Fakes, out: &mut String) {
    let deep = matches!(value, Value::Object(m) if !m.is_empty()) || matches!(value, Value::Array(a) if !a.is_empty());
    if deep && fakes.below(4) > 0 {
        out.push_str(["\n", "  # note\n"][fakes.below(2)]);
        yaml(value, indent + 2, fakes, out);
    } else if deep {
        out.push_str(&format!(" {}\n", flow(value)));
    } else {
        out.push_str(&format!(" {}{}\n", scalar(value, fakes), ["", "  # note"][fakes.below(2)]));
    }
}

fn flow(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let pairs: Vec<String> =
                map.iter().map(|(k, v)| format!("{}: {}", Value::String(k.clone()), flow(v))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

fn scalar(value: &Value, fakes: &mut Fakes) -> String {
    let Value::String(text) = value else {
        return match value {
            Value::Object(_) => "{}".into(),
            Value::Array(_) => "[]".into(),
            other => other.to_string(),
        };
    };
    let safe = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '+' | '#'))
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !matches!(text.as_str(), "null" | "true" | "false" | "y" | "n" | "yes" | "no" | "on" | "off");
    let single = !text.contains(['\n', '\t', '\\']) && !text.is_empty();
    match fakes.below(3) {
        0 if safe => text.clone(),
        1 if single => format!("'{}'", text.replace('\'', "''")),
        _ => value.to_string(),
    }
}
