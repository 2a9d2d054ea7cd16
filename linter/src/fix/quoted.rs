//! A quoted value of a query that a program puts together from pieces: SQL reads the secret itself, so the quotation marks
//! go with what stands between them.

use credscope_grammars::{
    CellFacts, Language, Span,
    facts::{Embedded, EmbeddedOrigin, ExprId, ExprKind, PropertyValue, Verb},
};

type Edits = Vec<(Span, String)>;

/// What of a query's text is looked at.
#[derive(Clone, Copy)]
pub(super) enum Piece {
    /// A literal of its own that holds nothing but the credential at this place.
    Literal(Span),
    /// An expression.
    Expr(ExprId),
}

/// Edits that put `reference` (it is given the quotation mark to use) in place of the quoted value that `piece` makes in a
/// CREATE CONNECTION. `None`: the piece is no part of one that is a literal or an argument of its own. `Some(Err)`: it is,
/// and cannot be taken out.
pub(super) fn replaced(
    facts: &CellFacts,
    text: &str,
    piece: Piece,
    reference: impl Fn(&str) -> String,
) -> Option<Result<Edits, ()>> {
    let queries = facts.embedded.iter().filter(|e| e.language == Language::Sql);
    let queries =
        queries.filter(|e| matches!(e.origin, EmbeddedOrigin::Query { .. } | EmbeddedOrigin::Document { .. }));
    let mut found = None;
    for query in queries {
        if !query.facts.queries.iter().any(|q| q.verb == Verb::CreateConnection) {
            continue;
        }
        let holes = || query.holes.iter().filter(|(_, expr)| fills(facts, *expr, piece));
        if let Some((hole, expr)) = holes().next() {
            let only = holes().nth(1).is_none();
            return Some(filled(facts, text, query, (*hole, *expr), &reference).filter(|_| only).ok_or(()));
        }
        if let Piece::Literal(credential) = piece
            && let Some(inner) = query.map.to_text(credential)
            && let Some(property) = query.facts.properties.iter().find(|p| p.value_span.contains(inner))
            && matches!(property.value, PropertyValue::Str(_))
        {
            let source = query.map.to_source(property.value_span);
            let inside = string_at(facts, source.start).is_some_and(|id| facts.expr(id).span.contains(source));
            if !inside {
                let whole = property.value_span.len() == inner.len() + 2;
                found = Some(across(facts, text, source, &reference).filter(|_| whole).ok_or(()));
            }
        }
    }
    found
}

fn fills(facts: &CellFacts, expr: ExprId, piece: Piece) -> bool {
    match piece {
        Piece::Expr(id) => id == expr || facts.expr(id).span == facts.expr(expr).span,
        Piece::Literal(credential) => {
            matches!(&facts.expr(expr).kind, ExprKind::Str(lit) if lit.style.inner == credential)
        }
    }
}

/// A hole between quotation marks.
fn filled(
    facts: &CellFacts,
    text: &str,
    query: &Embedded,
    (hole, expr): (Span, ExprId),
    reference: &impl Fn(&str) -> String,
) -> Option<Edits> {
    let sql = query.text.expose();
    let quote = sql.get(..hole.start as usize)?.chars().next_back().filter(|q| matches!(q, '\'' | '"'))?;
    if !sql.get(hole.end as usize..)?.starts_with(quote) {
        return None;
    }
    let source = query.map.to_source(Span { start: hole.start - 1, end: hole.end + 1 });
    let host = string_at(facts, source.start)?;
    let value = facts.expr(expr).span;
    if !facts.expr(host).span.contains(source) {
        return across(facts, text, source, reference);
    }
    let mut edits = vec![(source, reference(mark(text, source)?))];
    // An argument that fills a template goes with its place in it; what stands in braces goes with them.
    if !source.contains(value) {
        edits.extend(without_argument(facts, text, facts.expr(host).span, expr)?);
    }
    Some(edits)
}

/// `"… '" + x + "' …"`: one literal is left of the two, which are written alike.
fn across(facts: &CellFacts, text: &str, source: Span, reference: &impl Fn(&str) -> String) -> Option<Edits> {
    let delimiters = |at: u32| {
        let id = string_at(facts, at)?;
        let ExprKind::Str(lit) = &facts.expr(id).kind else { return None };
        let whole = facts.expr(id).span;
        let (open, close) =
            (Span { end: lit.style.inner.start, ..whole }, Span { start: lit.style.inner.end, ..whole });
        Some((id, open.of(text), close.of(text)))
    };
    let (first, open, close) = delimiters(source.start)?;
    let (last, ..) = delimiters(source.end - 1).filter(|(_, o, c)| (*o, *c) == (open, close))?;
    let both = [first, last].map(|id| facts.expr(id).span);
    let joined = facts.exprs.iter().any(|e| match &e.kind {
        ExprKind::Concat(items) => both.iter().all(|span| items.iter().any(|&i| facts.expr(i).span == *span)),
        ExprKind::Call { callee, args, .. } => {
            facts.last_name(*callee).is_some_and(|n| n == "paste0")
                && both.iter().all(|span| args.iter().any(|a| facts.expr(a.value).span == *span))
        }
        _ => false,
    });
    joined.then_some(vec![(source, reference(mark(text, source)?))])
}

/// The quotation mark at the start of a place: `'`, or `\'` in a host string that is delimited by it.
fn mark(text: &str, source: Span) -> Option<&str> {
    let source = source.of(text);
    source.get(..if source.starts_with('\\') { 2 } else { 1 })
}

/// The string that holds an offset.
fn string_at(facts: &CellFacts, at: u32) -> Option<ExprId> {
    let place = Span { start: at, end: at + 1 };
    let strings = facts.around(place).into_iter().filter(|&id| matches!(facts.expr(id).kind, ExprKind::Str(_)));
    strings.min_by_key(|&id| facts.expr(id).span.len())
}

/// Takes an argument from the call that fills the template at `template`.
fn without_argument(facts: &CellFacts, text: &str, template: Span, value: ExprId) -> Option<Edits> {
    let value = facts.expr(value).span;
    let formats = facts.exprs.iter().filter_map(|e| match &e.kind {
        ExprKind::Format { template: t, args } => Some((e.span, facts.expr(*t).span, args.as_slice(), 0)),
        // R: the template is the first argument.
        ExprKind::Call { callee, args, .. } if facts.last_name(*callee).is_some_and(|n| n == "sprintf") => {
            let first = args.first()?;
            Some((e.span, facts.expr(first.value).span, args.as_slice(), 1))
        }
        _ => None,
    });
    let (whole, t, args, first) = formats.into_iter().find(|(_, t, ..)| t.contains(template))?;
    let i = args.iter().position(|a| facts.expr(a.value).span == value)?;
    let numbered = t.of(text).split('{').skip(1).any(|slot| slot.starts_with(|c: char| c.is_ascii_digit()));
    if numbered && i + 1 < args.len() {
        return None;
    }
    let span = |i: usize| args.get(i).map(|a| a.span);
    let own = span(i)?;
    let gap = Span { start: t.end, end: own.start }.of(text);
    let is_percent = first == 0 && gap.trim_start_matches([' ', ')', '\n', '\\']).starts_with('%');
    Some(match (i.checked_sub(1).and_then(span), span(i + 1)) {
        // Nothing is filled in any more: doubled signs would stay double.
        (None, None) if first == 0 && !gap.contains(')') && t.of(text).matches(['%', '{']).count() == 1 => {
            vec![(Span { start: t.end, end: whole.end }, String::new())]
        }
        // `("x",)` becomes `()`, which fills in nothing.
        (None, None) if is_percent => {
            let rest = Span { start: own.end, end: whole.end }.of(text);
            let is_tuple = gap.trim_end().ends_with('(') && rest.trim_start().starts_with(',') && rest.ends_with(')');
            if !is_tuple {
                return None;
            }
            vec![(Span { start: own.start, end: whole.end - 1 }, String::new())]
        }
        (None, None) => vec![(own, String::new())],
        (Some(before), next) => {
            let mut edits = vec![(Span { start: before.end, end: own.end }, String::new())];
            // A tuple of one.
            if is_percent && i == 1 && next.is_none() {
                edits[0].1.push(',');
            }
            edits
        }
        (None, Some(next)) => {
            let mut edits = vec![(Span { start: own.start, end: next.start }, String::new())];
            if is_percent && args.len() == 2 {
                edits.push((Span { start: next.end, end: next.end }, ",".to_owned()));
            }
            edits
        }
    })
}
