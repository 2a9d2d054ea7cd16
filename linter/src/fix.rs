//! Fixes: a plan says what should change, a dialect how a language writes it, edits where.

mod advice;
mod apply;
mod comments;
mod config;
mod deletion;
mod effects;
mod environment;
mod leak;
mod literal;
mod names;
mod places;
mod quoted;
mod references;
mod resolve;
mod scripts;
pub mod shell;
pub(crate) mod url;

use credscope_grammars::{Document, Span};

use crate::finding::Place;

pub use apply::{Applied, apply, is_leak};
pub(crate) use comments::whole_line;
pub use config::{ConfigSlot, Store, Variable, identifier};
pub use names::{Names, secrets_read};
pub use references::{Reference, references};
pub use resolve::{resolve, resolve_among};
pub use scripts::variables_read;

/// Whether a fix may be applied without a person looking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applicability {
    /// Says what to do; never applied.
    #[default]
    Display,
    /// Right once the secret is stored, or changes what the program does.
    Unsafe,
    /// Cannot break the run.
    Safe,
}

impl Applicability {
    pub fn name(self) -> &'static str {
        match self {
            Self::Display => "display",
            Self::Unsafe => "unsafe",
            Self::Safe => "safe",
        }
    }
}

/// Intent of a fix, free of language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// The credential at `slot` (bytes inside the literal `literal`, or the whole literal when equal) becomes a secret
    /// reference.
    SecretReference { slot: Slot, hint: NameHint, place: TargetPlace },
    /// The same for a credential that goes on in the literals beside its first one (`"abc" "def"`): its parts in order,
    /// at least two.
    JoinedReference { slots: Vec<Slot>, hint: NameHint },
    /// The expression at `place` (a read of the environment) becomes a secret reference.
    ReadSecret { place: Place, hint: NameHint },
    /// The credential at `slot` and the user name beside it leave their URL and are given to the calls that use it, before
    /// the other moves; nothing when not all of them are in sight. `purpose` as in [`NameHint`].
    OutOfUrl { slot: Slot, purpose: String },
    /// Texts with secret references in them, written over places: for rewrites that reach beyond the literal. Comes
    /// before the other moves when `preferred`, else after them.
    Rewrite { title: String, preferred: bool, edits: Vec<(Place, Vec<Fragment>)> },
    /// The credential moves to what its place in a configuration document takes: a variable, a reference of its own
    /// kind.
    Config { slot: ConfigSlot, hint: NameHint },
    /// Replace text; for mechanical rewrites a rule knows best.
    Edit { title: String, applicability: Applicability, edits: Vec<CellEdit> },
    /// Nothing to apply, something to do.
    Advice { title: String },
}

/// A piece of a text that a [`Plan::Rewrite`] writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fragment {
    Text(String),
    /// A secret reference as an expression of the cell's language, for the value at `slot`.
    Secret {
        slot: Slot,
        hint: NameHint,
    },
}

/// Where a credential stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub cell: u32,
    /// The whole literal with quotes, or the unquoted scalar.
    pub literal: Span,
    /// The credential's own characters (without quotes).
    pub credential: Span,
}

/// What the secret is for; names are made from it when neither config nor the notebook gives one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameHint {
    /// `jdbc`, `storage`, `kafka`, `snowflake` …: the scope when nothing else names one.
    pub purpose: String,
    /// Option, property or variable name as written (`sfPassword`, `user`).
    pub key: String,
}

/// What kind of place the literal stands in; decides which spelling of a secret reference is accepted there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TargetPlace {
    /// An expression of a program. Defaults and fields, which are evaluated at definition, are seen by the dialect.
    Expression,
    /// SQL where `secret()` is accepted.
    SqlExpression,
    /// SQL where it is not (`USING jdbc OPTIONS`, `SET`, COPY INTO).
    SqlConstant,
    /// Spark conf, cluster environment: `{{secrets/scope/key}}`.
    SparkConf,
    /// Somewhere no reference works; a person must decide.
    Elsewhere,
}

/// Replaces a range of a cell's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellEdit {
    pub place: Place,
    /// In cell text, line breaks as `\n`; encoded for the container when written.
    pub text: String,
}

/// A fix ready to apply: all edits or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fix {
    pub title: String,
    pub applicability: Applicability,
    /// Sorted, not overlapping. Empty for display.
    pub edits: Vec<CellEdit>,
    /// The secrets that must exist for the fixed code to run.
    pub secrets: Vec<SecretName>,
    /// The variables that must be set for it to run.
    pub variables: Vec<Variable>,
    /// Places without a finding of their own that hold the value of the first secret and move, too.
    pub also: Vec<Place>,
    /// How the secrets have to hold their values.
    pub form: Form,
    /// Catalog and schema of the secrets, in the style of Unity Catalog.
    pub unity: Option<(String, String)>,
}

/// How a secret has to hold its value, where percent signs leave that open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    #[default]
    Plain,
    /// `p@ss` for `p%40ss`: the code encodes it, or gives it to something that takes no encoding.
    Decoded,
    /// `p%40ss` as it stands in the code.
    Written,
}

impl Form {
    const ALL: [Self; 3] = [Self::Plain, Self::Decoded, Self::Written];

    pub fn of_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|form| form.name() == Some(name)).unwrap_or_default()
    }

    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Decoded => Some("decoded"),
            Self::Written => Some("as-written"),
        }
    }

    /// What to heed when the value is stored.
    pub fn advice(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Decoded => Some("store it decoded: `@`, not `%40`"),
            Self::Written => Some("store it as it is written, with its percent signs"),
        }
    }
}

impl Fix {
    /// A fix that relies on no secret; what cannot be written (an archive) is shown only.
    fn rewriting(
        document: &Document,
        title: impl Into<String>,
        applicability: Applicability,
        edits: Vec<CellEdit>,
    ) -> Self {
        let applicability = if document.writable { applicability } else { Applicability::Display };
        Self { title: title.into(), applicability, edits, ..Self::default() }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretName {
    pub scope: String,
    pub key: String,
}

/// Whether a secret reference in a cell can be an expression of its program.
pub fn writes_expressions(cell: &credscope_grammars::Cell) -> bool {
    use credscope_grammars::Language;
    matches!(cell.language, Language::Python | Language::Scala | Language::R)
}

/// Whether a file builds or tests a program and never runs on a cluster: there is no `dbutils`.
pub fn runs_elsewhere(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(name, "setup.py" | "conftest.py" | "noxfile.py" | "build.sc") || name.ends_with(".sbt")
}

/// What to do there.
pub const ELSEWHERE: &str = "Read it from the environment of the build; there is no dbutils here";

/// What to do in a test.
pub const IN_TEST: &str = "Take a made-up value, or read it from the environment of the test; there is no dbutils here";

/// Whether a scope or key may have this name (catalog §F.1): letters, digits, `-`, `_`, `.`, `@`; 1 to 128 characters.
pub fn is_valid_name(name: &str) -> bool {
    (1..=128).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@'))
}
