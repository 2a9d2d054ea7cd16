use crate::{
    catalog::clients,
    context::CellContext,
    model::{Argument, Role},
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
    value::plausible::implausible,
};

pub static META: RuleMeta = RuleMeta {
    code: "CS105",
    name: "client-argument",
    summary: "plaintext credential given to a client library",
    docs: include_str!("client_argument.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 50,
    cwe: &[798],
    since: "0.1.0",
};

pub struct ClientArgument;

impl CellRule for ClientArgument {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for (i, site) in sites.iter().enumerate() {
            let Role::Argument(a) = &site.role else {
                auth_tuple(cx, i);
                continue;
            };
            let Some(name) = parameter(a) else { continue };
            // A connection string is looked into by its own rule; a literal without one is no credential here.
            let text = site.text();
            if shared::has_slots(cx, i)
                || text.expose().contains("://")
                || text.expose().contains(";") && text.expose().contains('=')
            {
                continue;
            }
            // Methods that many classes have need a value that looks like a credential.
            let loose = !a.callee.contains('.') || a.callee.starts_with('?') || a.callee.starts_with("self.");
            if loose && a.index.is_some() && implausible(text.expose()).is_some() {
                continue;
            }
            let client = a.callee.trim_start_matches("?.").rsplit('.').next().unwrap_or(&a.callee).to_owned();
            shared::report(cx, &META, Hit::whole(site, &name, format!("`{name}` of `{client}`")));
        }
    }
}

/// `auth=("user", "…")`: the second of a pair under a keyword of that name is an entry of the model.
fn auth_tuple(cx: &mut CellContext<'_>, index: usize) {
    let site = &cx.sites[index];
    let Role::Bind { name, .. } = &site.role else { return };
    if &**name == "api_key"
        && matches!(&site.role, Role::Bind { path, .. } if path.as_ref() == "openai.api_key" || path.as_ref() == "stripe.api_key")
    {
        shared::report(cx, &META, Hit::whole(site, "api_key", "`api_key` of the client library"));
    }
}

/// Name of the parameter when it carries a credential.
fn parameter(a: &Argument) -> Option<String> {
    let positional = a.siblings.iter().filter(|(k, _)| k.is_none()).count();
    for client in clients::of(&a.callee) {
        match (&a.keyword, a.index) {
            (Some(keyword), _) if client.keywords.contains(&keyword.as_ref()) => return Some(keyword.to_string()),
            (None, Some(index)) if client.positions.contains(&index) && positional >= client.at_least => {
                return Some(client.keywords.first().map_or_else(|| guess(client.callee), |k| (*k).to_owned()));
            }
            _ => {}
        }
    }
    None
}

/// A parameter's name from its callee: `setPassword` → `password`, `getConnection` → `password`.
fn guess(callee: &str) -> String {
    let last = callee.rsplit('.').next().unwrap_or(callee);
    let last = last.strip_prefix("set").filter(|r| r.starts_with(|c: char| c.is_uppercase())).unwrap_or(last);
    match last {
        "getConnection"
        | "login"
        | "connect"
        | "createCredential"
        | "basic_auth"
        | "JedisPool"
        | "PasswordAuthentication" => "password".to_owned(),
        "BasicAWSCredentials" | "create" | "BasicSessionCredentials" => "secret-key".to_owned(),
        "EventHubsConf" => "connection-string".to_owned(),
        other => crate::value::names::words(other).join("-"),
    }
}
