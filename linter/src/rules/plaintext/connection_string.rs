use crate::{
    context::CellContext,
    fix,
    model::Role,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::{
        config::position,
        shared::{self, Hit},
    },
    value::{
        SlotKind,
        names::is_machine_made,
        plausible::{implausible, is_wordy},
    },
};

pub static META: RuleMeta = RuleMeta {
    code: "CS108",
    name: "connection-string",
    summary: "plaintext credential in a connection string or URL",
    docs: include_str!("connection_string.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 80,
    cwe: &[798, 522],
    since: "0.1.0",
};

/// Shortest password of a URL of any scheme, in bytes.
const MIN_USERINFO: usize = 4;

pub struct ConnectionString;

impl CellRule for ConnectionString {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for (i, site) in sites.iter().enumerate() {
            // Words of a shell command have rules of their own.
            if matches!(site.role, Role::Command(_)) {
                continue;
            }
            // `PASSWORD=x` in a list of variables or arguments is no connection string.
            let is_pair = position::is_pair(cx, i);
            for slot in cx.slots(i).iter() {
                if is_pair && slot.kind == SlotKind::ConnectionString {
                    continue;
                }
                let listed = slot.kind == SlotKind::ConnectionString
                    && (is_list(site.text().expose()) || is_dsn(site.text().expose()));
                // `"pw=" + password`: a text about a constant, which has a finding of its own.
                if slot.kind == SlotKind::ConnectionString
                    && !listed
                    && site
                        .locate(slot.range.clone())
                        .is_some_and(|l| l.cell != site.at.cell || !site.at.span.contains(l.literal))
                {
                    continue;
                }
                let text = shared::hit_text(site, Some(&slot.range));
                let what = match slot.kind {
                    // Catalog T38: shorter ones stand in examples. T37 has another length.
                    SlotKind::UserInfo if text.len() < MIN_USERINFO && !slot.scheme.starts_with("mongodb") => {
                        continue;
                    }
                    SlotKind::UserInfo => format!("password in the {} URL", slot.scheme),
                    SlotKind::ConnectionString if listed || is_real(&slot.key, text.expose()) => {
                        format!("`{}` in the connection string", slot.key)
                    }
                    SlotKind::Jaas => format!("`{}` in the JAAS configuration", slot.key),
                    SlotKind::QueryString if text.len() >= 6 && implausible(text.expose()).is_none() => {
                        format!("`{}` in the URL's query", slot.key)
                    }
                    SlotKind::EmbeddedDocument
                        if is_real(&slot.key, text.expose()) && !shared::is_number(text.expose()) =>
                    {
                        format!("`{}` in the text", slot.key)
                    }
                    _ => continue,
                };
                let key = if slot.kind == SlotKind::UserInfo { "password" } else { &slot.key };
                let mut hit = Hit::part(site, slot.range.clone(), key, what);
                hit.host.clone_from(&slot.host);
                hit.user.clone_from(&slot.user);
                hit.plan = fix::url::plan(cx, i, slot);
                shared::report(cx, &META, hit);
            }
        }
    }
}

/// Two pairs, or an address and a pair, that `;` or `&` parts: the position says that the value is a credential.
fn is_list(text: &str) -> bool {
    text.contains([';', '&']) && (text.matches('=').count() >= 2 || text.contains("://"))
}

/// `host=h dbname=d user=u password=p`: blanks part the pairs, and one of them says where the database is.
fn is_dsn(text: &str) -> bool {
    const PLACES: &[&str] = &["host", "hostaddr", "dbname", "port", "sslmode", "service", "server", "database"];
    let mut pairs = text.split_ascii_whitespace().filter_map(|pair| pair.split_once('='));
    pairs.any(|(key, _)| PLACES.contains(&key.to_ascii_lowercase().trim_start_matches(['"', '\''])))
}

/// Whether a value that only a name speaks for can be a credential.
fn is_real(key: &str, value: &str) -> bool {
    implausible(value).is_none() && !(is_machine_made(key) && is_wordy(value))
}
