//! Finding the formats in a text: one pass of one automaton over all anchors, then each row's pattern where its anchor
//! stands. Linear in the text: a pattern is tried at an anchor over a bounded length, or once over the joined windows
//! around its anchors.

use std::{
    ops::Range,
    sync::{LazyLock, OnceLock},
};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::Regex;

use super::{
    checks::{ceil, floor, lines},
    row::{Place, Row},
    rows::rows,
};

/// A row with its pattern, which is compiled when it is needed first.
pub(super) struct Compiled {
    pub row: &'static Row,
    regex: OnceLock<Option<Regex>>,
}

impl Compiled {
    fn regex(&self) -> Option<&Regex> {
        self.regex
            .get_or_init(|| {
                let anchored = matches!(self.row.place, Place::At { .. } | Place::Behind { .. });
                let pattern = if anchored { format!("^(?:{})", self.row.pattern) } else { self.row.pattern.to_owned() };
                Regex::new(&pattern).ok()
            })
            .as_ref()
    }
}

struct Automaton {
    anchors: AhoCorasick,
    /// Position in `rows` and the anchor as written, by pattern of `anchors`.
    of: Vec<(usize, &'static str)>,
    rows: Vec<Compiled>,
}

static AUTOMATON: LazyLock<Option<Automaton>> = LazyLock::new(|| {
    let rows: Vec<Compiled> = rows().map(|row| Compiled { row, regex: OnceLock::new() }).collect();
    let of: Vec<(usize, &'static str)> =
        rows.iter().enumerate().flat_map(|(i, r)| r.row.anchors.iter().map(move |a| (i, *a))).collect();
    let anchors = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .build(of.iter().map(|(_, a)| a))
        .ok()?;
    Some(Automaton { anchors, of, rows })
});

/// A match of a row's pattern, not yet verified.
pub(super) struct Match {
    /// Order of precedence.
    pub order: usize,
    pub row: &'static Row,
    pub range: Range<usize>,
}

/// All matches of all rows, by row and place.
pub(super) fn matches(text: &str) -> Vec<Match> {
    let Some(automaton) = AUTOMATON.as_ref() else { return Vec::new() };
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    // Windows of the rows that are tried around their anchors, and where each other row may go on.
    let mut windows: Vec<(usize, Range<usize>)> = Vec::new();
    let mut done: Vec<(usize, usize)> = Vec::new();
    for hit in automaton.anchors.find_overlapping_iter(text) {
        let (order, anchor) = automaton.of[hit.pattern().as_usize()];
        let row = automaton.rows[order].row;
        let at = hit.start();
        if (!row.any_case && bytes.get(hit.range()) != Some(anchor.as_bytes())) || !probe(bytes, at, row) {
            continue;
        }
        if let Place::Near { before, after } = row.place {
            join(&mut windows, order, at.saturating_sub(before)..(at + after).min(text.len()));
            continue;
        }
        let from = done.iter().find(|(o, _)| *o == order).map_or(0, |(_, end)| *end);
        if let Some(range) = at_anchor(text, at, from, &automaton.rows[order]) {
            done.retain(|(o, _)| *o != order);
            done.push((order, range.end));
            found.push(Match { order, row, range });
        }
    }
    for (order, window) in windows {
        in_window(text, window, order, &automaton.rows[order], &mut found);
    }
    found
}

fn probe(bytes: &[u8], at: usize, row: &Row) -> bool {
    row.probe.is_none_or(|(offset, byte)| {
        at.checked_add_signed(offset).and_then(|i| bytes.get(i)).is_some_and(|b| *b == byte)
    })
}

/// Windows of a row that touch become one, so that each byte is searched once.
fn join(windows: &mut Vec<(usize, Range<usize>)>, order: usize, window: Range<usize>) {
    match windows.iter_mut().rev().find(|(o, _)| *o == order) {
        Some((_, last)) if last.end >= window.start => last.end = last.end.max(window.end),
        _ => windows.push((order, window)),
    }
}

fn at_anchor(text: &str, anchor: usize, from: usize, compiled: &Compiled) -> Option<Range<usize>> {
    let row = compiled.row;
    let (start, max) = match row.place {
        Place::At { back, max } => (anchor.checked_sub(back)?, max),
        Place::Behind { max } => (run_start(text, anchor, max), max),
        Place::Block { max } => return block(text, anchor, from, max),
        Place::Near { .. } => return None,
    };
    let before = start.checked_sub(1).and_then(|i| text.as_bytes().get(i));
    if start < from || before.is_some_and(|b| row.left.forbids(*b)) {
        return None;
    }
    let slice = text.get(start..ceil(text, (start + max).min(text.len())))?;
    let range = compiled.regex()?.captures(slice)?.get(1)?.range();
    Some(start + range.start..start + range.end)
}

/// Start of the run of base64url characters that ends at `end`, at most `max` bytes before.
fn run_start(text: &str, end: usize, max: usize) -> usize {
    let bytes = &text.as_bytes()[end.saturating_sub(max)..end];
    let run = bytes.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count();
    end - run
}

/// A PEM block that begins here, with a private key of 64 characters or more.
fn block(text: &str, start: usize, from: usize, max: usize) -> Option<Range<usize>> {
    if start < from {
        return None;
    }
    let slice = text.get(start..floor(text, (start + max).min(text.len())))?;
    let head = 10 + slice.get(10..slice.len().min(10 + 110)).and_then(|h| h.find("-----"))?;
    let title = &slice[10..head];
    let good = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, ' ' | '_' | '-');
    if !title.contains("PRIVATE KEY") || !title.chars().all(good) {
        return None;
    }
    let foot = head + 5 + slice[head + 5..].find("-----END")?;
    let end = foot + 8 + slice[foot + 8..].find("-----")? + 5;
    let body = &slice[head + 5..foot];
    let solid = body.bytes().filter(u8::is_ascii_alphanumeric).count() >= 64;
    // A body that is cut short or left to be filled in is no key.
    let whole = !body.contains("...") && !body.contains(['<', '…', '{', '*', '$', '%']);
    (solid && whole).then_some(start..start + end)
}

fn in_window(text: &str, window: Range<usize>, order: usize, compiled: &Compiled, found: &mut Vec<Match>) {
    let row = compiled.row;
    let (mut start, end) = (floor(text, window.start.saturating_sub(1)), ceil(text, window.end));
    if row.needs.is_some_and(|b| !text.as_bytes()[start..end].contains(&b)) {
        return;
    }
    let Some(regex) = compiled.regex() else { return };
    while let Some(group) = regex.captures_at(&text[..end], start).and_then(|c| c.get(1)) {
        if has_anchor(text, group.range(), row) {
            found.push(Match { order, row, range: group.range() });
        }
        start = group.end().max(start + 1);
        while !text.is_char_boundary(start) {
            start += 1;
        }
        if start >= end {
            break;
        }
    }
}

/// Whether one of a row's anchors stands within some lines of a match: windows are joined, and lines may be short.
fn has_anchor(text: &str, range: Range<usize>, row: &Row) -> bool {
    let Place::Near { before, after } = row.place else { return true };
    // An anchor begins at most `after` bytes before the match and `before` bytes behind its start.
    let from = floor(text, range.start.saturating_sub(after));
    let to = ceil(text, (range.end + before).min(text.len()));
    let near = lines(&text[from..to], range.start - from..range.end - from);
    let near = if row.any_case { near.to_ascii_lowercase() } else { near.to_owned() };
    row.anchors.iter().any(|anchor| match row.any_case {
        true => near.contains(&anchor.to_ascii_lowercase()),
        false => near.contains(anchor),
    })
}

/// Lengths of the base32 tokens that have no anchor.
const BASE32: usize = 52;

/// Whether a byte is a base32 character, by its value.
static IS_BASE32: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = matches!(byte as u8, b'a'..=b'z' | b'2'..=b'7');
        byte += 1;
    }
    table
};

/// Runs of exactly 52 base32 characters, with nothing of a word around them. Looks at every 52nd byte: a run cannot
/// stand between two of them.
pub(super) fn base32_runs(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let member = |b: u8| IS_BASE32[usize::from(b)];
    let mut at = BASE32 - 1;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let probe = at;
            at += BASE32;
            if !member(bytes[probe]) {
                continue;
            }
            // Words and names end soon: counting them costs less than looking ahead.
            let behind = bytes[probe..bytes.len().min(probe + BASE32 + 1)].iter().position(|b| !member(*b));
            let behind = behind.unwrap_or_else(|| (bytes.len() - probe).min(BASE32 + 1));
            let first = probe.saturating_sub(BASE32);
            let before = bytes[first..probe].iter().rev().position(|b| !member(*b)).unwrap_or(probe - first);
            let range = probe - before..probe + behind;
            let word = |i: Option<usize>| {
                i.and_then(|i| bytes.get(i)).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
            };
            if range.len() == BASE32 && !word(range.start.checked_sub(1)) && !word(Some(range.end)) {
                at = range.end + BASE32 - 1;
                return Some(range);
            }
        }
        None
    })
}
