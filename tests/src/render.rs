//! The same cells as a plain file, a Databricks source notebook and a Jupyter notebook.

use credscope_grammars::{Opened, container::in_blocks};

use crate::cases::Case;

#[derive(Clone, Debug)]
pub struct Rendered {
    /// `plain`, `blocks` (as a large plain file is read), `source`, `ipynb`.
    pub container: &'static str,
    pub path: String,
    pub text: String,
    /// Start of each case cell in [`Case::code`], with its text.
    pub cells: Vec<(usize, String)>,
}

impl Rendered {
    /// The text as its container is read.
    pub fn open(&self, text: &str) -> Opened {
        let mut opened = credscope_grammars::open(&self.path, text.as_bytes());
        if self.container == "blocks" {
            opened.documents = opened.documents.iter().map(in_blocks).collect();
        }
        opened
    }
}

/// All containers that a case is for.
pub fn render(case: &Case) -> Vec<Rendered> {
    let cells = split(&case.code);
    let has = |word: &str| case.words.iter().any(|w| w == word);
    let path = case.path.clone().unwrap_or_else(|| format!("case.{}", extension(&case.language)));
    let program = matches!(case.language.as_str(), "python" | "scala" | "sql" | "r");
    let magic = cells.iter().any(|(_, text)| text.trim_start().starts_with('%'));
    let mut all = Vec::new();
    if !has("notebook") && cells.len() == 1 && !magic {
        for container in ["plain", "blocks"].into_iter().take(if case.language == "python" { 2 } else { 1 }) {
            let text = case.code.clone();
            all.push(Rendered { container, path: path.clone(), text, cells: vec![(0, case.code.clone())] });
        }
    }
    if program && !has("file") {
        all.push(Rendered {
            container: "source",
            path: path.clone(),
            text: source(case, &cells),
            cells: cells.clone(),
        });
        let stem = path.rsplit_once('.').map_or(path.as_str(), |(stem, _)| stem);
        let path = format!("{stem}.ipynb");
        all.push(Rendered { container: "ipynb", path, text: ipynb(&case.language, &cells), cells });
    }
    all
}

fn extension(language: &str) -> &str {
    match language {
        "python" => "py",
        "markdown" => "md",
        "shell" | "bash" => "sh",
        "terraform" | "hcl" => "tf",
        "text" => "txt",
        other => other,
    }
}

fn comment(language: &str) -> &'static str {
    match language {
        "scala" => "//",
        "sql" => "--",
        _ => "#",
    }
}

/// Case cells: start in the code and text, without the separator lines.
pub fn split(code: &str) -> Vec<(usize, String)> {
    let mut cells = vec![(0, String::new())];
    let mut at = 0;
    for line in code.split_inclusive('\n') {
        if line.trim_start_matches(['#', '/', '-']).trim_start().starts_with("COMMAND ---") {
            cells.push((at + line.len(), String::new()));
        } else if let Some((_, text)) = cells.last_mut() {
            text.push_str(line);
        }
        at += line.len();
    }
    cells
}

/// Databricks source notebook.
pub fn source(case: &Case, cells: &[(usize, String)]) -> String {
    let mark = comment(&case.language);
    let mut out = format!("{mark} Databricks notebook source\n");
    for (i, (_, text)) in cells.iter().enumerate() {
        if i > 0 {
            out.push_str(&format!("\n{mark} COMMAND ----------\n\n"));
        }
        if text.trim_start().starts_with('%') {
            for line in text.trim_end().lines() {
                out.push_str(format!("{mark} MAGIC {line}").trim_end());
                out.push('\n');
            }
        } else {
            out.push_str(text);
        }
    }
    out
}

/// Jupyter notebook, nbformat 4.5, source as a list of lines.
pub fn ipynb(language: &str, cells: &[(usize, String)]) -> String {
    let cells: Vec<serde_json::Value> = cells
        .iter()
        .enumerate()
        .map(|(i, (_, text))| {
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            serde_json::json!({
                "cell_type": "code", "execution_count": null, "id": format!("c{i}"), "metadata": {}, "outputs": [],
                "source": lines,
            })
        })
        .collect();
    let language = if language == "r" { "R" } else { language };
    let notebook = serde_json::json!({
        "cells": cells, "metadata": {"language_info": {"name": language}}, "nbformat": 4, "nbformat_minor": 5,
    });
    serde_json::to_string_pretty(&notebook).unwrap_or_default()
}
