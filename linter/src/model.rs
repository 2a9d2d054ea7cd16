//! The joined view of a document's cells: names and aliases, constants in run order, and the *sites* where a constant
//! value reaches a position.

use std::sync::Arc;

use credscope_grammars::{
    CellFacts, Document, Secret, Span, TextMap,
    facts::{PropertyPlace, Verb},
};

use crate::{finding::Place, settings::Settings};

pub mod branches;
mod eval;
mod history;
mod kept;
pub mod names;
pub(crate) mod purpose;
mod scopes;
#[cfg(test)]
mod tests;
mod walk;

pub(crate) use history::Signatures;
pub use kept::Kept;
pub use names::Names;

/// Cells joined in run order.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// Sites of each cell, parallel to `document.cells`.
    pub sites: Vec<Arc<[Site]>>,
    /// Aliases and imports of the whole document.
    pub names: Names,
}

impl Model {
    /// Joins the cells of a document. `facts` is parallel to `document.cells`. Pure, linear in the size of the facts.
    pub fn build(document: &Document, facts: &[Arc<CellFacts>], _settings: &Settings) -> Self {
        Self::beside(document, facts, Signatures::new())
    }

    /// [`Model::build`] of a document that calls these functions of other files.
    pub(crate) fn beside(document: &Document, facts: &[Arc<CellFacts>], imported: Signatures) -> Self {
        let mut kept = Kept::once(imported);
        kept.update(document, facts, &vec![true; facts.len()]);
        kept.into_model()
    }
}

/// Functions of a document that are given credentials, for the files that bring it in.
pub(crate) fn signatures(document: &Document, facts: &[Arc<CellFacts>]) -> Signatures {
    let mut kept = Kept::once(Signatures::new());
    kept.update(document, facts, &vec![true; facts.len()]);
    kept.signatures()
}

/// A value that reaches a position: `df.option("password", pw)` with `pw = "…"` is one site whose value starts at the
/// literal and whose use is the argument.
#[derive(Clone, Debug)]
pub struct Site {
    /// What is known of the value, in order: literal text with its origin, and holes. Shared by all uses of a constant.
    pub value: Arc<[Piece]>,
    pub role: Role,
    /// Where the value is used (the argument, the bound value, the property's value).
    pub at: Place,
    /// The site stands in commented-out code.
    pub in_comment: bool,
    /// What the credential would be for, from the surroundings (`jdbc`, `snowflake`, `storage`).
    pub purpose: Option<Box<str>>,
}

impl Site {
    /// The value as one text, [`crate::value::HOLE`] for each unknown part.
    pub fn text(&self) -> Secret {
        if let [Piece::Text { value, .. }] = &*self.value {
            return value.clone();
        }
        let mut text = String::new();
        for piece in self.value.iter() {
            match piece {
                Piece::Text { value, .. } => text.push_str(value.expose()),
                Piece::Hole { .. } => text.push(crate::value::HOLE),
            }
        }
        text.into()
    }

    /// Where a byte range of [`Site::text`] stands: the literal and the range in its cell. `None` when the range
    /// touches a hole or two literals.
    pub fn locate(&self, range: std::ops::Range<usize>) -> Option<Located> {
        let mut at = 0;
        for piece in self.value.iter() {
            let len = match piece {
                Piece::Text { value, .. } => value.len(),
                Piece::Hole { .. } => crate::value::HOLE.len_utf8(),
            };
            if range.start >= at && range.start < at + len {
                let Piece::Text { map, cell, literal, .. } = piece else { return None };
                if range.end > at + len {
                    return None;
                }
                let span = map.to_source(Span::new(range.start - at, range.end - at));
                return Some(Located { cell: *cell, literal: *literal, span });
            }
            at += len;
        }
        None
    }

    /// Where a byte range of [`Site::text`] stands when it goes on in several literals: its part in each, in order.
    /// `None` when it touches a hole, another cell, or does not go forward in the text.
    pub fn fragments(&self, range: std::ops::Range<usize>) -> Option<Vec<Located>> {
        let mut found: Vec<Located> = Vec::new();
        let mut at = 0;
        for piece in self.value.iter() {
            let len = match piece {
                Piece::Text { value, .. } => value.len(),
                Piece::Hole { .. } => crate::value::HOLE.len_utf8(),
            };
            let (start, end) = (range.start.max(at), range.end.min(at + len));
            if start < end {
                let Piece::Text { map, cell, literal, .. } = piece else { return None };
                let span = map.to_source(Span::new(start - at, end - at));
                match found.last_mut() {
                    Some(last) if last.cell != *cell || last.span.end > span.start => return None,
                    Some(last) if last.literal == *literal => last.span.end = span.end,
                    _ => found.push(Located { cell: *cell, literal: *literal, span }),
                }
            }
            at += len;
        }
        Some(found)
    }

    /// The one literal that the whole value is from; `None` when it is put together from several.
    pub fn literal(&self) -> Option<Located> {
        match &*self.value {
            [Piece::Text { cell, literal, value, map }] => {
                let span = map.to_source(Span::new(0, value.len()));
                Some(Located { cell: *cell, literal: *literal, span })
            }
            _ => None,
        }
    }
}

/// A range of a literal in its cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located {
    pub cell: u32,
    /// The whole literal with quotes.
    pub literal: Span,
    /// The asked range, without quotes.
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    Text {
        value: Secret,
        /// From bytes of `value` to bytes of the cell `cell`.
        map: TextMap,
        cell: u32,
        /// The whole literal that the text is from, with quotes.
        literal: Span,
    },
    /// Not known: a call, an unbound name. Dotted path when it has one (`os.environ[]`, `args.password`).
    Hole { path: Option<Box<str>> },
}

/// The position a value reaches.
#[derive(Clone, Debug)]
pub enum Role {
    /// Bound to a name, attribute, field or constant subscript: last segment (`password` of `self.password`), and the
    /// whole dotted path (`conf.password` for `conf["password"]`).
    Bind { name: Box<str>, path: Box<str> },
    /// Argument of a call.
    Argument(Box<Argument>),
    /// Value of a dict or Map entry, keyword of `dict(…)`, pair; with the other entries of the same dict.
    Entry { key: Box<str>, siblings: Siblings },
    /// Default of a parameter.
    Default { name: Box<str> },
    /// Second choice: `os.getenv("X", "lit")` (name `X`), `x or "lit"`, `getOrElse("lit")`, an `except` branch.
    /// `of_secret`: the first choice reads a secret, whose key the name is.
    Fallback { name: Box<str>, of_secret: bool },
    /// Compared with something of that name. `in_pattern`: by `case "lit"`, where no call can stand.
    Compare { name: Box<str>, in_pattern: bool },
    /// Returned from a function of that name.
    Return { name: Box<str> },
    /// `key value` of a document, a SQL option list, or a line that looks like one.
    Property(Box<PropertySite>),
    /// A literal after SQL words: `IDENTIFIED BY '…'`.
    Clause { words: Vec<Box<str>>, verb: Verb },
    /// A word of a shell command, or a variable that one sets.
    Command(Box<CommandSite>),
    /// A string in no telling position.
    Bare,
}

/// Keys with their constant values, in order.
pub type Siblings = Arc<[(Box<str>, Option<Secret>)]>;

/// Arguments of a call: keyword, and constant text where it is known.
pub type Arguments = Arc<[(Option<Box<str>>, Option<Secret>)]>;

#[derive(Clone, Debug)]
pub struct PropertySite {
    /// From the document's root; for SQL the key alone.
    pub path: Arc<[Box<str>]>,
    pub place: PropertyPlace,
    /// Verb of the SQL statement that it stands in.
    pub verb: Option<Verb>,
    /// What the connection that it makes leads to: `postgresql`.
    pub connects_to: Option<Box<str>>,
    /// The properties of the same mapping or option list.
    pub siblings: Siblings,
}

impl PropertySite {
    pub fn key(&self) -> &str {
        self.path.last().map_or("", |k| k)
    }

    pub fn dotted(&self) -> String {
        self.path.join(".")
    }
}

#[derive(Clone, Debug)]
pub struct CommandSite {
    /// First word, without folders (`curl`); empty for bare assignments.
    pub program: Box<str>,
    /// All words, [`crate::value::HOLE`] for each variable or substitution in them.
    pub words: Arc<[Secret]>,
    /// Which word the value is; `None` for assignments and input.
    pub index: Option<u32>,
    /// Variable that is set.
    pub variable: Option<Box<str>>,
    /// The value is text that the command reads: a here-document, a here-string.
    pub is_input: bool,
    /// The command, shared by all of its sites.
    pub run: Arc<CommandRun>,
}

/// A shell command with what stands around it.
#[derive(Clone, Debug)]
pub struct CommandRun {
    /// From the first word (of [`CommandRun::wrappers`], if there are any) to the end.
    pub place: Place,
    /// Parallel to [`CommandSite::words`]: where each word stands in the cell, with its quotes.
    pub spans: Box<[Span]>,
    /// What runs the command: `sudo -S`.
    pub wrappers: Box<[Secret]>,
    /// Words of the command that reads its output, wrappers first.
    pub piped_to: Option<Arc<[Secret]>>,
    pub is_piped_from: bool,
    /// It reads a here-document or here-string.
    pub has_input: bool,
    /// It sets variables.
    pub is_assigning: bool,
    /// Its output goes to a file.
    pub is_redirected: bool,
    /// The command stands inside a text of another kind: a string of a program, a step of a CI file.
    pub is_hosted: bool,
    /// Shown between the fences of a documentation text, not run.
    pub is_shown: bool,
    /// A program keeps its output.
    pub is_captured: bool,
}

#[derive(Clone, Debug)]
pub struct Argument {
    /// Resolved dotted path of the callee, aliases and imports resolved (`azure.identity.ClientSecretCredential`,
    /// `spark.read.format().option`).
    pub callee: Box<str>,
    /// Last segment of the callee (`option`, `put`).
    pub method: Box<str>,
    /// Position among positional arguments.
    pub index: Option<u32>,
    /// As written; for a positional argument of a function of this document, the parameter that it is given to.
    pub keyword: Option<Box<str>>,
    /// The call's arguments in order: keyword, and constant text where it is known.
    pub siblings: Arguments,
    /// The whole call.
    pub call: Place,
    /// Constant string arguments of calls earlier in the chain with their method: `("format", "jdbc")`.
    pub chain: Arc<[(Box<str>, Secret)]>,
}

impl Argument {
    /// Constant text of the positional argument `index`.
    pub fn positional(&self, index: usize) -> Option<&Secret> {
        self.siblings.iter().filter(|(k, _)| k.is_none()).nth(index)?.1.as_ref()
    }

    /// Whether this is the argument at that position, or with one of the names that its parameter has.
    pub fn is_parameter(&self, index: u32, names: &[&str]) -> bool {
        self.index == Some(index) || self.index.is_none() && self.keyword.as_deref().is_some_and(|k| names.contains(&k))
    }

    /// Constant text of the argument at that position, or with one of the names that its parameter has.
    pub fn parameter(&self, index: usize, names: &[&str]) -> Option<&Secret> {
        let named = self.siblings.iter().find(|(k, _)| k.as_deref().is_some_and(|k| names.contains(&k)));
        named.map_or_else(|| self.positional(index), |(_, text)| text.as_ref())
    }

    /// Constant text of a keyword argument.
    pub fn keyword(&self, name: &str) -> Option<&Secret> {
        self.siblings.iter().find(|(k, _)| k.as_deref() == Some(name))?.1.as_ref()
    }
}

/// Whether the first of two texts can be the key of the second: a name, not a sentence.
fn eval_key(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 120
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':'))
}
