//! What rules get to see.

use std::sync::Arc;

use credscope_grammars::{Cell, CellFacts, Document};

use crate::{
    finding::Finding,
    flow::Leak,
    model::{Model, Site},
    recognise::{DocumentKind, recognise},
    rules::{
        config::{
            position::{self, Position},
            reference_form,
        },
        plaintext::environment,
        reference::{dbutils_on_executor::Summary as Executors, uses::Use, when_read},
        shared::PlanCache,
    },
    settings::Settings,
    value::CredentialSlot,
    workspace::Workspace,
};

/// One cell.
pub struct CellContext<'a> {
    pub document: &'a Document,
    /// Position in `document.cells`.
    pub index: usize,
    pub cell: &'a Cell,
    pub facts: &'a CellFacts,
    /// Values that reach a position in this cell, in source order; see [`Site`].
    pub sites: &'a [Site],
    pub settings: &'a Settings,
    /// Workspace path of the document (relative, forward slashes).
    pub path: &'a str,
    /// What is known of the plain file that the cell is a block of.
    pub whole: Option<Whole>,
    pub findings: Vec<Finding>,
    /// Slots of each site's text, found when first asked for.
    pub slot_cache: std::cell::RefCell<Vec<Option<std::rc::Rc<[CredentialSlot]>>>>,
    /// See [`CellContext::kind`] and [`CellContext::positions`].
    pub config_cache: ConfigCache,
    pub plan_cache: PlanCache,
}

/// What the rest of a file says about its blocks (see [`Document::is_in_blocks`]); a cell that is none speaks for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole {
    /// It defines a cluster, job or endpoint.
    pub defines_compute: bool,
    /// It runs on a cluster.
    pub on_cluster: bool,
    /// It defines things for others, and does nothing by itself.
    pub is_library: bool,
}

impl Whole {
    /// `None`: the cells are what somebody wrote as cells.
    pub fn of(document: &Document, facts: &[Arc<CellFacts>]) -> Option<Self> {
        if !document.is_in_blocks() {
            return None;
        }
        let imported = facts.iter().any(|facts| environment::imports_dbutils(facts));
        Some(Self {
            defines_compute: reference_form::defines_compute(&document.text),
            on_cluster: facts.iter().any(|facts| environment::names_spark(facts, imported))
                && !facts.iter().any(|facts| environment::imports_service(facts)),
            is_library: when_read::is_library(facts.iter().map(|facts| &**facts)),
        })
    }
}

/// What is known of the cell as a configuration document, found when first asked for.
#[derive(Default)]
pub struct ConfigCache {
    kind: std::cell::OnceCell<Option<DocumentKind>>,
    positions: std::cell::OnceCell<std::rc::Rc<[(usize, Position)]>>,
}

impl CellContext<'_> {
    /// Credential slots inside the text of the site with that index (see [`crate::value::slots()`]).
    pub fn slots(&self, site: usize) -> std::rc::Rc<[CredentialSlot]> {
        let Some(found) = self.sites.get(site) else { return std::rc::Rc::new([]) };
        let mut known = self.slot_cache.borrow_mut();
        if known.len() <= site {
            known.resize(self.sites.len(), None);
        }
        known[site].get_or_insert_with(|| crate::value::slots(found.text().expose()).into()).clone()
    }

    /// What kind of configuration document the cell is; `None` for programs and text.
    pub fn kind(&self) -> Option<DocumentKind> {
        *self.config_cache.kind.get_or_init(|| recognise(self.path, self.cell, self.facts))
    }

    /// The sites that stand in a telling position of a configuration document, also one inside a string.
    pub fn positions(&self) -> std::rc::Rc<[(usize, Position)]> {
        let find = || {
            let sites = self.sites.iter().enumerate();
            sites.filter_map(|(i, site)| Some((i, position::of_site(self.kind(), site)?))).collect()
        };
        self.config_cache.positions.get_or_init(find).clone()
    }

    pub fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// The whole document.
pub struct NotebookContext<'a> {
    pub document: &'a Document,
    /// Facts of each cell, parallel to `document.cells`; cells that the prefilter skipped have empty facts.
    pub facts: &'a [Arc<CellFacts>],
    pub model: &'a Model,
    /// Of each cell: functions, and what sends them to executors.
    pub executors: &'a [Arc<Executors>],
    /// References to secrets of each cell.
    pub(crate) uses: &'a [Arc<[Use]>],
    /// Secret values that reach an output, from the flow analysis.
    pub leaks: &'a [Leak],
    /// Findings of the cell rules, for rules that build on them (stored outputs that repeat a flagged literal).
    pub earlier: &'a [Finding],
    pub settings: &'a Settings,
    pub workspace: &'a Workspace,
    pub path: &'a str,
    pub findings: Vec<Finding>,
}

impl NotebookContext<'_> {
    pub fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}
