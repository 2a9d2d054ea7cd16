//! A compact printer of facts for tests of the lowerings. It shows literal text: tests only.

use std::fmt::Write as _;

use crate::{
    CellFacts,
    facts::{
        Arg, BindKind, Class, Command, EmbeddedOrigin, ExprId, ExprKind, Function, ParamKind, Property, PropertyPlace,
        PropertyValue, SeqKind, ShellWord, Stmt, StmtKind, StrLit, StrPart, Target,
    },
};

/// Statements (`; ` between them), then ` | ` and properties, commands, embedded texts if there are any.
pub(crate) fn print(facts: &CellFacts) -> String {
    let p = Printer { facts };
    let mut parts = vec![p.body(&facts.body)];
    parts.extend(facts.properties.iter().map(|x| p.property(x)));
    parts.extend(facts.queries.iter().map(|q| format!("query {:?}", q.verb)));
    parts.extend(facts.commands.iter().map(|x| p.command(x)));
    for e in &facts.embedded {
        let origin = match e.origin {
            EmbeddedOrigin::Query { .. } => "query",
            EmbeddedOrigin::Comment => "comment",
            EmbeddedOrigin::Document { .. } => "document",
            EmbeddedOrigin::Shell => "shell",
            EmbeddedOrigin::Captured => "captured",
            EmbeddedOrigin::Magic => "magic",
            EmbeddedOrigin::Fence => "fence",
        };
        let inner = if e.language.is_program() || e.facts.body.is_empty() && e.facts.properties.is_empty() {
            e.text.expose().to_owned()
        } else {
            print(&e.facts)
        };
        parts.push(format!("<{} {origin}: {inner}>", e.language.name()));
    }
    parts.retain(|s| !s.is_empty());
    parts.join(" | ")
}

struct Printer<'f> {
    facts: &'f CellFacts,
}

impl Printer<'_> {
    fn body(&self, body: &[Stmt]) -> String {
        body.iter().map(|s| self.stmt(s)).collect::<Vec<_>>().join("; ")
    }

    fn stmt(&self, stmt: &Stmt) -> String {
        match &stmt.kind {
            StmtKind::Expr(id) => self.expr(*id),
            StmtKind::Bind { targets, value, kind, annotation } => {
                let mut out = String::new();
                for t in targets {
                    let _ = write!(out, "{} = ", self.target(t));
                }
                match kind {
                    BindKind::Assign => {}
                    BindKind::Augmented => out = out.replacen(" = ", " += ", 1),
                    BindKind::Val => out.insert_str(0, "val "),
                    BindKind::Var => out.insert_str(0, "var "),
                    BindKind::Lazy => out.insert_str(0, "lazy "),
                }
                let annotation = annotation.as_ref().map_or(String::new(), |a| format!(" :{a}"));
                format!("{out}{}{annotation}", self.expr(*value))
            }
            StmtKind::Return(value) => format!("return {}", self.opt(*value)).trim_end().to_owned(),
            StmtKind::Raise { value, cause } => {
                let cause = cause.map_or(String::new(), |c| format!(" from {}", self.expr(c)));
                format!("raise {}{cause}", self.opt(*value)).trim_end().to_owned()
            }
            StmtKind::Assert { test, message } => format!("assert {} {}", self.expr(*test), self.opt(*message)),
            StmtKind::If { test, then, other } => {
                let other = if other.is_empty() { String::new() } else { format!(" else {{{}}}", self.body(other)) };
                format!("if {} {{{}}}{other}", self.expr(*test), self.body(then))
            }
            StmtKind::For { target, iter, body } => {
                format!("for {} in {} {{{}}}", self.target(target), self.expr(*iter), self.body(body))
            }
            StmtKind::While { test, body } => format!("while {} {{{}}}", self.expr(*test), self.body(body)),
            StmtKind::Try { body, handlers, otherwise, finally } => {
                let mut out = format!("try {{{}}}", self.body(body));
                for h in handlers {
                    let name = h.binding.as_ref().map_or(String::new(), |(n, _)| format!("{n} "));
                    let _ = write!(out, " except {name}{{{}}}", self.body(&h.body));
                }
                if !otherwise.is_empty() {
                    let _ = write!(out, " else {{{}}}", self.body(otherwise));
                }
                if !finally.is_empty() {
                    let _ = write!(out, " finally {{{}}}", self.body(finally));
                }
                out
            }
            StmtKind::With { items, body } => {
                let items: Vec<String> = items
                    .iter()
                    .map(|(v, t)| match t {
                        Some(t) => format!("{} as {}", self.expr(*v), self.target(t)),
                        None => self.expr(*v),
                    })
                    .collect();
                format!("with {} {{{}}}", items.join(", "), self.body(body))
            }
            StmtKind::Function(f) => self.function(f),
            StmtKind::Class(c) => self.class(c),
            StmtKind::Import(imports) => {
                let all: Vec<String> = imports
                    .iter()
                    .map(|i| {
                        let module = i.module.as_ref().map_or(String::new(), |m| format!(" ({m})"));
                        format!("{} as {}{module}", i.path, i.alias)
                    })
                    .collect();
                format!("import {}", all.join(", "))
            }
            StmtKind::Global(names) => format!("global {}", names.join(", ")),
            StmtKind::Delete(targets) => format!("del {}", self.targets(targets)),
            StmtKind::Match { subject, arms } => {
                let mut out = format!("match {}", self.expr(*subject));
                for arm in arms {
                    let guard = arm.guard.map_or(String::new(), |g| format!(" if {}", self.expr(g)));
                    let _ = write!(out, " case {}{guard} {{{}}}", self.target(&arm.pattern), self.body(&arm.body));
                }
                out
            }
            StmtKind::Block(body) => format!("{{{}}}", self.body(body)),
            StmtKind::Include { path, .. } => format!("include {path}"),
        }
    }

    fn function(&self, f: &Function) -> String {
        let name = f.name.as_ref().map_or("lambda", |(n, _)| n);
        let params: Vec<String> = f
            .params
            .iter()
            .map(|p| {
                let stars = match p.kind {
                    ParamKind::Positional => "",
                    ParamKind::KeywordOnly => "kw:",
                    ParamKind::Rest => "*",
                    ParamKind::KeywordRest => "**",
                };
                let annotation = p.annotation.as_ref().map_or(String::new(), |a| format!(":{a}"));
                let default = p.default.map_or(String::new(), |d| format!("={}", self.expr(d)));
                format!("{stars}{}{annotation}{default}", p.name)
            })
            .collect();
        let decorators: String = f.decorators.iter().map(|d| format!("@{} ", self.expr(*d))).collect();
        format!("{decorators}def {name}({}) {{{}}}", params.join(", "), self.body(&f.body))
    }

    fn class(&self, c: &Class) -> String {
        let decorators: String = c.decorators.iter().map(|d| format!("@{} ", self.expr(*d))).collect();
        let params: Vec<String> = c
            .params
            .iter()
            .map(|p| format!("{}{}", p.name, p.default.map_or(String::new(), |d| format!("={}", self.expr(d)))))
            .collect();
        let params = if params.is_empty() { String::new() } else { format!("({})", params.join(", ")) };
        let word = if c.is_object { "object" } else { "class" };
        format!("{decorators}{word} {}{params}({}) {{{}}}", c.name, self.list(&c.bases), self.body(&c.body))
    }

    fn targets(&self, targets: &[Target]) -> String {
        targets.iter().map(|t| self.target(t)).collect::<Vec<_>>().join(", ")
    }

    fn target(&self, target: &Target) -> String {
        match target {
            Target::Name { name, .. } => name.to_string(),
            Target::Place(id) => self.expr(*id),
            Target::Tuple(items) => format!("({})", self.targets(items)),
            Target::Rest(inner) => format!("*{}", self.target(inner)),
            Target::Other(inner) => format!("other {}", self.target(inner)),
            Target::Of { inner, .. } => self.target(inner),
            Target::Keyed(pairs) => {
                let pairs: Vec<String> =
                    pairs.iter().map(|(k, t)| format!("{}: {}", self.expr(*k), self.target(t))).collect();
                format!("{{{}}}", pairs.join(", "))
            }
            Target::Literal(id) => self.expr(*id),
            Target::Any(parts) => parts.iter().map(|t| self.target(t)).collect::<Vec<_>>().join(" | "),
            Target::Skip => "_".to_owned(),
        }
    }

    fn opt(&self, id: Option<ExprId>) -> String {
        id.map_or(String::new(), |id| self.expr(id))
    }

    fn list(&self, ids: &[ExprId]) -> String {
        ids.iter().map(|&id| self.expr(id)).collect::<Vec<_>>().join(", ")
    }

    fn args(&self, args: &[Arg]) -> String {
        args.iter()
            .map(|a| match &a.name {
                Some((name, _)) => format!("{name}={}", self.expr(a.value)),
                None => self.expr(a.value),
            })
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn expr(&self, id: ExprId) -> String {
        match &self.facts.expr(id).kind {
            ExprKind::Str(lit) => self.lit(lit),
            ExprKind::Const(c) => c.text.expose().to_owned(),
            ExprKind::Name(name) => name.to_string(),
            ExprKind::Attr { base, name, .. } => format!("{}.{name}", self.expr(*base)),
            ExprKind::Index { base, index } => format!("{}[{}]", self.expr(*base), self.expr(*index)),
            ExprKind::Slice { base, bounds } => format!("{}[:{}]", self.expr(*base), self.list(bounds)),
            ExprKind::Call { callee, args, is_new } => {
                format!("{}{}({})", if *is_new { "new " } else { "" }, self.expr(*callee), self.args(args))
            }
            ExprKind::Concat(parts) => format!("concat({})", self.list(parts)),
            ExprKind::Format { template, args } => format!("format({}; {})", self.expr(*template), self.args(args)),
            ExprKind::Operator { op, operands } => format!("op{op}({})", self.list(operands)),
            ExprKind::Compare { op, operands } => format!("cmp{op}({})", self.list(operands)),
            ExprKind::Fallback { first, second } => format!("({} ?? {})", self.expr(*first), self.expr(*second)),
            ExprKind::Logic(ids) => format!("logic({})", self.list(ids)),
            ExprKind::Cond { test, then, other } => {
                format!("cond({} ? {} : {})", self.expr(*test), self.expr(*then), self.opt(*other))
            }
            ExprKind::Dict(entries) => {
                let all: Vec<String> = entries
                    .iter()
                    .map(|e| match e.key {
                        Some(key) => format!("{}: {}", self.expr(key), self.expr(e.value)),
                        None => format!("**{}", self.expr(e.value)),
                    })
                    .collect();
                format!("{{{}}}", all.join(", "))
            }
            ExprKind::Seq { kind, items } => {
                let (open, close) = match kind {
                    SeqKind::List => ("[", "]"),
                    SeqKind::Tuple => ("(", ")"),
                    SeqKind::Set => ("set{", "}"),
                };
                format!("{open}{}{close}", self.list(items))
            }
            ExprKind::Pair { key, value } => format!("{} -> {}", self.expr(*key), self.expr(*value)),
            ExprKind::Lambda(f) => self.function(f),
            ExprKind::Comprehension { elements, clauses } => {
                let mut out = format!("for<{}", self.list(elements));
                for c in clauses {
                    let _ = write!(out, " for {} in {}", self.target(&c.target), self.expr(c.iter));
                    for condition in &c.conditions {
                        let _ = write!(out, " if {}", self.expr(*condition));
                    }
                }
                out + ">"
            }
            ExprKind::Block(body) => format!("{{{}}}", self.body(body)),
            ExprKind::Spread(id) => format!("*{}", self.expr(*id)),
            ExprKind::Assign { target, value } => format!("({} := {})", self.target(target), self.expr(*value)),
            ExprKind::Same(id) => format!("same({})", self.expr(*id)),
            ExprKind::Yield(id) => format!("yield({})", self.opt(*id)),
            ExprKind::Other(ids) => format!("?({})", self.list(ids)),
        }
    }

    fn lit(&self, lit: &StrLit) -> String {
        let mut out = lit.style.prefix.to_string() + "'";
        for part in &lit.parts {
            match part {
                StrPart::Text { value, .. } => out.push_str(&value.expose().escape_debug().to_string()),
                StrPart::Hole { expr, debug, format, .. } => {
                    let debug = if *debug { "=" } else { "" };
                    let _ = write!(out, "${{{}{debug}{}}}", self.expr(*expr), format.as_deref().unwrap_or(""));
                }
            }
        }
        out + "'"
    }

    fn word(&self, word: &ShellWord) -> String {
        self.lit(&word.value)
    }

    fn command(&self, command: &Command) -> String {
        let mut all: Vec<String> =
            command.assignments.iter().map(|(n, _, w)| format!("{n}={}", self.word(w))).collect();
        if !command.wrappers.is_empty() {
            let wrappers: Vec<String> = command.wrappers.iter().map(|w| self.word(w)).collect();
            all.insert(0, format!("({})", wrappers.join(" ")));
        }
        all.extend(command.words.iter().map(|w| self.word(w)));
        all.extend(command.input.iter().map(|w| format!("<{}", self.word(w))));
        all.extend(command.redirects.iter().map(|w| format!(">{}", self.word(w))));
        format!("$ {}{}", all.join(" "), if command.piped { " |" } else { "" })
    }

    fn property(&self, property: &Property) -> String {
        let value = match &property.value {
            PropertyValue::Str(lit) => self.lit(lit),
            PropertyValue::Const(c) => c.text.expose().to_owned(),
            PropertyValue::Nested => "…".to_owned(),
            PropertyValue::Reference(text) => format!("&{text}"),
            PropertyValue::Expr(id) => self.expr(*id),
        };
        let place = match property.place {
            PropertyPlace::Document => "",
            PropertyPlace::Query(_) => "query ",
            PropertyPlace::SqlSet => "set ",
            PropertyPlace::LineScan => "line ",
        };
        format!("{place}{} -> {value}", property.dotted())
    }
}
