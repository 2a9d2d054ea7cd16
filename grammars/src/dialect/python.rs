//! Python: calls, f-strings, templates; defaults and fields are hoisted.

mod functions;
mod hoist;
mod scope;
mod strings;

use super::{
    Coding, Part, Rewrite, SecretRef, Target,
    around::{Around, Level, stand_in},
    later, line_start, parts,
};
use crate::{
    CellFacts, Language, Span,
    facts::{ConstKind, ExprId, ExprKind, Quote},
};

pub(super) use scope::{dbutils_import, import_line};

pub(super) fn reference(secret: SecretRef<'_>, q: char) -> String {
    match secret.unity {
        Some((catalog, schema)) => {
            format!("dbutils.secrets.get(catalog={q}{catalog}{q}, schema={q}{schema}{q}, key={q}{}{q})", secret.key)
        }
        None => format!("dbutils.secrets.get(scope={q}{}{q}, key={q}{}{q})", secret.scope, secret.key),
    }
}

/// The same as bytes, for values that are no text.
fn bytes_reference(secret: SecretRef<'_>, q: char) -> String {
    match secret.unity {
        Some(_) => format!("{}.encode()", reference(secret, q)),
        None => reference(secret, q).replacen(".get(", ".getBytes(", 1),
    }
}

/// How a credential is written in the place of the literal: a call, or a name that is bound before.
enum Spelling {
    Calls,
    Names(Vec<String>),
}

impl Spelling {
    fn text(&self, part: usize, secret: SecretRef<'_>, q: char) -> String {
        match self {
            Self::Calls => reference(secret, q),
            Self::Names(names) => names.get(part).cloned().unwrap_or_default(),
        }
    }

    fn bytes(&self, part: usize, secret: SecretRef<'_>, q: char, binary: bool) -> String {
        match self {
            Self::Calls if binary => bytes_reference(secret, q),
            _ => format!("{}.encode()", self.text(part, secret, q)),
        }
    }
}

/// The default of a parameter or of a dataclass field that holds a literal.
pub(super) fn default_of(facts: &CellFacts, literal: Span) -> Option<Span> {
    let around = Around::of(facts, literal);
    let value = around.default(facts, literal).map(|(_, _, value, _)| value);
    value.or_else(|| hoist::field_of(facts, &around)).map(|id| facts.expr(id).span)
}

pub(super) fn rewrite(text: &str, facts: &CellFacts, targets: &[Target<'_>]) -> Result<Rewrite, String> {
    let mut out = Rewrite { dbutils: true, ..Rewrite::default() };
    let mut local = Vec::new();
    let mut on_driver = true;
    for &target in targets {
        let (mut edits, is_on_driver) = literal_edits(text, facts, target, &mut out)?;
        local.append(&mut edits);
        on_driver &= is_on_driver;
    }
    local.sort_by_key(|(span, _)| *span);
    let Some(&target) = targets.first().filter(|_| on_driver) else {
        out.edits.append(&mut local);
        return Ok(out);
    };
    let literal = target.literal;
    let around = Around::of(facts, literal);
    if later::has_no_dbutils(facts, &around) {
        return Err("read the secret where `dbutils` is there: here it is a name that holds None".to_owned());
    }
    if let Some((level, function, value, name)) = around.default(facts, literal) {
        let span = facts.expr(value).span;
        return hoist::default(text, facts, (level, target.program), function, (span, name), &local, out);
    }
    if let Some(done) = hoist::field(text, facts, &around, target, &local, &mut out) {
        return done.map(|()| out);
    }
    out.edits.append(&mut local);
    Ok(out)
}

type Edits = Vec<(Span, String)>;

/// The edits in a literal's place; lines that are bound before it go into `out`. Whether it is read on the driver.
fn literal_edits(
    text: &str,
    facts: &CellFacts,
    target: Target<'_>,
    out: &mut Rewrite,
) -> Result<(Edits, bool), String> {
    let literal = target.literal;
    let around = Around::of(facts, literal);
    let credentials: Vec<Span> = target.parts.iter().map(|p| p.credential).collect();
    if later::is_filled_later(text, &around, &credentials, target.program) {
        return Err("put the secret in where the template is filled in".to_owned());
    }
    if target.program.is_served(facts, &around) || target.program.serves_all() {
        let secret = target.parts.first().map_or(String::new(), |p| format!("{}/{}", p.secret.scope, p.secret.key));
        return Err(format!(
            "let the endpoint set an environment variable to {{{{secrets/{secret}}}}} and read it here: served models have no `dbutils`"
        ));
    }
    if target.program.is_imported_on_executors() {
        return Err(
            "read the secret on the driver and hand it on: executors import this file, without `dbutils`".into()
        );
    }
    // On the executors there is no `dbutils`: the value is read before and goes along with the function.
    let executor = super::around::executor_function(Language::Python, facts, &around, target.program);
    match literal_at(text, facts, target, (&around, executor), out) {
        // Inside of f-strings whose quotes are all taken a name needs none.
        Err(why) if executor.is_none() && why == strings::TAKEN => {
            let before = around.levels.iter().rev().find(|l| line_start(text, l.stmt.span.start as usize).is_some());
            let is_plain = target.parts.iter().all(|p| p.coding == Coding::Plain);
            let before = before.filter(|_| is_plain && around.default(facts, literal).is_none()).ok_or(why)?;
            literal_at(text, facts, target, (&around, Some(*before)), out)
        }
        other => other,
    }
    .map(|edits| (edits, executor.is_none()))
}

/// The edits with calls, or with names that are bound before the statement of a level.
fn literal_at(
    text: &str,
    facts: &CellFacts,
    target: Target<'_>,
    (around, bind_before): (&Around<'_>, Option<Level<'_>>),
    out: &mut Rewrite,
) -> Result<Edits, String> {
    let spelling = match bind_before {
        Some(level) => {
            let level = around.outside_classes(level);
            let start = level.stmt.span.start as usize;
            let Some((line, indent)) = line_start(text, start) else {
                return Err("read the secret before this function, on the driver, and let the function use it".into());
            };
            let mut names = Vec::new();
            let mut code = String::new();
            for part in target.parts {
                // Functions of several cells may read the name later: different secrets have different ones.
                let secret = part.secret;
                let (catalog, schema) = secret.unity.unwrap_or(("", secret.scope));
                let wanted = [catalog, schema, secret.key].join("_");
                let wanted = variable(wanted.trim_start_matches('_'));
                let name = target.free_name(Language::Python, (text, line), &wanted, secret);
                code.push_str(&format!("{indent}{name} = {}\n", reference(part.secret, '"')));
                names.push(name);
            }
            out.edits.push((Span::new(line, line), code));
            Spelling::Names(names)
        }
        None => Spelling::Calls,
    };
    let mut local = strings::rewrite(text, facts, target, around, &spelling, &mut out.imports)?;
    local.append(&mut super::rest::removed(text, facts, target)?);
    Ok(local)
}

/// The read at `span` with the constant that stands in for it: `os.environ.get("X") or "…"`.
pub(super) fn with_fallback(facts: &CellFacts, span: Span) -> Span {
    let constant = |id: ExprId| match &facts.expr(id).kind {
        ExprKind::Str(lit) => lit.plain().is_some() || lit.parts.is_empty(),
        ExprKind::Const(c) => c.kind == ConstKind::Null,
        _ => false,
    };
    let whole = (0..facts.exprs.len() as u32).map(ExprId).find(|&id| {
        stand_in(facts, id).is_some_and(|(first, second)| facts.expr(first).span == span && constant(second))
    });
    whole.map_or(span, |id| facts.expr(id).span)
}

/// The quote that an expression at `span` can use inside of the f-strings around it: before Python 3.12 theirs ends them.
pub(super) fn quote_inside(facts: &CellFacts, span: Span) -> Option<char> {
    let taken = |quote: Quote| {
        facts.exprs.iter().any(|e| match &e.kind {
            ExprKind::Str(lit) => {
                e.span != span && e.span.contains(span) && lit.style.quote == quote && !lit.style.triple
            }
            _ => false,
        })
    };
    if !taken(Quote::Double) { Some('"') } else { (!taken(Quote::Single)).then_some('\'') }
}

/// `sf-password` → `sf_password`.
fn variable(key: &str) -> String {
    let name: String =
        key.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() { format!("secret_{name}") } else { name }
}

/// The quote that a call inside a literal's braces can use.
fn other(q: char) -> char {
    if q == '"' { '\'' } else { '"' }
}

fn is_percent(part: &Part<'_>) -> bool {
    part.coding == Coding::Percent
}
