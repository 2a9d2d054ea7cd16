//! The owner loop: the only holder of the state. Notifications are applied in order, requests answered between them.

use std::{
    collections::{HashMap, VecDeque},
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
};

use credscope_grammars::ColumnUnit;
use credscope_linter::{Settings, Severity, Workspace, engine, fix};
use serde_json::{Value, json};
use tokio::{runtime::Handle, sync::mpsc};
use tower_lsp::{
    Client,
    ls_types::{Diagnostic, Uri},
};

use super::{
    Message,
    documents::{self, Documents},
    features::Analysed,
    position,
};
use crate::{check, configs::Configs};

struct Owner<'c> {
    client: &'c Client,
    handle: &'c Handle,
    documents: Documents,
    analysed: HashMap<String, Analysed>,
    configs: Configs,
    base: Settings,
    unit: ColumnUnit,
    /// The client asks for diagnostics; nothing is pushed.
    pull: bool,
    /// The client takes `documentChanges`.
    versioned: bool,
    refresh: bool,
}

/// Serves messages until the transport is gone.
pub(super) fn run(client: &Client, handle: &Handle, mut messages: mpsc::UnboundedReceiver<Message>) {
    let base = Settings { hash_key: check::random_key(), ..Settings::default() };
    let mut owner = Owner {
        client,
        handle,
        documents: Documents::default(),
        analysed: HashMap::new(),
        configs: Configs::default(),
        base,
        unit: ColumnUnit::Utf16,
        pull: false,
        versioned: false,
        refresh: false,
    };
    let mut queue: VecDeque<Message> = VecDeque::new();
    loop {
        if queue.is_empty() {
            match messages.blocking_recv() {
                Some(message) => queue.push_back(message),
                None => return,
            }
        }
        while let Ok(message) = messages.try_recv() {
            queue.push_back(message);
        }
        let Some(message) = queue.pop_front() else { continue };
        // Keystrokes that are already overtaken are applied, but not analysed.
        let overtaken = queue.front().is_some_and(|next| {
            next.method == message.method
                && message.method.ends_with("didChange")
                && same(&next.params, &message.params)
        });
        let Message { method, params, reply } = message;
        let result = std::panic::catch_unwind(AssertUnwindSafe(|| owner.handle(method, &params, overtaken)));
        if let Some(reply) = reply {
            let answer = result.map_err(|_| "internal error: the analysis failed; please report it".to_owned());
            // The client may have cancelled: then nobody waits.
            let _ = reply.send(answer);
        } else if result.is_err() {
            tracing::error!(method, "a notification could not be handled");
        }
    }
}

fn same(a: &Value, b: &Value) -> bool {
    let uri = |v: &Value| v.pointer("/textDocument/uri").or_else(|| v.pointer("/notebookDocument/uri")).cloned();
    uri(a) == uri(b)
}

impl Owner<'_> {
    fn handle(&mut self, method: &str, params: &Value, overtaken: bool) -> Value {
        let uri = || params.pointer("/textDocument/uri").and_then(Value::as_str).unwrap_or("").to_owned();
        let null = Value::Null;
        match method {
            "initialize" => return self.initialize(params),
            "textDocument/didOpen" => {
                let uri = self.documents.open(params.get("textDocument").unwrap_or(&null), None);
                self.configs.forget();
                self.update(&uri);
            }
            "textDocument/didChange" => {
                let uri = self.documents.change(
                    params.get("textDocument").unwrap_or(&null),
                    params.get("contentChanges").unwrap_or(&null),
                    self.unit,
                );
                self.analysed.remove(&uri);
                if !overtaken {
                    self.update(&uri);
                }
            }
            "textDocument/didSave" => {
                self.configs.forget();
                self.update(&uri());
            }
            "textDocument/didClose" => {
                let uri = uri();
                self.documents.texts.remove(&uri);
                self.analysed.remove(&uri);
                self.publish(&uri, Vec::new(), None);
            }
            "notebookDocument/didOpen" => {
                let uri = self.documents.open_notebook(params);
                self.configs.forget();
                self.update(&uri);
            }
            "notebookDocument/didChange" => {
                for cell in self.documents.change_notebook(params, self.unit) {
                    self.publish(&cell, Vec::new(), None);
                }
                let uri = params.pointer("/notebookDocument/uri").and_then(Value::as_str).unwrap_or("").to_owned();
                self.analysed.remove(&uri);
                if !overtaken {
                    self.update(&uri);
                }
            }
            "notebookDocument/didClose" => {
                let uri = params.pointer("/notebookDocument/uri").and_then(Value::as_str).unwrap_or("").to_owned();
                self.analysed.remove(&uri);
                for (cell, _) in self.documents.notebooks.remove(&uri).unwrap_or_default().cells {
                    self.documents.texts.remove(&cell);
                    self.publish(&cell, Vec::new(), None);
                }
            }
            "workspace/didChangeConfiguration" => {
                self.client_settings(params.get("settings").unwrap_or(&null));
                self.update_all();
            }
            "workspace/didChangeWatchedFiles" => self.update_all(),
            "textDocument/diagnostic" => {
                return self.pulled(&uri(), params.get("previousResultId").and_then(Value::as_str));
            }
            "textDocument/codeAction" => {
                let only: Option<Vec<String>> =
                    params.pointer("/context/only").and_then(|o| serde_json::from_value(o.clone()).ok());
                let uri = uri();
                let (unit, versioned) = (self.unit, self.versioned);
                let range = params.get("range").unwrap_or(&null);
                return self
                    .of(&uri)
                    .map_or(json!([]), |a| json!(a.actions(&uri, range, only.as_deref(), unit, versioned)));
            }
            "textDocument/hover" => {
                let (uri, unit) = (uri(), self.unit);
                let at = params.get("position").unwrap_or(&null);
                return self.of(&uri).map_or(Value::Null, |a| a.hover(&uri, at, unit));
            }
            "textDocument/completion" => {
                let (uri, unit) = (uri(), self.unit);
                let at = params.get("position").unwrap_or(&null);
                return self.of(&uri).map_or(Value::Null, |a| a.completion(&uri, at, unit));
            }
            _ => {}
        }
        Value::Null
    }

    fn initialize(&mut self, params: &Value) -> Value {
        let null = Value::Null;
        let capabilities = params.get("capabilities").unwrap_or(&null);
        let (unit, encoding) = position::negotiate(capabilities);
        let flag = |pointer: &str| capabilities.pointer(pointer).and_then(Value::as_bool).unwrap_or(false);
        self.unit = unit;
        self.pull = capabilities.pointer("/textDocument/diagnostic").is_some_and(Value::is_object);
        self.versioned = flag("/workspace/workspaceEdit/documentChanges");
        self.refresh = flag("/workspace/diagnostics/refreshSupport");
        self.client_settings(params.get("initializationOptions").unwrap_or(&null));
        let mut server = json!({
            "positionEncoding": encoding,
            "textDocumentSync": {"openClose": true, "change": 2, "save": {"includeText": false}},
            "notebookDocumentSync": {
                "notebookSelector": [{"notebook": "*", "cells": [
                    {"language": "python"}, {"language": "scala"}, {"language": "sql"}, {"language": "r"}, {"language": "markdown"},
                    {"language": "shellscript"}, {"language": "plaintext"},
                ]}],
                "save": true,
            },
            "codeActionProvider": {"codeActionKinds": ["quickfix", "source.fixAll.credscope", "notebook.source.fixAll.credscope"]},
            "hoverProvider": true,
            "completionProvider": {"triggerCharacters": ["\"", "'", "/"]},
        });
        if self.pull {
            server["diagnosticProvider"] =
                json!({"identifier": "credscope", "interFileDependencies": false, "workspaceDiagnostics": false});
        }
        json!({"capabilities": server, "serverInfo": {"name": "credscope", "version": env!("CARGO_PKG_VERSION")}})
    }

    /// `credscope.*` of the client: severity overrides, select, ignore, scope, declared scopes.
    fn client_settings(&mut self, settings: &Value) {
        let settings = settings.get("credscope").unwrap_or(settings);
        let strings = |key: &str| settings.get(key).and_then(|v| serde_json::from_value::<Vec<String>>(v.clone()).ok());
        if let Some(select) = strings("select") {
            self.base.select = select;
        }
        if let Some(ignore) = strings("ignore") {
            self.base.ignore = ignore;
        }
        if let Some(scope) =
            settings.pointer("/secrets/scope").or_else(|| settings.get("scope")).and_then(Value::as_str)
        {
            self.base.secrets.scope = (!scope.is_empty()).then(|| scope.to_owned());
        }
        if let Some(declared) =
            settings.pointer("/secrets/declared").and_then(|v| serde_json::from_value(v.clone()).ok())
        {
            self.base.secrets.declared = declared;
        }
        for (rule, level) in settings.get("severity").and_then(Value::as_object).into_iter().flatten() {
            if let Ok(severity) = serde_json::from_value::<Severity>(level.clone()) {
                let name = credscope_linter::registry::find(rule).map_or(rule.as_str(), |m| m.name);
                self.base.severity.insert(name.to_owned(), severity);
            }
        }
    }

    fn update_all(&mut self) {
        self.configs.forget();
        self.analysed.clear();
        let texts = self.documents.texts.iter().filter(|(_, t)| t.notebook.is_none()).map(|(u, _)| u.clone());
        let all: Vec<String> = texts.chain(self.documents.notebooks.keys().cloned()).collect();
        for uri in all {
            self.update(&uri);
        }
        if self.pull && self.refresh {
            let client = self.client.clone();
            self.handle.spawn(async move {
                // A client that does not answer loses nothing but freshness.
                let _ = client.workspace_diagnostic_refresh().await;
            });
        }
    }

    /// Analyses anew and pushes, where the client does not ask.
    fn update(&mut self, uri: &str) {
        self.analysed.remove(uri);
        if self.pull && !self.documents.notebooks.contains_key(uri) {
            return;
        }
        let unit = self.unit;
        let Some(analysed) = self.of(uri) else { return };
        let uris: Vec<String> = if analysed.cells.is_empty() {
            vec![uri.to_owned()]
        } else {
            analysed.cells.iter().map(|(u, _)| u.clone()).collect()
        };
        let rows: Vec<(String, Vec<Value>)> =
            uris.into_iter().map(|u| (u.clone(), analysed.diagnostics(&u, unit))).collect();
        let version = analysed.cells.is_empty().then_some(analysed.version);
        if self.pull {
            return;
        }
        for (uri, diagnostics) in rows {
            self.publish(&uri, diagnostics, version);
        }
    }

    fn publish(&self, uri: &str, diagnostics: Vec<Value>, version: Option<i64>) {
        let Ok(uri) = uri.parse::<Uri>() else { return };
        if self.pull {
            return;
        }
        let diagnostics: Vec<Diagnostic> =
            diagnostics.into_iter().filter_map(|d| serde_json::from_value(d).ok()).collect();
        let client = self.client.clone();
        let version = version.and_then(|v| i32::try_from(v).ok());
        // In order: the loop waits until the message is handed to the transport.
        self.handle.block_on(async move { client.publish_diagnostics(uri, diagnostics, version).await });
    }

    fn pulled(&mut self, uri: &str, previous: Option<&str>) -> Value {
        let unit = self.unit;
        let items = self.of(uri).map_or_else(Vec::new, |a| a.diagnostics(uri, unit));
        let id = result_id(&items);
        if previous == Some(id.as_str()) {
            return json!({"kind": "unchanged", "resultId": id});
        }
        json!({"kind": "full", "resultId": id, "items": items})
    }

    /// Findings of the document or notebook that a URI belongs to, computed when needed.
    fn of(&mut self, uri: &str) -> Option<&Analysed> {
        let owner = self.documents.texts.get(uri).and_then(|t| t.notebook.clone()).unwrap_or_else(|| uri.to_owned());
        if !self.analysed.contains_key(&owner) {
            let analysed = self.analyse(&owner)?;
            self.analysed.insert(owner.clone(), analysed);
        }
        self.analysed.get(&owner)
    }

    fn analyse(&self, uri: &str) -> Option<Analysed> {
        let path = path_of(uri);
        let (document, version, cells) = if let Some(notebook) = self.documents.notebooks.get(uri) {
            let texts = notebook
                .cells
                .iter()
                .map(|(c, _)| (c.clone(), self.documents.texts.get(c).map_or(String::new(), |t| t.text.clone())));
            (self.documents.notebook(uri)?, 0, texts.collect())
        } else {
            let text = self.documents.texts.get(uri)?;
            let name = documents::file_name(&path.to_string_lossy(), &text.language_id);
            let opened = credscope_grammars::open(&name, text.text.as_bytes());
            (opened.documents.into_iter().next()?, text.version, Vec::new())
        };
        let config = self.configs.of(&path);
        let settings = config.settings(&self.base, &path);
        let shown = config.relative(&path);
        let facts = engine::document_facts(&document);
        let mut findings = engine::analyze_facts(&document, &facts, &shown, &settings, &Workspace::default()).findings;
        if let Some(least) = config.resolved.config().min_severity {
            findings.retain(|f| f.severity >= least);
        }
        fix::resolve(&document, &facts, &settings, &mut fix::Names::default(), &mut findings);
        Some(Analysed { document, findings, settings, uri: uri.to_owned(), version, cells })
    }
}

/// Changes exactly when the diagnostics do.
fn result_id(items: &[Value]) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    for item in items {
        item.to_string().hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// File path of a URI; untitled documents and other schemes keep their path part.
fn path_of(uri: &str) -> PathBuf {
    let parsed = uri.parse::<Uri>().ok();
    match parsed.as_ref().and_then(|u| u.to_file_path()) {
        Some(path) => path.into_owned(),
        None => Path::new(uri.rsplit(':').next().unwrap_or(uri)).to_path_buf(),
    }
}
