//! Notifications: documents, notebooks, settings, files.

use std::path::{Path, PathBuf};

use credscope_linter::config;
use serde_json::{Value, json};

#[cfg(debug_assertions)]
use super::transport::PANIC;
use super::{
    analysed::{path_of, uri_of},
    capabilities::{self, Client},
    documents::text_of,
    log,
    owner::Owner,
    stored,
    transport::Event,
};

/// Changes on disk are gathered for so long: editors report one change several times.
const GATHER: std::time::Duration = std::time::Duration::from_millis(100);

impl Owner {
    pub(super) fn initialize(&mut self, params: &Value) -> Value {
        self.client = Client::of(params).into();
        self.roots = roots(params);
        self.settings.merge(params.get("initializationOptions").unwrap_or(&Value::Null));
        self.apply_settings();
        if let Some(trace) = params.get("trace").and_then(Value::as_str) {
            self.settings.trace = Some(trace.to_owned());
        }
        self.outbox.handle.spawn_blocking(super::warm_up);
        capabilities::server(&self.client, self.shows_workspace())
    }

    pub(super) fn notification(&mut self, method: &str, params: &Value) {
        let null = Value::Null;
        let part = |name: &str| params.get(name).unwrap_or(&null);
        match method {
            "initialized" => self.initialized(),
            "textDocument/didOpen" => {
                let uri = self.documents.open(part("textDocument"), None);
                self.opened(&uri);
            }
            "textDocument/didChange" => {
                let unit = self.client.unit;
                let Some(uri) = self.documents.change(part("textDocument"), part("contentChanges"), unit) else {
                    return;
                };
                let owner = self.documents.owner(&uri).to_owned();
                self.retyped(&owner);
                self.refresh(&owner, false);
                let path = path_of(&uri);
                self.refresh_dependents(&path);
                if is_config(&path) {
                    self.check_configs();
                }
            }
            "textDocument/didSave" => {
                let uri = text_of(params, "/textDocument/uri").to_owned();
                let owner = self.documents.owner(&uri).to_owned();
                self.saved(&owner);
            }
            "textDocument/didClose" => {
                let uri = text_of(params, "/textDocument/uri").to_owned();
                if self.documents.texts.remove(&uri).is_some() {
                    self.closed(&uri, std::slice::from_ref(&uri));
                }
            }
            "notebookDocument/didOpen" => {
                let uri = self.documents.open_notebook(params);
                self.opened(&uri);
            }
            "notebookDocument/didChange" => {
                let unit = self.client.unit;
                let uri = text_of(params, "/notebookDocument/uri").to_owned();
                for cell in self.documents.change_notebook(params, unit) {
                    self.clear(&uri, &cell);
                }
                if self.documents.notebooks.contains_key(&uri) {
                    self.retyped(&uri);
                    self.refresh(&uri, false);
                }
            }
            "notebookDocument/didSave" => {
                let uri = text_of(params, "/notebookDocument/uri").to_owned();
                self.read_outputs(&uri);
                self.saved(&uri);
            }
            "notebookDocument/didClose" => {
                let uri = text_of(params, "/notebookDocument/uri").to_owned();
                let cells = self.documents.close_notebook(&uri);
                self.closed(&uri, &cells);
            }
            "workspace/didChangeConfiguration" => {
                let settings = part("settings");
                // Clients that answer questions send nothing worth reading here.
                if settings.is_object() && settings.as_object().is_some_and(|s| !s.is_empty()) {
                    self.settings.merge(settings);
                    self.settings_changed();
                } else {
                    self.ask_configuration();
                }
            }
            "workspace/didChangeWorkspaceFolders" => self.folders_changed(part("event")),
            "workspace/didChangeWatchedFiles" => self.files_changed(part("changes")),
            "$/setTrace" => self.settings.trace = Some(text_of(params, "/value").to_owned()),
            #[cfg(debug_assertions)]
            PANIC => self.panic_for_tests(params),
            _ => tracing::debug!(method, "not handled"),
        }
    }

    fn initialized(&mut self) {
        if self.client.watch {
            self.outbox.register_watchers();
        }
        if self.client.configuration {
            self.ask_configuration();
        } else if !self.roots.is_empty() {
            self.start_scan(None);
        } else {
            self.index.complete = true;
            self.answer_parked();
        }
    }

    /// Asks for `credscope.*`; the workspace is read when the answer is there.
    fn ask_configuration(&mut self) {
        if !self.client.configuration {
            return;
        }
        let post = self.post.clone();
        self.outbox.configuration(move |settings| {
            let work = move |owner: &mut Owner| {
                owner.settings.merge(&settings);
                owner.settings_changed();
            };
            // The loop ends only with the process.
            let _ = post.send(Event::Internal(Box::new(work)));
        });
    }

    fn settings_changed(&mut self) {
        self.reconfigure();
        if self.roots.is_empty() {
            self.index.complete = true;
            self.answer_parked();
        } else {
            self.start_scan(None);
        }
    }

    fn opened(&mut self, uri: &str) {
        self.retyped(uri);
        self.configs_from_disk(uri);
        self.refresh(uri, true);
        self.check_configs();
    }

    fn saved(&mut self, uri: &str) {
        let path = path_of(uri);
        if is_config(&path) {
            self.reconfigure();
            return;
        }
        self.configs_from_disk(uri);
        self.refresh(uri, true);
    }

    fn closed(&mut self, owner: &str, texts: &[String]) {
        for uri in texts {
            self.clear(owner, uri);
        }
        self.retyped(owner);
        self.states.remove(owner);
        self.declares(owner, None);
        self.no_longer_compared(owner);
        self.check_configs();
        // The file takes over from the text.
        let path = path_of(owner);
        if path.is_file() && self.roots.iter().any(|root| path.starts_with(root)) {
            self.index.files.remove(owner);
            self.start_scan(Some(vec![path]));
        }
    }

    fn clear(&mut self, owner: &str, uri: &str) {
        if !self.client.pull || self.states.get(owner).is_some_and(|s| s.shown.contains(uri)) {
            self.publish(owner, uri, Vec::new(), None);
        }
    }

    /// Neovim watches nothing: what decides for open documents is looked at on each open and save.
    fn configs_from_disk(&mut self, uri: &str) {
        self.configs.forget();
        let stale: Vec<String> = self
            .documents
            .all()
            .into_iter()
            .filter(|other| other != uri)
            .filter(|other| {
                let known = self.states.get(other).filter(|s| s.analysed.is_some());
                known.is_some_and(|s| s.config != self.config_stamp(other))
            })
            .collect();
        if self.states.get(uri).is_some_and(|s| s.analysed.is_some() && s.config != self.config_stamp(uri)) {
            self.invalidate(uri);
        }
        if stale.is_empty() {
            return;
        }
        for other in &stale {
            self.invalidate(other);
            self.refresh(other, true);
        }
        self.check_configs();
        self.pull_again();
    }

    /// The configuration file that decides for a document, and when it was changed last.
    pub(super) fn config_stamp(&self, uri: &str) -> Option<(PathBuf, Option<std::time::SystemTime>)> {
        let file = self.configs.of(&path_of(uri)).file.clone()?;
        let changed = std::fs::metadata(&file).and_then(|m| m.modified()).ok();
        Some((file, changed))
    }

    /// Pushes what is wrong with the configuration files in force; an open one in a client that asks is answered there.
    pub(super) fn check_configs(&mut self) {
        let mut files: Vec<PathBuf> =
            self.documents.all().iter().filter_map(|uri| self.configs.of(&path_of(uri)).file.clone()).collect();
        files.extend(self.roots.iter().filter_map(|root| self.configs.of_folder(root).file.clone()));
        files.sort();
        files.dedup();
        let mut now = std::collections::HashSet::new();
        for file in files {
            let Some(uri) = uri_of(&file) else { continue };
            if self.documents.texts.contains_key(&uri) {
                continue;
            }
            if let Some(row) = self.config_problem(&file) {
                now.insert(uri.clone());
                self.outbox.publish(&uri, vec![row], None);
            }
        }
        for uri in self.config_problems.difference(&now) {
            if self.client.pull || !self.documents.texts.contains_key(uri) {
                self.outbox.publish(uri, Vec::new(), None);
            }
        }
        self.config_problems = now;
    }

    /// Diagnostic for a configuration file that cannot be read, from the editor's text when it is open.
    pub(super) fn config_problem(&self, file: &Path) -> Option<Value> {
        let name = file.file_name()?.to_str().filter(|name| config::FILE_NAMES.contains(name))?;
        let open = uri_of(file).and_then(|uri| self.documents.texts.get(&uri));
        let text = match open {
            Some(text) => text.text.to_string(),
            None => std::fs::read_to_string(file).ok()?,
        };
        let error = config::parse(name, &text).err()?;
        let span = error.span.unwrap_or(0..0);
        let lines = credscope_grammars::LineIndex::new(&text);
        let end = span.end.max(span.start).min(text.len());
        let range = super::position::range(&text, &lines, span.start.min(text.len()), end, self.client.unit);
        Some(
            json!({"range": range, "severity": 1, "source": "credscope", "code": "configuration", "message": error.message}),
        )
    }

    fn read_outputs(&mut self, uri: &str) {
        let path = path_of(uri);
        let config = self.configs.of(&path);
        let settings = config.settings(&self.base, &path);
        let rows = stored::outputs(&path, &config.relative(&path), &settings, &self.client);
        let cells = self.documents.notebooks.get(uri).map_or(&[][..], |n| &n.cells);
        let stored = rows
            .into_iter()
            .filter_map(|(number, mut row)| {
                let cell = &cells.get(number as usize)?.uri;
                let text = self.documents.texts.get(cell)?;
                let end = text.text.lines().next().map_or(0, str::len);
                row["range"] = super::position::range(&text.text, &text.lines, 0, end, self.client.unit);
                Some((cell.clone(), row))
            })
            .collect();
        if let Some(state) = self.states.get_mut(uri) {
            state.stored = stored;
        }
        // Outputs belong to no revision of the text: the answer changed all the same.
        self.pull_again();
    }

    fn folders_changed(&mut self, event: &Value) {
        let folders = |name: &str| -> Vec<PathBuf> {
            let list = event.get(name).and_then(Value::as_array).into_iter().flatten();
            list.map(|f| path_of(text_of(f, "/uri"))).collect()
        };
        let removed = folders("removed");
        self.roots.retain(|root| !removed.contains(root));
        for root in folders("added") {
            if !self.roots.contains(&root) {
                self.roots.push(root);
            }
        }
        self.start_scan(None);
    }

    fn files_changed(&mut self, changes: &Value) {
        let paths: Vec<PathBuf> =
            changes.as_array().into_iter().flatten().map(|c| path_of(text_of(c, "/uri"))).collect();
        self.dirty.extend(paths);
        if std::mem::replace(&mut self.flushing, true) {
            return;
        }
        let post = self.post.clone();
        self.outbox.handle.spawn(async move {
            tokio::time::sleep(GATHER).await;
            let _ = post.send(Event::Internal(Box::new(Owner::flush)));
        });
    }

    /// Reads what changed on disk.
    fn flush(&mut self) {
        self.flushing = false;
        let changed: Vec<PathBuf> = std::mem::take(&mut self.dirty).into_iter().collect();
        if changed.iter().any(|path| is_config(path)) {
            self.settings_changed();
            return;
        }
        for path in &changed {
            self.refresh_dependents(path);
        }
        let open = |path: &PathBuf| uri_of(path).is_some_and(|uri| self.states.contains_key(&uri));
        let closed: Vec<PathBuf> = changed.into_iter().filter(|path| !open(path)).collect();
        if !closed.is_empty() {
            self.start_scan(Some(closed));
        }
    }

    fn apply_settings(&mut self) {
        if let Some(file) = &self.settings.log_file {
            log::file(file);
        }
        self.reconfigure();
    }
}

fn is_config(path: &Path) -> bool {
    path.file_name().and_then(|n| n.to_str()).is_some_and(|name| config::FILE_NAMES.contains(&name))
}

/// Folders of the workspace; older clients know one, by URI or path.
fn roots(params: &Value) -> Vec<PathBuf> {
    if let Some(folders) = params.get("workspaceFolders").and_then(Value::as_array).filter(|f| !f.is_empty()) {
        return folders.iter().map(|f| path_of(text_of(f, "/uri"))).collect();
    }
    match (params.get("rootUri").and_then(Value::as_str), params.get("rootPath").and_then(Value::as_str)) {
        (Some(uri), _) => vec![path_of(uri)],
        (None, Some(path)) if !path.is_empty() => vec![PathBuf::from(path)],
        _ => Vec::new(),
    }
}
