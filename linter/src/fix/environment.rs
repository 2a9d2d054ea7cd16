//! Reads of the environment, and what stands in for a variable that is not set: one variable becomes one secret.

use credscope_grammars::{
    CellFacts, Secret, Span,
    dialect::around,
    facts::{ExprId, ExprKind},
};

use crate::catalog::env;

/// A read of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub span: Span,
    pub variable: String,
}

/// The read that a literal stands in for: `os.getenv("X", "…")`, `os.environ.get("X") or "…"`,
/// `Option(System.getenv("X")).getOrElse("…")`.
pub(super) fn read_beside(facts: &CellFacts, literal: Span) -> Option<Read> {
    (0..facts.exprs.len() as u32).map(ExprId).find_map(|id| {
        let (read, default) = with_default(facts, id)?;
        (facts.expr(default).span == literal).then_some(read)
    })
}

/// The literal that the read at `span` falls back to.
pub(super) fn default_of(facts: &CellFacts, span: Span) -> Option<Secret> {
    (0..facts.exprs.len() as u32).map(ExprId).find_map(|id| {
        let (read, default) = with_default(facts, id)?;
        let text = facts.str_lit(default)?.plain().filter(|text| !text.is_empty())?;
        (read.span == span).then_some(text)
    })
}

/// A read and the expression that stands in for it.
fn with_default(facts: &CellFacts, id: ExprId) -> Option<(Read, ExprId)> {
    match &facts.expr(id).kind {
        ExprKind::Call { args, .. } => Some((read(facts, id)?, args.get(1)?.value)),
        _ => {
            let (first, second) = around::stand_in(facts, id)?;
            Some((read(facts, first)?, second))
        }
    }
}

fn read(facts: &CellFacts, id: ExprId) -> Option<Read> {
    let (path, key) = match &facts.expr(id).kind {
        ExprKind::Call { callee, args, .. } => (facts.path(*callee)?, args.first()?.value),
        ExprKind::Index { index, .. } => (facts.path(id)?, *index),
        _ => return None,
    };
    let variable = facts.str_lit(key)?.plain()?.expose().to_owned();
    env::is_reader(&path).then(|| Read { span: facts.expr(id).span, variable })
}

#[cfg(test)]
mod tests {
    use super::*;
    use credscope_grammars::{Language, lower::LowerOptions};

    #[test]
    fn a_default_knows_its_read() {
        let rows = [
            (Language::Python, "x = os.getenv('X', '@')", "os.getenv('X', '@')"),
            (Language::Python, "x = os.environ.get('X') or '@'", "os.environ.get('X')"),
            (Language::Python, "x = (os.environ['X']) or '@'", "os.environ['X']"),
            (Language::Python, "x = os.environ['X'] if 'X' in os.environ else '@'", "os.environ['X']"),
            (Language::Scala, "val x = sys.env.getOrElse(\"X\", \"@\")", "sys.env.getOrElse(\"X\", \"@\")"),
            (Language::Scala, "val x = sys.env.get(\"X\").getOrElse(\"@\")", "sys.env.get(\"X\")"),
            (Language::Scala, "val x = Option(System.getenv(\"X\")).getOrElse(\"@\")", "System.getenv(\"X\")"),
            (Language::R, "x <- Sys.getenv('X', '@')", "Sys.getenv('X', '@')"),
        ];
        for (language, text, read) in rows {
            let facts = credscope_grammars::lower::lower(language, text, LowerOptions { notebook: true, depth: 1 });
            let at = text.find('@').unwrap_or_default();
            let found =
                read_beside(&facts, Span::new(at - 1, at + 2)).map(|r| (r.span.of(text).to_owned(), r.variable));
            assert_eq!(found, Some((read.to_owned(), "X".to_owned())), "{text}");
            let start = text.find(read).unwrap_or_default();
            let default = default_of(&facts, Span::new(start, start + read.len()));
            assert_eq!(default.as_ref().map(Secret::expose), Some("@"), "{text}");
        }
    }
}
