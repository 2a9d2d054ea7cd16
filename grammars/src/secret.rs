//! The only type through which text of a literal is reachable.

use std::{
    cell::{Cell, RefCell},
    cmp::Ordering,
    collections::HashMap,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

/// Text that may be a credential. `Debug` masks it and there is no `Display`, so that no log line, panic message or
/// test failure can print it by accident. Read it with [`Secret::expose`].
#[derive(Clone)]
pub struct Secret(Arc<str>);

thread_local! {
    static RECORDING: Cell<bool> = const { Cell::new(false) };
    static LOOKED_AT: RefCell<LookedAt> = RefCell::default();
}

/// Which text it is: clones of a [`Secret`] share one. Says nothing once all of them are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TextId(usize);

impl TextId {
    /// The text that these bytes are.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self(bytes.as_ptr() as usize)
    }
}

/// Texts that were looked at. They are kept, so that no other text becomes the one that an id means.
#[derive(Clone, Debug, Default)]
pub struct LookedAt(HashMap<TextId, Option<Secret>>);

impl LookedAt {
    pub fn contains(&self, text: TextId) -> bool {
        self.0.contains_key(&text)
    }

    /// Adds texts that the caller keeps for as long as they are in here.
    pub fn extend(&mut self, texts: impl IntoIterator<Item = TextId>) {
        self.0.extend(texts.into_iter().map(|id| (id, None)));
    }

    pub fn remove(&mut self, text: TextId) {
        self.0.remove(&text);
    }
}

/// Runs `work` and says which texts it looked at on this thread. A result of `work` depends on no other text, which is
/// how an analysis can be kept while a literal that it never read is being typed.
pub fn recording<T>(work: impl FnOnce() -> T) -> (T, LookedAt) {
    LOOKED_AT.set(LookedAt::default());
    RECORDING.set(true);
    let result = work();
    RECORDING.set(false);
    (result, LOOKED_AT.take())
}

impl Secret {
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself. Callers must not log it, format it into a message or keep it beyond the analysis.
    pub fn expose(&self) -> &str {
        if RECORDING.get() {
            LOOKED_AT.with_borrow_mut(|texts| {
                texts.0.entry(self.id()).or_insert_with(|| Some(self.clone()));
            });
        }
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }

    pub fn len(&self) -> usize {
        self.expose().len()
    }

    pub fn id(&self) -> TextId {
        TextId::of_bytes(self.0.as_bytes())
    }

    /// Asks a question about the text without counting as having looked at it: whoever keeps a result of [`recording`]
    /// asks again when the text changes.
    pub fn unrecorded<T>(&self, question: impl FnOnce(&str) -> T) -> T {
        let recording = RECORDING.replace(false);
        let answer = question(&self.0);
        RECORDING.set(recording);
        answer
    }

    /// What may be shown: at most the first 3 characters, and those only when the value is longer than 12 characters.
    pub fn preview(&self) -> String {
        mask(self.expose())
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl PartialOrd for Secret {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Secret {
    fn cmp(&self, other: &Self) -> Ordering {
        self.expose().cmp(other.expose())
    }
}

/// The text between two `write_i8`, which nothing else in facts makes: a hasher can tell it from names (see
/// [`crate::shape`]).
impl Hash for Secret {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_i8(1);
        state.write(self.expose().as_bytes());
        state.write_i8(-1);
    }
}

/// See [`Secret::preview`]. The number of stars is constant: the length of a short secret is a secret too.
pub fn mask(text: &str) -> String {
    let shown: String = if text.chars().count() > 12 { text.chars().take(3).collect() } else { String::new() };
    // A control character or a line break in the preview would break the reporters' layout.
    let shown: String = shown.chars().map(|c| if c.is_control() { '·' } else { c }).collect();
    format!("{shown}***")
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.preview())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_more_than_three_characters_and_none_of_a_short_value() {
        assert_eq!(format!("{:?}", Secret::from("correct horse battery")), "Secret(cor***)");
        assert_eq!(format!("{:?}", Secret::from("twelve chars")), "Secret(***)");
    }

    #[test]
    fn what_was_looked_at_is_recorded() {
        let (a, b, c) = (Secret::from("a"), Secret::from("b"), Secret::from("c"));
        let (answer, seen) = recording(|| a.clone().expose() == "a" && c.unrecorded(|t| t == "c"));
        assert!(answer && seen.contains(a.id()) && !seen.contains(b.id()) && !seen.contains(c.id()));
        let (_, seen) = recording(|| a == b);
        assert_eq!(seen.0.len(), 2);
    }
}
