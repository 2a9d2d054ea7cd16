//! Tables in what a program has shown, as HTML and as text: what stands below or beside a secret name.

use std::ops::Range;

use super::named::looks_secret;
use crate::value::names::{NameVerdict, verdict};

/// Rows below a heading that are looked at.
const MOST_ROWS: usize = 1000;

/// Values of a table under or beside secret names, with the names.
pub(super) fn values(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    for table in html(text).into_iter().chain(lines(text)) {
        let name = |cell: &Range<usize>| {
            let name = text[cell.clone()].trim();
            (name.len() < 60 && !name.contains(' ') && verdict(name) == NameVerdict::Secret).then(|| name.to_owned())
        };
        let Some((heading, rows)) = table.split_first() else { continue };
        for (column, name) in heading.iter().enumerate().filter_map(|(i, c)| Some((i, name(c)?))) {
            for cell in rows.iter().take(MOST_ROWS).filter_map(|row| row.get(column)) {
                found.push((trimmed(text, cell), name.clone()));
            }
        }
        for row in table.iter().filter(|row| row.len() == 2) {
            if let Some(name) = name(&row[0]) {
                found.push((trimmed(text, &row[1]), name));
            }
        }
    }
    found.retain(|(range, name)| looks_secret(name, &text[range.clone()]));
    found
}

fn trimmed(text: &str, range: &Range<usize>) -> Range<usize> {
    let cell = &text[range.clone()];
    let start = range.start + cell.len() - cell.trim_start().len();
    start..start + cell.trim().len()
}

/// Rows of the tables in HTML.
fn html(text: &str) -> Vec<Vec<Vec<Range<usize>>>> {
    let (mut tables, mut rows, mut row) = (Vec::new(), Vec::new(), Vec::new());
    let mut from = 0;
    while let Some(at) = text[from..].find('<').map(|i| from + i) {
        let Some(close) = text[at..].find('>').map(|i| at + i) else { break };
        from = close + 1;
        let tag = text[at + 1..close].split([' ', '\n']).next().unwrap_or("").to_ascii_lowercase();
        match tag.as_str() {
            "td" | "th" => {
                let end = text[from..].find('<').map_or(text.len(), |i| from + i);
                row.push(from..end);
            }
            "/tr" => rows.push(std::mem::take(&mut row)),
            "/table" => tables.push(std::mem::take(&mut rows)),
            _ => {}
        }
    }
    tables.push(rows);
    tables
}

/// Rows of the tables that `df.show()` draws.
fn lines(text: &str) -> Vec<Vec<Vec<Range<usize>>>> {
    let (mut tables, mut rows) = (Vec::new(), Vec::new());
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        if bare.len() > 2 && bare.starts_with('|') && bare.ends_with('|') {
            let (mut row, mut at) = (Vec::new(), start + 1);
            for cell in bare[1..bare.len() - 1].split('|') {
                row.push(at..at + cell.len());
                at += cell.len() + 1;
            }
            rows.push(row);
        } else if !bare.starts_with('+') {
            tables.push(std::mem::take(&mut rows));
        }
        start += line.len();
    }
    tables.push(rows);
    tables
}
