//! The vocabulary between languages and rules: what a cell says, with no word about how its language says it.
//!
//! Programs (Python, Scala, R, SQL expressions) are lowered to a small tree of statements and expressions in run
//! order; configuration documents and option lists to [`Property`]; shell lines to [`Command`]; SQL statements to
//! [`Query`]. Literal roles, calls, bindings and value flow are *views* of that tree (`credscope-linter::model`,
//! `credscope-linter::flow`), so that one lowering serves both the literal rules and the secret-flow rules.
//!
//! All spans are bytes of the cell text, 0-based, half-open. Facts are immutable once built, `Send + Sync`.

use crate::{Language, Secret, Span, TextMap};

/// Everything read from one cell (or from one embedded text, see [`Embedded`]).
#[derive(Clone, Debug, Default, Hash)]
pub struct CellFacts {
    /// Arena of expressions; [`ExprId`] indexes it.
    pub exprs: Vec<Expr>,
    /// Statements in run order.
    pub body: Vec<Stmt>,
    /// `key value` pairs of configuration documents, SQL option lists and line scans, in source order.
    pub properties: Vec<Property>,
    pub queries: Vec<Query>,
    pub commands: Vec<Command>,
    pub comments: Vec<Comment>,
    pub embedded: Vec<Embedded>,
    /// What could not be read. Never stops the rest.
    pub problems: Vec<FactProblem>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FactProblem {
    pub span: Span,
    pub message: String,
}

/// Index into [`CellFacts::exprs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(pub u32);

#[derive(Clone, Debug, Hash)]
pub struct Expr {
    /// The whole expression; for a string with its prefix and quotes.
    pub span: Span,
    pub kind: ExprKind,
}

#[derive(Clone, Debug, Hash)]
pub enum ExprKind {
    /// String or bytes literal, with or without interpolation.
    Str(StrLit),
    /// Number, boolean or null.
    Const(Const),
    /// An identifier. Python `self`, Scala `this` are names too.
    Name(Box<str>),
    /// `base.name`; `name_span` is the name alone.
    Attr {
        base: ExprId,
        name: Box<str>,
        name_span: Span,
    },
    /// `base[index]`; Scala `base(key)` stays a [`ExprKind::Call`], R `base[[key]]` and `base$key` are `Index`.
    Index {
        base: ExprId,
        index: ExprId,
    },
    /// `base[a:b:c]`: part of the value.
    Slice {
        base: ExprId,
        bounds: Vec<ExprId>,
    },
    /// Also infix method calls (`a op b` in Scala for alphanumeric `op`) and constructor calls (`new C(x)`: `is_new`).
    Call {
        callee: ExprId,
        args: Vec<Arg>,
        is_new: bool,
    },
    /// `a + b + "c"`, implicit concatenation, `a ++ b`, R `paste0(a, b)` is a plain call.
    Concat(Vec<ExprId>),
    /// Percent formatting and `.format`: the template and what fills it. `args` keep their keywords.
    Format {
        template: ExprId,
        args: Vec<Arg>,
    },
    /// Any other binary or unary operator on values (arithmetic, bit operations, `*`).
    Operator {
        op: Box<str>,
        operands: Vec<ExprId>,
    },
    /// `==`, `!=`, `in`, `is`, `<` …: the result says nothing of the operands' values.
    Compare {
        op: Box<str>,
        operands: Vec<ExprId>,
    },
    /// `a or b`, `a ?? b`, `opt.getOrElse(b)`, `nvl(a, b)`: the first that is there.
    Fallback {
        first: ExprId,
        second: ExprId,
    },
    /// `a and b`, `not a`.
    Logic(Vec<ExprId>),
    /// `then if test else other`, Scala `if (test) then else other` (the branches are [`ExprKind::Block`]s when braced).
    Cond {
        test: ExprId,
        then: ExprId,
        other: Option<ExprId>,
    },
    /// `{k: v, **other}`, `Map(k -> v)`, R `list(k = v)`. `key: None` is a spread.
    Dict(Vec<Entry>),
    /// List, tuple, set, Scala `Seq(…)`/`List(…)`/`Array(…)`, R `c(…)`.
    Seq {
        kind: SeqKind,
        items: Vec<ExprId>,
    },
    /// Scala `a -> b`; inside a `Map(…)` the lowering makes it a [`Entry`] instead.
    Pair {
        key: ExprId,
        value: ExprId,
    },
    Lambda(Box<Function>),
    /// `[element for target in iter if cond]` (dict comprehensions have two elements), Scala `for … yield`.
    Comprehension {
        elements: Vec<ExprId>,
        clauses: Vec<Clause>,
    },
    /// Statements whose value is the value of the last one; Scala blocks and match/try/if used as a value.
    Block(Vec<Stmt>),
    /// `*xs`, `**kw`, Scala `xs: _*`.
    Spread(ExprId),
    /// Walrus: binds and has the value.
    Assign {
        target: Box<Target>,
        value: ExprId,
    },
    /// `await x`, `(x: T)`, parentheses around something whose span matters: the same value.
    Same(ExprId),
    /// `yield x`.
    Yield(Option<ExprId>),
    /// Something the lowering has no word for; its children are still looked at.
    Other(Vec<ExprId>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SeqKind {
    List,
    Tuple,
    Set,
}

#[derive(Clone, Debug, Hash)]
pub struct Const {
    pub kind: ConstKind,
    /// Spelling, as in the source: a number can be a password.
    pub text: Secret,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConstKind {
    Number,
    Bool,
    Null,
}

#[derive(Clone, Debug, Hash)]
pub struct Arg {
    pub span: Span,
    /// Keyword of `f(name = value)`.
    pub name: Option<(Box<str>, Span)>,
    pub value: ExprId,
}

#[derive(Clone, Debug, Hash)]
pub struct Entry {
    pub key: Option<ExprId>,
    pub value: ExprId,
}

#[derive(Clone, Debug, Hash)]
pub struct Clause {
    pub target: Target,
    pub iter: ExprId,
    pub conditions: Vec<ExprId>,
}

/// A string literal.
#[derive(Clone, Debug, Hash)]
pub struct StrLit {
    pub parts: Vec<StrPart>,
    pub style: StrStyle,
}

impl StrLit {
    /// The whole decoded value when nothing is interpolated; empty for `""`.
    pub fn plain(&self) -> Option<Secret> {
        match self.parts.as_slice() {
            [] => Some(Secret::from("")),
            [StrPart::Text { value, .. }] => Some(value.clone()),
            _ => None,
        }
    }

    /// Whether any part is filled in at run time.
    pub fn is_interpolated(&self) -> bool {
        self.parts.iter().any(|p| matches!(p, StrPart::Hole { .. }))
    }
}

/// Adjacent text parts are joined by the lowering: two `Text`s never follow each other.
#[derive(Clone, Debug, Hash)]
pub enum StrPart {
    /// Decoded text; `map` leads from bytes of `value` to bytes of the cell.
    Text { value: Secret, map: TextMap },
    /// `{expr}`, `${expr}`, `$name`: `span` covers the braces. `debug` is Python's `{x=}`.
    Hole { expr: ExprId, span: Span, debug: bool, format: Option<Box<str>> },
}

/// How a literal is written, for fixes: which quotes a replacement has to fit in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StrStyle {
    pub quote: Quote,
    /// `"""` / `'''`, R raw strings, SQL `$$`.
    pub triple: bool,
    /// No escape is decoded.
    pub raw: bool,
    pub bytes: bool,
    /// f-string, `s""`, `f""`: holes are possible.
    pub interpolated: bool,
    /// Everything before the opening quote: `f`, `Rb`, `s`, `raw`.
    pub prefix: Box<str>,
    /// The text between the quotes, in bytes of the cell.
    pub inner: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quote {
    Single,
    Double,
    Backtick,
    /// Unquoted scalars (YAML, properties, shell words).
    None,
    /// SQL `$$ … $$`, YAML block scalars, here-documents.
    Block,
}

#[derive(Clone, Debug, Hash)]
pub struct Stmt {
    pub span: Span,
    pub kind: StmtKind,
}

#[derive(Clone, Debug, Hash)]
pub enum StmtKind {
    Expr(ExprId),
    /// `targets = value` (several targets: `a = b = value`), `val x = …`, `x += value` ([`BindKind::Augmented`]).
    Bind {
        targets: Vec<Target>,
        value: ExprId,
        kind: BindKind,
        annotation: Option<Box<str>>,
    },
    Return(Option<ExprId>),
    /// `raise value from cause`, `throw value`.
    Raise {
        value: Option<ExprId>,
        cause: Option<ExprId>,
    },
    Assert {
        test: ExprId,
        message: Option<ExprId>,
    },
    If {
        test: ExprId,
        then: Vec<Stmt>,
        other: Vec<Stmt>,
    },
    For {
        target: Target,
        iter: ExprId,
        body: Vec<Stmt>,
    },
    While {
        test: ExprId,
        body: Vec<Stmt>,
    },
    Try {
        body: Vec<Stmt>,
        handlers: Vec<Handler>,
        otherwise: Vec<Stmt>,
        finally: Vec<Stmt>,
    },
    With {
        items: Vec<(ExprId, Option<Target>)>,
        body: Vec<Stmt>,
    },
    Function(Box<Function>),
    Class(Box<Class>),
    Import(Vec<Import>),
    Global(Vec<Box<str>>),
    Delete(Vec<Target>),
    Match {
        subject: ExprId,
        arms: Vec<Arm>,
    },
    Block(Vec<Stmt>),
    /// `%run ./path`: names of another notebook come in. `path` as written, without quotes.
    Include {
        path: Box<str>,
        path_span: Span,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BindKind {
    /// Python `=`, R `<-`, Scala assignment to an existing `var`.
    Assign,
    /// `+=` and the like: the old value flows in too. Scala `+=` on a collection stays a call.
    Augmented,
    /// Scala `val`.
    Val,
    /// Scala `var`.
    Var,
    /// Scala `lazy val`, `given`.
    Lazy,
}

#[derive(Clone, Debug, Hash)]
pub enum Target {
    Name {
        name: Box<str>,
        span: Span,
    },
    /// An [`ExprKind::Attr`], [`ExprKind::Index`] or Scala `map(key) = v` call expression.
    Place(ExprId),
    /// Unpacking; also Scala extractor patterns (`Some(x)`, `Array(a, b)`, case-class patterns).
    Tuple(Vec<Target>),
    /// `*rest`.
    Rest(Box<Target>),
    /// `_` or a literal pattern.
    Skip,
}

#[derive(Clone, Debug, Hash)]
pub struct Handler {
    pub binding: Option<(Box<str>, Span)>,
    pub body: Vec<Stmt>,
}

#[derive(Clone, Debug, Hash)]
pub struct Arm {
    pub pattern: Target,
    pub guard: Option<ExprId>,
    pub body: Vec<Stmt>,
}

#[derive(Clone, Debug, Hash)]
pub struct Function {
    pub span: Span,
    /// `None` for lambdas.
    pub name: Option<(Box<str>, Span)>,
    pub params: Vec<Param>,
    pub decorators: Vec<ExprId>,
    /// A lambda or Scala `def f = expr` has one [`StmtKind::Return`]; a Scala block body returns its last statement:
    /// the lowering makes that last expression statement a `Return`.
    pub body: Vec<Stmt>,
}

#[derive(Clone, Debug, Hash)]
pub struct Param {
    pub name: Box<str>,
    pub span: Span,
    pub default: Option<ExprId>,
    pub annotation: Option<Box<str>>,
    pub kind: ParamKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParamKind {
    Positional,
    KeywordOnly,
    /// `*args`, Scala `xs: T*`.
    Rest,
    /// `**kwargs`.
    KeywordRest,
}

#[derive(Clone, Debug, Hash)]
pub struct Class {
    pub name: Box<str>,
    pub name_span: Span,
    /// Superclasses; Scala parents with arguments are calls.
    pub bases: Vec<ExprId>,
    /// Scala constructor parameters (fields of a case class); empty in Python.
    pub params: Vec<Param>,
    pub decorators: Vec<ExprId>,
    pub body: Vec<Stmt>,
    /// Scala `object` (also companion and case objects).
    pub is_object: bool,
}

/// `import a.b as c` is `{path: "a.b", alias: "c"}`; `from a import b` is `{path: "a.b", alias: "b"}`;
/// `import a.b` binds `a` and is `{path: "a", alias: "a", module: Some("a.b")}`; `from a import *` has alias `*`.
/// Leading dots of relative imports stay in `path`.
#[derive(Clone, Debug, Hash)]
pub struct Import {
    pub path: Box<str>,
    pub alias: Box<str>,
    pub module: Option<Box<str>>,
    pub span: Span,
}

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
    /// In the select list of the outermost query (not in WHERE, ON, OPTIONS …).
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
}

#[derive(Clone, Debug, Hash)]
pub struct ShellWord {
    pub span: Span,
    /// Text and holes (`$X`, `${X}`, `$(…)`); a hole's expression is a [`ExprKind::Name`] of the variable or
    /// [`ExprKind::Other`] for a command substitution.
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
    /// A magic line in a cell of another language: `%sql select 1`.
    Magic,
    /// Code between the fences of a Markdown text: shown, not run.
    Fence,
}

impl CellFacts {
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }

    /// Widens the spans of expressions to whole characters of the cell's `text`.
    pub(crate) fn cover_characters(&mut self, text: &str) {
        if !text.is_ascii() {
            for expr in &mut self.exprs {
                expr.span = Span::whole(text, expr.span);
            }
        }
    }

    /// Adds an expression to the arena.
    pub fn push(&mut self, span: Span, kind: ExprKind) -> ExprId {
        let id = ExprId(self.exprs.len() as u32);
        self.exprs.push(Expr { span, kind });
        id
    }

    /// The literal that `id` is, looking through [`ExprKind::Same`].
    pub fn str_lit(&self, id: ExprId) -> Option<&StrLit> {
        match &self.expr(id).kind {
            ExprKind::Str(lit) => Some(lit),
            ExprKind::Same(inner) => self.str_lit(*inner),
            _ => None,
        }
    }

    /// Dotted path of a name, attribute or call chain, aliases not resolved: `spark.read.format().option` for the
    /// callee of `spark.read.format("jdbc").option(…)`. `new` and indexing: `new Properties` is `Properties`,
    /// `a["b"].c` is `a[].c`; `"…".join` is `?.join`. `None` for something without any name (a literal, a lambda).
    pub fn path(&self, id: ExprId) -> Option<String> {
        let mut parts: Vec<&str> = Vec::new();
        let mut at = id;
        loop {
            match &self.expr(at).kind {
                ExprKind::Name(name) => {
                    parts.push(name);
                    break;
                }
                ExprKind::Attr { base, name, .. } => {
                    parts.extend([&**name, "."]);
                    at = *base;
                }
                ExprKind::Call { callee, .. } => {
                    parts.push("()");
                    at = *callee;
                }
                ExprKind::Index { base, .. } | ExprKind::Slice { base, .. } => {
                    parts.push("[]");
                    at = *base;
                }
                ExprKind::Same(inner) => at = *inner,
                _ => {
                    // `"…".join` has a name at least.
                    let dot = parts.iter().rposition(|p| *p == ".")?;
                    parts.truncate(dot + 1);
                    parts.push("?");
                    break;
                }
            }
        }
        parts.reverse();
        Some(parts.concat())
    }
}
