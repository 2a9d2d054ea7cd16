//! Texts from which a secret is taken out: `url.replace(password, "***")`, `password.replaceAll(".", "*")`.

use credscope_grammars::facts::ExprKind;

use super::{
    At, Walker,
    reach::Call,
    value::{Cut, IN_TEXT, Value},
};

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
        // A part of the secret, or a text that it is a part of, is not what stands in the receiver.
        let mut left = call.receiver.clone();
        left.labels.retain(|l| what.is_in_text() || !what.labels.iter().any(|w| w.source == l.source && !w.changed));
        (left.labels.len() < call.receiver.labels.len()).then_some(left)
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
        call.receiver.pieces(separator, cut)
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
