//! Findings as diagnostics, code actions, hovers, completions. Answers come from findings that are already computed.

use credscope_grammars::{ColumnUnit, Document, LineIndex, Span};
use credscope_linter::{
    Finding, Place, Settings, Severity,
    fix::{Applicability, Fix},
};
use serde_json::{Value, json};

use super::position;

/// A document with its findings, ready to be asked.
pub(super) struct Analysed {
    pub document: Document,
    pub findings: Vec<Finding>,
    pub settings: Settings,
    pub uri: String,
    pub version: i64,
    /// URI and text of an editor's notebook cells by cell number; empty for texts.
    pub cells: Vec<(String, String)>,
}

impl Analysed {
    /// URI of the text that a place stands in, and its byte range there.
    fn locate(&self, place: Place) -> Option<(&str, &str, Span)> {
        let span = self.document.physical(place.cell as usize, place.span);
        if self.cells.is_empty() {
            return Some((&self.uri, &self.document.text, span));
        }
        let number = self.document.cells.get(place.cell as usize)?.number as usize;
        let (uri, text) = self.cells.get(number)?;
        Some((uri, text, span))
    }

    fn range(&self, place: Place, unit: ColumnUnit) -> Option<(&str, Value)> {
        let (uri, text, span) = self.locate(place)?;
        let range = if self.cells.is_empty() {
            position::range(text, &self.document.lines, span.start as usize, span.end as usize, unit)
        } else {
            position::range(text, &LineIndex::new(text), span.start as usize, span.end as usize, unit)
        };
        Some((uri, range))
    }

    /// Diagnostics of one text of the document.
    pub(super) fn diagnostics(&self, uri: &str, unit: ColumnUnit) -> Vec<Value> {
        self.findings.iter().filter_map(|f| self.diagnostic(f, uri, unit)).collect()
    }

    fn diagnostic(&self, finding: &Finding, uri: &str, unit: ColumnUnit) -> Option<Value> {
        let (at, range) = self.range(finding.place, unit)?;
        if at != uri {
            return None;
        }
        let related: Vec<Value> = finding
            .related
            .iter()
            .filter(|r| r.path.is_none())
            .filter_map(|r| {
                let (uri, range) = self.range(r.place, unit)?;
                Some(json!({"location": {"uri": uri, "range": range}, "message": r.message}))
            })
            .collect();
        let severity = match finding.severity {
            Severity::Error => 1,
            Severity::Warning => 2,
            Severity::Info => 3,
            Severity::Hint => 4,
        };
        let mut row = json!({
            "range": range, "severity": severity, "source": "credscope", "code": finding.rule.code,
            "codeDescription": {"href": finding.rule.url()}, "message": finding.message,
            "data": {"rule": finding.rule.name, "fingerprint": finding.fingerprint},
        });
        if !related.is_empty() {
            row["relatedInformation"] = json!(related);
        }
        if finding.rule.code == "CS001" {
            row["tags"] = json!([1]);
        }
        Some(row)
    }

    /// Findings whose place touches a byte range of one text.
    fn touching(&self, uri: &str, start: usize, end: usize) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |f| {
            self.locate(f.place)
                .is_some_and(|(at, _, span)| at == uri && span.start as usize <= end && start <= span.end as usize)
        })
    }

    fn text(&self, uri: &str) -> &str {
        self.cells.iter().find(|(u, _)| u == uri).map_or(&self.document.text, |(_, t)| t)
    }

    /// Quick fixes for the findings in a range, and the safe fix-all.
    pub(super) fn actions(
        &self,
        uri: &str,
        range: &Value,
        only: Option<&[String]>,
        unit: ColumnUnit,
        versioned: bool,
    ) -> Vec<Value> {
        let wants = |kind: &str| only.is_none_or(|o| o.iter().any(|w| kind == w || kind.starts_with(&format!("{w}."))));
        let text = self.text(uri);
        let index = LineIndex::new(text);
        let null = Value::Null;
        let start = position::offset(text, &index, range.get("start").unwrap_or(&null), unit);
        let end = position::offset(text, &index, range.get("end").unwrap_or(&null), unit);
        let mut actions = Vec::new();
        if wants("quickfix") {
            for finding in self.touching(uri, start, end.max(start)) {
                let diagnostic = self.diagnostic(finding, uri, unit);
                for (i, fix) in finding.fixes.iter().filter(|f| f.applicability > Applicability::Display).enumerate() {
                    if let Some(edit) = self.edit(&[fix], unit, versioned) {
                        actions.push(json!({"title": fix.title, "kind": "quickfix", "isPreferred": i == 0, "diagnostics": [diagnostic], "edit": edit}));
                    }
                }
                if let Some(edit) = self.ignore(finding, unit, versioned) {
                    actions.push(json!({"title": format!("Ignore {} here with a reason", finding.rule.name), "kind": "quickfix", "diagnostics": [diagnostic], "edit": edit}));
                }
            }
        }
        for kind in ["source.fixAll.credscope", "notebook.source.fixAll.credscope"] {
            let fits = kind.starts_with("notebook") != self.cells.is_empty();
            if fits && only.is_some() && wants(kind) {
                let fixes: Vec<&Fix> = self
                    .findings
                    .iter()
                    .filter_map(|f| f.fixes.iter().find(|x| x.applicability == Applicability::Safe))
                    .collect();
                if let Some(edit) = self.edit(&fixes, unit, versioned) {
                    actions.push(json!({"title": "Fix all safe credscope findings", "kind": kind, "edit": edit}));
                }
            }
        }
        actions
    }

    /// A workspace edit of fixes; those that overlap an earlier one are left out.
    fn edit(&self, fixes: &[&Fix], unit: ColumnUnit, versioned: bool) -> Option<Value> {
        let mut edits: Vec<(String, Span, String)> = Vec::new();
        for fix in fixes {
            let mut own = Vec::new();
            for edit in &fix.edits {
                let (uri, _, _) = self.locate(edit.place)?;
                let (span, new) = self.document.edit(edit.place.cell as usize, edit.place.span, &edit.text)?;
                own.push((uri.to_owned(), span, new));
            }
            let clash =
                own.iter().any(|new| edits.iter().any(|old| old != new && old.0 == new.0 && old.1.overlaps(new.1)));
            if !clash {
                for edit in own {
                    if !edits.contains(&edit) {
                        edits.push(edit);
                    }
                }
            }
        }
        (!edits.is_empty()).then(|| self.workspace_edit(&edits, unit, versioned))
    }

    fn workspace_edit(&self, edits: &[(String, Span, String)], unit: ColumnUnit, versioned: bool) -> Value {
        let mut uris: Vec<&str> = edits.iter().map(|(uri, _, _)| uri.as_str()).collect();
        uris.sort_unstable();
        uris.dedup();
        let rows = |uri: &str| -> Vec<Value> {
            let text = self.text(uri);
            let index = LineIndex::new(text);
            edits
                .iter()
                .filter(|(u, _, _)| u == uri)
                .map(|(_, span, new)| json!({"range": position::range(text, &index, span.start as usize, span.end as usize, unit), "newText": new}))
                .collect()
        };
        if versioned {
            let version = if self.cells.is_empty() { json!(self.version) } else { Value::Null };
            let changes: Vec<Value> = uris
                .iter()
                .map(|u| json!({"textDocument": {"uri": u, "version": version}, "edits": rows(u)}))
                .collect();
            return json!({"documentChanges": changes});
        }
        let changes: serde_json::Map<String, Value> = uris.iter().map(|u| ((*u).to_owned(), json!(rows(u)))).collect();
        json!({"changes": changes})
    }

    /// A suppression comment on the line above, in the comment syntax of the cell.
    fn ignore(&self, finding: &Finding, unit: ColumnUnit, versioned: bool) -> Option<Value> {
        let cell = self.document.cells.get(finding.place.cell as usize)?;
        let mark = match cell.language.name() {
            "scala" => "//",
            "sql" => "--",
            "json" | "markdown" | "xml" | "text" => return None,
            _ => "#",
        };
        let start = finding.place.span.start as usize;
        let line = cell.text.get(..start)?.rfind('\n').map_or(0, |i| i + 1);
        let indent: String = cell.text[line..].chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
        let new = format!("{indent}{mark} credscope: ignore[{}] reason\n", finding.rule.name);
        let (uri, _, _) = self.locate(finding.place)?;
        let (span, new) = self.document.edit(finding.place.cell as usize, Span::new(line, line), &new)?;
        Some(self.workspace_edit(&[(uri.to_owned(), span, new)], unit, versioned))
    }

    /// The short form of the rule's page, and what to do.
    pub(super) fn hover(&self, uri: &str, at: &Value, unit: ColumnUnit) -> Value {
        let text = self.text(uri);
        let offset = position::offset(text, &LineIndex::new(text), at, unit);
        let Some(finding) = self.touching(uri, offset, offset).next() else { return Value::Null };
        let part = |title: &str| {
            let body = finding.rule.docs.split(&format!("## {title}\n")).nth(1)?;
            Some(body.split("\n## ").next().unwrap_or("").trim().to_owned())
        };
        let mut page = format!("**{}** ({})\n\n{}", finding.rule.name, finding.rule.code, finding.message);
        for title in ["Why", "Use instead"] {
            if let Some(body) = part(title) {
                page.push_str(&format!("\n\n**{title}.** {body}"));
            }
        }
        if let Some(fix) = finding.fixes.first() {
            page.push_str(&format!("\n\n*Fix ({})*: {}", fix.applicability.name(), fix.title));
        }
        let range = self.range(finding.place, unit).map(|(_, r)| r);
        json!({"contents": {"kind": "markdown", "value": page}, "range": range})
    }

    /// Scopes and keys inside `secrets.get(…)`, `secret(…)`, `{{secrets/…}}`.
    pub(super) fn completion(&self, uri: &str, at: &Value, unit: ColumnUnit) -> Value {
        let text = self.text(uri);
        let offset = position::offset(text, &LineIndex::new(text), at, unit);
        let before = text.get(..offset).unwrap_or("");
        let line = before.rsplit('\n').next().unwrap_or("");
        let declared = &self.settings.secrets.declared;
        let item = |label: &str, kind: u32, detail: &str| json!({"label": label, "kind": kind, "detail": detail});
        let quoted = |s: &str| s.split(['"', '\'']).nth(1).map(str::to_owned);
        let items: Vec<Value> =
            if let Some(rest) = line.rsplit("{{secrets/").next().filter(|_| line.contains("{{secrets/")) {
                match rest.split_once('/') {
                    Some((scope, _)) => {
                        declared.get(scope).into_iter().flatten().map(|k| item(k, 12, "secret key")).collect()
                    }
                    None => declared.keys().map(|s| item(s, 9, "secret scope")).collect(),
                }
            } else if let Some(call) = ["secrets.get(", "secrets.getBytes(", "secret("]
                .iter()
                .find_map(|c| line.rfind(c).map(|i| &line[i + c.len()..]))
                .filter(|c| !c.contains(')'))
            {
                let in_key = call.rfind("key").is_some_and(|k| call[k..].contains('='))
                    || (call.contains(',') && !call.contains('='));
                if in_key {
                    let scope = quoted(call).unwrap_or_default();
                    declared.get(&scope).into_iter().flatten().map(|k| item(k, 12, "secret key")).collect()
                } else {
                    declared.keys().map(|s| item(s, 9, "secret scope")).collect()
                }
            } else {
                return Value::Null;
            };
        json!(items)
    }
}
