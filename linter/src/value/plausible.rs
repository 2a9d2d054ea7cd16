//! Whether a value looks like a credential when only a *name* says so (rule CS106). Positions of an API need no such
//! test: there the placeholder filter is enough.

use super::bare;
use shapes::{formats, is_class_path, is_crypt, is_lookup};

mod shapes;

/// Why a value under a secret-like name is probably none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Implausible {
    /// Several words of prose.
    Prose,
    Path,
    Url,
    /// `module.attribute`, `com.example.Class`.
    DottedName,
    /// `db-password`, `STORAGE_KEY_NAME`: the name of a secret.
    SecretName,
    /// `mango-tree-77`: words that name nothing. A passphrase where the name says password, else the name of a thing.
    Words,
    /// A word of a fixed vocabulary: types, modes, booleans, formats.
    Vocabulary,
    /// `%Y-%m-%d`, a regular expression, a template, SQL.
    Pattern,
    /// `sha512-…`, `1.302.1`: a digest of a file, the number of a version.
    Digest,
    TooShort,
}

const VOCABULARY: &[&str] = &[
    "true", "false", "yes", "no", "on", "off", "none", "null", "string", "str", "int", "integer", "bool", "boolean",
    "bytes", "oauth", "oauth2", "basic", "bearer", "plain", "sas", "aad", "msi", "token", "jwt", "client_credentials",
    "authorization_code", "refresh_token", "password", "secret", "key", "static", "dynamic", "auto", "default",
    "private", "public", "internal", "external", "text", "json", "csv", "parquet", "delta", "utf-8", "utf8", "ascii",
    "base64", "sha256", "md5", "hmac", "rsa", "aes", "https", "http", "required", "optional", "enabled", "disabled",
    "invalid", "missing", "expired", "pass", "fail", "passed", "failed", "success", "error", "ok", "unknown",
    "stringtype", "binarytype", "integertype", "varchar", "nvarchar", "sha1", "sha2", "sha512", "hash", "mask",
    "masked", "redact", "encrypt", "drop", "nullify", "service_principal", "managed_identity", "user", "kerberos",
    "scram", "scram-sha-256", "scram-sha-512", "ssl", "sasl_ssl", "sasl_plaintext", "plaintext", "word", "char", "bpe",
    "wordpiece", "whitespace", "dev", "prod", "test", "stage", "staging", "files", "compat",
];

/// `None`: looks like a credential.
pub fn implausible(value: &str) -> Option<Implausible> {
    let v = value.trim();
    let count = v.chars().count();
    if count < 3 {
        return Some(Implausible::TooShort);
    }
    let lower = v.to_ascii_lowercase();
    // `varchar(255)`: a type with its length.
    let bare = match lower.split_once('(') {
        Some((name, rest)) if rest.trim_end_matches([')', ' ']).bytes().all(|b| b.is_ascii_digit() || b == b',') => {
            name
        }
        _ => lower.as_str(),
    };
    if VOCABULARY.contains(&bare) {
        return Some(Implausible::Vocabulary);
    }
    if lower.contains("://") {
        return Some(Implausible::Url);
    }
    if is_public_key(v) || bare::is_chain_address(v) {
        return Some(Implausible::Digest);
    }
    if is_pattern(v, &lower)
        || is_list_without_credential(&lower)
        || super::labels::is_selector(v)
        || super::labels::is_type(v)
    {
        return Some(Implausible::Pattern);
    }
    if ["sha1-", "sha256-", "sha384-", "sha512-", "sha1:", "sha256:", "sha384:", "sha512:", "md5:"]
        .iter()
        .any(|algorithm| lower.starts_with(algorithm))
        || is_version(v)
    {
        return Some(Implausible::Digest);
    }
    let blanks = v.split_whitespace().count();
    if blanks > 1 {
        // A passphrase is a few bare words; prose has function words, punctuation or many words.
        let prose = blanks > 8
            || v.contains('\n')
            || ["see ", "ask ", "stored ", "kept ", "via "].iter().any(|first| lower.starts_with(first))
            || lower.split_whitespace().any(|w| {
                matches!(
                    w.trim_matches(|c: char| !c.is_alphanumeric()),
                    "the"
                        | "de"
                        | "la"
                        | "du"
                        | "des"
                        | "et"
                        | "el"
                        | "der"
                        | "die"
                        | "das"
                        | "und"
                        | "di"
                        | "a"
                        | "an"
                        | "is"
                        | "are"
                        | "to"
                        | "for"
                        | "of"
                        | "in"
                        | "your"
                        | "please"
                        | "not"
                        | "with"
                        | "and"
                        | "or"
                        | "from"
                        | "this"
                        | "be"
                        | "key"
                        | "password"
                        | "token"
                        | "secret"
                        | "enter"
                        | "invalid"
                )
            })
            || v.ends_with([':', '.', '!', '?', ',']);
        return prose.then_some(Implausible::Prose).or_else(|| {
            (blanks == 2 && v.chars().all(|c| c.is_alphabetic() || c == ' ')).then_some(Implausible::Prose)
        });
    }
    if is_path(v, &lower) {
        return Some(Implausible::Path);
    }
    if bare::is_scope_and_key(v) {
        return Some(Implausible::SecretName);
    }
    // A word of another script, with no more than its particles in Latin letters.
    let foreign = v.chars().filter(|c| !c.is_ascii() && c.is_alphabetic()).count();
    if foreign * 3 >= count && foreign >= 2 && !v.bytes().any(|b| b.is_ascii_digit()) {
        return Some(Implausible::Prose);
    }
    let has_digit = v.chars().any(|c| c.is_ascii_digit());
    let parts: Vec<&str> = v.split(if v.contains("::") { "::" } else { "." }).collect();
    let named = |p: &&str| {
        !p.is_empty()
            && p.chars().all(|c| c.is_alphanumeric() || c == '_')
            && !p.starts_with(|c: char| c.is_ascii_digit())
    };
    if parts.len() > 1 && parts.iter().all(named) && !mixed(v) || is_class_path(v) || is_lookup(v) {
        return Some(Implausible::DottedName);
    }
    let separated = v.contains(['-', '_']) && v.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if separated {
        let words = super::names::words(v);
        // `sales-db-password1`: beside a word for secrets a word may be numbered.
        let about = words.iter().any(|w| {
            matches!(
                w.trim_end_matches(|c: char| c.is_ascii_digit()),
                "password" | "secret" | "key" | "token" | "pw" | "pwd" | "credential" | "credentials" | "creds"
            )
        });
        let words: Vec<String> = words
            .into_iter()
            .map(|w| {
                let bare = w.trim_end_matches(|c: char| c.is_ascii_digit());
                if about && !bare.is_empty() && w.len() - bare.len() <= 2 { bare.to_owned() } else { w }
            })
            .collect();
        let wordy = words.iter().filter(|w| w.len() >= 2 && w.chars().all(|c| c.is_alphabetic())).count();
        let numbers = words.iter().filter(|w| w.chars().all(|c| c.is_ascii_digit()) && w.len() <= 4).count();
        // Every part is a word or a short number: `jdbc-password-2`; random runs are neither.
        if wordy + numbers == words.len()
            && wordy >= 2
            && words.iter().all(|w| w.len() <= 16 && (pronounceable(w) || names_things_glued(w)))
        {
            let phrase =
                v.contains('-') && words.len() >= 3 && mixed_or_lower(v) && !words.iter().any(|w| names_things(w));
            return Some(if phrase { Implausible::Words } else { Implausible::SecretName });
        }
    }
    if !has_digit
        && v.chars().all(|c| c.is_alphanumeric())
        && super::names::verdict(v) != super::NameVerdict::Neutral
        && !super::letters::is_random(v)
    {
        return Some(Implausible::SecretName);
    }
    None
}

/// As [`implausible`], for the value of a name: people choose words for a password, not for tokens and keys.
pub fn implausible_as(name: &str, value: &str) -> Option<Implausible> {
    implausible(value).filter(|why| *why != Implausible::Words || !super::names::is_password(name))
}

/// What a secret is; a word of a password is rarely the last.
const SECRETS: &[&str] =
    &["password", "passwd", "secret", "secrets", "token", "key", "credential", "credentials", "creds", "pwd", "name"];

/// Words for where a secret is used, behind what it is.
const STAGES: &[&str] = &["dev", "prod", "prd", "qa", "uat", "stg", "stage", "staging", "test", "value", "default"];

/// Whether a value made of words is what a secret is called and not a password: it ends with what a secret is
/// (`sales-db-password`, `db-password-dev-2`), holds the name that it stands under, or is a constant (`DB_MAIN`).
pub fn is_called_after(name: &str, value: &str) -> bool {
    if !mixed_or_lower(value) {
        return true;
    }
    let (name, words) = (super::names::words(name), super::names::words(value));
    let is_number = |w: &str| w.len() <= 2 && w.bytes().all(|b| b.is_ascii_digit());
    let last = words.iter().rev().find(|w| !is_number(w) && !STAGES.contains(&w.as_str()));
    last.is_some_and(|w| SECRETS.contains(&w.as_str()))
        || name.len() > 1 && words.windows(name.len()).any(|run| run == name)
}

/// Words that names of secrets, services and settings are made of.
const NAMING: &[&str] = &[
    "account", "access", "admin", "api", "app", "application", "auth", "aws", "azure", "bi", "blob", "bucket", "cert",
    "client", "cloud", "cluster", "code", "conn", "connection", "container", "cred", "credential", "credentials",
    "data", "database", "databricks", "datalake", "db", "default", "dev", "development", "dl", "encryption", "env",
    "gcp", "group", "hash", "hub", "id", "jdbc", "job", "kafka", "key", "keys", "keyvault", "kv", "lake", "login",
    "master", "model", "mysql", "name", "oauth", "oracle", "pass", "passwd", "passphrase", "password", "pat",
    "postgres", "principal", "private", "prod", "production", "public", "pwd", "pw", "qa", "redshift", "role", "sas",
    "scope", "secret", "secrets", "server", "service", "snowflake", "sp", "spn", "sql", "staging", "storage", "string",
    "tenant", "test", "token", "uat", "uncased", "base", "user", "username", "value", "var", "variable", "vault",
    "warehouse", "workspace",
];

fn names_things(word: &str) -> bool {
    NAMING.contains(&word.trim_end_matches(|c: char| c.is_ascii_digit()))
}

/// `sqldb`, `kvprod`: two naming words written as one.
fn names_things_glued(word: &str) -> bool {
    word.is_ascii()
        && (2..word.len().saturating_sub(1)).any(|at| NAMING.contains(&&word[..at]) && NAMING.contains(&&word[at..]))
}

/// Not all capitals, as constants are.
fn mixed_or_lower(v: &str) -> bool {
    v.chars().any(char::is_lowercase)
}

/// Words and counted numbers, as names of things and made-up values have them: `term-001`, `token123`,
/// `cart_token_abc123`. People choose such passwords; tokens and keys that a machine made look different.
pub fn is_wordy(value: &str) -> bool {
    let v = value.trim().trim_end_matches(['!', '.']);
    if !v.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ' | ':')) {
        return false;
    }
    let words = super::names::words(v);
    let wordy = words.iter().filter(|w| w.chars().next().is_some_and(char::is_alphabetic)).count();
    wordy > 0
        && !v.split(|c: char| !c.is_alphanumeric()).any(is_random_run)
        && !is_random_code(v)
        && words.len() <= 10
        && words.iter().all(|w| {
            let word = w.trim_end_matches(|c: char| c.is_ascii_digit());
            let number = &w[word.len()..];
            word.chars().all(char::is_alphabetic)
                && word.len() <= 16
                && (pronounceable(word) || word.len() < 6)
                && (super::placeholder::is_count(number) || number.len() <= 4 && words.len() > 1)
        })
}

/// Short runs with a digit somewhere, one of which capitals part into pieces of two letters: `exhJp_UWHaD3`.
fn is_random_code(v: &str) -> bool {
    const SHORTEST: usize = 10;
    let parted = |run: &str| {
        let pieces = super::names::words(run).len();
        pieces >= 3 && run.chars().filter(|c| c.is_alphabetic()).count() * 5 < pieces * 12
    };
    v.len() >= SHORTEST
        && v.bytes().any(|b| b.is_ascii_digit())
        && v.split(|c: char| !c.is_alphanumeric()).any(|run| run.len() <= SHORTEST && parted(run))
}

/// Capitals in one run of letters and digits that part it into pieces too short for words (`n3KqV4QpyUZKhDcOqp`), or
/// letters that no words have beside each other.
fn is_random_run(run: &str) -> bool {
    const SHORTEST: usize = 10;
    let words = super::names::words(run);
    let letters = run.chars().filter(|c| c.is_alphabetic()).count();
    // Words of names have four letters and more on average, and a short one beside a long one.
    run.len() >= SHORTEST && (words.len() >= 3 && letters * 2 < words.len() * 7 || super::letters::is_random(run))
}

/// `1.2.1`, `^4.0.0`, `>=2.1,<3`: the version of a thing that is named like a secret.
pub fn is_version(text: &str) -> bool {
    let bare = text.trim_start_matches(['^', '~', '=', '>', '<', 'v', ' ']);
    bare.matches('.').count() >= 1
        && bare.starts_with(|c: char| c.is_ascii_digit())
        && bare.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '<' | '>' | '=' | ' ' | '*' | 'x'))
}

/// A part of a regular expression that matches a value: `[^&]*`, `(.+?)`, `\\S+`.
pub fn is_regex(v: &str) -> bool {
    (v.contains("[^") && (v.contains(']') || v.starts_with(['[', '('])))
        || v.starts_with('|')
        || v.contains("\\s*")
        || v.contains("(?")
        || v.contains(".*")
        || v.contains(".+")
        || ["\\S", "\\w", "\\d", "[a-z", "[A-Z"].iter().any(|p| v.contains(p) && v.ends_with([')', '+', '*', '}', '$']))
}

/// Upper, lower and digit in one run.
fn mixed(v: &str) -> bool {
    v.chars().any(|c| c.is_ascii_digit())
        && v.chars().any(|c| c.is_ascii_uppercase())
        && v.chars().any(|c| c.is_ascii_lowercase())
}

pub(super) fn pronounceable(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_digit()) || word.len() <= 4 || {
        let vowels = word.chars().filter(|c| "aeiouy".contains(*c)).count();
        vowels * 6 >= word.len()
    }
}

fn is_path(v: &str, lower: &str) -> bool {
    let rooted = v.starts_with(['/', '~'])
        || v.starts_with("./")
        || v.starts_with("../")
        || lower.starts_with("dbfs:")
        || v.get(1..3) == Some(":\\")
        || v.get(1..3) == Some(":/");
    let segments = v.split(['/', '\\']).count();
    // A base64 key may begin with `/`: a path has a second separator or an ending, and words between.
    let base64 = v.len() >= 30 && (v.ends_with('=') || v.contains('+')) && segments < 8
        // A secret key of AWS.
        || v.len() == 40
            && segments <= 3
            && mixed(v)
            && v.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'+'));
    let file = lower.rsplit_once('.').is_some_and(|(_, e)| {
        matches!(
            e,
            "json"
                | "pem"
                | "txt"
                | "key"
                | "yml"
                | "yaml"
                | "env"
                | "cfg"
                | "ini"
                | "jks"
                | "p12"
                | "pfx"
                | "crt"
                | "csv"
                | "py"
                | "scala"
                | "conf"
                | "xml"
                | "html"
                | "sql"
        )
    });
    v.starts_with("~/")
        || !base64
            && ((rooted && (segments > 2 || file || v.chars().all(|c| c.is_alphanumeric() || c == '/')))
                || file
                || (segments > 2 && !mixed(v)))
}

/// `ssh-ed25519 AAAA… user@host`.
fn is_public_key(v: &str) -> bool {
    ["ssh-rsa AAAA", "ssh-ed25519 AAAA", "ecdsa-sha2-", "ssh-dss AAAA", "sk-ssh-ed25519@"]
        .iter()
        .any(|s| v.starts_with(s))
}

/// `Server=h;Database=d;Trusted_Connection=True`: where something is, and no key among its names. Lists with one are looked into
/// by the rules about connection strings.
fn is_list_without_credential(lower: &str) -> bool {
    const PLACES: &[&str] = &[
        "server", "data source", "driver", "dsn", "endpoint", "host", "address", "database", "initial catalog",
        "usedevelopmentstorage", "trusted_connection", "integrated security", "provider", "instrumentationkey",
        "defaultendpointsprotocol",
    ];
    let mut keys = lower.split(';').filter(|pair| !pair.trim().is_empty()).map(|pair| pair.split_once('='));
    let first = keys.next().flatten().is_some_and(|(key, _)| PLACES.contains(&key.trim()));
    first && keys.all(|pair| pair.is_some()) && crate::value::slots(lower).is_empty()
}

fn is_pattern(v: &str, lower: &str) -> bool {
    v.starts_with('^')
        || (v.contains("%Y") && v.contains("%m"))
        || v.contains("(?")
        || v.contains("[0-9")
        || v.contains("]{")
        || v.contains("]+")
        || v.contains("]*")
        || v.contains("[a-z")
        || v.contains("[A-Z")
        || v.contains("\\d")
        || v.contains("\\w")
        || v.contains(".*")
        || lower.starts_with("select ")
        || lower.starts_with("insert ")
        || v.starts_with(['<', '[', '(']) && v.ends_with(['>', ']', ')'])
        || v.starts_with("--") && v.len() > 2
        || v.starts_with("${")
        // Colours of a terminal.
        || v.contains("\u{1b}[") || v.contains("\\e[") || v.contains("\\033[")
        // `[System.Convert]::ToBase64String($bytes)`: PowerShell.
        || v.starts_with('[') && v.contains("]::")
        || v.contains("{}")
        || formats(v)
        || is_crypt(v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_paths_and_prose_are_told_from_credentials() {
        let no = [
            "db-password", "my_secret_key_name", "jdbc-pw-2", "STORAGE_ACCOUNT_KEY", "dbPassword", "sqlPassword",
            "/mnt/keys/key.pem", "dbfs:/x/y", "./secret.txt", "https://login.example.com/x", "com.example.Secret",
            "token.value", "Please enter the password", "Invalid token", "password is required.", "client_credentials",
            "OAuth", "none", "ab", "%Y-%m-%d", "^[a-z]+$", "utf-8", "SCRAM-SHA-512", "kv-sales-dev-password",
            "bert-base-uncased", "<pad>", "[PAD]", "plaintext", "service-principal-secret", "access_token",
            "ユーザーのDatabricksトークン", "storage key", "see 1password", "test-token-name", "[0-9A-Fa-f]{1,4}",
            "sas::SasStyle", "sales-db-password1", "mango-tree-77", "correct-horse-battery-staple", "Mango-Tree-77",
            "kafka1_keystore_creds", "~/credentials", "ssh-ed25519 AAAAC3Nz etl@h",
            "Server=h;Database=d;Trusted_Connection=True;", "UseDevelopmentStorage=true", "DSN=prod",
            "sha512-RdJUflcE3cUzKiMqQgsCu06FPu9UdIJO", "1.302103", "^4.0.0", "files", "my_scope/slack_webhook",
            "prod-kv/db-password2", "getFromSystemVariable", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        ];
        let yes = [
            "q7#Lm2vX9", "hunter2", "monkey12", "P@ssw0rd", "Welcome1", "correct horse battery staple", "123456",
            "s3cr3t", "michael", "qwerty", "Zx9Kq2", "admin@123", "/Lm2vX9q7abcd+EFGH1234ijklMNOP56789qrs=",
            "a8f5f167f44f4964e6c998dee827110c", "Summer2024!", "letmein", "dragon", "ab12-cd34-ef56-7890",
            "9f86d081884c7d659a2feaa0c55ad015",
        ];
        let wrong: Vec<_> = no
            .iter()
            .filter(|v| implausible(v).is_none())
            .map(|v| (*v, None))
            .chain(yes.iter().filter_map(|v| implausible(v).map(|why| (*v, Some(why)))))
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn passphrases_are_told_from_names() {
        for yes in ["mango-tree-77", "Mango-Tree-77", "correct-horse-battery-staple", "hunter2", "letmein"] {
            assert_eq!(implausible_as("db_password", yes), None, "{yes}");
        }
        for no in [
            "sales-db-password1", "kv-sales-dev-password", "DB-MAIN-REPLICA", "sales-reader", "my_tree_name",
            "bert-base-uncased", "mysql-root-2", "ingest-api-prod", "client-credentials-2",
        ] {
            assert!(implausible_as("db_password", no).is_some(), "{no}");
        }
        assert_eq!(implausible_as("auth_token", "mango-tree-77"), Some(Implausible::Words));
    }

    #[test]
    fn passwords_of_words_are_told_from_what_secrets_are_called() {
        for yes in [
            "Acme-Prod-2024", "Sales_Dwh_2023", "snowflake_etl_2023", "databricks-etl", "prod-db-pass", "sa_password1",
            "acme-erp-prod", "my-secret-pw",
        ] {
            assert_eq!(implausible(yes), Some(Implausible::SecretName), "{yes}");
            assert!(!is_called_after("db_password", yes), "{yes}");
        }
        for no in [
            "kv-sales-dev-password", "db-password", "jdbc-password-2", "sales-db-password-prod", "DB_MAIN_REPLICA",
            "erp-db-password", "storage-account-key", "sales_db_password_id", "dbPassword",
        ] {
            assert!(is_called_after("db_password", no), "{no}");
        }
    }

    #[test]
    fn words_with_numbers_are_told_from_what_machines_make() {
        let yes = [
            "term-001", "token123", "cart_token_abc123", "dapi0123456789", "user-token-12345", "any-value-here12!!",
            "myApiTokenValue1", "SalesDbAccessKey", "tokenForTheApi",
        ];
        let no = [
            "a8f5f167f44f4964e6c998dee827110c", "q7#Lm2vX9", "Zx9Kq2b7Rt", "sk9182736450", "kqzrtbvx-91827364",
            "exhJp_UWHaD3", "vyMXp_weBeU7", "Y6BzU-ZKC977", "nKqVQpyUZKhDcOqp", "ZBQuafkFoTThLjzT",
        ];
        let wrong: Vec<_> = yes.iter().filter(|v| !is_wordy(v)).chain(no.iter().filter(|v| is_wordy(v))).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
