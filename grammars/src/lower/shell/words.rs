//! Words: quotes, escapes and what is filled in at run time.

use super::{MAX_DEPTH, Reader, quotes};
use crate::{
    Span,
    facts::{Command, ExprId, ExprKind, Quote, ShellWord, StrLit, StrPart, StrStyle},
    lower::strings::{Decoded, Escapes},
};

/// What a word is made of, so far.
#[derive(Default)]
pub(super) struct Parts {
    parts: Vec<StrPart>,
    text: Decoded,
}

impl Parts {
    fn hole(&mut self, part: StrPart) {
        self.parts.extend(self.text.take());
        self.parts.push(part);
    }

    fn done(mut self) -> Vec<StrPart> {
        self.parts.extend(self.text.take());
        self.parts
    }
}

impl Reader<'_> {
    /// The word at `at`, and where it ends.
    pub(super) fn word(&mut self, at: usize, to: usize) -> (ShellWord, usize) {
        self.word_until(at, to, |byte| matches!(byte, b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')'), 0)
    }

    /// The whole of `at..to` as one word.
    pub(super) fn whole(&mut self, at: usize, to: usize, depth: usize) -> ShellWord {
        let mut parts = Parts::default();
        let mut next = at;
        while next < to {
            next = self.piece(&mut parts, next, to, depth);
        }
        let span = Span::new(at, to);
        ShellWord { span, value: StrLit { parts: parts.done(), style: style(Quote::None, span, "") } }
    }

    /// The word at `at`, up to a blank or one of `stops`; at least one character.
    pub(super) fn word_until(
        &mut self,
        at: usize,
        to: usize,
        stops: fn(u8) -> bool,
        depth: usize,
    ) -> (ShellWord, usize) {
        let mut parts = Parts::default();
        let mut next = at;
        let mut pieces = 0;
        while next < to {
            let byte = self.byte(next, to);
            if byte.is_ascii_whitespace() {
                break;
            }
            if let Some(end) = quotes::placeholder(self.text, next, to) {
                parts.text.verbatim(next, &self.text[next..end]);
                next = end;
            } else if next == at && matches!(byte, b'<' | b'>') && self.byte(next + 1, to) == b'(' {
                next = self.substitution(&mut parts, next, next + 2, to);
            } else if stops(byte) && next > at {
                break;
            } else {
                next = self.piece(&mut parts, next, to, depth);
            }
            pieces += 1;
        }
        let span = Span::new(at, next);
        (ShellWord { span, value: StrLit { parts: parts.done(), style: self.style(span, pieces == 1) } }, next)
    }

    /// How a word is quoted: a word of several pieces counts as unquoted.
    fn style(&self, span: Span, one: bool) -> StrStyle {
        let source = span.of(self.text);
        let prefix = if source.starts_with("$'") || source.starts_with("$\"") { "$" } else { "" };
        let body = &source[prefix.len()..];
        let quote = match body.as_bytes() {
            [b'\'', .., b'\''] if one => Quote::Single,
            [b'"', .., b'"'] if one => Quote::Double,
            _ => return style(Quote::None, span, ""),
        };
        let inner = Span::new(span.start as usize + prefix.len() + 1, span.end as usize - 1);
        style(quote, inner, prefix)
    }

    /// Reads one character, quoted text, or hole. Always goes on.
    fn piece(&mut self, parts: &mut Parts, at: usize, to: usize, depth: usize) -> usize {
        match self.byte(at, to) {
            b'\\' => self.escaped(parts, at, to, |_| true),
            b'\'' => match self.single_end(at + 1, to) {
                Some(end) => {
                    parts.text.verbatim(at + 1, &self.text[at + 1..end]);
                    end + 1
                }
                None => self.plain(parts, at, to),
            },
            b'"' => match self.double_end(at + 1, to) {
                Some(end) => {
                    self.expanded(parts, at + 1, end, depth);
                    end + 1
                }
                None => self.plain(parts, at, to),
            },
            b'$' | b'`' | b'{' => self.hole(parts, at, to, depth, false),
            _ => {
                // A run of characters that mean themselves.
                let run = self.text.as_bytes()[at + 1..to]
                    .iter()
                    .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/' | b'.' | b':' | b'@'))
                    .count();
                let first = self.plain(parts, at, to);
                let end = (at + 1 + run).max(first);
                parts.text.verbatim(first, self.text.get(first..end).unwrap_or(""));
                end
            }
        }
    }

    fn plain(&self, parts: &mut Parts, at: usize, to: usize) -> usize {
        let len = self.text.get(at..to).and_then(|t| t.chars().next()).map_or(1, char::len_utf8);
        parts.text.verbatim(at, self.text.get(at..at + len).unwrap_or(""));
        at + len
    }

    /// The backslash at `at` with what follows it.
    fn escaped(&self, parts: &mut Parts, at: usize, to: usize, known: fn(char) -> bool) -> usize {
        let skip = self.continuation(at, to);
        if skip > 0 {
            parts.text.escape(at, skip, "");
            return at + skip;
        }
        match self.text.get(at + 1..to).and_then(|t| t.chars().next()) {
            Some(c) if known(c) => {
                let len = c.len_utf8();
                parts.text.escape(at, 1 + len, &self.text[at + 1..at + 1 + len]);
                at + 1 + len
            }
            _ => self.plain(parts, at, to),
        }
    }

    /// Text between double quotes, or of a here-document: holes, and few escapes.
    pub(super) fn expanded(&mut self, parts: &mut Parts, at: usize, to: usize, depth: usize) {
        let mut next = at;
        while next < to {
            let bytes = &self.text.as_bytes()[next..to];
            let run = bytes.iter().position(|b| matches!(b, b'\\' | b'$' | b'`' | b'{')).unwrap_or(bytes.len());
            if run > 0 {
                parts.text.verbatim(next, &self.text[next..next + run]);
                next += run;
            } else if bytes[0] == b'\\' {
                next = self.escaped(parts, next, to, |c| matches!(c, '"' | '\\' | '$' | '`'));
            } else {
                next = self.hole(parts, next, to, depth, true);
            }
        }
    }

    /// The text `at..to` of a here-document. `raw`: nothing is filled in.
    pub(super) fn block(&mut self, at: usize, to: usize, raw: bool) -> ShellWord {
        let mut parts = Parts::default();
        if raw {
            parts.text.verbatim(at, &self.text[at..to]);
        } else {
            self.expanded(&mut parts, at, to, 0);
        }
        let span = Span::new(at, to);
        let style = StrStyle { raw, triple: true, ..style(Quote::Block, span, "") };
        ShellWord { span, value: StrLit { parts: parts.done(), style } }
    }

    /// What starts with `$`, a backtick or `{`.
    fn hole(&mut self, parts: &mut Parts, at: usize, to: usize, depth: usize, quoted: bool) -> usize {
        let next = self.byte(at + 1, to);
        match self.byte(at, to) {
            b'{' => match quotes::template(self.text, at, to) {
                Some(end) => {
                    parts.text.verbatim(at, &self.text[at..end]);
                    end
                }
                None => self.plain(parts, at, to),
            },
            b'`' => match self.backtick_end(at + 1, to) {
                Some(end) => {
                    let (expr, next) = self.other(parts, Span::new(at, end + 1));
                    self.substitutions.push((Span::new(at + 1, end), expr));
                    next
                }
                None => self.plain(parts, at, to),
            },
            _ if next == b'(' => self.substitution(parts, at, at + 2, to),
            _ if next == b'\'' && !quoted => self.ansi(parts, at, to),
            // `$"…"` is translated.
            _ if next == b'"' && !quoted => at + 1,
            _ if next == b'{' => self.parameter(parts, at, to, depth),
            _ => {
                let rest = &self.text[at + 1..to];
                let len = match next {
                    b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'!' | b'$' | b'-' => 1,
                    b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                        rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count()
                    }
                    _ => return self.plain(parts, at, to),
                };
                let span = Span::new(at, at + 1 + len);
                let expr = self.facts.push(span, ExprKind::Name(rest[..len].into()));
                parts.hole(StrPart::Hole { expr, span, debug: false, format: None });
                at + 1 + len
            }
        }
    }

    /// `$'…'`.
    fn ansi(&mut self, parts: &mut Parts, at: usize, to: usize) -> usize {
        let bytes = &self.text.as_bytes()[at + 2..to];
        let mut i = 0;
        while i < bytes.len() && bytes[i] != b'\'' {
            i += 1 + usize::from(bytes[i] == b'\\');
        }
        if i >= bytes.len() {
            return self.plain(parts, at, to);
        }
        parts.text.read(self.text, Span::new(at + 2, at + 2 + i), Escapes::R, false);
        at + 3 + i
    }

    /// `$(…)`, `<(…)`, whose inside starts at `inner`.
    fn substitution(&mut self, parts: &mut Parts, at: usize, inner: usize, to: usize) -> usize {
        let Some(end) = self.paren_end(inner, to) else {
            let next = self.plain(parts, at, to);
            return self.plain(parts, next, to);
        };
        let (expr, next) = self.other(parts, Span::new(at, end + 1));
        // `$((1 + 2))` runs nothing.
        if self.byte(inner, to) != b'(' {
            self.substitutions.push((Span::new(inner, end), expr));
        }
        next
    }

    /// A word that is what the commands in `region` print.
    pub(super) fn answer(&mut self, span: Span, region: Span) -> ShellWord {
        let mut parts = Parts::default();
        let (expr, _) = self.other(&mut parts, span);
        self.substitutions.push((region, expr));
        ShellWord { span, value: StrLit { parts: parts.done(), style: style(Quote::None, span, "") } }
    }

    fn other(&mut self, parts: &mut Parts, span: Span) -> (ExprId, usize) {
        let expr = self.facts.push(span, ExprKind::Other(Vec::new()));
        parts.hole(StrPart::Hole { expr, span, debug: false, format: None });
        (expr, span.end as usize)
    }

    /// `${NAME}`, `${NAME:-default}`, and `${{ … }}` of CI files.
    fn parameter(&mut self, parts: &mut Parts, at: usize, to: usize, depth: usize) -> usize {
        if self.byte(at + 2, to) == b'{'
            && let Some(end) = quotes::template(self.text, at + 1, to)
        {
            let span = Span::new(at, end);
            let name = self.text[at + 3..end - 2].trim().into();
            let expr = self.facts.push(span, ExprKind::Name(name));
            parts.hole(StrPart::Hole { expr, span, debug: false, format: None });
            return end;
        }
        let Some(end) = self.brace_end(at + 2, to) else { return self.plain(parts, at, to) };
        let span = Span::new(at, end + 1);
        let inner = &self.text[at + 2..end];
        let skip = inner.len() - inner.trim_start_matches(['#', '!']).len();
        let len = inner[skip..].bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let name_span = Span::new(at + 2 + skip, at + 2 + skip + len);
        let name: Box<str> = name_span.of(self.text).into();
        let rest = &inner[skip + len..];
        // A length, another variable's name, a text that stands for "is set".
        if skip > 0 || rest.starts_with(":+") || rest.starts_with('+') {
            return self.other(parts, span).1;
        }
        let mut expr = self.facts.push(name_span, ExprKind::Name(name.clone()));
        let operator = [":-", ":=", "-", "="].iter().find(|o| rest.starts_with(**o)).map_or(0, |o| o.len());
        if operator > 0 && rest.len() > operator && depth < MAX_DEPTH {
            let word = self.whole(end - rest.len() + operator, end, depth + 1);
            let second = self.facts.push(word.span, ExprKind::Str(word.value.clone()));
            expr = self.facts.push(span, ExprKind::Fallback { first: expr, second });
            let mut assigned = (span, word);
            // `${X:=word}` sets it to what it then is.
            if rest[..operator].ends_with('=') {
                let hole = StrPart::Hole { expr, span, debug: false, format: None };
                let value = StrLit { parts: vec![hole], style: style(Quote::None, span, "") };
                assigned = (name_span, ShellWord { span, value });
            }
            self.facts.commands.push(Command {
                span: assigned.0,
                assignments: vec![(name, name_span, assigned.1)],
                words: Vec::new(),
                piped: false,
                input: Vec::new(),
                redirects: Vec::new(),
                wrappers: Vec::new(),
                within: self.within,
            });
        }
        parts.hole(StrPart::Hole { expr, span, debug: false, format: None });
        end + 1
    }
}

pub(super) fn style(quote: Quote, inner: Span, prefix: &str) -> StrStyle {
    StrStyle {
        quote,
        triple: false,
        raw: quote == Quote::Single && prefix.is_empty(),
        bytes: false,
        interpolated: quote != Quote::Single,
        prefix: prefix.into(),
        inner,
    }
}
