use credscope_grammars::facts::Verb;

use crate::{
    catalog::sql as table,
    context::CellContext,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
};

use super::sql;

pub static META: RuleMeta = RuleMeta {
    code: "CS121",
    name: "create-connection",
    summary: "plaintext credential in CREATE CONNECTION",
    docs: include_str!("create_connection.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: sql::PRECEDENCE,
    cwe: &[798],
    since: "0.1.0",
};

pub struct CreateConnection;

impl CellRule for CreateConnection {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    /// `CREATE CONNECTION … OPTIONS (password '…')`, also ALTER.
    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for (i, site) in sites.iter().enumerate() {
            let Some((property, Verb::CreateConnection)) = sql::option(site) else { continue };
            let key = property.key();
            let extended = crate::catalog::is_extended(&cx.settings.extend.options, key);
            if (table::is_secret_option(key) || extended) && !shared::has_slots(cx, i) {
                shared::report(cx, &META, Hit::whole(site, key, format!("connection option `{key}`")));
            }
        }
    }
}
