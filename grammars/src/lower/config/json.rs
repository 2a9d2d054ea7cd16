//! JSON, also with comments, over tree-sitter (tolerant: a broken value costs that value).

use tree_sitter::Node;

use super::{MAX_DEPTH, push, scalar};
use crate::{
    CellFacts, Span,
    facts::PropertyValue,
    lower::strings::Escapes,
    tree::{Grammar, parse},
};

pub(super) fn lower(text: &str, facts: &mut CellFacts) {
    let Some(tree) = parse(Grammar::Json, text) else { return };
    let mut group = 0;
    node(text, tree.root_node(), &mut Vec::new(), &mut group, facts, 0);
}

fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}

fn node(text: &str, at: Node<'_>, path: &mut Vec<Box<str>>, group: &mut u32, facts: &mut CellFacts, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    *group += 1;
    let own = *group;
    let mut cursor = at.walk();
    let mut number = 0;
    for child in at.named_children(&mut cursor) {
        match child.kind() {
            "pair" => {
                let (Some(key), Some(value)) = (child.child_by_field_name("key"), child.child_by_field_name("value"))
                else {
                    continue;
                };
                path.push(span(key).of(text).trim_matches('"').into());
                leaf(text, value, span(key), path, own, group, facts, depth);
                path.pop();
            }
            "comment" => {}
            "object" | "array" | "ERROR" | "document" => {
                let indexed = at.kind() == "array";
                if indexed {
                    path.push(number.to_string().into());
                }
                node(text, child, path, group, facts, depth + 1);
                if indexed {
                    path.pop();
                }
                number += 1;
            }
            _ if at.kind() == "array" => {
                path.push(number.to_string().into());
                leaf(text, child, Span::new(child.start_byte(), child.start_byte()), path, own, group, facts, depth);
                path.pop();
                number += 1;
            }
            _ => {}
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "the state of the walk")]
fn leaf(
    text: &str,
    value: Node<'_>,
    key: Span,
    path: &mut Vec<Box<str>>,
    own: u32,
    group: &mut u32,
    facts: &mut CellFacts,
    depth: usize,
) {
    if matches!(value.kind(), "object" | "array") {
        push(facts, path, key, PropertyValue::Nested, span(value), own);
        node(text, value, path, group, facts, depth + 1);
    } else {
        push(facts, path, key, scalar(text, span(value), Escapes::Json), span(value), own);
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
