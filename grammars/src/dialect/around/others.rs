//! What other files do with the names of a program: notebooks that `%run` it share its session, files that import it have
//! it as a module.

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
};

use super::{Program, nested, sent};
use crate::{
    CellFacts, Language,
    facts::{ExprId, ExprKind, Stmt, StmtKind, Target},
};

#[derive(Debug, Default)]
pub(super) struct Others<'f> {
    /// Cells of the notebooks that `%run` the program.
    includers: Vec<&'f CellFacts>,
    /// Cells of the files that import it.
    importers: Vec<&'f CellFacts>,
    /// Names that these import, and what each is called where it is from.
    aliases: OnceCell<HashMap<Box<str>, Box<str>>>,
    /// Those of these that are imported themselves.
    modules: Vec<&'f CellFacts>,
    /// Whether executors import the program, found when first asked for.
    imported: OnceCell<bool>,
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

    /// With the cells of those importers that are imported themselves.
    #[must_use]
    pub fn with_modules(mut self, modules: impl IntoIterator<Item = &'f CellFacts>) -> Self {
        self.others.modules.extend(modules);
        self
    }

    /// Cells that share a session: its own and those of who runs it. Files of Scala are one program.
    pub(super) fn session(&self) -> Vec<&'f CellFacts> {
        if self.texts.iter().any(|(language, _)| *language == Language::Scala) {
            return self.everywhere().collect();
        }
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

    /// Whether executors import the program: some function or class of it runs there for a file that imports it, or is read
    /// there by its module's name, or a module that imports it is imported there. They have no `dbutils` for it.
    pub fn is_imported_on_executors(&self) -> bool {
        *self.others.imported.get_or_init(|| !self.others.importers.is_empty() && self.is_imported_there())
    }

    fn is_imported_there(&self) -> bool {
        let all = || self.cells().chain(self.others.importers.iter().copied()).collect::<Vec<_>>();
        let is_module = |name: &str| self.aliases().contains_key(name);
        let runs = |path: &str| self.runs_on_executors(path);
        let sent = sent::functions(&all(), &all(), &runs, &is_module);
        if sent.is_empty() {
            return false;
        }
        let original = |name: &'_ str| self.aliases().get(name).map_or_else(|| name.to_owned(), |n| n.to_string());
        let names: HashSet<String> = sent.names.iter().map(|name| original(name)).collect();
        let defines = |facts: &CellFacts| {
            facts.body.iter().any(|stmt| match &stmt.kind {
                StmtKind::Function(f) => f.name.as_ref().is_some_and(|(name, _)| names.contains(&**name)),
                StmtKind::Class(class) => names.contains(&*class.name) || self.sends_one_of(&class.name, &all()),
                _ => false,
            })
        };
        if self.cells().any(defines) || self.others.modules.iter().any(|facts| defines(facts)) {
            return true;
        }
        // `config.TOKEN`, `Settings.TOKEN`: modules and classes go there by their names.
        let own = |wanted: &str, is_class: bool| {
            self.cells().flat_map(|facts| &facts.body).any(|stmt| match &stmt.kind {
                StmtKind::Class(class) => *class.name == *wanted,
                StmtKind::Function(f) => f.name.as_ref().is_some_and(|(name, _)| **name == *wanted),
                StmtKind::Bind { targets, .. } => {
                    !is_class && targets.iter().any(|t| matches!(t, Target::Name { name, .. } if **name == *wanted))
                }
                _ => false,
            })
        };
        sent.exprs(&all()).any(|(facts, id)| match &facts.expr(id).kind {
            ExprKind::Attr { base, name, .. } => match &facts.expr(*base).kind {
                ExprKind::Name(root) if self.aliases().contains_key(root) => {
                    own(name, false) || own(&original(root), true)
                }
                _ => false,
            },
            _ => false,
        })
    }
}
