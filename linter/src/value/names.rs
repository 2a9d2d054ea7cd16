//! Which names mean secrets (catalog §G.3).

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameVerdict {
    /// The name says that its value is a secret (`db_password`, `clientSecret`).
    Secret,
    /// The name says that its value identifies someone or something (`username`, `tenant_id`, `endpoint`).
    Identifier,
    Neutral,
}

/// Judges a variable, key, option or parameter name in any case style.
pub fn verdict(name: &str) -> NameVerdict {
    let lower = name.to_ascii_lowercase();
    if ["user", "username", "tenant", "client_id", "host", "endpoint"].iter().any(|w| lower.ends_with(w)) {
        NameVerdict::Identifier
    } else if ["password", "passwd", "pwd", "secret", "token", "api_key", "apikey"].iter().any(|w| lower.ends_with(w)) {
        NameVerdict::Secret
    } else {
        NameVerdict::Neutral
    }
}
