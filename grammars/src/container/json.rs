//! A pull scanner over JSON text that keeps byte positions, so that a cell can be mapped through its escapes.
//! Linear, keeps nothing but its nesting, never recurses.

use crate::{Span, TextMap};

/// Deepest nesting that is followed.
const MAX_DEPTH: usize = 512;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct JsonError {
    /// Byte offset.
    pub at: usize,
    pub what: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    Object,
    Array,
}

/// Reads values in order. After an error that cannot be passed, every method answers "no more".
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    frames: Vec<Frame>,
    /// Just entered a container: no comma is due.
    fresh: bool,
    stopped: bool,
    /// The first error.
    pub error: Option<JsonError>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Self { text, at, frames: Vec::new(), fresh: false, stopped: false, error: None }
    }

    fn fail<T>(&mut self, what: &'static str) -> Option<T> {
        self.note(self.at, what);
        self.stopped = true;
        None
    }

    fn note(&mut self, at: usize, what: &'static str) {
        self.error.get_or_insert(JsonError { at: at.min(self.text.len()), what });
    }

    /// Next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        if self.stopped {
            return None;
        }
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(self.at) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Complains about anything after the value, or about an unfinished one.
    pub(super) fn finish(&mut self) {
        if self.peek().is_some() {
            self.note(self.at, "text after the end of the document");
        }
    }

    /// Enters an object; any other value is skipped.
    pub(super) fn object(&mut self) -> bool {
        self.enter(b'{', Frame::Object)
    }

    /// Enters an array; any other value is skipped.
    pub(super) fn array(&mut self) -> bool {
        self.enter(b'[', Frame::Array)
    }

    fn enter(&mut self, open: u8, frame: Frame) -> bool {
        if self.peek() != Some(open) {
            self.skip();
            return false;
        }
        if self.frames.len() >= MAX_DEPTH {
            self.fail::<()>("too deeply nested");
            return false;
        }
        self.at += 1;
        self.frames.push(frame);
        self.fresh = true;
        true
    }

    fn close(&mut self) {
        self.at += 1;
        self.frames.pop();
        self.fresh = false;
    }

    /// Next key of the object entered last, as written; `None` at its end. Its value must be read or skipped.
    pub(super) fn key(&mut self) -> Option<&'a str> {
        let Some(mut next) = self.peek() else { return self.fail("the text ends inside an object") };
        if next == b'}' {
            self.close();
            return None;
        }
        if !self.fresh {
            if next != b',' {
                return self.fail("expected `,` or `}`");
            }
            self.at += 1;
            next = self.peek().unwrap_or(b' ');
            if next == b'}' {
                self.note(self.at, "unexpected `,` before `}`");
                self.close();
                return None;
            }
        }
        if next != b'"' {
            return self.fail("expected a key in double quotes");
        }
        let key = self.scan_string()?;
        if self.peek() != Some(b':') {
            return self.fail("expected `:` after the key");
        }
        self.at += 1;
        Some(key.of(self.text))
    }

    /// Whether the array entered last has another value, which must be read or skipped.
    pub(super) fn element(&mut self) -> bool {
        let Some(next) = self.peek() else { return self.fail::<()>("the text ends inside a list").is_some() };
        if next == b']' {
            self.close();
            return false;
        }
        if !self.fresh {
            if next != b',' {
                return self.fail::<()>("expected `,` or `]`").is_some();
            }
            self.at += 1;
            if self.peek() == Some(b']') {
                self.note(self.at, "unexpected `,` before `]`");
                self.close();
                return false;
            }
        }
        self.fresh = false;
        true
    }

    /// A string's bytes between its quotes; any other value is skipped.
    pub(super) fn string(&mut self) -> Option<Span> {
        if self.peek() != Some(b'"') {
            self.skip();
            return None;
        }
        let span = self.scan_string();
        self.fresh = false;
        span
    }

    /// A string or a list of strings, joined when read: how notebooks hold multi-line text.
    pub(super) fn strings(&mut self) -> Vec<Span> {
        let mut pieces = Vec::new();
        if self.peek() == Some(b'[') && self.array() {
            while self.element() {
                pieces.extend(self.string());
            }
        } else {
            pieces.extend(self.string());
        }
        pieces
    }

    /// Whether the next value is a string or a list that starts with one.
    pub(super) fn at_text(&mut self) -> bool {
        match self.peek() {
            Some(b'"') => true,
            Some(b'[') => {
                let rest = self.text.get(self.at + 1..).unwrap_or("").trim_start();
                rest.starts_with(['"', ']'])
            }
            _ => false,
        }
    }

    /// Whether the next value is a string.
    pub(super) fn at_string(&mut self) -> bool {
        self.peek() == Some(b'"')
    }

    /// Whether the next value is a list that starts with an object.
    pub(super) fn at_objects(&mut self) -> bool {
        self.peek() == Some(b'[') && self.text.get(self.at + 1..).unwrap_or("").trim_start().starts_with('{')
    }

    /// Whether the next value is a list that starts with a list.
    pub(super) fn at_lists(&mut self) -> bool {
        self.peek() == Some(b'[') && self.text.get(self.at + 1..).unwrap_or("").trim_start().starts_with('[')
    }

    /// Skips a value; its bytes.
    pub(super) fn skip(&mut self) -> Span {
        let base = self.frames.len();
        self.peek();
        let start = self.at;
        loop {
            match self.peek() {
                Some(open @ (b'{' | b'[')) => {
                    let frame = if open == b'{' { Frame::Object } else { Frame::Array };
                    self.enter(open, frame);
                }
                Some(b'"') => {
                    self.scan_string();
                    self.fresh = false;
                }
                _ => self.scan_scalar(),
            }
            loop {
                if self.stopped || self.frames.len() <= base {
                    return Span::new(start, self.at.max(start));
                }
                let more = match self.frames.last() {
                    Some(Frame::Object) => self.key().is_some(),
                    _ => self.element(),
                };
                if more {
                    break;
                }
            }
        }
    }

    fn scan_scalar(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or(&[]);
        let len = rest
            .iter()
            .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')))
            .unwrap_or(rest.len());
        let word = rest.get(..len).unwrap_or(&[]);
        let is_number = word.first().is_some_and(|b| b.is_ascii_digit() || *b == b'-');
        // Python's json module writes the last three.
        if is_number || matches!(word, b"true" | b"false" | b"null" | b"NaN" | b"Infinity") {
            self.at += len;
            self.fresh = false;
        } else {
            self.fail::<()>(if rest.is_empty() { "the text ends where a value is due" } else { "expected a value" });
        }
    }

    /// A string that starts here. A string without an end is answered up to its line's end, as the last thing read.
    fn scan_string(&mut self) -> Option<Span> {
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let mut at = start;
        loop {
            let found = memchr::memchr3(b'"', b'\\', b'\n', bytes.get(at..).unwrap_or(&[]));
            match found.map(|n| (at + n, bytes[at + n])) {
                Some((quote, b'"')) => {
                    self.at = quote + 1;
                    return Some(Span::new(start, quote));
                }
                Some((slash, b'\\')) => {
                    if !bytes.get(slash + 1).is_some_and(|b| b"\"\\/bfnrtu".contains(b)) {
                        self.note(slash, "unknown escape in a string");
                    }
                    // Not past the end, and never into a character: what follows a wrong escape is read as it is.
                    at = if bytes.get(slash + 1).is_some_and(|b| b.is_ascii() && *b != b'\n') {
                        slash + 2
                    } else {
                        slash + 1
                    };
                }
                found => {
                    let end = found.map_or(bytes.len(), |(line, _)| line);
                    self.at = end;
                    self.fail::<()>("a string has no closing quote");
                    return Some(Span::new(start, end.max(start)));
                }
            }
        }
    }
}

/// Decodes the inside of a JSON string behind what `text` holds. Answers whether it held an escape for a character
/// above U+007F.
pub(super) fn decode(source: &str, span: Span, text: &mut String, map: &mut TextMap) -> bool {
    let bytes = source.as_bytes().get(..span.end as usize).unwrap_or(&[]);
    let mut at = span.start as usize;
    let mut wide = false;
    while at < bytes.len() {
        let plain = memchr::memchr(b'\\', &bytes[at..]).unwrap_or(bytes.len() - at);
        if plain > 0 {
            text.push_str(source.get(at..at + plain).unwrap_or(""));
            map.push(at, plain, plain, false);
            at += plain;
            continue;
        }
        let (c, len) = match bytes.get(at + 1) {
            Some(b'n') => ('\n', 2),
            Some(b't') => ('\t', 2),
            Some(b'r') => ('\r', 2),
            Some(b'b') => ('\u{8}', 2),
            Some(b'f') => ('\u{c}', 2),
            Some(b @ (b'"' | b'\\' | b'/')) => (char::from(*b), 2),
            Some(b'u') => unicode(bytes, at),
            _ => ('\\', 1),
        };
        wide |= len > 2 && !c.is_ascii();
        text.push(c);
        map.push(at, c.len_utf8(), len, len > 1);
        at += len;
    }
    wide
}

/// `\uXXXX` or a surrogate pair at `at`, and its length in bytes. Half a pair reads as U+FFFD.
fn unicode(bytes: &[u8], at: usize) -> (char, usize) {
    let unit = |at: usize| {
        let digits = bytes.get(at..at + 6).filter(|d| d.starts_with(b"\\u"))?;
        digits[2..].iter().try_fold(0u32, |n, d| Some(n * 16 + char::from(*d).to_digit(16)?))
    };
    let Some(high) = unit(at) else { return ('\\', 1) };
    if let Some(c) = char::from_u32(high) {
        return (c, 6);
    }
    match unit(at + 6) {
        Some(low @ 0xdc00..=0xdfff) if high < 0xdc00 => {
            let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            (char::from_u32(code).unwrap_or('\u{fffd}'), 12)
        }
        _ => ('\u{fffd}', 6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Option<JsonError> {
        let mut reader = Reader::new(text);
        reader.skip();
        reader.finish();
        reader.error
    }

    #[test]
    fn valid_documents_pass_and_broken_ones_say_where() {
        for text in ["{}", "[]", " [1, -2.5e+3, true, null, NaN, {\"a\": [[]], \"b\\n\": \"\\u00e9\"}] ", "\"x\""] {
            assert_eq!(check(text), None, "{text}");
        }
        for (text, at) in [
            ("", 0),
            ("{", 1),
            ("[1 2]", 3),
            ("[1,]", 3),
            ("{\"a\":1,}", 7),
            ("{\"a\" 1}", 5),
            ("{a:1}", 1),
            ("[\"a]", 4),
            ("[\"\\x\"]", 2),
            ("[tru]", 1),
            ("[] x", 3),
            ("{]", 1),
        ] {
            assert_eq!(check(text).map(|e| e.at), Some(at), "{text}");
        }
        assert!(check(&"[".repeat(100_000)).is_some());
    }

    #[test]
    fn escapes_decode_with_their_places() {
        let source = r#"a\"\u00e9\ud83d\ude00\ud83d\/\q"#;
        let (mut text, mut map) = (String::new(), TextMap::default());
        assert!(decode(source, Span::new(0, source.len()), &mut text, &mut map));
        assert_eq!(text, "a\"é😀\u{fffd}/\\q");
        let at = text.find('😀').unwrap();
        assert_eq!(map.to_source(Span::new(at, at + 4)), Span::new(9, 21));
        assert_eq!(map.text_len(), text.len());
    }
}
