//! Equal credentials of several documents (CS540): open ones and files of the workspace, as they change, come and go.

#![allow(clippy::unwrap_used, reason = "a failure fails the test, as it should")]

mod support;

use serde_json::{Value, json};
use support::{Client, Start, codes, folder, pulling, uri};

const A: &str = "file:///project/a.py";
const B: &str = "file:///project/b.py";
const ONE: &str = "db_password = 'q7#Lm2vX9'\n";
const OTHER: &str = "x = 1\ntoken_password = 'w8#Kn3uY0'\n";

fn with_code<'v>(items: &'v [Value], code: &str) -> &'v Value {
    items.iter().find(|i| i["code"] == code).unwrap_or(&Value::Null)
}

/// URI and line of the related places of a diagnostic.
fn related(item: &Value) -> Vec<(String, u64)> {
    let rows = item["relatedInformation"].as_array().cloned().unwrap_or_default();
    let row = |r: &Value| {
        let location = &r["location"];
        (location["uri"].as_str().unwrap().to_owned(), location["range"]["start"]["line"].as_u64().unwrap())
    };
    rows.iter().map(row).collect()
}

/// The next pushes of a document until one has these codes.
fn until(client: &mut Client, uri: &str, wanted: &[&str]) -> Vec<Value> {
    loop {
        let items = client.pushed(uri);
        if codes(&items) == wanted {
            return items;
        }
    }
}

#[test]
fn open_documents_hear_of_each_other_as_they_become_equal_and_unequal() {
    let mut client = Client::start(json!({}));
    client.open(A, "python", ONE);
    assert_eq!(codes(&client.pushed(A)), ["CS106"]);
    client.open(B, "python", OTHER);
    assert_eq!(codes(&client.pushed(B)), ["CS106"]);
    // B's value becomes A's: B is told at once, A soon, without a change of its own.
    let equal = OTHER.replace("w8#Kn3uY0", "q7#Lm2vX9");
    client.change(B, 2, json!([{"text": equal}]));
    let b = client.push(B);
    assert_eq!(b["version"], 2);
    let items = b["diagnostics"].as_array().unwrap();
    assert_eq!(codes(items), ["CS106"], "the first by path tells");
    assert_eq!(related(&items[0]), [(A.to_owned(), 0)]);
    let a = client.push(A);
    assert_eq!(a["version"], 1);
    let items = a["diagnostics"].as_array().unwrap();
    assert_eq!(codes(items), ["CS106", "CS540"]);
    let told = with_code(items, "CS540");
    assert_eq!(told["message"], "the same credential stands in 2 files");
    assert_eq!(related(told), [(B.to_owned(), 1)]);
    assert_eq!(told["range"], with_code(items, "CS106")["range"]);
    // The fix of the credential is offered for it, too.
    client.action(A, &told["range"].clone(), "Ignore same-credential-many-places (CS540) here with a reason");
    // It moves down a line.
    let start = json!({"line": 0, "character": 0});
    client.change(B, 3, json!([{"range": {"start": start, "end": start}, "text": "\n"}]));
    assert_eq!(related(with_code(&client.pushed(A), "CS540")), [(B.to_owned(), 2)]);
    // And becomes another one again.
    client.change(B, 4, json!([{"text": OTHER}]));
    let items = until(&mut client, A, &["CS106"]);
    assert!(related(&items[0]).is_empty(), "{items:?}");
    client.change(B, 5, json!([{"text": ONE}]));
    until(&mut client, A, &["CS106", "CS540"]);
    client.close(B);
    let items = until(&mut client, A, &["CS106"]);
    assert!(related(&items[0]).is_empty(), "{items:?}");
    assert_eq!(client.finish(), Some(0));
}

#[test]
fn a_client_that_asks_is_told_to_ask_again() {
    let capabilities =
        json!({"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": true}}});
    let mut client = Client::start(capabilities);
    client.open(A, "python", ONE);
    assert_eq!(codes(&client.pull(A)), ["CS106"]);
    let cell = "vscode-notebook-cell:/project/n.ipynb#c1";
    client.open_notebook("file:///project/n.ipynb", json!({}), &[(cell, "python", ONE, 2)]);
    let items = client.pull(cell);
    assert_eq!(related(with_code(&items, "CS106")), [(A.to_owned(), 0)]);
    // The first word to ask again may be about something else.
    let items = loop {
        client.wait(|m| m["method"] == "workspace/diagnostic/refresh");
        let items = client.pull(A);
        if codes(&items) == ["CS106", "CS540"] {
            break items;
        }
    };
    assert_eq!(related(with_code(&items, "CS540")), [(cell.to_owned(), 0)], "the cell, not the notebook");
    // Rules are switched off as ever.
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"credscope": {"ignore": ["CS540"]}}}));
    assert_eq!(codes(&client.pull(A)), ["CS106"]);
    assert_eq!(client.finish(), Some(0));
}

/// Code, line, message and severity of the findings of a file.
type Row = (String, u64, String);

#[test]
fn files_of_all_folders_count_as_far_as_they_were_read_and_as_in_a_report() {
    let files = [
        ("one/a.py", "db_password = 'q7#Lm2vX9'\n"),
        ("one/b.py", "x = 1\n\ndb_password = 'q7#Lm2vX9'\napi_password = 'w8#Kn3uY0'\n"),
        ("two/c.py", "password = 'q7#Lm2vX9'\nother_password = 'w8#Kn3uY0'\n"),
        ("two/d.py", "password = 'w8#Kn3uY0'  # credscope: ignore[CS540] known\n"),
    ];
    let project = folder(&files);
    let folders: Vec<Value> =
        ["one", "two"].iter().map(|name| json!({"uri": uri(&project.path().join(name)), "name": name})).collect();
    let extra = json!({"workspaceFolders": folders});
    let (mut client, _) = Client::with(Start { capabilities: pulling(), extra, ..Start::default() });
    let path = |name: &str| uri(&project.path().join(name));
    // One of them is open.
    client.open(&path("one/b.py"), "python", files[1].1);
    client.pull(&path("one/b.py"));
    let report = client.request("workspace/diagnostic", json!({"previousResultIds": []}));
    let served = |report: &Value, name: &str| -> Vec<Row> {
        let of = report["items"].as_array().unwrap().iter().find(|i| i["uri"] == path(name).as_str()).cloned();
        let items = of.unwrap_or_default()["items"].as_array().cloned().unwrap_or_default();
        let row = |d: &Value| {
            let line = d["range"]["start"]["line"].as_u64().unwrap() + 1;
            (d["code"].as_str().unwrap().to_owned(), line, d["message"].as_str().unwrap().to_owned())
        };
        let mut rows: Vec<Row> = items.iter().map(row).collect();
        rows.sort();
        rows
    };
    let output = assert_cmd::Command::new(env!("CARGO_BIN_EXE_credscope"))
        .args(["check", "--format", "json", "."])
        .current_dir(project.path())
        .output()
        .unwrap();
    let checked: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut several = 0;
    for (name, _) in files {
        let here = checked["findings"].as_array().unwrap().iter().filter(|f| f["path"] == name);
        let row = |f: &Value| {
            let line = f["range"]["start"]["line"].as_u64().unwrap();
            (f["code"].as_str().unwrap().to_owned(), line, f["message"].as_str().unwrap().to_owned())
        };
        let mut rows: Vec<Row> = here.map(row).collect();
        rows.sort();
        several += rows.iter().filter(|r| r.0 == "CS540").count();
        assert_eq!(served(&report, name), rows, "{name}");
    }
    assert!(several > 0);
    // The open one changes: the files are told, and a request that waits is answered.
    let previous: Vec<Value> =
        report["items"].as_array().unwrap().iter().map(|i| json!({"uri": i["uri"], "value": i["resultId"]})).collect();
    client.change(&path("one/b.py"), 2, json!([{"text": "x = 1\n"}]));
    client.pull(&path("one/b.py"));
    let told = loop {
        let again = client.request("workspace/diagnostic", json!({"previousResultIds": previous}));
        let told = served(&again, "one/a.py");
        if !told.is_empty() {
            break told;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    assert_eq!(told.iter().find(|r| r.0 == "CS540").unwrap().2, "the same credential stands in 2 files");
    assert_eq!(client.finish(), Some(0));
}

#[test]
fn a_client_that_shows_open_files_hears_of_open_files() {
    let project = folder(&[("a.py", ONE), ("b.py", ONE)]);
    let path = |name: &str| uri(&project.path().join(name));
    let (mut client, _) = Client::with(Start { root: Some(project.path().into()), ..Start::default() });
    client.open(&path("a.py"), "python", ONE);
    assert_eq!(codes(&client.pushed(&path("a.py"))), ["CS106"]);
    client.open(&path("b.py"), "python", ONE);
    until(&mut client, &path("a.py"), &["CS106", "CS540"]);
    // Closed, it is one of the files again, which are not shown.
    client.close(&path("b.py"));
    until(&mut client, &path("a.py"), &["CS106"]);
    assert_eq!(client.finish(), Some(0));
}
