//! The joined view of a document's cells: names and aliases, constants in run order, and the *sites* where a constant
//! value reaches a position.

use credscope_grammars::{Secret, Span, TextMap};

use crate::finding::Place;

/// Cells joined in run order.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// Sites of each cell, parallel to `document.cells`.
    pub sites: Vec<Vec<Site>>,
}

/// A value that reaches a position: `df.option("password", pw)` with `pw = "…"` is one site whose value starts at the
/// literal and whose use is the argument.
#[derive(Clone, Debug)]
pub struct Site {
    /// What is known of the value, in order: literal text with its origin, and holes.
    pub value: Vec<Piece>,
    pub role: Role,
    /// Where the value is used (the argument, the bound value, the property's value).
    pub at: Place,
    /// The site stands in commented-out code.
    pub in_comment: bool,
    /// Workspace-independent purpose hint from the surroundings: format of the reader (`jdbc`, `snowflake`), client.
    pub purpose: Option<Box<str>>,
}

#[derive(Clone, Debug)]
pub enum Piece {
    Text {
        value: Secret,
        /// From bytes of `value` to bytes of the cell `cell`.
        map: TextMap,
        cell: u32,
        /// The whole literal that the text is from, with quotes.
        literal: Span,
    },
    /// Not known: a call, an unbound name. Dotted path when it has one (`os.environ[]`, `args.password`).
    Hole { path: Option<Box<str>> },
}

/// The position a value reaches.
#[derive(Clone, Debug)]
pub enum Role {
    /// Bound to a name, attribute, field or constant subscript: last segment (`password` of `self.password`), and the
    /// whole dotted path (`conf.password` for `conf["password"]`).
    Bind { name: Box<str>, path: Box<str> },
    /// Argument of a call.
    Argument(Box<Argument>),
    /// Value of a dict or Map entry, keyword of `dict(…)`, pair.
    Entry { key: Box<str> },
    /// Default of a parameter.
    Default { name: Box<str> },
    /// Second choice: `os.getenv("X", "lit")` (name `X`), `x or "lit"`, `getOrElse("lit")`, an `except` branch.
    Fallback { name: Box<str> },
    /// Compared with something of that name.
    Compare { name: Box<str> },
    /// Returned from a function of that name.
    Return { name: Box<str> },
    /// `key value` of a document or SQL option list; index into the cell's `facts.properties`.
    Property { index: u32 },
    /// A string in no telling position.
    Bare,
}

#[derive(Clone, Debug)]
pub struct Argument {
    /// Resolved dotted path of the callee, aliases and imports resolved (`azure.identity.ClientSecretCredential`,
    /// `spark.read.format().option`).
    pub callee: Box<str>,
    /// Last segment of the callee (`option`, `put`).
    pub method: Box<str>,
    /// Position among positional arguments.
    pub index: Option<u32>,
    pub keyword: Option<Box<str>>,
    /// The call's arguments: constant text where known, in order, with keywords.
    pub siblings: Vec<(Option<Box<str>>, Option<Secret>)>,
    /// The whole call.
    pub call: Place,
    /// Constant string arguments of calls earlier in the chain with their method: `("format", "jdbc")`.
    pub chain: Vec<(Box<str>, Secret)>,
}

impl Model {
    /// Joins the cells of a document. `facts` is parallel to `document.cells`. Pure, linear in the size of the facts.
    pub fn build(
        _document: &credscope_grammars::Document,
        facts: &[std::sync::Arc<credscope_grammars::CellFacts>],
        _settings: &crate::settings::Settings,
    ) -> Self {
        Self { sites: vec![Vec::new(); facts.len()] }
    }
}
