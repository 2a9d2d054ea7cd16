//! A client that speaks just enough of the protocol to test the server through its real binary.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a failure fails the test, as it should")]
#![allow(dead_code, reason = "each test binary uses a part")]

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use serde_json::{Value, json};

/// No answer takes longer, however slow the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Client {
    pub child: Child,
    pub input: Option<ChildStdin>,
    output: Receiver<Option<Value>>,
    id: i64,
    /// Messages that came while waiting for something else.
    pub seen: Vec<Value>,
    /// What `workspace/configuration` is answered with.
    pub settings: Value,
    /// Methods of the server's requests, in order.
    pub asked: Vec<String>,
}

/// How a session starts.
pub struct Start {
    pub capabilities: Value,
    pub options: Value,
    pub settings: Value,
    pub root: Option<PathBuf>,
    pub extra: Value,
}

impl Default for Start {
    fn default() -> Self {
        Self { capabilities: json!({}), options: Value::Null, settings: Value::Null, root: None, extra: json!({}) }
    }
}

/// Capabilities of a client that asks for diagnostics.
pub fn pulling() -> Value {
    json!({"textDocument": {"diagnostic": {}}})
}

impl Client {
    /// The process alone, nothing said yet.
    pub fn spawn() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_credscope"))
            .args(["server", "--stdio"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let (send, output) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut reader) {
                if send.send(Some(message)).is_err() {
                    return;
                }
            }
            let _ = send.send(None);
        });
        Self { child, input, output, id: 0, seen: Vec::new(), settings: Value::Null, asked: Vec::new() }
    }

    pub fn start(capabilities: Value) -> Self {
        Self::with(Start { capabilities, ..Start::default() }).0
    }

    /// Initialized, with the answer to `initialize`.
    pub fn with(start: Start) -> (Self, Value) {
        let mut client = Self::spawn();
        client.settings = start.settings;
        let root = start.root.as_deref().map(uri);
        let folders = root.as_ref().map(|uri| json!([{"uri": uri, "name": "project"}]));
        let mut params = json!({"processId": null, "rootUri": root, "workspaceFolders": folders, "capabilities": start.capabilities, "initializationOptions": start.options});
        for (key, value) in start.extra.as_object().unwrap() {
            params[key] = value.clone();
        }
        let answer = client.request("initialize", params);
        client.notify("initialized", json!({}));
        (client, answer)
    }

    pub fn send(&mut self, message: &Value) {
        let body = message.to_string();
        let input = self.input.as_mut().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        input.flush().unwrap();
    }

    /// The next message; a request of the server is answered.
    pub fn read(&mut self) -> Value {
        let message = self.output.recv_timeout(PATIENCE).unwrap().expect("the server is gone");
        if let (Some(method), Some(id)) = (message["method"].as_str().map(str::to_owned), message.get("id").cloned()) {
            let result = match method.as_str() {
                "workspace/configuration" => json!([self.settings.clone()]),
                "window/showDocument" => json!({"success": true}),
                _ => Value::Null,
            };
            self.asked.push(method);
            self.send(&json!({"jsonrpc": "2.0", "id": id, "result": result}));
        }
        message
    }

    /// The next message that fits; others are kept.
    pub fn wait(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(i) = self.seen.iter().position(&fits) {
            return self.seen.remove(i);
        }
        loop {
            let message = self.read();
            if fits(&message) {
                return message;
            }
            self.seen.push(message);
        }
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request without waiting; its id.
    pub fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.id += 1;
        let id = self.id;
        let mut message = json!({"jsonrpc": "2.0", "id": id, "method": method});
        if !params.is_null() {
            message["params"] = params;
        }
        self.send(&message);
        id
    }

    pub fn answer(&mut self, id: i64) -> Value {
        self.wait(|m| m.get("id").and_then(Value::as_i64) == Some(id) && m.get("method").is_none())
    }

    pub fn raw_request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.answer(id)
    }

    /// As editors do: asks again when settings or text moved on meanwhile ("content modified", -32801).
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let mut answer = self.raw_request(method, params.clone());
        for _ in 0..20 {
            if answer["error"]["code"] != -32801 {
                break;
            }
            answer = self.raw_request(method, params.clone());
        }
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    pub fn open(&mut self, uri: &str, language: &str, text: &str) {
        let item = json!({"uri": uri, "languageId": language, "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": item}));
    }

    pub fn close(&mut self, uri: &str) {
        self.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    }

    pub fn change(&mut self, uri: &str, version: i64, changes: Value) {
        self.notify(
            "textDocument/didChange",
            json!({"textDocument": {"uri": uri, "version": version}, "contentChanges": changes}),
        );
    }

    pub fn pull(&mut self, uri: &str) -> Vec<Value> {
        let report = self.request("textDocument/diagnostic", json!({"textDocument": {"uri": uri}}));
        report["items"].as_array().unwrap().clone()
    }

    /// The next pushed diagnostics of a document.
    pub fn pushed(&mut self, uri: &str) -> Vec<Value> {
        self.push(uri)["diagnostics"].as_array().unwrap().clone()
    }

    /// The next push of a document.
    pub fn push(&mut self, uri: &str) -> Value {
        self.wait(|m| m["method"] == "textDocument/publishDiagnostics" && m["params"]["uri"] == uri)["params"].clone()
    }

    pub fn actions(&mut self, uri: &str, range: &Value, only: Option<&str>) -> Vec<Value> {
        let context = only.map_or_else(|| json!({"diagnostics": []}), |o| json!({"diagnostics": [], "only": [o]}));
        let params = json!({"textDocument": {"uri": uri}, "range": range, "context": context});
        self.request("textDocument/codeAction", params).as_array().unwrap().clone()
    }

    pub fn action(&mut self, uri: &str, range: &Value, title: &str) -> Value {
        let actions = self.actions(uri, range, None);
        let found = actions.iter().find(|a| a["title"].as_str().unwrap().contains(title));
        found.unwrap_or_else(|| panic!("no action {title:?} in {actions:#?}")).clone()
    }

    pub fn hover(&mut self, uri: &str, line: u32, character: u32) -> String {
        let params = json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": character}});
        let hover = self.request("textDocument/hover", params);
        hover["contents"]["value"].as_str().unwrap_or("").to_owned()
    }

    pub fn labels(&mut self, uri: &str, line: u32, character: u32) -> Vec<String> {
        let params = json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": character}});
        let items = self.request("textDocument/completion", params);
        items.as_array().into_iter().flatten().map(|i| i["label"].as_str().unwrap().to_owned()).collect()
    }

    pub fn open_notebook(&mut self, notebook: &str, metadata: Value, cells: &[(&str, &str, &str, u8)]) {
        let rows: Vec<Value> = cells.iter().map(|(uri, _, _, kind)| json!({"kind": kind, "document": uri})).collect();
        let items: Vec<Value> = cells
            .iter()
            .map(|(uri, language, text, _)| json!({"uri": uri, "languageId": language, "version": 1, "text": text}))
            .collect();
        let document = json!({"uri": notebook, "notebookType": "jupyter-notebook", "version": 1, "metadata": metadata, "cells": rows});
        self.notify("notebookDocument/didOpen", json!({"notebookDocument": document, "cellTextDocuments": items}));
    }

    pub fn change_notebook(&mut self, notebook: &str, change: Value) {
        let params = json!({"notebookDocument": {"uri": notebook, "version": 2}, "change": change});
        self.notify("notebookDocument/didChange", params);
    }

    /// Says goodbye; the exit code.
    pub fn finish(mut self) -> Option<i32> {
        self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        self.exit_code()
    }

    pub fn exit_code(&mut self) -> Option<i32> {
        for _ in 0..1000 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the server does not end");
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

/// The next message of a stream; `None` at its end.
pub fn read(reader: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = n.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

pub fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// Code and start of each diagnostic.
pub fn codes(items: &[Value]) -> Vec<String> {
    items.iter().map(|d| d["code"].as_str().unwrap().to_owned()).collect()
}

pub fn places(items: &[Value]) -> Vec<(Value, Value, Value)> {
    items.iter().map(|r| (r["code"].clone(), r["range"].clone(), r["message"].clone())).collect()
}

/// Byte offset of a UTF-16 position.
pub fn offset(text: &str, position: &Value) -> usize {
    let mut line = position["line"].as_u64().unwrap();
    let mut start = 0;
    let bytes = text.as_bytes();
    while line > 0 {
        match bytes[start..].iter().position(|b| matches!(b, b'\n' | b'\r')) {
            Some(n) => {
                start += n + 1;
                if bytes[start - 1] == b'\r' && bytes.get(start) == Some(&b'\n') {
                    start += 1;
                }
            }
            None => return text.len(),
        }
        line -= 1;
    }
    let mut column = position["character"].as_u64().unwrap() as usize;
    for (at, c) in text[start..].char_indices() {
        if column == 0 || matches!(c, '\n' | '\r') {
            return start + at;
        }
        column = column.saturating_sub(c.len_utf16());
    }
    text.len()
}

/// Text after the edits of one document.
pub fn apply(text: &str, edits: &[Value]) -> String {
    let mut rows: Vec<(usize, usize, usize, String)> = edits
        .iter()
        .enumerate()
        .map(|(i, e)| {
            let (start, end) = (offset(text, &e["range"]["start"]), offset(text, &e["range"]["end"]));
            (start, end, i, e["newText"].as_str().unwrap().to_owned())
        })
        .collect();
    rows.sort();
    let mut out = text.to_owned();
    for (start, end, _, new) in rows.into_iter().rev() {
        out.replace_range(start..end, &new);
    }
    out
}

/// Edits of a workspace edit by URI, in either form.
pub fn edits(edit: &Value) -> BTreeMap<String, Vec<Value>> {
    if let Some(changes) = edit["changes"].as_object() {
        return changes.iter().map(|(uri, rows)| (uri.clone(), rows.as_array().unwrap().clone())).collect();
    }
    let changes = edit["documentChanges"].as_array().unwrap();
    let texts = changes.iter().filter(|c| c.get("kind").is_none());
    texts
        .map(|c| (c["textDocument"]["uri"].as_str().unwrap().to_owned(), c["edits"].as_array().unwrap().clone()))
        .collect()
}

/// A folder with files.
pub fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}
