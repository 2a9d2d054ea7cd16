//! Sinks, propagators and sanitizers (catalog §A and §B) as data. What reads a secret is in `reads.rs`.

mod carry;
mod fields;
mod higher;
pub(super) mod shell;
mod sinks;

use super::value::Kind;
use crate::value::reported;

pub(super) use carry::{changes, encodes, is_sanitizer, keeps, passes};
pub(super) use fields::{is_clean_key, is_secret_field, is_token_key, leads_on};
pub(super) use higher::{
    hides_in_sql, is_column_function, is_given_whole, is_over_elements, makes_columns, makes_tables,
};
pub(super) use sinks::{
    Class, ends_in_url_slot, is_configured_sink, is_logger, is_redacted_conf, makes_writer, may_be_handed_on, sink,
    verb, writes,
};

/// What a call, subscript or attribute reads.
pub(super) struct Read {
    pub kind: Kind,
    /// For messages: ``secret `jdbc/password` ``.
    pub name: String,
    /// An object whose `.value` and the like is secret.
    pub holder: bool,
    /// Not the text that is stored: bytes, base64.
    pub changed: bool,
    /// An `Option` of it.
    pub wrapped: bool,
    /// A decoded document, whose fields are secret by their names.
    pub document: bool,
    /// Dotted path of the member that is secret, of an object whose text shows it; empty: it is the value itself.
    pub shown: &'static str,
}

impl Read {
    pub(super) fn secret(kind: Kind, name: String) -> Self {
        Self { kind, name, holder: false, changed: false, wrapped: false, document: false, shown: "" }
    }

    pub(super) fn scope(scope: &str, key: &str) -> Self {
        Self::secret(Kind::Scope, format!("secret `{}/{}`", reported(scope), reported(key)))
    }
}

/// Keys of a scope that hold public identifiers (catalog §A, sensitivity downgrade).
const IDENTIFIERS: &[&str] = &[
    "user", "username", "client-id", "clientid", "client_id", "tenant", "account-name", "accountname", "account_name",
    "host", "server", "endpoint", "url", "database", "schema", "port", "region", "bucket", "email", "warehouse", "id",
    "proxies", "name", "path", "catalog", "table", "uri", "location", "env", "environment", "proxy", "org",
    "organization", "tenantid", "tenant-id", "appid", "app-id", "applicationid", "application-id", "container",
    "subscription-id", "workspace-id", "storage-account", "hostname", "broker", "brokers", "topic", "dbname",
    "servername", "databasename", "storageaccount", "resource-group", "resourcegroup", "resource_group", "workspace",
    "namespace", "domain",
];

/// Words that are written behind others without a separator: `datalakeurl`. What is signed or a webhook is its own credential.
const GLUED: &[&str] = &["url", "uri", "host"];
const SIGNED: &[&str] = &["sas", "hook", "signed"];

/// Words after which a key is no identifier, whatever it ends with.
const SECRET_WORDS: &[&str] = &["password", "secret", "token", "pwd", "passwd", "sas", "connection"];

fn is_glued(head: &str, word: &str) -> bool {
    GLUED.contains(&word) && head.len() >= 3 && !SIGNED.iter().any(|signed| head.ends_with(signed))
}

pub(super) fn is_identifier(key: &str) -> bool {
    if crate::catalog::confs::is_identifier(key) {
        return true;
    }
    // `dbUser`: a word of its own begins with a capital.
    let word =
        key.rfind(|c: char| c.is_ascii_uppercase()).filter(|at| *at > 0).map(|at| key[at..].to_ascii_lowercase());
    let is_word = key.chars().any(|c| c.is_ascii_lowercase()) && word.is_some_and(|w| IDENTIFIERS.contains(&&*w));
    let key = key.to_ascii_lowercase();
    is_word
        || IDENTIFIERS.iter().any(|w| {
            key == *w
                || key.strip_suffix(w).is_some_and(|head| {
                    head.ends_with(['-', '_', '.']) || w.len() > 5 && !head.is_empty() || is_glued(head, w)
                })
        }) && !SECRET_WORDS.iter().any(|w| key.ends_with(w))
}
