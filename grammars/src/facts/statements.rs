//! What a program does, in run order: statements, bindings, definitions, imports.

use super::ExprId;
use crate::Span;

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
    /// Something that is not part of the value: the error of Scala's `Failure(e)`, the other side of `Left(m)`.
    Other(Box<Target>),
    /// A pattern of a class: only its instances match (`case Token(t)`, Python `case Token(value=t)`).
    Of {
        class: Box<str>,
        inner: Box<Target>,
    },
    /// A mapping pattern: keys and what stands under them.
    Keyed(Vec<(ExprId, Target)>),
    /// A constant text that the value is compared with.
    Literal(ExprId),
    /// `"a" | "b"`: alternatives, of which one at least is a [`Target::Literal`].
    Any(Vec<Target>),
    /// `_` or another pattern that binds nothing.
    Skip,
}

impl Target {
    /// Alternatives of a pattern. Those that bind names all bind the same ones.
    pub(crate) fn any(mut parts: Vec<Target>) -> Self {
        parts.retain(|part| !matches!(part, Self::Skip));
        match parts.len() {
            0 => Self::Skip,
            1 => parts.remove(0),
            _ if parts.iter().any(|part| matches!(part, Self::Literal(_))) => Self::Any(parts),
            _ => parts.remove(0),
        }
    }

    /// The pattern without the class that it asks for.
    pub fn shape(&self) -> &Self {
        match self {
            Self::Of { inner, .. } => inner.shape(),
            other => other,
        }
    }
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
