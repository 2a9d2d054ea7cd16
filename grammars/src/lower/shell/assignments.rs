//! Variables: `NAME=value`, arrays, PowerShell's `$NAME = value`.

use super::{Draft, Reader};
use crate::{Span, facts::ShellWord};

impl Reader<'_> {
    /// `NAME=`, `NAME+=`, `NAME[key]=`, and PowerShell's `$NAME =`, `$env:NAME =` when `start` of a command. The name,
    /// and where the value starts.
    pub(super) fn assignment(&self, at: usize, to: usize, start: bool) -> Option<(Span, usize)> {
        let types = if start { self.types(at, to) } else { 0 };
        let at = at + types;
        let source = self.text.get(at..to)?;
        if types > 0 && !source.starts_with('$') {
            return None;
        }
        let power = source.strip_prefix("$env:").or_else(|| source.strip_prefix("$Env:")).or(source.strip_prefix('$'));
        let skip = power.map_or(0, |p| source.len() - p.len());
        let bytes = &source.as_bytes()[skip..];
        if !(bytes.first()?.is_ascii_alphabetic() || bytes[0] == b'_') {
            return None;
        }
        let mut len = bytes.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        if bytes.get(len) == Some(&b'[') && power.is_none() {
            let close = bytes[len..].iter().take(80).position(|b| *b == b']')?;
            len += close + 1;
        }
        let name = Span::new(at + skip, at + skip + len);
        let rest = &bytes[len..];
        if power.is_some() {
            let blanks = rest.iter().take_while(|b| **b == b' ').count();
            let after = blanks + 1 + rest.get(blanks + 1..)?.iter().take_while(|b| **b == b' ').count();
            let equals = rest.get(blanks) == Some(&b'=') && rest.get(blanks + 1) != Some(&b'=');
            return (start && equals).then_some((name, at + skip + len + after));
        }
        let plus = usize::from(rest.first() == Some(&b'+'));
        let equals = rest.get(plus) == Some(&b'=') && rest.get(plus + 1) != Some(&b'=');
        equals.then_some((name, at + len + plus + 1))
    }

    /// Length of PowerShell's types and attributes before a variable: `[Parameter(Mandatory = $true)] [string] $x`.
    fn types(&self, at: usize, to: usize) -> usize {
        const MOST: usize = 4;
        const LONGEST: usize = 200;
        let mut next = at;
        for _ in 0..MOST {
            if self.byte(next, to) != b'[' {
                break;
            }
            let line = self.text[next..to].split('\n').next().unwrap_or("");
            let mut depth = 0;
            let close = line.bytes().take(LONGEST).position(|b| {
                depth += i32::from(b == b'[') - i32::from(b == b']');
                depth == 0
            });
            let Some(close) = close else { return 0 };
            next += close + 1;
            next += self.text[next..to].bytes().take_while(|b| b.is_ascii_whitespace()).count();
        }
        next - at
    }

    /// Reads the value at `at` into the assignments of a command.
    pub(super) fn assigned(
        &mut self,
        draft: &mut Draft,
        name: Span,
        (at, to): (usize, usize),
        is_power: bool,
    ) -> usize {
        draft.cover(name);
        let key: Box<str> = name.of(self.text).into();
        if self.byte(at, to) == b'('
            && let Some(end) = self.paren_end(at + 1, to)
        {
            self.array(draft, name, at + 1, end);
            draft.cover(Span::new(at, end + 1));
            return end + 1;
        }
        let empty = matches!(self.byte(at, to), b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b')' | 0);
        // A parameter of PowerShell ends at a comma, as an item of its lists does.
        let parted = is_power && matches!(self.byte(at, to), b'"' | b'\'');
        let (word, next) = match (empty, parted) {
            (true, _) => (self.whole(at, at, 0), at),
            (_, true) => {
                self.word_until(at, to, |b| matches!(b, b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' | b','), 0)
            }
            _ => self.word(at, to),
        };
        // What follows the comma begins anew.
        let next = if parted && self.byte(next, to) == b',' { next + 1 } else { next };
        draft.cover(word.span);
        draft.assignments.push((key, name, word));
        next.max(at)
    }

    /// `(az … | ConvertFrom-Json).passwords.value.Split(" ")[1]`: what a pipeline of PowerShell answers, and a part of it. `None`:
    /// texts in parentheses.
    pub(super) fn expression(&mut self, at: usize, to: usize) -> Option<(ShellWord, usize)> {
        let inner = self.text.get(at..to)?.strip_prefix('(')?.trim_start();
        if inner.starts_with(['"', '\'', '@']) {
            return None;
        }
        let mut end = self.paren_end(at + 1, to)? + 1;
        let region = Span::new(at + 1, end - 1);
        loop {
            let opens = match self.byte(end, to) {
                b'.' => {
                    let name =
                        self.text[end + 1..to].bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
                    if name == 0 {
                        break;
                    }
                    end += 1 + name;
                    continue;
                }
                b'(' => self.paren_end(end + 1, to),
                b'[' => self.text[end..to].find([']', '\n']).map(|i| end + i).filter(|i| self.byte(*i, to) == b']'),
                _ => break,
            };
            let Some(close) = opens else { break };
            end = close + 1;
        }
        Some((self.answer(Span::new(at, end), region), end))
    }

    /// `NAME=(a b [key]=c)`: an assignment for each.
    fn array(&mut self, draft: &mut Draft, name: Span, from: usize, to: usize) {
        let mut at = from;
        while at < to {
            let byte = self.byte(at, to);
            if byte.is_ascii_whitespace() {
                at += 1;
                continue;
            }
            let mut key: Box<str> = name.of(self.text).into();
            if byte == b'['
                && let Some(close) = self.text[at..to].find("]=").filter(|i| *i < 80)
            {
                key = format!("{key}{}", &self.text[at..=at + close]).into();
                at += close + 2;
            }
            if at >= to {
                break;
            }
            let (word, next) = self.word_until(at, to, |_| false, 0);
            draft.assignments.push((key, name, word));
            at = next.max(at + 1);
        }
    }
}
