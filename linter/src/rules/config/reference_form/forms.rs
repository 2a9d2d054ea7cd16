//! What looks like a secret reference in a text.

use std::ops::Range;

use super::is_name;

/// The problem of a text that is a path elsewhere.
pub(super) const BARE: &str = "double braces stand around it";

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
    /// As templates of other programs are written: with dots, `$` or more braces.
    pub templated: bool,
}

impl Form {
    pub fn is_canonical(&self) -> bool {
        self.problem.is_empty()
    }
}

/// Whether a text can hold a form at all.
pub(super) fn mentioned(text: &str) -> bool {
    const MARKS: &[&str] = &["secrets/", "{secret", "{ secret", "{Secret", "{ Secret", "[[secret", "{SECRET"];
    MARKS.iter().any(|mark| text.contains(mark))
}

/// Whether a text is one right reference and nothing else.
pub fn is_reference(text: &str) -> bool {
    matches!(forms(text).as_slice(), [only] if only.is_canonical() && only.range == (0..text.len()))
}

/// All forms of a text in order. Names with a blank or an odd character in them are left to the rule about names.
pub fn forms(text: &str) -> Vec<Form> {
    let mut found: Vec<Form> = Vec::new();
    for word in ["secret", "Secret", "SECRET"].iter().flat_map(|word| text.match_indices(word)).map(|(at, _)| at) {
        if !found.iter().any(|f| f.range.contains(&word)) {
            found.extend(form_at(text, word));
        }
    }
    found.sort_by_key(|f| f.range.start);
    if found.is_empty() {
        found.extend(bare(text));
    }
    found
}

/// `secrets/scope/key` and nothing else.
fn bare(text: &str) -> Option<Form> {
    let body = text.trim();
    let (scope, key) = body.strip_prefix("secrets/")?.split_once('/')?;
    let start = text.len() - text.trim_start().len();
    (is_name(scope) && is_name(key)).then(|| Form {
        range: start..start + body.len(),
        canonical: Some(format!("{{{{secrets/{scope}/{key}}}}}")),
        problem: BARE,
        templated: true,
    })
}

fn form_at(text: &str, word: usize) -> Option<Form> {
    let before = text[..word].trim_end_matches(' ');
    let blank_before = before.len() < word;
    let braces = before.bytes().rev().take_while(|b| *b == b'{').count();
    let brackets = before.ends_with("[[");
    let open = if brackets { 2 } else { braces };
    let (opening, closing) = if brackets { ('[', ']') } else { ('{', '}') };
    let mut start = before.len() - open;
    if !(1..=3).contains(&open) || text[..start].ends_with(['#', '\\', opening]) {
        return None;
    }
    let dollar = text[..start].ends_with('$');
    start -= usize::from(dollar);
    let rest = &text[word..];
    let limit = (0..=MAX.min(rest.len())).rev().find(|i| rest.is_char_boundary(*i))?;
    let close_at = rest[..limit].find(closing)?;
    let close = rest[close_at..].chars().take_while(|c| *c == closing).count().min(open.max(2));
    let inner = &rest[..close_at];
    let body = inner.trim_end_matches(' ');
    let blank = blank_before || body.len() < inner.len();
    let (first, tail) = body.split_at(body.find(['/', '.', ':', '\\'])?);
    let lower = first.to_ascii_lowercase();
    if !matches!(&*lower, "secrets" | "secret") || body.contains(['{', '\n', '"', '\'', '$', '(', '|']) {
        return None;
    }
    let separator = tail.chars().next()?;
    // `{{secrets:scope/key}}`, `{{secrets\\scope\\key}}`
    let parts: Vec<&str> = match separator {
        '/' | '.' => tail[1..].split(separator).collect(),
        _ => tail.trim_start_matches(['/', '\\', ':']).split(['/', '\\', ':']).filter(|p| !p.is_empty()).collect(),
    };
    let names = parts.len() == 2 && parts.iter().all(|p| is_name(p));
    let problem = if brackets {
        "the braces are curly"
    } else if dollar {
        "no `$` stands before the braces"
    } else if open == 1 || close == 1 {
        "the braces have to be doubled"
    } else if open == 3 || close == 3 {
        "there are two braces"
    } else if lower == "secret" {
        "the word is `secrets`"
    } else if first != "secrets" {
        "`secrets` is lower case"
    } else if separator != '/' {
        "scope and key are separated by slashes"
    } else if blank {
        "blanks inside the braces are not accepted"
    } else if parts.len() != 2 || parts.iter().any(|p| p.is_empty()) {
        "it has to name one scope and one key"
    } else {
        ""
    };
    let templated = separator != '/' || dollar || brackets || open == 3 || first != lower;
    // `{secret.value}`, `${{ secrets.X }}`, `${secret:a/b}` and the like are of other templates.
    let fields = separator == '.' && (open == 1 || close == 1 || dollar || parts.len() != 2);
    if fields || dollar && (separator == ':' || open == 1 && parts.len() != 2) || parts.len() > 4 {
        return None;
    }
    if parts.len() == 2 && !names && !problem.is_empty() && parts.iter().all(|p| !p.is_empty()) {
        return None;
    }
    let canonical = names.then(|| format!("{{{{secrets/{}/{}}}}}", parts[0], parts[1]));
    Some(Form { range: start..word + close_at + close, canonical, problem, templated })
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
            "{{secrets/a/b/c}}", "{{secrets/a/b}", "{{secrets//b}}", "${secrets/a/b}", "${{secrets/a/b}}",
            "{{{secrets/a/b}}}", "[[secrets/a/b]]", "{{Secrets/a/b}}", "{{SECRETS/a/b}}", "{{secrets:a/b}}",
            "{{secrets\\a\\b}}", "{{secrets/a/}}", "{secret/a/b}", "{{ secret/a/b }}", "{ secrets/a/b }",
            "secrets/a/b",
        ];
        for text in wrong {
            assert!(matches!(forms(text).as_slice(), [f] if !f.is_canonical()), "{text}");
        }
        let none = [
            "${{ secrets.TOKEN }}", "${secrets:a/b:password}", "${secret.x}", "[secrets/a/b]", "{secret}", "{secrets}",
            "{{ secrets.TOKEN }}", "{secret.value}", "x/secrets/a/b", "secrets/a/b/c", "{{{{secrets/{}/{}}}}}",
            "/api/2.0/secrets/{scope}",
        ];
        for text in none {
            assert_eq!(forms(text), [], "{text}");
        }
    }
}
