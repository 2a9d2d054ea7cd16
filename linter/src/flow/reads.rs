//! What reads a secret (catalog §A): calls, subscripts and attributes by their resolved path.

use credscope_grammars::{
    CellFacts,
    facts::{ExprId, ExprKind},
};

pub(super) use super::tables::Read;
use super::{tables, value::Kind};
use crate::{
    catalog,
    model::Names,
    value::{
        names::{NameVerdict, verdict},
        reported,
    },
};

/// What the path of an answer of a token service ends with.
pub(super) const TOKEN_SERVICE: &str = ".oauth";

/// An argument that is no constant.
pub(super) const UNKNOWN: &str = "…";

/// Whether a call reads a secret. `path` is resolved, `text` gives constant arguments by keyword or position, [`UNKNOWN`] for those
/// that are none; `extra`: callees that the configuration names.
pub(super) fn source(path: &str, text: &dyn Fn(&str, usize) -> Option<String>, extra: &[String]) -> Option<Read> {
    let ends = |tail: &str| path == tail || path.strip_suffix(tail).is_some_and(|h| h.ends_with('.'));
    let other = |name: &str| Some(Read::secret(Kind::Other, name.to_owned()));
    let holder = |name: String| Some(Read { holder: true, ..Read::secret(Kind::Other, name) });
    let vault = || Some(Read { document: true, ..Read::secret(Kind::Other, "Vault secret".into()) });
    let shown = |name: String, shown: &'static str| Some(Read { shown, ..Read::secret(Kind::Other, name) });
    let method = path.rsplit('.').next().unwrap_or(path);
    if let Some(read) = configured(path, extra) {
        return Some(read);
    }
    if (ends("secrets.get") || ends("secrets.getBytes")) && path != method {
        return scope_secret(path, method, text);
    }
    match method {
        "secret" | "try_secret" if path == method => {
            let (scope, key) = (text("", 0).unwrap_or_default(), text("", 1).unwrap_or_default());
            Some(Read::scope(&scope, &key))
        }
        "get_secret" | "getSecret" | "getSecretWithLS" => {
            let helper = method == "getSecretWithLS"
                || path.contains("credentials")
                || path.contains("TokenLibrary")
                || path.contains("sparkutils")
                || path.contains("notebookutils");
            if helper {
                let name = text("", 1).or_else(|| text("", 0)).unwrap_or_default();
                return other(&format!("vault secret `{}`", reported(&name)));
            }
            if ends("secrets.get_secret") {
                let (scope, key) = (text("scope", 0).unwrap_or_default(), text("key", 1).unwrap_or_default());
                return shown(format!("secret `{}/{}`", reported(&scope), reported(&key)), "value")
                    .map(|r| Read { changed: true, ..r });
            }
            if ends("secrets_uc.get_secret") {
                let with_value = text("include_value", 9).is_some_and(|v| v == "True");
                return with_value
                    .then(|| shown(format!("secret `{}`", text("full_name", 0).unwrap_or_default()), "effective_value"))
                    .flatten();
            }
            // A function of one's own, not of a client.
            if path == method {
                return None;
            }
            holder(format!("vault secret `{}`", text("name", 0).unwrap_or_default()))
        }
        "getServiceCredentialsProvider" => holder(format!("service credential `{}`", text("", 0).unwrap_or_default())),
        "getToken" if path.contains("credentials") || path.contains("TokenLibrary") => other("access token"),
        "getConnectionStringOrCreds" | "getConnectionString" | "getFullConnectionString"
            if path.contains("credentials") || path.contains("TokenLibrary") || path.contains("sparkutils") =>
        {
            other("connection string")
        }
        "get_secret_value" if path != method => {
            let name = text("SecretId", 0).map_or("AWS secret".to_owned(), |n| format!("AWS secret `{n}`"));
            // pydantic's `SecretStr` has a method of that name without arguments; its receiver carries the value.
            let known = text("SecretId", 9).is_some() || path.contains("secretsmanager");
            known.then(|| Read::secret(Kind::Other, name))
        }
        "get_parameter" | "get_parameters" if path != method => text("WithDecryption", 9)
            .is_some_and(|v| v == "True")
            .then(|| Read::secret(Kind::Other, "AWS parameter".into())),
        "assume_role" | "assume_role_with_web_identity" => other("temporary AWS credential"),
        "get_session_token" if path.contains("sts") => other("temporary AWS credential"),
        "access_secret_version" => shown("GCP secret".into(), "payload.data"),
        "read_secret_version" | "read_secret" if path.contains("secrets") => vault(),
        "read" if path.contains("hvac.") => vault(),
        "getpass" | "askpass" | "advpass" => other("typed password"),
        "prompt" if path.contains("click") || path.contains("typer") => text("hide_input", 9)
            .is_some_and(|v| v == "True")
            .then(|| Read::secret(Kind::Other, "typed password".into())),
        "get_password" if path.contains("keyring") => other("keyring password"),
        "get" | "getOrElse" if path.contains("apiToken") => other("API token of the notebook's user"),
        "toJson" | "safeToJson" if path.contains("getContext") || path.contains("notebook()") => {
            holder("context of the notebook".into())
        }
        "create_obo_token" => shown("new token".into(), "token_value"),
        "create" if ends("tokens.create") => shown("new token".into(), "token_value"),
        "create" if path.contains("service_principal_secrets") => shown("new secret".into(), "secret"),
        "authenticate" if path.ends_with("config.authenticate") => other("authorization header"),
        "oauth_token" if path.contains("config") => shown("access token".into(), "access_token"),
        "json" if path.ends_with(&format!("{TOKEN_SERVICE}.json")) => {
            Some(Read { document: true, ..Read::secret(Kind::Other, "answer of the token service".into()) })
        }
        "get_token" if path != method => other("access token"),
        "get_frozen_credentials" => other("temporary AWS credential"),
        "getenv" | "get" | "[]" | "env" | "env[]" | "environ[]" | "envOrElse" | "envOrNone" | "pop" | "getOrElse"
            if catalog::env::is_reader(path) || path.ends_with("environ[]") =>
        {
            let wrapped = path.ends_with("env.get") || path.ends_with("envOrNone");
            named(text("", 0), "environment variable").map(|r| Read { wrapped, ..r })
        }
        "getString" | "getProperty" => named(text("", 0), "configuration value"),
        "getArgument" => named(text("", 0), "parameter"),
        "get" if path.ends_with("widgets.get") => named(text("name", 0), "widget"),
        "get" if path.ends_with("taskValues.get") => named(text("key", 1), "task value"),
        "get" if path.ends_with("conf.get") || path.ends_with("getConf().get") || path.ends_with("getConf.get") => {
            let key = text("", 0)?;
            if catalog::confs::is_secret(&key) || key == "spark.databricks.token" {
                return Some(Read::secret(Kind::Other, format!("configuration value `{key}`")));
            }
            named(Some(key).filter(|key| !catalog::confs::is_clean(key)), "configuration value")
        }
        _ if method.starts_with("acquire_token_") && path != method => other("access token"),
        _ => None,
    }
}

/// Whether a call asks for a setting of Spark or a variable of the environment by its name.
pub(super) fn asks_setting(path: &str) -> bool {
    let conf = [".conf.get", "getConf().get", "getConf.get", "conf.getOption", "hadoopConfiguration().get"];
    conf.iter().any(|t| path.ends_with(t)) || catalog::env::is_reader(path) || path == "os.environ[]"
}

/// A call that the configuration names as a source.
pub(super) fn configured(path: &str, extra: &[String]) -> Option<Read> {
    let named = extra.iter().any(|e| path == e || path.strip_suffix(e.as_str()).is_some_and(|h| h.ends_with('.')));
    named.then(|| Read::secret(Kind::Other, format!("result of `{path}`")))
}

/// `dbutils.secrets.get` in its forms.
fn scope_secret(path: &str, method: &str, text: &dyn Fn(&str, usize) -> Option<String>) -> Option<Read> {
    let unknown = || UNKNOWN.to_owned();
    let owner = path.trim_end_matches(method).trim_end_matches(".secrets.").to_ascii_lowercase();
    let known = owner.ends_with("utils") || owner.ends_with("utils()") || owner.contains("dbutils");
    // A dictionary called `secrets`: one key, or a key and a default. Whoever takes a scope is `dbutils`.
    if !known && text("scope", 9).is_none() && (text("", 0).is_none() || text("", 1).is_none()) {
        return None;
    }
    let read = match text("catalog", 9) {
        Some(catalog) => {
            let (schema, key) = (text("schema", 1).unwrap_or_else(unknown), text("key", 2).unwrap_or_else(unknown));
            Read::secret(Kind::Scope, format!("secret `{catalog}.{schema}/{}`", reported(&key)))
        }
        None => {
            let (scope, key) = (text("scope", 0).unwrap_or_else(unknown), text("key", 1).unwrap_or_else(unknown));
            Read::scope(&scope, &key)
        }
    };
    // Read over REST: nothing of the notebook knows the value.
    let kind = if path.contains("WorkspaceClient") { Kind::Other } else { Kind::Scope };
    Some(Read { kind, changed: method == "getBytes", ..read })
}

/// Attributes that are a secret.
pub(super) fn attribute(path: &str, name: &str) -> Option<Read> {
    let token = || Some(Read::secret(Kind::Other, "API token of the notebook's user".into()));
    match name {
        "apiToken"
            if path.ends_with("dbutils.notebook.getContext.apiToken") || path.ends_with("get_context().apiToken") =>
        {
            token()
        }
        "get" if path.ends_with("apiToken.get") => token(),
        "token" if path.ends_with("WorkspaceClient().config.token") || path == "w.config.token" => token(),
        "token" if path.contains("hvac.") && path.ends_with("Client().token") => {
            Some(Read::secret(Kind::Other, "Vault token".into()))
        }
        "token" if path.contains("google.") && path.contains("redentials") && path.ends_with(".token") => {
            Some(Read::secret(Kind::Other, "access token".into()))
        }
        "token" if path.starts_with("google.auth.default()") => Some(Read::secret(Kind::Other, "access token".into())),
        _ if path.contains("parse_args()") && path.ends_with(&format!("parse_args().{name}")) => {
            named(Some(name.to_owned()), "argument")
        }
        _ => None,
    }
}

/// A member of something that was read or answered: `json.load(f)["password"]`, `response.json()["access_token"]`.
/// `path` ends with `[]`.
pub(super) fn answer(path: &str, key: &str) -> Option<Read> {
    if tables::is_token_key(key) {
        return Some(Read::secret(Kind::Other, "access token".into()));
    }
    let from_file = [
        "json.load()", "yaml.safe_load()", "yaml.load()", "toml.load()", "tomllib.load()", "ConfigParser()",
        "dotenv_values()",
    ]
    .iter()
    .any(|p| path.contains(p));
    (from_file || path.contains("st.secrets")).then(|| named(Some(key.to_owned()), "configuration value")).flatten()
}

fn named(name: Option<String>, what: &str) -> Option<Read> {
    let name = name?;
    (verdict(&name) == NameVerdict::Secret && !catalog::env::is_harmless(&name))
        .then(|| Read::secret(Kind::Named, format!("{what} `{name}`")))
}

/// Whether an expression by itself reads a secret. Says more often yes than the flow does.
pub(crate) fn may_read(names: &Names, facts: &CellFacts, id: ExprId) -> bool {
    let text = |id: ExprId| match &facts.expr(id).kind {
        ExprKind::Const(c) => Some(c.text.expose().to_owned()),
        _ => Some(facts.str_lit(id)?.plain()?.expose().to_owned()),
    };
    let path = || names.path(facts, id).unwrap_or_default();
    match &facts.expr(id).kind {
        ExprKind::Call { callee, args, .. } => {
            let constant = |name: &str, index: usize| {
                let arg = args.iter().find(|a| a.name.as_ref().is_some_and(|(n, _)| &**n == name));
                arg.or_else(|| args.iter().filter(|a| a.name.is_none()).nth(index))
                    .map(|a| text(a.value).unwrap_or_else(|| UNKNOWN.to_owned()))
            };
            let path = names.path(facts, *callee).unwrap_or_default();
            let method = path.rsplit('.').next().unwrap_or("");
            // By the method alone: what the client was made of is not known here.
            source(&path, &constant, &[]).is_some()
                || matches!(method, "read" | "get_parameter" | "get_secret_value")
                || method == "get" && constant("", 0).is_some_and(|k| is_telling(&k))
        }
        ExprKind::Index { index, .. } => {
            let key = text(*index);
            key.as_deref().is_some_and(is_telling)
                || key.is_some() && source(&path(), &|_, i| if i == 0 { key.clone() } else { None }, &[]).is_some()
        }
        ExprKind::Attr { name, .. } => matches!(&**name, "apiToken" | "token") || verdict(name) == NameVerdict::Secret,
        _ => false,
    }
}

fn is_telling(key: &str) -> bool {
    tables::is_token_key(key) || verdict(key) == NameVerdict::Secret
}

/// Whether a SQL text selects `secret()`.
pub(crate) fn selects_secret(facts: &CellFacts) -> bool {
    facts.queries.iter().flat_map(|q| &q.calls).any(|c| match &facts.expr(c.expr).kind {
        ExprKind::Call { callee, .. } => matches!(facts.path(*callee).as_deref(), Some("secret" | "try_secret")),
        _ => false,
    })
}
