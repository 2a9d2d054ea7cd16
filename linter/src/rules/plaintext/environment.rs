//! CS13x: secrets kept in or read from the environment of the process.

use credscope_grammars::{
    CellFacts, Span,
    dialect::around::{Around, is_in_model},
    facts::{BindKind, ExprId, ExprKind, StmtKind, Target},
};

use crate::{
    catalog::env,
    context::CellContext,
    finding::Finding,
    fix::{self, Plan},
    model::{Argument, Role, Site},
    rule::{Anchors, CellRule, Confidence, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
    value::{
        HOLE,
        names::{NameVerdict, verdict},
        plausible::{Implausible, implausible_as},
    },
};

pub static READ: RuleMeta = RuleMeta {
    code: "CS130",
    name: "env-secret-read",
    summary: "secret read from an environment variable",
    docs: include_str!("env_secret_read.md"),
    severity: Severity::Warning,
    fix: FixKind::Unsafe,
    anchors: Anchors::CredentialWords,
    precedence: 5,
    cwe: &[526],
    since: "0.1.0",
};

pub static WRITE: RuleMeta = RuleMeta {
    code: "CS131",
    name: "env-secret-write",
    summary: "plaintext secret put into an environment variable",
    docs: include_str!("env_secret_write.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 58,
    cwe: &[526, 798],
    since: "0.1.0",
};

pub static DOTENV: RuleMeta = RuleMeta {
    code: "CS132",
    name: "dotenv-secret",
    summary: "secrets loaded from a .env file",
    docs: include_str!("dotenv_secret.md"),
    severity: Severity::Info,
    fix: FixKind::Display,
    anchors: Anchors::CredentialWords,
    precedence: 5,
    cwe: &[526],
    since: "0.1.0",
};

pub struct EnvRead;
pub struct EnvWrite;
pub struct DotEnv;

fn is_secret(name: &str) -> bool {
    verdict(name) == NameVerdict::Secret && !env::is_harmless(name)
}

/// A notebook, or a file that uses Spark or dbutils and is no program of another kind.
fn on_cluster(cx: &CellContext<'_>) -> bool {
    let alone = || names_spark(cx.facts, imports_dbutils(cx.facts)) && !imports_service(cx.facts);
    cx.document.is_notebook() || cx.whole.map_or_else(alone, |whole| whole.on_cluster)
}

/// Whether a program is one that schedulers and web servers run: there is no `dbutils` either.
pub(crate) fn imports_service(facts: &CellFacts) -> bool {
    facts.body.iter().any(|stmt| match &stmt.kind {
        StmtKind::Import(imports) => {
            imports.iter().any(|import| env::is_service(import.module.as_deref().unwrap_or(&import.path)))
        }
        _ => false,
    })
}

/// Whether the name of the variable is written where it is read, or in a constant that is bound once: one read is one variable.
fn is_fixed(cx: &CellContext<'_>, site: &Site, argument: &Argument) -> bool {
    let same = |other: &Site| match &other.role {
        Role::Argument(a) if a.call == argument.call && a.index == Some(0) => {
            other.text().expose() == site.text().expose()
        }
        _ => true,
    };
    let Some(literal) = site.literal().filter(|l| l.cell == cx.index as u32) else { return false };
    if site.at.span.contains(literal.literal) {
        // In the argument itself: alone in it.
        return site.at.span == literal.literal && cx.sites.iter().all(same);
    }
    let around = Around::of(cx.facts, literal.literal);
    let Some(StmtKind::Bind { targets, value, .. }) = around.levels.last().map(|level| &level.stmt.kind) else {
        return false;
    };
    let is_read = |target: &Target| {
        let Target::Name { name, .. } = target else { return false };
        let at = cx.facts.around(site.at.span).into_iter().find(|id| cx.facts.expr(*id).span == site.at.span);
        at.is_some_and(|id| cx.facts.path(id).is_some_and(|path| path == **name))
    };
    cx.facts.expr(*value).span == literal.literal && targets.iter().any(is_read) && cx.sites.iter().all(same)
}

/// Whether code names what there is on a cluster. `imported`: the file imports its `dbutils`, as a fix does, too; that it
/// reads secrets says nothing then, the SDK reads them anywhere.
pub(crate) fn names_spark(facts: &CellFacts, imported: bool) -> bool {
    const NAMES: &[&str] =
        &["spark", "sc", "sqlContext", "SparkSession", "SparkContext", "SparkConf", "DatabricksSession", "DBUtils"];
    const DBUTILS: &str = "dbutils";
    let reader = |kind: &ExprKind| match kind {
        ExprKind::Attr { base, name, .. } if &**name == "secrets" => Some(*base),
        _ => None,
    };
    let readers: Vec<ExprId> = match imported {
        true => facts.exprs.iter().filter_map(|e| reader(&e.kind)).collect(),
        false => Vec::new(),
    };
    facts.exprs.iter().zip(0..).any(|(e, id)| match &e.kind {
        ExprKind::Name(name) if &**name == DBUTILS => !readers.contains(&ExprId(id)),
        ExprKind::Name(name) => NAMES.contains(&&**name),
        _ => false,
    })
}

/// Whether a file imports a `dbutils`, as programs beside notebooks do.
pub(crate) fn imports_dbutils(facts: &CellFacts) -> bool {
    facts.body.iter().any(|stmt| match &stmt.kind {
        StmtKind::Import(imports) => imports.iter().any(|import| {
            &*import.alias == "dbutils"
                && (import.path.starts_with("databricks.sdk") || import.path.contains("dbutils_v1"))
        }),
        _ => false,
    })
}

/// Whether a value in a variable that says it is a secret is none: not for names of secrets in one lower-case run,
/// the position says that it is used.
fn is_no_value(name: &str, text: &str) -> bool {
    match implausible_as(name, text) {
        None => false,
        Some(Implausible::SecretName) => !text.chars().all(|c| c.is_ascii_lowercase()),
        Some(_) => true,
    }
}

/// Whether a cell reads the token of a temporary credential, too.
fn reads_session_token(sites: &[Site]) -> bool {
    sites.iter().any(|site| {
        matches!(&site.role, Role::Argument(a) if env::is_reader(&a.callee))
            && site.text().expose() == env::SESSION_TOKEN
    })
}

impl CellRule for EnvRead {
    fn meta(&self) -> &'static RuleMeta {
        &READ
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for site in sites {
            let Role::Argument(a) = &site.role else { continue };
            let name = site.text();
            if !a.is_parameter(0, &["key", "name", "varname", "x"])
                || site.in_comment
                || !env::is_reader(&a.callee)
                || !is_secret(name.expose())
                // What serves a model sets the variable from a secret: no other way is open there.
                || is_in_model(cx.facts, &Around::of(cx.facts, a.call.span))
            {
                continue;
            }
            let shown = name.expose().replace(HOLE, "…");
            let message = format!("`{shown}` is read from the environment");
            let help = "anyone who can attach to the cluster can read it there; read it from a secret scope";
            let mut finding =
                Finding::at(&READ, a.call, message).help(help).confidence(Confidence::Medium).subject(shown);
            // Elsewhere than on a cluster the environment is not shared with whoever is attached.
            if shared::is_test(cx.path) || !on_cluster(cx) {
                finding.severity = Severity::Info;
            }
            let advice = if fix::runs_elsewhere(cx.path) || shared::is_test(cx.path) {
                Some(fix::ELSEWHERE)
            } else if !is_fixed(cx, site, a) {
                Some("Read each of the secrets from a secret scope: the variable's name is not written here")
            } else if env::is_sign_in(name.expose()) {
                Some(
                    "On Databricks clients sign in by themselves; where the program runs elsewhere it needs the variable",
                )
            } else if env::TEMPORARY.contains(&name.expose()) && reads_session_token(sites) {
                Some("Temporary credentials cannot be stored: use an instance profile or a service credential")
            } else if finding.severity == Severity::Info {
                Some("Where this runs on a cluster, read it from a secret scope")
            } else {
                None
            };
            let plan = match advice {
                Some(title) => Plan::Advice { title: title.to_owned() },
                None => {
                    let purpose = site.purpose.as_deref().unwrap_or("").into();
                    Plan::ReadSecret { place: a.call, hint: fix::NameHint { purpose, key: name.expose().into() } }
                }
            };
            cx.report(finding.plan(plan));
        }
    }
}

impl CellRule for EnvWrite {
    fn meta(&self) -> &'static RuleMeta {
        &WRITE
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        let updates = updates(cx.facts);
        for (i, site) in sites.iter().enumerate() {
            let name = match &site.role {
                Role::Bind { path, .. } => env::variable(path).map(str::to_owned),
                Role::Entry { key, .. } if updates.iter().any(|u| u.contains(site.at.span)) => Some(key.to_string()),
                Role::Argument(a) if env::is_writer(&a.callee) => match &a.keyword {
                    Some(keyword) => Some(keyword.to_string()),
                    None if a.index == Some(1) => a.positional(0).map(|n| n.expose().to_owned()),
                    None => None,
                },
                _ => None,
            };
            let Some(name) = name.filter(|n| is_secret(n)) else { continue };
            if shared::has_slots(cx, i) || is_no_value(&name, site.text().expose()) {
                continue;
            }
            let is_property = match &site.role {
                Role::Argument(a) => env::sets_properties(&a.callee),
                Role::Bind { path, .. } => env::sets_properties(path),
                _ => false,
            };
            let kind = if is_property { "system property" } else { "environment variable" };
            shared::report(cx, &WRITE, Hit::whole(site, &name, format!("{kind} `{name}`")));
        }
    }
}

/// The mappings of `os.environ.update({…})` and `os.environ |= {…}`.
fn updates(facts: &CellFacts) -> Vec<Span> {
    let environ = |id| {
        facts.last_name(id).is_some_and(|last| last.ends_with("environ") || last.ends_with("update"))
            && facts.path(id).is_some_and(|path| path.ends_with("environ") || path.ends_with("environ.update"))
    };
    let calls = facts.exprs.iter().filter_map(|e| match &e.kind {
        ExprKind::Call { callee, args, .. } if environ(*callee) => {
            args.iter().find(|a| a.name.is_none()).map(|a| facts.expr(a.value).span)
        }
        _ => None,
    });
    let merged = facts.body.iter().filter_map(|s| match &s.kind {
        StmtKind::Bind { targets, value, kind: BindKind::Augmented, .. } => match targets.as_slice() {
            [Target::Place(place)] => environ(*place).then(|| facts.expr(*value).span),
            _ => None,
        },
        _ => None,
    });
    calls.chain(merged).collect()
}

impl CellRule for DotEnv {
    fn meta(&self) -> &'static RuleMeta {
        &DOTENV
    }

    /// `load_dotenv()` in a document that then reads a secret from the environment.
    fn check(&self, cx: &mut CellContext<'_>) {
        let facts = cx.facts;
        for expr in &facts.exprs {
            let ExprKind::Call { callee, .. } = &expr.kind else { continue };
            let last = facts.last_name(*callee).and_then(|name| name.rsplit('.').next());
            if matches!(last, Some("load_dotenv" | "dotenv_values")) {
                let path = facts.path(*callee).unwrap_or_default();
                let place = crate::finding::Place { cell: cx.index as u32, span: expr.span };
                let message = "secrets come from a .env file".to_owned();
                let help = "it is a plaintext file beside the code; keep them in a secret scope";
                let finding =
                    Finding::at(&DOTENV, place, message).help(help).confidence(Confidence::Medium).subject(path);
                cx.report(finding.plan(Plan::Advice {
                    title: "Store each variable as a secret and read it with dbutils.secrets.get".into(),
                }));
            }
        }
    }
}
