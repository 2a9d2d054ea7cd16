//! An analysis that is kept between the versions of a document: after a keystroke only what can have changed is done
//! again. The findings are always those of [`crate::engine`].
//!
//! - A cell is lowered again when its text or language changed.
//! - Constants: cells that changed and cells that read what those bind ([`crate::model::Kept`]).
//! - Cell rules: cells whose facts or sites changed.
//! - Flow: not at all, when the changed cells have the shape they had and differ only in texts that the flow never looked
//!   at ([`credscope_grammars::secret::recording`]); its places are moved along. Else as a whole.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use credscope_grammars::{Cell, CellFacts, CellKind, Container, Document, Language, secret::recording};

use crate::{
    context::Whole,
    demand, early, engine,
    finding::Finding,
    flow,
    model::Kept,
    rules::reference::{
        dbutils_on_executor::Summary as Executors,
        uses::{Use, uses},
    },
    settings::Settings,
    suppress::may_suppress,
    workspace::{Brought, Files, Workspace, names_secrets},
};

mod moves;

use moves::{Flow, Move};

/// A document's analysis. One for each document; forgets by itself what another path or other settings make wrong.
#[derive(Debug, Default)]
pub struct Memo {
    path: String,
    settings: Option<Arc<Settings>>,
    container: Option<(Container, Language)>,
    cells: Vec<Known>,
    /// Names that cells which are read use or bind.
    words: HashSet<Box<str>>,
    workspace: Workspace,
    /// Whether it was read as one that may name secrets.
    names_secrets: bool,
    kept: Kept,
    /// What the file said of its blocks.
    whole: Option<Whole>,
    flow: Option<Flow>,
}

/// Cells that are lowered before it is asked again whether the version is still wanted.
const BETWEEN_QUESTIONS: usize = 128;

/// What is known of a cell.
#[derive(Debug)]
struct Known {
    language: Language,
    kind: CellKind,
    text: Arc<str>,
    magic: Option<Box<str>>,
    execution_count: Option<u32>,
    /// Empty when the cell need not be read.
    facts: Arc<CellFacts>,
    is_read: bool,
    names_secrets: bool,
    may_suppress: bool,
    findings: Vec<Finding>,
    executors: Arc<Executors>,
    uses: Arc<[Use]>,
}

/// What [`Memo::analyze`] gives.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// Parallel to `document.cells`.
    pub facts: Vec<Arc<CellFacts>>,
    /// Sorted by place, without fixes.
    pub findings: Vec<Finding>,
}

impl Memo {
    /// Paths of the files that the document brings in.
    pub fn includes(&self) -> impl Iterator<Item = &str> {
        self.workspace.documents.keys().map(String::as_str)
    }

    /// Forgets what other files bring in, and all that was made with it.
    pub fn forget_workspace(&mut self) {
        self.settings = None;
    }

    /// What is certain of a large notebook before it is read: findings of the first version that [`Memo::analyze`] gives,
    /// too. `None`: there is nothing to gain. What was read for it is not read again.
    pub fn early(&mut self, document: &Document, path: &str, settings: &Settings) -> Option<Vec<Finding>> {
        if !self.cells.is_empty() {
            return None;
        }
        let early = early::look(document, path, settings)?;
        self.container = Some((document.container, document.language));
        self.cells = early
            .facts
            .into_iter()
            .map(|(index, facts)| {
                let cell = &document.cells[index];
                Known::lowered(cell.language, cell.text.clone(), facts)
            })
            .collect();
        Some(early.findings)
    }

    /// Analyses the next version of the document. `None`: `cancelled` said so, which is asked between cells; what was done
    /// until then is kept.
    pub fn analyze(
        &mut self,
        document: &Document,
        path: &str,
        settings: &Arc<Settings>,
        files: &dyn Files,
        cancelled: &dyn Fn() -> bool,
    ) -> Option<Analysis> {
        let same = self.settings.as_ref().is_some_and(|s| Arc::ptr_eq(s, settings))
            && self.path == path
            && self.container == Some((document.container, document.language));
        let mut fresh = Vec::new();
        if let Some(changed) = self.changed(document).filter(|changed| same && self.names_as_before(document, changed))
        {
            for index in changed {
                if cancelled() {
                    return None;
                }
                fresh.push((index, Arc::new(engine::cell_facts(document, &document.cells[index]))));
            }
            if !fresh.iter().any(|(index, facts)| self.brings_in_others(&document.cells[*index], *index, facts)) {
                let step = self.edit(document, settings, fresh);
                return Some(self.conclude(document, path, settings, step));
            }
        }
        let step = self.start(document, path, settings, files, fresh, cancelled)?;
        Some(self.conclude(document, path, settings, step))
    }

    /// Positions of cells that differ; `None`: there are more or fewer cells than before.
    fn changed(&self, document: &Document) -> Option<Vec<usize>> {
        if document.cells.len() != self.cells.len() {
            return None;
        }
        Some((0..self.cells.len()).filter(|&i| !self.cells[i].is(&document.cells[i])).collect())
    }

    /// Whether the document may name secrets just when it could before.
    fn names_as_before(&self, document: &Document, changed: &[usize]) -> bool {
        let now = changed.iter().any(|&i| names_secrets(&document.cells[i].text));
        let stays = || self.cells.iter().enumerate().any(|(i, c)| c.names_secrets && !changed.contains(&i));
        self.names_secrets == (now || stays())
    }

    /// Whether a cell imports or runs something else than before.
    fn brings_in_others(&self, cell: &Cell, index: usize, facts: &CellFacts) -> bool {
        let old = &self.cells[index];
        Brought::of(cell.magic.as_deref(), &cell.text, facts)
            != Brought::of(old.magic.as_deref(), &old.text, &old.facts)
    }

    /// Reads the document as a new one; cells that are known, or lowered as `fresh` ones, are not lowered again.
    fn start(
        &mut self,
        document: &Document,
        path: &str,
        settings: &Arc<Settings>,
        files: &dyn Files,
        fresh: Vec<(usize, Arc<CellFacts>)>,
        cancelled: &dyn Fn() -> bool,
    ) -> Option<Step> {
        let keep = self.container.is_some_and(|(c, _)| c.is_notebook() == document.is_notebook());
        let mut known: HashMap<(Language, Arc<str>), Arc<CellFacts>> = HashMap::new();
        if keep {
            known.extend(self.cells.drain(..).filter(|c| c.is_read).map(|c| ((c.language, c.text), c.facts)));
        }
        known.extend(fresh.into_iter().map(|(index, facts)| {
            let cell = &document.cells[index];
            ((cell.language, cell.text.clone()), facts)
        }));
        let mut read: HashSet<u32> = HashSet::new();
        let mut stop = false;
        let mut lower = |cells: &[&Cell]| {
            read.extend(cells.iter().map(|c| c.index));
            let key = |cell: &Cell| (cell.language, cell.text.clone());
            let new: Vec<&Cell> = cells.iter().copied().filter(|c| !known.contains_key(&key(c))).collect();
            for some in new.chunks(BETWEEN_QUESTIONS) {
                stop = stop || cancelled();
                if stop {
                    return vec![Arc::default(); cells.len()];
                }
                known.extend(some.iter().map(|c| key(c)).zip(engine::lower_all(document, some)));
            }
            cells.iter().map(|c| known.get(&key(c)).cloned().unwrap_or_default()).collect()
        };
        let (facts, workspace) = engine::read_with(document, path, settings, files, &mut lower);
        let container = Some((document.container, document.language));
        *self = Self { path: path.to_owned(), container, ..Self::default() };
        if stop {
            // Cells that are lowered stay known: without settings the next version starts anew.
            self.cells =
                known.into_iter().map(|((language, text), facts)| Known::lowered(language, text, facts)).collect();
            return None;
        }
        self.settings = Some(settings.clone());
        self.kept = Kept::beside(workspace.signatures(path, document, &facts));
        self.workspace = workspace;
        for (cell, facts) in document.cells.iter().zip(facts) {
            let is_read = read.contains(&cell.index);
            let known = Known {
                language: cell.language,
                kind: cell.kind.clone(),
                text: cell.text.clone(),
                magic: cell.magic.clone(),
                execution_count: cell.execution_count,
                facts,
                is_read,
                names_secrets: names_secrets(&cell.text),
                may_suppress: may_suppress(&cell.text, settings),
                findings: Vec::new(),
                executors: Arc::default(),
                uses: Arc::default(),
            };
            self.names_secrets |= known.names_secrets;
            self.learn_words(&known.facts);
            self.cells.push(known);
        }
        Some(Step { fresh: vec![true; self.cells.len()], flow: None })
    }

    /// Names of the facts that are new.
    fn learn_words(&mut self, facts: &CellFacts) -> HashSet<Box<str>> {
        let mut names = HashSet::new();
        demand::collect(facts, &mut names);
        let new: HashSet<Box<str>> =
            names.into_iter().filter(|n| !self.words.contains(*n)).map(Box::<str>::from).collect();
        self.words.extend(new.iter().cloned());
        new
    }

    /// Takes in cells that were edited where they are, with their facts.
    fn edit(&mut self, document: &Document, settings: &Settings, changed: Vec<(usize, Arc<CellFacts>)>) -> Step {
        let mut fresh = vec![false; self.cells.len()];
        let mut moves = Some(Vec::new());
        let mut names: HashSet<Box<str>> = HashSet::new();
        for (index, facts) in changed {
            let cell = &document.cells[index];
            let old = &self.cells[index];
            moves = moves.and_then(|mut moves| {
                moves.extend(self.moved(old, cell, &facts)?);
                Some(moves)
            });
            names.extend(self.learn_words(&facts));
            let known = &mut self.cells[index];
            known.language = cell.language;
            known.kind = cell.kind.clone();
            known.text = cell.text.clone();
            known.magic.clone_from(&cell.magic);
            known.execution_count = cell.execution_count;
            known.facts = facts;
            known.is_read = true;
            known.names_secrets = names_secrets(&cell.text);
            known.may_suppress = may_suppress(&cell.text, settings);
            fresh[index] = true;
        }
        // Cells that share a new name have to be read, too.
        while !names.is_empty() {
            let read: Vec<bool> = self.cells.iter().map(|c| c.is_read).collect();
            let more = demand::next_named(document, &read, names.iter().map(|n| &**n).collect());
            names.clear();
            for index in more {
                let facts = Arc::new(engine::cell_facts(document, &document.cells[index]));
                names.extend(self.learn_words(&facts));
                self.cells[index].facts = facts;
                self.cells[index].is_read = true;
                fresh[index] = true;
                moves = None;
            }
        }
        Step { fresh, flow: moves }
    }

    fn conclude(&mut self, document: &Document, path: &str, settings: &Arc<Settings>, step: Step) -> Analysis {
        let facts: Vec<Arc<CellFacts>> = self.cells.iter().map(|c| c.facts.clone()).collect();
        let update = self.kept.update(document, &facts, &step.fresh);
        let model = self.kept.model();
        let whole = Whole::of(document, &facts);
        let turned = std::mem::replace(&mut self.whole, whole) != whole;
        let stale: Vec<usize> = (0..facts.len()).filter(|i| step.fresh[*i] || update.cells[*i] || turned).collect();
        let found = engine::each(&stale, |i| {
            let findings = engine::cell_findings(document, i, &facts[i], &model, whole, settings, path);
            (findings, uses(&model.sites[i]))
        });
        for (index, (findings, uses)) in stale.into_iter().zip(found) {
            self.cells[index].findings = findings;
            self.cells[index].uses = uses.into();
        }
        for (index, known) in self.cells.iter_mut().enumerate() {
            if step.fresh[index] {
                known.executors = Arc::new(Executors::of(&known.facts));
            }
        }
        let flow = match (self.flow.take(), step.flow) {
            (Some(flow), Some(moves)) if !update.names => flow.moved(moves),
            _ => {
                let run = || flow::analyze(document, &facts, &model, settings, &self.workspace, path);
                let (leaks, looked_at) = recording(run);
                Flow { leaks, looked_at }
            }
        };
        let findings: Vec<Finding> = self.cells.iter().flat_map(|c| c.findings.iter().cloned()).collect();
        let executors: Vec<Arc<Executors>> = self.cells.iter().map(|c| c.executors.clone()).collect();
        let uses: Vec<Arc<[Use]>> = self.cells.iter().map(|c| c.uses.clone()).collect();
        let (workspace, model, leaks) = (&self.workspace, &model, flow.leaks.as_slice());
        let (executors, uses) = (executors.as_slice(), uses.as_slice());
        let marked: Vec<usize> = (0..self.cells.len()).filter(|&i| self.cells[i].may_suppress).collect();
        let marked = marked.as_slice();
        let view =
            engine::View { document, facts: &facts, model, executors, uses, leaks, marked, settings, workspace, path };
        let findings = view.finish(findings);
        self.flow = Some(flow);
        Analysis { facts, findings }
    }
}

/// What is new in a version.
struct Step {
    fresh: Vec<bool>,
    /// How places move when the flow need not run; `None`: it must.
    flow: Option<Vec<Move>>,
}

impl Known {
    /// A cell of which the facts are all that is known.
    fn lowered(language: Language, text: Arc<str>, facts: Arc<CellFacts>) -> Self {
        Self {
            language,
            kind: CellKind::Code,
            text,
            magic: None,
            execution_count: None,
            facts,
            is_read: true,
            names_secrets: false,
            may_suppress: false,
            findings: Vec::new(),
            executors: Arc::default(),
            uses: Arc::default(),
        }
    }

    fn is(&self, cell: &Cell) -> bool {
        self.language == cell.language
            && self.kind == cell.kind
            && self.magic == cell.magic
            && self.execution_count == cell.execution_count
            && (Arc::ptr_eq(&self.text, &cell.text) || self.text == cell.text)
    }
}
