//! TOML over the event parser that the `toml` crate is built on: it goes on behind errors.

use toml_parser::{
    Source,
    decoder::Encoding,
    parser::{Event, EventKind},
};

use super::{
    block, scalar,
    walk::{MAX_DEPTH, Walk, key_name},
};
use crate::{
    Span,
    facts::{FactProblem, PropertyValue},
    lower::strings::Escapes,
};

/// Where a value stands: in a table, or in a list with so many items before it.
enum Around {
    Table { group: u32, depth: usize },
    List { group: u32, items: usize, depth: usize },
}

pub(super) fn lower(walk: &mut Walk<'_>) {
    let tokens = Source::new(walk.text).lex().into_vec();
    let mut events: Vec<Event> = Vec::with_capacity(tokens.len());
    toml_parser::parser::parse_document(&tokens, &mut events, &mut ());
    let mut around: Vec<Around> = Vec::new();
    let (mut group, mut table_depth) = (walk.open_group(), 0);
    let mut header = false;
    // Lists and tables that are open below the nesting that is read.
    let mut deeper = 0_usize;
    // Keys of the pair at hand, and where the last of them stands.
    let mut keys = 0;
    let mut key_span = Span::new(0, 0);
    for event in events {
        let at = Span::new(event.span().start(), event.span().end());
        let (opens, closes) = match event.kind() {
            EventKind::InlineTableOpen | EventKind::ArrayOpen => (true, false),
            EventKind::InlineTableClose | EventKind::ArrayClose => (false, true),
            _ => (false, false),
        };
        if matches!(event.kind(), EventKind::StdTableOpen | EventKind::ArrayTableOpen) {
            deeper = 0;
        }
        if opens && around.len() >= MAX_DEPTH {
            if deeper == 0 {
                walk.facts.problems.push(FactProblem::too_deep(at));
            }
            deeper += 1;
        } else if closes && deeper > 0 {
            deeper -= 1;
            continue;
        }
        if deeper > 0 && event.kind() != EventKind::Comment {
            continue;
        }
        match event.kind() {
            EventKind::Comment => walk.comment(at, &['#']),
            EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                walk.path.clear();
                around.clear();
                (header, keys) = (true, 0);
            }
            EventKind::StdTableClose | EventKind::ArrayTableClose => {
                header = false;
                table_depth = walk.path.len();
                group = walk.open_group();
            }
            EventKind::SimpleKey => {
                if !header && keys == 0 {
                    walk.path.truncate(base(&around, table_depth));
                }
                walk.path.push(key_name(at.of(walk.text)).into());
                keys += 1;
                key_span = at;
            }
            EventKind::KeyValSep => keys = 0,
            EventKind::InlineTableOpen | EventKind::ArrayOpen => {
                let own = enter(walk, &mut around, group, &mut key_span, at);
                walk.push(key_span, PropertyValue::Nested, at, own);
                let (group, depth) = (walk.open_group(), walk.path.len());
                around.push(match event.kind() {
                    EventKind::ArrayOpen => Around::List { group, items: 0, depth },
                    _ => Around::Table { group, depth },
                });
                keys = 0;
            }
            EventKind::InlineTableClose | EventKind::ArrayClose => {
                around.pop();
                keys = 0;
            }
            EventKind::Scalar => {
                let own = enter(walk, &mut around, group, &mut key_span, at);
                let value = match event.encoding() {
                    Some(Encoding::MlBasicString | Encoding::MlLiteralString) => lines_of(walk.text, at),
                    _ => scalar(walk.text, at, Escapes::Json),
                };
                walk.push(key_span, value, at, own);
                keys = 0;
            }
            _ => {}
        }
    }
    walk.path.clear();
}

/// Length of the path around the pair at hand.
fn base(around: &[Around], table_depth: usize) -> usize {
    match around.last() {
        Some(Around::Table { depth, .. } | Around::List { depth, .. }) => *depth,
        None => table_depth,
    }
}

/// A value begins: list items get their number as key. Answers the value's group.
fn enter(walk: &mut Walk<'_>, around: &mut [Around], group: u32, key: &mut Span, at: Span) -> u32 {
    match around.last_mut() {
        Some(Around::List { group, items, depth }) => {
            walk.path.truncate(*depth);
            walk.path.push(items.to_string().into());
            *items += 1;
            *key = Span::new(at.start as usize, at.start as usize);
            *group
        }
        Some(Around::Table { group, .. }) => *group,
        None => group,
    }
}

/// A string in three quotes.
fn lines_of(text: &str, at: Span) -> PropertyValue {
    let (start, end) = (at.start as usize + 3, (at.end as usize).saturating_sub(3));
    if start >= end {
        return scalar(text, at, Escapes::Raw);
    }
    let skip = text[start..end].len() - text[start..end].trim_start_matches(['\r', '\n']).len();
    block(text, &[Span::new(start + skip.min(2), end)], at)
}
