//! "Move all uses": what the title says is moved, in every open file, or nothing is.

#![allow(clippy::unwrap_used, reason = "a failure fails the test, as it should")]

mod support;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::{Value, json};
use support::{Client, Start, apply, edits, folder, uri};

const JOB: &str = "reader = spark.read.format('jdbc')\nreader.option('password', 'q7#Lm2vX9').load()\n";
const SETTINGS: &str = "db_password = 'q7#Lm2vX9'\n";
const ALL: &str = "Move all 2 uses in open files";
/// `ContentModified`: the editor asks again.
const MODIFIED: i64 = -32801;

/// As VS Code, Helix, Neovim and Emacs 30 declare it.
fn resolving() -> Value {
    json!({
        "workspace": {"workspaceEdit": {"documentChanges": true}},
        "textDocument": {"diagnostic": {}, "codeAction": {"resolveSupport": {"properties": ["edit", "command"]}}},
    })
}

struct Project {
    _folder: tempfile::TempDir,
    config: String,
    job: String,
    settings: String,
}

fn project(files: usize) -> (Project, Client) {
    let folder = folder(&[("job.py", JOB), ("settings.py", SETTINGS)]);
    for n in 0..files {
        std::fs::write(folder.path().join(format!("more_{n}.py")), JOB.repeat(40)).unwrap();
    }
    let at = |name: &str| uri(&folder.path().join(name));
    let (job, settings) = (at("job.py"), at("settings.py"));
    let config = folder.path().join("credscope.toml").to_string_lossy().into_owned();
    let root = Some(folder.path().into());
    let (client, _) = Client::with(Start { capabilities: resolving(), root, ..Start::default() });
    (Project { _folder: folder, config, job, settings }, client)
}

/// Where the cursor is.
fn cursor() -> Value {
    let at = json!({"line": 1, "character": 30});
    json!({"start": at, "end": at})
}

fn insert(client: &mut Client, uri: &str, version: i64, text: &str) {
    let start = json!({"line": 0, "character": 0});
    client.change(uri, version, json!([{"range": {"start": start, "end": start}, "text": text}]));
}

#[test]
fn an_action_is_resolved_whole_or_not_at_all() {
    let (project, mut client) = project(0);
    client.open(&project.settings, "python", SETTINGS);
    client.open(&project.job, "python", JOB);
    let action = client.action(&project.job, &cursor(), ALL);
    // Neither part stands alone: a command without its edit would speak of a fix that was not made.
    assert!(action.get("edit").is_none() && action.get("command").is_none(), "{action}");

    // Another file has moved its text: the edit is of the text as it is now.
    insert(&mut client, &project.settings, 2, "# one more line\n");
    let resolved = client.request("codeAction/resolve", action.clone());
    let changed = edits(&resolved["edit"]);
    assert_eq!(changed.keys().collect::<Vec<_>>(), [&project.job, &project.settings]);
    for (uri, text) in [(&project.job, JOB), (&project.settings, &format!("# one more line\n{SETTINGS}"))] {
        assert!(!apply(text, &changed[uri]).contains("Lm2vX9"), "{changed:?}");
    }
    assert_eq!(resolved["command"]["command"], "credscope.showProvisioning");

    // It has one use fewer than the title says.
    client.change(&project.settings, 3, json!([{"text": "db_password = None\n"}]));
    assert_eq!(client.raw_request("codeAction/resolve", action.clone())["error"]["code"], MODIFIED);
    client.change(&project.settings, 4, json!([{"text": SETTINGS}]));
    assert_eq!(edits(&client.request("codeAction/resolve", action.clone())["edit"]).len(), 2);

    // It is closed.
    client.close(&project.settings);
    assert_eq!(client.raw_request("codeAction/resolve", action.clone())["error"]["code"], MODIFIED);
    let titles: Vec<Value> = client.actions(&project.job, &cursor(), None).iter().map(|a| a["title"].clone()).collect();
    assert!(!titles.iter().any(|t| t.as_str().unwrap().starts_with("Move all")), "{titles:?}");
    client.open(&project.settings, "python", SETTINGS);

    // The configuration names another scope than the title.
    let action = client.action(&project.job, &cursor(), ALL);
    std::fs::write(&project.config, "[secrets]\nscope = \"shop\"\n").unwrap();
    client.notify(
        "workspace/didChangeWatchedFiles",
        json!({"changes": [{"uri": uri(project.config.as_ref()), "type": 1}]}),
    );
    let moved =
        |client: &mut Client| client.actions(&project.job, &cursor(), None)[0]["title"].to_string().contains("`shop`");
    while !moved(&mut client) {}
    assert_eq!(client.raw_request("codeAction/resolve", action)["error"]["code"], MODIFIED);
    assert_eq!(client.finish(), Some(0));
}

#[test]
fn all_places_of_one_file_are_offered_once() {
    let mut client = Client::start(resolving());
    let job = "file:///project/job.py";
    let twice = format!("{JOB}reader.option('password', 'q7#Lm2vX9').load()\n");
    client.open(job, "python", &twice);
    let titles = |client: &mut Client| -> Vec<String> {
        client.actions(job, &cursor(), None).iter().map(|a| a["title"].as_str().unwrap().to_owned()).collect()
    };
    let all = |titles: &[String]| -> Vec<String> { titles.iter().filter(|t| t.contains("all ")).cloned().collect() };
    let seen = titles(&mut client);
    assert_eq!(all(&seen).len(), 1, "{seen:?}");
    assert!(all(&seen)[0].starts_with(ALL), "{seen:?}");
    // With another file all places of this one are fewer.
    client.open("file:///project/settings.py", "python", SETTINGS);
    let seen = titles(&mut client);
    assert!(all(&seen).iter().any(|t| t.ends_with("(all 2 places)")), "{seen:?}");
    assert!(all(&seen).iter().any(|t| t.starts_with("Move all 3 uses in open files")), "{seen:?}");
}

#[test]
fn a_client_that_resolves_no_command_gets_it_with_the_offer() {
    let capabilities =
        json!({"textDocument": {"diagnostic": {}, "codeAction": {"resolveSupport": {"properties": ["edit"]}}}});
    let mut client = Client::start(capabilities);
    let job = "file:///project/job.py";
    client.open(job, "python", JOB);
    let action = client.action(job, &cursor(), "Move to secret scope");
    assert_eq!(action["command"]["command"], "credscope.showProvisioning");
    assert!(action.get("edit").is_none(), "{action}");
}

/// Threads that leave the server little of the machine.
struct Load(Arc<AtomicBool>);

impl Load {
    fn new() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        for _ in 0..4 {
            let over = over.clone();
            std::thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    std::hint::spin_loop()
                }
            });
        }
        Self(over)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// While the background reads the workspace, and while configuration, texts and the set of open files change.
#[test]
fn under_load_no_file_is_missing_from_the_edit() {
    let _load = Load::new();
    let (mut whole, mut refused) = (0, 0);
    for round in 0..12 {
        let (project, mut client) = project(60);
        let config = json!({"changes": [{"uri": uri(project.config.as_ref()), "type": 2}]});
        if round % 2 == 0 {
            std::fs::write(&project.config, "[secrets]\nscope = \"shop\"\ndeclared = { shop = [\"password\"] }\n")
                .unwrap();
        }
        client.open(&project.settings, "python", SETTINGS);
        client.open(&project.job, "python", JOB);
        let offered = client.ask(
            "textDocument/codeAction",
            json!({"textDocument": {"uri": project.job}, "range": cursor(), "context": {"diagnostics": []}}),
        );
        // What VS Code tells while it waits.
        if round % 2 == 0 {
            std::fs::remove_file(&project.config).unwrap();
        }
        client.notify("workspace/didChangeWatchedFiles", config);
        client.notify(
            "workspace/didChangeConfiguration",
            json!({"settings": {"credscope": {"severity": {"CS106": "info"}}}}),
        );
        let mut text = SETTINGS.to_owned();
        let offered = client.answer(offered);
        let action =
            offered["result"].as_array().unwrap().iter().find(|a| a["title"].as_str().unwrap().starts_with(ALL));
        let resolve = client.ask("codeAction/resolve", action.expect("the action is offered at once").clone());
        if round % 3 == 0 {
            insert(&mut client, &project.settings, 2, "# one more line\n");
            text.insert_str(0, "# one more line\n");
        }
        let answer = client.answer(resolve);
        if answer.get("error").is_some() {
            assert_eq!(answer["error"]["code"], MODIFIED, "{answer}");
            refused += 1;
            continue;
        }
        let changed = edits(&answer["result"]["edit"]);
        assert_eq!(changed.keys().collect::<Vec<_>>(), [&project.job, &project.settings], "round {round}");
        assert!(!apply(JOB, &changed[&project.job]).contains("Lm2vX9"), "round {round}");
        let version = answer["result"]["edit"]["documentChanges"][1]["textDocument"]["version"].as_i64();
        let then = if version == Some(1) { SETTINGS } else { &text };
        assert!(!apply(then, &changed[&project.settings]).contains("Lm2vX9"), "round {round}");
        whole += 1;
    }
    assert_eq!(whole + refused, 12);
    assert!(whole > 0, "always refused");
}
