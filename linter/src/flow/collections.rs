//! Members and methods of containers, whose elements stay as they are: `Seq(pw).head`, `Try(pw).toOption`,
//! `Map(…).values`, `pair._2`. The same words on a text change it.

use std::collections::BTreeMap;

use super::{Walker, value::Value};

impl Walker<'_> {
    /// A member of a container or `Option`; `None`: the value is neither, or the member is none of these.
    pub(super) fn of_container(&mut self, value: &Value, name: &str) -> Option<Value> {
        if value.frame || value.holder || value.document {
            return None;
        }
        let bare = Value { wrapped: false, ..value.clone() };
        if value.wrapped {
            return match name {
                // What failed, of an `Either`.
                "left" => Some(Value::clean()),
                "get" | "head" | "last" | "next" | "orNull" | "value" => Some(bare),
                "toOption" | "toTry" | "toEither" | "iterator" | "toList" | "toSeq" | "toVector" | "toArray"
                | "toSet" | "headOption" | "lastOption" | "right" | "asJava" | "asScala" => Some(value.clone()),
                _ => None,
            };
        }
        if value.is_clean() || value.parts.is_none() || !value.labels.is_empty() || value.object.is_some() {
            return None;
        }
        if let Some(position) = name.strip_prefix('_').and_then(|n| n.parse::<usize>().ok()) {
            return Some(value.part(&position.checked_sub(1)?.to_string()).cloned().unwrap_or_default());
        }
        match name {
            "head" | "last" if !value.mapping && value.part("*").is_none() => {
                let count = value.parts.as_ref().map_or(0, |p| p.len());
                let position = if name == "head" { 0 } else { count.saturating_sub(1) };
                Some(value.part(&position.to_string()).cloned().unwrap_or_else(|| self.item_of(value)))
            }
            "head" | "last" | "next" | "first" | "max" | "min" => Some(self.item_of(value)),
            "headOption" | "lastOption" => Some(Value { wrapped: true, ..self.item_of(value) }),
            "tail" | "init" | "reverse" | "distinct" | "sorted" | "reversed" | "copy" | "clone" | "result" | "seq" => {
                Some(value.clone())
            }
            "toMap" => Some(value.of_pairs().unwrap_or_else(|| value.clone())),
            "asScala" | "asJava" => Some(value.clone()),
            "toList" | "toSeq" | "toArray" | "toVector" | "toSet" | "iterator" | "toBuffer" => {
                Some(match value.mapping {
                    true => Value::list_of(self.pair(value)),
                    false => value.clone(),
                })
            }
            "values" | "valuesIterator" if value.mapping => Some(self.values_of(value)),
            "keys" | "keySet" | "keysIterator" => Some(self.keys_of(value)),
            "indices" => Some(Value::clean()),
            "zipWithIndex" => {
                let parts = [("0".into(), self.item_of(value)), ("1".into(), Value::clean())];
                Some(Value::list_of(Value::parts(BTreeMap::from(parts))))
            }
            _ => None,
        }
    }

    /// The keys of a dictionary: no secrets, but they say what stands beside them.
    pub(super) fn keys_of(&mut self, value: &Value) -> Value {
        if !value.mapping || value.is_clean() || value.holder {
            return Value::clean();
        }
        let key = self.pair(value).part("0").cloned().unwrap_or_default();
        Value::list_of(key)
    }

    /// What stands under the keys of a dictionary.
    pub(super) fn values_of(&mut self, value: &Value) -> Value {
        if value.document {
            return Value::list_of(Value { holder: false, parts: None, ..value.clone() });
        }
        if value.frame || value.holder || !value.mapping {
            return value.clone();
        }
        Value::list_of(self.element(value))
    }

    /// One element: a pair of a dictionary.
    fn item_of(&mut self, value: &Value) -> Value {
        if value.mapping { self.pair(value) } else { self.element(value) }
    }
}
