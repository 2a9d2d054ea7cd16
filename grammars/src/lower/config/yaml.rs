//! YAML over tree-sitter: mappings, lists, flow style, anchors, block scalars, several documents. Templates that are no
//! YAML yet cost the lines that do not parse: those are scanned.

use tree_sitter::Node;

use super::{MAX_DEPTH, block, push, scalar};
use crate::{
    CellFacts, Span,
    facts::{Comment, PropertyValue},
    lower::{strings::Escapes, text as lines},
    tree::{Grammar, parse},
};

pub(super) fn lower(text: &str, facts: &mut CellFacts) {
    let Some(tree) = parse(Grammar::Yaml, text) else { return };
    let mut walk = Walk { text, facts, group: 0 };
    walk.node(tree.root_node(), &mut Vec::new(), 0);
    if tree.root_node().has_error() {
        // Where no mapping was read, lines still are.
        let covered: Vec<Span> = facts.properties.iter().map(|p| p.key_span.cover(p.value_span)).collect();
        let mut scanned = Vec::new();
        lines::scan(text, Span::new(0, text.len()), &mut scanned);
        scanned.retain(|p| !covered.iter().any(|c| c.overlaps(p.value_span)));
        facts.properties.extend(scanned);
    }
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
    fn node(&mut self, node: Node<'_>, path: &mut Vec<Box<str>>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match node.kind() {
            "comment" => {
                let whole = span(node);
                let source = whole.of(self.text);
                let inner = source.trim_start_matches('#').trim();
                let start = whole.start as usize + source.find(inner).unwrap_or(0);
                self.facts.comments.push(Comment {
                    span: whole,
                    text: Span::new(start, start + inner.len()),
                    is_doc: false,
                });
            }
            "block_mapping" | "flow_mapping" => {
                self.group += 1;
                let group = self.group;
                let mut cursor = node.walk();
                for pair in node.named_children(&mut cursor) {
                    match pair.kind() {
                        "block_mapping_pair" | "flow_pair" => self.pair(pair, path, group, depth),
                        _ => self.node(pair, path, depth + 1),
                    }
                }
            }
            "block_sequence" | "flow_sequence" => {
                let mut cursor = node.walk();
                self.group += 1;
                let group = self.group;
                let items: Vec<Node<'_>> = node.named_children(&mut cursor).filter(|n| n.kind() != "comment").collect();
                for (i, item) in items.into_iter().enumerate() {
                    path.push(i.to_string().into());
                    match leaf(item) {
                        Some(value) => {
                            self.value(value, Span::new(value.start_byte(), value.start_byte()), path, group)
                        }
                        None => self.node(item, path, depth + 1),
                    }
                    path.pop();
                }
            }
            _ => {
                let mut cursor = node.walk();
                for child in node.named_children(&mut cursor) {
                    self.node(child, path, depth + 1);
                }
            }
        }
    }

    fn pair(&mut self, pair: Node<'_>, path: &mut Vec<Box<str>>, group: u32, depth: usize) {
        let Some(key) = pair.child_by_field_name("key") else { return };
        let key_span = span(key);
        path.push(key_span.of(self.text).trim_matches(['"', '\'']).into());
        if let Some(value) = pair.child_by_field_name("value") {
            match leaf(value) {
                Some(scalar) => self.value(scalar, key_span, path, group),
                None => {
                    push(self.facts, path, key_span, PropertyValue::Nested, span(value), group);
                    self.node(value, path, depth + 1);
                }
            }
        }
        path.pop();
    }

    fn value(&mut self, node: Node<'_>, key_span: Span, path: &[Box<str>], group: u32) {
        let whole = span(node);
        let value = match node.kind() {
            "block_scalar" => {
                let source = whole.of(self.text);
                let first = source.find('\n').map_or(source.len(), |i| i + 1);
                let body = &source[first..];
                let indent = body
                    .lines()
                    .filter(|l| !l.trim().is_empty())
                    .map(|l| l.len() - l.trim_start().len())
                    .min()
                    .unwrap_or(0);
                let mut at = whole.start as usize + first;
                let mut rows = Vec::new();
                for line in body.split_inclusive('\n') {
                    let skip = indent.min(line.len() - line.trim_start_matches([' ', '\t']).len());
                    rows.push(Span::new(at + skip, at + line.len()));
                    at += line.len();
                }
                block(self.text, &rows, whole)
            }
            "alias" => PropertyValue::Reference(whole.of(self.text).into()),
            _ => scalar(self.text, whole, Escapes::Json),
        };
        push(self.facts, path, key_span, value, whole, group);
    }
}

/// The scalar that a node is, through wrappers, anchors; tagged values (`!vault`) are references, not literals.
fn leaf(node: Node<'_>) -> Option<Node<'_>> {
    match node.kind() {
        "flow_node" | "block_node" | "block_sequence_item" | "plain_scalar" => {
            let mut cursor = node.walk();
            let kids: Vec<Node<'_>> =
                node.named_children(&mut cursor).filter(|n| !matches!(n.kind(), "anchor" | "comment")).collect();
            if kids.iter().any(|k| k.kind() == "tag") {
                return None;
            }
            match kids.as_slice() {
                [only] => leaf(*only),
                [] if node.kind() == "plain_scalar" => Some(node),
                _ => None,
            }
        }
        "double_quote_scalar" | "single_quote_scalar" | "block_scalar" | "alias" => Some(node),
        kind if kind.ends_with("_scalar") => Some(node),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::tree;

    #[test]
    fn names_exist_in_the_grammar() {
        let kinds = [
            "block_mapping", "flow_mapping", "block_mapping_pair", "flow_pair", "block_sequence", "flow_sequence",
            "block_scalar", "alias", "tag", "anchor", "flow_node", "block_node", "block_sequence_item", "plain_scalar",
            "double_quote_scalar", "single_quote_scalar", "comment",
        ];
        tree::assert_names(tree::Grammar::Yaml, &kinds, &["key", "value"]);
    }
}
