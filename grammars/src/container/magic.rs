//! The magic at the head of a cell (`%sql`, `%%bash`, `%pip install x`) and the language it chooses. The same for every
//! container (catalog §G.7).

use std::ops::Range;

use crate::Language;

/// A part of a cell that is written in one language.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Bytes of the cell.
    pub range: Range<usize>,
    pub language: Language,
    pub magic: Option<Box<str>>,
}

/// Parts of a cell's text, at least one. A language magic's word is outside of its part; the lines of `%run` and `%pip`
/// are inside, because the path or the package says something. Magics that leave the language alone (`%%time`,
/// `%matplotlib`) stay in the text.
pub(super) fn split(text: &str, host: Language) -> Vec<Part> {
    let whole = |language, magic| vec![Part { range: 0..text.len(), language, magic }];
    let mut from = 0;
    let (at, double, name) = loop {
        let Some((at, double, name)) = head(text, from) else { return whole(host, None) };
        // `%%time` runs the rest of the cell, which may have a magic of its own.
        if double && matches!(name, "time" | "timeit" | "capture") {
            from = line_end(text, at).1;
            continue;
        }
        break (at, double, name);
    };
    let lower = name.to_ascii_lowercase();
    let magic: Option<Box<str>> = Some(lower.as_str().into());
    let word_end = at + if double { 2 } else { 1 } + name.len();
    let language = match lower.as_str() {
        // SQL has no line that says it.
        "run" if !double => return whole(if host == Language::Sql { Language::Python } else { host }, magic),
        "pip" | "conda" | "mamba" | "uv" => return packages(text, at, host, magic),
        "fs" | "javascript" | "js" | "latex" | "svg" | "perl" | "ruby" | "kql" => Language::Text,
        "configure" => Language::Json,
        "tsql" => Language::Sql,
        "writefile" | "file" if double => {
            let (end, next) = line_end(text, at);
            let path = text.get(word_end..end).unwrap_or("").split_whitespace().rfind(|word| !word.starts_with('-'));
            let language = path.and_then(Language::of_path).unwrap_or(Language::Text);
            return vec![Part { range: next..text.len(), language, magic }];
        }
        _ => match Language::of_name(&lower) {
            Some(language) => language,
            None => return whole(host, None),
        },
    };
    vec![Part { range: body(text, word_end, language)..text.len(), language, magic }]
}

/// The magic of the first line that is not blank: its offset, whether it is `%%`, its name.
fn head(text: &str, from: usize) -> Option<(usize, bool, &str)> {
    let rest = text.get(from..)?;
    let at = from + (rest.len() - rest.trim_start().len());
    let rest = text.get(at..)?.strip_prefix('%')?;
    let (double, rest) = rest.strip_prefix('%').map_or((false, rest), |rest| (true, rest));
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').unwrap_or(rest.len());
    let name = rest.get(..end).filter(|name| !name.is_empty())?;
    // `%a = 1` is no magic, and neither is `%x(…)`.
    let after = rest.get(end..)?;
    (after.is_empty() || after.starts_with(char::is_whitespace)).then_some((at, double, name))
}

/// End of the line that holds `at`, without and with its line break.
fn line_end(text: &str, at: usize) -> (usize, usize) {
    match memchr::memchr(b'\n', text.as_bytes().get(at..).unwrap_or(&[])) {
        Some(n) if n > 0 && text.as_bytes()[at + n - 1] == b'\r' => (at + n - 1, at + n + 1),
        Some(n) => (at + n, at + n + 1),
        None => (text.len(), text.len()),
    }
}

/// Where the body starts behind a magic word: on the same line when something other than a flag follows (`%sh -e ls`).
fn body(text: &str, word_end: usize, language: Language) -> usize {
    let (end, next) = line_end(text, word_end);
    let mut at = word_end;
    loop {
        let rest = text.get(at..end).unwrap_or("");
        let trimmed = rest.trim_start_matches([' ', '\t']);
        at += rest.len() - trimmed.len();
        let word = trimmed.split([' ', '\t']).next().unwrap_or("");
        let flags = matches!(language, Language::Shell | Language::Sql | Language::Json | Language::Markdown);
        let is_flag = word.len() == 2 && word.starts_with('-') && word.as_bytes()[1].is_ascii_alphabetic();
        if !(flags && is_flag) {
            return if trimmed.is_empty() { next } else { at };
        }
        at += word.len();
    }
}

/// `%pip` lines at the head of a cell; what follows them is Python.
fn packages(text: &str, at: usize, host: Language, magic: Option<Box<str>>) -> Vec<Part> {
    let (mut line, mut end, mut rest) = (at, text.len(), text.len());
    let mut continued = false;
    while line < text.len() {
        let (stop, next) = line_end(text, line);
        let content = text.get(line..stop).unwrap_or("").trim();
        let is_package = head(content, 0).is_some_and(|(_, _, name)| Language::of_name(name) == Some(Language::Pip));
        if continued || is_package {
            (end, rest) = (stop, next);
            continued = content.ends_with('\\');
        } else if !content.is_empty() && !content.starts_with('#') {
            break;
        }
        line = next;
    }
    if line >= text.len() {
        end = text.len();
        rest = text.len();
    }
    let mut parts = vec![Part { range: 0..end, language: Language::Pip, magic }];
    if text.get(rest..).is_some_and(|rest| !rest.trim().is_empty()) {
        let language = if host.is_program() && host != Language::Sql { host } else { Language::Python };
        parts.push(Part { range: rest..text.len(), language, magic: None });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_magic_chooses_the_language_and_where_the_text_starts() {
        for (cell, host, language, magic, text) in [
            ("a = 1", Language::Python, Language::Python, "", "a = 1"),
            ("%sql\nSELECT 1", Language::Python, Language::Sql, "sql", "SELECT 1"),
            ("%sql SELECT 1\nFROM t", Language::Scala, Language::Sql, "sql", "SELECT 1\nFROM t"),
            ("\n %%sql\r\nSELECT 1", Language::Python, Language::Sql, "sql", "SELECT 1"),
            ("%sql -- a comment", Language::Python, Language::Sql, "sql", "-- a comment"),
            ("%sql", Language::Python, Language::Sql, "sql", ""),
            ("%sql -e\nSELECT 1", Language::Python, Language::Sql, "sql", "SELECT 1"),
            ("%sh -e ls\n", Language::Python, Language::Shell, "sh", "ls\n"),
            ("%%bash\nls", Language::Python, Language::Shell, "bash", "ls"),
            ("%python x = 1", Language::Sql, Language::Python, "python", "x = 1"),
            ("%scala\nval x = 1", Language::Python, Language::Scala, "scala", "val x = 1"),
            ("%r\nx <- 1", Language::Python, Language::R, "r", "x <- 1"),
            ("%md-sandbox\n# T", Language::Python, Language::Markdown, "md-sandbox", "# T"),
            ("%fs ls /mnt", Language::Python, Language::Text, "fs", "ls /mnt"),
            ("%run ./x", Language::Scala, Language::Scala, "run", "%run ./x"),
            ("%run ./x", Language::Sql, Language::Python, "run", "%run ./x"),
            ("%pip install x", Language::Scala, Language::Pip, "pip", "%pip install x"),
            (
                "%conda install x\n# c\n%pip install y\n",
                Language::R,
                Language::Pip,
                "conda",
                "%conda install x\n# c\n%pip install y\n",
            ),
            ("%matplotlib inline\nx", Language::Python, Language::Python, "", "%matplotlib inline\nx"),
            ("%%time\nx", Language::Python, Language::Python, "", "%%time\nx"),
            ("%%time\n%%sql\nSELECT 1", Language::Python, Language::Sql, "sql", "SELECT 1"),
            ("%%configure -f\n{}", Language::Python, Language::Json, "configure", "{}"),
            ("%%writefile -a app/.env\nA=b", Language::Python, Language::DotEnv, "writefile", "A=b"),
            ("!ls\nx", Language::Python, Language::Python, "", "!ls\nx"),
            ("%", Language::Python, Language::Python, "", "%"),
            ("", Language::Python, Language::Python, "", ""),
        ] {
            let parts = split(cell, host);
            let [part] = &parts[..] else { panic!("{cell:?}: {parts:?}") };
            let got = (part.language, part.magic.as_deref().unwrap_or(""), &cell[part.range.clone()]);
            assert_eq!(got, (language, magic, text), "{cell:?}");
        }
    }

    #[test]
    fn python_after_pip_lines_is_a_part_of_its_own() {
        let cell = "%pip install a \\\n  b\n%pip install c\n\n# now\nimport c\n";
        let parts = split(cell, Language::Python);
        let texts: Vec<_> = parts.iter().map(|p| (p.language, &cell[p.range.clone()])).collect();
        let pip = "%pip install a \\\n  b\n%pip install c";
        assert_eq!(texts, [(Language::Pip, pip), (Language::Python, "\n# now\nimport c\n")]);
    }
}
