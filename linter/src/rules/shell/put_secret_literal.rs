use super::command::{Command, Part, Say, commands};
use crate::{
    catalog::{shell, stores},
    context::CellContext,
    finding::{Finding, Place},
    fix::{Applicability, CellEdit, Plan},
    model::{Argument, Role, Site},
    recognise::DocumentKind,
    rule::{Anchors, CellRule, Confidence, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
    value::{
        HOLE,
        names::{NameVerdict, verdict, words},
        plausible::{Implausible, implausible, is_wordy},
    },
};
use credscope_grammars::{Span, facts::PropertyPlace};

pub static META: RuleMeta = RuleMeta {
    code: "CS401",
    name: "put-secret-literal",
    summary: "secret value in the command or request that stores it",
    docs: include_str!("put_secret_literal.md"),
    severity: Severity::Error,
    fix: FixKind::Unsafe,
    anchors: Anchors::CredentialWords,
    precedence: 88,
    cwe: &[798, 214],
    since: "0.1.0",
};

pub struct PutSecretLiteral;

/// Flags with the value of a secret.
const VALUES: &[&str] = &["--string-value", "--bytes-value"];

/// Flags of the Databricks command line that are followed by a value.
const FLAGS: &[&str] = &[
    "--scope", "--key", "--profile", "-p", "--target", "-t", "--output", "-o", "--string-value", "--bytes-value",
    "--json", "--var", "--log-level", "--binary-file", "--comment",
];

/// Fields with the value in the request that stores a secret.
const FIELDS: &[&str] = &["string_value", "bytes_value"];

/// Endpoints that store a secret, with the fields of their requests.
const ENDPOINTS: &[(&str, &[&str])] = &[("/secrets/put", FIELDS), ("/unity-catalog/secrets", &["value"])];

const WHY: (&str, &str) = (
    "the value becomes visible in the process list and in verbose logs",
    "give it on standard input: `printf %s \"$VALUE\" | databricks secrets put-secret SCOPE KEY`",
);

impl CellRule for PutSecretLiteral {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for command in commands(sites) {
            request(cx, &command);
            if command.program() != "databricks" {
                continue;
            }
            if let Some(verb) = command.find(&["create-secret", "update-secret"])
                && command.has("secrets-uc")
            {
                unity(cx, &command, verb);
            }
            let Some(verb) = command.find(&["put-secret", "put", "write", "write-secret"]) else { continue };
            if !command.has("secrets") {
                continue;
            }
            for (part, flag) in command.values(VALUES) {
                value(cx, &command, verb, &part, flag);
            }
            for (part, _) in command.values(&["--json"]) {
                json(cx, &command, &part, FIELDS);
            }
        }
        for site in sites {
            stored(cx, site);
        }
    }
}

/// `curl …/api/2.0/secrets/put -d '{"string_value": "X"}'`, `databricks api post /api/2.0/secrets/put --json …`.
fn request<'a>(cx: &mut CellContext<'a>, command: &Command<'a>) {
    let sends = shell::HTTP.contains(&command.program()) || command.program() == "databricks" && command.has("api");
    if !sends {
        return;
    }
    let named = |end: &str| command.arguments().any(|i| command.word(i).contains(end));
    for (_, fields) in ENDPOINTS.iter().filter(|(end, _)| named(end)) {
        for word in command.arguments() {
            json(cx, command, &command.whole(word), fields);
        }
    }
}

/// The same request as a document or a dictionary of a program: `{"scope": "s", "key": "k", "string_value": "X"}`.
fn stored<'a>(cx: &mut CellContext<'a>, site: &'a Site) {
    let (field, siblings) = match &site.role {
        Role::Entry { key, siblings } => (&**key, siblings),
        Role::Argument(a) => return given(cx, site, a),
        Role::Property(p) if p.place == PropertyPlace::Document => (p.key(), &p.siblings),
        // Lines of a text are mostly examples.
        Role::Property(p) if p.place == PropertyPlace::LineScan => {
            let text = site.text();
            if implausible(text.expose()).is_some() || is_wordy(text.expose()) {
                return;
            }
            (p.key(), &p.siblings)
        }
        _ => return,
    };
    let beside = |name: &str| siblings.iter().any(|(key, _)| &**key == name);
    if !FIELDS.contains(&field)
        || !beside("scope")
        || !beside("key")
        || matches!(cx.kind(), Some(DocumentKind::Terraform | DocumentKind::Schema))
    {
        return;
    }
    // A word of a command, which is told.
    let is_told =
        |f: &Finding| f.rule.code == META.code && f.place.cell == site.at.cell && site.at.span.contains(f.place.span);
    if cx.findings.iter().any(is_told) {
        return;
    }
    told(cx, site, field);
}

/// The same request through a library: `w.secrets.put_secret("s", "k", string_value="X")`.
fn given<'a>(cx: &mut CellContext<'a>, site: &'a Site, argument: &Argument) {
    let Some(name) = stores::value_of(argument) else { return };
    let text = site.text();
    if implausible(text.expose()).is_none_or(|why| why == Implausible::Words) {
        told(cx, site, name);
    }
}

fn told<'a>(cx: &mut CellContext<'a>, site: &'a Site, field: &str) {
    let hit = Hit::whole(site, field, format!("`{field}` of the request that stores a secret"));
    if let Some(mut finding) = shared::finding(cx, &META, hit) {
        let title = "Store it by hand: databricks secrets put-secret SCOPE KEY asks for the value".to_owned();
        finding.plans = vec![Plan::Advice { title }];
        cx.report(finding);
    }
}

/// `--string-value X`.
fn value<'a>(cx: &mut CellContext<'a>, command: &Command<'a>, verb: usize, part: &Part, flag: &str) {
    let (scope, key) = names(command, verb);
    let key = key.unwrap_or("secret");
    let what = format!("value of secret `{}{key}` (`{flag}`)", scope.map_or(String::new(), |s| format!("{s}/")));
    let text = command.text(part);
    let before = cx.findings.len();
    let mut say = Say::new(key, what);
    say.variable = Some((Severity::Warning, WHY));
    command.report(cx, &META, part, say);
    // `"pre$VALUE"`: all of it is the value.
    if cx.findings.len() == before && text.contains(HOLE) {
        command.report_variable(cx, &META, part.word, key, Severity::Warning, WHY);
    }
    if cx.findings.len() == before {
        return;
    }
    let written = command.run.spans.get(part.word).map_or("", |s| s.of(&cx.cell.text));
    let is_variable = text.contains(HOLE) || written.contains('$') && !text.contains('$');
    let plan = plan(cx, command, verb, part, is_variable);
    if let Some(finding) = cx.findings.last_mut() {
        // Names of accounts and containers are no secrets.
        if is_public(key) {
            finding.severity = Severity::Info;
        }
        // The value goes into the store: that is what the line is for. Only the way there has to change.
        finding.plans = vec![plan];
    }
}

/// Names of accounts, users, places: `username`, `storage-account-name`, `volume_path`. A URL often holds a credential.
fn is_public(key: &str) -> bool {
    const LAST: &[&str] =
        &["name", "id", "user", "username", "host", "hostname", "port", "region", "database", "schema"];
    const PLACES: &[&str] = &["path", "folder", "directory", "volume", "catalog"];
    let words = words(key);
    let Some(last) = words.last().map(|w| w.as_str()) else { return false };
    verdict(key) == NameVerdict::Identifier && LAST.contains(&last)
        || verdict(key) != NameVerdict::Secret && PLACES.contains(&last)
}

/// Scope and key of a `put-secret`, positional or by flag.
fn names<'a>(command: &Command<'a>, verb: usize) -> (Option<&'a str>, Option<&'a str>) {
    let by_flag = |flag: &str| command.values(&[flag]).first().map(|(p, _)| command.text(p));
    let mut positional = command.positionals(verb, FLAGS).into_iter().map(|i| command.word(i));
    let mut next = |flag: &str| by_flag(flag).or_else(|| positional.next());
    let clean = |name: &'a str| Some(name).filter(|n| !n.contains(HOLE) && n.len() <= 128);
    (next("--scope").and_then(clean), next("--key").and_then(clean))
}

/// The value comes in on standard input, or the command asks for it.
fn plan<'a>(cx: &CellContext<'a>, command: &Command<'a>, verb: usize, part: &Part, is_variable: bool) -> Plan {
    let advice = Plan::Advice {
        title: "Give the value on standard input: printf %s \"$VALUE\" | databricks secrets put-secret SCOPE KEY"
            .into(),
    };
    // The old command line reads no input.
    if command.word(verb) != "put-secret" || command.run.has_input || command.run.is_piped_from {
        return advice;
    }
    let text = &cx.cell.text;
    let Some(&value) = command.run.spans.get(part.word) else { return advice };
    let first = if part.range.start > 0 { part.word } else { part.word - 1 };
    let (Some(&flag), Some(&before)) = (command.run.spans.get(first), command.run.spans.get(first - 1)) else {
        return advice;
    };
    let removed = Span { start: before.end, end: value.end };
    let one_line = removed.of(text).replace("\\\n", "  ");
    if flag.start < before.end || value.end < flag.start || one_line.contains('\n') {
        return advice;
    }
    let cell = command.run.place.cell;
    let mut edits = vec![CellEdit { place: Place { cell, span: removed }, text: String::new() }];
    if is_variable {
        let source = value.of(text);
        let source = source.get(source.len() - value_source_len(source, part)..).unwrap_or(source);
        // Blanks and stars in the value are part of it.
        let source = if source.contains(['"', '\'']) { source.to_owned() } else { format!("\"{source}\"") };
        let start = command.run.place.span.start;
        let at = Span { start, end: start };
        edits.insert(0, CellEdit { place: Place { cell, span: at }, text: format!("printf %s {source} | ") });
        return Plan::Edit {
            title: "Give the value on standard input".into(),
            applicability: Applicability::Unsafe,
            edits,
        };
    }
    // Without a terminal nobody is asked.
    if command.run.is_hosted && !command.run.is_shown || cx.document.is_notebook() {
        return advice;
    }
    // In a script it would read what comes next on standard input, or nothing, and store that.
    if !command.run.is_shown {
        let name = variable_for(command, verb);
        let start = command.run.place.span.start;
        let text = format!("printf %s \"${{{name}:?}}\" | ");
        edits.insert(0, CellEdit { place: Place { cell, span: Span { start, end: start } }, text });
        let title = format!("Give the value on standard input, from the variable `{name}`");
        return Plan::Edit { title, applicability: Applicability::Unsafe, edits };
    }
    Plan::Edit {
        title: "Let the command ask for the value (at a terminal)".into(),
        applicability: Applicability::Unsafe,
        edits,
    }
}

/// `JDBC_PASSWORD`, for the secret `jdbc/password`.
fn variable_for(command: &Command<'_>, verb: usize) -> String {
    let (scope, key) = names(command, verb);
    let all: Vec<String> = [scope, key].into_iter().flatten().flat_map(words).collect();
    let name: String = all
        .join("_")
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect::<String>()
        .to_ascii_uppercase();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("SECRET_{name}") }
}

/// Length of the value at the end of `--flag=value` as written.
fn value_source_len(source: &str, part: &Part) -> usize {
    if part.range.start == 0 { source.len() } else { source.split_once('=').map_or(source.len(), |(_, v)| v.len()) }
}

/// `--json '{"string_value": "X"}'`.
fn json<'a>(cx: &mut CellContext<'a>, command: &Command<'a>, part: &Part, keys: &[&str]) {
    let Some((_, site)) = command.site(cx, part.word) else { return };
    let text = site.text();
    let text = text.expose();
    for key in keys {
        let Some(at) = text.find(&format!("\"{key}\"")) else { continue };
        let rest = &text[at + key.len() + 2..];
        let Some(open) = rest.find('"').filter(|o| rest[..*o].trim() == ":") else { continue };
        let start = at + key.len() + 2 + open + 1;
        let Some(len) = text[start..].find('"').filter(|l| *l > 0) else { continue };
        let mut hit = Hit::part(site, start..start + len, key, format!("`{key}` of the request"));
        hit.confidence = command.confidence();
        let before = cx.findings.len();
        shared::report(cx, &META, hit);
        if cx.findings.len() > before
            && let Some(finding) = cx.findings.last_mut()
        {
            finding.plans =
                vec![Plan::Advice { title: "Keep the request in a file that is not in the repository: @file".into() }];
        }
    }
}

/// `secrets-uc create-secret NAME CATALOG SCHEMA VALUE`: no flag keeps the value off the line.
fn unity<'a>(cx: &mut CellContext<'a>, command: &Command<'a>, verb: usize) {
    for (part, _) in command.values(&["--json"]) {
        json(cx, command, &part, &["value"]);
    }
    let positional = command.positionals(verb, FLAGS);
    if command.word(verb) != "create-secret" {
        return;
    }
    let Some(&word) = positional.get(3) else { return };
    let before = cx.findings.len();
    let name = command.word(positional[0]).to_owned();
    let mut say = Say::new(&name, format!("value of secret `{name}`, a word of the command line,"));
    say.variable = Some((
        Severity::Warning,
        ("the value becomes visible in the process list", "give the request with `--json @file`"),
    ));
    say.confidence = Confidence::High;
    command.report(cx, &META, &command.whole(word), say);
    if cx.findings.len() > before
        && let Some(finding) = cx.findings.last_mut()
    {
        let title = "Give name, catalog, schema and value in a file: --json @file".to_owned();
        finding.plans = vec![Plan::Advice { title }];
    }
}
