//! One notebook of an archive: `{"version":"NotebookV1","language":"scala","commands":[{"command":"%sql …","position":1.0,
//! "commandTitle":"…","results":{…}}]}`.

use std::sync::Arc;

use crate::container::{
    build::{Body, Build, RawOutput},
    cells::Source,
    ipynb::message,
    json::Reader,
    newline_of,
    results::read_results,
};
use crate::{Container, Document, Encoding, Language, LineIndex, Span};

/// Whether a text is such a notebook; they all start with their version.
pub(in crate::container) fn is_notebook(text: &str) -> bool {
    let head: String = text.chars().take(80).filter(|c| !c.is_whitespace()).collect();
    head.trim_start_matches('\u{feff}').starts_with("{\"version\":\"NotebookV1\"")
}

#[derive(Default)]
struct Command {
    position: f64,
    source: Option<Span>,
    title: Option<Span>,
    widgets: Option<Span>,
    outputs: Vec<RawOutput>,
}

/// Reads a notebook, its commands in the order of their positions. A broken one comes with a message; its readable commands are kept.
pub(in crate::container) fn notebook(text: Arc<str>) -> (Document, Option<String>) {
    let mut language = Language::Python;
    let mut commands = Vec::new();
    let mut r = Reader::new(&text);
    if r.object() {
        while let Some(key) = r.key() {
            match key {
                "language" => {
                    let name = r.string().map_or("", |span| span.of(&text));
                    language = Language::of_name(name).unwrap_or(Language::Text);
                }
                "commands" if r.array() => {
                    while r.element() {
                        if r.object() {
                            commands.push(Command::read(&mut r));
                        }
                    }
                }
                "commands" => {}
                _ => drop(r.skip()),
            }
        }
    }
    r.finish();
    let lines = LineIndex::new(&text);
    let problem = r.error.map(|error| message(&text, &lines, error, commands.len()));
    // Cells stand in run order; they are numbered as `commands` lists them, which is what other tools can look up.
    let mut commands: Vec<_> = commands.iter().zip(0..).collect();
    commands.sort_by(|(a, _), (b, _)| a.position.total_cmp(&b.position));
    let mut build = Build::new(&text);
    for (command, number) in commands {
        push_command(&mut build, number, command, language);
    }
    let cells = build.finish();
    let newline = newline_of(&text);
    let container = Container::ArchiveEntry;
    (Document { entry: None, container, language, text, lines, cells, newline, writable: false }, problem)
}

fn push_command(build: &mut Build<'_>, number: u32, command: &Command, language: Language) {
    if let Some(title) = command.title {
        build.title(number, title);
    }
    if let Some(widgets) = command.widgets {
        build.raw_json(crate::CellKind::Meta, number, widgets);
    }
    let (text, map) = build.joined(command.source.as_slice(), false);
    let encoding = Encoding::JsonString { ascii: false };
    let source = Source { number, text, map, encoding, line_offset: 0, execution_count: None };
    let of = build.cells.push_code(source, language);
    for output in &command.outputs {
        build.output(number, of, output);
    }
}

impl Command {
    /// Reads a command whose object was entered.
    fn read(r: &mut Reader<'_>) -> Self {
        let mut command = Self::default();
        let (mut error, mut summary) = (None, None);
        while let Some(key) = r.key() {
            match key {
                "command" => command.source = r.string(),
                "position" => command.position = r.skip().of(r.text()).parse().unwrap_or(0.0),
                "commandTitle" => command.title = r.string(),
                "inputWidgets" => {
                    let span = r.skip();
                    command.widgets = span.of(r.text()).contains(':').then_some(span);
                }
                "results" => read_results(r, &mut command.outputs),
                "error" => error = r.string(),
                "errorSummary" => summary = r.string(),
                _ => drop(r.skip()),
            }
        }
        // The summary is the head of the error.
        if let Some(lines) = error.or(summary) {
            command.outputs.push(RawOutput { mime: "traceback".into(), body: Body::Text(vec![lines]) });
        }
        command
    }
}
