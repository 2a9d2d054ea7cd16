//! Constant values: what is known of an expression's text, and where each part was written.

use std::{collections::HashMap, sync::Arc};

use credscope_grammars::{Secret, Span, TextMap, facts::StrLit, facts::StrPart};

use super::Piece;
use crate::value::names::{NameVerdict, verdict};

/// What is known of a value. Clones share.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Value {
    #[default]
    Unknown,
    /// Empty, or at least one piece is text.
    Text(Arc<[Piece]>),
    /// One of several texts, after branches; the last is the preferred one. At most [`MAX_WAYS`].
    Either(Arc<[Value]>),
    Dict(Arc<HashMap<Box<str>, Value>>),
    Seq(Arc<[Value]>),
    /// What a call makes objects with.
    Class(Arc<Constructor>),
}

/// A parameter of a constructor, and the field that it is put into.
pub(super) type Parameter = (Box<str>, Option<Box<str>>);

/// How the arguments of a class become fields of its objects.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Constructor {
    /// Parameters in order, each with the field that it is put into.
    pub(super) parameters: Vec<Parameter>,
    /// What the fields are where no argument says otherwise.
    pub(super) fields: HashMap<Box<str>, Value>,
}

/// Values built from more pieces or text than this are not followed: data, not credentials.
pub(super) const MAX_PIECES: usize = 64;
pub(super) const MAX_TEXT: usize = 64 << 10;
/// Entries of one dict or list that are remembered (all of them are looked at).
pub(super) const MAX_ENTRIES: usize = 512;
/// Texts that a name can have at once.
const MAX_WAYS: usize = 8;

impl Value {
    pub(super) fn text(pieces: Vec<Piece>) -> Self {
        if pieces.iter().any(|p| matches!(p, Piece::Text { .. })) { Self::Text(pieces.into()) } else { Self::Unknown }
    }

    /// What is known when the run may take any of several ways.
    pub(super) fn either(ways: impl Iterator<Item = Value>) -> Value {
        let mut texts: Vec<Value> = Vec::new();
        let mut other = Value::Unknown;
        for way in ways {
            match way {
                Self::Unknown => {}
                Self::Dict(_) | Self::Seq(_) | Self::Class(_) => other = other.beside(way),
                Self::Text(_) | Self::Either(_) => {
                    for text in way.ways() {
                        texts.retain(|t| !t.same(text));
                        texts.push(text.clone());
                    }
                }
            }
        }
        texts.drain(..texts.len().saturating_sub(MAX_WAYS));
        match texts.len() {
            0 => other,
            1 => texts.remove(0),
            _ => Self::Either(texts.into()),
        }
    }

    /// Two containers of which the run has one: each entry is what it is in either. Others, and large ones, give way to the
    /// later.
    fn beside(self, later: Value) -> Value {
        const MOST: usize = 64;
        match (&self, &later) {
            (Self::Dict(a), Self::Dict(b)) if !Arc::ptr_eq(a, b) && a.len() + b.len() <= MOST => {
                let mut joined = HashMap::clone(a);
                for (key, value) in b.iter() {
                    let before = joined.remove(key);
                    joined.insert(key.clone(), Self::either(before.into_iter().chain([value.clone()])));
                }
                Self::Dict(joined.into())
            }
            (Self::Seq(a), Self::Seq(b)) if !Arc::ptr_eq(a, b) && a.len() == b.len() && a.len() <= MOST => Self::Seq(
                a.iter().zip(b.iter()).map(|(a, b)| Self::either([a.clone(), b.clone()].into_iter())).collect(),
            ),
            _ => later,
        }
    }

    /// The texts that this can be.
    pub(super) fn ways(&self) -> &[Value] {
        match self {
            Self::Text(_) => std::slice::from_ref(self),
            Self::Either(ways) => ways,
            _ => &[],
        }
    }

    /// The text that this is likeliest, next likeliest, … to be.
    pub(super) fn nth(&self, way: usize) -> &Value {
        match self.ways() {
            [] | [_] => self,
            ways => &ways[ways.len() - 1 - way.min(ways.len() - 1)],
        }
    }

    fn same(&self, other: &Value) -> bool {
        matches!((self, other), (Self::Text(a), Self::Text(b)) if Arc::ptr_eq(a, b))
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Either(_))
    }

    pub(super) fn pieces(&self) -> Option<&Arc<[Piece]>> {
        match self {
            Self::Text(pieces) => Some(pieces),
            Self::Either(ways) => ways.last()?.pieces(),
            _ => None,
        }
    }

    /// The whole text when every part is known. Long texts put together from parts count as unknown.
    pub(super) fn known(&self) -> Option<Secret> {
        const LONG: usize = 4096;
        let pieces = self.pieces()?;
        if let [Piece::Text { value, .. }] = pieces.as_ref() {
            return Some(value.clone());
        }
        let mut text = String::new();
        for piece in pieces.iter() {
            let Piece::Text { value, .. } = piece else { return None };
            if text.len() + value.len() > LONG {
                return None;
            }
            text.push_str(value.expose());
        }
        Some(text.into())
    }

    /// One value after the other; unknown ones become holes.
    pub(super) fn concat(parts: &[(Value, Option<Box<str>>)]) -> Value {
        match parts.iter().position(|(v, _)| matches!(v, Self::Either(_))) {
            None => Self::join(parts, None),
            Some(at) => Self::either(parts[at].0.ways().iter().map(|way| Self::join(parts, Some((at, way))))),
        }
    }

    /// A dotted key that something unknown is put into (`fs.azure.account.key.{account}.dfs…`), with `…` for
    /// it.
    pub(super) fn setting(&self) -> Option<Secret> {
        let mut text = String::new();
        for piece in self.pieces()?.iter() {
            match piece {
                Piece::Text { value, .. } => text.push_str(value.expose()),
                Piece::Hole { .. } => text.push('…'),
            }
        }
        let dotted = text.matches('.').count() >= 2 && text.len() <= 200 && !text.contains([' ', '/']);
        (dotted && text.starts_with(|c: char| c.is_ascii_alphabetic())).then(|| Secret::new(text))
    }

    /// The members of a sequence as one text, with `between` between them. [`Value::Unknown`] for anything else.
    pub(super) fn joined(&self, between: Option<&Value>) -> Value {
        let Self::Seq(items) = self else { return Self::Unknown };
        let between = between.filter(|b| b.pieces().is_none_or(|p| !p.is_empty()));
        let mut parts = Vec::new();
        for (i, item) in items.iter().take(MAX_PIECES).enumerate() {
            if let Some(between) = between.filter(|_| i > 0) {
                parts.push((between.clone(), None));
            }
            parts.push((item.clone(), None));
        }
        Self::concat(&parts)
    }

    fn join(parts: &[(Value, Option<Box<str>>)], instead: Option<(usize, &Value)>) -> Value {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut size = 0;
        for (i, (value, path)) in parts.iter().enumerate() {
            let value = instead.filter(|(at, _)| *at == i).map_or(value, |(_, way)| way);
            match value.pieces() {
                Some(more) => {
                    for piece in more.iter() {
                        if let Piece::Text { value, .. } = piece {
                            size += value.len();
                        }
                        pieces.push(piece.clone());
                    }
                }
                None => pieces.push(Piece::Hole { path: path.clone() }),
            }
            if pieces.len() > MAX_PIECES || size > MAX_TEXT {
                break;
            }
        }
        Value::text(pieces)
    }

    /// What an entry can be whose key is not known, where the keys name environments or tenants and not fields of one thing.
    pub(super) fn any_entry(&self) -> Value {
        // `("…", "…")[env == "prod"]`
        if let Self::Seq(items) = self {
            let few = (2..=MAX_WAYS).contains(&items.len()) && items.iter().all(Self::is_text);
            return if few { Self::either(items.iter().cloned()) } else { Self::Unknown };
        }
        let Self::Dict(entries) = self else { return Self::Unknown };
        if entries.len() < 2 || entries.keys().any(|key| verdict(key) != NameVerdict::Neutral) {
            return Self::Unknown;
        }
        let mut sorted: Vec<(&Box<str>, &Value)> = entries.iter().collect();
        sorted.sort_by_key(|(key, _)| *key);
        Self::either(sorted.into_iter().map(|(_, value)| value.clone()))
    }

    /// The first of the pairs of a dict that a loop goes over.
    pub(super) fn any_pair(&self) -> Value {
        match self.any_entry() {
            Self::Unknown => Self::Unknown,
            value => Self::Seq(Arc::new([Self::Unknown, value])),
        }
    }

    pub(super) fn entry(&self, key: &str) -> Value {
        match self {
            Self::Dict(entries) => entries.get(key).cloned().unwrap_or_default(),
            Self::Seq(items) => key.parse::<usize>().ok().and_then(|i| items.get(i).cloned()).unwrap_or_default(),
            _ => Value::Unknown,
        }
    }
}

/// Where texts of the facts at hand stand in the document.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) cell: u32,
    /// From the embedded text to the cell; `None`: the facts are the cell's own.
    pub(super) map: Option<TextMap>,
    pub(super) in_comment: bool,
    /// Between the fences of a documentation text.
    pub(super) is_shown: bool,
    /// A program keeps what its commands print.
    pub(super) is_captured: bool,
    /// The text is SQL: `${x}` in it is what `SET x = …` says.
    pub(super) is_sql: bool,
    /// An assignment to a name that is bound around a block changes that.
    pub(super) updates: bool,
}

impl Frame {
    pub(super) fn span(&self, span: Span) -> Span {
        self.map.as_ref().map_or(span, |map| map.to_source(span))
    }

    pub(super) fn map(&self, map: &TextMap) -> TextMap {
        self.map.as_ref().map_or_else(|| map.clone(), |outer| map.through(outer))
    }

    /// A text part of a literal; `fill` says which ranges of the facts' text are holes of the host and what fills them.
    pub(super) fn text(
        &self,
        value: &Secret,
        map: &TextMap,
        literal: Span,
        fill: &[(Span, Value)],
        out: &mut Vec<Piece>,
    ) {
        self.text_of(value, map, literal, fill, out, &mut Way::default());
    }

    fn text_of(
        &self,
        value: &Secret,
        map: &TextMap,
        literal: Span,
        fill: &[(Span, Value)],
        out: &mut Vec<Piece>,
        way: &mut Way,
    ) {
        let text = value.expose();
        let mut at = 0;
        let (from, to) = match (map.segments().first(), map.segments().last()) {
            (Some(first), Some(last)) => (first.source, last.source + last.source_len),
            _ => (0, 0),
        };
        let first = fill.partition_point(|(span, _)| span.end <= from);
        for (span, filler) in fill[first..].iter().take_while(|(span, _)| span.start < to) {
            let Some(inside) = map.to_text(*span).filter(|s| !s.is_empty()) else { continue };
            let (start, end) = (inside.start as usize, inside.end as usize);
            if start < at || !text.is_char_boundary(start) || !text.is_char_boundary(end) {
                continue;
            }
            self.cut(text, at..start, map, literal, out);
            match way.of(filler).pieces() {
                Some(pieces) => out.extend_from_slice(pieces),
                None => out.push(Piece::Hole { path: None }),
            }
            at = end;
        }
        if at == 0 {
            let (map, literal) = (self.map(map), self.span(literal));
            out.push(Piece::Text { value: value.clone(), map, cell: self.cell, literal });
        } else {
            self.cut(text, at..text.len(), map, literal, out);
        }
    }

    fn cut(&self, text: &str, range: std::ops::Range<usize>, map: &TextMap, literal: Span, out: &mut Vec<Piece>) {
        let Some(part) = text.get(range.clone()).filter(|p| !p.is_empty()) else { return };
        let map = self.map(&map.slice(Span::new(range.start, range.end)));
        out.push(Piece::Text { value: part.into(), map, cell: self.cell, literal: self.span(literal) });
    }

    /// A literal without host-language expressions in it (properties): holes stay holes.
    pub(super) fn literal(&self, lit: &StrLit, span: Span, fill: &[(Span, Value)]) -> Value {
        self.filled(lit, span, fill, &|_| None)
    }

    /// A literal whose holes `known` may fill (variables of a shell); those that would make it too long stay holes.
    pub(super) fn filled(
        &self,
        lit: &StrLit,
        span: Span,
        fill: &[(Span, Value)],
        known: &dyn Fn(&StrPart) -> Option<Value>,
    ) -> Value {
        let (first, ways) = self.filled_one(lit, span, fill, known, 0);
        if ways < 2 {
            return Value::text(first);
        }
        let others = (1..ways).rev().map(|way| self.filled_one(lit, span, fill, known, way).0);
        Value::either(others.chain([first]).map(Value::text))
    }

    /// One of the texts that it can be, the likeliest first, and how many there are.
    fn filled_one(
        &self,
        lit: &StrLit,
        span: Span,
        fill: &[(Span, Value)],
        known: &dyn Fn(&StrPart) -> Option<Value>,
        way: usize,
    ) -> (Vec<Piece>, usize) {
        let mut way = Way { nth: way, most: 1 };
        let mut pieces = Vec::new();
        let size = |pieces: &[Piece]| -> usize {
            let len = |p: &Piece| if let Piece::Text { value, .. } = p { value.len() } else { 0 };
            pieces.iter().map(len).sum()
        };
        for part in &lit.parts {
            match part {
                StrPart::Text { value, map } => self.text_of(value, map, span, fill, &mut pieces, &mut way),
                StrPart::Hole { .. } => {
                    let value = known(part).unwrap_or_default();
                    let fits = |more: &&std::sync::Arc<[Piece]>| {
                        pieces.len() + more.len() <= MAX_PIECES && size(&pieces) + size(more) <= MAX_TEXT
                    };
                    match way.of(&value).pieces().filter(fits) {
                        Some(more) => pieces.extend_from_slice(more),
                        None => pieces.push(Piece::Hole { path: None }),
                    }
                }
            }
        }
        (pieces, way.most)
    }
}

/// Which of the texts that a value can be is taken: 0 is the likeliest.
#[derive(Default)]
struct Way {
    nth: usize,
    /// The most that a value has had.
    most: usize,
}

impl Way {
    fn of<'v>(&mut self, value: &'v Value) -> &'v Value {
        self.most = self.most.max(value.ways().len());
        value.nth(self.nth)
    }
}
