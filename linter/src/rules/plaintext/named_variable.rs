mod neighbours;

use crate::{
    catalog::options,
    context::CellContext,
    model::{Argument, PropertySite, Role, Site},
    recognise::DocumentKind,
    rule::{Anchors, CellRule, Confidence, FixKind, RuleMeta, Severity},
    rules::{
        config::{self, FixOf, Report, position},
        shared::{self, Hit},
    },
    value::{
        bare, fallback,
        letters::is_random,
        names::{NameVerdict, is_machine_made, is_password, may_be_secret, verdict, words},
        plausible::{Implausible, implausible, is_wordy},
    },
};
use credscope_grammars::facts::{PropertyPlace, Verb};

pub static META: RuleMeta = RuleMeta {
    code: "CS106",
    name: "named-variable",
    summary: "plaintext credential under a name that says so",
    docs: include_str!("named_variable.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 10,
    cwe: &[798],
    since: "0.1.0",
};

pub struct NamedVariable;

impl CellRule for NamedVariable {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        let queries = super::sql::spans(cx.facts, &|facts| facts.queries.iter().map(|q| q.span).collect());
        for (i, site) in sites.iter().enumerate() {
            if let Role::Property(p) = &site.role
                && p.place == PropertyPlace::Document
            {
                document(cx, i, p);
                continue;
            }
            let Some(name) = name_of(site) else { continue };
            // A condition on a column is about data.
            if matches!(site.role, Role::Compare { .. }) && queries.iter().any(|q| q.contains(site.at.span)) {
                continue;
            }
            let text = site.text();
            // Of a list or dict of several secrets a value has to be random, unless each is of a stage or system.
            let member = neighbours::is_member(&site.role);
            if member && !neighbours::is_of_place(&site.role) && !neighbours::is_drawn(text.expose()) {
                continue;
            }
            let named = member
                || verdict(&name) == NameVerdict::Secret
                || neighbours::is_strong(text.expose()) && may_be_secret(&name);
            let option = is_option(site)
                && implausible(text.expose()).is_none()
                && !shared::is_number(text.expose())
                && !neighbours::describes_fields(text.expose(), site);
            let key = option || !named && is_key_shape(&name, text.expose());
            if !(named || key) || shared::has_slots(cx, i) {
                continue;
            }
            if !key && !looks_real(&name, text.expose(), site, shared::is_test(cx.path)) {
                continue;
            }
            let what = match &site.role {
                Role::Compare { .. } => format!("`{name}` is compared with a value that"),
                Role::Default { .. } => format!("default of parameter `{name}`"),
                _ => format!("value of `{name}`"),
            };
            shared::report(cx, &META, Hit::whole(site, &name, what).confidence(Confidence::Medium));
        }
    }
}

/// An entry whose key is an option of connectors beside another one, `sfToken` beside `sfURL`.
fn is_option(site: &Site) -> bool {
    const CONNECTORS: &[&str] =
        &["url", "dbtable", "driver", "user", "query", "host", "server", "database", "port", "username"];
    let Role::Entry { key, siblings } = &site.role else { return false };
    let connector = |key: &str| {
        let key = key.to_ascii_lowercase();
        key.contains('.') || key.starts_with("sf") || CONNECTORS.contains(&key.as_str())
    };
    options::is_secret(key) && siblings.iter().any(|(other, _)| other != key && connector(other))
}

/// A key of a configuration document. Values of a map `passwords` stand under its name.
fn document(cx: &mut CellContext<'_>, index: usize, property: &PropertySite) {
    let kind = cx.kind();
    let described = matches!(kind, Some(DocumentKind::Schema))
        || matches!(kind, Some(DocumentKind::Manifest))
            && property.path.iter().any(|k| k.ends_with("ependencies") || MANIFEST_TABLES.contains(&&**k));
    let beside = position::name_beside(property);
    let name = beside.as_deref().or_else(|| document_name(property));
    // `AWS::ApiGateway::ApiKey`: a type.
    let is_type = |name: &str| name.contains("::");
    let Some(name) = name.filter(|name| !described && !is_elsewhere(property) && !is_type(name)) else { return };
    let site = &cx.sites[index];
    let text = site.text();
    // `tokens: 12ab` counts or lists something; members of the map or list are the secrets.
    let member = property.key() != name && beside.is_none();
    let named = verdict(name) == NameVerdict::Secret || member && position::is_plural_secret(name);
    let is_phrase = text.expose().contains(' ') || !text.expose().bytes().any(|b| b.is_ascii_digit());
    if is_phrase && is_texts(cx.path) {
        return;
    }
    let range = fallback(text.expose()).unwrap_or(0..text.len());
    let value = text.expose().get(range.clone()).unwrap_or("");
    let key = !named && is_key_shape(name, value);
    if !(named || key) || shared::has_slots(cx, index) {
        return;
    }
    if is_width(name, value, property) {
        return;
    }
    if key || looks_real(name, value, site, shared::is_test(cx.path)) {
        let report = Report {
            what: format!("value of `{name}`"),
            // The reference is right, and falls back to what development setups ship with.
            severity: (range.len() < text.len() && shared::is_default(value)).then_some(Severity::Info),
            confidence: Confidence::Medium,
            fix: if config::takes_reference(site) { FixOf::Braces } else { config::fix_of(kind, name) },
        };
        config::report_at(cx, &META, site, range, name, report);
    }
}

/// Whether the values are encrypted, references, or paths into another document: `encryptedData` of a sealed secret, `secrets-manager`
/// of a build, `password.$` of a state machine.
fn is_elsewhere(property: &PropertySite) -> bool {
    const PARENTS: &[&str] = &["encryptedData", "encrypted", "secrets-manager", "parameter-store"];
    let beside = |name: &str| property.siblings.iter().any(|(key, _)| &**key == name);
    property.key().ends_with(".$")
        || property.path.iter().any(|key| PARENTS.contains(&&**key))
        // A plan of `check --fix --plan` says where secrets were.
        || beside("rotate") && beside("path") && beside("line")
}

/// `"pw": "1334", "ph": 750`: the width of a page, in the events that pages send.
fn is_width(name: &str, value: &str, property: &PropertySite) -> bool {
    const HEIGHTS: &[&str] = &["ph", "h", "height"];
    name == "pw" && shared::is_number(value) && property.siblings.iter().any(|(key, _)| HEIGHTS.contains(&&**key))
}

/// Texts that a program shows, in the language of its users.
fn is_texts(path: &str) -> bool {
    const WORDS: &[&str] = &["messages", "labels", "strings", "texts", "i18n", "translations", "locale", "locales"];
    let path = path.to_ascii_lowercase();
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let is_data = [".properties", ".json", ".yml", ".yaml"].iter().any(|end| name.ends_with(end));
    is_data
        && (WORDS.iter().any(|w| name.starts_with(w))
            || folder.split('/').any(|part| WORDS.contains(&part) && part != "labels" || part == "lang"))
}

/// What the members of a list or map of secrets say of each beside its value.
const ABOUT: &[&str] = &[
    "id", "uid", "uuid", "name", "version", "policy", "type", "kind", "source", "comment", "description", "created_by",
    "owner", "min", "max", "expires", "status", "scope", "alias", "arn", "shape", "ref", "target", "format", "pattern",
    "title", "summary", "documentation", "items",
];

/// Tables of package manifests whose keys are names of packages or commands.
const MANIFEST_TABLES: &[&str] =
    &["resolutions", "overrides", "packages", "engines", "scripts", "require", "require-dev", "project", "requires"];

/// The last key that is no number; the one before it when that is a map of secrets (not the label of a Terraform block).
fn document_name(property: &PropertySite) -> Option<&str> {
    let mut keys = property.path.iter().rev().map(|k| &**k).filter(|k| k.parse::<u32>().is_err());
    let (last, parent) = (keys.next()?, keys.next());
    let is_label =
        matches!(property.path.first().map(|k| &**k), Some("module" | "resource" | "data")) && property.path.len() <= 4;
    if verdict(last) == NameVerdict::Neutral
        && !is_label
        && !ABOUT.contains(&last)
        && !words(last).last().is_some_and(|word| ABOUT.contains(&&**word))
        && let Some(parent) = parent.filter(|p| position::is_plural_secret(p))
    {
        return Some(parent);
    }
    // `adminPassword: {value: …}` of templates and linked services, `Default` of a stack's parameter.
    const WRAPPERS: &[&str] = &["value", "Value", "default", "Default", "defaultValue"];
    if WRAPPERS.contains(&last)
        && !is_label
        && let Some(parent) = parent.filter(|p| verdict(p) == NameVerdict::Secret)
    {
        return Some(parent);
    }
    Some(last)
}

/// The name that a value stands under, where only a name speaks.
fn name_of(site: &Site) -> Option<String> {
    Some(match &site.role {
        Role::Bind { name, .. } | Role::Default { name } | Role::Compare { name, .. } => name.to_string(),
        Role::Entry { key, .. } => key.to_string(),
        Role::Return { name } => name.trim_start_matches("get_").trim_start_matches("get").to_owned(),
        // Widgets: name, default.
        Role::Argument(a) if is_widget(a) => widget_name(a)?,
        Role::Argument(a) => match (&a.keyword, a.method.as_ref()) {
            // Values of tasks, parameters of runs: key, value; a default instead of the value.
            (_, "set" | "get") if a.callee.ends_with("taskValues.set") || a.callee.ends_with("taskValues.get") => {
                let (at, names): (u32, &[&str]) = match &*a.method {
                    "set" => (1, &["value"]),
                    _ => (2, &["default", "debugValue"]),
                };
                let key = a.parameter(if at == 1 { 0 } else { 1 }, &["key"]);
                key.filter(|_| a.is_parameter(at, names) || at == 2 && a.index == Some(3))?.expose().to_owned()
            }
            (_, "log_param" | "set_tag" | "logParam" | "setTag") if a.is_parameter(1, &["value"]) => {
                a.parameter(0, &["key"])?.expose().to_owned()
            }
            (
                Some(_),
                "get" | "getBytes" | "getArgument" | "withColumnRenamed" | "rename" | "StructField" | "secret"
                | "put_secret" | "get_secret",
            ) => return None,
            // Widgets: name, default.
            (_, "text" | "dropdown" | "combobox" | "multiselect") if a.callee.contains("widgets") => {
                if !a.is_parameter(1, &["defaultValue", "default"]) {
                    return None;
                }
                a.parameter(0, &["name"])?.expose().to_owned()
            }
            // `add_argument("--password", default="…")`
            (Some(keyword), "add_argument" | "add_option" | "option" | "argument") if &**keyword == "default" => {
                let names = a.siblings.iter().filter(|(k, _)| k.is_none()).filter_map(|(_, name)| name.as_ref());
                let name = names.map(|n| n.expose()).rfind(|n| n.starts_with('-') || &*a.method == "argument")?;
                name.trim_start_matches('-').split('/').next()?.to_owned()
            }
            (Some(keyword), _) => keyword.to_string(),
            // `setattr(conf, "password", "…")`, `parser.set("db", "password", "…")`
            (None, "setattr" | "set") if a.index == Some(2) && a.siblings.len() == 3 => {
                a.positional(1)?.expose().to_owned()
            }
            (None, "DEFINE_string") if a.index == Some(1) => a.positional(0)?.expose().to_owned(),
            // `conf.add("password", "…")`, header and parameter setters.
            (None, "add_argument") => return None,
            (
                None,
                "setenv" | "putenv" | "setdefault" | "addHeader" | "setHeader" | "header" | "add_header"
                | "setParameter" | "with_option" | "setVariable" | "set_variable",
            ) if a.index == Some(1) => a.positional(0)?.expose().to_owned(),
            _ => return None,
        },
        // `CREATE WIDGET TEXT password DEFAULT '…'`.
        Role::Clause { words, verb: Verb::CreateWidget } => match words.as_slice() {
            [.., name, default] if &**default == "DEFAULT" => name.to_ascii_lowercase(),
            _ => return None,
        },
        Role::Property(p) if matches!(p.place, PropertyPlace::LineScan) => p.key().to_owned(),
        _ => return None,
    })
}

fn is_widget(argument: &Argument) -> bool {
    matches!(&*argument.method, "text" | "dropdown" | "combobox" | "multiselect") && argument.callee.contains("widgets")
}

/// The widget's name where the argument is its default, by position or by keyword.
fn widget_name(argument: &Argument) -> Option<String> {
    match &argument.keyword {
        None if argument.index != Some(1) => return None,
        Some(keyword) if !matches!(&**keyword, "defaultValue" | "default") => return None,
        _ => {}
    }
    let name = argument.keyword("name").or_else(|| argument.positional(0))?;
    Some(name.expose().to_owned())
}

/// `SALES_KEY = "…=="`: 64 or 32 random bytes under a name that only says `key`.
fn is_key_shape(name: &str, text: &str) -> bool {
    let base64 = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
    base64
        && (text.len() == 88 && text.ends_with("==") || text.len() == 44 && text.ends_with('='))
        && words(name).last().is_some_and(|w| w.trim_end_matches(|c: char| c.is_ascii_digit()).ends_with("key"))
        && !words(name).iter().any(|w| w == "public" || w.starts_with("pub"))
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().any(|b| b.is_ascii_uppercase())
}

/// A sign between letters that words do not have, `Summer!Rain`.
fn holds_sign(text: &str) -> bool {
    let is_address = text.contains('@') && text.contains('.');
    let mut around = text.as_bytes().windows(3);
    text.len() >= 8
        && !text.contains(char::is_whitespace)
        && !is_address
        && around.any(|w| w[0].is_ascii_alphabetic() && b"!#%&*@^~+?".contains(&w[1]) && w[2].is_ascii_alphabetic())
}

fn is_uuid(text: &str) -> bool {
    let groups = text.split('-').map(|group| (group.len(), group.bytes().all(|b| b.is_ascii_hexdigit())));
    groups.eq([8, 4, 4, 4, 12].map(|len| (len, true)))
}

/// Letters without digits are a token or key from here on, when no words have them.
const RANDOM: usize = 12;

/// `ClientRequestToken: 8f14e45f-…`: what makes a request count once.
fn is_of_request(words: &[String], text: &str) -> bool {
    const BEFORE: &[&str] = &["request", "creation", "change", "import", "action", "client", "idempotent"];
    is_uuid(text) && matches!(words, [.., before, token] if token == "token" && BEFORE.contains(&before.as_str()))
}

/// Whether the value can be a credential when the name alone says that it is one.
fn looks_real(name: &str, text: &str, site: &Site, in_test: bool) -> bool {
    let words = words(name);
    let password = is_password(name);
    if text.contains(crate::value::HOLE) || text.len() > 4096 {
        return false;
    }
    match implausible(text) {
        None => {}
        // `PASSWORD = "adminpassword"`: names of secrets have separators or capitals.
        Some(Implausible::Words)
            if password
                && !matches!(&site.role, Role::Property(p) if p.place == PropertyPlace::LineScan)
                && !matches!(site.role, Role::Compare { .. } | Role::Return { .. }) => {}
        Some(Implausible::SecretName)
            if password
                && words.len() == 1
                && text.len() >= 8
                && text.chars().all(|c| c.is_ascii_lowercase())
                && matches!(site.role, Role::Bind { .. } | Role::Entry { .. } | Role::Argument(_)) => {}
        Some(_) => return false,
    }
    let connects = words.iter().any(|w| w.starts_with("conn")) && !password;
    if connects && bare::is_address(text) {
        return false;
    }
    // `set_tag("token", "word2vec")`
    let is_tag = matches!(&site.role, Role::Argument(a) if matches!(&*a.method, "log_param" | "set_tag" | "logParam" | "setTag"));
    if is_tag && !password && !neighbours::is_drawn(text) {
        return false;
    }
    if is_wordy(text) && (is_machine_made(name) || text.bytes().any(|b| b.is_ascii_digit()) && in_test) {
        return false;
    }
    if shared::is_number(text) {
        return password && text.len() >= 4 && !matches!(site.role, Role::Compare { .. });
    }
    if is_of_request(&words, text) || words == crate::value::names::words(text) {
        return false;
    }
    if text.eq_ignore_ascii_case(name)
        || neighbours::is_among_columns(text, site)
        || neighbours::describes_fields(text, site)
    {
        return false;
    }
    let digit = text.bytes().any(|b| b.is_ascii_digit());
    let special = text.chars().any(|c| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.' | ' '));
    let mixed = text.chars().any(char::is_uppercase) && text.chars().any(char::is_lowercase);
    let random = text.len() >= RANDOM && is_random(text);
    if matches!(site.role, Role::Compare { .. } | Role::Return { .. })
        || matches!(&site.role, Role::Property(p) if p.place == PropertyPlace::LineScan)
    {
        return text.len() >= 6
            && (digit && (mixed || special || text.chars().any(char::is_alphabetic))
                || random
                || password && mixed && holds_sign(text))
            && !text.contains(['(', '[', '{', '$', '<', '|'])
            && !text.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with('*');
    }
    if password {
        return true;
    }
    // Tokens, keys and secrets are random: a word is a mode, a type, a column.
    text.len() >= 8 && (digit || special || random || text.len() >= 20 && mixed)
}
