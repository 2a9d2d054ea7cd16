use crate::{
    context::CellContext,
    fix,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
    value::SlotKind,
};

pub static META: RuleMeta = RuleMeta {
    code: "CS104",
    name: "jdbc-url",
    summary: "plaintext credential in a JDBC URL",
    docs: include_str!("jdbc_url.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 82,
    cwe: &[798, 522],
    since: "0.1.0",
};

pub struct JdbcUrl;

impl CellRule for JdbcUrl {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for (i, site) in sites.iter().enumerate() {
            for slot in cx.slots(i).iter().filter(|s| s.kind == SlotKind::JdbcUrl) {
                let driver = if slot.scheme.is_empty() { "JDBC" } else { &slot.scheme };
                let mut hit =
                    Hit::part(site, slot.range.clone(), key(&slot.key), format!("password in the {driver} JDBC URL"));
                hit.host.clone_from(&slot.host);
                hit.user.clone_from(&slot.user);
                hit.plan = fix::url::plan(cx, i, slot);
                shared::report(cx, &META, hit);
            }
        }
    }
}

fn key(key: &str) -> &str {
    if key == "userinfo" { "password" } else { key }
}
