use crate::{
    catalog::sql as table,
    context::CellContext,
    model::Role,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
    value::{
        SlotKind,
        names::{NameVerdict, verdict},
        plausible::implausible,
    },
};

use super::{header, sql};

pub static META: RuleMeta = RuleMeta {
    code: "CS126",
    name: "sql-http-request",
    summary: "plaintext credential in a request made by SQL",
    docs: include_str!("sql_http_request.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 84,
    cwe: &[798],
    since: "0.1.0",
};

pub struct SqlHttpRequest;

impl CellRule for SqlHttpRequest {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    /// `http_request(headers => map('Authorization', 'Bearer …'))`, `remote_query(password => '…')`.
    fn check(&self, cx: &mut CellContext<'_>) {
        let requests = sql::calls(cx.facts, table::REQUESTS);
        if requests.is_empty() {
            return;
        }
        let sites = cx.sites;
        for (i, site) in sites.iter().enumerate() {
            if !requests.iter().any(|span| span.contains(site.at.span)) {
                continue;
            }
            let Some(name) = name_of(site) else { continue };
            let headers: Vec<_> = cx.slots(i).iter().filter(|s| s.kind == SlotKind::Header).cloned().collect();
            for slot in &headers {
                let what = format!("{} token of the request", slot.key);
                shared::report(cx, &META, Hit::part(site, slot.range.clone(), "authorization", what));
            }
            let text = site.text();
            if headers.is_empty()
                && (header::is_key_header(&name) || verdict(&name) == NameVerdict::Secret)
                && implausible(text.expose()).is_none()
                && !shared::has_slots(cx, i)
            {
                shared::report(cx, &META, Hit::whole(site, &name, format!("`{name}` of the request")));
            }
        }
    }
}

/// Named argument, or the key before a value in `map(key, value, key, value)`.
fn name_of(site: &crate::model::Site) -> Option<String> {
    match &site.role {
        Role::Argument(a) => match (&a.keyword, a.index) {
            (Some(keyword), _) => Some(keyword.to_string()),
            (None, Some(index)) if index % 2 == 1 && a.method.as_ref() == "map" => {
                a.positional(index as usize - 1).map(|k| k.expose().to_owned())
            }
            _ => None,
        },
        Role::Entry { key, .. } => Some(key.to_string()),
        Role::Property(p) => Some(p.key().to_owned()),
        _ => None,
    }
}
