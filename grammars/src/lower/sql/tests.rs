use crate::{facts_debug::print, lower::LowerOptions};

fn lowered(text: &str) -> String {
    print(&super::lower(text, LowerOptions { notebook: true, depth: 2 }))
}

/// Calls (innermost marked by what they are inside of) and literals with the words before them.
fn queries(text: &str) -> String {
    let facts = super::lower(text, LowerOptions { notebook: true, depth: 2 });
    let mut out = Vec::new();
    for query in &facts.queries {
        for call in &query.calls {
            let path = facts.path(call.expr).unwrap_or_default();
            out.push(
                format!("{path} in {:?} {}", call.inside, if call.projected { "shown" } else { "" }).trim().to_owned(),
            );
        }
        for literal in &query.literals {
            out.push(format!("{} {}", literal.before.join(" "), facts.expr(literal.expr).span.of(text)));
        }
    }
    out.join(" | ")
}

#[test]
fn calls_and_literals_are_told_apart() {
    let table = [
        ("SELECT upper(secret('s', 'k')) FROM t", "upper() in [] shown | secret() in [\"upper\"] shown"),
        (
            "SELECT a FROM t WHERE b = aes_encrypt(x, secret('s', 'k'))",
            "aes_encrypt() in [] | secret() in [\"aes_encrypt\"]",
        ),
        ("CREATE LOGIN l WITH PASSWORD = N'x'", "L WITH PASSWORD N'x'"),
        ("CREATE USER u IDENTIFIED BY 'x'", "U IDENTIFIED BY 'x'"),
        ("CREATE EXTERNAL LOCATION l LOCATION 's3://b'", "LOCATION L LOCATION 's3://b'"),
    ];
    let wrong: Vec<_> = table.iter().map(|(t, e)| (*t, queries(t), *e)).filter(|(_, s, e)| s != e).collect();
    assert!(wrong.is_empty(), "text, seen, expected: {wrong:#?}");
}

#[test]
fn snippets_are_read() {
    let table: &[(&str, &str)] = &[
        ("SELECT secret('s', 'k') FROM t WHERE password = 'x'", "cmp=(password, 'x') | query Select"),
        (
            "CREATE CONNECTION c TYPE postgresql OPTIONS (host 'h', password 'x', user secret('s','u'))",
            "query host -> 'h' | query password -> 'x' | query user -> secret('s', 'u') | query CreateConnection",
        ),
        (
            "CREATE TABLE t USING jdbc OPTIONS (url \"u\", dbtable 't', spark.x.y = 'z')",
            "query url -> 'u' | query dbtable -> 't' | query spark.x.y -> 'z' | query CreateTable",
        ),
        (
            "COPY INTO t FROM 's3://x' WITH (CREDENTIAL (AWS_ACCESS_KEY = 'a', AWS_SECRET_KEY = 'b'))",
            "query AWS_ACCESS_KEY -> 'a' | query AWS_SECRET_KEY -> 'b' | query CopyInto",
        ),
        (
            "COPY INTO t FROM 'u' WITH (CREDENTIAL = (IDENTITY = 'a', SECRET = 'b'), x = 'c')",
            "query IDENTITY -> 'a' | query SECRET -> 'b' | query x -> 'c' | query CopyInto",
        ),
        (
            "COPY INTO t FROM 'u' WITH (CREDENTIAL r ENCRYPTION (TYPE = 'a', MASTER_KEY = 'b'))",
            "query TYPE -> 'a' | query MASTER_KEY -> 'b' | query CopyInto",
        ),
        ("SET fs.s3a.secret.key = abc;", "set fs.s3a.secret.key -> 'abc' | query Set"),
        ("SELECT '${x}' || 'it''s' AS y, {{z}}", "query Select"),
        ("CREATE USER u IDENTIFIED BY 'x'; SELECT 'unterminated", "query CreateUser | query Select"),
        ("UPDATE t SET password = 'x' WHERE id = 1", "password = 'x' | query Change"),
        ("SET VAR pw = 'x'", "pw = 'x' | query Set"),
        ("DECLARE pw STRING DEFAULT 'x'", "pw = 'x' | query Other"),
        ("DECLARE OR REPLACE VARIABLE pw STRING DEFAULT 'x'", "pw = 'x' | query Other"),
        (
            "CREATE STAGE s CREDENTIALS=(AWS_KEY_ID='a' AWS_SECRET_KEY='b')",
            "query AWS_KEY_ID -> 'a' | query AWS_SECRET_KEY -> 'b' | query CreateTable",
        ),
        (
            "CREATE FUNCTION f() RETURNS STRING LANGUAGE PYTHON AS $$ return 'x' $$",
            "query CreateFunction | <python document:  return 'x' >",
        ),
        ("-- SET a.b = 'c'", "<sql comment: SET a.b = 'c'>"),
        ("SET -v", "query Set"),
    ];
    let wrong: Vec<_> = table.iter().map(|(t, e)| (*t, lowered(t), *e)).filter(|(_, s, e)| s != e).collect();
    assert!(wrong.is_empty(), "text, seen, expected: {wrong:#?}");
}
