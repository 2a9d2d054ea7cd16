//! Redirections: files, here-documents, here-strings.

use super::{Draft, Reader};
use crate::Span;

/// `<<EOF`, whose text starts on the next line.
#[derive(Debug)]
pub(super) struct Heredoc {
    delimiter: Box<str>,
    /// The delimiter is quoted: nothing is filled in.
    raw: bool,
    /// `<<-`: the delimiter may be indented with tabs.
    indented: bool,
}

impl Reader<'_> {
    /// Reads the redirection whose `<` or `>` is at `at`, of file descriptor `descriptor` when one is named.
    pub(super) fn redirect(&mut self, draft: &mut Draft, at: usize, to: usize, descriptor: Option<u8>) -> usize {
        let source = &self.text[at..to];
        let operator = ["<<<", "<<-", "<<", "<&", "<>", "<", ">>", ">&", ">|", ">"]
            .into_iter()
            .find(|o| source.starts_with(o))
            .unwrap_or(">");
        let mut next = at + operator.len();
        draft.cover(Span::new(at, next));
        while matches!(self.byte(next, to), b' ' | b'\t') {
            next += 1;
        }
        if matches!(operator, "<<" | "<<-")
            && let Some((heredoc, end)) = self.delimiter(next, to, operator == "<<-")
        {
            draft.heredocs.push(heredoc);
            return end;
        }
        if matches!(self.byte(next, to), b'\n' | b'\r' | b';' | b'|' | b'&' | b')' | b'<' | b'>' | 0) {
            return next;
        }
        let (word, end) = self.word(next, to);
        draft.cover(word.span);
        let copied =
            operator.ends_with('&') && word.span.of(self.text).bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if operator == "<<<" {
            draft.input.push(word);
        } else if operator.starts_with('>') && !copied && descriptor != Some(b'2') {
            draft.redirects.push(word);
        }
        end
    }

    fn delimiter(&self, at: usize, to: usize, indented: bool) -> Option<(Heredoc, usize)> {
        let rest = self.text.get(at..to)?;
        let raw = rest.starts_with(['\'', '"', '\\']);
        let body = if raw { &rest[1..] } else { rest };
        let len =
            body.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '!'))).unwrap_or(body.len());
        let close = usize::from(raw && body[len..].starts_with(['\'', '"']));
        let delimiter = body[..len].into();
        (len > 0).then_some((Heredoc { delimiter, raw, indented }, at + usize::from(raw) + len + close))
    }

    /// Reads the here-documents that start at `at`, each for a command. Returns where the script goes on. One without an
    /// end is none, so that the lines are read as commands.
    pub(super) fn heredocs(&mut self, heredocs: Vec<(usize, Heredoc)>, mut at: usize, to: usize) -> usize {
        for (command, heredoc) in heredocs {
            let Some((end, next)) = self.heredoc_end(&heredoc, at, to) else { continue };
            let word = self.block(at, end, heredoc.raw);
            if let Some(command) = self.facts.commands.get_mut(command) {
                command.input.push(word);
            }
            at = next;
        }
        at
    }

    /// End of the text, and of the line with the delimiter.
    fn heredoc_end(&mut self, heredoc: &Heredoc, from: usize, to: usize) -> Option<(usize, usize)> {
        let mut at = from;
        self.look(from, to).first()?;
        let mut found = None;
        while at < to {
            let line = memchr::memchr(b'\n', &self.text.as_bytes()[at..to]).map_or(to, |i| at + i + 1);
            let content = self.text[at..line].trim_end();
            let content = if heredoc.indented { content.trim_start_matches('\t') } else { content };
            if content == &*heredoc.delimiter {
                found = Some((at.saturating_sub(1).max(from), line));
                break;
            }
            at = line;
        }
        self.paid(found, to - from)
    }
}
