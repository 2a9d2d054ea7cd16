//! Which names mean secrets (catalog §G.3). A name is split into lower-case words first, so that `dbPassword`,
//! `DB_PASSWORD`, `db-password` and `db.password` are judged alike.

/// What a name says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameVerdict {
    /// A secret (`db_password`, `clientSecret`).
    Secret,
    /// Someone or something identified (`username`, `tenant_id`, `endpoint`): public, though it stands beside secrets.
    Identifier,
    Neutral,
}

/// Words that make a name a secret's when they stand last (a number or one of [`TAILS`] may follow).
const SECRET_WORDS: &[&str] = &[
    "password", "passwd", "passphrase", "passcode", "pass", "pwd", "pw", "pswd", "psw", "passwort", "senha",
    "contrasena", "secret", "secrets", "token", "credential", "credentials", "creds", "bearer", "apikey", "accesskey",
    "secretkey", "accountkey", "privatekey", "clientsecret", "connectionstring", "connstring", "connstr", "sas",
    "sastoken", "authtoken", "accesstoken", "pat", "apitoken", "masterkey", "encryptionkey", "signingkey",
    "storagekey", "subscriptionkey", "sharedkey", "authkey", "passkey", "mdp", "pswrd", "passwrd", "psswd",
];

/// Pairs of words that mean a secret together.
const SECRET_PAIRS: &[(&str, &str)] = &[
    ("api", "key"),
    ("access", "key"),
    ("account", "key"),
    ("private", "key"),
    ("secret", "key"),
    ("key", "base"),
    ("master", "key"),
    ("storage", "key"),
    ("encryption", "key"),
    ("signing", "key"),
    ("shared", "key"),
    ("subscription", "key"),
    ("auth", "key"),
    ("client", "key"),
    ("app", "key"),
    ("application", "key"),
    ("consumer", "key"),
    ("function", "key"),
    ("host", "key"),
    ("admin", "key"),
    ("service", "key"),
    ("server", "key"),
    ("license", "key"),
    ("blob", "key"),
    ("adls", "key"),
    ("cosmos", "key"),
    ("cosmosdb", "key"),
    ("aws", "key"),
    ("azure", "key"),
    ("openai", "key"),
    ("search", "key"),
    ("sas", "key"),
    ("fernet", "key"),
    ("ssh", "key"),
    ("rsa", "key"),
    ("pem", "key"),
    ("jwt", "key"),
    ("hmac", "key"),
    ("aes", "key"),
    ("connection", "string"),
    ("conn", "string"),
    ("conn", "str"),
    ("connection", "str"),
    ("con", "str"),
    ("pass", "word"),
    ("pass", "phrase"),
    ("auth", "header"),
    ("basic", "auth"),
    ("oauth", "code"),
    ("auth", "code"),
    ("authorization", "code"),
    ("shared", "access"),
];

/// Words that turn a name with a secret word into the name of something else, wherever they stand.
const EXCUSES: &[&str] = &[
    "scope", "name", "names", "path", "file", "filename", "filepath", "url", "uri", "endpoint", "host", "hostname",
    "type", "provider", "class", "length", "len", "size", "policy", "expiry", "expires", "expiration", "ttl", "count",
    "counts", "limit", "index", "idx", "column", "columns", "col", "cols", "field", "fields", "label", "regex",
    "pattern", "prefix", "suffix", "format", "version", "tokenizer", "tokenize", "tokenizers", "tokenized", "csrf",
    "encrypted", "primary", "foreign", "sort", "partition", "keyspace", "author", "passenger", "passengers",
    "passthrough", "bypass", "compass", "max", "min", "num", "total", "pad", "eos", "bos", "unk", "sep", "cls", "mask",
    "special", "next", "page", "continuation", "sync", "required", "enabled", "valid", "validator", "validation",
    "rotation", "strength", "hash", "hashed", "md5", "sha", "sha256", "digest", "error", "message", "msg", "exists",
    "missing", "placeholder", "prompt", "widget", "vault", "keyvault", "manager", "store", "client", "service",
    "helper", "util", "utils", "test", "tests", "hint", "help", "description", "title", "text", "status", "date",
    "time", "timestamp", "at", "days", "seconds", "minutes", "hours", "timeout", "lifetime", "duration", "rate",
    "parallelism", "list", "dict", "map", "set", "table", "schema", "database", "dataset", "mode", "env", "id", "ids",
    "usage", "function", "arn", "alias", "reference", "ref", "location", "dir", "directory", "folder", "region",
    "bucket", "container", "mechanism", "protocol", "method", "issuer", "audience", "aud", "realm", "algorithm", "alg",
    "header", "headers", "param", "params", "key_name", "filter", "words", "word", "embedding", "embeddings", "stream",
    "streaming", "idempotency", "budget", "cost", "price", "generator", "commit", "revision", "checksum", "etag",
    "invalid", "wrong", "incorrect", "bad", "forgot", "forgotten", "lifecycle",
];

/// Excuses that a secret word after them overrules: `client_secret`, `env_password`, `service_token`, `test_password`,
/// `function_key`, `header_token`, `hash_password` is still a password.
const WEAK_EXCUSES: &[&str] = &[
    "client", "service", "test", "tests", "env", "function", "database", "dataset", "bucket", "container", "store",
    "vault", "keyvault", "host", "hostname", "schema", "table", "region", "provider", "prompt", "file", "url",
    "stream", "streaming", "text", "widget", "manager", "sync", "helper", "util", "utils", "id", "partition", "realm",
    "page", "set", "map", "list", "name", "param", "params", "location", "date", "time", "at", "max", "min", "total",
    "version",
];

/// Words after a secret word that leave it a secret.
const TAILS: &[&str] = &[
    "value", "val", "plaintext", "plain", "raw", "str", "string", "text", "b64", "base64", "encoded", "literal",
    "default", "dev", "prod", "qa", "uat", "stg", "staging", "test", "new", "old", "local", "temp", "tmp", "info",
    "data", "main", "primary", "secondary", "prd", "v", "azure", "aws", "db", "sql", "databricks",
];

/// Words before `pass` that make it a run, a ticket, a filter, or where a server sends requests: `first_pass`, `boarding_pass`,
/// `low_pass`, `uwsgi_pass`.
const RUNS: &[&str] = &[
    "first", "second", "third", "final", "single", "multi", "one", "two", "forward", "backward", "fwd", "bwd", "low",
    "high", "band", "all", "compiler", "render", "epoch", "train", "training", "boarding", "season", "ski", "hall",
    "bus", "rail", "travel", "day", "week", "month", "uwsgi", "fastcgi", "scgi", "grpc", "memcached",
];

const IDENTIFIER_WORDS: &[&str] = &[
    "user", "username", "userid", "usr", "uid", "login", "tenant", "tenantid", "clientid", "account", "accountname",
    "host", "hostname", "server", "endpoint", "url", "uri", "database", "schema", "port", "region", "bucket", "email",
    "warehouse", "principal", "owner", "account_id", "sid",
];

/// Whether a name's secret is made by a machine: `api_token`, `access_key`. Passwords and secrets may be any word.
pub fn is_machine_made(name: &str) -> bool {
    words(name)
        .iter()
        .rev()
        .map(|w| w.trim_end_matches(|c: char| c.is_ascii_digit()))
        .any(|w| ["token", "key", "sas", "pat", "bearer", "credentials"].iter().any(|s| w.ends_with(s)))
        && !words(name).iter().any(|w| w.contains("pass") || w.contains("pwd") || w.contains("secret"))
}

/// Lower-case words of a name: split at `_`, `-`, `.`, blanks, slashes, digits' edges stay, and at `aB` and `ABc`.
pub fn words(name: &str) -> Vec<String> {
    // `OAuthToken`, `oAuthToken`: one word.
    let name = if name.contains("OAuth") || name.contains("oAuth") {
        &*name.replace("OAuth", "Oauth").replace("oAuth", "oauth")
    } else {
        name
    };
    let chars: Vec<char> = name.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (i, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            continue;
        }
        let before = i.checked_sub(1).map(|p| chars[p]);
        let next_is_lower = chars.get(i + 1).is_some_and(|n| n.is_lowercase());
        let starts = c.is_uppercase()
            && before.is_some_and(|b| b.is_lowercase() || b.is_ascii_digit() || (b.is_uppercase() && next_is_lower));
        if starts && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(c.to_lowercase());
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether a name says that its value is chosen by a person: a password, not a token or key.
pub fn is_password(name: &str) -> bool {
    words(name).iter().any(|w| ["pass", "pwd", "psw"].iter().any(|p| w.contains(p)) || w == "pw")
}

/// An id in the place of a name (`k7Xq-2bYdHG9Pw`, a key of a data record) that ends like a word for a secret by chance.
fn is_random(name: &str, words: usize) -> bool {
    name.len() >= 16
        && words * 7 > name.len() * 2
        && name.bytes().any(|b| b.is_ascii_digit())
        && name.bytes().any(|b| b.is_ascii_uppercase())
        && name.bytes().any(|b| b.is_ascii_lowercase())
}

/// Judges a variable, key, option or parameter name in any case style.
pub fn verdict(name: &str) -> NameVerdict {
    if name.len() > 120 {
        return NameVerdict::Neutral;
    }
    let words = words(name);
    if is_random(name, words.len()) {
        return NameVerdict::Neutral;
    }
    let bare =
        |w: &'_ String| if w == "base64" { w.len() } else { w.trim_end_matches(|c: char| c.is_ascii_digit()).len() };
    let plain: Vec<&str> = words.iter().map(|w| &w[..bare(w)]).filter(|w| !w.is_empty()).collect();
    let Some(last) = plain.last().copied() else { return NameVerdict::Neutral };
    // Objects of Unity Catalog are called credentials; their names are no secrets.
    if matches!(plain.as_slice(), [.., "storage" | "service" | "external" | "uc", "credential" | "credentials"]) {
        return NameVerdict::Identifier;
    }
    if let [.., before, "pass"] = plain.as_slice()
        && RUNS.contains(before)
    {
        return NameVerdict::Neutral;
    }
    // `ClientRequestToken` of AWS: a request that comes twice is one.
    if plain.ends_with(&["client", "request", "token"]) {
        return NameVerdict::Neutral;
    }
    if let Some(at) = secret_word_end(&plain) {
        let tail = &plain[at + 1..];
        let tail_ok = tail.iter().all(|w| TAILS.contains(w)) && tail.len() <= 2;
        let head_ok = plain[..at].iter().all(|w| !EXCUSES.contains(w) || WEAK_EXCUSES.contains(w));
        if tail_ok && head_ok && !is_machine_learning(&plain, at) {
            return NameVerdict::Secret;
        }
        return if IDENTIFIER_WORDS.contains(&last) { NameVerdict::Identifier } else { NameVerdict::Neutral };
    }
    let pair = plain.len() >= 2
        && matches!(last, "id" | "name")
        && IDENTIFIER_WORDS
            .iter()
            .chain(&["client", "app", "application", "object", "directory", "subscription", "workspace"])
            .any(|w| *w == plain[plain.len() - 2]);
    if pair || IDENTIFIER_WORDS.contains(&last) { NameVerdict::Identifier } else { NameVerdict::Neutral }
}

/// Names of several secrets: `passwords`, `API_KEYS`, `creds`.
pub fn is_collective(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last().filter(|last| last.ends_with('s')) else { return false };
    let single = name.len().checked_sub(1).and_then(|end| name.get(..end)).unwrap_or("");
    matches!(last.as_str(), "creds" | "credentials" | "secrets")
        || verdict(single) == NameVerdict::Secret && last != "pass"
}

/// Position of the last word that ends a secret word or pair.
fn secret_word_end(words: &[&str]) -> Option<usize> {
    (0..words.len()).rev().find(|&i| {
        let word = words[i];
        if SECRET_WORDS.contains(&word) {
            return true;
        }
        if i > 0 && SECRET_PAIRS.contains(&(words[i - 1], word)) {
            return true;
        }
        // `dbpassword`, `mysqlpwd`, `userpass`: glued lower case.
        [
            "password", "passwd", "passphrase", "userpass", "dbpass", "secret", "apikey", "accesskey", "secretkey",
            "accountkey", "storagekey", "clientsecret",
        ]
        .iter()
        .any(|s| word.ends_with(s))
            || (word.len() > 4 && (word.ends_with("pwd") || word.ends_with("token")) && !word.ends_with("nexttoken"))
    })
}

/// `token` in text processing and paging: `pad_token`, `tokens_per_batch`, `next_page_token`.
fn is_machine_learning(words: &[&str], at: usize) -> bool {
    words[at] == "token"
        && words[..at].iter().any(|w| {
            matches!(
                *w,
                "pad"
                    | "eos"
                    | "bos"
                    | "unk"
                    | "sep"
                    | "cls"
                    | "mask"
                    | "max"
                    | "min"
                    | "num"
                    | "total"
                    | "next"
                    | "page"
                    | "pagination"
                    | "cursor"
                    | "starting"
                    | "lock"
                    | "special"
                    | "stop"
                    | "start"
                    | "end"
                    | "first"
                    | "last"
                    | "image"
                    | "audio"
                    | "new"
                    | "prev"
                    | "continuation"
                    | "sync"
                    | "input"
                    | "output"
                    | "decoder"
                    | "encoder"
                    | "prompt"
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use NameVerdict::{Identifier, Neutral, Secret};

    #[test]
    fn names_are_parted_into_words() {
        let table = [
            ("setOAuthConsumerSecret", "set oauth consumer secret"),
            ("oAuthToken", "oauth token"),
            ("DBPassword", "db password"),
            ("storage-account.Key1", "storage account key1"),
        ];
        for (name, expected) in table {
            assert_eq!(words(name).join(" "), expected, "{name}");
        }
    }

    #[test]
    fn names_are_judged_by_their_words() {
        let table: &[(NameVerdict, &[&str])] = &[
            (
                Secret,
                &[
                    "password", "PASSWORD", "db_password", "dbPassword", "DBPassword", "db-password", "db.password",
                    "passwd", "pwd", "pw", "sqlPwd", "userpass", "user_pass", "secret", "client_secret",
                    "clientSecret", "CLIENT_SECRET_VALUE", "apiKey", "api_key", "API-KEY", "apikey", "access_token",
                    "accessToken", "TOKEN", "token1", "password2", "sas_token", "sasToken", "storage_account_key",
                    "storageAccountAccessKey", "accountKey", "aws_secret_access_key", "secretKey", "private_key",
                    "connectionString", "conn_str", "connection_string", "jdbcPassword", "jdbc_password_dev",
                    "bearer_token", "credential", "credentials", "mysqlpassword", "openai_api_key", "OPENAI_KEY",
                    "HF_TOKEN", "oauth_code", "OAuthToken", "github_pat", "sfPassword", "test_password", "env_token",
                    "DATABRICKS_TOKEN", "passphrase", "keyStorePassword", "trustStorePassword", "kustoAadAppSecret",
                    "fs.s3a.secret.key", "mongo_pass", "smtp_pass", "encryption_key", "SECRET_KEY_BASE",
                    "prod_token_v2", "secret_key_base64",
                ],
            ),
            (
                Neutral,
                &[
                    "encryptedCredential", "max_tokens", "num_tokens", "pad_token", "eos_token", "tokenizer",
                    "tokenize", "TOKENIZERS_PARALLELISM", "next_token", "nextPageToken", "secret_name", "secretName",
                    "secret_scope", "password_file", "password_path", "token_type", "password_column",
                    "password_regex", "passenger_count", "bypass", "compass", "author", "primary_key", "foreign_key",
                    "sort_key", "partition_key", "key_columns", "keyspace", "password_policy", "token_expiry",
                    "all_passed", "sign_on", "csrf_token", "encryptedCredential", "key", "keys", "monkey", "df",
                    "LockToken", "PaginationToken", "startingToken", "cursor_token", "public_key_base64",
                    "token_count", "password_length", "passthrough", "token_id", "passed", "kafka.sasl.mechanism", "x",
                    "secret_manager", "k7Xq-2bYdHG9RLmPw", "uwsgi_pass", "fastcgi_pass", "special_tokens",
                    "boarding_pass", "firstPass", "low_pass", "epoch_pass", "password_hash", "invalid_password",
                    "wrong-token", "authors", "keyboard", "commit_token", "revisionToken", "",
                ],
            ),
            (
                Identifier,
                &[
                    "user", "username", "db_user", "sfUser", "tenant_id", "tenantId", "client_id", "account_name",
                    "email", "host", "token_endpoint", "token_url", "storage_credential", "serviceCredential",
                ],
            ),
        ];
        let wrong: Vec<_> = table
            .iter()
            .flat_map(|(expected, names)| names.iter().map(move |name| (*name, verdict(name), *expected)))
            .filter(|(_, seen, expected)| seen != expected)
            .collect();
        assert!(wrong.is_empty(), "name, seen, expected: {wrong:?}");
    }
}
