//! Shell commands: their words, variables and input as sites.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use credscope_grammars::{
    Language, Secret, Span,
    facts::{Command, Embedded, EmbeddedOrigin, ExprKind, ShellWord, StrPart},
};

use super::{At, Value, Walker, flat};
use crate::{
    catalog::shell,
    finding::Place,
    model::{CommandRun, CommandSite, Role},
};

impl Walker<'_> {
    /// Answers the variables as the script leaves them.
    pub(super) fn commands(&mut self, at: At<'_>) -> Variables {
        let commands = &at.facts.commands;
        // Commands of a pipeline follow each other; the defaults of variables in them stand between.
        let is_run = |c: &&Command| !c.words.is_empty() || !c.wrappers.is_empty();
        let mut is_piped_from = false;
        let mut variables = std::mem::take(&mut self.handed);
        for (n, command) in commands.iter().enumerate() {
            let next = command.piped.then(|| commands[n + 1..].iter().find(is_run)).flatten();
            let words = |c: &Command| c.wrappers.iter().chain(&c.words).map(|w| flat(&variables.word(at, w))).collect();
            let piped_to = next.map(words);
            self.command(at, command, piped_to, is_piped_from, &variables);
            variables.set(at, command);
            if is_run(&command) {
                is_piped_from = command.piped;
            }
        }
        variables
    }

    fn command(
        &mut self,
        at: At<'_>,
        command: &Command,
        piped_to: Option<Arc<[Secret]>>,
        is_piped_from: bool,
        variables: &Variables,
    ) {
        let values: Vec<Value> = command.words.iter().map(|w| variables.word(at, w)).collect();
        let words: Arc<[Secret]> = values.iter().map(flat).collect();
        let program: Box<str> = words.first().map_or("", |w| w.expose().rsplit('/').next().unwrap_or("")).into();
        let first = command.wrappers.first().map_or(command.span, |w| w.span.cover(command.span));
        let run = Arc::new(CommandRun {
            place: Place { cell: at.frame.cell, span: at.frame.span(first) },
            spans: command.words.iter().map(|w| at.frame.span(w.span)).collect(),
            wrappers: command.wrappers.iter().map(|w| flat(&variables.word(at, w))).collect(),
            piped_to,
            is_piped_from,
            has_input: !command.input.is_empty(),
            is_assigning: !command.assignments.is_empty(),
            is_redirected: !command.redirects.is_empty(),
            is_hosted: at.frame.map.is_some(),
            is_shown: at.frame.is_shown,
            is_captured: at.frame.is_captured,
        });
        let site = |index, variable, is_input| {
            Role::Command(Box::new(CommandSite {
                program: program.clone(),
                words: words.clone(),
                index,
                variable,
                is_input,
                run: run.clone(),
            }))
        };
        for (name, _, word) in &command.assignments {
            self.emit(at, &variables.word(at, word), site(None, Some(name.clone()), false), word.span);
        }
        for (i, (word, value)) in command.words.iter().zip(&values).enumerate() {
            self.emit(at, value, site(Some(i as u32), None, false), word.span);
        }
        for word in &command.input {
            self.emit(at, &variables.word(at, word), site(None, None, true), word.span);
        }
    }
}

/// What the variables of a script hold at a command. Every script is a process of its own.
#[derive(Default)]
pub(super) struct Variables {
    values: HashMap<Box<str>, Value>,
    /// Set more than once: what they hold depends on the place.
    changed: HashSet<Box<str>>,
    /// Those that the programs which the script starts have, too.
    exported: HashSet<Box<str>>,
}

impl Variables {
    /// A variable of the environment that the script is started in.
    pub(super) fn export(&mut self, name: &str, value: Value) {
        self.exported.insert(name.into());
        self.values.insert(name.into(), value);
    }

    /// Those that are filled into a script in a text of this one: `bash -c "curl -u etl:$X"`, `ssh host <<EOF`.
    pub(super) fn handed_to(&self, at: At<'_>, embedded: &Embedded) -> Self {
        let mut handed = Self::default();
        if let EmbeddedOrigin::Document { literal } = embedded.origin
            && !self.values.is_empty()
            && let ExprKind::Str(text) = &at.facts.expr(literal).kind
        {
            for part in &text.parts {
                if let StrPart::Hole { expr, .. } = part
                    && let ExprKind::Name(name) = &at.facts.expr(*expr).kind
                    && !self.changed.contains(name)
                    && let Some(value) = self.values.get(name)
                {
                    handed.values.insert(name.clone(), value.clone());
                }
            }
        }
        if embedded.language == Language::Shell && embedded.origin != EmbeddedOrigin::Comment {
            for name in self.exported.difference(&self.changed) {
                if let Some(value) = self.values.get(name) {
                    handed.export(name, value.clone());
                }
            }
        }
        handed
    }

    /// A word with the variables that are known filled in.
    fn word(&self, at: At<'_>, word: &ShellWord) -> Value {
        at.frame.filled(&word.value, word.span, at.fill, &|part| self.hole(at, part))
    }

    fn hole(&self, at: At<'_>, part: &StrPart) -> Option<Value> {
        let StrPart::Hole { expr, span, .. } = part else { return None };
        let expr = at.facts.expr(*expr);
        match &expr.kind {
            // `${#X}` and `${X%y}` are other texts.
            ExprKind::Name(name) if whole(expr.span, *span) => self.values.get(name).cloned(),
            ExprKind::Fallback { first, second } => {
                let ExprKind::Name(name) = &at.facts.expr(*first).kind else { return None };
                let second = at.facts.expr(*second);
                let ExprKind::Str(default) = &second.kind else { return None };
                let known = self.values.get(name).filter(|v| v.known().is_none_or(|t| !t.is_empty()));
                known.cloned().or_else(|| Some(at.frame.filled(default, second.span, at.fill, &|p| self.hole(at, p))))
            }
            _ => None,
        }
    }

    /// What is known after a command.
    fn set(&mut self, at: At<'_>, command: &Command) {
        let program = command.words.first().and_then(|w| w.value.plain());
        let program = program.as_ref().map_or("", |p| p.expose());
        // `PGPASSWORD=x psql`: for that command only.
        let lasting = command.words.is_empty() || shell::SETTERS.contains(&program);
        for (name, _, word) in command.assignments.iter().filter(|_| lasting && !command.is_default()) {
            if program == "export" {
                self.exported.insert(name.clone());
            }
            let empty = word.value.parts.is_empty();
            let value = if empty { Value::Text(Arc::new([])) } else { self.word(at, word) };
            if self.values.insert(name.clone(), value).is_some() {
                self.changed.insert(name.clone());
            }
        }
        if shell::FORGETTERS.contains(&program) {
            for word in command.words.iter().skip(1) {
                if let Some(name) = word.value.plain() {
                    self.values.remove(name.expose());
                }
            }
        }
    }
}

/// Whether a hole is the variable itself: `$X`, `${X}`.
fn whole(name: Span, hole: Span) -> bool {
    name == hole || name.start - hole.start == 2 && hole.end - name.end == 1
}
