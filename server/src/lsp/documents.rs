//! Open documents and notebooks as the client sees them.

use std::{collections::HashMap, sync::Arc};

use credscope_grammars::{CellKind, ColumnUnit, Document, EditorCell, Language, LineIndex};
use serde_json::Value;

use super::position;

/// One text: a file, or a cell of a notebook.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    pub text: Arc<str>,
    pub lines: LineIndex,
    pub language_id: String,
    /// As the client counts; some start at 0 and repeat numbers.
    pub version: Option<i64>,
    /// The notebook that the cell belongs to.
    pub notebook: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Notebook {
    /// Cells in order.
    pub cells: Vec<NotebookCell>,
    pub language: Option<Language>,
    metadata: Value,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotebookCell {
    pub uri: String,
    pub is_code: bool,
    /// `metadata.vscode.languageId`: an editor that keeps all cells in one language names the real one there.
    pub language: Option<Language>,
}

#[derive(Debug, Default)]
pub(super) struct Documents {
    pub texts: HashMap<String, Text>,
    pub notebooks: HashMap<String, Notebook>,
}

pub(super) fn text_of<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or("")
}

fn list<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

impl Documents {
    pub(super) fn open(&mut self, item: &Value, notebook: Option<&str>) -> String {
        let uri = text_of(item, "/uri").to_owned();
        let text: Arc<str> = text_of(item, "/text").into();
        let text = Text {
            lines: LineIndex::new(&text),
            text,
            language_id: text_of(item, "/languageId").to_owned(),
            version: item.get("version").and_then(Value::as_i64),
            notebook: notebook.map(str::to_owned),
        };
        self.texts.insert(uri.clone(), text);
        uri
    }

    /// Applies content changes in order: ranges, or whole texts. `None`: the document is not open.
    pub(super) fn change(&mut self, identifier: &Value, changes: &Value, unit: ColumnUnit) -> Option<String> {
        let uri = text_of(identifier, "/uri");
        let document = self.texts.get_mut(uri)?;
        document.version = identifier.get("version").and_then(Value::as_i64).or(document.version);
        for change in changes.as_array().into_iter().flatten() {
            document.change(change, unit);
        }
        Some(uri.to_owned())
    }

    pub(super) fn open_notebook(&mut self, params: &Value) -> String {
        let uri = text_of(params, "/notebookDocument/uri").to_owned();
        let metadata = params.pointer("/notebookDocument/metadata").cloned().unwrap_or_default();
        let cells = list(params, "/notebookDocument/cells").map(NotebookCell::of).collect();
        self.notebooks.insert(uri.clone(), Notebook { cells, language: notebook_language(&metadata), metadata });
        for item in list(params, "/cellTextDocuments") {
            self.open(item, Some(&uri));
        }
        uri
    }

    /// Structure, kinds, metadata and texts of a notebook's cells. Returns cells that are gone.
    pub(super) fn change_notebook(&mut self, params: &Value, unit: ColumnUnit) -> Vec<String> {
        let uri = text_of(params, "/notebookDocument/uri").to_owned();
        let mut gone = Vec::new();
        if let (Some(metadata), Some(notebook)) = (params.pointer("/change/metadata"), self.notebooks.get_mut(&uri)) {
            notebook.metadata.clone_from(metadata);
            notebook.language = notebook_language(metadata).or(notebook.language);
        }
        if let Some(array) = params.pointer("/change/cells/structure/array")
            && let Some(notebook) = self.notebooks.get_mut(&uri)
        {
            let number = |key: &str| array.get(key).and_then(Value::as_u64).unwrap_or(0) as usize;
            let start = number("start").min(notebook.cells.len());
            let end = start.saturating_add(number("deleteCount")).min(notebook.cells.len());
            notebook.cells.splice(start..end, list(array, "/cells").map(NotebookCell::of));
        }
        for item in list(params, "/change/cells/structure/didOpen") {
            self.open(item, Some(&uri));
        }
        // A moved cell is taken out and put in again without its text: only closed ones go.
        for item in list(params, "/change/cells/structure/didClose") {
            let cell = text_of(item, "/uri").to_owned();
            let still = self.notebooks.get(&uri).is_some_and(|n| n.cells.iter().any(|c| c.uri == cell));
            if !still {
                self.texts.remove(&cell);
                gone.push(cell);
            }
        }
        for cell in list(params, "/change/cells/data") {
            if let Some(notebook) = self.notebooks.get_mut(&uri) {
                let new = NotebookCell::of(cell);
                for known in notebook.cells.iter_mut().filter(|c| c.uri == new.uri) {
                    known.clone_from(&new);
                }
            }
        }
        for content in list(params, "/change/cells/textContent") {
            let (null, none) = (Value::Null, Value::Array(Vec::new()));
            self.change(content.get("document").unwrap_or(&null), content.get("changes").unwrap_or(&none), unit);
        }
        gone
    }

    /// Closes a notebook; URIs of its cells.
    pub(super) fn close_notebook(&mut self, uri: &str) -> Vec<String> {
        let cells: Vec<String> =
            self.notebooks.remove(uri).unwrap_or_default().cells.into_iter().map(|c| c.uri).collect();
        for cell in &cells {
            self.texts.remove(cell);
        }
        cells
    }

    /// The notebook of an editor as a document; cell numbers are positions in [`Notebook::cells`].
    pub(super) fn notebook(&self, uri: &str) -> Option<Document> {
        let notebook = self.notebooks.get(uri)?;
        let language = notebook.language.unwrap_or(Language::Python);
        let cells = notebook
            .cells
            .iter()
            .map(|cell| {
                let text = self.texts.get(&cell.uri);
                let sent = text.and_then(|t| Language::of_name(&t.language_id));
                EditorCell {
                    language: cell.language.or(sent).unwrap_or(language),
                    kind: if cell.is_code { CellKind::Code } else { CellKind::Markdown },
                    text: text.map_or_else(Arc::default, |t| t.text.clone()),
                }
            })
            .collect();
        Some(credscope_grammars::from_cells(language, cells))
    }

    /// The document that a URI is analysed with: its notebook, or itself.
    pub(super) fn owner<'u>(&'u self, uri: &'u str) -> &'u str {
        self.texts.get(uri).and_then(|t| t.notebook.as_deref()).unwrap_or(uri)
    }

    /// Bytes of a text, or of all cells of a notebook.
    pub(super) fn size(&self, uri: &str) -> usize {
        let size = |uri: &str| self.texts.get(uri).map_or(0, |t| t.text.len());
        self.notebooks.get(uri).map_or_else(|| size(uri), |n| n.cells.iter().map(|c| size(&c.uri)).sum())
    }

    /// URIs of everything that is analysed: texts that are no cells, and notebooks.
    pub(super) fn all(&self) -> Vec<String> {
        let texts = self.texts.iter().filter(|(_, t)| t.notebook.is_none()).map(|(uri, _)| uri.clone());
        let mut all: Vec<String> = texts.chain(self.notebooks.keys().cloned()).collect();
        all.sort();
        all
    }
}

impl Text {
    fn change(&mut self, change: &Value, unit: ColumnUnit) {
        let new = text_of(change, "/text");
        let Some(range) = change.get("range").filter(|r| !r.is_null()) else {
            self.text = new.into();
            self.lines = LineIndex::new(new);
            return;
        };
        let null = Value::Null;
        let at = |end: &str| position::offset(&self.text, &self.lines, range.get(end).unwrap_or(&null), unit);
        // The ends of a selection that was made backwards.
        let (one, other) = (at("start").min(self.text.len()), at("end").min(self.text.len()));
        let (start, end) = (one.min(other), one.max(other));
        let mut text = String::with_capacity(self.text.len() - (end - start) + new.len());
        text.push_str(self.text.get(..start).unwrap_or(""));
        text.push_str(new);
        text.push_str(self.text.get(end..).unwrap_or(""));
        self.lines = self.lines.replaced(&text, start..end, new.len());
        self.text = text.into();
    }
}

impl NotebookCell {
    fn of(cell: &Value) -> Self {
        let language = cell.pointer("/metadata/vscode/languageId").and_then(Value::as_str);
        Self {
            uri: text_of(cell, "/document").to_owned(),
            is_code: cell.get("kind").and_then(Value::as_u64).unwrap_or(2) == 2,
            language: language.and_then(Language::of_name),
        }
    }
}

/// Editors count a notebook without `language_info` as Python, whatever Databricks' own metadata says.
fn notebook_language(metadata: &Value) -> Option<Language> {
    let name = metadata
        .pointer("/metadata/application~1vnd.databricks.v1+notebook/language")
        .or_else(|| metadata.pointer("/application~1vnd.databricks.v1+notebook/language"))
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
    // A `.conf` is `properties` to an editor.
    if language == Language::Properties
        && by_name.is_some_and(|l| matches!(l, Language::SparkConf | Language::DotEnv | Language::Ini))
    {
        return path.to_owned();
    }
    let ending = match language {
        Language::Python => "py",
        Language::Scala => "scala",
        Language::Java => "java",
        Language::Sql => "sql",
        Language::R => "r",
        Language::Shell => "sh",
        Language::Yaml => "yaml",
        Language::Json => "json",
        Language::Toml => "toml",
        Language::Properties => "properties",
        Language::Ini => "ini",
        Language::DotEnv => "env",
        Language::Hcl => "tf",
        Language::Xml => "xml",
        Language::Dockerfile => "dockerfile",
        Language::Markdown => "md",
        // Bare editors call what they do not know plain text: the name knows better.
        _ => return path.to_owned(),
    };
    format!("{path}.{ending}")
}
