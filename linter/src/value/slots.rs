//! Credentials inside longer texts: JDBC URLs, connection strings, userinfo, JAAS, headers (catalog §C.2, CS104,
//! CS107–CS109). Linear in the text: every scanner starts from a byte that must be there (`=`, `@`, `:`, `-----`).

use std::{collections::BTreeMap, ops::Range};

mod documents;
mod lists;
mod material;
mod userinfo;
mod whole;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlotKind {
    JdbcUrl,
    /// `scheme://user:password@host`.
    UserInfo,
    /// `PWD=`, `Password=`, `AccountKey=`, `SharedAccessKey=` in a `;`- or blank-separated list.
    ConnectionString,
    /// `sasl.jaas.config`.
    Jaas,
    /// `Bearer x`, `Basic x`.
    Header,
    /// `sig=` of a shared access signature, `token=`/`api_key=` of a query string.
    QueryString,
    /// `"key": "value"` in JSON or YAML text inside a string.
    EmbeddedDocument,
    /// PEM, PKCS#12.
    KeyMaterial,
}

/// A credential in a text; ranges are bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialSlot {
    pub kind: SlotKind,
    /// The credential's own characters.
    pub range: Range<usize>,
    /// Name before it as written (`password`, `PWD`, `AccountKey`), or what it is (`userinfo`, `Bearer`).
    pub key: String,
    /// User name beside it.
    pub user: Option<Range<usize>>,
    /// Sub-protocol or scheme (`sqlserver`, `mongodb+srv`), empty when there is none.
    pub scheme: String,
    /// Host that the credential is for, when the text names one.
    pub host: Option<String>,
}

impl CredentialSlot {
    fn new(kind: SlotKind, range: Range<usize>, key: &str) -> Self {
        Self { kind, range, key: key.to_owned(), user: None, scheme: String::new(), host: None }
    }
}

/// Texts above this size are not searched: data, not a connection string.
const MAX_TEXT: usize = 1 << 20;

/// `{{ lookup('vault', 'secret=data/db') }}`: an expression of a template, and nothing else.
fn is_template(text: &str) -> bool {
    let inner = text.trim().strip_prefix("{{").and_then(|t| t.strip_suffix("}}"));
    inner.is_some_and(|inner| !inner.contains("}}") && inner.contains('(') && !inner.contains("://"))
}

/// All credential slots of a text in order, also those filled by a hole or placeholder: the caller filters.
/// Slots do not overlap; where scanners disagree the more specific one wins.
pub fn slots(text: &str) -> Vec<CredentialSlot> {
    if text.len() < 4 || text.len() > MAX_TEXT || is_signature(text) || is_template(text) {
        return Vec::new();
    }
    let mut found = Vec::new();
    material::scan(text, &mut found);
    if memchr_any(text, b"@") {
        userinfo::scan(text, &mut found);
    }
    if memchr_any(text, b"=") {
        lists::scan(text, &mut found);
    }
    if memchr_any(text, b"%") && (text.contains("%3D") || text.contains("%3d")) {
        lists::scan_encoded(text, &mut found);
    }
    documents::scan(text, &mut found);
    // Those that are kept never overlap, so that the last one that begins before a slot's end is the only one to look at.
    let mut kept: BTreeMap<usize, CredentialSlot> = BTreeMap::new();
    for slot in found {
        let before = kept.range(..slot.range.end).next_back();
        if !slot.range.is_empty() && before.is_none_or(|(_, k)| k.range.end <= slot.range.start) {
            kept.insert(slot.range.start, slot);
        }
    }
    kept.into_values().collect()
}

/// Whether a text is a shared access signature and nothing else (`?sv=…&sig=…`): it is one credential, of which no part is
/// of use without the others.
pub fn is_signature(text: &str) -> bool {
    let text = text.trim().trim_start_matches('?');
    if !text.contains("sig=") || !text.contains("sv=") || text.contains(super::HOLE) {
        return false;
    }
    let mut keys = text.split('&').map(|pair| pair.split_once('=').map_or("", |(key, _)| key));
    let plain = |key: &str| (1..=8).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_lowercase());
    keys.all(plain) && !text.contains(char::is_whitespace)
}

/// Host that a URL or connection string is for, lower case.
pub fn host(text: &str) -> Option<String> {
    whole::host(text)
}

fn memchr_any(text: &str, bytes: &[u8]) -> bool {
    text.as_bytes().iter().any(|b| bytes.contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `⟦…⟧` marks the expected credential.
    #[test]
    fn credentials_are_found_where_they_stand() {
        let table = [
            "jdbc:mysql://h:3306/d?user=joe&password=⟦q7#Lm2⟧&useSSL=true",
            "jdbc:mysql://joe:⟦q7Lm2⟧@h:3306/d",
            "jdbc:mysql:aurora://joe:⟦q7Lm2⟧@h/d",
            "jdbc:pivotal:greenplum://joe:⟦q7Lm2⟧@h",
            "jdbc:postgresql://h/d?user=a&password=⟦pw⟧",
            "jdbc:sqlserver://h:1433;database=d;user=a@h;password=⟦q7 Lm2⟧;encrypt=true",
            "jdbc:sqlserver://h;user=a;password={⟦q;7⟧};x=y",
            "jdbc:sqlserver://h;user=a;PWD=⟦x1⟧",
            "Driver=x;UID={cred['u']};PWD=⟦{cred['password']}⟧",
            "Driver=x;UID=u;PWD={⟦cred9['x']⟧}",
            "Endpoint=sb://h/;SharedAccessKeyName=R;SharedAccessKey=⟦{shared access key}⟧",
            "(hostname=None,&nbsp;token=None,&nbsp;username=None,&nbsp;password=None,&nbsp;x=None)",
            "jdbc:oracle:thin:scott/⟦tiger9⟧@//h:1521/svc",
            "jdbc:oracle:thin:scott/\"⟦p@ss⟧\"@h:1521:sid",
            "jdbc:oracle:thin:/@wallet",
            "jdbc:db2://h:50000/db:user=u;password=⟦p1⟧;",
            "jdbc:teradata://h/USER=u,PASSWORD=⟦p1⟧,DATABASE=x",
            "jdbc:redshift:iam://h/d?AccessKeyID=AB&SecretAccessKey=⟦zz/9⟧&x=1",
            "jdbc:databricks://h:443;httpPath=/x;AuthMech=3;UID=token;PWD=⟦tok⟧",
            "jdbc:spark://h:443/default;Auth_AccessToken=⟦tok⟧",
            "jdbc:snowflake://a.snowflakecomputing.com/?user=u&password=⟦p⟧",
            "jdbc:sqlserver://h;user=a;password=⟦${pw}⟧;x=y",
            "mongodb+srv://joe:⟦q7Lm⟧@cluster0.example.net/db",
            "mongodb://joe@corp:⟦q7@Lm⟧@h1:27017,h2:27017/db",
            "postgresql+psycopg2://u:⟦p%40x⟧@h/db",
            "postgresql://u:⟦p#9x⟧@h/db",
            "mysql+pymysql://u:⟦p?9#x⟧@h:3306/db",
            "http://localhost:8080?mail=a@b",
            "http://localhost:{port}#a@b",
            "http://h:$port?mail=a@b",
            "redis://:⟦p4ss⟧@h:6379/0",
            "postgresql://u:⟦a'b9⟧@h/d",
            "'https://h:443', 'a@b'",
            "https://user:⟦pa/ss⟧@git.example.com/x.git",
            "databricks://token:⟦tok⟧@h?http_path=x",
            "abfss://container@account.dfs.core.windows.net/x:y",
            "https://example.com/a:b@c",
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=⟦abc+/==⟧;EndpointSuffix=core.windows.net",
            "Endpoint=sb://n.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=⟦abc=⟧;EntityPath=e",
            "Driver={ODBC Driver 17};Server=tcp:h,1433;Uid=a;Pwd={⟦a;b⟧};Encrypt=yes",
            "Server=h;User ID=a;Password=⟦q7⟧;",
            "host=h dbname=d user=u password=⟦q7Lm⟧ port=5432",
            "host=h password='⟦q 7⟧' port=5432",
            "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"⟦q7⟧\";",
            "kafkashaded.x.PlainLoginModule required username=\"$ConnectionString\" password=\"Endpoint=sb://n/;SharedAccessKeyName=R;SharedAccessKey=⟦abc=⟧\";",
            "https://a.blob.core.windows.net/c?sv=2020-01-01&se=2030-01-01&sp=r&sig=⟦q7Lm2vX9abcd%3D⟧",
            "sv=2020-01-01&ss=b&se=2030-01-01&sig=abc%3D",
            "?sv=2020-01-01&ss=b&se=2030-01-01&sig=abc%3D",
            "jdbc:mysql://(host=h,port=3306,user=etl,password=⟦q7⟧)/db",
            "https://h/?user=Jürgenß%3D&q=1",
            "token: Größé%3D5 https://api.example.com/v1?token=⟦abc123⟧&q=1",
            "https://api.example.com/v1?token=⟦abc123⟧&q=1",
            "{\"user\": \"u\", \"password\": \"⟦q7Lm⟧\"}",
            "{\"user\": \"u\", \"password\": \"⟦q7'Lm⟧\"}",
            "{\"password\": \"'$PW'\"}",
            "{\"password\": \"' + pw + '\"}",
            "{\\\"apiKey\\\":\\\"⟦q7Lm⟧\\\"}",
            "Bearer ⟦abc.def-123⟧",
            "Authorization: Basic ⟦dTpw1A==⟧",
            "password=⟦q7,Lm;2v⟧&user=joe",
            "a: password=⟦q7&Lm⟧&user=joe; more",
            "<db><user>u</user><password>⟦q7 Lm⟧</password></db>",
            "<wsse:Password Type=\"text\">⟦q7Lm⟧</wsse:Password><apiKey/>",
            "<password></password><token>a</token>",
            "machine h login u password ⟦p1⟧",
            "db:\n  user: u\n  password: ⟦q7Lm⟧\n",
            "db { user = \"u\", password = \"⟦q7#Lm⟧\" }",
            "db { password = \\\"⟦q7#Lm⟧\\\" }",
            "db.password = \"⟦q7#Lm2⟧\"",
            "t.password = 'q7#Lm2'",
            "password = \"q7#Lm2\"",
            "db = { user = 'u', password = '⟦q7 Lm⟧' }",
            "db {\n  password = \"⟦q7#Lm 9⟧\"\n}",
            "db { password = secret_of(x) }",
            "SELECT * FROM t WHERE a = 1 AND password = b",
            "count=1",
            "the token expired yesterday",
        ];
        let mut wrong = Vec::new();
        for row in table {
            let text = row.replace(['⟦', '⟧'], "");
            let expected: Vec<&str> = row.split('⟦').skip(1).filter_map(|r| r.split('⟧').next()).collect();
            let seen: Vec<&str> = slots(&text).into_iter().map(|s| &text[s.range]).collect();
            if seen != expected {
                wrong.push((row, seen.join(" | ")));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
