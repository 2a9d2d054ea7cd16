//! What a token format is, as data.

use super::checks::{self, Check};

/// One format of one kind of token. The pattern's first group is the token.
#[derive(Clone, Copy)]
pub struct Row {
    /// Catalog row.
    pub id: &'static str,
    /// For messages (`Databricks personal access token`).
    pub label: &'static str,
    /// The rule that reports it, position in [`super::GROUPS`].
    pub group: usize,
    /// Words of which one stands in every match (or near it, see [`Place::Near`]); compared with case unless
    /// `any_case`.
    pub anchors: &'static [&'static str],
    pub any_case: bool,
    pub place: Place,
    pub pattern: &'static str,
    pub left: Left,
    /// Bits a character that the token has at least.
    pub entropy: f64,
    /// The shape alone is proof enough.
    pub distinctive: bool,
    /// Lower-case words of which one has to stand within [`LINES`] lines and [`CONTEXT`] bytes of the token.
    pub context: &'static [&'static str],
    /// A byte that stands at an offset from every anchor of a match: spares the pattern where the anchor is common.
    pub probe: Option<(isize, u8)>,
    /// A byte that every window with a match holds.
    pub needs: Option<u8>,
    pub check: Check,
}

/// How far away a word of context may stand, bytes.
pub const CONTEXT: usize = 600;

/// How far away a word of context may stand, lines (catalog §D, T07).
pub const LINES: usize = 10;

/// Where a match stands relative to an anchor, in bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The match begins `back` bytes before the anchor and is at most `max` bytes long.
    At { back: usize, max: usize },
    /// It begins somewhere before the anchor: where the run of base64url characters that ends there begins.
    Behind { max: usize },
    /// The match lies in a window around the anchor, which is context: at most [`LINES`] lines away.
    Near { before: usize, after: usize },
    /// A PEM block that the anchor begins.
    Block { max: usize },
}

/// What must not stand before a match of [`Place::At`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Left {
    Any,
    /// Letters, digits, `_`.
    Word,
    /// Letters, digits, `+`, `/`.
    Base64,
    /// Letters, digits, `-`, `.`, `_`, `~`.
    Unreserved,
}

impl Left {
    pub fn forbids(self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric() && self != Self::Any
            || match self {
                Self::Any => false,
                Self::Word => byte == b'_',
                Self::Base64 => matches!(byte, b'+' | b'/'),
                Self::Unreserved => matches!(byte, b'-' | b'.' | b'_' | b'~'),
            }
    }
}

impl Row {
    /// A format that its anchor begins and whose shape proves it.
    pub const fn prefix(
        id: &'static str,
        label: &'static str,
        group: usize,
        anchors: &'static [&'static str],
        pattern: &'static str,
    ) -> Self {
        Self {
            id,
            label,
            group,
            anchors,
            any_case: false,
            place: Place::At { back: 0, max: 420 },
            pattern,
            left: Left::Word,
            entropy: 3.0,
            distinctive: true,
            context: &[],
            probe: None,
            needs: None,
            check: checks::none,
        }
    }

    /// A format without a prefix of its own: its anchors are words of context around it.
    pub const fn near(
        id: &'static str,
        label: &'static str,
        group: usize,
        anchors: &'static [&'static str],
        pattern: &'static str,
    ) -> Self {
        let row = Self::prefix(id, label, group, anchors, pattern);
        Self { any_case: true, place: Place::Near { before: 0, after: 200 }, distinctive: false, ..row }
    }

    pub const fn back(self, back: usize) -> Self {
        Self { place: Place::At { back, max: 420 }, ..self }
    }

    pub const fn at_most(self, max: usize) -> Self {
        let place = match self.place {
            Place::At { back, .. } => Place::At { back, max },
            Place::Behind { .. } => Place::Behind { max },
            Place::Block { .. } => Place::Block { max },
            near @ Place::Near { .. } => near,
        };
        Self { place, ..self }
    }

    pub const fn placed(self, place: Place) -> Self {
        Self { place, ..self }
    }

    pub const fn within(self, before: usize, after: usize) -> Self {
        Self { place: Place::Near { before, after }, ..self }
    }

    pub const fn left(self, left: Left) -> Self {
        Self { left, ..self }
    }

    pub const fn entropy(self, bits: f64) -> Self {
        Self { entropy: bits, ..self }
    }

    /// The shape alone is no proof.
    pub const fn unsure(self) -> Self {
        Self { distinctive: false, ..self }
    }

    pub const fn sure(self) -> Self {
        Self { distinctive: true, ..self }
    }

    pub const fn exact_case(self) -> Self {
        Self { any_case: false, ..self }
    }

    pub const fn context(self, words: &'static [&'static str]) -> Self {
        Self { context: words, ..self }
    }

    pub const fn probe(self, offset: isize, byte: u8) -> Self {
        Self { probe: Some((offset, byte)), ..self }
    }

    pub const fn needs(self, byte: u8) -> Self {
        Self { needs: Some(byte), ..self }
    }

    pub const fn check(self, check: Check) -> Self {
        Self { check, ..self }
    }
}
