//! Credentials in queries that a program puts together from pieces: SQL reads them itself.

use credscope_grammars::{
    Secret,
    dialect::{self, Rewrite, SecretRef},
    facts::ExprKind,
};

use super::{Resolver, SecretName, Slot};
use crate::{
    finding::{Place, ValueKey},
    fix::{NameHint, Plan, TargetPlace, quoted, writes_expressions},
};

impl Resolver<'_> {
    /// The move of a credential that is all of a literal of its own, between the quotation marks of others:
    /// `"… password '" + "…" + "'"`. `None`: it is none. `Err`: the marks cannot go with it.
    pub(super) fn quoted(
        &mut self,
        plan: &Plan,
        (scope, own): (Option<&str>, Option<(Place, ValueKey)>),
    ) -> Option<Result<(Rewrite, u32, SecretName), String>> {
        let Plan::SecretReference { slot, hint, place: TargetPlace::SqlExpression } = plan else { return None };
        let cell = self.document.cells.get(slot.cell as usize).filter(|cell| writes_expressions(cell))?;
        let facts = self.facts.get(slot.cell as usize)?;
        let literal = facts.around(slot.credential).into_iter().find_map(|id| match &facts.expr(id).kind {
            ExprKind::Str(lit) if facts.expr(id).span == slot.credential || lit.style.inner == slot.credential => {
                Some(lit)
            }
            _ => None,
        })?;
        let (credential, value) = (literal.style.inner, literal.plain()?.clone());
        let piece = quoted::Piece::Literal(credential);
        // Names are given to what is moved only.
        quoted::replaced(facts, &cell.text, piece, |_| String::new())?.ok();
        let name = self.name(self.hash_of(*slot, &value, hint, own), hint, (scope, None));
        let secret = SecretRef { scope: &name.scope, key: &name.key, unity: self.unity() };
        let advice = "Let SQL read it: write secret('scope','key') in place of the quoted value".to_owned();
        if secret.unity.is_some() {
            return Some(Err(advice));
        }
        let edits = quoted::replaced(facts, &cell.text, piece, |quote| dialect::sql_reference(secret, quote))?;
        Some(match edits {
            Ok(edits) => Ok((Rewrite { edits, ..Rewrite::default() }, slot.cell, name)),
            Err(()) => Err(advice),
        })
    }

    /// What the value of a slot counts as: the finding knows its own.
    fn hash_of(&self, slot: Slot, value: &Secret, hint: &NameHint, own: Option<(Place, ValueKey)>) -> ValueKey {
        let here = own.filter(|(place, _)| {
            place.cell == slot.cell && (place.span == slot.credential || place.span == slot.literal)
        });
        here.map_or_else(|| self.value(value, hint), |(_, value)| value)
    }
}
