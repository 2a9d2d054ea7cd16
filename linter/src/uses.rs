//! Where a document reads secrets: `dbutils.secrets.get("scope", "key")`, SQL `secret('scope', 'key')`,
//! `{{secrets/scope/key}}`. Names only.

use std::sync::Arc;

use credscope_grammars::{
    CellFacts, Document, Span, TextMap,
    facts::{Arg, ExprId, ExprKind},
};

use crate::finding::Place;

/// One reference to a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretUse {
    /// `None`: not a constant.
    pub scope: Option<String>,
    pub key: Option<String>,
    /// The whole call or reference.
    pub place: Place,
}

/// References of a document in cell order. `facts` is parallel to `document.cells`.
pub fn secret_uses(document: &Document, facts: &[Arc<CellFacts>]) -> Vec<SecretUse> {
    let mut uses = Vec::new();
    for (index, cell) in document.cells.iter().enumerate() {
        let first = uses.len();
        if let Some(facts) = facts.get(index) {
            calls(facts, index as u32, None, &mut uses);
        }
        references(&cell.text, index as u32, &mut uses);
        if let Some(own) = uses.get_mut(first..) {
            own.sort_by_key(|u| u.place);
        }
    }
    uses.dedup();
    uses
}

fn calls(facts: &CellFacts, cell: u32, map: Option<&TextMap>, uses: &mut Vec<SecretUse>) {
    for expr in &facts.exprs {
        let ExprKind::Call { callee, args, .. } = &expr.kind else { continue };
        let Some(path) = facts.path(*callee) else { continue };
        let reads = path.ends_with("secrets.get") || path.ends_with("secrets.getBytes");
        if !reads && !matches!(path.as_str(), "secret" | "try_secret") {
            continue;
        }
        let span = map.map_or(expr.span, |m| m.to_source(expr.span));
        uses.push(SecretUse {
            scope: argument(facts, args, "scope", 0),
            key: argument(facts, args, "key", 1),
            place: Place { cell, span },
        });
    }
    for embedded in &facts.embedded {
        let inner = map.map_or_else(|| embedded.map.clone(), |outer| embedded.map.through(outer));
        calls(&embedded.facts, cell, Some(&inner), uses);
    }
}

fn argument(facts: &CellFacts, args: &[Arg], name: &str, index: usize) -> Option<String> {
    let named = args.iter().find(|a| a.name.as_ref().is_some_and(|(n, _)| &**n == name));
    let arg = named.or_else(|| args.iter().filter(|a| a.name.is_none()).nth(index))?;
    text(facts, arg.value)
}

/// A constant that can be a name; anything else is none of our business.
fn text(facts: &CellFacts, id: ExprId) -> Option<String> {
    let text = facts.str_lit(id)?.plain()?;
    is_name(text.expose()).then(|| text.expose().to_owned())
}

/// A value that was written in the place of a name is told by CS605, and nowhere else.
fn is_name(text: &str) -> bool {
    crate::fix::is_valid_name(text) && crate::value::is_name(text)
}

/// `{{secrets/scope/key}}`.
fn references(text: &str, cell: u32, uses: &mut Vec<SecretUse>) {
    const OPEN: &str = "{{secrets/";
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(|rest| rest.find(OPEN)).map(|at| from + at) {
        let inside = start + OPEN.len();
        from = inside;
        let Some(len) = text.get(inside..).and_then(|rest| rest.find("}}")) else { break };
        let Some((scope, key)) = text.get(inside..inside + len).and_then(|name| name.split_once('/')) else { continue };
        if is_name(scope) && is_name(key) {
            uses.push(SecretUse {
                scope: Some(scope.to_owned()),
                key: Some(key.to_owned()),
                place: Place { cell, span: Span::new(start, inside + len + 2) },
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_reference_is_seen() {
        let text = "# Databricks notebook source\na = dbutils.secrets.get(\"jdbc\", \"user\")\nb = dbutils.secrets.get(scope='jdbc', key=name)\nspark.sql(\"select secret('app', 'token')\")\n\n# COMMAND ----------\n\n# MAGIC %sql\n# MAGIC select secret('app', 'key')\n\n# COMMAND ----------\n\nspark.conf.set('fs.x', '{{secrets/lake/sas}}')\n";
        let document = credscope_grammars::open("a.py", text.as_bytes()).documents.remove(0);
        let facts = crate::engine::document_facts(&document);
        let seen: Vec<(Option<String>, Option<String>)> =
            secret_uses(&document, &facts).into_iter().map(|u| (u.scope, u.key)).collect();
        let pair = |s: &str, k: &str| (Some(s.to_owned()), (!k.is_empty()).then(|| k.to_owned()));
        assert_eq!(
            seen,
            [pair("jdbc", "user"), pair("jdbc", ""), pair("app", "token"), pair("app", "key"), pair("lake", "sas")]
        );
    }
}
