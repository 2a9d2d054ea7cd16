//! Terraform over tree-sitter: attributes with the path of their blocks. An expression that is no literal is a
//! reference; literals that it can have as its value (`coalesce(var.x, "lit")`) stand beside it under the same key.

use tree_sitter::Node;

use super::{
    scalar,
    walk::{Walk, key_name, span},
};
use crate::{
    Span,
    facts::{ExprKind, PropertyValue, Quote, StrLit, StrPart, StrStyle},
    lower::strings::{Decoded, Escapes},
    tree::{Grammar, parse},
};

/// Functions whose value is one of their arguments, maybe in another encoding.
const SAME: &[&str] = &[
    "coalesce", "try", "tostring", "sensitive", "nonsensitive", "base64encode", "trimspace", "chomp", "jsonencode",
    "yamlencode", "merge", "tomap", "toset", "tolist", "map", "list", "concat", "one", "defaults", "urlencode",
];

pub(super) fn lower(walk: &mut Walk<'_>) {
    let Some(tree) = parse(Grammar::Hcl, walk.text) else { return };
    walk.hcl(tree.root_node(), 0, 0);
}

impl Walk<'_> {
    fn hcl(&mut self, node: Node<'_>, group: u32, depth: usize) {
        if self.is_too_deep(node, depth) {
            return;
        }
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "comment" => self.comment(span(child), &['#', '/', '*']),
                "block" => {
                    let before = self.path.len();
                    let mut inner = child.walk();
                    for part in child.named_children(&mut inner) {
                        if matches!(part.kind(), "identifier" | "string_lit") {
                            self.path.push(key_name(self.source(part)).into());
                        }
                    }
                    let own = self.open_group();
                    self.hcl(child, own, depth + 1);
                    self.path.truncate(before);
                }
                "attribute" | "object_elem" => self.attribute(child, group, depth),
                "identifier" | "string_lit" => {}
                _ => self.hcl(child, group, depth + 1),
            }
        }
    }

    fn attribute(&mut self, node: Node<'_>, group: u32, depth: usize) {
        let mut cursor = node.walk();
        let kids: Vec<Node<'_>> = node.named_children(&mut cursor).filter(|n| n.kind() != "comment").collect();
        let [key, .., value] = kids.as_slice() else { return };
        let key_span = span(*key);
        self.under(key_name(self.source(*key)), |walk| walk.expression(*value, key_span, group, depth + 1));
    }

    /// The value of an attribute, list item or argument.
    fn expression(&mut self, node: Node<'_>, key: Span, group: u32, depth: usize) {
        if self.is_too_deep(node, depth) {
            return;
        }
        let whole = span(node);
        let inner = core(node);
        match inner.kind() {
            "string_lit" | "quoted_template" | "heredoc_template" => {
                let value = self.template(inner);
                self.push(key, value, whole, group);
            }
            "numeric_lit" | "bool_lit" | "null_lit" => {
                self.push(key, scalar(self.text, whole, Escapes::Json), whole, group);
            }
            "object" => {
                self.push(key, PropertyValue::Nested, whole, group);
                let own = self.open_group();
                self.hcl(inner, own, depth + 1);
            }
            "tuple" => {
                self.push(key, PropertyValue::Nested, whole, group);
                let own = self.open_group();
                let mut cursor = inner.walk();
                let items = inner.named_children(&mut cursor).filter(|n| n.kind() == "expression");
                for (i, item) in items.enumerate() {
                    let at = Span::new(item.start_byte(), item.start_byte());
                    self.under(&i.to_string(), |walk| walk.expression(item, at, own, depth + 1));
                }
            }
            kind => {
                self.push(key, PropertyValue::Reference(whole.of(self.text).into()), whole, group);
                let choices = match kind {
                    "conditional" => named(inner, "expression").into_iter().skip(1).collect(),
                    "function_call" if self.is_same(inner) => {
                        let lists = named(inner, "function_arguments");
                        lists.into_iter().flat_map(|l| named(l, "expression")).collect()
                    }
                    _ => Vec::new(),
                };
                for choice in choices {
                    // What a reference refers to is no literal.
                    if !matches!(core(choice).kind(), "variable_expr" | "expression") {
                        self.expression(choice, key, group, depth + 1);
                    }
                }
            }
        }
    }

    fn is_same(&self, call: Node<'_>) -> bool {
        call.named_child(0).is_some_and(|name| SAME.contains(&self.source(name)))
    }

    /// A string, template or here-document: literal text and holes for `${…}`.
    fn template(&mut self, node: Node<'_>) -> PropertyValue {
        let heredoc = node.kind() == "heredoc_template";
        let whole = span(node);
        let escapes = if heredoc { Escapes::Raw } else { Escapes::Json };
        let (mut parts, mut decoded) = (Vec::new(), Decoded::default());
        let mut cursor = node.walk();
        let mut last: Option<usize> = None;
        for part in node.named_children(&mut cursor) {
            let is_text = matches!(part.kind(), "template_literal" | "template_interpolation" | "template_directive");
            // The grammar leaves blanks and line breaks behind a template out.
            if let Some(gap) = last.filter(|last| is_text && *last < part.start_byte()) {
                decoded.read(self.text, Span::new(gap, part.start_byte()), escapes, false);
            }
            last = is_text.then(|| part.end_byte());
            match part.kind() {
                "template_literal" => decoded.read(self.text, span(part), escapes, false),
                "template_interpolation" | "template_directive" => {
                    parts.extend(decoded.take());
                    let written = self.source(part).trim_start_matches(['$', '%', '{', '~']);
                    let name = written.trim_end_matches(['}', '~']).trim();
                    let expr = self.facts.push(span(part), ExprKind::Name(name.into()));
                    parts.push(StrPart::Hole { expr, span: span(part), debug: false, format: None });
                }
                _ => {}
            }
        }
        parts.extend(decoded.take());
        let quote = if heredoc { Quote::Block } else { Quote::Double };
        let inner = if heredoc || whole.len() < 2 {
            whole
        } else {
            Span::new(whole.start as usize + 1, whole.end as usize - 1)
        };
        let interpolated = parts.iter().any(|p| matches!(p, StrPart::Hole { .. }));
        let style =
            StrStyle { quote, triple: heredoc, raw: heredoc, bytes: false, interpolated, prefix: "".into(), inner };
        PropertyValue::Str(StrLit { parts, style })
    }
}

/// What an expression is when it is one thing: wrappers and parentheses removed; else the expression itself.
fn core(node: Node<'_>) -> Node<'_> {
    let mut at = node;
    while matches!(at.kind(), "expression" | "literal_value" | "template_expr" | "collection_value") {
        let mut cursor = at.walk();
        let kids: Vec<Node<'_>> = at.named_children(&mut cursor).filter(|n| n.kind() != "comment").collect();
        let [only] = kids.as_slice() else { break };
        at = *only;
    }
    at
}

fn named<'n>(node: Node<'n>, kind: &str) -> Vec<Node<'n>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|n| n.kind() == kind).collect()
}

#[cfg(test)]
mod tests {
    use crate::tree;

    #[test]
    fn names_exist_in_the_grammar() {
        let kinds = [
            "comment", "block", "identifier", "string_lit", "attribute", "object_elem", "expression", "literal_value",
            "template_expr", "collection_value", "quoted_template", "heredoc_template", "template_literal",
            "template_interpolation", "template_directive", "object", "tuple", "conditional", "function_call",
            "function_arguments", "variable_expr", "numeric_lit", "bool_lit", "null_lit",
        ];
        tree::assert_names(tree::Grammar::Hcl, &kinds, &[]);
    }
}
