use credscope_grammars::facts::Verb;

use crate::{
    catalog::sql as table,
    context::CellContext,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
    value::bare::holds_none,
};

use super::sql;

pub static META: RuleMeta = RuleMeta {
    code: "CS122",
    name: "create-table-using-jdbc",
    summary: "plaintext credential in the options of a SQL table or view",
    docs: include_str!("create_table_using_jdbc.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: sql::PRECEDENCE,
    cwe: &[798],
    since: "0.1.0",
};

pub struct CreateTableUsingJdbc;

impl CellRule for CreateTableUsingJdbc {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    /// `CREATE TABLE … USING jdbc OPTIONS (password '…')` and every other option list of a statement.
    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for (i, site) in sites.iter().enumerate() {
            let Some((property, verb)) = sql::option(site) else { continue };
            if matches!(verb, Verb::CreateConnection | Verb::CopyInto | Verb::CreateUser) {
                continue;
            }
            let key = property.key();
            let extended = crate::catalog::is_extended(&cx.settings.extend.options, key);
            let switch = matches!(site.text().expose().to_ascii_lowercase().as_str(), "true" | "false");
            if (table::is_secret_option(key) || crate::catalog::confs::is_secret(key) || extended)
                && !switch
                && !shared::has_slots(cx, i)
                && !holds_none(site.text().expose())
            {
                shared::report(cx, &META, Hit::whole(site, key, format!("option `{key}` of the SQL statement")));
            }
        }
    }
}
