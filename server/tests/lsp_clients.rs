//! What real clients need: each test is one consequence of how editors behave.

#![allow(clippy::unwrap_used, reason = "a failure fails the test, as it should")]

mod support;

use serde_json::{Value, json};
use support::{Client, Start, apply, codes, edits, folder, pulling, uri};

const URI: &str = "file:///project/job.py";
const PLAIN: &str = "password = 'q7#Lm2vX9'\n";

#[test]
fn positions_count_in_the_first_encoding_that_the_client_offers() {
    for (offered, encoding, column) in [
        (json!(["utf-8", "utf-16", "utf-32"]), "utf-8", 26),
        (json!(["utf-8", "utf-32", "utf-16"]), "utf-8", 26),
        (json!(["utf-32", "utf-8", "utf-16"]), "utf-32", 23),
        (json!(["utf-16"]), "utf-16", 24),
        (json!(["utf-7", "utf-32"]), "utf-32", 23),
        (json!(null), "utf-16", 24),
    ] {
        let capabilities = json!({"general": {"positionEncodings": offered}, "textDocument": {"diagnostic": {}}});
        let (mut client, answer) = Client::with(Start { capabilities, ..Start::default() });
        assert_eq!(answer["capabilities"]["positionEncoding"], encoding);
        client.open(URI, "python", "x = '𝄞'; db_password = 'q7#Lm2vX9'\r\n");
        assert_eq!(client.pull(URI)[0]["range"]["start"]["character"], column, "{encoding}");
        // An edit after the astral character goes to the same place.
        let at = json!({"line": 0, "character": column + 1});
        client.change(URI, 2, json!([{"range": {"start": at, "end": at}, "text": "é"}]));
        let end = client.pull(URI)[0]["range"]["end"]["character"].as_u64().unwrap();
        assert_eq!(end, column + 11 + if encoding == "utf-8" { 2 } else { 1 });
    }
}

#[test]
fn pushes_to_clients_that_do_not_ask_and_only_to_them() {
    let mut client = Client::start(json!({}));
    client.open(URI, "python", PLAIN);
    let push = client.push(URI);
    assert_eq!(push["version"], 1);
    assert_eq!(push["diagnostics"][0]["code"], "CS106");
    client.change(URI, 2, json!([{"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 8}}, "text": "colour"}]));
    assert_eq!(client.push(URI), json!({"uri": URI, "diagnostics": [], "version": 2}));
    client.close(URI);
    assert!(client.pushed(URI).is_empty());
    // A client that asks is not pushed to, and is told to ask again only when it can be.
    for refresh in [true, false] {
        let capabilities =
            json!({"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": refresh}}});
        let mut client = Client::start(capabilities);
        client.open(URI, "python", PLAIN);
        assert_eq!(codes(&client.pull(URI)), ["CS106"]);
        client.notify("workspace/didChangeConfiguration", json!({"settings": {"credscope": {"ignore": ["CS106"]}}}));
        assert!(client.pull(URI).is_empty());
        assert!(!client.seen.iter().any(|m| m["method"] == "textDocument/publishDiagnostics"));
        if refresh {
            client.wait(|m| m["method"] == "workspace/diagnostic/refresh");
        } else {
            assert!(!client.asked.iter().any(|m| m.contains("refresh")));
        }
    }
}

#[test]
fn pulls_are_answered_with_unchanged_while_nothing_changed() {
    let mut client = Client::start(pulling());
    client.open(URI, "python", PLAIN);
    let ask = |client: &mut Client, id: &Value| {
        client.request("textDocument/diagnostic", json!({"textDocument": {"uri": URI}, "previousResultId": id}))
    };
    let first = ask(&mut client, &Value::Null);
    assert_eq!(first["kind"], "full");
    assert_eq!(ask(&mut client, &first["resultId"])["kind"], "unchanged");
    client.change(URI, 2, json!([{"text": format!("\n{PLAIN}")}]));
    assert_eq!(ask(&mut client, &first["resultId"])["kind"], "full");
}

#[test]
fn a_suppression_that_silences_nothing_is_tagged_for_clients_that_show_tags() {
    for tags in [true, false] {
        let support = if tags { json!({"tagSupport": {"valueSet": [1, 2]}}) } else { json!({"tagSupport": false}) };
        let mut client = Client::start(json!({"textDocument": {"publishDiagnostics": support}}));
        client.open(URI, "python", "x = 1  # credscope: ignore[named-variable] gone\npassword = 'q7#Lm2vX9'\n");
        let found = client.pushed(URI);
        assert_eq!(codes(&found), ["CS001", "CS106"]);
        assert_eq!(found[0].get("tags"), tags.then(|| json!([1])).as_ref());
        assert!(found[1].get("tags").is_none());
    }
}

#[test]
fn actions_need_neither_diagnostics_nor_their_data() {
    let mut client = Client::start(pulling());
    client.open(URI, "python", PLAIN);
    let cursor = json!({"start": {"line": 0, "character": 14}, "end": {"line": 0, "character": 14}});
    let actions = client.actions(URI, &cursor, None);
    assert!(actions[0]["title"].as_str().unwrap().starts_with("Move to secret scope"), "{actions:?}");
    assert_eq!(actions[0]["diagnostics"][0]["code"], "CS106");
    let elsewhere = json!({"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 0}});
    assert!(client.actions(URI, &elsewhere, None).is_empty());
}

#[test]
fn edits_come_in_the_form_that_the_client_takes() {
    for (document_changes, resolve) in [(false, false), (true, false), (false, true), (true, true)] {
        let properties = if resolve { json!(["edit", "command"]) } else { json!([]) };
        let capabilities = json!({
            "workspace": {"workspaceEdit": {"documentChanges": document_changes}},
            "textDocument": {"diagnostic": {}, "codeAction": {"resolveSupport": {"properties": properties}}},
        });
        let mut client = Client::start(capabilities);
        client.open(URI, "python", PLAIN);
        let range = client.pull(URI)[0]["range"].clone();
        let mut action = client.action(URI, &range, "Move to secret scope");
        assert_eq!(action.get("edit").is_none(), resolve, "{action}");
        if resolve {
            let stale = action.clone();
            // The analysis is another one, the text is the same: what was chosen is done.
            client.notify(
                "workspace/didChangeConfiguration",
                json!({"settings": {"credscope": {"severity": {"CS106": "hint"}}}}),
            );
            assert_eq!(client.pull(URI)[0]["severity"], 4);
            action = client.request("codeAction/resolve", action);
            client.change(URI, 2, json!([{"text": format!("\n{PLAIN}")}]));
            assert_eq!(
                client.raw_request("codeAction/resolve", stale)["error"]["code"],
                -32801,
                "the text is another one"
            );
        }
        assert_eq!(action["edit"].get("documentChanges").is_some(), document_changes);
        if document_changes {
            assert_eq!(action["edit"]["documentChanges"][0]["textDocument"], json!({"uri": URI, "version": 1}));
        }
        let fixed = apply(PLAIN, &edits(&action["edit"])[URI]);
        assert!(fixed.contains("dbutils.secrets.get("), "{fixed}");
    }
}

#[test]
fn the_language_id_counts_more_than_the_file_name() {
    let mut client = Client::start(json!({}));
    // JupyterLab: the joined cells of a notebook as Python, whole texts, versions that start at 0 and repeat.
    let virtual_document = "file:///project/.virtual_documents/nb.ipynb";
    let item = json!({"uri": virtual_document, "languageId": "python", "version": 0, "text": "import os\n\n\npassword = 'q7#Lm2vX9'\n\n\nget_ipython().run_line_magic(\"sql\", \"\")\n"});
    client.notify("textDocument/didOpen", json!({"textDocument": item}));
    let found = client.pushed(virtual_document);
    assert_eq!((codes(&found), &found[0]["range"]["start"]["line"]), (vec!["CS106".to_owned()], &json!(3)));
    for _ in 0..2 {
        client.change(virtual_document, 0, json!([{"text": "\npassword = 'q7#Lm2vX9'\n"}]));
        assert_eq!(client.pushed(virtual_document)[0]["range"]["start"]["line"], 1);
    }
    // Neovim and Helix: the notebook's JSON.
    let raw = "file:///project/raw.ipynb";
    let notebook = json!({"cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "source": ["password = 'q7#Lm2vX9'\n"]}], "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5});
    client.open(raw, "json", &serde_json::to_string_pretty(&notebook).unwrap());
    let found = client.pushed(raw);
    assert_eq!(codes(&found), ["CS106"]);
    assert!(found[0]["range"]["start"]["line"].as_u64().unwrap() > 0);
}

#[test]
fn names_tell_what_bare_editors_do_not_know() {
    let mut client = Client::start(pulling());
    for (name, language, text, code) in [
        ("job.scala", "plaintext", "val password = \"q7#Lm2vX9\"\n", "CS106"),
        ("job.scala", "scala", "val password = \"q7#Lm2vX9\"\n", "CS106"),
        ("job.sql", "sql", "CREATE CONNECTION c TYPE mysql OPTIONS (password 'q7#Lm2vX9')", "CS121"),
        ("job.r", "r", "password <- 'q7#Lm2vX9'\n", "CS106"),
        ("spark-defaults.conf", "properties", "spark.db.password q7#Lm2vX9\n", ""),
        ("db.properties", "properties", "db.password=q7#Lm2vX9\n", ""),
        ("databricks.yml", "yaml", "password: q7#Lm2vX9\n", ""),
        ("main.tf", "terraform", "resource \"x\" \"y\" {\n  password = \"q7#Lm2vX9\"\n}\n", ""),
        ("untitled", "python", PLAIN, "CS106"),
    ] {
        let uri = format!("file:///project/{name}");
        client.open(&uri, language, text);
        let found = codes(&client.pull(&uri));
        assert!(
            if code.is_empty() { !found.is_empty() } else { found.iter().any(|c| c == code) },
            "{name} as {language}: {found:?}"
        );
        client.close(&uri);
    }
    // A text that has no file yet.
    client.open("untitled:Untitled-1", "python", PLAIN);
    assert_eq!(codes(&client.pull("untitled:Untitled-1")), ["CS106"]);
}

#[test]
fn only_filters_and_fix_all_are_what_people_know() {
    let options = json!({"secrets": {"scope": "jdbc", "declared": {"jdbc": ["password"]}}});
    let (mut client, answer) = Client::with(Start { capabilities: pulling(), options, ..Start::default() });
    let kinds = &answer["capabilities"]["codeActionProvider"]["codeActionKinds"];
    assert_eq!(*kinds, json!(["quickfix", "source.fixAll.credscope", "notebook.source.fixAll.credscope"]));
    let text = "# Databricks notebook source\npassword = 'q7#Lm2vX9'\napi_token = 'w8#Kn3uY0'\n";
    client.open(URI, "python", text);
    let whole = json!({"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}});
    assert!(client.actions(URI, &whole, None).iter().all(|a| a["kind"] == "quickfix"), "fix-all comes when asked for");
    for only in ["source", "source.fixAll", "source.fixAll.credscope"] {
        let actions = client.actions(URI, &whole, Some(only));
        assert_eq!(actions.len(), 1, "{only}: {actions:?}");
        let fixed = apply(text, &edits(&actions[0]["edit"])[URI]);
        assert!(fixed.contains("key='password')\napi_token = 'w8#Kn3uY0'"), "only what is declared is safe: {fixed}");
    }
    for only in ["source.fixAll.ruff", "refactor", "source.organizeImports", "quickfix.x"] {
        assert!(client.actions(URI, &whole, Some(only)).is_empty(), "{only}");
    }
    assert!(client.actions(URI, &whole, Some("quickfix")).iter().all(|a| a["kind"] == "quickfix"));
    let diagnostic = &client.pull(URI)[0];
    assert!(diagnostic["codeDescription"]["href"].as_str().unwrap().starts_with("https://"));
    assert_eq!(diagnostic["data"]["rule"], "named-variable");
}

#[test]
fn settings_come_three_ways() {
    let text = "# Databricks notebook source\npassword = 'q7#Lm2vX9'\n";
    let settings = |scope: &str| json!({"secrets": {"scope": scope}});
    let title = |client: &mut Client| {
        let found = client.pull(URI);
        client.action(URI, &found[0]["range"], "Move to secret scope")["title"].as_str().unwrap().to_owned()
    };
    let capabilities = json!({"textDocument": {"diagnostic": {}}, "workspace": {"configuration": true}});
    let (mut client, _) = Client::with(Start {
        capabilities: capabilities.clone(),
        options: settings("options"),
        settings: settings("asked"),
        ..Start::default()
    });
    client.wait(|m| m["method"] == "workspace/configuration");
    client.open(URI, "python", text);
    // The answer to the question counts more than the options.
    for _ in 0..100 {
        if title(&mut client).contains("`asked`") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(title(&mut client).contains("`asked`"));
    client.settings = settings("again");
    client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    client.wait(|m| m["method"] == "workspace/configuration");
    for _ in 0..100 {
        if title(&mut client).contains("`again`") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(title(&mut client).contains("`again`"));
    // A client that cannot be asked pushes.
    let (mut client, _) =
        Client::with(Start { capabilities: pulling(), options: settings("options"), ..Start::default() });
    client.open(URI, "python", text);
    assert!(title(&mut client).contains("`options`"));
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"credscope": settings("pushed")}}));
    assert!(title(&mut client).contains("`pushed`"));
    client.notify(
        "workspace/didChangeConfiguration",
        json!({"settings": {"credscope": {"severity": {"named-variable": "hint"}}}}),
    );
    assert_eq!(client.pull(URI)[0]["severity"], 4);
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"credscope": {"enable": false}}}));
    assert!(client.pull(URI).is_empty());
}

#[test]
fn roots_are_found_in_every_form_and_configuration_without_any() {
    let project = folder(&[
        ("credscope.toml", "[secrets]\nscope = \"etl\"\n"),
        ("a.py", "x = dbutils.secrets.get('other', 'key1')\n"),
    ]);
    let path = project.path();
    let job = uri(&path.join("src/job.py"));
    for extra in [
        json!({"workspaceFolders": [{"uri": uri(path), "name": "p"}]}),
        json!({"workspaceFolders": null, "rootUri": uri(path)}),
        json!({"workspaceFolders": [], "rootUri": null, "rootPath": path}),
        json!({"workspaceFolders": null, "rootUri": null}),
    ] {
        let rooted = extra["rootUri"].is_string()
            || extra["rootPath"].is_string()
            || extra["workspaceFolders"].is_array() && extra["workspaceFolders"] != json!([]);
        let (mut client, _) = Client::with(Start { capabilities: pulling(), extra: extra.clone(), ..Start::default() });
        client.open(&job, "python", "password = 'q7#Lm2vX9'\nx = dbutils.secrets.get('')\n");
        let range = client.pull(&job)[0]["range"].clone();
        client.action(&job, &range, "Move to secret scope `etl`");
        if rooted {
            client.request("workspace/diagnostic", json!({"previousResultIds": []}));
            assert!(client.labels(&job, 1, 25).contains(&"other".to_owned()), "{extra}");
        }
    }
}

#[test]
fn the_flag_for_the_transport_is_accepted_and_nothing_but_messages_is_printed() {
    // Every other test starts the server with `--stdio` and reads messages only.
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_credscope"))
        .args(["server", "--stdio"])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert!(output.stdout.is_empty());
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn every_need_of_clients_has_its_test() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("editors/README.md")).unwrap();
    let mut tests = String::new();
    let folders =
        ["server/tests", "editors/vscode/test", "editors/neovim/test", "editors/jupyterlab/test", "editors/helix"];
    for folder in folders {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let file = entry.unwrap().path();
            if file.extension().is_some_and(|e| ["rs", "ts", "lua", "mjs", "sh"].iter().any(|known| e == *known)) {
                tests += &std::fs::read_to_string(file).unwrap();
            }
        }
    }
    let mut needs = 0;
    for row in page.lines().filter(|l| l.starts_with("| ") && l.as_bytes()[2].is_ascii_digit()) {
        needs += 1;
        let names: Vec<&str> = row.rsplit('|').nth(1).unwrap().split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{row}");
        for name in names {
            let known = if name.contains('_') { format!("fn {name}(") } else { format!("\"{name}\"") };
            assert!(tests.contains(&known), "no test {name:?}");
        }
    }
    assert_eq!(needs, 12);
}
