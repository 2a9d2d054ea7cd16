//! Notebooks in the Fabric source form: `# Fabric notebook source`, sections that start with `# CELL ****`,
//! `# MARKDOWN ****`, `# METADATA ****` (whose lines start with `# META`), `# MAGIC` blocks.

use std::sync::Arc;

use super::{
    cells::Cells,
    newline_of,
    source::{Line, Marks, lines, push_cell, unprefixed},
};
use crate::{CellKind, Container, Document, Encoding, Language, LineIndex};

const HEADER: &str = "Fabric notebook source";

/// Whether [`read`] reads it.
pub(super) fn is_one(text: &str) -> bool {
    lines(text).find(|line| !line.is_blank()).is_some_and(|first| Marks::of_header(first.content, HEADER).is_some())
}

/// Reads a source notebook; `None` when the text is none.
pub(super) fn read(text: &Arc<str>, of_path: Option<Language>) -> Option<Document> {
    let first = lines(text).find(|line| !line.is_blank())?;
    let marks = Marks::of_header(first.content, HEADER)?;
    let host = marks.language(of_path);
    let sections = sections(text, first.next, marks);
    let mut cells = Cells::default();
    let mut number: Option<u32> = None;
    for (i, section) in sections.iter().enumerate() {
        if section.kind != Kind::Metadata {
            number = Some(number.map_or(0, |n| n + 1));
        }
        let owner = number.unwrap_or(0);
        match section.kind {
            Kind::Code => {
                let metadata = sections.get(i + 1).filter(|next| next.kind == Kind::Metadata);
                let language = metadata.and_then(|m| language(text, m, marks)).unwrap_or(host);
                push_cell(&mut cells, text, &section.lines, marks, owner, language);
            }
            Kind::Markdown => {
                push_prefixed(&mut cells, text, section, &format!("{} ", marks.comment), owner);
            }
            Kind::Metadata => {
                push_prefixed(&mut cells, text, section, &format!("{} META ", marks.comment), owner);
            }
        }
    }
    Some(Document {
        entry: None,
        container: Container::FabricSource,
        language: host,
        lines: LineIndex::new(text),
        newline: newline_of(text),
        text: text.clone(),
        cells: cells.into_vec(),
        writable: true,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Markdown,
    Metadata,
}

struct Section<'a> {
    kind: Kind,
    lines: Vec<Line<'a>>,
}

fn sections<'a>(text: &'a str, body: usize, marks: Marks) -> Vec<Section<'a>> {
    // What stands before the first section is code.
    let mut sections = vec![Section { kind: Kind::Code, lines: Vec::new() }];
    for line in lines(text).filter(|line| line.start >= body) {
        let kind = [
            ("CELL", Kind::Code),
            ("PARAMETERS CELL", Kind::Code),
            ("MARKDOWN", Kind::Markdown),
            ("METADATA", Kind::Metadata),
        ]
        .into_iter()
        .find(|(word, _)| marks.after(line.content, word).is_some_and(is_stars));
        match (kind, sections.last_mut()) {
            (Some((_, kind)), _) => sections.push(Section { kind, lines: Vec::new() }),
            (None, Some(section)) => section.lines.push(line),
            (None, None) => {}
        }
    }
    if sections.first().is_some_and(|s| s.lines.iter().all(Line::is_blank)) {
        sections.remove(0);
    }
    sections
}

fn is_stars(rest: &str) -> bool {
    let stars = rest.trim();
    stars.len() >= 3 && stars.bytes().all(|b| b == b'*')
}

fn trimmed<'a, 'b>(lines: &'b [Line<'a>]) -> &'b [Line<'a>] {
    let first = lines.iter().position(|line| !line.is_blank()).unwrap_or(lines.len());
    let end = lines.iter().rposition(|line| !line.is_blank()).map_or(first, |n| n + 1);
    &lines[first..end]
}

fn push_prefixed(cells: &mut Cells, text: &str, section: &Section<'_>, prefix: &str, number: u32) {
    let lines = trimmed(&section.lines);
    if lines.is_empty() {
        return;
    }
    let (body, map) = unprefixed(text, lines, prefix);
    let (kind, language) = match section.kind {
        Kind::Markdown => (CellKind::Markdown, Language::Markdown),
        _ => (CellKind::Meta, Language::Json),
    };
    cells.push(kind, language, number, body.into(), map, Encoding::LinePrefix(prefix.into()));
}

/// The language in a cell's metadata.
fn language(text: &str, section: &Section<'_>, marks: Marks) -> Option<Language> {
    let (json, _) = unprefixed(text, trimmed(&section.lines), &format!("{} META ", marks.comment));
    let value: serde_json::Value = serde_json::from_str(&json).ok()?;
    match value.get("language")?.as_str()? {
        "tsql" => Some(Language::Sql),
        name => Language::of_name(name),
    }
}

#[cfg(test)]
mod tests {
    use crate::{CellKind, Container, Language, Span, open};

    const NOTEBOOK: &str = "# Fabric notebook source\n\n# METADATA ********************\n\n# META {\n\
        # META   \"a\": 1\n# META }\n\n# MARKDOWN ********************\n\n# # Title\n# \n# text\n\n\
        # CELL ********************\n\nx = 1\n\n# METADATA ********************\n\n# META {\n# META   \"language\": \"python\"\n\
        # META }\n\n# PARAMETERS CELL ********************\n\n# MAGIC %%sql\n# MAGIC SELECT 1\n\n# CELL ********************\n\n\
        SELECT 2\n\n# METADATA ********************\n\n# META {\n# META   \"language\": \"sparksql\"\n# META }\n";

    #[test]
    fn sections_become_cells() {
        let opened = open("notebook-content.py", NOTEBOOK.as_bytes());
        let document = &opened.documents[0];
        assert_eq!(document.container, Container::FabricSource);
        let cells: Vec<_> = document.cells.iter().map(|c| (c.number, c.language, &*c.text)).collect();
        let expected = [
            (0, Language::Json, "{\n  \"a\": 1\n}"),
            (0, Language::Markdown, "# Title\n\ntext"),
            (1, Language::Python, "x = 1"),
            (1, Language::Json, "{\n  \"language\": \"python\"\n}"),
            (2, Language::Sql, "SELECT 1"),
            (3, Language::Sql, "SELECT 2"),
            (3, Language::Json, "{\n  \"language\": \"sparksql\"\n}"),
        ];
        assert_eq!(cells, expected);
        assert_eq!(document.cells[0].kind, CellKind::Meta);
        let at = NOTEBOOK.find("\"a\"").unwrap();
        assert_eq!(document.physical(0, Span::new(4, 7)), Span::new(at, at + 3));
    }
}
