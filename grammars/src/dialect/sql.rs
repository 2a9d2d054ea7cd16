//! SQL: `secret('scope','key')`, with the quotes that the literal has (they may be escaped in a host string).

use super::{Rewrite, SecretRef, Target};
use crate::Span;

pub(super) fn reference(secret: SecretRef<'_>, quote: &str) -> String {
    format!("secret({quote}{}{quote},{quote}{}{quote})", secret.scope, secret.key)
}

pub(super) fn rewrite(text: &str, target: Target<'_>) -> Result<Rewrite, String> {
    if target.parts.iter().any(|p| p.secret.unity.is_some()) {
        return Err("SQL secret() does not read Unity Catalog secrets: use a scope here".to_owned());
    }
    let source = target.literal.of(text);
    let open = source.len() - source.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
    let rest = &source[open..];
    // `\'x\'` in a host string is delimited by both characters.
    let quote = if rest.starts_with('\\') { rest.get(..2) } else { rest.get(..1) };
    let Some(quote) = quote.filter(|q| q.ends_with(['\'', '"']) && rest.len() >= 2 * q.len() && rest.ends_with(q))
    else {
        return Err("replace the value by secret('scope','key')".to_owned());
    };
    let inner =
        Span::new(target.literal.start as usize + open + quote.len(), target.literal.end as usize - quote.len());
    let mut out = Rewrite::default();
    if let [only] = target.parts
        && (only.credential == inner || only.credential == target.literal)
    {
        out.edits.push((target.literal, reference(only.secret, quote)));
        return Ok(out);
    }
    let (first, last) = (target.literal.start as usize, target.literal.end as usize);
    out.edits.push((Span::new(first, first), "concat(".into()));
    for part in target.parts {
        out.edits.push((part.credential, format!("{quote}, {}, {quote}", reference(part.secret, quote))));
    }
    out.edits.push((Span::new(last, last), ")".into()));
    Ok(out)
}
