//! A command line as the rules see it: its program behind wrappers and containers, its flags with their values.

use std::{ops::Range, sync::Arc};

use credscope_grammars::Secret;

use crate::{
    catalog::shell,
    context::CellContext,
    finding::{Finding, Place},
    model::{CommandRun, Role, Site},
    rule::{Confidence, RuleMeta, Severity},
    rules::shared::{self, Hit},
    settings::Settings,
    value::{CredentialSlot, HOLE, find},
};

/// A command with its sites.
pub(super) struct Command<'a> {
    pub run: &'a CommandRun,
    words: &'a [Secret],
    /// Index of the word that names the program.
    pub first: usize,
    /// Sites of the words: index of the word, index in `cx.sites`.
    sites: Vec<(usize, usize)>,
    /// Variables that the command sets: name, index in `cx.sites`.
    pub variables: Vec<(&'a str, usize)>,
    /// What it reads: indices in `cx.sites`.
    pub input: Vec<usize>,
    /// The command stands in commented-out code.
    pub in_comment: bool,
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub word: usize,
    /// Bytes of the word's text.
    pub range: Range<usize>,
}

/// All commands of a cell, in order of their first sites.
pub(super) fn commands<'a>(sites: &'a [Site]) -> Vec<Command<'a>> {
    let mut found: Vec<Command<'a>> = Vec::new();
    let mut known: std::collections::HashMap<*const CommandRun, usize> = std::collections::HashMap::new();
    for (i, site) in sites.iter().enumerate() {
        let Role::Command(role) = &site.role else { continue };
        let at = *known.entry(Arc::as_ptr(&role.run)).or_insert_with(|| {
            let first = program(&role.words);
            found.push(Command {
                run: &role.run,
                words: &role.words,
                first,
                sites: Vec::new(),
                variables: Vec::new(),
                input: Vec::new(),
                in_comment: site.in_comment,
            });
            found.len() - 1
        });
        let command = &mut found[at];
        match (&role.variable, role.index) {
            (Some(name), _) => command.variables.push((name, i)),
            (None, Some(index)) => command.sites.push((index as usize, i)),
            (None, None) => command.input.push(i),
        }
    }
    found
}

/// Where the program stands that a command line really runs: behind prompts, `env`, `python -m`, `docker exec x`, `ssh h`.
fn program(words: &[Secret]) -> usize {
    let name = |i: usize| words.get(i).map_or("", |w| base(w.expose()));
    let mut at = 0;
    while matches!(name(at), "$" | "#" | ">" | "%" | "PS>" | "&" | "env" | "call" | "start") && at + 1 < words.len() {
        at += 1;
    }
    while at > 0 && name(at).starts_with('-') && at + 1 < words.len() {
        at += 1;
    }
    match name(at) {
        "python" | "python3" | "py" if name(at + 1) == "-m" && at + 2 < words.len() => at + 2,
        "uv" | "pipenv" | "poetry" | "pdm" if matches!(name(at + 1), "run") && at + 2 < words.len() => at + 2,
        "docker" | "podman" | "kubectl" | "oc" | "docker-compose" | "ssh" | "nerdctl" | "gcloud" | "npx" | "pnpm" => {
            let inner = (at + 2..words.len()).find(|&i| {
                let word = base(words[i].expose());
                !word.starts_with('-')
                    && shell::ROWS.iter().any(|r| r.programs.contains(&word))
                    && !words[at..].iter().any(|w| w.expose() == "login")
                    && word != name(at)
            });
            inner.unwrap_or(at)
        }
        _ => at,
    }
}

/// Name of a program without its folder and ending.
fn base(word: &str) -> &str {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    name.strip_suffix(".exe").unwrap_or(name).trim_start_matches('@')
}

impl<'a> Command<'a> {
    /// Name of the program, without folder; empty for bare assignments.
    pub fn program(&self) -> &'a str {
        self.words.get(self.first).map_or("", |w| base(w.expose()))
    }

    pub fn word(&self, index: usize) -> &'a str {
        self.words.get(index).map_or("", |w| w.expose())
    }

    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// The program with its words.
    pub fn place(&self) -> Place {
        let spans = self.run.spans.get(self.first..).unwrap_or(&[]);
        let span = spans.iter().copied().reduce(|a, b| a.cover(b)).unwrap_or(self.run.place.span);
        Place { cell: self.run.place.cell, span }
    }

    /// Indices of the words behind the program.
    pub fn arguments(&self) -> Range<usize> {
        (self.first + 1).min(self.words.len())..self.words.len()
    }

    pub fn has(&self, word: &str) -> bool {
        self.arguments().any(|i| self.word(i) == word)
    }

    /// Index of the first argument that is one of `words`.
    pub fn find(&self, words: &[&str]) -> Option<usize> {
        self.arguments().find(|&i| words.contains(&self.word(i)))
    }

    pub fn whole(&self, word: usize) -> Part {
        Part { word, range: 0..self.word(word).len() }
    }

    pub fn text(&self, part: &Part) -> &'a str {
        self.word(part.word).get(part.range.clone()).unwrap_or("")
    }

    /// Values of flags: the next word, or what follows `=` in the same.
    pub fn values(&self, flags: &[&str]) -> Vec<(Part, &'a str)> {
        let mut found = Vec::new();
        for i in self.arguments() {
            let word = self.word(i);
            if flags.contains(&word) {
                if i + 1 < self.len() {
                    found.push((self.whole(i + 1), word));
                }
            } else if let Some((flag, _)) = word.split_once('=')
                && flags.contains(&flag)
            {
                found.push((self.unquoted(i, flag.len() + 1..word.len()), flag));
            }
        }
        found
    }

    /// What follows a short flag in the same word: `-pX`.
    pub fn attached(&self, flags: &[&str]) -> Vec<(Part, &'a str)> {
        let mut found = Vec::new();
        for i in self.arguments() {
            let word = self.word(i);
            if let Some(flag) = flags.iter().find(|f| f.len() == 2 && word.len() > 2 && word.starts_with(**f)) {
                found.push((Part { word: i, range: flag.len()..word.len() }, &word[..2]));
            }
        }
        found
    }

    fn unquoted(&self, word: usize, range: Range<usize>) -> Part {
        Part { word, range }
    }

    /// Words behind `index` that are no flags (and no values of `--flag value`).
    pub fn positionals(&self, index: usize, flags_with_values: &[&str]) -> Vec<usize> {
        let mut found = Vec::new();
        let mut i = index + 1;
        while i < self.len() {
            let word = self.word(i);
            if word.starts_with('-') && word.len() > 1 {
                i += usize::from(flags_with_values.contains(&word));
            } else {
                found.push(i);
            }
            i += 1;
        }
        found
    }

    /// The site of a word whose text is the word's.
    pub fn site(&self, cx: &CellContext<'a>, word: usize) -> Option<(usize, &'a Site)> {
        let (_, at) = self.sites.iter().find(|(w, _)| *w == word)?;
        Some((*at, &cx.sites[*at]))
    }

    /// Credential slots of the words and variables: index in `cx.sites`, index of the word, slot.
    pub fn slots(&self, cx: &CellContext<'a>) -> Vec<(usize, Option<usize>, CredentialSlot)> {
        let words = self.sites.iter().map(|(w, at)| (*at, Some(*w)));
        let others = self.variables.iter().map(|(_, at)| (*at, None));
        words
            .chain(others)
            .flat_map(|(at, w)| cx.slots(at).iter().map(|s| (at, w, s.clone())).collect::<Vec<_>>())
            .collect()
    }

    /// Confidence of a finding: lower for commands that are shown, not run.
    pub fn confidence(&self) -> Confidence {
        if self.run.is_shown { Confidence::Low } else { Confidence::High }
    }

    /// Reports a part of a word: a literal, or, with a severity for it, a variable that stands alone there.
    pub fn report(&self, cx: &mut CellContext<'a>, meta: &'static RuleMeta, part: &Part, say: Say<'_>) {
        let text = self.text(part);
        if text.is_empty() {
            return;
        }
        if text.contains(HOLE) {
            let alone = text.chars().all(|c| c == HOLE);
            if let Some((severity, why)) = say.variable.filter(|_| alone) {
                self.report_variable(cx, meta, part.word, say.key, severity, why);
            }
            return;
        }
        let Some((_, site)) = self.site(cx, part.word) else { return };
        let whole = part.range == (0..site.text().len());
        let mut hit = if whole {
            Hit::whole(site, say.key, say.what)
        } else {
            Hit::part(site, part.range.clone(), say.key, say.what)
        };
        hit.confidence = self.confidence().min(say.confidence);
        hit.host = say.host;
        hit.severity = say.severity;
        let before = cx.findings.len();
        shared::report(cx, meta, hit);
        // A variable whose text is a placeholder until somebody fills it in.
        if cx.findings.len() == before
            && let Some((severity, why)) = say.variable
        {
            self.report_variable(cx, meta, part.word, say.key, severity, why);
        }
    }

    /// Says that a variable becomes visible on the command line. Not for what a CI system (`${{ … }}`) or a
    /// program around the line fills in.
    pub fn report_variable(
        &self,
        cx: &mut CellContext<'a>,
        meta: &'static RuleMeta,
        word: usize,
        key: &str,
        severity: Severity,
        (message, help): (&str, &str),
    ) {
        let Some(&span) = self.run.spans.get(word) else { return };
        let source = span.of(&cx.cell.text);
        // Between single quotes nothing is filled in.
        let is_literal = self.word(word).contains('$');
        if self.run.is_shown || source.contains("{{") || !source.contains('$') || is_literal {
            return;
        }
        let place = Place { cell: self.run.place.cell, span };
        let finding = Finding::at(meta, place, message.to_owned()).help(help).severity(severity).subject(key);
        cx.report(finding);
    }

    /// Reports a slot of a site.
    pub fn report_slot(
        &self,
        cx: &mut CellContext<'a>,
        meta: &'static RuleMeta,
        site: usize,
        slot: &CredentialSlot,
        what: String,
    ) {
        let key = if slot.key == "userinfo" { "password" } else { &slot.key };
        let mut hit = Hit::part(&cx.sites[site], slot.range.clone(), key, what);
        hit.host.clone_from(&slot.host);
        hit.confidence = self.confidence();
        shared::report(cx, meta, hit);
    }
}

/// What a finding says.
pub(super) struct Say<'s> {
    pub key: &'s str,
    pub what: String,
    pub host: Option<String>,
    pub confidence: Confidence,
    pub severity: Option<Severity>,
    /// Severity, message and help when a variable stands there.
    pub variable: Option<(Severity, (&'s str, &'s str))>,
}

impl<'s> Say<'s> {
    pub fn new(key: &'s str, what: impl Into<String>) -> Self {
        Self { key, what: what.into(), host: None, confidence: Confidence::High, severity: None, variable: None }
    }
}

/// A token that stands as the user of a URL: `https://TOKEN@host`, `https://TOKEN:x-oauth-basic@host`. Bytes of `text`.
pub(super) fn user_token(text: &str, settings: &Settings) -> Option<Range<usize>> {
    let start = text.find("://")? + 3;
    let rest = &text[start..];
    let end = rest.find(['/', '?', '#', '"', '\'', ' ']).unwrap_or(rest.len());
    let at = rest[..end].rfind('@')?;
    let (user, password) = rest[..at].split_once(':').unwrap_or((&rest[..at], ""));
    let filler = password.is_empty() || matches!(password, "x-oauth-basic" | "x" | "X" | "api_token");
    (filler && is_token(user, settings)).then(|| start..start + user.len())
}

/// Whether a word looks like a token and not like a user's name.
pub(super) fn is_token(word: &str, settings: &Settings) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    !word.contains(HOLE)
        && (!find(word, settings).is_empty()
            || word.len() >= 20
                && word.chars().all(plain)
                && digits >= 3
                && word.bytes().any(|b| b.is_ascii_alphabetic()))
}
