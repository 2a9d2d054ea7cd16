//! Commented-out code: comments that read as code, in the host's language or another, are lowered too.
//! Shared by all languages with comments.

use super::{LowerOptions, embed, text};
use crate::{
    CellFacts, Language, Span, TextMap,
    facts::{Comment, EmbeddedOrigin, Property, StmtKind},
    tree::{Grammar, parse},
};

mod shape;

use shape::Shape;

/// Lines of one commented-out statement inside a piece that does not parse.
const MAX_STATEMENT: usize = 40;

/// One line of a comment, without its marker.
#[derive(Clone, Copy, Debug)]
struct Line {
    span: Span,
    shape: Option<Shape>,
}

/// A `//` or `/* */` comment of Scala or Java.
pub(super) fn with_slashes(text: &str, span: Span) -> Comment {
    let source = span.of(text);
    let is_doc = source.starts_with("/**");
    let inner = if source.starts_with("/*") {
        source.trim_start_matches(['/', '*']).trim_end_matches('/').trim_end_matches('*')
    } else {
        source.trim_start_matches('/')
    };
    let offset = inner.as_ptr() as usize - source.as_ptr() as usize + inner.len() - inner.trim_start().len();
    let start = span.start as usize + offset;
    Comment { span, text: Span::new(start, start + inner.trim().len()), is_doc }
}

/// Reads [`CellFacts::comments`] (sorted) of a cell of language `host`: adds [`CellFacts::embedded`] for what is code,
/// and line-scan properties for the rest. Call it once, after the comments are complete.
pub fn after_lowering(facts: &mut CellFacts, cell: &str, host: Language, options: LowerOptions) {
    let Some(nested) = options.nested() else { return };
    let nested = LowerOptions { notebook: false, ..nested };
    let comments = std::mem::take(&mut facts.comments);
    let mut lines: Vec<Line> = Vec::new();
    let mut end = None;
    for comment in &comments {
        let adjacent = end.is_some_and(|end| !comment.is_doc && is_next_line(cell, end, comment.span));
        if !adjacent {
            read_run(facts, cell, &lines, host, nested);
            lines.clear();
        }
        lines_of(cell, comment, &mut lines);
        end = (!comment.is_doc).then_some(comment.span.end as usize);
    }
    read_run(facts, cell, &lines, host, nested);
    facts.comments = comments;
}

/// Whether a comment is alone on the line after byte `end`.
fn is_next_line(cell: &str, end: usize, span: Span) -> bool {
    let between = cell.get(end..span.start as usize).unwrap_or("x");
    between.trim().is_empty() && between.bytes().filter(|&b| b == b'\n').count() == 1
        // A comment behind code starts no run.
        || between.is_empty() && cell[..end].ends_with('\n')
}

fn lines_of(cell: &str, comment: &Comment, out: &mut Vec<Line>) {
    let mut at = comment.text.start as usize;
    // Indentation of the first line, up to the marker, keeps a run of lines aligned.
    while at > comment.span.start as usize && matches!(cell.as_bytes().get(at - 1), Some(b' ' | b'\t')) {
        at -= 1;
    }
    let whole = Span::new(at, comment.text.end as usize);
    for line in whole.of(cell).split_inclusive('\n') {
        let content = line.trim_end();
        // Leading `*` of block comments, `>>>` of doctests, cells of a notebook without its first line.
        let inner = content.trim_start();
        let marker = ["* ", ">>> ", "... ", "MAGIC "].iter().find(|m| inner.starts_with(**m)).map_or(0, |m| m.len());
        let skip = if marker > 0 { content.len() - inner.len() + marker } else { 0 };
        let span = without_markers(cell, Span::new(at + skip, at + content.len()));
        out.push(Line { span, shape: shape::of(span.of(cell).trim()) });
        at += line.len();
    }
}

/// A line of a comment without the markers of comments that it begins with: what was commented out was a comment already, or
/// came from a cell of another language.
fn without_markers(cell: &str, line: Span) -> Span {
    const MARKERS: &[&str] = &["//", "#", "-- ", "/*"];
    const NESTED: usize = 4;
    let mut span = line;
    for _ in 0..NESTED {
        let source = span.of(cell);
        let content = source.trim_start();
        let Some(marker) = MARKERS.iter().find(|marker| content.starts_with(**marker)) else { break };
        // `#!`, `#{`: no comment of any language.
        if *marker == "#" && content[1..].starts_with(['!', '{', '%']) {
            break;
        }
        let rest = content[marker.len()..].trim_start_matches(['#', '/', '*']);
        let end = if *marker == "/*" { rest.trim_end().trim_end_matches("*/").len() } else { rest.len() };
        let start = span.start as usize + source.len() - rest.len();
        span = Span::new(start, start + end);
    }
    span
}

/// Reads lines that belong together: the longest pieces that parse, then line by line.
fn read_run(facts: &mut CellFacts, cell: &str, lines: &[Line], host: Language, nested: LowerOptions) {
    let mut rest: Vec<Span> = Vec::new();
    let (mut at, mut failed) = (0, 0);
    while at < lines.len() {
        let Some(shape) = lines[at].shape else {
            rest.push(lines[at].span);
            at += 1;
            continue;
        };
        // The whole piece, else its first statement, else its first line. A piece that failed is not tried again from
        // each of its lines.
        let end = piece_end(cell, lines, at);
        let whole = (at >= failed).then_some(end);
        let candidates = [whole, Some(statement_end(cell, lines, at).min(end)), Some(at + 1)];
        let mut tried = None;
        let taken = candidates.into_iter().flatten().find(|&end| {
            let again = tried == Some(end);
            tried = Some(end);
            !again && read_piece(facts, cell, &lines[at..end], shape, host, nested)
        });
        if taken != whole {
            failed = failed.max(end);
        }
        match taken {
            Some(end) => at = end,
            None => {
                rest.push(lines[at].span);
                at += 1;
            }
        }
    }
    scan_rest(facts, cell, &rest);
}

/// Where the piece of code that starts at line `at` ends: with the run, at a blank line, or before prose.
fn piece_end(cell: &str, lines: &[Line], at: usize) -> usize {
    let mut depth = brackets(lines[at].span.of(cell));
    let mut end = at + 1;
    while end < lines.len() {
        let line = lines[end].span.of(cell);
        let content = line.trim();
        let continues = depth > 0
            || lines[end].shape.is_some()
            || content.starts_with(['.', ')', ']', '}'])
            || lines[end - 1].span.of(cell).trim_end().ends_with(['\\', ',', '(', ':', '{', '=']);
        // `SET a.b = c;` ends its statement, whatever comes after it.
        let is_over = lines[at].shape == Some(Shape::Sql)
            && lines[end].shape != Some(Shape::Sql)
            && depth <= 0
            && lines[end - 1].span.of(cell).trim_end().ends_with(';');
        if content.is_empty() || !continues || is_over {
            break;
        }
        depth += brackets(line);
        end += 1;
    }
    end
}

/// Where the brackets that line `at` opens are closed.
fn statement_end(cell: &str, lines: &[Line], at: usize) -> usize {
    let mut depth = 0;
    for (i, line) in lines.iter().enumerate().skip(at).take(MAX_STATEMENT) {
        let source = line.span.of(cell);
        depth += brackets(source);
        if depth <= 0 && !source.trim_end().ends_with('\\') {
            return i + 1;
        }
    }
    at + 1
}

/// Opening minus closing brackets; quotes are not looked at.
fn brackets(line: &str) -> i32 {
    line.bytes().fold(0, |n, b| match b {
        b'(' | b'[' | b'{' => n + 1,
        b')' | b']' | b'}' => n - 1,
        _ => n,
    })
}

/// Tries to read lines as code. Whether they were.
fn read_piece(
    facts: &mut CellFacts,
    cell: &str,
    lines: &[Line],
    shape: Shape,
    host: Language,
    nested: LowerOptions,
) -> bool {
    for language in languages(shape, host) {
        let (mut code, map) = composed(cell, lines, shape, language);
        if !parses(language, &code) {
            match without_marks(&code) {
                Some(clean) if parses(language, &clean) => code = clean,
                _ => continue,
            }
        }
        let embedded = embed::mapped(code, map, language, EmbeddedOrigin::Comment, nested);
        let says_something = match language {
            Language::Python | Language::Scala | Language::Java | Language::R if shape != Shape::Scala => {
                has_code(&embedded.facts)
            }
            _ => true,
        };
        if says_something {
            facts.embedded.push(embedded);
            return true;
        }
    }
    false
}

/// Code without the `#` before a text that somebody took out once more: `set("key", #'value')`. As long as before.
fn without_marks(code: &str) -> Option<String> {
    let marked = |at: &usize| {
        code[at + 1..].starts_with(['\'', '"']) && code[..*at].trim_end_matches([' ', '\t']).ends_with([',', '(', '='])
    };
    let marks: Vec<usize> = memchr::memchr_iter(b'#', code.as_bytes()).filter(marked).collect();
    let mut clean = code.to_owned();
    for at in marks.iter().copied() {
        clean.replace_range(at..at + 1, " ");
    }
    (!marks.is_empty()).then_some(clean)
}

/// Languages to try, best first.
fn languages(shape: Shape, host: Language) -> Vec<Language> {
    match shape {
        Shape::Sql => vec![Language::Sql],
        Shape::Shell => vec![Language::Shell],
        Shape::Scala => vec![Language::Scala],
        Shape::R => vec![Language::R],
        Shape::Entry => vec![Language::Python],
        Shape::Arrow => vec![Language::Scala],
        Shape::Code | Shape::Chain => {
            let mut all = vec![Language::Python, Language::Scala];
            if host == Language::R && shape == Shape::Code {
                all.insert(0, Language::R);
            }
            if host == Language::Scala {
                all.reverse();
            }
            if host == Language::Java {
                all = vec![Language::Java];
            }
            all
        }
    }
}

/// The code of the lines, with the map to the cell; method chains get a receiver and dictionary entries braces.
fn composed(cell: &str, lines: &[Line], shape: Shape, language: Language) -> (String, TextMap) {
    let (open, close) = match (shape, language) {
        (Shape::Chain, _) => ("(_", ")"),
        (Shape::Arrow, _) => ("Map(", ")"),
        (Shape::Entry, _) => ("{", "}"),
        _ => ("", ""),
    };
    let indent = lines
        .iter()
        .map(|l| l.span.of(cell))
        .filter(|l| !l.trim().is_empty())
        .map(|l| l.len() - l.trim_start().len())
        .min()
        .unwrap_or(0);
    let (mut code, mut map) = (String::new(), TextMap::default());
    let start = lines.first().map_or(0, |l| l.span.start as usize);
    let mut end = start;
    if !open.is_empty() {
        code.push_str(open);
        map.push(start, open.len(), 0, true);
    }
    for (i, line) in lines.iter().enumerate() {
        let source = line.span.of(cell);
        let skip = indent.min(source.len() - source.trim_start().len());
        let mut content = source.get(skip..).unwrap_or("");
        if i + 1 == lines.len() {
            content = content.trim_end_matches(['\\', ' ', '\t']);
            // `password="x",` is an argument of a call that is gone.
            if !matches!(shape, Shape::Entry | Shape::Arrow) && brackets(content) == 0 {
                content = content.trim_end_matches(',');
            }
        } else if lines.len() == 1 || shape == Shape::Code && brackets(content) == 0 && code_depth(&code) == 0 {
            content = content.strip_suffix(',').unwrap_or(content);
        }
        if i > 0 {
            code.push('\n');
            map.push(end, 1, 0, true);
        }
        let at = line.span.start as usize + skip;
        code.push_str(content);
        if !content.is_empty() {
            map.push(at, content.len(), content.len(), false);
        }
        end = at + content.len();
    }
    if !close.is_empty() {
        code.push_str(close);
        map.push(end, close.len(), 0, true);
    }
    (code, map)
}

fn code_depth(code: &str) -> i32 {
    // Only the last lines matter for a decision that a wrong answer does not hurt.
    let mut start = code.len().saturating_sub(400);
    while !code.is_char_boundary(start) {
        start += 1;
    }
    brackets(&code[start..])
}

/// Whether a text is without a syntax error.
fn parses(language: Language, code: &str) -> bool {
    let grammar = match language {
        Language::Python => Grammar::Python,
        Language::Scala => Grammar::Scala,
        Language::Java => Grammar::Java,
        Language::R => Grammar::R,
        _ => return true,
    };
    parse(grammar, code).is_some_and(|tree| !tree.root_node().has_error())
}

/// Whether there is more than names and texts, which prose can be too.
fn has_code(facts: &CellFacts) -> bool {
    use crate::facts::ExprKind as E;
    facts.body.iter().any(|s| match &s.kind {
        StmtKind::Expr(id) => !matches!(
            facts.expr(*id).kind,
            E::Name(_) | E::Str(_) | E::Const(_) | E::Seq { .. } | E::Compare { .. } | E::Operator { .. } | E::Other(_)
        ),
        _ => true,
    })
}

/// `name : value` lines of what is no code.
fn scan_rest(facts: &mut CellFacts, cell: &str, rest: &[Span]) {
    let mut found: Vec<Property> = Vec::new();
    let group = facts.properties.iter().map(|p| p.group + 1).max().unwrap_or(0);
    for (i, line) in rest.iter().enumerate() {
        let follows = i > 0 && cell.get(rest[i - 1].end as usize..line.start as usize).is_some_and(|b| b.len() < 200);
        let last = found.last().map_or(group, |p| p.group);
        let before = found.len();
        text::scan(cell, *line, &mut found);
        let number = if follows || before == 0 { last } else { last + 1 };
        for property in found.iter_mut().skip(before) {
            property.group = number;
        }
    }
    facts.properties.extend(found);
    for line in rest {
        text::urls(cell, *line, facts);
    }
}

#[cfg(test)]
mod tests;
