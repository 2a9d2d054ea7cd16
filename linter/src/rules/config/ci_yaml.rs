use super::{FixOf, Report, fix_of, looks_real, position, report_at, report_positions};
use crate::{
    context::CellContext,
    finding::{Finding, Place as At},
    fix::Plan,
    model::{Role, Site},
    recognise::{Ci, DocumentKind, has_secrets},
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared,
};
use credscope_grammars::{
    CellFacts, Span,
    dialect::ConfigPlace,
    facts::{Command, Embedded, ExprKind, StrPart},
};
use position::Place;

pub static META: RuleMeta = RuleMeta {
    code: "CS350",
    name: "ci-yaml",
    summary: "plaintext secret, or a secret that is printed, in a CI pipeline",
    docs: include_str!("ci_yaml.md"),
    severity: Severity::Error,
    fix: FixKind::Unsafe,
    anchors: Anchors::CredentialWords,
    precedence: 90,
    cwe: &[798, 532],
    since: "0.1.0",
};

pub struct CiYaml;

impl CellRule for CiYaml {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        report_positions(cx, &META, |cx, site, position, text| {
            if position.place != Place::Ci || !looks_real(cx.settings, &position.name, text) {
                return None;
            }
            let name = &position.name;
            let fix = fix_at(cx, site, name);
            let mut report = Report::new(format!("`{name}` of the pipeline"), fix);
            // Databases that a job starts for itself.
            if shared::is_default(text) {
                report.severity = Some(Severity::Info);
            }
            Some(report)
        });
        if !matches!(cx.kind(), Some(DocumentKind::Ci(_))) {
            return;
        }
        configure(cx);
        set_variables(cx);
        let facts = cx.facts;
        for embedded in &facts.embedded {
            commands(cx, embedded);
        }
    }
}

/// What takes a value's place, as far as anything may stand there.
fn fix_at(cx: &CellContext<'_>, site: &Site, name: &str) -> FixOf {
    let Role::Property(property) = &site.role else { return fix_of(cx.kind(), name) };
    match cx.kind() {
        Some(DocumentKind::Ci(Ci::GitHub)) if !has_secrets(&property.path) => FixOf::Advice(format!(
            "Leave it out here: GitHub fills no secrets in, hand `{name}` in from the `env:` or `secrets:` of a job"
        )),
        Some(DocumentKind::Ci(Ci::Azure)) if is_variable_of_azure(cx, site) => undeclared(name),
        Some(DocumentKind::Ci(Ci::Jenkins)) if property.path.first().is_some_and(|key| &**key == "environment") => {
            FixOf::Place(ConfigPlace::Jenkins, name.to_owned())
        }
        kind => fix_of(kind, name),
    }
}

/// A variable that the file of an Azure pipeline declares. It wins over the pipeline's own of that name: `X: $(X)` is itself.
fn is_variable_of_azure(cx: &CellContext<'_>, site: &Site) -> bool {
    let declared = || matches!(&site.role, Role::Property(p) if p.path.iter().any(|key| matches!(&**key, "variables" | "parameters")));
    cx.kind() == Some(DocumentKind::Ci(Ci::Azure)) && declared()
}

fn undeclared(name: &str) -> FixOf {
    FixOf::Advice(format!(
        "Delete the line, keep `{name}` as a secret variable of the pipeline, and hand it to its steps with `env:`"
    ))
}

/// `databricks configure --token <<< "…"`.
fn configure(cx: &mut CellContext<'_>) {
    let sites = cx.sites;
    for site in sites {
        let Role::Command(command) = &site.role else { continue };
        let text = site.text();
        let value = text.expose().trim();
        if &*command.program == "databricks"
            && command.index.is_none()
            && command.variable.is_none()
            && command.words.iter().any(|w| w.expose() == "configure")
            && looks_real(cx.settings, "token", value)
        {
            let start = text.expose().find(value).unwrap_or(0);
            let report = Report::new("token given to `databricks configure`", fix_of(cx.kind(), "DATABRICKS_TOKEN"));
            report_at(cx, &META, site, start..start + value.len(), "token", report);
        }
    }
}

/// `echo "##vso[task.setvariable variable=apiToken]…"`.
fn set_variables(cx: &mut CellContext<'_>) {
    const MARK: &str = "##vso[task.setvariable ";
    let sites = cx.sites;
    for site in sites {
        let Role::Command(command) = &site.role else { continue };
        let text = site.text();
        let text = text.expose();
        let Some(start) = text.find(MARK).filter(|_| command.index.is_some()) else { continue };
        let Some((settings, value)) = text[start + MARK.len()..].split_once(']') else { continue };
        let Some(name) = settings.split(';').find_map(|s| s.trim().strip_prefix("variable=")) else { continue };
        let value = value.trim_end();
        if position::is_secret(name) && looks_real(cx.settings, name, value) {
            let end = start + MARK.len() + settings.len() + 1;
            let report = Report::new(format!("`{name}` of the pipeline"), undeclared(name));
            report_at(cx, &META, site, end..end + value.len(), name, report);
        }
    }
}

/// `echo "$DATABRICKS_TOKEN"`.
fn commands(cx: &mut CellContext<'_>, embedded: &Embedded) {
    let text = embedded.text.expose();
    let is_azure = cx.kind() == Some(DocumentKind::Ci(Ci::Azure));
    for command in &embedded.facts.commands {
        let program = command.words.first().map_or("", |w| w.span.of(text));
        let span = |span: Span| embedded.map.to_source(span);
        if matches!(program, "echo" | "printf" | "cat") && !command.piped && command.redirects.is_empty() {
            let masks = command.words.iter().any(|w| {
                let word = w.span.of(text);
                let lower = word.to_ascii_lowercase();
                word.contains("::add-mask::") || word.contains("##vso[") && lower.contains("issecret=true")
            });
            let found = command.words.iter().skip(1).find_map(|w| {
                let found = secret_in(&embedded.facts, text, command, w.span);
                Some((w.span, found.or_else(|| macro_in(w.span.of(text)).filter(|_| is_azure))?))
            });
            if let Some((word, name)) = found
                && !masks
            {
                let message = format!("the pipeline prints `{name}`");
                let help = "CI masks only the unchanged value; leave it out or test that it is set";
                let place = At { cell: cx.index as u32, span: span(word) };
                let finding = Finding::at(&META, place, message).help(help).subject(name);
                cx.report(finding.plan(Plan::Advice { title: "Delete the line".into() }));
            }
        }
    }
}

/// `$(dbPassword)`: Azure Pipelines fills it in before a shell sees the line.
fn macro_in(word: &str) -> Option<String> {
    word.split("$(").skip(1).find_map(|rest| {
        let (name, _) = rest.split_once(')')?;
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
        (plain && position::is_secret(name)).then(|| name.to_owned())
    })
}

/// The variable in a word that is named like a secret, or a CI secret filled in by a template.
fn secret_in(facts: &CellFacts, text: &str, command: &Command, word: Span) -> Option<String> {
    let word = command.words.iter().find(|w| w.span == word)?;
    let written = word.span.of(text);
    if let Some(at) = written.find("secrets.") {
        let name: String = written[at + 8..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if written[..at].contains("{{") && !name.is_empty() {
            return Some(format!("secrets.{name}"));
        }
    }
    word.value.parts.iter().find_map(|part| match part {
        StrPart::Hole { expr, .. } => match &facts.expr(*expr).kind {
            // `echo "passed: $PASS"`
            ExprKind::Name(name) if position::is_secret(name) && !name.eq_ignore_ascii_case("pass") => {
                Some(name.to_string())
            }
            _ => None,
        },
        StrPart::Text { .. } => None,
    })
}
