//! tree-sitter, one parser per thread and grammar.

use std::{cell::RefCell, collections::HashMap};

use tree_sitter::{Parser, Tree};

/// Grammars that are used for lowering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Grammar {
    Python,
    Scala,
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
            Self::R => tree_sitter_r::LANGUAGE.into(),
            Self::Yaml => tree_sitter_yaml::LANGUAGE.into(),
            Self::Json => tree_sitter_json::LANGUAGE.into(),
            Self::Hcl => tree_sitter_hcl::LANGUAGE.into(),
        }
    }
}

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
    fn every_grammar_fits_the_runtime() {
        for grammar in [Grammar::Python, Grammar::Scala, Grammar::R, Grammar::Yaml, Grammar::Json, Grammar::Hcl] {
            assert!(parse(grammar, "x").is_some(), "{grammar:?}");
        }
    }
}
