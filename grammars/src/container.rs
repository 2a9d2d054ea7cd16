//! Which container bytes are, and their cells.

use std::sync::Arc;

use crate::{Language, OpenProblem, Opened};

mod blocks;
mod build;
mod cells;
mod databricks;
pub mod dbc;
pub mod editor;
mod encoding;
mod fabric;
mod ipynb;
mod json;
mod magic;
mod plain;
mod reopen;
mod results;
mod source;

pub(crate) use ipynb::{in_elements, output_around};
pub use plain::{in_blocks, plain};
pub use reopen::reopen;

/// Largest file (and largest archive entry) that is read, in bytes. Larger ones become a problem.
pub const MAX_FILE_BYTES: usize = 64 << 20;

/// Reads a file into documents. `path` chooses the language by its ending; contents decide the container.
/// Never fails: what cannot be read becomes a problem, and what can is returned.
pub fn open(path: &str, bytes: &[u8]) -> Opened {
    let mut opened = Opened::default();
    if bytes.len() > MAX_FILE_BYTES {
        opened.problem(format!(
            "the file has {} MB; files above {} MB are not read; split it, remove stored outputs or exclude it",
            bytes.len() >> 20,
            MAX_FILE_BYTES >> 20
        ));
    } else if has_extension(path, "dbc") {
        dbc::read(bytes, &mut opened);
    } else {
        open_text(path, bytes, &mut opened);
    }
    opened
}

/// Reads a file or an archive entry that is not an archive itself.
fn open_text(path: &str, bytes: &[u8], opened: &mut Opened) {
    let known = Language::of_path(path).is_some() || has_extension(path, "ipynb");
    let decoded = encoding::decode(path, bytes, known);
    if let Some(message) = decoded.problem {
        opened.problem(message);
    }
    let Some(text) = decoded.text else { return };
    let text: Arc<str> = text.into();
    let mut document = if has_extension(path, "ipynb") {
        let (document, problem) = ipynb::read(text);
        opened.problems.extend(problem.map(|message| OpenProblem { entry: None, message }));
        document
    } else if dbc::is_notebook(&text) {
        let (document, problem) = dbc::notebook(text);
        opened.problems.extend(problem.map(|message| OpenProblem { entry: None, message }));
        document
    } else {
        let language = Language::of_path(path);
        if let Some(document) = databricks::read(&text, language) {
            document
        } else if let Some(document) = fabric::read(&text, language) {
            document
        } else {
            plain(language.unwrap_or(Language::Text), text)
        }
    };
    document.writable &= decoded.writable;
    opened.documents.push(document);
}

/// Whether the name ends with `.extension`, in any case.
fn has_extension(path: &str, extension: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case(extension))
}

/// `\r\n` or `\n`, whichever the text uses first.
fn newline_of(text: &str) -> &'static str {
    match memchr::memchr(b'\n', text.as_bytes()) {
        Some(at) if at > 0 && text.as_bytes()[at - 1] == b'\r' => "\r\n",
        _ => "\n",
    }
}

impl Opened {
    fn problem(&mut self, message: String) {
        self.problems.push(OpenProblem { entry: None, message });
    }
}
