use std::collections::HashMap;

use credscope_grammars::{CellKind, Document, Secret, Span};

use crate::{
    context::NotebookContext,
    finding::{Finding, Place},
    fix::{Applicability, CellEdit, Plan},
    flow::{StoredOutput, stored_outputs},
    rule::{Anchors, Confidence, FixKind, NotebookRule, RuleMeta, Severity},
};

pub static META: RuleMeta = RuleMeta {
    code: "CS290",
    name: "output-contains-secret",
    summary: "credential in a stored output of the notebook",
    docs: include_str!("output_contains_secret.md"),
    severity: Severity::Error,
    fix: FixKind::Unsafe,
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
        if !cx.document.cells.iter().any(|c| matches!(c.kind, CellKind::Output { .. })) {
            return;
        }
        let flagged: Vec<Secret> = cx
            .earlier
            .iter()
            .filter(|f| f.value.is_some())
            .filter_map(|f| {
                let text = f.place.span.of(&cx.document.cells.get(f.place.cell as usize)?.text);
                Some(Secret::from(text.trim_matches(['"', '\''])))
            })
            .collect();
        for (found, again) in once_for_each_output(cx.document, stored_outputs(cx.document, &flagged, cx.settings)) {
            let message = format!("{} is in a stored output of the notebook", found.what);
            let mut finding = Finding::literal(&META, found.place, &found.value, cx.settings.hash_key, message)
                .help("clear the output and rotate the credential, also if the line that printed it is gone")
                .confidence(Confidence::Medium)
                .subject(found.what);
            if let Some(cell) = found.printed_by {
                let place = Place { cell, span: Span::new(0, 0) };
                finding = finding.related("the cell that printed it", place);
            }
            for place in &again {
                finding = finding.related("also stored here", *place);
            }
            let plan = match cx.document.cells.get(found.place.cell as usize) {
                Some(cell) if cx.document.writable => Plan::Edit {
                    title: "Clear this output; rotate the credential".into(),
                    applicability: Applicability::Unsafe,
                    edits: vec![CellEdit {
                        place: Place { cell: found.place.cell, span: Span::new(0, cell.text.len()) },
                        text: String::new(),
                    }],
                },
                _ => Plan::Advice { title: "Clear the output in the notebook and rotate the credential".into() },
            };
            cx.findings.push(finding.plan(plan));
        }
    }
}

/// One for each credential of an output, with the other places: notebooks keep an error as its text and its traceback,
/// tables once more in their metadata.
fn once_for_each_output(document: &Document, found: Vec<StoredOutput>) -> Vec<(StoredOutput, Vec<Place>)> {
    // What goes when the output goes.
    let whole = |place: Place| {
        let cell = document.cells.get(place.cell as usize)?;
        document.edit(place.cell as usize, Span::new(0, cell.text.len()), "")
    };
    let mut all: Vec<(StoredOutput, Vec<Place>)> = Vec::new();
    let mut last: HashMap<(u32, String), usize> = HashMap::new();
    for next in found {
        let key = next.printed_by.map(|cell| (cell, next.value.expose().to_owned()));
        let same = key.as_ref().and_then(|key| last.get(key)).filter(|i| whole(all[**i].0.place) == whole(next.place));
        match same {
            Some(first) => all[*first].1.push(next.place),
            None => {
                last.extend(key.map(|key| (key, all.len())));
                all.push((next, Vec::new()));
            }
        }
    }
    all
}
