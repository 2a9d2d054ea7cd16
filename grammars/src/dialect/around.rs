//! What stands around a literal: the expressions and statements that contain it.

use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::HashMap,
};

mod classes;
mod executors;
mod others;
mod sent;

pub use classes::is_in_model;
pub use executors::executor_function;

use super::{SecretRef, later::may_lack};
use crate::{
    CellFacts, Language, Span,
    facts::{Class, ConstKind, ExprId, ExprKind, Function, Stmt, StmtKind, Target},
};
use others::Others;

/// Whose statements a block holds.
#[derive(Clone, Copy, Debug)]
pub enum Owner<'f> {
    Module,
    Function(&'f Function),
    Class(&'f Class),
    /// A branch, a loop, a block.
    Other,
}

/// A statement around the literal, with the block that it stands in.
#[derive(Clone, Copy, Debug)]
pub struct Level<'f> {
    pub stmt: &'f Stmt,
    pub block: &'f [Stmt],
    pub owner: Owner<'f>,
}

#[derive(Clone, Debug)]
pub struct Around<'f> {
    /// Expressions that contain the literal, innermost first, without the literal itself.
    pub exprs: Vec<ExprId>,
    /// Statements that contain it, outermost first.
    pub levels: Vec<Level<'f>>,
}

/// Blocks inside blocks that are followed.
const DEPTH: usize = 60;

impl<'f> Around<'f> {
    pub fn of(facts: &'f CellFacts, literal: Span) -> Self {
        let mut exprs = facts.around(literal);
        exprs.retain(|id| {
            let expr = facts.expr(*id);
            !(expr.span == literal && matches!(expr.kind, ExprKind::Str(_) | ExprKind::Const(_)))
        });
        // Of two with one span the later one was built around the earlier.
        exprs.sort_by_key(|id| (facts.expr(*id).span.len(), id.0));
        let mut levels = Vec::new();
        descend(&facts.body, Owner::Module, literal, DEPTH, &mut levels);
        for &id in exprs.iter().rev() {
            match &facts.expr(id).kind {
                ExprKind::Lambda(f) => descend(&f.body, Owner::Function(f), literal, DEPTH, &mut levels),
                ExprKind::Block(body) => descend(body, Owner::Other, literal, DEPTH, &mut levels),
                _ => {}
            }
        }
        levels.sort_by_key(|l| std::cmp::Reverse(l.stmt.span.len()));
        Self { exprs, levels }
    }

    /// The statement around a level that is in no class body: methods do not see what a class binds.
    pub(super) fn outside_classes(&self, level: Level<'f>) -> Level<'f> {
        let mut found = level;
        let outer = self.levels.iter().rev().skip_while(|l| !std::ptr::eq(l.stmt, level.stmt));
        let mut of_class = false;
        for level in outer {
            if of_class {
                found = *level;
            }
            match level.owner {
                Owner::Function(_) | Owner::Module => break,
                Owner::Class(_) => of_class = true,
                Owner::Other => of_class = false,
            }
        }
        found
    }

    /// The function whose default of a parameter holds the literal: a statement's, not a lambda's.
    pub(super) fn default(
        &self,
        facts: &'f CellFacts,
        literal: Span,
    ) -> Option<(Level<'f>, &'f Function, ExprId, &'f str)> {
        self.levels.iter().rev().find_map(|level| {
            let StmtKind::Function(function) = &level.stmt.kind else { return None };
            let param =
                function.params.iter().find(|p| p.default.is_some_and(|d| facts.expr(d).span.contains(literal)))?;
            Some((*level, &**function, param.default?, &*param.name))
        })
    }
}

/// What is asked inside `Option(x)`, `Try(x)`, `(x)` and behind `.filter(…)`.
pub fn unwrapped(facts: &CellFacts, id: ExprId) -> ExprId {
    let mut id = id;
    for _ in 0..DEPTH {
        id = match &facts.expr(id).kind {
            ExprKind::Same(inner) => *inner,
            ExprKind::Call { callee, args, .. } => match (&facts.expr(*callee).kind, args.as_slice()) {
                (ExprKind::Name(name), [only]) if matches!(&**name, "Option" | "Try" | "Some") => only.value,
                (ExprKind::Attr { base, name, .. }, _) if is_step(name) => *base,
                _ => return id,
            },
            _ => return id,
        };
    }
    id
}

/// What stands in for an expression that may have no value: `x or y`, `getOrElse`, `x if "X" in a else y` where the test
/// asks for a text of the call or item `x`. The expression (unwrapped) and its stand-in.
pub fn stand_in(facts: &CellFacts, id: ExprId) -> Option<(ExprId, ExprId)> {
    match &facts.expr(id).kind {
        ExprKind::Fallback { first, second } => Some((unwrapped(facts, *first), *second)),
        ExprKind::Cond { test, then, other: Some(other) } => {
            let asked = unwrapped(facts, *then);
            if !matches!(facts.expr(asked).kind, ExprKind::Call { .. } | ExprKind::Index { .. }) {
                return None;
            }
            let texts = |id: &ExprId| {
                let whole = facts.expr(*id).span;
                facts.within(whole).into_iter().filter_map(|id| match &facts.expr(id).kind {
                    ExprKind::Str(lit) => lit.plain(),
                    _ => None,
                })
            };
            texts(test).any(|a| texts(then).any(|b| a == b)).then_some((asked, *other))
        }
        _ => None,
    }
}

/// Methods that leave a value as it is, or leave it out.
pub fn is_step(method: &str) -> bool {
    matches!(method, "filter" | "filterNot" | "toOption" | "strip" | "trim")
}

fn descend<'f>(body: &'f [Stmt], owner: Owner<'f>, literal: Span, depth: usize, out: &mut Vec<Level<'f>>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    let Some(stmt) = body.iter().find(|s| s.span.contains(literal)) else { return };
    out.push(Level { stmt, block: body, owner });
    let mut into = |body: &'f [Stmt], owner| descend(body, owner, literal, depth, out);
    match &stmt.kind {
        StmtKind::Function(f) => into(&f.body, Owner::Function(f)),
        StmtKind::Class(c) => into(&c.body, Owner::Class(c)),
        StmtKind::If { then, other, .. } => {
            into(then, Owner::Other);
            into(other, Owner::Other);
        }
        StmtKind::For { body, .. }
        | StmtKind::While { body, .. }
        | StmtKind::With { body, .. }
        | StmtKind::Block(body) => {
            into(body, Owner::Other);
        }
        StmtKind::Try { body, handlers, otherwise, finally } => {
            into(body, Owner::Other);
            into(otherwise, Owner::Other);
            into(finally, Owner::Other);
            for handler in handlers {
                into(&handler.body, Owner::Other);
            }
        }
        StmtKind::Match { arms, .. } => {
            for arm in arms {
                into(&arm.body, Owner::Other);
            }
        }
        _ => {}
    }
}

/// The statements directly inside of one.
pub(super) fn nested(stmt: &Stmt) -> Vec<&Stmt> {
    match &stmt.kind {
        StmtKind::Function(f) => f.body.iter().collect(),
        StmtKind::Class(c) => c.body.iter().collect(),
        StmtKind::If { then, other, .. } => then.iter().chain(other).collect(),
        StmtKind::For { body, .. }
        | StmtKind::While { body, .. }
        | StmtKind::With { body, .. }
        | StmtKind::Block(body) => body.iter().collect(),
        StmtKind::Try { body, handlers, otherwise, finally } => {
            let handlers = handlers.iter().flat_map(|h| &h.body);
            body.iter().chain(otherwise).chain(finally).chain(handlers).collect()
        }
        StmtKind::Match { arms, .. } => arms.iter().flat_map(|a| &a.body).collect(),
        _ => Vec::new(),
    }
}

/// All cells of a program: what one cell or block does with what another defines.
#[derive(Debug)]
pub struct Program<'f> {
    cells: Vec<&'f CellFacts>,
    /// What other files do with it.
    others: Others<'f>,
    /// What the cells are written in.
    texts: Vec<(Language, &'f str)>,
    /// What names are bound to, found when first asked for.
    bound: OnceCell<HashMap<Box<str>, executors::Bound>>,
    /// What runs on the executors, found when first asked for.
    sent: OnceCell<sent::Sent>,
    /// What is known of classes, by where they are in memory.
    classes: RefCell<HashMap<(usize, classes::Asked), bool>>,
    /// Whether the file is run where a model is served.
    serves: OnceCell<bool>,
    /// Names that lines of fixes bind, and what for.
    given: RefCell<HashMap<String, Given>>,
    keeps: Cell<bool>,
}

/// The line that binds a name for a secret: its text by address, its offset, scope and key.
type Given = (usize, usize, String);

impl<'f> Program<'f> {
    pub fn new(cells: impl IntoIterator<Item = &'f CellFacts>) -> Self {
        let cells = cells.into_iter().collect();
        Self {
            cells,
            others: Others::default(),
            texts: Vec::new(),
            bound: OnceCell::new(),
            sent: OnceCell::new(),
            classes: RefCell::default(),
            serves: OnceCell::new(),
            given: RefCell::default(),
            keeps: Cell::new(false),
        }
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = &'f CellFacts> {
        self.cells.iter().copied()
    }

    /// With the texts of its cells, whose names are taken.
    #[must_use]
    pub fn written(mut self, texts: impl IntoIterator<Item = (Language, &'f str)>) -> Self {
        self.texts.extend(texts);
        self
    }

    /// Whether names that are bound from now on are kept: no other line binds them.
    pub fn keep_names(&self, keeps: bool) {
        self.keeps.set(keeps);
    }

    /// Whether a kept name is bound for another secret, or on another line.
    pub(super) fn gave(&self, name: &str, (text, line, secret): (&str, usize, &SecretRef<'_>)) -> bool {
        let given = self.given.borrow();
        let Some((of, at, what)) = given.get(name) else { return false };
        *what != secret.id() || self.keeps.get() && (*of != text.as_ptr() as usize || *at != line)
    }

    pub(super) fn keep(&self, name: &str, (text, line, secret): (&str, usize, &SecretRef<'_>)) {
        if self.keeps.get() {
            self.given.borrow_mut().insert(name.to_owned(), (text.as_ptr() as usize, line, secret.id()));
        }
    }

    /// Whether a cell of that language uses a name: cells share the names of their module. What stands in quotes by itself
    /// is a text.
    pub(super) fn names(&self, language: Language, name: &str) -> bool {
        let used = |text: &str| {
            super::words(text, name)
                .any(|i| !(text[..i].ends_with(['"', '\'']) && text[i + name.len()..].starts_with(['"', '\''])))
        };
        self.texts.iter().any(|(of, text)| *of == language && used(text))
    }

    /// Whether some call gives a function `None` for a parameter on purpose. `class`: whose method it is.
    pub(super) fn gives_none(&self, function: &Function, class: Option<&str>, param: &str) -> bool {
        let Some((name, _)) = &function.name else { return false };
        let Some(index) = function.params.iter().position(|p| &*p.name == param) else { return false };
        // The object before the dot is the first parameter.
        let bound = function.params.first().is_some_and(|p| matches!(&*p.name, "self" | "cls"));
        let index = if class.is_some() && bound { index.saturating_sub(1) } else { index };
        let made = class.filter(|_| &**name == "__init__");
        let called = |facts: &CellFacts, callee| {
            facts.last_name(callee).is_some_and(|last| *last == **name || made == Some(last))
                || self.means(facts, callee, made.unwrap_or(name))
        };
        let own = |facts: &CellFacts, id: ExprId| self.means(facts, id, name);
        let has_none = |facts: &CellFacts, span: Span| {
            facts
                .within(span)
                .into_iter()
                .any(|id| matches!(&facts.expr(id).kind, ExprKind::Const(c) if c.kind == ConstKind::Null))
        };
        self.everywhere().any(|facts| {
            facts.exprs.iter().any(|e| match &e.kind {
                ExprKind::Call { callee, args, .. } if called(facts, *callee) => {
                    args.iter().enumerate().any(|(i, arg)| {
                        let meant = arg.name.as_ref().map_or(i == index, |(name, _)| &**name == param);
                        meant && (may_be_none(facts, arg.value) || may_lack(facts, arg.value, self))
                    })
                }
                // `map(f, [None, "x"])`, `partial(f, None)`
                ExprKind::Call { args, .. } => {
                    args.iter().any(|a| own(facts, a.value)) && args.iter().any(|a| has_none(facts, a.span))
                }
                _ => false,
            })
        })
    }

    /// Whether a function of that name is given to a call that runs it on the executors.
    fn sends(&self, function: &str) -> bool {
        self.sent().names.contains(function)
    }

    /// What of its session runs on the executors.
    fn sent(&self) -> &sent::Sent {
        self.sent.get_or_init(|| {
            let cells = self.session();
            sent::functions(&cells, &cells, &|path| self.runs_on_executors(path), &|_| false)
        })
    }

    /// Whether an object of that class is given to such a call: `foreach(Writer(…))`, `w = Writer(…)` and `foreach(w)`.
    fn sends_one_of(&self, class: &str, cells: &[&CellFacts]) -> bool {
        let makes = |facts: &CellFacts, id: ExprId| match &facts.expr(id).kind {
            ExprKind::Call { callee, .. } => self.means(facts, *callee, class),
            _ => false,
        };
        cells.iter().copied().any(|facts| {
            let given = facts.exprs.iter().any(|e| match &e.kind {
                ExprKind::Call { callee, args, .. } => {
                    args.iter().any(|a| makes(facts, a.value))
                        && facts.path(*callee).is_some_and(|p| self.runs_on_executors(&p))
                }
                _ => false,
            });
            let bound = |stmt: &Stmt| match &stmt.kind {
                StmtKind::Bind { targets, value, .. } if makes(facts, *value) => {
                    targets.iter().any(|t| matches!(t, Target::Name { name, .. } if self.sends(name)))
                }
                _ => false,
            };
            given || facts.body.iter().any(bound)
        })
    }

    /// Whether some cell calls what has that name.
    pub(super) fn calls(&self, name: &str) -> bool {
        self.session().into_iter().any(|facts| {
            facts
                .exprs
                .iter()
                .any(|e| matches!(&e.kind, ExprKind::Call { callee, .. } if facts.last_name(*callee) == Some(name)))
        })
    }

    /// Whether some cell asks a class for an attribute: `Config.password`.
    pub(super) fn asks(&self, class: &str, attribute: &str) -> bool {
        self.everywhere().any(|facts| {
            facts.exprs.iter().any(|e| match &e.kind {
                ExprKind::Attr { base, name, .. } => &**name == attribute && self.means(facts, *base, class),
                _ => false,
            })
        })
    }
}

/// `None`, `x if c else None`.
fn may_be_none(facts: &CellFacts, id: ExprId) -> bool {
    match &facts.expr(id).kind {
        ExprKind::Const(c) => c.kind == ConstKind::Null,
        ExprKind::Same(inner) => may_be_none(facts, *inner),
        ExprKind::Cond { then, other, .. } => {
            [Some(*then), *other].into_iter().flatten().any(|id| may_be_none(facts, id))
        }
        _ => false,
    }
}

/// The function that an expression is: `x => …`, `(x => …)`.
fn lambda(facts: &CellFacts, id: ExprId) -> Option<&Function> {
    match &facts.expr(id).kind {
        ExprKind::Lambda(function) => Some(function),
        ExprKind::Same(inner) => lambda(facts, *inner),
        _ => None,
    }
}
