//! Variables that a document sets for the scripts in it: `ENV` for a later `RUN`, `NAME = value` of a Makefile for its recipes,
//! `env:` of a workflow for its steps. A shell reads them by name (`$NAME`). A *macro* (`$(NAME)` of Make and Azure Pipelines,
//! `${{ env.NAME }}` of GitHub) is filled in before a shell sees the line, so that quotes do not matter.

use super::{LowerOptions, embed};
use crate::{
    CellFacts, Language, Secret, Span, TextMap,
    facts::{Embedded, EmbeddedOrigin, ExprId, ExprKind, PropertyValue, StrLit, StrPart},
};

/// What is filled in before a shell reads the line, beside `${{ env.NAME }}`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Macros {
    /// `$(NAME)`, `${NAME}`; `$$` is a dollar sign for the shell.
    Make,
    /// `$(NAME)`: Azure Pipelines, Kubernetes.
    Parens,
    /// `$$` is a dollar sign for the shell of the container; `$NAME` is a variable of whoever starts it.
    Compose,
    Nothing,
}

/// How a text names a variable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Shell,
    /// `$(NAME)`, and `${NAME}` of Make.
    Macro,
    /// `${{ env.NAME }}`, `${{ variables.NAME }}`.
    Template,
}

/// Where a variable's value is written: a property, and from which byte of its text on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variable {
    pub property: usize,
    pub from: usize,
}

/// Answers which variable a name means.
pub(super) type Find<'f> = &'f dyn Fn(&CellFacts, &str, Form) -> Option<Variable>;

/// Variables whose values are made of each other are followed so far.
const DEPTH: usize = 6;

struct Reference<'t> {
    span: Span,
    name: &'t str,
    form: Form,
    /// `$$` before the name, which the shell gets as `$`.
    escaped: bool,
}

/// Lowers a script of the document with the variables that it reads.
pub(super) fn script(
    facts: &mut CellFacts,
    (text, map): (String, TextMap),
    (macros, find): (Macros, Find<'_>),
    origin: EmbeddedOrigin,
    nested: LowerOptions,
) -> Embedded {
    if !text.contains('$') {
        return embed::mapped(text, map, Language::Shell, origin, nested);
    }
    let (mut out, mut out_map, mut at) = (String::with_capacity(text.len()), TextMap::default(), 0);
    let mut holes = Vec::new();
    let mut variables: Vec<(Box<str>, ExprId)> = Vec::new();
    for reference in references(&text, macros) {
        let Reference { span, name, form, escaped } = reference;
        let (start, end) = (span.start as usize, span.end as usize);
        if escaped {
            out.push_str(&text[at..start]);
            out_map.append(&map.slice(Span::new(at, start)));
            let source = map.to_source(Span::new(start, start + 2));
            out_map.push(source.start as usize, 1, source.len(), true);
            out.push('$');
            at = start + 2;
        }
        if form == Form::Shell && variables.iter().any(|(known, _)| **known == *name) {
            continue;
        }
        let found = find(facts, name, form).and_then(|v| value(facts, v, (macros, find), 0));
        let Some(expr) = found else { continue };
        if form == Form::Shell {
            variables.push((name.into(), expr));
            continue;
        }
        // As long as what was written, and read as text between any quotes.
        let shown = match form {
            Form::Template => format!("{{{{ {}", &text[start + 3..end]),
            _ => format!("{{{name}:}}"),
        };
        out.push_str(&text[at..start]);
        out_map.append(&map.slice(Span::new(at, start)));
        holes.push((Span::new(out.len(), out.len() + shown.len()), expr));
        out.push_str(&shown);
        out_map.append(&map.slice(span));
        at = end;
    }
    out.push_str(&text[at..]);
    out_map.append(&map.slice(Span::new(at, text.len())));
    let mut embedded = embed::mapped(out, out_map, Language::Shell, origin, nested);
    embedded.holes = holes;
    embedded.variables = variables;
    embedded
}

/// The value of a variable, with the variables in it filled in.
fn value(
    facts: &mut CellFacts,
    variable: Variable,
    (macros, find): (Macros, Find<'_>),
    depth: usize,
) -> Option<ExprId> {
    let property = facts.properties.get(variable.property)?;
    let span = property.value_span;
    let lit = match &property.value {
        PropertyValue::Str(lit) => lit.clone(),
        PropertyValue::Const(number) => {
            let kind = ExprKind::Const(number.clone());
            return Some(facts.push(span, kind));
        }
        _ => return None,
    };
    let mut pieces = Vec::new();
    let mut skip = variable.from;
    for part in &lit.parts {
        let StrPart::Text { value: text, map } = part else { return None };
        let text = text.expose();
        let mut at = skip.min(text.len());
        skip -= at;
        for reference in references(text, macros).iter().filter(|r| !r.escaped && depth < DEPTH) {
            let found = find(facts, reference.name, reference.form).filter(|v| v.property != variable.property);
            if reference.span.start as usize >= at
                && let Some(inner) = found.and_then(|v| value(facts, v, (macros, find), depth + 1))
            {
                pieces.extend(cut(facts, &lit, span, text, map, at..reference.span.start as usize));
                pieces.push(inner);
                at = reference.span.end as usize;
            }
        }
        pieces.extend(cut(facts, &lit, span, text, map, at..text.len()));
    }
    match pieces.as_slice() {
        // What another one holds: `$(OTHER)`, `${{ secrets.OTHER }}`.
        [one] if is_reference(facts, *one) => None,
        [] => None,
        [one] => Some(*one),
        _ => Some(facts.push(span, ExprKind::Concat(pieces))),
    }
}

/// Whether a text is nothing but something to be filled in.
fn is_reference(facts: &CellFacts, expr: ExprId) -> bool {
    let ExprKind::Str(lit) = &facts.expr(expr).kind else { return false };
    lit.plain().is_some_and(|text| ["$(", "${", "$[", "{{"].iter().any(|open| text.expose().trim().starts_with(open)))
}

/// Part of a literal as a literal; its span is the whole.
fn cut(
    facts: &mut CellFacts,
    lit: &StrLit,
    span: Span,
    text: &str,
    map: &TextMap,
    range: std::ops::Range<usize>,
) -> Option<ExprId> {
    let part = text.get(range.clone()).filter(|p| !p.is_empty())?;
    let map = map.slice(Span::new(range.start, range.end));
    let parts = vec![StrPart::Text { value: Secret::from(part), map }];
    Some(facts.push(span, ExprKind::Str(StrLit { parts, style: lit.style.clone() })))
}

/// The variables that a text names, in order.
fn references(text: &str, macros: Macros) -> Vec<Reference<'_>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut next = 0;
    for at in memchr::memchr_iter(b'$', bytes) {
        if at < next {
            continue;
        }
        let escapes = matches!(macros, Macros::Make | Macros::Compose);
        if escapes && bytes.get(at + 1) == Some(&b'$') {
            let (name, end) = shell_name(text, at + 2).unwrap_or(("", at + 2));
            found.push(Reference { span: Span::new(at, end), name, form: Form::Shell, escaped: true });
            next = end;
            continue;
        }
        let reference = match bytes.get(at + 1) {
            Some(b'(') if matches!(macros, Macros::Make | Macros::Parens) => {
                closed(text, at + 2, b')').map(|(name, end)| (name, end, Form::Macro))
            }
            Some(b'{') if bytes.get(at + 2) == Some(&b'{') => {
                template(text, at).map(|(name, end)| (name, end, Form::Template))
            }
            Some(b'{') if macros == Macros::Make => {
                closed(text, at + 2, b'}').map(|(name, end)| (name, end, Form::Macro))
            }
            _ if escapes => None,
            Some(b'{') => shell_name(text, at + 2).map(|(name, end)| (name, end, Form::Shell)),
            _ => shell_name(text, at + 1).map(|(name, end)| (name, end, Form::Shell)),
        };
        if let Some((name, end, form)) = reference {
            found.push(Reference { span: Span::new(at, end), name, form, escaped: false });
            next = end;
        }
    }
    found
}

/// The name at `at`, and where it ends.
fn shell_name(text: &str, at: usize) -> Option<(&str, usize)> {
    let rest = text.get(at..)?;
    let len = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    (len > 0 && !rest.as_bytes()[0].is_ascii_digit()).then(|| (&rest[..len], at + len))
}

/// The name at `at` and the end of the macro that `close` ends.
fn closed(text: &str, at: usize, close: u8) -> Option<(&str, usize)> {
    let rest = text.get(at..)?;
    let len = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')).count();
    (len > 0 && rest.as_bytes().get(len) == Some(&close)).then(|| (&rest[..len], at + len + 1))
}

/// `${{ env.NAME }}`, `${{ variables.NAME }}`, `${{ variables['NAME'] }}`.
fn template(text: &str, at: usize) -> Option<(&str, usize)> {
    const LONGEST: usize = 200;
    let inner = text.get(at + 3..)?;
    let len = inner.bytes().take(LONGEST).zip(inner.bytes().skip(1)).position(|pair| pair == (b'}', b'}'))?;
    let written = inner[..len].trim();
    let name = written.strip_prefix("env").or_else(|| written.strip_prefix("variables"))?;
    let name = match name.strip_prefix('.') {
        Some(name) => name,
        None => name.strip_prefix("['")?.strip_suffix("']")?,
    };
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    (!name.is_empty() && plain).then_some((name, at + 3 + len + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_the_document_means_them() {
        let rows: &[(Macros, &str, &[&str])] = &[
            (Macros::Make, "a $(X) ${Y} $$Z $$(cmd) $W $(shell ls)", &["X", "Y", "$Z", "$"]),
            (Macros::Parens, "a $(X.y) ${Y} $Z $(cmd -x)", &["X.y", "Y", "Z"]),
            (Macros::Compose, "a $X $$Y ${Z}", &["$Y"]),
            (Macros::Nothing, "a $X ${Y} $(Z) ${{ env.W }} ${{ secrets.V }} $1", &["X", "Y", "W"]),
            (Macros::Nothing, "${{ variables['a'] }} ${{ env.", &["a"]),
        ];
        for (macros, text, expected) in rows {
            let seen: Vec<String> = references(text, *macros)
                .iter()
                .map(|r| format!("{}{}", if r.escaped { "$" } else { "" }, r.name))
                .collect();
            assert_eq!(&seen, expected, "{text}");
        }
    }
}
