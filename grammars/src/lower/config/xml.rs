//! XML: elements and attributes by their path. `<property><name>k</name><value>v</value></property>` of Hadoop site
//! files and `<add key="k" value="v"/>` are the pair that they mean.

use quick_xml::{Reader, events::Event};

use super::{
    scalar,
    walk::{MAX_DEPTH, Walk},
};
use crate::{
    Span,
    facts::PropertyValue,
    lower::strings::{Decoded, Escapes},
};

/// Attributes and elements that hold the key of a pair, and those that hold its value.
const KEYS: &[&str] = &["name", "key"];

/// An element that is open.
struct Element {
    group: u32,
    /// The key that a child or attribute gives the pair.
    key: Option<(Span, String)>,
    /// Start of the text inside.
    start: usize,
    has_children: bool,
}

pub(super) fn lower(walk: &mut Walk<'_>) {
    let mut reader = Reader::from_str(walk.text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    let mut open: Vec<Element> = Vec::new();
    loop {
        let start = reader.buffer_position() as usize;
        let Ok(event) = reader.read_event() else { return };
        let end = reader.buffer_position() as usize;
        match event {
            Event::Eof => return,
            Event::Comment(_) => walk.comment(Span::new(start, end), &['<', '!', '-', '>']),
            Event::Start(tag) | Event::Empty(tag) => {
                let closed = walk.text[start..end].ends_with("/>");
                if let Some(parent) = open.last_mut() {
                    parent.has_children = true;
                }
                let name = tag.local_name().as_ref().to_owned();
                walk.path.push(name.as_str().into());
                let group = walk.open_group();
                let key = attributes(walk, start, end, group);
                if closed {
                    walk.path.pop();
                } else {
                    open.push(Element { group, key, start: end, has_children: false });
                }
                if open.len() > MAX_DEPTH {
                    return;
                }
            }
            Event::End(_) => {
                let Some(element) = open.pop() else { continue };
                let name = walk.path.pop().unwrap_or_default();
                if !element.has_children {
                    text(walk, &name, &element, start, open.last_mut());
                }
            }
            _ => {}
        }
    }
}

/// The text of an element without children: the key of its parent's pair, or a value.
fn text(walk: &mut Walk<'_>, name: &str, element: &Element, end: usize, parent: Option<&mut Element>) {
    let source = &walk.text[element.start..end];
    let mut inner = source.trim();
    if let Some(data) = inner.strip_prefix("<![CDATA[").and_then(|s| s.strip_suffix("]]>")) {
        inner = data.trim();
    }
    let start = element.start + source.find(inner).unwrap_or(0);
    let span = Span::new(start, start + inner.len());
    if inner.is_empty() || inner.contains('<') {
        return;
    }
    let group = parent.as_ref().map_or(element.group, |p| p.group);
    let (key_span, key) = match (&parent, &element.key) {
        // `<property name="k">v</property>`
        (_, Some((at, key))) => (*at, key.clone()),
        (Some(p), None) if name == "value" && p.key.is_some() => {
            let (at, key) = p.key.clone().unwrap_or((span, String::new()));
            (at, key)
        }
        _ => (Span::new(element.start, element.start), name.to_owned()),
    };
    let paired = key != name;
    if KEYS.contains(&name)
        && let Some(parent) = parent
    {
        parent.key = Some((span, inner.to_owned()));
        // The value stands first.
        let members = walk.facts.properties.iter_mut().rev().take_while(|p| p.group == group);
        for property in members.filter(|p| p.key() == "value") {
            (property.path, property.key_span) = (vec![inner.into()], span);
        }
    }
    let value = if inner.len() < source.trim().len() {
        scalar(walk.text, span, Escapes::Raw)
    } else {
        decoded(walk.text, span)
    };
    if paired {
        // The pair's key is the whole path, as in other formats.
        let path = std::mem::replace(&mut walk.path, vec![key.into()]);
        walk.push(key_span, value, span, group);
        walk.path = path;
    } else {
        walk.under(name, |walk| walk.push(key_span, value, span, group));
    }
}

/// The attributes of a tag as properties of the element; answers the key that `name="…"` or `key="…"` gives.
fn attributes(walk: &mut Walk<'_>, start: usize, end: usize, group: u32) -> Option<(Span, String)> {
    let mut found: Vec<(Span, Span)> = Vec::new();
    let source = &walk.text[start..end];
    let mut at = 0;
    while let Some(equals) = source[at..].find('=').map(|i| at + i) {
        let name = source[..equals].trim_end();
        let name_start = name.trim_end_matches(|c: char| !(c.is_whitespace() || matches!(c, '"' | '\'' | '<'))).len();
        let rest = source[equals + 1..].trim_start();
        let open = source.len() - rest.len();
        let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            at = equals + 1;
            continue;
        };
        let Some(close) = rest[1..].find(quote).map(|i| open + 1 + i) else { break };
        found.push((Span::new(start + name_start, start + name.len()), Span::new(start + open, start + close + 1)));
        at = close + 1;
    }
    let inner = |span: Span| Span::new(span.start as usize + 1, span.end as usize - 1);
    let key = found.iter().find(|(name, _)| KEYS.contains(&name.of(walk.text))).map(|(_, value)| {
        let span = inner(*value);
        (span, span.of(walk.text).to_owned())
    });
    for (name, value) in found {
        let word = name.of(walk.text).to_owned();
        let literal = decoded(walk.text, value);
        match &key {
            Some((key_span, key)) if word == "value" => {
                let path = std::mem::replace(&mut walk.path, vec![key.as_str().into()]);
                walk.push(*key_span, literal, value, group);
                walk.path = path;
            }
            _ => walk.under(&word, |walk| walk.push(name, literal, value, group)),
        }
    }
    key
}

/// A text or attribute with its entities as the characters that they stand for (not in `CDATA`).
fn decoded(text: &str, span: Span) -> PropertyValue {
    let value = scalar(text, span, Escapes::Raw);
    let PropertyValue::Str(mut lit) = value else { return value };
    let inner = lit.style.inner;
    let source = inner.of(text);
    if !source.contains('&') {
        return PropertyValue::Str(lit);
    }
    let (mut out, mut from) = (Decoded::default(), 0);
    let base = inner.start as usize;
    for (at, _) in source.match_indices('&') {
        let Some((len, character)) = entity(&source[at..]) else { continue };
        out.verbatim(base + from, &source[from..at]);
        out.escape(base + at, len, character.encode_utf8(&mut [0; 4]));
        from = at + len;
    }
    out.verbatim(base + from, &source[from..]);
    lit.parts = out.take().into_iter().collect();
    PropertyValue::Str(lit)
}

/// Length in bytes and meaning of the entity at the start of `source`.
fn entity(source: &str) -> Option<(usize, char)> {
    let name = source.strip_prefix('&')?.split_once(';')?.0;
    let character = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let hex = number.strip_prefix(['x', 'X']);
            char::from_u32(hex.map_or_else(|| number.parse().ok(), |h| u32::from_str_radix(h, 16).ok())?)?
        }
    };
    Some((name.len() + 2, character))
}
