//! Scope and key of a credential: from configuration, from the notebook's own reads, from what it is for. One value has
//! one name in a run, and no two values share one.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use credscope_grammars::{CellFacts, Document};

use super::{NameHint, Reference, SecretName, references};
use crate::{
    finding::ValueKey,
    settings::Settings,
    value::{holds_token, is_name, names::words},
};

/// Names given so far in a run.
#[derive(Clone, Debug, Default)]
pub struct Names {
    by_value: HashMap<ValueKey, SecretName>,
    /// Lower case: scopes and keys are case-insensitive.
    taken: HashMap<SecretName, ValueKey>,
    /// By name without a number (lower case): the number below which all are taken.
    numbers: HashMap<SecretName, usize>,
    /// Secrets that documents of the run read before anything was fixed, lower case: they hold values that nobody knows.
    read: HashSet<SecretName>,
    pub(super) variables: super::config::Declared,
}

/// The secrets that a document reads, for [`Names::reads_also`].
pub fn secrets_read(document: &Document, facts: &[Arc<CellFacts>]) -> Vec<SecretName> {
    references(document, facts).iter().map(Reference::folded).collect()
}

pub(super) fn folded(name: &SecretName) -> SecretName {
    SecretName { scope: name.scope.to_ascii_lowercase(), key: name.key.to_ascii_lowercase() }
}

/// What a secret of Unity Catalog counts as: catalog and schema are written, its scope is not.
pub(super) fn in_schema(catalog: &str, schema: &str, key: &str) -> SecretName {
    folded(&SecretName { scope: format!("{catalog}.{schema}"), key: key.to_owned() })
}

/// All that a name may not share with another value's: scope and key, and how the style of the settings writes them.
fn places(name: &SecretName, settings: &Settings) -> impl Iterator<Item = SecretName> {
    let unity = settings.secrets.unity().map(|(catalog, schema)| in_schema(catalog, schema, &name.key));
    std::iter::once(folded(name)).chain(unity)
}

impl Names {
    /// Whether this run has given the name to a value.
    pub(super) fn gave(&self, name: &SecretName) -> bool {
        self.taken.contains_key(&folded(name))
    }

    /// The keyed hash of the value that the run has given a name to.
    pub fn value_of(&self, name: &SecretName) -> Option<ValueKey> {
        self.taken.get(&folded(name)).copied()
    }

    /// The name that the run has given to a value.
    pub(super) fn name_of(&self, value: ValueKey) -> Option<SecretName> {
        self.by_value.get(&value).cloned()
    }

    /// Notes the secrets that a document reads. `facts` is parallel to its cells.
    pub fn reads(&mut self, document: &Document, facts: &[Arc<CellFacts>]) {
        self.read.extend(secrets_read(document, facts));
    }

    /// Notes secrets that a document without findings reads: see [`secrets_read`].
    pub fn reads_also(&mut self, secrets: &[SecretName]) {
        self.read.extend(secrets.iter().cloned());
    }

    /// Notes a secret that an earlier run has given a name: of `value`, else of one that nobody knows. `schema`: catalog and
    /// schema of a Unity Catalog secret.
    pub fn was_given(&mut self, name: &SecretName, schema: Option<(&str, &str)>, value: Option<ValueKey>) {
        match (schema, value) {
            (Some((catalog, schema)), None) => {
                self.read.insert(in_schema(catalog, schema, &name.key));
            }
            (None, None) => {
                self.read.insert(folded(name));
            }
            (None, Some(value)) => {
                self.by_value.entry(value).or_insert_with(|| name.clone());
                self.taken.entry(folded(name)).or_insert(value);
            }
            // Its scope is not written: the key is chosen again.
            (Some(_), Some(_)) => {}
        }
    }

    /// Notes the Terraform variables that a file declares: a module's files share them.
    pub fn declares(&mut self, path: &str, text: &str) {
        self.variables.note(path, text);
    }

    /// A variable of the environment and the value that it has are one secret: whichever has a name gives it to the other.
    pub(super) fn same(&mut self, variable: ValueKey, value: ValueKey, settings: &Settings) {
        match (self.by_value.get(&variable).cloned(), self.by_value.get(&value).cloned()) {
            (None, Some(name)) => self.also(variable, &name),
            // Not when it is another literal's already.
            (Some(name), None) if self.taken.get(&folded(&name)) == Some(&variable) => {
                self.taken.extend(places(&name, settings).map(|place| (place, value)));
                self.by_value.insert(value, name);
            }
            _ => {}
        }
    }

    /// Gives a variable a name unless it has one.
    pub(super) fn also(&mut self, variable: ValueKey, name: &SecretName) {
        self.by_value.entry(variable).or_insert_with(|| name.clone());
    }

    /// The name for a value; `fixed` overrides the scope (an alternative target). `read` are secrets that the document
    /// reads already: they hold other values.
    pub(super) fn of(
        &mut self,
        value: ValueKey,
        hint: &NameHint,
        scope: &str,
        settings: &Settings,
        (fixed, read): (bool, &[SecretName]),
    ) -> SecretName {
        if !fixed && let Some(name) = self.by_value.get(&value) {
            return name.clone();
        }
        let key = key_of(hint, settings);
        let separator = if settings.secrets.snake_keys { "_" } else { "-" };
        let mut name = SecretName { scope: scope.to_owned(), key: declared_key(scope, &key, &hint.purpose, settings) };
        let base = folded(&name);
        let mut number = 2;
        let own: Vec<SecretName> =
            self.by_value.get(&value).map(|name| places(name, settings).collect()).unwrap_or_default();
        let clashes = |name: &SecretName, taken: &HashMap<SecretName, ValueKey>| {
            places(name, settings).any(|place| match taken.get(&place) {
                Some(v) => *v != value,
                None => !own.contains(&place) && (read.contains(&place) || self.read.contains(&place)),
            })
        };
        let mut all_taken = !fixed;
        while clashes(&name, &self.taken) {
            all_taken &= places(&name, settings).any(|place| self.taken.contains_key(&place));
            if number == 3 && all_taken {
                number = self.numbers.get(&base).copied().unwrap_or(number);
            }
            let purpose = hint.purpose.replace(['-', '_'], separator);
            // A name that says its scope once more says nothing. That of a Unity Catalog secret is not written.
            let is_said = purpose.eq_ignore_ascii_case(scope) && settings.secrets.unity().is_none();
            let is_other = !purpose.is_empty() && !is_said;
            let is_free = is_other && !holds_token(&purpose) && !key.starts_with(&purpose);
            name.key = if number == 2 && is_free {
                format!("{purpose}{separator}{key}")
            } else {
                format!("{key}{separator}{number}")
            };
            number += 1;
        }
        if all_taken && number > 3 {
            self.numbers.insert(base, number);
        }
        if !fixed {
            self.by_value.insert(value, name.clone());
            self.taken.extend(places(&name, settings).map(|place| (place, value)));
        }
        name
    }
}

pub(super) fn is_declared(name: &SecretName, settings: &Settings) -> bool {
    settings.secrets.declared.iter().any(|(scope, keys)| {
        scope.eq_ignore_ascii_case(&name.scope) && keys.iter().any(|k| k.eq_ignore_ascii_case(&name.key))
    })
}

/// The scope that a fix uses in a document; `target`: the bundle target that the place belongs to.
pub(super) fn scope_of(settings: &Settings, target: Option<&str>, existing: Option<&str>, hint: &NameHint) -> String {
    let of_target = target.and_then(|t| settings.secrets.targets.get(t)).cloned();
    let named = of_target.or_else(|| settings.secrets.scope.clone());
    let named = named.or_else(|| declared_scope(settings, existing, hint)).or_else(|| existing.map(str::to_owned));
    let scope = named.unwrap_or_else(|| if hint.purpose.is_empty() { "app".to_owned() } else { hint.purpose.clone() });
    if super::is_valid_name(&scope) && is_name(&scope) { scope } else { "app".to_owned() }
}

/// A declared key that the hint means, by its own name or with what it is for before it; else the hint's own.
fn declared_key(scope: &str, key: &str, purpose: &str, settings: &Settings) -> String {
    let declared = settings.secrets.declared.iter().find(|(s, _)| s.eq_ignore_ascii_case(scope)).map(|(_, keys)| keys);
    let wanted = [plain(key), plain(&format!("{purpose}-{key}"))];
    let find = |wanted: &String| declared.and_then(|keys| keys.iter().find(|k| plain(k) == *wanted));
    wanted.iter().find_map(find).cloned().unwrap_or_else(|| key.to_owned())
}

/// Keys that differ in their separators only are one.
fn plain(key: &str) -> String {
    key.to_ascii_lowercase().replace(['_', '.'], "-")
}

/// The declared scope that has the key: the one that the document reads from, the one that is called as what the
/// credential is for, the only one.
fn declared_scope(settings: &Settings, existing: Option<&str>, hint: &NameHint) -> Option<String> {
    let key = plain(&key_of(hint, settings));
    let has = |keys: &Vec<String>| keys.iter().any(|k| plain(k) == key);
    let fits: Vec<&String> = settings.secrets.declared.iter().filter(|(_, keys)| has(keys)).map(|(s, _)| s).collect();
    let called = |name: &str| fits.iter().find(|s| s.eq_ignore_ascii_case(name)).copied();
    let only = || if let [only] = fits[..] { Some(only) } else { None };
    existing.and_then(called).or_else(|| called(&hint.purpose)).or_else(only).cloned()
}

/// Whether a key stands for a user name.
pub(super) fn names_user(key: &str) -> bool {
    matches!(key.trim().to_ascii_lowercase().as_str(), "user" | "username" | "uid" | "user id" | "userid" | "login")
}

/// `user` → `username`, `sfPassword` → `sf-password`, `fs.azure.account.key.sales.dfs…` → `sales-account-key`.
fn key_of(hint: &NameHint, settings: &Settings) -> String {
    let raw = hint.key.trim();
    // `openai_api_key_plaintext`: what is stored is no longer in plain text.
    let raw = raw.strip_suffix("_plaintext").unwrap_or(raw);
    let lower = raw.to_ascii_lowercase();
    let key = if names_user(raw) {
        "username".to_owned()
    } else if matches!(lower.as_str(), "pwd" | "pw" | "pass" | "passwd" | "userinfo" | "p") {
        "password".to_owned()
    } else if let Some(key) = azure(&lower) {
        key
    } else {
        let parts: Vec<&str> = raw.split('.').collect();
        // A dotted configuration key: its last parts say what it is.
        let tail = if parts.len() > 3 { parts[parts.len() - 3..].join("-") } else { raw.to_owned() };
        words(&tail).join("-")
    };
    let separator = if settings.secrets.snake_keys { '_' } else { '-' };
    let mut clean = String::new();
    for c in key.chars() {
        match c.is_ascii_alphanumeric() || c == '_' {
            true => clean.push(c),
            false if !clean.ends_with(separator) => clean.push(separator),
            false => {}
        }
    }
    clean = clean.trim_matches(['-', '_']).chars().take(100).collect();
    if settings.secrets.snake_keys {
        clean = clean.replace('-', "_");
    }
    match clean.as_str() {
        "" => "secret".to_owned(),
        // `token_dapi…`: no name of a secret holds one.
        _ if holds_token(raw) => "secret".to_owned(),
        "key" | "value" | "credential" | "auth" => format!("secret{separator}{clean}"),
        _ => clean,
    }
}

/// Keys that name a storage account: the account leads.
fn azure(key: &str) -> Option<String> {
    let key = key.strip_prefix("spark.hadoop.").unwrap_or(key);
    let account = |rest: &str| {
        rest.split('.')
            .next()
            .filter(|a| !a.is_empty() && a.bytes().all(|b| b.is_ascii_alphanumeric()))
            .map(str::to_owned)
    };
    if let Some(rest) = key.strip_prefix("fs.azure.account.key") {
        return Some(
            account(rest.trim_start_matches('.')).map_or("account-key".into(), |a| format!("{a}-account-key")),
        );
    }
    if let Some(rest) = key.strip_prefix("fs.azure.account.oauth2.client.secret") {
        return Some(
            account(rest.trim_start_matches('.')).map_or("client-secret".into(), |a| format!("{a}-client-secret")),
        );
    }
    key.starts_with("fs.azure.sas.").then(|| "sas-token".to_owned())
}
