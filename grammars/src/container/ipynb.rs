//! Jupyter notebooks: nbformat 4 JSON (3 is tolerated), cells and stored outputs.

use std::sync::Arc;

mod elements;

pub(crate) use elements::in_elements;

use super::{
    build::{Body, Build, RawOutput},
    cells::Source,
    json::{JsonError, Reader},
    newline_of, plain,
    results::read_results,
};
use crate::{CellKind, Container, Document, Encoding, Language, LineIndex, Span};

/// Reads a notebook. What is no notebook, or a broken one, comes with a message; its readable cells are kept.
pub(super) fn read(text: Arc<str>) -> (Document, Option<String>) {
    let mut notebook = Notebook::default();
    let mut reader = Reader::new(&text);
    let empty = text.trim_start_matches('\u{feff}').trim().is_empty();
    if !empty {
        notebook.read(&mut reader);
        reader.finish();
    }
    let lines = LineIndex::new(&text);
    let problem = reader.error.map(|error| message(&text, &lines, error, notebook.cells.len()));
    if !notebook.has_cells && !empty {
        let (language, what) = match problem {
            _ if text.starts_with("version https://git-lfs") => {
                (Language::Text, "the file is a Git LFS pointer, not the notebook; run `git lfs pull`")
            }
            None => (Language::Json, "the file is JSON but no notebook (it has no `cells`); it was checked as JSON"),
            Some(_) => (
                Language::Text,
                "the file is no notebook (not JSON with `cells`); it was checked as text; export it again",
            ),
        };
        return (plain(language, text.clone()), Some(what.to_owned()));
    }
    let language = notebook.language();
    let mut build = Build::new(&text);
    if let Some(widgets) = notebook.widgets {
        build.raw_json(CellKind::Meta, 0, widgets);
    }
    for (number, cell) in notebook.cells.iter().enumerate() {
        push_cell(&mut build, number as u32, cell, language);
    }
    let cells = build.finish();
    let newline = newline_of(&text);
    let container = Container::Jupyter;
    (Document { entry: None, container, language, text, lines, cells, newline, writable: true }, problem)
}

/// What is wrong with JSON and where, for people.
pub(super) fn message(text: &str, lines: &LineIndex, error: JsonError, cells: usize) -> String {
    let at = lines.position(text, error.at, crate::ColumnUnit::Utf32);
    let conflict = if memchr::memmem::find(text.as_bytes(), b"\n<<<<<<< ").is_some() {
        "resolve the merge conflict in it"
    } else {
        "repair or export it again"
    };
    format!(
        "the notebook is not valid JSON (line {}, column {}: {}); only the first {cells} cells were checked; {conflict}",
        at.line + 1,
        at.column + 1,
        error.what
    )
}

/// Places of what was read; strings are still escaped.
#[derive(Default)]
struct Notebook {
    cells: Vec<RawCell>,
    has_cells: bool,
    databricks_language: Option<Language>,
    language_info: Option<Language>,
    kernel: Option<Language>,
    widgets: Option<Span>,
}

#[derive(Default)]
struct RawCell {
    kind: RawKind,
    source: Vec<Span>,
    language: Option<Language>,
    title: Option<Span>,
    outputs: Vec<RawOutput>,
    execution_count: Option<u32>,
}

#[derive(Default, Clone, Copy)]
enum RawKind {
    #[default]
    Code,
    Markdown,
    Raw,
}

impl Notebook {
    /// Databricks knows best: its exports name Python in `language_info` whatever the notebook's language is.
    fn language(&self) -> Language {
        self.databricks_language.or(self.language_info).or(self.kernel).unwrap_or(Language::Python)
    }

    fn read(&mut self, r: &mut Reader<'_>) {
        if !r.object() {
            return;
        }
        while let Some(key) = r.key() {
            match key {
                "cells" => self.read_cells(r),
                "metadata" => self.read_metadata(r),
                // nbformat 3
                "worksheets" if r.array() => {
                    while r.element() {
                        if r.object() {
                            while let Some(key) = r.key() {
                                if key == "cells" {
                                    self.read_cells(r);
                                } else {
                                    r.skip();
                                }
                            }
                        }
                    }
                }
                "worksheets" => {}
                _ => drop(r.skip()),
            }
        }
    }

    fn read_cells(&mut self, r: &mut Reader<'_>) {
        if !r.array() {
            return;
        }
        self.has_cells = true;
        while r.element() {
            if r.object() {
                let cell = RawCell::read(r);
                self.cells.push(cell);
            }
        }
    }

    fn read_metadata(&mut self, r: &mut Reader<'_>) {
        if !r.object() {
            return;
        }
        while let Some(key) = r.key() {
            match key {
                "application/vnd.databricks.v1+notebook" if r.object() => {
                    while let Some(key) = r.key() {
                        match key {
                            "language" => self.databricks_language = word(r).and_then(Language::of_name),
                            "widgets" => {
                                let span = r.skip();
                                self.widgets = (span.len() > 2).then_some(span);
                            }
                            _ => drop(r.skip()),
                        }
                    }
                }
                "language_info" if r.object() => {
                    while let Some(key) = r.key() {
                        match key {
                            "name" => self.language_info = word(r).map(named),
                            _ => drop(r.skip()),
                        }
                    }
                }
                "kernelspec" if r.object() => {
                    while let Some(key) = r.key() {
                        match key {
                            "language" => self.kernel = word(r).map(named).or(self.kernel),
                            "name" => self.kernel = self.kernel.or(word(r).and_then(of_kernel)),
                            _ => drop(r.skip()),
                        }
                    }
                }
                // The guards entered nothing, but the value is read.
                "application/vnd.databricks.v1+notebook" | "language_info" | "kernelspec" => {}
                _ => drop(r.skip()),
            }
        }
    }
}

/// A string without escapes.
fn word<'a>(r: &mut Reader<'a>) -> Option<&'a str> {
    let span = r.string()?;
    Some(span.of(r.text()))
}

fn named(name: &str) -> Language {
    match name {
        "tsql" => Language::Sql,
        _ => Language::of_name(name).unwrap_or(Language::Text),
    }
}

/// Language of a kernel by its name (`python3`, `ir`, `synapse_pyspark`, `sparkkernel`).
fn of_kernel(name: &str) -> Option<Language> {
    let name = name.to_ascii_lowercase();
    let has = |part: &str| name.contains(part);
    Some(match () {
        () if has("python") || has("pyspark") => Language::Python,
        () if name == "ir" || has("sparkr") => Language::R,
        () if has("sql") => Language::Sql,
        () if has("scala") || has("spark") || has("spylon") => Language::Scala,
        () if has("bash") => Language::Shell,
        () => return None,
    })
}

impl RawCell {
    /// Reads a cell whose object was entered.
    fn read(r: &mut Reader<'_>) -> Self {
        let mut cell = Self::default();
        while let Some(key) = r.key() {
            match key {
                "cell_type" => {
                    cell.kind = match word(r) {
                        Some("markdown" | "heading" | "html") => RawKind::Markdown,
                        Some("raw") => RawKind::Raw,
                        _ => RawKind::Code,
                    }
                }
                "source" | "input" => cell.source = r.strings(),
                "execution_count" | "prompt_number" => cell.execution_count = r.skip().of(r.text()).parse().ok(),
                "metadata" => cell.read_metadata(r),
                "outputs" if r.array() => {
                    while r.element() {
                        if r.object() {
                            read_output(r, &mut cell.outputs);
                        }
                    }
                }
                "outputs" => {}
                _ => drop(r.skip()),
            }
        }
        cell
    }

    fn read_metadata(&mut self, r: &mut Reader<'_>) {
        if !r.object() {
            return;
        }
        while let Some(key) = r.key() {
            match key {
                "vscode" | "microsoft" | "application/vnd.databricks.v1+cell" | "dotnet_interactive" => {
                    if !r.object() {
                        continue;
                    }
                    while let Some(key) = r.key() {
                        match key {
                            "languageId" | "language" => {
                                self.language = word(r).and_then(Language::of_name).or(self.language);
                            }
                            "title" => self.title = r.string(),
                            _ => drop(r.skip()),
                        }
                    }
                }
                _ => drop(r.skip()),
            }
        }
    }
}

/// Reads an output whose object was entered: streams, results, displayed data, errors.
fn read_output(r: &mut Reader<'_>, outputs: &mut Vec<RawOutput>) {
    let (mut stream, mut text, mut traceback, mut error) = (None, None, None, Vec::new());
    while let Some(key) = r.key() {
        match key {
            "name" | "stream" => stream = word(r),
            "text" => text = Some(r.strings()),
            "html" => outputs.push(RawOutput { mime: "text/html".into(), body: Body::Text(r.strings()) }),
            "traceback" => traceback = Some(r.strings()).filter(|lines| !lines.is_empty()),
            "ename" | "evalue" => error.extend(r.string().filter(|text| !text.is_empty())),
            "metadata" => databricks(r, outputs),
            "data" if r.object() => {
                while let Some(mime) = r.key() {
                    match kept(mime) {
                        false => drop(r.skip()),
                        true if r.at_text() && !mime.contains("json") => {
                            outputs.push(RawOutput { mime: mime.into(), body: Body::Text(r.strings()) });
                        }
                        true => outputs.push(RawOutput { mime: mime.into(), body: Body::Json(r.skip()) }),
                    }
                }
            }
            "data" => {}
            _ => drop(r.skip()),
        }
    }
    if let Some(text) = text {
        let mime = stream.map_or("text/plain".into(), |name| format!("stream/{name}"));
        outputs.push(RawOutput { mime: mime.into(), body: Body::Text(text) });
    }
    for lines in [traceback.unwrap_or_default(), error].into_iter().filter(|lines| !lines.is_empty()) {
        outputs.push(RawOutput { mime: "traceback".into(), body: Body::Lines(lines) });
    }
}

/// What Databricks' exports keep beside the standard's data: `{"application/vnd.databricks.v1+output": {"type": "table", …}}`.
fn databricks(r: &mut Reader<'_>, outputs: &mut Vec<RawOutput>) {
    if !r.object() {
        return;
    }
    while let Some(key) = r.key() {
        match key.starts_with("application/vnd.databricks") {
            true => read_results(r, outputs),
            false => drop(r.skip()),
        }
    }
}

/// What to delete so that the stored output around `at` is gone: its object with the comma that parts it from another.
pub(crate) fn output_around(text: &str, at: u32) -> Option<Span> {
    let mut found = None;
    find_output(&mut Reader::new(text), text, at, &mut found);
    found
}

fn find_output(r: &mut Reader<'_>, text: &str, at: u32, found: &mut Option<Span>) {
    if !r.object() {
        return;
    }
    while let Some(key) = r.key() {
        match key {
            "cells" | "worksheets" if r.array() => {
                while r.element() {
                    find_output(r, text, at, found);
                }
            }
            "outputs" if r.array() => {
                let mut outputs: Vec<Span> = Vec::new();
                while r.element() {
                    outputs.push(r.skip());
                }
                if let Some(i) = outputs.iter().position(|o| o.start <= at && at < o.end) {
                    let own = outputs[i];
                    *found = Some(match (i.checked_sub(1).map(|b| outputs[b]), outputs.get(i + 1)) {
                        (_, Some(next)) => Span { start: own.start, end: next.start },
                        (Some(before), None) => Span { start: before.end, end: own.end },
                        (None, None) => {
                            let (before, after) = (text.get(..own.start as usize), text.get(own.end as usize..));
                            let blank = |t: &str, rest: &str| (t.len() - rest.len()) as u32;
                            Span {
                                start: own.start - before.map_or(0, |t| blank(t, t.trim_end())),
                                end: own.end + after.map_or(0, |t| blank(t, t.trim_start())),
                            }
                        }
                    });
                }
            }
            "cells" | "worksheets" | "outputs" => {}
            _ => drop(r.skip()),
        }
    }
}

/// Stored output formats that are looked into: text and JSON, but no pictures, widgets and scripts.
fn kept(mime: &str) -> bool {
    mime.starts_with("text/") || mime == "application/json" || mime == "application/xml"
}

fn push_cell(build: &mut Build<'_>, number: u32, cell: &RawCell, language: Language) {
    if let Some(title) = cell.title {
        build.title(number, title);
    }
    let (text, map) = build.joined(&cell.source, false);
    let encoding = Encoding::JsonString { ascii: false };
    let of = match cell.kind {
        RawKind::Code => {
            let execution_count = cell.execution_count;
            let source = Source { number, text, map, encoding, line_offset: 0, execution_count };
            build.cells.push_code(source, cell.language.unwrap_or(language))
        }
        RawKind::Markdown => {
            build.cells.push(CellKind::Markdown, Language::Markdown, number, text.into(), map, encoding)
        }
        RawKind::Raw => build.cells.push(CellKind::Raw, Language::Text, number, text.into(), map, encoding),
    };
    for output in &cell.outputs {
        build.output(number, of, output);
    }
}

#[cfg(test)]
mod tests;
