//! CS406 and CS407: command lines of the retired Databricks CLI.

use super::command::{Command, commands};
use crate::{
    context::CellContext,
    finding::{Finding, Place},
    fix::{Applicability, CellEdit, Plan},
    rule::{Anchors, CellRule, Confidence, FixKind, RuleMeta, Severity},
};
use credscope_grammars::Span;

pub static LEGACY: RuleMeta = RuleMeta {
    code: "CS406",
    name: "legacy-cli",
    summary: "command of the retired Databricks CLI",
    docs: include_str!("legacy_cli.md"),
    severity: Severity::Hint,
    fix: FixKind::Safe,
    anchors: Anchors::Words(&["secret"]),
    precedence: 100,
    cwe: &[],
    since: "0.1.0",
};

pub static HYBRID: RuleMeta = RuleMeta {
    code: "CS407",
    name: "hybrid-cli",
    summary: "new verb of the Databricks CLI with flags of the retired one",
    docs: include_str!("hybrid_cli.md"),
    severity: Severity::Warning,
    fix: FixKind::Safe,
    anchors: Anchors::Words(&["secret"]),
    precedence: 100,
    cwe: &[],
    since: "0.1.0",
};

pub struct LegacyCli;
pub struct HybridCli;

/// A verb with what its words mean now.
struct Verb {
    old: &'static [&'static str],
    new: &'static str,
    /// Flags that became words, in the order of the words.
    flags: &'static [&'static str],
}

const VERBS: &[Verb] = &[
    Verb { old: &["put", "write"], new: "put-secret", flags: &["--scope", "--key"] },
    Verb { old: &["delete"], new: "delete-secret", flags: &["--scope", "--key"] },
    Verb { old: &["list"], new: "list-secrets", flags: &["--scope"] },
    Verb { old: &["write-acl"], new: "put-acl", flags: &["--scope", "--principal", "--permission"] },
    Verb { old: &[], new: "put-acl", flags: &["--scope", "--principal", "--permission"] },
    Verb { old: &[], new: "create-scope", flags: &["--scope"] },
    Verb { old: &[], new: "delete-scope", flags: &["--scope"] },
    Verb { old: &[], new: "list-acls", flags: &["--scope"] },
    Verb { old: &[], new: "get-acl", flags: &["--scope", "--principal"] },
    Verb { old: &[], new: "delete-acl", flags: &["--scope", "--principal"] },
    Verb { old: &[], new: "get-secret", flags: &["--scope", "--key"] },
];

/// Verbs that the retired CLI had under the same name: only their flags tell.
const SHARED: &[&str] = &["put-acl", "create-scope", "delete-scope", "list-acls", "get-acl", "delete-acl"];

/// Flags of the retired CLI without a successor: the rewrite is for a person.
const GONE: &[&str] = &["--binary-file", "--resource-id", "--dns-name"];

impl CellRule for LegacyCli {
    fn meta(&self) -> &'static RuleMeta {
        &LEGACY
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        run(cx, &LEGACY);
    }
}

impl CellRule for HybridCli {
    fn meta(&self) -> &'static RuleMeta {
        &HYBRID
    }

    fn check(&self, cx: &mut CellContext<'_>) {
        run(cx, &HYBRID);
    }
}

fn run<'a>(cx: &mut CellContext<'a>, meta: &'static RuleMeta) {
    let sites = cx.sites;
    for command in commands(sites) {
        if command.program() != "databricks" {
            continue;
        }
        let Some(group) = command.find(&["secrets"]) else { continue };
        let Some(&at) = command.positionals(group, &["--profile", "-p"]).first() else { continue };
        let word = command.word(at);
        let Some(verb) = VERBS.iter().find(|v| v.old.contains(&word) || v.new == word) else { continue };
        let flagged = verb.flags.iter().any(|f| !command.values(&[*f]).is_empty());
        let renamed = verb.old.contains(&word);
        // The retired CLI had flags only: a name in its place is of the current one.
        let named = placed(&command, at) > 0 && command.values(&["--scope"]).is_empty();
        let legacy = renamed || SHARED.contains(&word) && flagged && !named;
        let hybrid = !legacy && flagged;
        let (wanted, message) = if legacy {
            (
                &LEGACY,
                format!("`secrets {word}` with flags is a command of the retired Databricks CLI (0.18 and older)"),
            )
        } else if hybrid {
            (
                &HYBRID,
                format!(
                    "`secrets {word}` of the current Databricks CLI refuses `{}`",
                    verb.flags.iter().find(|f| !command.values(&[**f]).is_empty()).unwrap_or(&"")
                ),
            )
        } else {
            continue;
        };
        if wanted.code != meta.code {
            continue;
        }
        let place = span(&command, group, at, verb);
        let mut finding = Finding::at(meta, Place { cell: command.run.place.cell, span: place }, message)
            .help(format!("the current CLI takes `secrets {} {}`", verb.new, shown(verb.flags)))
            .subject(word);
        if command.run.is_shown {
            finding.confidence = Confidence::Low;
        }
        let plan = rewrite(cx, &command, at, verb).unwrap_or_else(|| Plan::Advice {
            title: format!("Write `databricks secrets {} {}`", verb.new, shown(verb.flags)),
        });
        cx.report(finding.plan(plan));
    }
}

fn shown(flags: &[&str]) -> String {
    flags.iter().map(|f| f.trim_start_matches('-').to_ascii_uppercase()).collect::<Vec<_>>().join(" ")
}

/// From `secrets` to the last word that changes.
fn span(command: &Command<'_>, group: usize, verb_at: usize, verb: &Verb) -> Span {
    let last = verb.flags.iter().flat_map(|f| command.values(&[*f])).map(|(p, _)| p.word).max().unwrap_or(verb_at);
    let first = command.run.spans[group];
    first.cover(command.run.spans[last.max(verb_at)])
}

/// How many words follow the verb before its first flag.
fn placed(command: &Command<'_>, verb_at: usize) -> usize {
    (verb_at + 1..command.len()).take_while(|i| !command.word(*i).starts_with('-')).count()
}

/// The verb by its new name, the flags as words behind it in their order.
fn rewrite<'a>(cx: &CellContext<'a>, command: &Command<'a>, verb_at: usize, verb: &Verb) -> Option<Plan> {
    let text = &*cx.cell.text;
    let spans = &command.run.spans;
    let cell = command.run.place.cell;
    if command.arguments().any(|i| GONE.contains(&command.word(i).split('=').next().unwrap_or(""))) {
        return None;
    }
    let mut words = Vec::new();
    let mut removed: Vec<Span> = Vec::new();
    // Words that stand in their place already: the first of the flags that became words.
    let placed = placed(command, verb_at);
    let head = verb_at + placed;
    for flag in verb.flags.get(placed..).filter(|rest| !rest.is_empty())? {
        let values = command.values(&[*flag]);
        let [(part, _)] = values.as_slice() else { return None };
        let span = spans[part.word];
        let source = span.of(text);
        let source = if part.range.start > 0 { source.split_once('=')?.1 } else { source };
        // A quote that opened before the flag is gone with it.
        let balanced = source.matches('"').count() % 2 == 0 && source.matches('\'').count() % 2 == 0;
        if source.is_empty() || !balanced {
            return None;
        }
        words.push(source.to_owned());
        let first = if part.range.start > 0 { part.word } else { part.word - 1 };
        removed.push(Span { start: spans[first - 1].end, end: span.end });
    }
    let plain = |span: &Span| {
        let source = span.of(text).replace("\\\n", " ");
        !source.is_empty() && !source.contains('\n') && source.starts_with([' ', '\t'])
    };
    if !removed.iter().all(plain) || spans[verb_at].of(text) != command.word(verb_at) {
        return None;
    }
    let end = spans[head].end;
    let between = text.get(spans[verb_at].end as usize..end as usize)?;
    let mut edits = vec![CellEdit {
        place: Place { cell, span: Span { end, ..spans[verb_at] } },
        text: format!("{}{between} {}", verb.new, words.join(" ")),
    }];
    // Flags that follow the verb directly are one edit with it.
    removed.sort_by_key(|s| s.start);
    for span in removed {
        let last = edits.last_mut()?;
        if last.place.span.end == span.start && edits.len() == 1 {
            edits[0].place.span.end = span.end;
        } else {
            edits.push(CellEdit { place: Place { cell, span }, text: String::new() });
        }
    }
    let title = format!("Write it for the current CLI: `secrets {}`", verb.new);
    Some(Plan::Edit { title, applicability: Applicability::Safe, edits })
}
