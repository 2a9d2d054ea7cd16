//! Collects the cells of a document.

use std::sync::Arc;

use super::magic;
use crate::{Cell, CellKind, Encoding, Language, Span, TextMap};

/// Cells in file order; gives them their indices.
#[derive(Default)]
pub(super) struct Cells(Vec<Cell>);

/// A cell as its container holds it, before its magic is looked at.
pub(super) struct Source {
    pub number: u32,
    pub text: String,
    pub map: TextMap,
    pub encoding: Encoding,
    /// Lines of the cell before `text`.
    pub line_offset: u32,
    pub execution_count: Option<u32>,
}

impl Cells {
    pub(super) fn into_vec(self) -> Vec<Cell> {
        self.0
    }

    /// A cell of another version of the text, moved by so many bytes and cells.
    pub(super) fn take_over(&mut self, cell: &Cell, bytes: i64, number: u32) {
        let index = self.0.len() as u32;
        self.0.push(Cell { index, number, map: cell.map.moved(bytes), ..cell.clone() });
    }

    /// One cell as it is; answers its index.
    pub(super) fn push(
        &mut self,
        kind: CellKind,
        language: Language,
        number: u32,
        text: Arc<str>,
        map: TextMap,
        encoding: Encoding,
    ) -> u32 {
        let index = self.0.len() as u32;
        self.0.push(Cell {
            index,
            number,
            kind,
            language,
            text,
            line_offset: 0,
            map,
            encoding,
            magic: None,
            execution_count: None,
        });
        index
    }

    /// A code cell: its magic, if any, chooses the language. Becomes two cells when only its first lines are a magic's
    /// (`%pip install x`, then Python). Answers the index of the first.
    pub(super) fn push_code(&mut self, source: Source, host: Language) -> u32 {
        let first = self.0.len() as u32;
        for part in magic::split(&source.text, host) {
            let whole = part.range == (0..source.text.len());
            let span = Span::new(part.range.start, part.range.end);
            let lines = memchr::memchr_iter(b'\n', &source.text.as_bytes()[..part.range.start]).count();
            let kind = if part.language == Language::Markdown { CellKind::Markdown } else { CellKind::Code };
            let map = if whole { source.map.clone() } else { source.map.slice(span) };
            let text = span.of(&source.text).into();
            self.push(kind, part.language, source.number, text, map, source.encoding.clone());
            if let Some(cell) = self.0.last_mut() {
                cell.line_offset = source.line_offset + lines as u32;
                cell.magic = part.magic;
                cell.execution_count = source.execution_count;
            }
        }
        first
    }
}
