//! Configuration, folders, files that are not open, hover and completion from all of them.

#![allow(clippy::unwrap_used, reason = "a failure fails the test, as it should")]

mod support;

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use support::{Client, Start, apply, codes, edits, folder, pulling, uri};

const PLAIN: &str = "password = 'q7#Lm2vX9'\n";

/// Writes with a time that differs from the one before.
fn write(path: &std::path::Path, text: &str, seconds: u64) {
    std::fs::write(path, text).unwrap();
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_secs(seconds)).unwrap();
}

fn watched(client: &mut Client, path: &std::path::Path) {
    // VS Code reports one change twice.
    let change = json!({"uri": uri(path), "type": 2});
    client.notify("workspace/didChangeWatchedFiles", json!({"changes": [change, change]}));
    client.notify("workspace/didChangeWatchedFiles", json!({"changes": [change]}));
}

#[test]
fn configuration_is_watched_and_looked_at_on_open_and_save() {
    let project = folder(&[("credscope.toml", "")]);
    let config = project.path().join("credscope.toml");
    let job = uri(&project.path().join("job.py"));
    for watches in [true, false] {
        write(&config, "", 0);
        let capabilities = json!({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": watches}}});
        let (mut client, _) =
            Client::with(Start { capabilities, root: Some(project.path().into()), ..Start::default() });
        if watches {
            let asked = client.wait(|m| m["method"] == "client/registerCapability");
            assert!(asked.to_string().contains("credscope.toml"));
        }
        client.open(&job, "python", PLAIN);
        assert_eq!(codes(&client.pushed(&job)), ["CS106"]);
        write(&config, "ignore = [\"CS106\"]\n", 10);
        if watches {
            watched(&mut client, &config);
        } else {
            client.notify("textDocument/didSave", json!({"textDocument": {"uri": job}}));
        }
        assert!(client.pushed(&job).is_empty());
        write(&config, "[severity]\nnamed-variable = \"hint\"\n", 20);
        if watches {
            watched(&mut client, &config);
        } else {
            let other = uri(&project.path().join("other.py"));
            client.open(&other, "python", "x = 1\n");
            client.pushed(&other);
        }
        assert_eq!(client.pushed(&job)[0]["severity"], 4);
    }
}

#[test]
fn errors_of_the_configuration_stand_in_its_file() {
    let project = folder(&[("credscope.toml", "[secrets]\nscop = \"jdbc\"\n")]);
    let config = uri(&project.path().join("credscope.toml"));
    let job = uri(&project.path().join("job.py"));
    let (mut client, _) = Client::with(Start { root: Some(project.path().into()), ..Start::default() });
    client.open(&job, "python", PLAIN);
    let found = client.pushed(&config);
    assert_eq!(found[0]["range"], json!({"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 4}}));
    assert!(found[0]["message"].as_str().unwrap().contains("did you mean `scope`?"));
    // Mended in the editor, then saved.
    client.open(&config, "toml", "[secrets]\nscop = \"jdbc\"\n");
    assert_eq!(
        client.wait(|m| m["params"]["uri"] == config && m["params"]["version"] == 1)["params"]["diagnostics"][0]["severity"],
        1
    );
    client.change(
        &config,
        2,
        json!([{"range": {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 4}}, "text": "e"}]),
    );
    let mended = client.wait(|m| m["params"]["uri"] == config && m["params"]["version"] == 2);
    assert_eq!(mended["params"]["diagnostics"], json!([]));
    // A client that asks is answered there.
    let (mut client, _) =
        Client::with(Start { capabilities: pulling(), root: Some(project.path().into()), ..Start::default() });
    client.open(&config, "toml", "[secrets]\nscop = \"jdbc\"\n");
    assert_eq!(codes(&client.pull(&config)), ["configuration"]);
}

#[test]
fn scopes_that_other_files_declare_are_known() {
    let project =
        folder(&[("databricks.yml", "bundle: {name: x}\nresources:\n  secret_scopes:\n    a: {name: kv-sales}\n")]);
    let bundle = project.path().join("databricks.yml");
    let job = uri(&project.path().join("job.py"));
    let capabilities = json!({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}}});
    let (mut client, _) = Client::with(Start { capabilities, root: Some(project.path().into()), ..Start::default() });
    client.open(&job, "python", "pw = dbutils.secrets.get('kv-sale', 'db-password')\n");
    // Read before or after the workspace.
    let until = |client: &mut Client, codes_wanted: &[&str]| while codes(&client.pushed(&job)) != codes_wanted {};
    until(&mut client, &["CS604"]);
    // A file that names secrets only after an edit knows them, too.
    let late = uri(&project.path().join("late.py"));
    client.open(&late, "python", "x = 1\n");
    assert!(client.pushed(&late).is_empty());
    let start = json!({"line": 0, "character": 0});
    let read = "pw = dbutils.secrets.get('kv-sale', 'db-password')\n";
    client.change(&late, 2, json!([{"range": {"start": start, "end": start}, "text": read}]));
    assert_eq!(codes(&client.pushed(&late)), ["CS604"]);
    client.close(&late);
    write(&bundle, "bundle: {name: x}\n", 10);
    watched(&mut client, &bundle);
    until(&mut client, &[]);
}

/// What stands in the editor counts, saved or not.
#[test]
fn scopes_of_unsaved_edits_are_known() {
    let project = folder(&[("databricks.yml", "bundle: {name: x}\n")]);
    let bundle = uri(&project.path().join("databricks.yml"));
    let job = uri(&project.path().join("job.py"));
    let (mut client, _) = Client::with(Start { root: Some(project.path().into()), ..Start::default() });
    client.open(&job, "python", "pw = dbutils.secrets.get('kv-sale', 'db-password')\n");
    let until = |client: &mut Client, codes_wanted: &[&str]| while codes(&client.pushed(&job)) != codes_wanted {};
    until(&mut client, &[]);
    let declared = "bundle: {name: x}\nresources:\n  secret_scopes:\n    a: {name: kv-sales}\n";
    client.open(&bundle, "yaml", "bundle: {name: x}\n");
    client.change(&bundle, 2, json!([{"text": declared}]));
    until(&mut client, &["CS604"]);
    client.change(&bundle, 3, json!([{"text": declared.replace("kv-sales", "kv-sale")}]));
    until(&mut client, &[]);
    client.change(&bundle, 4, json!([{"text": declared}]));
    until(&mut client, &["CS604"]);
    // Closed without saving: the file counts.
    client.close(&bundle);
    until(&mut client, &[]);
}

#[test]
fn every_folder_has_its_own_configuration() {
    let a = folder(&[("credscope.toml", "[secrets]\nscope = \"aaa\"\n")]);
    let b = folder(&[
        ("pyproject.toml", "[tool.credscope.secrets]\nscope = \"bbb\"\n"),
        ("x/credscope.toml", "ignore = [\"CS106\"]\n"),
    ]);
    let folders = json!([{"uri": uri(a.path()), "name": "a"}, {"uri": uri(b.path()), "name": "b"}]);
    let (mut client, answer) = Client::with(Start {
        capabilities: pulling(),
        extra: json!({"workspaceFolders": folders}),
        ..Start::default()
    });
    assert_eq!(answer["capabilities"]["workspace"]["workspaceFolders"]["supported"], true);
    for (path, scope) in [(a.path().join("j.py"), "aaa"), (b.path().join("j.py"), "bbb")] {
        let job = uri(&path);
        client.open(&job, "python", PLAIN);
        let range = client.pull(&job)[0]["range"].clone();
        client.action(&job, &range, &format!("Move to secret scope `{scope}`"));
    }
    let nested = uri(&b.path().join("x/j.py"));
    client.open(&nested, "python", PLAIN);
    assert!(client.pull(&nested).is_empty());
    // Folders come and go.
    let c = folder(&[("c.py", PLAIN)]);
    client.request("workspace/diagnostic", json!({"previousResultIds": []}));
    client.notify("workspace/didChangeWorkspaceFolders", json!({"event": {"added": [{"uri": uri(c.path()), "name": "c"}], "removed": [{"uri": uri(a.path()), "name": "a"}]}}));
    let report = client.request("workspace/diagnostic", json!({"previousResultIds": []}));
    assert!(report.to_string().contains("c.py"), "{report}");
}

#[test]
fn run_on_save_shows_the_saved_text_only() {
    let job = "file:///project/job.py";
    for pull in [false, true] {
        let mut capabilities = if pull { pulling() } else { json!({}) };
        capabilities["workspace"] = json!({"diagnostics": {"refreshSupport": true}});
        let (mut client, _) =
            Client::with(Start { capabilities, options: json!({"run": "onSave"}), ..Start::default() });
        client.open(job, "python", "x = 1\n");
        client.change(job, 2, json!([{"text": PLAIN}]));
        if pull {
            assert!(client.pull(job).is_empty(), "not saved yet");
            client.notify("workspace/didChangeConfiguration", json!({"settings": {"credscope": {"strict": true}}}));
        } else {
            assert!(client.pushed(job).is_empty());
            client.hover(job, 0, 0);
            assert!(
                client.seen.iter().all(|m| m["method"] != "textDocument/publishDiagnostics"),
                "silent while typing"
            );
            client.notify("textDocument/didSave", json!({"textDocument": {"uri": job}}));
            assert_eq!(codes(&client.pushed(job)), ["CS106"]);
            continue;
        }
        client.notify("textDocument/didSave", json!({"textDocument": {"uri": job}}));
        assert_eq!(codes(&client.pull(job)), ["CS106"]);
        client.change(job, 3, json!([{"text": "x = 1\n"}]));
        assert_eq!(codes(&client.pull(job)), ["CS106"], "still the saved text's");
    }
}

#[test]
fn files_that_are_not_open_are_shown_to_clients_that_ask() {
    let names: Vec<String> = (0..150).map(|n| format!("jobs/j{n}.py")).collect();
    // Each file has a credential of its own.
    let texts: Vec<String> = (0..150).map(|n| format!("password = 'q7#Lm2v{n:03}'\n")).collect();
    let mut files: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    files.push(("clean.py", "x = 1\n"));
    files.push(("vendor/v.py", PLAIN));
    files.push(("credscope.toml", "exclude = [\"vendor\"]\n"));
    let project = folder(&files);
    let capabilities = json!({"textDocument": {"diagnostic": {}}, "window": {"workDoneProgress": true}});
    let (mut client, answer) =
        Client::with(Start { capabilities, root: Some(project.path().into()), ..Start::default() });
    assert_eq!(answer["capabilities"]["diagnosticProvider"]["workspaceDiagnostics"], true);
    let progress =
        |kind: &'static str| move |m: &Value| m["method"] == "$/progress" && m["params"]["value"]["kind"] == kind;
    client.wait(|m| m["method"] == "window/workDoneProgress/create");
    client.wait(progress("begin"));
    client.wait(progress("report"));
    client.wait(progress("end"));
    let report = client.request("workspace/diagnostic", json!({"previousResultIds": []}));
    let items = report["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 150);
    assert!(items.iter().all(|i| codes(i["items"].as_array().unwrap()) == ["CS106"]));
    // Asked again: nothing to tell until something changes, then that alone.
    let previous: Vec<Value> = items.iter().map(|i| json!({"uri": i["uri"], "value": i["resultId"]})).collect();
    let waiting = client.ask("workspace/diagnostic", json!({"previousResultIds": previous, "partialResultToken": "p"}));
    let changed = project.path().join("jobs/j7.py");
    write(&changed, "x = 1\n", 10);
    watched(&mut client, &changed);
    let answer = client.answer(waiting);
    assert_eq!(answer["result"]["items"], json!([]), "all of it came as partial results");
    let mut full = Vec::new();
    while let Some(i) = client.seen.iter().position(|m| m["method"] == "$/progress" && m["params"]["token"] == "p") {
        let part = client.seen.remove(i);
        full.extend(
            part["params"]["value"]["items"].as_array().unwrap().iter().filter(|i| i["kind"] == "full").cloned(),
        );
    }
    assert_eq!(full.len(), 1, "{full:?}");
    assert_eq!((&full[0]["uri"], &full[0]["items"]), (&json!(uri(&changed)), &json!([])));
}

/// Accounts that stand in a file without a word, and text that is not UTF-8, are files of the workspace like others.
#[test]
fn files_without_words_and_in_other_encodings_are_shown() {
    let project = folder(&[(".pgpass", "db.example.org:5432:sales:etl:w8#Kn3uY0\n"), ("clean.py", "x = 1\n")]);
    let units = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
    let little: Vec<u8> = [0xff, 0xfe].into_iter().chain(units(PLAIN).into_iter().flat_map(u16::to_le_bytes)).collect();
    let big: Vec<u8> = [0xfe, 0xff]
        .into_iter()
        .chain(units("password = 'v9#Jo4tZ1'\n").into_iter().flat_map(u16::to_be_bytes))
        .collect();
    std::fs::write(project.path().join("little.py"), little).unwrap();
    std::fs::write(project.path().join("big.py"), big).unwrap();
    let (mut client, _) =
        Client::with(Start { capabilities: pulling(), root: Some(project.path().into()), ..Start::default() });
    // Until all of it is read.
    let mut report = Value::Null;
    for _ in 0..100 {
        report = client.request("workspace/diagnostic", json!({"previousResultIds": []}));
        if report["items"].as_array().is_some_and(|items| items.len() == 3) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let name = |item: &Value| item["uri"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let mut found: Vec<(String, Vec<String>)> =
        report["items"].as_array().unwrap().iter().map(|i| (name(i), codes(i["items"].as_array().unwrap()))).collect();
    found.sort();
    let row = |name: &str, code: &str| (name.to_owned(), vec![code.to_owned()]);
    assert_eq!(found, [row(".pgpass", "CS330"), row("big.py", "CS106"), row("little.py", "CS106")]);
}

#[test]
fn clients_that_are_pushed_to_see_open_files_only_unless_they_want_more() {
    let project = folder(&[("a.py", PLAIN), ("b.py", "x = 1\n")]);
    let a = uri(&project.path().join("a.py"));
    let (mut client, _) = Client::with(Start { root: Some(project.path().into()), ..Start::default() });
    let b = uri(&project.path().join("b.py"));
    client.open(&b, "python", PLAIN);
    client.pushed(&b);
    client.close(&b);
    client.pushed(&b);
    // A second document, so that what was read in the background has come.
    std::thread::sleep(Duration::from_millis(300));
    client.open(&b, "python", PLAIN);
    client.pushed(&b);
    assert!(!client.seen.iter().any(|m| m["params"]["uri"] == a));
    let options = json!({"workspaceDiagnostics": "workspace"});
    let (mut client, _) = Client::with(Start { options, root: Some(project.path().into()), ..Start::default() });
    assert_eq!(codes(&client.pushed(&a)), ["CS106"]);
    // Open: the text counts. Closed: the file again. Gone: nothing.
    client.open(&a, "python", "x = 1\n");
    assert!(client.pushed(&a).is_empty());
    client.close(&a);
    assert!(client.pushed(&a).is_empty());
    assert_eq!(codes(&client.pushed(&a)), ["CS106"]);
    std::fs::remove_file(project.path().join("a.py")).unwrap();
    watched(&mut client, &project.path().join("a.py"));
    assert!(client.pushed(&a).is_empty());
}

#[test]
fn hover_says_what_a_finding_means_and_where_a_secret_is_used() {
    let project = folder(&[
        ("other.py", "# Databricks notebook source\nx = dbutils.secrets.get('jdbc', 'password')\n"),
        ("conf.scala", "val a = dbutils.secrets.get(scope = \"jdbc\", key = \"password\")\n"),
        ("cluster.json", "{\"spark_conf\": {\"spark.x\": \"{{secrets/jdbc/password}}\"}}"),
        ("credscope.toml", "[secrets]\ndeclared = { jdbc = [\"password\"] }\n"),
    ]);
    let job = uri(&project.path().join("job.py"));
    let (mut client, _) =
        Client::with(Start { capabilities: pulling(), root: Some(project.path().into()), ..Start::default() });
    client.open(&job, "python", "# Databricks notebook source\npassword = 'q7#Lm2vX9'\nx = dbutils.secrets.get('jdbc', 'password')\ny = dbutils.secrets.get('jdbc', 'user')\nprint(x)\n");
    client.request("workspace/diagnostic", json!({"previousResultIds": []}));
    let finding = client.hover(&job, 1, 14);
    // The advice first: editors show few lines.
    let mut last = 0;
    for part in [
        "named-variable", "CS106", "rotate it", "**Fix**", "**Use instead.**", "**Severity.**", "**Why.**",
        "**Redaction.**",
    ] {
        let at = finding[last..].find(part);
        assert!(at.is_some(), "{part}: {finding}");
        last += at.unwrap_or(0);
    }
    assert!(!finding.contains("q7#Lm2vX9"));
    let reference = client.hover(&job, 2, 20);
    for part in [
        "key `password` in scope `jdbc`", "declared in the configuration", "other.py:2", "conf.scala:1",
        "cluster.json:1",
    ] {
        assert!(reference.contains(part), "{part}: {reference}");
    }
    let other = client.hover(&job, 3, 20);
    assert!(other.contains("not key `user`") && other.contains("only here"), "{other}");
    assert!(client.hover(&job, 4, 7).contains("[REDACTED]"));
    assert!(client.hover(&job, 0, 3).is_empty());
    // A client without Markdown gets none.
    let capabilities = json!({"textDocument": {"hover": {"contentFormat": ["plaintext"]}}});
    let mut client = Client::start(capabilities);
    client.open(&job, "python", PLAIN);
    let hover = client
        .request("textDocument/hover", json!({"textDocument": {"uri": job}, "position": {"line": 0, "character": 14}}));
    assert_eq!(hover["contents"]["kind"], "plaintext");
    assert!(!hover["contents"]["value"].as_str().unwrap().contains("**"));
}

#[test]
fn completion_offers_what_is_declared_and_what_the_workspace_uses() {
    let project = folder(&[
        ("other.py", "# Databricks notebook source\nx = dbutils.secrets.get('kafka', 'api-key')\n"),
        ("credscope.toml", "[secrets]\ndeclared = { jdbc = [\"password\", \"username\"] }\n"),
    ]);
    let job = uri(&project.path().join("job.py"));
    let (mut client, _) =
        Client::with(Start { capabilities: pulling(), root: Some(project.path().into()), ..Start::default() });
    let text = "a = dbutils.secrets.get('')\nb = dbutils.secrets.get('kafka', '')\nc = dbutils.secrets.get(scope=\"jdbc\", key=\"\")\nspark.sql(\"select secret('jdbc', '')\")\nd = '{{secrets/jdbc/'\ne = print('')\n";
    client.open(&job, "python", text);
    client.request("workspace/diagnostic", json!({"previousResultIds": []}));
    assert_eq!(client.labels(&job, 0, 25), ["jdbc", "kafka"]);
    assert_eq!(client.labels(&job, 1, 34), ["api-key"]);
    assert_eq!(client.labels(&job, 2, 43), ["password", "username"]);
    assert_eq!(client.labels(&job, 3, 34), ["password", "username"]);
    assert_eq!(client.labels(&job, 4, 20), ["password", "username"]);
    assert!(client.labels(&job, 5, 11).is_empty());
    // Scopes in the other spellings.
    let text = "spark.sql(\"select secret('\")\nd = '{{secrets/'\n";
    client.change(&job, 2, json!([{"text": text}]));
    assert_eq!(client.labels(&job, 0, 26), ["jdbc", "kafka"]);
    assert_eq!(client.labels(&job, 1, 15), ["jdbc", "kafka"]);
}

#[test]
fn suppressions_and_the_configuration_silence_what_they_say() {
    let project = folder(&[]);
    let job = uri(&project.path().join("job.py"));
    let text = "#!/usr/bin/env python\nif True:\n    password = 'q7#Lm2vX9'\n    api_token = 'w8#Kn3uY0'\n";
    let (mut client, _) =
        Client::with(Start { capabilities: pulling(), root: Some(project.path().into()), ..Start::default() });
    client.open(&job, "python", text);
    let range = client.pull(&job)[0]["range"].clone();
    let here = apply(text, &edits(&client.action(&job, &range, "here with a reason")["edit"])[&job]);
    assert!(here.contains("    # credscope: ignore[named-variable] reason\n    password"), "{here}");
    client.change(&job, 2, json!([{"text": here}]));
    assert_eq!(client.pull(&job).len(), 1);
    client.change(&job, 3, json!([{"text": text}]));
    let file = apply(text, &edits(&client.action(&job, &range, "in this file")["edit"])[&job]);
    assert!(file.starts_with("#!/usr/bin/env python\n# credscope: ignore-file[named-variable] reason\n"), "{file}");
    client.change(&job, 4, json!([{"text": file}]));
    assert!(client.pull(&job).is_empty());
    client.change(&job, 5, json!([{"text": text}]));
    let disable = client.action(&job, &range, "Disable named-variable");
    let config = uri(&project.path().join("credscope.toml"));
    let written = apply("", &edits(&disable["edit"])[&config]);
    std::fs::write(project.path().join("credscope.toml"), written).unwrap();
    client.notify("textDocument/didSave", json!({"textDocument": {"uri": job}}));
    assert!(client.pull(&job).is_empty());
    // Inside a text over several lines no comment can be put.
    client.open(&uri(&project.path().join("x.scala")), "scala", "x");
    let multi = uri(&project.path().join("multi.py"));
    client.open(&multi, "python", "url = \"\"\"\n  jdbc:mysql://h/db?user=joe&password=q7#Lm2vX9\n\"\"\"\n");
    for found in client.pull(&multi) {
        let titles: Vec<String> =
            client.actions(&multi, &found["range"], None).iter().map(|a| a["title"].to_string()).collect();
        assert!(!titles.iter().any(|t| t.contains("here with a reason")), "{titles:?}");
    }
}

#[test]
fn the_commands_that_store_a_secret_are_shown_without_its_value() {
    let job = "file:///project/job.py";
    for show in [true, false] {
        let capabilities = json!({"textDocument": {"diagnostic": {}}, "window": {"showDocument": {"support": show}}});
        let (mut client, _) =
            Client::with(Start { capabilities, options: json!({"secrets": {"scope": "jdbc"}}), ..Start::default() });
        client.open(job, "python", PLAIN);
        let range = client.pull(job)[0]["range"].clone();
        let command = client.action(job, &range, "Move to secret scope")["command"].clone();
        assert_eq!(command["command"], "credscope.showProvisioning");
        let run = |client: &mut Client, arguments: &Value| {
            client.request("workspace/executeCommand", json!({"command": command["command"], "arguments": arguments}))
        };
        // After a fix nothing opens unasked: a message names what to store.
        assert!(run(&mut client, &command["arguments"]).is_null());
        let offered = client.wait(|m| m["method"] == "window/showMessage")["params"]["message"].clone();
        assert!(offered.as_str().unwrap().contains("store jdbc/password before this runs"), "{offered}");
        let mut asked = command["arguments"].clone();
        asked[0]["offer"] = json!(false);
        // A client that shows the answer itself.
        asked[0]["show"] = json!(false);
        assert!(run(&mut client, &asked).as_str().unwrap().contains("put-secret jdbc password"));
        asked[0]["show"] = json!(true);
        let text = run(&mut client, &asked);
        let text = text.as_str().unwrap();
        assert!(text.contains("databricks secrets put-secret jdbc password") && !text.contains("q7#Lm2vX9"), "{text}");
        if show {
            let shown = client.wait(|m| m["method"] == "window/showDocument");
            let file = shown["params"]["uri"].as_str().unwrap().strip_prefix("file://").unwrap().to_owned();
            assert_eq!(std::fs::read_to_string(file).unwrap(), text);
        } else {
            client.wait(|m| m["method"] == "window/showMessage" && m["params"]["message"] == text);
        }
        // Without arguments: everything that is open.
        let all = client
            .request("workspace/executeCommand", json!({"command": "credscope.showProvisioning", "arguments": []}));
        assert!(all.as_str().unwrap().contains("put-secret jdbc password"));
        assert_eq!(client.raw_request("workspace/executeCommand", json!({"command": "rm"}))["error"]["code"], -32602);
    }
    let (mut client, _) = Client::with(Start {
        capabilities: pulling(),
        options: json!({"showProvisioningHint": false}),
        ..Start::default()
    });
    client.open(job, "python", PLAIN);
    let range = client.pull(job)[0]["range"].clone();
    assert!(client.action(job, &range, "Move to secret scope").get("command").is_none());
}
