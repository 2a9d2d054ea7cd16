//! Plans → fixes: names are chosen, the dialect writes, edits are put together. Whole plan or nothing.

use std::{collections::HashMap, sync::Arc};

use credscope_grammars::{
    CellFacts, Document, Secret, Span,
    dialect::{self, Accepts, Part, Rewrite, SecretRef, Target},
    facts::ExprKind,
};

use super::{
    Applicability, CellEdit, ConfigSlot, Fix, Fragment, NameHint, Plan, SecretName, Slot, TargetPlace, config, leak,
    literal::{self, Inside, Refused},
    names::{Names, is_declared, scope_of},
    references::references,
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
    if findings.is_empty() {
        return;
    }
    let reads = references(document, facts);
    // What fixes of this run wrote says nothing of the scope that the author uses.
    let existing =
        reads.iter().find(|r| r.in_code && r.unity.is_none() && !names.gave(&r.secret)).map(|r| r.secret.scope.clone());
    let reads = reads
        .into_iter()
        .map(|r| SecretName { scope: r.secret.scope.to_ascii_lowercase(), key: r.secret.key.to_ascii_lowercase() })
        .collect();
    let variables = findings
        .iter()
        .filter(|f| f.rule.code == "CS131")
        .filter_map(|f| Some((f.subject.clone(), f.value?)))
        .collect();
    let mut resolver = Resolver { document, facts, settings, names, existing, reads, variables };
    for finding in findings.iter_mut() {
        finding.fixes = resolver.fixes(finding);
    }
    all_places(findings);
}

/// Findings of one value that get a fix for all of its places.
const MAX_PLACES: usize = 50;

/// One value in several places: each finding offers to move all of them, too.
fn all_places(findings: &mut [Finding]) {
    let mut by_value: HashMap<ValueKey, Vec<usize>> = HashMap::new();
    for (i, finding) in findings.iter().enumerate() {
        let applies = finding.fixes.first().is_some_and(|f| f.applicability > Applicability::Display);
        if let Some(value) = finding.value.filter(|_| applies) {
            by_value.entry(value).or_default().push(i);
        }
    }
    for places in by_value.into_values().filter(|p| (2..=MAX_PLACES).contains(&p.len())) {
        let fixes: Vec<&Fix> = places.iter().filter_map(|&i| findings[i].fixes.first()).collect();
        let mut edits: Vec<CellEdit> = fixes.iter().flat_map(|f| f.edits.iter().cloned()).collect();
        edits.sort_by_key(|e| e.place);
        edits.dedup();
        if overlap(&edits) || edits.len() == fixes[0].edits.len() {
            continue;
        }
        let mut secrets: Vec<SecretName> = Vec::new();
        for secret in fixes.iter().flat_map(|f| &f.secrets) {
            if !secrets.contains(secret) {
                secrets.push(secret.clone());
            }
        }
        let applicability = fixes.iter().map(|f| f.applicability).min().unwrap_or(Applicability::Unsafe);
        let title = format!("{} (all {} places)", fixes[0].title, places.len());
        let variables = fixes.iter().flat_map(|f| f.variables.iter().cloned()).collect();
        let all = Fix { title, applicability, edits, secrets, variables };
        for i in places {
            findings[i].fixes.push(all.clone());
        }
    }
}

fn overlap(edits: &[CellEdit]) -> bool {
    edits.windows(2).any(|w| {
        w[0].place.cell == w[1].place.cell
            && (w[0].place.span.end > w[1].place.span.start || w[0].place.span == w[1].place.span)
    })
}

struct Resolver<'a> {
    document: &'a Document,
    facts: &'a [Arc<CellFacts>],
    settings: &'a Settings,
    names: &'a mut Names,
    /// Scope of the document's first read of a secret.
    existing: Option<String>,
    /// Secrets that the document reads, lower case.
    reads: Vec<SecretName>,
    /// Variables of the environment that the document sets to a literal.
    variables: HashMap<String, ValueKey>,
}

/// What a plan says to write, before the dialect.
struct Group<'a> {
    cell: u32,
    literal: Span,
    accepts: Accepts,
    inside: Option<Inside<'a>>,
    parts: Vec<(Span, SecretName, dialect::Coding)>,
}

impl<'a> Resolver<'a> {
    fn fixes(&mut self, finding: &Finding) -> Vec<Fix> {
        let mut fixes = Vec::new();
        let rewrites = |preferred: bool| {
            finding
                .plans
                .iter()
                .filter(move |p| matches!(p, Plan::Rewrite { preferred: first, .. } if *first == preferred))
        };
        let whole: Vec<&Plan> = rewrites(true).collect();
        fixes.extend(whole.into_iter().filter_map(|p| self.rewrite(p)));
        let moves: Vec<&Plan> = finding
            .plans
            .iter()
            .filter(|p| matches!(p, Plan::SecretReference { .. } | Plan::ReadSecret { .. }))
            .collect();
        if !moves.is_empty() {
            let own = finding.value.map(|value| (finding.place, value));
            let first = self.references(&moves, None, own);
            let used = first.secrets.first().map(|s| s.scope.clone()).unwrap_or_default();
            fixes.push(first);
            let declared: Vec<String> = self.settings.secrets.declared.keys().cloned().collect();
            for scope in declared.into_iter().filter(|s| *s != used).take(4) {
                let fix = self.references(&moves, Some(&scope), own);
                if fix.applicability > Applicability::Display {
                    fixes.push(fix);
                }
            }
        }
        let whole: Vec<&Plan> = rewrites(false).collect();
        fixes.extend(whole.into_iter().filter_map(|p| self.rewrite(p)));
        for plan in &finding.plans {
            match plan {
                Plan::Edit { title, applicability, edits } => {
                    let applicability = if self.document.writable { *applicability } else { Applicability::Display };
                    fixes.push(Fix {
                        title: title.clone(),
                        applicability,
                        edits: edits.clone(),
                        secrets: Vec::new(),
                        variables: Vec::new(),
                    });
                }
                Plan::Advice { title } => fixes.push(display(title.clone())),
                Plan::Config { slot, hint } => fixes.push(self.config(slot, hint)),
                Plan::SecretReference { .. } | Plan::ReadSecret { .. } | Plan::Rewrite { .. } => {}
            }
        }
        if fixes.is_empty() {
            fixes.extend(leak::fix(self.document, self.facts, finding));
        }
        // An applicable fix comes before advice.
        fixes.sort_by_key(|f| f.applicability == Applicability::Display);
        fixes
    }

    /// One fix that moves all credentials of a finding.
    /// `own`: where the finding stands and the value that it found there.
    fn references(&mut self, plans: &[&Plan], scope: Option<&str>, own: Option<(Place, ValueKey)>) -> Fix {
        let mut edits: Vec<CellEdit> = Vec::new();
        let mut secrets: Vec<SecretName> = Vec::new();
        let mut groups: Vec<Group<'a>> = Vec::new();
        for plan in plans {
            let name = match plan {
                Plan::SecretReference { slot, hint, place } => match self.literal(*slot, hint, *place, (scope, own)) {
                    Ok((group, name)) => {
                        match groups.iter_mut().find(|g| g.cell == group.cell && g.literal == group.literal) {
                            Some(same) => same.parts.extend(group.parts),
                            None => groups.push(group),
                        }
                        name
                    }
                    Err(why) => return display(capitalised(&why)),
                },
                Plan::ReadSecret { place, hint } => match self.read(*place, hint, scope) {
                    Some((rewrite, name)) => {
                        self.add(place.cell, rewrite, &mut edits);
                        name
                    }
                    None => return display("Read the value from a secret scope".to_owned()),
                },
                Plan::Edit { .. } | Plan::Advice { .. } | Plan::Rewrite { .. } | Plan::Config { .. } => continue,
            };
            if !secrets.contains(&name) {
                secrets.push(name);
            }
        }
        for group in groups {
            if let Err(why) = self.write(group, &mut edits) {
                return display(capitalised(&why));
            }
        }
        self.finish(edits, secrets, None)
    }

    fn finish(&self, mut edits: Vec<CellEdit>, secrets: Vec<SecretName>, title: Option<String>) -> Fix {
        edits.sort_by_key(|e| e.place);
        edits.dedup();
        if overlap(&edits) {
            return display("Read the credentials from a secret scope".to_owned());
        }
        let declared = secrets.iter().all(|s| is_declared(s, self.settings));
        let applicability = match (self.document.writable, declared) {
            (false, _) => Applicability::Display,
            (true, true) => Applicability::Safe,
            (true, false) => Applicability::Unsafe,
        };
        let keys: Vec<String> = secrets.iter().map(|s| format!("`{}`", s.key)).collect();
        let scope = secrets.first().map_or("", |s| &s.scope);
        let title = title.unwrap_or_else(|| match self.unity() {
            Some((catalog, schema)) => {
                format!("Move to Unity Catalog secrets in `{catalog}.{schema}` as {}", keys.join(" and "))
            }
            None => format!("Move to secret scope `{scope}` as {}", keys.join(" and ")),
        });
        Fix { title, applicability, edits, secrets, variables: Vec::new() }
    }

    fn config(&mut self, slot: &ConfigSlot, hint: &NameHint) -> Fix {
        let text = self.document.cells.get(slot.slot.cell as usize).map_or("", |c| slot.slot.credential.of(&c.text));
        let secret = self.name(ValueKey::new(self.settings.hash_key, &Secret::from(text)), hint, (None, None));
        let known = is_declared(&secret, self.settings);
        config::fix(self.document, slot, &secret, &mut self.names.variables, known)
            .unwrap_or_else(|why| display(capitalised(&why)))
    }

    fn literal(
        &mut self,
        slot: Slot,
        hint: &NameHint,
        place: TargetPlace,
        (scope, own): (Option<&str>, Option<(Place, ValueKey)>),
    ) -> Result<(Group<'a>, SecretName), String> {
        let document = self.document;
        let facts: &'a CellFacts = self.facts.get(slot.cell as usize).ok_or("read it from a secret scope")?;
        let cell = document.cells.get(slot.cell as usize).ok_or("read it from a secret scope")?;
        let found = literal::find(cell.language, &cell.text, facts, slot, place);
        let at_finding = own.filter(|(place, _)| {
            place.cell == slot.cell && (place.span == slot.credential || place.span == slot.literal)
        });
        let value = match &found {
            Ok(found) if found.coding != dialect::Coding::Plain => ValueKey::new(self.settings.hash_key, &found.value),
            Ok(found) => {
                at_finding.map_or_else(|| ValueKey::new(self.settings.hash_key, &found.value), |(_, value)| value)
            }
            Err(_) => ValueKey::new(self.settings.hash_key, &slot.credential.of(&cell.text).into()),
        };
        let target = literal::bundle_target(facts, slot.literal);
        let name = self.name(value, hint, (scope, target));
        match found {
            Ok(found) => {
                let parts = vec![(found.credential, name.clone(), found.coding)];
                let (literal, accepts, inside) = (found.literal, found.accepts, found.inside);
                Ok((Group { cell: slot.cell, literal, accepts, inside, parts }, name))
            }
            Err(Refused::SqlConstant) => Err(format!(
                "set the Spark conf property `spark.{0}_{1}` to {{{{secrets/{0}/{1}}}}} on the cluster and write ${{spark.{0}_{1}}} here, or use CREATE CONNECTION",
                name.scope, name.key
            )),
            Err(Refused::Elsewhere) => {
                Err(format!("store the value as `{}` in secret scope `{}` and remove it here", name.key, name.scope))
            }
        }
    }

    /// Lets the dialect rewrite a literal.
    fn write(&self, mut group: Group<'a>, edits: &mut Vec<CellEdit>) -> Result<(), String> {
        group.parts.sort_by_key(|(span, _, _)| *span);
        group.parts.dedup_by_key(|(span, _, _)| *span);
        if group.parts.windows(2).any(|w| w[0].0.end > w[1].0.start) {
            return Err("read the credentials from a secret scope".to_owned());
        }
        let unity = self.unity();
        let parts: Vec<Part<'_>> = group
            .parts
            .iter()
            .map(|(credential, name, coding)| Part {
                credential: *credential,
                secret: SecretRef { scope: &name.scope, key: &name.key, unity },
                coding: *coding,
            })
            .collect();
        let target = Target { literal: group.literal, parts: &parts };
        let Some(cell) = self.document.cells.get(group.cell as usize) else { return Ok(()) };
        match &group.inside {
            None => {
                let facts = &self.facts[group.cell as usize];
                let rewrite = dialect::rewrite(cell.language, &cell.text, facts, target, group.accepts)?;
                self.add(group.cell, rewrite, edits);
            }
            Some(inside) => {
                // Commented-out code stays as it is, but for the value: no import, no new line.
                let rewrite =
                    dialect::rewrite(inside.language, inside.text.expose(), inside.facts, target, group.accepts)?;
                for (span, text) in rewrite.edits {
                    if text.contains('\n') {
                        return Err("delete the line".to_owned());
                    }
                    let place = Place { cell: group.cell, span: inside.map.to_source(span) };
                    edits.push(CellEdit { place, text });
                }
            }
        }
        Ok(())
    }

    fn read(&mut self, place: Place, hint: &NameHint, scope: Option<&str>) -> Option<(Rewrite, SecretName)> {
        let cell = self.document.cells.get(place.cell as usize)?;
        let facts: &'a CellFacts = self.facts.get(place.cell as usize)?;
        // Reads of one variable have one name; a literal that stands in for it is the same value.
        let hash = |value: &Secret| ValueKey::new(self.settings.hash_key, value);
        let value = default_of(facts, place.span)
            .map(|literal| hash(&literal))
            .or_else(|| self.variables.get(&hint.key).copied())
            .unwrap_or_else(|| hash(&Secret::from(format!("env {}", hint.key))));
        let name = self.name(value, hint, (scope, None));
        let secret = SecretRef { scope: &name.scope, key: &name.key, unity: self.unity() };
        let edit = dialect::read_instead(cell.language, &cell.text, facts, place.span, secret)?;
        Some((Rewrite { edits: vec![edit], dbutils: true, imports: Vec::new() }, name))
    }

    /// Texts with references in them.
    fn rewrite(&mut self, plan: &Plan) -> Option<Fix> {
        let Plan::Rewrite { title, edits, .. } = plan else { return None };
        let (mut out, mut secrets) = (Vec::new(), Vec::new());
        for (place, fragments) in edits {
            let cell = self.document.cells.get(place.cell as usize)?;
            let mut text = String::new();
            let mut dbutils = false;
            for fragment in fragments {
                match fragment {
                    Fragment::Text(part) => text.push_str(part),
                    Fragment::Secret { slot, hint } => {
                        let facts: &'a CellFacts = self.facts.get(slot.cell as usize)?;
                        let source = self.document.cells.get(slot.cell as usize)?;
                        let found = literal::find(source.language, &source.text, facts, *slot, TargetPlace::Expression);
                        // A word of a line that is no program stands for itself.
                        let value = found.map_or_else(|_| slot.credential.of(&source.text).into(), |f| f.value);
                        let name = self.name(ValueKey::new(self.settings.hash_key, &value), hint, (None, None));
                        let secret = SecretRef { scope: &name.scope, key: &name.key, unity: self.unity() };
                        let read = dialect::read(cell.language, secret);
                        text.push_str(&read.or_else(|| dialect::read(self.document.language, secret))?);
                        dbutils = true;
                        if !secrets.contains(&name) {
                            secrets.push(name);
                        }
                    }
                }
            }
            self.add(place.cell, Rewrite { edits: vec![(place.span, text)], dbutils, imports: Vec::new() }, &mut out);
        }
        Some(self.finish(out, secrets, Some(title.clone())))
    }

    fn name(&mut self, value: ValueKey, hint: &NameHint, (scope, target): (Option<&str>, Option<&str>)) -> SecretName {
        let chosen =
            scope.map_or_else(|| scope_of(self.settings, target, self.existing.as_deref(), hint), str::to_owned);
        self.names.of(value, hint, &chosen, self.settings, (scope.is_some(), &self.reads))
    }

    fn unity(&self) -> Option<(&'a str, &'a str)> {
        let secrets = &self.settings.secrets;
        match secrets.style {
            SecretStyle::UnityCatalog => {
                Some((secrets.catalog.as_deref().unwrap_or("main"), secrets.schema.as_deref().unwrap_or("default")))
            }
            SecretStyle::Scope => None,
        }
    }

    /// The rewrite's edits, and the imports that it needs: `dbutils` in a file that is no notebook, and in one that a
    /// notebook's cell writes.
    fn add(&self, cell: u32, rewrite: Rewrite, edits: &mut Vec<CellEdit>) {
        let place = rewrite.edits.last().map(|(span, _)| *span);
        for (span, text) in rewrite.edits {
            edits.push(CellEdit { place: Place { cell, span }, text });
        }
        let Some(source) = self.document.cells.get(cell as usize) else { return };
        let facts = &self.facts[cell as usize];
        let notebook = self.document.is_notebook() && !matches!(source.magic.as_deref(), Some("writefile" | "file"));
        let mut lines: Vec<(usize, String)> = Vec::new();
        if rewrite.dbutils
            && let Some(place) = place
        {
            lines.extend(dialect::dbutils_import(source.language, &source.text, facts, place, notebook));
        }
        lines.extend(
            rewrite.imports.iter().filter_map(|i| dialect::import_line(source.language, &source.text, facts, i)),
        );
        for (offset, text) in lines {
            let span = Span::new(offset, offset);
            match edits.iter_mut().find(|e| e.place.cell == cell && e.place.span == span) {
                Some(same) if same.text.contains(&text) => {}
                Some(same) => same.text.push_str(&text),
                None => edits.push(CellEdit { place: Place { cell, span }, text }),
            }
        }
    }
}

/// The literal that an environment read falls back to.
fn default_of(facts: &CellFacts, read: Span) -> Option<Secret> {
    facts.exprs.iter().filter(|e| e.span == read).find_map(|e| match &e.kind {
        ExprKind::Call { args, .. } => facts.str_lit(args.get(1)?.value)?.plain().filter(|s| !s.is_empty()),
        _ => None,
    })
}

fn display(title: String) -> Fix {
    Fix { title, applicability: Applicability::Display, edits: Vec::new(), secrets: Vec::new(), variables: Vec::new() }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}
