//! Open documents and notebooks as the client sees them.

use std::collections::HashMap;

use credscope_grammars::{CellKind, ColumnUnit, Document, EditorCell, Language, LineIndex};
use serde_json::Value;

use super::position;

/// One text: a file, or a cell of a notebook.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    pub text: String,
    pub language_id: String,
    pub version: i64,
    /// The notebook that the cell belongs to.
    pub notebook: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Notebook {
    /// Cell URIs in order, and whether they hold code.
    pub cells: Vec<(String, bool)>,
    pub language: Option<Language>,
}

#[derive(Debug, Default)]
pub(super) struct Documents {
    pub texts: HashMap<String, Text>,
    pub notebooks: HashMap<String, Notebook>,
}

fn text_of<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or("")
}

impl Documents {
    pub(super) fn open(&mut self, item: &Value, notebook: Option<&str>) -> String {
        let uri = text_of(item, "/uri").to_owned();
        let text = Text {
            text: text_of(item, "/text").to_owned(),
            language_id: text_of(item, "/languageId").to_owned(),
            version: item.get("version").and_then(Value::as_i64).unwrap_or(0),
            notebook: notebook.map(str::to_owned),
        };
        self.texts.insert(uri.clone(), text);
        uri
    }

    /// Applies content changes in order: ranges, or whole texts.
    pub(super) fn change(&mut self, identifier: &Value, changes: &Value, unit: ColumnUnit) -> String {
        let uri = text_of(identifier, "/uri").to_owned();
        let Some(document) = self.texts.get_mut(&uri) else { return uri };
        document.version = identifier.get("version").and_then(Value::as_i64).unwrap_or(document.version);
        for change in changes.as_array().into_iter().flatten() {
            let new = text_of(change, "/text");
            let Some(range) = change.get("range").filter(|r| !r.is_null()) else {
                document.text = new.to_owned();
                continue;
            };
            let index = LineIndex::new(&document.text);
            let null = Value::Null;
            let start = position::offset(&document.text, &index, range.get("start").unwrap_or(&null), unit);
            let end = position::offset(&document.text, &index, range.get("end").unwrap_or(&null), unit);
            document.text.replace_range(start..end.max(start), new);
        }
        uri
    }

    pub(super) fn open_notebook(&mut self, params: &Value) -> String {
        let uri = text_of(params, "/notebookDocument/uri").to_owned();
        let mut notebook = Notebook { language: notebook_language(params), ..Notebook::default() };
        for cell in params.pointer("/notebookDocument/cells").and_then(Value::as_array).into_iter().flatten() {
            notebook.cells.push((text_of(cell, "/document").to_owned(), is_code(cell)));
        }
        self.notebooks.insert(uri.clone(), notebook);
        for item in params.get("cellTextDocuments").and_then(Value::as_array).into_iter().flatten() {
            self.open(item, Some(&uri));
        }
        uri
    }

    /// Structure, kinds and texts of a notebook's cells. Returns cells that are gone.
    pub(super) fn change_notebook(&mut self, params: &Value, unit: ColumnUnit) -> Vec<String> {
        let uri = text_of(params, "/notebookDocument/uri").to_owned();
        let mut gone = Vec::new();
        if let Some(array) = params.pointer("/change/cells/structure/array") {
            let number = |key: &str| array.get(key).and_then(Value::as_u64).unwrap_or(0) as usize;
            let new: Vec<(String, bool)> = array
                .get("cells")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .map(|c| (text_of(c, "/document").to_owned(), is_code(c)))
                .collect();
            if let Some(notebook) = self.notebooks.get_mut(&uri) {
                let start = number("start").min(notebook.cells.len());
                let end = (start + number("deleteCount")).min(notebook.cells.len());
                notebook.cells.splice(start..end, new);
            }
        }
        for item in params.pointer("/change/cells/structure/didOpen").and_then(Value::as_array).into_iter().flatten() {
            self.open(item, Some(&uri));
        }
        // A moved cell is taken out and put in again without its text: only closed ones go.
        for item in params.pointer("/change/cells/structure/didClose").and_then(Value::as_array).into_iter().flatten() {
            let cell = text_of(item, "/uri").to_owned();
            let still = self.notebooks.get(&uri).is_some_and(|n| n.cells.iter().any(|(c, _)| *c == cell));
            if !still {
                self.texts.remove(&cell);
                gone.push(cell);
            }
        }
        for cell in params.pointer("/change/cells/data").and_then(Value::as_array).into_iter().flatten() {
            if let Some(notebook) = self.notebooks.get_mut(&uri) {
                let name = text_of(cell, "/document");
                for known in notebook.cells.iter_mut().filter(|(c, _)| c == name) {
                    known.1 = is_code(cell);
                }
            }
        }
        for content in params.pointer("/change/cells/textContent").and_then(Value::as_array).into_iter().flatten() {
            let (null, none) = (Value::Null, Value::Array(Vec::new()));
            self.change(content.get("document").unwrap_or(&null), content.get("changes").unwrap_or(&none), unit);
        }
        gone
    }

    /// The notebook of an editor as a document; cell numbers are positions in `Notebook::cells`.
    pub(super) fn notebook(&self, uri: &str) -> Option<Document> {
        let notebook = self.notebooks.get(uri)?;
        let language = notebook.language.unwrap_or(Language::Python);
        let cells = notebook
            .cells
            .iter()
            .map(|(cell, is_code)| {
                let text = self.texts.get(cell);
                EditorCell {
                    language: text.and_then(|t| Language::of_name(&t.language_id)).unwrap_or(language),
                    kind: if *is_code { CellKind::Code } else { CellKind::Markdown },
                    text: text.map_or("", |t| &t.text).into(),
                }
            })
            .collect();
        Some(credscope_grammars::from_cells(language, cells))
    }
}

fn is_code(cell: &Value) -> bool {
    cell.get("kind").and_then(Value::as_u64).unwrap_or(2) == 2
}

fn notebook_language(params: &Value) -> Option<Language> {
    let metadata = params.pointer("/notebookDocument/metadata")?;
    let name = metadata
        .pointer("/metadata/application~1vnd.databricks.v1+notebook/language")
        .or_else(|| metadata.pointer("/metadata/language_info/name"))
        .or_else(|| metadata.pointer("/language_info/name"))?;
    Language::of_name(name.as_str()?)
}

/// File name that makes [`credscope_grammars::open`] read a text as its language id says. Raw notebook JSON stays one.
pub(super) fn file_name(path: &str, language_id: &str) -> String {
    let by_name = Language::of_path(path);
    let Some(language) = Language::of_name(language_id) else { return path.to_owned() };
    if (language == Language::Json && path.ends_with(".ipynb")) || by_name == Some(language) {
        return path.to_owned();
    }
    let ending = match language {
        Language::Python => "py",
        Language::Scala => "scala",
        Language::Sql => "sql",
        Language::R => "r",
        Language::Shell => "sh",
        Language::Yaml => "yaml",
        Language::Json => "json",
        Language::Toml => "toml",
        Language::Properties => "properties",
        Language::Hcl => "tf",
        Language::Markdown => "md",
        // Bare editors call what they do not know plain text: the name knows better.
        _ => return path.to_owned(),
    };
    format!("{path}.{ending}")
}
