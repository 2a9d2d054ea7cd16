//! The calls that use a URL, and how each takes user and password beside it.

use credscope_grammars::{
    CellFacts, CellKind, Span,
    dialect::around::{Around, Owner, executor_function},
    facts::{Arg, BindKind, ExprId, ExprKind, StmtKind, StrPart, Target},
};

use super::{Api, Fragment, Pair, Sight, reader};
use crate::finding::Place;

/// Where a call takes the values, and how.
pub(super) struct Insertion {
    pub(super) cell: u32,
    /// Bytes of the cell.
    pub(super) at: u32,
    pub(super) form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `.option("user", x)`.
    Options,
    /// `, user=x`.
    Keywords,
    /// `, "user" -> x`.
    Arrows,
    /// `, "user": x`.
    Entries,
    /// `"user": x, ` before the other entries of a dict.
    FirstEntries,
    /// `, x, y`.
    Positional,
    /// `, auth=(x, y)`.
    Auth,
}

impl Insertion {
    pub(super) fn place(&self) -> Place {
        Place { cell: self.cell, span: Span { start: self.at, end: self.at } }
    }

    /// What is written there. `values`: option name and expression.
    pub(super) fn written(&self, values: &[(&str, Fragment)]) -> Vec<Fragment> {
        let text = |text: String| Fragment::Text(text);
        let mut out = Vec::new();
        if self.form == Form::Auth {
            out.push(text(", auth=(".to_owned()));
        }
        for (i, (name, value)) in values.iter().enumerate() {
            out.push(text(match self.form {
                Form::Options => format!(".option(\"{name}\", "),
                Form::Keywords => format!(", {name}="),
                Form::Arrows => format!(", \"{name}\" -> "),
                Form::Entries => format!(", \"{name}\": "),
                Form::FirstEntries => format!("\"{name}\": "),
                Form::Positional => ", ".to_owned(),
                Form::Auth => if i > 0 { ", " } else { "" }.to_owned(),
            }));
            out.push(value.clone());
            match self.form {
                Form::Options => out.push(text(")".to_owned())),
                Form::FirstEntries => out.push(text(", ".to_owned())),
                _ => {}
            }
        }
        if self.form == Form::Auth {
            out.push(text(")".to_owned()));
        }
        out
    }
}

/// All uses of the URL written at `url`: the call that it stands in, or those that get the name that it is bound to.
/// `None` when one of them takes no credentials of its own, has them already, or is not in sight.
pub(super) fn using(sight: Sight<'_>, url: Place, pair: &Pair) -> Option<Vec<Insertion>> {
    let direct = call(sight, url, pair);
    if direct.is_some() {
        return direct.map(|found| vec![found]);
    }
    let facts = sight.facts.get(url.cell as usize)?;
    let around = Around::of(facts, url.span);
    let StmtKind::Bind { targets, value, kind, .. } = &around.levels.last()?.stmt.kind else { return None };
    let [Target::Name { name, span }] = targets.as_slice() else { return None };
    if facts.expr(*value).span != url.span || *kind == BindKind::Augmented {
        return None;
    }
    let uses = uses(sight, name, Place { cell: url.cell, span: *span })?;
    let found: Vec<Insertion> = uses.into_iter().map(|at| call(sight, at, pair)).collect::<Option<_>>()?;
    (!found.is_empty()).then_some(found)
}

/// Where a name is read. Each time that the word stands in the program is accounted for, so that another variable of
/// that name (a parameter, a loop's) is never taken for it: `None` then.
/// Nor is a name taken that another file may read.
pub(super) fn uses(sight: Sight<'_>, name: &str, bound: Place) -> Option<Vec<Place>> {
    let language = sight.document.cells.get(bound.cell as usize)?.language;
    if is_seen_elsewhere(sight, name, bound)? {
        return None;
    }
    let mut found = Vec::new();
    for (i, (cell, facts)) in sight.document.cells.iter().zip(sight.facts).enumerate() {
        if cell.kind != CellKind::Code || cell.language != language {
            continue;
        }
        for at in words(&cell.text, name) {
            let place = Place { cell: i as u32, span: Span::new(at, at + name.len()) };
            let is_read = |id| {
                let expr = facts.expr(id);
                expr.span == place.span && matches!(&expr.kind, ExprKind::Name(n) if &**n == name)
            };
            if facts.around(place.span).into_iter().any(is_read) {
                found.push(place);
            } else if place != bound && !is_other(facts, place.span) {
                return None;
            }
        }
    }
    Some(found)
}

/// Whether a name is one of the top level that another file may read.
fn is_seen_elsewhere(sight: Sight<'_>, name: &str, bound: Place) -> Option<bool> {
    let facts: &CellFacts = sight.facts.get(bound.cell as usize)?;
    let is_local = Around::of(facts, bound.span).levels.iter().any(|l| matches!(l.owner, Owner::Function(_)));
    Some(!is_local && (sight.is_partial || sight.program.is_read_elsewhere(name)))
}

/// Offsets of a word in a text.
fn words<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = usize> + 't {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name)
        .map(|(at, _)| at)
        .filter(move |&at| !text[..at].ends_with(in_word) && !text[at + name.len()..].starts_with(in_word))
}

/// Whether a word is no variable: text, a comment, a keyword, an attribute.
fn is_other(facts: &CellFacts, at: Span) -> bool {
    facts.comments.iter().any(|c| c.span.contains(at))
        || facts.around(at).into_iter().any(|id| match &facts.expr(id).kind {
            ExprKind::Str(lit) => {
                !lit.parts.iter().any(|p| matches!(p, StrPart::Hole { span, .. } if span.contains(at)))
            }
            ExprKind::Attr { name_span, .. } => *name_span == at,
            ExprKind::Call { args, .. } => args.iter().any(|a| a.name.as_ref().is_some_and(|(_, span)| *span == at)),
            _ => false,
        })
}

/// A call that gets the value at `at`.
pub(super) struct Use<'a> {
    pub facts: &'a CellFacts,
    pub text: &'a str,
    pub at: Place,
    pub call: Span,
    pub callee: ExprId,
    pub args: &'a [Arg],
    pub arg: &'a Arg,
    /// Of the argument among the others.
    pub position: usize,
    pub path: String,
    /// The call runs on the executors, where there is no `dbutils`.
    is_on_executors: bool,
}

impl<'a> Use<'a> {
    pub(super) fn of(sight: Sight<'a>, at: Place) -> Option<Self> {
        let cell = sight.document.cells.get(at.cell as usize)?;
        let facts: &CellFacts = sight.facts.get(at.cell as usize)?;
        let around = Around::of(facts, at.span);
        let (id, callee, args, arg) = around.exprs.iter().find_map(|&id| match &facts.expr(id).kind {
            ExprKind::Call { callee, args, .. } => {
                args.iter().find(|a| a.span.contains(at.span)).map(|arg| (id, *callee, args, arg))
            }
            _ => None,
        })?;
        let position = args.iter().position(|a| a.span == arg.span)?;
        let path = facts.path(callee)?.to_string();
        let is_on_executors = executor_function(cell.language, facts, &around, sight.program).is_some();
        let call = facts.expr(id).span;
        Some(Self { facts, text: &cell.text, at, call, callee, args, arg, position, path, is_on_executors })
    }

    pub(super) fn method(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or(&self.path)
    }

    /// Whether the argument is the value as it is.
    pub(super) fn is_whole(&self) -> bool {
        self.facts.expr(self.arg.value).span == self.at.span
    }

    pub(super) fn is_named(&self, name: &str) -> bool {
        self.arg.name.as_ref().is_some_and(|(n, _)| &**n == name)
    }

    pub(super) fn after(&self, span: Span, form: Form) -> Insertion {
        Insertion { cell: self.at.cell, at: span.end, form }
    }
}

/// How what gets the value at `at` takes credentials.
fn call(sight: Sight<'_>, at: Place, pair: &Pair) -> Option<Insertion> {
    if pair.api == Api::Jdbc
        && let Some(found) = reader::bound_options(sight, at)
    {
        return Some(found);
    }
    let call = Use::of(sight, at)?;
    match pair.api {
        Api::Requests => of_request(&call, pair),
        Api::Jdbc if call.method() == "getConnection" => of_connection(&call, pair),
        Api::Jdbc => reader::of_reader(&call),
    }
}

/// `requests.get(url)` takes `auth`.
fn of_request(call: &Use<'_>, pair: &Pair) -> Option<Insertion> {
    let method = call.method();
    let fits = call.is_whole()
        && pair.user.is_some()
        && call.path.strip_prefix("requests.") == Some(method)
        && matches!(method, "get" | "post" | "put" | "patch" | "delete" | "head" | "options")
        && (call.position == 0 || call.is_named("url"))
        && !call.args.iter().any(|a| is_spread(call.facts, a) || a.name.as_ref().is_some_and(|(n, _)| &**n == "auth"))
        && !call.is_on_executors;
    if fits { Some(call.after(call.args.last()?.span, Form::Auth)) } else { None }
}

/// `DriverManager.getConnection(url)` takes user and password behind it.
fn of_connection(call: &Use<'_>, pair: &Pair) -> Option<Insertion> {
    let fits = call.path.ends_with("DriverManager.getConnection")
        && call.args.len() == 1
        && call.is_whole()
        && pair.user.is_some()
        && !call.is_on_executors;
    fits.then(|| call.after(call.facts.expr(call.arg.value).span, Form::Positional))
}

pub(super) fn is_spread(facts: &CellFacts, arg: &Arg) -> bool {
    matches!(facts.expr(arg.value).kind, ExprKind::Spread(_))
}
