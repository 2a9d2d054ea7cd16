//! Texts in another language inside string literals: queries, shell lines, documents. Works on finished facts, so that
//! every host language has it by one call of [`after_lowering`].

use std::collections::HashSet;

use super::{LowerOptions, text_guess::guess};
use crate::{
    CellFacts, Language, Secret, Span, TextMap,
    facts::{Arg, Embedded, EmbeddedOrigin, ExprId, ExprKind, StrLit, StrPart},
};
use process::Run;

mod process;

/// Calls that take a query: last name of the callee, and which positional argument it is (`None`: each one).
const QUERY_CALLS: &[(&str, Option<usize>)] = &[
    ("sql", Some(0)),
    ("expr", Some(0)),
    ("selectExpr", None),
    ("execute", Some(0)),
    ("executemany", Some(0)),
    ("executeQuery", Some(0)),
    ("executeUpdate", Some(0)),
    ("executescript", Some(0)),
    ("prepareStatement", Some(0)),
    ("addBatch", Some(0)),
    ("read_sql", Some(0)),
    ("read_sql_query", Some(0)),
    ("text", Some(0)),
    ("exec_driver_sql", Some(0)),
    ("dbGetQuery", Some(1)),
    ("dbExecute", Some(1)),
    ("dbSendQuery", Some(1)),
    ("jdbc", Some(1)),
];

/// Keywords (and option names) whose value is a query, when the call or `.option` takes one.
const QUERY_KEYS: &[&str] =
    &["query", "dbtable", "prepareQuery", "sessionInitStatement", "sqlQuery", "statement", "preactions", "postactions"];

/// Shortest literal that can be a document.
const MIN_DOCUMENT: usize = 12;

/// A text put together from literals, and what fills its holes.
#[derive(Default)]
struct Composed {
    text: String,
    map: TextMap,
    holes: Vec<(Span, ExprId)>,
}

/// Adds the embedded texts of all string literals in `facts`. Call it once, when all expressions are there.
/// `text` is the cell.
pub fn after_lowering(facts: &mut CellFacts, text: &str, options: LowerOptions) {
    let Some(nested) = options.nested() else { return };
    let mut found: Vec<(Language, EmbeddedOrigin, Composed)> = Vec::new();
    let mut used: HashSet<ExprId> = HashSet::new();
    for i in 0..facts.exprs.len() {
        let call = ExprId(i as u32);
        let origin = || if process::captures(facts, call) { EmbeddedOrigin::Captured } else { EmbeddedOrigin::Shell };
        for run in process::runs(facts, call) {
            let composed = match run {
                Run::Line(line) if used.contains(&line) => None,
                Run::Line(line) => compose_words(facts, text, line, &mut used),
                Run::Words(words) => compose_items(facts, text, &words, &mut used),
            };
            if let Some(composed) = composed {
                found.push((Language::Shell, origin(), composed));
            }
        }
        let ExprKind::Call { callee, args, .. } = &facts.expr(call).kind else {
            continue;
        };
        for literal in query_args(facts, *callee, args) {
            if let Some(composed) = compose(facts, text, literal, &mut used) {
                found.push((Language::Sql, EmbeddedOrigin::Query { literal, call }, composed));
            }
        }
    }
    for i in 0..facts.exprs.len() {
        let literal = ExprId(i as u32);
        let (ExprKind::Str(_) | ExprKind::Concat(_)) = &facts.expr(literal).kind else { continue };
        if used.contains(&literal) || !may_be_document(facts, literal) {
            continue;
        }
        if let Some(composed) = compose(facts, text, literal, &mut HashSet::new())
            && let Some(language) = guess(&composed.text)
        {
            used.insert(literal);
            if let ExprKind::Concat(parts) = &facts.expr(literal).kind {
                used.extend(parts);
            }
            found.push((language, EmbeddedOrigin::Document { literal }, composed));
        }
    }
    for (language, origin, composed) in found {
        let embedded = embed(language, origin, composed, nested);
        facts.embedded.push(embedded);
    }
}

/// Lowers a text of the cell (`text[span]`, verbatim) as another language.
pub(super) fn verbatim(
    text: &str,
    span: Span,
    language: Language,
    origin: EmbeddedOrigin,
    nested: LowerOptions,
) -> Embedded {
    let inner = span.of(text);
    mapped(inner.to_owned(), TextMap::verbatim(span.start as usize, inner.len()), language, origin, nested)
}

/// Lowers a text with a map of its own.
pub(super) fn mapped(
    text: String,
    map: TextMap,
    language: Language,
    origin: EmbeddedOrigin,
    nested: LowerOptions,
) -> Embedded {
    embed(language, origin, Composed { text, map, holes: Vec::new() }, nested)
}

fn embed(language: Language, origin: EmbeddedOrigin, composed: Composed, nested: LowerOptions) -> Embedded {
    let facts = super::lower(language, &composed.text, nested);
    let (text, map, holes) = (Secret::from(composed.text), composed.map, composed.holes);
    Embedded { language, origin, text, map, facts, holes, variables: Vec::new() }
}

/// The arguments of a call that are queries.
fn query_args(facts: &CellFacts, callee: ExprId, args: &[Arg]) -> Vec<ExprId> {
    let Some(name) = last_name(facts, callee) else { return Vec::new() };
    if matches!(name, "option" | "options") {
        let named = args.iter().filter(|a| a.name.as_ref().is_some_and(|(n, _)| QUERY_KEYS.contains(&&**n)));
        let mut found: Vec<ExprId> = named.map(|a| a.value).collect();
        if let [key, value] = args
            && let Some(key) = facts.str_lit(key.value).and_then(StrLit::plain)
            && QUERY_KEYS.iter().any(|k| k.eq_ignore_ascii_case(key.expose()))
        {
            found.push(value.value);
        }
        return found;
    }
    let Some((_, position)) = QUERY_CALLS.iter().find(|(n, _)| *n == name) else { return Vec::new() };
    args.iter()
        .enumerate()
        .filter(|(i, a)| match &a.name {
            Some((keyword, _)) => QUERY_KEYS.contains(&&**keyword) || matches!(&**keyword, "sql" | "operation"),
            None => position.is_none_or(|p| p == *i),
        })
        .map(|(_, a)| a.value)
        .collect()
}

fn last_name(facts: &CellFacts, callee: ExprId) -> Option<&str> {
    match &facts.expr(callee).kind {
        ExprKind::Name(name) | ExprKind::Attr { name, .. } => Some(name),
        _ => None,
    }
}

/// Whether a literal is worth being put together to be looked at.
fn may_be_document(facts: &CellFacts, id: ExprId) -> bool {
    match &facts.expr(id).kind {
        ExprKind::Str(lit) => {
            lit.parts.iter().any(|p| matches!(p, StrPart::Text { value, .. } if value.len() >= MIN_DOCUMENT))
        }
        ExprKind::Concat(parts) => {
            parts.iter().any(|&p| matches!(&facts.expr(p).kind, ExprKind::Str(lit) if !lit.parts.is_empty()))
        }
        _ => false,
    }
}

/// The text that an expression of literals makes; `None` when it holds no literal.
fn compose(facts: &CellFacts, text: &str, id: ExprId, used: &mut HashSet<ExprId>) -> Option<Composed> {
    let mut composed = Composed::default();
    let mut literals = 0;
    add(facts, text, id, &mut composed, &mut literals, used, 0);
    (literals > 0 && !composed.text.trim().is_empty()).then_some(composed)
}

fn add(
    facts: &CellFacts,
    text: &str,
    id: ExprId,
    out: &mut Composed,
    literals: &mut usize,
    used: &mut HashSet<ExprId>,
    depth: u8,
) {
    let expr = facts.expr(id);
    match &expr.kind {
        ExprKind::Str(lit) => {
            used.insert(id);
            *literals += 1;
            for part in &lit.parts {
                match part {
                    StrPart::Text { value, map } => {
                        out.text.push_str(value.expose());
                        out.map.append(map);
                    }
                    StrPart::Hole { expr, span, .. } => hole(out, *span, span.of(text).to_owned(), *expr),
                }
            }
        }
        ExprKind::Concat(parts) if depth < 8 => {
            used.insert(id);
            for &part in parts {
                add(facts, text, part, out, literals, used, depth + 1);
            }
        }
        ExprKind::Same(inner) if depth < 8 => add(facts, text, *inner, out, literals, used, depth + 1),
        ExprKind::Format { template, args } if depth < 8 => {
            let start = out.text.len();
            add(facts, text, *template, out, literals, used, depth + 1);
            format_holes(&out.text[start..], start, args, &mut out.holes);
        }
        // `"""…""".stripMargin`, `.strip()`, `.trim`
        ExprKind::Attr { base, name, .. }
            if depth < 8
                && matches!(&**name, "stripMargin" | "strip" | "trim" | "stripIndent" | "rstrip" | "lstrip") =>
        {
            add(facts, text, *base, out, literals, used, depth + 1);
        }
        // R: `paste0(…)`, `sprintf(template, …)`.
        ExprKind::Call { callee, args, .. } if depth < 8 && last_name(facts, *callee) == Some("paste0") => {
            for arg in args.iter().filter(|a| a.name.is_none()) {
                add(facts, text, arg.value, out, literals, used, depth + 1);
            }
        }
        ExprKind::Call { callee, args, .. }
            if depth < 8 && args.len() > 1 && last_name(facts, *callee) == Some("sprintf") =>
        {
            let start = out.text.len();
            add(facts, text, args[0].value, out, literals, used, depth + 1);
            format_holes(&out.text[start..], start, &args[1..], &mut out.holes);
        }
        ExprKind::Call { callee, args, .. } if depth < 8 && args.len() <= 1 && wraps_literal(facts, *callee) => {
            let inner = match (&facts.expr(*callee).kind, args.first()) {
                (ExprKind::Attr { .. }, None) => *callee,
                (_, Some(arg)) => arg.value,
                _ => return,
            };
            add(facts, text, inner, out, literals, used, depth + 1);
        }
        _ => {
            let name = facts.path(id).filter(|p| p.len() <= 64).unwrap_or_default();
            hole(out, expr.span, format!("{{{name}}}"), id);
        }
    }
}

/// `text("…")`, `dedent("…")` and the methods without arguments above.
fn wraps_literal(facts: &CellFacts, callee: ExprId) -> bool {
    last_name(facts, callee).is_some_and(|n| {
        matches!(n, "text" | "dedent" | "cleandoc" | "strip" | "trim" | "stripMargin" | "stripIndent" | "SQL")
    })
}

fn hole(out: &mut Composed, source: Span, shown: String, expr: ExprId) {
    let start = out.text.len();
    out.map.push(source.start as usize, shown.len(), source.len(), true);
    out.text.push_str(&shown);
    out.holes.push((Span::new(start, out.text.len()), expr));
}

/// Where the `{}`, `{0}`, `{name}` and `%s`, `%(name)s` of a template stand, with what fills them.
fn format_holes(template: &str, base: usize, args: &[Arg], holes: &mut Vec<(Span, ExprId)>) {
    let bytes = template.as_bytes();
    let mut next = 0;
    let mut at = 0;
    let by_name =
        |name: &str| args.iter().find(|a| a.name.as_ref().is_some_and(|(n, _)| **n == *name)).map(|a| a.value);
    while at < bytes.len() {
        let (end, arg) = match (bytes[at], bytes.get(at + 1)) {
            (b'{', Some(b'{')) | (b'%', Some(b'%')) => {
                at += 2;
                continue;
            }
            (b'{', _) => {
                let Some(len) = template[at..].bytes().take(80).position(|b| b == b'}') else {
                    at += 1;
                    continue;
                };
                let name = template.get(at + 1..at + len).unwrap_or("");
                let name = name.split([':', '!', '.', '[']).next().unwrap_or(name);
                let arg = match name.parse::<usize>() {
                    Ok(number) => args.get(number).map(|a| a.value),
                    Err(_) if name.is_empty() => {
                        next += 1;
                        args.get(next - 1).map(|a| a.value)
                    }
                    Err(_) => by_name(name),
                };
                (at + len + 1, arg)
            }
            (b'%', Some(b's' | b'd' | b'r' | b'i' | b'f')) => {
                next += 1;
                (at + 2, args.get(next - 1).map(|a| a.value))
            }
            _ => {
                at += 1;
                continue;
            }
        };
        if let Some(arg) = arg {
            holes.push((Span::new(base + at, base + end), arg));
        }
        at = end;
    }
}

/// A shell line: a string, or a list of words, which are put side by side.
fn compose_words(facts: &CellFacts, text: &str, id: ExprId, used: &mut HashSet<ExprId>) -> Option<Composed> {
    match &facts.expr(id).kind {
        ExprKind::Seq { items, .. } => compose_items(facts, text, items, used),
        _ => compose(facts, text, id, used),
    }
}

/// Words put side by side.
fn compose_items(facts: &CellFacts, text: &str, items: &[ExprId], used: &mut HashSet<ExprId>) -> Option<Composed> {
    let mut out = Composed::default();
    let mut literals = 0;
    for &item in items {
        let at = facts.expr(item).span.start as usize;
        let mut word = Composed::default();
        add(facts, text, item, &mut word, &mut literals, used, 0);
        let quoted = word.text.contains([' ', '&', ';', '|', '$', '"', '(', '<', '>']) && !word.text.contains('\'');
        let filler = |out: &mut Composed, shown: &str| {
            out.map.push(at, shown.len(), 0, true);
            out.text.push_str(shown);
        };
        if !out.text.is_empty() {
            filler(&mut out, " ");
        }
        if quoted {
            filler(&mut out, "'");
        }
        let shift = out.text.len();
        out.text.push_str(&word.text);
        out.map.append(&word.map);
        out.holes
            .extend(word.holes.iter().map(|(s, e)| (Span::new(s.start as usize + shift, s.end as usize + shift), *e)));
        if quoted {
            let end = facts.expr(item).span.end as usize;
            out.map.push(end, 1, 0, true);
            out.text.push('\'');
        }
    }
    (literals > 0).then_some(out)
}
