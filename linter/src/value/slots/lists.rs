//! `key=value` lists: JDBC properties, ADO/ODBC connection strings, DSNs, query strings, JAAS options.

use std::ops::Range;

use super::{CredentialSlot, SlotKind, whole::Whole};

/// Keys whose value is a credential, lower case, blanks and underscores removed (catalog §C.2 and CS108).
const KEYS: &[&str] = &[
    "password", "pwd", "pass", "passwd", "pw", "password1", "password2", "password3", "passphrase", "passcode",
    "sslpassword", "newpassword", "accesstoken", "authaccesstoken", "token", "apikey", "secret", "secretkey",
    "clientsecret", "oauthclientsecret", "oauth2secret", "awssecretkey", "secretaccesskey", "awssecretaccesskey",
    "sessiontoken", "awssessiontoken", "azureaccesskey", "azureclientsecret", "aadsecureprincipalsecret",
    "keystoresecret", "keystorepassword", "truststorepassword", "privatekeyfilepwd", "privatekey",
    "privatekeypassword", "oauthpvtkey", "oauthaccesstoken", "oauthrefreshtoken", "refreshtoken", "accountkey",
    "sharedaccesskey", "sharedaccesssignature", "sharedsecret", "sharedsecretvalue", "masterkey", "primarykey",
    "accesskey", "licensekey", "storagekey", "oraclenetwalletpassword", "proxypassword", "ldappassword",
    "trustedpassword", "sastoken", "bearertoken", "xapikey", "authtoken", "idtoken", "xmstoken", "clientkey",
    "apisecret", "consumersecret", "subscriptionkey", "functionkey", "signature", "sig", "sasl.password",
    "saslpassword", "sslkeypassword", "code", "appsecret", "key", "appid", "avaticapassword", "apitoken",
    "securitytoken", "oauthaccesstokensecret",
];

/// Codes of authorization and keys of functions; numbers and words say how something ended (`code=7000215`).
fn is_drawn(value: &str) -> bool {
    value.len() >= 8 && value.bytes().any(|b| b.is_ascii_alphabetic()) && value.bytes().any(|b| b.is_ascii_digit())
        || value.len() >= 12 && crate::value::letters::is_random(value)
        || value.contains(crate::value::HOLE)
        || value.contains('$')
}

/// At least 16 letters and digits that are no words.
fn is_random(value: &str) -> bool {
    value.len() >= 16
        && value.bytes().any(|b| b.is_ascii_digit())
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        && !crate::value::plausible::is_wordy(value)
}

/// `…PWD%3Dx%3B…`: a connection string inside a URL, percent-encoded.
pub(super) fn scan_encoded(text: &str, found: &mut Vec<CredentialSlot>) {
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    while let Some(step) = lower[from..].find("%3d") {
        let equals = from + step;
        from = equals + 3;
        let start = lower[..equals].trim_end_matches(|c: char| c.is_ascii_alphanumeric()).len();
        // The `3b` of `%3B` before the key, or its `3f`, `26`.
        let start = match lower.get(start..start + 2) {
            Some("3b" | "26" | "3f") if lower[..start].ends_with('%') => start + 2,
            _ => start,
        };
        let name = normal(&lower[start..equals]);
        if !KEYS.contains(&name.as_str()) || QUERY_ONLY.contains(&name.as_str()) {
            continue;
        }
        let rest = &lower[from..];
        let end = ["%3b", "%26", "&"].iter().filter_map(|stop| rest.find(stop)).min().unwrap_or(rest.len());
        let end = rest[..end].find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).unwrap_or(end);
        let (mut open, mut close) = (from, from + end);
        if lower[open..close].starts_with("%7b") && lower[open..close].ends_with("%7d") && close - open > 6 {
            (open, close) = (open + 3, close - 3);
        }
        found.push(CredentialSlot::new(SlotKind::ConnectionString, open..close, &text[start..equals]));
        from = close.max(from);
    }
}

/// Keys that count only in the query of a URL.
const QUERY_ONLY: &[&str] = &["sig", "signature", "code", "key", "appid"];
/// Of those, keys that also name records and applications: the value has to look like a machine made it.
const QUERY_KEYS: &[&str] = &["key", "appid"];
const USER_KEYS: &[&str] =
    &["user", "username", "uid", "userid", "login", "accesskeyid", "accountname", "sharedaccesskeyname"];

pub(super) fn scan(text: &str, found: &mut Vec<CredentialSlot>) {
    let bytes = text.as_bytes();
    let whole = Whole::new(text);
    let jdbc = find_jdbc(text);
    let mut users: Vec<(Range<usize>, usize)> = Vec::new();
    let first = found.len();
    let mut at = 0;
    while let Some(step) = memchr::memchr(b'=', &bytes[at..]) {
        let equals = at + step;
        at = equals + 1;
        let Some(pair) = read_pair(&whole, equals) else { continue };
        let name: String = normal(&text[pair.key.clone()]);
        if USER_KEYS.contains(&name.as_str()) {
            users.push((pair.value.clone(), pair.key.start));
            at = pair.value.end.max(at);
            continue;
        }
        if !KEYS.contains(&name.as_str()) {
            continue;
        }
        let in_query = matches!(pair.opened_by, Some(b'?' | b'&'));
        if in_query && name == "token" && whole.is_badge() {
            continue;
        }
        let in_jdbc = jdbc.as_ref().is_some_and(|(start, _)| *start < pair.key.start);
        if QUERY_ONLY.contains(&name.as_str()) && !in_query && !(name == "sig" && whole.is_signed()) {
            continue;
        }
        if pair.opened_by.is_none() && !is_list(&whole, &pair) {
            continue;
        }
        // A signature is a hash: a short word stands for one.
        if matches!(name.as_str(), "sig" | "signature") && in_query && whole.is_signed() && pair.value.len() < SIGNATURE
        {
            continue;
        }
        if name == "code" && !is_drawn(&text[pair.value.clone()]) {
            continue;
        }
        if QUERY_KEYS.contains(&name.as_str()) && !is_random(&text[pair.value.clone()]) {
            continue;
        }
        if !in_jdbc && !in_query && !pair.quoted && is_code(&text[pair.value.clone()], pair.opened_by) {
            continue;
        }
        let kind = if pair.quoted && whole.has_login_module() {
            SlotKind::Jaas
        } else if in_jdbc {
            SlotKind::JdbcUrl
        } else if in_query || name == "sig" {
            SlotKind::QueryString
        } else {
            SlotKind::ConnectionString
        };
        let mut slot = CredentialSlot::new(kind, pair.value.clone(), text[pair.key.clone()].trim());
        // JAAS with an Event Hubs connection string as password: the key inside it is the credential.
        if kind == SlotKind::Jaas && text[pair.value.clone()].contains("SharedAccessKey=") {
            at = pair.value.start;
            continue;
        }
        if in_jdbc && let Some((_, scheme)) = &jdbc {
            slot.scheme.clone_from(scheme);
        }
        slot.host = whole.host();
        at = pair.value.end.max(at);
        found.push(slot);
    }
    // Both are in order of the text: the nearest name is the one before or the one behind.
    for slot in &mut found[first..] {
        let behind = users.partition_point(|(_, start)| *start < slot.range.start);
        let near = &users[behind.saturating_sub(1)..users.len().min(behind + 1)];
        slot.user =
            near.iter().min_by_key(|(_, start)| start.abs_diff(slot.range.start)).map(|(range, _)| range.clone());
    }
}

/// Characters that a signature of a URL has at least. Those that services make have 43 (catalog §D, T12).
const SIGNATURE: usize = 12;

struct Pair {
    key: Range<usize>,
    value: Range<usize>,
    /// Delimiter before the key: `;` `?` `&` `,` `:` `/` `(` or a blank.
    opened_by: Option<u8>,
    quoted: bool,
}

/// The pair around an `=`.
fn read_pair(whole: &Whole<'_>, equals: usize) -> Option<Pair> {
    let text = whole.text;
    let bytes = text.as_bytes();
    let mut key_end = equals;
    while key_end > 0 && bytes[key_end - 1] == b' ' {
        key_end -= 1;
    }
    let mut start = key_end;
    // Keys are words; one blank is part of a key in `User ID=`, `Account Key=`.
    while start > 0 && key_end - start < 40 {
        let b = bytes[start - 1];
        let word = b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        let blank =
            b == b' ' && start >= 2 && bytes[start - 2].is_ascii_alphanumeric() && key_of_two(text, start, key_end);
        if !word && !blank {
            break;
        }
        start -= 1;
    }
    if start == key_end {
        return None;
    }
    if let Some(blank) = text[start..key_end].find(' ') {
        let both = normal(&text[start..key_end]);
        if !KEYS.contains(&both.as_str()) && !USER_KEYS.contains(&both.as_str()) {
            start += blank + 1;
        }
    }
    // `; Password=x`: the delimiter before the blanks counts; a bare blank separates only tight pairs (`host=h user=u`).
    let opened_by = match text[..start].bytes().last() {
        Some(b' ') => match text[..start].trim_end_matches(' ').bytes().last() {
            Some(b @ (b';' | b'&' | b'?')) => Some(b),
            // `{ user = u, password = "p" }`: HOCON, and inline tables of TOML.
            Some(b @ (b'{' | b',')) if in_braces(text, start) && is_quoted(&text[equals + 1..]) => Some(b),
            _ if key_end < equals || bytes.get(equals + 1) == Some(&b' ') || whole.has_one_pair() => {
                return None;
            }
            _ => Some(b' '),
        },
        // `&amp;token=`: a query in HTML.
        Some(b';') if text[..start].ends_with("&amp;") => Some(b'&'),
        // Anything else before a name belongs to it or to a program.
        Some(other) if !b";?&,:/([{|\n\r\t'\"`\\".contains(&other) => return None,
        other => other,
    };
    let (value, quoted) = read_value(whole, equals + 1, opened_by);
    Some(Pair { key: start..key_end, value, opened_by, quoted })
}

/// How far behind its brace a pair of an inline table is looked for, in bytes.
const MAX_BRACES: usize = 4096;

/// Longest value in quotes or braces, in bytes: a key in PEM form has less.
const MAX_QUOTED: usize = 16 * 1024;

/// Whether the last bracket before is a `{`: SQL has its lists in parentheses.
fn in_braces(text: &str, at: usize) -> bool {
    let before = &text.as_bytes()[at.saturating_sub(MAX_BRACES)..at];
    before.iter().rfind(|b| matches!(b, b'{' | b'(')) == Some(&b'{')
}

fn is_quoted(value: &str) -> bool {
    value.trim_start_matches([' ', '\\']).starts_with(['"', '\''])
}

fn key_of_two(text: &str, start: usize, end: usize) -> bool {
    matches!(text[start..end].to_ascii_lowercase().as_str(), "id" | "key" | "token" | "secret" | "string")
}

fn read_value(whole: &Whole<'_>, mut start: usize, opened_by: Option<u8>) -> (Range<usize>, bool) {
    let text = whole.text;
    let bytes = text.as_bytes();
    let longest = bytes.len().min(start + MAX_QUOTED);
    if !matches!(opened_by, Some(b'?' | b'&')) {
        while bytes.get(start) == Some(&b' ') {
            start += 1;
        }
    }
    // Brace quotes of ODBC and SQL Server; `}}` is a brace.
    if bytes.get(start) == Some(&b'{') && !text[start..].starts_with("{{") {
        let mut end = start + 1;
        while end < longest {
            if bytes[end] == b'}' {
                if bytes.get(end + 1) == Some(&b'}') {
                    end += 2;
                    continue;
                }
                // `password={pw}`, `pwd={cred['pw']}`, `key={shared key}`: a name needs no quotes, it is filled in elsewhere.
                let inner = &text[start + 1..end];
                let is_name = inner.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_')
                    || is_member(inner)
                    || crate::value::labels::is_label(inner);
                return if is_name && end > start + 1 { (start..end + 1, false) } else { (start + 1..end, true) };
            }
            end += 1;
        }
    }
    // `<your password>`: a placeholder with blanks.
    if bytes.get(start) == Some(&b'<')
        && let Some(end) = text[start..].find(['>', '\n', '"', ';', '&']).map(|i| start + i)
        && bytes[end] == b'>'
    {
        return (start..end + 1, false);
    }
    // `';AccountKey=', listKeys(…)`: the quote ends the piece of a program's text.
    if let Some(rest) = text[start..].strip_prefix('\'')
        && rest.trim_start().starts_with([',', '+', '.', '&', ')'])
    {
        return (start..start, false);
    }
    // `\"…\"`, `"…"`, `'…'`.
    let escape = usize::from(bytes.get(start) == Some(&b'\\'));
    if let Some(&quote @ (b'"' | b'\'')) = bytes.get(start + escape) {
        let open = start + escape + 1;
        // `'…;AccountKey=', listKeys(…)`: the quote ends a string of an expression.
        if text[open..].trim_start().starts_with(',') {
            return (start..start, false);
        }
        let mut end = open;
        while end < longest {
            if bytes[end] == quote {
                let close = end - escape.min(end - open);
                return (open..close, true);
            }
            if bytes[end] == b'\\' && escape == 0 {
                end += 1;
            }
            end += 1;
        }
    }
    let stops: &[u8] = match opened_by {
        Some(b'?' | b'&') => b"&",
        Some(b';') => b";",
        // MySQL: `//(host=h,user=u,password=p)/db`.
        Some(b',') if text[..start].rfind("//(").is_some_and(|open| !text[open..start].contains(')')) => b",)",
        Some(b',') => b",",
        Some(b'(') => b")",
        // `password=p,w;d&user=u`: what parts the pairs is what the next name stands behind.
        None | Some(b' ' | b'\n' | b'\r' | b'\t') if opens_pair(&text[start..]) => b"& \t",
        // Db2 `jdbc:db2://h:p/db:user=u;password=p;`, teradata `/USER=u,PASSWORD=p`, and the first of a list.
        _ if whole.has_semicolon_from(start) => b";",
        Some(b'/') => b",/",
        _ if whole.has_query_before(start) => b"&",
        _ => b";& \t,",
    };
    let mut end = start;
    while end < bytes.len() {
        let b = bytes[end];
        // In a template `${…}` and `{{…}}` belong to the value whatever they hold.
        // An `&` that no pair stands behind belongs to the value.
        let is_own = b == b'&' && stops == b"& \t" && !is_pair(&text[end + 1..]);
        if stops.contains(&b) && !is_own
            || matches!(b, b'\n' | b'\r' | b'`')
            || matches!(b, b'"' | b'\'') && whole.is_open(b, start)
            || (b == b' ' && opened_by != Some(b';'))
        {
            break;
        }
        end += 1;
    }
    while end > start && (bytes[end - 1] == b' ' || bytes[end - 1] == b'\\') {
        end -= 1;
    }
    while end > start && !text.is_char_boundary(end) {
        end -= 1;
    }
    (start..end, false)
}

/// `cred['password']`, `args["pw"]`, `conf.pw`: a part of a name.
fn is_member(text: &str) -> bool {
    let name = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    let subscript = |rest: &str| {
        let key = rest.strip_suffix(']').unwrap_or("");
        ['\'', '"'].iter().any(|q| key.strip_prefix(*q).and_then(|k| k.strip_suffix(*q)).is_some_and(name))
    };
    text.split_once('[').is_some_and(|(of, rest)| name(of) && subscript(rest))
        || text.split_once('.').is_some_and(|(of, rest)| name(of) && name(rest))
}

/// Whether a pair stands behind an `&` of the word that a text begins with.
fn opens_pair(text: &str) -> bool {
    let word = text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`')).next().unwrap_or("");
    word.match_indices('&').any(|(at, _)| is_pair(&word[at + 1..]))
}

/// Whether a text begins with `name=`.
fn is_pair(text: &str) -> bool {
    let name = text.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')).count();
    name > 0 && text[name..].starts_with('=')
}

/// Whether a value is a piece of a program: `f(token=token)`, `pw={}`, `ID_TOKEN=$(curl …`. In a list that `;` parts,
/// brackets may belong to a password.
fn is_code(value: &str, opened_by: Option<u8>) -> bool {
    // `f(password=None,&nbsp;x=None)`
    let first = value.split_once(',').map_or("", |(first, _)| first);
    value.starts_with("$(")
        || matches!(first, "None" | "null" | "NULL" | "True" | "False" | "true" | "false")
        || opened_by != Some(b';')
            && (value.contains(['(', ')', '{', '}', '[', ']']) && !value.starts_with("${") && !value.starts_with("{"))
        || value == "{}"
        || value.starts_with('{') && value.ends_with(['}', ')', ';']) && value.contains([';', ':', '('])
}

/// Whether a pair without a delimiter before it begins a list (`password=x;host=…`) and not an assignment of a program.
fn is_list(whole: &Whole<'_>, pair: &Pair) -> bool {
    let text = whole.text;
    let rest = &text[pair.value.end..];
    rest.starts_with([';', '&'])
        || (whole.is_first(pair.key.start) && rest.trim_start().split(' ').next().is_some_and(|w| w.contains('=')))
        || (text.trim_start().len() == text.len()
            && !text.contains(' ')
            && !text.contains('\n')
            && !pair.value.is_empty())
}

/// Start of `jdbc:` and its sub-protocol.
fn find_jdbc(text: &str) -> Option<(usize, String)> {
    let at = text.to_ascii_lowercase().find("jdbc:")?;
    let rest = &text[at + 5..];
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '_'))).unwrap_or(rest.len());
    Some((at, rest[..end].to_ascii_lowercase()))
}

fn normal(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, ' ' | '_' | '-' | '.')).map(|c| c.to_ascii_lowercase()).collect()
}
