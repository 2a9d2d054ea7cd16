//! Tokens with byte spans. The tokenizer is `sqlparser`'s with the Databricks dialect; its columns count characters.

use sqlparser::{
    dialect::DatabricksDialect,
    tokenizer::{Location, Token as Sql, TokenWithSpan, Tokenizer, Whitespace},
};

use crate::{Span, facts::Comment};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Identifier or keyword, upper case; without backticks or brackets.
    Word(String),
    /// String literal: single or double quotes, `N'…'`, `r'…'`, `$$…$$`.
    Text,
    Number,
    /// `:name`, `?`, `${x}`, `{{x}}`, `{x}`.
    Parameter,
    Open,
    Close,
    Comma,
    Semicolon,
    /// `=`, `=>`, `||`, `.`, …
    Symbol(String),
}

impl Token {
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(&self.kind, Kind::Word(w) if w == word)
    }

    /// The word, upper case.
    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn symbol(&self, symbol: &str) -> bool {
        matches!(&self.kind, Kind::Symbol(s) if s == symbol)
    }
}

/// Texts that the tokenizer stumbles over are resumed behind the stumble this many times.
const RESTARTS: usize = 400;

/// What a text holds.
pub(super) struct Read {
    pub tokens: Vec<Token>,
    pub comments: Vec<Comment>,
    /// Templates, sorted.
    pub templates: Vec<Span>,
}

/// Tokens and comments of a text. What cannot be read is skipped.
pub(super) fn read(text: &str) -> Read {
    let (masked, templates) = mask(text);
    let mut read = Read { tokens: Vec::new(), comments: Vec::new(), templates };
    let mut from = 0;
    for _ in 0..RESTARTS {
        let rest = &masked[from..];
        let mut found: Vec<TokenWithSpan> = Vec::new();
        let result = Tokenizer::new(&DatabricksDialect {}, rest)
            .with_unescape(false)
            .tokenize_with_location_into_buf(&mut found);
        let mut places = Places::new(rest);
        let mut last = 0;
        let mut runaway = None;
        for token in &found {
            let (start, end) = (places.offset(token.span.start), places.offset(token.span.end));
            if result.is_err() && is_runaway(&rest[start..end.max(start)]) {
                runaway = Some(start);
                break;
            }
            last = end.max(start);
            push(token, text, from + start, from + last, &mut read);
        }
        if result.is_ok() {
            break;
        }
        // A quote that is not closed is, at the end of its line.
        let unread = runaway.unwrap_or(last + rest[last..].len() - rest[last..].trim_start().len());
        if let Some(end) = open_text(rest, unread, read.tokens.last()) {
            read.tokens.push(Token { kind: Kind::Text, span: Span::new(from + unread, from + end) });
            from += end;
            continue;
        }
        // Anything else: behind the character that could not be read.
        let skip = runaway.map(|at| at + 1).unwrap_or_else(|| {
            let next = rest[last..].char_indices().find(|(_, c)| !c.is_whitespace());
            next.map_or(rest.len(), |(i, c)| last + i + c.len_utf8())
        });
        from += skip;
        if from >= masked.len() {
            break;
        }
    }
    read
}

/// Where the text ends whose quote at `at` is not closed: on its line, before the brackets and commas of its statement. `None`
/// for anything else, and for a quote that stands where no value does.
fn open_text(text: &str, at: usize, before: Option<&Token>) -> Option<usize> {
    let line = text.get(at..)?.split('\n').next()?;
    let inner = line.strip_prefix(['\'', '"'])?.trim_end().trim_end_matches([')', ';', ',', ' ']);
    let is_value = before.is_some_and(|t| matches!(t.kind, Kind::Word(_)) || t.symbol("=") || t.symbol("=>"));
    let is_one = !inner.is_empty() && !inner.contains(['\'', '"']);
    (is_value && is_one).then_some(at + 1 + inner.len())
}

/// A quoted text that goes over the end of a statement, in a text whose quotes do not match: the one that is missing is
/// its own.
fn is_runaway(token: &str) -> bool {
    token.starts_with(['\'', '"']) && token.lines().rev().skip(1).any(|line| line.trim_end().ends_with(';'))
}

/// For each opening parenthesis the position of its closing one, in the same statement.
pub(super) fn closes(tokens: &[Token]) -> Vec<u32> {
    let mut closes = vec![tokens.len() as u32; tokens.len()];
    let mut open = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open => open.push(i),
            Kind::Close => {
                if let Some(at) = open.pop() {
                    closes[at] = i as u32;
                }
            }
            Kind::Semicolon => open.clear(),
            _ => {}
        }
    }
    closes
}

fn push(token: &TokenWithSpan, text: &str, start: usize, end: usize, read: &mut Read) {
    let Read { tokens, comments, templates } = read;
    let span = Span::new(start, end);
    let source = span.of(text);
    let kind = match &token.token {
        Sql::Whitespace(Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_)) => {
            let inner = source.trim_start_matches(['-', '/', '*', '#']).trim_end_matches(['*', '/']).trim();
            let offset = if inner.is_empty() { 0 } else { inner.as_ptr() as usize - source.as_ptr() as usize };
            let text = Span::new(start + offset, start + offset + inner.len());
            let end = start + source.trim_end().len();
            comments.push(Comment { span: Span::new(start, end), text, is_doc: false });
            return;
        }
        Sql::Whitespace(_) | Sql::EOF => return,
        Sql::Word(word) => {
            let first = templates.partition_point(|t| t.end < span.end);
            if templates.get(first).is_some_and(|t| t.start <= span.start && span.end <= t.end) {
                Kind::Parameter
            } else if is_named(tokens, span) {
                // `:name`; `column:field` and `::type` are none.
                let colon = tokens.pop().map_or(span, |t| t.span);
                tokens.push(Token { kind: Kind::Parameter, span: colon.cover(span) });
                return;
            } else {
                Kind::Word(word.value.to_uppercase())
            }
        }
        Sql::Number(..) => Kind::Number,
        Sql::SingleQuotedString(_)
        | Sql::DoubleQuotedString(_)
        | Sql::NationalStringLiteral(_)
        | Sql::DollarQuotedString(_)
        | Sql::SingleQuotedRawStringLiteral(_)
        | Sql::DoubleQuotedRawStringLiteral(_)
        | Sql::EscapedStringLiteral(_)
        | Sql::TripleSingleQuotedString(_)
        | Sql::TripleDoubleQuotedString(_)
        | Sql::SingleQuotedByteStringLiteral(_)
        | Sql::DoubleQuotedByteStringLiteral(_)
        | Sql::UnicodeStringLiteral(_)
        | Sql::HexStringLiteral(_) => {
            // `r'…'`
            let prefix = tokens.last().filter(|t| t.span.end == span.start && t.span.len() == 1);
            if prefix.is_some_and(|t| t.is("R") || t.is("X") || t.is("B") || t.is("E"))
                && source.starts_with(['\'', '"'])
            {
                let prefix = tokens.pop().map_or(span, |t| t.span);
                tokens.push(Token { kind: Kind::Text, span: prefix.cover(span) });
                return;
            }
            Kind::Text
        }
        Sql::Placeholder(_) => Kind::Parameter,
        Sql::LParen => Kind::Open,
        Sql::RParen => Kind::Close,
        Sql::Comma => Kind::Comma,
        Sql::SemiColon => Kind::Semicolon,
        _ => Kind::Symbol(source.to_owned()),
    };
    tokens.push(Token { kind, span });
}

/// Whether the word at `span` is the name behind a `:`.
fn is_named(tokens: &[Token], span: Span) -> bool {
    let [.., before, colon] = tokens else {
        return tokens.last().is_some_and(|t| t.symbol(":") && t.span.end == span.start);
    };
    let path = matches!(before.kind, Kind::Word(_) | Kind::Close | Kind::Text | Kind::Symbol(_));
    colon.symbol(":") && colon.span.end == span.start && !(path && before.span.end == colon.span.start)
        || colon.symbol(":") && colon.span.end == span.start && before.symbol("=")
}

/// Locations, in order, to byte offsets.
struct Places<'t> {
    text: &'t str,
    line: u64,
    column: u64,
    offset: usize,
}

impl<'t> Places<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, line: 1, column: 1, offset: 0 }
    }

    fn offset(&mut self, place: Location) -> usize {
        if (place.line, place.column) < (self.line, self.column) {
            *self = Self::new(self.text);
        }
        for c in self.text[self.offset..].chars() {
            if (self.line, self.column) >= (place.line, place.column) {
                break;
            }
            self.offset += c.len_utf8();
            if c == '\n' {
                (self.line, self.column) = (self.line + 1, 1);
            } else {
                self.column += 1;
            }
        }
        self.offset
    }
}

/// Templates of host languages and widgets (`${x}`, `{{x}}`, `{x}`) become words of the same length, so that they are
/// read as names; where they stand is returned.
fn mask(text: &str) -> (String, Vec<Span>) {
    let mut templates = Vec::new();
    if !text.contains('{') {
        return (text.to_owned(), templates);
    }
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    while let Some(step) = text[at..].find('{') {
        let open = at + step;
        let double = text[open..].starts_with("{{");
        let close = if double { "}}" } else { "}" };
        let Some(length) = text[open..].find(close).map(|i| i + close.len()) else { break };
        let start = if open > 0 && bytes[open - 1] == b'$' { open - 1 } else { open };
        let inner = &text[open..open + length];
        at = open + length;
        // A template starts with a name; JSON does not.
        let named = inner.trim_start_matches(['{', ' ']).starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        if length > 120 || !inner.is_ascii() || inner.contains('\n') || !named {
            at = open + 1;
            continue;
        }
        bytes[start..at].fill(b'_');
        templates.push(Span::new(start, at));
    }
    (String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned()), templates)
}
