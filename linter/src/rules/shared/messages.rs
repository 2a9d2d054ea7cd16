//! What a finding of a literal says, with what is known of its format, in a line that lists of problems show whole.

use crate::value;

/// The message with what is known of a token format: "argument `x` (GitHub token; valid checksum)". The format's name is left out
/// where the position says it; facts that find no room in a list of problems are answered, for the help.
pub(super) fn with_format(what: &str, format: &value::TokenHit, commented: &str) -> (String, Option<String>) {
    let name = format.name().replace("personal access token", "token");
    let what_is_said = what.to_lowercase();
    let said = [format.name(), &name].iter().any(|n| {
        let lower = n.to_lowercase();
        lower.split(' ').filter(|word| word.len() > 2).all(|word| what_is_said.contains(word))
    });
    let name = (!said).then_some(&*name);
    let message = |inside: &str, written: &str| match inside {
        "" => format!("{what} is {written} the source{commented}"),
        inside => format!("{what} ({inside}) is {written} the source{commented}"),
    };
    let (text, rest) = fitted(format.note.as_deref(), name, |inside| message(inside, "written in"));
    if text.chars().count() <= LONGEST && rest.is_none() {
        return (text, rest);
    }
    // A shorter sentence, and of a long key its beginning: what was decoded says more.
    let all: Vec<&str> = name.into_iter().chain(format.note.as_deref()).collect();
    let whole = message(&all.join("; "), "in");
    let over = whole.chars().count().saturating_sub(LONGEST);
    if over == 0 {
        return (whole, None);
    }
    if let Some(short) = without_end(what, over) {
        return (whole.replacen(what, &short, 1), None);
    }
    if text.chars().count() <= LONGEST { (text, rest) } else { (message(name.unwrap_or(""), "in"), rest) }
}

/// A sentence's quoted name, `over` characters shorter, with `…` for its end; `None` when too little would be left.
fn without_end(what: &str, over: usize) -> Option<String> {
    const SHORTEST: usize = 16;
    let (before, rest) = what.split_once('`')?;
    let (name, behind) = rest.split_once('`')?;
    let left = name.chars().count().checked_sub(over + 1).filter(|left| *left >= SHORTEST)?;
    Some(format!("{before}`{}…`{behind}", name.chars().take(left).collect::<String>()))
}

/// Longest message: lists of problems in editors cut what is longer.
pub(super) const LONGEST: usize = 100;

/// The message with a name and as many of the facts about it as there is room for, and the facts that are left over.
pub(crate) fn fitted(
    note: Option<&str>,
    name: Option<&str>,
    message: impl Fn(&str) -> String,
) -> (String, Option<String>) {
    let facts: Vec<&str> = note.into_iter().flat_map(|note| note.split("; ")).collect();
    let with = |shown: usize| {
        let inside: Vec<&str> = name.into_iter().chain(facts.iter().copied().take(shown)).collect();
        message(&inside.join("; "))
    };
    let shown = (1..=facts.len()).rev().find(|shown| with(*shown).chars().count() <= LONGEST).unwrap_or(0);
    let rest = facts.get(shown..).filter(|rest| !rest.is_empty()).map(|rest| rest.join("; "));
    (with(shown), rest)
}
