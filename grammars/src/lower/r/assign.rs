//! Assignments: `<-`, `<<-`, `=`, `:=`, `->`, `->>`, `assign()`.

use tree_sitter::Node;

use super::{Lowering, field, k};
use crate::facts::{BindKind, ExprId, ExprKind, Stmt, StmtKind, Target};

impl Lowering<'_> {
    pub(super) fn operator<'n>(&self, node: Node<'n>) -> &'static str {
        // Operators are node kinds of the grammar: static text, except the `%op%` ones.
        field(node, k::F_OPERATOR).map_or("", |n| n.kind())
    }

    pub(super) fn is_assignment(&self, node: Node<'_>) -> bool {
        matches!(self.operator(node), "<-" | "<<-" | "=" | ":=" | "->" | "->>")
    }

    /// Target and value of an assignment.
    fn sides<'n>(&self, node: Node<'n>) -> Option<(Node<'n>, Node<'n>)> {
        let (lhs, rhs) = (field(node, k::F_LHS)?, field(node, k::F_RHS)?);
        Some(if self.operator(node).starts_with("->") { (rhs, lhs) } else { (lhs, rhs) })
    }

    pub(super) fn assignment(&mut self, node: Node<'_>) -> StmtKind {
        let mut places = Vec::new();
        let mut at = node;
        // `a <- b <- "x"`
        while at.kind() == k::BINARY
            && self.is_assignment(at)
            && let Some((place, value)) = self.sides(at)
        {
            places.push(place);
            at = value;
        }
        if let [place] = places.as_slice()
            && at.kind() == k::FUNCTION
            && matches!(place.kind(), k::IDENTIFIER | k::STRING)
        {
            let name = self.word(*place);
            let function = self.function(at, Some(name));
            return StmtKind::Function(Box::new(function));
        }
        let value = self.expr(at);
        let targets = places.into_iter().map(|p| self.target(p)).collect();
        StmtKind::Bind { targets, value, kind: BindKind::Assign, annotation: None }
    }

    /// An assignment inside an expression: `if ((x <- f()) > 1)`.
    pub(super) fn assignment_value(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        match self.assignment(node) {
            StmtKind::Bind { mut targets, value, .. } if targets.len() == 1 => {
                let target = Box::new(targets.pop().unwrap_or(Target::Skip));
                self.push(span, ExprKind::Assign { target, value })
            }
            kind => self.push(span, ExprKind::Block(vec![Stmt { span, kind }])),
        }
    }

    pub(super) fn target(&mut self, node: Node<'_>) -> Target {
        match node.kind() {
            k::IDENTIFIER | k::STRING => {
                let (name, span) = self.word(node);
                if name.is_empty() { Target::Skip } else { Target::Name { name, span } }
            }
            _ => Target::Place(self.expr(node)),
        }
    }
}
