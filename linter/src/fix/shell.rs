//! A credential on a line that a notebook's Python fills in (`%pip`, `!curl`): it is read into a variable before, and the
//! line names the variable (catalog §F.2).

use credscope_grammars::{CellKind, Container, Document, Language, Span};

use super::{Fragment, NameHint, Plan, Slot};
use crate::finding::Place;

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
        Language::Pip => {
            let before = index.checked_sub(1)?;
            let at = (0..=before).rev().find(|&i| document.cells[i].kind == CellKind::Code)?;
            let earlier = &document.cells[at];
            if earlier.language != Language::Python || earlier.magic.is_some() || earlier.text.trim().is_empty() {
                return None;
            }
            let end = earlier.text.trim_end().len();
            (Place { cell: at as u32, span: Span::new(end, end) }, bind("\n".to_owned(), ""))
        }
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
    let reference = if goes_on { format!("{{{name}}}") } else { format!("${name}") };
    let edits = vec![inserted, (Place { cell: slot.cell, span: slot.credential }, vec![Fragment::Text(reference)])];
    Some(Plan::Rewrite { title: format!("Read it into `{name}` before, from a secret scope"), preferred: true, edits })
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

/// `pip_token`, `curl_password`: a name that the document does not use yet.
fn name(document: &Document, program: &str, key: &str, number: usize) -> String {
    let words = crate::value::names::words(&format!("{program} {key}")).join("_");
    let clean: String = words.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let base = if clean.starts_with(|c: char| c.is_ascii_alphabetic()) { clean } else { format!("secret_{clean}") };
    let base = if number == 0 { base } else { format!("{base}_{}", number + 1) };
    let used = |name: &str| document.cells.iter().any(|c| c.text.contains(name));
    if used(&base) { (2..100).map(|n| format!("{base}_{n}")).find(|n| !used(n)).unwrap_or(base) } else { base }
}
