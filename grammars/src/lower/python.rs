//! Python: one walk over the tree into statements and expressions.

use tree_sitter::Node;

use super::{LowerOptions, comments, embed, mend};
use crate::{
    CellFacts, Language, Span,
    facts::{Comment, Expr, ExprId, ExprKind, FactProblem, Stmt},
    tree::{self, Grammar, parse},
};

mod cells;
mod definitions;
mod expressions;
mod kinds;
mod magics;
mod patterns;
mod recover;
mod statements;
mod strings;

use kinds as k;

/// Levels of nesting that are read; what is nested deeper is left out with a problem.
const MAX_DEPTH: usize = 150;

pub fn lower(text: &str, options: LowerOptions) -> CellFacts {
    let (python, magics) = magics::take(text, options.notebook);
    let mut lowering = Lowering::new(&python);
    lowering.whole();
    lowering.magics(text, &magics, options);
    let mut facts = lowering.finish();
    facts.cover_characters(text);
    embed::after_lowering(&mut facts, text, options);
    comments::after_lowering(&mut facts, text, Language::Python, options);
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
    fn new(text: &'t str) -> Self {
        Self {
            text,
            base: 0,
            limit: text.len(),
            inserted: Vec::new(),
            facts: CellFacts::default(),
            depth: 0,
            pending: Vec::new(),
        }
    }

    fn whole(&mut self) {
        let Some(tree) = parse(Grammar::Python, self.text) else { return };
        let root = tree.root_node();
        let mut body = Vec::new();
        if root.has_error() {
            self.broken(root, &mut body);
        } else {
            self.block(root, &mut body);
            self.comments(root, &[]);
        }
        self.facts.body = body;
    }

    fn finish(mut self) -> CellFacts {
        self.facts.comments.sort_by_key(|c| (c.span.start, c.span.end));
        self.facts.comments.dedup_by_key(|c| c.span);
        self.facts
    }

    /// Every comment below `root` that is in none of the regions (sorted).
    fn comments(&mut self, root: Node<'_>, without: &[Span]) {
        let hashes: Vec<usize> = memchr::memchr_iter(b'#', self.text.as_bytes()).collect();
        // Whether a comment may stand in a node: most have no `#`.
        let may_hold = |span: Span| {
            hashes.get(hashes.partition_point(|at| *at < span.start as usize)).is_some_and(|at| *at < span.end as usize)
        };
        if !may_hold(self.span(root)) {
            return;
        }
        let mut cursor = root.walk();
        loop {
            let node = cursor.node();
            if !may_hold(self.span(node)) {
                // Nothing below.
            } else if node.kind() == k::COMMENT {
                let span = self.span(node);
                let region = without.partition_point(|r| r.end <= span.start);
                if without.get(region).is_none_or(|r| !r.overlaps(span)) {
                    self.facts.comments.push(comment(self.text, span));
                }
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

    fn kind(&self, id: ExprId) -> Option<&ExprKind> {
        self.facts.exprs.get(id.0 as usize).map(|e: &Expr| &e.kind)
    }

    /// Runs `read` one level deeper; `None` when that is too deep: then the lines are searched one by one.
    fn deeper<T>(&mut self, node: Node<'_>, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            let span = self.span(node);
            self.facts.problems.push(FactProblem::too_deep(span));
            self.scan_errors(&[span], self.facts.exprs.len());
            return None;
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        Some(result)
    }
}

/// A `#` comment.
fn comment(text: &str, span: Span) -> Comment {
    let source = span.of(text);
    let inner = source.trim_start_matches('#');
    let start = span.start as usize + source.len() - inner.trim_start().len();
    Comment { span, text: Span::new(start, start + inner.trim().len()), is_doc: false }
}

/// Named children without comments.
fn kids(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|n| !matches!(n.kind(), k::COMMENT | k::LINE_CONTINUATION)).collect()
}

fn field<'n>(node: Node<'n>, name: &str) -> Option<Node<'n>> {
    tree::PYTHON_FIELDS.child(node, name)
}

fn fields<'n>(node: Node<'n>, name: &str) -> Vec<Node<'n>> {
    let mut cursor = node.walk();
    node.children_by_field_name(name, &mut cursor).filter(|n| n.kind() != k::COMMENT).collect()
}

fn kid_of_kind<'n>(node: Node<'n>, kind: &str) -> Option<Node<'n>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).find(|n| n.kind() == kind)
}

#[cfg(test)]
mod tests;
