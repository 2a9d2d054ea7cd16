//! Commands and definitions that make the secrets exist. None holds a value.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use credscope_linter::fix::{Form, SecretName, Store, Variable, identifier};

use super::{Named, Record, Secrets, Variables};

fn scopes(by: &Secrets) -> Vec<&str> {
    let mut scopes: Vec<&str> = by.keys().filter(|n| n.unity.is_none()).map(|n| n.secret.scope.as_str()).collect();
    scopes.dedup();
    scopes
}

fn of_scope<'a>(by: &'a Secrets, scope: &str) -> impl Iterator<Item = (&'a Named, &'a Vec<Record>)> {
    by.iter().filter(move |(n, _)| n.unity.is_none() && n.secret.scope == scope)
}

fn of_unity(by: &Secrets) -> impl Iterator<Item = (&str, &str, &str, &Vec<Record>)> {
    by.iter().filter_map(|(n, records)| {
        let (catalog, schema) = n.unity.as_ref()?;
        Some((catalog.as_str(), schema.as_str(), n.secret.key.as_str(), records))
    })
}

/// Identifiers that are given once each.
#[derive(Default)]
struct Identifiers(BTreeSet<String>);

impl Identifiers {
    fn of(&mut self, text: &str) -> String {
        let name = identifier(text);
        let mut free = name.clone();
        for number in 2.. {
            if self.0.insert(free.clone()) {
                break;
            }
            free = format!("{name}_{number}");
        }
        free
    }
}

/// A name as a YAML text: `123` and `true` by themselves are none.
fn yaml(name: &str) -> String {
    const WORDS: &[&str] = &["true", "false", "yes", "no", "on", "off", "null", "y", "n", "~"];
    let plain = name.parse::<f64>().is_err()
        && !WORDS.iter().any(|word| name.eq_ignore_ascii_case(word))
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if plain { name.to_owned() } else { format!("\"{name}\"") }
}

/// What a Databricks app needs beside the secret: its configuration names a resource, which names the secret.
fn app_resource(secret: &SecretName, records: &[Record]) -> Option<String> {
    let is_app = |r: &&Record| r.was_moved() && matches!(r.path.rsplit('/').next(), Some("app.yaml" | "app.yml"));
    let place = records.iter().find(is_app)?;
    Some(format!(
        "{}: give the app a resource `{2}` of type secret (scope {}, key {2}, permission READ)",
        place.path, secret.scope, secret.key
    ))
}

/// Where the value was, and that it has to be replaced.
fn story(records: &[Record]) -> String {
    let place = |r: &Record| if r.line == 0 { r.path.clone() } else { format!("{}:{}", r.path, r.line) };
    let places = |moved: bool| {
        let mut places: Vec<String> = records.iter().filter(|r| r.was_moved() == moved).map(place).collect();
        places.sort();
        places.dedup();
        places.join(", ")
    };
    let (was, read) = (places(true), places(false));
    let mut story = match (was.is_empty(), read.is_empty()) {
        (false, true) => format!("was in {was}; rotate it: it stays in the history"),
        (false, false) => format!("was in {was}, is read in {read}; rotate it: it stays in the history"),
        _ => format!("is read in {read}; rotate it if the value stood there before: it stays in the history"),
    };
    if let Some(advice) = records.iter().map(|r| r.form).max().and_then(Form::advice) {
        let _ = write!(story, "; {advice}");
    }
    story
}

pub(super) fn shell(by: &Secrets, variables: &Variables) -> String {
    if by.is_empty() && variables.is_empty() {
        return "# Nothing to store: no fix moves a credential and no code reads a secret.\n".to_owned();
    }
    let mut out = String::from(
        "# Stores the secrets that the code reads. Each put-secret asks for the value.\n# Enter new values: the old ones stay in the history of the files. Leave out scopes that exist.\n",
    );
    for scope in scopes(by) {
        let _ = writeln!(out, "\ndatabricks secrets create-scope {scope}");
        for (named, records) in of_scope(by, scope) {
            let _ = writeln!(out, "# {}", story(records));
            let _ = writeln!(out, "databricks secrets put-secret {scope} {}", named.secret.key);
            if let Some(resource) = app_resource(&named.secret, records) {
                let _ = writeln!(out, "# {resource}");
            }
        }
        let _ = writeln!(out, "databricks secrets put-acl {scope} GROUP READ  # the group that runs the code");
    }
    for (catalog, schema, key, records) in of_unity(by) {
        let _ = writeln!(
            out,
            "\n# {}\n# {key}.json names the secret `{key}` in `{catalog}.{schema}` and holds the value: delete it afterwards.\ndatabricks secrets-uc create-secret --json @{key}.json\n# Then grant READ SECRET on {catalog}.{schema}.{key} to the group that runs the code.",
            story(records)
        );
    }
    // The secrets that fixes gave to variables, by the finding.
    let mut behind: BTreeMap<&str, &SecretName> = BTreeMap::new();
    for (named, records) in by.iter().filter(|(named, _)| named.unity.is_none()) {
        behind.extend(records.iter().filter(|r| r.was_moved()).map(|r| (r.finding.as_str(), &named.secret)));
    }
    for (variable, records) in variables {
        let name = &variable.name;
        let _ = writeln!(out, "\n# {}", story(records));
        let secret = records.iter().find_map(|r| behind.get(r.finding.as_str()));
        let _ = match variable.store {
            Store::Terraform => writeln!(out, "read -rs TF_VAR_{name} && export TF_VAR_{name}  # where Terraform runs"),
            Store::GitHub => writeln!(out, "gh secret set {name}"),
            Store::AzurePipelines => {
                writeln!(out, "# Azure Pipelines: add the secret variable {name} to the pipeline or a variable group")
            }
            Store::GitLab => {
                writeln!(out, "# GitLab: add the masked variable {name} under Settings > CI/CD > Variables")
            }
            Store::Jenkins => {
                writeln!(out, "# Jenkins: add the secret text {name} under Manage Jenkins > Credentials")
            }
            Store::Environment if records.iter().all(is_code) => {
                let (scope, key) = secret.map_or(("SCOPE", "KEY"), |s| (&s.scope, &s.key));
                writeln!(out, "# cluster: spark_env_vars {name} with the value {{{{secrets/{scope}/{key}}}}}")
            }
            Store::Environment => writeln!(out, "read -rs {name} && export {name}  # where it is started"),
        };
    }
    out
}

/// Whether a variable is needed by code that a cluster runs: the shell cells of a notebook.
fn is_code(record: &Record) -> bool {
    let ending = record.path.rsplit_once('.').map_or("", |(_, ending)| ending);
    ["py", "scala", "sql", "r", "ipynb"].iter().any(|e| ending.eq_ignore_ascii_case(e))
}

/// Variables of other systems, for formats that cannot set them.
fn elsewhere(variables: &Variables) -> String {
    let line = |(variable, records): (&_, &Vec<Record>)| {
        let Variable { store, name } = variable;
        format!("# {} variable {name}: {}\n", store.name(), story(records))
    };
    variables.iter().map(line).collect()
}

pub(super) fn terraform(by: &Secrets, variables: &Variables) -> String {
    let mut out = String::new();
    let (mut scope_ids, mut names) = (Identifiers::default(), Identifiers::default());
    let scopes: Vec<(&str, String, String)> = scopes(by)
        .into_iter()
        .map(|scope| {
            let id = scope_ids.of(scope);
            let readers = names.of(&format!("{id}_readers"));
            (scope, id, readers)
        })
        .collect();
    for (scope, id, readers) in scopes {
        let _ = writeln!(out, "resource \"databricks_secret_scope\" \"{id}\" {{\n  name = \"{scope}\"\n}}\n");
        let _ = writeln!(
            out,
            "resource \"databricks_secret_acl\" \"{id}_read\" {{\n  scope      = databricks_secret_scope.{id}.name\n  principal  = var.{readers}\n  permission = \"READ\"\n}}\n\nvariable \"{readers}\" {{\n  type = string\n}}\n"
        );
        for (named, records) in of_scope(by, scope) {
            let name = names.of(&format!("{scope}_{}", named.secret.key));
            let _ = writeln!(out, "# {}", story(records));
            let _ = writeln!(
                out,
                "variable \"{name}\" {{\n  type      = string\n  sensitive = true\n}}\n\nresource \"databricks_secret\" \"{name}\" {{\n  scope        = databricks_secret_scope.{id}.name\n  key          = \"{}\"\n  string_value = var.{name}\n}}\n",
                named.secret.key
            );
        }
    }
    for (catalog, schema, key, records) in of_unity(by) {
        let name = names.of(&format!("{catalog}_{schema}_{key}"));
        let _ = writeln!(
            out,
            "# {}\nvariable \"{name}\" {{\n  type      = string\n  sensitive = true\n}}\n\nresource \"databricks_secret_uc\" \"{name}\" {{\n  catalog_name = \"{catalog}\"\n  schema_name  = \"{schema}\"\n  name         = \"{key}\"\n  value        = var.{name}\n}}\n",
            story(records)
        );
    }
    // `variable` blocks are part of the fix where Terraform holds the value.
    out.push_str(&elsewhere(variables));
    out
}

pub(super) fn bundle(by: &Secrets, variables: &Variables) -> String {
    let mut out = String::from(
        "# Scopes for a bundle. A bundle holds no values: run the put-secret commands below.\nresources:\n",
    );
    let scopes = scopes(by);
    if !scopes.is_empty() {
        out.push_str("  secret_scopes:\n");
    }
    let mut ids = Identifiers::default();
    for scope in scopes {
        let _ = writeln!(
            out,
            "    {}:\n      name: {}\n      permissions:\n        - group_name: GROUP # the group that runs the code\n          level: READ",
            yaml(&ids.of(scope)),
            yaml(scope)
        );
    }
    let unity: Vec<_> = of_unity(by).collect();
    let mut ids = Identifiers::default();
    let several = |key: &str| unity.iter().filter(|(_, _, k, _)| identifier(k) == identifier(key)).count() > 1;
    let names: Vec<String> = unity
        .iter()
        .map(|(catalog, schema, key, _)| match several(key) {
            true => ids.of(&format!("{catalog}_{schema}_{key}")),
            false => ids.of(key),
        })
        .collect();
    if !unity.is_empty() {
        out.push_str("  secrets:\n");
    }
    for ((catalog, schema, key, records), id) in unity.iter().zip(&names) {
        let _ = writeln!(
            out,
            "    # {}\n    {}:\n      catalog_name: {}\n      schema_name: {}\n      name: {}\n      value: ${{var.{id}}}",
            story(records),
            yaml(id),
            yaml(catalog),
            yaml(schema),
            yaml(key)
        );
    }
    if !unity.is_empty() {
        out.push_str("variables:\n");
    }
    for ((_, _, key, _), id) in unity.iter().zip(&names) {
        let _ = writeln!(out, "  {}: # set BUNDLE_VAR_{id}\n    description: value of the secret {key}", yaml(id));
    }
    for (named, records) in by.iter().filter(|(n, _)| n.unity.is_none()) {
        let _ = writeln!(
            out,
            "# databricks secrets put-secret {} {}  # {}",
            named.secret.scope,
            named.secret.key,
            story(records)
        );
        if let Some(resource) = app_resource(&named.secret, records) {
            let _ = writeln!(out, "# {resource}");
        }
    }
    out.push_str(&elsewhere(variables));
    out
}
