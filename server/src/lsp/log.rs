//! The server's log: standard error, or a file. Method names, counts and times; never text of a document.

use std::{
    io::Write,
    sync::{Mutex, PoisonError},
};

use tracing_subscriber::{
    Layer, Registry,
    filter::{LevelFilter, filter_fn},
    fmt::MakeWriter,
    layer::SubscriberExt,
    reload,
    util::SubscriberInitExt,
};

static LEVEL: Mutex<Option<reload::Handle<LevelFilter, Registry>>> = Mutex::new(None);
static FILE: Mutex<Option<std::fs::File>> = Mutex::new(None);

/// Writes to the file when one is set, else to standard error.
struct Sink;

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match FILE.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(file) => file.write(bytes),
            None => std::io::stderr().write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Sink {
    type Writer = Sink;

    fn make_writer(&'a self) -> Sink {
        Sink
    }
}

/// Starts the log at the level of `CREDSCOPE_LOG` (`error`, `warn`, `info`, `debug`, `trace`; default `warn`).
pub(super) fn start() {
    let level = std::env::var("CREDSCOPE_LOG").ok().and_then(|l| l.parse().ok()).unwrap_or(LevelFilter::WARN);
    let (filter, handle) = reload::Layer::new(level);
    let lines = tracing_subscriber::fmt::layer().with_writer(|| Sink).with_ansi(false).with_target(false);
    // Other crates log whole messages, and with them texts of documents.
    let lines = lines.with_filter(filter_fn(|event| event.target().starts_with("credscope")));
    if tracing_subscriber::registry().with(filter).with(lines).try_init().is_ok() {
        *LEVEL.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
    }
}

/// Changes the level; an unknown name changes nothing.
pub(super) fn level(name: &str) {
    let Ok(level) = name.parse::<LevelFilter>() else { return };
    if let Some(handle) = LEVEL.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
        // The subscriber lives as long as the process.
        let _ = handle.reload(level);
    }
}

/// Continues in a file, appended to.
pub(super) fn file(path: &str) {
    match std::fs::OpenOptions::new().create(true).append(true).open(path) {
        Ok(file) => *FILE.lock().unwrap_or_else(PoisonError::into_inner) = Some(file),
        Err(error) => tracing::warn!(%error, "the log file cannot be opened"),
    }
}
