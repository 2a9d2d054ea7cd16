//! Terraform over tree-sitter: attributes with the path of their blocks. Expressions that are no literal are references.

use tree_sitter::Node;

use super::{MAX_DEPTH, push, scalar};
use crate::{
    CellFacts, Span,
    facts::{Comment, PropertyValue},
    lower::strings::Escapes,
    tree::{Grammar, parse},
};

pub(super) fn lower(text: &str, facts: &mut CellFacts) {
    let Some(tree) = parse(Grammar::Hcl, text) else { return };
    let mut walk = Walk { text, facts, group: 0 };
    walk.node(tree.root_node(), &mut Vec::new(), 0, 0);
}

struct Walk<'t> {
    text: &'t str,
    facts: &'t mut CellFacts,
    group: u32,
}

fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}

impl Walk<'_> {
    fn node(&mut self, node: Node<'_>, path: &mut Vec<Box<str>>, group: u32, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "comment" => {
                    let whole = span(child);
                    let source = whole.of(self.text);
                    let inner = source.trim_start_matches(['#', '/', '*']).trim_end_matches(['*', '/']).trim();
                    let start = whole.start as usize + source.find(inner).unwrap_or(0);
                    self.facts.comments.push(Comment {
                        span: whole,
                        text: Span::new(start, start + inner.len()),
                        is_doc: false,
                    });
                    crate::lower::text::scan(
                        self.text,
                        Span::new(start, start + inner.len()),
                        &mut self.facts.properties,
                    );
                }
                "block" => {
                    let before = path.len();
                    let mut inner = child.walk();
                    for part in child.named_children(&mut inner) {
                        if matches!(part.kind(), "identifier" | "string_lit") {
                            path.push(span(part).of(self.text).trim_matches('"').into());
                        }
                    }
                    self.group += 1;
                    let own = self.group;
                    self.node(child, path, own, depth + 1);
                    path.truncate(before);
                }
                "attribute" | "object_elem" => self.attribute(child, path, group, depth),
                "identifier" | "string_lit" => {}
                _ => self.node(child, path, group, depth + 1),
            }
        }
    }

    fn attribute(&mut self, node: Node<'_>, path: &mut Vec<Box<str>>, group: u32, depth: usize) {
        let mut cursor = node.walk();
        let kids: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
        let (Some(key), Some(value)) = (kids.first(), kids.last()) else { return };
        if kids.len() < 2 {
            return;
        }
        let key_span = span(*key);
        path.push(key_span.of(self.text).trim_matches('"').into());
        let whole = span(*value);
        let source = whole.of(self.text);
        let literal = source.len() >= 2
            && source.starts_with('"')
            && source.ends_with('"')
            && !source[1..source.len() - 1].contains('"');
        let number = !source.is_empty() && source.bytes().all(|b| b.is_ascii_digit());
        let value_of = if literal && !source.contains("${") && !source.contains("%{")
            || number
            || matches!(source, "true" | "false" | "null")
        {
            scalar(self.text, whole, Escapes::Json)
        } else if source.starts_with(['{', '[']) {
            PropertyValue::Nested
        } else {
            PropertyValue::Reference(source.into())
        };
        let nested = matches!(value_of, PropertyValue::Nested);
        push(self.facts, path, key_span, value_of, whole, group);
        if nested {
            self.group += 1;
            let own = self.group;
            self.node(*value, path, own, depth + 1);
        }
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use crate::tree;

    #[test]
    fn names_exist_in_the_grammar() {
        tree::assert_names(
            tree::Grammar::Hcl,
            &["comment", "block", "identifier", "string_lit", "attribute", "object_elem"],
            &[],
        );
    }
}
