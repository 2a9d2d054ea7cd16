//! R: named arguments, `paste0` for parts of a string.

use super::{Coding, Rewrite, Target, parts, spaced};
use crate::{CellFacts, Span, facts::ExprKind};

pub(super) fn rewrite(text: &str, facts: &CellFacts, target: Target<'_>) -> Result<Rewrite, String> {
    let parts = parts(text, target.literal);
    let mut out = Rewrite::default();
    if is_glue(facts, target.literal) {
        return glue(target, &parts);
    }
    if let Some(part) = target.whole(&parts)
        && part.coding == Coding::Plain
    {
        let call = escaped(facts, target.literal, spaced(part.secret));
        let new = match parts.quote {
            // A number: `password <- 12345`.
            "" => format!("as.numeric({call})"),
            _ => call,
        };
        out.edits.push((target.literal, new));
        return Ok(out);
    }
    // A raw string `r"(…)"` has brackets inside its quotes.
    if parts.quote.is_empty() || !parts.prefix.is_empty() || target.parts.iter().any(|p| p.coding == Coding::Json) {
        return Err("put the value together with paste0 from one secret".to_owned());
    }
    let q = parts.quote;
    let (start, end) = (target.literal.start as usize, target.literal.end as usize);
    let last = target.parts.len() - 1;
    for (i, part) in target.parts.iter().enumerate() {
        let mut call = spaced(part.secret);
        if part.coding == Coding::Percent {
            call = format!("utils::URLencode({call}, reserved = TRUE)");
        }
        call = escaped(facts, target.literal, call);
        let (mut span, mut new) = (part.credential, String::new());
        match span.start == parts.inner.start {
            true => {
                span.start = target.literal.start;
                new.push_str("paste0(");
            }
            false => new.push_str(&format!("{q}, ")),
        }
        new.push_str(&call);
        match span.end == parts.inner.end && i == last {
            true => {
                span.end = target.literal.end;
                new.push(')');
            }
            false => new.push_str(&format!(", {q}")),
        }
        out.edits.push((span, new));
    }
    if out.edits.first().is_some_and(|(s, _)| s.start as usize != start) {
        out.edits.push((Span::new(start, start), "paste0(".into()));
    }
    if out.edits.iter().all(|(s, _)| s.end as usize != end) {
        out.edits.push((Span::new(end, end), ")".into()));
    }
    Ok(out)
}

/// `glue("…")`: what stands in braces is run there, also in a value that was put in before.
fn is_glue(facts: &CellFacts, literal: Span) -> bool {
    facts.around(literal).into_iter().any(|id| match &facts.expr(id).kind {
        ExprKind::Call { callee, args, .. } => {
            args.iter().any(|a| a.name.is_none() && facts.expr(a.value).span == literal)
                && facts.path(*callee).is_some_and(|p| {
                    matches!(p.rsplit(['.', ':']).next(), Some("glue" | "str_glue" | "glue_data" | "str_glue_data"))
                })
                && !args.iter().any(|a| a.name.as_ref().is_some_and(|(n, _)| matches!(&**n, ".open" | ".close")))
        }
        _ => false,
    })
}

/// One more pair of braces in a template.
fn glue(target: Target<'_>, parts: &super::Parts<'_>) -> Result<Rewrite, String> {
    if parts.quote.is_empty() || !parts.prefix.is_empty() || target.parts.iter().any(|p| p.coding == Coding::Json) {
        return Err("read the secret into a variable and name that in the template".to_owned());
    }
    let other = if parts.quote == "\"" { "'" } else { "\"" };
    let edits = target.parts.iter().map(|part| {
        let call = spaced(part.secret).replace('"', other);
        let call = match part.coding {
            Coding::Percent => format!("utils::URLencode({call}, reserved = TRUE)"),
            _ => call,
        };
        let credential = if part.credential == target.literal { parts.inner } else { part.credential };
        (credential, format!("{{{call}}}"))
    });
    Ok(Rewrite { edits: edits.collect(), ..Rewrite::default() })
}

/// In a template of `sprintf` a percent sign of the value has to be doubled.
fn escaped(facts: &CellFacts, literal: Span, call: String) -> String {
    let template = facts.around(literal).into_iter().any(|id| match &facts.expr(id).kind {
        ExprKind::Call { callee, args, .. } => {
            args.first().is_some_and(|a| facts.expr(a.value).span == literal)
                && facts.path(*callee).is_some_and(|p| matches!(&*p, "sprintf" | "gettextf" | "base.sprintf"))
        }
        ExprKind::Format { template, .. } => facts.expr(*template).span == literal,
        _ => false,
    });
    if template { format!("gsub(\"%\", \"%%\", {call}, fixed = TRUE)") } else { call }
}
