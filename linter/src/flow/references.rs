//! Functions of somebody else's that are handed on as values: `with_secret("x", print)`, `partial(dbutils.secrets.get, "kv")`,
//! `executor.submit(print, password)`.

use credscope_grammars::facts::{ExprId, ExprKind};

use super::{
    At, Walker,
    reach::Call,
    tables,
    value::{Bound, Callee, Value},
};

/// Number of a function that is none of the documents': what it does is known by its path.
pub(super) const KNOWN: u32 = u32::MAX;

impl<'a> Walker<'a> {
    /// A name or member that means a function which reads or shows a secret; anything else as it is.
    pub(super) fn reference(&mut self, at: At<'a>, id: ExprId, name: &str, value: Value) -> Value {
        if !tables::may_be_handed_on(name) || self.env.find(self.env.current, name).is_some() {
            return value;
        }
        let path = self.path(at, id);
        let known =
            path.ends_with("secrets.get") || tables::sink(&path, name, &[]).is_some_and(|(code, _)| shows(code));
        if known { Value { origin: Some(path.into()), ..value } } else { value }
    }

    /// `partial(f, x)` of such a function.
    pub(super) fn partial_of_known(&self, call: &Call<'_, 'a>) -> Option<Value> {
        if !matches!(call.method, "partial" | "partialmethod") {
            return None;
        }
        let origin = call.values.first()?.origin.clone().filter(|o| !o.ends_with([')', ']']))?;
        let bound = call.args.iter().zip(call.values).skip(1);
        let bound: Vec<Bound> =
            bound.map(|(a, v)| Bound { name: a.name.as_ref().map(|(n, _)| n.clone()), value: v.clone() }).collect();
        let callee = Callee { target: KNOWN, env: 0, bound: Some(bound.into()) };
        Some(Value { origin: Some(origin), callable: Some(callee), ..Value::clean() })
    }

    /// Arguments that `partial` gave to a function of somebody else's.
    pub(super) fn early_arguments(&self, at: At<'a>, callee: ExprId) -> Vec<Bound> {
        let ExprKind::Name(name) = &at.facts.expr(callee).kind else { return Vec::new() };
        let found = self.env.find(self.env.current, name).and_then(|(_, v, _)| v.callable.as_ref());
        let bound = found.filter(|c| c.target == KNOWN).and_then(|c| c.bound.as_ref());
        bound.map(|b| b.to_vec()).unwrap_or_default()
    }

    /// Secrets that `partial` gave to a function that shows them.
    pub(super) fn reach_early(&mut self, at: At<'a>, call: &Call<'_, 'a>) {
        for bound in self.early_arguments(at, call.callee) {
            if let Some((code, class)) = tables::sink(call.path, call.method, &[]) {
                let spot = at.spot(at.facts.expr(call.id).span);
                self.leak(code, class, &bound.value.flat(), spot, tables::verb(code));
            }
        }
    }

    /// A secret that is an argument of such a function in another one's hands: `pool.submit(print, password)`.
    pub(super) fn handed_to_known(&mut self, at: At<'a>, call: &Call<'_, 'a>) {
        if !matches!(call.method, "submit" | "apply_async" | "run_in_executor" | "to_thread" | "Thread" | "Timer") {
            return;
        }
        let Some(path) = call.values.iter().find_map(|v| v.origin.clone().filter(|o| !o.ends_with([')', ']']))) else {
            return;
        };
        let method = path.rsplit('.').next().unwrap_or(&path);
        let Some((code, class)) = tables::sink(&path, method, &[]).filter(|(code, _)| shows(code)) else { return };
        for (arg, value) in call.args.iter().zip(call.values) {
            let spot = at.spot(at.facts.expr(arg.value).span);
            self.leak(code, class, &value.flat(), spot, tables::verb(code));
        }
    }
}

fn shows(code: &str) -> bool {
    matches!(code, "CS201" | "CS202" | "CS206")
}
