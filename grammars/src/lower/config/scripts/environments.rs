//! Which variables a script of a document is started with: those of the mappings around it. The nearest one decides, as in workflows
//! of GitHub, Azure Pipelines, GitLab and CircleCI, in compose files, pods and bundles.

use std::collections::HashMap;

use crate::{
    CellFacts, Secret,
    facts::{Property, PropertyValue},
    lower::handed::{Form, Macros, Variable},
};

/// Keys whose members are variables.
const ENVIRONMENTS: &[&str] = &["env", "variables", "environment"];

/// Path of the mapping whose scripts have a variable, and its name.
type Key = (Box<[Box<str>]>, Box<str>);

/// The variables of a document.
pub(super) struct Environments {
    known: HashMap<Key, Entry>,
}

#[derive(Clone, Copy)]
struct Entry {
    variable: Variable,
    /// `$(NAME)` names it, too.
    by_macro: bool,
    /// The shell has it in capitals.
    in_capitals: bool,
}

/// How the texts at a path name variables.
pub(super) fn macros(path: &[Box<str>]) -> Macros {
    if path.first().is_some_and(|k| &**k == "services") { Macros::Compose } else { Macros::Parens }
}

impl Environments {
    pub(super) fn of(facts: &CellFacts) -> Self {
        let mut known = HashMap::new();
        let mut names: HashMap<u32, Secret> = HashMap::new();
        for property in facts.properties.iter().filter(|p| p.key() == "name") {
            if let Some(name) = text(property) {
                names.insert(property.group, name);
            }
        }
        for (i, property) in facts.properties.iter().enumerate() {
            let Some(at) = property.path.iter().rposition(|k| ENVIRONMENTS.contains(&&**k)) else { continue };
            let (above, rest) = (&property.path[..at], &property.path[at + 1..]);
            let is_number = |key: &str| key.bytes().all(|b| b.is_ascii_digit());
            let mut from = 0;
            let mut is_listed = false;
            let name: Box<str> = match rest {
                [item] if is_number(item) => {
                    let Some(pair) = text(property) else { continue };
                    let Some(equals) = pair.expose().find('=') else { continue };
                    from = equals + 1;
                    pair.expose()[..equals].into()
                }
                [name] => name.clone(),
                [item, value] if is_number(item) && &**value == "value" => {
                    is_listed = true;
                    let Some(name) = names.get(&property.group) else { continue };
                    name.expose().into()
                }
                // GitLab's `NAME: {value: …, description: …}`.
                [name, value] if &**value == "value" => name.clone(),
                _ => continue,
            };
            if matches!(property.value, PropertyValue::Str(_) | PropertyValue::Const(_)) {
                let in_capitals = &*property.path[at] == "variables";
                let by_macro = in_capitals || is_listed;
                let variable = Variable { property: i, from };
                known.insert((above.into(), name), Entry { variable, by_macro, in_capitals });
            }
        }
        Self { known }
    }

    /// The variable that a script at `path` means by a name.
    pub(super) fn find(&self, _: &CellFacts, path: &[Box<str>], name: &str, form: Form) -> Option<Variable> {
        if self.known.is_empty() {
            return None;
        }
        (0..=path.len()).rev().find_map(|len| {
            let above: Box<[Box<str>]> = path[..len].into();
            let entry = self.known.get(&(above.clone(), name.into()));
            let entry = entry.filter(|e| form != Form::Macro || e.by_macro).or_else(|| {
                let written = (form == Form::Shell).then(|| name.to_ascii_lowercase())?;
                self.known.get(&(above, written.into())).filter(|e| e.in_capitals)
            });
            entry.map(|e| e.variable)
        })
    }
}

fn text(property: &Property) -> Option<Secret> {
    match &property.value {
        PropertyValue::Str(lit) => lit.plain(),
        _ => None,
    }
}
