//! Calls that compare a value.

use credscope_grammars::facts::{Arg, ExprId, ExprKind};

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
                self.emit(at, value, Role::Compare { name }, at.facts.expr(arg.value).span);
            }
        }
        if let (Some(receiver), [arg]) = (receiver, args)
            && let value = self.constant(at, receiver)
            && value.is_text()
        {
            let name = self.label(at, arg.value);
            self.emit(at, &value, Role::Compare { name }, at.facts.expr(receiver).span);
        }
    }
}
