//! Imports and aliases: what the first segment of a dotted path stands for.

use std::collections::{HashMap, HashSet};

use credscope_grammars::{
    CellFacts,
    facts::{ExprId, ExprKind, Import, Stmt, StmtKind, Target},
};

/// Aliases of a document, all cells together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    aliases: HashMap<Box<str>, Box<str>>,
    /// Names bound to a parser of ini files, where `get(section, option)` has no default.
    parsers: HashSet<Box<str>>,
    /// Names bound to objects whose methods are called like those of others, with their classes.
    objects: HashMap<Box<str>, &'static str>,
}

/// An alias of an alias … is followed this far.
const HOPS: usize = 4;
/// Nesting of statements that is looked into.
const DEPTH: usize = 40;

/// Roots whose parts are modules and services, so that a local name for one means the same everywhere.
const SERVICES: &[&str] = &["dbutils", "spark", "sc", "os", "mssparkutils", "notebookutils"];

/// What the names of a document are made from: of one cell, or of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Collector {
    imports: HashMap<Box<str>, Box<str>>,
    /// `y = x.z` of the top level.
    bound: HashMap<Box<str>, Box<str>>,
    /// The same inside functions.
    local: HashMap<Box<str>, Box<str>>,
    /// Names bound to something that is no path, too.
    other: HashSet<Box<str>>,
    params: HashSet<Box<str>>,
    parsers: HashSet<Box<str>>,
    objects: HashMap<Box<str>, &'static str>,
}

impl Names {
    pub fn of<'a>(cells: impl Iterator<Item = &'a CellFacts>) -> Self {
        let mut found = Collector::default();
        for facts in cells {
            found.block(facts, &facts.body, false, 0);
        }
        Self::from_found(found)
    }

    pub(super) fn from_found(mut found: Collector) -> Self {
        let mut names = Self { aliases: found.imports, parsers: found.parsers, objects: found.objects };
        found.bound.retain(|name, _| !found.other.contains(name));
        for (name, path) in found.bound {
            names.aliases.entry(name).or_insert(path);
        }
        let local: Vec<_> = found
            .local
            .into_iter()
            .filter(|(name, path)| {
                let root = names.resolve(root(path));
                !found.other.contains(name)
                    && !found.params.contains(name)
                    && (SERVICES.contains(&&*root) || root != *self::root(path))
            })
            .collect();
        for (name, path) in local {
            names.aliases.entry(name).or_insert(path);
        }
        names
    }

    /// Dotted path of an expression with its first segment resolved: `ClientSecretCredential` →
    /// `azure.identity.ClientSecretCredential`, `secrets.get` → `dbutils.secrets.get`.
    pub fn path(&self, facts: &CellFacts, id: ExprId) -> Option<String> {
        facts.path(id).map(|path| self.resolve(&path))
    }

    /// Whether `path` is a method of an ini-file parser: `conf.get` after `conf = ConfigParser()`.
    pub fn is_parser_method(&self, path: &str) -> bool {
        path.rsplit_once('.').is_some_and(|(base, _)| self.parsers.contains(base))
    }

    /// The path of a method with the class of its object: `SSHClient().connect` for `c.connect` after `c = SSHClient()`.
    pub fn of_object(&self, path: &str) -> Option<String> {
        let (base, method) = path.rsplit_once('.')?;
        self.objects.get(base).map(|class| format!("{class}().{method}"))
    }

    /// See [`Names::path`].
    pub fn resolve(&self, path: &str) -> String {
        let mut path = path.to_owned();
        for _ in 0..HOPS {
            let first = root(&path);
            let Some(target) = self.aliases.get(first) else { break };
            let stop = root(target) == first;
            path = format!("{target}{}", &path[first.len()..]);
            if stop {
                break;
            }
        }
        path
    }
}

/// First segment of a dotted path.
fn root(path: &str) -> &str {
    &path[..path.find(['.', '(', '[']).unwrap_or(path.len())]
}

impl Collector {
    /// What one cell contributes.
    pub(super) fn of(facts: &CellFacts) -> Self {
        let mut found = Self::default();
        found.block(facts, &facts.body, false, 0);
        found
    }

    /// Takes in what a later cell contributes.
    pub(super) fn add(&mut self, later: &Self) {
        self.imports.extend(later.imports.iter().map(|(alias, path)| (alias.clone(), path.clone())));
        for (mine, theirs) in [(&mut self.bound, &later.bound), (&mut self.local, &later.local)] {
            for (name, path) in theirs {
                if mine.insert(name.clone(), path.clone()).is_some_and(|old| old != *path) {
                    self.other.insert(name.clone());
                }
            }
        }
        self.other.extend(later.other.iter().cloned());
        self.params.extend(later.params.iter().cloned());
        self.parsers.extend(later.parsers.iter().cloned());
        self.objects.extend(later.objects.iter().map(|(name, class)| (name.clone(), *class)));
    }

    fn block(&mut self, facts: &CellFacts, body: &[Stmt], local: bool, depth: usize) {
        if depth > DEPTH {
            return;
        }
        for stmt in body {
            match &stmt.kind {
                StmtKind::Import(imports) => self.import(imports),
                StmtKind::Bind { targets, value, .. } => self.bind(facts, targets, *value, local),
                StmtKind::If { then, other, .. } => {
                    self.block(facts, then, local, depth + 1);
                    self.block(facts, other, local, depth + 1);
                }
                StmtKind::Try { body, handlers, otherwise, finally } => {
                    for block in [body, otherwise, finally].into_iter().chain(handlers.iter().map(|h| &h.body)) {
                        self.block(facts, block, local, depth + 1);
                    }
                }
                StmtKind::For { body, .. }
                | StmtKind::While { body, .. }
                | StmtKind::With { body, .. }
                | StmtKind::Block(body) => self.block(facts, body, local, depth + 1),
                StmtKind::Match { arms, .. } => {
                    for arm in arms {
                        self.block(facts, &arm.body, local, depth + 1);
                    }
                }
                StmtKind::Function(function) => {
                    self.params.extend(function.params.iter().map(|p| p.name.clone()));
                    self.block(facts, &function.body, true, depth + 1);
                }
                StmtKind::Class(class) => self.block(facts, &class.body, true, depth + 1),
                _ => {}
            }
        }
    }

    fn import(&mut self, imports: &[Import]) {
        for import in imports {
            if import.alias != import.path && &*import.alias != "*" {
                self.imports.insert(import.alias.clone(), import.path.clone());
            }
        }
    }

    fn bind(&mut self, facts: &CellFacts, targets: &[Target], value: ExprId, local: bool) {
        let class = class(facts, value);
        for target in targets {
            if let Some(class) = class {
                let path = match target {
                    Target::Place(id) => facts.path(*id),
                    Target::Name { name, .. } => Some(name.to_string()),
                    _ => None,
                };
                match class {
                    PARSER => self.parsers.extend(path.map(Into::into)),
                    class => self.objects.extend(path.map(|path| (path.into(), class))),
                }
            }
            let Target::Name { name, .. } = target else { continue };
            match plain_path(facts, value) {
                // `spark = spark`: says nothing.
                Some(path) if root(&path) == &**name => {}
                Some(path) => {
                    let known = if local { &mut self.local } else { &mut self.bound };
                    if known.insert(name.clone(), path.as_str().into()).is_some_and(|old| *old != *path) {
                        self.other.insert(name.clone());
                    }
                }
                None if local => {}
                None => {
                    self.other.insert(name.clone());
                }
            }
        }
    }
}

const PARSER: &str = "ConfigParser";

/// The class of an object that is made here, of those that are told apart: `configparser.ConfigParser()` and its variants,
/// connections of paramiko.
fn class(facts: &CellFacts, id: ExprId) -> Option<&'static str> {
    let ExprKind::Call { callee, .. } = &facts.expr(id).kind else { return None };
    let name = facts.last_name(*callee)?;
    if name == "getInstance" {
        let path = facts.path(*callee)?;
        let class = path.rsplit('.').nth(1)?;
        return ["KeyStore", "KeyManagerFactory"].into_iter().find(|known| *known == class);
    }
    let name = name.rsplit('.').next().unwrap_or(name);
    match name {
        "SSHClient" => Some("paramiko.SSHClient"),
        "Transport" => Some("paramiko.Transport"),
        name if name.ends_with(PARSER) => Some(PARSER),
        _ => None,
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
