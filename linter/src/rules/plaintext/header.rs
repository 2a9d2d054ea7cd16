use std::ops::Range;

use credscope_grammars::facts::ExprKind;

use crate::{
    context::CellContext,
    finding::Place,
    model::{Argument, Role, Site},
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
    "x-api-key", "api-key", "ocp-apim-subscription-key", "x-vault-token", "private-token", "dd-api-key",
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
            if let Role::Argument(a) = &site.role
                && let Some(password) = encoded_pair(cx, a, site)
            {
                let mut hit = Hit::part(site, password.clone(), "password", "password of the Basic header");
                hit.user = Some(0..password.start - 1);
                shared::report(cx, &META, hit);
                continue;
            }
            let name = match &site.role {
                Role::Entry { key, .. } => key.to_string(),
                Role::Bind { name, .. } => name.to_string(),
                // `setHeader(name, value)`; `map(name, value, name, value)` of SQL.
                Role::Argument(a) if a.index.is_some_and(|n| n == 1 || n % 2 == 1 && a.method.as_ref() == "map") => {
                    a.positional(a.index.unwrap_or(1) as usize - 1).map(|k| k.expose().to_owned()).unwrap_or_default()
                }
                // `addHeader(name = "…", value = "…")`
                Role::Argument(a)
                    if a.is_parameter(1, &["value", "val"]) && a.method.to_ascii_lowercase().contains("header") =>
                {
                    a.parameter(0, &["name", "key", "header"]).map(|k| k.expose().to_owned()).unwrap_or_default()
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
            // A variable of such a name is no header.
            let variable = matches!(&site.role, Role::Bind { name, path }
                if path == name || path.strip_prefix("self.") == Some(&**name));
            if !variable
                && (is_key_header(&lower) || lower == "apikey" && is_among_headers(site))
                && implausible(site.text().expose()).is_none()
                && !shared::has_slots(cx, i)
            {
                shared::report(cx, &META, Hit::whole(site, &name, format!("header `{name}`")));
            }
        }
    }
}

/// Whether the position says that it is a header, for names that parameters and options have, too.
fn is_among_headers(site: &Site) -> bool {
    const OTHERS: &[&str] = &["content-type", "accept", "authorization", "user-agent", "prefer"];
    match &site.role {
        Role::Argument(a) => a.method.to_ascii_lowercase().contains("header"),
        Role::Bind { path, .. } => path.to_ascii_lowercase().contains("header"),
        Role::Entry { siblings, .. } => siblings.iter().any(|(k, _)| OTHERS.contains(&&*k.to_ascii_lowercase())),
        _ => false,
    }
}

/// Calls that write their argument in base64.
const ENCODERS: &[&str] = &[
    "b64encode", "standard_b64encode", "urlsafe_b64encode", "encodebytes", "encodeToString", "encodeBase64",
    "encodeBase64String", "base64encode", "base64_encode",
];

/// The password in `"Basic " + b64encode(b"user:…")`: its bytes in the site's text. Calls that encode in some way need
/// the scheme beside them.
fn encoded_pair(cx: &CellContext<'_>, a: &Argument, site: &Site) -> Option<Range<usize>> {
    let named = ENCODERS.contains(&&*a.method);
    if a.index != Some(0) || !(named || matches!(&*a.method, "encode" | "base64")) {
        return None;
    }
    let text = site.text();
    let text = text.expose();
    let (user, password) = text.split_once(':')?;
    let user_like = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '@' | '\\' | crate::value::HOLE);
    let is_pair = !user.is_empty()
        && user.chars().all(user_like)
        && !password.contains(crate::value::HOLE)
        && password.len() >= 4
        && !password.contains(char::is_whitespace)
        && implausible(password).is_none()
        && !password.bytes().all(|b| b.is_ascii_digit() || b == b':');
    if !is_pair || !(beside_scheme(cx, a.call) || named && !is_wordy(password)) {
        return None;
    }
    Some(user.len() + 1..text.len())
}

/// Whether `Basic ` stands in the expression around a call.
fn beside_scheme(cx: &CellContext<'_>, call: Place) -> bool {
    let Some(cell) = cx.document.cells.get(call.cell as usize) else { return false };
    let start = cx
        .facts
        .exprs
        .iter()
        .filter(|e| {
            e.span.contains(call.span)
                && matches!(e.kind, ExprKind::Concat(_) | ExprKind::Str(_) | ExprKind::Format { .. })
        })
        .map(|e| e.span.start)
        .min();
    start.is_some_and(|start| {
        let before = cell.text.get(start as usize..call.span.start as usize).unwrap_or("");
        before.to_ascii_lowercase().contains("basic ")
    })
}
