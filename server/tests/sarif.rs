//! The SARIF report against types that are generated from the standard's schema.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a failure fails the test, as it should")]

use std::path::Path;

use assert_cmd::Command;
use serde_sarif::sarif::Sarif;

#[test]
fn the_report_is_sarif() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let output = Command::new(env!("CARGO_BIN_EXE_credscope"))
        .args(["check", "--format", "sarif"])
        .arg(fixtures)
        .output()
        .unwrap();
    let log: Sarif = serde_json::from_slice(&output.stdout).unwrap();
    let run = &log.runs[0];
    let rules = run.tool.driver.rules.as_ref().unwrap();
    let results = run.results.as_ref().unwrap();
    assert!(results.len() > 10, "{} results", results.len());
    for result in results {
        let index = result.rule_index.unwrap() as usize;
        assert_eq!(Some(&rules[index].id), result.rule_id.as_ref());
        assert!(result.partial_fingerprints.as_ref().is_some_and(|f| f.contains_key("credscope/v1")));
        let region = result.locations.as_ref().unwrap()[0].physical_location.as_ref().unwrap().region.as_ref().unwrap();
        assert!(region.start_line.unwrap() >= 1 && region.start_column.unwrap() >= 1);
    }
    assert!(results.iter().any(|r| r.related_locations.as_ref().is_some_and(|l| !l.is_empty())), "no related location");
    assert!(rules.iter().all(|r| r.help_uri.is_some() && r.short_description.is_some()));
}
