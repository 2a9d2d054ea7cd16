//! Which language a text without a name is in: documents in string literals.

use crate::Language;

/// Words that start an SQL statement, with what has to follow somewhere to tell it from prose.
const SQL_STARTS: &[(&str, &[&str])] = &[
    ("SELECT", &["FROM", "("]),
    ("WITH", &["SELECT"]),
    (
        "CREATE",
        &[
            "TABLE", "VIEW", "USER", "LOGIN", "ROLE", "CONNECTION", "FUNCTION", "SERVER", "CREDENTIAL", "SECRET",
            "WIDGET", "EXTERNAL", "MASTER", "DATABASE", "STAGE",
        ],
    ),
    ("ALTER", &["TABLE", "USER", "LOGIN", "ROLE", "CONNECTION", "SERVER", "CREDENTIAL", "DATABASE"]),
    ("INSERT", &["INTO", "OVERWRITE"]),
    ("COPY", &["FROM", "INTO"]),
    ("UPDATE", &["SET"]),
    ("DELETE", &["FROM"]),
    ("MERGE", &["INTO"]),
    ("UNLOAD", &["TO"]),
    ("GRANT", &["TO"]),
    ("DECLARE", &["DEFAULT"]),
    ("OPEN", &["DECRYPTION"]),
];

/// The language of a document; `None` for any other text. Reads each line once.
pub(super) fn guess(text: &str) -> Option<Language> {
    let trimmed = text.trim();
    let (first, last) = (trimmed.chars().next()?, trimmed.chars().next_back()?);
    if matches!((first, last), ('{', '}') | ('[', ']')) && trimmed.contains('"') && trimmed.contains(':') {
        return Some(Language::Json);
    }
    if first == '<' && (trimmed.starts_with("<?xml") || trimmed.starts_with("<configuration")) {
        return Some(Language::Xml);
    }
    if is_sql(trimmed) {
        return Some(Language::Sql);
    }
    // An init script that a notebook writes.
    let first_line = trimmed.lines().next().unwrap_or("");
    if first_line.starts_with("#!") && first_line.ends_with("sh") && trimmed.contains('\n') {
        return Some(Language::Shell);
    }
    if !trimmed.contains('\n') {
        return None;
    }
    by_lines(trimmed)
}

/// Whether a text starts like an SQL statement.
pub(super) fn is_sql(text: &str) -> bool {
    let text = without_comments(text);
    let word = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
    // `SET a.b = c`: a setting has a dotted name.
    if word.eq_ignore_ascii_case("SET") {
        let name = text[word.len()..].split('=').next().unwrap_or("").trim();
        let first = name.split_whitespace().next().unwrap_or("");
        let assigns = ["VAR", "VARIABLE"].iter().any(|kind| first.eq_ignore_ascii_case(kind));
        if name.len() < text.len() - word.len() && (assigns || first.eq_ignore_ascii_case("PASSWORD")) {
            return text.contains('\'');
        }
        return name.len() < text.len() - word.len()
            && name.contains('.')
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '`'));
    }
    let Some((_, follow)) = SQL_STARTS.iter().find(|(start, _)| start.eq_ignore_ascii_case(word)) else { return false };
    // The next words decide; a long text need not be read to its end.
    let mut words = text.split(|c: char| c.is_whitespace() || c == ',').skip(1).take(400);
    words.any(|w| follow.iter().any(|f| w.eq_ignore_ascii_case(f) || *f == "(" && w.contains('(')))
}

/// A text without the comments of SQL that it begins with.
fn without_comments(text: &str) -> &str {
    let mut text = text.trim_start();
    loop {
        let rest = if let Some(block) = text.strip_prefix("/*") {
            block.split_once("*/").map(|(_, rest)| rest)
        } else if text.starts_with("-- ") {
            text.split_once('\n').map(|(_, rest)| rest)
        } else {
            return text;
        };
        let Some(rest) = rest else { return "" };
        text = rest.trim_start();
    }
}

fn by_lines(text: &str) -> Option<Language> {
    let (mut yaml, mut pairs, mut upper, mut sections, mut other, mut values) = (0, 0, 0, 0, 0, 0);
    for line in text.lines() {
        let line = line.trim_end();
        let content = line.trim_start();
        if content.is_empty() || content.starts_with('#') || content.starts_with("---") {
            continue;
        }
        let item = content.strip_prefix("- ").unwrap_or(content);
        let key_len = item
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '"' | '\'')))
            .unwrap_or(item.len());
        let (key, rest) = item.split_at(key_len);
        let rest = rest.trim_start();
        if content.starts_with('[') && content.ends_with(']') {
            sections += 1;
        } else if !key.is_empty() && (rest == ":" || rest.starts_with(": ")) {
            yaml += 1;
            values += usize::from(rest.len() > 2);
        } else if !key.is_empty() && rest.starts_with('=') && !rest.starts_with("==") {
            pairs += 1;
            let key = key.trim_start_matches("export ");
            upper += usize::from(key.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
        } else if content.starts_with("- ") && yaml > 0 {
            // A list below a key.
        } else {
            other += 1;
        }
    }
    // Prose with a colon here and there is no document.
    if yaml >= 2 && values > 0 && pairs == 0 && other * 4 <= yaml {
        return Some(Language::Yaml);
    }
    if pairs >= 1 && pairs + sections >= 2 && other * 4 <= pairs && yaml == 0 {
        return Some(match () {
            () if sections > 0 => Language::Ini,
            () if upper == pairs => Language::DotEnv,
            () => Language::Properties,
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_told_from_prose() {
        let rows: &[(&str, Option<Language>)] = &[
            ("{\"a\": 1}", Some(Language::Json)),
            ("a: 1\nb:\n  c: x\n  - d\n", Some(Language::Yaml)),
            ("[default]\nhost = x\n", Some(Language::Ini)),
            ("A=1\nB_C=2\n", Some(Language::DotEnv)),
            ("a.b=1\nc = 2\n", Some(Language::Properties)),
            ("SELECT a FROM b", Some(Language::Sql)),
            ("\n  create user x identified by y", Some(Language::Sql)),
            ("/* setup */\n-- of it\nSET a.b = c;", Some(Language::Sql)),
            ("set up a.b = c", None),
            ("SET VAR password = 'x'", Some(Language::Sql)),
            ("set password for 'u'@'h' = 'x'", Some(Language::Sql)),
            ("DECLARE VARIABLE password STRING DEFAULT 'x'", Some(Language::Sql)),
            ("set password = x", None),
            ("open the door", None),
            ("/* setup */", None),
            ("<configuration></configuration>", Some(Language::Xml)),
            ("#!/bin/bash\nls", Some(Language::Shell)),
            ("#!/usr/bin/env bash\nexport A=b\n", Some(Language::Shell)),
            ("#!/usr/bin/python\nls", None),
            ("Select one of these", None),
            ("Create a new thing", None),
            ("Note: this\nis text: of prose\nwith lines", None),
            ("user=a", None),
            ("%s: %s", None),
        ];
        for (text, expected) in rows {
            assert_eq!(guess(text), *expected, "{text}");
        }
    }
}
