//! Files of accounts without a general format: `.netrc`, `.pgpass` and `.npmrc`. Each account is a mapping below its host.

use super::{push, scalar};
use crate::{CellFacts, Span, facts::Comment, lower::strings::Escapes};

/// `machine HOST login USER password VALUE`, on one line or several.
pub(super) fn netrc(text: &str, facts: &mut CellFacts) {
    let mut group = 0;
    let mut host: Box<str> = "default".into();
    let mut words = words(text, facts).into_iter();
    while let Some(key) = words.next() {
        match key.of(text) {
            "machine" => {
                group += 1;
                host = words.next().map_or("", |w| w.of(text)).into();
            }
            "default" => {
                group += 1;
                host = "default".into();
            }
            "login" | "user" | "account" | "password" | "passwd" => {
                let Some(value) = words.next() else { return };
                let name: Box<str> = key.of(text).into();
                push(facts, &[host.clone(), name], key, scalar(text, value, Escapes::Raw), value, group);
            }
            _ => {}
        }
    }
}

/// The words of all lines that are no comments.
fn words(text: &str, facts: &mut CellFacts) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    // The body of a macro is no account; a blank line ends it.
    let mut in_macro = false;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim();
        in_macro = !trimmed.is_empty() && (in_macro || trimmed.starts_with("macdef"));
        if in_macro {
            continue;
        }
        if trimmed.starts_with('#') {
            comment(text, start, line, facts);
            continue;
        }
        let mut from = start;
        for word in line.split(char::is_whitespace) {
            if !word.is_empty() {
                found.push(Span::new(from, from + word.len()));
            }
            from += word.len() + 1;
        }
    }
    found
}

fn comment(text: &str, start: usize, line: &str, facts: &mut CellFacts) {
    let begin = start + line.len() - line.trim_start().len();
    let whole = Span::new(begin, start + line.trim_end().len());
    let inner = whole.of(text).trim_start_matches('#').trim_start();
    let said = Span::new(whole.end as usize - inner.len(), whole.end as usize);
    facts.comments.push(Comment { span: whole, text: said, is_doc: false });
    crate::lower::text::scan(text, said, &mut facts.properties);
}

/// `host:port:database:user:password`; `\:` is a colon.
pub(super) fn pgpass(text: &str, facts: &mut CellFacts) {
    const FIELDS: [&str; 5] = ["host", "port", "database", "user", "password"];
    let mut at = 0;
    for (group, line) in (1..).zip(text.split_inclusive('\n')) {
        let start = at;
        at += line.len();
        let content = line.trim_end_matches(['\n', '\r']);
        if content.trim_start().starts_with('#') {
            comment(text, start, line, facts);
            continue;
        }
        let mut fields: Vec<Span> = Vec::new();
        let (mut from, mut escaped) = (start, false);
        for (i, byte) in content.bytes().enumerate() {
            if byte == b':' && !escaped && fields.len() < 4 {
                fields.push(Span::new(from, start + i));
                from = start + i + 1;
            }
            escaped = byte == b'\\' && !escaped;
        }
        fields.push(Span::new(from, start + content.len()));
        if fields.len() != 5 {
            continue;
        }
        let host: Box<str> = fields[0].of(text).into();
        for (name, span) in FIELDS.iter().zip(&fields).skip(3) {
            let key = Span::new(span.start as usize, span.start as usize);
            push(facts, &[host.clone(), (*name).into()], key, scalar(text, *span, Escapes::Raw), *span, group);
        }
    }
}

/// `//registry.example.com/:_authToken=VALUE`, `_password = VALUE`.
pub(super) fn npmrc(text: &str, facts: &mut CellFacts) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim();
        if content.starts_with(['#', ';']) {
            comment(text, start, line, facts);
            continue;
        }
        let Some((left, right)) = content.split_once('=') else { continue };
        let begin = start + line.len() - line.trim_start().len();
        let (registry, name) = left.trim_end().rsplit_once(':').unwrap_or(("", left.trim_end()));
        let value = right.trim();
        if name.is_empty() || value.is_empty() {
            continue;
        }
        let mut path: Vec<Box<str>> = Vec::new();
        if !registry.is_empty() {
            path.push(registry.trim_matches('/').into());
        }
        path.push(name.into());
        let key = Span::new(begin + left.trim_end().len() - name.len(), begin + left.trim_end().len());
        let value_at = begin + content.len() - value.len();
        let span = Span::new(value_at, value_at + value.len());
        push(facts, &path, key, scalar(text, span, Escapes::Json), span, 0);
    }
}

#[cfg(test)]
mod tests {
    use crate::{Language, facts_debug::print, lower::LowerOptions};

    #[test]
    fn accounts_are_mappings_of_their_host() {
        let rows: &[(Language, &str, &str)] = &[
            (
                Language::Netrc,
                "# x\nmachine a.example.com\n  login joe\n  password q7Lm2\nmachine b login u password p9 default login v",
                "a.example.com.login -> 'joe' | a.example.com.password -> 'q7Lm2' | b.login -> 'u' | b.password -> 'p9' | default.login -> 'v'",
            ),
            (
                Language::Pgpass,
                "h:5432:db:joe:q7\\:Lm\n*:*:*:u:p9\nbroken:line\n",
                "h.user -> 'joe' | h.password -> 'q7\\\\:Lm' | *.user -> 'u' | *.password -> 'p9'",
            ),
            (
                Language::Npmrc,
                "; x\nregistry=https://r.example.com/\n//r.example.com/:_authToken=q7Lm2\n_password = \"p9\"\n",
                "registry -> 'https://r.example.com/' | r.example.com._authToken -> 'q7Lm2' | _password -> 'p9'",
            ),
        ];
        for (language, text, expected) in rows {
            assert_eq!(&print(&crate::lower(*language, text, LowerOptions::default())), expected, "{text}");
        }
    }
}
