//! Command lines: what prints a secret, what shows or hands on what it reads, what stores it (catalog §A, §B, §K).

use super::{Kind, Read};
use crate::value::{
    names::{NameVerdict, verdict},
    reported,
};

/// Programs whose output is their input, whole or in part, in another spelling.
const FILTERS: &[&str] = &[
    "cat", "tee", "jq", "yq", "base64", "cut", "tr", "awk", "sed", "head", "tail", "rev", "xxd", "od", "fold", "sort",
    "python", "python3", "perl", "grep", "egrep", "openssl",
];

/// Whether a command hands on what it reads.
pub(in crate::flow) fn hands_on(words: &[String]) -> bool {
    let program = name(words);
    let flags =
        |set: &[char]| words.iter().skip(1).any(|w| w.starts_with('-') && !w.starts_with("--") && w.contains(set));
    match program {
        "grep" | "egrep" => !flags(&['q', 'c']),
        // `openssl dgst`, `openssl enc`: other texts.
        "openssl" => words.iter().any(|w| w == "base64"),
        "jq" | "yq" => words.iter().skip(1).find(|w| !w.starts_with('-')).is_none_or(|filter| keeps(filter)),
        _ => FILTERS.contains(&program),
    }
}

/// Whether a path of `jq` or `--query` leads to a secret: by its last name.
fn keeps(filter: &str) -> bool {
    let last = filter.trim_matches(['\'', '"']).rsplit(['.', '|', ' ', '[']).find(|s| !s.is_empty()).unwrap_or("");
    let plain = last.trim_end_matches([']', '?']);
    let lower = plain.to_ascii_lowercase();
    const VALUES: &[&str] = &["value", "secretstring", "secretbinary", "data", "credentials", "plaintext", "payload"];
    !plain.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        || plain.is_empty()
        || VALUES.contains(&lower.as_str())
        || verdict(plain) == NameVerdict::Secret
}

/// Program without its folder.
pub(in crate::flow) fn name(words: &[String]) -> &str {
    words.first().map_or("", |w| w.rsplit('/').next().unwrap_or(w))
}

/// Whether a command shows its words: `echo`.
pub(in crate::flow) fn shows(program: &str) -> bool {
    matches!(program, "echo" | "printf" | "Write-Host" | "Write-Output")
}

/// What a command prints, when it is a secret.
pub(in crate::flow) fn reads(words: &[String]) -> Option<Read> {
    let program = name(words);
    let has = |word: &str| words.iter().any(|w| w == word);
    let pair = |a: &str, b: &str| words.windows(2).any(|w| w[0] == a && w[1] == b);
    let positional: Vec<&str> = words.iter().skip(1).map(String::as_str).filter(|w| !w.starts_with('-')).collect();
    let behind = |verb: &str, n: usize| {
        let at = positional.iter().position(|w| *w == verb)?;
        positional.get(at + n).copied().filter(|w| !w.is_empty())
    };
    let flag = |name: &str| {
        let at = words.iter().position(|w| w == name)?;
        words.get(at + 1).map(String::as_str)
    };
    // `az … --output none`: nothing is printed.
    if program == "az" && matches!(flag("--output").or(flag("-o")), Some("none"))
        || has("--output=none")
        || has("-onone")
    {
        return None;
    }
    let other = |name: String| Some(Read::secret(Kind::Other, name));
    let query = flag("--query").is_none_or(keeps);
    match program {
        "databricks" if pair("secrets", "get-secret") => {
            let (scope, key) = (behind("get-secret", 1).unwrap_or("…"), behind("get-secret", 2).unwrap_or("…"));
            other(format!("secret `{}/{}`", reported(scope), reported(key)))
        }
        "databricks" if pair("auth", "token") || pair("tokens", "create") => other("access token".into()),
        "aws" if has("get-secret-value") && query => other("AWS secret".into()),
        "aws" if has("ssm") && has("--with-decryption") && query => other("AWS parameter".into()),
        "aws" if has("assume-role") && query || has("get-session-token") => other("AWS credentials".into()),
        "aws" if has("get-login-password") => other("registry password".into()),
        "az" if pair("secret", "show") && has("keyvault") && query => other(
            flag("--name").or(flag("-n")).map_or("vault secret".into(), |n| format!("vault secret `{}`", reported(n))),
        ),
        "az" if has("get-access-token") && query => other("access token".into()),
        "az" if pair("keys", "list") && has("storage") && query => other("storage key".into()),
        "gcloud" if has("secrets") && has("access") => other("GCP secret".into()),
        "gcloud" if has("print-access-token") || has("print-identity-token") => other("access token".into()),
        "vault" if matches!(positional.first(), Some(&"read")) || pair("kv", "get") => other("Vault secret".into()),
        "op" if matches!(positional.first(), Some(&"read")) => other("1Password secret".into()),
        "security" if has("find-generic-password") || has("find-internet-password") => {
            other("keychain password".into())
        }
        "cat" => positional
            .iter()
            .find(|w| w.starts_with("/run/secrets/") || w.starts_with("/var/run/secrets/"))
            .map(|w| Read::secret(Kind::Other, format!("secret file `{w}`"))),
        _ => None,
    }
}

/// Folders of files that other users and clusters see.
pub(in crate::flow) fn is_shared(path: &str) -> bool {
    ["/dbfs", "dbfs:", "/Volumes", "/Workspace", "/FileStore", "/mnt"].iter().any(|p| path.starts_with(p))
}
