//! Credentials of a URL leave it and are given to the calls that use it, when all of those are in sight.

use std::ops::Range;

use credscope_grammars::{CellFacts, Document, Span, dialect::Program};

use super::{CellEdit, Fragment, NameHint, Plan, Slot};
use crate::{
    context::CellContext,
    finding::Place,
    value::{CredentialSlot, SlotKind},
};

mod calls;
mod pair;
mod reader;
mod written;

use pair::{Api, Pair};
use written::{Part, Written};

/// The plan that takes user and password out of a literal URL. Whether its calls are in sight is seen when it becomes a
/// fix.
pub fn plan(cx: &CellContext<'_>, index: usize, slot: &CredentialSlot) -> Option<Plan> {
    let site = cx.sites.get(index)?;
    if !matches!(slot.kind, SlotKind::JdbcUrl | SlotKind::UserInfo)
        || cx.slots(index).len() != 1
        || site.in_comment
        || super::runs_elsewhere(cx.path)
    {
        return None;
    }
    let found = site.locate(slot.range.clone())?;
    let purpose = site.purpose.as_deref().unwrap_or(if slot.kind == SlotKind::JdbcUrl { "jdbc" } else { "" });
    let slot = Slot { cell: found.cell, literal: found.literal, credential: found.span };
    Some(Plan::OutOfUrl { slot, purpose: purpose.to_owned() })
}

/// The program that a URL stands in. `facts` is parallel to `document.cells`.
#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    pub document: &'a Document,
    pub facts: &'a [std::sync::Arc<CellFacts>],
    pub program: &'a Program<'a>,
    /// Files that may read its names were not looked at.
    pub is_partial: bool,
}

/// What the calls are given in place of the credentials in the URL.
#[derive(Clone, Copy)]
pub(super) enum Given<'a> {
    /// Secrets, for the plaintext at a literal; `purpose` as in [`NameHint`].
    Secrets { literal: Span, purpose: &'a str },
    /// The expressions that fill the URL: they are secrets already.
    AsWritten,
}

/// What is written where, and what it does, as a title.
pub(super) struct Move {
    pub title: &'static str,
    pub edits: Vec<(Place, Vec<Fragment>)>,
}

/// Moves the credential at `place` (its own characters, or the hole that it fills) out of its URL.
pub(super) fn out_of(sight: Sight<'_>, place: Place, given: Given<'_>) -> Option<Move> {
    let cell = sight.document.cells.get(place.cell as usize)?;
    let facts = sight.facts.get(place.cell as usize)?;
    let url = Written::of(facts, place.span)?;
    let pair = Pair::of(&url.text, url.range_of(place.span)?)?;
    let parts = pair.user.iter().map(|user| ("user", user)).chain([("password", &pair.password)]);
    let written = |(name, range): (&'static str, &Range<usize>)| {
        Some((name, value(&url, &cell.text, place.cell, range.clone(), (name, given))?))
    };
    let values = parts.map(written).collect::<Option<Vec<_>>>()?;
    let mut edits: Vec<(Place, Vec<Fragment>)> = Vec::new();
    for span in url.without(&pair.gone, &cell.text)? {
        edits.push((Place { cell: place.cell, span }, vec![Fragment::Text(String::new())]));
    }
    for insertion in calls::using(sight, Place { cell: place.cell, span: url.span }, &pair)? {
        edits.push((insertion.place(), insertion.written(&values)));
    }
    let title = match (pair.api, pair.user.is_some(), given) {
        (Api::Requests, _, _) => "Move user and password out of the URL, to `auth`",
        (Api::Jdbc, true, Given::Secrets { .. }) => {
            "Move user and password out of the URL, to options read from a secret scope"
        }
        (Api::Jdbc, true, Given::AsWritten) => "Move user and password out of the URL, to options",
        (Api::Jdbc, false, _) => "Move the password out of the URL, to an option",
    };
    Some(Move { title, edits })
}

/// The same for a secret that is put into a URL (CS210, CS211), as edits.
pub(super) fn filled(sight: Sight<'_>, place: Place) -> Option<(&'static str, Vec<CellEdit>)> {
    let own = sight.facts.get(place.cell as usize)?;
    // The finding stands at what fills the URL, or at the whole URL of a request.
    let inside = own.within(place.span).into_iter().map(|id| own.expr(id).span).filter(|span| *span != place.span);
    let Move { title, edits } = std::iter::once(place.span)
        .chain(inside)
        .find_map(|span| out_of(sight, Place { cell: place.cell, span }, Given::AsWritten))?;
    let text = |fragments: Vec<Fragment>| {
        let texts = fragments.into_iter().map(|f| match f {
            Fragment::Text(text) => Some(text),
            Fragment::Secret { .. } => None,
        });
        texts.collect::<Option<String>>()
    };
    let edits = edits.into_iter().map(|(place, fragments)| Some(CellEdit { place, text: text(fragments)? }));
    let mut edits = edits.collect::<Option<Vec<CellEdit>>>()?;
    edits.sort_by_key(|e| e.place);
    Some((title, edits))
}

/// A part of the URL's text as an expression of its own.
fn value(
    url: &Written<'_>,
    text: &str,
    cell: u32,
    range: Range<usize>,
    (name, given): (&str, Given<'_>),
) -> Option<Fragment> {
    // A driver decodes the URL, and nothing decodes an option.
    let verbatim = |value: &str| !value.contains(['%', '"', '\\', '{', '}']);
    match (url.part(range)?, given) {
        (Part::Hole(expr), _) => Some(Fragment::Text(url.expression(expr, text)?.to_owned())),
        (Part::Text(span), Given::Secrets { literal, purpose }) if verbatim(span.of(text)) => Some(Fragment::Secret {
            slot: Slot { cell, literal, credential: span },
            hint: NameHint { purpose: purpose.to_owned(), key: name.to_owned() },
        }),
        (Part::Text(span), Given::AsWritten) if verbatim(span.of(text)) => {
            Some(Fragment::Text(format!("\"{}\"", span.of(text))))
        }
        (Part::Text(_), _) => None,
    }
}
