use credscope_grammars::Secret;

use crate::{
    context::NotebookContext,
    finding::Finding,
    flow::stored_outputs,
    rule::{Anchors, Confidence, FixKind, NotebookRule, RuleMeta, Severity},
};

pub static META: RuleMeta = RuleMeta {
    code: "CS290",
    name: "output-contains-secret",
    summary: "credential in a stored output of the notebook",
    docs: include_str!("stored_output.md"),
    severity: Severity::Error,
    fix: FixKind::Display,
    anchors: Anchors::CredentialWords,
    precedence: 100,
    cwe: &[532],
    since: "0.1.0",
};

pub struct StoredOutputRule;

impl NotebookRule for StoredOutputRule {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut NotebookContext<'_>) {
        let flagged: Vec<Secret> = cx
            .earlier
            .iter()
            .filter(|f| f.value.is_some())
            .filter_map(|f| {
                let text = f.place.span.of(&cx.document.cells.get(f.place.cell as usize)?.text);
                Some(Secret::from(text.trim_matches(['"', '\''])))
            })
            .collect();
        for found in stored_outputs(cx.document, &flagged, cx.settings) {
            let message = format!(
                "{} is in a stored output of the notebook; clear the output and rotate the credential, also if the line that printed it is gone",
                found.what
            );
            let mut finding = Finding::literal(&META, found.place, &found.value, cx.settings.hash_key, message)
                .confidence(Confidence::Medium)
                .subject(found.what);
            if let Some(cell) = found.printed_by {
                let place = crate::finding::Place { cell, span: credscope_grammars::Span::new(0, 0) };
                finding = finding.related("the cell that printed it", place);
            }
            cx.findings.push(finding);
        }
    }
}
