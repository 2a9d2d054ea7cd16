use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use credscope_grammars::{CellFacts, ColumnUnit, Document, Span};

use crate::{
    context::NotebookContext,
    engine,
    finding::{Finding, Place, Related, ValueKey},
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
/// What is said of a place with the same value.
pub const EQUAL: &str = "the same value";

mod index;

pub use index::{Group, Index, Standing, Told};

pub struct SameCredential;

impl NotebookRule for SameCredential {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    /// Several targets of one bundle. Several files are the caller's to compare, see [`relate`].
    fn check(&self, cx: &mut NotebookContext<'_>) {
        let mut by: BTreeMap<ValueKey, Vec<(&str, &Finding)>> = BTreeMap::new();
        let targets: Vec<_> = cx.facts.iter().map(|facts| targets(facts)).collect();
        for finding in cx.earlier {
            let (Some(value), Some(target)) = (finding.value, target(&targets, finding)) else { continue };
            if is_long(cx.document, finding) {
                by.entry(value).or_default().push((target, finding));
            }
        }
        let mut found: Vec<Finding> = Vec::new();
        for members in by.into_values() {
            let (first, target) = (members[0].1, members[0].0);
            let Some((other, _)) = members.iter().find(|(t, _)| *t != target) else { continue };
            let severest = members.iter().map(|(_, f)| f.severity).max().unwrap_or(Severity::Hint);
            if severest < Severity::Warning {
                continue;
            }
            let message = format!("the targets `{target}` and `{other}` have the same credential");
            let help = "whoever has one environment has the others; give each target a secret of its own";
            let mut finding = Finding::at(&META, first.place, message).help(help).subject(first.subject.clone());
            finding.severity = finding.severity.min(severest);
            // Several rules may tell of one place.
            let mut told = BTreeSet::from([first.place]);
            let others = members.iter().filter(|(_, member)| told.insert(member.place));
            for (name, member) in others.take(MAX_PLACES) {
                finding = finding.related(format!("the same value in target `{name}`"), member.place);
            }
            found.push(finding);
        }
        cx.findings.append(&mut found);
    }
}

/// The targets of a bundle, and what of the document is of each.
fn targets(facts: &CellFacts) -> Vec<(Span, &str)> {
    let mut found: Vec<(Span, &str)> = Vec::new();
    for property in facts.properties.iter().filter(|p| p.path.len() > 2 && &*p.path[0] == "targets") {
        let name = &*property.path[1];
        match found.last_mut() {
            Some((span, last)) if *last == name => *span = span.cover(property.value_span),
            _ => found.push((property.value_span, name)),
        }
    }
    found
}

/// The bundle target that a finding stands in.
fn target<'a>(targets: &[Vec<(Span, &'a str)>], finding: &Finding) -> Option<&'a str> {
    let of_cell = targets.get(finding.place.cell as usize)?;
    of_cell.iter().find(|(span, _)| span.contains(finding.place.span)).map(|(_, name)| *name)
}

fn is_long(document: &Document, finding: &Finding) -> bool {
    let cell = document.cells.get(finding.place.cell as usize);
    let text = cell.and_then(|c| c.text.get(finding.place.span.range())).unwrap_or("");
    text.trim_matches(['"', '\'']).len() >= MIN_LEN
}

/// Findings of equal values in one document name each other's places, like those of several files.
pub fn name_each_other(document: &Document, findings: &mut [Finding]) {
    let mut by: HashMap<ValueKey, Vec<usize>> = HashMap::new();
    for (row, finding) in findings.iter().enumerate() {
        if let Some(value) = finding.value {
            by.entry(value).or_default().push(row);
        }
    }
    for rows in by.into_values() {
        if rows.len() < 2 || !is_long(document, &findings[rows[0]]) {
            continue;
        }
        let places: Vec<Place> = rows.iter().map(|row| findings[*row].place).collect();
        for row in rows {
            let finding = &mut findings[row];
            let said: HashSet<Place> =
                finding.related.iter().filter(|r| r.path.is_none()).map(|r| r.place).chain([finding.place]).collect();
            let others = places.iter().filter(|place| !said.contains(place)).take(MAX_PLACES);
            let equal = |place: &Place| Related { message: EQUAL.into(), path: None, place: *place, resolved: None };
            finding.related.extend(others.map(equal));
        }
    }
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
    let mut index: Index<usize, Related> = Index::default();
    for (d, shared) in documents.iter().enumerate() {
        index.set(&d, standing(shared.document, shared.findings, |finding| Some(related(shared, finding))));
    }
    for (d, shared) in documents.iter_mut().enumerate() {
        let told = index.told(&d);
        tell(shared, &told, Related::clone);
    }
}

/// The credentials of a document that others may have, too; `at` says how others name the place of a finding.
pub fn standing<L>(document: &Document, findings: &[Finding], at: impl Fn(&Finding) -> Option<L>) -> Vec<Standing<L>> {
    let one = |(row, finding): (usize, &Finding)| {
        let value = finding.value.filter(|_| is_long(document, finding))?;
        Some(Standing { value, row, severity: finding.severity, at: at(finding)? })
    };
    findings.iter().enumerate().filter_map(one).collect()
}

/// Adds what other documents say: places of the same values, and findings of this rule.
pub fn tell<K, L>(shared: &mut Shared<'_>, told: &Told<'_, K, L>, related: impl Fn(&L) -> Related) {
    // Places in other files; those of the same file are known from its own analysis.
    for (row, others) in &told.equal {
        if let Some(finding) = shared.findings.get_mut(*row) {
            finding.related.extend(others.iter().map(|(_, at)| related(at)));
        }
    }
    let mut new: Vec<Finding> = Vec::new();
    for group in &told.groups {
        let Some(first) = shared.findings.get(group.row) else { continue };
        let Some(mut finding) = several_files(shared.document, shared.settings, first, group.severity) else {
            continue;
        };
        let others = group.others.iter().map(|(_, at)| related(at));
        let of_targets = |f: &&mut Finding| f.rule.code == META.code && f.place == finding.place;
        if let Some(told) = shared.findings.iter_mut().find(of_targets) {
            told.message = in_files_too(&told.message, group.documents);
            told.related.extend(others);
            continue;
        }
        finding.message = message(group.documents, group.values);
        finding.related = others.collect();
        new.push(finding);
    }
    if new.is_empty() {
        return;
    }
    shared.findings.append(&mut new);
    shared.findings.sort_by(|a, b| (a.place, a.rule.code).cmp(&(b.place, b.rule.code)));
    fingerprint::fill(shared.path, shared.findings);
}

/// The finding of this rule at a credential, without its [`message`] and places. `None`: the rule is off, or silenced here.
/// It is no worse than the severest of them.
pub fn several_files(document: &Document, settings: &Settings, first: &Finding, severest: Severity) -> Option<Finding> {
    let help = "rotating it means finding all of them; store it once in a secret scope and read it everywhere";
    let mut finding = Finding::at(&META, first.place, String::new()).help(help).subject(first.subject.clone());
    finding.severity = finding.severity.min(severest);
    if let Some(severity) = settings.severity_of(&META) {
        finding.severity = severity;
    }
    let shown = engine::enabled(&META, settings) && !suppress::silences(document, settings, &finding);
    shown.then_some(finding)
}

/// What a finding of this rule says of `values` that stand in `files`.
pub fn message(files: usize, values: usize) -> String {
    match values {
        1 => format!("the same credential stands in {files} files"),
        many => format!("the same {many} credentials stand in {files} files"),
    }
}

/// What a finding about bundle targets says of a value that stands in other files, too.
pub fn in_files_too(message: &str, files: usize) -> String {
    let others = files.saturating_sub(1);
    format!("{message}, and {others} other file{} too", if others == 1 { " has it" } else { "s have it" })
}

fn related(shared: &Shared<'_>, finding: &Finding) -> Related {
    let place = finding.place;
    let physical = shared.document.physical(place.cell as usize, place.span);
    let at = |offset: u32| {
        let p = shared.document.lines.position(&shared.document.text, offset as usize, ColumnUnit::Utf32);
        (p.line + 1, p.column + 1)
    };
    Related {
        message: EQUAL.into(),
        path: Some(shared.path.to_owned()),
        place,
        resolved: Some((at(physical.start), at(physical.end))),
    }
}
