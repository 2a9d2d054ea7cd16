//! The owner loop: the only holder of the state. Notifications are applied in order; requests are answered from
//! immutable snapshots, the heavier ones on a pool.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap, HashSet, VecDeque},
    panic::AssertUnwindSafe,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
};

use credscope_linter::{Settings, incremental::Memo};
use serde_json::Value;
use tower_lsp::jsonrpc::{Error, Result};

use super::{
    analysed::{Analysed, path_of},
    capabilities::Client,
    documents::Documents,
    equal::Equal,
    files::Cache,
    index::Index,
    log,
    outbox::Outbox,
    settings::{ClientSettings, Run},
    transport::{Event, Message, Reply, failure},
};
use crate::{
    check,
    configs::{Configs, Found},
};

pub(super) struct Owner {
    pub outbox: Outbox,
    pub post: mpsc::Sender<Event>,
    inbox: Inbox,
    pub documents: Documents,
    /// By URI of texts that are no cells, and of notebooks.
    pub states: HashMap<String, State>,
    pub configs: Configs,
    defaults: Settings,
    pub settings: ClientSettings,
    /// What the client has set, refined by configuration files.
    pub base: Settings,
    pub client: Arc<Client>,
    pub roots: Vec<PathBuf>,
    /// Documents whose analysis is kept whole, the one that changed last at the end.
    pub(super) recent: VecDeque<String>,
    pub index: Index,
    pub parked: Vec<super::answers::Parked>,
    /// Credentials of all documents that are known.
    pub(super) equal: Equal,
    /// Files that changed on disk and are not read yet.
    pub dirty: BTreeSet<PathBuf>,
    pub flushing: bool,
    pub(super) scan: Arc<AtomicU64>,
    pub(super) revision: u64,
    /// Grows with the client's settings.
    pub(super) generation: u64,
    pub(super) cache: Cache,
    /// Configuration files with a problem that was pushed.
    pub config_problems: HashSet<String>,
    /// How many analyses to come fail, in tests.
    #[cfg(debug_assertions)]
    panics: std::cell::Cell<u64>,
}

/// An open document or notebook.
#[derive(Default)]
pub(super) struct State {
    /// Of the current text; `None`: not analysed yet.
    pub analysed: Option<Arc<Analysed>>,
    /// Of the text before, while the current one is not analysed: what did not change is taken over.
    pub(super) before: Option<Arc<Analysed>>,
    /// What is kept of the analysis between versions, while the document is one of [`Owner::recent`].
    pub(super) memo: Memo,
    /// Paths of the files that the document brings in.
    pub(super) includes: Vec<String>,
    /// Settings in force, and what they were made from.
    pub(super) settings: Option<(Arc<Found>, u64, Arc<Settings>)>,
    /// Of the saved text, for `run = onSave`.
    pub saved: Option<Arc<Analysed>>,
    /// Revision of the last change: of the text, or of what else decides about it.
    pub current: Arc<AtomicU64>,
    /// Revision of the last change of the text.
    pub typed: Arc<AtomicU64>,
    /// Findings in stored outputs as of the last save: cell URI and diagnostic.
    pub stored: Vec<(String, Value)>,
    /// URIs that were pushed with something.
    pub shown: HashSet<String>,
    /// The configuration file that decided, and when it was changed.
    pub config: Option<(PathBuf, Option<std::time::SystemTime>)>,
}

/// Messages that came and were not handled yet.
struct Inbox {
    events: mpsc::Receiver<Event>,
    queue: RefCell<VecDeque<Event>>,
}

impl Inbox {
    fn next(&self) -> Option<Event> {
        if let Some(event) = self.queue.borrow_mut().pop_front() {
            return Some(event);
        }
        self.events.recv().ok()
    }

    /// Whether a change of the document waits, so that work on its current text is in vain.
    fn overtakes(&self, documents: &Documents, owner: &str) -> bool {
        let mut queue = self.queue.borrow_mut();
        queue.extend(self.events.try_iter());
        queue.iter().any(|event| match event {
            Event::Message(message)
                if matches!(&*message.method, "textDocument/didChange" | "notebookDocument/didChange") =>
            {
                let uri = ["/textDocument/uri", "/notebookDocument/uri"].iter().find_map(|p| message.params.pointer(p));
                uri.and_then(Value::as_str).is_some_and(|uri| documents.owner(uri) == owner)
            }
            _ => false,
        })
    }
}

/// Serves events until the transport is gone.
pub(super) fn run(outbox: Outbox, post: mpsc::Sender<Event>, events: mpsc::Receiver<Event>) {
    let defaults = Settings { hash_key: check::random_key(), now: check::now(), ..Settings::default() };
    let mut owner = Owner {
        outbox,
        post,
        inbox: Inbox { events, queue: RefCell::default() },
        documents: Documents::default(),
        states: HashMap::new(),
        configs: Configs::default(),
        base: defaults.clone(),
        defaults,
        settings: ClientSettings::default(),
        client: Arc::new(Client::of(&Value::Null)),
        roots: Vec::new(),
        recent: VecDeque::new(),
        index: Index::default(),
        parked: Vec::new(),
        equal: Equal::default(),
        dirty: BTreeSet::new(),
        flushing: false,
        scan: Arc::default(),
        revision: 0,
        generation: 0,
        cache: Cache::default(),
        config_problems: HashSet::new(),
        #[cfg(debug_assertions)]
        panics: std::cell::Cell::new(0),
    };
    while let Some(event) = owner.inbox.next() {
        match event {
            Event::Message(message) => owner.message(message),
            Event::Internal(work) => {
                if std::panic::catch_unwind(AssertUnwindSafe(|| work(&mut owner))).is_err() {
                    tracing::error!("internal work failed; please report it");
                }
            }
        }
    }
}

impl Owner {
    fn message(&mut self, message: Message) {
        let Message { method, params, reply } = message;
        let start = std::time::Instant::now();
        match reply {
            // Cancelled before it was begun.
            Some(reply) if reply.is_closed() => {}
            Some(reply) => {
                let mut reply = Some(reply);
                let result = std::panic::catch_unwind(AssertUnwindSafe(|| self.request(&method, &params, &mut reply)));
                if result.is_err()
                    && let Some(reply) = reply
                {
                    // Nobody may wait any more.
                    let _ = reply.send(Err(broken()));
                }
            }
            None => {
                let result = std::panic::catch_unwind(AssertUnwindSafe(|| self.notification(&method, &params)));
                if result.is_err() {
                    tracing::error!(%method, "a notification could not be handled; please report it");
                    self.recover(&method, &params);
                }
            }
        }
        let spent = start.elapsed();
        tracing::debug!(%method, ?spent, "handled");
        if self.settings.trace.as_deref().is_some_and(|t| t != "off") {
            self.outbox.trace(format!("{method} handled in {} µs", spent.as_micros()));
        }
    }

    /// Handling a notification failed. The documents are as the client has them; what was kept of the analysis is gone with
    /// it, so once more, from the beginning. What fails again leaves the diagnostics before: they are not shown as gone.
    fn recover(&mut self, method: &str, params: &Value) {
        let uri = ["/textDocument/uri", "/notebookDocument/uri"].iter().find_map(|p| params.pointer(p));
        let Some(uri) = uri.and_then(Value::as_str) else { return };
        let owner = self.documents.owner(uri).to_owned();
        if !self.documents.all().contains(&owner) {
            return;
        }
        self.invalidate(&owner);
        if let Some(state) = self.states.get_mut(&owner) {
            (state.memo, state.before) = (Memo::default(), None);
        }
        let is_change = method.ends_with("/didChange");
        if std::panic::catch_unwind(AssertUnwindSafe(|| self.refresh(&owner, !is_change))).is_err() {
            tracing::error!(%method, "the document could not be analysed; please report it");
        }
    }

    /// Runs `work` on the pool and answers with its result; a panic in it is an error answer.
    pub(super) fn answer_later(&self, reply: Reply, work: impl FnOnce() -> Result<Value> + Send + 'static) {
        self.outbox.handle.spawn_blocking(move || {
            if reply.is_closed() {
                return;
            }
            let result = std::panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(broken()));
            // The client may have cancelled: then nobody waits.
            let _ = reply.send(result);
        });
    }

    /// The client's settings changed, or a configuration file did: everything is read anew.
    pub(super) fn reconfigure(&mut self) {
        self.base = self.settings.base(&self.defaults);
        self.generation += 1;
        if let Some(level) = &self.settings.log_level {
            log::level(level);
        }
        if let Some(file) = &self.settings.log_file {
            log::file(file);
        }
        self.configs.forget();
        for uri in self.documents.all() {
            self.invalidate(&uri);
            self.refresh(&uri, true);
        }
        self.check_configs();
        self.pull_again();
    }

    pub(super) fn pull_again(&self) {
        if self.client.pull && self.client.refresh {
            self.outbox.refresh();
        }
    }

    /// Whether files that are not open are shown.
    pub(super) fn shows_workspace(&self) -> bool {
        self.settings.workspace_diagnostics.unwrap_or(self.client.pull) && !self.settings.disabled
    }

    /// The text of a document changed: answers that are under way are for another one.
    pub(super) fn retyped(&mut self, uri: &str) {
        self.invalidate(uri);
        if let Some(state) = self.states.get(uri) {
            state.typed.store(self.revision, Ordering::SeqCst);
        }
    }

    /// The text of a document changed, or a configuration or file that decides about it: what was known of it is stale.
    pub(super) fn invalidate(&mut self, uri: &str) {
        self.revision += 1;
        let state = self.states.entry(uri.to_owned()).or_default();
        if let Some(analysed) = state.analysed.take() {
            state.before = Some(analysed);
        }
        state.current.store(self.revision, Ordering::SeqCst);
    }

    /// Analyses a document whose text is `saved` or was typed, and pushes where the client does not ask.
    pub(super) fn refresh(&mut self, uri: &str, saved: bool) {
        let on_save = self.settings.run == Run::OnSave;
        if on_save && !saved {
            return;
        }
        if self.client.pull && !on_save {
            return;
        }
        // What is certain of a large notebook is shown before all of it is read.
        if !on_save && let Some(early) = self.first_look(uri) {
            self.push(&early);
        }
        // Keystrokes that are already overtaken are applied, but not analysed.
        let Some(analysed) = self.analysed_unless_overtaken(uri, !saved) else { return };
        let analysed = Some(analysed);
        if on_save && let Some(state) = self.states.get_mut(uri) {
            state.saved.clone_from(&analysed);
        }
        if let Some(analysed) = analysed.filter(|_| !self.client.pull) {
            self.push(&analysed);
        }
    }

    /// Pushes the diagnostics of each text of a document.
    pub(super) fn push(&mut self, analysed: &Analysed) {
        for text in analysed.uris() {
            let items = self.items(analysed, text);
            self.publish(&analysed.uri, text, items, analysed.text(text).version);
        }
    }

    /// Pushes unless it is empty and was before.
    pub(super) fn publish(&mut self, owner: &str, uri: &str, items: Vec<Value>, version: Option<i64>) {
        if let Some(state) = self.states.get_mut(owner) {
            if items.is_empty() {
                state.shown.remove(uri);
            } else {
                state.shown.insert(uri.to_owned());
            }
        }
        self.outbox.publish(uri, items, version);
    }

    /// Diagnostics of one text: findings, stored outputs, problems of a configuration file.
    pub(super) fn items(&self, analysed: &Analysed, uri: &str) -> Vec<Value> {
        if self.settings.disabled {
            return Vec::new();
        }
        let mut items = analysed.diagnostics(uri, &self.client);
        if let Some(state) = self.states.get(&analysed.uri) {
            items.extend(state.stored.iter().filter(|(cell, _)| cell == uri).map(|(_, row)| row.clone()));
        }
        items.extend(self.config_problem(&path_of(uri)));
        items
    }

    /// What is shown of a document: of its current text, or with `run = onSave` of the saved one.
    pub(super) fn displayed(&mut self, uri: &str) -> Option<Arc<Analysed>> {
        let owner = self.documents.owner(uri).to_owned();
        if self.settings.run == Run::OnSave
            && let Some(saved) = self.states.get(&owner).and_then(|s| s.saved.clone())
        {
            return Some(saved);
        }
        self.analysed(&owner)
    }

    /// Whether a change of the document waits.
    pub(super) fn overtaken(&self, owner: &str) -> bool {
        self.inbox.overtakes(&self.documents, owner)
    }

    /// Documents that bring in a file are read again.
    pub(super) fn refresh_dependents(&mut self, path: &std::path::Path) {
        let mut dependents = Vec::new();
        for (uri, state) in self.states.iter_mut().filter(|(_, state)| !state.includes.is_empty()) {
            let root = self.configs.of(&path_of(uri)).folder.clone();
            if state.includes.iter().any(|include| root.join(include) == *path) {
                state.memo.forget_workspace();
                dependents.push(uri.clone());
            }
        }
        for uri in &dependents {
            self.invalidate(uri);
            self.refresh(uri, false);
        }
    }

    /// All open documents but one, for what spans documents.
    pub(super) fn others(&mut self, owner: &str) -> Vec<Arc<Analysed>> {
        let all = self.documents.all();
        all.iter().filter(|uri| *uri != owner).filter_map(|uri| self.analysed(uri)).collect()
    }
}

/// For tests of what a bug costs. Builds without debug assertions have none of it.
#[cfg(debug_assertions)]
impl Owner {
    /// Panics at once, or lets the next analyses do so.
    pub(super) fn panic_for_tests(&self, params: &Value) {
        match params.get("analyses").and_then(Value::as_u64) {
            Some(count) => self.panics.set(count),
            None => panic!("asked for"),
        }
    }

    pub(super) fn panics_as_asked(&self) {
        if let Some(left) = self.panics.get().checked_sub(1) {
            self.panics.set(left);
            panic!("asked for");
        }
    }
}

fn broken() -> Error {
    failure(-32603, "internal error: the analysis failed; please report it")
}
