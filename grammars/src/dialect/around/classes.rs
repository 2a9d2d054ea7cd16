//! Where the code of classes runs: on executors, in the container that serves a model.

use std::collections::HashSet;

use super::{Around, Program, executors::decorator_runs, nested, sent::statements};
use crate::{
    CellFacts,
    facts::{BindKind, Class, ExprId, ExprKind, Function, Stmt, StmtKind, Target},
};

/// Classes whose methods Spark runs on the executors.
const ON_EXECUTORS: &[&str] = &[
    "ForeachWriter", "StatefulProcessor", "StatefulProcessorWithInitialState", "Aggregator",
    "UserDefinedAggregateFunction", "DataSource", "DataSourceReader", "DataSourceStreamReader",
    "SimpleDataSourceStreamReader", "DataSourceWriter", "DataSourceArrowWriter", "DataSourceStreamWriter",
    "DataSourceStreamArrowWriter", "MapFunction", "FlatMapFunction", "MapPartitionsFunction", "FilterFunction",
    "ReduceFunction", "ForeachFunction", "ForeachPartitionFunction", "UDF0", "UDF1", "UDF2", "UDF3", "UDF4", "UDF5",
];

/// Classes of MLflow whose methods run where the model is served.
const SERVED: &[&str] = &["PythonModel", "ChatModel", "ChatAgent", "ResponsesAgent"];

/// Classes above a class that are followed.
const DEPTH: u8 = 5;

/// What is asked of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Asked {
    SparkRuns,
    Served,
    MadeThere,
}

impl Program<'_> {
    /// Asks once for each class: a large file has many literals in few of them.
    fn once(&self, class: &Class, asked: Asked, find: impl FnOnce() -> bool) -> bool {
        let key = (std::ptr::from_ref(class).addr(), asked);
        let known = self.classes.borrow().get(&key).copied();
        known.unwrap_or_else(|| {
            let found = find();
            self.classes.borrow_mut().insert(key, found);
            found
        })
    }

    /// Whether Spark runs the methods of a class on the executors.
    pub(super) fn spark_runs(&self, facts: &CellFacts, class: &Class) -> bool {
        self.once(class, Asked::SparkRuns, || {
            class.decorators.iter().any(|&d| decorator_runs(facts, d))
                || self.extends(facts, &class.bases, ON_EXECUTORS, DEPTH)
        })
    }

    /// Whether Spark runs the methods of what extends a class on the executors.
    pub(super) fn spark_runs_base(&self, facts: &CellFacts, base: ExprId) -> bool {
        self.extends(facts, &[base], ON_EXECUTORS, DEPTH)
    }

    /// Whether code stands in a class of a model that is served.
    pub(in super::super) fn is_served(&self, facts: &CellFacts, around: &Around<'_>) -> bool {
        classes(around)
            .any(|class| self.once(class, Asked::Served, || self.extends(facts, &class.bases, SERVED, DEPTH)))
    }

    /// Whether the file itself is run where a model is served: `mlflow.models.set_model(m)`.
    pub(in super::super) fn serves_all(&self) -> bool {
        let sets = |facts: &CellFacts| {
            facts.exprs.iter().any(|e| match &e.kind {
                ExprKind::Call { callee, .. } => {
                    facts.last_name(*callee) == Some("set_model")
                        && facts.path(*callee).is_some_and(|p| p.ends_with("models.set_model"))
                }
                _ => false,
            })
        };
        *self.serves.get_or_init(|| self.cells().any(sets))
    }

    fn extends(&self, facts: &CellFacts, bases: &[ExprId], wanted: &[&str], depth: u8) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        bases.iter().any(|&base| {
            let Some(name) = named(facts, base) else { return false };
            wanted.contains(&&*name)
                || self.everywhere().any(|other| {
                    statements(other).any(|stmt| match &stmt.kind {
                        StmtKind::Class(class) => {
                            *class.name == *name && self.extends(other, &class.bases, wanted, depth)
                        }
                        _ => false,
                    })
                })
        })
    }

    /// Whether the executors make an object of Scala anew, with all that it binds: code that runs there uses what is in it.
    /// `stmt`: the statement of its body that is asked about.
    pub(super) fn is_made_there(&self, facts: &CellFacts, object: &Class, stmt: &Stmt) -> bool {
        match &stmt.kind {
            // Evaluated for itself when it is asked for.
            StmtKind::Bind { kind: BindKind::Lazy, targets, .. } => {
                let own = targets.iter().filter_map(target).collect();
                self.uses_there(facts, object, &own, false)
            }
            StmtKind::Function(_) | StmtKind::Class(_) => false,
            _ => self.once(object, Asked::MadeThere, || {
                self.uses_there(facts, object, &object.body.iter().flat_map(bound).collect(), true)
            }),
        }
    }

    /// Whether code on the executors uses names of an object. `any`: or anything of it.
    fn uses_there(&self, facts: &CellFacts, object: &Class, own: &HashSet<&str>, any: bool) -> bool {
        if self.sent().is_empty() {
            return false;
        }
        let inside = object.body.first().map(|s| s.span).zip(object.body.last().map(|s| s.span));
        let is_import = |stmt: &Stmt| match &stmt.kind {
            StmtKind::Import(imports) => imports
                .iter()
                .any(|i| matches!(&*i.alias, "_" | "*") && i.path.split('.').any(|part| *part == *object.name)),
            _ => false,
        };
        let imported = self.session().into_iter().any(|facts| statements(facts).any(is_import));
        let hidden = hidden(facts, object);
        self.sent().exprs(&self.session()).any(|(of, id)| match &of.expr(id).kind {
            ExprKind::Name(name) if own.contains(&**name) && !hidden.contains(&**name) => {
                let place = of.expr(id).span;
                let is_inside =
                    std::ptr::eq(of, facts) && inside.is_some_and(|(first, last)| first.cover(last).contains(place));
                imported || is_inside
            }
            ExprKind::Attr { base, name, .. } if any || own.contains(&**name) => {
                of.last_name(*base).is_some_and(|n| *n == *object.name)
            }
            _ => false,
        })
    }
}

/// Whether code stands in a class of a model that is served, as far as the class itself says so.
pub fn is_in_model(facts: &CellFacts, around: &Around<'_>) -> bool {
    let served = |base: &ExprId| named(facts, *base).is_some_and(|name| SERVED.contains(&&*name));
    classes(around).any(|class| class.bases.iter().any(served))
}

fn classes<'f>(around: &Around<'f>) -> impl Iterator<Item = &'f Class> {
    around.levels.iter().filter_map(|level| match &level.stmt.kind {
        StmtKind::Class(class) => Some(&**class),
        _ => None,
    })
}

/// The name of a superclass: `mlflow.pyfunc.PythonModel`, `ForeachWriter[Row]`, `Aggregator(…)`.
fn named(facts: &CellFacts, base: ExprId) -> Option<String> {
    let callee = match &facts.expr(base).kind {
        ExprKind::Call { callee, .. } => *callee,
        _ => base,
    };
    let path = facts.path(callee)?;
    let last = path.rsplit('.').next().unwrap_or(&path);
    Some(last.split('[').next().unwrap_or(last).to_owned())
}

fn target(target: &Target) -> Option<&str> {
    match target {
        Target::Name { name, .. } => Some(name),
        _ => None,
    }
}

/// What a statement of an object binds.
fn bound(stmt: &Stmt) -> Vec<&str> {
    match &stmt.kind {
        StmtKind::Bind { targets, .. } => targets.iter().filter_map(target).collect(),
        StmtKind::Function(f) => f.name.iter().map(|(name, _)| &**name).collect(),
        _ => Vec::new(),
    }
}

/// Names that something else than an object's body binds, too: parameters, values of functions.
fn hidden<'f>(facts: &'f CellFacts, object: &'f Class) -> HashSet<&'f str> {
    let mut found: HashSet<&str> = HashSet::new();
    let mut open: Vec<&Stmt> = object.body.iter().flat_map(nested).collect();
    let mut take = |function: &'f Function, open: &mut Vec<&'f Stmt>| {
        found.extend(function.params.iter().map(|p| &*p.name));
        open.extend(&function.body);
    };
    for stmt in &object.body {
        if let StmtKind::Function(function) = &stmt.kind {
            take(function, &mut open);
        }
    }
    for expr in &facts.exprs {
        match &expr.kind {
            ExprKind::Lambda(function) => take(function, &mut open),
            ExprKind::Block(body) => open.extend(body),
            _ => {}
        }
    }
    while let Some(stmt) = open.pop() {
        if let StmtKind::Function(function) = &stmt.kind {
            found.extend(function.params.iter().map(|p| &*p.name));
        }
        found.extend(bound(stmt));
        open.extend(nested(stmt));
    }
    found
}
