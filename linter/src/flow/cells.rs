//! The top level: cells in run order, what a notebook shows of them, and functions that nothing calls.

use credscope_grammars::{
    CellKind, Language,
    facts::{BindKind, EmbeddedOrigin, ExprKind, Stmt, StmtKind, Target, Verb},
};

use super::{At, Callable, Walker, tables::Class, value::Callee};

/// Rounds in which functions that nothing calls are run: each may define others.
const ROUNDS: usize = 4;

impl<'a> Walker<'a> {
    /// All code cells of a document, in the frame of its top level.
    pub(super) fn run_cells(&mut self, doc: u16) {
        let facts = self.docs[doc as usize].facts;
        let cells = self.docs[doc as usize].cells;
        for (index, (cell, facts)) in cells.iter().zip(facts).enumerate() {
            if cell.kind != CellKind::Code {
                continue;
            }
            let updates = matches!(cell.language, Language::Scala | Language::Java);
            let at = At { facts, doc, cell: index as u32, map: None, updates };
            if doc == 0 {
                self.cell = index as u32;
            }
            if cell.magic.as_deref() == Some("run")
                && facts.body.is_empty()
                && let Some(path) = crate::workspace::run_path(&cell.text)
            {
                self.include(at, path, credscope_grammars::Span::new(0, cell.text.len()));
            }
            let outer = self.env.current;
            if self.docs[doc as usize].root == 0 {
                self.env.current = self.top_of(cell.language);
            }
            self.one_cell(at, cell.language);
            self.env.current = outer;
        }
    }

    /// The frame that cells of a language share: each language of a notebook has names of its own.
    fn top_of(&mut self, language: Language) -> u32 {
        if let Some((_, frame)) = self.tops.iter().find(|(l, _)| *l == language) {
            return *frame;
        }
        let frame = if self.tops.is_empty() { 0 } else { self.env.push(None) };
        self.tops.push((language, frame));
        frame
    }

    /// Whether names are bound at the top level of the document that is analysed.
    pub(super) fn is_top(&self, at: At<'_>) -> bool {
        let current = self.env.current;
        at.doc == 0 && (current == 0 || self.tops.iter().any(|(_, frame)| *frame == current))
    }

    fn one_cell(&mut self, at: At<'a>, language: Language) {
        let notebook = self.notebook && at.doc == 0;
        let repl = notebook && language == Language::Scala;
        let body = &at.facts.body;
        for (i, stmt) in body.iter().enumerate() {
            let last = i + 1 == body.len();
            match stmt.kind {
                StmtKind::Expr(id) if notebook && (last || repl) && language != Language::Sql => {
                    let value = self.eval(at, id);
                    if matches!(at.facts.expr(id).kind, ExprKind::Assign { .. }) {
                        continue;
                    }
                    self.dump_result(at, id);
                    let value = self.revealed(&value);
                    // The result of a call that is itself a sink is nothing; what is left is shown by the notebook.
                    let redacted = repl && !last && !value.labels.iter().any(|l| l.changed);
                    let shows = !value.frame || value.pandas;
                    if shows && !value.holder && !value.is_clean() && !redacted {
                        let code = if repl { "CS204" } else { "CS203" };
                        let spot = at.spot(at.facts.expr(id).span);
                        self.leak(code, Class::Output, &value, spot, "the result of the cell");
                    }
                }
                _ => {
                    if language == Language::Sql
                        && let StmtKind::Bind { targets, .. } = &stmt.kind
                        && !at.facts.queries.iter().any(|q| q.verb == Verb::Change && q.span.contains(stmt.span))
                    {
                        let mut names = Vec::new();
                        targets.iter().for_each(|t| bound_names(t, &mut names));
                        self.variables.extend(names.into_iter().map(Box::from));
                    }
                    self.stmt(at, stmt);
                    if repl {
                        self.echo(at, stmt);
                    }
                }
            }
        }
        self.queries(at, language == Language::Sql);
        self.setting_dumps(at, language);
        self.scripts(at, language);
        for embedded in &at.facts.embedded {
            if embedded.origin != EmbeddedOrigin::Comment && embedded.language == Language::Sql {
                let inner = At { facts: &embedded.facts, map: Some(&embedded.map), ..at };
                self.queries(inner, false);
            }
        }
    }

    /// Scala's shell prints `x: T = value` of each definition at cell level.
    fn echo(&mut self, at: At<'a>, stmt: &'a Stmt) {
        let StmtKind::Bind { targets, value, kind: BindKind::Val | BindKind::Var, .. } = &stmt.kind else { return };
        let mut names = Vec::new();
        targets.iter().for_each(|t| bound_names(t, &mut names));
        for name in names {
            let known = self.env.lookup(name).unwrap_or_default();
            let known = self.revealed(&known);
            if !known.holder && !known.frame && known.all().iter().any(|l| l.changed) {
                let spot = at.spot(at.facts.expr(*value).span);
                self.leak("CS204", Class::Output, &known.flat(), spot, "echoed by the shell");
            }
        }
    }

    /// Functions and classes that nothing has called: what they leak by themselves.
    pub(super) fn run_rest(&mut self) {
        let mut from = 0;
        for _ in 0..ROUNDS {
            let count = self.functions.len();
            for id in from..count {
                let (env, runs) = self.defined[id];
                let own = match self.functions[id] {
                    Callable::Function(_, at) | Callable::Class(_, at) | Callable::Record(at, _) => at.doc == 0,
                };
                if runs > 0 || !own {
                    continue;
                }
                let callee = Callee { target: id as u32, env, bound: None };
                match self.functions[id] {
                    Callable::Function(function, _) => {
                        let args = vec![None; function.params.len()];
                        self.exploring = true;
                        self.run(&callee, args);
                        self.exploring = false;
                    }
                    Callable::Class(..) => self.exercise(&callee),
                    Callable::Record(..) => {}
                }
            }
            if self.functions.len() == count {
                break;
            }
            from = count;
        }
    }
}

/// Names that a pattern binds.
fn bound_names<'t>(target: &'t Target, names: &mut Vec<&'t str>) {
    match target {
        Target::Name { name, .. } => names.push(name),
        Target::Tuple(parts) | Target::Any(parts) => parts.iter().for_each(|p| bound_names(p, names)),
        Target::Rest(inner) | Target::Other(inner) | Target::Of { inner, .. } => bound_names(inner, names),
        Target::Keyed(pairs) => pairs.iter().for_each(|(_, t)| bound_names(t, names)),
        Target::Place(_) | Target::Literal(_) | Target::Skip => {}
    }
}
