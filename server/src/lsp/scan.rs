//! The workspace as the owner loop holds it: starts the reading in the background and takes in what it finds.

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
};

use credscope_linter::workspace::may_name_secrets;

use super::{
    files::Cache,
    index::{FileReport, Job},
    owner::{Owner, State},
};

impl Owner {
    /// Reads the workspace, or some files of it, in the background.
    pub(super) fn start_scan(&mut self, only: Option<Vec<PathBuf>>) {
        if only.is_none() {
            self.scan.fetch_add(1, Ordering::SeqCst);
            self.index.complete = false;
        }
        let job = Job {
            client: (*self.client).clone(),
            base: self.base.clone(),
            roots: self.roots.clone(),
            only,
            outbox: self.outbox.clone(),
            post: self.post.clone(),
            current: self.scan.clone(),
            number: self.scan.load(Ordering::SeqCst),
            cache: Cache::default(),
            scopes: self.index.scopes.clone(),
        };
        self.outbox.handle.spawn_blocking(move || job.run());
    }

    /// Takes in what the background has read. `all`: everything there is.
    pub(super) fn indexed(&mut self, batch: Vec<(String, Option<FileReport>)>, all: Option<HashSet<String>>) {
        let scopes = self.index.scopes.clone();
        let uris: Vec<String> = batch.iter().map(|(uri, _)| uri.clone()).collect();
        let changed = self.index.take(batch, all.as_ref());
        self.compare_files(&uris);
        if !Arc::ptr_eq(&scopes, &self.index.scopes) {
            self.scopes_changed();
        }
        if self.shows_workspace() && !self.client.pull {
            for uri in &changed {
                if !self.documents.texts.contains_key(uri) {
                    let items = self.index.files.get(uri).map_or_else(Vec::new, |r| r.items().to_vec());
                    self.outbox.publish(uri, items, None);
                }
            }
        }
        self.answer_parked();
    }

    /// The workspace declares other scopes than before: open documents that may name one are read again.
    pub(super) fn scopes_changed(&mut self) {
        let names = |state: &State| state.analysed.as_ref().is_some_and(|a| may_name_secrets(&a.document));
        let all: Vec<String> = self.states.iter().filter(|(_, s)| names(s)).map(|(uri, _)| uri.clone()).collect();
        for uri in &all {
            if let Some(state) = self.states.get_mut(uri) {
                state.memo.forget_workspace();
            }
            self.invalidate(uri);
            self.refresh(uri, false);
        }
        if !all.is_empty() {
            self.pull_again();
        }
    }
}
