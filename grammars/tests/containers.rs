//! Properties of every container: ranges map there and back, an edit changes what it says and nothing else, and no
//! input makes the reader panic.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::io::{Cursor, Write};

use credscope_grammars::{Cell, Document, Language, Span, open};
use proptest::{prelude::*, sample::Index, test_runner::FileFailurePersistence};

/// A cell to write: its magic (and whether its text starts on the magic's line) and its lines.
#[derive(Clone, Debug)]
struct Given {
    magic: Option<(&'static str, bool)>,
    lines: Vec<String>,
}

impl Given {
    /// Lines as they stand in the container, with the magic's.
    fn physical(&self) -> Vec<String> {
        let mut lines = self.lines.clone();
        match self.magic {
            Some((magic, true)) => lines[0] = format!("%{magic} {}", lines[0]),
            Some((magic, false)) => lines.insert(0, format!("%{magic}")),
            None => {}
        }
        lines
    }
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Databricks(&'static str, &'static str),
    Fabric,
    Jupyter { list: bool, ascii: bool },
    Archive,
}

const FORMS: [Form; 9] = [
    Form::Databricks("n.py", "#"),
    Form::Databricks("n.scala", "//"),
    Form::Databricks("n.sql", "--"),
    Form::Databricks("n.r", "#"),
    Form::Fabric,
    Form::Jupyter { list: true, ascii: false },
    Form::Jupyter { list: true, ascii: true },
    Form::Jupyter { list: false, ascii: false },
    Form::Archive,
];

fn render(form: Form, cells: &[Given], newline: &str) -> (&'static str, Vec<u8>) {
    match form {
        Form::Databricks(path, mark) => {
            let cells: Vec<_> = cells.iter().map(|cell| source_cell(cell, mark)).collect();
            let separator = format!("\n\n{mark} COMMAND ----------\n\n");
            let text = format!("{mark} Databricks notebook source\n{}", cells.join(&separator));
            (path, text.replace('\n', newline).into_bytes())
        }
        Form::Fabric => {
            let mut text = "# Fabric notebook source\n".to_owned();
            for cell in cells {
                text += &format!("\n# CELL ********************\n\n{}\n", source_cell(cell, "#"));
                text += "\n# METADATA ********************\n\n# META {\n# META }\n";
            }
            ("notebook-content.py", text.replace('\n', newline).into_bytes())
        }
        Form::Jupyter { list, ascii } => {
            let cells: Vec<_> = cells.iter().map(|cell| json_cell(cell, list, newline)).collect();
            let value = serde_json::json!({"cells": cells, "metadata": {"a": [1, {}]}, "nbformat": 4});
            let text = serde_json::to_string_pretty(&value).unwrap().replace('\n', newline);
            let text = if ascii { escape(&text) } else { text };
            ("n.ipynb", text.into_bytes())
        }
        Form::Archive => {
            let commands: Vec<_> = cells
                .iter()
                .enumerate()
                .map(|(i, cell)| serde_json::json!({"position": i, "command": cell.physical().join(newline)}))
                .collect();
            let text =
                serde_json::json!({"version": "NotebookV1", "language": "python", "commands": commands}).to_string();
            let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
            zip.start_file("d/n.python", zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
            ("n.dbc", zip.finish().unwrap().into_inner())
        }
    }
}

fn source_cell(cell: &Given, mark: &str) -> String {
    let lines = cell.physical();
    let prefixed = |line: &String| format!("{mark} MAGIC {line}").trim_end().to_owned();
    if cell.magic.is_some() { lines.iter().map(prefixed).collect::<Vec<_>>().join("\n") } else { lines.join("\n") }
}

fn json_cell(cell: &Given, list: bool, newline: &str) -> serde_json::Value {
    let text = cell.physical().join(newline);
    let source = if list {
        text.split_inclusive('\n').map(serde_json::Value::from).collect()
    } else {
        serde_json::Value::from(text)
    };
    let output = serde_json::json!({"output_type": "stream", "name": "stdout", "text": ["é\n", "x"]});
    serde_json::json!({"cell_type": "code", "source": source, "metadata": {}, "outputs": [output]})
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out += &format!("\\u{unit:04X}"));
        }
    }
    out
}

/// What a reader must see: number, language and text of the cells, blank ones and blank edges left out.
fn seen(cells: &[Cell]) -> Vec<(u32, Language, String)> {
    let cells = cells.iter().filter(|cell| !cell.text.trim().is_empty());
    cells.map(|cell| (cell.number, cell.language, cell.text.trim().to_owned())).collect()
}

/// What must hold of anything that was opened.
fn assert_sound(document: &Document) {
    for (i, cell) in document.cells.iter().enumerate() {
        assert_eq!((cell.index as usize, cell.map.text_len()), (i, cell.text.len()));
        let whole = document.physical(i, Span::new(0, cell.text.len()));
        assert!(document.text.get(whole.range()).is_some(), "{whole:?} is no range of the file");
        for segment in cell.map.segments().iter().filter(|segment| !segment.opaque) {
            let (text, source) = (segment.text as usize, segment.source as usize);
            let len = segment.text_len as usize;
            assert_eq!(cell.text.get(text..text + len), document.text.get(source..source + len));
        }
    }
}

/// A range of characters of a text; half a line break is no place for its ends.
fn pick(text: &str, a: &Index, b: &Index) -> Span {
    let places = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let places: Vec<_> = places.filter(|at| !text[..*at].ends_with('\r')).collect();
    let (a, b) = (*a.get(&places), *b.get(&places));
    Span::new(a.min(b), a.max(b))
}

fn line() -> impl Strategy<Value = String> {
    proptest::string::string_regex("([a-z][a-z0-9 =\"'\\\\éß😀]{0,10}[a-z0-9\"é😀])?").unwrap()
}

fn cell() -> impl Strategy<Value = Given> {
    let magic =
        prop_oneof![Just(None), (prop_oneof![Just("sql"), Just("sh"), Just("scala")], any::<bool>()).prop_map(Some)];
    let full = || line().prop_map(|line| format!("x{line}"));
    (magic, full(), prop::collection::vec(line(), 0..4), full()).prop_map(|(magic, first, mut lines, last)| {
        lines.insert(0, first);
        lines.push(last);
        Given { magic, lines }
    })
}

fn notebook() -> impl Strategy<Value = (Form, Vec<Given>, &'static str)> {
    let newline = prop_oneof![Just("\n"), Just("\r\n")];
    (prop::sample::select(&FORMS[..]), prop::collection::vec(cell(), 1..4), newline)
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn cells_are_read_and_every_range_maps_there_and_back((form, given, newline) in notebook(), a: Index, b: Index) {
        let (path, bytes) = render(form, &given, newline);
        let opened = open(path, &bytes);
        prop_assert!(opened.problems.is_empty(), "{:?}", opened.problems);
        let document = &opened.documents[0];
        assert_sound(document);
        let codes: Vec<_> = document.code_cells().map(|(_, cell)| cell).collect();
        prop_assert_eq!(codes.len(), given.len());
        for (number, (cell, given)) in codes.iter().zip(&given).enumerate() {
            prop_assert_eq!(&*cell.text, given.lines.join(newline));
            prop_assert_eq!(cell.number, number as u32);
            prop_assert_eq!(cell.line_offset, u32::from(given.magic.is_some_and(|(_, same_line)| !same_line)));
            let language = given.magic.and_then(|(magic, _)| Language::of_name(magic)).unwrap_or(document.language);
            prop_assert_eq!(cell.language, language);
        }
        for cell in &document.cells {
            let span = pick(&cell.text, &a, &b);
            if !span.is_empty() {
                prop_assert_eq!(cell.map.to_text(cell.map.to_source(span)), Some(span));
            }
        }
    }

    #[test]
    fn an_edit_changes_what_it_says_and_nothing_else(
        (form, given, newline) in notebook(), which: Index, a: Index, b: Index, new in prop::collection::vec(line(), 0..3),
    ) {
        let (path, bytes) = render(form, &given, newline);
        let before = open(path, &bytes).documents.remove(0);
        if !before.writable {
            return Ok(());
        }
        let codes: Vec<_> = before.code_cells().map(|(i, _)| i).collect();
        let at = *which.get(&codes);
        let cell = &before.cells[at];
        let (span, new) = (pick(&cell.text, &a, &b), new.join("\n"));
        let (range, text) = before.edit(at, span, &new).unwrap();
        let mut file = before.text.to_string();
        file.replace_range(range.range(), &text);
        let after = open(path, file.as_bytes());
        prop_assert!(after.problems.is_empty(), "{:?}", after.problems);
        let after = &after.documents[0];
        assert_sound(after);
        prop_assert_eq!(after.container, before.container);
        let mut expected = before.cells.clone();
        // JSON keeps the line breaks that it is given; elsewhere they are the file's own.
        let new = if matches!(form, Form::Jupyter { .. }) { new } else { new.replace('\n', newline) };
        let mut text = cell.text.to_string();
        text.replace_range(span.range(), &new);
        expected[at].text = text.into();
        prop_assert_eq!(seen(&after.cells), seen(&expected));
    }

    #[test]
    fn no_input_makes_the_reader_panic(
        (form, given, newline) in notebook(),
        changes in prop::collection::vec((any::<Index>(), prop_oneof![any::<u8>(), Just(b'"'), Just(b'\\'), Just(b'\n'), Just(b'%')], 0..4u8), 0..8),
        noise in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let (own, mut bytes) = render(form, &given, newline);
        for (at, byte, how) in changes {
            let at = at.index(bytes.len().max(1));
            match how {
                0 => bytes.insert(at, byte),
                1 => bytes.truncate(at),
                2 if at < bytes.len() => drop(bytes.remove(at)),
                _ if at < bytes.len() => bytes[at] = byte,
                _ => {}
            }
        }
        for path in [own, "x.ipynb", "x.dbc", "x.py", "x.scala", "x.sql", "x.r", "x.json", "x.unknown", ""] {
            for bytes in [&bytes, &noise] {
                for document in &open(path, bytes).documents {
                    assert_sound(document);
                }
            }
        }
    }
}

#[test]
fn large_files_and_long_lines_are_read_in_linear_time() {
    let line = "x".repeat(1 << 20);
    let many = "a = 1\n".repeat(200_000);
    let started = std::time::Instant::now();
    for body in [&line, &many] {
        for (path, bytes) in [
            ("a.py", format!("# Databricks notebook source\n{body}")),
            ("b.ipynb", serde_json::json!({"cells": [{"cell_type": "code", "source": body}]}).to_string()),
        ] {
            let opened = open(path, bytes.as_bytes());
            assert_eq!(opened.documents[0].cells[0].text.trim_end(), body.trim_end());
        }
    }
    // Quadratic reading would take minutes.
    assert!(started.elapsed().as_secs() < 20);
    let huge = vec![b'x'; credscope_grammars::container::MAX_FILE_BYTES + 1];
    assert_eq!((open("a.py", &huge).documents.len(), open("a.py", &huge).problems.len()), (0, 1));
}
