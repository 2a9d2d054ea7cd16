//! The next version of a text that is open in an editor: what an edit did not touch is taken over from the version
//! before, so that a keystroke costs what it changes and a pass or two over the bytes.

use std::sync::Arc;

use super::{databricks, dbc, fabric, has_extension, plain};
use crate::{Container, Document, Language, LineIndex};

/// Reads `text` as [`super::open`] would, with `before`, the document of another version of the text at the same path.
/// `lines` are the text's. `None`: nothing can be taken over, read it anew.
pub fn reopen(path: &str, text: &Arc<str>, lines: &LineIndex, before: &Document) -> Option<Document> {
    let texts = matches!(before.container, Container::Plain | Container::DatabricksSource);
    let stays = texts && before.writable && before.entry.is_none();
    let archived = has_extension(path, "ipynb") || has_extension(path, "dbc");
    if !stays
        || archived
        || text.len() > super::MAX_FILE_BYTES
        || memchr::memchr(0, text.as_bytes()).is_some()
        || dbc::is_notebook(text)
    {
        return None;
    }
    let language = Language::of_path(path);
    if before.container == Container::DatabricksSource {
        return databricks::reread(text, lines, language, before);
    }
    if databricks::is_one(text, language) || fabric::is_one(text) {
        return None;
    }
    Some(plain::with_lines(language.unwrap_or(Language::Text), text.clone(), lines.clone()))
}

/// Where two versions of a text differ: bytes `start..old_end` of the one are `start..new_end` of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub start: usize,
    pub old_end: usize,
    pub new_end: usize,
}

impl Change {
    pub(super) fn between(old: &str, new: &str) -> Self {
        let (a, b) = (old.as_bytes(), new.as_bytes());
        let start = common(a.len().min(b.len()), |from, to| a[from..to] == b[from..to]);
        let rest = a.len().min(b.len()) - start;
        let tail = |bytes: &[u8], from: usize, to: usize| (bytes.len() - to, bytes.len() - from);
        let same = common(rest, |from, to| {
            let ((a0, a1), (b0, b1)) = (tail(a, from, to), tail(b, from, to));
            a[a0..a1] == b[b0..b1]
        });
        Self { start, old_end: a.len() - same, new_end: b.len() - same }
    }

    /// What is added to an offset behind the change.
    pub(super) fn delta(self) -> i64 {
        self.new_end as i64 - self.old_end as i64
    }
}

/// How many of `len` bytes are the same from the start, where `same` compares a stretch.
fn common(len: usize, same: impl Fn(usize, usize) -> bool) -> usize {
    const STRETCH: usize = 4096;
    let mut at = 0;
    while at < len && same(at, (at + STRETCH).min(len)) {
        at = (at + STRETCH).min(len);
    }
    let mut end = (at + STRETCH).min(len);
    // The first difference is in `at..end`, or there is none.
    while at < end {
        let middle = at + (end - at).div_ceil(2);
        if same(at, middle) {
            at = middle;
        } else {
            end = middle - 1;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open;

    fn lines(text: &str) -> LineIndex {
        LineIndex::new(text)
    }

    #[test]
    fn the_change_is_the_smallest_one() {
        let change = |a: &str, b: &str| {
            let c = Change::between(a, b);
            (c.start, c.old_end, c.new_end)
        };
        assert_eq!(change("abc", "abxc"), (2, 2, 3));
        assert_eq!(change("aaa", "aa"), (2, 3, 2));
        assert_eq!(change("", "x"), (0, 0, 1));
        assert_eq!(change("same", "same"), (4, 4, 4));
        let long = "x".repeat(10_000);
        assert_eq!(change(&format!("{long}a{long}"), &format!("{long}bc{long}")), (10_000, 10_001, 10_002));
    }

    #[test]
    fn a_version_is_read_as_a_whole_one_is() {
        let pieces = [
            "x = 1\n", "# COMMAND ----------\n", "\n", "# MAGIC %sql\n# MAGIC select 1\n", "# DBTITLE 1,Load\n", "é",
            "\r\n", "%sh\nls\n", "# COMMAND", " ----------", "#", "\"\"\"", "# Databricks notebook source\n",
        ];
        let mut state = 5_u64;
        let mut below = |n: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % n
        };
        let (mut taken_over, mut text) = (0, String::from("# Databricks notebook source\n"));
        let mut before = open("a.py", text.as_bytes()).documents.remove(0);
        for _ in 0..3_000 {
            let at = |n: usize| (0..=n).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
            let (a, b) = (at(below(text.len() + 1)), at(below(text.len() + 1)));
            let (a, b) = if below(3) == 0 { (a.min(b), at(a.max(b).min(a.min(b) + 25)).max(a.min(b))) } else { (a, a) };
            text.replace_range(a..b, pieces[below(pieces.len())]);
            let whole = open("a.py", text.as_bytes()).documents.remove(0);
            if let Some(reread) = reopen("a.py", &text.as_str().into(), &lines(&text), &before) {
                assert_eq!(format!("{whole:?}"), format!("{reread:?}"));
                taken_over += 1;
            }
            before = whole;
            if text.len() > 600 || below(200) == 0 {
                text = "# Databricks notebook source\nx = 1\n# COMMAND ----------\ny = 2\n".into();
                before = open("a.py", text.as_bytes()).documents.remove(0);
            }
        }
        assert!(taken_over > 2_000, "{taken_over}");
    }
}
