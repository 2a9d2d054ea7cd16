//! Plans of a literal finding: its credential moves into a secret scope, and with it the user name beside it.

use std::sync::Arc;

use credscope_grammars::facts::PropertyPlace;

use super::{Hit, hit_text, target};
use crate::{
    catalog::options,
    context::CellContext,
    finding::{Finding, Place},
    fix::{self, NameHint, Plan, Slot, TargetPlace},
    model::{self, Located, Role, Site},
    value,
};

/// Adds the plans of a hit. `located`: the one literal that holds the credential; several can hold it together.
pub(super) fn moves(cx: &CellContext<'_>, mut finding: Finding, hit: &Hit<'_>, located: Option<Located>) -> Finding {
    if fix::runs_elsewhere(cx.path) && fix::writes_expressions(cx.cell) {
        return finding.plan(Plan::Advice { title: fix::ELSEWHERE.to_owned() });
    }
    let site = hit.site;
    let purpose = site.purpose.as_deref().or_else(|| model::purpose::of_key(&hit.key)).unwrap_or("");
    let hint = |key: &str| NameHint { purpose: purpose.to_owned(), key: key.to_owned() };
    let slot = |l: &Located| Slot { cell: l.cell, literal: l.literal, credential: l.span };
    let range = hit.range.clone().unwrap_or(0..site.text().len());
    let parts = match located {
        Some(located) => vec![located],
        None => site.fragments(range).filter(|parts| parts.len() > 1 && !site.in_comment).unwrap_or_default(),
    };
    let Some(head) = parts.first() else {
        let title = "Put the value together from one secret instead of pieces".into();
        return finding.plan(Plan::Advice { title });
    };
    let place = match target(site) {
        TargetPlace::Elsewhere if fix::writes_expressions(cx.cell) && is_document(site) => TargetPlace::Expression,
        target => target,
    };
    let own = hint(hit.key.trim());
    if parts.len() > 1 {
        finding = finding.plan(Plan::JoinedReference { slots: parts.iter().map(slot).collect(), hint: own });
    } else {
        if let Role::Command(command) = &site.role {
            let filled =
                |f: &&Finding| f.value != finding.value && f.plans.iter().any(|p| matches!(p, Plan::Rewrite { .. }));
            let number = cx.findings.iter().filter(filled).count();
            let plan = fix::shell::variable(cx.document, slot(head), &own, &command.program, number);
            finding.plans.extend(plan);
            if let Some((place, name)) = fix::shell::place(cx, slot(head), &own, command) {
                let name = own_name(cx, &finding, name);
                let slot = fix::ConfigSlot { slot: slot(head), place, path: cx.path.to_owned(), name };
                return finding.plan(Plan::Config { slot, hint: own });
            }
        }
        finding = finding.plan(Plan::SecretReference { slot: slot(head), hint: own, place });
    }
    if let Some(range) = &hit.user
        && let Some(name) = user_key(site.text().expose(), range.start)
        && let Some(user) = site.locate(range.clone())
        && value::placeholder(hit_text(site, Some(range)).expose(), &cx.settings.extend).is_none()
        && user.literal == head.literal
    {
        finding = finding.plan(Plan::SecretReference { slot: slot(&user), hint: hint(name), place });
    }
    if let Some(user) = user_beside(cx, site) {
        finding = finding
            .related("user name beside it", Place { cell: user.cell, span: user.literal })
            .plan(Plan::SecretReference { slot: slot(&user), hint: hint("user"), place });
    }
    finding
}

/// One variable for each value: the name that an earlier finding of the cell gave it, else one that none has.
fn own_name(cx: &CellContext<'_>, finding: &Finding, name: String) -> String {
    let named = cx.findings.iter().filter_map(|f| {
        let config = f.plans.iter().find_map(|p| if let Plan::Config { slot, .. } = p { Some(slot) } else { None })?;
        Some((f.value, config.name.as_str()))
    });
    let taken: Vec<_> = named.collect();
    let is_ours = |wanted: &str| taken.iter().all(|(value, known)| *known != wanted || *value == finding.value);
    let mut numbered = (2..100).map(|n| format!("{name}_{n}"));
    if is_ours(&name) { name } else { numbered.find(|n| is_ours(n)).unwrap_or(name) }
}

/// What the user name at `start` of a connection text is called in a scope. Names of accounts and policies are no
/// users: `None`.
fn user_key(text: &str, start: usize) -> Option<&'static str> {
    let before = text.get(..start)?.trim_end_matches(['=', ' ', '"', '\'', '{']);
    let word = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    match word.to_ascii_lowercase().as_str() {
        "accountname" | "sharedaccesskeyname" => None,
        "accesskeyid" => Some("access-key-id"),
        _ => Some("user"),
    }
}

/// The literal user name that belongs to a password: the same properties object, option chain, dict or option list.
fn user_beside(cx: &CellContext<'_>, site: &Site) -> Option<Located> {
    // Other roles have nothing beside them: a large file has thousands of sites.
    if !matches!(site.role, Role::Argument(_) | Role::Entry { .. } | Role::Property(_)) {
        return None;
    }
    let beside = |other: &Site| match (&site.role, &other.role) {
        (Role::Argument(a), Role::Argument(b)) => {
            let option = a.index == Some(1) && b.index == Some(1) && a.method == b.method;
            let together = option && (a.callee == b.callee || a.call.span.start == b.call.span.start);
            let keyword = a.call == b.call
                && a.method.as_ref() == "options"
                && b.keyword.as_deref().is_some_and(options::is_user);
            keyword || (together && b.positional(0).is_some_and(|k| options::is_user(k.expose())))
        }
        (Role::Entry { siblings: a, .. }, Role::Entry { siblings: b, key }) => {
            Arc::ptr_eq(a, b) && options::is_user(key)
        }
        (Role::Property(a), Role::Property(b)) => Arc::ptr_eq(&a.siblings, &b.siblings) && options::is_user(b.key()),
        _ => false,
    };
    let user = cx.sites.iter().find(|s| s.in_comment == site.in_comment && beside(s))?;
    let text = user.text();
    let located = user.literal().filter(|l| l.cell == cx.index as u32)?;
    // Bound to a name elsewhere: it stays; the literal has to stand right there.
    let here = user.at.span.contains(located.literal) || located.literal.contains(user.at.span);
    (here && value::placeholder(text.expose(), &cx.settings.extend).is_none()).then_some(located)
}

/// A document or a command line: inside a program it is a part of one of its strings.
fn is_document(site: &Site) -> bool {
    match &site.role {
        Role::Property(p) => p.place == PropertyPlace::Document,
        Role::Command(_) => true,
        _ => false,
    }
}
