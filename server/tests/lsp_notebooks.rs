//! Notebooks of editors: every operation of notebook sync, diagnostics and edits by cell.

#![allow(clippy::unwrap_used, reason = "a failure fails the test, as it should")]

mod support;

use serde_json::{Value, json};
use support::{Client, Start, apply, codes, edits, folder, pulling, uri};

const NOTEBOOK: &str = "file:///project/nb.ipynb";
const READ: &str = "pw = dbutils.secrets.get('jdbc', 'password')";

/// Cells carry a remote authority in VS Code.
fn cell(n: usize) -> String {
    format!("vscode-notebook-cell://wsl%2Bubuntu/project/nb.ipynb#W{n}sdnNjb2Rl")
}

fn open(client: &mut Client, metadata: Value, cells: &[(&str, &str)]) {
    let uris: Vec<String> = (0..cells.len()).map(cell).collect();
    let rows: Vec<(&str, &str, &str, u8)> =
        cells.iter().zip(&uris).map(|((language, text), uri)| (uri.as_str(), *language, *text, 2)).collect();
    client.open_notebook(NOTEBOOK, metadata, &rows);
}

fn pushes(client: &mut Client, n: usize) -> Vec<Vec<String>> {
    (0..n).map(|i| codes(&client.pushed(&cell(i)))).collect()
}

#[test]
fn cells_of_a_notebook_are_one_program() {
    let mut client = Client::start(json!({}));
    open(
        &mut client,
        json!({}),
        &[
            ("python", READ),
            ("python", "print(pw)"),
            ("python", "%sql\nCREATE CONNECTION c TYPE mysql OPTIONS (password 'q7#Lm2vX9')"),
        ],
    );
    assert!(client.pushed(&cell(0)).is_empty());
    let printed = client.pushed(&cell(1));
    assert_eq!(printed[0]["code"], "CS201");
    assert_eq!(printed[0]["relatedInformation"][0]["location"]["uri"], cell(0));
    let sql = client.pushed(&cell(2));
    assert_eq!(sql[0]["code"], "CS121");
    assert_eq!(sql[0]["range"]["start"]["line"], 1);
    // The first cell goes: nothing is secret any more.
    client.change_notebook(
        NOTEBOOK,
        json!({"cells": {"structure": {"array": {"start": 0, "deleteCount": 1}, "didClose": [{"uri": cell(0)}]}}}),
    );
    assert!(client.pushed(&cell(0)).is_empty(), "a cell that is gone has nothing");
    assert!(client.pushed(&cell(1)).is_empty(), "a cell that became clean is told so");
}

#[test]
fn every_change_of_a_notebook_is_followed() {
    let mut client = Client::start(json!({}));
    open(&mut client, json!({}), &[("python", "print(pw)"), ("python", READ)]);
    assert_eq!(pushes(&mut client, 2), [vec![] as Vec<String>, vec![]], "printed before it is read");
    // Moved: taken out and put in again, without its text.
    client.change_notebook(NOTEBOOK, json!({"cells": {"structure": {"array": {"start": 0, "deleteCount": 2, "cells": [{"kind": 2, "document": cell(1)}, {"kind": 2, "document": cell(0)}]}}}}));
    assert_eq!(pushes(&mut client, 2), [vec!["CS201".to_owned()], vec![]]);
    // Inserted.
    client.change_notebook(NOTEBOOK, json!({"cells": {"structure": {"array": {"start": 1, "deleteCount": 0, "cells": [{"kind": 2, "document": cell(2)}]}, "didOpen": [{"uri": cell(2), "languageId": "python", "version": 1, "text": "pw = 'none'"}]}}}));
    assert_eq!(pushes(&mut client, 3)[0], vec![] as Vec<String>, "bound anew in between");
    // Text, with ranges.
    client.change_notebook(NOTEBOOK, json!({"cells": {"textContent": [{"document": {"uri": cell(2), "version": 2}, "changes": [{"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 2}}, "text": "token"}, {"range": {"start": {"line": 0, "character": 9}, "end": {"line": 0, "character": 13}}, "text": "q7#Lm2vX9"}]}]}}));
    assert_eq!(pushes(&mut client, 3), [vec!["CS201".to_owned()], vec![], vec!["CS106".to_owned()]]);
    // Markdown now: no program any more.
    client.change_notebook(NOTEBOOK, json!({"cells": {"data": [{"kind": 1, "document": cell(1)}]}}));
    assert_eq!(pushes(&mut client, 3), [vec![] as Vec<String>, vec![], vec!["CS106".to_owned()]]);
    // Code again, and the notebook's language changes with its metadata (nothing breaks).
    client.change_notebook(NOTEBOOK, json!({"metadata": {"metadata": {"language_info": {"name": "python"}}}, "cells": {"data": [{"kind": 2, "document": cell(1)}]}}));
    assert_eq!(pushes(&mut client, 3)[0], ["CS201"]);
    client.notify("notebookDocument/didSave", json!({"notebookDocument": {"uri": NOTEBOOK}}));
    assert_eq!(pushes(&mut client, 3)[0], ["CS201"]);
    client.notify("notebookDocument/didClose", json!({"notebookDocument": {"uri": NOTEBOOK}, "cellTextDocuments": [{"uri": cell(0)}, {"uri": cell(1)}, {"uri": cell(2)}]}));
    assert_eq!(pushes(&mut client, 3), vec![vec![] as Vec<String>; 3]);
}

#[test]
fn a_cells_language_is_its_magics_then_its_own_then_the_notebooks() {
    let (mut client, answer) = Client::with(Start { capabilities: pulling(), ..Start::default() });
    let selector = answer["capabilities"]["notebookDocumentSync"]["notebookSelector"][0]["cells"].to_string();
    for language in ["python", "sql", "scala", "r"] {
        assert!(selector.contains(&format!("\"{language}\"")), "{language} cells would be hidden");
    }
    let metadata = json!({"metadata": {"application/vnd.databricks.v1+notebook": {"language": "scala"}}});
    open(
        &mut client,
        metadata,
        &[
            ("python", "%scala\nval password = \"q7#Lm2vX9\""),
            ("sql", "CREATE CONNECTION c TYPE mysql OPTIONS (password 'q7#Lm2vX9')"),
            ("unknown", "val password = \"q7#Lm2vX9\""),
            ("python", "val q = s\"${\""),
        ],
    );
    for n in 0..3 {
        assert_eq!(client.pull(&cell(n)).len(), 1, "cell {n}");
    }
    // `metadata.vscode.languageId` wins over the editor's language.
    client.change_notebook(NOTEBOOK, json!({"cells": {"data": [{"kind": 2, "document": cell(3), "metadata": {"vscode": {"languageId": "scala"}}}], "textContent": [{"document": {"uri": cell(3), "version": 2}, "changes": [{"text": "object A { val password = \"q7#Lm2vX9\" }"}]}]}}));
    assert_eq!(client.pull(&cell(3)).len(), 1);
}

#[test]
fn fixes_and_positions_are_the_cells_own() {
    for document_changes in [false, true] {
        let options = json!({"secrets": {"declared": {"jdbc": ["password", "token"]}, "scope": "jdbc"}});
        let capabilities = json!({"textDocument": {"diagnostic": {}}, "workspace": {"workspaceEdit": {"documentChanges": document_changes}}});
        let (mut client, _) = Client::with(Start { capabilities, options, ..Start::default() });
        let texts = ["x = '𝄞'\r\npassword = 'q7#Lm2vX9'", "token = 'w8#Kn3uY0'", "again = 1\npassword = 'q7#Lm2vX9'"];
        open(&mut client, json!({}), &texts.map(|t| ("python", t)));
        let found = client.pull(&cell(0));
        assert_eq!(
            found[0]["range"],
            json!({"start": {"line": 1, "character": 11}, "end": {"line": 1, "character": 22}})
        );
        let action = client.action(&cell(0), &found[0]["range"], "Move to secret scope");
        let changed = edits(&action["edit"]);
        assert_eq!(
            apply(texts[0], &changed[&cell(0)]),
            "x = '𝄞'\r\npassword = dbutils.secrets.get(scope='jdbc', key='password')"
        );
        // All cells at once, asked from one of them.
        for only in ["notebook.source.fixAll", "notebook.source.fixAll.credscope", "source.fixAll"] {
            let all = client.actions(&cell(0), &found[0]["range"], Some(only));
            assert_eq!(all.len(), 1, "{only}");
            assert_eq!(edits(&all[0]["edit"]).len(), 3, "{only}");
        }
        let every = client.action(&cell(0), &found[0]["range"], "Move all 2 uses in open files");
        assert_eq!(edits(&every["edit"]).keys().collect::<Vec<_>>(), [&cell(0), &cell(2)]);
        let range = client.pull(&cell(2))[0]["range"].clone();
        let ignore = client.action(&cell(2), &range, "here with a reason");
        let text = apply(texts[2], &edits(&ignore["edit"])[&cell(2)]);
        assert_eq!(text, "again = 1\n# credscope: ignore[named-variable] reason\npassword = 'q7#Lm2vX9'");
    }
}

#[test]
fn findings_in_stored_outputs_come_on_save_from_the_file() {
    let output = json!({"output_type": "stream", "name": "stdout", "text": ["q7#Lm2vX9\n"]});
    let saved = |outputs: Value| {
        json!({"cells": [{"cell_type": "code", "metadata": {}, "outputs": outputs, "execution_count": 1, "source": ["password = 'q7#Lm2vX9'"]}], "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}).to_string()
    };
    let project = folder(&[("nb.ipynb", &saved(json!([output])))]);
    let file = project.path().join("nb.ipynb");
    let notebook = uri(&file);
    for pull in [false, true] {
        std::fs::write(&file, saved(json!([output]))).unwrap();
        let mut client = Client::start(if pull { pulling() } else { json!({}) });
        let see = |client: &mut Client| codes(&if pull { client.pull(&cell(0)) } else { client.pushed(&cell(0)) });
        client.open_notebook(&notebook, json!({}), &[(&cell(0), "python", "password = 'q7#Lm2vX9'", 2)]);
        assert_eq!(see(&mut client), ["CS106"]);
        client.notify("notebookDocument/didSave", json!({"notebookDocument": {"uri": notebook}}));
        assert_eq!(see(&mut client), ["CS106", "CS290"]);
        std::fs::write(&file, saved(json!([]))).unwrap();
        client.notify("notebookDocument/didSave", json!({"notebookDocument": {"uri": notebook}}));
        assert_eq!(see(&mut client), ["CS106"]);
    }
}
