//! Java: one walk over the tree into statements and expressions, in the shape that Scala's have.

use tree_sitter::Node;

use super::{LowerOptions, comments, embed};
use crate::{
    CellFacts, Language, Span,
    facts::{ExprId, ExprKind, FactProblem, Stmt, StmtKind},
    tree::{Grammar, parse},
};

mod calls;
mod definitions;
mod expressions;
mod kinds;
mod recover;
mod statements;
mod strings;

use kinds as k;

/// Levels of nesting that are read; what is nested deeper is left out with a problem.
const MAX_DEPTH: usize = 120;
/// Links of a chain of calls or operators that stay one expression.
const MAX_CHAIN: usize = 100;

pub fn lower(text: &str, options: LowerOptions) -> CellFacts {
    let mut lowering = Lowering { text, facts: CellFacts::default(), depth: 0, pending: Vec::new() };
    lowering.whole();
    let mut facts = lowering.facts;
    facts.cover_characters(text);
    facts.comments.sort_by_key(|c| (c.span.start, c.span.end));
    facts.comments.dedup_by_key(|c| c.span);
    embed::after_lowering(&mut facts, text, options);
    comments::after_lowering(&mut facts, text, Language::Java, options);
    facts
}

struct Lowering<'t> {
    text: &'t str,
    facts: CellFacts,
    /// Current nesting.
    depth: usize,
    /// Parts of over-long chains, to be evaluated before the statement at hand.
    pending: Vec<Stmt>,
}

impl<'t> Lowering<'t> {
    fn whole(&mut self) {
        let Some(tree) = parse(Grammar::Java, self.text) else { return };
        let mut body = Vec::new();
        self.block(tree.root_node(), &mut body);
        self.facts.body = body;
        self.comments(tree.root_node());
        if tree.root_node().has_error() {
            self.scan_broken(tree.root_node());
        }
    }

    fn comments(&mut self, root: Node<'_>) {
        let mut cursor = root.walk();
        loop {
            let node = cursor.node();
            if is_comment(node) {
                let span = self.span(node);
                self.facts.comments.push(comments::with_slashes(self.text, span));
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
        Span::new(node.start_byte(), node.end_byte())
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
        self.pending.push(Stmt { span, kind: StmtKind::Expr(id) });
        self.push(span, ExprKind::Other(Vec::new()))
    }

    /// Runs `read` one level deeper; `None` when that is too deep: then the lines are searched one by one.
    fn deeper<T>(&mut self, node: Node<'_>, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            let span = self.span(node);
            self.facts.problems.push(FactProblem::too_deep(span));
            self.scan(span, &[]);
            return None;
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        Some(result)
    }
}

fn is_comment(node: Node<'_>) -> bool {
    matches!(node.kind(), k::LINE_COMMENT | k::BLOCK_COMMENT)
}

/// Named children without comments.
fn kids(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|n| !is_comment(*n)).collect()
}

fn field<'n>(node: Node<'n>, name: &str) -> Option<Node<'n>> {
    node.child_by_field_name(name)
}

#[cfg(test)]
mod tests;
