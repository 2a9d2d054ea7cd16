//! Scala: named arguments; strings are opened around the call, become triple-quoted interpolations, or use a `val` that
//! is bound before.

use super::{
    Coding, Part, Rewrite, Target,
    around::{Around, Level, Owner, executor_function, stand_in},
    later, line_start, parts, space_before, spaced,
};
use crate::{
    CellFacts, Language, Span,
    facts::{ExprId, ExprKind, Stmt, StmtKind},
};

const IMPORT: &str = "import com.databricks.dbutils_v1.DBUtilsHolder.dbutils";

pub(super) fn rewrite(text: &str, facts: &CellFacts, target: Target<'_>) -> Result<Rewrite, String> {
    let literal = target.literal;
    let around = Around::of(facts, literal);
    let parts = parts(text, literal);
    let is_template = is_template(facts, literal);
    let mut out = Rewrite { dbutils: true, ..Rewrite::default() };
    if in_annotation(text, &around, literal) {
        return Err("an annotation takes constants only: read the secret in the code".to_owned());
    }
    let credentials: Vec<Span> = target.parts.iter().map(|p| p.credential).collect();
    if later::is_filled_later(text, &around, &credentials, target.program) {
        return Err("put the secret in where the template is filled in".to_owned());
    }
    if is_pattern(facts, literal) {
        return Err(
            "give the secret to the pattern as one more argument: braces and quotes stand for something there".into()
        );
    }
    if let Some(level) = executor_function(Language::Scala, facts, &around, target.program) {
        let (line, indent) = driver_line(text, &around, level)?;
        let names = bind(text, target, line, indent, &mut out);
        with_names(text, target, &parts, (&names, is_template), &mut out)?;
        return Ok(out);
    }
    if let Some(part) = target.whole(&parts)
        && part.coding == Coding::Plain
    {
        let call = spaced(part.secret);
        let new = match parts.quote {
            "" if literal.of(text).ends_with(['L', 'l']) => format!("{call}.toLong"),
            "" => format!("{call}.toInt"),
            _ => call,
        };
        out.edits.push((literal, format!("{}{new}", space_before(text, literal.start))));
        return Ok(out);
    }
    if parts.quote.is_empty() || target.parts.iter().any(|p| p.coding == Coding::Json) {
        return Err("put the value together from one secret".to_owned());
    }
    if parts.prefix.is_empty() {
        open(text, target, (&parts, is_template), &mut out);
        return Ok(out);
    }
    // An interpolation: an inner quote does not compile in every Scala 2 unless the string is triple-quoted.
    let (start, end) = (literal.start as usize, literal.end as usize);
    let inner = parts.inner.of(text);
    if parts.quote.len() == 3 || !inner.contains(['\\', '"']) {
        if parts.quote.len() == 1 {
            let open = start + parts.prefix.len();
            out.edits.push((Span::new(open, open + 1), "\"\"\"".into()));
            out.edits.push((Span::new(end - 1, end), "\"\"\"".into()));
        }
        for part in target.parts {
            out.edits.push((part.credential, format!("${{{}}}", filled(call(part), is_template))));
        }
        return Ok(out);
    }
    let Some((line, indent)) = val_line(text, &around) else {
        return Err("bind the secret to a val first, then interpolate it".to_owned());
    };
    let names = bind(text, target, line, indent, &mut out);
    with_names(text, target, &parts, (&names, is_template), &mut out)?;
    Ok(out)
}

/// The call that gives the credential as the text around it needs it.
fn call(part: &Part<'_>) -> String {
    encoded(part, spaced(part.secret))
}

fn encoded(part: &Part<'_>, value: String) -> String {
    match part.coding {
        Coding::Percent => format!("java.net.URLEncoder.encode({value}, \"UTF-8\").replace(\"+\", \"%20\")"),
        _ => value,
    }
}

/// A percent sign of the value stands for itself in a template of `format`.
fn filled(value: String, is_template: bool) -> String {
    if is_template { format!("{value}.replace(\"%\", \"%%\")") } else { value }
}

/// `"…".format(x)`, `"…".formatted(x)`, `String.format("…", x)`.
fn is_template(facts: &CellFacts, literal: Span) -> bool {
    let within = |id: ExprId| facts.expr(id).span.contains(literal);
    facts.around(literal).into_iter().any(|id| match &facts.expr(id).kind {
        ExprKind::Format { template, .. } => within(*template),
        ExprKind::Call { callee, args, .. } => match &facts.expr(*callee).kind {
            ExprKind::Attr { base, name, .. } if &**name == "format" => {
                facts.path(*callee).is_some_and(|p| p.ends_with("String.format"))
                    && args.first().is_some_and(|a| within(a.value))
                    || matches!(facts.expr(*base).kind, ExprKind::Str(_) | ExprKind::Concat(_) | ExprKind::Same(_))
                        && within(*base)
            }
            _ => false,
        },
        _ => false,
    })
}

/// `MessageFormat.format("…", x)`
fn is_pattern(facts: &CellFacts, literal: Span) -> bool {
    facts.around(literal).into_iter().any(|id| match &facts.expr(id).kind {
        ExprKind::Call { callee, args, .. } => {
            args.first().is_some_and(|a| facts.expr(a.value).span.contains(literal))
                && facts.path(*callee).is_some_and(|p| p.ends_with("MessageFormat.format"))
        }
        _ => false,
    })
}

/// `"a" + call + "b"`; parentheses where an operator or a method call stands beside it.
fn open(text: &str, target: Target<'_>, (parts, is_template): (&super::Parts<'_>, bool), out: &mut Rewrite) {
    let literal = target.literal;
    let q = parts.quote;
    let last = target.parts.len() - 1;
    let mut edits: Vec<(Span, String)> = Vec::new();
    for (i, part) in target.parts.iter().enumerate() {
        let (mut span, mut new) = (part.credential, String::new());
        match span.start == parts.inner.start {
            true => {
                span.start = literal.start;
                new.push_str(space_before(text, literal.start));
            }
            false => new.push_str(&format!("{q} + ")),
        }
        new.push_str(&filled(call(part), is_template));
        match span.end == parts.inner.end && i == last {
            true => span.end = literal.end,
            false => new.push_str(&format!(" + {q}")),
        }
        edits.push((span, new));
    }
    if needs_parentheses(text, literal) {
        match edits.first_mut() {
            Some((span, new)) if span.start == literal.start => new.insert(usize::from(new.starts_with(' ')), '('),
            _ => edits.insert(0, (Span { start: literal.start, end: literal.start }, "(".into())),
        }
        match edits.last_mut() {
            Some((span, new)) if span.end == literal.end => new.push(')'),
            _ => edits.push((Span { start: literal.end, end: literal.end }, ")".into())),
        }
    }
    out.edits.append(&mut edits);
}

/// Lines `val name = call` at a line start; the names.
fn bind(text: &str, target: Target<'_>, line: usize, indent: &str, out: &mut Rewrite) -> Vec<String> {
    let mut code = String::new();
    let mut names = Vec::new();
    for part in target.parts {
        let name = target.free_name(Language::Scala, (text, line), &value_name(part.secret.key), part.secret);
        code.push_str(&format!("{indent}val {name} = {}\n", spaced(part.secret)));
        names.push(name);
    }
    out.edits.push((Span::new(line, line), code));
    names
}

/// The literal with names that are bound in place of its credentials.
fn with_names(
    text: &str,
    target: Target<'_>,
    parts: &super::Parts<'_>,
    (names, is_template): (&[String], bool),
    out: &mut Rewrite,
) -> Result<(), String> {
    if let (Some(_), [name]) = (target.whole(parts), names) {
        out.edits.push((target.literal, format!("{}{name}", space_before(text, target.literal.start))));
        return Ok(());
    }
    if parts.quote.is_empty() || target.parts.iter().any(|p| p.coding != Coding::Plain && parts.quote.len() == 1) {
        return Err("put the value together from one secret".to_owned());
    }
    if parts.prefix.is_empty() {
        // A plain string becomes an interpolation: its dollars are doubled.
        let start = target.literal.start as usize;
        out.edits.push((Span::new(start, start), format!("{}s", space_before(text, target.literal.start))));
        for (i, _) in parts.inner.of(text).match_indices('$') {
            let here = parts.inner.start as usize + i;
            let span = Span::new(here, here + 1);
            if !target.parts.iter().any(|p| p.credential.overlaps(span)) {
                out.edits.push((span, "$$".into()));
            }
        }
    }
    for (part, name) in target.parts.iter().zip(names) {
        out.edits.push((part.credential, format!("${{{}}}", filled(encoded(part, name.clone()), is_template))));
    }
    Ok(())
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
        || before.ends_with(['(', ',', '{', ';'])
        || before.ends_with("=>")
        || (before.ends_with('=') && !before.ends_with("=="))
        || before.ends_with('+');
    let alone_after = after.is_empty()
        || after.starts_with([')', ',', '\n', '\r', ';', '}'])
        || after.starts_with('+')
        || after.starts_with("//");
    !(alone_before && alone_after)
}

/// Where code of a statement is looked through at most.
const LOOK_BACK: usize = 4096;

/// `@Annotation("…")`; not what the annotation is on: `@transient val password = "…"`.
fn in_annotation(text: &str, around: &Around<'_>, literal: Span) -> bool {
    let end = literal.start as usize;
    let line = text[..end].rfind('\n').map_or(0, |i| i + 1);
    let stmt = around.levels.last().map_or(line, |l| l.stmt.span.start as usize);
    let start = if end - stmt.min(end) > LOOK_BACK { line } else { stmt.min(line) };
    let Some(before) = text.get(start..end).filter(|t| t.contains('@')) else { return false };
    let mut open: Vec<bool> = Vec::new();
    let (mut quoted, mut escaped, mut head) = (false, false, false);
    for c in before.chars() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => quoted = true,
            '(' | '[' | '{' => open.push(head && c == '('),
            ')' | ']' | '}' => {
                open.pop();
            }
            _ => {}
        }
        // `@a.b[T](`
        head = c == '@' || head && (c.is_alphanumeric() || matches!(c, '.' | '_' | '[' | ']'));
    }
    open.contains(&true)
}

/// Where a val is bound on the driver for a function that runs on the executors: before its statement, or before one
/// around it.
fn driver_line<'t>(text: &'t str, around: &Around<'_>, level: Level<'_>) -> Result<(usize, &'t str), String> {
    match &level.stmt.kind {
        StmtKind::Class(class) if class.is_object => {
            return Err(
                "read the secret in a method that runs on the driver, and hand it on: executors make this object anew"
                    .into(),
            );
        }
        StmtKind::Class(_) => {
            return Err("read the secret on the driver and give it to the class as a parameter".into());
        }
        _ => {}
    }
    let is_method = matches!(level.stmt.kind, StmtKind::Function(_));
    let from = around.levels.iter().position(|l| std::ptr::eq(l.stmt, level.stmt)).unwrap_or_default();
    for level in around.levels[..=from].iter().rev() {
        // The executors make an object anew, and a class would go along with the function.
        if let Owner::Class(class) = level.owner
            && (class.is_object || !is_method)
        {
            return Err(
                "read the secret in a method that runs on the driver, and let the function use that value".into()
            );
        }
        if is_block(text, level)
            && let Some(line) = line_start(text, level.stmt.span.start as usize)
        {
            return Ok(line);
        }
    }
    Err("read the secret before this function, on the driver, and let the function use it".into())
}

/// Start of the line of the innermost statement that stands in a block: in a body without braces one more line would
/// be another statement.
fn val_line<'t>(text: &'t str, around: &Around<'_>) -> Option<(usize, &'t str)> {
    around
        .levels
        .iter()
        .rev()
        .filter(|level| is_block(text, level))
        .find_map(|level| line_start(text, level.stmt.span.start as usize))
}

fn is_block(text: &str, level: &Level<'_>) -> bool {
    if matches!(level.owner, Owner::Module) {
        return true;
    }
    let Some(first) = level.block.first() else { return false };
    let before = text.get(..first.span.start as usize).unwrap_or("");
    let before = without_comments(before);
    if before.ends_with('{') {
        return true;
    }
    // `case x =>` starts a block, `{ x =>` too, `(x =>` does not.
    let Some(head) = before.strip_suffix("=>") else { return false };
    let opened = head.rfind(['{', '(', '\n']).map_or("", |i| &head[i..]);
    opened.starts_with('{') || opened.trim_start_matches(['{', '(', '\n', ' ', '\t']).starts_with("case ")
}

/// Without blanks and line comments at the end.
fn without_comments(text: &str) -> &str {
    let mut rest = text.trim_end();
    loop {
        let line = rest.rfind('\n').map_or(0, |i| i + 1);
        match rest[line..].trim_start().starts_with("//") {
            true => rest = rest[..line].trim_end(),
            false => return rest,
        }
    }
}

/// `sys.env.get("X").getOrElse("…")` becomes the reference as a whole; any other `Option` wraps it.
pub(super) fn read_instead(text: &str, facts: &CellFacts, span: Span, reference: String) -> (Span, String) {
    let around = Around::of(facts, span);
    let is_option = facts.around(span).into_iter().map(|id| facts.expr(id)).any(|e| {
        e.span == span
            && match &e.kind {
                ExprKind::Call { callee, .. } => facts.path(*callee).is_some_and(|p| is_option_read(&p)),
                _ => false,
            }
    });
    // `sys.env.get("X").getOrElse("…")`, `Option(System.getenv("X")).filter(_.nonEmpty).getOrElse("…")`
    let fallback = |id: &ExprId| {
        let (first, _) = stand_in(facts, *id)?;
        (facts.expr(first).span == span).then(|| facts.expr(*id).span)
    };
    if let Some(whole) = around.exprs.iter().find_map(fallback) {
        return (whole, reference);
    }
    if !is_option {
        return (span, reference);
    }
    // `.get` of an Option.
    let get = text.get(span.end as usize..).and_then(|rest| rest.strip_prefix(".get"));
    if get.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '(')) {
        return (Span { start: span.start, end: span.end + 4 }, reference);
    }
    (span, format!("Option({reference})"))
}

fn is_option_read(path: &str) -> bool {
    path.ends_with("env.get") || path.ends_with("envOrNone") || path.ends_with("props.get")
}

/// Whether a function, class or block around `place` has a `dbutils` of its own.
pub(super) fn has_dbutils(facts: &CellFacts, place: Span) -> bool {
    Around::of(facts, place).levels.iter().any(|level| {
        let named = |params: &[crate::facts::Param]| params.iter().any(|p| &*p.name == "dbutils");
        let own = match &level.stmt.kind {
            StmtKind::Function(f) => named(&f.params),
            StmtKind::Class(c) => named(&c.params),
            _ => false,
        };
        let of_owner = match level.owner {
            Owner::Function(f) => named(&f.params),
            Owner::Class(c) => named(&c.params),
            Owner::Module | Owner::Other => false,
        };
        own || of_owner || level.block.iter().any(brings_dbutils)
    })
}

fn brings_dbutils(stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::Import(imports) => {
            imports.iter().any(|i| &*i.alias == "dbutils" || i.path.ends_with("DBUtilsHolder") && &*i.alias == "_")
        }
        StmtKind::Bind { targets, .. } => {
            targets.iter().any(|t| matches!(t, crate::facts::Target::Name { name, .. } if &**name == "dbutils"))
        }
        _ => false,
    }
}

/// The insertion that brings `dbutils` into scope in a JAR's source; `None` when the file has it for all of its code.
pub(super) fn dbutils_import(text: &str, facts: &CellFacts) -> Option<(usize, String)> {
    let mut stack: Vec<&Stmt> = facts.body.iter().collect();
    while let Some(stmt) = stack.pop() {
        match &stmt.kind {
            StmtKind::Block(body) => stack.extend(body),
            _ if brings_dbutils(stmt) => return None,
            _ => {}
        }
    }
    Some((import_offset(text, facts), format!("{IMPORT}\n")))
}

/// Before the first import, or before the first definition, after the package clauses.
pub(super) fn import_offset(text: &str, facts: &CellFacts) -> usize {
    let line = |offset: usize| text[..offset].rfind('\n').map_or(0, |i| i + 1);
    let package = after_packages(text);
    let import = facts.body.iter().find(|s| matches!(s.kind, StmtKind::Import(_)));
    if let Some(stmt) = import {
        return line(stmt.span.start as usize).max(package);
    }
    if package > 0 {
        return package;
    }
    facts.body.first().map_or(0, |s| line(s.span.start as usize))
}

/// Behind the package clauses that a file begins with: `package a.b`, one a line or ended by `;`. 0: there is none. A package
/// with braces is a block.
fn after_packages(text: &str) -> usize {
    let (mut at, mut end) = (0, 0);
    loop {
        let rest = &text[at..];
        let code = rest.trim_start_matches([' ', '\t', '\r', '\n', ';']);
        at += rest.len() - code.len();
        if code.starts_with("//") {
            at += code.find('\n').unwrap_or(code.len());
        } else if code.starts_with("/*") {
            at += code.find("*/").map_or(code.len(), |i| i + 2);
        } else if let Some(name) = code.strip_prefix("package ") {
            let stop = name.find(['\n', ';', '{', '/']).unwrap_or(name.len());
            let after = &name[stop..];
            if after.starts_with('{') || name.trim_start().starts_with("object ") {
                return end;
            }
            at += "package ".len() + stop;
            // The line's end belongs to the clause, a comment on it, too.
            let tail = after.strip_prefix(';').unwrap_or(after);
            let comment = tail.trim_start_matches([' ', '\t']).starts_with("//");
            end = match tail.find('\n') {
                Some(i) if comment || tail[..i].trim().is_empty() => at + (after.len() - tail.len()) + i + 1,
                _ => at + (after.len() - tail.len()),
            };
        } else {
            return end;
        }
    }
}
