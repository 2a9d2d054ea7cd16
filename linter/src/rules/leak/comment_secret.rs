//! Tokens in text for people: comments, docstrings, Markdown, titles, descriptions.

use credscope_grammars::{CellKind, Secret, Span};

use crate::{
    context::CellContext,
    finding::{Finding, Place},
    fix::{self, Applicability, CellEdit, Plan},
    rule::{Anchors, CellRule, Confidence, FixKind, RuleMeta, Severity},
    rules::shared,
    value::tokens::find,
};

pub static META: RuleMeta = RuleMeta {
    code: "CS226",
    name: "comment-secret",
    summary: "token in a comment, a docstring, Markdown or a description",
    docs: include_str!("comment_secret.md"),
    severity: Severity::Error,
    fix: FixKind::Unsafe,
    anchors: Anchors::CredentialWords,
    // Above the token formats: it says where the token is, and what they say of it.
    precedence: 45,
    cwe: &[615, 540],
    since: "0.1.0",
};

/// Keys of configuration whose values are text for people.
const DESCRIPTIONS: &[&str] = &["description", "comment", "notes", "title", "summary"];

pub struct CommentSecret;

impl CellRule for CommentSecret {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let text = cx.cell.text.clone();
        let (spans, comments): (Vec<Span>, bool) = match cx.cell.kind {
            CellKind::Output { .. } => return,
            CellKind::Markdown | CellKind::Raw | CellKind::Meta => (vec![Span::new(0, text.len())], false),
            CellKind::Code => {
                let comments = cx.facts.comments.iter().map(|c| c.span);
                let described = cx
                    .facts
                    .properties
                    .iter()
                    .filter(|p| DESCRIPTIONS.iter().any(|d| p.key().eq_ignore_ascii_case(d)))
                    .map(|p| p.value_span);
                (comments.chain(described).collect(), true)
            }
        };
        let mut seen: Vec<Span> = Vec::new();
        for span in spans {
            for hit in find(span.of(&text), cx.settings) {
                let start = span.start as usize;
                let place = Span::new(start + hit.range.start, start + hit.range.end);
                // Formats of the configuration have a rule of their own.
                if hit.custom.is_some() || hit.confidence < Confidence::High || seen.iter().any(|s| s.overlaps(place)) {
                    continue;
                }
                seen.push(place);
                let value = Secret::from(place.of(&text));
                let (message, _) = shared::fitted(hit.note.as_deref(), None, |facts| match facts {
                    "" => format!("{} is written in text for people", hit.label),
                    facts => format!("{} ({facts}) is written in text for people", hit.label),
                });
                let at = Place { cell: cx.index as u32, span: place };
                let mut finding = Finding::literal(&META, at, &value, cx.settings.hash_key, message)
                    .help("nobody rotates what stands there; delete it and revoke the token")
                    .confidence(hit.confidence)
                    .subject(hit.label);
                finding.severity = finding.severity.min(hit.alone);
                if hit.lowered || shared::is_test(cx.path) {
                    finding.severity = finding.severity.lowered();
                }
                let plan = comments.then(|| fix::whole_line(&text, span)).flatten();
                let plan = plan.map_or_else(
                    || Plan::Advice { title: "Delete it here and revoke it".into() },
                    |line| Plan::Edit {
                        title: "Delete this comment; revoke the token".into(),
                        applicability: Applicability::Unsafe,
                        edits: vec![CellEdit { place: Place { span: line, ..at }, text: String::new() }],
                    },
                );
                cx.report(finding.plan(plan));
            }
        }
    }
}
