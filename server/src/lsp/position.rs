//! Protocol positions ↔ byte offsets. The only place that knows the negotiated encoding.

use credscope_grammars::{ColumnUnit, LineColumn, LineIndex};
use serde_json::Value;

/// First of the client's encodings that the server has; UTF-16 when it names none.
pub(super) fn negotiate(capabilities: &Value) -> (ColumnUnit, &'static str) {
    let offered = capabilities.pointer("/general/positionEncodings").and_then(Value::as_array);
    for name in offered.into_iter().flatten().filter_map(Value::as_str) {
        match name {
            "utf-8" => return (ColumnUnit::Utf8, "utf-8"),
            "utf-16" => return (ColumnUnit::Utf16, "utf-16"),
            "utf-32" => return (ColumnUnit::Utf32, "utf-32"),
            _ => {}
        }
    }
    (ColumnUnit::Utf16, "utf-16")
}

pub(super) fn offset(text: &str, index: &LineIndex, position: &Value, unit: ColumnUnit) -> usize {
    let number = |key: &str| position.get(key).and_then(Value::as_u64).unwrap_or(0).min(u64::from(u32::MAX)) as u32;
    index.offset(text, LineColumn { line: number("line"), column: number("character") }, unit)
}

pub(super) fn range(text: &str, index: &LineIndex, start: usize, end: usize, unit: ColumnUnit) -> Value {
    Range::of(text, index, start, end, unit).to_value()
}

/// A protocol range: lines and columns as the client counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub start: LineColumn,
    pub end: LineColumn,
}

impl Range {
    pub(super) fn of(text: &str, index: &LineIndex, start: usize, end: usize, unit: ColumnUnit) -> Self {
        Self { start: index.position(text, start, unit), end: index.position(text, end, unit) }
    }

    pub(super) fn to_value(self) -> Value {
        let at = |p: LineColumn| object([("line", p.line.into()), ("character", p.column.into())]);
        object([("start", at(self.start)), ("end", at(self.end))])
    }
}

/// A JSON object of values that are made already: `json!` would copy them.
pub(super) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
