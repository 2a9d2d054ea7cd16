//! Secret flow: which secret values reach an output, and how. An abstract interpreter over the facts of all cells in run
//! order: values carry labels (which secret, read where, changed or not), containers carry them per key.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use credscope_grammars::{
    CellFacts, CellKind, Document, Secret,
    facts::{Class as ClassDef, Function},
};

use crate::{
    finding::Place,
    model::{Model, Names},
    rule::Severity,
    settings::Settings,
    workspace::Workspace,
};

mod calls;
mod expressions;
mod outputs;
mod sinks;
mod statements;
mod tables;
mod value;

pub use outputs::{StoredOutput, stored_outputs};
pub(crate) use tables::{may_read, selects_secret};
use value::{Source, Value};

/// A secret value that reaches a sink.
#[derive(Clone, Debug)]
pub struct Leak {
    /// Rule code that reports it (`CS201`).
    pub code: &'static str,
    pub severity: Severity,
    /// The argument that carries the value.
    pub place: Place,
    pub message: String,
    /// Read here, put into here, printed here – in order.
    pub path: Vec<(String, Option<String>, Place)>,
    /// Scope and key or the name of what was read, for the fingerprint.
    pub subject: String,
    /// For plaintext sources: the literal's value.
    pub value: Option<Secret>,
}

/// Expressions and statements that a document may cost: beyond it the analysis stops, it does not slow down.
const STEPS: usize = 2_000_000;
/// Calls inside calls that are followed.
const CALL_DEPTH: usize = 6;
const DEPTH: usize = 150;

/// Secret values of the document that reach an output, in source order. `facts` is parallel to `document.cells`.
pub fn analyze(
    document: &Document,
    facts: &[Arc<CellFacts>],
    model: &Model,
    settings: &Settings,
    _workspace: &Workspace,
    _path: &str,
) -> Vec<Leak> {
    let mut walker = Walker {
        names: &model.names,
        settings,
        notebook: document.is_notebook(),
        sources: Vec::new(),
        source_at: HashMap::new(),
        scopes: vec![HashMap::new()],
        functions: Vec::new(),
        active: Vec::new(),
        memo: HashMap::new(),
        leaks: Vec::new(),
        seen: HashSet::new(),
        steps: 0,
        depth: 0,
        quiet: 0,
        returned: Value::clean(),
    };
    for (index, cell) in document.cells.iter().enumerate() {
        if cell.kind == CellKind::Code {
            walker.cell(index as u32, &facts[index], cell.language);
        }
    }
    let mut leaks = walker.leaks;
    leaks.sort_by(|a, b| (a.place, a.code).cmp(&(b.place, b.code)));
    leaks
}

/// Something of the document that can be called.
#[derive(Clone, Copy)]
enum Callable<'a> {
    Function(&'a Function, At<'a>),
    Class(&'a ClassDef, At<'a>),
}

/// The facts being walked, and the cell that they stand in.
#[derive(Clone, Copy)]
struct At<'a> {
    facts: &'a CellFacts,
    cell: u32,
    /// From an embedded text to the cell.
    map: Option<&'a credscope_grammars::TextMap>,
}

impl At<'_> {
    fn place(&self, span: credscope_grammars::Span) -> Place {
        Place { cell: self.cell, span: self.map.map_or(span, |m| m.to_source(span)) }
    }
}

struct Walker<'a> {
    names: &'a Names,
    settings: &'a Settings,
    notebook: bool,
    sources: Vec<Source>,
    source_at: HashMap<(Place, String), usize>,
    scopes: Vec<HashMap<Box<str>, Value>>,
    functions: Vec<Callable<'a>>,
    /// Functions being run, to stop recursion.
    active: Vec<usize>,
    /// Results of calls by function and labels of the arguments.
    memo: HashMap<(usize, Vec<(usize, bool)>), Value>,
    leaks: Vec<Leak>,
    seen: HashSet<(Place, &'static str)>,
    steps: usize,
    depth: usize,
    /// Above 0: values are asked, leaks are not noted.
    quiet: usize,
    /// What the function being run has returned so far.
    returned: Value,
}
