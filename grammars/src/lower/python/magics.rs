//! Notebook lines inside Python that are no Python: magics, shell lines, help, and comments of other languages.
//! They are blanked out (same length, so that offsets hold) and read on their own.

use std::borrow::Cow;

use crate::{Language, Span};

/// A line that is no Python.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Magic {
    /// The whole line, from its first character; with the lines that a `\` adds.
    pub span: Span,
    pub kind: MagicKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MagicKind {
    /// Text in another language.
    Text { language: Language, inner: Span },
    /// `%run path`, and all behind the word.
    Include { path: Span, rest: Span },
    /// `%env NAME=value`.
    Env { name: Span, value: Span },
    /// `// …` or `-- …`.
    Comment,
    /// Nothing to be read: `%matplotlib inline`, `help?`.
    Nothing,
}

/// Where the scan is: inside a triple-quoted string or brackets a line is no magic.
#[derive(Default)]
pub(super) struct State {
    /// Quote character of the open triple-quoted string.
    string: Option<u8>,
    /// What closes the brackets that are open, outermost first.
    pub closers: Vec<u8>,
    /// The line before ends with `\`.
    continued: bool,
}

/// The text without its magics, and the magics. `notebook`: all of them; a plain file can have lines of shell and
/// magics too (exported notebooks), but only ones that could be no Python.
pub(super) fn take(text: &str, notebook: bool) -> (Cow<'_, str>, Vec<Magic>) {
    let bytes = text.as_bytes();
    // Cheap way out: none of the characters that start such a line.
    if memchr::memchr3(b'%', b'!', b'?', bytes).is_none() && !text.contains("//") && !text.contains("--") {
        return (Cow::Borrowed(text), Vec::new());
    }
    let mut magics = Vec::new();
    let mut blanked: Option<Vec<u8>> = None;
    let mut state = State::default();
    let mut at = 0;
    let mut first = true;
    while at < bytes.len() {
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |i| at + i + 1);
        let found = if state.string.is_some() || state.continued {
            None
        } else {
            read_line(text, Span::new(at, end), !state.closers.is_empty(), first, notebook)
        };
        first &= text[at..end].trim().is_empty();
        if let Some((span, keep, kind)) = found {
            let out = blanked.get_or_insert_with(|| bytes.to_vec());
            blank(out, span, keep, at);
            at = next_line(bytes, span.end as usize);
            magics.push(Magic { span, kind });
            if let Some(keep) = keep {
                state.line(&bytes[keep..at]);
            } else {
                state = State::default();
            }
            continue;
        }
        state.line(&bytes[at..end]);
        at = end;
    }
    let text = match blanked.map(String::from_utf8) {
        Some(Ok(blanked)) => Cow::Owned(blanked),
        _ => Cow::Borrowed(text),
    };
    (text, magics)
}

fn next_line(bytes: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |i| at + i + 1)
}

/// Overwrites a magic: `pass` where a block may need a statement, `0;` before code that stays (from byte `keep`).
fn blank(out: &mut [u8], span: Span, keep: Option<usize>, line: usize) {
    let start = span.start as usize;
    let end = keep.unwrap_or(span.end as usize);
    for byte in &mut out[start..end] {
        if !matches!(*byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    let filler: &[u8] = match keep {
        Some(_) => b"0;",
        None if start == line => b"",
        None => b"pass",
    };
    if filler.len() <= end - start {
        out[start..start + filler.len()].copy_from_slice(filler);
    } else if start > line {
        out[start] = b'0';
    }
}

/// A magic in the line, and where Python goes on inside it.
fn read_line(
    text: &str,
    line: Span,
    inside: bool,
    first: bool,
    notebook: bool,
) -> Option<(Span, Option<usize>, MagicKind)> {
    let source = line.of(text);
    let content = source.trim_start();
    let start = line.start as usize + source.len() - content.len();
    let content = content.trim_end();
    let span = Span::new(start, start + content.len());
    let mut chars = content.chars();
    match chars.next()? {
        '%' if content.starts_with("%%") && !inside => {
            let (word, rest) = word_after(text, span, 2);
            match Language::of_name(word) {
                Some(language) if language != Language::Python && first => {
                    let inner = Span::new(rest.start as usize, text.len());
                    Some((Span::new(start, text.len()), None, MagicKind::Text { language, inner }))
                }
                _ => Some((span, None, MagicKind::Nothing)),
            }
        }
        '%' => magic(text, span, inside && start > line.start as usize, inside),
        '!' if !inside && content.len() > 1 && !content.starts_with("!=") => {
            let span = continued(text, span);
            let skip = 1 + usize::from(content.starts_with("!!"));
            let inner = Span::new(start + skip, (span.end as usize).max(start + skip));
            Some((span, None, MagicKind::Text { language: Language::Shell, inner }))
        }
        '?' if !inside => Some((span, None, MagicKind::Nothing)),
        '/' if content.starts_with("//") && !inside => Some((span, None, MagicKind::Comment)),
        '-' if content.starts_with("-- ") && !inside => Some((span, None, MagicKind::Comment)),
        _ if content.ends_with('?') && !inside && notebook => {
            let name = content.trim_end_matches('?');
            let is_name = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '*' | '%'));
            is_name.then_some((span, None, MagicKind::Nothing))
        }
        _ if content.contains("= !") && !inside => shell_value(text, span),
        _ => None,
    }
}

/// `files = !ls`.
fn shell_value(text: &str, span: Span) -> Option<(Span, Option<usize>, MagicKind)> {
    let (name, rest) = span.of(text).split_once('=')?;
    let command = rest.trim_start();
    let is_name = name.trim().chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ',' | ' '));
    if !is_name || !command.starts_with('!') || command.starts_with("!=") {
        return None;
    }
    let inner = Span::new(span.end as usize - command.len() + 1, span.end as usize);
    Some((span, None, MagicKind::Text { language: Language::Shell, inner }))
}

/// The word `skip` bytes into the span, and what follows it.
fn word_after(text: &str, span: Span, skip: usize) -> (&str, Span) {
    let source = span.of(text).get(skip..).unwrap_or("");
    let len = source.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(source.len());
    let rest = &source[len..];
    let start = span.end as usize - rest.trim_start().len();
    (&source[..len], Span::new(start, span.end as usize))
}

/// A `%word …` line. `indented`, `inside`: an operator of an expression over several lines is none.
fn magic(text: &str, span: Span, indented: bool, inside: bool) -> Option<(Span, Option<usize>, MagicKind)> {
    let (word, rest) = word_after(text, span, 1);
    let known = matches!(word, "run" | "env" | "set_env" | "time" | "timeit" | "prun" | "memit" | "fs" | "load_ext")
        || Language::of_name(word).is_some();
    if word.is_empty() || indented || inside && !known {
        return None;
    }
    let kind = match word {
        "run" => match run_path(text, rest) {
            Some(path) => MagicKind::Include { path, rest },
            None => MagicKind::Nothing,
        },
        "env" | "set_env" => env(text, rest).unwrap_or(MagicKind::Nothing),
        "time" | "timeit" | "prun" | "memit" => {
            let mut keep = rest;
            while keep.of(text).starts_with('-') {
                let next = keep.of(text).find(' ').map_or("", |i| keep.of(text)[i..].trim_start());
                keep = Span::new(keep.end as usize - next.len(), keep.end as usize);
            }
            return Some((span, Some(keep.start as usize).filter(|_| !keep.is_empty()), MagicKind::Nothing));
        }
        "system" | "sx" => MagicKind::Text { language: Language::Shell, inner: rest },
        _ => match Language::of_name(word) {
            Some(Language::Python) => {
                return Some((span, Some(rest.start as usize).filter(|_| !rest.is_empty()), MagicKind::Nothing));
            }
            Some(Language::Markdown) | None => MagicKind::Nothing,
            Some(language) => {
                let span = continued(text, span);
                let inner = Span::new(rest.start as usize, (span.end as usize).max(rest.start as usize));
                // `%sql postgresql://user:password@host/db` opens a connection.
                let inner_text = inner.of(text);
                let is_url = language == Language::Sql && inner_text.split_whitespace().any(|w| w.contains("://"));
                let language = if is_url && !inner_text.contains(';') { Language::Text } else { language };
                return Some((span, None, MagicKind::Text { language, inner }));
            }
        },
    };
    // `%env NAME={expression}`: IPython evaluates it.
    let evaluated = match &kind {
        MagicKind::Env { value, .. } if is_expression(value.of(text)) => Some(value.start as usize),
        _ => None,
    };
    Some((span, evaluated, kind))
}

/// `{…}` with more than a name in it.
fn is_expression(value: &str) -> bool {
    let inner = value.strip_prefix('{').and_then(|v| v.strip_suffix('}'));
    inner.is_some_and(|i| !i.is_empty() && !i.chars().all(|c| c.is_alphanumeric() || c == '_'))
}

/// The span with the lines that a `\` at the end adds.
fn continued(text: &str, span: Span) -> Span {
    let mut end = span.end as usize;
    while text[..end].ends_with('\\') {
        let rest = &text[end..];
        let Some(break_len) = rest.find('\n').map(|i| i + 1) else { break };
        let line = rest[break_len..].split('\n').next().unwrap_or("").trim_end();
        end += break_len + line.len();
        if line.is_empty() {
            break;
        }
    }
    Span::new(span.start as usize, end)
}

/// The path of `%run`, without quotes; arguments follow it (`$a="b"`).
fn run_path(text: &str, rest: Span) -> Option<Span> {
    let mut source = rest.of(text);
    let mut start = rest.start as usize;
    // Options of IPython: `%run -i path`.
    while source.starts_with('-') {
        let next = source[source.find(' ')?..].trim_start();
        start = rest.end as usize - next.len();
        source = next;
    }
    let first = source.chars().next()?;
    if matches!(first, '"' | '\'') {
        let len = source[1..].find(first).unwrap_or(source.len() - 1);
        return Some(Span::new(start + 1, start + 1 + len));
    }
    let script = source.split_whitespace().next().filter(|w| w.ends_with(".py") || w.ends_with(".ipynb"));
    let len = script.map_or_else(|| source.find(" $").or(source.find(" #")).unwrap_or(source.len()), str::len);
    let path = source[..len].trim_end();
    (!path.is_empty()).then(|| Span::new(start, start + path.len()))
}

/// `%env NAME=value`, `%env NAME value`.
fn env(text: &str, rest: Span) -> Option<MagicKind> {
    let source = rest.of(text);
    let end = source.find(['=', ' '])?;
    let start = rest.start as usize;
    let value = source[end..].trim_start().strip_prefix('=').unwrap_or(&source[end..]).trim_start();
    if end == 0 || value.is_empty() {
        return None;
    }
    let value_start = rest.end as usize - value.len();
    Some(MagicKind::Env { name: Span::new(start, start + end), value: Span::new(value_start, rest.end as usize) })
}

impl State {
    /// Whether the next line starts a statement.
    pub(super) fn at_statement(&self, line: &[u8]) -> bool {
        self.string.is_none() && !self.continued && (self.closers.is_empty() || starts_statement(line))
    }

    /// Goes over a line of Python: strings, comments and brackets.
    pub(super) fn line(&mut self, line: &[u8]) {
        // Code that starts a line at column 0 inside brackets: the bracket was never closed.
        if self.string.is_none() && !self.closers.is_empty() && starts_statement(line) {
            self.closers.clear();
        }
        self.continued = false;
        let mut at = 0;
        while let Some(&byte) = line.get(at) {
            at += 1;
            match (self.string, byte) {
                (_, b'\\') => {
                    let end = line[at..].iter().all(u8::is_ascii_whitespace);
                    self.continued = end && self.string.is_none();
                    at += 1;
                }
                (Some(quote), _) if byte == quote && line[at..].starts_with(&[quote, quote]) => {
                    self.string = None;
                    at += 2;
                }
                (Some(_), _) => {}
                (None, b'"' | b'\'') => {
                    if line[at..].starts_with(&[byte, byte]) {
                        self.string = Some(byte);
                        at += 2;
                        continue;
                    }
                    // A one-line string ends with the line at the latest.
                    while let Some(&inner) = line.get(at) {
                        at += 1;
                        match inner {
                            b'\\' => at += 1,
                            _ if inner == byte => break,
                            _ => {}
                        }
                    }
                }
                (None, b'#') => break,
                (None, b'(') => self.closers.push(b')'),
                (None, b'[' | b'{') => self.closers.push(byte + 2),
                (None, b')' | b']' | b'}') => drop(self.closers.pop()),
                _ => {}
            }
        }
    }
}

/// Whether a line at column 0 can only be the start of a statement.
fn starts_statement(line: &[u8]) -> bool {
    const WORDS: &[&[u8]] =
        &[b"import ", b"from ", b"def ", b"class ", b"with ", b"while ", b"try:", b"return ", b"raise ", b"@"];
    if WORDS.iter().any(|w| line.starts_with(w)) {
        return true;
    }
    // `name = …`: a keyword argument is indented.
    let name = line.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    name > 0 && line[name..].starts_with(b" = ")
}
