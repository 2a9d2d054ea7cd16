//! GitHub workflow commands: annotations on the lines of a pull request.

use std::fmt::Write;

use credscope_linter::Severity;

use crate::outcome::Outcome;

pub fn render(outcome: &Outcome) -> String {
    let mut out = String::new();
    for (checked, finding) in outcome.findings() {
        let ((line, column), (end_line, end_column)) = checked.range(finding.place);
        let level = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            _ => "notice",
        };
        let _ = writeln!(
            out,
            "::{level} file={},line={line},endLine={end_line},col={column},endColumn={end_column},title={}::{}",
            property(&checked.path),
            property(&format!("{} {}", finding.rule.code, finding.rule.name)),
            data(format!("{}\n{}", finding.message, finding.help).trim_end())
        );
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
