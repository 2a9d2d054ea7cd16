//! Places in JSON text → cells, for Jupyter notebooks and archive entries.

use super::{cells::Cells, json::decode};
use crate::{Cell, CellKind, Encoding, Language, Span, TextMap};

/// Contents of a stored output; strings are still escaped.
pub(super) enum Body {
    /// Joined with nothing in between.
    Text(Vec<Span>),
    /// Joined with line breaks.
    Lines(Vec<Span>),
    Json(Span),
    /// Names of the columns, and rows.
    Table(Vec<Span>, Vec<Vec<Span>>),
}

pub(super) struct RawOutput {
    pub mime: Box<str>,
    pub body: Body,
}

/// Turns places into cells.
pub(super) struct Build<'a> {
    text: &'a str,
    pub cells: Cells,
    /// An escape stood for a character above U+007F.
    wide: bool,
}

impl<'a> Build<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, cells: Cells::default(), wide: false }
    }

    /// The cells; new text is written with `\uXXXX` when the file writes everything so.
    pub(super) fn finish(self) -> Vec<Cell> {
        let escapes = self.wide && self.text.is_ascii();
        let mut cells = self.cells.into_vec();
        for cell in &mut cells {
            if let Encoding::JsonString { ascii } = &mut cell.encoding {
                *ascii = escapes;
            }
        }
        cells
    }

    /// Decoded pieces one after the other, or as lines.
    pub(super) fn joined(&mut self, pieces: &[Span], line_breaks: bool) -> (String, TextMap) {
        let (mut text, mut map) = (String::new(), TextMap::default());
        for (i, piece) in pieces.iter().enumerate() {
            if line_breaks && i > 0 {
                let end = pieces[i - 1].end as usize;
                text.push('\n');
                map.push(end, 1, piece.start as usize - end, true);
            }
            self.wide |= decode(self.text, *piece, &mut text, &mut map);
        }
        if pieces.iter().all(|p| p.is_empty())
            && let Some(piece) = pieces.first()
        {
            map.push(piece.start as usize, 0, 0, false);
        }
        (text, map)
    }

    /// A table as text: `|a|b|`, a row on each line. Columns that follow their rows in the file have no place of their own.
    fn table(&mut self, columns: &[Span], rows: &[Vec<Span>]) -> (String, TextMap) {
        let (mut text, mut map) = (String::new(), TextMap::default());
        let begin = rows.iter().flatten().next().map_or(0, |cell| cell.start as usize);
        let mut end = begin;
        if !columns.is_empty() {
            let names: Vec<&str> = columns.iter().map(|c| c.of(self.text)).collect();
            between(&mut text, &mut map, &format!("|{}|\n", names.join("|")), begin, &mut end);
        }
        for row in rows {
            for cell in row {
                between(&mut text, &mut map, "|", cell.start as usize, &mut end);
                let from = text.len();
                self.wide |= decode(self.text, *cell, &mut text, &mut map);
                end = cell.end as usize;
                if text[from..].contains(['\n', '|']) {
                    let plain = text[from..].replace(['\n', '|'], " ");
                    text.replace_range(from.., &plain);
                }
            }
            let next = end;
            between(&mut text, &mut map, "|\n", next, &mut end);
        }
        (text, map)
    }

    /// A JSON value as it stands in the file.
    pub(super) fn raw_json(&mut self, kind: CellKind, number: u32, span: Span) {
        let map = TextMap::verbatim(span.start as usize, span.len());
        self.cells.push(kind, Language::Json, number, span.of(self.text).into(), map, Encoding::Verbatim);
    }

    pub(super) fn title(&mut self, number: u32, title: Span) {
        let (text, map) = self.joined(&[title], false);
        if !text.trim().is_empty() {
            let encoding = Encoding::JsonString { ascii: false };
            self.cells.push(CellKind::Meta, Language::Text, number, text.into(), map, encoding);
        }
    }

    pub(super) fn output(&mut self, number: u32, of: u32, output: &RawOutput) {
        let kind = CellKind::Output { of, mime: output.mime.clone() };
        let (text, map) = match &output.body {
            Body::Json(span) => return self.raw_json(kind, number, *span),
            Body::Table(columns, rows) => self.table(columns, rows),
            Body::Text(pieces) => self.joined(pieces, false),
            Body::Lines(pieces) => self.joined(pieces, true),
        };
        let language = if &*output.mime == "text/markdown" { Language::Markdown } else { Language::Text };
        if !text.is_empty() {
            let encoding = Encoding::JsonString { ascii: false };
            self.cells.push(kind, language, number, text.into(), map, encoding);
        }
    }
}

/// Text of our own that stands between two places of the source.
fn between(text: &mut String, map: &mut TextMap, part: &str, next: usize, end: &mut usize) {
    text.push_str(part);
    map.push(*end, part.len(), next.saturating_sub(*end), true);
    *end = next.max(*end);
}
