//! The secrets that a document reads with constant names: in code, in queries, in configuration.

use std::{collections::HashMap, sync::Arc};

use credscope_grammars::{
    CellFacts, Document, Span, TextMap,
    facts::{Arg, EmbeddedOrigin, ExprId, ExprKind, PropertyValue, StmtKind, Target},
};

use super::{SecretName, is_valid_name, names};
use crate::{finding::Place, value};

/// A read of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// A read whose key is not constant has an empty one.
    pub secret: SecretName,
    /// Catalog and schema of a Unity Catalog secret; its scope is empty.
    pub unity: Option<(String, String)>,
    pub place: Place,
    /// A call; else `{{secrets/…}}` in a configuration.
    pub in_code: bool,
}

impl Reference {
    /// The secret, lower case, so that equal ones are the same secret.
    pub(super) fn folded(&self) -> SecretName {
        match &self.unity {
            Some((catalog, schema)) => names::in_schema(catalog, schema, &self.secret.key),
            None => names::folded(&self.secret),
        }
    }
}

/// What the last name of a call that reads a secret ends with.
const READS: &[&str] = &["get", "getBytes", "secret"];

/// Texts inside texts that are followed.
const DEPTH: u8 = 4;

/// All reads of a document, in order. `facts` is parallel to its cells. Commented-out code reads nothing.
pub fn references(document: &Document, facts: &[Arc<CellFacts>]) -> Vec<Reference> {
    let mut found = Vec::new();
    let constants = constants(facts);
    for (cell, facts) in facts.iter().enumerate().take(document.cells.len()) {
        collect(facts, &constants, cell as u32, None, DEPTH, &mut found);
    }
    // A value in the place of a name is CS605: nothing else goes where it seems to be.
    found.retain(|r| value::is_name(&r.secret.scope) && value::is_name(&r.secret.key));
    found.sort_by_key(|r| r.place);
    found.dedup();
    found
}

/// `SCOPE = "prod-kv"`: names that the top level gives one text and no other value; `None` for others.
type Constants = HashMap<Box<str>, Option<String>>;

fn constants(facts: &[Arc<CellFacts>]) -> Constants {
    let mut constants = Constants::new();
    for facts in facts {
        for statement in &facts.body {
            let StmtKind::Bind { targets, value, .. } = &statement.kind else { continue };
            for target in targets {
                let Target::Name { name, .. } = target else { continue };
                let text = facts.str_lit(*value).and_then(|lit| lit.plain()).map(|text| text.expose().to_owned());
                let text = text.filter(|text| is_valid_name(text));
                constants.entry(name.clone()).and_modify(|before| *before = None).or_insert(text);
            }
        }
    }
    constants
}

/// The text of a literal, or of a name that stands for one.
fn text(facts: &CellFacts, constants: &Constants, id: ExprId) -> Option<String> {
    if let ExprKind::Name(name) = &facts.expr(id).kind {
        return constants.get(name).cloned().flatten();
    }
    let text = facts.str_lit(id)?.plain()?;
    is_valid_name(text.expose()).then(|| text.expose().to_owned())
}

fn collect(
    facts: &CellFacts,
    constants: &Constants,
    cell: u32,
    map: Option<&TextMap>,
    depth: u8,
    found: &mut Vec<Reference>,
) {
    let place = |span: Span| Place { cell, span: map.map_or(span, |m| m.to_source(span)) };
    for expr in &facts.exprs {
        if let ExprKind::Call { callee, args, .. } = &expr.kind
            && facts.last_name(*callee).is_some_and(|n| READS.iter().any(|end| n.ends_with(end)))
            && let Some(path) = facts.path(*callee)
            && let Some((secret, unity)) = call(facts, constants, &path, args)
        {
            found.push(Reference { secret, unity, place: place(expr.span), in_code: true });
        }
    }
    for property in &facts.properties {
        if let PropertyValue::Str(lit) = &property.value
            && let Some(text) = lit.plain()
        {
            for secret in braces(text.expose()) {
                found.push(Reference { secret, unity: None, place: place(property.value_span), in_code: false });
            }
        }
    }
    let Some(depth) = depth.checked_sub(1) else { return };
    for embedded in facts.embedded.iter().filter(|e| e.origin != EmbeddedOrigin::Comment) {
        let inner = map.map_or_else(|| embedded.map.clone(), |outer| embedded.map.through(outer));
        collect(&embedded.facts, constants, cell, Some(&inner), depth, found);
    }
}

/// `dbutils.secrets.get(…)`, SQL `secret(…)`.
fn call(
    facts: &CellFacts,
    constants: &Constants,
    path: &str,
    args: &[Arg],
) -> Option<(SecretName, Option<(String, String)>)> {
    let last = path.rsplit('.').next().unwrap_or(path);
    let reads = path.ends_with("secrets.get") || path.ends_with("secrets.getBytes") || path.ends_with("get_secret");
    if !reads && !matches!(path, "secret" | "try_secret") {
        return None;
    }
    let argument = |name: &str, index: Option<usize>| {
        let named = args.iter().find(|a| a.name.as_ref().is_some_and(|(n, _)| &**n == name));
        let by_position = || args.get(index?).filter(|a| a.name.is_none());
        text(facts, constants, named.or_else(by_position)?.value)
    };
    if let (Some(catalog), Some(schema)) = (argument("catalog", None), argument("schema", None)) {
        let secret = SecretName { scope: String::new(), key: argument("key", None)? };
        return Some((secret, Some((catalog, schema))));
    }
    // Key Vault's `get_secret(name)` has one argument.
    if last == "get_secret" && args.len() < 2 {
        return None;
    }
    let scope = argument("scope", Some(0))?;
    Some((SecretName { scope, key: argument("key", Some(1)).unwrap_or_default() }, None))
}

/// `{{secrets/scope/key}}`
fn braces(text: &str) -> Vec<SecretName> {
    text.split("{{secrets/")
        .skip(1)
        .filter_map(|rest| {
            let (scope, key) = rest.split_once("}}")?.0.split_once('/')?;
            (is_valid_name(scope) && is_valid_name(key))
                .then(|| SecretName { scope: scope.to_owned(), key: key.to_owned() })
        })
        .collect()
}
