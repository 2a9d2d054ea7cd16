//! Edits of a source that is kept as a list of lines: each line stays an element of its own, as notebooks are written.

use crate::Span;

/// The edit that puts `new` in place of `range`, both in a cell's source. `encode` writes a text into a JSON string.
pub(crate) fn in_elements(text: &str, range: Span, new: &str, encode: impl Fn(&str) -> String) -> (Span, String) {
    let Some(blank) = between(text, range.start as usize) else { return (range, encode(new)) };
    let joint = format!("\",{blank}\"");
    let (start, end) = (range.start as usize, range.end as usize);
    let is_first = text[..start].ends_with('"') && !is_escaped(text, start - 1);
    let is_last = text[end..].starts_with('"');
    if new.is_empty() {
        // Two lines that meet stay two.
        let meet = ends_line(text, start) && !is_last;
        return (without_empty(text, range, is_first && is_last), if meet { joint } else { String::new() });
    }
    let lines: Vec<String> = new.split_inclusive('\n').map(encode).collect();
    let mut out = lines.join(&joint);
    // Behind a line's end, and before what is left of the line.
    if ends_line(text, start) {
        out.insert_str(0, &joint);
    }
    if new.ends_with('\n') && !is_last {
        out.push_str(&joint);
    }
    (range, out)
}

/// What stands between the element at `at` and the one before it. `None`: the source is one text.
fn between(text: &str, at: usize) -> Option<&str> {
    let open = (0..at).rev().find(|&i| text.as_bytes()[i] == b'"' && !is_escaped(text, i))?;
    let before = text[..open].trim_end();
    before.ends_with(['[', ',']).then(|| &text[before.len()..open])
}

/// An element of which nothing is left goes with the comma behind it.
fn without_empty(text: &str, range: Span, is_whole: bool) -> Span {
    let behind = &text[range.end as usize + usize::from(is_whole)..];
    let next = behind.trim_start().strip_prefix(',').map(str::trim_start).filter(|next| next.starts_with('"'));
    match next {
        Some(next) if is_whole => Span::new(range.start as usize - 1, text.len() - next.len()),
        _ => range,
    }
}

/// Whether the text before `at` ends with an escaped line break.
fn ends_line(text: &str, at: usize) -> bool {
    text[..at].ends_with('n') && is_escaped(text, at - 1)
}

/// Whether an odd number of backslashes stands before `at`.
fn is_escaped(text: &str, at: usize) -> bool {
    text.as_bytes()[..at].iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
}
