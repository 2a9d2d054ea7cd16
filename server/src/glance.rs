//! Bytes of a file before anything is parsed: reading them, and whether they have to be opened at all. Nineteen of twenty
//! files end here.

use std::{
    io::Read,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use credscope_grammars::{Language, container::MAX_FILE_BYTES};
use credscope_linter::{Settings, engine, workspace::Mention};

use crate::{analysis::Source, importers};

/// What a file's bytes say.
#[derive(Debug)]
pub enum Glance {
    /// Nothing that a rule could find stands in them. With what they may bring in.
    Skipped(Vec<Mention>),
    /// Why they are not read.
    Problem(String),
    /// They are to be opened, and `analyse`d if not just to tell whether their form is right.
    Open { mentions: Vec<Mention>, analyse: bool },
}

/// `is_wanted`: also without an anchor word.
pub fn glance(bytes: &[u8], source: &Source, is_wanted: bool) -> Glance {
    if is_binary(bytes, &source.path) {
        return Glance::Skipped(Vec::new());
    }
    let must_open = must_open(&source.path, bytes);
    if !must_open && is_unmarked_wide(bytes, &source.path) {
        let message = "looks like UTF-16 without a byte order mark and was not read; save it as UTF-8";
        return Glance::Problem(message.into());
    }
    if !is_wanted && !must_open {
        let seen = engine::look(bytes, &source.settings);
        if !seen.may_match {
            let mentions = if seen.imports { importers::mentions(&source.path, bytes) } else { Vec::new() };
            // A notebook that is cut off is said to be, whatever it holds.
            let is_sound = (bytes.is_ascii() || std::str::from_utf8(bytes).is_ok()) && !source.path.ends_with(".ipynb");
            return if is_sound { Glance::Skipped(mentions) } else { Glance::Open { mentions, analyse: false } };
        }
    }
    Glance::Open { mentions: importers::mentions(&source.path, bytes), analyse: true }
}

/// Bytes of files that are kept from the first look until they are opened, of all files together; others are read again.
const KEPT: usize = 64 << 20;

/// What was seen of a file while others were still looked for.
#[derive(Debug, Default)]
pub enum Ahead {
    /// It is to be read, or cannot be.
    #[default]
    Nothing,
    /// See [`Glance::Skipped`]. With the number of its bytes.
    Skipped(u64, Vec<Mention>),
    /// Its bytes are to be opened.
    Open(Vec<u8>, Glance),
}

impl Ahead {
    /// Reads a file and looks at it. `kept`: bytes kept so far.
    pub fn of(source: &Source, kept: &AtomicUsize) -> Self {
        let Some(file) = source.file.as_ref().filter(|_| source.text.is_none()) else { return Self::Nothing };
        read(file, |bytes| {
            if bytes.len() > MAX_FILE_BYTES {
                return Self::Nothing;
            }
            match glance(bytes, source, false) {
                Glance::Skipped(mentions) => Self::Skipped(bytes.len() as u64, mentions),
                _ if kept.fetch_add(bytes.len(), Ordering::Relaxed) > KEPT => Self::Nothing,
                glance => Self::Open(bytes.to_vec(), glance),
            }
        })
        .unwrap_or_default()
    }
}

/// Size that a thread's buffer begins with, and above which it is given back, in bytes.
const BUFFER_SIZE: usize = 64 << 10;
const KEPT_BUFFER: usize = 4 << 20;

thread_local! {
    static BUFFER: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// Gives the bytes of a file to `then`. Reading stops behind [`MAX_FILE_BYTES`].
pub fn read<T>(file: &Path, then: impl FnOnce(&[u8]) -> T) -> std::io::Result<T> {
    let mut buffer = BUFFER.take();
    let result = read_into(file, &mut buffer).map(|read| then(&buffer[..read]));
    if buffer.len() <= KEPT_BUFFER {
        BUFFER.set(buffer);
    }
    result
}

/// Reads a file into the buffer, which may be longer; how many bytes it has.
fn read_into(file: &Path, buffer: &mut Vec<u8>) -> std::io::Result<usize> {
    let mut file = std::fs::File::open(file)?;
    let mut read = 0;
    loop {
        if read == buffer.len() {
            buffer.resize((buffer.len() * 4).max(BUFFER_SIZE), 0);
        }
        match file.read(&mut buffer[read..]) {
            Ok(0) => return Ok(read),
            Ok(more) => read += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if read > MAX_FILE_BYTES {
            return Ok(read);
        }
    }
}

/// Whether a large file is data that nobody expects to be checked.
pub fn is_data(path: &str, bytes: &[u8]) -> bool {
    let path = path.to_ascii_lowercase();
    let known = Language::of_path(&path).is_some() || path.ends_with(".ipynb") || path.ends_with(".dbc");
    !known && bytes[..bytes.len().min(8192)].contains(&0)
}

/// A file of a known language in which every other byte is zero.
fn is_unmarked_wide(bytes: &[u8], path: &str) -> bool {
    const HEAD: usize = 512;
    let head = &bytes[..bytes.len().min(HEAD) & !1];
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|b| **b == 0).count();
    let mostly = |from: usize| zeros(1 - from) == 0 && zeros(from) * 10 >= head.len() / 2 * 9;
    head.len() >= 16
        && memchr::memchr(0, &head[..16]).is_some()
        && Language::of_path(path).is_some()
        && (mostly(0) || mostly(1))
}

/// Bytes that are no text under a name that promises none: passed over before anything is searched.
fn is_binary(bytes: &[u8], path: &str) -> bool {
    const HEAD: usize = 8192;
    let head = &bytes[..bytes.len().min(HEAD)];
    let marked = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    memchr::memchr(0, head).is_some()
        && !marked
        && Language::of_path(path).is_none()
        && ![".dbc", ".ipynb"].iter().any(|e| path.to_ascii_lowercase().ends_with(e))
}

/// Whether a file's bytes have to be read as a document.
pub fn is_anchored(path: &str, bytes: &[u8], settings: &Settings) -> bool {
    must_open(path, bytes) || engine::look(bytes, settings).may_match
}

/// Asked of every file: what it is called in full is asked of few.
fn may_be_pgpass(path: &str) -> bool {
    path.as_bytes().windows(6).any(|part| part.eq_ignore_ascii_case(b"pgpass"))
}

/// Whether a file's bytes have to be read as a document whatever words it has: archives, texts that are not UTF-8.
fn must_open(path: &str, bytes: &[u8]) -> bool {
    // UTF-16 and UTF-32.
    let wide = [&[0xff, 0xfe][..], &[0xfe, 0xff], &[0, 0, 0xfe, 0xff]].iter().any(|mark| bytes.starts_with(mark));
    // Accounts in a file that has no words.
    let accounts = may_be_pgpass(path) && Language::of_path(path) == Some(Language::Pgpass);
    // An archive that is none is said to be.
    let ending = path.len().checked_sub(4).map_or(&[][..], |start| &path.as_bytes()[start..]);
    let is_archive = bytes.starts_with(b"PK") || ending.eq_ignore_ascii_case(b".dbc");
    accounts || is_archive || wide
}
