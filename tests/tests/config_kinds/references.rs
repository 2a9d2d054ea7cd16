//! Forms that something else fills in, in every document.

use credscope_linter::Severity;
use credscope_tests::positions::assert_none;

use super::{VALUE, codes};

/// Forms that a value is filled in by: something else has the credential.
const REFERENCES: &[&str] = &[
    "${var.pw}",
    "${env.DB_PASSWORD}",
    "${DB_PASSWORD}",
    "$DB_PASSWORD",
    "$(DB_PASSWORD)",
    "%DB_PASSWORD%",
    "${{ secrets.DB_PASSWORD }}",
    "$[variables.pw]",
    "{{secrets/sales/pw}}",
    "!vault secret/data/db",
    "vault:secret/data/db#pw",
    "op://vault/item/pw",
    "{{ env_var('DB_PASSWORD') }}",
    "{{ var.value.pw }}",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-pw",
    "ssm:/sales/db/pw",
    "{{resolve:ssm-secure:/sales/db/pw}}",
    "{{resolve:secretsmanager:db:SecretString:pw}}",
    "@Microsoft.KeyVault(SecretUri=https://kv.example.com/secrets/pw)",
    "keyvault://kv-sales/pw",
    "gcp:secretmanager:projects/1/secrets/pw",
    "sm://project/pw",
    "secretref:db-pw",
    "ref+vault://secret/db#pw",
    "awssm://db/pw",
    "file:///run/secrets/pw",
    "/run/secrets/pw",
    "env:DB_PASSWORD",
    "ENV[DB_PASSWORD]",
    "<password>",
    "#{DB_PASSWORD}#",
    "@@DB_PASSWORD@@",
    "__DB_PASSWORD__",
    "%(db_password)s",
    "{{ db_password }}",
    "ENC(q7Lm2vX9pLkT4wZs)",
    "{cipher}8a7b6c5d4e3f2a1b",
    "${ssm:/sales/db/pw}",
    "${file:/run/pw:password}",
    "${vault:secret/db:pw}",
    "${azkv:kv:pw}",
    "data.vault_generic_secret.db.data.pw",
    "local.pw",
    "var.db_password",
    "{{job.parameters.pw}}",
    "{{tasks.a.values.pw}}",
];

/// Documents with a credential's place: `§` is quoted as JSON is, `¶` is bare, `&` has the entities of XML.
const PLACES: &[(&str, &str)] = &[
    ("a.yaml", "db:\n  password: §\n"),
    ("b.yml", "spark_conf:\n  spark.db.password: §\n"),
    ("databricks.yml", "bundle: {name: x}\nvariables:\n  db_password:\n    default: §\n"),
    ("app.yaml", "command: [x]\nenv:\n  - name: DB_PASSWORD\n    value: §\n"),
    ("compose.yaml", "services:\n  a:\n    image: x\n    environment:\n      DB_PASSWORD: §\n"),
    ("profiles.yml", "s:\n  target: d\n  outputs:\n    d: {type: databricks, token: §}\n"),
    (".github/workflows/a.yml", "on: push\nenv:\n  DB_PASSWORD: §\njobs: {a: {runs-on: x}}\n"),
    ("a.json", "{\"db\": {\"password\": §}}"),
    ("run.json", "{\"job_id\": 1, \"notebook_params\": {\"password\": §}}"),
    ("a.toml", "[db]\npassword = §\n"),
    ("a.properties", "db.password=¶\n"),
    ("a.conf", "spark.db.password ¶\n"),
    ("b.conf", "db.password = ¶\n"),
    ("a.ini", "[db]\npassword = ¶\n"),
    (".databrickscfg", "[D]\ntoken = ¶\n"),
    (".env", "DB_PASSWORD=¶\n"),
    (".npmrc", "//r.example.com/:_authToken=¶\n"),
    (".pypirc", "[x]\npassword = ¶\n"),
    ("a.tfvars", "db_password = §\n"),
    ("a.tf", "provider \"databricks\" {\n  password = §\n}\n"),
    ("a.xml", "<configuration><property><name>fs.s3a.secret.key</name><value>&</value></property></configuration>"),
    (".m2/settings.xml", "<settings><servers><server><password>&</password></server></servers></settings>"),
    ("Dockerfile", "FROM x\nENV DB_PASSWORD=§\n"),
    ("a.sh", "export DB_PASSWORD=§\n"),
    ("a.sql", "CREATE CONNECTION c TYPE mysql OPTIONS (host 'h.example.com', user 'u', password '¶');\n"),
    ("a.py", "password = §\n"),
    ("a.scala", "val password = §\n"),
    ("a.r", "password <- §\n"),
    ("notes.md", "password: ¶\n"),
];

#[test]
fn references_are_silent_in_every_document() {
    let mut failed = Vec::new();
    for (path, place) in PLACES {
        // Texts that the format itself would read as something else.
        let cannot_hold = |reference: &str| match () {
            () if path.ends_with(".sql") => reference.contains('\''),
            () if path.contains(".tf") => reference.starts_with("${") && reference.contains(':'),
            () => false,
        };
        for reference in REFERENCES.iter().filter(|r| !cannot_hold(r)) {
            let entities = reference.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let text = match place.split_once('&').filter(|_| place.starts_with('<')) {
                Some((before, after)) => format!("{before}{entities}{after}"),
                None => place.replace('§', &format!("\"{reference}\"")).replace('¶', reference),
            };
            // A reference of Databricks in a wrong place, and a parameter in the text of a statement, have rules of
            // their own.
            let found = codes(path, &text);
            let literal = found.iter().filter(|(c, ..)| !matches!(*c, "CS303" | "CS321" | "CS322" | "CS323" | "CS212"));
            let seen: Vec<&str> = literal.map(|(c, ..)| *c).collect();
            if !seen.is_empty() {
                failed.push(format!("{path}: {reference}: {}", seen.join(", ")));
            }
        }
        // The place is one: a credential there is found.
        let text = place.replace(['§', '¶'], &format!("{}{VALUE}{0}", if place.contains('§') { "\"" } else { "" }));
        let text = if place.starts_with('<') { place.replace('&', VALUE) } else { text };
        if !codes(path, &text).iter().any(|(_, severity, _)| *severity >= Severity::Warning) {
            failed.push(format!("{path}: nothing is found of a credential"));
        }
    }
    assert_none(failed);
}
