//! Keys and words of SQL statements that carry credentials (catalog §C.5).

use super::options;
use crate::value::names::{NameVerdict, verdict};

/// Lower-case keys of `CREATE CONNECTION … OPTIONS` beside those of connector options.
const CONNECTION: &[&str] = &[
    "googleserviceaccountkeyjson", "authorization_code", "security_token", "oauth_refresh_token",
    "oauth_client_secret", "pem_private_key", "personalaccesstoken", "client_secret", "bearer_token", "access_token",
    "refresh_token", "password", "private_key", "api_token", "pem_private_key_expression",
];

/// Words that stand directly before a credential in a clause, lower case: `PASSWORD '…'`, `SECRET = '…'`.
const CLAUSES: &[&str] = &[
    "password", "secret", "passphrase", "secret_string", "secret_key", "aws_secret_key", "aws_secret_access_key",
    "secret_access_key", "aws_session_token", "aws_token", "session_token", "azure_sas_token", "sas_token",
    "master_key", "api_key", "account_key", "oauth_client_secret", "oauth_refresh_token", "client_secret",
    "private_key", "access_token", "encryption_key", "old_password", "passwd", "pwd",
];

/// Ids of key pairs: reported where they stand, one step lower.
const IDENTIFIERS: &[&str] = &["aws_access_key", "aws_access_key_id", "access_key_id", "aws_key_id"];

/// Whether an option of a connection, foreign server or data source is a credential.
pub fn is_secret_option(key: &str) -> bool {
    let lower = key.trim().to_ascii_lowercase();
    let lower = lower.strip_prefix("option.").unwrap_or(&lower);
    !options::is_clean(lower)
        && (CONNECTION.contains(&lower) || options::is_secret(lower) || verdict(lower) == NameVerdict::Secret)
}

pub fn is_secret_clause(word: &str) -> bool {
    CLAUSES.contains(&word.to_ascii_lowercase().as_str())
}

pub fn is_identifier(word: &str) -> bool {
    IDENTIFIERS.contains(&word.to_ascii_lowercase().as_str())
}

/// Functions that call out of the database and take credentials as arguments (catalog CS126).
pub const REQUESTS: &[&str] = &["http_request", "remote_query", "ai_query"];
