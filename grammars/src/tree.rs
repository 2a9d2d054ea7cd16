//! tree-sitter, one parser per thread and grammar.

use std::{cell::RefCell, collections::HashMap, num::NonZeroU16, sync::LazyLock};

use tree_sitter::{Node, Parser, Tree};

/// Grammars that are used for lowering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Grammar {
    Python,
    Scala,
    Java,
    R,
    Yaml,
    Json,
    Hcl,
}

impl Grammar {
    pub(crate) fn language(self) -> tree_sitter::Language {
        match self {
            Self::Python => tree_sitter_python::LANGUAGE.into(),
            Self::Scala => tree_sitter_scala::LANGUAGE.into(),
            Self::Java => tree_sitter_java::LANGUAGE.into(),
            Self::R => tree_sitter_r::LANGUAGE.into(),
            Self::Yaml => tree_sitter_yaml::LANGUAGE.into(),
            Self::Json => tree_sitter_json::LANGUAGE.into(),
            Self::Hcl => tree_sitter_hcl::LANGUAGE.into(),
        }
    }
}

/// The fields of a grammar by name: the runtime would search for the name each time.
pub(crate) struct Fields(Vec<(&'static str, NonZeroU16)>);

impl Fields {
    pub(crate) fn of(grammar: Grammar) -> Self {
        let language = grammar.language();
        let ids = (1..=language.field_count() as u16).filter_map(NonZeroU16::new);
        Self(ids.filter_map(|id| Some((language.field_name_for_id(id.get())?, id))).collect())
    }

    /// The child of a node of this grammar under a field.
    pub(crate) fn child<'n>(&self, node: Node<'n>, name: &str) -> Option<Node<'n>> {
        let (_, id) = self.0.iter().find(|(known, _)| *known == name)?;
        node.child_by_field_id(id.get())
    }
}

pub(crate) static PYTHON_FIELDS: LazyLock<Fields> = LazyLock::new(|| Fields::of(Grammar::Python));
pub(crate) static SCALA_FIELDS: LazyLock<Fields> = LazyLock::new(|| Fields::of(Grammar::Scala));
pub(crate) static R_FIELDS: LazyLock<Fields> = LazyLock::new(|| Fields::of(Grammar::R));

thread_local! {
    static PARSERS: RefCell<HashMap<Grammar, Parser>> = RefCell::new(HashMap::new());
}

/// Parses a whole text. `None` only when the grammar does not fit the runtime, which a test rules out.
pub(crate) fn parse(grammar: Grammar, text: &str) -> Option<Tree> {
    PARSERS.with_borrow_mut(|parsers| {
        let parser = parsers.entry(grammar).or_insert_with(|| {
            let mut parser = Parser::new();
            // A mismatch leaves the parser without a language: `parse` then answers `None`.
            let _ = parser.set_language(&grammar.language());
            parser
        });
        parser.reset();
        parser.parse(text, None)
    })
}

/// Asserts that node kinds and field names which a lowering compares with exist in its grammar, so that a grammar
/// upgrade fails a test instead of silently finding nothing.
#[cfg(test)]
pub(crate) fn assert_names(grammar: Grammar, kinds: &[&str], fields: &[&str]) {
    let language = grammar.language();
    for kind in kinds {
        let found = language.id_for_node_kind(kind, true) != 0 || language.id_for_node_kind(kind, false) != 0;
        assert!(found, "{grammar:?} has no node kind `{kind}`");
    }
    for field in fields {
        assert!(language.field_id_for_name(field).is_some(), "{grammar:?} has no field `{field}`");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_those_of_the_runtime() {
        let tree = parse(Grammar::Python, "x = f(a, b=1)\nif x:\n    y = x.z[0]\n");
        let mut stack = vec![tree.as_ref().map(Tree::root_node).into_iter().collect::<Vec<_>>()];
        let mut seen = 0;
        while let Some(nodes) = stack.pop() {
            for node in nodes {
                for (name, _) in &PYTHON_FIELDS.0 {
                    let child = PYTHON_FIELDS.child(node, name);
                    assert_eq!(child, node.child_by_field_name(name), "{name}");
                    seen += usize::from(child.is_some());
                }
                stack.push(node.children(&mut node.walk()).collect());
            }
        }
        assert!(seen > 10 && PYTHON_FIELDS.0.len() > 10, "{seen}");
    }

    #[test]
    fn every_grammar_fits_the_runtime() {
        use Grammar::{Hcl, Java, Json, Python, R, Scala, Yaml};
        for grammar in [Python, Scala, Java, R, Yaml, Json, Hcl] {
            assert!(parse(grammar, "x").is_some(), "{grammar:?}");
        }
    }
}
