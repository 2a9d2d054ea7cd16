//! What a rule is.

use crate::context::{CellContext, NotebookContext};

/// Least to most severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Hint,
    Info,
    Warning,
    Error,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Hint => "hint",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// One step less severe; `Hint` stays.
    pub fn lowered(self) -> Self {
        match self {
            Self::Error => Self::Warning,
            Self::Warning => Self::Info,
            _ => Self::Hint,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    Low,
    Medium,
    High,
}

impl Confidence {
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Whether and how a rule's findings can be fixed (the best that any of its findings offers).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixKind {
    None,
    /// Moves a literal into a secret scope: safe when scope and key are declared, unsafe otherwise.
    SecretReference,
    /// A mechanical rewrite that keeps the meaning.
    Safe,
    Unsafe,
    /// Says what to do; a person must.
    Display,
}

/// Words that must occur (ASCII case-insensitively) somewhere in a cell's bytes for the rule to find anything there.
#[derive(Clone, Copy, Debug)]
pub enum Anchors {
    Words(&'static [&'static str]),
    /// Shared by all credential-position rules, see [`crate::prefilter`].
    CredentialWords,
    /// Never skips a cell; needs a reason beside its use.
    Always,
}

#[derive(Debug)]
pub struct RuleMeta {
    /// `CS102`.
    pub code: &'static str,
    /// `option-literal`: the identity in config, suppression and docs.
    pub name: &'static str,
    /// One line: tables, SARIF, hover.
    pub summary: &'static str,
    /// The rule's page; its `## Cases` section is executed by the tests.
    pub docs: &'static str,
    /// Severity when nothing lowers or raises it.
    pub severity: Severity,
    pub fix: FixKind,
    pub anchors: Anchors,
    /// Where two findings cover the same text the higher one stays: 0 names and bare shapes, 50 positions (option,
    /// conf, client parameter), 80 parsed values (URL, connection string, header) in such a position, 100 leaks.
    pub precedence: u8,
    pub cwe: &'static [u32],
    pub since: &'static str,
}

impl RuleMeta {
    /// Address of the rule's page in the documentation.
    pub fn url(&self) -> String {
        format!("https://github.com/credscope/credscope/blob/main/linter/src/rules/{}.md", self.page())
    }

    /// `plaintext/option_literal`: folder and file of the page below `linter/src/rules`.
    pub fn page(&self) -> String {
        format!("{}/{}", family(self.code), self.name.replace('-', "_"))
    }
}

/// Folder of a rule's family, by code.
pub fn family(code: &str) -> &'static str {
    match code.as_bytes().get(2) {
        Some(b'0') => "meta",
        Some(b'1') => "plaintext",
        Some(b'2') => "leak",
        Some(b'3') => "config",
        Some(b'4') => "shell",
        Some(b'5') => "governance",
        Some(b'6') => "reference",
        _ => "token",
    }
}

/// Sees one cell: its facts, and its sites with constants of earlier cells filled in. The result is memoised with the
/// cell, so it may depend on nothing else.
pub trait CellRule: Sync {
    fn meta(&self) -> &'static RuleMeta;

    /// Whether it has to run, given which rules are on. One that reports for several rules overrides it.
    fn is_on(&self, on: &dyn Fn(&RuleMeta) -> bool) -> bool {
        on(self.meta())
    }

    fn check(&self, cx: &mut CellContext<'_>);
}

/// Sees the joined cells of a document, the flow of secrets through them, and the workspace.
pub trait NotebookRule: Sync {
    fn meta(&self) -> &'static RuleMeta;
    fn check(&self, cx: &mut NotebookContext<'_>);
}
