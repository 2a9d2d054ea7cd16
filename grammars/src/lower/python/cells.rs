//! Facts of the lines that are no Python, see [`super::magics`].

use std::collections::HashSet;

use super::{
    Lowering,
    magics::{Magic, MagicKind},
};
use crate::{
    Language, Span,
    facts::{
        BindKind, Comment, EmbeddedOrigin, ExprId, ExprKind, Quote, Stmt, StmtKind, StrLit, StrPart, StrStyle, Target,
    },
    lower::{LowerOptions, embed, magic_lines, shell, text::literal},
};

impl Lowering<'_> {
    /// Adds the facts of the magics of `cell`, statements at their place.
    pub(super) fn magics(&mut self, cell: &str, magics: &[Magic], options: LowerOptions) {
        let mut statements = Vec::new();
        for magic in magics {
            match &magic.kind {
                MagicKind::Text { language, inner } => {
                    if let Some(nested) = options.nested() {
                        let origin = match language {
                            // `files = !ls`
                            Language::Shell if !magic.span.of(cell).trim_start().starts_with(['!', '%']) => {
                                EmbeddedOrigin::Captured
                            }
                            Language::Shell | Language::Pip => EmbeddedOrigin::Shell,
                            _ => EmbeddedOrigin::Magic,
                        };
                        let mut embedded = embed::verbatim(cell, *inner, *language, origin, nested);
                        if matches!(origin, EmbeddedOrigin::Shell | EmbeddedOrigin::Captured) {
                            // `!curl -u me:{password}`: IPython fills in.
                            for (hole, name) in shell::names(inner.of(cell)) {
                                let at =
                                    Span::new((inner.start + name.start) as usize, (inner.start + name.end) as usize);
                                let expr = self.push(at, ExprKind::Name(at.of(cell).into()));
                                embedded.holes.push((hole, expr));
                            }
                        }
                        self.facts.embedded.push(embedded);
                    }
                }
                MagicKind::Include { path, rest } => {
                    let kind = StmtKind::Include { path: path.of(cell).into(), path_span: *path };
                    statements.push(Stmt { span: magic.span, kind });
                    statements.extend(magic_lines::run_arguments(&mut self.facts, cell, *path, *rest));
                }
                MagicKind::Env { name, value } => {
                    let kind = self.environment(cell, *name, *value);
                    statements.push(Stmt { span: magic.span, kind });
                }
                MagicKind::Comment => {
                    let inner = magic.span.of(cell).trim_start_matches(['/', '-']).trim();
                    let end = magic.span.end as usize;
                    let text = Span::new(end - inner.len(), end);
                    self.facts.comments.push(Comment { span: magic.span, text, is_doc: false });
                }
                MagicKind::Nothing => {}
            }
        }
        // `0;` stands for a magic word before code.
        let starts: HashSet<u32> = magics.iter().map(|m| m.span.start).collect();
        self.facts.body.retain(|s| s.span.len() != 1 || !starts.contains(&s.span.start));
        if !statements.is_empty() {
            // An include inside a block counts where it stands in the run of top-level statements.
            self.facts.body.extend(statements);
            self.facts.body.sort_by_key(|s| s.span.start);
        }
    }

    /// `os.environ["NAME"] = "value"`.
    fn environment(&mut self, cell: &str, name: Span, value: Span) -> StmtKind {
        let start = Span::new(name.start as usize, name.start as usize);
        let os = self.push(start, ExprKind::Name("os".into()));
        let environ = self.push(start, ExprKind::Attr { base: os, name: "environ".into(), name_span: start });
        let key = self.push(name, ExprKind::Str(literal(cell, name, Quote::None)));
        let place = self.push(name, ExprKind::Index { base: environ, index: key });
        let value = self.evaluated(value).unwrap_or_else(|| self.magic_value(cell, value));
        StmtKind::Bind { targets: vec![Target::Place(place)], value, kind: BindKind::Assign, annotation: None }
    }

    /// The expression in the braces at `span`, which Python's grammar reads as a set.
    fn evaluated(&mut self, span: Span) -> Option<ExprId> {
        let at = self.facts.body.iter().position(|s| s.span == span)?;
        let StmtKind::Expr(id) = self.facts.body[at].kind else { return None };
        let ExprKind::Seq { items, .. } = &self.facts.expr(id).kind else { return None };
        let [only] = items[..] else { return None };
        self.facts.body.remove(at);
        Some(only)
    }

    /// The value of `%env`: text, `$name` and `{name}` are filled in.
    fn magic_value(&mut self, cell: &str, span: Span) -> ExprId {
        let source = span.of(cell);
        let (name, hole) = match source.strip_prefix('$') {
            Some(name) => (name, true),
            None => source.strip_prefix('{').and_then(|s| s.strip_suffix('}')).map_or((source, false), |s| (s, true)),
        };
        if !hole || name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return self.push(span, ExprKind::Str(literal(cell, span, Quote::None)));
        }
        let expr = self.push(span, ExprKind::Name(name.into()));
        let style = StrStyle {
            quote: Quote::None,
            triple: false,
            raw: true,
            bytes: false,
            interpolated: true,
            prefix: "".into(),
            inner: span,
        };
        let parts = vec![StrPart::Hole { expr, span, debug: false, format: None }];
        self.push(span, ExprKind::Str(StrLit { parts, style }))
    }
}
