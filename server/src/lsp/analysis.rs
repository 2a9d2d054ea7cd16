//! The analysis of one document: from the client's text to findings, with what is kept between its versions.

use std::{
    path::Path,
    sync::{Arc, OnceLock, atomic::Ordering},
};

use credscope_grammars::Document;
use credscope_linter::{Finding, Settings, incremental::Memo};

use super::{
    analysed::{Analysed, CellText, path_of, uri_of},
    documents,
    files::Project,
    owner::Owner,
};

/// A document as the client has it, read from the cells or the text.
struct Opened {
    document: Document,
    version: Option<i64>,
    /// By cell number; empty for texts.
    cells: Vec<CellText>,
}

impl Owner {
    /// Findings of a document or notebook, computed when needed.
    pub(super) fn analysed(&mut self, owner: &str) -> Option<Arc<Analysed>> {
        self.analysed_unless_overtaken(owner, false)
    }

    /// [`Owner::analysed`]; with `stop`, `None` as soon as a change of the document waits.
    pub(super) fn analysed_unless_overtaken(&mut self, owner: &str, stop: bool) -> Option<Arc<Analysed>> {
        if let Some(known) = self.states.get(owner).and_then(|s| s.analysed.clone()) {
            return Some(known);
        }
        let state = self.states.entry(owner.to_owned()).or_default();
        let (mut memo, before) = (std::mem::take(&mut state.memo), state.before.take());
        let settings = self.settings_of(owner);
        // A panic loses what was kept, not the document.
        let analysed = self.analyse(owner, &settings, &mut memo, before.as_deref(), stop);
        let analysed = analysed.map(|analysed| self.compared(analysed));
        let config = self.config_stamp(owner);
        let state = self.states.entry(owner.to_owned()).or_default();
        state.includes = memo.includes().map(str::to_owned).collect();
        state.memo = memo;
        state.config = config;
        if analysed.is_none() {
            state.before = before;
        }
        state.analysed = analysed.map(Arc::new);
        let analysed = state.analysed.clone();
        if let Some(analysed) = &analysed {
            self.note_declared(owner, analysed);
        }
        self.keep(owner);
        analysed
    }

    /// What can be told of a large notebook before it is read, once, when it is opened: these findings are among those of
    /// [`Owner::analysed`], which nothing changes until then. `None`: that is as fast.
    pub(super) fn first_look(&mut self, owner: &str) -> Option<Analysed> {
        let state = self.states.entry(owner.to_owned()).or_default();
        if state.analysed.is_some() || state.before.is_some() {
            return None;
        }
        let mut memo = std::mem::take(&mut state.memo);
        let settings = self.settings_of(owner);
        let found = self.open_text(owner, None).and_then(|opened| {
            let shown = self.configs.of(&path_of(owner)).relative(&path_of(owner));
            let findings = memo.early(&opened.document, &shown, &settings)?;
            Some(self.assembled(owner, opened, findings, &settings))
        });
        if let Some(state) = self.states.get_mut(owner) {
            state.memo = memo;
        }
        found
    }

    fn open_text(&self, owner: &str, before: Option<&Analysed>) -> Option<Opened> {
        if let Some(notebook) = self.documents.notebooks.get(owner) {
            let text = |uri: &String| {
                let text = self.documents.texts.get(uri).cloned().unwrap_or_default();
                CellText { uri: uri.clone(), text: text.text, lines: text.lines, version: text.version }
            };
            let cells = notebook.cells.iter().map(|c| text(&c.uri)).collect();
            return Some(Opened { document: self.documents.notebook(owner)?, version: None, cells });
        }
        let text = self.documents.texts.get(owner)?;
        let name = documents::file_name(&path_of(owner).to_string_lossy(), &text.language_id);
        let before = before.map(|b| &b.document);
        let document = before.and_then(|b| credscope_grammars::reopen(&name, &text.text, &text.lines, b));
        let open = || credscope_grammars::open(&name, text.text.as_bytes()).documents.into_iter().next();
        let mut document = document.or_else(open)?;
        if !Arc::ptr_eq(&document.text, &text.text) && document.text == text.text {
            // One text for both.
            document.text = text.text.clone();
            document.lines = text.lines.clone();
            if let [cell] = document.cells.as_mut_slice()
                && cell.text == text.text
            {
                cell.text = text.text.clone();
            }
        }
        Some(Opened { document, version: text.version, cells: Vec::new() })
    }

    fn analyse(
        &self,
        owner: &str,
        settings: &Arc<Settings>,
        memo: &mut Memo,
        before: Option<&Analysed>,
        stop: bool,
    ) -> Option<Analysed> {
        #[cfg(debug_assertions)]
        self.panics_as_asked();
        let opened = self.open_text(owner, before)?;
        let config = self.configs.of(&path_of(owner));
        let shown = config.relative(&path_of(owner));
        let open = |path: &Path| {
            let text = self.documents.texts.get(&uri_of(path)?)?;
            Some((documents::file_name(&path.to_string_lossy(), &text.language_id), text.text.clone()))
        };
        let scopes = self.index.scopes.clone();
        let files = Project { root: &config.folder, open: &open, cache: &self.cache, scopes };
        let cancelled = || stop && self.overtaken(owner);
        if cancelled() {
            return None;
        }
        let analysis = memo.analyze(&opened.document, &shown, settings, &files, &cancelled)?;
        let analysed = self.assembled(owner, opened, analysis.findings, settings);
        Some(Analysed { facts: Some(analysis.facts), ..analysed })
    }

    /// The document with those of its findings that its configuration lets through.
    fn assembled(&self, owner: &str, opened: Opened, mut findings: Vec<Finding>, settings: &Arc<Settings>) -> Analysed {
        let Opened { document, version, cells } = opened;
        let path = path_of(owner);
        let config = self.configs.of(&path);
        let shown = config.relative(&path);
        if config.resolved.is_excluded(&shown) {
            findings.clear();
        }
        if let Some(least) = config.resolved.config().min_severity {
            findings.retain(|f| f.severity >= least);
        }
        let revision = self.states.get(owner).map_or(0, |s| s.current.load(Ordering::SeqCst));
        let (uri, root, settings) = (owner.to_owned(), config.folder.clone(), settings.clone());
        let (uses, fixed) = (OnceLock::new(), OnceLock::new());
        let (facts, own) = (None, None);
        Analysed { document, facts, uses, findings, own, settings, uri, shown, root, version, revision, cells, fixed }
    }

    /// Settings of a document; the same ones as long as nothing that they are made from changes.
    fn settings_of(&mut self, owner: &str) -> Arc<Settings> {
        let path = path_of(owner);
        let found = self.configs.of(&path);
        let state = self.states.entry(owner.to_owned()).or_default();
        if let Some((known, generation, settings)) = &state.settings
            && Arc::ptr_eq(known, &found)
            && *generation == self.generation
        {
            return settings.clone();
        }
        let settings = Arc::new(found.settings(&self.base, &path));
        state.settings = Some((found, self.generation, settings.clone()));
        settings
    }
}
