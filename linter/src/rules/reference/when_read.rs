//! CS607 and CS608: a secret is read again and again, or when a library is imported.

use std::collections::HashSet;

use credscope_grammars::{
    CellFacts, Span,
    facts::{ExprId, ExprKind, Stmt, StmtKind, Target},
};

use super::statements::{cover, dbutils_calls, each};
use crate::{
    context::CellContext,
    finding::{Finding, Place},
    fix::Plan,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
};

pub static LOOP: RuleMeta = RuleMeta {
    code: "CS607",
    name: "secret-read-in-loop",
    summary: "the same secret is read in each round of a loop",
    docs: include_str!("secret_read_in_loop.md"),
    severity: Severity::Hint,
    fix: FixKind::Display,
    anchors: Anchors::Words(&["dbutils"]),
    precedence: 100,
    cwe: &[],
    since: "0.1.0",
};

pub static IMPORT: RuleMeta = RuleMeta {
    code: "CS608",
    name: "secret-at-import",
    summary: "secret read when a library is imported",
    docs: include_str!("secret_at_import.md"),
    severity: Severity::Hint,
    fix: FixKind::Display,
    anchors: Anchors::Words(&["dbutils"]),
    precedence: 100,
    cwe: &[],
    since: "0.1.0",
};

pub struct SecretReadInLoop;
pub struct SecretAtImport;

/// Reads of secrets.
fn reads(facts: &CellFacts) -> Vec<ExprId> {
    dbutils_calls(facts).into_iter().filter(|(_, p)| p.starts_with("dbutils.secrets.get")).map(|(id, _)| id).collect()
}

fn names(target: &Target, out: &mut HashSet<Box<str>>) {
    match target {
        Target::Name { name, .. } => {
            out.insert(name.clone());
        }
        Target::Tuple(parts) | Target::Any(parts) => parts.iter().for_each(|p| names(p, out)),
        Target::Rest(inner) | Target::Other(inner) | Target::Of { inner, .. } => names(inner, out),
        Target::Keyed(pairs) => pairs.iter().for_each(|(_, t)| names(t, out)),
        Target::Place(_) | Target::Literal(_) | Target::Skip => {}
    }
}

/// Bodies of loops, with the names that change in them.
fn loops(facts: &CellFacts) -> Vec<(Span, HashSet<Box<str>>)> {
    let mut found = Vec::new();
    each(facts, &mut |stmt| {
        let (body, target) = match &stmt.kind {
            StmtKind::For { target, body, .. } => (body, Some(target)),
            StmtKind::While { body, .. } => (body, None),
            _ => return,
        };
        let Some(span) = cover(body) else { return };
        let mut changed = HashSet::new();
        if let Some(target) = target {
            names(target, &mut changed);
        }
        found.push((span, changed));
    });
    for expr in &facts.exprs {
        if let ExprKind::Comprehension { elements, clauses } = &expr.kind {
            let mut changed = HashSet::new();
            clauses.iter().for_each(|c| names(&c.target, &mut changed));
            found.extend(elements.iter().map(|e| (facts.expr(*e).span, changed.clone())));
        }
    }
    // What the body binds changes, too.
    each(facts, &mut |stmt| {
        if let StmtKind::Bind { targets, .. } = &stmt.kind {
            for (span, changed) in &mut found {
                if span.contains(stmt.span) {
                    targets.iter().for_each(|t| names(t, changed));
                }
            }
        }
    });
    found
}

/// Whether a call has the same arguments in each round.
fn is_same(facts: &CellFacts, call: ExprId, changed: &HashSet<Box<str>>) -> bool {
    let ExprKind::Call { args, .. } = &facts.expr(call).kind else { return false };
    args.iter().all(|a| match &facts.expr(a.value).kind {
        ExprKind::Str(lit) => !lit.is_interpolated(),
        ExprKind::Name(name) => !changed.contains(name),
        _ => false,
    })
}

impl CellRule for SecretReadInLoop {
    fn meta(&self) -> &'static RuleMeta {
        &LOOP
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let facts = cx.facts;
        let reads = reads(facts);
        if reads.is_empty() {
            return;
        }
        let loops = loops(facts);
        for call in reads {
            let span = facts.expr(call).span;
            // A function defined in a loop body is none of its rounds; that is rare enough.
            if !loops.iter().any(|(body, changed)| body.contains(span) && is_same(facts, call, changed)) {
                continue;
            }
            let place = Place { cell: cx.index as u32, span };
            let message = "the same secret is read in each round of the loop".to_owned();
            let finding = Finding::at(&LOOP, place, message)
                .help("every read is a request; read it once before the loop")
                .subject("secrets.get");
            cx.report(finding.plan(Plan::Advice { title: "Read the secret before the loop".into() }));
        }
    }
}

impl CellRule for SecretAtImport {
    fn meta(&self) -> &'static RuleMeta {
        &IMPORT
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let facts = cx.facts;
        let library = cx.whole.map_or_else(|| is_library([facts]), |whole| whole.is_library);
        if cx.document.is_notebook() || !library {
            return;
        }
        for call in reads(facts) {
            let span = facts.expr(call).span;
            let at_import = facts
                .body
                .iter()
                .any(|s| matches!(s.kind, StmtKind::Bind { .. } | StmtKind::Expr(_)) && s.span.contains(span));
            let in_lambda = facts.exprs.iter().any(|e| matches!(e.kind, ExprKind::Lambda(_)) && e.span.contains(span));
            if !at_import || in_lambda {
                continue;
            }
            let place = Place { cell: cx.index as u32, span };
            let message = "the secret is read when the module is imported".to_owned();
            let finding = Finding::at(&IMPORT, place, message)
                .help("tests and tools that only import it fail; read it in a function")
                .subject("secrets.get");
            cx.report(finding.plan(Plan::Advice { title: "Read the secret in the function that needs it".into() }));
        }
    }
}

/// A module that others import: it defines things, and does nothing by itself.
pub(crate) fn is_library<'f>(blocks: impl IntoIterator<Item = &'f CellFacts>) -> bool {
    let mut defines = false;
    for facts in blocks {
        defines |= facts.body.iter().any(|s| matches!(s.kind, StmtKind::Function(_) | StmtKind::Class(_)));
        if facts.body.iter().any(|s| acts(facts, s)) {
            return false;
        }
    }
    defines
}

/// Whether a statement of the top level does something when a module is imported.
fn acts(facts: &CellFacts, s: &Stmt) -> bool {
    match &s.kind {
        StmtKind::If { test, .. } => facts.exprs.iter().any(|e| {
            facts.expr(*test).span.contains(e.span) && matches!(&e.kind, ExprKind::Name(n) if &**n == "__name__")
        }),
        StmtKind::Expr(id) => matches!(facts.expr(*id).kind, ExprKind::Call { .. }),
        StmtKind::For { .. } | StmtKind::While { .. } | StmtKind::With { .. } => true,
        _ => false,
    }
}
