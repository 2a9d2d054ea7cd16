//! The writing end: how a secret reference is spelled in a language and place, and how a literal around it changes.
//!
//! All credentials of a literal are rewritten together, since one spelling decides for the other: the quotes, the
//! template, the expression that takes the literal's place.

pub mod around;
pub mod distributed;

pub use around::Program;
mod config;
mod later;
mod place;
mod python;
mod r;
mod rest;
mod scala;
mod shell;
mod sql;

use crate::{CellFacts, Language, Span};

pub use place::{ConfigPlace, rewrite_place, terraform_variable};
pub use rest::PIECES;
pub use shell::assigned;

/// A secret as code names it.
#[derive(Clone, Copy, Debug)]
pub struct SecretRef<'a> {
    pub scope: &'a str,
    pub key: &'a str,
    /// Unity Catalog style: catalog and schema instead of the scope.
    pub unity: Option<(&'a str, &'a str)>,
}

impl SecretRef<'_> {
    /// What is equal for equal secrets.
    fn id(&self) -> String {
        let (catalog, schema) = self.unity.unwrap_or(("", self.scope));
        format!("{catalog}/{schema}/{}", self.key)
    }
}

/// What the place of the literal accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// An expression of the cell's language.
    Expression,
    /// A SQL expression, in a SQL cell or in a string of a host language.
    Sql,
    /// `{{secrets/scope/key}}`.
    Braces,
}

/// How the text around a credential encodes it; the secret holds the decoded value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Coding {
    #[default]
    Plain,
    /// `%40` in a URL.
    Percent,
    /// `\"` in a JSON string inside a program's string.
    Json,
}

/// A credential in a literal.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Bytes of the cell text, without quotes.
    pub credential: Span,
    pub secret: SecretRef<'a>,
    pub coding: Coding,
}

/// The literal and the credentials in it.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// With quotes; the scalar itself when it has none. Bytes of the cell text.
    pub literal: Span,
    /// In order, not overlapping; at least one.
    pub parts: &'a [Part<'a>],
    /// Where the last of them goes on in the literals beside this one: `"abc" "def"`. In order.
    pub rest: &'a [Span],
    /// What the literal's cell belongs to.
    pub program: &'a Program<'a>,
}

/// Edits of the cell text, and what else the code needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewrite {
    /// In order, not overlapping.
    pub edits: Vec<(Span, String)>,
    /// `dbutils` must be in scope.
    pub dbutils: bool,
    /// Import lines that must be there.
    pub imports: Vec<&'static str>,
}

/// Rewrites a literal so that its credentials are read from secrets. `Err`: why it cannot be done mechanically, as
/// advice.
pub fn rewrite(
    language: Language,
    text: &str,
    facts: &CellFacts,
    target: Target<'_>,
    accepts: Accepts,
) -> Result<Rewrite, String> {
    if target.parts.is_empty() {
        return Err("read the value from a secret scope".to_owned());
    }
    if (accepts, language) == (Accepts::Expression, Language::Python) {
        return rewrite_together(text, facts, &[target]);
    }
    let mut rewrite = match (accepts, language) {
        (Accepts::Sql | Accepts::Braces, _) if !target.rest.is_empty() => Err(PIECES.to_owned()),
        (Accepts::Sql, _) => sql::rewrite(text, target),
        (Accepts::Braces, _) => config::rewrite(language, text, target),
        (_, Language::Scala) => scala::rewrite(text, facts, target),
        (_, Language::R) => r::rewrite(text, facts, target),
        (_, Language::Sql) if target.rest.is_empty() => sql::rewrite(text, target),
        _ => Err("read the value from a secret scope".to_owned()),
    }?;
    rewrite.edits.append(&mut rest::removed(text, facts, target)?);
    rewrite.edits.sort_by_key(|(span, _)| *span);
    Ok(rewrite)
}

/// [`rewrite`] for literals of Python that move together: those of one default (see [`moved_with`]).
pub fn rewrite_together(text: &str, facts: &CellFacts, targets: &[Target<'_>]) -> Result<Rewrite, String> {
    let mut rewrite = python::rewrite(text, facts, targets)?;
    rewrite.edits.sort_by_key(|(span, _)| *span);
    Ok(rewrite)
}

/// What moves to another place with a literal in it: the default of a parameter or a field.
pub fn moved_with(language: Language, facts: &CellFacts, literal: Span) -> Option<Span> {
    (language == Language::Python).then(|| python::default_of(facts, literal))?
}

/// A secret reference as an expression of its own.
pub fn read(language: Language, secret: SecretRef<'_>) -> Option<String> {
    Some(match language {
        Language::Python => python::reference(secret, '"'),
        Language::Scala | Language::R => spaced(secret),
        Language::Sql => sql::reference(secret, "'"),
        _ => return None,
    })
}

/// `secret('scope','key')` with quotation marks as the text around it needs them.
pub fn sql_reference(secret: SecretRef<'_>, quote: &str) -> String {
    sql::reference(secret, quote)
}

/// The read of an environment variable at `span` becomes a secret reference: what to replace and the text. What stands in
/// for a variable that is not set goes with it. Scala's `sys.env.get("X")` is an `Option`: without its `getOrElse` the
/// reference is wrapped. `None`: no spelling fits into the strings around it.
pub fn read_instead(
    language: Language,
    text: &str,
    facts: &CellFacts,
    span: Span,
    secret: SecretRef<'_>,
) -> Option<(Span, String)> {
    let reference = read(language, secret)?;
    Some(match language {
        Language::Scala => scala::read_instead(text, facts, span, reference),
        Language::Python => {
            let whole = python::with_fallback(facts, span);
            (whole, python::reference(secret, python::quote_inside(facts, whole)?))
        }
        _ => (span, reference),
    })
}

/// A block of a module, in order (see [`crate::Document::is_in_blocks`]); a notebook's cell is one by itself.
#[derive(Clone, Copy, Debug)]
pub struct Block<'f> {
    pub text: &'f str,
    pub facts: &'f CellFacts,
}

/// Text to insert at an offset of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insertion {
    pub block: usize,
    pub offset: usize,
    pub text: String,
}

/// Where an import line of a module goes.
pub fn import_line(language: Language, blocks: &[Block<'_>], import: &str) -> Option<Insertion> {
    match language {
        Language::Python => Some(python::import_line(blocks, import)),
        Language::Scala => {
            let Block { text, facts } = blocks.first()?;
            Some(Insertion { block: 0, offset: scala::import_offset(text, facts), text: format!("{import}\n") })
        }
        _ => None,
    }
}

/// What brings `dbutils` into scope at `place` in the block with the index `own`. `None`: it is in scope, or the language
/// has no such import. In a notebook it is there from the start, but a function can hide it.
pub fn dbutils_import(
    language: Language,
    blocks: &[Block<'_>],
    own: usize,
    place: Span,
    notebook: bool,
) -> Option<Insertion> {
    match language {
        Language::Python => python::dbutils_import(blocks, own, place, notebook),
        Language::Scala if !notebook => {
            let Block { text, facts } = blocks.first()?;
            let (offset, text) = scala::dbutils_import(text, facts)?;
            Some(Insertion { block: 0, offset, text })
        }
        _ => None,
    }
}

/// Whether code around `place` has a `dbutils` of its own, where the import is one for the whole file.
pub fn has_own_dbutils(language: Language, facts: &CellFacts, place: Span) -> bool {
    language == Language::Scala && scala::has_dbutils(facts, place)
}

/// `dbutils.secrets.get(scope = "s", key = "k")`: Scala and R.
fn spaced(secret: SecretRef<'_>) -> String {
    match secret.unity {
        Some((catalog, schema)) => {
            format!("dbutils.secrets.get(catalog = \"{catalog}\", schema = \"{schema}\", key = \"{}\")", secret.key)
        }
        None => format!("dbutils.secrets.get(scope = \"{}\", key = \"{}\")", secret.scope, secret.key),
    }
}

/// Prefix, quote (empty for scalars without) and the text between the quotes of a literal.
struct Parts<'t> {
    prefix: &'t str,
    quote: &'t str,
    inner: Span,
}

fn parts(text: &str, literal: Span) -> Parts<'_> {
    let source = literal.of(text);
    let open = source.find(['"', '\'', '`']).filter(|&i| source[..i].bytes().all(|b| b.is_ascii_alphabetic()));
    let Some(open) = open else { return Parts { prefix: "", quote: "", inner: literal } };
    let rest = &source[open..];
    let mark = &rest[..1];
    let triple = rest.len() >= 6 && rest.starts_with(&mark.repeat(3));
    let quote = &rest[..if triple { 3 } else { 1 }];
    let closed = rest.len() >= 2 * quote.len() && rest.ends_with(quote);
    let start = literal.start as usize + open + quote.len();
    let end = literal.end as usize - if closed { quote.len() } else { 0 };
    Parts { prefix: &source[..open], quote, inner: Span::new(start, end.max(start)) }
}

impl Target<'_> {
    /// A name for a secret, bound at `line`, that neither the cell nor another one of its language uses.
    fn free_name(
        &self,
        language: Language,
        (text, line): (&str, usize),
        wanted: &str,
        secret: SecretRef<'_>,
    ) -> String {
        let place = (text, line, &secret);
        let written = |name: &str| words(text, name).next().is_some() || self.program.names(language, name);
        let used = |name: &str| written(name) || self.program.gave(name, place);
        // `password_2` may be the name that another secret got because `password` was taken.
        let base = wanted.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_');
        let numbered = wanted.ends_with(|c: char| c.is_ascii_digit()) && !base.is_empty() && written(base);
        let name = free(wanted, |name| numbered && name == wanted || used(name));
        self.program.keep(&name, place);
        name
    }

    /// The only credential is all that stands between the quotes.
    fn whole(&self, parts: &Parts<'_>) -> Option<&Part<'_>> {
        match self.parts {
            [only] if only.credential == parts.inner || only.credential == self.literal => Some(only),
            _ => None,
        }
    }
}

/// The text of `span` with edits inside it applied. Edits are in order and do not overlap.
fn edited(text: &str, span: Span, edits: &[(Span, String)]) -> String {
    let (mut out, mut at) = (String::new(), span.start as usize);
    for (place, new) in edits.iter().filter(|(place, _)| span.contains(*place)) {
        out.push_str(text.get(at..place.start as usize).unwrap_or(""));
        out.push_str(new);
        at = place.end as usize;
    }
    out.push_str(text.get(at..span.end as usize).unwrap_or(""));
    out
}

/// A blank where a replacement would run into the word before it: `return"x"`.
fn space_before(text: &str, at: u32) -> &'static str {
    let before = text.get(..at as usize).and_then(|t| t.chars().next_back());
    if before.is_some_and(|c| c.is_alphanumeric() || c == '_') { " " } else { "" }
}

/// Indentation of the line on which `at` stands, when nothing else stands before it.
fn line_start(text: &str, at: usize) -> Option<(usize, &str)> {
    let line = text.get(..at)?.rfind('\n').map_or(0, |i| i + 1);
    let indent = text.get(line..at)?;
    indent.trim().is_empty().then_some((line, indent))
}

/// A name that the text does not use yet.
fn free_name(text: &str, wanted: &str) -> String {
    free(wanted, |name| words(text, name).next().is_some())
}

/// Where a name stands as a word of its own.
fn words(text: &str, name: &str) -> impl Iterator<Item = usize> {
    text.match_indices(name).map(|(i, _)| i).filter(move |&i| {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        !text[..i].ends_with(word) && !text[i + name.len()..].starts_with(word)
    })
}

/// The name with the first number that makes it one that is not used.
fn free(wanted: &str, used: impl Fn(&str) -> bool) -> String {
    let mut name = wanted.to_owned();
    for number in 2.. {
        if !used(&name) {
            break;
        }
        name = format!("{wanted}{}{number}", if wanted.contains('_') { "_" } else { "" });
    }
    name
}

#[cfg(test)]
mod tests;
