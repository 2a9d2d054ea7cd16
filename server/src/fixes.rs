//! `--fix` and `--diff`: rounds of analysing and applying until nothing changes, then one atomic write per file.

use std::{io::Write, path::Path};

use anyhow::Context;
use credscope_linter::fix::{self, Applicability, Names};

use crate::{
    analysis::{self, Checked, FileResult, Source},
    library::Library,
    provision::Record,
};

/// A fix that reveals another finding is followed this often.
const ROUNDS: usize = 10;

/// What happened to one file.
#[derive(Debug, Default)]
pub struct Fixed {
    /// Text before and after; `None`: unchanged.
    pub change: Option<(String, String)>,
    /// Findings that went away.
    pub count: usize,
    pub records: Vec<Record>,
}

/// Applies fixes to a file's text until nothing changes, and leaves in `result` what remains. Nothing is written.
pub fn fix(
    source: &Source,
    result: &mut FileResult,
    names: &mut Names,
    least: Applicability,
    library: &Library<'_>,
) -> Fixed {
    let mut fixed = Fixed::default();
    let mut before: Option<String> = None;
    let mut current = String::new();
    for _ in 0..ROUNDS {
        let Some(checked) = result.documents.iter_mut().find(|d| d.document.entry.is_none()) else { break };
        let Checked { document, facts, findings, .. } = checked;
        fix::resolve(document, facts, &source.settings, names, findings);
        let Some(applied) = fix::apply(document, findings, least) else { break };
        before.get_or_insert_with(|| document.text.to_string());
        fixed.count += applied.fixed.len();
        for &i in &applied.fixed {
            let place = checked.findings[i].place;
            let ((line, _), _) = checked.range(place);
            fixed.records.extend(Record::of(&checked.path, line, &checked.findings[i]));
        }
        current = applied.text;
        let problems = std::mem::take(&mut result.problems);
        let bytes = result.bytes;
        *result = analysis::check_bytes(current.as_bytes(), source, library, true);
        (result.problems, result.bytes) = (problems, bytes);
    }
    fixed.change = before.map(|before| (before, current));
    fixed
}

/// Writes a file in one step: a temporary file beside it takes its place. Permissions are kept and symbolic links are
/// followed. A file that is no longer what was read is left alone.
pub fn write(file: &Path, before: &str, after: &str) -> anyhow::Result<()> {
    let file = std::fs::canonicalize(file).with_context(|| "cannot be found any more".to_owned())?;
    let now = std::fs::read(&file).with_context(|| "cannot be read again".to_owned())?;
    anyhow::ensure!(now == before.as_bytes(), "was changed while it was checked; left alone, run again");
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut temporary =
        tempfile::NamedTempFile::new_in(folder).with_context(|| "its folder cannot be written".to_owned())?;
    temporary.write_all(after.as_bytes())?;
    temporary.as_file().sync_all()?;
    let permissions = std::fs::metadata(&file)?.permissions();
    std::fs::set_permissions(temporary.path(), permissions)?;
    temporary.persist(&file).with_context(|| "cannot be replaced".to_owned())?;
    Ok(())
}

/// Shortest value that is hidden wherever it stands; shorter ones are common words.
const SHORTEST: usize = 6;

/// Unified diff of a fixed file. Removed lines hold the credentials, so they are masked as in every other output.
pub fn diff(path: &str, before: &str, after: &str, masks: &[(usize, usize)]) -> String {
    let masked = mask(before, masks);
    // The same value elsewhere (a stored output, a notebook that is one line of JSON) stays hidden, too.
    let values: Vec<&str> = masks
        .iter()
        .filter_map(|(start, end)| Some(before.get(*start..*end)?.trim_matches(['"', '\'', '\\'])))
        .filter(|value| value.len() >= SHORTEST && !value.contains('\n'))
        .collect();
    similar::TextDiff::from_lines(before, after)
        .unified_diff()
        .context_radius(3)
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string()
        .lines()
        .map(|line| masked_line(line, before, &masked))
        .map(|line| values.iter().fold(line, |line, value| line.replace(value, "***")))
        .collect::<Vec<_>>()
        .join("\n")
        + "\n"
}

/// The text with the given byte ranges replaced by stars.
fn mask(text: &str, ranges: &[(usize, usize)]) -> String {
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

/// A removed or context line in its masked form: lines keep their numbers when masked.
fn masked_line(line: &str, before: &str, masked: &str) -> String {
    let Some((sign, rest)) = line.split_at_checked(1) else { return line.to_owned() };
    if !matches!(sign, "-" | " ") || line.starts_with("---") {
        return line.to_owned();
    }
    let number = before.lines().position(|l| l.trim_end_matches('\r') == rest.trim_end_matches('\r'));
    match number.and_then(|n| masked.lines().nth(n)) {
        Some(masked) => format!("{sign}{masked}"),
        None => line.to_owned(),
    }
}
