//! Edits of findings' texts → `WorkspaceEdit`, in the form that the client takes.

use credscope_grammars::Span;
use credscope_linter::{Place, fix::Fix};
use serde_json::{Map, Value, json};

use super::{
    analysed::{Analysed, range_of},
    capabilities::Client,
};

/// Edits of any number of texts. An edit that overlaps an earlier one is left out, with the fix that it belongs to.
#[derive(Default)]
pub(super) struct Edits {
    rows: Vec<Row>,
}

struct Row {
    uri: String,
    version: Option<i64>,
    span: Span,
    range: Value,
    text: String,
}

impl Edits {
    /// Adds a fix, whole or not at all.
    pub(super) fn fix(&mut self, analysed: &Analysed, fix: &Fix, client: &Client) {
        let rows: Option<Vec<Row>> = fix.edits.iter().map(|e| row(analysed, e.place, &e.text, client)).collect();
        self.add(rows.unwrap_or_default());
    }

    pub(super) fn insert(&mut self, analysed: &Analysed, place: Place, text: &str, client: &Client) {
        self.add(row(analysed, place, text, client).into_iter().collect());
    }

    fn add(&mut self, new: Vec<Row>) {
        let same = |a: &Row, b: &Row| a.uri == b.uri && a.span == b.span && a.text == b.text;
        let clash = |a: &Row, b: &Row| {
            a.uri == b.uri && !same(a, b) && (a.span.overlaps(b.span) || (a.span == b.span && !a.span.is_empty()))
        };
        if new.iter().any(|n| self.rows.iter().any(|old| clash(old, n))) {
            return;
        }
        for row in new {
            if !self.rows.iter().any(|old| same(old, &row)) {
                self.rows.push(row);
            }
        }
    }

    /// `None` when there is nothing to change.
    pub(super) fn finish(mut self, client: &Client) -> Option<Value> {
        if self.rows.is_empty() {
            return None;
        }
        self.rows.sort_by(|a, b| (&a.uri, a.span).cmp(&(&b.uri, b.span)));
        let mut by_uri: Vec<(&str, Option<i64>, Vec<Value>)> = Vec::new();
        for row in &self.rows {
            let edit = json!({"range": row.range, "newText": row.text});
            match by_uri.last_mut().filter(|(uri, _, _)| *uri == row.uri) {
                Some((_, _, edits)) => edits.push(edit),
                None => by_uri.push((&row.uri, row.version, vec![edit])),
            }
        }
        if client.document_changes {
            let changes: Vec<Value> = by_uri
                .into_iter()
                .map(|(uri, version, edits)| json!({"textDocument": {"uri": uri, "version": version}, "edits": edits}))
                .collect();
            return Some(json!({"documentChanges": changes}));
        }
        let changes: Map<String, Value> =
            by_uri.into_iter().map(|(uri, _, edits)| (uri.to_owned(), Value::Array(edits))).collect();
        Some(json!({"changes": changes}))
    }
}

fn row(analysed: &Analysed, place: Place, text: &str, client: &Client) -> Option<Row> {
    let (at, _) = analysed.locate(place)?;
    let (span, text) = analysed.document.edit(place.cell as usize, place.span, text)?;
    Some(Row { uri: at.uri.to_owned(), version: at.version, span, range: range_of(at, span, client), text })
}
