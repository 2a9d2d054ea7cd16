use super::{position, reference_form};
use crate::{
    context::CellContext,
    finding::Finding,
    fix::Plan,
    model::Role,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
};
use position::{EnvironmentOf, Place};

pub static META: RuleMeta = RuleMeta {
    code: "CS303",
    name: "env-var-secret-ref",
    summary: "secret handed to a cluster as an environment variable",
    docs: include_str!("env_var_secret_ref.md"),
    severity: Severity::Info,
    fix: FixKind::Display,
    anchors: Anchors::CredentialWords,
    precedence: 5,
    cwe: &[526],
    since: "0.1.0",
};

pub struct EnvVarSecretRef;

impl CellRule for EnvVarSecretRef {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        for (index, position) in cx.positions().iter() {
            let site = &cx.sites[*index];
            if position.place != Place::Environment(EnvironmentOf::Cluster)
                || !matches!(site.role, Role::Property(_))
                || !reference_form::is_reference(site.text().expose())
            {
                continue;
            }
            let name = &position.name;
            let message = format!("the environment variable `{name}` shows a secret to everyone on the cluster");
            let help = "who can attach to the cluster reads its environment; read the secret in the code with dbutils.secrets.get";
            let mut finding = Finding::at(&META, site.at, message).help(help).subject(name.clone());
            if cx.settings.strict {
                finding.severity = Severity::Warning;
            }
            let title = "Read the secret in the code: dbutils.secrets.get(scope, key)".into();
            cx.report(finding.plan(Plan::Advice { title }));
        }
    }
}
