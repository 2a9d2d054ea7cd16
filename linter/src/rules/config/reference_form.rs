//! CS321–CS323: `{{secrets/scope/key}}` where it is not expanded, inside a longer text, or misspelled.

use std::ops::Range;

use super::position::{self, EnvironmentOf, Place, Position};
use crate::{
    context::CellContext,
    finding::{Finding, Place as At},
    fix::{Applicability, CellEdit, Plan, is_valid_name},
    model::{Role, Site},
    recognise::DocumentKind,
    rule::{Anchors, CellRule, Confidence, FixKind, RuleMeta, Severity},
    rules::plaintext::sql,
    value::{HOLE, tokens},
};
use credscope_grammars::{
    Span,
    facts::{PropertyPlace, PropertyValue, Quote},
};

mod forms;
mod places;

use forms::BARE;
pub use forms::{Form, forms, is_reference};
pub use places::expands;

/// Whether a text holds references and defines a cluster, job or endpoint that takes them.
pub(crate) fn defines_compute(text: &str) -> bool {
    forms::mentioned(text) && places::defined_in(text)
}

pub static WRONG_PLACE: RuleMeta = RuleMeta {
    code: "CS321",
    name: "ref-in-wrong-place",
    summary: "secret reference where it is not expanded",
    docs: include_str!("ref_in_wrong_place.md"),
    severity: Severity::Warning,
    fix: FixKind::Display,
    anchors: Anchors::CredentialWords,
    precedence: 20,
    cwe: &[1188],
    since: "0.1.0",
};

pub static PARTIAL: RuleMeta = RuleMeta {
    code: "CS322",
    name: "partial-ref",
    summary: "secret reference inside a longer value",
    docs: include_str!("partial_ref.md"),
    severity: Severity::Info,
    fix: FixKind::Display,
    anchors: Anchors::CredentialWords,
    precedence: 20,
    cwe: &[1188],
    since: "0.1.0",
};

pub static TYPO: RuleMeta = RuleMeta {
    code: "CS323",
    name: "ref-typo",
    summary: "misspelled secret reference: the text itself is used as the secret",
    docs: include_str!("ref_typo.md"),
    severity: Severity::Error,
    fix: FixKind::Unsafe,
    anchors: Anchors::CredentialWords,
    precedence: 20,
    cwe: &[1188],
    since: "0.1.0",
};

pub struct RefInWrongPlace;
pub struct PartialRef;
pub struct RefTypo;

impl CellRule for RefInWrongPlace {
    fn meta(&self) -> &'static RuleMeta {
        &WRONG_PLACE
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        for_each(cx, |cx, site, position, text, form| {
            if !form.is_canonical() {
                return;
            }
            let Some(place) = places::wrong_place(cx, site, position, text) else { return };
            let says = Says {
                message: format!("a secret reference is not expanded in {place}"),
                help: "the text itself is used; references are expanded in Spark confs and environment variables of clusters, docker_image.basic_auth and serving endpoints only",
            };
            let confidence = if position.is_some() { Confidence::High } else { Confidence::Medium };
            let title = "Read the secret in the code: dbutils.secrets.get(scope, key)".to_owned();
            report(cx, &WRONG_PLACE, site, form, says, confidence, Plan::Advice { title });
        });
    }
}

impl CellRule for PartialRef {
    fn meta(&self) -> &'static RuleMeta {
        &PARTIAL
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        for_each(cx, |cx, site, position, text, form| {
            let expands = position.is_some_and(|p| places::expands(p.place));
            if !form.is_canonical() || !expands || form.range == (0..text.len()) {
                return;
            }
            let says = Says {
                message: "a secret reference is documented as a whole value only".into(),
                help: "give the secret a key of its own",
            };
            let title = "Put the secret into a key of its own (user and password apart from the URL)".to_owned();
            report(cx, &PARTIAL, site, form, says, Confidence::High, Plan::Advice { title });
        });
    }
}

impl CellRule for RefTypo {
    fn meta(&self) -> &'static RuleMeta {
        &TYPO
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        for_each(cx, |cx, site, position, text, form| {
            if form.is_canonical() {
                return unquoted(cx, site, text, form);
            }
            let whole = text.trim().len() == form.range.len();
            // Without braces it is a path, but where the name says that a secret stands there.
            let named = |p: &Position| form.problem != BARE || position::is_secret_conf(&p.name);
            let expands = position.is_some_and(|p| places::expands(p.place) && named(p));
            // Templates of other programs use dots and blanks; elsewhere than in a value of its own it is prose.
            if !expands && (form.templated || !whole || !places::is_value(cx, site)) {
                return;
            }
            let says = Says {
                message: format!("this is not a secret reference: {}", form.problem),
                help: "the text itself is used as the secret; write {{secrets/scope/key}}",
            };
            let plan = match (&form.canonical, site.locate(form.range.clone())) {
                // A token for a name is not shown.
                (Some(text), Some(located)) if tokens::find(text, cx.settings).is_empty() => Plan::Edit {
                    title: format!("Write {text}"),
                    applicability: Applicability::Unsafe,
                    edits: vec![CellEdit {
                        place: At { cell: located.cell, span: located.span },
                        text: places::spelled(cx, site, located.literal, text),
                    }],
                },
                _ => Plan::Advice { title: "Write {{secrets/scope/key}}: one scope, one key, no blanks".into() },
            };
            report(cx, &TYPO, site, form, says, Confidence::High, plan);
        });
    }
}

/// `key: {{secrets/s/k}}` in YAML: braces without quotes are a mapping.
fn unquoted(cx: &mut CellContext<'_>, site: &Site, text: &str, form: &Form) {
    let yaml = matches!(cx.kind(), Some(DocumentKind::Bundle | DocumentKind::Workload | DocumentKind::App));
    let Some(property) = super::property(cx, site) else { return };
    let PropertyValue::Str(lit) = &property.value else { return };
    if !yaml || lit.style.quote != Quote::None || form.range != (0..text.len()) {
        return;
    }
    let says = Says {
        message: "a secret reference has to be quoted here".into(),
        help: "braces without quotes are a mapping in YAML",
    };
    let place = At { cell: cx.index as u32, span: property.value_span };
    let plan = Plan::Edit {
        title: "Quote it".into(),
        applicability: Applicability::Safe,
        edits: vec![CellEdit { place, text: format!("\"{text}\"") }],
    };
    report(cx, &TYPO, site, form, says, Confidence::High, plan);
}

/// Every reference-like form in every site, with the site's position in a configuration document.
fn for_each(
    cx: &mut CellContext<'_>,
    mut visit: impl FnMut(&mut CellContext<'_>, &Site, Option<&Position>, &str, &Form),
) {
    if !forms::mentioned(&cx.cell.text) || matches!(cx.kind(), Some(DocumentKind::Schema | DocumentKind::Manifest)) {
        return;
    }
    let positions = cx.positions();
    let sites = cx.sites;
    for (index, site) in sites.iter().enumerate() {
        let text = site.text();
        let text = text.expose();
        if site.in_comment || !forms::mentioned(text) || is_prose(site) {
            continue;
        }
        let position = position::at(&positions, index);
        for form in forms(text) {
            visit(cx, site, position, text, &form);
        }
    }
}

/// Keys whose value is for people.
fn is_prose(site: &Site) -> bool {
    let Role::Property(p) = &site.role else { return false };
    matches!(p.place, PropertyPlace::LineScan)
        || matches!(
            p.key().to_ascii_lowercase().as_str(),
            "description"
                | "title"
                | "comment"
                | "help"
                | "doc"
                | "summary"
                | "note"
                | "markdowndescription"
                | "message"
        )
}

/// [`Finding::message`] and [`Finding::help`].
struct Says {
    message: String,
    help: &'static str,
}

fn report(
    cx: &mut CellContext<'_>,
    meta: &'static RuleMeta,
    site: &Site,
    form: &Form,
    says: Says,
    confidence: Confidence,
    plan: Plan,
) {
    let Some(at) = place(site, form.range.clone()) else { return };
    let subject = form.canonical.clone().unwrap_or_else(|| "secrets".to_owned());
    cx.report(Finding::at(meta, at, says.message).help(says.help).confidence(confidence).subject(subject).plan(plan));
}

/// Where a form stands: its own characters, or from the first to the last literal it is put together from.
fn place(site: &Site, range: Range<usize>) -> Option<At> {
    if let Some(located) = site.locate(range.clone()) {
        return Some(At { cell: located.cell, span: located.span });
    }
    let first = site.locate(range.start..range.start + 1)?;
    let last = site.locate(range.end.checked_sub(1)?..range.end)?;
    (first.cell == last.cell && first.span.start <= last.span.end)
        .then_some(At { cell: first.cell, span: Span { start: first.span.start, end: last.span.end } })
}

/// Characters that a name in a reference may have; [`HOLE`] stands for a name that is filled in.
fn is_name(text: &str) -> bool {
    text.contains(HOLE) || is_valid_name(text)
}

/// Query texts of the cell.
fn query_spans(cx: &CellContext<'_>) -> Vec<Span> {
    sql::spans(cx.facts, &|facts| facts.queries.iter().map(|q| q.span).collect())
}

/// Whether the place is a cluster's, where references are expanded.
fn is_cluster(of: EnvironmentOf) -> bool {
    matches!(of, EnvironmentOf::Cluster | EnvironmentOf::Serving)
}

/// Whether a name says that its value is a secret.
fn is_secret(name: &str) -> bool {
    position::is_secret(name)
}

/// Places of a configuration document, for the modules below.
type Positioned = Place;
