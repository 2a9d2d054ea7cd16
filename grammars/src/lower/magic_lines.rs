//! Notebook magics in a cell whose language has no `%` at the start of a line (Scala, R): blanked out (same length, so
//! that offsets hold) and read on their own.

use std::borrow::Cow;

use super::{LowerOptions, embed};
use crate::{
    CellFacts, Language, Span,
    facts::{Arg, EmbeddedOrigin, ExprKind, Quote, Stmt, StmtKind},
    lower::text::literal,
};

/// What the call is called that a `%run` with arguments is.
const RUN: &str = "%run";

/// A `%word …` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MagicLine {
    /// The line without surrounding blanks.
    pub span: Span,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Include { path: Span, rest: Span },
    Text { language: Language, inner: Span },
    Nothing,
}

/// The text without its magics, and the magics.
pub(super) fn take(text: &str) -> (Cow<'_, str>, Vec<MagicLine>) {
    let mut magics = Vec::new();
    if memchr::memchr(b'%', text.as_bytes()).is_none() {
        return (Cow::Borrowed(text), magics);
    }
    let mut blanked: Option<Vec<u8>> = None;
    let (mut at, mut in_string) = (0, false);
    for line in text.split_inclusive('\n') {
        let magic = if in_string { None } else { read(text, Span::new(at, at + line.len())) };
        match magic {
            Some(magic) => {
                blanked.get_or_insert_with(|| text.as_bytes().to_vec())[magic.span.range()].fill(b' ');
                magics.push(magic);
            }
            None => in_string ^= line.matches("\"\"\"").count() % 2 == 1,
        }
        at += line.len();
    }
    let text = match blanked.map(String::from_utf8) {
        Some(Ok(blanked)) => Cow::Owned(blanked),
        _ => Cow::Borrowed(text),
    };
    (text, magics)
}

fn read(text: &str, line: Span) -> Option<MagicLine> {
    let source = line.of(text);
    let content = source.trim();
    let rest = content.strip_prefix('%')?;
    let start = line.start as usize + source.len() - source.trim_start().len();
    let span = Span::new(start, start + content.len());
    let rest = rest.trim_start_matches('%');
    let word = rest.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).next().unwrap_or("");
    let after = &rest[word.len()..];
    // `%in%`, `%>%` at the start of a line are operators.
    if word.is_empty() || !(after.is_empty() || after.starts_with(char::is_whitespace)) {
        return None;
    }
    let inner = after.trim_start();
    let inner = Span::new(span.end as usize - inner.len(), span.end as usize);
    let kind = match word {
        "run" => Kind::Include { path: path(text, inner)?, rest: inner },
        "fs" => Kind::Nothing,
        _ => match Language::of_name(word) {
            Some(Language::Markdown) | None => Kind::Nothing,
            Some(language) => Kind::Text { language, inner },
        },
    };
    Some(MagicLine { span, kind })
}

/// The path of `%run`, without quotes and without the arguments that follow it.
fn path(text: &str, rest: Span) -> Option<Span> {
    let source = rest.of(text);
    let start = rest.start as usize;
    if let Some(quote @ ('"' | '\'')) = source.chars().next() {
        let len = source[1..].find(quote).unwrap_or(source.len() - 1);
        return Some(Span::new(start + 1, start + 1 + len));
    }
    let path = source[..source.find(" $").unwrap_or(source.len())].trim_end();
    (!path.is_empty()).then(|| Span::new(start, start + path.len()))
}

/// The widgets that `%run path $name="value"` sets, as the named arguments of a call. `rest`: all behind the word.
pub(super) fn run_arguments(facts: &mut CellFacts, cell: &str, path: Span, rest: Span) -> Option<Stmt> {
    let mut args = Vec::new();
    let mut at = path.end as usize;
    let end = rest.end as usize;
    while let Some(dollar) = cell.get(at..end).and_then(|source| source.find(" $")).map(|i| at + i + 2) {
        at = dollar;
        let source = &cell[dollar..end];
        let name =
            source.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).unwrap_or(source.len());
        let Some(value) = source[name..].trim_start().strip_prefix('=').map(str::trim_start) else { continue };
        let start = end - value.len();
        let quote = match value.chars().next() {
            Some('"') => Quote::Double,
            Some('\'') => Quote::Single,
            _ => Quote::None,
        };
        let quoted = value.get(1..).filter(|_| quote != Quote::None).and_then(|inner| inner.find(&value[..1]));
        let (span, inner, quote) = match quoted {
            Some(len) => (Span::new(start, start + len + 2), Span::new(start + 1, start + 1 + len), quote),
            None => {
                let len = value.find(char::is_whitespace).unwrap_or(value.len());
                (Span::new(start, start + len), Span::new(start, start + len), Quote::None)
            }
        };
        at = span.end as usize;
        if name > 0 && !inner.is_empty() {
            let value = facts.push(span, ExprKind::Str(literal(cell, inner, quote)));
            let name_span = Span::new(dollar, dollar + name);
            args.push(Arg { span: name_span.cover(span), name: Some((name_span.of(cell).into(), name_span)), value });
        }
    }
    if args.is_empty() {
        return None;
    }
    let callee = facts.push(path, ExprKind::Name(RUN.into()));
    let span = path.cover(rest);
    let call = facts.push(span, ExprKind::Call { callee, args, is_new: false });
    Some(Stmt { span, kind: StmtKind::Expr(call) })
}

/// Adds what the magics say, statements at their place.
pub(super) fn add(facts: &mut CellFacts, cell: &str, magics: &[MagicLine], options: LowerOptions) {
    for magic in magics {
        match &magic.kind {
            Kind::Include { path, rest } => {
                let kind = StmtKind::Include { path: path.of(cell).into(), path_span: *path };
                facts.body.push(Stmt { span: magic.span, kind });
                let arguments = run_arguments(facts, cell, *path, *rest);
                facts.body.extend(arguments);
            }
            Kind::Text { language, inner } => {
                if let Some(nested) = options.nested().filter(|_| !inner.is_empty()) {
                    let origin = match language {
                        Language::Shell | Language::Pip => EmbeddedOrigin::Shell,
                        _ => EmbeddedOrigin::Magic,
                    };
                    facts.embedded.push(embed::verbatim(cell, *inner, *language, origin, nested));
                }
            }
            Kind::Nothing => {}
        }
    }
    if !magics.is_empty() {
        facts.body.sort_by_key(|s| s.span.start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magics_are_blanked_out() {
        let rows: &[(&str, usize)] = &[
            ("%run ./x\na", 1),
            ("%run \"./x\" $a=\"b\"", 1),
            ("a\n  %sql select 1", 1),
            ("%md\ntext", 1),
            ("x <- (a\n%in% b)", 0),
            ("x <- (a\n%>% b)", 0),
            ("val t = \"\"\"\n%run x\n\"\"\"", 0),
            ("%run", 0),
            ("50 % 3", 0),
        ];
        for (text, count) in rows {
            let (blanked, magics) = take(text);
            assert_eq!((magics.len(), blanked.len()), (*count, text.len()), "{text}");
        }
    }
}
