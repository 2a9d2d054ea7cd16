//! Plans → fixes: names are chosen, the dialect writes, edits are put together. Whole plan or nothing.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use credscope_grammars::{
    CellFacts, Document, Secret, Span,
    dialect::{self, Accepts, Insertion, Program},
};

use super::{
    Applicability, CellEdit, ConfigSlot, Fix, Form, Fragment, NameHint, Plan, SecretName, Slot, TargetPlace, advice,
    comments, config, effects, leak,
    literal::{self, Inside, Refused},
    names::{Names, is_declared, names_user},
    places::{self, overlap},
    references::{Reference, references},
};
use crate::{
    finding::{Finding, Place, ValueKey},
    model::Names as Paths,
    settings::Settings,
    value,
    workspace::{Neighbours, WorkspaceDocument},
};

mod mentions;
mod naming;
mod queries;
mod repeats;
mod together;
mod variables;
mod widgets;
mod writing;

/// Fills [`Finding::fixes`] of a document's findings, preferred fix first. `facts` is parallel to `document.cells`;
/// `names` is shared by all documents of a run.
pub fn resolve(
    document: &Document,
    facts: &[Arc<CellFacts>],
    settings: &Settings,
    names: &mut Names,
    findings: &mut [Finding],
) {
    resolve_among(document, facts, settings, (names, &Neighbours::default()), findings);
}

/// [`resolve`] for a document that other files may bring in.
pub fn resolve_among(
    document: &Document,
    facts: &[Arc<CellFacts>],
    settings: &Settings,
    (names, neighbours): (&mut Names, &Neighbours),
    findings: &mut [Finding],
) {
    if findings.is_empty() {
        return;
    }
    let reads = references(document, facts);
    // What fixes of this run wrote says nothing of the scope that the author uses.
    let existing =
        reads.iter().find(|r| r.in_code && r.unity.is_none() && !names.gave(&r.secret)).map(|r| r.secret.scope.clone());
    let filled = in_schema_of(&reads, settings);
    let settings = filled.as_ref().unwrap_or(settings);
    let reads = reads.iter().map(Reference::folded).collect();
    let paths = Paths::of(facts.iter().map(|f| &**f));
    let variables = variables::variables(facts, &paths, findings);
    // `pw = "…"; os.environ["X"] = pw`: the name that is put there, too.
    let used = |f: &Finding| f.related.iter().filter(|r| r.path.is_none()).map(|r| r.place).collect::<Vec<_>>();
    let set =
        findings.iter().filter(|f| f.rule.code == "CS131").flat_map(|f| [vec![f.place], used(f)].concat()).collect();
    let program =
        Program::new(facts.iter().map(|f| &**f)).written(document.cells.iter().map(|c| (c.language, &*c.text)));
    let program = program.seen_by(cells(&neighbours.includers), cells(&neighbours.importers));
    let program = program.with_modules(cells(&neighbours.modules));
    let session = if document.text.contains("env") { neighbours.in_session().collect() } else { Vec::new() };
    let session = session.into_iter().map(|d| (Paths::of(d.facts.iter().map(|f| &**f)), d)).collect();
    let mut resolver = Resolver {
        document,
        facts,
        settings,
        names,
        neighbours,
        session,
        existing,
        reads,
        home: None,
        variables,
        set,
        program,
        paths,
        imports: RefCell::default(),
        is_template: places::is_template(document),
        purposes: naming::purposes(findings),
        form: Cell::default(),
    };
    resolver.set_elsewhere();
    let mut beside = together::plans(document, facts, findings);
    for (i, finding) in findings.iter_mut().enumerate() {
        finding.fixes = resolver.fixes(finding, &beside.remove(&i).unwrap_or_default());
    }
    resolver.repeats(findings);
    resolver.mentions(findings);
    places::offer_all(findings);
    places::shared(findings);
    let titles = findings.iter_mut().flat_map(|f| &mut f.fixes).map(|fix| &mut fix.title);
    titles.for_each(|title| value::without_tokens(title, settings));
}

/// The settings with the catalog and schema that the document reads secrets from already, where they name none.
fn in_schema_of(reads: &[Reference], settings: &Settings) -> Option<Settings> {
    let (own_catalog, own_schema) = (&settings.secrets.catalog, &settings.secrets.schema);
    settings.secrets.unity().filter(|_| own_catalog.is_none() || own_schema.is_none())?;
    let fits = |own: &Option<String>, read: &str| own.as_deref().is_none_or(|own| own.eq_ignore_ascii_case(read));
    let mut unity = reads.iter().filter(|r| r.in_code).filter_map(|r| r.unity.as_ref());
    let (catalog, schema) = unity.find(|(c, s)| fits(own_catalog, c) && fits(own_schema, s))?;
    let mut settings = settings.clone();
    settings.secrets.catalog = Some(catalog.clone());
    settings.secrets.schema = Some(schema.clone());
    Some(settings)
}

fn cells(documents: &[Arc<WorkspaceDocument>]) -> impl Iterator<Item = &CellFacts> {
    documents.iter().flat_map(|d| &d.facts).map(|facts| &**facts)
}

struct Resolver<'a> {
    document: &'a Document,
    facts: &'a [Arc<CellFacts>],
    settings: &'a Settings,
    names: &'a mut Names,
    neighbours: &'a Neighbours,
    /// Files of its session that may set variables of the environment which it reads, with what their names stand for.
    session: Vec<(Paths, &'a WorkspaceDocument)>,
    /// Scope of the document's first read of a secret.
    existing: Option<String>,
    /// Secrets that the document reads, lower case.
    reads: Vec<SecretName>,
    /// Scope of the credential at hand: the user name beside it goes there, too.
    home: Option<String>,
    /// See [`variables`].
    variables: BTreeMap<String, ValueKey>,
    /// Literals that variables of the environment are set to, and where names of such literals stand.
    set: Vec<Place>,
    program: Program<'a>,
    /// What names stand for.
    paths: Paths,
    /// What brings `dbutils` into scope in a cell of Scala, where that is one import for all places: found once.
    imports: RefCell<HashMap<u32, Option<Insertion>>>,
    /// See [`places::is_template`].
    is_template: bool,
    /// What values are for, as the places say that use them.
    purposes: HashMap<ValueKey, String>,
    /// How the values of the fix at hand are stored.
    form: Cell<Form>,
}

/// In a template the braces of a reference are the template's own.
fn template(name: &SecretName) -> String {
    format!(
        "store the value as `{}` in secret scope `{}` and write its reference as the template quotes braces",
        name.key, name.scope
    )
}

/// What a plan says to write, before the dialect.
struct Group<'a> {
    cell: u32,
    literal: Span,
    accepts: Accepts,
    inside: Option<Inside<'a>>,
    parts: Vec<(Span, SecretName, dialect::Coding)>,
    /// Where the last part goes on.
    rest: Vec<Span>,
}

impl<'a> Resolver<'a> {
    /// `beside`: plans of other findings that move together with those of this one.
    fn fixes(&mut self, finding: &Finding, beside: &[Plan]) -> Vec<Fix> {
        if let Some(fix) = self.widget(finding) {
            return vec![fix];
        }
        self.home = None;
        let mut fixes = Vec::new();
        let rewrites = |preferred: bool| {
            finding
                .plans
                .iter()
                .filter(move |p| matches!(p, Plan::Rewrite { preferred: first, .. } if *first == preferred))
        };
        let whole: Vec<&Plan> = rewrites(true).collect();
        fixes.extend(whole.into_iter().filter_map(|p| self.rewrite(p)));
        for plan in &finding.plans {
            if let Plan::OutOfUrl { slot, purpose } = plan {
                fixes.extend(self.out_of_url(*slot, purpose));
            }
        }
        let mut moves: Vec<&Plan> = finding.plans.iter().filter(|p| together::moves(p)).collect();
        if !moves.is_empty() {
            moves.extend(beside);
        }
        if !moves.is_empty() {
            let own = finding.value.map(|value| (finding.place, value));
            // Lines that bind names for several literals are inserted together: each has a name of its own.
            self.program.keep_names(fixes.is_empty());
            let first = self.references(&moves, None, own);
            self.program.keep_names(false);
            let used = first.secrets.first().map(|s| s.scope.clone()).unwrap_or_default();
            fixes.push(first);
            let declared: Vec<String> = self.settings.secrets.declared.keys().cloned().collect();
            for scope in declared.into_iter().filter(|s| *s != used).take(4) {
                let mut fix = self.references(&moves, Some(&scope), own);
                if fix.applicability > Applicability::Display {
                    // One of several scopes: a person chooses.
                    fix.applicability = Applicability::Unsafe;
                    fixes.push(fix);
                }
            }
        }
        let whole: Vec<&Plan> = rewrites(false).collect();
        fixes.extend(whole.into_iter().filter_map(|p| self.rewrite(p)));
        for plan in &finding.plans {
            match plan {
                Plan::Edit { title, applicability, edits } => {
                    fixes.push(Fix::rewriting(self.document, title, *applicability, edits.clone()));
                }
                Plan::Advice { title } => fixes.push(display(title.clone())),
                Plan::Config { slot, hint } => fixes.push(self.config(slot, hint)),
                Plan::SecretReference { .. }
                | Plan::JoinedReference { .. }
                | Plan::ReadSecret { .. }
                | Plan::OutOfUrl { .. }
                | Plan::Rewrite { .. } => {}
            }
        }
        if fixes.is_empty() && self.was_moved(finding) {
            fixes.extend(advice::of(finding.rule.code).map(advice::fix));
        }
        if fixes.is_empty() {
            fixes.extend(leak::fixes(self.sight(), finding));
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
        self.form.set(Form::Plain);
        if let Some(Plan::SecretReference { slot, .. }) = plans.first()
            && let Some(fix) = comments::starred(self.document, self.facts, *slot)
        {
            return fix;
        }
        for plan in plans {
            let beside = match plan {
                Plan::SecretReference { slot, hint, place: TargetPlace::Expression } => self.stands_in(*slot, hint),
                _ => None,
            };
            let plan = beside.as_ref().unwrap_or(plan);
            match self.quoted(plan, (scope, own)) {
                Some(Ok((rewrite, cell, name))) => {
                    self.add(cell, rewrite, &mut edits);
                    if !secrets.contains(&name) {
                        secrets.push(name);
                    }
                    continue;
                }
                Some(Err(why)) => return display(why),
                None => {}
            }
            let moved = match plan {
                Plan::SecretReference { slot, hint, place } => Some(self.literal(*slot, hint, *place, (scope, own))),
                Plan::JoinedReference { slots, hint } => Some(self.joined(slots, hint, (scope, own))),
                _ => None,
            };
            let name = match (moved, plan) {
                (Some(Ok((group, name))), _) => {
                    match groups.iter_mut().find(|g| g.cell == group.cell && g.literal == group.literal) {
                        Some(same) => {
                            same.parts.extend(group.parts);
                            same.rest.extend(group.rest);
                        }
                        None => groups.push(group),
                    }
                    name
                }
                (Some(Err(why)), plan) => {
                    let commented = match plan {
                        Plan::SecretReference { slot, .. } => comments::deleted(self.document, self.facts, *slot),
                        _ => None,
                    };
                    return commented.unwrap_or_else(|| display(capitalised(&why)));
                }
                (None, Plan::ReadSecret { place, hint }) => match self.read(*place, hint, scope) {
                    Some((rewrite, name)) => {
                        self.add(place.cell, rewrite, &mut edits);
                        name
                    }
                    None => return display("Read the value from a secret scope instead, on the driver".to_owned()),
                },
                (None, _) => continue,
            };
            if scope.is_none() && self.home.is_none() {
                self.home = Some(name.scope.clone());
            }
            if !secrets.contains(&name) {
                secrets.push(name);
            }
        }
        while !groups.is_empty() {
            let together = self.moved_together(&mut groups);
            if let Err(why) = self.write(together, &mut edits) {
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
        let declared = !secrets.is_empty() && secrets.iter().all(|s| is_declared(s, self.settings));
        let applicability = match (self.document.writable, declared) {
            (false, _) => Applicability::Display,
            (true, true) => Applicability::Safe,
            (true, false) => Applicability::Unsafe,
        };
        let keys: Vec<String> = secrets.iter().map(|s| format!("`{}`", s.key)).collect();
        let scope = secrets.first().map_or("", |s| &s.scope);
        let form = if secrets.is_empty() { Form::Plain } else { self.form.get() };
        let mut title = title.unwrap_or_else(|| match self.unity() {
            Some((catalog, schema)) => {
                format!("Move to Unity Catalog secrets in `{catalog}.{schema}` as {}", keys.join(" and "))
            }
            None => format!("Move to secret scope `{scope}` as {}", keys.join(" and ")),
        });
        if let Some(advice) = form.advice() {
            title.push_str(&format!(" ({advice})"));
        }
        let unity = self.unity().map(|(catalog, schema)| (catalog.to_owned(), schema.to_owned()));
        Fix { title, applicability, edits, secrets, form, unity, ..Fix::default() }
    }

    fn config(&mut self, slot: &ConfigSlot, hint: &NameHint) -> Fix {
        let text = self.document.cells.get(slot.slot.cell as usize).map_or("", |c| slot.slot.credential.of(&c.text));
        let value = ValueKey::new(self.settings.hash_key, &Secret::from(text));
        let facts = self.facts.get(slot.slot.cell as usize).map(|facts| &**facts);
        let target = facts.and_then(|facts| literal::bundle_target(facts, slot.slot.literal));
        let secret = self.name(value, hint, (None, target));
        let known = is_declared(&secret, self.settings);
        if slot.place.names_secret() && self.is_template {
            return display(capitalised(&template(&secret)));
        }
        config::fix((self.document, facts), slot, (&secret, value), &mut self.names.variables, known)
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
        let value = match &found {
            Ok(found) if names_user(&hint.key) => self.value(&found.value, hint),
            _ => value,
        };
        if let Ok(found) = &found {
            self.stores(found.coding, &found.value);
        }
        let target = literal::bundle_target(facts, slot.literal);
        let variable = self.variables.iter().find(|(_, v)| **v == value).map(|(variable, _)| self.variable(variable));
        if let Some(variable) = variable {
            self.names.same(variable, value, self.settings);
        }
        let name = self.name(value, hint, (scope, target));
        if let Some(variable) = variable.filter(|_| scope.is_none()) {
            // Other files may read it.
            self.names.also(variable, &name);
        }
        match found {
            Ok(found) if found.accepts == Accepts::Braces && self.is_template => Err(template(&name)),
            Ok(found) => {
                let parts = vec![(found.credential, name.clone(), found.coding)];
                let (literal, accepts, inside) = (found.literal, found.accepts, found.inside);
                Ok((Group { cell: slot.cell, literal, accepts, inside, parts, rest: Vec::new() }, name))
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

    /// A credential that goes on in the literals beside its first one.
    fn joined(
        &mut self,
        slots: &[Slot],
        hint: &NameHint,
        (scope, own): (Option<&str>, Option<(Place, ValueKey)>),
    ) -> Result<(Group<'a>, SecretName), String> {
        const ADVICE: &str = dialect::PIECES;
        let (first, rest) = slots.split_first().ok_or(ADVICE)?;
        let cell = self.document.cells.get(first.cell as usize).ok_or(ADVICE)?;
        let facts: &'a CellFacts = self.facts.get(first.cell as usize).ok_or(ADVICE)?;
        let found = literal::find(cell.language, &cell.text, facts, *first, TargetPlace::Expression);
        let found = found.ok().filter(|f| f.inside.is_none() && f.coding == dialect::Coding::Plain).ok_or(ADVICE)?;
        let (_, value) = own.ok_or(ADVICE)?;
        let name = self.name(value, hint, (scope, None));
        let (literal, accepts, inside) = (found.literal, found.accepts, found.inside);
        let parts = vec![(found.credential, name.clone(), found.coding)];
        let rest = rest.iter().map(|s| s.credential).collect();
        Ok((Group { cell: first.cell, literal, accepts, inside, parts, rest }, name))
    }

    /// Whether the secret that is set for the cluster is read in that place: how a literal was set stays as its author wrote
    /// it.
    fn was_moved(&self, finding: &Finding) -> bool {
        let read = |place: Place| effects::names_of_read(self.facts.get(place.cell as usize)?, place.span);
        finding.rule.code == "CS223" && read(finding.place).is_some()
    }

    fn unity(&self) -> Option<(&'a str, &'a str)> {
        self.settings.secrets.unity()
    }
}

fn display(title: String) -> Fix {
    advice::fix(title)
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}
