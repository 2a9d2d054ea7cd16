//! What stands where a credential is expected and is none by its form: addresses, modules, schemes, names of secrets.

use super::{
    names::{NameVerdict, verdict},
    plausible::pronounceable,
};

/// Schemes of authentication that are said without a credential: what proves who asks is made when it is sent.
const SCHEMES: &[&str] = &["negotiate", "ntlm", "kerberos", "basic", "bearer", "digest"];

/// Whether the value of an option that takes addresses, modules, headers or certificates holds no credential, when no part of
/// it is one: `mongodb://h/db`, `IAMLoginModule required;`, `Negotiate`, a certificate without its key.
pub fn holds_none(text: &str) -> bool {
    let is_document = text.trim_start().starts_with('{');
    let is_key = text.contains("PRIVATE KEY");
    text.contains("://") && !is_document && !is_key
        || SCHEMES.iter().any(|scheme| text.trim().eq_ignore_ascii_case(scheme))
        || text.contains("-----BEGIN CERTIFICATE-----") && !is_key
        || is_bare_module(text)
}

/// A login module that is given nothing to sign in with: `…Krb5LoginModule required useKeyTab=true;`.
fn is_bare_module(text: &str) -> bool {
    let mut words = text.trim().trim_end_matches(';').split_whitespace();
    let module = words.next().is_some_and(|class| class.ends_with("LoginModule"))
        && words.next().is_some_and(|flag| {
            ["required", "requisite", "sufficient", "optional"].iter().any(|f| flag.eq_ignore_ascii_case(f))
        });
    module
        && words.all(|option| {
            let name = option.split('=').next().unwrap_or("");
            verdict(name.rsplit('.').next().unwrap_or(name)) != NameVerdict::Secret
        })
}

/// `0x…` with 40 digits: the address of an account or contract on a chain, which everybody sees.
pub(super) fn is_chain_address(v: &str) -> bool {
    v.strip_prefix("0x").is_some_and(|digits| digits.len() == 40 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// `prod-kv/db-password`: scope and key of a secret, or what else it is called in a store.
pub(super) fn is_scope_and_key(v: &str) -> bool {
    let is_name = |name: &str| {
        let words = name.split(['-', '_', '.']);
        let bare = |w: &str| w.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        words.clone().all(|w| {
            let (word, number) = w.split_at(bare(w));
            (2..=16).contains(&word.len())
                && word.bytes().all(|b| b.is_ascii_lowercase())
                && number.len() <= 2
                && pronounceable(word)
        })
    };
    v.split_once('/').is_some_and(|(scope, key)| is_name(scope) && is_name(key) && v.contains(['-', '_']))
}

/// Whether a connection string says only where to connect: `jdbc:oracle:thin:@h:1521:x`, `zk1:2181,zk2:2181/kafka`, `dbname=x host=y`.
/// Credentials inside such texts are the rules' about connection strings.
pub fn is_address(text: &str) -> bool {
    let text = text.trim();
    text.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("jdbc:"))
        || text.split(',').all(is_host_and_port)
        || is_list_of_places(text)
}

/// `kudu-master:7051`, `zk2:2181/kafka`.
fn is_host_and_port(text: &str) -> bool {
    let is_host = |host: &str| {
        host.starts_with(|c: char| c.is_ascii_alphanumeric())
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
    };
    let Some((host, rest)) = text.trim().split_once(':') else { return false };
    let (port, path) = rest.split_once('/').unwrap_or((rest, ""));
    is_host(host)
        && (2..=5).contains(&port.len())
        && port.bytes().all(|b| b.is_ascii_digit())
        && path.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_'))
}

/// Pairs that `;` or blanks part, the first of which says where, and none of which is a secret.
fn is_list_of_places(text: &str) -> bool {
    const WHERE: &[&str] = &["host", "hostname", "hostaddr", "server", "dbname", "database", "port", "endpoint", "dsn"];
    let mut pairs = text.split([';', ' ']).filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('='));
    let is_place = |(key, _): (&str, &str)| WHERE.contains(&&*key.to_ascii_lowercase());
    let is_public = |(key, value): (&str, &str)| verdict(key) != NameVerdict::Secret && !value.contains(['=', '@']);
    pairs.clone().next().flatten().is_some_and(is_place) && pairs.all(|pair| pair.is_some_and(is_public))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_without_a_credential_are_told_from_those_with_one() {
        for none in [
            "mongodb://h/db",
            "Endpoint=sb://h/",
            "Negotiate",
            "a.b.IAMLoginModule required;",
            "a.Krb5LoginModule required useKeyTab=true keyTab='/etc/kt' principal='u@R';",
        ] {
            assert!(holds_none(none), "{none}");
        }
        for some in ["q7#Lm2vX9", "a.PlainLoginModule required username=u password='q7';", "LoginModule", "Bearer q7Lm"]
        {
            assert!(!holds_none(some), "{some}");
        }
    }

    #[test]
    fn connection_strings_that_say_only_where_are_told_from_others() {
        for address in [
            "jdbc:oracle:thin:@10.1.1.1:1521:orcl", "zk1:2181,zk2:2181/kafka", "kudu-master:7051", "10.2.3.4:9092",
            "dbname=x host=y", "host=y dbname=x", "HostName=x.azure-devices.net", "server=h;database=d;",
        ] {
            assert!(is_address(address), "{address}");
        }
        for other in ["q7#Lm2vX9kk", "host=y password=q7", "admin", "a:q7Lm", "etl:q7#Lm2", "", "host", "Xy9=kQ2b"] {
            assert!(!is_address(other), "{other}");
        }
    }
}
