//! One automaton over all anchor words, run over raw bytes before anything is split or parsed.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// Words without which no rule finds anything. ASCII case is ignored. A rule that looks for something else adds its
/// word here; `tests/tests/prefilter.rs` compares findings with and without the filter over all cases and fixtures.
pub static WORDS: &[&str] = &[
    // names
    "pass", "pwd", "pw", "psw", "mdp", "senha", "contrasena", "_pat", "secret", "token", "key", "cred", "auth", "sas",
    "sig=", "bearer", "signature", "dsn", "webhook", // places
    "jdbc:", "connectionstring", "connection_string", "conn_str", "connstr", "conn-str", "getconnection", "dotenv",
    "dbutils", "environ", "getenv", "sys.env", "printenv", "identified by", "begin ", "hooks.", "userinfo",
    // dumps of whole configurations
    "getall", "set -v", // calls and programs whose arguments are credentials without a telling name
    "connect", "login", "curl", "wget", "put-secret", "docker", "fernet", "encrypt", "client(", "logicapp",
    "powerplatform", "databricks secrets", "mysql ", "mysqldump", "mysqladmin", "mariadb", "sqlcmd", "bcp ", "sqlplus",
    "sqlldr", "kinit", "ldap", "redis-cli", "mongo", "beeline", "cqlsh", "smbclient", "lftp", "gpg ", "openssl",
    "isql ", "sudo -s", "rabbitmqctl", "from-literal", "spark-submit", "zip -", "7z ", "clone http", "git+http",
    "index-url", "set-url", "extraheader", "helm ", "keytool", "sqoop", "wandb login",
    // dumps of the environment: the words alone are common
    "env |", "env|", "env >", "\nenv\n", "\nset\n", " env\n", "\tenv\n", " set\n", "!env", "run: env", "magic env",
    "magic set\n", "\"env\"]", "sh env", "(\"env\")", "('env')", "[\"env\"]", "['env']", "\"env\\n", "\"set\\n",
    "; env", "&& env", "export -p", "declare -", "typeset -", "gci env:", "dir env:", "get-childitem env:",
    "kubectl get secret", // token prefixes that stand alone
    "dapi", "dose", "doau", "dsapi", "dkea", "eyj", "akia", "asia", "abia", "acca", "absk", "+ast", "acdb", "8q~",
    "7q~", "jqqj9", "+aeh", "+asb", "+arm", "azca", "+acr", "+aba", "azfu", "azse", "aiot", "aiza", "ya29.", "gocspx-",
    "1//", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat", "npm_", "pypi-", "glpat", "gldt-", "glrt-", "glptt",
    "glcbt", "glsoat", "xox", "xapp-", "sk-", "sk_", "rk_", "hf_", "api_org_", "gsk_", "r8_", "pplx-", "pcsk_",
    "lsv2_", "wandb", "cflt", "mongodb", "sg.", "dbtc_", "dbtu_", "kgat_", "hvs.", "hvb.", "atlasv1", "dp.pt.", "mii",
    "ls0t", "glsa_", "nrak-", "sntryu_", "ntn_", "atatt3", "pnu_", "pul-", "pat-", "ops_ey", "pscale_", "5aep861",
];

static AUTOMATON: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .build(WORDS)
        .ok()
});

/// Whether any rule could find anything in these bytes.
pub fn may_match(bytes: &[u8]) -> bool {
    // A failed build (it cannot, the words are fixed) must not hide findings.
    AUTOMATON.as_ref().is_none_or(|a| a.is_match(bytes))
        || has_userinfo(bytes)
        // A cell that is one command.
        || matches!(bytes.trim_ascii(), b"env" | b"set")
}

/// `://user:password@`: the only credential shape without a word.
fn has_userinfo(bytes: &[u8]) -> bool {
    let mut from = 0;
    while let Some(at) = find(&bytes[from..], b"://") {
        let start = from + at + 3;
        let rest = &bytes[start..bytes.len().min(start + 512)];
        let end =
            rest.iter().position(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'/')).unwrap_or(rest.len());
        if let Some(colon) = rest[..end].iter().position(|&b| b == b':')
            && rest[colon..end].contains(&b'@')
        {
            return true;
        }
        from = start;
    }
    false
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_code_is_skipped_and_credentials_are_not() {
        assert!(!may_match(b"df = spark.range(10)\ndf.show()\nurl = 'https://example.org/a:b'\n"));
        for text in ["db_PASSWORD = 1", "ftp://joe:x@host", "Jdbc:h2", "x = sys.env"] {
            assert!(may_match(text.as_bytes()), "{text}");
        }
    }
}
