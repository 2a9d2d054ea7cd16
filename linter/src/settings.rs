//! Settings in force for one file: what configuration, command line and editor decided together.

use std::collections::BTreeMap;

use crate::{finding::HashKey, rule::Severity, value::tokens::Detectors};

#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub hash_key: HashKey,
    /// Seconds since 1970, UTC, given by the caller. `None`: nothing is known to have expired.
    pub now: Option<u64>,
    pub secrets: Secrets,
    /// Names or codes, families by prefix (`CS1`). Empty `select`: everything that is on by default.
    pub select: Vec<String>,
    pub ignore: Vec<String>,
    /// Severity by rule name, overriding the rule's own.
    pub severity: BTreeMap<String, Severity>,
    /// Low-confidence findings too.
    pub pedantic: bool,
    /// Raises what documentation leaves open (catalog: strict profile).
    pub strict: bool,
    /// Other tools' suppression marks that count: `noqa`, `nosec`, `gitleaks:allow`, `pragma: allowlist secret`.
    pub respect: Vec<String>,
    pub extend: Extensions,
}

impl Settings {
    /// Configured severity of a rule, by its name or code.
    pub fn severity_of(&self, rule: &crate::rule::RuleMeta) -> Option<Severity> {
        self.severity.get(rule.name).or_else(|| self.severity.get(rule.code)).copied()
    }
}

/// `[secrets]`.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    pub scope: Option<String>,
    /// Keys are written `snake_case` instead of `kebab-case`.
    pub snake_keys: bool,
    pub style: SecretStyle,
    pub catalog: Option<String>,
    pub schema: Option<String>,
    /// Known scopes and their keys; a fix to a declared pair is safe.
    pub declared: BTreeMap<String, Vec<String>>,
    /// Scope by bundle target.
    pub targets: BTreeMap<String, String>,
}

impl Secrets {
    /// Catalog and schema that fixes write, in the style of Unity Catalog.
    pub fn unity(&self) -> Option<(&str, &str)> {
        (self.style == SecretStyle::UnityCatalog)
            .then(|| (self.catalog.as_deref().unwrap_or("main"), self.schema.as_deref().unwrap_or("default")))
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecretStyle {
    #[default]
    Scope,
    UnityCatalog,
}

/// User rows for the catalog tables (`sources`, `sinks`, `sanitizers`, `options`, `detectors`).
#[derive(Clone, Debug, Default)]
pub struct Extensions {
    /// Dotted callee paths whose result is a secret.
    pub sources: Vec<String>,
    pub sinks: Vec<String>,
    pub sanitizers: Vec<String>,
    /// Extra option or conf keys (case-insensitive, `*` allowed) that carry credentials.
    pub options: Vec<String>,
    /// Extra placeholder values (whole value, case-insensitive).
    pub placeholders: Vec<String>,
    /// Extra token formats (`[[detectors]]`).
    pub detectors: Detectors,
}
