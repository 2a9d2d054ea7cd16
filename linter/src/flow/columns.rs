//! Columns of tables by name: which of them hold a secret after a table is made, cut down, extended or renamed. Parts of a
//! table's value are its secret columns; its own labels stand in a column that is not known.

use credscope_grammars::facts::{ExprId, ExprKind};

use super::{At, Walker, expressions::literal, reach::Call, tables, value::Value};
use crate::value::names::{NameVerdict, verdict};

/// Columns that an expression is made of.
#[derive(Debug, Default)]
struct Columns {
    names: Vec<String>,
    /// `.alias("x")`.
    named: Option<String>,
    /// It may mean any column.
    unknown: bool,
}

/// Nesting of an expression in which columns are looked for.
const DEPTH: usize = 12;

/// One column of a table, with what may stand in any.
pub(super) fn column(table: &Value, name: &str) -> Value {
    let name = bare(name);
    let part = table.part(name);
    if part.is_none() && table.labels.is_empty() {
        return Value::clean();
    }
    let empty = Value { parts: None, ..table.clone() };
    let mut column = Value { frame: true, ..empty };
    if let Some(part) = part {
        column.put(name, part.clone(), false);
    }
    column
}

/// `t.pw`, `` `pw` ``: the last name.
fn bare(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name).trim_matches('`')
}

/// All that a value holds, in one column.
fn put_column(table: &mut Value, name: Option<&str>, value: &Value) {
    match name {
        Some(name) if value.is_clean() => {
            if let Some(parts) = &table.parts
                && parts.get(bare(name)).is_some()
            {
                table.parts = Some(parts.without(bare(name)).into());
            }
        }
        Some(name) => table.put(bare(name), value.flat(), false),
        None => *table = std::mem::take(table).join(&value.flat()),
    }
}

/// An expression of SQL without the calls whose result does not show what is inside (`sha2(pw, 256)`).
fn shown_of(expression: &str) -> String {
    let mut shown = String::new();
    let mut rest = expression;
    while let Some(open) = rest.find('(') {
        let (head, tail) = rest.split_at(open);
        let word = head.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or(head);
        let mut depth = 0;
        let close = tail.find(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        });
        if tables::hides_in_sql(&word.to_ascii_lowercase()) {
            shown.push_str(&head[..head.len() - word.len()]);
            rest = close.map_or("", |i| &tail[i + 1..]);
        } else {
            shown.push_str(head);
            shown.push(' ');
            rest = &tail[1..];
        }
    }
    shown + rest
}

impl<'a> Walker<'a> {
    /// `createDataFrame(rows, names)`, `rows.toDF(names)`, `pd.DataFrame({"name": …})`.
    pub(super) fn new_table(&mut self, at: At<'a>, call: &Call<'_, 'a>) -> Value {
        let pandas = call.method == "DataFrame" || call.method == "from_records";
        let (rows, names) = if matches!(call.method, "toDF") {
            let names: Vec<String> = call.args.iter().flat_map(|a| self.schema(at, a.value)).collect();
            (call.receiver.clone(), names)
        } else {
            let rows = call.named("data").unwrap_or(0);
            let schema = call.named("schema").or_else(|| call.named("columns"));
            let schema = schema.or((call.method == "createDataFrame" && call.args.len() > 1).then_some(1));
            let names = schema.filter(|i| *i != rows).map(|i| self.schema(at, call.args[i].value));
            (call.values.get(rows).cloned().unwrap_or_default(), names.unwrap_or_default())
        };
        let mut table = Value { frame: true, pandas, ..Value::clean() };
        if rows.frame {
            return match call.method {
                "toDF" => Value { frame: true, ..rows.flat() },
                _ => Value { pandas, ..rows },
            };
        }
        put_column(&mut table, None, &Value { labels: rows.labels.clone(), ..Value::clean() });
        for (key, row) in rows.parts.iter().flat_map(|p| p.iter()) {
            if rows.mapping {
                put_column(&mut table, (!key.starts_with('*')).then_some(key), row);
                continue;
            }
            let row = match row.object {
                Some(object) => self.fields_of(object),
                None => row.clone(),
            };
            // A list of values: its one column.
            let single = (names.len() == 1).then(|| names[0].as_str());
            if !row.labels.is_empty() {
                put_column(&mut table, single, &Value { labels: row.labels.clone(), ..Value::clean() });
            }
            for (field, value) in row.parts.iter().flat_map(|p| p.iter()).filter(|(_, v)| !v.is_clean()) {
                let position = field.parse::<usize>().ok();
                let name = match position {
                    Some(i) => names.get(i).map(String::as_str),
                    None => (!field.starts_with('*')).then_some(field),
                };
                let value = table.part(name.unwrap_or("")).map_or(value.flat(), |old| value.flat().join(old));
                put_column(&mut table, name, &value);
            }
        }
        if pandas { table.changed_within() } else { table }
    }

    /// Names in a schema: a list of texts, `"pw string, id int"`. Empty: not known.
    fn schema(&self, at: At<'a>, id: ExprId) -> Vec<String> {
        match literal(at, id) {
            Some(text) => {
                text.split(',').filter_map(|c| c.split([' ', ':']).find(|w| !w.is_empty())).map(Into::into).collect()
            }
            None => self.listed_names(at, id).unwrap_or_default(),
        }
    }

    /// `["a", "b"]`, `Seq("a", "b")`.
    pub(super) fn listed_names(&self, at: At<'a>, id: ExprId) -> Option<Vec<String>> {
        match &at.facts.expr(id).kind {
            ExprKind::Seq { items, .. } => items.iter().map(|i| literal(at, *i)).collect(),
            ExprKind::Spread(inner) | ExprKind::Same(inner) => self.listed_names(at, *inner),
            _ => None,
        }
    }

    /// Calls that cut a table down or add to it. `None`: none of these.
    pub(super) fn reshaped(&mut self, at: At<'a>, call: &Call<'_, 'a>) -> Option<Value> {
        let receiver = call.receiver;
        let text = |i: usize| call.args.get(i).and_then(|a| literal(at, a.value));
        let mut table = Value { frame: true, ..receiver.clone() };
        match call.method {
            "select" | "selectExpr" | "groupBy" | "groupby" | "agg" => {
                table = Value { parts: None, labels: Vec::new(), ..table };
                for (arg, value) in call.args.iter().zip(call.values) {
                    self.selected(at, &mut table, receiver, arg.value, value);
                }
                if call.method == "selectExpr" {
                    self.selected_secrets(at, &mut table, call);
                }
            }
            "withColumn" => {
                let value = self.column_value(at, receiver, call.args.get(1)?.value, call.values.get(1)?);
                put_column(&mut table, text(0).as_deref(), &value);
            }
            "withColumns" => {
                for (name, value) in call.values.first()?.parts.iter().flat_map(|p| p.iter()) {
                    put_column(&mut table, (!name.starts_with('*')).then_some(name), value);
                }
            }
            "assign" => {
                for (arg, value) in call.args.iter().zip(call.values) {
                    put_column(&mut table, arg.name.as_ref().map(|(n, _)| &**n), value);
                }
            }
            "withColumnRenamed" => match (text(0), text(1)) {
                (Some(from), Some(to)) => {
                    if let Some(part) = receiver.part(&from).cloned() {
                        put_column(&mut table, Some(&from), &Value::clean());
                        put_column(&mut table, Some(&to), &part);
                    }
                }
                _ => table = Value { frame: true, pandas: receiver.pandas, ..receiver.flat() },
            },
            "drop" => {
                let mut names = Vec::new();
                for arg in call.args {
                    match self.listed_names(at, arg.value) {
                        Some(more) => names.extend(more),
                        None => {
                            let found = self.columns(at, arg.value, 0);
                            names.extend(found.names);
                        }
                    }
                }
                for name in &names {
                    put_column(&mut table, Some(name), &Value::clean());
                }
                // In which column it stands is not known: most likely in the one that is called so.
                if names.iter().any(|n| verdict(n) == NameVerdict::Secret) {
                    table.labels.clear();
                }
            }
            "join" | "union" | "unionAll" | "unionByName" | "crossJoin" | "merge" => {
                table = call.values.iter().filter(|v| v.frame).fold(table, Value::join);
            }
            _ => return None,
        }
        Some(if table.is_clean() { self.made(at, call.path, call.args) } else { table })
    }

    /// `selectExpr("secret('kv', 'x') as k")`: columns that read a secret.
    pub(super) fn selected_secrets(&mut self, at: At<'a>, table: &mut Value, call: &Call<'_, 'a>) {
        for arg in call.args {
            let Some(secret) = self.embedded_secret(at, arg.value) else { continue };
            let text = literal(at, arg.value).unwrap_or_default();
            let name = text.rsplit_once(" as ").or_else(|| text.rsplit_once(" AS ")).map(|(_, n)| n.trim());
            put_column(table, name, &secret);
        }
    }

    /// Adds what an argument of `select` stands for.
    fn selected(&mut self, at: At<'a>, table: &mut Value, receiver: &Value, arg: ExprId, value: &Value) {
        match &at.facts.expr(arg).kind {
            ExprKind::Seq { items, .. } => {
                for item in items {
                    let value = self.asked(at, *item);
                    self.selected(at, table, receiver, *item, &value);
                }
                return;
            }
            ExprKind::Spread(inner) | ExprKind::Same(inner) => {
                return self.selected(at, table, receiver, *inner, value);
            }
            // `agg({"id": "max"})`.
            ExprKind::Dict(entries) => {
                for name in entries.iter().filter_map(|e| literal(at, e.key?)) {
                    *table = std::mem::take(table).join(&column(receiver, &name));
                }
                return;
            }
            _ => {}
        }
        let found = self.columns(at, arg, 0);
        if found.unknown || found.names.iter().any(|n| n == "*" || n.ends_with(".*")) {
            *table = std::mem::take(table).join(receiver);
        }
        if let [only] = found.names.as_slice()
            && found.named.is_none()
            && !only.contains([' ', '('])
        {
            *table = std::mem::take(table).join(&column(receiver, only));
            if value.is_clean() {
                return;
            }
        }
        let value = self.column_value(at, receiver, arg, value);
        match &found.named {
            _ if value.is_clean() => {}
            Some(name) => put_column(table, Some(name), &value),
            None if value.frame && value.parts.is_some() => *table = std::mem::take(table).join(&value),
            None => put_column(table, None, &value),
        }
    }

    /// What a column expression holds: its own secrets and those of the columns that it names.
    fn column_value(&mut self, at: At<'a>, table: &Value, id: ExprId, own: &Value) -> Value {
        let found = self.columns(at, id, 0);
        let texts: Vec<String> = found.names.iter().map(|n| shown_of(n)).collect();
        let words = texts.iter().flat_map(|n| n.split(|c: char| !c.is_alphanumeric() && c != '_'));
        let named = words.filter_map(|n| table.part(n)).fold(Value::clean(), |all, v| all.join(&v.flat()));
        if named.is_clean() { own.clone() } else { named.join(&own.flat()) }
    }

    fn columns(&mut self, at: At<'a>, id: ExprId, depth: usize) -> Columns {
        let mut found = Columns::default();
        self.collect_columns(at, id, depth, &mut found);
        found
    }

    fn collect_columns(&mut self, at: At<'a>, id: ExprId, depth: usize, found: &mut Columns) {
        if depth > DEPTH {
            found.unknown = true;
            return;
        }
        match &at.facts.expr(id).kind {
            ExprKind::Str(_) => found.names.extend(literal(at, id)),
            ExprKind::Attr { base, name, .. } => {
                if matches!(at.facts.expr(*base).kind, ExprKind::Name(_)) {
                    found.names.push(name.to_string());
                } else {
                    self.collect_columns(at, *base, depth + 1, found);
                }
            }
            ExprKind::Index { base, index } => match literal(at, *index) {
                Some(name) => found.names.push(name),
                None => self.collect_columns(at, *base, depth + 1, found),
            },
            ExprKind::Call { callee, args, .. } => {
                let path = self.path(at, *callee);
                let method = path.rsplit('.').next().unwrap_or(&path).to_owned();
                if tables::is_sanitizer(&path, &method, &self.settings.extend.sanitizers)
                    || tables::hides_in_sql(&method)
                    || matches!(method.as_str(), "lit" | "typedLit")
                {
                    return;
                }
                if let ExprKind::Attr { base, .. } = &at.facts.expr(*callee).kind
                    && !matches!(at.facts.expr(*base).kind, ExprKind::Name(_))
                {
                    self.collect_columns(at, *base, depth + 1, found);
                    if matches!(method.as_str(), "alias" | "as" | "name") {
                        found.named = args.first().and_then(|a| literal(at, a.value));
                        return;
                    }
                    if matches!(method.as_str(), "cast" | "astype" | "isin" | "like" | "rlike") {
                        return;
                    }
                }
                for arg in args {
                    self.collect_columns(at, arg.value, depth + 1, found);
                }
            }
            ExprKind::Name(name) => {
                // A list of names, a column that was made before.
                let value = self.env.lookup(name).unwrap_or_default();
                if !value.frame && value.callable.is_none() {
                    match self.constant_text(&value) {
                        Some(text) => found.names.push(text),
                        None => found.unknown = true,
                    }
                }
            }
            ExprKind::Concat(parts)
            | ExprKind::Operator { operands: parts, .. }
            | ExprKind::Seq { items: parts, .. } => {
                parts.iter().for_each(|p| self.collect_columns(at, *p, depth + 1, found));
            }
            ExprKind::Same(inner) | ExprKind::Spread(inner) => self.collect_columns(at, *inner, depth + 1, found),
            ExprKind::Const(_) | ExprKind::Compare { .. } => {}
            _ => found.unknown = true,
        }
    }
}
