//! Markdown: lines as of any text, tables, and shell between fences.

use super::{LowerOptions, embed, text as lines};
use crate::{CellFacts, Language, Span, facts::EmbeddedOrigin};

mod tables;

/// Facts of a Markdown text.
pub(super) fn lower(text: &str, options: LowerOptions) -> CellFacts {
    let mut facts = lines::lower(text, options);
    tables::read(text, &mut facts.properties);
    let Some(nested) = options.nested() else { return facts };
    for fence in fences(text).into_iter().flat_map(|fence| prompts(text, fence)) {
        if !fence.of(text).trim().is_empty() {
            facts.embedded.push(embed::verbatim(text, fence, Language::Shell, EmbeddedOrigin::Fence, nested));
        }
    }
    facts
}

/// The lines behind a prompt `$ `, with those that `\` adds; the rest is what they print. All of a fence without one.
fn prompts(text: &str, fence: Span) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    let (mut at, mut continues) = (fence.start as usize, false);
    for line in fence.of(text).split_inclusive('\n') {
        let start = at;
        at += line.len();
        let command = line.trim_start().strip_prefix("$ ");
        match found.last_mut().filter(|_| continues) {
            Some(last) => last.end = at as u32,
            None => found.extend(command.map(|command| Span::new(start + line.len() - command.len(), at))),
        }
        continues = (continues || command.is_some()) && line.trim_end().ends_with('\\');
    }
    if found.is_empty() { vec![fence] } else { found }
}

/// Whether a fence that names no language begins with a program of command lines.
fn runs(fence: &str) -> bool {
    const PROGRAMS: &[&str] =
        &["databricks", "curl", "docker", "pip", "git", "export", "az", "aws", "psql", "wget", "$", "sudo", "kubectl"];
    let mut lines = fence.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines.next().and_then(|line| line.split_once(' '));
    first.is_some_and(|(program, rest)| PROGRAMS.contains(&program) && !rest.starts_with(['=', ':']))
}

/// Texts of the fences whose info string names a shell, or that have none and hold command lines.
fn fences(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    // Marker, start of the text, whether it is shell, and whether that is not said.
    let mut open: Option<(&str, usize, (bool, bool))> = None;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim();
        let mark_len = content.len() - content.trim_start_matches(['`', '~']).len();
        match open {
            None if mark_len >= 3 => {
                let info = content[mark_len..].trim().split([' ', '{', ',']).next().unwrap_or("");
                let shell = matches!(info, "console" | "shell-session" | "sh-session" | "terminal" | "bash-session")
                    || Language::of_name(info) == Some(Language::Shell) && info != "script";
                open = Some((&content[..mark_len], at, (shell, info.is_empty())));
            }
            Some((mark, from, (shell, is_unnamed)))
                if mark_len >= mark.len() && content.starts_with(mark) && content.len() == mark_len =>
            {
                if shell || is_unnamed && runs(&text[from..start]) {
                    found.push(Span::new(from, start));
                }
                open = None;
            }
            _ => {}
        }
    }
    found
}
