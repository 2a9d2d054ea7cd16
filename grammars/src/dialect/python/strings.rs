//! The literal itself: whole, f-string, template, bytes, neighbour of another string.

use super::{
    super::{Parts, space_before},
    Around, Coding, Part, Spelling, Target,
    functions::{DUMPS, QUOTE},
    is_percent, other, parts,
};
use crate::{
    CellFacts, Span,
    facts::{ExprId, ExprKind},
};

type Edits = Vec<(Span, String)>;

pub(super) fn rewrite(
    text: &str,
    facts: &CellFacts,
    target: Target<'_>,
    around: &Around<'_>,
    spelling: &Spelling,
    imports: &mut Vec<&'static str>,
) -> Result<Edits, String> {
    let parts = parts(text, target.literal);
    // What `format` puts in is read by `%` as a template once more.
    if templates(facts, target.literal).nth(1).is_some() {
        return Err("read the secret into a variable and let one template put it in".to_owned());
    }
    let own = parts.quote.chars().next().unwrap_or('"');
    let has = |c: char| parts.prefix.chars().any(|p| p.eq_ignore_ascii_case(&c));
    let neighbours = neighbours(text, facts, target, around);
    if let Some(part) = target.whole(&parts)
        && part.coding == Coding::Plain
    {
        return whole(text, facts, target, &parts, (spelling, part), neighbours);
    }
    if parts.quote.is_empty() {
        return match is_magic(text, target.literal) {
            true => magic(text, target, spelling),
            false => Err("put the value together from one secret".to_owned()),
        };
    }
    if has('b') {
        return Ok(bytes(text, facts, target, &parts, spelling, neighbours, percent(text, facts, target.literal)));
    }
    interpolate(text, facts, target, &parts, around, (spelling, own), imports)
}

/// All of the literal is the credential.
fn whole(
    text: &str,
    facts: &CellFacts,
    target: Target<'_>,
    parts: &Parts<'_>,
    (spelling, part): (&Spelling, &Part<'_>),
    neighbours: Option<Span>,
) -> Result<Edits, String> {
    let literal = target.literal;
    let own = parts.quote.chars().next().unwrap_or('"');
    let is_bytes = parts.prefix.contains(['b', 'B']);
    let space = space_before(text, literal.start);
    if parts.quote.is_empty() && is_magic(text, literal) {
        return magic(text, target, spelling);
    }
    if parts.quote.is_empty() {
        // A number: `password=12345`.
        let number = literal.of(text);
        if !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err("read the number from a secret and convert it".to_owned());
        }
        return Ok(vec![(literal, format!("{space}int({})", spelling.text(0, part.secret, '"')))]);
    }
    if is_bytes {
        return Ok(bytes(text, facts, target, parts, spelling, neighbours, false));
    }
    let new = match neighbours {
        None => spelling.text(0, part.secret, own),
        // Strings side by side are one: the call has to be a string, too.
        Some(_) => format!("f{own}{{{}}}{own}", spelling.text(0, part.secret, other(own))),
    };
    Ok(vec![(literal, format!("{space}{new}"))])
}

/// Whether the literal is the value of an `%env` line.
fn is_magic(text: &str, literal: Span) -> bool {
    let line = text[..literal.start as usize].rsplit('\n').next().unwrap_or("").trim_start();
    line.starts_with("%env ") || line.starts_with("%set_env ")
}

/// `%env NAME={…}`: IPython evaluates what stands in braces.
fn magic(text: &str, target: Target<'_>, spelling: &Spelling) -> Result<Edits, String> {
    let rest = target.literal.of(text);
    let filled = target.parts.iter().map(|p| p.credential.of(text).matches(['{', '}', '$']).count()).sum::<usize>();
    if rest.matches(['{', '}', '$']).count() > filled || target.parts.iter().any(|p| p.coding != Coding::Plain) {
        return Err("set os.environ in a cell of Python, from a secret".to_owned());
    }
    let part = |(i, part): (usize, &Part<'_>)| (part.credential, format!("{{{}}}", spelling.text(i, part.secret, '"')));
    Ok(target.parts.iter().enumerate().map(part).collect())
}

/// Bytes have no interpolation: `b"a" + call.encode() + b"c"`, in parentheses.
fn bytes(
    text: &str,
    facts: &CellFacts,
    target: Target<'_>,
    parts: &Parts<'_>,
    spelling: &Spelling,
    neighbours: Option<Span>,
    percent: bool,
) -> Edits {
    let own = parts.quote.chars().next().unwrap_or('"');
    let literal = target.literal;
    let mut edits = cut(text, target, parts, |i, part, source| {
        let binary = ["\\x8", "\\x9", "\\xa", "\\xb", "\\xc", "\\xd", "\\xe", "\\xf", "\\2", "\\3"]
            .iter()
            .any(|e| source.to_ascii_lowercase().contains(e));
        let mut call = spelling.bytes(i, part.secret, own, binary);
        if percent {
            call.push_str(".replace(b\"%\", b\"%%\")");
        }
        call
    });
    // Neighbours are joined by hand, and the whole keeps its binding.
    if let Some(all) = neighbours {
        let (before, after) = touching(text, facts, target);
        if before && let Some(first) = edits.first_mut() {
            match first.0.start == literal.start {
                true => first.1.insert_str(0, "+ "),
                false => edits.insert(0, (at(literal.start), "+ ".into())),
            }
        }
        if after && let Some(last) = edits.last_mut() {
            match last.0.end == literal.end {
                true => last.1.push_str(" +"),
                false => edits.push((at(literal.end), " +".into())),
            }
        }
        edits.push((at(all.start), "(".into()));
        edits.push((at(all.end), ")".into()));
    } else if edits.len() > 1 || edits.first().is_some_and(|(s, _)| *s != literal) {
        surround(&mut edits, literal);
    }
    edits.sort_by_key(|(span, _)| *span);
    edits
}

/// `("a" + call + "b")`
fn opened(text: &str, target: Target<'_>, parts: &Parts<'_>, call: impl Fn(usize, &Part<'_>, &str) -> String) -> Edits {
    let mut edits = cut(text, target, parts, call);
    surround(&mut edits, target.literal);
    edits
}

/// The literal ends before each credential and begins again behind it; `call` writes what stands between, from the part's
/// number, the part and its source.
fn cut(text: &str, target: Target<'_>, parts: &Parts<'_>, call: impl Fn(usize, &Part<'_>, &str) -> String) -> Edits {
    let (p, q) = (parts.prefix, parts.quote);
    let literal = target.literal;
    let last = target.parts.len() - 1;
    let mut edits: Edits = Vec::new();
    let mut from = parts.inner.start;
    for (i, part) in target.parts.iter().enumerate() {
        let mut span = part.credential;
        let mut new = String::new();
        if span.start == parts.inner.start {
            span.start = literal.start;
            new.push_str(space_before(text, literal.start));
        } else {
            let (before, end) = closed(text, parts, Span { start: from, end: span.start });
            span.start = before;
            new.push_str(&format!("{end} + "));
        }
        from = span.end;
        new.push_str(&call(i, part, part.credential.of(text)));
        if span.end == parts.inner.end && i == last {
            span.end = literal.end;
        } else {
            new.push_str(&format!(" + {p}{q}"));
        }
        edits.push((span, new));
    }
    edits
}

/// How a piece of a literal ends, and from where that is written. Quotation marks before the end of a triple-quoted one
/// would be taken for it.
fn closed(text: &str, parts: &Parts<'_>, piece: Span) -> (u32, String) {
    let (p, q) = (parts.prefix, parts.quote);
    let own = q.chars().next().unwrap_or('"');
    let written = piece.of(text);
    let marks = written.len() - written.trim_end_matches(own).len();
    let slashes = written[..written.len() - marks].bytes().rev().take_while(|b| *b == b'\\').count();
    if q.len() < 3 || marks == 0 {
        return (piece.end, q.to_owned());
    }
    if p.contains(['r', 'R']) {
        let (of, marks) = (other(own), own.to_string().repeat(marks));
        return (piece.end - marks.len() as u32, format!("{q} + {p}{of}{marks}{of}"));
    }
    if marks == 1 && slashes % 2 == 1 {
        return (piece.end, q.to_owned());
    }
    (piece.end - 1, format!("\\{own}{q}"))
}

/// Parentheses around a literal, in the edits that already touch its ends.
fn surround(edits: &mut Edits, literal: Span) {
    match edits.first_mut() {
        Some((span, new)) if span.start == literal.start => {
            let blank = usize::from(new.starts_with(' '));
            new.insert(blank, '(');
        }
        _ => edits.insert(0, (at(literal.start), "(".into())),
    }
    match edits.last_mut() {
        Some((span, new)) if span.end == literal.end => new.push(')'),
        _ => edits.push((at(literal.end), ")".into())),
    }
}

/// Why a secret has to have a name before it is used: no quotation marks are left.
pub(super) const TAKEN: &str = "read the secret into a variable first and use that here";

/// A longer string: an f-string, or one more slot of its template.
fn interpolate(
    text: &str,
    facts: &CellFacts,
    target: Target<'_>,
    parts: &Parts<'_>,
    around: &Around<'_>,
    (spelling, own): (&Spelling, char),
    imports: &mut Vec<&'static str>,
) -> Result<Edits, String> {
    let q = other(own);
    // Inside the braces of another f-string both quotes are taken before Python 3.12.
    let taken = around.exprs.iter().any(|&id| {
        let outer = super::super::parts(text, facts.expr(id).span);
        matches!(facts.expr(id).kind, ExprKind::Str(_)) && outer.quote.len() == 1 && outer.quote.starts_with(q)
    });
    // `f"{'etl:…'.encode()}"`: a concatenation needs one kind of quotes only.
    let plain = parts.prefix.is_empty() && parts.quote.len() == 1 && template(text, facts, target.literal).is_none();
    if taken && plain && target.parts.iter().all(|p| p.coding == Coding::Plain) {
        return Ok(opened(text, target, parts, |i, part, _| spelling.text(i, part.secret, own)));
    }
    if taken && (matches!(spelling, Spelling::Calls) || target.parts.iter().any(|p| p.coding != Coding::Plain)) {
        return Err(TAKEN.to_owned());
    }
    let is_f = parts.prefix.contains(['f', 'F']);
    // `{u[n]}` of a template that something fills in.
    let is_field = |part: &Part<'_>| {
        let (before, after) = (&text[..part.credential.start as usize], &text[part.credential.end as usize..]);
        before.ends_with('{') && !before.ends_with("{{") && after.starts_with('}')
    };
    let is_filled = |id: &ExprId| match &facts.expr(*id).kind {
        ExprKind::Format { .. } => true,
        ExprKind::Call { callee, .. } => facts.last_name(*callee) == Some("format_map"),
        _ => false,
    };
    if !is_f && target.parts.iter().any(is_field) && around.exprs.iter().any(is_filled) {
        return Err("put the secret in where the template is filled in".to_owned());
    }
    let template = template(text, facts, target.literal);
    let mut edits: Edits = Vec::new();
    let mut slots = Vec::new();
    for (i, part) in target.parts.iter().enumerate() {
        let mut span = part.credential;
        let own_call = spelling.text(i, part.secret, q);
        let call = match part.coding {
            Coding::Plain => own_call,
            Coding::Percent => format!("{}({own_call}, safe={q}{q})", QUOTE.name(facts, text, around)?),
            Coding::Json => {
                let mark = |s: Option<&str>| s.is_some_and(|s| s == "\\\"");
                let escaped = mark(text.get(span.start.saturating_sub(2) as usize..span.start as usize));
                let wide = if escaped { 2 } else { 1 };
                span = Span { start: span.start.saturating_sub(wide), end: span.end + wide };
                format!("{}({own_call})", DUMPS.name(facts, text, around)?)
            }
        };
        if let Some(Template::Format { .. }) = template {
            // A named slot: the braces of the template keep their meaning.
            let name = slot_name(facts, text, target.literal, part.secret.key);
            edits.push((span, if is_f { format!("{{{{{name}}}}}") } else { format!("{{{name}}}") }));
            let value = match part.coding {
                Coding::Plain => spelling.text(i, part.secret, own),
                _ => call,
            };
            slots.push(format!("{name}={value}"));
            continue;
        }
        let call = match template {
            Some(Template::Percent) => format!("{call}.replace({q}%{q}, {q}%%{q})"),
            _ => call,
        };
        edits.push((span, format!("{{{call}}}")));
    }
    if target.parts.iter().any(is_percent) {
        imports.extend(QUOTE.import(facts, around));
    }
    if target.parts.iter().any(|p| p.coding == Coding::Json) {
        imports.extend(DUMPS.import(facts, around));
    }
    if let Some(Template::Format { args }) = template {
        fill(text, facts, args, &slots.join(", "), &mut edits);
    } else if !is_f {
        // `u` and `f` do not go together.
        let prefix: String = parts.prefix.chars().filter(|c| !c.eq_ignore_ascii_case(&'u')).collect();
        let start = target.literal.start as usize;
        let space = if parts.prefix.is_empty() { space_before(text, target.literal.start) } else { "" };
        let covered: Vec<Span> = edits.iter().map(|(s, _)| *s).collect();
        edits.push((Span::new(start, start + parts.prefix.len()), format!("{space}{prefix}f")));
        braces(text, parts, &covered, &mut edits);
    }
    edits.sort_by_key(|(span, _)| *span);
    Ok(edits)
}

/// Braces of a plain string are doubled when it becomes an f-string; those of `\N{DASH}` are not.
fn braces(text: &str, parts: &Parts<'_>, covered: &[Span], edits: &mut Edits) {
    let raw = parts.prefix.contains(['r', 'R']);
    let inner = parts.inner.of(text);
    let mut named = false;
    let mut escaped = false;
    for (i, c) in inner.char_indices() {
        let here = parts.inner.start as usize + i;
        let span = Span::new(here, here + c.len_utf8());
        let was_escaped = escaped;
        escaped = !raw && c == '\\' && !was_escaped;
        if !raw && was_escaped && c == 'N' && inner[i + 1..].starts_with('{') {
            named = true;
            continue;
        }
        if !matches!(c, '{' | '}') || covered.iter().any(|s| s.overlaps(span)) {
            continue;
        }
        if named {
            named = c != '}';
            continue;
        }
        edits.push((span, c.to_string().repeat(2)));
    }
}

fn at(offset: u32) -> Span {
    Span { start: offset, end: offset }
}

/// The concatenation of strings side by side that the literal is part of.
fn neighbours(text: &str, facts: &CellFacts, target: Target<'_>, around: &Around<'_>) -> Option<Span> {
    let (before, after) = touching(text, facts, target);
    if !before && !after {
        return None;
    }
    let concat = around.exprs.iter().find(|&&id| matches!(facts.expr(id).kind, ExprKind::Concat(_)));
    Some(concat.map_or(target.literal, |&id| facts.expr(id).span))
}

/// Whether the item before and the one after the literal touch it, with nothing but blanks and comments between. What goes
/// with the literal is not there any more.
fn touching(text: &str, facts: &CellFacts, target: Target<'_>) -> (bool, bool) {
    let literal = target.literal;
    let end = super::super::rest::end(text, facts, target);
    let strings =
        || facts.exprs.iter().filter(|e| matches!(e.kind, ExprKind::Str(_)) && e.span != literal).map(|e| e.span);
    let before = strings().filter(|s| s.end <= literal.start).max_by_key(|s| s.end);
    let after = strings().filter(|s| s.start >= end).min_by_key(|s| s.start);
    let joined = |from: u32, to: u32| text.get(from as usize..to as usize).is_some_and(is_blank);
    let inside_one = |other: Span| {
        facts.exprs.iter().any(|e| match &e.kind {
            ExprKind::Concat(items) => {
                let has = |span: Span| items.iter().any(|&i| facts.expr(i).span == span);
                has(literal) && has(other)
            }
            _ => false,
        })
    };
    (
        before.is_some_and(|s| joined(s.end, literal.start) && inside_one(s)),
        after.is_some_and(|s| joined(end, s.start) && inside_one(s)),
    )
}

/// Blanks, line continuations and comments only.
fn is_blank(gap: &str) -> bool {
    gap.split('\n').all(|line| {
        let code = line.split('#').next().unwrap_or("");
        code.chars().all(|c| c.is_whitespace() || c == '\\')
    })
}

/// Templates that the literal is filled in as, one in the other. What fills one is no part of it.
fn templates(facts: &CellFacts, literal: Span) -> impl Iterator<Item = ExprId> {
    facts.around(literal).into_iter().filter(move |&id| match &facts.expr(id).kind {
        ExprKind::Format { template, args } => {
            facts.expr(*template).span.contains(literal) && !args.iter().any(|a| a.span.contains(literal))
        }
        _ => false,
    })
}

enum Template {
    /// `.format(…)`: the expression.
    Format {
        args: ExprId,
    },
    Percent,
}

/// What fills the literal in, when it is a template.
fn template(text: &str, facts: &CellFacts, literal: Span) -> Option<Template> {
    (0..facts.exprs.len() as u32).map(ExprId).find_map(|id| {
        let ExprKind::Format { template, .. } = &facts.expr(id).kind else { return None };
        let template = facts.expr(*template).span;
        if !template.contains(literal) {
            return None;
        }
        let rest = text.get(template.end as usize..facts.expr(id).span.end as usize)?;
        let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ')' | '\\'));
        Some(if rest.starts_with('.') { Template::Format { args: id } } else { Template::Percent })
    })
}

fn percent(text: &str, facts: &CellFacts, literal: Span) -> bool {
    matches!(template(text, facts, literal), Some(Template::Percent))
}

/// A keyword that neither the template nor the call uses.
fn slot_name(facts: &CellFacts, text: &str, literal: Span, key: &str) -> String {
    let around = facts.exprs.iter().find(|e| match &e.kind {
        ExprKind::Format { template, .. } => facts.expr(*template).span.contains(literal),
        _ => false,
    });
    let whole = around.map_or("", |e| e.span.of(text));
    super::super::free_name(whole, &format!("secret_{}", super::variable(key)))
}

/// One more argument of `.format(…)`: behind the last one; a lone generator gets parentheses.
fn fill(text: &str, facts: &CellFacts, call: ExprId, slots: &str, edits: &mut Edits) {
    let expr = facts.expr(call);
    let ExprKind::Format { args, .. } = &expr.kind else { return };
    let close = expr.span.end - 1;
    match args.last() {
        None => {
            let open = text.get(..close as usize).and_then(|t| t.rfind('(')).map_or(close, |i| i as u32 + 1);
            let place =
                if is_blank(text.get(open as usize..close as usize).unwrap_or("")) { at(open) } else { at(close) };
            edits.push((place, slots.to_owned()));
        }
        // `.format(x for x in y)`: the argument's parentheses are the call's.
        Some(arg) if arg.span.end == expr.span.end => {
            edits.push((at(arg.span.start + 1), "(".into()));
            edits.push((at(close), format!("), {slots}")));
        }
        Some(arg) => edits.push((at(arg.span.end), format!(", {slots}"))),
    }
}
