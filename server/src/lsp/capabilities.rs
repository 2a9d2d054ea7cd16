//! What client and server tell each other about themselves.

use credscope_grammars::ColumnUnit;
use serde_json::{Value, json};

use super::position;

/// What the client can take; see the specification's `ClientCapabilities`.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub unit: ColumnUnit,
    pub encoding: &'static str,
    /// It asks for diagnostics; nothing is pushed.
    pub pull: bool,
    pub refresh: bool,
    pub document_changes: bool,
    pub create_files: bool,
    /// Edits of code actions may come with `codeAction/resolve`.
    pub resolve: bool,
    /// And their commands.
    pub resolve_command: bool,
    pub related: bool,
    pub code_description: bool,
    pub tags: bool,
    pub markdown: bool,
    pub configuration: bool,
    pub watch: bool,
    pub progress: bool,
    pub show_document: bool,
}

impl Client {
    pub(super) fn of(params: &Value) -> Self {
        let null = Value::Null;
        let capabilities = params.get("capabilities").unwrap_or(&null);
        let at = |pointer: &str| capabilities.pointer(pointer);
        let flag = |pointer: &str| at(pointer).and_then(Value::as_bool).unwrap_or(false);
        // What a client says nothing about does no harm.
        let unless = |pointer: &str| at(pointer).and_then(Value::as_bool).unwrap_or(true);
        let has = |pointer: &str, word: &str| {
            at(pointer).and_then(Value::as_array).is_some_and(|list| list.iter().any(|v| v == word))
        };
        let resolves = |property: &str| has("/textDocument/codeAction/resolveSupport/properties", property);
        let (unit, encoding) = position::negotiate(capabilities);
        Self {
            unit,
            encoding,
            pull: at("/textDocument/diagnostic").is_some_and(Value::is_object),
            refresh: flag("/workspace/diagnostics/refreshSupport") || flag("/workspace/diagnostic/refreshSupport"),
            document_changes: flag("/workspace/workspaceEdit/documentChanges"),
            create_files: has("/workspace/workspaceEdit/resourceOperations", "create"),
            resolve: resolves("edit"),
            resolve_command: resolves("edit") && resolves("command"),
            related: unless("/textDocument/publishDiagnostics/relatedInformation"),
            code_description: unless("/textDocument/publishDiagnostics/codeDescriptionSupport"),
            tags: at("/textDocument/publishDiagnostics/tagSupport").is_none_or(|v| v.is_object() || *v == json!(true)),
            markdown: at("/textDocument/hover/contentFormat/0").is_none_or(|v| v == "markdown"),
            configuration: flag("/workspace/configuration"),
            watch: flag("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            progress: flag("/window/workDoneProgress"),
            show_document: flag("/window/showDocument/support"),
        }
    }
}

/// Commands that `workspace/executeCommand` takes.
pub(super) const COMMANDS: &[&str] = &["credscope.showProvisioning", "credscope.scanWorkspace"];

/// Cell languages of notebooks that are read; a cell with `%sql` is `python` to an editor.
const CELL_LANGUAGES: &[&str] =
    &["python", "scala", "sql", "r", "markdown", "shellscript", "plaintext", "yaml", "json", "raw"];

/// The answer to `initialize`.
pub(super) fn server(client: &Client, workspace_diagnostics: bool) -> Value {
    let cells: Vec<Value> = CELL_LANGUAGES.iter().map(|language| json!({"language": language})).collect();
    let mut capabilities = json!({
        "positionEncoding": client.encoding,
        "textDocumentSync": {"openClose": true, "change": 2, "save": {"includeText": false}},
        "notebookDocumentSync": {"notebookSelector": [{"notebook": "*", "cells": cells}], "save": true},
        "codeActionProvider": {
            "codeActionKinds": ["quickfix", "source.fixAll.credscope", "notebook.source.fixAll.credscope"],
            "resolveProvider": client.resolve,
        },
        "hoverProvider": true,
        "completionProvider": {"triggerCharacters": ["\"", "'", "/"]},
        "executeCommandProvider": {"commands": COMMANDS},
        "workspace": {"workspaceFolders": {"supported": true, "changeNotifications": true}},
    });
    if client.pull {
        capabilities["diagnosticProvider"] = json!({
            "identifier": "credscope", "interFileDependencies": true, "workspaceDiagnostics": workspace_diagnostics,
        });
    }
    json!({"capabilities": capabilities, "serverInfo": {"name": "credscope", "version": env!("CARGO_PKG_VERSION")}})
}

/// What is asked to be watched, for `client/registerCapability`.
pub(super) fn watchers() -> Value {
    let globs = [
        "**/{credscope.toml,.credscope.toml,pyproject.toml}",
        "**/*.{py,scala,sc,sql,r,R,ipynb,yml,yaml,json,conf,properties,tf,tfvars,sh,env,toml,ini,cfg,xml}",
    ];
    let watchers: Vec<Value> = globs.iter().map(|glob| json!({"globPattern": glob})).collect();
    json!([{"id": "credscope-files", "method": "workspace/didChangeWatchedFiles", "registerOptions": {"watchers": watchers}}])
}
