//! Constant values: what is known of an expression's text, and where each part was written.

use std::{collections::HashMap, rc::Rc};

use credscope_grammars::{Secret, Span, TextMap, facts::StrLit, facts::StrPart};

use super::Piece;

/// What is known of a value.
#[derive(Clone, Debug, Default)]
pub(super) enum Value {
    #[default]
    Unknown,
    /// At least one piece is text.
    Text(Rc<[Piece]>),
    Dict(Rc<HashMap<Box<str>, Value>>),
    Seq(Rc<[Value]>),
}

/// Values built from more pieces or text than this are not followed: data, not credentials.
const MAX_PIECES: usize = 64;
const MAX_TEXT: usize = 64 << 10;

impl Value {
    pub(super) fn text(pieces: Vec<Piece>) -> Self {
        if pieces.iter().any(|p| matches!(p, Piece::Text { .. })) { Self::Text(pieces.into()) } else { Self::Unknown }
    }

    pub(super) fn pieces(&self) -> Option<&[Piece]> {
        match self {
            Self::Text(pieces) => Some(pieces),
            _ => None,
        }
    }

    /// The whole text when every part is known.
    pub(super) fn known(&self) -> Option<Secret> {
        let pieces = self.pieces()?;
        if let [Piece::Text { value, .. }] = pieces {
            return Some(value.clone());
        }
        let mut text = String::new();
        for piece in pieces {
            let Piece::Text { value, .. } = piece else { return None };
            text.push_str(value.expose());
        }
        Some(text.into())
    }

    /// One value after the other; unknown ones become holes.
    pub(super) fn concat(values: impl Iterator<Item = (Value, Option<Box<str>>)>) -> Value {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut size = 0;
        for (value, path) in values {
            match value {
                Value::Text(more) => {
                    for piece in more.iter() {
                        if let Piece::Text { value, .. } = piece {
                            size += value.len();
                        }
                        pieces.push(piece.clone());
                    }
                }
                _ => pieces.push(Piece::Hole { path }),
            }
            if pieces.len() > MAX_PIECES || size > MAX_TEXT {
                break;
            }
        }
        Value::text(pieces)
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
        let text = value.expose();
        let mut at = 0;
        for (span, filler) in fill {
            let Some(inside) = map.to_text(*span).filter(|s| !s.is_empty()) else { continue };
            let (start, end) = (inside.start as usize, inside.end as usize);
            if start < at || !text.is_char_boundary(start) || !text.is_char_boundary(end) {
                continue;
            }
            self.cut(text, at..start, map, literal, out);
            match filler.pieces() {
                Some(pieces) => out.extend_from_slice(pieces),
                None => out.push(Piece::Hole { path: None }),
            }
            at = end;
        }
        if at == 0 {
            out.push(Piece::Text {
                value: value.clone(),
                map: self.map(map),
                cell: self.cell,
                literal: self.span(literal),
            });
        } else {
            self.cut(text, at..text.len(), map, literal, out);
        }
    }

    fn cut(&self, text: &str, range: std::ops::Range<usize>, map: &TextMap, literal: Span, out: &mut Vec<Piece>) {
        let Some(part) = text.get(range.clone()).filter(|p| !p.is_empty()) else { return };
        let mut cut = TextMap::default();
        for s in map.segments() {
            let (from, to) = ((s.text as usize).max(range.start), ((s.text + s.text_len) as usize).min(range.end));
            if from >= to {
                continue;
            }
            if s.opaque {
                cut.push(s.source as usize, to - from, s.source_len as usize, true);
            } else {
                cut.push(s.source as usize + (from - s.text as usize), to - from, to - from, false);
            }
        }
        out.push(Piece::Text { value: part.into(), map: self.map(&cut), cell: self.cell, literal: self.span(literal) });
    }

    /// A literal without host-language expressions in it (properties, shell words): holes stay holes.
    pub(super) fn literal(&self, lit: &StrLit, span: Span, fill: &[(Span, Value)]) -> Value {
        let mut pieces = Vec::new();
        for part in &lit.parts {
            match part {
                StrPart::Text { value, map } => self.text(value, map, span, fill, &mut pieces),
                StrPart::Hole { .. } => pieces.push(Piece::Hole { path: None }),
            }
        }
        Value::text(pieces)
    }
}
