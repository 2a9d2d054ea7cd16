//! Requests: each is answered exactly once.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::{Value, json};
use tower_lsp::jsonrpc::{Error, Result};

use super::{
    actions::Asked,
    analysed::{Analysed, path_of, result_id, uri_of},
    commands, completion,
    documents::text_of,
    hover,
    index::Named,
    owner::Owner,
    settings::Run,
    suppressions::ConfigFile,
    transport::{Event, PANIC, Reply, failure},
};

/// A `workspace/diagnostic` request that waits for something to tell.
pub(super) struct Parked {
    reply: Reply,
    /// Result id by URI, as the client has it.
    previous: HashMap<String, String>,
    /// Where partial results go.
    token: Option<Value>,
}

/// Reports per partial result.
const BATCH: usize = 100;

impl Owner {
    /// Answers now, or hands `reply` on to who will.
    pub(super) fn request(&mut self, method: &str, params: &Value, reply: &mut Option<Reply>) {
        let result = match method {
            "initialize" => Ok(self.initialize(params)),
            "textDocument/diagnostic" => self.pulled(params),
            "workspace/diagnostic" => return self.pulled_workspace(params, reply),
            "workspace/executeCommand" => self.command(params),
            PANIC if params.get("on").and_then(Value::as_str) == Some("pool") => {
                if let Some(reply) = reply.take() {
                    self.answer_later(reply, || panic!("asked for"));
                }
                return;
            }
            PANIC => panic!("asked for"),
            _ => return self.snapshot(method, params, reply),
        };
        if let Some(reply) = reply.take() {
            // The client may have cancelled: then nobody waits.
            let _ = reply.send(result);
        }
    }

    fn pulled(&mut self, params: &Value) -> Result<Value> {
        let uri = text_of(params, "/textDocument/uri");
        let owner = self.documents.owner(uri).to_owned();
        let known = self.documents.texts.contains_key(uri);
        if known
            && self.client.refresh
            && self.settings.run == Run::OnType
            && let Some(early) = self.first_look(&owner)
        {
            self.complete_later(owner);
            let items = self.items(&early, uri);
            return Ok(json!({"kind": "full", "resultId": result_id(&items), "items": items}));
        }
        if known
            && self.settings.run == Run::OnType
            && self.analysed_unless_overtaken(&owner, true).is_none()
            && self.overtaken(&owner)
        {
            // The change behind it asks again.
            let data = Some(json!({"retriggerRequest": true}));
            return Err(Error { data, ..failure(-32802, "the document has changed") });
        }
        let items = self.displayed(uri).map_or_else(Vec::new, |analysed| self.items(&analysed, uri));
        let id = result_id(&items);
        if params.get("previousResultId").and_then(Value::as_str) == Some(id.as_str()) {
            return Ok(json!({"kind": "unchanged", "resultId": id}));
        }
        Ok(json!({"kind": "full", "resultId": id, "items": items}))
    }

    /// Reads the rest of a document of which the client was told what is certain, and lets it ask again.
    fn complete_later(&self, owner: String) {
        let work = move |this: &mut Owner| {
            if this.documents.all().contains(&owner) && this.analysed_unless_overtaken(&owner, true).is_some() {
                this.pull_again();
            }
        };
        // The loop ends only with the process.
        let _ = self.post.send(Event::Internal(Box::new(work)));
    }

    /// Requests about a place in a document, answered on the pool from a snapshot.
    fn snapshot(&mut self, method: &str, params: &Value, reply: &mut Option<Reply>) {
        let resolve = method == "codeAction/resolve";
        let uri = text_of(params, if resolve { "/data/uri" } else { "/textDocument/uri" }).to_owned();
        let owner = self.documents.owner(&uri).to_owned();
        let Some(analysed) = self.analysed(&owner).filter(|_| !self.settings.disabled) else {
            if let Some(reply) = reply.take() {
                let _ = reply.send(if resolve { Err(Error::content_modified()) } else { Ok(Value::Null) });
            }
            return;
        };
        let client = self.client.clone();
        let others = self.others(&owner);
        // Titles speak of the asked text; edits may be of all open ones.
        let edits = resolve || !client.resolve;
        let involved = others.iter().filter(|_| edits).map(|a| &a.uri).chain([&owner]);
        let typed: Vec<(Arc<AtomicU64>, u64)> = involved
            .filter_map(|uri| self.states.get(uri))
            .map(|state| (state.typed.clone(), state.typed.load(Ordering::SeqCst)))
            .collect();
        let params = params.clone();
        let work: Box<dyn FnOnce() -> Result<Value> + Send> = match method {
            "textDocument/codeAction" | "codeAction/resolve" => {
                let config = self.config_file(&owner);
                let hint = self.settings.hint_provisioning.unwrap_or(true);
                Box::new(move || {
                    let asked = Asked { analysed: &analysed, others: &others, client: &client, config, hint };
                    let answer = if resolve {
                        asked.resolve(&params).ok_or_else(Error::content_modified)?
                    } else {
                        let only: Option<Vec<String>> =
                            params.pointer("/context/only").and_then(|o| serde_json::from_value(o.clone()).ok());
                        let null = Value::Null;
                        Value::Array(asked.actions(&uri, params.get("range").unwrap_or(&null), only.as_deref()))
                    };
                    // Edits for a text that is no longer there do harm.
                    let current = typed.iter().all(|(now, then)| now.load(Ordering::SeqCst) == *then);
                    if current { Ok(answer) } else { Err(Error::content_modified()) }
                })
            }
            _ => {
                let names: Vec<(String, Vec<Named>)> = self
                    .index
                    .files
                    .iter()
                    .filter(|(uri, report)| !report.names.is_empty() && !self.states.contains_key(*uri))
                    .map(|(uri, report)| (uri.clone(), report.names.clone()))
                    .collect();
                let hovers = method == "textDocument/hover";
                Box::new(move || {
                    let mut open: Vec<Arc<Analysed>> = others;
                    open.push(analysed.clone());
                    let known = hover::known_of(&open, names);
                    let null = Value::Null;
                    let at = params.get("position").unwrap_or(&null);
                    Ok(if hovers {
                        hover::hover(&analysed, &known, &uri, at, &client)
                    } else {
                        completion::completion(&analysed, &known, &uri, at, &client)
                    })
                })
            }
        };
        if let Some(reply) = reply.take() {
            self.answer_later(reply, work);
        }
    }

    /// The configuration file for a document: the one in force, or a new one in its workspace folder.
    fn config_file(&self, owner: &str) -> ConfigFile {
        let path = path_of(owner);
        let found = self.configs.of(&path);
        let file = found.file.clone().unwrap_or_else(|| {
            let root =
                self.roots.iter().filter(|root| path.starts_with(root)).max_by_key(|root| root.components().count());
            let folder = root.cloned().or_else(|| path.parent().map(Into::into)).unwrap_or_default();
            folder.join("credscope.toml")
        });
        let open = uri_of(&file).and_then(|uri| self.documents.texts.get(&uri)).map(|t| t.text.to_string());
        let text = open.or_else(|| std::fs::read_to_string(&file).ok());
        ConfigFile { path: file, text }
    }

    fn command(&mut self, params: &Value) -> Result<Value> {
        let arguments = params.get("arguments").and_then(Value::as_array).cloned().unwrap_or_default();
        match text_of(params, "/command") {
            "credscope.showProvisioning" => {
                let uri = arguments.iter().map(|a| a.as_str().unwrap_or(text_of(a, "/uri"))).find(|u| u.contains(':'));
                let mut secrets = commands::secrets(&arguments);
                if secrets.is_empty() {
                    secrets = self.named_secrets(uri);
                }
                if secrets.is_empty() {
                    self.outbox
                        .show_message(3, "credscope: no fix here refers to a secret, so nothing has to be stored");
                    return Ok(Value::Null);
                }
                let flag = |name: &str| arguments.iter().find_map(|a| a.get(name).and_then(Value::as_bool));
                // After a fix a document that opens unasked would be in the way: a message names what to store.
                if flag("offer") == Some(true) {
                    self.outbox.show_message(3, &commands::offer(&secrets));
                    return Ok(Value::Null);
                }
                let shown = uri.map(|u| path_of(u).file_name().unwrap_or_default().to_string_lossy().into_owned());
                let text = commands::provisioning(&secrets, &shown.unwrap_or_else(|| "the fixed code".into()));
                // A client that shows the answer itself says so.
                if flag("show") != Some(false) {
                    commands::show(&text, self.client.show_document, &self.outbox);
                }
                Ok(Value::String(text))
            }
            "credscope.scanWorkspace" => {
                self.start_scan(None);
                Ok(Value::Null)
            }
            _ => Err(failure(-32602, "there is no such command")),
        }
    }

    /// The secrets that fixes of a document (or of all open ones) would refer to, and those that it reads already.
    fn named_secrets(&mut self, uri: Option<&str>) -> Vec<credscope_linter::fix::SecretName> {
        let owners = match uri {
            Some(uri) => vec![self.documents.owner(uri).to_owned()],
            None => self.documents.all(),
        };
        let mut names = Vec::new();
        for analysed in owners.iter().filter_map(|o| self.analysed(o)) {
            names.extend(analysed.fixed().iter().filter_map(|f| f.fixes.first()).flat_map(|f| f.secrets.clone()));
            let uses = analysed.uses().iter().cloned();
            names.extend(uses.filter_map(|u| Some(credscope_linter::fix::SecretName { scope: u.scope?, key: u.key? })));
        }
        names.sort();
        names.dedup();
        names
    }

    fn pulled_workspace(&mut self, params: &Value, reply: &mut Option<Reply>) {
        let Some(reply) = reply.take() else { return };
        let previous = params
            .get("previousResultIds")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|p| (text_of(p, "/uri").to_owned(), text_of(p, "/value").to_owned()))
            .collect();
        let token = params.get("partialResultToken").filter(|t| !t.is_null()).cloned();
        self.parked.push(Parked { reply, previous, token });
        self.answer_parked();
    }

    /// Answers waiting `workspace/diagnostic` requests that have something to tell: what changed, and at first
    /// everything. Those with a token get it as partial results.
    pub(super) fn answer_parked(&mut self) {
        let complete = self.index.complete;
        for mut parked in std::mem::take(&mut self.parked) {
            if parked.reply.is_closed() {
                continue;
            }
            let first = parked.previous.is_empty();
            let reports = self.reports(&parked.previous);
            let changed = reports.iter().any(|r| r["kind"] == "full");
            if !complete || !(changed || first) {
                // Partial results come as they are found; each is told once.
                if let Some(token) = parked.token.clone().filter(|_| changed && !complete) {
                    let fresh: Vec<Value> = reports.into_iter().filter(|r| r["kind"] == "full").collect();
                    for row in &fresh {
                        parked.previous.insert(text_of(row, "/uri").to_owned(), text_of(row, "/resultId").to_owned());
                    }
                    self.partial(&token, fresh);
                }
                self.parked.push(parked);
                continue;
            }
            let result = match parked.token {
                Some(token) => {
                    self.partial(&token, reports);
                    self.outbox.flush();
                    json!({"items": []})
                }
                None => json!({"items": reports}),
            };
            let _ = parked.reply.send(Ok(result));
        }
    }

    fn partial(&self, token: &Value, reports: Vec<Value>) {
        for items in reports.chunks(BATCH) {
            self.outbox.progress(token, json!({"items": items}));
        }
    }

    /// One report per text: open ones, files that were read, and those that the client still has and are clean now.
    fn reports(&mut self, previous: &HashMap<String, String>) -> Vec<Value> {
        /// URI, version, result id where it is known, items.
        type Row = (String, Option<i64>, Option<String>, Vec<Value>);
        let mut rows: Vec<Row> = Vec::new();
        for owner in self.documents.all() {
            let Some(analysed) = self.displayed(&owner) else { continue };
            for uri in analysed.uris() {
                rows.push((uri.to_owned(), analysed.text(uri).version, None, self.items(&analysed, uri)));
            }
        }
        if self.shows_workspace() {
            for (uri, report) in &self.index.files {
                if !self.states.contains_key(uri) && !report.diagnostics.is_empty() {
                    rows.push((uri.clone(), None, Some(report.id.clone()), report.items().to_vec()));
                }
            }
        }
        let known: std::collections::HashSet<String> = rows.iter().map(|(uri, ..)| uri.clone()).collect();
        for uri in previous.keys().filter(|uri| !known.contains(*uri)) {
            rows.push((uri.clone(), None, None, Vec::new()));
        }
        rows.into_iter()
            .map(|(uri, version, id, items)| {
                let id = id.unwrap_or_else(|| result_id(&items));
                if previous.get(&uri) == Some(&id) {
                    return json!({"kind": "unchanged", "uri": uri, "version": version, "resultId": id});
                }
                json!({"kind": "full", "uri": uri, "version": version, "resultId": id, "items": items})
            })
            .collect()
    }
}
