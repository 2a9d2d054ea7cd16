//! CS3xx: credentials in jobs, bundles, clusters, serving endpoints, apps, Terraform and CI files.

use std::ops::Range;

use credscope_grammars::{
    Span,
    dialect::ConfigPlace,
    facts::{Property, PropertyPlace},
};

use crate::{
    catalog::confs,
    context::CellContext,
    finding::Finding,
    fix::{ConfigSlot, NameHint, Plan, Slot},
    model::{Role, Site},
    recognise::{Ci, DocumentKind},
    rule::{Confidence, RuleMeta, Severity},
    rules::shared::{self, Hit},
    settings::Settings,
    value::{
        self, CredentialSlot, SlotKind, fallback,
        letters::is_random,
        names::{is_password, words},
        plausible::{Implausible, implausible_as, is_called_after},
        tokens,
    },
};
use position::{EnvironmentOf, Place, Position};

pub mod bundle_variable_default;
pub mod ci_yaml;
pub mod credential_file;
pub mod docker_basic_auth;
pub mod env_var_secret_ref;
pub mod env_vars_plain;
pub mod job_param_secret;
pub mod position;
pub mod reference_form;
pub mod serving;
pub mod spark_conf_plain;
pub mod tf_output_not_sensitive;
pub mod tf_plain;
pub mod uc_secret_value;

/// What a rule says of a position that it reports.
pub(crate) struct Report {
    /// To begin a sentence with: ``conf `x` ``.
    pub what: String,
    pub severity: Option<Severity>,
    pub confidence: Confidence,
    pub fix: FixOf,
}

/// What takes the literal's place.
pub(crate) enum FixOf {
    /// `{{secrets/scope/key}}`.
    Braces,
    /// A reference of the place's own kind, with the name of its variable.
    Place(ConfigPlace, String),
    Advice(String),
}

impl Report {
    pub fn new(what: impl Into<String>, fix: FixOf) -> Self {
        Self { what: what.into(), severity: None, confidence: Confidence::High, fix }
    }
}

/// Reports the literals at the positions that `judge` has something to say about. `judge` sees the literal's text.
pub(crate) fn report_positions(
    cx: &mut CellContext<'_>,
    meta: &'static RuleMeta,
    judge: impl Fn(&CellContext<'_>, &Site, &Position, &str) -> Option<Report>,
) {
    for (index, position) in cx.positions().iter() {
        let sites = cx.sites;
        let site = &sites[*index];
        let Some(range) = literal(cx, *index, position) else { continue };
        let text = site.text();
        let Some(value) = text.expose().get(range.clone()) else { continue };
        let Some(report) = judge(cx, site, position, value) else { continue };
        report_at(cx, meta, site, range, &position.name, report);
    }
}

/// Reports one literal with a fix of its own.
pub(crate) fn report_at(
    cx: &mut CellContext<'_>,
    meta: &'static RuleMeta,
    site: &Site,
    range: Range<usize>,
    key: &str,
    report: Report,
) {
    let whole = range == (0..site.text().len());
    let mut hit =
        if whole { Hit::whole(site, key, report.what) } else { Hit::part(site, range.clone(), key, report.what) };
    hit.confidence = report.confidence;
    hit.severity = report.severity;
    let Some(mut finding) = shared::finding(cx, meta, hit) else { return };
    // Also behind the name in a list of variables: `K=${K:-literal}`.
    let from = site.text().expose()[..range.start].rfind("${").unwrap_or(0);
    let choice = site.text().expose().get(from..).and_then(fallback).is_some();
    let is_development = |plan: &Plan| matches!(plan, Plan::Advice { title } if title == shared::DEVELOPMENT);
    let fix = if fits_all_uses(cx, site, &report.fix) {
        report.fix
    } else {
        FixOf::Advice(
            "Give each place that the alias stands in a reference of its own, and remove the value here".into(),
        )
    };
    match fix {
        _ if !choice && finding.plans.iter().any(is_development) => {}
        // A document in a program's string: the program reads the secret.
        FixOf::Advice(_) if crate::fix::writes_expressions(cx.cell) && !choice => {}
        FixOf::Braces if !choice => {}
        _ if choice => {
            let title = "Drop the literal that the reference falls back to".into();
            finding.plans = vec![Plan::Advice { title }];
        }
        FixOf::Place(place, name) => {
            finding.plans.retain(|plan| !matches!(plan, Plan::SecretReference { .. } | Plan::JoinedReference { .. }));
            if let Some(located) = site.locate(range) {
                let slot = Slot { cell: located.cell, literal: located.literal, credential: located.span };
                let hint = NameHint { purpose: site.purpose.as_deref().unwrap_or("").into(), key: key.to_owned() };
                let slot = ConfigSlot { slot, place, path: cx.path.to_owned(), name };
                finding.plans.insert(0, Plan::Config { slot, hint });
            }
        }
        FixOf::Advice(title) => finding.plans = vec![Plan::Advice { title }],
        FixOf::Braces => {}
    }
    cx.report(finding);
}

/// Whether a fix at the literal is right for all places that it stands in: those where an alias of YAML brings it, too.
fn fits_all_uses(cx: &CellContext<'_>, site: &Site, fix: &FixOf) -> bool {
    let first = cx.sites.partition_point(|s| s.at < site.at);
    let positions = cx.positions();
    let uses = (first..cx.sites.len()).take_while(|i| cx.sites[*i].at == site.at);
    let places: Vec<Place> = uses.filter_map(|i| position::at(&positions, i)).map(|p| p.place).collect();
    let same = places.windows(2).all(|pair| pair[0] == pair[1]);
    match fix {
        FixOf::Braces => places.len() < 2 || places.iter().all(|place| reference_form::expands(*place)),
        // The key beside the value becomes another one.
        FixOf::Place(ConfigPlace::App { .. } | ConfigPlace::Serving { .. }, _) => places.len() < 2,
        FixOf::Place(..) => same,
        FixOf::Advice(_) => true,
    }
}

/// Bytes of the literal in the value at a position: all of it, what follows `K=` in a list of variables, or what a
/// reference falls back to. `None`: the value is looked into by other rules, or is no literal.
fn literal(cx: &CellContext<'_>, index: usize, position: &Position) -> Option<Range<usize>> {
    let site = &cx.sites[index];
    let text = site.text();
    let text = text.expose();
    let mut start = 0;
    let Role::Property(property) = &site.role else { return None };
    let is_item = property.path.last().is_some_and(|k| k.parse::<u32>().is_ok());
    let pairs = matches!(position.place, Place::Environment(_) | Place::Ci);
    if is_item && pairs {
        start = text.find('=')? + 1;
    }
    if let Some(range) = fallback(&text[start..]) {
        return Some(start + range.start..start + range.end);
    }
    // A file of credentials is named as a whole; elsewhere URLs and connection strings have rules of their own.
    let foreign = |slots: &[CredentialSlot]| slots.iter().any(|s| s.kind != SlotKind::KeyMaterial);
    let found = if start > 0 { foreign(&value::slots(&text[start..])) } else { foreign(&cx.slots(index)) };
    if found && !matches!(position.place, Place::CredentialFile(_)) {
        let slots = cx.slots(index);
        return match (position.place, &slots[..]) {
            // A signature is read with what it signs.
            (Place::SparkConf, [one]) if one.kind == SlotKind::QueryString && position.name.contains(".sas.") => {
                Some(0..text.len())
            }
            (Place::SparkConf, _) if confs::is_whole(&position.name) => Some(0..text.len()),
            // A profile in a string, `Bearer …`: the attribute is what the provider reads.
            (Place::Terraform, [one]) if one.kind != SlotKind::UserInfo => Some(one.range.clone()),
            _ => None,
        };
    }
    (start < text.len()).then_some(start..text.len())
}

/// Whether a value under a name that says "secret" can be one: a token format, or nothing that speaks against it.
pub(crate) fn looks_real(settings: &Settings, name: &str, text: &str) -> bool {
    if tokens::describe(text, settings).is_some() {
        return true;
    }
    if text.contains(value::HOLE) || text.len() > 16 << 10 {
        return false;
    }
    match implausible_as(name, text) {
        None => {}
        Some(Implausible::SecretName) if text.len() >= 8 && text.chars().all(|c| c.is_ascii_lowercase()) => {}
        // A word is a password where a password stands.
        Some(Implausible::SecretName) if is_password(name) && !is_called_after(name, text) => {}
        // Keys in PEM have blanks and line breaks.
        Some(_) if text.contains("PRIVATE KEY-----") => {}
        Some(_) => return false,
    }
    // Tokens and keys are random: a word is a mode, a type, a stand-in.
    let word = text.chars().all(|c| c.is_ascii_alphabetic()) && !is_random(text);
    if !is_password(name) && (text.len() < 6 || word) {
        return false;
    }
    if shared::is_number(text) {
        // A pin is a number by its nature; tokens and keys are not.
        return text.len() >= 4 && (is_password(name) || words(name).iter().any(|w| w == "pin"));
    }
    !text.eq_ignore_ascii_case(name)
}

/// What takes a literal's place in a document of a kind, for names that no special position is known of.
pub(crate) fn fix_of(kind: Option<DocumentKind>, name: &str) -> FixOf {
    let place = match kind {
        Some(DocumentKind::Terraform) => ConfigPlace::TerraformVariable,
        Some(DocumentKind::Compose) => ConfigPlace::Compose,
        Some(DocumentKind::Dbt) => ConfigPlace::Dbt,
        Some(DocumentKind::Ci(Ci::GitHub)) => ConfigPlace::GitHub,
        Some(DocumentKind::Ci(Ci::Azure)) => ConfigPlace::AzurePipelines,
        Some(DocumentKind::Ci(Ci::GitLab)) => ConfigPlace::GitLab,
        Some(DocumentKind::Ci(Ci::Jenkins)) => {
            return FixOf::Advice(
                "Keep it as a credential of Jenkins and bind a variable to it: withCredentials([string(…)])".into(),
            );
        }
        _ => {
            return FixOf::Advice(
                "Store it in a secret scope and let the program read it at run time, or let deployment fill it in"
                    .into(),
            );
        }
    };
    FixOf::Place(place, name.to_owned())
}

/// What takes an environment variable's literal's place.
pub(crate) fn fix_of_environment(cx: &CellContext<'_>, site: &Site, of: EnvironmentOf, name: &str) -> FixOf {
    match of {
        EnvironmentOf::Cluster | EnvironmentOf::Serving => FixOf::Braces,
        EnvironmentOf::App => match key_span(cx, site) {
            Some(key) => {
                // Only `app.yaml` spells it its own way.
                let bundle = cx.kind() != Some(DocumentKind::App);
                FixOf::Place(ConfigPlace::App { key, bundle }, name.to_owned())
            }
            None => FixOf::Advice("Read it from a secret resource of the app: valueFrom".into()),
        },
        EnvironmentOf::Compose => FixOf::Place(ConfigPlace::Compose, name.to_owned()),
        EnvironmentOf::Kubernetes => FixOf::Advice("Read it from a Secret: valueFrom.secretKeyRef".into()),
        EnvironmentOf::Script | EnvironmentOf::Image => {
            FixOf::Advice("Leave it out here and set it where the script or container is started".into())
        }
        EnvironmentOf::DotEnv => FixOf::Advice(
            "Store it in a secret scope, keep the file out of version control and rotate the value".into(),
        ),
    }
}

/// Whether `{{secrets/…}}` is expanded where a property stands.
pub(crate) fn takes_reference(site: &Site) -> bool {
    position::of_site(None, site).is_some_and(|p| reference_form::expands(p.place))
}

/// The property that a site stands for, when it stands in the cell's own text.
pub(crate) fn property<'f>(cx: &CellContext<'f>, site: &Site) -> Option<&'f Property> {
    let Role::Property(p) = &site.role else { return None };
    cx.facts
        .properties
        .iter()
        .find(|f| f.place == PropertyPlace::Document && f.value_span == site.at.span && f.path.iter().eq(p.path.iter()))
}

pub(crate) fn key_span(cx: &CellContext<'_>, site: &Site) -> Option<Span> {
    property(cx, site).map(|p| p.key_span)
}

/// A finding about a place that shows no value.
pub(crate) fn plain(
    cx: &mut CellContext<'_>,
    meta: &'static RuleMeta,
    span: Span,
    message: String,
    subject: &str,
) -> Finding {
    let place = crate::finding::Place { cell: cx.index as u32, span };
    Finding::at(meta, place, message).subject(subject)
}
