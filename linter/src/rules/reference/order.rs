//! CS603, CS604: names that do not fit the others of the document, and what the project declares.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    names::{is_literal, meta},
    uses::{Name, Use},
};
use crate::{
    context::NotebookContext,
    finding::Finding,
    fix::{Applicability, CellEdit, Plan},
    rule::{Confidence, FixKind, NotebookRule, RuleMeta, Severity},
    value::names::NameVerdict,
};

pub static SWAPPED: RuleMeta = meta(
    "CS603",
    "swapped-args",
    "scope and key of a secret in the wrong order",
    include_str!("swapped_args.md"),
    Severity::Info,
    FixKind::Unsafe,
);
pub static UNKNOWN: RuleMeta = meta(
    "CS604",
    "unknown-scope",
    "scope that is one letter away from a known one",
    include_str!("unknown_scope.md"),
    Severity::Info,
    FixKind::Unsafe,
);
pub struct SwappedArgs;
pub struct UnknownScope;

/// Names used as scope and as key in the document and declared, in lower case: how often each.
struct Known<'a> {
    scopes: BTreeMap<Cow<'a, str>, usize>,
    keys: BTreeMap<Cow<'a, str>, usize>,
    /// Scopes that the configuration, a bundle, Terraform or a script declares.
    declared: BTreeSet<String>,
}

/// What is declared counts as used twice.
const DECLARED: usize = 2;

/// References of all cells, each with its cell, and what is known beside them. `None`: the document names no secret.
fn names<'a>(cx: &NotebookContext<'a>) -> Option<(Vec<(usize, &'a Use)>, Known<'a>)> {
    let all: Vec<_> = cx.uses.iter().enumerate().flat_map(|(cell, uses)| uses.iter().map(move |u| (cell, u))).collect();
    let known = (!all.is_empty()).then(|| known(cx, &all))?;
    Some((all, known))
}

fn known<'a>(cx: &NotebookContext<'a>, all: &[(usize, &'a Use)]) -> Known<'a> {
    let mut known = Known { scopes: BTreeMap::new(), keys: BTreeMap::new(), declared: BTreeSet::new() };
    for (_, reference) in all {
        reference.scope.iter().for_each(|n| *known.scopes.entry(Cow::Borrowed(&*n.lower)).or_default() += 1);
        reference.key.iter().for_each(|n| *known.keys.entry(Cow::Borrowed(&*n.lower)).or_default() += 1);
    }
    let secrets = &cx.settings.secrets;
    let named = secrets.declared.keys().chain(&secrets.scope).chain(secrets.targets.values()).map(String::as_str);
    for name in named.chain(cx.workspace.scopes.names()) {
        let name = name.to_ascii_lowercase();
        *known.scopes.entry(name.clone().into()).or_default() += DECLARED;
        known.declared.insert(name);
    }
    let keys = secrets.declared.values().flatten().map(String::as_str);
    for name in keys.chain(cx.workspace.scopes.keys()) {
        *known.keys.entry(name.to_ascii_lowercase().into()).or_default() += DECLARED;
    }
    known
}

impl NotebookRule for SwappedArgs {
    fn meta(&self) -> &'static RuleMeta {
        &SWAPPED
    }

    fn check(&self, cx: &mut NotebookContext<'_>) {
        let Some((all, known)) = names(cx) else { return };
        for (index, reference) in &all {
            let (sites, text) = (&cx.model.sites[*index], &cx.document.cells[*index].text);
            let (Some(scope), Some(key)) = (&reference.scope, &reference.key) else { continue };
            if !is_literal(cx.settings, scope)
                || !is_literal(cx.settings, key)
                || scope.range.is_some()
                || reference.in_comment
            {
                continue;
            }
            let (first, second) = (&*scope.lower, &*key.lower);
            // Each name is used the other way round elsewhere.
            let count = |map: &BTreeMap<Cow<'_, str>, usize>, name: &str| map.get(name).copied().unwrap_or(0);
            let used = count(&known.keys, first) > 0
                && count(&known.scopes, second) > 0
                && count(&known.keys, first) + count(&known.scopes, second)
                    > count(&known.scopes, first) + count(&known.keys, second);
            let swapped = looks_like_key(scope) && looks_like_scope(key);
            if !used && !swapped {
                continue;
            }
            let message = "scope and key look swapped".to_owned();
            let mut finding = Finding::at(&SWAPPED, reference.place, message)
                .help("the scope is named first, then the key")
                .subject(&scope.text)
                .confidence(Confidence::Medium);
            if let (Some(a), Some(b)) = (scope.place(sites), key.place(sites))
                && a.cell == b.cell
                && a.cell == *index as u32
                && !a.span.overlaps(b.span)
            {
                let mut edits = vec![
                    CellEdit { place: a, text: b.span.of(text).to_owned() },
                    CellEdit { place: b, text: a.span.of(text).to_owned() },
                ];
                edits.sort_by_key(|e| e.place);
                finding = finding.plan(Plan::Edit {
                    title: "Swap scope and key".into(),
                    applicability: Applicability::Unsafe,
                    edits,
                });
            }
            cx.report(finding);
        }
    }
}

fn looks_like_scope(name: &Name) -> bool {
    let says = name.says();
    says.words.iter().any(|w| matches!(w.as_str(), "scope" | "kv" | "keyvault" | "vault"))
        && says.verdict != NameVerdict::Secret
}

fn looks_like_key(name: &Name) -> bool {
    let says = name.says();
    says.verdict == NameVerdict::Secret
        && !says
            .words
            .iter()
            .any(|w| matches!(w.as_str(), "scope" | "kv" | "vault" | "secrets" | "credentials" | "creds"))
}

impl NotebookRule for UnknownScope {
    fn meta(&self) -> &'static RuleMeta {
        &UNKNOWN
    }

    fn check(&self, cx: &mut NotebookContext<'_>) {
        let Some((all, known)) = names(cx) else { return };
        for (index, reference) in &all {
            let (sites, text) = (&cx.model.sites[*index], &cx.document.cells[*index].text);
            let Some(scope) = reference.scope.as_ref().filter(|s| is_literal(cx.settings, s)) else { continue };
            let name = &*scope.lower;
            if known.scopes.get(name).copied().unwrap_or(0) > 1 || name.len() < 4 || reference.in_comment {
                continue;
            }
            let near = known.scopes.iter().find(|(other, count)| {
                **count > 1 && *other != name && distance_one(other, name) && !is_deliberate(other, name)
            });
            let Some((near, _)) = near else { continue };
            let Some(place) = scope.place(sites) else { continue };
            let message = format!("scope `{}` is used once and is one letter away from `{near}`: a slip?", scope.text);
            let mut finding = Finding::at(&UNKNOWN, place, message).subject(&scope.text).confidence(Confidence::Medium);
            let source = place.span.of(text);
            if source.contains(&scope.text) && place.cell == *index as u32 {
                let text = source.replace(&scope.text, near);
                let (title, edits) = (format!("Write `{near}`"), vec![CellEdit { place, text }]);
                // A read that may well work is never rewritten for what other reads say, only for what is declared.
                finding = finding.plan(if known.declared.contains(&**near) {
                    Plan::Edit { title, applicability: Applicability::Unsafe, edits }
                } else {
                    Plan::Advice { title }
                });
            }
            cx.report(finding);
        }
    }
}

/// Whether names that are one letter apart are two on purpose: numbers, or words of one letter (`kv-a`, `kv-b`).
fn is_deliberate(a: &str, b: &str) -> bool {
    let letters = |name: &str| name.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    let short = |name: &str, other: &str| {
        let separate = |c: char| !c.is_ascii_alphanumeric();
        let mut words = name.split(separate).zip(other.split(separate));
        words.any(|(one, two)| one != two && one.len() < 2 && two.len() < 2)
    };
    letters(a) == letters(b) || short(a, b)
}

/// One letter changed, added, left out, or two neighbours swapped.
fn distance_one(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let front = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[front..], &b[front..]);
    let back = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - back], &b[..b.len() - back]);
    match (a, b) {
        ([], [_]) | ([_], []) | ([_], [_]) => true,
        ([x, y], [z, w]) => x == w && y == z,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_on_purpose() {
        for (a, b, expected) in [("kv-1", "kv-2", true), ("kv-a", "kv-b", true), ("kv-sale", "kv-sales", false)] {
            assert_eq!(is_deliberate(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn one_letter_apart() {
        for (a, b, expected) in [
            ("kv-sales", "kv-sale", true),
            ("kv-sales", "kv-sakes", true),
            ("kv-sales", "kv-salse", true),
            ("kv-sales", "kv-sales", false),
            ("kv-sales", "kv-prod", false),
            ("kvé", "kve", true),
        ] {
            assert_eq!(distance_one(a, b), expected, "{a} {b}");
        }
    }
}
