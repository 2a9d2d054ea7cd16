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
        (Language::Yaml, "a: !vault x\n", "a={}"),
        (Language::Yaml, "x: &k v\ny: *k\n---\nz: w\n", "x=v | y=&*k | z=w"),
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
        (Language::DotEnv, "export A='x'\nB=y\n", "A=x | B=y"),
        (Language::Dockerfile, "FROM x\nENV A=b\nARG C=d\nRUN e=f\n", "A=b | C=d"),
        (Language::Toml, "[a.b]\nc = \"x\"\n", "a.b.c=x"),
        (Language::Xml, "<property><name>a.b</name><value> x </value></property>", "a.b=x"),
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
