//! What an expression does besides having a value: a statement that does nothing else can be deleted.

use credscope_grammars::{
    CellFacts, Span,
    facts::{Arg, ExprId, ExprKind, StmtKind, StrPart, Target},
};

/// Calls that only compute: last segments.
const PURE: &[&str] = &[
    "str", "repr", "len", "bool", "type", "format", "join", "upper", "lower", "strip", "lstrip", "rstrip", "encode",
    "decode", "dumps", "b64encode", "b64decode", "standard_b64encode", "urlsafe_b64encode", "hexlify", "hex", "quote",
    "quote_plus", "list", "tuple", "dict", "set", "sorted", "reversed", "ord", "chr", "map", "zip", "enumerate",
    "range", "keys", "values", "items", "replace", "split", "mkString", "reverse", "toString", "toList", "getEncoder",
    "encodeToString", "getBytes", "toUpperCase", "toLowerCase", "substring", "take", "drop", "paste", "paste0",
    "sprintf", "nchar", "rev", "strsplit", "substr", "toupper", "tolower", "vars", "getAll", "getConf", "getenv",
    "to_dict", "ljust", "rjust", "zfill", "title", "capitalize", "isoformat", "title", "concat", "hash", "id", "max",
    "min",
];

/// Calls whose only effect is that something is shown or written to a log or a run: last segments.
const SHOWS: &[&str] = &[
    "print", "pprint", "println", "printf", "cat", "message", "echo", "secho", "display", "displayHTML", "show",
    "write", "debug", "info", "warning", "warn", "error", "critical", "exception", "log", "trace", "fatal",
    "log_param", "log_params", "set_tag", "set_tags", "log_text", "log_dict", "putStrLn", "HTML", "Markdown",
    "printStackTrace", "success",
];

/// Whether a statement's expression does nothing but show something.
pub(super) fn only_shows(facts: &CellFacts, id: ExprId) -> bool {
    match &facts.expr(id).kind {
        ExprKind::Call { callee, args, .. } => {
            let Some(path) = facts.path(*callee) else { return false };
            let last = path.rsplit('.').next().unwrap_or(&path);
            // `f.write(…)` writes a file; `sys.stdout.write(…)` shows.
            let shows = SHOWS.contains(&last)
                && (last != "write" || path.contains("stdout") || path.contains("stderr"))
                && !records_more(facts, id)
                && !args.iter().any(|a| a.name.as_ref().is_some_and(|(n, _)| &**n == "file") && !is_stream(facts, a));
            (shows || PURE.contains(&last))
                && receiver_is_pure(facts, *callee)
                && args.iter().all(|a| is_pure(facts, a.value))
        }
        ExprKind::Same(inner) => only_shows(facts, *inner),
        _ => is_pure(facts, id),
    }
}

/// Whether a program reads or writes files through RDDs: they look at the configuration of the cluster only.
pub(super) fn uses_rdd_files(facts: &CellFacts) -> bool {
    const METHODS: &[&str] = &[
        "textFile", "wholeTextFiles", "binaryFiles", "sequenceFile", "hadoopFile", "hadoopRDD", "newAPIHadoopFile",
        "newAPIHadoopRDD", "objectFile", "saveAsTextFile", "saveAsSequenceFile", "saveAsHadoopFile",
        "saveAsNewAPIHadoopFile", "saveAsObjectFile",
    ];
    facts.exprs.iter().any(|e| matches!(&e.kind, ExprKind::Attr { name, .. } if METHODS.contains(&&**name)))
}

/// A call that records several values at once, of which one alone is the secret (or may be: a name says nothing).
pub(super) fn records_more(facts: &CellFacts, id: ExprId) -> bool {
    let ExprKind::Call { callee, args, .. } = &facts.expr(id).kind else { return false };
    let Some(path) = facts.path(*callee) else { return false };
    matches!(path.rsplit('.').next(), Some("log_params" | "set_tags" | "log_dict"))
        && !args.first().is_some_and(
            |a| matches!(&facts.expr(a.value).kind, ExprKind::Dict(entries) if matches!(&entries[..], [e] if e.key.is_some())),
        )
}

/// Whether a call may lose one of its arguments: it has others, or can do without.
pub(super) fn goes_without(facts: &CellFacts, id: ExprId) -> bool {
    let ExprKind::Call { callee, args, .. } = &facts.expr(id).kind else { return false };
    let last = facts.path(*callee).map(|p| p.rsplit('.').next().unwrap_or(&p).to_owned());
    args.len() > 1 || matches!(last.as_deref(), Some("print" | "println" | "cat" | "message"))
}

fn is_stream(facts: &CellFacts, arg: &Arg) -> bool {
    facts.path(arg.value).is_some_and(|p| p.ends_with("stdout") || p.ends_with("stderr"))
}

fn receiver_is_pure(facts: &CellFacts, callee: ExprId) -> bool {
    match &facts.expr(callee).kind {
        ExprKind::Name(_) => true,
        ExprKind::Attr { base, .. } => is_pure(facts, *base) || is_logger(facts, *base),
        _ => false,
    }
}

/// `logging.getLogger("x")`
fn is_logger(facts: &CellFacts, id: ExprId) -> bool {
    matches!(&facts.expr(id).kind, ExprKind::Call { callee, .. } if facts.path(*callee).is_some_and(|p| p.ends_with("getLogger")))
}

/// Whether evaluating an expression changes nothing.
pub(super) fn is_pure(facts: &CellFacts, id: ExprId) -> bool {
    pure(facts, id, 40)
}

fn pure(facts: &CellFacts, id: ExprId, depth: u8) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let one = |id: ExprId| pure(facts, id, depth);
    let all = |ids: &[ExprId]| ids.iter().all(|&i| one(i));
    match &facts.expr(id).kind {
        ExprKind::Const(_) | ExprKind::Name(_) => true,
        ExprKind::Str(lit) => lit.parts.iter().all(|p| match p {
            StrPart::Hole { expr, .. } => one(*expr),
            StrPart::Text { .. } => true,
        }),
        ExprKind::Attr { base, .. } => one(*base),
        ExprKind::Index { base, index } => one(*base) && one(*index),
        ExprKind::Slice { base, bounds } => one(*base) && all(bounds),
        ExprKind::Call { callee, args, .. } => {
            let Some(path) = facts.path(*callee) else { return false };
            let last = path.rsplit('.').next().unwrap_or(&path);
            let known = PURE.contains(&last)
                || path.ends_with("secrets.get")
                || path.ends_with("secrets.getBytes")
                || last == "get" && looks_up(facts, args);
            let receiver = match &facts.expr(*callee).kind {
                ExprKind::Attr { base, .. } => one(*base),
                ExprKind::Name(_) => true,
                _ => false,
            };
            known && receiver && args.iter().all(|a| one(a.value))
        }
        ExprKind::Concat(items) | ExprKind::Logic(items) => all(items),
        ExprKind::Operator { operands, .. } | ExprKind::Compare { operands, .. } => all(operands),
        ExprKind::Format { template, args } => one(*template) && args.iter().all(|a| one(a.value)),
        ExprKind::Fallback { first, second } => one(*first) && one(*second),
        ExprKind::Cond { test, then, other } => one(*test) && one(*then) && other.is_none_or(one),
        ExprKind::Dict(entries) => entries.iter().all(|e| e.key.is_none_or(one) && one(e.value)),
        ExprKind::Seq { items, .. } => all(items),
        ExprKind::Pair { key, value } => one(*key) && one(*value),
        ExprKind::Comprehension { elements, clauses } => {
            all(elements) && clauses.iter().all(|c| one(c.iter) && all(&c.conditions))
        }
        ExprKind::Spread(inner) | ExprKind::Same(inner) => one(*inner),
        ExprKind::Lambda(_) => true,
        ExprKind::Block(_) | ExprKind::Assign { .. } | ExprKind::Yield(_) | ExprKind::Other(_) => false,
    }
}

/// `token.get("access_token")`: a key of a dictionary; addresses are no keys.
fn looks_up(facts: &CellFacts, args: &[Arg]) -> bool {
    args.first().and_then(|a| facts.str_lit(a.value)?.plain()).is_some_and(|key| {
        let key = key.expose();
        !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
    })
}

/// Constant scope and key of the read at `span`.
pub(super) fn names_of_read(facts: &CellFacts, span: Span) -> Option<(String, String)> {
    let mut around = facts.around(span).into_iter().map(|id| facts.expr(id));
    let expr = around.find(|e| e.span == span && matches!(e.kind, ExprKind::Call { .. }))?;
    let ExprKind::Call { callee, args, .. } = &expr.kind else { return None };
    if !facts.path(*callee)?.ends_with("secrets.get") {
        return None;
    }
    let argument = |name: &str, index: usize| {
        let named = args.iter().find(|a| a.name.as_ref().is_some_and(|(n, _)| &**n == name));
        let value = named.or_else(|| args.get(index).filter(|a| a.name.is_none()))?.value;
        let text = facts.str_lit(value)?.plain()?;
        super::is_valid_name(text.expose()).then(|| text.expose().to_owned())
    };
    Some((argument("scope", 0)?, argument("key", 1)?))
}

/// Whether an expression is the read at `read`, or a name that is bound to just that, once.
pub(super) fn is_read(facts: &CellFacts, id: ExprId, read: Span) -> bool {
    let expr = facts.expr(id);
    if expr.span == read {
        return true;
    }
    let ExprKind::Name(name) = &expr.kind else { return false };
    let bound: Vec<ExprId> = facts
        .body
        .iter()
        .filter_map(|s| match &s.kind {
            StmtKind::Bind { targets, value, .. } => {
                targets.iter().any(|t| matches!(t, Target::Name { name: n, .. } if n == name)).then_some(*value)
            }
            _ => None,
        })
        .collect();
    matches!(bound.as_slice(), [only] if facts.expr(*only).span == read)
}
