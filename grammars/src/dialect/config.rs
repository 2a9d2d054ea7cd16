//! Configuration documents: `{{secrets/scope/key}}`, quoted where the format needs it. It has to be the whole value.

use super::{Rewrite, Target, parts};
use crate::{Language, Span};

pub(super) fn rewrite(language: Language, text: &str, target: Target<'_>) -> Result<Rewrite, String> {
    if target.parts.iter().any(|p| p.secret.unity.is_some()) {
        return Err("{{secrets/…}} reads from secret scopes only: name a scope".to_owned());
    }
    if let (Language::Yaml, [part]) = (language, target.parts)
        && let Some(block) = block(text, target.literal, part.credential)
    {
        let reference = format!("\"{{{{secrets/{}/{}}}}}\"", part.secret.scope, part.secret.key);
        return Ok(Rewrite { edits: vec![(block, reference)], ..Rewrite::default() });
    }
    let parts = parts(text, target.literal);
    let Some(part) = target.whole(&parts) else {
        return Err("give the credential a key of its own: a reference has to be the whole value".to_owned());
    };
    let reference = format!("{{{{secrets/{}/{}}}}}", part.secret.scope, part.secret.key);
    let new = match language {
        // `{{` starts a flow mapping in YAML.
        Language::Yaml | Language::Json | Language::Toml | Language::Hcl => {
            let quote = if parts.quote == "'" { "'" } else { "\"" };
            format!("{quote}{reference}{quote}")
        }
        _ => format!("{}{reference}{}", parts.quote, parts.quote),
    };
    Ok(Rewrite { edits: vec![(target.literal, new)], ..Rewrite::default() })
}

/// A block scalar (`|`, `>-`) that holds the credential and nothing else, without the line break behind it.
pub(super) fn block(text: &str, literal: Span, credential: Span) -> Option<Span> {
    let source = literal.of(text);
    let (head, body) = source.split_once('\n').filter(|(head, _)| head.starts_with(['|', '>']))?;
    let is_head = head.trim_end().chars().skip(1).all(|c| c.is_ascii_digit() || matches!(c, '+' | '-'));
    let whole = credential.of(text).trim();
    let only = body.trim() == whole || credential == literal && !body.trim().contains('\n');
    let start = literal.start as usize;
    (is_head && only).then(|| Span::new(start, start + source.trim_end().len()))
}
