//! Cell text → facts: dispatch by language.

use crate::{CellFacts, Language, Span, facts::FactProblem};

pub mod comments;
pub mod config;
pub mod embed;
mod groovy;
mod handed;
pub mod java;
mod magic_lines;
mod markdown;
mod mend;
mod nesting;
mod pasted;
pub mod python;
pub mod r;
pub mod scala;
pub mod shell;
pub mod sql;
pub mod strings;
pub mod text;
mod text_guess;

pub use pasted::lower_cell;

/// What a lowering may know beside the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LowerOptions {
    /// The cell runs in a notebook: magics (`%run`, `!cmd`, `?help`) are part of the language.
    pub notebook: bool,
    /// How deep embedded texts may nest (SQL in Scala in a comment …); 0 reads none.
    pub depth: u8,
}

impl LowerOptions {
    /// For a text inside this one; `None` when nesting has gone deep enough.
    pub fn nested(self) -> Option<Self> {
        Some(Self { depth: self.depth.checked_sub(1)?, ..self })
    }
}

/// Largest text that is parsed, in bytes. Generated code and data above it are searched line by line only: parsing them
/// would cost minutes and gigabytes.
pub const MAX_PARSED: usize = 4 << 20;

/// Facts of a text above [`MAX_PARSED`], of its parts that matter: whole lines, in bytes of the text, ascending.
pub fn lower_large(text: &str, parts: &[Span]) -> CellFacts {
    text::lower_parts(text, parts)
}

/// Facts of a text in a language. Never fails, never panics; see [`CellFacts::problems`].
pub fn lower(language: Language, text: &str, options: LowerOptions) -> CellFacts {
    match language {
        _ if text.len() > MAX_PARSED => text::lower(text, options),
        _ if nesting::is_too_deep(language, text) => {
            let mut facts = text::lower(text, options);
            facts.problems.push(FactProblem::too_deep(Span::new(0, text.len())));
            facts
        }
        Language::Python => python::lower(text, options),
        Language::Scala => scala::lower(text, options),
        Language::Java => java::lower(text, options),
        Language::R => r::lower(text, options),
        Language::Sql => sql::lower(text, options),
        Language::Shell => shell::lower(text, options),
        Language::Pip => shell::lower_pip(text, options),
        Language::Makefile => shell::lower_makefile(text, options),
        Language::Markdown => markdown::lower(text, options),
        Language::Groovy => groovy::lower(text, options),
        Language::Source => text::lower_source(text, options),
        Language::Text => text::lower(text, options),
        _ => config::lower(language, text, options),
    }
}
