//! CS305, CS306: credentials of external models in serving endpoints.

use super::{FixOf, Report, key_span, position, report_positions};
use crate::{
    context::CellContext,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
};
use credscope_grammars::dialect::ConfigPlace;
use position::Place;

pub static PLAINTEXT: RuleMeta = RuleMeta {
    code: "CS305",
    name: "serving-plaintext",
    summary: "literal in a _plaintext field of a serving endpoint",
    docs: include_str!("serving_plaintext.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 87,
    cwe: &[798],
    since: "0.1.0",
};

pub static REFERENCE: RuleMeta = RuleMeta {
    code: "CS306",
    name: "serving-ref-not-ref",
    summary: "literal in a field of a serving endpoint that takes a secret reference",
    docs: include_str!("serving_ref_not_ref.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 87,
    cwe: &[798],
    since: "0.1.0",
};

pub struct ServingPlaintext;
pub struct ServingReference;

impl CellRule for ServingPlaintext {
    fn meta(&self) -> &'static RuleMeta {
        &PLAINTEXT
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        report_positions(cx, &PLAINTEXT, |cx, site, position, _| {
            if position.place != Place::ServingPlaintext {
                return None;
            }
            let twin = position.name.trim_end_matches("_plaintext");
            let siblings = match &site.role {
                crate::model::Role::Property(p) => &p.siblings,
                _ => return None,
            };
            // The field must not be there twice.
            let fix = if siblings.iter().any(|(k, _)| &**k == twin) {
                FixOf::Advice(format!("Delete this field: `{twin}` beside it is the one to use"))
            } else {
                match key_span(cx, site) {
                    Some(key) => FixOf::Place(ConfigPlace::Serving { key }, twin.to_owned()),
                    None => FixOf::Advice(format!("Use `{twin}` with a secret reference")),
                }
            };
            Some(Report::new(format!("`{}` of the serving endpoint", position.name), fix))
        });
    }
}

impl CellRule for ServingReference {
    fn meta(&self) -> &'static RuleMeta {
        &REFERENCE
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        report_positions(cx, &REFERENCE, |_, _, position, _| {
            (position.place == Place::ServingReference).then(|| {
                Report::new(format!("`{}` takes a secret reference, its literal value", position.name), FixOf::Braces)
            })
        });
    }
}
