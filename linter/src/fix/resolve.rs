//! Plans → fixes: names are chosen, the dialect writes, edits are put together. Whole plan or nothing.

use std::sync::Arc;

use credscope_grammars::{
    CellFacts, Document, Language, Secret, Span,
    dialect::{self, Accepts, Rewrite, SecretRef, Target},
    facts::{Stmt, StmtKind, Target as Bound},
};

use super::{
    Applicability, CellEdit, Fix, NameHint, Plan, SecretName, Slot, TargetPlace,
    names::{Names, existing_scope, scope_of},
};
use crate::{
    finding::{Finding, Place, ValueKey},
    settings::{SecretStyle, Settings},
};

/// Fills [`Finding::fixes`] of a document's findings, preferred fix first. `facts` is parallel to `document.cells`;
/// `names` is shared by all documents of a run.
pub fn resolve(
    document: &Document,
    facts: &[Arc<CellFacts>],
    settings: &Settings,
    names: &mut Names,
    findings: &mut [Finding],
) {
    if findings.iter().all(|f| f.plans.is_empty()) {
        return;
    }
    let existing = existing_scope(facts.iter().map(AsRef::as_ref));
    let mut resolver = Resolver { document, facts, settings, names, existing };
    for finding in findings {
        finding.fixes = resolver.fixes(finding);
    }
}

struct Resolver<'a> {
    document: &'a Document,
    facts: &'a [Arc<CellFacts>],
    settings: &'a Settings,
    names: &'a mut Names,
    existing: Option<String>,
}

impl Resolver<'_> {
    fn fixes(&mut self, finding: &Finding) -> Vec<Fix> {
        let mut fixes = Vec::new();
        let moves: Vec<&Plan> = finding
            .plans
            .iter()
            .filter(|p| matches!(p, Plan::SecretReference { .. } | Plan::ReadSecret { .. }))
            .collect();
        if !moves.is_empty() {
            fixes.push(self.references(&moves, None));
            let declared: Vec<String> = self.settings.secrets.declared.keys().cloned().collect();
            let used = fixes[0].secrets.first().map(|s| s.scope.clone()).unwrap_or_default();
            for scope in declared.into_iter().filter(|s| *s != used).take(4) {
                let fix = self.references(&moves, Some(&scope));
                if fix.applicability > Applicability::Display {
                    fixes.push(fix);
                }
            }
        }
        for plan in &finding.plans {
            match plan {
                Plan::Edit { title, applicability, edits } => {
                    let applicability = if self.document.writable { *applicability } else { Applicability::Display };
                    fixes.push(Fix { title: title.clone(), applicability, edits: edits.clone(), secrets: Vec::new() });
                }
                Plan::Advice { title } => fixes.push(display(title.clone())),
                Plan::SecretReference { .. } | Plan::ReadSecret { .. } => {}
            }
        }
        fixes
    }

    /// One fix that moves all credentials of a finding.
    fn references(&mut self, plans: &[&Plan], scope: Option<&str>) -> Fix {
        let mut edits: Vec<CellEdit> = Vec::new();
        let mut secrets: Vec<SecretName> = Vec::new();
        for plan in plans {
            let (result, name) = match plan {
                Plan::SecretReference { slot, hint, place } => self.literal(*slot, hint, *place, scope),
                Plan::ReadSecret { place, hint } => self.read(*place, hint, scope),
                Plan::Edit { .. } | Plan::Advice { .. } => continue,
            };
            match result {
                Ok((cell, rewrite)) => self.add(cell, rewrite, &mut edits),
                Err(why) => return display(capitalised(&why)),
            }
            if !secrets.contains(&name) {
                secrets.push(name);
            }
        }
        edits.sort_by_key(|e| e.place);
        edits.dedup();
        if edits.windows(2).any(|w| w[0].place.cell == w[1].place.cell && w[0].place.span.end > w[1].place.span.start) {
            return display("Read the credentials from a secret scope".to_owned());
        }
        let declared = secrets.iter().all(|s| {
            let scopes = &self.settings.secrets.declared;
            scopes.iter().any(|(n, keys)| {
                n.eq_ignore_ascii_case(&s.scope) && keys.iter().any(|k| k.eq_ignore_ascii_case(&s.key))
            })
        });
        let applicability = match (self.document.writable, declared) {
            (false, _) => Applicability::Display,
            (true, true) => Applicability::Safe,
            (true, false) => Applicability::Unsafe,
        };
        let keys: Vec<String> = secrets.iter().map(|s| format!("`{}`", s.key)).collect();
        let scope = secrets.first().map_or("", |s| &s.scope);
        let title = format!("Move to secret scope `{scope}` as {}", keys.join(" and "));
        Fix { title, applicability, edits, secrets }
    }

    fn literal(
        &mut self,
        slot: Slot,
        hint: &NameHint,
        place: TargetPlace,
        scope: Option<&str>,
    ) -> (Result<(u32, Rewrite), String>, SecretName) {
        let document = self.document;
        let Some(cell) = document.cells.get(slot.cell as usize) else {
            return (Err("read it from a secret scope".into()), SecretName::default());
        };
        let value = Secret::from(slot.credential.of(&cell.text));
        let name = self.name(ValueKey::new(self.settings.hash_key, &value), hint, scope);
        let accepts = match place {
            TargetPlace::Expression => Accepts::Expression,
            TargetPlace::Definition => Accepts::Definition,
            TargetPlace::SqlExpression => Accepts::Sql,
            TargetPlace::SparkConf => Accepts::Braces,
            TargetPlace::SqlConstant => {
                let advice = format!(
                    "set the Spark conf property `spark.{}_{}` to {{{{secrets/{}/{}}}}} on the cluster and write ${{spark.{}_{}}} here, or use CREATE CONNECTION",
                    name.scope, name.key, name.scope, name.key, name.scope, name.key
                );
                return (Err(advice), name);
            }
            TargetPlace::Elsewhere => {
                return (
                    Err(format!(
                        "store the value as `{}` in secret scope `{}` and remove it here",
                        name.key, name.scope
                    )),
                    name,
                );
            }
        };
        let facts = &self.facts[slot.cell as usize];
        let target = Target { literal: slot.literal, credential: slot.credential };
        let result =
            self.with_ref(&name, |secret| dialect::rewrite(cell.language, &cell.text, facts, target, accepts, secret));
        (result.map(|r| (slot.cell, r)), name)
    }

    fn read(
        &mut self,
        place: Place,
        hint: &NameHint,
        scope: Option<&str>,
    ) -> (Result<(u32, Rewrite), String>, SecretName) {
        // Reads of one variable have one name.
        let name =
            self.name(ValueKey::new(self.settings.hash_key, &Secret::from(format!("env {}", hint.key))), hint, scope);
        let language = self.document.cells.get(place.cell as usize).map_or(Language::Text, |c| c.language);
        let text = self.with_ref(&name, |secret| dialect::read(language, secret));
        let rewrite = text.map(|text| Rewrite { edits: vec![(place.span, text)], dbutils: true, imports: Vec::new() });
        (rewrite.map(|r| (place.cell, r)).ok_or_else(|| "read the value from a secret scope".to_owned()), name)
    }

    fn name(&mut self, value: ValueKey, hint: &NameHint, scope: Option<&str>) -> SecretName {
        let chosen = scope.map_or_else(|| scope_of(self.settings, self.existing.as_deref(), hint), str::to_owned);
        self.names.of(value, hint, &chosen, self.settings, scope.is_some())
    }

    fn with_ref<T>(&self, name: &SecretName, f: impl FnOnce(SecretRef<'_>) -> T) -> T {
        let secrets = &self.settings.secrets;
        let unity = match (secrets.style, &secrets.catalog) {
            (SecretStyle::UnityCatalog, catalog) => {
                Some((catalog.as_deref().unwrap_or("main"), secrets.schema.as_deref().unwrap_or("default")))
            }
            (SecretStyle::Scope, _) => None,
        };
        f(SecretRef { scope: &name.scope, key: &name.key, unity })
    }

    /// The rewrite's edits, and the imports that it needs in a file that is no notebook.
    fn add(&self, cell: u32, rewrite: Rewrite, edits: &mut Vec<CellEdit>) {
        for (span, text) in rewrite.edits {
            edits.push(CellEdit { place: Place { cell, span }, text });
        }
        let Some(source) = self.document.cells.get(cell as usize) else { return };
        let facts = &self.facts[cell as usize];
        let mut lines: Vec<&str> = rewrite.imports;
        if rewrite.dbutils
            && !self.document.is_notebook()
            && !has_dbutils(facts)
            && let Some(line) = dialect::dbutils_import(source.language)
        {
            lines.insert(0, line);
        }
        let mut text = String::new();
        let mut at = None;
        for line in lines {
            if let Some((offset, line)) = dialect::import_line(source.language, &source.text, facts, line) {
                at = Some(offset);
                text.push_str(&line);
            }
        }
        if let Some(offset) = at {
            edits.push(CellEdit { place: Place { cell, span: Span::new(offset, offset) }, text });
        }
    }
}

/// Whether some way of the catalog brings `dbutils` into scope: an import, a binding, a parameter.
fn has_dbutils(facts: &CellFacts) -> bool {
    let mut stack: Vec<&Stmt> = facts.body.iter().collect();
    while let Some(stmt) = stack.pop() {
        match &stmt.kind {
            StmtKind::Import(imports) if imports.iter().any(|i| &*i.alias == "dbutils") => return true,
            StmtKind::Bind { targets, .. }
                if targets.iter().any(|t| matches!(t, Bound::Name { name, .. } if &**name == "dbutils")) =>
            {
                return true;
            }
            StmtKind::Function(f) => {
                if f.params.iter().any(|p| &*p.name == "dbutils") {
                    return true;
                }
                stack.extend(&f.body);
            }
            StmtKind::Class(c) => stack.extend(&c.body),
            StmtKind::If { then, other, .. } => stack.extend(then.iter().chain(other)),
            StmtKind::Try { body, handlers, .. } => {
                stack.extend(body.iter().chain(handlers.iter().flat_map(|h| &h.body)))
            }
            StmtKind::Block(body) | StmtKind::With { body, .. } => stack.extend(body),
            _ => {}
        }
    }
    false
}

fn display(title: String) -> Fix {
    Fix { title, applicability: Applicability::Display, edits: Vec::new(), secrets: Vec::new() }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}
