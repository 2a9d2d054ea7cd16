//! Functions over the elements of a container that are no function of the documents: `xs.foreach(println)`, `map(print, xs)`,
//! `xs.map(_.trim)`.

use credscope_grammars::facts::{ExprId, ExprKind};

use super::{At, Walker, reach::Call, tables, value::Value};

impl<'a> Walker<'a> {
    /// `xs.foreach(println)`, `map(print, xs)`, `xs.map(_.trim)`: functions that are no function of the documents.
    pub(super) fn implicit(&mut self, at: At<'a>, call: &Call<'_, 'a>) -> Option<Value> {
        if !tables::is_over_elements(call.method) || call.args.is_empty() {
            return None;
        }
        let receiver_first = !call.receiver.is_clean();
        let items = if receiver_first { call.receiver.clone() } else { super::propagate::joined_values(call.values) };
        if items.is_clean() || items.frame {
            return None;
        }
        let item = if tables::is_given_whole(call.method) { items.clone() } else { self.round(at, &items) };
        let function = call.args[0].value;
        let path = self.path(at, function);
        let method = path.rsplit('.').next().unwrap_or(&path).to_owned();
        if let Some((code, class)) = tables::sink(&path, &method, &self.settings.extend.sinks) {
            let carrier = if receiver_first { call.callee } else { call.args.last()?.value };
            let spot = at.spot(at.facts.expr(carrier).span);
            self.leak(code, class, &item, spot, tables::verb(code));
            return Some(if matches!(call.method, "tap" | "andThen") { items } else { Value::clean() });
        }
        if tables::passes(&path) == Some(false) && !receiver_first {
            return Some(Value::list_of(item.flat()));
        }
        if tables::encodes(&path, &method) && !receiver_first {
            return Some(Value::list_of(item.changed()));
        }
        if starts_with_placeholder(at, function) {
            let outer = self.env.current;
            self.env.current = self.env.push(Some(outer));
            self.env.set("_", item);
            let result = self.eval(at, function);
            self.env.current = outer;
            if matches!(call.method, "exists" | "forall" | "count" | "foreach") {
                return Some(Value::clean());
            }
            if matches!(call.method, "filter" | "find" | "takeWhile" | "dropWhile" | "sortBy" | "withFilter") {
                return Some(items.some_of());
            }
            return Some(if items.wrapped { Value { wrapped: true, ..result } } else { Value::list_of(result) });
        }
        None
    }
}

/// `_.trim`, `_ + "x"`.
fn starts_with_placeholder(at: At<'_>, id: ExprId) -> bool {
    match &at.facts.expr(id).kind {
        ExprKind::Name(name) => &**name == "_",
        ExprKind::Attr { base, .. } | ExprKind::Index { base, .. } | ExprKind::Slice { base, .. } => {
            starts_with_placeholder(at, *base)
        }
        ExprKind::Call { callee, args, .. } => {
            starts_with_placeholder(at, *callee) || args.iter().any(|a| starts_with_placeholder(at, a.value))
        }
        ExprKind::Concat(parts) => parts.iter().any(|p| starts_with_placeholder(at, *p)),
        ExprKind::Same(inner) => starts_with_placeholder(at, *inner),
        _ => false,
    }
}
