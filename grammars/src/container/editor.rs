//! Notebooks that an editor sends cell by cell.

use std::sync::Arc;

use super::cells::{Cells, Source};
use crate::{CellKind, Container, Document, Encoding, Language, LineIndex, TextMap};

/// A cell as the editor holds it.
#[derive(Clone, Debug)]
pub struct EditorCell {
    /// What the editor says; a magic in the text counts more.
    pub language: Language,
    /// [`CellKind::Code`] or [`CellKind::Markdown`].
    pub kind: CellKind,
    pub text: Arc<str>,
}

/// A document of an editor's cells. [`crate::Cell::number`] is the position among them; maps lead to the text of that
/// editor cell, and the document's own text is empty. One editor cell can become two cells (`%pip` lines, then Python).
pub fn from_cells(language: Language, editor_cells: Vec<EditorCell>) -> Document {
    let mut cells = Cells::default();
    let mut newline = "\n";
    for (number, cell) in editor_cells.into_iter().enumerate() {
        if super::newline_of(&cell.text) == "\r\n" {
            newline = "\r\n";
        }
        let (number, map) = (number as u32, TextMap::verbatim(0, cell.text.len()));
        if cell.kind == CellKind::Code {
            let (text, encoding) = (cell.text.as_ref().to_owned(), Encoding::Verbatim);
            let source = Source { number, text, map, encoding, line_offset: 0, execution_count: None };
            cells.push_code(source, cell.language);
        } else {
            cells.push(cell.kind, cell.language, number, cell.text, map, Encoding::Verbatim);
        }
    }
    Document {
        entry: None,
        container: Container::EditorNotebook,
        language,
        text: Arc::default(),
        lines: LineIndex::new(""),
        cells: cells.into_vec(),
        newline,
        writable: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;

    #[test]
    fn magics_count_more_than_the_editors_language() {
        let cell = |kind, text: &str| EditorCell { language: Language::Python, kind, text: text.into() };
        let document = from_cells(
            Language::Python,
            vec![
                cell(CellKind::Code, "%sql\nSELECT 1"),
                cell(CellKind::Markdown, "%sql is a magic"),
                cell(CellKind::Code, "%pip install x\nimport x"),
            ],
        );
        let cells: Vec<_> = document.cells.iter().map(|c| (c.number, c.language, &*c.text)).collect();
        let expected = [
            (0, Language::Sql, "SELECT 1"),
            (1, Language::Python, "%sql is a magic"),
            (2, Language::Pip, "%pip install x"),
            (2, Language::Python, "import x"),
        ];
        assert_eq!(cells, expected);
        assert_eq!(document.physical(3, Span::new(0, 6)), Span::new(15, 21));
    }
}
