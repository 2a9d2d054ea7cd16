//! What a run records (MLflow): secret values leave the mapping, the others stay.

use credscope_grammars::{Span, facts::ExprKind};

use super::{Edits, Spot, effects};
use crate::finding::Finding;

impl Spot<'_> {
    /// A call that records several values: those that are secret go.
    pub(super) fn recorded(&self, finding: &Finding) -> Option<(&'static str, Edits)> {
        const TITLE: &str = "Leave the secret out of what the run records";
        let (_, _, arg) = self.argument()?;
        let (parts, gone): (Vec<Span>, Vec<bool>) = match self.expr_kind(arg.value) {
            ExprKind::Dict(entries) => entries
                .iter()
                .map(|e| {
                    let value = self.facts.expr(e.value).span;
                    let whole = e.key.map_or(value, |key| self.facts.expr(key).span.cover(value));
                    (whole, self.carries(finding, e.value) && effects::is_pure(self.facts, e.value))
                })
                .unzip(),
            // `dict(a=x, b=y)`
            ExprKind::Call { callee, args, .. } if self.facts.last_name(*callee) == Some("dict") => args
                .iter()
                .map(|a| (a.span, self.carries(finding, a.value) && effects::is_pure(self.facts, a.value)))
                .unzip(),
            _ => return None,
        };
        if gone.iter().all(|gone| *gone) || !gone.contains(&true) {
            return None;
        }
        Some((TITLE, without_parts(&parts, &gone)))
    }
}

/// Deletes parts of a list with the commas that belong to them; at least one stays.
fn without_parts(parts: &[Span], gone: &[bool]) -> Edits {
    let mut edits = Edits::new();
    let mut kept = None;
    for (i, part) in parts.iter().enumerate() {
        if !gone[i] {
            kept = Some(i);
            continue;
        }
        let span = match (kept, i.checked_sub(1), parts.get(i + 1)) {
            (Some(_), Some(before), _) => Span { start: parts[before].end, end: part.end },
            (_, _, Some(next)) => Span { start: part.start, end: next.start },
            _ => *part,
        };
        edits.push((span, String::new()));
    }
    edits
}
