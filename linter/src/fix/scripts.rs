//! Variables with the name of a secret that scripts read from the environment: what must be set where they run.

use std::{collections::BTreeSet, sync::Arc};

use credscope_grammars::{
    CellFacts, Document, Language, Span,
    facts::{Command, ExprId, ExprKind, ShellWord, StrPart},
};

use super::{Store, Variable};
use crate::{
    catalog::{env, shell},
    finding::Place,
    value::names::{NameVerdict, verdict},
};

/// Those of a document's scripts, each at its first read. `facts` is parallel to its cells.
pub fn variables_read(document: &Document, facts: &[Arc<CellFacts>]) -> Vec<(Variable, Place)> {
    let scripts = document.cells.iter().zip(facts).enumerate().filter(|(_, (c, _))| c.language == Language::Shell);
    scripts
        .flat_map(|(cell, (_, facts))| {
            let read = of_script(facts).into_iter();
            read.map(move |(name, span)| {
                (Variable { store: Store::Environment, name }, Place { cell: cell as u32, span })
            })
        })
        .collect()
}

/// Names that a script reads before it sets them.
fn of_script(facts: &CellFacts) -> Vec<(String, Span)> {
    let mut found: Vec<(String, Span)> = Vec::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for command in &facts.commands {
        let set: Vec<&ShellWord> = command.assignments.iter().map(|(_, _, word)| word).collect();
        let words = command.words.iter().chain(&command.input).chain(&command.redirects).chain(&command.wrappers);
        for (name, span) in words.chain(set).flat_map(|word| names(facts, word)) {
            if verdict(name) == NameVerdict::Secret && !env::is_harmless(name) && known.insert(name.to_owned()) {
                found.push((name.to_owned(), span));
            }
        }
        known.extend(binds(command));
    }
    found
}

/// Names that a command gives a value: `X=…`, `read X`.
fn binds(command: &Command) -> Vec<String> {
    let forgets = |w: &ShellWord| w.value.plain().is_some_and(|p| shell::FORGETTERS.contains(&p.expose()));
    let read = command.words.iter().skip(1).filter(|_| command.words.first().is_some_and(forgets));
    let read = read.filter_map(|w| Some(w.value.plain()?.expose().to_owned()));
    let own = command.assignments.iter().filter(|_| !command.is_default()).map(|(name, _, _)| name.to_string());
    own.chain(read).collect()
}

fn names<'f>(facts: &'f CellFacts, word: &'f ShellWord) -> Vec<(&'f str, Span)> {
    let holes = word.value.parts.iter().filter_map(|part| match part {
        StrPart::Hole { expr, .. } => Some(*expr),
        StrPart::Text { .. } => None,
    });
    holes.filter_map(|id| name(facts, id)).collect()
}

/// `$X`, `${X:?}`, `${X:-…}`.
fn name(facts: &CellFacts, id: ExprId) -> Option<(&str, Span)> {
    match &facts.expr(id).kind {
        ExprKind::Name(name) => Some((name, facts.expr(id).span)),
        ExprKind::Fallback { first, .. } | ExprKind::Same(first) => name(facts, *first),
        _ => None,
    }
}
