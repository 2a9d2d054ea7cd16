//! One line a finding: `path:line:column: severity CODE name: message`.

use std::fmt::Write;

use crate::outcome::Outcome;

pub fn render(outcome: &Outcome) -> String {
    let mut out = String::new();
    for (checked, finding) in outcome.findings() {
        let ((line, column), _) = checked.range(finding.place);
        let rule = finding.rule;
        let severity = finding.severity.name();
        let _ = writeln!(
            out,
            "{}:{line}:{column}: {severity} {} {}: {}",
            checked.path, rule.code, rule.name, finding.message
        );
    }
    for (path, problem) in outcome.problems() {
        let _ = writeln!(out, "{path}: problem: {problem}");
    }
    out
}
