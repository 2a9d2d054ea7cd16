//! What runs on the executors, where there is no `dbutils`: a value has to be read before, on the driver.

use std::collections::HashMap;

use super::{Around, Level, Owner, Program, nested};
use crate::{
    CellFacts, Language,
    dialect::distributed::{is_distributed, is_local, is_spread_type},
    facts::{ExprId, ExprKind, Function, Stmt, StmtKind, Target},
};

/// Calls whose function runs on the executors (catalog CS606): last segments.
const ON_EXECUTORS: &[&str] = &[
    "udf", "pandas_udf", "udtf", "arrow_udf", "foreachPartition", "mapPartitions", "mapPartitionsWithIndex", "foreach",
    "mapInPandas", "mapInArrow", "applyInPandas", "applyInPandasWithState", "applyInArrow", "register",
    "mapGroupsWithState", "flatMapGroupsWithState", "transformWithState", "transformWithStateInPandas",
    "aggregateByKey", "combineByKey", "foldByKey", "treeAggregate", "treeReduce", "foreachAsync",
    "foreachPartitionAsync", "JdbcRDD", // SparkR
    "dapply", "dapplyCollect", "gapply", "gapplyCollect", "spark_apply",
];

/// Methods that run on the executors when they are asked of an RDD, in Scala of a Dataset, too.
const ON_RDD: &[&str] = &[
    "map", "flatMap", "filter", "mapValues", "flatMapValues", "reduceByKey", "groupBy", "keyBy", "foreach", "reduce",
    "groupByKey", "mapGroups", "flatMapGroups", "sortBy", "aggregate", "fold",
];

/// What a name is bound to.
#[derive(Clone, Debug)]
pub(super) enum Bound {
    Path(String),
    /// A collection of the driver, a text.
    Local,
    /// A parameter of a type that is spread over the executors.
    Spread,
}

/// Where the function that a call is given runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Runs {
    Executors,
    /// What the method is asked of decides, and nothing says what that is.
    Perhaps,
    Driver,
}

fn runs_on_executors(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or(path);
    match last {
        "create" => path.ends_with("JdbcRDD.create"),
        "lapply" => path.ends_with("spark.lapply"),
        "register" => path.contains("udf") || path.contains("udtf"),
        "foreach" => path.contains("rdd") || path.contains("write"),
        last if ON_RDD.contains(&last) => path.contains("rdd") || path.contains("parallelize"),
        last => ON_EXECUTORS.contains(&last),
    }
}

impl Program<'_> {
    /// Whether a call runs the function that it is given on the executors.
    pub(super) fn runs_on_executors(&self, path: &str) -> bool {
        // `udf(returnType = …)(f)`, `mapGroupsWithState(timeout)(f)`
        let path = path.trim_end_matches("()");
        if runs_on_executors(path) {
            return !is_local(path);
        }
        let last = path.rsplit('.').next().unwrap_or(path);
        ON_RDD.contains(&last) && (self.is_spread(path) || is_called_frame(root(path)) && !is_local(path))
    }

    fn is_spread(&self, path: &str) -> bool {
        let bound = self.bound();
        let spread = matches!(bound.get(root(path)), Some(Bound::Spread)) && !is_local(path);
        spread
            || is_distributed(path, |name| match bound.get(name) {
                Some(Bound::Path(path)) => Some(path.as_str()),
                _ => None,
            })
    }

    /// Where a call runs a lambda.
    fn runs(&self, language: Language, path: &str) -> Runs {
        let path = path.trim_end_matches("()");
        let last = path.rsplit('.').next().unwrap_or(path);
        // Frames of pandas have some of these methods.
        let is_python = language != Language::Scala;
        if runs_on_executors(path) && !is_local(path) || is_python && self.is_spread(path) && ON_RDD.contains(&last) {
            return Runs::Executors;
        }
        if is_python || !ON_RDD.contains(&last) {
            return Runs::Driver;
        }
        if self.runs_on_executors(path) {
            return Runs::Executors;
        }
        let mut path = path.to_owned();
        for _ in 0..4 {
            if is_local(&path) || is_collection(&path) {
                return Runs::Driver;
            }
            let name = root(&path).to_owned();
            match self.bound().get(name.as_str()) {
                Some(Bound::Local) => return Runs::Driver,
                Some(Bound::Path(more)) if root(more) != name => path = format!("{more}{}", &path[name.len()..]),
                _ => break,
            }
        }
        Runs::Perhaps
    }

    fn bound(&self) -> &HashMap<Box<str>, Bound> {
        self.bound.get_or_init(|| {
            let mut found = HashMap::new();
            self.everywhere().for_each(|facts| names(facts, &mut found));
            found
        })
    }
}

/// The name that a path begins with.
fn root(path: &str) -> &str {
    path.split(['.', '(', '[']).next().unwrap_or("")
}

/// `df`, `sales_df`, `peopleDF`: what DataFrames are called.
fn is_called_frame(root: &str) -> bool {
    matches!(root, "df" | "ds") || ["_df", "DF", "_ds", "DS"].iter().any(|end| root.ends_with(end))
}

/// `Seq(…)`, `List.fill(…)`, a literal.
fn is_collection(path: &str) -> bool {
    matches!(
        root(path),
        "?" | "Seq"
            | "List"
            | "Array"
            | "Vector"
            | "Set"
            | "Map"
            | "Option"
            | "Some"
            | "Try"
            | "Iterator"
            | "Range"
            | "Stream"
            | "LazyList"
            | "Future"
            | "sys"
            | "Source"
            | "args"
    )
}

/// What the names of a cell are bound to, in all its scopes.
fn names(facts: &CellFacts, found: &mut HashMap<Box<str>, Bound>) {
    let mut params = |function: &Function| {
        for param in &function.params {
            let Some(kind) = &param.annotation else { continue };
            found.insert(param.name.clone(), if is_spread_type(kind) { Bound::Spread } else { Bound::Local });
        }
    };
    let mut stack: Vec<&Stmt> = facts.body.iter().collect();
    for expr in &facts.exprs {
        match &expr.kind {
            ExprKind::Lambda(function) => {
                params(function);
                stack.extend(&function.body);
            }
            ExprKind::Block(body) => stack.extend(body),
            _ => {}
        }
    }
    let mut binds = Vec::new();
    while let Some(stmt) = stack.pop() {
        match &stmt.kind {
            StmtKind::Function(function) => params(function),
            StmtKind::Bind { targets, value, .. } => {
                if let [Target::Name { name, .. }] = targets.as_slice() {
                    binds.push((stmt.span, &**name, *value));
                }
            }
            _ => {}
        }
        stack.extend(nested(stmt));
    }
    binds.sort_by_key(|(span, ..)| *span);
    for (_, name, value) in binds {
        let bound = match facts.path(value) {
            Some(path) => Bound::Path(path),
            None => Bound::Local,
        };
        found.insert(name.into(), bound);
    }
}

/// The outermost statement around a function that holds the literal and runs on the executors: a value has to be read
/// before it, on the driver.
pub fn executor_function<'f>(
    language: Language,
    facts: &'f CellFacts,
    around: &Around<'f>,
    program: &Program<'_>,
) -> Option<Level<'f>> {
    for (i, level) in around.levels.iter().enumerate() {
        match &level.stmt.kind {
            StmtKind::Class(class) if class.is_object => {
                let inside = around.levels.get(i + 1).filter(|l| matches!(l.owner, Owner::Class(_)));
                if inside.is_some_and(|l| program.is_made_there(facts, class, l.stmt)) {
                    return Some(*level);
                }
            }
            StmtKind::Class(class) => {
                // Its attributes are set on the driver, its methods run on the executors. Where its objects are made there,
                // the body of a class of Scala is run with each of them.
                let in_method = around.levels[i..].iter().any(|l| matches!(l.stmt.kind, StmtKind::Function(_)));
                let made = || (in_method || language == Language::Scala) && program.sends(&class.name);
                let sent = || program.spark_runs(facts, class) || program.sends_one_of(&class.name, &program.session());
                if in_method && sent() || made() {
                    return Some(*level);
                }
            }
            StmtKind::Function(f) => {
                let decorated = f.decorators.iter().any(|&d| decorator_runs(facts, d));
                let name = f.name.as_ref().map(|(n, _)| &**n);
                if decorated || name.is_some_and(|name| program.sends(name)) {
                    return Some(*level);
                }
            }
            // `f = lambda x: …`
            StmtKind::Bind { targets, value, .. } => {
                let named = |t: &Target| matches!(t, Target::Name { name, .. } if program.sends(name));
                if super::lambda(facts, *value).is_some() && targets.iter().any(named) {
                    return Some(*level);
                }
            }
            // `for (row <- df.rdd) { … }`
            StmtKind::For { iter, .. } if language == Language::Scala => {
                let outside = around.levels.get(i + 1).is_some();
                if outside && facts.path(*iter).is_some_and(|p| program.is_spread(&format!("{p}.foreach"))) {
                    return Some(*level);
                }
            }
            _ => {}
        }
    }
    // A lambda inside such a call.
    let mut in_lambda = false;
    let mut found: Option<(Runs, ExprId)> = None;
    for &id in &around.exprs {
        match &facts.expr(id).kind {
            ExprKind::Lambda(_) => in_lambda = true,
            // `new ForeachWriter[Row] { … }`
            ExprKind::Block(body) if body.last().is_some_and(|last| is_writer(facts, program, last)) => {
                let span = facts.expr(id).span;
                return around.levels.iter().rev().find(|l| l.stmt.span.contains(span) && l.stmt.span != span).copied();
            }
            ExprKind::Call { callee, .. } if in_lambda => {
                let runs = facts.path(*callee).map_or(Runs::Driver, |p| program.runs(language, &p));
                let certain = matches!(found, Some((Runs::Executors, _)));
                if runs == Runs::Executors || runs == Runs::Perhaps && !certain {
                    found = Some((runs, id));
                }
            }
            _ => {}
        }
    }
    let span = facts.expr(found?.1).span;
    around.levels.iter().rev().find(|l| l.stmt.span.contains(span)).copied()
}

/// What an anonymous class ends with: the call that makes its object.
fn is_writer(facts: &CellFacts, program: &Program<'_>, last: &Stmt) -> bool {
    let StmtKind::Expr(made) = last.kind else { return false };
    match &facts.expr(made).kind {
        ExprKind::Call { callee, is_new: true, .. } => program.spark_runs_base(facts, *callee),
        _ => false,
    }
}

pub(super) fn decorator_runs(facts: &CellFacts, id: ExprId) -> bool {
    let callee = match &facts.expr(id).kind {
        ExprKind::Call { callee, .. } => *callee,
        _ => id,
    };
    facts
        .path(callee)
        .is_some_and(|p| matches!(p.rsplit('.').next(), Some("udf" | "pandas_udf" | "udtf" | "arrow_udf")))
}
