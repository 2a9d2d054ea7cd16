//! Reads of the environment, and what stands in for a variable that is not set: one variable becomes one secret.

use credscope_grammars::{
    CellFacts, Secret, Span,
    dialect::around::{self, Around},
    facts::{Arg, BindKind, ExprId, ExprKind, StmtKind, Target},
};

use crate::{catalog::env, model::Names};

/// A read of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub span: Span,
    pub variable: String,
}

/// The read that a literal stands in for: `os.getenv("X", "…")`, `os.environ.get("X") or "…"`,
/// `Option(System.getenv("X")).getOrElse("…")`.
pub(super) fn read_beside(facts: &CellFacts, names: &Names, literal: Span) -> Option<Read> {
    let beside = defaults(facts, literal).filter(|(_, default)| facts.expr(*default).span == literal);
    beside.filter_map(|(asked, _)| read(facts, names, asked)).next()
}

/// The literal that the read at `span` falls back to.
pub(super) fn default_of(facts: &CellFacts, names: &Names, span: Span) -> Option<Secret> {
    let is_read = |asked| facts.expr(asked).span == span && read(facts, names, asked).is_some();
    let own = defaults(facts, span).filter(|(asked, _)| is_read(*asked));
    own.filter_map(|(_, default)| facts.str_lit(default)?.plain().filter(|text| !text.is_empty())).next()
}

/// Whether the program does more with the read at `span` than take its value: it asks whether the variable is there, or has
/// another source when it is not. A secret in its place would take that away.
pub(super) fn is_asked(facts: &CellFacts, span: Span) -> bool {
    let constant = |id: ExprId| matches!(facts.expr(id).kind, ExprKind::Str(_) | ExprKind::Const(_));
    if defaults(facts, span).any(|(asked, default)| facts.expr(asked).span == span && !constant(default)) {
        return true;
    }
    let around = Around::of(facts, span);
    // The read itself, in what hands it on unchanged: parentheses, `Option(x)`, `(t := x)`, `x.get`.
    let mut whole = span;
    for &id in &around.exprs {
        let expr = facts.expr(id);
        match &expr.kind {
            ExprKind::Same(_) | ExprKind::Assign { .. } => whole = expr.span,
            ExprKind::Call { args, .. } if args.len() == 1 && around::unwrapped(facts, id) != id => whole = expr.span,
            ExprKind::Call { .. } if expr.span == whole => {}
            ExprKind::Attr { name, .. } => match &**name {
                "isDefined" | "nonEmpty" | "isEmpty" | "exists" | "forall" | "orElse" | "fold" | "contains" => {
                    return true;
                }
                _ => break,
            },
            ExprKind::Compare { .. } | ExprKind::Logic(_) => return true,
            ExprKind::Cond { test, .. } => return facts.expr(*test).span == whole,
            _ => break,
        }
    }
    around.levels.iter().any(|level| match &level.stmt.kind {
        StmtKind::If { test, .. } | StmtKind::While { test, .. } | StmtKind::Assert { test, .. } => {
            facts.expr(*test).span == whole
        }
        StmtKind::Try { body, handlers, .. } => {
            !handlers.is_empty()
                && body.iter().any(|s| s.span.contains(span) && !matches!(s.kind, StmtKind::Function(_)))
        }
        _ => false,
    })
}

/// Whether the program sets a variable itself: a read of it then gives what was put there. A mapping that is no literal
/// may set any. `moves`: values that go into a secret of the same name.
pub(super) fn is_set(facts: &CellFacts, paths: &Names, variable: &str, moves: impl Fn(Span) -> bool) -> bool {
    let names = |id: ExprId| facts.str_lit(id).and_then(|l| l.plain()).is_some_and(|text| text.expose() == variable);
    let stays = |id: ExprId| !moves(facts.expr(id).span);
    let mapping = |id: ExprId| match &facts.expr(id).kind {
        ExprKind::Dict(entries) => entries.iter().any(|e| e.key.is_none_or(names) && stays(e.value)),
        _ => true,
    };
    // The value when `span` is what its statement binds.
    let bound = |span: Span, augmented: bool| {
        let around = Around::of(facts, span);
        let StmtKind::Bind { targets, value, kind, .. } = &around.levels.last()?.stmt.kind else { return None };
        let is_target = |t: &Target| matches!(t, Target::Place(id) if facts.expr(*id).span == span);
        (targets.iter().any(is_target) && (*kind == BindKind::Augmented) == augmented).then_some(*value)
    };
    facts.exprs.iter().enumerate().any(|(id, expr)| match &expr.kind {
        ExprKind::Index { base, index } if names(*index) => {
            paths.path(facts, *base).is_some_and(|p| env::is_environment(&p))
                && bound(expr.span, false).is_some_and(stays)
        }
        // `os.environ |= …`
        ExprKind::Attr { .. } | ExprKind::Name(_)
            if paths.path(facts, ExprId(id as u32)).is_some_and(|p| env::is_environment(&p)) =>
        {
            bound(expr.span, true).is_some_and(mapping)
        }
        ExprKind::Call { callee, args, .. } => paths.path(facts, *callee).is_some_and(|path| {
            let named = |a: &Arg| a.name.as_ref().is_some_and(|(name, _)| &**name == variable) && stays(a.value);
            let named = args.iter().any(named);
            let first = args.first().filter(|a| a.name.is_none()).map(|a| a.value);
            let value = || args.get(1).is_none_or(|a| stays(a.value));
            let other = |id| if path.ends_with("environ.update") { mapping(id) } else { names(id) && value() };
            env::sets_environment(&path) && (named || first.is_some_and(other))
        }),
        _ => false,
    })
}

/// Variables that a program sets one by one, and where the value of each stands.
pub(super) fn sets(facts: &CellFacts, names: &Names) -> Vec<(String, Span)> {
    let name = |id: ExprId| facts.str_lit(id)?.plain().map(|text| text.expose().to_owned());
    let bound = |span: Span| match &Around::of(facts, span).levels.last()?.stmt.kind {
        StmtKind::Bind { targets, value, .. } => {
            let is_target = |t: &Target| matches!(t, Target::Place(id) if facts.expr(*id).span == span);
            targets.iter().any(is_target).then_some(*value)
        }
        _ => None,
    };
    let one = facts.exprs.iter().filter_map(|expr| {
        let (variable, value) = match &expr.kind {
            ExprKind::Index { base, index } if names.path(facts, *base).is_some_and(|p| env::is_environment(&p)) => {
                (name(*index)?, bound(expr.span)?)
            }
            ExprKind::Call { callee, args, .. }
                if names.path(facts, *callee).is_some_and(|p| env::sets_environment(&p)) =>
            {
                let [first, second, ..] = args.as_slice() else { return None };
                (name(first.value)?, second.value)
            }
            _ => return None,
        };
        Some((variable, facts.expr(value).span))
    });
    one.collect()
}

/// Whether a read takes the variable away, too: `os.environ.pop("X")`.
pub(super) fn is_removed(facts: &CellFacts, names: &Names, span: Span) -> bool {
    facts.exprs.iter().filter(|e| e.span == span).any(|e| match &e.kind {
        ExprKind::Call { callee, .. } => names.path(facts, *callee).is_some_and(|p| p.ends_with("environ.pop")),
        _ => false,
    })
}

/// What may be a read, and the expression that stands in for it, around a place.
fn defaults(facts: &CellFacts, place: Span) -> impl Iterator<Item = (ExprId, ExprId)> + '_ {
    facts.around(place).into_iter().filter_map(|id| match &facts.expr(id).kind {
        ExprKind::Call { args, .. } => Some((id, args.get(1)?.value)),
        _ => around::stand_in(facts, id),
    })
}

fn read(facts: &CellFacts, names: &Names, id: ExprId) -> Option<Read> {
    let (path, key) = match &facts.expr(id).kind {
        ExprKind::Call { callee, args, .. } => (names.path(facts, *callee)?, args.first()?.value),
        ExprKind::Index { index, .. } => (names.path(facts, id)?, *index),
        _ => return None,
    };
    let variable = facts.str_lit(key)?.plain()?.expose().to_owned();
    env::is_reader(&path).then(|| Read { span: facts.expr(id).span, variable })
}

#[cfg(test)]
mod tests {
    use super::*;
    use credscope_grammars::{Language, lower::LowerOptions};

    #[test]
    fn a_program_that_asks_for_more_than_the_value() {
        let rows = [
            (Language::Python, "x = os.getenv('X', vault.read('db'))", "os.getenv('X', vault.read('db'))", true),
            (Language::Python, "if os.environ.get('X'):\n    f()", "os.environ.get('X')", true),
            (Language::Python, "if t := os.environ.get('X'):\n    f()", "os.environ.get('X')", true),
            (Language::Python, "if os.getenv('X') is None:\n    raise E", "os.getenv('X')", true),
            (Language::Python, "try:\n    x = os.environ['X']\nexcept KeyError:\n    x = f()", "os.environ['X']", true),
            (Language::Python, "x = os.environ.get('X') or cfg.password", "os.environ.get('X')", true),
            (Language::Python, "x = os.getenv('X', 'a')", "os.getenv('X', 'a')", false),
            (Language::Python, "if a:\n    f(os.environ['X'])", "os.environ['X']", false),
            (Language::Scala, "if (sys.env.get(\"X\").isDefined) f()", "sys.env.get(\"X\")", true),
            (Language::Scala, "val x = sys.env.get(\"X\").orElse(g()).get", "sys.env.get(\"X\")", true),
            (Language::Scala, "val x = sys.env.getOrElse(\"X\", S.key)", "sys.env.getOrElse(\"X\", S.key)", true),
            (Language::Scala, "val x = sys.env.get(\"X\").getOrElse(\"\")", "sys.env.get(\"X\")", false),
        ];
        for (language, text, read, expected) in rows {
            let facts = credscope_grammars::lower::lower(language, text, LowerOptions { notebook: true, depth: 1 });
            let start = text.find(read).unwrap_or_default();
            assert_eq!(is_asked(&facts, Span::new(start, start + read.len())), expected, "{text}");
        }
    }

    #[test]
    fn a_program_that_sets_the_variable() {
        let rows = [
            (Language::Python, "os.environ['X'] = fetch()", true),
            (Language::Python, "def f():\n    if a:\n        os.environ['X'] = fetch()", true),
            (Language::Python, "os.environ.setdefault('X', fetch())", true),
            (Language::Python, "os.putenv('X', fetch())", true),
            (Language::Python, "os.environ.update({'X': fetch()})", true),
            (Language::Python, "os.environ.update(X=fetch())", true),
            (Language::Python, "os.environ.update(load())", true),
            (Language::Python, "os.environ |= {'X': fetch()}", true),
            (Language::Python, "from os import environ as e\ne['X'] = fetch()", true),
            (Language::Python, "env = os.environ\nenv.update(X=fetch())", true),
            (Language::R, "Sys.setenv(X = fetch())", true),
            (Language::Python, "x = os.environ['X']", false),
            (Language::Python, "y[os.environ['X']] = 1", false),
            (Language::Python, "os.environ['Y'] = os.environ['X']", false),
            (Language::Python, "os.environ.update({'Y': os.environ['X']})", false),
            (Language::Python, "os.environ['X'] = '@'", false),
            (Language::Python, "os.environ.update({'X': '@'})", false),
            (Language::Python, "os.environ.setdefault('X', '@')", false),
            (Language::Python, "os.environ['X'] = '@'\nos.environ['X'] = fetch()", true),
            (Language::Scala, "System.setProperty(\"X\", fetch())", false),
        ];
        for (language, text, expected) in rows {
            let facts = credscope_grammars::lower::lower(language, text, LowerOptions { notebook: true, depth: 1 });
            assert_eq!(
                is_set(&facts, &Names::of([&facts].into_iter()), "X", |span| span.of(text) == "'@'"),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn a_default_knows_its_read() {
        let rows = [
            (Language::Python, "x = os.getenv('X', '@')", "os.getenv('X', '@')"),
            (Language::Python, "x = os.environ.get('X') or '@'", "os.environ.get('X')"),
            (Language::Python, "from os import getenv as g\nx = g('X', '@')", "g('X', '@')"),
            (Language::Python, "ge = os.getenv\nx = ge('X') or '@'", "ge('X')"),
            (Language::Python, "x = (os.environ['X']) or '@'", "os.environ['X']"),
            (Language::Python, "x = os.environ['X'] if 'X' in os.environ else '@'", "os.environ['X']"),
            (Language::Scala, "val x = sys.env.getOrElse(\"X\", \"@\")", "sys.env.getOrElse(\"X\", \"@\")"),
            (Language::Scala, "val x = sys.env.get(\"X\").getOrElse(\"@\")", "sys.env.get(\"X\")"),
            (Language::Scala, "val x = Option(System.getenv(\"X\")).getOrElse(\"@\")", "System.getenv(\"X\")"),
            (Language::R, "x <- Sys.getenv('X', '@')", "Sys.getenv('X', '@')"),
        ];
        for (language, text, read) in rows {
            let facts = credscope_grammars::lower::lower(language, text, LowerOptions { notebook: true, depth: 1 });
            let at = text.find('@').unwrap_or_default();
            let names = Names::of([&facts].into_iter());
            let found = read_beside(&facts, &names, Span::new(at - 1, at + 2))
                .map(|r| (r.span.of(text).to_owned(), r.variable));
            assert_eq!(found, Some((read.to_owned(), "X".to_owned())), "{text}");
            let start = text.find(read).unwrap_or_default();
            let default = default_of(&facts, &names, Span::new(start, start + read.len()));
            assert_eq!(default.as_ref().map(Secret::expose), Some("@"), "{text}");
        }
    }
}
