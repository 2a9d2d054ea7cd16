//! Variables of the environment: one variable has one name, in all files of a session.

use std::{collections::BTreeMap, sync::Arc};

use credscope_grammars::{
    CellFacts, Secret, Span,
    dialect::{self, Rewrite, SecretRef, around::Around},
    facts::ExprKind,
};

use super::Resolver;
use crate::{
    finding::{Finding, Place, ValueKey},
    fix::{NameHint, Plan, SecretName, Slot, effects, environment},
    model::Names as Paths,
    workspace::WorkspaceDocument,
};

/// Variables of the environment with the values that the document gives them: what it sets, else what it falls back to.
pub(super) fn variables(facts: &[Arc<CellFacts>], paths: &Paths, findings: &[Finding]) -> BTreeMap<String, ValueKey> {
    let set = findings.iter().filter(|f| f.rule.code == "CS131").filter_map(|f| Some((f.subject.clone(), f.value?)));
    let mut variables: BTreeMap<String, ValueKey> = set.collect();
    for finding in findings {
        let Some(facts) = facts.get(finding.place.cell as usize) else { continue };
        if let (Some(value), Some(read)) = (finding.value, environment::read_beside(facts, paths, finding.place.span)) {
            variables.entry(read.variable).or_insert(value);
        }
    }
    variables
}

impl<'a> Resolver<'a> {
    pub(super) fn read(&mut self, place: Place, hint: &NameHint, scope: Option<&str>) -> Option<(Rewrite, SecretName)> {
        let cell = self.document.cells.get(place.cell as usize)?;
        let facts: &'a CellFacts = self.facts.get(place.cell as usize)?;
        // There is no `dbutils` on the executors.
        if dialect::around::executor_function(cell.language, facts, &Around::of(facts, place.span), &self.program)
            .is_some()
            || environment::is_asked(facts, place.span)
            || environment::is_removed(facts, &self.paths, place.span)
        {
            return None;
        }
        // What the program puts there itself is what it reads; a literal goes with the read.
        let mut cells = (0..).zip(self.facts);
        if cells.any(|(cell, facts)| {
            environment::is_set(facts, &self.paths, &hint.key, |span| self.set.contains(&Place { cell, span }))
        }) {
            return None;
        }
        let is_set = |(paths, other): &(Paths, &WorkspaceDocument)| {
            other.facts.iter().any(|facts| {
                environment::is_set(facts, paths, &hint.key, |span| {
                    literal_at(facts, span).is_some() || effects::names_of_read(facts, span).is_some()
                })
            })
        };
        if self.session.iter().any(is_set) {
            return None;
        }
        // One variable has one name, and so has the literal that it is set to or that stands in for it.
        let hash = |value: &Secret| ValueKey::new(self.settings.hash_key, value);
        let value = environment::default_of(facts, &self.paths, place.span)
            .map(|literal| hash(&literal))
            .or_else(|| self.variables.get(&hint.key).copied());
        let variable = self.variable(&hint.key);
        if let Some(value) = value {
            self.names.same(variable, value, self.settings);
        }
        let name = self.name(value.unwrap_or(variable), hint, (scope, None));
        if scope.is_none() {
            self.names.also(variable, &name);
        }
        let secret = SecretRef { scope: &name.scope, key: &name.key, unity: self.unity() };
        let edit = dialect::read_instead(cell.language, &cell.text, facts, place.span, secret)?;
        Some((Rewrite { edits: vec![edit], dbutils: true, imports: Vec::new() }, name))
    }

    /// Variables that a file of the same session sets: to a literal that gets a name there, to a secret that has one.
    pub(super) fn set_elsewhere(&mut self) {
        let mut known = Vec::new();
        for (paths, other) in &self.session {
            for facts in &other.facts {
                let sets = environment::sets(facts, paths).into_iter();
                known.extend(
                    sets.map(|(variable, span)| {
                        (variable, literal_at(facts, span), effects::names_of_read(facts, span))
                    }),
                );
            }
        }
        for (variable, text, read) in known {
            if let Some(text) = text {
                let value = ValueKey::new(self.settings.hash_key, &text);
                self.variables.entry(variable).or_insert(value);
            } else if let Some((scope, key)) = read {
                self.names.also(self.variable(&variable), &SecretName { scope, key });
            }
        }
    }

    /// A literal that stands in for a variable of the environment goes with the read: one secret takes the place of both.
    pub(super) fn stands_in(&self, slot: Slot, hint: &NameHint) -> Option<Plan> {
        let read = environment::read_beside(self.facts.get(slot.cell as usize)?, &self.paths, slot.literal)?;
        let hint = NameHint { key: read.variable, ..hint.clone() };
        Some(Plan::ReadSecret { place: Place { cell: slot.cell, span: read.span }, hint })
    }
}

/// The text of the literal that is all of an expression.
fn literal_at(facts: &CellFacts, span: Span) -> Option<Secret> {
    let literals = facts.exprs.iter().filter(|e| e.span == span);
    literals.filter_map(|e| if let ExprKind::Str(lit) = &e.kind { lit.plain() } else { None }).next()
}
