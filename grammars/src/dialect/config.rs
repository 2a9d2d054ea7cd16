//! Configuration documents: `{{secrets/scope/key}}`, quoted where the format needs it. It has to be the whole value.

use super::{Rewrite, SecretRef, Target, parts};
use crate::Language;

pub(super) fn rewrite(
    language: Language,
    text: &str,
    target: Target,
    secret: SecretRef<'_>,
) -> Result<Rewrite, String> {
    if secret.unity.is_some() {
        return Err("{{secrets/…}} reads from secret scopes only: name a scope".to_owned());
    }
    let parts = parts(text, target.literal);
    if !target.is_whole(&parts) {
        return Err("give the credential a key of its own: a reference has to be the whole value".to_owned());
    }
    let reference = format!("{{{{secrets/{}/{}}}}}", secret.scope, secret.key);
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
