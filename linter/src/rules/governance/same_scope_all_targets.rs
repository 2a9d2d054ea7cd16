use credscope_grammars::facts::{Property, PropertyValue};

use super::is_test_environment;
use crate::{
    context::NotebookContext,
    finding::{Finding, Place},
    fix::Plan,
    recognise::{DocumentKind, recognise},
    rule::{Anchors, FixKind, NotebookRule, RuleMeta, Severity},
    rules::config::reference_form::forms,
    workspace::Bundle,
};

pub static META: RuleMeta = RuleMeta {
    code: "CS541",
    name: "same-scope-all-targets",
    summary: "secret scope of another environment, or one scope for all targets of a bundle",
    docs: include_str!("same_scope_all_targets.md"),
    severity: Severity::Warning,
    fix: FixKind::Display,
    anchors: Anchors::CredentialWords,
    precedence: 100,
    cwe: &[668],
    since: "0.1.0",
};

pub struct SameScope;

impl NotebookRule for SameScope {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut NotebookContext<'_>) {
        let mut found: Vec<Finding> = Vec::new();
        for (index, (cell, facts)) in cx.document.cells.iter().zip(cx.facts).enumerate() {
            if recognise(cx.path, cell, facts) == Some(DocumentKind::Bundle) {
                // With the files that the bundle is made of.
                let bundle = cx.workspace.scopes.bundle_around(&facts.properties);
                check(&bundle, &facts.properties, index as u32, &mut found);
            }
        }
        cx.findings.append(&mut found);
    }
}

fn check(bundle: &Bundle, properties: &[Property], cell: u32, found: &mut Vec<Finding>) {
    let targets = &bundle.targets;
    if targets.is_empty() {
        return;
    }
    let production = |wanted: &dyn Fn(&str) -> bool| {
        targets.iter().find(|(name, t)| t.production && wanted(name)).map(|(name, _)| name.clone())
    };
    for property in properties {
        let Some((scope, way)) = scope_of(property, bundle) else { continue };
        let keys: Vec<&str> = property.path.iter().map(|k| &**k).collect();
        let place = Place { cell, span: property.value_span };
        let reached = match keys.as_slice() {
            ["targets", name, ..] => production(&|target| target == *name),
            // A default holds where a target does not say otherwise.
            ["variables", variable, "default"] => {
                production(&|target| targets.get(target).is_some_and(|t| !t.variables.contains(*variable)))
            }
            _ if way == Way::Reference => production(&|_| true),
            _ => None,
        };
        if let Some(target) = reached.filter(|_| is_test_environment(&scope)) {
            let message =
                format!("the production target `{target}` reads secrets from the non-production scope `{scope}`");
            found.push(finding(place, message, &scope, Severity::Warning));
        } else if way == Way::Reference
            && keys.first() != Some(&"targets")
            && bundle.has_many_hosts()
            && !found.iter().any(|f| f.subject == scope)
        {
            let message = format!("all targets, with workspaces of their own, read secrets from the scope `{scope}`");
            found.push(finding(place, message, &scope, Severity::Info));
        }
    }
}

fn finding(place: Place, message: String, scope: &str, severity: Severity) -> Finding {
    let title = "Name the scope in a variable that each target sets: ${var.secret_scope}".to_owned();
    let help = "name the scope in a variable, ${var.secret_scope}, and give each target one of its own";
    Finding::at(&META, place, message).help(help).severity(severity).subject(scope).plan(Plan::Advice { title })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// `{{secrets/scope/key}}`.
    Reference,
    /// A variable or parameter that names a scope.
    Named,
}

/// The literal scope that a property names.
fn scope_of(property: &Property, bundle: &Bundle) -> Option<(String, Way)> {
    let PropertyValue::Str(lit) = &property.value else { return None };
    let text = lit.plain()?;
    let text = text.expose();
    if let Some(form) = forms(text).first() {
        let canonical = form.canonical.as_deref()?;
        let scope = canonical.trim_start_matches("{{secrets/").split('/').next()?.to_owned();
        return Some((scope, Way::Reference));
    }
    let is_scope = |key: &str| key.to_ascii_lowercase().contains("scope") || bundle.scope_variables.contains(key);
    let named = property.path.iter().rev().take(2).any(|key| is_scope(key));
    (named && crate::fix::is_valid_name(text)).then(|| (text.to_owned(), Way::Named))
}
