//! Credentials of several findings that stand in one default: it moves as a whole, so that one fix reads all of them and
//! none is copied to its new place.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use credscope_grammars::{CellFacts, Document, dialect};

use crate::{
    finding::{Finding, Place},
    fix::{Plan, Slot},
};

/// Plans of other findings that go with those of a finding, by its position in the list.
pub(super) fn plans(document: &Document, facts: &[Arc<CellFacts>], findings: &[Finding]) -> HashMap<usize, Vec<Plan>> {
    let moved = |plan: &Plan| {
        let slot = slot(plan)?;
        let (cell, facts) = (document.cells.get(slot.cell as usize)?, facts.get(slot.cell as usize)?);
        let span = dialect::moved_with(cell.language, facts, slot.literal)?;
        Some(Place { cell: slot.cell, span })
    };
    let mut by_place: BTreeMap<Place, Vec<(usize, &Plan)>> = BTreeMap::new();
    for (i, finding) in findings.iter().enumerate() {
        for plan in finding.plans.iter().filter(|p| moves(p)) {
            if let Some(place) = moved(plan) {
                by_place.entry(place).or_default().push((i, plan));
            }
        }
    }
    let mut found: HashMap<usize, Vec<Plan>> = HashMap::new();
    for plans in by_place.values().filter(|plans| plans.len() > 1) {
        let of: BTreeSet<usize> = plans.iter().map(|(i, _)| *i).collect();
        for i in of {
            let mut known: Vec<Option<Slot>> =
                plans.iter().filter(|(of, _)| *of == i).map(|(_, plan)| slot(plan)).collect();
            for (_, plan) in plans {
                if !known.contains(&slot(plan)) {
                    known.push(slot(plan));
                    found.entry(i).or_default().push((*plan).clone());
                }
            }
        }
    }
    found
}

/// Whether a plan puts a reference in place of a literal or a read.
pub(super) fn moves(plan: &Plan) -> bool {
    matches!(plan, Plan::SecretReference { .. } | Plan::JoinedReference { .. } | Plan::ReadSecret { .. })
}

/// The literal that a plan is about.
fn slot(plan: &Plan) -> Option<Slot> {
    match plan {
        Plan::SecretReference { slot, .. } => Some(*slot),
        _ => None,
    }
}
