//! Dockerfiles: `ENV` and `ARG` are properties, `RUN`, `CMD` and `ENTRYPOINT` are shell.

use super::{push, scalar};
use crate::{
    CellFacts, Language, Span, TextMap,
    facts::{Comment, EmbeddedOrigin, ExprKind, StrLit, StrPart, StrStyle},
    lower::{LowerOptions, embed, strings::Escapes},
};

pub(super) fn lower(text: &str, facts: &mut CellFacts, options: LowerOptions) {
    let mut at = 0;
    let mut group = 0;
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
            "ENV" | "ARG" | "LABEL" => pairs(text, rest, group, facts, word != "ARG"),
            "RUN" | "CMD" | "ENTRYPOINT" | "HEALTHCHECK" | "ONBUILD" => run(text, rest, facts, options),
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
fn run(text: &str, rest: Span, facts: &mut CellFacts, options: LowerOptions) {
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
    facts.embedded.push(embed::mapped(line, map, Language::Shell, origin, nested));
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
