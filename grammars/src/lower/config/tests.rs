use super::*;

fn lowered(language: Language, text: &str) -> String {
    let facts = lower(language, text, LowerOptions::default());
    let rows = facts.properties.iter().map(|p| {
        let value = match &p.value {
            PropertyValue::Str(lit) => lit.plain().map_or("?".into(), |s| s.expose().to_owned()),
            PropertyValue::Const(c) => format!("#{}", c.text.expose()),
            PropertyValue::Nested => "{}".into(),
            PropertyValue::Reference(r) => format!("&{r}"),
            PropertyValue::Expr(_) => "expr".into(),
        };
        assert!(text.is_char_boundary(p.value_span.start as usize), "{text}");
        format!("{}={value}", p.dotted())
    });
    rows.collect::<Vec<_>>().join(" | ")
}

#[test]
fn documents_become_properties() {
    let table = [
        (Language::Yaml, "a:\n  b: x\n  c: [p, 'q']\n", "a={} | a.b=x | a.c={} | a.c.0=p | a.c.1=q"),
        (Language::Yaml, "a: \"x\\ty\"\nb: 12\nc: true\n", "a=x\ty | b=#12 | c=#true"),
        (Language::Yaml, "a: |\n  one\n  two\n", "a=one\ntwo\n"),
        (Language::Yaml, "- name: x\n  value: y\n", "0.name=x | 0.value=y"),
        (Language::Yaml, "a: !vault x\n", "a=&x"),
        (Language::Yaml, "x: &k v\ny: *k\n---\nz: w\n", "x=v | y=&*k | y=v | z=w"),
        (Language::Json, "{\"a\": {\"b\": \"x\"}, \"c\": [\"p\", 1]}", "a={} | a.b=x | c={} | c.0=p | c.1=#1"),
        (Language::Json, "{// note\n\"a\": \"x\"}", "a=x"),
        (
            Language::Hcl,
            "provider \"databricks\" {\n  token = \"x\"\n  host = var.host\n}\n",
            "provider.databricks.token=x | provider.databricks.host=&var.host",
        ),
        (Language::Hcl, "a = \"x\"\nb = { c = \"y\" }\n", "a=x | b={} | b.c=y"),
        (Language::Properties, "# c\na.b=x y\nc: d\n", "a.b=x y | c=d"),
        (Language::SparkConf, "spark.a b\nspark.c=d\nspark.e   f g\n", "spark.a=b | spark.c=d | spark.e=f g"),
        (Language::SparkConf, "db {\n  password = \"x\"\n}\n", "db.password=x"),
        (Language::Ini, "[DEFAULT]\ntoken = x # c\n", "DEFAULT.token=x"),
        (Language::Xml, "<a><b>x&lt;y&#33;&amp;z</b><c d='&quot;'/></a>", "a.b=x<y!&z | a.c.d=\""),
        (Language::Xml, "<a><![CDATA[x&lt;y]]></a>", "a=x&lt;y"),
        (Language::DotEnv, "export A='x'\nB=y\n", "A=x | B=y"),
        (Language::Dockerfile, "FROM x\nENV A=b\nARG C=d\nRUN e=f\n", "A=b | C=d"),
        (Language::Dockerfile, "ENV A=\"b c\" \\\n  D=e\nENV F g h\n", "A=b c | D=e | F=g h"),
        (Language::Yaml, "a: 'it''s'\nb: !!str 12\nc: >-\n  one\n  two\n", "a=it's | b=#12 | c=one two "),
        (Language::Yaml, "a: {{ x }}\nb: \"{{secrets/s/k}}\"\n", "a={{ x }} | b={{secrets/s/k}}"),
        (Language::Yaml, "{% if x %}\na: y\n{% endif %}\n", "a=y"),
        (Language::Hcl, "a = <<EOT\nx ${var.y}\nEOT\n", "a=?"),
        (
            Language::Hcl,
            "a = coalesce(var.x, \"y\")\nb = var.x ? \"p\" : \"q\"\n",
            "a=&coalesce(var.x, \"y\") | a=y | b=&var.x ? \"p\" : \"q\" | b=p | b=q",
        ),
        (
            Language::Hcl,
            "a = jsonencode({ \"b\" = [\"c\"] })\n",
            "a=&jsonencode({ \"b\" = [\"c\"] }) | a={} | a.b={} | a.b.0=c",
        ),
        (Language::Hcl, "a = \"x${var.y}z\"\n", "a=?"),
        (Language::Properties, "a\\:b = c\\\n   d\ne=f\\u0041\\=g\n", "a:b=cd | e=fA=g"),
        (Language::Ini, "[global]\nindex-url =\n  https://x/y\n", "global.index-url=# | global.index-url=https://x/y"),
        (Language::Ini, "//r.example.com/:_authToken=x\n", "//r.example.com/:_authToken=x"),
        (Language::DotEnv, "A=\"b\nc\"\nD=e\n", "A=b\nc | D=e"),
        (
            Language::Toml,
            "a = \"\"\"\nx\"\"\"\n[[t]]\nb = { c = 'y', d.e = [\"p\", \"q\"] }\nf.g = 1 # n\n",
            "a=x | t.b={} | t.b.c=y | t.b.d.e={} | t.b.d.e.0=p | t.b.d.e.1=q | t.f.g=#1",
        ),
        (
            Language::Xml,
            "<a><server id=\"s\"><password>x</password></server><add key=\"k\" value=\"v\"/></a>",
            "a.server.id=s | a.server.password=x | a.add.key=k | k=v",
        ),
        (Language::Xml, "<!-- password: x1 --><a>y</a>", "password=x1 | a=y"),
        (Language::Json, "{\"a\": \"x\",}", "a=x"),
        (Language::Toml, "[a.b]\nc = \"x\"\n", "a.b.c=x"),
        (Language::Xml, "<property><name>a.b</name><value> x </value></property>", "property.name=a.b | a.b=x"),
    ];
    for (language, text, expected) in table {
        assert_eq!(lowered(language, text), expected, "{text}");
    }
}

#[test]
fn broken_documents_are_read_as_far_as_possible() {
    for text in ["a: {{ x }}\npassword: y\n", "a: [1,\nb: c", "{\"a\": \"x\", ", "provider \"x\" { token = \"y\""] {
        for language in
            [Language::Yaml, Language::Json, Language::Hcl, Language::Toml, Language::Xml, Language::SparkConf]
        {
            lower(language, text, LowerOptions::default());
        }
    }
    assert!(lowered(Language::Yaml, "a: {{ x }}\npassword: y9\n").contains("password"));
}
