//! Forged tokens with the verdict of their check, for comparing it with another implementation:
//! `cargo run -p credscope-tests --example forge -- COUNT` prints `kind <tab> token <tab> true|false|none` lines, half of
//! them with one character edited.

#![expect(clippy::print_stdout, reason = "rows for another program")]

use credscope_linter::value::tokens::checks::{Found, Verdict, azure, crc, documents};
use credscope_tests::fakes::{Fakes, samples::edited};

type Kind = (&'static str, fn(&mut Fakes) -> String, fn(&Found<'_>) -> Verdict);

const KINDS: &[Kind] = &[
    ("azure-storage", |f| f.identifiable("+ASt", 88, 0x4465_6661_756c_7430), azure::identifiable_row),
    ("azure-cosmos", |f| f.identifiable("ACDb", 88, 0x4d61_7374_524f_3030), azure::identifiable_row),
    ("azure-eventhub", |f| f.identifiable("+AEh", 44, 0x5365_6e64_3030_3030), azure::identifiable_row),
    ("azure-servicebus", |f| f.identifiable("+ASb", 44, 0x4c69_7374_656e_3030), azure::identifiable_row),
    ("azure-relay", |f| f.identifiable("+ARm", 44, 0x4d61_6e61_6765_3030), azure::identifiable_row),
    ("azure-redis", |f| f.identifiable("AzCa", 44, 0x4163_6365_7373_3030), azure::identifiable_row),
    ("azure-acr", |f| f.identifiable("+ACR", 52, 0x4143_5244_666c_7430), azure::identifiable_row),
    ("azure-batch", |f| f.identifiable("+ABa", 88, 0x4162_4163_6374_3030), azure::identifiable_row),
    ("entra", Fakes::entra, azure::entra),
    ("github", |f| f.crc("ghp_"), crc::suffix),
    ("npm", |f| f.crc("npm_"), crc::suffix),
    ("ado", Fakes::devops, crc::devops_row),
    ("pypi", |f| f.pypi("pypi.org"), documents::pypi),
];

fn main() {
    let count: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1_500);
    let mut fakes = Fakes::new(21);
    for n in 0..count {
        let (kind, make, check) = KINDS[n % KINDS.len()];
        let mut token = make(&mut fakes);
        if n / KINDS.len() % 2 == 1 {
            token = edited(&mut fakes, &token, 7..30);
        }
        let verdict = check(&Found { text: &token, range: 0..token.len(), now: None });
        let said = verdict.valid.map_or("none".to_owned(), |v| v.to_string());
        println!("{kind}\t{token}\t{said}");
    }
}
