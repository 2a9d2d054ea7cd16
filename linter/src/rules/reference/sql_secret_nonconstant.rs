use credscope_grammars::{
    CellFacts, Span,
    facts::{ExprId, ExprKind, Verb},
};

use crate::{
    context::CellContext,
    finding::{Finding, Place},
    fix::Plan,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::plaintext::sql,
};

pub static META: RuleMeta = RuleMeta {
    code: "CS602",
    name: "sql-secret-nonconstant",
    summary: "SQL secret() whose scope or key is no constant",
    docs: include_str!("sql_secret_nonconstant.md"),
    severity: Severity::Error,
    fix: FixKind::Display,
    anchors: Anchors::Words(&["secret("]),
    precedence: 100,
    cwe: &[],
    since: "0.1.0",
};

pub struct SqlSecretNonconstant;

impl CellRule for SqlSecretNonconstant {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        for span in sql::spans(cx.facts, &arguments) {
            let place = Place { cell: cx.index as u32, span };
            let message = "`secret()` takes constants only".to_owned();
            let finding = Finding::at(&META, place, message)
                .help("the statement fails with a column or a function here")
                .subject("secret");
            let title = "Write scope and key as constants, or put the statement together before it runs".to_owned();
            cx.report(finding.plan(Plan::Advice { title }));
        }
    }
}

/// Arguments of `secret()` and `try_secret()` that are no constants.
fn arguments(facts: &CellFacts) -> Vec<Span> {
    let mut found = Vec::new();
    for call in facts.queries.iter().filter(|q| q.verb != Verb::CreateFunction).flat_map(|q| &q.calls) {
        let ExprKind::Call { callee, args, .. } = &facts.expr(call.expr).kind else { continue };
        let named = matches!(&facts.expr(*callee).kind, ExprKind::Name(n) if matches!(&**n, "secret" | "try_secret"));
        if !named || args.len() != 2 {
            continue;
        }
        found.extend(args.iter().filter(|a| !is_constant(facts, a.value)).map(|a| facts.expr(a.value).span));
    }
    found
}

/// A literal, or something that takes the place of one before the statement is analysed: a parameter marker, a text.
fn is_constant(facts: &CellFacts, id: ExprId) -> bool {
    match &facts.expr(id).kind {
        ExprKind::Str(_) => true,
        ExprKind::Same(inner) => is_constant(facts, *inner),
        ExprKind::Concat(parts) => parts.iter().all(|p| is_constant(facts, *p)),
        // `{{ jinja }}`, `{python}`, `${widget}`, `:parameter`.
        ExprKind::Name(name) => name.starts_with(['{', '$', ':', '?']),
        _ => false,
    }
}
