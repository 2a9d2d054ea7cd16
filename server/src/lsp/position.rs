//! Protocol positions ↔ byte offsets. The only place that knows the negotiated encoding.

use credscope_grammars::{ColumnUnit, LineColumn, LineIndex};
use serde_json::{Value, json};

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
    let at = |offset: usize| {
        let p = index.position(text, offset, unit);
        json!({"line": p.line, "character": p.column})
    };
    json!({"start": at(start), "end": at(end)})
}
