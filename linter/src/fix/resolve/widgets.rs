//! A widget that asks for a secret, or has one as default (catalog CS217): the secret is read where the widget was.

use credscope_grammars::{
    CellFacts, Document, Language, Span,
    dialect::{self, Rewrite, SecretRef, around::Around},
    facts::{Arg, ExprId, ExprKind, StmtKind, Target, Verb},
};

use super::{Resolver, display};
use crate::{
    finding::{Finding, Place, ValueKey},
    fix::{CellEdit, Fix, NameHint, SecretName, deletion, effects},
};

const KINDS: &[&str] = &["text", "dropdown", "combobox", "multiselect"];

/// What makes a widget.
struct Widget {
    cell: u32,
    name: String,
    kind: &'static str,
    /// The call; `None` for SQL's `CREATE WIDGET`.
    call: Option<ExprId>,
    /// The default with its quotes, when one is written.
    default: Option<Span>,
}

impl<'a> Resolver<'a> {
    /// The fix of a finding that is about a widget; `None` when it is not.
    pub(super) fn widget(&mut self, finding: &Finding) -> Option<Fix> {
        let widget = widget(self.facts, finding.place)?;
        let facts: &'a CellFacts = self.facts.get(widget.cell as usize)?;
        let whole = widget.default == Some(finding.place.span);
        if finding.rule.code != "CS217" && !whole {
            return Some(display("Keep the credential out of the widget and read it where it is used".to_owned()));
        }
        let reads = self.reads_of(&widget.name);
        // A query asks for it by a marker: a person decides what stands there.
        let mut cells = self.document.cells.iter().zip(self.facts);
        let in_queries = cells.any(|(cell, facts)| asks(&cell.text, facts, &widget.name, 3));
        let mut edits = Vec::new();
        if in_queries || self.reads_some_widget() {
            // Something still reads it: it would get an empty text.
            return Some(display(
                "Read the secret from its scope, in queries with secret(), and leave the default empty".to_owned(),
            ));
        }
        if self.is_read_elsewhere(&widget.name) {
            return Some(display(
                "Read the secret in the files that ask this widget, too, and leave the default empty".to_owned(),
            ));
        }
        if self.neighbours.gives(&widget.name) {
            return Some(display(format!(
                "Take the secret's scope and key as parameters: callers of this notebook give `{}` a value",
                widget.name
            )));
        }
        match (&*reads, widget.call) {
            ([_, ..], Some(call)) => match self.statement(widget.cell, call) {
                Some((span, text)) => edits.push(CellEdit { place: Place { cell: widget.cell, span }, text }),
                None => edits.extend(self.emptied(&widget)),
            },
            _ => edits.extend(self.emptied(&widget)),
        }
        if edits.is_empty() {
            return Some(display("Take scope and key as parameters and read the secret with them".to_owned()));
        }
        let known = finding.related.first().filter(|r| r.path.is_none()).and_then(|r| {
            let facts = self.facts.get(r.place.cell as usize)?;
            effects::names_of_read(facts, r.place.span)
        });
        let known = known.or_else(|| self.read_behind(facts, widget.default?));
        let mut secrets = Vec::new();
        let name = match known {
            Some((scope, key)) => SecretName { scope, key },
            None => {
                let text = widget.default.and_then(|span| {
                    let expr = facts.exprs.iter().find(|e| e.span == span)?;
                    if let ExprKind::Str(lit) = &expr.kind { lit.plain().filter(|t| !t.is_empty()) } else { None }
                });
                let text = text.unwrap_or_else(|| format!("widget {}", widget.name).into());
                let value = ValueKey::new(self.settings.hash_key, &text);
                let hint = NameHint { purpose: String::new(), key: widget.name.clone() };
                self.name(value, &hint, (None, None))
            }
        };
        for place in &reads {
            let cell = self.document.cells.get(place.cell as usize)?;
            let secret = SecretRef { scope: &name.scope, key: &name.key, unity: self.unity() };
            let text = dialect::read(cell.language, secret)?;
            self.add(
                place.cell,
                Rewrite { edits: vec![(place.span, text)], dbutils: true, imports: Vec::new() },
                &mut edits,
            );
        }
        if !reads.is_empty() {
            secrets.push(name);
        }
        let title = match reads.is_empty() {
            false => "Read the secret from its scope instead of asking for it",
            true => "Leave the default empty",
        };
        Some(self.finish(edits, secrets, Some(title.to_owned())))
    }

    /// Scope and key of the read that an expression is, or that its name is bound to, once in the document.
    fn read_behind(&self, facts: &CellFacts, span: Span) -> Option<(String, String)> {
        let expr = facts.exprs.iter().find(|e| e.span == span)?;
        let ExprKind::Name(name) = &expr.kind else { return effects::names_of_read(facts, span) };
        let binds = self.facts.iter().flat_map(|facts| {
            facts.body.iter().filter_map(move |s| match &s.kind {
                StmtKind::Bind { targets, value, .. } => {
                    let is_name = |t: &Target| matches!(t, Target::Name { name: n, .. } if n == name);
                    targets.iter().any(is_name).then(|| (facts, facts.expr(*value).span))
                }
                _ => None,
            })
        });
        match binds.collect::<Vec<_>>()[..] {
            [(facts, read)] => effects::names_of_read(facts, read),
            _ => None,
        }
    }

    /// `""` in place of a default that may be anything.
    fn emptied(&self, widget: &Widget) -> Option<CellEdit> {
        let span = widget.default.filter(|_| matches!(widget.kind, "text" | "combobox" | "sql"))?;
        let quote = if widget.call.is_some() { "\"\"" } else { "''" };
        let cell = self.document.cells.get(widget.cell as usize)?;
        let filled = !matches!(span.of(&cell.text), "\"\"" | "''");
        filled.then(|| CellEdit { place: Place { cell: widget.cell, span }, text: quote.to_owned() })
    }

    /// What deletes the statement that makes the widget; `None` when it does something else, too.
    fn statement(&self, cell: u32, call: ExprId) -> Option<(Span, String)> {
        let facts: &CellFacts = self.facts.get(cell as usize)?;
        let span = facts.expr(call).span;
        let around = Around::of(facts, span);
        let level = around.levels.last()?;
        let StmtKind::Expr(id) = level.stmt.kind else { return None };
        let cell = self.document.cells.get(cell as usize)?;
        (facts.expr(id).span == span).then(|| deletion::without(cell, level.stmt.span, level))
    }

    /// `dbutils.widgets.get("name")`, `getArgument("name")` in code.
    fn reads_of(&self, name: &str) -> Vec<Place> {
        self.widget_reads().filter(|(_, read)| read.as_deref() == Some(name)).map(|(place, _)| place).collect()
    }

    /// Whether a widget is read whose name is not constant, or all are.
    fn reads_some_widget(&self) -> bool {
        self.widget_reads().any(|(_, name)| name.is_none())
    }

    /// Whether a file of the same session reads the widget, or may.
    fn is_read_elsewhere(&self, name: &str) -> bool {
        let asked = |document: &Document, cell: usize, facts: &CellFacts| {
            let text = document.cells.get(cell).map_or("", |c| &*c.text);
            reads(document, cell, facts).any(|(_, read)| read.is_none_or(|read| read == name))
                || asks(text, facts, name, 3)
        };
        self.neighbours
            .in_session()
            .any(|d| d.facts.iter().enumerate().any(|(cell, facts)| asked(&d.document, cell, facts)))
    }

    /// Reads of widgets in code, with their names where these are constant.
    fn widget_reads(&self) -> impl Iterator<Item = (Place, Option<String>)> {
        let cells = self.facts.iter().enumerate();
        cells.flat_map(|(cell, facts)| reads(self.document, cell, facts))
    }
}

/// Reads of widgets in a cell that is code.
fn reads<'f>(
    document: &Document,
    cell: usize,
    facts: &'f CellFacts,
) -> impl Iterator<Item = (Place, Option<String>)> + use<'f> {
    let language = document.cells.get(cell).map(|c| c.language);
    let is_code = matches!(language, Some(Language::Python | Language::Scala | Language::R));
    facts.exprs.iter().filter(move |_| is_code).filter_map(move |expr| {
        let ExprKind::Call { callee, args, .. } = &expr.kind else { return None };
        let path = facts.path(*callee)?;
        let place = Place { cell: cell as u32, span: expr.span };
        if path.ends_with("widgets.getAll") {
            return Some((place, None));
        }
        let reads = path.ends_with("widgets.get") || path == "getArgument" || path.ends_with(".getArgument");
        let named = || args.iter().find(|a| a.name.as_ref().is_some_and(|(n, _)| &**n == "name"));
        reads.then(|| (place, named().or_else(|| args.first()).and_then(|a| constant(facts, a))))
    })
}

/// The widget whose name or default stands at `place`.
fn widget(facts: &[std::sync::Arc<CellFacts>], place: Place) -> Option<Widget> {
    let facts: &CellFacts = facts.get(place.cell as usize)?;
    for query in facts.queries.iter().filter(|q| q.verb == Verb::CreateWidget) {
        let default = query.literals.iter().find(|l| facts.expr(l.expr).span == place.span);
        if let Some([.., name, word]) = default.map(|l| &l.before[..])
            && &**word == "DEFAULT"
        {
            let name = name.to_ascii_lowercase();
            return Some(Widget { cell: place.cell, name, kind: "sql", call: None, default: Some(place.span) });
        }
    }
    facts.around(place.span).into_iter().find_map(|id| {
        let ExprKind::Call { callee, args, .. } = &facts.expr(id).kind else { return None };
        let path = facts.path(*callee)?;
        let (_, method) = path.rsplit_once("widgets.")?;
        let kind = KINDS.iter().find(|k| **k == method)?;
        let argument = |index: usize, names: &[&str]| {
            let named = args.iter().find(|a| a.name.as_ref().is_some_and(|(n, _)| names.contains(&&**n)));
            named.or_else(|| args.get(index).filter(|a| a.name.is_none()))
        };
        let name = argument(0, &["name"])?;
        let default = argument(1, &["defaultValue", "default"]);
        let about = name.span.contains(place.span) || default.is_some_and(|d| d.span.contains(place.span));
        about.then_some(Widget {
            cell: place.cell,
            name: constant(facts, name)?,
            kind,
            call: Some(id),
            default: default.map(|d| facts.expr(d.value).span),
        })
    })
}

fn constant(facts: &CellFacts, arg: &Arg) -> Option<String> {
    Some(facts.str_lit(arg.value)?.plain()?.expose().to_owned())
}

/// Whether a query asks for the widget: `:name`, `${name}`, `$name`, `getArgument('name')`.
fn asks(text: &str, facts: &CellFacts, name: &str, depth: u8) -> bool {
    // `{name}` is a hole of the host language.
    let marked = |(parameter, span): &(Box<str>, Span)| {
        parameter.eq_ignore_ascii_case(name) && span.of(text).starts_with([':', '$'])
    };
    let called = |id: ExprId| match &facts.expr(id).kind {
        ExprKind::Call { callee, args, .. } => {
            facts.path(*callee).is_some_and(|p| p == "getargument")
                && args.first().is_some_and(|a| constant(facts, a).as_deref() == Some(name))
        }
        _ => false,
    };
    facts.queries.iter().any(|q| q.parameters.iter().any(marked) || q.calls.iter().any(|c| called(c.expr)))
        || depth > 0 && facts.embedded.iter().any(|e| asks(e.text.expose(), &e.facts, name, depth - 1))
}
