//! What other files do with the names of a program: notebooks that `%run` it share its session, files that import it have
//! it as a module.

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
};

use super::{Program, nested, sent};
use crate::{
    CellFacts,
    facts::{ExprId, ExprKind, Stmt, StmtKind},
};

#[derive(Debug, Default)]
pub(super) struct Others<'f> {
    /// Cells of the notebooks that `%run` the program.
    includers: Vec<&'f CellFacts>,
    /// Cells of the files that import it.
    importers: Vec<&'f CellFacts>,
    /// Names that these import, and what each is called where it is from.
    aliases: OnceCell<HashMap<Box<str>, Box<str>>>,
    /// Its functions that importers send to the executors, found when first asked for.
    sent: OnceCell<HashSet<Box<str>>>,
}

impl<'f> Program<'f> {
    /// With the cells of the notebooks that `%run` it, and of the files that import it.
    #[must_use]
    pub fn seen_by(
        mut self,
        includers: impl IntoIterator<Item = &'f CellFacts>,
        importers: impl IntoIterator<Item = &'f CellFacts>,
    ) -> Self {
        self.others.includers.extend(includers);
        self.others.importers.extend(importers);
        self
    }

    /// Cells that share a session: its own and those of who runs it.
    pub(super) fn session(&self) -> Vec<&'f CellFacts> {
        self.cells.iter().chain(&self.others.includers).copied().collect()
    }

    fn elsewhere(&self) -> impl Iterator<Item = &'f CellFacts> {
        self.others.includers.iter().chain(&self.others.importers).copied()
    }

    /// Its own cells and those of all that see it.
    pub(in super::super) fn everywhere(&self) -> impl Iterator<Item = &'f CellFacts> {
        self.cells().chain(self.elsewhere())
    }

    /// Whether another file may read a name of its top level: by the name, as an attribute of the module, in an import.
    pub fn is_read_elsewhere(&self, name: &str) -> bool {
        let reads = |facts: &CellFacts| {
            facts.exprs.iter().any(|e| match &e.kind {
                ExprKind::Name(n) | ExprKind::Attr { name: n, .. } => **n == *name,
                // `getattr(conf, "URL")`
                ExprKind::Call { callee, args, .. } if facts.last_name(*callee) == Some("getattr") => {
                    args.get(1).and_then(|a| facts.str_lit(a.value)?.plain()).is_some_and(|text| text.expose() == name)
                }
                _ => false,
            })
        };
        self.elsewhere().any(reads) || self.aliases().values().any(|original| **original == *name)
    }

    fn aliases(&self) -> &HashMap<Box<str>, Box<str>> {
        self.others.aliases.get_or_init(|| {
            let mut found = HashMap::new();
            for facts in self.elsewhere() {
                let mut open: Vec<&Stmt> = facts.body.iter().collect();
                while let Some(stmt) = open.pop() {
                    if let StmtKind::Import(imports) = &stmt.kind {
                        let named = imports
                            .iter()
                            .map(|i| (i.alias.clone(), i.path.rsplit('.').next().unwrap_or(&i.path).into()));
                        found.extend(named);
                    }
                    open.extend(nested(stmt));
                }
            }
            found
        })
    }

    /// Whether an expression of some cell is what the program calls `name`: `f`, `module.f`, `g` after
    /// `from module import f as g`.
    pub(super) fn means(&self, facts: &CellFacts, id: ExprId, name: &str) -> bool {
        match &facts.expr(id).kind {
            ExprKind::Name(n) => **n == *name || self.aliases().get(n).is_some_and(|original| **original == *name),
            ExprKind::Attr { base, name: n, .. } if **n == *name => match &facts.expr(*base).kind {
                ExprKind::Name(module) => self.aliases().contains_key(module),
                ExprKind::Attr { .. } => true,
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether some function or object of the program runs on the executors for a file that imports it: these import the
    /// module, too, and have no `dbutils` for it.
    pub fn is_imported_on_executors(&self) -> bool {
        if self.others.importers.is_empty() {
            return false;
        }
        let sent = self.others.sent.get_or_init(|| {
            let all: Vec<&CellFacts> = self.cells().chain(self.others.importers.iter().copied()).collect();
            let is_module = |name: &str| self.aliases().contains_key(name);
            let runs = |path: &str| self.runs_on_executors(path);
            let found = sent::functions(&all, &self.others.importers, &runs, &is_module);
            found.into_iter().map(|name| self.aliases().get(&name).cloned().unwrap_or(name)).collect()
        });
        self.cells().flat_map(|facts| &facts.body).any(|stmt| match &stmt.kind {
            StmtKind::Function(f) => f.name.as_ref().is_some_and(|(name, _)| sent.contains(name)),
            StmtKind::Class(class) => {
                sent.contains(&class.name) || self.sends_one_of(&class.name, &self.others.importers)
            }
            _ => false,
        })
    }
}
