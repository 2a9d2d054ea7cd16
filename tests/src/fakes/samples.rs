//! Samples of every token format: positives and near misses, from rows of data. A token stands between `«` and `»`.

use std::ops::Range;

use credscope_linter::value::tokens::{entropy, rows};

use super::{ALNUM, Fakes};

/// How samples of a row are made.
pub enum Make {
    /// Characters and runs: `{h32}` hex, `{a8}` letters and digits, `{u8}` upper-case letters and digits, `{B16}` base32,
    /// `{b60}` base64, `{w20}` base64url, `{l52}` lower-case base32, `{d9}` digits, `{x2}` lower-case letters.
    Shape(&'static str),
    /// The token is forged with a valid checksum or structure; the other function edits it so that this fails.
    Forged(fn(&mut Fakes) -> String, fn(&mut Fakes, &str) -> String),
    /// Forged, and the shape that is as long as the token: near misses are those of the shape.
    Decoded(fn(&mut Fakes) -> String, &'static str),
}

pub struct Sample {
    /// Catalog row and label.
    pub id: &'static str,
    pub label: &'static str,
    pub make: Make,
}

/// A text with a token in it.
#[derive(Clone)]
pub struct Text {
    pub text: String,
    pub token: Range<usize>,
}

impl Text {
    fn of(marked: &str) -> Self {
        let (Some(start), Some(end)) = (marked.find('«'), marked.find('»')) else { panic!("a sample without marks") };
        Self { text: marked.replace(['«', '»'], ""), token: start..end - '«'.len_utf8() }
    }
}

/// What a near miss has to give.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Miss {
    Silent,
    /// Found, one step less severe, and said to fail.
    Lowered,
}

impl Sample {
    /// A token of the row, with the entropy that the row asks for.
    pub fn positive(&self, fakes: &mut Fakes) -> Text {
        let least = rows().filter(|r| r.id == self.id && r.label == self.label).map(|r| r.entropy).fold(0.0, f64::max);
        loop {
            let text = match &self.make {
                Make::Shape(shape) => Text::of(&fill(fakes, shape, None)),
                Make::Forged(make, _) | Make::Decoded(make, _) => Text::of(&make(fakes)),
            };
            if entropy(&text.text[text.token.clone()]) >= least {
                return text;
            }
        }
    }

    /// One character of a run too few, one that does not belong there, or a checksum that fails.
    pub fn near_miss(&self, fakes: &mut Fakes) -> (Text, Miss) {
        match &self.make {
            Make::Shape(shape) | Make::Decoded(_, shape) => {
                let damage = if fakes.below(2) == 0 { Damage::Short } else { Damage::Strange };
                (Text::of(&fill(fakes, shape, Some(damage))), Miss::Silent)
            }
            Make::Forged(make, edit) => {
                let marked = make(fakes);
                let (start, end) = (marked.find('«').unwrap_or(0), marked.find('»').unwrap_or(0));
                let token = edit(fakes, &marked[start + 2..end]);
                (Text::of(&format!("{}«{token}{}", &marked[..start], &marked[end..])), Miss::Lowered)
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Damage {
    Short,
    Strange,
}

/// Fills a shape; the damage is done to one run inside the marks.
fn fill(fakes: &mut Fakes, shape: &str, damage: Option<Damage>) -> String {
    let marks = (shape.find('«').unwrap_or(0), shape.find('»').unwrap_or(shape.len()));
    let runs = |at: usize| marks.0 < at && at < marks.1;
    let count = shape.match_indices('{').filter(|(at, _)| runs(*at) && is_run(&shape[*at..])).count();
    let hurt = damage.map(|d| (d, fakes.below(count)));
    let mut out = String::new();
    let (mut rest, mut at, mut seen) = (shape, 0, 0);
    while let Some(open) = rest.match_indices('{').map(|(i, _)| i).find(|i| is_run(&rest[*i..])) {
        let close = open + rest[open..].find('}').unwrap_or(0);
        out.push_str(&rest[..open]);
        let length: usize = rest[open + 2..close].parse().expect("a length");
        let mut run = fakes.of(&alphabet(&rest[open + 1..open + 2]), length);
        if runs(at + open) {
            match hurt {
                Some((Damage::Short, n)) if n == seen => run.truncate(length - 1),
                Some((Damage::Strange, n)) if n == seen => run.replace_range(length / 2..length / 2 + 1, "*"),
                _ => {}
            }
            seen += 1;
        }
        out.push_str(&run);
        at += close + 1;
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    out
}

/// `{a16}`, not a brace of the text.
fn is_run(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > 3 && bytes[1].is_ascii_alphabetic() && bytes[2].is_ascii_digit()
}

fn alphabet(class: &str) -> String {
    match class {
        "h" => "0123456789abcdef".into(),
        "a" => ALNUM.into(),
        "u" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".into(),
        "B" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".into(),
        "b" => format!("{ALNUM}+/"),
        "w" => format!("{ALNUM}_-"),
        "l" => "abcdefghijklmnopqrstuvwxyz234567".into(),
        "d" => "0123456789".into(),
        "D" => "123456789".into(),
        "x" => "abcdefghijklmnopqrstuvwxyz".into(),
        "q" => "AQgw".into(),
        _ => panic!("no class `{class}`"),
    }
}

/// One letter or digit of a part of a token is another one of its class.
pub fn edited(fakes: &mut Fakes, token: &str, part: Range<usize>) -> String {
    let mut bytes = token.as_bytes().to_vec();
    loop {
        let at = part.start + fakes.below(part.len());
        let class = match bytes[at] {
            b'A'..=b'Z' => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            b'a'..=b'z' => "abcdefghijklmnopqrstuvwxyz",
            b'2'..=b'7' => "234567",
            _ => continue,
        };
        let new = fakes.of(class, 1).as_bytes()[0];
        if new != bytes[at] {
            bytes[at] = new;
            return String::from_utf8_lossy(&bytes).into_owned();
        }
    }
}

const fn shape(id: &'static str, label: &'static str, shape: &'static str) -> Sample {
    Sample { id, label, make: Make::Shape(shape) }
}

const fn forged(
    id: &'static str,
    label: &'static str,
    make: fn(&mut Fakes) -> String,
    edit: fn(&mut Fakes, &str) -> String,
) -> Sample {
    Sample { id, label, make: Make::Forged(make, edit) }
}

const fn decoded(id: &'static str, label: &'static str, make: fn(&mut Fakes) -> String, shape: &'static str) -> Sample {
    Sample { id, label, make: Make::Decoded(make, shape) }
}

fn body(fakes: &mut Fakes, token: &str) -> String {
    edited(fakes, token, 0..30)
}

fn behind_prefix(fakes: &mut Fakes, token: &str) -> String {
    edited(fakes, token, 4..34)
}

/// A key of one of the seeds of its kind.
fn key(fakes: &mut Fakes, signature: &str) -> String {
    use credscope_linter::value::tokens::checks::azure::KINDS;
    let kind = KINDS.iter().find(|k| k.signature == signature).expect("a known signature");
    let (seed, _) = kind.seeds[fakes.below(kind.seeds.len())];
    format!("key = «{}»", fakes.identifiable(signature, kind.length, seed))
}

/// Every row of the catalog that reports something, one sample for each of its forms.
pub static SAMPLES: &[Sample] = &[
    shape("T01", "Databricks personal access token", "x = '«dapi{h32}»'"),
    shape("T01", "Databricks personal access token", "see «dapi{h32}-2» and"),
    shape("T02", "Databricks OAuth client secret", "x: «dose{h32}»"),
    shape("T03", "Databricks token", "\"«doau{h32}»\""),
    shape("T03", "Databricks token", "\"«dsapi{h32}»\""),
    shape("T03", "Databricks token", "\"«dkea{h32}»\""),
    forged(
        "T04",
        "JSON web token",
        |f| {
            let exp = 4_102_444_800 + f.below(1_000_000);
            format!("t = '«{}»'", f.jwt(&format!(r#"{{"iss":"https://issuer.invalid","sub":"j","exp":{exp}}}"#)))
        },
        |f, token| {
            let at = 3 + f.below(10);
            format!("{}{}", &token[..at], &token[at + 1..])
        },
    ),
    shape("T06", "AWS access key id", "id «AKIA{B16}»"),
    shape("T06", "AWS access key id", "id «ASIA{B16}»;"),
    shape("T07", "AWS secret access key", "ASIA{B16}\nnext: «{b40}»\n"),
    shape("T07", "AWS secret access key", "aws_secret_access_key = «{b40}»\n"),
    shape("T08", "AWS session token", "s=\"«FwoGZXIvYXdzE{b100}»\""),
    shape("T08", "AWS session token", "s=\"«IQoJb3JpZ2lu{b100}»\""),
    decoded("T09", "AWS Bedrock key", |f| format!("k «{}»", f.bedrock()), "k «ABSK{b109}»"),
    forged("T10", "Azure storage account key", |f| key(f, "+ASt"), body),
    shape("T11", "Azure storage account key", "AccountName=a;AccountKey=«{b85}{q1}==»;EndpointSuffix=x"),
    decoded(
        "T12",
        "shared access signature",
        |f| format!("https://a.blob.core.windows.net/c?sv=2022-11-02&sr=c&sp=r&sig=«{}»", f.signature()),
        "https://a.blob.core.windows.net/c?sv=2022-11-02&sr=c&sp=r&sig=«{a42}A%3D»&x=1",
    ),
    forged("T13", "Entra client secret", |f| format!("s = '«{}»'", f.entra()), |f, t| edited(f, t, 6..30)),
    shape("T13", "Entra client secret", "s = '«{a3}7Q~{a31}»'"),
    forged("T14", "Azure DevOps token", |f| format!("dev.azure.com pat «{}»", f.devops()), |f, t| edited(f, t, 0..51)),
    forged("T15", "Azure key", |f| format!("k=«{}»", f.annotated("AZDO", false)), |f, t| edited(f, t, 0..50)),
    forged("T15", "Azure key", |f| format!("k=«{}»", f.annotated("ACOG", true)), |f, t| edited(f, t, 0..50)),
    forged("T16", "Event Hubs key", |f| key(f, "+AEh"), body),
    forged("T16", "Service Bus key", |f| key(f, "+ASb"), body),
    forged("T16", "Azure Relay key", |f| key(f, "+ARm"), body),
    shape(
        "T16",
        "Service Bus or Event Hubs key",
        "Endpoint=sb://n.servicebus.windows.net/;SharedAccessKeyName=R;SharedAccessKey=«{b42}A=»;EntityPath=e",
    ),
    forged("T17", "Cosmos DB key", |f| key(f, "ACDb"), body),
    shape("T17", "Cosmos DB key", "https://a.documents.azure.com:443/ «{b85}{q1}==» "),
    forged("T18", "Azure Cache for Redis key", |f| key(f, "AzCa"), body),
    forged("T18", "container registry key", |f| key(f, "+ACR"), body),
    forged("T18", "Azure Batch key", |f| key(f, "+ABa"), body),
    forged("T18", "Azure Machine Learning key", |f| key(f, "+AMC"), body),
    forged("T18", "API Management key", |f| key(f, "APIM"), body),
    forged("T18", "IoT Hub key", |f| key(f, "AIoT"), body),
    forged("T18", "Event Grid key", |f| key(f, "AZEG"), body),
    forged("T18", "Azure AI Search key", |f| key(f, "AzSe"), body),
    forged("T18", "Azure Functions key", |f| key(f, "AzFu"), body),
    decoded(
        "T19",
        "key of a Google service account",
        |f| {
            let pem = f.make("pem").replace("RSA ", "").replace('\n', "\\n");
            format!("{{\"type\": \"service_account\", \"private_key\": \"«{pem}»\", \"client_email\": \"j@p.iam\"}}")
        },
        "{\"type\": \"service_account\", \"private_key\": \"«-----BEGIN PRIVATE KEY-----{b63}» -----END\"}",
    ),
    shape("T20", "Google API key", "k='«AIza{w35}»'"),
    shape("T21", "Google OAuth access token", "\"«ya29.{w20}»\""),
    shape("T21", "Google OAuth client secret", "\"«GOCSPX-{w28}»\""),
    shape("T21", "Google OAuth refresh token", "\"«1//{w40}»\""),
    forged("T22", "GitHub token", |f| format!("x «{}» ", f.crc("ghp_")), behind_prefix),
    forged("T22", "GitHub token", |f| format!("x «{}» ", f.crc("ghs_")), behind_prefix),
    shape("T23", "GitHub fine-grained token", "'«github_pat_{a22}_{a59}»'"),
    forged("T24", "npm token", |f| format!("_authToken=«{}»\n", f.crc("npm_")), behind_prefix),
    decoded("T25", "PyPI token", |f| format!("password = «{}»\n", f.pypi("pypi.org")), "«pypi-AgEIcHlwaS5vcmc{w50}»"),
    decoded(
        "T25",
        "PyPI token",
        |f| format!("p = «{}»\n", f.pypi("test.pypi.org")),
        "«pypi-AgENdGVzdC5weXBpLm9yZw{w50}»",
    ),
    shape("T26", "GitLab personal access token", "'«glpat-{w20}»'"),
    shape("T26", "GitLab personal access token", "'«glpat-{w27}.{l2}{l7}»'"),
    shape("T26", "GitLab deploy token", "'«gldt-{w20}»'"),
    shape("T26", "GitLab runner token", "'«glrt-{w20}»'"),
    shape("T26", "GitLab CI job token", "'«glcbt-{w20}»'"),
    shape("T26", "GitLab SCIM token", "'«glsoat-{w20}»'"),
    shape("T26", "GitLab trigger token", "'«glptt-{h40}»'"),
    shape("T27", "Slack token", "'«xoxb-{D8}-{a10}»'"),
    shape("T27", "Slack app token", "'«xapp-1-{u5}-{D5}-{h10}»'"),
    shape("T28", "Slack webhook", "'«https://hooks.slack.com/services/{a43}»'"),
    shape("T29", "Teams webhook", "'«https://corp.webhook.office.com/webhookb2/{a40}»'"),
    shape(
        "T29",
        "workflow trigger URL",
        "https://prod-1.westeurope.logic.azure.com:443/workflows/{h32}/triggers/manual/paths/invoke?sv=1.0&sig=«{w40}»'",
    ),
    shape("T30", "OpenAI key", "'«sk-{a20}T3BlbkFJ{a20}»'"),
    shape("T30", "OpenAI key", "'«sk-proj-{w74}T3BlbkFJ{w74}»'"),
    shape("T31", "Anthropic key", "'«sk-ant-api03-{w93}AA»'"),
    shape("T32", "Hugging Face token", "'«hf_{a34}»'"),
    shape("T32", "Hugging Face token", "'«api_org_{a34}»'"),
    shape("T33", "Groq key", "'«gsk_{a52}»'"),
    shape("T33", "Replicate token", "'«r8_{w37}»'"),
    shape("T33", "Perplexity key", "'«pplx-{a48}»'"),
    shape("T33", "Pinecone key", "'«pcsk_{a5}_{a63}»'"),
    shape("T33", "LangSmith key", "'«lsv2_pt_{h32}_{h10}»'"),
    shape("T34", "Weights & Biases key", "WANDB_API = «{h40}»\n"),
    shape("T35", "Confluent Cloud secret", "'«cflt{b60}»'"),
    shape("T36", "Confluent Cloud secret", "sasl.jaas: username={B15}7 password=«{b64}»\n"),
    decoded(
        "T37",
        "password of a MongoDB URL",
        |f| format!("mongodb+srv://load:«{}»@cluster0.q7.mongodb.net/db", f.of(ALNUM, 12)),
        "mongodb+srv://load:«{a2}»@cluster0.q7.mongodb.net/db",
    ),
    decoded(
        "T38",
        "password of a URL",
        |f| format!("git clone https://ci:«{}»@git.corp.net/x.git", f.of(ALNUM, 12)),
        "git clone https://ci:«{a3}»@git.corp.net/x.git",
    ),
    shape("T39", "Stripe key", "'«sk_live_{a10}»'"),
    shape("T39", "Stripe key", "'«rk_prod_{a10}»'"),
    shape("T40", "SendGrid key", "'«SG.{a20}.{a39}»'"),
    shape("T41", "Twilio API key", "twilio: «SK{h32}»\n"),
    shape("T41", "Twilio auth token", "twilio(AC{h32}, «{h32}»)"),
    shape("T42", "Datadog key", "DD_API_KEY=«{h32}»\n"),
    shape("T43", "dbt Cloud token", "'«dbtc_{w30}»'"),
    shape("T44", "key of a data integration service", "# FIVETRAN_API_SECRET=«{a16}» "),
    shape("T45", "Tableau token secret", "'«{b22}==:{a32}»'"),
    shape("T46", "Salesforce session", "'«00D{a12}!{a96}»'"),
    shape("T46", "Salesforce refresh token", "'«5Aep861{a76}»'"),
    shape("T47", "Kaggle token", "'«KGAT_{h32}»'"),
    shape("T47", "Kaggle key", "kaggle.json: {\"username\":\"j\",\"key\":\"«{h32}»\"}"),
    forged(
        "T48",
        "Snowflake token",
        |f| {
            let sub = f.of(ALNUM, 8);
            format!("snowflake token=«{}»", f.jwt(&format!(r#"{{"sub":"{sub}","exp":4102444800}}"#)))
        },
        |f, token| {
            let at = 3 + f.below(10);
            format!("{}{}", &token[..at], &token[at + 1..])
        },
    ),
    shape("T49", "HashiCorp Vault token", "'«hvs.{w90}»'"),
    shape("T49", "HashiCorp Vault batch token", "'«hvb.{w138}»'"),
    shape("T49", "HashiCorp Vault token", "VAULT_TOKEN «s.{a24}» "),
    shape("T49", "Terraform Cloud token", "'«{a14}.atlasv1.{w60}»'"),
    shape("T49", "Doppler token", "'«dp.pt.{a43}»'"),
    decoded("T50", "private key", |f| format!("«{}»\n", f.make("pem")), "«-----BEGIN PRIVATE KEY-----{b62}» -----END"),
    decoded("T50", "private key in base64", |f| format!("k: «{}»\n", f.make("pem-base64")), "«LS0tLS1CRUdJTi{b100}»"),
    shape("T51", "PKCS#12 key store", "p = '«MIJ{a2}QIBAzCC{b100}»'"),
    shape("T51", "Java key store", "p = '«/u3+7QAAAA{b100}»'"),
    shape("T52", "credential of an authorization header", "# -H 'Authorization: Bearer «{w16}»'"),
    forged(
        "T52",
        "credential of an authorization header",
        |f| format!("# Authorization: Basic «{}»", f.make("basic")),
        |f, _| f.of(ALNUM, 24),
    ),
    shape(
        "T53",
        "Delta Sharing token",
        "{\"shareCredentialsVersion\":1,\"endpoint\":\"https://s.corp.net/x\",\"bearerToken\":\"«{a8}»\"}",
    ),
    shape("T54", "Grafana service account token", "'«glsa_{a32}_{h8}»'"),
    shape("T54", "New Relic key", "'«NRAK-{u27}»'"),
    shape("T54", "Sentry token", "'«sntryu_{h64}»'"),
    shape("T54", "Notion token", "'«ntn_{d11}{a35}»'"),
    shape("T54", "Airtable token", "'«pat{a14}.{h64}»'"),
    shape("T54", "Atlassian token", "'«ATATT3{w180}»'"),
    shape("T54", "Okta token", "okta: «00{w40}» "),
    shape("T54", "Prefect key", "'«pnu_{a36}»'"),
    shape("T54", "Pulumi token", "'«pul-{h40}»'"),
    shape("T54", "HubSpot token", "'«pat-eu1-{h8}-{h4}-{h4}-{h4}-{h12}»'"),
    shape("T54", "1Password service account token", "'«ops_eyJ{w200}»'"),
    shape("T54", "PlanetScale token", "'«pscale_tkn_{w32}»'"),
];
