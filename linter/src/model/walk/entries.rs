//! Entries of a dict or Map that a call takes as options, headers or properties: each is an argument of the call.

use std::sync::Arc;

use credscope_grammars::{
    Span,
    facts::{Arg, ExprId, ExprKind},
};

use super::{At, Role, Value, Walker};
use crate::{
    catalog::{name_words, options},
    finding::Place,
    model::{Argument, Arguments},
    value::names::{self, NameVerdict},
};

/// Entries of one dict that are noted as siblings.
pub(super) const SIBLINGS: usize = 64;

impl Walker<'_> {
    pub(super) fn entries(&mut self, at: At<'_>, id: ExprId, callee: ExprId, path: &str, args: &[(&Arg, &Value)]) {
        let method = path.rsplit('.').next().unwrap_or(path);
        // `read.df` of R is one name.
        let method = if options::is_reader(path) { path } else { method };
        for (arg, value) in args {
            let Value::Dict(entries) = value else { continue };
            let keyword = arg.name.as_ref().map(|(name, _)| &**name);
            let Some(told) = options::entries_as(path, method, keyword) else { continue };
            let mut entries: Vec<(&Box<str>, &Value)> = entries.iter().filter(|(_, value)| value.is_text()).collect();
            entries.sort_by_key(|(key, _)| *key);
            let siblings: Arguments =
                entries.iter().take(SIBLINGS).map(|(key, value)| (Some((*key).clone()), value.known())).collect();
            let chain = if entries.is_empty() { Arc::new([]) } else { self.chain(at, callee) };
            let callee: Box<str> = if method == told { path.into() } else { format!("{path}.{told}").into() };
            let argument = Argument {
                callee,
                method: told.into(),
                index: None,
                keyword: None,
                siblings,
                call: Place { cell: at.frame.cell, span: at.frame.span(at.facts.expr(id).span) },
                chain,
            };
            self.give(at, arg, &argument, entries.into_iter().map(|(key, value)| (&**key, value)));
        }
    }

    /// Entries of a dict as arguments of a call, each under its key; `argument` is what they share.
    pub(super) fn give<'v>(
        &mut self,
        at: At<'_>,
        arg: &Arg,
        argument: &Argument,
        entries: impl Iterator<Item = (&'v str, &'v Value)>,
    ) {
        for (key, value) in entries {
            let argument = Argument { keyword: Some(key.into()), ..argument.clone() };
            self.emit(at, value, Role::Argument(Box::new(argument)), at.facts.expr(arg.value).span);
        }
    }

    /// Scala `properties += ("password" -> "…")`: as `properties.put("password", "…")`.
    pub(super) fn added_pairs(&mut self, at: At<'_>, id: ExprId, path: &str, args: &[Arg], values: &[Value]) {
        for (arg, value) in args.iter().zip(values) {
            let mut pair = arg.value;
            while let ExprKind::Same(inner) = &at.facts.expr(pair).kind {
                pair = *inner;
            }
            let ExprKind::Pair { value: written, .. } = &at.facts.expr(pair).kind else { continue };
            let Value::Dict(entries) = value else { continue };
            let Some((key, value)) = entries.iter().next() else { continue };
            let argument = Argument {
                callee: format!("{}.put", path.trim_end_matches("+=").trim_end_matches('.')).into(),
                method: "put".into(),
                index: Some(1),
                keyword: None,
                siblings: Arc::new([(None, Some(key.to_string().into())), (None, value.known())]),
                call: Place { cell: at.frame.cell, span: at.frame.span(at.facts.expr(id).span) },
                chain: Arc::new([]),
            };
            self.emit(at, value, Role::Argument(Box::new(argument)), at.facts.expr(*written).span);
        }
    }

    /// Values of a dict that is bound to the name of one secret, each for a stage or system: `password = {"dev": "…", "prod": "…"}`.
    pub(super) fn choices(&mut self, at: At<'_>, name: &str, mut id: ExprId) {
        while let ExprKind::Same(inner) = &at.facts.expr(id).kind {
            id = *inner;
        }
        let ExprKind::Dict(entries) = &at.facts.expr(id).kind else { return };
        if self.quiet > 0 || names::verdict(name) != NameVerdict::Secret || names::is_collective(name) {
            return;
        }
        for entry in entries {
            let Some(key) = entry.key.and_then(|key| self.constant(at, key).known()) else { continue };
            let value = self.constant(at, entry.value);
            if value.is_text() && name_words::is_of_place(key.expose()) {
                let path = format!("{name}[{}]", key.expose()).into();
                self.emit(at, &value, Role::Bind { name: name.into(), path }, at.facts.expr(entry.value).span);
            }
        }
    }

    /// Values of a list or dict that is bound to a name for several secrets: `API_KEYS = {"maps": "…"}`.
    pub(super) fn members<'v>(&mut self, at: At<'_>, values: impl Iterator<Item = (&'v str, &'v Value, Span)>) {
        let Some(name) = self.bound.clone().filter(|name| self.quiet == 0 && names::is_collective(name)) else {
            return;
        };
        for (key, value, span) in values.filter(|(_, value, _)| value.is_text()) {
            let path = format!("{name}[{key}]").into();
            self.emit(at, value, Role::Bind { name: name.clone(), path }, span);
        }
    }
}
