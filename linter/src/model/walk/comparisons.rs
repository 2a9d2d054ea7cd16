//! Calls that compare a value.

use credscope_grammars::facts::{Arg, ExprId, ExprKind, Target};

use super::{At, Role, Value, Walker};

impl Walker<'_> {
    /// `password.equals("…")`, `hmac.compare_digest(password, "…")`.
    pub(super) fn compared(&mut self, at: At<'_>, callee: ExprId, args: &[Arg], values: &[Value]) {
        let receiver = match &at.facts.expr(callee).kind {
            ExprKind::Attr { base, .. } if args.len() == 1 => Some(*base),
            _ => None,
        };
        for (i, (arg, value)) in args.iter().zip(values).enumerate().filter(|(_, (_, value))| value.is_text()) {
            let Some(other) = receiver.or_else(|| args.get(if i == 0 { 1 } else { i - 1 }).map(|a| a.value)) else {
                continue;
            };
            let name = self.label(at, other);
            if !name.is_empty() {
                self.emit(at, value, Role::Compare { name, in_pattern: false }, at.facts.expr(arg.value).span);
            }
        }
        if let (Some(receiver), [arg]) = (receiver, args)
            && let value = self.constant(at, receiver)
            && value.is_text()
        {
            let name = self.label(at, arg.value);
            self.emit(at, &value, Role::Compare { name, in_pattern: false }, at.facts.expr(receiver).span);
        }
    }

    /// The texts of a pattern: `match password: case "…"` compares as `password == "…"` does. `name` is what the value is called
    /// that is matched.
    pub(super) fn asked_for(&mut self, at: At<'_>, subject: Option<ExprId>, name: &str, pattern: &Target) {
        match pattern {
            Target::Literal(id) => {
                self.place(at, *id, Role::Compare { name: name.into(), in_pattern: true });
            }
            Target::Any(parts) => parts.iter().for_each(|part| self.asked_for(at, subject, name, part)),
            Target::Keyed(pairs) => {
                for (key, part) in pairs {
                    let key = self.constant(at, *key).known();
                    self.asked_for(at, None, key.as_ref().map_or("", |key| key.expose()), part);
                }
            }
            // `Some("…")`
            Target::Of { inner, .. } => match &**inner {
                Target::Tuple(parts) if parts.len() == 1 => self.asked_for(at, None, name, &parts[0]),
                inner => self.asked_for(at, None, "", inner),
            },
            Target::Tuple(parts) => {
                let items = match subject.map(|id| &at.facts.expr(id).kind) {
                    Some(ExprKind::Seq { items, .. }) if items.len() == parts.len() => items.as_slice(),
                    _ => &[],
                };
                for (i, part) in parts.iter().enumerate() {
                    let name = items.get(i).map(|&item| self.label(at, item)).unwrap_or_default();
                    self.asked_for(at, items.get(i).copied(), &name, part);
                }
            }
            Target::Name { .. } | Target::Place(_) | Target::Rest(_) | Target::Other(_) | Target::Skip => {}
        }
    }
}
