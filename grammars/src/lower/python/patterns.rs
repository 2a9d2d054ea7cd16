//! What is assigned to: targets of assignments, loops, `with`, and patterns of `match`.

use tree_sitter::Node;

use super::{Lowering, k, kids};
use crate::facts::{ExprKind, Target};

impl Lowering<'_> {
    pub(super) fn target(&mut self, node: Node<'_>) -> Target {
        self.deeper(node, |this| this.target_here(node)).unwrap_or(Target::Skip)
    }

    fn target_here(&mut self, node: Node<'_>) -> Target {
        match node.kind() {
            k::IDENTIFIER => self.name_target(node),
            k::PATTERN_LIST
            | k::TUPLE_PATTERN
            | k::LIST_PATTERN
            | k::TUPLE
            | k::LIST
            | k::EXPRESSION_LIST
            | k::ARGUMENT_LIST => Target::Tuple(kids(node).into_iter().map(|n| self.target(n)).collect()),
            k::PARENTHESIZED => kids(node).first().map_or(Target::Skip, |n| self.target(*n)),
            k::LIST_SPLAT_PATTERN | k::LIST_SPLAT => {
                Target::Rest(Box::new(kids(node).first().map_or(Target::Skip, |n| self.target(*n))))
            }
            _ => Target::Place(self.expr(node)),
        }
    }

    fn name_target(&mut self, node: Node<'_>) -> Target {
        let (name, span) = (self.slice(node), self.span(node));
        if name == "_" || name.is_empty() { Target::Skip } else { Target::Name { name: name.into(), span } }
    }

    /// A pattern of `case`: only what it binds.
    pub(super) fn case_pattern(&mut self, node: Node<'_>) -> Target {
        self.deeper(node, |this| this.case_pattern_here(node)).unwrap_or(Target::Skip)
    }

    fn case_pattern_here(&mut self, node: Node<'_>) -> Target {
        match node.kind() {
            k::IDENTIFIER => self.name_target(node),
            k::DOTTED_NAME => match kids(node).as_slice() {
                [only] => self.name_target(*only),
                _ => Target::Skip,
            },
            k::CASE_PATTERN => kids(node).first().map_or(Target::Skip, |n| self.case_pattern(*n)),
            // The whole value is what the name gets; what is inside it is rarely used then.
            k::AS_PATTERN => match kids(node).last() {
                Some(alias) if alias.kind() == k::IDENTIFIER => self.name_target(*alias),
                _ => Target::Skip,
            },
            k::UNION_PATTERN => Target::any(kids(node).into_iter().map(|n| self.case_pattern(n)).collect()),
            k::SPLAT_PATTERN => {
                Target::Rest(Box::new(kids(node).first().map_or(Target::Skip, |n| self.case_pattern(*n))))
            }
            k::KEYWORD_PATTERN => kids(node).get(1).map_or(Target::Skip, |n| self.case_pattern(*n)),
            // The first child is the class.
            k::CLASS_PATTERN => {
                let kids = kids(node);
                let class = kids.first().map(|n| self.slice(*n)).unwrap_or_default().into();
                let parts = kids.into_iter().skip(1).map(|n| self.case_pattern(n)).collect();
                Target::Of { class, inner: Box::new(Target::Tuple(parts)) }
            }
            k::LIST_PATTERN | k::TUPLE_PATTERN => {
                Target::Tuple(kids(node).into_iter().map(|n| self.case_pattern(n)).collect())
            }
            k::DICT_PATTERN => {
                let (mut pairs, mut key) = (Vec::new(), None);
                for kid in kids(node) {
                    match kid.kind() {
                        k::STRING => key = Some(self.expr(kid)),
                        k::CASE_PATTERN => {
                            let value = self.case_pattern(kid);
                            pairs.extend(key.take().map(|key| (key, value)));
                        }
                        // What is left: under no key that is known.
                        k::SPLAT_PATTERN => {
                            let rest = kids(kid).first().map_or(Target::Skip, |n| self.case_pattern(*n));
                            let key = self.push(self.span(kid), ExprKind::Other(Vec::new()));
                            pairs.push((key, rest));
                        }
                        _ => key = None,
                    }
                }
                Target::Keyed(pairs)
            }
            k::STRING => Target::Literal(self.expr(node)),
            _ => Target::Skip,
        }
    }
}
