use crate::{
    context::NotebookContext,
    finding::{Finding, Place},
    fix::Plan,
    model::Role,
    rule::{Anchors, Confidence, FixKind, NotebookRule, RuleMeta, Severity},
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

impl NotebookRule for HardcodedScope {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut NotebookContext<'_>) {
        // Code of a bundle with one target runs in one environment.
        let targets = cx.workspace.scopes.bundle().map_or(Vec::new(), |b| b.targets.into_keys().collect::<Vec<_>>());
        if targets.len() == 1 {
            return;
        }
        for site in cx.model.sites.iter().flat_map(|sites| sites.iter()) {
            let Role::Argument(a) = &site.role else { continue };
            let reads = matches!(&*a.method, "get" | "getBytes") && a.callee.contains("secrets")
                || matches!(&*a.method, "get_secret" | "getSecret");
            let is_scope = a.keyword.as_deref() == Some("scope") || a.keyword.is_none() && a.index == Some(0);
            if !reads || !is_scope || site.in_comment {
                continue;
            }
            let scope = site.text();
            let scope = scope.expose();
            if !(is_test_environment(scope) || is_production(scope)) {
                continue;
            }
            let Some(literal) = site.literal() else { continue };
            let message = format!("the scope `{scope}` belongs to one environment");
            let help = match targets.as_slice() {
                [first, .., last] => {
                    format!("a bundle deploys the code to `{first}` and `{last}`; take the scope from a parameter")
                }
                _ => "the same code cannot run in another one; take the scope from a parameter".to_owned(),
            };
            let place = Place { cell: literal.cell, span: literal.literal };
            let title = "Read the scope from a widget or a job parameter".to_owned();
            // Only code that runs in several environments suffers from it, which the code alone does not say.
            let confidence = if targets.is_empty() { Confidence::Medium } else { Confidence::High };
            let finding = Finding::at(&META, place, message).help(help).confidence(confidence).subject(scope);
            cx.findings.push(finding.plan(Plan::Advice { title }));
        }
    }
}
