//! Python: calls, f-strings, defaults.

use super::{Accepts, Parts, Rewrite, SecretRef, Target, parts};
use crate::{
    CellFacts, Span,
    facts::{Class, ExprId, ExprKind, Function, Stmt, StmtKind},
};

pub(super) fn reference(secret: SecretRef<'_>, q: char) -> String {
    match secret.unity {
        Some((catalog, schema)) => {
            format!("dbutils.secrets.get(catalog={q}{catalog}{q}, schema={q}{schema}{q}, key={q}{}{q})", secret.key)
        }
        None => format!("dbutils.secrets.get(scope={q}{}{q}, key={q}{}{q})", secret.scope, secret.key),
    }
}

pub(super) fn rewrite(
    text: &str,
    facts: &CellFacts,
    target: Target,
    accepts: Accepts,
    secret: SecretRef<'_>,
) -> Result<Rewrite, String> {
    let parts = parts(text, target.literal);
    let mut out = Rewrite { dbutils: true, ..Rewrite::default() };
    let own = parts.quote.chars().next().unwrap_or('"');
    let has = |c: char| parts.prefix.chars().any(|p| p.eq_ignore_ascii_case(&c));
    if target.is_whole(&parts) {
        let call = reference(secret, own);
        let new = if parts.quote.is_empty() {
            // A number: `password=12345`.
            format!("int({call})")
        } else if has('b') {
            format!("{call}.encode()")
        } else {
            call
        };
        if accepts == Accepts::Definition && default(facts, text, target.literal, &new, &mut out) {
            return Ok(out);
        }
        if field(facts, target.literal) {
            out.edits.push((target.literal, format!("field(default_factory=lambda: {new})")));
            if !names(facts, "field") {
                out.imports.push("from dataclasses import field");
            }
            return Ok(out);
        }
        let neighbours = has_neighbour(text, target.literal);
        let new = if !neighbours {
            new
        } else if has('b') {
            format!("{}{}{}", joint(text, target.literal, true), new, joint(text, target.literal, false))
        } else {
            let q = own;
            format!("f{q}{{{}}}{q}", reference(secret, other(own)))
        };
        out.edits.push((target.literal, new));
        return Ok(out);
    }
    if parts.quote.is_empty() {
        return Err("put the value together from one secret".to_owned());
    }
    if has('b') {
        let (p, q) = (parts.prefix, parts.quote);
        out.edits.push((at(target.literal.start), "(".into()));
        out.edits.push((target.credential, format!("{q} + {}.encode() + {p}{q}", reference(secret, own))));
        out.edits.push((at(target.literal.end), ")".into()));
        return Ok(out);
    }
    let mut call = reference(secret, other(own));
    if is_encoded(text, &target) {
        let q = other(own);
        call = format!("urllib.parse.quote({call}, safe={q}{q})");
        if !text.contains("import urllib.parse") {
            out.imports.push("import urllib.parse");
        }
    }
    if !has('f') {
        match template(facts, target.literal) {
            Some(Template::Format { close }) => {
                // A named slot: braces of the template keep their meaning.
                let name = format!("secret_{}", secret.key.replace(|c: char| !c.is_ascii_alphanumeric(), "_"));
                out.edits.push((target.credential, format!("{{{name}}}")));
                let before = text[..close].trim_end();
                let comma = if before.ends_with(['(', ',']) { "" } else { ", " };
                out.edits.push((Span::new(close, close), format!("{comma}{name}={}", reference(secret, own))));
                return Ok(out);
            }
            Some(Template::Percent) => {
                let q = other(own);
                call = format!("{call}.replace({q}%{q}, {q}%%{q})");
            }
            None => {}
        }
        if parts.inner.of(text).contains("\\N{") {
            return Err("put the value together from the literal and one secret".to_owned());
        }
        // The prefix: `f`, and no `u`.
        let prefix: String = parts.prefix.chars().filter(|c| !c.eq_ignore_ascii_case(&'u')).collect();
        let start = target.literal.start as usize;
        out.edits.push((Span::new(start, start + parts.prefix.len()), format!("{prefix}f")));
        braces(text, &parts, &target, &mut out);
    }
    out.edits.push((target.credential, format!("{{{call}}}")));
    out.edits.sort_by_key(|(span, _)| *span);
    Ok(out)
}

fn at(offset: u32) -> Span {
    Span { start: offset, end: offset }
}

fn other(q: char) -> char {
    if q == '"' { '\'' } else { '"' }
}

/// Braces of a plain string are doubled when it becomes an f-string.
fn braces(text: &str, parts: &Parts<'_>, target: &Target, out: &mut Rewrite) {
    for (i, c) in parts.inner.of(text).char_indices() {
        let span = Span::new(parts.inner.start as usize + i, parts.inner.start as usize + i + 1);
        if matches!(c, '{' | '}') && !target.credential.overlaps(span) {
            out.edits.push((span, c.to_string().repeat(2)));
        }
    }
}

/// `%41` in the userinfo of a URL: the secret holds the text, the URL its encoding.
fn is_encoded(text: &str, target: &Target) -> bool {
    let value = target.credential.of(text);
    let hex = value
        .match_indices('%')
        .any(|(i, _)| value.get(i + 1..i + 3).is_some_and(|h| h.bytes().all(|b| b.is_ascii_hexdigit())));
    let before = Span { start: target.literal.start, end: target.credential.start };
    hex && before.of(text).contains("://") && text[target.credential.end as usize..].starts_with('@')
}

/// Another string touches this one: implicit concatenation.
fn has_neighbour(text: &str, literal: Span) -> bool {
    let before = text[..literal.start as usize].trim_end();
    let after = text[literal.end as usize..].trim_start();
    let string_start = |s: &str| {
        let rest = s.trim_start_matches(|c: char| "rRbBfFuU".contains(c));
        s.len() - rest.len() <= 2 && rest.starts_with(['"', '\''])
    };
    (before.ends_with(['"', '\'']) && !before.ends_with("\\'")) || string_start(after)
}

fn joint(text: &str, literal: Span, left: bool) -> &'static str {
    let touches = if left {
        text[..literal.start as usize].trim_end().ends_with(['"', '\''])
    } else {
        text[literal.end as usize..].trim_start().starts_with(|c: char| "\"'bBrR".contains(c))
    };
    match (touches, left) {
        (true, true) => "+ ",
        (true, false) => " +",
        _ => "",
    }
}

enum Template {
    /// Offset of the closing parenthesis of `.format(…)`.
    Format {
        close: usize,
    },
    Percent,
}

/// What fills the literal in, when it is a template.
fn template(facts: &CellFacts, literal: Span) -> Option<Template> {
    facts.exprs.iter().find_map(|expr| {
        let ExprKind::Format { template, .. } = &expr.kind else { return None };
        let inside = facts.expr(*template).span.contains(literal);
        let rest = Span { start: facts.expr(*template).span.end, end: expr.span.end };
        inside.then(|| {
            if rest.len() > 1 && is_format(facts, expr.span, rest) {
                Template::Format { close: expr.span.end as usize - 1 }
            } else {
                Template::Percent
            }
        })
    })
}

/// `.format(` calls end with their parenthesis; `%` has none of its own: told apart by the arguments' spans.
fn is_format(facts: &CellFacts, whole: Span, rest: Span) -> bool {
    let ExprKind::Format { args, .. } = &facts
        .exprs
        .iter()
        .find(|e| e.span == whole && matches!(e.kind, ExprKind::Format { .. }))
        .map_or(&ExprKind::Other(Vec::new()), |e| &e.kind)
        .clone()
    else {
        return false;
    };
    // The last argument of `%` ends where the expression ends.
    args.last().is_none_or(|a| a.span.end < rest.end && facts.expr(a.value).span.end < rest.end)
}

/// `def f(password="…")`: `None`, and the secret is read in the body.
fn default(facts: &CellFacts, text: &str, literal: Span, new: &str, out: &mut Rewrite) -> bool {
    let Some((function, name)) = find_default(&facts.body, facts, literal, 0) else { return false };
    let docstring = |s: &Stmt| matches!(s.kind, StmtKind::Expr(id) if matches!(facts.expr(id).kind, ExprKind::Str(_)));
    let Some(first) = function.body.iter().find(|s| !docstring(s)) else { return false };
    let start = first.span.start as usize;
    let line = text[..start].rfind('\n').map_or(0, |i| i + 1);
    let indent = &text[line..start];
    if !indent.trim().is_empty() || line == 0 {
        return false;
    }
    out.edits.push((literal, "None".into()));
    let code = format!("if {name} is None:\n{indent}    {name} = {new}\n{indent}");
    out.edits.push((Span::new(start, start), code));
    true
}

fn find_default<'f>(
    body: &'f [Stmt],
    facts: &CellFacts,
    literal: Span,
    depth: usize,
) -> Option<(&'f Function, &'f str)> {
    if depth > 40 {
        return None;
    }
    body.iter().filter(|s| s.span.contains(literal)).find_map(|stmt| match &stmt.kind {
        StmtKind::Function(function) => function
            .params
            .iter()
            .find(|p| p.default.is_some_and(|d| facts.expr(d).span == literal))
            .map(|p| (&**function, &*p.name))
            .or_else(|| find_default(&function.body, facts, literal, depth + 1)),
        StmtKind::Class(class) => find_default(&class.body, facts, literal, depth + 1),
        StmtKind::If { then, other, .. } => {
            find_default(then, facts, literal, depth + 1).or_else(|| find_default(other, facts, literal, depth + 1))
        }
        StmtKind::Block(body) | StmtKind::With { body, .. } => find_default(body, facts, literal, depth + 1),
        _ => None,
    })
}

/// A field of a dataclass has the literal as default.
fn field(facts: &CellFacts, literal: Span) -> bool {
    let is_dataclass = |class: &Class| {
        class.decorators.iter().any(|&d| {
            let path = facts.path(d).unwrap_or_default();
            path.trim_end_matches("()").rsplit('.').next() == Some("dataclass")
        })
    };
    let is_value = |id: ExprId| facts.expr(id).span == literal;
    facts.body.iter().any(|stmt| match &stmt.kind {
        StmtKind::Class(class) if is_dataclass(class) => class
            .body
            .iter()
            .any(|s| matches!(&s.kind, StmtKind::Bind { value, annotation: Some(_), .. } if is_value(*value))),
        _ => false,
    })
}

fn names(facts: &CellFacts, alias: &str) -> bool {
    facts
        .body
        .iter()
        .any(|s| matches!(&s.kind, StmtKind::Import(imports) if imports.iter().any(|i| &*i.alias == alias)))
}

/// Behind the docstring and `__future__` imports, at the start of a line.
pub(super) fn import_offset(text: &str, facts: &CellFacts) -> usize {
    let mut end = 0;
    for (i, stmt) in facts.body.iter().enumerate() {
        let docstring =
            i == 0 && matches!(stmt.kind, StmtKind::Expr(id) if matches!(facts.expr(id).kind, ExprKind::Str(_)));
        let future =
            matches!(&stmt.kind, StmtKind::Import(imports) if imports.iter().any(|i| i.path.starts_with("__future__")));
        if docstring || future {
            end = stmt.span.end as usize;
        } else {
            let start = stmt.span.start as usize;
            return text[..start].rfind('\n').map_or(0, |i| i + 1).max(end.min(start));
        }
    }
    text[end..].find('\n').map_or(text.len(), |i| end + i + 1)
}
