//! Whether a method is asked of what is spread over executors: an RDD, a DataFrame. Collections of the driver have methods
//! of the same names.

/// Parts of a path that make an RDD or a DataFrame, and parts that bring it to the driver.
const DISTRIBUTED: &[&str] = &["rdd", "parallelize", "textFile", "toDF", "createDataFrame"];
/// The same below a session.
const READS: &[&str] = &["read", "readStream", "table", "sql", "range"];
const LOCAL: &[&str] = &[
    "collect", "par", "toLocalIterator", "take", "collectAsList", "head", "toPandas", "tail", "columns",
    "foreachBatch", "ls", "fields", "fieldNames", "dtypes", "toSeq", "toList", "toArray", "toMap", "asScala", "split",
    "getLines", "first",
];

/// Whether a type is one of Spark's collections.
pub fn is_spread_type(name: &str) -> bool {
    ["RDD", "Dataset", "DataFrame", "DStream"].iter().any(|kind| name.contains(kind))
}

/// Whether a path leads to the driver in the end: `df.collect.map`.
pub fn is_local(path: &str) -> bool {
    let last = |names: &[&str]| path.split('.').map(bare).collect::<Vec<_>>().iter().rposition(|p| names.contains(p));
    last(LOCAL).is_some_and(|local| last(DISTRIBUTED).is_none_or(|d| d < local))
}

fn bare(part: &str) -> &str {
    part.trim_end_matches(['(', ')', '[', ']'])
}

/// `path` is the callee's; `bound` gives the path that a name is bound to.
pub fn is_distributed<'b>(path: &str, bound: impl Fn(&str) -> Option<&'b str>) -> bool {
    let mut path = path.to_owned();
    for _ in 0..4 {
        let root = path.split(['.', '(', '[']).next().unwrap_or("").to_owned();
        let Some(more) = bound(&root).filter(|m| m.split(['.', '(', '[']).next() != Some(&*root)) else {
            break;
        };
        path = format!("{more}{}", &path[root.len()..]);
    }
    let mut parts: Vec<&str> = path.split('.').map(bare).collect();
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
