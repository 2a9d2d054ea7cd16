//! Values that Python evaluates once, at definition: defaults of parameters and of dataclass fields.

use super::{
    super::{
        Rewrite, Target,
        around::{Around, Level, Owner, Program},
        edited, later,
    },
    functions::imports_module,
    line_start,
};
use crate::{
    CellFacts, Span,
    facts::{Class, ExprId, ExprKind, Function, Stmt, StmtKind},
};

type Edits = [(Span, String)];

/// `def f(password="…")`: `None`, and the secret is read in the body.
pub(super) fn default(
    text: &str,
    facts: &CellFacts,
    (level, program): (Level<'_>, &Program<'_>),
    function: &Function,
    (value, name): (Span, &str),
    local: &Edits,
    mut out: Rewrite,
) -> Result<Rewrite, String> {
    let advice = || "make the default `None` and read the secret in the body".to_owned();
    let mut new = edited(text, value, local);
    let value = in_parentheses(text, value);
    if new.contains('\n') {
        new = format!("({new})");
    }
    if is_overload(facts, function) {
        // A signature for readers: its default is never used.
        out.edits.push((value, "...".into()));
        out.dbutils = false;
        out.imports.clear();
        return Ok(out);
    }
    let class = match level.owner {
        Owner::Class(class) => Some(&*class.name),
        _ => None,
    };
    if program.gives_none(function, class, name) {
        return Err("read the secret in the calls that leave this out: others give `None` and mean it".to_owned());
    }
    if later::lacks_dbutils(facts, function) {
        return Err("read the secret where `dbutils` is there: here it is a name that holds None".to_owned());
    }
    if later::reads_changing(facts, value, program) {
        return Err("read the secret in the body: the default reads a name that gets another value later".to_owned());
    }
    if later::reads_hidden(facts, value, (function, level.owner)) {
        return Err("read the secret in the body: the default reads a name that is another one there".to_owned());
    }
    if later::changes(facts, function, name) {
        return Err("read the secret outside of the function: the default is changed there and kept".to_owned());
    }
    out.edits.push((value, "None".into()));
    let first = function.body.first().ok_or_else(advice)?;
    let head = level.stmt.span.start as usize;
    // The body on the line of `def`, or on lines of its own.
    let own_line = line_start(text, first.span.start as usize);
    // `def f(): \` goes on in the next line.
    let own_line = own_line.filter(|(line, _)| !text[..*line].trim_end().ends_with('\\'));
    let (indent, inline) = match own_line {
        Some((_, indent)) => (indent.to_owned(), false),
        None => {
            let (_, outer) = line_start(text, head).ok_or_else(advice)?;
            (format!("{outer}    "), true)
        }
    };
    let code = format!("if {name} is None:\n{indent}    {name} = {new}\n{indent}");
    // What stands between two statements of one line becomes a line break.
    let gap = |end: usize, start: usize| (Span::new(end, start), format!("\n{indent}"));
    let head = text.get(..first.span.start as usize).unwrap_or("");
    let colon = head.trim_end_matches(|c: char| c.is_whitespace() || c == '\\').len();
    let docstring = matches!(first.kind, StmtKind::Expr(id) if matches!(facts.expr(id).kind, ExprKind::Str(_)));
    match function.body.get(usize::from(docstring)) {
        Some(next) => {
            let at = next.span.start as usize;
            let beside = line_start(text, at).is_none() || !docstring && inline;
            if docstring && inline {
                out.edits.push(gap(colon, first.span.start as usize));
            }
            match (docstring, beside) {
                (true, true) => {
                    let (span, mut line) = gap(first.span.end as usize, at);
                    line.push_str(&code);
                    out.edits.push((span, line));
                }
                (false, true) => out.edits.push((Span::new(colon, at), format!("\n{indent}{code}"))),
                (_, false) => out.edits.push((Span::new(at, at), code)),
            }
        }
        // Nothing but a docstring.
        None => {
            if inline {
                out.edits.push(gap(colon, first.span.start as usize));
            }
            let end = first.span.end as usize;
            out.edits.push((Span::new(end, end), format!("\n{indent}{}", code.trim_end())));
        }
    }
    Ok(out)
}

/// A default with the parentheses around it: `a=("x")`.
fn in_parentheses(text: &str, mut value: Span) -> Span {
    loop {
        let (before, after) = (text.get(..value.start as usize), text.get(value.end as usize..));
        let open = before.and_then(|t| without_blanks(t).strip_suffix('('));
        let close = after.map(|t| t.trim_start()).filter(|t| t.starts_with(')'));
        match (open, after, close) {
            (Some(open), Some(after), Some(close)) if open.trim_end().ends_with(['=', '(']) => {
                let end = value.end as usize + after.len() - close.len() + 1;
                value = Span::new(open.len(), end);
            }
            _ => return value,
        }
    }
}

fn without_blanks(text: &str) -> &str {
    text.trim_end_matches(|c: char| c.is_whitespace() || c == '\\')
}

/// `@overload`
fn is_overload(facts: &CellFacts, function: &Function) -> bool {
    function.decorators.iter().any(|&d| facts.path(d).is_some_and(|p| p.rsplit('.').next() == Some("overload")))
}

/// The value of a dataclass's field around a literal.
pub(super) fn field_of(facts: &CellFacts, around: &Around<'_>) -> Option<ExprId> {
    let level = around.levels.iter().rev().find(|l| matches!(l.owner, Owner::Class(_)))?;
    let Owner::Class(class) = level.owner else { return None };
    let StmtKind::Bind { value, annotation: Some(_), .. } = &level.stmt.kind else { return None };
    is_dataclass(facts, class).then_some(*value)
}

/// A field of a dataclass has the value as default: `field(default_factory=lambda: …)`. `None`: it is no such field,
/// or the class itself is asked for the value, which a factory does not leave there.
pub(super) fn field(
    text: &str,
    facts: &CellFacts,
    around: &Around<'_>,
    target: Target<'_>,
    local: &Edits,
    out: &mut Rewrite,
) -> Option<Result<(), String>> {
    let literal = target.literal;
    let level = around.levels.iter().rev().find(|l| matches!(l.owner, Owner::Class(_)))?;
    let Owner::Class(class) = level.owner else { return None };
    let StmtKind::Bind { value, annotation: Some(annotation), .. } = &level.stmt.kind else { return None };
    // Pseudo-fields have no factory: they are evaluated with the class.
    let pseudo = ["ClassVar", "InitVar"].iter().any(|p| annotation.contains(p));
    if !is_dataclass(facts, class) || pseudo || asked(facts, class, level.stmt, target.program) {
        return None;
    }
    let value = *value;
    let span = facts.expr(value).span;
    // `field(default="…")`
    if let ExprKind::Call { callee, args, .. } = &facts.expr(value).kind
        && facts.path(*callee).is_some_and(|p| p.rsplit('.').next() == Some("field"))
    {
        let arg = args.iter().find(|a| a.span.contains(literal))?;
        if arg.name.as_ref().is_none_or(|(n, _)| &**n != "default") {
            return None;
        }
        let inner = facts.expr(arg.value).span;
        out.edits.push((arg.span, format!("default_factory=lambda: {}", edited(text, inner, local))));
        return Some(Ok(()));
    }
    let new = edited(text, span, local);
    let call = if names(facts, "field") {
        "field"
    } else if imports_module(facts, "dataclasses") {
        "dataclasses.field"
    } else if super::super::free_name(text, "field") != "field" {
        out.imports.push("import dataclasses");
        "dataclasses.field"
    } else {
        match imported(facts) {
            Some(end) => out.edits.push((end, ", field".into())),
            None => out.imports.push("from dataclasses import field"),
        }
        "field"
    };
    out.edits.push((span, format!("{call}(default_factory=lambda: {new})")));
    Some(Ok(()))
}

fn is_dataclass(facts: &CellFacts, class: &Class) -> bool {
    class.decorators.iter().any(|&d| {
        let callee: ExprId = match &facts.expr(d).kind {
            ExprKind::Call { callee, .. } => *callee,
            _ => d,
        };
        facts.path(callee).is_some_and(|p| p.rsplit('.').next() == Some("dataclass"))
    })
}

/// `Config.password`: the attribute of the class itself.
fn asked(facts: &CellFacts, class: &Class, field: &Stmt, program: &Program<'_>) -> bool {
    let StmtKind::Bind { targets, .. } = &field.kind else { return false };
    let Some(crate::facts::Target::Name { name, .. }) = targets.first() else { return false };
    let by_cls = facts.exprs.iter().any(|e| match &e.kind {
        ExprKind::Attr { base, name: attribute, .. } if attribute == name => {
            matches!(&facts.expr(*base).kind, ExprKind::Name(n) if &**n == "cls")
        }
        _ => false,
    });
    by_cls || program.asks(&class.name, name)
}

/// The end of what `from dataclasses import …` names.
fn imported(facts: &CellFacts) -> Option<Span> {
    facts.body.iter().find_map(|s| match &s.kind {
        StmtKind::Import(imports) => {
            let mut named = imports.iter().filter(|i| i.path.starts_with("dataclasses.") && i.module.is_none());
            let last = named.next_back()?;
            Some(Span { start: last.span.end, end: last.span.end })
        }
        _ => None,
    })
}

fn names(facts: &CellFacts, alias: &str) -> bool {
    facts.body.iter().any(|s| {
        matches!(&s.kind, StmtKind::Import(imports) if imports.iter().any(|i| &*i.alias == alias && i.path.starts_with("dataclasses.")))
    })
}
