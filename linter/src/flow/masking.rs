//! Texts from which a secret is taken out: `url.replace(password, "***")`, `password.replaceAll(".", "*")`.

use credscope_grammars::facts::ExprKind;
use regex::Regex;

use super::{
    At, Walker,
    expressions::constant,
    reach::Call,
    value::{Cut, IN_TEXT, Kind, Label, SAMPLE, Spot, Value, tells},
};
use crate::value::{CredentialSlot, names::words, slots};

impl<'a> Walker<'a> {
    /// What is left after something harmless was put in place of a secret, or of each character. `None`: no such call.
    pub(super) fn masked(&self, at: At<'a>, call: &Call<'_, 'a>) -> Option<Value> {
        let replaces = matches!(call.method, "replace" | "replaceAll" | "replaceAllLiterally" | "replaceFirst");
        let [what, with, ..] = call.values else { return None };
        if !replaces || call.receiver.labels.is_empty() || !with.is_clean() {
            return None;
        }
        if call.method == "replaceAll" && self.text(at, call.args[0].value).is_some_and(|p| matches_anything(&p)) {
            return Some(Value::clean());
        }
        if let Some(pattern) = self.pattern_of(at, call)
            && let Some(left) = call.receiver.without(&pattern)
        {
            return Some(left);
        }
        if let Some(what) = self.text(at, call.args[0].value)
            && let Some(left) = self.without_text(call.receiver, &what)
        {
            return Some(left);
        }
        // A part of the secret is not what stands in the receiver; a text that it is a part of stands in texts only.
        let mut left = call.receiver.clone();
        let is_text = call.receiver.is_in_text() || !what.is_in_text();
        left.labels.retain(|l| !is_text || !what.labels.iter().any(|w| w.source == l.source && !w.changed));
        (left.labels.len() < call.receiver.labels.len()).then_some(left)
    }

    /// What is left of literals when something harmless is put in place of a text in them. `None`: the text is in none of their
    /// credentials.
    fn without_text(&self, value: &Value, what: &str) -> Option<Value> {
        let mut left = value.clone();
        left.labels.retain(|label| {
            let Some(text) = self.literal_of(label) else { return true };
            let gone: Vec<usize> = text.match_indices(what).map(|(at, _)| at).collect();
            let stays = |slot: &CredentialSlot| {
                !gone.iter().any(|at| *at <= slot.range.start && slot.range.end <= at + what.len())
            };
            let slots = slots(&text);
            // A password alone has no text around it.
            if slots.is_empty() { text != what } else { slots.iter().any(stays) }
        });
        (left.labels.len() < value.labels.len()).then_some(left)
    }

    /// The literal that a label is of, as it stands in the source.
    fn literal_of(&self, label: &Label) -> Option<String> {
        let source = self.sources.get(label.source)?;
        if source.kind != Kind::Plain || label.changed || label.samples.is_some() {
            return None;
        }
        let Spot { doc, place } = source.spot;
        let facts = self.docs.get(doc as usize)?.facts.get(place.cell as usize)?;
        let mut literals = facts.around(place.span).into_iter().filter(|id| facts.expr(*id).span == place.span);
        literals.find_map(|id| Some(facts.str_lit(id)?.plain()?.expose().to_owned()))
    }

    /// The value with the texts that its literals are, each with a sample in place of one credential.
    fn written(&self, value: &Value) -> Value {
        let mut value = value.clone();
        for label in value.labels.iter_mut().filter(|l| l.around.is_none()) {
            let Some(text) = self.literal_of(label) else { continue };
            let sample = |slot: CredentialSlot| {
                let (before, after) = (text.get(..slot.range.start)?, text.get(slot.range.end..)?);
                Some([before, SAMPLE, after].concat().into_boxed_str())
            };
            let samples: Vec<Box<str>> = slots(&text).into_iter().filter_map(sample).collect();
            if !samples.is_empty() {
                label.samples = Some(samples.into());
            }
        }
        value
    }

    /// The pattern of a method that takes one: `replaceAll` of Scala and Java.
    fn pattern_of(&self, at: At<'a>, call: &Call<'_, 'a>) -> Option<String> {
        let takes = matches!(call.method, "replaceAll" | "replaceFirst");
        self.text(at, call.args.first().filter(|_| takes)?.value)
    }
}

impl<'a> Walker<'a> {
    /// A short digest of a secret alone, which is quickly guessed (catalog §A: information); with salt it says nothing.
    pub(super) fn digest(&self, at: At<'a>, call: &Call<'_, 'a>) -> Option<Value> {
        if matches!(call.method, "hexdigest" | "digest" | "hex" | "map" | "mkString") && call.receiver.is_digest() {
            return Some(call.receiver.clone());
        }
        let given = call.values.iter().find(|v| !v.labels.is_empty() && v.parts.is_none())?;
        let named = call.path.rsplit(['.', ':']).next().is_some_and(is_short_digest);
        let chosen = || {
            let by_name = matches!(call.method, "new" | "digest") && call.path.contains("igest")
                || call.path.starts_with("hashlib.");
            // The algorithm that `getInstance` was given.
            if call.path.split('.').any(is_short_digest) {
                return true;
            }
            let first = call.args.first().and_then(|a| self.text(at, a.value));
            by_name && first.or_else(|| self.receiver_text(at, call.callee)).is_some_and(|name| is_short_digest(&name))
        };
        if given.is_in_text() || given.frame || given.holder || !(named || chosen()) {
            return None;
        }
        let mut value = given.flat();
        value.labels.iter_mut().for_each(|l| l.digest = true);
        Some(value)
    }

    /// `url.split("?")`, `url.partition("@")`: the pieces of a text, where it is known in which of them the secret stands.
    pub(super) fn cut(&self, at: At<'a>, call: &Call<'_, 'a>) -> Option<Value> {
        let first = call.args.first().filter(|_| !call.receiver.frame)?;
        let separator = self.text(at, first.value)?;
        let once = call.args.len() > 1;
        let cut = match (call.method, once) {
            ("split", false) | ("rsplit", false) => Cut::Each,
            ("split", true) => Cut::First,
            ("rsplit", true) => Cut::Last,
            ("partition", false) => Cut::FirstOfThree,
            ("rpartition", false) => Cut::LastOfThree,
            _ => return None,
        };
        // Scala and Java take a pattern.
        let separator = match separator.strip_prefix('\\') {
            Some(escaped) if escaped.chars().count() == 1 => escaped,
            _ => &separator,
        };
        let connection = tells(separator) || self.is_connection(call.receiver);
        let pieces = call.receiver.pieces(separator, cut);
        pieces.or_else(|| self.written(call.receiver).pieces_of_samples(separator, cut, connection))
    }

    /// Whether what a value was read as says that it is a connection string.
    fn is_connection(&self, value: &Value) -> bool {
        const WORDS: &[&str] = &["conn", "connection", "connectionstring", "connstr", "dsn", "url", "uri", "jdbc"];
        let named =
            |label: &Label| words(&self.sources[label.source].name).iter().any(|word| WORDS.contains(&word.as_str()));
        !value.labels.is_empty() && value.labels.iter().all(named)
    }

    /// `re.search(r"Endpoint=sb://([^/;]+)", conn)`: what a constant pattern finds in a connection string.
    pub(super) fn searched(&self, at: At<'a>, call: &Call<'_, 'a>) -> Option<Value> {
        let ([pattern, ..], [_, of, ..]) = (call.args, call.values) else { return None };
        let (before, after) = match call.path {
            "re.search" | "re.findall" => ("", ""),
            "re.match" => ("^(?:", ")"),
            "re.fullmatch" => ("^(?:", ")$"),
            _ => return None,
        };
        let text = self.text(at, pattern.value)?;
        let regex = Regex::new(&format!("{before}{text}{after}")).ok()?;
        let groups = self.written(of).groups(&regex, tells(&text) || self.is_connection(of))?;
        if call.path != "re.findall" {
            return Some(groups);
        }
        let part = |number: usize| groups.part(&number.to_string()).cloned().unwrap_or_default();
        Some(Value::list_of(match regex.captures_len() {
            1 => part(0),
            2 => part(1),
            many => Value::parts((1..many).map(|n| ((n - 1).to_string().into(), part(n))).collect()),
        }))
    }

    /// `m.group(1)`, `m.groups()` of what was found.
    pub(super) fn found_group(&self, at: At<'a>, call: &Call<'_, 'a>) -> Option<Value> {
        let parts = call.receiver.parts.as_ref().filter(|_| call.receiver.labels.is_empty())?;
        parts.get("0")?;
        match (call.method, call.args) {
            ("group", []) => parts.get("0").cloned(),
            ("group", [number]) => {
                let key = self.text(at, number.value).or_else(|| constant(at, number.value))?;
                parts.get(&key).cloned()
            }
            ("groups" | "groupdict", _) => Some(call.receiver.clone()),
            _ => None,
        }
    }

    /// `template.replace("<PASSWORD>", pw)`: the secret is put into the text.
    pub(super) fn replaced(&mut self, at: At<'a>, call: &Call<'_, 'a>) -> Option<Value> {
        let replaces = matches!(call.method, "replace" | "replaceAll" | "replaceAllLiterally" | "replaceFirst");
        let [what, with, ..] = call.values else { return None };
        if !replaces || with.labels.is_empty() || !what.is_clean() || call.receiver.frame || with.frame {
            return None;
        }
        let ExprKind::Attr { base, .. } = &at.facts.expr(call.callee).kind else { return None };
        let text = self.text(at, *base).or_else(|| self.constant_text(call.receiver)).unwrap_or_default();
        let slot = self.text(at, call.args[0].value).unwrap_or_default();
        let head = if slot.is_empty() { "" } else { text.find(&slot).map_or("", |end| &text[..end]) };
        let with = self.in_url(at, head, with.flat(), call.args[1].span);
        Some(call.receiver.flat().join(&with).hop(IN_TEXT, at.spot(at.facts.expr(call.id).span)))
    }
}

/// Digests of few bits.
fn is_short_digest(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix("hex").unwrap_or(&name);
    matches!(name, "md5" | "sha1" | "sha-1" | "sha" | "crc32" | "adler32" | "md2" | "md4" | "md5sum")
}

/// Patterns that leave no character of a text.
fn matches_anything(pattern: &str) -> bool {
    let pattern = pattern.strip_prefix("(?s)").unwrap_or(pattern);
    let one = pattern.trim_end_matches(['+', '*']);
    matches!(one, "." | "\\S" | "[\\s\\S]" | "\\w" | "[^ ]" | "(.)")
}
