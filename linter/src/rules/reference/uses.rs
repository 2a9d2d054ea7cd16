//! References to secrets as the rules see them: calls that read one, and `{{secrets/scope/key}}`.

use std::{ops::Range, sync::OnceLock};

use credscope_grammars::facts::PropertyPlace;

use crate::{
    finding::Place,
    model::{Role, Site},
    value::names::{NameVerdict, verdict, words},
};

/// One name of a reference: the scope or the key.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    /// Index among the sites of its cell.
    pub site: usize,
    /// Bytes of the site's text; `None`: all of it.
    pub range: Option<Range<usize>>,
    pub text: String,
    /// In lower case.
    pub lower: Box<str>,
    says: OnceLock<Says>,
}

/// What a name says by its words.
#[derive(Clone, Debug)]
pub(crate) struct Says {
    pub verdict: NameVerdict,
    pub words: Vec<String>,
}

impl Name {
    fn new(site: usize, range: Option<Range<usize>>, text: &str) -> Self {
        let lower = text.to_ascii_lowercase().into();
        Self { site, range, text: text.to_owned(), lower, says: OnceLock::new() }
    }

    /// Found when first asked for: a reference is asked again with every version of its document.
    pub fn says(&self) -> &Says {
        self.says.get_or_init(|| Says { verdict: verdict(&self.text), words: words(&self.text) })
    }

    /// Where the name stands: with its quotes when it is a literal of its own.
    pub fn place(&self, sites: &[Site]) -> Option<Place> {
        let site = &sites[self.site];
        match &self.range {
            None => site.literal().map(|l| Place { cell: l.cell, span: l.literal }),
            Some(range) => site.locate(range.clone()).map(|l| Place { cell: l.cell, span: l.span }),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Use {
    pub scope: Option<Name>,
    pub key: Option<Name>,
    /// The call, or the text that the reference stands in.
    pub place: Place,
    pub in_comment: bool,
}

/// Calls that name a secret, by the end of their path, with whether the name of the key follows the scope's.
const CALLS: &[(&str, bool)] = &[
    ("secrets.get", true),
    ("secrets.getBytes", true),
    ("secrets.get_secret", true),
    ("secrets.put_secret", true),
    ("secrets.delete_secret", true),
    ("secrets.list", false),
    ("secrets.list_secrets", false),
    ("secrets.create_scope", false),
];

/// Functions of SQL.
const FUNCTIONS: &[&str] = &["secret", "try_secret"];

fn call(callee: &str) -> Option<bool> {
    if FUNCTIONS.contains(&callee) {
        return Some(true);
    }
    let found = CALLS.iter().find(|(end, _)| {
        callee
            .strip_suffix(end)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with(['.', '_']) && !rest.ends_with("__"))
    });
    found.map(|(_, key)| *key)
}

/// All references of a cell, in order.
pub(crate) fn uses(sites: &[Site]) -> Vec<Use> {
    let mut found: Vec<Use> = Vec::new();
    for (i, site) in sites.iter().enumerate() {
        if let Role::Argument(a) = &site.role
            && let Some(has_key) = call(&a.callee)
        {
            // Names of Unity Catalog: catalog, schema, key.
            if a.siblings.iter().any(|(k, _)| matches!(k.as_deref(), Some("catalog" | "schema"))) {
                continue;
            }
            let at = match found
                .iter()
                .position(|u| u.place == a.call && u.scope.as_ref().is_none_or(|s| s.range.is_none()))
            {
                Some(at) => at,
                None => {
                    found.push(Use { scope: None, key: None, place: a.call, in_comment: site.in_comment });
                    found.len() - 1
                }
            };
            let name = Some(Name::new(i, None, site.text().expose()));
            match (a.keyword.as_deref(), a.index) {
                (Some("scope"), _) | (None, Some(0)) => found[at].scope = name,
                (Some("key"), _) | (None, Some(1)) if has_key => found[at].key = name,
                _ => {}
            }
        }
        braces(i, site, &mut found);
    }
    found
}

/// Names of scopes and secrets that documents and commands give, where nothing is read: `secret_scopes` and apps of bundles, Terraform,
/// `databricks secrets put-secret`.
pub(crate) fn given(sites: &[Site]) -> Vec<Use> {
    let one = |(i, site): (usize, &Site)| {
        let part = match &site.role {
            Role::Property(p) if p.place == PropertyPlace::Document => {
                let path: Vec<&str> = p.path.iter().map(|k| &**k).filter(|k| k.parse::<u32>().is_err()).collect();
                named_by(&path)?
            }
            Role::Command(c) => {
                let words: Vec<&str> = c.words.iter().map(|w| w.expose()).collect();
                named_in(&words, c.index? as usize)?
            }
            _ => return None,
        };
        let name = Some(Name::new(i, None, site.text().expose()));
        let (scope, key) = match part {
            Part::Scope => (name, None),
            Part::Key => (None, name),
        };
        Some(Use { scope, key, place: site.at, in_comment: site.in_comment })
    };
    sites.iter().enumerate().filter_map(one).collect()
}

enum Part {
    Scope,
    Key,
}

fn named_by(path: &[&str]) -> Option<Part> {
    match path {
        [.., "secret_scopes", _, "name"] | ["resource", "databricks_secret_scope", _, "name"] => Some(Part::Scope),
        ["resource", "databricks_secret" | "databricks_secret_acl", _, last]
        | [.., "resources", "secret", last]
        | ["resource", "databricks_app", .., "secret", last] => match *last {
            "scope" => Some(Part::Scope),
            "key" => Some(Part::Key),
            _ => None,
        },
        _ => None,
    }
}

/// The part of a name that the word at `index` of a command line is.
fn named_in(words: &[&str], index: usize) -> Option<Part> {
    const VERBS: &[&str] = &[
        "create-scope", "delete-scope", "put-secret", "get-secret", "delete-secret", "list-secrets", "put-acl",
        "get-acl", "delete-acl", "list-acls", "put", "write", "delete", "list",
    ];
    let at = words.windows(2).position(|w| w[0] == "secrets" && VERBS.contains(&w[1]))? + 1;
    let before = *words.get(index.checked_sub(1)?)?;
    if !words[0].ends_with("databricks") || index <= at {
        return None;
    }
    match before {
        "--scope" => return Some(Part::Scope),
        "--key" => return Some(Part::Key),
        _ => {}
    }
    // Positional names follow the verb; flags stand behind them.
    let positional = words[at + 1..=index].iter().all(|w| !w.starts_with('-'));
    match (index - at, positional, words[at].ends_with("-secret")) {
        (1, true, _) => Some(Part::Scope),
        (2, true, true) => Some(Part::Key),
        _ => None,
    }
}

/// `{{secrets/scope/key}}`, spelled right.
fn braces(index: usize, site: &Site, found: &mut Vec<Use>) {
    let text = site.text();
    let text = text.expose();
    if !text.contains('{') {
        return;
    }
    let mut from = 0;
    while let Some(open) = text[from..].find("{{secrets/").map(|i| from + i) {
        let start = open + "{{secrets/".len();
        let Some(close) = text[start..].find("}}").map(|i| start + i) else { return };
        from = close + 2;
        let inner = &text[start..close];
        let Some((scope, key)) = inner.split_once('/') else { continue };
        if key.contains('/') || inner.contains(['{', '}', '\n']) {
            continue;
        }
        let name = |range: Range<usize>| Some(Name::new(index, Some(range.clone()), &text[range]));
        let place = site.at;
        let scope = name(start..start + scope.len());
        let key = name(close - key.len()..close);
        found.push(Use { scope, key, place, in_comment: site.in_comment });
    }
}
