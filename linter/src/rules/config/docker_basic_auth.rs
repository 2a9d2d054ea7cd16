use super::{FixOf, Report, position, report_positions};
use crate::{
    context::CellContext,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
};
use position::Place;

pub static META: RuleMeta = RuleMeta {
    code: "CS304",
    name: "docker-basic-auth",
    summary: "plaintext password of a container registry in a cluster's docker_image",
    docs: include_str!("docker_basic_auth.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 67,
    cwe: &[798],
    since: "0.1.0",
};

pub struct DockerBasicAuth;

impl CellRule for DockerBasicAuth {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        report_positions(cx, &META, |_, _, position, _| {
            (position.place == Place::DockerAuth)
                .then(|| Report::new("password of the container registry", FixOf::Braces))
        });
    }
}
