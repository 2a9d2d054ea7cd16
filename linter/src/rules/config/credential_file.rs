use super::{FixOf, Report, fix_of, looks_real, plain, position, report_at, report_positions};
use crate::{
    context::CellContext,
    fix::Plan,
    model::{Role, Site},
    recognise::DocumentKind,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared,
    value::{SlotKind, tokens},
};
use credscope_grammars::facts::PropertyValue;
use position::Place;

pub static META: RuleMeta = RuleMeta {
    code: "CS330",
    name: "credential-file",
    summary: "file of credentials among the sources",
    docs: include_str!("credential_file.md"),
    severity: Severity::Error,
    fix: FixKind::Display,
    anchors: Anchors::CredentialWords,
    precedence: 95,
    cwe: &[798, 312],
    since: "0.1.0",
};

pub struct CredentialFile;

impl CellRule for CredentialFile {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        report_positions(cx, &META, |cx, site, position, text| {
            let Place::CredentialFile(what) = position.place else { return None };
            let name = &position.name;
            // Maven's own encryption; the account that everybody may log in with.
            let encrypted = what.starts_with("Maven") && text.starts_with('{') && text.ends_with('}');
            if encrypted || beside(site, "login") == Some("anonymous") {
                return None;
            }
            // Keys of the file's own table hold a credential whatever it looks like; a path is none.
            let listed = matches!(cx.kind(), Some(DocumentKind::Credentials(file)) if file.holds(name));
            if matches!(cx.kind(), Some(DocumentKind::Credentials(file)) if file.holds_urls()) {
                return None;
            }
            let path = text.starts_with(['/', '~']) && !text.contains('=') && text.len() < 100;
            let real = if listed { !path && !text.contains("://") } else { looks_real(cx.settings, name, text) };
            if !real {
                return None;
            }
            let fix = match cx.kind() {
                Some(DocumentKind::Dbt) => fix_of(cx.kind(), name),
                Some(DocumentKind::Credentials(_)) if cx.path.ends_with(".tfvars") => FixOf::Advice(format!(
                    "Set TF_VAR_{} where Terraform runs, and keep the file out of version control",
                    variable(site).unwrap_or(name)
                )),
                _ => FixOf::Advice("Keep the file out of version control and use a secret of the CI system".into()),
            };
            let mut report = Report::new(format!("`{name}` in the {what}"), fix);
            if name.to_ascii_lowercase().contains("access_key_id") {
                report.severity = Some(Severity::Warning);
            }
            let local = match cx.kind() {
                Some(DocumentKind::Dbt) => is_local(cx, position),
                _ => shared::is_default(text) && host_of_account(site).is_some_and(shared::is_local),
            };
            if local && tokens::describe(text, cx.settings).is_none() {
                report.severity = Some(Severity::Info);
            }
            Some(report)
        });
        urls(cx);
        settings(cx);
    }
}

/// The variable of Terraform that a value is a part of.
fn variable(site: &Site) -> Option<&str> {
    let Role::Property(p) = &site.role else { return None };
    p.path.first().map(|key| &**key)
}

/// Text of the field beside a value.
fn beside<'s>(site: &'s Site, key: &str) -> Option<&'s str> {
    let Role::Property(p) = &site.role else { return None };
    p.siblings.iter().find(|(k, _)| &**k == key)?.1.as_ref().map(|text| text.expose())
}

/// `.pgpass` and `.netrc`: accounts stand below their host.
fn host_of_account(site: &Site) -> Option<&str> {
    let Role::Property(p) = &site.role else { return None };
    if let [host, _] = &p.path[..] { Some(host) } else { None }
}

/// `host: localhost` beside the password of a dbt profile.
fn is_local(cx: &CellContext<'_>, position: &position::Position) -> bool {
    cx.positions().iter().filter(|(_, p)| p == position).any(|(i, _)| match &cx.sites[*i].role {
        crate::model::Role::Property(p) => p
            .siblings
            .iter()
            .any(|(k, v)| &**k == "host" && v.as_ref().is_some_and(|v| crate::rules::shared::is_local(v.expose()))),
        _ => false,
    })
}

/// URLs with a password in a file that says where packages come from.
fn urls(cx: &mut CellContext<'_>) {
    let Some(DocumentKind::Credentials(_)) = cx.kind() else { return };
    let sites = cx.sites;
    for (index, position) in cx.positions().iter() {
        let Place::CredentialFile(what) = position.place else { continue };
        // Package indexes have a rule of their own.
        if what.starts_with("pip") {
            continue;
        }
        for slot in cx.slots(*index).iter().filter(|s| s.kind == SlotKind::UserInfo) {
            let report = Report::new(
                format!("password in the URL of `{}` in the {what}", position.name),
                FixOf::Advice("Leave the password out; a keyring or a variable of the CI system holds it".into()),
            );
            report_at(cx, &META, &sites[*index], slot.range.clone(), &position.name, report);
        }
    }
}

/// `auth_storage = plaintext`: tokens are kept in a file.
fn settings(cx: &mut CellContext<'_>) {
    let Some(DocumentKind::Credentials(_)) = cx.kind() else { return };
    let facts = cx.facts;
    for property in &facts.properties {
        let PropertyValue::Str(lit) = &property.value else { continue };
        if property.key() == "auth_storage" && lit.plain().is_some_and(|v| v.expose() == "plaintext") {
            let message = "the CLI keeps its tokens in a plaintext file".to_owned();
            let finding = plain(cx, &META, property.value_span, message, "auth_storage")
                .help("use the operating system's keyring");
            let title = "Delete this line: the default is the keyring".into();
            cx.report(finding.severity(Severity::Warning).plan(Plan::Advice { title }));
        }
    }
}
