//! One value in several places: one fix for all of them.

use std::collections::HashMap;

use credscope_grammars::{Document, Language};

use super::{Applicability, CellEdit, Fix, SecretName};
use crate::finding::{Finding, ValueKey};

/// Findings of one value that get a fix for all of its places.
const MAX_PLACES: usize = 50;

/// What the title of a fix for several places ends with.
const ALL: &str = " places)";

/// A configuration that another program renders (Jinja, Go): `{{` is that program's there.
pub(super) fn is_template(document: &Document) -> bool {
    use Language::{Json, Properties, Toml, Yaml};
    matches!(document.language, Yaml | Json | Toml | Properties)
        && ["{%", "{{-", "{{.", "{{ ."].iter().any(|mark| document.text.contains(mark))
}

/// One value in several places: each finding offers to move all of them, too.
pub(super) fn offer_all(findings: &mut [Finding]) {
    let mut by_value: HashMap<ValueKey, Vec<usize>> = HashMap::new();
    for (i, finding) in findings.iter().enumerate() {
        let applies = finding.fixes.first().is_some_and(|f| f.applicability > Applicability::Display);
        if let Some(value) = finding.value.filter(|_| applies) {
            by_value.entry(value).or_default().push(i);
        }
    }
    for places in by_value.into_values().filter(|p| (2..=MAX_PLACES).contains(&p.len())) {
        let fixes: Vec<&Fix> = places.iter().filter_map(|&i| findings[i].fixes.first()).collect();
        let mut edits: Vec<CellEdit> = fixes.iter().flat_map(|f| f.edits.iter().cloned()).collect();
        edits.sort_by_key(|e| e.place);
        edits.dedup();
        if overlap(&edits) || edits.len() == fixes[0].edits.len() {
            continue;
        }
        let mut secrets: Vec<SecretName> = Vec::new();
        for secret in fixes.iter().flat_map(|f| &f.secrets) {
            if !secrets.contains(secret) {
                secrets.push(secret.clone());
            }
        }
        let applicability = fixes.iter().map(|f| f.applicability).min().unwrap_or(Applicability::Unsafe);
        let title = format!("{} (all {}{ALL}", fixes[0].title, places.len());
        let variables = fixes.iter().flat_map(|f| f.variables.iter().cloned()).collect();
        let also = fixes.iter().flat_map(|f| f.also.iter().copied()).collect();
        let form = fixes.iter().map(|f| f.form).max().unwrap_or_default();
        let unity = fixes[0].unity.clone();
        let all = Fix { title, applicability, edits, secrets, variables, also, form, unity };
        for i in places {
            findings[i].fixes.push(all.clone());
        }
    }
}

/// A credential in several places (CS540) is a finding of its place already: what fixes that one fixes both, and what
/// fixes all of them comes first.
pub(super) fn shared(findings: &mut [Finding]) {
    const CODE: &str = "CS540";
    for i in (0..findings.len()).filter(|&i| findings[i].rule.code == CODE).collect::<Vec<_>>() {
        let place = findings[i].place;
        let own = findings.iter().find(|f| f.place == place && f.rule.code != CODE && !f.fixes.is_empty());
        if let Some(mut fixes) = own.map(|f| f.fixes.clone()) {
            let of_all = |f: &Fix| f.applicability > Applicability::Display && f.title.ends_with(ALL);
            if let Some(all) = fixes.iter().position(of_all) {
                fixes[..=all].rotate_right(1);
            }
            findings[i].fixes = fixes;
        }
    }
}

pub(super) fn overlap(edits: &[CellEdit]) -> bool {
    edits.windows(2).any(|w| {
        w[0].place.cell == w[1].place.cell
            && (w[0].place.span.end > w[1].place.span.start || w[0].place.span == w[1].place.span)
    })
}
