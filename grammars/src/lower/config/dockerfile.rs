//! Dockerfiles: `ENV` and `ARG` are properties, `RUN`, `CMD` and `ENTRYPOINT` are shell.

use std::collections::HashMap;

use super::{push, scalar};
use crate::{
    CellFacts, Span, TextMap,
    facts::{Comment, EmbeddedOrigin, ExprKind, StrLit, StrPart, StrStyle},
    lower::{
        LowerOptions,
        handed::{self, Macros, Variable},
        strings::Escapes,
    },
};

/// Variables of a stage: the property that says what each holds. `ARG` is gone in the stages built on it.
#[derive(Clone, Default)]
struct Stage {
    environment: HashMap<Box<str>, usize>,
    arguments: HashMap<Box<str>, usize>,
}

#[derive(Default)]
struct Stages {
    /// `ARG` before the first `FROM`: a stage has it when it names it again.
    before: HashMap<Box<str>, usize>,
    current: Option<Stage>,
    /// `FROM … AS name`.
    named: HashMap<String, Stage>,
    name: Option<String>,
}

impl Stages {
    /// `FROM image AS name`.
    fn from(&mut self, rest: &str) {
        if let (Some(stage), Some(name)) = (self.current.take(), self.name.take()) {
            self.named.insert(name, stage);
        }
        let mut words = rest.split_whitespace().filter(|w| !w.starts_with("--"));
        let base = words.next().and_then(|image| self.named.get(&image.to_ascii_lowercase()));
        let environment = base.map(|stage| stage.environment.clone()).unwrap_or_default();
        self.current = Some(Stage { environment, arguments: HashMap::new() });
        self.name = words.nth(1).map(str::to_ascii_lowercase);
    }

    fn set(&mut self, word: &str, name: &str, property: usize) {
        let known = match (&mut self.current, word) {
            (None, _) => &mut self.before,
            (Some(stage), "ARG") => &mut stage.arguments,
            (Some(stage), "ENV") => &mut stage.environment,
            _ => return,
        };
        known.insert(name.into(), property);
    }

    /// `ARG name` without a value.
    fn named_again(&mut self, name: &str) {
        if let (Some(stage), Some(property)) = (&mut self.current, self.before.get(name)) {
            stage.arguments.insert(name.into(), *property);
        }
    }

    fn find(&self, name: &str) -> Option<Variable> {
        let stage = self.current.as_ref()?;
        let property = *stage.environment.get(name).or_else(|| stage.arguments.get(name))?;
        Some(Variable { property, from: 0 })
    }
}

pub(super) fn lower(text: &str, facts: &mut CellFacts, options: LowerOptions) {
    let mut at = 0;
    let mut group = 0;
    let mut stages = Stages::default();
    while at < text.len() {
        let end = instruction_end(text, at);
        let span = Span::new(at, end);
        at = end + 1;
        let source = span.of(text);
        let trimmed = source.trim_start();
        let start = span.start as usize + source.len() - trimmed.len();
        if let Some(inner) = trimmed.strip_prefix('#') {
            let inner = inner.trim();
            let from = start + source[start - span.start as usize..].find(inner).unwrap_or(1);
            let whole = Span::new(start, start + trimmed.trim_end().len());
            let said = Span::new(from, from + inner.len());
            facts.comments.push(Comment { span: whole, text: said, is_doc: false });
            crate::lower::text::scan(text, said, &mut facts.properties);
            continue;
        }
        let word_len = trimmed.find(char::is_whitespace).unwrap_or(trimmed.len());
        let word = trimmed[..word_len].to_ascii_uppercase();
        let rest = trimmed[word_len..].trim_start();
        let rest = Span::new(end - rest.len(), end);
        group += 1;
        match word.as_str() {
            "FROM" => stages.from(rest.of(text)),
            "ENV" | "ARG" | "LABEL" => {
                let first = facts.properties.len();
                pairs(text, rest, group, facts, word != "ARG");
                for (i, property) in facts.properties.iter().enumerate().skip(first) {
                    stages.set(&word, property.key(), i);
                }
                if first == facts.properties.len() && word == "ARG" {
                    stages.named_again(rest.of(text).trim());
                }
            }
            "RUN" | "CMD" | "ENTRYPOINT" | "HEALTHCHECK" | "ONBUILD" => run(text, rest, facts, options, &stages),
            _ => {}
        }
    }
}

/// End of the instruction that starts at `at`: with the lines that `\` and here-documents add.
fn instruction_end(text: &str, at: usize) -> usize {
    let mut heredoc: Option<&str> = None;
    let mut from = at;
    loop {
        let end = memchr::memchr(b'\n', &text.as_bytes()[from..]).map_or(text.len(), |i| from + i);
        let line = text[from..end].trim_end();
        let comment = text[from..end].trim_start().starts_with('#');
        if let Some(delimiter) = heredoc {
            if line.trim_start() == delimiter {
                heredoc = None;
            }
        } else if from == at
            && line.trim_start().get(..3).is_some_and(|w| w.eq_ignore_ascii_case("run"))
            && let Some(mark) = line.find("<<")
        {
            let name = line[mark + 2..].trim_start_matches(['-', '"', '\'']);
            let len = name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
            heredoc = Some(&name[..len]).filter(|n| !n.is_empty());
        }
        let goes_on = heredoc.is_some() || line.ends_with('\\') && !(from == at && comment) || from > at && comment;
        if !goes_on || end == text.len() {
            return end;
        }
        from = end + 1;
    }
}

/// `NAME=value NAME="value"`, and the old `NAME value` of `ENV`.
fn pairs(text: &str, rest: Span, group: u32, facts: &mut CellFacts, old: bool) {
    let source = rest.of(text);
    let base = rest.start as usize;
    let mut at = 0;
    let mut first = true;
    while at < source.len() {
        let tail = &source[at..];
        let skipped = tail.len() - tail.trim_start_matches([' ', '\t', '\\', '\r', '\n']).len();
        at += skipped;
        let tail = &source[at..];
        let key_len = tail.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(tail.len());
        if key_len == 0 {
            at += 1;
            continue;
        }
        let key = Span::new(base + at, base + at + key_len);
        let is_pair = tail[key_len..].starts_with('=');
        if !is_pair {
            let value = tail[key_len..].trim();
            if first && old && !value.is_empty() {
                let start = base + at + key_len + (tail[key_len..].len() - tail[key_len..].trim_start().len());
                property(text, key, Span::new(start, start + value.len()), group, facts);
                return;
            }
            at += key_len;
            continue;
        }
        first = false;
        let value_at = at + key_len + 1;
        let len = value_len(&source[value_at..]);
        if len > 0 {
            property(text, key, Span::new(base + value_at, base + value_at + len), group, facts);
        }
        at = value_at + len;
    }
}

fn value_len(source: &str) -> usize {
    let bytes = source.as_bytes();
    let mut at = 0;
    let mut quote = None;
    while at < bytes.len() {
        match (bytes[at], quote) {
            (b'\\', _) => at += 1,
            (b, Some(q)) if b == q => quote = None,
            (_, Some(_)) => {}
            (b @ (b'"' | b'\''), None) => quote = Some(b),
            (b, None) if b.is_ascii_whitespace() => break,
            _ => {}
        }
        at += 1;
    }
    let mut len = at.min(bytes.len());
    while !source.is_char_boundary(len) {
        len -= 1;
    }
    len
}

fn property(text: &str, key: Span, value: Span, group: u32, facts: &mut CellFacts) {
    push(facts, &[key.of(text).into()], key, scalar(text, value, Escapes::Json), value, group);
}

/// Shell form, or the JSON list of words.
fn run(text: &str, rest: Span, facts: &mut CellFacts, options: LowerOptions, stages: &Stages) {
    let Some(nested) = options.nested() else { return };
    let mut start = rest.start as usize;
    // `--mount=type=secret,id=x`, `--interval=5s CMD`.
    loop {
        let tail = &text[start..rest.end as usize];
        let trimmed = tail.trim_start_matches([' ', '\t', '\\', '\r', '\n']);
        start += tail.len() - trimmed.len();
        let word = trimmed.split_whitespace().next().unwrap_or("");
        if !word.starts_with("--") && !matches!(word, "CMD" | "RUN" | "ENTRYPOINT") {
            break;
        }
        start += word.len();
    }
    let span = Span::new(start, rest.end as usize);
    let source = span.of(text).trim_end();
    if source.is_empty() {
        return;
    }
    let (line, map) = match words(source, start) {
        Some(words) => words,
        None => (source.to_owned(), TextMap::verbatim(start, source.len())),
    };
    let parts = vec![StrPart::Text { value: line.as_str().into(), map: map.clone() }];
    let literal = facts.push(span, ExprKind::Str(StrLit { parts, style: StrStyle::block(span) }));
    let origin = EmbeddedOrigin::Document { literal };
    let find = |_: &CellFacts, name: &str, _| stages.find(name);
    let embedded = handed::script(facts, (line, map), (Macros::Nothing, &find), origin, nested);
    facts.embedded.push(embedded);
}

/// `["curl", "-u", "a:b"]` as a line.
fn words(source: &str, base: usize) -> Option<(String, TextMap)> {
    if !source.starts_with('[') || !source.ends_with(']') {
        return None;
    }
    let (mut line, mut map) = (String::new(), TextMap::default());
    let mut at = 1;
    while let Some(open) = source[at..].find('"').map(|i| at + i) {
        let close = source[open + 1..].find('"').map(|i| open + 1 + i)?;
        let word = &source[open + 1..close];
        let quoted = word.contains([' ', '&', ';', '|', '(', '<', '>']) && !word.contains('\'');
        for (shown, wanted) in [(" ", !line.is_empty()), ("'", quoted)] {
            if wanted {
                map.push(base + open, 1, 0, true);
                line.push_str(shown);
            }
        }
        map.push(base + open + 1, word.len(), word.len(), false);
        line.push_str(word);
        if quoted {
            map.push(base + close, 1, 0, true);
            line.push('\'');
        }
        at = close + 1;
    }
    (!line.is_empty()).then_some((line, map))
}
