//! Tables: a cell stands under the name of its column, and behind the name that its row begins with.

use crate::{Span, facts::Property, lower::text::property};

/// Columns of a row that are read.
const MAX_COLUMNS: usize = 32;

/// The values of the tables of a text; groups go on from those of `out`.
pub(super) fn read(text: &str, out: &mut Vec<Property>) {
    let mut group = out.last().map_or(0, |p| p.group + 1);
    // Names of the columns, and the row that may hold them.
    let (mut names, mut last): (Vec<Span>, Vec<Span>) = (Vec::new(), Vec::new());
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let row = cells(text, Span::new(at, at + line.len()));
        at += line.len();
        if row.is_empty() {
            (names, last) = (Vec::new(), Vec::new());
            continue;
        }
        if row.iter().all(|cell| is_rule(cell.of(text))) {
            names = std::mem::take(&mut last);
            continue;
        }
        group += 1;
        let pairs = names.iter().zip(&row).chain(row.first().zip(row.get(1)));
        for (name, value) in pairs {
            if let Some((key, value)) = pair(text, *name, *value) {
                out.extend(property(text, key, value, group));
            }
        }
        last = row;
    }
}

/// Cells of a line that begins with `|`, without blanks around them; none for any other line.
fn cells(text: &str, line: Span) -> Vec<Span> {
    let source = line.of(text).trim_end();
    let Some(inner) = source.trim_start().strip_prefix('|') else { return Vec::new() };
    let mut from = line.start as usize + source.len() - inner.len();
    let mut cells = Vec::new();
    let mut escaped = false;
    let end = line.start as usize + source.len();
    for (i, c) in inner.char_indices() {
        if c == '|' && !escaped {
            let at = end - inner.len() + i;
            cells.push(trimmed(text, Span::new(from, at)));
            from = at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    if from < end {
        cells.push(trimmed(text, Span::new(from, end)));
    }
    cells.truncate(MAX_COLUMNS);
    cells
}

fn trimmed(text: &str, span: Span) -> Span {
    let source = span.of(text);
    let start = span.start as usize + source.len() - source.trim_start().len();
    Span::new(start, start + source.trim().len())
}

/// `---`, `:-:`.
fn is_rule(cell: &str) -> bool {
    cell.contains('-') && cell.bytes().all(|b| matches!(b, b'-' | b':'))
}

/// Name and value of two cells, without marks of emphasis around the name; a value is one word or in backticks.
fn pair(text: &str, name: Span, value: Span) -> Option<(Span, Span)> {
    let source = name.of(text);
    let bare = source.trim_matches(['*', '_', '`', '"', '\'', ':']);
    let start = name.start as usize + source.find(bare)?;
    let is_name = bare.starts_with(char::is_alphabetic)
        && bare.split(' ').count() <= 3
        && bare.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '));
    let word = value.of(text);
    let quoted = word.len() > 2 && word.starts_with('`') && word.ends_with('`');
    let is_value = !word.is_empty() && (quoted || !word.contains(char::is_whitespace));
    (is_name && is_value).then(|| (Span::new(start, start + bare.len()), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_under_names() {
        let text = "| user | **password** |\n|:--|---|\n| joe | q7#Lm |\n\n| password | `a b` |\n| token | is a word |\nx | y\n";
        let mut found = Vec::new();
        read(text, &mut found);
        let seen: Vec<(&str, &str)> = found.iter().map(|p| (p.key_span.of(text), p.value_span.of(text))).collect();
        let expected =
            [("user", "**password**"), ("user", "joe"), ("password", "q7#Lm"), ("joe", "q7#Lm"), ("password", "`a b`")];
        assert_eq!(seen, expected);
    }
}
