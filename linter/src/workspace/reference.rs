//! Which file a `%run` or an import means.

use std::{collections::BTreeSet, sync::Arc};

use credscope_grammars::{
    CellFacts, Document,
    facts::{Import, Stmt, StmtKind},
};

/// Something that names another file, as written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// `%run ./path`.
    Run(Box<str>),
    /// A dotted module, relative ones with their leading dots.
    Module(Box<str>),
}

/// Endings of notebooks that are run without naming one.
const NOTEBOOKS: &[&str] = &["py", "scala", "sql", "r", "R", "ipynb"];
/// Folders above a file that are looked into.
const MAX_ANCESTORS: usize = 8;
/// Nesting of statements that is looked into for imports.
const DEPTH: usize = 20;

/// Folder of a path, without a trailing slash; `""` for the root.
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

impl Reference {
    /// Workspace paths that a file of `folder` can mean, likeliest first.
    pub fn candidates(&self, folder: &str) -> Vec<String> {
        match self {
            Self::Run(path) => run(folder, path),
            Self::Module(module) => modules(folder, module),
        }
    }
}

fn run(folder: &str, path: &str) -> Vec<String> {
    let path = path.trim().trim_matches(['"', '\'']).trim_end_matches('/');
    if path.is_empty() {
        return Vec::new();
    }
    let mut bases = Vec::new();
    match path.strip_prefix('/') {
        // An absolute path of a Databricks workspace: some tail of it is a path of the project.
        Some(absolute) => {
            let segments: Vec<&str> = absolute.split('/').filter(|s| !s.is_empty()).collect();
            for from in 0..segments.len().saturating_sub(1).max(1) {
                let tail = segments.get(from..).unwrap_or(&[]).join("/");
                bases.extend(ancestors(folder).into_iter().filter_map(|a| join(&a, &tail)));
            }
        }
        None => {
            bases.extend(join(folder, path));
            // `Utilities/parameters`, meant from the top of the project.
            if path.contains('/') && !path.starts_with('.') {
                bases.extend(ancestors(folder).into_iter().skip(1).filter_map(|a| join(&a, path)));
            }
        }
    }
    let mut candidates = Vec::new();
    for base in bases {
        if NOTEBOOKS.iter().any(|e| base.strip_suffix(e).is_some_and(|b| b.ends_with('.'))) {
            candidates.push(base.clone());
        }
        candidates.extend(NOTEBOOKS.iter().map(|e| format!("{base}.{e}")));
        // Notebooks of an archive have the ending `.python`, or none.
        if base.contains(".dbc!/") {
            candidates.extend([format!("{base}.python"), base]);
        }
    }
    candidates
}

fn modules(folder: &str, module: &str) -> Vec<String> {
    let dots = module.len() - module.trim_start_matches('.').len();
    let tail = module[dots..].replace('.', "/");
    let bases: Vec<String> = match dots {
        0 => {
            ancestors(folder).into_iter().flat_map(|a| [join(&a, "src"), Some(a)].into_iter().rev()).flatten().collect()
        }
        _ => join(folder, &"../".repeat(dots - 1)).into_iter().collect(),
    };
    let mut candidates = Vec::with_capacity(bases.len() * 2);
    for base in bases {
        if tail.is_empty() {
            candidates.extend(join(&base, "__init__.py"));
        } else if let Some(path) = join(&base, &tail) {
            candidates.push(format!("{path}.py"));
            candidates.push(format!("{path}/__init__.py"));
        }
    }
    candidates
}

/// The folder and those above it, nearest first.
fn ancestors(folder: &str) -> Vec<String> {
    let mut all = vec![folder.to_owned()];
    let mut at = folder;
    while !at.is_empty() && at != "/" && all.len() < MAX_ANCESTORS {
        at = self::folder(at);
        all.push(at.to_owned());
    }
    all
}

/// `relative` seen from `folder`, with `.` and `..` taken out.
fn join(folder: &str, relative: &str) -> Option<String> {
    let absolute = folder.starts_with('/');
    let mut segments: Vec<&str> = folder.split('/').filter(|s| !s.is_empty() && *s != ".").collect();
    for segment in relative.split('/') {
        match segment {
            "" | "." => {}
            ".." => match segments.last() {
                Some(&last) if last != ".." => {
                    segments.pop();
                }
                _ if absolute => return None,
                _ => segments.push(".."),
            },
            other => segments.push(other),
        }
    }
    let joined = segments.join("/");
    Some(if absolute { format!("/{joined}") } else { joined })
}

/// Module and last segment of a dotted path: `a.b.C` is `a.b` and `C`, `.C` is `.` and `C`.
pub(super) fn parent(path: &str) -> Option<(&str, &str)> {
    let at = path.rfind('.')?;
    let (head, name) = (&path[..at], &path[at + 1..]);
    // The dots of a relative import stay with the module.
    let module = if head.chars().all(|c| c == '.') { &path[..=at] } else { head };
    (!name.is_empty()).then_some((module, name))
}

/// All references of a document, each once.
pub fn references(document: &Document, facts: &[Arc<CellFacts>]) -> Vec<Reference> {
    let mut all = BTreeSet::new();
    for (cell, facts) in document.cells.iter().zip(facts) {
        of_cell(cell.magic.as_deref(), &cell.text, facts, &mut all);
    }
    all.into_iter().collect()
}

fn of_cell(magic: Option<&str>, text: &str, facts: &CellFacts, all: &mut BTreeSet<Reference>) {
    collect(&facts.body, all, 0);
    // In a cell of another language (SQL) the line is no statement.
    if magic == Some("run")
        && let Some(path) = run_path(text)
    {
        all.insert(Reference::Run(path.into()));
    }
}

/// All by which a cell brings other files in: what [`Workspace::gather`](super::Workspace::gather) and
/// [`Workspace::incoming`](super::Workspace::incoming) read of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Brought {
    references: BTreeSet<Reference>,
    imports: Vec<ImportedName>,
}

#[derive(Debug, PartialEq, Eq)]
struct ImportedName {
    path: Box<str>,
    alias: Box<str>,
    module: Option<Box<str>>,
}

impl Brought {
    pub(crate) fn of(magic: Option<&str>, text: &str, facts: &CellFacts) -> Self {
        let mut brought = Self::default();
        of_cell(magic, text, facts, &mut brought.references);
        let imports =
            imports_of(facts).into_iter().map(|i| ImportedName { path: i.path, alias: i.alias, module: i.module });
        brought.imports.extend(imports);
        brought
    }
}

/// The path of a cell that is one `%run` line.
pub(crate) fn run_path(text: &str) -> Option<&str> {
    let rest = text.trim_start().strip_prefix("%run")?.lines().next()?.trim();
    if let Some(quote @ ('"' | '\'')) = rest.chars().next() {
        return rest[1..].split(quote).next();
    }
    Some(rest.split(" $").next().unwrap_or(rest).trim()).filter(|p| !p.is_empty())
}

fn collect(body: &[Stmt], all: &mut BTreeSet<Reference>, depth: usize) {
    if depth > DEPTH {
        return;
    }
    for stmt in body {
        match &stmt.kind {
            StmtKind::Include { path, .. } => {
                all.insert(Reference::Run(path.clone()));
            }
            StmtKind::Import(imports) => imports.iter().for_each(|i| import(i, all)),
            _ => inner(&stmt.kind).into_iter().for_each(|b| collect(b, all, depth + 1)),
        }
    }
}

/// All imports of a document, those inside functions too.
pub(super) fn imports(facts: &[Arc<CellFacts>]) -> Vec<Import> {
    facts.iter().flat_map(|f| imports_of(f)).collect()
}

fn imports_of(facts: &CellFacts) -> Vec<Import> {
    fn walk(body: &[Stmt], all: &mut Vec<Import>, depth: usize) {
        for stmt in body {
            match &stmt.kind {
                StmtKind::Import(imports) => all.extend(imports.iter().cloned()),
                other if depth < DEPTH => inner(other).into_iter().for_each(|b| walk(b, all, depth + 1)),
                _ => {}
            }
        }
    }
    let mut all = Vec::new();
    walk(&facts.body, &mut all, 0);
    all
}

fn import(import: &Import, all: &mut BTreeSet<Reference>) {
    let whole = import.module.as_ref().unwrap_or(&import.path);
    all.insert(Reference::Module(whole.clone()));
    if let Some((module, _)) = parent(whole) {
        all.insert(Reference::Module(module.into()));
    }
}

/// Blocks of statements inside a statement.
pub(super) fn inner(kind: &StmtKind) -> Vec<&[Stmt]> {
    match kind {
        StmtKind::If { then, other, .. } => vec![then, other],
        StmtKind::For { body, .. }
        | StmtKind::While { body, .. }
        | StmtKind::With { body, .. }
        | StmtKind::Block(body) => vec![body],
        StmtKind::Try { body, handlers, otherwise, finally } => {
            let mut all: Vec<&[Stmt]> = vec![body, otherwise, finally];
            all.extend(handlers.iter().map(|h| &*h.body));
            all
        }
        StmtKind::Match { arms, .. } => arms.iter().map(|a| &*a.body).collect(),
        StmtKind::Function(function) => vec![&function.body],
        StmtKind::Class(class) => vec![&class.body],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(reference: Reference, folder: &str, files: &[&str]) -> Option<String> {
        reference.candidates(folder).into_iter().find(|c| files.contains(&c.as_str()))
    }

    #[test]
    fn a_run_path_is_relative_to_the_notebook() {
        let run = |path: &str, folder: &str, files: &[&str]| first(Reference::Run(path.into()), folder, files);
        assert_eq!(run("./config", "nb", &["config.py", "nb/config.py"]).as_deref(), Some("nb/config.py"));
        assert_eq!(run("../lib/config", "nb/a", &["nb/lib/config.scala"]).as_deref(), Some("nb/lib/config.scala"));
        assert_eq!(run("config.py", "", &["config.py"]).as_deref(), Some("config.py"));
        assert_eq!(run("lib/config", "nb/a", &["lib/config.py"]).as_deref(), Some("lib/config.py"));
        assert_eq!(run("config", "nb", &["config.py"]), None);
        assert_eq!(run("\"./a b\"", "", &["a b.ipynb"]).as_deref(), Some("a b.ipynb"));
        assert_eq!(run("/Repos/x/proj/lib/c", "proj/nb", &["proj/lib/c.py"]).as_deref(), Some("proj/lib/c.py"));
        assert_eq!(run("../../x", "a", &["../x.py"]).as_deref(), Some("../x.py"));
        assert_eq!(run("", "a", &["a.py"]), None);
    }

    #[test]
    fn a_module_is_looked_for_upwards() {
        let module = |path: &str, folder: &str, files: &[&str]| first(Reference::Module(path.into()), folder, files);
        assert_eq!(module("config", "a/b", &["config.py", "a/config.py"]).as_deref(), Some("a/config.py"));
        assert_eq!(module("pkg.conf", "jobs", &["pkg/conf.py"]).as_deref(), Some("pkg/conf.py"));
        assert_eq!(module("pkg", "jobs", &["src/pkg/__init__.py"]).as_deref(), Some("src/pkg/__init__.py"));
        assert_eq!(module(".conf", "pkg/sub", &["pkg/conf.py", "pkg/sub/conf.py"]).as_deref(), Some("pkg/sub/conf.py"));
        assert_eq!(module("..conf", "pkg/sub", &["pkg/conf.py"]).as_deref(), Some("pkg/conf.py"));
        assert_eq!(module(".", "pkg", &["pkg/__init__.py"]).as_deref(), Some("pkg/__init__.py"));
    }

    #[test]
    fn the_last_segment_may_be_a_name() {
        assert_eq!(parent("a.b.C"), Some(("a.b", "C")));
        assert_eq!(parent(".C"), Some((".", "C")));
        assert_eq!(parent("..a.C"), Some(("..a", "C")));
        assert_eq!(parent("a"), None);
    }
}
