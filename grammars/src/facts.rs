//! The vocabulary between languages and rules: what a cell says, with no word about how its language says it.
//!
//! Programs (Python, Scala, R, SQL expressions) are lowered to a small tree of statements and expressions in run
//! order; configuration documents and option lists to [`Property`]; shell lines to [`Command`]; SQL statements to
//! [`Query`]. Literal roles, calls, bindings and value flow are *views* of that tree (`credscope-linter::model`,
//! `credscope-linter::flow`), so that one lowering serves both the literal rules and the secret-flow rules.
//!
//! All spans are bytes of the cell text, 0-based, half-open. Facts are immutable once built, `Send + Sync`.

use crate::{Secret, Span, TextMap};

mod around;
mod documents;
mod statements;

pub use around::ByPlace;
pub use documents::*;
pub use statements::*;

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
    /// Where the ways of a script part and meet, in the order of its commands.
    pub turns: Vec<Turn>,
    pub comments: Vec<Comment>,
    pub embedded: Vec<Embedded>,
    /// What could not be read. Never stops the rest.
    pub problems: Vec<FactProblem>,
    /// See [`CellFacts::around`].
    pub by_place: ByPlace,
}

impl CellFacts {
    /// Whether there is nothing at all: an empty cell, or one that was never read.
    pub fn is_empty(&self) -> bool {
        let Self { exprs, body, properties, queries, commands, comments, embedded, problems, turns: _, by_place: _ } =
            self;
        (exprs.is_empty() && body.is_empty() && properties.is_empty() && queries.is_empty())
            && (commands.is_empty() && comments.is_empty() && embedded.is_empty() && problems.is_empty())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FactProblem {
    pub span: Span,
    pub message: String,
}

impl FactProblem {
    const TOO_DEEP: &str = "nested too deeply to be read";

    /// What stands at `span` was not read.
    pub fn too_deep(span: Span) -> Self {
        Self { span, message: Self::TOO_DEEP.to_owned() }
    }

    /// Whether something was not looked at, and not merely misunderstood.
    pub fn is_unread(&self) -> bool {
        self.message == Self::TOO_DEEP
    }
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
    /// `yield x`; `yield from xs` yields a [`ExprKind::Spread`].
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

impl StrStyle {
    /// Text that stands for itself over several lines: block scalars, lines of a script.
    pub fn block(inner: Span) -> Self {
        let (quote, prefix) = (Quote::Block, "".into());
        Self { quote, triple: true, raw: true, bytes: false, interpolated: false, prefix, inner }
    }
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
        let mut parts: Vec<&str> = Vec::with_capacity(16);
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
        let mut path = String::with_capacity(parts.iter().map(|p| p.len()).sum());
        parts.iter().rev().for_each(|part| path.push_str(part));
        Some(path)
    }

    /// The name that [`CellFacts::path`] begins with, found without making it.
    pub fn root(&self, id: ExprId) -> Option<&str> {
        let mut at = id;
        loop {
            at = match &self.expr(at).kind {
                ExprKind::Name(name) => return Some(name),
                ExprKind::Attr { base, .. } | ExprKind::Index { base, .. } | ExprKind::Slice { base, .. } => *base,
                ExprKind::Call { callee, .. } => *callee,
                ExprKind::Same(inner) => *inner,
                _ => return None,
            }
        }
    }

    /// The name that [`CellFacts::path`] ends with, found without making it; `None` when it ends with a call or an index.
    pub fn last_name(&self, id: ExprId) -> Option<&str> {
        match &self.expr(id).kind {
            ExprKind::Name(name) | ExprKind::Attr { name, .. } => Some(name),
            ExprKind::Same(inner) => self.last_name(*inner),
            _ => None,
        }
    }
}
