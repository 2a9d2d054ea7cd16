//! Edits that silence a finding: a comment on the line above, one for the file, a line in the configuration.

use std::path::{Path, PathBuf};

use credscope_grammars::{Cell, Container, Language, Span, facts::ExprKind};
use credscope_linter::{Finding, Place};
use serde_json::{Value, json};

use super::{
    analysed::{Analysed, uri_of},
    capabilities::Client,
};

/// How a one-line comment is written; `None`: the language has none, or nobody would look for one there.
fn comment(language: Language, text: &str) -> Option<String> {
    match language {
        Language::Scala | Language::Java | Language::Hcl => Some(format!("// {text}")),
        Language::Sql => Some(format!("-- {text}")),
        Language::Markdown | Language::Xml => Some(format!("<!-- {text} -->")),
        Language::Json | Language::Source | Language::Text => None,
        _ => Some(format!("# {text}")),
    }
}

/// Comment on the line above the finding. `None` where a line cannot be put in: inside a string over several lines,
/// after a continued line.
pub(super) fn above(analysed: &Analysed, finding: &Finding) -> Option<(Place, String)> {
    let place = finding.place;
    let cell = analysed.document.cells.get(place.cell as usize)?;
    let line = line_start(cell, place.span.start as usize)?;
    let before = cell.text.get(..line)?.trim_end_matches(['\n', '\r']);
    let facts = analysed.facts();
    let inside =
        facts.get(place.cell as usize)?.exprs.iter().any(|e| {
            matches!(e.kind, ExprKind::Str(_)) && (e.span.start as usize) < line && line <= e.span.end as usize
        });
    if inside || before.ends_with('\\') {
        return None;
    }
    let indent: String = cell.text.get(line..)?.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    let mark = comment(cell.language, &format!("credscope: ignore[{}] reason", finding.rule.name))?;
    Some((Place { cell: place.cell, span: Span::new(line, line) }, format!("{indent}{mark}\n")))
}

/// Comment that silences the finding's rule in the whole file.
pub(super) fn whole_file(analysed: &Analysed, finding: &Finding) -> Option<(Place, String)> {
    // A plain file's head is its first cell; a notebook has no better place than the cell itself.
    let index = if analysed.document.container == Container::Plain { 0 } else { finding.place.cell };
    let cell = analysed.document.cells.get(index as usize)?;
    let mark = comment(cell.language, &format!("credscope: ignore-file[{}] reason", finding.rule.name))?;
    let mut at = 0;
    // `#!` and the encoding stay first; so do the magics of a cell.
    for line in cell.text.split_inclusive('\n') {
        let stays =
            line.starts_with("#!") || line.starts_with('%') || (line.starts_with('#') && line.contains("coding"));
        if !stays || !line.ends_with('\n') {
            break;
        }
        at += line.len();
    }
    Some((Place { cell: index, span: Span::new(at, at) }, format!("{mark}\n")))
}

fn line_start(cell: &Cell, offset: usize) -> Option<usize> {
    Some(cell.text.get(..offset)?.rfind('\n').map_or(0, |at| at + 1))
}

/// The configuration file that decides for a document, or the one to create.
#[derive(Clone, Debug)]
pub(super) struct ConfigFile {
    pub path: PathBuf,
    /// `None`: it is not there yet.
    pub text: Option<String>,
}

/// Edit of the configuration that switches a rule off.
pub(super) fn disable(config: &ConfigFile, rule: &str, client: &Client) -> Option<Value> {
    let uri = uri_of(&config.path)?;
    let Some(text) = &config.text else {
        let insert = json!({"range": zero(0), "newText": format!("ignore = [\"{rule}\"]\n")});
        if client.document_changes && client.create_files {
            return Some(json!({"documentChanges": [
                {"kind": "create", "uri": uri, "options": {"ignoreIfExists": true}},
                {"textDocument": {"uri": uri, "version": null}, "edits": [insert]},
            ]}));
        }
        return Some(json!({"changes": {uri: [insert]}}));
    };
    let (line, column, new) = ignore_entry(&config.path, text, rule)?;
    let at = json!({"line": line, "character": column});
    let edit = json!({"range": {"start": at, "end": at}, "newText": new});
    if client.document_changes {
        return Some(json!({"documentChanges": [{"textDocument": {"uri": uri, "version": null}, "edits": [edit]}]}));
    }
    Some(json!({"changes": {uri: [edit]}}))
}

fn zero(line: u32) -> Value {
    let at = json!({"line": line, "character": 0});
    json!({"start": at, "end": at})
}

/// Where and what to write so that `ignore` holds the rule: 0-based line and column.
fn ignore_entry(path: &Path, text: &str, rule: &str) -> Option<(usize, usize, String)> {
    let in_project = path.file_name().is_some_and(|n| n == "pyproject.toml");
    let mut here = !in_project;
    let mut head = 0;
    for (number, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        if trimmed.starts_with('[') {
            if here {
                break;
            }
            here = trimmed.trim_end() == "[tool.credscope]";
            head = number + 1;
            continue;
        }
        let Some(rest) = trimmed.strip_prefix("ignore").filter(|_| here) else { continue };
        let Some(list) = rest.trim_start().strip_prefix('=').map(str::trim_start).and_then(|r| r.strip_prefix('['))
        else {
            continue;
        };
        let column = line.len() - list.len();
        if line.get(..column)?.is_ascii() {
            let comma = if list.trim_start().starts_with(']') { "" } else { ", " };
            return Some((number, column, format!("\"{rule}\"{comma}")));
        }
    }
    if in_project && !text.lines().any(|l| l.trim() == "[tool.credscope]") {
        // Only subtables stand there: the table is begun at the end.
        let lines = text.lines().count();
        return Some((lines, 0, format!("\n[tool.credscope]\nignore = [\"{rule}\"]\n")));
    }
    Some((head, 0, format!("ignore = [\"{rule}\"]\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_added_to_the_list_that_is_there() {
        let path = Path::new("credscope.toml");
        for (name, text, expected) in [
            ("credscope.toml", "", "ignore = [\"x\"]\n"),
            ("credscope.toml", "ignore = []\n[secrets]\n", "ignore = [\"x\"]\n[secrets]\n"),
            ("credscope.toml", "# c\nignore = [\"y\"]\n", "# c\nignore = [\"x\", \"y\"]\n"),
            ("credscope.toml", "[secrets]\nscope = \"a\"\n", "ignore = [\"x\"]\n[secrets]\nscope = \"a\"\n"),
            (
                "pyproject.toml",
                "[project]\n[tool.credscope]\nstrict = true\n",
                "[project]\n[tool.credscope]\nignore = [\"x\"]\nstrict = true\n",
            ),
        ] {
            let (line, column, new) = ignore_entry(&path.with_file_name(name), text, "x").unwrap();
            let at = text.split_inclusive('\n').take(line).map(str::len).sum::<usize>() + column;
            let mut done = text.to_owned();
            done.insert_str(at, &new);
            assert_eq!(done, expected);
            assert!(
                credscope_linter::config::parse(
                    name,
                    &done.replace("\"x\"", "\"CS106\"").replace("\"y\"", "\"CS101\"")
                )
                .is_ok()
            );
        }
    }
}
