//! What stands beside programs: properties, queries, commands, comments, texts inside texts.

use super::{CellFacts, Const, ExprId, StrLit};
use crate::{Language, Secret, Span, TextMap};

/// A key with a value: YAML, JSON, TOML, properties, conf, HCL, XML, `.env`; SQL option lists and `SET`; or a line of
/// text that looks like one ([`PropertyPlace::LineScan`]).
#[derive(Clone, Debug, Hash)]
pub struct Property {
    /// From the document's root, outermost first; list items are their 0-based number (`resources.jobs.x.tasks.0.y`).
    /// For SQL the path is the key alone.
    pub path: Vec<Box<str>>,
    /// The last key, as written (with quotes). Empty for list items.
    pub key_span: Span,
    pub value: PropertyValue,
    /// The value as written, with quotes.
    pub value_span: Span,
    pub place: PropertyPlace,
    /// Identifies the mapping that the property stands in, to find its siblings (`user` beside `password`).
    pub group: u32,
}

impl Property {
    /// The last key.
    pub fn key(&self) -> &str {
        self.path.last().map_or("", |k| k)
    }

    pub fn dotted(&self) -> String {
        self.path.join(".")
    }
}

#[derive(Clone, Debug, Hash)]
pub enum PropertyValue {
    Str(StrLit),
    /// Number, boolean, null.
    Const(Const),
    /// A mapping or list; its members are properties of their own.
    Nested,
    /// An expression of the configuration language (Terraform `var.x`, YAML `!vault`): not a literal. Text as written.
    Reference(Box<str>),
    /// SQL: an expression (`secret('s','k')`, a parameter); the id is in the same facts.
    Expr(ExprId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PropertyPlace {
    /// A configuration document.
    Document,
    /// `OPTIONS (…)` and the like inside the statement numbered so in [`CellFacts::queries`].
    Query(u32),
    /// `SET key = value`.
    SqlSet,
    /// A `name : value` or `name = value` line where no grammar applies (comments, text, broken code).
    LineScan,
}

/// One SQL statement.
#[derive(Clone, Debug, Hash)]
pub struct Query {
    pub span: Span,
    pub verb: Verb,
    /// All function calls, outermost first; arguments are expressions of the same facts.
    pub calls: Vec<QueryCall>,
    /// `:name`, `${name}`, `{{name}}`, `?`, `$name`, and `{name}` of a host-language template.
    pub parameters: Vec<(Box<str>, Span)>,
    /// `LOCATION '…'`, `FROM '…'`, `IDENTIFIED BY '…'`, `PASSWORD '…'`, `COMMENT '…'`, `DEFAULT '…'`:
    /// words before a literal, upper-case, and the literal.
    pub literals: Vec<QueryLiteral>,
    /// Bare names in the select list of the outermost query, lower case: columns or session variables.
    pub names: Vec<(Box<str>, Span)>,
    /// What a plain `SELECT` selects, one span for each; empty for queries of several parts (`WITH`, `UNION`).
    pub items: Vec<Span>,
    /// What a connection leads to (`CREATE CONNECTION c TYPE postgresql`), lower case.
    pub connects_to: Option<Box<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    Select,
    /// `VALUES (…)` at top level.
    Values,
    Insert,
    /// UPDATE, MERGE, DELETE.
    Change,
    CreateView,
    CreateTable,
    CreateConnection,
    CreateFunction,
    /// CREATE USER/LOGIN/ROLE/SERVER/CREDENTIAL of other databases; ALTER of the same.
    CreateUser,
    CreateWidget,
    CopyInto,
    Set,
    Grant,
    Execute,
    Comment,
    Show,
    Other,
}

#[derive(Clone, Debug, Hash)]
pub struct QueryCall {
    /// An [`ExprKind::Call`] whose callee is a lower-case [`ExprKind::Name`].
    pub expr: ExprId,
    /// Lower-case names of the calls and option lists around it, outermost first.
    pub inside: Vec<Box<str>>,
    /// In the select list of the outermost query (not in WHERE, ON, OPTIONS …), and not compared with something there.
    pub projected: bool,
}

#[derive(Clone, Debug, Hash)]
pub struct QueryLiteral {
    /// Up to three words before the literal, upper-case, nearest last; `=` and parentheses left out. The name behind
    /// `GRANT … TO` is a literal too, once for each privilege: `["READ", "SECRET", "TO"]`.
    pub before: Vec<Box<str>>,
    /// An [`ExprKind::Str`].
    pub expr: ExprId,
}

/// One simple shell command: `PGPASSWORD=x psql -h y`. Pipelines and lists are several commands in order.
#[derive(Clone, Debug, Hash)]
pub struct Command {
    pub span: Span,
    /// Assignments before the command word, `export X=y` (`export` is the command word), bare assignments and the
    /// default of `${X:-default}` (then `words` is empty); one for each element of an array.
    pub assignments: Vec<(Box<str>, Span, ShellWord)>,
    /// Command word first.
    pub words: Vec<ShellWord>,
    /// Whether the next command of a pipeline reads its output.
    pub piped: bool,
    /// Here-document and here-string text that the command reads.
    pub input: Vec<ShellWord>,
    /// `> file`, `>> file`.
    pub redirects: Vec<ShellWord>,
    /// Words before the command word that run it: `sudo -S -u etl`, `nohup`, `time`.
    pub wrappers: Vec<ShellWord>,
    /// The hole that it runs for: `$(…)`, `<(…)`.
    pub within: Option<ExprId>,
}

impl Command {
    /// Whether it stands for what a variable falls back to (`${NAME:-word}`): it runs nothing and sets nothing.
    pub fn is_default(&self) -> bool {
        self.words.is_empty() && self.assignments.len() == 1 && self.assignments[0].1.start > self.span.start
    }
}

/// Where one of several ways of a script begins or ends: `if`, `case`, loops, what follows `&&` and `||`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Turn {
    /// Number of commands before it.
    pub before: usize,
    pub kind: TurnKind,
    /// See [`Command::within`].
    pub within: Option<ExprId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TurnKind {
    /// The first way begins.
    Open,
    /// Another way begins, which is taken in place of the last one.
    Other,
    /// The ways meet. `all`: one of them is always taken (`else`, `*)`).
    Close { all: bool },
}

#[derive(Clone, Debug, Hash)]
pub struct ShellWord {
    pub span: Span,
    /// Text and holes (`$X`, `${X}`, `$(…)`); a hole's expression is a [`ExprKind::Name`] of the variable (whose value
    /// may be cut: `${X:0:3}`) or [`ExprKind::Other`] for a command substitution and what says nothing of the value
    /// (`${#X}`, `${X:+set}`).
    pub value: StrLit,
}

#[derive(Clone, Debug, Hash)]
pub struct Comment {
    /// With its markers.
    pub span: Span,
    /// Without markers and surrounding blanks.
    pub text: Span,
    /// Docstrings and `/** */`.
    pub is_doc: bool,
}

/// A text in another language inside the cell: SQL passed to `spark.sql`, commented-out code, a YAML or JSON document
/// in a string. It has facts of its own, in bytes of its own `text`; `map` leads back to the cell.
#[derive(Clone, Debug, Hash)]
pub struct Embedded {
    pub language: Language,
    pub origin: EmbeddedOrigin,
    pub text: Secret,
    pub map: TextMap,
    pub facts: CellFacts,
    /// Where the host's holes stand in `text` (as `{…}` or `${…}` as written) and which host expression fills each.
    pub holes: Vec<(Span, ExprId)>,
    /// Variables that the document around sets for a script, with what they hold: `env:` of a step, `ENV` before a `RUN`. The
    /// programs that the script starts have them, too.
    pub variables: Vec<(Box<str>, ExprId)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EmbeddedOrigin {
    /// A query string given to a call; the literal's (or concatenation's) expression and the call.
    Query { literal: ExprId, call: ExprId },
    /// Commented-out code: findings there say so.
    Comment,
    /// A document inside a string literal.
    Document { literal: ExprId },
    /// A shell line inside a cell of another language (`!curl …`) or a string given to `os.system`.
    Shell,
    /// A shell line whose output the program keeps: `subprocess.check_output(…)`, `files = !ls`.
    Captured,
    /// A magic line in a cell of another language: `%sql select 1`.
    Magic,
    /// Code between the fences of a Markdown text: shown, not run.
    Fence,
}
