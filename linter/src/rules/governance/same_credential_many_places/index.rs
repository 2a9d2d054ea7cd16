//! Which credentials stand in several documents, by keyed hashes: kept up to date as documents come, change and go.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
};

use super::MAX_PLACES;
use crate::{finding::ValueKey, rule::Severity};

/// A credential of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing<L> {
    pub value: ValueKey,
    /// Number of its finding in the document.
    pub row: usize,
    /// Of its finding: below a warning are defaults of local databases, which are equal everywhere.
    pub severity: Severity,
    /// How others name it.
    pub at: L,
}

/// Credentials of many documents. `K` says which document comes first.
pub struct Index<K, L> {
    documents: BTreeMap<K, Vec<Standing<L>>>,
    /// Documents in which a value stands, with the positions in their lists.
    holders: HashMap<ValueKey, BTreeMap<K, Vec<usize>>>,
}

impl<K, L> Default for Index<K, L> {
    fn default() -> Self {
        Self { documents: BTreeMap::new(), holders: HashMap::new() }
    }
}

impl<K, L> fmt::Debug for Index<K, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Index({} documents, {} values)", self.documents.len(), self.holders.len())
    }
}

/// What other documents say of one.
pub struct Told<'i, K, L> {
    /// Findings by number, with the same value elsewhere.
    pub equal: Vec<(usize, Vec<(&'i K, &'i L)>)>,
    pub groups: Vec<Group<'i, K, L>>,
}

/// Values that stand in the same documents, of which this is the first: they were copied together.
pub struct Group<'i, K, L> {
    /// Number of the first finding of them.
    pub row: usize,
    pub documents: usize,
    pub values: usize,
    /// The severest of all of their findings.
    pub severity: Severity,
    /// Where they stand elsewhere.
    pub others: Vec<(&'i K, &'i L)>,
}

impl<K: Ord + Clone, L: PartialEq> Index<K, L> {
    /// Says what stands in a document; the others for which that changes something.
    pub fn set(&mut self, key: &K, standing: Vec<Standing<L>>) -> BTreeSet<K> {
        let mut changed = BTreeSet::new();
        if self.documents.get(key).map_or(&[][..], Vec::as_slice) == standing {
            return changed;
        }
        let old = self.documents.remove(key).unwrap_or_default();
        for value in old.iter().map(|s| s.value) {
            if let Some(holders) = self.holders.get_mut(&value) {
                holders.remove(key);
                changed.extend(concerned(holders, key).cloned());
                if holders.is_empty() {
                    self.holders.remove(&value);
                }
            }
        }
        for (number, value) in standing.iter().map(|s| s.value).enumerate() {
            let holders = self.holders.entry(value).or_default();
            changed.extend(concerned(holders, key).cloned());
            holders.entry(key.clone()).or_default().push(number);
        }
        if !standing.is_empty() {
            self.documents.insert(key.clone(), standing);
        }
        changed
    }

    pub fn documents(&self) -> impl Iterator<Item = &K> {
        self.documents.keys()
    }

    /// What the others say of a document, with up to [`MAX_PLACES`] places for each finding.
    pub fn told(&self, key: &K) -> Told<'_, K, L> {
        let mut told = Told { equal: Vec::new(), groups: Vec::new() };
        let Some((key, list)) = self.documents.get_key_value(key) else { return told };
        // By the documents in which they stand: values, in order of their first place.
        let mut copied: BTreeMap<Vec<&K>, Vec<ValueKey>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for standing in list {
            let Some(holders) = self.holders.get(&standing.value).filter(|h| h.len() > 1) else { continue };
            told.equal.push((standing.row, self.elsewhere(key, standing.value).take(MAX_PLACES).collect()));
            let is_first = holders.keys().next() == Some(key);
            if is_first && seen.insert(standing.value) && self.severest(holders) >= Severity::Warning {
                copied.entry(holders.keys().collect()).or_default().push(standing.value);
            }
        }
        for (documents, values) in copied {
            let of = |value: &ValueKey| self.holders.get(value).and_then(|h| h.get(key)?.first().copied());
            let first = values.first().and_then(of).and_then(|n| list.get(n));
            let Some(row) = first.map(|s| s.row) else { continue };
            let others = values.iter().flat_map(|v| self.elsewhere(key, *v)).take(MAX_PLACES).collect();
            let severest = values.iter().filter_map(|v| self.holders.get(v)).map(|h| self.severest(h)).max();
            let severity = severest.unwrap_or(Severity::Warning);
            told.groups.push(Group { row, documents: documents.len(), values: values.len(), severity, others });
        }
        told
    }

    fn elsewhere<'i>(&'i self, key: &'i K, value: ValueKey) -> impl Iterator<Item = (&'i K, &'i L)> {
        let holders = self.holders.get(&value).into_iter().flatten().filter(move |(k, _)| *k != key);
        holders.flat_map(|(k, numbers)| {
            let list = self.documents.get(k);
            numbers.iter().filter_map(move |n| Some((k, &list?.get(*n)?.at)))
        })
    }

    fn severest(&self, holders: &BTreeMap<K, Vec<usize>>) -> Severity {
        let of = holders.iter().flat_map(|(k, numbers)| {
            let list = self.documents.get(k);
            numbers.iter().filter_map(move |n| list?.get(*n)).map(|s| s.severity)
        });
        of.max().unwrap_or(Severity::Hint)
    }
}

/// Of the documents with a value those that hear of a change in `key`: all, or the first alone when there are more before
/// it than are named.
fn concerned<'h, K: Ord>(holders: &'h BTreeMap<K, Vec<usize>>, key: &K) -> impl Iterator<Item = &'h K> {
    let before = holders.range(..key).take(MAX_PLACES + 1).count();
    let most = if before > MAX_PLACES { 1 } else { usize::MAX };
    holders.keys().filter(move |k| *k != key).take(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(values: &[u128]) -> Vec<Standing<usize>> {
        let one = |(row, value): (usize, &u128)| Standing {
            value: ValueKey(*value),
            row,
            severity: Severity::Error,
            at: row,
        };
        values.iter().enumerate().map(one).collect()
    }

    #[test]
    fn documents_hear_of_each_other_as_they_come_and_go() {
        let mut index = Index::default();
        assert!(index.set(&"a", standing(&[1, 2])).is_empty());
        assert_eq!(index.set(&"c", standing(&[2, 3, 1])), BTreeSet::from(["a"]));
        assert_eq!(index.set(&"c", standing(&[2, 3, 1])), BTreeSet::new(), "nothing new");
        assert_eq!(index.set(&"b", standing(&[3])), BTreeSet::from(["c"]));
        let told = index.told(&"a");
        assert_eq!(told.equal, [(0, vec![(&"c", &2)]), (1, vec![(&"c", &0)])]);
        let groups: Vec<_> = told.groups.iter().map(|g| (g.row, g.documents, g.values, g.others.len())).collect();
        assert_eq!(groups, [(0, 2, 2, 2)], "copied together: one group");
        assert!(index.told(&"c").groups.is_empty(), "the first of them tells");
        assert_eq!(index.told(&"b").groups.len(), 1);
        assert_eq!(index.set(&"a", Vec::new()), BTreeSet::from(["c"]));
        assert!(index.told(&"a").equal.is_empty());
        assert_eq!(index.told(&"c").equal.len(), 1);
        assert_eq!(index.documents().collect::<Vec<_>>(), [&"b", &"c"]);
    }

    #[test]
    fn of_many_places_the_first_are_named_and_only_the_number_grows() {
        let mut index = Index::default();
        for n in 0..100 {
            let changed = index.set(&n, standing(&[7]));
            assert!(changed.len() <= MAX_PLACES + 1, "{n}: {changed:?}");
            let group = &index.told(&0).groups;
            assert_eq!(group.first().map(|g| g.documents), (n > 0).then_some(n + 1));
        }
        assert_eq!(index.told(&99).equal[0].1.len(), MAX_PLACES);
        assert_eq!(index.set(&99, Vec::new()), BTreeSet::from([0]));
        assert_eq!(index.set(&3, Vec::new()).len(), 98, "one that is named");
    }
}
