//! Shell commands: their words, variables and input as sites.

use std::sync::Arc;

use credscope_grammars::{
    Secret, Span,
    facts::{Command, ShellWord},
};

use super::{At, Value, Walker, flat};
use crate::{
    finding::Place,
    model::{CommandRun, CommandSite, Role},
};

impl Walker<'_> {
    pub(super) fn commands(&mut self, at: At<'_>) {
        let commands = &at.facts.commands;
        // Commands of a pipeline follow each other; the defaults of variables in them stand between.
        let is_run = |c: &&Command| !c.words.is_empty() || !c.wrappers.is_empty();
        let mut is_piped_from = false;
        for (n, command) in commands.iter().enumerate() {
            let next = command.piped.then(|| commands[n + 1..].iter().find(is_run)).flatten();
            let piped_to = next.map(|c| c.wrappers.iter().chain(&c.words).map(|w| flat(&word(at, w))).collect());
            self.command(at, command, piped_to, is_piped_from);
            if is_run(&command) {
                is_piped_from = command.piped;
            }
        }
    }

    fn command(&mut self, at: At<'_>, command: &Command, piped_to: Option<Arc<[Secret]>>, is_piped_from: bool) {
        let values: Vec<Value> = command.words.iter().map(|w| word(at, w)).collect();
        let words: Arc<[Secret]> = values.iter().map(flat).collect();
        let program: Box<str> = words.first().map_or("", |w| w.expose().rsplit('/').next().unwrap_or("")).into();
        let first = command.wrappers.first().map_or(command.span, |w| w.span.cover(command.span));
        let run = Arc::new(CommandRun {
            place: Place { cell: at.frame.cell, span: at.frame.span(first) },
            spans: command.words.iter().map(|w| at.frame.span(w.span)).collect(),
            wrappers: command.wrappers.iter().map(|w| flat(&word(at, w))).collect(),
            piped_to,
            is_piped_from,
            has_input: !command.input.is_empty(),
            is_assigning: !command.assignments.is_empty(),
            is_redirected: !command.redirects.is_empty(),
            is_hosted: at.frame.map.is_some(),
            is_shown: at.frame.is_shown,
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
            self.shell_word(at, word, site(None, Some(name.clone()), false));
        }
        for (i, (word, value)) in command.words.iter().zip(&values).enumerate() {
            self.emit(at, value, site(Some(i as u32), None, false), word.span);
        }
        for word in &command.input {
            self.shell_word(at, word, site(None, None, true));
        }
    }

    fn shell_word(&mut self, at: At<'_>, shell: &ShellWord, role: Role) {
        let value = word(at, shell);
        let span: Span = shell.span;
        self.emit(at, &value, role, span);
    }
}

fn word(at: At<'_>, word: &ShellWord) -> Value {
    at.frame.literal(&word.value, word.span, at.fill)
}
