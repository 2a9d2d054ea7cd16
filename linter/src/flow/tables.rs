//! Sources, sinks, propagators and sanitizers (catalog §A and §B).

use credscope_grammars::{
    CellFacts,
    facts::{ExprId, ExprKind},
};

use super::value::Kind;
use crate::{
    model::Names,
    value::names::{NameVerdict, verdict},
};

/// What a call reads.
pub(super) enum Read {
    /// A secret: kind and how to call it.
    Secret(Kind, String),
    /// An object whose `.value` and the like is secret.
    Holder(Kind, String),
}

/// Keys of a scope that hold public identifiers (catalog §A, sensitivity downgrade).
const IDENTIFIERS: &[&str] = &[
    "user", "username", "client-id", "clientid", "client_id", "tenant", "account-name", "accountname", "account_name",
    "host", "server", "endpoint", "url", "database", "schema", "port", "region", "bucket", "email", "warehouse", "id",
    "name", "path", "catalog", "table", "uri", "location", "env", "environment", "proxy", "org", "organization",
    "tenantid", "tenant-id", "appid", "app-id", "applicationid", "application-id", "container", "subscription-id",
    "workspace-id", "storage-account",
];

pub(super) fn is_identifier(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    IDENTIFIERS.iter().any(|w| {
        key == *w
            || key.ends_with(&format!("-{w}"))
            || key.ends_with(&format!("_{w}"))
            || key.ends_with(w) && w.len() > 5
    }) && !["password", "secret", "token"].iter().any(|w| key.ends_with(w))
}

/// Whether a call reads a secret. `path` is resolved, `text` gives constant arguments by keyword or position.
pub(super) fn source(path: &str, text: &dyn Fn(&str, usize) -> Option<String>, extra: &[String]) -> Option<Read> {
    let secret = |kind, name: String| Some(Read::Secret(kind, name));
    let ends = |tail: &str| path == tail || path.strip_suffix(tail).is_some_and(|h| h.ends_with('.'));
    if ends("secrets.get") || ends("secrets.getBytes") {
        let key = text("key", 1).unwrap_or_else(|| "…".into());
        let scope = text("scope", 0).or_else(|| text("catalog", 0)).unwrap_or_else(|| "…".into());
        let remote = path.contains("WorkspaceClient");
        return secret(if remote { Kind::Other } else { Kind::Scope }, format!("secret `{scope}/{key}`"));
    }
    if matches!(path, "secret" | "try_secret") {
        return secret(
            Kind::Scope,
            format!("secret `{}/{}`", text("", 0).unwrap_or_default(), text("", 1).unwrap_or_default()),
        );
    }
    if extra.iter().any(|e| e == path || ends(e)) {
        return secret(Kind::Other, format!("result of `{path}`"));
    }
    let method = path.rsplit('.').next().unwrap_or(path);
    match method {
        "get_secret" | "getSecret"
            if path.contains("credentials")
                || path.contains("TokenLibrary")
                || path.starts_with("mssparkutils")
                || path.starts_with("notebookutils") =>
        {
            secret(Kind::Other, format!("vault secret `{}`", text("", 1).or_else(|| text("", 0)).unwrap_or_default()))
        }
        "get_secret" | "getSecret" => {
            Some(Read::Holder(Kind::Other, format!("vault secret `{}`", text("name", 0).unwrap_or_default())))
        }
        "getToken" if path.contains("credentials") || path.contains("TokenLibrary") => {
            secret(Kind::Other, "access token".into())
        }
        "getConnectionStringOrCreds" | "getConnectionString"
            if path.contains("credentials") || path.contains("TokenLibrary") =>
        {
            secret(Kind::Other, "connection string".into())
        }
        "get_secret_value" => secret(Kind::Other, format!("AWS secret `{}`", text("SecretId", 0).unwrap_or_default())),
        "get_parameter" if path.contains("ssm") => secret(Kind::Other, "AWS parameter".into()),
        "assume_role" => secret(Kind::Other, "AWS credentials".into()),
        "access_secret_version" => secret(Kind::Other, "GCP secret".into()),
        "read_secret_version" | "read_secret" => secret(Kind::Other, "Vault secret".into()),
        "getpass" | "askpass" => secret(Kind::Other, "typed password".into()),
        "get_password" if path.contains("keyring") => secret(Kind::Other, "keyring password".into()),
        "get" if path.contains("apiToken") => secret(Kind::Other, "API token of the notebook's user".into()),
        "create_obo_token" => Some(Read::Holder(Kind::Other, "new token".into())),
        "create" if path.contains("tokens") || path.contains("service_principal_secrets") => {
            Some(Read::Holder(Kind::Other, "new token".into()))
        }
        "get_token" => Some(Read::Holder(Kind::Other, "access token".into())),
        "get_frozen_credentials" => Some(Read::Holder(Kind::Other, "AWS credentials".into())),
        "getenv" | "get" | "[]" | "env" | "env[]" | "environ[]" | "envOrElse" | "pop"
            if crate::catalog::env::is_reader(path) || path.ends_with("environ[]") =>
        {
            named(text("", 0), "environment variable")
        }
        "getString" | "getProperty" => named(text("", 0), "configuration value"),
        "getArgument" => named(text("", 0), "parameter"),
        "get" if path.ends_with("widgets.get") => named(text("", 0), "widget"),
        "get" if path.ends_with("taskValues.get") => named(text("key", 1), "task value"),
        "get" if path.ends_with("conf.get") || path.ends_with("getConf().get") => {
            let key = text("", 0)?;
            (crate::catalog::confs::is_secret(&key) || key == "spark.databricks.token")
                .then(|| Read::Secret(Kind::Other, format!("configuration value `{key}`")))
        }
        _ if method.starts_with("acquire_token_") => Some(Read::Holder(Kind::Other, "access token".into())),
        _ => None,
    }
}

fn named(name: Option<String>, what: &str) -> Option<Read> {
    let name = name?;
    (verdict(&name) == NameVerdict::Secret && !crate::catalog::env::is_harmless(&name))
        .then(|| Read::Secret(Kind::Named, format!("{what} `{name}`")))
}

/// Fields of a holder that are secret; every other field is harmless.
pub(super) fn is_secret_field(name: &str) -> bool {
    matches!(
        name,
        "value"
            | "token"
            | "token_value"
            | "secret"
            | "secret_key"
            | "access_key"
            | "effective_value"
            | "getValue"
            | "getToken"
            | "session_token"
            | "payload"
            | "data"
            | "access_token"
    )
}

/// Keys under which a token service answers with a token.
pub(super) fn is_token_key(key: &str) -> bool {
    matches!(key, "access_token" | "refresh_token" | "id_token" | "bearerToken" | "token_value")
}

/// Keys of responses that say nothing secret.
pub(super) fn is_clean_key(key: &str) -> bool {
    matches!(
        key,
        "ARN"
            | "Name"
            | "VersionId"
            | "VersionStages"
            | "CreatedDate"
            | "ResponseMetadata"
            | "expires_in"
            | "token_type"
            | "expires_on"
    )
}

/// What happens to an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Shown in the cell.
    Output,
    /// Process output and logs.
    Log,
    /// Stored: file, table, run result.
    Stored,
    /// Query text, URLs, process arguments.
    Text,
}

/// Rule and class of a call that is a sink for all of its arguments.
pub(super) fn sink(path: &str, method: &str, extra: &[String]) -> Option<(&'static str, Class)> {
    let tail = |t: &str| path == t || path.ends_with(&format!(".{t}"));
    if extra.iter().any(|e| e == path || tail(e)) {
        return Some(("CS206", Class::Log));
    }
    Some(match method {
        "print" | "println" | "pprint" | "pp" | "printf" if !path.contains("PrintWriter") => ("CS201", Class::Output),
        "write" | "writelines" if path.contains("stdout") || path.contains("stderr") => ("CS201", Class::Output),
        "cat" | "message" if path == method => ("CS201", Class::Output),
        "display" | "displayHTML" => ("CS202", Class::Output),
        "HTML" | "Markdown" if path.contains("display") => ("CS202", Class::Output),
        "debug" | "info" | "warning" | "warn" | "error" | "exception" | "critical" | "log" | "trace" | "success"
        | "fatal"
            if is_logger(path) =>
        {
            ("CS206", Class::Log)
        }
        "exit" if tail("notebook.exit") => ("CS214", Class::Stored),
        "run" if tail("notebook.run") => ("CS215", Class::Stored),
        "set" if path.contains("taskValues") => ("CS216", Class::Stored),
        "text" | "dropdown" | "combobox" | "multiselect" if path.contains("widgets") => ("CS217", Class::Stored),
        "put" if tail("fs.put") => ("CS218", Class::Stored),
        "write_text" | "write_bytes" => ("CS218", Class::Stored),
        "write" | "writelines"
            if path.contains("open()")
                || path.contains("PrintWriter")
                || path.contains("FileWriter")
                || path.ends_with("Files.write")
                || path.contains("file") =>
        {
            ("CS218", Class::Stored)
        }
        "dump" | "safe_dump"
            if path.starts_with("json")
                || path.starts_with("yaml")
                || path.starts_with("pickle")
                || path.starts_with("toml") =>
        {
            ("CS218", Class::Stored)
        }
        "log_param" | "log_params" | "log_text" | "log_dict" | "set_tag" | "set_tags" | "log_input"
        | "set_experiment_tag"
            if path.contains("mlflow") =>
        {
            ("CS220", Class::Stored)
        }
        "putenv" | "setProperty" | "setenv" if crate::catalog::env::is_writer(path) && !path.contains("props.") => {
            ("CS221", Class::Text)
        }
        "run" | "call" | "check_call" | "check_output" | "Popen" if path.contains("subprocess") => {
            ("CS222", Class::Text)
        }
        "system" | "popen" if path.starts_with("os.") => ("CS222", Class::Text),
        "sql" | "execute" | "executemany" | "read_sql" | "read_sql_query"
            if method != "sql" || path.contains("spark") || path == "sql" || path.contains("Context") =>
        {
            ("CS212", Class::Text)
        }
        "set" if path.contains("hadoopConfiguration") => ("CS223", Class::Text),
        "require" | "assert" if path == method => ("CS207", Class::Stored),
        _ => return None,
    })
}

fn is_logger(path: &str) -> bool {
    let Some((receiver, _)) = path.rsplit_once('.') else { return false };
    let last = receiver.trim_end_matches("()").rsplit('.').next().unwrap_or(receiver).to_ascii_lowercase();
    last.contains("log") || path.starts_with("warnings.") || path.contains("getLogger")
}

/// Calls whose result says nothing of their arguments (catalog, sanitizers).
pub(super) fn is_sanitizer(path: &str, method: &str, extra: &[String]) -> bool {
    matches!(
        method,
        "len"
            | "bool"
            | "type"
            | "isinstance"
            | "hexdigest"
            | "digest"
            | "md5"
            | "sha1"
            | "sha256"
            | "sha512"
            | "hash"
            | "id"
            | "isEmpty"
            | "nonEmpty"
            | "length"
            | "size"
            | "startswith"
            | "endswith"
            | "startsWith"
            | "endsWith"
            | "isdigit"
            | "count"
            | "find"
            | "index"
            | "indexOf"
            | "contains"
            | "equals"
            | "compare_digest"
            | "exists"
            | "isDefined"
            | "sub"
            | "nchar"
            | "mask"
            | "redact"
    ) || path.contains("hashlib.")
        || path.starts_with("hmac.")
        || extra.iter().any(|e| e == path || e == method)
}

/// Methods that give back the text of their receiver.
pub(super) fn keeps(method: &str) -> bool {
    matches!(
        method,
        "strip"
            | "lstrip"
            | "rstrip"
            | "trim"
            | "decode"
            | "toString"
            | "get"
            | "getOrElse"
            | "format"
            | "copy"
            | "get_secret_value"
            | "json"
            | "asDict"
            | "stripMargin"
            | "toSeq"
            | "getValue"
            | "result"
            | "text"
            | "content"
    )
}

/// Functions that give back the text of their arguments.
pub(super) fn passes(path: &str, method: &str) -> bool {
    matches!(
        method,
        "str"
            | "Some"
            | "Option"
            | "Try"
            | "String"
            | "valueOf"
            | "lit"
            | "SecretStr"
            | "paste"
            | "paste0"
            | "sprintf"
            | "tuple"
            | "deepcopy"
            | "expr"
            | "glue"
            | "identity"
            | "Right"
            | "Success"
            | "cast"
            | "format"
    ) || matches!(
        path,
        "set" | "json.loads" | "yaml.safe_load" | "json.load" | "dict" | "copy.copy" | "Tuple" | "print_function"
    )
}

/// Functions that change the text of their arguments: the redaction does not know the result.
pub(super) fn encodes(path: &str, method: &str) -> bool {
    matches!(
        method,
        "hexlify"
            | "b64encode"
            | "b64decode"
            | "standard_b64encode"
            | "urlsafe_b64encode"
            | "encodestring"
            | "quote"
            | "quote_plus"
            | "urlencode"
            | "dumps"
            | "repr"
            | "list"
            | "reversed"
            | "sorted"
            | "ord"
            | "zip"
            | "enumerate"
            | "join"
            | "encodeToString"
            | "encodeBase64String"
            | "bytes"
            | "bytearray"
            | "strsplit"
            | "substr"
            | "rev"
            | "toupper"
            | "tolower"
            | "ascii"
            | "b16encode"
            | "b32encode"
            | "compress"
            | "left"
            | "right"
            | "reverse"
            | "base64"
            | "concat_ws"
            | "map"
            | "filter"
            | "upper"
            | "lower"
            | "split"
            | "substring"
            | "mkString"
            | "concat"
            | "URLEncoder.encode"
    ) || path.contains("base64.")
        || path.ends_with("URLEncoder.encode")
}

/// Methods that change the text of their receiver.
pub(super) fn changes(method: &str) -> bool {
    matches!(
        method,
        "upper"
            | "lower"
            | "replace"
            | "split"
            | "splitlines"
            | "encode"
            | "hex"
            | "title"
            | "swapcase"
            | "capitalize"
            | "zfill"
            | "center"
            | "ljust"
            | "rjust"
            | "translate"
            | "reverse"
            | "toList"
            | "mkString"
            | "getBytes"
            | "zipWithIndex"
            | "grouped"
            | "take"
            | "drop"
            | "substring"
            | "toUpperCase"
            | "toLowerCase"
            | "toCharArray"
            | "toArray"
            | "slice"
            | "foldLeft"
            | "chars"
            | "sliding"
            | "partition"
            | "padTo"
            | "tail"
            | "last"
            | "head"
            | "init"
            | "charAt"
            | "map"
            | "flatMap"
            | "filter"
            | "replaceAll"
            | "__getitem__"
    )
}

/// Methods of a DataFrame that write it.
pub(super) fn writes(method: &str) -> bool {
    matches!(
        method,
        "save"
            | "saveAsTable"
            | "insertInto"
            | "csv"
            | "parquet"
            | "json"
            | "text"
            | "orc"
            | "to_csv"
            | "to_parquet"
            | "to_json"
            | "to_excel"
            | "to_sql"
            | "createOrReplaceTempView"
            | "createOrReplaceGlobalTempView"
            | "createTempView"
            | "writeTo"
            | "jdbc"
            | "start"
            | "toTable"
            | "append"
            | "createOrReplace"
            | "create"
    )
}

/// Methods of a DataFrame that show it.
pub(super) fn shows(method: &str) -> bool {
    matches!(method, "show" | "display" | "head" | "take" | "collect" | "toPandas" | "first" | "tail")
        && matches!(method, "show" | "display")
}

/// Whether an expression by itself reads a secret. Says more often yes than the flow does.
pub(crate) fn may_read(names: &Names, facts: &CellFacts, id: ExprId) -> bool {
    let text = |id: ExprId| Some(facts.str_lit(id)?.plain()?.expose().to_owned());
    let path = || names.path(facts, id).unwrap_or_default();
    match &facts.expr(id).kind {
        ExprKind::Call { callee, args, .. } => {
            let constant = |name: &str, index: usize| {
                let arg = args.iter().find(|a| a.name.as_ref().is_some_and(|(n, _)| &**n == name));
                arg.or_else(|| args.iter().filter(|a| a.name.is_none()).nth(index)).and_then(|a| text(a.value))
            };
            let path = names.path(facts, *callee).unwrap_or_default();
            source(&path, &constant, &[]).is_some()
                || path.ends_with(".get") && constant("", 0).is_some_and(|k| is_token_key(&k))
        }
        ExprKind::Index { index, .. } => {
            let key = text(*index);
            key.as_deref().is_some_and(is_token_key)
                || key.is_some() && source(&path(), &|_, i| if i == 0 { key.clone() } else { None }, &[]).is_some()
        }
        ExprKind::Attr { name, .. } if matches!(&**name, "apiToken" | "token") => is_context_token(&path()),
        _ => false,
    }
}

/// Attributes that are the token of the notebook's user.
pub(super) fn is_context_token(path: &str) -> bool {
    path.ends_with("dbutils.notebook.getContext.apiToken")
        || path.ends_with("get_context().apiToken")
        || path == "w.config.token"
        || path.ends_with("WorkspaceClient().config.token")
}

/// Whether a SQL text selects `secret()`.
pub(crate) fn selects_secret(facts: &CellFacts) -> bool {
    facts.queries.iter().flat_map(|q| &q.calls).any(|c| match &facts.expr(c.expr).kind {
        ExprKind::Call { callee, .. } => matches!(facts.path(*callee).as_deref(), Some("secret" | "try_secret")),
        _ => false,
    })
}
