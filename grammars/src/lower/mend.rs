//! What a statement that does not parse was meant to be: quotes and brackets put in where they were most likely left out,
//! while somebody is typing or for good. The parser has the last word on each.

use tree_sitter::Tree;

use crate::{
    Span,
    tree::{Grammar, parse},
};

/// A text with insertions, in order: byte of the source, and how many bytes stand in front of it.
struct Mended {
    text: String,
    inserted: Vec<(usize, usize)>,
}

/// Where the spelling of a language matters.
pub(super) struct Spelling {
    pub comment: &'static str,
    pub quotes: &'static [u8],
    /// `"""` opens a text of several lines.
    pub has_triple: bool,
}

pub(super) const PYTHON: Spelling = Spelling { comment: "#", quotes: b"\"'", has_triple: true };
pub(super) const SCALA: Spelling = Spelling { comment: "//", quotes: b"\"", has_triple: true };
pub(super) const R: Spelling = Spelling { comment: "#", quotes: b"\"'", has_triple: false };

/// Longest source whose quotes are mended, in bytes: longer ones hold more than one statement.
const MAX_SOURCE: usize = 8 << 10;
/// Places for a quote that are tried.
const MAX_QUOTES: usize = 6;
/// Brackets that are closed.
const MAX_CLOSERS: usize = 60;

/// Methods that a text has: anything else behind a quote is asked of the call that the text is an argument of.
const OF_TEXT: &[&str] = &[
    "format", "join", "encode", "decode", "strip", "lstrip", "rstrip", "split", "replace", "replaceAll", "upper",
    "lower", "startswith", "endswith", "toUpperCase", "toLowerCase", "trim", "stripMargin", "getBytes", "toCharArray",
    "concat", "length", "charAt", "substring", "contains", "startsWith", "endsWith", "toString", "r", "map",
    "mkString", "isEmpty", "nonEmpty", "zfill", "title", "count", "find", "index", "hashCode", "equals", "matches",
    "toInt", "toLong", "bytes", "formatted", "intern", "lines", "take", "drop", "head", "tail", "reverse", "toSeq",
    "toList", "foreach", "filter",
];

/// The tree of what a source without a sound one was most likely meant to be, with the insertions that lead to it.
pub(super) fn parsed(grammar: Grammar, source: &str, spelling: &Spelling) -> Option<(Tree, Vec<(usize, usize)>)> {
    candidates(source, spelling).into_iter().find_map(|mended| {
        let tree = parse(grammar, &mended.text).filter(|tree| !tree.root_node().has_error())?;
        Some((tree, mended.inserted))
    })
}

/// What the source may have been meant to be, likeliest first.
fn candidates(source: &str, spelling: &Spelling) -> Vec<Mended> {
    let read = Read::of(source, spelling);
    let mut found = Vec::new();
    match &read.open {
        Some(_) if source.len() > MAX_SOURCE => {}
        None => with_brackets(source, &[], spelling, &mut found),
        Some(open) => {
            for (at, quote) in quotes(source, &read, open).into_iter().take(MAX_QUOTES) {
                with_brackets(source, &[(at, quote)], spelling, &mut found);
            }
        }
    }
    found
}

/// The candidates with brackets for a source in which the quotes match.
fn with_brackets(source: &str, quotes: &[(usize, char)], spelling: &Spelling, found: &mut Vec<Mended>) {
    let quoted = insert(source, quotes);
    let read = Read::of(&quoted.text, spelling);
    if read.open.is_some() {
        return;
    }
    // From places of the quoted text to those of the source.
    let place = |at: usize| to_source(&quoted.inserted, at);
    let closers: String = read.brackets.iter().rev().take(MAX_CLOSERS).map(|(_, close)| *close).collect();
    // Behind a comment brackets stand on the next line.
    let closers = if read.ends_in_comment && !closers.is_empty() { format!("\n{closers}") } else { closers };
    let end = source.trim_end().len();
    let mut all = |more: &[(usize, char)], closers: &str| {
        let mut insertions: Vec<(usize, char)> = quotes.iter().chain(more).copied().collect();
        insertions.sort_by_key(|(at, _)| *at);
        let end = insertions.last().map_or(end, |(at, _)| end.max(*at));
        insertions.extend(closers.chars().map(|c| (end, c)));
        if !insertions.is_empty() {
            found.push(insert(source, &insertions));
        }
    };
    // The innermost bracket that is open ends before a method that its last argument does not have.
    if let Some((open, close)) = read.brackets.last()
        && let Some(at) = read.methods.iter().copied().find(|at| at > open)
    {
        all(&[(place(at), *close)], &closers.replacen(*close, "", 1));
    }
    all(&[], &closers);
}

/// Places for the quote that is missing, and the quote.
fn quotes(source: &str, read: &Read, open: &Span) -> Vec<(usize, char)> {
    let mut places = Vec::new();
    let quote = |span: &Span| source[span.start as usize..].chars().next().unwrap_or('"');
    // `("password, "value")`: a text that ends where the next one begins.
    let line = source[..open.start as usize].rfind('\n').map_or(0, |i| i + 1);
    for text in read.texts.iter().filter(|t| t.start as usize >= line && t.end <= open.start) {
        let inner = &source[text.start as usize + 1..text.end as usize];
        places.extend(inner.find([',', ')']).map(|at| (text.start as usize + 1 + at, quote(text))));
    }
    let inner = &source[open.start as usize + 1..open.end as usize];
    let from = open.start as usize + 1;
    // `"value).load()`: before the bracket, which may belong to the value when nothing follows that reads as code.
    places.extend(inner.match_indices(')').map(|(at, _)| (from + at, quote(open))).filter(|(at, _)| *at > from));
    places.push((from + inner.trim_end_matches([' ', '\t', '\r', ',']).len(), quote(open)));
    places
}

/// The source with each of the characters before the byte it stands for; ascending.
fn insert(source: &str, insertions: &[(usize, char)]) -> Mended {
    let mut text = String::with_capacity(source.len() + insertions.len());
    let mut inserted = Vec::with_capacity(insertions.len());
    let mut from = 0;
    for (at, c) in insertions {
        text.push_str(&source[from..*at]);
        text.push(*c);
        inserted.push((*at, c.len_utf8()));
        from = *at;
    }
    text.push_str(&source[from..]);
    Mended { text, inserted }
}

/// The byte of the source that a byte of the mended text is.
pub(super) fn to_source(inserted: &[(usize, usize)], at: usize) -> usize {
    let mut before = 0;
    for (place, len) in inserted {
        if at <= place + before {
            break;
        }
        before += (*len).min(at - place - before);
    }
    at - before
}

/// Texts and brackets of a source.
#[derive(Default)]
struct Read {
    /// One-line texts, with their quotes.
    texts: Vec<Span>,
    /// A one-line text that does not end on its line, from its quote to the line's end; the first of them.
    open: Option<Span>,
    /// Brackets that are not closed, and what closes them.
    brackets: Vec<(usize, char)>,
    /// Places behind a text or a bracket where a method is asked that no text has.
    methods: Vec<usize>,
    ends_in_comment: bool,
}

impl Read {
    fn of(source: &str, spelling: &Spelling) -> Self {
        let mut read = Self::default();
        let bytes = source.as_bytes();
        // Whether a bracket that was closed stood alone: `(…)`, and no `f(…)`.
        let mut alone = Vec::new();
        let (mut at, mut last) = (0, b' ');
        while at < bytes.len() {
            let byte = bytes[at];
            let triple = [byte; 3];
            if source[at..].starts_with(spelling.comment) {
                at = source[at..].find('\n').map_or(bytes.len(), |i| at + i);
                read.ends_in_comment = source[at..].trim().is_empty();
                continue;
            }
            // `'"'` of Scala.
            if byte == b'\'' && bytes[at..].starts_with(b"'\"'") {
                at += 3;
                continue;
            }
            if spelling.quotes.contains(&byte) {
                if spelling.has_triple && bytes[at..].starts_with(&triple) {
                    let rest = &bytes[at + 3..];
                    at = rest.windows(3).position(|w| w == triple).map_or(bytes.len(), |i| at + 3 + i + 3);
                    last = byte;
                    continue;
                }
                let (end, is_closed) = text_end(bytes, at);
                let span = Span::new(at, end);
                if !is_closed {
                    read.open.get_or_insert(span);
                } else {
                    read.texts.push(span);
                    read.method(source, end);
                }
                (at, last) = (end, byte);
                continue;
            }
            match byte {
                b'(' | b'[' | b'{' => {
                    let close = if byte == b'(' { ')' } else { char::from(byte + 2) };
                    read.brackets.push((at, close));
                    alone.push(!(last.is_ascii_alphanumeric() || matches!(last, b'_' | b')' | b']')));
                }
                b')' | b']' | b'}' => {
                    read.brackets.pop();
                    if alone.pop().unwrap_or(false) && byte == b')' {
                        read.method(source, at + 1);
                    }
                }
                _ => {}
            }
            if !byte.is_ascii_whitespace() {
                last = byte;
            }
            at += source[at..].chars().next().map_or(1, char::len_utf8);
        }
        read
    }

    /// Notes a place behind a text when `.name(` follows.
    fn method(&mut self, source: &str, at: usize) {
        let Some(rest) = source[at..].trim_start().strip_prefix('.') else { return };
        let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
        if !name.is_empty() && rest[name.len()..].starts_with('(') && !OF_TEXT.contains(&name) {
            self.methods.push(at);
        }
    }
}

/// Where the one-line text whose quote is at `at` ends, and whether by a quote.
fn text_end(bytes: &[u8], at: usize) -> (usize, bool) {
    let mut end = at + 1;
    while end < bytes.len() {
        match bytes[end] {
            // Also in front of a line's end, where the text goes on.
            b'\\' => end += 1,
            b'\n' => return (end, false),
            b if b == bytes[at] => return (end + 1, true),
            _ => {}
        }
        end += 1;
    }
    (bytes.len(), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_put_in() {
        let rows: &[(&str, &[&str])] = &[
            ("o(\"p\", \"v\".load()", &["o(\"p\", \"v\").load()", "o(\"p\", \"v\".load())"]),
            ("o(\"p\", (\"v\").load()", &["o(\"p\", (\"v\")).load()", "o(\"p\", (\"v\").load())"]),
            ("o(\"p\", \"v\".format(a)", &["o(\"p\", \"v\".format(a))"]),
            ("set(\"k\", \"v\"\n", &["set(\"k\", \"v\")\n"]),
            ("set(\"k\", \"v\n", &["set(\"k\", \"v\")\n"]),
            (
                "set(\"k\", \"v).load()",
                &["set(\"k\", \"v\").load()", "set(\"k\", \"v).load(\")", "set(\"k\", \"v).load()\")"],
            ),
            ("set(\"k\", \"v\"  # later\n", &["set(\"k\", \"v\"  # later\n)\n"]),
            ("a = 1 # it's", &[]),
        ];
        for (source, expected) in rows {
            let seen: Vec<String> = candidates(source, &PYTHON).into_iter().map(|m| m.text).collect();
            assert_eq!(&seen, expected, "{source}");
        }
    }

    #[test]
    fn places_lead_back() {
        let mended = insert("ab", &[(1, '"'), (2, ')')]);
        assert_eq!(mended.text, "a\"b)");
        let back: Vec<usize> = (0..=4).map(|at| to_source(&mended.inserted, at)).collect();
        assert_eq!(back, [0, 1, 1, 2, 2]);
    }
}
