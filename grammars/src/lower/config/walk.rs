//! What the walks over configuration documents share: the path of keys down to where they are, and the facts they fill.

use std::{collections::HashMap, ops::Range};

use tree_sitter::Node;

use crate::{
    CellFacts, Language, Span,
    facts::{Comment, EmbeddedOrigin, ExprKind, FactProblem, Property, PropertyPlace, PropertyValue, StrLit, StrPart},
    lower::{LowerOptions, embed, text, text_guess},
};

/// Nesting that is read.
pub(super) const MAX_DEPTH: usize = 100;

/// Properties that the aliases of one document bring.
const MAX_COPIED: usize = 4096;

pub(super) struct Walk<'t> {
    pub text: &'t str,
    pub facts: &'t mut CellFacts,
    pub options: LowerOptions,
    /// Keys from the document's root down to the mapping at hand.
    pub path: Vec<Box<str>>,
    groups: u32,
    /// What anchors name: the path of keys down to it, and its properties among those of the facts.
    anchors: HashMap<Box<str>, (usize, Range<usize>)>,
    /// Properties that aliases have brought.
    copied: usize,
}

/// Bytes that a node covers.
pub(super) fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}

impl<'t> Walk<'t> {
    pub(super) fn new(text: &'t str, facts: &'t mut CellFacts, options: LowerOptions) -> Self {
        Self { text, facts, options, path: Vec::new(), groups: 0, anchors: HashMap::new(), copied: 0 }
    }

    /// Number of a new mapping or list, see [`Property::group`].
    pub(super) fn open_group(&mut self) -> u32 {
        self.groups += 1;
        self.groups
    }

    /// Whether a node at that depth is not read any more, which is noted.
    pub(super) fn is_too_deep(&mut self, node: Node<'_>, depth: usize) -> bool {
        if depth > MAX_DEPTH {
            self.facts.problems.push(FactProblem::too_deep(span(node)));
        }
        depth > MAX_DEPTH
    }

    /// Runs `inside` one key deeper.
    pub(super) fn under<T>(&mut self, key: &str, inside: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(key.into());
        let result = inside(self);
        self.path.pop();
        result
    }

    /// A property under the path at hand.
    pub(super) fn push(&mut self, key_span: Span, value: PropertyValue, value_span: Span, group: u32) {
        if let PropertyValue::Str(lit) = &value {
            self.inside(lit, value_span);
        }
        let (path, place) = (self.path.clone(), PropertyPlace::Document);
        self.facts.properties.push(Property { path, key_span, value, value_span, place, group });
    }

    /// What was read since `from` has a name: its properties stand below the path at hand.
    pub(super) fn anchor(&mut self, name: &str, from: usize) {
        self.anchors.insert(name.into(), (self.path.len(), from..self.facts.properties.len()));
    }

    /// The properties that `name` stands for, below the path at hand as well; those of a mapping that is merged into
    /// this one (`<<: *name`) are members of `group`.
    pub(super) fn alias(&mut self, name: &str, group: u32) {
        let Some((depth, range)) = self.anchors.get(name).cloned() else { return };
        let merge = self.path.iter().rposition(|k| &**k == "<<").filter(|at| at + 2 >= self.path.len());
        let base = self.path[..merge.unwrap_or(self.path.len())].to_vec();
        let mut groups: HashMap<u32, u32> = HashMap::new();
        for index in range {
            let mut property = self.facts.properties[index].clone();
            let is_here = property.place == PropertyPlace::Document && property.path.len() >= depth;
            // The mapping that has the name is none of its members.
            let is_itself = property.path.len() == depth && matches!(property.value, PropertyValue::Nested);
            if !is_here || is_itself || self.copied >= MAX_COPIED {
                continue;
            }
            self.copied += 1;
            let member = property.path.len() == depth + 1 && merge.is_some();
            property.group = match member {
                true => group,
                false => *groups.entry(property.group).or_insert_with(|| {
                    self.groups += 1;
                    self.groups
                }),
            };
            if property.path.len() == depth {
                property.group = group;
            }
            property.path.splice(..depth, base.iter().cloned());
            self.facts.properties.push(property);
        }
    }

    /// A comment; `markers` stand around its text. Lines in it that look like properties are read, too.
    pub(super) fn comment(&mut self, whole: Span, markers: &[char]) {
        let source = whole.of(self.text);
        let inner = source.trim_matches(|c: char| markers.contains(&c) || c.is_whitespace());
        let start = whole.start as usize + source.find(inner).unwrap_or(0);
        let inside = Span::new(start, start + inner.len());
        self.facts.comments.push(Comment { span: whole, text: inside, is_doc: false });
        text::scan(self.text, inside, &mut self.facts.properties);
    }

    /// The document that a value is: its key is a file's name (`data: app.properties: |`), or it looks like one.
    fn inside(&mut self, lit: &StrLit, value_span: Span) {
        let ([StrPart::Text { value, map }], Some(nested)) = (lit.parts.as_slice(), self.options.nested()) else {
            return;
        };
        let source = value.expose();
        let key = self.path.iter().rev().find(|k| k.parse::<u32>().is_err()).map_or("", |k| k);
        let named = if key.contains('.') { Language::of_path(key) } else { None };
        // One line of a file of settings.
        let line = matches!(named, Some(Language::SparkConf | Language::Properties | Language::Ini | Language::Xml))
            && source.trim().contains([' ', '=', '<']);
        if !source.contains('\n') && !source.starts_with(['{', '[']) && !line {
            return;
        }
        let Some(language) = named.or_else(|| text_guess::guess(source)) else { return };
        let literal = self.facts.push(value_span, ExprKind::Str(lit.clone()));
        let origin = EmbeddedOrigin::Document { literal };
        self.facts.embedded.push(embed::mapped(source.to_owned(), map.clone(), language, origin, nested));
    }

    /// Text of a node as written.
    pub(super) fn source(&self, node: Node<'_>) -> &'t str {
        span(node).of(self.text)
    }
}

/// A key as it is named: quotes around it and the escape of a quote in it removed.
pub(super) fn key_name(written: &str) -> &str {
    let inner = written.strip_prefix('"').and_then(|k| k.strip_suffix('"'));
    inner.or_else(|| written.strip_prefix('\'').and_then(|k| k.strip_suffix('\''))).unwrap_or(written)
}
