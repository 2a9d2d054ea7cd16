//! Makefiles: recipes are shell, a line at a time; `NAME = value` is a property.

use crate::{
    CellFacts, Language, Span,
    facts::{Comment, EmbeddedOrigin, Property, PropertyPlace, PropertyValue, Quote},
    lower::{LowerOptions, embed, text as lines},
};

/// Facts of a Makefile.
pub fn lower(text: &str, options: LowerOptions) -> CellFacts {
    let mut facts = CellFacts::default();
    let mut at = 0;
    while at < text.len() {
        let end = line_end(text, at);
        let line = Span::new(at, end);
        at = end + 1;
        let source = line.of(text);
        let trimmed = source.trim_start();
        let start = line.end as usize - trimmed.len();
        if let Some(inner) = trimmed.strip_prefix('#') {
            let span = Span::new(start, start + trimmed.trim_end().len());
            let said = Span::new(start + 1, start + 1 + inner.trim_end().len());
            facts.comments.push(Comment { span, text: said, is_doc: false });
            lines::scan(text, said, &mut facts.properties);
        } else if source.starts_with('\t') {
            recipe(text, Span::new(start, end), &mut facts, options);
        } else {
            assignment(text, line, &mut facts);
        }
    }
    facts
}

/// End of the line at `at`, with the lines that `\` adds.
fn line_end(text: &str, at: usize) -> usize {
    let mut from = at;
    loop {
        let end = memchr::memchr(b'\n', &text.as_bytes()[from..]).map_or(text.len(), |i| from + i);
        if end == text.len() || !text[from..end].trim_end_matches('\r').ends_with('\\') {
            return end;
        }
        from = end + 1;
    }
}

fn recipe(text: &str, line: Span, facts: &mut CellFacts, options: LowerOptions) {
    let source = line.of(text);
    let command = source.trim_start_matches(['@', '-', '+', ' ']);
    let inner = Span::new(line.end as usize - command.len(), line.end as usize);
    if let Some(nested) = options.nested().filter(|_| !command.trim().is_empty()) {
        facts.embedded.push(embed::verbatim(text, inner, Language::Shell, EmbeddedOrigin::Shell, nested));
    }
}

/// `NAME = value`, `NAME := value`, `export NAME ?= value`.
fn assignment(text: &str, line: Span, facts: &mut CellFacts) {
    let source = line.of(text);
    let Some(equals) = source.find('=') else { return };
    let head = source[..equals].trim_end_matches([':', '?', '+', '!']).trim_end();
    let name = head.rsplit(char::is_whitespace).next().unwrap_or("");
    let value = source[equals + 1..].trim();
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || value.is_empty() || !name.chars().all(word) {
        return;
    }
    let base = line.start as usize;
    let key_at = base + head.len() - name.len();
    let lead = source[equals + 1..].len() - source[equals + 1..].trim_start().len();
    let value_at = base + equals + 1 + lead;
    let value_span = Span::new(value_at, value_at + value.len());
    facts.properties.push(Property {
        path: vec![name.into()],
        key_span: Span::new(key_at, key_at + name.len()),
        value: PropertyValue::Str(lines::literal(text, value_span, Quote::None)),
        value_span,
        place: PropertyPlace::Document,
        group: 0,
    });
}
