//! What rules report. Immutable once the engine returns it; holds no secret value.

use credscope_grammars::{Secret, Span};

use crate::{
    rule::{Confidence, RuleMeta, Severity},
    settings::Settings,
    value,
};

/// A place in the document: bytes of the text of the cell with that position in `Document::cells`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub cell: u32,
    pub span: Span,
}

/// A place with a role in the story: where the secret was read, where it was put, the use of a constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    pub message: String,
    /// `None`: the finding's own document; else a workspace path (relative, forward slashes).
    pub path: Option<String>,
    pub place: Place,
    /// Physical 1-based start and end (line, column in Unicode characters) for places in other documents, whose text
    /// is not at hand when reporting.
    pub resolved: Option<((u32, u32), (u32, u32))>,
}

#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: &'static RuleMeta,
    pub severity: Severity,
    pub confidence: Confidence,
    /// One clause: what is wrong, and where. At most 100 characters with names of usual length, because lists of problems
    /// cut what is longer. Never contains a value.
    pub message: String,
    /// Why, and what to do. Never contains a value. Empty where the message and the fix's title say it all.
    pub help: String,
    pub place: Place,
    /// Masked.
    pub preview: String,
    /// Equal values have equal keys within one run (keyed hash with a key of the process). `None`: no literal value.
    pub value: Option<ValueKey>,
    /// 16 hex digits, stable across runs, line moves and value changes; derived from rule, path, the name or key the
    /// credential stands under and its occurrence number. Filled by the engine.
    pub fingerprint: String,
    /// What the credential stands under (`password`, `fs.azure.account.key.x`), for fingerprints and key names.
    pub subject: String,
    pub related: Vec<Related>,
    /// What a fix would do; becomes [`Finding::fixes`] when the run's names are known.
    pub plans: Vec<crate::fix::Plan>,
    /// Preferred one first.
    pub fixes: Vec<crate::fix::Fix>,
}

/// Fills [`Finding::fingerprint`] of findings of one document that are sorted by place.
pub fn fill_fingerprints(path: &str, findings: &mut [Finding]) {
    crate::fingerprint::fill(path, findings);
}

/// Keyed hash of a value, for comparing within one process. Says nothing outside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueKey(pub u128);

impl ValueKey {
    pub fn new(key: HashKey, value: &Secret) -> Self {
        use siphasher::sip128::{Hasher128, SipHasher13};
        use std::hash::Hasher;
        let mut hasher = SipHasher13::new_with_keys(key.0, key.1);
        hasher.write(value.expose().as_bytes());
        Self(hasher.finish128().as_u128())
    }
}

/// Random per process; made by the caller, since the linter has no source of randomness.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct HashKey(pub u64, pub u64);

impl std::fmt::Debug for HashKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashKey(..)")
    }
}

impl Finding {
    /// A finding about a literal value.
    pub fn literal(rule: &'static RuleMeta, place: Place, value: &Secret, key: HashKey, message: String) -> Self {
        Self { value: Some(ValueKey::new(key, value)), preview: value.preview(), ..Self::at(rule, place, message) }
    }

    /// A finding that shows no value.
    pub fn at(rule: &'static RuleMeta, place: Place, message: String) -> Self {
        Self {
            rule,
            severity: rule.severity,
            confidence: Confidence::High,
            message,
            help: String::new(),
            place,
            preview: String::new(),
            value: None,
            fingerprint: String::new(),
            subject: String::new(),
            related: Vec::new(),
            plans: Vec::new(),
            fixes: Vec::new(),
        }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }

    pub fn related(mut self, message: impl Into<String>, place: Place) -> Self {
        self.related.push(Related { message: message.into(), path: None, place, resolved: None });
        self
    }

    /// Names that hold a token (of a scope, a variable, a rule that nobody has) are said without it.
    pub(crate) fn mask_names(&mut self, settings: &Settings) {
        let related = self.related.iter_mut().map(|related| &mut related.message);
        for text in [&mut self.message, &mut self.help].into_iter().chain(related) {
            value::without_tokens(text, settings);
        }
    }

    pub fn plan(mut self, plan: crate::fix::Plan) -> Self {
        self.plans.push(plan);
        self
    }
}
