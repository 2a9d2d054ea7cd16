use credscope_grammars::facts::PropertyPlace;

use crate::{
    catalog::{confs, options},
    context::CellContext,
    model::Role,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
    value::{
        bare::holds_none,
        names::{NameVerdict, verdict},
        plausible::implausible,
    },
};

use super::{conf_literal, sql};

pub static META: RuleMeta = RuleMeta {
    code: "CS125",
    name: "set-conf",
    summary: "plaintext credential in a SQL SET statement",
    docs: include_str!("set_conf.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: sql::PRECEDENCE,
    cwe: &[798],
    since: "0.1.0",
};

pub struct SetConf;

impl CellRule for SetConf {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    /// `SET fs.s3a.secret.key = …`, in a SQL cell or given to `spark.sql`.
    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for (i, site) in sites.iter().enumerate() {
            let Role::Property(p) = &site.role else { continue };
            if p.place != PropertyPlace::SqlSet {
                continue;
            }
            let key = p.dotted();
            if confs::holds_java_options(&key) {
                conf_literal::java_options(cx, &META, i, &key);
                continue;
            }
            let text = site.text();
            let extended = crate::catalog::is_extended(&cx.settings.extend.options, &key);
            let dotted = key.contains('.') && (options::is_secret(&key) || confs::is_secret(&key));
            let named = verdict(key.rsplit('.').next().unwrap_or(&key)) == NameVerdict::Secret
                && !confs::is_clean(&key)
                && implausible(text.expose()).is_none();
            let switch = matches!(text.expose().to_ascii_lowercase().as_str(), "true" | "false")
                || text.expose().starts_with("org.apache.");
            if !(dotted || named || extended) || switch || shared::has_slots(cx, i) || holds_none(text.expose()) {
                continue;
            }
            let mut hit = Hit::whole(site, &key, format!("conf `{key}`"));
            if confs::is_identifier(&key) {
                hit.severity = Some(Severity::Warning);
            }
            shared::report(cx, &META, hit);
        }
    }
}
