//! Shared access signatures and signed trigger URLs.

use super::{Found, Verdict, azure, date};

/// Bytes of a URL before and behind the signature that are read.
const REACH: usize = 1_500;

/// The signature decodes to 32 bytes; the URL around it says until when (`se=`) and what it allows (`sp=`).
pub fn check(found: &Found<'_>) -> Verdict {
    let url = url(found);
    let parameter = |name: &str| parameter(&url, name);
    let Some(version) = parameter("sv") else { return Verdict::no_token() };
    if date::iso(version).is_none() {
        return Verdict::no_token();
    }
    let signature = percent(found.value());
    let bytes = azure::decode(&signature);
    let mut verdict = if bytes.is_some_and(|b| b.len() == 32) {
        Verdict::default().decoded()
    } else {
        Verdict::fails("its signature does not decode: edited or made up")
    };
    if parameter("skoid").is_some() {
        verdict = verdict.fact("signed by a user, valid at most 7 days");
    } else if parameter("ss").is_some() {
        verdict = verdict.fact("for the whole account");
    }
    verdict = verdict.fact(parameter("sp").map_or(String::new(), rights));
    match parameter("se").map(percent).as_deref().and_then(date::iso) {
        Some(moment) if found.past(moment) => verdict.fact(format!("expired {}", date::label(moment))).expired(),
        Some(moment) => verdict.fact(format!("expires {}", date::label(moment))),
        None => verdict,
    }
}

/// `sp=rwdl` in words.
fn rights(letters: &str) -> String {
    let letters = percent(letters);
    if letters.is_empty() || letters.len() > 16 || !letters.bytes().all(|b| b.is_ascii_lowercase()) {
        return String::new();
    }
    let words: Vec<&str> = [
        ('r', "read"),
        ('a', "add"),
        ('c', "create"),
        ('w', "write"),
        ('d', "delete"),
        ('l', "list"),
        ('u', "update"),
        ('p', "process"),
    ]
    .iter()
    .filter(|(letter, _)| letters.contains(*letter))
    .map(|(_, word)| *word)
    .collect();
    if words.is_empty() { String::new() } else { format!("rights: {}", words.join(", ")) }
}

/// The run of URL characters around the signature, `&amp;` and `\u0026` read as `&`.
fn url(found: &Found<'_>) -> String {
    let around = found.around(REACH, REACH);
    let at = around.find(found.value()).unwrap_or(0);
    let stops = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '|' | '(' | ')');
    let start = around[..at].rfind(stops).map_or(0, |i| super::ceil(around, i + 1));
    let end = around[at..].find(stops).map_or(around.len(), |i| at + i);
    around[start..end].replace("\\u0026", "&").replace("&amp;", "&")
}

/// Value of a query parameter.
fn parameter<'u>(url: &'u str, name: &str) -> Option<&'u str> {
    let query = url.rsplit('?').next().unwrap_or(url);
    query.split(['&', ';']).find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim_start_matches('\\').eq_ignore_ascii_case(name).then_some(value)
    })
}

/// `%2B` → `+`. What is no escape stays.
pub fn percent(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_rights() {
        let url = "https://a.blob.core.windows.net/c?sv=2020-01-01&sp=rwl&sig=x%3D";
        assert_eq!(parameter(url, "sp"), Some("rwl"));
        assert_eq!(parameter(url, "se"), None);
        assert_eq!(rights("rwl"), "rights: read, write, list");
        assert_eq!(rights("%2Ftriggers%2Fmanual%2Frun"), "");
        assert_eq!(percent("a%2Bb%3d%zz%"), "a+b=%zz%");
    }
}
