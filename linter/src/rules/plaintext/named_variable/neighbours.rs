//! What stands beside a value says that it is about a field of that name, and no value of it.

use crate::{
    catalog::{name_words, options},
    model::{Role, Site},
    value::{
        names::{NameVerdict, is_password, verdict},
        plausible::{implausible, is_wordy},
    },
};

/// Keys that say where to connect.
const WHERE: &[&str] = &["host", "hostname", "server", "url", "dsn", "database", "dbname", "port"];

/// Whether a word is one of many that a call is given under keywords, none of which says where or as whom to connect: names of
/// columns.
pub(super) fn is_among_columns(text: &str, site: &Site) -> bool {
    const MANY: usize = 4;
    let Role::Argument(a) = &site.role else { return false };
    let is_word = |text: &str| text.chars().all(char::is_alphabetic);
    let is_short = text.len() <= 8 && text.chars().all(|c| c.is_ascii_lowercase());
    let keys = || a.siblings.iter().filter_map(|(key, text)| Some((key.as_deref()?, text.as_ref())));
    is_short
        && a.keyword.is_some()
        && keys().filter(|(_, text)| text.is_some_and(|t| is_word(t.expose()))).count() >= MANY
        && !keys().any(|(key, _)| options::is_user(key) || WHERE.contains(&key))
}

/// Outcomes that `pass` is one of.
const OUTCOMES: &[&str] = &["fail", "failed", "warn", "warning", "skip", "skipped", "error"];

/// Whether the entries of a dict describe fields: words under keys for credentials of different kinds, `{"password": "Passwort",
/// "token": "Zeichen"}`, or the same word under several keys, `{"password": "HIGH", "email": "HIGH"}`.
pub(super) fn describes_fields(text: &str, site: &Site) -> bool {
    let Role::Entry { key, siblings } = &site.role else { return false };
    let others = || siblings.iter().filter(|(other, _)| other != key);
    if key.eq_ignore_ascii_case("pass") && others().any(|(k, _)| OUTCOMES.contains(&&*k.to_ascii_lowercase())) {
        return true;
    }
    let is_where = |key: &str| WHERE.contains(&&*key.to_ascii_lowercase());
    if siblings.iter().any(|(key, _)| is_where(key)) {
        return false;
    }
    let Some(texts) = siblings.iter().map(|(_, text)| Some(text.as_ref()?.expose())).collect::<Option<Vec<&str>>>()
    else {
        return false;
    };
    // `field_10010`, `field_10011`
    let stem = |text: &str| text.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let counted = text.len() > stem(text) && texts.iter().all(|t| t.get(..stem(t)) == text.get(..stem(text)));
    let alike = counted && texts.len() > 1 || texts.iter().all(|t| is_worded(t));
    alike
        && others().any(|(other, same)| {
            let equal = same.as_ref().is_some_and(|t| t.expose() == text);
            // A password that repeats its user is an account.
            let equal = equal && !options::is_user(other);
            is_password(other) != is_password(key) && (equal || verdict(other) == NameVerdict::Secret)
        })
}

/// Words of a text for people, a name or a selector: digits stand in numbers of their own only.
fn is_worded(text: &str) -> bool {
    let text = text.trim_start_matches(['#', '.']);
    // `pw-changed-v1`
    let bare = text.trim_end_matches(|c: char| c.is_ascii_digit()).strip_suffix("-v").unwrap_or(text);
    let is_word = |word: &str| {
        let rest = word.chars().skip(1);
        word.chars().all(char::is_alphabetic)
            && (rest.clone().all(char::is_lowercase) || word.chars().all(char::is_uppercase))
            || word.bytes().all(|b| b.is_ascii_digit())
    };
    implausible(text).is_some() && !bare.bytes().any(|b| b.is_ascii_digit())
        || bare.split([' ', '-', '_', '.', ',']).all(is_word) && bare.chars().any(char::is_alphabetic)
}

/// Whether a value stands in a list or dict that is bound to a name for several secrets.
pub(super) fn is_member(role: &Role) -> bool {
    matches!(role, Role::Bind { name, path } if path.strip_prefix(&**name).is_some_and(|rest| rest.starts_with('[')))
}

/// Whether it stands there under the name of a stage or system: `password = {"dev": "…", "prod": "…"}`.
pub(super) fn is_of_place(role: &Role) -> bool {
    let Role::Bind { name, path } = role else { return false };
    let key = path.strip_prefix(&**name).and_then(|rest| rest.strip_prefix('[')?.strip_suffix(']'));
    key.is_some_and(name_words::is_of_place)
}

/// Whether a value is no word, name or number whatever it stands under: drawn, or letters, digits and a sign in one.
pub(super) fn is_strong(text: &str) -> bool {
    const SHORTEST: usize = 8;
    is_drawn(text)
        || text.len() >= SHORTEST
            && text.len() <= 64
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#%&*@^~$+?".contains(&b))
            && text.bytes().any(|b| b"!#%&*@^~$".contains(&b))
            && text.bytes().any(|b| b.is_ascii_digit())
            && text.bytes().any(|b| b.is_ascii_alphabetic())
            && implausible(text).is_none()
}

/// Whether a machine drew a value: long, letters and digits, no words.
pub(super) fn is_drawn(text: &str) -> bool {
    const SHORTEST: usize = 16;
    text.len() >= SHORTEST
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-+/=".contains(&b))
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().any(|b| b.is_ascii_alphabetic())
        && !is_wordy(text)
        && implausible(text).is_none()
}
