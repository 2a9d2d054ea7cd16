//! What calls say of secrets of a scope: which one they read, and what is passed on as the name of one or in place of one.

use std::ops::Range;

use credscope_grammars::facts::{Arg, ConstKind, ExprId, ExprKind, StmtKind, Target};

use super::{
    At, Walker,
    call::{arg_name, keeps_text},
};
use crate::{
    catalog::clients,
    value::names::{NameVerdict, verdict},
};

/// Whether a call of that path reads a secret of a scope.
fn reads_secret(path: &str) -> bool {
    path.ends_with("secrets.get") || matches!(path, "secret" | "try_secret")
}

/// Functions of SQL that answer the first of their arguments that is there.
const CHOICES: &[&str] = &["coalesce", "nvl", "ifnull"];

impl Walker<'_> {
    /// A parameter that is passed on as the scope or key of a secret holds a name, not a secret, whatever it is called.
    pub(super) fn note_names_of_secrets(&mut self, at: At<'_>, callee: ExprId, path: &str, args: &[Arg]) {
        if self.functions.is_empty() && self.class.is_none() {
            return;
        }
        let reads = path.contains("secrets.get") || path.contains("getSecret") || path.ends_with("get_secret");
        let parameters = if reads { None } else { self.parameters_of(at, callee) };
        let mut position = 0;
        for (i, arg) in args.iter().enumerate() {
            let index = arg.name.is_none().then_some(position);
            position += u32::from(arg.name.is_none());
            let Some(name) = self.handed_name(at, arg.value) else { continue };
            let own = parameters.as_ref().and_then(|p| p.get(index? as usize));
            if reads || own.is_some_and(|p| p.is_empty()) {
                self.names_of_secrets.insert(name.clone());
            }
            let key = match (own, index) {
                // A function of the document that passes it on in turn.
                (Some(own), _) => {
                    own.rsplit('=').next().filter(|key| verdict(key) == NameVerdict::Secret).map(Into::into)
                }
                (None, Some(index)) if parameters.is_none() => {
                    let positional = args.iter().filter(|a| a.name.is_none()).count();
                    clients::positional(path, index, positional).map(Into::into)
                }
                _ => None,
            };
            if let Some(key) = key.or_else(|| self.key_of(at, callee, args, i)) {
                self.passed_on.insert(name, key);
            }
        }
    }

    /// The name that an expression is, as it is or as another kind of text: `v`, `v.encode()`, `str(v)`.
    fn handed_name(&self, at: At<'_>, mut id: ExprId) -> Option<Box<str>> {
        for _ in 0..4 {
            match &at.facts.expr(id).kind {
                ExprKind::Name(name) => return Some(name.clone()),
                ExprKind::Same(inner) => id = *inner,
                ExprKind::Attr { base, name, .. } if keeps_text(name) => id = *base,
                ExprKind::Call { callee, args, .. } => match (&at.facts.expr(*callee).kind, args.as_slice()) {
                    (ExprKind::Attr { base, name, .. }, _) if keeps_text(name) => id = *base,
                    (ExprKind::Name(name), [only]) if keeps_text(name) => id = only.value,
                    _ => return None,
                },
                _ => return None,
            }
        }
        None
    }

    /// `self.password = value`, `password = value`: a parameter that is kept under such a name is passed on as that.
    pub(super) fn keeps_as(&mut self, at: At<'_>, target: &Target, value: ExprId) {
        if self.functions.is_empty() && self.class.is_none() {
            return;
        }
        let key = match target.shape() {
            Target::Name { name, .. } => name,
            Target::Place(place) => match &at.facts.expr(*place).kind {
                ExprKind::Attr { name, .. } => name,
                _ => return,
            },
            _ => return,
        };
        if verdict(key) == NameVerdict::Secret
            && let Some(name) = self.handed_name(at, value)
        {
            self.passed_on.insert(name, key.clone());
        }
    }

    /// The key of the secret that a call of SQL has a second choice for, and the arguments (from 1) that are one.
    pub(super) fn chosen(&mut self, at: At<'_>, path: &str, args: &[Arg]) -> Option<(Box<str>, Range<u32>)> {
        if CHOICES.contains(&path) {
            return Some((args.iter().find_map(|a| self.secret_key(at, a.value))?, 2..u32::MAX));
        }
        let test = args.first()?.value;
        match path {
            "nvl2" => Some((self.secret_key(at, test)?, 3..4)),
            "if" | "iff" => {
                let (key, absent) = self.secret_asked(at, test)?;
                Some((key, if absent { 2..3 } else { 3..4 }))
            }
            _ => None,
        }
    }

    /// The key of the secret that a test asks for, and whether the test holds when there is none:
    /// `secret('s', 'k') IS NULL`.
    pub(super) fn secret_asked(&mut self, at: At<'_>, test: ExprId) -> Option<(Box<str>, bool)> {
        match &at.facts.expr(test).kind {
            ExprKind::Same(inner) => self.secret_asked(at, *inner),
            ExprKind::Compare { op, operands } => {
                let [first, second] = operands.as_slice() else { return None };
                let null = matches!(&at.facts.expr(*second).kind, ExprKind::Const(c) if c.kind == ConstKind::Null);
                let absent = matches!(&**op, "is" | "==");
                if null { Some((self.secret_key(at, *first)?, absent)) } else { None }
            }
            ExprKind::Call { callee, args, .. } => match (at.facts.path(*callee)?.as_str(), args.as_slice()) {
                ("isnull", [only]) => Some((self.secret_key(at, only.value)?, true)),
                ("isnotnull", [only]) => Some((self.secret_key(at, only.value)?, false)),
                _ => None,
            },
            _ => None,
        }
    }

    /// What an argument is a credential for: its keyword, or the key before it.
    fn key_of(&mut self, at: At<'_>, callee: ExprId, args: &[Arg], index: usize) -> Option<Box<str>> {
        let is_setter = || {
            let name = at.facts.last_name(callee).and_then(|name| name.rsplit('.').next());
            name.is_some_and(|name| matches!(name, "option" | "config" | "set" | "put" | "setProperty"))
        };
        let key = match &args.get(index)?.name {
            Some((keyword, _)) => keyword.clone(),
            None if index == 1 && args.len() == 2 && is_setter() => {
                self.constant(at, args[0].value).known()?.expose().into()
            }
            None => return None,
        };
        (verdict(&key) == NameVerdict::Secret).then_some(key)
    }

    /// The key of the secret that an expression reads, as far as it is constant; behind wrappers like `Try(…)` and steps
    /// like `.strip()`.
    pub(super) fn secret_key(&mut self, at: At<'_>, id: ExprId) -> Option<Box<str>> {
        const WRAPPERS: &[&str] = &["Try", "Option", "str", "String"];
        let mut id = id;
        for _ in 0..8 {
            match &at.facts.expr(id).kind {
                ExprKind::Same(inner) => id = *inner,
                ExprKind::Call { callee, args, .. } => {
                    let path = at.facts.path(*callee)?;
                    if reads_secret(&path) {
                        let named = args.iter().find(|a| arg_name(a) == "key");
                        let key = named.or_else(|| args.iter().filter(|a| a.name.is_none()).nth(1))?;
                        return self.constant(at, key.value).known().map(|key| key.expose().into());
                    }
                    match (&at.facts.expr(*callee).kind, args.as_slice()) {
                        (_, [only]) if WRAPPERS.contains(&path.as_str()) => id = only.value,
                        (ExprKind::Attr { base, .. }, _) => id = *base,
                        _ => return None,
                    }
                }
                ExprKind::Attr { base, .. } => id = *base,
                ExprKind::Block(body) => match body.last().map(|stmt| &stmt.kind) {
                    Some(StmtKind::Expr(last)) => id = *last,
                    // R: `try(…)` answers what its body does.
                    Some(StmtKind::Try { body, .. }) => match body.last().map(|stmt| &stmt.kind) {
                        Some(StmtKind::Expr(last)) => id = *last,
                        _ => return None,
                    },
                    _ => return None,
                },
                _ => return None,
            }
        }
        None
    }
}
