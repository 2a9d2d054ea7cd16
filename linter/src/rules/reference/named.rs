//! Constants that hold the name of a secret: `client_secret = "dp203-access"` beside `dbutils.secrets.get("kv", client_secret)`.

use std::collections::HashSet;

use super::uses::Use;
use crate::{
    finding::{Finding, Place},
    model::{Argument, Role, Site},
};

/// Calls of other stores that name a secret: the method, the position of the name where it may have one, its keywords.
const STORES: &[(&str, Option<u32>, &[&str])] = &[
    ("get_secret_value", None, &["SecretId"]),
    ("describe_secret", None, &["SecretId"]),
    ("get_secret", Some(0), &["name", "secret_name", "SecretId"]),
    ("getSecret", Some(0), &["name", "secretName"]),
    ("getSecretValue", None, &["SecretId"]),
    ("get_parameter", None, &["Name"]),
    ("access_secret_version", None, &["name"]),
];

/// Drops what only the name of a variable or key makes a finding, where the value is known to be a secret's name. `cells`: the references
/// and sites of each.
pub(crate) fn drop_names<'a>(findings: &mut Vec<Finding>, cells: impl Iterator<Item = (&'a [Use], &'a [Site])>) {
    const BY_NAME: &str = "CS106";
    if !findings.iter().any(|f| f.rule.code == BY_NAME) {
        return;
    }
    let mut places: HashSet<Place> = HashSet::new();
    for (uses, sites) in cells {
        let names = uses.iter().flat_map(|u| [&u.scope, &u.key]).flatten().filter(|name| name.range.is_none());
        places.extend(names.filter_map(|name| name.place(sites)));
        places.extend(sites.iter().filter(|site| is_of_store(site)).filter_map(whole));
    }
    findings.retain(|f| f.rule.code != BY_NAME || !places.contains(&f.place));
}

fn is_of_store(site: &Site) -> bool {
    let Role::Argument(argument) = &site.role else { return false };
    let names = |(method, at, keywords): &&(&str, Option<u32>, &[&str])| {
        &*argument.method == *method && is_named(argument, *at, keywords)
    };
    // A method of some client: a function of that name is somebody's own.
    argument.callee.contains('.') && STORES.iter().any(|row| names(&row))
}

fn is_named(argument: &Argument, at: Option<u32>, keywords: &[&str]) -> bool {
    match &argument.keyword {
        Some(keyword) => keywords.contains(&&**keyword),
        None => at.is_some() && argument.index == at,
    }
}

/// Where the literal stands, with its quotes.
fn whole(site: &Site) -> Option<Place> {
    site.literal().map(|l| Place { cell: l.cell, span: l.literal })
}
