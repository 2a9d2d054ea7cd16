//! Columns of tables in comparisons: a condition on data says nothing of a credential (catalog §G.3, the data trap).

use credscope_grammars::facts::{ExprId, ExprKind};

use super::At;
use crate::value::names::words;

/// Whether an operand of a comparison is a column of a table, or what a function makes of its argument: `F.col("x")`,
/// `df["x"]`, `df.x`, `strength(x)`.
pub(super) fn is_column(at: At<'_>, id: ExprId) -> bool {
    let is_table = |base: ExprId| {
        let path = at.facts.path(base).unwrap_or_default().to_ascii_lowercase();
        let name = path.rsplit('.').next().unwrap_or("");
        words(name).iter().any(|w| {
            matches!(w.trim_end_matches(|c: char| c.is_ascii_digit()), "df" | "dataframe" | "frame" | "table" | "rows")
                || w.ends_with("df")
        })
    };
    match &at.facts.expr(id).kind {
        ExprKind::Same(inner) => is_column(at, *inner),
        ExprKind::Attr { base, .. } | ExprKind::Index { base, .. } => is_table(*base),
        ExprKind::Call { callee, args, .. } => {
            let name = match &at.facts.expr(*callee).kind {
                ExprKind::Name(name) | ExprKind::Attr { name, .. } => &**name,
                _ => "",
            };
            let wraps =
                matches!(args.as_slice(), [only] if matches!(at.facts.expr(only.value).kind, ExprKind::Name(_)));
            matches!(name, "col" | "column" | "lit" | "expr")
                || wraps && !matches!(name, "Option" | "Some" | "str" | "String" | "trim" | "get" | "getenv")
        }
        _ => false,
    }
}
