use super::command::{Command, Part, Say, commands};
use crate::{
    catalog::shell,
    context::CellContext,
    rule::{Anchors, CellRule, FixKind, RuleMeta, Severity},
    rules::shared::{self, Hit},
    value::{HOLE, SlotKind, find, plausible::implausible},
};

pub static META: RuleMeta = RuleMeta {
    code: "CS409",
    name: "history-echo",
    summary: "credential written in the text that a command reads",
    docs: include_str!("history_echo.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 87,
    cwe: &[798],
    since: "0.1.0",
};

pub struct HistoryEcho;

impl CellRule for HistoryEcho {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for command in commands(sites) {
            // `echo X | docker login --password-stdin`
            if matches!(command.program(), "echo" | "printf" | "Write-Output" | "echo.")
                && let Some(next) = &command.run.piped_to
            {
                let next: Vec<&str> = next.iter().map(|w| w.expose()).collect();
                let last = command.arguments().rev().find(|&i| !command.word(i).contains(HOLE));
                if let Some(word) = last.filter(|_| shell::reads_credential(&next)) {
                    let reader = next.iter().find(|w| !w.starts_with('-')).copied().unwrap_or("the next command");
                    let text = command.word(word);
                    let value = text.trim_end_matches("\\n").trim_end();
                    // `user:password` of chpasswd.
                    let skip = if next.contains(&"chpasswd") { value.find(':').map_or(0, |i| i + 1) } else { 0 };
                    if !value.starts_with('-') && (value.len() >= 4 || !value.contains('%')) && !is_format(value) {
                        let part = Part { word, range: skip..value.len() };
                        let what = format!("credential that `{reader}` reads");
                        command.report(cx, &META, &part, Say::new("password", what));
                    }
                }
            }
            encoded(cx, &command);
            // `kinit <<< X`, here-documents.
            let words: Vec<&str> = (0..command.len()).map(|i| command.word(i)).collect();
            let mut all: Vec<&str> = command.run.wrappers.iter().map(|w| w.expose()).collect();
            all.extend(&words);
            let reads = shell::reads_credential(&all);
            for &at in &command.input {
                input(cx, at, reads, command.confidence());
            }
        }
    }
}

/// `echo -n "user:password" | base64`: what a header of basic authentication holds.
fn encoded<'a>(cx: &mut CellContext<'a>, command: &Command<'a>) {
    let encodes = command.run.piped_to.as_ref().and_then(|next| next.first()).is_some_and(|w| w.expose() == "base64");
    if !encodes || !matches!(command.program(), "echo" | "printf") {
        return;
    }
    for word in command.arguments() {
        let text = command.word(word);
        let Some((user, password)) = text.split_once(':') else { continue };
        // `host:8080`, `image:latest`
        let is_name = |text: &str| text.chars().all(|c| c.is_alphabetic()) || shared::is_number(text);
        let named = !user.is_empty() && user.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '@' | '-'));
        if named && !is_name(password) && !password.contains(char::is_whitespace) && implausible(password).is_none() {
            let part = Part { word, range: user.len() + 1..text.len() };
            command.report(cx, &META, &part, Say::new("password", "password of a pair that is encoded"));
        }
    }
}

/// `%s\n`: the value is another word.
fn is_format(text: &str) -> bool {
    text.starts_with('%') && text.len() <= 4
}

fn input(cx: &mut CellContext<'_>, at: usize, reads: bool, confidence: crate::rule::Confidence) {
    let sites = cx.sites;
    let site = &sites[at];
    let text = site.text();
    let text = text.expose();
    if reads && !text.trim_end().contains('\n') && !text.contains(HOLE) && implausible(text).is_none() {
        let mut hit = Hit::whole(site, "password", "credential that the command reads");
        if text.trim_end().len() < text.len() {
            hit.range = Some(0..text.trim_end().len());
        }
        hit.confidence = confidence;
        shared::report(cx, &META, hit);
        return;
    }
    for token in find(text, cx.settings) {
        let mut hit =
            Hit::part(site, token.range.clone(), token.label, format!("{} that the command reads", token.label));
        hit.confidence = confidence.min(token.confidence);
        if token.lowered {
            hit.severity = Some(META.severity.lowered());
        }
        shared::report(cx, &META, hit);
    }
    for slot in cx
        .slots(at)
        .iter()
        .filter(|s| s.kind == SlotKind::UserInfo || s.kind == SlotKind::EmbeddedDocument && s.user.is_some())
    {
        let mut hit = Hit::part(site, slot.range.clone(), "password", "password in the text that the command reads");
        hit.host.clone_from(&slot.host);
        hit.confidence = confidence;
        shared::report(cx, &META, hit);
    }
}
