//! Texts made of parts: templates, concatenations, formats – and secrets that stand in a URL's credentials there.

use credscope_grammars::{
    Span,
    facts::{Arg, ExprId, StrLit, StrPart},
};

use super::{
    At, Walker,
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
        for part in &lit.parts {
            match part {
                StrPart::Text { value, .. } => {
                    before = value.expose().to_owned();
                    invisible |= before.contains(INVISIBLE);
                }
                StrPart::Hole { expr, span, debug, format } => {
                    let hole = self.eval(at, *expr);
                    let mut hole = self.as_text(&hole);
                    if hole.is_clean() {
                        before.push('…');
                        continue;
                    }
                    hole = self.in_url(at, &before, hole, *span);
                    // A width or precision cuts the text; `!r` writes it as a literal.
                    if format.as_deref().is_some_and(|f| f.starts_with("!r") || f.contains('.')) {
                        hole = hole.changed();
                    }
                    hole.debug |= *debug;
                    value = value.join(&hole);
                    before.push('…');
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
            before = self.last_text(at, *part);
            invisible |= before.contains(INVISIBLE);
            value = value.join(&next);
        }
        // Text added to a secret keeps it readable; what is not seen keeps it from being recognised.
        if invisible { value.changed() } else { value }
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
        let mut value = self.eval(at, template);
        let before = self.text(at, template).unwrap_or_default();
        let invisible = before.contains(INVISIBLE);
        for (i, arg) in args.iter().enumerate() {
            let next = self.eval(at, arg.value);
            let next = self.as_text(&next);
            let head = before_hole(&before, i, arg.name.as_ref().map(|(n, _)| &**n));
            let next = self.in_url(at, head, next, arg.span);
            value = value.join(&next);
        }
        let value = if invisible { value.changed() } else { value };
        if value.is_clean() { value } else { value.hop(IN_TEXT, at.spot(span)) }
    }

    /// A secret in the credential part of a URL (CS210): the same value, marked.
    fn in_url(&mut self, at: At<'a>, before: &str, mut hole: Value, span: Span) -> Value {
        if hole.labels.is_empty() || before.is_empty() || !tables::ends_in_url_slot(before) {
            return hole;
        }
        self.leak("CS210", Class::Text, &hole, at.spot(span), "put into a URL");
        hole.labels.iter_mut().for_each(|l| l.in_url = true);
        hole
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
