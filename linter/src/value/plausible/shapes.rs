//! Shapes of texts that no secret has.

/// `oauth2client.client.OAuth2Credentials`: names of modules, and of a class at the end.
pub(super) fn is_class_path(v: &str) -> bool {
    let parts: Vec<&str> = v.split('.').collect();
    let name = |part: &&str| {
        (3..=32).contains(&part.len())
            && part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !crate::value::letters::is_random(part)
    };
    let (Some(class), Some(first)) = (parts.last(), parts.first()) else { return false };
    let module = |part: &str| !part.bytes().any(|b| b.is_ascii_uppercase());
    parts.len() >= 3 && parts.iter().all(name) && module(first) && class.starts_with(|c: char| c.is_ascii_uppercase())
}

/// `getFromSystemVariable`: the name of what looks the value up.
pub(super) fn is_lookup(v: &str) -> bool {
    const VERBS: &[&str] = &["get", "read", "fetch", "load", "lookup", "resolve", "retrieve", "find"];
    let words = crate::value::names::words(v);
    words.len() >= 3
        && words.first().is_some_and(|first| v.starts_with(first.as_str()) && VERBS.contains(&first.as_str()))
        && v.bytes().all(|b| b.is_ascii_alphabetic())
        && words.iter().all(|word| word.len() >= 2)
        && !crate::value::letters::is_random(v)
}

/// `$2y$10$…`, `$6$rounds=656000$…`: what a password was hashed to, with the user before it in an `.htpasswd`.
pub(super) fn is_crypt(v: &str) -> bool {
    const KINDS: &[&str] = &[
        "$1$", "$2a$", "$2b$", "$2y$", "$5$", "$6$", "$y$", "$apr1$", "$argon2i$", "$argon2id$", "$scrypt$", "$pbkdf2",
    ];
    let hash = v.split_once(':').map_or(v, |(_, hash)| if hash.starts_with('$') { hash } else { v });
    KINDS.iter().any(|kind| hash.starts_with(kind)) && hash.matches('$').count() >= 3
}

/// `db-%s`: a part that is filled in, and not two characters amid a random value.
pub(super) fn formats(v: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    v.match_indices("%s").any(|(at, _)| !(part(v[..at].chars().next_back()) && part(v[at + 2..].chars().next())))
}
