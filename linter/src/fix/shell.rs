//! Credentials on command lines (catalog §F.2). On a line that a notebook's Python fills in (`%pip`, `!curl`) it is read into
//! a variable before, and the line names the variable; scripts and CI steps take it from their environment.

use credscope_grammars::{
    CellKind, Container, Document, Language, Span,
    dialect::{self, ConfigPlace},
};

use super::{Fragment, NameHint, Plan, Slot};
use crate::{
    context::CellContext,
    finding::Place,
    model::CommandSite,
    recognise::{Ci, DocumentKind, has_secrets},
};

/// Reads the credential of `slot` into a variable named after `program` and writes its name. `number`: how many other
/// credentials of the cell have such a name already. `None` where nothing fills a variable in, or no line can come before.
pub fn variable(document: &Document, slot: Slot, hint: &NameHint, program: &str, number: usize) -> Option<Plan> {
    let index = slot.cell as usize;
    let cell = document.cells.get(index)?;
    if !document.is_notebook() || document.language != Language::Python {
        return None;
    }
    let name = name(document, program, &hint.key, number);
    let secret = Fragment::Secret { slot, hint: hint.clone() };
    let bind = |before: String, after: &str| {
        vec![Fragment::Text(format!("{before}{name} = ")), secret.clone(), Fragment::Text(after.into())]
    };
    let inserted = match cell.language {
        Language::Pip if document.container == Container::DatabricksSource => {
            // A cell of its own: pip lines stand at the head of theirs.
            (Place { cell: slot.cell, span: Span::new(0, 0) }, bind(String::new(), "\n\n# COMMAND ----------\n"))
        }
        Language::Pip => match code_before(document, index) {
            Some((at, end)) => (Place { cell: at, span: Span::new(end, end) }, bind("\n".to_owned(), "")),
            // None comes before: the line is no longer the first of its cell.
            None => (Place { cell: slot.cell, span: Span::new(0, 0) }, bind(String::new(), "\n")),
        },
        Language::Python => {
            let start = line_start(&cell.text, slot.credential.start as usize);
            let line = cell.text.get(start..)?;
            let content = line.trim_start_matches([' ', '\t']);
            if !content.starts_with('!') && !content.starts_with("%pip") && !content.starts_with("%conda") {
                return None;
            }
            let indent = line[..line.len() - content.len()].to_owned();
            (Place { cell: slot.cell, span: Span::new(start, start) }, bind(indent, "\n"))
        }
        _ => return None,
    };
    let next = cell.text.get(slot.credential.end as usize..)?.chars().next();
    let goes_on = next.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '['));
    // IPython leaves `$name` between single quotes as it is; `{name}` it fills in everywhere.
    let bare = !goes_on && !is_in_single_quotes(&cell.text, slot.credential.end as usize);
    let reference = if bare { format!("${name}") } else { format!("{{{name}}}") };
    let edits = vec![inserted, (Place { cell: slot.cell, span: slot.credential }, vec![Fragment::Text(reference)])];
    Some(Plan::Rewrite { title: format!("Read it into `{name}` before, from a secret scope"), preferred: true, edits })
}

/// The last code cell before a cell, and where its text ends. `None`: there is none, or it is no plain Python.
fn code_before(document: &Document, index: usize) -> Option<(u32, usize)> {
    let at = (0..index).rev().find(|&i| document.cells[i].kind == CellKind::Code)?;
    let earlier = &document.cells[at];
    let plain = earlier.language == Language::Python && earlier.magic.is_none() && !earlier.text.trim().is_empty();
    plain.then(|| (at as u32, earlier.text.trim_end().len()))
}

const WRITERS: &[&str] = &["cat", "tee", "echo", "printf"];

/// What takes a credential's place in a script of its own or in a step of a CI file, and the name of its variable.
/// `None`: in other hosts, in PowerShell.
pub fn place(
    cx: &CellContext<'_>,
    slot: Slot,
    hint: &NameHint,
    command: &CommandSite,
) -> Option<(ConfigPlace, String)> {
    let cell = cx.document.cells.get(slot.cell as usize)?;
    let path = cx.path.to_ascii_lowercase();
    if command.run.is_shown || [".ps1", ".psm1", ".bat", ".cmd"].iter().any(|e| path.ends_with(e)) {
        return None;
    }
    // `-p`, `-a`: nothing to be named after.
    let key = if hint.key.len() > 2 { &hint.key } else { "password" };
    // What shows or writes a text says nothing of what the text is for.
    let program = if WRITERS.contains(&&*command.program) { "" } else { &command.program };
    let clean = after_program(program, key);
    let name = match (&command.variable, clean.to_ascii_uppercase()) {
        (Some(own), _) => own.split('[').next().unwrap_or(own).to_owned(),
        (None, name) if name.starts_with(|c: char| c.is_ascii_alphabetic()) => name,
        (None, name) => format!("SECRET_{name}"),
    };
    if cell.language == Language::Shell && !command.run.is_hosted {
        let own = dialect::assigned(&cell.text, slot.literal).map(str::to_owned);
        let is_part = slot.credential.of(&cell.text).len() + 2 < slot.literal.len();
        let name = match own {
            Some(own) if is_part || command.variable.is_some() && own != name => format!("{own}_PASSWORD"),
            Some(own) => own,
            None if command.variable.is_some() => format!("{name}_PASSWORD"),
            None => name,
        };
        return Some((ConfigPlace::Shell, name));
    }
    // What is filled in is text for the shell: other characters would need quotes of their own.
    let value = slot.credential.of(&cell.text);
    if !value.bytes().all(|b| b.is_ascii_alphanumeric() || b"._~+/=@%:,-".contains(&b)) {
        return None;
    }
    let step = || cx.facts.properties.iter().find(|p| p.value_span.contains(slot.literal));
    let ci = match cx.kind()? {
        DocumentKind::Ci(Ci::GitHub) if step().is_some_and(|p| !has_secrets(&p.path)) => return None,
        DocumentKind::Ci(Ci::GitHub) => ConfigPlace::GitHub,
        DocumentKind::Ci(Ci::Azure) => ConfigPlace::AzurePipelines,
        // A variable of the shell: not between single quotes.
        DocumentKind::Ci(Ci::GitLab) if !slot.literal.of(&cell.text).contains('\'') => ConfigPlace::GitLab,
        _ => return None,
    };
    Some((ci, name))
}

/// Whether IPython takes `at` to stand between single quotes: it counts those that follow on the line.
fn is_in_single_quotes(text: &str, at: usize) -> bool {
    let mut quotes = 0;
    for line in text.get(at..).unwrap_or("").lines() {
        quotes += line.matches('\'').count();
        if !line.ends_with('\\') {
            break;
        }
    }
    quotes % 2 == 1
}

/// Start of the line at `at`, with the lines that it continues.
fn line_start(text: &str, at: usize) -> usize {
    let start = |at: usize| text[..at].rfind('\n').map_or(0, |i| i + 1);
    let mut from = start(at);
    while from > 0 && text[..from - 1].trim_end_matches('\r').ends_with('\\') {
        from = start(from - 1);
    }
    from
}

/// `pip_token`, `aws_secret_access_key`: what a credential is called, after the program that it is for unless it says so itself.
fn after_program(program: &str, key: &str) -> String {
    let mut words = crate::value::names::words(key);
    let program = crate::value::names::words(program);
    if !words.starts_with(&program) {
        words.splice(0..0, program);
    }
    words.join("_").chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

/// `pip_token`, `curl_password`: a name that the document does not use yet.
fn name(document: &Document, program: &str, key: &str, number: usize) -> String {
    // `-p`
    let key = if key.len() > 1 { key } else { "password" };
    let clean = after_program(program, key);
    let base = if clean.starts_with(|c: char| c.is_ascii_alphabetic()) { clean } else { format!("secret_{clean}") };
    let used = |name: &String| document.cells.iter().any(|c| c.text.contains(name.as_str()));
    let numbered = (2..).map(|n| format!("{base}_{n}"));
    std::iter::once(base.clone()).chain(numbered).filter(|name| !used(name)).nth(number).unwrap_or(base)
}
