//! What a configuration file is, by its content first and its name second.

use credscope_grammars::{
    Cell, CellFacts, Language,
    facts::{Property, PropertyPlace, PropertyValue},
};

use crate::catalog::credential_files::{self, CredentialFile};

/// Kinds of documents that give keys a meaning which the keys alone do not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// `databricks.yml` and the files that it includes.
    Bundle,
    /// A job, task, cluster, pipeline, policy or serving endpoint as the REST API takes it.
    Workload,
    /// `app.yaml` of a Databricks App.
    App,
    Compose,
    Kubernetes,
    Ci(Ci),
    /// dbt `profiles.yml`.
    Dbt,
    /// `.tf`, `.tf.json`.
    Terraform,
    /// Spark, Hadoop and Hive configuration.
    SparkConf,
    /// `.env`.
    DotEnv,
    Dockerfile,
    /// A file whose purpose is to hold a credential (CS330).
    Credentials(&'static CredentialFile),
    /// `package.json`, `pyproject.toml`: names of packages with their versions.
    Manifest,
    /// JSON Schema, OpenAPI: describes documents, holds none of their values.
    Schema,
    /// Any other document of keys and values.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ci {
    GitHub,
    Azure,
    GitLab,
    Jenkins,
    /// CircleCI, Bitbucket.
    Other,
}

/// Whether GitHub knows `secrets` where a value of a workflow or an action stands: not in actions, defaults of inputs, the matrix
/// of a job, and what a workflow that is called is given.
pub fn has_secrets(path: &[Box<str>]) -> bool {
    let keys: Vec<&str> = path.iter().map(|key| &**key).collect();
    !matches!(keys[..], ["runs" | "inputs" | "on" | "true", ..] | ["jobs", _, "strategy" | "with", ..])
}

/// Answers `None` for programs, text and shell.
pub fn recognise(path: &str, cell: &Cell, facts: &CellFacts) -> Option<DocumentKind> {
    let language = cell.language;
    let runs = language == Language::Groovy && !facts.embedded.is_empty();
    let is_document = facts.properties.iter().any(|p| p.place == PropertyPlace::Document);
    if !is_document && language != Language::Dockerfile && !runs {
        return None;
    }
    let path = path.to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or(&path);
    if let Some(file) = credential_files::find(&path, |key| has(facts, key)) {
        return Some(DocumentKind::Credentials(file));
    }
    Some(match language {
        Language::DotEnv => DocumentKind::DotEnv,
        Language::Dockerfile => DocumentKind::Dockerfile,
        Language::Groovy => DocumentKind::Ci(Ci::Jenkins),
        Language::Hcl => DocumentKind::Terraform,
        Language::Json if name.ends_with(".tf.json") => DocumentKind::Terraform,
        Language::SparkConf | Language::Properties | Language::Xml | Language::Ini => spark_or_other(facts),
        Language::Yaml | Language::Json | Language::Toml => of_document(&path, name, facts),
        _ => DocumentKind::Other,
    })
}

fn spark_or_other(facts: &CellFacts) -> DocumentKind {
    let conf = facts.properties.iter().any(|p| {
        let key = p.path.first().map_or("", |k| k);
        ["spark.", "fs.", "dfs.", "hadoop.", "javax.jdo."].iter().any(|prefix| key.starts_with(prefix))
            || key == "spark"
    });
    if conf { DocumentKind::SparkConf } else { DocumentKind::Other }
}

fn of_document(path: &str, name: &str, facts: &CellFacts) -> DocumentKind {
    let top = |key: &str| has(facts, key);
    let nested = |first: &str, last: &[&str]| {
        let under = |p: &&Property| p.path.first().is_some_and(|k| &**k == first);
        facts.properties.iter().filter(under).any(|p| last.contains(&p.key()))
    };
    if top("$schema") && (top("properties") || top("$defs") || top("definitions")) || top("openapi") || top("swagger") {
        return DocumentKind::Schema;
    }
    const MANIFESTS: &[&str] = &[
        "package.json", "package-lock.json", "composer.json", "pyproject.toml", "pipfile", "cargo.toml", "poetry.lock",
        "cargo.lock", "uv.lock", "npm-shrinkwrap.json", "bower.json", "tsconfig.json", "jsconfig.json",
    ];
    if MANIFESTS.contains(&name) {
        return DocumentKind::Manifest;
    }
    if let Some(ci) = ci(path, name, facts) {
        return DocumentKind::Ci(ci);
    }
    if name.contains("compose") && top("services") || nested("services", &["image", "build"]) {
        return DocumentKind::Compose;
    }
    if top("apiVersion") && top("kind") {
        return DocumentKind::Kubernetes;
    }
    if matches!(name, "databricks.yml" | "databricks.yaml" | "bundle.yml" | "bundle.yaml")
        || top("bundle") && (top("targets") || top("resources") || top("include") || top("variables"))
        || top("resources") && is_bundle_resources(facts)
        || top("targets") && nested("targets", &["mode", "workspace", "resources", "run_as", "variables"])
        || top("variables") && nested("variables", &["default", "lookup"])
    {
        return DocumentKind::Bundle;
    }
    if matches!(name, "app.yaml" | "app.yml") && (top("command") || top("env")) {
        return DocumentKind::App;
    }
    let dbt = facts.properties.iter().any(|p| p.path.len() == 2 && p.key() == "outputs");
    if dbt
        && (name.starts_with("profiles.") || facts.properties.iter().any(|p| p.path.len() == 2 && p.key() == "target"))
    {
        return DocumentKind::Dbt;
    }
    if top("configuration") && (top("libraries") || top("pipeline_type")) {
        return DocumentKind::Workload;
    }
    if facts.properties.iter().any(|p| p.path.iter().any(|k| WORKLOAD.contains(&&**k) || k.starts_with("spark_conf.")))
    {
        return DocumentKind::Workload;
    }
    DocumentKind::Other
}

/// Keys that only documents of the Databricks API have.
const WORKLOAD: &[&str] = &[
    "spark_conf", "spark_env_vars", "new_cluster", "job_clusters", "task_key", "notebook_task", "spark_python_task",
    "spark_jar_task", "spark_submit_task", "python_wheel_task", "dbt_task", "sql_task", "notebook_params",
    "python_params", "jar_params", "base_parameters", "existing_cluster_id", "spark_version", "served_entities",
    "served_models", "external_model", "docker_image", "newClusterSparkConf", "baseParameters", "data_security_mode",
];

/// Collections below `resources:` of a bundle.
const RESOURCES: &[&str] = &[
    "jobs", "pipelines", "clusters", "models", "experiments", "model_serving_endpoints", "registered_models",
    "schemas", "volumes", "apps", "dashboards", "quality_monitors", "secret_scopes", "secrets", "sql_warehouses",
    "database_instances",
];

fn is_bundle_resources(facts: &CellFacts) -> bool {
    facts.properties.iter().any(|p| {
        p.path.len() == 2
            && &*p.path[0] == "resources"
            && RESOURCES.contains(&&*p.path[1])
            && matches!(p.value, PropertyValue::Nested)
    })
}

fn ci(path: &str, name: &str, facts: &CellFacts) -> Option<Ci> {
    let top = |key: &str| has(facts, key);
    let key = |key: &str| facts.properties.iter().any(|p| p.key() == key);
    if path.contains(".github/workflows/")
        || top("jobs") && (top("on") || top("true")) && key("runs-on")
        || top("runs") && key("using") && name.starts_with("action.")
    {
        return Some(Ci::GitHub);
    }
    let azure_steps = key("task") || key("bash") || key("script") || key("powershell");
    let is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    if name.contains("azure-pipelines")
        || is_yaml && path.contains("azure-pipelines/")
        || (top("trigger") || top("pool") || top("stages") || top("steps") || top("jobs"))
            && (key("vmImage") || key("inputs") || key("displayName"))
            && azure_steps
    {
        return Some(Ci::Azure);
    }
    if name.contains("gitlab-ci") || path.contains(".gitlab/") || top("stages") && key("stage") && key("script") {
        return Some(Ci::GitLab);
    }
    (name.starts_with("bitbucket-pipelines") || path.contains(".circleci/") || name == "cloudbuild.yaml")
        .then_some(Ci::Other)
}

/// Whether the document has the key at its top, or its list items have.
fn has(facts: &CellFacts, key: &str) -> bool {
    facts.properties.iter().any(|p| {
        p.place == PropertyPlace::Document
            && p.path.iter().find(|k| k.parse::<u32>().is_err()).is_some_and(|first| &**first == key)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_known_by_what_they_hold() {
        use DocumentKind::{
            App, Bundle, Compose, Dbt, DotEnv, Kubernetes, Manifest, Other, Schema, SparkConf, Terraform, Workload,
        };
        let table = [
            ("a.yml", "bundle: {name: x}\ntargets: {dev: {mode: development}}\n", Bundle),
            ("res/jobs.yml", "resources:\n  jobs:\n    j: {name: x}\n", Bundle),
            ("a.json", "{\"new_cluster\": {\"spark_conf\": {\"a\": \"b\"}}}", Workload),
            ("p.json", "{\"spark_conf.spark.x\": {\"type\": \"fixed\", \"value\": \"y\"}}", Workload),
            ("p.json", "{\"configuration\": {\"a\": \"b\"}, \"libraries\": [{\"notebook\": {}}]}", Workload),
            ("app.yaml", "command: [x]\nenv: []\n", App),
            ("x.yml", "services:\n  db: {image: x}\n", Compose),
            ("x.yml", "apiVersion: v1\nkind: Pod\n", Kubernetes),
            ("x.yml", "on: push\njobs: {a: {runs-on: x}}\n", DocumentKind::Ci(Ci::GitHub)),
            ("azure-pipelines.yml", "steps: [{script: x}]\n", DocumentKind::Ci(Ci::Azure)),
            ("ci/.gitlab-ci.yml", "stages: [a]\n", DocumentKind::Ci(Ci::GitLab)),
            ("x.yml", "p:\n  target: dev\n  outputs: {dev: {type: x}}\n", Dbt),
            ("main.tf", "a = 1\n", Terraform),
            ("main.tf.json", "{\"resource\": {}}", Terraform),
            ("core-site.xml", "<c><property><name>fs.x</name><value>y</value></property></c>", SparkConf),
            (".env", "A=b\n", DotEnv),
            ("package.json", "{\"name\": \"x\"}", Manifest),
            ("x.json", "{\"$schema\": \"s\", \"properties\": {}}", Schema),
            ("x.json", "{\"resources\": [1], \"targets\": 2}", Other),
        ];
        for (path, text, expected) in table {
            let opened = credscope_grammars::open(path, text.as_bytes());
            let document = &opened.documents[0];
            let facts = crate::engine::cell_facts(document, &document.cells[0]);
            assert_eq!(recognise(path, &document.cells[0], &facts), Some(expected), "{path}: {text}");
        }
        let opened = credscope_grammars::open("a.py", b"x = 1");
        let document = &opened.documents[0];
        let facts = crate::engine::cell_facts(document, &document.cells[0]);
        assert_eq!(recognise("a.py", &document.cells[0], &facts), None);
    }
}
