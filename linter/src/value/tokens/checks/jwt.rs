//! JSON web tokens: header and claims are readable by everyone.

use serde_json::Value;

use super::{Found, Verdict, azure, date};
use crate::rule::Severity;

/// Header and claims of a token; `None` when one of them is no JSON object.
pub fn parts(token: &str) -> Option<(Value, Value)> {
    let mut parts = token.split('.');
    let mut object = || {
        let bytes = azure::decode(parts.next()?)?;
        serde_json::from_slice::<Value>(&bytes).ok().filter(Value::is_object)
    };
    Some((object()?, object()?))
}

/// Who issued it, until when; published samples are no tokens.
pub fn check(found: &Found<'_>) -> Verdict {
    let Some((header, claims)) = parts(found.value()) else {
        // Base64 of `{"` or `{ `: what begins otherwise is a dotted name.
        return if found.value().starts_with("eyJ") || found.value().starts_with("eyA") {
            Verdict::fails("its header and claims do not decode: edited or made up")
        } else {
            Verdict::no_token()
        };
    };
    let text = |key: &str| claims.get(key).and_then(Value::as_str).unwrap_or("");
    if is_sample(&claims) || (header.get("alg").is_none() && header.get("typ").is_none()) {
        return Verdict::no_token();
    }
    let issuer = text("iss");
    let mut verdict = Verdict::default().decoded();
    if issuer.contains(".SHA256:") || issuer.to_ascii_lowercase().contains("snowflake") {
        verdict.better = Some(("T48", "Snowflake token"));
    } else if issuer.contains("databricks") || issuer.contains("azuredatabricks") {
        verdict = verdict.fact("issued by Databricks");
    } else {
        verdict = verdict.fact(known_issuer(issuer));
    }
    if text("role") == "anon" {
        return verdict.fact("public key of a client").at_most(Severity::Info);
    }
    let expiry = claims.get("exp").and_then(|e| e.as_u64().or_else(|| e.as_f64().map(|e| e as u64)));
    match expiry {
        Some(moment) if found.past(moment) => verdict.fact(format!("expired {}", date::label(moment))).expired(),
        Some(moment) => verdict.fact(format!("expires {}", date::label(moment))),
        None => verdict.fact("never expires"),
    }
}

/// The token with Snowflake beside it.
pub fn snowflake(found: &Found<'_>) -> Verdict {
    Verdict { better: None, ..check(found) }
}

fn known_issuer(issuer: &str) -> &'static str {
    const ISSUERS: &[(&str, &str)] = &[
        ("sts.windows.net", "issued by Entra ID"),
        ("login.microsoftonline.com", "issued by Entra ID"),
        ("accounts.google.com", "issued by Google"),
        ("cognito-idp.", "issued by AWS Cognito"),
        (".auth0.com", "issued by Auth0"),
        (".okta.com", "issued by Okta"),
        ("kubernetes", "issued by Kubernetes"),
        ("gitlab", "issued by GitLab"),
        ("github", "issued by GitHub"),
        ("supabase", "issued by Supabase"),
    ];
    ISSUERS.iter().find(|(part, _)| issuer.contains(part)).map_or("", |(_, label)| label)
}

/// Whether a text is a published sample.
pub fn is_published(text: &str) -> bool {
    text.starts_with("eyJ") && parts(text).is_some_and(|(_, claims)| is_sample(&claims))
}

/// Claims of published samples: documentation, debuggers, demo servers.
fn is_sample(claims: &Value) -> bool {
    let text = |key: &str| claims.get(key).and_then(Value::as_str).unwrap_or("");
    text("sub") == "1234567890"
        || matches!(text("name"), "John Doe" | "Jane Doe")
        || text("iss") == "supabase-demo"
        || text("iss") == "joe"
        || text("some") == "payload"
        || text("foo") == "bar"
        || text("hello") == "world"
}
