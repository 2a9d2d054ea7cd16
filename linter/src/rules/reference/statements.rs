//! Walking statements of a cell's facts.

use credscope_grammars::{
    CellFacts, Span,
    facts::{ExprId, ExprKind, Stmt, StmtKind},
};

/// Calls `f` for every statement, also inside functions, classes, lambdas and blocks.
pub(super) fn each<'f>(facts: &'f CellFacts, f: &mut dyn FnMut(&'f Stmt)) {
    let mut stack: Vec<&'f Stmt> = facts.body.iter().collect();
    for expr in &facts.exprs {
        match &expr.kind {
            ExprKind::Block(body) => stack.extend(body),
            ExprKind::Lambda(function) => stack.extend(&function.body),
            _ => {}
        }
    }
    while let Some(stmt) = stack.pop() {
        f(stmt);
        match &stmt.kind {
            StmtKind::If { then, other, .. } => stack.extend(then.iter().chain(other)),
            StmtKind::For { body, .. }
            | StmtKind::While { body, .. }
            | StmtKind::With { body, .. }
            | StmtKind::Block(body) => {
                stack.extend(body);
            }
            StmtKind::Try { body, handlers, otherwise, finally } => {
                stack.extend(body.iter().chain(otherwise).chain(finally));
                stack.extend(handlers.iter().flat_map(|h| &h.body));
            }
            StmtKind::Function(function) => stack.extend(&function.body),
            StmtKind::Class(class) => stack.extend(&class.body),
            StmtKind::Match { arms, .. } => stack.extend(arms.iter().flat_map(|a| &a.body)),
            _ => {}
        }
    }
}

/// From the first to the last statement.
pub(super) fn cover(body: &[Stmt]) -> Option<Span> {
    Some(body.first()?.span.cover(body.last()?.span))
}

/// Calls of `dbutils` by their own path (`dbutils.secrets.get`): the call, the path.
pub(super) fn dbutils_calls(facts: &CellFacts) -> Vec<(ExprId, String)> {
    let mut found = Vec::new();
    for (i, expr) in facts.exprs.iter().enumerate() {
        let ExprKind::Call { callee, .. } = &expr.kind else { continue };
        if !matches!(&facts.expr(*callee).kind, ExprKind::Attr { .. }) {
            continue;
        }
        if facts.root(*callee).is_some_and(|root| root.starts_with("dbutils"))
            && let Some(path) = facts.path(*callee)
            && path.starts_with("dbutils.")
            && !path.contains("()")
        {
            found.push((ExprId(i as u32), path));
        }
    }
    found
}
