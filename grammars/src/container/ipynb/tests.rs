use crate::{CellKind, Container, Document, Encoding, Language, Span, open};

fn read(text: &str) -> (Document, Vec<String>) {
    let mut opened = open("a.ipynb", text.as_bytes());
    (opened.documents.remove(0), opened.problems.into_iter().map(|p| p.message).collect())
}

#[test]
fn cells_of_every_kind_and_source_form() {
    let text = r##"{"cells": [
      {"cell_type": "markdown", "metadata": {}, "source": ["# T\n", "x"]},
      {"cell_type": "code", "execution_count": 7, "metadata": {}, "outputs": [],
       "source": "%sql\nSELECT \"\u00e9\ud83d\ude00\""},
      {"cell_type": "raw", "source": "raw"},
      {"cell_type": "code", "source": ["a = 1\n",
         "b = 2"], "metadata": {"vscode": {"languageId": "r"}, "application/vnd.databricks.v1+cell": {"title": "My"}}},
      {"cell_type": "code", "source": []}
    ], "metadata": {"language_info": {"name": "python"},
      "application/vnd.databricks.v1+notebook": {"language": "scala", "widgets": {"w": {"defaultValue": "x"}}}},
    "nbformat": 4, "nbformat_minor": 5}"##;
    let (document, problems) = read(text);
    assert_eq!((problems.len(), document.container, document.language), (0, Container::Jupyter, Language::Scala));
    let cells: Vec<_> =
        document.cells.iter().map(|c| (c.number, c.kind.clone(), c.language, c.line_offset, &*c.text)).collect();
    let expected = [
        (0, CellKind::Meta, Language::Json, 0, r#"{"w": {"defaultValue": "x"}}"#),
        (0, CellKind::Markdown, Language::Markdown, 0, "# T\nx"),
        (1, CellKind::Code, Language::Sql, 1, "SELECT \"é😀\""),
        (2, CellKind::Raw, Language::Text, 0, "raw"),
        (3, CellKind::Meta, Language::Text, 0, "My"),
        (3, CellKind::Code, Language::R, 0, "a = 1\nb = 2"),
        (4, CellKind::Code, Language::Scala, 0, ""),
    ];
    assert_eq!(cells, expected);
    assert_eq!(document.cells[2].execution_count, Some(7));
    assert_eq!(document.cells[2].encoding, Encoding::JsonString { ascii: true });
    assert_eq!(document.cells[2].encode("é\"\n", "\r\n"), "\\u00e9\\\"\\n");
    assert_eq!(document.physical(5, Span::new(6, 7)), {
        let at = text.find("b = 2").unwrap();
        Span::new(at, at + 1)
    });
}

#[test]
fn stored_outputs_are_cells_of_their_own_and_pictures_are_skipped() {
    let (document, problems) = read(
        r#"{"cells": [{"cell_type": "code", "source": "x", "outputs": [
      {"output_type": "stream", "text": ["a\n", "b"], "name": "stderr"},
      {"output_type": "display_data", "data": {"image/png": "AAAA", "text/html": ["<b>", "c"],
        "application/vnd.jupyter.widget-view+json": {"a": 1}, "application/json": {"k": ["v"]}, "text/plain": "d"}},
      {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["l1", "l2"]}]}]}"#,
    );
    assert_eq!(problems, [""; 0]);
    let outputs: Vec<_> = document.cells[1..]
        .iter()
        .map(|c| match &c.kind {
            CellKind::Output { of: 0, mime } => (&**mime, c.language, &*c.text),
            kind => panic!("{kind:?}"),
        })
        .collect();
    let expected = [
        ("stream/stderr", Language::Text, "a\nb"),
        ("text/html", Language::Text, "<b>c"),
        ("application/json", Language::Json, r#"{"k": ["v"]}"#),
        ("text/plain", Language::Text, "d"),
        ("traceback", Language::Text, "l1\nl2"),
        ("traceback", Language::Text, "E\nv"),
    ];
    assert_eq!(outputs, expected);
}

#[test]
fn notebook_language() {
    for (metadata, language) in [
        (r#"{}"#, Language::Python),
        (r#"{"kernelspec": {"name": "ir"}}"#, Language::R),
        (r#"{"kernelspec": {"name": "x", "language": "scala"}}"#, Language::Scala),
        (r#"{"kernelspec": {"name": "synapse_pyspark", "display_name": "Spark"}}"#, Language::Python),
        (r#"{"language_info": {"name": "julia"}}"#, Language::Text),
        (r#"{"language_info": 1, "kernelspec": []}"#, Language::Python),
    ] {
        let (document, _) = read(&format!(r#"{{"metadata": {metadata}, "cells": []}}"#));
        assert_eq!(document.language, language, "{metadata}");
    }
}

#[test]
fn version_3_worksheets_are_read() {
    let (document, _) = read(
        r#"{"worksheets": [{"cells": [{"cell_type": "code", "input": ["x"], "outputs":
        [{"output_type": "pyout", "text": ["y"]}]}]}], "nbformat": 3}"#,
    );
    let texts: Vec<_> = document.cells.iter().map(|c| &*c.text).collect();
    assert_eq!(texts, ["x", "y"]);
}

#[test]
fn broken_notebooks_keep_their_readable_cells_and_say_where() {
    let (document, problems) = read("{\"cells\": [\n {\"source\": \"a\"},\n {\"source\": \"b\" \"c\"}]}");
    assert_eq!(document.cells.len(), 2);
    assert!(problems[0].contains("line 3, column 17") && problems[0].contains("2 cells"), "{problems:?}");
    let (document, problems) = read("{\"cells\": [{\"source\": [\"a\\n\", \"bc");
    assert_eq!((&*document.cells[0].text, problems.len()), ("a\nbc", 1));
    for (text, container) in [("{}", Container::Plain), ("", Container::Jupyter), ("nonsense", Container::Plain)] {
        let (document, problems) = read(text);
        assert_eq!((document.container, problems.len()), (container, usize::from(!text.is_empty())), "{text}");
    }
}

/// Each line of a source stays an element, whatever is edited; what the notebook does not hold as a list is left so.
#[test]
fn edits_leave_one_line_in_an_element() {
    let lines = ["a = 1\n", "b = 'é'\n", "\n", "c = 3\n", "d = 4"];
    let whole = lines.concat();
    let source = serde_json::to_string_pretty(&lines).unwrap();
    for source in [source, serde_json::to_string(&lines).unwrap()] {
        let text = format!(r#"{{"cells": [{{"cell_type": "code", "source": {source}, "outputs": []}}]}}"#);
        let (document, _) = read(&text);
        let starts: Vec<usize> = whole.char_indices().map(|(i, _)| i).chain([whole.len()]).collect();
        for (i, &start) in starts.iter().enumerate() {
            for &end in &starts[i..] {
                for new in ["", "x", "x\n", "\n", "import x\ny = 1\n", "\nx\n\ny"] {
                    let (range, written) = document.edit(0, Span::new(start, end), new).unwrap();
                    let edited = format!("{}{written}{}", &text[..range.start as usize], &text[range.end as usize..]);
                    let value: serde_json::Value = serde_json::from_str(&edited).expect(&edited);
                    let elements: Vec<&str> =
                        value["cells"][0]["source"].as_array().unwrap().iter().map(|e| e.as_str().unwrap()).collect();
                    let expected = format!("{}{new}{}", &whole[..start], &whole[end..]);
                    assert_eq!(elements.concat(), expected, "{start}..{end} {new:?}");
                    let one = |e: &&str| !e.trim_end_matches('\n').contains('\n') && e.matches('\n').count() < 2;
                    assert!(elements.iter().all(one), "{start}..{end} {new:?} {elements:?}");
                }
            }
        }
    }
    let text = r#"{"cells": [{"cell_type": "code", "source": "a\nb"}]}"#;
    let (document, _) = read(text);
    assert_eq!(document.edit(0, Span::new(0, 0), "x\n").unwrap().1, "x\\n");
}
