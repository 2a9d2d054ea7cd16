//! What a program does later with the text or the value that a statement holds.

use super::around::{Around, Owner, Program, nested};
use crate::{
    CellFacts, Span,
    facts::{ConstKind, ExprId, ExprKind, Function, Stmt, StmtKind, Target},
};

/// Methods that fill in the text that they are asked of.
const FILLS: &[&str] = &["format", "format_map", "formatted"];

/// Methods that change the list or dict that they are asked of.
const CHANGES: &[&str] = &[
    "update", "setdefault", "pop", "popitem", "clear", "append", "extend", "insert", "remove", "add", "discard",
    "sort", "reverse", "__setitem__",
];

/// Whether the text is a template with signs that are doubled in it, which is filled in by the name that it is bound to:
/// the secret has them once.
pub(super) fn is_filled_later(text: &str, around: &Around<'_>, credentials: &[Span], program: &Program<'_>) -> bool {
    let doubled = |span: &Span| ["{{", "}}", "%%"].iter().any(|sign| span.of(text).contains(sign));
    let Some(StmtKind::Bind { targets, .. }) = around.levels.last().map(|l| &l.stmt.kind) else { return false };
    if !credentials.iter().any(doubled) {
        return false;
    }
    targets.iter().any(|t| matches!(t, Target::Name { name, .. } if fills(program, name)))
}

fn fills(program: &Program<'_>, name: &str) -> bool {
    let is_it = |facts: &CellFacts, id: ExprId| matches!(&facts.expr(id).kind, ExprKind::Name(n) if &**n == name);
    program.everywhere().any(|facts| {
        facts.exprs.iter().any(|e| match &e.kind {
            ExprKind::Format { template, .. } => is_it(facts, *template),
            ExprKind::Operator { op, operands } if &**op == "%" => operands.first().is_some_and(|&id| is_it(facts, id)),
            ExprKind::Call { callee, args, .. } => match &facts.expr(*callee).kind {
                ExprKind::Attr { base, name, .. } if FILLS.contains(&&**name) => {
                    is_it(facts, *base) || args.first().is_some_and(|a| is_it(facts, a.value))
                }
                _ => false,
            },
            _ => false,
        })
    })
}

/// Whether a name of a default is given another value somewhere: it is read at definition now, and would be at each call.
pub(super) fn reads_changing(facts: &CellFacts, default: Span, program: &Program<'_>) -> bool {
    facts.within(default).into_iter().any(|id| match &facts.expr(id).kind {
        ExprKind::Name(name) => program.cells().map(|f| bindings(&f.body, name)).sum::<usize>() > 1,
        _ => false,
    })
}

/// Whether a default reads names that the body of its function does not see, or sees others by: those of a class, of
/// parameters, of the body.
pub(super) fn reads_hidden(facts: &CellFacts, default: Span, (function, owner): (&Function, Owner<'_>)) -> bool {
    let hidden = |name: &str| {
        let of_class = matches!(owner, Owner::Class(class) if bindings(&class.body, name) > 0);
        of_class || function.params.iter().any(|p| &*p.name == name) || bindings(&function.body, name) > 0
    };
    facts.within(default).into_iter().any(|id| match &facts.expr(id).kind {
        ExprKind::Name(name) => hidden(name),
        _ => false,
    })
}

/// How often statements bind a name, in all scopes.
fn bindings(body: &[Stmt], name: &str) -> usize {
    let own = |stmt: &Stmt| match &stmt.kind {
        StmtKind::Bind { targets, .. } => targets.iter().filter(|t| names(t, name)).count(),
        // Each round binds it.
        StmtKind::For { target, .. } => 2 * usize::from(names(target, name)),
        StmtKind::With { items, .. } => {
            items.iter().filter(|(_, t)| t.as_ref().is_some_and(|t| names(t, name))).count()
        }
        _ => 0,
    };
    body.iter()
        .map(|stmt| {
            own(stmt) + nested(stmt).into_iter().map(|s| bindings(std::slice::from_ref(s), name)).sum::<usize>()
        })
        .sum()
}

fn names(target: &Target, wanted: &str) -> bool {
    match target {
        Target::Name { name, .. } => &**name == wanted,
        Target::Tuple(parts) => parts.iter().any(|t| names(t, wanted)),
        Target::Rest(inner) | Target::Other(inner) => names(inner, wanted),
        _ => false,
    }
}

/// Whether a function changes what a parameter holds: its default keeps the change from call to call.
pub(super) fn changes(facts: &CellFacts, function: &Function, param: &str) -> bool {
    let is_it = |id: ExprId| matches!(&facts.expr(id).kind, ExprKind::Name(n) if &**n == param);
    let place = |target: &Target| match target {
        Target::Place(id) => match &facts.expr(*id).kind {
            ExprKind::Index { base, .. } => is_it(*base),
            _ => false,
        },
        _ => false,
    };
    let (Some(first), Some(last)) = (function.body.first(), function.body.last()) else { return false };
    let body = Span { start: first.span.start, end: last.span.end };
    let calls = facts.within(body).into_iter().any(|id| match &facts.expr(id).kind {
        ExprKind::Call { callee, .. } => {
            matches!(&facts.expr(*callee).kind, ExprKind::Attr { base, name, .. } if is_it(*base) && CHANGES.contains(&&**name))
        }
        _ => false,
    });
    calls
        || any(&function.body, &|stmt| match &stmt.kind {
            StmtKind::Bind { targets, .. } | StmtKind::Delete(targets) => targets.iter().any(place),
            _ => false,
        })
}

fn any(body: &[Stmt], wanted: &dyn Fn(&Stmt) -> bool) -> bool {
    body.iter().any(|stmt| wanted(stmt) || nested(stmt).into_iter().any(|s| any(std::slice::from_ref(s), wanted)))
}

/// Whether a function around has a `dbutils` of its own that is `None` and stays so.
pub(super) fn has_no_dbutils(facts: &CellFacts, around: &Around<'_>) -> bool {
    around.levels.iter().any(|level| matches!(level.owner, Owner::Function(f) if lacks_dbutils(facts, f)))
}

pub(super) fn lacks_dbutils(facts: &CellFacts, function: &Function) -> bool {
    const NAME: &str = "dbutils";
    let is_none = |id: ExprId| matches!(&facts.expr(id).kind, ExprKind::Const(c) if c.kind == ConstKind::Null);
    let given = function.params.iter().any(|p| &*p.name == NAME && p.default.is_some_and(is_none));
    let binds = |none: bool| {
        any(&function.body, &|stmt| match &stmt.kind {
            StmtKind::Bind { targets, value, .. } => targets.iter().any(|t| names(t, NAME)) && is_none(*value) == none,
            StmtKind::Import(imports) => !none && imports.iter().any(|i| &*i.alias == NAME),
            _ => false,
        })
    };
    (given || binds(true)) && !binds(false)
}

/// Whether an expression can be `None` through what it names: a parameter with that default, a name that is set to it, an
/// entry that may be missing.
pub(super) fn may_lack(facts: &CellFacts, id: ExprId, program: &Program<'_>) -> bool {
    let is_none =
        |facts: &CellFacts, id: ExprId| matches!(&facts.expr(id).kind, ExprKind::Const(c) if c.kind == ConstKind::Null);
    match &facts.expr(id).kind {
        ExprKind::Call { callee, args, .. } => {
            facts.last_name(*callee).is_some_and(|name| matches!(name, "get" | "getenv")) && args.len() == 1
        }
        ExprKind::Name(wanted) => program.everywhere().any(|facts| {
            any(&facts.body, &|stmt| match &stmt.kind {
                StmtKind::Bind { targets, value, .. } => {
                    targets.iter().any(|t| names(t, wanted)) && is_none(facts, *value)
                }
                StmtKind::Function(f) => {
                    f.params.iter().any(|p| p.name == *wanted && p.default.is_some_and(|d| is_none(facts, d)))
                }
                _ => false,
            })
        }),
        _ => false,
    }
}
