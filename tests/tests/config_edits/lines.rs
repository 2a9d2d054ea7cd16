//! TOML, Spark confs, properties, ini, `.env` and XML: where a fix writes, it changes one value; where a person has to decide, nothing.

use std::collections::BTreeMap;

use credscope_tests::fakes::Fakes;

use super::{KEY, REFERENCE, fixed};

fn value(fakes: &mut Fakes) -> String {
    let odd = ["", "+", "/", ".", "é"];
    format!("{}{}xY3", fakes.make("password").replace(['"', '\\', '\''], "q"), odd[fakes.below(odd.len())])
}

#[test]
fn toml_changes_at_the_credential_only() {
    let mut fakes = Fakes::new(16);
    for round in 0..100 {
        let (secret, quote) = (value(&mut fakes), ["\"", "'"][round % 2]);
        let text = format!(
            "# conf\nname = 'x' # [not a table]\n[spark_conf]\n\"spark.a\" = \"b = \\\"c\\\"\"\n\"{KEY}\" = {quote}{secret}{quote} # key\n\n[[jobs]]\nsizes = [1, {{ a = 2 }}]\n"
        );
        let mut before: toml::Table = text.parse().unwrap();
        let after: toml::Table = fixed("cluster.toml", &text).parse().unwrap();
        before["spark_conf"][KEY] = REFERENCE.into();
        assert_eq!(after, before, "round {round}");
    }
}

/// Keys and values of lines, comments left out.
fn pairs(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#') && !line.trim().is_empty())
        .map(|line| {
            let (key, value) = line.trim().split_once(['=', ' ', '\t']).unwrap_or((line, ""));
            (key.to_owned(), value.trim_start_matches(['=', ' ', '\t']).to_owned())
        })
        .collect()
}

#[test]
fn spark_confs_change_at_the_credential_only() {
    let mut fakes = Fakes::new(17);
    for round in 0..100 {
        let (secret, between) = (value(&mut fakes), [" ", "=", "\t", " = "][round % 4]);
        let text =
            format!("# {KEY} is set below\nspark.app.name{between}x y\n{KEY}{between}{secret}\nspark.ui.port 4040");
        let (mut before, after) = (pairs(&text), fixed("spark-defaults.conf", &text));
        before.insert(KEY.to_owned(), REFERENCE.to_owned());
        assert_eq!(pairs(&after), before, "round {round}: {after}");
        assert_eq!(after.lines().next(), text.lines().next(), "round {round}");
    }
}

/// Nothing in these documents is expanded by anyone: the fix is advice, and the file stays as it is.
#[test]
fn files_without_references_stay_as_they_are() {
    let mut fakes = Fakes::new(18);
    for _ in 0..20 {
        let secret = value(&mut fakes);
        let rows = [
            ("app.properties", format!("db.password={secret}\n{KEY} = {secret}\n")),
            ("settings.ini", format!("[db]\npassword = {secret}\n")),
            (".databrickscfg", format!("[DEFAULT]\ntoken = {secret}\n")),
            (".env", format!("DB_PASSWORD={secret}\n")),
            (
                "core-site.xml",
                format!(
                    "<configuration><property><name>fs.s3a.secret.key</name><value>{secret}</value></property></configuration>"
                ),
            ),
            ("Dockerfile", format!("FROM x\nENV DB_PASSWORD={secret}\n")),
            ("Makefile", format!("PW = {secret}\na:\n\tcurl -u etl:$(PW) https://h.example.com\n")),
        ];
        for (path, text) in rows {
            assert_eq!(fixed(path, &text), text, "{path}");
        }
    }
}
