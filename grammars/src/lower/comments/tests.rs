use super::*;
use crate::{facts_debug::print, lower::lower};

fn read(language: Language, source: &str) -> String {
    let mut facts = lower(language, source, LowerOptions { notebook: true, depth: 2 });
    facts.body.clear();
    for e in &mut facts.embedded {
        e.facts.embedded.clear();
    }
    print(&facts)
}

#[test]
fn commented_out_code_is_code() {
    let rows: &[(&str, &str)] = &[
        ("# password = \"x\"", "<python comment: password = \"x\">"),
        ("f()  # spark.conf.set('a', 'b')", "<python comment: spark.conf.set('a', 'b')>"),
        ("# .option(\"password\", \"x\") \\", "<python comment: (_.option(\"password\", \"x\"))>"),
        (
            "# df = (spark.read\n#   .option('a', 'b')\n#   .load())\n",
            "<python comment: df = (spark.read\n  .option('a', 'b')\n  .load())>",
        ),
        ("# .option('a', 'b')\n#   .option('c', 'd')\n", "<python comment: (_.option('a', 'b')\n  .option('c', 'd'))>"),
        ("# \"password\": \"x\",", "<python comment: {\"password\": \"x\",}>"),
        ("#   password='x',", "<python comment: password='x'>"),
        ("# if a:\n#     p = 'x'\n", "<python comment: if a:\n    p = 'x'>"),
        ("# val x = \"y\"", "<scala comment: val x = \"y\">"),
        ("# SELECT a FROM b", "<sql comment: SELECT a FROM b>"),
        ("'''\nspark.conf.set('a', 'b')\n'''", "<python comment: spark.conf.set('a', 'b')>"),
        ("# The key:\n# spark.conf.set('a', 'b')", "<python comment: spark.conf.set('a', 'b')>"),
        (
            "# a = 'x'\n# b = = 'y'\n# func(\n#   'c',\n# )",
            "line b -> '='|<python comment: a = 'x'>|<python comment: func(\n  'c',\n)>",
        ),
        // comments in comments
        ("# // .option(\"a\", \"b\")", "<python comment: (_.option(\"a\", \"b\"))>"),
        ("# # a = 'b'", "<python comment: a = 'b'>"),
        ("# # -- SET a.b = c;", "<sql comment: SET a.b = c;>"),
        ("# /* val x = \"y\" */", "<scala comment: val x = \"y\">"),
        ("# // val x = y\n# //   .f(\"z\")", "<scala comment: val x = y\n  .f(\"z\")>"),
        // dumps
        ("# password = hunter2", "line password -> 'hunter2'"),
        ("# user: a1\n# password: b2", "line user -> 'a1' | line password -> 'b2'"),
        // prose
        ("# This is a comment about (some) code, don't worry", ""),
        ("# note: use this", ""),
        ("# TODO(john): fix the thing = that one", ""),
        ("# select one of the options from the list", ""),
        ("# Create a new user for the table", ""),
        ("# see https://example.com/?a=b", ""),
        ("# -------------", ""),
        ("# it's a 'quoted' word", ""),
        ("# import the data from 'raw'", ""),
        ("# e.g. the thing", ""),
        ("# for each row: do it", ""),
        ("# if it isn't there, we skip it (see above)", ""),
    ];
    for (source, expected) in rows {
        assert_eq!(read(Language::Python, source).replace(" | ", "|"), expected.replace(" | ", "|"), "{source}");
    }
}

#[test]
fn code_in_comments_maps_to_the_cell() {
    let source = "x = 1\n#   .option('é', 'v') \\\n#   .load('w')\n";
    let facts = lower(Language::Python, source, LowerOptions { notebook: true, depth: 2 });
    let embedded = &facts.embedded[0];
    let inner: Vec<&str> = embedded
        .facts
        .exprs
        .iter()
        .filter(|e| matches!(e.kind, crate::facts::ExprKind::Str(_)))
        .map(|e| embedded.map.to_source(e.span).of(source))
        .collect();
    assert_eq!(inner, ["'é'", "'v'", "'w'"]);
}
