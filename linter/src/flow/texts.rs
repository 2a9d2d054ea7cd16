//! Texts made of parts: templates, concatenations, formats – and secrets that stand in a URL's credentials there.

use credscope_grammars::{
    Span,
    facts::{Arg, ExprId, StrLit, StrPart},
};

use super::{
    At, Walker,
    reach::Call,
    tables::{self, Class},
    value::{IN_TEXT, Value},
};

/// Characters that are not seen, by which a value is kept from being recognised.
const INVISIBLE: [char; 4] = ['\u{200b}', '\u{200c}', '\u{200d}', '\u{feff}'];

impl<'a> Walker<'a> {
    pub(super) fn template(&mut self, at: At<'a>, lit: &'a StrLit, span: Span) -> Value {
        // A text alone carries nothing: not looking at it keeps the flow's result while it is being typed.
        if !lit.is_interpolated() {
            return Value::clean();
        }
        let mut value = Value::clean();
        let mut before = String::new();
        let mut invisible = false;
        for (i, part) in lit.parts.iter().enumerate() {
            match part {
                StrPart::Text { value, .. } => {
                    extend(&mut before, value.expose());
                    invisible |= value.expose().contains(INVISIBLE);
                }
                StrPart::Hole { expr, span, debug, format } => {
                    let hole = self.eval(at, *expr);
                    let mut hole = self.as_text(&hole);
                    if hole.is_clean() {
                        extend(&mut before, "…");
                        continue;
                    }
                    hole = self.in_url(at, &before, hole, *span);
                    // A width or precision cuts the text; `!r` writes it as a literal.
                    if format.as_deref().is_some_and(|f| f.starts_with("!r") || f.contains('.')) {
                        hole = hole.changed();
                    }
                    hole.debug |= *debug;
                    let after = lit.parts[i + 1..].iter().filter_map(|p| match p {
                        StrPart::Text { value, .. } => Some(value.expose()),
                        StrPart::Hole { .. } => None,
                    });
                    let hole = hole.within(&before, &after.collect::<String>());
                    value = value.join(&hole);
                    extend(&mut before, "…");
                }
            }
        }
        if value.is_clean() {
            return value;
        }
        let value = if invisible { value.changed() } else { value };
        value.hop(IN_TEXT, at.spot(span))
    }

    pub(super) fn concat(&mut self, at: At<'a>, parts: &'a [ExprId]) -> Value {
        let mut value = Value::clean();
        let mut before = String::new();
        let mut invisible = false;
        for part in parts {
            let next = self.eval(at, *part);
            let next = self.revealed(&next);
            let flat = self.in_url(at, &before, next.flat(), at.facts.expr(*part).span);
            let next = if next.parts.is_some() { next } else { Value { labels: flat.labels, ..next } };
            let text = self.last_text(at, *part);
            invisible |= text.contains(INVISIBLE);
            let next = next.within(&before, "");
            if !value.labels.is_empty() && !text.is_empty() {
                value = value.within("", &text);
            }
            extend(&mut before, if text.is_empty() { "…" } else { &text });
            value = value.join(&next);
        }
        // Text added to a secret keeps it readable; what is not seen keeps it from being recognised.
        if invisible { value.changed() } else { value }
    }

    /// `paste0("postgresql://u:", pw, "@h")` of R.
    pub(super) fn pasted(&mut self, at: At<'a>, call: &Call<'_, 'a>) -> Value {
        let (mut value, mut before) = (Value::clean(), String::new());
        for (arg, next) in call.args.iter().zip(call.values) {
            let next = self.as_text(next);
            value = value.join(&self.in_url(at, &before, next, arg.span));
            let text = self.last_text(at, arg.value);
            extend(&mut before, if text.is_empty() { "…" } else { &text });
        }
        if value.is_clean() { value } else { value.hop(IN_TEXT, at.spot(at.facts.expr(call.id).span)) }
    }

    /// The constant text that an expression ends with.
    fn last_text(&self, at: At<'_>, id: ExprId) -> String {
        match at.facts.str_lit(id).and_then(|l| l.parts.last()) {
            Some(StrPart::Text { value, .. }) => value.expose().to_owned(),
            _ => String::new(),
        }
    }

    /// `template.format(args)`, `template % args`.
    pub(super) fn formatted(&mut self, at: At<'a>, template: ExprId, args: &'a [Arg], span: Span) -> Value {
        let value = self.eval(at, template);
        let text = self.text(at, template).or_else(|| self.constant_text(&value));
        let values: Vec<Value> = args.iter().map(|a| self.eval(at, a.value)).collect();
        self.filled(at, (value, text), (args, &values), span)
    }

    /// A template with its slots filled; `text`: what it is known to be. Only slots that it has are shown.
    pub(super) fn filled(
        &mut self,
        at: At<'a>,
        (template, text): (Value, Option<String>),
        (args, values): (&'a [Arg], &[Value]),
        span: Span,
    ) -> Value {
        let slots = text.as_deref().map(Slots::of);
        let text = text.unwrap_or_default();
        let invisible = text.contains(INVISIBLE);
        let mut value = Value { constant: None, ..template };
        let mut position = 0;
        for (arg, next) in args.iter().zip(values) {
            let name = arg.name.as_ref().map(|(n, _)| &**n);
            let next = match &slots {
                Some(slots) => slots.used(name, position, next),
                None => next.clone(),
            };
            let next = self.as_text(&next);
            let head = before_hole(&text, position, name);
            position += usize::from(name.is_none());
            let next = self.in_url(at, head, next, arg.span);
            value = value.join(&next);
        }
        let value = if invisible { value.changed() } else { value };
        if value.is_clean() { value } else { value.hop(IN_TEXT, at.spot(span)) }
    }

    /// A secret in the credential part of a URL (CS210): the same value, marked.
    pub(super) fn in_url(&mut self, at: At<'a>, before: &str, mut hole: Value, span: Span) -> Value {
        if hole.labels.is_empty() || hole.is_digest() || before.is_empty() || !tables::ends_in_url_slot(before) {
            return hole;
        }
        self.leak("CS210", Class::Text, &hole, at.spot(span), "put into a URL");
        hole.labels.iter_mut().for_each(|l| l.in_url = true);
        hole
    }
}

/// Text before a hole that is looked at, in bytes: of a longer one the end.
const BEFORE: usize = 1024;

/// Adds to the text before a hole.
fn extend(before: &mut String, more: &str) {
    before.push_str(more);
    if before.len() > 2 * BEFORE {
        let from = (before.len() - BEFORE..before.len()).find(|i| before.is_char_boundary(*i)).unwrap_or(0);
        before.drain(..from);
    }
}

/// The text of a template before its hole with that position or name.
fn before_hole<'t>(template: &'t str, position: usize, name: Option<&str>) -> &'t str {
    if let Some(name) = name {
        return template.find(&format!("{{{name}")).map_or("", |at| &template[..at]);
    }
    let mut holes = template.match_indices(['{', '%']).filter(|(i, s)| {
        let next = template[i + 1..].chars().next();
        if *s == "{" { next.is_some_and(|c| c == '}' || c.is_ascii_digit() || c == ':') } else { next == Some('s') }
    });
    holes.nth(position).map_or("", |(at, _)| &template[..at])
}

/// Slots of a template: names (`{user}`, `%(user)s`) and positions (`{0}`).
struct Slots {
    names: Vec<String>,
    positions: Vec<usize>,
    /// It has slots without name and number, or none at all that are known.
    open: bool,
}

impl Slots {
    fn of(template: &str) -> Self {
        let mut slots = Self { names: Vec::new(), positions: Vec::new(), open: false };
        let mut rest = template;
        while let Some(at) = rest.find(['{', '%']) {
            let (sign, tail) = (rest.as_bytes()[at], &rest[at + 1..]);
            rest = tail;
            let inner = match (sign, tail.as_bytes().first()) {
                (b'{', Some(b'{')) | (b'%', Some(b'%')) => {
                    rest = &tail[1..];
                    continue;
                }
                (b'{', _) => tail.split(['}', ':', '!', '.', '[']).next().unwrap_or(""),
                (_, Some(b'(')) => tail[1..].split(')').next().unwrap_or(""),
                _ => {
                    slots.open = true;
                    continue;
                }
            };
            match inner.parse() {
                Ok(position) => slots.positions.push(position),
                Err(_) if inner.is_empty() => slots.open = true,
                Err(_) => slots.names.push(inner.to_owned()),
            }
        }
        slots
    }

    /// What the template shows of an argument.
    fn used(&self, name: Option<&str>, position: usize, value: &Value) -> Value {
        match name {
            Some(name) if self.names.iter().any(|n| n == name) => value.clone(),
            Some(_) => Value::clean(),
            None if self.open || self.positions.contains(&position) => value.clone(),
            // `% conf`, `.format(**conf)`: members by their names.
            None if !self.names.is_empty() && value.parts.is_some() && value.labels.is_empty() => {
                let parts = value.parts.iter().flat_map(|p| p.iter());
                let shown = parts.filter(|(key, _)| key.starts_with('*') || self.names.iter().any(|n| n == key));
                Value::parts(shown.map(|(key, value)| (key.into(), value.clone())).collect())
            }
            None if !self.names.is_empty() => value.clone(),
            None => Value::clean(),
        }
    }
}
