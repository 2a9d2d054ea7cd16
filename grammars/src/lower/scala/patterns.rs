//! Patterns: only what they bind.

use tree_sitter::Node;

use super::{Lowering, field, k, kids};
use crate::facts::Target;

impl Lowering<'_> {
    /// What a definition binds: a name alone is bound whatever its case.
    pub(super) fn binding(&mut self, node: Node<'_>) -> Target {
        match node.kind() {
            k::IDENTIFIER => self.bound(node),
            k::IDENTIFIERS => Target::Tuple(kids(node).into_iter().map(|n| self.bound(n)).collect()),
            _ => self.pattern(node),
        }
    }

    fn bound(&self, node: Node<'_>) -> Target {
        let name = self.word(node);
        if matches!(name, "" | "_") { Target::Skip } else { Target::Name { name: name.into(), span: self.span(node) } }
    }

    pub(super) fn pattern(&mut self, node: Node<'_>) -> Target {
        self.deeper(node, |this| this.pattern_here(node)).unwrap_or(Target::Skip)
    }

    fn pattern_here(&mut self, node: Node<'_>) -> Target {
        match node.kind() {
            // A capitalized or quoted name is a constant that is compared with.
            k::IDENTIFIER if self.slice(node).starts_with(|c: char| c.is_uppercase() || c == '`') => Target::Skip,
            k::IDENTIFIER => self.bound(node),
            k::TYPED_PATTERN => field(node, k::F_PATTERN).map_or(Target::Skip, |p| self.pattern(p)),
            // The whole value is what the name gets; what is inside it is rarely used then.
            k::CAPTURE_PATTERN => match field(node, k::F_PATTERN).map(|p| p.kind()) {
                Some(k::REPEAT_PATTERN) => Target::Rest(Box::new(self.captured(node))),
                _ => self.captured(node),
            },
            k::TUPLE_PATTERN => Target::Tuple(kids(node).into_iter().map(|p| self.pattern(p)).collect()),
            k::ALTERNATIVE_PATTERN => Target::any(kids(node).into_iter().map(|p| self.pattern(p)).collect()),
            k::CASE_CLASS_PATTERN => {
                let mut cursor = node.walk();
                let parts: Vec<Node<'_>> = node.children_by_field_name(k::F_PATTERN, &mut cursor).collect();
                let parts = parts.into_iter().filter(Node::is_named).map(|p| self.pattern(p)).collect();
                // What failed is not what would have been read.
                let other = field(node, k::F_TYPE).is_some_and(|t| matches!(self.slice(t), "Failure" | "Left"));
                let inner = Box::new(Target::Tuple(parts));
                let class = field(node, k::F_TYPE).map(|t| self.slice(t)).unwrap_or_default();
                if other { Target::Other(inner) } else { Target::Of { class: class.into(), inner } }
            }
            k::INFIX_PATTERN => {
                let sides = [field(node, k::F_LEFT), field(node, k::F_RIGHT)];
                Target::Tuple(sides.into_iter().flatten().map(|p| self.pattern(p)).collect())
            }
            k::REPEAT_PATTERN => {
                field(node, k::F_PATTERN).map_or(Target::Skip, |p| Target::Rest(Box::new(self.pattern(p))))
            }
            k::STRING => Target::Literal(self.expr(node)),
            _ => Target::Skip,
        }
    }

    fn captured(&self, node: Node<'_>) -> Target {
        field(node, k::F_NAME).map_or(Target::Skip, |n| self.bound(n))
    }
}
