use std::collections::HashMap;

use credscope_grammars::{
    CellFacts, Span,
    facts::{Arg, ExprId, ExprKind, StmtKind, Target},
};

use super::statements::{dbutils_calls, each};
use crate::{
    context::NotebookContext,
    finding::{Finding, Place},
    fix::Plan,
    rule::{Anchors, FixKind, NotebookRule, RuleMeta, Severity},
};

pub static META: RuleMeta = RuleMeta {
    code: "CS606",
    name: "dbutils-on-executor",
    summary: "dbutils used in code that runs on executors",
    docs: include_str!("dbutils_on_executor.md"),
    severity: Severity::Warning,
    fix: FixKind::Display,
    anchors: Anchors::Words(&["dbutils"]),
    precedence: 100,
    cwe: &[],
    since: "0.1.0",
};

pub struct DbutilsOnExecutor;

/// Methods whose function always runs on executors.
const ALWAYS: &[&str] = &[
    "mapPartitions", "mapPartitionsWithIndex", "foreachPartition", "mapInPandas", "applyInPandas", "mapInArrow", "udf",
    "pandas_udf", "cogroup",
];

/// Methods that collections of the driver have, too: what they are called on decides.
const PERHAPS: &[&str] = &["map", "flatMap", "foreach", "filter", "mapValues", "reduceByKey"];

/// Parts of a path that make an RDD or a DataFrame, and parts that bring it to the driver.
const DISTRIBUTED: &[&str] = &["rdd", "parallelize", "textFile", "toDF", "createDataFrame"];
/// The same below a session.
const READS: &[&str] = &["read", "readStream", "table", "sql", "range"];
const LOCAL: &[&str] = &[
    "collect", "toLocalIterator", "take", "collectAsList", "head", "toPandas", "tail", "columns", "foreachBatch", "ls",
];

impl NotebookRule for DbutilsOnExecutor {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut NotebookContext<'_>) {
        let facts = cx.facts;
        // Functions by name: cell and span; names that are bound once, with the path they are bound to.
        let mut functions: HashMap<&str, (usize, Span)> = HashMap::new();
        let mut bound: HashMap<&str, String> = HashMap::new();
        for (cell, facts) in facts.iter().enumerate() {
            each(facts, &mut |stmt| match &stmt.kind {
                StmtKind::Function(function) => {
                    if let Some((name, _)) = &function.name {
                        functions.insert(name, (cell, stmt.span.cover(function.span)));
                    }
                }
                StmtKind::Bind { targets, value, .. } => {
                    if let [Target::Name { name, .. }] = targets.as_slice()
                        && let Some(path) = facts.path(*value)
                    {
                        bound.insert(name, path);
                    }
                }
                _ => {}
            });
        }
        let mut regions: Vec<(usize, Span)> = Vec::new();
        for (cell, facts) in facts.iter().enumerate() {
            each(facts, &mut |stmt| {
                if let StmtKind::Function(function) = &stmt.kind
                    && function.decorators.iter().any(|d| is_udf(facts, *d))
                {
                    regions.push((cell, function.span));
                }
            });
            for expr in &facts.exprs {
                let ExprKind::Call { callee, args, .. } = &expr.kind else { continue };
                if !runs_on_executors(facts, *callee, &bound) {
                    continue;
                }
                for arg in args {
                    region(facts, arg, cell, &functions, &mut regions);
                }
            }
        }
        if regions.is_empty() {
            return;
        }
        for (cell, facts) in facts.iter().enumerate() {
            for (call, path) in dbutils_calls(facts) {
                let span = facts.expr(call).span;
                if !regions.iter().any(|(c, r)| *c == cell && r.contains(span)) {
                    continue;
                }
                let place = Place { cell: cell as u32, span };
                let message = format!("`{path}` runs on executors here, where dbutils does not exist");
                let title = "Read it on the driver before and use the variable in the function".to_owned();
                cx.report(
                    Finding::at(&META, place, message)
                        .help("the task fails")
                        .subject(path)
                        .plan(Plan::Advice { title }),
                );
            }
        }
    }
}

fn is_udf(facts: &CellFacts, id: ExprId) -> bool {
    let path = facts.path(id).unwrap_or_default();
    let path = path.trim_end_matches("()");
    matches!(path.rsplit('.').next(), Some("udf" | "pandas_udf" | "udtf"))
}

fn runs_on_executors(facts: &CellFacts, callee: ExprId, bound: &HashMap<&str, String>) -> bool {
    let last = match &facts.expr(callee).kind {
        ExprKind::Name(name) | ExprKind::Attr { name, .. } => &**name,
        // `udf(returnType = …)(f)`
        ExprKind::Call { callee, .. } => return is_udf(facts, *callee),
        _ => return false,
    };
    if last == "register" {
        return facts.path(callee).is_some_and(|p| p.ends_with("udf.register"));
    }
    if ALWAYS.contains(&last) {
        return true;
    }
    if !PERHAPS.contains(&last) {
        return false;
    }
    let Some(mut path) = facts.path(callee) else { return false };
    for _ in 0..4 {
        let root = path.split(['.', '(', '[']).next().unwrap_or("").to_owned();
        let Some(more) = bound.get(root.as_str()).filter(|m| m.split(['.', '(', '[']).next() != Some(&*root)) else {
            break;
        };
        path = format!("{more}{}", &path[root.len()..]);
    }
    let mut parts: Vec<&str> = path.split('.').map(|p| p.trim_end_matches(['(', ')', '[', ']'])).collect();
    parts.pop();
    let session = matches!(parts.first(), Some(&("spark" | "sqlContext" | "sparkSession")));
    let distributed = parts.iter().rposition(|p| DISTRIBUTED.contains(p) || session && READS.contains(p));
    let local = parts.iter().rposition(|p| LOCAL.contains(p));
    distributed.is_some_and(|d| local.is_none_or(|l| l < d))
}

/// The function that an argument is.
fn region(
    facts: &CellFacts,
    arg: &Arg,
    cell: usize,
    functions: &HashMap<&str, (usize, Span)>,
    out: &mut Vec<(usize, Span)>,
) {
    let mut id = arg.value;
    for _ in 0..4 {
        match &facts.expr(id).kind {
            ExprKind::Same(inner) => id = *inner,
            ExprKind::Lambda(_) | ExprKind::Block(_) => {
                out.push((cell, facts.expr(id).span));
                return;
            }
            ExprKind::Name(name) => {
                out.extend(functions.get(&**name).copied());
                return;
            }
            _ => return,
        }
    }
}
