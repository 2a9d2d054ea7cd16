//! Document → findings: lower, join, run the rules, keep one finding per value and place.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, LazyLock},
};

use rayon::prelude::*;

use credscope_grammars::{
    Cell, CellFacts, Document,
    lower::{LowerOptions, MAX_PARSED, lower_large},
};

use crate::{
    context::{CellContext, NotebookContext, Whole},
    demand,
    finding::{Finding, Place},
    fingerprint,
    fix::{self, Plan},
    flow,
    model::Model,
    prefilter::{self, Seen},
    registry,
    rule::{Confidence, RuleMeta},
    rules::{
        governance::same_credential_many_places,
        reference::{
            dbutils_on_executor::Summary as Executors,
            named::drop_names,
            uses::{Use, uses},
        },
        shared,
    },
    settings::Settings,
    suppress,
    workspace::{Files, Workspace},
};

/// All that was found in a document, sorted by place.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub findings: Vec<Finding>,
}

/// How deep texts inside texts are read (SQL in a Scala string in a comment …).
const EMBEDDING_DEPTH: u8 = 3;

/// Facts of one cell. A pure function of the cell's language and text, so callers may keep the result.
pub fn cell_facts(document: &Document, cell: &Cell) -> CellFacts {
    if cell.text.len() > MAX_PARSED {
        return lower_large(&cell.text, &prefilter::parts(&cell.text));
    }
    let options = LowerOptions { notebook: document.is_notebook(), depth: EMBEDDING_DEPTH };
    credscope_grammars::lower::lower_cell(cell.language, &cell.text, options)
}

/// Facts of the cells that matter, parallel to `document.cells`: cells with an anchor and those that share a name with
/// them, directly or through others. The rest keep empty facts and are never parsed.
pub fn document_facts(document: &Document) -> Vec<Arc<CellFacts>> {
    document_facts_for(document, &Settings::default())
}

/// [`document_facts`] with anchors of the configuration's token formats.
pub fn document_facts_for(document: &Document, settings: &Settings) -> Vec<Arc<CellFacts>> {
    facts_with(document, settings, &mut |cells| lower_all(document, cells))
}

/// Facts of the cells that [`facts_with`] has no need to read: nothing is to be found in them.
static UNREAD: LazyLock<Arc<CellFacts>> = LazyLock::new(Arc::default);

/// How the facts of cells are come by, in their order.
type Lower<'l> = dyn FnMut(&[&Cell]) -> Vec<Arc<CellFacts>> + 'l;

/// Cells from which on a document's work is shared among the threads.
const SHARED_FROM: usize = 64;

/// Cells that a thread takes at once: few, because their costs differ much.
const AT_ONCE: usize = 8;

/// `work` for each item, in order; many are done in parallel.
pub(crate) fn each<I: Copy + Send + Sync, T: Send>(items: &[I], work: impl Fn(I) -> T + Sync) -> Vec<T> {
    if items.len() < SHARED_FROM {
        items.iter().map(|item| work(*item)).collect()
    } else {
        items.par_iter().with_max_len(AT_ONCE).map(|item| work(*item)).collect()
    }
}

/// Facts of cells, in their order.
pub(crate) fn lower_all(document: &Document, cells: &[&Cell]) -> Vec<Arc<CellFacts>> {
    each(cells, |cell| Arc::new(cell_facts(document, cell)))
}

fn facts_with(document: &Document, settings: &Settings, lower: &mut Lower<'_>) -> Vec<Arc<CellFacts>> {
    let read = demand::first(document, settings);
    let fresh = (0..read.len()).filter(|i| read[*i]).collect();
    let mut facts: Vec<Arc<CellFacts>> = vec![Arc::clone(&UNREAD); document.cells.len()];
    demanded(document, &mut facts, vec![false; document.cells.len()], fresh, lower);
    facts
}

/// Reads `fresh` cells, then those that share a name with them, until nothing is new.
fn demanded(
    document: &Document,
    facts: &mut [Arc<CellFacts>],
    mut read: Vec<bool>,
    mut fresh: Vec<usize>,
    lower: &mut Lower<'_>,
) {
    while !fresh.is_empty() {
        let cells: Vec<&Cell> = fresh.iter().map(|&i| &document.cells[i]).collect();
        for (&i, lowered) in fresh.iter().zip(lower(&cells)) {
            facts[i] = lowered;
            read[i] = true;
        }
        if read.iter().all(|r| *r) {
            break;
        }
        let last: Vec<&CellFacts> = fresh.iter().map(|&i| &*facts[i]).collect();
        fresh = demand::next(document, &read, &last);
    }
}

/// Whether any rule could find anything in these bytes under these settings, and whether they bring in other files.
pub fn look(bytes: &[u8], settings: &Settings) -> Seen {
    let seen = prefilter::look(bytes);
    let may_match = seen.may_match
        || settings.extend.detectors.may_match(bytes)
        || extra_words(settings).any(|w| memchr::memmem::find(bytes, w.as_bytes()).is_some());
    Seen { may_match, ..seen }
}

/// Last segments of the sources that the configuration names.
fn extra_words(settings: &Settings) -> impl Iterator<Item = &str> {
    settings.extend.sources.iter().filter_map(|s| s.rsplit('.').next()).filter(|s| !s.is_empty())
}

/// [`document_facts`] and what other files bring in: imported names that may carry a secret are anchors, too.
pub fn read(
    document: &Document,
    path: &str,
    settings: &Settings,
    files: &dyn Files,
) -> (Vec<Arc<CellFacts>>, Workspace) {
    read_with(document, path, settings, files, &mut |cells| lower_all(document, cells))
}

/// [`read`] with facts from where the caller has them.
pub(crate) fn read_with(
    document: &Document,
    path: &str,
    settings: &Settings,
    files: &dyn Files,
    lower: &mut Lower<'_>,
) -> (Vec<Arc<CellFacts>>, Workspace) {
    let mut facts = facts_with(document, settings, lower);
    let workspace = Workspace::gather(path, document, &facts, files);
    let mut incoming = workspace.incoming(path, document, &facts, &settings.extend.sources);
    incoming.extend(extra_words(settings).map(str::to_owned));
    extend_with(document, &mut facts, &incoming, lower);
    (facts, workspace)
}

/// Reads the cells in which one of `names` stands, and those that share a name with them. `facts` is the result of
/// [`document_facts`].
pub fn extend_facts(document: &Document, facts: &mut [Arc<CellFacts>], names: &[String]) {
    extend_with(document, facts, names, &mut |cells| lower_all(document, cells));
}

fn extend_with(document: &Document, facts: &mut [Arc<CellFacts>], names: &[String], lower: &mut Lower<'_>) {
    if names.is_empty() {
        return;
    }
    let read: Vec<bool> = facts.iter().map(|f| !f.body.is_empty() || !f.exprs.is_empty()).collect();
    let fresh = demand::next_named(document, &read, names.iter().map(String::as_str).collect());
    demanded(document, facts, read, fresh, lower);
}

/// Analyses one document. Pure: same input, same report.
pub fn analyze(document: &Document, path: &str, settings: &Settings, workspace: &Workspace) -> Report {
    let mut facts = document_facts_for(document, settings);
    let mut words = workspace.incoming(path, document, &facts, &settings.extend.sources);
    words.extend(extra_words(settings).map(str::to_owned));
    extend_facts(document, &mut facts, &words);
    analyze_facts(document, &facts, path, settings, workspace)
}

/// [`analyze`] with facts at hand (`facts` parallel to `document.cells`).
pub fn analyze_facts(
    document: &Document,
    facts: &[Arc<CellFacts>],
    path: &str,
    settings: &Settings,
    workspace: &Workspace,
) -> Report {
    let model = Model::beside(document, facts, workspace.signatures(path, document, facts));
    let whole = Whole::of(document, facts);
    let cells: Vec<usize> = (0..facts.len()).collect();
    let found = each(&cells, |i| cell_findings(document, i, &facts[i], &model, whole, settings, path));
    let findings = found.into_iter().flatten().collect();
    let leaks = flow::analyze(document, facts, &model, settings, workspace, path);
    let executors: Vec<_> = facts.iter().map(|facts| Arc::new(Executors::of(facts))).collect();
    let uses: Vec<Arc<[Use]>> = model.sites.iter().map(|sites| uses(sites).into()).collect();
    let (model, executors, uses, leaks) = (&model, executors.as_slice(), uses.as_slice(), leaks.as_slice());
    let marked = &suppressing(document, settings);
    let view = View { document, facts, model, executors, uses, leaks, marked, settings, workspace, path };
    Report { findings: view.finish(findings) }
}

/// What the cell rules find in one cell.
pub(crate) fn cell_findings(
    document: &Document,
    index: usize,
    facts: &CellFacts,
    model: &Model,
    whole: Option<Whole>,
    settings: &Settings,
    path: &str,
) -> Vec<Finding> {
    let cell = &document.cells[index];
    // Never read, and nothing to read it for.
    if std::ptr::eq(facts, &**UNREAD) || facts.is_empty() && !demand::is_anchored(cell, settings) {
        return Vec::new();
    }
    let mut cx = CellContext {
        document,
        index,
        cell,
        facts,
        sites: model.sites.get(index).map_or(&[][..], AsRef::as_ref),
        settings,
        path,
        whole,
        findings: Vec::new(),
        slot_cache: Default::default(),
        plan_cache: Default::default(),
        config_cache: Default::default(),
    };
    for rule in registry::CELL_RULES.iter().filter(|r| r.is_on(&|meta| enabled(meta, settings))) {
        rule.check(&mut cx);
    }
    cx.findings
}

/// Where literal credentials stand, whatever is selected, suppressed or sure enough to be reported: none of them may be
/// shown beside a finding. `facts` is parallel to `document.cells`.
pub fn credentials(document: &Document, facts: &[Arc<CellFacts>], path: &str, settings: &Settings) -> Vec<Place> {
    let all = Settings { select: Vec::new(), ignore: Vec::new(), pedantic: true, ..settings.clone() };
    let model = Model::build(document, facts, &all);
    let whole = Whole::of(document, facts);
    let cells = 0..facts.len();
    let found = cells.flat_map(|i| cell_findings(document, i, &facts[i], &model, whole, &all, path));
    let mut places: Vec<Place> = found.filter(|f| f.value.is_some()).map(|f| f.place).collect();
    places.sort();
    places.dedup();
    places
}

/// A document with all that was made of it.
pub(crate) struct View<'a> {
    pub document: &'a Document,
    pub facts: &'a [Arc<CellFacts>],
    pub model: &'a Model,
    pub executors: &'a [Arc<Executors>],
    pub uses: &'a [Arc<[Use]>],
    pub leaks: &'a [flow::Leak],
    /// Cells that may hold a suppression.
    pub marked: &'a [usize],
    pub settings: &'a Settings,
    pub workspace: &'a Workspace,
    pub path: &'a str,
}

impl View<'_> {
    /// Adds what the notebook rules find to the findings of the cell rules; those that stay, sorted.
    pub(crate) fn finish(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        let Self { document, facts, model, executors, uses, leaks, marked, settings, workspace, path } = *self;
        drop_names(&mut findings, uses.iter().map(|u| &**u).zip(model.sites.iter().map(|s| &**s)));
        let mut cx = NotebookContext {
            document,
            facts,
            model,
            executors,
            uses,
            leaks,
            earlier: &findings,
            settings,
            workspace,
            path,
            findings: Vec::new(),
        };
        for rule in registry::NOTEBOOK_RULES.iter().filter(|r| enabled(r.meta(), settings)) {
            rule.check(&mut cx);
        }
        let mut late = cx.findings;
        findings.append(&mut late);
        settle(document, marked, path, settings, findings)
    }
}

/// Cells that may hold a suppression.
pub(crate) fn suppressing(document: &Document, settings: &Settings) -> Vec<usize> {
    let cells = document.cells.iter().enumerate();
    cells.filter(|(_, cell)| suppress::may_suppress(&cell.text, settings)).map(|(index, _)| index).collect()
}

/// The findings that stay: one for each place, with the configured severity, not suppressed, of rules that are on; sorted.
/// `marked`: cells that may hold a suppression.
pub(crate) fn settle(
    document: &Document,
    marked: &[usize],
    path: &str,
    settings: &Settings,
    findings: Vec<Finding>,
) -> Vec<Finding> {
    let mut findings = one_per_place(findings);
    findings.retain(|f| settings.pedantic || f.confidence > Confidence::Low);
    for finding in &mut findings {
        if let Some(severity) = settings.severity_of(finding.rule) {
            finding.severity = severity;
        }
    }
    if !document.is_notebook() && (fix::runs_elsewhere(path) || shared::is_test(path)) {
        findings.iter_mut().for_each(|finding| without_dbutils(document, path, finding));
    }
    suppress::apply(document, marked.iter().copied(), settings, &mut findings);
    findings.retain(|f| enabled(f.rule, settings));
    findings.iter_mut().for_each(|finding| finding.mask_names(settings));
    findings.sort_by(|a, b| (a.place, a.rule.code).cmp(&(b.place, b.rule.code)));
    same_credential_many_places::name_each_other(document, &mut findings);
    fingerprint::fill(path, &mut findings);
    findings
}

/// Where a program is built or tested there is no `dbutils`: what would read a secret with it is advice.
fn without_dbutils(document: &Document, path: &str, finding: &mut Finding) {
    let reads = |plan: &Plan| {
        matches!(
            plan,
            Plan::SecretReference { .. }
                | Plan::JoinedReference { .. }
                | Plan::ReadSecret { .. }
                | Plan::OutOfUrl { .. }
                | Plan::Rewrite { .. }
        )
    };
    let cell = document.cells.get(finding.place.cell as usize);
    if cell.is_some_and(fix::writes_expressions) && finding.plans.iter().any(reads) {
        let title = if fix::runs_elsewhere(path) { fix::ELSEWHERE } else { fix::IN_TEST };
        finding.plans = vec![Plan::Advice { title: title.to_owned() }];
    }
}

/// Uses of one value that a finding names; a constant can have thousands.
const MAX_RELATED: usize = 20;

/// Where literal findings cover the same text the most specific rule stays, with the others' places as related ones.
/// Findings without a value (leaks, references) stand for themselves, once per rule and place.
fn one_per_place(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| {
        let rank = |f: &Finding| (std::cmp::Reverse(f.rule.precedence), std::cmp::Reverse(f.severity), f.rule.code);
        (rank(a), a.place).cmp(&(rank(b), b.place))
    });
    let mut kept: Vec<Finding> = Vec::new();
    // Kept literals do not overlap: by cell and start, with their end. Others by rule and place.
    let mut literals: BTreeMap<(u32, u32), (u32, usize)> = BTreeMap::new();
    let mut others: HashMap<(&str, Place), usize> = HashMap::new();
    for finding in findings {
        let Place { cell, span } = finding.place;
        let literal = finding.value.is_some() && finding.rule.precedence < 100;
        let twin = if literal {
            let before = literals.range((cell, 0)..(cell, span.end.max(span.start + 1))).next_back();
            before.filter(|(start, (end, _))| start.1 == span.start || *end > span.start).map(|(_, (_, i))| *i)
        } else {
            others.get(&(finding.rule.code, finding.place)).copied()
        };
        match twin {
            Some(i) => {
                for related in finding.related {
                    if kept[i].related.len() < MAX_RELATED
                        && !kept[i].related.contains(&related)
                        && related.place != kept[i].place
                    {
                        kept[i].related.push(related);
                    }
                }
            }
            None => {
                if literal {
                    literals.insert((cell, span.start), (span.end, kept.len()));
                } else {
                    others.insert((finding.rule.code, finding.place), kept.len());
                }
                kept.push(finding);
            }
        }
    }
    // A literal that is set in the environment is CS131's; the leak of it says nothing more.
    let written: HashSet<Place> = kept.iter().filter(|f| f.rule.code == "CS131").map(|f| f.place).collect();
    kept.retain(|f| f.rule.code != "CS221" || !written.contains(&f.place));
    kept
}

/// Whether a rule is on: selected (or nothing is selected) and not ignored. Names, codes and code prefixes (`CS1`).
pub fn enabled(rule: &RuleMeta, settings: &Settings) -> bool {
    let named = |list: &[String]| list.iter().any(|w| matches_rule(rule, w));
    (settings.select.is_empty() || named(&settings.select)) && !named(&settings.ignore)
}

fn matches_rule(rule: &RuleMeta, word: &str) -> bool {
    word.eq_ignore_ascii_case("all")
        || rule.name.eq_ignore_ascii_case(word)
        || rule.code.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
}
