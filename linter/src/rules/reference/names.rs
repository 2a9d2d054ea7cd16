//! CS601, CS603, CS604, CS605, CS640: what the names of a reference say.

use std::collections::BTreeMap;

use credscope_grammars::Secret;

use super::uses::{Name, Use, uses};
use crate::{
    context::CellContext,
    finding::Finding,
    fix::{Applicability, CellEdit, Plan, is_valid_name},
    rule::{Anchors, CellRule, Confidence, FixKind, RuleMeta, Severity},
    value::{
        HOLE,
        names::{NameVerdict, verdict, words},
        placeholder, tokens,
    },
};

const fn meta(
    code: &'static str,
    name: &'static str,
    summary: &'static str,
    docs: &'static str,
    severity: Severity,
    fix: FixKind,
) -> RuleMeta {
    RuleMeta {
        code,
        name,
        summary,
        docs,
        severity,
        fix,
        anchors: Anchors::Words(&["secret"]),
        precedence: 100,
        cwe: &[],
        since: "0.1.0",
    }
}

pub static BAD: RuleMeta = meta(
    "CS601",
    "bad-scope-or-key-name",
    "name that no secret scope or key can have",
    include_str!("bad_scope_or_key_name.md"),
    Severity::Error,
    FixKind::Display,
);
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
pub static SECRETISH: RuleMeta = RuleMeta {
    precedence: 95,
    cwe: &[798],
    ..meta(
        "CS605",
        "secretish-name",
        "value of a secret where its name belongs",
        include_str!("secretish_name.md"),
        Severity::Error,
        FixKind::Display,
    )
};
pub static LOW_ENTROPY: RuleMeta = meta(
    "CS640",
    "low-entropy-secret",
    "secret that by its name is none",
    include_str!("low_entropy_secret.md"),
    Severity::Hint,
    FixKind::Display,
);

pub struct BadName;
pub struct SwappedArgs;
pub struct UnknownScope;
pub struct SecretishName;
pub struct LowEntropySecret;

/// A name that stands there as it is: nothing fills it in, and nobody left it to be filled in.
fn is_literal(cx: &CellContext<'_>, name: &Name) -> bool {
    let text = &name.text;
    let open =
        text.contains(HOLE) || text.contains(['<', '{', '$', '%']) && placeholder(text, &cx.settings.extend).is_some();
    !text.is_empty() && !open && !text.contains("{{") && !text.contains("${")
}

impl CellRule for BadName {
    fn meta(&self) -> &'static RuleMeta {
        &BAD
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        for reference in uses(cx.sites) {
            for (name, what) in [(&reference.scope, "scope"), (&reference.key, "key")] {
                let Some(name) = name.as_ref().filter(|n| is_literal(cx, n)) else { continue };
                let allowed = if what == "scope" {
                    "letters, digits, `-`, `_`, `.` and `@`"
                } else {
                    "letters, digits, `-`, `_` and `.`"
                };
                if is_valid_name(&name.text) && (what == "scope" || !name.text.contains('@')) {
                    continue;
                }
                // "your scope": to be filled in.
                let lower = name.text.to_ascii_lowercase();
                let open = lower.contains('<')
                    || ["your", "enter", "insert", "replace", "name of"].iter().any(|w| lower.starts_with(w));
                if open && placeholder(&name.text, &cx.settings.extend).is_some() {
                    continue;
                }
                let Some(place) = name.place(cx) else { continue };
                let why = if name.text.len() > 128 {
                    "is longer than 128 characters".to_owned()
                } else {
                    format!("may hold {allowed} only")
                };
                let message = format!("the {what} of a secret {why}: no such {what} exists, the read fails");
                let title = format!("Name the {what} `{}`", clean(&name.text));
                let mut finding = Finding::at(&BAD, place, message).subject(what);
                // Undocumented, but seen in use: scopes of Key Vault that were named with blanks.
                if what == "scope" && is_valid_name(&name.text.replace(' ', "-")) {
                    finding = finding.severity(Severity::Info).confidence(Confidence::Medium);
                }
                cx.report(finding.plan(Plan::Advice { title }));
            }
        }
    }
}

fn clean(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' }).collect();
    plain.trim_matches('-').chars().take(128).collect()
}

/// Names used as scope and as key in the cells seen so far and declared: how often each.
struct Known {
    scopes: BTreeMap<String, usize>,
    keys: BTreeMap<String, usize>,
}

fn known(cx: &CellContext<'_>, all: &[Use]) -> Known {
    let mut known = Known { scopes: BTreeMap::new(), keys: BTreeMap::new() };
    for reference in all {
        if let Some(scope) = &reference.scope {
            *known.scopes.entry(scope.text.to_ascii_lowercase()).or_default() += 1;
        }
        if let Some(key) = &reference.key {
            *known.keys.entry(key.text.to_ascii_lowercase()).or_default() += 1;
        }
    }
    for (scope, keys) in &cx.settings.secrets.declared {
        *known.scopes.entry(scope.to_ascii_lowercase()).or_default() += 2;
        for key in keys {
            *known.keys.entry(key.to_ascii_lowercase()).or_default() += 2;
        }
    }
    let named = cx.settings.secrets.scope.iter().chain(cx.settings.secrets.targets.values());
    for scope in named {
        *known.scopes.entry(scope.to_ascii_lowercase()).or_default() += 2;
    }
    known
}

impl CellRule for SwappedArgs {
    fn meta(&self) -> &'static RuleMeta {
        &SWAPPED
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let all = uses(cx.sites);
        let known = known(cx, &all);
        for reference in &all {
            let (Some(scope), Some(key)) = (&reference.scope, &reference.key) else { continue };
            if !is_literal(cx, scope) || !is_literal(cx, key) || scope.range.is_some() || reference.in_comment {
                continue;
            }
            let (first, second) = (scope.text.to_ascii_lowercase(), key.text.to_ascii_lowercase());
            // Each name is used the other way round elsewhere.
            let count = |map: &BTreeMap<String, usize>, name: &str| map.get(name).copied().unwrap_or(0);
            let used = reference.is_positional
                && count(&known.keys, &first) > 0
                && count(&known.scopes, &second) > 0
                && count(&known.keys, &first) + count(&known.scopes, &second)
                    > count(&known.scopes, &first) + count(&known.keys, &second);
            let swapped = looks_like_key(&scope.text) && looks_like_scope(&key.text);
            if !used && !swapped {
                continue;
            }
            let message = "scope and key look swapped: the scope is named first, then the key".to_owned();
            let mut finding =
                Finding::at(&SWAPPED, reference.place, message).subject(&scope.text).confidence(Confidence::Medium);
            if let (Some(a), Some(b)) = (scope.place(cx), key.place(cx))
                && a.cell == b.cell
                && a.cell == cx.index as u32
                && !a.span.overlaps(b.span)
            {
                let text = &cx.cell.text;
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

fn looks_like_scope(name: &str) -> bool {
    let words = words(name);
    words.iter().any(|w| matches!(w.as_str(), "scope" | "kv" | "keyvault" | "vault"))
        && verdict(name) != NameVerdict::Secret
}

fn looks_like_key(name: &str) -> bool {
    let words = words(name);
    verdict(name) == NameVerdict::Secret
        && !words.iter().any(|w| matches!(w.as_str(), "scope" | "kv" | "vault" | "secrets" | "credentials" | "creds"))
}

impl CellRule for UnknownScope {
    fn meta(&self) -> &'static RuleMeta {
        &UNKNOWN
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let all = uses(cx.sites);
        let known = known(cx, &all);
        for reference in &all {
            let Some(scope) = reference.scope.as_ref().filter(|s| is_literal(cx, s)) else { continue };
            let name = scope.text.to_ascii_lowercase();
            if known.scopes.get(&name).copied().unwrap_or(0) > 1 || name.len() < 4 || reference.in_comment {
                continue;
            }
            // Numbers tell scopes apart on purpose.
            let near = known.scopes.iter().find(|(other, count)| {
                **count > 1 && **other != name && letters(other) != letters(&name) && distance_one(other, &name)
            });
            let Some((near, _)) = near else { continue };
            let Some(place) = scope.place(cx) else { continue };
            let message = format!("scope `{}` is used once and is one letter away from `{near}`: a slip?", scope.text);
            let mut finding = Finding::at(&UNKNOWN, place, message).subject(&scope.text).confidence(Confidence::Medium);
            let source = place.span.of(&cx.cell.text);
            if source.contains(&scope.text) && place.cell == cx.index as u32 {
                let text = source.replace(&scope.text, near);
                let edits = vec![CellEdit { place, text }];
                finding = finding.plan(Plan::Edit {
                    title: format!("Write `{near}`"),
                    applicability: Applicability::Unsafe,
                    edits,
                });
            }
            cx.report(finding);
        }
    }
}

fn letters(name: &str) -> String {
    name.chars().filter(|c| !c.is_ascii_digit()).collect()
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

impl CellRule for SecretishName {
    fn meta(&self) -> &'static RuleMeta {
        &SECRETISH
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        for reference in uses(cx.sites) {
            for (name, what) in [(&reference.scope, "scope"), (&reference.key, "key")] {
                let Some(name) = name.as_ref() else { continue };
                let Some(format) = tokens::describe(&name.text) else { continue };
                let Some(place) = name.place(cx) else { continue };
                let message = format!(
                    "the {what} of the secret is a value ({format}): names are visible to every user; revoke it and write the name"
                );
                let value = Secret::from(name.text.as_str());
                let finding = Finding::literal(&SECRETISH, place, &value, cx.settings.hash_key, message).subject(what);
                cx.report(
                    finding.plan(Plan::Advice {
                        title: format!("Write the name of the {what} here and revoke the value"),
                    }),
                );
            }
        }
    }
}

impl CellRule for LowEntropySecret {
    fn meta(&self) -> &'static RuleMeta {
        &LOW_ENTROPY
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        for reference in uses(cx.sites) {
            let Some(key) = reference.key.as_ref().filter(|k| is_literal(cx, k)) else { continue };
            if reference.in_comment || !is_public(&key.text) {
                continue;
            }
            let Some(place) = key.place(cx) else { continue };
            let message = format!(
                "`{}` names no secret: its value is replaced by [REDACTED] wherever it occurs in outputs, and protecting it gains nothing",
                key.text
            );
            let finding = Finding::at(&LOW_ENTROPY, place, message).subject(&key.text).confidence(Confidence::Medium);
            cx.report(finding.plan(Plan::Advice { title: "Keep it as a parameter or in a configuration file".into() }));
        }
    }
}

/// Hosts, users, regions: known to everybody who may use them.
fn is_public(name: &str) -> bool {
    const LAST: &[&str] = &[
        "host", "hostname", "server", "region", "port", "user", "username", "database", "dbname", "schema", "url",
        "endpoint", "warehouse", "location",
    ];
    verdict(name) == NameVerdict::Identifier && words(name).last().is_some_and(|w| LAST.contains(&w.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

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
