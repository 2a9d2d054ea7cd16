//! What can be said of a large notebook, or file in blocks, before it is read: findings in the few cells that give a credential a text, as far
//! as no other cell can change them. They are a subset of the findings of the whole (`tests/tests/early.rs`), so an editor
//! may show them at once.
//!
//! A finding is told early when its literal is bound to names that no unread cell mentions, or is given to a method of a
//! service (`spark.read.….option("password", "…")`) in a statement whose names no unread cell mentions.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, LazyLock},
};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use credscope_grammars::{Cell, CellFacts, CellKind, Document, Language, Span, facts::ExprKind};
use rayon::prelude::*;

use crate::{
    context::Whole,
    demand, engine,
    finding::Finding,
    model::{Model, Piece, Role, Site},
    rules::reference::{named::drop_names, uses::uses},
    settings::Settings,
};

/// Cells from which on a first look pays: fewer are read as fast as they are looked at.
const CELLS: usize = 128;
/// Bytes of cells that are read for it.
const BYTES: usize = 96 << 10;

/// Words that a credential stands beside. Others come with the whole.
const WORDS: &[&str] =
    &["pass", "pwd", "secret", "token", "apikey", "api_key", "access_key", "accesskey", "account.key", "cred", "auth"];

static FINDER: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasickBuilder::new().ascii_case_insensitive(true).build(WORDS).ok());

/// Findings that stay, and the facts of the cells that were read for them.
pub(crate) struct Early {
    pub findings: Vec<Finding>,
    /// By position in `document.cells`.
    pub facts: Vec<(usize, Arc<CellFacts>)>,
}

/// `None`: nothing to gain, the document is read as fast.
pub(crate) fn look(document: &Document, path: &str, settings: &Settings) -> Option<Early> {
    if document.cells.len() < CELLS || !(document.is_in_blocks() || document.is_notebook()) {
        return None;
    }
    let chosen = chosen(document);
    if chosen.is_empty() {
        return None;
    }
    let lowered: Vec<Arc<CellFacts>> =
        chosen.par_iter().map(|&i| Arc::new(engine::cell_facts(document, &document.cells[i]))).collect();
    let mut facts: Vec<Arc<CellFacts>> = vec![Arc::default(); document.cells.len()];
    for (&i, lowered) in chosen.iter().zip(&lowered) {
        facts[i] = lowered.clone();
    }
    let model = Model::build(document, &facts, settings);
    let marked = engine::suppressing(document, settings);
    let used: Vec<_> = chosen.iter().map(|&i| uses(&model.sites[i])).collect();
    let find = |whole: Option<Whole>| {
        let mut found = chosen
            .par_iter()
            .flat_map_iter(|&i| engine::cell_findings(document, i, &facts[i], &model, whole, settings, path))
            .collect();
        drop_names(&mut found, used.iter().zip(&chosen).map(|(uses, &i)| (&**uses, &*model.sites[i])));
        engine::settle(document, &marked, path, settings, found)
    };
    let mut wholes = possible_wholes(document, &facts).into_iter();
    let mut findings = find(wholes.next().flatten());
    for whole in wholes {
        let others = find(whole);
        findings.retain(|f| others.iter().any(|other| is_same(f, other)));
    }
    // What is unused is known in the end; what has no value is about names.
    findings.retain(|f| f.value.is_some() && f.rule.precedence < 100);
    keep_certain(document, &facts, &model, &chosen, &mut findings);
    Some(Early { findings, facts: chosen.into_iter().zip(lowered).collect() })
}

/// What the whole of a file in blocks can turn out to be; a notebook's cells speak for themselves.
fn possible_wholes(document: &Document, facts: &[Arc<CellFacts>]) -> Vec<Option<Whole>> {
    let Some(known) = Whole::of(document, facts) else { return vec![None] };
    // A block that names the cluster is enough; whether the file does something by itself the last one may say.
    let clusters = if known.on_cluster { &[true][..] } else { &[false, true] };
    let of = |on_cluster: bool| [false, true].map(|is_library| Some(Whole { on_cluster, is_library, ..known }));
    clusters.iter().flat_map(|on_cluster| of(*on_cluster)).collect()
}

fn is_same(one: &Finding, other: &Finding) -> bool {
    let row = |f: &Finding| (f.rule.code, f.place, f.severity, f.confidence);
    row(one) == row(other) && one.message == other.message && one.help == other.help && one.related == other.related
}

/// Code cells with a line that gives a text to a name of a credential, as many as there is room for.
fn chosen(document: &Document) -> Vec<usize> {
    let mut room = BYTES;
    let mut chosen = Vec::new();
    for (index, cell) in document.cells.iter().enumerate().filter(|(_, cell)| is_program(cell)) {
        if cell.text.len() <= room && gives_text(&cell.text) {
            room -= cell.text.len();
            chosen.push(index);
        }
    }
    chosen
}

fn is_program(cell: &Cell) -> bool {
    matches!(cell.kind, CellKind::Code) && matches!(cell.language, Language::Python | Language::Scala | Language::R)
}

/// Whether some word of a credential is followed by a text: `db_password = "…"`, `"password", "…"`.
fn gives_text(text: &str) -> bool {
    let Some(finder) = FINDER.as_ref() else { return false };
    finder.find_iter(text).any(|found| {
        let rest = text[found.end()..].lines().next().unwrap_or("");
        let name = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ']' | '"' | '\'' | ' ')));
        let Some((name, rest)) = name.map(|at| rest.split_at(at)) else { return false };
        const BETWEEN: [char; 8] = ['=', ':', ',', '(', '<', '-', '>', ' '];
        // A type, or the prefix of a text.
        let value = rest.trim_start_matches(BETWEEN).trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let value = value.trim_start_matches(BETWEEN);
        let inner = value.trim_start_matches(['"', '\'']);
        // The name of a secret is none.
        value.len() > inner.len() && !name.ends_with("get") && inner.find(['"', '\'']).is_some_and(|len| len >= 4)
    })
}

/// Drops the findings that a cell which was not read could change.
fn keep_certain(
    document: &Document,
    facts: &[Arc<CellFacts>],
    model: &Model,
    chosen: &[usize],
    findings: &mut Vec<Finding>,
) {
    let mut named: Vec<Option<BTreeSet<Box<str>>>> = Vec::new();
    for finding in findings.iter() {
        named.push(names_around(facts, model, chosen, finding));
    }
    let all: BTreeSet<&str> = named.iter().flatten().flatten().map(|n| &**n).collect();
    let read: HashSet<usize> = chosen.iter().copied().collect();
    let unread = document.cells.iter().enumerate().filter(|(i, cell)| !read.contains(i) && cell.kind == CellKind::Code);
    let mentioned = mentioned(&all, unread.map(|(_, cell)| &*cell.text));
    let certain: Vec<bool> =
        named.iter().map(|n| n.as_ref().is_some_and(|n| n.iter().all(|n| !mentioned.contains(&**n)))).collect();
    let mut certain = certain.into_iter();
    findings.retain(|_| certain.next().unwrap_or(false));
}

/// Names that carry the finding's literal or decide how it is used. `None`: it goes ways that names do not tell.
fn names_around(
    facts: &[Arc<CellFacts>],
    model: &Model,
    chosen: &[usize],
    finding: &Finding,
) -> Option<BTreeSet<Box<str>>> {
    let (cell, span) = (finding.place.cell, finding.place.span);
    let holds = |site: &&Site| {
        site.value.iter().any(
            |p| matches!(p, Piece::Text { cell: c, literal, .. } if *c == cell && (literal.contains(span) || span.contains(*literal))),
        )
    };
    let mut names = BTreeSet::new();
    let mut is_used = false;
    for site in chosen.iter().flat_map(|&i| model.sites.get(i).into_iter().flat_map(|s| s.iter())).filter(holds) {
        is_used = true;
        if !matches!(&*site.value, [Piece::Text { .. }]) || site.at.cell != cell {
            return None;
        }
        match &site.role {
            Role::Bind { name, path } => {
                let root = path.split(['.', '[', '(']).next().unwrap_or(path);
                names.extend([root, name].into_iter().filter(|n| !demand::COMMON.contains(n)).map(Box::from));
            }
            Role::Bare => {}
            Role::Argument(a) if site.at.span.contains(span) => {
                let root = a.callee.split(['.', '(', '[']).next().unwrap_or("");
                // A function of the document has parameters of its own.
                if a.callee.len() == root.len() || !demand::COMMON.contains(&root) {
                    return None;
                }
                names.insert(format!("def {}", a.method).into());
            }
            _ => return None,
        }
        names.extend(statement_names(facts.get(cell as usize)?, site.at.span));
    }
    is_used.then_some(names)
}

/// Names in the largest expression around a place.
fn statement_names(facts: &CellFacts, span: Span) -> impl Iterator<Item = Box<str>> + '_ {
    let around = facts.exprs.iter().filter(|e| e.span.contains(span)).map(|e| e.span);
    let whole = around.max_by_key(|s| s.len()).unwrap_or(span);
    facts.exprs.iter().filter(move |e| whole.contains(e.span)).filter_map(|e| match &e.kind {
        ExprKind::Name(name) if !demand::COMMON.contains(&&**name) => Some(name.clone()),
        _ => None,
    })
}

/// Which of the names stand in one of the texts as words. A text that is just the name (`"password"`) is no mention: a key
/// or an option is called so.
fn mentioned<'n, 't>(names: &BTreeSet<&'n str>, texts: impl Iterator<Item = &'t str>) -> HashSet<&'n str> {
    let list: Vec<&'n str> = names.iter().copied().filter(|n| !n.is_empty()).collect();
    let Ok(finder) = AhoCorasick::new(&list) else { return list.into_iter().collect() };
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = HashSet::new();
    for text in texts {
        for hit in finder.find_overlapping_iter(text) {
            let (before, after) = (&text[..hit.start()], &text[hit.end()..]);
            if !before.ends_with(['"', '\'']) && !before.ends_with(is_word) && !after.starts_with(is_word) {
                found.insert(list[hit.pattern().as_usize()]);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_give_a_text_are_told_from_those_that_name_a_secret() {
        for text in [
            "db_password = \"hunter22\"",
            ".option('password', 'hunter22')",
            "val apiToken: String = \"hunter22\"",
            "conf.set(\"fs.azure.account.key.x.dfs.core.windows.net\", \"hunter22\")",
            "token <- 'hunter22'",
        ] {
            assert!(gives_text(text), "{text}");
        }
        for text in [
            "pw = dbutils.secrets.get('jdbc', 'password-6')", ".option(\"password\", pw_6)",
            "# the password is read below", "password = ''",
        ] {
            assert!(!gives_text(text), "{text}");
        }
    }

    #[test]
    fn a_name_is_mentioned_as_a_word_and_not_as_a_text_of_its_own() {
        let names = BTreeSet::from(["pw", "password"]);
        let found = mentioned(&names, ["x = pw_2", "option(\"password\", y)"].into_iter());
        assert!(found.is_empty());
        assert_eq!(mentioned(&names, ["f\"{pw}\""].into_iter()), HashSet::from(["pw"]));
    }
}
