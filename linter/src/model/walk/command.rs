//! Shell commands: their words, variables and input as sites.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use credscope_grammars::{
    Language, Secret, Span,
    facts::{Command, Embedded, EmbeddedOrigin, ExprKind, ShellWord, StrLit, StrPart, TurnKind},
};

use super::{At, Value, Walker, flat};
use crate::{
    catalog::shell,
    finding::Place,
    model::{CommandRun, CommandSite, Role, branches::Branches},
};

impl Walker<'_> {
    /// Answers the variables as the script leaves them.
    pub(super) fn commands(&mut self, at: At<'_>) -> Variables {
        let commands = &at.facts.commands;
        let mut turns = at.facts.turns.iter().peekable();
        // Commands of a pipeline follow each other; the defaults of variables in them stand between.
        let is_run = |c: &&Command| !c.words.is_empty() || !c.wrappers.is_empty();
        let mut is_piped_from = false;
        let mut variables = std::mem::take(&mut self.handed);
        for (n, command) in commands.iter().enumerate() {
            while let Some(turn) = turns.next_if(|t| t.before <= n) {
                variables.turn(turn.kind);
            }
            let next = command.piped.then(|| commands[n + 1..].iter().find(is_run)).flatten();
            let words = |c: &Command| c.wrappers.iter().chain(&c.words).map(|w| flat(&variables.word(at, w))).collect();
            let piped_to = next.map(words);
            let is_captured = at.frame.is_captured || is_word_of_another(&commands[..n], command);
            self.command(at, command, piped_to, (is_piped_from, is_captured), &variables);
            variables.set(at, command);
            if is_run(&command) {
                is_piped_from = command.piped;
            }
        }
        for turn in turns {
            variables.turn(turn.kind);
        }
        variables
    }

    fn command(
        &mut self,
        at: At<'_>,
        command: &Command,
        piped_to: Option<Arc<[Secret]>>,
        (is_piped_from, is_captured): (bool, bool),
        variables: &Variables,
    ) {
        let read = |words: &[ShellWord]| -> Vec<Value> { words.iter().map(|w| variables.word(at, w)).collect() };
        let (words, input) = (read(&command.words), read(&command.input));
        let set: Vec<Value> = command.assignments.iter().map(|(_, _, w)| variables.word(at, w)).collect();
        let first = command.wrappers.first().map_or(command.span, |w| w.span.cover(command.span));
        // A command whose words can be several texts is several commands: the likeliest is looked at whole, of the
        // others what differs.
        let ways = words.iter().chain(&input).map(|v| v.ways().len()).max().unwrap_or(0).max(1);
        for way in 0..ways {
            let texts: Arc<[Secret]> = words.iter().map(|v| flat(v.nth(way))).collect();
            let program: Box<str> = texts.first().map_or("", |w| w.expose().rsplit('/').next().unwrap_or("")).into();
            let run = Arc::new(CommandRun {
                place: Place { cell: at.frame.cell, span: at.frame.span(first) },
                spans: command.words.iter().map(|w| at.frame.span(w.span)).collect(),
                wrappers: command.wrappers.iter().map(|w| flat(&variables.word(at, w))).collect(),
                piped_to: piped_to.clone(),
                is_piped_from,
                has_input: !command.input.is_empty(),
                is_assigning: !command.assignments.is_empty(),
                is_redirected: !command.redirects.is_empty(),
                is_hosted: at.frame.map.is_some(),
                is_shown: at.frame.is_shown,
                is_captured,
            });
            let site = |index, variable, is_input| {
                Role::Command(Box::new(CommandSite {
                    program: program.clone(),
                    words: texts.clone(),
                    index,
                    variable,
                    is_input,
                    run: run.clone(),
                }))
            };
            let differs = |value: &Value| way == 0 || value.ways().len() > way;
            for ((name, _, word), value) in command.assignments.iter().zip(&set).filter(|_| way == 0) {
                self.emit(at, value, site(None, Some(name.clone()), false), word.span);
            }
            for (i, (word, value)) in command.words.iter().zip(&words).enumerate().filter(|(_, (_, v))| differs(v)) {
                self.emit(at, value.nth(way), site(Some(i as u32), None, false), word.span);
            }
            for (word, value) in command.input.iter().zip(&input).filter(|(_, v)| differs(v)) {
                self.emit(at, value.nth(way), site(None, None, true), word.span);
            }
        }
    }
}

/// How many commands before a command the one is looked for that it runs for.
const BEFORE: usize = 40;

/// Whether a command runs for a variable or a word of another one that shows nothing: `X=$(env)`, `` for v in `env` ``.
fn is_word_of_another(before: &[Command], command: &Command) -> bool {
    const SHOWS: &[&str] = &["echo", "printf", "cat", "logger", "tee", "print", "Write-Host", "Write-Output"];
    let Some(hole) = command.within else { return false };
    let fills =
        |word: &ShellWord| word.value.parts.iter().any(|p| matches!(p, StrPart::Hole { expr, .. } if *expr == hole));
    let is_outer = |c: &&Command| c.assignments.iter().map(|a| &a.2).chain(&c.words).any(fills);
    before.iter().rev().take(BEFORE).find(is_outer).is_some_and(|c| {
        let program = c.words.first().and_then(|w| w.value.plain());
        c.wrappers.is_empty() && program.is_none_or(|p| !SHOWS.contains(&p.expose()))
    })
}

/// What the variables of a script hold at a command. Every script is a process of its own.
#[derive(Default)]
pub(super) struct Variables {
    held: Branches<Held>,
    /// What they held from which byte on, in order.
    history: HashMap<Box<str>, Vec<(u32, Value)>>,
    /// Those that the programs which the script starts have, too.
    exported: HashSet<Box<str>>,
    /// Byte up to which the script was read, and whether the command there ends it.
    at: u32,
    ends: bool,
}

#[derive(Clone, Debug)]
struct Held {
    value: Value,
    /// It is a text that is not empty, whichever way was taken: `${X:-default}` is `X`.
    sure: bool,
}

impl Variables {
    /// A variable of the environment that the script is started in.
    pub(super) fn export(&mut self, name: &str, value: Value) {
        self.exported.insert(name.into());
        let sure = value.ways().iter().any(has_text);
        self.put(name, value, sure);
    }

    fn put(&mut self, name: &str, value: Value, sure: bool) {
        self.history.entry(name.into()).or_default().push((self.at, value.clone()));
        self.held.set(name, Some(Held { value, sure }));
    }

    /// The ways of the script part or meet here.
    fn turn(&mut self, kind: TurnKind) {
        let Self { held, history, at, ends, .. } = self;
        let join = |_: &str, ways: Vec<Option<Held>>| {
            let sure = ways.iter().all(|w| w.as_ref().is_some_and(|h| h.sure));
            Some(Held { value: Value::either(ways.into_iter().flatten().map(|h| h.value)), sure })
        };
        held.turn(kind, *ends, join, |name, now| {
            let value = now.map_or(Value::Unknown, |h| h.value.clone());
            history.entry(name.into()).or_default().push((*at, value));
        });
        *ends = false;
    }

    /// Those that are filled into a script in a text of this one: `bash -c "curl -u etl:$X"`, `ssh host <<EOF`.
    pub(super) fn handed_to(&self, at: At<'_>, embedded: &Embedded) -> Self {
        let mut handed = Self::default();
        if self.history.is_empty() {
            return handed;
        }
        let mut place = None;
        if let EmbeddedOrigin::Document { literal } = embedded.origin
            && let ExprKind::Str(text) = &at.facts.expr(literal).kind
        {
            place = Some(at.facts.expr(literal).span.start);
            for part in &text.parts {
                if let StrPart::Hole { expr, .. } = part
                    && let ExprKind::Name(name) = &at.facts.expr(*expr).kind
                    && let Some(value) = self.held_at(name, place)
                {
                    handed.held.set(name, Some(Held { value: value.clone(), sure: true }));
                    handed.history.insert(name.clone(), vec![(0, value.clone())]);
                }
            }
        }
        if embedded.language == Language::Shell && embedded.origin != EmbeddedOrigin::Comment {
            for name in &self.exported {
                if let Some(value) = self.held_at(name, place) {
                    handed.export(name, value.clone());
                }
            }
        }
        handed
    }

    /// What a variable held at a byte of the script; at an unknown one only what it always held.
    fn held_at(&self, name: &str, place: Option<u32>) -> Option<&Value> {
        let history = self.history.get(name)?;
        let (_, value) = match place {
            Some(place) => history[..history.partition_point(|(at, _)| *at <= place)].last()?,
            None => history.first().filter(|_| history.len() == 1)?,
        };
        Some(value)
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
            ExprKind::Name(name) if whole(expr.span, *span) => self.held.get(name).map(|h| h.value.clone()),
            ExprKind::Fallback { first, second } => {
                let ExprKind::Name(name) = &at.facts.expr(*first).kind else { return None };
                let second = at.facts.expr(*second);
                let ExprKind::Str(default) = &second.kind else { return None };
                let known = self.held.get(name).map(|h| (h.value.clone(), h.sure));
                let known = match known {
                    Some((value, true)) => return Some(value),
                    other => other.map(|(value, _)| value).filter(has_text),
                };
                let default = at.frame.filled(default, second.span, at.fill, &|p| self.hole(at, p));
                Some(Value::either(known.into_iter().chain([default])))
            }
            _ => None,
        }
    }

    /// Whether a word is never empty.
    fn is_sure(&self, at: At<'_>, text: &StrLit) -> bool {
        text.parts.iter().any(|part| match part {
            StrPart::Text { value, .. } => !value.is_empty(),
            StrPart::Hole { expr, span, .. } => {
                let expr = at.facts.expr(*expr);
                match &expr.kind {
                    ExprKind::Name(name) => {
                        whole(expr.span, *span) && self.held.get(name).is_some_and(|held| held.sure)
                    }
                    ExprKind::Fallback { second, .. } => match &at.facts.expr(*second).kind {
                        ExprKind::Str(default) => self.is_sure(at, default),
                        _ => false,
                    },
                    _ => false,
                }
            }
        })
    }

    /// What is known after a command.
    fn set(&mut self, at: At<'_>, command: &Command) {
        self.at = self.at.max(command.span.start);
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
            let sure = self.is_sure(at, &word.value);
            self.put(name, value, sure);
        }
        if shell::FORGETTERS.contains(&program) {
            for word in command.words.iter().skip(1) {
                if let Some(name) = word.value.plain().filter(|n| self.held.get(n.expose()).is_some()) {
                    self.held.set(name.expose(), None);
                    self.history.entry(name.expose().into()).or_default().push((self.at, Value::Unknown));
                }
            }
        }
        self.ends = shell::ENDERS.contains(&program);
    }
}

/// Whether any of it is text.
fn has_text(value: &Value) -> bool {
    let text = |way: &Value| way.pieces().is_some_and(|p| !p.is_empty());
    value.ways().iter().any(text)
}

/// Whether a hole is the variable itself: `$X`, `${X}`.
fn whole(name: Span, hole: Span) -> bool {
    name == hole || name.start - hole.start == 2 && hole.end - name.end == 1
}
