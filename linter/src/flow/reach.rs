//! What a call does with its arguments: which of them it shows, stores or sends.

use credscope_grammars::{
    Language,
    facts::{Arg, ExprId, ExprKind, StrPart},
};

use super::{
    At, Walker,
    grows::buffer,
    paths,
    tables::{self, Class},
    value::Value,
};
use crate::{
    catalog,
    value::{
        names::{NameVerdict, verdict, words},
        plausible::{Implausible, implausible},
    },
};

/// A call with its parts evaluated.
pub(super) struct Call<'c, 'a> {
    pub id: ExprId,
    pub callee: ExprId,
    /// Resolved.
    pub path: &'c str,
    /// Last name of the callee.
    pub method: &'c str,
    pub receiver: &'c Value,
    pub args: &'a [Arg],
    /// Parallel to `args`.
    pub values: &'c [Value],
}

impl Call<'_, '_> {
    pub(super) fn keyword(&self, index: usize) -> Option<&str> {
        self.args[index].name.as_ref().map(|(n, _)| &**n)
    }

    /// Position of a named argument.
    pub(super) fn named(&self, name: &str) -> Option<usize> {
        self.args.iter().position(|a| a.name.as_ref().is_some_and(|(n, _)| &**n == name))
    }
}

impl<'a> Walker<'a> {
    pub(super) fn reach(&mut self, at: At<'a>, call: &Call<'_, 'a>) {
        self.dumps(at, call);
        self.widget(at, call);
        self.error_texts(at, call);
        if self.frame_sinks(at, call) {
            return;
        }
        // A parser of ini files that holds it, written out.
        if call.method == "write" && call.path.contains("ConfigParser") {
            let spot = at.spot(at.facts.expr(call.callee).span);
            return self.leak("CS218", Class::Stored, &call.receiver.flat(), spot, "written to a file");
        }
        // A secret that is run as a command: `s"… $pw".!`.
        if matches!(call.method, "!" | "!!" | "lineStream") {
            let spot = at.spot(at.facts.expr(call.id).span);
            return self.leak("CS222", Class::Text, &call.receiver.flat(), spot, "put into a process's arguments");
        }
        // Also a logger of somebody else's making, by the name that it has here.
        let named = || at.facts.path(call.callee).filter(|p| tables::is_logger(p));
        let found = tables::sink(call.path, call.method, &self.settings.extend.sinks)
            .or_else(|| tables::sink(&named()?, call.method, &[]));
        let Some((code, class)) = found else {
            return self.requests(at, call);
        };
        let Some((code, class)) = self.refined(at, call, code, class) else { return };
        if code == "CS201" && self.is_pipeline_mask(at, call) {
            return;
        }
        for (i, arg) in call.args.iter().enumerate() {
            let value = &call.values[i];
            // A mapping that is spread gives its keys.
            let keys = value.mapping && matches!(at.facts.expr(arg.value).kind, ExprKind::Spread(_));
            if is_skipped(code, i, call)
                || keys && code == "CS201"
                || (value.holder && !value.frame)
                || value.frame && !value.pandas && code != "CS219"
            {
                continue;
            }
            let value = self.revealed(value);
            let spot = at.spot(at.facts.expr(arg.value).span);
            if code == "CS221" {
                self.export_arguments(at, call, i, &value);
                continue;
            }
            let has_header = value.labels.is_empty()
                && value.parts.as_ref().is_some_and(|p| p.iter().any(|(k, _)| k.eq_ignore_ascii_case("authorization")));
            let rendered = code == "CS201" && self.path(at, arg.value).ends_with(".render_as_string()");
            let (code, class) =
                if code == "CS201" && (has_header || rendered) { ("CS209", Class::Header) } else { (code, class) };
            // Each character as an argument of its own.
            let spread = matches!(at.facts.expr(arg.value).kind, ExprKind::Spread(_)) && value.parts.is_none();
            let value = if spread && !value.wrapped { value.changed() } else { value };
            let verb = match (code, class) {
                ("CS223", Class::Expected) => "set in the session's configuration",
                _ => tables::verb(code),
            };
            self.leak(code, class, &value, spot, verb);
        }
    }

    /// What the arguments say of the sink: files of the driver's scratch folders, statements that store their text.
    fn refined(
        &self,
        at: At<'a>,
        call: &Call<'_, 'a>,
        code: &'static str,
        class: Class,
    ) -> Option<(&'static str, Class)> {
        match code {
            // Words of one language alone.
            "CS207" if call.path == "warning" && self.language(at) != Some(Language::R) => None,
            "CS206"
                if call.path == call.method
                    && !self.is_scala(at)
                    && !self.settings.extend.sinks.iter().any(|s| s == call.path) =>
            {
                None
            }
            "CS201" | "CS218" if buffer(call).is_some() => None,
            // Without a stream it gives back the text.
            "CS218" if call.path.starts_with("yaml.") && !has_stream(call) => None,
            // R: the second argument is a file, unless it is the console.
            "CS201" if call.method == "writeLines" && call.args.len() > 1 => {
                let connection = call.named("con").or_else(|| call.args[1].name.is_none().then_some(1));
                let path = connection.map(|i| (at.facts.path(call.args[i].value), self.text(at, call.args[i].value)));
                match path {
                    None => Some((code, class)),
                    Some((Some(path), _)) if path.starts_with("stdout") || path.starts_with("stderr") => {
                        Some((code, class))
                    }
                    Some((_, text)) => {
                        let scratch = text.as_deref().is_some_and(paths::is_scratch);
                        Some(("CS218", if scratch { Class::Scratch } else { Class::Stored }))
                    }
                }
            }
            "CS201" => {
                let Some(file) = call.named("file") else { return Some((code, class)) };
                let name = at.facts.path(call.args[file].value).unwrap_or_default();
                if name.contains("stderr") || name.contains("stdout") {
                    return Some((code, class));
                }
                let scratch = call.values[file].origin.as_ref().is_some_and(|o| o.contains(".tmp"));
                Some(("CS218", if scratch { Class::Scratch } else { Class::Stored }))
            }
            "CS218" => {
                let first = call.args.first().and_then(|a| self.text(at, a.value));
                let path = first.filter(|_| call.args.len() > 1).or_else(|| self.receiver_text(at, call.callee));
                let scratch = call.path.contains(".tmp")
                    || call.path.contains("tempfile.")
                    || path.as_deref().is_some_and(paths::is_scratch)
                    || call.values.iter().any(|v| v.origin.as_ref().is_some_and(|o| o.contains(".tmp")));
                Some((code, if scratch { Class::Scratch } else { class }))
            }
            "CS212" => {
                let stores = call.args.first().is_some_and(|a| self.stores_text(at, a.value));
                Some((code, if stores { Class::Ddl } else { class }))
            }
            "CS223" => {
                let key = call.args.first().and_then(|a| self.text(at, a.value)).unwrap_or_default();
                if call.path.contains("hadoopConfiguration") || key.starts_with("spark.hadoop.") {
                    Some((code, class))
                } else {
                    // For this session alone: what such settings are for. Spark's own redaction knows keys by a pattern.
                    let escapes = catalog::confs::is_secret(&key) && !tables::is_redacted_conf(&key);
                    escapes.then_some((code, Class::Expected))
                }
            }
            _ => Some((code, class)),
        }
    }

    /// First constant argument in the chain that a method is called on: `Path("/tmp/x").write_text`.
    pub(super) fn receiver_text(&self, at: At<'a>, callee: ExprId) -> Option<String> {
        match &at.facts.expr(callee).kind {
            ExprKind::Attr { base, .. } => self.receiver_text(at, *base),
            ExprKind::Call { callee, args, .. } => {
                args.first().and_then(|a| self.text(at, a.value)).or_else(|| self.receiver_text(at, *callee))
            }
            _ => None,
        }
    }

    /// Whether SQL text defines something that keeps it.
    fn stores_text(&self, at: At<'a>, id: ExprId) -> bool {
        let head = match &at.facts.expr(id).kind {
            ExprKind::Str(lit) => lit.parts.first().and_then(|p| match p {
                StrPart::Text { value, .. } => Some(value.expose().to_owned()),
                StrPart::Hole { .. } => None,
            }),
            ExprKind::Concat(parts) => return parts.first().is_some_and(|p| self.stores_text(at, *p)),
            ExprKind::Format { template, .. } => return self.stores_text(at, *template),
            ExprKind::Same(inner) => return self.stores_text(at, *inner),
            ExprKind::Call { callee, .. } => match &at.facts.expr(*callee).kind {
                ExprKind::Attr { base, .. } => return self.stores_text(at, *base),
                _ => None,
            },
            _ => None,
        };
        let word = head.as_deref().and_then(|h| h.split_whitespace().next()).unwrap_or("").to_ascii_uppercase();
        matches!(word.as_str(), "CREATE" | "INSERT" | "COMMENT" | "ALTER" | "MERGE" | "UPDATE")
    }

    /// A CI system's own way of naming a secret: it is masked from then on.
    fn is_pipeline_mask(&self, at: At<'a>, call: &Call<'_, 'a>) -> bool {
        call.args.iter().any(|a| {
            let ExprKind::Str(lit) = &at.facts.expr(a.value).kind else { return false };
            let text = lit.parts.iter().find_map(|p| match p {
                StrPart::Text { value, .. } => Some(value.expose().to_ascii_lowercase()),
                StrPart::Hole { .. } => None,
            });
            text.is_some_and(|t| {
                t.contains("::add-mask::") || t.contains("##vso[task.setvariable") && t.contains("issecret=true")
            })
        })
    }

    /// A widget that asks for a secret: what is typed there is part of the notebook (CS217).
    fn widget(&mut self, at: At<'a>, call: &Call<'_, 'a>) {
        if !matches!(call.method, "text" | "dropdown" | "combobox" | "multiselect")
            || !call.path.ends_with(&format!("widgets.{}", call.method))
        {
            return;
        }
        let name = call.args.iter().find(|a| a.name.as_ref().is_none_or(|(n, _)| &**n == "name"));
        let Some((arg, text)) = name.and_then(|a| Some((a, self.text(at, a.value)?))) else { return };
        // `("webhook_secret", "", "Webhook secret (scope/key)")`: what it is called is no secret.
        let about = call.args.iter().filter_map(|a| self.text(at, a.value)).any(|text| asks_for_names(&text));
        if verdict(&text) == NameVerdict::Secret && !about && !self.is_key_name(&text) {
            let message = (
                format!("the widget `{text}` asks for a secret"),
                "what is typed there is kept with the notebook and its runs; pass scope and key and read the secret",
            );
            self.plain_leak("CS217", at.spot(at.facts.expr(arg.value).span), message, text);
        }
    }

    /// URLs that a `try` block uses, and handlers that log the whole error (CS225).
    fn error_texts(&mut self, at: At<'a>, call: &Call<'_, 'a>) {
        for value in call.values {
            if value.labels.iter().any(|l| l.in_url) && self.in_try.len() < 8 {
                self.in_try.push(value.flat());
            }
        }
        let whole = matches!(call.method, "print_exc" | "format_exc")
            || call.method == "exception" && tables::is_logger(call.path)
            || call.named("exc_info").is_some();
        if whole && let Some(caught) = self.caught.clone() {
            let spot = at.spot(at.facts.expr(call.id).span);
            self.leak("CS225", Class::Log, &caught, spot, "part of the error's text, which is logged");
        }
    }
}

/// Whether a label or default of a widget says that it takes scope and key of a secret.
fn asks_for_names(text: &str) -> bool {
    let words = words(text);
    let says = |word: &str| words.iter().any(|w| w == word);
    says("scope") && says("key") || text.contains('/') && implausible(text) == Some(Implausible::SecretName)
}

/// Whether `yaml.dump` was given what it writes to.
fn has_stream(call: &Call<'_, '_>) -> bool {
    call.named("stream").is_some() || call.args.iter().filter(|a| a.name.is_none()).count() > 1
}

/// Arguments that a sink does not show.
fn is_skipped(code: &str, index: usize, call: &Call<'_, '_>) -> bool {
    let keyword = call.keyword(index);
    match code {
        "CS215" | "CS217" => index == 0,
        "CS216" => keyword == Some("key") || index == 0 && keyword.is_none() && call.args.len() > 1,
        "CS212" => {
            keyword.is_some_and(|k| !matches!(k, "sql" | "query" | "operation" | "statement" | "sqlQuery" | "command"))
                || (index > 0 && keyword.is_none())
        }
        "CS223" => index == 0,
        "CS221" => index == 0 && keyword.is_none() && call.method != "update",
        // Scala: pairs behind the command are the child's environment.
        "CS222" => matches!(keyword, Some("env" | "input" | "cwd" | "stdin")) || call.method == "Process" && index > 1,
        "CS207" if call.method.starts_with("assert") && call.path != call.method => {
            // The message of a test's assertion: the last one.
            let message = if matches!(call.method, "assertTrue" | "assertFalse" | "assertIsNone" | "assertIsNotNone") {
                1
            } else {
                2
            };
            keyword.map_or(index != message, |k| k != "msg")
        }
        "CS207" => index == 0 && matches!(call.method, "require" | "assert" | "assume"),
        "CS220" => index == 0 && call.args.len() > 1 && !matches!(call.method, "log_text" | "log_dict" | "log_input"),
        "CS218" => keyword == Some("file") || index == 0 && call.args.len() > 1 && call.path.ends_with("fs.put"),
        _ => matches!(keyword, Some("file" | "flush" | "exc_info" | "level" | "stacklevel")),
    }
}
