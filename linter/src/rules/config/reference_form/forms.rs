//! What looks like a secret reference in a text.

use std::ops::Range;

use super::is_name;

/// Longest reference that is looked for, in bytes.
const MAX: usize = 320;

/// A secret reference, right or nearly so. The range is bytes of the text, braces included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    pub range: Range<usize>,
    /// How it should read; `None` when scope and key cannot be told.
    pub canonical: Option<String>,
    /// What is wrong with it, empty for a right one.
    pub problem: &'static str,
    /// Parts are separated by dots, as in templates of other programs.
    pub dotted: bool,
}

impl Form {
    pub fn is_canonical(&self) -> bool {
        self.problem.is_empty()
    }
}

/// Whether a text can hold a form at all.
pub(super) fn mentioned(text: &str) -> bool {
    text.contains("{secret") || text.contains("{ secret")
}

/// Whether a text is one right reference and nothing else.
pub fn is_reference(text: &str) -> bool {
    matches!(forms(text).as_slice(), [only] if only.is_canonical() && only.range == (0..text.len()))
}

/// All forms of a text in order. Names with a blank or an odd character in them are left to the rule about names.
pub fn forms(text: &str) -> Vec<Form> {
    let mut found: Vec<Form> = Vec::new();
    for (word, _) in text.match_indices("secret") {
        if found.last().is_some_and(|f| f.range.contains(&word)) {
            continue;
        }
        found.extend(form_at(text, word));
    }
    found
}

fn form_at(text: &str, word: usize) -> Option<Form> {
    let before = text[..word].trim_end_matches(' ');
    let blank_before = before.len() < word;
    let open = before.bytes().rev().take_while(|b| *b == b'{').count();
    let start = before.len() - open;
    // `${{ secrets.X }}` is another program's.
    if !(1..=2).contains(&open) || text[..start].ends_with(['$', '#', '\\']) {
        return None;
    }
    let rest = &text[word..];
    let limit = (0..=MAX.min(rest.len())).rev().find(|i| rest.is_char_boundary(*i))?;
    let close_at = rest[..limit].find('}')?;
    let close = rest[close_at..].bytes().take_while(|b| *b == b'}').count().min(2);
    let inner = &rest[..close_at];
    let body = inner.trim_end_matches(' ');
    let blank = blank_before || body.len() < inner.len();
    let (first, tail) = body.split_at(body.find(['/', '.'])?);
    if !matches!(first, "secrets" | "secret") || body.contains(['{', '\n', '"', '\'', '$', '(', '|']) {
        return None;
    }
    let dotted = tail.starts_with('.');
    let separator = if dotted { '.' } else { '/' };
    let parts: Vec<&str> = tail[1..].split(separator).collect();
    let names = parts.len() == 2 && parts.iter().all(|p| is_name(p));
    let problem = if open == 1 || close == 1 {
        "the braces have to be doubled"
    } else if first == "secret" {
        "the word is `secrets`"
    } else if dotted {
        "scope and key are separated by slashes"
    } else if blank {
        "blanks inside the braces are not accepted"
    } else if parts.len() != 2 || parts.iter().any(|p| p.is_empty()) {
        "it has to name one scope and one key"
    } else {
        ""
    };
    // `{secret.value}` and the like are fields of other templates.
    if dotted && (open == 1 || close == 1 || parts.len() != 2) || parts.len() > 4 {
        return None;
    }
    if parts.len() == 2 && !names && !problem.is_empty() && parts.iter().all(|p| !p.is_empty()) {
        return None;
    }
    let canonical = names.then(|| format!("{{{{secrets/{}/{}}}}}", parts[0], parts[1]));
    Some(Form { range: start..word + close_at + close, canonical, problem, dotted })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_apart() {
        let right = ["{{secrets/a/b}}", "x={{secrets/a.b/c_d}};", "{{secrets/a/\u{FFFC}}}"];
        for text in right {
            assert!(forms(text).iter().all(Form::is_canonical) && forms(text).len() == 1, "{text}");
        }
        let wrong = [
            "{secrets/a/b}", "{{secret/a/b}}", "{{ secrets/a/b }}", "{{secrets.a.b}}", "{{secrets/a}}",
            "{{secrets/a/b/c}}", "{{secrets/a/b}", "{{secrets//b}}",
        ];
        for text in wrong {
            assert!(matches!(forms(text).as_slice(), [f] if !f.is_canonical()), "{text}");
        }
        let none = [
            "${{ secrets.TOKEN }}", "${secrets/a/b}", "{secret}", "{secrets}", "{{ secrets.TOKEN }}", "{secret.value}",
            "secrets/a/b", "{{{{secrets/{}/{}}}}}", "/api/2.0/secrets/{scope}",
        ];
        for text in none {
            assert_eq!(forms(text), [], "{text}");
        }
    }
}
