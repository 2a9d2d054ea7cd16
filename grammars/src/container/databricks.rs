//! Databricks source notebooks: `# Databricks notebook source`, cells between `# COMMAND ----------` lines, `# MAGIC`
//! blocks, `# DBTITLE 1,text` (catalog §G.7). Scala files mark with `//`, SQL files with `--`.

use std::sync::Arc;

use super::{
    cells::Cells,
    newline_of,
    reopen::Change,
    source::{Line, Marks, lines, lines_within, push_cell, push_meta},
};
use crate::{Cell, Container, Document, Language, LineIndex};

const HEADER: &str = "Databricks notebook source";

/// What a separator line holds.
const WORD: &[u8] = b"COMMAND";

/// Reads a source notebook; `None` when the text is none.
pub(super) fn read(text: &Arc<str>, of_path: Option<Language>) -> Option<Document> {
    let first = lines(text).find(|line| !line.is_blank())?;
    let (marks, body) = match Marks::of_header(first.content, HEADER) {
        Some(marks) => (marks, first.next),
        None => (headerless(text, of_path)?, first.start),
    };
    let host = marks.language(of_path);
    let mut cells = Cells::default();
    let mut number = 0;
    let mut cell = Vec::new();
    for line in lines(text).filter(|line| line.start >= body) {
        if is_separator(line.content, marks) {
            flush(&mut cells, text, &cell, marks, number, host);
            cell.clear();
            number += 1;
        } else {
            cell.push(line);
        }
    }
    flush(&mut cells, text, &cell, marks, number, host);
    Some(Document {
        entry: None,
        container: Container::DatabricksSource,
        language: host,
        lines: LineIndex::new(text),
        newline: newline_of(text),
        text: text.clone(),
        cells: cells.into_vec(),
        writable: true,
    })
}

/// Whether [`read`] reads it.
pub(super) fn is_one(text: &str, of_path: Option<Language>) -> bool {
    let header = lines(text).find(|line| !line.is_blank()).map(|first| Marks::of_header(first.content, HEADER));
    header.is_some_and(|marks| marks.is_some() || headerless(text, of_path).is_some())
}

/// Reads another version of the notebook `before`: cells between separators that did not change are taken over.
/// `None`: it has no header, or the header changed.
pub(super) fn reread(
    text: &Arc<str>,
    line_index: &LineIndex,
    of_path: Option<Language>,
    before: &Document,
) -> Option<Document> {
    let first = lines(text).find(|line| !line.is_blank())?;
    let marks = Marks::of_header(first.content, HEADER)?;
    let host = marks.language(of_path);
    let change = Change::between(&before.text, text);
    if change.start < first.next || before.language != host {
        return None;
    }
    // The lines from the separator before the change to the one behind it are read again, in both versions.
    let (from, head) = chunk_before(&before.text, first.next, change.start, marks, &before.cells);
    let old_to = separator_behind(&before.text, from, change.old_end, marks);
    let new_to = (old_to as i64 + change.delta()) as usize;
    let old_last = head + separators(&before.text, from, old_to, marks).count() as u32;
    let mut cells = Cells::default();
    before.cells.iter().filter(|c| c.number < head).for_each(|c| cells.take_over(c, 0, c.number));
    let (mut number, mut at) = (head, from);
    for separator in separators(text, from, new_to, marks) {
        flush(&mut cells, text, &lines_within(text, at, separator.start).collect::<Vec<_>>(), marks, number, host);
        (number, at) = (number + 1, separator.next);
    }
    flush(&mut cells, text, &lines_within(text, at, new_to).collect::<Vec<_>>(), marks, number, host);
    for cell in before.cells.iter().filter(|c| c.number > old_last) {
        cells.take_over(cell, change.delta(), cell.number - old_last + number);
    }
    Some(Document {
        entry: None,
        container: Container::DatabricksSource,
        language: host,
        lines: line_index.clone(),
        newline: before.newline,
        text: text.clone(),
        cells: cells.into_vec(),
        writable: true,
    })
}

/// Separator lines of a part of the text that begins and ends with a line.
fn separators(text: &str, from: usize, to: usize, marks: Marks) -> impl Iterator<Item = Line<'_>> {
    let part = text.as_bytes().get(from..to).unwrap_or(b"");
    let mut end = from;
    memchr::memmem::find_iter(part, WORD).filter_map(move |at| {
        let line = line_around(text, from, from + at, to)?;
        if line.start < end || !is_separator(line.content, marks) {
            return None;
        }
        end = line.next;
        Some(line)
    })
}

/// The line of `from..to` that a byte stands in.
fn line_around(text: &str, from: usize, at: usize, to: usize) -> Option<Line<'_>> {
    let start = memchr::memrchr(b'\n', text.as_bytes().get(from..at)?).map_or(from, |n| from + n + 1);
    lines_within(text, start, to).next()
}

/// Where the cell begins that `at` stands in, and its number: behind the last separator that ends before `at`. `cells` are
/// the text's.
fn chunk_before(text: &str, body: usize, at: usize, marks: Marks, cells: &[Cell]) -> (usize, u32) {
    let mut end = at;
    let from = loop {
        let found = text.as_bytes().get(body..end).and_then(|part| memchr::memmem::rfind(part, WORD));
        let Some(found) = found.map(|n| body + n) else { break body };
        let line = line_around(text, body, found, text.len());
        // A last line without a line break goes on behind the change.
        let is_whole = |line: &Line<'_>| line.next <= at && text.as_bytes()[line.next - 1] == b'\n';
        match line.filter(|line| is_separator(line.content, marks) && is_whole(line)) {
            Some(line) => break line.next,
            None => end = found,
        }
    };
    // Cells without lines are none: the separators since the last one are counted.
    let known = cells.iter().filter_map(|c| Some((c.map.segments().first()?.source as usize, c.number)));
    let (since, number) = known.take_while(|(start, _)| *start < from).last().unwrap_or((body, 0));
    let since = line_around(text, body, since, text.len()).map_or(body, |line| line.start);
    (from, number + separators(text, since, from, marks).count() as u32)
}

/// Start of the first separator line that begins behind `at`; the text's end without one. A line begins at `from`.
fn separator_behind(text: &str, from: usize, at: usize, marks: Marks) -> usize {
    let start = line_around(text, from, at, text.len()).map_or(text.len(), |line| line.start);
    separators(text, start, text.len(), marks).find(|line| line.start > at).map_or(text.len(), |line| line.start)
}

/// The marks of a notebook that lost its header: a separator line outside of a multi-line string.
fn headerless(text: &str, of_path: Option<Language>) -> Option<Marks> {
    let comment = match of_path? {
        Language::Python | Language::R => "#",
        Language::Scala => "//",
        Language::Sql => "--",
        _ => return None,
    };
    let marks = Marks { comment };
    let separator = memchr::memmem::find(text.as_bytes(), format!("\n{comment} COMMAND ----------").as_bytes())?;
    let before = text.as_bytes().get(..separator)?;
    let quotes = memchr::memmem::find_iter(before, "\"\"\"").count();
    let generates_notebooks = memchr::memmem::find(text.as_bytes(), HEADER.as_bytes()).is_some();
    (quotes.is_multiple_of(2) && !generates_notebooks).then_some(marks)
}

fn is_separator(line: &str, marks: Marks) -> bool {
    marks.after(line, "COMMAND").is_some_and(|rest| {
        let dashes = rest.trim();
        dashes.len() >= 3 && dashes.bytes().all(|b| b == b'-')
    })
}

/// The lines between two separators: titles, then one cell.
fn flush(cells: &mut Cells, text: &str, chunk: &[Line<'_>], marks: Marks, number: u32, host: Language) {
    let mut rest = chunk;
    while let Some((line, after)) = rest.split_first() {
        if let Some(title) = marks.after(line.content, "DBTITLE") {
            let title = title.split_once(',').map_or(title, |(_, title)| title);
            push_meta(cells, text, line.end() - title.len(), line.end(), number);
        } else if !line.is_blank() {
            break;
        }
        rest = after;
    }
    push_cell(cells, text, rest, marks, number, host);
}

#[cfg(test)]
mod tests {
    use crate::{CellKind, Container, Document, Language, Span, open};

    fn read(path: &str, text: &str) -> Document {
        let mut opened = open(path, text.as_bytes());
        assert!(opened.problems.is_empty(), "{:?}", opened.problems);
        opened.documents.remove(0)
    }

    fn shape(document: &Document) -> Vec<(u32, u32, Language, &str)> {
        document.cells.iter().map(|c| (c.number, c.line_offset, c.language, &*c.text)).collect()
    }

    #[test]
    fn every_host_language_is_read() {
        for (path, mark, host) in [
            ("a.py", "#", Language::Python),
            ("a.r", "#", Language::R),
            ("a.scala", "//", Language::Scala),
            ("a.sql", "--", Language::Sql),
            ("noname", "#", Language::Python),
        ] {
            for newline in ["\n", "\r\n"] {
                for bom in ["", "\u{feff}"] {
                    let text = format!(
                        "{bom}@ Databricks notebook source\none\n\n@ COMMAND ----------\n\n@ DBTITLE 1,My title\n\
                         @ MAGIC %sh\n@ MAGIC ls\n@ MAGIC\n@ MAGIC  pwd\n\n@ COMMAND ----------\n@ MAGIC %md hello"
                    )
                    .replace('@', mark)
                    .replace('\n', newline);
                    let document = read(path, &text);
                    assert_eq!(document.container, Container::DatabricksSource);
                    let shell = "ls\n\n pwd".replace('\n', newline);
                    let expected = [
                        (0, 0, host, "one"),
                        (1, 0, Language::Text, "My title"),
                        (1, 1, Language::Shell, &shell),
                        (2, 0, Language::Markdown, "hello"),
                    ];
                    assert_eq!(shape(&document), expected, "{path} {newline:?} {bom:?}");
                    assert_eq!(document.cells[1].kind, CellKind::Meta);
                    let at = document.text.find("pwd").unwrap();
                    let end = shell.len();
                    assert_eq!(document.physical(2, Span::new(end - 3, end)), Span::new(at, at + 3));
                }
            }
        }
    }

    #[test]
    fn magic_forms() {
        let document = read(
            "a.py",
            "# Databricks notebook source\n# MAGIC %sql SELECT 1\n# COMMAND ----------\n%sql\nSELECT 2\n# COMMAND ----------\n\
             # MAGIC %run ./x $a=1\n# COMMAND ----------\n# COMMAND ----------\n# MAGIC %pip install x\nimport x\n",
        );
        let expected = [
            (0, 0, Language::Sql, "SELECT 1"),
            (1, 1, Language::Sql, "SELECT 2"),
            (2, 0, Language::Python, "%run ./x $a=1"),
            (4, 0, Language::Pip, "%pip install x"),
            (4, 1, Language::Python, "import x"),
        ];
        assert_eq!(shape(&document), expected);
        assert_eq!(document.cells[2].magic.as_deref(), Some("run"));
    }

    #[test]
    fn a_lost_header_is_noticed_and_a_notebook_in_a_string_is_not_one() {
        assert_eq!(read("a.py", "x\n# COMMAND ----------\ny").cells.len(), 2);
        let template = "T = \"\"\"x\n# COMMAND ----------\ny\"\"\"";
        assert_eq!(read("a.py", template).container, Container::Plain);
        assert_eq!(read("a.py", "# Databricks notebook sources\nx").container, Container::Plain);
    }

    #[test]
    fn edits_keep_the_prefix() {
        let document =
            read("a.py", "# Databricks notebook source\r\n# MAGIC %sql\r\n# MAGIC a\r\n# MAGIC\r\n# MAGIC b");
        let change = |span: Span, new: &str| {
            let (range, text) = document.edit(0, span, new).unwrap();
            let mut file = document.text.to_string();
            file.replace_range(range.range(), &text);
            read("a.py", &file).cells[0].text.to_string()
        };
        assert_eq!(change(Span::new(0, 1), "x\ny"), "x\r\ny\r\n\r\nb");
        assert_eq!(change(Span::new(0, 3), ""), "\r\nb");
        assert_eq!(change(Span::new(0, 3), "z\n"), "z\r\n\r\nb");
        assert_eq!(change(Span::new(3, 3), "z"), "a\r\nz\r\nb");
        assert_eq!(change(Span::new(5, 6), "c\nd"), "a\r\n\r\nc\r\nd");
    }
}
