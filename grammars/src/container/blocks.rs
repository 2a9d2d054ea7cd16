//! A large Python file as a sequence of blocks: paragraphs of its top level, each a cell of its own. A keystroke then
//! costs what its block costs, as in a notebook, and a block without an anchor need not be parsed.
//!
//! A block begins at a statement of the top level behind an empty line, together with the comments and decorators above
//! it. Where blocks begin depends on the lines around only: an edit moves no border but those that it touches.

/// Texts from this size on are read as blocks, in bytes: below, the whole is parsed in a few milliseconds.
pub(super) const FROM: usize = 32 << 10;

/// Where the blocks begin, the first at 0.
pub(super) fn starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut state = State::default();
    let mut starts = vec![0];
    // Start of the comments and decorators directly above.
    let mut above: Option<usize> = None;
    let mut filled = false;
    let (mut behind_empty, mut last_empty, mut at) = (false, false, 0);
    while at < bytes.len() {
        let next = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |n| at + n + 1);
        let line = &bytes[at..next];
        if state.string.is_none() && state.depth > 0 && defines(line) {
            // Nothing of the kind stands in brackets: one was left open.
            state = State::default();
            behind_empty = last_empty;
        }
        let top = state.is_top();
        let first = line.first().copied().unwrap_or(b'\n');
        let empty = line.iter().all(u8::is_ascii_whitespace);
        if top && !empty && !first.is_ascii_whitespace() {
            let begin = above.unwrap_or(at);
            if first == b'#' || first == b'@' {
                // A paragraph of comments alone stays with what follows.
                if above.is_some() || behind_empty {
                    above = Some(begin);
                }
            } else {
                if (above.is_some() || behind_empty) && filled && !continues(line) {
                    starts.push(begin);
                }
                above = None;
            }
            filled |= above.is_none();
        } else if top && !empty {
            above = None;
        }
        last_empty = empty;
        behind_empty = top && empty;
        state.read(line);
        at = next;
    }
    starts
}

/// Whether a line of the top level goes on with the statement above.
fn continues(line: &[u8]) -> bool {
    let word = line.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    matches!(&line[..word], b"else" | b"elif" | b"except" | b"finally") || matches!(line[0], b')' | b']' | b'}')
}

/// Whether a line begins a statement of the top level that no bracket can hold.
fn defines(line: &[u8]) -> bool {
    [&b"def "[..], b"class ", b"async def ", b"import ", b"@"].iter().any(|word| line.starts_with(word))
}

/// What is open at the end of a line.
#[derive(Default)]
struct State {
    depth: u32,
    /// The quote of a string that goes on, and whether it is a triple one.
    string: Option<(u8, bool)>,
    /// The line ended with a backslash.
    joined: bool,
}

impl State {
    fn is_top(&self) -> bool {
        self.depth == 0 && self.string.is_none() && !self.joined
    }

    fn read(&mut self, line: &[u8]) {
        self.joined = false;
        let mut at = 0;
        while at < line.len() {
            let byte = line[at];
            if let Some((quote, triple)) = self.string {
                if byte == b'\\' {
                    at += 2;
                    // `\` before `\r\n`
                    self.joined = at >= line.len() || line[at - 1] == b'\r';
                    continue;
                }
                if byte == quote && (!triple || line[at..].starts_with(&[quote; 3])) {
                    self.string = None;
                    at += if triple { 3 } else { 1 };
                    continue;
                }
            } else {
                match byte {
                    b'#' => break,
                    b'\'' | b'"' => {
                        let triple = line[at..].starts_with(&[byte; 3]);
                        self.string = Some((byte, triple));
                        at += if triple { 3 } else { 1 };
                        continue;
                    }
                    b'(' | b'[' | b'{' => self.depth += 1,
                    b')' | b']' | b'}' => self.depth = self.depth.saturating_sub(1),
                    b'\\' => self.joined = line[at + 1..].iter().all(|b| matches!(b, b'\r' | b'\n')),
                    _ => {}
                }
            }
            at += 1;
        }
        // A string that is not closed ends with its line.
        if matches!(self.string, Some((_, false))) && !self.joined {
            self.string = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &str) -> Vec<&str> {
        let mut starts = starts(text);
        starts.push(text.len());
        starts.windows(2).map(|w| &text[w[0]..w[1]]).collect()
    }

    #[test]
    fn paragraphs_of_the_top_level_are_blocks() {
        let rows: &[&[&str]] = &[
            &["import os\nimport sys\n\n", "x = 1\ny = 2\n\n", "def f():\n    a = 1\n\n    b = 2\n\n\n", "f()\n"],
            &["x = 1\n\n", "# about f\n\n# more\n@cached\n# why\n@other(\n    1\n)\ndef f(): pass\n"],
            &[
                "if a:\n    x = 1\n\nelse:\n    x = 2\n\n",
                "try:\n    f()\n\nexcept E:\n    pass\n\nfinally:\n    g()\n",
            ],
            &["a = '''\n\nb = 1\n\n'''\n\n", "c = [\n\n1,\n\n]\n\n", "d = f(1,\n\n2)\n\n", "e = 'x'\n"],
            &["a = 1 + \\\n\n2\n\n", "b = 'it''s \\\n\nc'\n\n", "d = 2\n"],
            &["x = 'open\n\n", "y = 2\n\n", "z = f(\n\n1\n\nw = 2\n\n", "def g(): pass\n"],
            &["x = \"\"\"a\\\"\"\"\n\nb\"\"\"\n\n", "y = 1\n"],
            &["x = '#'\n\n", "y = 1 # '''\n\n", "z = 3\n"],
            &["x = 1\r\n\r\n", "y = 'a\\\r\n\r\nb'\r\n\r\n", "z = 1\r\n"],
            &["\n\nx = 1\n"],
            &["# only\n\n# comments\n"],
            &[""],
        ];
        for row in rows {
            assert_eq!(blocks(&row.concat()), *row);
        }
    }

    #[test]
    fn an_edit_moves_no_border_elsewhere() {
        let text: String =
            (0..300).map(|i| format!("# step {i}\ndef f_{i}(x):\n    return '{i}'\n\n\nf_{i}({i})\n\n")).collect();
        let before = starts(&text);
        assert_eq!(before.len(), 600);
        let at = text.find("'150'").unwrap_or(0) + 1;
        let mut typed = text.clone();
        typed.insert(at, 'k');
        let moved: Vec<usize> = before.iter().map(|s| if *s > at { s + 1 } else { *s }).collect();
        assert_eq!(starts(&typed), moved);
    }
}
