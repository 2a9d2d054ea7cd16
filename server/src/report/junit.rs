//! JUnit XML: a test case a finding, failed at `warning` and above; what could not be read is an error.

use std::fmt::Write;

use credscope_linter::Severity;

use crate::outcome::Outcome;

pub fn render(outcome: &Outcome) -> String {
    let failures = outcome.findings().filter(|(_, f)| f.severity >= Severity::Warning).count();
    let (findings, problems) = (outcome.findings().count(), outcome.problems().count());
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let tests = (findings + problems).max(1);
    let _ = writeln!(
        out,
        "<testsuites><testsuite name=\"credscope\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{problems}\">"
    );
    for (checked, finding) in outcome.findings() {
        let ((line, column), _) = checked.range(finding.place);
        let name = escape(&format!("{} {}:{line}:{column}", finding.rule.name, checked.path));
        let (message, help) = (escape(&finding.message), escape(&finding.help));
        let _ = write!(
            out,
            "<testcase name=\"{name}\" classname=\"{}\" file=\"{}\" line=\"{line}\">",
            finding.rule.code,
            escape(&checked.path)
        );
        if finding.severity >= Severity::Warning {
            let _ = write!(out, "<failure type=\"{}\" message=\"{message}\">{help}</failure>", finding.severity.name());
        } else {
            let _ = write!(out, "<system-out>{message}</system-out>");
        }
        out.push_str("</testcase>\n");
    }
    for (path, problem) in outcome.problems() {
        let (path, problem) = (escape(path), escape(problem));
        let _ = writeln!(out, "<testcase name=\"{path}\" classname=\"read\"><error message=\"{problem}\"/></testcase>");
    }
    if findings + problems == 0 {
        out.push_str("<testcase name=\"no findings\" classname=\"credscope\"/>\n");
    }
    out.push_str("</testsuite></testsuites>\n");
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            c if c.is_control() && c != '\t' => {}
            c => out.push(c),
        }
    }
    out
}
