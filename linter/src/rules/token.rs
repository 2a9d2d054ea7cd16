//! CS7xx: a token format is recognised, wherever it stands. Comments, too: there is no rule of their own for them.

use std::collections::HashSet;

use credscope_grammars::{Secret, Span};

use crate::{
    context::CellContext,
    finding::{Finding, Place},
    fix::{NameHint, Plan, Slot},
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared,
    value::tokens::{GROUPS, TokenHit, detect},
};

/// All formats in one pass; findings carry the rule of their group.
pub struct TokenRule;

impl CellRule for TokenRule {
    /// The first group stands for the pass; [`others`] lists the rest for the registry.
    fn meta(&self) -> &'static RuleMeta {
        &METAS[0]
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let mut seen: HashSet<Span> = HashSet::new();
        let sites = cx.sites;
        for site in sites {
            let text = site.text();
            if text.len() < 16 {
                continue;
            }
            for hit in detect(text.expose(), "") {
                let whole = hit.range == (0..text.len());
                let Some(located) = site.locate(hit.range.clone()) else {
                    // Put together from pieces: from the first to the last.
                    let (Some(a), Some(b)) = (
                        site.locate(hit.range.start..hit.range.start + 1),
                        site.locate(hit.range.end - 1..hit.range.end),
                    ) else {
                        continue;
                    };
                    if a.cell == b.cell && a.span.start < b.span.end && a.cell == cx.index as u32 {
                        let (a, b) = if whole { (a.literal, b.literal) } else { (a.span, b.span) };
                        let span = Span { start: a.start, end: b.end };
                        if seen.insert(span) {
                            report(
                                cx,
                                cx.index as u32,
                                span,
                                &hit,
                                &Secret::from(&text.expose()[hit.range.clone()]),
                                None,
                            );
                        }
                    }
                    continue;
                };
                if seen.insert(located.span) {
                    let slot = Slot { cell: located.cell, literal: located.literal, credential: located.span };
                    let plan = Plan::SecretReference { slot, hint: hint(&hit), place: shared::target(site) };
                    let span = if whole { located.literal } else { located.span };
                    report(cx, located.cell, span, &hit, &Secret::from(&text.expose()[hit.range.clone()]), Some(plan));
                }
            }
        }
        // Whatever is no value: comments, Markdown, text.
        let cell = cx.cell;
        for hit in detect(&cell.text, "") {
            let span = Span::new(hit.range.start, hit.range.end);
            if !seen.iter().any(|s| s.overlaps(span)) {
                let value = Secret::from(span.of(&cell.text));
                report(cx, cx.index as u32, span, &hit, &value, None);
            }
        }
    }
}

fn hint(hit: &TokenHit) -> NameHint {
    NameHint {
        purpose: GROUPS[hit.group].1.split('-').next().unwrap_or("app").to_owned(),
        key: GROUPS[hit.group].1.to_owned(),
    }
}

fn report(cx: &mut CellContext<'_>, cell: u32, span: Span, hit: &TokenHit, value: &Secret, plan: Option<Plan>) {
    if matches!(cx.cell.kind, credscope_grammars::CellKind::Output { .. }) {
        return;
    }
    let meta = &METAS[hit.group];
    let note = hit.note.as_ref().map_or(String::new(), |n| format!(" ({n})"));
    let message =
        format!("{}{note} is written in the text; revoke it and read the new one from a secret scope", hit.label);
    let mut finding = Finding::literal(meta, Place { cell, span }, value, cx.settings.hash_key, message)
        .confidence(hit.confidence)
        .subject(hit.label);
    if hit.lowered {
        finding.severity = finding.severity.lowered();
    }
    if shared::is_test(cx.path) {
        finding.severity = finding.severity.lowered();
    }
    let plan = plan.unwrap_or_else(|| Plan::Advice { title: "Delete it here and revoke it".into() });
    cx.report(finding.plan(plan));
}

/// Rules that [`TokenRule`] reports beside its own.
pub fn others() -> impl Iterator<Item = &'static RuleMeta> {
    METAS.iter().skip(1)
}

/// In the order of [`GROUPS`].
pub static METAS: &[RuleMeta] = &[
    RuleMeta {
        code: "CS701",
        name: "databricks-token",
        summary: "Databricks token in a text",
        docs: include_str!("token/databricks_token.md"),
        severity: Severity::Error,
        fix: FixKind::SecretReference,
        anchors: Anchors::CredentialWords,
        precedence: 40,
        cwe: &[798],
        since: "0.1.0",
    },
    RuleMeta {
        code: "CS702",
        name: "json-web-token",
        summary: "JSON web token in a text",
        docs: include_str!("token/json_web_token.md"),
        severity: Severity::Error,
        fix: FixKind::SecretReference,
        anchors: Anchors::CredentialWords,
        precedence: 40,
        cwe: &[798],
        since: "0.1.0",
    },
    RuleMeta {
        code: "CS703",
        name: "aws-key",
        summary: "AWS credential in a text",
        docs: include_str!("token/aws_key.md"),
        severity: Severity::Error,
        fix: FixKind::SecretReference,
        anchors: Anchors::CredentialWords,
        precedence: 40,
        cwe: &[798],
        since: "0.1.0",
    },
    RuleMeta {
        code: "CS704",
        name: "azure-key",
        summary: "Azure key or client secret in a text",
        docs: include_str!("token/azure_key.md"),
        severity: Severity::Error,
        fix: FixKind::SecretReference,
        anchors: Anchors::CredentialWords,
        precedence: 40,
        cwe: &[798],
        since: "0.1.0",
    },
    RuleMeta {
        code: "CS705",
        name: "gcp-key",
        summary: "Google Cloud credential in a text",
        docs: include_str!("token/gcp_key.md"),
        severity: Severity::Error,
        fix: FixKind::SecretReference,
        anchors: Anchors::CredentialWords,
        precedence: 40,
        cwe: &[798],
        since: "0.1.0",
    },
    RuleMeta {
        code: "CS706",
        name: "github-token",
        summary: "GitHub token in a text",
        docs: include_str!("token/github_token.md"),
        severity: Severity::Error,
        fix: FixKind::SecretReference,
        anchors: Anchors::CredentialWords,
        precedence: 40,
        cwe: &[798],
        since: "0.1.0",
    },
    RuleMeta {
        code: "CS707",
        name: "package-registry-token",
        summary: "token of a package registry in a text",
        docs: include_str!("token/package_registry_token.md"),
        severity: Severity::Error,
        fix: FixKind::SecretReference,
        anchors: Anchors::CredentialWords,
        precedence: 40,
        cwe: &[798],
        since: "0.1.0",
    },
    RuleMeta {
        code: "CS708",
        name: "gitlab-token",
        summary: "GitLab token in a text",
        docs: include_str!("token/gitlab_token.md"),
        severity: Severity::Error,
        fix: FixKind::SecretReference,
        anchors: Anchors::CredentialWords,
        precedence: 40,
        cwe: &[798],
        since: "0.1.0",
    },
    RuleMeta {
        code: "CS709",
        name: "chat-token",
        summary: "Slack or Teams token or webhook in a text",
        docs: include_str!("token/chat_token.md"),
        severity: Severity::Error,
        fix: FixKind::SecretReference,
        anchors: Anchors::CredentialWords,
        precedence: 40,
        cwe: &[798],
        since: "0.1.0",
    },
    RuleMeta {
        code: "CS710",
        name: "ai-api-key",
        summary: "key of an AI service in a text",
        docs: include_str!("token/ai_api_key.md"),
        severity: Severity::Error,
        fix: FixKind::SecretReference,
        anchors: Anchors::CredentialWords,
        precedence: 40,
        cwe: &[798],
        since: "0.1.0",
    },
    RuleMeta {
        code: "CS711",
        name: "saas-token",
        summary: "token of another service in a text",
        docs: include_str!("token/saas_token.md"),
        severity: Severity::Error,
        fix: FixKind::SecretReference,
        anchors: Anchors::CredentialWords,
        precedence: 40,
        cwe: &[798],
        since: "0.1.0",
    },
    RuleMeta {
        code: "CS712",
        name: "private-key",
        summary: "private key in a text",
        docs: include_str!("token/private_key.md"),
        severity: Severity::Error,
        fix: FixKind::SecretReference,
        anchors: Anchors::CredentialWords,
        precedence: 40,
        cwe: &[798],
        since: "0.1.0",
    },
];
