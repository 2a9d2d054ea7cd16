//! CS7xx: a token format is recognised, wherever it stands. Comments, too: there is no rule of their own for them.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use credscope_grammars::{CellKind, Secret, Span};

use crate::{
    config,
    context::CellContext,
    finding::{Finding, Place},
    fix::{NameHint, Plan, Slot},
    model::{Located, Piece, Site},
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared,
    value::{
        slots::is_signature,
        tokens::{GROUPS, TokenHit, find},
    },
};

/// All formats in one pass; findings carry the rule of their group.
pub struct TokenRule;

impl CellRule for TokenRule {
    /// The first group stands for the pass; [`others`] lists the rest for the registry.
    fn meta(&self) -> &'static RuleMeta {
        &METAS[0]
    }

    fn is_on(&self, on: &dyn Fn(&RuleMeta) -> bool) -> bool {
        METAS.iter().chain([&CUSTOM]).any(on)
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        // Stored outputs have a rule of their own.
        if matches!(cx.cell.kind, CellKind::Output { .. }) {
            return;
        }
        let mut seen = Seen::default();
        let mut values: HashSet<*const ()> = HashSet::new();
        for site in cx.sites {
            // A constant has a site for each use.
            if values.insert(Arc::as_ptr(&site.value).cast()) {
                check_site(cx, site, &mut seen);
            }
        }
        // Whatever is no value: comments, Markdown, text.
        let cell = cx.cell;
        for hit in hits(cx, &cell.text) {
            let place = Place { cell: cx.index as u32, span: Span::new(hit.range.start, hit.range.end) };
            if seen.insert(place) {
                let value = Secret::from(place.span.of(&cell.text));
                let span =
                    if matches!(cell.kind, CellKind::Code) { quoted(&cell.text, place.span) } else { place.span };
                let plan = in_literal(cx, place, &hit);
                report(cx, Place { span, ..place }, &hit, &value, plan);
            }
        }
    }
}

/// A format that is known by what stands before its literal: the literal is a value all the same.
fn in_literal(cx: &CellContext<'_>, place: Place, hit: &TokenHit) -> Option<Plan> {
    let holds = |piece: &Piece| match piece {
        Piece::Text { cell, literal, .. } => (*cell == place.cell && literal.contains(place.span)).then_some(*literal),
        Piece::Hole { .. } => None,
    };
    let (site, literal) = cx.sites.iter().find_map(|s| Some((s, s.value.iter().find_map(holds)?)))?;
    let slot = Slot { cell: place.cell, literal, credential: place.span };
    Some(Plan::SecretReference { slot, hint: hint_of(hit), place: shared::target(site) })
}

/// The credentials that are reported already, by cell and start.
#[derive(Default)]
struct Seen(BTreeMap<(u32, u32), u32>);

impl Seen {
    /// `false`: a part of the place is reported already.
    fn insert(&mut self, place: Place) -> bool {
        let Span { start, end } = place.span;
        let before = self.0.range(..(place.cell, end)).next_back();
        let free = before.is_none_or(|((cell, _), before_end)| *cell != place.cell || *before_end <= start);
        if free {
            self.0.insert((place.cell, start), end);
        }
        free
    }
}

/// Tokens of a text. The configuration holds examples of its own formats.
fn hits(cx: &CellContext<'_>, text: &str) -> Vec<TokenHit> {
    let mut hits = find(text, cx.settings);
    let name = cx.path.rsplit('/').next().unwrap_or(cx.path);
    if config::FILE_NAMES.contains(&name) {
        hits.retain(|h| h.custom.is_none());
    }
    hits
}

fn check_site(cx: &mut CellContext<'_>, site: &Site, seen: &mut Seen) {
    let text = site.text();
    for mut hit in hits(cx, text.expose()) {
        // A shared access signature is of no use without the rights that it signs, and as a text of its own in code it is there
        // to be used, as in a credential position.
        if is_signature(text.expose()) {
            hit.range = 0..text.len();
            hit.alone = if site.in_comment { hit.alone } else { hit.placed };
        }
        let whole = hit.range == (0..text.len());
        let value = Secret::from(&text.expose()[hit.range.clone()]);
        if let Some(located) = site.locate(hit.range.clone()) {
            if seen.insert(Place { cell: located.cell, span: located.span }) {
                let slot = Slot { cell: located.cell, literal: located.literal, credential: located.span };
                let plan = Plan::SecretReference { slot, hint: hint_of(&hit), place: shared::target(site) };
                let span = if whole { located.literal } else { located.span };
                report(cx, Place { cell: located.cell, span }, &hit, &value, Some(plan));
            }
            continue;
        }
        // Put together from pieces: from the first to the last.
        let ends = (site.locate(hit.range.start..hit.range.start + 1), site.locate(hit.range.end - 1..hit.range.end));
        let (Some(a), Some(b)) = ends else { continue };
        if a.cell == b.cell && a.span.start < b.span.end && a.cell == cx.index as u32 {
            let (a, b) = if whole { (a.literal, b.literal) } else { (a.span, b.span) };
            let place = Place { cell: cx.index as u32, span: Span { start: a.start, end: b.end } };
            if seen.insert(place) {
                let slot = |l: &Located| Slot { cell: l.cell, literal: l.literal, credential: l.span };
                let pieces = site.fragments(hit.range.clone()).filter(|parts| parts.len() > 1 && !site.in_comment);
                let plan = pieces.map(|parts| Plan::JoinedReference {
                    slots: parts.iter().map(slot).collect(),
                    hint: hint_of(&hit),
                });
                report(cx, place, &hit, &value, plan);
            }
        }
    }
}

/// The token with the quotes around it, when it is all that they hold.
fn quoted(text: &str, span: Span) -> Span {
    let bytes = text.as_bytes();
    let quote = (span.start as usize).checked_sub(1).and_then(|i| bytes.get(i));
    match quote {
        Some(b'"' | b'\'') if bytes.get(span.end as usize) == quote => {
            Span { start: span.start - 1, end: span.end + 1 }
        }
        _ => span,
    }
}

fn article(name: &str) -> &'static str {
    if name.starts_with(['A', 'E', 'I', 'O', 'U', 'a', 'e', 'i', 'o']) || name.starts_with("npm") { "an" } else { "a" }
}

/// Groups of many services: what the format is called says which one it is.
const MANY: &[&str] =
    &["ai-api-key", "aws-key", "azure-key", "chat-token", "gcp-key", "package-registry-token", "saas-token"];

fn hint_of(hit: &TokenHit) -> NameHint {
    let group = hit.custom.as_ref().map_or(GROUPS[hit.group].1, |c| c.name());
    let name = hit.name().to_lowercase();
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
    let own = words.collect::<Vec<_>>().join("-");
    let name = match MANY.contains(&group) {
        // The name that everybody knows it under.
        true if own.contains("shared-access-signature") => "sas-token",
        true => &own,
        false => group,
    };
    let purpose = match group {
        "azure-key" if name == "sas-token" => "storage",
        "aws-key" | "azure-key" | "gcp-key" => group.split('-').next().unwrap_or(group),
        _ => name.split('-').next().unwrap_or("app"),
    };
    NameHint { purpose: purpose.to_owned(), key: name.to_owned() }
}

fn report(cx: &mut CellContext<'_>, place: Place, hit: &TokenHit, value: &Secret, plan: Option<Plan>) {
    let meta = if hit.custom.is_some() { &CUSTOM } else { &METAS[hit.group] };
    let name = hit.name();
    let (message, rest) = match &hit.note {
        Some(doubt) if hit.lowered => (format!("this looks like {} {name}, but {doubt}", article(name)), None),
        note => shared::fitted(note.as_deref(), None, |facts| match facts {
            "" => format!("{name} is written in the text"),
            facts => format!("{name} ({facts}) is written in the text"),
        }),
    };
    let help = match hit.lowered {
        true => "delete it, and revoke it if it was ever real",
        false => "revoke it and read the new one from a secret scope",
    };
    let help = rest.map_or_else(|| help.to_owned(), |rest| format!("{rest}; {help}"));
    let mut severity = meta.severity.min(hit.alone);
    if hit.lowered {
        severity = severity.lowered();
    }
    if shared::is_test(cx.path) {
        severity = severity.lowered();
        // Test certificates and their keys lie in files of their own.
        if meta.code == "CS712" && is_key_file(cx.path) {
            severity = severity.lowered();
        }
    }
    let plan = plan.unwrap_or_else(|| Plan::Advice { title: "Delete it here and revoke it".into() });
    cx.report(
        Finding::literal(meta, place, value, cx.settings.hash_key, message)
            .help(help)
            .severity(severity)
            .confidence(hit.confidence)
            .subject(name)
            .plan(plan),
    );
}

fn is_key_file(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| matches!(end, "pem" | "key" | "crt" | "cert" | "p8"))
}

/// Rules that [`TokenRule`] reports beside its own.
pub fn others() -> impl Iterator<Item = &'static RuleMeta> {
    METAS.iter().skip(1).chain([&CUSTOM])
}

const fn meta(code: &'static str, name: &'static str, summary: &'static str, docs: &'static str) -> RuleMeta {
    RuleMeta {
        code,
        name,
        summary,
        docs,
        severity: Severity::Error,
        fix: FixKind::SecretReference,
        anchors: Anchors::CredentialWords,
        precedence: 40,
        cwe: &[798],
        since: "0.1.0",
    }
}

/// In the order of [`GROUPS`].
pub static METAS: &[RuleMeta] = &[
    meta("CS701", "databricks-token", "Databricks token in a text", include_str!("token/databricks_token.md")),
    meta("CS702", "json-web-token", "JSON web token in a text", include_str!("token/json_web_token.md")),
    meta("CS703", "aws-key", "AWS credential in a text", include_str!("token/aws_key.md")),
    meta("CS704", "azure-key", "Azure key, signature or client secret in a text", include_str!("token/azure_key.md")),
    meta("CS705", "gcp-key", "Google Cloud credential in a text", include_str!("token/gcp_key.md")),
    meta("CS706", "github-token", "GitHub token in a text", include_str!("token/github_token.md")),
    meta(
        "CS707",
        "package-registry-token",
        "token of a package registry in a text",
        include_str!("token/package_registry_token.md"),
    ),
    meta("CS708", "gitlab-token", "GitLab token in a text", include_str!("token/gitlab_token.md")),
    meta(
        "CS709",
        "chat-token",
        "Slack, Teams or workflow token or webhook in a text",
        include_str!("token/chat_token.md"),
    ),
    meta("CS710", "ai-api-key", "key of an AI service in a text", include_str!("token/ai_api_key.md")),
    meta("CS711", "saas-token", "token of another service in a text", include_str!("token/saas_token.md")),
    meta("CS712", "private-key", "private key or key store in a text", include_str!("token/private_key.md")),
    meta("CS713", "url-password", "password in a URL in a text", include_str!("token/url_password.md")),
    meta(
        "CS714",
        "authorization-header",
        "credential in an authorization header in a text",
        include_str!("token/authorization_header.md"),
    ),
];

/// Formats of the configuration.
pub static CUSTOM: RuleMeta =
    meta("CS790", "custom-token", "token of a configured format in a text", include_str!("token/custom_token.md"));
