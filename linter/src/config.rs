//! `credscope.toml`: text → [`Config`] → [`Settings`] for a path. Unknown keys are errors with a suggestion.

mod schema;

use std::collections::BTreeMap;

use globset::{Glob, GlobMatcher};
use serde::{Deserialize, Serialize};

use crate::{
    rule::Severity,
    settings::{Extensions, SecretStyle, Secrets, Settings},
    value::tokens::{Detectors, custom::Spec},
};

pub use schema::schema;

/// File names that are looked for, nearest folder first, in this order.
pub const FILE_NAMES: &[&str] = &["credscope.toml", ".credscope.toml", "pyproject.toml"];

/// A configuration file as written.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// Rules to report: names, codes or code prefixes. Empty: all.
    pub select: Vec<String>,
    pub ignore: Vec<String>,
    /// Severity by rule name or code.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub severity: BTreeMap<String, Severity>,
    /// Findings below are not reported.
    pub min_severity: Option<Severity>,
    /// Glob patterns of paths that are not checked, relative to the configuration file.
    pub exclude: Vec<String>,
    /// Rules to ignore by path pattern.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub per_file_ignores: BTreeMap<String, Vec<String>>,
    /// Low-confidence findings too.
    pub pedantic: bool,
    pub strict: bool,
    /// Suppression marks of other tools that count.
    pub respect: Vec<String>,
    /// Baseline file, relative to the configuration file.
    pub baseline: Option<String>,
    pub secrets: SecretsTable,
    pub extend: ExtendTable,
    /// Token formats of the user.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub detectors: Vec<Spec>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct SecretsTable {
    /// Scope that fixes use.
    pub scope: Option<String>,
    /// Spelling of new keys; kebab where nothing says otherwise.
    pub key_case: Option<KeyCase>,
    pub style: SecretStyle,
    /// Unity Catalog secrets.
    pub catalog: Option<String>,
    pub schema: Option<String>,
    /// Scopes and keys that exist: a fix to one of them is safe.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub declared: BTreeMap<String, Vec<String>>,
    /// Scope by path pattern; of several that match the narrowest counts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub paths: BTreeMap<String, String>,
    /// Scope by bundle target.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub targets: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyCase {
    Kebab,
    Snake,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ExtendTable {
    /// Dotted callee paths whose result is a secret.
    pub sources: Vec<String>,
    /// Dotted callee paths whose arguments reach an output.
    pub sinks: Vec<String>,
    /// Names of functions whose result says nothing about their argument.
    pub sanitizers: Vec<String>,
    /// Option and conf keys that carry credentials; `*` matches anything.
    pub options: Vec<String>,
    /// Values that are never credentials.
    pub placeholders: Vec<String>,
}

/// What is wrong with a configuration file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    pub message: String,
    /// 0-based byte range in the file.
    pub span: Option<std::ops::Range<usize>>,
}

/// Reads a configuration file. `file_name` decides: in `pyproject.toml` the table `[tool.credscope]` counts, and
/// `Ok(None)` says that it has none.
pub fn parse(file_name: &str, text: &str) -> Result<Option<Config>, ConfigError> {
    let config = if file_name.ends_with("pyproject.toml") {
        let document: toml::Table = toml::from_str(text).map_err(|e| explain(&e, text))?;
        let Some(table) = document.get("tool").and_then(|t| t.get("credscope")) else { return Ok(None) };
        Config::deserialize(table.clone()).map_err(|e| explain(&e, ""))?
    } else {
        toml::from_str(text).map_err(|e| explain(&e, text))?
    };
    check(&config)?;
    Ok(Some(config))
}

/// Marks by which other tools are told to leave a line alone.
const MARKS: &[&str] = &[
    "noqa", "nosec", "gitleaks:allow", "pragma: allowlist secret", "pragma: allowlist nextline secret", "nosemgrep",
    "trufflehog:ignore", "ggignore", "NOSONAR", "pylint: disable", "kics-scan ignore-line", "checkov:skip",
];

/// Names that mean nothing and patterns that cannot be read.
fn check(config: &Config) -> Result<(), ConfigError> {
    let fail = |message: String| Err(ConfigError { message, span: None });
    let rules = config
        .select
        .iter()
        .chain(&config.ignore)
        .chain(config.severity.keys())
        .chain(config.per_file_ignores.values().flatten());
    for word in rules {
        if let Err(message) = known_rule(word) {
            return fail(message);
        }
    }
    // Marks of one's own are fine; those that are nearly another tool's are meant to be that.
    for mark in config.respect.iter().filter(|mark| !MARKS.contains(&mark.as_str())) {
        if let Some(meant) = nearest(mark, MARKS.iter().copied()) {
            return fail(format!("no tool has the mark `{mark}`; did you mean `{meant}`?"));
        }
    }
    for pattern in config.exclude.iter().chain(config.per_file_ignores.keys()).chain(config.secrets.paths.keys()) {
        if let Err(error) = Glob::new(pattern) {
            return fail(format!("`{pattern}` is not a path pattern: {}", error.kind()));
        }
    }
    if let Err(message) = Detectors::new(&config.detectors) {
        return fail(message);
    }
    let scopes =
        config.secrets.scope.iter().chain(config.secrets.paths.values()).chain(config.secrets.targets.values());
    for scope in scopes.chain(config.secrets.declared.keys()) {
        if !crate::fix::is_valid_name(scope) {
            return fail(format!(
                "`{scope}` is not a scope name: letters, digits, `-`, `_`, `.` and `@`, at most 128 characters"
            ));
        }
    }
    Ok(())
}

/// `Err` with a suggestion when no rule has the name, code or code prefix.
pub fn known_rule(word: &str) -> Result<(), String> {
    let lower = word.to_ascii_lowercase();
    let prefix = lower.starts_with("cs") && lower.len() <= 5 && lower[2..].bytes().all(|b| b.is_ascii_digit());
    let fits = |code: &str| code.to_ascii_lowercase().starts_with(&lower);
    if lower == "all"
        || crate::registry::find(word).is_some()
        || (prefix && crate::registry::all().any(|m| fits(m.code)))
    {
        return Ok(());
    }
    let codes: Vec<String> = crate::registry::all().map(|m| m.code.to_ascii_lowercase()).collect();
    let names = crate::registry::all().map(|m| (m.name, m.name));
    let codes = codes.iter().zip(crate::registry::all()).map(|(code, m)| (code.as_str(), m.code));
    // A code is taken for one: its letters make no name.
    let of = |word: &str| if word.starts_with("cs") { nearest_of(word, codes) } else { nearest_of(word, names) };
    let nearest = of(&lower);
    Err(match nearest {
        Some(name) => format!("there is no rule `{word}`; did you mean `{name}`? `credscope rules` lists all"),
        None => format!("there is no rule `{word}`; `credscope rules` lists all"),
    })
}

/// The candidate with the smallest edit distance, when it is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    nearest_of(word, candidates.map(|c| (c, c)))
}

/// [`nearest`] of spellings, each with what it stands for.
fn nearest_of<'a, 'b>(word: &str, candidates: impl Iterator<Item = (&'a str, &'b str)>) -> Option<&'b str> {
    let best = candidates.map(|(c, meant)| (distance(word, c), meant)).min_by_key(|(d, _)| *d)?;
    (best.0 <= (word.len() / 3).max(1)).then_some(best.1)
}

/// Edit distance with transpositions of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = change.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

/// Tables whose keys are looked for outside of them.
const TABLES: &[(&str, &[&str])] = &[
    ("secrets", &["scope", "key-case", "style", "catalog", "schema", "declared", "paths", "targets"]),
    ("extend", &["sources", "sinks", "sanitizers", "options", "placeholders"]),
];

/// The key that the value at a place of a configuration is given to.
fn key_before(text: &str, at: usize) -> Option<&str> {
    let line = text.get(..at)?.rsplit(['\n', '{', ',']).next()?;
    let key = line.split_once('=').map_or(line, |(key, _)| key).trim().trim_matches('"');
    (!key.is_empty() && !key.contains(char::is_whitespace)).then_some(key)
}

/// Says an error of the TOML reader in a way that helps, with a suggestion for misspelled keys.
fn explain(error: &toml::de::Error, text: &str) -> ConfigError {
    let raw = error.message();
    let mut quoted = raw.split('`').skip(1).step_by(2);
    let message = if raw.starts_with("unknown field") || raw.starts_with("unknown variant") {
        let what = if raw.starts_with("unknown field") { "key" } else { "value" };
        let word = quoted.next().unwrap_or("");
        let known: Vec<&str> = quoted.collect();
        let inner = TABLES.iter().filter(|(table, _)| known.contains(table));
        let inside = inner.flat_map(|(table, keys)| keys.iter().map(move |key| (*key, *table)));
        match nearest(word, known.iter().copied()) {
            Some(name) => format!("unknown {what} `{word}`; did you mean `{name}`?"),
            None => match nearest(word, inside.clone().map(|(key, _)| key)) {
                Some(name) => {
                    let table = inside.clone().find(|(key, _)| *key == name).map_or("", |(_, table)| table);
                    format!("unknown {what} `{word}`; `{name}` belongs under `[{table}]`")
                }
                None => format!("unknown {what} `{word}`; known here: {}", known.join(", ")),
            },
        }
    } else if let Some((_, wanted)) = raw.strip_prefix("invalid type: ").and_then(|rest| rest.rsplit_once("expected "))
    {
        let wanted = match wanted.trim_end() {
            "a sequence" => "a list: `[\"…\"]`",
            "a string" => "a text in quotes",
            "a boolean" => "`true` or `false`",
            table if table == "a map" || table.starts_with("struct ") => "a table",
            other => other,
        };
        let key = error.span().and_then(|span| key_before(text, span.start));
        key.map_or_else(|| format!("a value has to be {wanted}"), |key| format!("`{key}` takes {wanted}"))
    } else {
        raw.trim_end().to_owned()
    };
    ConfigError { message, span: error.span() }
}

/// A configuration with its patterns compiled, ready to be asked for each path.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    config: Config,
    exclude: Vec<GlobMatcher>,
    per_file: Vec<(GlobMatcher, Vec<String>)>,
    scopes: Vec<(GlobMatcher, String)>,
    detectors: Detectors,
}

impl Resolved {
    /// `config` has passed [`parse`]; a pattern that cannot be read is left out.
    pub fn new(config: Config) -> Self {
        let compile = |p: &str| Glob::new(p.strip_prefix("./").unwrap_or(p)).ok().map(|g| g.compile_matcher());
        let exclude = config
            .exclude
            .iter()
            .flat_map(|p| [compile(p), compile(&format!("{}/**", p.trim_end_matches('/')))])
            .flatten()
            .collect();
        let per_file = config.per_file_ignores.iter().filter_map(|(p, r)| Some((compile(p)?, r.clone()))).collect();
        // The narrower pattern counts, in whatever order they are written.
        let mut paths: Vec<(&String, &String)> = config.secrets.paths.iter().collect();
        paths.sort_by_key(|(p, _)| std::cmp::Reverse((p.matches('/').count(), p.replace('*', "").len())));
        let scopes = paths.into_iter().filter_map(|(p, s)| Some((compile(p)?, s.clone()))).collect();
        let detectors = Detectors::new(&config.detectors).unwrap_or_default();
        Self { config, exclude, per_file, scopes, detectors }
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The configuration that a path has, without what depends on the path: TOML for a file of its own.
    pub fn in_force(&self, path: &str) -> Result<String, toml::ser::Error> {
        let mut config = self.config.clone();
        let settings = self.settings(&Settings::default(), path);
        (config.ignore, config.secrets.scope) = (settings.ignore, settings.secrets.scope);
        config.per_file_ignores.clear();
        config.secrets.paths.clear();
        toml::to_string_pretty(&config)
    }

    /// Whether every path has the same settings.
    pub fn is_uniform(&self) -> bool {
        self.per_file.is_empty() && self.scopes.is_empty()
    }

    /// Whether any path is left out.
    pub fn excludes_any(&self) -> bool {
        !self.exclude.is_empty()
    }

    /// Whether a path (relative to the configuration file, forward slashes) is not checked.
    pub fn is_excluded(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        self.exclude.iter().any(|g| g.is_match(path) || g.is_match(name))
    }

    /// Settings for a path relative to the configuration file; `base` brings what does not come from the file (hash
    /// key, date, command line).
    pub fn settings(&self, base: &Settings, path: &str) -> Settings {
        let config = &self.config;
        let mut settings = base.clone();
        if settings.select.is_empty() {
            settings.select.clone_from(&config.select);
        }
        settings.ignore.extend(config.ignore.iter().cloned());
        for (pattern, rules) in &self.per_file {
            if pattern.is_match(path) {
                settings.ignore.extend(rules.iter().cloned());
            }
        }
        for (rule, severity) in &config.severity {
            let name = crate::registry::find(rule).map_or(rule.as_str(), |m| m.name);
            settings.severity.insert(name.to_owned(), *severity);
        }
        settings.pedantic |= config.pedantic;
        settings.strict |= config.strict;
        settings.respect.extend(config.respect.iter().cloned());
        let by_path = self.scopes.iter().find(|(g, _)| g.is_match(path)).map(|(_, scope)| scope.clone());
        let secrets = &config.secrets;
        settings.secrets = Secrets {
            scope: by_path.or_else(|| secrets.scope.clone()).or_else(|| base.secrets.scope.clone()),
            snake_keys: secrets.key_case.map_or(base.secrets.snake_keys, |case| case == KeyCase::Snake),
            style: secrets.style,
            catalog: secrets.catalog.clone(),
            schema: secrets.schema.clone(),
            declared: if secrets.declared.is_empty() {
                base.secrets.declared.clone()
            } else {
                secrets.declared.clone()
            },
            targets: secrets.targets.clone(),
        };
        let e = &config.extend;
        let joined = |a: &[String], b: &[String]| a.iter().chain(b).cloned().collect();
        settings.extend = Extensions {
            sources: joined(&base.extend.sources, &e.sources),
            sinks: joined(&base.extend.sinks, &e.sinks),
            sanitizers: joined(&base.extend.sanitizers, &e.sanitizers),
            options: joined(&base.extend.options, &e.options),
            placeholders: joined(&base.extend.placeholders, &e.placeholders),
            detectors: self.detectors.clone(),
        };
        settings
    }
}

impl Serialize for SecretStyle {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Scope => "scope",
            Self::UnityCatalog => "unity-catalog",
        })
    }
}

impl<'de> Deserialize<'de> for SecretStyle {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "scope" => Ok(Self::Scope),
            "unity-catalog" => Ok(Self::UnityCatalog),
            other => Err(serde::de::Error::unknown_variant(other, &["scope", "unity-catalog"])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelled_key_gets_a_suggestion_and_a_place() {
        let error = parse("credscope.toml", "[secrets]\nscop = \"jdbc\"\n").unwrap_err();
        assert_eq!(error.message, "unknown key `scop`; did you mean `scope`?");
        assert_eq!(error.span, Some(10..14));
        let error = parse("credscope.toml", "ignore = [\"unused-supression\"]").unwrap_err();
        assert!(error.message.contains("did you mean `unused-suppression`?"), "{}", error.message);
        let said = |text: &str| parse("credscope.toml", text).unwrap_err().message;
        assert!(said("ignore = [\"CS1o6\"]").contains("did you mean `CS106`?"));
        assert!(said("respect = [\"noqua\"]").contains("did you mean `noqa`?"));
        assert!(parse("credscope.toml", "respect = [\"noqa\", \"our-own-mark\"]").is_ok());
        assert!(parse("credscope.toml", "exclude = [\"a[\"]").unwrap_err().message.contains("not a path pattern"));
    }

    #[test]
    fn pyproject_counts_only_with_its_table() {
        assert!(parse("pyproject.toml", "[project]\nname = \"x\"\n").unwrap().is_none());
        let config = parse("pyproject.toml", "[tool.credscope.secrets]\nscope = \"etl\"\n").unwrap().unwrap();
        assert_eq!(config.secrets.scope.as_deref(), Some("etl"));
    }

    #[test]
    fn paths_choose_scope_and_ignores() {
        let text = "exclude = [\"vendor\"]\n[per-file-ignores]\n\"tests/**\" = [\"CS0\"]\n[secrets]\nscope = \"app\"\npaths = { \"etl/**\" = \"etl\", \"etl/stream/**\" = \"kafka\" }\n";
        let resolved = Resolved::new(parse("credscope.toml", text).unwrap().unwrap());
        let base = Settings::default();
        assert_eq!(resolved.settings(&base, "etl/a.py").secrets.scope.as_deref(), Some("etl"));
        assert_eq!(resolved.settings(&base, "etl/stream/a.py").secrets.scope.as_deref(), Some("kafka"));
        assert_eq!(resolved.settings(&base, "b.py").secrets.scope.as_deref(), Some("app"));
        assert_eq!(resolved.settings(&base, "tests/b.py").ignore, ["CS0"]);
        assert!(resolved.is_excluded("vendor/x/y.py") && !resolved.is_excluded("src/y.py"));
    }
}
