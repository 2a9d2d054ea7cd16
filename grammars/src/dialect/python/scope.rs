//! Whether `dbutils` is in scope at a place, and where an import goes.

use std::cmp::Ordering;

use super::super::{
    Block, Insertion,
    around::{Around, Level, Owner},
    line_start,
};
use crate::{
    CellFacts, Span,
    facts::{ExprKind, Function, Stmt, StmtKind, Target},
};

const IMPORT: &str = "from databricks.sdk.runtime import dbutils";
const NAME: &str = "dbutils";

/// The insertion that brings `dbutils` into scope at `place` in the block with that index; `None` when some way of the
/// catalog already does.
pub(in super::super) fn dbutils_import(
    blocks: &[Block<'_>],
    own: usize,
    place: Span,
    notebook: bool,
) -> Option<Insertion> {
    let Block { text, facts } = *blocks.get(own)?;
    let around = Around::of(facts, place);
    // From the inside out: what a function binds is local to it, also before the binding.
    for (i, level) in around.levels.iter().enumerate().rev() {
        let Owner::Function(function) = level.owner else { continue };
        if around.levels.get(i + 1).is_some_and(|l| same_owner(l.owner, function)) {
            continue;
        }
        let default = function.params.iter().any(|p| p.default.is_some_and(|d| facts.expr(d).span.contains(place)));
        if default {
            continue;
        }
        if function.params.iter().any(|p| &*p.name == NAME) {
            return None;
        }
        match bound(&function.body, place, facts) {
            Bound::Before => return None,
            Bound::Later => return local(text, level).map(|(offset, text)| Insertion { block: own, offset, text }),
            Bound::Never => {}
        }
    }
    if notebook {
        return None;
    }
    let inside_function = around.levels.iter().any(|l| matches!(l.owner, Owner::Function(_)));
    let in_block = |(index, block): (usize, &Block<'_>)| match index.cmp(&own) {
        Ordering::Less => bound(&block.facts.body, BEHIND, block.facts),
        Ordering::Equal => bound(&block.facts.body, place, block.facts),
        Ordering::Greater => bound(&block.facts.body, Span::default(), block.facts),
    };
    match blocks.iter().enumerate().map(in_block).fold(Bound::Never, stronger) {
        Bound::Before => None,
        // Bound at module level after the function that reads it: the call comes later.
        Bound::Later if inside_function && blocks.iter().any(|b| unconditional(&b.facts.body)) => None,
        _ => Some(import_line(blocks, IMPORT)),
    }
}

/// A place behind all statements.
const BEHIND: Span = Span { start: u32::MAX, end: u32::MAX };

fn same_owner(owner: Owner<'_>, function: &Function) -> bool {
    matches!(owner, Owner::Function(f) if std::ptr::eq(f, function))
}

/// An import of its own in the function: the name is local there.
fn local(text: &str, level: &Level<'_>) -> Option<(usize, String)> {
    let start = level.stmt.span.start as usize;
    match line_start(text, start) {
        Some((line, indent)) => Some((line, format!("{indent}{IMPORT}\n"))),
        None => Some((start, format!("{IMPORT}; "))),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    Never,
    Before,
    Later,
}

/// Whether the statements of one scope bind `dbutils`, before or after a place. Bodies of functions and classes inside
/// are scopes of their own; `if TYPE_CHECKING` never runs; a branch counts for itself only.
fn bound(body: &[Stmt], place: Span, facts: &CellFacts) -> Bound {
    let mut found = Bound::Never;
    for stmt in body {
        let before = stmt.span.end <= place.start;
        let contains = stmt.span.contains(place);
        if binds(stmt) {
            match before {
                true => return Bound::Before,
                false => found = Bound::Later,
            }
        }
        let inner = match &stmt.kind {
            StmtKind::If { test, .. } if is_type_checking(facts, *test) => Bound::Never,
            StmtKind::If { then, other, .. } => {
                let (a, b) = (bound(then, place, facts), bound(other, place, facts));
                match (a, b) {
                    (Bound::Before, _) | (_, Bound::Before) if contains => Bound::Before,
                    // Both ways bind it.
                    (Bound::Before, Bound::Before) => Bound::Before,
                    (Bound::Never, Bound::Never) => Bound::Never,
                    _ => Bound::Later,
                }
            }
            StmtKind::Try { body, handlers, otherwise, finally } => [body, otherwise, finally]
                .into_iter()
                .chain(handlers.iter().map(|h| &h.body))
                .map(|b| bound(b, place, facts))
                .fold(Bound::Never, stronger),
            StmtKind::With { body, .. } | StmtKind::Block(body) => bound(body, place, facts),
            StmtKind::For { body, .. } | StmtKind::While { body, .. } => match bound(body, place, facts) {
                Bound::Before if !contains => Bound::Later,
                other => other,
            },
            _ => Bound::Never,
        };
        if inner == Bound::Before {
            return Bound::Before;
        }
        found = stronger(found, inner);
    }
    found
}

fn stronger(a: Bound, b: Bound) -> Bound {
    match (a, b) {
        (Bound::Before, _) | (_, Bound::Before) => Bound::Before,
        (Bound::Later, _) | (_, Bound::Later) => Bound::Later,
        _ => Bound::Never,
    }
}

/// A statement of the module itself binds it, not only one of its branches.
fn unconditional(body: &[Stmt]) -> bool {
    body.iter().any(|s| match &s.kind {
        StmtKind::Try { body, .. } => unconditional(body),
        _ => binds(s),
    })
}

fn binds(stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::Import(imports) => imports.iter().any(|i| {
            &*i.alias == NAME || (&*i.alias == "*" && i.path.trim_end_matches(".*") == "databricks.sdk.runtime")
        }),
        StmtKind::Bind { targets, .. } => targets.iter().any(is_name),
        StmtKind::With { items, .. } => items.iter().any(|(_, t)| t.as_ref().is_some_and(is_name)),
        StmtKind::For { target, .. } => is_name(target),
        StmtKind::Function(f) => f.name.as_ref().is_some_and(|(n, _)| &**n == NAME),
        _ => false,
    }
}

fn is_name(target: &Target) -> bool {
    match target {
        Target::Name { name, .. } => &**name == NAME,
        Target::Tuple(parts) => parts.iter().any(is_name),
        _ => false,
    }
}

fn is_type_checking(facts: &CellFacts, test: crate::facts::ExprId) -> bool {
    facts.path(test).is_some_and(|p| p.rsplit('.').next() == Some("TYPE_CHECKING"))
}

/// Behind the docstring and `__future__` imports of the module.
pub(in super::super) fn import_line(blocks: &[Block<'_>], import: &str) -> Insertion {
    let mut is_start = true;
    for (index, block) in blocks.iter().enumerate() {
        let more = index + 1 < blocks.len();
        if let Some((offset, text)) = line_in(*block, is_start, more, import) {
            return Insertion { block: index, offset, text };
        }
        is_start &= block.facts.body.is_empty();
    }
    Insertion { block: 0, offset: 0, text: format!("{import}\n") }
}

/// [`import_line`] in one block; `None`: it goes into one of those that follow.
fn line_in(Block { text, facts }: Block<'_>, is_start: bool, more: bool, import: &str) -> Option<(usize, String)> {
    let mut end = 0;
    for (i, stmt) in facts.body.iter().enumerate() {
        let docstring = is_start
            && i == 0
            && matches!(stmt.kind, StmtKind::Expr(id) if matches!(facts.expr(id).kind, ExprKind::Str(_)));
        let future =
            matches!(&stmt.kind, StmtKind::Import(imports) if imports.iter().any(|i| i.path.starts_with("__future__")));
        if docstring || future {
            end = stmt.span.end as usize;
            continue;
        }
        let start = stmt.span.start as usize;
        return Some(match line_start(text, start) {
            Some((line, _)) if line >= end => (line, format!("{import}\n")),
            // `"""doc"""; x = 1`
            _ => (start, format!("{import}; ")),
        });
    }
    if more {
        return None;
    }
    Some(match text.get(end..).and_then(|rest| rest.find('\n')) {
        Some(i) => (end + i + 1, format!("{import}\n")),
        None => (text.len(), format!("\n{import}\n")),
    })
}
