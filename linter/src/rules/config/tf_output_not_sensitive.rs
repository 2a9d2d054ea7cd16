use super::position;
use crate::{
    catalog::config_fields::TERRAFORM_SECRETS,
    context::CellContext,
    finding::{Finding, Place},
    fix::{Applicability, CellEdit, Plan},
    recognise::DocumentKind,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
};
use credscope_grammars::{
    Span,
    facts::{Property, PropertyValue, StrPart},
};

pub static META: RuleMeta = RuleMeta {
    code: "CS341",
    name: "tf-output-not-sensitive",
    summary: "Terraform output of a secret without sensitive = true",
    docs: include_str!("tf_output_not_sensitive.md"),
    severity: Severity::Warning,
    fix: FixKind::Safe,
    anchors: Anchors::CredentialWords,
    precedence: 5,
    cwe: &[532],
    since: "0.1.0",
};

pub struct TerraformOutput;

impl CellRule for TerraformOutput {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        if cx.kind() != Some(DocumentKind::Terraform) {
            return;
        }
        let facts = cx.facts;
        let outputs: Vec<&Property> = facts
            .properties
            .iter()
            .filter(|p| p.path.len() >= 3 && &*p.path[0] == "output" && &*p.path[2] == "value")
            .collect();
        let mut reported: Vec<&str> = Vec::new();
        for property in outputs {
            let name = &*property.path[1];
            let Some(secret) = secret_in(cx, property) else { continue };
            let sensitive = facts.properties.iter().find(|p| {
                p.path.len() == 3 && &*p.path[0] == "output" && &*p.path[1] == name && &*p.path[2] == "sensitive"
            });
            let on =
                sensitive.is_some_and(|p| matches!(&p.value, PropertyValue::Const(c) if c.text.expose() == "true"));
            if on || reported.contains(&name) {
                continue;
            }
            reported.push(name);
            let message = format!("the output `{name}` shows `{secret}` in every plan and log");
            let place = Place { cell: cx.index as u32, span: property.value_span };
            let value = facts
                .properties
                .iter()
                .find(|p| p.path.len() == 3 && p.group == outer_group(facts, name) && p.key() == "value")
                .unwrap_or(property);
            let edits = edits(cx, value, sensitive);
            let mut finding = Finding::at(&META, place, message).help("mark it `sensitive = true`").subject(name);
            if let Some(edits) = edits {
                finding = finding.plan(Plan::Edit {
                    title: "Add `sensitive = true`".into(),
                    applicability: Applicability::Safe,
                    edits,
                });
            }
            cx.report(finding);
        }
    }
}

fn outer_group(facts: &credscope_grammars::CellFacts, name: &str) -> u32 {
    facts.properties.iter().find(|p| p.path.len() == 3 && &*p.path[1] == name).map_or(0, |p| p.group)
}

/// The secret that a value refers to, as written.
fn secret_in(cx: &CellContext<'_>, property: &Property) -> Option<String> {
    match &property.value {
        PropertyValue::Reference(text) => secret_reference(text),
        PropertyValue::Str(lit) => lit.parts.iter().find_map(|part| match part {
            StrPart::Hole { span, .. } => {
                secret_reference(span.of(&cx.cell.text).trim_start_matches(['$', '{']).trim_end_matches('}').trim())
            }
            // The JSON form.
            StrPart::Text { value, .. } => value
                .expose()
                .split("${")
                .skip(1)
                .find_map(|rest| secret_reference(rest.split('}').next().unwrap_or(rest).trim())),
        }),
        _ => None,
    }
}

fn secret_reference(text: &str) -> Option<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']' | '*' | '"');
    text.split(|c: char| !is_part(c)).filter(|w| !w.is_empty()).find_map(|word| {
        let parts: Vec<&str> = word.split('.').map(|p| p.split('[').next().unwrap_or(p)).collect();
        let resource = match parts.as_slice() {
            ["data", rest @ ..] => rest,
            all => all,
        };
        let secret = match resource {
            ["var", name, ..] => position::is_secret(name),
            // All of a resource, its secrets among them.
            [kind @ ("databricks_token" | "databricks_obo_token" | "databricks_service_principal_secret"), _] => {
                !kind.is_empty()
            }
            [kind, _, .., attribute] => TERRAFORM_SECRETS.iter().any(|(k, a)| k == kind && a == attribute),
            _ => false,
        };
        secret.then(|| word.to_owned())
    })
}

/// A line `sensitive = true` behind the value's, or `true` in place of `false`.
fn edits(cx: &CellContext<'_>, value: &Property, sensitive: Option<&Property>) -> Option<Vec<CellEdit>> {
    let cell = cx.index as u32;
    if let Some(property) = sensitive {
        let place = Place { cell, span: property.value_span };
        return Some(vec![CellEdit { place, text: "true".into() }]);
    }
    let text = &cx.cell.text;
    let end = value.value_span.end as usize;
    // As JSON: `"value": x`.
    if text[value.key_span.end as usize..value.value_span.start as usize].contains(':') {
        let place = Place { cell, span: Span::new(end, end) };
        return Some(vec![CellEdit { place, text: ", \"sensitive\": true".into() }]);
    }
    let line = text[..value.key_span.start as usize].rfind('\n').map_or(0, |i| i + 1);
    let indent = &text[line..value.key_span.start as usize];
    if let Some(edits) = one_line(cell, text, value.key_span.start as usize, (line, end)) {
        return Some(edits);
    }
    if !indent.trim().is_empty() || text[end..].split('\n').next()?.contains('}') {
        return None;
    }
    // Aligned with `value`, as `terraform fmt` does.
    let gap = text[value.key_span.end as usize..].split('=').next().map_or(1, str::len);
    let pad = " ".repeat((value.key_span.len() + gap).saturating_sub("sensitive".len()).max(1));
    // Behind a comment on the line.
    let rest = text[end..].split('\n').next().unwrap_or("").trim_end_matches('\r');
    let end = if rest.trim_start().starts_with(['#', '/']) { end + rest.len() } else { end };
    let place = Place { cell, span: Span::new(end, end) };
    Some(vec![CellEdit { place, text: format!("\n{indent}sensitive{pad}= true") }])
}

/// `output "x" { value = … }`: a block on one line has one attribute, so that it becomes several.
fn one_line(cell: u32, text: &str, key: usize, (line, end): (usize, usize)) -> Option<Vec<CellEdit>> {
    let head = text[line..key].trim_end();
    let open = line + head.strip_suffix('{').map(|_| head.len())?;
    let rest = text[end..].split('\n').next()?;
    let close = end + rest.find('}').filter(|at| rest[..*at].trim().is_empty())?;
    let indent: String = text[line..].chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    let edit = |span: Span, text: String| CellEdit { place: Place { cell, span }, text };
    Some(vec![
        edit(Span::new(open, key), format!("\n{indent}  ")),
        edit(Span::new(end, close), format!("\n{indent}  sensitive = true\n{indent}")),
    ])
}
