//! Reading side of credscope: bytes → [`Document`] (cells with source maps) → [`CellFacts`].
//!
//! No IO, no clock, no environment. Splitting, parsing and lowering never fail and never panic: they return what they
//! could read, plus problems. This is the only crate that names tree-sitter.

pub mod container;
pub mod dialect;
pub mod document;
pub mod facts;
#[cfg(test)]
mod facts_debug;
pub mod language;
pub mod line_index;
pub mod lower;
pub mod secret;
pub mod shape;
pub mod span;
mod tree;

pub use container::{editor::EditorCell, editor::from_cells, open, reopen};
pub use document::{Cell, CellKind, Container, Document, Encoding, OpenProblem, Opened};
pub use facts::CellFacts;
pub use language::Language;
pub use line_index::{ColumnUnit, LineColumn, LineIndex};
pub use lower::lower;
pub use secret::Secret;
pub use span::{Segment, Span, TextMap};
