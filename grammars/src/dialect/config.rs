//! Configuration documents: `{{secrets/scope/key}}`, quoted where the format needs it. It has to be the whole value.

use super::{Rewrite, Target, parts};
use crate::Language;

pub(super) fn rewrite(language: Language, text: &str, target: Target<'_>) -> Result<Rewrite, String> {
    if target.parts.iter().any(|p| p.secret.unity.is_some()) {
        return Err("{{secrets/…}} reads from secret scopes only: name a scope".to_owned());
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
