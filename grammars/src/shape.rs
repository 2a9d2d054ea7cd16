//! The shape of facts: all of them but places and texts of literals. Two readings of a cell with one shape differ in
//! nothing but where things stand and what the literals say.

use std::hash::{Hash, Hasher};

use siphasher::sip::SipHasher13;

use crate::{CellFacts, secret::TextId};

/// Shape of a cell's facts, and its literals in a fixed order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    pub hash: u64,
    /// Each literal with a hash of its text.
    pub literals: Vec<(TextId, u64)>,
}

impl Shape {
    pub fn of(facts: &CellFacts) -> Self {
        let mut hasher = ShapeHasher { shape: SipHasher13::new(), literals: Vec::new(), in_literal: false };
        facts.hash(&mut hasher);
        Self { hash: hasher.shape.finish(), literals: hasher.literals }
    }
}

/// Passes over what [`crate::Span`] and [`crate::TextMap`] write, and takes apart what [`crate::Secret`] writes.
struct ShapeHasher {
    shape: SipHasher13,
    literals: Vec<(TextId, u64)>,
    in_literal: bool,
}

impl Hasher for ShapeHasher {
    fn finish(&self) -> u64 {
        self.shape.finish()
    }

    fn write(&mut self, bytes: &[u8]) {
        if self.in_literal {
            let mut text = SipHasher13::new();
            text.write(bytes);
            self.literals.push((TextId::of_bytes(bytes), text.finish()));
        } else {
            self.shape.write(bytes);
        }
    }

    fn write_i8(&mut self, mark: i8) {
        self.in_literal = mark > 0;
        self.shape.write_i8(mark);
    }

    fn write_i64(&mut self, _: i64) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Language, lower, lower::LowerOptions};

    fn shape(text: &str) -> Shape {
        Shape::of(&lower(Language::Python, text, LowerOptions { notebook: true, depth: 3 }))
    }

    #[test]
    fn places_and_texts_are_no_part_of_a_shape() {
        let one = shape("password = 'abc'\nprint(x)\n");
        let moved = shape("# a\npassword  = 'abd'\n\nprint( x )\n");
        assert_ne!(one.hash, moved.hash, "a comment is a fact");
        let moved = shape("\npassword  = 'abd'\n\nprint( x )\n");
        assert_eq!(one.hash, moved.hash);
        assert_eq!((one.literals.len(), moved.literals.len()), (1, 1));
        assert_ne!(one.literals[0].1, moved.literals[0].1);
        assert_ne!(one.hash, shape("passwort = 'abc'\nprint(x)\n").hash);
        assert_ne!(one.hash, shape("password = 'abc'\nprint('x')\n").hash);
    }
}
