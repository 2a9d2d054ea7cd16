//! Sessions of real editors, fed to the server again: a client's quirk once seen stays covered without the editor.
//!
//! `transcripts/NAME.jsonl` is what `tests/record.py` wrote between the editor and the server. The client's messages are sent
//! in their order, in a copy of the workspace; wherever the transcript has an answer or a message of the server, the live one
//! is waited for and compared: all of it but wordings of messages (`tests/tests/rules.rs` holds them) and what only the server
//! reads (`data`, result ids). Each request is answered once, and the server says nothing that it did not say then.
//! `UPDATE_TRANSCRIPTS=1` writes the live answers into the transcripts.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a failure fails the test, as it should")]

mod support;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io::{BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use serde_json::{Value, json};
use support::read;

const PATIENCE: Duration = Duration::from_secs(30);
const REQUEST_CANCELLED: i64 = -32800;

struct Server {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<Value>,
    unread: Vec<Value>,
    /// The client's recorded answers to requests of the server, by method.
    answers: HashMap<String, Vec<Value>>,
    /// Where `/project` of the transcript is.
    root: String,
    /// Methods that the server has used.
    used: BTreeSet<String>,
    /// How often it has read the workspace to the end.
    scans: usize,
}

impl Server {
    fn start(answers: HashMap<String, Vec<Value>>, root: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_credscope"))
            .arg("server")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let mut stream = BufReader::new(child.stdout.take().unwrap());
        let root = root.to_string_lossy().into_owned();
        let (send, output) = channel();
        let here = root.clone();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut stream) {
                let recorded = message.to_string().replace(&here, "/project");
                if send.send(serde_json::from_str(&recorded).unwrap()).is_err() {
                    break;
                }
            }
        });
        Self { child, input, output, unread: Vec::new(), answers, root, used: BTreeSet::new(), scans: 0 }
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string().replace("/project", &self.root);
        // A server that ended says so in the wait that follows.
        if let Some(input) = &mut self.input {
            let _ = write!(input, "Content-Length: {}\r\n\r\n{body}", body.len());
            let _ = input.flush();
        }
    }

    /// Takes in one message; requests of the server are answered as the client did. `false`: there will be no other.
    fn read(&mut self, what: &str) -> bool {
        let message = match self.output.recv_timeout(PATIENCE) {
            Ok(message) => message,
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return false,
            Err(e) => panic!("{what}: {e}"),
        };
        if let Some(method) = message["method"].as_str() {
            self.used.insert(method.to_owned());
            self.scans += usize::from(ends_scan(&message));
            if let Some(id) = message.get("id") {
                let recorded = self.answers.get_mut(method).filter(|a| !a.is_empty()).map(|a| a.remove(0));
                let mut answer = recorded.unwrap_or_else(|| json!({"result": null}));
                answer["jsonrpc"] = json!("2.0");
                answer["id"] = id.clone();
                self.send(&answer);
                return true;
            }
        }
        self.unread.push(message);
        true
    }

    /// The first unread message that fits.
    fn wait(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            if let Some(i) = self.unread.iter().position(&fits) {
                return self.unread.remove(i);
            }
            assert!(self.read(what), "{what}: the server is gone");
        }
    }

    /// Until the server has said all that it said then, in whatever order.
    fn wait_for_uses(&mut self, what: &str, methods: &BTreeSet<String>) {
        while let Some(method) = methods.iter().find(|m| !self.used.contains(*m)) {
            assert!(self.read(&format!("{what}: {method}")), "{what}: the server is gone");
        }
    }

    fn answer(&mut self, what: &str, id: &Value) -> Value {
        self.wait(what, |m| m.get("method").is_none() && m["id"] == *id)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ends_scan(message: &Value) -> bool {
    message["method"] == "$/progress" && message["params"]["value"]["kind"] == "end"
}

/// What is compared of an answer or a message; `about`: the URI that it is about.
fn compared(method: &str, message: &Value, about: &str) -> Value {
    if let Some(error) = message.get("error") {
        return json!({"error": error["code"]});
    }
    let mut value = message.get("result").or_else(|| message.get("params")).cloned().unwrap_or_default();
    if method == "initialize" {
        value["serverInfo"]["version"].take();
    }
    if method == "textDocument/hover" {
        // The pages of the rules change; which rules are spoken of, and where, does not.
        let text = value["contents"].to_string();
        let codes: BTreeSet<&str> = text.match_indices("(CS").filter_map(|(i, _)| text.get(i + 1..i + 6)).collect();
        value = json!({"codes": codes, "kind": value["contents"]["kind"], "range": value["range"]});
    }
    without_others(&mut value, about);
    without_wordings(&mut value);
    value
}

/// Drops what is said of equal credentials in other documents: it comes when those are read, which is a matter of time
/// (`lsp_equal.rs` tests it).
fn without_others(value: &mut Value, about: &str) {
    const CODE: &str = "CS540";
    let document = |uri: &str| uri.split(['#', ':']).nth(1).map(|path| path.trim_start_matches('/').to_owned());
    match value {
        Value::Object(map) => {
            let about = map.get("uri").and_then(Value::as_str).unwrap_or(about).to_owned();
            let literal = map.get("code").and_then(Value::as_str).is_some_and(|c| !c.starts_with("CS2"));
            if let Some(related) = map.get_mut("relatedInformation").and_then(Value::as_array_mut).filter(|_| literal) {
                related.retain(|r| document(r["location"]["uri"].as_str().unwrap()) == document(&about));
            }
            if map.get("relatedInformation").is_some_and(|r| r.as_array().is_some_and(Vec::is_empty)) {
                map.remove("relatedInformation");
            }
            map.iter_mut().filter(|(key, _)| *key != "location").for_each(|(_, v)| without_others(v, &about));
        }
        Value::Array(list) => {
            list.retain(|v| v["code"] != CODE && !v["title"].as_str().is_some_and(|t| t.contains(CODE)));
            list.iter_mut().for_each(|v| without_others(v, about));
        }
        _ => {}
    }
}

fn without_wordings(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for key in ["data", "resultId"] {
                map.remove(key);
            }
            for (key, value) in map.iter_mut() {
                if key == "message" && value.as_str().is_some_and(|m| !m.is_empty()) {
                    *value = json!("…");
                } else {
                    without_wordings(value);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(without_wordings),
        _ => {}
    }
}

fn transcripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "jsonl"));
    files.sort();
    files
}

/// A copy of the workspace that the transcripts were recorded in.
fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../editors/vscode/test/workspace");
    let mut folders = vec![(from, folder.path().to_path_buf())];
    while let Some((from, to)) = folders.pop() {
        std::fs::create_dir_all(to.join(".git")).unwrap();
        for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
            let to = to.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push((entry.path(), to));
            } else {
                std::fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    folder
}

/// What one side of the session has last said about a document, and what the other needs of it.
#[derive(Default)]
struct Known {
    /// Items by URI: `unchanged` means these.
    items: HashMap<String, Value>,
    /// The live server's result id for each recorded one.
    ids: HashMap<String, Value>,
    /// The live server's data of actions by title.
    actions: HashMap<String, Value>,
}

impl Known {
    /// The client's message with what the live server gave in place of what the recorded one gave.
    fn translate(&self, message: &mut Value) {
        if let Some(id) = message.pointer_mut("/params/previousResultId")
            && let Some(live) = id.as_str().and_then(|id| self.ids.get(id))
        {
            *id = live.clone();
        }
        if message["method"] == "codeAction/resolve"
            && let Some(live) = message["params"]["title"].as_str().and_then(|t| self.actions.get(t))
        {
            message["params"]["data"] = live.clone();
        }
    }

    /// Findings in full, also where an answer says that they are as before.
    fn items(&mut self, uri: &str, message: &mut Value) {
        if message["result"]["kind"] == "unchanged" {
            message["result"] = json!({"kind": "full", "items": self.items.get(uri)});
        } else if let Some(items) = message["result"].get("items") {
            self.items.insert(uri.to_owned(), items.clone());
        }
    }
}

fn replay(file: &Path) {
    let name = file.file_stem().unwrap().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(file).unwrap();
    let mut rows: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    // Requests by sender and id, and the client's answers.
    let mut requests: HashMap<(String, String), Value> = HashMap::new();
    let mut answers: HashMap<String, Vec<Value>> = HashMap::new();
    for row in &rows {
        let (from, message) = (row["from"].as_str().unwrap().to_owned(), &row["message"]);
        let id = message["id"].to_string();
        if message["method"].is_string() {
            if message.get("id").is_some() {
                requests.insert((from, id), message.clone());
            }
        } else if from == "client"
            && let Some(request) = requests.get(&("server".to_owned(), id))
        {
            answers.entry(request["method"].as_str().unwrap().to_owned()).or_default().push(message.clone());
        }
    }
    let answered: BTreeSet<String> = rows
        .iter()
        .filter(|r| r["from"] == "server" && r["message"].get("method").is_none())
        .map(|r| r["message"]["id"].to_string())
        .collect();
    // A client that cancels may be too late, then and now.
    let cancelled: BTreeSet<String> = rows
        .iter()
        .filter(|r| r["message"]["method"] == "$/cancelRequest")
        .map(|r| r["message"]["params"]["id"].to_string())
        .collect();
    let said = rows.iter().filter(|r| r["from"] == "server").filter_map(|r| r["message"]["method"].as_str());
    let said: BTreeSet<String> = said.map(str::to_owned).collect();
    let update = std::env::var_os("UPDATE_TRANSCRIPTS").is_some();
    let folder = workspace();
    let mut server = Server::start(answers, folder.path());
    let mut open: Vec<Value> = Vec::new();
    let (mut then, mut now) = (Known::default(), Known::default());
    let mut scans = 0;
    let mut published: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let place = |m: &Value| format!("{} {}", m["params"]["uri"], m["params"]["version"]);
    for (number, row) in rows.iter_mut().enumerate() {
        let at = format!("{name}, line {}", number + 1);
        let mut message = row["message"].clone();
        let (method, id) = (message["method"].as_str().map(str::to_owned), message.get("id").cloned());
        match (row["from"].as_str().unwrap(), method, id) {
            // The client's own answers are sent when the live server asks.
            ("client", Some(_), id) => {
                // What was asked before a change was answered before it: the recorded server was as fast as that.
                if id.is_none() {
                    for id in open.drain(..) {
                        let answer = server.answer(&at, &id);
                        server.unread.push(answer);
                    }
                }
                if message["method"] == "shutdown" {
                    server.wait_for_uses(&at, &said);
                }
                now.translate(&mut message);
                server.send(&message);
                open.extend(id.filter(|id| answered.contains(&id.to_string())));
            }
            ("server", None, Some(id)) => {
                let request = requests[&("client".to_owned(), id.to_string())].clone();
                let method = request["method"].as_str().unwrap();
                open.retain(|o| *o != id);
                let mut live = server.answer(&format!("{at}: {method}"), &id);
                if update {
                    row["message"] = live.clone();
                    message = live.clone();
                }
                if let Some(id) = message.pointer("/result/resultId").and_then(Value::as_str) {
                    now.ids.insert(id.to_owned(), live["result"]["resultId"].clone());
                }
                let actions = live["result"].as_array().filter(|_| method == "textDocument/codeAction");
                for action in actions.into_iter().flatten() {
                    now.actions.insert(action["title"].as_str().unwrap().to_owned(), action["data"].clone());
                }
                if method == "textDocument/diagnostic" {
                    let uri = request["params"]["textDocument"]["uri"].as_str().unwrap();
                    now.items(uri, &mut live);
                    then.items(uri, &mut message);
                }
                let given_up = cancelled.contains(&id.to_string())
                    && [&live, &message].iter().any(|m| m["error"]["code"] == REQUEST_CANCELLED);
                let about = request.pointer("/params/textDocument/uri").and_then(Value::as_str).unwrap_or("");
                let (live, then) = (compared(method, &live, about), compared(method, &message, about));
                assert!(live == then || given_up, "{at}: {method}: now and then:\n{live}\n{then}");
            }
            ("server", Some(method), None) if method == "textDocument/publishDiagnostics" => {
                let fits = |m: &Value| m["method"] == method && place(m) == place(&message);
                let live = server.wait(&format!("{at}: {method}"), fits);
                if update {
                    row["message"] = live.clone();
                }
                let (now, then) = (compared(&method, &live, ""), compared(&method, &row["message"], ""));
                assert_eq!(now, then, "{at}: {method}: now and then");
                published.entry(place(&live)).or_default().push(now);
            }
            // What the server knows of the workspace, it knows from here on.
            ("server", Some(_), None) if ends_scan(&message) => {
                scans += 1;
                while server.scans < scans {
                    assert!(server.read(&at), "{at}: the server is gone");
                }
            }
            _ => {}
        }
    }
    // Some editors end without a word.
    if !requests.values().any(|r| r["method"] == "shutdown") {
        server.wait_for_uses(&name, &said);
        server.send(&json!({"jsonrpc": "2.0", "id": "end", "method": "shutdown"}));
        server.answer(&name, &json!("end"));
        server.send(&json!({"jsonrpc": "2.0", "method": "exit"}));
    }
    server.input.take();
    while server.read(&name) {}
    // Every request was answered once: those with recorded answers above, the others (of a client that did not wait) here.
    for ((from, id), request) in &requests {
        let count = server.unread.iter().filter(|m| m.get("method").is_none() && m["id"] == request["id"]).count();
        let waits = request["method"] == "workspace/diagnostic";
        let expected = usize::from(from == "client" && !answered.contains(id));
        assert!(
            from == "server" || count == expected || waits,
            "{name}: {} {id}: {count} more answers",
            request["method"]
        );
    }
    for message in server.unread.iter().filter(|m| m["method"] == "textDocument/publishDiagnostics") {
        let known = published.get(&place(message)).is_some_and(|k| k.contains(&compared("", message, "")));
        assert!(known, "{name}: findings that were not there: {message}");
    }
    assert_eq!(server.used, said, "{name}: methods of the server, now and then");
    if update {
        let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
        std::fs::write(file, lines.join("\n") + "\n").unwrap();
    }
}

#[test]
fn every_client_gets_the_answers_that_it_got() {
    let files = transcripts();
    let clients =
        ["emacs-28", "emacs-30", "helix-25.01", "helix-25.07", "jupyterlab", "neovim-0.11", "neovim-0.7", "vscode"];
    for client in clients {
        let of = |f: &&PathBuf| f.file_stem().unwrap().to_string_lossy().starts_with(client);
        assert_eq!(files.iter().filter(of).count(), 1, "a transcript of {client}");
    }
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
