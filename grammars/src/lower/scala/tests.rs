use super::*;
use crate::{facts::StrPart, facts_debug::print, tree};

fn lowered(text: &str) -> String {
    print(&super::lower(text, LowerOptions { notebook: true, depth: 2 }))
}

#[test]
fn names_exist_in_the_grammar() {
    tree::assert_names(tree::Grammar::Scala, k::KINDS, k::FIELDS);
}

#[test]
fn snippets_are_read() {
    let table: &[(&str, &str)] = &[
        ("val (a, b) = (\"x\", \"y\")", "val (a, b) = ('x', 'y')"),
        ("val Array(u, p) = \"a:b\".split(\":\")", "val (u, p) = 'a:b'.split(':')"),
        ("lazy val pw: String = \"x\"", "lazy pw = 'x' :String"),
        ("var a = 1", "var a = 1"),
        ("connectionProperties.put(\"user\", \"x\")", "connectionProperties.put('user', 'x')"),
        ("dbutils.secrets.get(scope = \"s\", key = \"k\")", "dbutils.secrets.get(scope='s', key='k')"),
        ("DriverManager.getConnection(url,\n  user,\n  \"pw\")", "DriverManager.getConnection(url, user, 'pw')"),
        ("df.options(Map(\"user\" -> u, \"password\" -> \"x\"))", "df.options({'user': u, 'password': 'x'})"),
        ("props += (\"password\" -> \"x\")", "props.+=(same('password' -> 'x'))"),
        ("val m = base ++ Map(\"a\" -> \"b\")", "val m = {**base, **{'a': 'b'}}"),
        ("val u = s\"jdbc:$h;password=${p.get}\"", "val u = s'jdbc:${h};password=${p.get}'"),
        ("val t = \"\"\"a \"b\" c\"\"\"", "val t = 'a \\\"b\\\" c'"),
        ("val r = raw\"a\\n$x\"", "val r = raw'a\\\\n${x}'"),
        ("val f = \"a=%s\".format(x)", "val f = format('a=%s'; x)"),
        ("val g = sys.env.getOrElse(\"X\", \"lit\")", "val g = (sys.env['X'] ?? 'lit')"),
        ("val o = opt.getOrElse(\"lit\")", "val o = (opt ?? 'lit')"),
        ("def f(pw: String = \"x\"): Int = { println(pw); g(pw) }", "def f(pw:String='x') {println(pw); return g(pw)}"),
        ("case class C(user: String, password: String = \"x\")", "@case class C(user, password='x')() {}"),
        ("object Conn { val pw = \"x\" }", "object Conn() {val pw = 'x'}"),
        ("import a.b.{C, D => E}\nimport x.y._", "import a.b.C as C, a.b.D as E; import x.y as *"),
        (
            "try { f() } catch { case e: Exception => log(e) } finally { g() }",
            "try {f()} except e {log(e)} finally {g()}",
        ),
        ("x match { case Some(v) if v > 1 => f(v); case _ => 0 }", "match x case (v) if cmp>(v, 1) {f(v)} case _ {0}"),
        ("for (x <- xs) println(x)", "for x in xs {println(x)}"),
        ("val ys = for (x <- xs; y = f(x)) yield y", "val ys = for<y for x in xs for y in [f(x)]>"),
        ("xs.map(x => x + \"a\")", "xs.map(def lambda(x) {return concat(x, 'a')})"),
        (
            "xs.foreach { case (k, v) => println(v) }",
            "xs.foreach(def lambda(_) {match _ case (k, v) {return println(v)}})",
        ),
        ("if (a == \"x\") b else c", "if same(cmp==(a, 'x')) {b} else {c}"),
        ("throw new RuntimeException(s\"x $pw\")", "raise new RuntimeException(s'x ${pw}')"),
        (
            "val auth = java.util.Base64.getEncoder.encodeToString(s\"$u:$pw\".getBytes)",
            "val auth = java.util.Base64.getEncoder.encodeToString(s'${u}:${pw}'.getBytes)",
        ),
        ("new BasicAWSCredentials(id, \"sk\")", "new BasicAWSCredentials(id, 'sk')"),
        ("val f = udf(enc _)", "val f = udf(same(enc))"),
        ("!cmd + 1", "concat(logic(cmd), 1)"),
        ("val s = \"a\" + b + \"c\"", "val s = concat('a', b, 'c')"),
        ("%run ./setup", "include ./setup"),
        ("val x = \"ok\"\nval broken = (\nval y = \"z\"", "val x = 'ok'; val broken = (; val y = 'z'"),
        ("List((\"consumerSecret\", \"x\"))", "[('consumerSecret', 'x')]"),
        (
            "MongoCredential.createCredential(u, db, \"p\".toCharArray)",
            "MongoCredential.createCredential(u, db, 'p'.toCharArray)",
        ),
        (
            "spark.read\n  .format(\"jdbc\")\n  // .option(\"user\", \"u\")\n  .option(\"password\", \"x\")\n  .load()",
            "spark.read.format('jdbc').option('password', 'x').load() | <scala comment: (_.option(\"user\", \"u\"))>",
        ),
        (
            "val df = spark.read\n.format(\"jdbc\")\n\n// c\n.option(\"password\", \"x\")",
            "val df = spark.read.format('jdbc').option('password', 'x')",
        ),
        (
            "df.write.\n  format(\"jdbc\").\n  option(\"password\", \"x\").\n  save()",
            "df.write.format('jdbc').option('password', 'x').save()",
        ),
        ("val p = new Properties() {{ put(\"a\",\"b\") }}", "val p = {{put('a', 'b')}; new Properties()}"),
        ("props += \"password\" -> \"x\"", "props.+=('password' -> 'x')"),
        ("props(\"password\") = \"x\"", "props('password') = 'x'"),
        ("x.y += (\"a\" -> \"b\", \"c\" -> \"d\")", "x.y.+=('a' -> 'b', 'c' -> 'd')"),
        ("m ++= Map(\"a\" -> \"b\")", "m.++=({'a': 'b'})"),
        ("Map((\"k\",\"v\"), \"a\" -> \"b\")", "{'k': 'v', 'a': 'b'}"),
        ("scala.collection.mutable.Map[String, String](\"a\" -> \"b\")", "{'a': 'b'}"),
        ("val c = Map(\"a\" -> \"b\") + (\"c\" -> \"d\") ++ e", "val c = {**{**{'a': 'b'}, 'c': 'd'}, **e}"),
        ("val c = base ++ more + (\"c\" -> \"d\")", "val c = {**concat(base, more), 'c': 'd'}"),
        (
            "val m = Map(\n \"a\" -> \"x\",\n // \"b\" -> \"y\",\n \"c\" -> \"z\",\n)",
            "val m = {'a': 'x', 'c': 'z'} | <scala comment: Map(\"b\" -> \"y\",)>",
        ),
        ("f(xs: _*)(b)", "f(*xs)(b)"),
        ("new A(x)(y).d(\"e\")", "new A(x)(y).d('e')"),
        ("val c = 'x'; val d = '\\''", "val c = 'x'; val d = '\\''"),
        (
            "@annot(\"x\") case class A(x: String)(implicit y: Int) extends B(x) with C",
            "@annot('x') @case class A(x, y)(new B(x), C) {}",
        ),
        (
            "x match { case Some(v: String) => v\n case A(b, \"c\") => b\n case x @ Foo(_) => x\n case Foo => 1\n case a :: rest => a }",
            "match x case (v) {v} case (b, 'c') {b} case x {x} case _ {1} case (a, rest) {a}",
        ),
        ("def f = if (a) \"x\" else \"y\"", "def f() {if same(a) {return 'x'} else {return 'y'}}"),
        ("def f(): String = { x match { case 1 => \"a\" } }", "def f() {match x case _ {return 'a'}}"),
        (
            "def f: String = try { g() } catch { case _: Throwable => \"d\" }",
            "def f() {try {return g()} except {return 'd'}}",
        ),
        ("def main(args: Array[String]) { foo(args) }", "def main(args:Array[String]) {return foo(args)}"),
        ("def f(xs: String*): Unit = g(xs: _*)", "def f(*xs:String*) {return g(*xs)}"),
        ("given pw: String = \"x\"", "lazy pw = 'x' :String"),
        ("implicit val pw: String = \"x\"", "val pw = 'x' :String"),
        ("\"%s\" format x", "format('%s'; x)"),
        ("a to b; x getOrElse \"y\"; list :+ \"x\"", "a.to(b); (x ?? 'y'); list.:+('x')"),
        ("val x = if (a) { b } else { val c = 1; c }", "val x = cond(same(a) ? b : {val c = 1; c})"),
        ("import a.b.{C => _, _}; import a.b.C, d.E", "import a.b as *; import a.b.C as C, d.E as E"),
        ("s\"$$5 ${a + b} $x.y\"", "s'$5 ${concat(a, b)} ${x}.y'"),
        ("s\"\"\"a \"q\" $x\\n\"\"\"", "s'a \\\"q\\\" ${x}\\n'"),
        ("f\"$x%.2f\"; sql\"select $x\"", "f'${x}%.2f'; sql'select ${x}'"),
        ("xs.map(_.password); xs.map { x => x.y }", "xs.map(_.password); xs.map(def lambda(x) {return x.y})"),
        ("(a: String, b) => a + b", "def lambda(a:String, b) {return concat(a, b)}"),
        ("val (a: String, Some(b)) = f()", "val (a, (b)) = f()"),
        ("val a, b = \"x\"", "val a = b = 'x'"),
        ("val Array(a, rest @ _*) = xs; val re(a, B, _) = s", "val (a, *rest) = xs; val (a, _, _) = s"),
        ("val `my pw` = x.`type`.y", "val my pw = x.type.y"),
        ("a = b = \"c\"", "a = {b = 'c'}"),
        ("val x = y.asInstanceOf[String]", "val x = same(y)"),
        ("Option(System.getenv(\"X\")).getOrElse(\"lit\")", "(Option(System.getenv('X')) ?? 'lit')"),
        ("a - b - c; a && b && c; a / b * c", "op-(a, b, c); logic(a, b, c); op*(op/(a, b), c)"),
        ("while (a) { b }\ndo { c } while (d)", "while same(a) {b}; while same(d) {c}"),
        ("for { x <- xs if x > 1; (a, b) <- ys } { f(x) }", "for x in xs {if cmp>(x, 1) {for (a, b) in ys {f(x)}}}"),
        ("val x = try f() catch { case e: E => throw e }", "val x = {try {f()} except e {raise e}}"),
        ("trait T { def pw: String\n val x = 1 }", "class T() {val x = 1}"),
        ("conf.set(\"a\", \"b\").\n  // c\n  set(\"c\", \"d\")", "conf.set('a', 'b').set('c', 'd')"),
        ("val x = \"\"\"|a\n|b\"\"\".stripMargin.format(y)", "val x = format('|a\\n|b'.stripMargin; y)"),
        ("System.setProperty(\"a\", \"b\"); sys.env(\"X\")", "System.setProperty('a', 'b'); sys.env('X')"),
        ("display(spark.sql(\"select 1\"))", "display(spark.sql('select 1')) | <sql query: select 1>"),
        ("val x = 1\n%sql select 1\nval y = 2", "val x = 1; val y = 2 | <sql magic: select 1>"),
        ("if (x) {\n  a\n}\nelse {\n  b\n}", "if same(x) {a} else {b}"),
    ];
    let wrong: Vec<_> = table
        .iter()
        .map(|(text, expected)| (*text, lowered(text), *expected))
        .filter(|(_, seen, expected)| seen != expected)
        .collect();
    assert!(wrong.is_empty(), "text, seen, expected: {wrong:#?}");
}

#[test]
fn an_error_costs_one_statement() {
    let rows: &[(&str, &str)] = &[
        ("val a = \"x\"\nval b = = \"y\"\nval c = \"z\"", "val a = 'x'; val c = 'z'"),
        ("val a = f(\"x\"\nval b = \"y\"", "val a = f('x'); val b = 'y'"),
        ("spark.read.option(\"a\", \"b\"\n\nval y = 1", "spark.read.option('a', 'b'); val y = 1"),
        ("val x = \"abc\nval y = \"d\"", "val y = 'd'"),
        (
            "object A {\n  val a = \"x\"\n  val b = = \"y\"\n  val c = \"z\"\n}",
            "object A() {val a = 'x'; val b = 'y'; val c = 'z'}",
        ),
        ("}\nval a = \"x\"", "val a = 'x'"),
        ("def f() = {\n  val a = \"x\"", "val a = 'x'"),
        ("password => hunter2 ] )\nval b = 1", "line password -> 'hunter2'; val b = 1"),
        ("val q = '\"'\nval a = (\nval b = \"x\"", "val b = 'x'"),
        ("x.getConnection(url,\n  user,\n  \"pw\"\nval b = 1", "x.getConnection(url, user, 'pw'); val b = 1"),
    ];
    for (source, expected) in rows {
        let printed = lowered(source);
        for part in expected.split("; ") {
            assert!(printed.contains(part), "{source}: {printed}");
        }
    }
}

#[test]
fn spans_of_escaped_text_are_exact() {
    let source = "val p = \"é\\n\" + s\"a\\u0041${b}$$c\" + \"\"\"d\\n\"\"\"";
    let facts = lower(source, LowerOptions { notebook: true, depth: 2 });
    let texts: Vec<(&str, &str)> = facts
        .exprs
        .iter()
        .filter_map(|e| if let ExprKind::Str(lit) = &e.kind { Some(&lit.parts) } else { None })
        .flatten()
        .filter_map(|p| if let StrPart::Text { value, map } = p { Some((value, map)) } else { None })
        .map(|(value, map)| (value.expose(), map.to_source(Span::new(0, value.len())).of(source)))
        .collect();
    assert_eq!(texts, [("é\n", "é\\n"), ("aA", "a\\u0041"), ("$c", "$$c"), ("d\\n", "d\\n")]);
}

#[test]
fn deep_and_long_code_is_read_without_overflow() {
    let n = 5_000;
    for source in [
        format!("val x = a{}", " + \"b\"".repeat(n)),
        format!("val x = a{}", " || b".repeat(n)),
        format!("val x = a{}", " - b * c".repeat(n)),
        format!("val x = a{}", " max b".repeat(n)),
        format!("val x = a{}", " :: b".repeat(n)),
        format!("val x = a{}", ".b(c)".repeat(n)),
        format!("val x = a{}", "(b)".repeat(n)),
        format!("val x = a{}", "\n  .option(\"k\", \"v\")".repeat(n)),
        format!("val x = {}1{}", "(".repeat(1000), ")".repeat(1000)),
        format!("val x = {}1{}", "{".repeat(1000), "}".repeat(1000)),
        format!("val x = {}", "f(".repeat(1000)),
        format!("val x = {}1", "a => ".repeat(1000)),
        format!("val x = {}1", "!".repeat(1000)),
        format!("{}1", "if (a) b else ".repeat(1000)),
        format!("x match {{ case {}y{} => 1 }}", "Some(".repeat(1000), ")".repeat(1000)),
        format!("val x: {}Int{} = 1", "A[".repeat(1000), "]".repeat(1000)),
        format!("new {}Int{}", "A[".repeat(1000), "]".repeat(1000)),
        format!("val x = \"a\"{}.format(y)", ".stripMargin".repeat(n)),
    ] {
        drop(lowered(&source));
    }
}

#[test]
fn broken_code_takes_linear_time() {
    for source in ["val a = = \"x\"\n", "// a = = f(\"x\")\n", "f(\"a\"\n", "val x = \"\n", "}\n", "%sql select 1\n"] {
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
        let facts = lower(&source, LowerOptions { notebook: true, depth: 2 });
        drop(print(&facts));
        for e in &facts.exprs {
            assert!(source.get(e.span.range()).is_some());
        }
    }
}

const TOKENS: &[&str] = &[
    "a", "b", "C", " ", "\n", "\n  ", "=", "(", ")", "[", "]", "{", "}", "'", "\"", "\"\"\"", "s\"", "f\"", "$x", "${",
    "$$", "\\", "// ", "/*", "*/", "%run x\n", "%", "->", "=>", "<-", "::", ",", ".", "+", "++", "+=", "if ", " else ",
    "def ", "val ", "var ", "lazy ", "case ", " match ", "class ", "object ", "new ", "import ", "for ", "yield ",
    "try ", "catch ", "throw ", "Map(", "\"k\" -> \"v\"", ".getOrElse(", ".format(", "_", ": String", "é", "\r\n",
    "\0", ";", "`", "@", "1", "null", "password", "spark.sql(\"select 1\")",
];
