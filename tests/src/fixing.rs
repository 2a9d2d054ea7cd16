//! All fixes of a text, and what has to hold of them whatever they are.

use credscope_grammars::{CellKind, Document, Opened, Span};
use credscope_linter::{
    Finding, Settings, Workspace, engine,
    finding::ValueKey,
    fix::{self, Applicability, Names, SecretName},
};

/// A text after its fixes.
#[derive(Clone, Debug, Default)]
pub struct Fixing {
    pub text: String,
    pub rounds: usize,
    /// Findings that were fixed.
    pub count: usize,
    pub secrets: Vec<SecretName>,
    /// What does not hold, for people.
    pub wrong: Vec<String>,
}

/// More rounds than a command would run.
const ROUNDS: usize = 12;

/// Applies the first fix of every finding until nothing changes. The text is UTF-8 of one document.
pub fn fix_all(path: &str, text: &str, settings: &Settings, workspace: &Workspace, least: Applicability) -> Fixing {
    let open = |text: &str| credscope_grammars::open(path, text.as_bytes());
    fix_opened(path, text, &open, settings, workspace, least)
}

/// [`fix_all`] of a text that `open` opens.
pub fn fix_opened(
    path: &str,
    text: &str,
    open: &dyn Fn(&str) -> Opened,
    settings: &Settings,
    workspace: &Workspace,
    least: Applicability,
) -> Fixing {
    let mut names = Names::default();
    let mut out = Fixing { text: text.to_owned(), ..Fixing::default() };
    let mut gone: Vec<(&'static str, ValueKey)> = Vec::new();
    let before = problems(path, text.as_bytes());
    loop {
        let opened = open(&out.text);
        let Some(document) = opened.documents.first() else {
            out.wrong.push("the container does not open any more".into());
            break;
        };
        let facts = engine::document_facts(document);
        let mut findings = credscope_linter::analyze(document, path, settings, workspace).findings;
        for (code, value) in &gone {
            if findings.iter().any(|f| f.rule.code == *code && f.value == Some(*value)) {
                out.wrong.push(format!("{code} is found again after its fix"));
            }
        }
        fix::resolve(document, &facts, settings, &mut names, &mut findings);
        check_edits(document, &findings, &mut out.wrong);
        let Some(applied) = fix::apply(document, &findings, least) else { break };
        out.rounds += 1;
        if out.rounds > ROUNDS {
            out.wrong.push("fixes do not come to an end".into());
            break;
        }
        // Places of the same value that wait for the next round are still there.
        let fixed: Vec<&Finding> = applied.fixed.iter().map(|&i| &findings[i]).collect();
        let waits =
            |value| findings.iter().enumerate().any(|(i, f)| f.value == Some(value) && !applied.fixed.contains(&i));
        gone.extend(fixed.iter().filter_map(|f| Some((f.rule.code, f.value?))).filter(|(_, v)| !waits(*v)));
        out.count += applied.fixed.len();
        out.secrets.extend(applied.secrets);
        if applied.text == out.text {
            out.wrong.push("a fix changes nothing".into());
            break;
        }
        out.text = applied.text;
    }
    if problems(path, out.text.as_bytes()) > before {
        out.wrong.push(format!("reads worse after the fixes:\n{}", out.text));
    }
    out
}

/// Places that could not be read, in all cells.
pub fn problems(path: &str, bytes: &[u8]) -> usize {
    let opened = credscope_grammars::open(path, bytes);
    opened.problems.len()
        + opened
            .documents
            .iter()
            .flat_map(|d| d.cells.iter().map(move |c| (d, c)))
            .filter(|(_, c)| c.kind == CellKind::Code)
            .map(|(d, c)| engine::cell_facts(d, c).problems.len())
            .sum::<usize>()
}

/// Edits of a fix are in order, inside their cells, on character boundaries, and do not overlap.
fn check_edits(document: &Document, findings: &[Finding], wrong: &mut Vec<String>) {
    for fix in findings.iter().flat_map(|f| &f.fixes) {
        let mut last: Option<(u32, Span)> = None;
        for edit in &fix.edits {
            let (cell, span) = (edit.place.cell, edit.place.span);
            let text = document.cells.get(cell as usize).map(|c| &*c.text);
            if text.is_none_or(|t| t.get(span.range()).is_none()) {
                wrong.push(format!("an edit of `{}` is outside its cell", fix.title));
            }
            if last.is_some_and(|(c, s)| c > cell || (c == cell && (s.end > span.start || s == span))) {
                wrong.push(format!("edits of `{}` overlap or are out of order", fix.title));
            }
            last = Some((cell, span));
        }
    }
}
