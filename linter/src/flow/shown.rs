//! What a value shows when it is printed or becomes part of a text: fields of records, what classes say of themselves,
//! nothing of clients and readers.

use super::{Walker, grows::is_container, value::Value};

/// Objects inside objects that are shown with them.
const REVEALED: usize = 4;

impl Walker<'_> {
    /// All fields of an object as a container.
    pub(super) fn fields_of(&mut self, object: u32) -> Value {
        let fields = self.env.fields(object);
        Value::dictionary(fields.into_iter().filter(|(_, v)| v.callable.is_none()).collect())
    }

    /// An object that shows its fields when it is printed, as what is shown; anything else as it is.
    pub(super) fn revealed(&mut self, value: &Value) -> Value {
        self.revealed_within(value, 0)
    }

    fn revealed_within(&mut self, value: &Value, depth: usize) -> Value {
        // A client or session of somebody else's shows nothing of what was set on it.
        let foreign = value.origin.as_ref().is_some_and(|o| o.ends_with(')') && !is_container(o));
        if foreign
            && value.labels.is_empty()
            && value.object.is_none()
            && !value.mapping
            && !value.frame
            && !value.wrapped
        {
            return Value { parts: None, ..value.clone() };
        }
        let Some(object) = value.object.filter(|_| value.callable.is_none()) else { return value.clone() };
        for word in ["__str__", "__repr__", "toString"] {
            let own = self.env.field(object, word).and_then(|v| v.callable);
            if let Some(method) = own.or_else(|| self.method(object, word)) {
                return self.run_positional(&method, Vec::new());
            }
        }
        let Some(frame) = self.env.frames.get(object as usize).filter(|f| f.shown) else { return value.clone() };
        let (hidden, listed) = (frame.hidden.clone(), frame.fields.clone());
        let fields = self.fields_of(object);
        let mut parts = std::collections::BTreeMap::new();
        for (name, value) in fields.parts.iter().flat_map(|p| p.iter()) {
            let shown = listed.is_empty() || listed.iter().any(|l| **l == *name);
            if shown && !value.holder && !hidden.iter().any(|h| **h == *name) && depth < REVEALED {
                parts.insert(name.into(), self.revealed_within(value, depth + 1));
            }
        }
        Value::parts(parts)
    }

    /// What a value becomes as part of a text: readers and tables of the cluster show what they are, not what they hold.
    pub(super) fn as_text(&mut self, value: &Value) -> Value {
        let shown = self.revealed(value);
        if shown.holder || shown.frame && !shown.pandas { Value::clean() } else { shown.flat() }
    }
}
