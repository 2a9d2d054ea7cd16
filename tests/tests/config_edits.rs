//! Fixes of YAML and JSON change the value that they are for and nothing else: documents are parsed before and after by
//! parsers that have nothing to do with this project's own reading.

#![allow(clippy::unwrap_used, reason = "a document that does not parse fails the test, as it should")]

use credscope_linter::{
    Settings, Workspace, analyze,
    engine::document_facts,
    fix::{self, Applicability, Names},
};
use credscope_tests::fakes::Fakes;
use serde_json::{Map, Value};

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
