//! CS601, CS605, CS640: what the names of a reference say by themselves.

use credscope_grammars::Secret;

use super::uses::{Name, Use, given, uses};
use crate::{
    context::{CellContext, NotebookContext},
    finding::Finding,
    fix::{Plan, is_valid_name},
    rule::{Anchors, CellRule, Confidence, FixKind, NotebookRule, RuleMeta, Severity},
    settings::Settings,
    value::{HOLE, names::NameVerdict, placeholder, reported, tokens},
};

pub(super) const fn meta(
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
pub struct SecretishName;
pub struct LowEntropySecret;

/// A name that stands there as it is: nothing fills it in, and nobody left it to be filled in.
pub(super) fn is_literal(settings: &Settings, name: &Name) -> bool {
    let text = &name.text;
    if text.bytes().all(|b| b.is_ascii() && !matches!(b, b'<' | b'{' | b'$' | b'%')) {
        return !text.is_empty();
    }
    let open =
        text.contains(HOLE) || text.contains(['<', '{', '$', '%']) && placeholder(text, &settings.extend).is_some();
    !open && !text.contains("{{") && !text.contains("${")
}

impl CellRule for BadName {
    fn meta(&self) -> &'static RuleMeta {
        &BAD
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        for reference in uses(cx.sites).into_iter().chain(given(cx.sites)) {
            for (name, what) in [(&reference.scope, "scope"), (&reference.key, "key")] {
                let Some(name) = name.as_ref().filter(|n| is_literal(cx.settings, n)) else { continue };
                let allowed = if what == "scope" {
                    "letters, digits, `-`, `_`, `.` and `@`"
                } else {
                    "letters, digits, `-`, `_` and `.`"
                };
                if is_valid_name(&name.text) && (what == "scope" || !name.text.contains('@')) {
                    continue;
                }
                // A value, as CS605 tells.
                if value_in_place(&name.text, cx.settings).is_some() {
                    continue;
                }
                // "your scope": to be filled in.
                let lower = name.text.to_ascii_lowercase();
                let open = lower.contains('<')
                    || ["your", "enter", "insert", "replace", "name of"].iter().any(|w| lower.starts_with(w));
                if open && placeholder(&name.text, &cx.settings.extend).is_some() {
                    continue;
                }
                let Some(place) = name.place(cx.sites) else { continue };
                let why = if name.text.len() > 128 {
                    "is longer than 128 characters".to_owned()
                } else {
                    format!("may hold {allowed} only")
                };
                let message = format!("the {what} of a secret {why}");
                let is_value = reported(&name.text) != name.text;
                let title = match is_value {
                    true => format!("Write the name of the {what} here and revoke the value"),
                    false => format!("Name the {what} `{}`", clean(&name.text)),
                };
                let finding = match is_value {
                    true => Finding::literal(&BAD, place, &Secret::from(&*name.text), cx.settings.hash_key, message),
                    false => Finding::at(&BAD, place, message),
                };
                let mut finding = finding.help(format!("no such {what} exists, the read fails")).subject(what);
                // Undocumented, but seen in use: scopes of Key Vault that were named with blanks.
                if what == "scope" && is_valid_name(&name.text.replace(' ', "-")) {
                    finding = finding.severity(Severity::Info).confidence(Confidence::Medium);
                }
                cx.report(finding.plan(Plan::Advice { title }));
            }
        }
    }
}

/// What stands in a name's place: a token of a known format, or the base64 of a key.
fn value_in_place(text: &str, settings: &Settings) -> Option<String> {
    const SHORTEST: usize = 24;
    let is_base64 = || {
        let body = text.trim_end_matches('=');
        text.len() >= SHORTEST
            && text.len().is_multiple_of(4)
            && text.len() - body.len() <= 2
            && text.contains(['+', '='])
            && body.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
            && [u8::is_ascii_digit, u8::is_ascii_uppercase, u8::is_ascii_lowercase]
                .iter()
                .all(|is| body.bytes().any(|b| is(&b)))
    };
    tokens::describe(text, settings).or_else(|| is_base64().then(|| "a key in base64".to_owned()))
}

fn clean(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' }).collect();
    plain.trim_matches('-').chars().take(128).collect()
}

impl CellRule for SecretishName {
    fn meta(&self) -> &'static RuleMeta {
        &SECRETISH
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        for reference in uses(cx.sites).into_iter().chain(given(cx.sites)) {
            for (name, what) in [(&reference.scope, "scope"), (&reference.key, "key")] {
                let Some(name) = name.as_ref() else { continue };
                let Some(format) = value_in_place(&name.text, cx.settings) else { continue };
                let Some(place) = name.place(cx.sites) else { continue };
                let message = format!("the {what} of the secret is a value ({format})");
                let value = Secret::from(name.text.as_str());
                let finding = Finding::literal(&SECRETISH, place, &value, cx.settings.hash_key, message)
                    .help("names are visible to every user; revoke it and write the name")
                    .subject(what);
                cx.report(
                    finding.plan(Plan::Advice {
                        title: format!("Write the name of the {what} here and revoke the value"),
                    }),
                );
            }
        }
    }
}

impl NotebookRule for LowEntropySecret {
    fn meta(&self) -> &'static RuleMeta {
        &LOW_ENTROPY
    }

    fn check(&self, cx: &mut NotebookContext<'_>) {
        let all = cx.uses.iter().zip(&cx.model.sites);
        for (reference, sites) in all.flat_map(|(uses, sites)| uses.iter().map(move |u| (u, sites))) {
            let Some(key) = reference.key.as_ref().filter(|k| is_literal(cx.settings, k)) else { continue };
            if reference.in_comment || !is_public(key) || is_user(key) && beside_secret(cx, reference) {
                continue;
            }
            let Some(place) = key.place(sites) else { continue };
            let message = format!("`{}` names no secret", key.text);
            let help =
                "its value is replaced by [REDACTED] wherever it occurs in outputs, and protecting it gains nothing";
            let finding =
                Finding::at(&LOW_ENTROPY, place, message).help(help).subject(&key.text).confidence(Confidence::Medium);
            cx.findings
                .push(finding.plan(Plan::Advice { title: "Keep it as a parameter or in a configuration file".into() }));
        }
    }
}

/// Whether the document reads a secret of the same scope: a user name is kept beside its password, so that they change
/// together.
fn beside_secret(cx: &NotebookContext<'_>, user: &Use) -> bool {
    fn scope(used: &Use) -> Option<&str> {
        used.scope.as_ref().map(|s| &*s.lower)
    }
    cx.uses.iter().flat_map(|uses| uses.iter()).any(|other| {
        scope(other) == scope(user) && other.key.as_ref().is_some_and(|k| !is_public(k)) && !other.in_comment
    })
}

fn is_user(name: &Name) -> bool {
    name.says().words.last().is_some_and(|w| matches!(w.as_str(), "user" | "username"))
}

/// Hosts, users, regions: known to everybody who may use them.
fn is_public(name: &Name) -> bool {
    const LAST: &[&str] = &[
        "host", "hostname", "server", "region", "port", "user", "username", "database", "dbname", "schema", "url",
        "endpoint", "warehouse", "location",
    ];
    let says = name.says();
    says.verdict == NameVerdict::Identifier && says.words.last().is_some_and(|w| LAST.contains(&w.as_str()))
}
