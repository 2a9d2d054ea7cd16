//! Whether a method is asked of what is spread over executors: an RDD, a DataFrame. Collections of the driver have methods
//! of the same names.

use std::collections::HashMap;

/// Parts of a path that make an RDD or a DataFrame, and parts that bring it to the driver.
const DISTRIBUTED: &[&str] = &["rdd", "parallelize", "textFile", "toDF", "createDataFrame"];
/// The same below a session.
const READS: &[&str] = &["read", "readStream", "table", "sql", "range"];
const LOCAL: &[&str] = &[
    "collect", "par", "toLocalIterator", "take", "collectAsList", "head", "toPandas", "tail", "columns",
    "foreachBatch", "ls",
];

/// `path` is the callee's; `bound` are names with the path that they are bound to.
pub fn is_distributed(path: &str, bound: &HashMap<&str, &str>) -> bool {
    let mut path = path.to_owned();
    for _ in 0..4 {
        let root = path.split(['.', '(', '[']).next().unwrap_or("").to_owned();
        let Some(more) = bound.get(root.as_str()).filter(|m| m.split(['.', '(', '[']).next() != Some(&*root)) else {
            break;
        };
        path = format!("{more}{}", &path[root.len()..]);
    }
    let mut parts: Vec<&str> = path.split('.').map(|p| p.trim_end_matches(['(', ')', '[', ']'])).collect();
    let last = parts.pop();
    let session = matches!(parts.first(), Some(&("spark" | "sqlContext" | "sparkSession")));
    let distributed = parts.iter().rposition(|p| DISTRIBUTED.contains(p) || session && READS.contains(p));
    let local = parts.iter().rposition(|p| LOCAL.contains(p));
    // `df`, `sales_df`: what DataFrames are called. Those of pandas have no `foreach`.
    let called =
        last == Some("foreach") && parts.first().is_some_and(|p| *p == "df" || p.ends_with("_df") || p.ends_with("DF"));
    match distributed {
        Some(d) => local.is_none_or(|l| l < d),
        None => called && local.is_none(),
    }
}
