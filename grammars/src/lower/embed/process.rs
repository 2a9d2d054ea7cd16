//! Calls and operators that run a shell line or a program with its words.

use super::last_name;
use crate::{
    CellFacts,
    facts::{Arg, ConstKind, ExprId, ExprKind},
};

/// Calls whose first argument is a shell line or a list of words, by the end of their path.
const CALLS: &[&str] = &[
    "os.system", "os.popen", "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output",
    "subprocess.Popen", "subprocess.getoutput", "subprocess.getstatusoutput", "asyncio.create_subprocess_shell",
    "pexpect.spawn", "pexpect.run", "shlex.split", "Runtime.getRuntime().exec", "Runtime.getRuntime.exec",
    "get_ipython().system", "get_ipython().getoutput", "sys.process.Process", "process.Process",
];

/// The same for functions and methods whose name alone says so: name, whether it may have a path before it.
const NAMES: &[(&str, bool)] = &[
    ("Process", false),
    ("system", false),
    ("shell", false),
    ("exec_command", true),
    ("check_output", false),
    ("check_call", false),
    ("Popen", false),
    ("create_subprocess_shell", false),
];

/// Calls whose arguments are the words.
const WORDS: &[&str] = &["ProcessBuilder", "create_subprocess_exec"];

/// Scala's operators on a line or a list of words: `"ls".!`, `Seq("ls", "-l").!!`.
const OPERATORS: &[&str] =
    &["!", "!!", "!<", "!!<", "lazyLines", "lineStream", "lines_!", "lineStream_!", "lazyLines_!"];

/// Operators that join two lines: `"a" #| "b"`.
const JOINS: &[&str] = &["#|", "#&&", "#||", "###", "#>", "#<", "#>>"];

/// What an expression runs.
pub(super) enum Run {
    /// A shell line, or a list of words.
    Line(ExprId),
    /// Words one by one.
    Words(Vec<ExprId>),
}

/// What the expression `id` runs.
pub(super) fn runs(facts: &CellFacts, id: ExprId) -> Vec<Run> {
    match &facts.expr(id).kind {
        ExprKind::Call { callee, args, .. } => call(facts, *callee, args).into_iter().collect(),
        ExprKind::Attr { base, name, .. } if OPERATORS.contains(&&**name) => {
            let mut found = Vec::new();
            operands(facts, *base, &mut found, 0);
            found
        }
        _ => Vec::new(),
    }
}

/// Calls that hand the output to the program, by their last name; and Scala's operators that do.
const CAPTURING: &[&str] = &[
    "popen", "check_output", "getoutput", "getstatusoutput", "exec_command", "spawn", "split", "exec",
    "ProcessBuilder", "!!", "!!<", "lazyLines", "lineStream", "lines_!", "lineStream_!", "lazyLines_!",
];

/// Whether what `id` runs prints to the program and not to the screen: `capture_output=True`, `stdout=…`, R's `intern = TRUE`.
pub(super) fn captures(facts: &CellFacts, id: ExprId) -> bool {
    let (callee, args): (_, &[Arg]) = match &facts.expr(id).kind {
        ExprKind::Call { callee, args, .. } => (*callee, args),
        ExprKind::Attr { name, .. } => return CAPTURING.contains(&&**name),
        _ => return false,
    };
    let is_off = |value: ExprId| match &facts.expr(value).kind {
        ExprKind::Const(c) => {
            c.kind == ConstKind::Null
                || c.kind == ConstKind::Bool && matches!(c.text.expose(), "False" | "false" | "FALSE" | "F")
        }
        ExprKind::Name(name) => matches!(&**name, "None" | "False" | "FALSE" | "F" | "NULL"),
        ExprKind::Str(lit) => lit.parts.is_empty(),
        _ => false,
    };
    let keeps = |arg: &Arg| {
        let named =
            arg.name.as_ref().is_some_and(|(name, _)| matches!(&**name, "capture_output" | "stdout" | "intern"));
        named && !is_off(arg.value)
    };
    last_name(facts, callee).is_some_and(|last| CAPTURING.contains(&last)) || args.iter().any(keeps)
}

fn call(facts: &CellFacts, callee: ExprId, args: &[Arg]) -> Option<Run> {
    // Cheap test first: the path of a long chain costs its length.
    let last = last_name(facts, callee)?;
    if OPERATORS.contains(&last)
        && let ExprKind::Attr { base, .. } = &facts.expr(callee).kind
    {
        let mut found = Vec::new();
        operands(facts, *base, &mut found, 0);
        return found.pop();
    }
    if last == "system2" {
        let [program, rest @ ..] = args else { return None };
        let mut words = vec![program.value];
        if let Some(more) = rest.first()
            && let ExprKind::Seq { items, .. } = &facts.expr(more.value).kind
        {
            words.extend(items);
        }
        return Some(Run::Words(words));
    }
    if WORDS.contains(&last) {
        return match args {
            [only] => Some(Run::Line(only.value)),
            [] => None,
            many => Some(Run::Words(many.iter().filter(|a| a.name.is_none()).map(|a| a.value).collect())),
        };
    }
    let by_path = CALLS.iter().any(|c| c.strip_suffix(last).is_some_and(|head| head.ends_with('.')));
    let by_name = NAMES.iter().find(|(name, _)| *name == last);
    if !by_path && by_name.is_none() {
        return None;
    }
    let path = facts.path(callee)?;
    let known = CALLS.iter().any(|c| path == *c || path.ends_with(&format!(".{c}")))
        || by_name.is_some_and(|(name, anywhere)| *anywhere || path == *name);
    let named = |name: &str| args.iter().find(|a| a.name.as_ref().is_some_and(|(n, _)| &**n == name));
    let line = args.iter().find(|a| a.name.is_none()).or_else(|| named("args")).or_else(|| named("cmd"));
    line.filter(|_| known).map(|a| Run::Line(a.value))
}

/// The texts that an operator of Scala's processes is applied to.
fn operands(facts: &CellFacts, id: ExprId, found: &mut Vec<Run>, depth: u8) {
    match &facts.expr(id).kind {
        ExprKind::Str(_) | ExprKind::Concat(_) | ExprKind::Seq { .. } | ExprKind::Format { .. } => {
            found.push(Run::Line(id));
        }
        ExprKind::Same(inner) if depth < 8 => operands(facts, *inner, found, depth + 1),
        ExprKind::Operator { op, operands: parts } if depth < 8 && JOINS.contains(&&**op) => {
            for &part in parts {
                operands(facts, part, found, depth + 1);
            }
        }
        ExprKind::Call { callee, args, .. } if depth < 8 => {
            if let ExprKind::Attr { base, name, .. } = &facts.expr(*callee).kind
                && JOINS.contains(&&**name)
            {
                operands(facts, *base, found, depth + 1);
                for arg in args {
                    operands(facts, arg.value, found, depth + 1);
                }
            }
        }
        // `"…".stripMargin.!`
        ExprKind::Attr { name, .. } if matches!(&**name, "stripMargin" | "trim") => found.push(Run::Line(id)),
        _ => {}
    }
}
