//! The same literal once more where no rule reports it by itself: it moves with the credential.

use std::collections::HashMap;

use credscope_grammars::{
    CellFacts, CellKind, Language, Span,
    dialect::{Accepts, Coding, around::Around},
    facts::{ExprId, ExprKind, StmtKind, StrPart, Target},
};

use super::{Applicability, Group, Resolver};
use crate::{
    finding::{Finding, Place, ValueKey},
    fix::{places::overlap, writes_expressions},
    registry,
    value::names::words,
};

/// Shorter values are words that stand for something else, too.
const SHORTEST: usize = 8;
/// Longest value that is compared.
const LONGEST: usize = 4096;

impl Resolver<'_> {
    /// Adds to the first fix of each credential the places where the same text is a whole literal of the program.
    pub(super) fn repeats(&mut self, findings: &mut [Finding]) {
        let mut wanted: HashMap<ValueKey, usize> = HashMap::new();
        for (i, finding) in findings.iter().enumerate() {
            let moves = finding.fixes.first().is_some_and(|f| f.applicability > Applicability::Display);
            if let Some(value) = finding.value.filter(|_| moves) {
                wanted.entry(value).or_insert(i);
            }
        }
        if wanted.is_empty() || !self.moves_everywhere() {
            return;
        }
        for (place, credential, value) in self.literals() {
            let Some(&i) = wanted.get(&value) else { continue };
            let reported = |f: &Finding| f.place.cell == place.cell && f.place.span.overlaps(place.span);
            let written = |f: &Finding| {
                f.fixes
                    .iter()
                    .flat_map(|f| &f.edits)
                    .any(|e| e.place.cell == place.cell && e.place.span.overlaps(place.span))
            };
            if findings.iter().any(|f| reported(f) || written(f)) {
                continue;
            }
            let Some(name) = self.names.name_of(value) else { continue };
            let fix = &findings[i].fixes[0];
            if fix.secrets.first() != Some(&name) {
                continue;
            }
            let mut edits = fix.edits.clone();
            let parts = vec![(credential, name, Coding::Plain)];
            let (accepts, literal) = (Accepts::Expression, place.span);
            let group = Group { cell: place.cell, literal, accepts, inside: None, parts, rest: Vec::new() };
            if self.write(vec![group], &mut edits).is_err() {
                continue;
            }
            edits.sort_by_key(|e| e.place);
            edits.dedup();
            if !overlap(&edits) {
                let fix = &mut findings[i].fixes[0];
                fix.edits = edits;
                fix.also.push(place);
            }
        }
    }

    /// Whether no rule that would report a literal is switched off: what it stands in is then left alone on purpose.
    fn moves_everywhere(&self) -> bool {
        let literal = |word: &String| {
            registry::find(word).is_none_or(|rule| {
                // CS13x is about the environment.
                rule.code.starts_with("CS1") && !rule.code.starts_with("CS13")
            })
        };
        self.settings.select.is_empty() && !self.settings.ignore.iter().any(literal)
    }

    /// Whole literals of programs that are used as values, without those that a comment excuses.
    fn literals(&self) -> Vec<(Place, Span, ValueKey)> {
        let mut found = Vec::new();
        for (i, (cell, facts)) in self.document.cells.iter().zip(self.facts).enumerate() {
            if cell.kind != CellKind::Code || !writes_expressions(cell) {
                continue;
            }
            for (id, expr) in facts.exprs.iter().enumerate() {
                let ExprKind::Str(lit) = &expr.kind else { continue };
                let [StrPart::Text { value, map }] = lit.parts.as_slice() else { continue };
                if !(SHORTEST..=LONGEST).contains(&value.len())
                    || !is_value(cell.language, facts, ExprId(id as u32))
                    || is_excused(&cell.text, expr.span)
                {
                    continue;
                }
                let credential = map.to_source(Span::new(0, value.len()));
                let place = Place { cell: i as u32, span: expr.span };
                found.push((place, credential, ValueKey::new(self.settings.hash_key, value)));
            }
        }
        found
    }
}

/// What is called so is no credential, whatever it is equal to.
const IDENTIFIERS: &[&str] = &[
    "user", "username", "login", "uid", "name", "email", "host", "server", "database", "db", "schema", "table",
    "account", "scope", "path", "id",
];

fn is_identifier(name: &str) -> bool {
    // `db_password`: the last word says what it is.
    words(name).last().is_some_and(|word| IDENTIFIERS.contains(&&**word))
}

/// Whether a literal is handed on as it is: an argument, an entry, what a name is bound to.
fn is_value(language: Language, facts: &CellFacts, id: ExprId) -> bool {
    let span = facts.expr(id).span;
    let around = Around::of(facts, span);
    let named = |key: ExprId| facts.str_lit(key).and_then(|l| l.plain()).is_some_and(|k| is_identifier(k.expose()));
    match around.exprs.first().map(|&outer| &facts.expr(outer).kind) {
        Some(ExprKind::Call { args, .. }) => args.iter().enumerate().any(|(i, a)| {
            let keyword = a.name.as_ref().is_some_and(|(name, _)| is_identifier(name));
            // `option("user", x)`
            let option = i == 1 && args.len() == 2 && named(args[0].value);
            a.value == id && !keyword && !option
        }),
        Some(ExprKind::Dict(entries)) => entries.iter().any(|e| e.value == id && !e.key.is_some_and(named)),
        Some(ExprKind::Pair { key, value }) => *value == id && !named(*key),
        Some(ExprKind::Seq { .. } | ExprKind::Compare { .. } | ExprKind::Concat(_) | ExprKind::Fallback { .. }) => true,
        Some(ExprKind::Cond { .. } | ExprKind::Same(_)) => true,
        // `"…".encode()`: what the secret is made into.
        Some(ExprKind::Attr { base, name, .. }) => {
            // What fills or joins others is no value.
            *base == id && !matches!(&**name, "format" | "format_map" | "formatted" | "join" | "mkString")
        }
        Some(ExprKind::Index { base, .. }) => *base == id,
        Some(_) => false,
        None => around.levels.last().is_some_and(|level| match &level.stmt.kind {
            StmtKind::Bind { targets, value, .. } => {
                let identifier = |t: &Target| matches!(t, Target::Name { name, .. } if is_identifier(name));
                *value == id && !targets.iter().any(identifier)
            }
            StmtKind::Return(Some(value)) => *value == id,
            // `case None => "…"` is the value of its `match`; in Python such a text is a docstring.
            StmtKind::Expr(value) => language == Language::Scala && *value == id,
            _ => false,
        }),
    }
}

/// Whether a comment on the line or the one above says that a finding there is known.
pub(super) fn is_excused(text: &str, literal: Span) -> bool {
    const MARKS: &[&str] = &["credscope: ignore", "noqa", "nosec", "gitleaks:allow", "allowlist secret"];
    let start = text[..literal.start as usize].rfind('\n').map_or(0, |i| i + 1);
    let above = text[..start.saturating_sub(1)].rfind('\n').map_or(0, |i| i + 1);
    let end = text[literal.end as usize..].find('\n').map_or(text.len(), |i| literal.end as usize + i);
    text.get(above..end).is_some_and(|lines| MARKS.iter().any(|mark| lines.contains(mark)))
}
