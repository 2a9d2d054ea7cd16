use super::{Report, fix_of_environment, looks_real, position, report_positions};
use crate::{
    catalog::confs,
    context::CellContext,
    model::{PropertySite, Role},
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::{plaintext::conf_literal::java_options, shared},
    value::{development, tokens},
};
use position::{EnvironmentOf, Place};

pub static META: RuleMeta = RuleMeta {
    code: "CS302",
    name: "env-vars-plain",
    summary: "plaintext secret in an environment variable of a cluster, endpoint, app, container or .env file",
    docs: include_str!("env_vars_plain.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 64,
    cwe: &[798, 526],
    since: "0.1.0",
};

pub struct EnvVarsPlain;

impl CellRule for EnvVarsPlain {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        report_positions(cx, &META, |cx, site, position, text| {
            let Place::Environment(of) = position.place else { return None };
            let name = &position.name;
            let named = position::is_secret(name) && looks_real(cx.settings, name, text);
            if !named && tokens::describe(text, cx.settings).is_none() {
                return None;
            }
            let what = format!("environment variable `{name}` {}", of.what());
            let mut report = Report::new(what, fix_of_environment(cx, site, of, name));
            // Development setups ship with passwords for containers beside them.
            let local = matches!(
                of,
                EnvironmentOf::Compose | EnvironmentOf::Kubernetes | EnvironmentOf::DotEnv | EnvironmentOf::Image
            );
            let names =
                |p: &PropertySite| development::repeats(text, p.path.iter().map(|k| &**k).chain([name.as_str()]));
            let named = of == EnvironmentOf::Compose && matches!(&site.role, Role::Property(p) if names(p));
            if local && (shared::is_default(text) || named) {
                report.severity = Some(Severity::Info);
            }
            Some(report)
        });
        for (index, position) in cx.positions().iter() {
            if matches!(position.place, Place::Environment(_)) && confs::holds_java_options(&position.name) {
                java_options(cx, &META, *index, &position.name);
            }
        }
    }
}
