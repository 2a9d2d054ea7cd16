//! Lists of arguments that are given one after the other (Scala): the loan pattern `withSecret("x") { p => … }`, folds.

use credscope_grammars::facts::{Arg, ExprId, ExprKind};

use super::{
    At, Callable, Walker,
    value::{Bound, Callee, Value},
};

impl<'a> Walker<'a> {
    /// A function of the documents that has got its first arguments, of several lists.
    pub(super) fn curried(&mut self, at: At<'a>, id: ExprId) -> Option<Callee> {
        let ExprKind::Call { callee, args, is_new: false } = &at.facts.expr(id).kind else { return None };
        let target = match &at.facts.expr(*callee).kind {
            ExprKind::Call { .. } => self.curried(at, *callee)?,
            ExprKind::Name(name) => self.env.lookup(name)?.callable?,
            ExprKind::Attr { base, name, .. } if is_place(at, *base) => {
                let owner = self.eval(at, *base);
                if owner.object.is_none() && owner.module.is_none() {
                    return None;
                }
                self.member_named(&owner, name).callable?
            }
            _ => return None,
        };
        let Some(Callable::Function(function, _)) = self.functions.get(target.target as usize).copied() else {
            return None;
        };
        let mut bound: Vec<Bound> = target.bound.iter().flat_map(|b| b.iter().cloned()).collect();
        // With a default for each of the others it may as well be called.
        if function.params.iter().filter(|p| p.default.is_none()).count() <= bound.len() + args.len() {
            return None;
        }
        for arg in args {
            let value = self.eval(at, arg.value);
            bound.push(Bound { name: arg.name.as_ref().map(|(n, _)| n.clone()), value });
        }
        Some(Callee { bound: Some(bound.into()), ..target })
    }

    /// `option.fold(other)(f)`, `values.foldLeft("")(f)`.
    pub(super) fn fold(&mut self, at: At<'a>, callee: ExprId, args: &'a [Arg]) -> Option<Value> {
        let ExprKind::Call { callee: inner, args: first, .. } = &at.facts.expr(callee).kind else { return None };
        let ExprKind::Attr { base, name, .. } = &at.facts.expr(*inner).kind else { return None };
        let ([first], [function]) = (first.as_slice(), args) else { return None };
        if !matches!(&**name, "fold" | "foldLeft" | "foldRight" | "aggregate") {
            return None;
        }
        let receiver = self.eval(at, *base);
        let first = self.eval(at, first.value);
        let function = self.eval(at, function.value);
        let item =
            if receiver.wrapped { Value { wrapped: false, ..receiver.clone() } } else { self.round(at, &receiver) };
        let Some(callee) = function.callable else { return Some(first.join(&item.flat())) };
        let args = match &**name {
            "fold" if receiver.wrapped => vec![item],
            "foldRight" => vec![item, first.clone()],
            _ => vec![first.clone(), item],
        };
        let result = self.run_positional(&callee, args);
        Some(first.join(&result))
    }
}

/// A name, or a member of one.
fn is_place(at: At<'_>, id: ExprId) -> bool {
    match &at.facts.expr(id).kind {
        ExprKind::Name(_) => true,
        ExprKind::Attr { base, .. } => matches!(at.facts.expr(*base).kind, ExprKind::Name(_)),
        _ => false,
    }
}
