//! Secret resources of an app that a bundle deploys: an environment variable reads one by its name, so the app needs it.

use credscope_grammars::{
    CellFacts, Language, Span,
    facts::{Property, PropertyValue},
};

use crate::fix::SecretName;

/// What the app is to be given.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Resource {
    pub name: String,
    /// Where it is declared, and how. `None`: the app has it.
    pub edit: Option<(Span, String)>,
}

/// The resource for a secret. `None`: the document does not declare the app's resources (`app.yaml`, a request).
/// `Err`: they stand in a form that is not written to.
pub(super) fn resource(
    (language, text): (Language, &str),
    facts: &CellFacts,
    literal: Span,
    (name, secret): (&str, &SecretName),
) -> Option<Result<Resource, String>> {
    let property = facts.properties.iter().find(|p| p.value_span == literal)?;
    let app = app_of(&property.path)?;
    let items = Items::of(facts, app);
    let own = |n: &str, key: &str| items.text(n, &["secret", key]).is_some_and(|t| same(&t, secret, key));
    if let Some(number) = items.numbers().find(|n| own(n, "scope") && own(n, "key"))
        && let Some(name) = items.text(number, &["name"])
    {
        return Some(Ok(Resource { name, edit: None }));
    }
    let mut names = std::iter::once(name.to_owned()).chain((2..100).map(|n| format!("{name}-{n}")));
    let taken = |name: &str| items.numbers().any(|n| items.text(n, &["name"]).as_deref() == Some(name));
    let name = names.find(|name| !taken(name)).unwrap_or_else(|| name.to_owned());
    let place = if language == Language::Yaml { place(text, literal, &items) } else { None };
    Some(match place {
        Some((at, indent, opens)) => {
            let text = entry(indent, opens, &name, secret);
            Ok(Resource { name, edit: Some((Span::new(at, at), text)) })
        }
        None => Err(format!(
            "read it with `value_from: {name}` and give the app the secret resource `{name}`: scope {}, key {}, READ",
            secret.scope, secret.key
        )),
    })
}

fn same(written: &str, secret: &SecretName, key: &str) -> bool {
    written.eq_ignore_ascii_case(if key == "scope" { &secret.scope } else { &secret.key })
}

/// The path of the app whose `config.env` holds a value.
fn app_of(path: &[Box<str>]) -> Option<&[Box<str>]> {
    let at = path.windows(2).position(|w| &*w[0] == "resources" && &*w[1] == "apps")?;
    let (app, inner) = path.split_at_checked(at + 3)?;
    let inner: Vec<&str> = inner.iter().map(|k| &**k).collect();
    matches!(inner[..], ["config", "env", _, "value"]).then_some(app)
}

/// The resources that an app has.
struct Items<'a> {
    /// Number of the item, the path within it, and what stands there.
    properties: Vec<(&'a str, &'a [Box<str>], &'a Property)>,
}

impl<'a> Items<'a> {
    fn of(facts: &'a CellFacts, app: &[Box<str>]) -> Self {
        let inside = |p: &'a Property| {
            let rest = p.path.strip_prefix(app)?;
            let (first, rest) = rest.split_first()?;
            let (number, rest) = rest.split_first()?;
            (&**first == "resources").then_some((&**number, rest, p))
        };
        Self { properties: facts.properties.iter().filter_map(inside).collect() }
    }

    fn numbers(&self) -> impl Iterator<Item = &'a str> {
        self.properties.iter().map(|(number, _, _)| *number)
    }

    fn text(&self, number: &str, path: &[&str]) -> Option<String> {
        let (_, _, property) = self
            .properties
            .iter()
            .find(|(n, rest, _)| *n == number && rest.iter().map(|k| &**k).eq(path.iter().copied()))?;
        match &property.value {
            PropertyValue::Str(literal) => literal.plain().map(|text| text.expose().to_owned()),
            _ => None,
        }
    }
}

/// Where the entry is put, how far it is indented, and whether the list has to be opened, too.
fn place<'t>(text: &'t str, literal: Span, items: &Items<'_>) -> Option<(usize, &'t str, bool)> {
    if let Some((last, _, _)) = items.properties.last() {
        let of_last = items.properties.iter().filter(|(n, _, _)| n == last).map(|(_, _, p)| p);
        let start = of_last.clone().map(|p| p.key_span.start.min(p.value_span.start)).min()? as usize;
        let end = items.properties.iter().map(|(_, _, p)| p.value_span.end).max()? as usize;
        let line = &text[line_start(text, start)..];
        let indent = line.split('-').next().filter(|i| i.bytes().all(|b| b == b' '))?;
        let filled = text.get(..end)?.trim_end().len();
        return Some((line_end(text, filled)?, indent, false));
    }
    let config = config_line(text, literal.start as usize)?;
    let line = &text[config..];
    Some((config, &line[..line.len() - line.trim_start_matches(' ').len()], true))
}

/// Start of the line with the `config:` that a value stands below, or in.
fn config_line(text: &str, at: usize) -> Option<usize> {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let mut start = line_start(text, at);
    let mut least = usize::MAX;
    loop {
        let line = text[start..].lines().next().unwrap_or("");
        let content = line.trim_start();
        if !content.is_empty() && !content.starts_with('#') && indent(line) < least {
            least = indent(line);
            if content.starts_with("config:") {
                return Some(start);
            }
        }
        if least == 0 || start == 0 {
            return None;
        }
        start = line_start(text, start - 1);
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |at| at + 1)
}

/// Behind the line break that ends a line; the text has to end with one.
fn line_end(text: &str, at: usize) -> Option<usize> {
    text[at..].find('\n').map(|end| at + end + 1)
}

fn entry(indent: &str, opens: bool, name: &str, secret: &SecretName) -> String {
    let (head, indent) = match opens {
        true => (format!("{indent}resources:\n"), format!("{indent}  ")),
        false => (String::new(), indent.to_owned()),
    };
    let (scope, key) = (scalar(&secret.scope), scalar(&secret.key));
    format!("{head}{indent}- name: {name}\n{indent}  secret: {{scope: {scope}, key: {key}, permission: READ}}\n")
}

/// A name as YAML reads it as text.
fn scalar(name: &str) -> String {
    const OTHERS: &[&str] = &["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && !OTHERS.contains(&name.to_ascii_lowercase().as_str());
    if plain { name.to_owned() } else { format!("\"{name}\"") }
}
