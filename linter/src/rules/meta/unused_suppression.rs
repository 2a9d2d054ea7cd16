use crate::rule::{Anchors, FixKind, RuleMeta, Severity};

/// Reported by [`crate::suppress`], which alone knows which marks silenced something.
pub static META: RuleMeta = RuleMeta {
    code: "CS001",
    name: "unused-suppression",
    summary: "suppression comment that silences nothing",
    docs: include_str!("unused_suppression.md"),
    severity: Severity::Info,
    fix: FixKind::None,
    anchors: Anchors::Words(&["credscope:"]),
    precedence: 0,
    cwe: &[],
    since: "0.1.0",
};
