//! JSON, also with comments, over tree-sitter (tolerant: a broken value costs that value).

use tree_sitter::Node;

use super::{
    scalar,
    walk::{Walk, key_name, span},
};
use crate::{
    Span,
    facts::PropertyValue,
    lower::strings::Escapes,
    tree::{Grammar, parse},
};

pub(super) fn lower(walk: &mut Walk<'_>) {
    let Some(tree) = parse(Grammar::Json, walk.text) else { return };
    walk.json(tree.root_node(), 0);
}

impl Walk<'_> {
    fn json(&mut self, node: Node<'_>, depth: usize) {
        if self.is_too_deep(node, depth) {
            return;
        }
        let group = self.open_group();
        let is_list = node.kind() == "array";
        let mut cursor = node.walk();
        let mut number = 0;
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "comment" => self.comment(span(child), &['/', '*']),
                "pair" => {
                    let (Some(key), Some(value)) =
                        (child.child_by_field_name("key"), child.child_by_field_name("value"))
                    else {
                        continue;
                    };
                    self.under(key_name(self.source(key)), |walk| walk.json_value(value, span(key), group, depth));
                }
                _ if is_list => {
                    let key_span = Span::new(child.start_byte(), child.start_byte());
                    let key = number.to_string();
                    number += 1;
                    self.under(&key, |walk| match child.kind() {
                        "object" | "array" | "ERROR" => walk.json(child, depth + 1),
                        _ => walk.json_value(child, key_span, group, depth),
                    });
                }
                "object" | "array" | "ERROR" | "document" => self.json(child, depth + 1),
                _ => {}
            }
        }
    }

    fn json_value(&mut self, value: Node<'_>, key: Span, group: u32, depth: usize) {
        let whole = span(value);
        if matches!(value.kind(), "object" | "array") {
            self.push(key, PropertyValue::Nested, whole, group);
            self.json(value, depth + 1);
        } else {
            self.push(key, scalar(self.text, whole, Escapes::Json), whole, group);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tree;

    #[test]
    fn names_exist_in_the_grammar() {
        tree::assert_names(tree::Grammar::Json, &["pair", "object", "array", "comment", "document"], &["key", "value"]);
    }
}
