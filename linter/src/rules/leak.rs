//! CS2xx: a secret value reaches an output. The flow analysis finds them; a rule is a row.

pub mod comment_secret;
pub mod output_contains_secret;

use crate::{
    context::NotebookContext,
    finding::{Finding, Related},
    fix::Plan,
    flow::Leak,
    rule::{Anchors, FixKind, NotebookRule, RuleMeta, Severity},
};

/// Reports the leaks of one code.
pub struct LeakRule(pub usize);

impl NotebookRule for LeakRule {
    fn meta(&self) -> &'static RuleMeta {
        &METAS[self.0]
    }

    fn check(&self, cx: &mut NotebookContext<'_>) {
        let meta = self.meta();
        let earlier = cx.earlier;
        for leak in cx.leaks.iter().filter(|l| l.code == meta.code && !is_told(earlier, l)) {
            let mut finding = Finding::at(meta, leak.place, leak.message.clone())
                .help(&*leak.help)
                .severity(leak.severity)
                .confidence(leak.confidence)
                .subject(&*leak.subject);
            finding.related = leak
                .path
                .iter()
                .map(|(message, path, place)| Related {
                    message: message.clone(),
                    path: path.clone(),
                    place: *place,
                    resolved: path.as_deref().and_then(|p| cx.workspace.position(p, *place)),
                })
                .collect();
            // What is handed over is needed there: the line that shows it has to change.
            if let Some(path) = &leak.elsewhere {
                finding =
                    finding.plan(Plan::Advice { title: format!("Leave the secret out where `{path}` uses it so") });
            }
            cx.findings.push(finding);
        }
    }
}

/// Whether a credential is told where it is written, and is only used here: put into the request or statement that it is for (a URL is
/// information then). Once it is read from a scope, the use is told.
fn is_told(earlier: &[Finding], leak: &Leak) -> bool {
    let written = match leak.code {
        "CS211" | "CS212" => match leak.path.first() {
            Some((_, None, place)) => *place,
            _ => return false,
        },
        _ => return false,
    };
    let is_there = |f: &&Finding| f.place.cell == written.cell && written.span.overlaps(f.place.span);
    earlier.iter().filter(|f| f.value.is_some() && f.severity >= leak.severity).any(|f| is_there(&f))
}

/// Rows in the order of [`crate::registry::NOTEBOOK_RULES`].
pub static METAS: &[RuleMeta] = &[
    row(
        ("CS201", "secret-printed"),
        "secret printed to the cell or process output",
        include_str!("leak/secret_printed.md"),
        Severity::Warning,
        FixKind::Unsafe,
    ),
    row(
        ("CS202", "secret-displayed"),
        "secret shown with display or in a table",
        include_str!("leak/secret_displayed.md"),
        Severity::Warning,
        FixKind::Unsafe,
    ),
    row(
        ("CS203", "secret-as-cell-result"),
        "secret as the last expression of a cell",
        include_str!("leak/secret_as_cell_result.md"),
        Severity::Warning,
        FixKind::Unsafe,
    ),
    row(
        ("CS204", "scala-repl-echo"),
        "value derived from a secret that Scala's shell echoes",
        include_str!("leak/scala_repl_echo.md"),
        Severity::Error,
        FixKind::Unsafe,
    ),
    row(
        ("CS205", "fstring-debug"),
        "secret in an f-string's debug form",
        include_str!("leak/fstring_debug.md"),
        Severity::Warning,
        FixKind::Unsafe,
    ),
    row(
        ("CS206", "secret-logged"),
        "secret written to a log",
        include_str!("leak/secret_logged.md"),
        Severity::Warning,
        FixKind::Unsafe,
    ),
    row(
        ("CS207", "secret-in-exception"),
        "secret in an exception or assertion message",
        include_str!("leak/secret_in_exception.md"),
        Severity::Error,
        FixKind::Unsafe,
    ),
    row(
        ("CS208", "redaction-bypass"),
        "changed secret shown: redaction does not apply",
        include_str!("leak/redaction_bypass.md"),
        Severity::Error,
        FixKind::Unsafe,
    ),
    row(
        ("CS209", "basic-auth-printed"),
        "headers with credentials printed",
        include_str!("leak/basic_auth_printed.md"),
        Severity::Error,
        FixKind::Unsafe,
    ),
    row(
        ("CS210", "secret-in-url"),
        "secret put into a URL",
        include_str!("leak/secret_in_url.md"),
        Severity::Warning,
        FixKind::Unsafe,
    ),
    row(
        ("CS211", "secret-in-query-string"),
        "secret in the query of a request",
        include_str!("leak/secret_in_query_string.md"),
        Severity::Warning,
        FixKind::Unsafe,
    ),
    row(
        ("CS212", "secret-in-sql-text"),
        "secret put into SQL text",
        include_str!("leak/secret_in_sql_text.md"),
        Severity::Warning,
        FixKind::Unsafe,
    ),
    row(
        ("CS213", "select-secret"),
        "secret selected in SQL",
        include_str!("leak/select_secret.md"),
        Severity::Warning,
        FixKind::Unsafe,
    ),
    row(
        ("CS214", "notebook-exit"),
        "secret returned as the notebook's result",
        include_str!("leak/notebook_exit.md"),
        Severity::Error,
        FixKind::Display,
    ),
    row(
        ("CS215", "notebook-run-argument"),
        "secret passed to another notebook",
        include_str!("leak/notebook_run_argument.md"),
        Severity::Error,
        FixKind::Display,
    ),
    row(
        ("CS216", "task-value"),
        "secret stored as a task value",
        include_str!("leak/task_value.md"),
        Severity::Error,
        FixKind::Display,
    ),
    row(
        ("CS217", "widget-default"),
        "secret as a widget's default",
        include_str!("leak/widget_default.md"),
        Severity::Error,
        FixKind::Unsafe,
    ),
    row(
        ("CS218", "secret-to-file"),
        "secret written to a file",
        include_str!("leak/secret_to_file.md"),
        Severity::Error,
        FixKind::Display,
    ),
    row(
        ("CS219", "secret-to-table"),
        "secret written to a table",
        include_str!("leak/secret_to_table.md"),
        Severity::Error,
        FixKind::Display,
    ),
    row(
        ("CS220", "mlflow-leak"),
        "secret logged to MLflow",
        include_str!("leak/mlflow_leak.md"),
        Severity::Error,
        FixKind::Unsafe,
    ),
    row(
        ("CS221", "env-export"),
        "secret put into the environment",
        include_str!("leak/env_export.md"),
        Severity::Warning,
        FixKind::Display,
    ),
    row(
        ("CS222", "subprocess-argument"),
        "secret in the arguments of a process",
        include_str!("leak/subprocess_argument.md"),
        Severity::Warning,
        FixKind::Display,
    ),
    row(
        ("CS223", "cluster-wide-conf"),
        "secret set for every notebook on the cluster",
        include_str!("leak/cluster_wide_conf.md"),
        Severity::Warning,
        FixKind::Unsafe,
    ),
    row(
        ("CS224", "conf-dump"),
        "all configuration or environment shown",
        include_str!("leak/conf_dump.md"),
        Severity::Warning,
        FixKind::Unsafe,
    ),
    row(
        ("CS227", "http-in-clear"),
        "secret sent over plain http",
        include_str!("leak/http_in_clear.md"),
        Severity::Warning,
        FixKind::Unsafe,
    ),
    row(
        ("CS228", "debug-headers"),
        "debug log of request headers switched on",
        include_str!("leak/debug_headers.md"),
        Severity::Warning,
        FixKind::Unsafe,
    ),
    row(
        ("CS225", "traceback-chain"),
        "error text that can repeat a URL with a secret",
        include_str!("leak/traceback_chain.md"),
        Severity::Info,
        FixKind::Display,
    ),
    row(
        ("CS229", "udf-closure"),
        "secret returned for every row",
        include_str!("leak/udf_closure.md"),
        Severity::Error,
        FixKind::Display,
    ),
];

/// What the rules of this family have in common: who may read outputs, logs and stored data may read the secret.
const fn row(
    (code, name): (&'static str, &'static str),
    summary: &'static str,
    docs: &'static str,
    severity: Severity,
    fix: FixKind,
) -> RuleMeta {
    RuleMeta {
        code,
        name,
        summary,
        docs,
        severity,
        fix,
        anchors: Anchors::CredentialWords,
        precedence: 100,
        cwe: &[532, 200],
        since: "0.1.0",
    }
}
