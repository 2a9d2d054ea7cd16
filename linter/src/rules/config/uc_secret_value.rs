use super::{FixOf, Report, position, report_positions};
use crate::{
    context::CellContext,
    finding::{Finding, Place as At},
    fix::Plan,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
};
use credscope_grammars::facts::{PropertyPlace, PropertyValue};
use position::Place;

pub static META: RuleMeta = RuleMeta {
    code: "CS310",
    name: "uc-secret-value",
    summary: "value of a Unity Catalog secret in a bundle",
    docs: include_str!("uc_secret_value.md"),
    severity: Severity::Error,
    fix: FixKind::Display,
    anchors: Anchors::CredentialWords,
    precedence: 68,
    cwe: &[798],
    since: "0.1.0",
};

pub struct UcSecretValue;

impl CellRule for UcSecretValue {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        report_positions(cx, &META, |_, _, position, _| {
            let advice =
                "Write ${var.name} with a variable that has no default, and set BUNDLE_VAR_name when deploying";
            (position.place == Place::CatalogSecret)
                .then(|| Report::new("value of the Unity Catalog secret", FixOf::Advice(advice.into())))
        });
        with_default(cx);
    }
}

/// A reference that is none of the bundle's variables, or more than one: the text itself would be stored.
fn other(cx: &mut CellContext<'_>, index: usize) {
    let site = &cx.sites[index];
    let text = site.text();
    let text = text.expose();
    if !(text.contains("${var.") || text.contains("{{secrets/")) {
        return;
    }
    let finding =
        Finding::at(&META, site.at, "the value of a Unity Catalog secret is more than one variable".to_owned())
            .help("the bundle is refused, or the text itself is stored; write ${var.name} and nothing else")
            .subject("value");
    cx.report(finding.plan(Plan::Advice { title: "Write ${var.name} and nothing else".into() }));
}

/// `value: ${var.x}` where the variable has a default: the default is the secret.
fn with_default(cx: &mut CellContext<'_>) {
    let facts = cx.facts;
    for (index, position) in cx.positions().iter() {
        if position.place != Place::CatalogSecret {
            continue;
        }
        let site = &cx.sites[*index];
        let text = site.text();
        let Some(variable) = text.expose().trim().strip_prefix("${var.").and_then(|v| v.strip_suffix('}')) else {
            other(cx, *index);
            continue;
        };
        let default = facts.properties.iter().find(|p| {
            let path: Vec<&str> = p.path.iter().map(|k| &**k).collect();
            p.place == PropertyPlace::Document
                && path == ["variables", variable, "default"]
                && !matches!(p.value, PropertyValue::Const(_) | PropertyValue::Nested)
        });
        let Some(default) = default else { continue };
        let message = format!("the secret's value comes from the variable `{variable}`, which has a default");
        let help = format!("the bundle is refused; drop the default and set BUNDLE_VAR_{variable} when deploying");
        let finding = Finding::at(&META, site.at, message)
            .help(help)
            .subject(variable)
            .related("the default", At { cell: cx.index as u32, span: default.value_span });
        let title = format!("Drop the default of `{variable}`");
        cx.report(finding.plan(Plan::Advice { title }));
    }
}
