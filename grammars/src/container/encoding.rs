//! Bytes → text: byte order marks, declared encodings, what cannot be read.

/// What [`decode`] made of a file.
pub(super) struct Decoded {
    /// `None`: nothing to check.
    pub text: Option<String>,
    /// The text's bytes are the file's bytes, so that edits can be written back.
    pub writable: bool,
    pub problem: Option<String>,
}

/// Decodes a file. `known`: the name says that it is something to check, so that bytes which are no text are a problem
/// (other binary files are passed over in silence).
pub(super) fn decode(path: &str, bytes: &[u8], known: bool) -> Decoded {
    if let Some(wide) = utf_32(bytes) {
        return wide;
    }
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(bytes)
        && encoding != encoding_rs::UTF_8
    {
        let (text, _, broken) = encoding.decode(bytes);
        if broken && !known {
            return Decoded { text: None, writable: false, problem: None };
        }
        let problem = broken.then(|| {
            format!("the file is not valid {}; broken characters were replaced; save it as UTF-8", encoding.name())
        });
        return Decoded { text: Some(text.into_owned()), writable: false, problem };
    }
    if let Some(at) = memchr::memchr(0, bytes) {
        let problem = known.then(|| {
            format!(
                "the file is not text (NUL byte at offset {at}) and was not checked; save it as UTF-8, or exclude it if it \
                 is binary"
            )
        });
        return Decoded { text: None, writable: false, problem };
    }
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Decoded { text: Some(text.to_owned()), writable: true, problem: None },
        Err(error) => error,
    };
    if !known {
        let text = is_eight_bit_text(bytes).then(|| encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0);
        return Decoded { text: text.map(std::borrow::Cow::into_owned), writable: false, problem: None };
    }
    if let Some(encoding) = declared(path, bytes) {
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        return Decoded { text: Some(text.into_owned()), writable: false, problem: None };
    }
    let at = error.valid_up_to();
    let line = memchr::memchr_iter(b'\n', bytes.get(..at).unwrap_or(&[])).count() + 1;
    let problem = format!(
        "the file is not valid UTF-8 (byte offset {at}, line {line}); it was checked with the broken bytes replaced and \
         cannot be fixed in place; save it as UTF-8"
    );
    Decoded { text: Some(String::from_utf8_lossy(bytes).into_owned()), writable: false, problem: Some(problem) }
}

/// A text in UTF-32, by its mark.
fn utf_32(bytes: &[u8]) -> Option<Decoded> {
    let number: fn([u8; 4]) -> u32 = match bytes.first_chunk()? {
        [0xff, 0xfe, 0, 0] => u32::from_le_bytes,
        [0, 0, 0xfe, 0xff] => u32::from_be_bytes,
        _ => return None,
    };
    let (units, rest) = bytes[4..].as_chunks::<4>();
    let chars = units.iter().map(|unit| char::from_u32(number(*unit)));
    let broken = !rest.is_empty() || chars.clone().any(|c| c.is_none());
    let text = chars.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    let problem =
        broken.then(|| "the file is not valid UTF-32; broken characters were replaced; save it as UTF-8".to_owned());
    Some(Decoded { text: Some(text), writable: false, problem })
}

/// Whether bytes that are not UTF-8 are a text of an older encoding all the same: hardly any control characters, and letters
/// with accents are the smaller part.
fn is_eight_bit_text(bytes: &[u8]) -> bool {
    const HEAD: usize = 8192;
    let head = &bytes[..bytes.len().min(HEAD)];
    let controls = head.iter().filter(|b| b.is_ascii_control() && !b"\t\n\r\x0c\x1b".contains(b)).count();
    let high = head.iter().filter(|b| !b.is_ascii()).count();
    controls == 0 && high * 4 < head.len()
}

/// The 8-bit encoding that a file declares or that its format prescribes: Python's `# -*- coding: latin-1 -*-` (PEP 263),
/// an XML declaration, Java properties.
fn declared(path: &str, bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    if super::has_extension(path, "properties") {
        return Some(encoding_rs::WINDOWS_1252);
    }
    let key: &[u8] = if super::has_extension(path, "py") {
        b"coding"
    } else if super::has_extension(path, "xml") {
        b"encoding"
    } else {
        return None;
    };
    let head = bytes.split(|b| *b == b'\n').take(2).flat_map(|line| line.iter().take(200).chain(b" ")).copied();
    let head: Vec<u8> = head.collect();
    let after = head.get(memchr::memmem::find(&head, key)? + key.len()..)?;
    let label: Vec<u8> = after
        .iter()
        .copied()
        .skip_while(|b| b" =:\"'".contains(b))
        .take_while(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
        .map(|b| if b == b'_' { b'-' } else { b })
        .collect();
    let encoding = encoding_rs::Encoding::for_label(if label == b"latin-1" { b"latin1" } else { &label })?;
    encoding.is_single_byte().then_some(encoding)
}

#[cfg(test)]
mod tests {
    use crate::open;

    #[test]
    fn utf_32_is_read_and_not_written() {
        let text = "x = 'é'\n";
        let units = |bytes: fn(u32) -> [u8; 4]| -> Vec<u8> {
            std::iter::once(0xfeff).chain(text.chars().map(u32::from)).flat_map(bytes).collect()
        };
        for bytes in [units(u32::to_le_bytes), units(u32::to_be_bytes)] {
            let opened = open("a.py", &bytes);
            assert!(opened.problems.is_empty());
            assert_eq!(&*opened.documents[0].cells[0].text, text);
            assert!(!opened.documents[0].writable);
            assert_eq!(open("a.py", &bytes[..bytes.len() - 1]).problems.len(), 1);
        }
    }

    #[test]
    fn utf_16_is_read_and_not_written() {
        let text = "# Databricks notebook source\r\nx = 'é'\r\n";
        let units = |big: bool| -> Vec<u8> {
            let unit = |u: u16| if big { u.to_be_bytes() } else { u.to_le_bytes() };
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect()
        };
        for bytes in [units(false), units(true)] {
            let opened = open("a.py", &bytes);
            assert!(opened.problems.is_empty());
            assert_eq!(&*opened.documents[0].cells[0].text, "x = 'é'");
            assert!(!opened.documents[0].writable);
        }
    }

    #[test]
    fn broken_utf_8_is_a_problem_that_says_where_and_is_still_read() {
        let opened = open("a.py", b"x = 1\ny = '\xff'\n");
        assert!(opened.problems[0].message.contains("byte offset 11, line 2"), "{:?}", opened.problems);
        assert_eq!(&*opened.documents[0].cells[0].text, "x = 1\ny = '\u{fffd}'\n");
        assert!(!opened.documents[0].writable);
    }

    #[test]
    fn declared_encodings_are_no_problem() {
        for (path, bytes) in [
            ("a.py", b"#!/usr/bin/python\n# -*- coding: latin-1 -*-\nx = '\xe9'".as_slice()),
            ("a.xml", b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<a>\xe9</a>"),
            ("a.properties", b"a=\xe9"),
        ] {
            let opened = open(path, bytes);
            assert!(opened.problems.is_empty() && opened.documents[0].text.contains('é'), "{path}");
        }
    }

    #[test]
    fn binary_files_are_a_problem_only_when_their_name_promises_text() {
        for (path, problems) in [("a.py", 1), ("a.ipynb", 1), ("a.parquet", 0), ("a", 0)] {
            let opened = open(path, b"PAR1\0\0");
            assert_eq!((opened.documents.len(), opened.problems.len()), (0, problems), "{path}");
        }
        assert!(open("a.bin", b"\xff\xfe\xfd\xfc\xfb").problems.is_empty());
        assert!(open("a.bin", b"\x89PNG\r\n\x1a\x0a some text \x02").documents.is_empty());
    }

    #[test]
    fn texts_of_older_encodings_are_read_under_any_name() {
        for path in ["notes.txt", "accounts.csv", "notes"] {
            let opened = open(path, b"caf\xe9: https://joe:x@h\n");
            assert!(opened.problems.is_empty(), "{path}");
            assert_eq!(&*opened.documents[0].text, "caf\u{e9}: https://joe:x@h\n", "{path}");
            assert!(!opened.documents[0].writable, "{path}");
        }
    }
}
