//! A URL as a program writes it: one literal, or pieces that are put together.

use std::ops::Range;

use credscope_grammars::{
    CellFacts, Span, TextMap,
    facts::{ExprId, ExprKind, StrPart},
};

use crate::value::HOLE;

/// The text of a URL, [`HOLE`] for each value that is filled in. Spans are bytes of the cell.
pub(super) struct Written<'f> {
    facts: &'f CellFacts,
    /// The whole expression.
    pub span: Span,
    pub text: String,
    pieces: Vec<Piece<'f>>,
}

struct Piece<'f> {
    /// Bytes of the text.
    range: Range<usize>,
    kind: Kind<'f>,
    /// The literal or other operand that it belongs to, with the operator before it.
    operand: Operand,
}

enum Kind<'f> {
    Text(&'f TextMap),
    /// `span` as it is filled in: with braces inside a literal.
    Hole {
        expr: ExprId,
        span: Span,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Operand {
    span: Span,
    /// From the end of the operand before; `None` for the first.
    whole: Option<Span>,
    is_literal: bool,
}

/// What a range of the text is.
pub(super) enum Part {
    /// Constant, at that place.
    Text(Span),
    /// Filled in, wholly.
    Hole(ExprId),
}

impl<'f> Written<'f> {
    /// The widest text that is put together in one expression around `at`: the characters of a literal, or what fills a
    /// hole.
    pub(super) fn of(facts: &'f CellFacts, at: Span) -> Option<Self> {
        let mut around = facts.around(at);
        around.retain(|&id| matches!(facts.expr(id).kind, ExprKind::Str(_) | ExprKind::Concat(_)));
        around.sort_by_key(|&id| std::cmp::Reverse((facts.expr(id).span.len(), id)));
        around.into_iter().find_map(|id| {
            let mut url = Self { facts, span: facts.expr(id).span, text: String::new(), pieces: Vec::new() };
            url.add(id, None)?;
            url.range_of(at).is_some().then_some(url)
        })
    }

    /// Adds an operand that follows `before`. `None` for what is not understood.
    fn add(&mut self, id: ExprId, before: Option<Span>) -> Option<()> {
        let expr = self.facts.expr(id);
        let whole = before.map(|b| Span { start: b.end, end: expr.span.end });
        match &expr.kind {
            ExprKind::Concat(operands) => {
                let mut before = before;
                for &operand in operands {
                    self.add(operand, before)?;
                    before = Some(self.facts.expr(operand).span);
                }
            }
            ExprKind::Str(lit) => {
                let operand = Operand { span: expr.span, whole, is_literal: true };
                for part in &lit.parts {
                    match part {
                        StrPart::Text { value, map } => self.push(value.expose(), Kind::Text(map), operand),
                        StrPart::Hole { debug: true, .. } | StrPart::Hole { format: Some(_), .. } => return None,
                        StrPart::Hole { expr, span, .. } => {
                            self.push(HOLE.encode_utf8(&mut [0; 4]), Kind::Hole { expr: *expr, span: *span }, operand);
                        }
                    }
                }
            }
            _ => {
                let operand = Operand { span: expr.span, whole, is_literal: false };
                self.push(HOLE.encode_utf8(&mut [0; 4]), Kind::Hole { expr: id, span: expr.span }, operand);
            }
        }
        Some(())
    }

    fn push(&mut self, text: &str, kind: Kind<'f>, operand: Operand) {
        let start = self.text.len();
        self.text.push_str(text);
        self.pieces.push(Piece { range: start..self.text.len(), kind, operand });
    }

    /// Bytes of the text that stand at a span of the cell.
    pub(super) fn range_of(&self, at: Span) -> Option<Range<usize>> {
        self.pieces.iter().find_map(|piece| match &piece.kind {
            Kind::Text(map) => {
                let found = map.to_text(at).filter(|found| !found.is_empty() && map.to_source(*found) == at)?;
                Some(piece.range.start + found.start as usize..piece.range.start + found.end as usize)
            }
            Kind::Hole { expr, span } => {
                (*span == at || self.facts.expr(*expr).span == at).then(|| piece.range.clone())
            }
        })
    }

    /// What a range is, when it is one thing.
    pub(super) fn part(&self, range: Range<usize>) -> Option<Part> {
        let piece = self.pieces.iter().find(|p| p.range.start <= range.start && range.end <= p.range.end)?;
        match &piece.kind {
            Kind::Hole { expr, .. } => Some(Part::Hole(*expr)),
            Kind::Text(map) => Some(Part::Text(map.to_source(within(piece, &range)))),
        }
    }

    /// Source of what fills a hole, without the encoding that a URL needs.
    pub(super) fn expression<'t>(&self, id: ExprId, text: &'t str) -> Option<&'t str> {
        // Java's encoder writes blanks as `+`: `URLEncoder.encode(x, "UTF-8").replace("+", "%20")`.
        let id = match &self.facts.expr(id).kind {
            ExprKind::Call { callee, .. } => match &self.facts.expr(*callee).kind {
                ExprKind::Attr { base, name, .. } if &**name == "replace" && self.is_encoded(*base) => *base,
                _ => id,
            },
            _ => id,
        };
        let id = match &self.facts.expr(id).kind {
            ExprKind::Call { callee, args, .. } if self.facts.path(*callee).is_some_and(|p| encodes(&p)) => {
                args.first()?.value
            }
            _ => id,
        };
        Some(self.facts.expr(id).span.of(text)).filter(|source| !source.is_empty() && !source.contains('\n'))
    }

    fn is_encoded(&self, id: ExprId) -> bool {
        match &self.facts.expr(id).kind {
            ExprKind::Call { callee, .. } => self.facts.path(*callee).is_some_and(|p| encodes(&p)),
            _ => false,
        }
    }

    /// What to delete in the cell so that ranges of the text go, in order: parts of literals, operands with their
    /// operator, and the prefix of a literal that nothing fills any more. `cell` is the cell's text.
    pub(super) fn without(&self, gone: &[Range<usize>], cell: &str) -> Option<Vec<Span>> {
        let goes = |range: &Range<usize>| gone.iter().any(|g| g.start <= range.start && range.end <= g.end);
        let mut spans = Vec::new();
        let mut operands: Vec<Operand> = self.pieces.iter().map(|p| p.operand).collect();
        operands.dedup();
        for operand in operands {
            let pieces = || self.pieces.iter().filter(move |p| p.operand == operand);
            if let Some(whole) = operand.whole
                && pieces().all(|p| goes(&p.range))
            {
                let between = Span { start: whole.start, end: operand.span.start }.of(cell);
                if !matches!(between.trim(), "+" | "++") {
                    return None;
                }
                spans.push(whole);
                continue;
            }
            let mut touched = false;
            let mut own = Vec::new();
            for piece in pieces() {
                for g in gone.iter().filter(|g| g.start < piece.range.end && piece.range.start < g.end) {
                    touched = true;
                    own.push(match &piece.kind {
                        Kind::Text(map) => map.to_source(within(piece, g)),
                        Kind::Hole { span, .. } if operand.is_literal => *span,
                        Kind::Hole { .. } => return None,
                    });
                }
            }
            let source = operand.span.of(cell);
            let needs_prefix = pieces().filter(|p| !goes(&p.range)).any(|p| match &p.kind {
                Kind::Text(map) => map.to_source(Span::new(0, p.range.len())).of(cell).contains(['{', '}', '$', '\\']),
                Kind::Hole { .. } => true,
            });
            let prefix = source.starts_with(['f', 'F', 's']) && source[1..].starts_with(['"', '\'']);
            if touched && prefix && !needs_prefix {
                spans.push(Span { start: operand.span.start, end: operand.span.start + 1 });
            }
            spans.extend(own);
        }
        Some(joined(spans))
    }
}

/// The part of a range that lies in a piece, in bytes of the piece's own text.
fn within(piece: &Piece<'_>, range: &Range<usize>) -> Span {
    let (start, end) = (range.start.max(piece.range.start), range.end.min(piece.range.end));
    Span::new(start - piece.range.start, end - piece.range.start)
}

/// Functions that encode a text for a URL.
fn encodes(path: &str) -> bool {
    matches!(
        path,
        "quote" | "quote_plus" | "parse.quote" | "parse.quote_plus" | "urllib.parse.quote" | "urllib.parse.quote_plus"
    ) || path.ends_with("URLEncoder.encode")
}

/// Spans that meet become one.
fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort();
    let mut out: Vec<Span> = Vec::new();
    for span in spans {
        match out.last_mut() {
            Some(last) if last.end >= span.start => last.end = last.end.max(span.end),
            _ => out.push(span),
        }
    }
    out
}
