use std::collections::BTreeMap;

use credscope_grammars::{ColumnUnit, Document};

use crate::{
    context::NotebookContext,
    engine,
    finding::{Finding, Related, ValueKey},
    fingerprint,
    rule::{Anchors, FixKind, NotebookRule, RuleMeta, Severity},
    settings::Settings,
    suppress,
};

pub static META: RuleMeta = RuleMeta {
    code: "CS540",
    name: "same-credential-many-places",
    summary: "the same credential in several files or bundle targets",
    docs: include_str!("same_credential_many_places.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 100,
    cwe: &[798],
    since: "0.1.0",
};

/// Shorter values are equal by chance.
const MIN_LEN: usize = 8;
/// Places that a finding names.
const MAX_PLACES: usize = 20;

pub struct SameCredential;

impl NotebookRule for SameCredential {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    /// Several targets of one bundle. Several files are the caller's to compare, see [`relate`].
    fn check(&self, cx: &mut NotebookContext<'_>) {
        let mut by: BTreeMap<ValueKey, Vec<(&str, &Finding)>> = BTreeMap::new();
        for finding in cx.earlier {
            let (Some(value), Some(target)) = (finding.value, target(cx, finding)) else { continue };
            if is_long(cx.document, finding) {
                by.entry(value).or_default().push((target, finding));
            }
        }
        let mut found: Vec<Finding> = Vec::new();
        for members in by.into_values() {
            let (first, target) = (members[0].1, members[0].0);
            let Some((other, _)) = members.iter().find(|(t, _)| *t != target) else { continue };
            let message = format!("the targets `{target}` and `{other}` have the same credential");
            let help = "whoever has one environment has the others; give each target a secret of its own";
            let mut finding = Finding::at(&META, first.place, message).help(help).subject(first.subject.clone());
            for (name, member) in members.iter().skip(1).take(MAX_PLACES) {
                finding = finding.related(format!("the same value in target `{name}`"), member.place);
            }
            found.push(finding);
        }
        cx.findings.append(&mut found);
    }
}

/// The bundle target that a finding stands in.
fn target<'a>(cx: &NotebookContext<'a>, finding: &Finding) -> Option<&'a str> {
    let facts = cx.facts.get(finding.place.cell as usize)?;
    let property = facts
        .properties
        .iter()
        .find(|p| p.path.len() > 2 && &*p.path[0] == "targets" && p.value_span.contains(finding.place.span))?;
    Some(&property.path[1])
}

fn is_long(document: &Document, finding: &Finding) -> bool {
    let cell = document.cells.get(finding.place.cell as usize);
    let text = cell.and_then(|c| c.text.get(finding.place.span.range())).unwrap_or("");
    text.trim_matches(['"', '\'']).len() >= MIN_LEN
}

/// A document with what was found in it.
pub struct Shared<'a> {
    pub path: &'a str,
    pub document: &'a Document,
    pub settings: &'a Settings,
    pub findings: &'a mut Vec<Finding>,
}

/// Compares the credentials of all documents of a run: findings of equal values in several files name each other, and
/// the first of them gets a finding of this rule. Nothing but keyed hashes is compared.
pub fn relate(documents: &mut [Shared<'_>]) {
    let mut by: BTreeMap<ValueKey, Vec<(usize, usize)>> = BTreeMap::new();
    for (d, shared) in documents.iter().enumerate() {
        for (f, finding) in shared.findings.iter().enumerate() {
            if let Some(value) = finding.value
                && is_long(shared.document, finding)
            {
                by.entry(value).or_default().push((d, f));
            }
        }
    }
    // Values that stand in the same files were copied together: one finding tells of them all.
    let mut copied: BTreeMap<Vec<usize>, Vec<Vec<(usize, usize)>>> = BTreeMap::new();
    for places in by.into_values() {
        let mut files: Vec<usize> = places.iter().map(|(d, _)| *d).collect();
        files.dedup();
        if files.len() < 2 {
            continue;
        }
        let all: Vec<(usize, Related)> = places.iter().map(|&(d, f)| (d, related(&documents[d], f))).collect();
        for (i, &(d, f)) in places.iter().enumerate() {
            // Places in other files; those of the same file are known from its own analysis.
            let others = all.iter().enumerate().filter(|(k, (other, _))| *k != i && *other != d);
            let others: Vec<Related> = others.map(|(_, (_, r))| r.clone()).take(MAX_PLACES).collect();
            documents[d].findings[f].related.extend(others);
        }
        // Defaults of local databases are equal everywhere.
        if places.iter().any(|&(d, f)| documents[d].findings[f].severity >= Severity::Warning) {
            copied.entry(files).or_default().push(places);
        }
    }
    let mut new: Vec<(usize, Finding)> = Vec::new();
    for (files, mut values) in copied {
        values.sort_unstable();
        let (d, f) = values[0][0];
        let first = &documents[d].findings[f];
        let message = match values.len() {
            1 => format!("the same credential stands in {} files", files.len()),
            many => format!("the same {many} credentials stand in {} files", files.len()),
        };
        let help = "rotating it means finding all of them; store it once in a secret scope and read it everywhere";
        let mut finding = Finding::at(&META, first.place, message).help(help).subject(first.subject.clone());
        let others = values.iter().flatten().filter(|(other, _)| *other != d);
        finding.related = others.take(MAX_PLACES).map(|&(d, f)| related(&documents[d], f)).collect();
        if let Some(severity) = documents[d].settings.severity_of(&META) {
            finding.severity = severity;
        }
        if engine::enabled(&META, documents[d].settings)
            && !suppress::silences(documents[d].document, documents[d].settings, &finding)
        {
            new.push((d, finding));
        }
    }
    for (d, finding) in new {
        let shared = &mut documents[d];
        shared.findings.push(finding);
        shared.findings.sort_by(|a, b| (a.place, a.rule.code).cmp(&(b.place, b.rule.code)));
        fingerprint::fill(shared.path, shared.findings);
    }
}

fn related(shared: &Shared<'_>, finding: usize) -> Related {
    let place = shared.findings[finding].place;
    let physical = shared.document.physical(place.cell as usize, place.span);
    let at = |offset: u32| {
        let p = shared.document.lines.position(&shared.document.text, offset as usize, ColumnUnit::Utf32);
        (p.line + 1, p.column + 1)
    };
    Related {
        message: "the same value".into(),
        path: Some(shared.path.to_owned()),
        place,
        resolved: Some((at(physical.start), at(physical.end))),
    }
}
