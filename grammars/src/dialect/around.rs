//! What stands around a literal: the expressions and statements that contain it.

use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::{HashMap, HashSet},
};

mod sent;

use super::{SecretRef, distributed::is_distributed, later::may_lack};
use crate::{
    CellFacts, Language, Span,
    facts::{Class, ConstKind, ExprId, ExprKind, Function, Stmt, StmtKind, Target},
};

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

/// Calls whose function runs on the executors, where there is no `dbutils` (catalog CS606): last segments.
const ON_EXECUTORS: &[&str] = &[
    "udf", "pandas_udf", "udtf", "arrow_udf", "foreachPartition", "mapPartitions", "mapPartitionsWithIndex", "foreach",
    "mapInPandas", "mapInArrow", "applyInPandas", "applyInPandasWithState", "applyInArrow", "register",
];

/// Methods that run on the executors when they are asked of an RDD.
const ON_RDD: &[&str] = &["map", "flatMap", "filter", "mapValues", "flatMapValues", "reduceByKey", "groupBy", "keyBy"];

fn runs_on_executors(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or(path);
    match last {
        "register" => path.contains("udf") || path.contains("udtf"),
        "foreach" => path.contains("rdd") || path.contains("write"),
        last if ON_RDD.contains(&last) => path.contains("rdd") || path.contains("parallelize"),
        last => ON_EXECUTORS.contains(&last),
    }
}

/// The outermost statement around a function that holds the literal and runs on the executors: a value has to be read
/// before it, on the driver.
pub fn executor_function<'f>(facts: &'f CellFacts, around: &Around<'f>, program: &Program<'_>) -> Option<Level<'f>> {
    for (i, level) in around.levels.iter().enumerate() {
        if let StmtKind::Class(class) = &level.stmt.kind {
            // Its attributes are set on the driver, its methods run on the executors.
            let in_method = around.levels[i..].iter().any(|l| matches!(l.stmt.kind, StmtKind::Function(_)));
            if in_method && !class.is_object && (program.sends_one_of(&class.name) || writes_rows(facts, &class.bases))
            {
                return Some(*level);
            }
        }
        let StmtKind::Function(f) = &level.stmt.kind else { continue };
        let decorated = f.decorators.iter().any(|&d| decorator_runs(facts, d));
        let name = f.name.as_ref().map(|(n, _)| &**n);
        if decorated || name.is_some_and(|name| program.sends(name)) {
            return Some(*level);
        }
    }
    // A lambda inside such a call.
    let mut in_lambda = false;
    for &id in &around.exprs {
        match &facts.expr(id).kind {
            ExprKind::Lambda(_) => in_lambda = true,
            // `new ForeachWriter[Row] { … }`
            ExprKind::Block(body) if body.last().is_some_and(|last| is_writer(facts, last)) => {
                let span = facts.expr(id).span;
                return around.levels.iter().rev().find(|l| l.stmt.span.contains(span) && l.stmt.span != span).copied();
            }
            ExprKind::Call { callee, .. }
                if in_lambda && facts.path(*callee).is_some_and(|p| program.runs_on_executors(&p)) =>
            {
                let span = facts.expr(id).span;
                return around.levels.iter().rev().find(|l| l.stmt.span.contains(span)).copied();
            }
            _ => {}
        }
    }
    None
}

/// What an anonymous class ends with: the call that makes its object.
fn is_writer(facts: &CellFacts, last: &Stmt) -> bool {
    let StmtKind::Expr(made) = last.kind else { return false };
    match &facts.expr(made).kind {
        ExprKind::Call { callee, is_new: true, .. } => writes_rows(facts, &[*callee]),
        _ => false,
    }
}

/// `extends ForeachWriter[Row]`
fn writes_rows(facts: &CellFacts, bases: &[ExprId]) -> bool {
    bases.iter().any(|&base| {
        let callee = match &facts.expr(base).kind {
            ExprKind::Call { callee, .. } => *callee,
            _ => base,
        };
        facts.path(callee).is_some_and(|p| p.rsplit('.').next() == Some("ForeachWriter"))
    })
}

fn decorator_runs(facts: &CellFacts, id: ExprId) -> bool {
    let callee = match &facts.expr(id).kind {
        ExprKind::Call { callee, .. } => *callee,
        _ => id,
    };
    facts
        .path(callee)
        .is_some_and(|p| matches!(p.rsplit('.').next(), Some("udf" | "pandas_udf" | "udtf" | "arrow_udf")))
}

/// All cells of a program: what one cell or block does with what another defines.
#[derive(Debug)]
pub struct Program<'f> {
    cells: Vec<&'f CellFacts>,
    /// What the cells are written in.
    texts: Vec<(Language, &'f str)>,
    /// Names that are bound to a path, found when first asked for.
    bound: OnceCell<Vec<(Box<str>, String)>>,
    /// Functions that run on the executors, found when first asked for.
    sent: OnceCell<HashSet<Box<str>>>,
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
            texts: Vec::new(),
            bound: OnceCell::new(),
            sent: OnceCell::new(),
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

    /// Whether a call runs the function that it is given on the executors.
    fn runs_on_executors(&self, path: &str) -> bool {
        runs_on_executors(path) || path.ends_with(".foreach") && self.is_distributed(path)
    }

    fn is_distributed(&self, path: &str) -> bool {
        let bound = self.bound.get_or_init(|| self.cells.iter().copied().flat_map(bound).collect());
        is_distributed(path, &bound.iter().map(|(name, path)| (&**name, path.as_str())).collect())
    }

    /// Whether some call gives a function `None` for a parameter on purpose. `class`: whose method it is.
    pub(super) fn gives_none(&self, function: &Function, class: Option<&str>, param: &str) -> bool {
        let Some((name, _)) = &function.name else { return false };
        let Some(index) = function.params.iter().position(|p| &*p.name == param) else { return false };
        // The object before the dot is the first parameter.
        let bound = function.params.first().is_some_and(|p| matches!(&*p.name, "self" | "cls"));
        let index = if class.is_some() && bound { index.saturating_sub(1) } else { index };
        let called = |facts: &CellFacts, callee| {
            facts.last_name(callee).is_some_and(|last| {
                *last == **name || &**name == "__init__" && class.is_some_and(|class| *last == *class)
            })
        };
        let own = |facts: &CellFacts, id: ExprId| matches!(&facts.expr(id).kind, ExprKind::Name(n) if **n == **name);
        let has_none = |facts: &CellFacts, span: Span| {
            facts
                .within(span)
                .into_iter()
                .any(|id| matches!(&facts.expr(id).kind, ExprKind::Const(c) if c.kind == ConstKind::Null))
        };
        self.cells.iter().any(|facts| {
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
        self.sent.get_or_init(|| sent::functions(&self.cells, |path| self.runs_on_executors(path))).contains(function)
    }

    /// Whether an object of that class is given to such a call: `foreach(Writer(…))`, `w = Writer(…)` and `foreach(w)`.
    fn sends_one_of(&self, class: &str) -> bool {
        let makes = |facts: &CellFacts, id: ExprId| match &facts.expr(id).kind {
            ExprKind::Call { callee, .. } => matches!(&facts.expr(*callee).kind, ExprKind::Name(n) if &**n == class),
            _ => false,
        };
        self.cells.iter().any(|facts| {
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

    /// Whether some cell asks a class for an attribute: `Config.password`.
    pub(super) fn asks(&self, class: &str, attribute: &str) -> bool {
        let asks = |facts: &CellFacts, base| matches!(&facts.expr(base).kind, ExprKind::Name(n) if &**n == class);
        self.cells.iter().any(|facts| {
            facts.exprs.iter().any(|e| match &e.kind {
                ExprKind::Attr { base, name, .. } => &**name == attribute && asks(facts, *base),
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

/// Names that a cell binds to a path.
fn bound(facts: &CellFacts) -> impl Iterator<Item = (Box<str>, String)> + '_ {
    facts.body.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Bind { targets, value, .. } => match targets.as_slice() {
            [Target::Name { name, .. }] => Some((name.clone(), facts.path(*value)?.to_string())),
            _ => None,
        },
        _ => None,
    })
}
