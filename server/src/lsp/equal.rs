//! Credentials that stand in several documents of the workspace (CS540): in open ones, and in files as far as they were
//! read. Only keyed hashes are kept and compared. When a document changes what the others say, they are shown again
//! without a new analysis.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use credscope_grammars::{Document, LineColumn, Span};
use credscope_linter::{
    Finding, Place, Related, Severity,
    rules::governance::same_credential_many_places::{self as rule, Index, Standing, Told},
};
use serde_json::Value;

use super::{
    analysed::{Analysed, path_of, result_id, severity_of},
    capabilities::Client,
    index::FileReport,
    owner::Owner,
    position::{Range, object},
    transport::Event,
};

/// Path and URI of a document: the first by path tells of equal credentials, as in a report.
pub(super) type Key = (String, String);

/// Where a credential stands, as others name it: URI of the text, and its range as the client counts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    pub uri: String,
    pub range: Range,
}

/// The credentials of the documents that are known.
#[derive(Debug, Default)]
pub(super) struct Equal {
    index: Index<Key, Seen>,
    /// URIs of documents of which others say something else than before.
    stale: BTreeSet<String>,
    /// They are told soon.
    waiting: bool,
}

/// Keystrokes inside of one credential make it equal to none: the others are told when there is a pause.
const PAUSE: Duration = Duration::from_millis(50);

fn key_of(uri: &str) -> Key {
    (path_of(uri).to_string_lossy().into_owned(), uri.to_owned())
}

/// The credentials of an analysed document.
pub(super) fn standing(analysed: &Analysed, client: &Client) -> Vec<Standing<Seen>> {
    rule::standing(&analysed.document, &analysed.findings, |finding| {
        let (uri, range) = analysed.range(finding.place, client)?;
        Some(Seen { uri: uri.to_owned(), range })
    })
}

impl Seen {
    /// Lines and columns as the client counts, from 1.
    fn related(&self) -> Related {
        let at = |p: LineColumn| (p.line.saturating_add(1), p.column.saturating_add(1));
        let (start, end) = (at(self.range.start), at(self.range.end));
        let place = Place { cell: 0, span: Span::new(0, 0) };
        Related { message: rule::EQUAL.into(), path: Some(self.uri.clone()), place, resolved: Some((start, end)) }
    }

    fn row(&self) -> Value {
        let location = object([("uri", self.uri.as_str().into()), ("range", self.range.to_value())]);
        object([("location", location), ("message", rule::EQUAL.into())])
    }
}

impl Analysed {
    /// The same with what other documents say of its credentials.
    fn told(mut self, told: &Told<'_, Key, Seen>) -> Self {
        if let Some(own) = self.own.take() {
            self.findings = own;
        }
        if !told.equal.is_empty() {
            self.own = Some(self.findings.clone());
            let path = self.shown.clone();
            let (document, settings): (&Document, _) = (&self.document, &self.settings);
            let mut shared = rule::Shared { path: &path, document, settings, findings: &mut self.findings };
            rule::tell(&mut shared, told, Seen::related);
        }
        self.fixed.take();
        self
    }
}

impl FileReport {
    /// Takes in what other documents say; whether that changes something.
    fn tell(&mut self, told: &Told<'_, Key, Seen>, client: &Client) -> bool {
        let mut rows = self.diagnostics.clone();
        let list = |others: &[(&Key, &Seen)]| -> Vec<Value> { others.iter().map(|(_, seen)| seen.row()).collect() };
        for (row, others) in told.equal.iter().filter(|_| client.related) {
            if let Some(row) = rows.get_mut(*row) {
                let known = row.get("relatedInformation").and_then(Value::as_array).cloned().unwrap_or_default();
                row["relatedInformation"] = known.into_iter().chain(list(others)).collect();
            }
        }
        for group in &told.groups {
            let first = self.firsts.iter().find(|(row, _)| *row == group.row);
            let Some(mut row) = first.map(|(_, row)| row.clone()) else { continue };
            let of_targets = |r: &&mut Value| r["code"] == rule::META.code && r["range"] == row["range"];
            if let Some(told) = rows.iter_mut().find(of_targets) {
                let message = told["message"].as_str().unwrap_or_default();
                told["message"] = rule::in_files_too(message, group.documents).into();
                if client.related {
                    let known = told.get("relatedInformation").and_then(Value::as_array).cloned().unwrap_or_default();
                    told["relatedInformation"] = known.into_iter().chain(list(&group.others)).collect();
                }
                continue;
            }
            row["message"] = rule::message(group.documents, group.values).into();
            let own = row["severity"].as_u64().unwrap_or(1);
            row["severity"] = own.max(severity_of(group.severity)).into();
            if client.related {
                row["relatedInformation"] = list(&group.others).into();
            }
            rows.push(row);
        }
        let told = (!told.equal.is_empty()).then_some(rows);
        let changed = told != self.told;
        self.told = told;
        self.id = result_id(self.items());
        changed
    }
}

impl Owner {
    /// Takes in the credentials of a document that was just analysed, and tells it what others say.
    pub(super) fn compared(&mut self, analysed: Analysed) -> Analysed {
        let key = key_of(&analysed.uri);
        self.stands(&key, standing(&analysed, &self.client));
        analysed.told(&self.equal.index.told(&key))
    }

    /// The document is closed.
    pub(super) fn no_longer_compared(&mut self, uri: &str) {
        self.stands(&key_of(uri), Vec::new());
    }

    fn stands(&mut self, key: &Key, standing: Vec<Standing<Seen>>) {
        let changed = self.equal.index.set(key, standing);
        self.equal.stale.extend(changed.into_iter().map(|(_, uri)| uri));
        if self.equal.stale.is_empty() || std::mem::replace(&mut self.equal.waiting, true) {
            return;
        }
        let post = self.post.clone();
        self.outbox.handle.spawn(async move {
            tokio::time::sleep(PAUSE).await;
            // The loop ends only with the process.
            let _ = post.send(Event::Internal(Box::new(|owner: &mut Owner| {
                owner.equal.waiting = false;
                owner.tell_others();
            })));
        });
    }

    /// Takes in the credentials of files that were read, and forgets those of files that are gone. Open documents speak
    /// for themselves; a client that shows open ones only hears of open ones only.
    pub(super) fn compare_files(&mut self, uris: &[String]) {
        let shows = self.shows_workspace();
        let known = self.equal.index.documents().map(|(_, uri)| uri);
        let gone = known.filter(|uri| !shows || !self.index.files.contains_key(*uri));
        let closed = |uri: &&String| !self.states.contains_key(*uri);
        let all: Vec<String> = uris.iter().filter(|_| shows).chain(gone).filter(closed).cloned().collect();
        for uri in all {
            let report = self.index.files.get(&uri).filter(|_| shows);
            let standing = report.map_or_else(Vec::new, |r| r.standing.clone());
            self.stands(&key_of(&uri), standing);
            self.equal.stale.insert(uri);
        }
        self.tell_others();
    }

    /// Tells documents what others say by now; those for which that changes something are shown again.
    fn tell_others(&mut self) {
        let mut changed = false;
        for uri in std::mem::take(&mut self.equal.stale) {
            changed |= if self.states.contains_key(&uri) { self.tell_open(&uri) } else { self.tell_file(&uri) };
        }
        if changed {
            self.pull_again();
            self.answer_parked();
        }
    }

    fn tell_open(&mut self, uri: &str) -> bool {
        // What is not analysed yet is told then.
        let Some(old) = self.states.get(uri).and_then(|s| s.analysed.clone()) else { return false };
        let new = old.again().told(&self.equal.index.told(&key_of(uri)));
        let row = |f: &Finding| (f.rule.code, f.place, f.message.clone(), f.related.clone());
        if new.findings.iter().map(row).eq(old.findings.iter().map(row)) {
            return false;
        }
        // Numbers of findings are others now.
        self.revision += 1;
        let new = Arc::new(Analysed { revision: self.revision, ..new });
        let Some(state) = self.states.get_mut(uri) else { return false };
        state.current.store(self.revision, std::sync::atomic::Ordering::SeqCst);
        state.analysed = Some(new.clone());
        if state.saved.as_ref().is_some_and(|saved| Arc::ptr_eq(saved, &old)) {
            state.saved = Some(new);
        }
        if !self.client.pull
            && let Some(shown) = self.displayed(uri)
        {
            self.push(&shown);
        }
        true
    }

    fn tell_file(&mut self, uri: &str) -> bool {
        let told = self.equal.index.told(&key_of(uri));
        let Some(report) = self.index.files.get_mut(uri) else { return false };
        if !report.tell(&told, &self.client) {
            return false;
        }
        let items = report.items().to_vec();
        if self.shows_workspace() && !self.client.pull {
            self.outbox.publish(uri, items, None);
        }
        true
    }
}

/// What a finding of the rule at each credential of a file would be, without its message: by number of the credential's
/// finding.
pub(super) fn firsts(analysed: &Analysed, standing: &[Standing<Seen>], client: &Client) -> Vec<(usize, Value)> {
    let first = |standing: &Standing<Seen>| {
        let finding = analysed.findings.get(standing.row)?;
        let mut finding = [rule::several_files(&analysed.document, &analysed.settings, finding, Severity::Error)?];
        credscope_linter::finding::fill_fingerprints(&analysed.shown, &mut finding);
        Some((standing.row, analysed.diagnostic(&finding[0], &analysed.uri, client)?))
    };
    standing.iter().filter_map(first).collect()
}
