//! Which position a property of a configuration document has: what the value under that path is used for.

use credscope_grammars::facts::PropertyPlace;

use crate::{
    catalog::{config_fields as fields, confs, credential_files::CredentialFile, options},
    context::CellContext,
    model::{PropertySite, Role, Site},
    recognise::DocumentKind,
    value::names::{NameVerdict, verdict, words},
};

/// A value's use, with the name that the use gives it (the conf key, the variable, the parameter).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    pub place: Place,
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    SparkConf,
    Environment(EnvironmentOf),
    /// `docker_image.basic_auth.*`.
    DockerAuth,
    /// `*_plaintext` of a serving endpoint.
    ServingPlaintext,
    /// The field that takes `{{secrets/…}}` instead.
    ServingReference,
    /// `resources.secrets.x.value` of a bundle.
    CatalogSecret,
    BundleVariable,
    JobParameter,
    /// An argument in a list of arguments.
    JobArgument,
    CredentialFile(&'static str),
    Terraform,
    /// `default` of a Terraform variable.
    TerraformVariable,
    /// Environment or input of a CI job.
    Ci,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvironmentOf {
    Cluster,
    Serving,
    App,
    /// `scripts.x.env` of a bundle.
    Script,
    Compose,
    Kubernetes,
    DotEnv,
    Image,
}

impl EnvironmentOf {
    pub fn what(self) -> &'static str {
        match self {
            Self::Cluster => "of the cluster",
            Self::Serving => "of the serving endpoint",
            Self::App => "of the app",
            Self::Script => "of the bundle's script",
            Self::Compose => "of the container",
            Self::Kubernetes => "of the pod",
            Self::DotEnv => "in the .env file",
            Self::Image => "of the image",
        }
    }
}

/// The position of a site; see [`of`]. Documents inside strings of a program have no kind of their own.
pub fn of_site(kind: Option<DocumentKind>, site: &Site) -> Option<Position> {
    match &site.role {
        Role::Property(p) if p.place == PropertyPlace::Document => of(kind.unwrap_or(DocumentKind::Workload), p),
        _ => None,
    }
}

/// The position of a property; `None`: it has none that a rule of this family is about.
pub fn of(kind: DocumentKind, site: &PropertySite) -> Option<Position> {
    // Numbers of list items say nothing.
    let path: Vec<&str> = site.path.iter().map(|k| &**k).filter(|k| k.parse::<u32>().is_err()).collect();
    let last = *path.last()?;
    let is_item = site.path.last().is_some_and(|k| k.parse::<u32>().is_ok());
    let at = |place: Place, name: &str| Some(Position { place, name: name.to_owned() });
    if matches!(kind, DocumentKind::Schema | DocumentKind::Manifest) {
        return None;
    }
    if let Some(found) = databricks(kind, site, &path, is_item) {
        return Some(found);
    }
    match kind {
        DocumentKind::Credentials(file) => credential(file, &path),
        DocumentKind::Dbt => is_secret(last).then(|| at(Place::CredentialFile("dbt profile"), last)).flatten(),
        DocumentKind::Terraform => terraform(site, &path),
        DocumentKind::Ci(_) => ci(site, &path, is_item),
        DocumentKind::DotEnv => environment(EnvironmentOf::DotEnv, last),
        DocumentKind::Dockerfile => environment(EnvironmentOf::Image, last),
        DocumentKind::Compose => within(&path, &["environment"])
            .or_else(|| within(&path, &["args"]).filter(|_| path.contains(&"build")))
            .and_then(|rest| environment(EnvironmentOf::Compose, &pair_name(site, rest, is_item))),
        DocumentKind::Kubernetes if last == "value" && path.len() > 1 && path[path.len() - 2] == "env" => {
            environment(EnvironmentOf::Kubernetes, &sibling(site, "name")?)
        }
        _ => None,
    }
}

/// Positions of the Databricks API, in whatever document they stand.
fn databricks(kind: DocumentKind, site: &PropertySite, path: &[&str], is_item: bool) -> Option<Position> {
    let last = *path.last()?;
    let at = |place: Place, name: String| Some(Position { place, name });
    let api = matches!(kind, DocumentKind::Bundle | DocumentKind::Workload | DocumentKind::Terraform);
    if let Some(key) = policy(path, "spark_conf.") {
        return at(Place::SparkConf, key);
    }
    if let Some(name) = policy(path, "spark_env_vars.") {
        return environment(EnvironmentOf::Cluster, &name);
    }
    if let Some(rest) = within(path, fields::SPARK_CONF)
        && !rest.is_empty()
    {
        return at(Place::SparkConf, rest.join("."));
    }
    if let Some(rest) = within(path, fields::CLUSTER_ENV) {
        return environment(EnvironmentOf::Cluster, &pair_name(site, rest, is_item));
    }
    if api
        && let Some(rest) = within(path, &["configuration"])
        && path.iter().any(|k| matches!(*k, "pipelines" | "databricks_pipeline")) | (path.len() == 2)
        && !rest.is_empty()
    {
        return at(Place::SparkConf, rest.join("."));
    }
    if api && let Some(rest) = within(path, &[fields::SERVING_ENV]) {
        return environment(EnvironmentOf::Serving, &pair_name(site, rest, is_item));
    }
    if policy(path, "docker_image.basic_auth.").is_some_and(|k| k == "password")
        || matches!(path, [.., image, "basic_auth", "password"] if image.ends_with("docker_image"))
    {
        return at(Place::DockerAuth, "password".into());
    }
    if let Some(found) = serving(path) {
        return Some(found);
    }
    if let Some(conf) = conf_key(kind, path) {
        return at(Place::SparkConf, conf);
    }
    if let Some(found) = parameter(kind, site, path, is_item, api) {
        return Some(found);
    }
    let apps = kind == DocumentKind::App
        || path.contains(&"apps") && kind == DocumentKind::Bundle
        || path.ends_with(&["env_vars", "value"]);
    if apps && last == "value" && path.len() > 1 && matches!(path[path.len() - 2], "env" | "env_vars") {
        return environment(EnvironmentOf::App, &sibling(site, "name")?);
    }
    if kind == DocumentKind::Bundle {
        return bundle(path);
    }
    None
}

fn bundle(path: &[&str]) -> Option<Position> {
    let at = |place: Place, name: &str| Some(Position { place, name: name.to_owned() });
    match path {
        [.., "resources", "secrets", name, "value"] => at(Place::CatalogSecret, name),
        ["variables", name, "default"]
        | ["targets", _, "variables", name]
        | ["targets", _, "variables", name, "default" | "value"] => {
            if is_secret(name) {
                at(Place::BundleVariable, name)
            } else {
                None
            }
        }
        ["scripts", _, "env", name] => environment(EnvironmentOf::Script, name),
        _ => None,
    }
}

fn serving(path: &[&str]) -> Option<Position> {
    let last = *path.last()?;
    let parent = *path.get(path.len().checked_sub(2)?)?;
    let at = |place: Place, name: &str| Some(Position { place, name: name.to_owned() });
    let table = |name: &str| fields::SERVING.contains(&name);
    if let Some(name) = last.strip_suffix("_plaintext") {
        return if table(name) { at(Place::ServingPlaintext, last) } else { None };
    }
    let of_model = parent.ends_with("_config") || matches!(parent, "bearer_token_auth" | "api_key_auth");
    let endpoint = path.iter().any(|k| matches!(*k, "external_model" | "served_entities" | "databricks_model_serving"));
    // `value` and `token` are too common a word elsewhere.
    let own = !matches!(last, "token" | "value") || matches!(parent, "bearer_token_auth" | "api_key_auth");
    if of_model && endpoint && own && table(last) { at(Place::ServingReference, last) } else { None }
}

fn parameter(kind: DocumentKind, site: &PropertySite, path: &[&str], is_item: bool, api: bool) -> Option<Position> {
    let last = *path.last()?;
    let at = |place: Place, name: &str| Some(Position { place, name: name.to_owned() });
    if let Some([name]) = within(path, fields::PARAMETER_MAPS)
        && !is_item
    {
        return at(Place::JobParameter, name);
    }
    if within(path, fields::PARAMETER_LISTS).is_some_and(<[_]>::is_empty) && is_item {
        return at(Place::JobArgument, "");
    }
    if !api {
        return None;
    }
    match within(path, &["parameters", "parameter"])? {
        [] if is_item && path.iter().any(|k| fields::TASKS.contains(k)) => at(Place::JobArgument, ""),
        ["default" | "value"] => at(Place::JobParameter, &sibling(site, "name")?),
        [name] if path.iter().any(|k| fields::TASKS.contains(k)) && kind != DocumentKind::Other => {
            at(Place::JobParameter, name)
        }
        _ if last == "default" => at(Place::JobParameter, &sibling(site, "name")?),
        _ => None,
    }
}

fn credential(file: &'static CredentialFile, path: &[&str]) -> Option<Position> {
    let last = *path.last()?;
    let item = path.iter().rev().find(|k| file.holds(k));
    let named = file.by_name() && (is_secret(last) || path.iter().rev().skip(1).any(|k| is_plural_secret(k)));
    if item.is_none() && !named {
        return None;
    }
    Some(Position { place: Place::CredentialFile(file.what), name: item.unwrap_or(&last).to_string() })
}

fn terraform(site: &PropertySite, path: &[&str]) -> Option<Position> {
    let last = *path.last()?;
    let at = |place: Place, name: &str| Some(Position { place, name: name.to_owned() });
    match path {
        ["variable", name, "default"] => {
            if is_secret(name) {
                at(Place::TerraformVariable, name)
            } else {
                None
            }
        }
        ["variable", name, "default", ..] => {
            let secret = is_plural_secret(name) || is_secret(name) || is_secret(last);
            if secret { at(Place::TerraformVariable, name) } else { None }
        }
        ["terraform", "backend", _, .., attribute] if is_secret(attribute) => at(Place::Terraform, attribute),
        ["provider", provider, ..] => {
            let owner = format!("provider.{provider}");
            let listed = fields::TERRAFORM.iter().any(|(o, attributes)| *o == owner && attributes.contains(&last));
            if listed { at(Place::Terraform, last) } else { None }
        }
        ["resource", kind, _, .., attribute] => {
            let listed = fields::TERRAFORM.iter().any(|(o, attributes)| o == kind && attributes.contains(attribute));
            let connection = *kind == "databricks_connection"
                && path.contains(&"options")
                && (options::is_secret(attribute) || is_secret(attribute));
            let parameter = *kind == "aws_ssm_parameter"
                && *attribute == "value"
                && sibling(site, "type").as_deref() == Some("SecureString");
            if listed || connection || parameter { at(Place::Terraform, attribute) } else { None }
        }
        _ => None,
    }
}

/// `env:`, `variables:`, inputs of a step.
fn ci(site: &PropertySite, path: &[&str], is_item: bool) -> Option<Position> {
    const MAPS: &[&str] = &["env", "variables", "environment", "with", "inputs"];
    match path {
        // Parameters of an Azure pipeline, the login of a job's container.
        [.., "parameters", "default"] => {
            let name = sibling(site, "name")?;
            return is_secret(&name).then_some(Position { place: Place::Ci, name });
        }
        [.., "container", "credentials", "password"] | [.., "services", _, "credentials", "password"] => {
            return Some(Position { place: Place::Ci, name: "registry_password".to_owned() });
        }
        _ => {}
    }
    let rest = within(path, MAPS)?;
    let name = match rest {
        ["value"] => sibling(site, "name")?,
        // GitLab: `variables: X: {value: …}`; `inputs` of a workflow have defaults.
        [name, "value" | "default"] => (*name).to_owned(),
        _ => pair_name(site, rest, is_item),
    };
    is_secret(&name).then_some(Position { place: Place::Ci, name })
}

fn environment(of: EnvironmentOf, name: &str) -> Option<Position> {
    (!name.is_empty()).then(|| Position { place: Place::Environment(of), name: name.to_owned() })
}

/// What follows the last part of the path that is one of `keys`.
fn within<'p, 'k>(path: &'p [&'k str], keys: &[&str]) -> Option<&'p [&'k str]> {
    let at = path.iter().rposition(|k| keys.contains(k))?;
    Some(&path[at + 1..])
}

/// `{"spark_conf.x": {"type": "fixed", "value": "…"}}` of a cluster policy.
fn policy(path: &[&str], prefix: &str) -> Option<String> {
    let (last, before) = path.split_last()?;
    if !matches!(*last, "value" | "defaultValue") {
        return None;
    }
    before.last()?.strip_prefix(prefix).map(str::to_owned)
}

/// A key of Spark or Hadoop, whatever stands around it.
fn conf_key(kind: DocumentKind, path: &[&str]) -> Option<String> {
    const PREFIXES: &[&str] = &["spark.", "fs.", "dfs.", "hadoop.", "javax.jdo.", "hive.", "google.cloud.auth."];
    let starts = |k: &str| PREFIXES.iter().any(|p| k.starts_with(p));
    if let Some(at) = path.iter().position(|k| starts(k)) {
        return Some(path[at..].join("."));
    }
    let whole = path.join(".");
    ((kind == DocumentKind::SparkConf || path.len() > 1 && confs::is_listed(&whole)) && starts(&whole)).then_some(whole)
}

/// Name of a variable: the key below the map, `name` beside the value, or `K` of a list item `K=V`.
fn pair_name(site: &PropertySite, rest: &[&str], is_item: bool) -> String {
    if is_item {
        return item(site).and_then(|text| Some(text.split_once('=')?.0.to_owned())).unwrap_or_default();
    }
    match rest {
        ["value"] => sibling(site, "name").or_else(|| sibling(site, "key")).unwrap_or_default(),
        [name] => (*name).to_owned(),
        _ => String::new(),
    }
}

/// The position of a site among [`CellContext::positions`], which are in the order of the sites.
pub fn at(positions: &[(usize, Position)], site: usize) -> Option<&Position> {
    positions.binary_search_by_key(&site, |(i, _)| *i).ok().map(|i| &positions[i].1)
}

/// Whether a site is an item `KEY=value` in a list of variables or arguments.
pub fn is_pair(cx: &CellContext<'_>, index: usize) -> bool {
    let positions = cx.positions();
    let Some(position) = at(&positions, index) else { return false };
    let Role::Property(p) = &cx.sites[index].role else { return false };
    let is_item = p.path.last().is_some_and(|k| k.parse::<u32>().is_ok());
    let text = cx.sites[index].text();
    is_item
        && text.expose().matches('=').count() == 1
        && matches!(position.place, Place::Environment(_) | Place::Ci | Place::JobArgument)
}

/// Text of the list item itself.
pub fn item(site: &PropertySite) -> Option<String> {
    member(site, site.path.last()?.parse().ok()?)
}

/// Text of the list item before this one.
pub fn item_before(site: &PropertySite) -> Option<String> {
    let number: u32 = site.path.last()?.parse().ok()?;
    member(site, number.checked_sub(1)?)
}

/// Text of a list's item: it stands at its number, unless an item before is no text.
fn member(site: &PropertySite, number: u32) -> Option<String> {
    let key = number.to_string();
    let at_its_number = site.siblings.get(number as usize).filter(|(k, _)| **k == *key);
    let found = at_its_number.or_else(|| site.siblings.iter().find(|(k, _)| **k == *key))?;
    found.1.as_ref().map(|s| s.expose().to_owned())
}

/// The name that stands beside a value: `{name: DB_PASSWORD, value: …}` of pods, tasks, pipelines and stacks.
pub fn name_beside(site: &PropertySite) -> Option<String> {
    const PAIRS: &[(&str, &[&str])] = &[
        ("value", &["name", "key", "variable", "var"]),
        ("Value", &["Name", "Key"]),
        ("ParameterValue", &["ParameterKey"]),
        ("parameterValue", &["parameterName"]),
    ];
    let (_, names) = PAIRS.iter().find(|(key, _)| *key == site.key())?;
    names.iter().find_map(|name| sibling(site, name))
}

/// Text that stands beside the value under a key.
fn sibling(site: &PropertySite, key: &str) -> Option<String> {
    site.siblings.iter().find(|(k, _)| &**k == key)?.1.as_ref().map(|s| s.expose().to_owned())
}

pub fn is_secret(name: &str) -> bool {
    verdict(name) == NameVerdict::Secret && !crate::catalog::env::is_no_secret(name)
}

/// `passwords`, `api_keys`: a map or list whose values are secrets whatever their keys are.
pub fn is_plural_secret(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last() else { return false };
    let Some(one) = last.strip_suffix('s') else { return false };
    matches!(one, "password" | "passwd" | "pwd" | "token" | "secret" | "apikey" | "credential" | "passphrase" | "key")
        && {
            let mut single = words.clone();
            if let Some(word) = single.last_mut() {
                word.pop();
            }
            verdict(&single.join("_")) == NameVerdict::Secret
        }
}

/// Whether a conf key carries a credential.
pub fn is_secret_conf(key: &str) -> bool {
    !confs::is_clean(key)
        && (confs::is_secret(key) || options::is_secret(key) || is_secret(key.rsplit('.').next().unwrap_or(key)))
}
