//! Source → printed facts.

use super::*;
use crate::facts_debug::print;

fn facts(source: &str) -> CellFacts {
    lower(source, LowerOptions { notebook: true, depth: 3 })
}

#[test]
fn source_becomes_facts() {
    let rows: &[(&str, &str)] = &[
        // assignments
        ("a = 1", "a = 1"),
        ("a = b = 'x'", "a = b = 'x'"),
        ("a, b = 'x', y", "(a, b) = ('x', y)"),
        ("(a, [b, *c]) = f()", "(a, (b, *c)) = f()"),
        ("x: str = 'v'", "x = 'v' :str"),
        ("x: str", "?(x)"),
        ("x += 'y'", "x += 'y'"),
        ("self.password = pw", "self.password = pw"),
        ("conf['password'] = 'x'", "conf['password'] = 'x'"),
        ("_, a = f()", "(_, a) = f()"),
        ("if (n := f()): pass", "if (n := f()) {}"),
        ("type X = int", "X = ?()"),
        // expressions
        ("a.b.c(d, *e, k='v', **f)[0]", "a.b.c(d, *e, k='v', *f)[0]"),
        ("x[1:2]; x[::-1]; x[1, 2]", "x[:1, 2]; x[:op-(1)]; x[(1, 2)]"),
        ("{'a': 1, **b}", "{'a': 1, **b}"),
        ("[1, 'a']; (1,); {1}; ()", "[1, 'a']; (1); set{1}; ()"),
        ("1, 2", "(1, 2)"),
        ("1,", "(1)"),
        ("[a for a, b in c if d if e]", "for<a for (a, b) in c if d if e>"),
        ("{k: v for k in a for v in k}", "for<k, v for k in a for v in k>"),
        ("f(x for x in y)", "f(for<x for x in y>)"),
        ("lambda a, b='x', *c, **d: a + b", "def lambda(a, b='x', *c, **d) {return concat(a, b)}"),
        ("a if b else c", "cond(b ? a : c)"),
        ("a or 'x'", "(a ?? 'x')"),
        ("a or b or c", "(a ?? (b ?? c))"),
        ("a and b and not c", "logic(a, b, logic(c))"),
        ("a == 'x'; a is not None; 1 < b < c", "cmp==(a, 'x'); cmpis not(a, None); cmp<(1, b, c)"),
        ("'a' + b + 'c'", "concat('a', b, 'c')"),
        ("'a' + (b + 'c')", "concat('a', b, 'c')"),
        ("a - b * c - d", "op-(a, op*(b, c), d)"),
        ("1 + 2", "op+(1, 2)"),
        ("-a", "op-(a)"),
        ("await f()", "same(f())"),
        ("print('x')", "print('x')"),
        ("...", "?()"),
        // strings
        ("'a' \"b\"", "concat('a', 'b')"),
        ("'%s:%s' % (u, p)", "format('%s:%s'; u, p)"),
        ("'%(u)s' % {'u': 1}", "format('%(u)s'; {'u': 1})"),
        ("'%s' % x", "format('%s'; x)"),
        ("n % x", "op%(n, x)"),
        ("'{}{k}'.format(a, k=b)", "format('{}{k}'; a, k=b)"),
        ("('a' 'b{}').format(a)", "format(concat('a', 'b{}'); a)"),
        ("spark.read.format('jdbc')", "spark.read.format('jdbc')"),
        ("'a'.join(['b'])", "'a'.join(['b'])"),
        ("f'a{b}c{{d}}{e!r:>{w}}{g=}'", "f'a${b}c{d}${e!r:>{w}}${g=}'"),
        ("f'{f\"{x}\"}'", "f'${f'${x}'}'"),
        ("f'{d[\"k\"]}{a, b}'", "f'${d['k']}${(a, b)}'"),
        ("rb'\\n' b'\\n' u'\\n' R'\\n'", "concat(rb'\\\\n', b'\\n', u'\\n', R'\\\\n')"),
        ("'''a\n'b'''", "'a\\n\\'b'"),
        ("''", "''"),
        ("'a\\\nb'", "'ab'"),
        // statements
        ("if a:\n  b\nelif c:\n  d\nelse:\n  e", "if a {b} else {if c {d} else {e}}"),
        ("for i in x:\n  a\nelse:\n  b", "for i in x {a}; {b}"),
        ("while a: b", "while a {b}"),
        (
            "try:\n  a\nexcept E as e:\n  b\nexcept (F, G):\n  c\nelse:\n  d\nfinally:\n  g",
            "try {a} except e {b} except {c} else {d} finally {g}",
        ),
        ("try:\n  a\nexcept E, e:\n  print e", "try {a} except e {print(e)}"),
        ("with open(x) as f, g: a", "with open(x) as f, g {a}"),
        ("with (open(x) as f, g as h): a", "with open(x) as f, g as h {a}"),
        (
            "match x:\n  case {'pw': p, **r} if p: a\n  case C(k=v) | D(): b\n  case [a, *_]: c\n  case _: d",
            "match x case {'pw': p, ?(): r} if p {a} case (v) {b} case (a, *_) {c} case _ {d}",
        ),
        ("match x:\n  case 'a': b\n  case y: c\n  case E() as z: d", "match x case 'a' {b} case y {c} case z {d}"),
        (
            "@d('x')\ndef f(a, b: str = 'y', *, c=1, **k) -> int:\n  return a",
            "@d('x') def f(a, b:str='y', kw:c=1, **k) {return a}",
        ),
        ("async def f(*a, b): yield a", "def f(*a, kw:b) {yield(a)}"),
        (
            "@dataclass\nclass A(B, metaclass=M):\n  p: str = 'x'\n  q = 1",
            "@dataclass class A(B) {p = 'x' :str; q = 1}",
        ),
        ("import a.b, c as d, e", "import a as a (a.b), c as d, e as e"),
        ("from a.b import c as d, e", "import a.b.c as d, a.b.e as e"),
        ("from . import x; from ..y import *", "import .x as x; import ..y as *"),
        ("from __future__ import annotations", "import __future__.annotations as annotations"),
        ("def f():\n  global a, b\n  nonlocal c", "def f() {global a, b; global c}"),
        ("del a, b['x']", "del a, b['x']"),
        ("raise E('x') from e", "raise E('x') from e"),
        ("raise", "raise"),
        ("assert a, 'm'", "assert a 'm'"),
        ("def f(): return", "def f() {return}"),
        ("print 'a', b", "print('a', b)"),
        ("print >>f, 'a'", "print(file=f, 'a')"),
        ("exec 'code'", "exec('code')"),
        ("x = yield a", "x = yield(a)"),
    ];
    for (source, expected) in rows {
        assert_eq!(&print(&facts(source)), expected, "{source}");
    }
}

#[test]
fn spans_of_escaped_text_are_exact() {
    let source = "p = 'é\\n' f\"a\\x41{b}\\u00e9c\"";
    let facts = facts(source);
    let texts: Vec<(&str, &str)> = facts
        .exprs
        .iter()
        .filter_map(|e| if let ExprKind::Str(lit) = &e.kind { Some(&lit.parts) } else { None })
        .flatten()
        .filter_map(|p| if let crate::facts::StrPart::Text { value, map } = p { Some((value, map)) } else { None })
        .map(|(value, map)| (value.expose(), map.to_source(Span::new(0, value.len())).of(source)))
        .collect();
    assert_eq!(texts, [("é\n", "é\\n"), ("aA", "a\\x41"), ("éc", "\\u00e9c")]);
}

#[test]
fn deep_and_long_code_is_read_without_overflow() {
    let n = 20_000;
    for source in [
        format!("x = a{}", " + 'b'".repeat(n)),
        format!("x = a{}", " or b".repeat(n)),
        format!("x = a{}", ".b(c)".repeat(n)),
        format!("x = {}1{}", "(".repeat(2000), ")".repeat(2000)),
        format!("x = {}1{}", "[".repeat(2000), "]".repeat(2000)),
        format!("x = {}1", "lambda: ".repeat(2000)),
        format!("x = {}1", "not ".repeat(2000)),
        format!("if a:\n  b\n{}", "elif c:\n  d\n".repeat(n)),
        format!("x = {}1", "a = ".repeat(n)),
        format!("x = {}1", "a if b else ".repeat(2000)),
        format!("x = {}", "{'a': ".repeat(2000)),
        format!("x = {}", "f(".repeat(2000)),
        format!("f'{}'", "{f\"".repeat(500)),
        (0..400).map(|i| format!("{}if a:\n", " ".repeat(i))).collect(),
    ] {
        let facts = facts(&source);
        assert!(!facts.exprs.is_empty(), "{}", &source[..40]);
        drop(print(&facts));
    }
}

#[test]
fn embedded_texts_are_found() {
    let rows: &[(&str, &str)] = &[
        ("spark.sql('select 1')", "<sql query: select 1>"),
        ("spark.sql(f\"select {a} from \" + t)", "<sql query: select {a} from {t}>"),
        ("cursor.execute('drop table {}'.format(t), x)", "<sql query: drop table {}>"),
        ("r.option('dbtable', '(select 1) t')", "<sql query: (select 1) t>"),
        ("df.selectExpr('a', 'b')", "<sql query: a> | <sql query: b>"),
        ("pd.read_sql(con=c, sql='select 2')", "<sql query: select 2>"),
        ("q = 'SELECT a FROM b'", "<sql document: SELECT a FROM b>"),
        ("x = 'some text, nothing else'", ""),
        ("spark.sql(query)", ""),
        ("df.select('a')", ""),
    ];
    for (source, expected) in rows {
        let mut facts = facts(source);
        facts.body.clear();
        facts.queries.clear();
        facts.commands.clear();
        assert_eq!(&print(&facts), expected, "{source}");
    }
}

#[test]
fn embedded_texts_map_to_the_cell() {
    let source = "spark.sql('select \\'a\\' ' 'x' + f'{b}y')";
    let facts = facts(source);
    let embedded = &facts.embedded[0];
    assert_eq!(embedded.text.expose(), "select 'a' x{b}y");
    assert_eq!(embedded.map.to_source(Span::new(7, 10)).of(source), "\\'a\\'");
    assert_eq!(embedded.map.to_source(Span::new(11, 12)).of(source), "x");
    let (hole, id) = embedded.holes[0];
    assert_eq!(embedded.map.to_source(hole).of(source), "{b}");
    assert_eq!(facts.expr(id).span.of(source), "b");
    assert_eq!(embedded.map.to_source(Span::new(15, 16)).of(source), "y");
}

#[test]
fn magics_are_read_on_their_own() {
    let rows: &[(&str, &str)] = &[
        ("%run ./x\na = 1", "include ./x; a = 1"),
        ("%run \"$path\"", "include $path"),
        ("%run ./a $x=\"y\"", "include ./a; %run(x='y')"),
        ("a = 1\n!ls -l\nb = 2", "a = 1; b = 2 | <shell shell: ls -l>"),
        ("x = !ls", "<shell captured: ls>"),
        ("%pip install \\\n  a b", "<pip shell: install \\\n  a b>"),
        ("%sql select 1", "<sql magic: select 1>"),
        ("%env A=b c", "os.environ['A'] = 'b c'"),
        ("%set_env A $pw", "os.environ['A'] = '${pw}'"),
        ("%env A", ""),
        ("?help\nhelp?\nx.y??\na", "a"),
        ("%matplotlib inline\na", "a"),
        ("%%time\na = f()", "a = f()"),
        ("%time a = f()", "a = f()"),
        ("%%bash\nls\npwd", "<shell shell: \nls\npwd>"),
        ("if a:\n  !ls -l\nb", "if a {}; b | <shell shell: ls -l>"),
        ("x = (a\n  % b)", "x = op%(a, b)"),
        ("x = '''\n%run a\n!b\n'''", "x = '\\n%run a\\n!b\\n'"),
        ("dbutils.notebook.run('a', 1)", "dbutils.notebook.run('a', 1)"),
        ("// .option('a', 'b')\nc", "c | <python comment: (_.option('a', 'b'))>"),
    ];
    for (source, expected) in rows {
        let mut facts = facts(source);
        for e in &mut facts.embedded {
            e.facts = CellFacts::default();
        }
        assert_eq!(&print(&facts), expected, "{source}");
    }
}

#[test]
fn an_error_costs_one_statement() {
    let rows: &[(&str, &str)] = &[
        ("a = 'x'\nb = = 'y'\nc = 'z'", "a = 'x'; c = 'z'"),
        ("a = f('x'\nb = 'y'\n", "a = f('x'); b = 'y'"),
        ("a = 'x\nb = 'y'\n", "b = 'y'"),
        ("x.option('a', 'b'\ny = 1\n", "x.option('a', 'b'); y = 1"),
        ("def f():\n  a = 'x'\n  b = ]\n  c = 'y'\nd = 'z'", "a = 'x'; c = 'y'; d = 'z'"),
        ("password : hunter2 !\nb = 1", "line password -> 'hunter2'"),
        ("d = {'a': 'b'\ne = 'f'\n", "d = {'a': 'b'}; e = 'f'"),
        ("for\na = 'x'", "a = 'x'"),
    ];
    for (source, expected) in rows {
        let printed = print(&facts(source));
        for part in expected.split("; ") {
            assert!(printed.contains(part), "{source}: {printed}");
        }
    }
}

#[test]
fn broken_and_commented_code_takes_linear_time() {
    let n = 4000;
    for source in ["a = = 'x'\n", "# a = = f('x')\n", "# a: b2\n", "!ls\n", "f('a'\n", "x = '\n", "%env A=b\n", "'''\n"]
    {
        let started = std::time::Instant::now();
        drop(facts(&source.repeat(n)));
        // Seconds even in a debug build on a busy machine; quadratic time would be minutes.
        assert!(started.elapsed().as_secs() < 20, "{source}");
    }
}

proptest::proptest! {
    #[test]
    fn nothing_panics(tokens in proptest::collection::vec(proptest::sample::select(TOKENS), 0..60)) {
        let source = tokens.concat();
        for notebook in [true, false] {
            let facts = lower(&source, LowerOptions { notebook, depth: 3 });
            drop(print(&facts));
            for e in &facts.exprs {
                assert!(source.get(e.span.range()).is_some());
            }
        }
    }
}

const TOKENS: &[&str] = &[
    "a", "b", " ", "\n", "\n  ", "=", "(", ")", "[", "]", "{", "}", "'", "\"", "'''", "f'", "rb\"", "\\", "\\\n", "#",
    "# a = 'b'", "%run ", "!", "?", "%", "é", ":", ",", ".", "+", "if ", "def ", "class ", "lambda ", "for ", " in ",
    "with ", " as ", "try:", "except ", "match ", "case ", "import ", "from ", "print ", "\r\n", "\t", "// ", "-- ",
    "select 1", "%env A=", "password", "0", "*", "**", "@", "->", ";", "x = !", "'{}'.format(", "'%s' % ",
    "spark.sql(", "\u{feff}", "\0", "\r",
];

#[test]
fn spans_hold_whole_characters() {
    // The parser ends a node of an error inside the last character.
    let source = "]a\"'{}'.format(=(\n  \u{e9}try:\n  // \u{feff}";
    for e in facts(source).exprs {
        assert!(source.get(e.span.range()).is_some(), "{:?}", e.span);
    }
}
