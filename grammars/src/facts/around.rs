//! Which expressions stand around a place, without looking at all of them: a large file has ten thousands, and each of its
//! findings asks.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::OnceLock,
};

use super::{CellFacts, ExprId};
use crate::Span;

/// Expressions by where they begin, in blocks that know how far their members reach. Made when first asked for; says
/// nothing that the expressions do not say, so that facts are equal with and without.
#[derive(Default)]
pub struct ByPlace(OnceLock<Sorted>);

struct Sorted {
    exprs: Box<[(Span, ExprId)]>,
    /// The furthest end in each block of [`BLOCK`].
    ends: Box<[u32]>,
}

const BLOCK: usize = 64;

impl Clone for ByPlace {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for ByPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByPlace")
    }
}

impl Hash for ByPlace {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl CellFacts {
    /// Expressions whose span holds `place`, in the order of [`CellFacts::exprs`].
    pub fn around(&self, place: Span) -> Vec<ExprId> {
        let holds = |span: Span| span.contains(place);
        if self.exprs.len() <= BLOCK {
            let all = self.exprs.iter().zip(0..).filter(|(e, _)| holds(e.span));
            return all.map(|(_, id)| ExprId(id)).collect();
        }
        let Sorted { exprs, ends } = self.by_place.0.get_or_init(|| self.sorted());
        // Behind these begin those that begin behind the place.
        let count = exprs.partition_point(|(span, _)| span.start <= place.start);
        let mut found = Vec::new();
        for (block, end) in exprs[..count].chunks(BLOCK).zip(ends) {
            if *end >= place.end {
                found.extend(block.iter().filter(|(span, _)| holds(*span)).map(|(_, id)| *id));
            }
        }
        found.sort_unstable();
        found
    }

    /// Expressions whose span lies in `place`, in the order of [`CellFacts::exprs`].
    pub fn within(&self, place: Span) -> Vec<ExprId> {
        if self.exprs.len() <= BLOCK {
            let all = self.exprs.iter().zip(0..).filter(|(e, _)| place.contains(e.span));
            return all.map(|(_, id)| ExprId(id)).collect();
        }
        let Sorted { exprs, .. } = self.by_place.0.get_or_init(|| self.sorted());
        let first = exprs.partition_point(|(span, _)| span.start < place.start);
        let begin_inside = exprs[first..].iter().take_while(|(span, _)| span.start <= place.end);
        let mut found: Vec<ExprId> =
            begin_inside.filter(|(span, _)| place.contains(*span)).map(|(_, id)| *id).collect();
        found.sort_unstable();
        found
    }

    fn sorted(&self) -> Sorted {
        let mut exprs: Vec<(Span, ExprId)> = self.exprs.iter().zip(0..).map(|(e, id)| (e.span, ExprId(id))).collect();
        exprs.sort_unstable_by_key(|(span, id)| (span.start, *id));
        let ends = exprs.chunks(BLOCK).map(|block| block.iter().map(|(span, _)| span.end).max().unwrap_or(0));
        Sorted { ends: ends.collect(), exprs: exprs.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Language, lower, lower::LowerOptions};

    #[test]
    fn the_expressions_around_a_place_are_all_that_hold_it() {
        let text = (0..200).map(|n| format!("x{n} = f(g({n}, ['a', \"b{n}\"]), k={n}) or 'c'\n")).collect::<String>();
        let facts = lower::lower(Language::Python, &text, LowerOptions { notebook: true, depth: 1 });
        assert!(facts.exprs.len() > 1000);
        for at in (0..text.len() - 3).step_by(7) {
            for len in [0, 1, 3] {
                let place = Span::new(at, at + len);
                let expected: Vec<ExprId> = (0..facts.exprs.len() as u32)
                    .map(ExprId)
                    .filter(|id| facts.expr(*id).span.contains(place))
                    .collect();
                assert_eq!(facts.around(place), expected, "{place:?}");
                let place = Span::new(at, (at + len * 40).min(text.len()));
                let expected: Vec<ExprId> = (0..facts.exprs.len() as u32)
                    .map(ExprId)
                    .filter(|id| place.contains(facts.expr(*id).span))
                    .collect();
                assert_eq!(facts.within(place), expected, "{place:?}");
            }
        }
    }
}
