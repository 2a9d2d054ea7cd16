use crate::{
    context::CellContext,
    model::Role,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
    value::{
        SlotKind,
        plausible::{implausible, is_wordy},
    },
};

pub static META: RuleMeta = RuleMeta {
    code: "CS107",
    name: "header",
    summary: "plaintext credential in an HTTP header",
    docs: include_str!("header.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 78,
    cwe: &[798],
    since: "0.1.0",
};

pub struct Header;

/// Headers whose whole value is a credential, lower case (catalog CS107).
const KEY_HEADERS: &[&str] = &[
    "x-api-key", "api-key", "apikey", "ocp-apim-subscription-key", "x-vault-token", "private-token", "dd-api-key",
    "dd-application-key", "x-amz-security-token", "x-auth-token", "x-functions-key", "x-access-token",
    "authorization-token", "x-auth-key", "x-databricks-token", "x-rapidapi-key", "x-goog-api-key", "job-token",
    "x-snowflake-token",
];

pub fn is_key_header(name: &str) -> bool {
    KEY_HEADERS.contains(&name.to_ascii_lowercase().as_str())
}

impl CellRule for Header {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for (i, site) in sites.iter().enumerate() {
            if matches!(site.role, Role::Command(_)) {
                continue;
            }
            let name = match &site.role {
                Role::Entry { key, .. } => key.to_string(),
                Role::Bind { name, .. } => name.to_string(),
                // `setHeader(name, value)`; `map(name, value, name, value)` of SQL.
                Role::Argument(a) if a.index.is_some_and(|n| n == 1 || n % 2 == 1 && a.method.as_ref() == "map") => {
                    a.positional(a.index.unwrap_or(1) as usize - 1).map(|k| k.expose().to_owned()).unwrap_or_default()
                }
                Role::Argument(a) => a.keyword.as_deref().unwrap_or("").to_owned(),
                _ => String::new(),
            };
            let lower = name.to_ascii_lowercase();
            for slot in cx.slots(i).iter().filter(|s| s.kind == SlotKind::Header) {
                let text = shared::hit_text(site, Some(&slot.range));
                // `Bearer x` says what it is; a lone `token x` needs a header's name.
                let sure = lower.contains("auth")
                    || slot.key.eq_ignore_ascii_case("bearer")
                    || slot.key.eq_ignore_ascii_case("basic");
                if sure && text.len() >= 8 && implausible(text.expose()).is_none() && !is_wordy(text.expose()) {
                    let what = format!(
                        "{} token of the `{}` header",
                        slot.key,
                        if lower.contains("auth") { &name } else { "Authorization" }
                    );
                    shared::report(cx, &META, Hit::part(site, slot.range.clone(), "authorization", what));
                }
            }
            if is_key_header(&lower) && implausible(site.text().expose()).is_none() && !shared::has_slots(cx, i) {
                shared::report(cx, &META, Hit::whole(site, &name, format!("header `{name}`")));
            }
        }
    }
}
