//! R: one walk over the tree into statements and expressions.

use tree_sitter::Node;

use super::{LowerOptions, comments, embed, magic_lines, mend};
use crate::{
    CellFacts, Language, Span,
    facts::{Comment, ExprId, ExprKind, FactProblem, Stmt},
    tree::{self, Grammar, parse},
};

mod assign;
mod calls;
mod expressions;
mod kinds;
mod operators;
mod recover;
mod statements;
mod strings;

use kinds as k;

/// Levels of nesting that are read; what is nested deeper is left out with a problem.
const MAX_DEPTH: usize = 120;
/// Links of a chain of calls, pipes or operators that stay one expression.
const MAX_CHAIN: usize = 100;

pub fn lower(text: &str, options: LowerOptions) -> CellFacts {
    let (source, magics) = magic_lines::take(text);
    let mut lowering = Lowering {
        text: &source,
        base: 0,
        limit: source.len(),
        inserted: Vec::new(),
        facts: CellFacts::default(),
        depth: 0,
        pending: Vec::new(),
    };
    lowering.whole();
    let mut facts = lowering.facts;
    facts.cover_characters(text);
    magic_lines::add(&mut facts, text, &magics, options);
    facts.comments.sort_by_key(|c| (c.span.start, c.span.end));
    facts.comments.dedup_by_key(|c| c.span);
    embed::after_lowering(&mut facts, text, options);
    comments::after_lowering(&mut facts, text, Language::R, options);
    facts
}

struct Lowering<'t> {
    /// The cell, magics blanked out (same length).
    text: &'t str,
    /// Where the parsed text starts in the cell.
    base: usize,
    /// Where it ends in the cell: added closing brackets lie behind.
    limit: usize,
    /// What was put into the parsed text: in front of which of its source's bytes, and how many.
    inserted: Vec<(usize, usize)>,
    facts: CellFacts,
    /// Current nesting.
    depth: usize,
    /// Parts of over-long chains, to be evaluated before the statement at hand.
    pending: Vec<Stmt>,
}

impl<'t> Lowering<'t> {
    fn whole(&mut self) {
        let Some(tree) = parse(Grammar::R, self.text) else { return };
        let root = tree.root_node();
        let mut body = Vec::new();
        if root.has_error() {
            self.broken(&mut body);
        } else {
            self.block(root, &mut body);
            self.comments(root);
        }
        self.facts.body = body;
    }

    fn comments(&mut self, root: Node<'_>) {
        let mut cursor = root.walk();
        loop {
            let node = cursor.node();
            if node.kind() == k::COMMENT {
                let span = self.span(node);
                self.facts.comments.push(comment(self.text, span));
            } else if cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }

    fn span(&self, node: Node<'_>) -> Span {
        let at = |byte: usize| self.base + mend::to_source(&self.inserted, byte);
        let start = at(node.start_byte()).min(self.limit);
        Span::new(start, at(node.end_byte()).clamp(start, self.limit))
    }

    fn slice(&self, node: Node<'_>) -> &'t str {
        self.span(node).of(self.text)
    }

    fn push(&mut self, span: Span, kind: ExprKind) -> ExprId {
        self.facts.push(span, kind)
    }

    fn kind(&self, id: ExprId) -> &ExprKind {
        &self.facts.expr(id).kind
    }

    /// A chain that grew too long becomes a statement of its own, so that no reader of the facts has to go as deep.
    fn shorten(&mut self, id: ExprId, link: usize) -> ExprId {
        if link % MAX_CHAIN != MAX_CHAIN - 1 {
            return id;
        }
        let span = self.facts.expr(id).span;
        self.pending.push(Stmt { span, kind: crate::facts::StmtKind::Expr(id) });
        self.push(span, ExprKind::Other(Vec::new()))
    }

    /// Runs `read` one level deeper; `None` when that is too deep: then the lines are searched one by one.
    fn deeper<T>(&mut self, node: Node<'_>, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            let span = self.span(node);
            self.facts.problems.push(FactProblem::too_deep(span));
            self.scan(span, self.facts.exprs.len());
            return None;
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        Some(result)
    }
}

/// A `#` comment; `#'` documents.
fn comment(text: &str, span: Span) -> Comment {
    let source = span.of(text);
    let is_doc = source.starts_with("#'");
    let inner = source.trim_start_matches('#');
    let inner = if is_doc { inner.trim_start_matches('\'') } else { inner };
    let start = span.start as usize + source.len() - inner.trim_start().len();
    Comment { span, text: Span::new(start, start + inner.trim().len()), is_doc }
}

/// Named children without comments and commas.
fn kids(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|n| !matches!(n.kind(), k::COMMENT | k::COMMA)).collect()
}

fn field<'n>(node: Node<'n>, name: &str) -> Option<Node<'n>> {
    tree::R_FIELDS.child(node, name)
}

#[cfg(test)]
mod tests;
