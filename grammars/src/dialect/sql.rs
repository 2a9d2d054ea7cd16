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
    // No empty text at either end: `concat('Bearer ', secret(…))`.
    let (literal, last) = (target.literal, target.parts.len() - 1);
    for (i, part) in target.parts.iter().enumerate() {
        let (mut span, mut new) = (part.credential, reference(part.secret, quote));
        match i == 0 && span.start == inner.start {
            true => (span.start, new) = (literal.start, format!("concat({new}")),
            false => new.insert_str(0, &format!("{quote}, ")),
        }
        match i == last && span.end == inner.end {
            true => (span.end, new) = (literal.end, format!("{new})")),
            false => new.push_str(&format!(", {quote}")),
        }
        out.edits.push((span, new));
    }
    let (first, end) = (literal.start as usize, literal.end as usize);
    if out.edits.first().is_some_and(|(s, _)| s.start as usize != first) {
        out.edits.insert(0, (Span::new(first, first), "concat(".into()));
    }
    if out.edits.last().is_some_and(|(s, _)| s.end as usize != end) {
        out.edits.push((Span::new(end, end), ")".into()));
    }
    Ok(out)
}
