//! Imports and aliases: what the first segment of a dotted path stands for.

use std::collections::HashMap;

use credscope_grammars::{
    CellFacts,
    facts::{ExprId, ExprKind, Stmt, StmtKind, Target},
};

/// Aliases of a document, all cells together (names are rarely bound twice to different modules).
#[derive(Clone, Debug, Default)]
pub struct Names {
    aliases: HashMap<Box<str>, Box<str>>,
}

/// An alias of an alias … is followed this far.
const HOPS: usize = 4;

impl Names {
    pub fn of<'a>(cells: impl Iterator<Item = &'a CellFacts>) -> Self {
        let mut names = Self::default();
        for facts in cells {
            names.block(facts, &facts.body, 0);
        }
        names
    }

    fn block(&mut self, facts: &CellFacts, body: &[Stmt], depth: usize) {
        if depth > 40 {
            return;
        }
        for stmt in body {
            match &stmt.kind {
                StmtKind::Import(imports) => {
                    for import in imports {
                        if import.alias != import.path && &*import.alias != "*" {
                            self.aliases.insert(import.alias.clone(), import.path.clone());
                        }
                    }
                }
                StmtKind::Bind { targets, value, .. } => {
                    if let [Target::Name { name, .. }] = targets.as_slice()
                        && let Some(path) = plain_path(facts, *value)
                        && path.split('.').next() != Some(name)
                    {
                        self.aliases.insert(name.clone(), path.into());
                    }
                }
                StmtKind::If { then, other, .. } => {
                    self.block(facts, then, depth + 1);
                    self.block(facts, other, depth + 1);
                }
                StmtKind::Try { body, handlers, otherwise, finally } => {
                    for block in [body, otherwise, finally].into_iter().chain(handlers.iter().map(|h| &h.body)) {
                        self.block(facts, block, depth + 1);
                    }
                }
                StmtKind::For { body, .. } | StmtKind::While { body, .. } | StmtKind::With { body, .. } => {
                    self.block(facts, body, depth + 1);
                }
                StmtKind::Function(function) => self.imports_only(facts, &function.body, depth + 1),
                StmtKind::Class(class) => self.imports_only(facts, &class.body, depth + 1),
                StmtKind::Block(body) => self.block(facts, body, depth + 1),
                _ => {}
            }
        }
    }

    /// Local variables are no aliases of the document; local imports are.
    fn imports_only(&mut self, facts: &CellFacts, body: &[Stmt], depth: usize) {
        if depth > 40 {
            return;
        }
        for stmt in body {
            match &stmt.kind {
                StmtKind::Import(_) => self.block(facts, std::slice::from_ref(stmt), depth),
                StmtKind::Function(function) => self.imports_only(facts, &function.body, depth + 1),
                StmtKind::Class(class) => self.imports_only(facts, &class.body, depth + 1),
                _ => {}
            }
        }
    }

    /// Dotted path of an expression with its first segment resolved: `ClientSecretCredential` →
    /// `azure.identity.ClientSecretCredential`, `secrets.get` → `dbutils.secrets.get`.
    pub fn path(&self, facts: &CellFacts, id: ExprId) -> Option<String> {
        facts.path(id).map(|path| self.resolve(&path))
    }

    /// See [`Names::path`].
    pub fn resolve(&self, path: &str) -> String {
        let mut path = path.to_owned();
        for _ in 0..HOPS {
            let end = path.find(['.', '(', '[']).unwrap_or(path.len());
            let Some(target) = self.aliases.get(&path[..end]) else { break };
            path = format!("{target}{}", &path[end..]);
        }
        path
    }
}

/// `a.b.c` without calls and indexing.
fn plain_path(facts: &CellFacts, id: ExprId) -> Option<String> {
    match &facts.expr(id).kind {
        ExprKind::Name(_) | ExprKind::Attr { .. } => facts.path(id).filter(|p| !p.contains(['(', '[', '?'])),
        ExprKind::Same(inner) => plain_path(facts, *inner),
        _ => None,
    }
}
