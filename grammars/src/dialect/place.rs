//! References that are not `{{secrets/…}}`: what Terraform, CI systems, dbt, compose files and apps put in place of a
//! literal.

use super::{Rewrite, Target, config, parts};
use crate::{Language, Span};

/// Where a literal of a configuration document stands, as far as it decides how a reference is written there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConfigPlace {
    /// A `*_plaintext` field of a serving endpoint, whose key stands at `key`: renamed, with a `{{secrets/…}}` value.
    Serving { key: Span },
    /// `var.name`.
    TerraformVariable,
    /// `databricks_secret.name.config_reference`.
    TerraformReference,
    /// `{{secrets/scope/key}}` in a document that stands in a text of Terraform.
    Braces,
    /// `${{ secrets.NAME }}`.
    GitHub,
    /// `$(NAME)`.
    AzurePipelines,
    /// `$NAME`.
    GitLab,
    /// `credentials('name')` of Jenkins.
    Jenkins,
    /// `{{ env_var('DBT_ENV_SECRET_NAME') }}`.
    Dbt,
    /// `${NAME}`.
    Compose,
    /// A word of a script: `"$NAME"`, and `NAME="${NAME:?}"` where the script sets the variable itself.
    Shell,
    /// `value:` of a Databricks App becomes `valueFrom:` (`value_from:` in a bundle), the key stands at `key`.
    App { key: Span, bundle: bool },
}

impl ConfigPlace {
    /// Whether the reference names a secret of a scope; else it names a variable.
    pub fn names_secret(self) -> bool {
        matches!(self, Self::Serving { .. } | Self::TerraformReference | Self::Braces)
    }
}

/// Puts a reference in place of the target's only credential. `name` is the variable.
/// `Err`: why it cannot be done mechanically, as advice.
pub fn rewrite_place(
    language: Language,
    text: &str,
    target: Target<'_>,
    place: ConfigPlace,
    name: &str,
) -> Result<Rewrite, String> {
    let parts = parts(text, target.literal);
    let [part] = target.parts else { return Err("give each credential a key of its own".to_owned()) };
    let whole = target.whole(&parts).is_some();
    let only = |text: String| {
        if whole { Ok(vec![(target.literal, text)]) } else { Err("give the credential a key of its own".to_owned()) }
    };
    // Inside a longer text the reference takes the credential's place; alone it keeps the quotes.
    let inside = |new: String| match parts.quote {
        "" if language == Language::Yaml && is_in_flow(text, target.literal) => {
            quoted(text, target.literal, part.credential, &new).map(|new| vec![(target.literal, new)])
        }
        _ => Ok(vec![(if whole { parts.inner } else { part.credential }, new)]),
    };
    let edits = match place {
        ConfigPlace::Braces => return config::rewrite(Language::Json, text, target),
        ConfigPlace::Serving { key } => {
            let mut rewrite = config::rewrite(language, text, target)?;
            let written = key.of(text);
            let Some(at) = written.rfind("_plaintext") else { return Err("rename the field".to_owned()) };
            let start = key.start as usize + at;
            rewrite.edits.insert(0, (Span::new(start, start + "_plaintext".len()), String::new()));
            return Ok(rewrite);
        }
        ConfigPlace::TerraformVariable if language == Language::Hcl && whole && parts.quote == "\"" => {
            only(format!("var.{name}"))
        }
        ConfigPlace::TerraformVariable if parts.quote == "\"" => inside(format!("${{var.{name}}}")),
        ConfigPlace::TerraformReference if language == Language::Hcl && whole => {
            only(format!("databricks_secret.{name}.config_reference"))
        }
        ConfigPlace::TerraformReference => inside(format!("${{databricks_secret.{name}.config_reference}}")),
        ConfigPlace::TerraformVariable => Err("move the value to a sensitive variable".to_owned()),
        ConfigPlace::GitHub => inside(format!("${{{{ secrets.{name} }}}}")),
        ConfigPlace::AzurePipelines => inside(format!("$({name})")),
        ConfigPlace::GitLab => inside(format!("${name}")),
        ConfigPlace::Shell => {
            let edit = super::shell::variable(text, target.literal, part.credential, name);
            edit.map(|edit| vec![edit])
                .ok_or_else(|| "set it where the script is started, and leave it out here".to_owned())
        }
        ConfigPlace::Compose => inside(format!("${{{name}}}")),
        ConfigPlace::Jenkins => only(format!("credentials('{name}')")),
        ConfigPlace::Dbt => only(format!("\"{{{{ env_var('DBT_ENV_SECRET_{name}') }}}}\"")),
        ConfigPlace::App { key, bundle } => {
            let written = key.of(text);
            let Some(at) = written.find("value") else { return Err("read it from a secret resource".to_owned()) };
            let start = key.start as usize + at;
            let new = if bundle { "value_from" } else { "valueFrom" };
            let mut edits = vec![(Span::new(start, start + "value".len()), new.to_owned())];
            let block = config::block(text, target.literal, part.credential).filter(|_| language == Language::Yaml);
            edits.extend(match block {
                Some(block) => vec![(block, name.to_owned())],
                None => only(format!("{}{name}{}", parts.quote, parts.quote))?,
            });
            Ok(edits)
        }
    }?;
    Ok(Rewrite { edits, ..Rewrite::default() })
}

/// Whether a plain value stands between the brackets of YAML's flow style, where a brace would end it.
fn is_in_flow(text: &str, literal: Span) -> bool {
    text.get(literal.end as usize..).is_some_and(|rest| rest.trim_start().starts_with([',', '}', ']']))
}

/// A plain value with `new` in place of the credential, in quotes.
fn quoted(text: &str, literal: Span, credential: Span, new: &str) -> Result<String, String> {
    let around = |start: u32, end: u32| text.get(start as usize..end as usize).unwrap_or("");
    let value = format!("{}{new}{}", around(literal.start, credential.start), around(credential.end, literal.end));
    if value.contains(['"', '\\', '\n']) { Err("quote the value first".to_owned()) } else { Ok(format!("\"{value}\"")) }
}

/// The block that declares a Terraform variable, to be put behind the last block of a file.
pub fn terraform_variable(name: &str) -> String {
    format!("\nvariable \"{name}\" {{\n  type      = string\n  sensitive = true\n}}\n")
}
