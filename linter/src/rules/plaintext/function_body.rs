use credscope_grammars::facts::Verb;

use crate::{
    context::CellContext,
    fix::Plan,
    model::{Role, Site},
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
};

use super::sql;

pub static META: RuleMeta = RuleMeta {
    code: "CS128",
    name: "function-body",
    summary: "plaintext credential in the body of a SQL function",
    docs: include_str!("function_body.md"),
    severity: Severity::Error,
    fix: FixKind::Display,
    anchors: Anchors::CredentialWords,
    precedence: 90,
    cwe: &[798],
    since: "0.1.0",
};

pub struct FunctionBody;

/// Rules that are asked about the body.
static INNER: &[&dyn CellRule] = &[
    &super::jdbc_properties::JdbcProperties,
    &super::option_literal::OptionLiteral,
    &super::conf_literal::ConfLiteral,
    &super::jdbc_url::JdbcUrl,
    &super::client_argument::ClientArgument,
    &super::named_variable::NamedVariable,
    &super::header::Header,
    &super::connection_string::ConnectionString,
    &super::key_material::KeyMaterial,
];

impl CellRule for FunctionBody {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    /// What the other rules find between `AS $$` and `$$` of `CREATE FUNCTION`: `dbutils` does not exist there, so
    /// their fix would be wrong.
    fn check(&self, cx: &mut CellContext<'_>) {
        let bodies = sql::statements(cx.facts, Verb::CreateFunction);
        if bodies.is_empty() {
            return;
        }
        let inside = |site: &&Site| {
            !matches!(site.role, Role::Property(_) | Role::Clause { .. })
                && bodies.iter().any(|span| span.contains(site.at.span))
        };
        let sites: Vec<Site> = cx.sites.iter().filter(inside).cloned().collect();
        let mut inner = CellContext {
            whole: cx.whole,
            document: cx.document,
            index: cx.index,
            cell: cx.cell,
            facts: cx.facts,
            sites: &sites,
            settings: cx.settings,
            path: cx.path,
            findings: Vec::new(),
            slot_cache: Default::default(),
            plan_cache: Default::default(),
            config_cache: Default::default(),
        };
        for rule in INNER {
            rule.check(&mut inner);
        }
        for mut finding in std::mem::take(&mut inner.findings) {
            finding.rule = &META;
            finding.message = finding.message.replace("in the source", "in the body of a SQL function");
            finding.help =
                "others can read the body of a function; the credential stays in the history, rotate it".into();
            finding.plans = vec![Plan::Advice {
                title: "Give the function its secret through a SECRETS clause or a parameter".into(),
            }];
            cx.report(finding);
        }
    }
}
