use super::{command::commands, urls};
use crate::{
    catalog::shell,
    context::CellContext,
    model::Role,
    rule::{Anchors, CellRule, Confidence, FixKind, RuleMeta, Severity},
};
use credscope_grammars::facts::PropertyPlace;

pub static META: RuleMeta = RuleMeta {
    code: "CS403",
    name: "pip-index",
    summary: "credential in the address of a package source",
    docs: include_str!("pip_index.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 87,
    cwe: &[798, 522],
    since: "0.1.0",
};

pub struct PipIndex;

const SUBJECT: &str = "package source";

impl CellRule for PipIndex {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for command in commands(sites) {
            if shell::INSTALLERS.contains(&command.program()) {
                urls::report_command(cx, &META, &command, SUBJECT);
            }
            for (name, at) in &command.variables {
                if shell::INDEX_VARIABLES.contains(name) {
                    urls::report(cx, &META, *at, SUBJECT, command.confidence());
                }
            }
        }
        for (at, site) in sites.iter().enumerate() {
            let named = match &site.role {
                Role::Property(p) if p.place == PropertyPlace::Document => {
                    let mut keys = p.path.iter().rev().map(|k| k.to_ascii_lowercase());
                    keys.any(|k| shell::INDEX_KEYS.contains(&k.as_str()))
                        || shell::INDEX_VARIABLES.contains(&p.key())
                        || source(p)
                }
                // `os.environ["PIP_INDEX_URL"] = …`
                Role::Bind { name, .. } => shell::INDEX_VARIABLES.contains(&&**name),
                _ => false,
            };
            if named && site.text().expose().contains("://") {
                urls::report(cx, &META, at, SUBJECT, Confidence::High);
            }
        }
    }
}

/// `[[source]] url = …` of a Pipfile, `[[tool.uv.index]]`, `[[tool.poetry.source]]`.
fn source(property: &crate::model::PropertySite) -> bool {
    let [.., parent, key] = &*property.path else { return false };
    matches!(&**key, "url" | "publish-url") && matches!(&**parent, "source" | "index" | "pypi" | "repository")
}
