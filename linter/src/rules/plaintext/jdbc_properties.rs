use crate::{
    catalog::options,
    context::CellContext,
    model::Role,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
};

pub static META: RuleMeta = RuleMeta {
    code: "CS101",
    name: "jdbc-properties",
    summary: "plaintext credential in connection properties",
    docs: include_str!("jdbc_properties.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 57,
    cwe: &[798, 259],
    since: "0.1.0",
};

pub struct JdbcProperties;

impl CellRule for JdbcProperties {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    /// `put("password", v)`, `setProperty("password", v)`, and binding `props("password") = v`.
    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for (i, site) in sites.iter().enumerate() {
            let key = match &site.role {
                Role::Argument(a)
                    if a.is_parameter(1, &["value", "v"])
                        && matches!(
                            a.method.as_ref(),
                            "put"
                                | "updated"
                                | "setProperty"
                                | "add"
                                | "update"
                                | "addProperty"
                                | "setConnectionProperty"
                        ) =>
                {
                    a.parameter(0, &["key", "k"]).map(|k| k.expose().to_owned())
                }
                Role::Bind { name, path } if path.to_ascii_lowercase().contains("prop") && path.contains('.') => {
                    Some(name.to_string())
                }
                _ => None,
            };
            let Some(key) = key else { continue };
            if (options::is_secret(&key) || crate::catalog::is_extended(&cx.settings.extend.options, &key))
                && !shared::has_slots(cx, i)
            {
                shared::report(cx, &META, Hit::whole(site, &key, format!("connection property `{key}`")));
            }
        }
    }
}
