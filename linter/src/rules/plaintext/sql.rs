//! What the rules for SQL statements share: where a site stands in a statement.

use credscope_grammars::{
    CellFacts, Span, TextMap,
    facts::{ExprKind, PropertyPlace, Verb},
};

use crate::model::{PropertySite, Role, Site};

/// Of the rules about a statement's options and clauses: a statement in a program's string is a text of pairs, too, and what
/// the statement says of a value is more than that.
pub const PRECEDENCE: u8 = 86;

/// Texts inside texts that are followed.
const DEPTH: usize = 6;

/// A property of a statement's option list, with the statement's verb.
pub fn option(site: &Site) -> Option<(&PropertySite, Verb)> {
    match &site.role {
        Role::Property(p) if matches!(p.place, PropertyPlace::Query(_)) => Some((p, p.verb.unwrap_or(Verb::Other))),
        _ => None,
    }
}

/// The last word of the clause that a literal stands in, lower case, with the words before it.
pub fn clause(site: &Site) -> Option<(String, &[Box<str>], Verb)> {
    let Role::Clause { words, verb } = &site.role else { return None };
    let (last, before) = words.split_last()?;
    Some((last.to_ascii_lowercase(), before, *verb))
}

/// Parts of the cell that queries of a verb cover, also of queries inside strings.
pub fn statements(facts: &CellFacts, verb: Verb) -> Vec<Span> {
    spans(facts, &|facts| facts.queries.iter().filter(|q| q.verb == verb).map(|q| q.span).collect())
}

/// Parts of the cell that calls of SQL functions with one of these names cover.
pub fn calls(facts: &CellFacts, names: &[&str]) -> Vec<Span> {
    spans(facts, &|facts| {
        let calls = facts.queries.iter().flat_map(|q| &q.calls);
        calls
            .filter(|call| match &facts.expr(call.expr).kind {
                ExprKind::Call { callee, .. } => facts.path(*callee).is_some_and(|p| names.contains(&p.as_str())),
                _ => false,
            })
            .map(|call| facts.expr(call.expr).span)
            .collect()
    })
}

/// Spans that `find` names in the facts of a cell and of the texts inside it, in bytes of the cell.
pub fn spans(facts: &CellFacts, find: &dyn Fn(&CellFacts) -> Vec<Span>) -> Vec<Span> {
    let mut spans = Vec::new();
    collect(facts, None, DEPTH, &mut spans, find);
    spans
}

fn collect(
    facts: &CellFacts,
    map: Option<&TextMap>,
    depth: usize,
    out: &mut Vec<Span>,
    find: &dyn Fn(&CellFacts) -> Vec<Span>,
) {
    out.extend(find(facts).into_iter().map(|span| map.map_or(span, |m| m.to_source(span))));
    if depth == 0 {
        return;
    }
    for embedded in &facts.embedded {
        let inner = map.map_or_else(|| embedded.map.clone(), |outer| embedded.map.through(outer));
        collect(&embedded.facts, Some(&inner), depth - 1, out, find);
    }
}
