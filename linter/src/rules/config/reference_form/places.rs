//! Where a secret reference is expanded, and where it certainly is not.

use credscope_grammars::{Span, facts::PropertyPlace};

use super::{EnvironmentOf, Position, Positioned as Place, is_cluster, is_secret, query_spans};
use crate::{
    context::CellContext,
    model::{Role, Site},
    recognise::DocumentKind,
};

/// Whether references are expanded at a position.
pub fn expands(place: Place) -> bool {
    match place {
        Place::SparkConf | Place::DockerAuth | Place::ServingReference => true,
        Place::Environment(of) => is_cluster(of),
        _ => false,
    }
}

/// What the place is called, when a reference is not expanded there.
pub(super) fn wrong_place(
    cx: &CellContext<'_>,
    site: &Site,
    position: Option<&Position>,
    text: &str,
) -> Option<&'static str> {
    if let Some(position) = position {
        return match position.place {
            Place::JobParameter | Place::JobArgument => Some("a job parameter"),
            Place::ServingPlaintext => Some("a `_plaintext` field"),
            Place::CredentialFile(_) => Some("a credential file"),
            Place::Ci => Some("a CI pipeline"),
            Place::Terraform => Some("this attribute"),
            Place::Environment(EnvironmentOf::App) => Some("the environment of an app"),
            Place::Environment(of) if !is_cluster(of) => Some("this environment"),
            _ => None,
        };
    }
    match &site.role {
        Role::Property(p) => match p.place {
            PropertyPlace::SqlSet => Some("SQL"),
            PropertyPlace::Query(_) => Some("a SQL statement"),
            PropertyPlace::Document if cx.kind() == Some(DocumentKind::Dbt) => Some("a dbt profile"),
            PropertyPlace::Document
                if p.path.iter().any(|k| matches!(&**k, "tags" | "custom_tags" | "default_tags")) =>
            {
                Some("a tag")
            }
            _ => None,
        },
        Role::Clause { .. } => Some("a SQL statement"),
        Role::Command(c) => {
            const CARRIERS: &[&str] =
                &["databricks", "curl", "cat", "echo", "tee", "jq", "terraform", "printf", "sed", "grep"];
            // The text of a cluster's box for environment variables, shown.
            if c.run.is_shown && c.program.is_empty() && c.variable.is_some() {
                return None;
            }
            let word = c.variable.is_some() || c.index.is_some_and(|i| i > 0);
            // A request may hold the definition of a cluster; a header or a user is none.
            let carries = CARRIERS.contains(&&*c.program) && (&*c.program != "curl" || text.contains(['"', '\'']));
            (word && !carries && !text.contains('\n')).then_some("shell")
        }
        role => in_code(cx, site, role, text),
    }
}

/// A program that uses the reference itself, instead of handing it to a cluster or job that it defines.
fn in_code(cx: &CellContext<'_>, site: &Site, role: &Role, text: &str) -> Option<&'static str> {
    let code = Some("notebook code");
    if query_spans(cx).iter().any(|span: &Span| span.contains(site.at.span)) && !text.contains("SELECT") {
        return Some("a SQL statement");
    }
    match role {
        Role::Argument(a) => {
            let named = a.keyword.as_deref().is_some_and(is_secret);
            let key = a.positional(0).map(|k| k.expose().to_owned()).unwrap_or_default();
            let option = a.index == Some(1)
                && matches!(&*a.method, "option" | "set" | "setProperty" | "put" | "config" | "setIfMissing")
                && (is_secret(&key) || key.contains('.') || crate::catalog::options::is_secret(&key));
            let opens = matches!(&*a.method, "getConnection" | "connect" | "load" | "jdbc");
            let defines = defines_compute(cx) && !option;
            ((named || option || opens) && !defines).then_some(()).and(code)
        }
        Role::Bind { name, .. } | Role::Default { name } if is_secret(name) && !defines_compute(cx) => code,
        Role::Entry { key, .. } if is_secret(key) && !key.contains('.') && !defines_compute(cx) => code,
        _ => None,
    }
}

/// Whether the cell, or the file that it is a block of, defines a cluster, job or endpoint: there the reference is right.
fn defines_compute(cx: &CellContext<'_>) -> bool {
    cx.whole.map_or_else(|| defined_in(&cx.cell.text), |whole| whole.defines_compute)
}

/// Whether a text defines a cluster, job or endpoint.
pub(crate) fn defined_in(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "spark_conf", "spark_env_vars", "environment_vars", "new_cluster", "external_model", "served_entities",
        "ServedEntity", "ClusterSpec", "clusters/create", "jobs/create", "clusters/edit", "basic_auth", "_config",
        "Config(",
    ];
    WORDS.iter().any(|w| memchr::memmem::find(text.as_bytes(), w.as_bytes()).is_some())
}

/// Whether a site is a value that someone uses, and not text about references.
pub(super) fn is_value(cx: &CellContext<'_>, site: &Site) -> bool {
    match &site.role {
        Role::Property(p) => p.place != PropertyPlace::LineScan,
        Role::Bare => query_spans(cx).iter().any(|span| span.contains(site.at.span)),
        Role::Compare { .. } | Role::Return { .. } => false,
        Role::Command(c) => c.variable.is_some(),
        _ => true,
    }
}

/// A reference as it is written into a literal: in a template braces are doubled.
pub(super) fn spelled(cx: &CellContext<'_>, site: &Site, literal: Span, canonical: &str) -> String {
    let written = literal.of(&cx.cell.text);
    let template = matches!(site.role, Role::Property(_)) || !written.starts_with(['f', 'F', 'r', 'R']);
    if template { canonical.to_owned() } else { canonical.replace('{', "{{").replace('}', "}}") }
}
