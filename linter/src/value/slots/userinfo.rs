//! `scheme://user:password@host`, and Oracle's `user/password@`.

use super::{CredentialSlot, SlotKind, whole};

pub(super) fn scan(text: &str, found: &mut Vec<CredentialSlot>) {
    let mut from = 0;
    while let Some(step) = text[from..].find("://") {
        let colon = from + step;
        from = colon + 3;
        let scheme_start = text[..colon]
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))
            .map_or(0, |i| i + text[i..].chars().next().map_or(1, char::len_utf8));
        let scheme = &text[scheme_start..colon];
        // `cvs://:pserver:user@host`: a method and a user.
        if scheme.is_empty() || scheme == "cvs" {
            continue;
        }
        let jdbc = jdbc_scheme(&text[..colon]);
        let rest = &text[from..];
        let end =
            rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>')).unwrap_or(rest.len());
        let end = if is_inside(rest, end) {
            let tail = &rest[end + 1..];
            end + 1
                + tail
                    .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>'))
                    .unwrap_or(tail.len())
        } else {
            end
        };
        // A `<placeholder>` belongs to the authority.
        let end = if rest[end..].starts_with('<') {
            rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`')).unwrap_or(rest.len())
        } else {
            end
        };
        let Some(slot) = authority(text, from, from + end, jdbc.unwrap_or(scheme), jdbc.is_some()) else {
            continue;
        };
        from = slot.range.end;
        found.push(slot);
    }
    oracle(text, found);
}

/// Whether the quotation mark at `at` is a part of a password, as in `svc:a'b@host`: the host comes before anything that could
/// begin another text.
fn is_inside(rest: &str, at: usize) -> bool {
    let (head, tail) = rest.split_at(at);
    let inside =
        |c: char| !c.is_whitespace() && !matches!(c, '"' | '\'' | '`' | '<' | '>' | ',' | ')' | ']' | '}' | '+');
    let Some(tail) = tail.strip_prefix(['"', '\'', '`']) else { return false };
    let Some((password, host)) = tail.split_once('@') else { return false };
    head.contains(':')
        && !head.contains(['@', '/', '?', '#'])
        && password.starts_with(char::is_alphanumeric)
        && password.chars().all(inside)
        && host.starts_with(char::is_alphanumeric)
}

/// Sub-protocol of the JDBC URL whose scheme ends a text: `mysql` of `jdbc:mysql:aurora`.
fn jdbc_scheme(text: &str) -> Option<&str> {
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_');
    let mut start = text.trim_end_matches(is_scheme).len();
    let mut first = &text[start..];
    while let Some(before) = text[..start].strip_suffix(':') {
        start = before.trim_end_matches(is_scheme).len();
        if before[start..].eq_ignore_ascii_case("jdbc") {
            return Some(first);
        }
        first = &before[start..];
    }
    None
}

fn authority(text: &str, start: usize, end: usize, scheme: &str, jdbc: bool) -> Option<CredentialSlot> {
    let all = &text[start..end];
    // The `@` before the host: the last one before the path; a password may hold `/`, then the last one at all that a
    // host follows.
    let path = all.find(['/', '?', '#']).unwrap_or(all.len());
    let at = all[..path].rfind('@').or_else(|| {
        let at = all.find('@').filter(|&at| at > path)?;
        let userinfo = &all[..at];
        let host = all[at + 1..].split(['/', '?', ':']).next().unwrap_or("");
        // `https://host/path@version` is no userinfo: the part before the first `/` must hold `user:`.
        let colon = userinfo.find(':').filter(|colon| *colon < path)?;
        let port = &userinfo[colon + 1..path];
        let port_like = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
        // `http://h:{port}?mail=a@b`; drivers of databases take `#` and `?` of a password as they are.
        let is_filled = port.contains(['{', '}', '$', '%', '<', crate::value::HOLE]);
        let follows = host.contains('.') || !all[path..].starts_with('/') && !is_filled && !host.is_empty();
        (!port_like && follows).then_some(at)
    })?;
    let userinfo = &all[..at];
    let colon = userinfo.find(':')?;
    if userinfo[colon + 1..].is_empty() || userinfo.contains([' ', ';']) {
        return None;
    }
    // abfss://container@account, git@host:path have no colon in the userinfo; s3://key:secret@bucket has.
    let kind = if jdbc { SlotKind::JdbcUrl } else { SlotKind::UserInfo };
    let mut slot = CredentialSlot::new(kind, start + colon + 1..start + at, "userinfo");
    slot.user = (colon > 0).then_some(start..start + colon);
    slot.scheme = scheme.to_ascii_lowercase();
    let host = all[at + 1..].split(['/', '?', ':', ';', ',']).next().unwrap_or("");
    slot.host = (!host.is_empty()).then(|| host.to_ascii_lowercase());
    Some(slot)
}

/// `jdbc:oracle:thin:user/pass@//h:p/svc`, `user/"p@ss"@h:p:sid`; `/@` is a wallet.
fn oracle(text: &str, found: &mut Vec<CredentialSlot>) {
    let lower = text.to_ascii_lowercase();
    let Some(at) = lower.find("jdbc:oracle:") else { return };
    let Some(driver) = lower[at + 12..].find(':').map(|i| at + 12 + i + 1) else { return };
    let rest = &text[driver..];
    let Some(slash) = rest.find('/') else { return };
    let quoted = rest[slash + 1..].starts_with('"');
    let (start, end) = if quoted {
        let open = driver + slash + 2;
        let Some(close) = text[open..].find("\"@") else { return };
        (open, open + close)
    } else {
        let open = driver + slash + 1;
        let Some(close) = text[open..].find('@') else { return };
        (open, open + close)
    };
    let user = driver..driver + slash;
    if user.is_empty() || start >= end || text[user.clone()].contains('@') || text[user.clone()].starts_with('(') {
        return;
    }
    let mut slot = CredentialSlot::new(SlotKind::JdbcUrl, start..end, "password");
    slot.user = Some(user);
    slot.scheme = "oracle".into();
    slot.host = whole::host(&text[end..]).or_else(|| {
        Some(text[end..].trim_start_matches(['"', '@', '/']).split([':', '/']).next()?.to_ascii_lowercase())
    });
    found.push(slot);
}
