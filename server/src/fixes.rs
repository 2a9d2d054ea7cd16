//! `--fix` and `--diff`: rounds of analysing and applying until nothing changes, then one atomic write per file.

use std::{collections::BTreeSet, io::Write, path::Path};

use anyhow::Context;
use credscope_linter::{
    Finding, Settings,
    fix::{self, Applicability, Names},
    value,
};
use similar::ChangeTag;

use crate::{
    analysis::{self, Checked, FileResult, Source},
    baseline::Left,
    library::Library,
    provision::Record,
};

/// A fix that reveals another finding is followed this often.
const ROUNDS: usize = 10;

/// Bytes of a text.
pub type Range = (usize, usize);

/// What happened to one file.
#[derive(Debug, Default)]
pub struct Fixed {
    /// Text before and after; `None`: unchanged.
    pub change: Option<(String, String)>,
    /// Findings that went away.
    pub count: usize,
    pub records: Vec<Record>,
    /// Values that moved: where one still stands it has to go by hand.
    values: Vec<String>,
    /// Credentials of all rounds: what is shown of the file holds none of them.
    pub hidden: BTreeSet<String>,
    /// What went though the first text did not show that it had to: lines of that text, and what was done.
    pub later: Vec<(u32, String)>,
    /// There is more to fix than the rounds were enough for.
    pub is_unfinished: bool,
}

/// Applies fixes to a file's text until nothing changes, and leaves in `result` what remains. Nothing is written. What a
/// baseline knows (`left`) stays as it is.
pub fn fix(
    source: &Source,
    result: &mut FileResult,
    (names, least): (&mut Names, Applicability),
    library: &Library<'_>,
    left: &mut Left<'_>,
) -> Fixed {
    let mut fixed = Fixed::default();
    let mut before: Option<String> = None;
    let mut current = String::new();
    let mut told: BTreeSet<u32> = BTreeSet::new();
    let mut reads: Vec<Record> = Vec::new();
    for round in 0..=ROUNDS {
        let Some(checked) = result.documents.iter_mut().find(|d| d.document.entry.is_none()) else { break };
        let Checked { document, facts, findings, .. } = checked;
        let neighbours = library.of(source).neighbours(&source.path, document, facts);
        fix::resolve_among(document, facts, &source.settings, (names, &neighbours), findings);
        left.without_fixes(findings);
        let checked = &*checked;
        if round == 0 {
            let leaks = checked.findings.iter().filter(|f| fix::is_leak(f.rule.code));
            told.extend(leaks.map(|f| checked.range(f.place).0.0));
        }
        let Some(applied) = fix::apply(&checked.document, &checked.findings, least) else { break };
        if round > 0 {
            fixed.hidden.extend(checked.findings.iter().filter_map(|finding| written(checked, finding)));
        }
        let values = checked.findings.iter().filter(|f| f.value.is_some());
        fixed.hidden.extend(values.filter_map(|f| Some(checked.unescaped(f.place)?.expose().to_owned())));
        if round == ROUNDS {
            fixed.is_unfinished = true;
            break;
        }
        before.get_or_insert_with(|| checked.document.text.to_string());
        fixed.count += applied.fixed.len();
        for &i in &applied.fixed {
            let line_of = |place| {
                let ((line, _), _) = checked.range(place);
                original_line(before.as_deref().unwrap_or_default(), &checked.document.text, line)
            };
            let finding = &checked.findings[i];
            if round > 0 && fix::is_leak(finding.rule.code) {
                let line = line_of(finding.place);
                let title = finding.fixes.first().filter(|_| !told.contains(&line));
                fixed.later.extend(title.map(|fix| (line, fix.title.clone())));
            }
            fixed.values.extend(moved(checked, &checked.findings[i]));
            let records = Record::of(&checked.path, finding, names, &line_of);
            match finding.rule.code {
                // A later round can take the read away, with the statement that shows it.
                "CS130" => reads.extend(records),
                _ => fixed.records.extend(records),
            }
        }
        current = applied.text;
        let problems = std::mem::take(&mut result.problems);
        let bytes = result.bytes;
        *result = analysis::check_bytes(current.as_bytes(), source, library, true);
        (result.problems, result.bytes) = (problems, bytes);
    }
    fixed.records.extend(reads.into_iter().filter(|record| record.is_named_in(&current)));
    fixed.change = before.map(|before| (before, current));
    fixed
}

/// The text of a finding's credential.
fn written(checked: &Checked, finding: &Finding) -> Option<String> {
    finding.value?;
    let cell = checked.document.cells.get(finding.place.cell as usize)?;
    cell.text.get(finding.place.span.range()).map(str::to_owned)
}

/// The text of a credential that a fix moves, when it is one that stands for nothing else: words are in other texts, too.
fn moved(checked: &Checked, finding: &Finding) -> Option<String> {
    let moves = finding.value.is_some() && finding.fixes.iter().any(|f| !f.secrets.is_empty());
    let cell = checked.document.cells.get(finding.place.cell as usize).filter(|_| moves)?;
    let text = cell.text.get(finding.place.span.range())?;
    let prefix = text.find(['"', '\'']).filter(|&at| text[..at].bytes().all(|b| b.is_ascii_alphabetic()));
    let value = prefix.map_or(text, |at| text[at..].trim_matches(['"', '\'']));
    let has = |is: fn(char) -> bool| value.contains(is);
    let mixed = has(|c| c.is_ascii_uppercase()) && has(|c| c.is_ascii_lowercase())
        || has(|c| c.is_ascii_punctuation() && !matches!(c, '_' | '-' | '.' | '/'));
    let tells = value.len() >= 8 && has(|c| c.is_ascii_digit()) && mixed && !has(char::is_whitespace);
    tells.then(|| value.to_owned())
}

impl Fixed {
    /// Lines of the text after fixes where a value that moved still stands and no finding says so: a pattern, a longer text,
    /// a comment. `known` are the places of remaining findings.
    pub fn left(&self, known: &[Range]) -> Vec<usize> {
        let Some((_, after)) = &self.change else { return Vec::new() };
        let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let mut places: Vec<usize> = Vec::new();
        // A value that moved from many places is looked for once.
        for value in self.values.iter().collect::<BTreeSet<_>>() {
            let alone = |at: &usize| {
                let end = at + value.len();
                !word(after[..*at].chars().next_back())
                    && !word(after[end..].chars().next())
                    && !known.iter().any(|(from, to)| *from < end && at < to)
            };
            places.extend(after.match_indices(value.as_str()).map(|(at, _)| at).filter(alone));
        }
        places.sort_unstable();
        let (mut line, mut from) = (1, 0);
        let line_of = |at: usize| {
            line += after[from..at].matches('\n').count();
            from = at;
            line
        };
        let mut lines: Vec<usize> = places.into_iter().map(line_of).collect();
        lines.dedup();
        lines
    }
}

/// Writes a file in one step: a temporary file beside it takes its place. Permissions are kept and symbolic links are
/// followed. A file that is no longer what was read, or that nobody may write, is left alone.
pub fn write(file: &Path, before: &str, after: &str) -> anyhow::Result<()> {
    let file = std::fs::canonicalize(file).with_context(|| "cannot be found any more".to_owned())?;
    let now = std::fs::read(&file).with_context(|| "cannot be read again".to_owned())?;
    anyhow::ensure!(now == before.as_bytes(), "was changed while it was checked; left alone, run again");
    let metadata = std::fs::metadata(&file)?;
    let permissions = metadata.permissions();
    anyhow::ensure!(!permissions.readonly(), "is read-only; left alone");
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut temporary =
        tempfile::NamedTempFile::new_in(folder).with_context(|| "its folder cannot be written".to_owned())?;
    temporary.write_all(after.as_bytes())?;
    temporary.as_file().sync_all()?;
    keep_owner(temporary.path(), &metadata);
    std::fs::set_permissions(temporary.path(), permissions)?;
    temporary.persist(&file).with_context(|| "cannot be replaced".to_owned())?;
    Ok(())
}

/// Gives a file the owner and group of another: root fixes files of others in containers. Who may not do so keeps the file.
#[cfg(unix)]
fn keep_owner(file: &Path, of: &std::fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, chown};
    let group = chown(file, None, Some(of.gid()));
    let owner = chown(file, Some(of.uid()), None);
    if let (Err(error), _) | (_, Err(error)) = (group, owner) {
        tracing::debug!("{}: owner: {error}", file.display());
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &std::fs::Metadata) {}

/// Shortest value that is hidden wherever it stands; shorter ones are common words.
const SHORTEST: usize = 6;

/// Unified diff of a fixed file. `masks` are byte ranges of credentials in the text before and after: no line shows one,
/// not even one that is not fixed and stands beside one that is.
pub fn diff(
    path: &str,
    (before, masks): (&str, &[Range]),
    (after, left): (&str, &[Range]),
    hidden_too: &BTreeSet<String>,
) -> String {
    let path = path.trim_start_matches('/');
    let (shown_before, shown_after) = (mask(before, masks), mask(after, left));
    // A `\r` belongs to the line: what is shown applies with `patch` where nothing is masked.
    let old: Vec<&str> = shown_before.split('\n').collect();
    let new: Vec<&str> = shown_after.split('\n').collect();
    // The same value elsewhere (a stored output, a notebook that is one line of JSON) stays hidden, too.
    let values: BTreeSet<&str> = texts(before, masks)
        .chain(texts(after, left))
        .chain(hidden_too.iter().map(String::as_str))
        .map(|value| value.trim_matches(['"', '\'', '\\']))
        .filter(|value| value.len() >= SHORTEST && !value.contains('\n'))
        .collect();
    let changes = similar::TextDiff::from_lines(before, after);
    let mut unified = changes.unified_diff();
    unified.context_radius(3);
    let mut out = format!("--- {}\n+++ {}\n", named("a", path), named("b", path));
    for hunk in unified.iter_hunks() {
        out.push_str(&format!("{}\n", hunk.header()));
        for change in hunk.iter_changes() {
            // Lines keep their numbers when masked.
            let line = match change.tag() {
                ChangeTag::Insert => change.new_index().and_then(|i| new.get(i)),
                ChangeTag::Delete | ChangeTag::Equal => change.old_index().and_then(|i| old.get(i)),
            };
            let line = line.map_or_else(String::new, |line| (*line).to_owned());
            let is_new = change.tag() == ChangeTag::Insert;
            let mut line = values.iter().fold(line, |line, value| hidden(&line, value, is_new));
            value::without_tokens(&mut line, &Settings::default());
            out.push_str(&format!("{}{line}\n", change.tag()));
            if change.missing_newline() {
                out.push_str("\\ No newline at end of file\n");
            }
        }
    }
    out
}

fn texts<'t>(text: &'t str, ranges: &'t [Range]) -> impl Iterator<Item = &'t str> {
    ranges.iter().filter_map(|(start, end)| text.get(*start..*end))
}

/// A path of a diff's header as git writes it: one with blanks ends with a tab, one with quotes or control characters stands in
/// quotes.
fn named(side: &str, path: &str) -> String {
    let special = |c: char| c.is_control() || matches!(c, '"' | '\\');
    if !path.contains(special) {
        return format!("{side}/{path}{}", if path.contains(' ') { "\t" } else { "" });
    }
    let mut out = format!("\"{side}/");
    for c in path.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push_str(&format!("\\{:03o}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A line without a value. One that is a word (`cassandra`) stands in names, too, which stars would make unreadable, and would tell the
/// value by what they hide: it is hidden between quotes, where nothing new was written.
fn hidden(line: &str, value: &str, is_new: bool) -> String {
    if !value.bytes().all(|b| b.is_ascii_alphabetic()) {
        return line.replace(value, "***");
    }
    if is_new {
        return line.to_owned();
    }
    let quoted =
        |line: String, quote: &str| line.replace(&format!("{quote}{value}{quote}"), &format!("{quote}***{quote}"));
    ["\"", "'", "`"].iter().fold(line.to_owned(), |line, quote| quoted(line, quote))
}

/// 1-based line of the text before for one of the text now: where a value stood that a later round finds.
fn original_line(before: &str, now: &str, line: u32) -> u32 {
    if before == now {
        return line;
    }
    let index = (line as usize).saturating_sub(1);
    let diff = similar::TextDiff::from_lines(before, now);
    let op = diff.ops().iter().find(|op| op.new_range().contains(&index));
    op.map_or(line, |op| {
        let (old, new) = (op.old_range(), op.new_range());
        (old.start + (index - new.start).min(old.len().saturating_sub(1))) as u32 + 1
    })
}

/// The text with the given byte ranges replaced by stars.
fn mask(text: &str, ranges: &[Range]) -> String {
    let mut sorted = ranges.to_vec();
    sorted.sort_unstable();
    let (mut out, mut at) = (String::new(), 0);
    for (start, end) in sorted {
        if start < at || end > text.len() {
            continue;
        }
        out.push_str(&text[at..start]);
        let inner = &text[start..end];
        let quote: String = inner.chars().take(1).filter(|c| matches!(c, '"' | '\'')).collect();
        let breaks = "\n".repeat(inner.matches('\n').count());
        out.push_str(&format!("{quote}***{breaks}{quote}"));
        at = end;
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failure fails the test, as it should")]

    use super::*;

    #[test]
    fn a_word_is_hidden_where_it_is_a_value() {
        let before = "from cassandra.cluster import Cluster\nPW = 'cassandra'\nconnect(x='cassandra')\n";
        let after = "from cassandra.cluster import Cluster\nPW = get('cassandra', 'pw')\nconnect(x='cassandra')\n";
        let start = before.find("'cassandra'").unwrap();
        let shown = diff("a.py", (before, &[(start, start + 11)]), (after, &[]), &BTreeSet::new());
        let lines: Vec<&str> = shown.lines().skip(3).collect();
        let expected = [
            " from cassandra.cluster import Cluster", "-PW = '***'", "+PW = get('cassandra', 'pw')",
            " connect(x='***')",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_file_that_changed_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.py");
        std::fs::write(&file, "new\n").unwrap();
        let error = write(&file, "old\n", "fixed\n").unwrap_err();
        assert!(error.to_string().contains("was changed"), "{error}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new\n");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_are_kept() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a.py"), folder.path().join("link.py"));
        std::fs::write(&file, "old\n").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o750)).unwrap();
        std::os::unix::fs::symlink("a.py", &link).unwrap();
        write(&link, "old\n", "fixed\n").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "fixed\n");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o750);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_diff_shows_no_credential_on_either_side() {
        let (before, after) = ("x = 1\nf('one', 'two')\n", "x = 1\nf(get(), 'two')\n");
        let shown = diff("/a/b.py", (before, &[(8, 13), (15, 20)]), (after, &[(15, 20)]), &BTreeSet::new());
        assert_eq!(shown, "--- a/a/b.py\n+++ b/a/b.py\n@@ -1,2 +1,2 @@\n x = 1\n-f('***', '***')\n+f(get(), '***')\n");
    }

    #[test]
    fn a_diff_names_paths_as_git_does_and_hides_what_later_rounds_find() {
        let hidden = BTreeSet::from(["secret1".to_owned()]);
        let shown = diff("d e/a.py", ("f('secret1')\n", &[]), ("f(x)\n", &[]), &hidden);
        assert_eq!(shown, "--- a/d e/a.py\t\n+++ b/d e/a.py\t\n@@ -1 +1 @@\n-f('***')\n+f(x)\n");
        assert_eq!(named("a", "x\"y\tz.py"), "\"a/x\\\"y\\tz.py\"");
    }

    #[test]
    fn lines_are_those_of_the_text_before() {
        let (before, now) = ("a\nb\nc\n", "import x\na\nB\nc\n");
        assert_eq!([1, 2, 3].map(|l| original_line(before, now, l + 1)), [1, 2, 3]);
    }
}
