use super::*;
use crate::lower::{LowerOptions, lower};

/// `⟦…⟧` marks the credential; the literal is the innermost string around it.
fn rewritten(language: Language, accepts: Accepts, marked: &str) -> String {
    let start = marked.find('⟦').unwrap();
    let end = marked.find('⟧').unwrap() - '⟦'.len_utf8();
    let text = marked.replace(['⟦', '⟧'], "");
    let facts = lower(language, &text, LowerOptions { notebook: true, depth: 0 });
    let credential = Span::new(start, end);
    let strings = facts
        .exprs
        .iter()
        .filter(|e| matches!(e.kind, crate::facts::ExprKind::Str(_) | crate::facts::ExprKind::Const(_)));
    let values = facts.properties.iter().map(|p| p.value_span);
    let literal = strings
        .map(|e| e.span)
        .chain(values)
        .filter(|s| s.contains(credential))
        .min_by_key(|s| s.len())
        .unwrap_or(credential);
    let secret = SecretRef { scope: "jdbc", key: "password", unity: None };
    // A percent-encoded credential says so itself here.
    let coding = if credential.of(&text).contains('%') { Coding::Percent } else { Coding::Plain };
    let parts = [Part { credential, secret, coding }];
    match rewrite(
        language,
        &text,
        &facts,
        Target { literal, parts: &parts, rest: &[], program: &Program::new([&facts]) },
        accepts,
    ) {
        Ok(rewrite) => edited(&text, Span::new(0, text.len()), &rewrite.edits),
        Err(why) => format!("! {why}"),
    }
}

#[test]
fn python_literals_become_secret_reads() {
    let table = [
        ("x = \"⟦a1⟧\"", "x = dbutils.secrets.get(scope=\"jdbc\", key=\"password\")"),
        ("x = '⟦a1⟧'", "x = dbutils.secrets.get(scope='jdbc', key='password')"),
        ("x = b'⟦a1⟧'", "x = dbutils.secrets.get(scope='jdbc', key='password').encode()"),
        ("x = ⟦12345⟧", "x = int(dbutils.secrets.get(scope=\"jdbc\", key=\"password\"))"),
        ("u = \"pwd=⟦a1⟧;x={1}\"", "u = f\"pwd={dbutils.secrets.get(scope='jdbc', key='password')};x={{1}}\""),
        ("u = f'h={h};pwd=⟦a1⟧'", "u = f'h={h};pwd={dbutils.secrets.get(scope=\"jdbc\", key=\"password\")}'"),
        ("u = r\"\\d⟦a1⟧\"", "u = rf\"\\d{dbutils.secrets.get(scope='jdbc', key='password')}\""),
        ("u = b'p=⟦a1⟧;'", "u = (b'p=' + dbutils.secrets.get(scope='jdbc', key='password').encode() + b';')"),
        ("u = 'a' '⟦b1⟧'", "u = 'a' f'{dbutils.secrets.get(scope=\"jdbc\", key=\"password\")}'"),
        (
            "u = 'p=⟦a1⟧;d={}'.format(d)",
            "u = 'p={secret_password};d={}'.format(d, secret_password=dbutils.secrets.get(scope='jdbc', key='password'))",
        ),
        (
            "u = 'p=⟦a1⟧;d=%s' % d",
            "u = f'p={dbutils.secrets.get(scope=\"jdbc\", key=\"password\").replace(\"%\", \"%%\")};d=%s' % d",
        ),
        (
            "u = 'm://u:⟦a%401⟧@h'",
            "u = f'm://u:{urllib.parse.quote(dbutils.secrets.get(scope=\"jdbc\", key=\"password\"), safe=\"\")}@h'",
        ),
        ("u = \"\"\"p=⟦a1⟧\n;\"\"\"", "u = f\"\"\"p={dbutils.secrets.get(scope='jdbc', key='password')}\n;\"\"\""),
    ];
    for (text, expected) in table {
        assert_eq!(rewritten(Language::Python, Accepts::Expression, text), expected, "{text}");
    }
    let default =
        rewritten(Language::Python, Accepts::Expression, "def f(h, pw='⟦a1⟧'):\n    \"\"\"doc\"\"\"\n    g(pw)\n");
    assert_eq!(
        default,
        "def f(h, pw=None):\n    \"\"\"doc\"\"\"\n    if pw is None:\n        pw = dbutils.secrets.get(scope='jdbc', key='password')\n    g(pw)\n"
    );
}

#[test]
fn other_languages_spell_it_their_way() {
    let call = "dbutils.secrets.get(scope = \"jdbc\", key = \"password\")";
    let scala = [
        ("val x = \"⟦a1⟧\"", format!("val x = {call}")),
        ("val u = \"p=⟦a1⟧;x\"", format!("val u = \"p=\" + {call} + \";x\"")),
        ("val u = \"p=⟦a1⟧\"", format!("val u = \"p=\" + {call}")),
        ("m(\"k\" -> \"p=⟦a1⟧;x\")", format!("m(\"k\" -> (\"p=\" + {call} + \";x\"))")),
        ("val u = s\"h=$h;p=⟦a1⟧\"", format!("val u = s\"\"\"h=$h;p=${{{call}}}\"\"\"")),
        ("val u = s\"h=\\t$h;p=⟦a1⟧\"", format!("val password = {call}\nval u = s\"h=\\t$h;p=${{password}}\"")),
    ];
    for (text, expected) in scala {
        assert_eq!(rewritten(Language::Scala, Accepts::Expression, text), expected, "{text}");
    }
    let sql = rewritten(Language::Sql, Accepts::Sql, "CREATE CONNECTION c TYPE x OPTIONS (password '⟦a1⟧')");
    assert_eq!(sql, "CREATE CONNECTION c TYPE x OPTIONS (password secret('jdbc','password'))");
    let secret = SecretRef { scope: "s", key: "k", unity: None };
    let parts = [Part { credential: Span::new(3, 5), secret, coding: Coding::Plain }];
    let program = Program::new([]);
    let target = Target { literal: Span::new(3, 5), parts: &parts, rest: &[], program: &program };
    let yaml = rewrite(Language::Yaml, "k: a1", &CellFacts::default(), target, Accepts::Braces).unwrap();
    assert_eq!(yaml.edits[0].1, "\"{{secrets/s/k}}\"");
}
