use super::{FixOf, Report, looks_real, position, report_at, report_positions};
use crate::{
    catalog::{confs, options},
    context::CellContext,
    model::Role,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared,
    value::{SlotKind, tokens},
};
use position::Place;

pub static META: RuleMeta = RuleMeta {
    code: "CS320",
    name: "job-param-secret",
    summary: "plaintext secret in a parameter of a job or task",
    docs: include_str!("job_param_secret.md"),
    severity: Severity::Error,
    fix: FixKind::Display,
    anchors: Anchors::CredentialWords,
    precedence: 81,
    cwe: &[798, 214],
    since: "0.1.0",
};

pub struct JobParamSecret;

impl CellRule for JobParamSecret {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        report_positions(cx, &META, |cx, _, position, text| {
            let name = &position.name;
            if position.place != Place::JobParameter {
                return None;
            }
            let named = (position::is_secret(name) || options::is_secret(name) || confs::is_secret(name))
                && looks_real(cx.settings, name, text);
            (named || tokens::describe(text, cx.settings).is_some())
                .then(|| Report::new(format!("parameter `{name}` of the job"), advice(name)))
        });
        arguments(cx);
    }
}

fn advice(name: &str) -> FixOf {
    let name = if name.is_empty() { "secret" } else { name };
    FixOf::Advice(format!("Pass the names `{name}_scope` and `{name}_key` and read the secret in the code"))
}

/// Nothing reads a conf by its name: it is set where references are expanded.
fn conf_advice(name: &str) -> FixOf {
    FixOf::Advice(format!("Set `{name}` in the cluster's `spark_conf` as {{{{secrets/scope/key}}}}"))
}

/// `--password x`, `--password=x`, `--conf key=x` in a list of arguments.
fn arguments(cx: &mut CellContext<'_>) {
    for (index, position) in cx.positions().iter() {
        let sites = cx.sites;
        let site = &sites[*index];
        let (Place::JobArgument, Role::Property(property)) = (position.place, &site.role) else { continue };
        let text = site.text();
        let text = text.expose();
        // `--conf=key=x`: the flag and its value in one.
        let flag = ["--conf=", "-c="].into_iter().find(|flag| text.starts_with(flag)).unwrap_or("");
        let before = match flag.strip_suffix('=') {
            Some(flag) => flag.to_owned(),
            None => position::item_before(property).unwrap_or_default(),
        };
        let (name, start) = if let Some((key, _)) = text[flag.len()..].split_once('=')
            && (key.starts_with('-') || before == "--conf" || before == "-c" || key.contains('.') || is_word(key))
        {
            (key.trim_start_matches('-').to_owned(), flag.len() + key.len() + 1)
        } else if before.starts_with('-') && !before.contains('=') && !text.starts_with('-') {
            (before.trim_start_matches('-').to_owned(), 0)
        } else {
            (String::new(), 0)
        };
        let value = &text[start..];
        if !crate::value::slots(value).is_empty() {
            document(cx, *index);
            continue;
        }
        let named = !name.is_empty()
            && (position::is_secret(&name.replace('-', "_")) || confs::is_secret(&name))
            && looks_real(cx.settings, &name, value);
        if named || tokens::describe(value, cx.settings).is_some() {
            let shown = if name.is_empty() { "of the job".to_owned() } else { format!("`{name}` of the job") };
            let conf = before == "--conf" || name.contains('.');
            let fix = if conf { conf_advice(&name) } else { advice(&name) };
            let report = Report::new(format!("argument {shown}"), fix);
            report_at(cx, &META, site, start..text.len(), &name, report);
        }
    }
}

/// A document as an argument: `{"db": {"password": "x"}}`.
fn document(cx: &mut CellContext<'_>, index: usize) {
    let site = &cx.sites[index];
    for slot in cx.slots(index).iter().filter(|s| s.kind == SlotKind::EmbeddedDocument) {
        let value = shared::hit_text(site, Some(&slot.range));
        let named = position::is_secret(&slot.key) && looks_real(cx.settings, &slot.key, value.expose());
        if named {
            let what = format!("`{}` in an argument of the job", slot.key);
            report_at(cx, &META, site, slot.range.clone(), &slot.key, Report::new(what, advice(&slot.key)));
        }
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}
