//! Reporters: an [`Outcome`] as text for people and machines. None has access to a value.

pub mod concise;
pub mod excerpt;
pub mod github;
pub mod gitlab;
pub mod json;
pub mod junit;
pub mod sarif;
pub mod text;

use std::io::Write;

use crate::{
    cli::{CheckOptions, Format},
    outcome::Outcome,
};

/// The report in the format asked for.
pub fn render(options: &CheckOptions, outcome: &Outcome) -> anyhow::Result<String> {
    let mut out = match options.format {
        Format::Text => text::render(outcome, options.quiet),
        Format::Concise => concise::render(outcome),
        Format::Json => json::render(outcome)?,
        Format::Sarif => sarif::render(outcome)?,
        Format::Github => github::render(outcome),
        Format::Gitlab => gitlab::render(outcome)?,
        Format::Junit => junit::render(outcome),
    };
    if options.statistics && matches!(options.format, Format::Text | Format::Concise) {
        out.push_str(&text::statistics(outcome));
    }
    Ok(out)
}

/// Formats whose output names what would fix a finding.
pub fn shows_fixes(format: Format) -> bool {
    matches!(format, Format::Text | Format::Json)
}

/// Formats whose output names what could not be read.
pub fn shows_problems(format: Format) -> bool {
    matches!(format, Format::Text | Format::Concise | Format::Json | Format::Sarif)
}

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
