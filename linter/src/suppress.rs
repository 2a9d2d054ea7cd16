//! Suppression comments: `credscope: ignore[name-or-code, …] reason`, `credscope: ignore-file` and
//! `credscope: ignore-file[name-or-code, …] reason`.

use std::{collections::HashMap, sync::LazyLock};

use credscope_grammars::{Document, LineIndex, Span};
use memchr::memmem::Finder;

use crate::{
    config::known_rule,
    finding::{Finding, Place},
    rule::RuleMeta,
    rules::{governance::same_credential_many_places, meta::unused_suppression},
    settings::Settings,
};

/// A comment that silences findings on its line, or on the next line when nothing but the comment stands on it.
#[derive(Clone, Debug)]
struct Mark {
    cell: u32,
    /// The mark's own text, for the report of unused ones.
    span: Span,
    /// 0-based lines of the cell that it covers.
    lines: (u32, u32),
    /// Names and codes as written; empty: everything. An empty list in brackets is one empty name, which no rule has.
    rules: Vec<String>,
    /// It counts in every cell of the document.
    whole: bool,
    /// Marks of other tools are not reported when unused.
    ours: bool,
    used: bool,
}

const WORD: &str = "credscope:";
const COMMENT_STARTS: &[&str] = &["#", "//", "--", "/*", "<!--", ";", "*", "%"];

/// Whether a text may hold a suppression.
pub(crate) fn may_suppress(text: &str, settings: &Settings) -> bool {
    static FINDER: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(WORD));
    FINDER.find(text.as_bytes()).is_some() || settings.respect.iter().any(|r| text.contains(r.as_str()))
}

/// Removes what is suppressed and adds a finding for each suppression that silenced nothing. `cells` are those that
/// [`may_suppress`], in order.
pub(crate) fn apply(
    document: &Document,
    cells: impl Iterator<Item = usize>,
    settings: &Settings,
    findings: &mut Vec<Finding>,
) {
    let mut marks = Vec::new();
    for index in cells {
        marks.extend(marks_of(index as u32, &document.cells[index].text, settings));
    }
    if marks.is_empty() {
        return;
    }
    let mut indices: HashMap<u32, LineIndex> = HashMap::new();
    findings.retain(|finding| {
        let cell = finding.place.cell;
        let lines = indices.entry(cell).or_insert_with(|| LineIndex::new(&document.cells[cell as usize].text));
        let first = lines.line_of(finding.place.span.start as usize) as u32;
        let last = lines.line_of((finding.place.span.end as usize).saturating_sub(1)).max(first as usize) as u32;
        let mut silenced = false;
        for mark in &mut marks {
            let here = mark.cell == finding.place.cell && mark.lines.0 <= last && first <= mark.lines.1;
            let hit =
                (mark.whole || here) && (mark.rules.is_empty() || mark.rules.iter().any(|r| names(finding.rule, r)));
            mark.used |= hit;
            silenced |= hit;
        }
        !silenced
    });
    for mark in &marks {
        for word in mark.rules.iter().filter(|word| !word.is_empty()) {
            let Err(message) = known_rule(word) else { continue };
            let place = Place { cell: mark.cell, span: mark.span };
            // What was meant belongs to it, where to look is help.
            let end = message.find("`credscope rules`").unwrap_or(message.len());
            let what = message[..end].trim_end_matches([' ', ';']).to_owned();
            findings.push(Finding::at(&unused_suppression::META, place, what).help(&message[end..]));
        }
    }
    let known = |m: &Mark| m.rules.iter().all(|word| word.is_empty() || known_rule(word).is_ok());
    // A file that is ignored as a whole has nothing to report but that this is for nothing.
    let ignored = marks.iter().any(|m| m.whole && m.rules.is_empty() && m.used);
    if ignored {
        findings.clear();
        return;
    }
    // What compares whole runs comes later: a mark for it is not known to be unused.
    let late = |m: &Mark| m.rules.iter().any(|r| names(&same_credential_many_places::META, r));
    for mark in marks.iter().filter(|m| m.ours && !m.used && known(m) && !late(m)) {
        let place = Place { cell: mark.cell, span: mark.span };
        findings.push(
            Finding::at(&unused_suppression::META, place, "this suppression silences nothing".into())
                .help("the finding is gone, or another rule's; delete it"),
        );
    }
}

/// Whether a mark silences a finding that is made after [`apply`].
pub(crate) fn silences(document: &Document, settings: &Settings, finding: &Finding) -> bool {
    let Some(cell) = document.cells.get(finding.place.cell as usize) else { return false };
    if !may_suppress(&cell.text, settings) {
        return false;
    }
    let marks = marks_of(finding.place.cell, &cell.text, settings);
    let lines = LineIndex::new(&cell.text);
    let first = lines.line_of(finding.place.span.start as usize) as u32;
    let last = lines.line_of((finding.place.span.end as usize).saturating_sub(1)) as u32;
    let covers = |m: &Mark| m.whole || m.lines.0 <= last.max(first) && first <= m.lines.1;
    marks.iter().any(|m| covers(m) && (m.rules.is_empty() || m.rules.iter().any(|r| names(finding.rule, r))))
}

fn names(rule: &RuleMeta, word: &str) -> bool {
    rule.name.eq_ignore_ascii_case(word) || rule.code.eq_ignore_ascii_case(word)
}

fn marks_of(cell: u32, text: &str, settings: &Settings) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut offset = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let content = line.trim_end_matches(['\n', '\r']);
        if let Some(at) = content.find(WORD)
            && let Some(start) = comment_start(content, at)
        {
            let rest = content[at + WORD.len()..].trim_start();
            if let Some(rest) = rest.strip_prefix("ignore-file") {
                let rules = bracketed(rest);
                let (span, lines) = (Span::new(offset + start, offset + content.len()), (0, 0));
                marks.push(Mark { cell, span, lines, rules, whole: true, ours: true, used: false });
                offset += line.len();
                continue;
            }
            if let Some(rest) = rest.strip_prefix("ignore") {
                let rules = bracketed(rest);
                let end = offset + content.len();
                marks.push(Mark {
                    cell,
                    span: Span::new(offset + start, end),
                    lines: covered(content, start, number as u32),
                    rules,
                    whole: false,
                    ours: true,
                    used: false,
                });
            }
        } else if let Some(word) = settings.respect.iter().find(|r| content.contains(r.as_str()))
            && let Some(start) = comment_start(content, content.find(word.as_str()).unwrap_or(0))
        {
            let lines = covered(content, start, number as u32);
            let span = Span::new(offset + start, offset + content.len());
            marks.push(Mark { cell, span, lines, rules: Vec::new(), whole: false, ours: false, used: false });
        }
        offset += line.len();
    }
    marks
}

/// Where the comment that holds the mark starts: the nearest comment marker before it.
fn comment_start(line: &str, at: usize) -> Option<usize> {
    let before = line.get(..at)?;
    COMMENT_STARTS
        .iter()
        .filter_map(|m| before.rfind(m))
        .filter(|&p| before[p..].chars().all(|c| !c.is_alphanumeric()))
        .min()
        .filter(|&p| !is_quoted(line, p))
}

/// Whether a place of a line is inside a text that begins and ends on the line: `"…# credscope: ignore"` is no comment.
fn is_quoted(line: &str, at: usize) -> bool {
    let mut open = None;
    let mut escaped = false;
    for c in line[..at].chars() {
        match (open, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(quote), c) if c == quote => open = None,
            (None, '"' | '\'' | '`') => open = Some(c),
            _ => {}
        }
    }
    open.is_some_and(|quote| line[at..].contains(quote))
}

fn covered(line: &str, start: usize, number: u32) -> (u32, u32) {
    if line[..start].trim().is_empty() { (number, number + 1) } else { (number, number) }
}

fn bracketed(rest: &str) -> Vec<String> {
    let Some(inner) = rest.trim_start().strip_prefix('[').and_then(|r| r.split(']').next()) else { return Vec::new() };
    let words: Vec<String> = inner.split(',').map(|w| w.trim().to_owned()).filter(|w| !w.is_empty()).collect();
    if words.is_empty() { vec![String::new()] } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_need_a_comment_and_cover_their_line_or_the_next() {
        let text =
            "x = 'credscope: ignore'\n# credscope: ignore[CS106, named-variable] demo\ny = 1  # credscope:ignore\n";
        let marks = marks_of(0, text, &Settings::default());
        let seen: Vec<_> = marks.iter().map(|m| (m.lines, m.rules.join("+"))).collect();
        assert_eq!(seen, vec![((1, 2), "CS106+named-variable".to_owned()), ((2, 2), String::new())]);
        for quoted in
            ["p = \"x# credscope: ignore\"", "p = 'it\\'s # credscope: ignore' + 'x'", "p = `# credscope: ignore`"]
        {
            assert!(marks_of(0, quoted, &Settings::default()).is_empty(), "{quoted}");
        }
        for comment in
            ["p = \"x\"  # credscope: ignore", "don't <!-- credscope: ignore -->", "p = \"it's\" # credscope: ignore"]
        {
            assert_eq!(marks_of(0, comment, &Settings::default()).len(), 1, "{comment}");
        }
        let all = marks_of(0, "-- credscope: ignore-file\n", &Settings::default());
        assert!(all.len() == 1 && all[0].whole && all[0].rules.is_empty());
        assert_eq!(marks_of(0, "x = 1  # credscope: ignore[]\n", &Settings::default())[0].rules, [""]);
        let some = marks_of(0, "# credscope: ignore-file[CS106] demo\n", &Settings::default());
        assert!(some.len() == 1 && some[0].whole && some[0].rules == ["CS106"]);
    }
}
