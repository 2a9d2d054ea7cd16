//! The source line of a finding, without any credential: those that are reported, those that nobody reports, and what is
//! equal to one of them.

use aho_corasick::{AhoCorasick, MatchKind};
use credscope_grammars::{
    Secret,
    facts::{ExprKind, StrPart},
};
use credscope_linter::{Finding, Place, value};

use crate::analysis::Checked;

/// Longest part of a source line that is shown, in characters.
const WIDTH: usize = 100;
/// Shortest value that is hidden wherever it stands; shorter ones are common words.
const SHORTEST: usize = 6;
/// What stands for a value that no finding shows a part of.
const STARS: &str = "***";

/// What is hidden of a document beside its credentials.
#[derive(Debug, Default)]
pub struct Hidden {
    /// Literals that look like a credential, whatever they stand in.
    literals: Vec<Place>,
    /// Values of the credentials.
    values: Option<AhoCorasick>,
}

impl Hidden {
    pub fn of(checked: &Checked) -> Self {
        let unescaped: Vec<Secret> = checked.credentials().iter().filter_map(|p| checked.unescaped(*p)).collect();
        let texts: std::collections::BTreeSet<&str> = checked
            .credentials()
            .iter()
            .filter_map(|place| {
                let cell = checked.document.cells.get(place.cell as usize)?;
                let text = cell.text.get(place.span.range())?;
                // A prefix of the literal is no part of the value.
                let quote = text.find(['"', '\'']).filter(|&i| text[..i].bytes().all(|b| b.is_ascii_alphabetic()));
                Some(text[quote.unwrap_or(0)..].trim_matches(['"', '\'', '\\']))
            })
            .chain(unescaped.iter().map(|value| value.expose()))
            .filter(|text| text.len() >= SHORTEST && !text.contains('\n'))
            .collect();
        let decoded = decoded(checked);
        let texts: std::collections::BTreeSet<&str> =
            texts.into_iter().chain(decoded.iter().map(String::as_str)).collect();
        let search = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&texts);
        Self { literals: literals(checked), values: search.ok().filter(|_| !texts.is_empty()) }
    }
}

/// Values of credentials that are not written as they are: the same one may stand elsewhere without its escapes.
pub fn decoded(checked: &Checked) -> Vec<String> {
    let mut found = Vec::new();
    for ((cell, facts), text) in (0..).zip(&checked.facts).zip(checked.document.cells.iter().map(|c| &c.text)) {
        for expr in &facts.exprs {
            let ExprKind::Str(lit) = &expr.kind else { continue };
            let [StrPart::Text { value, .. }] = lit.parts.as_slice() else { continue };
            let is_escaped = || text.get(expr.span.range()).is_some_and(|source| !source.contains(value.expose()));
            let is_credential = || checked.credentials().iter().any(|p| p.cell == cell && p.span.overlaps(expr.span));
            if value.len() >= SHORTEST && is_escaped() && is_credential() {
                found.push(value.expose().to_owned());
            }
        }
    }
    found
}

/// Literals of programs that are no word, path or name of something.
fn literals(checked: &Checked) -> Vec<Place> {
    let mut found = Vec::new();
    for (cell, facts) in (0..).zip(&checked.facts) {
        for expr in &facts.exprs {
            let ExprKind::Str(lit) = &expr.kind else { continue };
            if let [StrPart::Text { value, .. }] = lit.parts.as_slice()
                && looks_secret(value.expose(), checked)
            {
                found.push(Place { cell, span: expr.span });
            }
        }
    }
    found
}

fn looks_secret(text: &str, checked: &Checked) -> bool {
    let has = |wanted: fn(char) -> bool| text.chars().any(wanted);
    let mixed =
        has(char::is_uppercase) && has(char::is_lowercase) || has(|c| !c.is_alphanumeric() && !"-_.".contains(c));
    (8..=4096).contains(&text.len())
        && mixed
        && has(|c| c.is_ascii_digit())
        && has(char::is_alphabetic)
        && !has(char::is_whitespace)
        && value::plausible::implausible(text).is_none()
        && value::placeholder::placeholder(text, &checked.settings.extend).is_none()
}

/// First line of the finding in its cell with every credential of that line masked, and the columns to underline.
pub fn excerpt(checked: &Checked, finding: &Finding) -> Option<(String, usize, usize)> {
    let cell = checked.document.cells.get(finding.place.cell as usize)?;
    let span = finding.place.span;
    let start = cell.text.get(..span.start as usize)?.rfind('\n').map_or(0, |i| i + 1);
    let end = cell.text[span.start as usize..].find('\n').map_or(cell.text.len(), |i| span.start as usize + i);
    let line = cell.text.get(start..end)?;
    // A credential that nobody reports here is hidden, too.
    let preview = |place: &Place| {
        checked.findings.iter().find(|f| f.place == *place && f.value.is_some()).map_or(STARS, |f| f.preview.as_str())
    };
    let inside =
        |p: &&Place| p.cell == finding.place.cell && (p.span.start as usize) < end && (p.span.end as usize) > start;
    let clipped = |p: &Place| ((p.span.start as usize).max(start) - start, (p.span.end as usize).min(end) - start);
    let hidden = checked.hidden();
    let mut ranges: Vec<((usize, usize), &str)> =
        checked.credentials().iter().filter(inside).map(|p| (clipped(p), preview(p))).collect();
    ranges.extend(hidden.literals.iter().filter(inside).map(|p| (clipped(p), STARS)));
    let again = hidden.values.iter().flat_map(|values| values.find_iter(line));
    ranges.extend(again.map(|m| ((m.start(), m.end()), STARS)));
    // What is no literal: the name of a variable, a comment.
    for token in value::tokens_in(line, &checked.settings) {
        if !ranges.iter().any(|((a, b), _)| *a < token.end && token.start < *b) {
            ranges.push(((token.start, token.end), STARS));
        }
    }
    // The wider of two comes first, and what a finding shows before stars.
    ranges.sort_by_key(|((a, b), shown)| (*a, std::cmp::Reverse(*b), *shown == STARS));
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = 0;
    for ((a, b), shown) in ranges {
        let a = a.max(at);
        if a >= b {
            continue;
        }
        pieces.push(Piece { range: (at, a), shown: line.get(at..a)?.to_owned(), is_hidden: false });
        let quote: String = line.get(a..b)?.chars().take_while(|c| matches!(c, '"' | '\'')).take(1).collect();
        pieces.push(Piece { range: (a, b), shown: format!("{quote}{shown}{quote}"), is_hidden: true });
        at = b;
    }
    pieces.push(Piece { range: (at, line.len()), shown: line.get(at..)?.to_owned(), is_hidden: false });
    let (from, to) = clipped(&finding.place);
    let (from, to) = (column(line, &pieces, from, false), column(line, &pieces, to, true));
    let text: String = pieces.iter().map(|p| p.shown.as_str()).collect();
    Some(clip(&text.replace('\t', " ").replace('\r', ""), from, to.max(from)))
}

/// Bytes of a line and what is shown of them.
struct Piece {
    range: (usize, usize),
    shown: String,
    is_hidden: bool,
}

/// Column of a byte as the line is shown: a place inside what is hidden counts as its start, or as its end.
fn column(line: &str, pieces: &[Piece], at: usize, is_end: bool) -> usize {
    let mut column = 0;
    for Piece { range: (a, b), shown, is_hidden } in pieces {
        let width = shown.chars().count();
        if at < *b || is_end && at <= *b {
            return match is_hidden {
                true => column + if is_end { width } else { 0 },
                false => column + line.get(*a..at).map_or(0, |t| t.chars().count()),
            };
        }
        column += width;
    }
    column
}

/// Keeps the underlined part in view.
fn clip(text: &str, from: usize, to: usize) -> (String, usize, usize) {
    let length = text.chars().count();
    if length <= WIDTH {
        return (text.to_owned(), from, to.min(length.max(from + 1)));
    }
    let skip = from.saturating_sub(WIDTH / 2);
    let mut shown: String = text.chars().skip(skip).take(WIDTH).collect();
    let (mut from, mut to) = (from - skip, (to - skip).min(WIDTH));
    if skip > 0 {
        shown.insert(0, '…');
        (from, to) = (from + 1, to + 1);
    }
    if skip + WIDTH < length {
        shown.push('…');
    }
    (shown, from, to)
}
