//! A cheap look at one comment line: may it be code, and of which kind?

use crate::lower::text_guess::is_sql;

/// What a line looks like; the parser has the last word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Statements of a program.
    Code,
    /// `.option("a", "b")`.
    Chain,
    /// `"a": "b",`.
    Entry,
    /// `"a" -> "b",`.
    Arrow,
    Scala,
    R,
    Sql,
    Shell,
}

/// The shape of a trimmed line; `None` for prose and separators.
pub(super) fn of(line: &str) -> Option<Shape> {
    if line.len() < 4 || line.len() > 4000 {
        return None;
    }
    let quoted = line.contains(['"', '\'']);
    if let Some(method) = line.strip_prefix('.') {
        let name = &method[..method.find('(')?];
        return name.chars().all(is_word).then_some(Shape::Chain);
    }
    if line.starts_with(['"', '\'']) {
        let quote = line.chars().next()?;
        let after = line[1..].find(quote).map(|i| line[i + 2..].trim_start())?;
        return match after {
            _ if after.starts_with(':') => Some(Shape::Entry),
            _ if after.starts_with("->") => Some(Shape::Arrow),
            _ => None,
        };
    }
    let first = line.split(|c: char| !is_word(c)).next().unwrap_or("");
    let rest = line[first.len()..].trim_start();
    match first {
        "val" | "var" | "lazy" | "def" | "object" if line.contains('=') && !line.ends_with(':') => {
            return Some(Shape::Scala);
        }
        "case" if line.starts_with("case class ") => return Some(Shape::Scala),
        "export" | "curl" | "wget" | "psql" | "mysql" | "sqlplus" | "docker" | "aws" | "az" | "gcloud"
        | "databricks"
            if rest.contains(['=', '-']) =>
        {
            return Some(Shape::Shell);
        }
        "SET" | "set" if rest.contains('=') && rest.split(['=', ' ']).next().is_some_and(|k| k.contains('.')) => {
            return Some(Shape::Sql);
        }
        // The list of a statement that is gone.
        "OPTIONS" if rest.starts_with('(') && quoted => return Some(Shape::Sql),
        _ => {}
    }
    // Statements in capitals, or with what only SQL has: a prose line can start with `Select`, too.
    if is_sql(line) && (first.chars().all(|c| c.is_ascii_uppercase()) || line.ends_with(';') || quoted) {
        return Some(Shape::Sql);
    }
    if line.contains("<-") && (first.len() > 1 || quoted && line.contains('(')) {
        return Some(Shape::R);
    }
    if is_assignment(line) || is_call(line) {
        return Some(Shape::Code);
    }
    // Keywords that only come before code of an own kind.
    let keyword = matches!(
        first,
        "import"
            | "from"
            | "return"
            | "if"
            | "for"
            | "with"
            | "while"
            | "try"
            | "class"
            | "def"
            | "else"
            | "except"
            | "assert"
    );
    (keyword && (quoted || line.ends_with(':')) && line.contains(['(', ':', '='])).then_some(Shape::Code)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// `a.b["c"] = value`, `a, b = …`, `a: T = …`, `a += …`, where the value is not a bare word (that is a dump).
fn is_assignment(line: &str) -> bool {
    let Some(at) = line.find('=') else { return false };
    let (left, right) = (line[..at].trim_end(), line[at + 1..].trim());
    let left = left.trim_end_matches(['+', '|']);
    if left.is_empty() || right.is_empty() || right.starts_with('=') || left.ends_with(['=', '!', '<', '>']) {
        return false;
    }
    let blanks = left.split(' ').filter(|w| !w.is_empty()).count();
    let place = left.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '['))
        && left
            .chars()
            .all(|c| is_word(c) || matches!(c, '.' | '[' | ']' | '"' | '\'' | ',' | ' ' | ':' | '-' | '$' | '/'))
        && (blanks == 1 || left.contains([',', ':', '[']));
    place && value_is_code(right)
}

fn value_is_code(value: &str) -> bool {
    if value.contains(['"', '\'', '(', '[', '{']) {
        return true;
    }
    // `config.password`, a number, a keyword: nothing that is a value of a dump.
    let value = value.trim_end_matches([',', ';']);
    value.contains('.')
        && value
            .split('.')
            .all(|w| w.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') && w.chars().all(is_word))
}

/// `a.b(…)`: a name, directly followed by a bracket.
fn is_call(line: &str) -> bool {
    let Some(at) = line.find('(') else { return false };
    let before = &line[..at];
    // `await f(`, `return f(`, `new F(`, `print "x"` are rare in comments without an assignment.
    let callee = before
        .strip_prefix("return ")
        .or(before.strip_prefix("await "))
        .or(before.strip_prefix("new "))
        .unwrap_or(before);
    !callee.is_empty()
        && callee.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && callee.chars().all(|c| is_word(c) || matches!(c, '.' | '[' | ']' | '"' | '\''))
}
