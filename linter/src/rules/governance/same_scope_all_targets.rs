use std::collections::BTreeMap;

use credscope_grammars::facts::{Property, PropertyValue};

use super::{is_production, is_test_environment};
use crate::{
    context::CellContext,
    finding::{Finding, Place},
    fix::Plan,
    recognise::DocumentKind,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::config::reference_form::forms,
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

impl CellRule for SameScope {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        if cx.kind() != Some(DocumentKind::Bundle) {
            return;
        }
        let facts = cx.facts;
        let targets = targets(&facts.properties);
        if targets.is_empty() {
            return;
        }
        let mut found: Vec<Finding> = Vec::new();
        for property in &facts.properties {
            let Some((scope, way)) = scope_of(property) else { continue };
            let keys: Vec<&str> = property.path.iter().map(|k| &**k).collect();
            let place = Place { cell: cx.index as u32, span: property.value_span };
            let production = match keys.as_slice() {
                ["targets", name, ..] => targets.get(name).filter(|t| t.production).map(|_| *name),
                // A default holds where a target does not say otherwise.
                ["variables", variable, "default"] => {
                    targets.iter().find(|(_, t)| t.production && !t.variables.contains(variable)).map(|(name, _)| *name)
                }
                _ if way == Way::Reference => targets.iter().find(|(_, t)| t.production).map(|(name, _)| *name),
                _ => None,
            };
            if let Some(target) = production.filter(|_| is_test_environment(&scope)) {
                let message =
                    format!("the production target `{target}` reads secrets from the non-production scope `{scope}`");
                found.push(finding(place, message, &scope, Severity::Warning));
            } else if way == Way::Reference
                && keys.first() != Some(&"targets")
                && has_many_hosts(&targets)
                && !found.iter().any(|f| f.subject == scope)
            {
                let message =
                    format!("all targets, with workspaces of their own, read secrets from the scope `{scope}`");
                found.push(finding(place, message, &scope, Severity::Info));
            }
        }
        found.into_iter().for_each(|f| cx.report(f));
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
fn scope_of(property: &Property) -> Option<(String, Way)> {
    let PropertyValue::Str(lit) = &property.value else { return None };
    let text = lit.plain()?;
    let text = text.expose();
    if let Some(form) = forms(text).first() {
        let canonical = form.canonical.as_deref()?;
        let scope = canonical.trim_start_matches("{{secrets/").split('/').next()?.to_owned();
        return Some((scope, Way::Reference));
    }
    let named = property.path.iter().rev().take(2).any(|k| k.to_ascii_lowercase().contains("scope"));
    (named && crate::fix::is_valid_name(text)).then(|| (text.to_owned(), Way::Named))
}

#[derive(Default)]
struct Target<'f> {
    production: bool,
    host: Option<String>,
    variables: Vec<&'f str>,
}

fn targets(properties: &[Property]) -> BTreeMap<&str, Target<'_>> {
    let mut targets: BTreeMap<&str, Target<'_>> = BTreeMap::new();
    for property in properties {
        let keys: Vec<&str> = property.path.iter().map(|k| &**k).collect();
        let ["targets", name, rest @ ..] = keys.as_slice() else { continue };
        let target = targets.entry(name).or_default();
        target.production |= is_production(name);
        let text = match &property.value {
            PropertyValue::Str(lit) => lit.plain().map(|t| t.expose().to_owned()),
            _ => None,
        };
        match rest {
            ["mode"] => target.production |= text.as_deref() == Some("production"),
            ["workspace", "host"] => target.host = text,
            ["variables", variable, ..] => target.variables.push(variable),
            _ => {}
        }
    }
    targets
}

fn has_many_hosts(targets: &BTreeMap<&str, Target<'_>>) -> bool {
    let mut hosts: Vec<&str> = targets.values().filter_map(|t| t.host.as_deref()).collect();
    hosts.sort_unstable();
    hosts.dedup();
    hosts.len() > 1
}
