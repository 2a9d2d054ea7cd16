//! Cutting a cell into pieces that are parsed on their own when the whole does not parse, and taking magics out.

use std::borrow::Cow;

use crate::Span;

/// The text with notebook magics blanked out (same length), and the `%run` lines.
pub(super) fn without_magics(text: &str) -> (Cow<'_, str>, Vec<Span>) {
    if !text.lines().any(|l| l.starts_with('%')) {
        return (Cow::Borrowed(text), Vec::new());
    }
    let mut bytes = text.as_bytes().to_vec();
    let (mut includes, mut at) = (Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        if line.starts_with('%') {
            let end = at + line.trim_end().len();
            if line.starts_with("%run") {
                includes.push(Span::new(at, end));
            }
            bytes[at..end].fill(b' ');
        }
        at += line.len();
    }
    (String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned), includes)
}

/// Words that continue the statement before them.
const CONTINUES: &[&str] = &["else", "catch", "finally", "case", "yield", "with", "extends", "match"];

/// Pieces at whose borders no bracket and no triple-quoted string is open and a line starts a new statement.
pub(super) fn split(text: &str) -> Vec<Span> {
    let mut chunks = Vec::new();
    let (mut start, mut at, mut depth, mut lines) = (0, 0, 0i32, 0);
    let mut state = State::Code;
    for line in text.split_inclusive('\n') {
        let first = line.trim_start();
        let indented = line.starts_with([' ', '\t']);
        let word = first.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
        let fresh =
            !first.is_empty() && !first.starts_with(['.', ')', '}', ']', ',', '+', '*']) && !CONTINUES.contains(&word);
        // An unbalanced bracket must not swallow the rest of the cell: a definition at the margin starts anew.
        let definition = matches!(word, "val" | "var" | "def" | "import" | "object" | "class" | "case" | "lazy");
        let reset = lines > 2 && !indented && definition && state != State::Triple;
        if at > start && fresh && !indented && state == State::Code && (depth <= 0 || reset) {
            chunks.push(Span::new(start, at));
            (start, depth, lines) = (at, 0, 0);
        }
        state = scan(line, state, &mut depth);
        at += line.len();
        lines += 1;
    }
    if at > start {
        chunks.push(Span::new(start, at));
    }
    chunks
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Code,
    Triple,
    Comment,
}

fn scan(line: &str, mut state: State, depth: &mut i32) -> State {
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        match state {
            State::Triple if rest.starts_with(b"\"\"\"") => (state, at) = (State::Code, at + 3),
            State::Comment if rest.starts_with(b"*/") => (state, at) = (State::Code, at + 2),
            State::Triple | State::Comment => at += 1,
            State::Code if rest.starts_with(b"\"\"\"") => (state, at) = (State::Triple, at + 3),
            State::Code if rest.starts_with(b"/*") => (state, at) = (State::Comment, at + 2),
            State::Code if rest.starts_with(b"//") => break,
            State::Code => {
                match bytes[at] {
                    b'(' | b'[' | b'{' => *depth += 1,
                    b')' | b']' | b'}' => *depth -= 1,
                    b'"' => {
                        at += 1;
                        while at < bytes.len() && bytes[at] != b'"' && bytes[at] != b'\n' {
                            at += if bytes[at] == b'\\' { 2 } else { 1 };
                        }
                    }
                    _ => {}
                }
                at += 1;
            }
        }
    }
    state
}
