//! Offline verification: what a token says of itself. No network, no clock: the date is given.

use std::ops::Range;

use super::row;
use crate::rule::Severity;

pub mod aws;
pub mod azure;
pub mod crc;
pub mod date;
pub mod documents;
pub mod jwt;
pub mod marvin;
pub mod sas;
pub mod services;
pub mod userinfo;

/// A match to verify.
pub struct Found<'a> {
    pub text: &'a str,
    /// Bytes of `text`.
    pub range: Range<usize>,
    /// Seconds since 1970, UTC. `None`: nothing is known to have expired.
    pub now: Option<u64>,
}

pub type Check = fn(&Found<'_>) -> Verdict;

impl Found<'_> {
    pub fn value(&self) -> &str {
        self.text.get(self.range.clone()).unwrap_or("")
    }

    /// The text around the token: at most `before` and `after` bytes.
    pub fn around(&self, before: usize, after: usize) -> &str {
        let start = floor(self.text, self.range.start.saturating_sub(before));
        let end = ceil(self.text, self.range.end.saturating_add(after));
        self.text.get(start..end).unwrap_or("")
    }

    /// What counts as context: ten lines, and at most [`row::CONTEXT`] bytes, on either side.
    pub fn near(&self) -> &str {
        let around = self.around(row::CONTEXT, row::CONTEXT);
        let start = self.range.start - floor(self.text, self.range.start.saturating_sub(row::CONTEXT));
        lines(around, start..start + self.range.len())
    }

    /// Whether a moment has passed.
    pub fn past(&self, moment: u64) -> bool {
        self.now.is_some_and(|now| moment < now)
    }
}

/// The lines that a range touches, with the [`row::LINES`] lines before and behind.
pub(super) fn lines(text: &str, range: Range<usize>) -> &str {
    let bytes = text.as_bytes();
    let start = memchr::memrchr_iter(b'\n', &bytes[..range.start]).nth(row::LINES).map_or(0, |at| at + 1);
    let end = memchr::memchr_iter(b'\n', &bytes[range.end..]).nth(row::LINES).map_or(text.len(), |at| range.end + at);
    &text[start..end]
}

/// The nearest character boundary at or before.
pub fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The nearest character boundary at or behind.
pub fn ceil(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// What a check found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Whether its checksum or structure holds; `None`: it has none.
    pub valid: Option<bool>,
    /// Decoded facts for the message, none of them secret.
    pub facts: Vec<String>,
    /// Why it is doubted, when it does not hold.
    pub doubt: Option<&'static str>,
    /// No token after all.
    pub none: bool,
    /// The most severe that it can be on its own.
    pub alone: Option<Severity>,
    /// The most severe that it can be in a credential position.
    pub placed: Option<Severity>,
    /// Another row that describes it better: catalog row and label.
    pub better: Option<(&'static str, &'static str)>,
    /// Length of the token when it is shorter than the match.
    pub length: Option<usize>,
}

impl Verdict {
    pub fn checksum(valid: bool) -> Self {
        let facts = if valid { vec!["valid checksum".to_owned()] } else { Vec::new() };
        let doubt = (!valid).then_some("its checksum fails: edited or made up");
        Self { valid: Some(valid), facts, doubt, ..Self::default() }
    }

    pub fn fails(doubt: &'static str) -> Self {
        Self { valid: Some(false), doubt: Some(doubt), ..Self::default() }
    }

    /// For the message: why it is doubted, else what was decoded.
    pub fn note(&self) -> Option<String> {
        match self.doubt {
            Some(doubt) => Some(doubt.to_owned()),
            None => (!self.facts.is_empty()).then(|| self.facts.join("; ")),
        }
    }

    pub fn no_token() -> Self {
        Self { none: true, ..Self::default() }
    }

    /// Its structure is proof: it decodes to what it should be.
    pub fn decoded(self) -> Self {
        Self { valid: Some(true), ..self }
    }

    /// Adds a fact; an empty one is left out.
    pub fn fact(mut self, fact: impl Into<String>) -> Self {
        let fact = fact.into();
        if !fact.is_empty() {
            self.facts.push(fact);
        }
        self
    }

    pub fn at_most(self, severity: Severity) -> Self {
        Self { alone: Some(severity), placed: Some(severity), ..self }
    }

    /// It opens nothing any more: information in a comment, a text or an output (catalog §D, T04); in a credential position
    /// a warning, because the next one is put there, too.
    pub fn expired(self) -> Self {
        Self { alone: Some(Severity::Info), placed: Some(Severity::Warning), ..self }
    }

    pub fn length(self, length: usize) -> Self {
        Self { length: Some(length), ..self }
    }
}

/// The checks by the names that the configuration calls them by: all that rows of data have.
pub static NAMED: &[(&str, Check)] = &[
    ("mixed", mixed),
    ("both-cases", both_cases),
    ("opaque", opaque),
    ("test-mode", test_mode),
    ("short-lived", services::short_lived),
    ("crc32", crc::suffix),
    ("azure-devops", crc::devops_row),
    ("jwt", jwt::check),
    ("snowflake-jwt", jwt::snowflake),
    ("macaroon", documents::pypi),
    ("databricks", services::databricks),
    ("authorization", services::authorization),
    ("confluent-pair", services::confluent_pair),
    ("userinfo", userinfo::check),
    ("sharing-profile", documents::sharing_profile),
    ("service-account", documents::service_account),
    ("pem", documents::pem),
    ("pem-line", documents::pem_line),
    ("base64-32", azure::bytes_32),
    ("base64-64", azure::bytes_64),
    ("azure-key", azure::identifiable_row),
    ("azure-account-key", azure::account_key),
    ("azure-annotated-key", azure::annotated),
    ("entra-secret", azure::entra),
    ("sas", sas::check),
    ("aws-key-id", aws::key_id),
    ("aws-secret-key", aws::secret_key),
    ("aws-secret-key-near-id", aws::secret_key_near_id),
    ("aws-bedrock-key", aws::bedrock),
];

pub fn none(_: &Found<'_>) -> Verdict {
    Verdict::default()
}

/// Random text of letters and digits; words, names and paths are not.
pub fn mixed(found: &Found<'_>) -> Verdict {
    let count = |test: fn(&u8) -> bool| found.value().bytes().filter(test).count();
    let (upper, lower) = (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    if (upper >= 1 && lower >= 1 && count(u8::is_ascii_digit) >= 1) || (upper >= 4 && lower >= 4) {
        Verdict::default()
    } else {
        Verdict::no_token()
    }
}

/// Not a name, a path, a word or prose.
pub fn opaque(found: &Found<'_>) -> Verdict {
    match crate::value::plausible::implausible(found.value()) {
        Some(_) => Verdict::no_token(),
        None => Verdict::default(),
    }
}

/// Random text of letters has both cases; an identifier mostly one.
pub fn both_cases(found: &Found<'_>) -> Verdict {
    let count = |test: fn(&u8) -> bool| found.value().bytes().filter(test).count();
    if count(u8::is_ascii_uppercase) < 4 || count(u8::is_ascii_lowercase) < 6 {
        Verdict::no_token()
    } else {
        Verdict::default()
    }
}

/// Stripe and the like: `_test_` keys move no money.
pub fn test_mode(found: &Found<'_>) -> Verdict {
    if found.value().contains("_test_") {
        Verdict::default().fact("test mode").at_most(Severity::Info)
    } else {
        Verdict::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_of_a_row_has_a_name() {
        for row in crate::value::tokens::rows() {
            let named = |(_, check): &(&str, Check)| std::ptr::fn_addr_eq(*check, row.check);
            assert!(std::ptr::fn_addr_eq(row.check, none as Check) || NAMED.iter().any(named), "{}", row.id);
        }
    }
}
