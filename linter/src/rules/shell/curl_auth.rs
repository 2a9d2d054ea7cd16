use super::command::{Command, Part, Say, commands, is_token};
use crate::{
    catalog::shell,
    context::CellContext,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::{
        plaintext::header::is_key_header,
        shared::{self, Hit},
    },
    value::{HOLE, SlotKind, plausible::implausible},
};

pub static META: RuleMeta = RuleMeta {
    code: "CS402",
    name: "curl-auth",
    summary: "credential of a request on the command line",
    docs: include_str!("curl_auth.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 86,
    cwe: &[798, 214],
    since: "0.1.0",
};

pub struct CurlAuth;

const WHY: (&str, &str) = (
    "the credential becomes visible in the process list",
    "give it in a file or on standard input (`curl --config -`, `--netrc-file`)",
);

/// Flags with a header, and flags with a body.
const HEADERS: &[&str] = &["-H", "--header", "--proxy-header", "-Headers"];
const BODIES: &[&str] = &[
    "-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "-F", "--form", "--json",
    "--post-data", "--body-data", "-Body",
];

impl CellRule for CurlAuth {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for command in commands(sites) {
            let program = command.program().to_ascii_lowercase();
            if shell::HTTP.contains(&program.as_str()) {
                users(cx, &command);
                secrets(cx, &command);
                slots(cx, &command);
            } else if command.find(HEADERS).is_some() || command.has("=") {
                slots(cx, &command);
            }
            headers(cx, &command);
        }
    }
}

/// `-u user:password`, `-u TOKEN:`.
fn users<'a>(cx: &mut CellContext<'a>, command: &Command<'a>) {
    let mut found = command.values(shell::HTTP_USER);
    found.extend(command.attached(&["-u", "-U"]));
    for (part, flag) in found {
        let text = command.text(&part);
        let Some(colon) = text.find(':') else {
            let alone = !text.is_empty() && text.chars().all(|c| c == HOLE);
            if alone && matches!(flag, "-u" | "--user") && command.program() != "wget" {
                command.report_variable(cx, &META, part.word, "user", Severity::Info, WHY);
            }
            continue;
        };
        let password = Part { word: part.word, range: part.range.start + colon + 1..part.range.end };
        let value = command.text(&password);
        let start = part.range.start;
        if value.is_empty() && is_token(&text[..colon], cx.settings) {
            let user = Part { word: part.word, range: start..start + colon };
            command.report(cx, &META, &user, Say::new("token", format!("token given with `{flag}`")));
            continue;
        }
        let mut say = Say::new("password", format!("password given with `{flag}`"));
        say.variable = Some((Severity::Info, WHY));
        say.host = host(command);
        command.report(cx, &META, &password, say);
    }
}

/// Host that a request goes to.
fn host(command: &Command<'_>) -> Option<String> {
    command.arguments().map(|i| command.word(i)).find_map(|word| {
        let rest =
            word.split_once("://").map(|(_, rest)| rest).or_else(|| word.starts_with("localhost").then_some(word))?;
        Some(rest.rsplit('@').next().unwrap_or(rest).split([':', '/', '?']).next().unwrap_or("").to_owned())
    })
}

/// `--oauth2-bearer X`.
fn secrets<'a>(cx: &mut CellContext<'a>, command: &Command<'a>) {
    for (part, flag) in command.values(shell::HTTP_SECRET) {
        let mut say = Say::new(flag.trim_start_matches('-'), format!("value of `{flag}`"));
        say.variable = Some((Severity::Info, WHY));
        command.report(cx, &META, &part, say);
    }
}

/// `X-Api-Key: X`, and headers that a variable fills.
fn headers<'a>(cx: &mut CellContext<'a>, command: &Command<'a>) {
    for (part, _) in command.values(HEADERS) {
        let text = command.text(&part);
        let Some((name, value)) = text.split_once(':') else { continue };
        let (name, value) = (name.trim(), value.trim());
        let start = part.range.end - value.len();
        let key = name.to_ascii_lowercase();
        if is_key_header(&key) || key == "apikey" {
            let part = Part { word: part.word, range: start..part.range.end };
            if value.contains(HOLE) || implausible(value).is_none() {
                let mut say = Say::new(name, format!("header `{name}`"));
                say.variable = Some((Severity::Info, WHY));
                command.report(cx, &META, &part, say);
            }
        } else if key.ends_with("authorization") && value.contains(HOLE) {
            command.report_variable(cx, &META, part.word, "authorization", Severity::Info, WHY);
        }
    }
}

/// Headers, bodies, and what stands in URLs.
fn slots<'a>(cx: &mut CellContext<'a>, command: &Command<'a>) {
    for (at, word, slot) in command.slots(cx) {
        let Some(word) = word else { continue };
        let text = shared::hit_text(&cx.sites[at], Some(&slot.range));
        let text = text.expose();
        let before = word.checked_sub(1).map_or("", |i| command.word(i));
        let body =
            BODIES.contains(&before) || command.word(word).split_once('=').is_some_and(|(f, _)| BODIES.contains(&f));
        let what = match slot.kind {
            SlotKind::UserInfo => format!("password in the {} URL", slot.scheme),
            SlotKind::Header if text.len() >= 6 && implausible(text).is_none() => {
                format!("{} token of the `Authorization` header", slot.key)
            }
            SlotKind::QueryString if text.len() >= 6 && implausible(text).is_none() => {
                format!("`{}` of the request", slot.key)
            }
            SlotKind::EmbeddedDocument | SlotKind::ConnectionString if body && implausible(text).is_none() => {
                format!("`{}` of the request", slot.key)
            }
            _ => continue,
        };
        let before = cx.findings.len();
        command.report_slot(cx, &META, at, &slot, what);
        // A signed address works for a while only.
        let lower = command.word(word).to_ascii_lowercase();
        let signed = slot.key.eq_ignore_ascii_case("signature") && lower.contains("expires=");
        if signed
            && cx.findings.len() > before
            && let Some(finding) = cx.findings.last_mut()
        {
            finding.severity = Severity::Info;
        }
    }
    // A token alone before the `@`.
    for word in command.arguments() {
        let Some((_, site)) = command.site(cx, word) else { continue };
        if let Some(range) = super::command::user_token(command.word(word), cx.settings) {
            let mut hit = Hit::part(site, range, "token", "token in the URL");
            hit.confidence = command.confidence();
            shared::report(cx, &META, hit);
        }
    }
}
