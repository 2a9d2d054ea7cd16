//! The only type through which text of a literal is reachable.

use std::{fmt, sync::Arc};

/// Text that may be a credential. `Debug` masks it and there is no `Display`, so that no log line, panic message or
/// test failure can print it by accident. Read it with [`Secret::expose`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Secret(Arc<str>);

impl Secret {
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself. Callers must not log it, format it into a message or keep it beyond the analysis.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// What may be shown: at most the first 3 characters, and those only when the value is longer than 12 characters.
    pub fn preview(&self) -> String {
        mask(&self.0)
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
}
