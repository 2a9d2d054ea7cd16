//! The writing end: how a secret reference is spelled in a language and place, and how a literal around it changes.
//!
//! All edits are small and local (a prefix, the credential, a closing quote), so that two credentials in one literal can
//! be replaced together: equal edits of both are one edit.

mod config;
mod python;
mod r;
mod scala;
mod sql;

use crate::{CellFacts, Language, Span};

/// A secret as code names it.
#[derive(Clone, Copy, Debug)]
pub struct SecretRef<'a> {
    pub scope: &'a str,
    pub key: &'a str,
    /// Unity Catalog style: catalog and schema instead of the scope.
    pub unity: Option<(&'a str, &'a str)>,
}

/// What the place of the literal accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// An expression of the cell's language.
    Expression,
    /// A default that is evaluated at definition.
    Definition,
    /// A SQL expression, in a SQL cell or in a string of a host language.
    Sql,
    /// `{{secrets/scope/key}}`.
    Braces,
}

/// The literal and the credential in it, both bytes of the cell text.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// With quotes; the scalar itself when it has none.
    pub literal: Span,
    pub credential: Span,
}

/// Edits of the cell text, and what else the code needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewrite {
    pub edits: Vec<(Span, String)>,
    /// `dbutils` must be in scope.
    pub dbutils: bool,
    /// Import lines that must be there.
    pub imports: Vec<&'static str>,
}

/// Rewrites a literal so that the credential is read from a secret. `Err`: why it cannot be done mechanically, as advice.
pub fn rewrite(
    language: Language,
    text: &str,
    facts: &CellFacts,
    target: Target,
    accepts: Accepts,
    secret: SecretRef<'_>,
) -> Result<Rewrite, String> {
    match (accepts, language) {
        (Accepts::Sql, _) => sql::rewrite(text, target, secret),
        (Accepts::Braces, _) => config::rewrite(language, text, target, secret),
        (_, Language::Python) => python::rewrite(text, facts, target, accepts, secret),
        (_, Language::Scala) => scala::rewrite(text, facts, target, secret),
        (_, Language::R) => r::rewrite(text, target, secret),
        (_, Language::Sql) => sql::rewrite(text, target, secret),
        _ => Err("read the value from a secret scope".to_owned()),
    }
}

/// The whole expression at `span` becomes a secret reference.
pub fn read(language: Language, secret: SecretRef<'_>) -> Option<String> {
    Some(match language {
        Language::Python => python::reference(secret, '"'),
        Language::Scala | Language::R => spaced(secret),
        Language::Sql => sql::reference(secret, "'"),
        _ => return None,
    })
}

/// Where an import line goes and how it ends: the offset of a line start, and the line.
pub fn import_line(language: Language, text: &str, facts: &CellFacts, import: &str) -> Option<(usize, String)> {
    match language {
        Language::Python => Some((python::import_offset(text, facts), format!("{import}\n"))),
        Language::Scala => Some((scala::import_offset(text, facts), format!("{import}\n"))),
        _ => None,
    }
}

/// Import that brings `dbutils` into a file that is no notebook.
pub fn dbutils_import(language: Language) -> Option<&'static str> {
    match language {
        Language::Python => Some("from databricks.sdk.runtime import dbutils"),
        Language::Scala => Some("import com.databricks.dbutils_v1.DBUtilsHolder.dbutils"),
        _ => None,
    }
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

impl Target {
    /// The credential is all that stands between the quotes.
    fn is_whole(&self, parts: &Parts<'_>) -> bool {
        self.credential == parts.inner || self.credential == self.literal
    }
}

#[cfg(test)]
mod tests;
