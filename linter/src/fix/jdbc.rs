//! Credentials of a JDBC URL as options of the reader or writer, when its call is in sight.

use std::ops::Range;

use credscope_grammars::{Language, Span, facts::ExprKind};

use super::{Fragment, NameHint, Plan, Slot};
use crate::{
    context::CellContext,
    finding::Place,
    model::{Argument, Piece, Role, Site},
    value::CredentialSlot,
};

/// Drivers that take user and password as connection properties.
const DRIVERS: &[&str] = &[
    "sqlserver", "postgresql", "mysql", "mariadb", "oracle", "redshift", "snowflake", "sap", "vertica", "clickhouse",
    "trino", "presto",
];

/// The plan that takes user and password out of the URL and gives them to the call that uses it.
pub fn move_to_options(cx: &CellContext<'_>, index: usize, slot: &CredentialSlot) -> Option<Plan> {
    let site = cx.sites.get(index)?;
    let key = slot.key.to_ascii_lowercase();
    if !DRIVERS.contains(&slot.scheme.as_str())
        || !matches!(key.as_str(), "password" | "pwd" | "userinfo")
        || cx.slots(index).len() != 1
        || site.in_comment
    {
        return None;
    }
    let text = site.text();
    let text = text.expose();
    let user = slot.user.clone().filter(|range| text.get(range.clone()).is_some_and(|u| !u.is_empty()));
    let password = located(site, slot.range.clone())?;
    let mut values = Vec::new();
    if let Some(user) = &user {
        values.push(("user", located(site, user.clone())?));
    }
    values.push(("password", password));
    let mut edits: Vec<(Place, Vec<Fragment>)> = Vec::new();
    for range in removed(text, slot, user.as_ref())? {
        let gone = site.locate(range)?;
        if gone.literal != password.literal || gone.cell != password.cell {
            return None;
        }
        edits.push((Place { cell: gone.cell, span: gone.span }, vec![Fragment::Text(String::new())]));
    }
    edits.push(given(cx, site, password, &values)?);
    let title = "Move user and password out of the URL, to options read from a secret scope".to_owned();
    Some(Plan::Rewrite { title, preferred: true, edits })
}

fn located(site: &Site, range: Range<usize>) -> Option<Slot> {
    let found = site.locate(range)?;
    Some(Slot { cell: found.cell, literal: found.literal, credential: found.span })
}

/// Ranges of the URL to delete: the pairs with a delimiter each, or `user:password@`.
fn removed(text: &str, slot: &CredentialSlot, user: Option<&Range<usize>>) -> Option<Vec<Range<usize>>> {
    let bytes = text.as_bytes();
    if slot.key == "userinfo" {
        let start = user?.start;
        return (bytes.get(slot.range.end) == Some(&b'@') && start < slot.range.start)
            .then(|| std::iter::once(start..slot.range.end + 1).collect());
    }
    let mut gone = vec![false; bytes.len()];
    for value in user.into_iter().chain([&slot.range]) {
        let mut value = value.clone();
        if value.start > 0 && bytes[value.start - 1] == b'{' && bytes.get(value.end) == Some(&b'}') {
            value = value.start - 1..value.end + 1;
        }
        let equals = value.start.checked_sub(1).filter(|&i| bytes[i] == b'=')?;
        let key = text[..equals].rfind([';', '?', '&'])?;
        if bytes[key] == b';' || bytes[key] == b'&' {
            gone[key] = true;
        }
        gone[key + 1..value.end].fill(true);
    }
    // What is left of a query begins with `?` and no `&`; nothing is left of an empty one.
    let mut at = 0;
    while let Some(question) = text[at..].find('?').map(|i| at + i) {
        let next = (question + 1..bytes.len()).find(|&i| !gone[i]);
        match next {
            None if gone.get(question + 1) == Some(&true) => gone[question] = true,
            Some(next) if bytes[next] == b'&' => gone[next] = true,
            _ => {}
        }
        at = question + 1;
    }
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (i, _) in gone.iter().enumerate().filter(|(_, gone)| **gone) {
        match ranges.last_mut() {
            Some(last) if last.end == i => last.end = i + 1,
            _ => ranges.push(i..i + 1),
        }
    }
    Some(ranges)
}

/// The insertion that gives the values to the call.
fn given(cx: &CellContext<'_>, site: &Site, literal: Slot, values: &[(&str, Slot)]) -> Option<(Place, Vec<Fragment>)> {
    if !matches!(cx.cell.language, Language::Python | Language::Scala) {
        return None;
    }
    // The call that the literal stands in, or the only one that uses the constant.
    let (user, argument) = cx.sites.iter().find_map(|other| {
        let Role::Argument(a) = &other.role else { return None };
        let same = literal_of(other).is_some_and(|l| l == (literal.cell, literal.literal));
        (same && !other.in_comment && is_url(a)).then_some((other, &**a))
    })?;
    let direct = user.at.cell == literal.cell && user.at.span.contains(literal.literal);
    if (!direct && !used_once(cx, user.at)) || argument.call.cell != literal.cell || gives_them(cx, argument) {
        return None;
    }
    let hint =
        |name: &str| NameHint { purpose: site.purpose.as_deref().unwrap_or("jdbc").to_owned(), key: name.to_owned() };
    let mut fragments = Vec::new();
    let at = match &*argument.method {
        "option" => {
            for (name, slot) in values {
                fragments.push(Fragment::Text(format!(".option(\"{name}\", ")));
                fragments.push(Fragment::Secret { slot: *slot, hint: hint(name) });
                fragments.push(Fragment::Text(")".to_owned()));
            }
            argument.call.span.end
        }
        // `jdbc(url, table, properties={…})`
        _ => {
            for (name, slot) in values {
                fragments.push(Fragment::Text(format!("\"{name}\": ")));
                fragments.push(Fragment::Secret { slot: *slot, hint: hint(name) });
                fragments.push(Fragment::Text(", ".to_owned()));
            }
            properties(cx, argument.call.span)?.start + 1
        }
    };
    Some((Place { cell: argument.call.cell, span: Span { start: at, end: at } }, fragments))
}

fn literal_of(site: &Site) -> Option<(u32, Span)> {
    site.value.iter().find_map(|piece| match piece {
        Piece::Text { cell, literal, .. } => Some((*cell, *literal)),
        Piece::Hole { .. } => None,
    })
}

fn is_url(a: &Argument) -> bool {
    match &*a.method {
        "option" => a.index == Some(1) && a.positional(0).is_some_and(|k| k.expose().eq_ignore_ascii_case("url")),
        "jdbc" => a.index == Some(0) || a.keyword.as_deref() == Some("url"),
        _ => false,
    }
}

/// Whether the name at `at` stands twice in the document: where it is bound and here.
fn used_once(cx: &CellContext<'_>, at: Place) -> bool {
    let Some(name) = cx.document.cells.get(at.cell as usize).and_then(|c| c.text.get(at.span.range())) else {
        return false;
    };
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return false;
    }
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let uses = |text: &str| {
        text.match_indices(name)
            .filter(|(i, _)| !text[..*i].ends_with(word) && !text[i + name.len()..].starts_with(word))
            .count()
    };
    cx.document.cells.iter().map(|c| uses(&c.text)).sum::<usize>() == 2
}

/// Whether the chain that the call belongs to says a user or password itself.
fn gives_them(cx: &CellContext<'_>, argument: &Argument) -> bool {
    let Some(chain) = cx
        .facts
        .exprs
        .iter()
        .filter(|e| e.span.start == argument.call.span.start)
        .map(|e| e.span)
        .max_by_key(|s| s.len())
    else {
        return true;
    };
    let secret = |text: &str| matches!(text.to_ascii_lowercase().as_str(), "user" | "username" | "password");
    cx.facts.exprs.iter().filter(|e| chain.contains(e.span)).any(|e| match &e.kind {
        ExprKind::Str(lit) => lit.plain().is_some_and(|t| secret(t.expose())),
        ExprKind::Call { args, .. } => args.iter().any(|a| {
            a.name.as_ref().is_some_and(|(n, _)| secret(n))
                || matches!(cx.facts.expr(a.value).kind, ExprKind::Spread(_))
        }),
        _ => false,
    })
}

/// The dict of properties that is written in the call.
fn properties(cx: &CellContext<'_>, call: Span) -> Option<Span> {
    cx.facts.exprs.iter().filter(|e| e.span == call).find_map(|e| {
        let ExprKind::Call { args, .. } = &e.kind else { return None };
        args.iter().find_map(|a| {
            let value = cx.facts.expr(a.value);
            let named = a.name.as_ref().is_none_or(|(n, _)| &**n == "properties");
            let is_dict = matches!(value.kind, ExprKind::Dict(_)) && value.span.of(&cx.cell.text).starts_with('{');
            (named && is_dict).then_some(value.span)
        })
    })
}
