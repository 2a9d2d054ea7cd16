//! How a statement goes: with its lines, with its semicolon, or leaving something that does nothing.

use credscope_grammars::{
    Cell, Language, Span,
    dialect::around::{Level, Owner},
};

/// Deletes a statement: its lines when it has them for itself, else something that does nothing stays.
pub(super) fn without(cell: &Cell, span: Span, level: &Level<'_>) -> (Span, String) {
    let nothing = nothing(cell.language);
    let alone = level.block.len() == 1 && !matches!(level.owner, Owner::Module);
    if alone {
        return (span, nothing.to_owned());
    }
    whole_lines(&cell.text, span)
        .or_else(|| beside_another(&cell.text, span))
        .unwrap_or_else(|| (span, nothing.to_owned()))
}

/// A statement that does nothing.
pub(super) fn nothing(language: Language) -> &'static str {
    match language {
        Language::Python => "pass",
        Language::Scala => "()",
        _ => "NULL",
    }
}

/// The statement with the semicolon that parts it from the next one on its line: `a; b`.
fn beside_another(text: &str, span: Span) -> Option<(Span, String)> {
    let rest = text.get(span.end as usize..)?;
    let next = rest.trim_start_matches([' ', '\t']).strip_prefix(';')?.trim_start_matches([' ', '\t']);
    let end = span.end as usize + rest.len() - next.len();
    (!next.is_empty() && !next.starts_with(['\n', '\r', '#', '/']))
        .then(|| (Span::new(span.start as usize, end), String::new()))
}

/// The lines of a span with their line break, when nothing but a comment shares them.
pub(super) fn whole_lines(text: &str, span: Span) -> Option<(Span, String)> {
    let start = span.start as usize;
    let line = text.get(..start)?.rfind('\n').map_or(0, |i| i + 1);
    if !text.get(line..start)?.trim().is_empty() {
        return None;
    }
    let rest = text.get(span.end as usize..)?;
    let tail = rest.split('\n').next().unwrap_or("");
    let tail_code = tail.trim().trim_start_matches(';').trim_start();
    if !(tail_code.is_empty() || tail_code.starts_with(['#', '/']) || tail_code.starts_with("--")) {
        return None;
    }
    let more = rest.len() > tail.len();
    let end = span.end as usize + tail.len() + usize::from(more);
    // The last line of a cell goes with the line break before it.
    let start = if more || line == 0 { line } else { line - 1 };
    Some((Span::new(start, end), String::new()))
}
