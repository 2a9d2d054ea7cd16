//! Credentials in URLs of packages and repositories: on command lines and in documents.

use super::command::{Command, user_token};
use crate::{
    context::CellContext,
    model::Site,
    rule::{Confidence, RuleMeta},
    rules::shared::{self, Hit},
    value::SlotKind,
};

/// Reports the credentials of URLs in a site's text. `subject` says whose URL it is: `package index`.
pub(super) fn report<'a>(
    cx: &mut CellContext<'a>,
    meta: &'static RuleMeta,
    at: usize,
    subject: &str,
    confidence: Confidence,
) {
    let site: &'a Site = &cx.sites[at];
    for slot in cx.slots(at).iter().filter(|s| matches!(s.kind, SlotKind::UserInfo | SlotKind::QueryString)) {
        if matches!(shared::hit_text(site, Some(&slot.range)).expose(), "x-oauth-basic" | "x" | "X") {
            continue;
        }
        let mut hit = Hit::part(site, slot.range.clone(), "token", format!("credential in the URL of a {subject}"));
        hit.host.clone_from(&slot.host);
        hit.user.clone_from(&slot.user);
        hit.confidence = confidence;
        shared::report(cx, meta, hit);
    }
    let text = site.text();
    if let Some(range) = user_token(text.expose(), cx.settings).or_else(|| channel_token(text.expose(), cx.settings)) {
        let mut hit = Hit::part(site, range, "token", format!("token in the URL of a {subject}"));
        hit.confidence = confidence;
        shared::report(cx, meta, hit);
    }
}

/// All words and variables of a command.
pub(super) fn report_command<'a>(
    cx: &mut CellContext<'a>,
    meta: &'static RuleMeta,
    command: &Command<'a>,
    subject: &str,
) {
    for word in command.arguments() {
        if command.word(word).contains("://")
            && let Some((at, _)) = command.site(cx, word)
        {
            report(cx, meta, at, subject, command.confidence());
        }
    }
}

/// `https://conda.example.com/t/TOKEN/channel`.
fn channel_token(text: &str, settings: &crate::settings::Settings) -> Option<std::ops::Range<usize>> {
    let start = text.find("/t/").filter(|_| text.contains("://"))? + 3;
    let len = text[start..].find('/').unwrap_or(text.len() - start);
    super::command::is_token(&text[start..start + len], settings).then(|| start..start + len)
}
