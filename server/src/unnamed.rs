//! What a text is that comes without a name, as far as its first bytes leave no doubt.

/// The name of a file that holds such bytes; `None`: they may be a program in any language.
pub fn name_of(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"PK\x03\x04") {
        return Some("stdin.dbc");
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let first = text.lines().next().unwrap_or("").trim_end();
    let (marker, rest) = first.split_once(' ').unwrap_or((first, ""));
    if matches!(rest.trim(), "Databricks notebook source" | "Fabric notebook source") {
        return match marker {
            "//" => Some("stdin.scala"),
            "--" => Some("stdin.sql"),
            // Notebooks in R have the same marker; cells in Python are foreign to them.
            "#" if text.contains("\n# MAGIC %python") => Some("stdin.r"),
            "#" => Some("stdin.py"),
            _ => None,
        };
    }
    if first.starts_with("#!") {
        let program = first.rsplit(['/', ' ']).next().unwrap_or("");
        return match program {
            "Rscript" => Some("stdin.r"),
            _ if program.starts_with("python") => Some("stdin.py"),
            _ if program.ends_with("sh") => Some("stdin.sh"),
            _ => None,
        };
    }
    if text.starts_with('{') && text.trim_end().ends_with('}') {
        let is_notebook = text.contains("\"nbformat\"") && text.contains("\"cells\"");
        return Some(if is_notebook { "stdin.ipynb" } else { "stdin.json" });
    }
    if text.starts_with("<?xml") { Some("stdin.xml") } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_say_what_they_are() {
        let rows: &[(&str, Option<&str>)] = &[
            ("# Databricks notebook source\nx = 1\n", Some("stdin.py")),
            ("\u{feff}# Databricks notebook source\r\n# MAGIC %sql\r\n", Some("stdin.py")),
            ("# Databricks notebook source\nx <- 1\n\n# MAGIC %python\n", Some("stdin.r")),
            ("// Databricks notebook source\n", Some("stdin.scala")),
            ("-- Databricks notebook source\n", Some("stdin.sql")),
            ("# Fabric notebook source\n", Some("stdin.py")),
            ("{\"cells\": [], \"nbformat\": 4}\n", Some("stdin.ipynb")),
            ("{\"a\": 1}", Some("stdin.json")),
            ("#!/usr/bin/env bash\n", Some("stdin.sh")),
            ("#!/usr/bin/python3\n", Some("stdin.py")),
            ("<?xml version=\"1.0\"?>", Some("stdin.xml")),
            ("PK\u{3}\u{4}", Some("stdin.dbc")),
            ("password = 'x'\n", None),
            ("", None),
        ];
        for (text, expected) in rows {
            assert_eq!(name_of(text.as_bytes()), *expected, "{text}");
        }
    }
}
