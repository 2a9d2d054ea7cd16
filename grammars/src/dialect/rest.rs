//! A credential that goes on in the literals beside its first one: `"abc" "def"`, `"abc" + "def"`,
//! `"".join(["abc", "def"])`. The first becomes the reference, the rest goes.

use super::{Target, parts};
use crate::{
    CellFacts, Span,
    facts::{ExprId, ExprKind},
};

/// What to do about a credential in pieces that no edit puts together.
pub const PIECES: &str = "put the value together from one secret instead of pieces";

/// Edits that delete the rest. A literal that holds nothing else goes with what joins it to the one before.
pub(super) fn removed(text: &str, facts: &CellFacts, target: Target<'_>) -> Result<Vec<(Span, String)>, String> {
    let mut edits = Vec::new();
    let mut before = target.literal;
    for (literal, span, is_whole) in literals(text, facts, target) {
        let joint = text.get(before.end as usize..literal.start as usize);
        if !joint.is_some_and(is_joint) || !are_joined(facts, before, literal) {
            return Err(PIECES.to_owned());
        }
        edits.push((if is_whole { Span { start: before.end, end: literal.end } } else { span }, String::new()));
        before = literal;
    }
    if edits.len() != target.rest.len() {
        return Err(PIECES.to_owned());
    }
    Ok(edits)
}

/// Where the literal and those that go with it end.
pub(super) fn end(text: &str, facts: &CellFacts, target: Target<'_>) -> u32 {
    let whole = literals(text, facts, target).take_while(|(_, _, is_whole)| *is_whole);
    whole.last().map_or(target.literal.end, |(literal, _, _)| literal.end)
}

/// The literals of the rest: whole, the credential's part, and whether that is all of it.
fn literals<'t>(
    text: &'t str,
    facts: &'t CellFacts,
    target: Target<'t>,
) -> impl Iterator<Item = (Span, Span, bool)> + 't {
    target.rest.iter().filter_map(move |&span| {
        let strings = facts.around(span).into_iter().map(|id| facts.expr(id));
        let strings = strings.filter(|e| matches!(e.kind, ExprKind::Str(_)));
        let literal = strings.map(|e| e.span).min_by_key(|s| s.len())?;
        Some((literal, span, parts(text, literal).inner == span))
    })
}

/// Blanks, comments, line continuations, one `+` or `,`.
fn is_joint(gap: &str) -> bool {
    let code: String = gap.lines().map(|line| line.split(['#', '/']).next().unwrap_or("")).collect();
    matches!(code.replace([' ', '\t', '\r', '\\'], "").as_str(), "" | "+" | ",")
}

/// Whether two literals are put together just so: side by side, by `+`, or as items of a `join`.
fn are_joined(facts: &CellFacts, first: Span, second: Span) -> bool {
    let has = |items: &[ExprId]| [first, second].iter().all(|span| items.iter().any(|&i| facts.expr(i).span == *span));
    facts.exprs.iter().any(|e| match &e.kind {
        ExprKind::Concat(items) => has(items),
        ExprKind::Call { callee, args, .. } => {
            let method = facts.path(*callee).unwrap_or_default();
            let method = method.rsplit('.').next().unwrap_or("").to_owned();
            let seq = |id: ExprId| matches!(&facts.expr(id).kind, ExprKind::Seq { items, .. } if has(items));
            match method.as_str() {
                "join" => args.iter().any(|a| seq(a.value)),
                "mkString" => matches!(&facts.expr(*callee).kind, ExprKind::Attr { base, .. } if seq(*base)),
                "paste0" => has(&args.iter().map(|a| a.value).collect::<Vec<_>>()),
                _ => false,
            }
        }
        _ => false,
    })
}
