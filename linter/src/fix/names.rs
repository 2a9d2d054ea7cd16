//! Scope and key of a credential: from configuration, from the notebook's own reads, from what it is for. One value has
//! one name in a run, and no two values share one.

use std::collections::HashMap;

use credscope_grammars::{
    CellFacts, Secret,
    facts::{ExprId, ExprKind},
};

use super::{NameHint, SecretName};
use crate::{finding::ValueKey, settings::Settings, value::names::words};

/// Names given so far in a run.
#[derive(Clone, Debug, Default)]
pub struct Names {
    by_value: HashMap<ValueKey, SecretName>,
    taken: HashMap<SecretName, ValueKey>,
}

impl Names {
    /// The name for a value; `fixed` overrides the scope (an alternative target).
    pub(super) fn of(
        &mut self,
        value: ValueKey,
        hint: &NameHint,
        scope: &str,
        settings: &Settings,
        fixed: bool,
    ) -> SecretName {
        if !fixed && let Some(name) = self.by_value.get(&value) {
            return name.clone();
        }
        let key = key_of(hint, settings);
        let mut name = SecretName { scope: scope.to_owned(), key: declared_key(scope, &key, settings) };
        let mut number = 2;
        while self.taken.get(&name).is_some_and(|v| *v != value) {
            name.key = if number == 2 && !hint.purpose.is_empty() && !key.starts_with(&hint.purpose) {
                format!("{}-{key}", hint.purpose)
            } else {
                format!("{key}-{number}")
            };
            number += 1;
        }
        if !fixed {
            self.by_value.insert(value, name.clone());
            self.taken.insert(name.clone(), value);
        }
        name
    }
}

/// The scope that a fix uses in a document.
pub(super) fn scope_of(settings: &Settings, existing: Option<&str>, hint: &NameHint) -> String {
    let named = settings.secrets.scope.clone().or_else(|| existing.map(str::to_owned));
    let scope = named.unwrap_or_else(|| if hint.purpose.is_empty() { "app".to_owned() } else { hint.purpose.clone() });
    if super::is_valid_name(&scope) { scope } else { "app".to_owned() }
}

/// The scope of the first `secrets.get` of the document that names one.
pub(super) fn existing_scope<'a>(cells: impl Iterator<Item = &'a CellFacts>) -> Option<String> {
    for facts in cells {
        for expr in &facts.exprs {
            let ExprKind::Call { callee, args, .. } = &expr.kind else { continue };
            let Some(path) = facts.path(*callee) else { continue };
            if !path.ends_with("secrets.get") && !path.ends_with("secrets.getBytes") && path != "secret" {
                continue;
            }
            let named = args.iter().find(|a| a.name.as_ref().is_some_and(|(n, _)| &**n == "scope"));
            let scope = named.or_else(|| args.first().filter(|a| a.name.is_none()));
            if let Some(text) = scope.and_then(|a| plain(facts, a.value))
                && super::is_valid_name(text.expose())
            {
                return Some(text.expose().to_owned());
            }
        }
    }
    None
}

fn plain(facts: &CellFacts, id: ExprId) -> Option<Secret> {
    facts.str_lit(id)?.plain()
}

/// A declared key that the hint means, else the hint's own.
fn declared_key(scope: &str, key: &str, settings: &Settings) -> String {
    let declared = settings.secrets.declared.iter().find(|(s, _)| s.eq_ignore_ascii_case(scope)).map(|(_, keys)| keys);
    let plain = |k: &str| k.to_ascii_lowercase().replace(['_', '.'], "-");
    declared.and_then(|keys| keys.iter().find(|k| plain(k) == plain(key))).cloned().unwrap_or_else(|| key.to_owned())
}

/// `user` → `username`, `sfPassword` → `sf-password`, `fs.azure.account.key.sales.dfs…` → `sales-account-key`.
fn key_of(hint: &NameHint, settings: &Settings) -> String {
    let raw = hint.key.trim();
    let lower = raw.to_ascii_lowercase();
    let key = if matches!(lower.as_str(), "user" | "username" | "uid" | "user id" | "userid" | "login") {
        "username".to_owned()
    } else if matches!(lower.as_str(), "pwd" | "pw" | "pass" | "passwd" | "userinfo") {
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
    let mut clean: String =
        key.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { separator }).collect();
    clean = clean.trim_matches(['-', '_']).chars().take(100).collect();
    if settings.secrets.snake_keys {
        clean = clean.replace('-', "_");
    }
    if clean.is_empty() { "secret".to_owned() } else { clean }
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
