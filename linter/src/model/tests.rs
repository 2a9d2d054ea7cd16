//! Snippet → sites, printed as `role = value`.

use credscope_grammars::facts::ExprKind;

use super::*;

fn sites(path: &str, text: &str) -> Vec<String> {
    let opened = credscope_grammars::open(path, text.as_bytes());
    let document = &opened.documents[0];
    let facts = every_cell(document);
    let model = Model::build(document, &facts, &Settings::default());
    model.sites.iter().flat_map(|s| s.iter()).filter(|s| !matches!(s.role, Role::Bare)).map(print).collect()
}

fn print(site: &Site) -> String {
    let role = match &site.role {
        Role::Bind { path, .. } => format!("bind {path}"),
        Role::Argument(a) => {
            let which = a.keyword.as_deref().map_or_else(|| a.index.unwrap_or(99).to_string(), str::to_owned);
            format!("arg {}#{which}", a.callee)
        }
        Role::Entry { key, .. } => format!("entry {key}"),
        Role::Default { name } => format!("default {name}"),
        Role::Fallback { name, .. } => format!("fallback {name}"),
        Role::Compare { name, .. } => format!("compare {name}"),
        Role::Return { name } => format!("return {name}"),
        Role::Property(p) => format!("property {}", p.dotted()),
        Role::Clause { words, .. } => format!("clause {}", words.join(" ")),
        Role::Command(c) => format!("command {}", c.program),
        Role::Bare => "bare".into(),
    };
    let comment = if site.in_comment { "// " } else { "" };
    format!("{comment}{role} = {}", site.text().expose().replace(crate::value::HOLE, "◌"))
}

#[test]
fn values_reach_their_positions() {
    let table: &[(&str, &[&str])] = &[
        ("pw = 'x9'", &["bind pw = x9"]),
        ("a, b = 'x', 'y'", &["bind a = x", "bind b = y"]),
        ("self.password = 'x'", &["bind self.password = x"]),
        ("conf['password'] = 'x'", &["bind conf.password = x"]),
        ("pw = 'x'\ndf.option('password', pw)", &["bind pw = x", "arg df.option#0 = password", "arg df.option#1 = x"]),
        (
            "k = 'fs.key'\nv = 'z'\nspark.conf.set(k, v)",
            &["bind k = fs.key", "bind v = z", "arg spark.conf.set#0 = fs.key", "arg spark.conf.set#1 = z"],
        ),
        (
            "from azure.identity import ClientSecretCredential as C\nC(t, c, 'x')",
            &["arg azure.identity.ClientSecretCredential#2 = x"],
        ),
        ("import mod as m\nm.connect(password='x')", &["arg mod.connect#password = x"]),
        ("d = {'password': 'x'}\nf(d['password'])", &["entry password = x", "arg f#0 = x"]),
        ("dict(password='x')", &["arg dict#password = x"]),
        ("def f(password='x'):\n  g(password)", &["default password = x", "arg g#0 = x"]),
        ("os.getenv('PW', 'x')", &["arg os.getenv#0 = PW", "fallback PW = x"]),
        ("pw = args.pw or 'x'", &["fallback pw = x", "bind pw = x"]),
        ("try:\n  pw = get()\nexcept Exception:\n  pw = 'x'", &["fallback pw = x"]),
        ("if not pw:\n  pw = 'x'", &["fallback pw = x"]),
        ("if password == 'x': pass", &["compare password = x"]),
        ("def pw():\n  return 'x'\nf(pw())", &["return pw = x", "arg f#0 = x"]),
        ("u = f'jdbc:{h};password=x'", &["bind u = jdbc:◌;password=x"]),
        ("p = 'x'\nu = 'a=%s' % p", &["bind p = x", "bind u = a=x"]),
        ("p = 'x'\nu = 'a={}'.format(p)", &["bind p = x", "bind u = a=x"]),
        ("t = ''.join(['da', 'pi'])", &["arg ?.join", "bind t = dapi"]),
        ("class C:\n  PW = 'x'\nf(C.PW)", &["bind PW = x", "arg f#0 = x"]),
        ("p = 'x'\np += 'y'\nf(p)", &["bind p = x", "bind p = y", "arg f#0 = xy"]),
        ("pw = 'x'.encode()", &["bind pw = x"]),
        ("# password = 'x9'", &["// bind password = x9"]),
        ("if (pw := 'x'): pass", &["bind pw = x"]),
        ("f(*['x'])", &[]),
        // branches: both
        ("if a:\n  p = 'x'\nelse:\n  p = 'y'\nf(p)", &["bind p = x", "bind p = y", "arg f#0 = x", "arg f#0 = y"]),
        ("p = 'x'\nif a:\n  p = 'y'\nf(p)", &["bind p = x", "bind p = y", "arg f#0 = x", "arg f#0 = y"]),
        ("p = 'x' if a else 'y'", &["bind p = x", "bind p = y"]),
        ("p = 'x' if a else 'y'\nu = 'pw=' + p", &["bind p = x", "bind p = y", "bind u = pw=x", "bind u = pw=y"]),
        ("p = 'x'\np = 'y'\nf(p)", &["bind p = x", "bind p = y", "arg f#0 = y"]),
        ("p = 'x'\np = load()\nf(p)", &["bind p = x"]),
        // second choices
        ("pw = os.environ.get('PW', 'x')", &["arg os.environ.get#0 = PW", "fallback PW = x", "bind pw = x"]),
        ("pw = os.environ['PW'] or 'x'", &["arg os.environ[]#0 = PW", "fallback PW = x", "bind pw = x"]),
        ("if pw is None:\n  pw = 'x'", &["fallback pw = x"]),
        ("if pw:\n  f()\nelse:\n  pw = 'x'", &["fallback pw = x"]),
        ("if pw is not None:\n  pw = 'x'", &["bind pw = x"]),
        ("if mode == 'dev':\n  mode = 'x'", &["compare mode = dev", "bind mode = x"]),
        ("try:\n  pw = g()\nexcept Exception:\n  pw = 'x'\nf(pw)", &["fallback pw = x", "arg f#0 = x"]),
        ("try:\n  conf['pw'] = g()\nexcept Exception:\n  conf['pw'] = 'x'", &["fallback pw = x"]),
        // containers, objects, classes
        ("c = {}\nc['pw'] = 'x'\nf(c['pw'])", &["bind c.pw = x", "arg f#0 = x"]),
        (
            "c['a']['pw'] = 'x'\nc['b']['pw'] = 'y'\nf(c['a']['pw'])",
            &["bind c.a.pw = x", "bind c.b.pw = y", "arg f#0 = x"],
        ),
        ("c = {'pw': 'x'}\nc = load()\nf(c['pw'])", &["entry pw = x"]),
        ("c = {}\nc['pw'] = 'x'\nc = load()\nf(c['pw'])", &["bind c.pw = x"]),
        (
            "c = {'db': {'pw': 'x'}}\nf(c['db']['pw'])\nf(c.get('db').get('pw'))",
            &["entry pw = x", "arg f#0 = x", "arg f#0 = x", "arg c.get#0 = db", "arg c.get().get#0 = pw"],
        ),
        ("a = {'k': 'x'}\nb = {**a, 'j': 'y'}\nf(b['k'])", &["entry k = x", "entry j = y", "arg f#0 = x"]),
        ("c = dict(pw='x')\nf(c['pw'])", &["arg dict#pw = x", "arg f#0 = x"]),
        (
            "class C:\n  def __init__(self):\n    self.pw = 'x'\n  def go(self):\n    f(self.pw)\ng(C().pw)",
            &["bind self.pw = x", "arg f#0 = x", "arg g#0 = x"],
        ),
        ("class C:\n  pw: str = 'x'\nc = C()\nf(c.pw)", &["bind pw = x", "arg f#0 = x"]),
        ("o.pw = 'x'\nf(o.pw)", &["bind o.pw = x", "arg f#0 = x"]),
        ("os.environ['DB_PW'] = 'x'", &["bind os.environ.DB_PW = x"]),
        ("openai.api_key = 'x'", &["bind openai.api_key = x"]),
        ("l = [('password', 'x'), ('user', 'y')]", &["entry password = x", "entry user = y"]),
        ("f(auth=('me', 'x'))", &["entry me = x", "arg f#[1] = x"]),
        ("opts = [('a', 'x')]\nfor k, v in opts:\n  f(k, v)", &["entry a = x", "arg f#0 = a", "arg f#1 = x"]),
        // functions
        ("def f(host, password):\n  pass\nf('h', 'x')", &["arg f#host = h", "arg f#password = x"]),
        ("class D:\n  def __init__(self, pw):\n    pass\nD('x')", &["arg D#pw = x"]),
        (
            "def f():\n  if a:\n    return 'x'\n  return 'y'\ng(f())",
            &["return f = x", "return f = y", "arg g#0 = x", "arg g#0 = y"],
        ),
        ("p = 'x'\ndef f(p):\n  g(p)", &["bind p = x"]),
        ("p = 'x'\ndef f():\n  p = 'y'\n  g(p)\ng(p)", &["bind p = x", "bind p = y", "arg g#0 = y", "arg g#0 = x"]),
        ("p = 'x'\ndef f():\n  g(p)", &["bind p = x", "arg g#0 = x"]),
        ("f = lambda: 'x'", &[]),
        (
            "def f(secret):\n  return dbutils.secrets.get('s', secret)\nf('x')",
            &["arg dbutils.secrets.get#0 = s", "arg f#0 = x"],
        ),
        // put together
        ("f('da' + 'pi')", &["arg f#0 = dapi"]),
        ("p = ('a'\n     'b')", &["bind p = ab"]),
        ("h = 'H'\nu = f'{h}:{pw}'", &["bind h = H", "bind u = H:◌"]),
        ("u = '{\"pw\": \"%s\"}' % 'x'", &["bind u = {\"pw\": \"x\"}", "property pw = %s"]),
        ("u = 'D={{O}};P={p}'.format(p='x')", &["bind u = D={O};P=x"]),
        ("u = '%(p)s' % {'p': 'x'}", &["entry p = x", "bind u = x"]),
        ("p = str('x').strip()\nf(p)", &["arg str#0 = x", "bind p = x", "arg f#0 = x"]),
        ("p = 4711\nf(pw=p)", &["bind p = 4711", "arg f#pw = 4711"]),
        // names
        ("s = dbutils.secrets\ns.get('a', 'b')", &["arg dbutils.secrets.get#0 = a", "arg dbutils.secrets.get#1 = b"]),
        ("def f():\n  s = dbutils.secrets\n  s.get(scope='a')", &["arg dbutils.secrets.get#scope = a"]),
        ("s = spark.conf\ns = load()\ns.set('x')", &["arg s.set#0 = x"]),
        ("pw = row.value\nif pw == 'x': pass", &["compare pw = x"]),
        (
            "df.read.format('jdbc').option('password', 'x')",
            &[
                "arg df.read.format#0 = jdbc", "arg df.read.format().option#0 = password",
                "arg df.read.format().option#1 = x",
            ],
        ),
        // comments and embedded texts
        (
            "k = 'kk'\n# spark.conf.set(k, 'vv')",
            &["bind k = kk", "// arg spark.conf.set#0 = kk", "// arg spark.conf.set#1 = vv"],
        ),
        ("# p = 'x9'\nf(p)", &["// bind p = x9"]),
    ];
    check("a.py", table);
}

fn check(path: &str, table: &[(&str, &[&str])]) {
    let mut wrong = Vec::new();
    for (text, expected) in table {
        let mut seen = sites(path, text);
        let mut expected: Vec<String> =
            expected.iter().filter(|e| **e != "arg ?.join").map(|e| (*e).to_owned()).collect();
        seen.sort();
        expected.sort();
        if seen != expected {
            wrong.push((text.to_string(), seen, expected));
        }
    }
    assert!(wrong.is_empty(), "text, seen, expected: {wrong:#?}");
}

#[test]
fn scala_values_reach_their_positions() {
    let table: &[(&str, &[&str])] = &[
        ("val pw = \"x\"", &["bind pw = x"]),
        ("val (u, p) = (\"a\", \"x\")", &["bind u = a", "bind p = x"]),
        ("props.put(\"password\", \"x\")", &["arg props.put#0 = password", "arg props.put#1 = x"]),
        (
            "val k = \"kk\"\nval v = \"vv\"\nspark.conf.set(k, v)",
            &["bind k = kk", "bind v = vv", "arg spark.conf.set#0 = kk", "arg spark.conf.set#1 = vv"],
        ),
        ("val m = Map(\"pw\" -> \"x\")\nf(m(\"pw\"))", &["entry pw = x", "arg m#0 = pw", "arg f#0 = x"]),
        ("val p = \"x\"\nval u = s\"a=$p;b=${q}\"", &["bind p = x", "bind u = a=x;b=◌"]),
        ("object Conn { val pw = \"x\" }\nf(Conn.pw)", &["bind pw = x", "arg f#0 = x"]),
        ("object A { object B { val pw = \"x\" } }\nf(A.B.pw)", &["bind pw = x", "arg f#0 = x"]),
        ("def pw() = \"x\"\nf(pw())", &["return pw = x", "arg f#0 = x"]),
        ("def f(pw: String = \"x\") = g(pw)", &["default pw = x", "arg g#0 = x"]),
        ("val pw = sys.env.getOrElse(\"PW\", \"x\")", &["arg sys.env[]#0 = PW", "bind pw = x", "fallback PW = x"]),
        (
            "val pw = sys.env.get(\"PW\").getOrElse(\"x\")",
            &["arg sys.env.get#0 = PW", "bind pw = x", "fallback PW = x"],
        ),
        ("val pw = try { get() } catch { case e: Exception => \"x\" }", &["bind pw = x", "fallback pw = x"]),
        ("val pw = if (prod) \"x\" else \"y\"\nf(pw)", &["bind pw = x", "bind pw = y", "arg f#0 = x", "arg f#0 = y"]),
        ("if (pw == \"x\") f()", &["compare pw = x"]),
        ("val l = List((\"consumerSecret\", \"x\"))", &["entry consumerSecret = x"]),
        ("val l = Seq(\"pw\" -> \"x\")", &["entry pw = x"]),
        ("props += (\"pw\" -> \"x\")", &["arg props.put#1 = x", "entry pw = x"]),
        ("val p = \"x\".toCharArray\nf(p)", &["bind p = x", "arg f#0 = x"]),
        ("import a.b.{C => D}\nnew D(\"x\")", &["arg a.b.C#0 = x"]),
        ("class C(pw: String)\nnew C(\"x\")", &["arg C#pw = x"]),
        (
            "df.read.format(\"jdbc\").option(\"password\", \"x\").load",
            &[
                "arg df.read.format#0 = jdbc", "arg df.read.format().option#0 = password",
                "arg df.read.format().option#1 = x",
            ],
        ),
        ("val u = \"a=%s\".format(\"x\")", &["bind u = a=x"]),
        (
            "val u = String.format(\"a=%s\", \"x\")",
            &["arg String.format#0 = a=%s", "arg String.format#1 = x", "bind u = a=x"],
        ),
        ("conf(\"pw\") = \"x\"", &["bind conf.pw = x"]),
        ("var p = \"x\"\np += \"y\"\nf(p)", &["bind p = x", "bind p = y", "arg f#0 = xy"]),
        ("// val pw = \"x9\"", &["// bind pw = x9"]),
        ("val u = \"\"\"a\n  |b\"\"\".stripMargin", &["bind u = a\n  |b"]),
        ("DriverManager.getConnection(url,\n  user,\n  \"x\")", &["arg DriverManager.getConnection#2 = x"]),
    ];
    check("a.scala", table);
}

#[test]
fn constants_cross_cells_in_run_order() {
    let text = "# Databricks notebook source\npw = 'one'\n\n# COMMAND ----------\n\nf(pw)\npw = 'two'\n\n# COMMAND ----------\n\nf(pw)\n";
    assert_eq!(sites("a.py", text), ["bind pw = one", "arg f#0 = one", "bind pw = two", "arg f#0 = two"]);
}

#[test]
fn languages_of_a_notebook_share_no_names() {
    let text = "# Databricks notebook source\npw = 'x'\n\n# COMMAND ----------\n\n# MAGIC %scala\n# MAGIC f(pw)\n\n# COMMAND ----------\n\nf(pw)\n";
    assert_eq!(sites("a.py", text), ["bind pw = x", "arg f#0 = x"]);
}

#[test]
fn a_part_of_a_value_is_located_in_its_literal() {
    let text = "p = 'q\\x39z'\nu = 'pwd=' + p\n";
    let opened = credscope_grammars::open("a.py", text.as_bytes());
    let facts = every_cell(&opened.documents[0]);
    let model = Model::build(&opened.documents[0], &facts, &Settings::default());
    let site = model.sites[0].iter().find(|s| s.value.len() == 2).unwrap();
    assert_eq!(site.text().expose(), "pwd=q9z");
    let located = site.locate(4..7).unwrap();
    assert_eq!(located.span.of(text), "q\\x39z");
    assert_eq!(located.literal.of(text), "'q\\x39z'");
}

#[test]
fn deep_and_wide_code_is_walked_in_linear_time() {
    let nested = |open: &str, close: &str, n: usize| format!("x = {}'v'{}\n", open.repeat(n), close.repeat(n));
    let table = [
        nested("f(", ")", 90),
        nested("(", ", 'k')", 90),
        nested("a[", "]", 90),
        nested("g(lambda: ", ")", 60),
        nested("{'k': ", "}", 90),
        nested("'a' + f(", ")", 60),
        format!("x = f{}\n", ".option('a', 'b')".repeat(400)),
        "x += 'abc'\n".repeat(3000),
        format!("k = 'kk'\n{}", "f(k, k, k)\n".repeat(3000)),
        format!("x = [{}]\n", "'abc', ".repeat(20_000)),
        format!(
            "c = {{}}\n{}",
            (0..3000).map(|i| format!("c['k{i}'] = 'v{i}'\nif c:\n  c = {{}}\n")).collect::<String>()
        ),
        (0..60).map(|i| format!("{}if a:\n{}p = 'x{i}'\n", " ".repeat(i), " ".repeat(i + 1))).collect(),
    ];
    for text in &table {
        let opened = credscope_grammars::open("a.py", text.as_bytes());
        let facts = every_cell(&opened.documents[0]);
        let start = std::time::Instant::now();
        let model = Model::build(&opened.documents[0], &facts, &Settings::default());
        let took = start.elapsed();
        assert!(took.as_millis() < 3000, "{took:?} for {}…", &text[..40]);
        let literals = facts[0].exprs.iter().filter(|e| matches!(&e.kind, ExprKind::Str(s) if !s.parts.is_empty()));
        let noted: std::collections::HashSet<Span> = (model.sites[0].iter())
            .flat_map(|s| s.value.iter())
            .filter_map(|p| if let Piece::Text { literal, .. } = p { Some(*literal) } else { None })
            .collect();
        assert!(literals.clone().count() > 0 && literals.clone().all(|e| noted.contains(&e.span)), "{}…", &text[..40]);
    }
}

/// Facts of all cells: the snippets have no anchor that would make the engine read them.
fn every_cell(document: &credscope_grammars::Document) -> Vec<Arc<CellFacts>> {
    document.cells.iter().map(|cell| Arc::new(crate::engine::cell_facts(document, cell))).collect()
}
