use crate::{
    catalog::clients,
    context::CellContext,
    model::{Argument, Role, Site},
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
    value::{
        names::is_machine_made,
        plausible::{implausible, is_wordy},
    },
};

pub static META: RuleMeta = RuleMeta {
    code: "CS105",
    name: "client-argument",
    summary: "plaintext credential given to a client library",
    docs: include_str!("client_argument.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 56,
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
            if is_pair(site) && !shared::has_slots(cx, i) {
                shared::report(cx, &META, Hit::whole(site, "password", "password of the `auth` pair"));
                continue;
            }
            let Role::Argument(a) = &site.role else {
                module_attribute(cx, i);
                continue;
            };
            easy_connect(cx, i);
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
            // `OpenAI(api_key="local")`: a server that asks for none; tokens and keys are no words.
            if name != "key" && is_machine_made(&name) && is_wordy(text.expose()) {
                continue;
            }
            let client = a.callee.trim_start_matches("?.").rsplit('.').next().unwrap_or(&a.callee).to_owned();
            let mut hit = Hit::whole(site, &name, format!("`{name}` of `{client}`"));
            // It says whose key it is and opens nothing alone, as in `fs.s3a.access.key`.
            if name.ends_with("access_key_id") || name.ends_with("access-key-id") {
                hit.severity = Some(Severity::Warning);
            }
            shared::report(cx, &META, hit);
        }
    }
}

/// `openai.api_key = "…"`.
fn module_attribute(cx: &mut CellContext<'_>, index: usize) {
    let site = &cx.sites[index];
    let Role::Bind { name, path } = &site.role else { return };
    const MODULES: &[&str] =
        &["openai", "stripe", "anthropic", "cohere", "pinecone", "sendgrid", "replicate", "mandrill"];
    if let Some((module, "api_key" | "api_token" | "client_secret")) = path.rsplit_once('.')
        && MODULES.contains(&module)
        && !shared::has_slots(cx, index)
    {
        shared::report(cx, &META, Hit::whole(site, name, format!("`{name}` of `{module}`")));
    }
}

/// `cx_Oracle.connect("user/password@host:1521/service")`.
fn easy_connect(cx: &mut CellContext<'_>, index: usize) {
    let site = &cx.sites[index];
    let Role::Argument(a) = &site.role else { return };
    let oracle = a.callee.ends_with("cx_Oracle.connect") || a.callee.ends_with("oracledb.connect");
    if !oracle || a.index != Some(0) || shared::has_slots(cx, index) {
        return;
    }
    let text = site.text();
    let text = text.expose();
    if let Some(slash) = text.find('/')
        && let Some(at) = text[slash..].rfind('@').map(|n| slash + n)
        && slash > 0
        && at > slash + 1
    {
        let mut hit = Hit::part(site, slash + 1..at, "password", "password of the Oracle connection");
        hit.user = Some(0..slash);
        shared::report(cx, &META, hit);
    }
}

/// The second of a pair of user and password: `auth=("user", "…")`, `session.auth = pair`.
fn is_pair(site: &Site) -> bool {
    match &site.role {
        Role::Argument(a) => a.keyword.as_deref() == Some(clients::SECOND),
        Role::Entry { key: name, .. } | Role::Bind { name, .. } => &**name == clients::SECOND,
        _ => false,
    }
}

/// Name of the parameter when it carries a credential.
fn parameter(a: &Argument) -> Option<String> {
    let positional = a.siblings.iter().filter(|(k, _)| k.is_none()).count();
    for client in clients::of(&a.callee) {
        // `config(key, value)` of Snowpark.
        if a.method.as_ref() == "config" {
            let key = a.parameter(0, &["key"]).filter(|_| a.is_parameter(1, &["value"]))?.expose();
            return client.keywords.contains(&key).then(|| key.to_owned());
        }
        match (&a.keyword, a.index) {
            (Some(keyword), _) if client.keywords.contains(&keyword.as_ref()) => return Some(keyword.to_string()),
            (None, Some(index)) if client.positions.contains(&index) && positional >= client.at_least => {
                return Some(clients::name_at(client, index));
            }
            _ => {}
        }
    }
    None
}
