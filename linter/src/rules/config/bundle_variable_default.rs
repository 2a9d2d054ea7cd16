use super::{FixOf, Report, looks_real, position, report_positions};
use crate::{
    context::CellContext,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
};
use position::Place;

pub static META: RuleMeta = RuleMeta {
    code: "CS311",
    name: "bundle-variable-default",
    summary: "plaintext secret as the value of a bundle variable",
    docs: include_str!("bundle_variable_default.md"),
    severity: Severity::Error,
    fix: FixKind::Display,
    anchors: Anchors::CredentialWords,
    precedence: 66,
    cwe: &[798],
    since: "0.1.0",
};

pub struct BundleVariableDefault;

impl CellRule for BundleVariableDefault {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        report_positions(cx, &META, |cx, _, position, text| {
            if position.place != Place::BundleVariable || !looks_real(cx.settings, &position.name, text) {
                return None;
            }
            let name = &position.name;
            let advice = format!(
                "Drop the value: name the secret's scope and key in variables and read it in the code, or set BUNDLE_VAR_{name} when deploying"
            );
            Some(Report::new(format!("value of the bundle variable `{name}`"), FixOf::Advice(advice)))
        });
    }
}
