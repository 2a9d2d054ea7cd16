//! Plain files: one cell that is the whole text; a large Python file is a cell for each of its [`blocks`].

use std::sync::Arc;

use super::{blocks, cells::Cells, newline_of};
use crate::{CellKind, Container, Document, Encoding, Language, LineIndex, TextMap};

/// The whole text (without a byte order mark), in blocks when it is a large program.
pub fn plain(language: Language, text: Arc<str>) -> Document {
    let lines = LineIndex::new(&text);
    with_lines(language, text, lines)
}

/// [`plain`] with the text's lines at hand.
pub(super) fn with_lines(language: Language, text: Arc<str>, lines: LineIndex) -> Document {
    read(language, text, lines, blocks::FROM)
}

/// The same file as it is read when it is large: in blocks, where its language has them. For tests of what holds of both.
pub fn in_blocks(document: &Document) -> Document {
    read(document.language, document.text.clone(), document.lines.clone(), 0)
}

/// Python texts of at least `from` bytes are read as blocks.
fn read(language: Language, text: Arc<str>, lines: LineIndex, from: usize) -> Document {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let kind = if language == Language::Markdown { CellKind::Markdown } else { CellKind::Code };
    let mut cells = Cells::default();
    let mut push = |from: usize, to: usize| {
        let body = if (from, to) == (0, text.len()) { text.clone() } else { text.get(from..to).unwrap_or("").into() };
        cells.push(kind.clone(), language, 0, body, TextMap::verbatim(from, to - from), Encoding::Verbatim);
    };
    if language == Language::Python && text.len() >= from {
        let mut borders = blocks::starts(text.get(start..).unwrap_or(""));
        borders.push(text.len() - start);
        borders.windows(2).for_each(|w| push(start + w[0], start + w[1]));
    } else {
        push(start, text.len());
    }
    Document {
        entry: None,
        container: Container::Plain,
        language,
        lines,
        newline: newline_of(&text),
        text,
        cells: cells.into_vec(),
        writable: true,
    }
}

#[cfg(test)]
mod tests {
    use crate::{ColumnUnit, Language, Span, open};

    #[test]
    fn a_plain_file_is_one_cell_and_its_byte_order_mark_is_outside() {
        let opened = open("job.py", "\u{feff}a = 1\r\nb = 2".as_bytes());
        let document = &opened.documents[0];
        assert_eq!(document.cells.len(), 1);
        assert_eq!(&*document.cells[0].text, "a = 1\r\nb = 2");
        assert_eq!(document.physical(0, Span::new(0, 1)), Span::new(3, 4));
        assert_eq!(document.lines.position(&document.text, 3, ColumnUnit::Utf16).column, 0);
        assert_eq!(document.newline, "\r\n");
        assert!(document.writable && opened.problems.is_empty());
    }

    #[test]
    fn the_name_chooses_the_language() {
        for (path, language) in [
            ("a/B.SCALA", Language::Scala),
            ("x.sc", Language::Scala),
            ("q.sql", Language::Sql),
            ("x.R", Language::R),
            ("notes", Language::Text),
            ("lib.rs", Language::Source),
            ("job.yml.tmpl", Language::Yaml),
            ("a/NuGet.Config", Language::Xml),
        ] {
            assert_eq!(open(path, b"x").documents[0].cells[0].language, language, "{path}");
        }
    }
}
