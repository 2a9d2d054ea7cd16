//! Targets of the project's bundle (catalog §E, CS541 and CS542): where each is deployed and which variables it sets, over the bundle's
//! file and the files that it includes.

use std::collections::{BTreeMap, BTreeSet};

use credscope_grammars::facts::{Property, PropertyPlace, PropertyValue};

use crate::rules::governance::is_production;

/// A deployment of the bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// By its name or `mode: production`.
    pub production: bool,
    pub host: Option<String>,
    /// Variables that it sets.
    pub variables: BTreeSet<String>,
}

/// What one file says of a bundle, or all of them together.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bundle {
    pub targets: BTreeMap<String, Target>,
    /// Variables that name the scope of a reference: `{{secrets/${var.kv}/key}}`.
    pub scope_variables: BTreeSet<String>,
}

/// What the files of a project say of bundles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundles {
    /// Files that are bundles of their own: `bundle:` stands at their top.
    roots: BTreeSet<Bundle>,
    /// What the other files add.
    included: Bundle,
}

impl Bundle {
    /// What the properties of a document say.
    pub fn of(properties: &[Property]) -> Self {
        let mut found = Self::default();
        for property in properties.iter().filter(|p| p.place == PropertyPlace::Document) {
            let text = text(property);
            let named = text.as_deref().into_iter().flat_map(scope_variables);
            found.scope_variables.extend(named.map(str::to_owned));
            let keys: Vec<&str> = property.path.iter().map(|k| &**k).collect();
            let ["targets", name, rest @ ..] = keys.as_slice() else { continue };
            let target = found.targets.entry((*name).to_owned()).or_default();
            target.production |= is_production(name);
            match rest {
                ["mode"] => target.production |= text.as_deref() == Some("production"),
                ["workspace", "host"] => target.host = text,
                ["variables", variable, ..] => {
                    target.variables.insert((*variable).to_owned());
                }
                _ => {}
            }
        }
        found
    }

    /// Adds what another file says.
    fn extend(&mut self, other: &Self) {
        for (name, target) in &other.targets {
            let known = self.targets.entry(name.clone()).or_default();
            known.production |= target.production;
            known.host = known.host.take().or_else(|| target.host.clone());
            known.variables.extend(target.variables.iter().cloned());
        }
        self.scope_variables.extend(other.scope_variables.iter().cloned());
    }

    /// Whether targets have workspaces of their own.
    pub fn has_many_hosts(&self) -> bool {
        self.targets.values().filter_map(|t| t.host.as_deref()).collect::<BTreeSet<_>>().len() > 1
    }

    pub fn is_empty(&self) -> bool {
        self.targets.is_empty() && self.scope_variables.is_empty()
    }
}

impl Bundles {
    /// Notes what a file says.
    pub(super) fn note(&mut self, properties: &[Property]) {
        let found = Bundle::of(properties);
        if is_root(properties) {
            self.roots.insert(found);
        } else {
            self.included.extend(&found);
        }
    }

    pub(super) fn extend(&mut self, other: &Self) {
        self.roots.extend(other.roots.iter().cloned());
        self.included.extend(&other.included);
    }

    /// The bundle that a file belongs to, with what the file itself says.
    pub fn around(&self, properties: &[Property]) -> Bundle {
        let own = Bundle::of(properties);
        let mut all = self.clone();
        if is_root(properties) {
            all.roots.insert(own.clone());
        }
        let mut bundle = all.only().unwrap_or_default();
        bundle.extend(&own);
        bundle
    }

    /// The project's bundle. `None` when there is none, or several, of which any file could be a part.
    pub fn only(&self) -> Option<Bundle> {
        let mut roots = self.roots.iter();
        let mut bundle = roots.next()?.clone();
        bundle.extend(&self.included);
        roots.next().is_none().then_some(bundle)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.roots.is_empty() && self.included.is_empty()
    }
}

fn is_root(properties: &[Property]) -> bool {
    properties.iter().any(|p| p.path.len() >= 2 && &*p.path[0] == "bundle")
}

/// Variables of a bundle that name the scope of a reference in a text.
fn scope_variables(text: &str) -> impl Iterator<Item = &str> {
    const OPEN: &str = "{{secrets/${var.";
    text.match_indices(OPEN).filter_map(|(at, _)| {
        let rest = &text[at + OPEN.len()..];
        rest.split_once('}').map(|(name, _)| name).filter(|name| name.len() < 100)
    })
}

fn text(property: &Property) -> Option<String> {
    let PropertyValue::Str(lit) = &property.value else { return None };
    lit.plain().map(|text| text.expose().to_owned())
}
