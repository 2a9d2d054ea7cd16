//! The language server through its real binary, over standard input and output.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a failure fails the test, as it should")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};

/// A client that speaks just enough of the protocol.
struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    id: i64,
    /// Notifications that came while waiting for an answer.
    seen: Vec<Value>,
}

impl Client {
    fn start(capabilities: Value) -> (Self, Value) {
        Self::start_with(capabilities, Value::Null)
    }

    fn start_with(capabilities: Value, options: Value) -> (Self, Value) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_credscope"))
            .args(["server", "--stdio"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut client = Self { child, input, output, id: 0, seen: Vec::new() };
        let answer = client.request(
            "initialize",
            json!({"processId": null, "rootUri": null, "capabilities": capabilities, "initializationOptions": options}),
        );
        client.notify("initialized", json!({}));
        (client, answer)
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        let input = self.input.as_mut().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        input.flush().unwrap();
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the server is gone");
            if line.trim().is_empty() {
                break;
            }
            if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = n.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn raw_request(&mut self, method: &str, params: Value) -> Value {
        self.id += 1;
        let id = self.id;
        let mut message = json!({"jsonrpc": "2.0", "id": id, "method": method});
        if !params.is_null() {
            message["params"] = params;
        }
        self.send(&message);
        loop {
            let message = self.read();
            if message.get("id").and_then(Value::as_i64) == Some(id) {
                return message;
            }
            self.seen.push(message);
        }
    }

    fn request(&mut self, method: &str, params: Value) -> Value {
        let answer = self.raw_request(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    fn open(&mut self, uri: &str, language: &str, text: &str) {
        let item = json!({"uri": uri, "languageId": language, "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": item}));
    }

    fn change(&mut self, uri: &str, version: i64, changes: Value) {
        self.notify(
            "textDocument/didChange",
            json!({"textDocument": {"uri": uri, "version": version}, "contentChanges": changes}),
        );
    }

    fn pull(&mut self, uri: &str) -> Vec<Value> {
        let report = self.request("textDocument/diagnostic", json!({"textDocument": {"uri": uri}}));
        report["items"].as_array().unwrap().clone()
    }

    /// The next pushed diagnostics of a document.
    fn pushed(&mut self, uri: &str) -> Vec<Value> {
        let fits = |m: &Value| m["method"] == "textDocument/publishDiagnostics" && m["params"]["uri"] == uri;
        let message = match self.seen.iter().position(fits) {
            Some(i) => self.seen.remove(i),
            None => loop {
                let message = self.read();
                if fits(&message) {
                    break message;
                }
                self.seen.push(message);
            },
        };
        message["params"]["diagnostics"].as_array().unwrap().clone()
    }

    fn actions(&mut self, uri: &str, range: &Value, only: Option<&str>) -> Vec<Value> {
        let context = only.map_or_else(|| json!({"diagnostics": []}), |o| json!({"diagnostics": [], "only": [o]}));
        let answer = self.request(
            "textDocument/codeAction",
            json!({"textDocument": {"uri": uri}, "range": range, "context": context}),
        );
        answer.as_array().unwrap().clone()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.input.take();
        // A server that hangs must not hang the tests.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn pulling() -> Value {
    json!({"textDocument": {"diagnostic": {}}})
}

/// Applies edits of a `changes` workspace edit to ASCII text.
fn apply(text: &str, edits: &[Value]) -> String {
    let offset = |p: &Value| {
        let line = p["line"].as_u64().unwrap() as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        start + p["character"].as_u64().unwrap() as usize
    };
    let mut rows: Vec<(usize, usize, String)> = edits
        .iter()
        .map(|e| (offset(&e["range"]["start"]), offset(&e["range"]["end"]), e["newText"].as_str().unwrap().to_owned()))
        .collect();
    rows.sort();
    let mut out = text.to_owned();
    for (start, end, new) in rows.into_iter().rev() {
        out.replace_range(start..end, &new);
    }
    out
}

const URI: &str = "file:///project/job.py";

#[test]
fn starts_and_ends_as_the_protocol_says() {
    let (mut client, answer) = Client::start(json!({}));
    assert_eq!(answer["serverInfo"]["name"], "credscope");
    assert_eq!(answer["capabilities"]["positionEncoding"], "utf-16");
    assert!(answer["capabilities"].get("diagnosticProvider").is_none(), "nothing to pull for a client that does not");
    let unknown = client.raw_request("textDocument/noSuchThing", json!({}));
    assert_eq!(unknown["error"]["code"], -32601);
    client.request("shutdown", Value::Null);
    client.notify("exit", Value::Null);
    assert_eq!(client.child.wait().unwrap().code(), Some(0));
}

#[test]
fn pushes_with_versions_and_clears_on_close() {
    let (mut client, _) = Client::start(json!({}));
    client.open(URI, "python", "password = 'q7#Lm2vX9'\n");
    let found = client.pushed(URI);
    assert_eq!(found[0]["code"], "CS106");
    assert_eq!(found[0]["range"]["start"], json!({"line": 0, "character": 11}));
    assert!(found[0]["codeDescription"]["href"].as_str().unwrap().contains("named_variable"));
    client.change(URI, 2, json!([{"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 8}}, "text": "colour"}]));
    assert!(client.pushed(URI).is_empty());
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": URI}}));
    assert!(client.pushed(URI).is_empty());
}

#[test]
fn positions_count_in_the_negotiated_unit() {
    for (encoding, column) in [("utf-8", 26), ("utf-16", 24), ("utf-32", 23)] {
        let capabilities = json!({"general": {"positionEncodings": [encoding]}, "textDocument": {"diagnostic": {}}});
        let (mut client, answer) = Client::start(capabilities);
        assert_eq!(answer["capabilities"]["positionEncoding"], encoding);
        client.open(URI, "python", "x = '𝄞'; db_password = 'q7#Lm2vX9'\r\n");
        let found = client.pull(URI);
        assert_eq!(found[0]["range"]["start"]["character"], column, "{encoding}");
    }
}

#[test]
fn pull_answers_unchanged() {
    let (mut client, _) = Client::start(pulling());
    client.open(URI, "python", "password = 'q7#Lm2vX9'\n");
    let first = client.request("textDocument/diagnostic", json!({"textDocument": {"uri": URI}}));
    let id = first["resultId"].clone();
    let again =
        client.request("textDocument/diagnostic", json!({"textDocument": {"uri": URI}, "previousResultId": id}));
    assert_eq!(again["kind"], "unchanged");
}

#[test]
fn an_action_moves_the_secret_and_the_finding_is_gone() {
    let (mut client, _) = Client::start_with(pulling(), json!({"credscope": {"secrets": {"scope": "jdbc"}}}));
    let text = "# Databricks notebook source\nspark.read.option('password', 'q7#Lm2vX9')\n";
    client.open(URI, "python", text);
    let found = client.pull(URI);
    let actions = client.actions(URI, &found[0]["range"], None);
    assert_eq!(actions[0]["isPreferred"], true);
    assert_eq!(actions[0]["title"], "Move to secret scope `jdbc` as `password`");
    let edits = actions[0]["edit"]["changes"][URI].as_array().unwrap().clone();
    let fixed = apply(text, &edits);
    assert!(fixed.contains("dbutils.secrets.get(scope='jdbc', key='password')"), "{fixed}");
    client.change(URI, 2, json!([{"text": fixed}]));
    assert!(client.pull(URI).is_empty());
    assert!(client.actions(URI, &found[0]["range"], Some("source.fixAll.credscope")).is_empty());
}

#[test]
fn cells_of_a_notebook_are_one_program() {
    let (mut client, _) = Client::start(json!({}));
    let cell = |n: usize| format!("vscode-notebook-cell:/project/nb.ipynb#W{n}");
    let texts = [
        "pw = dbutils.secrets.get('jdbc', 'password')",
        "print(pw)",
        "%sql\nCREATE CONNECTION c TYPE mysql OPTIONS (password 'q7#Lm2vX9')",
    ];
    let cells: Vec<Value> = (0..3).map(|n| json!({"kind": 2, "document": cell(n)})).collect();
    let items: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(n, t)| json!({"uri": cell(n), "languageId": "python", "version": 1, "text": t}))
        .collect();
    let notebook =
        json!({"uri": "file:///project/nb.ipynb", "notebookType": "jupyter-notebook", "version": 1, "cells": cells});
    client.notify("notebookDocument/didOpen", json!({"notebookDocument": notebook, "cellTextDocuments": items}));
    assert!(client.pushed(&cell(0)).is_empty());
    let printed = client.pushed(&cell(1));
    assert_eq!(printed[0]["code"], "CS201");
    assert_eq!(printed[0]["relatedInformation"][0]["location"]["uri"], cell(0));
    let sql = client.pushed(&cell(2));
    assert_eq!(sql[0]["code"], "CS121");
    assert_eq!(sql[0]["range"]["start"]["line"], 1);
    // The first cell goes: nothing is secret any more.
    let change =
        json!({"cells": {"structure": {"array": {"start": 0, "deleteCount": 1}, "didClose": [{"uri": cell(0)}]}}});
    client.notify(
        "notebookDocument/didChange",
        json!({"notebookDocument": {"uri": "file:///project/nb.ipynb", "version": 2}, "change": change}),
    );
    assert!(client.pushed(&cell(1)).is_empty());
}

#[test]
fn hover_and_completion_answer() {
    let (mut client, _) =
        Client::start_with(pulling(), json!({"secrets": {"declared": {"jdbc": ["username", "password"]}}}));
    client.open(URI, "python", "password = 'q7#Lm2vX9'\nx = dbutils.secrets.get(scope='\n");
    let hover = client
        .request("textDocument/hover", json!({"textDocument": {"uri": URI}, "position": {"line": 0, "character": 14}}));
    assert!(hover["contents"]["value"].as_str().unwrap().contains("named-variable"));
    let items = client.request(
        "textDocument/completion",
        json!({"textDocument": {"uri": URI}, "position": {"line": 1, "character": 31}}),
    );
    assert_eq!(items[0]["label"], "jdbc");
}

#[test]
fn many_edits_end_with_the_findings_of_the_final_text() {
    let (mut client, _) = Client::start(pulling());
    client.open(URI, "python", "\n");
    let mut text = String::from("\n");
    let mut state = 7u64;
    for version in 2..600 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let piece = ["password = 'q7#Lm2vX9'\n", "x = 1\n", "token", "'", "print(password)\n", "\r\n", "é"]
            [(state >> 33) as usize % 7];
        let line = (state >> 40) as usize % text.matches('\n').count().max(1);
        let at = text.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
        text.insert_str(at, piece);
        client.change(URI, version, json!([{"range": {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 0}}, "text": piece}]));
        if version % 50 == 0 {
            let seen = client.pull(URI);
            client.open("file:///project/fresh.py", "python", &text);
            let fresh = client.pull("file:///project/fresh.py");
            let places =
                |rows: &[Value]| rows.iter().map(|r| (r["code"].clone(), r["range"].clone())).collect::<Vec<_>>();
            assert_eq!(places(&seen), places(&fresh), "after {version} edits");
        }
    }
}
