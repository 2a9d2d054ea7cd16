//! What a pair of a list asks about the text that it stands in: each answer is found once, so that a text of many pairs
//! costs no more than one of few.

use std::cell::OnceCell;

/// How far back a line is looked at for an opening quotation mark, in bytes.
const LONGEST_LINE: usize = 4096;

pub(super) struct Whole<'t> {
    pub text: &'t str,
    /// Places of the first `=`, of the first `?`, of the last `;`.
    first_pair: Option<usize>,
    query: Option<usize>,
    semicolon: Option<usize>,
    one_pair: bool,
    badge: OnceCell<bool>,
    signed: OnceCell<bool>,
    login_module: OnceCell<bool>,
    host: OnceCell<Option<String>>,
    /// Places of `"` and of `'`, in order.
    quotes: [OnceCell<Vec<usize>>; 2],
}

impl<'t> Whole<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            first_pair: text.find('='),
            query: text.find('?'),
            semicolon: text.rfind(';'),
            one_pair: text.matches('=').nth(1).is_none(),
            badge: OnceCell::new(),
            signed: OnceCell::new(),
            login_module: OnceCell::new(),
            host: OnceCell::new(),
            quotes: [OnceCell::new(), OnceCell::new()],
        }
    }

    /// Whether a quotation mark that ends at `end` was opened on the line before `start`: else it belongs to the value.
    pub fn is_open(&self, quote: u8, start: usize) -> bool {
        let index = usize::from(quote == b'\'');
        let all = self.quotes[index].get_or_init(|| memchr::memchr_iter(quote, self.text.as_bytes()).collect());
        let first = start.saturating_sub(LONGEST_LINE);
        let line = memchr::memrchr(b'\n', &self.text.as_bytes()[first..start]).map_or(first, |i| first + i + 1);
        let before = all.partition_point(|at| *at < start) - all.partition_point(|at| *at < line);
        before % 2 == 1
    }

    pub fn has_one_pair(&self) -> bool {
        self.one_pair
    }

    /// No `=` before that place.
    pub fn is_first(&self, at: usize) -> bool {
        self.first_pair.is_none_or(|first| first >= at)
    }

    pub fn has_query_before(&self, at: usize) -> bool {
        self.query.is_some_and(|query| query < at)
    }

    pub fn has_semicolon_from(&self, at: usize) -> bool {
        self.semicolon.is_some_and(|last| last >= at)
    }

    /// Parameters of public services that only choose what is shown: badges of coverage services.
    pub fn is_badge(&self) -> bool {
        let hosts = ["codecov.io/", "coveralls.io/", "shields.io/", "badge.svg"];
        *self.badge.get_or_init(|| hosts.iter().any(|h| self.text.contains(h)))
    }

    /// `sv=`/`se=` beside `sig=`: a shared access signature.
    pub fn is_signed(&self) -> bool {
        let rights = ["sv=", "se=", "sp=", "sr="];
        *self.signed.get_or_init(|| rights.iter().filter(|k| self.text.contains(**k)).count() >= 2)
    }

    pub fn has_login_module(&self) -> bool {
        *self.login_module.get_or_init(|| self.text.contains("LoginModule"))
    }

    pub fn host(&self) -> Option<String> {
        self.host.get_or_init(|| host(self.text)).clone()
    }
}

/// Host of a URL or `Server=`/`Host=` in the text.
pub(super) fn host(text: &str) -> Option<String> {
    let host_end = |c: char| matches!(c, ':' | '/' | ';' | '?' | ',' | '\\' | '"' | '\'' | '&') || c.is_whitespace();
    if let Some(at) = text.find("://") {
        let mut rest = &text[at + 3..];
        let authority = rest.split(['/', '?', ';', ' ']).next().unwrap_or("");
        if let Some(at) = authority.rfind('@') {
            rest = &rest[at + 1..];
        }
        let host = rest.split(host_end).next().unwrap_or("");
        return (!host.is_empty()).then(|| host.to_ascii_lowercase());
    }
    let lower = text.to_ascii_lowercase();
    for key in ["server=", "host=", "data source=", "hostname=", "//"] {
        if let Some(at) = lower.find(key) {
            let rest = lower[at + key.len()..].trim_start_matches("tcp:").trim_start_matches("//");
            let host = rest.split(host_end).next().unwrap_or("");
            return (!host.is_empty()).then(|| host.to_owned());
        }
    }
    None
}
