//! A document is a physical file (or an archive entry, or an editor's notebook) read as cells.

use std::sync::Arc;

use crate::{Language, LineIndex, Span, TextMap};

/// How the physical file holds its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Container {
    /// One cell; a large Python file is a cell for each paragraph of its top level.
    Plain,
    /// `# Databricks notebook source`.
    DatabricksSource,
    /// `# Fabric notebook source`.
    FabricSource,
    /// Jupyter nbformat 4 JSON.
    Jupyter,
    /// An entry of a `.dbc` archive. Read only: fixes are display-only.
    ArchiveEntry,
    /// Cells that an editor sent one by one; every cell is a text of its own.
    EditorNotebook,
}

impl Container {
    /// Whether the code runs as a notebook: cell results are shown, `dbutils` is there without an import.
    pub fn is_notebook(self) -> bool {
        self != Self::Plain
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellKind {
    Code,
    Markdown,
    /// Jupyter raw cells.
    Raw,
    /// A stored output of the code cell with that index; `mime` as stored (`text/plain`, `text/html`), streams are
    /// `stream/stdout` or `stream/stderr`, tracebacks `traceback`.
    Output {
        of: u32,
        mime: Box<str>,
    },
    /// Text around the cells that can hold credentials: titles, widget defaults in metadata, `# META` lines.
    Meta,
}

/// How text is written into the physical file at a place of this cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As it is.
    Verbatim,
    /// Every line of the cell has this prefix in the file (`# MAGIC `): it follows each inserted line break.
    LinePrefix(Box<str>),
    /// The cell is inside JSON strings: quotes, backslashes and line breaks are escaped. `ascii`: the file escapes
    /// everything above U+007F.
    JsonString { ascii: bool },
}

#[derive(Clone, Debug)]
pub struct Cell {
    /// 0-based position among all cells of the document, outputs included; what findings call `cell.index` is
    /// [`Cell::number`].
    pub index: u32,
    /// 0-based number that a user sees (of an archive's notebook: the position in its `commands`): outputs and metadata carry the number of the cell they belong to.
    pub number: u32,
    pub kind: CellKind,
    pub language: Language,
    /// Decoded text, line ends as in the file (`\r\n` stays), without container prefixes and without the magic line's
    /// `%sql` word (it is outside the text; the rest of that line is inside).
    pub text: Arc<str>,
    /// Lines of the cell, as its user sees it, before the first line of `text` (1 when `%sql` stands alone on the
    /// first line): line L of `text` is line `line_offset + L` of the cell.
    pub line_offset: u32,
    /// From `text` to the physical text of the document.
    pub map: TextMap,
    pub encoding: Encoding,
    /// The magic that chose the language, as written without `%` (`sql`, `sh`, `run`, `pip`).
    pub magic: Option<Box<str>>,
    /// Jupyter `execution_count`.
    pub execution_count: Option<u32>,
}

impl Cell {
    /// Text to put into the physical file so that the cell reads `text` at this place.
    /// Line ends in `text` are `\n`; `newline` is the document's own.
    pub fn encode(&self, text: &str, newline: &str) -> String {
        match &self.encoding {
            Encoding::Verbatim => text.replace('\n', newline),
            Encoding::LinePrefix(prefix) => text.replace('\n', &format!("{newline}{prefix}")),
            Encoding::JsonString { ascii } => json_escape(text, *ascii),
        }
    }
}

fn json_escape(text: &str, ascii: bool) -> String {
    let quoted = serde_json::to_string(text).unwrap_or_default();
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or("");
    if !ascii {
        return inner.to_owned();
    }
    let mut out = String::with_capacity(inner.len());
    for c in inner.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

/// One file, entry or editor notebook.
#[derive(Clone, Debug)]
pub struct Document {
    /// Archive entry inside the file (`a/b` of `x.dbc!/a/b`).
    pub entry: Option<Box<str>>,
    pub container: Container,
    /// Language of cells without a magic.
    pub language: Language,
    /// The physical text that cell maps lead to (UTF-8; decoded when the file is UTF-16). Empty for editor notebooks.
    pub text: Arc<str>,
    pub lines: LineIndex,
    pub cells: Vec<Cell>,
    /// `\n` or `\r\n`, whichever the file uses first.
    pub newline: &'static str,
    /// Whether edits can be written back (false for archives and for files decoded from another encoding).
    pub writable: bool,
}

impl Document {
    pub fn is_notebook(&self) -> bool {
        self.container.is_notebook()
    }

    /// Whether its cells are the blocks of one plain file, and not cells that anybody wrote.
    pub fn is_in_blocks(&self) -> bool {
        self.container == Container::Plain && self.cells.len() > 1
    }

    /// Physical range of a range of a cell's text.
    pub fn physical(&self, cell: usize, span: Span) -> Span {
        self.cells[cell].map.to_source(span)
    }

    /// The change of the physical text that makes `span` of a cell read `text` (line ends `\n`): the physical range to
    /// replace and what to write there. `None` when there is no such cell or span. The range is the one of
    /// [`Document::physical`], except that a span which ends with a line break takes the next line's prefix along.
    pub fn edit(&self, cell: usize, span: Span, text: &str) -> Option<(Span, String)> {
        let cell = self.cells.get(cell)?;
        // A stored output that is emptied goes as a whole: the error's name and value, its other formats.
        if text.is_empty() && span == Span::new(0, cell.text.len()) && self.container == Container::Jupyter {
            let at = cell.map.to_source(span).start;
            let is_output = matches!(cell.kind, CellKind::Output { .. });
            if let Some(whole) = is_output.then(|| crate::container::output_around(&self.text, at)).flatten() {
                return Some((whole, String::new()));
            }
        }
        if span == Span::new(0, 0)
            && let Some(edit) = self.cell_before(cell, text)
        {
            return Some(edit);
        }
        let (before, covered) = (cell.text.get(..span.start as usize)?, cell.text.get(span.range())?);
        let mut range = cell.map.to_source(span);
        // Cells of an editor are texts of their own.
        let own = || if cell.text.contains("\r\n") { "\r\n" } else { "\n" };
        let newline = if self.container == Container::EditorNotebook { own() } else { self.newline };
        let mut new = cell.encode(text, newline);
        if self.container == Container::Jupyter
            && matches!(cell.kind, CellKind::Code | CellKind::Markdown | CellKind::Raw)
        {
            return Some(crate::container::in_elements(&self.text, range, text, |line| cell.encode(line, newline)));
        }
        if let Encoding::LinePrefix(prefix) = &cell.encoding {
            if covered.ends_with('\n') {
                range.end = range.end.max(cell.map.start_to_source(span.end as usize) as u32);
            }
            // An empty line may have lost its prefix or the space at the end of it: when it gets text, it needs them.
            let physical = self.text.get(..range.start as usize).unwrap_or("");
            let after = self.text.get(range.end as usize..).unwrap_or("");
            let stays_empty = new.is_empty() && (after.is_empty() || after.starts_with(['\r', '\n']));
            let at_line_start = before.is_empty() || before.ends_with('\n');
            if at_line_start && !stays_empty && !physical.ends_with(&**prefix) {
                if physical.ends_with(prefix.trim_end()) {
                    new.insert(0, ' ');
                } else if physical.ends_with('\n') {
                    new.insert_str(0, prefix);
                }
            }
        }
        Some((range, new))
    }

    /// A text at the start of a source notebook's cell that ends with a separator line is a cell of its own before it.
    fn cell_before(&self, cell: &Cell, text: &str) -> Option<(Span, String)> {
        let separator = text.strip_suffix('\n')?.rsplit('\n').next()?;
        let marker = separator.strip_suffix(" COMMAND ----------")?;
        if self.container != Container::DatabricksSource || !matches!(marker, "#" | "//" | "--") {
            return None;
        }
        let line = |at: usize| self.text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1);
        let mut at = line(cell.map.to_source(Span::new(0, 0)).start as usize);
        // A title belongs to the cell below it.
        while at > 0 && self.text[line(at - 1)..at].trim_start_matches(['#', '/', '-', ' ']).starts_with("DBTITLE") {
            at = line(at - 1);
        }
        Some((Span::new(at, at), format!("{text}\n").replace('\n', self.newline)))
    }

    pub fn code_cells(&self) -> impl Iterator<Item = (usize, &Cell)> {
        self.cells.iter().enumerate().filter(|(_, c)| c.kind == CellKind::Code)
    }
}

/// What [`crate::open`] read from a file.
#[derive(Clone, Debug, Default)]
pub struct Opened {
    pub documents: Vec<Document>,
    /// What could not be read, for people: what is wrong and what to do. The path is the caller's to add; `entry`
    /// names the archive entry.
    pub problems: Vec<OpenProblem>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenProblem {
    pub entry: Option<Box<str>>,
    pub message: String,
}
