//! SQL of every dialect that notebooks hold: tokens of a kept tokenizer, read by a small statement scanner. No grammar
//! reads Databricks' `CREATE CONNECTION`, `USING jdbc OPTIONS`, `COPY INTO … CREDENTIAL` and templates alike.

use super::{LowerOptions, comments};
use crate::{CellFacts, Language};

mod exprs;
mod options;
mod statements;
mod tokens;

/// Nesting of parentheses that is read.
const MAX_DEPTH: usize = 60;

pub fn lower(text: &str, options: LowerOptions) -> CellFacts {
    let (tokens, comments_found) = tokens::read(text);
    let mut lowering = Lowering { text, tokens, facts: CellFacts::default(), group: 0, options };
    lowering.statements();
    let mut facts = lowering.facts;
    facts.comments = comments_found;
    comments::after_lowering(&mut facts, text, Language::Sql, options);
    facts
}

struct Lowering<'t> {
    text: &'t str,
    tokens: Vec<tokens::Token>,
    facts: CellFacts,
    /// Last number given to an option list.
    group: u32,
    options: LowerOptions,
}

#[cfg(test)]
mod tests;
