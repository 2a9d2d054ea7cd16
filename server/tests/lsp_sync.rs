//! Changes of texts as the protocol allows them, with positions that no text has: the server's text is the client's.

#![allow(clippy::unwrap_used, reason = "a failure fails the test, as it should")]

mod support;

use serde_json::{Value, json};
use support::{Client, Start, apply, codes, edits, folder, pulling, uri};

const URI: &str = "file:///project/job.py";
const LINE: &str = "password = 'q7#Lm2vX9'";

/// Line and column as the client counts.
type At = (u64, u64);

fn change((line, column): At, (end_line, end_column): At, text: &str) -> Value {
    let at = |line: u64, column: u64| json!({"line": line, "character": column});
    json!({"range": {"start": at(line, column), "end": at(end_line, end_column)}, "text": text})
}

/// Documents are compared with copies of them: that they hold the same credentials is no news.
fn client(encoding: &str) -> Client {
    let capabilities = json!({"general": {"positionEncodings": [encoding]}, "textDocument": {"diagnostic": {}}});
    Client::with(Start { capabilities, options: json!({"ignore": ["CS540"]}), ..Start::default() }).0
}

/// Findings with their places: what a text of another length or with other lines would not have.
fn found(client: &mut Client, uri: &str) -> Vec<(Value, Value)> {
    client.pull(uri).into_iter().map(|d| (d["code"].clone(), d["range"].clone())).collect()
}

/// After the changes the document has the findings of `expected`, of which there is at least one at its end.
fn becomes(client: &mut Client, before: &str, changes: &[Value], expected: &str) {
    let marked =
        |text: &str| format!("{text}{}", if text.ends_with(['\n', '\r']) || text.is_empty() { "" } else { "\n" });
    client.open(URI, "python", before);
    client.change(URI, 2, json!(changes));
    let first = found(client, URI);
    let fresh = "file:///project/fresh.py";
    client.open(fresh, "python", expected);
    assert_eq!(first, found(client, fresh), "{before:?} {changes:?}");
    client.close(fresh);
    // A text that is longer than expected shows where the next change behind its end goes.
    let tail = format!("{}api_token = 'w8#Kn3uY0'", &marked(expected)[expected.len()..]);
    client.change(URI, 3, json!([change((9999, 0), (9999, 0), &tail)]));
    client.open(fresh, "python", &format!("{expected}{tail}"));
    let (last, wanted) = (found(client, URI), found(client, fresh));
    assert!(!wanted.is_empty());
    assert_eq!(last, wanted, "{before:?} {changes:?} and a line behind");
    client.close(fresh);
    client.close(URI);
}

#[test]
fn texts_are_empty_and_places_behind_their_end() {
    let client = &mut client("utf-16");
    becomes(client, "", &[change((0, 0), (0, 0), LINE)], LINE);
    becomes(client, "", &[change((7, 3), (9, 9), LINE)], LINE);
    becomes(client, LINE, &[change((0, 0), (99, 0), "")], "");
    becomes(client, LINE, &[change((0, 0), (0, 999), ""), change((0, 0), (0, 0), LINE)], LINE);
    becomes(client, "x\n", &[change((0, 0), (1, 0), ""), change((5, 5), (5, 5), LINE)], LINE);
    becomes(client, &format!("{LINE}\n"), &[change((1, 0), (8, 0), "y = 1\n")], &format!("{LINE}\ny = 1\n"));
    becomes(
        client,
        LINE,
        &[change((3, 0), (3, 0), "\n\n"), change((2, 0), (2, 0), LINE)],
        &format!("{LINE}\n\n{LINE}"),
    );
    // Whole texts between ranges.
    let changes =
        [change((0, 0), (0, 0), "#"), json!({"text": ""}), change((0, 0), (0, 4), LINE), json!({"text": LINE})];
    becomes(client, "x = 1\n", &changes, LINE);
}

#[test]
fn columns_are_longer_than_lines_and_ranges_stand_on_their_heads() {
    let client = &mut client("utf-16");
    // A column behind the line is its end, before the line break.
    let text = format!("{LINE}\r\nx = 1\r\n");
    becomes(client, &text, &[change((0, 999), (0, 999), "  # y")], &format!("{LINE}  # y\r\nx = 1\r\n"));
    becomes(client, &text, &[change((0, 12), (0, 999), "Zz#9uVw3k'")], "password = 'Zz#9uVw3k'\r\nx = 1\r\n");
    becomes(client, &text, &[change((1, 0), (0, 999), "; ")], &format!("{LINE}; x = 1\r\n"));
    becomes(client, &text, &[change((0, 14), (0, 12), "")], "password = '#Lm2vX9'\r\nx = 1\r\n");
    becomes(client, &text, &[change((99, 0), (0, 22), "\r\n")], &format!("{LINE}\r\n"));
}

#[test]
fn changes_reach_over_line_breaks_of_every_kind() {
    let client = &mut client("utf-16");
    for end in ["\n", "\r\n", "\r"] {
        let text = format!("x = 1{end}y = 2{end}{LINE}{end}");
        becomes(client, &text, &[change((0, 5), (1, 0), "; ")], &format!("x = 1; y = 2{end}{LINE}{end}"));
        becomes(client, &text, &[change((1, 0), (2, 0), "")], &format!("x = 1{end}{LINE}{end}"));
        becomes(
            client,
            &text,
            &[change((0, 2), (2, 9), "x")],
            &format!("x x = 'q7#Lm2vX9'{end}").replace("x x =", "x x="),
        );
        becomes(client, &text, &[change((2, 0), (2, 0), end)], &format!("x = 1{end}y = 2{end}{end}{LINE}{end}"));
    }
    // One half of a line break at a time.
    becomes(client, "x\r", &[change((1, 0), (1, 0), "\n"), change((1, 0), (1, 0), LINE)], &format!("x\r\n{LINE}"));
    becomes(client, "x\n", &[change((0, 1), (0, 1), "\r"), change((1, 0), (1, 0), LINE)], &format!("x\r\n{LINE}"));
}

#[test]
fn columns_count_astral_characters_as_agreed() {
    // Columns of the literal's first character, and of the one behind the astral character.
    for (encoding, inside, behind) in [("utf-8", 9, 5), ("utf-16", 7, 3), ("utf-32", 6, 2)] {
        let client = &mut client(encoding);
        let text = "#𝄞\n𝄞 = 1\r\n'𝄞'; password = 'q7#Lm2vX9'\r\n";
        let literal = inside + 14;
        let edit = change((2, literal), (2, literal + 1), "𝄞é");
        becomes(client, text, &[edit], "#𝄞\n𝄞 = 1\r\n'𝄞'; password = '𝄞é7#Lm2vX9'\r\n");
        becomes(client, text, &[change((0, behind), (2, 1), "\n'")], "#𝄞\n'𝄞'; password = 'q7#Lm2vX9'\r\n");
        // Inside of a character is before it.
        if encoding != "utf-32" {
            becomes(client, text, &[change((2, 2), (2, 2), "a")], "#𝄞\n𝄞 = 1\r\n'a𝄞'; password = 'q7#Lm2vX9'\r\n");
        }
    }
}

#[test]
fn each_declared_scope_is_offered_and_its_fix_holds() {
    let config = "[secrets]\nscope = \"jdbc\"\ndeclared = { jdbc = [\"password\"], kafka = [\"password\"], \"kv-sales\" = [\"password\"] }\n";
    let project = folder(&[("credscope.toml", config)]);
    let job = uri(&project.path().join("job.py"));
    let (mut client, _) =
        Client::with(Start { capabilities: pulling(), root: Some(project.path().into()), ..Start::default() });
    let text = format!("{LINE}\ndf = spark.read.format(\"jdbc\").option(\"password\", password).load()\n");
    client.open(&job, "python", &text);
    let before = client.pull(&job);
    let range = before[0]["range"].clone();
    let actions = client.actions(&job, &range, Some("quickfix"));
    let scopes: Vec<(&str, Value)> = ["jdbc", "kafka", "kv-sales"]
        .into_iter()
        .map(|scope| {
            let title = |a: &&Value| a["title"].as_str().unwrap().contains(&format!("`{scope}`"));
            let fitting: Vec<&Value> = actions.iter().filter(title).collect();
            assert_eq!(fitting.len(), 1, "{scope}: {actions:#?}");
            (scope, fitting[0].clone())
        })
        .collect();
    let preferred: Vec<&Value> = actions.iter().filter(|a| a["isPreferred"] == true).collect();
    assert_eq!(preferred.len(), 1, "the scope of the configuration is the first choice");
    assert_eq!(preferred[0]["title"], scopes[0].1["title"]);
    for (version, (scope, action)) in (1..).zip(&scopes) {
        let fixed = apply(&text, &edits(&action["edit"])[&job]);
        assert!(fixed.contains(&format!("dbutils.secrets.get(scope='{scope}', key='password')")), "{fixed}");
        client.change(&job, version * 2, json!([{"text": fixed}]));
        assert!(codes(&client.pull(&job)).is_empty(), "{fixed}");
        client.change(&job, version * 2 + 1, json!([{"text": text}]));
        assert_eq!(client.pull(&job), before);
    }
}
