//! Snippet → sites, printed as `role = value`.

use super::*;

fn sites(path: &str, text: &str) -> Vec<String> {
    let opened = credscope_grammars::open(path, text.as_bytes());
    let document = &opened.documents[0];
    let facts = crate::engine::document_facts(document);
    let model = Model::build(document, &facts, &Settings::default());
    model.sites.iter().flatten().filter(|s| !matches!(s.role, Role::Bare)).map(print).collect()
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
        Role::Fallback { name } => format!("fallback {name}"),
        Role::Compare { name } => format!("compare {name}"),
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
    ];
    let mut wrong = Vec::new();
    for (text, expected) in table {
        let mut seen = sites("a.py", text);
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
fn constants_cross_cells_in_run_order() {
    let text = "# Databricks notebook source\npw = 'one'\n\n# COMMAND ----------\n\nf(pw)\npw = 'two'\n\n# COMMAND ----------\n\nf(pw)\n";
    assert_eq!(sites("a.py", text), ["bind pw = one", "arg f#0 = one", "bind pw = two", "arg f#0 = two"]);
}

#[test]
fn a_part_of_a_value_is_located_in_its_literal() {
    let text = "p = 'q\\x39z'\nu = 'pwd=' + p\n";
    let opened = credscope_grammars::open("a.py", text.as_bytes());
    let facts = crate::engine::document_facts(&opened.documents[0]);
    let model = Model::build(&opened.documents[0], &facts, &Settings::default());
    let site = model.sites[0].iter().find(|s| s.value.len() == 2).unwrap();
    assert_eq!(site.text().expose(), "pwd=q9z");
    let located = site.locate(4..7).unwrap();
    assert_eq!(located.span.of(text), "q\\x39z");
    assert_eq!(located.literal.of(text), "'q\\x39z'");
}
