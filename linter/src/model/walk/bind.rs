//! Bindings: targets, their names, and what they are bound to.

use std::{collections::HashMap, sync::Arc};

use credscope_grammars::{
    Secret, Span,
    facts::{BindKind, ExprId, ExprKind, Target},
};

use super::{At, Role, Value, Walker, call::second_of_pair};
use crate::catalog::clients;

/// Segments of a path that a value is kept under; longer ones are chains of calls, not containers.
const SEGMENTS: usize = 12;
/// Entries that a dict may have for another to be added, one at a time.
const ENTRIES: usize = 64;

impl Walker<'_> {
    pub(super) fn bind(&mut self, at: At<'_>, targets: &[Target], id: ExprId, kind: BindKind) {
        let span = at.facts.expr(id).span;
        let outer = match targets {
            [Target::Name { name, .. }] => self.bound.replace(name.clone()),
            _ => self.bound.take(),
        };
        let only = if let [only] = targets { Some(only.shape()) } else { None };
        let value = match (only, &at.facts.expr(id).kind) {
            // Unpacking binds the items; they are no pair.
            (Some(Target::Tuple(parts)), ExprKind::Seq { items, .. }) if parts.len() == items.len() => {
                for &item in items {
                    self.visit(at, item);
                }
                Value::Unknown
            }
            _ => self.visit(at, id),
        };
        self.bound = outer;
        if let [Target::Name { name, .. }] = targets
            && self.quiet == 0
        {
            self.choices(at, name, id);
            match self.secret_key(at, id) {
                Some(key) => drop(self.secrets.insert(name.clone(), key)),
                // `pw = None` before the read says nothing yet, a text in its place is a choice of its own.
                None if value.is_text() => drop(self.secrets.remove(name)),
                None => {}
            }
        }
        if kind == BindKind::Augmented
            && let [target] = targets
            && let Some((_, path)) = self.target_name(at, target)
        {
            // The literal is at its own place; the whole is what the name has from now on.
            self.emit_bind(at, target, &value, span);
            let old = self.scopes.get(&path);
            let whole = if old.is_text() { Value::concat(&[(old, None), (value, None)]) } else { Value::Unknown };
            self.scopes.set(path, whole);
            return;
        }
        for target in targets {
            self.keeps_as(at, target, id);
            if at.frame.updates
                && kind == BindKind::Assign
                && let Target::Name { name, .. } = target
                && self.scopes.is_only_outside(name)
            {
                self.scopes.bind_outside(name);
            }
            self.bind_target(at, target, &value, id, span, 0);
        }
    }

    pub(super) fn bind_target(
        &mut self,
        at: At<'_>,
        target: &Target,
        value: &Value,
        id: ExprId,
        span: Span,
        depth: u8,
    ) {
        let target = target.shape();
        let Target::Tuple(parts) = target else {
            self.emit_bind(at, target, value, span);
            // `session.auth = ("user", "…")`
            if let Target::Place(_) = target
                && let Some((name, path)) = self.target_name(at, target)
                && let Some(second) = second_of_pair(&name, value)
            {
                self.emit(at, &second, Role::Bind { name: clients::SECOND.into(), path }, span);
            }
            self.assign(at, target, value.clone());
            return;
        };
        if depth > 20 {
            return;
        }
        let items: &[ExprId] = match &at.facts.expr(id).kind {
            ExprKind::Seq { items, .. } if items.len() == parts.len() => items,
            _ => &[],
        };
        for (i, part) in parts.iter().enumerate() {
            match items.get(i) {
                Some(&item) => {
                    let value = self.constant(at, item);
                    self.bind_target(at, part, &value, item, at.facts.expr(item).span, depth + 1);
                }
                None => self.assign(at, part, value.entry(&i.to_string())),
            }
        }
    }

    fn emit_bind(&mut self, at: At<'_>, target: &Target, value: &Value, span: Span) {
        if let Target::Place(place) = target {
            match &at.facts.expr(*place).kind {
                ExprKind::Call { args, .. } => {
                    for arg in args {
                        self.visit(at, arg.value);
                    }
                }
                ExprKind::Index { index, .. } => {
                    self.visit(at, *index);
                }
                _ => {}
            }
        }
        if value.is_text() {
            let role = match self.target_name(at, target) {
                Some((name, path)) => Role::Bind { name, path },
                None => Role::Bare,
            };
            self.emit(at, value, role, span);
        }
    }

    /// Last segment and whole path of what is bound.
    fn target_name(&mut self, at: At<'_>, target: &Target) -> Option<(Box<str>, Box<str>)> {
        match target {
            Target::Name { name, .. } => Some((name.clone(), name.clone())),
            Target::Place(id) => {
                let path = self.path(at, *id)?;
                let name: Box<str> = match self.constant_key(at, *id) {
                    Some(key) => key.expose().into(),
                    None => path.rsplit('.').next().unwrap_or(&path).into(),
                };
                Some((name, path.into()))
            }
            Target::Rest(inner) => match &**inner {
                Target::Name { name, .. } => Some((name.clone(), name.clone())),
                _ => None,
            },
            Target::Of { inner, .. } => self.target_name(at, inner),
            Target::Tuple(_)
            | Target::Other(_)
            | Target::Keyed(_)
            | Target::Literal(_)
            | Target::Any(_)
            | Target::Skip => None,
        }
    }

    pub(super) fn assign(&mut self, at: At<'_>, target: &Target, value: Value) {
        match target.shape() {
            Target::Tuple(parts) => {
                for (i, part) in parts.iter().enumerate() {
                    // Patterns inside patterns are rare; their names are forgotten.
                    match self.target_name(at, part) {
                        Some((_, path)) => self.scopes.set(path, value.entry(&i.to_string())),
                        None => continue,
                    }
                }
            }
            target => {
                if let Some((_, path)) = self.target_name(at, target) {
                    self.keep_entry(at, target, &value);
                    self.scopes.set(path, value);
                }
            }
        }
    }

    /// `options["auth"] = "…"`: the dict has the entry from now on, for the call that takes all of it.
    fn keep_entry(&mut self, at: At<'_>, target: &Target, value: &Value) {
        let Target::Place(place) = target else { return };
        let (ExprKind::Index { base, .. } | ExprKind::Call { callee: base, .. }) = &at.facts.expr(*place).kind else {
            return;
        };
        let ExprKind::Name(name) = &at.facts.expr(*base).kind else { return };
        let name = self.names.resolve(name);
        if let Value::Dict(entries) = self.scopes.get(&name)
            && entries.len() < ENTRIES
            && let Some(key) = self.constant_key(at, *place)
        {
            let mut entries = HashMap::clone(&entries);
            entries.insert(key.expose().into(), value.clone());
            self.scopes.replace(name.into(), Value::Dict(Arc::new(entries)));
        }
    }

    /// The constant key of `base["key"]` and Scala `base("key")`.
    fn constant_key(&mut self, at: At<'_>, id: ExprId) -> Option<Secret> {
        let key = match &at.facts.expr(id).kind {
            ExprKind::Index { index, .. } => self.constant(at, *index).known(),
            ExprKind::Call { args, .. } => match args.as_slice() {
                [only] => self.constant(at, only.value).known(),
                _ => None,
            },
            _ => None,
        };
        key.filter(|key| key.len() < 200)
    }

    /// Dotted path of a variable or a part of one, constant subscripts as segments: `conf["password"]` is
    /// `conf.password`. `None` for anything that is no place for values.
    pub(super) fn path(&mut self, at: At<'_>, id: ExprId) -> Option<String> {
        self.path_of(at, id, SEGMENTS)
    }

    fn path_of(&mut self, at: At<'_>, id: ExprId, left: usize) -> Option<String> {
        let left = left.checked_sub(1)?;
        match &at.facts.expr(id).kind {
            ExprKind::Name(name) => Some(self.names.resolve(name)),
            ExprKind::Attr { base, name, .. } => Some(joined(self.path_of(at, *base, left)?, &[".", name])),
            ExprKind::Index { base, .. } => {
                let base = self.path_of(at, *base, left)?;
                Some(match self.constant_key(at, id) {
                    Some(key) => joined(base, &[".", key.expose()]),
                    None => joined(base, &["[]"]),
                })
            }
            ExprKind::Call { callee, args, .. } => {
                let base = self.path_of(at, *callee, left)?;
                Some(match self.constant_key(at, id) {
                    Some(key) if args.len() == 1 => joined(base, &[".", key.expose()]),
                    _ => joined(base, &["()"]),
                })
            }
            ExprKind::Same(inner) => self.path_of(at, *inner, left),
            _ => None,
        }
    }
}

/// A path with more behind it: asked for every expression, which a formatter is too slow for.
fn joined(mut path: String, more: &[&str]) -> String {
    more.iter().for_each(|part| path.push_str(part));
    path
}
