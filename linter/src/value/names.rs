//! Which names mean secrets (catalog §G.3). A name is split into lower-case words first, so that `dbPassword`,
//! `DB_PASSWORD`, `db-password` and `db.password` are judged alike.

use crate::catalog::name_words::{self, EXCUSES, PAIRED, RUNS, TEXTS, WEAK_EXCUSES};

/// What a name says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameVerdict {
    /// A secret (`db_password`, `clientSecret`).
    Secret,
    /// Someone or something identified (`username`, `tenant_id`, `endpoint`): public, though it stands beside secrets.
    Identifier,
    Neutral,
}

/// Words that make a name a secret's when they stand last (a number or words of [`name_words`] may follow).
const SECRET_WORDS: &[&str] = &[
    "password", "passwd", "passphrase", "passcode", "pass", "pwd", "pw", "pswd", "psw", "passwort", "senha",
    "contrasena", "secret", "secrets", "token", "credential", "credentials", "creds", "bearer", "apikey", "accesskey",
    "secretkey", "accountkey", "privatekey", "clientsecret", "connectionstring", "connstring", "connstr", "sas",
    "sastoken", "authtoken", "accesstoken", "pat", "apitoken", "masterkey", "encryptionkey", "signingkey",
    "storagekey", "subscriptionkey", "sharedkey", "authkey", "passkey", "contraseña", "mdp", "pswrd", "passwrd",
    "psswd",
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

/// The words without what counts them.
fn without_numbers(words: &[String]) -> Vec<&str> {
    let bare = |w: &str| if w == "base64" { w.len() } else { w.trim_end_matches(|c: char| c.is_ascii_digit()).len() };
    words.iter().map(|w| &w[..bare(w)]).filter(|w| !w.is_empty()).collect()
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
    let plain = without_numbers(&words);
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
        let tail_ok = tail.iter().all(|w| name_words::keeps_secret(w)) && tail.len() <= TAIL;
        if tail_ok && head_is_secret(&plain, at) {
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

/// Whether a name may be a secret's for all that is known of its words, so that the value has to say it: words that nothing is known
/// of follow the word for a secret (`password_munich`), or it is only for signing in (`redis_auth`).
pub fn may_be_secret(name: &str) -> bool {
    let words = words(name);
    if name.len() > 120 || is_random(name, words.len()) {
        return false;
    }
    let plain = without_numbers(&words);
    let is_other = |w: &&str| EXCUSES.contains(w) || name_words::is_other(w);
    match (secret_word_end(&plain), plain.as_slice()) {
        (Some(at), _) => {
            let tail = &plain[at + 1..];
            tail.len() <= TAIL && !tail.iter().any(is_other) && head_is_secret(&plain, at)
        }
        (None, [head @ .., "auth"]) => !head.iter().any(is_other),
        _ => false,
    }
}

/// Words that may follow the one for a secret.
const TAIL: usize = 3;

/// Whether the words before the one for a secret, at `at`, leave it one.
fn head_is_secret(words: &[&str], at: usize) -> bool {
    let head = &words[..at];
    let is_text = matches!(head, [only] if TEXTS.contains(only));
    !is_text && head.iter().all(|w| !EXCUSES.contains(w) || WEAK_EXCUSES.contains(w)) && !is_machine_learning(words, at)
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
        // `cosmos_primary_key`; that of a table is no secret.
        if i > 1 && word == "key" && matches!(words[i - 1], "primary" | "secondary") {
            let is_hub = i > 2 && words[i - 2] == "hub" && matches!(words[i - 3], "event" | "iot" | "notification");
            return is_hub || PAIRED.contains(&words[i - 2]);
        }
        // `mypass`, `rootpass`
        if word.strip_suffix("pass").is_some_and(|whose| {
            matches!(
                whose,
                "my" | "admin" | "root" | "sql" | "mysql" | "pg" | "ftp" | "sftp" | "smtp" | "mail" | "login"
            )
        }) {
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
                    | "per"
                    | "commit"
                    | "revision"
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
    fn values_decide_where_words_are_not_known() {
        let of = |names: &[&'static str], expected: bool| -> Vec<&'static str> {
            names.iter().copied().filter(|name| may_be_secret(name) != expected).collect()
        };
        let yes = ["password_munich", "redis_auth", "auth", "api_key_kunde7", "tokenMunich", "password_user"];
        let no = [
            "password_reset", "token_address", "password_reset_url", "oauth", "auth_mode",
            "max_tokens_auth_token_count", "url_auth", "munich", "authors", "token_symbol", "password_policy_min",
        ];
        assert_eq!((of(&yes, true), of(&no, false)), (vec![], vec![]));
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
                    "prod_token_v2", "secret_key_base64", "password_snowflake", "PASSWORD_ORACLE", "token_github",
                    "api_key_openai", "access_key_adls", "pwd_admin", "client_secret_api", "passwordOracle",
                    "password_azure_sql_prod", "primary_access_key", "cosmos_primary_key", "primary_password",
                    "cosmos_primary_master_key", "event_hub_primary_key", "EMBEDDING_API_KEY", "embeddings_api_key",
                    "exchange_rate_api_key", "status_page_api_key", "price_api_key", "active_directory_password",
                    "ref_db_password", "message_bus_token", "etl_error_password", "sftp_folder_password",
                    "mode_api_token", "hash_secret", "special_password", "commit_password", "mypass", "contraseña",
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
                    "error_password", "label_token", "price_per_token", "password_reset", "token_symbol",
                    "secret_santa", "password_munich", "redis_auth", "table_primary_key", "hub_primary_key",
                    "hashed_password", "token_address", "wrong-token", "authors", "keyboard", "commit_token",
                    "revisionToken", "",
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
