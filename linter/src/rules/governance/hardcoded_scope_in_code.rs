use crate::{
    context::CellContext,
    finding::{Finding, Place},
    fix::Plan,
    model::Role,
    rule::{Anchors, CellRule, Confidence, FixKind, RuleMeta, Severity},
};

use super::{is_production, is_test_environment};

pub static META: RuleMeta = RuleMeta {
    code: "CS542",
    name: "hardcoded-scope-in-code",
    summary: "scope of one environment named in the code",
    docs: include_str!("hardcoded_scope_in_code.md"),
    severity: Severity::Hint,
    fix: FixKind::Display,
    anchors: Anchors::CredentialWords,
    precedence: 100,
    cwe: &[668],
    since: "0.1.0",
};

pub struct HardcodedScope;

impl CellRule for HardcodedScope {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for site in sites {
            let Role::Argument(a) = &site.role else { continue };
            let reads = matches!(&*a.method, "get" | "getBytes") && a.callee.contains("secrets")
                || matches!(&*a.method, "get_secret" | "getSecret");
            let is_scope = a.keyword.as_deref() == Some("scope") || a.keyword.is_none() && a.index == Some(0);
            let scope = site.text();
            let scope = scope.expose();
            if !reads || !is_scope || site.in_comment || !(is_test_environment(scope) || is_production(scope)) {
                continue;
            }
            let Some(literal) = site.literal() else { continue };
            let message = format!("the scope `{scope}` belongs to one environment");
            let help = "the same code cannot run in another one; take the scope from a parameter";
            let place = Place { cell: literal.cell, span: literal.literal };
            let title = "Read the scope from a widget or a job parameter".to_owned();
            // Only code that runs in several environments suffers from it, which the code does not say.
            let finding = Finding::at(&META, place, message).help(help).confidence(Confidence::Medium).subject(scope);
            cx.report(finding.plan(Plan::Advice { title }));
        }
    }
}
