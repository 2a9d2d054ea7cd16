use super::*;
use crate::{facts::StrPart, facts_debug::print, tree};

fn lowered(text: &str) -> String {
    print(&super::lower(text, LowerOptions { notebook: false, depth: 2 }))
}

#[test]
fn names_exist_in_the_grammar() {
    tree::assert_names(tree::Grammar::Java, k::KINDS, k::FIELDS);
}

#[test]
fn snippets_are_read() {
    let table: &[(&str, &str)] = &[
        ("String pw = \"x\", u = \"y\";", "var pw = 'x' :String; var u = 'y' :String"),
        ("final String pw = \"x\";", "val pw = 'x' :String"),
        ("this.pw = pw = \"x\";", "this.pw = pw = 'x'"),
        ("pw += \"x\";", "pw += 'x'"),
        ("props.put(\"user\", \"x\");", "props.put('user', 'x')"),
        ("Properties p = new Properties();", "var p = new Properties() :Properties"),
        ("Map<String, String> m = new HashMap<>();", "var m = new HashMap() :Map<String, String>"),
        ("df.write().option(\"password\", \"x\").save();", "df.write.option('password', 'x').save()"),
        ("spark.conf().set(\"k\", \"v\");", "spark.conf.set('k', 'v')"),
        ("f(Map.of(\"user\", u, \"password\", \"x\"));", "f({'user': u, 'password': 'x'})"),
        ("f(Arrays.asList(\"a\", \"b\"));", "f(['a', 'b'])"),
        ("String[] a = new String[] {\"a\", \"b\"};", "var a = ['a', 'b'] :String[]"),
        ("String u = \"a\" + b + \"c\";", "var u = concat('a', b, 'c') :String"),
        ("String u = \"a=%s\".formatted(x);", "var u = format('a=%s'; x) :String"),
        ("String u = m.getOrDefault(\"k\", \"d\");", "var u = (m['k'] ?? 'd') :String"),
        ("if (pw.equals(\"x\")) { f(); } else g();", "if same(pw.equals('x')) {f()} else {g()}"),
        ("import java.util.Properties;", "import java.util.Properties as Properties"),
        ("import java.util.*;", "import java.util as *"),
    ];
    for (source, expected) in table {
        assert_eq!(lowered(source), *expected, "{source}");
    }
}

#[test]
fn text_blocks_lose_what_indents_them() {
    let facts = lower("String q = \"\"\"\n      a \\\"b\n        c\n      \"\"\";", LowerOptions::default());
    let texts = facts.exprs.iter().filter_map(|e| if let ExprKind::Str(lit) = &e.kind { lit.plain() } else { None });
    assert_eq!(texts.map(|t| t.expose().to_owned()).collect::<Vec<_>>(), ["a \"b\n  c\n"]);
}

#[test]
fn deep_and_long_code_is_read_without_overflow() {
    let n = 5_000;
    for source in [
        format!("x = a{};", " + \"b\"".repeat(n)),
        format!("x = a{};", " || b".repeat(n)),
        format!("x = a{};", " - b * c".repeat(n)),
        format!("x = a{};", ".b(c)".repeat(n)),
        format!("x = a{};", "\n  .option(\"k\", \"v\")".repeat(n)),
        format!("x = {}1{};", "(".repeat(1000), ")".repeat(1000)),
        format!("{}1{}", "{".repeat(1000), "}".repeat(1000)),
        format!("x = {}", "f(".repeat(1000)),
        format!("x = {}1;", "a -> ".repeat(1000)),
        format!("x = {}1;", "!".repeat(1000)),
        format!("{}f();", "if (a) b(); else ".repeat(1000)),
        format!("A{} x = 1;", "[]".repeat(1000)),
    ] {
        drop(lowered(&source));
    }
}

#[test]
fn broken_code_takes_linear_time() {
    for source in ["x = = \"x\";\n", "// a = = f(\"x\");\n", "f(\"a\";\n", "String x = \"\n", "}\n", "class A {\n"] {
        let started = std::time::Instant::now();
        drop(lowered(&source.repeat(2000)));
        // Seconds even in a debug build on a busy machine; quadratic time would be minutes.
        assert!(started.elapsed().as_secs() < 20, "{source}");
    }
}

proptest::proptest! {
    #[test]
    fn nothing_panics(tokens in proptest::collection::vec(proptest::sample::select(TOKENS), 0..60)) {
        let source = tokens.concat();
        let facts = lower(&source, LowerOptions { notebook: false, depth: 2 });
        drop(print(&facts));
        for e in &facts.exprs {
            assert!(source.get(e.span.range()).is_some());
            if let ExprKind::Str(lit) = &e.kind {
                assert!(lit.parts.iter().all(|part| matches!(part, StrPart::Text { .. })));
            }
        }
    }
}

const TOKENS: &[&str] = &[
    "a", "b", "C", " ", "\n", "\n  ", "=", "(", ")", "[", "]", "{", "}", "'", "\"", "\"\"\"", "\\", "// ", "/*", "*/",
    "->", ",", ".", "+", "+=", ";", "if (", " else ", "class C {", "new ", "import a.*;", "for (", "try {",
    "catch (E e)", "switch (a) {", "case \"x\":", "return ", "throw ", "String ", "final ", "@A(b = \"c\")", "Map.of(",
    "?", ":", "é", "\r\n", "\0", "1", "null", "password", "spark.sql(\"select 1\")",
];
