//! Settings of a session that SQL fills into its texts: `SET x = …`, `spark.conf.set("x", …)`, and `${x}`.

use std::collections::HashMap;

use credscope_grammars::{
    Span,
    facts::{PropertyPlace, PropertyValue},
};

use super::{
    super::scopes::setting,
    At, Value, Walker,
    template::{Part, with_parts},
};
use crate::model::Piece;

/// By name: where a text sets it, in order, and to what.
pub(super) type Settings = HashMap<Box<str>, Vec<(u32, Value)>>;

/// Longest name of a setting, in bytes.
const MAX_NAME: usize = 120;

impl Walker<'_> {
    /// What the facts at hand set.
    pub(super) fn settings_of(&self, at: At<'_>) -> Settings {
        let mut settings = Settings::new();
        for property in at.facts.properties.iter().filter(|p| at.frame.is_sql && p.place == PropertyPlace::SqlSet) {
            if let PropertyValue::Str(lit) = &property.value {
                let value = at.frame.literal(lit, property.value_span, at.fill);
                let given = settings.entry(setting(property.key())).or_default();
                given.push((property.value_span.start, value));
            }
        }
        settings
    }

    /// Ends the facts at hand: what they set is set for all that runs afterwards.
    pub(super) fn leave_settings(&mut self, outer: Settings) {
        for (name, given) in std::mem::replace(&mut self.settings, outer) {
            if let Some((_, value)) = given.into_iter().last() {
                self.scopes.set(name, value);
            }
        }
    }

    /// `spark.conf.set("x", value)`.
    pub(super) fn set_setting(&mut self, path: &str, values: &[Value]) {
        if let [key, value] = values
            && path.ends_with("conf.set")
            && let Some(key) = key.known().filter(|key| key.len() <= MAX_NAME)
        {
            self.scopes.set(setting(key.expose()), value.clone());
        }
    }

    /// The text at `span` with the values of its `${x}`, as far as they are known there.
    pub(super) fn substituted(&self, at: At<'_>, value: Value, span: Span) -> Value {
        let holds = |piece: &Piece| matches!(piece, Piece::Text { value, .. } if value.expose().contains("${"));
        let Some(pieces) = value.pieces().filter(|pieces| at.frame.is_sql && pieces.iter().any(holds)) else {
            return value;
        };
        let filled = with_parts(pieces, |text| {
            let mut parts = Vec::new();
            for (start, _) in text.match_indices("${") {
                let Some(len) = text[start..].find('}').filter(|len| *len <= MAX_NAME) else { continue };
                let name = setting(&text[start + 2..start + len]);
                if let value @ (Value::Text(_) | Value::Either(_)) = self.set_before(&name, span.start) {
                    parts.push((start..start + len + 1, Part::Filled(Some(value))));
                }
            }
            parts
        });
        if filled.is_text() { filled } else { value }
    }

    fn set_before(&self, name: &str, at: u32) -> Value {
        let given = self.settings.get(name).map_or(&[][..], Vec::as_slice);
        match given[..given.partition_point(|(place, _)| *place < at)].last() {
            Some((_, value)) => value.clone(),
            None => self.scopes.get(name),
        }
    }
}
