//! Token formats: what is made the way a service makes it is found, what is off by one character is graded as its row
//! says. Everything is generated; the seeds are fixed.

use credscope_linter::{
    Settings, prefilter,
    rule::Confidence,
    value::tokens::{TokenHit, find, rows},
};
use credscope_tests::fakes::{
    Fakes,
    samples::{Miss, SAMPLES, Text},
};

const EACH: usize = 200;

/// The date of the tests, 2026-06-01.
fn settings() -> Settings {
    Settings { now: Some(1_780_272_000), ..Settings::default() }
}

fn hit(text: &Text, id: &str, label: &str) -> Option<TokenHit> {
    find(&text.text, &settings())
        .into_iter()
        .find(|h| h.id == id && h.label == label && h.range.start < text.token.end && text.token.start < h.range.end)
}

#[test]
fn every_row_has_samples() {
    for row in rows() {
        assert!(SAMPLES.iter().any(|s| s.id == row.id && s.label == row.label), "{} {}", row.id, row.label);
    }
    for number in 1..=54 {
        let id = format!("T{number:02}");
        // T05 is the host beside a token.
        assert!(number == 5 || SAMPLES.iter().any(|s| s.id == id), "{id} has no sample");
    }
}

#[test]
fn generated_tokens_are_found_as_what_they_are() {
    let mut fakes = Fakes::new(11);
    let mut wrong = Vec::new();
    for sample in SAMPLES {
        for _ in 0..EACH {
            let text = sample.positive(&mut fakes);
            match hit(&text, sample.id, sample.label) {
                Some(hit) if hit.range == text.token && !hit.lowered && hit.confidence >= Confidence::Medium => {}
                other => wrong.push(format!("{} {}: {other:?} in {}", sample.id, sample.label, text.text)),
            }
            if !prefilter::may_match(text.text.as_bytes()) {
                wrong.push(format!("{} {} is skipped by the prefilter", sample.id, sample.label));
            }
        }
    }
    wrong.dedup_by_key(|w| w.chars().take(12).collect::<String>());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn near_misses_are_graded_as_their_row_says() {
    let mut fakes = Fakes::new(12);
    let mut wrong = Vec::new();
    for sample in SAMPLES {
        for _ in 0..EACH {
            let (text, miss) = sample.near_miss(&mut fakes);
            let hit = hit(&text, sample.id, sample.label);
            let good = match miss {
                Miss::Silent => hit.is_none(),
                Miss::Lowered => hit.as_ref().is_some_and(|h| {
                    h.lowered
                        && h.confidence == Confidence::Medium
                        && h.note.as_ref().is_some_and(|n| n.contains("made up"))
                }),
            };
            if !good {
                wrong.push(format!("{} {}: {miss:?}, {hit:?} in {}", sample.id, sample.label, text.text));
            }
        }
    }
    wrong.dedup_by_key(|w| w.chars().take(12).collect::<String>());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the messages say of a token.
#[test]
fn facts_are_decoded() {
    let mut fakes = Fakes::new(13);
    let table = [
        ("github-pat", "{}", "valid checksum"),
        ("github-edited", "{}", "checksum fails"),
        ("eventhub-manage", "{}", "valid checksum; Manage right"),
        ("servicebus-listen", "{}", "valid checksum; Listen right"),
        ("cosmos-read-write", "{}", "valid checksum; read-write"),
        ("azure-annotated", "{}", "valid checksum; of Azure DevOps; issued 202"),
        ("devops-pat", "{}", "valid checksum"),
        ("aws-access-key", "{}", "account "),
        ("jwt", "{}", "expires 2100-01"),
        ("jwt-expired", "{}", "expired 2023-04"),
        ("jwt-databricks", "{}", "issued by Databricks"),
        (
            "url-signature", "https://a/c?sv=2022-11-02&sp=rwl&sr=c&se=2021-01-01&sig={}",
            "rights: read, write, list; expired 2021-01",
        ),
        (
            "url-signature",
            "https://a/c?sv=2022-11-02&amp;ss=b&amp;se=2031-02-01&amp;sig={}",
            "for the whole account; expires 2031-02",
        ),
        ("url-signature", r"https://a/c?sv=2022-11-02\u0026skoid=x\u0026sig={}", "signed by a user"),
        ("databricks-pat", "https://adb-1.2.azuredatabricks.net {}", "beside adb-1.2.azuredatabricks.net"),
        ("stripe-test", "{}", "test mode"),
        ("pypi-token", "{}", "macaroon of pypi.org"),
        ("basic", "Authorization: Basic {}", "decodes to user:password"),
        ("pem-encrypted", "{}", "encrypted"),
        (
            "alnum32",
            r#"{"shareCredentialsVersion":1,"endpoint":"https://s.corp.net/x","bearerToken":"{}","expirationTime":"2023-04-05T00:00:00Z"}"#,
            "expired 2023-04; of s.corp.net",
        ),
        (
            "pem-pkcs8-line",
            r#"{"type":"service_account","private_key":"{}","client_email":"j@p.iam.gserviceaccount.com"}"#,
            "of j@p.iam.gserviceaccount.com",
        ),
    ];
    let mut wrong = Vec::new();
    for (kind, frame, expected) in table {
        let text = frame.replace("{}", &fakes.make(kind));
        let notes: Vec<_> = find(&text, &settings()).into_iter().filter_map(|h| h.note).collect();
        if !notes.iter().any(|n| n.contains(expected)) {
            wrong.push(format!("{kind} in {frame}: {notes:?}, expected {expected}"));
        }
    }
    let id = format!("AKIA{}", "A".repeat(16).replace("AAAA", "QEBA"));
    assert_eq!(credscope_linter::value::tokens::checks::aws::account(&id).map(|a| a.len()), Some(12));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Without a date nothing has expired.
#[test]
fn the_date_is_given() {
    let text = Fakes::new(14).make("jwt-expired");
    let note = |now| find(&text, &Settings { now, ..Settings::default() })[0].note.clone();
    assert!(note(None).is_some_and(|n| n.contains("expires 2023-04")));
    assert!(note(Some(1_780_272_000)).is_some_and(|n| n.contains("expired 2023-04")));
}

/// Texts made of anchors, pieces of tokens, runs and characters of several bytes: nothing panics, and hits are in
/// order, apart, and on characters.
#[test]
fn any_text_can_be_searched() {
    let mut fakes = Fakes::new(15);
    let anchors: Vec<&str> = rows().flat_map(|r| r.anchors.iter().copied()).collect();
    let settings = settings();
    for round in 0..400 {
        let mut text = String::new();
        for _ in 0..fakes.below(60) {
            match fakes.below(8) {
                0..=2 => text.push_str(anchors[fakes.below(anchors.len())]),
                3 => {
                    let sample = &SAMPLES[fakes.below(SAMPLES.len())];
                    text.push_str(&sample.near_miss(&mut fakes).0.text);
                }
                4 => {
                    let length = fakes.below(120);
                    text.push_str(&fakes.of("abcdefghijklmnopqrstuvwxyzABCDEFXYZ0123456789+/=_-.", length));
                }
                5 => text.push_str(["é", "\u{fffc}", "中", "\u{1f511}", "\0", "\r\n"][fakes.below(6)]),
                6 => text.push_str(&"A".repeat(fakes.below(90))),
                _ => text.push_str([" ", "\"", "'", "=", ":", "@", "://", "\n", "%", "\\"][fakes.below(10)]),
            }
        }
        // A cut in the middle.
        let mut cut = fakes.below(text.len() + 1);
        while !text.is_char_boundary(cut) {
            cut -= 1;
        }
        text.truncate(cut);
        let mut end = 0;
        for hit in find(&text, &settings) {
            assert!(
                hit.range.start >= end && text.get(hit.range.clone()).is_some_and(|t| !t.is_empty()),
                "round {round}"
            );
            end = hit.range.end;
        }
    }
}

/// One long line of nothing but anchors, for every anchor: the search comes to an end soon, since no byte is read again
/// for each anchor before it.
#[test]
fn lines_of_anchors_are_searched_once() {
    let settings = settings();
    for row in rows() {
        for anchor in row.anchors {
            for gap in ["", " ", "/", "aB3"] {
                let text = format!("{anchor}{gap}").repeat(40_000 / anchor.len());
                let _ = find(&text, &settings);
            }
        }
    }
}

/// What is decoded of a token stands in the message of the position that it stands in, too; what finds no room there, in the help.
#[test]
fn facts_stand_in_messages_of_positions() {
    let places = [
        ("CS102", "a.py", "df = spark.read.option(\"password\", \"{}\").load()\n"),
        ("CS103", "a.py", "spark.conf.set(\"spark.db.password\", \"{}\")\n"),
        ("CS105", "a.py", "import psycopg2\nc = psycopg2.connect(host=\"h\", password=\"{}\")\n"),
        ("CS301", "job.yml", "new_cluster:\n  spark_conf:\n    spark.db.password: \"{}\"\n"),
        ("CS302", "job.yml", "new_cluster:\n  spark_env_vars:\n    DB_TOKEN: \"{}\"\n"),
        ("CS320", "job.json", "{\"notebook_task\": {\"base_parameters\": {\"token\": \"{}\"}}}"),
        ("CS340", "main.tf", "provider \"databricks\" {\n  token = \"{}\"\n}\n"),
        ("CS350", ".github/workflows/a.yml", "on: push\njobs:\n  a:\n    env:\n      DB_TOKEN: \"{}\"\n"),
        ("CS402", "a.sh", "curl -H 'Authorization: Bearer {}' https://h.example.com\n"),
        ("CS405", "a.sh", "export DB_TOKEN='{}'\n"),
    ];
    let kinds = [
        ("jwt-expired", "expired 2023-04"),
        ("github-pat", "valid checksum"),
        ("devops-pat", "valid checksum"),
        ("eventhub-manage", "Manage right"),
        ("aws-access-key", "account "),
    ];
    let mut fakes = Fakes::new(15);
    let mut wrong = Vec::new();
    for (code, path, frame) in places {
        for (kind, expected) in kinds {
            let text = frame.replace("{}", &fakes.make(kind));
            let opened = credscope_grammars::open(path, text.as_bytes());
            let document = &opened.documents[0];
            let found = credscope_linter::analyze(document, path, &settings(), &Default::default()).findings;
            let told: Vec<_> = found.iter().filter(|f| f.rule.code != "CS540").collect();
            let good = |f: &&credscope_linter::Finding| {
                f.rule.code == code
                    && f.message.chars().count() <= 100
                    && (f.message.contains(expected) || f.help.contains(expected))
            };
            let right = matches!(told.as_slice(), [only] if good(only));
            if !right {
                let seen: Vec<_> = told.iter().map(|f| format!("{} {}", f.rule.code, f.message)).collect();
                wrong.push(format!("{kind} in {path}, {code}: {seen:?}, expected {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
