//! Whole configurations and environments that are shown (CS224), and debug switches (CS228).

use credscope_grammars::{
    Language,
    facts::{Arg, ExprId, ExprKind},
};

use super::{
    At, Walker,
    reach::Call,
    tables,
    value::{Kind, Spot, Value},
};

const SESSION: &str = "all of the session's configuration is shown, secrets among it";
pub(super) const KEYS: &str = "show the keys that are needed";

impl<'a> Walker<'a> {
    pub(super) fn dumps(&mut self, at: At<'a>, call: &Call<'_, 'a>) {
        if at.doc != 0 || self.quiet > 0 {
            return;
        }
        let shown = tables::sink(call.path, call.method, &[])
            .is_some_and(|(code, _)| matches!(code, "CS201" | "CS202" | "CS206"));
        if shown {
            for arg in call.args {
                self.dump(at, arg.value, at.spot(at.facts.expr(arg.value).span));
            }
        }
        // `sc.getConf.getAll.foreach(println)`.
        if matches!(call.method, "foreach" | "map") && call.args.len() == 1 {
            let path = at.facts.path(call.args[0].value).unwrap_or_default();
            let shows = matches!(path.rsplit('.').next(), Some("println" | "print"));
            if let ExprKind::Attr { base, .. } = &at.facts.expr(call.callee).kind
                && shows
            {
                self.dump(at, *base, at.spot(at.facts.expr(*base).span));
            }
        }
        if call.method == "show"
            && call.path.contains("sql()")
            && let ExprKind::Attr { base, .. } = &at.facts.expr(call.callee).kind
            && let ExprKind::Call { args, .. } = &at.facts.expr(*base).kind
            && let Some(text) = args.first().and_then(|a| self.text(at, a.value))
            && is_set(&text)
        {
            let message = (SESSION.to_owned(), KEYS);
            self.plain_leak("CS224", at.spot(at.facts.expr(args[0].value).span), message, "SET".into());
        }
        let debug = call.args.iter().find(|a| {
            a.name.as_ref().is_some_and(|(n, _)| &**n == "debug_headers")
                && super::expressions::constant(at, a.value).is_some_and(|c| c.eq_ignore_ascii_case("true"))
        });
        if let Some(arg) = debug
            && (call.path.ends_with("WorkspaceClient")
                || call.path.ends_with("AccountClient")
                || call.path.ends_with("Config"))
        {
            let message = ("`debug_headers` writes access tokens to the debug log".to_owned(), "remove it");
            self.plain_leak("CS228", at.spot(arg.span), message, "debug_headers".into());
        }
        if call.method == "setLevel" && call.path.contains("getLogger") {
            self.http_log(at, call);
        }
    }

    /// `logging.getLogger("urllib3").setLevel(logging.DEBUG)`.
    fn http_log(&mut self, at: At<'a>, call: &Call<'_, 'a>) {
        let ExprKind::Attr { base, .. } = &at.facts.expr(call.callee).kind else { return };
        let ExprKind::Call { args, .. } = &at.facts.expr(*base).kind else { return };
        let logger = args.first().and_then(|a| self.text(at, a.value)).unwrap_or_default();
        let level = call.args.first().and_then(|a| {
            at.facts
                .path(a.value)
                .or_else(|| self.text(at, a.value))
                .or_else(|| super::expressions::constant(at, a.value))
        });
        let debug = level.is_some_and(|l| l.ends_with("DEBUG") || l == "10");
        if debug && matches!(&*logger, "urllib3" | "requests.packages.urllib3" | "http.client" | "httpx" | "httpcore") {
            let spot = at.spot(at.facts.expr(call.id).span);
            self.switches.push((spot, "the debug log of HTTP requests can hold URLs and headers with credentials"));
        }
    }

    /// A debug switch that matters by itself.
    pub(super) fn switch(&mut self, spot: Spot, message: &'static str) {
        self.plain_leak("CS228", spot, (message.to_owned(), "remove it"), "debug".into());
    }

    /// Switches that matter where secrets are used.
    pub(super) fn debug_switches(&mut self) {
        if self.sources.is_empty() {
            return;
        }
        for (spot, message) in std::mem::take(&mut self.switches) {
            self.plain_leak("CS228", spot, (message.to_owned(), "remove it"), "debug".into());
        }
    }

    /// A whole configuration or environment at the end of a cell.
    pub(super) fn dump_result(&mut self, at: At<'a>, id: ExprId) {
        self.dump(at, id, at.spot(at.facts.expr(id).span));
    }

    /// The pairs of a whole configuration or environment, for what loops over them: `os.environ.items()`.
    pub(super) fn dumped_pairs(&mut self, at: At<'a>, id: ExprId, path: &str) -> Option<Value> {
        if at.doc != 0 || !(path == "os.environ.items()" || path == "sys.env" || lists_configuration(path)) {
            return None;
        }
        let what = path.trim_end_matches("()").trim_end_matches(".items");
        let source = self.source(Kind::Dump, format!("all of `{what}`"), at.spot(at.facts.expr(id).span));
        let parts = [("*".into(), Value::of(source))].into();
        let pair = self.pair(&Value::dictionary(parts));
        Some(Value::list_of(pair))
    }

    /// `sys.env.foreach { case (k, v) => … }`: what the method of a whole environment goes over.
    pub(super) fn dumped_receiver(&mut self, at: At<'a>, callee: ExprId, args: &[Arg]) -> Option<Value> {
        let ExprKind::Attr { base, name, .. } = &at.facts.expr(callee).kind else { return None };
        // The whole is found where it stands ([`Walker::dumps`]).
        let whole = args.first().and_then(|a| at.facts.path(a.value));
        if whole.is_some_and(|p| matches!(p.rsplit('.').next(), Some("println" | "print"))) {
            return None;
        }
        if !matches!(&**name, "foreach" | "map" | "sortBy" | "sorted" | "toSeq" | "toList" | "mkString") {
            return None;
        }
        let mut base = *base;
        while let ExprKind::Attr { base: inner, name, .. } = &at.facts.expr(base).kind
            && matches!(&**name, "toSeq" | "toList" | "sorted" | "toArray")
        {
            base = *inner;
        }
        let path = self.path(at, base);
        self.dumped_pairs(at, base, &path)
    }

    /// One setting by its name is not all of them.
    pub(super) fn without_dumps(&self, mut value: Value) -> Value {
        value.labels.retain(|l| self.sources[l.source].kind != Kind::Dump);
        value
    }

    fn dump(&mut self, at: At<'a>, id: ExprId, spot: Spot) {
        if let ExprKind::Call { callee, args, .. } = &at.facts.expr(id).kind
            && matches!(self.path(at, *callee).as_str(), "spark.sql" | "sql")
            && args.first().and_then(|a| self.text(at, a.value)).is_some_and(|t| is_set(&t))
        {
            return self.plain_leak("CS224", spot, (SESSION.to_owned(), KEYS), "SET".into());
        }
        let inner = match &at.facts.expr(id).kind {
            ExprKind::Call { callee, args, .. }
                if matches!(
                    at.facts.path(*callee).as_deref(),
                    Some("dict" | "list" | "str" | "sorted" | "json.dumps")
                ) && !args.is_empty() =>
            {
                let lists = matches!(at.facts.path(*callee).as_deref(), Some("list" | "sorted"));
                // The names alone.
                let names = matches!(&*self.path(at, args[0].value), "os.environ" | "environ" | "os.environ.copy()");
                if !(lists && names) {
                    self.dump(at, args[0].value, spot);
                }
                return;
            }
            ExprKind::Same(inner) => return self.dump(at, *inner, spot),
            // One variable: `System.getenv("X")`.
            ExprKind::Call { args, .. }
                if args.len() == 1
                    && self.text(at, args[0].value).is_some_and(|t| !t.contains('\n') && is_name(&t)) =>
            {
                return;
            }
            // `sc.getConf.getAll.mkString("\n")`.
            ExprKind::Call { callee, .. } if matches!(&at.facts.expr(*callee).kind, ExprKind::Attr { name, .. } if is_listing(name)) =>
            {
                let ExprKind::Attr { base, .. } = &at.facts.expr(*callee).kind else { return };
                return self.dump(at, *base, spot);
            }
            ExprKind::Attr { base, name, .. } if is_listing(name) => return self.dump(at, *base, spot),
            _ => id,
        };
        let what = self.path(at, inner);
        let dump = matches!(
            what.as_str(),
            "os.environ"
                | "os.environ.items()"
                | "os.environ.copy()"
                | "sys.env"
                | "System.getenv()"
                | "sys.props"
                | "environ"
        ) || lists_configuration(&what);
        if dump {
            let message = (format!("all of `{what}` is shown, secrets among it"), KEYS);
            self.plain_leak("CS224", spot, message, what);
        }
    }

    /// `SET`, `SET -v` in SQL. What a shell shows of its environment is a rule of its own (CS408).
    pub(super) fn setting_dumps(&mut self, at: At<'a>, language: Language) {
        if at.doc != 0 {
            return;
        }
        if language == Language::Sql {
            for query in &at.facts.queries {
                let text = self.docs[0]
                    .cells
                    .get(at.cell as usize)
                    .and_then(|c| c.text.get(query.span.start as usize..query.span.end as usize));
                if at.map.is_none() && text.is_some_and(is_set) {
                    let message = (SESSION.to_owned(), KEYS);
                    self.plain_leak("CS224", at.spot(query.span), message, "SET".into());
                }
            }
        }
    }
}

/// Calls that list all of the configuration.
fn lists_configuration(path: &str) -> bool {
    [
        "getConf().getAll()", "getConf.getAll", "conf.getAll", "conf.getAll()", "getConf().getAll",
        "getConf().toDebugString()", "getConf.toDebugString",
    ]
    .iter()
    .any(|t| path.ends_with(t))
}

/// Methods that write a collection as it is.
fn is_listing(name: &str) -> bool {
    matches!(name, "mkString" | "toList" | "toSeq" | "toMap" | "toString" | "sorted")
}

/// A name of a variable or key.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

fn is_set(text: &str) -> bool {
    let text = text.trim().trim_end_matches(';').trim();
    text.eq_ignore_ascii_case("set") || text.eq_ignore_ascii_case("set -v")
}
