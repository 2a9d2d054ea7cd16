//! Which functions of a program run on the executors: those that are given to a call which runs them there, and those that
//! these call.

use std::collections::{HashMap, HashSet};

use super::{executors::decorator_runs, lambda, nested};
use crate::{
    CellFacts, Span,
    facts::{ExprId, ExprKind, Stmt, StmtKind, Target},
};

/// What runs on the executors.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// Names of functions, and of classes whose objects are made there.
    pub names: HashSet<Box<str>>,
    /// Where their code stands, and that of lambdas: by position of the cell.
    places: Vec<(usize, Span)>,
}

impl Sent {
    /// The expressions of the code that runs there. `cells`: those that it was found in.
    pub fn exprs<'f>(&self, cells: &[&'f CellFacts]) -> impl Iterator<Item = (&'f CellFacts, ExprId)> {
        let places = self.places.iter().filter_map(|&(cell, span)| Some((*cells.get(cell)?, span)));
        places.flat_map(|(facts, span)| facts.within(span).into_iter().map(move |id| (facts, id)))
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.places.is_empty()
    }
}

/// `givers`: the cells that hand functions to such calls. `runs`: whether a call of that path runs what it is given on the
/// executors. `is_module`: whether a name is a module whose functions are meant, too.
pub(super) fn functions(
    cells: &[&CellFacts],
    givers: &[&CellFacts],
    runs: &dyn Fn(&str) -> bool,
    is_module: &dyn Fn(&str) -> bool,
) -> Sent {
    let mut names: Vec<&str> = Vec::new();
    let mut calls: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut bodies: HashMap<&str, Vec<(usize, Span)>> = HashMap::new();
    let mut places: Vec<(usize, Span)> = Vec::new();
    let owners = owners(cells);
    for (cell, &facts) in cells.iter().enumerate() {
        let find = Finder { facts, cell, owners: &owners, is_module };
        let is_giver = givers.iter().any(|giver| std::ptr::eq(*giver, facts));
        for expr in facts.exprs.iter().filter(|_| is_giver) {
            if let ExprKind::Call { callee, args, .. } = &expr.kind
                && facts.path(*callee).is_some_and(|p| runs(&p))
            {
                args.iter().for_each(|a| find.given(a.value, &mut names, &mut places));
            }
        }
        for stmt in statements(facts) {
            match &stmt.kind {
                StmtKind::Function(function) => {
                    let Some((name, _)) = &function.name else { continue };
                    calls.entry(name).or_default().extend(find.called(stmt.span));
                    bodies.entry(name).or_default().push((cell, stmt.span));
                    if is_giver && function.decorators.iter().any(|&d| decorator_runs(facts, d)) {
                        names.push(name);
                    }
                }
                // `f = lambda x: …`
                StmtKind::Bind { targets, value, .. } if lambda(facts, *value).is_some() => {
                    if let [Target::Name { name, .. }] = targets.as_slice() {
                        calls.entry(name).or_default().extend(find.called(stmt.span));
                        bodies.entry(name).or_default().push((cell, stmt.span));
                    }
                }
                // Who makes an object runs this.
                StmtKind::Class(class) => {
                    for span in class.body.iter().filter(|s| makes(s)).map(|s| s.span) {
                        calls.entry(&class.name).or_default().extend(find.called(span));
                        bodies.entry(&class.name).or_default().push((cell, span));
                    }
                }
                _ => {}
            }
        }
    }
    // What runs there runs there with all that it calls.
    let mut found: HashSet<Box<str>> = HashSet::new();
    while let Some(name) = names.pop() {
        if found.insert(name.into()) {
            names.extend(calls.get(name).into_iter().flatten());
            places.extend(bodies.get(name).into_iter().flatten());
        }
    }
    Sent { names: found, places }
}

/// Whether a statement of a class runs when an object is made: those of Scala that are no methods, constructors of Python.
fn makes(stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::Function(f) => {
            f.name.as_ref().is_some_and(|(name, _)| matches!(&**name, "__init__" | "__new__" | "__post_init__"))
        }
        _ => true,
    }
}

pub(super) fn statements(facts: &CellFacts) -> impl Iterator<Item = &Stmt> {
    let mut stack: Vec<&Stmt> = facts.body.iter().collect();
    std::iter::from_fn(move || {
        let stmt = stack.pop()?;
        stack.extend(nested(stmt));
        Some(stmt)
    })
}

/// Names of classes and objects, and of what is made of them: `h = Helper()`.
fn owners<'f>(cells: &[&'f CellFacts]) -> HashSet<&'f str> {
    let all = || cells.iter().copied().flat_map(|facts| statements(facts).map(move |stmt| (facts, stmt)));
    let mut found: HashSet<&str> = all()
        .filter_map(|(_, stmt)| match &stmt.kind {
            StmtKind::Class(class) => Some(&*class.name),
            _ => None,
        })
        .collect();
    let made: Vec<&str> = all()
        .flat_map(|(facts, stmt)| {
            let bound: Vec<(ExprId, &Target)> = match &stmt.kind {
                StmtKind::Bind { targets, value, .. } => match targets.as_slice() {
                    [target] => vec![(*value, target)],
                    _ => Vec::new(),
                },
                StmtKind::With { items, .. } => {
                    items.iter().filter_map(|(made, target)| Some((*made, target.as_ref()?))).collect()
                }
                _ => Vec::new(),
            };
            bound.into_iter().filter_map(move |(made, target)| match (&facts.expr(made).kind, target) {
                (ExprKind::Call { callee, .. }, Target::Name { name, .. }) => Some((facts.root(*callee)?, &**name)),
                _ => None,
            })
        })
        .filter_map(|(class, name)| found.contains(class).then_some(name))
        .collect();
    found.extend(made);
    found
}

struct Finder<'f, 'o> {
    facts: &'f CellFacts,
    cell: usize,
    owners: &'o HashSet<&'f str>,
    is_module: &'o dyn Fn(&str) -> bool,
}

impl<'f> Finder<'f, '_> {
    /// Functions that an argument hands on: `f`, `self.f`, `partial(f, 1)`, what a lambda calls.
    fn given(&self, id: ExprId, out: &mut Vec<&'f str>, places: &mut Vec<(usize, Span)>) {
        let facts = self.facts;
        match &facts.expr(id).kind {
            ExprKind::Name(name) => out.push(name),
            ExprKind::Attr { base, name, .. } if self.is_own(*base) => out.push(name),
            ExprKind::Same(inner) => self.given(*inner, out, places),
            ExprKind::Lambda(_) | ExprKind::Block(_) => {
                out.extend(self.called(facts.expr(id).span));
                places.push((self.cell, facts.expr(id).span));
            }
            ExprKind::Call { callee, args, .. } => {
                let partial = facts.last_name(*callee).is_some_and(|last| last == "partial");
                if let Some(first) = args.first().filter(|_| partial) {
                    self.given(first.value, out, places);
                }
            }
            _ => {}
        }
    }

    /// Names of the functions and own methods that are called in a place.
    fn called(&self, place: Span) -> Vec<&'f str> {
        let facts = self.facts;
        let inside = facts.within(place).into_iter();
        let callees = inside.filter_map(|id| match &facts.expr(id).kind {
            ExprKind::Call { callee, .. } => Some(&facts.expr(*callee).kind),
            _ => None,
        });
        callees
            .filter_map(|kind| match kind {
                ExprKind::Name(name) => Some(&**name),
                ExprKind::Attr { base, name, .. } if self.is_own(*base) => Some(&**name),
                _ => None,
            })
            .collect()
    }

    /// `self`, `cls`, `this`, a class or object of the program, what is made of one, the program as a module.
    fn is_own(&self, base: ExprId) -> bool {
        match &self.facts.expr(base).kind {
            ExprKind::Name(name) => {
                let is_object = matches!(&**name, "self" | "cls" | "this") || self.owners.contains(&**name);
                is_object || (self.is_module)(name)
            }
            // `Helper().f`
            ExprKind::Call { callee, .. } => self.facts.root(*callee).is_some_and(|name| self.owners.contains(name)),
            _ => false,
        }
    }
}
