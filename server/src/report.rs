//! Reporters: an [`Outcome`](crate::check::Outcome) as text for people and machines. None has access to a value.

pub mod concise;
pub mod json;

use std::io::Write;

/// Writes to standard output; a closed pipe (`| head`) is no error.
pub fn write_stdout(text: &str) -> std::io::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Says on standard error what went wrong.
pub fn complain(message: &str) {
    let _ = writeln!(std::io::stderr(), "credscope: {message}");
}
