//! Patterns: only what they bind.

use tree_sitter::Node;

use super::{Lowering, field, kids};
use crate::facts::Target;

impl Lowering<'_> {
    /// What a definition binds: a name alone is bound whatever its case.
    pub(super) fn binding(&mut self, node: Node<'_>) -> Target {
        match node.kind() {
            "identifier" => self.bound(node),
            "identifiers" => Target::Tuple(kids(node).into_iter().map(|n| self.bound(n)).collect()),
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
            "identifier" if self.slice(node).starts_with(|c: char| c.is_uppercase() || c == '`') => Target::Skip,
            "identifier" => self.bound(node),
            "typed_pattern" => field(node, "pattern").map_or(Target::Skip, |p| self.pattern(p)),
            // The whole value is what the name gets; what is inside it is rarely used then.
            "capture_pattern" => match field(node, "pattern").map(|p| p.kind()) {
                Some("repeat_pattern") => Target::Rest(Box::new(self.captured(node))),
                _ => self.captured(node),
            },
            "tuple_pattern" => Target::Tuple(kids(node).into_iter().map(|p| self.pattern(p)).collect()),
            "alternative_pattern" => kids(node)
                .into_iter()
                .map(|p| self.pattern(p))
                .find(|t| !matches!(t, Target::Skip))
                .unwrap_or(Target::Skip),
            "case_class_pattern" => {
                let mut cursor = node.walk();
                let parts: Vec<Node<'_>> = node.children_by_field_name("pattern", &mut cursor).collect();
                Target::Tuple(parts.into_iter().filter(Node::is_named).map(|p| self.pattern(p)).collect())
            }
            "infix_pattern" => {
                let sides = [field(node, "left"), field(node, "right")];
                Target::Tuple(sides.into_iter().flatten().map(|p| self.pattern(p)).collect())
            }
            "repeat_pattern" => {
                field(node, "pattern").map_or(Target::Skip, |p| Target::Rest(Box::new(self.pattern(p))))
            }
            _ => Target::Skip,
        }
    }

    fn captured(&self, node: Node<'_>) -> Target {
        field(node, "name").map_or(Target::Skip, |n| self.bound(n))
    }
}
