use credscope_grammars::facts::Verb;

use crate::{
    catalog::sql as table,
    context::CellContext,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
    value::SlotKind,
};

use super::sql;

pub static META: RuleMeta = RuleMeta {
    code: "CS123",
    name: "copy-into",
    summary: "plaintext credential in COPY INTO",
    docs: include_str!("copy_into.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: sql::PRECEDENCE,
    cwe: &[798],
    since: "0.1.0",
};

pub struct CopyInto;

impl CellRule for CopyInto {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    /// `WITH (CREDENTIAL (AWS_SECRET_KEY = '…'))`, `ENCRYPTION (MASTER_KEY = '…')`, `CREDENTIAL = (SECRET = '…')`.
    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for (i, site) in sites.iter().enumerate() {
            let key = match (sql::option(site), sql::clause(site)) {
                (Some((p, Verb::CopyInto)), _) => p.key().to_owned(),
                (_, Some((word, _, Verb::CopyInto))) => word.to_ascii_uppercase(),
                _ => continue,
            };
            // `CREDENTIALS 'aws_access_key_id=…;aws_secret_access_key=…'` of Redshift.
            if matches!(&*key, "CREDENTIALS" | "CREDENTIAL" | "AS") {
                pairs(cx, i);
                continue;
            }
            let identifier = table::is_identifier(&key);
            if !(identifier || table::is_secret_clause(&key) || table::is_secret_option(&key))
                || shared::has_slots(cx, i)
            {
                continue;
            }
            let mut hit = Hit::whole(site, &key, format!("`{key}` of COPY INTO"));
            if identifier {
                hit.severity = Some(Severity::Warning);
            }
            shared::report(cx, &META, hit);
        }
    }
}

/// Credentials among the pairs of one text.
fn pairs(cx: &mut CellContext<'_>, index: usize) {
    let site = &cx.sites[index];
    for slot in cx.slots(index).iter().filter(|slot| slot.kind == SlotKind::ConnectionString) {
        let hit = Hit::part(site, slot.range.clone(), &slot.key, format!("`{}` of COPY", slot.key));
        shared::report(cx, &META, hit);
    }
}
