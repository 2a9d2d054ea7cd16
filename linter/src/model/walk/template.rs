//! `"…{}…".format(a)`, `"…%s…" % a`, `String.format("…%s…", a)`: the template filled with what is known.

use std::ops::Range;

use credscope_grammars::{
    Span,
    facts::{Arg, ExprId},
};

use super::{At, Role, Value, Walker, call::arg_name, visit::has_room};
use crate::model::Piece;

impl Walker<'_> {
    pub(super) fn format(&mut self, at: At<'_>, template: ExprId, args: &[Arg]) -> Value {
        let text = self.visit(at, template);
        let values: Vec<(Option<Box<str>>, Value)> =
            args.iter().map(|arg| (arg.name.as_ref().map(|(n, _)| n.clone()), self.bare(at, arg.value))).collect();
        let filled = Value::either(text.ways().iter().map(|way| fill(way, &values)));
        if filled.is_text() {
            return filled;
        }
        // Nothing but slots: the template is still a literal of its own.
        self.emit(at, &text, Role::Bare, at.facts.expr(template).span);
        Value::Unknown
    }
}

/// The template with its slots filled.
pub(super) fn fill(template: &Value, values: &[(Option<Box<str>>, Value)]) -> Value {
    let Some(pieces) = template.pieces() else { return Value::Unknown };
    let positional: Vec<&Value> = values.iter().filter(|(k, _)| k.is_none()).map(|(_, v)| v).collect();
    let named = |name: &str| {
        let written = values.iter().find(|(k, _)| k.as_deref() == Some(name)).map(|(_, v)| v.clone());
        // `% {"name": …}`, `.format(**conf)`
        written.or_else(|| positional.iter().map(|v| v.entry(name)).find(Value::is_text))
    };
    let mut next = 0;
    with_parts(pieces, |text| {
        let filler = |slot| match slot {
            Slot::Doubled => Part::Dropped,
            Slot::Next => {
                next += 1;
                Part::Filled(positional.get(next - 1).map(|v| (*v).clone()))
            }
            Slot::Number(n) => Part::Filled(positional.get(n).map(|v| (*v).clone())),
            Slot::Name(name) => Part::Filled(named(name)),
        };
        let (ranges, slots): (Vec<_>, Vec<_>) = slots(text, positional.len()).into_iter().unzip();
        ranges.into_iter().zip(slots.into_iter().map(filler)).collect()
    })
}

/// The text with `new` in place of each `old` that stands in one piece of it.
pub(super) fn replaced(template: &Value, old: &str, new: &Value) -> Value {
    let Some(pieces) = template.pieces() else { return Value::Unknown };
    with_parts(pieces, |text| {
        let found = text.match_indices(old);
        found.map(|(at, _)| (at..at + old.len(), Part::Filled(Some(new.clone())))).collect()
    })
}

/// What becomes of a part of a template.
pub(super) enum Part {
    Dropped,
    /// `None`: by something that is not known.
    Filled(Option<Value>),
}

/// The pieces with something else for parts of their texts. `parts`: of one piece, by bytes of its text, ascending.
pub(super) fn with_parts(pieces: &[Piece], mut parts: impl FnMut(&str) -> Vec<(Range<usize>, Part)>) -> Value {
    let mut out = Vec::new();
    for piece in pieces {
        let Piece::Text { value, map, cell, literal } = piece else {
            out.push(piece.clone());
            continue;
        };
        let text = value.expose();
        let cut = |span: Span| Piece::Text {
            value: span.of(text).into(),
            map: map.slice(span),
            cell: *cell,
            literal: *literal,
        };
        let mut start = 0;
        for (range, part) in parts(text) {
            if !has_room(&out) {
                break;
            }
            if range.start > start {
                out.push(cut(Span::new(start, range.start)));
            }
            start = range.end;
            let Part::Filled(filler) = part else { continue };
            match filler.as_ref().and_then(Value::pieces) {
                Some(more) => out.extend_from_slice(more),
                None => out.push(Piece::Hole { path: None }),
            }
        }
        if start < text.len() {
            out.push(cut(Span::new(start, text.len())));
        }
    }
    Value::text(out)
}

#[derive(Debug, PartialEq)]
enum Slot<'a> {
    Next,
    Number(usize),
    Name(&'a str),
    /// The second of `{{`, `}}` or `%%`: falls away.
    Doubled,
}

type Slots<'a> = Vec<(Range<usize>, Slot<'a>)>;

/// Slots of a template with their ranges. Whether it is a brace or a percent template is seen from which of the two
/// can be read as one and takes as many arguments as there are.
fn slots(text: &str, positional: usize) -> Slots<'_> {
    let count = |slots: &Slots<'_>| {
        slots.iter().filter(|(_, s)| matches!(s, Slot::Next)).count().max(
            slots
                .iter()
                .filter_map(|(_, s)| if let Slot::Number(n) = s { Some(n + 1) } else { None })
                .max()
                .unwrap_or(0),
        )
    };
    let real = |slots: &Slots<'_>| slots.iter().any(|(_, s)| *s != Slot::Doubled);
    match (braces(text), percents(text)) {
        (Some(braces), percents)
            if real(&braces)
                && !(real(&percents) && count(&percents) == positional && count(&braces) != positional) =>
        {
            braces
        }
        (_, percents) => percents,
    }
}

/// `{}`, `{0}`, `{name!r:>3}`. `None`: braces that no format string may have.
fn braces(text: &str) -> Option<Slots<'_>> {
    let bytes = text.as_bytes();
    let mut slots = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b @ (b'{' | b'}') if bytes.get(at + 1) == Some(&b) => {
                slots.push((at + 1..at + 2, Slot::Doubled));
                at += 2;
            }
            b'{' => {
                let close = at + text.get(at..)?.find('}')?;
                let name = text.get(at + 1..close)?.split([':', '!', '.', '[']).next().unwrap_or("");
                let slot = match name.parse() {
                    Ok(n) => Slot::Number(n),
                    Err(_) if name.is_empty() => Slot::Next,
                    Err(_) if name.chars().all(|c| c.is_alphanumeric() || c == '_') => Slot::Name(name),
                    Err(_) => return None,
                };
                slots.push((at..close + 1, slot));
                at = close + 1;
            }
            b'}' => return None,
            _ => at += 1,
        }
    }
    Some(slots)
}

/// `%s`, `%-5d`, `%(name)s`.
fn percents(text: &str) -> Slots<'_> {
    let bytes = text.as_bytes();
    let mut slots = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'%' {
            at += 1;
            continue;
        }
        let start = at;
        at += 1;
        let mut slot = Slot::Next;
        match bytes.get(at) {
            Some(b'%') => {
                slots.push((at..at + 1, Slot::Doubled));
                at += 1;
                continue;
            }
            Some(b'(') => {
                let Some(len) = text.get(at..).and_then(|rest| rest.find(')')) else { break };
                slot = Slot::Name(text.get(at + 1..at + len).unwrap_or(""));
                at += len + 1;
            }
            _ => {}
        }
        while matches!(bytes.get(at), Some(b'-' | b'+' | b'#' | b'.' | b'0'..=b'9')) {
            at += 1;
        }
        if matches!(bytes.get(at), Some(b's' | b'd' | b'r' | b'i' | b'f' | b'x' | b'n')) {
            at += 1;
            slots.push((start..at, slot));
        }
    }
    slots
}

/// What a function of this document answers, with the arguments of a call in the places of its parameters:
/// `def url(p): return f"…password={p}"`.
pub(super) fn answered(own: &Value, parameters: &[Box<str>], args: &[Arg], values: &[Value]) -> Value {
    let given = |name: &str| {
        let named = args.iter().position(|arg| arg_name(arg) == name);
        let nth = || {
            let index = parameters.iter().position(|p| p.split('=').next() == Some(name))?;
            let mut positional = (0..args.len()).filter(|i| args[*i].name.is_none());
            positional.nth(index)
        };
        named.or_else(nth).and_then(|i| values.get(i))
    };
    Value::either(own.ways().iter().map(|way| {
        let pieces = way.pieces().map_or(&[][..], |pieces| pieces);
        let parts: Vec<(Value, Option<Box<str>>)> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Hole { path } => (path.as_deref().and_then(given).cloned().unwrap_or_default(), path.clone()),
                text => (Value::text(vec![text.clone()]), None),
            })
            .collect();
        if parts.iter().any(|(value, path)| path.is_some() && value.is_text()) {
            Value::concat(&parts)
        } else {
            way.clone()
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_of_both_kinds_are_told_apart() {
        let named = |text: &'static str, args| {
            slots(text, args).into_iter().map(|(r, s)| format!("{} {s:?}", &text[r])).collect::<Vec<_>>()
        };
        assert_eq!(named("a={} b={1} c={n!r}", 2), ["{} Next", "{1} Number(1)", "{n!r} Name(\"n\")"]);
        assert_eq!(named("{\"a\": \"%s\"}", 1), ["%s Next"]);
        assert_eq!(named("LIKE '%s' {}", 1), ["{} Next"]);
        assert_eq!(named("{{%s}}", 1), ["%s Next"]);
        assert_eq!(named("D={{x}};P={}", 1), ["{ Doubled", "} Doubled", "{} Next"]);
        assert_eq!(named("100%% %(pw)s %5d", 0), ["% Doubled", "%(pw)s Name(\"pw\")", "%5d Next"]);
        assert_eq!(named("{ü", 0), Vec::<String>::new());
    }
}
