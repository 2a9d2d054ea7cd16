//! Cases of a rule's page: fenced blocks below `## Cases`, expected findings between `⟦` and `⟧`.

use std::ops::Range;

use crate::fakes::Fakes;

#[derive(Clone, Debug)]
pub struct Case {
    pub title: String,
    pub language: String,
    /// Words after the language: `notebook`, `file`.
    pub words: Vec<String>,
    pub path: Option<String>,
    /// The code without marks.
    pub code: String,
    pub expected: Vec<Expected>,
    /// Text after all fixes.
    pub fixed: Option<String>,
    pub config: Option<String>,
    /// Other files of the workspace: path and text.
    pub extra: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Bytes of [`Case::code`].
    pub range: Range<usize>,
    /// Rule code; the page's own rule when not said.
    pub code: Option<String>,
    pub severity: Option<String>,
}

/// Reads the cases of a page. Panics with the title on a malformed one.
pub fn parse(page: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let Some(section) = page.split("\n## Cases").nth(1) else { return cases };
    let mut title = String::new();
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("## ") {
            break;
        }
        if let Some(text) = line.strip_prefix("### ") {
            title = text.trim().to_owned();
            continue;
        }
        let ticks = line.len() - line.trim_start_matches('`').len();
        if ticks < 3 {
            continue;
        }
        let fence = &line[..ticks];
        let info: Vec<String> = line[ticks..].split_whitespace().map(str::to_owned).collect();
        let mut body = String::new();
        for inner in lines.by_ref() {
            if inner.trim_end() == fence {
                break;
            }
            body.push_str(inner);
            body.push('\n');
        }
        add(&mut cases, &title, &info, &Fakes::fill(&body, 7));
    }
    cases
}

fn add(cases: &mut Vec<Case>, title: &str, info: &[String], body: &str) {
    let Some(language) = info.first() else { panic!("case `{title}`: a block without a language") };
    let words: Vec<String> = info[1..].to_vec();
    let path = words.iter().find_map(|w| w.strip_prefix("path=")).map(str::to_owned);
    let has = |word: &str| words.iter().any(|w| w == word);
    let last = cases.last_mut().filter(|c| c.title == title);
    if has("fixed") {
        last.unwrap_or_else(|| panic!("`{title}`: fixed without a case")).fixed = Some(body.to_owned());
    } else if has("config") {
        last.unwrap_or_else(|| panic!("`{title}`: config without a case")).config = Some(body.to_owned());
    } else if has("extra") {
        let path = path.unwrap_or_else(|| panic!("`{title}`: extra without path="));
        last.unwrap_or_else(|| panic!("`{title}`: extra without a case")).extra.push((path, body.to_owned()));
    } else {
        let (code, expected) = unmark(title, body);
        let (title, language) = (title.to_owned(), language.clone());
        cases.push(Case { title, language, words, path, code, expected, fixed: None, config: None, extra: Vec::new() });
    }
}

/// Removes `⟦CODE@severity:…⟧` marks and returns where they were.
pub fn unmark(title: &str, body: &str) -> (String, Vec<Expected>) {
    let mut code = String::with_capacity(body.len());
    let mut expected = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.find('⟦') {
        code.push_str(&rest[..at]);
        rest = &rest[at + '⟦'.len_utf8()..];
        let end = rest.find('⟧').unwrap_or_else(|| panic!("case `{title}`: `⟦` without `⟧`"));
        let mut inner = &rest[..end];
        let (mut rule, mut severity) = (None, None);
        if let Some((head, tail)) = inner.split_once(':') {
            let (name, level) = head.split_once('@').map_or((head, None), |(n, l)| (n, Some(l)));
            let is_code = name.len() == 5 && name.starts_with("CS") && name[2..].bytes().all(|b| b.is_ascii_digit());
            if is_code || (name.is_empty() && level.is_some()) {
                rule = is_code.then(|| name.to_owned());
                severity = level.map(str::to_owned);
                inner = tail;
            }
        }
        let start = code.len();
        code.push_str(inner);
        expected.push(Expected { range: start..code.len(), code: rule, severity });
        rest = &rest[end + '⟧'.len_utf8()..];
    }
    code.push_str(rest);
    (code, expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_removed_and_remembered() {
        let page = "# x\n## Cases\n### one\n```python notebook\na = ⟦\"b\"⟧ + ⟦CS104@info:c⟧\n```\n```toml config\nx = 1\n```\n";
        let cases = parse(page);
        assert_eq!(cases.len(), 1);
        assert_eq!(cases[0].code, "a = \"b\" + c\n");
        assert_eq!(cases[0].expected[0], Expected { range: 4..7, code: None, severity: None });
        assert_eq!(
            cases[0].expected[1],
            Expected { range: 10..11, code: Some("CS104".into()), severity: Some("info".into()) }
        );
        assert_eq!(cases[0].config.as_deref(), Some("x = 1\n"));
    }
}
