//! Fixes of configuration documents whose place takes a reference of its own kind: Terraform, CI, dbt, compose, apps,
//! serving endpoints.

use std::collections::{BTreeMap, BTreeSet};

use credscope_grammars::{
    CellFacts, Document, Language, Span,
    dialect::{self, Coding, ConfigPlace, Part, Program, SecretRef, Target},
};

use super::{Applicability, CellEdit, Fix, SecretName, Slot};
use crate::finding::{Place, ValueKey};

mod app;
mod json;

/// What a fix relies on that is no secret of a scope: a variable which someone has to set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variable {
    pub store: Store,
    pub name: String,
}

/// Where a variable is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Store {
    Terraform,
    GitHub,
    AzurePipelines,
    GitLab,
    Jenkins,
    Environment,
}

impl Store {
    const ALL: [Self; 6] =
        [Self::Terraform, Self::GitHub, Self::AzurePipelines, Self::GitLab, Self::Jenkins, Self::Environment];

    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Terraform => "terraform",
            Self::GitHub => "github",
            Self::AzurePipelines => "azure-pipelines",
            Self::GitLab => "gitlab",
            Self::Jenkins => "jenkins",
            Self::Environment => "environment",
        }
    }
}

/// Variables that fixes rely on.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// Those of Terraform modules that some file declares: folder and name → the file.
    files: BTreeMap<(String, String), String>,
    /// Those of them that have a value already, `""` too: folder and name.
    preset: BTreeSet<(String, String)>,
    /// What each is to hold: two values have two variables. By what shares the variables, and the name.
    values: BTreeMap<(String, String), ValueKey>,
    /// Names that a file declares, by its path and its length.
    own: BTreeMap<(String, usize), BTreeSet<String>>,
    /// Those of them that have a value already, alike.
    filled: BTreeMap<(String, usize), BTreeSet<String>>,
}

impl Declared {
    /// Notes what a file of a module declares, so that no fix declares it again.
    pub fn note(&mut self, path: &str, text: &str) {
        for name in variables_of(text) {
            self.files.entry((folder(path).to_owned(), name.to_owned())).or_insert_with(|| path.to_owned());
        }
        self.preset.extend(filled_of(text).into_iter().map(|name| (folder(path).to_owned(), name)));
    }

    /// Whether a fix in `path` has to declare the variable; then that file is the one that declares it.
    fn claim(&mut self, path: &str, text: &str, name: &str) -> bool {
        let own = self.own.entry((path.to_owned(), text.len()));
        let names = || match path.ends_with(".json") {
            true => json::variables(text).into_iter().map(str::to_owned).collect(),
            false => variables_of(text).map(str::to_owned).collect(),
        };
        if own.or_insert_with(names).contains(name) {
            return false;
        }
        let owner = self.files.entry((folder(path).to_owned(), name.to_owned())).or_insert_with(|| path.to_owned());
        owner == path
    }

    /// A name that no variable of the file has which has a value already.
    fn free(
        &mut self,
        place: ConfigPlace,
        language: Language,
        (path, text): (&str, &str),
        (name, value): (String, ValueKey),
    ) -> String {
        if place != ConfigPlace::TerraformVariable || language != Language::Hcl {
            return name;
        }
        let filled = self.filled.entry((path.to_owned(), text.len())).or_insert_with(|| filled_of(text));
        let mut numbered = std::iter::once(name.clone()).chain((2..100).map(|n| format!("{name}_{n}")));
        // A name that the file reads and no file in sight declares is declared in one that is not.
        let folder = folder(path).to_owned();
        let (files, preset, values) = (&self.files, &self.preset, &self.values);
        let is_free = |name: &String| {
            let key = (folder.clone(), name.clone());
            let own = values.get(&key) == Some(&value);
            own || !filled.contains(name)
                && !preset.contains(&key)
                && (files.contains_key(&key) || !mentions(text, &format!("var.{name}")))
        };
        numbered.find(is_free).unwrap_or(name)
    }

    /// The name, with a number where it is another value's already.
    /// `Err`: the script sets the variable to another value, too.
    fn of_value(
        &mut self,
        place: ConfigPlace,
        (path, text): (&str, &str),
        name: String,
        value: ValueKey,
    ) -> Result<String, String> {
        if place.names_secret() {
            return Ok(name);
        }
        // A script's own variable is called as the script calls it.
        if place == ConfigPlace::Shell {
            let known = self.values.entry((format!("{path}!"), name.clone())).or_insert(value);
            return if *known == value { Ok(name.clone()) } else { Err(several_values(&name)) };
        }
        let shared = path.split(".github/").next().filter(|_| place == ConfigPlace::GitHub).unwrap_or(folder(path));
        let between = if matches!(place, ConfigPlace::App { .. } | ConfigPlace::Jenkins) { '-' } else { '_' };
        let mut numbered = name.clone();
        for number in 2.. {
            let key = (shared.to_owned(), numbered.clone());
            // What the document reads already is another value.
            let is_read = || written(place, &numbered).is_some_and(|reference| mentions(text, &reference));
            let fits = match self.values.get(&key) {
                Some(known) => *known == value,
                None => !is_read(),
            };
            if fits || number > 99 {
                self.values.entry(key).or_insert(value);
                break;
            }
            numbered = format!("{name}{between}{number}");
        }
        Ok(numbered)
    }
}

fn several_values(name: &str) -> String {
    format!("the script sets `{name}` to several values: give each a variable of its own")
}

/// Whether a script sets a variable to something else before a literal: it would not be what comes from outside.
fn is_set_otherwise(facts: &CellFacts, name: &str, (literal, value): (Span, &str)) -> bool {
    let set = facts.commands.iter().filter(|c| !c.is_default()).flat_map(|c| &c.assignments);
    let before = set.filter(|(own, _, word)| **own == *name && word.span.start < literal.start);
    before.map(|(_, _, word)| word.value.plain()).any(|text| text.is_none_or(|text| text.expose() != value))
}

/// How a document of a place names a variable.
fn written(place: ConfigPlace, name: &str) -> Option<String> {
    match place {
        ConfigPlace::GitHub => Some(format!("secrets.{name}")),
        ConfigPlace::AzurePipelines => Some(format!("$({name}")),
        ConfigPlace::App { bundle: false, .. } => Some(format!("valueFrom: {name}")),
        ConfigPlace::Jenkins => Some(format!("credentials('{name}'")),
        _ => None,
    }
}

/// Whether a text holds a word and does not go on with it.
fn mentions(text: &str, word: &str) -> bool {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    text.match_indices(word).any(|(at, _)| !text[at + word.len()..].starts_with(goes_on))
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Names in `variable "name" {`, one a line.
fn variables_of(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let rest = line.trim_start().strip_prefix("variable")?.trim_start();
        let name = rest.strip_prefix('"')?.split('"').next()?;
        (!name.is_empty()).then_some(name)
    })
}

/// Names of the variables that have a `default`.
fn filled_of(text: &str) -> BTreeSet<String> {
    let has_default = |line: &str| line.split(['{', ' ', ';']).any(|word| word == "default");
    let mut filled = BTreeSet::new();
    let mut open: Option<&str> = None;
    for line in text.lines() {
        if let Some(name) = variables_of(line).next() {
            if has_default(line) {
                filled.insert(name.to_owned());
            }
            open = Some(name).filter(|_| !line.contains('}'));
        } else if line.starts_with('}') {
            open = None;
        } else if let Some(name) = open
            && has_default(line.trim())
        {
            filled.insert(name.to_owned());
        }
    }
    filled
}

/// One credential of a configuration document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigSlot {
    pub slot: Slot,
    pub place: ConfigPlace,
    /// Path of the document, for what a whole Terraform module shares.
    pub path: String,
    /// Name of the variable, as far as the place says it (`databricks_token`).
    pub name: String,
}

/// The fix of one slot. `secret` is the secret's name for places that take one.
pub(super) fn fix(
    (document, facts): (&Document, Option<&CellFacts>),
    config: &ConfigSlot,
    (secret, value): (&SecretName, ValueKey),
    declared: &mut Declared,
    is_declared_secret: bool,
) -> Result<Fix, String> {
    let ConfigSlot { slot, place, path, name } = config;
    let cell = document.cells.get(slot.cell as usize).ok_or("store it as a secret")?;
    // A variable that the script sets as a whole keeps its name.
    let whole = slot.credential.len() + 2 >= slot.literal.len();
    let own = dialect::assigned(&cell.text, slot.literal).filter(|_| *place == ConfigPlace::Shell && whole);
    if let (Some(own), Some(facts)) = (own, facts)
        && is_set_otherwise(facts, own, (slot.literal, slot.credential.of(&cell.text)))
    {
        return Err(several_values(own));
    }
    let wanted = own.map_or_else(|| variable(*place, name, secret), str::to_owned);
    let name = declared.free(*place, cell.language, (path, &cell.text), (wanted, value));
    let mut variable = declared.of_value(*place, (path, &cell.text), name, value)?;
    let resource = facts
        .filter(|_| matches!(place, ConfigPlace::App { .. }))
        .and_then(|facts| app::resource((cell.language, &cell.text), facts, slot.literal, (&variable, secret)))
        .transpose()?;
    if let Some(resource) = &resource {
        variable.clone_from(&resource.name);
    }
    let reference = SecretRef { scope: &secret.scope, key: &secret.key, unity: None };
    let part = Part { credential: slot.credential, secret: reference, coding: Coding::Plain };
    let program = Program::new([]);
    let target = Target { literal: slot.literal, parts: &[part], rest: &[], program: &program };
    let place = match place {
        // A document in a text: nothing but text may stand there.
        ConfigPlace::TerraformReference if cell.language == Language::Hcl && !is_property(facts, slot) => {
            &ConfigPlace::Braces
        }
        place => place,
    };
    let rewrite = dialect::rewrite_place(cell.language, &cell.text, target, *place, &variable)?;
    let edit = |(span, text): (Span, String)| CellEdit { place: Place { cell: slot.cell, span }, text };
    let mut edits: Vec<CellEdit> = rewrite.edits.into_iter().map(edit).collect();
    let is_variable = *place == ConfigPlace::TerraformVariable && cell.language == Language::Hcl;
    let claimed = is_variable && declared.claim(path, &cell.text, &variable);
    let known = is_variable && !claimed;
    if claimed {
        let end = cell.text.len();
        let lead = if cell.text.ends_with('\n') { "" } else { "\n" };
        edits.push(edit((Span::new(end, end), format!("{lead}{}", dialect::terraform_variable(&variable)))));
    }
    if *place == ConfigPlace::TerraformVariable
        && cell.language == Language::Json
        && declared.claim(path, &cell.text, &variable)
    {
        let (at, text) = json::declaration(&cell.text, &variable).ok_or("declare a sensitive variable and read it")?;
        edits.push(edit((Span::new(at, at), text)));
        edits.sort_by_key(|e| e.place.span.start);
    }
    // The app of a bundle is given the resource in the same step.
    let outside = resource.is_none();
    if let Some((span, text)) = resource.and_then(|r| r.edit) {
        edits.push(edit((span, text)));
        edits.sort_by_key(|e| e.place.span.start);
    }
    let store = match place {
        ConfigPlace::TerraformVariable => Some(Store::Terraform),
        ConfigPlace::GitHub => Some(Store::GitHub),
        ConfigPlace::AzurePipelines => Some(Store::AzurePipelines),
        ConfigPlace::GitLab => Some(Store::GitLab),
        ConfigPlace::Jenkins => Some(Store::Jenkins),
        ConfigPlace::Dbt | ConfigPlace::Compose | ConfigPlace::Shell => Some(Store::Environment),
        _ => None,
    };
    let title = match (place, store) {
        (ConfigPlace::App { .. }, _) if outside => format!(
            "Read it from the secret resource `{variable}`, to be given to the app: scope `{}`, key `{}`, READ",
            secret.scope, secret.key
        ),
        (ConfigPlace::App { .. }, _) => format!("Read it from the app's secret resource `{variable}`"),
        (ConfigPlace::Shell, _) => format!(
            "Read it from the variable `{variable}`: on a cluster from `spark_env_vars`, `{{{{secrets/{}/{}}}}}`",
            secret.scope, secret.key
        ),
        (ConfigPlace::Jenkins, _) => format!("Read it from the credential `{variable}` of Jenkins"),
        (_, Some(_)) if known => format!("Move to the variable `{variable}`, which the module declares"),
        (_, Some(_)) => format!("Move to the variable `{variable}`"),
        _ => format!("Move to secret scope `{}` as `{}`", secret.scope, secret.key),
    };
    let stored = if *place == ConfigPlace::Dbt { format!("DBT_ENV_SECRET_{variable}") } else { variable };
    let applicability = match (document.writable, is_declared_secret && place.names_secret()) {
        (false, _) => Applicability::Display,
        (true, true) => Applicability::Safe,
        (true, false) => Applicability::Unsafe,
    };
    // The variables of a notebook's scripts come from the cluster, which takes them from secrets.
    let on_cluster = *place == ConfigPlace::Shell && document.is_notebook();
    let takes_secret = place.names_secret() || matches!(place, ConfigPlace::App { .. }) || on_cluster;
    Ok(Fix {
        title,
        applicability,
        edits,
        secrets: if takes_secret { vec![secret.clone()] } else { Vec::new() },
        variables: store.map(|store| Variable { store, name: stored }).into_iter().collect(),
        ..Fix::default()
    })
}

/// Whether the literal is a value of the document itself, and not of one in a text.
fn is_property(facts: Option<&CellFacts>, slot: &Slot) -> bool {
    facts.is_none_or(|facts| facts.properties.iter().any(|p| p.value_span == slot.literal))
}

/// The name as the place spells names.
fn variable(place: ConfigPlace, name: &str, secret: &SecretName) -> String {
    let words = crate::value::names::words(name).join("_");
    match place {
        ConfigPlace::TerraformVariable => words,
        ConfigPlace::Jenkins => words.replace('_', "-"),
        // The script's own.
        ConfigPlace::Shell => name.to_owned(),
        // As `provision --format terraform` names the resource.
        ConfigPlace::TerraformReference => identifier(&format!("{}_{}", secret.scope, secret.key)),
        // As `provision` says to call the resource.
        ConfigPlace::App { .. } => secret.key.clone(),
        _ => {
            let name = words.to_ascii_uppercase();
            match (place, name.strip_prefix("GITHUB_")) {
                // GitHub keeps that beginning to itself.
                (ConfigPlace::GitHub, Some(rest)) => format!("GH_{rest}"),
                _ if name.starts_with(|c: char| c.is_ascii_digit()) => format!("SECRET_{name}"),
                _ => name,
            }
        }
    }
}

/// A name as Terraform and YAML anchors accept it.
pub fn identifier(text: &str) -> String {
    let name: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("s_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_others_are_not_taken() {
        let mut declared = Declared::default();
        declared.note("infra/variables.tf", "variable \"a\" {\n  default = \"\"\n}\nvariable \"b\" {}\n");
        let mut free = |text: &str, name: &str| {
            let (place, file) = (ConfigPlace::TerraformVariable, ("infra/main.tf", text));
            declared.free(place, Language::Hcl, file, (name.to_owned(), ValueKey(1)))
        };
        assert_eq!(free("", "a"), "a_2", "it has a value");
        assert_eq!(free("x = var.b", "b"), "b", "declared without one");
        assert_eq!(free("x = var.c", "c"), "c_2", "declared where nobody looked");
        assert_eq!(free("x = var.c_key", "c"), "c");
    }
}
