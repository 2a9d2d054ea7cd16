//! Where quotes, substitutions and templates end.

use super::{MAX_DEPTH, Reader};
use crate::Span;

/// Longest template or placeholder, in bytes.
const MAX_TEMPLATE: usize = 200;

impl Reader<'_> {
    /// Position of the single quote that closes the one before `at`.
    pub(super) fn single_end(&mut self, at: usize, to: usize) -> Option<usize> {
        let found = memchr::memchr(b'\'', self.look(at, to));
        self.paid(found.map(|i| at + i), to - at)
    }

    /// Position of the `"` that closes the one before `at`.
    pub(super) fn double_end(&mut self, at: usize, to: usize) -> Option<usize> {
        self.look(at, to).first()?;
        let found = self.double(at, to, 0);
        self.paid(found, to - at)
    }

    /// Position of the `)` that closes the `(` before `at`.
    pub(super) fn paren_end(&mut self, at: usize, to: usize) -> Option<usize> {
        self.look(at, to).first()?;
        let found = self.nested(at, to, b')', 0);
        self.paid(found, to - at)
    }

    /// Position of the `}` that closes the `${` before `at`.
    pub(super) fn brace_end(&mut self, at: usize, to: usize) -> Option<usize> {
        let line = memchr::memchr(b'\n', self.look(at, to)).map_or(to, |i| at + i);
        self.look(at, line).first()?;
        let found = self.nested(at, line, b'}', 0);
        self.paid(found, line - at)
    }

    /// Position of the backtick that closes the one before `at`.
    pub(super) fn backtick_end(&mut self, at: usize, to: usize) -> Option<usize> {
        let bytes = self.look(at, to);
        let mut i = 0;
        let found = loop {
            match bytes.get(i) {
                None => break None,
                Some(b'\\') => i += 2,
                Some(b'`') => break Some(at + i),
                Some(_) => i += 1,
            }
        };
        self.paid(found, to - at)
    }

    /// The bytes to look through; none when too many searches have come to nothing.
    pub(super) fn look(&self, at: usize, to: usize) -> &[u8] {
        let to = if self.budget == 0 { at } else { to };
        self.text.as_bytes().get(at..to).unwrap_or(&[])
    }

    /// Takes what a search in vain has cost from the budget, so that reading stays linear.
    pub(super) fn paid<T>(&mut self, found: Option<T>, cost: usize) -> Option<T> {
        if found.is_none() {
            self.budget = self.budget.saturating_sub(cost.max(1));
        }
        found
    }

    fn double(&self, mut at: usize, to: usize, depth: usize) -> Option<usize> {
        while at < to {
            match (self.byte(at, to), self.byte(at + 1, to)) {
                (b'"', _) => return Some(at),
                (b'\\', _) => at += 2,
                (b'$', b'(') if depth < MAX_DEPTH => at = self.nested(at + 2, to, b')', depth + 1)? + 1,
                (b'$', b'{') if depth < MAX_DEPTH => at = self.nested(at + 2, to, b'}', depth + 1)? + 1,
                _ => at += 1,
            }
        }
        None
    }

    /// End of `$(…)` or `${…}`: quotes inside count.
    fn nested(&self, mut at: usize, to: usize, close: u8, depth: usize) -> Option<usize> {
        let mut open = 0_usize;
        while at < to {
            let byte = self.byte(at, to);
            match byte {
                _ if byte == close && open == 0 => return Some(at),
                b'\\' => at += 1,
                b'\'' if depth < MAX_DEPTH && close == b')' => {
                    at += 1 + memchr::memchr(b'\'', &self.text.as_bytes()[at + 1..to])?;
                }
                b'"' if depth < MAX_DEPTH => at = self.double(at + 1, to, depth + 1)?,
                b'(' if close == b')' => open += 1,
                b'{' if close == b'}' => open += 1,
                _ if byte == close => open -= 1,
                _ => {}
            }
            at += 1;
        }
        None
    }
}

/// End of a placeholder of documentation at `at`: `<your-token>`, `<TOKEN>`.
pub(super) fn placeholder(text: &str, at: usize, to: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    if bytes.get(at) != Some(&b'<') || !bytes.get(at + 1)?.is_ascii_alphabetic() || at > 0 && bytes[at - 1] == b'<' {
        return None;
    }
    let window = bytes.get(at + 1..to.min(at + MAX_TEMPLATE))?;
    let end = window.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b'-' | b'.')))?;
    (window[end] == b'>' && window[end - 1] != b' ').then_some(at + end + 2)
}

/// End of a template at `at` whose text is no shell: `{{ x }}`, `{name}`, `{d['k']}`, `{f(x):>3}`.
pub(super) fn template(text: &str, at: usize, to: usize) -> Option<usize> {
    let window = text.as_bytes().get(at..to.min(at + MAX_TEMPLATE))?;
    if window.starts_with(b"{{") {
        let end = memchr::memmem::find(window, b"}}")? + 2;
        return (!window[..end].contains(&b'\n')).then_some(at + end);
    }
    if window.first() != Some(&b'{') || !(window.get(1)?.is_ascii_alphabetic() || window[1] == b'_') {
        return None;
    }
    let mut open = 0_usize;
    for (i, byte) in window.iter().enumerate().skip(1) {
        match byte {
            b'}' if open == 0 => return Some(at + i + 1),
            b'(' | b'[' => open += 1,
            b')' | b']' => open = open.checked_sub(1)?,
            b'\n' | b'{' | b'}' => return None,
            // Of a name with a format; brace expansion and blocks of commands have others.
            _ if open > 0 || byte.is_ascii_alphanumeric() || b"_.:!<>=^".contains(byte) => {}
            _ => return None,
        }
    }
    None
}

/// Templates of one name (`{name}`) in a line that a notebook fills in: the template, and its name.
pub(in crate::lower) fn names(text: &str) -> Vec<(Span, Span)> {
    memchr::memchr_iter(b'{', text.as_bytes())
        .filter(|&at| !matches!(at.checked_sub(1).map(|i| text.as_bytes()[i]), Some(b'$' | b'{')))
        .filter_map(|at| {
            let end = template(text, at, text.len())?;
            let name = text.get(at + 1..end - 1)?;
            let simple = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            simple.then(|| (Span::new(at, end), Span::new(at + 1, end - 1)))
        })
        .collect()
}
