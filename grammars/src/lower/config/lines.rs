//! Formats of one key and value a line: Spark conf (also HOCON blocks), ini, dotenv.

use super::{scalar, walk::Walk};
use crate::{Language, Span, facts::PropertyValue, lower::strings::Escapes};

/// Where the reading stands.
#[derive(Default)]
struct State {
    group: u32,
    /// The last key when its value was empty: indented lines are its values (ini).
    open: Option<(Box<str>, Span)>,
    /// Bytes before this one belong to a value over several lines.
    skip_to: usize,
}

pub(super) fn lower(language: Language, walk: &mut Walk<'_>) {
    let text = walk.text;
    let mut state = State { group: walk.open_group(), ..State::default() };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if start < state.skip_to {
            continue;
        }
        let content = line.trim_end_matches(['\n', '\r']);
        let trimmed = content.trim_start();
        let indent = content.len() - trimmed.len();
        if trimmed.is_empty() {
            continue;
        }
        if trimmed.starts_with(['#', ';']) || trimmed.starts_with("//") && !trimmed.contains(":_") {
            let whole = Span::new(start + indent, start + content.trim_end().len());
            walk.comment(whole, &['#', ';', '/']);
            if language == Language::SparkConf {
                setting(text, whole, walk);
            }
            continue;
        }
        if language == Language::Ini && trimmed.starts_with('[') {
            let name = trimmed.trim_start_matches('[').split(']').next().unwrap_or("");
            // `[url "https://user:password@host/"]` of Git.
            crate::lower::text::urls(text, Span::new(start, start + content.len()), walk.facts);
            walk.path = name.split('.').map(|p| p.trim().trim_matches('"').into()).collect();
            state.group = walk.open_group();
            state.open = None;
            continue;
        }
        // `db { password = x }` on one line.
        if language == Language::SparkConf
            && let Some((name, inner)) = trimmed.split_once('{')
            && let Some(inner) = inner.trim_end().strip_suffix('}')
            && !name.contains(['=', '$', '"']) | name.trim_end().ends_with('=')
            && !name.trim().is_empty()
            && inner.contains(['=', ':'])
            && !inner.contains(['{', '}'])
        {
            let name = name.trim_end_matches([' ', '=', ':']);
            let at = start + content.len() - content.trim_start().len() + trimmed.find('{').unwrap_or(0) + 1;
            state.group = walk.open_group();
            walk.path.push(name.into());
            let mut from = at;
            for item in inner.split(',') {
                let lead = item.len() - item.trim_start().len();
                pair(language, walk, Span::new(from + lead, from + lead + item.trim().len()), &mut state);
                from += item.len() + 1;
            }
            walk.path.pop();
            continue;
        }
        // HOCON blocks: `db {` … `}`.
        if language == Language::SparkConf && (trimmed.ends_with('{') || trimmed.starts_with('}')) {
            if trimmed.starts_with('}') {
                walk.path.pop();
            } else {
                walk.path.push(trimmed.trim_end_matches(['{', ' ', '=', ':']).trim_matches('"').into());
            }
            state.group = walk.open_group();
            continue;
        }
        let mut rest = Span::new(start + indent, start + content.len());
        if indent > 0
            && let Some((key, key_span)) = state.open.clone()
        {
            let group = state.group;
            // `setenv =` of tox: a list of pairs.
            if is_pair(rest.of(text)) {
                let open = state.open.take();
                walk.under(&key, |walk| pair(language, walk, rest, &mut state));
                state.open = open;
                continue;
            }
            walk.under(&key, |walk| walk.push(key_span, scalar(text, rest, Escapes::Json), rest, group));
            continue;
        }
        if language == Language::DotEnv && rest.of(text).starts_with("export ") {
            rest = Span::new(rest.start as usize + 7, rest.end as usize);
        }
        pair(language, walk, rest, &mut state);
    }
    walk.path.clear();
}

/// `# spark.redis.auth …`: a setting that is commented out, with a blank between key and value.
fn setting(text: &str, comment: Span, walk: &mut Walk<'_>) {
    let inner = comment.of(text).trim_start_matches(['#', ';', '/', ' ', '\t']);
    let Some((key, value)) = inner.split_once([' ', '\t']) else { return };
    let value = value.trim();
    let dotted = ["spark.", "fs.", "hadoop.", "hive."].iter().any(|prefix| key.starts_with(prefix));
    if !dotted || value.is_empty() || value.contains([' ', '\t', '=']) {
        return;
    }
    let start = comment.end as usize - inner.len();
    let key = Span::new(start, start + key.len());
    let end = start + inner.trim_end().len();
    let group = walk.open_group();
    walk.facts.properties.extend(crate::lower::text::property(text, key, Span::new(end - value.len(), end), group));
}

/// `NAME = value`, and not `name==1.0`.
fn is_pair(line: &str) -> bool {
    let Some((name, value)) = line.split_once('=') else { return false };
    let name = name.trim_end();
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !value.starts_with('=')
}

fn separator(language: Language, source: &str) -> Option<usize> {
    match language {
        Language::SparkConf => match source.find([' ', '\t', '=']) {
            Some(i) if source[i..].trim_start().starts_with('=') => source.find('='),
            Some(i) if source[i..].trim_start().starts_with(':') => source.find(':'),
            None => source.find(':'),
            other => other,
        },
        // `//registry.example.com/:_authToken=…` of npm has a colon in its key.
        Language::Ini if source.starts_with("//") => source.find('='),
        Language::Ini => source.find(['=', ':']),
        // `NAME: value` is read by most, too.
        Language::DotEnv => {
            let colon = source.find(": ").filter(|at| {
                let name = &source[..*at];
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            });
            colon.or_else(|| source.find('='))
        }
        _ => source.find('='),
    }
}

fn pair(language: Language, walk: &mut Walk<'_>, line: Span, state: &mut State) {
    let text = walk.text;
    let source = line.of(text);
    state.open = None;
    let Some(separator) = separator(language, source) else { return };
    let key = source[..separator].trim();
    if key.is_empty() || key.contains(' ') && language != Language::Ini || key.len() > 200 {
        return;
    }
    let tail = &source[separator + 1..];
    let start = line.start as usize + separator + 1 + (tail.len() - tail.trim_start().len());
    let mut value = tail.trim();
    if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        if let Some(close) = closing(&value[1..], quote) {
            value = &value[..close + 2];
        } else if language == Language::DotEnv
            && let Some(close) = closing(&text[start + 1..], quote)
            && close <= 1 << 16
        {
            // A key in PEM over several lines.
            value = &text[start..start + close + 2];
            state.skip_to = start + close + 2;
        }
    } else {
        // A comment behind an unquoted value.
        value = value.split(" #").next().unwrap_or(value).split("\t#").next().unwrap_or(value).trim_end();
        value = value.trim_end_matches(',');
    }
    let span = Span::new(start, start + value.len());
    let key_start = line.start as usize + source.find(key).unwrap_or(0);
    let key_span = Span::new(key_start, key_start + key.len());
    let name = key.trim_matches(['"', '\'']);
    if value.is_empty() && language == Language::Ini {
        state.open = Some((name.into(), key_span));
    }
    let literal = if value.starts_with("${?") {
        // HOCON: an optional reference.
        PropertyValue::Reference(value.into())
    } else {
        scalar(text, span, Escapes::Json)
    };
    walk.under(name, |walk| walk.push(key_span, literal, span, state.group));
}

/// Where the quote that closes a value stands; `\"` does not.
fn closing(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    rest.char_indices().find_map(|(i, c)| {
        let closes = c == quote && !escaped;
        escaped = c == '\\' && !escaped && quote == '"';
        closes.then_some(i)
    })
}
