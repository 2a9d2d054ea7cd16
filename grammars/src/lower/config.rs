//! Configuration documents: each key with its value as a property, with the path from the document's root.

use super::{LowerOptions, text};
use crate::{
    CellFacts, Language, Secret, Span, TextMap,
    facts::{Const, ConstKind, Property, PropertyPlace, PropertyValue, Quote, StrLit, StrPart, StrStyle},
    lower::strings::{Decoded, Escapes},
};

mod accounts;
mod dockerfile;
mod hcl;
mod json;
mod lines;
mod properties;
mod scripts;
#[cfg(test)]
mod scripts_tests;
mod toml;
mod walk;
mod xml;
mod yaml;

pub fn lower(language: Language, source: &str, options: LowerOptions) -> CellFacts {
    let mut facts = CellFacts::default();
    let mut walk = walk::Walk::new(source, &mut facts, options);
    match language {
        Language::Yaml => yaml::lower(&mut walk),
        Language::Json => json::lower(&mut walk),
        Language::Hcl => hcl::lower(&mut walk),
        Language::Xml => xml::lower(&mut walk),
        Language::Toml => toml::lower(&mut walk),
        Language::Properties => properties::lower(&mut walk),
        Language::SparkConf | Language::Ini | Language::DotEnv => lines::lower(language, &mut walk),
        Language::Dockerfile => dockerfile::lower(source, &mut facts, options),
        Language::Netrc => accounts::netrc(source, &mut facts),
        Language::Npmrc => accounts::npmrc(source, &mut facts),
        Language::Pgpass => accounts::pgpass(source, &mut facts),
        _ => return text::lower(source, options),
    }
    if matches!(language, Language::Yaml | Language::Json | Language::Toml | Language::Hcl) {
        scripts::after_lowering(&mut facts, source, options);
    }
    facts
}

/// A property of a document, for formats that are no trees.
fn push(facts: &mut CellFacts, path: &[Box<str>], key_span: Span, value: PropertyValue, value_span: Span, group: u32) {
    let place = PropertyPlace::Document;
    facts.properties.push(Property { path: path.to_vec(), key_span, value, value_span, place, group });
}

/// A scalar: quoted with escapes, or plain. Numbers, booleans and null stay constants.
fn scalar(text: &str, span: Span, escapes: Escapes) -> PropertyValue {
    let source = span.of(text);
    let quote = match source.chars().next() {
        Some('"') if source.len() >= 2 && source.ends_with('"') => Quote::Double,
        Some('\'') if source.len() >= 2 && source.ends_with('\'') => Quote::Single,
        _ => Quote::None,
    };
    let inner = if quote == Quote::None { span } else { Span::new(span.start as usize + 1, span.end as usize - 1) };
    if quote == Quote::None {
        let kind = match source.to_ascii_lowercase().as_str() {
            "true" | "false" | "yes" | "no" | "on" | "off" => Some(ConstKind::Bool),
            "null" | "~" | "none" | "" => Some(ConstKind::Null),
            s if s.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'))
                && s.bytes().any(|b| b.is_ascii_digit()) =>
            {
                Some(ConstKind::Number)
            }
            _ => None,
        };
        if let Some(kind) = kind {
            return PropertyValue::Const(Const { kind, text: Secret::from(source) });
        }
    }
    let mut decoded = Decoded::default();
    let raw = quote != Quote::Double;
    decoded.read(text, inner, if raw { Escapes::Raw } else { escapes }, false);
    let parts = decoded.take().into_iter().collect();
    let style = StrStyle { quote, triple: false, raw, bytes: false, interpolated: false, prefix: "".into(), inner };
    PropertyValue::Str(StrLit { parts, style })
}

/// Lines joined to one text (block scalars): each line of `lines` with its break.
fn block(text: &str, lines: &[Span], span: Span) -> PropertyValue {
    let (mut value, mut map) = (String::new(), TextMap::default());
    for line in lines {
        map.push(line.start as usize, line.len(), line.len(), false);
        value.push_str(line.of(text));
    }
    let parts = if value.is_empty() { Vec::new() } else { vec![StrPart::Text { value: Secret::from(value), map }] };
    PropertyValue::Str(StrLit { parts, style: StrStyle::block(span) })
}

#[cfg(test)]
mod tests;
