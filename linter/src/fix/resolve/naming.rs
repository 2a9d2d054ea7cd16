//! Which secret a text becomes: one value has one name, a user name belongs to its password.

use std::collections::HashMap;

use credscope_grammars::{Secret, dialect::Coding};

use super::{Resolver, Slot, literal};
use crate::{
    finding::{Finding, Place, ValueKey},
    fix::{
        Form, Fragment, NameHint, Plan, SecretName, TargetPlace,
        names::{names_user, scope_of},
    },
};

/// What the values of findings are for, by the first place of each that says so.
pub(super) fn purposes(findings: &[Finding]) -> HashMap<ValueKey, String> {
    let mut found = HashMap::new();
    for finding in findings {
        let purpose = finding.plans.iter().find_map(|plan| match plan {
            Plan::SecretReference { hint, .. } | Plan::JoinedReference { hint, .. } => Some(&hint.purpose),
            _ => None,
        });
        if let (Some(value), Some(purpose)) = (finding.value, purpose.filter(|p| !p.is_empty())) {
            found.entry(value).or_insert_with(|| purpose.clone());
        }
    }
    found
}

impl Resolver<'_> {
    /// What a variable of the environment counts as while its value is not known.
    pub(super) fn variable(&self, name: &str) -> ValueKey {
        ValueKey::new(self.settings.hash_key, &Secret::from(format!("env {name}")))
    }

    /// What a text under a hint counts as. A password that is called like its user is another secret: it is rotated, the
    /// user is not.
    pub(super) fn value(&self, text: &Secret, hint: &NameHint) -> ValueKey {
        if names_user(&hint.key) {
            return ValueKey::new(self.settings.hash_key, &Secret::from(format!("user: {}", text.expose())));
        }
        ValueKey::new(self.settings.hash_key, text)
    }

    /// Names the credential of a rewrite before its user, whatever is written first.
    pub(super) fn password_first(&mut self, edits: &[(Place, Vec<Fragment>)]) {
        for fragment in edits.iter().flat_map(|(_, fragments)| fragments) {
            let Fragment::Secret { slot, hint } = fragment else { continue };
            if !names_user(&hint.key)
                && let Some(text) = self.text(*slot)
            {
                self.home = Some(self.name(self.value(&text, hint), hint, (None, None)).scope);
            }
        }
    }

    /// The credential of a slot. A word of a line that is no program stands for itself.
    pub(super) fn text(&self, slot: Slot) -> Option<Secret> {
        let source = self.document.cells.get(slot.cell as usize)?;
        let facts = self.facts.get(slot.cell as usize)?;
        let found = literal::find(source.language, &source.text, facts, slot, TargetPlace::Expression);
        if let Ok(found) = &found {
            self.stores(found.coding, &found.value);
        }
        Some(found.map_or_else(|_| slot.credential.of(&source.text).into(), |found| found.value))
    }

    /// Notes how the value of a literal is to be stored.
    pub(super) fn stores(&self, coding: Coding, value: &Secret) {
        let escaped = |(i, _): (usize, &str)| {
            let digits = value.expose().as_bytes().get(i + 1..i + 3);
            digits.is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit))
        };
        let form = match coding {
            Coding::Percent => Form::Decoded,
            Coding::Plain if value.expose().match_indices('%').any(escaped) => Form::Written,
            Coding::Plain | Coding::Json => return,
        };
        self.form.set(form);
    }

    pub(super) fn name(
        &mut self,
        value: ValueKey,
        hint: &NameHint,
        (scope, target): (Option<&str>, Option<&str>),
    ) -> SecretName {
        // Environments that have scopes of their own have secrets of their own, whatever they hold now.
        let own = target.and_then(|t| self.settings.secrets.targets.get(t)).filter(|_| scope.is_none());
        let value = match own {
            Some(scope) => ValueKey::new(self.settings.hash_key, &Secret::from(format!("in {scope}: {:x}", value.0))),
            None => value,
        };
        let known = self.purposes.get(&value).filter(|_| hint.purpose.is_empty());
        let hint = &known.map_or_else(|| hint.clone(), |known| NameHint { purpose: known.clone(), ..hint.clone() });
        let home = self.home.clone().filter(|_| names_user(&hint.key));
        // A user is stored beside the password, also where another server has one of that name.
        let value = match &home {
            Some(home) if self.names.name_of(value).is_some_and(|name| !name.scope.eq_ignore_ascii_case(home)) => {
                ValueKey::new(self.settings.hash_key, &Secret::from(format!("beside {home}: {:x}", value.0)))
            }
            _ => value,
        };
        let chosen = scope.map(str::to_owned).or(home);
        let chosen = chosen.unwrap_or_else(|| scope_of(self.settings, target, self.existing.as_deref(), hint));
        self.names.of(value, hint, &chosen, self.settings, (scope.is_some(), &self.reads))
    }
}
