//! Secret scopes that the project's own files declare: bundles, Terraform, commands that create them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use credscope_grammars::{
    CellFacts, CellKind, Document,
    facts::{Command, Property, PropertyPlace, PropertyValue},
};

use super::bundles::{Bundle, Bundles};
use crate::{engine, fix::is_valid_name, value};

/// Scopes with the keys that the project puts into them, all in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes {
    scopes: BTreeMap<String, BTreeSet<String>>,
    /// Configuration keys and environment variables of clusters that are set from a secret: scope and key.
    settings: BTreeMap<String, (String, String)>,
    /// Bundles and their targets.
    bundles: Bundles,
}

/// Endings of files that declare scopes.
const ENDINGS: &[&str] = &[".yml", ".yaml", ".tf", ".json", ".sh", ".conf"];
/// Words one of which a declaration has.
const WORDS: &[&str] = &[
    "secret_scope", "databricks_secret", "create-scope", "put-secret", "{{secrets/", "bundle:", "\"bundle\"",
    "targets:", "\"targets\"",
];

impl Scopes {
    /// Whether a file of that path can declare a scope.
    pub fn is_candidate(path: &str) -> bool {
        ENDINGS.iter().any(|end| path.ends_with(end))
    }

    /// Whether a file's text can: worth reading.
    pub fn may_declare(bytes: &[u8]) -> bool {
        WORDS.iter().any(|word| memchr::memmem::find(bytes, word.as_bytes()).is_some())
    }

    /// What a file declares.
    pub fn of(document: &Document) -> Self {
        let mut found = Self::default();
        for cell in document.cells.iter().filter(|c| c.kind == CellKind::Code) {
            found.note_cell(&engine::cell_facts(document, cell));
        }
        found
    }

    /// What a document declares, from facts that are read already (parallel to its cells).
    pub fn of_facts(document: &Document, facts: &[Arc<CellFacts>]) -> Self {
        let mut found = Self::default();
        if Self::may_declare(document.text.as_bytes()) {
            let code = document.cells.iter().zip(facts).filter(|(cell, _)| cell.kind == CellKind::Code);
            code.for_each(|(_, facts)| found.note_cell(facts));
        }
        found
    }

    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty() && self.settings.is_empty() && self.bundles.is_empty()
    }

    /// Scope and key of the secret that a configuration key or an environment variable is set from.
    pub fn setting(&self, name: &str) -> Option<(String, String)> {
        self.settings.get(name).cloned()
    }

    /// The bundle that the project's code is deployed with, when there is one only.
    pub fn bundle(&self) -> Option<Bundle> {
        self.bundles.only()
    }

    /// The bundle that a file belongs to, with what the file itself says.
    pub fn bundle_around(&self, properties: &[Property]) -> Bundle {
        self.bundles.around(properties)
    }

    pub fn extend(&mut self, other: &Self) {
        self.bundles.extend(&other.bundles);
        for (scope, keys) in &other.scopes {
            self.scopes.entry(scope.clone()).or_default().extend(keys.iter().cloned());
        }
        for (name, secret) in &other.settings {
            self.settings.entry(name.clone()).or_insert_with(|| secret.clone());
        }
    }

    /// Names of scopes.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.scopes.keys().map(String::as_str)
    }

    /// Names of keys, of all scopes.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.scopes.values().flatten().map(String::as_str)
    }

    fn add(&mut self, scope: &str, key: Option<&str>) {
        if is_valid_name(scope) && value::is_name(scope) {
            let keys = self.scopes.entry(scope.to_ascii_lowercase()).or_default();
            keys.extend(key.filter(|k| is_valid_name(k) && value::is_name(k)).map(str::to_ascii_lowercase));
        }
    }

    fn note_cell(&mut self, facts: &CellFacts) {
        self.bundles.note(&facts.properties);
        self.note(facts);
    }

    fn note(&mut self, facts: &CellFacts) {
        // Terraform: the resource's name in the module, and the scope's.
        let mut resources: BTreeMap<&str, String> = BTreeMap::new();
        let mut secrets: BTreeMap<&str, (Option<String>, Option<String>)> = BTreeMap::new();
        for property in facts.properties.iter().filter(|p| p.place == PropertyPlace::Document) {
            self.note_setting(property);
            let path: Vec<&str> = property.path.iter().map(|k| &**k).filter(|k| k.parse::<u32>().is_err()).collect();
            match path.as_slice() {
                [.., "resources", "secret_scopes", _, "name"] => {
                    if let Some(name) = text(property) {
                        self.add(&name, None);
                    }
                }
                ["resource", "databricks_secret_scope", resource, "name"] => {
                    if let Some(name) = text(property) {
                        self.add(&name, None);
                        resources.insert(resource, name);
                    }
                }
                ["resource", "databricks_secret", resource, "key"] => {
                    secrets.entry(resource).or_default().1 = text(property);
                }
                ["resource", "databricks_secret", resource, "scope"] => {
                    secrets.entry(resource).or_default().0 = reference(property).or_else(|| text(property));
                }
                _ => {}
            }
        }
        for (scope, key) in secrets.into_values() {
            let Some(scope) = scope else { continue };
            // `databricks_secret_scope.app.name`
            let named = scope.strip_prefix("databricks_secret_scope.").and_then(|r| r.split('.').next());
            match named {
                Some(resource) => {
                    if let Some(name) = resources.get(resource).cloned() {
                        self.add(&name, key.as_deref());
                    }
                }
                None => self.add(&scope, key.as_deref()),
            }
        }
        facts.commands.iter().for_each(|c| self.command(c));
        facts.embedded.iter().for_each(|e| self.note(&e.facts));
    }

    /// `spark_conf: {spark.x: "{{secrets/scope/key}}"}`, `spark_env_vars`.
    fn note_setting(&mut self, property: &Property) {
        if let Some(name) = property.path.last()
            && let Some(text) = text(property)
            && let Some((scope, key)) = reference_of(&text)
            && value::is_name(scope)
            && value::is_name(key)
        {
            self.settings.insert(name.to_string(), (scope.to_owned(), key.to_owned()));
        }
    }

    /// `databricks secrets create-scope S`, `databricks secrets put-secret S K`, and with the flags of the old command.
    fn command(&mut self, command: &Command) {
        let words: Vec<String> =
            command.words.iter().map(|w| w.value.plain().map_or_else(String::new, |t| t.expose().to_owned())).collect();
        let Some(group) = words.iter().position(|w| w == "secrets") else { return };
        if words.first().is_none_or(|p| p.rsplit('/').next() != Some("databricks")) {
            return;
        }
        let Some(verb) = words.get(group + 1) else { return };
        let flag = |name: &str| {
            let at = words.iter().position(|w| w == name)?;
            words.get(at + 1).map(String::as_str)
        };
        let plain = |n: usize| words.get(group + 1 + n).map(String::as_str).filter(|w| !w.starts_with('-'));
        match verb.as_str() {
            "create-scope" => {
                if let Some(scope) = flag("--scope").or_else(|| plain(1)) {
                    self.add(scope, None);
                }
            }
            "put-secret" | "put" | "write" => {
                if let Some(scope) = flag("--scope").or_else(|| plain(1)) {
                    self.add(scope, flag("--key").or_else(|| plain(2)));
                }
            }
            _ => {}
        }
    }
}

/// Scope and key of a reference (`{{secrets/scope/key}}`) that is the whole text.
pub(crate) fn reference_of(text: &str) -> Option<(&str, &str)> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim().strip_prefix("secrets/")?;
    let (scope, key) = inner.split_once('/')?;
    (is_valid_name(scope) && is_valid_name(key)).then_some((scope, key))
}

fn text(property: &Property) -> Option<String> {
    let PropertyValue::Str(literal) = &property.value else { return None };
    let text = literal.plain()?;
    Some(text.expose().to_owned())
}

fn reference(property: &Property) -> Option<String> {
    match &property.value {
        PropertyValue::Reference(text) => Some(text.to_string()),
        // `${databricks_secret_scope.app.name}` of the JSON form.
        _ => text(property)?.strip_prefix("${")?.strip_suffix('}').map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, text: &str) -> (Vec<String>, Vec<String>) {
        assert!(Scopes::is_candidate(path) && Scopes::may_declare(text.as_bytes()), "{path}");
        let opened = credscope_grammars::open(path, text.as_bytes());
        let scopes = Scopes::of(&opened.documents[0]);
        (scopes.names().map(str::to_owned).collect(), scopes.keys().map(str::to_owned).collect())
    }

    #[test]
    fn declarations_are_found() {
        let rows: &[(&str, &str, &[&str], &[&str])] = &[
            ("a.yml", "resources:\n  secret_scopes:\n    x:\n      name: KV-Sales\n", &["kv-sales"], &[]),
            (
                "a.yml",
                "targets:\n  dev:\n    resources:\n      secret_scopes:\n        x: {name: \"${var.s}\"}\n        y: {name: b}\n",
                &["b"],
                &[],
            ),
            (
                "main.tf",
                "resource \"databricks_secret_scope\" \"app\" {\n  name = \"kv-app\"\n}\nresource \"databricks_secret\" \"p\" {\n  scope = databricks_secret_scope.app.name\n  key = \"db-password\"\n  string_value = var.p\n}\nresource \"databricks_secret\" \"q\" {\n  scope = \"other\"\n  key = \"q\"\n}\n",
                &["kv-app", "other"],
                &["db-password", "q"],
            ),
            (
                "main.tf.json",
                "{\"resource\": {\"databricks_secret_scope\": {\"a\": {\"name\": \"kv\"}}, \"databricks_secret\": {\"b\": {\"scope\": \"${databricks_secret_scope.a.id}\", \"key\": \"k\"}}}}",
                &["kv"],
                &["k"],
            ),
            (
                "a.sh",
                "databricks secrets create-scope one\ndatabricks secrets put-secret two k\ndatabricks secrets put --scope three --key l\n",
                &["one", "three", "two"],
                &["l", "k"],
            ),
            ("ci.yml", "steps:\n  - run: databricks secrets create-scope one\n", &["one"], &[]),
        ];
        for (path, text, names, keys) in rows {
            let (seen_names, mut seen_keys) = of(path, text);
            let mut keys: Vec<&str> = keys.to_vec();
            keys.sort_unstable();
            seen_keys.sort();
            assert_eq!(
                (seen_names, seen_keys),
                (names.iter().map(ToString::to_string).collect(), keys.iter().map(ToString::to_string).collect()),
                "{text}"
            );
        }
    }
}
