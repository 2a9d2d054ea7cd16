//! SQL of every dialect that notebooks hold: tokens of a kept tokenizer, read by a small statement scanner. No grammar
//! reads Databricks' `CREATE CONNECTION`, `USING jdbc OPTIONS`, `COPY INTO … CREDENTIAL` and templates alike.

use std::collections::HashSet;

use super::{LowerOptions, comments, embed};
use crate::{CellFacts, Language, Span, facts::EmbeddedOrigin};

mod assignments;
mod choices;
mod exprs;
mod options;
mod scope;
mod statements;
mod tokens;
mod verbs;

/// Nesting of parentheses that is read.
const MAX_DEPTH: usize = 60;

pub fn lower(text: &str, options: LowerOptions) -> CellFacts {
    let tokens::Read { tokens, comments: comments_found, templates } = tokens::read(text);
    let closes = tokens::closes(&tokens);
    let facts = CellFacts::default();
    let mut lowering = Lowering { text, tokens, closes, templates, facts, group: 0, declared: HashSet::new(), options };
    lowering.statements();
    let mut facts = lowering.facts;
    // `%sql postgresql://…`: where ipython-sql connects to, in place of a statement.
    let first = text.split_whitespace().next().unwrap_or("");
    if first.contains("://") && !first.contains(['\'', '"']) {
        let start = text.len() - text.trim_start().len();
        super::text::urls(text, Span::new(start, start + first.len()), &mut facts);
    }
    facts.comments = comments_found;
    embed::after_lowering(&mut facts, text, options);
    // A body that the statement names the language of is not guessed again.
    let mut seen = HashSet::new();
    facts.embedded.retain(|e| match e.origin {
        EmbeddedOrigin::Document { literal } => seen.insert(literal),
        _ => true,
    });
    comments::after_lowering(&mut facts, text, Language::Sql, options);
    facts
}

struct Lowering<'t> {
    text: &'t str,
    tokens: Vec<tokens::Token>,
    /// For each opening parenthesis the position of its closing one; the number of tokens when there is none.
    closes: Vec<u32>,
    /// Templates of the host, also inside of literals; sorted.
    templates: Vec<Span>,
    facts: CellFacts,
    /// Last number given to an option list.
    group: u32,
    /// Variables of `DECLARE`, lower case: `SET` gives them values.
    declared: HashSet<String>,
    options: LowerOptions,
}

#[cfg(test)]
mod tests;
