//! R: named arguments, `paste0` for parts of a string.

use super::{
    Coding, Rewrite, Target,
    around::{Around, Level, Owner, executor_function},
    line_start, parts, spaced,
};
use crate::{CellFacts, Language, Span, facts::ExprKind};

pub(super) fn rewrite(text: &str, facts: &CellFacts, target: Target<'_>) -> Result<Rewrite, String> {
    let mut out = Rewrite::default();
    let around = Around::of(facts, target.literal);
    // There is no `dbutils` on the workers: the value is read before and goes along with the function.
    let names = match executor_function(Language::R, facts, &around, target.program) {
        // `{password_2}` in the braces of a template reads like a value.
        Some(_) if is_glue(facts, target.literal) => {
            return Err("read the secret before this function, on the driver, and paste it into the text".to_owned());
        }
        // sparklyr takes no variables of the session along.
        Some(_) if target.program.calls("spark_apply") => {
            return Err(
                "read the secret on the driver and hand it on as `context` of spark_apply: variables do not go along"
                    .to_owned(),
            );
        }
        Some(level) => {
            let (line, indent) = driver_line(text, &around, level)?;
            bind(text, target, (line, indent), &mut out)
        }
        None => Vec::new(),
    };
    let read = |part: usize| names.get(part).cloned().unwrap_or_else(|| spaced(target.parts[part].secret));
    let mut parts = parts(text, target.literal);
    let raw = raw(text, &parts);
    if let Some((_, _, inner)) = &raw {
        parts.inner = *inner;
    }
    if is_glue(facts, target.literal) {
        out.edits.extend(glue(target, &parts, &names)?);
        return Ok(out);
    }
    if let Some(part) = target.whole(&parts)
        && part.coding == Coding::Plain
    {
        let call = escaped(facts, target.literal, read(0));
        let new = match parts.quote {
            // A number: `password <- 12345`.
            "" => format!("as.numeric({call})"),
            _ => call,
        };
        out.edits.push((target.literal, new));
        return Ok(out);
    }
    let is_json = target.parts.iter().any(|p| p.coding == Coding::Json);
    if parts.quote.is_empty() || raw.is_none() && !parts.prefix.is_empty() || is_json {
        return Err("put the value together with paste0 from one secret".to_owned());
    }
    let (open, close) = match &raw {
        Some((open, close, _)) => (*open, *close),
        None => (parts.quote, parts.quote),
    };
    let (start, end) = (target.literal.start, target.literal.end);
    let last = target.parts.len() - 1;
    let mut edits = Vec::new();
    for (i, part) in target.parts.iter().enumerate() {
        let mut call = read(i);
        if part.coding == Coding::Percent {
            call = format!("utils::URLencode({call}, reserved = TRUE)");
        }
        call = escaped(facts, target.literal, call);
        let (mut span, mut new) = (part.credential, String::new());
        match span.start == parts.inner.start {
            true => {
                span.start = start;
                new.push_str("paste0(");
            }
            false => new.push_str(&format!("{close}, ")),
        }
        new.push_str(&call);
        match span.end == parts.inner.end && i == last {
            true => {
                span.end = end;
                new.push(')');
            }
            false => new.push_str(&format!(", {open}")),
        }
        edits.push((span, new));
    }
    if edits.first().is_some_and(|(s, _): &(Span, String)| s.start != start) {
        edits.push((Span { start, end: start }, "paste0(".into()));
    }
    if edits.iter().all(|(s, _)| s.end != end) {
        edits.push((Span { start: end, end }, ")".into()));
    }
    out.edits.append(&mut edits);
    Ok(out)
}

/// How a raw string `r"--(…)--"` begins and ends, and what stands between.
fn raw<'t>(text: &'t str, parts: &super::Parts<'t>) -> Option<(&'t str, &'t str, Span)> {
    if !matches!(parts.prefix, "r" | "R") || parts.quote.len() != 1 {
        return None;
    }
    let (start, end) = (parts.inner.start as usize, parts.inner.end as usize);
    let inner = text.get(start..end)?;
    let dashes = inner.len() - inner.trim_start_matches('-').len();
    let closing = match inner.as_bytes().get(dashes)? {
        b'(' => ')',
        b'[' => ']',
        b'{' => '}',
        _ => return None,
    };
    let wide = dashes + 1;
    let body = inner.get(wide..inner.len().checked_sub(wide)?)?;
    inner[wide + body.len()..].starts_with(closing).then_some(())?;
    let open = text.get(start - 1 - parts.prefix.len()..start + wide)?;
    let close = text.get(end - wide..end + 1)?;
    Some((open, close, Span::new(start + wide, end - wide)))
}

/// Lines `name <- call` before a statement; the names.
fn bind(text: &str, target: Target<'_>, (line, indent): (usize, &str), out: &mut Rewrite) -> Vec<String> {
    let mut code = String::new();
    let mut names = Vec::new();
    for part in target.parts {
        let wanted: String = part
            .secret
            .key
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
            .collect();
        let wanted =
            if wanted.starts_with(|c: char| c.is_ascii_alphabetic()) { wanted } else { format!("secret_{wanted}") };
        let name = target.free_name(Language::R, (text, line), &wanted, part.secret);
        code.push_str(&format!("{indent}{name} <- {}\n", spaced(part.secret)));
        names.push(name);
    }
    out.edits.push((Span::new(line, line), code));
    names
}

/// The line before the statement of a function for the workers, or before one around it that stands in a block.
fn driver_line<'t>(text: &'t str, around: &Around<'_>, level: Level<'_>) -> Result<(usize, &'t str), String> {
    let from = around.levels.iter().position(|l| std::ptr::eq(l.stmt, level.stmt)).unwrap_or_default();
    let in_block = |level: &&Level<'_>| {
        let first = level.block.first().map_or(0, |s| s.span.start as usize);
        matches!(level.owner, Owner::Module) || text.get(..first).is_some_and(|t| t.trim_end().ends_with('{'))
    };
    let lines = around.levels[..=from].iter().rev().filter(in_block);
    lines
        .filter_map(|l| line_start(text, l.stmt.span.start as usize))
        .next()
        .ok_or_else(|| "read the secret before this function, on the driver, and let the function use it".into())
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
fn glue(target: Target<'_>, parts: &super::Parts<'_>, names: &[String]) -> Result<Vec<(Span, String)>, String> {
    if parts.quote.is_empty() || !parts.prefix.is_empty() || target.parts.iter().any(|p| p.coding == Coding::Json) {
        return Err("read the secret into a variable and name that in the template".to_owned());
    }
    let other = if parts.quote == "\"" { "'" } else { "\"" };
    let edits = target.parts.iter().enumerate().map(|(i, part)| {
        let call = names.get(i).cloned().unwrap_or_else(|| spaced(part.secret).replace('"', other));
        let call = match part.coding {
            Coding::Percent => format!("utils::URLencode({call}, reserved = TRUE)"),
            _ => call,
        };
        let credential = if part.credential == target.literal { parts.inner } else { part.credential };
        (credential, format!("{{{call}}}"))
    });
    Ok(edits.collect())
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
