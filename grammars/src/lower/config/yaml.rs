//! YAML over tree-sitter: mappings, lists, flow style, anchors, block scalars, several documents. Template tags
//! (`{{ … }}`, `{% … %}`) are read as plain text; lines that still do not parse are scanned.

use std::borrow::Cow;

use memchr::memmem;
use tree_sitter::Node;

use super::{
    block, scalar,
    walk::{Walk, key_name, span},
};
use crate::{
    Span,
    facts::{PropertyValue, Quote, StrLit, StrPart, StrStyle},
    lower::{
        strings::{Decoded, Escapes},
        text as lines,
    },
    tree::{Grammar, parse},
};

pub(super) fn lower(walk: &mut Walk<'_>) {
    let readable = without_templates(walk.text);
    let Some(tree) = parse(Grammar::Yaml, &readable) else { return };
    walk.yaml(tree.root_node(), 0);
    if tree.root_node().has_error() {
        // Where no mapping was read, lines still are.
        let covered = merged(walk.facts.properties.iter().map(|p| p.key_span.cover(p.value_span)).collect());
        let mut scanned = Vec::new();
        lines::scan(walk.text, Span::new(0, walk.text.len()), &mut scanned);
        scanned.retain(|p| {
            let near = covered.partition_point(|c| c.end <= p.value_span.start);
            covered.get(near).is_none_or(|c| !c.overlaps(p.value_span))
        });
        walk.facts.properties.extend(scanned);
    }
}

/// In order and without overlaps.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    spans.dedup_by(|next, kept| {
        let joins = next.start <= kept.end;
        if joins {
            *kept = kept.cover(*next);
        }
        joins
    });
    spans
}

/// The text with template tags replaced by as many bytes that YAML reads as part of a scalar, so that every place
/// stays where it is. Tags that are a line of their own become blanks.
fn without_templates(text: &str) -> Cow<'_, str> {
    if !text.contains("{{") && !text.contains("{%") && !text.contains("${") {
        return Cow::Borrowed(text);
    }
    let mut bytes = text.as_bytes().to_vec();
    // Bytes before it were looked at; where the line at hand begins.
    let (mut at, mut line_start) = (0, 0);
    for open in memchr::memchr3_iter(b'{', b'$', b'\n', text.as_bytes()) {
        let rest = &text[open..];
        if rest.starts_with('\n') {
            line_start = open + 1;
        }
        let closing = match rest.as_bytes() {
            _ if open < at => continue,
            [b'{', b'{', ..] => "}}",
            [b'{', b'%', ..] => "%}",
            [b'$', b'{', b'{', ..] => "}}",
            [b'$', b'{', ..] => "}",
            _ => continue,
        };
        let Some(end) = memmem::find(&rest.as_bytes()[2..], closing.as_bytes()).map(|i| open + 2 + i + closing.len())
        else {
            break;
        };
        let inner = &text[open..end];
        if closing == "}" && inner.contains('\n') {
            at = open + 2;
            continue;
        }
        let lead = text.get(line_start..open).unwrap_or("x");
        let behind = text[end..].bytes().find(|b| *b == b'\n' || !b.is_ascii_whitespace());
        let alone = lead.bytes().rev().all(|b| b.is_ascii_whitespace()) && behind.is_none_or(|b| b == b'\n');
        let filler = if closing == "%}" || inner.contains('\n') || alone { b' ' } else { b'x' };
        for byte in &mut bytes[open..end] {
            if *byte != b'\n' {
                *byte = filler;
            }
        }
        at = end;
    }
    // Only whole tags were overwritten, with ASCII.
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

impl Walk<'_> {
    fn yaml(&mut self, node: Node<'_>, depth: usize) {
        if self.is_too_deep(node, depth) {
            return;
        }
        let mut cursor = node.walk();
        match node.kind() {
            "comment" => self.comment(span(node), &['#']),
            "block_mapping" | "flow_mapping" => {
                let group = self.open_group();
                for pair in node.named_children(&mut cursor) {
                    match pair.kind() {
                        "block_mapping_pair" | "flow_pair" => self.yaml_pair(pair, group, depth),
                        _ => self.yaml(pair, depth + 1),
                    }
                }
            }
            "block_sequence" | "flow_sequence" => {
                let group = self.open_group();
                let mut number = 0;
                for item in node.named_children(&mut cursor) {
                    if item.kind() == "comment" {
                        self.yaml(item, depth + 1);
                        continue;
                    }
                    let key = number.to_string();
                    number += 1;
                    self.under(&key, |walk| {
                        let from = walk.facts.properties.len();
                        match leaf(item) {
                            Some((value, tag)) => {
                                let key_span = Span::new(value.start_byte(), value.start_byte());
                                walk.yaml_value(value, tag, key_span, group);
                            }
                            None => walk.yaml(item, depth + 1),
                        }
                        walk.yaml_anchor(item, from);
                    });
                }
            }
            _ => {
                for child in node.named_children(&mut cursor) {
                    self.yaml(child, depth + 1);
                }
            }
        }
    }

    fn yaml_pair(&mut self, pair: Node<'_>, group: u32, depth: usize) {
        let mut cursor = pair.walk();
        for comment in pair.named_children(&mut cursor).filter(|n| n.kind() == "comment") {
            self.yaml(comment, depth + 1);
        }
        let (Some(key), Some(value)) = (pair.child_by_field_name("key"), pair.child_by_field_name("value")) else {
            return;
        };
        let key_span = span(key);
        self.under(key_name(self.source(key)), |walk| {
            let from = walk.facts.properties.len();
            match leaf(value) {
                Some((scalar, tag)) => walk.yaml_value(scalar, tag, key_span, group),
                None => {
                    walk.push(key_span, PropertyValue::Nested, span(value), group);
                    walk.yaml(value, depth + 1);
                }
            }
            walk.yaml_anchor(value, from);
        });
    }

    /// Notes the name that a value has (`&name`). `from`: the first of its properties.
    fn yaml_anchor(&mut self, value: Node<'_>, from: usize) {
        let mut node = value;
        while matches!(node.kind(), "block_sequence_item" | "flow_node" | "block_node") {
            let mut cursor = node.walk();
            let kids: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
            if let Some(anchor) = kids.iter().find(|k| k.kind() == "anchor") {
                return self.anchor(self.source(*anchor).trim_start_matches('&'), from);
            }
            let Some(inner) = kids.into_iter().find(|k| matches!(k.kind(), "flow_node" | "block_node")) else { return };
            node = inner;
        }
    }

    fn yaml_value(&mut self, node: Node<'_>, tag: Option<Span>, key_span: Span, group: u32) {
        let whole = span(node);
        let source = whole.of(self.text);
        // `!!str` and its like are types; `!vault`, `!Ref` make something else of the text.
        let refers = tag.is_some_and(|t| !t.of(self.text).starts_with("!!"));
        let value = match node.kind() {
            _ if refers => PropertyValue::Reference(source.into()),
            "alias" => PropertyValue::Reference(source.into()),
            "block_scalar" => block_scalar(self.text, whole),
            "single_quote_scalar" => quoted(self.text, whole, Quote::Single),
            "double_quote_scalar" if source.contains('\n') => quoted(self.text, whole, Quote::Double),
            _ if source.contains('\n') => quoted(self.text, whole, Quote::None),
            _ => scalar(self.text, whole, Escapes::Json),
        };
        self.push(key_span, value, whole, group);
        if node.kind() == "alias" {
            self.alias(source.trim_start_matches('*'), group);
        }
    }
}

/// `|` keeps line breaks, `>` makes blanks of them.
fn block_scalar(text: &str, whole: Span) -> PropertyValue {
    let source = whole.of(text);
    let first = source.find('\n').map_or(source.len(), |i| i + 1);
    let body = &source[first..];
    let filled = body.lines().filter(|l| !l.trim().is_empty());
    let indent = filled.map(|l| l.len() - l.trim_start_matches([' ', '\t']).len()).min().unwrap_or(0);
    let mut at = whole.start as usize + first;
    let mut rows = Vec::new();
    for line in body.split_inclusive('\n') {
        let skip = indent.min(line.len() - line.trim_start_matches([' ', '\t']).len());
        rows.push(Span::new(at + skip, at + line.len()));
        at += line.len();
    }
    if !source.starts_with('>') {
        return block(text, &rows, whole);
    }
    let mut decoded = Decoded::default();
    for row in rows {
        let line = row.of(text);
        let content = line.trim_end_matches(['\n', '\r']);
        decoded.verbatim(row.start as usize, content);
        if content.len() < line.len() {
            decoded.escape(row.start as usize + content.len(), line.len() - content.len(), " ");
        }
    }
    string(decoded, Quote::Block, whole)
}

/// Single quotes, where `''` is one quote, and scalars over several lines: a line break is a blank.
fn quoted(text: &str, whole: Span, quote: Quote) -> PropertyValue {
    let inner = if quote == Quote::None { whole } else { Span::new(whole.start as usize + 1, whole.end as usize - 1) };
    let mut decoded = Decoded::default();
    let mut at = inner.start as usize;
    for line in inner.of(text).split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim_end_matches(['\n', '\r']);
        let lead = if start == inner.start as usize { 0 } else { content.len() - content.trim_start().len() };
        let content = &content[lead..];
        let from = start + lead;
        match quote {
            Quote::Single => {
                let mut done = 0;
                for (i, _) in content.match_indices("''") {
                    if i < done {
                        continue;
                    }
                    decoded.verbatim(from + done, &content[done..i]);
                    decoded.escape(from + i, 2, "'");
                    done = i + 2;
                }
                decoded.verbatim(from + done, &content[done..]);
            }
            Quote::Double => decoded.read(text, Span::new(from, from + content.len()), Escapes::Json, false),
            _ => decoded.verbatim(from, content),
        }
        if at < inner.end as usize {
            decoded.escape(from + content.len(), at - from - content.len(), " ");
        }
    }
    string(decoded, quote, inner)
}

fn string(mut decoded: Decoded, quote: Quote, inner: Span) -> PropertyValue {
    let parts: Vec<StrPart> = decoded.take().into_iter().collect();
    let (triple, raw) = (quote == Quote::Block, quote != Quote::Double);
    let style = StrStyle { quote, triple, raw, bytes: false, interpolated: false, prefix: "".into(), inner };
    PropertyValue::Str(StrLit { parts, style })
}

/// The scalar that a node is, through wrappers and anchors, and its tag.
fn leaf(node: Node<'_>) -> Option<(Node<'_>, Option<Span>)> {
    match node.kind() {
        "flow_node" | "block_node" | "block_sequence_item" | "plain_scalar" => {
            let mut cursor = node.walk();
            let (mut only, mut tag) = (None, None);
            for kid in node.named_children(&mut cursor) {
                match kid.kind() {
                    "anchor" | "comment" => {}
                    "tag" => tag = Some(span(kid)),
                    _ if only.is_some() => return None,
                    _ => only = Some(kid),
                }
            }
            match only {
                Some(inner) => leaf(inner).map(|(value, inside)| (value, inside.or(tag))),
                None => (node.kind() == "plain_scalar").then_some((node, tag)),
            }
        }
        "double_quote_scalar" | "single_quote_scalar" | "block_scalar" | "alias" => Some((node, None)),
        kind if kind.ends_with("_scalar") => Some((node, None)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_exist_in_the_grammar() {
        let kinds = [
            "block_mapping", "flow_mapping", "block_mapping_pair", "flow_pair", "block_sequence", "flow_sequence",
            "block_scalar", "alias", "tag", "anchor", "flow_node", "block_node", "block_sequence_item", "plain_scalar",
            "double_quote_scalar", "single_quote_scalar", "comment",
        ];
        crate::tree::assert_names(Grammar::Yaml, &kinds, &["key", "value"]);
    }

    #[test]
    fn template_tags_keep_their_place() {
        assert_eq!(without_templates("a: {{ x }}\n"), "a: xxxxxxx\n");
        assert_eq!(without_templates("{% if x %}\na: b # {{\n"), "          \na: b # {{\n");
        assert_eq!(without_templates("  {{- include \"x\" . }}\nb: c\n").trim_start(), "b: c\n");
    }
}
