use std::collections::HashMap;

use credscope_grammars::{
    CellFacts, Span,
    dialect::distributed::{is_distributed, is_spread_type},
    facts::{Arg, ExprId, ExprKind, Param, StmtKind, Target},
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
    "pandas_udf", "cogroup", "dapply", "dapplyCollect", "gapply", "gapplyCollect", "spark.lapply", "spark_apply",
];

/// Methods that collections of the driver have, too: what they are called on decides.
const PERHAPS: &[&str] = &["map", "flatMap", "foreach", "filter", "mapValues", "reduceByKey"];

/// What one cell says of functions and where they run: made once for each version of the cell's facts.
#[derive(Debug, Default)]
pub struct Summary {
    functions: Vec<(Box<str>, Span)>,
    /// Names that are bound to a path.
    bound: Vec<(Box<str>, String)>,
    /// Functions with a decorator that sends them to executors.
    decorated: Vec<Span>,
    /// Calls that send functions to executors, or perhaps do.
    calls: Vec<Sends>,
    /// Calls of `dbutils` with their path.
    dbutils: Vec<(Span, String)>,
}

#[derive(Debug)]
struct Sends {
    /// What the method is called on decides: the callee's path.
    perhaps: Option<String>,
    functions: Vec<Sent>,
}

/// The function that an argument is.
#[derive(Debug)]
enum Sent {
    Here(Span),
    Named(Box<str>),
}

impl Summary {
    pub fn of(facts: &CellFacts) -> Self {
        let mut summary = Self::default();
        let mut parameters: Vec<(&Param, Span)> = Vec::new();
        each(facts, &mut |stmt| match &stmt.kind {
            StmtKind::Function(function) => {
                if let Some((name, _)) = &function.name {
                    summary.functions.push((name.clone(), stmt.span.cover(function.span)));
                }
                parameters.extend(function.params.iter().map(|p| (p, function.span)));
                if function.decorators.iter().any(|d| is_udf(facts, *d)) {
                    summary.decorated.push(function.span);
                }
            }
            StmtKind::Bind { targets, value, .. } => {
                if let [Target::Name { name, .. }] = targets.as_slice()
                    && let Some(path) = facts.path(*value)
                {
                    summary.bound.push((name.clone(), path));
                }
            }
            _ => {}
        });
        for expr in &facts.exprs {
            let ExprKind::Call { callee, args, .. } = &expr.kind else { continue };
            let Some(mut perhaps) = sends(facts, *callee) else { continue };
            if let Some(path) = &mut perhaps {
                match parameter(&parameters, path, expr.span).map(|p| p.annotation.as_deref()) {
                    // It hides what other functions bind to its name.
                    Some(Some(kind)) if !is_spread_type(kind) => continue,
                    Some(_) => *path = format!("{HIDDEN}{path}"),
                    None => {}
                }
            }
            let functions: Vec<Sent> = args.iter().filter_map(|arg| sent(facts, arg)).collect();
            if !functions.is_empty() {
                summary.calls.push(Sends { perhaps, functions });
            }
        }
        let calls = dbutils_calls(facts).into_iter();
        summary.dbutils = calls.map(|(call, path)| (facts.expr(call).span, path)).collect();
        summary
    }
}

impl NotebookRule for DbutilsOnExecutor {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut NotebookContext<'_>) {
        let cells = cx.executors;
        let sends = |c: &Summary| !c.calls.is_empty() || !c.decorated.is_empty();
        if cells.iter().all(|c| c.dbutils.is_empty()) || !cells.iter().any(|c| sends(c)) {
            return;
        }
        // Functions by name: cell and span; names that are bound, with the path they are bound to last.
        let mut functions: HashMap<&str, (usize, Span)> = HashMap::new();
        let mut bound: HashMap<&str, &str> = HashMap::new();
        for (cell, summary) in cells.iter().enumerate() {
            functions.extend(summary.functions.iter().map(|(name, span)| (&**name, (cell, *span))));
            bound.extend(summary.bound.iter().map(|(name, path)| (&**name, path.as_str())));
        }
        let mut regions: Vec<(usize, Span)> = Vec::new();
        for (cell, summary) in cells.iter().enumerate() {
            regions.extend(summary.decorated.iter().map(|span| (cell, *span)));
            for call in &summary.calls {
                if call.perhaps.as_ref().is_some_and(|path| !is_distributed(path, |name| bound.get(name).copied())) {
                    continue;
                }
                regions.extend(call.functions.iter().filter_map(|sent| match sent {
                    Sent::Here(span) => Some((cell, *span)),
                    Sent::Named(name) => functions.get(&**name).copied(),
                }));
            }
        }
        if regions.is_empty() {
            return;
        }
        for (cell, summary) in cells.iter().enumerate() {
            for (span, path) in &summary.dbutils {
                if !regions.iter().any(|(c, r)| *c == cell && r.contains(*span)) {
                    continue;
                }
                let place = Place { cell: cell as u32, span: *span };
                let message = format!("`{path}` runs on executors here, where dbutils does not exist");
                let title = "Read it on the driver before and use the variable in the function".to_owned();
                cx.findings.push(
                    Finding::at(&META, place, message)
                        .help("the task fails")
                        .subject(path.as_str())
                        .plan(Plan::Advice { title }),
                );
            }
        }
    }
}

/// Before the path of a parameter: nothing is bound to such a name.
const HIDDEN: &str = "parameter:";

/// The parameter that a path begins with, of the innermost function around a place.
fn parameter<'f>(all: &[(&'f Param, Span)], path: &str, at: Span) -> Option<&'f Param> {
    let root = path.split(['.', '(', '[']).next()?;
    let around = all.iter().filter(|(p, function)| &*p.name == root && function.contains(at));
    around.min_by_key(|(_, function)| function.len()).map(|(p, _)| *p)
}

fn is_udf(facts: &CellFacts, id: ExprId) -> bool {
    let path = facts.path(id).unwrap_or_default();
    let path = path.trim_end_matches("()");
    matches!(path.rsplit('.').next(), Some("udf" | "pandas_udf" | "udtf"))
}

/// Whether a call runs the functions it is given on executors: `None`: no; `Some(None)`: always; else the path that
/// decides.
fn sends(facts: &CellFacts, callee: ExprId) -> Option<Option<String>> {
    let last = match &facts.expr(callee).kind {
        ExprKind::Name(name) | ExprKind::Attr { name, .. } => &**name,
        // `udf(returnType = …)(f)`
        ExprKind::Call { callee, .. } => return is_udf(facts, *callee).then_some(None),
        _ => return None,
    };
    if last == "register" {
        return facts.path(callee).is_some_and(|p| p.ends_with("udf.register")).then_some(None);
    }
    if ALWAYS.contains(&last) {
        return Some(None);
    }
    PERHAPS.contains(&last).then(|| facts.path(callee)).flatten().map(Some)
}

/// The function that an argument is.
fn sent(facts: &CellFacts, arg: &Arg) -> Option<Sent> {
    let mut id = arg.value;
    for _ in 0..4 {
        match &facts.expr(id).kind {
            ExprKind::Same(inner) => id = *inner,
            ExprKind::Lambda(_) | ExprKind::Block(_) => return Some(Sent::Here(facts.expr(id).span)),
            ExprKind::Name(name) => return Some(Sent::Named(name.clone())),
            _ => return None,
        }
    }
    None
}
