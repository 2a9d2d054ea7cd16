//! Which cells have to be read. A cell without an anchor matters only when it shares a name with one that is read.

use std::{collections::HashSet, sync::LazyLock};

use memchr::memmem::Finder;

use credscope_grammars::{
    Cell, CellFacts, CellKind, Document, Language,
    facts::{Class, ExprKind, Function, Stmt, StmtKind, Target},
};

use crate::{prefilter, settings::Settings};

/// Names of every notebook, which carry nothing from cell to cell.
pub(crate) const COMMON: &[&str] = &[
    "spark", "sc", "dbutils", "sqlContext", "print", "display", "os", "self", "_", "F", "col", "lit", "str", "int",
    "len", "range",
];

/// Texts that bind or bring in names without saying which.
static ALWAYS: LazyLock<[Finder<'_>; 6]> =
    LazyLock::new(|| ["import", "%run", "include", "library(", "source(", "exec("].map(Finder::new));

/// Positions of the cells to lower at first: those with an anchor, and those that bring names in.
pub(crate) fn first(document: &Document, settings: &Settings) -> Vec<bool> {
    let is_first = |cell: &Cell| {
        // A plain file that has an anchor is read as a whole, whether in blocks or in one piece.
        document.is_in_blocks() || !matches!(cell.kind, CellKind::Code) || is_anchored(cell, settings)
    };
    document.cells.iter().map(is_first).collect()
}

pub(crate) fn is_anchored(cell: &Cell, settings: &Settings) -> bool {
    let bytes = cell.text.as_bytes();
    // Accounts in a file that has no words.
    cell.language == Language::Pgpass
        || prefilter::part_may_match(bytes)
        || settings.extend.detectors.may_match(bytes)
        || ALWAYS.iter().any(|w| w.find(bytes).is_some())
}

/// Cells not yet read that share a name with `facts`, the cells read last.
pub(crate) fn next(document: &Document, read: &[bool], facts: &[&CellFacts]) -> Vec<usize> {
    let mut names: HashSet<&str> = HashSet::new();
    for facts in facts {
        collect(facts, &mut names);
    }
    next_named(document, read, names)
}

/// Whether a byte is a part of a name, by its value: letters, digits, `_` and everything outside of ASCII.
static IS_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = byte >= 0x80 || byte == b'_' as usize || (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    table
};

/// Names that are looked for one by one.
const FEW: usize = 8;

/// Cells not yet read in which one of these names stands.
pub(crate) fn next_named(document: &Document, read: &[bool], mut names: HashSet<&str>) -> Vec<usize> {
    names.retain(|n| !COMMON.contains(n) && !n.is_empty());
    if names.is_empty() {
        return Vec::new();
    }
    let is_word = |b: u8| IS_WORD[usize::from(b)];
    // Names with other characters (`db.password` in R) are looked for as they are.
    let (words, odd): (HashSet<&str>, HashSet<&str>) = names.into_iter().partition(|n| n.bytes().all(is_word));
    // A few are found faster one by one.
    if words.len() + odd.len() <= FEW {
        let finders: Vec<Finder<'_>> = words.iter().chain(&odd).map(|name| Finder::new(*name)).collect();
        let ends = |byte: Option<&u8>| byte.is_none_or(|b| !is_word(*b));
        let holds = |text: &[u8], name: &Finder<'_>| {
            let is_odd = !name.needle().iter().all(|b| is_word(*b));
            let stands = |at: usize| ends(text[..at].last()) && ends(text.get(at + name.needle().len()));
            name.find_iter(text).any(|at| is_odd || stands(at))
        };
        let shares = |cell: &Cell| finders.iter().any(|name| holds(cell.text.as_bytes(), name));
        return (0..document.cells.len()).filter(|i| !read[*i] && shares(&document.cells[*i])).collect();
    }
    // Lengths of the words by their first byte, so that few parts of a cell are hashed.
    let mut lengths = [0u64; 256];
    let length = |part: &[u8]| 1u64 << part.len().min(63);
    for word in words.iter().map(|w| w.as_bytes()) {
        lengths[word[0] as usize] |= length(word);
    }
    let holds_word = |text: &str| {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(start) = bytes[at..].iter().position(|b| is_word(*b)).map(|n| at + n) {
            at = bytes[start..].iter().position(|b| !is_word(*b)).map_or(bytes.len(), |n| start + n);
            let part = &bytes[start..at];
            if lengths[usize::from(part[0])] & length(part) != 0 && words.contains(&text[start..at]) {
                return true;
            }
        }
        false
    };
    let shares = |cell: &Cell| holds_word(&cell.text) || odd.iter().any(|name| cell.text.contains(name));
    (0..document.cells.len()).filter(|i| !read[*i] && shares(&document.cells[*i])).collect()
}

/// Every name that the facts use or bind.
pub(crate) fn collect<'f>(facts: &'f CellFacts, names: &mut HashSet<&'f str>) {
    for expr in &facts.exprs {
        if let ExprKind::Name(name) = &expr.kind {
            names.insert(name);
        }
    }
    // `${x}` is what another cell sets.
    for (name, _) in facts.queries.iter().flat_map(|q| &q.parameters) {
        names.insert(name.rsplit(':').next().unwrap_or(name));
    }
    let mut stack: Vec<&Stmt> = facts.body.iter().collect();
    while let Some(stmt) = stack.pop() {
        match &stmt.kind {
            StmtKind::Bind { targets, .. } | StmtKind::Delete(targets) => targets.iter().for_each(|t| target(t, names)),
            StmtKind::Function(f) => function(f, names, &mut stack),
            StmtKind::Class(c) => class(c, names, &mut stack),
            StmtKind::If { then, other, .. } => stack.extend(then.iter().chain(other)),
            StmtKind::For { target: t, body, .. } => {
                target(t, names);
                stack.extend(body);
            }
            StmtKind::While { body, .. } | StmtKind::Block(body) => stack.extend(body),
            StmtKind::With { items, body } => {
                items.iter().filter_map(|(_, t)| t.as_ref()).for_each(|t| target(t, names));
                stack.extend(body);
            }
            StmtKind::Try { body, handlers, otherwise, finally } => {
                stack.extend(body.iter().chain(otherwise).chain(finally).chain(handlers.iter().flat_map(|h| &h.body)));
            }
            StmtKind::Match { arms, .. } => stack.extend(arms.iter().flat_map(|a| &a.body)),
            StmtKind::Global(globals) => names.extend(globals.iter().map(|n| &**n)),
            _ => {}
        }
    }
    for embedded in &facts.embedded {
        collect(&embedded.facts, names);
    }
}

fn target<'f>(target: &'f Target, names: &mut HashSet<&'f str>) {
    match target {
        Target::Name { name, .. } => {
            names.insert(name);
        }
        Target::Tuple(parts) | Target::Any(parts) => parts.iter().for_each(|t| self::target(t, names)),
        Target::Rest(inner) | Target::Other(inner) | Target::Of { inner, .. } => self::target(inner, names),
        Target::Keyed(pairs) => pairs.iter().for_each(|(_, t)| self::target(t, names)),
        Target::Place(_) | Target::Literal(_) | Target::Skip => {}
    }
}

fn function<'f>(f: &'f Function, names: &mut HashSet<&'f str>, stack: &mut Vec<&'f Stmt>) {
    names.extend(f.name.iter().map(|(n, _)| &**n));
    stack.extend(&f.body);
}

fn class<'f>(c: &'f Class, names: &mut HashSet<&'f str>, stack: &mut Vec<&'f Stmt>) {
    names.insert(&c.name);
    stack.extend(&c.body);
}
