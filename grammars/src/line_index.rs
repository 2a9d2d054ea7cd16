//! Byte offsets ↔ lines and columns of a text.

use std::sync::Arc;

/// Unit of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnUnit {
    Utf8,
    Utf16,
    /// Unicode scalar values: LSP `utf-32`, and the columns of the JSON output.
    Utf32,
}

/// Start offsets of the lines of a text. Lines end with `\n`, `\r\n` or a lone `\r`. A byte order mark at the start
/// is no part of line 0: editors do not count it as a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineIndex {
    starts: Arc<[u32]>,
    ascii: bool,
}

/// 0-based line and column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    pub line: u32,
    pub column: u32,
}

impl LineIndex {
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![if text.starts_with('\u{feff}') { 3 } else { 0 }];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                starts.push(at as u32 + 1);
            }
        }
        Self { starts: starts.into(), ascii: text.is_ascii() }
    }

    /// The index of `text`, which is this index's text with the bytes `range` replaced by `len` others.
    pub fn replaced(&self, text: &str, range: std::ops::Range<usize>, len: usize) -> Self {
        let bytes = text.as_bytes();
        let (new_end, delta) = (range.start + len, len as i64 - range.len() as i64);
        // Whether a line starts at an offset is a matter of the bytes before and behind it.
        let head = self.starts.partition_point(|&s| (s as usize) < range.start);
        let tail = self.starts.partition_point(|&s| s as usize <= range.end);
        let first = if text.starts_with('\u{feff}') { 3 } else { 0 };
        if self.starts.first() != Some(&first) || range.start < 3 {
            return Self::new(text);
        }
        let mut starts = Vec::with_capacity(self.starts.len() + 8);
        starts.extend_from_slice(&self.starts[..head]);
        for at in range.start.max(1)..=new_end.min(bytes.len()) {
            let ends = bytes[at - 1] == b'\n' || (bytes[at - 1] == b'\r' && bytes.get(at) != Some(&b'\n'));
            if ends {
                starts.push(at as u32);
            }
        }
        starts.extend(self.starts[tail..].iter().map(|&s| (i64::from(s) + delta) as u32));
        Self { starts: starts.into(), ascii: text.is_ascii() }
    }

    /// Number of lines; a text that ends with a line break has an empty last line.
    pub fn len(&self) -> usize {
        self.starts.len().max(1)
    }

    pub fn is_empty(&self) -> bool {
        self.starts.len() <= 1
    }

    /// 0-based line of a byte offset (past the end: the last line).
    pub fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|&s| s as usize <= offset).saturating_sub(1)
    }

    /// Byte offset where a 0-based line starts.
    pub fn line_start(&self, line: usize) -> Option<usize> {
        self.starts.get(line).map(|&s| s as usize)
    }

    /// Position of a byte offset; offsets inside a character count as its start, past the end as the end.
    pub fn position(&self, text: &str, offset: usize, unit: ColumnUnit) -> LineColumn {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_of(offset);
        let start = self.line_start(line).unwrap_or(0).min(offset);
        let before = &text[start..offset];
        let column = if self.ascii || unit == ColumnUnit::Utf8 {
            before.len()
        } else if unit == ColumnUnit::Utf16 {
            before.chars().map(char::len_utf16).sum()
        } else {
            before.chars().count()
        };
        LineColumn { line: line as u32, column: column as u32 }
    }

    /// Byte offset of a position; columns past the end of the line give the end of the line (before its line break),
    /// lines past the end give the end of the text.
    pub fn offset(&self, text: &str, position: LineColumn, unit: ColumnUnit) -> usize {
        let Some(start) = self.line_start(position.line as usize) else { return text.len() };
        let end = self.line_start(position.line as usize + 1).unwrap_or(text.len());
        let line = text[start..end].trim_end_matches(['\n', '\r']);
        let mut left = position.column as usize;
        for (at, c) in line.char_indices() {
            let width = match unit {
                ColumnUnit::Utf8 => c.len_utf8(),
                ColumnUnit::Utf16 => c.len_utf16(),
                ColumnUnit::Utf32 => 1,
            };
            if left < width {
                return start + at;
            }
            left -= width;
        }
        start + line.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_moves_the_lines_behind_it() {
        let mut text = String::from("abc\r\nd\re\n\nf");
        let mut index = LineIndex::new(&text);
        let mut state = 1_u64;
        let mut below = |n: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % n
        };
        for _ in 0..2_000 {
            let from = below(text.len() + 1);
            let to = (from + below(3)).min(text.len());
            let new = ["", "\r", "\n", "\r\n", "x", "ab\ncd"][below(if text.len() > 60 { 1 } else { 6 })];
            text.replace_range(from..to, new);
            index = index.replaced(&text, from..to, new.len());
            assert_eq!(index, LineIndex::new(&text), "{text:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        let text = "\u{feff}ab";
        let index = LineIndex::new(text);
        let at = |column| LineColumn { line: 0, column };
        assert_eq!(index.position(text, 4, ColumnUnit::Utf32), at(1));
        assert_eq!(index.position(text, 0, ColumnUnit::Utf32), at(0));
        assert_eq!(index.offset(text, at(1), ColumnUnit::Utf16), 4);
    }

    #[test]
    fn columns_count_in_the_asked_unit() {
        let text = "a\r\né𝄞x\rz";
        let index = LineIndex::new(text);
        assert_eq!(index.len(), 3);
        let x = text.find('x').unwrap();
        for (unit, column) in [(ColumnUnit::Utf8, 6), (ColumnUnit::Utf16, 3), (ColumnUnit::Utf32, 2)] {
            let at = index.position(text, x, unit);
            assert_eq!(at, LineColumn { line: 1, column });
            assert_eq!(index.offset(text, at, unit), x);
        }
        assert_eq!(index.offset(text, LineColumn { line: 0, column: 99 }, ColumnUnit::Utf16), 1);
        assert_eq!(index.offset(text, LineColumn { line: 9, column: 0 }, ColumnUnit::Utf16), text.len());
    }
}
