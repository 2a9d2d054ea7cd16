use super::{FixOf, Report, looks_real, position, report_positions};
use crate::{
    context::CellContext,
    model::{Role, Site},
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    settings::Extensions,
    value::{
        placeholder,
        plausible::{Implausible, implausible},
    },
};
use credscope_grammars::dialect::ConfigPlace;
use position::Place;

pub static META: RuleMeta = RuleMeta {
    code: "CS340",
    name: "tf-plain",
    summary: "plaintext credential in a Terraform file",
    docs: include_str!("tf_plain.md"),
    severity: Severity::Error,
    fix: FixKind::Unsafe,
    anchors: Anchors::CredentialWords,
    precedence: 89,
    cwe: &[798],
    since: "0.1.0",
};

pub struct TerraformPlain;

impl CellRule for TerraformPlain {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        report_positions(cx, &META, |cx, site, position, text| {
            let name = &position.name;
            match position.place {
                Place::Terraform => {
                    // Endpoints of destinations are secrets only when they carry a token.
                    if name == "url" && !(text.contains("hooks.") || text.contains("webhook")) {
                        return None;
                    }
                    // `gcpsm://…`, `/ssm/prod/db`: where it is kept.
                    if matches!(implausible(text), Some(Implausible::Path | Implausible::Url)) {
                        return None;
                    }
                    let fix = if in_backend(site) {
                        FixOf::Advice(
                            "Leave it out and give it with -backend-config or a variable of the environment".into(),
                        )
                    } else {
                        FixOf::Place(ConfigPlace::TerraformVariable, variable(site, name))
                    };
                    Some(Report::new(format!("`{name}`, which is kept in the state, too,"), fix))
                }
                // `default = ["secret1", "secret2"]`: names.
                Place::TerraformVariable if is_item(site) && is_counted(text) => None,
                Place::TerraformVariable if looks_real(cx.settings, name, text) => Some(Report::new(
                    format!("default of the variable `{name}`"),
                    FixOf::Advice(format!("Drop the default, add `sensitive = true` and set TF_VAR_{name}")),
                )),
                _ => None,
            }
        });
    }
}

fn is_item(site: &Site) -> bool {
    matches!(&site.role, Role::Property(p) if p.key().parse::<u32>().is_ok())
}

/// A word that stands in for a value, with a number.
fn is_counted(text: &str) -> bool {
    let word = text.trim_end_matches(|c: char| c.is_ascii_digit());
    word.len() < text.len() && placeholder(word, &Extensions::default()).is_some()
}

/// Name of the variable: provider or resource name, then the attribute.
fn variable(site: &Site, attribute: &str) -> String {
    let Role::Property(p) = &site.role else { return attribute.to_owned() };
    let path: Vec<&str> = p.path.iter().map(|k| &**k).filter(|k| k.parse::<u32>().is_err()).collect();
    match path.as_slice() {
        ["provider", provider, ..] => format!("{provider}_{attribute}"),
        ["resource", _, name, ..] if *name != "this" => format!("{name}_{attribute}"),
        _ => attribute.to_owned(),
    }
}

/// `terraform { backend … }`: no variable may stand there.
fn in_backend(site: &Site) -> bool {
    matches!(&site.role, Role::Property(p) if p.path.first().is_some_and(|key| &**key == "terraform"))
}
