//! Names of other files that a text mentions in imports and `%run` lines, found without reading it as a program: which
//! files without an anchor word have to be read because of what others export.

use std::{hash::Hasher, sync::LazyLock};

use memchr::memmem::Finder;
use siphasher::sip::SipHasher13;

/// Hash of the name of a module or notebook (its file's stem). Equal names have equal hashes.
pub type Mention = u64;

/// Longest text after `import` that is looked at, in bytes.
const LONGEST: usize = 4096;

/// Hash of the name under which the file at `path` is brought in: its stem; for `__init__.py` the folder's name.
pub fn stem(path: &str) -> Mention {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let name = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    hash(if name == "__init__" { folder.rsplit('/').next().unwrap_or("") } else { name })
}

static IMPORT: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"import"));
static RUN: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"%run"));
static NOTEBOOK: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"notebook.run("));

/// Names in imports, `%run` lines and `notebook.run(…)`, each once, sorted.
pub fn mentions(bytes: &[u8]) -> Vec<Mention> {
    let mut all = Vec::new();
    for at in IMPORT.find_iter(bytes) {
        let before = bytes[..at].last();
        if before.is_some_and(|b| is_word(*b)) || bytes.get(at + 6).is_none_or(|b| !b" \t(".contains(b)) {
            continue;
        }
        let start = memchr::memrchr2(b'\n', b'"', &bytes[..at]).map_or(0, |i| i + 1);
        let rest = &bytes[at..bytes.len().min(at + LONGEST)];
        let line = memchr::memchr2(b'\n', b'"', rest).unwrap_or(rest.len());
        let list = rest[..line].contains(&b'(').then(|| memchr::memchr(b')', rest)).flatten();
        words(&bytes[start..at + line.max(list.unwrap_or(0))], &mut all);
    }
    for at in RUN.find_iter(bytes) {
        let rest = &bytes[at + 4..bytes.len().min(at + LONGEST)];
        let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let text = String::from_utf8_lossy(&rest[..line]);
        let path = text.split(" $").next().unwrap_or("").trim().trim_matches(['"', '\'', '\\', ',', ' ']);
        let path = path.trim_end_matches("\\n").trim_end_matches(['"', '\'', '\\', ' ']);
        let name = path.rsplit('/').next().unwrap_or("");
        all.push(hash(name));
        all.push(hash(name.rsplit_once('.').map_or(name, |(stem, _)| stem)));
    }
    for at in NOTEBOOK.find_iter(bytes) {
        let rest = &bytes[at + b"notebook.run(".len()..bytes.len().min(at + LONGEST)];
        let text = String::from_utf8_lossy(rest);
        let path = text.trim_start().trim_start_matches(['f', '\\']).strip_prefix(['"', '\'']).unwrap_or("");
        let path = path.split(['"', '\'', '\\', '\n']).next().unwrap_or("");
        all.push(hash(path.rsplit('/').next().unwrap_or("")));
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn words(text: &[u8], all: &mut Vec<Mention>) {
    for word in text.split(|b| !is_word(*b)).filter(|w| !w.is_empty()) {
        if !matches!(word, b"import" | b"from" | b"as") {
            all.push(hash(&String::from_utf8_lossy(word)));
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn hash(name: &str) -> Mention {
    let mut hasher = SipHasher13::new();
    hasher.write(name.as_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_imports_and_includes_are_found() {
        let rows: &[(&str, &str)] = &[
            ("import config as c\n", "config"),
            ("x = 1\nfrom pkg.config import A\n", "pkg/config"),
            ("from pkg import (\n  config,\n  other)\n", "config"),
            ("# MAGIC %run ./lib/config\n", "config"),
            ("# MAGIC %run \"./lib/my config\" $a=\"b\"\n", "my config"),
            ("\"source\": [\"from config import X\\n\"]", "config"),
            ("\"%run ./config\\n\",", "config"),
            ("from .config import X", "config"),
            ("import pkg", "pkg/__init__"),
        ];
        for (text, file) in rows {
            assert!(mentions(text.as_bytes()).contains(&stem(&format!("{file}.py"))), "{text}");
        }
        assert!(!mentions(b"print(config)\nimportant(config)").contains(&stem("config.py")));
    }
}
