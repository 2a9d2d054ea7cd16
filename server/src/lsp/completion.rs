//! Completion of scopes and keys inside `secrets.get(…)`, `secret(…)` and `{{secrets/…}}`: declared ones, and those that
//! the workspace names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{analysed::Analysed, capabilities::Client, index::Named, position};

/// Scope and key of a secret; the key may be unknown.
type Secret = (String, Option<String>);
/// URI and 0-based line.
type Line = (String, u32);

/// Secrets that the workspace names, and where.
#[derive(Debug, Default)]
pub(super) struct Known {
    places: BTreeMap<Secret, BTreeSet<Line>>,
}

impl Known {
    pub(super) fn add(&mut self, uri: &str, name: Named) {
        self.places.entry((name.scope, name.key)).or_default().insert((uri.to_owned(), name.line));
    }

    /// Where a secret (or, without a key, anything of the scope) is named.
    pub(super) fn uses(&self, scope: &str, key: Option<&str>) -> Vec<Line> {
        let fits = |(s, k): &Secret| {
            s.eq_ignore_ascii_case(scope)
                && key.is_none_or(|key| k.as_deref().is_some_and(|k| k.eq_ignore_ascii_case(key)))
        };
        let mut places: Vec<_> =
            self.places.iter().filter(|(name, _)| fits(name)).flat_map(|(_, places)| places.iter().cloned()).collect();
        places.sort();
        places
    }
}

/// What the text before the cursor asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Scope,
    Key { scope: String },
}

/// Items at a protocol position; `Null`: nothing of ours.
pub(super) fn completion(analysed: &Analysed, known: &Known, uri: &str, at: &Value, client: &Client) -> Value {
    let text = analysed.text(uri);
    let offset = position::offset(text.text, text.lines, at, client.unit);
    let before = text.text.get(..offset).unwrap_or("");
    let Some(wanted) = wanted(before) else { return Value::Null };
    let declared = &analysed.settings.secrets.declared;
    let mut items: BTreeMap<String, &str> = BTreeMap::new();
    for (scope, key) in known.places.keys() {
        match &wanted {
            Wanted::Scope => {
                items.insert(scope.clone(), "secret scope, used in the workspace");
            }
            Wanted::Key { scope: wanted } if wanted.eq_ignore_ascii_case(scope) => {
                items.extend(key.iter().map(|k| (k.clone(), "secret key, used in the workspace")));
            }
            Wanted::Key { .. } => {}
        }
    }
    for (scope, keys) in declared {
        match &wanted {
            Wanted::Scope => {
                items.insert(scope.clone(), "secret scope, declared");
            }
            Wanted::Key { scope: wanted } if wanted.eq_ignore_ascii_case(scope) => {
                items.extend(keys.iter().map(|k| (k.clone(), "secret key, declared")));
            }
            Wanted::Key { .. } => {}
        }
    }
    // Declared ones first.
    let kind = if wanted == Wanted::Scope { 9 } else { 12 };
    let rows = items.iter().map(|(label, detail)| {
        let rank = if detail.ends_with("declared") { 0 } else { 1 };
        json!({"label": label, "kind": kind, "detail": detail, "sortText": format!("{rank}{label}")})
    });
    Value::Array(rows.collect())
}

const CALLS: &[&str] = &["secrets.get(", "secrets.getBytes(", "try_secret(", "secret("];

/// Looks at the last call or reference that is not closed yet; calls may be spread over a few lines.
fn wanted(before: &str) -> Option<Wanted> {
    let mut from = before.len().saturating_sub(400);
    while !before.is_char_boundary(from) {
        from += 1;
    }
    let near = &before[from..];
    let line = near.rsplit('\n').next().unwrap_or("");
    if let Some((_, rest)) = line.rsplit_once("{{secrets/").filter(|(_, rest)| !rest.contains("}}")) {
        return Some(match rest.split_once('/') {
            Some((scope, _)) => Wanted::Key { scope: scope.to_owned() },
            None => Wanted::Scope,
        });
    }
    let call = CALLS.iter().filter_map(|c| near.rfind(c).map(|at| at + c.len())).max()?;
    let inside = near.get(call..).filter(|inside| !inside.contains(')'))?;
    let mut arguments: Vec<&str> = split(inside);
    let last = arguments.pop()?;
    let (name, value) = named(last);
    // Names are completed inside of quotes only.
    let open = value.trim_start();
    if !open.starts_with(['"', '\'']) || open.get(1..).is_some_and(|rest| rest.contains(&open[..1])) {
        return None;
    }
    let scope = arguments
        .iter()
        .map(|a| named(a))
        .enumerate()
        .find(|(i, (name, _))| name.map_or(*i == 0, |n| n == "scope"))
        .map(|(_, (_, value))| value.trim().trim_matches(['"', '\'']).to_owned());
    match name {
        Some("key") => Some(Wanted::Key { scope: scope.unwrap_or_default() }),
        Some("scope") => Some(Wanted::Scope),
        Some(_) => None,
        None if arguments.is_empty() => Some(Wanted::Scope),
        None => Some(Wanted::Key { scope: scope.unwrap_or_default() }),
    }
}

/// Arguments, at commas outside of quotes.
fn split(inside: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quote) = (Vec::new(), 0, None);
    for (at, c) in inside.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, ',') => {
                parts.push(&inside[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inside[start..]);
    parts
}

/// Keyword and value of `key = "…"`.
fn named(argument: &str) -> (Option<&str>, &str) {
    match argument.split_once('=') {
        Some((name, value)) if name.trim().chars().all(|c| c.is_alphanumeric() || c == '_') => {
            (Some(name.trim()), value)
        }
        _ => (None, argument),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_read_from_the_open_call() {
        let key = |scope: &str| Some(Wanted::Key { scope: scope.into() });
        for (before, expected) in [
            ("x = dbutils.secrets.get('", Some(Wanted::Scope)),
            ("x = dbutils.secrets.get(scope=\"j", Some(Wanted::Scope)),
            ("x = dbutils.secrets.get('jdbc', '", key("jdbc")),
            ("x = dbutils.secrets.get(\n  scope = \"jdbc\",\n  key = \"", key("jdbc")),
            ("x = dbutils.secrets.get(key=\"", key("")),
            ("select secret('app', 'to", key("app")),
            ("spark.conf.set('k', '{{secrets/", Some(Wanted::Scope)),
            ("spark.conf.set('k', '{{secrets/lake/", key("lake")),
            ("spark.conf.set('k', '{{secrets/lake/x}}", None),
            ("x = dbutils.secrets.get('a', 'b'", None),
            ("x = dbutils.secrets.get(name", None),
            ("print('", None),
        ] {
            assert_eq!(wanted(before), expected, "{before}");
        }
    }
}
