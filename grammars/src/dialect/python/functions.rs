//! Functions of the standard library that a rewrite calls: by their module, or by a name of their own where something else
//! is called like the module.

use super::super::{
    around::{Around, nested},
    words,
};
use crate::{
    CellFacts,
    facts::{Function, Stmt, StmtKind, Target},
};

pub(super) struct Called {
    module: &'static str,
    path: &'static str,
    import: &'static str,
    alias: &'static str,
    alias_import: &'static str,
}

pub(super) const QUOTE: Called = Called {
    module: "urllib.parse",
    path: "urllib.parse.quote",
    import: "import urllib.parse",
    alias: "url_quote",
    alias_import: "from urllib.parse import quote as url_quote",
};

pub(super) const DUMPS: Called = Called {
    module: "json",
    path: "json.dumps",
    import: "import json",
    alias: "json_dumps",
    alias_import: "from json import dumps as json_dumps",
};

impl Called {
    /// How it is called in a place.
    pub(super) fn name(&self, facts: &CellFacts, text: &str, around: &Around<'_>) -> Result<&'static str, String> {
        if !self.is_hidden(facts, around) {
            return Ok(self.path);
        }
        if words(text, self.alias).next().is_some() && !text.contains(self.alias_import) {
            return Err("read the secret into a variable that is encoded first, and use that here".to_owned());
        }
        Ok(self.alias)
    }

    /// The import that the place needs for it.
    pub(super) fn import(&self, facts: &CellFacts, around: &Around<'_>) -> Option<&'static str> {
        if self.is_hidden(facts, around) {
            return Some(self.alias_import);
        }
        (!imports_module(facts, self.module)).then_some(self.import)
    }

    /// Whether the module's name is something else there: a variable, a parameter, a function.
    fn is_hidden(&self, facts: &CellFacts, around: &Around<'_>) -> bool {
        let root = self.module.split('.').next().unwrap_or(self.module);
        let functions = around.levels.iter().filter_map(|l| match &l.stmt.kind {
            StmtKind::Function(function) => Some(&**function),
            _ => None,
        });
        let takes = |f: &Function| f.params.iter().any(|p| &*p.name == root) || binds(&f.body, root);
        binds(&facts.body, root) || functions.into_iter().any(takes)
    }
}

/// Whether statements of one scope bind a name.
fn binds(body: &[Stmt], name: &str) -> bool {
    let is = |target: &Target| matches!(target, Target::Name { name: n, .. } if &**n == name);
    let mut stack: Vec<&Stmt> = body.iter().collect();
    while let Some(stmt) = stack.pop() {
        let bound = match &stmt.kind {
            StmtKind::Bind { targets, .. } => targets.iter().any(is),
            StmtKind::For { target, .. } => is(target),
            StmtKind::With { items, .. } => items.iter().any(|(_, target)| target.as_ref().is_some_and(is)),
            StmtKind::Function(f) => f.name.as_ref().is_some_and(|(n, _)| &**n == name),
            StmtKind::Class(c) => &*c.name == name,
            // A module of that name is what is looked for.
            _ => false,
        };
        if bound {
            return true;
        }
        if !matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_)) {
            stack.extend(nested(stmt));
        }
    }
    false
}

/// Whether `import a.b` stands somewhere.
pub(super) fn imports_module(facts: &CellFacts, module: &str) -> bool {
    facts.body.iter().any(|s| match &s.kind {
        StmtKind::Import(imports) => imports.iter().any(|i| {
            i.module.as_deref().unwrap_or(&i.path) == module && i.alias.split('.').next() == module.split('.').next()
        }),
        _ => false,
    })
}
