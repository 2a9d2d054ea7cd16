//! Source → printed facts.

use super::*;
use crate::{facts::StrPart, facts_debug::print, tree};

fn facts(source: &str) -> CellFacts {
    lower(source, LowerOptions { notebook: true, depth: 2 })
}

#[test]
fn names_exist_in_the_grammar() {
    tree::assert_names(Grammar::R, k::KINDS, k::FIELDS);
}

#[test]
fn source_becomes_facts() {
    let rows: &[(&str, &str)] = &[
        // assignments
        ("password <- \"x\"", "password = 'x'"),
        ("password = 'x'", "password = 'x'"),
        ("'x' -> password", "password = 'x'"),
        ("a <<- 'x'; 'y' ->> d", "global a; a = 'x'; global d; d = 'y'"),
        ("a <- b <- 'x'", "a = b = 'x'"),
        ("assign(\"password\", 'x')", "password = 'x'"),
        ("assign(name, 'x')", "assign(name, 'x')"),
        ("`my name` <- 1; \"q\" <- 2", "my name = 1; q = 2"),
        ("conf$password <- 'x'", "conf['password'] = 'x'"),
        ("conf$`spark.a b`[['k']] <- 'x'", "conf['spark.a b']['k'] = 'x'"),
        ("conf['password'] <- 'x'", "conf['password'] = 'x'"),
        ("names(x) <- c('a', 'b')", "names(x) = ['a', 'b']"),
        ("x@slot <- 'y'", "x.slot = 'y'"),
        ("if ((x <- f()) == 'a') g()", "if cmp==(same((x := f())), 'a') {g()}"),
        ("dt[, password := 'x']", "dt[(password := 'x')]"),
        // calls and containers
        ("dbutils.secrets.get(scope = \"s\", key = \"k\")", "dbutils.secrets.get(scope='s', key='k')"),
        ("read.jdbc(url, 't', user = 'u', password = 'x')", "read.jdbc(url, 't', user='u', password='x')"),
        ("DBI::dbConnect(drv, url, 'u', 'x')", "DBI.dbConnect(drv, url, 'u', 'x')"),
        ("list(user = u, 'pass word' = 'x', `b c` = 1)", "{'user': u, 'pass word': 'x', 'b c': 1}"),
        ("c('a', 'b'); c(a = 'b', d); list(); c()", "['a', 'b']; {'a': 'b', **d}; {}; []"),
        ("Sys.getenv('X'); Sys.setenv(PW = 'x')", "Sys.getenv('X'); Sys.setenv(PW='x')"),
        ("Sys.getenv('X', 'y'); Sys.getenv('X', unset = y)", "(Sys.getenv('X') ?? 'y'); (Sys.getenv('X') ?? y)"),
        ("x$method('a')$b", "x.method('a')['b']"),
        ("df[df$a == 'b', 'c', drop = FALSE]", "df[(cmp==(df['a'], 'b'), 'c')]"),
        ("library(SparkR); require('DBI')", "import SparkR as *; import DBI as *"),
        ("paste0('jdbc:', h, ';password=', pw)", "paste0('jdbc:', h, ';password=', pw)"),
        ("x %>% f(y) |> g(a = 'b')", "g(f(x, y), a='b')"),
        ("x %>% f %>% h(a, .) |> i(d = _)", "i(d=h(a, f(x)))"),
        ("x |> (\\(y) y)()", "same(def lambda(y) {return y})(x)"),
        ("x %||% 'd'; a %in% b; a %+% 'b'; a %my% b", "(x ?? 'd'); cmp%in%(a, b); concat(a, 'b'); %my%(a, b)"),
        ("a + b + c - d; !a && b && c", "op-(op+(a, b, c), d); logic(logic(a), b, c)"),
        ("y ~ x; -1:2", "op~(y, x); op:(op-(1), 2)"),
        ("httr::add_headers(Authorization = 'Bearer x')", "httr.add_headers(Authorization='Bearer x')"),
        ("f(, a = )", "f(a=?())"),
        // control flow
        ("f <- function(a, b = 'x', ...) { g(b); a }", "def f(a, b='x', *...) {g(b); return a}"),
        ("f <- function(x) if (x) 'a' else return('b')", "def f(x) {if x {return 'a'} else {return 'b'}}"),
        ("lapply(xs, function(x) x$password)", "lapply(xs, def lambda(x) {return x['password']})"),
        ("for (i in xs) { print(i); next }", "for i in xs {print(i)}"),
        ("while (TRUE) f(); repeat { break }", "while TRUE {f()}; while TRUE {}"),
        ("x <- if (a) 'b' else 'c'; y <- ifelse(a, 'b', 'c')", "x = cond(a ? 'b' : 'c'); y = cond(a ? 'b' : 'c')"),
        ("stop('bad ', pw)", "raise stop('bad ', pw)"),
        (
            "tryCatch({ f() }, error = function(e) { print(e) }, finally = g())",
            "try {f()} except e {print(e)} finally {g()}",
        ),
        ("x <- tryCatch(f(), error = function(e) NULL)", "x = {try {f()} except e {NULL}}"),
        ("invisible(f()); suppressWarnings(g())", "same(f()); same(g())"),
        // strings
        ("r\"(a\\n\"b\")\"; R'---[c]---'", "r'a\\\\n\\\"b\\\"'; R'c'"),
        ("'a\\x41\\u{e9}\\'b'; ''", "'aAé\\'b'; ''"),
        ("1L; 1.5e3; TRUE; NULL; NA; Inf", "1L; 1.5e3; TRUE; NULL; NA; Inf"),
        // magics
        ("%run ./setup\nx <- 1", "include ./setup; x = 1"),
        ("x <- 1\n%sql select 1\ny <- 2", "x = 1; y = 2 | <sql magic: select 1>"),
        ("sql('select a from t')", "sql('select a from t') | <sql query: select a from t>"),
    ];
    let wrong: Vec<_> = rows
        .iter()
        .map(|(text, expected)| (*text, print(&facts(text)), *expected))
        .filter(|(_, seen, expected)| seen != expected)
        .collect();
    assert!(wrong.is_empty(), "text, seen, expected: {wrong:#?}");
}

#[test]
fn an_error_costs_one_statement() {
    let rows: &[(&str, &str)] = &[
        ("a <- 'x'\nb <- <- 'y'\nd <- 'z'", "a = 'x'; d = 'z'"),
        ("a <- f('x'\nb <- 'y'\n", "a = f('x'); b = 'y'"),
        ("a <- list(u = 'x',\n  p = 'y'\nb <- 'z'", "'p': 'y'; b = 'z'"),
        ("a <- 'x\nb <- 'y'", "b = 'y'"),
        ("password => hunter2\nb <- 1", "line password -> 'hunter2'; b = 1"),
        ("f <- function() {\n  a <- 'x'\n", "a = 'x'"),
        ("}\na <- 'x'", "a = 'x'"),
    ];
    for (source, expected) in rows {
        let printed = print(&facts(source));
        for part in expected.split("; ") {
            assert!(printed.contains(part), "{source}: {printed}");
        }
    }
}

#[test]
fn spans_of_escaped_text_are_exact() {
    let source = "p <- 'é\\n'; q <- list('a\\tb' = r\"(c\\)\")";
    let facts = facts(source);
    let texts: Vec<(&str, &str)> = facts
        .exprs
        .iter()
        .filter_map(|e| if let ExprKind::Str(lit) = &e.kind { Some(&lit.parts) } else { None })
        .flatten()
        .filter_map(|p| if let StrPart::Text { value, map } = p { Some((value, map)) } else { None })
        .map(|(value, map)| (value.expose(), map.to_source(Span::new(0, value.len())).of(source)))
        .collect();
    assert_eq!(texts, [("é\n", "é\\n"), ("c\\", "c\\"), ("a\tb", "a\\tb")]);
}

#[test]
fn deep_and_long_code_is_read_without_overflow() {
    let n = 10_000;
    for source in [
        format!("x <- a{}", " + 'b'".repeat(n)),
        format!("x <- a{}", " %>% f(b)".repeat(n)),
        format!("x <- a{}", "$b(c)".repeat(n)),
        format!("x <- a{}", " - b * c".repeat(n)),
        format!("x <- {}1{}", "(".repeat(2000), ")".repeat(2000)),
        format!("x <- {}", "f(".repeat(2000)),
        format!("x <- {}1", "function() ".repeat(2000)),
        format!("x <- {}1", "!".repeat(2000)),
        format!("x <- {}1", "a <- ".repeat(n)),
        format!("{}1", "if (a) b else ".repeat(2000)),
        "{".repeat(2000),
    ] {
        drop(print(&facts(&source)));
    }
}

#[test]
fn broken_code_takes_linear_time() {
    for source in ["a <- <- 'x'\n", "# a = = f('x')\n", "f('a'\n", "x <- '\n", "}\n", "%sql select 1\n", "a %>%\n"] {
        let started = std::time::Instant::now();
        drop(facts(&source.repeat(3000)));
        // Seconds even in a debug build on a busy machine; quadratic time would be minutes.
        assert!(started.elapsed().as_secs() < 20, "{source}");
    }
}

proptest::proptest! {
    #[test]
    fn nothing_panics(tokens in proptest::collection::vec(proptest::sample::select(TOKENS), 0..60)) {
        let source = tokens.concat();
        let facts = facts(&source);
        drop(print(&facts));
        for e in &facts.exprs {
            assert!(source.get(e.span.range()).is_some());
        }
    }
}

const TOKENS: &[&str] = &[
    "a", "b", " ", "\n", "<-", "->", "<<-", "=", "(", ")", "[[", "]]", "[", "]", "{", "}", "'", "\"", "`", "r\"(",
    ")\"", "\\", "#", "# a <- 'b'", "%run x\n", "%>%", "|>", "$", "@", "::", ",", "+", "if (", " else ", "function(",
    "for (i in ", "list(", "c(a = ", "tryCatch(", "error = ", "assign('a', ", "é", "\r\n", "\u{feff}", "\0", "1L",
    "NULL", "return(", "library(", "!", "~", "%", "repeat ", ";", "_", ".", "sql('select 1')",
];
