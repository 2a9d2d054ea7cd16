//! Credentials in documents of a known form: service accounts, sharing profiles, keys in PEM, registry tokens.

use super::{Found, Verdict, azure, date};
use crate::rule::Severity;

/// Reach of the fields of a document around its credential, bytes.
const REACH: usize = 4_096;

/// Text of a field `"name": "value"` near the token.
fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let at = text.find(name)? + name.len();
    let rest = text[at..].trim_start_matches(['\\', '"', '\'']).trim_start().strip_prefix([':', '='])?;
    let rest = rest.trim_start().trim_start_matches(['\\', '"', '\'']);
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\' | ',' | '}'))?;
    Some(&rest[..end])
}

/// A private key with the fields of a Google service account around it.
pub fn service_account(found: &Found<'_>) -> Verdict {
    let around = found.around(REACH, REACH);
    let verdict = pem(found);
    match field(around, "client_email").filter(|e| e.contains('@') && e.len() < 120) {
        Some(mail) => verdict.decoded().fact(format!("of {mail}")),
        None => verdict,
    }
}

/// An encrypted key needs its passphrase, too.
pub fn pem(found: &Found<'_>) -> Verdict {
    let value = found.value();
    let head = &value[..super::floor(value, 200)];
    if head.contains("ENCRYPTED") || head.contains("Proc-Type") {
        return Verdict::default().fact("encrypted").at_most(Severity::Warning);
    }
    // PuTTY, OpenSSH and PKCS#8 name the cipher inside: an OpenSSH key says `none` when there is no passphrase.
    let body: String = value.lines().skip(1).take(2).collect();
    let encrypted = azure::decode(body.trim())
        .is_some_and(|b| b.starts_with(b"openssh-key-v1\0") && !b[15..].starts_with(b"\0\0\0\x04none"));
    if encrypted { Verdict::default().fact("encrypted").at_most(Severity::Warning) } else { Verdict::default() }
}

/// A PEM block in one line of base64: the header decodes.
pub fn pem_line(found: &Found<'_>) -> Verdict {
    let value = found.value();
    let head = &value[..super::floor(value, 80)];
    let head = &head[..head.len() / 4 * 4];
    let text = azure::decode(head).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default();
    if !text.contains("PRIVATE KEY") {
        return Verdict::no_token();
    }
    let verdict = Verdict::default().decoded();
    if text.contains("ENCRYPTED") { verdict.fact("encrypted").at_most(Severity::Warning) } else { verdict }
}

/// A Delta Sharing profile says where and until when.
pub fn sharing_profile(found: &Found<'_>) -> Verdict {
    let around = found.around(REACH, REACH);
    if !around.contains("shareCredentialsVersion") || !is_text(found) {
        return Verdict::no_token();
    }
    let host = field(around, "endpoint").and_then(|e| e.split("//").nth(1)).and_then(|e| e.split(['/', ':']).next());
    let verdict = Verdict::default().decoded();
    let verdict = match field(around, "expirationTime").and_then(date::iso) {
        Some(moment) if found.past(moment) => verdict.fact(format!("expired {}", date::label(moment))).expired(),
        Some(moment) => verdict.fact(format!("expires {}", date::label(moment))),
        None => verdict,
    };
    verdict.fact(host.filter(|h| h.len() < 120).map_or(String::new(), |h| format!("of {h}")))
}

/// Whether the value stands in quotes, or looks like nothing but a token: names and calls of code and documentation do not.
fn is_text(found: &Found<'_>) -> bool {
    let (before, after) = (&found.text[..found.range.start], &found.text[found.range.end..]);
    let quotes = |c: char| matches!(c, '"' | '\'' | '`');
    if before.ends_with(quotes) && after.trim_start_matches('\\').starts_with(quotes) {
        return true;
    }
    let digits = found.value().bytes().filter(u8::is_ascii_digit).count();
    !after.starts_with(['(', '[', '{', '$']) && digits >= 3
}

/// A PyPI token is a macaroon of version 2 that names its index.
pub fn pypi(found: &Found<'_>) -> Verdict {
    let Some(bytes) = found.value().strip_prefix("pypi-").and_then(azure::decode) else {
        return Verdict::fails("it does not decode: edited or made up");
    };
    let location = bytes.get(2).and_then(|length| bytes.get(3..3 + usize::from(*length)));
    match (bytes.first(), location) {
        (Some(2), Some(b"pypi.org")) => Verdict::default().decoded().fact("macaroon of pypi.org"),
        (Some(2), Some(b"test.pypi.org")) => {
            Verdict::default().decoded().fact("macaroon of test.pypi.org").at_most(Severity::Warning)
        }
        _ => Verdict::fails("it is no macaroon of an index: edited or made up"),
    }
}
