//! Groovy of Jenkins pipelines. Variables that a pipeline sets (`environment { … }`, `withEnv([…])`, `env.X = …`, defaults of
//! parameters) are properties, what `sh` and the like run is shell. The rest is read as any program whose language is not.

use super::{
    LowerOptions, embed,
    strings::{Decoded, Escapes},
    text,
};
use crate::{
    CellFacts, Language, Span, TextMap,
    facts::{EmbeddedOrigin, ExprKind, Property, PropertyPlace, PropertyValue, Quote, StrLit, StrPart, StrStyle},
};

/// Steps whose text a shell runs.
const SHELLS: &[&str] = &["sh", "bat", "powershell", "pwsh"];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token {
    /// A name, with the names that it is a member of (`env.X`).
    Word(Span),
    Text(Literal),
    Sign(u8),
}

/// A literal: the whole of it, and what stands between its quotes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Literal {
    span: Span,
    inner: Span,
    double: bool,
}

/// Facts of a Groovy file.
pub fn lower(text: &str, options: LowerOptions) -> CellFacts {
    let mut facts = text::lower_source(text, options);
    let mut reader = Reader { text, tokens: tokens(text), found: Vec::new(), scripts: Vec::new() };
    reader.read();
    let Reader { found, scripts, .. } = reader;
    // What is known better is not read as a line, too.
    let mut known: Vec<Span> = found.iter().map(|p| p.value_span).chain(scripts.iter().map(|s| s.span)).collect();
    known.sort_unstable();
    let is_known = |span: Span| {
        let next = known.partition_point(|k| k.end <= span.start);
        known.get(next).is_some_and(|k| k.overlaps(span))
    };
    facts.properties.retain(|p| !is_known(p.value_span) && !is_known(p.key_span));
    let groups = facts.properties.last().map_or(0, |p| p.group + 1);
    facts.properties.extend(found.into_iter().map(|p| Property { group: p.group + groups, ..p }));
    facts.properties.sort_by_key(|p| (p.value_span.start, p.value_span.end));
    let Some(nested) = options.nested() else { return facts };
    for script in scripts {
        let lit = literal(text, script);
        let (source, map) = whole(&lit);
        let literal = facts.push(script.span, ExprKind::Str(lit));
        let origin = EmbeddedOrigin::Document { literal };
        facts.embedded.push(embed::mapped(source, map, Language::Shell, origin, nested));
    }
    facts
}

struct Reader<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    found: Vec<Property>,
    scripts: Vec<Literal>,
}

impl<'t> Reader<'t> {
    fn read(&mut self) {
        // What the blocks around are called.
        let mut open: Vec<&str> = Vec::new();
        for at in 0..self.tokens.len() {
            match self.tokens[at] {
                Token::Sign(b'{') => open.push(self.label(at)),
                Token::Sign(b'}') => {
                    open.pop();
                }
                Token::Word(span) => self.word(at, span, &open),
                Token::Sign(_) | Token::Text(_) => {}
            }
        }
    }

    fn word(&mut self, at: usize, span: Span, open: &[&str]) {
        let word = span.of(self.text);
        let last = word.rsplit('.').next().unwrap_or(word);
        let assigned = match (self.tokens.get(at + 1), self.tokens.get(at + 2)) {
            (Some(Token::Sign(b'=')), Some(Token::Text(value))) => Some(*value),
            _ => None,
        };
        if let Some(value) = assigned {
            if open.last() == Some(&"environment") && !word.contains('.') {
                self.set(&["environment", word], span, value);
            } else if let Some(name) = word.strip_prefix("env.") {
                self.set(&["env", name], span, value);
            }
        } else if SHELLS.contains(&last) {
            self.scripts.extend(self.script(at + 1));
        } else if last == "withEnv" {
            for (number, value) in self.texts(at + 1).into_iter().enumerate() {
                self.set(
                    &["env", &number.to_string()],
                    Span::new(value.span.start as usize, value.span.start as usize),
                    value,
                );
            }
        } else if open.contains(&"parameters") {
            let named = |name: &str| self.argument(at + 1, name);
            if let (Some(name), Some(value)) = (named("name"), named("defaultValue")) {
                let path = ["env", name.inner.of(self.text), "default"];
                self.set(&path, name.span, value);
            }
        }
    }

    fn set(&mut self, path: &[&str], key_span: Span, value: Literal) {
        self.found.push(Property {
            path: path.iter().map(|key| (*key).into()).collect(),
            key_span,
            value: PropertyValue::Str(literal(self.text, value)),
            value_span: value.span,
            place: PropertyPlace::Document,
            group: self.found.len() as u32,
        });
    }

    /// The name before a brace, without its arguments: `stage('a') {`.
    fn label(&self, brace: usize) -> &'t str {
        let mut at = brace;
        let mut depth = 0_u32;
        while let Some(before) = at.checked_sub(1) {
            at = before;
            match self.tokens[at] {
                Token::Sign(b')') => depth += 1,
                Token::Sign(b'(') => depth = depth.saturating_sub(1),
                Token::Word(span) if depth == 0 => return span.of(self.text),
                _ if depth == 0 => return "",
                _ => {}
            }
        }
        ""
    }

    /// The text of a step: `sh '…'`, `sh('…')`, `sh(script: '…', …)`, `sh script: '…'`.
    fn script(&self, at: usize) -> Option<Literal> {
        match self.tokens.get(at)? {
            Token::Text(literal) => Some(*literal),
            Token::Sign(b'(') => match self.tokens.get(at + 1)? {
                Token::Text(literal) => Some(*literal),
                _ => self.argument(at, "script"),
            },
            Token::Word(_) => self.argument(at, "script"),
            Token::Sign(_) => None,
        }
    }

    /// The literal that is given by name in the arguments that begin at a token.
    fn argument(&self, at: usize, name: &str) -> Option<Literal> {
        const MOST: usize = 40;
        let parens = self.tokens.get(at) == Some(&Token::Sign(b'('));
        let mut depth = 0_u32;
        for window in self.tokens.get(at..)?.windows(3).take(MOST) {
            match window {
                [Token::Sign(b'('), ..] => depth += 1,
                [Token::Sign(b')'), ..] if depth <= 1 && parens => return None,
                [Token::Sign(b')'), ..] => depth = depth.saturating_sub(1),
                [Token::Sign(b'{' | b'}' | b';'), ..] => return None,
                [Token::Word(key), Token::Sign(b':'), Token::Text(value)]
                    if depth <= 1 && key.of(self.text) == name =>
                {
                    return Some(*value);
                }
                _ => {}
            }
        }
        None
    }

    /// The literals of a list, in parentheses or not.
    fn texts(&self, at: usize) -> Vec<Literal> {
        let mut found = Vec::new();
        for token in self.tokens.iter().skip(at) {
            match token {
                Token::Text(literal) => found.push(*literal),
                Token::Sign(b']' | b')' | b'{' | b'}') => break,
                _ => {}
            }
        }
        found
    }
}

/// A literal with its escapes decoded. What it fills in (`${…}`) stays as written: a shell's variable, or a reference.
fn literal(text: &str, literal: Literal) -> StrLit {
    let Literal { span, inner, double } = literal;
    let mut decoded = Decoded::default();
    let (base, source) = (inner.start as usize, inner.of(text));
    let mut from = 0;
    for (at, _) in source.match_indices("\\$") {
        decoded.read(text, Span::new(base + from, base + at), Escapes::Java, false);
        decoded.escape(base + at, 2, "$");
        from = at + 2;
    }
    decoded.read(text, Span::new(base + from, inner.end as usize), Escapes::Java, false);
    let style = StrStyle {
        quote: if double { Quote::Double } else { Quote::Single },
        triple: inner.start >= span.start + 3,
        raw: false,
        bytes: false,
        interpolated: false,
        prefix: "".into(),
        inner,
    };
    StrLit { parts: decoded.take().into_iter().collect(), style }
}

fn whole(lit: &StrLit) -> (String, TextMap) {
    let (mut out, mut map) = (String::new(), TextMap::default());
    for part in &lit.parts {
        if let StrPart::Text { value, map: inner } = part {
            out.push_str(value.expose());
            map.append(inner);
        }
    }
    (out, map)
}

fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    let begins = |at: usize, what: &[u8]| bytes[at..].starts_with(what);
    while at < bytes.len() {
        let byte = bytes[at];
        if begins(at, b"//") || begins(at, b"#!") && at == 0 {
            at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
        } else if begins(at, b"/*") {
            at = memchr::memmem::find(&bytes[at + 2..], b"*/").map_or(bytes.len(), |end| at + end + 4);
        } else if matches!(byte, b'"' | b'\'') {
            let literal = quoted(bytes, at);
            found.push(Token::Text(literal));
            at = literal.span.end as usize;
        } else if byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$') {
            let word = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'.');
            let end = at + bytes[at..].iter().take_while(word).count();
            found.push(Token::Word(Span::new(at, end)));
            at = end;
        } else {
            // `==` assigns nothing.
            let twice = byte == b'=' && bytes.get(at + 1) == Some(&b'=');
            if !byte.is_ascii_whitespace() && !twice {
                found.push(Token::Sign(byte));
            }
            at += if twice { 2 } else { 1 };
        }
    }
    found
}

/// The literal at a quote; one that is not closed ends with its line, or with the text.
fn quoted(bytes: &[u8], at: usize) -> Literal {
    let quote = bytes[at];
    let double = quote == b'"';
    let width = if bytes[at..].starts_with(&[quote; 3]) { 3 } else { 1 };
    let start = at + width;
    let mut end = start;
    // Braces of `${…}`: quotes in them are of another text.
    let mut depth = 0_u32;
    while end < bytes.len() {
        match bytes[end] {
            b'\\' => end += 1,
            b'\n' if width == 1 => {
                return Literal { span: Span::new(at, end), inner: Span::new(start, end), double };
            }
            b'{' if double && (depth > 0 || bytes[end - 1] == b'$' && end > start) => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            b if b == quote && depth == 0 && bytes[end..].starts_with(&[quote; 3][..width]) => {
                return Literal { span: Span::new(at, end + width), inner: Span::new(start, end), double };
            }
            _ => {}
        }
        end += 1;
    }
    let end = end.min(bytes.len());
    Literal { span: Span::new(at, end), inner: Span::new(start.min(end), end), double }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts_debug::print;

    fn read(text: &str) -> String {
        print(&lower(text, LowerOptions { notebook: false, depth: 3 }))
    }

    #[test]
    fn what_a_pipeline_sets_and_runs() {
        let rows: &[(&str, &[&str])] = &[
            ("environment {\n A = 'b'\n C = credentials('d')\n}", &["environment.A -> 'b'"]),
            ("withEnv([\"A=b\", 'C=d']) { x() }", &["env.0 -> 'A=b'", "env.1 -> 'C=d'"]),
            ("env.A = 'b'\nif (env.A == 'c') {}", &["env.A -> 'b'"]),
            ("parameters { password(name: 'A', defaultValue: 'b') }", &["env.A.default -> 'b'"]),
            ("sh 'a -b c'", &["<shell document: a -b c>"]),
            ("sh \"\"\"a -b \\$C\"\"\"", &["<shell document: a -b $C>"]),
            ("def x = sh(returnStdout: true, script: 'a -b')", &["<shell document: a -b>"]),
        ];
        for (text, expected) in rows {
            let seen = read(text);
            for line in *expected {
                assert!(seen.contains(line), "{text}: {seen}");
            }
        }
        for text in ["def pwd = bat (\n script: x)", "// sh 'a -b'\n", "show 'a -b'", "x == 'a'"] {
            assert!(!read(text).contains("<shell"), "{text}");
        }
    }

    #[test]
    fn nothing_makes_it_fail() {
        for text in
            ["'", "\"\"\"", "\"${", "sh(", "sh '\\", "}{)(", "withEnv([", "/*", "é'é\\é", "parameters { a(name:"]
        {
            read(text);
        }
    }
}
