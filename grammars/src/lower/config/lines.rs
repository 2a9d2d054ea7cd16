//! Formats of one key and value a line: properties, Spark conf (also HOCON), ini, TOML, dotenv; XML by its
//! `<name>`/`<value>` pairs.

use super::{push, scalar};
use crate::{
    CellFacts, Language, Span,
    facts::{Comment, PropertyValue},
    lower::strings::Escapes,
};

pub(super) fn lower(language: Language, text: &str, facts: &mut CellFacts) {
    let mut section: Vec<Box<str>> = Vec::new();
    let (mut at, mut group) = (0, 1);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim_end_matches(['\n', '\r']);
        let trimmed = content.trim_start();
        let indent = content.len() - trimmed.len();
        if trimmed.is_empty() {
            continue;
        }
        if trimmed.starts_with(['#', ';'])
            || trimmed.starts_with("//")
            || (language == Language::Properties && trimmed.starts_with('!'))
        {
            let inner = trimmed.trim_start_matches(['#', ';', '/', '!']).trim();
            let offset = start + content.find(inner).unwrap_or(indent);
            let whole = Span::new(start + indent, start + content.trim_end().len());
            facts.comments.push(Comment { span: whole, text: Span::new(offset, offset + inner.len()), is_doc: false });
            crate::lower::text::scan(text, Span::new(offset, offset + inner.len()), &mut facts.properties);
            continue;
        }
        if matches!(language, Language::Ini | Language::Toml) && trimmed.starts_with('[') {
            let name = trimmed.trim_start_matches('[').split(']').next().unwrap_or("");
            section = name.split('.').map(|p| p.trim().trim_matches('"').into()).collect();
            group += 1;
            continue;
        }
        // HOCON blocks: `db {` … `}`.
        if language == Language::SparkConf && (trimmed.ends_with('{') || trimmed.starts_with('}')) {
            if trimmed.starts_with('}') {
                section.pop();
            } else {
                section.push(trimmed.trim_end_matches(['{', ' ', '=', ':']).trim_matches('"').into());
            }
            group += 1;
            continue;
        }
        let mut rest = Span::new(start + indent, start + content.len());
        if language == Language::DotEnv && rest.of(text).starts_with("export ") {
            rest = Span::new(rest.start as usize + 7, rest.end as usize);
        }
        pair(language, text, rest, &section, group, facts);
    }
}

fn pair(language: Language, text: &str, line: Span, section: &[Box<str>], group: u32, facts: &mut CellFacts) {
    let source = line.of(text);
    let separator = match language {
        Language::Properties => source.find(['=', ':']).or_else(|| source.find([' ', '\t'])),
        Language::SparkConf => {
            let blank = source.find([' ', '\t', '=']);
            match blank {
                Some(i) if source[i..].trim_start().starts_with('=') => source.find('='),
                Some(i) if source[i..].trim_start().starts_with(':') => source.find(':'),
                None => source.find(':'),
                other => other,
            }
        }
        Language::Ini => source.find(['=', ':']),
        _ => source.find('='),
    };
    let Some(separator) = separator else { return };
    let key = source[..separator].trim();
    if key.is_empty() || key.contains(' ') {
        return;
    }
    let tail = &source[separator + 1..];
    let lead = tail.len() - tail.trim_start().len();
    let mut value = tail.trim();
    if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\''))
        && let Some(close) = value[1..].find(quote)
    {
        value = &value[..close + 2];
    } else if !matches!(language, Language::Properties) {
        // A comment behind an unquoted value.
        value = value.split(" #").next().unwrap_or(value).split("\t#").next().unwrap_or(value).trim_end();
        value = value.trim_end_matches(',');
    }
    let start = line.start as usize + separator + 1 + lead;
    let span = Span::new(start, start + value.len());
    let mut path = section.to_vec();
    let key_text = key.trim_matches(['"', '\'']);
    path.push(key_text.into());
    let key_start = line.start as usize + source.find(key).unwrap_or(0);
    let literal = if value.starts_with(['{', '[']) && language == Language::Toml {
        PropertyValue::Nested
    } else {
        scalar(text, span, Escapes::Json)
    };
    push(facts, &path, Span::new(key_start, key_start + key.len()), literal, span, group);
}

/// `<name>key</name> <value>v</value>` of Hadoop site files, and `key="value"` attributes.
pub(super) fn xml(text: &str, facts: &mut CellFacts) {
    let mut from = 0;
    let mut group = 0;
    while let Some(step) = text[from..].find("<name>") {
        let start = from + step + 6;
        let Some(end) = text[start..].find("</name>").map(|i| start + i) else { return };
        from = end;
        let Some(open) = text[end..].find("<value>").map(|i| end + i + 7).filter(|o| !text[end..*o].contains("<name>"))
        else {
            continue;
        };
        let Some(close) = text[open..].find("</value>").map(|i| open + i) else { return };
        group += 1;
        let value = text[open..close].trim();
        let lead = open + text[open..close].find(value).unwrap_or(0);
        let span = Span::new(lead, lead + value.len());
        push(
            facts,
            &[text[start..end].trim().into()],
            Span::new(start, end),
            scalar(text, span, Escapes::Raw),
            span,
            group,
        );
        from = close;
    }
}
