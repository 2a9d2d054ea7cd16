//! Hovers: a finding's rule in short, or what a reference to a secret means in the workspace.

use std::{fmt::Write, sync::Arc};

use credscope_grammars::Span;
use credscope_linter::{Finding, Place};
use serde_json::{Value, json};

use super::{
    analysed::{Analysed, range_of},
    capabilities::Client,
    completion::Known,
    position,
};

/// Places that are listed; the rest is counted.
const LISTED: usize = 8;

/// Hover at a protocol position; `Null`: nothing to say.
pub(super) fn hover(analysed: &Analysed, known: &Known, uri: &str, at: &Value, client: &Client) -> Value {
    let text = analysed.text(uri);
    let offset = position::offset(text.text, text.lines, at, client.unit);
    let mut parts = Vec::new();
    let mut range = None;
    for number in analysed.touching(uri, offset..offset) {
        let Some(finding) = analysed.fixed().get(number) else { continue };
        range = range.or_else(|| analysed.range(finding.place, client).map(|(_, r)| r.to_value()));
        parts.push(page(finding));
    }
    if let Some((place, words)) = reference(analysed, known, uri, offset) {
        range = range.or_else(|| {
            let (text, span) = analysed.locate(place)?;
            Some(range_of(text, span, client))
        });
        parts.push(words);
    }
    if parts.is_empty() {
        return Value::Null;
    }
    let value = parts.join("\n\n---\n\n");
    let contents = if client.markdown {
        json!({"kind": "markdown", "value": value})
    } else {
        json!({"kind": "plaintext", "value": value.replace("**", "").replace('`', "")})
    };
    json!({"contents": contents, "range": range})
}

/// The advice first, since editors show few lines of a hover: what to do, what to write instead, the fix. Then the rule, the
/// severity and why it is that, and what the rule's page says in short.
fn page(finding: &Finding) -> String {
    let rule = finding.rule;
    let section = |title: &str| {
        let body = rule.docs.split(&format!("\n## {title}\n")).nth(1)?;
        Some(body.split("\n## ").next().unwrap_or("").trim().to_owned())
    };
    // The message is a paragraph: VS Code, which shows it above every hover, takes it out.
    let mut page = format!("**{}** ({})\n\n{}\n\n", rule.name, rule.code, finding.message);
    page.push_str(&sentence(if finding.help.is_empty() { rule.summary } else { &finding.help }));
    if let Some(fix) = finding.fixes.first() {
        let _ = write!(page, "\n\n**Fix** ({}): {}", fix.applicability.name(), fix.title);
    }
    if let Some(instead) = section("Use instead") {
        // A code block begins on a line of its own.
        let gap = if instead.starts_with("```") { "\n\n" } else { " " };
        let _ = write!(page, "\n\n**Use instead.**{gap}{instead}");
    }
    let severity = finding.severity;
    let reason = match severity.cmp(&rule.severity) {
        std::cmp::Ordering::Equal => "this rule's own".to_owned(),
        std::cmp::Ordering::Less => format!("lowered from {} by the place or the configuration", rule.severity.name()),
        std::cmp::Ordering::Greater => {
            format!("raised from {} by the place or the configuration", rule.severity.name())
        }
    };
    let _ = write!(page, "\n\n**Severity.** {} ({reason}), confidence {}", severity.name(), finding.confidence.name());
    if let Some(why) = section("Why") {
        let _ = write!(page, "\n\n**Why.** {why}");
    }
    let redaction = if rule.code.starts_with("CS2") {
        "Databricks replaces only the unchanged value of a scope secret by `[REDACTED]`, and only in cell results: not in driver logs, tables, files or other systems."
    } else if finding.value.is_some() {
        "Nothing redacts a literal: notebook, revision history, exports and verbose audit logs show it. A value read from a secret scope is shown as `[REDACTED]` in cell results."
    } else {
        ""
    };
    if !redaction.is_empty() {
        let _ = write!(page, "\n\n**Redaction.** {redaction}");
    }
    let _ = write!(page, "\n\n[Rule page]({})", rule.url());
    page
}

/// With a capital letter and an end; other editors show the text behind a message.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?', ':', '`']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// The reference to a secret at an offset: where else it is used, and whether it is declared.
fn reference(analysed: &Analysed, known: &Known, uri: &str, offset: usize) -> Option<(Place, String)> {
    let at = |place: Place| -> Option<(String, Span)> {
        let (text, span) = analysed.locate(place)?;
        Some((text.uri.to_owned(), span))
    };
    let found = analysed.uses().iter().find(|u| {
        at(u.place)
            .is_some_and(|(here, span)| here == uri && span.start as usize <= offset && offset <= span.end as usize)
    })?;
    let scope = found.scope.clone()?;
    let mut words = match &found.key {
        Some(key) => format!("**Secret** key `{key}` in scope `{scope}`"),
        None => format!("**Secret** in scope `{scope}`; the key is not a constant"),
    };
    let declared = &analysed.settings.secrets.declared;
    let keys = declared.iter().find(|(name, _)| name.eq_ignore_ascii_case(&scope)).map(|(_, keys)| keys);
    let declared = match (keys, &found.key) {
        (None, _) if declared.is_empty() => "the configuration declares no scopes".to_owned(),
        (None, _) => format!("the configuration does not declare scope `{scope}`"),
        (Some(_), None) => format!("the configuration declares scope `{scope}`"),
        (Some(keys), Some(key)) if keys.iter().any(|k| k.eq_ignore_ascii_case(key)) => {
            "declared in the configuration".to_owned()
        }
        (Some(_), Some(key)) => format!("the configuration declares scope `{scope}`, but not key `{key}`"),
    };
    let _ = write!(words, "\n\n**Declared.** {declared}");
    let line = at(found.place).map(|(_, span)| analysed.text(uri).lines.line_of(span.start as usize) as u32);
    let mut places: Vec<String> = known
        .uses(&scope, found.key.as_deref())
        .into_iter()
        .filter(|(file, l)| file != uri || Some(*l) != line)
        .map(|(file, line)| format!("- {}:{}", shown(&file), line + 1))
        .collect();
    places.dedup();
    if places.is_empty() {
        words.push_str("\n\n**Used** only here, as far as the workspace was read");
    } else {
        let more = places.len().saturating_sub(LISTED);
        places.truncate(LISTED);
        let _ = write!(words, "\n\n**Used also in**\n{}", places.join("\n"));
        if more > 0 {
            let _ = write!(words, "\n- and {more} more");
        }
    }
    Some((found.place, words))
}

/// The last parts of a path.
fn shown(uri: &str) -> String {
    let parts: Vec<&str> = uri.rsplit('/').take(3).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}

/// Shared by hover and completion; see [`Known`].
pub(super) fn known_of(open: &[Arc<Analysed>], indexed: Vec<(String, Vec<super::index::Named>)>) -> Known {
    let mut known = Known::default();
    for analysed in open {
        for u in analysed.uses().iter().cloned() {
            if let (Some(scope), Some((text, span))) = (u.scope, analysed.locate(u.place)) {
                let line = text.lines.line_of(span.start as usize) as u32;
                known.add(text.uri, super::index::Named { scope, key: u.key, line });
            }
        }
    }
    for (uri, names) in indexed {
        for name in names {
            known.add(&uri, name);
        }
    }
    known
}
