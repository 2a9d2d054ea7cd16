use super::{
    command::{Part, Say, commands},
    urls,
};
use crate::{
    context::CellContext,
    model::Role,
    rule::{Anchors, CellRule, Confidence, FixKind, RuleMeta, Severity},
    value::{HOLE, SlotKind, plausible::implausible},
};
use credscope_grammars::facts::PropertyPlace;

pub static META: RuleMeta = RuleMeta {
    code: "CS404",
    name: "git-clone",
    summary: "credential in the address of a repository",
    docs: include_str!("git_clone.md"),
    severity: Severity::Error,
    fix: FixKind::SecretReference,
    anchors: Anchors::CredentialWords,
    precedence: 87,
    cwe: &[798, 522],
    since: "0.1.0",
};

pub struct GitClone;

const SUBJECT: &str = "repository";

impl CellRule for GitClone {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        let sites = cx.sites;
        for command in commands(sites) {
            if !matches!(command.program(), "git" | "hub" | "glab" | "svn" | "hg" | "svnadmin") {
                continue;
            }
            urls::report_command(cx, &META, &command, SUBJECT);
            for (at, word, slot) in command.slots(cx) {
                let Some(word) = word.filter(|_| slot.kind == SlotKind::Header) else { continue };
                let text = command.word(word).get(slot.range.clone()).unwrap_or("").to_owned();
                if implausible(&text).is_none() {
                    command.report_slot(cx, &META, at, &slot, "`http.extraHeader`".into());
                }
            }
            // `git -c http.extraHeader="AUTHORIZATION: basic X"`: not a header's beginning.
            for word in command.arguments() {
                let text = command.word(word);
                let lower = text.to_ascii_lowercase();
                let Some(at) = lower.find("authorization: ").filter(|_| lower.contains("extraheader") || word > 0)
                else {
                    continue;
                };
                let value = &text[at + 15..];
                let Some((scheme, token)) = value.split_once(' ') else { continue };
                if token.len() >= 8
                    && !token.contains([' ', HOLE])
                    && matches!(scheme.to_ascii_lowercase().as_str(), "basic" | "bearer" | "token")
                {
                    let part = Part { word, range: text.len() - token.len()..text.len() };
                    command.report(cx, &META, &part, Say::new("authorization", "`http.extraHeader`"));
                }
            }
            for (part, flag) in command.values(&["--password"]) {
                command.report(cx, &META, &part, Say::new("password", format!("value of `{flag}`")));
            }
        }
        for (at, site) in sites.iter().enumerate() {
            let Role::Property(p) = &site.role else { continue };
            let section = p.path.first().map_or("", |s| s);
            let in_git =
                section.starts_with("submodule ") || section.starts_with("remote ") || section.starts_with("url ");
            let source = matches!(p.key(), "git_url" | "git_source" | "repo_url" | "repository");
            if p.place == PropertyPlace::Document && (in_git || source) && site.text().expose().contains("://") {
                urls::report(cx, &META, at, SUBJECT, Confidence::High);
            }
        }
    }
}
