//! From a site to a finding: what all literal rules do alike.

use std::ops::Range;

use credscope_grammars::{
    Secret, Span,
    facts::{ExprKind, PropertyPlace, Verb},
};

use crate::{
    catalog::options,
    context::CellContext,
    finding::{Finding, Place},
    fix::{Plan, TargetPlace},
    model::{Located, Piece, Role, Site},
    rule::{Confidence, RuleMeta, Severity},
    value::{self, development},
};

mod messages;
mod plans;

pub(crate) use messages::fitted;
use messages::{LONGEST, with_format};
pub use plans::PlanCache;

/// A credential found at a site, before it is a finding.
pub struct Hit<'a> {
    pub site: &'a Site,
    /// Bytes of the site's text; `None`: all of it.
    pub range: Option<Range<usize>>,
    /// Option, key, parameter or variable that it stands under.
    pub key: String,
    /// What it is, to begin a sentence with: `password of the JDBC connection`.
    pub what: String,
    pub confidence: Confidence,
    /// Host that the credential is for, when the value says so.
    pub host: Option<String>,
    /// Bytes of the site's text that hold the user name beside it.
    pub user: Option<Range<usize>>,
    /// Severity when it is not the rule's own.
    pub severity: Option<Severity>,
    /// A fix of the rule's own, beside the move of the credential.
    pub plan: Option<Plan>,
}

impl<'a> Hit<'a> {
    pub fn whole(site: &'a Site, key: &str, what: impl Into<String>) -> Self {
        Self {
            site,
            range: None,
            key: key.to_owned(),
            what: what.into(),
            confidence: Confidence::High,
            host: None,
            user: None,
            severity: None,
            plan: None,
        }
    }

    pub fn part(site: &'a Site, range: Range<usize>, key: &str, what: impl Into<String>) -> Self {
        Self { range: Some(range), ..Self::whole(site, key, what) }
    }

    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }
}

/// Text that a hit is about.
pub fn hit_text(site: &Site, range: Option<&Range<usize>>) -> Secret {
    let text = site.text();
    match range {
        Some(range) => text.expose().get(range.clone()).unwrap_or("").into(),
        None => text,
    }
}

/// Reports a hit unless its value is a placeholder. The finding stands at the literal; a use elsewhere is related.
pub fn report(cx: &mut CellContext<'_>, meta: &'static RuleMeta, hit: Hit<'_>) {
    if let Some(finding) = finding(cx, meta, hit) {
        cx.report(finding);
    }
}

/// Whether a text is what the program replaces by something else: `template.replace("@@password", value)`.
fn is_marker(cx: &CellContext<'_>, text: &str) -> bool {
    const METHODS: &[&str] = &["replace", "replaceAll", "replaceFirst", "replaceAllLiterally", "sub", "gsub"];
    cx.facts.exprs.iter().any(|e| match &e.kind {
        ExprKind::Call { callee, args, .. } => {
            let name = match &cx.facts.expr(*callee).kind {
                ExprKind::Attr { name, .. } | ExprKind::Name(name) => &**name,
                _ => return false,
            };
            let old = || cx.facts.str_lit(args.first()?.value)?.plain();
            METHODS.contains(&name) && args.len() > 1 && old().is_some_and(|old| old.expose() == text)
        }
        _ => false,
    })
}

/// The finding that [`report`] reports, for rules that give it a fix of their own.
pub fn finding(cx: &CellContext<'_>, meta: &'static RuleMeta, mut hit: Hit<'_>) -> Option<Finding> {
    // A signature in several literals stands where its secret part does.
    let is_parted = |range: &Range<usize>| hit.site.locate(range.clone()).is_none();
    if hit.site.value.len() > 1
        && hit.range.as_ref().is_none_or(is_parted)
        && let Some(part) = signed_part(hit.site, hit.range.as_ref())
    {
        hit.range = Some(part);
    }
    let value = hit_text(hit.site, hit.range.as_ref());
    // A document is looked into by the rules for what it holds.
    if hit.range.is_none() && is_object(value.expose()) && !is_service_account(value.expose()) {
        return None;
    }
    if stands_beside_anonymous(hit.site) {
        return None;
    }
    let local = (is_default(value.expose()) || repeats_name(cx, &hit, value.expose()))
        && (hit.host.as_deref().is_some_and(is_local) || is_local_service(cx.path) || stands_beside_local(hit.site));
    if !local && value::placeholder(value.expose(), &cx.settings.extend).is_some() {
        return None;
    }
    if is_anonymous(hit.site) {
        return None;
    }
    if hit.range.is_some() && (value::plausible::is_regex(value.expose()) || is_marker(cx, value.expose())) {
        return None;
    }
    let (place, located) = place(cx, hit.site, hit.range.as_ref())?;
    let key = hit.key.trim();
    let commented = if hit.site.in_comment { ", commented out" } else { "" };
    let mut severity = hit.severity.unwrap_or(meta.severity);
    let mut message = format!("{} is written in the source{commented}", hit.what);
    let mut note = None;
    let mut help = "move it to a secret scope and rotate it, it stays in the history";
    let whole = hit.site.text();
    let range = hit.range.clone().unwrap_or(0..whole.len());
    let format =
        described_around(cx, &hit, place).or_else(|| value::tokens::format_of(whole.expose(), range, cx.settings));
    if let Some(format) = format {
        severity = severity.min(format.placed);
        if format.lowered {
            severity = severity.lowered();
        }
        (message, note) = with_format(&hit.what, &format, commented);
        // What it is says more than where it stands: a command in a text for people is mostly an example.
        let is_more = hit.confidence < format.confidence;
        // A checksum that fails says less, wherever it stands.
        if is_more || format.lowered {
            hit.confidence = format.confidence;
        }
    }
    if local {
        severity = Severity::Info;
        message = format!("{} is a development default for a local host{commented}", hit.what);
        if message.chars().count() > LONGEST {
            message = format!("{} is a development default{commented}", hit.what);
        }
        help = "keep it out of shared notebooks";
    }
    if is_test(cx.path) {
        severity = severity.lowered();
    }
    if is_called_placeholder(cx, place) {
        severity = Severity::Info;
    }
    let mut finding = Finding::literal(meta, place, &value, cx.settings.hash_key, message)
        .help(note.map_or_else(|| help.to_owned(), |note| format!("{note}; {help}")))
        .severity(severity)
        .confidence(hit.confidence)
        .subject(key);
    if hit.site.at.cell != place.cell
        || !(hit.site.at.span.contains(place.span) || place.span.contains(hit.site.at.span))
    {
        finding = finding.related(format!("used here as `{key}`"), hit.site.at);
    }
    // What stands beside it starts with the same password: one place alone cannot move.
    let shipped = hit.severity == Some(Severity::Info) && is_default(value.expose());
    if local || shipped {
        return Some(finding.plan(Plan::Advice { title: DEVELOPMENT.to_owned() }));
    }
    if let Some(plan) = hit.plan.take() {
        finding = finding.plan(plan);
    }
    Some(plans::moves(cx, finding, &hit, located))
}

/// The format of a value that the fields around it say: a profile of Delta Sharing, the key of a service account. In a document each
/// field is a text of its own.
fn described_around(cx: &CellContext<'_>, hit: &Hit<'_>, place: Place) -> Option<value::tokens::TokenHit> {
    const FIELDS: &[&str] = &["bearerToken", "private_key"];
    if !FIELDS.contains(&hit.key.trim()) && !hit.what.starts_with("private key") {
        return None;
    }
    let cell = cx.document.cells.get(place.cell as usize)?;
    let written = place.span.of(&cell.text);
    let inner = written.trim_matches(['"', '\'']);
    let start = place.span.start as usize + written.find(inner)?;
    value::tokens::format_of(&cell.text, start..start + inner.len(), cx.settings)
        .filter(|format| matches!(format.id, "T19" | "T53"))
}

/// `sig=…` of a shared access signature that is put together from several literals, when it is in one of them.
fn signed_part(site: &Site, within: Option<&Range<usize>>) -> Option<Range<usize>> {
    let text = site.text();
    let whole = within.cloned().unwrap_or(0..text.len());
    let signed = text.expose().get(whole.clone())?;
    let start = signed.find("sig=").filter(|_| value::slots::is_signature(signed))? + "sig=".len();
    let end = signed[start..].find(['&', ';']).map_or(signed.len(), |len| start + len);
    let range = whole.start + start..whole.start + end;
    site.locate(range.clone()).is_some().then_some(range)
}

/// Where the credential stands: the whole literal with quotes, or just its characters inside a longer one. A value put
/// together from several literals stands from the first to the last.
fn place(cx: &CellContext<'_>, site: &Site, range: Option<&Range<usize>>) -> Option<(Place, Option<Located>)> {
    let whole = range.is_none_or(|r| r.start == 0 && r.end == site.text().len());
    if whole && let Some(located) = site.literal() {
        return Some((Place { cell: located.cell, span: located.literal }, Some(located)));
    }
    if let Some(range) = range
        && let Some(located) = site.locate(range.clone())
    {
        let span = if is_whole(cx, &located) { located.literal } else { located.span };
        return Some((Place { cell: located.cell, span }, Some(located)));
    }
    let range = range.cloned().unwrap_or(0..site.text().len());
    let first = site.locate(range.start..range.start + 1)?;
    let last = site.locate(range.end.checked_sub(1)?..range.end)?;
    // A word of a command that is put together from variables.
    let is_word = matches!(site.role, Role::Command(_));
    if is_word && ![first.span, last.span].iter().all(|s| site.at.span.contains(*s)) {
        return Some((site.at, None));
    }
    if first.cell != last.cell || first.span.start > last.span.end {
        return Some((Place { cell: first.cell, span: first.literal }, None));
    }
    if !is_one_expression(cx, &first, &last) {
        let longest = site.value.iter().filter_map(|piece| match piece {
            Piece::Text { value, cell, literal, .. } => Some((value.len(), Place { cell: *cell, span: *literal })),
            Piece::Hole { .. } => None,
        });
        return longest.max_by_key(|(len, _)| *len).map(|(_, place)| (place, None));
    }
    let (a, b) = if whole { (first.literal, last.literal) } else { (first.span, last.span) };
    let span = Span { start: a.start, end: b.end };
    // A doubled `%` or brace of a template parts a literal in two; it is still one credential.
    let text = site.text();
    let one = first.literal == last.literal && text.expose().get(range).is_some_and(|t| !t.contains(value::HOLE));
    let located = one.then_some(Located {
        cell: first.cell,
        literal: first.literal,
        span: Span { start: first.span.start, end: last.span.end },
    });
    Some((Place { cell: first.cell, span }, located))
}

/// Whether nothing but the expression that puts two literals together stands between them; `p += "…"` is another statement.
fn is_one_expression(cx: &CellContext<'_>, first: &Located, last: &Located) -> bool {
    let cell = cx.document.cells.get(first.cell as usize);
    let between = cell.and_then(|c| c.text.get(first.literal.end as usize..last.literal.start as usize)).unwrap_or("");
    if first.cell != cx.index as u32 || !between.contains('\n') {
        return true;
    }
    let around = cx.facts.around(first.literal);
    around.is_empty() || around.iter().any(|id| cx.facts.expr(*id).span.contains(last.literal))
}

/// Whether a part of a literal is all that stands between its quotes: `TOKEN = "…"` used in `f"Bearer {TOKEN}"`.
fn is_whole(cx: &CellContext<'_>, located: &Located) -> bool {
    let Some(cell) = cx.document.cells.get(located.cell as usize) else { return false };
    let (outer, inner) = (located.literal, located.span);
    let side = |start, end| cell.text.get(start as usize..end as usize).unwrap_or("?");
    let (before, after) = (side(outer.start, inner.start), side(inner.end, outer.end));
    let quotes = |t: &str| t.chars().all(|c| matches!(c, '"' | '\''));
    !after.is_empty() && quotes(after) && quotes(before.trim_start_matches(|c: char| c.is_ascii_alphabetic()))
}

/// What kind of secret reference the place accepts.
pub fn target(site: &Site) -> TargetPlace {
    match &site.role {
        Role::Property(p) => match (p.place, p.verb) {
            (PropertyPlace::Query(_), Some(Verb::CreateConnection)) => TargetPlace::SqlExpression,
            (PropertyPlace::Query(_), Some(Verb::CopyInto)) => TargetPlace::Elsewhere,
            (PropertyPlace::Query(_) | PropertyPlace::SqlSet, _) => TargetPlace::SqlConstant,
            (PropertyPlace::Document, _) if super::config::takes_reference(site) => TargetPlace::SparkConf,
            (PropertyPlace::Document, _) => TargetPlace::Elsewhere,
            (PropertyPlace::LineScan, _) => TargetPlace::Expression,
        },
        // The widgets of a notebook that `%run` runs take texts only.
        Role::Argument(a) if &*a.callee == "%run" => TargetPlace::Elsewhere,
        Role::Clause { .. } => TargetPlace::Elsewhere,
        Role::Command(c) if c.run.is_hosted => TargetPlace::Expression,
        Role::Command(_) => TargetPlace::Elsewhere,
        _ => TargetPlace::Expression,
    }
}

/// Whether the author says in a comment of its own on the same line that the value is none: `# placeholder`. Anything
/// else in a comment (`<password>`, "replace me") says nothing of the value before it.
fn is_called_placeholder(cx: &CellContext<'_>, place: Place) -> bool {
    let rest = cx.document.cells.get(place.cell as usize).and_then(|cell| cell.text.get(place.span.end as usize..));
    let line = rest.unwrap_or("").split('\n').next().unwrap_or("").trim_start_matches([')', ']', ';', ',', ' ', '\t']);
    let Some(said) = ["#", "//", "--"].iter().find_map(|marker| line.strip_prefix(marker)) else { return false };
    let said = said.to_ascii_lowercase();
    let words = || said.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    const NONE: &[&str] = &["placeholder", "dummy", "fake", "sample"];
    const FILLERS: &[&str] =
        &["example", "just", "only", "a", "value", "not", "real", "password", "token", "key", "secret"];
    words().any(|w| NONE.contains(&w)) && words().all(|w| NONE.contains(&w) || FILLERS.contains(&w))
}

pub use crate::value::{development::is_default, hosts::is_local};

/// Services that a pipeline or a compose file starts beside the code, and nobody else reaches.
fn is_local_service(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.contains(".github/") || name.starts_with("docker-compose") || name.starts_with("compose.")
}

/// What to do with a password that development setups ship with.
pub(crate) const DEVELOPMENT: &str = "Change it in all places together where anybody else can reach the service";

/// `login anonymous password user@site`: everybody's.
fn is_anonymous(site: &Site) -> bool {
    let Role::Property(p) = &site.role else { return false };
    let login = |key: &str| matches!(key, "login" | "user" | "username");
    let name = |text: &Secret| matches!(text.expose(), "anonymous" | "ftp");
    p.siblings.iter().any(|(key, text)| login(key) && text.as_ref().is_some_and(name))
}

/// Whether a value is the name of its user, service or product.
fn repeats_name(cx: &CellContext<'_>, hit: &Hit<'_>, value: &str) -> bool {
    let text = hit.site.text();
    let user = hit.user.clone().and_then(|range| text.expose().get(range));
    if user == Some(value) {
        return true;
    }
    // `MYSQL_USER`, `javax.jdo.option.ConnectionUserName`.
    let is_user = |key: &str| {
        let lower = key.to_ascii_lowercase();
        options::is_user(key) || lower.ends_with("_user") || lower.ends_with("username")
    };
    let named = |key: Option<&str>, text: Option<&Secret>| {
        key.is_some_and(is_user) && text.is_some_and(|t| t.expose() == value)
    };
    match &hit.site.role {
        Role::Argument(a) => {
            a.siblings.iter().any(|(k, text)| named(k.as_deref(), text.as_ref()))
                || a.chain.iter().any(|(name, text)| &**name == "config" && text.expose() == value)
                || development::repeats(value, [hit.key.as_str()].into_iter())
        }
        Role::Entry { siblings, .. } => siblings.iter().any(|(k, text)| named(Some(k), text.as_ref())),
        Role::Property(p) => {
            p.siblings.iter().any(|(k, text)| named(Some(k), text.as_ref()))
                || is_local_service(cx.path)
                    && development::repeats(value, p.path.iter().map(|k| &**k).chain([hit.key.as_str()]))
        }
        _ => false,
    }
}

/// Whether the call, options or dict that a value stands in name this machine as the host.
fn stands_beside_local(site: &Site) -> bool {
    let local = |key: Option<&str>, text: Option<&Secret>| {
        let Some(text) = text.map(Secret::expose).filter(|t| t.len() < 500) else { return false };
        let names_host = key.is_some_and(|k| matches!(k.to_ascii_lowercase().as_str(), "host" | "hostname" | "server"));
        names_host && is_local(text)
            || matches!(text, "localhost" | "127.0.0.1")
            || text.contains("://") && value::slots::host(text).is_some_and(|host| is_local(&host))
    };
    match &site.role {
        Role::Argument(a) => {
            a.siblings.iter().any(|(k, text)| local(k.as_deref(), text.as_ref()))
                || a.chain.iter().any(|(_, text)| local(None, Some(text)))
        }
        Role::Entry { siblings, .. } => siblings.iter().any(|(k, text)| local(Some(k), text.as_ref())),
        Role::Property(p) => p.siblings.iter().any(|(k, text)| local(Some(k), text.as_ref())),
        _ => false,
    }
}

/// Whether the user beside it is everybody: what is sent as the password says who asks.
fn stands_beside_anonymous(site: &Site) -> bool {
    let Role::Argument(a) = &site.role else { return false };
    let is_user = |key: Option<&str>| key.is_none_or(options::is_user);
    let anonymous = |text: &Secret| text.expose().eq_ignore_ascii_case("anonymous");
    a.siblings.iter().any(|(key, text)| is_user(key.as_deref()) && text.as_ref().is_some_and(anonymous))
}

/// `{"type": "service_account"}`: a JSON object as text.
fn is_object(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('{') && text.ends_with('}') && (text.contains("\":") || text.contains("\" :"))
}

/// The key file of a service account, in which no part was found to be the credential: it is one as a whole.
fn is_service_account(text: &str) -> bool {
    text.contains("\"private_key\"") && text.contains("PRIVATE KEY-----")
}

/// Test code: one step less severe.
pub fn is_test(path: &str) -> bool {
    path.split('/').any(|part| {
        matches!(part, "tests" | "test" | "testdata" | "__tests__")
            || part == "conftest.py"
            || (part.starts_with("test_") && part.ends_with(".py"))
            || part.rsplit_once('.').is_some_and(|(stem, _)| {
                ["_test", ".test", ".spec", "Test", "Tests", "Spec", "Suite"].iter().any(|end| stem.ends_with(end))
            })
    })
}

/// Texts that are looked into by the URL and connection-string rules instead of being credentials as a whole.
pub fn has_slots(cx: &CellContext<'_>, site: usize) -> bool {
    !cx.slots(site).is_empty()
}

/// A bare number as written in code, or digits alone: only a password where the position says so.
pub fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-' | b'e' | b'L'))
}
