//! The calls that use a URL, and how each takes user and password beside it.

use credscope_grammars::{
    CellFacts, CellKind, Span,
    dialect::around::{Around, executor_function},
    facts::{Arg, BindKind, ExprId, ExprKind, StmtKind, StrPart, Target},
};

use super::{Api, Fragment, Pair, Sight};
use crate::finding::Place;

/// Where a call takes the values, and how.
pub(super) struct Insertion {
    cell: u32,
    /// Bytes of the cell.
    at: u32,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
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
fn uses(sight: Sight<'_>, name: &str, bound: Place) -> Option<Vec<Place>> {
    let language = sight.document.cells.get(bound.cell as usize)?.language;
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

/// How the call that gets the value at `at` takes credentials.
fn call(sight: Sight<'_>, at: Place, pair: &Pair) -> Option<Insertion> {
    let cell = sight.document.cells.get(at.cell as usize)?;
    let facts = sight.facts.get(at.cell as usize)?;
    let around = Around::of(facts, at.span);
    let (id, callee, args, arg) = around.exprs.iter().find_map(|&id| match &facts.expr(id).kind {
        ExprKind::Call { callee, args, .. } => {
            args.iter().find(|a| a.span.contains(at.span)).map(|arg| (id, callee, args, arg))
        }
        _ => None,
    })?;
    let path = facts.path(*callee)?;
    let method = path.rsplit('.').next()?;
    let value = facts.expr(arg.value).span;
    let position = args.iter().position(|a| a.span == arg.span)?;
    let named = |name: &str| arg.name.as_ref().is_some_and(|(n, _)| &**n == name);
    let after = |span: Span, form| Some(Insertion { cell: at.cell, at: span.end, form });
    let both = pair.user.is_some();
    if pair.api == Api::Requests {
        let verb = matches!(method, "get" | "post" | "put" | "patch" | "delete" | "head" | "options");
        let fits = value == at.span
            && both
            && path.strip_prefix("requests.") == Some(method)
            && verb
            && (position == 0 || named("url"))
            && !args.iter().any(|a| is_spread(facts, a) || a.name.as_ref().is_some_and(|(n, _)| &**n == "auth"))
            && executor_function(facts, &around, sight.program).is_none();
        return if fits { after(args.last()?.span, Form::Auth) } else { None };
    }
    if method == "getConnection" {
        let fits = path.ends_with("DriverManager.getConnection") && args.len() == 1 && value == at.span && both;
        return if fits && executor_function(facts, &around, sight.program).is_none() {
            after(value, Form::Positional)
        } else {
            None
        };
    }
    if gives_them(facts, facts.expr(id).span) {
        return None;
    }
    let is_url =
        |id: ExprId| facts.str_lit(id).and_then(|l| l.plain()).is_some_and(|k| k.expose().eq_ignore_ascii_case("url"));
    match method {
        "option" if value == at.span && position == 1 && args.len() == 2 && is_url(args[0].value) => {
            after(facts.expr(id).span, Form::Options)
        }
        "options" if value == at.span && named("url") => after(arg.span, Form::Keywords),
        "options" => {
            let entries = match &facts.expr(arg.value).kind {
                ExprKind::Dict(entries) => entries,
                ExprKind::Spread(inner) => match &facts.expr(*inner).kind {
                    ExprKind::Dict(entries) => entries,
                    _ => return None,
                },
                _ => return None,
            };
            let entry = entries.iter().find(|e| facts.expr(e.value).span == at.span && e.key.is_some_and(is_url))?;
            let between = Span { start: facts.expr(entry.key?).span.end, end: at.span.start }.of(&cell.text);
            match between.trim() {
                ":" => after(at.span, Form::Entries),
                "->" => after(at.span, Form::Arrows),
                _ => None,
            }
        }
        "jdbc" if value == at.span && (position == 0 || named("url")) => {
            if let Some(properties) = properties(facts, args, &cell.text) {
                return Some(Insertion { cell: at.cell, at: properties.start + 1, form: Form::FirstEntries });
            }
            // Options of the reader hold for its `jdbc`, too.
            let ExprKind::Attr { base, .. } = &facts.expr(*callee).kind else { return None };
            let end = facts.expr(*base).span;
            let rest = cell.text.get(end.end as usize..)?;
            if rest.trim_start_matches([' ', '\t', '\r', '\n', '\\']).starts_with('.') {
                after(end, Form::Options)
            } else {
                None
            }
        }
        _ => None,
    }
}

fn is_spread(facts: &CellFacts, arg: &Arg) -> bool {
    matches!(facts.expr(arg.value).kind, ExprKind::Spread(_))
}

/// Whether the chain that a call belongs to says a user or password itself.
fn gives_them(facts: &CellFacts, call: Span) -> bool {
    let start = Span { end: call.start, ..call };
    let around = facts.around(start).into_iter().map(|id| facts.expr(id).span);
    let Some(chain) = around.filter(|span| span.start == call.start).max_by_key(|s| s.len()) else { return true };
    let secret = |text: &str| matches!(text.to_ascii_lowercase().as_str(), "user" | "username" | "password");
    facts.within(chain).into_iter().any(|id| match &facts.expr(id).kind {
        ExprKind::Str(lit) => lit.plain().is_some_and(|t| secret(t.expose())),
        ExprKind::Call { args, .. } => args.iter().any(|a| {
            let spread = match &facts.expr(a.value).kind {
                ExprKind::Spread(inner) => !matches!(facts.expr(*inner).kind, ExprKind::Dict(_)),
                _ => false,
            };
            a.name.as_ref().is_some_and(|(n, _)| secret(n)) || spread
        }),
        _ => false,
    })
}

/// The dict of properties that is written in the call.
fn properties(facts: &CellFacts, args: &[Arg], text: &str) -> Option<Span> {
    args.iter().find_map(|a| {
        let value = facts.expr(a.value);
        let named = a.name.as_ref().is_none_or(|(n, _)| &**n == "properties");
        let is_dict = matches!(&value.kind, ExprKind::Dict(entries) if !entries.is_empty());
        (named && is_dict && value.span.of(text).starts_with('{')).then_some(value.span)
    })
}
