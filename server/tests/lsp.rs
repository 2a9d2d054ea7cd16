//! The life of a session: start, order, errors, cancellation, end.

#![allow(clippy::unwrap_used, reason = "a failure fails the test, as it should")]

mod support;

use std::io::Write;

use serde_json::{Value, json};
use support::{Client, Start, pulling};

const URI: &str = "file:///project/job.py";

#[test]
fn starts_and_ends_as_the_protocol_says() {
    let (mut client, answer) = Client::with(Start::default());
    assert_eq!(answer["serverInfo"]["name"], "credscope");
    assert_eq!(answer["capabilities"]["positionEncoding"], "utf-16");
    assert!(answer["capabilities"].get("diagnosticProvider").is_none(), "nothing to pull for a client that does not");
    assert_eq!(answer["capabilities"]["textDocumentSync"]["change"], 2);
    assert_eq!(answer["capabilities"]["executeCommandProvider"]["commands"][0], "credscope.showProvisioning");
    assert_eq!(client.raw_request("textDocument/noSuchThing", json!({}))["error"]["code"], -32601);
    assert_eq!(client.raw_request("initialize", json!({"capabilities": {}}))["error"]["code"], -32600);
    client.notify("$/whatever", json!({}));
    client.notify("textDocument/noSuchNotification", json!({}));
    assert_eq!(client.finish(), Some(0));
}

#[test]
fn an_exit_without_a_shutdown_is_a_failure() {
    let mut client = Client::start(json!({}));
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), Some(1));
    let mut client = Client::start(json!({}));
    client.input.take();
    assert_eq!(client.exit_code(), Some(1), "the client is gone");
}

#[test]
fn messages_out_of_order_are_refused_or_dropped() {
    let mut client = Client::spawn();
    client.open(URI, "python", "password = 'q7#Lm2vX9'\n");
    let early = client.raw_request(
        "textDocument/hover",
        json!({"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}}),
    );
    assert_eq!(early["error"]["code"], -32002);
    client.request("initialize", json!({"processId": null, "rootUri": null, "capabilities": pulling()}));
    client.notify("initialized", json!({}));
    assert!(client.pull(URI).is_empty(), "what was sent before initialize is not there");
    // Changes of what is not open, a second close.
    client.change(URI, 2, json!([{"text": "password = 'q7#Lm2vX9'\n"}]));
    client.close(URI);
    assert!(client.pull(URI).is_empty());
    client.request("shutdown", Value::Null);
    let late = client.raw_request(
        "textDocument/hover",
        json!({"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}}),
    );
    assert_eq!(late["error"]["code"], -32600);
    client.open(URI, "python", "x = 1\n");
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), Some(0));
}

#[test]
fn malformed_messages_do_not_end_the_session() {
    let mut client = Client::start(pulling());
    client.open(URI, "python", "password = 'q7#Lm2vX9'\n");
    let input = client.input.as_mut().unwrap();
    input.write_all(b"Content-Length: 9\r\n\r\n{\"jsonrpc").unwrap();
    input.write_all(b"Content-Length: 2\r\n\r\n[]").unwrap();
    let error = client.wait(|m| m["error"].is_object());
    assert!(error["error"]["code"] == -32700 || error["error"]["code"] == -32600, "{error}");
    // Parameters of every wrong shape.
    for method in [
        "textDocument/didOpen", "textDocument/didChange", "notebookDocument/didOpen", "notebookDocument/didChange",
        "workspace/didChangeConfiguration", "workspace/didChangeWatchedFiles", "workspace/didChangeWorkspaceFolders",
        "$/setTrace", "$/cancelRequest",
    ] {
        for params in [
            json!(null),
            json!([]),
            json!(7),
            json!({"textDocument": 3, "contentChanges": {"x": 1}}),
            json!({"change": {"cells": {"structure": 1}}}),
        ] {
            client.notify(method, params);
        }
    }
    for method in [
        "textDocument/hover", "textDocument/codeAction", "codeAction/resolve", "textDocument/completion",
        "textDocument/diagnostic", "workspace/executeCommand",
    ] {
        let answer =
            client.raw_request(method, json!({"textDocument": "x", "position": [], "range": {"start": {"line": -1}}}));
        assert!(answer.get("result").is_some() || answer.get("error").is_some());
    }
    assert_eq!(support::codes(&client.pull(URI)), ["CS106"]);
    assert_eq!(client.finish(), Some(0));
}

/// A bug in a task must cost that task alone. Builds without debug assertions have no message that panics.
#[test]
#[cfg(debug_assertions)]
fn a_panic_is_answered_as_an_error_and_the_session_goes_on() {
    let mut client = Client::start(pulling());
    client.open(URI, "python", "password = 'q7#Lm2vX9'\n");
    for on in ["loop", "pool", "loop", "pool"] {
        let answer = client.raw_request("credscope/panic", json!({"on": on}));
        assert_eq!(answer["error"]["code"], -32603, "{on}: {answer}");
        assert!(answer["error"]["message"].as_str().unwrap().starts_with("internal error"), "{answer}");
        assert_eq!(support::codes(&client.pull(URI)), ["CS106"], "{on}");
    }
    client.change(URI, 2, json!([{"text": "x = 1\n"}]));
    assert!(client.pull(URI).is_empty());
    assert_eq!(client.finish(), Some(0));
}

/// The message of a panic may quote the document: what is printed is the place of the bug alone.
#[test]
#[cfg(debug_assertions)]
fn the_message_of_a_panic_is_not_printed() {
    use std::{io::Write as _, process::Stdio};
    let mut server = std::process::Command::new(env!("CARGO_BIN_EXE_credscope"))
        .arg("server")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = server.stdin.take().unwrap();
    let mut output = std::io::BufReader::new(server.stdout.take().unwrap());
    for message in [
        json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}),
        json!({"jsonrpc": "2.0", "method": "initialized", "params": {}}),
        json!({"jsonrpc": "2.0", "id": 2, "method": "credscope/panic", "params": {"on": "loop"}}),
        json!({"jsonrpc": "2.0", "id": 3, "method": "shutdown"}),
        json!({"jsonrpc": "2.0", "method": "exit"}),
    ] {
        let body = message.to_string();
        write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        while message.get("id").is_some() && support::read(&mut output).unwrap().get("id") != message.get("id") {}
    }
    drop(input);
    let errors = String::from_utf8(server.wait_with_output().unwrap().stderr).unwrap();
    assert!(errors.contains("internal error at server/src/lsp/answers.rs:"), "{errors}");
    assert!(!errors.contains("asked for"), "{errors}");
}

/// A bug that a notification meets costs nothing but time: the text has the change, and is read once more.
#[test]
#[cfg(debug_assertions)]
fn a_panic_in_a_notification_leaves_the_document_as_the_client_has_it() {
    let mut client = Client::start(json!({}));
    client.open(URI, "python", "password = 'q7#Lm2vX9'\n");
    assert_eq!(support::codes(&client.pushed(URI)), ["CS106"]);
    // The notification itself.
    client.notify("credscope/panic", json!({}));
    // The analysis after a change, once: it is done again at once, from the beginning.
    client.notify("credscope/panic", json!({"analyses": 1}));
    let start = json!({"line": 0, "character": 0});
    let insert = |text: &str| json!([{"range": {"start": start, "end": start}, "text": text}]);
    client.change(URI, 2, insert("\n"));
    let push = client.push(URI);
    assert_eq!((&push["version"], &push["diagnostics"][0]["range"]["start"]["line"]), (&json!(2), &json!(1)));
    // Again and again: nothing is said of the text, least of all that it is clean.
    client.notify("credscope/panic", json!({"analyses": 2}));
    client.change(URI, 3, insert("x = 1\n"));
    // The next change counts from the text that the client has.
    client.change(URI, 4, insert("y = 2\n"));
    let push = client.push(URI);
    assert_eq!((&push["version"], &push["diagnostics"][0]["range"]["start"]["line"]), (&json!(4), &json!(3)));
    // The same when it is opened and closed, and for notebooks.
    client.notify("credscope/panic", json!({"analyses": 1}));
    client.open("file:///project/b.py", "python", "token_password = 'w8#Kn3uY0'\n");
    assert_eq!(support::codes(&client.pushed("file:///project/b.py")), ["CS106"]);
    let cell = "vscode-notebook-cell:/project/n.ipynb#c1";
    client.notify("credscope/panic", json!({"analyses": 1}));
    client.open_notebook("file:///project/n.ipynb", json!({}), &[(cell, "python", "password = 'v9#Jo4tZ1'\n", 2)]);
    assert_eq!(support::codes(&client.pushed(cell)), ["CS106"]);
    client.notify("credscope/panic", json!({}));
    client.close(URI);
    assert!(client.pushed(URI).is_empty());
    assert_eq!(client.finish(), Some(0));
}

#[test]
fn a_cancelled_request_is_answered_once_as_cancelled() {
    let (mut client, _) = Client::with(Start { capabilities: pulling(), ..Start::default() });
    // Nothing to tell: the request waits.
    let mut previous = json!([]);
    client.open(URI, "python", "password = 'q7#Lm2vX9'\n");
    let first = client.request("workspace/diagnostic", json!({"previousResultIds": previous}));
    previous =
        first["items"].as_array().unwrap().iter().map(|i| json!({"uri": i["uri"], "value": i["resultId"]})).collect();
    let id = client.ask("workspace/diagnostic", json!({"previousResultIds": previous}));
    assert_eq!(support::codes(&client.pull(URI)), ["CS106"], "a request that waits holds nothing up");
    client.notify("$/cancelRequest", json!({"id": id}));
    client.notify("$/cancelRequest", json!({"id": id}));
    client.notify("$/cancelRequest", json!({"id": 9999}));
    assert_eq!(client.answer(id)["error"]["code"], -32800);
    client.pull(URI);
    assert!(!client.seen.iter().any(|m| m["id"] == id), "answered twice");
}

#[test]
fn ends_when_the_editor_is_gone() {
    // Waits for its input.
    let program = if cfg!(windows) { "more" } else { "cat" };
    let mut editor = std::process::Command::new(program).stdin(std::process::Stdio::piped()).spawn().unwrap();
    let mut client = Client::spawn();
    client.request("initialize", json!({"processId": editor.id(), "rootUri": null, "capabilities": {}}));
    editor.kill().unwrap();
    editor.wait().unwrap();
    assert_eq!(client.exit_code(), Some(1));
}

#[test]
fn traces_and_logs_say_what_happened_and_never_what_was_written() {
    let folder = support::folder(&[]);
    let log = folder.path().join("server.log");
    let options = json!({"credscope": {"logFile": log, "logLevel": "trace"}});
    let (mut client, _) = Client::with(Start { options, extra: json!({"trace": "verbose"}), ..Start::default() });
    client.open(URI, "python", "password = 'q7#Lm2vX9'\n");
    client.pushed(URI);
    let trace =
        client.wait(|m| m["method"] == "$/logTrace" && m["params"]["message"].as_str().unwrap().contains("didOpen"));
    assert!(!trace.to_string().contains("q7#Lm2vX9"));
    client.notify("$/setTrace", json!({"value": "off"}));
    client.change(URI, 2, json!([{"text": "token = 'q7#Lm2vX9'\n"}]));
    client.pushed(URI);
    assert!(
        !client
            .seen
            .iter()
            .any(|m| m["method"] == "$/logTrace" && m["params"]["message"].as_str().unwrap().contains("didChange"))
    );
    let written = std::fs::read_to_string(log).unwrap();
    assert!(written.contains("didOpen") && !written.contains("q7#Lm2vX9"), "{written}");
}
