//! Facts in the tokens of single services.

use super::{Found, Verdict, azure};

/// A workspace beside a Databricks token: where to revoke it. Hosts are no secrets.
pub fn databricks(found: &Found<'_>) -> Verdict {
    let host = workspace(found.around(super::super::row::CONTEXT, super::super::row::CONTEXT));
    Verdict::default().fact(host.map_or(String::new(), |h| format!("beside {h}")))
}

/// First Databricks host in a text (catalog T05).
pub fn workspace(text: &str) -> Option<&str> {
    const DOMAINS: &[&str] = &[".cloud.databricks.com", ".gcp.databricks.com", ".azuredatabricks.net"];
    let (at, domain) = DOMAINS.iter().filter_map(|d| Some((text.find(d)?, d))).min()?;
    let start = text[..at]
        .rfind(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.')))
        .map_or(0, |i| super::ceil(text, i + 1));
    let host = &text[start..at + domain.len()];
    (start < at && host.len() <= 100).then_some(host)
}

/// `Basic` credentials are the base64 of `user:password`.
pub fn authorization(found: &Found<'_>) -> Verdict {
    let before = found.around(12, 0).to_ascii_lowercase();
    let head = &before[..before.len() - found.value().len().min(before.len())];
    if !head.trim_end().ends_with("basic") {
        // A name in dots or dashes is what a program or a text calls its token.
        return if super::mixed(found).none { super::opaque(found) } else { Verdict::default() };
    }
    let decoded = azure::decode(found.value()).and_then(|b| String::from_utf8(b).ok());
    let Some((user, password)) = decoded.as_deref().and_then(|d| d.split_once(':')) else {
        return Verdict::fails("it is no user:password in base64: edited or made up");
    };
    let printable = !decoded.as_deref().unwrap_or("").chars().any(char::is_control);
    // Samples of RFC 7617 and RFC 6749, and values that say to be filled in.
    let sample = (user == "Aladdin" && password.eq_ignore_ascii_case("open sesame"))
        || user == "s6BhdRkqt3"
        || super::userinfo::is_dummy(user, password);
    match (printable, sample) {
        (_, true) => Verdict::no_token(),
        (true, _) => Verdict::default().decoded().fact("decodes to user:password"),
        (false, _) => Verdict::fails("it is no user:password in base64: edited or made up"),
    }
}

/// Access tokens of Google and AWS are gone after hours, whatever they say.
pub fn short_lived(_: &Found<'_>) -> Verdict {
    Verdict::default().fact("valid for hours at most")
}

/// Legacy keys of Confluent stand beside the key's id.
pub fn confluent_pair(found: &Found<'_>) -> Verdict {
    let around = found.around(400, 400);
    let id = |word: &str| {
        word.len() == 16
            && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            && word.bytes().any(|b| b.is_ascii_digit())
    };
    if around.split(|c: char| !c.is_ascii_alphanumeric()).any(id) { super::mixed(found) } else { Verdict::no_token() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_workspaces() {
        assert_eq!(workspace("https://adb-1.2.azuredatabricks.net/x"), Some("adb-1.2.azuredatabricks.net"));
        assert_eq!(workspace("host=dbc-a1.cloud.databricks.com"), Some("dbc-a1.cloud.databricks.com"));
        assert_eq!(workspace("the .azuredatabricks.net domain"), None);
        assert_eq!(workspace("é.azuredatabricks.net"), None);
    }
}
