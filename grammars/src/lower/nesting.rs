//! Texts that nest too deeply to be parsed: scanners of indented languages keep their open blocks in 1,024 bytes and end the
//! process when those are full (`TREE_SITTER_SERIALIZATION_BUFFER_SIZE`).

use crate::Language;

/// Blocks of YAML that may be open at once, in 4 bytes each.
const YAML: usize = 200;
/// Indented blocks of a program, in 2 bytes each.
const PROGRAM: usize = 400;

/// Whether a text has more open blocks than its scanner holds.
pub(super) fn is_too_deep(language: Language, text: &str) -> bool {
    let most = match language {
        Language::Yaml => YAML,
        Language::Python | Language::Scala => PROGRAM,
        _ => return false,
    };
    // So many blocks need as many columns on their last line, and one blank less on each line before it.
    let least = if language == Language::Yaml { most } else { most * most / 2 };
    if text.len() < least {
        return false;
    }
    let mut open: Vec<usize> = Vec::new();
    text.lines().any(|line| {
        let code = line.trim_start_matches([' ', '\t']);
        if code.is_empty() {
            return false;
        }
        let column = line.len() - code.len();
        while open.last().is_some_and(|last| *last >= column) {
            open.pop();
        }
        open.push(column);
        if language == Language::Yaml {
            // `- - ? a`: a block each.
            let mut rest = code;
            while let Some(next) = rest.strip_prefix(['-', '?', ':']).filter(|r| r.starts_with([' ', '\t'])) {
                let next = next.trim_start_matches([' ', '\t']);
                open.push(line.len() - next.len());
                rest = next;
            }
        }
        open.len() > most
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::{LowerOptions, lower};

    fn nested(levels: usize, open: &str) -> String {
        let lines = (0..levels).map(|i| format!("{}{open}\n", " ".repeat(i)));
        lines.chain([format!("{}x = 1\n", " ".repeat(levels))]).collect()
    }

    #[test]
    fn deep_texts_end_no_process_and_are_said_to_be_unread() {
        let texts = [
            (Language::Yaml, nested(300, "a:")),
            (Language::Yaml, format!("{}x\n", "- ".repeat(300))),
            (Language::Yaml, format!("{}x\n", "? ".repeat(300))),
            (Language::Yaml, format!("a: {}1{}\n", "[".repeat(3000), "]".repeat(3000))),
            (Language::Python, nested(600, "if a:")),
            (Language::Scala, nested(600, "if a then")),
            (Language::Json, format!("{}1{}", "[".repeat(3000), "]".repeat(3000))),
            (Language::Hcl, format!("{}{}", "a {\n".repeat(600), "}\n".repeat(600))),
        ];
        for (language, text) in texts {
            let facts = lower(language, &text, LowerOptions { notebook: false, depth: 2 });
            assert!(facts.problems.iter().any(|p| p.is_unread()), "{language:?}: {}", &text[..20]);
        }
    }

    #[test]
    fn lines_of_what_is_too_deep_are_searched() {
        for (language, line) in [
            (Language::Scala, "val password = \"q7#Lm2vX9\""),
            (Language::Java, "String password = \"q7#Lm2vX9\";"),
            (Language::R, "password = \"q7#Lm2vX9\""),
        ] {
            let head = if language == Language::Java { "class A { void f() " } else { "" };
            for end in ["}".repeat(200), String::new()] {
                let text = format!("{head}{}\n{line}\n{end}", "{".repeat(200));
                let facts = lower(language, &text, LowerOptions { notebook: false, depth: 2 });
                let found = facts.properties.iter().any(|p| p.key() == "password");
                let bound = format!("{:?}", facts.body).contains("password");
                assert!(found || bound, "{language:?}, {} closed", end.len());
            }
        }
    }

    #[test]
    fn ordinary_nesting_is_parsed() {
        for (language, text) in [
            (Language::Yaml, nested(190, "a:")),
            (Language::Python, nested(390, "if a:")),
            (Language::Yaml, "- a\n".repeat(900)),
        ] {
            assert!(!is_too_deep(language, &text), "{language:?}");
        }
    }
}
