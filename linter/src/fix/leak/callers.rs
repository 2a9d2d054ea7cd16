//! A function that shows what it is given: whether everybody who calls it gives it a secret.

use std::sync::Arc;

use credscope_grammars::{
    CellFacts, Span,
    dialect::around::{Around, Owner},
    facts::{Arg, ExprId, ExprKind, Function, Stmt, StmtKind, Target},
};

use crate::finding::Finding;

/// Whether the place of a finding also shows values of callers that give it no secret, as far as is in sight.
pub(super) fn is_for_others(all: &[Arc<CellFacts>], around: &Around<'_>, finding: &Finding) -> bool {
    let function = around.levels.iter().rev().find_map(|level| match (&level.stmt.kind, level.owner) {
        (StmtKind::Function(f), owner) => Some((level.stmt.span, &**f, matches!(owner, Owner::Class(_)))),
        _ => None,
    });
    let Some((span, function, is_method)) = function else { return false };
    let Some(name) = function.name.as_ref().map(|(name, _)| &**name) else { return false };
    let Some(facts) = all.get(finding.place.cell as usize) else { return false };
    let read_inside =
        finding.related.first().is_some_and(|r| r.place.cell == finding.place.cell && span.contains(r.place.span));
    if read_inside || !shows_local(facts, function, finding.place.span) {
        return false;
    }
    let mut calls: Vec<(&CellFacts, &[Arg])> = Vec::new();
    for facts in all {
        for expr in &facts.exprs {
            if let ExprKind::Call { callee, args, .. } = &expr.kind
                && is_named(facts, *callee, name)
            {
                calls.push((facts, args));
            }
        }
        // Handed on: nobody knows who calls it.
        let named = facts.exprs.iter().filter(|e| matches!(&e.kind, ExprKind::Name(n) if &**n == name)).count();
        let called = facts.exprs.iter().filter(
            |e| matches!(&e.kind, ExprKind::Call { callee, .. } if matches!(&facts.expr(*callee).kind, ExprKind::Name(n) if &**n == name)),
        );
        if named > called.count() && !is_method {
            return true;
        }
    }
    match calls.as_slice() {
        [] => true,
        [_] => false,
        calls => !calls.iter().all(|(facts, args)| args.iter().any(|a| has_secret(all, facts, a.value))),
    }
}

fn is_named(facts: &CellFacts, callee: ExprId, name: &str) -> bool {
    match &facts.expr(callee).kind {
        ExprKind::Name(n) => &**n == name,
        ExprKind::Attr { name: n, .. } => &**n == name,
        _ => false,
    }
}

/// Whether what is shown has a parameter of the function in it, or a name that the function binds.
fn shows_local(facts: &CellFacts, function: &Function, shown: Span) -> bool {
    let bound = |name: &str| binds(&function.body, &|targets, _| is_among(targets, name));
    facts.within(shown).into_iter().any(|id| match &facts.expr(id).kind {
        ExprKind::Name(name) => {
            function.params.iter().any(|p| p.name == *name && !matches!(&**name, "self" | "cls")) || bound(name)
        }
        _ => false,
    })
}

/// Whether an argument reads a secret or has a name in it that is bound to such a read.
fn has_secret(all: &[Arc<CellFacts>], facts: &CellFacts, id: ExprId) -> bool {
    let reads = |facts: &CellFacts, span: Span| {
        facts.within(span).into_iter().any(|id| match &facts.expr(id).kind {
            ExprKind::Call { callee, .. } => facts.path(*callee).is_some_and(|p| p.contains("secrets.get")),
            _ => false,
        })
    };
    let span = facts.expr(id).span;
    reads(facts, span)
        || facts.within(span).into_iter().any(|id| match &facts.expr(id).kind {
            ExprKind::Name(name) => all.iter().any(|facts| {
                binds(&facts.body, &|targets, value| is_among(targets, name) && reads(facts, facts.expr(value).span))
            }),
            _ => false,
        })
}

fn is_among(targets: &[Target], name: &str) -> bool {
    targets.iter().any(|t| matches!(t, Target::Name { name: n, .. } if &**n == name))
}

/// Whether a statement of a body, or of a block in it, binds as asked.
fn binds(body: &[Stmt], asked: &dyn Fn(&[Target], ExprId) -> bool) -> bool {
    let mut stack: Vec<&Stmt> = body.iter().collect();
    while let Some(stmt) = stack.pop() {
        match &stmt.kind {
            StmtKind::Bind { targets, value, .. } if asked(targets, *value) => return true,
            StmtKind::Function(f) => stack.extend(&f.body),
            StmtKind::Class(c) => stack.extend(&c.body),
            StmtKind::If { then, other, .. } => stack.extend(then.iter().chain(other)),
            StmtKind::For { body, .. }
            | StmtKind::While { body, .. }
            | StmtKind::With { body, .. }
            | StmtKind::Block(body) => stack.extend(body),
            StmtKind::Try { body, handlers, otherwise, finally } => {
                stack.extend(body.iter().chain(otherwise).chain(finally));
                stack.extend(handlers.iter().flat_map(|h| &h.body));
            }
            _ => {}
        }
    }
    false
}
