//! Results of a command as Databricks keeps them, in archives and in the metadata of its Jupyter exports:
//! `{"type": "html"|"table"|"listResults"|"ipynbError"|…, "data": …, "schema": …, "errorSummary": …}`.

use super::{
    build::{Body, RawOutput},
    json::Reader,
};
use crate::Span;

/// Rows of a table that are looked at, and columns.
const MOST: usize = 1000;

/// What was read of one result; strings are still escaped.
#[derive(Default)]
struct Shown<'t> {
    kind: &'t str,
    text: Option<Span>,
    json: Option<Span>,
    rows: Vec<Vec<Span>>,
    columns: Vec<Span>,
    error: Vec<Span>,
}

/// Reads results. Data of `listResults` is a list of results.
pub(super) fn read_results(r: &mut Reader<'_>, outputs: &mut Vec<RawOutput>) {
    read(r, outputs, true);
}

fn read(r: &mut Reader<'_>, outputs: &mut Vec<RawOutput>, may_nest: bool) {
    if !r.object() {
        return;
    }
    let mut shown = Shown::default();
    while let Some(key) = r.key() {
        match key {
            "type" => shown.kind = r.string().map_or("", |span| span.of(r.text())),
            "data" if r.at_string() => shown.text = r.string(),
            "data" if may_nest && r.at_objects() => {
                if r.array() {
                    while r.element() {
                        read(r, outputs, false);
                    }
                }
            }
            "data" if r.at_lists() => shown.rows = rows(r),
            "data" => shown.json = Some(r.skip()).filter(|span| span.len() > 2),
            "schema" if r.at_objects() => shown.columns = columns(r),
            "error" | "errorSummary" => shown.error.extend(r.string().filter(|text| !text.is_empty())),
            _ => drop(r.skip()),
        }
    }
    shown.finish(outputs);
}

/// Rows of a table: strings, and what else stands in them as it is.
fn rows(r: &mut Reader<'_>) -> Vec<Vec<Span>> {
    let mut rows = Vec::new();
    if !r.array() {
        return rows;
    }
    while r.element() {
        let mut row = Vec::new();
        if r.array() {
            while r.element() {
                let cell = if r.at_string() { r.string() } else { Some(r.skip()) };
                row.extend(cell.filter(|_| row.len() < MOST));
            }
        } else {
            r.skip();
        }
        if rows.len() < MOST {
            rows.push(row);
        }
    }
    rows
}

/// Names of a table's columns: `[{"name": "password", "type": …}, …]`.
fn columns(r: &mut Reader<'_>) -> Vec<Span> {
    let mut names = Vec::new();
    if !r.array() {
        return names;
    }
    while r.element() {
        if !r.object() {
            continue;
        }
        while let Some(key) = r.key() {
            match key {
                "name" => names.extend(r.string()),
                _ => drop(r.skip()),
            }
        }
    }
    names
}

impl Shown<'_> {
    fn finish(self, outputs: &mut Vec<RawOutput>) {
        let mut push = |mime: &str, body| outputs.push(RawOutput { mime: mime.into(), body });
        if !self.error.is_empty() {
            push("traceback", Body::Lines(self.error));
        }
        if self.kind.eq_ignore_ascii_case("image") {
            return;
        }
        if let Some(text) = self.text {
            let mime = if self.kind.starts_with("html") { "text/html" } else { "text/plain" };
            push(mime, Body::Text(vec![text]));
        }
        if let Some(json) = self.json {
            push("application/json", Body::Json(json));
        }
        if !self.rows.is_empty() {
            push("table", Body::Table(self.columns, self.rows));
        }
    }
}
