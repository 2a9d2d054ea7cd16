use proptest::prelude::*;

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
        (
            "CREATE TABLE t (a STRING COMMENT 'c' DEFAULT 'd') LOCATION 's3://x'",
            "A STRING COMMENT 'c' | STRING COMMENT DEFAULT 'd' | COMMENT DEFAULT LOCATION 's3://x'",
        ),
        ("INSERT INTO t (a, b) VALUES ('p', secret('a','b'))", "secret() in [] shown | A B VALUES 'p'"),
        (
            "INSERT INTO t SELECT secret('s','k') FROM u WHERE p = secret('a','b')",
            "secret() in [] shown | secret() in []",
        ),
        ("CREATE TABLE t AS SELECT secret('a','b') x FROM y", "secret() in [] shown"),
        ("CREATE VIEW v AS SELECT secret('s','k') x", "secret() in [] shown"),
        ("(SELECT secret('a','b') x FROM y) t", "secret() in [] shown"),
        ("VALUES (secret('s','k'))", "secret() in [] shown"),
        (
            "WITH x AS (SELECT secret('a','b') s FROM t) SELECT * FROM x WHERE y = f('c') UNION SELECT g(z) FROM q",
            "secret() in [] shown | f() in [] | g() in [] shown",
        ),
        (
            "SELECT concat(left(secret('s','k'), 1), ' ')",
            "concat() in [] shown | left() in [\"concat\"] shown | secret() in [\"concat\", \"left\"] shown",
        ),
        ("CREATE CONNECTION c OPTIONS (password secret('s','k'))", "secret() in [\"options\"]"),
        (
            "SELECT http_request(conn => 'c', headers => map('Authorization', 'Bearer x'))",
            "http_request() in [] shown | map() in [\"http_request\"] shown",
        ),
        ("CREATE FUNCTION f(x INT) RETURNS STRING RETURN secret('a','b')", "secret() in []"),
        (
            "CREATE USER u IDENTIFIED BY p1; ALTER USER u IDENTIFIED BY \"p2\"",
            "U IDENTIFIED BY p1 | U IDENTIFIED BY \"p2\"",
        ),
        (
            "CREATE LOGIN [my login] WITH PASSWORD = N'p'\nGO\nALTER USER u WITH PASSWORD='q'\nGO",
            "LOGIN WITH PASSWORD N'p' | U WITH PASSWORD 'q'",
        ),
        (
            "CREATE DATABASE SCOPED CREDENTIAL c WITH IDENTITY='i', SECRET='s'",
            "C WITH IDENTITY 'i' | WITH IDENTITY SECRET 's'",
        ),
        ("CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'p'", "ENCRYPTION BY PASSWORD 'p'"),
        ("SET PASSWORD FOR 'u'@'h' = PASSWORD('x')", "PASSWORD FOR PASSWORD 'x'"),
        ("SET PASSWORD FOR 'u'@'h' = 'x'", "SET PASSWORD FOR 'x'"),
        (
            "COPY t FROM 'u' ACCESS_KEY_ID 'a' SECRET_ACCESS_KEY 'b'",
            "COPY T FROM 'u' | T FROM ACCESS_KEY_ID 'a' | FROM ACCESS_KEY_ID SECRET_ACCESS_KEY 'b'",
        ),
        (
            "GRANT READ SECRET, MANAGE ON SCHEMA x TO `account users`",
            "READ SECRET TO `account users` | MANAGE TO `account users`",
        ),
        (
            "SELECT e'\\x', r'c\\d', 'it''s', \"e\"\"f\", 'a' 'b'",
            "SELECT e'\\x' | SELECT r'c\\d' | SELECT 'it''s' | SELECT \"e\"\"f\" | SELECT 'a' 'b'",
        ),
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
        (
            "SET spark.x.password = my pass; SET a.b=c",
            "set spark.x.password -> 'my pass' | set a.b -> 'c' | query Set | query Set",
        ),
        (
            "SET a.b = x\nSET c.d = 'y'\nSELECT f(1) FROM t",
            "set a.b -> 'x' | set c.d -> 'y' | query Set | query Set | query Select",
        ),
        ("SET `a.b`=ab/c+d== -- note", "set a.b -> 'ab/c+d==' | query Set"),
        ("SET VARIABLE x = 'lit', y = secret('a','b')", "x = 'lit'; y = secret('a', 'b') | query Set"),
        ("SET SESSION VARIABLE x = 'a'", "x = 'a' | query Set"),
        (
            "BEGIN\n DECLARE pw STRING DEFAULT 'x';\n SET pw = 'y';\nEND",
            "pw = 'x'; pw = 'y' | query Other | query Set | query Other",
        ),
        (
            "UPDATE t SET a = secret('x','y'), t.b = 'z' WHERE c = 'd'",
            "a = secret('x', 'y'); b = 'z'; cmp=(c, 'd') | query Change",
        ),
        (
            "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET password = 'x'",
            "password = 'x' | query Change",
        ),
        (
            "CREATE TEMP VIEW v USING org.apache.spark.sql.jdbc OPTIONS (url \"u\", user 'u', \"password\" \"p\")",
            "query url -> 'u' | query user -> 'u' | query password -> 'p' | query CreateTable",
        ),
        (
            "CREATE TABLE t USING jdbc OPTIONS (password 123456, x true, y null, dbtable '(select a from b) t')",
            "query password -> 123456 | query x -> true | query y -> null | query dbtable -> '(select a from b) t' | query CreateTable",
        ),
        (
            "CREATE CONNECTION c TYPE t OPTIONS (password concat('a', :p), user '${u}', port 1, x ${y})",
            "query password -> concat('a', :p) | query user -> '${u}' | query port -> 1 | query x -> ${y} | query CreateConnection",
        ),
        (
            "CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'a', password 'b')",
            "query user -> 'a' | query password -> 'b' | query CreateUser",
        ),
        (
            "COPY INTO t FROM (SELECT * FROM 'x' WITH (CREDENTIAL (AZURE_SAS_TOKEN = 'q')))",
            "query AZURE_SAS_TOKEN -> 'q' | query CopyInto",
        ),
        (
            "CREATE SECRET s (TYPE S3, KEY_ID 'a', SECRET 'b')",
            "query TYPE -> s3 | query KEY_ID -> 'a' | query SECRET -> 'b' | query CreateTable",
        ),
        ("ALTER TABLE t SET TBLPROPERTIES ('password' = 'x')", "query password -> 'x' | query CreateTable"),
        ("EXECUTE IMMEDIATE 'SELECT f(''a'')' USING 'x'", "query Execute | <sql document: SELECT f('a')>"),
        (
            "CREATE FUNCTION f() RETURNS STRING LANGUAGE PYTHON AS 'return \"it''s\"'",
            "query CreateFunction | <python document: return \"it's\">",
        ),
        ("SELECT 'unterminated ;\nSELECT 'b' FROM t WHERE pw = 'c'", "cmp=(pw, 'c') | query Select | query Select"),
        ("((((((((((", "query Other"),
        ("SELECT * FROM {table} WHERE a = '{x}' AND b = {d['k']}", "cmp=(a, '{x}') | query Select"),
        ("-- SET a.b = 'c'", "<sql comment: SET a.b = 'c'>"),
        ("SET -v", "query Set"),
    ];
    let wrong: Vec<_> = table.iter().map(|(t, e)| (*t, lowered(t), *e)).filter(|(_, s, e)| s != e).collect();
    assert!(wrong.is_empty(), "text, seen, expected: {wrong:#?}");
}

#[test]
fn templates_and_parameters_are_listed() {
    let table = [
        ("SELECT '${pw}' || :x || '{{y}}' || ? || $1", "pw x y ? 1"),
        ("SELECT * FROM {table} WHERE a = '{x}' AND b = {d['k']}", "table x d['k']"),
        ("SELECT a:b.c, x::string, f(:q), '{\"json\": \"x\"}', ':p'", "q"),
        ("SELECT 1; SELECT ${b}", "b"),
    ];
    for (text, expected) in table {
        let facts = super::lower(text, LowerOptions { notebook: true, depth: 2 });
        let seen: Vec<&str> = facts.queries.iter().flat_map(|q| &q.parameters).map(|p| &*p.0).collect();
        assert_eq!(seen.join(" "), expected, "{text}");
    }
}

#[test]
fn endless_openings_are_read_in_linear_time() {
    let start = std::time::Instant::now();
    let pieces = [
        "(", "f(", "'", "\"", "`", "$$", "${", "{{", "/*", "SET a=", ", ('a')", "';\n'", "OPTIONS (a ", "x = 'y' ",
        ":a ", "f('a' || ", "SELECT (",
    ];
    for piece in pieces {
        let text = piece.repeat(60_000 / piece.len());
        let facts = super::lower(&text, LowerOptions { notebook: true, depth: 2 });
        assert!(facts.queries.iter().all(|q| q.span.end as usize <= text.len()), "{piece}");
        assert!(start.elapsed().as_secs() < 30, "{piece} {:?}", start.elapsed());
    }
}

proptest! {
    #[test]
    fn any_text_is_read(pieces in proptest::collection::vec(
        prop_oneof![
            Just("'"), Just("\""), Just("`"), Just("$$"), Just("("), Just(")"), Just(","), Just(";"), Just("\n"),
            Just("é"), Just("{{"), Just("}}"), Just("${"), Just("}"), Just(":"), Just("="), Just("=>"), Just("||"),
            Just("SET "), Just("OPTIONS "), Just("WITH "), Just("x"), Just(" "), Just("--"), Just("/*"), Just("*/"),
            Just("r'"), Just("\\"), Just("IDENTIFIED BY "), Just("DECLARE "), Just("DEFAULT "), Just("GRANT "),
            Just("TO "), Just("UPDATE "), Just("BEGIN "), Just("CREATE SECRET "), Just("GO\n"), Just("["), Just("1"),
        ], 0..40)) {
        let text = pieces.concat();
        let facts = super::lower(&text, LowerOptions { notebook: true, depth: 2 });
        for expr in &facts.exprs {
            prop_assert!(text.get(expr.span.range()).is_some());
        }
        for property in &facts.properties {
            prop_assert!(text.get(property.value_span.range()).is_some());
            prop_assert!(text.get(property.key_span.range()).is_some());
        }
    }
}
