//! Secret flow: which secret values reach an output, and how. An abstract interpreter over the facts of all cells in run
//! order: values carry labels (which secret, read where, changed or not), containers carry them per key, objects have
//! frames of their own. Each function runs a bounded number of times, so that the cost is in proportion to the document.

use std::{collections::HashMap, rc::Rc, sync::Arc};

use credscope_grammars::{
    CellFacts, Document, Language, Secret, TextMap,
    facts::{Class as ClassDef, ExprId, Function},
};

use crate::{
    finding::Place,
    model::{Model, Names},
    rule::{Confidence, Severity},
    rules::shared,
    settings::Settings,
    value::{
        CredentialSlot, SlotKind, development::is_default, hosts::is_local, placeholder, plausible::implausible, slots,
    },
    workspace::Workspace,
};

mod assign;
mod calls;
mod cells;
mod collections;
mod columns;
mod curried;
mod dataframes;
mod decorators;
mod dumps;
mod elements;
mod env;
mod expressions;
mod functions;
mod grows;
mod masking;
mod members;
mod modules;
mod namespaces;
mod narrow;
mod objects;
mod outputs;
mod pairs;
mod paths;
mod propagate;
mod reach;
mod reads;
mod records;
mod references;
mod requests;
mod shell;
mod shown;
mod sinks;
mod sql;
mod statements;
mod tables;
#[cfg(test)]
mod tests;
mod texts;
mod texts_each;
mod value;

pub use outputs::{StoredOutput, stored_outputs};
pub(crate) use reads::{may_read, selects_secret};
use value::{Source, Spot, Value};

/// A secret value that reaches a sink.
#[derive(Clone, Debug)]
pub struct Leak {
    /// Rule code that reports it (`CS201`).
    pub code: &'static str,
    pub severity: Severity,
    pub confidence: Confidence,
    /// The argument that carries the value.
    pub place: Place,
    /// What happens, and why it matters and what to do; see [`crate::Finding`].
    pub message: String,
    pub help: String,
    /// Read here, put into here, printed here – in order. The second part names another document.
    pub path: Vec<(String, Option<String>, Place)>,
    /// Scope and key or the name of what was read, for the fingerprint.
    pub subject: String,
    /// For plaintext sources: the literal's value.
    pub value: Option<Secret>,
    /// The document in whose function it happens, when that is another one: this one only hands the value over.
    pub elsewhere: Option<String>,
}

impl Leak {
    /// Places in the document itself.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        let path = self.path.iter().filter(|(_, document, _)| document.is_none()).map(|(_, _, place)| *place);
        std::iter::once(self.place).chain(path)
    }

    /// The same leak after text was typed around it: every place in the document is moved.
    pub(crate) fn moved(mut self, to: &dyn Fn(Place) -> Place) -> Self {
        self.place = to(self.place);
        for (_, document, place) in &mut self.path {
            if document.is_none() {
                *place = to(*place);
            }
        }
        self
    }
}

/// What a literal is to the flow: all that it asks about a text without counting as having looked at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    Other,
    /// A credential under the name of a password: too short for a token.
    Short,
    /// A credential under a name that says so.
    Credential,
    /// A connection string or URL that holds one, whatever it is called.
    Holder,
}

/// Fewest characters of a token or key.
const TOKEN: usize = 8;

pub(crate) fn literal(text: &str, settings: &Settings) -> Literal {
    if is_real(text, settings) {
        let number = shared::is_number(text);
        return match text.len() {
            0..4 if number => Literal::Other,
            0..TOKEN => Literal::Short,
            _ if number => Literal::Short,
            _ => Literal::Credential,
        };
    }
    if holds_credential(text, settings) { Literal::Holder } else { Literal::Other }
}

/// Whether a text is a connection string or URL with a password that is no development default.
fn holds_credential(text: &str, settings: &Settings) -> bool {
    const LONGEST: usize = 4096;
    let kinds =
        |kind| matches!(kind, SlotKind::JdbcUrl | SlotKind::UserInfo | SlotKind::ConnectionString | SlotKind::Jaas);
    let is_holder = |slot: &CredentialSlot| {
        let secret = text.get(slot.range.clone()).unwrap_or("");
        let user = slot.user.clone().and_then(|range| text.get(range));
        let local = slot.host.as_deref().is_some_and(is_local) && (is_default(secret) || user == Some(secret));
        kinds(slot.kind) && is_real(secret, settings) && !local
    };
    text.len() <= LONGEST && text.contains(['=', '@']) && slots(text).iter().any(is_holder)
}

/// Whether a literal under a secret name is a credential.
pub(crate) fn is_real(text: &str, settings: &Settings) -> bool {
    implausible(text).is_none()
        && placeholder(text, &settings.extend).is_none()
        && text.chars().any(|c| c.is_ascii_digit() || c.is_ascii_punctuation())
}

/// Expressions and statements that are evaluated for each one of the document, at most. Functions and loops have bounds
/// of their own that stay below; this is the last one.
const STEPS_EACH: usize = 128;
const LEAST_STEPS: usize = 100_000;
/// Calls inside calls that are followed.
const CALL_DEPTH: usize = 8;
/// Times that one function is evaluated, for different arguments.
const MAX_RUNS: u32 = 12;
/// Times that one function is evaluated for different constants: one that reads secrets by name, another.
const NAMED_RUNS: u32 = 10;
const CONSTANT_RUNS: u32 = 2;
/// Nesting of expressions and blocks that is followed.
const DEPTH: usize = 120;

/// Secret values of the document that reach an output, in source order. `facts` is parallel to `document.cells`.
pub fn analyze(
    document: &Document,
    facts: &[Arc<CellFacts>],
    model: &Model,
    settings: &Settings,
    workspace: &Workspace,
    path: &str,
) -> Vec<Leak> {
    walked(document, facts, model, settings, workspace, path).finish()
}

fn walked<'a>(
    document: &'a Document,
    facts: &'a [Arc<CellFacts>],
    model: &Model,
    settings: &'a Settings,
    workspace: &'a Workspace,
    path: &str,
) -> Walker<'a> {
    let counts = document.cells.iter().map(|c| c.execution_count).collect();
    let mut walker = Walker::new(settings, workspace, document.is_notebook(), counts);
    walker.docs.push(Doc {
        path: path.to_owned(),
        facts,
        cells: &document.cells,
        names: modules::names(model, workspace, path, document, facts),
        root: 0,
        collections: Default::default(),
    });
    walker.limit = LEAST_STEPS + STEPS_EACH * facts.iter().map(|f| f.exprs.len()).sum::<usize>();
    walker.env.push(None);
    walker.run_cells(0);
    walker.run_rest();
    walker
}

/// A document of the analysis: the first is the one that is analysed, others come in through `%run` and imports.
#[derive(Clone, Debug)]
struct Doc<'a> {
    path: String,
    facts: &'a [Arc<CellFacts>],
    cells: &'a [credscope_grammars::Cell],
    names: Rc<Names>,
    /// Frame of its top level.
    root: u32,
    /// Collections that its top level binds, found when first asked for.
    collections: std::cell::OnceCell<pairs::Bound>,
}

impl Doc<'_> {
    fn constants(&self) -> &pairs::Bound {
        self.collections.get_or_init(|| pairs::bound_collections(self.facts))
    }
}

/// Something that can be called.
#[derive(Clone, Copy, Debug)]
enum Callable<'a> {
    Function(&'a Function, At<'a>),
    Class(&'a ClassDef, At<'a>),
    /// The type of a record that a call makes (`namedtuple("C", "user pw")`).
    Record(At<'a>, ExprId),
}

/// The facts being walked, and where they stand.
#[derive(Clone, Copy, Debug)]
struct At<'a> {
    facts: &'a CellFacts,
    doc: u16,
    cell: u32,
    /// From an embedded text to the cell.
    map: Option<&'a TextMap>,
    /// An assignment changes a binding of an outer block (Scala); it does not make one here.
    updates: bool,
}

impl At<'_> {
    fn spot(&self, span: credscope_grammars::Span) -> Spot {
        let place = Place { cell: self.cell, span: self.map.map_or(span, |m| m.to_source(span)) };
        Spot { doc: self.doc, place }
    }
}

/// A leak in another document of a value that came from here: reported where the call is.
#[derive(Clone, Debug)]
struct Foreign {
    code: &'static str,
    class: tables::Class,
    value: Value,
    spot: Spot,
    verb: Rc<str>,
}

struct Walker<'a> {
    settings: &'a Settings,
    workspace: &'a Workspace,
    carriers: crate::workspace::Carriers<'a>,
    docs: Vec<Doc<'a>>,
    loaded: HashMap<String, u16>,
    notebook: bool,
    /// Execution count of each cell of the document.
    counts: Vec<Option<u32>>,
    env: env::Env,
    sources: Vec<Source>,
    source_at: HashMap<(Spot, String), usize>,
    functions: Vec<Callable<'a>>,
    function_at: HashMap<usize, u32>,
    /// Frame where each function was defined first, and how often it ran.
    defined: Vec<(u32, u32)>,
    /// Functions being run, each with the signature of its arguments, to stop recursion.
    active: Vec<(u32, u64)>,
    memo: HashMap<u32, Vec<functions::Memo>>,
    /// Methods that implicit classes add to values, with the class.
    extensions: HashMap<Box<str>, value::Callee>,
    /// Found so far, by place and rule; the strongest stays.
    leaks: Vec<(Leak, sinks::Rank)>,
    leak_at: HashMap<(Place, &'static str), usize>,
    foreign: Vec<Foreign>,
    steps: usize,
    limit: usize,
    depth: usize,
    loops: usize,
    /// Members of containers that the loops around have overwritten: frame, name, keys.
    overwritten: Vec<(u32, Box<str>, Vec<Box<str>>)>,
    /// A function is run that nothing calls: its defaults say nothing.
    exploring: bool,
    /// Loops over pairs so far.
    loop_id: u64,
    /// Above 0: values are asked, leaks are not noted.
    quiet: usize,
    /// What the function being run has returned so far.
    returned: Value,
    /// What becomes of the function's result, where that is a leak (CS229).
    returning: Option<decorators::Returning>,
    /// Options of command lines that are named like secrets, with the place of their definition.
    options: std::collections::BTreeMap<Box<str>, Spot>,
    /// Constructor of the file whose anonymous class is walked (`PrintWriter()`).
    inside: Option<String>,
    /// URLs with credentials that the `try` block around has used.
    in_try: Vec<Value>,
    /// What the handler being walked caught.
    caught: Option<Value>,
    /// Bindings that a later cell made harmless, by frame and name: the value before, and that cell's execution count.
    killed: HashMap<(u32, Box<str>), (Value, u32)>,
    /// Functions in which constants name what is read: evaluated for each constant.
    naming: std::collections::HashSet<u32>,
    /// Session variables of SQL.
    variables: std::collections::HashSet<Box<str>>,
    /// Configuration keys and environment variables that are set from secrets: scope and key.
    references: HashMap<String, (String, String)>,
    /// Frames of the notebook's top level, one for each language that runs in a process of its own.
    tops: Vec<(Language, u32)>,
    /// Debug switches that matter when a secret is read somewhere (CS228).
    switches: Vec<(Spot, &'static str)>,
    cell: u32,
}

impl<'a> Walker<'a> {
    fn new(settings: &'a Settings, workspace: &'a Workspace, notebook: bool, counts: Vec<Option<u32>>) -> Self {
        Self {
            settings,
            workspace,
            carriers: crate::workspace::Carriers::new(workspace, &settings.extend.sources),
            docs: Vec::new(),
            loaded: HashMap::new(),
            notebook,
            counts,
            env: env::Env::default(),
            sources: Vec::new(),
            source_at: HashMap::new(),
            functions: Vec::new(),
            function_at: HashMap::new(),
            defined: Vec::new(),
            active: Vec::new(),
            memo: HashMap::new(),
            extensions: HashMap::new(),
            leaks: Vec::new(),
            leak_at: HashMap::new(),
            foreign: Vec::new(),
            steps: 0,
            limit: 0,
            depth: 0,
            loops: 0,
            overwritten: Vec::new(),
            exploring: false,
            loop_id: 0,
            quiet: 0,
            returned: Value::clean(),
            returning: None,
            options: Default::default(),
            inside: None,
            in_try: Vec::new(),
            caught: None,
            killed: HashMap::new(),
            naming: std::collections::HashSet::new(),
            variables: std::collections::HashSet::new(),
            references: HashMap::new(),
            tops: Vec::new(),
            switches: Vec::new(),
            cell: 0,
        }
    }

    /// One step of the analysis; `false` when there are none left.
    fn step(&mut self) -> bool {
        self.steps += 1;
        self.steps <= self.limit && self.depth <= DEPTH
    }

    fn finish(mut self) -> Vec<Leak> {
        self.debug_switches();
        // A literal is reported itself: the first URL that it is put into says enough.
        self.leaks.sort_by(|(a, _), (b, _)| (a.place, a.code).cmp(&(b.place, b.code)));
        let mut literals = std::collections::HashSet::new();
        self.leaks.retain(|(leak, (.., kind))| {
            leak.code != "CS210" || *kind != value::Kind::Plain || literals.insert(leak.subject.clone())
        });
        let mut leaks: Vec<Leak> = self.leaks.into_iter().map(|(leak, _)| leak).collect();
        // A URL inside of what is sent, shown or stored: that says more.
        let around: Vec<(Place, String)> =
            leaks.iter().filter(|l| l.code != "CS210").map(|l| (l.place, l.subject.clone())).collect();
        leaks.retain(|l| {
            let covers = |p: &Place| p.cell == l.place.cell && p.span.contains(l.place.span);
            l.code != "CS210" || !around.iter().any(|(place, subject)| covers(place) && *subject == l.subject)
        });
        leaks.sort_by(|a, b| (a.place, a.code).cmp(&(b.place, b.code)));
        leaks
    }
}
