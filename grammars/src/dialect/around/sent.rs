//! Which functions of a program run on the executors: those that are given to a call which runs them there, and those that
//! these call.

use std::collections::{HashMap, HashSet};

use super::{decorator_runs, nested};
use crate::{
    CellFacts, Span,
    facts::{ExprId, ExprKind, Stmt, StmtKind},
};

/// Their names. `runs`: whether a call of that path runs what it is given on the executors.
pub(super) fn functions(cells: &[&CellFacts], runs: impl Fn(&str) -> bool) -> HashSet<Box<str>> {
    let mut names: Vec<&str> = Vec::new();
    let mut calls: HashMap<&str, Vec<&str>> = HashMap::new();
    for facts in cells {
        for expr in &facts.exprs {
            if let ExprKind::Call { callee, args, .. } = &expr.kind
                && facts.path(*callee).is_some_and(|p| runs(&p))
            {
                args.iter().for_each(|a| given(facts, a.value, &mut names));
            }
        }
        let mut stack: Vec<&Stmt> = facts.body.iter().collect();
        while let Some(stmt) = stack.pop() {
            if let StmtKind::Function(function) = &stmt.kind
                && let Some((name, _)) = &function.name
            {
                calls.entry(name).or_default().extend(called(facts, stmt.span));
                if function.decorators.iter().any(|&d| decorator_runs(facts, d)) {
                    names.push(name);
                }
            }
            stack.extend(nested(stmt));
        }
    }
    // What runs there runs there with all that it calls.
    let mut found: HashSet<Box<str>> = HashSet::new();
    while let Some(name) = names.pop() {
        if found.insert(name.into()) {
            names.extend(calls.get(name).into_iter().flatten());
        }
    }
    found
}

/// Functions that an argument hands on: `f`, `self.f`, `partial(f, 1)`, what a lambda calls.
fn given<'f>(facts: &'f CellFacts, id: ExprId, out: &mut Vec<&'f str>) {
    match &facts.expr(id).kind {
        ExprKind::Name(name) => out.push(name),
        ExprKind::Attr { base, name, .. } if is_own(facts, *base) => out.push(name),
        ExprKind::Lambda(_) => out.extend(called(facts, facts.expr(id).span)),
        ExprKind::Call { callee, args, .. } => {
            let partial = facts.last_name(*callee).is_some_and(|last| last == "partial");
            if let Some(first) = args.first().filter(|_| partial) {
                given(facts, first.value, out);
            }
        }
        _ => {}
    }
}

/// Names of the functions and own methods that are called in a place.
fn called(facts: &CellFacts, place: Span) -> Vec<&str> {
    let inside = facts.within(place).into_iter();
    let callees = inside.filter_map(|id| match &facts.expr(id).kind {
        ExprKind::Call { callee, .. } => Some(&facts.expr(*callee).kind),
        _ => None,
    });
    callees
        .filter_map(|kind| match kind {
            ExprKind::Name(name) => Some(&**name),
            ExprKind::Attr { base, name, .. } if is_own(facts, *base) => Some(&**name),
            _ => None,
        })
        .collect()
}

/// `self`, `cls`, `this`.
fn is_own(facts: &CellFacts, base: ExprId) -> bool {
    matches!(&facts.expr(base).kind, ExprKind::Name(name) if matches!(&**name, "self" | "cls" | "this"))
}
