//! Texts from which a secret is taken out: `url.replace(password, "***")`, `password.replaceAll(".", "*")`.

use super::{At, Walker, reach::Call, value::Value};

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

/// Patterns that leave no character of a text.
fn matches_anything(pattern: &str) -> bool {
    let pattern = pattern.strip_prefix("(?s)").unwrap_or(pattern);
    let one = pattern.trim_end_matches(['+', '*']);
    matches!(one, "." | "\\S" | "[\\s\\S]" | "\\w" | "[^ ]" | "(.)")
}
