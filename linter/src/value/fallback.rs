//! References that carry a literal to fall back on: the literal is a credential in plaintext although the rest is none.

use std::ops::Range;

/// Bytes of the literal in `${X:-lit}`, `${X:lit}`, `${{ secrets.X || 'lit' }}`, `{{ env_var('X', 'lit') }}` or
/// `{{ x | default('lit') }}`. `None`: the text is something else, or the literal is empty or a reference itself.
pub fn fallback(text: &str) -> Option<Range<usize>> {
    let range = shell(text).or_else(|| template(text))?;
    let literal = text.get(range.clone())?;
    (!literal.trim().is_empty() && !literal.contains(['$', '{', '}'])).then_some(range)
}

/// `${NAME:-lit}` of shells and compose, `${NAME:lit}` of Spring and log4j.
fn shell(text: &str) -> Option<Range<usize>> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    if super::placeholder::names_provider(inner) {
        return None;
    }
    let name = inner.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')))?;
    let rest = &inner[name..];
    // `${vault:secret/db:pw}` names a place.
    if rest.starts_with(':') && !rest.starts_with(":-") && super::placeholder::STORES.contains(&&inner[..name]) {
        return None;
    }
    // `:?` and `?` give a message, `:+` and `+` another value.
    let skip = [":-", "-", ":"].iter().find(|s| rest.starts_with(**s))?.len();
    if name == 0 || rest[skip..].starts_with(['?', '+', '=']) {
        return None;
    }
    Some(2 + name + skip..text.len() - 1)
}

/// The last quoted text of an expression that chooses: `||`, `default(…)`, the second argument of `env_var`.
fn template(text: &str) -> Option<Range<usize>> {
    let trimmed = text.trim();
    if !(trimmed.starts_with("${{") || trimmed.starts_with("{{")) || !trimmed.ends_with("}}") {
        return None;
    }
    let pipes = trimmed.contains("| default ");
    let chooses = pipes
        || trimmed.contains("||")
        || trimmed.contains("default(")
        || trimmed.contains("env_var(") && trimmed.contains(',');
    if !chooses {
        return None;
    }
    // `{{ .Values.password | default "lit" | quote }}` of Helm.
    if pipes {
        let at = text.find("| default ")? + "| default ".len();
        let quote = text[at..].chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
        let len = text[at + 1..].find(quote)?;
        return Some(at + 1..at + 1 + len);
    }
    let close = text.rfind(['\'', '"'])?;
    let quote = &text[close..=close];
    let open = text[..close].rfind(quote)?;
    let before = text[..open].trim_end();
    (before.ends_with("||") || before.ends_with("default(") || before.ends_with(',')).then_some(open + 1..close)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_of_choices_are_found() {
        let table = [
            ("${PW:-q7Lm}", Some("q7Lm")),
            ("{{ .Values.pw | default \"q7Lm\" | quote }}", Some("q7Lm")),
            ("{{ .Values.pw | default .Values.other }}", None),
            ("${PW-q7Lm}", Some("q7Lm")),
            ("${db.pw:q7Lm}", Some("q7Lm")),
            ("${vault:secret/db:pw}", None),
            ("${secrets:a/b:password}", None),
            ("${strimzi-secret:ns/name:password}", None),
            ("${env:-q7Lm}", Some("q7Lm")),
            ("${PW:?not set}", None),
            ("${PW}", None),
            ("${PW:-}", None),
            ("${PW:-${OTHER}}", None),
            ("${{ secrets.A || 'q7Lm' }}", Some("q7Lm")),
            ("${{ secrets.A || secrets.B }}", None),
            ("{{ env_var('DBT_PW', 'q7Lm') }}", Some("q7Lm")),
            ("{{ env_var('DBT_PW') }}", None),
            ("{{ pw | default(\"q7Lm\") }}", Some("q7Lm")),
            ("${var.x}", None),
        ];
        for (text, expected) in table {
            assert_eq!(fallback(text).map(|r| &text[r]), expected, "{text}");
        }
    }
}
