//! Java `.properties`: escapes, continued lines, keys that end at `=`, `:` or a blank.

use super::{scalar, walk::Walk};
use crate::{
    Span,
    facts::{PropertyValue, Quote, StrLit, StrStyle},
    lower::strings::{Decoded, Escapes},
};

pub(super) fn lower(walk: &mut Walk<'_>) {
    let text = walk.text;
    let group = walk.open_group();
    let mut at = 0;
    while at < text.len() {
        let line = physical(text, at);
        let start = at + (line.len() - line.trim_start().len());
        let content = line.trim();
        if content.is_empty() {
            at += line.len();
            continue;
        }
        if content.starts_with(['#', '!']) {
            walk.comment(Span::new(start, start + content.len()), &['#', '!']);
            at += line.len();
            continue;
        }
        let end = logical(text, at);
        pair(walk, start, end, group);
        at = next(text, end);
    }
}

/// The line at `at` with its break.
fn physical(text: &str, at: usize) -> &str {
    text[at..].split_inclusive('\n').next().unwrap_or("")
}

/// Where the logical line that starts at `at` ends: a line that ends with an odd number of backslashes goes on.
fn logical(text: &str, mut at: usize) -> usize {
    loop {
        let line = physical(text, at);
        let content = line.trim_end_matches(['\n', '\r']);
        let slashes = content.bytes().rev().take_while(|b| *b == b'\\').count();
        if slashes % 2 == 0 || at + line.len() >= text.len() {
            return at + content.len();
        }
        at += line.len();
    }
}

fn next(text: &str, end: usize) -> usize {
    end + physical(text, end).len().max(1)
}

fn pair(walk: &mut Walk<'_>, start: usize, end: usize, group: u32) {
    let text = walk.text;
    let source = &text[start..end];
    let bytes = source.as_bytes();
    let mut key_end = 0;
    while key_end < bytes.len() && !matches!(bytes[key_end], b'=' | b':' | b' ' | b'\t') {
        key_end += if bytes[key_end] == b'\\' { 2 } else { 1 };
    }
    let key_end = key_end.min(bytes.len());
    if !source.is_char_boundary(key_end) {
        return;
    }
    let mut value = key_end;
    let blanks = |at: usize| source[at..].len() - source[at..].trim_start_matches([' ', '\t']).len();
    value += blanks(value);
    if matches!(bytes.get(value), Some(b'=' | b':')) {
        value += 1;
        value += blanks(value);
    }
    let key = source[..key_end].replace('\\', "");
    let key_span = Span::new(start, start + key_end);
    let written = without_comment(source[value..].trim_end());
    let span = Span::new(start + value, start + value + written.len());
    let literal = if written.contains('\\') { decoded(text, span) } else { scalar(text, span, Escapes::Raw) };
    walk.under(&key, |walk| walk.push(key_span, literal, span, group));
}

/// `"…"  # a comment`: the format has none there, but what people write so is a quoted value.
fn without_comment(written: &str) -> &str {
    let Some(quote) = written.chars().next().filter(|c| matches!(c, '"' | '\'')) else { return written };
    let Some(close) = written[1..].find(quote).map(|i| i + 2) else { return written };
    if written[close..].trim_start().starts_with('#') { &written[..close] } else { written }
}

/// A value with escapes: `\n`, `\u00e9`, `\:`; a backslash before a line break joins the lines.
fn decoded(text: &str, span: Span) -> PropertyValue {
    let source = span.of(text);
    let base = span.start as usize;
    let mut decoded = Decoded::default();
    let (mut from, mut at) = (0, 0);
    while let Some(step) = source[at..].find('\\') {
        let slash = at + step;
        let Some(escaped) = source[slash + 1..].chars().next() else { break };
        decoded.verbatim(base + from, &source[from..slash]);
        let mut len = 1 + escaped.len_utf8();
        match escaped {
            '\n' | '\r' => {
                let rest = source[slash + 1..].trim_start();
                len = source.len() - slash - rest.len();
                decoded.escape(base + slash, len, "");
            }
            't' | 'n' | 'r' | 'f' | 'u' => {
                len = if escaped == 'u' { unicode(&source[slash..]) } else { len };
                decoded.read(text, Span::new(base + slash, base + slash + len), Escapes::Java, false);
            }
            other => decoded.escape(base + slash, len, other.encode_utf8(&mut [0; 4])),
        }
        at = slash + len;
        from = at;
    }
    decoded.verbatim(base + from, &source[from..]);
    let parts = decoded.take().into_iter().collect();
    let style = StrStyle {
        quote: Quote::None,
        triple: false,
        raw: false,
        bytes: false,
        interpolated: false,
        prefix: "".into(),
        inner: span,
    };
    PropertyValue::Str(StrLit { parts, style })
}

/// Length of `\uXXXX`.
fn unicode(source: &str) -> usize {
    2 + source[2..].bytes().take(4).take_while(u8::is_ascii_hexdigit).count()
}
