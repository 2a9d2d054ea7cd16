//! Scala: named arguments; strings are opened around the call, or become triple-quoted interpolations.

use super::{Rewrite, SecretRef, Target, parts, spaced};
use crate::{
    CellFacts, Span,
    facts::{Stmt, StmtKind},
};

pub(super) fn rewrite(text: &str, facts: &CellFacts, target: Target, secret: SecretRef<'_>) -> Result<Rewrite, String> {
    let parts = parts(text, target.literal);
    let call = spaced(secret);
    let mut out = Rewrite { dbutils: true, ..Rewrite::default() };
    if target.is_whole(&parts) {
        out.edits.push((target.literal, if parts.quote.is_empty() { format!("{call}.toInt") } else { call }));
        return Ok(out);
    }
    if parts.quote.is_empty() {
        return Err("put the value together from one secret".to_owned());
    }
    let (start, end) = (target.literal.start as usize, target.literal.end as usize);
    if parts.prefix.is_empty() {
        // `"a" + call + "b"`; parentheses where an operator or a method call stands beside it.
        if needs_parentheses(text, target.literal) {
            out.edits.push((Span::new(start, start), "(".into()));
            out.edits.push((Span::new(end, end), ")".into()));
        }
        let q = parts.quote;
        let (mut credential, mut new) = (target.credential, format!("{q} + {call} + {q}"));
        if credential.end == parts.inner.end {
            credential.end = target.literal.end;
            new = format!("{q} + {call}");
        }
        if credential.start == parts.inner.start {
            credential.start = target.literal.start;
            new = format!("{call} + {q}");
        }
        out.edits.push((credential, new));
        out.edits.sort_by_key(|(span, _)| *span);
        return Ok(out);
    }
    // An interpolation: an inner quote does not compile in every Scala 2 unless the string is triple-quoted.
    let inner = parts.inner.of(text);
    if parts.quote.len() == 3 {
        out.edits.push((target.credential, format!("${{{call}}}")));
        return Ok(out);
    }
    if !inner.contains(['\\', '"']) {
        let open = start + parts.prefix.len();
        out.edits.push((Span::new(open, open + 1), "\"\"\"".into()));
        out.edits.push((target.credential, format!("${{{call}}}")));
        out.edits.push((Span::new(end - 1, end), "\"\"\"".into()));
        return Ok(out);
    }
    let Some((line, indent)) = statement_line(text, &facts.body, target.literal) else {
        return Err("bind the secret to a val first, then interpolate it".to_owned());
    };
    let name = value_name(secret.key);
    out.edits.push((Span::new(line, line), format!("{indent}val {name} = {call}\n")));
    out.edits.push((target.credential, format!("${{{name}}}")));
    Ok(out)
}

/// `db-password` → `dbPassword`.
fn value_name(key: &str) -> String {
    let mut name = String::new();
    for (i, word) in key.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).enumerate() {
        let mut chars = word.chars();
        match chars.next() {
            Some(first) if i > 0 => name.extend(first.to_uppercase().chain(chars)),
            Some(first) => name.extend(first.to_lowercase().chain(chars)),
            None => {}
        }
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() { format!("secret{name}") } else { name }
}

fn needs_parentheses(text: &str, literal: Span) -> bool {
    let before = text[..literal.start as usize].trim_end();
    let after = text[literal.end as usize..].trim_start_matches([' ', '\t']);
    let alone_before = before.is_empty()
        || before.ends_with(['(', ',', '{'])
        || (before.ends_with('=') && !before.ends_with("=="))
        || before.ends_with("+");
    let alone_after = after.is_empty()
        || after.starts_with([')', ',', '\n', '\r', ';', '}'])
        || after.starts_with('+')
        || after.starts_with("//");
    !(alone_before && alone_after)
}

/// Start of the line on which the innermost statement around the literal begins, when it begins the line.
fn statement_line(text: &str, body: &[Stmt], literal: Span) -> Option<(usize, String)> {
    let mut best = None;
    let mut stack: Vec<&Stmt> = body.iter().collect();
    let mut steps = 0;
    while let Some(stmt) = stack.pop() {
        steps += 1;
        if steps > 100_000 || !stmt.span.contains(literal) {
            continue;
        }
        let start = stmt.span.start as usize;
        let line = text[..start].rfind('\n').map_or(0, |i| i + 1);
        if text[line..start].trim().is_empty() {
            best = Some((line, text[line..start].to_owned()));
        }
        match &stmt.kind {
            StmtKind::Function(f) => stack.extend(&f.body),
            StmtKind::Class(c) => stack.extend(&c.body),
            StmtKind::If { then, other, .. } => stack.extend(then.iter().chain(other)),
            StmtKind::For { body, .. } | StmtKind::While { body, .. } | StmtKind::Block(body) => stack.extend(body),
            StmtKind::Try { body, handlers, finally, .. } => {
                stack.extend(body.iter().chain(finally).chain(handlers.iter().flat_map(|h| &h.body)));
            }
            _ => {}
        }
    }
    best
}

/// Before the first import, or before the first definition after the package clause.
pub(super) fn import_offset(text: &str, facts: &CellFacts) -> usize {
    let line = |offset: usize| text[..offset].rfind('\n').map_or(0, |i| i + 1);
    let import = facts.body.iter().find(|s| matches!(s.kind, StmtKind::Import(_)));
    if let Some(stmt) = import {
        return line(stmt.span.start as usize);
    }
    let package = text.lines().scan(0, |at, l| {
        let start = *at;
        *at += l.len() + 1;
        Some((start, l))
    });
    for (start, l) in package {
        if l.starts_with("package ") {
            return (start + l.len() + 1).min(text.len());
        }
    }
    facts.body.first().map_or(0, |s| line(s.span.start as usize))
}
