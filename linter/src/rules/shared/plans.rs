//! Plans of a literal finding: its credential moves into a secret scope, and with it the user name beside it.

use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
    sync::Arc,
};

use credscope_grammars::{Language, facts::PropertyPlace};

use super::{Hit, hit_text, target};
use crate::{
    catalog::options,
    context::CellContext,
    finding::{Finding, Place, ValueKey},
    fix::{self, NameHint, Plan, Slot, TargetPlace},
    model::{self, Argument, Located, Role, Siblings, Site},
    value,
};

/// Adds the plans of a hit. `located`: the one literal that holds the credential; several can hold it together.
pub(super) fn moves(cx: &CellContext<'_>, mut finding: Finding, hit: &Hit<'_>, located: Option<Located>) -> Finding {
    if fix::runs_elsewhere(cx.path) && fix::writes_expressions(cx.cell) {
        return finding.plan(Plan::Advice { title: fix::ELSEWHERE.to_owned() });
    }
    if let Role::Compare { in_pattern: true, .. } = hit.site.role {
        return finding.plan(Plan::Advice { title: "Compare with a secret by `==`: a pattern takes no call".into() });
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
    let place = if is_setting(cx, site, head) { TargetPlace::Elsewhere } else { place };
    let own = hint(hit.key.trim());
    if parts.len() > 1 {
        finding = finding.plan(Plan::JoinedReference { slots: parts.iter().map(slot).collect(), hint: own });
    } else {
        if let Role::Command(command) = &site.role {
            let number = cx.plan_cache.with(cx, |variables| variables.filled_by_others(finding.value));
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

/// Whether a literal is what `SET x = …` says, for another place to fill in: it is a text, whatever is written there.
fn is_setting(cx: &CellContext<'_>, site: &Site, literal: &Located) -> bool {
    if literal.cell != cx.index as u32 {
        let of = cx.document.cells.get(literal.cell as usize);
        return of.is_some_and(|cell| cell.language == Language::Sql);
    }
    let sets = |other: &Site| match &other.role {
        Role::Property(p) => p.place == PropertyPlace::SqlSet && other.at.span.overlaps(literal.literal),
        _ => false,
    };
    !site.at.span.contains(literal.literal) && cx.sites.iter().any(sets)
}

/// One variable for each value: the name that an earlier finding of the cell gave it, else one that none has.
fn own_name(cx: &CellContext<'_>, finding: &Finding, name: String) -> String {
    cx.plan_cache.with(cx, |variables| {
        let is_ours = |wanted: &str| variables.names.get(wanted).is_none_or(|values| *values == [finding.value]);
        let mut numbered = (2..100).map(|n| format!("{name}_{n}"));
        if is_ours(&name) { name.clone() } else { numbered.find(|n| is_ours(n)).unwrap_or_else(|| name.clone()) }
    })
}

/// What the plans of a cell ask again and again, kept so that a cell of thousands of findings costs no more for each.
#[derive(Default)]
pub struct PlanCache {
    variables: RefCell<Variables>,
    users: OnceCell<Users>,
}

/// Variables that the findings of a cell put in the place of their values.
#[derive(Default)]
struct Variables {
    /// Findings that were looked at.
    seen: usize,
    /// Values that a name stands for.
    names: HashMap<String, Vec<Option<ValueKey>>>,
    /// Findings that something fills in, and how many of them have each value.
    filled: usize,
    filled_with: HashMap<Option<ValueKey>, usize>,
}

/// Sites that are user names.
#[derive(Default)]
struct Users {
    /// The first of each dict, properties object or document mapping, by its address and what the key begins with.
    beside: HashMap<(*const (), String), usize>,
    arguments: Vec<usize>,
}

impl PlanCache {
    fn with<T>(&self, cx: &CellContext<'_>, ask: impl FnOnce(&Variables) -> T) -> T {
        let mut variables = self.variables.borrow_mut();
        for finding in cx.findings.get(variables.seen..).unwrap_or(&[]) {
            variables.note(finding);
        }
        ask(&variables)
    }
}

impl Variables {
    fn note(&mut self, finding: &Finding) {
        self.seen += 1;
        if finding.plans.iter().any(|p| matches!(p, Plan::Rewrite { .. })) {
            self.filled += 1;
            *self.filled_with.entry(finding.value).or_default() += 1;
        }
        let config =
            finding.plans.iter().find_map(|p| if let Plan::Config { slot, .. } = p { Some(slot) } else { None });
        if let Some(slot) = config {
            let values = self.names.entry(slot.name.clone()).or_default();
            if !values.contains(&finding.value) {
                values.push(finding.value);
            }
        }
    }

    fn filled_by_others(&self, value: Option<ValueKey>) -> usize {
        self.filled - self.filled_with.get(&value).copied().unwrap_or(0)
    }
}

impl Users {
    fn of(sites: &[Site]) -> Self {
        let mut users = Self::default();
        for (i, site) in sites.iter().enumerate() {
            match &site.role {
                Role::Entry { siblings, key } if options::is_user(key) => users.first(siblings, key, i),
                Role::Property(p) if options::is_user(p.key()) => users.first(&p.siblings, p.key(), i),
                Role::Argument(argument) => {
                    let named = argument.keyword.as_deref().is_some_and(options::is_user);
                    if named || argument.positional(0).is_some_and(|k| options::is_user(k.expose())) {
                        users.arguments.push(i);
                    }
                }
                _ => {}
            }
        }
        users
    }

    fn first(&mut self, siblings: &Siblings, key: &str, site: usize) {
        self.beside.entry((Arc::as_ptr(siblings).cast(), group(key))).or_insert(site);
    }

    fn find(&self, siblings: &Siblings, key: &str) -> Option<usize> {
        self.beside.get(&(Arc::as_ptr(siblings).cast(), group(key))).copied()
    }
}

/// What the settings of one connector have in common: `es.net.http.auth` of `es.net.http.auth.user`.
fn group(key: &str) -> String {
    key.rsplit_once('.').map_or(String::new(), |(group, _)| group.to_ascii_lowercase())
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
    let users = cx.plan_cache.users.get_or_init(|| Users::of(cx.sites));
    let beside = |a: &Argument, b: &Site| {
        let Role::Argument(other) = &b.role else { return false };
        let option = a.index == Some(1) && other.index == Some(1) && a.method == other.method;
        let together = option && (a.callee == other.callee || a.call.span.start == other.call.span.start);
        let keyword = a.call == other.call
            && matches!(a.method.as_ref(), "options" | "dict")
            && other.keyword.as_deref().is_some_and(options::is_user);
        // Options of another connector are its own.
        let same = match (&site.purpose, &b.purpose) {
            (Some(own), Some(other)) => own == other,
            _ => true,
        };
        keyword || (together && same && other.positional(0).is_some_and(|k| options::is_user(k.expose())))
    };
    let user = match &site.role {
        Role::Argument(a) => match users.arguments.iter().find(|&&i| beside(a, &cx.sites[i])) {
            Some(user) if is_here(&cx.sites[*user]) => *user,
            // An entry of a dict that the call is given.
            _ => match entry_of(cx, site) {
                Some((siblings, key)) => users.find(siblings, key)?,
                // The same of `dict(user=…, password=…)`.
                None => {
                    let written = keyword_of(cx, site)?;
                    *users.arguments.iter().find(|&&i| beside(written, &cx.sites[i]))?
                }
            },
        },
        Role::Entry { siblings, key } => users.find(siblings, key)?,
        Role::Property(p) => users.find(&p.siblings, p.key())?,
        _ => return None,
    };
    let user = cx.sites.get(user).filter(|s| s.in_comment == site.in_comment)?;
    let text = user.text();
    let located = user.literal().filter(|l| l.cell == cx.index as u32)?;
    (is_here(user) && value::placeholder(text.expose(), &cx.settings.extend).is_none()).then_some(located)
}

/// Whether the literal stands where it is used. Bound to a name elsewhere it stays.
fn is_here(site: &Site) -> bool {
    let span = site.at.span;
    site.literal().is_some_and(|l| l.cell == site.at.cell && (span.contains(l.literal) || l.literal.contains(span)))
}

/// The entries beside the literal that a call is given as one of a dict.
fn entry_of<'c>(cx: &'c CellContext<'_>, site: &Site) -> Option<(&'c Siblings, &'c str)> {
    where_written(cx, site)?.find_map(|s| match &s.role {
        Role::Entry { siblings, key } => Some((siblings, &**key)),
        _ => None,
    })
}

/// The argument of the `dict` that the literal is written in.
fn keyword_of<'c>(cx: &'c CellContext<'_>, site: &Site) -> Option<&'c Argument> {
    where_written(cx, site)?.find_map(|s| match &s.role {
        Role::Argument(argument) if argument.method.as_ref() == "dict" => Some(&**argument),
        _ => None,
    })
}

/// The sites of a literal where it is written.
fn where_written<'c>(cx: &'c CellContext<'_>, site: &Site) -> Option<impl Iterator<Item = &'c Site>> {
    let located = site.literal()?;
    let place = Place { cell: located.cell, span: located.literal };
    let first = cx.sites.partition_point(|s| s.at < place);
    Some(cx.sites[first..].iter().take_while(move |s| s.at == place))
}

/// A document or a command line: inside a program it is a part of one of its strings.
fn is_document(site: &Site) -> bool {
    match &site.role {
        Role::Property(p) => p.place == PropertyPlace::Document,
        Role::Command(_) => true,
        _ => false,
    }
}
