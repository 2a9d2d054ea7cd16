//! Decorators: functions of the documents that stand around others, columns and tables that a function's result becomes,
//! parameters that a command line fills.

use credscope_grammars::facts::{Function, Param};

use super::{
    At, Callable, MAX_RUNS, Walker,
    tables::{self, Class},
    value::{Callee, Kind, Spot, Value},
};
use crate::value::names::{NameVerdict, verdict};

/// Rule and words for a value that the function being run returns.
pub(super) type Returning = (&'static str, &'static str);

const COLUMN: Returning = ("CS229", "returned for every row");
const TABLE: Returning = ("CS219", "returned as a table that is stored");

impl<'a> Walker<'a> {
    /// Decorators that make a function's result a column or a table.
    pub(super) fn decorated(&mut self, at: At<'a>, function: &'a Function, callee: &Callee) {
        for decorator in &function.decorators {
            let path = self.path(at, *decorator);
            let path = path.trim_end_matches("()");
            let method = path.rsplit('.').next().unwrap_or(path);
            if tables::makes_columns(path, method) {
                self.run_as_column(callee);
            } else if tables::makes_tables(path) {
                self.run_returning(callee, TABLE);
            }
        }
    }

    /// Runs a function whose result Spark puts into every row.
    pub(super) fn run_as_column(&mut self, callee: &Callee) -> Value {
        self.run_returning(callee, COLUMN)
    }

    fn run_returning(&mut self, callee: &Callee, what: Returning) -> Value {
        let count = match self.functions.get(callee.target as usize) {
            Some(Callable::Function(function, _)) => function.params.len(),
            _ => return Value::clean(),
        };
        let before = self.returning.replace(what);
        let exploring = std::mem::replace(&mut self.exploring, true);
        let result = self.run(callee, vec![None; count]);
        self.exploring = exploring;
        self.returning = before;
        result
    }

    /// A value that the function being run returns or yields.
    pub(super) fn returned_as(&mut self, value: &Value, spot: Spot) {
        match self.returning {
            Some(what) if what == TABLE && !value.frame => {}
            Some((code, verb)) => self.leak(code, Class::Stored, &value.flat(), spot, verb),
            None => {}
        }
    }

    /// What a name means after decorators of the documents: the function that they put in its place.
    pub(super) fn wrapped_by(&mut self, at: At<'a>, function: &'a Function, callee: Callee) -> Callee {
        let mut callee = callee;
        for decorator in function.decorators.iter().rev() {
            let Some(around) = self.asked(at, *decorator).callable else { continue };
            // What it gives for others is no answer for this one.
            let known = self.defined.get(around.target as usize).is_some_and(|(_, runs)| *runs < MAX_RUNS);
            let is_function = matches!(self.functions.get(around.target as usize), Some(Callable::Function(..)));
            if known && is_function {
                let inner = Value { callable: Some(callee.clone()), ..Value::clean() };
                callee = self.run_positional(&around, vec![inner]).callable.unwrap_or(callee);
            }
        }
        callee
    }

    /// A parameter that is named like a secret and that the command line fills (`click`, `typer`).
    pub(super) fn asked_for(&mut self, at: At<'a>, function: &'a Function, param: &'a Param) -> Option<Value> {
        if function.decorators.is_empty() || verdict(&param.name) != NameVerdict::Secret {
            return None;
        }
        let fills = function.decorators.iter().any(|d| {
            let path = self.path(at, *d);
            path.starts_with("click.") || path.starts_with("typer.") || path.contains("yper().command")
        });
        let name = || format!("option `{}`", param.name);
        fills.then(|| Value::of(self.source(Kind::Named, name(), at.spot(param.span))))
    }
}

/// Whether a decorator of a function has one of these names.
pub(super) fn decorated_as(at: At<'_>, function: &Function, words: &[&str]) -> bool {
    function
        .decorators
        .iter()
        .filter_map(|d| at.facts.path(*d))
        .any(|p| p.rsplit('.').next().is_some_and(|w| words.contains(&w)))
}
