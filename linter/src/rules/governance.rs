//! CS5xx: how credentials and scopes are spread over environments.

pub mod hardcoded_scope_in_code;
pub mod same_credential_many_places;
pub mod same_scope_all_targets;

/// Words of a name that say which environment it belongs to, as far as it is not production.
pub(crate) fn is_test_environment(name: &str) -> bool {
    crate::value::names::words(name).iter().any(|w| {
        let bare = w.trim_end_matches(|c: char| c.is_ascii_digit());
        matches!(bare, "dev" | "develop" | "development" | "test" | "tst" | "sandbox" | "sbx" | "playground")
    })
}

/// Words that say production.
pub(crate) fn is_production(name: &str) -> bool {
    crate::value::names::words(name).iter().any(|w| matches!(w.as_str(), "prod" | "prd" | "production" | "live"))
}
