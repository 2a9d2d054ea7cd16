//! Spark's readers and writers: user and password are options beside the URL.

use credscope_grammars::{
    CellFacts, Span,
    dialect::around::Around,
    facts::{Arg, Entry, ExprId, ExprKind, StmtKind, Target},
};

use super::{
    Sight,
    calls::{Form, Insertion, Use, uses},
};
use crate::finding::Place;

/// How a call of a reader or writer takes them.
pub(super) fn of_reader(call: &Use<'_>) -> Option<Insertion> {
    let Use { facts, at, args, arg, .. } = *call;
    if gives_them(facts, call.call) {
        return None;
    }
    match call.method() {
        "option" if call.is_whole() && call.position == 1 && args.len() == 2 && is_url(facts, args[0].value) => {
            Some(call.after(call.call, Form::Options))
        }
        "options" if call.is_whole() && call.is_named("url") => Some(call.after(arg.span, Form::Keywords)),
        "options" => {
            let dict = match &facts.expr(arg.value).kind {
                ExprKind::Spread(inner) => *inner,
                _ => arg.value,
            };
            let ExprKind::Dict(entries) = &facts.expr(dict).kind else { return None };
            beside_url(facts, call.text, entries, at)
        }
        "jdbc" if call.is_whole() && (call.position == 0 || call.is_named("url")) => {
            if let Some(properties) = properties(facts, args, call.text) {
                return Some(Insertion { cell: at.cell, at: properties.start + 1, form: Form::FirstEntries });
            }
            // Options of the reader hold for its `jdbc`, too.
            let ExprKind::Attr { base, .. } = &facts.expr(call.callee).kind else { return None };
            let end = facts.expr(*base).span;
            let rest = call.text.get(end.end as usize..)?;
            rest.trim_start_matches([' ', '\t', '\r', '\n', '\\'])
                .starts_with('.')
                .then(|| call.after(end, Form::Options))
        }
        _ => None,
    }
}

/// The URL in a dict that has a name, and all uses of the name are `options(**name)`, or `options(name)` in Scala.
pub(super) fn bound_options(sight: Sight<'_>, at: Place) -> Option<Insertion> {
    let cell = sight.document.cells.get(at.cell as usize)?;
    let facts: &CellFacts = sight.facts.get(at.cell as usize)?;
    let around = Around::of(facts, at.span);
    let (dict, entries) = around.exprs.iter().find_map(|&id| match &facts.expr(id).kind {
        ExprKind::Dict(entries) => entries.iter().any(|e| facts.expr(e.value).span == at.span).then_some((id, entries)),
        _ => None,
    })?;
    let StmtKind::Bind { targets, value, .. } = &around.levels.last()?.stmt.kind else { return None };
    let [Target::Name { name, span }] = targets.as_slice() else { return None };
    // Another dict that is spread into this one may say them already.
    if facts.expr(*value).span != facts.expr(dict).span
        || entries.iter().any(|e| e.key.is_none_or(|key| is_credential(facts, key)))
    {
        return None;
    }
    let uses = uses(sight, name, Place { cell: at.cell, span: *span })?;
    let takes = |place: &Place| {
        let Some(call) = Use::of(sight, *place) else { return false };
        let given = match &call.facts.expr(call.arg.value).kind {
            ExprKind::Spread(inner) => call.facts.expr(*inner).span,
            _ => call.facts.expr(call.arg.value).span,
        };
        call.method() == "options"
            && given == place.span
            && call.arg.name.is_none()
            && !says_them(call.facts, call.call, call.arg.span)
    };
    if uses.is_empty() || !uses.iter().all(takes) {
        return None;
    }
    beside_url(facts, &cell.text, entries, at)
}

/// Behind the entry `"url": …`.
fn beside_url(facts: &CellFacts, text: &str, entries: &[Entry], at: Place) -> Option<Insertion> {
    let is_entry = |e: &&Entry| facts.expr(e.value).span == at.span && e.key.is_some_and(|key| is_url(facts, key));
    let entry = entries.iter().find(is_entry)?;
    let between = Span { start: facts.expr(entry.key?).span.end, end: at.span.start }.of(text);
    let form = match between.trim() {
        ":" => Form::Entries,
        "->" => Form::Arrows,
        _ => return None,
    };
    Some(Insertion { cell: at.cell, at: at.span.end, form })
}

fn is_url(facts: &CellFacts, id: ExprId) -> bool {
    facts.str_lit(id).and_then(|l| l.plain()).is_some_and(|k| k.expose().eq_ignore_ascii_case("url"))
}

fn is_credential(facts: &CellFacts, id: ExprId) -> bool {
    facts.str_lit(id).and_then(|l| l.plain()).is_some_and(|k| is_one(k.expose()))
}

fn is_one(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().as_str(), "user" | "username" | "password")
}

/// Whether the chain that a call belongs to says a user or password itself.
fn gives_them(facts: &CellFacts, call: Span) -> bool {
    says_them(facts, call, Span { start: call.end, end: call.end })
}

/// [`gives_them`], but for one of its arguments.
fn says_them(facts: &CellFacts, call: Span, but: Span) -> bool {
    let start = Span { end: call.start, ..call };
    let around = facts.around(start).into_iter().map(|id| facts.expr(id).span);
    let Some(chain) = around.filter(|span| span.start == call.start).max_by_key(|s| s.len()) else { return true };
    facts.within(chain).into_iter().any(|id| match &facts.expr(id).kind {
        ExprKind::Str(lit) => lit.plain().is_some_and(|t| is_one(t.expose())),
        ExprKind::Call { args, .. } => args.iter().filter(|a| a.span != but).any(|a| {
            let spread = match &facts.expr(a.value).kind {
                ExprKind::Spread(inner) => !matches!(facts.expr(*inner).kind, ExprKind::Dict(_)),
                _ => false,
            };
            a.name.as_ref().is_some_and(|(n, _)| is_one(n)) || spread
        }),
        _ => false,
    })
}

/// The dict of properties that is written in the call.
fn properties(facts: &CellFacts, args: &[Arg], text: &str) -> Option<Span> {
    args.iter().find_map(|a| {
        let value = facts.expr(a.value);
        let named = a.name.as_ref().is_none_or(|(n, _)| &**n == "properties");
        let is_dict = matches!(&value.kind, ExprKind::Dict(entries) if !entries.is_empty());
        (named && is_dict && value.span.of(text).starts_with('{')).then_some(value.span)
    })
}
