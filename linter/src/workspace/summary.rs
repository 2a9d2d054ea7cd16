//! What the top level of a file binds, without running it: which names may carry a secret, and through which others.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use credscope_grammars::{
    CellFacts,
    facts::{ExprId, ExprKind, Import, Stmt, StmtKind, Target},
};

use super::{Reference, reference::inner};
use crate::{
    flow,
    model::Names,
    value::names::{NameVerdict, verdict},
};

#[derive(Clone, Debug, Default)]
pub struct Summary {
    names: BTreeMap<Box<str>, Entry>,
    /// Notebooks whose names come in.
    pub includes: Vec<Reference>,
    pub imports: Vec<Import>,
}

/// One name of the top level. Over-approximates: all statements that bind it, whole.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Something there reads a secret.
    pub reads: bool,
    /// A function or class.
    pub callable: bool,
    /// Names and dotted callees that its statements mention.
    pub uses: BTreeSet<Box<str>>,
    /// Last segments of called paths, for sources of the configuration.
    pub calls: BTreeSet<Box<str>>,
}

impl Summary {
    pub(super) fn of(facts: &[Arc<CellFacts>]) -> Self {
        let names = Names::of(facts.iter().map(|f| &**f));
        let mut summary = Self::default();
        for facts in facts {
            let spans: Vec<u32> = facts.body.iter().map(|s| s.span.start).collect();
            let mut parts: Vec<Entry> = vec![Entry::default(); facts.body.len()];
            for (index, expr) in facts.exprs.iter().enumerate() {
                let Some(at) = spans.partition_point(|s| *s <= expr.span.start).checked_sub(1) else { continue };
                let Some(part) = parts.get_mut(at) else { continue };
                let id = ExprId(index as u32);
                match &expr.kind {
                    ExprKind::Name(name) => {
                        part.uses.insert(name.clone());
                    }
                    ExprKind::Attr { name, .. } => {
                        part.calls.insert(name.clone());
                    }
                    _ => {}
                }
                part.reads |= flow::may_read(&names, facts, id);
            }
            for (stmt, mut part) in facts.body.iter().zip(parts) {
                part.reads |= has_plain(facts, stmt);
                let embedded = facts.embedded.iter().any(|e| {
                    let inside = e.map.to_source(credscope_grammars::Span::new(0, 0));
                    stmt.span.start <= inside.start && inside.start < stmt.span.end && flow::selects_secret(&e.facts)
                });
                part.reads |= embedded;
                summary.stmt(facts, stmt, &part, 0);
            }
        }
        summary
    }

    /// Names of the top level in order of the alphabet.
    pub fn names(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.names.iter().map(|(name, entry)| (&**name, entry))
    }

    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.names.get(name)
    }

    fn stmt(&mut self, facts: &CellFacts, stmt: &Stmt, part: &Entry, depth: usize) {
        if depth > 20 {
            return;
        }
        match &stmt.kind {
            StmtKind::Include { path, .. } => self.includes.push(Reference::Run(path.clone())),
            StmtKind::Import(imports) => self.imports.extend(imports.iter().cloned()),
            StmtKind::Function(function) => {
                if let Some((name, _)) = &function.name {
                    self.add(name, part, true);
                }
                // `global x` inside.
                self.globals(&function.body, part, 0);
            }
            StmtKind::Class(class) => self.add(&class.name, part, true),
            StmtKind::Bind { targets, .. } => targets.iter().for_each(|t| self.target(facts, t, part)),
            StmtKind::Expr(id) => {
                // `conf.update(…)`, `props.put(…)`.
                if let Some(root) = root(facts, *id) {
                    self.add(&root, part, false);
                }
            }
            other => {
                if let StmtKind::For { target, .. } = other {
                    self.target(facts, target, part);
                }
                if let StmtKind::With { items, .. } = other {
                    items.iter().filter_map(|(_, t)| t.as_ref()).for_each(|t| self.target(facts, t, part));
                }
                for body in inner(other) {
                    body.iter().for_each(|s| self.stmt(facts, s, part, depth + 1));
                }
            }
        }
    }

    fn globals(&mut self, body: &[Stmt], part: &Entry, depth: usize) {
        if depth > 20 {
            return;
        }
        for stmt in body {
            if let StmtKind::Global(names) = &stmt.kind {
                names.iter().for_each(|n| self.add(n, part, false));
            }
            inner(&stmt.kind).into_iter().for_each(|b| self.globals(b, part, depth + 1));
        }
    }

    fn target(&mut self, facts: &CellFacts, target: &Target, part: &Entry) {
        match target {
            Target::Name { name, .. } => self.add(name, part, false),
            Target::Tuple(parts) | Target::Any(parts) => parts.iter().for_each(|t| self.target(facts, t, part)),
            Target::Rest(inner) | Target::Other(inner) | Target::Of { inner, .. } => self.target(facts, inner, part),
            Target::Keyed(pairs) => pairs.iter().for_each(|(_, t)| self.target(facts, t, part)),
            Target::Place(id) => {
                if let Some(root) = root(facts, *id) {
                    self.add(&root, part, false);
                }
            }
            Target::Literal(_) | Target::Skip => {}
        }
    }

    fn add(&mut self, name: &str, part: &Entry, callable: bool) {
        let entry = self.names.entry(name.into()).or_default();
        entry.reads |= part.reads;
        entry.callable |= callable;
        entry.uses.extend(part.uses.iter().filter(|u| ***u != *name).cloned());
        entry.calls.extend(part.calls.iter().cloned());
    }
}

/// First name of a chain of attributes, indexes and calls.
fn root(facts: &CellFacts, id: ExprId) -> Option<Box<str>> {
    match &facts.expr(id).kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Attr { base, .. } | ExprKind::Index { base, .. } => root(facts, *base),
        ExprKind::Call { callee, .. } => root(facts, *callee),
        ExprKind::Same(inner) => root(facts, *inner),
        _ => None,
    }
}

/// A literal under a name that says secret, anywhere in the statement.
fn has_plain(facts: &CellFacts, stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::Bind { targets, value, .. } => {
            facts.str_lit(*value).is_some_and(|l| l.plain().is_some())
                && targets
                    .iter()
                    .any(|t| matches!(t, Target::Name { name, .. } if verdict(name) == NameVerdict::Secret))
        }
        other => inner(other).into_iter().flatten().any(|s| has_plain(facts, s)),
    }
}
