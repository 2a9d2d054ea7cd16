//! What a credential is for, from words around it: the scope name of a fix when nothing better is known.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use credscope_grammars::Secret;

use super::{Piece, Role};

/// Word in a path, format, key or URL → purpose. First hit wins.
const WORDS: &[(&str, &str)] = &[
    ("snowflake", "snowflake"),
    ("sfpassword", "snowflake"),
    ("redshift", "redshift"),
    ("sqldw", "synapse"),
    ("synapse", "synapse"),
    ("eventhub", "eventhubs"),
    ("servicebus", "servicebus"),
    ("kafka", "kafka"),
    ("sasl", "kafka"),
    ("cosmos", "cosmos"),
    ("mongo", "mongodb"),
    ("elastic", "elasticsearch"),
    ("es.net", "elasticsearch"),
    ("cassandra", "cassandra"),
    ("redis", "redis"),
    ("neo4j", "neo4j"),
    ("bigquery", "gcp"),
    ("google", "gcp"),
    ("fs.gs", "gcp"),
    ("salesforce", "salesforce"),
    ("sftp", "sftp"),
    ("kusto", "kusto"),
    ("openai", "openai"),
    ("anthropic", "anthropic"),
    ("huggingface", "huggingface"),
    ("slack", "slack"),
    ("twilio", "twilio"),
    ("tweepy", "twitter"),
    ("twitter", "twitter"),
    ("github", "github"),
    ("wandb", "wandb"),
    ("fs.azure", "storage"),
    ("blob", "storage"),
    ("datalake", "storage"),
    ("storage", "storage"),
    ("dfs.adls", "storage"),
    ("abfs", "storage"),
    ("wasb", "storage"),
    ("accountkey", "storage"),
    ("fs.s3", "aws"),
    ("boto3", "aws"),
    ("aws", "aws"),
    ("s3", "aws"),
    ("azure.identity", "azure"),
    ("clientsecretcredential", "azure"),
    ("databricks", "databricks"),
    ("jdbc", "jdbc"),
    ("getconnection", "jdbc"),
    ("connectionproperties", "jdbc"),
    ("psycopg", "postgres"),
    ("postgres", "postgres"),
    ("mysql", "mysql"),
    ("pyodbc", "sqlserver"),
    ("sqlserver", "sqlserver"),
    ("pymssql", "sqlserver"),
    ("oracle", "oracle"),
    ("pypi", "pypi"),
    ("git.", "git"),
    ("smtp", "smtp"),
    ("ftp", "ftp"),
];

/// Longest part of a text that is looked at.
const LOOKED_AT: usize = 200;
/// Texts that are looked at.
const TEXTS: usize = 12;

static AUTOMATON: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    // The kind that is made fastest: the texts are few and short.
    let mut builder = AhoCorasick::builder();
    builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::NoncontiguousNFA));
    builder.build(WORDS.iter().map(|(word, _)| word)).ok()
});

/// The purpose of a value that reaches `role`.
pub(super) fn of_site(role: &Role, value: &[Piece]) -> Option<Box<str>> {
    let mut texts: Vec<&str> = Vec::new();
    match role {
        Role::Bare => return None,
        Role::Bind { path, .. } => texts.push(path),
        Role::Argument(a) => {
            texts.push(&a.callee);
            // Confs of a session are for all that it reads.
            let options = a.chain.iter().filter(|(name, _)| &**name != "config");
            texts.extend(options.map(|(_, text)| text.expose()));
            texts.extend(a.siblings.iter().filter_map(|(_, s)| s.as_ref().map(Secret::expose)));
        }
        Role::Entry { key, siblings } => {
            texts.push(key);
            texts.extend(siblings.iter().map(|(k, _)| k.as_ref()));
        }
        Role::Command(c) => texts.push(&c.program),
        Role::Property(p) => {
            texts.extend(p.connects_to.as_deref());
            // What Terraform makes on Databricks says nothing of what is written in it.
            let is_terraform = p.path.first().is_some_and(|first| matches!(&**first, "resource" | "data"));
            let of_databricks = |i: usize, key: &str| i == 1 && is_terraform && key.starts_with("databricks_");
            let keys = p.path.iter().enumerate().filter(|(i, key)| !of_databricks(*i, key));
            texts.extend(keys.map(|(_, key)| &**key));
        }
        _ => {}
    }
    texts.truncate(TEXTS - 1);
    let automaton = AUTOMATON.as_ref()?;
    let own = value.iter().find_map(|p| match p {
        Piece::Text { value, .. } => Some(value.expose()),
        Piece::Hole { .. } => None,
    });
    // Other arguments can hold credentials, too; and this one is among them.
    texts.retain(|text| Some(*text) != own && !is_random(text));
    let around =
        texts.iter().flat_map(|text| automaton.find_overlapping_iter(head(text))).map(|m| m.pattern().as_usize()).min();
    // The value says what it is for where it is a URL or a list; a name made from a credential would show a part of it.
    let inside = own.filter(|text| text.contains(['=', '/'])).and_then(|text| {
        let text = head(text);
        let mut found = automaton.find_overlapping_iter(text).peekable();
        found.peek()?;
        let slots = crate::value::slots(text);
        let hidden = |m: &aho_corasick::Match| {
            slots.is_empty() && !text.contains("://")
                || slots.iter().any(|s| s.range.start < m.end() && m.start() < s.range.end)
        };
        found.filter(|m| !hidden(m)).map(|m| m.pattern().as_usize()).min()
    });
    around.into_iter().chain(inside).min().map(|first| WORDS[first].1.into())
}

/// The purpose that a key says, for a value whose position says none.
pub(crate) fn of_key(key: &str) -> Option<&'static str> {
    let found = AUTOMATON.as_ref()?.find_overlapping_iter(head(key)).map(|m| m.pattern().as_usize()).min();
    found.map(|first| WORDS[first].1)
}

/// Whether a text can be a credential itself: one long word with digits in it and no structure.
fn is_random(text: &str) -> bool {
    text.len() >= 8
        && text.bytes().any(|b| b.is_ascii_digit())
        && !text.contains(['.', '/', ':', '=', ' '])
        && text.bytes().any(|b| b.is_ascii_uppercase() || b.is_ascii_punctuation() && !matches!(b, b'_' | b'-'))
}

fn head(text: &str) -> &str {
    (LOOKED_AT.saturating_sub(3)..=LOOKED_AT).rev().find_map(|end| text.get(..end)).unwrap_or(text)
}
