//! R: named arguments, `paste0` for parts of a string.

use super::{Rewrite, SecretRef, Target, parts, spaced};
use crate::Span;

pub(super) fn rewrite(text: &str, target: Target, secret: SecretRef<'_>) -> Result<Rewrite, String> {
    let parts = parts(text, target.literal);
    let call = spaced(secret);
    let mut out = Rewrite::default();
    if target.is_whole(&parts) {
        out.edits.push((target.literal, call));
        return Ok(out);
    }
    if parts.quote.is_empty() || !parts.prefix.is_empty() {
        return Err("put the value together with paste0 from one secret".to_owned());
    }
    let q = parts.quote;
    let (start, end) = (target.literal.start as usize, target.literal.end as usize);
    out.edits.push((Span::new(start, start), "paste0(".into()));
    out.edits.push((target.credential, format!("{q}, {call}, {q}")));
    out.edits.push((Span::new(end, end), ")".into()));
    Ok(out)
}
