//! Keys that a machine drew against names of things, under names that say "secret": how many of each are told.

use std::fmt::Write;

use credscope_linter::{Settings, Severity, Workspace};
use credscope_tests::fakes::Fakes;

/// Values of each kind under each name.
const VALUES: usize = 200;

const NAMES: &[&str] = &["api_key", "password", "auth_token", "client_secret"];

/// Where the value stands; `#` is its number, `%` its name, `@` the value.
const PLACES: &[(&str, &str)] = &[
    ("a.py", "v#_% = \"@\"\n"),
    ("c.yaml", "v#_%: @\n"),
    (".env", "V#_%=@\n"),
    ("run.sh", "export V#_%=@\n"),
    ("app.properties", "v#.%=@\n"),
];

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";

/// Words that names of things are made of, in several languages, with the abbreviations of the trade.
const WORDS: &[&str] = &[
    "account", "address", "admin", "archive", "article", "auth", "backup", "balance", "batch", "billing", "bronze",
    "bucket", "cache", "catalog", "channel", "checkout", "client", "cluster", "column", "config", "consumer",
    "contract", "country", "customer", "dashboard", "data", "delivery", "department", "device", "digest", "document",
    "driver", "endpoint", "engine", "event", "export", "factory", "feature", "finance", "forecast", "gateway", "gold",
    "group", "handler", "history", "identity", "import", "ingest", "invoice", "journal", "kafka", "landing", "ledger",
    "library", "listener", "logger", "manager", "market", "member", "message", "metric", "model", "module", "monitor",
    "network", "notebook", "order", "partner", "payment", "pipeline", "planning", "platform", "policy", "portal",
    "product", "profile", "project", "provider", "queue", "reader", "record", "refresh", "region", "registry",
    "report", "request", "resource", "response", "retail", "role", "sales", "schema", "segment", "sensor", "server",
    "service", "session", "shipment", "silver", "snapshot", "source", "staging", "storage", "stream", "subject",
    "supplier", "support", "table", "target", "tenant", "ticket", "tracking", "training", "transfer", "vendor",
    "version", "warehouse", "weather", "window", "worker", "workflow", "writer", "json", "http", "sql", "kunde",
    "bestellung", "verwaltung", "usuario", "pedido", "cliente", "commande", "utilisateur", "produit",
];

/// The share of values, in percent, that some finding of `info` and above stands at.
fn told(name: &str, values: &[String]) -> f64 {
    let settings = Settings::default();
    let mut found = 0;
    for (path, line) in PLACES {
        let name = if line.contains("V#") { name.to_uppercase() } else { name.to_owned() };
        let mut text = String::new();
        for (number, value) in values.iter().enumerate() {
            let _ = write!(text, "{}", line.replace('#', &number.to_string()).replace('%', &name).replace('@', value));
        }
        let opened = credscope_grammars::open(path, text.as_bytes());
        let document = opened.documents.first().expect("a document");
        let findings = credscope_linter::analyze(document, path, &settings, &Workspace::default()).findings;
        let mut lines: Vec<usize> = findings
            .iter()
            .filter(|f| f.severity >= Severity::Info)
            .map(|f| document.cells[0].text[..f.place.span.start as usize].matches('\n').count())
            .collect();
        lines.sort_unstable();
        lines.dedup();
        found += lines.len();
    }
    100.0 * found as f64 / (values.len() * PLACES.len()) as f64
}

#[test]
fn what_machines_draw_is_told() {
    let mut fakes = Fakes::new(11);
    let alphabets = [
        [LOWER, UPPER, DIGITS].concat(),
        [LOWER, DIGITS].concat(),
        [UPPER, DIGITS].concat(),
        [LOWER, UPPER].concat(),
        LOWER.to_owned(),
    ];
    let mut wrong = Vec::new();
    for alphabet in &alphabets {
        for name in NAMES {
            let values: Vec<String> = (0..VALUES)
                .map(|_| {
                    let length = 12 + fakes.below(13);
                    fakes.of(alphabet, length)
                })
                .collect();
            let told = told(name, &values);
            if told < 95.0 {
                wrong.push(format!("{name}, {} characters: {told:.1} % told", alphabet.len()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// People choose words for passwords and secrets; keys and tokens are drawn.
#[test]
fn names_of_things_are_not() {
    let mut fakes = Fakes::new(12);
    let mut wrong = Vec::new();
    for spelling in ["snake", "kebab", "camel", "Pascal", "UPPER", "dotted", "joined", "path"] {
        for name in ["api_key", "auth_token"] {
            let values: Vec<String> = (0..VALUES).map(|_| spelled(&mut fakes, spelling)).collect();
            let told = told(name, &values);
            if told > 1.0 {
                wrong.push(format!("{name}, {spelling}: {told:.1} % told"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn spelled(fakes: &mut Fakes, spelling: &str) -> String {
    let count = 2 + fakes.below(2);
    let words: Vec<&str> = (0..count).map(|_| WORDS[fakes.below(WORDS.len())]).collect();
    let title = |w: &str| w[..1].to_uppercase() + &w[1..];
    match spelling {
        "snake" => words.join("_"),
        "kebab" => words.join("-"),
        "UPPER" => words.join("_").to_uppercase(),
        "dotted" => words.join("."),
        "joined" => words.concat(),
        "path" => format!("/{}", words.join("/")),
        "camel" => words[0].to_owned() + &words[1..].iter().map(|w| title(w)).collect::<String>(),
        _ => words.iter().map(|w| title(w)).collect(),
    }
}
