use std::io::{Cursor, Write};

use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;
use crate::{CellKind, Container, Document, Language, Span, open};

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        if name.ends_with('/') {
            zip.add_directory(*name, SimpleFileOptions::default()).unwrap();
        } else {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

const NOTEBOOK: &str = r#"{"version":"NotebookV1","origId":1,"name":"n","language":"scala","commands":[
 {"version":"CommandV1","guid":"g","position":2.0,"command":"%sql\nSELECT \"a\"","commandTitle":"Second","results":
  {"type":"table","data":[["x",1]],"schema":[]},"errorSummary":null,"error":null},
 {"position":1.5,"command":"val x = 1","results":{"type":"listResults","data":[{"type":"ansi","data":"out"},
  {"type":"image","data":"AAAA"}]},"inputWidgets":{},"errorSummary":"short","error":"short and long"}],"guid":"y"}"#;

fn shape(document: &Document) -> Vec<(u32, u32, Language, &str)> {
    document.cells.iter().map(|c| (c.number, c.line_offset, c.language, &*c.text)).collect()
}

#[test]
fn notebooks_in_folders_are_read_in_the_order_of_their_commands() {
    let bytes = archive(&[("d/", b""), ("d/n.scala", NOTEBOOK.as_bytes()), ("manifest.mf", b"{}")]);
    let opened = open("a.DBC", &bytes);
    assert_eq!(opened.problems, []);
    let document = opened.documents.iter().find(|d| d.entry.as_deref() == Some("d/n.scala")).unwrap();
    assert_eq!(
        (document.container, document.language, document.writable),
        (Container::ArchiveEntry, Language::Scala, false)
    );
    let expected = [
        (1, 0, Language::Scala, "val x = 1"),
        (1, 0, Language::Text, "out"),
        (1, 0, Language::Text, "short and long"),
        (0, 0, Language::Text, "Second"),
        (0, 1, Language::Sql, "SELECT \"a\""),
        (0, 0, Language::Text, "|x|1|\n"),
    ];
    assert_eq!(shape(document), expected);
    assert_eq!(document.cells[5].kind, CellKind::Output { of: 4, mime: "table".into() });
    let at = NOTEBOOK.find("\\\"a").unwrap();
    assert_eq!(document.physical(4, Span::new(7, 9)), Span::new(at, at + 3));
}

#[test]
fn entries_that_are_called_like_notebooks_and_are_none_are_a_problem() {
    let bytes = archive(&[
        ("cut.python", br#"{"a":"#),
        ("n.scala", NOTEBOOK.as_bytes()),
        ("plain.sql", b"SELECT 1"),
        ("data.json", b"{}"),
    ]);
    let opened = open("a.dbc", &bytes);
    let entries: Vec<_> = opened.problems.iter().filter_map(|p| p.entry.as_deref()).collect();
    assert_eq!(entries, ["cut.python"]);
    let read: Vec<_> = opened.documents.iter().filter_map(|d| d.entry.as_deref()).collect();
    assert_eq!(read, ["n.scala", "plain.sql", "data.json"]);
}

#[test]
fn archives_that_are_too_much_are_a_problem() {
    let zeros = vec![b' '; 4 << 20];
    let bytes = archive(&[("bomb.py", &zeros), ("in.dbc", b"PK"), ("ok.py", b"x = 1")]);
    let opened = open("a.dbc", &bytes);
    let entries: Vec<_> = opened.problems.iter().filter_map(|p| p.entry.as_deref()).collect();
    assert_eq!(entries, ["bomb.py", "in.dbc"]);
    assert!(opened.problems[0].message.contains("300 times"), "{:?}", opened.problems);
    assert_eq!(opened.documents.len(), 1);
    let many = "PK\u{1}\u{2}".repeat(MAX_ENTRIES + 1);
    assert!(open("a.dbc", many.as_bytes()).problems[0].message.contains("10000 entries"));
}

#[test]
fn what_is_no_archive_is_a_problem_unless_it_is_another_format() {
    for (bytes, problems) in [
        (b"nonsense".as_slice(), 1),
        (b"PK\x03\x04 cut off", 1),
        (b"VERSION \"\"\nBO_ 1 X: 8 Y\n", 0),
        (b"version https://git-lfs.github.com/spec/v1", 1),
    ] {
        let opened = open("a.dbc", bytes);
        assert_eq!((opened.documents.len(), opened.problems.len()), (0, problems));
    }
}

#[test]
fn broken_entries_keep_their_commands() {
    let cut = &NOTEBOOK[..NOTEBOOK.len() - 60];
    let opened = open("a.dbc", &archive(&[("n.scala", cut.as_bytes())]));
    assert_eq!(opened.problems[0].entry.as_deref(), Some("n.scala"));
    assert!(opened.documents[0].cells.iter().any(|c| &*c.text == "val x = 1"));
}
