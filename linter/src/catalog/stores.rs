//! Calls of libraries that store a secret, with the argument that is its value (catalog §E CS570).

use crate::model::Argument;

/// How the callee's path ends, the position of the value where it may have one, and its keywords.
const STORES: &[(&str, Option<u32>, &[&str])] = &[
    ("secrets.put_secret", None, &["string_value", "bytes_value"]),
    ("put_secret", None, &["string_value", "bytes_value"]),
    // Key Vault, Secrets Manager, Systems Manager
    ("set_secret", Some(1), &["value"]),
    ("setSecret", Some(1), &[]),
    ("create_secret", None, &["SecretString", "SecretBinary"]),
    ("put_secret_value", None, &["SecretString", "SecretBinary"]),
    ("update_secret", None, &["SecretString", "SecretBinary"]),
    ("put_parameter", None, &["Value"]),
    ("keyring.set_password", Some(2), &["password"]),
];

/// What the value of a secret is called that a call stores; `None`: the argument is none.
pub fn value_of(argument: &Argument) -> Option<&'static str> {
    let is = |end: &str| argument.callee.strip_suffix(end).is_some_and(|head| head.is_empty() || head.ends_with('.'));
    let (callee, position, keywords) = STORES.iter().find(|(end, ..)| is(end))?;
    // Parameters that are no secrets are stored the same way.
    if *callee == "put_parameter" && argument.keyword("Type").is_none_or(|kind| kind.expose() != "SecureString") {
        return None;
    }
    match (&argument.keyword, argument.index) {
        (Some(keyword), _) => keywords.iter().copied().find(|k| **k == **keyword),
        (None, Some(index)) if *position == Some(index) => Some(keywords.first().copied().unwrap_or("value")),
        _ => None,
    }
}
