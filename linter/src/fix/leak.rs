//! Fixes for secrets that reach an output: the statement goes when it does nothing else, else the argument, or what the
//! rule's page says. All of them change what the program shows, so none is safe.

use credscope_grammars::{
    Cell, CellFacts, Language, Span,
    dialect::around::{Around, Level},
    facts::{Arg, BindKind, ExprId, ExprKind, Stmt, StmtKind, StrPart, Target, Verb},
};

use super::{
    Applicability, CellEdit, Fix, advice,
    deletion::{nothing, without},
    effects, quoted, url,
};
use crate::{
    finding::{Finding, Place},
    rule::Severity,
};

/// The fixes of a finding without plans: what its row of the catalog names where that is mechanical, else advice.
pub(super) fn fixes(sight: url::Sight<'_>, finding: &Finding) -> Vec<Fix> {
    let (document, all) = (sight.document, sight.facts);
    let (Some(cell), Some(facts)) =
        (document.cells.get(finding.place.cell as usize), all.get(finding.place.cell as usize))
    else {
        return Vec::new();
    };
    let at = Spot {
        cell,
        text: &cell.text,
        language: cell.language,
        cells: &document.cells,
        facts,
        around: Around::of(facts, finding.place.span),
        place: finding.place,
        is_notebook: document.is_notebook(),
    };
    let applied = [at.fix(finding, all), at.set_or_not(finding.rule.code)].into_iter().flatten();
    // What is shown on purpose (names of hosts, of catalogs) stays: a person decides.
    let applies = finding.severity >= Severity::Warning && !callers::is_for_others(all, &at.around, finding);
    let applicability = if applies { Applicability::Unsafe } else { Applicability::Display };
    let mut fixes: Vec<Fix> = applied
        .map(|(title, edits)| {
            let edits = edits
                .into_iter()
                .map(|(span, text)| CellEdit { place: Place { cell: finding.place.cell, span }, text })
                .collect();
            Fix::rewriting(document, title, applicability, edits)
        })
        .collect();
    if matches!(finding.rule.code, "CS210" | "CS211")
        && let Some((title, edits)) = url::filled(sight, finding.place)
    {
        fixes.push(Fix::rewriting(document, title, Applicability::Unsafe, edits));
    }
    if fixes.is_empty() {
        fixes.extend(advice::of(finding.rule.code).map(advice::fix));
    }
    fixes
}

mod callers;
mod messages;
mod pieces;
mod recorded;
mod selected;

type Edits = Vec<(Span, String)>;

struct Spot<'f> {
    cell: &'f Cell,
    text: &'f str,
    language: Language,
    cells: &'f [Cell],
    facts: &'f CellFacts,
    around: Around<'f>,
    place: Place,
    is_notebook: bool,
}

impl Spot<'_> {
    fn fix(&self, finding: &Finding, all: &[std::sync::Arc<CellFacts>]) -> Option<(&'static str, Edits)> {
        match finding.rule.code {
            "CS201" | "CS202" | "CS208" | "CS224" => self.shown(),
            "CS220" => self.recorded(finding).or_else(|| self.shown()),
            "CS209" => self.keys().or_else(|| self.shown()),
            "CS203" => self.result(),
            "CS204" => self.lazy(),
            "CS205" => self.debug(),
            "CS206" => self.logged(finding),
            "CS207" => self.message(finding),
            "CS212" => self.query(finding),
            "CS213" => self.select(),
            "CS223" if !all.iter().any(|facts| effects::uses_rdd_files(facts)) => self.session(),
            "CS227" => self.encrypted(),
            "CS228" => self.switch(),
            _ => None,
        }
    }

    fn expr_kind(&self, id: ExprId) -> &ExprKind {
        &self.facts.expr(id).kind
    }

    /// The innermost call around the place, and the argument in it that holds the place.
    fn argument(&self) -> Option<(ExprId, Span, &Arg)> {
        self.around.exprs.iter().find_map(|&id| {
            let ExprKind::Call { args, .. } = self.expr_kind(id) else { return None };
            let arg = args.iter().find(|a| a.span.contains(self.place.span))?;
            Some((id, self.facts.expr(arg.value).span, arg))
        })
    }

    fn level(&self) -> Option<&Level<'_>> {
        self.around.levels.last()
    }

    /// The statement that only shows something. The last one of a function is its result, too: one that has no value
    /// stays in its place.
    fn statement(&self) -> Option<(Span, String)> {
        let level = self.level()?;
        let span = level.stmt.span;
        match level.stmt.kind {
            StmtKind::Expr(id) => effects::only_shows(self.facts, id).then(|| without(self.cell, span, level)),
            StmtKind::Return(Some(id)) if self.facts.expr(id).span == span => {
                // A lambda's body is an expression.
                let nothing = if self.language == Language::Python { "None" } else { nothing(self.language) };
                effects::only_shows(self.facts, id).then(|| (span, nothing.to_owned()))
            }
            _ => None,
        }
    }

    fn shown(&self) -> Option<(&'static str, Edits)> {
        if let Some(edit) = self.statement() {
            return Some(("Delete this statement; rotate the secret if it was run", vec![edit]));
        }
        // Something else happens here, too: the argument goes, unless that is what happens.
        let (call, _, arg) = self.argument()?;
        // A command in a text, which is what the call is for.
        if matches!(self.expr_kind(arg.value), ExprKind::Str(lit) if lit.style.inner.contains(self.place.span)) {
            return None;
        }
        if !effects::is_pure(self.facts, arg.value)
            || effects::records_more(self.facts, call)
            || !effects::goes_without(self.facts, call)
        {
            return None;
        }
        Some(("Leave the secret out", vec![self.without_argument(call, arg)?]))
    }

    fn result(&self) -> Option<(&'static str, Edits)> {
        let level = self.level()?;
        let StmtKind::Expr(id) = level.stmt.kind else { return None };
        let span = level.stmt.span;
        if effects::is_pure(self.facts, id) {
            return Some(("Delete this line", vec![without(self.cell, span, level)]));
        }
        let start = Span { start: span.start, end: span.start };
        let bind = match self.language {
            Language::Python => "_ = ",
            Language::Scala => "lazy val _ = ",
            _ => return None,
        };
        // A lazy value would not run at all.
        (self.language == Language::Python)
            .then(|| ("Bind the result, so that it is not shown", vec![(start, bind.to_owned())]))
    }

    /// `val auth = …` → `lazy val auth = …`: the shell shows a lazy value's type only.
    fn lazy(&self) -> Option<(&'static str, Edits)> {
        let level = self.level()?;
        let StmtKind::Bind { kind: BindKind::Val, .. } = level.stmt.kind else { return None };
        let source = level.stmt.span.of(self.text);
        let at = level.stmt.span.start + source.find("val ")? as u32;
        let before = self.text.get(level.stmt.span.start as usize..at as usize)?;
        before.split_whitespace().all(|w| matches!(w, "private" | "protected" | "implicit" | "final")).then(|| {
            (
                "Make it a lazy val, which the shell does not show",
                vec![(Span { start: at, end: at }, "lazy ".to_owned())],
            )
        })
    }

    /// `print(headers)` → `print(headers.keys())`, for a dictionary that is built in sight.
    fn keys(&self) -> Option<(&'static str, Edits)> {
        let (_, span, arg) = self.argument().filter(|_| self.language == Language::Python)?;
        let ExprKind::Name(name) = self.expr_kind(arg.value) else { return None };
        let is_dict = |stmt: &Stmt| match &stmt.kind {
            StmtKind::Bind { targets, value, .. } => {
                targets.iter().any(|t| matches!(t, Target::Name { name: n, .. } if n == name))
                    && matches!(self.expr_kind(*value), ExprKind::Dict(_))
            }
            _ => false,
        };
        let known = self.around.levels.iter().any(|level| level.block.iter().any(is_dict));
        let end = Span { start: span.end, end: span.end };
        known.then(|| ("Show the names of the headers only", vec![(end, ".keys()".to_owned())]))
    }

    /// `sc._jsc.hadoopConfiguration().set(…)` → `spark.conf.set(…)`: this session's instead of the cluster's.
    fn session(&self) -> Option<(&'static str, Edits)> {
        let (call, _, _) = self.argument()?;
        let ExprKind::Call { callee, args, .. } = self.expr_kind(call) else { return None };
        let key = self.facts.str_lit(args.first()?.value)?.plain()?;
        let known = |name: &str| self.facts.exprs.iter().any(|e| matches!(&e.kind, ExprKind::Name(n) if &**n == name));
        let ExprKind::Attr { base, name, .. } = self.expr_kind(*callee) else { return None };
        let base = match self.expr_kind(*base) {
            ExprKind::Call { callee, .. } => *callee,
            _ => *base,
        };
        let of_cluster =
            matches!(self.expr_kind(base), ExprKind::Attr { name, .. } if &**name == "hadoopConfiguration");
        let fits =
            of_cluster && &**name == "set" && key.expose().starts_with("fs.") && (self.is_notebook || known("spark"));
        let span = self.facts.expr(*callee).span;
        fits.then(|| ("Set it for this session only", vec![(span, "spark.conf.set".to_owned())]))
    }

    /// `http://` → `https://` where the address is written in the call.
    fn encrypted(&self) -> Option<(&'static str, Edits)> {
        let ExprKind::Call { args, .. } = self.around.exprs.iter().map(|&id| self.expr_kind(id)).find(
            |kind| matches!(kind, ExprKind::Call { args, .. } if args.iter().any(|a| self.address(a).is_some())),
        )?
        else {
            return None;
        };
        let at = args.iter().find_map(|a| self.address(a))?;
        Some(("Send it over https", vec![(Span { start: at, end: at }, "s".to_owned())]))
    }

    /// Where the `s` of an argument `"http://…"` is missing.
    fn address(&self, arg: &Arg) -> Option<u32> {
        let ExprKind::Str(_) = self.expr_kind(arg.value) else { return None };
        let span = self.facts.expr(arg.value).span;
        let at = span.of(self.text).find("http://")?;
        let quote = span.of(self.text)[..at].bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'"' | b'\''));
        quote.then_some(span.start + at as u32 + 4)
    }

    /// `password '{pw}'` of a CREATE CONNECTION → `password secret('scope','key')`.
    fn query(&self, finding: &Finding) -> Option<(&'static str, Edits)> {
        let creates =
            self.facts.embedded.iter().any(|e| e.facts.queries.iter().any(|q| q.verb == Verb::CreateConnection));
        let read = finding.related.first().filter(|r| r.path.is_none() && r.place.cell == self.place.cell)?.place.span;
        let (scope, key) = effects::names_of_read(self.facts, read)?;
        if !creates {
            return None;
        }
        const TITLE: &str = "Let SQL read the secret itself";
        let pieces = self.facts.embedded.iter().flat_map(|e| &e.holes).map(|(_, expr)| *expr);
        let reference = |quote: &str| format!("secret({quote}{scope}{quote},{quote}{key}{quote})");
        for piece in pieces.filter(|&expr| effects::is_read(self.facts, expr, read)) {
            match quoted::replaced(self.facts, self.text, quoted::Piece::Expr(piece), reference) {
                Some(Ok(edits)) => return Some((TITLE, edits)),
                Some(Err(())) => return None,
                None => {}
            }
        }
        let inside = self.facts.within(self.place.span).into_iter().map(|id| self.facts.expr(id));
        let holes = inside.filter_map(|e| match &e.kind {
            ExprKind::Str(lit) => Some(&lit.parts),
            _ => None,
        });
        let edits: Edits = holes
            .flatten()
            .filter_map(|part| match part {
                StrPart::Hole { expr, span, .. } if effects::is_read(self.facts, *expr, read) => Some(*span),
                _ => None,
            })
            .filter_map(|span| {
                let quoted = |at: u32| self.text.get(at as usize..at as usize + 1) == Some("'");
                (quoted(span.start.checked_sub(1)?) && quoted(span.end))
                    .then(|| (Span { start: span.start - 1, end: span.end + 1 }, format!("secret('{scope}','{key}')")))
            })
            .collect();
        (!edits.is_empty()).then_some((TITLE, edits))
    }

    /// `debug_headers=True`: the argument goes; a statement that switches it on goes.
    fn switch(&self) -> Option<(&'static str, Edits)> {
        if let Some((call, _, arg)) = self.argument()
            && arg.name.as_ref().is_some_and(|(n, _)| &**n == "debug_headers")
        {
            return Some(("Switch it off", vec![self.without_argument(call, arg)?]));
        }
        let level = self.level()?;
        let assigns = match &level.stmt.kind {
            StmtKind::Bind { value, .. } => effects::is_pure(self.facts, *value),
            StmtKind::Expr(id) => match self.expr_kind(*id) {
                ExprKind::Call { callee, .. } => self.facts.path(*callee).is_some_and(|p| p.ends_with("setLevel")),
                _ => false,
            },
            _ => false,
        };
        assigns.then(|| ("Delete this statement", vec![without(self.cell, level.stmt.span, level)]))
    }

    /// Deletes an argument with the comma that belongs to it.
    fn without_argument(&self, call: ExprId, arg: &Arg) -> Option<(Span, String)> {
        let ExprKind::Call { args, .. } = self.expr_kind(call) else { return None };
        let i = args.iter().position(|a| a.span == arg.span)?;
        let span = match (i.checked_sub(1).and_then(|b| args.get(b)), args.get(i + 1)) {
            (Some(before), _) => Span { start: before.span.end, end: arg.span.end },
            (None, Some(after)) => Span { start: arg.span.start, end: after.span.start },
            (None, None) => arg.span,
        };
        Some((span, String::new()))
    }
}
