//! Sessions of real editors, fed to the server again: a client's quirk once seen stays covered without the editor.
//!
//! `transcripts/NAME.jsonl` is what `tests/record.py` wrote between the editor and the server. The client's messages are sent
//! in their order; wherever the transcript has an answer or a notification of the server, the live one is waited for. What a
//! user sees of it has to be the same: places and codes of errors and warnings, the preferred action, the places that it
//! changes. Wordings, hints and further actions may change.
//! `UPDATE_TRANSCRIPTS=1` writes the live answers into the transcripts.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a failure fails the test, as it should")]

mod support;

use std::{
    collections::{HashMap, HashSet},
    io::{BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use serde_json::{Value, json};
use support::read;

const PATIENCE: Duration = Duration::from_secs(30);

struct Server {
    child: Child,
    input: ChildStdin,
    output: Receiver<Value>,
    unread: Vec<Value>,
    /// The client's recorded answers to requests of the server, by method.
    answers: HashMap<String, Vec<Value>>,
}

impl Server {
    fn start(answers: HashMap<String, Vec<Value>>) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_credscope"))
            .arg("server")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let mut stream = BufReader::new(child.stdout.take().unwrap());
        let (send, output) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut stream) {
                if send.send(message).is_err() {
                    break;
                }
            }
        });
        Self { child, input, output, unread: Vec::new(), answers }
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        // A server that ended says so in the wait that follows.
        let _ = write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len());
        let _ = self.input.flush();
    }

    /// The first unread message that fits. Requests of the server are answered as the client did.
    fn wait(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(i) = self.unread.iter().position(&fits) {
            return self.unread.remove(i);
        }
        loop {
            let message = self.output.recv_timeout(PATIENCE).unwrap_or_else(|e| panic!("{what}: {e}"));
            if let (Some(method), Some(id)) = (message["method"].as_str(), message.get("id")) {
                let recorded = self.answers.get_mut(method).filter(|a| !a.is_empty()).map(|a| a.remove(0));
                let mut answer = recorded.unwrap_or_else(|| json!({"result": null}));
                answer["jsonrpc"] = json!("2.0");
                answer["id"] = id.clone();
                self.send(&answer);
            } else if fits(&message) {
                return message;
            } else {
                self.unread.push(message);
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a user sees of an answer. `Null` says that only its being there counts.
fn seen(method: &str, message: &Value) -> Value {
    // The text moved on before the answer was ready: a client asks again.
    if message["error"]["code"] == -32801 {
        return Value::Null;
    }
    assert!(message.get("error").is_none(), "{method}: {}", message["error"]);
    let result = message.get("result").unwrap_or(&Value::Null);
    let finding = |d: &Value| json!([d["code"], d["severity"], d["range"]]);
    let findings = |list: &Value| {
        let mut rows: Vec<Value> =
            list.as_array().into_iter().flatten().filter(|d| d["severity"].as_u64() <= Some(2)).map(finding).collect();
        rows.sort_by_key(Value::to_string);
        json!(rows)
    };
    match method {
        "textDocument/publishDiagnostics" => findings(&message["params"]["diagnostics"]),
        // A client that keeps what it has sees no difference.
        "textDocument/diagnostic" if result["kind"] == "unchanged" => Value::Null,
        "textDocument/diagnostic" => findings(&result["items"]),
        "textDocument/codeAction" => {
            let preferred = result.as_array().into_iter().flatten().find(|a| a["isPreferred"] == true);
            preferred.map_or(json!([]), |a| json!([a["kind"], places(&a["edit"])]))
        }
        // Actions are numbered by finding: a new rule moves them.
        "codeAction/resolve" => json!(places(&result["edit"]) == json!([])),
        "textDocument/hover" => json!(result.is_null()),
        "textDocument/completion" => {
            let items = result.get("items").unwrap_or(result);
            // Which names there are depends on the files of the workspace.
            json!(items.as_array().is_none_or(Vec::is_empty))
        }
        "initialize" => json!([
            result["capabilities"]["positionEncoding"],
            result["capabilities"].get("diagnosticProvider").is_some()
        ]),
        _ => Value::Null,
    }
}

/// Replaced ranges, in either spelling of a workspace edit.
fn places(edit: &Value) -> Value {
    let plain = edit["changes"].as_object().into_iter().flatten().map(|(uri, rows)| (uri.clone(), rows));
    let versioned = edit["documentChanges"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|c| (c["textDocument"]["uri"].as_str().unwrap_or("").to_owned(), &c["edits"]));
    let ranges = |rows: &Value| rows.as_array().into_iter().flatten().map(|e| e["range"].clone()).collect::<Vec<_>>();
    let rows: Vec<Value> = plain.chain(versioned).map(|(uri, rows)| json!([uri, ranges(rows)])).collect();
    json!(rows)
}

fn transcripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "jsonl"));
    files.sort();
    files
}

fn replay(file: &Path) {
    let name = file.file_stem().unwrap().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(file).unwrap();
    let mut rows: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    // Methods by sender and id, and the client's answers.
    let mut methods: HashMap<(String, String), String> = HashMap::new();
    let mut answers: HashMap<String, Vec<Value>> = HashMap::new();
    for row in &rows {
        let (from, message) = (row["from"].as_str().unwrap().to_owned(), &row["message"]);
        let id = message["id"].to_string();
        if let Some(method) = message["method"].as_str() {
            if message.get("id").is_some() {
                methods.insert((from, id), method.to_owned());
            }
        } else if from == "client"
            && let Some(method) = methods.get(&("server".to_owned(), id))
        {
            answers.entry(method.clone()).or_default().push(message.clone());
        }
    }
    let update = std::env::var_os("UPDATE_TRANSCRIPTS").is_some();
    let mut server = Server::start(answers);
    let answered: HashSet<String> = rows
        .iter()
        .filter(|r| r["from"] == "server" && r["message"].get("method").is_none())
        .map(|r| r["message"]["id"].to_string())
        .collect();
    let mut open: Vec<Value> = Vec::new();
    let mut compared = 0;
    // Result ids are the server's own: what the client gives back is what this one gave.
    let mut ids: HashMap<String, Value> = HashMap::new();
    for (number, row) in rows.iter_mut().enumerate() {
        let at = format!("{name}, line {}", number + 1);
        let mut message = row["message"].clone();
        if let Some(id) = message.pointer_mut("/params/previousResultId")
            && let Some(live) = id.as_str().and_then(|id| ids.get(id))
        {
            *id = live.clone();
        }
        let (method, id) = (message["method"].as_str(), message.get("id").cloned());
        let live = match (row["from"].as_str().unwrap(), method, id) {
            // The client's own answers are sent when the live server asks.
            ("client", Some(_), id) => {
                // What was asked before a change was answered before it: the recorded server was as fast as that.
                if id.is_none() {
                    for id in open.drain(..) {
                        let answer = server.wait(&at, |m| m.get("method").is_none() && m["id"] == id);
                        server.unread.push(answer);
                    }
                }
                server.send(&message);
                open.extend(id.filter(|id| answered.contains(&id.to_string())));
                continue;
            }
            ("server", None, Some(id)) => {
                let method = methods[&("client".to_owned(), id.to_string())].clone();
                open.retain(|o| *o != id);
                let live = server.wait(&format!("{at}: {method}"), |m| m.get("method").is_none() && m["id"] == id);
                (method, live)
            }
            ("server", Some(method @ "textDocument/publishDiagnostics"), None) => {
                let (uri, version) = (&message["params"]["uri"], &message["params"]["version"]);
                let fits = |m: &Value| {
                    m["method"] == method && m["params"]["uri"] == *uri && m["params"]["version"] == *version
                };
                (method.to_owned(), server.wait(&format!("{at}: {method}"), fits))
            }
            _ => continue,
        };
        if let Some(id) = message.pointer("/result/resultId").and_then(Value::as_str) {
            ids.insert(id.to_owned(), live.1["result"]["resultId"].clone());
        }
        if update {
            row["message"] = live.1;
        } else if message.get("error").is_none() {
            let (now, then) = (seen(&live.0, &live.1), seen(&live.0, &message));
            // An answer that races with a later change may say "unchanged" or "moved on"; nothing else may go missing.
            assert!(now == then || now.is_null() || then.is_null(), "{at}: {}\n now {now}\nthen {then}", live.0);
        }
        compared += 1;
    }
    assert!(compared > 2, "{name}: a transcript with answers");
    if update {
        let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
        std::fs::write(file, lines.join("\n") + "\n").unwrap();
    }
}

#[test]
fn every_client_gets_the_answers_that_it_got() {
    let files = transcripts();
    assert!(files.len() >= 6, "one transcript for each client: {files:?}");
    for file in files {
        replay(&file);
    }
}

#[test]
fn transcripts_hold_nothing_of_a_machine() {
    for file in transcripts() {
        let text = std::fs::read_to_string(&file).unwrap();
        for piece in ["/tmp/", "/root/", "/home/", "/Users/", "127.0.0.1", "C:\\\\"] {
            assert!(!text.contains(piece), "{} holds {piece}", file.display());
        }
    }
}
