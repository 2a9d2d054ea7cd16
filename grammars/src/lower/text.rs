//! Text without a grammar: a line scan for `name : value` and `name = value`.

use super::LowerOptions;
use crate::{
    CellFacts, Secret, Span, TextMap,
    facts::{ExprKind, Property, PropertyPlace, PropertyValue, Quote, StrLit, StrPart, StrStyle},
};

/// Longest name that is looked for, in bytes.
const MAX_KEY: usize = 64;

/// Lines above this, in bytes, are data or packed code; nobody notes a password there.
const MAX_LINE: usize = 2000;

/// Parameters of a shared access signature that stand before its `sig`.
const SIGNED: &[&str] =
    &["sv", "ss", "srt", "sp", "se", "st", "spr", "sr", "si", "sip", "skoid", "sktid", "skt", "ske", "sks", "skv"];

/// Markdown, outputs and other text.
pub fn lower(text: &str, _options: LowerOptions) -> CellFacts {
    lower_parts(text, &[Span::new(0, text.len())])
}

/// As [`lower`], of some parts of a text only: whole lines, in bytes of the text, ascending.
pub fn lower_parts(text: &str, parts: &[Span]) -> CellFacts {
    let mut facts = CellFacts::default();
    for part in parts {
        scan(text, *part, &mut facts.properties);
        urls(text, *part, &mut facts);
    }
    facts
}

/// Programs in languages that are not read: pairs whose value is quoted, and those of lines that are comments. Anything
/// else that follows a `=` or `:` there is an expression or a type.
pub fn lower_source(text: &str, options: LowerOptions) -> CellFacts {
    let mut facts = lower(text, options);
    facts.properties.retain(|p| match &p.value {
        PropertyValue::Str(lit) if lit.style.quote == Quote::None => is_comment(text, p.key_span),
        _ => true,
    });
    // `const password = …`: the words before a name are the language's.
    for property in &mut facts.properties {
        let key = property.key_span.of(text);
        if let Some(blank) = key.rfind(' ') {
            property.path = vec![key[blank + 1..].into()];
            property.key_span = Span::new(property.key_span.start as usize + blank + 1, property.key_span.end as usize);
        }
    }
    facts
}

/// Whether the line of `at` is a comment, by what it starts with.
fn is_comment(text: &str, at: Span) -> bool {
    let start = text[..at.start as usize].rfind('\n').map_or(0, |i| i + 1);
    let line = text[start..].trim_start();
    ["//", "#", "--", ";", "/*", "* "].iter().any(|mark| line.starts_with(mark)) && !line.starts_with("#[")
}

/// Longest URL that is looked at, in bytes.
const MAX_URL: usize = 2048;

/// URLs of `span` with something before an `@`: each is a literal of its own.
pub(in crate::lower) fn urls(text: &str, span: Span, facts: &mut CellFacts) {
    let source = span.of(text);
    let base = span.start as usize;
    let mut from = 0;
    for at in memchr::memmem::find_iter(source.as_bytes(), b"://") {
        if at < from {
            continue;
        }
        let scheme = source[..at]
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | ':')))
            .map_or(0, |i| i + source[i..].chars().next().map_or(1, char::len_utf8));
        let rest = &source[at..];
        let ends =
            |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '|' | '\\' | '\u{0}'..='\u{1f}');
        let len = rest.find(ends).unwrap_or(rest.len());
        // `<password>` is a placeholder inside the URL.
        let len = if rest[len..].starts_with('<') { rest.find(char::is_whitespace).unwrap_or(rest.len()) } else { len };
        from = at + len;
        if scheme == at || len > MAX_URL || !rest[..len].contains('@') {
            continue;
        }
        // Brackets and full stops around a URL are none of it.
        let url = source[scheme..at + len].trim_end_matches(['.', ',', ')', ']', ';', '*', '_', '}']);
        let span = Span::new(base + scheme, base + scheme + url.len());
        facts.push(span, ExprKind::Str(literal(text, span, Quote::None)));
    }
}

/// Reads the lines of `span`; `out` has line-scan properties only, groups ascending. Properties of lines that follow each other without a blank one share a group.
pub fn scan(text: &str, span: Span, out: &mut Vec<Property>) {
    let mut group = out.last().map_or(0, |p| p.group + 1);
    // A line that ends with a name and a separator: its value may be the next line.
    let mut open: Option<Span> = None;
    let mut at = span.start as usize;
    for line in span.of(text).split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim();
        if trimmed.len() > MAX_LINE {
            open = None;
            continue;
        }
        if trimmed.is_empty() {
            if open.is_none() {
                group += 1;
            }
            continue;
        }
        let content = start + line.len() - line.trim_start().len();
        let content = Span::new(content, content + trimmed.len());
        let before = out.len();
        let dangling = scan_line(text, content, group, out);
        if let Some(key) = open.take()
            && out.len() == before
            && !trimmed.contains(char::is_whitespace)
            && !dangling.is_some_and(|next| is_name(text, next, content))
        {
            out.extend(property(text, key, content, group));
        }
        open = dangling;
    }
}

/// Whether a line is a name whose value is missing, too: not the padding of a value in base64.
fn is_name(text: &str, key: Span, line: Span) -> bool {
    const LONGEST: u32 = 24;
    key.start == line.start && (key.len() as u32 <= LONGEST || key.of(text).contains(['_', '.', '-']))
}

/// All pairs of one line. Answers the name that the line ends with, when its value is missing.
fn scan_line(text: &str, line: Span, group: u32, out: &mut Vec<Property>) -> Option<Span> {
    let source = line.of(text);
    let bytes = source.as_bytes();
    let base = line.start as usize;
    let (mut from, mut at) = (0, 0);
    while at < bytes.len() {
        if !matches!(bytes[at], b'=' | b':') {
            at += 1;
            continue;
        }
        let separator = at;
        let mut after = at + 1;
        if bytes[at] == b'=' && bytes.get(after) == Some(&b'>') || bytes[at] == b':' && bytes.get(after) == Some(&b'=')
        {
            after += 1;
        }
        // `name:- value`
        if bytes[separator] == b':' && bytes[after..].starts_with(b"- ") {
            after += 1;
        }
        at = after;
        if bytes[separator] == b':' && bytes[after..].starts_with(b"//") {
            // Detectors read URLs.
            at = source[after..].find(char::is_whitespace).map_or(bytes.len(), |i| after + i);
            from = at;
            continue;
        }
        if !separates(bytes, separator, after) {
            continue;
        }
        let Some(key) = key_before(source, from, separator) else { continue };
        let key = Span::new(base + key.start as usize, base + key.end as usize);
        let rest = source.get(after..).unwrap_or("");
        if rest.trim().is_empty() {
            return Some(key);
        }
        let value_at = after + rest.len() - rest.trim_start().len();
        let Some(len) = value_len(&source[value_at..]) else { continue };
        let value = Span::new(base + value_at, base + value_at + len);
        at = value_at + len;
        from = at;
        // A signed query is one value, without the URL before it, too: detectors read it as a whole.
        let name = key.of(text).rsplit(' ').next().unwrap_or("");
        if SIGNED.contains(&name) && value.of(text).contains("&sig=") {
            continue;
        }
        out.extend(property(text, key, value, group));
    }
    None
}

/// Whether the separator at `at` is neither part of an operator nor of a URL or path.
fn separates(bytes: &[u8], at: usize, after: usize) -> bool {
    let before = at.checked_sub(1).and_then(|i| bytes.get(i)).copied().unwrap_or(b' ');
    let next = bytes.get(after).copied().unwrap_or(b' ');
    match bytes[at] {
        b'=' => !matches!(before, b'=' | b'!' | b'<' | b'>' | b'+' | b':') && next != b'=',
        _ => before != b':' && next != b':' && !(next == b'/' || next == b'\\'),
    }
}

/// Words that begin a declaration or a clause, before its name.
const KEYWORDS: &[&str] = &[
    "val", "var", "let", "const", "def", "final", "static", "private", "public", "protected", "lazy", "implicit",
    "String", "export", "readonly", "local", "set", "SET", "WITH", "with", "AND", "and",
];

/// The name that ends before byte `end`: quoted, one word, or up to three words that start the line.
fn key_before(source: &str, from: usize, end: usize) -> Option<Span> {
    let mut start = end.saturating_sub(MAX_KEY).max(from);
    while !source.is_char_boundary(start) {
        start += 1;
    }
    let before = source[start..end].trim_end().trim_end_matches(['"', '\'', '`', '*', ']']).trim_end();
    let key_end = start + before.len();
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let word =
        before.rfind(|c: char| !is_word(c)).map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
    let mut key_start = start + word;
    let starts_name = |s: &str| s.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if !starts_name(&source[key_start..key_end]) {
        return None;
    }
    // The words before it, when nothing but list and comment markers is left of them.
    let lead = source[start..].trim_start_matches(|c: char| !c.is_alphanumeric() && c != '_');
    let line_start = source.len() - lead.len();
    if from == 0 && start == 0 && line_start < key_start {
        let words = &source[line_start..key_end];
        // `val accessKey`, `WITH PASSWORD`: what a language says before a name is none of it.
        let told = words.split(' ').next().is_some_and(|first| KEYWORDS.contains(&first));
        // `note TWILIO_AUTH_TOKEN=…`: the last word is a name of its own.
        let own = source[key_start..key_end].contains(['_', '.']);
        if !told
            && !own
            && words.split(' ').filter(|w| !w.is_empty()).count() <= 3
            && words.chars().all(|c| is_word(c) || c == ' ')
        {
            key_start = line_start;
        }
    }
    Some(Span::new(key_start, key_end))
}

/// Length of the value at the start of `rest` (not blank), with its quotes. `None` when it reads as prose.
fn value_len(rest: &str) -> Option<usize> {
    let first = rest.chars().next()?;
    if matches!(first, '"' | '\'' | '`')
        && let Some(end) = closing(&rest[1..], first).or_else(|| rest[1..].find(first))
    {
        return Some(end + 2);
    }
    let word = rest.split(char::is_whitespace).next().unwrap_or(rest);
    let more = rest[word.len()..].trim_start();
    let word = unquoted(word);
    let value = word.trim_end_matches([',', ';', '|']);
    let ended = value.len() < word.len();
    // `note: this is how …`: a plain word that other words follow.
    let prose = !more.is_empty() && !ended && value.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '.' | '-'));
    let next_is_pair = more.split(char::is_whitespace).next().is_some_and(|w| w.contains(['=', ':']));
    if value.is_empty() || prose && !next_is_pair { None } else { Some(value.len()) }
}

/// A word up to what ends it in a text: a backtick around it, `,next.name=…` of a list.
fn unquoted(word: &str) -> &str {
    let word = word.split('`').next().filter(|w| !w.is_empty()).unwrap_or(word);
    let name = |text: &str| {
        let name = text.split('=').next().unwrap_or("");
        name.len() < text.len()
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.contains('.')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    };
    word.match_indices(',').find(|(at, _)| name(&word[at + 1..])).map_or(word, |(at, _)| &word[..at])
}

/// Where a quote ends that is not behind a backslash.
fn closing(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    rest.char_indices().find_map(|(at, c)| {
        let ends = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        ends.then_some(at)
    })
}

pub(in crate::lower) fn property(text: &str, key: Span, value_span: Span, group: u32) -> Option<Property> {
    let value = value_span.of(text);
    let quote = match value.chars().next()? {
        '"' => Quote::Double,
        '\'' => Quote::Single,
        '`' => Quote::Backtick,
        _ => Quote::None,
    };
    let closed = quote != Quote::None && value.len() >= 2 && value.ends_with(value.chars().next()?);
    let (quote, inner) = if closed {
        (quote, Span::new(value_span.start as usize + 1, value_span.end as usize - 1))
    } else {
        (Quote::None, value_span)
    };
    let path = vec![key.of(text).into()];
    let value = PropertyValue::Str(literal(text, inner, quote));
    Some(Property { path, key_span: key, value, value_span, place: PropertyPlace::LineScan, group })
}

/// A literal that is written as it is meant.
pub(super) fn literal(text: &str, inner: Span, quote: Quote) -> StrLit {
    let value = inner.of(text);
    let mut parts = Vec::new();
    if !value.is_empty() {
        let map = TextMap::verbatim(inner.start as usize, value.len());
        parts.push(StrPart::Text { value: Secret::from(value), map });
    }
    let style =
        StrStyle { quote, triple: false, raw: true, bytes: false, interpolated: false, prefix: "".into(), inner };
    StrLit { parts, style }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts_debug::print;

    #[test]
    fn lines_become_properties() {
        let rows: &[(&str, &str)] = &[
            ("password: hunter2", "line password -> 'hunter2'"),
            ("password = 'a b'", "line password -> 'a b'"),
            ("- **Client secret**: `abc1`", "line Client secret -> 'abc1'"),
            ("user=a1 password=b2; x", "line user -> 'a1' | line password -> 'b2'"),
            ("\"key\": \"v1\",", "line key -> 'v1'"),
            ("Password:\n\nab12cd\n", "line Password -> 'ab12cd'"),
            ("a.secret=\na.token=\na.b='c'", "line a.b -> 'c'"),
            (
                "key:\nq7Lm2vX9kW4rPqZt8wq7Lm2vX9kW4rPqZt8wAbCdE12=",
                "line key -> 'q7Lm2vX9kW4rPqZt8wq7Lm2vX9kW4rPqZt8wAbCdE12='",
            ),
            ("val accessKey = q7Lm2", "line accessKey -> 'q7Lm2'"),
            ("CREATE LOGIN x WITH PASSWORD = 'q7Lm2'", "line PASSWORD -> 'q7Lm2'"),
            ("key => v1", "line key -> 'v1'"),
            ("token:- v1", "line token -> 'v1'"),
            (r#"password: "a\"b c" x"#, r#"line password -> 'a\\\"b c'"#),
            (r#"path: "C:\" x"#, r#"line path -> 'C:\\'"#),
            ("?sv=2021-06-08&se=2022-01-01T00:00:00Z&sig=a1", ""),
            ("now sv=2021-06-08&ss=b&sig=a1", ""),
            ("token=sv=2021-06-08&sig=a1", "line token -> 'sv=2021-06-08&sig=a1'"),
            ("note: this is how it works", ""),
            ("see https://example.com/a", ""),
            ("if a == b or c != d", ""),
            ("at 10:30", ""),
            ("é: ", ""),
            ("x:", ""),
            ("=", ""),
            ("a::b", ""),
        ];
        for (source, expected) in rows {
            assert_eq!(&print(&lower(source, LowerOptions::default())), expected, "{source}");
        }
    }

    #[test]
    fn programs_hold_quoted_values_and_comments() {
        let rows: &[(&str, &str)] = &[
            ("pub token: TokenKind,", ""),
            ("this.password = passwordOrCode;", ""),
            ("const SUBMIT_PASSWORD = 100004;", ""),
            ("log(\"getToken: called, no hit\")", ""),
            ("const password = \"q7Lm\";", "line password -> 'q7Lm'"),
            ("{ password: 'q7Lm' }", "line password -> 'q7Lm'"),
            ("// password: q7Lm", "line password -> 'q7Lm'"),
        ];
        for (source, expected) in rows {
            assert_eq!(&print(&lower_source(source, LowerOptions::default())), expected, "{source}");
        }
    }

    #[test]
    fn blank_lines_part_groups() {
        let facts = lower("a: 1\nb: 2\n\nc: 3", LowerOptions::default());
        let groups: Vec<u32> = facts.properties.iter().map(|p| p.group).collect();
        assert_eq!(groups, [0, 0, 1]);
    }
}
