//! `credscope provision`: what must exist for fixed code to run. Names and places, never a value.

mod formats;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
    process::ExitCode,
};

use anyhow::Context;
use credscope_grammars::Document;
use credscope_linter::{
    Finding, engine,
    finding::{Place, ValueKey},
    fix::{self, Fix, Form, Names, SecretName, Store, Variable},
};
use serde_json::json;

use crate::{
    analysis::Source,
    check,
    cli::{CheckOptions, ProvisionFormat},
    report,
};

/// A secret as code names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// Catalog and schema of a Unity Catalog secret, whose scope is empty.
    pub unity: Option<(String, String)>,
    pub secret: SecretName,
}

/// What fixed code relies on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needed {
    Secret(Named),
    /// A variable of Terraform, a CI system or an environment.
    Variable(Variable),
}

/// Something that must exist, and where its value was or is read.
#[derive(Clone, Debug)]
pub struct Record {
    pub needed: Needed,
    pub path: String,
    pub line: u32,
    /// Fingerprint of the finding: says nothing of the value. Empty for a read.
    pub finding: String,
    /// Hash of the value with a key that is drawn for the run and kept nowhere: equal for equal values of one plan.
    pub fingerprint: Option<String>,
    /// How the value has to be stored.
    pub form: Form,
}

impl Record {
    /// The secrets and variables of a finding's preferred fix.
    /// `line_of` says on which line of the path a place is.
    pub fn of(path: &str, finding: &Finding, names: &Names, line_of: &dyn Fn(Place) -> u32) -> Vec<Record> {
        let Some(fix) = finding.fixes.first() else { return Vec::new() };
        let unity = fix.unity.clone();
        let secrets = fix.secrets.iter().map(|secret| {
            let scope = if unity.is_some() { String::new() } else { secret.scope.clone() };
            let secret = SecretName { scope, key: secret.key.clone() };
            Needed::Secret(Named { unity: unity.clone(), secret })
        });
        let keyed = |value: ValueKey| format!("{:032x}", value.0);
        let secrets = secrets.zip(fix.secrets.iter().map(|name| names.value_of(name).or(finding.value)));
        let lines = fix.secrets.iter().map(|name| line_of(stood(fix, finding, name))).collect::<Vec<_>>();
        let lines = lines.into_iter().chain(std::iter::repeat(line_of(finding.place)));
        let mut records: Vec<Record> = secrets
            .chain(fix.variables.iter().map(|v| (Needed::Variable(v.clone()), finding.value)))
            .zip(lines)
            .map(|((needed, value), line)| Record {
                needed,
                path: path.to_owned(),
                line,
                finding: finding.fingerprint.clone(),
                fingerprint: value.map(keyed),
                form: fix.form,
            })
            .collect();
        let also =
            fix.also.iter().filter_map(|&place| Some(Record { line: line_of(place), ..records.first()?.clone() }));
        records.extend(also.collect::<Vec<_>>());
        records
    }

    /// Whether a text names the secret: fixed code that reads it.
    pub fn is_named_in(&self, text: &str) -> bool {
        match &self.needed {
            Needed::Secret(named) => text.contains(&named.secret.key),
            Needed::Variable(_) => true,
        }
    }

    /// Whether a value stood there, as far as the run knows.
    fn was_moved(&self) -> bool {
        !self.finding.is_empty()
    }
}

/// Where the value of a secret stood that a fix moves: the fix of a password moves the user beside it, too.
fn stood(fix: &Fix, finding: &Finding, name: &SecretName) -> Place {
    let quoted = |text: &str, quote: char| text.contains(&format!("{quote}{}{quote}", name.key));
    let reads = fix.edits.iter().filter(|e| quoted(&e.text, '"') || quoted(&e.text, '\''));
    let places: Vec<Place> = reads.map(|e| e.place).collect();
    let is_own = |p: &Place| p.cell == finding.place.cell && p.span.overlaps(finding.place.span);
    match places.first() {
        // A line that binds it says nothing of where it stood.
        Some(first) if !places.iter().any(|p| is_own(p) || p.span.is_empty()) => *first,
        _ => finding.place,
    }
}

/// The mapping that `--plan` records.
pub fn plan(records: &[Record]) -> anyhow::Result<String> {
    let (mut secrets, mut variables) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for r in records {
        // Two rules can find one value in one place.
        if !seen.insert((&r.needed, &r.path, r.line, r.was_moved())) {
            continue;
        }
        let mut row = json!({"path": r.path, "line": r.line, "rotate": true});
        if r.was_moved() {
            row["finding"] = json!(r.finding);
        }
        if let Some(fingerprint) = &r.fingerprint {
            row["fingerprint"] = json!(fingerprint);
        }
        if let Some(form) = r.form.name() {
            row["form"] = json!(form);
        }
        match &r.needed {
            Needed::Secret(named) => {
                row["scope"] = json!(named.secret.scope);
                row["key"] = json!(named.secret.key);
                if let Some((catalog, schema)) = &named.unity {
                    row["catalog"] = json!(catalog);
                    row["schema"] = json!(schema);
                }
                secrets.push(row);
            }
            Needed::Variable(variable) => {
                row["store"] = json!(variable.store.name());
                row["name"] = json!(variable.name);
                variables.push(row);
            }
        }
    }
    let mut document = json!({"version": 1, "secrets": secrets});
    if !variables.is_empty() {
        document["variables"] = variables.into();
    }
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// What a plan holds before a run adds to it. Fails where the file is something else, or cannot be written.
pub fn recorded(file: &Path) -> anyhow::Result<Vec<Record>> {
    let cannot = || format!("{}: cannot be written", file.display());
    if !file.exists() {
        let folder = file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        tempfile::NamedTempFile::new_in(folder).with_context(cannot)?;
        return Ok(Vec::new());
    }
    let opened = std::fs::OpenOptions::new().append(true).open(file).with_context(cannot)?;
    let metadata = opened.metadata().with_context(cannot)?;
    // An empty file, or none that can be read back (`/dev/stdout`), holds nothing.
    if metadata.is_file() && metadata.len() > 0 { read(file) } else { Ok(Vec::new()) }
}

/// The records of a plan with those of a later run: of one place the later ones count.
pub fn merged(mut earlier: Vec<Record>, later: Vec<Record>) -> Vec<Record> {
    let same = |a: &Record, b: &Record| {
        a.path == b.path && a.line == b.line && (a.needed == b.needed || a.was_moved() && a.finding == b.finding)
    };
    earlier.retain(|old| !later.iter().any(|new| same(old, new)));
    earlier.extend(later);
    earlier
}

/// Tells the run which names a plan has given. A finding that is fixed once more keeps its own; other values get others, because
/// what a plan says of values cannot be compared with those of another run.
pub fn note(records: &[Record], outcome: &crate::outcome::Outcome, names: &mut Names) {
    let values: HashMap<&str, Option<ValueKey>> =
        outcome.findings().map(|(_, f)| (f.fingerprint.as_str(), f.value)).collect();
    for record in records.iter().filter(|r| r.was_moved()) {
        let Needed::Secret(Named { unity, secret }) = &record.needed else { continue };
        let schema = unity.as_ref().map(|(catalog, schema)| (catalog.as_str(), schema.as_str()));
        match values.get(record.finding.as_str()) {
            None => names.was_given(secret, schema, None),
            // The user name beside a credential is found with it.
            Some(_) if secret.key.starts_with("username") => {}
            Some(Some(value)) => names.was_given(secret, schema, Some(*value)),
            Some(None) => {}
        }
    }
}

/// Shell commands that store what `records` need.
pub fn commands(records: &[Record]) -> String {
    let (secrets, variables) = grouped(records.to_vec());
    formats::shell(&secrets, &variables)
}

fn grouped(records: Vec<Record>) -> (Secrets, Variables) {
    let (mut secrets, mut variables) = (Secrets::new(), Variables::new());
    let mut spellings = Spellings::default();
    for record in records {
        match record.needed.clone() {
            Needed::Secret(named) => secrets.entry(spellings.of(named)).or_default().push(record),
            Needed::Variable(variable) => variables.entry(variable).or_default().push(record),
        }
    }
    (secrets, variables)
}

/// Scopes and keys are case-insensitive: those that differ in that only are one, as it is first written.
#[derive(Default)]
struct Spellings {
    scopes: BTreeMap<String, String>,
    all: BTreeMap<Named, Named>,
}

impl Spellings {
    fn of(&mut self, mut named: Named) -> Named {
        let scope = named.secret.scope.clone();
        named.secret.scope.clone_from(self.scopes.entry(scope.to_ascii_lowercase()).or_insert(scope));
        let lower = |text: &String| text.to_ascii_lowercase();
        let folded = Named {
            unity: named.unity.as_ref().map(|(catalog, schema)| (lower(catalog), lower(schema))),
            secret: SecretName { scope: lower(&named.secret.scope), key: lower(&named.secret.key) },
        };
        self.all.entry(folded).or_insert(named).clone()
    }
}

pub fn run(options: &CheckOptions, format: ProvisionFormat, from: Option<&Path>) -> anyhow::Result<ExitCode> {
    let (records, is_complete) = match from {
        Some(file) => (read(file)?, true),
        None => found(options)?,
    };
    // What was not read is never "nothing".
    if records.is_empty() && !is_complete {
        return Ok(ExitCode::from(2));
    }
    let (by, variables) = grouped(records);
    let text = match format {
        ProvisionFormat::Shell => formats::shell(&by, &variables),
        ProvisionFormat::Terraform => formats::terraform(&by, &variables),
        ProvisionFormat::Bundle => formats::bundle(&by, &variables),
        ProvisionFormat::Json => plan(&by.into_values().chain(variables.into_values()).flatten().collect::<Vec<_>>())?,
    };
    report::write_stdout(&text)?;
    Ok(if is_complete { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

type Secrets = BTreeMap<Named, Vec<Record>>;
type Variables = BTreeMap<Variable, Vec<Record>>;

/// What fixes would move, and what the code reads already; whether all of it could be looked at.
fn found(options: &CheckOptions) -> anyhow::Result<(Vec<Record>, bool)> {
    let (sources, outcome) = check::analyse_sources(options)?;
    for (path, problem) in outcome.problems() {
        report::complain(&format!("{path}: {problem}"));
    }
    let is_complete = !outcome.is_incomplete();
    let mut names = Names::default();
    let outcome = check::with_fixes(outcome, &sources, &mut names);
    let mut records: Vec<Record> = outcome
        .findings()
        .flat_map(|(checked, finding)| {
            let line_of = |place| checked.range(place).0.0;
            Record::of(&checked.path, finding, &names, &line_of)
        })
        .collect();
    records.extend(sources.iter().flat_map(reads));
    Ok((records, is_complete))
}

/// The reads of secrets in a file.
fn reads(source: &Source) -> Vec<Record> {
    let bytes = match (&source.file, &source.text) {
        (Some(file), _) => std::fs::read(file).unwrap_or_default(),
        (None, Some(text)) => text.clone(),
        (None, None) => return Vec::new(),
    };
    if !crate::glance::is_anchored(&source.path, &bytes, &source.settings) {
        return Vec::new();
    }
    let opened = credscope_grammars::open(&source.path, &bytes);
    opened.documents.iter().flat_map(|document| reads_of(source, document)).collect()
}

fn reads_of(source: &Source, document: &Document) -> Vec<Record> {
    let path = match &document.entry {
        Some(entry) => format!("{}!/{entry}", source.path),
        None => source.path.clone(),
    };
    let facts = engine::document_facts(document);
    let references = fix::references(document, &facts).into_iter().filter(|r| !r.secret.key.is_empty());
    let secrets = references.map(|r| (Needed::Secret(Named { unity: r.unity, secret: r.secret }), r.place));
    let variables = fix::variables_read(document, &facts)
        .into_iter()
        .filter(|(v, _)| credscope_linter::value::is_name(&v.name))
        .map(|(v, place)| (Needed::Variable(v), place));
    let record = |(needed, place): (Needed, Place)| {
        let span = document.physical(place.cell as usize, place.span);
        let unit = credscope_grammars::ColumnUnit::Utf32;
        let line = document.lines.position(&document.text, span.start as usize, unit).line + 1;
        Record { needed, path: path.clone(), line, finding: String::new(), fingerprint: None, form: Form::Plain }
    };
    secrets.chain(variables).map(record).collect()
}

fn read(file: &Path) -> anyhow::Result<Vec<Record>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{}: cannot be read", file.display()))?;
    let document: serde_json::Value = serde_json::from_str(&text)
        .with_context(|| format!("{}: is not a plan of `check --fix --plan`", file.display()))?;
    anyhow::ensure!(document.get("secrets").is_some_and(|s| s.is_array()), "{}: has no `secrets`", file.display());
    let rows = |name: &str| document.get(name).and_then(|s| s.as_array()).cloned().unwrap_or_default();
    let optional = |row: &serde_json::Value, key: &str| row.get(key).and_then(|v| v.as_str()).map(str::to_owned);
    let text = |row: &serde_json::Value, key: &str| optional(row, key).unwrap_or_default();
    let record = |row: &serde_json::Value, needed: Needed| Record {
        needed,
        path: text(row, "path"),
        line: row.get("line").and_then(serde_json::Value::as_u64).unwrap_or(0) as u32,
        finding: text(row, "finding"),
        fingerprint: optional(row, "fingerprint"),
        form: Form::of_name(&text(row, "form")),
    };
    let mut records = Vec::new();
    for row in rows("secrets") {
        let secret = SecretName { scope: text(&row, "scope"), key: text(&row, "key") };
        let named = Named { unity: optional(&row, "catalog").zip(optional(&row, "schema")), secret };
        records.push(record(&row, Needed::Secret(named)));
    }
    for row in rows("variables") {
        let store = Store::of_name(&text(&row, "store"))
            .with_context(|| format!("{}: names an unknown store of variables", file.display()))?;
        records.push(record(&row, Needed::Variable(Variable { store, name: text(&row, "name") })));
    }
    Ok(records)
}
