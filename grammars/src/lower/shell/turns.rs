//! Where the ways of a script part and meet: branches, loops, what runs only when something else did.

use super::{Reader, State};
use crate::facts::{Turn, TurnKind};

/// What a script stands within.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    /// `if`; its first way begins at `then`. `braced`: PowerShell's, which ends with its last `}`.
    If {
        braced: bool,
    },
    Case,
    Loop,
    /// `{ … }`, `( … )`.
    Group,
    /// What follows `&&` (`and`) or `||`, up to the end of the line or `;`. `since`: number of commands before.
    List {
        and: bool,
        since: usize,
    },
}

#[derive(Clone, Copy)]
pub(super) struct Open {
    block: Block,
    /// Ways that have begun.
    ways: usize,
    all: bool,
}

impl Reader<'_> {
    pub(super) fn enter(&mut self, state: &mut State, block: Block) {
        state.blocks.push(Open { block, ways: 0, all: false });
    }

    fn turn(&mut self, kind: TurnKind) {
        self.facts.turns.push(Turn { before: self.facts.commands.len(), kind, within: self.within });
    }

    /// The next way of the innermost block that `is` one. `last`: when no other way is taken, this one is.
    pub(super) fn way(&mut self, state: &mut State, is: fn(Block) -> bool, last: bool) {
        let Some(at) = state.blocks.iter().rposition(|o| is(o.block)) else { return };
        self.leave(state, at + 1);
        if let Some(open) = state.blocks.last_mut() {
            let kind = if open.ways == 0 { TurnKind::Open } else { TurnKind::Other };
            open.ways += 1;
            open.all |= last;
            self.turn(kind);
        }
    }

    /// `&&` and `||` behind a command.
    pub(super) fn list(&mut self, state: &mut State, and: bool) {
        let is_list = |block: Block| matches!(block, Block::List { .. });
        match state.blocks.last().map(|o| o.block) {
            // What follows runs when all before it did.
            Some(Block::List { .. }) if and => {}
            Some(Block::List { and: first, .. }) => self.way(state, is_list, first),
            _ => {
                self.enter(state, Block::List { and, since: self.facts.commands.len() });
                self.way(state, is_list, false);
            }
        }
    }

    /// The end of a command that another one may follow.
    pub(super) fn separate(&mut self, state: &mut State) {
        if let Some(Open { block: Block::List { since, .. }, .. }) = state.blocks.last()
            && *since < self.facts.commands.len()
        {
            self.leave(state, state.blocks.len() - 1);
        }
    }

    /// Ends the innermost block that `is` one, and those inside it.
    pub(super) fn exit(&mut self, state: &mut State, is: fn(Block) -> bool) {
        if let Some(at) = state.blocks.iter().rposition(|o| is(o.block)) {
            self.leave(state, at);
        }
    }

    /// Ends all blocks but the outer `left`.
    pub(super) fn leave(&mut self, state: &mut State, left: usize) {
        while state.blocks.len() > left
            && let Some(open) = state.blocks.pop()
        {
            if open.ways > 0 {
                self.turn(TurnKind::Close { all: open.all });
            }
        }
    }

    /// A reserved word that begins or ends a way. `at`: behind it.
    pub(super) fn reserved(&mut self, state: &mut State, word: &str, at: usize) {
        let is_if = |block: Block| matches!(block, Block::If { .. });
        match word {
            "if" => self.enter(state, Block::If { braced: false }),
            "then" | "elif" | "elseif" => {
                let opened = state.blocks.iter().rfind(|o| is_if(o.block)).is_some_and(|o| o.ways > 0);
                // `then` of an `elif` begins nothing.
                if !opened || word != "then" {
                    self.way(state, is_if, false);
                }
            }
            "else" => self.way(state, is_if, true),
            "fi" => self.exit(state, is_if),
            "do" => {
                self.enter(state, Block::Loop);
                self.way(state, |b| b == Block::Loop, false);
            }
            "done" => self.exit(state, |b| b == Block::Loop),
            "{" => {
                if let Some(Open { block: Block::If { braced }, ways, .. }) = state.blocks.last_mut()
                    && (*ways == 0 || *braced)
                {
                    *braced = true;
                    if *ways == 0 {
                        self.way(state, is_if, false);
                    }
                }
                self.enter(state, Block::Group);
            }
            "}" => {
                self.exit(state, |b| b == Block::Group);
                let more = self.text.get(at..).is_some_and(|rest| rest.trim_start().starts_with("else"));
                if !more && matches!(state.blocks.last(), Some(Open { block: Block::If { braced: true }, .. })) {
                    self.leave(state, state.blocks.len() - 1);
                }
            }
            _ => {}
        }
    }
}
