//! Cutting a cell into pieces that are parsed on their own when the whole does not parse.

use crate::Span;

/// Words that continue the statement before them.
const CONTINUES: &[&str] = &["else", "catch", "finally", "case", "yield", "with", "extends", "match"];
/// Words that start a definition.
const DEFINES: &[&str] = &["val", "var", "def", "import", "object", "class", "lazy"];

/// Pieces at whose borders no bracket and no triple-quoted string is open and a line starts a new statement.
pub(super) fn split(text: &str) -> Vec<Span> {
    let mut chunks = Vec::new();
    let (mut start, mut at, mut lines) = (0, 0, 0);
    let mut scan = Scan::default();
    for line in text.split_inclusive('\n') {
        let first = line.trim_start();
        let indented = line.starts_with([' ', '\t']);
        let word = first.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
        let fresh =
            !first.is_empty() && !first.starts_with(['.', ')', '}', ']', ',', '+', '*']) && !CONTINUES.contains(&word);
        // An unbalanced bracket must not swallow the rest of the cell: a definition at the margin starts anew.
        let reset = DEFINES.contains(&word) && (lines > 2 || matches!(scan.closers.last(), Some(b')' | b']')));
        if at > start && fresh && !indented && scan.state == State::Code && (scan.closers.is_empty() || reset) {
            chunks.push(Span::new(start, at));
            scan.closers.clear();
            (start, lines) = (at, 0);
        }
        scan.line(line);
        at += line.len();
        lines += 1;
    }
    if at > start {
        chunks.push(Span::new(start, at));
    }
    chunks
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Code,
    Triple,
    Comment,
}

#[derive(Default)]
struct Scan {
    state: State,
    /// What closes the brackets that are open, outermost first.
    closers: Vec<u8>,
}

impl Scan {
    fn line(&mut self, line: &str) {
        let bytes = line.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            match self.state {
                State::Triple if rest.starts_with(b"\"\"\"") => (self.state, at) = (State::Code, at + 3),
                State::Comment if rest.starts_with(b"*/") => (self.state, at) = (State::Code, at + 2),
                State::Triple | State::Comment => at += 1,
                State::Code if rest.starts_with(b"\"\"\"") => (self.state, at) = (State::Triple, at + 3),
                State::Code if rest.starts_with(b"/*") => (self.state, at) = (State::Comment, at + 2),
                State::Code if rest.starts_with(b"//") => break,
                State::Code if rest.starts_with(b"'\"'") => at += 3,
                State::Code if rest.starts_with(b"'\\\"'") => at += 4,
                State::Code => {
                    match bytes[at] {
                        b'(' => self.closers.push(b')'),
                        open @ (b'[' | b'{') => self.closers.push(open + 2),
                        b')' | b']' | b'}' => drop(self.closers.pop()),
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
    }
}
