//! What the Databricks and the Fabric source form share: comment marks, lines, `MAGIC` blocks.

use super::cells::{Cells, Source};
use crate::{CellKind, Encoding, Language, TextMap};

/// A line of a text: bytes, the content without its line break.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub start: usize,
    /// Where the next line starts.
    pub next: usize,
    pub content: &'a str,
}

impl Line<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.content.len()
    }

    pub(super) fn is_blank(&self) -> bool {
        self.content.trim().is_empty()
    }
}

/// Lines of `text`, without its byte order mark.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    lines_within(text, if text.starts_with('\u{feff}') { 3 } else { 0 }, text.len())
}

/// Lines of a part of `text` that begins and ends with a line.
pub(super) fn lines_within(text: &str, from: usize, to: usize) -> impl Iterator<Item = Line<'_>> {
    let mut at = from;
    std::iter::from_fn(move || {
        let rest = text.get(at..to).filter(|rest| !rest.is_empty())?;
        let len = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |n| n + 1);
        let line = rest.get(..len)?;
        let content = line.strip_suffix('\n').map_or(line, |l| l.strip_suffix('\r').unwrap_or(l));
        let line = Line { start: at, next: at + len, content };
        at += len;
        Some(line)
    })
}

/// Comment mark of a host language and the marked words behind it.
#[derive(Clone, Copy)]
pub(super) struct Marks {
    pub comment: &'static str,
}

impl Marks {
    /// The mark whose `word` opens the line (`# Databricks notebook source`).
    pub(super) fn of_header(line: &str, word: &str) -> Option<Self> {
        ["#", "//", "--"].into_iter().map(|comment| Self { comment }).find(|marks| marks.after(line, word).is_some())
    }

    /// What follows `# WORD` on a line; exactly one space stands between the mark and the word.
    pub(super) fn after<'a>(self, line: &'a str, word: &str) -> Option<&'a str> {
        let rest = line.strip_prefix(self.comment)?.strip_prefix(' ')?.strip_prefix(word)?;
        (rest.is_empty() || rest.starts_with([' ', '\t'])).then_some(rest)
    }

    /// The language of cells without a magic: the file name's when its comments look like that, else the mark's.
    pub(super) fn language(self, of_path: Option<Language>) -> Language {
        match (self.comment, of_path) {
            ("#", Some(Language::R)) => Language::R,
            ("#", _) => Language::Python,
            ("//", _) => Language::Scala,
            _ => Language::Sql,
        }
    }
}

/// Lines that start with `prefix` (`# MAGIC `, `# META `), joined without it. A line that is only the prefix without
/// its space, or blank, is an empty line. The last line's break is left out.
pub(super) fn unprefixed(text: &str, lines: &[Line<'_>], prefix: &str) -> (String, TextMap) {
    let (mut joined, mut map) = (String::new(), TextMap::default());
    for (i, line) in lines.iter().enumerate() {
        let skipped = if line.content.starts_with(prefix) {
            prefix.len()
        } else if line.content.starts_with(prefix.trim_end()) {
            prefix.trim_end().len()
        } else {
            0
        };
        let start = line.start + skipped;
        let end = if i + 1 == lines.len() { line.end() } else { line.next };
        joined.push_str(text.get(start..end).unwrap_or(""));
        map.push(start, end - start, end - start, false);
    }
    (joined, map)
}

/// Cells of the lines of one notebook cell: `MAGIC` blocks and the code between them, usually one of them.
pub(super) fn push_cell(
    cells: &mut Cells,
    text: &str,
    lines: &[Line<'_>],
    marks: Marks,
    number: u32,
    host: Language,
) -> Option<u32> {
    let mut index = None;
    let first = lines.iter().position(|line| !line.is_blank())?;
    let mut start = first;
    while start < lines.len() {
        let is_magic = |line: &Line<'_>| marks.after(line.content, "MAGIC").is_some();
        let magic = is_magic(&lines[start]);
        let stop = lines[start..]
            .iter()
            .position(|line| !line.is_blank() && is_magic(line) != magic)
            .map_or(lines.len(), |n| start + n);
        let last = lines[start..stop].iter().rposition(|line| !line.is_blank()).map_or(start, |n| start + n);
        let block = &lines[start..=last];
        let (joined, map, encoding) = if magic {
            let prefix = format!("{} MAGIC ", marks.comment);
            let (joined, map) = unprefixed(text, block, &prefix);
            (joined, map, Encoding::LinePrefix(prefix.as_str().into()))
        } else {
            let (from, to) = (block[0].start, lines[last].end());
            (text.get(from..to).unwrap_or("").to_owned(), TextMap::verbatim(from, to - from), Encoding::Verbatim)
        };
        let line_offset = (start - first) as u32;
        let source = Source { number, text: joined, map, encoding, line_offset, execution_count: None };
        let pushed = cells.push_code(source, host);
        index.get_or_insert(pushed);
        start = stop;
    }
    index
}

/// A title or the like: one cell of kind [`CellKind::Meta`] for text that stands in the file as it is.
pub(super) fn push_meta(cells: &mut Cells, text: &str, start: usize, end: usize, number: u32) {
    let body = text.get(start..end).unwrap_or("");
    if !body.trim().is_empty() {
        let map = TextMap::verbatim(start, body.len());
        cells.push(CellKind::Meta, Language::Text, number, body.into(), map, Encoding::Verbatim);
    }
}
