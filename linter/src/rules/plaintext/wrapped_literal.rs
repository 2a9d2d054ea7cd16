use crate::{
    catalog::{clients, confs, options},
    context::CellContext,
    model::{Role, Site},
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
    value::plausible::implausible,
};

pub static META: RuleMeta = RuleMeta {
    code: "CS110",
    name: "wrapped-literal",
    summary: "encoding or encrypting a literal does not hide it",
    docs: include_str!("wrapped_literal.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 60,
    cwe: &[798],
    since: "0.1.0",
};

pub struct WrappedLiteral;

/// Calls that only change how a literal looks (catalog CS110).
const WRAPPERS: &[&str] =
    &["b64decode", "standard_b64decode", "urlsafe_b64decode", "decodestring", "fromhex", "unhexlify", "a2b_base64"];

impl CellRule for WrappedLiteral {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for (i, site) in sites.iter().enumerate() {
            let Role::Argument(a) = &site.role else { continue };
            if a.index != Some(0) {
                continue;
            }
            let text = site.text();
            if a.method.as_ref() == "encrypt" && a.callee.contains("EventHubsUtils") {
                if !shared::has_slots(cx, i) && implausible(text.expose()).is_none() {
                    shared::report(
                        cx,
                        &META,
                        Hit::whole(site, "connection-string", "connection string inside `encrypt`"),
                    );
                }
            } else if (WRAPPERS.contains(&a.method.as_ref()) || clients::is_decoder(&a.callee))
                && text.len() >= 12
                && under_secret_name(cx, i)
            {
                shared::report(
                    cx,
                    &META,
                    Hit::whole(site, "encoded-secret", format!("value that `{}` only encodes", a.method)),
                );
            }
        }
    }
}

/// Whether the decoded value is bound to a secret-like name (the statement's line says so), or reaches an option, property or
/// conf of a credential.
fn under_secret_name(cx: &CellContext<'_>, index: usize) -> bool {
    let Role::Argument(a) = &cx.sites[index].role else { return false };
    let literal = cx.sites[index].literal();
    let is_keyed = |site: &Site| match &site.role {
        Role::Argument(a) if a.index == Some(1) => {
            a.positional(0).is_some_and(|key| options::is_secret(key.expose()) || confs::is_secret(key.expose()))
        }
        Role::Argument(a) => a.keyword.as_deref().is_some_and(options::is_secret),
        _ => false,
    };
    if cx.sites.iter().any(|site| site.literal() == literal && is_keyed(site)) {
        return true;
    }
    let Some(before) = cx.cell.text.get(..a.call.span.start as usize) else { return false };
    let line = before.rsplit('\n').next().unwrap_or("");
    let Some((target, _)) = line.split_once(['=', ':']) else { return false };
    let name = target.trim().rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
    crate::value::names::verdict(name) == crate::value::NameVerdict::Secret
}
