use crate::{facts_debug::print, lower::LowerOptions, tree};

fn lowered(text: &str) -> String {
    print(&super::lower(text, LowerOptions { notebook: true, depth: 2 }))
}

#[test]
fn names_exist_in_the_grammar() {
    let kinds = [
        "compilation_unit", "val_definition", "var_definition", "function_definition", "class_definition",
        "trait_definition", "object_definition", "enum_definition", "package_object", "given_definition",
        "import_declaration", "package_clause", "if_expression", "while_expression", "do_while_expression",
        "for_expression", "try_expression", "match_expression", "throw_expression", "return_expression",
        "assignment_expression", "block", "indented_block", "template_body", "infix_expression", "catch_clause",
        "finally_clause", "case_clause", "guard", "string", "interpolated_string_expression", "interpolated_string",
        "interpolation", "character_literal", "integer_literal", "floating_point_literal", "boolean_literal",
        "null_literal", "identifier", "operator_identifier", "type_identifier", "wildcard", "stable_identifier",
        "stable_type_identifier", "field_expression", "call_expression", "generic_function", "instance_expression",
        "prefix_expression", "parenthesized_expression", "ascription_expression", "postfix_expression",
        "tuple_expression", "case_block", "lambda_expression", "vararg", "arguments", "applied_constructor_type",
        "generic_type", "typed_pattern", "capture_pattern", "tuple_pattern", "case_class_pattern", "infix_pattern",
        "repeat_pattern", "bindings", "comment", "block_comment", "colon_argument", "indented_cases", "identifiers",
        "alternative_pattern",
    ];
    let fields = [
        "name", "parameters", "body", "default_value", "type", "class_parameters", "extend", "left", "right",
        "operator", "function", "arguments", "value", "field", "condition", "consequence", "alternative", "pattern",
        "enumerators", "interpolator",
    ];
    tree::assert_names(tree::Grammar::Scala, &kinds, &fields);
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
        ("val u = s\"jdbc:$h;password=${p.get}\"", "val u = s'jdbc:${h};password=${{p.get}}'"),
        ("val t = \"\"\"a \"b\" c\"\"\"", "val t = 'a \\\"b\\\" c'"),
        ("val r = raw\"a\\n$x\"", "val r = raw'a\\\\n${x}'"),
        ("val f = \"a=%s\".format(x)", "val f = format('a=%s'; x)"),
        ("val g = sys.env.getOrElse(\"X\", \"lit\")", "val g = (sys.env['X'] ?? 'lit')"),
        ("val o = opt.getOrElse(\"lit\")", "val o = (opt ?? 'lit')"),
        ("def f(pw: String = \"x\"): Int = { println(pw); g(pw) }", "def f(pw:String='x') {println(pw); return g(pw)}"),
        ("case class C(user: String, password: String = \"x\")", "class C(user, password='x')() {}"),
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
        ("!cmd + 1", "concat(logic(cmd), 1)"),
        ("val s = \"a\" + b + \"c\"", "val s = concat('a', b, 'c')"),
        ("%run ./setup", "include ./setup"),
        (
            "val x = \"ok\"\nval broken = (\nval y = \"z\"",
            "val x = 'ok'; val y = 'z' | line val broken -> '(' | line val y -> 'z'",
        ),
        ("List((\"consumerSecret\", \"x\"))", "[('consumerSecret', 'x')]"),
        (
            "MongoCredential.createCredential(u, db, \"p\".toCharArray)",
            "MongoCredential.createCredential(u, db, 'p'.toCharArray)",
        ),
    ];
    let wrong: Vec<_> = table
        .iter()
        .map(|(text, expected)| (*text, lowered(text), *expected))
        .filter(|(_, seen, expected)| seen != expected)
        .collect();
    assert!(wrong.is_empty(), "text, seen, expected: {wrong:#?}");
}
