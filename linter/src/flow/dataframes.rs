//! DataFrames: a secret in a column is shown, written or collected with the table.

use credscope_grammars::{
    Span,
    facts::{ExprId, ExprKind, Verb},
};

use super::{
    At, Walker,
    reach::Call,
    tables::{self, Class},
    value::Value,
};

impl<'a> Walker<'a> {
    /// Shows and writes of a table that holds a secret. `true`: nothing else is to be said of the call.
    pub(super) fn frame_sinks(&mut self, at: At<'a>, call: &Call<'_, 'a>) -> bool {
        if !call.receiver.frame && !call.values.iter().any(|v| v.frame) {
            return false;
        }
        let place = at.spot(at.facts.expr(call.id).span);
        let frames = call.values.iter().filter(|v| v.frame).fold(call.receiver.flat(), |all, v| all.join(&v.flat()));
        let frame = Value { frame: false, ..frames };
        if call.receiver.frame && matches!(call.method, "show" | "display") || call.method == "display" {
            self.leak("CS202", Class::Table, &frame, place, "shown in a table");
            return true;
        }
        if tables::writes(call.method)
            && (call.path.contains("write")
                || call.method.contains("View")
                || call.receiver.frame && call.method.starts_with("to_") && !is_text(call))
        {
            self.leak("CS219", Class::Stored, &frame, place, "written to a table or file");
            return true;
        }
        false
    }

    /// Calls that make a table of a secret or give back one that holds it.
    pub(super) fn frames(&mut self, at: At<'a>, call: &Call<'_, 'a>) -> Option<Value> {
        let (method, receiver) = (call.method, call.receiver);
        let all = call.values.iter().filter(|v| !v.holder || v.frame).fold(Value::clean(), |all, v| all.join(v)).flat();
        let made =
            matches!(method, "createDataFrame" | "DataFrame" | "parallelize" | "toDF" | "from_records" | "makeRDD");
        if made && !(all.is_clean() && receiver.is_clean()) {
            return Some(self.new_table(at, call));
        }
        let columns = matches!(method, "withColumn" | "select" | "selectExpr" | "withColumns" | "assign" | "join");
        let table = receiver.frame || method != "join" && columns && receiver.is_clean() && !all.is_clean();
        if (table || columns && call.values.iter().any(|v| v.frame))
            && let Some(reshaped) = self.reshaped(at, call)
        {
            return Some(reshaped);
        }
        // A column that is hashed or encrypted is none.
        if matches!(method, "lit" | "typedLit" | "struct" | "array") && !all.is_clean() {
            return Some(Value { frame: true, ..all });
        }
        // Functions of columns give columns.
        let of_columns = call.path.contains("sql.functions.") || tables::is_column_function(method);
        if of_columns && !receiver.frame && call.values.iter().any(|v| v.frame && !v.is_clean()) {
            let hidden = tables::hides_in_sql(method) || matches!(method, "broadcast" | "udf");
            return (!hidden).then_some(Value { frame: true, ..all });
        }
        if method == "selectExpr" && !receiver.frame {
            let mut table = Value { frame: true, ..Value::clean() };
            self.selected_secrets(at, &mut table, call);
            return (!table.is_clean()).then_some(table);
        }
        if matches!(method, "sql" | "selectExpr" | "expr") {
            let path = call.path;
            if path.contains("spark") || path == "sql" || path.contains("Context") || method != "sql" {
                let secret = call.args.iter().find_map(|a| self.embedded_secret(at, a.value))?;
                return Some(Value { frame: true, ..secret });
            }
        }
        if !receiver.frame {
            return None;
        }
        match method {
            "count" | "printSchema" | "columns" | "option" | "load" | "explain" | "isEmpty" | "schema" => None,
            "alias" | "as" | "name" if !self.is_named(at, call.callee) => {
                let name = call.args.first().and_then(|a| self.text(at, a.value));
                let mut column = Value { frame: true, ..Value::clean() };
                match name {
                    Some(name) => column.put(&name, receiver.flat(), false),
                    None => column = receiver.clone(),
                }
                Some(column)
            }
            "toPandas" => Some(Value { pandas: true, ..receiver.clone().changed_within() }),
            "head" | "tail" | "take" if receiver.pandas => Some(receiver.clone()),
            // Out of the table: rows and values.
            "head" | "first" if call.args.is_empty() => Some(row_of(receiver)),
            "collect" | "take" | "head" | "tail" | "collectAsList" | "toLocalIterator" => {
                Some(Value::list_of(row_of(receiver)))
            }
            "first" | "toJSON" | "to_dict" | "to_string" => Some(receiver.changed()),
            "to_json" | "to_csv" | "to_html" | "to_markdown" if is_text(call) => Some(receiver.changed()),
            "info" => Some(Value::clean()),
            _ if method.starts_with("to_") && tables::writes(method) => Some(Value::clean()),
            _ => Some(receiver.clone()),
        }
    }

    /// Whether a method is called on a name: a table, not a column.
    fn is_named(&self, at: At<'a>, callee: ExprId) -> bool {
        matches!(&at.facts.expr(callee).kind, ExprKind::Attr { base, .. }
            if matches!(at.facts.expr(*base).kind, ExprKind::Name(_)))
    }

    /// `secret()` in the select list of a query literal, or anywhere in a text of one column.
    pub(super) fn embedded_secret(&mut self, at: At<'a>, literal: ExprId) -> Option<Value> {
        let span = at.facts.expr(literal).span;
        let facts = at.facts;
        let embedded = facts.embedded.iter().find(|e| span.contains(e.map.to_source(Span::new(0, e.text.len()))))?;
        let query = embedded.facts.queries.first()?;
        let call = query.calls.iter().find(|c| {
            (c.projected || query.verb == Verb::Other)
                && !c.inside.iter().any(|f| tables::hides_in_sql(f))
                && matches!(&embedded.facts.expr(c.expr).kind, ExprKind::Call { callee, .. } if matches!(embedded.facts.path(*callee).as_deref(), Some("secret" | "try_secret")))
        })?;
        let inner = At { facts: &embedded.facts, map: Some(&embedded.map), ..at };
        Some(self.eval(inner, call.expr))
    }
}

/// Whether a method that writes a table gives its text: it was not told where to.
fn is_text(call: &Call<'_, '_>) -> bool {
    let target = |name: &str| matches!(name, "path" | "path_or_buf" | "buf");
    !call.args.iter().any(|a| a.name.as_ref().is_none_or(|(name, _)| target(name)))
        && matches!(call.method, "to_json" | "to_csv" | "to_html" | "to_markdown")
}

/// A row: the columns as fields, which redaction does not know as they were.
fn row_of(table: &Value) -> Value {
    Value { frame: false, pandas: false, ..table.clone().changed_within() }
}
