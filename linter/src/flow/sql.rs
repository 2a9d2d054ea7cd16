//! SQL that shows or stores a secret (CS213), and secrets that come into its text as parameters (CS212).

use credscope_grammars::{
    Language, Span,
    facts::{ExprKind, Verb},
};

use super::{
    At, Walker,
    tables::{self, Class},
    value::{Kind, Value},
};
use crate::value::names::{NameVerdict, verdict};

impl<'a> Walker<'a> {
    /// `cell`: the text runs as a cell of its own, so that what it selects is shown.
    pub(super) fn queries(&mut self, at: At<'a>, cell: bool) {
        for query in &at.facts.queries {
            for call in &query.calls {
                let ExprKind::Call { callee, .. } = &at.facts.expr(call.expr).kind else { continue };
                let name = at.facts.path(*callee).unwrap_or_default();
                let hidden = call.inside.iter().any(|f| tables::hides_in_sql(f));
                let stored = query.verb == Verb::Change && self.is_assigned(at, query, at.facts.expr(call.expr).span);
                if !matches!(name.as_str(), "secret" | "try_secret") || hidden || !(call.projected || stored) {
                    continue;
                }
                let keeps = |f: &str| matches!(f, "coalesce" | "nvl" | "cast" | "ifnull" | "concat" | "string");
                let mut value = self.eval(at, call.expr);
                if !call.inside.iter().all(|f| keeps(f)) {
                    value = value.changed();
                }
                let class = match query.verb {
                    Verb::CreateView | Verb::Insert | Verb::CreateTable | Verb::Change => Class::Stored,
                    _ => Class::Output,
                };
                // A query inside a program is shown only when its result is: that is the program's flow.
                if cell || class == Class::Stored {
                    self.leak("CS213", class, &value, at.spot(at.facts.expr(call.expr).span), "selected");
                }
            }
            if cell {
                self.sql_parameters(at, query);
                self.sql_variables(at, query);
            }
        }
    }

    /// Whether a place in `UPDATE`, `MERGE` is in what they set, not in a condition.
    fn is_assigned(&self, at: At<'a>, query: &'a credscope_grammars::facts::Query, place: Span) -> bool {
        if at.map.is_some() {
            return false;
        }
        let cell = self.docs.get(at.doc as usize).and_then(|d| d.cells.get(at.cell as usize));
        let head = cell.and_then(|c| c.text.get(query.span.start as usize..place.start as usize)).unwrap_or("");
        let head = head.to_ascii_uppercase();
        let last = |word: &str| head.rfind(word);
        last("SET ").max(last("VALUES")) > last("WHERE ").max(last(" ON ")).max(last("WHEN "))
    }

    /// `SELECT v` of a session variable that holds a secret.
    fn sql_variables(&mut self, at: At<'a>, query: &'a credscope_grammars::facts::Query) {
        for (name, span) in &query.names {
            if !self.variables.contains(name) {
                continue;
            }
            let value = self.env.lookup(name).unwrap_or_default();
            let class = match query.verb {
                Verb::Select | Verb::Values => Class::Output,
                _ => Class::Stored,
            };
            self.leak("CS213", class, &value.flat(), at.spot(*span), "selected");
        }
    }

    /// Tokens of other tools (`{x}`, `#{x}#`, `@{x}`) in a file of SQL: nothing puts them in where the statement runs. In a
    /// notebook `%sql` may be a magic that fills in names of Python.
    fn is_other_tools(&self, at: At<'a>, span: Span) -> bool {
        let Some(document) = self.docs.get(at.doc as usize).filter(|_| at.map.is_none()) else { return false };
        let source = document.cells.get(at.cell as usize).and_then(|c| c.text.get(span.start as usize..)).unwrap_or("");
        source.starts_with(['{', '#', '@'])
            && !source.starts_with("{{")
            && !document.cells.iter().any(|c| c.language == Language::Python && c.magic.as_deref() != Some("run"))
    }

    /// `${password}`, `:password`: the widget's value becomes part of the statement's text. `${spark.jdbc.password}` of
    /// the cluster's configuration is what options of a table take (catalog CS122).
    fn sql_parameters(&mut self, at: At<'a>, query: &'a credscope_grammars::facts::Query) {
        for (name, span) in &query.parameters {
            if self.is_other_tools(at, *span) {
                continue;
            }
            if verdict(name) != NameVerdict::Secret
                || name.contains('/')
                // `{{ env_var("X") }}`, `{{ var("x") }}` of dbt: a reference, of a template that somebody else fills.
                || is_template_call(name)
                || self.is_key_name(name)
                || query.verb == Verb::CreateWidget
                || query.verb == Verb::CreateTable && name.starts_with("spark.")
            {
                continue;
            }
            let spot = at.spot(*span);
            let source = self.source(Kind::Named, format!("parameter `{name}`"), spot);
            let stores = matches!(
                query.verb,
                Verb::CreateConnection | Verb::CreateTable | Verb::CreateView | Verb::Insert | Verb::CreateUser
            );
            let class = if stores { Class::Ddl } else { Class::Text };
            self.leak("CS212", class, &Value::of(source), spot, "put into SQL text");
        }
    }
}

/// `env_var("X")`: a call of a template's language.
fn is_template_call(name: &str) -> bool {
    name.split_once('(').is_some_and(|(callee, rest)| {
        rest.contains(')')
            && !callee.is_empty()
            && callee.bytes().all(|b| b.is_ascii_alphanumeric() || b"_. ".contains(&b))
    })
}
