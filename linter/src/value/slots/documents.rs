//! Credentials in documents inside a string: JSON (also escaped), YAML lines, headers, netrc.

use std::sync::LazyLock;

use regex::Regex;

use super::{CredentialSlot, SlotKind};
use crate::value::names::{NameVerdict, verdict};

/// `"key": "value"` with any number of backslashes before the quotes. The other quotation mark belongs to the value, where it
/// does not begin with it: that ends a piece of a program's text.
static JSON: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(\\*["'])([A-Za-z][\w.\- ]{1,60})(?:\\*["'])\s*:\s*(?:\\*"([^"'\\\n][^"\\\n]*(?:\\[^"'n][^"\\\n]*)*)\\*"|\\*'([^"'\\\n][^'\\\n]*(?:\\[^"'n][^'\\\n]*)*)\\*')"#).ok()
});

/// `<key …>value</key>`, the name with its prefix.
static ELEMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"<((?:[A-Za-z][\w\-]{0,30}:)?([A-Za-z][\w.\-]{1,60}))(?:\s[^<>]*[^<>/])?>([^<>\n]{3,200})</").ok()
});

/// `key: value` or `key = value` alone on a line of a text of several lines; between quotes anything goes.
static LINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?m)^[ \t]*(?:- )?([A-Za-z][\w.\-]{1,60})[ \t]*[:=][ \t]+(?:"([^"\n]{3,200})"|'([^'\n]{3,200})'|["']?([^\s"'#,{}\[\]]{3,200})["']?)[ \t]*,?\r?$"#,
    )
    .ok()
});

/// `basic` or `token`, a blank and six characters.
const SHORTEST_HEADER: usize = 12;

static HEADER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)(?:^|authorization["'\\]*\s*[:=,]\s*[\\"']*)(bearer|basic|token|apikey|sharedaccesskey)\s+([^\s"'\\,;]{6,})"#).ok()
});

static NETRC: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)\bmachine\s+(\S+)\s+login\s+(\S+)\s+password\s+(\S+)").ok());

pub(super) fn scan(text: &str, found: &mut Vec<CredentialSlot>) {
    if text.contains(':')
        && text.contains(['"', '\''])
        && let Some(json) = JSON.as_ref()
    {
        // The request that stores a secret.
        let stores = text.contains("_value") && text.contains("scope") && text.contains("key");
        for m in json.captures_iter(text) {
            let (Some(key), Some(value)) = (m.get(2), m.get(3).or_else(|| m.get(4))) else { continue };
            let stored = stores && matches!(key.as_str(), "string_value" | "bytes_value");
            if stored || is_secret_key(key.as_str()) {
                found.push(CredentialSlot::new(SlotKind::EmbeddedDocument, value.range(), key.as_str()));
            }
        }
    }
    if text.contains("</")
        && let Some(element) = ELEMENT.as_ref()
    {
        for m in element.captures_iter(text) {
            let (Some(whole), Some(tag), Some(key), Some(value)) = (m.get(0), m.get(1), m.get(2), m.get(3)) else {
                continue;
            };
            let ends = text[whole.end()..].strip_prefix(tag.as_str()).is_some_and(|rest| rest.starts_with('>'));
            if ends && is_secret_key(key.as_str()) {
                let start = value.start() + value.as_str().len() - value.as_str().trim_start().len();
                let range = start..start + value.as_str().trim().len();
                found.push(CredentialSlot::new(SlotKind::EmbeddedDocument, range, key.as_str()));
            }
        }
    }
    // One line alone (`db.password = "…"`) is a document when its key and value say so; conditions on columns look like it.
    let is_one_line = !text.contains('\n');
    if (!is_one_line || text.trim_end().ends_with('"'))
        && let Some(line) = LINE.as_ref()
    {
        for m in line.captures_iter(text) {
            let dotted = m.get(1).is_some_and(|key| key.as_str().contains('.'));
            let value = match m.get(2) {
                None if is_one_line => None,
                Some(_) if is_one_line && !dotted => None,
                quoted => quoted.or_else(|| m.get(3)).or_else(|| m.get(4)),
            };
            let (Some(key), Some(value)) = (m.get(1), value) else { continue };
            if is_secret_key(key.as_str()) {
                found.push(CredentialSlot::new(SlotKind::EmbeddedDocument, value.range(), key.as_str()));
            }
        }
    }
    if text.len() >= SHORTEST_HEADER
        && text.contains(char::is_whitespace)
        && let Some(header) = HEADER.as_ref()
    {
        for m in header.captures_iter(text) {
            let (Some(scheme), Some(value)) = (m.get(1), m.get(2)) else { continue };
            // `Bearer <access token>`: cut off at the blank.
            if value.as_str().starts_with('<') && !value.as_str().contains('>') {
                continue;
            }
            // `token` and `basic` are words: prose must not match, so the value has to look like one.
            if value.as_str().contains('(') {
                continue;
            }
            let strong = value.as_str().chars().any(|c| c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '='))
                || value.as_str().contains(super::super::HOLE);
            if strong || scheme.as_str().eq_ignore_ascii_case("bearer") {
                found.push(CredentialSlot::new(SlotKind::Header, value.range(), scheme.as_str()));
            }
        }
    }
    if text.contains("machine")
        && let Some(netrc) = NETRC.as_ref()
    {
        for m in netrc.captures_iter(text) {
            let (Some(host), Some(user), Some(value)) = (m.get(1), m.get(2), m.get(3)) else { continue };
            let mut slot = CredentialSlot::new(SlotKind::EmbeddedDocument, value.range(), "password");
            slot.user = Some(user.range());
            slot.host = Some(host.as_str().to_ascii_lowercase());
            found.push(slot);
        }
    }
}

fn is_secret_key(key: &str) -> bool {
    verdict(key) == NameVerdict::Secret || key.eq_ignore_ascii_case("authorization")
}
