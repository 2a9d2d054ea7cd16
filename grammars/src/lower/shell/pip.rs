//! `%pip` and `%conda` lines: one command for each.

use super::{Draft, Reader, State};
use crate::{
    CellFacts, Language, Span, TextMap,
    facts::{Quote, ShellWord, StrLit, StrPart},
    lower::LowerOptions,
};

/// Facts of package lines, with or without their magic word.
pub fn lower(text: &str, options: LowerOptions) -> CellFacts {
    let mut reader = Reader::new(text, options);
    let mut at = 0;
    while at < text.len() {
        at = reader.line(at);
    }
    reader.finish(Language::Shell)
}

impl Reader<'_> {
    /// Reads the line at `at` with the lines that continue it. Returns where the next one starts.
    fn line(&mut self, mut at: usize) -> usize {
        let to = self.text.len();
        let mut state = State::default();
        let draft = &mut state.draft;
        while at < to {
            at = match self.byte(at, to) {
                b'\n' => {
                    at += 1;
                    break;
                }
                b' ' | b'\t' | b'\r' => at + 1,
                b'\\' if self.continuation(at, to) > 0 => at + self.continuation(at, to),
                b'#' => self.comment(at, to),
                b'%' | b'!' if draft.words.is_empty() => at + 1,
                _ => {
                    let (word, next) = self.word_until(at, to, |_| false, 0);
                    self.add(draft, word);
                    next.max(at + 1)
                }
            };
        }
        self.end(&mut state, false, 0);
        self.substituted(0);
        at
    }

    fn add(&self, draft: &mut Draft, word: ShellWord) {
        let source = word.span.of(self.text);
        if draft.words.is_empty() && !matches!(Language::of_name(source), Some(Language::Pip)) && source != "pip3" {
            // The magic word stands outside of the text.
            let start = Span::new(word.span.start as usize, word.span.start as usize);
            let mut map = TextMap::default();
            map.push(start.start as usize, 3, 0, true);
            let parts = vec![StrPart::Text { value: "pip".into(), map }];
            let style = super::words::style(Quote::None, start, "");
            draft.words.push(ShellWord { span: start, value: StrLit { parts, style } });
        }
        draft.cover(word.span);
        draft.words.push(word);
    }
}
