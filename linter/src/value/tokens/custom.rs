//! Token formats of the configuration (`[[detectors]]`): the same fields as the built-in rows, checked when they are
//! read. Their anchors have an automaton of their own, which is built once for a configuration.

use std::{ops::Range, sync::Arc};

use aho_corasick::AhoCorasick;
use regex::{Regex, RegexBuilder};

use super::{
    TokenHit,
    checks::{self, Check, Found, ceil, floor},
    entropy,
};
use crate::{
    rule::{Confidence, Severity},
    settings::Extensions,
    value,
};

/// A format as written in the configuration.
#[derive(Clone, Debug, Default, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Spec {
    /// Kebab-case, one for each format.
    pub name: String,
    /// For messages; the name when not given.
    pub label: String,
    /// Regular expression, the first group is the token.
    pub pattern: String,
    /// Words of which one stands in every match or near it, ASCII case ignored.
    #[serde(alias = "keywords")]
    pub anchors: Vec<String>,
    /// Words of which one has to stand within ten lines.
    pub context: Vec<String>,
    /// Bits a character that the token has at least.
    pub entropy: f64,
    /// Offline verification, by the name of one that built-in formats have ([`checks::NAMED`]).
    pub check: Option<String>,
    /// Whether the shape alone is proof enough; else a check has to hold before the finding is certain.
    pub distinctive: Option<bool>,
    pub severity: Option<Severity>,
    /// Texts in which a token has to be found, and texts in which none may be.
    pub examples: Vec<String>,
    pub counter_examples: Vec<String>,
}

/// A format ready to be looked for.
#[derive(Debug)]
pub struct Custom {
    spec: Spec,
    regex: Regex,
    context: Vec<String>,
    check: Check,
}

impl Custom {
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    pub fn label(&self) -> &str {
        if self.spec.label.is_empty() { &self.spec.name } else { &self.spec.label }
    }

    pub fn severity(&self) -> Option<Severity> {
        self.spec.severity
    }
}

/// All formats of a configuration. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Detectors(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    formats: Vec<Arc<Custom>>,
    anchors: AhoCorasick,
    /// Position in `formats`, by pattern of `anchors`.
    of: Vec<usize>,
}

/// Bytes around an anchor in which a match has to lie.
const BEFORE: usize = 512;
const AFTER: usize = 2_048;
const SHORTEST_ANCHOR: usize = 3;
/// Compiled size of a pattern, bytes.
const PATTERN_SIZE: usize = 1 << 20;

impl Detectors {
    /// Compiles the formats and tries them on their examples.
    ///
    /// # Errors
    /// A sentence that names the format, what is wrong with it and what to do. It holds no text of an example.
    pub fn new(specs: &[Spec]) -> Result<Self, String> {
        if specs.is_empty() {
            return Ok(Self::default());
        }
        let mut formats: Vec<Arc<Custom>> = Vec::new();
        let (mut words, mut of) = (Vec::new(), Vec::new());
        for spec in specs {
            if formats.iter().any(|f| f.spec.name == spec.name) {
                return Err(format!("two detectors are named `{}`", spec.name));
            }
            let format = compile(spec).map_err(|why| format!("detector `{}`: {why}", spec.name))?;
            words.extend(spec.anchors.iter().cloned());
            of.extend(spec.anchors.iter().map(|_| formats.len()));
            formats.push(Arc::new(format));
        }
        let anchors = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&words)
            .map_err(|e| format!("the anchors of the detectors cannot be used: {e}"))?;
        let all = Self(Some(Arc::new(Inner { formats, anchors, of })));
        for spec in specs {
            all.try_examples(spec).map_err(|why| format!("detector `{}`: {why}", spec.name))?;
        }
        Ok(all)
    }

    fn try_examples(&self, spec: &Spec) -> Result<(), String> {
        let finds = |text: &str| {
            self.find(text, &Extensions::default(), None)
                .iter()
                .any(|h| h.custom.as_ref().is_some_and(|c| c.name() == spec.name))
        };
        for (n, text) in spec.examples.iter().enumerate() {
            if !finds(text) {
                return Err(format!("example {} is not found: {}", n + 1, self.why_not(spec, text)));
            }
        }
        match spec.counter_examples.iter().position(|text| finds(text)) {
            Some(n) => {
                Err(format!("counter-example {} is found; make the pattern stricter or require `context`", n + 1))
            }
            None => Ok(()),
        }
    }

    /// The first test that a text does not pass.
    fn why_not(&self, spec: &Spec, text: &str) -> &'static str {
        let lower = text.to_ascii_lowercase();
        let Some(format) = self.0.iter().flat_map(|i| &i.formats).find(|f| f.spec.name == spec.name) else {
            return "it is not known";
        };
        let token = format.regex.captures(text).and_then(|c| c.get(1));
        if !spec.anchors.iter().any(|a| lower.contains(&a.to_ascii_lowercase())) {
            "it holds none of the `anchors`"
        } else if let Some(token) = token {
            if entropy(token.as_str()) < spec.entropy {
                "its entropy is below `entropy`"
            } else if value::placeholder(token.as_str(), &Extensions::default()).is_some() {
                "it reads as a placeholder"
            } else if !format.has_context(&Found { text, range: token.range(), now: None }) {
                "none of the words of `context` is near"
            } else if (format.check)(&Found { text, range: token.range(), now: None }).none {
                "its `check` says that it is none"
            } else {
                "another detector finds it first, or it is too far from its anchor"
            }
        } else {
            "the pattern does not match it"
        }
    }

    /// Whether any of the formats could be in these bytes.
    pub fn may_match(&self, bytes: &[u8]) -> bool {
        self.0.as_ref().is_some_and(|inner| inner.anchors.is_match(bytes))
    }

    pub(super) fn find(&self, text: &str, extend: &Extensions, now: Option<u64>) -> Vec<TokenHit> {
        let Some(inner) = self.0.as_ref() else { return Vec::new() };
        let mut windows: Vec<Vec<Range<usize>>> = vec![Vec::new(); inner.formats.len()];
        for hit in inner.anchors.find_overlapping_iter(text) {
            let Some(windows) = inner.of.get(hit.pattern().as_usize()).and_then(|i| windows.get_mut(*i)) else {
                continue;
            };
            let window = hit.start().saturating_sub(BEFORE)..(hit.start() + AFTER).min(text.len());
            match windows.last_mut() {
                Some(last) if last.end >= window.start => last.end = last.end.max(window.end),
                _ => windows.push(window),
            }
        }
        let mut found = Vec::new();
        for (format, windows) in inner.formats.iter().zip(windows) {
            for window in windows {
                let (mut start, end) = (floor(text, window.start), ceil(text, window.end));
                while let Some(group) = format.regex.captures_at(&text[..end], start).and_then(|c| c.get(1)) {
                    let token = Found { text, range: group.range(), now };
                    found.extend(format.judge(token, extend).map(|mut hit| {
                        hit.custom = Some(format.clone());
                        hit
                    }));
                    start = ceil(text, group.end().max(start + 1));
                    if start >= end {
                        break;
                    }
                }
            }
        }
        found
    }
}

impl Custom {
    fn has_context(&self, found: &Found<'_>) -> bool {
        let near = || found.near().to_ascii_lowercase();
        self.context.is_empty() || self.context.iter().any(|w| near().contains(w))
    }

    fn judge(&self, mut found: Found<'_>, extend: &Extensions) -> Option<TokenHit> {
        let token = found.value();
        if token.is_empty() || entropy(token) < self.spec.entropy || !self.has_context(&found) {
            return None;
        }
        let verdict = (self.check)(&found);
        if let Some(length) = verdict.length {
            found.range.end = found.range.start + length;
        }
        // What a check proves is no placeholder, whatever it reads like.
        let proved = verdict.valid == Some(true);
        if verdict.none || (!proved && value::placeholder(found.value(), extend).is_some()) {
            return None;
        }
        let confidence = match (verdict.valid, self.spec.distinctive.unwrap_or(true)) {
            (Some(true), _) | (None, true) => Confidence::High,
            _ => Confidence::Medium,
        };
        let severity = self.spec.severity.unwrap_or(Severity::Error);
        Some(TokenHit {
            id: "",
            label: "token of a configured format",
            group: 0,
            range: found.range.clone(),
            confidence,
            note: verdict.note(),
            lowered: verdict.valid == Some(false),
            alone: verdict.alone.unwrap_or(severity).min(severity),
            placed: verdict.placed.unwrap_or(Severity::Error),
            custom: None,
        })
    }
}

fn compile(spec: &Spec) -> Result<Custom, String> {
    let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if spec.name.is_empty() || !spec.name.chars().all(kebab) {
        return Err("`name` is lower-case letters, digits and `-`".into());
    }
    if spec.pattern.is_empty() {
        return Err("`pattern` is missing: a regular expression whose first group is the token".into());
    }
    let regex = RegexBuilder::new(&spec.pattern)
        .size_limit(PATTERN_SIZE)
        .build()
        .map_err(|e| format!("`pattern` cannot be used: {}", last_line(&e.to_string())))?;
    if regex.captures_len() < 2 {
        return Err("`pattern` has no group: put the token itself into `(…)`".into());
    }
    if regex.is_match("") {
        return Err("`pattern` matches the empty text".into());
    }
    if spec.anchors.is_empty() {
        return Err(
            "`anchors` is missing: words of which one stands in every match, so that other files are skipped".into()
        );
    }
    if let Some(short) = spec.anchors.iter().find(|a| a.len() < SHORTEST_ANCHOR) {
        return Err(format!("anchor `{short}` is shorter than {SHORTEST_ANCHOR} characters: it would be everywhere"));
    }
    if !(0.0..=8.0).contains(&spec.entropy) {
        return Err("`entropy` is bits a character, 0 to 8".into());
    }
    let check = spec.check.as_deref().map_or(Ok(checks::none as Check), named)?;
    let context = spec.context.iter().map(|w| w.to_ascii_lowercase()).collect();
    Ok(Custom { spec: spec.clone(), regex, context, check })
}

fn named(name: &str) -> Result<Check, String> {
    if let Some((_, check)) = checks::NAMED.iter().find(|(known, _)| *known == name) {
        return Ok(*check);
    }
    let names = || checks::NAMED.iter().map(|(known, _)| *known);
    Err(match crate::config::nearest(&name.to_ascii_lowercase(), names()) {
        Some(meant) => format!("there is no check `{name}`; did you mean `{meant}`?"),
        None => format!("there is no check `{name}`; known are {}", names().collect::<Vec<_>>().join(", ")),
    })
}

/// What the reader of expressions says at last, without its picture of the pattern.
fn last_line(message: &str) -> &str {
    message.lines().next_back().unwrap_or(message).trim_start_matches("error: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> Spec {
        Spec {
            name: "acme".into(),
            pattern: r"\b(acme_[a-z0-9]{12})\b".into(),
            anchors: vec!["acme_".into()],
            ..Spec::default()
        }
    }

    #[test]
    fn mistakes_are_named() {
        let wrong = |change: fn(&mut Spec)| {
            let mut spec = spec();
            change(&mut spec);
            Detectors::new(&[spec]).map(|_| ()).unwrap_err()
        };
        assert!(wrong(|s| s.pattern = "(".into()).contains("`pattern` cannot be used"));
        assert!(wrong(|s| s.pattern = "acme".into()).contains("no group"));
        assert!(wrong(|s| s.pattern = "(a*)".into()).contains("empty text"));
        assert!(wrong(|s| s.anchors.clear()).contains("`anchors` is missing"));
        assert!(wrong(|s| s.anchors = vec!["a".into()]).contains("shorter than 3"));
        assert!(wrong(|s| s.name = "A b".into()).contains("`name` is"));
        assert!(wrong(|s| s.entropy = 9.0).contains("bits a character"));
        assert!(wrong(|s| s.check = Some("crc23".into())).contains("did you mean `crc32`?"));
        assert!(wrong(|s| s.check = Some("verify".into())).contains("known are mixed, "));
        assert!(
            wrong(|s| (s.check, s.examples) = (Some("mixed".into()), vec!["acme_abcdefghijkl".into()]))
                .contains("its `check`")
        );
        assert!(wrong(|s| s.examples = vec!["acme_short".into()]).contains("example 1 is not found: the pattern"));
        assert!(wrong(|s| s.examples = vec!["other".into()]).contains("none of the `anchors`"));
        let found = wrong(|s| s.counter_examples = vec!["x".into(), format!("acme_{}", "q7lm2vx9tr4k")]);
        assert!(found.contains("counter-example 2 is found") && !found.contains("q7lm"), "{found}");
        assert!(Detectors::new(&[spec(), spec()]).unwrap_err().contains("two detectors"));
    }

    #[test]
    fn formats_are_found_beside_the_others() {
        let detectors = Detectors::new(&[spec()]).unwrap();
        let extend = Extensions { detectors, ..Extensions::default() };
        let token = format!("acme_{}", "q7lm2vx9tr4k");
        let text = format!("é ACME: {token} {token}x");
        let hits = extend.detectors.find(&text, &extend, None);
        assert_eq!(hits.iter().map(|h| &text[h.range.clone()]).collect::<Vec<_>>(), [token.as_str()]);
        assert!(extend.detectors.may_match(b"x Acme_") && !extend.detectors.may_match(b"acm"));
        assert!(!Detectors::default().may_match(b"acme_"));
    }
}
