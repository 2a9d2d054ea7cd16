//! Decoding of string escapes into text with an exact [`TextMap`], shared by all languages.

use crate::{Secret, Span, TextMap, facts::StrPart};

/// Which escapes a literal knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escapes {
    /// None: raw strings.
    Raw,
    Python,
    /// Python bytes: no `\u`, `\U`, `\N`.
    PythonBytes,
    /// Java, Scala: `\b \t \n \f \r \" \' \\ \uXXXX` and octal.
    Java,
    /// R: C escapes, `\u{…}`.
    R,
    Json,
}

/// Collects the decoded text of a literal, piece by piece.
#[derive(Debug, Default)]
pub struct Decoded {
    value: String,
    map: TextMap,
}

impl Decoded {
    /// Text that stands in the cell as it is, at byte `at`.
    pub fn verbatim(&mut self, at: usize, text: &str) {
        if !text.is_empty() {
            self.value.push_str(text);
            self.map.push(at, text.len(), text.len(), false);
        }
    }

    /// `len` bytes of the cell at `at` that mean `text`.
    pub fn escape(&mut self, at: usize, len: usize, text: &str) {
        self.value.push_str(text);
        self.map.push(at, text.len(), len, true);
    }

    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// The collected text so far as a part; `None` when there is none. Leaves the collector empty.
    pub fn take(&mut self) -> Option<StrPart> {
        let Self { value, map } = std::mem::take(self);
        if value.is_empty() { None } else { Some(StrPart::Text { value: Secret::from(value), map }) }
    }

    /// Reads `span` of `text` with the given escapes. `doubled`: `{{` and `}}` stand for one brace (f-strings).
    pub fn read(&mut self, text: &str, span: Span, escapes: Escapes, doubled: bool) {
        let source = span.of(text);
        let bytes = source.as_bytes();
        let base = span.start as usize;
        let (mut from, mut at) = (0, 0);
        while at < bytes.len() {
            match bytes[at] {
                b'\\' if escapes != Escapes::Raw => {
                    let Some((len, decoded)) = escape_at(&source[at..], escapes) else {
                        // Not an escape: the backslash and what follows it stay.
                        at += 1 + source[at + 1..].chars().next().map_or(0, char::len_utf8);
                        continue;
                    };
                    self.verbatim(base + from, &source[from..at]);
                    let mut buffer = [0; 4];
                    let decoded = decoded.map_or("", |c| c.encode_utf8(&mut buffer));
                    self.escape(base + at, len, decoded);
                    at += len;
                    from = at;
                }
                brace @ (b'{' | b'}') if doubled && bytes.get(at + 1) == Some(&brace) => {
                    self.verbatim(base + from, &source[from..at]);
                    self.escape(base + at, 2, if brace == b'{' { "{" } else { "}" });
                    at += 2;
                    from = at;
                }
                _ => at += 1,
            }
        }
        self.verbatim(base + from, &source[from..]);
    }
}

/// Length in bytes and meaning of the escape at the start of `source` (`None`: it stands for nothing, a line
/// continuation). `None` when it is no escape.
fn escape_at(source: &str, escapes: Escapes) -> Option<(usize, Option<char>)> {
    let bytes = source.as_bytes();
    let unicode = escapes != Escapes::PythonBytes;
    let python = matches!(escapes, Escapes::Python | Escapes::PythonBytes);
    let one = |c: char| Some((2, Some(c)));
    match *bytes.get(1)? {
        b'\n' if python => Some((2, None)),
        b'\r' if python => Some((if bytes.get(2) == Some(&b'\n') { 3 } else { 2 }, None)),
        b'n' => one('\n'),
        b't' => one('\t'),
        b'r' => one('\r'),
        b'b' => one('\u{8}'),
        b'f' => one('\u{c}'),
        b'a' if python || escapes == Escapes::R => one('\u{7}'),
        b'v' if python || escapes == Escapes::R => one('\u{b}'),
        b'/' if escapes == Escapes::Json => one('/'),
        b'`' if escapes == Escapes::R => one('`'),
        c @ (b'\\' | b'"' | b'\'') => one(c as char),
        b'x' if python || escapes == Escapes::R => {
            let (digits, code) = hex(source.get(2..)?, if python { 2 } else { 1 }, 2)?;
            Some((2 + digits, char::from_u32(code)))
        }
        b'u' if unicode && escapes != Escapes::R => unicode_escape(source, escapes),
        b'u' | b'U' if escapes == Escapes::R => {
            let max = if bytes[1] == b'u' { 4 } else { 8 };
            let (skip, braced) = if bytes.get(2) == Some(&b'{') { (3, 1) } else { (2, 0) };
            let (digits, code) = hex(source.get(skip..)?, 1, max)?;
            Some(((skip + digits + braced).min(source.len()), or_unknown(code)))
        }
        b'U' if escapes == Escapes::Python => {
            let (digits, code) = hex(source.get(2..)?, 8, 8)?;
            Some((2 + digits, or_unknown(code)))
        }
        b'N' if escapes == Escapes::Python => {
            // The name table of Unicode is not worth its size: the character is unknown.
            let end = source.strip_prefix("\\N{")?.find('}')?;
            Some((3 + end + 1, Some(char::REPLACEMENT_CHARACTER)))
        }
        b'0'..=b'7' if escapes != Escapes::Json => {
            let digits = bytes[1..].iter().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
            let code = u32::from_str_radix(&source[1..=digits], 8).ok()?;
            Some((1 + digits, char::from_u32(code)))
        }
        _ => None,
    }
}

/// `\uXXXX`; Java also `\uuXXXX`, Java and JSON with surrogate pairs.
fn unicode_escape(source: &str, escapes: Escapes) -> Option<(usize, Option<char>)> {
    let java = escapes == Escapes::Java;
    let start = if java { 1 + source[1..].bytes().take_while(|&b| b == b'u').count() } else { 2 };
    let (digits, code) = hex(source.get(start..)?, 4, 4)?;
    let len = start + digits;
    if (0xd800..0xdc00).contains(&code)
        && escapes != Escapes::Python
        && let Some(low) = source.get(len..).and_then(|rest| rest.strip_prefix("\\u"))
        && let Some((_, second)) = hex(low, 4, 4)
        && (0xdc00..0xe000).contains(&second)
    {
        return Some((len + 6, or_unknown(0x1_0000 + ((code - 0xd800) << 10) + (second - 0xdc00))));
    }
    Some((len, or_unknown(code)))
}

fn or_unknown(code: u32) -> Option<char> {
    Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// Reads between `min` and `max` hexadecimal digits: how many, and their value.
fn hex(source: &str, min: usize, max: usize) -> Option<(usize, u32)> {
    let digits = source.bytes().take(max).take_while(u8::is_ascii_hexdigit).count();
    if digits < min {
        return None;
    }
    Some((digits, u32::from_str_radix(&source[..digits], 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_mapped() {
        let rows: &[(Escapes, &str, &str)] = &[
            (Escapes::Python, r"a\nb\x41\101\u00e9\U0001F600", "a\nbAA\u{e9}\u{1F600}"),
            (Escapes::Python, "a\\\nb\\\r\nc", "abc"),
            (Escapes::Python, r"\N{BULLET}x\q\\", "\u{FFFD}x\\q\\"),
            (Escapes::Python, r"\u12 \x1 \8", r"\u12 \x1 \8"),
            (Escapes::Python, "\\", "\\"),
            (Escapes::Python, "\\é", "\\é"),
            (Escapes::PythonBytes, r"\u0041\x41\xff", "\\u0041A\u{ff}"),
            (Escapes::Raw, r"a\nb", r"a\nb"),
            (Escapes::Java, r"\uu0041\ud83d\ude00\0", "A\u{1F600}\0"),
            (Escapes::R, r"\u{e9}\x4\U1F600", "\u{e9}\u{4}\u{1F600}"),
            (Escapes::Json, r"\/\ud83d\ude00\ud83d", "/\u{1F600}\u{FFFD}"),
        ];
        for (escapes, source, expected) in rows {
            let mut decoded = Decoded::default();
            decoded.read(source, Span::new(0, source.len()), *escapes, false);
            assert_eq!(&decoded.value, expected, "{source}");
            assert_eq!(decoded.map.text_len(), decoded.value.len(), "{source}");
            let whole = Span::new(0, decoded.value.len());
            assert_eq!(decoded.map.to_source(whole), Span::new(0, source.len()), "{source}");
        }
    }

    #[test]
    fn doubled_braces_are_one() {
        let mut decoded = Decoded::default();
        decoded.read("a{{b}}c", Span::new(0, 7), Escapes::Python, true);
        assert_eq!(decoded.value, "a{b}c");
        assert_eq!(decoded.map.to_source(Span::new(2, 3)), Span::new(3, 4));
    }
}
