//! The pieces of a text that is shown: which of them hold the secret, and what stands in their place afterwards.

use credscope_grammars::{
    Language, Span,
    facts::{Arg, ExprId, ExprKind, StrPart},
};

use super::{Edits, Spot, effects};
use crate::finding::Finding;

/// Pieces inside pieces that are followed.
const DEPTH: u8 = 12;

/// What a shown text is made of, and how each piece could go.
#[derive(Default)]
struct Pieces {
    /// Expressions with what to replace; `in_text` when it is a hole with its braces.
    leaves: Vec<(ExprId, Span, Place)>,
    /// A template whose conversions take no text: `%d`.
    is_strict: bool,
    /// Whether anything but the leaves is shown.
    has_words: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    Expression,
}

impl Spot<'_> {
    /// The text at the finding with `mask` in place of what holds the secret, where something else is shown beside it.
    /// `None`: nothing else is, or the pieces are not understood.
    pub(super) fn masked(&self, finding: &Finding, mask: &str) -> Option<Edits> {
        let within = self.facts.within(self.place.span);
        let whole = within.into_iter().rev().find(|&id| self.facts.expr(id).span == self.place.span)?;
        let mut pieces = Pieces::default();
        match self.expr_kind(whole) {
            // The exception around its message.
            ExprKind::Call { args, .. } if finding.rule.code == "CS207" && !self.is_template(whole) => {
                for arg in args.iter().filter(|a| a.name.is_none()) {
                    self.take_apart(arg.value, DEPTH, &mut pieces)?;
                }
            }
            _ => self.take_apart(whole, DEPTH, &mut pieces)?,
        }
        let secret = |(id, _, _): &(ExprId, Span, Place)| self.carries(finding, *id);
        let (gone, others): (Vec<_>, Vec<_>) = pieces.leaves.iter().copied().partition(secret);
        if gone.is_empty() || pieces.is_strict || !pieces.has_words && others.is_empty() {
            return None;
        }
        // What is called for the text may be needed, too.
        if !gone.iter().all(|(id, _, _)| effects::is_pure(self.facts, *id)) {
            return None;
        }
        let text = |place: Place| if place == Place::Text { mask.to_owned() } else { format!("\"{mask}\"") };
        Some(gone.into_iter().map(|(_, span, place)| (span, text(place))).collect())
    }

    fn take_apart(&self, id: ExprId, depth: u8, out: &mut Pieces) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let own = self.facts.expr(id).span;
        match self.expr_kind(id) {
            ExprKind::Str(lit) => {
                for part in &lit.parts {
                    match part {
                        StrPart::Text { value, .. } => out.has_words |= has_words(value.expose()),
                        StrPart::Hole { debug: true, .. } => return None,
                        StrPart::Hole { expr, span, .. } => out.leaves.push((*expr, *span, Place::Text)),
                    }
                }
            }
            ExprKind::Concat(items) => {
                for &item in items {
                    self.take_apart(item, depth, out)?;
                }
            }
            ExprKind::Same(inner) => self.take_apart(*inner, depth, out)?,
            ExprKind::Format { template, args } => {
                self.take_apart(*template, depth, out)?;
                self.fill(*template, args, out)?;
            }
            // R: `paste0(…)`, `sprintf(template, …)`.
            ExprKind::Call { args, .. } if self.is_template(id) => {
                for arg in args.iter().filter(|a| a.name.is_none()) {
                    self.take_apart(arg.value, depth, out)?;
                }
                if let Some(first) = args.first() {
                    out.is_strict |= self.text_of(first.value).is_some_and(|t| takes_numbers(&t));
                }
            }
            _ => out.leaves.push((id, own, Place::Expression)),
        }
        Some(())
    }

    /// What fills a template in.
    fn fill(&self, template: ExprId, args: &[Arg], out: &mut Pieces) -> Option<()> {
        let text = self.text_of(template)?;
        out.is_strict |= takes_numbers(&text);
        for arg in args {
            match self.expr_kind(arg.value) {
                ExprKind::Dict(entries) => {
                    for entry in entries {
                        entry.key?;
                        out.leaves.push((entry.value, self.facts.expr(entry.value).span, Place::Expression));
                    }
                }
                ExprKind::Spread(_) => return None,
                // `"%s %s" % pair`: a name for several values.
                _ if args.len() == 1 && conversions(&text) != 1 => return None,
                _ => out.leaves.push((arg.value, self.facts.expr(arg.value).span, Place::Expression)),
            }
        }
        Some(())
    }

    /// The constant text of a template.
    fn text_of(&self, id: ExprId) -> Option<String> {
        match self.expr_kind(id) {
            ExprKind::Str(lit) => {
                let parts = lit.parts.iter().filter_map(|p| match p {
                    StrPart::Text { value, .. } => Some(value.expose()),
                    StrPart::Hole { .. } => None,
                });
                Some(parts.collect())
            }
            ExprKind::Concat(items) => items.iter().map(|&item| self.text_of(item)).collect(),
            ExprKind::Same(inner) => self.text_of(*inner),
            _ => None,
        }
    }

    /// Calls that put a text together and do nothing else.
    fn is_template(&self, id: ExprId) -> bool {
        let ExprKind::Call { callee, .. } = self.expr_kind(id) else { return false };
        self.language == Language::R
            && self.facts.path(*callee).is_some_and(|p| {
                matches!(p.rsplit([':', '.']).next(), Some("paste0" | "paste" | "sprintf" | "gettextf"))
            })
    }

    /// Whether an expression has the secret of a finding in it: it is read there, or what it went through stands there.
    pub(super) fn carries(&self, finding: &Finding, id: ExprId) -> bool {
        let place = self.facts.expr(id).span;
        let here = finding.related.iter().filter(|r| r.path.is_none());
        if here.clone().any(|r| r.place.cell == self.place.cell && place.contains(r.place.span)) {
            return true;
        }
        let through: Vec<&str> = here.filter_map(|r| self.source(r.place)).collect();
        self.facts.within(place).into_iter().any(|id| {
            let expr = self.facts.expr(id);
            matches!(expr.kind, ExprKind::Name(_) | ExprKind::Attr { .. } | ExprKind::Index { .. })
                && through.contains(&expr.span.of(self.text))
        })
    }

    fn source(&self, place: crate::finding::Place) -> Option<&str> {
        self.cells.get(place.cell as usize).map(|cell| place.span.of(&cell.text))
    }
}

/// Whether a text says anything but what fills it in.
fn has_words(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find(['%', '{']) {
        if rest[..at].contains(char::is_alphabetic) {
            return true;
        }
        let end = match rest.as_bytes()[at] {
            b'{' => rest[at..].find('}').map(|i| at + i + 1),
            _ => rest[at..].find(char::is_alphabetic).map(|i| at + i + 1),
        };
        let Some(end) = end.filter(|&end| rest.is_char_boundary(end)) else { return false };
        rest = &rest[end..];
    }
    rest.contains(char::is_alphabetic)
}

/// Whether a conversion of a template takes numbers only: `%d`, `{:.2f}`.
fn takes_numbers(template: &str) -> bool {
    let percent = template.match_indices('%').any(|(at, _)| {
        let rest = template[at + 1..].trim_start_matches(['-', '+', '#', '.']);
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '$');
        rest.starts_with(['d', 'i', 'f', 'e', 'g', 'x', 'o', 'u', 'c', 'F', 'E', 'G', 'X'])
    });
    let format = template.split('{').skip(1).any(|slot| {
        let slot = slot.split('}').next().unwrap_or("");
        slot.split_once(':').is_some_and(|(_, spec)| spec.ends_with(['d', 'f', 'e', 'g', 'x', 'n', '%', 'b', 'o', 'c']))
    });
    percent || format
}

/// How many values fill a template.
fn conversions(template: &str) -> usize {
    let percent = template.replace("%%", "").matches('%').count();
    let slots = template.replace("{{", "").matches('{').count();
    percent.max(slots)
}
