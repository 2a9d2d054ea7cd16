//! Values that are no secrets: placeholders and famous examples (catalog §G.1, §G.2, §K).
//!
//! Weak values (`root`, `123456`, a first name) are *not* placeholders: in a credential position they are credentials.

use masked::is_masked;

use super::instructions::asks;
use crate::settings::Extensions;

mod masked;

/// Why a value is not a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    Empty,
    /// `<…>`, `your_password`, `changeme`, `xxxx`, `...`.
    Dummy,
    /// `${…}`, `{{…}}`, `%s`, `$VAR`, a value with a hole: something else fills it in.
    Reference,
    /// Published example values and emulator keys.
    Famous,
    /// Masked by its author (`abc****xyz`, `dapiXXXXXXXX`).
    Masked,
}

/// Words that dummy values are made of. A value is a dummy when it consists of nothing else, with separators.
const DUMMY_WORDS: &[&str] = &[
    "your", "my", "the", "enter", "insert", "replace", "change", "put", "add", "fill", "some", "dummy", "fake",
    "sample", "example", "test", "testing", "todo", "tbd", "redacted", "masked", "secret", "password", "passwd", "pwd",
    "pass", "token", "key", "keys", "none", "null", "na", "foo", "bar", "baz", "here", "me", "this", "value", "val",
    "api", "access", "account", "client", "storage", "user", "username", "name", "with", "actual", "real", "own", "a",
    "an", "in", "it", "to", "and", "of", "for", "from", "is", "be", "or", "not", "placeholder", "default", "string",
    "str", "text", "id", "app", "application", "db", "database", "databricks", "azure", "aws", "sql", "server",
    "service", "principal", "sas", "connection", "conn", "auth", "goes", "provided", "provide", "paste", "set", "use",
    "update", "please", "specify", "required", "hidden", "removed", "omitted", "sensitive", "confidential", "private",
    "credential", "credentials", "creds", "blob", "container", "workspace", "personal", "bearer", "tenant",
    "subscription", "generated", "openai", "snowflake", "kafka", "postgres", "mysql", "jdbc", "github", "pat", "hf",
    "no", "needed", "unused", "ignored", "ignore", "mock", "mocked", "stub", "bogus", "invalid", "wrong", "irrelevant",
    "undefined", "empty", "unknown", "secure", "something", "anything", "whatever", "xxx", "passphrase", "passcode",
    "login", "host", "url", "scope", "changeit", "changeme", "changethis", "replaceme", "yourpassword", "yourpasshere",
    "yourpass", "yourtoken", "yourkey", "yoursecret", "mypassword", "mysecret", "mytoken", "enteryourpasshere",
    "enteryourpassword", "yourusername", "youraccesskey", "yoursecretkey", "yourapikey", "apikey", "accesskey",
    "secretkey", "accountkey", "storagekey", "clientsecret", "mykey", "notasecret", "nopassword", "topsecret",
    "supersecret", "fixme", "setme", "fillme", "tbc", "later", "replaced", "filled", "overridden", "override",
    "manually", "initial", "youraccountkey", "yourstoragekey", "yourclientsecret", "strong", "super", "very", "weak",
    "mypass", "testpass", "testpassword", "testsecret", "testtoken", "payload", "signature", "insecure",
];

/// Whether a word stands in dummy values for nothing by itself.
pub(super) fn is_filling(word: &str) -> bool {
    DUMMY_WORDS.contains(&word)
}

/// Names of products: alone they are weak passwords in earnest (`postgres`), beside other words they are filling.
const PRODUCTS: &[&str] =
    &["postgres", "mysql", "snowflake", "kafka", "databricks", "azure", "openai", "github", "admin", "oracle"];

/// Keyboard rows and alphabets that example tokens are filled with.
const SEQUENCES: &[&str] =
    &["1234567890abcdef", "0123456789abcdef", "abcdefghijkl", "abcdef1234567890", "abcdef0123456789"];

/// Runs of letters and digits that made-up tokens are put together from.
const FILLING: &[&str] = &["abc123", "def456", "ghi789", "jkl012", "xyz789", "abc456", "def123", "xyz123"];

/// What `${…:…}` reads a value from (Kafka's and Serverless' configuration providers, Spring Cloud).
pub(super) const STORES: &[&str] = &[
    "ssm", "file", "vault", "azkv", "env", "secretsmanager", "secretManager", "sm", "secrets", "secret", "configmaps",
    "configmap", "dir", "directory", "securepass",
];

/// `secrets:a/b:password`, `strimzi-secret:ns/name:password`: provider, place and key there, as Kafka's providers of configuration
/// are asked.
pub(super) fn names_provider(inner: &str) -> bool {
    let mut parts = inner.split(':');
    let (Some(provider), Some(place), Some(key), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let word =
        |text: &str, more: &[char]| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || more.contains(&c));
    word(provider, &['-', '_'])
        && place.contains('/')
        && word(place, &['-', '_', '.', '/'])
        && word(key, &['-', '_', '.'])
}

/// Digests of nothing: published values, compared without case. Those that look like tokens are kept in pieces.
const FAMOUS: &[&str] = &[
    "minioadmin", "jwt.io", "dapi1234567890abcdef", "dapiabcdefghijklmonpqrstuvwxyz", "sk_live_abc123",
    "anonymous@example.com", "anonymous", "anonymous@", "x-oauth-basic",
];
const FAMOUS_PARTS: &[(&str, &str)] = &[
    ("AKIAIOSFODNN7", "EXAMPLE"),
    ("wJalrXUtnFEMI/K7MDENG/bPxRfiCY", "EXAMPLEKEY"),
    ("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/", "K1SZFPTOtr/KBHBeksoGMGw=="),
    ("C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/", "Jw=="),
    ("secret_scanning_ab85fc6f8d7638cf1c11da812da308d43_", ""),
];

/// `None`: may be a real value.
pub fn placeholder(value: &str, extend: &Extensions) -> Option<Placeholder> {
    let value = value.trim();
    let inner = value.trim_matches(|c: char| matches!(c, '"' | '\'' | '`'));
    if inner.is_empty() {
        return Some(Placeholder::Empty);
    }
    if inner.chars().nth(1).is_none() {
        return Some(Placeholder::Dummy);
    }
    if extend.placeholders.iter().any(|p| p.eq_ignore_ascii_case(inner)) {
        return Some(Placeholder::Dummy);
    }
    if is_reference(inner) {
        return Some(Placeholder::Reference);
    }
    if is_famous(inner) {
        return Some(Placeholder::Famous);
    }
    if is_masked(inner) {
        return Some(Placeholder::Masked);
    }
    is_dummy(inner).then_some(Placeholder::Dummy)
}

fn is_reference(v: &str) -> bool {
    if v.contains(super::HOLE) {
        return true;
    }
    let wraps =
        |open: &str, close: &str| v.starts_with(open) && v.ends_with(close) && v.len() > open.len() + close.len();
    if wraps("${", "}")
        || wraps("{{", "}}")
        || wraps("$(", ")")
        || wraps("$[", "]")
        || wraps("@{", "}")
        || wraps("#{", "}#")
        || wraps("#{", "}")
        || wraps("%(", ")s")
        || wraps("<%", "%>")
        || wraps("[[", "]]")
        || wraps("__", "__")
        || wraps("@@", "@@")
        || wraps("%%", "%%")
        || wraps("%{", "}")
        || wraps("@", "@")
            && v[1..v.len() - 1].chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        || wraps("$[", "]")
        || v.starts_with("$(")
        || is_call(v)
        || super::instructions::is_marked(v)
    {
        return true;
    }
    // `{ secret/sales/pw }`: meant as one; the rule about misspelled references tells.
    if wraps("{", "}") && v.trim_matches(['{', '}', ' ']).to_ascii_lowercase().starts_with("secret") {
        return true;
    }
    // A reference with something around it is still filled in elsewhere: `${user}:${password}`.
    if (v.contains("${") || v.contains("{{")) && v.contains('}') {
        return true;
    }
    // A brace too many or too few is a slip: `{password}}`.
    if wraps("{", "}")
        && v.trim_matches(['{', '}']).chars().all(|c| {
            c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ' ' | '[' | ']' | '\'' | '!' | ':' | '+' | '/' | '=')
        })
    {
        return true;
    }
    // `$NAME` and `:name`, `%s`, `%VAR%`, `?`. A real password may start with `$`, so the rest must be a plain name.
    let name = |t: &str| {
        !t.is_empty()
            && t.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !t.starts_with(|c: char| c.is_ascii_digit())
    };
    if let Some(rest) = v.strip_prefix('$')
        && name(rest)
        && (rest.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit())
            || rest.chars().all(|c| c.is_ascii_lowercase() || c == '_')
            || is_numbered_name(rest)
            || is_camel_case(rest))
    {
        return true;
    }
    // `$Base64AuthInfo`, `$env:TOKEN`: variables of PowerShell.
    if let Some(rest) = v.strip_prefix('$')
        && (rest.get(..4).is_some_and(|r| r.eq_ignore_ascii_case("env:"))
            || name(rest) && matches!(super::names::words(rest).as_slice(), [first, _, ..] if is_variable_word(first)))
    {
        return true;
    }
    // `${NAME`, `{shared`: cut off before the brace closes.
    let word = |t: &str| t.len() >= 4 && t.bytes().all(|b| b.is_ascii_lowercase());
    if v.strip_prefix("${").is_some_and(name) || v.strip_prefix('{').is_some_and(word) {
        return true;
    }
    if v.strip_prefix(':').is_some_and(|r| name(r) && r.chars().all(|c| c.is_ascii_lowercase() || c == '_')) {
        return true;
    }
    if v.len() > 2
        && ['%', '@'].iter().any(|mark| v.strip_prefix(*mark).and_then(|r| r.strip_suffix(*mark)).is_some_and(name))
    {
        return true;
    }
    // Paths into a document (JSONPath of state machines).
    if v.starts_with("$.") || v.starts_with("$$.") {
        return true;
    }
    // `${ssm:/sales/db/pw}`, `${vault:secret/db:pw}`: where it is kept, and what it is called there.
    if let Some((store, _)) = v.strip_prefix("${").and_then(|r| r.split_once(':'))
        && STORES.contains(&store)
    {
        return true;
    }
    const SCHEMES: &[&str] = &[
        "op://", "keyring:", "vault://", "vault:", "ssm://", "ssm:", "secretsmanager:", "arn:aws", "alias/", "env:",
        "env.", "env_var(", "file://", "file:", "keyvault:", "akv://", "projects/", "sops:", "enc[", "enc(", "enc:",
        "dbutils.secrets", "secrets/", "!vault", "azurekeyvault", "@microsoft.keyvault(", "os.environ", "os.getenv",
        "var.", "local.", "data.", "module.", "process.env", "{{secrets", "<%=", "resolve:", "sm://", "awssm://",
        "secretref:", "ref+vault://", "ref+awssecrets://", "ref+azurekeyvault://", "gcp:secretmanager:",
        "aws:secretsmanager:", "/run/secrets/", "/var/run/secrets/", "env[", "{cipher}",
    ];
    let lower = v.to_ascii_lowercase();
    matches!(v, "%s" | "?" | "%d" | "%r" | "{}" | "{0}" | "{1}" | "{2}") || SCHEMES.iter().any(|s| lower.starts_with(s))
}

/// `artifactRegistrySecret`: words, each with a capital.
fn is_camel_case(name: &str) -> bool {
    let words = super::names::words(name);
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_alphabetic())
        && words.len() > 2
        && words.iter().all(|word| word.len() > 2)
        && !super::letters::is_random(name)
}

/// `curl_password_2`: words between underscores, the last of which may be a number.
fn is_numbered_name(name: &str) -> bool {
    let Some((words, number)) = name.rsplit_once('_') else { return false };
    !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
        && words.split('_').all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()))
}

fn is_variable_word(word: &str) -> bool {
    DUMMY_WORDS.contains(&word)
        || matches!(word, "base64" | "b64" | "basic" | "encoded" | "header" | "config" | "script" | "global")
}

/// `base64(user:password)`, `[concat('a', parameters('b'))]`: something that is worked out elsewhere.
fn is_call(v: &str) -> bool {
    let v = v.strip_prefix('[').and_then(|r| r.strip_suffix(']')).unwrap_or(v);
    let Some((callee, rest)) = v.split_once('(') else { return false };
    // `module.Class.method(`, whose arguments stand on the next lines.
    let path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    if rest.is_empty() && callee.len() >= 8 && callee.contains('.') && callee.chars().all(path) {
        return true;
    }
    let Some(inner) = rest.strip_suffix(')') else { return false };
    (callee.len() >= 4 || callee == "env")
        && callee.starts_with(|c: char| c.is_ascii_alphabetic())
        && callee.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':'))
        && inner.chars().all(|c| c.is_alphanumeric() || "_.:,+ '\"$-()<>/[]={}*".contains(c))
        && (inner.is_empty() || inner.contains(|c: char| c.is_ascii_alphabetic()))
}

pub fn is_famous(v: &str) -> bool {
    FAMOUS.iter().any(|f| f.eq_ignore_ascii_case(v))
        || FAMOUS_PARTS.iter().any(|(a, b)| {
            v.len() >= a.len() + b.len() && v.get(..a.len()).is_some_and(|h| h == *a) && v[a.len()..].starts_with(b)
        })
        || (v.len() > 8 && v.to_ascii_uppercase().ends_with("EXAMPLE") && !v.chars().any(|c| c.is_lowercase()))
        || v.ends_with("EXAMPLEKEY")
        || super::tokens::checks::jwt::is_published(v)
        || (v.len() >= 12 && FILLING.iter().filter(|f| v.contains(**f)).count() >= 2)
        || ["dapi", "sk-", "ghp_"].iter().any(|prefix| {
            let digits = v.strip_prefix(prefix).filter(|d| !d.is_empty() && d.len() <= 12);
            digits.is_some_and(|d| d.bytes().all(|b| b.is_ascii_digit()) && is_count(d))
        })
        || (v.len() >= 20 && (is_sequence(&v.to_ascii_lowercase()) || counts_up(v)))
}

/// `dapi123456789101112131415…`: one number after another behind a prefix.
fn counts_up(v: &str) -> bool {
    let digits = v.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.starts_with("123456789101112")
        && (1..=digits.len()).map(|n| n.to_string()).collect::<String>().starts_with(digits)
}

/// Half of the value or more is a published sequence.
fn is_sequence(v: &str) -> bool {
    SEQUENCES.iter().map(|s| v.matches(s).count() * s.len()).max().is_some_and(|run| run * 3 >= v.len())
}

fn is_dummy(v: &str) -> bool {
    if v.starts_with('<') && v.ends_with('>') && v.len() > 2 {
        return true;
    }
    // `<account-key>` inside a longer value: the author left it to be filled in.
    if let Some(open) = v.find('<')
        && let Some(close) = v[open..].find('>')
        && close > 2
        && v[open + 1..open + close].chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.' | '+'))
    {
        return true;
    }
    // `eyJ….payload.signature`: the head of a web token, and words for the rest.
    let token = v.strip_prefix("Bearer ").unwrap_or(v);
    if token.starts_with("eyJ") && token.split_once('.').is_some_and(|(_, rest)| words_are_dummy(rest)) {
        return true;
    }
    let within = |open, close| v.strip_prefix(open).and_then(|rest: &str| rest.strip_suffix(close));
    if within('[', ']').or_else(|| within('(', ')')).is_some_and(|v| words_are_dummy(v) || asks(v)) {
        return true;
    }
    let lower = v.to_ascii_lowercase();
    if matches!(
        lower.as_str(),
        "n/a"
            | "abc"
            | "abcd"
            | "abc123"
            | "abcdef"
            | "foobar"
            | "asdf"
            | "qwerty123456"
            | "123"
            | "secret123"
            | "password123"
            | "token123"
            | "..."
            | "tbd"
            | "true"
            | "false"
            | "yes"
            | "no"
    ) {
        // `password123` and the like are weak but used in earnest: left to the caller.
        return !matches!(
            lower.as_str(),
            "password123" | "secret123" | "123" | "qwerty123456" | "abc123" | "token123" | "asdf"
        );
    }
    // `your_key==`: made to look like base64.
    words_are_dummy(v.trim_end_matches('=')) || asks(v) || super::labels::is_label(v)
}

/// Only dummy words, at least one of which is no bare credential word of a real weak password (`Password`, `secret`).
fn words_are_dummy(v: &str) -> bool {
    if v.len() > 80
        || v.chars()
            .any(|c| !(c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.' | '!' | ':' | '/' | '\'' | ',' | ';')))
    {
        return false;
    }
    let words = super::names::words(v);
    if words.is_empty() || matches!(words.as_slice(), [only] if PRODUCTS.contains(&only.as_str())) {
        return false;
    }
    let spelled = words.iter().filter(|w| w.chars().all(char::is_alphabetic)).count();
    words.iter().all(|w| {
        let bare = w.trim_end_matches(|c: char| c.is_ascii_digit());
        bare.is_empty() && spelled >= 2 && is_count(w) || DUMMY_WORDS.contains(&bare)
    }) && !(words.len() == 1 && v.chars().any(|c| c.is_ascii_digit()))
}

/// `1`, `007`, `12345`: a number that counts or is counted up, as made-up values end with.
pub(super) fn is_count(digits: &str) -> bool {
    let up = |w: &[u8]| w[1] == w[0] + 1 || (w[0], w[1]) == (b'9', b'0');
    digits.len() <= 3 || digits.as_bytes().windows(2).all(up)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Placeholder::{Dummy, Empty, Masked, Reference};

    #[test]
    fn placeholders_are_told_from_values() {
        let none = Extensions::default();
        let table: &[(Option<Placeholder>, &[&str])] = &[
            (Some(Empty), &["", "  ", "''"]),
            (
                Some(Dummy),
                &[
                    "<password>", "<your-storage-account-key>", "your_password", "YOUR_PASSWORD_HERE", "yourPassword",
                    "my-secret", "changeme", "change_me", "ChangeMe!", "enter your password", "insert-key-here",
                    "replace_with_your_token", "dummy", "fake-token", "sample_key", "example", "todo", "TBD",
                    "redacted", "secret", "password", "none", "null", "N/A", "foo", "test", "enteryourpasshere",
                    "your-api-key-here", "<YOUR_KEY>", "[your token]", "https://<account-name>", "placeholder",
                    "PUT YOUR KEY HERE", "myPassword", "my_access_key", "x", "no-token", "secret-token-12345",
                    "not-needed", "fake-user-token-123", "MyStrongSecret123", "mypass", "testpass",
                    "eyJhbGciOiJIUzI1NiJ9.payload.signature", "Bearer eyJhbGciOiJIUzI1NiJ9.secret_token", "your_key==",
                    "your-account-key=", "(enter)", "(your key)", "your-cosmos-db-key", "insecure",
                ],
            ),
            (
                Some(Reference),
                &[
                    "${DB_PASSWORD}",
                    "{{secrets/a/b}}",
                    "{{ password }}",
                    "$YOUR_PASSWORD",
                    "$pw",
                    "$curl_password_2",
                    "#STORAGE_ACCOUNT_KEY#",
                    "env(OPENAI_API_KEY)",
                    "{password}}",
                    "{{password}",
                    "${DB_PASSWORD",
                    "{shared access key}",
                    "{shared",
                    "%s",
                    "%(password)s",
                    "@{linkedService().pw}",
                    "{password}",
                    "{}",
                    ":password",
                    "$(dbPassword)",
                    "#{Password}#",
                    "__password__",
                    "%DB_PW%",
                    "op://vault/item",
                    "ENC(abcdef)",
                    "env_var('X')",
                    "pre${X}post",
                    "arn:aws:secretsmanager:x",
                    "arn:aws-cn:iam::aws:policy/X",
                    "alias/my-key-9X",
                    "$(curl",
                    "base64(user:password)",
                    "$[variables.pw]",
                    "$Base64AuthInfo",
                    "$env:TOKEN",
                    "sm://project/pw",
                    "ref+vault://secret/db#pw",
                    "gcp:secretmanager:projects/1/secrets/pw",
                    "/run/secrets/pw",
                    "ENV[DB_PASSWORD]",
                    "{cipher}8a7b6c5d",
                    "${ssm:/sales/db/pw}",
                    "[parameters('adminPassword')]",
                    "[concat('a', listKeys(variables('b'), '2019-06-01').keys[0].value)]",
                ],
            ),
            (
                Some(Masked),
                &[
                    "xxx", "xxxxxxxx", "***", "********", "...", "abc****xyz", "dapiXXXXXXXXXXXX", "sk-....",
                    "aaaaaaaaaa", "----", "abc…", "yyy", "ZZZZ",
                ],
            ),
            (Some(Placeholder::Famous), &["dapi12345678910111213141516", "minioadmin"]),
            (
                None,
                &[
                    "root", "123456", "monkey", "hunter2", "Passw0rd!", "P@ssw0rd", "test1234!", "q7#Lm2vX9", "admin",
                    "Welcome1", "correct horse battery staple", "$ecret99", "password123", "s3cr3t", "letmein",
                    "testpass#1", "12345", "Sup3rS3cret", "x1x2x3", "Winter2024", "{q7#Lm2;vX9}", "pa$$word", "qwerty",
                    "$ecret_9a", "michael", "postgres", "databricks", "P@ss(2024)", "$uperSecret", "a(b)",
                    "Secret-9182", "(hunter2)", "#Hunter2#", "env(q7#Lm2", "{Hunter2", "aaa", "yyz", "Your_Dog_77",
                ],
            ),
        ];
        let mut wrong = Vec::new();
        for (expected, values) in table {
            for value in *values {
                let seen = placeholder(value, &none);
                if seen != *expected {
                    wrong.push((*value, seen, *expected));
                }
            }
        }
        assert!(wrong.is_empty(), "value, seen, expected: {wrong:?}");
    }
}
