//! However a text came to be, the server says what a fresh read says: rapid edits, notebooks, every rule's cases.

#![allow(clippy::unwrap_used, reason = "a failure fails the test, as it should")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use credscope_tests::{cases, render};
use serde_json::{Value, json};
use support::{Client, Start, edits, places, pulling, uri};

const URI: &str = "file:///project/job.py";
const FRESH: &str = "file:///project/fresh.py";

/// A small generator of numbers: the same edits in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) as usize % n
    }
}

const PIECES: &[&str] = &[
    "password = 'q7#Lm2vX9'\n", "x = 1\n", "token", "'", "print(password)\n", "\r\n", "é𝄞", "# COMMAND ----------\n",
    "# MAGIC %sql\n", "pw = dbutils.secrets.get('s', 'k')\n", "print(pw)\n", "    ", "\"\"\"",
];

/// The UTF-16 position of a byte offset. Not every position that could be asked for: those inside a character are not.
fn position(text: &str, at: usize) -> Value {
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let line = text[..start].matches('\n').count();
    json!({"line": line, "character": text[start..at].encode_utf16().count()})
}

/// A random edit: LSP change and the text after it.
fn edit(numbers: &mut Numbers, text: &str) -> (Value, String) {
    let mut from = numbers.below(text.len() + 1);
    let mut to = if numbers.below(3) == 0 { (from + numbers.below(30)).min(text.len()) } else { from };
    for at in [&mut from, &mut to] {
        // Not inside a character or a line end.
        while !text.is_char_boundary(*at) || text[..*at].ends_with('\r') {
            *at -= 1;
        }
    }
    let piece = PIECES[numbers.below(PIECES.len())];
    let change = json!({"range": {"start": position(text, from), "end": position(text, to)}, "text": piece});
    (change, format!("{}{piece}{}", &text[..from], &text[to..]))
}

/// Documents are compared with copies of them: that they hold the same credentials is no news.
fn one_by_one() -> Client {
    Client::with(Start { capabilities: pulling(), options: json!({"ignore": ["CS540"]}), ..Start::default() }).0
}

#[test]
fn a_thousand_rapid_edits_end_with_the_findings_of_the_final_text() {
    let mut client = one_by_one();
    let mut text = String::from("# Databricks notebook source\n");
    client.open(URI, "python", &text);
    let mut numbers = Numbers(7);
    let mut asked = Vec::new();
    for version in 2..1_002 {
        let (change, after) = edit(&mut numbers, &text);
        text = after;
        client.change(URI, version, json!([change]));
        let at = json!({"line": numbers.below(20), "character": 0});
        let document = json!({"uri": URI});
        match version % 9 {
            0 => asked.push(client.ask("textDocument/hover", json!({"textDocument": document, "position": at}))),
            3 => asked.push(client.ask("textDocument/diagnostic", json!({"textDocument": document}))),
            6 => {
                let params = json!({"textDocument": document, "range": {"start": at, "end": at}, "context": {"diagnostics": []}});
                asked.push(client.ask("textDocument/codeAction", params));
            }
            _ => {}
        }
        if version % 100 == 0 {
            let seen = client.pull(URI);
            client.open(FRESH, "python", &text);
            assert_eq!(places(&seen), places(&client.pull(FRESH)), "after {version} edits");
            client.close(FRESH);
        }
    }
    // Each request has one answer: a result, or the word that the text has moved on.
    for id in asked {
        let answer = client.answer(id);
        let moved_on = answer["error"]["code"] == -32801 || answer["error"]["code"] == -32802;
        assert!(answer.get("result").is_some() || moved_on, "{answer}");
        assert!(!client.seen.iter().any(|m| m["id"] == id && m.get("method").is_none()), "answered twice: {id}");
    }
    let seen = client.pull(URI);
    assert!(!seen.is_empty(), "the edits plant credentials");
    client.open(FRESH, "python", &text);
    assert_eq!(places(&seen), places(&client.pull(FRESH)));
    assert_eq!(client.finish(), Some(0));
}

#[test]
fn edits_of_a_notebook_end_with_the_findings_of_its_cells() {
    let mut client = one_by_one();
    let mut texts: Vec<String> =
        ["pw = dbutils.secrets.get('s', 'k')\n", "x = 1\n", "print(pw)\n"].map(str::to_owned).to_vec();
    let cell = |notebook: &str, n: usize| format!("vscode-notebook-cell:/{notebook}#c{n}");
    let open = |client: &mut Client, name: &str, texts: &[String]| {
        let uris: Vec<String> = (0..texts.len()).map(|n| cell(name, n)).collect();
        let cells: Vec<(&str, &str, &str, u8)> =
            uris.iter().zip(texts).map(|(u, t)| (u.as_str(), "python", t.as_str(), 2)).collect();
        client.open_notebook(&format!("file:///project/{name}"), json!({}), &cells);
    };
    open(&mut client, "a.ipynb", &texts);
    let mut numbers = Numbers(11);
    for step in 0..300 {
        let n = numbers.below(texts.len());
        let (change, after) = edit(&mut numbers, &texts[n]);
        texts[n] = after;
        let document = json!({"uri": cell("a.ipynb", n), "version": step + 2});
        let change = json!({"cells": {"textContent": [{"document": document, "changes": [change]}]}});
        client.change_notebook("file:///project/a.ipynb", change);
        if step % 30 == 29 {
            let name = format!("b{step}.ipynb");
            open(&mut client, &name, &texts);
            for n in 0..texts.len() {
                let (seen, fresh) = (client.pull(&cell("a.ipynb", n)), client.pull(&cell(&name, n)));
                assert_eq!(places(&seen), places(&fresh), "cell {n} after {step} edits");
            }
        }
    }
}

#[test]
fn documents_that_nobody_edited_for_long_answer_as_new_ones() {
    let options = json!({"secrets": {"scope": "jdbc"}, "ignore": ["CS540"]});
    let (mut client, _) = Client::with(Start { capabilities: pulling(), options, ..Start::default() });
    let name = |n: usize| format!("file:///project/many_{n}.py");
    let text =
        "# Databricks notebook source\npassword = 'q7#Lm2vX9'\npw = dbutils.secrets.get('jdbc', 'token')\nprint(pw)\n";
    // More than are kept whole.
    for n in 0..12 {
        client.open(&name(n), "python", text);
        assert_eq!(client.pull(&name(n)).len(), 2);
    }
    let first = client.pull(&name(0));
    assert_eq!(first.len(), 2);
    let action = client.action(&name(0), &first[0]["range"], "Move all 12 uses in open files");
    assert_eq!(edits(&action["edit"]).len(), 12, "fixes of documents whose facts are read again");
    let hover = client.hover(&name(0), 2, 20);
    assert!(hover.contains("many_11.py:3") && hover.contains("**Declared.**"), "{hover}");
    // Typing brings a document back.
    let start = json!({"line": 1, "character": 14});
    client.change(&name(0), 2, json!([{"range": {"start": start, "end": start}, "text": "k"}]));
    client.open(FRESH, "python", &text.replace("q7#", "q7k#"));
    assert_eq!(places(&client.pull(&name(0))), places(&client.pull(FRESH)));
    let range = &client.pull(&name(0))[0]["range"];
    client.action(&name(0), range, "Move all 2 uses in open files");
    assert_eq!(client.finish(), Some(0));
}

/// Code and start (0-based line) of findings, with how often.
type Rows = BTreeMap<(String, u64), usize>;

fn rows<'v>(items: impl Iterator<Item = (&'v str, u64)>) -> Rows {
    let mut rows = Rows::new();
    for (code, line) in items {
        // Equal credentials of several files are known to a run over all of them.
        if code != "CS540" {
            *rows.entry((code.to_owned(), line)).or_default() += 1;
        }
    }
    rows
}

/// Title and edits of a fix in which each name is `w`: a report gives the credentials of all of its files different names.
type Shape = (String, BTreeSet<(String, String)>);

fn nameless(text: &str) -> String {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let mut out = String::new();
    for c in text.chars() {
        match is_name(c) {
            true if out.ends_with('w') => {}
            true => out.push('w'),
            false => out.push(c),
        }
    }
    out
}

/// Protocol range of a report's.
fn range(range: &Value) -> Value {
    let at = |end: &str| {
        let number = |name: &str| range[end][name].as_u64().unwrap() - 1;
        json!({"line": number("line"), "character": number("column")})
    };
    json!({"start": at("start"), "end": at("end")})
}

/// The fix that a report has for a finding, when it can be applied.
fn checked_fix(finding: &Value) -> Option<Shape> {
    let fix = &finding["fix"];
    let edits = fix["edits"].as_array().filter(|e| !e.is_empty() && fix["applicability"] != "display")?;
    let edit = |e: &Value| (range(&e["range"]).to_string(), nameless(e["text"].as_str().unwrap()));
    Some((nameless(fix["title"].as_str().unwrap()), edits.iter().map(edit).collect()))
}

fn served_fix(action: &Value, uri: &str) -> Option<Shape> {
    let edits = edits(&action["edit"]).remove(uri)?;
    let edit = |e: &Value| (e["range"].to_string(), nameless(e["newText"].as_str().unwrap()));
    Some((nameless(action["title"].as_str()?), edits.iter().map(edit).collect()))
}

#[test]
fn every_rules_cases_are_the_same_through_the_server_and_through_check() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let mut files: Vec<(String, String, String)> = Vec::new();
    for rule in credscope_linter::registry::all() {
        for (n, case) in cases::parse(rule.docs).iter().enumerate() {
            let containers = render::render(case);
            let Some(rendered) = containers.get(n % containers.len().max(1)) else { continue };
            let place = format!("{}/{n}", rule.code);
            write(
                &format!("{place}/credscope.toml"),
                &format!("pedantic = true\n{}", case.config.as_deref().unwrap_or("")),
            );
            for (path, text) in &case.extra {
                write(&format!("{place}/{path}"), text);
            }
            let path = format!("{place}/{}", rendered.path);
            write(&path, &rendered.text);
            files.push((path, case.language.clone(), rendered.text.clone()));
        }
    }
    let output = assert_cmd::Command::new(env!("CARGO_BIN_EXE_credscope"))
        .args(["check", "--no-ignore", "--min-severity", "hint", "--format", "json", "."])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    // A report counts characters.
    let capabilities = json!({"general": {"positionEncodings": ["utf-32"]}, "textDocument": {"diagnostic": {}}});
    let (mut client, _) = Client::with(Start { capabilities, root: Some(folder.path().into()), ..Start::default() });
    let (mut wrong, mut fixes) = (Vec::new(), 0);
    for (path, language, text) in &files {
        let here = findings.iter().filter(|f| f["path"] == path.as_str());
        let checked =
            rows(here.map(|f| (f["code"].as_str().unwrap(), f["range"]["start"]["line"].as_u64().unwrap() - 1)));
        let uri = uri(&folder.path().join(path));
        let language = if path.ends_with(".ipynb") { "json" } else { language };
        client.open(&uri, language, text);
        let seen = client.pull(&uri);
        for finding in findings.iter().filter(|f| f["path"] == path.as_str() && f["code"] != "CS540") {
            let Some(fix) = checked_fix(finding) else { continue };
            fixes += 1;
            let actions = client.actions(&uri, &range(&finding["range"]), Some("quickfix"));
            let offered: Vec<Shape> = actions.iter().filter_map(|a| served_fix(a, &uri)).collect();
            if !offered.contains(&fix) {
                wrong.push(format!("{path}: check has the fix {fix:?}, the server {offered:?}"));
            }
        }
        client.close(&uri);
        let served =
            rows(seen.iter().map(|d| (d["code"].as_str().unwrap(), d["range"]["start"]["line"].as_u64().unwrap())));
        if checked != served {
            wrong.push(format!("{path}: check {checked:?}, server {served:?}"));
        }
    }
    assert!(files.len() > 500 && fixes > 300, "{} cases, {fixes} fixes", files.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), files.len(), wrong.join("\n"));
}

/// More cells than are read at once, a credential that is certain at a glance, and a leak that takes the whole.
fn large_notebook() -> String {
    let mut cells: Vec<String> = (0..200).map(|n| format!("import os\nkey_{n} = {n}\n")).collect();
    cells[20] = "pw = dbutils.secrets.get('s', 'k')\n".into();
    cells[100] = "db_password = 'q7#Lm2vX9'\n".into();
    cells[180] = "print(pw)\n".into();
    format!("# Databricks notebook source\n{}", cells.join("\n# COMMAND ----------\n\n"))
}

#[test]
fn a_large_notebook_is_told_what_is_certain_and_then_the_rest() {
    let text = large_notebook();
    let mut client = Client::start(json!({}));
    client.open(URI, "python", &text);
    let (first, second) = (client.push(URI), client.push(URI));
    let rows = |push: &Value| places(push["diagnostics"].as_array().unwrap());
    assert_eq!(support::codes(first["diagnostics"].as_array().unwrap()), ["CS106"]);
    assert_eq!(support::codes(second["diagnostics"].as_array().unwrap()), ["CS106", "CS201"]);
    assert!(rows(&first).iter().all(|row| rows(&second).contains(row)));
    assert_eq!((&first["version"], &second["version"]), (&json!(1), &json!(1)));
    // Edits are told once, and as whole.
    let start = json!({"line": 1, "character": 0});
    client.change(URI, 2, json!([{"range": {"start": start, "end": start}, "text": "y = 1\n"}]));
    let push = client.push(URI);
    assert_eq!(support::codes(push["diagnostics"].as_array().unwrap()), ["CS106", "CS201"]);
    assert_eq!(push["version"], 2);
    // A client that can be told to ask again is answered in two steps, too; another one waits for the whole.
    for refresh in [true, false] {
        let capabilities =
            json!({"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": refresh}}});
        let mut client = Client::start(capabilities);
        client.open(URI, "python", &text);
        if refresh {
            assert_eq!(support::codes(&client.pull(URI)), ["CS106"]);
            client.wait(|m| m["method"] == "workspace/diagnostic/refresh");
        }
        assert_eq!(support::codes(&client.pull(URI)), ["CS106", "CS201"]);
        assert_eq!(client.finish(), Some(0));
    }
}
