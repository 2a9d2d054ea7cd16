//! Seeded generator of fake secrets, so that no token-shaped string stands in the repository.

use base64::Engine;

pub mod forge;
pub mod samples;

/// Deterministic generator (splitmix64).
#[derive(Clone, Debug)]
pub struct Fakes(u64);

const LOWER_HEX: &str = "0123456789abcdef";
const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

impl Fakes {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next_u64() % n.max(1) as u64) as usize
    }

    /// `len` characters of an ASCII alphabet.
    pub fn of(&mut self, alphabet: &str, len: usize) -> String {
        let letters = alphabet.as_bytes();
        (0..len).map(|_| letters[self.below(letters.len())] as char).collect()
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next_u64() as u8).collect()
    }

    pub fn base64(&mut self, bytes: usize) -> String {
        base64::engine::general_purpose::STANDARD.encode(self.bytes(bytes))
    }

    /// A fake of a kind. Panics on an unknown kind: a case is misspelled.
    pub fn make(&mut self, kind: &str) -> String {
        match kind {
            "password" => format!("{}#{}", self.of(ALNUM, 7), self.of(ALNUM, 6)),
            "weak" => "monkey12".to_owned(),
            "hex32" => self.of(LOWER_HEX, 32),
            "hex40" => self.of(LOWER_HEX, 40),
            "alnum20" => self.of(ALNUM, 20),
            "alnum32" => self.of(ALNUM, 32),
            "base64-44" => self.base64(32),
            "base64-88" => self.base64(64),
            "databricks-pat" => format!("{}{}", "dapi", self.of(LOWER_HEX, 32)),
            "databricks-oauth" => format!("{}{}", "dose", self.of(LOWER_HEX, 32)),
            "aws-access-key" => format!("{}{}", "AKIA", self.of(BASE32, 16)),
            "aws-secret-key" => self.of(&format!("{ALNUM}+/"), 40),
            "azure-storage-key" => self.base64(64),
            "entra-secret" => self.entra(),
            "azure-storage-signed" => self.identifiable("+ASt", 88, 0x4465_6661_756c_7430),
            "cosmos-read-write" => self.identifiable("ACDb", 88, 0x4d61_7374_5257_3030),
            "eventhub-manage" => self.identifiable("+AEh", 44, 0x4d61_6e61_6765_3030),
            "servicebus-listen" => self.identifiable("+ASb", 44, 0x4c69_7374_656e_3030),
            "redis-key" => self.identifiable("AzCa", 44, 0x4163_6365_7373_3030),
            "azure-annotated" => self.annotated("AZDO", false),
            "devops-pat" => self.devops(),
            "aws-session-token" => format!("{}{}", "IQoJb3JpZ2lu", self.of(&format!("{ALNUM}+/"), 300)),
            "sas" => format!("sv=2022-11-02&ss=b&srt=sco&sp=rl&se=2031-01-01T00:00:00Z&sig={}", self.signature()),
            "sas-expired" => format!("sv=2020-08-04&sr=c&sp=rwdl&se=2021-03-01T00:00:00Z&sig={}", self.signature()),
            "url-signature" => self.signature(),
            "logic-app-signature" => self.of(&format!("{ALNUM}-_"), 43),
            "jwt" => self.jwt(r#"{"iss":"https://issuer.invalid","sub":"job","exp":4102444800}"#),
            "jwt-expired" => self.jwt(r#"{"iss":"https://issuer.invalid","sub":"job","exp":1682000000}"#),
            "jwt-databricks" => {
                self.jwt(r#"{"iss":"https://adb-1.2.azuredatabricks.net/oidc","sub":"job","exp":4102444800}"#)
            }
            "jwt-snowflake" => self.jwt(r#"{"iss":"ACCT.JOE.SHA256:q7","sub":"ACCT.JOE","exp":4102444800}"#),
            "jwt-sample" => self.jwt(r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#),
            "jwt-anon" => self.jwt(r#"{"iss":"supabase","role":"anon","exp":4102444800}"#),
            "basic" => base64::engine::general_purpose::STANDARD.encode(format!("svc_load:{}", self.of(ALNUM, 12))),
            "basic-sample" => base64::engine::general_purpose::STANDARD.encode("user:password"),
            "github-pat" => {
                let prefix = "ghp_";
                self.crc(prefix)
            }
            "github-edited" => {
                let good = self.crc("ghp_");
                samples::edited(self, &good, 4..34)
            }
            // Parts what would be token-shaped in a file of the repository.
            "none" => String::new(),
            "npm-token" => self.crc("npm_"),
            "pypi-token" => self.pypi("pypi.org"),
            "anthropic" => format!("{}{}AA", "sk-ant-api03-", self.of(&format!("{ALNUM}-_"), 93)),
            "hugging-face" => format!("{}{}", "hf_", self.of(ALNUM, 34)),
            "sendgrid" => format!("SG.{}.{}", self.of(ALNUM, 22), self.of(ALNUM, 43)),
            "salesforce" => format!("00D{}!{}", self.of(ALNUM, 12), self.of(ALNUM, 96)),
            "slack-token" => format!("{}-{}-{}", "xoxb", self.of("123456789", 12), self.of(ALNUM, 24)),
            "pkcs12" => format!("{}{}Q{}{}", "MIJ", self.of(ALNUM, 2), "IBAzCC", self.of(&format!("{ALNUM}+/"), 300)),
            "pem-base64" => {
                let pem = self.make("pem");
                base64::engine::general_purpose::STANDARD.encode(pem)
            }
            "pem-pkcs8-line" => self.make("pem").replace("RSA ", "").replace('\n', "\\n"),
            "pem-encrypted" => self.make("pem").replace("RSA PRIVATE", "ENCRYPTED PRIVATE"),
            "google-key" => format!("{}{}", "AIza", self.of(ALNUM, 35)),
            "gitlab-pat" => format!("{}{}", "glpat-", self.of(ALNUM, 20)),
            "stripe-test" => format!("{}_test_{}", "sk", self.of(ALNUM, 24)),
            "stripe-key" => format!("{}_live_{}", "sk", self.of(ALNUM, 24)),
            "openai" => format!("sk-{}T3BlbkFJ{}", self.of(ALNUM, 20), self.of(ALNUM, 20)),
            "slack-webhook" => {
                format!(
                    "https://hooks.slack.com/services/T{}/B{}/{}",
                    self.of(BASE32, 8),
                    self.of(BASE32, 8),
                    self.of(ALNUM, 24)
                )
            }
            "pem" => {
                let body = self.base64(600);
                let lines: Vec<&str> = body.as_bytes().chunks(64).filter_map(|c| std::str::from_utf8(c).ok()).collect();
                let (open, close) = ("-----BEGIN", "-----END");
                format!("{open} RSA PRIVATE KEY-----\n{}\n{close} RSA PRIVATE KEY-----", lines.join("\n"))
            }
            "pem-line" => self.make("pem").replace('\n', "\\n"),
            _ => panic!("unknown kind of fake `{kind}`: add it to tests/src/fakes.rs"),
        }
    }

    /// Replaces every `{{fake:KIND}}` (a fresh value each) and `{{fake:KIND:N}}` (the same value for the same N).
    pub fn fill(text: &str, seed: u64) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        let mut count = 0;
        while let Some(at) = rest.find("{{fake:") {
            out.push_str(&rest[..at]);
            let inner = &rest[at + "{{fake:".len()..];
            let Some(end) = inner.find("}}") else { break };
            let (kind, number) = match inner[..end].split_once(':') {
                Some((kind, n)) => (kind, n.bytes().map(u64::from).sum::<u64>() + 1_000),
                None => {
                    count += 1;
                    (&inner[..end], count)
                }
            };
            out.push_str(&Self::new(seed.wrapping_mul(31).wrapping_add(number)).make(kind));
            rest = &inner[end + 2..];
        }
        out.push_str(rest);
        out
    }
}
