//! AWS: access key ids and Bedrock keys name their account.

use super::{Found, Verdict, azure};
use crate::rule::Severity;

/// The 12-digit account in an access key id: base32, first six bytes without the highest bit, shifted by 7. `None` for
/// ids of before 2019 (they begin with `I` or `J`) and for what is no base32.
pub fn account(id: &str) -> Option<String> {
    let body = id.get(4..20)?;
    let mut bits: u128 = 0;
    for c in body.bytes() {
        let digit = match c {
            b'A'..=b'Z' => c - b'A',
            b'2'..=b'7' => c - b'2' + 26,
            _ => return None,
        };
        bits = (bits << 5) | u128::from(digit);
    }
    let first = (bits >> 32) as u64;
    let number = (first & 0x7fff_ffff_ff80) >> 7;
    (!body.starts_with(['I', 'J'])).then(|| format!("{number:012}"))
}

pub fn key_id(found: &Found<'_>) -> Verdict {
    let value = found.value();
    let temporary = if value.starts_with("ASIA") { "temporary" } else { "" };
    let fact = account(value).filter(|n| n.len() == 12).map_or(String::new(), |n| format!("AWS account {n}"));
    let verdict = Verdict::default().fact(fact).fact(temporary);
    // In a presigned URL it says who signed; the signature is what opens something, for its few minutes.
    let before = &found.text[..found.range.start];
    let signs = before.ends_with("X-Amz-Credential=") || before.ends_with("AWSAccessKeyId=");
    if signs { verdict.at_most(Severity::Info) } else { verdict }
}

/// `ABSK` and the base64 of `BedrockAPIKey-…-at-<account>:…`.
pub fn bedrock(found: &Found<'_>) -> Verdict {
    let Some(bytes) = found.value().strip_prefix("ABSK").and_then(azure::decode) else { return Verdict::default() };
    let text = String::from_utf8_lossy(&bytes);
    if !text.starts_with("BedrockAPIKey-") {
        return Verdict::default();
    }
    let account: String =
        text.split("-at-").nth(1).unwrap_or("").chars().take_while(char::is_ascii_digit).take(12).collect();
    let fact = if account.len() == 12 { format!("AWS account {account}") } else { String::new() };
    Verdict::default().decoded().fact(fact)
}

/// A secret key has no format: 40 characters, well mixed.
pub fn secret_key(found: &Found<'_>) -> Verdict {
    let mixed = super::mixed(found);
    // A path of words (`com/example/Some2Class`) is mixed, too: its parts are long and pronounceable.
    let words = found.value().split(['/', '+']).filter(|p| p.len() > 3 && p.bytes().all(|b| b.is_ascii_lowercase()));
    let digits = found.value().bytes().filter(u8::is_ascii_digit).count();
    if words.count() >= 2 || digits == 0 { Verdict::no_token() } else { mixed }
}

/// A secret key within ten lines of a key id (catalog §D, T07).
pub fn secret_key_near_id(found: &Found<'_>) -> Verdict {
    let around = found.near();
    let id = |at: usize| {
        around.get(at + 4..at + 20).is_some_and(|id| id.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7')))
    };
    if ["AKIA", "ASIA"].iter().any(|prefix| around.match_indices(prefix).any(|(at, _)| id(at))) {
        secret_key(found)
    } else {
        Verdict::no_token()
    }
}
