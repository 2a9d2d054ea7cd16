use super::{FixOf, Report, Role, Site, looks_real, position, report_positions};
use crate::{
    catalog::confs,
    context::CellContext,
    recognise::DocumentKind,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::{plaintext::conf_literal::java_options, shared},
    value::{self, bare::holds_none, plausible::implausible},
};
use credscope_grammars::{dialect::ConfigPlace, facts::PropertyValue};
use position::Place;

pub static META: RuleMeta = RuleMeta {
    code: "CS301",
    name: "spark-conf-plain",
    summary: "plaintext credential in a Spark conf of a cluster, job, pipeline or conf file",
    docs: include_str!("spark_conf_plain.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 86,
    cwe: &[798],
    since: "0.1.0",
};

pub struct SparkConfPlain;

impl CellRule for SparkConfPlain {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        report_positions(cx, &META, |cx, site, position, text| {
            let key = &position.name;
            let extended = crate::catalog::is_extended(&cx.settings.extend.options, key);
            if position.place != Place::SparkConf || !(extended || position::is_secret_conf(key)) {
                return None;
            }
            let fix = match cx.kind() {
                Some(DocumentKind::Terraform) => FixOf::Place(ConfigPlace::TerraformReference, key.clone()),
                Some(DocumentKind::SparkConf) | Some(DocumentKind::Other) if !is_cluster_conf(cx.path) => {
                    FixOf::Advice(
                        "Set it as `{{secrets/scope/key}}` in the Spark conf of the cluster or job instead".into(),
                    )
                }
                _ if is_written_by_script(cx, site) => FixOf::Advice(
                    "Set it as `{{secrets/scope/key}}` in the Spark conf of the cluster: a script writes the braces themselves"
                        .into(),
                ),
                _ => FixOf::Braces,
            };
            if confs::is_whole(key) && !value::slots(text).is_empty() {
                return holds_credential(cx, text).then(|| Report::new(format!("conf `{}`", short(key)), fix));
            }
            // What Hive ships with for its own Derby.
            let shipped = text == "mine" && key.ends_with("ConnectionPassword");
            let word = text.to_ascii_lowercase();
            let class = !text.contains(' ') && (word.starts_with("org.apache.") || word.starts_with("com.databricks."));
            let listed = confs::is_listed(key);
            if class
                || matches!(word.as_str(), "true" | "false")
                || !(listed || extended || looks_real(cx.settings, key, text))
            {
                return None;
            }
            // A path or the name of a provider under a listed key.
            if listed && matches!(implausible(text), Some(crate::value::plausible::Implausible::Path)) {
                return None;
            }
            // Credentials in it are looked for by the rules about URLs.
            if holds_none(text) {
                return None;
            }
            let mut report = Report::new(format!("conf `{}`", short(key)), fix);
            if confs::is_identifier(key) {
                report.severity = Some(Severity::Warning);
            }
            if shipped || is_local_metastore(cx, key, text) {
                report.severity = Some(Severity::Info);
            }
            Some(report)
        });
        for (index, position) in cx.positions().iter() {
            if position.place == Place::SparkConf && confs::holds_java_options(&position.name) {
                java_options(cx, &META, *index, &position.name);
            }
        }
    }
}

/// Whether a line of a file that a script writes, where nothing expands references. Definitions of clusters and jobs that it
/// sends have their conf below `spark_conf`.
fn is_written_by_script(cx: &CellContext<'_>, site: &Site) -> bool {
    !cx.facts.commands.is_empty()
        && matches!(&site.role, Role::Property(p) if !p.path.iter().any(|key| matches!(&**key, "spark_conf" | "configuration")))
}

/// The password of a metastore on this machine that is called like its user, or as tutorials call it.
fn is_local_metastore(cx: &CellContext<'_>, key: &str, text: &str) -> bool {
    let Some(head) = key.strip_suffix("ConnectionPassword") else { return false };
    let beside = |name: &str| {
        let property = cx.facts.properties.iter().find(|p| p.dotted() == format!("{head}{name}"))?;
        match &property.value {
            PropertyValue::Str(lit) => lit.plain(),
            _ => None,
        }
    };
    let is_user = beside("ConnectionUserName").is_some_and(|user| user.expose() == text);
    let url = beside("ConnectionURL");
    let host = url.and_then(|url| value::slots::host(url.expose()));
    (is_user || shared::is_default(text)) && host.is_some_and(|host| shared::is_local(&host))
}

/// Whether a credential in a longer value is real. Development defaults of a local host are told by the rules about URLs.
fn holds_credential(cx: &CellContext<'_>, text: &str) -> bool {
    value::slots(text).iter().any(|slot| {
        let value = text.get(slot.range.clone()).unwrap_or("");
        value::placeholder(value, &cx.settings.extend).is_none() && !slot.host.as_deref().is_some_and(shared::is_local)
    })
}

/// Confs that a cluster reads with `{{secrets/…}}` expanded: the property lines of a cluster's Spark config.
fn is_cluster_conf(path: &str) -> bool {
    path.to_ascii_lowercase().ends_with(".conf")
}

/// A key may name a storage account: shown, but not without end.
fn short(key: &str) -> String {
    if key.chars().count() <= 80 { key.to_owned() } else { format!("{}…", key.chars().take(79).collect::<String>()) }
}
