//! What is left of a text that shows a secret: log lines, messages of exceptions, f-strings.

use credscope_grammars::{
    Language, Span,
    facts::{ExprId, ExprKind, StmtKind, StrPart},
};

use super::{Edits, Spot, effects};
use crate::finding::Finding;

impl Spot<'_> {
    /// `f"{token=}"` → `f"{bool(token)=}"`.
    pub(super) fn debug(&self) -> Option<(&'static str, Edits)> {
        let edits: Edits = self
            .facts
            .exprs
            .iter()
            .filter(|e| self.place.span.contains(e.span) || e.span.contains(self.place.span))
            .filter_map(|e| if let ExprKind::Str(lit) = &e.kind { Some(&lit.parts) } else { None })
            .flatten()
            .filter_map(|part| match part {
                StrPart::Hole { expr, debug: true, .. } => Some(self.facts.expr(*expr).span),
                _ => None,
            })
            .map(|span| (span, format!("bool({})", span.of(self.text))))
            .collect();
        (edits.len() == 1).then_some(("Show only whether it is set", edits))
    }

    /// The value of a log line, when it is an argument of its own; else the line.
    pub(super) fn logged(&self, finding: &Finding) -> Option<(&'static str, Edits)> {
        const TITLE: &str = "Leave the secret out of the log";
        if let Some((call, span, arg)) = self.argument()
            && let ExprKind::Call { args, .. } = self.expr_kind(call)
            && arg.name.is_none()
            && args.first().is_some_and(|first| first.span != arg.span)
        {
            // What is called for the line may be needed, too.
            if !effects::is_pure(self.facts, arg.value) {
                return None;
            }
            let hidden = |span: Span| (span, "\"[REDACTED]\"".to_owned());
            // `"%(pw)s", {"pw": pw}` needs its mapping.
            if let ExprKind::Dict(entries) = self.expr_kind(arg.value) {
                let secret = entries.iter().filter(|e| e.key.is_some() && self.carries(finding, e.value));
                let edits: Edits = secret.map(|e| hidden(self.facts.expr(e.value).span)).collect();
                return (!edits.is_empty()).then_some((TITLE, edits));
            }
            return Some((TITLE, vec![hidden(span)]));
        }
        self.masked(finding, "[REDACTED]").map(|edits| (TITLE, edits)).or_else(|| self.shown())
    }

    /// `print(f"pw: {pw}")` → `print(f"pw: {bool(pw)}")`, beside the deletion.
    pub(super) fn set_or_not(&self, code: &str) -> Option<(&'static str, Edits)> {
        if !matches!(code, "CS201" | "CS206" | "CS207") || self.language != Language::Python {
            return None;
        }
        let [(expr, span)] = self.holes()[..] else { return None };
        let name = matches!(self.expr_kind(expr), ExprKind::Name(_) | ExprKind::Attr { .. });
        let read = self.facts.expr(expr).span;
        (name && !span.is_empty())
            .then(|| ("Show only whether it is set", vec![(read, format!("bool({})", read.of(self.text)))]))
    }

    /// The expressions in the templates at the place, with the braces around them.
    fn holes(&self) -> Vec<(ExprId, Span)> {
        let inside = self.facts.within(self.place.span).into_iter().map(|id| self.facts.expr(id));
        let parts = inside.filter_map(|e| if let ExprKind::Str(lit) = &e.kind { Some(&lit.parts) } else { None });
        parts
            .flatten()
            .filter_map(|p| if let StrPart::Hole { expr, span, .. } = p { Some((*expr, *span)) } else { None })
            .collect()
    }

    /// The only hole of an exception's message, its only piece that is no literal, or the message as a whole.
    pub(super) fn message(&self, finding: &Finding) -> Option<(&'static str, Edits)> {
        const TITLE: &str = "Leave the secret out of the message";
        if let Some(edits) = self.masked(finding, "***") {
            return Some((TITLE, edits));
        }
        if let [(_, only)] = self.holes()[..] {
            return Some((TITLE, vec![(only, "***".to_owned())]));
        }
        let within = self.facts.within(self.place.span);
        let whole = within.into_iter().find(|&id| self.facts.expr(id).span == self.place.span)?;
        let asserts = self.level().is_some_and(|l| matches!(l.stmt.kind, StmtKind::Assert { .. }));
        // `raise ValueError(message)`, `require(ok, message)`, `assert ok, message`.
        let (whole, is_message) = match self.expr_kind(whole) {
            ExprKind::Call { args, .. } if !asserts => match args.as_slice() {
                [only] => (only.value, true),
                _ => return None,
            },
            _ => (whole, asserts || self.argument().is_some()),
        };
        let piece = match self.expr_kind(whole) {
            ExprKind::Name(_) | ExprKind::Attr { .. } | ExprKind::Index { .. } => whole,
            ExprKind::Concat(parts) => {
                let mut unknown = parts.iter().filter(|&&part| !matches!(self.expr_kind(part), ExprKind::Str(_)));
                *unknown.next().filter(|_| unknown.next().is_none())?
            }
            ExprKind::Format { args, .. } => match args.as_slice() {
                [only] if !matches!(self.expr_kind(only.value), ExprKind::Dict(_)) => only.value,
                _ => return None,
            },
            _ => return None,
        };
        (is_message && effects::is_pure(self.facts, piece))
            .then(|| (TITLE, vec![(self.facts.expr(piece).span, "\"***\"".to_owned())]))
    }
}
