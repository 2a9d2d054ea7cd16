//! Where a credential's literal really stands, what the place accepts, and which value the secret has to hold.

use credscope_grammars::{
    CellFacts, Language, Secret, Span, TextMap,
    dialect::{Accepts, Coding},
    facts::{EmbeddedOrigin, ExprKind, PropertyPlace, StrPart, Verb},
};

use super::{Slot, TargetPlace};

/// A literal to rewrite.
pub(super) struct Place<'f> {
    /// In bytes of `text`.
    pub literal: Span,
    pub credential: Span,
    pub accepts: Accepts,
    pub coding: Coding,
    /// What the secret has to hold: decoded.
    pub value: Secret,
    /// Commented-out code: its facts and text, and the way back to the cell.
    pub inside: Option<Inside<'f>>,
}

#[derive(Clone)]
pub(super) struct Inside<'f> {
    pub language: Language,
    pub text: &'f Secret,
    pub facts: &'f CellFacts,
    pub map: TextMap,
}

/// Where no reference works.
pub(super) enum Refused {
    /// SQL that takes constants only.
    SqlConstant,
    Elsewhere,
}

/// Finds the literal of a slot. A credential in a text inside a program's string (JSON, a query) is moved by rewriting
/// that string, unless the inner language has a reference of its own.
pub(super) fn find<'f>(
    language: Language,
    text: &str,
    facts: &'f CellFacts,
    slot: Slot,
    place: TargetPlace,
) -> Result<Place<'f>, Refused> {
    let program = matches!(language, Language::Python | Language::Scala | Language::R);
    let own = |accepts, literal| whole(text, facts, slot.credential, literal, accepts);
    if is_cut(facts, slot.credential) {
        return Err(Refused::Elsewhere);
    }
    let host = host(facts, slot.credential);
    let inside_host = host.is_some_and(|h| h != slot.literal && h.contains(slot.literal));
    if program && place == TargetPlace::Expression {
        if let Some(literal) = sql_argument(text, facts, slot.credential) {
            return Ok(own(Accepts::Sql, literal));
        }
        if let Some(refused) = sql_option(facts, slot.credential) {
            return Err(refused);
        }
    }
    match place {
        TargetPlace::Elsewhere => Err(Refused::Elsewhere),
        // `pw = "…"` that reaches a query later: the program's own literal.
        TargetPlace::SqlExpression | TargetPlace::SqlConstant if program && !inside_host => match host {
            Some(host) => Ok(own(Accepts::Expression, host)),
            // A `%sql` line.
            None if place == TargetPlace::SqlExpression && !in_comment(facts, slot.credential) => {
                Ok(own(Accepts::Sql, slot.literal))
            }
            None => Err(Refused::SqlConstant),
        },
        TargetPlace::SqlExpression => Ok(own(Accepts::Sql, slot.literal)),
        TargetPlace::SqlConstant => Err(Refused::SqlConstant),
        TargetPlace::SparkConf | TargetPlace::Expression if program => match host {
            Some(host) => Ok(own(Accepts::Expression, host)),
            None => commented(facts, slot).ok_or(Refused::Elsewhere),
        },
        TargetPlace::SparkConf => Ok(own(Accepts::Braces, slot.literal)),
        TargetPlace::Expression if language == Language::Sql => match host {
            Some(host) if host == slot.literal => Ok(own(Accepts::Sql, host)),
            _ => Err(Refused::Elsewhere),
        },
        TargetPlace::Expression => Err(Refused::Elsewhere),
    }
}

fn whole<'f>(text: &str, facts: &CellFacts, credential: Span, literal: Span, accepts: Accepts) -> Place<'f> {
    let decoded = decoded(facts, credential).unwrap_or_else(|| credential.of(text).into());
    let coding = match accepts {
        Accepts::Expression => coding(text, literal, credential, decoded.expose()),
        _ => Coding::Plain,
    };
    let value = match coding {
        Coding::Plain => decoded,
        Coding::Percent => percent_decoded(decoded.expose()).into(),
        Coding::Json => {
            serde_json::from_str::<String>(&format!("\"{}\"", decoded.expose())).map_or(decoded, Secret::from)
        }
    };
    Place { literal, credential, accepts, coding, value, inside: None }
}

/// The innermost string or number that holds a credential. The strings in the braces of an f-string are inside it.
fn host(facts: &CellFacts, credential: Span) -> Option<Span> {
    let around = facts.around(credential).into_iter().map(|id| facts.expr(id));
    let literals = around.filter(|e| match &e.kind {
        ExprKind::Str(_) => true,
        ExprKind::Const(_) => e.span == credential,
        _ => false,
    });
    literals.map(|e| e.span).min_by_key(|s| s.len())
}

/// The literal that is an argument of a SQL function in a query or expression of a program: `secret()` is one, too, and
/// the key stays out of the query's text (catalog SRC11).
fn sql_argument(text: &str, facts: &CellFacts, credential: Span) -> Option<Span> {
    let mut queries =
        facts.embedded.iter().filter(|e| e.language == Language::Sql && e.origin != EmbeddedOrigin::Comment);
    queries.find_map(|query| {
        let inner = query.map.to_text(credential)?;
        let literal = host(&query.facts, inner)?;
        let is_argument = query.facts.around(literal).into_iter().any(|id| match &query.facts.expr(id).kind {
            ExprKind::Call { args, .. } => args.iter().any(|a| query.facts.expr(a.value).span == literal),
            _ => false,
        });
        let written = query.map.to_source(literal);
        let source = written.of(text);
        (is_argument && source.len() > 2 && source.starts_with('\'') && source.ends_with('\'')).then_some(written)
    })
}

/// The option of a query in a program that takes constants only, whatever rule found the credential in it: COPY INTO keeps
/// its lists in the query's history, tables keep their options.
fn sql_option(facts: &CellFacts, credential: Span) -> Option<Refused> {
    let mut queries =
        facts.embedded.iter().filter(|e| e.language == Language::Sql && e.origin != EmbeddedOrigin::Comment);
    queries.find_map(|query| {
        let inner = query.map.to_text(credential)?;
        let option = query.facts.properties.iter().find(|p| p.value_span.contains(inner))?;
        let PropertyPlace::Query(number) = option.place else { return None };
        match query.facts.queries.get(number as usize)?.verb {
            Verb::CopyInto => Some(Refused::Elsewhere),
            Verb::CreateTable | Verb::CreateView => Some(Refused::SqlConstant),
            _ => None,
        }
    })
}

/// The credential's characters as the program has them at run time.
fn decoded(facts: &CellFacts, credential: Span) -> Option<Secret> {
    in_text(facts, credential, |text, span| text.get(span.range()).map(Secret::from))
}

/// Whether a JSON string in a program's string goes on behind the credential: `"ab\"cd"`, of which only `ab` was seen.
fn is_cut(facts: &CellFacts, credential: Span) -> bool {
    let goes_on = |text: &str, span: Span| {
        let (before, own) = (text.get(..span.start as usize)?, text.get(span.range())?);
        let rest = text.get(span.end as usize..)?;
        let slashes = own.len() - own.trim_end_matches('\\').len();
        let escaped = rest.starts_with("\\\"") || slashes % 2 == 1 && rest.starts_with('"');
        // An apostrophe ends no string of JSON.
        let apostrophe = rest.starts_with('\'') && before.trim_end_matches('"').trim_end().ends_with([':', ',', '[']);
        Some((escaped || apostrophe) && before.ends_with('"') && !before.ends_with("\\\""))
    };
    in_text(facts, credential, goes_on).unwrap_or(false)
}

/// What is asked of the text of a literal and the credential's place in it.
fn in_text<T>(facts: &CellFacts, credential: Span, ask: impl Fn(&str, Span) -> Option<T>) -> Option<T> {
    facts.around(credential).into_iter().find_map(|id| {
        let ExprKind::Str(lit) = &facts.expr(id).kind else { return None };
        lit.parts.iter().find_map(|part| match part {
            StrPart::Text { value, map } => {
                let span = map.to_text(credential)?;
                let exact = map.to_source(span) == credential;
                exact.then(|| ask(value.expose(), span)).flatten()
            }
            StrPart::Hole { .. } => None,
        })
    })
}

/// Whether the text around encodes the credential.
fn coding(text: &str, literal: Span, credential: Span, decoded: &str) -> Coding {
    let before = text.get(literal.start as usize..credential.start as usize).unwrap_or("");
    let after = text.get(credential.end as usize..literal.end as usize).unwrap_or("");
    let escape =
        |(i, _): (usize, &str)| decoded.get(i + 1..i + 3).is_some_and(|h| h.bytes().all(|b| b.is_ascii_hexdigit()));
    // `?password=`, `&password=`
    let parameter = || {
        let name = before
            .strip_suffix('=')
            .map(|b| b.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or(""));
        name.is_some_and(|n| before[..before.len() - 1 - n.len()].ends_with(['?', '&']))
    };
    let is_user = before.ends_with("://") && after.starts_with(':');
    let in_url = before.contains("://") && (is_user || after.starts_with('@') || parameter());
    if in_url && decoded.match_indices('%').any(escape) {
        return Coding::Percent;
    }
    if before.ends_with('"')
        && after.trim_start_matches('\\').starts_with('"')
        && before.len() > 2
        && decoded.contains('\\')
    {
        return Coding::Json;
    }
    Coding::Plain
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3).and_then(|h| u8::from_str_radix(h, 16).ok()))
            .flatten();
        out.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

fn in_comment(facts: &CellFacts, credential: Span) -> bool {
    facts.comments.iter().any(|c| c.span.contains(credential))
}

/// The slot in commented-out code.
fn commented(facts: &CellFacts, slot: Slot) -> Option<Place<'_>> {
    facts.embedded.iter().filter(|e| e.origin == EmbeddedOrigin::Comment).find_map(|embedded| {
        let credential = embedded.map.to_text(slot.credential)?;
        let literal = host(&embedded.facts, credential)?;
        let text = embedded.text.expose();
        let mut place = whole(text, &embedded.facts, credential, literal, Accepts::Expression);
        place.inside = Some(Inside {
            language: embedded.language,
            text: &embedded.text,
            facts: &embedded.facts,
            map: embedded.map.clone(),
        });
        Some(place)
    })
}

/// The bundle target whose settings hold the place: `targets.prod.…`.
pub(super) fn bundle_target(facts: &CellFacts, literal: Span) -> Option<&str> {
    let property = facts.properties.iter().find(|p| p.value_span == literal)?;
    match property.path.as_slice() {
        [first, name, ..] if &**first == "targets" => Some(name),
        _ => None,
    }
}
