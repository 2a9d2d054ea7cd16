//! Databricks archives: a zip of JSON notebooks (`{"version":"NotebookV1","commands":[…]}`) in folders. Read only.
//! Every size is capped, so that an archive cannot exhaust memory.

use std::io::{Cursor, Read};

use super::{MAX_FILE_BYTES, open_text};
use crate::{OpenProblem, Opened};

mod notebook;
pub(super) use notebook::{is_notebook, notebook};

/// Most entries that an archive may have.
pub const MAX_ENTRIES: usize = 10_000;
/// Most bytes that an archive may unpack to.
pub const MAX_TOTAL_BYTES: u64 = 256 << 20;
/// Highest ratio of unpacked to packed size for entries above [`RATIO_FREE_BYTES`].
pub const MAX_RATIO: u64 = 300;
/// Entries up to this size may have any ratio.
pub const RATIO_FREE_BYTES: u64 = 1 << 20;

pub(super) fn read(bytes: &[u8], opened: &mut Opened) {
    if !bytes.starts_with(b"PK") {
        // CAN bus databases and FoxPro containers have the same ending.
        let is_can = memchr::memmem::find(bytes, b"BO_ ").is_some() || bytes.starts_with(b"VERSION \"");
        if bytes.starts_with(b"version https://git-lfs") {
            opened.problem("the file is a Git LFS pointer, not the archive; run `git lfs pull`".to_owned());
        } else if !is_can {
            let message = "the file is not a Databricks archive (no zip); export the notebooks again or exclude it";
            opened.problem(message.to_owned());
        }
        return;
    }
    // Counted before the directory is read into memory.
    if memchr::memmem::find_iter(bytes, b"PK\x01\x02").nth(MAX_ENTRIES).is_some() {
        opened
            .problem(format!("the archive has more than {MAX_ENTRIES} entries and was not read; export less at once"));
        return;
    }
    let mut archive = match zip::ZipArchive::new(Cursor::new(bytes)) {
        Ok(archive) => archive,
        Err(error) => {
            opened.problem(format!("the archive cannot be read ({error}); export the notebooks again"));
            return;
        }
    };
    let mut total = 0;
    for i in 0..archive.len() {
        let (name, content) = match entry(&mut archive, i, total) {
            Entry::Folder => continue,
            Entry::Content(name, content) => (name, content),
            Entry::Problem(name, message, stop) => {
                opened.problems.push(OpenProblem { entry: Some(name), message });
                if stop {
                    return;
                }
                continue;
            }
        };
        total += content.len() as u64;
        if is_broken(&name, &content) {
            let message = "the archive entry begins like a notebook and is none; export it again".to_owned();
            opened.problems.push(OpenProblem { entry: Some(name), message });
            continue;
        }
        let mut inner = Opened::default();
        open_text(&name, &content, &mut inner);
        for mut document in inner.documents {
            document.entry = Some(name.clone());
            document.writable = false;
            opened.documents.push(document);
        }
        for problem in inner.problems {
            opened.problems.push(OpenProblem { entry: Some(name.clone()), ..problem });
        }
    }
}

/// An entry that is called as notebooks are and holds JSON of another kind, cut off or edited.
fn is_broken(name: &str, content: &[u8]) -> bool {
    let is_called = ["python", "scala", "sql", "r"].iter().any(|ending| super::has_extension(name, ending));
    let text = String::from_utf8_lossy(&content[..content.len().min(256)]);
    is_called && text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).starts_with('{') && !is_notebook(&text)
}

enum Entry {
    Folder,
    Content(Box<str>, Vec<u8>),
    /// Name, message, whether the rest of the archive is left unread.
    Problem(Box<str>, String, bool),
}

fn entry(archive: &mut zip::ZipArchive<Cursor<&[u8]>>, i: usize, total: u64) -> Entry {
    let name: Box<str> = archive.name_for_index(i).unwrap_or("?").into();
    let mut file = match archive.by_index(i) {
        Ok(file) => file,
        Err(error) => {
            return Entry::Problem(name, format!("the archive entry cannot be read ({error})"), false);
        }
    };
    if file.is_dir() {
        return Entry::Folder;
    }
    if super::has_extension(&name, "dbc") || super::has_extension(&name, "zip") {
        let message = "an archive inside an archive is not read; unpack it".to_owned();
        return Entry::Problem(name, message, false);
    }
    let by_ratio = RATIO_FREE_BYTES.max(file.compressed_size().saturating_mul(MAX_RATIO));
    let left = MAX_TOTAL_BYTES.saturating_sub(total);
    let limit = by_ratio.min(left).min(MAX_FILE_BYTES as u64);
    let mut content = Vec::new();
    // What the directory says about sizes is not trusted.
    if let Err(error) = file.by_ref().take(limit + 1).read_to_end(&mut content) {
        return Entry::Problem(name, format!("the archive entry is damaged ({error}); export it again"), false);
    }
    if content.len() as u64 <= limit {
        return Entry::Content(name, content);
    }
    let (what, stop) = if limit == left {
        (format!("the archive unpacks to more than {} MB; the rest was not read", MAX_TOTAL_BYTES >> 20), true)
    } else if limit == by_ratio {
        (format!("the archive entry unpacks to more than {MAX_RATIO} times its size and was not read"), false)
    } else {
        (format!("the archive entry unpacks to more than {} MB and was not read", MAX_FILE_BYTES >> 20), false)
    };
    Entry::Problem(name, format!("{what}; export without results, or less at once"), stop)
}

#[cfg(test)]
mod tests;
