//! Scripts: secrets that commands read into variables, and the lines that show or store them. Every script is a process
//! of its own; nothing of it is known to other cells.

use std::collections::HashMap;

use credscope_grammars::{
    Language,
    facts::{Command, EmbeddedOrigin, ExprId, ExprKind, ShellWord, StrPart, Turn},
};

use super::{
    At, Walker,
    tables::{self, Class, shell},
    value::{Kind, Spot, Value},
};
use crate::{
    catalog::{env, shell as programs},
    model::branches::Branches,
    value::names::{NameVerdict, verdict},
};

/// Substitutions inside substitutions that are followed.
const NESTING: usize = 12;

/// What a script knows.
#[derive(Default)]
struct Script {
    /// Commands by the hole that they run for.
    within: HashMap<Option<ExprId>, Vec<usize>>,
    /// Turns by the hole that their commands run for.
    turns: HashMap<Option<ExprId>, Vec<Turn>>,
    variables: Branches<Value>,
    /// CI files: the runner goes away, and what it knows to be secret has a rule of its own.
    is_ci: bool,
    /// A program keeps what the script prints.
    is_captured: bool,
    nesting: usize,
}

impl<'a> Walker<'a> {
    /// The scripts of a cell: itself, lines in it, steps of a CI file. `host`: the language of the cell.
    pub(super) fn scripts(&mut self, at: At<'a>, host: Language) {
        self.script(at, host, false);
        let is_program = matches!(host, Language::Python | Language::Scala | Language::R | Language::Sql);
        for embedded in &at.facts.embedded {
            let runs = match embedded.origin {
                EmbeddedOrigin::Shell | EmbeddedOrigin::Captured => true,
                // A text in a program is one until something runs it.
                EmbeddedOrigin::Document { .. } => !is_program,
                _ => false,
            };
            if runs && embedded.language == Language::Shell {
                let is_captured = embedded.origin == EmbeddedOrigin::Captured;
                self.script(At { facts: &embedded.facts, map: Some(&embedded.map), ..at }, host, is_captured);
            }
        }
    }

    fn script(&mut self, at: At<'a>, host: Language, is_captured: bool) {
        if at.doc != 0 || at.facts.commands.is_empty() {
            return;
        }
        let mut script =
            Script { is_ci: matches!(host, Language::Yaml | Language::Groovy), is_captured, ..Script::default() };
        for (n, command) in at.facts.commands.iter().enumerate() {
            script.within.entry(command.within).or_default().push(n);
        }
        for turn in &at.facts.turns {
            script.turns.entry(turn.within).or_default().push(*turn);
        }
        self.lines(at, &mut script, None);
    }

    /// Runs the commands of a level; what its last pipeline prints.
    fn lines(&mut self, at: At<'a>, script: &mut Script, within: Option<ExprId>) -> Value {
        let level = script.within.get(&within).cloned().unwrap_or_default();
        let mut printed = Value::clean();
        let (mut input, mut carrier) = (Value::clean(), None);
        let turns = script.turns.get(&within).cloned().unwrap_or_default();
        let (mut turns, mut ends) = (turns.into_iter().peekable(), false);
        for n in level {
            let command = &at.facts.commands[n];
            while let Some(turn) = turns.next_if(|t| t.before <= n) {
                script.turn(turn, std::mem::take(&mut ends));
            }
            ends = command
                .words
                .first()
                .and_then(|w| w.value.plain())
                .is_some_and(|p| programs::ENDERS.contains(&p.expose()));
            if command.wrappers.is_empty() && command.is_default() || !self.step() {
                continue;
            }
            let output = self.command(at, script, command, std::mem::take(&mut input));
            carrier = carrier.or_else(|| script.carrier(at, command));
            if command.piped {
                input = output;
                continue;
            }
            let spot = carrier.take().unwrap_or_else(|| place(at, command));
            match redirected(script, command) {
                Some(Some(class)) => {
                    self.leak("CS218", class, &without_names(self, &output), place(at, command), "written to a file")
                }
                Some(None) => {}
                None if within.is_some() || script.is_captured => printed = printed.join(&output),
                None => self.leak("CS201", Class::Output, &output, spot, tables::verb("CS201")),
            }
        }
        for turn in turns {
            script.turn(turn, std::mem::take(&mut ends));
        }
        printed
    }

    /// What a command prints.
    fn command(&mut self, at: At<'a>, script: &mut Script, command: &'a Command, input: Value) -> Value {
        let words: Vec<String> = command.words.iter().map(plain).collect();
        let program = shell::name(&words).to_owned();
        let mut said = Value::clean();
        for word in &command.words {
            said = said.join(&self.word(at, script, word));
        }
        let mut read = input;
        for word in &command.input {
            read = read.join(&self.word(at, script, word));
        }
        self.sets(at, script, command, &words, &program);
        if let Some(found) = shell::reads(&words) {
            let source = self.source(found.kind, found.name, at.spot(command.span));
            return Value::of(source);
        }
        let masks = || words.iter().any(|w| w.contains("::add-mask::") || w.contains("issecret=true"));
        if shell::shows(&program) {
            return if masks() { Value::clean() } else { said };
        }
        if shell::hands_on(&words) { read } else { Value::clean() }
    }

    fn sets(&mut self, at: At<'a>, script: &mut Script, command: &'a Command, words: &[String], program: &str) {
        let lasting = command.words.is_empty() || programs::SETTERS.contains(&program);
        for (name, span, word) in command.assignments.iter().filter(|_| lasting) {
            let mut value = self.word(at, script, word);
            let spot = at.spot(*span);
            if value.is_clean() && is_secret(name) {
                let given = |p: &StrPart| match p {
                    StrPart::Hole { expr, .. } => match &at.facts.expr(*expr).kind {
                        ExprKind::Name(n) => n.bytes().all(|b| b.is_ascii_digit()),
                        ExprKind::Other(_) => true,
                        _ => false,
                    },
                    StrPart::Text { .. } => false,
                };
                let kind = match word.value.plain() {
                    Some(text) if super::is_real(text.expose(), self.settings) => Some(Kind::Plain),
                    None if word.value.parts.len() == 1 && word.value.parts.iter().all(given) => Some(Kind::Named),
                    _ => None,
                };
                if let Some(kind) = kind {
                    value = Value::of(self.source(kind, format!("variable `{name}`"), spot));
                }
            }
            script.variables.set(name, Some(value.hop(&format!("put into `{name}`"), spot)));
        }
        if programs::FORGETTERS.contains(&program) {
            let typed = program == "read" && words.iter().skip(1).any(|w| w.starts_with('-') && w.contains('s'));
            for word in command.words.iter().skip(1) {
                let Some(name) = word.value.plain().filter(|n| !n.expose().starts_with('-')) else { continue };
                let value = if typed && is_secret(name.expose()) {
                    Value::of(self.source(Kind::Other, "typed password".into(), at.spot(word.span)))
                } else {
                    Value::clean()
                };
                script.variables.set(name.expose(), Some(value));
            }
        }
    }

    fn word(&mut self, at: At<'a>, script: &mut Script, word: &'a ShellWord) -> Value {
        let mut value = Value::clean();
        for part in &word.value.parts {
            let StrPart::Hole { expr, .. } = part else { continue };
            value = value.join(&self.hole(at, script, *expr));
        }
        value
    }

    fn hole(&mut self, at: At<'a>, script: &mut Script, id: ExprId) -> Value {
        match &at.facts.expr(id).kind {
            ExprKind::Name(name) => match script.variables.get(name) {
                Some(value) => value.clone(),
                // Nothing in the script says what it is: the environment, and there its name speaks.
                None if !script.is_ci && is_secret(name) => {
                    // PowerShell's environment has names of its own: `$env:X`.
                    let path = self.docs.get(at.doc as usize).map_or("", |d| &*d.path);
                    let is_power = [".ps1", ".psm1"].iter().any(|end| path.ends_with(end));
                    let what = if is_power { "variable" } else { "environment variable" };
                    let name = format!("{what} `{name}`");
                    Value::of(self.source(Kind::Named, name, at.spot(at.facts.expr(id).span)))
                }
                None => Value::clean(),
            },
            ExprKind::Fallback { first, .. } => self.hole(at, script, *first),
            ExprKind::Other(_) if script.within.contains_key(&Some(id)) && script.nesting < NESTING => {
                script.nesting += 1;
                // A process of its own, what it sets is gone with it.
                script.variables.open();
                let printed = self.lines(at, script, Some(id));
                script.variables.undo();
                script.nesting -= 1;
                printed
            }
            _ => Value::clean(),
        }
    }
}

impl Script {
    /// The ways part or meet. What one of them did not set is what the environment says.
    fn turn(&mut self, turn: Turn, ends: bool) {
        let join = |_: &str, ways: Vec<Option<Value>>| {
            let is_set = ways.iter().all(Option::is_some);
            let all = ways.iter().flatten().fold(Value::clean(), |all, way| all.join(way));
            (is_set || !all.is_clean()).then_some(all)
        };
        self.variables.turn(turn.kind, ends, join, |_, _| ());
    }

    /// The word of `echo` that carries a secret; in a here-document the variable.
    fn carrier(&self, at: At<'_>, command: &Command) -> Option<Spot> {
        let carries = |part: &&StrPart| match part {
            StrPart::Hole { expr, .. } => self.carries(at, *expr),
            StrPart::Text { .. } => false,
        };
        let program = command.words.first()?.value.plain()?;
        if shell::shows(program.expose().rsplit('/').next()?) {
            let word = command.words.iter().skip(1).find(|w| w.value.parts.iter().any(|p| carries(&p)))?;
            return Some(at.spot(word.span));
        }
        let hole = command.input.iter().flat_map(|w| &w.value.parts).find(carries)?;
        let StrPart::Hole { span, .. } = hole else { return None };
        Some(at.spot(*span))
    }

    fn carries(&self, at: At<'_>, id: ExprId) -> bool {
        match &at.facts.expr(id).kind {
            ExprKind::Name(name) => match self.variables.get(name) {
                Some(value) => !value.is_clean(),
                None => is_secret(name),
            },
            ExprKind::Fallback { first, .. } => self.carries(at, *first),
            ExprKind::Other(_) => self.within.contains_key(&Some(id)),
            _ => false,
        }
    }
}

/// The whole command.
fn place(at: At<'_>, command: &Command) -> Spot {
    at.spot(command.wrappers.first().map_or(command.span, |w| w.span.cover(command.span)))
}

/// Whether the output goes elsewhere than to the screen, and how it is kept there.
fn redirected(script: &Script, command: &Command) -> Option<Option<Class>> {
    let tee = command.words.first().and_then(|w| w.value.plain()).is_some_and(|p| p.expose() == "tee");
    let to = command.redirects.last().or_else(|| command.words.last().filter(|_| tee && command.words.len() > 1))?;
    let path = to.value.plain().map_or_else(String::new, |p| p.expose().to_owned());
    if path.starts_with("/dev/std") || path == "/dev/tty" {
        return None;
    }
    // A file whose name is made up at run time, or that a runner throws away.
    if path.is_empty() || path.starts_with("/dev/") || script.is_ci {
        return Some(None);
    }
    Some(Some(if shell::is_shared(&path) { Class::Stored } else { Class::Scratch }))
}

/// What is written to files without what only its name calls secret: keys and configuration that programs look for there.
fn without_names(walker: &Walker<'_>, value: &Value) -> Value {
    let mut value = value.clone();
    value.labels.retain(|l| walker.sources[l.source].kind != Kind::Named);
    value
}

fn is_secret(name: &str) -> bool {
    verdict(name) == NameVerdict::Secret && !env::is_harmless(name)
}

/// Text of a word, `…` for what is filled in.
fn plain(word: &ShellWord) -> String {
    let text = |part: &StrPart| match part {
        StrPart::Text { value, .. } => value.expose().to_owned(),
        StrPart::Hole { .. } => super::reads::UNKNOWN.to_owned(),
    };
    word.value.parts.iter().map(text).collect()
}
