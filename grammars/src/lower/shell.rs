//! Shell scripts, `%sh` cells, `!cmd` lines, and `%pip`/`%conda` lines: a reader of words and commands (catalog §C.8).
//!
//! Commands are flattened in order: bodies of loops, functions and branches, and what substitutions run. The reader is
//! our own because the tree of a shell grammar splits words at line continuations and gives a text up at its first
//! stray quote, which `!` lines and pasted snippets are full of.

use super::{LowerOptions, comments};
use crate::{
    CellFacts, Language, Span,
    facts::{Command, Comment, ExprId, ShellWord},
};

mod assignments;
mod documents;
mod inputs;
mod makefile;
mod pip;
mod quotes;
mod turns;
mod words;

#[cfg(test)]
mod tests;

use turns::Block;

pub use makefile::lower as lower_makefile;
pub use pip::lower as lower_pip;
pub(super) use quotes::names;

/// Nesting of substitutions that is read.
const MAX_DEPTH: usize = 20;

/// Words before a command, or between commands, that start none themselves.
const RESERVED: &[&str] = &["if", "then", "elif", "elseif", "else", "while", "until", "do", "{", "!", "coproc"];

/// Programs that run the command behind them and their own flags.
const WRAPPERS: &[&str] =
    &["sudo", "doas", "nohup", "exec", "command", "time", "nice", "ionice", "stdbuf", "timeout", "xargs", "builtin"];

/// Flags of [`WRAPPERS`] that are followed by a value.
const WRAPPER_VALUES: &[&str] =
    &["-u", "-g", "-p", "-C", "-r", "-T", "-U", "-D", "-R", "-n", "-k", "-s", "-I", "-L", "-P", "-d", "--signal"];

/// Commands whose `NAME=value` arguments set variables.
const SETTERS: &[&str] = &["export", "declare", "local", "readonly", "typeset", "env", "set"];

/// Facts of a script. Never fails; what is broken is read as plain words.
pub fn lower(text: &str, options: LowerOptions) -> CellFacts {
    let mut reader = Reader::new(text, options);
    reader.script(Span::new(0, text.len()), 0);
    reader.finish(Language::Shell)
}

struct Reader<'t> {
    text: &'t str,
    facts: CellFacts,
    options: LowerOptions,
    /// Substitutions of the pipeline that is being read, to be read after it, with the holes they fill.
    substitutions: Vec<(Span, ExprId)>,
    /// The hole whose substitution is being read.
    within: Option<ExprId>,
    /// Bytes that may still be looked through for the end of something that never ends.
    budget: usize,
}

/// A command that is being read.
#[derive(Default)]
struct Draft {
    span: Option<Span>,
    assignments: Vec<(Box<str>, Span, ShellWord)>,
    words: Vec<ShellWord>,
    input: Vec<ShellWord>,
    redirects: Vec<ShellWord>,
    wrappers: Vec<ShellWord>,
    heredocs: Vec<inputs::Heredoc>,
}

/// Where a script stands.
#[derive(Default)]
struct State {
    draft: Draft,
    /// Here-documents whose text starts on the next line, with the command that reads them.
    heredocs: Vec<(usize, inputs::Heredoc)>,
    /// What is open, innermost last.
    blocks: Vec<turns::Open>,
    /// `case … in` that are open.
    cases: usize,
    /// A pattern of a `case` is next.
    pattern: bool,
    /// A loop, block or subshell has just ended: what is redirected is its output.
    closed: bool,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, options: LowerOptions) -> Self {
        let budget = text.len() * 4 + 0x1_0000;
        Self { text, facts: CellFacts::default(), options, substitutions: Vec::new(), within: None, budget }
    }

    fn finish(self, language: Language) -> CellFacts {
        let mut facts = self.facts;
        facts.comments.sort_by_key(|c| c.span);
        documents::after_reading(&mut facts, self.text, self.options);
        comments::after_lowering(&mut facts, self.text, language, self.options);
        facts
    }

    fn byte(&self, at: usize, to: usize) -> u8 {
        if at < to { self.text.as_bytes().get(at).copied().unwrap_or(0) } else { 0 }
    }

    /// Length of a line break that a backslash (in PowerShell a backtick) at `at` hides; 0 when it hides none.
    fn continuation(&self, at: usize, to: usize) -> usize {
        match (self.byte(at, to), self.byte(at + 1, to), self.byte(at + 2, to)) {
            (b'\\' | b'`', b'\n', _) => 2,
            (b'\\' | b'`', b'\r', b'\n') => 3,
            _ => 0,
        }
    }

    /// Reads the commands of `region`.
    fn script(&mut self, region: Span, depth: usize) {
        let (mut at, to) = (region.start as usize, region.end as usize);
        let mut state = State::default();
        while at < to {
            let next = self.byte(at + 1, to);
            at = match self.byte(at, to) {
                b' ' | b'\t' | b'\r' => at + 1,
                b'\\' | b'`' if self.continuation(at, to) > 0 => at + self.continuation(at, to),
                b'\n' => {
                    self.end(&mut state, false, depth);
                    let heredocs = std::mem::take(&mut state.heredocs);
                    let at = self.heredocs(heredocs, at + 1, to);
                    self.substituted(depth);
                    self.separate(&mut state);
                    at
                }
                b'#' => self.comment(at, to),
                _ if state.pattern && state.draft.span.is_none() => self.pattern(&mut state, at, to),
                b'&' | b'|' | b'(' | b')' if state.draft.is_test(self.text) => at + 1,
                _ if state.draft.is_test(self.text) => self.item(&mut state, at, to),
                b';' => {
                    self.end(&mut state, false, depth);
                    self.separate(&mut state);
                    state.pattern = state.cases > 0 && matches!(next, b';' | b'&');
                    at + 1 + usize::from(matches!(next, b';' | b'&'))
                }
                b'&' if next == b'>' => self.redirect(&mut state.draft, at + 1, to, None),
                b'&' => {
                    self.end(&mut state, false, depth);
                    match next {
                        b'&' => self.list(&mut state, true),
                        _ => self.separate(&mut state),
                    }
                    at + 1 + usize::from(next == b'&')
                }
                b'|' => {
                    self.end(&mut state, next != b'|', depth);
                    if next == b'|' {
                        self.list(&mut state, false);
                    }
                    at + 1 + usize::from(matches!(next, b'|' | b'&'))
                }
                b'(' if next == b'(' && state.draft.span.is_none() => match self.paren_end(at + 1, to) {
                    // `((i++))` runs nothing.
                    Some(end) => end + 1,
                    None => at + 2,
                },
                b'(' => {
                    // `name() {` is no command.
                    let inside = &self.text[at + 1..to];
                    let function = state.draft.words.len() == 1 && inside.trim_start().starts_with(')');
                    if function {
                        state.draft = Draft::default();
                        at + 2 + inside.len() - inside.trim_start().len()
                    } else {
                        self.end(&mut state, false, depth);
                        self.enter(&mut state, Block::Group);
                        at + 1
                    }
                }
                b')' => {
                    self.end(&mut state, false, depth);
                    self.exit(&mut state, |b| b == Block::Group);
                    state.closed = true;
                    at + 1
                }
                b'<' | b'>' if next != b'(' && quotes::placeholder(self.text, at, to).is_none() => {
                    self.redirect(&mut state.draft, at, to, None)
                }
                b'0'..=b'9' if matches!(next, b'<' | b'>') && self.byte(at + 2, to) != b'(' => {
                    let descriptor = self.byte(at, to);
                    self.redirect(&mut state.draft, at + 1, to, Some(descriptor))
                }
                _ => self.item(&mut state, at, to),
            };
        }
        self.end(&mut state, false, depth);
        self.substituted(depth);
        self.leave(&mut state, 0);
    }

    /// A word or an assignment of a command.
    fn item(&mut self, state: &mut State, at: usize, to: usize) -> usize {
        let draft = &mut state.draft;
        let setter = draft.words.first().is_some_and(|w| SETTERS.contains(&w.span.of(self.text)));
        if (draft.words.is_empty() || setter)
            && let Some((name, value_at)) = self.assignment(at, to, draft.words.is_empty())
        {
            // `$name = (…)`: an expression of PowerShell, where the other shells have a list.
            let is_power = name.start as usize > at;
            return match is_power.then(|| self.expression(value_at, to)).flatten() {
                Some((word, next)) => {
                    draft.cover(name.cover(word.span));
                    draft.assignments.push((name.of(self.text).into(), name, word));
                    next
                }
                None => self.assigned(draft, name, (value_at, to), is_power),
            };
        }
        let (word, next) = self.word(at, to);
        let source = word.span.of(self.text);
        if draft.words.is_empty() {
            match source {
                "esac" => {
                    self.exit(state, |b| b == Block::Case);
                    state.cases = state.cases.saturating_sub(1);
                    state.closed = true;
                    return next;
                }
                "}" | "done" | "fi" => {
                    self.reserved(state, source, next);
                    state.closed = true;
                    return next;
                }
                // The name that follows is no command.
                "function" => return self.skip_word(next, to),
                _ if RESERVED.contains(&source) => {
                    self.reserved(state, source, next);
                    return next;
                }
                _ if draft.wraps(source, self.text) => {
                    draft.wrappers.push(word);
                    return next;
                }
                // A flag without a command.
                _ if source.starts_with('-') => return next,
                _ => {}
            }
        }
        draft.cover(word.span);
        draft.words.push(word);
        if let [case, _, word] = draft.words.as_slice()
            && case.span.of(self.text) == "case"
            && word.span.of(self.text) == "in"
        {
            *draft = Draft::default();
            state.cases += 1;
            state.pattern = true;
            self.enter(state, Block::Case);
        }
        next
    }

    fn skip_word(&mut self, at: usize, to: usize) -> usize {
        let skipped = self.text[at..to].len() - self.text[at..to].trim_start_matches([' ', '\t']).len();
        let rest = &self.text[at + skipped..to];
        at + skipped + rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | '{' | ';')).unwrap_or(rest.len())
    }

    /// The pattern of a `case`, with its `)`.
    fn pattern(&mut self, state: &mut State, at: usize, to: usize) -> usize {
        state.pattern = false;
        let rest = &self.text[at..to];
        if rest.starts_with("esac") {
            self.exit(state, |b| b == Block::Case);
            state.cases = state.cases.saturating_sub(1);
            return at + 4;
        }
        let line = rest.find('\n').unwrap_or(rest.len());
        let skip = usize::from(rest.starts_with('('));
        let close = rest[skip..line].find(')');
        let words = rest[skip..close.map_or(line, |i| skip + i)].trim();
        self.way(state, |b| b == Block::Case, words == "*");
        close.map_or(at + line, |i| at + skip + i + 1)
    }

    fn comment(&mut self, at: usize, to: usize) -> usize {
        let line = &self.text[at..to];
        let end = at + line.find('\n').unwrap_or(line.len());
        let span = Span::new(at, at + self.text[at..end].trim_end().len());
        let source = span.of(self.text);
        let inner = source.trim_start_matches(['#', '!']).trim_start();
        let text = Span::new(span.end as usize - inner.len(), span.end as usize);
        self.facts.comments.push(Comment { span, text, is_doc: false });
        end
    }

    /// Ends the command that is being read.
    fn end(&mut self, state: &mut State, piped: bool, depth: usize) {
        let draft = std::mem::take(&mut state.draft);
        let closed = std::mem::take(&mut state.closed);
        let bare = draft.words.is_empty() && draft.assignments.is_empty();
        if bare
            && closed
            && let Some(last) = self.facts.commands.len().checked_sub(1)
        {
            let command = &mut self.facts.commands[last];
            command.input.extend(draft.input);
            command.redirects.extend(draft.redirects);
            command.piped = piped;
            state.heredocs.extend(draft.heredocs.into_iter().map(|h| (last, h)));
        } else if let Some(span) = draft.span {
            let index = self.facts.commands.len();
            state.heredocs.extend(draft.heredocs.into_iter().map(|h| (index, h)));
            self.facts.commands.push(Command {
                span,
                assignments: draft.assignments,
                words: draft.words,
                piped,
                input: draft.input,
                redirects: draft.redirects,
                wrappers: draft.wrappers,
                within: self.within,
            });
        }
        if !piped && state.heredocs.is_empty() {
            self.substituted(depth);
        }
    }

    /// Reads what the substitutions of the pipeline run.
    fn substituted(&mut self, depth: usize) {
        for (region, hole) in std::mem::take(&mut self.substitutions) {
            if depth < MAX_DEPTH {
                let outer = self.within.replace(hole);
                self.script(region, depth + 1);
                self.within = outer;
            }
        }
    }
}

impl Draft {
    /// Inside `[[ … ]]`, where `&&` and `<` are operators of the test.
    fn is_test(&self, text: &str) -> bool {
        let [first, .., last] = self.words.as_slice() else { return false };
        first.span.of(text) == "[[" && last.span.of(text) != "]]"
    }

    /// Whether the word before any command word belongs to what runs the command: `sudo`, its flags and their values.
    fn wraps(&self, word: &str, text: &str) -> bool {
        let name = |word: &str| word.rsplit('/').next().is_some_and(|n| WRAPPERS.contains(&n));
        let Some(program) = self.wrappers.iter().rev().find(|w| name(w.span.of(text))) else { return name(word) };
        let last = self.wrappers.last().map_or("", |w| w.span.of(text));
        let duration = program.span.of(text).ends_with("timeout") && word.starts_with(|c: char| c.is_ascii_digit());
        // `time -p` has no value, `sudo -p` has.
        let value = WRAPPER_VALUES.contains(&last) && (last != "-p" || program.span.of(text).ends_with("sudo"));
        name(word) || word.starts_with('-') || value || duration
    }

    fn cover(&mut self, span: Span) {
        self.span = Some(self.span.map_or(span, |s| s.cover(span)));
    }
}
