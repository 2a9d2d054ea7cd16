//! Scala: one walk over the tree into statements and expressions.

use tree_sitter::Node;

use super::{LowerOptions, comments, embed, text as lines};
use crate::{
    CellFacts, Language, Span,
    facts::{Comment, ExprId, ExprKind, FactProblem, Stmt, StmtKind},
    tree::{Grammar, parse},
};

mod calls;
mod chunks;
mod definitions;
mod expressions;
mod statements;
mod strings;

/// Levels of nesting that are read; what is nested deeper is left out with a problem.
const MAX_DEPTH: usize = 120;

pub fn lower(text: &str, options: LowerOptions) -> CellFacts {
    let (scala, includes) = chunks::without_magics(text);
    let mut lowering = Lowering { text: &scala, base: 0, facts: CellFacts::default(), depth: 0 };
    lowering.whole();
    for span in includes {
        let path = span.of(text).trim();
        let path_text = path.trim_start_matches("%run").trim().trim_matches('"');
        let start =
            text[span.start as usize..].find(path_text).map_or(span.start as usize, |i| span.start as usize + i);
        let kind = StmtKind::Include { path: path_text.into(), path_span: Span::new(start, start + path_text.len()) };
        lowering.facts.body.push(Stmt { span, kind });
    }
    let mut facts = lowering.facts;
    facts.body.sort_by_key(|s| s.span.start);
    facts.comments.sort_by_key(|c| (c.span.start, c.span.end));
    embed::after_lowering(&mut facts, text, options);
    comments::after_lowering(&mut facts, text, Language::Scala, options);
    facts
}

struct Lowering<'t> {
    /// The cell, magics blanked out (same length).
    text: &'t str,
    /// Where the parsed text starts in the cell.
    base: usize,
    facts: CellFacts,
    depth: usize,
}

impl Lowering<'_> {
    fn whole(&mut self) {
        let Some(tree) = parse(Grammar::Scala, self.text) else { return };
        if !tree.root_node().has_error() {
            let mut body = Vec::new();
            self.block(tree.root_node(), &mut body);
            self.facts.body = body;
            self.comments(tree.root_node());
            return;
        }
        // A syntax error costs the chunk that it stands in, not the cell.
        let mut body = Vec::new();
        for chunk in chunks::split(self.text) {
            let Some(tree) = parse(Grammar::Scala, chunk.of(self.text)) else { continue };
            self.base = chunk.start as usize;
            self.block(tree.root_node(), &mut body);
            self.comments(tree.root_node());
            if tree.root_node().has_error() {
                self.facts
                    .problems
                    .push(FactProblem { span: chunk, message: "not all of this could be read".to_owned() });
                lines::scan(self.text, chunk, &mut self.facts.properties);
            }
        }
        self.base = 0;
        self.facts.body = body;
    }

    fn comments(&mut self, root: Node<'_>) {
        let mut cursor = root.walk();
        loop {
            let node = cursor.node();
            if matches!(node.kind(), "comment" | "block_comment") {
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
        let start = (self.base + node.start_byte()).min(self.text.len());
        Span::new(start, (self.base + node.end_byte()).clamp(start, self.text.len()))
    }

    fn slice(&self, node: Node<'_>) -> &str {
        self.span(node).of(self.text)
    }

    fn push(&mut self, span: Span, kind: ExprKind) -> ExprId {
        self.facts.push(span, kind)
    }

    fn kind(&self, id: ExprId) -> &ExprKind {
        &self.facts.expr(id).kind
    }

    /// Runs `read` one level deeper; `None` when that is too deep.
    fn deeper<T>(&mut self, node: Node<'_>, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            let span = self.span(node);
            self.facts.problems.push(FactProblem { span, message: "nested too deeply to be read".to_owned() });
            return None;
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        Some(result)
    }
}

/// `//` and `/* */` comments.
fn comment(text: &str, span: Span) -> Comment {
    let source = span.of(text);
    let is_doc = source.starts_with("/**");
    let inner = if source.starts_with("/*") {
        source.trim_start_matches(['/', '*']).trim_end_matches('/').trim_end_matches('*')
    } else {
        source.trim_start_matches('/')
    };
    let offset = inner.as_ptr() as usize - source.as_ptr() as usize + inner.len() - inner.trim_start().len();
    let start = span.start as usize + offset;
    Comment { span, text: Span::new(start, start + inner.trim().len()), is_doc }
}

/// Named children without comments.
fn kids(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|n| !n.kind().ends_with("comment")).collect()
}

fn field<'n>(node: Node<'n>, name: &str) -> Option<Node<'n>> {
    node.child_by_field_name(name)
}

#[cfg(test)]
mod tests;
