//! Text that was pasted into a cell of code: `name: value` and `export NAME=value` lines, which a parser takes for
//! annotations, ranges, comments or nothing at all. What no program says in this form is read as a line scan reads it.

use super::{LowerOptions, lower, text::property};
use crate::{
    CellFacts, Language, Span,
    facts::{ExprKind, Property},
};

/// Longest name and value that are looked for, in bytes.
const MAX_NAME: usize = 40;
const MAX_VALUE: usize = 200;

/// Signs of which a value that is pasted may hold some, and a name or type of a program holds none.
const SIGNS: &[char] = &['#', '@', '!', '%', '^', '&', '*', '+', '?', '~'];

/// Facts of a whole cell: what its language says, and what was pasted among it.
pub fn lower_cell(language: Language, text: &str, options: LowerOptions) -> CellFacts {
    let mut facts = lower(language, text, options);
    if matches!(language, Language::Python | Language::Scala | Language::R | Language::Sql) {
        add(&mut facts, text);
    }
    facts
}

/// A line that may be pasted.
struct Line {
    key: Span,
    value: Span,
    /// What it says cannot be code, whatever stands around it.
    is_sure: bool,
}

fn add(facts: &mut CellFacts, text: &str) {
    let mut found: Vec<Property> = Vec::new();
    let mut group = facts.properties.iter().map(|p| p.group + 1).max().unwrap_or(0);
    let mut run: Vec<Line> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n').chain(["\n"]) {
        let read = pair(at, line.trim_end());
        at += line.len();
        match read {
            Some(line) => run.push(line),
            None if run.is_empty() => {}
            None => {
                // One line of this form may be an annotation; several under each other are none.
                let is_dump = run.len() > 1;
                let told = run.drain(..).filter(|line| is_dump || line.is_sure);
                found.extend(told.filter_map(|line| property(text, line.key, line.value, group)));
                group += 1;
            }
        }
    }
    if found.is_empty() {
        return;
    }
    let strings = facts.exprs.iter().filter(|e| matches!(e.kind, ExprKind::Str(_))).map(|e| e.span);
    let mut inside: Vec<Span> = strings.chain(facts.comments.iter().map(|c| c.span)).collect();
    inside.sort_unstable();
    let known: Vec<Span> = facts.properties.iter().map(|p| p.value_span).collect();
    // Lines of a longer string or comment belong to it.
    found.retain(|p| {
        let before = inside.partition_point(|span| span.start <= p.key_span.start);
        inside[..before].iter().rev().take(8).all(|span| span.end <= p.key_span.start)
            && !known.iter().any(|span| span.overlaps(p.value_span))
    });
    facts.properties.extend(found);
}

/// `name: value`, `export NAME=value` from the beginning of a line, the value being one word.
fn pair(at: usize, line: &str) -> Option<Line> {
    let (skip, separator) = match line.strip_prefix("export ") {
        Some(_) => ("export ".len(), '='),
        None => (0, ':'),
    };
    let (name, rest) = line[skip..].split_once(separator)?;
    let value = rest.trim_start();
    if separator == ':' && value.len() == rest.len() || separator == '=' && value.len() < rest.len() {
        return None;
    }
    let key = name.trim_end();
    let is_name = key.len() <= MAX_NAME
        && key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '))
        && key.split(' ').count() <= 3;
    // Brackets, quotes, commas and arrows are code; a colon at the end begins a block.
    let is_value = !value.is_empty()
        && value.len() <= MAX_VALUE
        && !value.contains(|c: char| c.is_whitespace() || "\"'`()[]{}<>,;|\\".contains(c))
        && !value.ends_with([':', '='])
        && !value.starts_with(['#', '/', '-', '=', '$', '*', '&', '|']);
    if !is_name || !is_value {
        return None;
    }
    let start = at + skip;
    let value_at = at + line.len() - value.len();
    let is_sure = skip > 0 || holds_sign(value) || changes(value) >= 3;
    Some(Line {
        key: Span::new(start, start + key.len()),
        value: Span::new(value_at, value_at + value.len()),
        is_sure: is_sure && value.contains(|c: char| c.is_ascii_digit()),
    })
}

fn holds_sign(value: &str) -> bool {
    value.chars().skip(1).any(|c| SIGNS.contains(&c)) || value.starts_with(['!', '@'])
}

/// How often letters and digits follow each other: types and modules change once or twice (`Base64Str`).
fn changes(value: &str) -> usize {
    value.as_bytes().windows(2).filter(|two| two[0].is_ascii_digit() != two[1].is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pasted(language: Language, text: &str) -> Vec<(String, String)> {
        let facts = lower_cell(language, text, LowerOptions { notebook: true, depth: 2 });
        let shown = |p: &Property| (p.key().to_owned(), p.value_span.of(text).to_owned());
        facts.properties.iter().map(shown).collect()
    }

    #[test]
    fn pairs_among_code_are_read_in_every_language() {
        let dump = "user: etl\npassword: Lm2vX9q7kk\nhost: db.corp\n";
        for language in [Language::Python, Language::Scala, Language::R, Language::Sql] {
            let found = pasted(language, dump);
            assert!(found.contains(&("password".into(), "Lm2vX9q7kk".into())), "{language:?}: {found:?}");
        }
        for (text, key, value) in [
            ("x = 1\nPass word : q7#Lm2vX9\ny = 2\n", "Pass word", "q7#Lm2vX9"),
            ("export DB_PASSWORD=q7Lm2vX9kk\n", "DB_PASSWORD", "q7Lm2vX9kk"),
            ("password: P@ssw0rd2024", "password", "P@ssw0rd2024"),
        ] {
            assert!(pasted(Language::Python, text).contains(&(key.into(), value.into())), "{text}");
        }
    }

    #[test]
    fn characters_of_several_bytes_are_whole() {
        for text in [
            "\u{20ac}: x\npass\u{e9}: \u{e9}#1\r\n", "password: \u{e9}#1b2c3d4\r\n", "export \u{e9}=\u{e9}1\n",
            "a: \u{e9}",
        ] {
            for language in [Language::Python, Language::Scala, Language::R, Language::Sql] {
                let found = pasted(language, text);
                assert!(found.iter().all(|(_, value)| !value.contains(['\r', '\n'])), "{text}: {found:?}");
            }
        }
        let found = pasted(Language::Python, "password: \u{e9}#1b2c3d4\r\n");
        assert_eq!(found, [("password".to_owned(), "\u{e9}#1b2c3d4".to_owned())]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "(\\PC|\n|\r\n|: |=|#|export |password){0,30}") {
            for language in [Language::Python, Language::Sql] {
                let facts = lower_cell(language, &text, LowerOptions { notebook: true, depth: 1 });
                proptest::prop_assert!(facts.properties.iter().all(|p| text.get(p.value_span.range()).is_some()));
            }
        }
    }

    #[test]
    fn code_is_not_pasted_text() {
        for text in [
            "password: str\n", "password: Base64Str\n\nx = 1\n", "class C:\n    password: str\n    token: UUID4\n",
            "s = \"\"\"\nuser: etl\npassword: Lm2vX9q7kk\n\"\"\"\n", "if x:\n    pass\nelse: y1\n", "# user: etl\n",
            "x: int = 5\n", "lambda: a1b2c3d4\n{a: b}\n",
        ] {
            let found = pasted(Language::Python, text);
            assert!(
                !found.iter().any(|(_, value)| value.contains("str") || value.contains("Str")),
                "{text}: {found:?}"
            );
            assert!(!found.iter().any(|(key, _)| key == "x" || key == "else"), "{text}: {found:?}");
        }
        assert!(pasted(Language::Python, "s = \"\"\"\nuser: etl\npassword: Lm2vX9q7kk\n\"\"\"\n").is_empty());
    }
}
