//! Loops, comprehensions and functions over few constant texts, one after the other: `[dbutils.secrets.get("kv", k) for k in
//! ("host", "password")]` reads two secrets, and each of the names that it is unpacked into gets one.

use std::{collections::BTreeMap, rc::Rc};

use credscope_grammars::facts::{Clause, ExprId, Target};

use super::{
    At, Walker,
    expressions::literal,
    pairs::Pairing,
    reach::Call,
    value::{Callee, Value},
};

/// Texts of a collection that are looked at one by one.
const FEW_TEXTS: usize = 8;

impl Value {
    /// The text that a key of a loop is known to be.
    pub(super) fn only_text(&self) -> Option<String> {
        let keys = self.pairing.as_ref().filter(|_| self.is_clean())?.keys()?;
        if let [only] = keys.as_slice() { Some(only.to_string()) } else { None }
    }
}

impl<'a> Walker<'a> {
    /// The texts that an item is one of, each as an item of its own, where they are few and no loop is around.
    pub(super) fn single_texts(&mut self, item: &Value) -> Vec<Value> {
        let Some(pairing) = item.pairing.as_ref().filter(|_| item.is_blank() && self.loops == 0) else {
            return Vec::new();
        };
        let keys = pairing.keys().filter(|keys| keys.len() <= FEW_TEXTS).unwrap_or_default();
        keys.into_iter().map(|key| self.single_text(key)).collect()
    }

    /// A text that is known, as an item of a loop.
    pub(super) fn single_text(&mut self, text: Box<str>) -> Value {
        self.loop_id += 1;
        Value { pairing: Some(Rc::new(Pairing::single(self.loop_id, text))), ..Value::clean() }
    }

    /// A comprehension over constant texts, in a frame of its own, element by element. `None`: it is none, or goes over too many.
    pub(super) fn each_text(&mut self, at: At<'a>, elements: &'a [ExprId], clause: &'a Clause) -> Option<Value> {
        let texts = self.texts(at, clause.iter, 0).filter(|t| !t.is_empty() && t.len() <= FEW_TEXTS)?;
        let Target::Name { name, .. } = &clause.target else { return None };
        let (mut parts, mut position) = (BTreeMap::new(), 0_usize);
        for text in texts {
            let item = self.single_text(text.as_str().into());
            self.assign(at, &clause.target, item);
            let mut kept = true;
            for condition in &clause.conditions {
                self.eval(at, *condition);
                kept &= self.holds(at, *condition, name, Some(&text), 0) != Some(false);
            }
            if !kept {
                continue;
            }
            match elements {
                [key, value] => {
                    let known = self.eval(at, *key);
                    let key = literal(at, *key).or_else(|| known.only_text()).unwrap_or_else(|| format!("*{position}"));
                    let value = self.eval(at, *value);
                    parts.insert(key.into(), value);
                }
                all => {
                    let value = all.iter().fold(Value::clean(), |value, e| value.join(&self.eval(at, *e)));
                    parts.insert(position.to_string().into(), value);
                }
            }
            position += 1;
        }
        Some(Value { mapping: elements.len() == 2, ..Value::parts(parts) })
    }

    /// `zip(("user", "password"), values)`: pairs whose keys are known.
    pub(super) fn zipped(&mut self, at: At<'a>, call: &Call<'_, 'a>) -> Option<Value> {
        let [keys, _] = call.args else { return None };
        let values = call.values[1].parts.clone().filter(|_| call.values[1].labels.is_empty())?;
        let texts = self.texts(at, keys.value, 0).filter(|t| t.len() <= FEW_TEXTS && t.len() == values.len())?;
        let mut pairs = BTreeMap::new();
        for (i, text) in texts.into_iter().enumerate() {
            let position = i.to_string();
            let parts = [("0".into(), self.single_text(text.into())), ("1".into(), values.get(&position)?.clone())];
            pairs.insert(position.into(), Value::parts(parts.into()));
        }
        Some(Value::parts(pairs))
    }

    /// A function over constant texts, element by element.
    pub(super) fn over_texts(&mut self, at: At<'a>, items: ExprId, callee: &Callee) -> Option<Value> {
        let texts = self.texts(at, items, 0).filter(|t| !t.is_empty() && t.len() <= FEW_TEXTS)?;
        let mut parts = BTreeMap::new();
        for (position, text) in texts.into_iter().enumerate() {
            let item = self.single_text(text.into());
            let value = self.run_positional(callee, vec![item]);
            parts.insert(position.to_string().into(), value);
        }
        Some(Value::parts(parts))
    }
}
