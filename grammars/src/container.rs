//! Which container bytes are, and their cells.

use std::sync::Arc;

use crate::{Cell, CellKind, Container, Document, Encoding, Language, LineIndex, Opened, TextMap};

/// Reads a file into documents. `path` chooses the language by its ending; contents decide the container.
/// Never fails: what cannot be read becomes a problem, and what can is returned.
pub fn open(path: &str, bytes: &[u8]) -> Opened {
    let mut opened = Opened::default();
    let text: Arc<str> = String::from_utf8_lossy(bytes).into();
    let language = Language::of_path(path).unwrap_or(Language::Text);
    opened.documents.push(plain(language, text));
    opened
}

/// One cell that is the whole text.
pub fn plain(language: Language, text: Arc<str>) -> Document {
    let cell = Cell {
        index: 0,
        number: 0,
        kind: if language == Language::Markdown { CellKind::Markdown } else { CellKind::Code },
        language,
        map: TextMap::verbatim(0, text.len()),
        text: text.clone(),
        encoding: Encoding::Verbatim,
        magic: None,
        execution_count: None,
    };
    Document {
        entry: None,
        container: Container::Plain,
        language,
        lines: LineIndex::new(&text),
        newline: if text.contains("\r\n") { "\r\n" } else { "\n" },
        text,
        cells: vec![cell],
        writable: true,
    }
}
